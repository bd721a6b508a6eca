"""
Cells: calls that every price list concerned treats alike, and the sums of what they used.

The calls of a cell name one model, tier and region, fall between the same two changes of prices, into the same hours,
and lie on the same side of every threshold, step and limit that the price lists look at. On such calls every price
list is a straight line, so the cost of the cell is its number of calls times the cost of its mean call, exactly; the
mean is a fraction, and lies where all its calls lie. Nothing else has to be known about the calls, and no cost has
been computed when the cells are made.

A table of cells made elsewhere has these columns; one row is one cell:

======================================  ==========================================================================
``model``, ``service_tier``, ``region``  as the log names them; may be absent or empty
``day``                                 a day whose prices hold for all calls of the cell; may be absent
``calls``                               how many calls
our names of counts                     the sums over the calls: ``input_tokens``, ``output_tokens`` ...
``least_<count>``, ``most_<count>``     the count of the smallest and of the largest call; for ``input_tokens`` where
                                        the model has a price by length, else not needed. ``total_tokens`` and
                                        ``output_tokens`` of a what-if are held against limits with them
``problem``                             why nobody can price these calls, whose counts are left alone; may be absent
any other                               what it may be grouped by
======================================  ==========================================================================

With ``least_`` and ``most_`` it is checked that a cell straddles no threshold: a cell that does has no cost.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeAlias

import attrs

from llm_tradeoffs.money import Exact

__all__ = ["Cell", "CellSum", "Cells", "Problem"]

Problem: TypeAlias = tuple[str, str]
"""Why calls have no cost: what stood against them, as in :class:`llm_tradeoffs.calls.LeftOut`, and the reason."""

SPREAD: Final = ("input_tokens", "output_tokens", "total_tokens")
"""The counts whose least and most a table of cells may state."""


class Cell:
    """
    Calls that every price list concerned treats alike.

    Attributes:
        group: The values of what the cells are grouped by, in the order of :attr:`Cells.by`.
        model: The model, as the log names it; None if it names none.
        service_tier: The tier; None if nobody said.
        region: Where they were processed; None if nobody said.
        at: A day whose prices hold for all of them, or a moment with its zone where prices depend on the hour; None
            if nobody said.
        calls: How many.
        counts: The sums over the calls by our names, those that are not 0; totals with their parts inside.
        problem: Why nobody could price these calls; None if they can be read.
        spread: For a cell made elsewhere the least and the most that one call counts, where that was stated.
        place: Cells of one place, day, tier and region may be added up, whatever their models, before they are priced
            under one other model; None for a cell that stays apart.
    """

    # A plain class: there are tens of thousands.
    __slots__ = ("at", "calls", "counts", "group", "model", "place", "problem", "region", "service_tier", "spread")

    def __init__(  # noqa: PLR0917  # positional: tens of thousands are made
        self,
        group: tuple[Any, ...],
        model: str | None,
        service_tier: str | None,
        region: str | None,
        at: date | datetime | None,
        calls: int,
        counts: Mapping[str, Exact],
        problem: Problem | None = None,
        spread: Mapping[str, tuple[int, int]] | None = None,
        place: Hashable = None,
    ) -> None:
        self.group = group
        self.model = model
        self.service_tier = service_tier
        self.region = region
        self.at = at
        self.calls = calls
        self.counts = counts
        self.problem = problem
        self.spread = spread
        self.place = place

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}={count}" for name, count in self.counts.items())
        return f"<Cell: {self.calls:,} calls of {self.model!r} at {self.at}, {counts}>"


class CellSum(Cell):
    """
    Cells of one place, whatever their models, as one.

    Attributes:
        members: The cells.
    """

    __slots__ = ("members",)

    def __init__(self, members: Sequence[Cell]) -> None:
        first, *rest = members
        counts = dict(first.counts)
        for cell in rest:
            for name, count in cell.counts.items():
                counts[name] = counts.get(name, 0) + count
        calls = sum(cell.calls for cell in members)
        super().__init__(
            first.group, None, first.service_tier, first.region, first.at, calls, counts, place=first.place
        )
        self.members = tuple(members)


def _cells(value: Iterable[Cell]) -> tuple[Cell, ...]:
    return tuple(value)


@attrs.frozen(eq=False, repr=False)
class Cells:
    """
    All cells of a log.

    Attributes:
        by: What they are grouped by.
        cells: The cells, in no order.
        checked: Whether the cells were made for the price lists that they are priced with, so that no spread has to
            be looked at; cells made elsewhere are not.
        notes: What a reader should know about how they were made.
        kind: The kind of table they were made from, to give results back in.
    """

    by: tuple[str, ...]
    cells: tuple[Cell, ...] = attrs.field(converter=_cells)
    checked: bool = False
    notes: tuple[str, ...] = ()
    kind: Any = None

    @property
    def calls(self) -> int:
        """How many calls there are in all cells."""
        return sum(cell.calls for cell in self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        return f"<Cells: {self.calls:,} calls in {len(self):,} cells, by {', '.join(self.by) or 'nothing'}>"
