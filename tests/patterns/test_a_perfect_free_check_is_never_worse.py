"""A check that costs nothing and never errs makes nothing worse."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from worlds import World, check_of, checkers, hopeless_for, worlds

from llm_tradeoffs import Range
from llm_tradeoffs.patterns import BestOfN, Cascade, Check, Judge, PatternAssessment, Retries, Single
from strategies import shares


def right_in(found: PatternAssessment) -> Fraction:
    """The share of right answers, which is a point here."""
    assert found.right_share is not None
    assert found.right_share.is_point
    return Fraction(found.right_share.low)


@given(worlds(least=2, most=4), st.data())
def test_a_perfect_check_is_right_as_often_as_the_best_stage_and_any_other_check(
    world: World, data: st.DataObject
) -> None:
    """It keeps every right answer and passes on every wrong one, so nothing is lost by asking again."""
    models = world.models
    perfect = Cascade(*models, check=Check.perfect()).assess(world.workload, accuracy=world.accuracy)
    other = Cascade(*models, check=check_of(data.draw(checkers()))).assess(world.workload, accuracy=world.accuracy)
    assert right_in(perfect) >= max(world.right)
    assert right_in(perfect) >= right_in(other)


@given(worlds(most=1), st.integers(1, 6), st.data())
def test_more_tries_are_never_worse_with_it(world: World, times: int, data: st.DataObject) -> None:
    """Nor than one try, nor than one try fewer; and the best of n is right as often as n tries."""
    model, hopeless = world.models[0], data.draw(hopeless_for(world.right[0]))
    accuracy = world.accuracy
    tries = [
        right_in(Retries(model, times=n, hopeless=hopeless).assess(world.workload, accuracy=accuracy))
        for n in (times, times + 1)
    ]
    alone = right_in(Single(model).assess(world.workload, accuracy=accuracy))
    best = BestOfN(model, n=times, judge=Judge.perfect(), hopeless=hopeless).assess(world.workload, accuracy=accuracy)
    assert alone <= tries[0] <= tries[1] <= 1 - hopeless
    assert right_in(best) == tries[0]


@given(worlds(least=2, most=2), shares())
def test_it_pays_exactly_below_the_break_even(world: World, right: Fraction) -> None:
    """With a perfect free check the cascade costs less than its last stage exactly where 1-p is below e*."""
    first, second = world.models
    cascade = Cascade(first, second, check=Check.perfect())
    found = cascade.assess(world.workload, accuracy={**world.accuracy, first.id: right})
    limit = cascade.escalation_break_even(world.workload)
    cost = found.cost_per_request
    assert cost is not None
    if limit is None:
        assert world.stages[1][0] == 0
        return
    assert (cost.low < world.stages[1][0]) == (1 - right < limit)
    assert cost == Range(world.stages[0][0] + (1 - right) * world.stages[1][0], unit="USD")
