"""
Finding a way to satisfy clauses over flags and numbers: backtracking, with linear inequalities at each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from llm_tradeoffs.money import Exact
from llm_tradeoffs.policy._linear import Inequality, Terms, nicest, solve, tighter
from llm_tradeoffs.policy._space import NUMBERS, Key, walls

__all__ = ["ALWAYS", "NEVER", "STATED", "Clause", "Found", "Option", "ways"]

STATED: Final = ""
"""In a flag, for an input that is no set: whether it is stated at all."""


class Option(NamedTuple):
    """
    One way in which something can hold: all of these together.

    Attributes:
        flags: What a set includes or not, and which numbers are stated or not.
        rows: Inequalities over numbers, which are stated.
    """

    flags: tuple[tuple[Key, bool], ...] = ()
    rows: tuple[Inequality, ...] = ()


Clause: TypeAlias = Sequence[Option]
"""Ways in which something can hold, of which one is enough; it never holds if there are none."""

ALWAYS: Final[Clause] = (Option(),)
NEVER: Final[Clause] = ()


class Found(NamedTuple):
    """
    What has been taken so far, and a point at which it all holds.

    Attributes:
        flags: What a set includes or not, and which numbers are stated or not.
        rows: The inequalities, of each terms the tightest.
        point: Numbers that satisfy them; a number that is not in it is as in a plain workload.
    """

    flags: Mapping[Key, bool]
    rows: Mapping[Terms, Inequality]
    point: Mapping[str, Exact]

    def with_(self, options: Sequence[Option]) -> Found | None:
        """This and all of *options*; None if they cannot hold together."""
        flags, rows = self.flags, self.rows
        for option in options:
            if not _compatible(option, flags, rows):
                return None
            flags, rows = {**flags, **dict(option.flags)}, _added(rows, option.rows)
        if all(_holds(row, self.point) for option in options for row in option.rows):
            return Found(flags, rows, self.point)
        point = _point(rows.values(), self.point)
        return None if point is None else Found(flags, rows, point)


def ways(clauses: Sequence[Clause], flags: Mapping[Key, bool], rows: tuple[Inequality, ...]) -> Iterator[Found]:
    """
    Every way to take one option of each clause so that all of them can hold together with *flags* and *rows*.

    What is forced is taken first, then the clause with the fewest options left is decided. A point that
    satisfies everything so far is carried along: most options are tried without solving anything.
    """
    start = _start(rows)
    if start is not None:
        yield from _ways(clauses, Found(flags, *start))


@cache
def _start(rows: tuple[Inequality, ...]) -> tuple[Mapping[Terms, Inequality], Mapping[str, Exact]] | None:
    point = _point(rows, {})
    return None if point is None else (_added({}, rows), point)


def _ways(clauses: Sequence[Clause], found: Found) -> Iterator[Found]:
    forced: list[Option] | None = None
    left: list[Clause] = [*clauses]
    while forced is None or forced:
        forced, remaining = [], list[Clause]()
        for clause in left:
            possible = [option for option in clause if _compatible(option, found.flags, found.rows)]
            if not possible:
                return
            # An option that adds nothing settles its clause.
            if any(_settled_by(option, found.flags, found.rows) for option in possible):
                continue
            if len(possible) == 1:
                forced.append(possible[0])
            else:
                remaining.append(possible)
        left = remaining
        more = found.with_(forced)
        if more is None:
            return
        found = more
    if not left:
        yield found
        return
    first = min(left, key=len)
    left.remove(first)
    # What holds at the point as it is comes first: it is likely to hold to the end.
    for option in sorted(first, key=lambda option: not all(_holds(row, found.point) for row in option.rows)):
        more = found.with_([option])
        if more is not None:
            yield from _ways(left, more)


def _compatible(option: Option, flags: Mapping[Key, bool], rows: Mapping[Terms, Inequality]) -> bool:
    """Whether nothing in *flags*, and no single one of *rows*, speaks against *option*."""
    for key, wanted in option.flags:
        if flags.get(key, wanted) != wanted:
            return False
    for row in option.rows:
        turned = _turned(row.terms)
        other = rows.get(turned) or _KNOWN_BY_TERMS.get(turned)
        # a ≤ x and x ≤ b leave nothing where b < a; a row without terms is its own opposite.
        total = row.constant if other is None else row.constant + other.constant
        if (other is not None or not row.terms) and (
            total > 0 or (total == 0 and (row.strict or (other is not None and other.strict)))
        ):
            return False
    return True


@cache
def _turned(terms: Terms) -> Terms:
    return tuple((name, -factor) for name, factor in terms)


def _settled_by(option: Option, flags: Mapping[Key, bool], rows: Mapping[Terms, Inequality]) -> bool:
    """Whether *option* adds nothing to *flags* and *rows*."""
    for key, _ in option.flags:
        if key not in flags:
            return False
    for row in option.rows:
        held = rows.get(row.terms)
        if row.terms and (held is None or tighter(row, held)):
            return False
    return True


def _added(rows: Mapping[Terms, Inequality], more: Iterable[Inequality]) -> dict[Terms, Inequality]:
    """*rows* and *more*, of each pair with the same terms the tighter one."""
    found = dict(rows)
    for row in more:
        if row.terms and (row.terms not in found or tighter(row, found[row.terms])):
            found[row.terms] = row
    return found


def _holds(row: Inequality, point: Mapping[str, Exact]) -> bool:
    total = row.constant
    for name, factor in row.terms:
        total += factor * (point[name] if name in point else NUMBERS[name].plain)
    return total < 0 or (total == 0 and not row.strict)


def _point(rows: Iterable[Inequality], near: Mapping[str, Exact]) -> dict[str, Exact] | None:
    """Numbers that satisfy *rows*, whole or not; None if there are none."""
    base = list(rows)
    named = {name for row in base for name, _ in row.terms}
    order = [name for name in NUMBERS if name in named]
    for name in order:
        base.extend(_KNOWN[name])
    return solve(base, order, lambda name, bounds, _: nicest(bounds, near.get(name, NUMBERS[name].plain)))


_KNOWN: Final = {name: walls(name, number.known) for name, number in NUMBERS.items()}
_KNOWN_BY_TERMS: Final = {row.terms: row for rows in _KNOWN.values() for row in rows}
