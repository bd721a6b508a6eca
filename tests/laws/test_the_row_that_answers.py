"""Of many dated statements the right one answers: catalog/README.md, "Which row answers"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import (
    Alias,
    Catalog,
    Fact,
    Model,
    ModelRecord,
    Multiplier,
    NoFactOnDateError,
    Price,
    Source,
    UnknownNameError,
    UnknownPriceError,
    Usd,
    cost,
)
from strategies import EVENING, FIRST_DAY, NOON, REGION, days, records, window_of

SOURCES = ("vendor", "package", "blog")
TRUST = st.permutations(SOURCES).flatmap(lambda order: st.integers(1, 3).map(lambda count: tuple(order[:count])))


@st.composite
def shuffled_records(draw: st.DrawFn) -> ModelRecord:
    """Records whose rows stand in any order, which files do not allow but records do."""
    record = draw(records())
    return attrs.evolve(record, facts=draw(st.permutations(record.facts)), prices=draw(st.permutations(record.prices)))


def catalog_of(record: ModelRecord, trust: Sequence[str]) -> Catalog:
    """A catalog of one model."""
    named = {name: Source(id=name, title=name, kind="vendor") for name in SOURCES}
    return Catalog(edition="test", as_of=FIRST_DAY, trust=tuple(trust), sources=named, records={record.id: record})


def answering(rows: Sequence[Fact], day: date, trust: Sequence[str]) -> object:
    """The value by the README: rows in force, of the first source in the order that has any, the latest; else None."""
    held = [row for row in rows if row.effective_from is not None and row.effective_from <= day]
    held = [row for row in held if row.effective_until is None or day < row.effective_until]
    for source in trust:
        of_source = sorted((row for row in held if row.source.id == source), key=lambda row: str(row.effective_from))
        if of_source:
            return of_source[-1].value
    return None


def ended(record: ModelRecord, after: int) -> ModelRecord:
    """*record* with an end to every fact, some days after its beginning."""
    return attrs.evolve(
        record,
        facts=tuple(
            attrs.evolve(fact, effective_until=(fact.effective_from or FIRST_DAY) + timedelta(days=after))
            for fact in record.facts
        ),
    )


def model_on(record: ModelRecord, day: date, trust: Sequence[str]) -> Model | None:
    """The model on *day*, or None if nothing is recorded of it."""
    try:
        return catalog_of(record, trust).model(record.id, day)
    except NoFactOnDateError:
        return None


@given(shuffled_records(), days(), TRUST, st.sampled_from([None, 1, 2]))
def test_the_latest_row_in_force_of_the_most_trusted_source_answers(
    record: ModelRecord, day: date, trust: tuple[str, ...], end: int | None
) -> None:
    """Every fact is what the naive reading of the README gives, on each day and in each order of trust."""
    record = record if end is None else ended(record, end)
    model = model_on(record, day, trust)
    for field in {fact.field for fact in record.facts}:
        expected = answering([fact for fact in record.facts if fact.field == field], day, trust)
        assert (None if model is None else getattr(model, field)) == expected
        if model is not None and expected is not None:
            assert model.sources[field].value == expected
            assert model.sources[field].source.id in trust


@given(shuffled_records(), days(), TRUST)
def test_one_source_answers_for_all_steps_of_a_price(record: ModelRecord, day: date, trust: tuple[str, ...]) -> None:
    """A price and its steps are one source's, the most trusted one's that has any of them; each step is its latest."""
    model = model_on(record, day, trust)
    held = [row for row in record.prices if row.effective_from is not None and row.effective_from <= day]
    for meter in {row.meter for row in record.prices}:
        of_meter = [row for row in held if row.meter == meter]
        source = next((name for name in trust if any(row.source.id == name for row in of_meter)), None)
        expected: dict[int | None, Price] = {}
        for row in sorted(of_meter, key=lambda row: str(row.effective_from)):
            if row.source.id == source:
                expected[row.above_input_tokens] = row
        found = () if model is None else [row for row in model.rates.prices if row.meter == meter]
        assert {row.above_input_tokens: row for row in found} == expected


@given(records(), TRUST)
def test_nothing_answers_before_its_first_day(record: ModelRecord, trust: tuple[str, ...]) -> None:
    """A question about a day before every row is an error that names the first day, never the nearest guess."""
    with pytest.raises(NoFactOnDateError) as raised:
        catalog_of(record, trust).model(record.id, FIRST_DAY - timedelta(days=1))
    stated: list[Price | Fact] = [*record.prices, *record.facts, *record.scores]
    rows = [row for row in stated if row.source.id in trust]
    first = min((row.effective_from for row in rows if row.effective_from is not None), default=None)
    assert raised.value.first == (None if first is None else first.isoformat())


# Prices of tiers and regions, at hours, and factors.

DAYS = tuple(FIRST_DAY + timedelta(days=after) for after in range(-1, 6))
GROUPS = st.sampled_from([("standard", None), ("batch", None), ("standard", REGION)])
STEPS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {}, {"from_input_tokens": 100}, {"above_quantity": 5}, {"window": window_of(EVENING)}]
)
SCOPES: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{"service_tier": "batch"}, {"region": REGION}])
FACTOR_METERS = st.sampled_from([("input_tokens",), ("output_tokens",), ("input_tokens", "output_tokens")])
SOURCE = st.sampled_from([Source(id=name, title=name, kind="vendor") for name in SOURCES])
SPAN = st.tuples(days(), st.none() | st.integers(1, 3))


def span(drawn: tuple[date, int | None]) -> dict[str, Any]:
    """First day and end of a row."""
    first, length = drawn
    return {"effective_from": first, "effective_until": None if length is None else first + timedelta(days=length)}


@st.composite
def dated_records(draw: st.DrawFn) -> ModelRecord:
    """
    Rows of several sources for tiers, regions, steps and hours, and factors, that begin and end on a few days.

    Of one question a source gives one answer a day.
    """
    prices: dict[object, Price] = {}
    factors: dict[object, Multiplier] = {}
    for number in range(draw(st.integers(1, 12))):
        (tier, region), step, source, when = draw(GROUPS), draw(STEPS), draw(SOURCE), span(draw(SPAN))
        meter = draw(st.sampled_from(["input_tokens", "output_tokens"]))
        key = (meter, tier, region, str(step), source.id, when["effective_from"])
        prices[key] = Price(
            meter=meter, usd=Usd(number), service_tier=tier, region=region, source=source, **step, **when
        )
    for number in range(draw(st.integers(0, 6))):
        scope, meters, source, when = draw(SCOPES), draw(FACTOR_METERS), draw(SOURCE), span(draw(SPAN))
        if all((str(scope), meter, source.id, when["effective_from"]) not in factors for meter in meters):
            row = Multiplier(factor=number, meters=meters, source=source, **scope, **when)
            factors |= dict.fromkeys([(str(scope), meter, source.id, when["effective_from"]) for meter in meters], row)
    return ModelRecord(id="acme/one", prices=tuple(prices.values()), multipliers=tuple(dict.fromkeys(factors.values())))


def holds(row: Price | Multiplier, day: date) -> bool:
    """From the first day on, until the day before the end."""
    return (row.effective_from or date.min) <= day < (row.effective_until or date.max)


def expected_prices(rows: Sequence[Price], day: date, trust: Sequence[str]) -> set[Price]:
    """
    The rows by the README: one source answers for a meter in a tier and region, the first one that has any row.

    For each of its steps and hours the latest row that holds.
    """
    found: set[Price] = set()
    for group in {(row.meter, row.service_tier, row.region) for row in rows}:
        held = [row for row in rows if (row.meter, row.service_tier, row.region) == group and holds(row, day)]
        source = next((name for name in trust if name in {row.source.id for row in held}), None)
        latest: dict[object, Price] = {}
        for row in sorted(held, key=lambda row: row.effective_from or date.min):
            if row.source.id == source:
                latest[row.bound, row.above_quantity, row.window] = row
        found |= {*latest.values()}
    return found


def expected_factor(
    rows: Sequence[Multiplier], scope: tuple[str | None, str | None], meter: str, day: date, trust: Sequence[str]
) -> Multiplier | None:
    """The latest factor that holds, of the first source that has one for this meter."""
    held = [row for row in rows if (row.service_tier, row.region) == scope and meter in row.meters and holds(row, day)]
    for name in trust:
        of_source = sorted((row for row in held if row.source.id == name), key=lambda row: str(row.effective_from))
        if of_source:
            return of_source[-1]
    return None


@given(dated_records(), TRUST)
def test_the_price_on_a_day_is_the_row_of_that_day(record: ModelRecord, trust: tuple[str, ...]) -> None:
    """On each day, of each tier, region, step and hour, the row that holds answers, and so does the factor."""
    for day in DAYS:
        expected = expected_prices(record.prices, day, trust)
        model = model_on(record, day, trust)
        assert (set() if model is None else {*model.rates.prices}) == expected
        if model is None:
            continue
        for scope in (("batch", None), (None, REGION)):
            for meter in ("input_tokens", "output_tokens"):
                factor = expected_factor(record.multipliers, scope, meter, day, trust)
                of_meter = [
                    row
                    for row in model.rates.multipliers
                    if (row.service_tier, row.region) == scope and meter in row.meters
                ]
                stated = [attrs.evolve(row, meters=factor.meters if factor else ()) for row in of_meter]
                assert stated == ([] if factor is None else [factor])


def test_a_call_is_priced_by_the_row_of_its_day() -> None:
    """Over the boundaries of rows, factors and hours: the day before, the first day, the last day, the end."""
    first, second, end = FIRST_DAY, FIRST_DAY + timedelta(days=10), FIRST_DAY + timedelta(days=20)
    vendor = Source(id="vendor", title="vendor", kind="vendor")

    def row(usd: int, **more: Any) -> Price:
        return Price(**{"meter": "input_tokens", "usd": Usd(usd), "source": vendor, **more})  # type: ignore[arg-type]

    record = ModelRecord(
        id="acme/one",
        prices=(
            row(8, effective_from=first, effective_until=end),
            row(4, effective_from=second, effective_until=end),
            row(6, effective_from=second, region=REGION, effective_until=end),
            row(2, effective_from=second, window=window_of(NOON), effective_until=end),
            row(1, meter="output_tokens", effective_from=first - timedelta(days=5)),
        ),
        multipliers=(
            Multiplier(factor="0.5", service_tier="batch", source=vendor, effective_from=first),
            Multiplier(factor="0.25", service_tier="batch", source=vendor, effective_from=second),
        ),
    )
    catalog = catalog_of(record, ["vendor"])

    def usd(day: date, hour: int = 0, **more: str) -> Usd:
        moment = f"{day}T{hour:02}:00+00:00"
        call = {"input_tokens": 10**6, "output_tokens": 0, **more}
        return cost("acme/one", catalog=catalog, as_of=moment, **call).total  # type: ignore[arg-type]

    last = second - timedelta(days=1)
    assert [usd(first), usd(last), usd(second), usd(end - timedelta(days=1))] == [Usd(8), Usd(8), Usd(4), Usd(4)]
    assert [usd(day, service_tier="batch") for day in (first, last, second)] == [Usd(4), Usd(4), Usd(1)]
    assert usd(second, region=REGION) == Usd(6)
    with pytest.raises(UnknownNameError, match="no region with a price of its own is named 'eu'"):
        usd(last, region=REGION)
    saturday = second + timedelta(days=(5 - second.weekday()) % 7)
    assert [usd(saturday, hour) for hour in (3, 4, 5)] == [Usd(4), Usd(2), Usd(4)]
    assert usd(saturday - timedelta(days=7), 4) == Usd(8)  # the hours had no price of their own yet
    for day in (first - timedelta(days=1), end):
        with pytest.raises(UnknownPriceError):  # the output has a price by then, the input has none
            usd(day)
    with pytest.raises(NoFactOnDateError, match="the first known one starts on 2026-02-24"):
        usd(first - timedelta(days=6))


# Names that move.

PIVOT = st.integers(0, 3).map(lambda after: FIRST_DAY + timedelta(days=after))


@given(PIVOT, PIVOT, st.sampled_from(DAYS))
def test_a_name_means_the_model_of_that_day(one: date, other: date, day: date) -> None:
    """A moving name belongs to one model until a day and to another from a day; between them to none."""
    until, since = sorted([one, other])
    price = Price(meter="input_tokens", usd=Usd(1), source=Source(id="vendor", title="vendor", kind="vendor"))
    old = ModelRecord(id="old", aliases=(Alias("latest", effective_until=until),), prices=(price,))
    new = ModelRecord(id="new", aliases=(Alias("latest", since), "newest"), prices=(price,))
    catalog = attrs.evolve(
        catalog_of(old, ["vendor"]), records={"old": old, "new": new}, names={"old": old.aliases, "new": new.aliases}
    )
    assert "latest" in catalog
    assert (catalog.resolve("old", day), catalog.resolve("newest", day)) == ("old", "new")
    if until <= day < since:
        with pytest.raises(NoFactOnDateError) as raised:
            catalog.resolve("latest", day)
        assert raised.value.first == since.isoformat()
    else:
        expected = "old" if day < until else "new"
        assert catalog.resolve("latest", day) == expected
        model = catalog.model("latest", day)
        assert model.id == expected
        assert "latest" in model.aliases
        assert catalog.conflicts("latest", day) == ()
        assert cost("latest", input_tokens=1, output_tokens=0, catalog=catalog, as_of=day).model.id == expected


# The bundled catalog.


def test_every_bundled_price_answers_from_its_first_day_to_its_last(bundled: Catalog) -> None:
    """At every boundary of every row the model has just the rows that the README says; before the first it has none."""
    for record in bundled.records.values():
        edges = {day for row in record.prices for day in (row.effective_from, row.effective_until) if day is not None}
        for day in sorted({edge + timedelta(days=step) for edge in edges for step in (-1, 0)}):
            expected = expected_prices(record.prices, day, bundled.trust)
            try:
                found = {*record.on(day, bundled.trust).rates.prices}
            except NoFactOnDateError:
                found = set()
            assert found == expected, (record.id, day)
