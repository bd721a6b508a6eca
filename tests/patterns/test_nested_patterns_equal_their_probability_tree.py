"""A pattern in the place of a model: every outcome of the inner one goes into every outcome of the outer one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trees import Checker, Outcome, ladder, mean, samples, vote, with_errors
from worlds import NAMES, World, check_of, checkers, worlds

from llm_tradeoffs import InvalidTypeError, InvalidValueError, Range, UnknownNameError, Workload
from llm_tradeoffs.patterns import (
    BestOfN,
    Cascade,
    Check,
    DraftThenReview,
    Judge,
    Pattern,
    PatternAssessment,
    Retries,
    SelfConsistency,
    Single,
    compare,
)

QUICKLY = settings(max_examples=25)
"""Trees in trees are slow, and what they are made of has laws of its own."""


def asked(stages: Sequence[Sequence[Outcome]], checks: Sequence[Checker]) -> Iterator[Outcome]:
    """Stage after stage until a check accepts, where each stage is itself a tree of outcomes."""
    for chance, paid, is_right in stages[0]:
        if not checks:
            yield chance, paid, is_right
            continue
        fee, false_accept, false_reject = checks[0]
        accepted = 1 - false_reject if is_right else false_accept
        yield chance * accepted, paid + fee, is_right
        for probability, later, outcome in asked(stages[1:], checks[1:]):
            yield chance * (1 - accepted) * probability, paid + fee + later, outcome


def single(world: World, which: int = 0) -> list[Outcome]:
    """One model, asked once."""
    cost, right = world.stages[which]
    return [(right, cost, True), (1 - right, cost, False)]


def agrees(found: PatternAssessment, outcomes: Sequence[Outcome], world: World) -> None:
    """Cost, quality and both together are those of the tree, and the lines of the bill add up."""
    cost, right = mean(outcomes)
    assert found.cost_per_request == Range(cost, unit="USD")
    assert found.right_share == Range(right)
    assert found.expected_cost == Range(with_errors(outcomes, world.error_cost), unit="USD")
    assert sum((line.expected.low for line in found.lines if line.expected is not None), Fraction(0)) == cost
    possible = [paid for chance, paid, _ in outcomes if chance]
    assert found.least_cost is not None
    assert found.worst_cost is not None
    assert found.least_cost.as_fraction() <= min(possible)
    assert max(possible) <= found.worst_cost.as_fraction()


@QUICKLY
@given(worlds(least=2, most=2), checkers(), checkers(), st.integers(1, 3))
def test_a_cascade_whose_stage_is_a_retry(world: World, inner: Checker, outer: Checker, times: int) -> None:
    """Tried again a few times, checked, and then handed on."""
    one, two = world.models
    retries = Retries(one, times=times, check=check_of(inner))
    cascade = Cascade(retries, two, check=check_of(outer))
    found = cascade.assess(world.workload, accuracy=world.accuracy)
    tries = ladder([world.stages[0]] * times, [inner] * (times - 1))
    agrees(found, list(asked([tries, single(world, 1)], [outer])), world)
    assert found.models == NAMES[:2]
    assert cascade.label == f"({retries.label}) → acme/two"


@QUICKLY
@given(worlds(least=2, most=2), checkers(), checkers(), st.integers(1, 3))
def test_a_retry_of_a_cascade(world: World, inner: Checker, outer: Checker, times: int) -> None:
    """The whole cascade again, where a check rejects what came out of it."""
    cascade = Cascade(*world.models, check=check_of(inner))
    found = Retries(cascade, times=times, check=check_of(outer)).assess(world.workload, accuracy=world.accuracy)
    once = ladder(world.stages, [inner])
    agrees(found, list(asked([once] * times, [outer] * (times - 1))), world)


@QUICKLY
@given(worlds(least=2, most=2), st.integers(1, 3), st.sampled_from([Fraction(1, 3), Fraction(1)]))
def test_a_review_of_a_best_of_n(world: World, n: int, picks: Fraction) -> None:
    """Several drafts, the best is picked, and another model reviews that one."""
    fixes, breaks = Fraction(1, 4), Fraction(1, 10)
    one, two = world.models
    best = BestOfN(one, n=n, judge=Judge(usd="0.001", picks_right=picks))
    review = DraftThenReview(best, two, fixes=fixes, breaks=breaks)
    found = review.assess(world.workload, accuracy=world.accuracy)
    alone = DraftThenReview(one, two, fixes=fixes, breaks=breaks).assess(world.workload, accuracy=world.accuracy)
    fee = alone.lines[1].cost
    assert fee is not None
    outcomes: list[Outcome] = []
    for chance, answers in samples(world.right[0], n, Fraction(0)):
        paid = n * world.stages[0][0] + (Fraction("0.001") if n > 1 else 0) + fee.as_fraction()
        picked = (picks if n > 1 else Fraction(1)) if any(answers) else Fraction(0)
        right = picked * (1 - breaks) + (1 - picked) * fixes
        outcomes += [(chance * right, paid, True), (chance * (1 - right), paid, False)]
    agrees(found, outcomes, world)


@QUICKLY
@given(worlds(least=2, most=2), checkers(), st.integers(1, 3), st.booleans())
def test_a_majority_of_cascades(world: World, checker: Checker, n: int, agree: bool) -> None:
    """Every vote is a cascade of its own."""
    cascade = Cascade(*world.models, check=check_of(checker))
    majority = SelfConsistency(cascade, n=n, wrong_answers="agree" if agree else "scatter")
    found = majority.assess(world.workload, accuracy=world.accuracy)
    cost, right = mean(ladder(world.stages, [checker]))
    assert found.cost_per_request == Range(n * cost, unit="USD")
    votes = sum(
        (chance * vote(answers, agree=agree) for chance, answers in samples(right, n, Fraction(0))), Fraction(0)
    )
    assert found.right_share == Range(votes)


@QUICKLY
@given(worlds(least=2, most=2), checkers(), checkers())
def test_a_single_model_as_a_pattern_is_the_model(world: World, inner: Checker, outer: Checker) -> None:
    """Wrapping a model changes its label and nothing else."""
    one, two = world.models
    checks = [check_of(inner), check_of(outer)]
    plainly = Cascade(one, two, one, check=checks).assess(world.workload, accuracy=world.accuracy)
    wrapped = Cascade(Single(one), two, Single(one), check=checks).assess(world.workload, accuracy=world.accuracy)
    for name in ("cost_per_request", "right_share", "expected_cost", "least_cost", "worst_cost", "models", "fits"):
        assert getattr(wrapped, name) == getattr(plainly, name)


@QUICKLY
@given(worlds(least=2, most=2), checkers(), checkers(), st.data())
def test_ranges_of_the_inner_pattern_hold_every_value(
    world: World, inner: Checker, outer: Checker, data: st.DataObject
) -> None:
    """With accuracies that are ranges, what any point within them gives lies inside."""
    one, two = world.models
    wide = {name: Range(right * Fraction(1, 2), right) for name, right in zip(NAMES, world.right, strict=False)}
    points = {name: Range(data.draw(st.sampled_from([r.low, r.high, r.midpoint]))) for name, r in wide.items()}
    cascade = Cascade(Retries(one, times=2, check=check_of(inner)), two, check=check_of(outer))
    whole = cascade.assess(world.workload, accuracy=wide)
    point = cascade.assess(world.workload, accuracy=points)
    for name in ("cost_per_request", "right_share", "expected_cost"):
        assert getattr(point, name) in getattr(whole, name)


WORK = Workload(input_tokens=1_000, output_tokens=200, task="math", error_cost="0.05", requests_per_month=100_000)
FREE = Check(usd=0, false_accept="0.05", false_reject="0.1", time="50 ms")
TRIES = Retries("gpt-4.1-mini", times=3, check=FREE)


def test_ranges_that_are_taken_apart_are_said_to_be() -> None:
    """Where cost and accuracy of an inner pattern are ranges of the same fact, the answer owns up to it."""
    said = "gpt-4.1-mini, up to 3 tries: the ranges of its cost and of its accuracy are taken apart"
    cascade = Cascade(TRIES, "claude-haiku-4.5", check=FREE)
    wide = cascade.assess(WORK, accuracy={"gpt-4.1-mini": "70-80 %"})
    assert any(note.startswith(said) for note in wide.assumptions)
    assert not any(note.startswith(said) for note in cascade.assess(WORK).assumptions)


def test_nested_and_single_in_one_table() -> None:
    """All of them on the bundled catalog, with the time of what is known."""
    nested = Cascade(TRIES, "claude-haiku-4.5", check=FREE)
    found = compare(nested, TRIES, "gpt-4.1-mini", "claude-haiku-4.5", workload=WORK)
    assert found[nested.label].response_time is not None
    assert found[nested.label].fits
    lines = [line.label for line in found[nested.label].lines]
    assert lines[0] == "gpt-4.1-mini, up to 3 tries: gpt-4.1-mini, try 1"
    assert "claude-haiku-4.5" in lines
    assert nested.label in str(found)


def test_several_nested_answers_at_once_have_no_known_time() -> None:
    """The slowest of several that go their own ways is not the mean of one; the longest path is known."""
    found = SelfConsistency(TRIES, n=3).assess(WORK)
    assert found.response_time is None
    assert found.worst_response_time is not None
    assert any("the slowest of several times through" in each.fact for each in found.unknowns)


def test_what_is_unknown_inside_is_unknown_outside() -> None:
    """A missing accuracy stays missing, and is named once."""
    found = Cascade(Retries("acme/one", times=2), "claude-haiku-4.5", check=FREE)
    with pytest.raises(UnknownNameError, match="acme/one"):
        found.assess(WORK)
    judged = BestOfN("gpt-4.1-mini", n=3, judge=Judge(usd=0))
    review = DraftThenReview(judged, "claude-haiku-4.5", fixes="0.5", breaks="0.1").assess(WORK)
    assert review.right_share is None
    assert review.cost_per_request is not None
    assert any("picks_right" in each.fact for each in review.unknowns)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Cascade(TRIES, "claude-haiku-4.5", check=FREE, hopeless="0.05"),
        lambda: Retries(TRIES, times=2, hopeless="0.05"),
    ],
)
def test_a_hopeless_share_over_a_pattern_is_refused(make: object) -> None:
    """Its mean cost does not say what a hopeless request costs."""
    assert callable(make)
    with pytest.raises(InvalidValueError, match=r"up to 3 tries' is a pattern.*State hopeless in that pattern"):
        make()


def test_what_is_no_stage() -> None:
    """Neither a model nor a pattern; an accuracy of a pattern; the break-even of one."""
    with pytest.raises(InvalidTypeError, match="expected the name of a model"):
        Cascade(3, "claude-haiku-4.5", check=FREE)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="drafter is None"):
        DraftThenReview(None, "claude-haiku-4.5")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="reviewer is"):
        DraftThenReview("claude-haiku-4.5", TRIES)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="later stage"):
        Cascade("claude-haiku-4.5", TRIES, check=FREE, accuracy_when_reached={TRIES.label: "0.5"})
    with pytest.raises(InvalidValueError, match="has a pattern as a stage"):
        Cascade(TRIES, "claude-haiku-4.5", check=FREE).escalation_break_even(WORK)


def test_a_nested_pattern_is_a_value() -> None:
    """Equal fields make equal patterns, and the text of one can be pasted back."""
    nested: Pattern = Cascade(TRIES, "claude-haiku-4.5", check=FREE)
    names = {"Cascade": Cascade, "Retries": Retries, "Check": Check, "Range": Range, "Usd": type(FREE.usd)}
    assert eval(repr(nested), names) == nested
    assert hash(nested) == hash(Cascade(TRIES, "claude-haiku-4.5", check=FREE))
