"""A cheaper rate card never costs more."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usage, Workload, assess, cost
from oracle import Tariff
from strategies import loads, model_of, shares, tariffs, usages


@given(tariffs(), usages(), st.data())
def test_a_cheaper_rate_card_never_costs_more(tariff: Tariff, usage: Usage, data: st.DataObject) -> None:
    """A card of which no row is dearer prices no call higher, and one with the same rows prices all the same."""
    cheaper = {row: usd * data.draw(shares()) for row, usd in tariff.items()}
    assert cost(model_of(cheaper), usage).total <= cost(model_of(tariff), usage).total


@given(tariffs(), usages(), shares())
def test_a_discount_on_every_row_is_a_discount_on_the_call(tariff: Tariff, usage: Usage, discount: Fraction) -> None:
    """Half the price for everything is half the cost."""
    discounted = {row: usd * discount for row, usd in tariff.items()}
    assert cost(model_of(discounted), usage).total == cost(model_of(tariff), usage).total * discount


@given(tariffs(tiers=("standard", "batch")), loads(), st.data())
def test_a_cheaper_rate_card_never_makes_a_workload_dearer(
    tariff: Tariff, load: dict[str, Any], data: st.DataObject
) -> None:
    """The same holds for workloads, for their blended price, and for documents that must be cut."""
    cheaper = {row: usd * data.draw(shares()) for row, usd in tariff.items()}
    workload = Workload(**load, longest_tokens=10_000, chunk_overlap_tokens=10, instruction_tokens=5)
    less, more = (assess(model_of(prices, context_window=4_000), workload) for prices in (cheaper, tariff))
    assert less.cost is not None
    assert more.cost is not None
    assert less.cost.per_request <= more.cost.per_request
    if more.blended is not None:
        assert less.blended is not None
        assert less.blended <= more.blended
    if more.context.chunked_cost is not None:
        assert less.context.chunked_cost is not None
        assert less.context.chunked_cost <= more.context.chunked_cost
