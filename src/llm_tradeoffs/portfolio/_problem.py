"""What is to be decided, in numbers: who may do what, what it costs, and which sums are limited."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final, Literal, TypeAlias

import attrs

from llm_tradeoffs.portfolio._simplex import Vector

__all__ = ["BUDGET", "QUALITY", "Kind", "Limit", "Offer", "Problem"]

BUDGET: Final = "budget"
QUALITY: Final = "quality"
Kind: TypeAlias = Literal["budget", "quality", "rate"]


@attrs.frozen(kw_only=True)
class Offer:
    """
    One model for one workload: all of it, for a month.

    Attributes:
        workload, model: Their names.
        vendor: Who offers the model; empty if nobody said.
        cash: What is paid. [USD]
        errors: What the errors are expected to cost; None if nobody stated what one costs, or how many there are. [USD]
        right_percent: The share of right answers, at the end of its interval that is planned with; None if unknown. [%]
        requests_per_minute: The volume spread evenly over the day. [1/min]
    """

    workload: str
    model: str
    vendor: str
    cash: Fraction
    errors: Fraction | None
    right_percent: Fraction | None
    requests_per_minute: Fraction

    @property
    def expected(self) -> Fraction:
        """What is paid and what the errors are expected to cost, as far as that is stated. [USD]"""
        return self.cash + (self.errors or 0)


@attrs.frozen(kw_only=True)
class Limit:
    """
    A sum over the chosen offers that may not be larger than a limit.

    Attributes:
        id: Short name, such as ``"budget"`` or ``"quality of chat"``.
        what: The limit in words.
        kind: ``budget``, ``quality`` or ``rate``.
        weights: What each offer adds, in the order of the offers. [USD], [percentage points, downwards], [1/min]
        at_most: The limit, in the same unit.
    """

    id: str
    what: str
    kind: Kind
    weights: tuple[Fraction, ...]
    at_most: Fraction

    def of(self, shares: Iterable[tuple[int, Fraction]]) -> Fraction:
        """What the chosen shares add up to."""
        return sum((self.weights[k] * share for k, share in shares), Fraction(0))


@attrs.frozen(kw_only=True)
class Problem:
    """
    Which offers to choose, a whole one or shares of several for each workload.

    Attributes:
        workloads: Their names, sorted.
        offers: By workload and then by model, both sorted: the order in which ties are broken.
        costs: For each offer what is to be least; a second number decides between equal ones.
        limits: The sums that are limited.
        max_vendors: How many vendors there may be at most; None for any number.
        splits: Whether a workload may be shared out among models.
    """

    workloads: tuple[str, ...]
    offers: tuple[Offer, ...]
    costs: tuple[Vector, ...]
    limits: tuple[Limit, ...]
    max_vendors: int | None
    splits: bool

    def limit(self, name: str) -> Limit | None:
        """The limit of that id, or None."""
        return next((limit for limit in self.limits if limit.id == name), None)

    def without_limits(self, *names: str) -> Problem:
        """The same without these limits."""
        return attrs.evolve(self, limits=tuple(limit for limit in self.limits if limit.id not in names))

    def with_limit(self, limit: Limit) -> Problem:
        """The same with one limit more, or another one in its place."""
        kept = self.without_limits(limit.id)
        return attrs.evolve(kept, limits=(*kept.limits, limit))

    def with_costs(self, *parts: tuple[Fraction, ...]) -> Problem:
        """The same with other costs: of equal first ones the second ones decide."""
        return attrs.evolve(self, costs=tuple(zip(*parts, strict=True)))
