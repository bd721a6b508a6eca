"""What an answer was made from, kept so that one can ask what would change it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from llm_tradeoffs._decide import Decision
from llm_tradeoffs.analysis._numbers import Load, Runner
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.model import Model
from llm_tradeoffs.ranges import Range

if TYPE_CHECKING:
    from llm_tradeoffs.analysis._flips import Found

__all__ = ["Case"]


@attrs.frozen(kw_only=True, eq=False)
class Case:
    """
    A decision and the facts it was made on.

    Attributes:
        decision: The decision.
        catalog, day: Where the facts are from.
    """

    decision: Decision
    catalog: Catalog
    day: date

    @cached_property
    def load(self) -> Load:
        """The workload as it was stated, in numbers."""
        decision = self.decision
        return Load(decision.workload, decision.caps, decision.policy.requirements)

    @cached_property
    def by_id(self) -> dict[str, Runner]:
        """Every candidate."""
        return {runner.id: runner for runner in self.decision.runners}

    def ratio(self, model: Model) -> Range | None:
        """Tokens that *model* makes of one token as counted, where a source says so and it is not 1 by definition."""
        counted = self.decision.workload.counted_for
        if counted is None or counted == model.id:
            return None
        base = self.catalog.resolve(counted, self.day)
        if base == model.id:
            return None
        if model.id in self.catalog:
            return self.catalog.token_ratio(base, model.id, self.day)
        stated = model.token_ratio
        return stated.ratio if stated is not None and stated.base == base else None

    @cached_property
    def found(self) -> Found:
        """What is worked out about flips, kept for the next question."""
        from llm_tradeoffs.analysis._flips import Found

        return Found(self)
