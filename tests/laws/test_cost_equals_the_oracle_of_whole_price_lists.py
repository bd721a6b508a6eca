"""Cost equals an independent oracle, whatever a provider may publish; see tests/oracle.py."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from llm_tradeoffs import Model, UnknownPriceError, Usd
from oracle import Call, PriceIsUnknownError, PriceList, bill
from strategies import card_of, cost_of, priced_calls


@settings(max_examples=5 * settings().max_examples)  # the rules meet each other seldom
@given(priced_calls())
def test_cost_equals_the_oracle(drawn: tuple[PriceList, list[Call]]) -> None:
    """
    A call costs what the oracle says, from its least to its most, and is unknown just where the oracle knows nothing.

    Crossed parts, every fee, inclusive bounds, marginal prices, minimum quantities and charges, factors of
    tiers and regions, regional rows and hours of the week are all in it.
    """
    prices, calls = drawn
    model = Model("acme/one", usd_per_mtok=card_of(prices))  # one model for several calls
    for call in calls:
        try:
            low, high = bill(prices, call)
        except PriceIsUnknownError:
            with pytest.raises(UnknownPriceError):
                cost_of(model, call)
            continue
        found = cost_of(model, call)
        assert (found.low, found.high) == (Usd(low), Usd(high))
        assert found.is_exact == (low == high)
        assert sum((line.low for line in found.lines), Usd(0)) == found.low
        assert sum((line.high for line in found.lines), Usd(0)) == found.high


@given(priced_calls())
def test_a_cost_without_assumptions_is_strictly_known(drawn: tuple[PriceList, list[Call]]) -> None:
    """What was assumed is in the assumptions: without one, asking strictly gives the same; with one, it is refused."""
    prices, calls = drawn
    model = Model("acme/one", usd_per_mtok=card_of(prices))
    for call in calls:
        try:
            found = cost_of(model, call)
        except UnknownPriceError:
            continue
        if found.assumptions:
            with pytest.raises(UnknownPriceError):
                cost_of(model, call, strict=True)
        else:
            assert found.is_exact
            assert found.total == cost_of(model, call, strict=True).total
