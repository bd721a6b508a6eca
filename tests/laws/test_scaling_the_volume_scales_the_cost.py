"""Scaling the volume scales the cost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Workload, WorkloadCost, assess
from oracle import Tariff
from strategies import loads, model_of, positive_numbers, tariffs

PERIODS = ("day", "month", "year")
# How many of each period the stated one counts as: a month is 30 days, a year 365 days or 12 months.
IN_A = {
    "day": {"day": Fraction(1), "month": Fraction(30), "year": Fraction(365)},
    "month": {"day": Fraction(1, 30), "month": Fraction(1), "year": Fraction(12)},
    "year": {"day": Fraction(1, 360), "month": Fraction(1, 12), "year": Fraction(1)},
}


def bill(tariff: Tariff, load: dict[str, Any], period: str, count: int | Fraction) -> WorkloadCost:
    """What *load* costs at *count* a *period*."""
    found = assess(model_of(tariff), Workload(**load, **{f"requests_per_{period}": count})).cost
    assert found is not None
    return found


@given(
    tariffs(tiers=("standard", "batch")),
    loads(),
    st.sampled_from(PERIODS),
    st.sampled_from([0, 1, 10_000, Fraction(1, 3)]),
    positive_numbers(),
)
def test_scaling_the_volume_scales_the_cost(
    tariff: Tariff, load: dict[str, Any], period: str, count: int | Fraction, factor: Fraction
) -> None:
    """With x times the requests they cost x times as much a day, a month and a year, and each of them what it did."""
    once, scaled = bill(tariff, load, period, count), bill(tariff, load, period, count * factor)
    assert scaled.per_request == once.per_request
    assert scaled.lines == once.lines
    for each in PERIODS:
        assert getattr(scaled, f"per_{each}") == getattr(once, f"per_{each}") * factor


@given(tariffs(), loads(), st.sampled_from([1, 10_000, Fraction(1, 3)]))
def test_a_month_has_30_days_and_a_year_365_days_or_12_months(
    tariff: Tariff, load: dict[str, Any], count: int | Fraction
) -> None:
    """The periods follow from the stated one; a year counts 365 days only where the volume is stated per day."""
    load = {**load, "batch_share": 0}
    for stated in PERIODS:
        found = bill(tariff, load, stated, count)
        assert found.year_basis == ("365 days" if stated == "day" else "12 months of 30 days")
        for each in PERIODS:
            assert getattr(found, f"per_{each}") == found.per_request * (count * IN_A[stated][each])


@pytest.mark.parametrize("period", PERIODS)
def test_without_a_volume_there_is_no_cost_of_a_period(period: str) -> None:
    """What nobody stated is unknown, not zero."""
    found = assess("gpt-4.1-mini", Workload(input_tokens=200, output_tokens=150)).cost
    assert found is not None
    assert getattr(found, f"per_{period}") is None
    assert found.year_basis is None
