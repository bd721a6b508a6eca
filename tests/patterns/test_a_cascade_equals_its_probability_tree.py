"""A cascade costs, and is right, what all its outcomes come to when they are counted one by one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from trees import Checker, ladder, mean, with_errors
from worlds import NAMES, World, check_of, checkers, hopeless_for, worlds

from llm_tradeoffs import Range, Usd
from llm_tradeoffs.patterns import Cascade, Check


@given(st.data(), worlds(least=2, most=4), st.booleans())
def test_a_cascade_equals_its_probability_tree(data: st.DataObject, world: World, one_for_all: bool) -> None:
    """Cost, quality, both together and how often each stage is reached; with a hopeless share or without."""
    count = len(world.tariffs) - 1
    checks = [data.draw(checkers())] * count if one_for_all else [data.draw(checkers()) for _ in range(count)]
    hopeless = data.draw(hopeless_for(max(world.right)))
    given_checks = check_of(checks[0]) if one_for_all else [check_of(each) for each in checks]
    found = Cascade(*world.models, check=given_checks, hopeless=hopeless).assess(
        world.workload, accuracy=world.accuracy
    )
    outcomes = ladder(world.stages, checks, hopeless)
    cost, right = mean(outcomes)
    assert found.cost_per_request == Range(cost, unit="USD")
    assert found.right_share == Range(right)
    assert found.expected_cost == Range(with_errors(outcomes, world.error_cost), unit="USD")
    assert found.worst_cost == Usd(
        sum((c for c, _ in world.stages), Fraction(0)) + sum((v for v, _, _ in checks), Fraction(0))
    )
    # The bill adds up: every line as often as it is reached.
    assert sum((line.expected.low for line in found.lines if line.expected is not None), Fraction(0)) == cost
    assert [line.model for line in found.lines if line.model] == list(NAMES[: count + 1])


@given(st.data(), worlds(least=2, most=3), checkers())
def test_accuracies_of_what_is_reached_take_the_place_of_the_mean(
    data: st.DataObject, world: World, checker: Checker
) -> None:
    """A later stage may be less often right on what reaches it; the first one is not touched."""
    when_reached = {
        name: data.draw(st.sampled_from([Fraction(0), Fraction(1, 3)])) for name in NAMES[1 : len(world.right)]
    }
    cascade = Cascade(*world.models, check=check_of(checker), accuracy_when_reached=when_reached)
    stages = [
        (cost, right if index == 0 else when_reached[NAMES[index]]) for index, (cost, right) in enumerate(world.stages)
    ]
    cost, right = mean(ladder(stages, [checker] * (len(stages) - 1)))
    found = cascade.assess(world.workload, accuracy=world.accuracy)
    assert (found.cost_per_request, found.right_share) == (Range(cost, unit="USD"), Range(right))


@given(worlds(least=2, most=2), checkers())
def test_a_measured_escalation_rate_needs_no_accuracy(world: World, checker: Checker) -> None:
    """With the rate of the tree stated as such the cost is the same; the quality is not known."""
    usd, false_accept, false_reject = checker
    right = world.right[0]
    rate = (1 - right) * (1 - false_accept) + right * false_reject
    found = Cascade(*world.models, check=Check(usd=Usd(usd), escalation_rate=rate)).assess(world.workload)
    assert found.cost_per_request == Range(mean(ladder(world.stages, [checker]))[0], unit="USD")
    assert found.right_share is None
    assert found.expected_cost is None
    assert any("quality" in unknown.fact for unknown in found.unknowns)
