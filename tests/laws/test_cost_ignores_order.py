"""Cost is untouched by order: of the price rows, of the calls, of the keywords."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, RateCard, UnknownPriceError, Usage, Usd, Workload, assess, cost
from oracle import Tariff
from strategies import counts_of, loads, rows_of, tariffs, usages


def bill_or_gap(model: Model, usage: Usage, tier: str) -> object:
    """The bill of a call, or the first meter whose price is unknown."""
    try:
        bill = cost(model, usage, service_tier=tier)
    except UnknownPriceError as unknown:
        return unknown.meter
    return bill.low, bill.high, bill.lines


@given(tariffs(tiers=("standard", "batch"), gaps=True), usages(), st.sampled_from(["standard", "batch"]), st.data())
def test_cost_ignores_the_order_of_the_price_rows(tariff: Tariff, usage: Usage, tier: str, data: st.DataObject) -> None:
    """The rows of a rate card may stand in any order, thresholds included."""
    rows = rows_of(tariff)
    one = Model("acme/one", usd_per_mtok=rows)
    other = Model("acme/one", usd_per_mtok=RateCard(tuple(data.draw(st.permutations(rows)))))
    assert bill_or_gap(other, usage, tier) == bill_or_gap(one, usage, tier)


@given(tariffs(tiers=("standard", "batch")), loads(), st.data())
def test_workload_cost_ignores_the_order_of_the_price_rows(
    tariff: Tariff, load: dict[str, Any], data: st.DataObject
) -> None:
    """The bill of a workload is the same, line by line, in whatever order the rows stand."""
    rows = rows_of(tariff)
    shuffled = tuple(data.draw(st.permutations(rows)))
    workload = Workload(**load)
    one = assess(Model("acme/one", usd_per_mtok=rows), workload).cost
    other = assess(Model("acme/one", usd_per_mtok=RateCard(shuffled)), workload).cost
    assert one == other


@given(tariffs(), st.lists(usages(), max_size=5), st.data())
def test_a_sum_of_costs_ignores_the_order_of_the_calls(tariff: Tariff, calls: list[Usage], data: st.DataObject) -> None:
    """A month's calls cost the same in whatever order they are added, down to the last digit."""
    model = Model("acme/one", usd_per_mtok=rows_of(tariff))
    forth = sum((cost(model, call).total for call in calls), Usd(0))
    shuffled = data.draw(st.permutations(calls))
    assert sum((cost(model, call).total for call in shuffled), Usd(0)) == forth
    assert sum((cost(model, call).total.as_fraction() for call in calls), Fraction(0)) == forth.as_fraction()


@given(tariffs(), usages(), st.data())
def test_cost_ignores_the_order_of_the_keywords(tariff: Tariff, usage: Usage, data: st.DataObject) -> None:
    """Counts by name, in any order, cost what the same counts in a ``Usage`` cost."""
    model = Model("acme/one", usd_per_mtok=rows_of(tariff))
    counts = dict(data.draw(st.permutations(list(counts_of(usage).items()))))
    assert cost(model, **counts) == cost(model, usage)
