"""
Which few vendors: what no plan with at most so many of them can cost less than.

A vendor is in or out, and an offer counts only if its vendor is in. Where vendors may be in by shares the solver
names a price for doing each workload and for each limit. Charged to the offers, they leave every vendor alone with
what it saves, so the best so many of them are found by sorting. Any prices give a bound; it is worked out in
fractions, and the solver's are only the best ones to take.

Source:
    The Lagrangian bound of the p-median problem: Cornuejols, Fisher and Nemhauser, "Location of bank accounts to
    optimize float", Management Science 23 (1977).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isfinite
from typing import Final

import attrs

from llm_tradeoffs.portfolio import _highs
from llm_tradeoffs.portfolio._problem import Problem

__all__ = ["Outlook", "outlook"]

DIGITS: Final = 10**15
"""The largest cost in units of the prices. [1]"""

_ZERO: Final = Fraction(0)
_ONE: Final = Fraction(1)


@attrs.frozen(kw_only=True)
class Outlook:
    """
    What can be said of the plans with so many vendors.

    Attributes:
        possible: False if it is proved that there is none.
        order: The vendors, the most promising first.
        full: What it costs if no vendor saves anything; None if nothing is known.
        saves: What each vendor saves of that, at most.
    """

    possible: bool
    order: tuple[str, ...] = ()
    full: Fraction | None = None
    saves: Mapping[str, Fraction] = attrs.field(factory=dict[str, Fraction])

    def least(self, among: frozenset[str], kept: frozenset[str], most: int) -> Fraction | None:
        """What no plan with *kept* and others of *among* can cost less than, so many in all; None if unknown."""
        if self.full is None:
            return None
        others = sorted((self.saves[vendor] for vendor in among - kept), reverse=True)
        return self.full - sum((self.saves[vendor] for vendor in kept), _ZERO) - sum(others[: most - len(kept)], _ZERO)


def outlook(problem: Problem, among: frozenset[str], kept: frozenset[str], most: int) -> Outlook:
    """
    The outlook for plans with the vendors *kept* and others of *among*, at most so many in all.

    Needs the solver.
    """
    offers = [k for k, offer in enumerate(problem.offers) if offer.vendor in among]
    if {problem.offers[k].workload for k in offers} != set(problem.workloads):
        return Outlook(possible=False)
    costs = [problem.costs[k][0] for k in offers]
    found = _priced(problem, offers, kept, most, costs)
    if found is None:
        # What is left undone, and by how much limits are broken, instead of what it costs: if that is above
        # nothing, there is no plan.
        broken = _priced(problem, offers, kept, most, None)
        if broken is None:
            return Outlook(possible=True, order=_order(among, kept, {}))
        full, saves, worth = broken
        least = Outlook(possible=True, full=full, saves=saves).least(among, kept, most)
        return Outlook(possible=least is None or least <= 0, order=_order(among, kept, worth))
    full, saves, worth = found
    return Outlook(possible=True, order=_order(among, kept, worth), full=full, saves=saves)


def _order(among: frozenset[str], kept: frozenset[str], worth: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(among, key=lambda vendor: (vendor not in kept, -worth.get(vendor, 0.0), vendor)))


def _priced(
    problem: Problem, offers: Sequence[int], kept: frozenset[str], most: int, costs: Sequence[Fraction] | None
) -> tuple[Fraction, dict[str, Fraction], dict[str, float]] | None:
    """
    What it costs by the solver's prices if no vendor saves anything, what each saves, and how far in each is.

    None if the solver finds no solution.

    Args:
        costs: What each offer costs; None to count what is left undone and how far limits are broken.
    """
    works = {workload: row for row, workload in enumerate(problem.workloads)}
    vendors = sorted({problem.offers[k].vendor for k in offers} - kept)
    limits = problem.limits
    rows = len(works) + len(limits)
    in_vendor: dict[tuple[str, str], int] = {}
    columns: list[dict[int, Fraction]] = []
    for k in offers:
        offer = problem.offers[k]
        column = {works[offer.workload]: _ONE}
        column.update({len(works) + at: limit.weights[k] for at, limit in enumerate(limits) if limit.weights[k]})
        if offer.vendor not in kept:
            column[rows + in_vendor.setdefault((offer.workload, offer.vendor), len(in_vendor))] = _ONE
        columns.append(column)
    count = rows + len(in_vendor)
    for vendor in vendors:
        column = {rows + row: -_ONE for (_, owner), row in in_vendor.items() if owner == vendor}
        columns.append({**column, count: _ONE})
    sizes = [max((abs(limit.weights[k]) for k in offers), default=_ZERO) or _ONE for limit in limits]
    paid = [*(costs or [_ZERO] * len(offers)), *[_ZERO] * len(vendors)]
    if costs is None:
        columns += [{row: _ONE} for row in works.values()]
        columns += [{len(works) + at: -size} for at, size in enumerate(sizes)]
        paid += [_ONE] * (len(works) + len(limits))
    free = most - len(kept)
    at_most = [*(limit.at_most for limit in limits), *[_ZERO] * len(in_vendor), Fraction(free)]
    believed = _highs.likely_prices(columns, paid, [_ONE] * len(works), at_most)
    if believed is None:
        return None
    values, done, saved = believed
    unit = (max(paid) or _ONE) / DIGITS
    for_work = [_parts(price, unit) * unit for price in done]
    for_limit = [
        max(_parts(price, unit / size), 0) * unit / size
        for price, size in zip(saved[: len(limits)], sizes, strict=True)
    ]
    if costs is None:  # to do without costs 1, so nothing is worth more
        for_work = [min(price, _ONE) for price in for_work]
        for_limit = [min(price, 1 / size) for price, size in zip(for_limit, sizes, strict=True)]
    best: dict[tuple[str, str], Fraction] = {}
    for cost, k in zip(paid, offers, strict=False):
        offer = problem.offers[k]
        charged = sum((price * limit.weights[k] for price, limit in zip(for_limit, limits, strict=True) if price), cost)
        saves = for_work[works[offer.workload]] - charged
        key = (offer.vendor, offer.workload)
        best[key] = max(saves, best.get(key, _ZERO))
    saved_by: dict[str, Fraction] = dict.fromkeys([*vendors, *kept], _ZERO)
    for (vendor, _), saves in best.items():
        saved_by[vendor] += saves
    paid_for = sum((price * limit.at_most for price, limit in zip(for_limit, limits, strict=True)), _ZERO)
    shares = values[len(offers) : len(offers) + len(vendors)]
    return sum(for_work, -paid_for), saved_by, dict(zip(vendors, shares, strict=True))


def _parts(price: float, unit: Fraction) -> int:
    """A price in whole units; 0 for one that is no number, which is a price like every other."""
    return int(Fraction(price) / unit) if isfinite(price) else 0
