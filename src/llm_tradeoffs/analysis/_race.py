"""
A choice as a function of one number.

Each candidate is a *track*: from place to place it is possible or unknown, and what it is ranked by is a curve.
A ranking is the lower envelope of those curves, found by merging two halves; a front is what is left of each
candidate after everybody has been taken off it where they beat it. Both are solved, and nothing is searched for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from llm_tradeoffs._decide import RESPECTS, criteria_of
from llm_tradeoffs.analysis._lines import Curve, Place, minus, runs, value_at
from llm_tradeoffs.analysis._masks import Order, bits
from llm_tradeoffs.analysis._numbers import Runner
from llm_tradeoffs.money import Exact, divide, plain
from llm_tradeoffs.policy import Outcome

__all__ = [
    "INFEASIBLE",
    "UNDECIDED",
    "Outcomes",
    "Piece",
    "Span",
    "State",
    "Step",
    "Track",
    "beaten",
    "counted",
    "filled",
    "intersected",
    "joined",
    "race",
    "ranked",
    "single_file",
    "without",
]

State: TypeAlias = int
"""An answer: those who are chosen or tie, as bits, or one of the two below."""

INFEASIBLE: Final = 0
UNDECIDED: Final = -1
"""Nobody is chosen because facts are missing."""

Step: TypeAlias = tuple[Place, State]
"""From where on an answer holds, and which."""

Reach: TypeAlias = tuple[Place, Place]
"""From a place to a place."""


_EXPECTED_OF: Final = frozenset({"cost", "quality", "error_cost"})


class Piece:
    """
    What a candidate is ranked by while one number changes.

    Args:
        runner: The candidate as it is.
        moved: What changes with the number, as curves: criteria, or ``error_cost``. [10^-12 USD]
    """

    __slots__ = ("_curves", "_expects", "runner")

    def __init__(self, runner: Runner, moved: Mapping[str, Curve | None]) -> None:
        self.runner = runner
        self._curves: dict[str, Curve | None] = dict(moved)
        self._expects = not moved.keys().isdisjoint(_EXPECTED_OF)

    def curve(self, criterion: str) -> Curve | None:
        """A criterion as a curve, smaller being better; None where it is unknown."""
        curves = self._curves
        if criterion not in curves:
            moves = self._expects and criterion == "expected_cost"
            curves[criterion] = self._expected() if moves else self._still(criterion)
        return curves[criterion]

    def _still(self, criterion: str) -> Curve | None:
        key = self.runner.key(criterion)
        return None if key is None else (key, 0)

    def _expected(self) -> Curve | None:
        """As the key of that name has it: 200·C + (200 - 2·p)·K, of which p and K do not move together."""
        curves, runner = self._curves, self.runner
        cost = self.curve("cost")
        if cost is None:
            return None
        found = [200 * part for part in cost]
        if "quality" not in curves and "error_cost" not in curves:
            errors = runner.key("cost_of_errors")
            if errors is None:
                return None
            found[0] += errors
        else:
            quality, stated = self.curve("quality"), runner.load.error_cost
            error = curves.get("error_cost", None if stated is None else (stated, 0))
            if quality is None or error is None:
                return None
            wrong = (200 + 2 * quality[0], 2 * quality[1])
            still, moving = (wrong, error) if not wrong[1] else (error, wrong)
            found[0] += still[0] * moving[0]
            found[1] += still[0] * moving[1]
        return tuple(map(plain, found))  # mostly whole: an int is compared ten times as fast as a Fraction of 1


class Span(NamedTuple):
    """From where to where somebody is possible or leads: who, as bits, and one of them as curves."""

    start: Place
    end: Place
    who: int
    piece: Piece


class Track(NamedTuple):
    """
    A candidate as a function of one number.

    Attributes:
        spans: Where it is possible, ascending.
        unknown: Where it is not known whether it is.
        flat: Whether nothing that it is ranked by depends on the number.
    """

    spans: Sequence[Span]
    unknown: Sequence[Reach] = ()
    flat: bool = False


class Outcomes:
    """
    Where the questions of a policy lead, as a function of one number.

    Args:
        knots: The values at which a question may get another answer.
        at: Where they lead at a value.
        whole: Whether only whole numbers are meant.
    """

    def __init__(
        self, knots: Iterable[Exact], start: Place, end: Place, at: Callable[[Exact], Outcome], whole: bool
    ) -> None:
        ends = {start, end}
        for knot in knots:
            pair = ((knot.__ceil__(), 0), (knot.__floor__() + 1, 0)) if whole else ((knot, 0), (knot, 1))
            ends.update(place for place in pair if start < place < end)
        places = sorted(ends)
        self.parts: list[tuple[Place, Place, Outcome]] = []
        for low, high in pairwise(places):
            here = low[0] if whole or not low[1] else plain(divide(low[0] + high[0], 2))
            outcome = at(here)
            if self.parts and self.parts[-1][2] == outcome:
                self.parts[-1] = (self.parts[-1][0], high, outcome)
            else:
                self.parts.append((low, high, outcome))


def race(tracks: Sequence[Track], outcomes: Outcomes, *, whole: bool) -> list[Step]:
    """The answer at every value: from where on each holds."""
    steps: list[Step] = []
    for start, end, outcome in outcomes.parts:
        cut = tracks if len(outcomes.parts) == 1 else [_cut(track, start, end) for track in tracks]
        if outcome.tie == "all":
            found = _everybody(cut, start)
        elif outcome.tie:
            found = _front(cut, start, end, whole=whole)
        else:
            found = _ranking(cut, outcome, start, end, whole=whole)
        steps.extend(filled(found, cut, start, end))
    return joined(steps)


def _cut(track: Track, start: Place, end: Place) -> Track:
    spans = [
        Span(max(span.start, start), min(span.end, end), span.who, span.piece)
        for span in track.spans
        if span.start < end and start < span.end
    ]
    unknown = [(max(low, start), min(high, end)) for low, high in track.unknown if low < end and start < high]
    return Track(spans, unknown, track.flat)


def joined(steps: Iterable[Step]) -> list[Step]:
    """The same steps without those that change nothing."""
    found: list[Step] = []
    for step in steps:
        if not found or found[-1][1] != step[1]:
            found.append(step)
    return found


def counted(reaches: Iterable[tuple[Place, Place, int]], start: Place) -> list[Step]:
    """Who is there from *start* on, by when each comes and goes."""
    changes: dict[Place, int] = {start: 0}
    for low, high, who in reaches:
        changes[low] = changes.get(low, 0) ^ who
        changes[high] = changes.get(high, 0) ^ who
    found: list[Step] = []
    present = 0
    for place in sorted(changes):
        present ^= changes[place]
        found.append((place, present))
    return found


def _everybody(tracks: Sequence[Track], start: Place) -> list[Step]:
    return counted(((span.start, span.end, span.who) for track in tracks for span in track.spans), start)


def filled(steps: Sequence[Step], tracks: Sequence[Track], start: Place, end: Place) -> Sequence[Step]:
    """Where nobody is possible it may be because facts are missing; what begins at *end* is cut off."""
    unknown = [reach for track in tracks for reach in track.unknown]
    last = len(steps)
    while last and steps[last - 1][0] >= end:
        last -= 1
    if not unknown:
        return steps[:last] or [(start, INFEASIBLE)]
    found: list[Step] = []
    for index, (place, state) in enumerate(steps[:last]):
        if state == INFEASIBLE:
            until = min(end, steps[index + 1][0]) if index + 1 < len(steps) else end
            reaches = [(max(low, place), min(high, until)) for low, high in unknown if low < until and place < high]
            numbered = ((low, high, 1 << number) for number, (low, high) in enumerate(reaches))
            found.extend(
                (each, UNDECIDED if who else INFEASIBLE) for each, who in counted(numbered, place) if each < until
            )
        else:
            found.append((place, state))
    return found or [(start, INFEASIBLE)]


# Rankings.


def ranked(rows: Sequence[Sequence[Span]], criteria: Sequence[str], *, whole: bool) -> Sequence[Span]:
    """Who leads where: the lower envelope, of the first criterion first."""
    left = [spans for spans in rows if spans]
    if len(left) > 2:
        left = _in_question(left, criteria[0])
    while len(left) > 1:
        merged = [_merged(left[at], left[at + 1], criteria, whole) for at in range(0, len(left) - 1, 2)]
        left = [*merged, left[-1]] if len(left) % 2 else list(merged)
    return left[0] if left else ()


def _in_question(rows: Sequence[Sequence[Span]], criterion: str) -> list[Sequence[Span]]:
    """
    Those who are not everywhere behind one of two: whoever is first at the beginning, and whoever rises least.

    Most candidates are out of the question, and to see that takes two comparisons.
    """
    lines: list[tuple[Place, Place, Exact, Exact] | None] = []
    for spans in rows:
        curve = spans[0].piece.curve(criterion) if len(spans) == 1 else None
        if curve is None or len(curve) == 3:
            lines.append(None)
        else:
            lines.append((spans[0].start, spans[0].end, curve[0], curve[1]))
    known = [line for line in lines if line is not None]
    if not known:
        return list(rows)
    end = max(line[1] for line in known)
    longest = [line for line in known if line[1] == end]
    pivots = {
        min(longest, key=lambda line: (line[0], line[2] + line[3] * line[0][0], line[3])),
        min(longest, key=lambda line: (line[0], line[3], line[2])),
    }
    found: list[Sequence[Span]] = []
    for spans, line in zip(rows, lines, strict=True):
        if line is not None:
            start, _, constant, slope = line
            for first, _, least, rise in pivots:
                if slope >= rise and start >= first:
                    ahead = constant - least
                    if slope != rise and start[0]:
                        ahead += (slope - rise) * start[0]
                    if ahead > 0:
                        break
            else:
                found.append(spans)
        else:
            found.append(spans)
    return found


def _merged(one: Sequence[Span], other: Sequence[Span], criteria: Sequence[str], whole: bool) -> Sequence[Span]:
    found: list[Span] = []

    def add(start: Place, end: Place, who: int, piece: Piece) -> None:
        if found:
            last = found[-1]
            if last.end == start and last.who == who and last.piece is piece:
                found[-1] = Span(last.start, end, who, piece)
                return
        found.append(Span(start, end, who, piece))

    def duel(a: Span, b: Span, start: Place, end: Place, criterion: int) -> None:
        for index in range(criterion, len(criteria)):
            mine, theirs = a.piece.curve(criteria[index]), b.piece.curve(criteria[index])
            if mine == theirs:
                continue
            if mine is None or theirs is None:
                better = b if mine is None else a
                add(start, end, better.who, better.piece)
                return
            signs = runs(minus(mine, theirs), start, end, whole=whole)
            for place, (low, sign) in enumerate(signs):
                high = signs[place + 1][0] if place + 1 < len(signs) else end
                if sign:
                    better = a if sign < 0 else b
                    add(low, high, better.who, better.piece)
                else:
                    duel(a, b, low, high, index + 1)
            return
        add(start, end, a.who | b.who, a.piece)

    first = second = 0
    place: Place = min(one[0].start, other[0].start)
    while first < len(one) and second < len(other):
        a, b = one[first], other[second]
        here, there = max(a.start, place), max(b.start, place)
        if here < there:
            place = min(a.end, there)
            add(here, place, a.who, a.piece)
        elif there < here:
            place = min(b.end, here)
            add(there, place, b.who, b.piece)
        else:
            place = min(a.end, b.end)
            duel(a, b, here, place, 0)
        first += a.end <= place
        second += b.end <= place
    for span in (*one[first:], *other[second:]):
        add(max(span.start, place), span.end, span.who, span.piece)
    return found


def _ranking(tracks: Sequence[Track], outcome: Outcome, start: Place, end: Place, *, whole: bool) -> list[Step]:
    criteria = criteria_of(outcome)
    if all(track.flat for track in tracks):
        spans = _painted([span for track in tracks for span in track.spans], criteria, start, end)
    else:
        parts = _parts(tracks, start, end)
        spans = [span for low, high, part in parts for span in _led(part, criteria, low, high, whole=whole)]
    return single_file(spans, outcome, start, end, lambda: _everybody(tracks, start))


def _parts(tracks: Sequence[Track], start: Place, end: Place) -> Iterator[tuple[Place, Place, Sequence[Track]]]:
    """The domain in parts: where a quarter of the candidates become something else, each side is solved for itself."""
    breaks = Counter(span.start for track in tracks for span in track.spans if span.start > start)
    cuts = sorted(place for place, count in breaks.items() if 4 * count > len(tracks))
    for low, high in pairwise((start, *cuts, end)):
        yield low, high, [_cut(track, low, high) for track in tracks] if cuts else tracks


def _led(tracks: Sequence[Track], criteria: Sequence[str], start: Place, end: Place, *, whole: bool) -> Sequence[Span]:
    """Who leads where; where what counts first is known of nobody, that nobody does."""
    pieces = [span.piece for track in tracks for span in track.spans]
    if pieces and all(piece.curve(criteria[0]) is None for piece in pieces):
        return (Span(start, end, 0, pieces[0]),)
    return ranked([track.spans for track in tracks], criteria, whole=whole)


def _painted(spans: Sequence[Span], criteria: Sequence[str], start: Place, end: Place) -> Sequence[Span]:
    """The same where nothing that is ranked by changes: the best takes its place first, and the next what is left."""
    free: Sequence[Reach] = ((start, end),)
    found: list[Span] = []
    for group in _by_merit(list(spans), criteria):
        if not free:
            break
        first, last = free[0][0], free[-1][1]
        alike = [span for span in group if span.start < last and first < span.end]
        who = counted(((span.start, span.end, span.who) for span in alike), start) if alike else ()
        taken: list[Reach] = []
        for index, (place, present) in enumerate(who):
            until = who[index + 1][0] if index + 1 < len(who) else end
            if present:
                for low, high in intersected(free, ((place, until),)):
                    found.append(Span(low, high, present, alike[0].piece))
                    taken.append((low, high))
        free = without(free, taken)
    return sorted(found, key=lambda span: span.start)


def _by_merit(spans: list[Span], criteria: Sequence[str]) -> Iterator[list[Span]]:
    """*spans* in groups that no criterion tells apart, the best first; later criteria are asked where it matters."""
    if len(spans) == 1 or not criteria:
        yield spans
        return
    first, rest = criteria[0], criteria[1:]
    keys = [None if (curve := span.piece.curve(first)) is None else curve[0] for span in spans]
    known = sorted(((key, index) for index, key in enumerate(keys) if key is not None), key=itemgetter(0))
    for _, group in groupby(known, key=itemgetter(0)):
        yield from _by_merit([spans[index] for _, index in group], rest)
    unknown = [span for span, key in zip(spans, keys, strict=True) if key is None]
    if unknown:
        yield from _by_merit(unknown, rest)


def single_file(
    spans: Sequence[Span], outcome: Outcome, start: Place, end: Place, possible: Callable[[], Sequence[Step]]
) -> list[Step]:
    """
    The answers that leaders make.

    Args:
        spans: Who leads where.
        outcome: What was ranked by.
        start, end: The domain.
        possible: Everybody who is possible, by place: asked where nothing is known of the leaders.
    """
    found: list[Step] = [(start, INFEASIBLE)]
    for span in spans:
        if found[-1][0] == span.start:
            found.pop()
        if span.piece.curve(outcome.rank_by[0]) is None:
            # Of nobody is it known: alone one is chosen all the same, among several nobody is.
            rest = possible()
            for index, (place, who) in enumerate(rest):
                until = rest[index + 1][0] if index + 1 < len(rest) else end
                if place < span.end and span.start < until:
                    found.append((max(place, span.start), UNDECIDED if who & (who - 1) else who))
        else:
            found.append((span.start, span.who))
        if span.end < end:
            found.append((span.end, INFEASIBLE))
    return found


# Fronts.


def beaten(better: Piece, worse: Piece, start: Place, end: Place, *, whole: bool) -> Sequence[Reach]:
    """Where *better* is at least as good as *worse* in every respect, and better in one."""
    strict = False
    roots: list[Exact] = []
    low, high = start, end
    for name in RESPECTS:
        one, other = better.curve(name), worse.curve(name)
        if one == other:
            continue
        if one is None or other is None:
            return ()
        if whole:
            return _beaten_whole(better, worse, start, end)
        gap, slope = minus(one, other)
        if slope:
            root = divide(-gap, slope)
            roots.append(root)
            low, high = (low, min(high, (root, 1))) if slope > 0 else (max(low, (root, 0)), high)
        strict = strict or (not slope and gap < 0)
        if low >= high or (not slope and gap > 0):
            return ()
    if strict or len(set(roots)) > 1:
        return ((low, high),)
    # Just where all meet, if they ever do, both are equal in every respect.
    return without(((low, high),), (((roots[0], 0), (roots[0], 1)),)) if roots else ()


def _beaten_whole(better: Piece, worse: Piece, start: Place, end: Place) -> Sequence[Reach]:
    """The same over whole numbers, where a parabola may be below another one on both sides of it."""
    at_least: Sequence[Reach] = ((start, end),)
    equal: Sequence[Reach] = at_least
    for name in RESPECTS:
        one, other = better.curve(name), worse.curve(name)
        if one is None or other is None:
            if one is not other:
                return ()
            continue
        signs = [*runs(minus(one, other), start, end, whole=True), (end, 1)]
        parts = [(place, signs[index + 1][0], sign) for index, (place, sign) in enumerate(signs[:-1])]
        at_least = intersected(at_least, [(low, high) for low, high, sign in parts if sign <= 0])
        equal = intersected(equal, [(low, high) for low, high, sign in parts if not sign])
    return without(at_least, equal)


def intersected(one: Sequence[Reach], other: Sequence[Reach]) -> Sequence[Reach]:
    """What lies in both."""
    return [(max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other if max(a[0], b[0]) < min(a[1], b[1])]


def without(reaches: Sequence[Reach], taken: Iterable[Reach]) -> Sequence[Reach]:
    """What is left of *reaches*."""
    left = list(reaches)
    for low, high in taken:
        if any(start < high and low < end for start, end in left):
            cut = [part for start, end in left for part in ((start, min(end, low)), (max(start, high), end))]
            left = [(start, end) for start, end in cut if start < end]
    return left


def _front(tracks: Sequence[Track], start: Place, end: Place, *, whole: bool) -> list[Step]:
    """Those whom nobody beats, by place."""
    steps: list[Step] = []
    for low, high, part in _parts(tracks, start, end):
        steps += _front_of(part, low, high, whole=whole)
    return steps


def _front_of(tracks: Sequence[Track], start: Place, end: Place, *, whole: bool) -> list[Step]:
    always, perhaps = _pairs(tracks, start, end)
    reaches: list[tuple[Place, Place, int]] = []
    for index, track in enumerate(tracks):
        for span in track.spans:
            left: Sequence[Reach] = ((span.start, span.end),)
            for rival in bits(always[index]):
                left = without(left, [(each.start, each.end) for each in tracks[rival].spans])
                if not left:
                    break
            for rival in bits(perhaps[index]) if left else ():
                for other in tracks[rival].spans:
                    low, high = max(span.start, other.start), min(span.end, other.end)
                    if low < high:
                        left = without(left, beaten(other.piece, span.piece, low, high, whole=whole))
                if not left:
                    break
            reaches.extend((low, high, span.who) for low, high in left)
    return [step for step in counted(reaches, start) if step[0] < end]


def _pairs(tracks: Sequence[Track], start: Place, end: Place) -> tuple[Sequence[int], Sequence[int]]:
    """
    For each candidate those who beat it wherever both are possible, and the others who may beat it somewhere.

    A line that is below another one at both ends is below it in between. So is a parabola that is below at the
    beginning and of which no coefficient from there on is larger. That is sorted once, and not asked of each pair.
    """
    count = len(tracks)
    straight = sum(1 << index for index, track in enumerate(tracks) if len(track.spans) == 1)
    present = sum(1 << index for index, track in enumerate(tracks) if track.spans)
    always, below, never = [straight] * count, [0] * count, [0] * count
    for name in RESPECTS:
        curves = [track.spans[0].piece.curve(name) if len(track.spans) == 1 else None for track in tracks]
        orders = [
            Order.of([None if curve is None else measure(curve) for curve in curves])
            for measure in _measures(curves, start, end)
        ]
        bent = len(orders) == 3  # a parabola may come below another one if it is smaller in one coefficient
        for index in bits(straight):
            good, smaller, least = -1, 0, -1
            for order in orders:
                good &= order.good[index]
                least &= order.good[index] & ~order.bad[index]
                smaller |= order.good[index]
            always[index] &= good
            below[index] |= orders[0].good[index] & ~orders[0].bad[index] & good if bent else least
            never[index] |= ~smaller & straight
    others = [present & ~(1 << index) for index in range(count)]
    surely = [always[index] & below[index] & others[index] for index in range(count)]
    perhaps = [others[index] & ~surely[index] & ~never[index] for index in range(count)]
    return surely, perhaps


def _measures(curves: Sequence[Curve | None], start: Place, end: Place) -> Sequence[Callable[[Curve], Exact]]:
    """What curves are compared by: their values at the ends, or at the beginning with what they gain from there."""

    def first(curve: Curve) -> Exact:
        return value_at(curve, start[0])

    if any(curve is not None and len(curve) == 3 for curve in curves):
        return first, lambda curve: _slope_at(curve, start[0]), _bend
    if any(curve is not None and curve[1] for curve in curves):
        return first, lambda curve: value_at(curve, end[0])
    return (first,)


def _slope_at(curve: Curve, at: Exact) -> Exact:
    return curve[1] + 2 * curve[2] * at if len(curve) == 3 else curve[1]


def _bend(curve: Curve) -> Exact:
    return curve[2] if len(curve) == 3 else 0
