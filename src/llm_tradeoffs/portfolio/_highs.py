"""
HiGHS, the solver, by way of its own package ``highspy``.

What it says is a place to start from: it computes with floats, within tolerances. Nothing that it returns
reaches an answer before it was computed again and held against the exact conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from llm_tradeoffs.portfolio._simplex import Column

__all__ = ["installed", "likely_basis", "likely_plan"]


def installed() -> bool:
    """Whether the extra is installed."""
    return find_spec("highspy") is not None


def likely_basis(
    columns: Sequence[Column], costs: Sequence[Fraction], equal: Sequence[Fraction], at_most: Sequence[Fraction]
) -> tuple[int, ...]:
    """
    The columns of the corner that the solver believes optimal; a row's slack follows the variables.

    The first rows have to be equal to their right-hand sides, the others at most theirs. The corner may
    turn out to be none: the caller has to check.
    """
    highs, solver = _run(columns, costs, equal, at_most, whole=False)
    found = solver.getBasis()
    basic = highs.HighsBasisStatus.kBasic
    variables = [k for k, status in enumerate(found.col_status) if status == basic]
    slacks = [len(columns) + row for row, status in enumerate(list(found.row_status)[len(equal) :]) if status == basic]
    return (*variables, *slacks)


def likely_plan(
    columns: Sequence[Column], costs: Sequence[Fraction], equal: Sequence[Fraction], at_most: Sequence[Fraction]
) -> tuple[int, ...]:
    """The variables that the solver would set to 1 where each is 0 or 1; none if it found nothing."""
    _, solver = _run(columns, costs, equal, at_most, whole=True)
    return tuple(k for k, value in enumerate(solver.getSolution().col_value) if value > 0.5)


def _run(
    columns: Sequence[Column],
    costs: Sequence[Fraction],
    equal: Sequence[Fraction],
    at_most: Sequence[Fraction],
    *,
    whole: bool,
) -> tuple[Any, Any]:
    highs: Any = import_module("highspy")
    model = highs.HighsLp()
    # Rows of dollars beside rows of millions are brought to one size: tolerances are absolute.
    sizes = [Fraction(1)] * len(equal) + [
        max((abs(column[row]) for column in columns if row in column), default=Fraction(1))
        for row in range(len(equal), len(equal) + len(at_most))
    ]
    most = max((abs(cost) for cost in costs), default=Fraction(0)) or Fraction(1)
    limits = [float(limit / size) for limit, size in zip((*equal, *at_most), sizes, strict=True)]
    model.num_col_, model.num_row_ = len(columns), len(limits)
    model.col_cost_ = [float(cost / most) for cost in costs]
    model.col_lower_, model.col_upper_ = [0.0] * len(columns), [1.0 if whole else highs.kHighsInf] * len(columns)
    model.row_lower_ = limits[: len(equal)] + [-highs.kHighsInf] * len(at_most)
    model.row_upper_ = limits
    starts, rows, values = [0], list[int](), list[float]()
    for column in columns:
        rows.extend(column)
        values.extend(float(entry / sizes[row]) for row, entry in column.items())
        starts.append(len(rows))
    model.a_matrix_.format_ = highs.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, rows, values
    if whole:
        model.integrality_ = [highs.HighsVarType.kInteger] * len(columns)
    solver = highs.Highs()
    for option, value in _OPTIONS.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.run()
    return highs, solver


_OPTIONS: Final = {
    "output_flag": False,
    "parallel": "off",
    "mip_rel_gap": 0.0,
    # Nodes, not seconds: the same question gets the same answer on a slow machine.
    "mip_max_nodes": 20_000,
}
