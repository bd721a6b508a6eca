"""
Who is at least as good as whom, as whole numbers whose bits are the candidates.

Held against each other one by one, a thousand candidates are half a million pairs in each respect. Sorted once
in each respect, they are a thousand sets, and sets of bits are intersected many candidates at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import lcm

import attrs

from llm_tradeoffs.money import Exact

__all__ = ["Order", "bits", "dominators"]


@attrs.frozen
class Order:
    """
    Candidates in one respect, smaller being better; what is unknown compares with what is unknown only.

    Attributes:
        good: For each candidate those that are at least as good.
        bad: For each candidate those that are at most as good.
        ranks: The candidates of whom it is known, the best first; equal ones together.
    """

    good: Sequence[int]
    bad: Sequence[int]
    ranks: Sequence[int]

    @classmethod
    def of(cls, keys: Sequence[Exact | None]) -> Order:
        """The order of *keys*, one for each candidate."""
        places = [index for index, key in enumerate(keys) if key is not None]
        whole = _whole([key for key in keys if key is not None])
        by_place = dict(zip(places, whole, strict=True))
        places.sort(key=by_place.__getitem__)
        known = sum(1 << index for index in places)
        unknown = ((1 << len(keys)) - 1) ^ known
        good, bad = [unknown] * len(keys), [unknown] * len(keys)
        ranks: list[int] = []
        better = first = 0
        while first < len(places):
            key = by_place[places[first]]
            last, equal = first, 0
            while last < len(places) and by_place[places[last]] == key:
                equal |= 1 << places[last]
                last += 1
            for index in places[first:last]:
                good[index] = better | equal
                bad[index] = known ^ better
            ranks.append(equal)
            better |= equal
            first = last
        return cls(good, bad, ranks)


def _whole(keys: Sequence[Exact]) -> Sequence[int]:
    """*keys* times a common denominator: whole numbers are compared ten times as fast."""
    denominator = lcm(*{key.denominator for key in keys})
    return [key.numerator * (denominator // key.denominator) for key in keys]


def dominators(orders: Sequence[Order], index: int) -> int:
    """Those that are at least as good as one candidate in every respect, and better in one."""
    good, equal = orders[0].good[index], orders[0].good[index] & orders[0].bad[index]
    for order in orders[1:]:
        good &= order.good[index]
        equal &= order.good[index] & order.bad[index]
    return good & ~equal


def bits(mask: int) -> Iterator[int]:
    """The candidates of a set, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
