"""
Where the cost of a model jumps or bends while one number changes.

What is used in turn k is affine in the number, so where it passes a threshold follows from two points. Nothing
here knows how a bill is made, but for the rows of a card that make it jump or bend: a price for longer requests,
a marginal price, a least quantity, a minimum charge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from llm_tradeoffs.analysis._lines import inside
from llm_tradeoffs.costing import workload_cost
from llm_tradeoffs.errors import InvalidValueError, UnknownPriceError
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, divide, plain
from llm_tradeoffs.rates import RateCard
from llm_tradeoffs.workload import Workload

__all__ = ["MOST_TURNS", "Faced", "cost_bends"]

MOST_TURNS: Final = 1_000
"""Each turn may cross a threshold of its own; beyond so many nobody converses."""

Faced: TypeAlias = Callable[[Exact], tuple[Model, Workload]]
"""A model and the work that it faces, in its own tokens, at a value of the number."""


def cost_bends(faced: Faced, low: Exact, high: Exact | None, *, turns: bool = False) -> list[Exact]:
    """
    The values strictly between *low* and *high* at which the cost may jump or bend, ascending.

    Args:
        faced: The model and its work at each value.
        low, high: Between which values; None for no upper end.
        turns: Whether the number is the number of turns.

    Raises:
        InvalidValueError: There are too many turns to look at each.
    """
    model, work = faced(low)
    card = model.rates
    lengths: set[Exact] = {bound for tier in ("standard", "batch") for bound in card.breakpoints(tier)}
    if not lengths and not card.by_quantity:
        return []
    ends: tuple[Exact, Exact] = (low, low + 1 if high is None or turns else high)
    amounts = _levels(card)
    found: set[Exact] = set()
    every = range(1, 2) if turns else _turns(work)
    works = [(work if end == low else faced(end)[1], end) for end in ends]
    for turn in every:
        used = [_used(each, end if turns else turn) for each, end in works]
        for place, (first, last) in enumerate(zip(*used, strict=True)):
            levels = amounts | lengths if place == 0 else amounts
            found.update(_between(ends, (first, last), level) for level in levels if first != last)
    if "minimum_charge" in card.meters:
        inner = sorted(value for value in found if value > low and (high is None or value < high))
        last_stop = (inner or [low])[-1] + 1 if high is None else high
        found.update(_minimum_charges(faced, [low, *inner, last_stop], every, turns))
    return sorted(value for value in found if value > low and (high is None or value < high))


def _levels(card: RateCard) -> set[Exact]:
    """The quantities at which a marginal price begins or a minimum is passed; with none used, no minimum is due."""
    stated = {level for row in card.prices for level in (row.above_quantity, row.minimum_quantity) if level is not None}
    return {0, *stated} if card.by_quantity else set()


def _turns(work: Workload) -> range:
    """The turns that differ in length."""
    if not work.history_resent:
        return range(1, 2)
    if work.turns > MOST_TURNS:
        raise InvalidValueError(
            f"the workload has {work.turns:,} turns, and a price depends on the length of each. "
            f"Ask about at most {MOST_TURNS:,} turns, or say history_resent=False."
        )
    return range(1, work.turns + 1)


def _sent(work: Workload, turn: Exact) -> Exact:
    return work.turn_input_tokens(turn)  # type: ignore[arg-type]  # the formula holds between turns as well


def _used(work: Workload, turn: Exact) -> tuple[Exact, ...]:
    """Input, fresh input, cached input and output of one turn."""
    sent = _sent(work, turn)
    cached = sent * work.cached_share
    return sent, sent - cached, cached, work.output_tokens


def _between(ends: tuple[Exact, Exact], values: tuple[Exact, Exact], level: Exact) -> Exact:
    """Where the line through two points passes *level*."""
    return plain(ends[0] + divide(level - values[0], values[1] - values[0]) * (ends[1] - ends[0]))


def _minimum_charges(faced: Faced, stops: Sequence[Exact], every: range, turns: bool) -> list[Exact]:
    """
    Where a request comes to just its minimum charge.

    The bill without it is affine between the other bends, so any two values between them will do.
    """
    found: list[Exact] = []
    for tier in ("standard", "batch"):
        for turn in every:
            request = _Request(faced, None if turns else turn, tier)
            for low, high in pairwise(stops):
                points = inside(low, min(high, low + 1))  # far out a conversation is longer than anybody believes
                first, last = map(request.beyond_minimum, points)
                if first is not None and last is not None and first != last:
                    found.append(_between(points, (first, last), 0))
    return found


@attrs.frozen
class _Request:
    """One turn in one tier; no turn where the number is the turn."""

    faced: Faced
    turn: int | None
    tier: str

    def beyond_minimum(self, value: Exact) -> Exact | None:
        """By how much the request's bill exceeds its minimum; None where a price is unknown. [10^-12 USD]"""
        model, work = self.faced(value)
        sent = _sent(work, value if self.turn is None else self.turn)
        least = model.rates.plan(self.tier, sent).rates["minimum_charge"]
        rows = tuple(row for row in model.rates.prices if row.meter != "minimum_charge")
        bare = attrs.evolve(
            model, usd_per_mtok=RateCard(rows, model.rates.multipliers), supports_batch=self.tier == "batch" or None
        )
        alone = attrs.evolve(work, input_tokens=sent, turns=1, batch_share=int(self.tier == "batch"))
        try:
            bill = workload_cost(bare, alone).per_request.pico
        except UnknownPriceError:
            return None  # the bill itself is refused there, too
        return bill - (0 if least is None else least.pico)
