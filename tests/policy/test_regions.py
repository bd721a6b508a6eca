"""Decision diagrams against plain sets of tuples."""

from __future__ import annotations

import itertools
from typing import Final, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs.policy._regions import ALL, NOTHING, Region, Regions

SIZES: Final = (2, 3, 2)
EVERYTHING: Final = frozenset(itertools.product(*map(range, SIZES)))
Points: TypeAlias = frozenset[tuple[int, ...]]


def members(regions: Regions, region: Region) -> Points:
    """The members by way of the boxes, each once."""
    found: list[tuple[int, ...]] = []
    for box in regions.boxes(region):
        allowed = [[cell for cell in range(size) if box.get(level, -1) >> cell & 1] for level, size in enumerate(SIZES)]
        found.extend(itertools.product(*allowed))
    assert len(found) == len(set(found)), "boxes overlap"
    return frozenset(found)


def build(regions: Regions, points: Points) -> Region:
    region = NOTHING
    for point in points:
        one = ALL
        for level, cell in enumerate(point):
            one = regions.both(one, regions.where(level, 1 << cell))
        region = regions.either(region, one)
    return region


POINTS: Final = st.frozensets(st.sampled_from(sorted(EVERYTHING)))


@given(POINTS, POINTS)
def test_operations_are_those_of_sets(one: Points, other: Points) -> None:
    """And equal sets are the same region, however they came about."""
    regions = Regions(SIZES)
    a, b = build(regions, one), build(regions, other)
    assert members(regions, a) == one
    for region, expected in (
        (regions.both(a, b), one & other),
        (regions.either(a, b), one | other),
        (regions.without(a, b), one - other),
    ):
        assert members(regions, region) == expected
        assert region == build(regions, expected)
    assert (a == b) == (one == other)
    assert (a == NOTHING) == (not one)
    assert (a == ALL) == (one == EVERYTHING)


@given(POINTS, st.frozensets(st.integers(0, 2)))
def test_regardless_of_some_levels(points: Points, levels: frozenset[int]) -> None:
    """Whatever agrees with a member elsewhere is in it."""
    regions = Regions(SIZES)
    kept = [level for level in range(len(SIZES)) if level not in levels]
    shadows = {tuple(point[level] for level in kept) for point in points}
    expected = {point for point in EVERYTHING if tuple(point[level] for level in kept) in shadows}
    assert members(regions, regions.regardless(build(regions, points), levels)) == expected


@given(POINTS)
def test_the_cells_of_a_level(points: Points) -> None:
    """Those that some member is in."""
    regions = Regions(SIZES)
    region = build(regions, points)
    for level in range(len(SIZES)):
        assert regions.cells(region, level) == sum(1 << cell for cell in {point[level] for point in points})


@given(POINTS, st.lists(st.integers(0, 5), min_size=7, max_size=7))
def test_the_plainest_member_costs_least(points: Points, prices: list[int]) -> None:
    """Over all members, every level counted."""
    regions = Regions(SIZES)

    def price(level: int, cell: int) -> int:
        return prices[sum(SIZES[:level]) + cell]

    def total(point: tuple[int, ...]) -> int:
        return sum(price(level, cell) for level, cell in enumerate(point))

    found = regions.plainest(build(regions, points), price)
    if found is None:
        assert not points
    else:
        point = tuple(found[level] for level in range(len(SIZES)))
        assert point in points
        assert total(point) == min(map(total, points))
