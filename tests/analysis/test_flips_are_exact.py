"""
Just inside and just outside each flip the recommendation really differs, and between flips it never does.

Every value is put into the question, and the question is asked again with the public ``recommend``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.asking import Asked, choice_of
from llm_tradeoffs import Model
from llm_tradeoffs.analysis._flips import VARIABLES, Flip, Scan
from llm_tradeoffs.recommendation import Caps
from strategies import candidates, card_of, plain_workloads, price_lists, rows_of, tariffs, workloads

CARDS = tariffs(tiers=("standard", "batch"), gaps=True).map(rows_of) | price_lists().map(card_of)
"""Prices by length and tier, or with steps, minimums, fees and a minimum charge."""


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Few models whose facts meet each other, some with prices by length and tier, under every kind of ranking."""
    models: list[Model] = [
        attrs.evolve(model, usd_per_mtok=draw(CARDS)) if draw(st.integers(0, 2)) == 0 else model
        for model in draw(candidates(least=1))
    ]
    work = draw(workloads() | plain_workloads())
    work = work.with_(longest_tokens=None) if draw(st.booleans()) else work
    caps: dict[str, Any] = {}
    if draw(st.integers(0, 3)) == 0:
        caps["cost_per_request"] = draw(st.sampled_from(["0", "0.0005", "0.002", "1"]))
    if work.volume_basis is not None and draw(st.integers(0, 3)) == 0:
        caps["cost_per_month"] = draw(st.sampled_from(["0", "1", "100", "10000"]))
    how: dict[str, Any] = draw(
        st.sampled_from([{}, {}, {"objective": "expected-cost"}, {"objective": "expected-cost"}, {"policy": "article"}])
    )
    return Asked(workload=work, models=models, caps=Caps(**caps), **how)


def scans(asked: Asked, variables: Any) -> Iterator[Scan]:
    case = asked.answer()._case
    for name in variables:
        yield from case.found.of(name)


def inside(scan: Scan, low: Any, high: Any, place: Fraction) -> Any:
    """A value between two places, as a person calls it; of an endless reach one not far from its beginning."""
    if scan.axis.whole:
        return low[0] + int((min(high[0], low[0] + 1000) - low[0]) * place)
    if low[0] == high[0]:
        return scan.axis.shown(low[0])
    end = Fraction(high[0]) if scan.axis.scale else min(Fraction(high[0]), 3 * abs(Fraction(low[0])) + 1000)
    return scan.axis.shown(low[0] + (end - low[0]) * place)


NOT_ASKED = {"in_out_ratio", "escalation_rate"}
"""What cannot be put into a question where it is impossible: no tokens to share out, no cascade."""

PLACES = st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000)


@pytest.mark.parametrize("variable", VARIABLES)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much])
@given(questions(), PLACES)
def test_between_flips_the_answer_never_changes(variable: str, asked: Asked, place: Fraction) -> None:
    """In every cell, at an exact random value, the real answer is the one that the cell says."""
    for scan in scans(asked, [variable]):
        axis = scan.axis
        for low, high, choice in scan.cells:
            value = inside(scan, low, high, place)
            moved = asked.with_(variable, value, axis.model, axis.field)
            assert choice_of(moved.answer()) == choice, (axis, low, high, value)
        if scan.cells:
            assert (scan.cells[0][0], scan.cells[-1][1]) == (axis.start, axis.end)
            assert all(one[1] == other[0] for one, other in pairwise(scan.cells))
        if scan.impossible and variable not in NOT_ASKED and axis.low < axis.high:
            if scan.impossible == "no volume is stated":
                continue
            moved = asked.with_(variable, inside(scan, axis.start, axis.end, place), axis.model, axis.field)
            assert choice_of(moved.answer()) == choice_of(asked.answer()), (axis, scan.impossible)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(questions(), st.sampled_from(VARIABLES))
def test_on_both_sides_of_a_flip_the_answer_differs(asked: Asked, variable: str) -> None:
    """Just before a flip, at it and just beyond it, the real answer is the one that it names, and they differ."""
    for flip in asked.answer().flips(variable):
        assert flip.exact
        assert {flip.before, flip.at, flip.after} - {None, flip.before}
        if flip.direction == "stated":
            continue
        far = 1 if flip.direction == "up" else -1
        whole = flip.variable in {"turns", "longest_tokens"}

        def choice(value: Any, flip: Flip = flip) -> Any:
            return choice_of(asked.with_(variable, value, flip.model, flip.field).answer())

        step: Any = 1 if whole else Fraction(1, 10**9) * min(1, abs(Fraction(flip.value)) or 1)
        assert choice(flip.value) == flip.at
        near = flip.value - far * step
        if flip.value != flip.current and near >= 0:
            assert choice(near) == flip.before
        if flip.after is not None and not whole:
            assert choice(flip.value + far * step) == flip.after


@given(questions(), st.sampled_from(VARIABLES))
def test_what_it_is_now_is_in_its_cell(asked: Asked, variable: str) -> None:
    """The cell that holds the present value has the present answer; the nearest flips begin with it."""
    answer = asked.answer()
    now = choice_of(answer)
    assert answer.flips(variable).choice == now
    for scan in scans(asked, [variable]):
        current = scan.axis.current
        if current is None or not scan.cells:
            continue
        assert [choice for low, high, choice in scan.cells if low <= (current, 0) < high] == [now]
        for direction in ("up", "down"):
            first = [flip for flip in scan.flips if flip.direction == direction][:1]
            assert all(flip.before == now for flip in first)
