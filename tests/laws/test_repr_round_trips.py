"""The repr of a value, pasted back, is the value."""

from __future__ import annotations

import datetime
from fractions import Fraction

import attrs
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs
from llm_tradeoffs import (
    Catalog,
    Fault,
    Model,
    ModelRecord,
    Price,
    Range,
    RateCard,
    Source,
    Usage,
    UsageTotal,
    Usd,
    Workload,
)
from llm_tradeoffs.facts import Citation
from oracle import PriceList
from strategies import (
    card_of,
    models,
    price_lists,
    prices,
    ranges,
    rate_cards,
    sources,
    usages,
    usds,
    whole_records,
    workloads,
)

NAMES = {
    **{name: getattr(llm_tradeoffs, name) for name in llm_tradeoffs.__all__},
    "Citation": Citation,
    "Fraction": Fraction,
    "datetime": datetime,
}


def pasted(value: object) -> object:
    """What the repr of *value* evaluates to at a prompt with the library's names."""
    return eval(repr(value), dict(NAMES))


def test_the_repr_of_an_amount_is_readable() -> None:
    """Money shows at least its cents, and all of its digits."""
    assert repr(Usd("0.10") + Usd("0.20")) == "Usd('0.30')"
    assert repr(Usd("-0.00000014")) == "Usd('-0.00000014')"
    assert repr(Usd(1) / 3) == "Usd('1/3')"


@given(usds())
def test_usd_repr_round_trips(value: Usd) -> None:
    """Amounts come back exactly, endless ones as ratios; so they do from their plain text."""
    assert pasted(value) == value
    assert Usd(str(value).replace("$", "")) == value


@given(st.one_of(ranges(), ranges("ms"), ranges("tokens/s"), ranges("it's a unit")))
def test_range_repr_round_trips(value: Range) -> None:
    """Ranges come back with their unit."""
    assert pasted(value) == value


@given(ranges("%").filter(lambda found: "/" not in str(found)))
def test_range_text_round_trips(value: Range) -> None:
    """What a range shows can be read again, unless its decimals never end."""
    assert Range.parse(str(value)) == value


@given(usages(crossed=True, fees=("input_pages", "input_audio_seconds")))
def test_usage_repr_round_trips(value: Usage) -> None:
    """Calls come back, and counts of zero are not shown."""
    assert pasted(value) == value
    assert "=0" not in repr(value).replace("input_tokens=0", "").replace("output_tokens=0", "")


@given(prices(), sources())
def test_price_and_source_repr_round_trip(price: Price, source: Source) -> None:
    """Published rows and sources come back."""
    assert pasted(price) == price
    assert pasted(source) == source


@given(rate_cards(), st.lists(prices(), max_size=1))
def test_rate_card_repr_round_trips(card: RateCard, more: list[Price]) -> None:
    """Rate cards come back, after they have priced something, too."""
    card.rates("standard", 150)
    assert pasted(card) == card
    assert pasted(RateCard(tuple(more))) == RateCard(tuple(more))


@given(price_lists(), st.lists(usages(crossed=True, fees=("input_pages",)), max_size=3))
def test_whole_price_lists_and_totals_repr_round_trip(drawn: PriceList, calls: list[Usage]) -> None:
    """So do cards with hours, regions and factors, and sums of calls."""
    card = card_of(drawn)
    assert pasted(card) == card
    assert pasted(UsageTotal.of(calls)) == UsageTotal.of(calls)


@given(models(), rate_cards())
def test_model_repr_round_trips(model: Model, card: RateCard) -> None:
    """Models come back, with prices by hand or published ones."""
    assert pasted(model) == model
    priced = attrs.evolve(model, usd_per_mtok=card, name="it's", released_on=datetime.date(2026, 3, 1))
    assert pasted(priced) == priced


def test_catalog_repr_round_trips(bundled: Catalog) -> None:
    """So does everything that the catalog holds."""
    for held in (*bundled.models(), *bundled.presets, *bundled.records.values(), *bundled.benchmarks.values()):
        assert pasted(held) == held
    for model in bundled.models():
        for fact in model.sources.values():
            assert pasted(fact) == fact
            assert pasted(fact.citation) == fact.citation


@given(workloads(), st.none() | st.fractions(0, 9))
def test_workload_repr_round_trips(workload: Workload, mean: Fraction | None) -> None:
    """Workloads come back, with who described them and where."""
    changed = workload if mean is None else workload.with_(input_tokens=mean)
    again = pasted(changed)
    assert again == changed
    assert isinstance(again, Workload)
    assert (again.source, again.place) == (changed.source, changed.place)


@given(whole_records())
def test_record_repr_round_trips(record: ModelRecord) -> None:
    """So do all rows of a model."""
    assert pasted(record) == record


@given(st.text(max_size=5), st.none() | st.integers(1, 9), st.text(max_size=5), st.text(max_size=5))
def test_fault_repr_round_trips(path: str, line: int | None, where: str, problem: str) -> None:
    """So does a fault in a file."""
    assert pasted(Fault(path, line, where, problem)) == Fault(path, line, where, problem)
