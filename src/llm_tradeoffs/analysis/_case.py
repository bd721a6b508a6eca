"""What an answer was made from, kept so that one can ask what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from llm_tradeoffs._decide import Decision
from llm_tradeoffs.analysis._numbers import Answer, Load, Prices, Runner
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import PICO, Exact, divide, plain
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import Price

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

    @cached_property
    def answers(self) -> dict[str, dict[str, Answer]]:
        """What every candidate answers to what is asked of it."""
        return {runner.id: runner.answers() for runner in self.decision.runners}

    @cached_property
    def _prices(self) -> dict[str, Prices]:
        return {runner.id: Prices(runner.assessment) for runner in self.decision.runners}

    def prices(self, runner: Runner) -> Prices:
        """The prices of a candidate, looked up once."""
        return self._prices[runner.id]

    @cached_property
    def fitting(self) -> dict[tuple[int | None, int | None], Any]:
        """For limits on lengths, at which token ratios they are met; filled as they are asked for."""
        return {}

    @cached_property
    def _recounted(self) -> dict[Exact, Load]:
        return {}

    def recounted(self, ratio: Exact) -> Load:
        """The workload as counted by a model that makes *ratio* tokens of each; see :meth:`Workload.recounted`."""
        found = self._recounted.get(ratio)
        if found is None:
            counted = self.load
            changes: dict[str, Exact] = {
                "input_tokens": plain(counted.input_tokens * ratio),
                "output_tokens": plain(counted.output_tokens * ratio),
            }
            for name in ("longest_tokens", "instruction_tokens"):
                tokens = getattr(counted, name)
                if tokens:
                    changes[name] = -int(-(tokens * ratio) // 1)  # half a token is a token
            found = self._recounted[ratio] = counted.with_(**changes)
        return found

    def per_row(self, runner: Runner) -> Sequence[tuple[Price, Exact]]:
        """The rows that a candidate's work is charged, and how often. [10^-12 USD per USD of the row]"""
        used = self.prices(runner).used(runner.load)
        if used is None:
            bill = runner.assessment.cost
            used = [] if bill is None else [(line.price, line.factors, line.quantity) for line in bill.lines]
        rows: dict[int, tuple[Price, Exact]] = {}  # by identity: what a row says takes long to hash
        for price, factors, quantity in used:
            times: Exact = divide(quantity * PICO, price.per)
            for factor in factors:
                times = times * factor.factor
            before = rows[id(price)][1] if id(price) in rows else 0
            rows[id(price)] = (price, before + times)
        return list(rows.values())

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
