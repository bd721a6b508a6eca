"""
The best plan, and a proof that it is the best.

Whole assignments are searched by branch and bound. The prices of the limits in the relaxed problem, where
shares are allowed, turn the limits into costs; with them every workload has a best model on its own, and
what a plan loses against those is a bound on what it costs. All of it is integers, so nothing is cut off
that ties or is better by less than a tolerance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Final, Literal, TypeAlias

import attrs

from llm_tradeoffs.errors import MissingExtraError
from llm_tradeoffs.portfolio import _highs
from llm_tradeoffs.portfolio._problem import Limit, Problem
from llm_tradeoffs.portfolio._simplex import LinearProgram, Vector, Vertex
from llm_tradeoffs.portfolio._vendors import Outlook, outlook

__all__ = ["Found", "Relaxed", "Status", "relax", "search"]

Status: TypeAlias = Literal["optimal", "feasible", "infeasible", "undecided"]
Shares: TypeAlias = Mapping[int, Fraction]

SMALL: Final = 250
"""Up to so many pairs of workload and model the exact method needs no solver to start from."""
MOST_NODES: Final = 20_000
"""How many branches are followed before a search is divided. [1]"""
MOST_PARTS: Final = 100
"""How often a search is divided before it is given up. [1]"""

MOST_SETS: Final = 2_000
"""How many sets of vendors are looked at before the rest is given up. [1]"""

_ZERO: Final = Fraction(0)
_ONE: Final = Fraction(1)
_HALF: Final = Fraction(1, 2)


@attrs.frozen(kw_only=True)
class Found:
    """
    The result of a search.

    Attributes:
        status: ``optimal``, proved exactly; ``feasible``, the best that was found before the search was given
            up; ``infeasible``, proved exactly; ``undecided``, nothing found and nothing proved.
        shares: The share of each chosen offer; empty if there is no plan.
        bound: What no plan can cost less than; None if no plan is feasible.
    """

    status: Status
    shares: Shares = attrs.field(factory=dict[int, Fraction])
    bound: Fraction | None = None

    def cost(self, problem: Problem) -> Vector:
        """What the plan costs."""
        return tuple(
            sum((part * share for part, share in zip(parts, self.shares.values(), strict=True)), _ZERO)
            for parts in zip(*(problem.costs[k] for k in self.shares), strict=True)
        )

    def key(self, problem: Problem) -> tuple[Fraction, ...]:
        """What plans are ordered by: costs, then large shares for what comes first by name."""
        ties = tuple(-self.shares.get(k, _ZERO) for k in range(len(problem.offers)))
        return (*self.cost(problem), *ties)


INFEASIBLE: Final = Found(status="infeasible")


def search(problem: Problem) -> Found:
    """
    The plan that costs least, of those the one that costs least by the second number, of those the first by name.

    Where the number of vendors is limited, the best plan of any is looked at first. If it has too many, one of
    them is forbidden on one branch and has to stay on the other.

    Raises:
        MissingExtraError: The problem is large, and the solver is not installed.
    """
    if len(problem.offers) > SMALL and not _highs.installed():
        raise MissingExtraError(
            "highspy", "optimize", f"a portfolio of {len(problem.offers)} pairs of workload and model (above {SMALL})"
        )
    vendors = frozenset(offer.vendor for offer in problem.offers)
    most = problem.max_vendors
    if most is None or most >= len(vendors):
        return _best_of(problem, vendors)
    return _best_of_few(problem, vendors, most)


def _best_of_few(problem: Problem, vendors: frozenset[str], most: int) -> Found:
    """
    The best plan with at most so many of these vendors.

    The solver says which vendors are promising, and its prices what no plan with certain ones can cost less than.
    What that does not rule out is searched with all the vendors that are still allowed: if the best plan uses few
    of them, nothing is left to choose. Without the solver only the latter is done, for small problems.
    """
    best: Found | None = None
    bounds: list[Fraction] = []  # of what was given up
    branches: list[tuple[frozenset[str], frozenset[str], Fraction | None]] = [(vendors, frozenset[str](), None)]
    looked_at = 0
    while branches:
        among, kept, least = branches.pop()
        cost = None if best is None else best.cost(problem)[0]
        if cost is not None and least is not None and least > cost:
            continue
        if looked_at == MOST_SETS and least is not None:
            bounds.append(least)
            continue
        looked_at += 1
        ahead: Outlook | None = None
        order: Sequence[str] = ()
        if len(among) > most and _highs.installed():
            ahead = outlook(problem, among, kept, most)
            order, least = ahead.order, ahead.least(among, kept, most)
            if not ahead.possible or (cost is not None and least is not None and least > cost):
                continue
        if ahead is None or best is not None:  # the first plan is looked for where the solver points
            found = _best_of(problem, among, cost)
            if found.status == "infeasible" or (best is not None and _no_better(problem, found, best)):
                continue
            used = sorted({problem.offers[k].vendor for k in found.shares})
            if len(used) <= most:
                if found.status != "optimal" and found.bound is not None:
                    bounds.append(found.bound)
                if found.shares and (best is None or found.key(problem) < best.key(problem)):
                    best = found
                continue
            order = order or used
        # What this branch says of those after it, before they are looked at themselves.
        branches.extend(
            (*after, None if ahead is None else ahead.least(*after, most))
            for after in _branches(order, among, kept, most)
        )
    if best is None:
        return Found(status="undecided", bound=min(bounds)) if bounds else INFEASIBLE
    cost = best.cost(problem)[0]
    bound = min([cost, *bounds])
    return attrs.evolve(best, status="optimal" if bound == cost else "feasible", bound=bound)


def _no_better(problem: Problem, found: Found, best: Found) -> bool:
    """Whether nothing with the vendors of *found* can be better than *best*."""
    if found.status == "optimal":
        return best.key(problem) <= found.key(problem)
    return found.bound is not None and best.cost(problem)[0] <= found.bound


def _branches(
    used: Sequence[str], among: frozenset[str], kept: frozenset[str], most: int
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Every choice of vendors falls into one of these: without the first, with it and without the second, and so on."""
    for vendor in used:
        if vendor not in kept:
            yield among - {vendor}, kept
            kept |= {vendor}
            if len(kept) == most:
                yield kept, kept
                return


def _best_of(problem: Problem, vendors: frozenset[str], at_most: Fraction | None = None) -> Found:
    """
    The best plan with these vendors, however many of them it uses.

    A whole plan that costs more than *at_most* is not looked for, and counts as none.
    """
    offers = tuple(k for k, offer in enumerate(problem.offers) if offer.vendor in vendors)
    if not problem.splits:
        return _best_whole(problem, offers, at_most)
    relaxed = relax(problem, offers)
    if relaxed is None:
        return INFEASIBLE
    return Found(status="optimal", shares=relaxed.shares, bound=_total(problem, relaxed.shares))


def _best_whole(problem: Problem, offers: tuple[int, ...], at_most: Fraction | None) -> Found:
    """
    The best whole assignment of these offers.

    Where the search is not soon at its end, it is divided: of a workload that the relaxed problem shares out, one
    model does all or nothing. In either part the prices of the limits fit better than in the whole.
    """
    best: Found | None = None
    bounds: list[Fraction] = []  # of what was given up
    parts, divided = [offers], 0
    while parts:
        part = parts.pop()
        relaxed = relax(problem, part)
        if relaxed is None or (at_most is not None and _total(problem, relaxed.shares) > at_most):
            continue
        found = _Assignment(problem, relaxed, at_most).best(ask_solver=not divided)
        if found.shares and (best is None or found.key(problem) < best.key(problem)):
            best = found
            at_most = found.cost(problem)[0]
        divides = _divides(problem, part, relaxed.shares)
        if found.bound is None or found.status == "optimal" or divides is None:
            continue
        if divided == MOST_PARTS:
            bounds.append(found.bound)
            continue
        divided += 1
        workload = problem.offers[divides].workload
        parts.append(tuple(k for k in part if k != divides))
        parts.append(tuple(k for k in part if k == divides or problem.offers[k].workload != workload))
    if best is None:
        return Found(status="undecided", bound=min(bounds)) if bounds else INFEASIBLE
    cost = best.cost(problem)[0]
    bound = min([cost, *bounds])
    return attrs.evolve(best, status="optimal" if bound == cost else "feasible", bound=bound)


def _divides(problem: Problem, offers: tuple[int, ...], shares: Shares) -> int | None:
    """
    The offer that is shared out most evenly, to be chosen or not; None if nothing is left to choose.

    Where every share is whole, plans that tie are still to be told apart.
    """
    choices = Counter(problem.offers[k].workload for k in offers)
    open_shares = [k for k in shares if choices[problem.offers[k].workload] > 1]
    return min(open_shares, key=lambda k: (abs(shares[k] - _HALF), k), default=None)


def _total(problem: Problem, shares: Shares) -> Fraction:
    return sum((problem.costs[k][0] * share for k, share in shares.items()), _ZERO)


# The relaxed problem: shares instead of whole offers.


@attrs.frozen(kw_only=True)
class Relaxed:
    """
    The best plan where workloads may be shared out.

    Attributes:
        offers: The offers that were allowed: the first variables of the program.
        limits: The limits that can bind at all; each has a slack variable after those.
        program: The linear program.
        vertex: Its optimal corner.
    """

    offers: tuple[int, ...]
    limits: tuple[Limit, ...]
    program: LinearProgram
    vertex: Vertex

    @property
    def shares(self) -> dict[int, Fraction]:
        """The share of each offer that has one, in their order."""
        found = {self.offers[k]: value[0] for k, value in self.vertex.values.items() if k < len(self.offers)}
        return {k: share for k, share in sorted(found.items()) if share}

    @property
    def prices(self) -> dict[str, Vector]:
        """For each limit what a unit of it saves."""
        rows = self.vertex.prices[len(self.vertex.prices) - len(self.limits) :]
        return {limit.id: tuple(-part for part in price) for limit, price in zip(self.limits, rows, strict=True)}


def relax(problem: Problem, offers: tuple[int, ...]) -> Relaxed | None:
    """The best plan of shares of these offers, or None if there is none. Exact."""
    groups = _groups(problem, offers)
    if not all(groups):
        return None
    binding: list[Limit] = []
    for limit in problem.limits:
        if sum((min(limit.weights[k] for k in group) for group in groups), _ZERO) > limit.at_most:
            return None
        if sum((max(limit.weights[k] for k in group) for group in groups), _ZERO) > limit.at_most:
            binding.append(limit)  # the others hold whatever is chosen
    row_of = {k: row for row, group in enumerate(groups) for k in group}
    columns: list[dict[int, Fraction]] = []
    for k in offers:
        column = {row_of[k]: _ONE}
        column.update({len(groups) + at: limit.weights[k] for at, limit in enumerate(binding) if limit.weights[k]})
        columns.append(column)
    slacks = [{len(groups) + at: _ONE} for at in range(len(binding))]
    nothing: Vector = (_ZERO,) * len(problem.costs[0])
    program = LinearProgram(
        columns=(*columns, *slacks),
        costs=(*(problem.costs[k] for k in offers), *(nothing for _ in slacks)),
        rhs=(*((_ONE,) for _ in groups), *((limit.at_most,) for limit in binding)),
    )
    at_of = {k: at for at, k in enumerate(offers)}
    cheapest = (at_of[min(group, key=lambda k: (problem.costs[k], k))] for group in groups)
    anywhere = (*cheapest, *range(len(offers), len(offers) + len(binding)))
    bases = [anywhere]
    if binding and _highs.installed():
        costs = [problem.costs[k][0] for k in offers]
        bases.insert(0, _highs.likely_basis(columns, costs, [_ONE] * len(groups), [limit.at_most for limit in binding]))
    vertex = program.solve(*bases, settle=range(len(offers)) if problem.splits else ())
    return None if vertex is None else Relaxed(offers=offers, limits=tuple(binding), program=program, vertex=vertex)


def _groups(problem: Problem, offers: Sequence[int]) -> list[list[int]]:
    """The offers of each workload."""
    groups: dict[str, list[int]] = {workload: [] for workload in problem.workloads}
    for k in offers:
        groups[problem.offers[k].workload].append(k)
    return list(groups.values())


# Whole assignments.


class _Assignment:
    """
    Branch and bound over whole assignments, in integers.

    The order of plans, costs and then names, is one integer for each offer that adds up: the first cost in
    the highest digits, the rank of the model of the last workload in the lowest. So no two plans are equal.
    """

    def __init__(self, problem: Problem, relaxed: Relaxed, at_most: Fraction | None) -> None:
        self.problem, self.relaxed = problem, relaxed
        groups = _groups(problem, relaxed.offers)
        # From the lowest digits up: ranks of models, then each cost as what it is above the least of its workload.
        ranks = {model: rank for rank, model in enumerate(sorted({offer.model for offer in problem.offers}))}
        self.weight: dict[int, int] = {}
        for row, group in enumerate(groups):
            place = len(ranks) ** (len(groups) - 1 - row)
            self.weight.update({k: ranks[problem.offers[k].model] * place for k in group})
        span = len(ranks) ** len(groups)
        parts = range(len(problem.costs[0]))
        units = [lcm(*(problem.costs[k][part].denominator for k in relaxed.offers)) for part in parts]
        digits = [0 for _ in parts]
        for part in reversed(parts):
            digits[part] = span
            most = 0
            for group in groups:
                whole = {k: int(problem.costs[k][part] * units[part]) for k in group}
                least = min(whole.values())
                self.weight.update({k: self.weight[k] + (count - least) * span for k, count in whole.items()})
                most += max(whole.values()) - least
            span *= 1 + most
        # A limit in integers, with its price: any price that is not negative gives a bound, this one the best.
        self.limits: list[tuple[dict[int, int], int]] = []
        priced = dict(self.weight)
        paid = 0
        for limit in relaxed.limits:
            unit = lcm(limit.at_most.denominator, *(limit.weights[k].denominator for k in relaxed.offers))
            used = {k: int(limit.weights[k] * unit) for k in relaxed.offers}
            room = int(limit.at_most * unit)
            self.limits.append((used, room))
            price = relaxed.prices[limit.id]
            each = max(0, sum(int(price[part] * units[part] * digits[part] / unit) for part in parts))
            priced = {k: weight + each * used[k] for k, weight in priced.items()}
            paid += each * room
        lowest = [min(priced[k] for k in group) for group in groups]
        self.floor = sum(lowest) - paid  # no plan weighs less
        taken_off = sum((min(problem.costs[k][0] for k in group) for group in groups), _ZERO)
        # No plan costs less than the best shares, and every plan costs a whole number of units.
        self.bound = Fraction(-(-_total(problem, relaxed.shares) * units[0] // 1), units[0])
        # A plan loses what it weighs above the floor; from here on it costs more than it may.
        self.too_much: int | None = None
        if at_most is not None:
            self.too_much = (int((at_most - taken_off) * units[0] // 1) + 1) * digits[0] - self.floor
        regrets = [sorted((priced[k] - low, k) for k in group) for group, low in zip(groups, lowest, strict=True)]
        # Where the second best loses most there is least to try; where there is none, nothing.
        self.regrets = sorted(regrets, key=lambda group: (len(group) > 1, -group[1][0] if len(group) > 1 else 0))

    def best(self, *, ask_solver: bool) -> Found:
        """The best plan, with a proof if the search came to its end."""
        best = self._start(ask_solver)
        chosen, complete = self._branch(best)
        if chosen is None:
            return INFEASIBLE if complete else Found(status="undecided", bound=self.bound)
        shares = dict.fromkeys(sorted(chosen), _ONE)
        if complete:
            return Found(status="optimal", shares=shares, bound=_total(self.problem, shares))
        return Found(status="feasible", shares=shares, bound=self.bound)

    def _start(self, ask_solver: bool) -> tuple[int, ...] | None:
        """A plan to begin with: that of the relaxed problem if it is whole, else what the solver proposes."""
        shares = self.relaxed.shares
        if all(share == 1 for share in shares.values()):
            return tuple(shares)
        if not ask_solver or not _highs.installed():
            return None
        offers, program = self.relaxed.offers, self.relaxed.program
        rows = len(program.rhs) - len(self.limits)
        proposed = _highs.likely_plan(
            program.columns[: len(offers)],
            [cost[0] for cost in program.costs[: len(offers)]],
            [_ONE] * rows,
            [limit.at_most for limit in self.relaxed.limits],
        )
        chosen = tuple(offers[k] for k in proposed)
        whole = len(chosen) == rows and len({self.problem.offers[k].workload for k in chosen}) == rows
        return chosen if whole and all(sum(used[k] for k in chosen) <= room for used, room in self.limits) else None

    def _loss(self, plan: tuple[int, ...]) -> int:
        """What a plan weighs above the floor: at least the regrets of its choices."""
        return sum(self.weight[k] for k in plan) - self.floor

    def _branch(self, best: tuple[int, ...] | None) -> tuple[tuple[int, ...] | None, bool]:
        """The best plan, and whether every other one was ruled out."""
        loss = self.too_much if best is None else self._loss(best)
        rest = [[0] * (len(self.regrets) + 1) for _ in self.limits]  # what the workloads from here on need at least
        for needs, (used, _) in zip(rest, self.limits, strict=True):
            for depth in range(len(self.regrets) - 1, -1, -1):
                needs[depth] = needs[depth + 1] + min(used[k] for _, k in self.regrets[depth])
        nodes = 0
        path: list[int] = []
        # At each depth the regret, and then what each limit has used.
        sums: list[tuple[int, ...]] = [(0, *(0 for _ in self.limits))]
        open_at: list[Iterator[tuple[int, int]]] = [iter(self.regrets[0])]
        while open_at:
            step = next(open_at[-1], None)
            depth = len(path)
            if step is None or (loss is not None and sums[depth][0] + step[0] >= loss):
                open_at.pop()  # the others at this depth lose more
                if path:
                    path.pop()
                    sums.pop()
                continue
            nodes += 1
            if nodes > MOST_NODES:
                return best, False
            regret, k = step
            after = [before + used[k] for before, (used, _) in zip(sums[depth][1:], self.limits, strict=True)]
            if any(
                total + least[depth + 1] > room
                for total, least, (_, room) in zip(after, rest, self.limits, strict=True)
            ):
                continue
            if depth + 1 < len(self.regrets):
                path.append(k)
                sums.append((sums[depth][0] + regret, *after))
                open_at.append(iter(self.regrets[depth + 1]))
                continue
            lost = self._loss((*path, k))
            if loss is None or lost < loss:
                best, loss = (*path, k), lost
        return best, True
