"""However a call is priced, by the short way or the long one, it costs the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_tradeoffs import (
    Catalog,
    Cost,
    InvalidTypeError,
    InvalidValueError,
    Model,
    Price,
    TradeoffsError,
    UnknownNameError,
    Usage,
    Usd,
    cost,
)
from llm_tradeoffs.costing import _NotSimpleError, _once, _total, bill  # the two ways themselves
from llm_tradeoffs.usage import billed_once
from oracle import Call, PriceList
from strategies import TIERS, card_of, every_count, priced_calls, token_counts, usages

MODELS = {
    model.id: model
    for model in Catalog.bundled().models()
    if model.price("input_tokens") and model.price("output_tokens") and not model.rates.windows
}
NAMES = sorted({name for model in MODELS.values() for name in (model.id, *model.aliases)})


def every_way(name: str, sent: int, said: int) -> Iterator[Cost]:
    """One call, described in every way there is; only the first two can take the short way."""
    catalog = Catalog.bundled()
    usage = Usage(input_tokens=sent, output_tokens=said)
    yield cost(name, input_tokens=sent, output_tokens=said)
    yield cost(name, input_tokens=sent, output_tokens=said)  # remembered by now
    yield cost(name, usage)
    yield cost(name, input_tokens=sent, output_tokens=said, cache_read_tokens=0)
    yield cost(name, input_tokens=sent, output_tokens=said, catalog=catalog)
    yield cost(name, input_tokens=sent, output_tokens=said, as_of=catalog.as_of)
    yield cost(name, input_tokens=sent, output_tokens=said, service_tier="standard", web_searches=0)
    yield cost(catalog[name], usage, as_of=catalog.as_of)


@given(st.sampled_from(NAMES), token_counts(), token_counts())
def test_the_fast_path_equals_the_general_path(name: str, sent: int, said: int) -> None:
    """Total, bill, usage, tier and day are the same, whichever way was taken."""
    first, *others = every_way(name, sent, said)
    for other in others:
        assert other == first
        assert hash(other) == hash(first)
        assert other.to_dict() == first.to_dict()
        assert (other.total, other.lines, other.usage) == (first.total, first.lines, first.usage)


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        ({"input_tokens": True, "output_tokens": 1}, InvalidTypeError),
        ({"input_tokens": 1, "output_tokens": 1.0}, InvalidTypeError),
        ({"input_tokens": "1", "output_tokens": 1}, InvalidTypeError),
        ({"input_tokens": 1}, InvalidTypeError),
        ({"input_tokens": -1, "output_tokens": 1}, InvalidValueError),
        ({"input_tokens": 1, "output_tokens": 10**30 + 1}, InvalidValueError),
    ],
)
def test_the_fast_path_refuses_what_the_general_path_refuses(counts: dict[str, Any], error: type[Exception]) -> None:
    """A bad count is refused also for a model whose price is remembered."""
    cost("gpt-4.1-mini", input_tokens=1, output_tokens=1)
    with pytest.raises(error):
        cost("gpt-4.1-mini", **counts)


def test_the_fast_path_does_not_hide_another_question(article: Catalog) -> None:
    """What is remembered for the bundled catalog answers for no other one, for no other day and for no other tier."""
    remembered = cost("gpt-4.1-mini", input_tokens=1, output_tokens=1)
    assert cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, service_tier="batch").total == remembered.total / 2
    assert cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, as_of="2026-03-01").as_of != article.as_of
    elsewhere = cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, catalog=article)
    assert {line.price.source.id for line in elsewhere.lines} == {"article"}


def outcome(ask: Callable[[], Cost]) -> tuple[object, ...]:
    """What came out: the bill to its last word, or the error."""
    try:
        found = ask()
    except TradeoffsError as problem:
        return type(problem), str(problem)
    return found, hash(found), found.to_dict(), str(found), found.lines, found.usage, found.assumptions


@given(st.sampled_from(sorted(MODELS)), usages(crossed=True), st.sampled_from(TIERS), st.booleans())
def test_every_call_is_the_same_either_way(name: str, usage: Usage, tier: str, strict: bool) -> None:
    """Parts, fees, tiers and lengths: by name or as a Model, as a Usage or in counts, with a catalog or without."""
    catalog = Catalog.bundled()
    counts: Any = every_count(usage)
    ways: list[Callable[[], Cost]] = [
        lambda: cost(name, usage, service_tier=tier, strict=strict),
        lambda: cost(name, usage, service_tier=tier, strict=strict),  # remembered by now
        lambda: cost(name, service_tier=tier, strict=strict, **counts),
        lambda: cost(name, usage, service_tier=tier, strict=strict, catalog=catalog),
        lambda: cost(name, usage, service_tier=tier, strict=strict, as_of=catalog.as_of),
        lambda: cost(MODELS[name], usage, service_tier=tier, strict=strict, as_of=catalog.as_of),
        lambda: cost(MODELS[name], service_tier=tier, strict=strict, as_of=catalog.as_of, **counts),
    ]
    first, *others = map(outcome, ways)
    for other in others:
        assert other == first


@settings(max_examples=5 * settings().max_examples)  # the rules meet each other seldom
@given(priced_calls())
def test_the_short_way_through_a_plan_equals_the_bill(drawn: tuple[PriceList, list[Call]]) -> None:
    """Where a call can be priced without case analysis, it costs what its lines add up to."""
    prices, calls = drawn
    card = card_of(prices)
    for call in calls:
        usage = Usage(**call.counts)  # type: ignore[arg-type]  # whole where it has to be
        plan = card.plan(call.tier, usage.input_tokens, call.region, call.moment)
        try:
            once = _once(usage.counted)
            simply = _total(plan, once)
        except (KeyError, _NotSimpleError):
            continue
        lines = list(bill("acme/one", plan, billed_once(usage.counted), call.tier, strict=True))
        assert Usd.from_pico(simply) == sum((line.amount for line in lines), Usd(0))
        made = Cost(simply, Model("acme/one"), plan, usage.counted, once, call.tier, None)
        assert sorted(map(str, made.lines)) == sorted(map(str, lines))


@given(st.sampled_from(sorted(MODELS)), usages(), st.data())
def test_the_order_of_the_counts_never_matters(name: str, usage: Usage, data: st.DataObject) -> None:
    """Counts may be stated in any order: the cost is equal, and the bill has the same lines."""
    counts: Any = {**every_count(usage), "web_searches": 0}
    shuffled: Any = dict(data.draw(st.permutations([*counts.items()])))
    one, other = outcome(lambda: cost(name, **counts)), outcome(lambda: cost(name, **shuffled))
    assert one[0] == other[0]
    if isinstance(one[0], Cost) and isinstance(other[0], Cost):
        assert sorted(map(str, one[0].lines)) == sorted(map(str, other[0].lines))


def test_a_minimum_number_of_requests_is_billed_either_way() -> None:
    """A fee for each request with a minimum is no plain coefficient."""
    rows = [Price(meter="requests", usd=Usd(1), per=1, minimum_quantity=3), Price(meter="input_tokens", usd=Usd(1))]
    assert cost(Model("a", usd_per_mtok=rows), input_tokens=0, output_tokens=0).total == Usd(3)


@pytest.mark.parametrize("name", ["requests", "minimum_charge"])
def test_what_is_not_counted_is_no_count(name: str, bundled: Catalog) -> None:
    """A call is one request, also where a request has a fee and the short way would know a rate for it."""
    model = Model("acme/fee", usd_per_mtok={"input_tokens": 1, "output_tokens": 1, name: 1})
    counts: Any = {"input_tokens": 1, "output_tokens": 1, name: 5}
    with pytest.raises(UnknownNameError, match=f"no count is named '{name}'"):
        cost(model, **counts)
    plan = model.rates.plan()
    with pytest.raises((KeyError, _NotSimpleError)):
        _total(plan, _once(counts))
