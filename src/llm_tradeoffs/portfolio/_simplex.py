"""
Linear programs in exact rational arithmetic.

A solver that computes with floats finds the right corner nearly always, and cannot say so. Here the corner
that it found (its basis) is solved again in ``Fraction`` and held against the conditions of optimality; where
they fail, the simplex method goes on from there, exactly. Without a corner to start from it starts from any.

Costs and right-hand sides are vectors that are compared lexicographically: of two optima by the first cost
the second one decides, and a second component of a right-hand side is an infinitely small change of it. Both
are ordered vector spaces, and the simplex method asks for no more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

__all__ = ["Column", "LinearProgram", "Vector", "Vertex"]

Vector: TypeAlias = tuple[Fraction, ...]
"""Compared lexicographically."""
Column: TypeAlias = Mapping[int, Fraction]
"""The entries of a column by row; what is not there is zero."""

_ZERO: Final = Fraction(0)
_ONE: Final = Fraction(1)


@attrs.frozen(kw_only=True)
class Vertex:
    """
    An optimal corner.

    Attributes:
        basis: The basic column of each position, in no particular order.
        values: The value of each basic column; all others are zero. Lexicographically at least zero.
        prices: What a unit of each row's right-hand side costs, one vector for each row.
    """

    basis: tuple[int, ...]
    values: Mapping[int, Vector]
    prices: tuple[Vector, ...]


@attrs.frozen(kw_only=True)
class LinearProgram:
    """
    The least ``costs · x`` of all x ≥ 0 with ``columns · x = rhs``.

    Attributes:
        columns: One for each variable.
        costs: One vector for each variable, all of one length.
        rhs: One vector for each row, all of one length.
    """

    columns: tuple[Column, ...]
    costs: tuple[Vector, ...]
    rhs: tuple[Vector, ...]

    def solve(self, *bases: Sequence[int], settle: Iterable[int] = ()) -> Vertex | None:
        """
        The optimal corner, or None if no x is feasible.

        Args:
            bases: Where to start: the first that is a basis at all is taken. The last one has to be.
            settle: Where several corners are optimal, the one in which the first of these variables is
                largest, then the second, and so on.
        """
        table = next(made for basis in bases if (made := _Tableau.at(self, basis)) is not None)
        if not table.make_feasible():
            return None
        allowed = table.optimise(self.costs, range(len(self.columns)))
        prices = table.prices(self.costs)
        for wanted in settle:
            if len(allowed) == len(table.basis):
                break  # no column can enter without cost: this is the only optimal corner
            if wanted in allowed:
                costs = tuple((-_ONE,) if k == wanted else (_ZERO,) for k in range(len(self.columns)))
                allowed = table.optimise(costs, allowed)
        return Vertex(basis=tuple(table.basis), values=dict(zip(table.basis, table.values, strict=True)), prices=prices)


class _Tableau:
    """A basis with its inverse, and the values of its columns; pivots change it."""

    def __init__(self, program: LinearProgram, basis: Sequence[int], inverse: list[dict[int, Fraction]]) -> None:
        self.program, self.basis, self.inverse = program, list(basis), inverse
        self.zero: Vector = (_ZERO,) * len(program.rhs[0])
        self.values = [_combined(row, program.rhs, self.zero) for row in inverse]

    @classmethod
    def at(cls, program: LinearProgram, basis: Sequence[int]) -> _Tableau | None:
        """The tableau of *basis*, or None if that is no basis."""
        if len(set(basis)) != len(program.rhs) or not all(0 <= k < len(program.columns) for k in basis):
            return None
        inverse = _inverse([program.columns[k] for k in basis])
        return None if inverse is None else cls(program, basis, inverse)

    def prices(self, costs: Sequence[Vector]) -> tuple[Vector, ...]:
        """The costs of the basic columns, by rows: the prices of a unit of each right-hand side."""
        return self._priced({p: costs[k] for p, k in enumerate(self.basis)}, len(costs[0]))

    def _priced(self, costs: Mapping[int, Vector], length: int) -> tuple[Vector, ...]:
        prices = [[_ZERO] * length for _ in self.basis]
        for position, cost in costs.items():
            if any(cost):
                for row, factor in self.inverse[position].items():
                    price = prices[row]
                    for at, part in enumerate(cost):
                        price[at] += factor * part
        return tuple(map(tuple, prices))

    def make_feasible(self) -> bool:
        """Pivot until no basic value is below zero; False if that is impossible."""
        careful = False
        while True:
            below = {p: (-_ONE,) for p, value in enumerate(self.values) if value < self.zero}
            if not below:
                return True
            prices = self._priced(below, 1)
            entering = self._entering(prices, range(len(self.program.columns)), _free, careful)
            if entering is None:
                return False  # no column lessens what is below zero
            image = self._image(entering)
            limits = [
                (_scaled(value, 1 / image[p]), self.basis[p], p)
                for p, value in enumerate(self.values)
                if p in image and (image[p] < 0 if p in below else image[p] > 0)
            ]
            careful = self._pivot(entering, image, limits)

    def optimise(self, costs: Sequence[Vector], allowed: Collection[int]) -> list[int]:
        """Pivot among *allowed* columns to the least cost; the columns that may be above zero at that cost."""
        careful = False
        while True:
            prices = self.prices(costs)
            entering = self._entering(prices, allowed, costs.__getitem__, careful)
            if entering is None:
                basic = set(self.basis)
                nothing: Vector = (_ZERO,) * len(costs[0])
                return [k for k in allowed if k in basic or self._reduced(k, costs[k], prices) == nothing]
            image = self._image(entering)
            limits = [
                (_scaled(self.values[p], 1 / factor), self.basis[p], p) for p, factor in image.items() if factor > 0
            ]
            careful = self._pivot(entering, image, limits)

    def _entering(
        self, prices: tuple[Vector, ...], allowed: Collection[int], cost_of: Callable[[int], Vector], careful: bool
    ) -> int | None:
        """A column that lowers the cost: the one that does most a unit, or the first, as Bland's rule has it."""
        basic = set(self.basis)
        best: tuple[Vector, int] | None = None
        for k in allowed:
            if k in basic:
                continue
            cost = cost_of(k)
            reduced = self._reduced(k, cost, prices)
            if reduced < (_ZERO,) * len(cost):
                if careful:
                    return k
                if best is None or reduced < best[0]:
                    best = (reduced, k)
        return None if best is None else best[1]

    def _reduced(self, k: int, cost: Vector, prices: tuple[Vector, ...]) -> Vector:
        column = self.program.columns[k]
        return tuple(
            part - sum((factor * prices[row][at] for row, factor in column.items()), _ZERO)
            for at, part in enumerate(cost)
        )

    def _image(self, k: int) -> dict[int, Fraction]:
        """How the basic values fall with each unit of column *k*."""
        column = self.program.columns[k]
        image: dict[int, Fraction] = {}
        for position, row in enumerate(self.inverse):
            factor = sum((entry * row[at] for at, entry in column.items() if at in row), _ZERO)
            if factor:
                image[position] = factor
        return image

    def _pivot(self, entering: int, image: Mapping[int, Fraction], limits: list[tuple[Vector, int, int]]) -> bool:
        """
        Column *entering* takes the place of the one that limits it first; whether the step had no length.

        After such a step the next one follows Bland's rule, so that no basis comes back.
        """
        step, _, leaving = min(limits)  # no x of ours is unbounded: shares add up to 1
        for position, factor in image.items():
            if position != leaving:
                self.values[position] = _less(self.values[position], factor, step)
        self.values[leaving] = step
        scale = 1 / image[leaving]
        pivot = {at: entry * scale for at, entry in self.inverse[leaving].items()}
        self.inverse[leaving] = pivot
        for position, factor in image.items():
            if position != leaving:
                _subtract(self.inverse[position], factor, pivot)
        self.basis[leaving] = entering
        return step == self.zero


def _free(_: int) -> Vector:
    """The cost of a column that is no part of what is to be least."""
    return (_ZERO,)


def _inverse(columns: Sequence[Column]) -> list[dict[int, Fraction]] | None:
    """The inverse of the matrix of *columns*, its rows as sparse as its columns allow; None if there is none."""
    left: list[dict[int, Fraction]] = [{} for _ in columns]  # by row: what is still to be turned into the identity
    right: list[dict[int, Fraction]] = [{row: _ONE} for row in range(len(columns))]
    holders: list[set[int]] = [set() for _ in columns]  # by position: the rows with an entry there
    for position, column in enumerate(columns):
        for row, entry in column.items():
            left[row][position] = entry
            holders[position].add(row)
    inverse: list[dict[int, Fraction]] = [{} for _ in columns]
    open_rows = set(range(len(columns)))
    while open_rows:
        row = min(open_rows, key=lambda at: (len(left[at]), at))  # few entries first: less is filled in
        free = [position for position in left[row] if not inverse[position]]
        if not free:
            return None
        position = min(free, key=lambda at: (len(holders[at]), at))
        scale = 1 / left[row][position]
        left[row] = {at: entry * scale for at, entry in left[row].items()}
        right[row] = {at: entry * scale for at, entry in right[row].items()}
        for other in sorted(holders[position] - {row}):
            factor = left[other][position]
            _subtract(right[other], factor, right[row])
            _subtract(left[other], factor, left[row])
            for at in left[row]:
                (holders[at].add if at in left[other] else holders[at].discard)(other)
        inverse[position] = right[row]
        open_rows.discard(row)
    return inverse


def _subtract(row: dict[int, Fraction], factor: Fraction, pivot: Mapping[int, Fraction]) -> None:
    """Take *factor* times *pivot* from *row*, in place."""
    for at, entry in pivot.items():
        rest = row.get(at, _ZERO) - factor * entry
        if rest:
            row[at] = rest
        else:
            row.pop(at, None)


def _combined(factors: Mapping[int, Fraction], vectors: Sequence[Vector], zero: Vector) -> Vector:
    total = zero
    for at, factor in factors.items():
        total = _less(total, -factor, vectors[at])
    return total


def _less(vector: Vector, factor: Fraction, other: Vector) -> Vector:
    return tuple(mine - factor * theirs for mine, theirs in zip(vector, other, strict=True))


def _scaled(vector: Vector, factor: Fraction) -> Vector:
    return tuple(part * factor for part in vector)
