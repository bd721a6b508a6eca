"""Cost equals an independent oracle that knows nothing but fractions; see tests/oracle.py."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import UnknownPriceError, Usage, Usd, Workload, assess, cost
from oracle import PriceIsUnknownError, Tariff, call_cost, conversation_cost, unit_price
from strategies import TIERS, counts_of, loads, model_of, tariffs, usages, volumes

# Two tiers have prices, a third has none.
CALLS = st.tuples(usages(), st.sampled_from(TIERS[:3]))


@given(tariffs(tiers=TIERS[:2], gaps=True), st.lists(CALLS, min_size=1, max_size=3))
def test_cost_equals_the_fraction_oracle(tariff: Tariff, calls: list[tuple[Usage, str]]) -> None:
    """A call costs what the oracle says, and its price is unknown exactly where the oracle knows none."""
    model = model_of(tariff)  # one model for several calls, of different lengths and tiers
    for usage, tier in calls:
        try:
            expected = call_cost(tariff, counts_of(usage), tier)
        except PriceIsUnknownError:
            with pytest.raises(UnknownPriceError):
                cost(model, usage, service_tier=tier, strict=True)
        else:
            found = cost(model, usage, service_tier=tier, strict=True).total
            assert found == Usd(expected)
            assert found.as_fraction() == expected


def test_a_part_that_is_priced_in_another_tier_only_is_unknown() -> None:
    """Whether the discount on cached input holds in batches is the provider's to say; strictly, it is unknown."""
    cached = Usage(input_tokens=10, output_tokens=0, cache_read_tokens=1)
    prices = {("input_tokens", "standard", None): Fraction(3), ("input_tokens", "batch", None): Fraction(1)}
    assert cost(model_of(prices), cached, service_tier="batch").total == Usd(Fraction(10, 1_000_000))
    prices["cache_read_tokens", "standard", None] = Fraction(1)
    with pytest.raises(UnknownPriceError) as raised:
        cost(model_of(prices), cached, service_tier="batch", strict=True)
    assert (raised.value.meter, raised.value.service_tier) == ("cache_read_tokens", "batch")
    assert cost(model_of(prices), input_tokens=10, output_tokens=0, service_tier="batch").total > Usd(0)


@given(tariffs(tiers=("standard", "batch"), gaps=True), loads(), volumes())
def test_workload_cost_equals_the_fraction_oracle(
    tariff: Tariff, load: dict[str, Any], volume: dict[str, int | Fraction]
) -> None:
    """A workload costs what the oracle says, turn by turn, also where tokens are means and shares are thirds."""
    asked = {name: Fraction(value) if name.endswith(("tokens", "share")) else value for name, value in load.items()}
    found = assess(model_of(tariff), Workload(**load, **volume)).cost
    try:
        expected = conversation_cost(tariff, **asked)
    except PriceIsUnknownError:
        assert found is None
    else:
        assert found is not None
        assert found.per_request == Usd(expected)
        assert sum((line.amount for line in found.lines), Usd(0)) == Usd(expected)


@given(tariffs(thresholds=False), st.fractions(0, 10), st.fractions(0, 10))
def test_a_blended_price_is_the_mean_of_the_two(tariff: Tariff, fresh: Fraction, produced: Fraction) -> None:
    """A million tokens in a ratio of a to b cost (a·input + b·output) / (a + b)."""
    prices = [unit_price(tariff, total, "standard", Fraction(0)) for total in ("input_tokens", "output_tokens")]
    assert None not in prices
    if fresh + produced:
        dollars = (fresh * Fraction(prices[0] or 0) + produced * Fraction(prices[1] or 0)) * 1_000_000
        assert model_of(tariff).blended_usd_per_mtok(fresh, produced) == Usd(dollars / (fresh + produced))
