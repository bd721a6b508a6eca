"""What a limit costs, what the next plan would be, and which limits cannot hold together. All of it exact."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm
from typing import Final, Literal, TypeAlias, TypeVar

import attrs

from llm_tradeoffs.portfolio._problem import BUDGET, Limit, Problem
from llm_tradeoffs.portfolio._search import Found, Shares, relax, search
from llm_tradeoffs.portfolio._simplex import LinearProgram, Vertex

__all__ = [
    "VENDORS",
    "CurvePoint",
    "LimitPrice",
    "Step",
    "StepKind",
    "conflicts",
    "curve",
    "least_of",
    "prices",
    "steps",
    "without",
]

VENDORS: Final = "vendors"
_ZERO: Final = Fraction(0)
_ONE: Final = Fraction(1)
_T = TypeVar("_T")


# What a limit costs, where workloads may be shared out.


@attrs.frozen(kw_only=True)
class LimitPrice:
    """
    What one more unit of a limit saves.

    Attributes:
        limit: The limit.
        saves: For each unit more, from the limit on. [USD per unit]
        until: The limit up to which that holds.
    """

    limit: Limit
    saves: Fraction
    until: Fraction


def prices(problem: Problem, found: Found) -> Iterator[LimitPrice]:
    """
    The limits that save something where they are a little larger.

    Where the number of vendors is limited, they are taken to stay those of the plan.
    """
    vendors = {offer.vendor for offer in problem.offers}
    if problem.max_vendors is not None and problem.max_vendors < len(vendors):
        vendors = {problem.offers[k].vendor for k in found.shares}
    relaxed = relax(problem, tuple(k for k, offer in enumerate(problem.offers) if offer.vendor in vendors))
    assert relaxed is not None  # the plan is one
    first_row = len(relaxed.program.rhs) - len(relaxed.limits)
    costs = tuple((cost[0],) for cost in relaxed.program.costs)
    for at, limit in enumerate(relaxed.limits):
        program = attrs.evolve(relaxed.program, costs=costs)
        vertex, slope = _moved(program, relaxed.vertex.basis, first_row + at, _ZERO)
        saves = -slope
        if not saves:
            continue
        grown = _ZERO
        while slope == -saves:
            # Shares add up to 1, so nothing saves for ever: some value falls, and reaches zero.
            grown += min(-value[0] / value[1] for value in vertex.values.values() if value[1] < 0)
            vertex, slope = _moved(program, vertex.basis, first_row + at, grown)
        yield LimitPrice(limit=limit, saves=saves, until=limit.at_most + grown)


def _moved(program: LinearProgram, basis: tuple[int, ...], row: int, grown: Fraction) -> tuple[Vertex, Fraction]:
    """The optimum where the right-hand side of *row* has *grown*, and how fast it changes from there on."""
    rhs = tuple((value + grown, _ONE) if at == row else (value, _ZERO) for at, (value,) in enumerate(program.rhs))
    moved = attrs.evolve(program, rhs=rhs)
    vertex = moved.solve(basis)
    assert vertex is not None  # a larger limit forbids nothing
    return vertex, sum((program.costs[k][0] * value[1] for k, value in vertex.values.items()), _ZERO)


# What the budget buys.


@attrs.frozen(kw_only=True)
class CurvePoint:
    """
    The best plan from a budget on.

    Attributes:
        budget: The smallest budget with which there is this plan: what it costs. [USD]
        shares: The share of each chosen offer.
        least: What it costs in what was to be least. [USD]
        saves: What a dollar more saves from here on, where workloads may be shared out; 0 for the last one.
        proved: Whether it is certainly the best.
    """

    budget: Fraction
    shares: dict[int, Fraction]
    least: Fraction
    saves: Fraction | None
    proved: bool


def curve(problem: Problem) -> Iterator[CurvePoint]:
    """
    The best plans from the smallest budget up to the one from which more money buys nothing.

    Whole assignments: every plan that is the best for some budget. Shares: the corners of the line between them.
    Where the number of vendors is limited, the vendors of shares are taken to stay those of the plan without a budget.
    """
    cash = tuple(offer.cash for offer in problem.offers)
    first = tuple(cost[0] for cost in problem.costs)
    free = problem.without_limits(BUDGET)
    if not problem.splits:
        yield from _whole_curve(free, cash, first)
        return
    vendors = {offer.vendor for offer in free.offers}
    if free.max_vendors is not None and free.max_vendors < len(vendors):
        vendors = {free.offers[k].vendor for k in search(free).shares}
    among = tuple(k for k, offer in enumerate(free.offers) if offer.vendor in vendors)
    least = relax(free.with_costs(cash, first), among)
    if least is None:
        return
    budget = _spent(cash, least.shares)
    relaxed = relax(free.with_limit(Limit(id=BUDGET, what="", kind="budget", weights=cash, at_most=budget)), among)
    assert relaxed is not None  # the least costly plan is one
    rows = [at for at, limit in enumerate(relaxed.limits) if limit.id == BUDGET]
    if not rows:  # every plan costs the same
        shares = relaxed.shares
        yield CurvePoint(budget=budget, shares=shares, least=_spent(first, shares), saves=_ZERO, proved=True)
        return
    row = len(relaxed.program.rhs) - len(relaxed.limits) + rows[0]
    program = attrs.evolve(relaxed.program, costs=tuple((cost[0],) for cost in relaxed.program.costs))
    grown, basis, before = _ZERO, relaxed.vertex.basis, None
    while True:
        vertex, slope = _moved(program, basis, row, grown)
        basis = vertex.basis
        if slope != before:
            values = {among[k]: value[0] for k, value in vertex.values.items() if k < len(among)}
            shares = {k: share for k, share in sorted(values.items()) if share}
            yield CurvePoint(
                budget=budget + grown, shares=shares, least=_spent(first, shares), saves=-slope, proved=True
            )
        if not slope:
            return
        before = slope
        # Shares add up to 1, so nothing saves for ever: some value falls, and reaches zero.
        grown += min(-value[0] / value[1] for value in vertex.values.values() if value[1] < 0)


def _whole_curve(free: Problem, cash: tuple[Fraction, ...], first: tuple[Fraction, ...]) -> Iterator[CurvePoint]:
    cheapest = free.with_costs(cash, first)
    found = search(cheapest)
    while found.shares:
        least = _of(first, found)
        proved = found.status == "optimal"
        yield CurvePoint(budget=_of(cash, found), shares=dict(found.shares), least=least, saves=None, proved=proved)
        better = Limit(id="better", what="", kind="budget", weights=first, at_most=least - _grain(first))
        found = search(cheapest.with_limit(better))


def _spent(weights: tuple[Fraction, ...], shares: Shares) -> Fraction:
    return sum((weights[k] * share for k, share in shares.items()), _ZERO)


# The next plan.

StepKind: TypeAlias = Literal["no budget", "more", "less", "without"]


@attrs.frozen(kw_only=True)
class Step:
    """
    The best plan where one thing is different.

    Attributes:
        kind: ``no budget``, ``more``, ``less`` or ``without``.
        problem: The question that is different.
        found: The plan.
        workload, model: For ``without``: the model that is not used for the workload.
    """

    kind: StepKind
    problem: Problem
    found: Found
    workload: str | None = None
    model: str | None = None


def steps(problem: Problem, found: Found) -> Iterator[Step]:
    """The best plans without a budget, with the next larger and smaller one that matter, and without each choice."""
    cash = tuple(offer.cash for offer in problem.offers)
    first = tuple(cost[0] for cost in problem.costs)

    def step(kind: StepKind, other: Problem, workload: str | None = None, model: str | None = None) -> Step:
        return Step(kind=kind, problem=other, found=search(other), workload=workload, model=model)

    if problem.limit(BUDGET) is not None:
        free = problem.without_limits(BUDGET)
        yield step("no budget", free)
        if not problem.splits:  # with shares, every cent more or less makes another plan
            better = Limit(
                id="better", what="", kind="budget", weights=first, at_most=_of(first, found) - _grain(first)
            )
            yield step("more", free.with_limit(better).with_costs(cash, first))
    if not problem.splits:
        less = Limit(id=BUDGET, what="", kind="budget", weights=cash, at_most=_of(cash, found) - _grain(cash))
        yield step("less", problem.with_limit(less))
    for workload in problem.workloads:
        chosen = [k for k in found.shares if problem.offers[k].workload == workload]
        main = max(chosen, key=lambda k: (found.shares[k], -k))
        yield step("without", _without_offer(problem, main), workload, problem.offers[main].model)


def _of(weights: tuple[Fraction, ...], found: Found) -> Fraction:
    return _spent(weights, found.shares)


def _grain(weights: tuple[Fraction, ...]) -> Fraction:
    """Sums of some of these that are not equal differ by at least this."""
    return Fraction(1, lcm(*(weight.denominator for weight in weights)))


def _without_offer(problem: Problem, unwanted: int) -> Problem:
    def rest(values: tuple[_T, ...]) -> tuple[_T, ...]:
        return values[:unwanted] + values[unwanted + 1 :]

    return attrs.evolve(
        problem,
        offers=rest(problem.offers),
        costs=rest(problem.costs),
        limits=tuple(attrs.evolve(limit, weights=rest(limit.weights)) for limit in problem.limits),
    )


# Limits that cannot hold together.


def conflicts(problem: Problem) -> Iterator[tuple[str, ...]]:
    """
    Sets of limits that cannot hold together, of each of which none can be left out; no limit is in two of them.

    Each limit is left out in turn, and stays out if the rest cannot hold either. What is left is one such set;
    without it the next is looked for. A set that shares a limit with one before is not found.
    """
    while search(problem).status == "infeasible":
        names = [limit.id for limit in problem.limits]
        if problem.max_vendors is not None:
            names.append(VENDORS)
        needed, rest = list(names), problem
        for name in names:
            fewer = without(rest, name)
            if search(fewer).status == "infeasible":
                rest = fewer
                needed.remove(name)
        if not needed:
            return  # a workload has no offer at all: no limit is to blame
        yield tuple(needed)
        problem = without(problem, *needed)


def without(problem: Problem, *names: str) -> Problem:
    """The same without these limits, that on the number of vendors among them."""
    return attrs.evolve(problem.without_limits(*names), max_vendors=None if VENDORS in names else problem.max_vendors)


def least_of(problem: Problem, name: str) -> Fraction | None:
    """The smallest limit that would do while all others stay as they are; None if none would."""
    if name == VENDORS:
        if not search(without(problem, VENDORS)).shares:
            return None
        at_least = 1 + (problem.max_vendors or 0)
        most = len({offer.vendor for offer in problem.offers})
        counts = range(at_least, most + 1)
        return next((Fraction(k) for k in counts if search(attrs.evolve(problem, max_vendors=k)).shares), None)
    limit = problem.limit(name)
    assert limit is not None  # one of a conflict, or the budget
    first = tuple(cost[0] for cost in problem.costs)
    found = search(problem.without_limits(name).with_costs(limit.weights, first))
    return _of(limit.weights, found) if found.status == "optimal" else None
