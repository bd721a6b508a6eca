"""
All workloads that a policy can tell apart: each input cut into cells where a threshold of the policy lies.

Every threshold is a cell of its own, and so is every gap between two of them and "not stated". Within a
cell all answers are the same, so finitely many combinations of cells stand for all workloads there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from llm_tradeoffs.money import MAX_COUNT, Exact, exact, grouped
from llm_tradeoffs.policy._linear import Bounds, Form, Inequality, nicest, solve
from llm_tradeoffs.policy._regions import ALL, NOTHING, Region, Regions
from llm_tradeoffs.policy._tree import INPUTS, Condition, Policy
from llm_tradeoffs.workload import Workload

__all__ = ["NUMBERS", "Dimension", "Key", "Shape", "Space", "key_of", "walls"]

Key: TypeAlias = tuple[str, str]
"""A property that has cells: an input, and for a set the one element that is in it or not, else ``""``."""


class Number(NamedTuple):
    """
    A number of a workload.

    Attributes:
        known: Between which bounds it is looked at.
        plain: What a plain workload says.
        step: In what steps people state it.
    """

    known: Bounds
    plain: Exact
    step: int = 1

    def nicest(self, bounds: Bounds, preferred: Exact | None = None) -> Exact:
        """The value within *bounds* that a person would name."""
        return nicest(bounds, self.plain if preferred is None else preferred, self.step)


NUMBERS: Final[Mapping[str, Number]] = {
    "output_tokens": Number(Bounds(0, MAX_COUNT), 200),
    "input_tokens": Number(Bounds(0, MAX_COUNT, above=True), 1_000),
    "longest_tokens": Number(Bounds(0, MAX_COUNT), 1_000),
    "error_cost_usd": Number(Bounds(0, MAX_COUNT), 1),
    "max_response_ms": Number(Bounds(0, MAX_COUNT, above=True), 10_000, 100),
    "max_ttft_ms": Number(Bounds(0, MAX_COUNT, above=True), 1_000, 100),
    "min_quality_percent": Number(Bounds(0, 100), 75),
    "requests_per_month": Number(Bounds(0, MAX_COUNT), 10_000),
    "turns": Number(Bounds(1, 1_000_000), 1),
}
"""
Every number that a policy can ask about, in the order in which values are chosen.

Their bounds are those that a workload accepts, except that a request sends something.
"""

_PLAIN: Final = Workload(input_tokens=1_000, output_tokens=200)


class Cell(NamedTuple):
    """
    Values of an input that a policy cannot tell apart.

    Attributes:
        value: One of them; None where the workload does not say.
        bounds: All of them, for a number.
    """

    value: object
    bounds: Bounds | None = None


class Dimension(NamedTuple):
    """
    One property of a workload and its cells.

    Attributes:
        key: Which property.
        cells: Its cells, the unstated one first if it may be unstated.
        plain: Which cell a plain workload is in.
    """

    key: Key
    cells: tuple[Cell, ...]
    plain: int

    @property
    def name(self) -> str:
        """The property in words."""
        input_, element = self.key
        return f"{input_} includes {element}" if element else input_

    def oddness(self, cell: int) -> int:
        """How far a workload in *cell* is from a plain one; a threshold itself is a little plainer than its sides."""
        bounds = self.cells[cell].bounds
        return 0 if cell == self.plain else 10 if bounds is None or bounds.low == bounds.high else 11

    def said(self, allowed: int) -> str:
        """In words that the property is in one of the cells *allowed*, as bits."""
        input_, element = self.key
        chosen = [cell for index, cell in enumerate(self.cells) if allowed >> index & 1]
        if element:
            # A set either has the element or has it not; two cells are no restriction and not worth a word.
            return f"{input_} {'include' if chosen[0].value else 'do not include'} {element}"
        unit = f" {INPUTS[input_].unit}" if INPUTS[input_].unit else ""
        ways = [f"{way}{unit}" for way in _runs(chosen)]
        ways += [f"is {cell.value}" for cell in chosen if isinstance(cell.value, str)]
        ways += ["is not stated" for cell in chosen if cell.value is None]
        return f"{input_} {' or '.join(ways)}"


def _runs(cells: Sequence[Cell]) -> Iterator[str]:
    """The numbers of *cells* in words, neighbours together."""
    run: Bounds | None = None
    for bounds in (*(cell.bounds for cell in cells if cell.bounds is not None), None):
        if run is not None and bounds is not None and bounds.low == run.high and bounds.above != run.below:
            run = Bounds(run.low, bounds.high, run.above, bounds.below)
            continue
        if run is not None:
            yield _interval(run)
        run = bounds


def _interval(run: Bounds) -> str:
    low, high = run.low, run.high
    assert low is not None
    assert high is not None
    if low == high:
        return f"= {grouped(low)}"
    # The ends of what a workload accepts go without saying.
    at_start = any(low == number.known.low for number in NUMBERS.values())
    at_end = any(high == number.known.high for number in NUMBERS.values())
    above = f"{'>' if run.above else '≥'} {grouped(low)}"
    below = f"{'<' if run.below else '≤'} {grouped(high)}"
    if at_start and not at_end:
        return below
    return above if at_end else f"{above} and {below}"


class Shape(NamedTuple):
    """
    How a conversation runs: what ties the longest request to the tokens of a turn.

    Attributes:
        turns: How many turns.
        resent: Whether each turn sends the turns before it again.
    """

    turns: int = 1
    resent: bool = True

    @property
    def longest(self) -> Form:
        """The input of the last turn. [tokens]"""
        if not self.resent or self.turns == 1:
            return Form.of("input_tokens")
        return Form({"input_tokens": self.turns, "output_tokens": self.turns - 1})


def key_of(test: Condition) -> Key:
    """The property that *test* looks at."""
    element = test.operand if test.operator == "includes" and isinstance(test.operand, str) else ""
    # Workloads hold languages in lower case.
    return test.input, element.casefold() if test.input == "languages" else element


@cache
def walls(name: str, bounds: Bounds) -> tuple[Inequality, ...]:
    """That the number *name* lies within *bounds*."""
    it = Form.of(name)
    found: list[Inequality] = []
    if bounds.low is not None:
        low = Form({}, bounds.low)
        found.append(low.below(it) if bounds.above else low.at_most(it))
    if bounds.high is not None:
        high = Form({}, bounds.high)
        found.append(it.below(high) if bounds.below else it.at_most(high))
    return tuple(found)


class Space:
    """
    The workloads that a policy can tell apart.

    Attributes:
        dimensions: Every property that the policy tests, one a level.
        level: The level of each.
        regions: Sets of workloads over them.
        real: The set of all combinations that some workload has.

    Args:
        policy: Whose tests cut the inputs.
        tasks: The tasks that a workload can name.
    """

    def __init__(self, policy: Policy, tasks: Iterable[str]) -> None:
        tests: dict[Key, list[Condition]] = {}
        for question in policy.questions:
            for test in question.when.tests():
                tests.setdefault(key_of(test), []).append(test)
        # What hangs together stands together, which keeps the diagrams small.
        names = (*NUMBERS, *(name for name in INPUTS if name not in NUMBERS))
        self.tasks = tuple(tasks)
        self.dimensions = tuple(
            self._dimension(key, tests[key]) for key in sorted(tests, key=lambda key: (names.index(key[0]), key[1]))
        )
        self.level = {dimension.key: level for level, dimension in enumerate(self.dimensions)}
        self.regions = Regions([len(dimension.cells) for dimension in self.dimensions])
        self.real = self._real()

    # The cells.

    def _dimension(self, key: Key, tests: Sequence[Condition]) -> Dimension:
        name, element = key
        if element:
            return Dimension(key, (Cell(frozenset[str]()), Cell(frozenset({element}))), 0)
        plain = INPUTS[name].read(_PLAIN)
        unstated = [Cell(None)] if plain is None else []
        if INPUTS[name].kind == "number":
            cells = (*unstated, *_number_cells(name, tests))
            at_rest = 0 if plain is None else next(i for i, cell in enumerate(cells) if plain in (cell.bounds or ()))
            return Dimension(key, cells, at_rest)
        choices = self.tasks if name == "task" else INPUTS[name].choices
        cells = (*unstated, *(Cell(choice) for choice in choices))
        return Dimension(key, cells, next(i for i, cell in enumerate(cells) if cell.value == plain))

    def _real(self) -> Region:
        """
        The combinations that exist: only the lengths depend on each other.

        The longest request is never shorter than the mean one, and it is whole where it is stated.
        """
        lengths = [
            (name, self.level[name, ""])
            for name in ("output_tokens", "input_tokens", "longest_tokens", "turns")
            if (name, "") in self.level
        ]
        if ("longest_tokens", "") not in self.level or not ({"input_tokens", "turns"} & {name for name, _ in lengths}):
            return ALL
        found = NOTHING
        for cells in _products([len(self.dimensions[level].cells) for _, level in lengths]):
            at = {level: cell for (_, level), cell in zip(lengths, cells, strict=True)}
            if self._lengths(at) is not None:
                found = self.regions.either(found, self.exactly(at))
        return found

    def exactly(self, at: Mapping[int, int]) -> Region:
        """The workloads in these cells, and anywhere at the other levels."""
        region = ALL
        for level, cell in at.items():
            region = self.regions.both(region, self.regions.where(level, 1 << cell))
        return region

    # Conditions.

    def cells_where(self, test: Condition) -> tuple[int, int]:
        """The cells in which *test* is answered with yes, and those with no, as bits."""
        yes = no = 0
        for index, cell in enumerate(self.dimensions[self.level[key_of(test)]].cells):
            answer = test.answer(cell.value)
            yes |= (answer == "yes") << index
            no |= (answer == "no") << index
        return yes, no

    def answers(self, condition: Condition) -> tuple[Region, Region]:
        """Where *condition* is answered with yes, and where with no; everywhere else it is unknown."""
        regions = self.regions
        if condition.kind == "test":
            level = self.level[key_of(condition)]
            yes, no = self.cells_where(condition)
            return regions.where(level, yes), regions.where(level, no)
        parts = [self.answers(part) for part in condition.parts]
        if condition.kind == "not":
            yes, no = parts[0]
            return no, yes
        yes, no = parts[0]
        for other_yes, other_no in parts[1:]:
            if condition.kind == "all":
                yes, no = regions.both(yes, other_yes), regions.either(no, other_no)
            else:
                yes, no = regions.either(yes, other_yes), regions.both(no, other_no)
        return yes, no

    # Workloads.

    def plainest(self, region: Region) -> dict[int, int] | None:
        """The cells of the plainest workload of *region*: it says as little that is special as can be."""
        return self.regions.plainest(region, lambda level, cell: self.dimensions[level].oddness(cell))

    def workload(self, region: Region) -> Workload | None:
        """The plainest workload of *region*; None if there is none."""
        cells = self.plainest(self.regions.both(region, self.real))
        return None if cells is None else self.at(cells)

    def at(
        self,
        cells: Mapping[int, int],
        *,
        shape: Shape | None = None,
        numbers: Mapping[str, Exact] | None = None,
        **stated: Any,
    ) -> Workload:
        """
        A workload in *cells*, which exist.

        Args:
            cells: For each level a cell.
            shape: The shape of a conversation; None to choose one.
            numbers: Numbers that are settled already.
            stated: Other fields of the workload; sets are added to what the cells say.
        """
        settled = numbers or {}
        if shape is None:
            found = self._lengths(cells)
            assert found is not None, "the cells do not exist"
            shape, lengths = found
            settled = {**lengths, **settled}
        values: dict[str, Any] = {"needs": set[str](), "languages": set[str](), **settled}
        for level, cell in cells.items():
            name, element = self.dimensions[level].key
            at = self.dimensions[level].cells[cell]
            if element:
                values[name] |= {element} if at.value else set[str]()
            elif name not in settled and name != "turns":
                values[name] = at.value if at.bounds is None else NUMBERS[name].nicest(at.bounds)
        for name, value in stated.items():
            values[name] = values[name] | value if name in {"needs", "languages"} else value
        values["error_cost"] = values.pop("error_cost_usd", None)
        # The last turn as it comes is not worth a word; anything longer has to be stated.
        longest = values.pop("longest_tokens", None)
        values.setdefault("input_tokens", _PLAIN.input_tokens)
        values.setdefault("output_tokens", _PLAIN.output_tokens)
        plain = Workload(**values, turns=shape.turns, history_resent=shape.resent)
        if longest is None or longest == plain.longest_request_tokens:
            return plain
        return plain.with_(longest_tokens=longest)

    def shapes(self, allowed: int | None = None) -> Iterator[Shape]:
        """
        The shapes that are worth trying, the plainest first.

        Args:
            allowed: The cells of ``turns``, as bits; None for all of them.
        """
        level = self.level.get(("turns", ""))
        if level is None:
            yield Shape()
            return
        cells = self.dimensions[level].cells
        counts = [cell.value for i, cell in enumerate(cells) if allowed is None or allowed >> i & 1]
        for turns in counts:
            assert isinstance(turns, int)
            yield Shape(turns)
            if turns > 1:
                yield Shape(turns, resent=False)

    def _lengths(self, cells: Mapping[int, int]) -> tuple[Shape, dict[str, Exact]] | None:
        rows: list[Inequality] = []
        for name in ("output_tokens", "input_tokens", "longest_tokens"):
            level = self.level.get((name, ""))
            if level is not None and level in cells:
                bounds = self.dimensions[level].cells[cells[level]].bounds
                rows.extend(walls(name, bounds or Bounds()))
        turns = self.level.get(("turns", ""))
        for shape in self.shapes(None if turns is None or turns not in cells else 1 << cells[turns]):
            lengths = settle(shape, rows)
            if lengths is not None:
                return shape, lengths
        return None

    def cell_of(self, level: int, value: object) -> int:
        """The cell at *level* that *value* is in."""
        for index, cell in enumerate(self.dimensions[level].cells):
            if cell.value == value or (cell.bounds is not None and value is not None and value in cell.bounds):
                return index
        raise AssertionError(f"{value!r} is in no cell of {self.dimensions[level].name}")


def settle(shape: Shape, rows: Iterable[Inequality]) -> dict[str, Exact] | None:
    """
    Plain numbers that satisfy *rows* and that a workload of *shape* can have; None if none are found.

    A longest request that is stated is a whole number of tokens; one that follows from the turns need not be.
    """
    given = list(rows)
    named = {name for row in given for name, _ in row.terms} | {"input_tokens", "output_tokens", "longest_tokens"}
    order = [name for name in NUMBERS if name in named]
    longest = Form.of("longest_tokens")
    base = [*given, shape.longest.at_most(longest)]
    for name in order:
        base.extend(walls(name, NUMBERS[name].known))

    def choose(name: str, bounds: Bounds, point: Mapping[str, Exact]) -> Exact:
        if name != "longest_tokens":
            return NUMBERS[name].nicest(bounds)
        return NUMBERS[name].nicest(bounds, sum(times * point[other] for other, times in shape.longest.terms.items()))

    for more in ([], [longest.at_most(shape.longest)]):
        point = solve([*base, *more], order, choose)
        if point is None:
            return None
        if more or point["longest_tokens"].denominator == 1:
            return point
        stated = point["longest_tokens"]
        if stated == sum(times * point[other] for other, times in shape.longest.terms.items()):
            return point
    return None


def _number_cells(name: str, tests: Sequence[Condition]) -> Iterator[Cell]:
    """The cells between the thresholds of *tests*, in order."""
    whole = name == "turns"
    known = NUMBERS[name].known
    assert known.low is not None
    assert known.high is not None
    points = sorted(
        {exact(test.operand, name) for test in tests if test.operator != "stated"}  # type: ignore[arg-type]  # numbers, as the policy was checked
    )
    cuts = [point for point in points if point in known]
    start, above = known.low, known.above
    for cut in cuts:
        yield from _cell(Bounds(start, cut, above, below=True), NUMBERS[name], whole=whole)
        yield from _cell(Bounds(cut, cut), NUMBERS[name], whole=whole)
        start, above = cut, True
    yield from _cell(Bounds(start, known.high, above), NUMBERS[name], whole=whole)


def _cell(bounds: Bounds, number: Number, *, whole: bool) -> Iterator[Cell]:
    assert bounds.low is not None
    assert bounds.high is not None
    if bounds.low > bounds.high or (bounds.low == bounds.high and (bounds.above or bounds.below)):
        return
    value = number.nicest(bounds)
    if not whole or value.denominator == 1:
        yield Cell(value, bounds)


def _products(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not sizes:
        yield ()
        return
    for rest in _products(sizes[1:]):
        for cell in range(sizes[0]):
            yield (cell, *rest)
