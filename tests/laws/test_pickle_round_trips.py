"""Values survive pickle and copying: between processes, in caches, in multiprocessing."""

from __future__ import annotations

import copy
import pickle
from typing import Any, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import (
    Catalog,
    Mix,
    Model,
    ModelRecord,
    Policy,
    Price,
    Range,
    RateCard,
    UnknownPriceError,
    Usage,
    UsageTotal,
    Usd,
    Workload,
    assess,
    compare,
    cost,
    recommend,
)
from oracle import Call, PriceList, Tariff
from strategies import (
    candidates,
    card_of,
    cost_of,
    loads,
    model_of,
    models,
    price_lists,
    priced_calls,
    prices,
    ranges,
    rate_cards,
    tariffs,
    usages,
    usds,
    volumes,
    whole_records,
    workloads,
)

T = TypeVar("T")


def thawed(value: T) -> T:
    """*value* after pickling in every protocol that knows slots, and after copying; all of them equal."""
    copies: list[T] = [
        pickle.loads(pickle.dumps(value, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)
    ]
    copies += [copy.copy(value), copy.deepcopy(value)]
    assert all(type(each) is type(value) and each == value and repr(each) == repr(value) for each in copies)
    return copies[0]


@given(usds(), ranges("ms"), ranges(), usages(crossed=True, fees=("input_pages", "input_audio_seconds")))
def test_values_survive_pickle(amount: Usd, time: Range, number: Range, usage: Usage) -> None:
    """Money, ranges and calls come back equal, with equal hashes."""
    for value in (amount, time, number, usage, UsageTotal.of([usage, usage])):
        assert hash(thawed(value)) == hash(value)


@given(prices(), rate_cards() | price_lists().map(card_of), models(), workloads(), whole_records())
def test_facts_survive_pickle(
    price: Price, card: RateCard, model: Model, workload: Workload, record: ModelRecord
) -> None:
    """Prices, models, workloads and records come back equal, after they were used, too."""
    card.rates("standard", 150)
    assert model.citations.keys() == model.sources.keys()
    for value in (price, card, model, workload, record):
        assert hash(thawed(value)) == hash(value)
    assert thawed(model).sources == model.sources
    assert (thawed(workload).source, thawed(workload).place) == (workload.source, workload.place)


@given(tariffs(tiers=("standard", "batch")), usages(), loads(), volumes())
def test_costs_survive_pickle(tariff: Tariff, usage: Usage, load: dict[str, Any], volume: dict[str, Any]) -> None:
    """Bills and assessments come back with every line."""
    model = model_of(tariff)
    bill = cost(model, usage)
    assert hash(thawed(bill)) == hash(bill)
    assert (thawed(bill).total, thawed(bill).lines, str(thawed(bill))) == (bill.total, bill.lines, str(bill))
    assert thawed(assess(model, Workload(**load, **volume))).cost is not None


@given(priced_calls())
def test_costs_that_rest_on_assumptions_survive_pickle(drawn: tuple[PriceList, list[Call]]) -> None:
    """So do bills with intervals, factors and steps."""
    prices, calls = drawn
    for call in calls:
        try:
            bill = cost_of(Model("acme/one", usd_per_mtok=card_of(prices)), call)
        except UnknownPriceError:
            continue
        again = thawed(bill)
        assert (again.low, again.high, again.assumptions, again.lines) == (
            bill.low,
            bill.high,
            bill.assumptions,
            bill.lines,
        )


@given(candidates(), workloads(), st.sampled_from(["guide", "article"]))
def test_answers_survive_pickle(models: list[Model], workload: Workload, policy: str) -> None:
    """Recommendations and mixes come back."""
    answer = recommend(workload, models, policy)
    assert hash(thawed(answer)) == hash(answer)
    mix = recommend([workload, workload], models, policy)
    assert isinstance(mix, Mix)
    thawed(mix)


def test_catalogs_policies_and_comparisons_survive_pickle(bundled: Catalog) -> None:
    """So do catalogs, which then answer the same, policies, and tables."""
    recommend("support-chatbot", catalog=bundled)
    again = thawed(bundled)
    assert again.content_hash == bundled.content_hash
    assert recommend("support-chatbot", catalog=again) == recommend("support-chatbot", catalog=bundled)
    for name in ("guide", "article"):
        thawed(Policy.named(name, bundled))
    table = compare(*bundled, workload="support-chatbot", catalog=bundled)
    assert pickle.loads(pickle.dumps(table)).to_dict() == table.to_dict()
