"""Cost is linear in tokens, with the published prices as its coefficients."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usage, Usd, cost
from oracle import PARENT, TOTALS, Tariff, unit_price
from strategies import counts_of, model_of, tariffs, usages

SMALL = 10**26


@given(tariffs(thresholds=False, request_fee=False), usages(most=SMALL), st.integers(0, 1_000))
def test_cost_is_linear_in_tokens(tariff: Tariff, usage: Usage, times: int) -> None:
    """A call with n times the tokens costs n times as much."""
    model = model_of(tariff)
    many = Usage(**{name: times * count for name, count in counts_of(usage).items()})
    assert cost(model, many).total == cost(model, usage).total * times


@given(
    tariffs(thresholds=False),
    usages(most=SMALL),
    st.sampled_from([*TOTALS, *sorted(PARENT)]),
    st.sampled_from([1, 2, 10**6, SMALL]),
)
def test_each_token_costs_its_meters_price(tariff: Tariff, usage: Usage, meter: str, tokens: int) -> None:
    """N tokens more of a meter cost n times its price more, whatever else is in the call."""
    model = model_of(tariff)
    counts = counts_of(usage)
    for name in {meter, PARENT.get(meter, meter)}:  # a part is inside its total
        counts[name] += tokens
    price = unit_price(tariff, meter, "standard", Fraction(0))
    assert price is not None
    assert cost(model, Usage(**counts)).total - cost(model, usage).total == Usd(price * tokens)


@given(tariffs(), usages())
def test_a_line_is_quantity_times_price(tariff: Tariff, usage: Usage) -> None:
    """The amount of a line is its quantity times the published price it names, exactly."""
    for line in cost(model_of(tariff), usage).lines:
        assert line.amount == line.price.usd * Fraction(line.quantity) / line.price.per
