"""Token counts that fit several stated costs, or the proof that there are none, against brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs.claims._token_counts import StatedCost, fit

PER_MTOK = Fraction(1, 10**6)


def stated(input_price: str, output_price: str, low: str, high: str | None = None) -> StatedCost:
    """A cost at prices a million tokens."""
    return StatedCost(
        input_price=Fraction(input_price) * PER_MTOK,
        output_price=Fraction(output_price) * PER_MTOK,
        low=Fraction(low),
        high=Fraction(high or low),
    )


def test_no_token_counts_cost_what_the_article_says_of_a_post() -> None:
    """
    $0.00016 at $0.40/$1.60 and $0.00024 at $1.00/$5.00: impossible, and by how much.

    By hand: Claude Haiku's prices are 2.5 and 3.125 times GPT-4.1 Mini's, so any cost is 2.5 to 3.125
    times as high: 0.0004 to 0.0005. The article says 1.5 times.
    """
    found = fit([stated("0.40", "1.60", "0.00016"), stated("1.00", "5.00", "0.00024")])
    assert found.counts is None
    assert found.first_impossible == 1
    assert (found.least, found.most) == (Fraction("0.0004"), Fraction("0.0005"))
    assert (found.at_least, found.at_most) == ((400, 0), (0, 100))
    assert found.most / Fraction("0.00016") == Fraction("3.125")
    assert found.least / Fraction("0.00016") == Fraction("2.5")


def test_brute_force_finds_none_either_even_with_all_that_rounding_allows() -> None:
    """Every whole number of tokens up to where both costs are long exceeded."""
    mini, haiku = (155, 165), (235, 245)  # what $0.00016 and $0.00024 stand for, in millionths of a dollar
    for sent, produced in product(range(500), range(150)):
        first, second = Fraction("0.4") * sent + Fraction("1.6") * produced, sent + 5 * produced
        assert not (mini[0] <= first <= mini[1] and haiku[0] <= second <= haiku[1])
    rounded = [stated("0.40", "1.60", "0.000155", "0.000165"), stated("1.00", "5.00", "0.000235", "0.000245")]
    assert fit(rounded).counts is None


def test_each_of_the_two_costs_is_possible_by_itself() -> None:
    """A post of 100 to 200 tokens can cost either, only not both."""
    for cost in (stated("0.40", "1.60", "0.00016"), stated("1.00", "5.00", "0.00024")):
        counts = fit([cost], input_bounds=(100, 200)).counts
        assert counts is not None
        assert cost.at(counts) == cost.low
        assert 100 <= counts[0] <= 200


prices = st.integers(0, 5).map(Fraction)
amounts = st.integers(0, 30)
bounds = st.one_of(
    st.just((0, None)), st.tuples(st.integers(0, 4), st.integers(4, 8)), st.tuples(st.integers(0, 4), st.none())
)


@st.composite
def several(draw: st.DrawFn) -> list[StatedCost]:
    """Small prices and costs, so that a grid of halves is likely to hit."""
    made = []
    for _ in range(draw(st.integers(1, 3))):
        low = draw(amounts)
        made.append(
            StatedCost(input_price=draw(prices), output_price=draw(prices), low=low, high=low + draw(st.integers(0, 3)))
        )
    return made


def holds(costs: list[StatedCost], counts: tuple[Fraction, Fraction]) -> bool:
    """The definition."""
    return all(cost.low <= cost.at(counts) <= cost.high for cost in costs)


@given(several(), bounds, bounds)
def test_counts_exist_exactly_where_brute_force_would_find_them(
    costs: list[StatedCost], sent: tuple[int, int | None], produced: tuple[int, int | None]
) -> None:
    """What is found satisfies the definition; where nothing is found, no point of a fine grid does."""
    found = fit(costs, sent, produced)
    if found.counts is not None:
        counts = (Fraction(found.counts[0]), Fraction(found.counts[1]))
        assert holds(costs, counts)
        assert counts[0] >= sent[0]
        assert counts[1] >= produced[0]
        assert sent[1] is None or counts[0] <= sent[1]
        assert produced[1] is None or counts[1] <= produced[1]
        return
    highest = [bound if bound is not None else 35 for bound in (sent[1], produced[1])]
    grid = [
        [Fraction(half, 2) for half in range(2 * low, 2 * high + 1)]
        for low, high in zip((sent[0], produced[0]), highest, strict=True)
    ]
    assert not any(holds(costs, counts) for counts in product(*grid))


@given(several(), st.lists(st.tuples(st.fractions(0, 40, max_denominator=6), st.fractions(0, 40, max_denominator=6))))
def test_the_range_in_the_proof_holds_every_cost_that_is_left(
    costs: list[StatedCost], points: list[tuple[Fraction, Fraction]]
) -> None:
    """Whatever satisfies the costs before the impossible one costs between the two ends that are named."""
    found = fit(costs)
    place = found.first_impossible
    if place is None:
        return
    assert found.least is not None
    for point in points:
        if holds(costs[:place], point):
            assert costs[place].at(point) >= found.least
            assert found.most is None or costs[place].at(point) <= found.most
    assert found.at_least is not None
    assert holds(costs[:place], (Fraction(found.at_least[0]), Fraction(found.at_least[1])))
    assert costs[place].at(found.at_least) == found.least


def test_without_a_limit_there_is_no_most() -> None:
    """A model that charges nothing for output says nothing about how much of it there is."""
    free_output = stated("1", "0", "0.00001")
    assert fit([free_output, stated("1", "1", "5")]).counts is not None
    found = fit([free_output, stated("1", "1", "0.000001")])
    assert (found.least, found.most) == (Fraction("0.00001"), None)


def test_bounds_that_leave_nothing() -> None:
    """The text's own lengths may be what is impossible."""
    assert fit([], (5, 4)).first_impossible == -1


@pytest.mark.parametrize("number", [1, 2])
def test_no_costs_or_equal_ones_are_always_possible(number: int) -> None:
    """The same cost twice is one condition."""
    assert fit([stated("1", "2", "0.00001")] * number).counts is not None
    assert fit([]).counts == (0, 0)
