"""
At which values the answer is another one: exact thresholds, one number at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, Literal, overload

import attrs

from llm_tradeoffs._decide import Decision, best_of, criteria_of, front_of
from llm_tradeoffs.analysis._axes import OWN, SHARED, UNSOLVED, VARIABLES, Axis, Own, Shared, own_axes, shared_axis
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._numbers import Runner
from llm_tradeoffs.analysis._walk import Always, Cell, Choice, Fixed, Outcomes, Track, walk
from llm_tradeoffs.errors import UnknownNameError
from llm_tradeoffs.money import Exact, divide
from llm_tradeoffs.policy import Outcome

__all__ = ["VARIABLES", "Choice", "Flip", "Flips", "Found", "Scan", "Steady", "flips_of", "nearness"]


@attrs.frozen(kw_only=True)
class Flip:
    """
    A value at which the answer changes.

    Attributes:
        variable: Which number changes, of :data:`VARIABLES`.
        model: Whose number it is; None for one of the workload or its caps.
        field: The fact or field that it is, such as ``"rates.standard.output_tokens"``.
        unit: Unit of :attr:`value`.
        current: What it is now; None if it is not stated.
        value: Where the answer changes, exactly.
        direction: Whether the number must rise or fall to get there. What is not stated counts as no limit, or
            as nothing; ``"stated"`` where stating it at that value changes the answer already.
        before: The answer on the near side of it.
        at: The answer at the value itself.
        after: The answer beyond it; None where the domain ends there.
        exact: Whether the value is the threshold itself. It always is where this library can solve for it, and it
            reports no other.
    """

    variable: str
    model: str | None
    field: str
    unit: str
    current: Exact | None
    value: Exact
    direction: Literal["up", "down", "stated"]
    before: Choice
    at: Choice
    after: Choice | None
    exact: bool = True

    @property
    def change(self) -> Exact | None:
        """By how much the number changes until there, with its sign; None if it is not stated now."""
        return None if self.current is None else self.value - self.current

    @property
    def relative(self) -> Exact | None:
        """The size of that change over the number itself; None where the number is 0 or not stated."""
        change = self.change
        return (
            None
            if change is None or not self.current
            else divide(max(change, -change), max(self.current, -self.current))
        )

    @property
    def inclusive(self) -> bool:
        """Whether the answer beyond already holds at the value itself."""
        return self.at != self.before

    @property
    def new(self) -> Choice:
        """The answer that the flip leads to."""
        if self.after is None or self.after == self.before:
            return self.at
        return self.after

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import flip_text

        return flip_text(self)


@attrs.frozen(kw_only=True)
class Steady:
    """
    A number that does not change the answer.

    Attributes:
        variable, model, field, unit, current: As in :class:`Flip`.
        low, high: Within which values there is no flip; None for no end.
        impossible: Why no value could, where nothing depends on it; empty where something does, and yet none does.
        unsolved: Why it was not worked out, in the rare case that it was not.
    """

    variable: str
    model: str | None
    field: str
    unit: str
    current: Exact | None
    low: Exact
    high: Exact | None
    impossible: str = ""
    unsolved: str = ""

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import steady_text

        return steady_text(self)


@attrs.frozen(kw_only=True)
class Flips(Sequence[Flip]):
    """
    The values at which another answer holds, nearest first.

    Attributes:
        choice: The answer now.
        flips: Every flip: those of numbers that are stated by their relative distance, then the others.
        steady: The numbers that do not change the answer, with how far they were looked at.
    """

    choice: Choice
    flips: tuple[Flip, ...]
    steady: tuple[Steady, ...]

    def of(self, variable: str, model: str | None = None, field: str | None = None) -> tuple[Flip, ...]:
        """
        The flips of one number, nearest first.

        Raises:
            UnknownNameError: There is no such variable.
        """
        if variable not in VARIABLES:
            raise UnknownNameError("variable", variable, VARIABLES)
        return tuple(
            flip
            for flip in self.flips
            if flip.variable == variable
            and (model is None or flip.model == model)
            and (field is None or flip.field == field)
        )

    @overload
    def __getitem__(self, index: int) -> Flip: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Flip, ...]: ...
    def __getitem__(self, index: int | slice) -> Flip | tuple[Flip, ...]:
        return self.flips[index]

    def __len__(self) -> int:
        return len(self.flips)

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import flips_text

        return flips_text(self)


def flips_of(case: Case, variables: Sequence[str] = ()) -> Flips:
    """
    The flips of a decision.

    Raises:
        UnknownNameError: A variable is not known.
    """
    for name in variables:
        if name not in VARIABLES:
            raise UnknownNameError("variable", name, VARIABLES)
    found = case.found
    flips: list[Flip] = []
    steady: list[Steady] = []
    for name in variables or VARIABLES:
        for scan in found.of(name):
            flips.extend(scan.flips)
            if scan.steady is not None:
                steady.append(scan.steady)
    return Flips(choice=found.choice, flips=tuple(sorted(flips, key=nearness)), steady=tuple(steady))


def nearness(flip: Flip) -> tuple[int, Exact]:
    """How far a flip is, to put the nearest first."""
    if flip.relative is not None:
        return 0, flip.relative
    # Of nought nothing can be said in per cent: such a change counts as it is.
    return (1, max(flip.change, -flip.change)) if flip.change is not None else (2, 0)


@attrs.frozen(eq=False)
class Scan:
    """
    One number from the low end of its domain to the high one.

    Attributes:
        axis: The number.
        choice: The answer now.
        cells: The answer everywhere; empty where nothing depends on it.
        impossible: Why not, if so.
    """

    axis: Axis
    choice: Choice
    cells: Sequence[Cell]
    impossible: str = ""

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """Where it changes, outwards from what the number is now: upwards first."""
        return tuple(self._found())

    @property
    def steady(self) -> Steady | None:
        """That it never changes, if it does not."""
        if self.flips:
            return None
        axis = self.axis
        unsolved = self.impossible.startswith(UNSOLVED)
        high = None if axis.high >= MOST_SHOWN or (axis.variable == "in_out_ratio") else axis.high
        return Steady(
            variable=axis.variable,
            model=axis.model,
            field=axis.field,
            unit=axis.unit,
            current=_shown(axis, axis.current),
            low=axis.low,
            high=high,
            impossible="" if unsolved else self.impossible,
            unsolved=self.impossible.removeprefix(UNSOLVED) if unsolved else "",
        )

    def _found(self) -> Iterator[Flip]:
        """Every boundary between two answers, outwards from what the number is now."""
        axis, cells = self.axis, self.cells
        if not cells:
            return
        now = axis.current
        if now is None:
            now = axis.unstated
            end = cells[0] if now == axis.low else cells[-1]
            if end.choice != self.choice:
                inside = end if end.low != end.high else cells[1] if now == axis.low else cells[-2]
                at = end.choice if end.low == end.high else self.choice
                yield self._flip("stated", now, self.choice, at, inside.choice)
        points = [index for index, cell in enumerate(cells) if cell.low == cell.high]
        for index in points:
            if cells[index].low >= now and index + 1 < len(cells):
                yield from self._boundary("up", cells[index].low == now, index, 1)
            elif cells[index].low > now:
                yield from self._boundary("up", False, index, 1)
        for index in reversed(points):
            if cells[index].low <= now and index > 0:
                yield from self._boundary("down", cells[index].low == now, index, -1)
            elif cells[index].low < now:
                yield from self._boundary("down", False, index, -1)

    def _boundary(self, direction: str, starts_here: bool, index: int, step: int) -> Iterator[Flip]:
        cells = self.cells
        here, near = cells[index].choice, cells[index - step].choice if 0 <= index - step < len(cells) else None
        far = cells[index + step].choice if 0 <= index + step < len(cells) else None
        before = here if starts_here or near is None else near
        if here != before or (far is not None and far != here):
            yield self._flip(direction, cells[index].low, before, here, far)

    def _flip(self, direction: str, value: Exact, before: Choice, at: Choice, after: Choice | None) -> Flip:
        axis = self.axis
        shown = _shown(axis, value)
        assert shown is not None  # no value is left out
        return Flip(
            variable=axis.variable,
            model=axis.model,
            field=axis.field,
            unit=axis.unit,
            current=_shown(axis, axis.current),
            value=shown,
            direction=direction,  # type: ignore[arg-type]  # one of three
            before=before,
            at=at,
            after=after,
        )


def _everywhere(axis: Axis, choice: Choice) -> tuple[Cell, ...]:
    ends = (Cell(axis.low, axis.low, choice), Cell(axis.low, axis.high, choice), Cell(axis.high, axis.high, choice))
    return ends[axis.open_low : 2 if axis.open_high else 3]


MOST_SHOWN: Final = 10**30


def _shown(axis: Axis, value: Exact | None) -> Exact | None:
    """What is varied as a share of the input is told as a ratio; all input and no output has none."""
    if axis.variable != "in_out_ratio" or value is None:
        return value
    return None if value == 1 else divide(value, 1 - value)


class Found:
    """What is worked out about the flips of a case, kept for the next question."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.decision: Decision = case.decision
        self.choice = Choice(self.decision.status, tuple(sorted(self.decision.leaders)))
        self._shared: dict[str, Scan] = {}
        self._own: dict[tuple[str, str], list[Scan]] = {}

    def of(self, variable: str) -> Iterator[Scan]:
        """Every number of that name."""
        if variable in SHARED:
            yield self.shared(variable)
        else:
            for runner in self.decision.runners:
                yield from self.own(variable, runner)

    def shared(self, variable: str) -> Scan:
        """A number of the workload or the caps."""
        if variable not in self._shared:
            self._shared[variable] = self._scanned(shared_axis(self.case, variable))
        return self._shared[variable]

    def own(self, variable: str, runner: Runner) -> list[Scan]:
        """A number of a candidate: for its prices one for each."""
        key = (variable, runner.id)
        if key not in self._own:
            self._own[key] = [self._alone(axis, runner) for axis in own_axes(self.case, runner, (variable,))]
        return self._own[key]

    def all(self, runner: Runner) -> Iterator[Scan]:
        """Every number of the workload, and those of one candidate."""
        for variable in SHARED:
            yield self.shared(variable)
        for variable in OWN:
            yield from self.own(variable, runner)

    def _scanned(self, shared: Shared) -> Scan:
        axis = shared.axis
        if shared.impossible:
            return Scan(axis, self.choice, (), shared.impossible)
        outcomes = Outcomes(shared.question_knots(), axis.low, axis.high, shared.outcome)
        ends = outcomes.every(open_low=axis.open_low)
        tracks = [shared.track(runner) for runner in shared.relevant(self.decision.runners, ends)]
        cells = walk(tracks, axis.low, axis.high, outcomes, open_low=axis.open_low, open_high=axis.open_high)
        return Scan(axis, self.choice, cells)

    def _alone(self, own: Own, runner: Runner) -> Scan:
        axis = own.axis
        if own.impossible:
            return Scan(axis, self.choice, (), own.impossible)
        # Whoever cannot lead the others cannot lead once this one has changed, either.
        others = self._rest(runner)
        track = own.track()
        apart = self._never_meet(axis, track, others)
        if apart is not None:
            return Scan(axis, self.choice, _everywhere(axis, apart))
        rest = [Fixed(each, axis.high) for each in others]
        unknown = bool(self._unknown - {runner.id})
        outcomes = Always(self.decision.outcome, axis.low, axis.high)
        cells = walk(
            [track, *rest],
            axis.low,
            axis.high,
            outcomes,
            unknown=unknown,
            open_low=axis.open_low,
            open_high=axis.open_high,
        )
        return Scan(axis, self.choice, cells)

    def _never_meet(self, axis: Axis, track: Track, others: Sequence[Runner]) -> Choice | None:
        """The answer everywhere, if the line of a candidate stays on one side of those who lead the others."""
        rank_by = self.decision.outcome.rank_by
        if not rank_by or not others or track.standing != "possible" or track.piece(0).high != axis.high:
            return None
        line, key = track.piece(0).line(rank_by[0]), others[0].key(rank_by[0])
        if line is None or key is None:
            return None
        low, high = line[0] + line[1] * axis.low - key, line[0] + line[1] * axis.high - key
        if low < 0 and high < 0:
            return Choice("selected", (track.id,))
        if low > 0 and high > 0:
            return Choice("selected" if len(others) == 1 else "tie", tuple(sorted(each.id for each in others)))
        return None

    def _rest(self, runner: Runner) -> Sequence[Runner]:
        """Those of the others who matter to *runner*: whoever leads them."""
        rank_by = self.decision.outcome.rank_by
        leading = self._leading
        if any(each.id == runner.id for each in leading):
            alike = [each for each in leading if each.id != runner.id] if rank_by else []
            leading = alike or self._led(self._others(runner), self.decision.outcome)
        if rank_by and leading and leading[0].key(rank_by[0]) is None:
            return self._others(runner)[
                :2
            ]  # nothing is known of any of them: it only matters whether there are several
        return leading

    @cached_property
    def _unknown(self) -> frozenset[str]:
        return frozenset(name for name, standing in self.decision.standings.items() if standing == "unknown")

    def _others(self, runner: Runner) -> list[Runner]:
        return [each for each in self.decision.possible if each.id != runner.id]

    @cached_property
    def _leading(self) -> Sequence[Runner]:
        return self._led(self.decision.possible, self.decision.outcome)

    @staticmethod
    def _led(runners: Sequence[Runner], outcome: Outcome) -> Sequence[Runner]:
        """Those of *runners* that can matter to another candidate."""
        if outcome.tie == "all":
            return runners
        return front_of(runners) if outcome.tie else best_of(runners, criteria_of(outcome))
