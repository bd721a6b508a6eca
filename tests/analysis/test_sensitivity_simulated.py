"""Simulations of several uncertain facts, where no closed form exists: near what can be computed, and repeatable."""

from __future__ import annotations

from typing import Any

import pytest

from llm_tradeoffs import Model, Price, Usd, Workload
from llm_tradeoffs.analysis._sensitivity import probability_cheaper

pytest.importorskip("numpy")

A, B = Model("a", usd_per_mtok=("0.40", "1.60")), Model("b", usd_per_mtok=("1.00", "0.50"))


def test_a_simulation_is_near_what_can_be_computed() -> None:
    """P(xy < 1/2) for two shares is (1 + ln 2)/2, 84.66 %: a price times a number of tokens."""
    a = Model("a", usd_per_mtok=(1, 1))
    b = Model("b", usd_per_mtok={"input_tokens": 0, "output_tokens": 0, "requests": "0.0000005"})
    ranges: dict[str, Any] = {"input_tokens": (0, 1), "price:input_tokens of a": (0, 1)}
    work = Workload(input_tokens=1, output_tokens=0)
    found = probability_cheaper(a, b, work, ranges, samples=200_000, seed=7)
    assert found.method == "monte carlo"
    assert found.standard_error is not None
    assert abs(float(found.value) - 0.846574) < 4 * found.standard_error
    assert found == probability_cheaper(a, b, work, ranges, samples=200_000, seed=7)
    assert found.value != probability_cheaper(a, b, work, ranges, samples=200_000, seed=8).value
    assert "standard error 0.1 points, 200,000 samples" in str(found)
    assert found.to_dict()["method"] == "monte carlo"


def test_a_simulation_across_a_threshold() -> None:
    """Where another row begins to hold each draw is priced exactly: x + y < 1/2 below 1,000, nothing beyond."""
    rows = (
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="input_tokens", usd=Usd(100), above_input_tokens=1_000),
        Price(meter="output_tokens", usd=Usd(1)),
    )
    a = Model("a", usd_per_mtok=rows)
    b = Model("b", usd_per_mtok={"input_tokens": 0, "output_tokens": 0, "requests": "0.001"})
    ranges: dict[str, Any] = {"input_tokens": (0, 2_000), "output_tokens": (0, 1_000)}
    found = probability_cheaper(a, b, Workload(input_tokens=1, output_tokens=1), ranges, samples=4_000, seed=1)
    assert found.standard_error is not None
    assert abs(float(found.value) - 0.25) < 4 * found.standard_error  # half of the half below the threshold


def test_no_simulation_claims_to_be_certain() -> None:
    """All draws alike leave a standard error above 0."""
    ranges: dict[str, Any] = {"input_tokens": (1, 2), "price:input_tokens of a": (0, "0.1")}
    found = probability_cheaper(A, B, Workload(input_tokens=1, output_tokens=0), ranges, samples=1_000)
    assert found.value == 1
    assert found.standard_error is not None
    assert found.standard_error > 0
