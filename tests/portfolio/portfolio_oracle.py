"""
Plans by brute force: every assignment, every corner, every set of vendors. Slow, and independent of the code.

Nothing here is taken from the library but the values that state a problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product

from hypothesis import strategies as st

from llm_tradeoffs.portfolio._problem import BUDGET, QUALITY, Limit, Offer, Problem

__all__ = ["best_by_hand", "corners", "plans", "problems", "solved"]

Shares = Mapping[int, Fraction]


def solved(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction] | None:
    """The one x with ``matrix · x = right``, by Gauss; None if there is none or more than one."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = next((row for row in range(at, size) if rows[row][at]), None)
        if pivot is None:
            return None
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [entry / rows[at][at] for entry in rows[at]]
        for row in range(size):
            if row != at and rows[row][at]:
                factor = rows[row][at]
                rows[row] = [mine - factor * theirs for mine, theirs in zip(rows[row], rows[at], strict=True)]
    return [row[size] for row in rows]


def corners(columns: Sequence[Mapping[int, Fraction]], rhs: Sequence[Fraction]) -> Iterator[dict[int, Fraction]]:
    """Every x ≥ 0 with ``columns · x = rhs`` that is a corner."""
    for basis in combinations(range(len(columns)), len(rhs)):
        matrix = [[columns[k].get(row, Fraction(0)) for k in basis] for row in range(len(rhs))]
        values = solved(matrix, rhs)
        if values is not None and min(values) >= 0:
            yield {k: value for k, value in zip(basis, values, strict=True) if value}


def plans(problem: Problem) -> Iterator[Shares]:
    """Every whole plan within the limits; with splits every corner of what the limits allow."""
    groups = [[k for k, offer in enumerate(problem.offers) if offer.workload == name] for name in problem.workloads]
    vendors = sorted({offer.vendor for offer in problem.offers})
    most = len(vendors) if problem.max_vendors is None else min(problem.max_vendors, len(vendors))
    if not problem.splits:
        for chosen in product(*groups):
            shares = dict.fromkeys(chosen, Fraction(1))
            within = all(limit.of(shares.items()) <= limit.at_most for limit in problem.limits)
            if within and len({problem.offers[k].vendor for k in chosen}) <= most:
                yield shares
        return
    if not all(groups):
        return
    for allowed in combinations(vendors, most):
        offers = [k for k, offer in enumerate(problem.offers) if offer.vendor in allowed]
        first = len(groups)
        columns = [
            {row: Fraction(1) for row, group in enumerate(groups) if k in group}
            | {first + at: limit.weights[k] for at, limit in enumerate(problem.limits)}
            for k in offers
        ]
        slacks = [{first + at: Fraction(1)} for at in range(len(problem.limits))]
        rhs = [Fraction(1)] * first + [limit.at_most for limit in problem.limits]
        for values in corners([*columns, *slacks], rhs):
            yield {offers[k]: value for k, value in values.items() if k < len(offers)}


def best_by_hand(problem: Problem) -> tuple[tuple[Fraction, ...], Shares] | None:
    """The first of all plans in the stated order: costs, then large shares for what comes first by name."""

    def key(shares: Shares) -> tuple[Fraction, ...]:
        costs = [
            sum((problem.costs[k][part] * share for k, share in shares.items()), Fraction(0))
            for part in range(len(problem.costs[0]))
        ]
        return (*costs, *(-shares.get(k, Fraction(0)) for k in range(len(problem.offers))))

    found = [(key(shares), sorted(shares.items())) for shares in plans(problem)]
    if not found:
        return None
    best, shares = min(found)
    return best, dict(shares)


@st.composite
def problems(draw: st.DrawFn, *, splits: bool | None = None, most_workloads: int = 3, most_models: int = 3) -> Problem:
    """
    Small problems with few different numbers, so that plans tie, limits just hold, and models are alike.

    Leaves out more limits than brute force can bear.
    """
    few = st.sampled_from([Fraction(n, d) for n in range(5) for d in (1, 2, 3)])
    workloads = [f"w{n}" for n in range(draw(st.integers(1, most_workloads)))]
    models = {f"m{n}": draw(st.sampled_from("abc")) for n in range(draw(st.integers(1, most_models)))}
    offers = [
        Offer(
            workload=workload,
            model=model,
            vendor=vendor,
            cash=draw(few),
            errors=draw(few),
            right_percent=draw(st.sampled_from([Fraction(60), Fraction(70), Fraction(141, 2)])),
            requests_per_minute=draw(st.sampled_from([Fraction(1), Fraction(2)])),
        )
        for workload in workloads
        for model, vendor in models.items()
        if draw(st.sampled_from([True, True, True, False]))
    ]
    limits: list[Limit] = []

    def limit(name: str, kind: str, weights: Iterator[Fraction], at_most: Fraction) -> None:
        limits.append(Limit(id=name, what=name, kind=kind, weights=tuple(weights), at_most=at_most))  # type: ignore[arg-type]

    if draw(st.booleans()):
        limit(BUDGET, "budget", (offer.cash for offer in offers), draw(few) * draw(st.integers(1, len(workloads))))
    if draw(st.booleans()):
        floor = draw(st.sampled_from([Fraction(60), Fraction(66), Fraction(70)]))
        limit(QUALITY, "quality", (-(offer.right_percent or 0) / len(workloads) for offer in offers), -floor)
    if draw(st.booleans()):
        rates = (offer.requests_per_minute if offer.model == "m0" else Fraction(0) for offer in offers)
        limit("rate of m0", "rate", rates, draw(st.sampled_from([Fraction(0), Fraction(1), Fraction(3, 2)])))
    return Problem(
        workloads=tuple(workloads),
        offers=tuple(offers),
        costs=tuple((offer.expected, offer.cash) for offer in offers),
        limits=tuple(limits),
        max_vendors=draw(st.sampled_from([None, 1, 2])),
        splits=draw(st.booleans()) if splits is None else splits,
    )
