"""No cost is ever negative."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from llm_tradeoffs import InvalidValueError, Model, Price, RateCard, Usage, Usd, Workload, assess, cost
from oracle import Tariff
from strategies import loads, model_of, positive_numbers, tariffs, usages, volumes


@given(tariffs(), usages())
def test_cost_is_never_negative(tariff: Tariff, usage: Usage) -> None:
    """A call costs nothing or more, and so does each line of its bill."""
    bill = cost(model_of(tariff), usage)
    assert bill.total >= Usd(0)
    assert all(line.amount >= Usd(0) for line in bill.lines)


@given(tariffs(tiers=("standard", "batch")), loads(), volumes())
def test_workload_cost_is_never_negative(
    tariff: Tariff, load: dict[str, Any], volume: dict[str, int | Fraction]
) -> None:
    """A workload costs nothing or more in every period, and so does each line of its bill."""
    bill = assess(model_of(tariff), Workload(**load, **volume)).cost
    assert bill is not None
    for amount in (bill.per_request, bill.per_day, bill.per_month, bill.per_year):
        assert amount is None or amount >= Usd(0)
    assert all(line.amount >= Usd(0) for line in bill.lines)


@given(tariffs(request_fee=False))
def test_a_call_without_tokens_is_free(tariff: Tariff) -> None:
    """Nothing costs nothing where a request has no fee of its own."""
    bill = cost(model_of(tariff), input_tokens=0, output_tokens=0)
    assert bill.total == Usd(0)
    assert bill.lines == ()


@given(positive_numbers())
def test_a_price_is_never_negative(amount: Fraction) -> None:
    """A negative price is refused in each way in which a price can be stated."""
    with pytest.raises(InvalidValueError, match="negative"):
        Price(meter="input_tokens", usd=Usd(-amount))
    with pytest.raises(InvalidValueError, match="negative"):
        RateCard.of((-amount, 1))
    with pytest.raises(InvalidValueError, match="negative"):
        Model("acme/one", usd_per_mtok={"web_searches": -amount})
