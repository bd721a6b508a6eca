"""
Lines, and parabolas over whole numbers: where each is below, at and above nought.

Everything that asks "from which value on" is answered here, in closed form: flips, break-evens and what is
worth knowing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isqrt, lcm
from typing import TypeAlias

from llm_tradeoffs.money import Exact, divide, plain

__all__ = ["Curve", "Line", "Place", "curves_over", "inside", "line_of", "minus", "runs", "sign", "value_at"]

Line: TypeAlias = tuple[Exact, Exact]
"""Value at 0, and slope."""

Curve: TypeAlias = tuple[Exact, ...]
"""Coefficients of 1, x and, over whole numbers only, x²."""

Place: TypeAlias = tuple[Exact, int]
"""
A place in the order of the numbers: ``(value, 0)`` just before a value, ``(value, 1)`` just after it.

Every set of numbers without gaps is what lies from one place to another, whether or not its ends belong to it.
The whole number k is what lies from ``(k, 0)`` to ``(k + 1, 0)``.
"""


def sign(value: Exact) -> int:
    """-1, 0 or 1."""
    return (value > 0) - (value < 0)


def value_at(curve: Curve, at: Exact) -> Exact:
    """What a curve is at one value."""
    value = curve[0] + curve[1] * at
    return value + curve[2] * at * at if len(curve) == 3 else value


def minus(one: Curve, other: Curve) -> Curve:
    """The difference of two curves."""
    if len(one) == len(other) == 2:
        return one[0] - other[0], one[1] - other[1]
    first, second = (*one, 0)[:3], (*other, 0)[:3]
    return first[0] - second[0], first[1] - second[1], first[2] - second[2]


def inside(low: Exact, high: Exact | None) -> tuple[Exact, Exact]:
    """Two values strictly between."""
    if high is None:
        return low + 1, low + 2
    third = divide(high - low, 3)
    return plain(low + third), plain(high - third)


def line_of(function: Callable[[Exact], Exact], low: Exact, high: Exact | None) -> Line:
    """The line that *function* is strictly between *low* and *high*."""
    first, second = inside(low, high)
    start = function(first)
    slope = divide(function(second) - start, second - first)
    return plain(start - slope * first), slope


def curves_over(
    function: Callable[[Exact], Exact | None], breaks: Sequence[Exact], start: Place, end: Place, *, whole: bool = False
) -> list[tuple[Place, Place, Curve | None]]:
    """
    *function* from *start* to *end* as curves: a line, over whole numbers a parabola, between any two *breaks*.

    Args:
        function: The function; None where it has no value.
        breaks: The values between *start* and *end*, ascending, about which it may jump, bend or end.
        start, end: The domain.
        whole: Whether only whole numbers are meant.
    """
    found: list[tuple[Place, Place, Curve | None]] = []

    def add(low: Place, high: Place, curve: Curve | None) -> None:
        if found and found[-1][2] == curve:
            found[-1] = (found[-1][0], high, curve)
        else:
            found.append((low, high, curve))

    for low, high in _between_breaks(breaks, start, end, whole):
        if whole and high[0] - low[0] > 2:
            curve = _parabola(function, low[0])
        elif not whole and low[0] != high[0]:
            curve = _line(function, low[0], high[0])
        else:
            for step in range(int(high[0] - low[0]) or 1):
                here = low[0] + step
                value = function(here)
                before = found[-1][2] if found else None
                if before is not None and value is not None and value_at(before, here) == value:
                    curve = before  # it is on the curve that ends there, and no piece of its own
                else:
                    curve = None if value is None else (value, 0)
                add((here, 0), (here + 1, 0) if whole else (here, 1), curve)
            continue
        alone = len(found) == 1 and curve is not None and _is_on(curve, found[0], whole)
        add(found.pop()[0] if alone else low, high, curve)
    return found


def _is_on(curve: Curve, piece: tuple[Place, Place, Curve | None], whole: bool) -> bool:
    """Whether a piece is a single value, and one of *curve*."""
    (first, _), (last, _), only = piece
    single = last - first == 1 if whole else last == first
    return single and only is not None and value_at(only, first) == value_at(curve, first)


def _between_breaks(breaks: Sequence[Exact], start: Place, end: Place, whole: bool) -> list[tuple[Place, Place]]:
    """From break to break: whole numbers on either side of one, or a single value and what lies between two."""
    ends: set[Place] = {start, end}
    for value in (*breaks, *(() if whole else (start[0], end[0]))):
        if whole:
            ends |= {(value.__ceil__(), 0), (value.__floor__() + 1, 0)}
        else:
            ends |= {(value, 0), (value, 1)}
    inner = sorted(place for place in ends if start <= place <= end)
    return list(pairwise(inner))


def _line(function: Callable[[Exact], Exact | None], low: Exact, high: Exact) -> Curve | None:
    # Whole numbers where there are any, since they are the cheapest to compute with.
    whole = low.__floor__() + 1
    first, second = (whole, whole + 1) if whole + 1 < high else inside(low, high)
    one, other = function(first), function(second)
    if one is None or other is None:
        return None
    slope = divide(other - one, second - first)
    return plain(one - slope * first), slope


def _parabola(function: Callable[[Exact], Exact | None], low: Exact) -> Curve | None:
    """The parabola through the first three whole numbers."""
    values = [function(low + step) for step in range(3)]
    known = [value for value in values if value is not None]
    if len(known) < 3:
        return None
    bend = divide(known[0] - 2 * known[1] + known[2], 2)
    slope = known[1] - known[0] - bend * (2 * low + 1)
    return plain(known[0] - slope * low - bend * low * low), plain(slope), bend


def runs(curve: Curve, start: Place, end: Place, *, whole: bool = False) -> list[tuple[Place, int]]:
    """
    The signs of a curve from *start* to *end*: where each begins, and which it is.

    Args:
        curve: A line; with *whole* it may be a parabola, since its roots need not be rational.
        start, end: Between which places.
        whole: Whether only whole numbers are meant.
    """
    if len(curve) == 3 and curve[2]:
        return _parabola_runs(curve, start, end)
    constant, slope = curve[0], curve[1]
    if not slope:
        return [(start, sign(constant))]
    root = divide(-constant, slope)
    after = 1 if slope > 0 else -1
    begins: Place = (root.__ceil__(), 0) if whole else (root, 0)
    ends: Place = (root.__floor__() + 1, 0) if whole else (root, 1)
    found: list[tuple[Place, int]] = []
    if start < begins:
        found.append((start, -after))
    if begins < ends and begins < end and start < ends:
        found.append((max(begins, start), 0))
    if ends < end:
        found.append((max(ends, start), after))
    return found


def _parabola_runs(curve: Curve, start: Place, end: Place) -> list[tuple[Place, int]]:
    """Signs at whole numbers: about its roots it is asked at each one, between them once."""
    first, last = start[0].__ceil__(), end[0].__ceil__() - 1
    scale = lcm(*(each.denominator for each in curve))
    c, b, a = ((each * scale).__floor__() for each in curve)
    square = b * b - 4 * a * c
    about: set[int] = set()
    if square >= 0:
        for root in (isqrt(square), -isqrt(square) - 1):
            middle = (root - b) // (2 * a)
            about.update(range(max(first, middle - 2), min(last, middle + 3) + 1))
    found: list[tuple[Place, int]] = []
    begins = sorted({first, *about, *(value + 1 for value in about if value < last)})
    for value in begins:
        here = sign(c + b * value + a * value * value)
        if not found or found[-1][1] != here:
            found.append(((value, 0), here))
    return found
