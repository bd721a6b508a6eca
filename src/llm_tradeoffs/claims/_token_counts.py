"""
Could any call cost that much? Token counts that fit several stated costs at once, or the proof that none do.

A cost is input tokens × input price + output tokens × output price, and no count is negative. Stated
costs are bounds on two unknowns, so what is possible is a polygon, and what a further cost can be is
the range of a line over its corners. Everything is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

import attrs

from llm_tradeoffs.money import Exact, plain

__all__ = ["Corner", "Fit", "StatedCost", "fit"]

Corner: TypeAlias = tuple[Exact, Exact]
"""Input and output tokens."""


@attrs.frozen(kw_only=True)
class StatedCost:
    """
    A cost that somebody states of one model.

    Attributes:
        input_price, output_price: Of one token; not negative. [USD/token]
        low, high: What the stated amount can stand for, rounding included. [USD]
    """

    input_price: Exact
    output_price: Exact
    low: Exact
    high: Exact

    def at(self, corner: Corner) -> Exact:
        """What that many tokens cost. [USD]"""
        return plain(corner[0] * self.input_price + corner[1] * self.output_price)


@attrs.frozen(kw_only=True)
class Fit:
    """
    Whether token counts exist that give every stated cost.

    Attributes:
        counts: Some counts that do; None if there are none. [tokens]
        first_impossible: If none: the place of the first cost that the ones before it (and the bounds on
            the counts) rule out; -1 if the bounds alone leave nothing.
        least, most: What that cost can be, given the ones before it; *most* is None without a limit. [USD]
        at_least, at_most: The counts where it is so. [tokens]
    """

    counts: Corner | None = None
    first_impossible: int | None = None
    least: Exact | None = None
    most: Exact | None = None
    at_least: Corner | None = None
    at_most: Corner | None = None


_HalfPlane: TypeAlias = tuple[Exact, Exact, Exact]
"""(a, b, c): a × input + b × output ≤ c."""


def fit(
    costs: Sequence[StatedCost],
    input_bounds: tuple[Exact, Exact | None] = (0, None),
    output_bounds: tuple[Exact, Exact | None] = (0, None),
) -> Fit:
    """
    Token counts (means, so not necessarily whole) that give every stated cost, or why there are none.

    >>> cheap = StatedCost(input_price=1, output_price=2, low=10, high=10)
    >>> fit([cheap, StatedCost(input_price=3, output_price=5, low=28, high=28)]).counts
    (6, 2)
    >>> fit([cheap, StatedCost(input_price=3, output_price=5, low=24, high=24)]).least
    25

    Source:
        A linear function on a polyhedron that has corners, and that it cannot fall below, is least at a
        corner; it is greatest at a corner too, or without limit along an edge that goes on forever.
    """
    planes: list[_HalfPlane] = [(-1, 0, -input_bounds[0]), (0, -1, -output_bounds[0])]
    planes += [(1, 0, input_bounds[1])] if input_bounds[1] is not None else []
    planes += [(0, 1, output_bounds[1])] if output_bounds[1] is not None else []
    corners = _corners(planes)
    if not corners:
        return Fit(first_impossible=-1)
    for place, cost in enumerate(costs):
        least_at = min(corners, key=cost.at)
        most_at: Corner | None = max(corners, key=cost.at)
        # An unlimited count can raise the cost without limit if it is priced, and if no cost before it
        # limits that count by a price of its own.
        for axis, bounds in enumerate((input_bounds, output_bounds)):
            before = (each.input_price if axis == 0 else each.output_price for each in costs[:place])
            mine = cost.input_price if axis == 0 else cost.output_price
            if bounds[1] is None and mine > 0 and not any(before):
                most_at = None
        least, most = cost.at(least_at), None if most_at is None else cost.at(most_at)
        if least > cost.high or (most is not None and most < cost.low):
            return Fit(first_impossible=place, least=least, most=most, at_least=least_at, at_most=most_at)
        planes += [
            (cost.input_price, cost.output_price, cost.high),
            (-cost.input_price, -cost.output_price, -cost.low),
        ]
        corners = _corners(planes)
    # The corners may be where rounding just reaches; their middle lies inside, as the polygon is convex.
    count = len(corners)
    middle = tuple(plain(Fraction(sum(corner[axis] for corner in corners)) / count) for axis in (0, 1))
    return Fit(counts=(middle[0], middle[1]))


def _corners(planes: Sequence[_HalfPlane]) -> list[Corner]:
    """The corners of what all half-planes share; there is one if anything is shared, as counts are not negative."""
    found: dict[Corner, None] = {}
    for (a, b, c), (d, e, f) in combinations(planes, 2):
        determinant = a * e - b * d
        if not determinant:
            continue
        corner = (plain(Fraction(c * e - b * f) / determinant), plain(Fraction(a * f - c * d) / determinant))
        if all(p * corner[0] + q * corner[1] <= r for p, q, r in planes):
            found[corner] = None
    return list(found)
