"""
Sets of workloads, exactly: which combinations of cells, where each input is cut into a few cells.

A set is a decision diagram: at each level one input is looked at, and each of its cells leads on. Equal
sets are the same node, so that "nothing", "the same" and "does not depend on" are comparisons of numbers.

Source:
    Reduced ordered decision diagrams: Bryant, "Graph-Based Algorithms for Boolean Function
    Manipulation", IEEE Transactions on Computers C-35(8), 1986; here with several cells a level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

__all__ = ["ALL", "NOTHING", "Box", "Region", "Regions"]

Region: TypeAlias = int
"""A set, by the number of its node in the :class:`Regions` that made it."""

Box: TypeAlias = dict[int, int]
"""For some levels the cells that are allowed there, as bits; any cell at the other levels."""

NOTHING: Final[Region] = 0
ALL: Final[Region] = 1
_LAST: Final = 10**6  # the level of both ends: below every other


class Regions:
    """
    The sets over inputs with so many cells each.

    >>> regions = Regions([2, 3])
    >>> low, middle = regions.where(1, 0b001), regions.where(1, 0b010)
    >>> regions.both(low, middle) == NOTHING
    True
    >>> list(regions.boxes(regions.either(low, middle)))
    [{1: 3}]

    Args:
        sizes: How many cells each level has.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = tuple(sizes)
        self._nodes: list[tuple[int, tuple[Region, ...]]] = [(_LAST, ()), (_LAST, ())]
        self._known: dict[tuple[int, tuple[Region, ...]], Region] = {}
        self._joined: dict[tuple[str, Region, Region], Region] = {}

    def _node(self, level: int, children: tuple[Region, ...]) -> Region:
        if all(child == children[0] for child in children):
            return children[0]
        key = (level, children)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return found

    def where(self, level: int, cells: int) -> Region:
        """Everything with one of *cells* at *level*."""
        return self._node(level, tuple(cells >> cell & 1 for cell in range(self.sizes[level])))

    # Operations on two sets.

    def both(self, a: Region, b: Region) -> Region:
        """What is in both."""
        if NOTHING in {a, b}:
            return NOTHING
        if a in {ALL, b}:
            return b
        if b == ALL:
            return a
        return self._join("both", min(a, b), max(a, b), self.both)

    def either(self, a: Region, b: Region) -> Region:
        """What is in at least one."""
        if ALL in {a, b}:
            return ALL
        if a in {NOTHING, b}:
            return b
        if b == NOTHING:
            return a
        return self._join("either", min(a, b), max(a, b), self.either)

    def without(self, a: Region, b: Region) -> Region:
        """What is in *a* and not in *b*."""
        if a in {NOTHING, b} or b == ALL:
            return NOTHING
        if b == NOTHING:
            return a
        return self._join("without", a, b, self.without)

    def _join(self, name: str, a: Region, b: Region, join: Callable[[Region, Region], Region]) -> Region:
        key = (name, a, b)
        found = self._joined.get(key)
        if found is None:
            level = min(self._nodes[a][0], self._nodes[b][0])
            pairs = zip(self._children(a, level), self._children(b, level), strict=True)
            found = self._joined[key] = self._node(level, tuple(join(one, other) for one, other in pairs))
        return found

    def _children(self, region: Region, level: int) -> tuple[Region, ...]:
        at, children = self._nodes[region]
        return children if at == level else (region,) * self.sizes[level]

    # Questions about one set.

    def regardless(self, region: Region, levels: frozenset[int]) -> Region:
        """What can be made a member of *region* by choosing other cells at *levels*."""
        seen: dict[Region, Region] = {}

        def project(node: Region) -> Region:
            if node in {NOTHING, ALL}:
                return node
            found = seen.get(node)
            if found is None:
                level, children = self._nodes[node]
                projected = tuple(project(child) for child in children)
                if level in levels:
                    found = NOTHING
                    for child in projected:
                        found = self.either(found, child)
                else:
                    found = self._node(level, projected)
                seen[node] = found
            return found

        return project(region)

    def boxes(self, region: Region) -> Iterator[Box]:
        """*region* as boxes that do not overlap."""
        if region == NOTHING:
            return
        if region == ALL:
            yield {}
            return
        level, children = self._nodes[region]
        for child in dict.fromkeys(children):
            cells = sum(1 << cell for cell, leads_to in enumerate(children) if leads_to == child)
            for box in self.boxes(child):
                yield {level: cells, **box}

    def cells(self, region: Region, level: int) -> int:
        """The cells that members of *region* have at *level*, as bits."""
        others = frozenset(range(len(self.sizes))) - {level}
        for box in self.boxes(self.regardless(region, others)):
            return box.get(level, (1 << self.sizes[level]) - 1)
        return 0

    def plainest(self, region: Region, price: Callable[[int, int], int]) -> dict[int, int] | None:
        """
        The member of *region* with the lowest price: for each level a cell. None if there is no member.

        Args:
            region: The set.
            price: What a cell at a level costs; the price of a member is the sum over all levels.
        """
        cheapest = [min((price(level, cell), cell) for cell in range(size))[1] for level, size in enumerate(self.sizes)]
        seen: dict[Region, tuple[int, Mapping[int, int]] | None] = {NOTHING: None, ALL: (0, {})}

        def best(node: Region) -> tuple[int, Mapping[int, int]] | None:
            """The price above that of the plainest cells everywhere, and the cells."""
            if node not in seen:
                level, children = self._nodes[node]
                least = price(level, cheapest[level])
                found: tuple[int, Mapping[int, int]] | None = None
                for cell, child in enumerate(children):
                    rest = best(child)
                    if rest is not None:
                        total = rest[0] + price(level, cell) - least
                        if found is None or total < found[0]:
                            found = (total, {level: cell, **rest[1]})
                seen[node] = found
            return seen[node]

        member = best(region)
        return None if member is None else {**dict(enumerate(cheapest)), **member[1]}
