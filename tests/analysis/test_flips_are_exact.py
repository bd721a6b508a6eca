"""
Just inside and just outside each flip the recommendation really differs, and between flips it never does.

Every value is put into the question, and the question is asked again with the public ``recommend``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.asking import Asked, choice_of
from llm_tradeoffs import Model
from llm_tradeoffs.analysis._flips import VARIABLES, Cell, Flip, Scan
from llm_tradeoffs.recommendation import Caps
from strategies import candidates, plain_workloads, rows_of, tariffs, workloads

CARDS = tariffs(tiers=("standard", "batch"), gaps=True).map(rows_of)


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


def shown(scan: Scan, value: Any) -> Any:
    """What is varied as a share of the input is asked as a ratio."""
    return Fraction(value) / (1 - value) if scan.axis.variable == "in_out_ratio" else value


def inside(cell: Cell, place: Fraction) -> Any:
    """A value of a cell; of an endless one not far from its beginning."""
    if cell.low == cell.high:
        return cell.low
    high = min(Fraction(cell.high), 3 * Fraction(cell.low) + 1000)
    return cell.low + (high - cell.low) * place


PLACES = st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=1000)


@pytest.mark.parametrize("variable", VARIABLES)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much])
@given(questions(), PLACES)
def test_between_flips_the_answer_never_changes(variable: str, asked: Asked, place: Fraction) -> None:
    """In every cell, at an exact random value, the real answer is the one that the cell says."""
    for scan in scans(asked, [variable]):
        for cell in scan.cells:
            value = shown(scan, inside(cell, place))
            moved = asked.with_(variable, value, scan.axis.model, scan.axis.field)
            assert choice_of(moved.answer()) == cell.choice, (scan.axis, cell, value)
        if scan.cells:
            assert scan.cells[0].low == scan.axis.low
            assert scan.cells[-1].high == scan.axis.high
        if scan.impossible:
            base = choice_of(asked.answer())
            span = Cell(scan.axis.low, scan.axis.high, base)
            if (
                variable != "in_out_ratio"
                and scan.axis.low < scan.axis.high
                and scan.impossible != "no volume is stated"
            ):
                moved = asked.with_(variable, inside(span, place), scan.axis.model, scan.axis.field)
                assert choice_of(moved.answer()) == base, (scan.axis, scan.impossible)


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

        def choice(value: Any, flip: Flip = flip) -> Any:
            return choice_of(asked.with_(variable, value, flip.model, flip.field).answer())

        step = Fraction(1, 10**9)
        assert choice(flip.value) == flip.at
        if flip.value != flip.current:
            assert choice(flip.value - far * step) == flip.before
        if flip.after is not None:
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
        held = [cell for cell in scan.cells if cell.low < current < cell.high or cell.low == current == cell.high]
        assert [cell.choice for cell in held] == [now]
        for direction in ("up", "down"):
            first = [flip for flip in scan.flips if flip.direction == direction][:1]
            assert all(flip.before == now for flip in first)
