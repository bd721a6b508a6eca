"""
Where each of several models is cheapest, as polygons with exact corners.

Between the input lengths at which a price row begins to hold, the cost of a request is affine in its input
and output tokens, so where one model beats all others is what half-planes leave of a rectangle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

import attrs

from llm_tradeoffs.errors import InvalidValueError
from llm_tradeoffs.money import Exact

__all__ = ["Region", "regions"]

Corner: TypeAlias = tuple[Fraction, Fraction]
Plane: TypeAlias = tuple[Fraction, Fraction, Fraction]
"""a·x + b·y + c."""


@attrs.frozen
class Region:
    """
    A convex area in which one model costs no more than any other.

    Attributes:
        winner: Its place in the order given.
        corners: Of the area, in order around it: input and output tokens.
    """

    winner: int
    corners: tuple[Corner, ...]

    @property
    def outline(self) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
        """At each corner's x the lowest and highest y of the area, from left to right."""
        found: list[tuple[Fraction, Fraction, Fraction]] = []
        for x in sorted({x for x, _ in self.corners}):
            heights = [height for edge in self._edges for height in _at(edge, x)]
            found.append((x, min(heights), max(heights)))
        return tuple(found)

    @property
    def _edges(self) -> tuple[tuple[Corner, Corner], ...]:
        return tuple(pairwise((*self.corners, self.corners[0])))

    @property
    def area(self) -> Fraction:
        """Its size. [tokens²]"""
        return abs(sum((a[0] * b[1] - b[0] * a[1] for a, b in self._edges), Fraction(0))) / 2

    @property
    def middle(self) -> Corner:
        """The mean of its corners, which lies inside."""
        return (
            sum((x for x, _ in self.corners), Fraction(0)) / len(self.corners),
            sum((y for _, y in self.corners), Fraction(0)) / len(self.corners),
        )


def _at(edge: tuple[Corner, Corner], x: Fraction) -> tuple[Fraction, ...]:
    (x0, y0), (x1, y1) = edge
    if x0 == x1:
        return (y0, y1) if x == x0 else ()
    if not min(x0, x1) <= x <= max(x0, x1):
        return ()
    return (y0 + (y1 - y0) * (x - x0) / (x1 - x0),)


def regions(
    prices: Mapping[str, Callable[[Exact, Exact], Exact]],
    across: Exact,
    up: Exact,
    bounds: Sequence[Sequence[Exact]],
) -> tuple[Region, ...]:
    """
    The areas of the rectangle from (0, 0) to (*across*, *up*), each with the model that wins there.

    Where two cost the same everywhere, the one that was named first has the area.

    Args:
        prices: What each model costs for a request of so many input and output tokens, by its name.
        across, up: The most input and output tokens.
        bounds: For each model, the inputs above which another price holds.

    Raises:
        InvalidValueError: A price is not affine between its bounds, such as one with a least charge.
    """
    right, top = Fraction(across), Fraction(up)
    cuts = sorted({Fraction(bound) for each in bounds for bound in each if 0 < bound < right} | {Fraction(0), right})
    found: list[Region] = []
    for left, end in pairwise(cuts):
        planes = [_plane(name, price, left, end, top) for name, price in prices.items()]
        for winner, mine in enumerate(planes):
            area: list[Corner] = [(left, Fraction(0)), (end, Fraction(0)), (end, top), (left, top)]
            for other, theirs in enumerate(planes):
                gap = (theirs[0] - mine[0], theirs[1] - mine[1], theirs[2] - mine[2])
                if other != winner and (any(gap) or other < winner):
                    area = _kept(area, gap) if any(gap) else []
            region = Region(winner, tuple(dict.fromkeys(area)))
            if len(region.corners) > 2 and region.area:
                found.append(region)
    return tuple(found)


def _plane(name: str, price: Callable[[Exact, Exact], Exact], left: Fraction, end: Fraction, top: Fraction) -> Plane:
    """The cost between two bounds, from three of its points; a fourth shows that it is a plane."""
    near, far = left + (end - left) / 3, left + 2 * (end - left) / 3
    low, high = top / 3, 2 * top / 3
    base = Fraction(price(near, low))
    a = (Fraction(price(far, low)) - base) / (far - near)
    b = (Fraction(price(near, high)) - base) / (high - low)
    c = base - a * near - b * low
    for x, y in ((far, high), ((left + 9 * end) / 10, top / 10), ((9 * left + end) / 10, 9 * top / 10)):
        if a * x + b * y + c != price(x, y):
            raise InvalidValueError(
                f"the price of {name} bends within this area, as with a least charge or a marginal price; "
                "the areas of a chart have straight borders. Compare without it, or within a smaller area."
            )
    return a, b, c


def _kept(area: Sequence[Corner], plane: Plane) -> list[Corner]:
    """What is left of a convex area where a·x + b·y + c >= 0 (Sutherland and Hodgman)."""
    a, b, c = plane
    left: list[Corner] = []
    for here, there in pairwise((*area, area[0]) if area else ()):
        value, after = (a * x + b * y + c for x, y in (here, there))
        if value >= 0:
            left.append(here)
        if (value > 0 > after) or (value < 0 < after):
            part = value / (value - after)
            left.append((here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1])))
    return left
