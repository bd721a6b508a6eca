"""Of many dated statements the right one answers: catalog/README.md, "Which row answers"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Fact, Model, ModelRecord, NoFactOnDateError, Price, Source
from strategies import FIRST_DAY, days, records

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
    rows = [row for row in (*record.prices, *record.facts, *record.scores) if row.source.id in trust]
    first = min((row.effective_from for row in rows if row.effective_from is not None), default=None)
    assert raised.value.first == (None if first is None else first.isoformat())
