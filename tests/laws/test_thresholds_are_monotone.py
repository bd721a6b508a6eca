"""With prices that rise, a longer request never costs less: over whole-request thresholds and over marginal ones."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Usd, cost
from oracle import Row, mtok
from strategies import THRESHOLDS, price_of, token_counts, usd_amounts

HALF = 5 * 10**29
KINDS = st.sampled_from(["above", "at_least", "beyond"])
AMOUNTS = st.lists(usd_amounts(), min_size=4, max_size=4)
MORE = st.sampled_from([1, 2, 100]) | token_counts(HALF)


def ladder(kind: str, amounts: list[Fraction], minimum: int | None = None) -> list[Row]:
    """A base price for the input and one for each threshold, all of one kind; the minimum is that of the request."""
    of_steps = None if kind == "beyond" else minimum
    steps = [
        Row("input_tokens", usd, 1_000_000, minimum=of_steps)._replace(**{kind: bound})
        for bound, usd in zip(THRESHOLDS, amounts[1:], strict=True)
    ]
    base = Row("input_tokens", amounts[0], 1_000_000, minimum=minimum)
    return [base, *steps, Row("output_tokens", Fraction(1), 1_000_000)]


def model_of(rows: list[Row]) -> Model:
    """A model with those prices."""
    return Model("acme/ladder", usd_per_mtok=[price_of(row) for row in rows])


@given(KINDS, AMOUNTS, token_counts(HALF), MORE, st.sampled_from([None, 1, 150]))
def test_a_longer_request_never_costs_less(
    kind: str, amounts: list[Fraction], tokens: int, more: int, minimum: int | None
) -> None:
    """Where every step is dearer than the last, more tokens never cost less, each token at its own step or all."""
    model = model_of(ladder(kind, sorted(amounts), minimum))
    shorter = cost(model, input_tokens=tokens, output_tokens=0).total
    assert cost(model, input_tokens=tokens + more, output_tokens=0).total >= shorter


@given(AMOUNTS, token_counts(HALF), MORE)
def test_with_marginal_prices_more_never_costs_less_whatever_they_do(
    amounts: list[Fraction], tokens: int, more: int
) -> None:
    """A cheaper step holds only for what comes after it, so even falling prices never make a longer request cheaper."""
    model = model_of(ladder("beyond", amounts))
    shorter = cost(model, input_tokens=tokens, output_tokens=0).total
    assert cost(model, input_tokens=tokens + more, output_tokens=0).total >= shorter


@given(AMOUNTS, token_counts(HALF))
def test_a_marginal_step_costs_at_most_what_the_same_step_costs_for_the_whole_request(
    amounts: list[Fraction], tokens: int
) -> None:
    """With rising prices the marginal reading of a table is the cheaper one, and they agree up to the first step."""
    marginal = model_of(ladder("beyond", sorted(amounts)))
    whole = model_of(ladder("above", sorted(amounts)))
    costs = [cost(model, input_tokens=tokens, output_tokens=0).total for model in (marginal, whole)]
    assert costs[0] <= costs[1]
    if tokens <= THRESHOLDS[0]:
        assert costs[0] == costs[1]


def test_both_kinds_of_threshold_in_the_open() -> None:
    """1,500 tokens over steps at 100, 200 and 1,000: all at the last price, or each at its own."""
    prices = [Fraction(price) for price in (1, 2, 4, 8)]
    whole = cost(model_of(ladder("above", prices)), input_tokens=1_500, output_tokens=0)
    assert whole.total == mtok("8", 1_500)
    marginal = cost(model_of(ladder("beyond", prices)), input_tokens=1_500, output_tokens=0)
    assert marginal.total == mtok("1", 100) + mtok("2", 100) + mtok("4", 800) + mtok("8", 500)
    assert [(line.quantity, line.price.above_quantity) for line in marginal.lines] == [
        (100, None),
        (100, 100),
        (800, 200),
        (500, 1_000),
    ]


def test_what_has_no_price_of_its_own_fills_the_steps_of_its_total() -> None:
    """Audio without a price of its own is input, and counts with it towards a marginal step."""
    rows = ladder("beyond", [Fraction(price) for price in (1, 2, 4, 8)])
    bill = cost(model_of(rows), input_tokens=150, output_tokens=0, input_audio_tokens=120)
    assert bill.total == mtok("1", 100) + mtok("2", 50)
    own = [*rows, Row("input_audio_tokens", Fraction(10), 1_000_000)]
    bill = cost(model_of(own), input_tokens=150, output_tokens=0, input_audio_tokens=120)
    assert bill.total == mtok("1", 30) + mtok("10", 120)


def test_a_minimum_quantity_is_billed_where_any_is_used() -> None:
    """One search is billed as ten where ten are the least; none is billed as none."""
    model = model_of([*ladder("above", [Fraction(1)] * 4), Row("rerank_searches", Fraction("0.002"), minimum=10)])
    costs = [cost(model, input_tokens=0, output_tokens=0, rerank_searches=count).total for count in (0, 1, 10, 11)]
    assert costs == [Usd(0), Usd("0.02"), Usd("0.02"), Usd("0.022")]


@given(token_counts(10**6), token_counts(10**6), st.sampled_from([1, 50, 10**6]))
def test_a_minimum_charge_is_the_least_that_a_call_costs(sent: int, said: int, charge: int) -> None:
    """The whole call costs its lines, or the minimum charge where that is more; the bill still adds up."""
    rows = [Row("input_tokens", Fraction(3), 1_000_000), Row("output_tokens", Fraction(1), 1_000_000)]
    least = Row("minimum_charge", Fraction(charge, 1_000_000))
    bill = cost(model_of([*rows, least]), input_tokens=sent, output_tokens=said)
    assert bill.total == max(mtok("3", sent) + mtok("1", said), Usd(least.usd))
    assert sum((line.amount for line in bill.lines), Usd(0)) == bill.total
