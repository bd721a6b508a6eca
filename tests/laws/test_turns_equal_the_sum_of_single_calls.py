"""Turns with the history re-sent cost the sum of so many single calls, which is what the closed form says."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usd, Workload, assess, cost
from oracle import Tariff
from strategies import THRESHOLDS, means, model_of, tariffs

# 0 and 50 make turns end exactly at the thresholds 100, 200 and 1,000.
TOKENS = st.sampled_from([0, 1, 25, 50, 99, 100, 101, 150, 200])
TURNS = st.one_of(st.integers(1, 12), st.just(50))


def per_conversation(tariff: Tariff, workload: Workload) -> Usd:
    """What one conversation costs."""
    bill = assess(model_of(tariff), workload).cost
    assert bill is not None
    return bill.per_request


@given(tariffs(), TOKENS, TOKENS, TURNS)
def test_turns_with_history_equal_the_sum_of_single_calls(tariff: Tariff, sent: int, said: int, turns: int) -> None:
    """Turn k is a call with k inputs and k-1 outputs before it, each billed at the rate of its own length."""
    model = model_of(tariff)
    calls = [cost(model, input_tokens=k * sent + (k - 1) * said, output_tokens=said) for k in range(1, turns + 1)]
    workload = Workload(input_tokens=sent, output_tokens=said, turns=turns)
    assert per_conversation(tariff, workload) == sum((call.total for call in calls), Usd(0))


@given(tariffs(), TOKENS, TOKENS, TURNS)
def test_turns_without_history_equal_so_many_first_calls(tariff: Tariff, sent: int, said: int, turns: int) -> None:
    """Without history n turns cost n times the first."""
    first = cost(model_of(tariff), input_tokens=sent, output_tokens=said).total
    workload = Workload(input_tokens=sent, output_tokens=said, turns=turns, history_resent=False)
    assert per_conversation(tariff, workload) == first * turns


@given(tariffs(thresholds=False), means(), means(), st.one_of(TURNS, st.just(1_000_000)))
def test_turns_with_history_equal_the_closed_form(
    tariff: Tariff, sent: int | Decimal | Fraction, said: int | Decimal | Fraction, turns: int
) -> None:
    """The n turns send n·i + (i+o)·n(n-1)/2 tokens and receive n·o; means may be thirds."""
    i, o, n = Fraction(sent), Fraction(said), turns
    dollars = (n * i + (i + o) * n * (n - 1) / 2) * tariff["input_tokens", "standard", None] / 1_000_000
    dollars += n * o * tariff["output_tokens", "standard", None] / 1_000_000
    dollars += n * tariff.get(("requests", "standard", None), Fraction(0))
    assert per_conversation(tariff, Workload(input_tokens=sent, output_tokens=said, turns=n)) == Usd(dollars)


@given(means(), means(), st.sampled_from(THRESHOLDS), st.integers(1, 9), st.integers(1, 9))
def test_a_threshold_divides_the_turns_where_their_input_passes_it(
    sent: int | Decimal | Fraction, said: int | Decimal | Fraction, bound: int, low: int, high: int
) -> None:
    """The turns whose input is at most the bound have the lower price, those after it the higher one, wholly."""
    prices: Tariff = {
        ("input_tokens", "standard", None): Fraction(low),
        ("input_tokens", "standard", bound): Fraction(high),
        ("output_tokens", "standard", None): Fraction(0),
    }
    i, o = Fraction(sent), Fraction(said)
    inputs = [k * i + (k - 1) * o for k in range(1, 31)]
    dollars = sum((tokens * (high if tokens > bound else low) for tokens in inputs), Fraction(0)) / 1_000_000
    assert per_conversation(prices, Workload(input_tokens=sent, output_tokens=said, turns=30)) == Usd(dollars)
