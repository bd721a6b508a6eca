"""The search against brute force: the plan itself, not only what it costs, since ties have a rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import cycle, pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from portfolio_oracle import best_by_hand, corners, plans, problems

from llm_tradeoffs.errors import MissingExtraError
from llm_tradeoffs.portfolio import _highs, _search
from llm_tradeoffs.portfolio._analysis import conflicts, curve, least_of, prices, steps, without
from llm_tradeoffs.portfolio._problem import BUDGET, Limit, Offer, Problem
from llm_tradeoffs.portfolio._search import Found, search
from llm_tradeoffs.portfolio._simplex import LinearProgram
from llm_tradeoffs.portfolio._vendors import outlook


@pytest.fixture(params=[True, False], ids=["with the solver", "without the solver"])
def solver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both ways to begin: from what HiGHS proposes, and from nothing."""
    if request.param:
        pytest.importorskip("highspy")
    else:
        monkeypatch.setattr(_highs, "installed", lambda: False)
    return iter(())


@pytest.mark.usefixtures("solver")
class TestAgainstBruteForce:
    @given(problems(splits=False))
    def test_whole_plans(self, problem: Problem) -> None:
        self.check(problem)

    @given(problems(splits=True, most_workloads=2))
    def test_plans_with_splits(self, problem: Problem) -> None:
        self.check(problem)

    @staticmethod
    def check(problem: Problem) -> None:
        found, best = search(problem), best_by_hand(problem)
        if best is None:
            assert found == Found(status="infeasible")
        else:
            assert found.status == "optimal"
            assert dict(found.shares) == best[1]
            assert found.bound == best[0][0]


@given(problems(splits=False), st.integers(0, 2))
def test_a_search_that_is_divided_finds_the_same(problem: Problem, nodes: int) -> None:
    """However little is searched in one piece."""
    best = best_by_hand(problem)
    with pytest.MonkeyPatch.context() as impatient:
        impatient.setattr(_search, "MOST_NODES", nodes)
        impatient.setattr(_search, "MOST_PARTS", 10**6)
        found = search(problem)
    if best is None:
        assert found.status == "infeasible"
    else:
        assert found.status == "optimal"
        assert dict(found.shares) == best[1]


def lies(numbers: list[float]) -> Callable[..., tuple[list[float], list[float], list[float]]]:
    """A solver that believes in values and prices that somebody made up."""

    def believed(columns: Sequence[object], _: object, equal: Sequence[object], at_most: Sequence[object]) -> Any:
        endless = cycle(numbers or [0.0])
        return tuple([next(endless) for _ in rows] for rows in (columns, equal, at_most))

    return believed


@given(problems(), st.lists(st.integers(0, 12), max_size=6), st.lists(st.floats(), max_size=9))
def test_whatever_the_solver_says_the_answer_is_right(
    problem: Problem, nonsense: list[int], prices_: list[float]
) -> None:
    """It is where the search begins, and nothing more."""
    best = best_by_hand(problem)
    with pytest.MonkeyPatch.context() as lying:
        lying.setattr(_highs, "installed", lambda: True)
        for name in ("likely_basis", "likely_plan"):
            lying.setattr(_highs, name, lambda columns, *_: tuple(k for k in nonsense if k < len(columns)))
        lying.setattr(_highs, "likely_prices", lies(prices_))
        found = search(problem)
    assert (best is None and found.status == "infeasible") or (best is not None and dict(found.shares) == best[1])


@given(problems(), st.integers(1, 2), st.sets(st.sampled_from("abc"), max_size=1), st.booleans())
def test_no_plan_with_few_vendors_costs_less_than_the_bound(
    problem: Problem, most: int, kept: set[str], honest: bool
) -> None:
    """Neither by the solver's prices nor by others; and what is called impossible is."""
    pytest.importorskip("highspy")
    vendors = frozenset(offer.vendor for offer in problem.offers)
    few = attrs.evolve(problem, max_vendors=most)
    costs = [
        sum((problem.costs[k][0] * share for k, share in shares.items()), Fraction(0))
        for shares in plans(few)
        if len(kept | {problem.offers[k].vendor for k in shares}) <= most
    ]
    with pytest.MonkeyPatch.context() as lying:
        if not honest:
            lying.setattr(_highs, "likely_prices", lies([0.5, 3.0, -1.0, float("inf")]))
        ahead = outlook(problem, vendors, frozenset(kept & vendors), most)
    if costs:
        assert ahead.possible
        bound = ahead.least(vendors, frozenset(kept & vendors), most)
        assert bound is None or bound <= min(costs)
    assert not ahead.order or set(ahead.order) == vendors


@pytest.mark.usefixtures("solver")
@pytest.mark.parametrize("splits", [True, False])
@pytest.mark.parametrize("size", [Fraction(1, 10**40), Fraction(1), Fraction(10**40)])
def test_a_difference_below_every_tolerance_counts(splits: bool, size: Fraction) -> None:
    """Two plans that no float tells apart, and a budget that is missed by less than a float can say."""
    least = Fraction(1, 10**30)

    def offer(model: str, cash: Fraction, errors: Fraction) -> Offer:
        return Offer(
            workload="w",
            model=model,
            vendor="v",
            cash=cash * size,
            errors=errors * size,
            right_percent=None,
            requests_per_minute=Fraction(1),
        )

    offers = (
        offer("a", Fraction(2), Fraction(1)),
        offer("b", Fraction(2), 1 - least),
        offer("c", 2 + least, 1 - 9 * least),
    )
    budget = Limit(id=BUDGET, what="", kind="budget", weights=tuple(o.cash for o in offers), at_most=2 * size)
    problem = Problem(
        workloads=("w",),
        offers=offers,
        costs=tuple((o.expected, o.cash) for o in offers),
        limits=(budget,),
        max_vendors=None,
        splits=splits,
    )
    assert search(problem) == Found(status="optimal", shares={1: Fraction(1)}, bound=(3 - least) * size)
    assert dict(search(problem.without_limits(BUDGET)).shares) == {2: Fraction(1)}
    more = problem.with_limit(attrs.evolve(budget, at_most=(2 + least / 2) * size))
    expected = {1: Fraction(1, 2), 2: Fraction(1, 2)} if splits else {1: Fraction(1)}
    assert dict(search(more).shares) == expected


# The linear programs.


@st.composite
def programs(draw: st.DrawFn) -> LinearProgram:
    """Programs with x bounded by their first row; corners coincide often."""
    rows, free = draw(st.integers(2, 3)), draw(st.integers(2, 4))
    number = st.integers(-2, 3).map(Fraction)
    columns = [{0: Fraction(1)} | {row: draw(number) for row in range(1, rows)} for _ in range(free)]
    columns = [{row: entry for row, entry in column.items() if entry} for column in columns]
    slacks = [{row: Fraction(1)} for row in range(1, rows)]
    return LinearProgram(
        columns=(*columns, *slacks),
        costs=(*((draw(number), draw(number)) for _ in columns), *((Fraction(0), Fraction(0)) for _ in slacks)),
        rhs=((Fraction(1),), *((draw(number),) for _ in slacks)),
    )


def value(program: LinearProgram, x: dict[int, Fraction]) -> tuple[Fraction, ...]:
    """What x costs."""
    return tuple(sum((program.costs[k][part] * share for k, share in x.items()), Fraction(0)) for part in range(2))


@given(programs())
def test_the_simplex_method_finds_the_best_corner(program: LinearProgram) -> None:
    found = [(value(program, x), x) for x in corners(program.columns, [row[0] for row in program.rhs])]
    start = (0, *range(len(program.columns) - len(program.rhs) + 1, len(program.columns)))
    vertex = program.solve(start, settle=range(len(program.columns)))
    if not found:
        assert vertex is None
        return
    assert vertex is not None
    x = {k: amount[0] for k, amount in vertex.values.items() if amount[0]}
    assert min(amount for amount in x.values()) > 0
    for row, (right,) in enumerate(program.rhs):
        assert sum(program.columns[k].get(row, 0) * amount for k, amount in x.items()) == right
    assert value(program, x) == min(cost for cost, _ in found)
    everything = range(len(program.columns))
    ties = [tuple(-y.get(k, Fraction(0)) for k in everything) for cost, y in found if cost == value(program, x)]
    assert tuple(-x.get(k, Fraction(0)) for k in everything) == min(ties)


@given(programs(), st.data())
def test_where_it_starts_does_not_matter(program: LinearProgram, data: st.DataObject) -> None:
    """From every basis, feasible or not, the same corner; what is no basis is passed over."""
    rows, everything = len(program.rhs), range(len(program.columns))
    start = (0, *range(len(program.columns) - rows + 1, len(program.columns)))
    proposed = data.draw(st.lists(st.sampled_from(everything), max_size=rows + 1))
    one = program.solve(start, settle=everything)
    other = program.solve(tuple(proposed), start, settle=everything)
    if one is None or other is None:
        assert one is other
    else:
        assert {k: v for k, v in one.values.items() if any(v)} == {k: v for k, v in other.values.items() if any(v)}


# What a limit costs.


@given(problems(splits=True, most_workloads=2))
def test_a_price_is_what_a_little_more_saves(problem: Problem) -> None:
    """For every limit, priced or not: exactly the change of the optimum, up to the stated end and not beyond."""
    problem = attrs.evolve(problem, max_vendors=None)
    found = search(problem)
    if found.status == "infeasible":
        return
    at = found.cost(problem)[0]
    priced = {price.limit.id: price for price in prices(problem, found)}
    for limit in problem.limits:

        def optimum(more: Fraction, limit: Limit = limit) -> Fraction:
            moved = problem.with_limit(attrs.evolve(limit, at_most=limit.at_most + more))
            return search(moved).cost(moved)[0]

        price = priced.get(limit.id)
        if price is None:
            assert optimum(Fraction(1, 10**9)) == at
        else:
            room = price.until - limit.at_most
            assert price.saves > 0 < room
            for part in (Fraction(1, 10**6), Fraction(1, 3), Fraction(1)):
                assert optimum(room * part) == at - price.saves * room * part
            assert optimum(room + 1) > at - price.saves * (room + 1)


# The next plan.


@given(problems(splits=False))
def test_steps_are_the_next_plans(problem: Problem) -> None:
    found = search(problem)
    if found.status == "infeasible":
        return

    def cash(shares: object) -> Fraction:
        return sum((problem.offers[k].cash for k in shares), Fraction(0))  # type: ignore[attr-defined]

    def cost(shares: object) -> Fraction:
        return sum((problem.costs[k][0] for k in shares), Fraction(0))  # type: ignore[attr-defined]

    here, spent = cost(found.shares), cash(found.shares)
    free = [(cost(shares), cash(shares)) for shares in plans(problem.without_limits(BUDGET))]
    bounded = [(cost(shares), cash(shares)) for shares in plans(problem)]
    seen = set[str]()
    for step in steps(problem, found):
        seen.add(step.kind)
        offers = [step.problem.offers[k] for k in step.found.shares]
        theirs = (sum((o.expected for o in offers), Fraction(0)), sum((o.cash for o in offers), Fraction(0)))
        if step.kind == "no budget":
            expected = min(free)
        elif step.kind == "more":
            expected = min(((c, e) for e, c in free if e < here), default=None)
            expected = expected and expected[::-1]
        elif step.kind == "less":
            expected = min(((e, c) for e, c in bounded if c < spent), default=None)
        else:
            main = (step.workload, step.model)
            left = [
                (cost(shares), cash(shares))
                for shares in plans(problem)
                if main not in {(problem.offers[k].workload, problem.offers[k].model) for k in shares}
            ]
            expected = min(left, default=None)
        assert (theirs if step.found.shares else None) == expected, step.kind
    budget = {"no budget", "more"} if problem.limit(BUDGET) else set()
    assert seen == {"less", "without"} | budget


# Limits that cannot hold together.


@given(problems(), st.data())
def test_the_curve_is_what_every_budget_buys(problem: Problem, data: st.DataObject) -> None:
    """At each point, just below it and anywhere between two, a search with that budget finds what the curve says."""
    if problem.splits:
        problem = attrs.evolve(problem, max_vendors=None)  # else the vendors are those of one plan
    cash = tuple(offer.cash for offer in problem.offers)

    def least(budget: Fraction) -> Fraction | None:
        limit = Limit(id=BUDGET, what="", kind="budget", weights=cash, at_most=budget)
        return search(problem.with_limit(limit)).bound

    points = list(curve(problem))
    if not points:
        assert search(problem.without_limits(BUDGET)).status == "infeasible"
        return
    assert all(point.proved for point in points)
    assert least(points[0].budget - Fraction(1, 1000)) is None
    assert least(points[-1].budget + 1000) == points[-1].least
    for point, after in pairwise(points):
        assert after.budget > point.budget
        assert after.least < point.least
        part = data.draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(999, 1000)]))
        budget = point.budget + part * (after.budget - point.budget)
        assert least(budget) == point.least - (point.saves or 0) * (budget - point.budget)
    assert [point.saves for point in points[-1:]] == [Fraction(0) if problem.splits else None]


@given(problems())
def test_a_conflict_is_one_and_needs_each_of_its_limits(problem: Problem) -> None:
    found = list(conflicts(problem))
    every = [limit.id for limit in problem.limits] + (["vendors"] if problem.max_vendors else [])
    if best_by_hand(problem) is not None:
        assert not found
        return
    blamed = [name for group in found for name in group]
    assert len(blamed) == len(set(blamed))
    if best_by_hand(without(problem, *every)) is None:
        assert not found  # a workload has no offer: no limit is to blame
        return
    assert found
    assert best_by_hand(without(problem, *blamed)) is not None
    for group in found:
        alone = without(problem, *(name for name in every if name not in group))
        assert best_by_hand(alone) is None
        for name in group:
            assert best_by_hand(without(alone, name)) is not None


@given(problems())
def test_the_least_limit_is_the_least_that_would_do(problem: Problem) -> None:
    for limit in problem.limits:
        least = least_of(problem, limit.id)
        rest = list(plans(problem.without_limits(limit.id)))
        assert least == min((limit.of(shares.items()) for shares in rest), default=None)
    if problem.max_vendors is not None and best_by_hand(problem) is None:
        least = least_of(problem, "vendors")
        possible = best_by_hand(without(problem, "vendors")) is not None
        assert least == (2 if possible else None)  # there are two vendors at most


# Large problems.


def large(workloads: int, models: int, seed: int = 1, *, alike: bool = False, room: str = "1.5") -> Problem:
    """A problem of realistic numbers: dearer models are right more often, and the budget binds."""
    chance = random.Random(seed)
    price = [1 if alike else chance.uniform(1, 4) for _ in range(models)]
    offers: list[Offer] = []
    for workload in range(workloads):
        size, error = chance.uniform(1, 100), chance.uniform(10, 100)
        for model in range(models):
            cash = Fraction(round(size * price[model] * (1 if alike else chance.uniform(0.8, 1.2)) * 10**6), 10**6)
            right = Fraction(
                round(min(99.0, 50 + 10 * price[model] + (0 if alike else chance.uniform(-4, 4))) * 10), 10
            )
            offers.append(
                Offer(
                    workload=f"w{workload:02}",
                    model=f"m{model:02}",
                    vendor=f"v{model % 5}",
                    cash=cash,
                    errors=(100 - right) / 100 * Fraction(round(size * error * 10**4), 10**4),
                    right_percent=right,
                    requests_per_minute=Fraction(chance.randint(1, 400), 7),
                )
            )
    least = sum(min(o.cash for o in offers if o.workload == f"w{n:02}") for n in range(workloads))
    budget = Limit(
        id=BUDGET, what="b", kind="budget", weights=tuple(o.cash for o in offers), at_most=least * Fraction(room)
    )
    return Problem(
        workloads=tuple(f"w{n:02}" for n in range(workloads)),
        offers=tuple(offers),
        costs=tuple((offer.expected, offer.cash) for offer in offers),
        limits=(budget,),
        max_vendors=None,
        splits=False,
    )


def test_a_large_problem_is_proved() -> None:
    pytest.importorskip("highspy")
    problem = large(30, 20)
    found = search(problem)
    assert found.status == "optimal"
    assert search(attrs.evolve(problem, splits=True)).cost(problem)[0] <= found.cost(problem)[0]
    few = search(attrs.evolve(problem, max_vendors=2))
    assert few.status == "optimal"
    assert few.cost(problem)[0] >= found.cost(problem)[0]


def test_models_that_are_alike_are_no_trouble() -> None:
    """Ten to the tenth plans cost the same; the rule for ties says which one is meant."""
    problem = large(10, 10, alike=True)
    found = search(problem)
    assert found.status == "optimal"
    assert [problem.offers[k].model for k in found.shares] == ["m00"] * 10


def test_with_and_without_the_solver_the_plan_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("highspy")
    for seed in range(5):
        whole = large(10, 10, seed)
        for problem in (whole, attrs.evolve(whole, splits=True), attrs.evolve(whole, max_vendors=2)):
            with monkeypatch.context() as absent:
                absent.setattr(_highs, "installed", lambda: False)
                without_it = search(problem)
            assert search(problem) == without_it


def test_a_large_problem_needs_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_highs, "installed", lambda: False)
    with pytest.raises(MissingExtraError, match=r"a portfolio of 260 pairs .* pip install 'llm-tradeoffs\[optimize\]'"):
        search(large(26, 10))


@pytest.mark.parametrize("most", [None, 2])
def test_a_search_that_is_given_up_says_so(monkeypatch: pytest.MonkeyPatch, most: int | None) -> None:
    """What was found is a plan, its bound is one, and nobody calls it optimal."""
    problem = attrs.evolve(large(8, 6, seed=3, room="2.2"), max_vendors=most)
    best = search(problem)
    statuses = set[str]()
    monkeypatch.setattr(_highs, "installed", lambda: False)
    monkeypatch.setattr(_search, "MOST_PARTS", 0)
    for nodes in range(0, 60, 3):
        monkeypatch.setattr(_search, "MOST_NODES", nodes)
        found = search(problem)
        statuses.add(found.status)
        if found.status == "optimal":
            assert found.cost(problem)[0] == best.cost(problem)[0]
        elif found.status == "feasible":
            assert problem.limits[0].of(found.shares.items()) <= problem.limits[0].at_most
            assert found.bound is not None
            assert found.bound <= best.cost(problem)[0] <= found.cost(problem)[0]
        else:
            assert found.status == "undecided"
            assert found.bound is not None
            assert found.bound <= best.cost(problem)[0]
    assert {"undecided", "feasible"} <= statuses
