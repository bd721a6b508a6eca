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

__all__ = ["installed", "likely_basis", "likely_plan", "likely_prices"]


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


def likely_prices(
    columns: Sequence[Column], costs: Sequence[Fraction], equal: Sequence[Fraction], at_most: Sequence[Fraction]
) -> tuple[list[float], list[float], list[float]] | None:
    """
    What the solver believes of a program: the value of each variable, and the price of each row of the two kinds.

    A unit more of an equal row costs its price, and a unit more of the others saves theirs. None if the solver
    believes that there is no solution.
    """
    highs, solver = _run(columns, costs, equal, at_most, whole=False)
    if solver.getModelStatus() != highs.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    most = float(_most(costs))
    duals = [dual * most for dual in solution.row_dual]
    sizes = _sizes(columns, len(equal), len(at_most))
    prices = [max(0.0, -dual / float(size)) for dual, size in zip(duals, sizes, strict=True)]
    return list(solution.col_value), duals[: len(equal)], prices[len(equal) :]


def _most(costs: Sequence[Fraction]) -> Fraction:
    return max((abs(cost) for cost in costs), default=Fraction(0)) or Fraction(1)


def _sizes(columns: Sequence[Column], equal: int, at_most: int) -> list[Fraction]:
    """Rows of dollars beside rows of millions are brought to one size: tolerances are absolute."""
    sizes = [Fraction(0)] * (equal + at_most)
    for column in columns:
        for row, entry in column.items():
            if row >= equal:
                sizes[row] = max(sizes[row], abs(entry))
    return [size or Fraction(1) for size in sizes]


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
    sizes, most = _sizes(columns, len(equal), len(at_most)), _most(costs)
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
