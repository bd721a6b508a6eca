"""
A choice as a function of one number.

What a candidate is ranked by is affine in that number between *knots*, the values at which a price row, a
limit or a unit of something begins to count; what it is allowed is constant there. So a candidate is a
*track* of pieces, each known from two of its points. The walk goes from the low end of the number to the high
one: it decides at a value and just after it, sees from the lines how long that decision must hold, and goes there.
Nothing is searched for, so no change can lie between two steps.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol, TypeAlias

import attrs

from llm_tradeoffs._decide import RESPECTS, beats, criteria_of, leaders
from llm_tradeoffs.analysis._numbers import Runner
from llm_tradeoffs.money import Exact, divide, plain
from llm_tradeoffs.policy import Outcome
from llm_tradeoffs.recommendation import Standing, Status

__all__ = ["Cell", "Choice", "Fixed", "Line", "Outcomes", "Track", "line_root", "walk"]

Line: TypeAlias = tuple[Exact, Exact]
"""Constant and slope."""


def line_root(line: Line, value: Exact) -> Exact | None:
    """Where *line* has *value*, or None if it never does or always."""
    constant, slope = line
    return divide(value - constant, slope) if slope else None


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


@attrs.frozen
class Cell:
    """
    Values with one answer: a single one, or all between two.

    Attributes:
        low, high: The ends; equal for a single value, else the cell is open at both.
        choice: The answer there.
    """

    low: Exact
    high: Exact
    choice: Choice


class Piece:
    """A candidate between two knots."""

    __slots__ = ("_first", "_flat", "_lines", "_sample", "_samples", "_second", "_standing", "high", "low")

    _standing: Standing | None

    def __init__(
        self, low: Exact, high: Exact, sample: Callable[[Exact], Runner], flat: bool, standing: Standing | None
    ) -> None:
        self.low = low
        self.high = high
        # Whole numbers where there are any, since they are the cheapest to compute with.
        first: Exact = low.__floor__() + 1
        second: Exact = first + 1
        if second >= high:
            width = divide(high - low, 3)
            first, second = plain(low + width), plain(high - width)
        self._samples = (first, second)
        self._sample = sample
        self._flat = flat
        self._first = sample(first)
        self._second: Runner | None = None
        self._standing = standing
        self._lines: dict[str, Line | None] = {}

    @property
    def standing(self) -> Standing:
        if self._standing is None:
            self._standing = self._first.standing()
        return self._standing

    def line(self, criterion: str) -> Line | None:
        lines = self._lines
        if criterion not in lines:
            one = self._first.key(criterion)
            flat = self._flat or one is None
            lines[criterion] = self._through(one, one if flat else self._other.key(criterion))
        return lines[criterion]

    def cost(self) -> Line | None:
        return self._through(self._first.cost, self._other.cost)

    @property
    def _other(self) -> Runner:
        if self._second is None:
            self._second = self._sample(self._samples[1])
        return self._second

    def _through(self, one: Exact | None, other: Exact | None) -> Line | None:
        if one is None or other is None:
            return None
        if one == other:
            return one, 0
        first, second = self._samples
        slope = divide(other - one, second - first)
        return plain(one - slope * first), slope


class Spot:
    """A candidate at a value between its knots."""

    __slots__ = ("_at", "_piece", "id")

    def __init__(self, id: str, piece: AnyPiece, at: Exact) -> None:
        self.id = id
        self._piece = piece
        self._at = at

    def key(self, criterion: str) -> Exact | None:
        line = self._piece.line(criterion)
        return None if line is None else line[0] + line[1] * self._at


class Germ:
    """A candidate just after a value: what it is ranked by there, and whether that rises or falls."""

    __slots__ = ("_at", "id", "piece", "track")

    def __init__(self, track: AnyTrack, piece: AnyPiece, at: Exact) -> None:
        self.id = track.id
        self.track = track
        self.piece = piece
        self._at = at

    def key(self, criterion: str) -> tuple[Exact, Exact] | None:
        line = self.piece.line(criterion)
        return None if line is None else (line[0] + line[1] * self._at, line[1])


class AnyPiece(Protocol):
    """What the walk asks of a piece."""

    @property
    def high(self) -> Exact: ...
    @property
    def standing(self) -> Standing: ...
    def line(self, criterion: str) -> Line | None: ...


class AnyTrack(Protocol):
    """What the walk asks of a candidate: pieces by number, each beginning at a knot."""

    @property
    def id(self) -> str: ...
    @property
    def standing(self) -> Standing | None:
        """What it is allowed at every value, where that is known beforehand."""
        ...

    def index(self, value: Exact) -> int:
        """The number of the piece that begins at *value* or holds it."""
        ...

    def piece(self, index: int) -> AnyPiece: ...
    def point(self, index: int) -> Runner:
        """The candidate at the beginning of a piece, or at the end of the last one."""
        ...

    def knot(self, value: Exact) -> Runner | None:
        """The candidate at *value*, if that is one of its knots."""
        ...


class Track:
    """
    A candidate as a function of one number.

    Args:
        id: The model's id.
        knots: Between which everything about it is affine or constant; the ends of the domain among them.
        sample: The candidate at one value.
        bent: Further knots within a piece, which its lines show: where a cap is met.
        flat: Whether what it is ranked by does not depend on the number at all.
        standing: What it is allowed, where that does not depend on the number; None where it may.
    """

    __slots__ = ("_flat", "_knots", "_pieces", "_points", "_sample", "id", "standing")

    id: str
    standing: Standing | None

    def __init__(
        self,
        id: str,
        knots: Iterable[Exact],
        sample: Callable[[Exact], Runner],
        *,
        bent: Callable[[Piece], Iterable[Exact]] | None = None,
        flat: bool = False,
        standing: Standing | None = None,
    ) -> None:
        self.id = id
        self.standing = standing
        self._sample = sample
        self._flat = flat
        self._knots = sorted(set(knots))
        self._pieces: list[Piece | None] = [None] * (len(self._knots) - 1)
        self._points: dict[int, Runner] = {}
        if bent is not None:
            self._bend(bent)

    def _bend(self, bent: Callable[[Piece], Iterable[Exact]]) -> None:
        more: set[Exact] = set()
        for index in range(len(self._pieces)):
            piece = self.piece(index)
            more.update(value for value in bent(piece) if piece.low < value < piece.high)
        if more:
            self._knots = sorted({*self._knots, *more})
            self._pieces = [None] * (len(self._knots) - 1)

    def index(self, value: Exact) -> int:
        return bisect_right(self._knots, value) - 1 if len(self._knots) > 2 else 0

    def piece(self, index: int) -> Piece:
        piece = self._pieces[index]
        if piece is None:
            piece = self._pieces[index] = Piece(
                self._knots[index], self._knots[index + 1], self._sample, self._flat, self.standing
            )
        return piece

    def point(self, index: int) -> Runner:
        if index not in self._points:
            self._points[index] = self._sample(self._knots[index])
        return self._points[index]

    def knot(self, value: Exact) -> Runner | None:
        knots = self._knots
        index = bisect_left(knots, value)
        return self.point(index) if index < len(knots) and knots[index] == value else None


class Fixed:
    """A candidate that does not depend on the number: a track of one piece, and that piece."""

    __slots__ = ("high", "id", "runner", "standing")

    def __init__(self, runner: Runner, high: Exact) -> None:
        self.id = runner.id
        self.runner = runner
        self.high = high
        self.standing: Standing = "possible"

    def line(self, criterion: str) -> Line | None:
        key = self.runner.key(criterion)
        return None if key is None else (key, 0)

    def index(self, value: Exact) -> int:  # noqa: ARG002 -- the same everywhere
        return 0

    def piece(self, index: int) -> Fixed:  # noqa: ARG002 -- the same everywhere
        return self

    def point(self, index: int) -> Runner:  # noqa: ARG002 -- the same everywhere
        return self.runner

    def knot(self, value: Exact) -> Runner | None:  # noqa: ARG002 -- the same everywhere
        return self.runner


class Outcomes:
    """Where the questions of a policy lead, as a function of one number: constant between *knots*."""

    def __init__(self, knots: Iterable[Exact], low: Exact, high: Exact, at: Callable[[Exact], Outcome]) -> None:
        self.knots = sorted({low, high, *(knot for knot in knots if low < knot < high)})
        self._at = at
        self._known: dict[Exact, Outcome] = {}

    def at(self, value: Exact) -> Outcome:
        """The outcome at *value*."""
        index = bisect_left(self.knots, value)
        return self._here(value) if self.knots[index] == value else self._between(index - 1)

    def after(self, value: Exact) -> Outcome:
        """The outcome just after *value*."""
        return self._between(bisect_right(self.knots, value) - 1)

    def until(self, value: Exact) -> Exact:
        """The next knot after *value*."""
        return self.knots[bisect_right(self.knots, value)]

    def every(self, *, open_low: bool) -> list[Outcome]:
        """Every outcome that there is."""
        points = self.knots[1:] if open_low else self.knots
        return [*map(self.at, points), *(self._between(index) for index in range(len(self.knots) - 1))]

    def _between(self, index: int) -> Outcome:
        if len(self.knots) == 2 and self.knots[0] < 1 < self.knots[1]:
            return self._here(1)
        return self._here(divide(self.knots[index] + self.knots[index + 1], 2))

    def _here(self, value: Exact) -> Outcome:
        if value not in self._known:
            self._known[value] = self._at(value)
        return self._known[value]


class Always(Outcomes):
    """One outcome, whatever the number."""

    def __init__(self, outcome: Outcome, low: Exact, high: Exact) -> None:
        self.knots = [low, high]
        self._outcome = outcome

    def at(self, value: Exact) -> Outcome:  # noqa: ARG002 -- the same everywhere
        return self._outcome

    def after(self, value: Exact) -> Outcome:  # noqa: ARG002 -- the same everywhere
        return self._outcome


def walk(
    tracks: Sequence[AnyTrack],
    low: Exact,
    high: Exact,
    outcomes: Outcomes,
    *,
    unknown: bool = False,
    open_low: bool = False,
    open_high: bool = False,
) -> list[Cell]:
    """
    The answer at every value from *low* to *high*: cells in order, single values and open intervals in turn.

    Args:
        tracks: Every candidate that can matter.
        low, high: The domain.
        outcomes: How they are ranked at each value.
        unknown: Whether there are others besides of whom it is not known whether they are possible.
        open_low, open_high: Whether an end is out of the domain.
    """
    going = _Walk(tracks, outcomes, unknown)
    found = [] if open_low else [Cell(low, low, going.at(low))]
    place = low
    while place < high:
        choice, until = going.after(place, high)
        found.append(Cell(place, until, choice))
        if until < high or not open_high:
            found.append(Cell(until, until, going.at(until)))
        place = until
    return found


class _Walk:
    def __init__(self, tracks: Sequence[AnyTrack], outcomes: Outcomes, unknown: bool) -> None:
        self.tracks = tracks
        self.outcomes = outcomes
        self.unknown = unknown
        # Who has to be looked at in the next step: the others are known to stay behind.
        self.pool = tracks
        moving = [track for track in tracks if not isinstance(track, Fixed)]
        # Where one candidate changes, the others are those whom nobody among them beats.
        self.alone = moving[0].id if len(moving) == 1 else None

    def at(self, value: Exact) -> Choice:
        """The answer at *value*."""
        racers: list[Any] = []
        unknown = self.unknown
        for track in self.pool:
            racer: Runner | Spot | None = track.knot(value)
            if isinstance(racer, Runner):
                standing = track.standing or racer.standing()
            else:
                piece = track.piece(track.index(value))
                standing, racer = piece.standing, Spot(track.id, piece, value)
            if standing == "possible":
                racers.append(racer)
            elif standing == "unknown":
                unknown = True
        return self._choice(*self._leaders(racers, self.outcomes.at(value), unknown))

    def after(self, value: Exact, high: Exact) -> tuple[Choice, Exact]:
        """The answer just after *value*, and until where it surely holds."""
        outcome = self.outcomes.after(value)
        racers: list[Germ] = []
        unknown = self.unknown
        for track in self.pool:
            piece = track.piece(track.index(value))
            standing = piece.standing
            if standing == "possible":
                racers.append(Germ(track, piece, value))
            elif standing == "unknown":
                unknown = True
        status, first = self._leaders(racers, outcome, unknown)
        until = min(high, self.outcomes.until(value))
        self.pool = self.tracks
        if not racers:
            until = self._nobody_until(value, until, unknown)
        elif outcome.tie or not first or first[0].piece.line(outcome.rank_by[0]) is None:
            until = min(until, *(track.piece(track.index(value)).high for track in self.tracks))
            if outcome.tie == "trade-off":
                until = _front_holds(racers, first, value, until, self.alone)
        else:
            until = self._lead_holds(first, value, until, outcome)
        return self._choice(status, first), until

    def _leaders(self, racers: Sequence[Any], outcome: Outcome, unknown: bool) -> tuple[Status, Sequence[Any]]:
        if outcome.tie == "trade-off" and self.alone is not None and len(racers) > 1:
            mover = next((each for each in racers if each.id == self.alone), None)
            if mover is None:
                first = racers
            else:
                first = [each for each in racers if each is not mover and not beats(mover, each)]
                first += [mover] if not any(beats(each, mover) for each in racers if each is not mover) else []
            return ("selected" if len(first) == 1 else "tie"), first
        return leaders(racers, outcome, unknown=unknown)

    @staticmethod
    def _choice(status: Status, first: Sequence[Any]) -> Choice:
        return Choice(status, tuple(sorted(each.id for each in first)))

    def _nobody_until(self, start: Exact, until: Exact, unknown: bool) -> Exact:
        """Until where nobody is possible, and somebody or nobody is unknown as now."""
        held: Exact = start  # until where somebody surely is unknown
        if unknown:
            pieces = (track.piece(track.index(start)) for track in self.tracks)
            held = until if self.unknown else max(piece.high for piece in pieces if piece.standing == "unknown")
        until = min(until, held) if unknown else until
        for track in self.tracks:
            index = track.index(start)
            while (end := track.piece(index).high) < until:
                index += 1
                news = {track.standing or track.point(index).standing(), track.piece(index).standing}
                if "possible" in news or (not unknown and "unknown" in news):
                    until = end
        return until

    def _lead_holds(self, first: Sequence[Germ], start: Exact, until: Exact, outcome: Outcome) -> Exact:
        """How long the first of a ranking stays first; who may take its place then is all that the next step asks."""
        criteria = criteria_of(outcome)
        lead = first[0].piece
        own = until = min(until, *(each.piece.high for each in first))
        leading = {each.id for each in first}
        rivals: list[AnyTrack] = []
        for track in self.tracks:
            if track.id in leading:
                continue
            met = _met(lead, track, start, until, criteria)
            if met is not None:
                rivals = [*rivals, track] if met == until else [track]
                until = met
        if until < own:
            self.pool = [*(each.track for each in first), *rivals]
        return until


# How long a Pareto front stays what it is: there are certificates for it. For each candidate that is off the front
# somebody who beats it, and for each two on it a respect in which either is ahead.


def _front_holds(racers: Sequence[Germ], front: Sequence[Germ], start: Exact, until: Exact, alone: str | None) -> Exact:
    on_it = {each.id for each in front}
    for each in racers:
        if each.id not in on_it:
            held = [_ahead_until(better, each, start) for better in front if beats(better, each)]
            until = _earlier(until, _latest(held))
    for one in front:
        for other in front if alone in {None, one.id} else [each for each in front if each.id == alone]:
            if one is not other:
                until = _earlier(until, _unbeaten_until(one, other, start))
    return until


NEVER: Final = None
"""No end: what holds now holds for good."""


def _earlier(one: Exact, other: Exact | None) -> Exact:
    return one if other is None or one <= other else other


def _latest(values: Sequence[Exact | None]) -> Exact | None:
    known = [value for value in values if value is not None]
    return max(known) if len(known) == len(values) else NEVER


def _ahead_until(better: Germ, worse: Germ, start: Exact) -> Exact | None:
    """Until where *better*, which beats *worse* just after *start*, surely beats it."""
    ends: list[Exact] = []
    for name in RESPECTS:
        one, other = better.piece.line(name), worse.piece.line(name)
        if one is not None and other is not None:
            end = _crossing(other, one, start)
            if end is not None:
                ends.append(end)
    return min(ends) if ends else NEVER


def _unbeaten_until(one: Germ, other: Germ, start: Exact) -> Exact | None:
    """Until where *one*, which does not beat *other* just after *start*, surely does not."""
    latest: Exact = start
    for name in RESPECTS:
        mine, theirs = one.piece.line(name), other.piece.line(name)
        if mine is None or theirs is None:
            if mine is not theirs:
                return NEVER
            continue
        gap = mine[0] + mine[1] * start - theirs[0] - theirs[1] * start
        if gap > 0 or (gap == 0 and mine[1] > theirs[1]):
            end = _crossing(mine, theirs, start)
            if end is None:
                return NEVER
            latest = max(latest, end)
    return NEVER if latest == start else latest  # as good in every respect, for as long as both pieces last


def _crossing(above: Line, below: Line, start: Exact) -> Exact | None:
    """Where the line that is above just after *start* meets the other one, or None if it never does."""
    slope = above[1] - below[1]
    if slope >= 0:
        return None
    end = divide(below[0] - above[0], slope)
    return end if end > start else None


def _met(lead: AnyPiece, track: AnyTrack, start: Exact, until: Exact, criteria: Sequence[str]) -> Exact | None:
    """
    The first value up to *until* at which *track* may be as good as *lead* or better; None if there is none.

    A piece that begins at *until* counts, whatever it is.
    """
    place = start
    index = track.index(start)
    while True:
        piece = track.piece(index)
        end = piece.high
        if piece.standing == "possible":
            met = _challenge(lead, piece, place, criteria)
            if met is not None and met <= end and met <= until:
                return met
        if end >= until:
            return until if end == until else None
        index += 1
        point = track.point(index)
        if (track.standing or point.standing()) == "possible" and not _behind(point, lead, end, criteria):
            return end
        place = end


def _challenge(lead: AnyPiece, piece: AnyPiece, start: Exact, criteria: Sequence[str]) -> Exact | None:
    """From where on *piece* is as good as *lead* or better, on the piece: *start* for at once, None for never."""
    for name in criteria:
        ahead, behind = lead.line(name), piece.line(name)
        if ahead == behind:
            continue
        if behind is None:
            return None
        if ahead is None:
            return start
        slope = behind[1] - ahead[1]
        gap = behind[0] - ahead[0] + slope * start
        if gap < 0 or (gap == 0 and slope < 0):
            return start
        return divide(ahead[0] - behind[0], slope) if slope < 0 else None
    return start


def _behind(point: Runner, lead: AnyPiece, at: Exact, criteria: Sequence[str]) -> bool:
    """Whether *point* is worse than *lead* is at that value."""
    for name in criteria:
        line, key = lead.line(name), point.key(name)
        if line is None or key is None:
            if line is None and key is None:
                continue
            return key is None
        ahead = line[0] + line[1] * at
        if key != ahead:
            return key > ahead
    return False
