"""
At which values the answer is another one: exact thresholds, one number at a time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress, groupby, pairwise
from math import inf
from operator import itemgetter
from typing import Final, Literal, TypeAlias, overload

import attrs

from llm_tradeoffs._decide import RESPECTS, Decision, best_of, criteria_of
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.analysis._axes import MOST, SHARED, VARIABLES, Axis, Own, own_axes, shared_axis
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._lines import Place
from llm_tradeoffs.analysis._masks import Order, bits, dominators
from llm_tradeoffs.analysis._numbers import Runner
from llm_tradeoffs.analysis._race import (
    INFEASIBLE,
    UNDECIDED,
    Piece,
    Reach,
    Span,
    State,
    Step,
    Track,
    beaten,
    counted,
    filled,
    joined,
    race,
    ranked,
    single_file,
    without,
)
from llm_tradeoffs.errors import UnknownNameError
from llm_tradeoffs.money import Exact, divide
from llm_tradeoffs.recommendation import Status

__all__ = ["VARIABLES", "Choice", "Flip", "Flips", "Found", "Scan", "Steady", "flips_of", "nearest_first"]


@attrs.frozen
class Choice:
    """
    An answer without its reasons.

    Attributes:
        status: As in :class:`Recommendation`.
        models: The id of the chosen model, or the ids of those that tie, sorted; empty for neither.
    """

    status: Status
    models: tuple[str, ...] = ()

    @property
    def chosen(self) -> str | None:
        """The id of the chosen model; None unless one was selected."""
        return self.models[0] if self.status == "selected" else None

    def __str__(self) -> str:
        if self.status == "selected":
            return self.models[0]
        if self.status == "tie":
            return "a tie of " + ", ".join(self.models)
        return "no candidate" if self.status == "infeasible" else "undecided: facts are missing"


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
            as nothing, and the in:out ratio without output as one without end; ``"stated"`` where stating it at
            that value changes the answer already.
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
    """

    variable: str
    model: str | None
    field: str
    unit: str
    current: Exact | None
    low: Exact
    high: Exact | None
    impossible: str = ""

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import steady_text

        return steady_text(self)


@attrs.frozen(kw_only=True)
class Flips(Tabular, Sequence[Flip]):
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
            if scan.flips:
                flips.extend(scan.flips)
            else:
                steady.append(scan.steady)
    return Flips(choice=found.choice, flips=tuple(nearest_first(flips)), steady=tuple(steady))


def nearest_first(flips: Iterable[Flip]) -> list[Flip]:
    """*flips* by how far they are, exactly: in per cent, then those from nought, then those of what is not stated."""
    keyed = sorted(((_about(flip), flip) for flip in flips), key=itemgetter(0))
    found: list[Flip] = []
    for _, group in groupby(keyed, key=itemgetter(0)):
        alike = [flip for _, flip in group]
        if len(alike) > 1 and alike[0].current is not None:
            alike.sort(key=_distance)
        found += alike
    return found


_RELATIVE, _FROM_NOUGHT, _UNSTATED = range(3)


def _about(flip: Flip) -> tuple[int, float]:
    """Its distance as a float, which is compared ten times as fast and never puts a larger one first."""
    if flip.current is None:
        return _UNSTATED, 0.0
    over, under = _parts_of(flip)
    try:
        return (_RELATIVE if flip.current else _FROM_NOUGHT), over / under
    except OverflowError:
        return (_RELATIVE if flip.current else _FROM_NOUGHT), inf


def _distance(flip: Flip) -> Exact:
    return divide(*_parts_of(flip))


def _parts_of(flip: Flip) -> tuple[int, int]:
    """The distance of a flip as a ratio. Of nought nothing can be said in per cent: such a change counts as it is."""
    now, value = flip.current, flip.value
    assert now is not None  # or there is no distance
    change = value.numerator * now.denominator - now.numerator * value.denominator
    return abs(change), value.denominator * (abs(now.numerator) or 1)


_BITS: Final = bytes.maketrans(b"01", b"\0\1")
_COUNTS: Final = {"expected_cost": ("cost", "quality")}
"""What a criterion is made of, if of more than itself."""

_Change: TypeAlias = tuple[Exact, State | None, State, State | None]
"""A value, and the answers just before it, at it, and just after it; None where the domain ends."""


class Scan:
    """
    One number from the low end of its domain to the high one.

    Attributes:
        axis: The number.
        steps: From where on which answer holds; empty where nothing depends on the number.
        impossible: Why not, if so.
    """

    def __init__(self, found: Found, axis: Axis, steps: Sequence[Step], impossible: str = "") -> None:
        self.axis = axis
        self.steps = steps
        self.impossible = impossible
        self._answers = found

    @property
    def cells(self) -> tuple[tuple[Place, Place, Choice], ...]:
        """The answer everywhere: from which place to which, and which."""
        ends = [*(place for place, _ in self.steps[1:]), self.axis.end]
        choice = self._answers.as_choice
        return tuple((place, end, choice(state)) for (place, state), end in zip(self.steps, ends, strict=False))

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """Where it changes, outwards from what the number is now: upwards first."""
        return tuple(self._found()) if len(self.steps) > 1 or (self.axis.current is None and self.steps) else ()

    @property
    def steady(self) -> Steady:
        """That it never changes, for a number that has no flips."""
        axis = self.axis
        high = axis.shown(axis.high)
        return Steady(
            variable=axis.variable,
            model=axis.model,
            field=axis.field,
            unit=axis.unit,
            current=self._current,
            low=0 if axis.scale == "time" else axis.low,
            high=None if high >= MOST else high,
            impossible=self.impossible,
        )

    @property
    def _current(self) -> Exact | None:
        return None if self.axis.current is None else self.axis.shown(self.axis.current)

    def _found(self) -> Iterator[Flip]:
        """Every value at which the answer changes, outwards from what the number is now."""
        axis = self.axis
        now = axis.unstated if axis.current is None else axis.current
        if axis.current is None:
            yield from self._stated(now)
        changes = list(self._whole_changes() if axis.whole else self._changes())
        split = bisect_left(changes, now, key=itemgetter(0))
        # At the number as it is now an answer may end on either side.
        here = changes[split] if split < len(changes) and changes[split][0] == now and not axis.whole else None
        if here is not None and here[3] not in {None, here[2]}:
            yield self._flip("up", now, here[2], here[2], here[3])
        start = split + (here is not None)
        if axis.whole:
            start = split = bisect_right(changes, now, key=itemgetter(0))
        for value, before, at, after in changes[start:]:
            yield self._flip("up", value, at if before is None else before, at, after)
        if here is not None and here[1] not in {None, here[2]}:
            yield self._flip("down", now, here[2], here[2], here[1])
        for value, before, at, after in reversed(changes[:split]):
            if axis.whole:  # of whole numbers the last one before it has the other answer
                assert before is not None  # a change is between two
                yield self._flip("down", value - 1, at, before, before)
            else:
                yield self._flip("down", value, at if after is None else after, at, before)

    def _stated(self, now: Exact) -> Iterator[Flip]:
        """Whether stating it at what it counts as changes the answer already."""
        low = now == self.axis.low
        at, inside = (self.steps[0][1], self.steps[min(1, len(self.steps) - 1)]) if low else (self.steps[-1][1], None)
        if at == self._answers.state:
            return
        beyond: State = at
        if low and inside is not None and inside[0] == (now, 1):
            beyond = inside[1]
        elif not low and self.steps[-1][0] == (now, 0) and len(self.steps) > 1:
            beyond = self.steps[-2][1]
        yield self._flip("stated", now, self._answers.state, at, beyond)

    def _changes(self) -> Iterator[_Change]:
        """At which values the answer changes, ascending, with the answers before, at and after each."""
        steps, end = self.steps, self.axis.end
        start = steps[0][0]
        index = 1
        while index < len(steps):
            (value, side), state = steps[index]
            before = last = steps[index - 1][1]
            at = last if side else state
            index += 1
            if not side and index < len(steps) and steps[index][0][0] == value:
                state = steps[index][1]
                index += 1
            opens = bool(side) and index == 2 and start == (value, 0)
            ends = index == len(steps) and (value, 1) >= end
            yield value, None if opens else before, at, None if ends else state

    def _whole_changes(self) -> Iterator[_Change]:
        """The same for whole numbers: the first ones with another answer."""
        for (_, before), ((value, _), state) in pairwise(self.steps):
            yield value, before, state, state

    def _flip(
        self,
        direction: Literal["up", "down", "stated"],
        value: Exact,
        before: State,
        at: State,
        after: State | None,
    ) -> Flip:
        axis, choice = self.axis, self._answers.as_choice
        return Flip(
            variable=axis.variable,
            model=axis.model,
            field=axis.field,
            unit=axis.unit,
            current=self._current,
            value=axis.shown(value),
            direction=direction,
            before=choice(before),
            at=choice(at),
            after=None if after is None else choice(after),
        )


class Found:
    """What is worked out about the flips of a case, kept for the next question."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.decision: Decision = case.decision
        self.choice = Choice(self.decision.status, tuple(sorted(self.decision.leaders)))
        self._ids = [runner.id for runner in self.decision.runners]
        self._index = {name: index for index, name in enumerate(self._ids)}
        self._choices = {INFEASIBLE: Choice("infeasible"), UNDECIDED: Choice("needs_information")}
        self._shared: dict[str, Scan] = {}
        self._own: dict[tuple[str, str], list[Scan]] = {}
        named = {"infeasible": INFEASIBLE, "needs_information": UNDECIDED}
        self.state: State = named.get(self.choice.status, self._mask(self.choice.models))

    def _mask(self, names: Sequence[str]) -> int:
        return sum(1 << self._index[name] for name in names)

    def as_choice(self, state: State) -> Choice:
        """An answer with its names."""
        found = self._choices.get(state)
        if found is None:
            names = tuple(compress(self._ids, f"{state:b}"[::-1].encode().translate(_BITS)))
            found = self._choices[state] = Choice("selected" if len(names) == 1 else "tie", names)
        return found

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
            shared = shared_axis(self.case, variable)
            axis = shared.axis
            steps = () if shared.impossible else race(shared.tracks(), shared.outcomes(), whole=axis.whole)
            self._shared[variable] = Scan(self, axis, steps, shared.impossible)
        return self._shared[variable]

    def own(self, variable: str, runner: Runner) -> list[Scan]:
        """The numbers of that name that a candidate has: its prices are several."""
        key = (variable, runner.id)
        if key not in self._own:
            self._own[key] = [self._alone(own, runner) for own in own_axes(self.case, runner, variable)]
        return self._own[key]

    # One candidate changes and all others stay what they are.

    def _alone(self, own: Own, runner: Runner) -> Scan:
        axis = own.axis
        if own.impossible:
            return Scan(self, axis, (), own.impossible)
        index = self._index[runner.id]
        outcome = self.decision.outcome
        if not outcome.tie and self._behind(index, own.moved):
            return Scan(self, axis, ((axis.start, self._leading[0]),))
        track = own.track(1 << index)
        if outcome.tie == "all":
            others = self._possible & ~(1 << index)
            steps = [(place, others | who) for place, who in self._present(track, axis)]
        elif outcome.tie:
            steps = self._against_front(index, track, own.moved, axis)
        else:
            steps = self._against_leaders(index, track, axis)
        unknown = self._unknown & ~(1 << index)
        tracks = (Track((), ((axis.start, axis.end),)), track) if unknown else (track,)
        return Scan(self, axis, joined(filled(steps, tracks, axis.start, axis.end)))

    @staticmethod
    def _present(track: Track, axis: Axis) -> list[Step]:
        return counted(((span.start, span.end, span.who) for span in track.spans), axis.start)

    @cached_property
    def _possible(self) -> int:
        return self._mask([runner.id for runner in self.decision.possible])

    @cached_property
    def _unknown(self) -> int:
        return self._mask([name for name, standing in self.decision.standings.items() if standing == "unknown"])

    # Against a ranking: whoever does not lead the others does not matter.

    def _behind(self, index: int, moved: frozenset[str]) -> bool:
        """Whether a candidate is behind in what counts first, whatever becomes of *moved*."""
        leading, piece = self._leading
        first = self.decision.outcome.rank_by[0]
        if piece is None or leading >> index & 1 or not moved.isdisjoint(_COUNTS.get(first, (first,))):
            return False
        best, mine = piece.runner.key(first), self.decision.runners[index].key(first)
        return best is not None and (mine is None or mine > best)

    def _against_leaders(self, index: int, track: Track, axis: Axis) -> list[Step]:
        outcome = self.decision.outcome
        others = self._rest(index)
        rows = [track.spans]
        if others is not None:
            who, piece = others
            apart = self._apart(track, piece, axis)
            if apart:
                return [(axis.start, 1 << index if apart < 0 else who)]
            rows.append((Span(axis.start, axis.end, who, piece),))

        def possible() -> list[Step]:
            rest = self._possible & ~(1 << index)
            return [(place, rest | who) for place, who in self._present(track, axis)]

        spans = ranked(rows, criteria_of(outcome), whole=False)
        return single_file(spans, outcome, axis.start, axis.end, possible)

    def _apart(self, track: Track, rival: Piece, axis: Axis) -> int:
        """On which side of the others a candidate stays from end to end; 0 if its line may meet theirs."""
        if not track.spans or any(span.piece is not track.spans[0].piece for span in track.spans):
            return 0
        first = self.decision.outcome.rank_by[0]
        curve, other = track.spans[0].piece.curve(first), rival.curve(first)
        if curve is None or other is None:
            return 0
        at_low = curve[0] + curve[1] * axis.low - other[0]
        at_high = curve[0] + curve[1] * axis.high - other[0]
        if at_low > 0 and at_high > 0:
            return 1  # wherever it is possible, the others are, too
        ahead = at_low < 0 and at_high < 0
        return -1 if ahead and track.spans[0].start == axis.start and track.spans[0].end == axis.end else 0

    def _rest(self, index: int) -> tuple[int, Piece] | None:
        """Who leads without one candidate."""
        leading, piece = self._leading
        left = leading & ~(1 << index)
        if left != leading and not left:
            return self._next
        if piece is None:
            return None
        # Those who lead are alike in every respect that counts.
        return left, piece

    @cached_property
    def _leading(self) -> tuple[int, Piece | None]:
        return self._led(self.decision.possible)

    @cached_property
    def _next(self) -> tuple[int, Piece] | None:
        """Who leads without the one who leads."""
        first, _ = self._leading
        who, piece = self._led([each for each in self.decision.possible if 1 << self._index[each.id] != first])
        return None if piece is None else (who, piece)

    def _led(self, runners: Sequence[Runner]) -> tuple[int, Piece | None]:
        best = best_of(runners, criteria_of(self.decision.outcome))
        return self._mask([each.id for each in best]), Piece(best[0], {}) if best else None

    # Against a front.

    @cached_property
    def _orders(self) -> dict[str, Order]:
        return {name: Order.of([runner.key(name) for runner in self.decision.runners]) for name in RESPECTS}

    @cached_property
    def _pieces(self) -> list[Piece]:
        return [Piece(runner, {}) for runner in self.decision.runners]

    @cached_property
    def _front(self) -> tuple[int, dict[int, int]]:
        """Whom nobody beats; and for some candidates whom nobody but they beats."""
        front = 0
        held_off: dict[int, int] = {}
        orders = list(self._orders.values())
        for index in bits(self._possible):
            over = dominators(orders, index) & self._possible
            if not over:
                front |= 1 << index
            elif not over & (over - 1):
                held_off[over] = held_off.get(over, 0) | 1 << index
        return front, held_off

    def _against_front(self, index: int, track: Track, moved: frozenset[str], axis: Axis) -> list[Step]:
        me = 1 << index
        front, held_off = self._front
        front = front & ~me | held_off.get(me, 0)
        # Whoever is worse in a respect that does not change beats nobody, and whoever is better is not beaten.
        over = under = front
        for name, order in self._orders.items():
            if name not in moved:
                over &= order.good[index]
                under &= order.bad[index]
        steps: list[Step] = [(axis.start, front)]
        for span in track.spans:
            moving = [name for name in moved if (curve := span.piece.curve(name)) is not None and curve[1]]
            if len(moving) == 1 and self._same_but(index, span.piece, moved, moving[0]):
                low, high = over, under
                for name in moved - {moving[0]}:
                    low &= self._orders[name].good[index]
                    high &= self._orders[name].bad[index]
                found = self._crossed(span, moving[0], low, high, front)
            else:
                found = self._met(span, over, under, front)
            if steps[-1][0] == span.start:
                steps.pop()
            steps += found
            steps.append((span.end, front))
        return steps

    def _met(self, span: Span, over: int, under: int, front: int) -> list[Step]:
        """The front while several respects of a candidate change."""
        changes: list[tuple[Place, Place, int]] = []
        left: Sequence[Reach] = ((span.start, span.end),)
        for rival in bits(over):
            left = without(left, beaten(self._pieces[rival], span.piece, span.start, span.end, whole=False))
        changes += [(low, high, span.who) for low, high in left]
        for rival in bits(under):
            off = beaten(span.piece, self._pieces[rival], span.start, span.end, whole=False)
            changes += [(low, high, 1 << rival) for low, high in off]
        found = counted(changes, span.start)
        return [(place, front ^ changed) for place, changed in found if place < span.end]

    def _same_but(self, index: int, piece: Piece, moved: frozenset[str], moving: str) -> bool:
        """Whether all else that may change stays what it is."""
        runner = self.decision.runners[index]
        return all(
            (None if (key := runner.key(name)) is None else (key, 0)) == piece.curve(name)
            for name in moved
            if name != moving
        )

    def _crossed(self, span: Span, name: str, over: int, under: int, front: int) -> list[Step]:
        """The same where one respect changes alone, along a line: each rank is passed at one value."""
        curve = span.piece.curve(name)
        assert curve is not None  # it changes
        constant, slope = curve[0], curve[1]
        rising = slope > 0
        ranks, runners = self._orders[name].ranks, self.decision.runners
        met = over | under
        passed = [rank for rank in (ranks if rising else reversed(ranks)) if rank & met]
        known = sum(passed)  # no candidate is in two of them
        # Who is beaten, and who beats it. At a root they are equal in this respect, and the others decide.
        off, ahead = (under & known, 0) if rising else (0, over & known)
        equal = over & under
        first = equal if rising else ~equal
        bounds = constant + slope * span.start[0], constant + slope * span.end[0]
        least, most = bounds if rising else bounds[::-1]
        state = front ^ off | (0 if ahead else span.who)
        steps: list[Step] = [(span.start, state)]
        for rank in passed:
            key = runners[(rank & -rank).bit_length() - 1].key(name)
            assert key is not None  # it has a place in the order
            within = least < key < most
            root: Exact | None = None
            for side, which in ((0, first), (1, ~first)):
                off ^= under & rank & which
                ahead ^= over & rank & ~which
                before, state = state, front ^ off | (0 if ahead else span.who)
                if state == before:
                    continue
                root = _root(key, constant, slope) if root is None else root
                if not within and (root, side) >= span.end:
                    return steps
                if not within and (root, side) <= span.start:
                    steps = [(span.start, state)]
                else:
                    steps.append(((root, side), state))
        return steps


def _root(key: Exact, constant: Exact, slope: Exact) -> Exact:
    """Where a line comes to *key*, reduced once."""
    over = (key.numerator * constant.denominator - constant.numerator * key.denominator) * slope.denominator
    return divide(over, key.denominator * constant.denominator * slope.numerator)
