"""
For which workloads a candidate is chosen, or cannot do the work: as linear inequalities over exact numbers.

A verdict and a rank hang on few numbers, and on each of them linearly once the task, the number of turns
and the price bracket are settled. So "is there a workload for which the policy chooses this model, which
cannot do the work?" is a search with a definite end, and no sampling. What is found is run through the
policy before anybody hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from itertools import islice
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from llm_tradeoffs._decide import RESPECTS, Decision, Ranked, decide
from llm_tradeoffs.assessment import REQUIREMENTS, Assessment, assess_model
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, divide, plain
from llm_tradeoffs.policy._linear import Bounds, Form, Inequality
from llm_tradeoffs.policy._regions import Box, Region
from llm_tradeoffs.policy._space import NUMBERS, Key, Shape, Space, settle, walls
from llm_tradeoffs.policy._tree import Outcome, Policy
from llm_tradeoffs.policy._ways import ALWAYS, NEVER, STATED, Clause, Found, Option, ways
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import NEEDS, Workload

__all__ = ["INPUT_OF", "Choices", "Finished", "Setting"]

VerdictAnswer: TypeAlias = Literal["met", "not met", "unknown"]


class Setting(NamedTuple):
    """
    What has to be settled before everything else is linear.

    Attributes:
        task: The task, None for none.
        shape: The turns.
        error_cost: Whether the cost of an error is stated; None if it does not matter.
        sent, produced: The bracket of ``input_tokens`` and ``output_tokens``, within which prices are the same.
    """

    task: str | None
    shape: Shape
    error_cost: bool | None
    sent: Bounds
    produced: Bounds


class Contest(NamedTuple):
    """
    How one candidate compares with another by one criterion, by which less is better.

    Attributes:
        both: Whether both are known; the known one stands before the unknown one.
        can_win, can_tie: Whether the first can stand before the other, and beside it.
        less, at_most, at_least, more: What has to hold so that the first is less than the other, and so on.
    """

    both: bool
    can_win: bool
    can_tie: bool
    less: tuple[Inequality, ...] = ()
    at_most: tuple[Inequality, ...] = ()
    at_least: tuple[Inequality, ...] = ()
    more: tuple[Inequality, ...] = ()

    @classmethod
    def of(cls, mine: Form | None, theirs: Form | None) -> Contest:
        """The contest of two values of which one at least is known."""
        if mine is None or theirs is None:
            return cls(both=False, can_win=mine is not None, can_tie=False)
        difference = mine - theirs
        # Every number is at least 0, so that the signs alone often decide.
        never_less = difference.constant >= 0 and all(factor >= 0 for factor in difference.terms.values())
        settled = not difference.terms
        return cls(
            both=True,
            can_win=not never_less,
            can_tie=difference.constant == 0 if settled else not (never_less and difference.constant > 0),
            less=(mine.below(theirs),),
            at_most=(mine.at_most(theirs),),
            at_least=(theirs.at_most(mine),),
            more=(theirs.below(mine),),
        )


class Finished(NamedTuple):
    """
    A workload that was looked for, and what the policy makes of it.

    Attributes:
        workload: The workload.
        decision: The policy's answer.
    """

    workload: Workload
    decision: Decision


class Choices:
    """
    What a policy makes of its candidates.

    Args:
        policy: The policy.
        space: The workloads it can tell apart.
        models: The candidates.
        catalog: Where tasks are looked up.
        day: The day whose facts hold.
    """

    def __init__(self, policy: Policy, space: Space, models: Sequence[Model], catalog: Catalog, day: date) -> None:
        self.policy, self.space, self.models = policy, space, tuple(models)
        self._catalog, self._day = catalog, day
        self._forms: dict[tuple[object, ...], Form | None] = {}
        self._contests: dict[tuple[object, ...], Contest | None] = {}
        self._verdicts: dict[tuple[object, ...], dict[VerdictAnswer, Clause]] = {}
        self._orders: dict[tuple[object, ...], Clause] = {}
        self._answering: dict[tuple[object, ...], bool] = {}

    # Running the policy.

    def assessed(self, workload: Workload) -> list[Assessment]:
        """Every candidate faced with *workload*."""
        return [assess_model(model, workload, self._catalog, self._day) for model in self.models]

    def decide(self, workload: Workload) -> Decision:
        """What the policy makes of *workload*."""
        return decide(workload, self.assessed(workload), self.policy)

    # What has to be settled first.

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Every language that a candidate or the policy names, and one that nobody names."""
        named = {language for model in self.models for language in _languages_of(model)}
        named |= {element for input_, element in self.space.level if input_ == "languages"}
        nobody = next(
            name for name in ("esperanto", *(f"language {n}" for n in range(len(named) + 1))) if name not in named
        )
        return (*sorted(named), nobody)

    @cached_property
    def brackets(self) -> tuple[tuple[Bounds, ...], tuple[Bounds, ...]]:
        """The brackets of tokens in and out within which every key of every candidate is linear."""
        known = NUMBERS["input_tokens"].known
        steps = sorted({step for model in self.models for step in model.rates.breakpoints() if step in known})
        prices = [model.rates.rates() for model in self.models]
        # A price or speed that is unknown is missed only where there is something to bill or to wait for.
        missed = any(
            rates["output_tokens"] is None or model.output_tokens_per_second is None
            for rates, model in zip(prices, self.models, strict=True)
        )
        return _brackets(steps, known), _brackets([], NUMBERS["output_tokens"].known, apart=missed)

    @cached_property
    def _tasks(self) -> tuple[str | None, ...]:
        """The tasks that a workload can name, None first."""
        return (None, *self._catalog.tasks)

    def settings(self, box: Box, outcomes: Iterable[Outcome]) -> Iterator[Setting]:
        """Every setting within *box* that can make a difference to *outcomes*."""
        at_task, at_turns, at_error = (self.space.level.get((name, "")) for name in ("task", "turns", "error_cost_usd"))
        tasks = self._tasks
        if at_task is not None and at_task in box:
            cells = self.space.dimensions[at_task].cells
            tasks = tuple(task for task in tasks if box[at_task] >> self.space.cell_of(at_task, task) & 1)
            assert len(cells) == len(self._tasks)
        matters = any("expected_cost" in outcome.rank_by for outcome in outcomes)
        stated: list[bool | None] = [False, True] if matters else [None]
        if matters and at_error is not None and at_error in box:
            stated = [flag for flag in stated if box[at_error] & (~1 if flag else 1)]
        shapes = list(self.space.shapes(None if at_turns is None else box.get(at_turns)))
        at_input = self.space.level.get(("input_tokens", ""))
        if at_input not in box and not (matters and at_error in box):
            # Turns differ only in what they send and cost in all; a longer turn and a smaller cost of an error
            # come to the same, in proportion.
            shapes = [shape for shape in shapes if shape.turns == shapes[0].turns]
        if any(model.rates.breakpoints() for model in self.models):
            # The turns of a growing conversation are billed in several brackets; that is no longer linear.
            shapes = [shape for shape in shapes if shape.turns == 1 or not shape.resent]
        alike: dict[tuple[object, ...], str | None] = {}
        for task in tasks:
            alike.setdefault(self._qualities[task], task)
        sent, produced = self.brackets
        for task in alike.values():
            for shape in shapes:
                for error_cost in stated:
                    for bracket_in in sent:
                        for bracket_out in produced:
                            yield Setting(task, shape, error_cost, bracket_in, bracket_out)

    @cached_property
    def _qualities(self) -> dict[str | None, tuple[object, ...]]:
        """For each task what is known of every candidate's quality: tasks that agree need not be told apart."""
        plain_ = {task: Workload(input_tokens=1, output_tokens=0, task=task) for task in self._tasks}
        return {
            task: tuple(each.quality.percent for each in self.assessed(workload)) for task, workload in plain_.items()
        }

    # Ranking.

    def form(self, index: int, criterion: str, setting: Setting) -> Form | None:
        """What a candidate is ranked by, smaller being better, as a form of the numbers; None if unknown."""
        if criterion == "expected_cost" and not setting.error_cost:
            return None
        key = (index, *_bearing(criterion, setting))
        if key not in self._forms:
            self._forms[key] = self._worked_out(index, criterion, setting)
        return self._forms[key]

    def _contest(self, one: int, other: int, criterion: str, setting: Setting) -> Contest | None:
        """How two candidates compare by one criterion; None if neither is known."""
        key = (one, other, setting.error_cost, *_bearing(criterion, setting))
        if key not in self._contests:
            mine, theirs = self.form(one, criterion, setting), self.form(other, criterion, setting)
            self._contests[key] = None if mine is None and theirs is None else Contest.of(mine, theirs)
        return self._contests[key]

    def _worked_out(self, index: int, criterion: str, setting: Setting) -> Form | None:
        # The key is affine in these numbers: its value at a point and a step along each of them say all of it.
        model, names = self.models[index], ["input_tokens", "output_tokens"]
        points = [_two(setting.sent), _two(setting.produced)]
        if criterion == "expected_cost":
            names.append("error_cost_usd")
            points.append((1, 2))

        def key(at: Sequence[Exact]) -> Exact | None:
            workload = Workload(
                input_tokens=at[0],
                output_tokens=at[1],
                turns=setting.shape.turns,
                history_resent=setting.shape.resent,
                task=setting.task,
                error_cost=at[2] if len(at) > 2 else None,
            )
            return Ranked(assess_model(model, workload, self._catalog, self._day)).key(criterion)

        base = [first for first, _ in points]
        start = key(base)
        if start is None:
            return None
        factors: dict[str, Exact] = {}
        constant: Exact = start
        for position, (name, (first, second)) in enumerate(zip(names, points, strict=True)):
            if first == second:
                continue
            moved = key([*base[:position], second, *base[position + 1 :]])
            assert moved is not None, "a key is known in all of a bracket or in none of it"
            factor = divide(moved - start, second - first)
            if factor:
                factors[name] = factor
                constant -= factor * first
        return Form(factors, plain(constant))

    def _before(self, one: int, other: int, outcome: Outcome, setting: Setting, *, or_equal: bool) -> Clause:
        """How *one* can stand before *other*: by the first criterion in which they differ, the unknown last."""
        key = (one, other, outcome.rank_by, setting, or_equal)
        if key not in self._orders:
            criteria = (*outcome.rank_by, *(name for name in RESPECTS if name not in outcome.rank_by))
            self._orders[key] = self._by_first_difference(one, other, criteria, setting, or_equal=or_equal)
        return self._orders[key]

    def _by_first_difference(
        self, one: int, other: int, criteria: Sequence[str], setting: Setting, *, or_equal: bool
    ) -> Clause:
        ways: list[Option] = []
        equal: tuple[Inequality, ...] = ()
        for criterion in criteria:
            contest = self._contest(one, other, criterion, setting)
            if contest is None:
                continue
            if contest.can_win:
                ways.append(Option(rows=(*equal, *contest.less)))
            if not contest.can_tie:
                return ways
            equal = (*equal, *contest.at_most, *contest.at_least)
        return [*ways, Option(rows=equal)] if or_equal else ways

    def _better(self, one: int, other: int, setting: Setting) -> Clause:
        """How *one* can be as good as *other* in every respect and better in one."""
        key = ("better", one, other, setting)
        if key not in self._orders:
            contests = self._respects(one, other, setting)
            as_good = tuple(row for contest in contests for row in contest.at_most)
            self._orders[key] = (
                [Option(rows=(*as_good, *contest.less)) for contest in contests if contest.can_win]
                if all(contest.both for contest in contests)
                else NEVER
            )
        return self._orders[key]

    def _not_better(self, one: int, other: int, setting: Setting) -> Clause:
        """How it can be that *one* is not better than *other*."""
        key = ("not better", one, other, setting)
        if key not in self._orders:
            contests = self._respects(one, other, setting)
            equal = tuple(row for contest in contests for row in (*contest.at_most, *contest.at_least))
            self._orders[key] = (
                [*(Option(rows=contest.more) for contest in contests), Option(rows=equal)]
                if all(contest.both for contest in contests)
                else ALWAYS
            )
        return self._orders[key]

    def _respects(self, one: int, other: int, setting: Setting) -> list[Contest]:
        """How two candidates compare in every respect in which at least one is known."""
        contests = [self._contest(one, other, criterion, setting) for criterion in RESPECTS]
        return [contest for contest in contests if contest is not None]

    # Verdicts.

    def verdict(self, index: int, requirement: str, setting: Setting) -> Mapping[VerdictAnswer, Clause]:
        """For each answer to a requirement, how a candidate can come to have it; ``met`` if it is not asked."""
        key = (index, requirement, setting.task if requirement == "quality" else None, setting.produced)
        if key not in self._verdicts:
            self._verdicts[key] = VERDICTS[requirement](self, index, setting)
        return self._verdicts[key]

    def probe(self, index: int, setting: Setting, output_tokens: Exact) -> Assessment:
        """A candidate faced with work of this length, of which nothing else is asked."""
        workload = Workload(input_tokens=0, output_tokens=output_tokens, task=setting.task)
        return assess_model(self.models[index], workload, self._catalog, self._day)

    def able(self, index: int, requirements: Iterable[str], setting: Setting) -> list[Clause]:
        """That a candidate is known to meet *requirements*."""
        return [self.verdict(index, name, setting)["met"] for name in requirements]

    def _out(self, index: int, setting: Setting) -> Clause:
        """How a candidate can fail to be known to meet the policy's requirements."""
        key = ("out", index, setting.task, setting.produced)
        if key not in self._orders:
            verdicts = [self.verdict(index, name, setting) for name in self.policy.requirements]
            self._orders[key] = [
                option for verdict in verdicts for option in (*verdict["not met"], *verdict["unknown"])
            ]
        return self._orders[key]

    # The answer.

    def chosen(self, index: int, outcome: Outcome, setting: Setting, able: int | None = None) -> list[Clause]:
        """That *outcome* selects this candidate and no other, the candidate *able* being known to be in the race."""
        clauses = self.able(index, self.policy.requirements, setting)
        unknown = bool(outcome.rank_by) and self.form(index, outcome.rank_by[0], setting) is None
        for other in range(len(self.models)):
            if other == index:
                continue
            ways: list[Option] = [] if other == able else [*self._out(other, setting)]
            if outcome.tie == "trade-off":
                ways += self._better(index, other, setting)
            elif outcome.rank_by and not unknown:
                ways += self._before(index, other, outcome, setting, or_equal=False)
            clauses.append(ways)
        return clauses

    def answered(self, index: int, outcome: Outcome, setting: Setting) -> list[Clause]:
        """That the answer of *outcome* is this candidate, alone or in a tie."""
        clauses = self.able(index, self.policy.requirements, setting)
        if outcome.tie == "all":
            return clauses
        unknown = bool(outcome.rank_by) and self.form(index, outcome.rank_by[0], setting) is None
        for other in range(len(self.models)):
            if other == index:
                continue
            ways = [*self._out(other, setting)]
            if outcome.tie == "trade-off":
                ways += self._not_better(other, index, setting)
            elif not unknown:
                ways += self._before(index, other, outcome, setting, or_equal=True)
            clauses.append(ways)
        return clauses

    def can_be_chosen(self, outcome: Outcome, box: Box, setting: Setting, requirements: Sequence[str]) -> Iterator[int]:
        """The candidates that *outcome* can select somewhere in *box*, where they meet *requirements*."""
        for index in range(len(self.models)):
            wanted = [*self.able(index, requirements, setting), *self.chosen(index, outcome, setting)]
            if self._possible(box, wanted, setting):
                yield index

    def can_be_answered(self, index: int, outcome: Outcome, box: Box, setting: Setting) -> bool:
        """Whether a candidate can be in the answer of *outcome* somewhere in *box*."""
        key = (index, outcome.rank_by, outcome.tie, tuple(sorted(box.items())), setting)
        if key not in self._answering:
            self._answering[key] = self._possible(box, self.answered(index, outcome, setting), setting)
        return self._answering[key]

    # The search.

    def find(
        self,
        region: Region,
        outcomes: Sequence[Outcome],
        clauses: Callable[[Box, Setting], Iterable[Sequence[Clause]]],
        fits: Callable[[Workload, Decision], bool],
        matters: Iterable[str],
        *,
        everywhere: bool = True,
    ) -> Finished | None:
        """
        A workload of *region* with certain properties, or None if there is none.

        Args:
            region: Where to look.
            outcomes: The outcomes that *clauses* are about.
            clauses: For a box and a setting the lists of clauses, one of which has to hold.
            fits: The same properties of a workload and the policy's answer to it: what is found is checked.
            matters: The requirements that *clauses* are about.
            everywhere: Whether to look everywhere, so that None proves that there is none; or only at the
                plainest setting of each box.
        """
        for box in self._boxes(region, matters, outcomes):
            for setting in islice(self.settings(box, outcomes), None if everywhere else 1):
                for wanted in clauses(box, setting):
                    for workload in self._search(region, box, wanted, setting):
                        decision = self.decide(workload)
                        if fits(workload, decision):
                            return Finished(workload, decision)
        return None

    def _boxes(self, region: Region, matters: Iterable[str], outcomes: Iterable[Outcome]) -> list[Box]:
        """*region* as boxes over what matters; whatever else the policy asks can be chosen afterwards."""
        inputs = {"task", "turns", "input_tokens", "output_tokens", "longest_tokens"}
        names = set(matters)
        inputs |= {INPUT_OF[name] for name in names if name in INPUT_OF}
        if any("expected_cost" in outcome.rank_by for outcome in outcomes):
            inputs.add("error_cost_usd")
        other = frozenset(
            level
            for level, dimension in enumerate(self.space.dimensions)
            if dimension.key[0] not in inputs and not (dimension.key[0] == "needs" and dimension.key[1] in names)
        )
        regions = self.space.regions
        found = list(regions.boxes(regions.regardless(regions.both(region, self.space.real), other)))
        return sorted(found, key=self._oddness)

    def _oddness(self, box: Box) -> int:
        return sum(not cells >> self.space.dimensions[level].plain & 1 for level, cells in box.items())

    def _search(self, region: Region, box: Box, clauses: Sequence[Clause], setting: Setting) -> Iterator[Workload]:
        """Workloads of *box* in *region* of which *clauses* hold, the plainer ones first."""
        for found in self._ways(box, clauses, setting):
            numbers = settle(setting.shape, found.rows.values())
            if numbers is not None:
                workload = self._workload(region, box, setting, found.flags, numbers)
                if workload is not None:
                    yield workload

    def _possible(self, box: Box, clauses: Sequence[Clause], setting: Setting) -> bool:
        """Whether *clauses* can hold somewhere in *box*."""
        return next(self._ways(box, clauses, setting), None) is not None

    def _ways(self, box: Box, clauses: Sequence[Clause], setting: Setting) -> Iterator[Found]:
        if any(not clause for clause in clauses):
            return
        flags: dict[Key, bool] = {}
        if setting.error_cost is not None:
            flags["error_cost_usd", STATED] = setting.error_cost
        rows = _always(setting.shape, setting.sent, setting.produced)
        wanted = [clause for clause in clauses if clause != ALWAYS]
        wanted += self._box_clauses(box, wanted, flags)
        yield from ways(wanted, flags, rows)

    def _box_clauses(self, box: Box, clauses: Iterable[Clause], flags: Mapping[Key, bool]) -> Iterator[Clause]:
        """That the numbers and sets that *clauses* are about lie in *box*."""
        about = {"input_tokens", "output_tokens", "longest_tokens"}
        about |= {name for clause in clauses for option in clause for row in option.rows for name, _ in row.terms}
        keys = {(name, STATED) for name in about} | {
            key for clause in clauses for option in clause for key, _ in option.flags
        }
        keys |= flags.keys()
        for level, allowed in box.items():
            key = self.space.dimensions[level].key
            if key not in keys or key[0] in {"task", "turns"}:
                continue
            yield [_in_cells(key, *run) for run in self._runs(level, allowed)]

    def _runs(self, level: int, allowed: int) -> Iterator[tuple[bool, Bounds | None]]:
        """The cells of *level* that are *allowed*: whether stated or included, and between which bounds."""
        dimension = self.space.dimensions[level]
        run: Bounds | None = None
        for index, cell in enumerate(dimension.cells):
            inside = allowed >> index & 1
            if cell.bounds is None:
                if inside:
                    yield bool(cell.value), None
            elif inside and run is None:
                run = cell.bounds
            elif inside and run is not None:
                run = Bounds(run.low, cell.bounds.high, run.above, cell.bounds.below)
            elif run is not None:
                yield True, run
                run = None
        if run is not None:
            yield True, run

    def _workload(
        self, region: Region, box: Box, setting: Setting, flags: Mapping[Key, bool], numbers: Mapping[str, Exact]
    ) -> Workload | None:
        """The plainest workload of *region* that is as it was found."""
        space, regions = self.space, self.space.regions
        # What has to be stated and is compared with nothing may be anything.
        free = [name for (name, element), stated in flags.items() if stated and not element and name not in numbers]
        numbers = {**{name: NUMBERS[name].plain for name in free}, **numbers}
        within = regions.both(region, space.real)
        for level, cells in box.items():
            within = regions.both(within, regions.where(level, cells))
        members: dict[str, set[str]] = {"needs": set(), "languages": set()}
        for (name, element), included in flags.items():
            if element and included:
                members[name].add(element)
        for level, dimension in enumerate(space.dimensions):
            name, element = dimension.key
            value: object
            if element:
                if dimension.key not in flags:
                    continue
                value = frozenset({element}) if flags[dimension.key] else frozenset[str]()
            elif name == "task":
                value = setting.task
            elif name == "turns":
                value = setting.shape.turns
            elif name in numbers:
                value = numbers[name]
            elif (name, STATED) in flags and not flags[name, STATED]:
                value = None
            else:
                continue
            within = regions.both(within, regions.where(level, 1 << space.cell_of(level, value)))
        cells_of = space.plainest(within)
        if cells_of is None:
            return None
        stated: dict[str, Any] = {"task": setting.task, **members}
        return space.at(cells_of, shape=setting.shape, numbers=numbers, **stated)


def _in_cells(key: Key, present: bool, bounds: Bounds | None) -> Option:
    name, element = key
    optional = bool(element) or name not in {"input_tokens", "output_tokens", "longest_tokens"}
    flags = (((name, element or STATED), present),) if optional else ()
    return Option(flags, () if bounds is None else walls(name, bounds))


@cache
def _always(shape: Shape, sent: Bounds, produced: Bounds) -> tuple[Inequality, ...]:
    """What holds of the lengths of every workload of *shape* within these brackets."""
    return (
        *walls("input_tokens", sent),
        *walls("output_tokens", produced),
        shape.longest.at_most(Form.of("longest_tokens")),
    )


def _bearing(criterion: str, setting: Setting) -> tuple[object, ...]:
    """What of *setting* bears on *criterion*."""
    if criterion in {"ttft", "context_window", "vision"}:
        return (criterion,)
    if criterion == "quality":
        return criterion, setting.task
    task = setting.task if criterion == "expected_cost" else None
    return criterion, task, setting.shape, setting.sent, setting.produced


def _brackets(steps: Sequence[Exact], known: Bounds, *, apart: bool = False) -> tuple[Bounds, ...]:
    """The brackets between *steps*, each with its upper end; the lowest number stands alone if *apart*."""
    assert known.low is not None
    found: list[Bounds] = [Bounds(known.low, known.low)] if apart else []
    low, above = known.low, known.above or apart
    for step in (*steps, known.high):
        found.append(Bounds(low, step, above))
        assert step is not None
        low, above = step, True
    return tuple(found)


def _two(bounds: Bounds) -> tuple[Exact, Exact]:
    """Two numbers within *bounds*, or the only one twice."""
    low, high = bounds.low, bounds.high
    assert low is not None
    assert high is not None
    third = plain(Fraction(high - low, 3))
    return (low, low) if not third else (plain(low + min(1, third)), plain(low + min(2, 2 * third)))


# The verdicts of a requirement: where they change. `REQUIREMENTS` says what they are, and a test holds the two
# against each other.


def _settled(answer: VerdictAnswer) -> dict[VerdictAnswer, Clause]:
    found: dict[VerdictAnswer, Clause] = {"met": NEVER, "not met": NEVER, "unknown": NEVER}
    found[answer] = ALWAYS
    return found


def _offered(choices: Choices, index: int, setting: Setting) -> dict[VerdictAnswer, Clause]:
    verdict = choices.probe(index, setting, 0).verdict("offered")
    return _settled("met" if verdict is None else verdict.answer)


def _context(choices: Choices, index: int, _: Setting) -> dict[VerdictAnswer, Clause]:
    window = choices.models[index].context_window
    if window is None:
        return _settled("unknown")
    needed, holds = Form({"longest_tokens": 1, "output_tokens": 1}), Form({}, window)
    return {
        "met": [Option(rows=(needed.at_most(holds),))],
        "not met": [Option(rows=(holds.below(needed),))],
        "unknown": NEVER,
    }


def _output_limit(choices: Choices, index: int, _: Setting) -> dict[VerdictAnswer, Clause]:
    limit = choices.models[index].max_output_tokens
    if limit is None:
        return _settled("met")
    needed, allowed = Form.of("output_tokens"), Form({}, limit)
    return {
        "met": [Option(rows=(needed.at_most(allowed),))],
        "not met": [Option(rows=(allowed.below(needed),))],
        "unknown": NEVER,
    }


def _capability(need: str) -> Callable[[Choices, int, Setting], dict[VerdictAnswer, Clause]]:
    def verdicts(choices: Choices, index: int, _: Setting) -> dict[VerdictAnswer, Clause]:
        supported: bool | None = getattr(choices.models[index], f"supports_{need}")
        if supported:
            return _settled("met")
        found = _settled("met")
        found["met"] = [Option(((("needs", need), False),))]
        found["unknown" if supported is None else "not met"] = [Option(((("needs", need), True),))]
        return found

    return verdicts


def _languages_of(model: Model) -> frozenset[str]:
    return frozenset(name.casefold() for name in (*(model.languages or ()), *(model.preferred_languages or ())))


def _languages(choices: Choices, index: int, _: Setting) -> dict[VerdictAnswer, Clause]:
    strange = [name for name in choices.languages if name not in _languages_of(choices.models[index])]
    return {
        "met": [Option(tuple((("languages", name), False) for name in strange))],
        "not met": NEVER,
        "unknown": [Option(((("languages", name), True),)) for name in strange],
    }


def _limited(name: str, low: Form | None, high: Form | None, *, most: bool) -> dict[VerdictAnswer, Clause]:
    """
    The verdicts of a limit on something that is known as a range.

    Args:
        name: The limit.
        low, high: The ends of the range; None if it is unknown.
        most: Whether the limit is the most that will do, and not the least.
    """
    absent = Option((((name, STATED), False),))
    stated = (((name, STATED), True),)
    if low is None or high is None:
        return {"met": [absent], "not met": NEVER, "unknown": [Option(stated)]}
    limit = Form.of(name)
    met, out = (high.at_most(limit), limit.below(low)) if most else (limit.at_most(low), high.below(limit))
    between = (limit.below(high), low.at_most(limit)) if most else (low.below(limit), limit.at_most(high))
    return {
        "met": [absent, Option(stated, (met,))],
        "not met": [Option(stated, (out,))],
        "unknown": [Option(stated, between)],
    }


def _ttft(choices: Choices, index: int, _: Setting) -> dict[VerdictAnswer, Clause]:
    times = choices.models[index].ttft
    low, high = (None, None) if times is None else (Form({}, times.low), Form({}, times.high))
    return _limited("max_ttft_ms", low, high, most=True)


def _response_time(choices: Choices, index: int, setting: Setting) -> dict[VerdictAnswer, Clause]:
    points = _two(setting.produced)
    first, second = (choices.probe(index, setting, at).latency.total_at_any_speed for at in points)
    if first is None or second is None:
        return _limited("max_response_ms", None, None, most=True)
    ends = [_line(points, values) for values in ((first.low, second.low), (first.high, second.high))]
    return _limited("max_response_ms", *ends, most=True)


def _line(points: tuple[Exact, Exact], values: tuple[Exact, Exact]) -> Form:
    """The form of ``output_tokens`` that has these values at these points."""
    if points[0] == points[1]:
        return Form({}, values[0])
    factor = divide(values[1] - values[0], points[1] - points[0])
    constant = plain(values[0] - factor * points[0])
    return Form({"output_tokens": factor} if factor else {}, constant)


def _quality(choices: Choices, index: int, setting: Setting) -> dict[VerdictAnswer, Clause]:
    percent: Range | None = choices.probe(index, setting, 0).quality.percent
    low, high = (None, None) if percent is None else (Form({}, percent.low), Form({}, percent.high))
    return _limited("min_quality_percent", low, high, most=False)


VERDICTS: Final[Mapping[str, Callable[[Choices, int, Setting], dict[VerdictAnswer, Clause]]]] = {
    "offered": _offered,
    "context": _context,
    "output_limit": _output_limit,
    **{need: _capability(need) for need in NEEDS},
    "languages": _languages,
    "ttft": _ttft,
    "response_time": _response_time,
    "quality": _quality,
}

INPUT_OF: Final[Mapping[str, str]] = {
    "context": "longest_tokens",
    "output_limit": "output_tokens",
    "languages": "languages",
    "ttft": "max_ttft_ms",
    "response_time": "max_response_ms",
    "quality": "min_quality_percent",
}
"""The input that a requirement looks at; the requirement of a need looks at that element of ``needs``."""

assert VERDICTS.keys() == {requirement.id for requirement in REQUIREMENTS}
