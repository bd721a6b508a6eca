"""Retries cost what all their outcomes come to, what the closed form says, and what a cascade of one model costs."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from trees import Checker, ladder, mean, with_errors
from worlds import World, check_of, checkers, hopeless_for, worlds

from llm_tradeoffs import Range
from llm_tradeoffs.patterns import Cascade, Retries

TIMES = st.integers(1, 5)


@given(st.data(), worlds(most=1), TIMES, checkers())
def test_retries_equal_their_probability_tree(data: st.DataObject, world: World, times: int, checker: Checker) -> None:
    """The same model until a check accepts, the last try unchecked."""
    hopeless = data.draw(hopeless_for(world.right[0]))
    found = Retries(world.models[0], times=times, hopeless=hopeless, check=check_of(checker)).assess(
        world.workload, accuracy=world.accuracy
    )
    outcomes = ladder(world.stages * times, [checker] * (times - 1), hopeless)
    cost, right = mean(outcomes)
    assert found.cost_per_request == Range(cost, unit="USD")
    assert found.right_share == Range(right)
    assert found.expected_cost == Range(with_errors(outcomes, world.error_cost), unit="USD")


@given(st.data(), worlds(most=1), st.integers(1, 30))
def test_with_a_perfect_free_check_they_are_the_closed_form(data: st.DataObject, world: World, n: int) -> None:
    """h·n·c + (1-h)·c·(1-q^n)/(1-q), and (1-h)·(1-q^n) right, with q = 1 - p/(1-h)."""
    h = data.draw(hopeless_for(world.right[0]))
    (c, p), found = (
        world.stages[0],
        Retries(world.models[0], times=n, hopeless=h).assess(world.workload, accuracy=world.accuracy),
    )
    q = 1 - p / (1 - h) if h < 1 else Fraction(1)
    series = Fraction(n) if q == 1 else (1 - q**n) / (1 - q)
    assert found.cost_per_request == Range(h * n * c + (1 - h) * c * series, unit="USD")
    assert found.right_share == Range((1 - h) * (1 - q**n))


@given(st.data(), worlds(most=1), st.integers(2, 5), checkers())
def test_they_are_a_cascade_of_one_model(data: st.DataObject, world: World, times: int, checker: Checker) -> None:
    """A cascade of a model with itself is retries."""
    hopeless = data.draw(hopeless_for(world.right[0]))
    check = check_of(checker)
    one = Retries(world.models[0], times=times, hopeless=hopeless, check=check)
    other = Cascade(*world.models * times, check=check, hopeless=hopeless)
    found, same = (each.assess(world.workload, accuracy=world.accuracy) for each in (one, other))
    assert (found.cost_per_request, found.right_share) == (same.cost_per_request, same.right_share)
    assert (found.expected_cost, found.worst_cost, found.lines) == (same.expected_cost, same.worst_cost, same.lines)
