"""What follows from ranges holds all that follows from any values in them; and no more, where nothing is hopeless."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from every_pattern import KINDS, PROBABILITIES, TALKS, fraction_in, inside, pattern_of, whole_numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import NAMES, World, worlds

from llm_tradeoffs import Range
from llm_tradeoffs.patterns import Cascade, Check, Pattern, PatternAssessment
from oracle import Tariff
from strategies import ranges, shares

FIGURES = ("cost_per_request", "right_share", "expected_cost", "cost_per_right_answer")
WITHIN = ("acme/one", "acme/two")


def answer(pattern: Pattern, work: Any, right: dict[str, Any]) -> PatternAssessment:
    """The assessment, with accuracies for those that take part."""
    stated = {each.id: right[each.id] for each in pattern.members}  # type: ignore[union-attr]  # models
    return pattern.assess(work, accuracy=stated)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=settings().max_examples // 2)  # of each kind
@given(data=st.data(), world=worlds(least=2, most=2), numbers=whole_numbers())
def test_intervals_contain_every_point(kind: str, data: st.DataObject, world: World, numbers: dict[str, Any]) -> None:
    """For every pattern, every figure, every probability in the ranges that were stated."""
    scale = data.draw(
        st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3, 4)])
    )  # less than all leaves room for the hopeless
    right = {name: data.draw(ranges(low=0, high=1)) * scale for name in WITHIN}
    drawn = {name: data.draw(ranges(low=0, high=1)) for name in PROBABILITIES[kind] if name != "hopeless"}
    room = 1 - max(each.high for each in right.values())
    hopeless = data.draw(ranges(low=0, high=1))
    drawn["hopeless"] = Range(hopeless.low * room, hopeless.high * room)
    points = {name: fraction_in(each, data.draw(shares())) for name, each in drawn.items()}
    right_points = {name: fraction_in(each, data.draw(shares())) for name, each in right.items()}
    work = world.workload.with_(turns=4) if kind in TALKS else world.workload
    whole = answer(pattern_of(kind, *world.models, {**numbers, **drawn}), work, right)
    point = answer(pattern_of(kind, *world.models, {**numbers, **points}), work, right_points)
    for name in FIGURES:
        outer, inner = getattr(whole, name), getattr(point, name)
        # A right answer costs without end where none may be right; and where nothing waits, no batch price is needed.
        may_be_unknown = name == "cost_per_right_answer" or kind == "batch"
        assert inside(inner, outer) or (outer is None and may_be_unknown)
    for one, other in zip(point.lines, whole.lines, strict=False):
        if one.label == other.label:
            assert inside(one.times, other.times)


ASK_AGAIN = ("cascade", "retries", "best of n", "majority")


@pytest.mark.parametrize("kind", ASK_AGAIN)
@pytest.mark.parametrize("n", [2, 3])
def test_hopeless_shares_at_both_ends(kind: str, n: int) -> None:
    """A hopeless share that is a range works both ways: it costs more, and it helps less."""
    tariff: Tariff = {(meter, "standard", None): Fraction(1) for meter in ("input_tokens", "output_tokens")}
    world = World((tariff, tariff), (Fraction(0),) * 2, 100, 50, Fraction(1))
    numbers: dict[str, Any] = {"n": n, "false_accept": "0.1", "false_reject": "0.1", "picks_right": "0.9"}
    wide = {"hopeless": Range("0.1", "0.4")}
    right = {name: Range("0.3", "0.6") for name in WITHIN}
    whole = answer(pattern_of(kind, *world.models, {**numbers, **wide}), world.workload, right)
    for hopeless, accuracy in product(("0.1", "0.25", "0.4"), ("0.3", "0.45", "0.6")):
        pattern = pattern_of(kind, *world.models, {**numbers, "hopeless": hopeless})
        point = answer(pattern, world.workload, dict.fromkeys(WITHIN, accuracy))
        for name in FIGURES:
            assert inside(getattr(point, name), getattr(whole, name)), (name, hopeless, accuracy)


@given(st.data(), worlds(least=2, most=2))
def test_the_ends_of_a_cascade_are_reached(data: st.DataObject, world: World) -> None:
    """Without a hopeless share every end is the value at some corner: nothing is wider than it must be."""
    stated = [data.draw(ranges(low=0, high=1)) for _ in range(4)]
    ends = [sorted({each.low, each.high}) for each in stated]

    def found(values: tuple[Any, ...]) -> PatternAssessment:
        check = Check(usd="0.001", false_accept=values[2], false_reject=values[3])
        accuracy = dict(zip(NAMES, values[:2], strict=False))
        return Cascade(*world.models, check=check).assess(world.workload, accuracy=accuracy)

    whole = found(tuple(stated))
    corners = [found(values) for values in product(*ends)]
    for name in ("cost_per_request", "right_share", "expected_cost"):
        values = [getattr(each, name) for each in corners]
        assert getattr(whole, name) == Range(
            min(each.low for each in values), max(each.high for each in values), values[0].unit
        )
