"""Cost is monotone in every count, where longer requests never have a lower rate."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usage, Usd, Workload, assess, cost
from oracle import PARENT, TOTALS, Tariff, unit_price
from strategies import counts_of, loads, model_of, tariffs, token_counts, usages

HALF = 5 * 10**29
MORE = st.sampled_from([1, 100, 500]) | token_counts(HALF)


@given(tariffs(rising=True), usages(most=HALF), st.sampled_from([*TOTALS, *sorted(PARENT), "web_searches"]), MORE)
def test_cost_is_monotone_in_every_count(tariff: Tariff, usage: Usage, meter: str, more: int) -> None:
    """More of any meter never costs less, also where the additional tokens carry the request over a threshold."""
    model = model_of(tariff)
    counts = counts_of(usage)
    for name in {meter, PARENT.get(meter, meter)}:
        counts[name] += more
    assert cost(model, Usage(**counts)).total >= cost(model, usage).total


@given(tariffs(rising=True), usages(most=HALF))
def test_a_token_with_a_price_costs_something(tariff: Tariff, usage: Usage) -> None:
    """One token more costs more, unless its price is zero."""
    model = model_of(tariff)
    for total in TOTALS:
        counts = counts_of(usage)
        counts[total] += 1
        price = unit_price(tariff, total, "standard", Fraction(counts["input_tokens"]))
        assert price is not None
        if price > 0:
            assert cost(model, Usage(**counts)).total > cost(model, usage).total


@given(
    tariffs(tiers=("standard", "batch"), rising=True),
    loads(),
    st.sampled_from(["input_tokens", "output_tokens", "turns"]),
    st.sampled_from([1, 50, 100]),
)
def test_workload_cost_is_monotone_in_tokens_and_turns(
    tariff: Tariff, load: dict[str, Any], field: str, more: int
) -> None:
    """A longer request, a longer answer or another turn never makes a workload cheaper."""
    model = model_of(tariff)
    less = assess(model, Workload(**load)).cost
    greater = assess(model, Workload(**{**load, field: load[field] + more})).cost
    assert less is not None
    assert greater is not None
    assert greater.per_request >= less.per_request >= Usd(0)
