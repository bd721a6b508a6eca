"""
Costs that a text states of several models for the same request: do token counts give them, or can none?

The words of the proof are written here; the geometry is in ``_token_counts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from llm_tradeoffs.claims._functions import World
from llm_tradeoffs.claims._quantities import DOLLARS, TOKENS, Undefined, number_text, usual_unit
from llm_tradeoffs.claims._read import CostSaid
from llm_tradeoffs.claims._token_counts import Corner, Fit, StatedCost, fit
from llm_tradeoffs.facts import Fact
from llm_tradeoffs.model import Model, price_fact
from llm_tradeoffs.money import PICO, Exact, divide

__all__ = ["Weighed", "weigh"]


@attrs.frozen(kw_only=True)
class Weighed:
    """
    Whether token counts give the stated costs.

    Attributes:
        match: ``"exact"``, ``"rounded"`` (only with what rounding allows) or ``"no"`` (none can).
        because: The answer in a sentence.
        arithmetic: Token counts that do, with what they cost; or the proof that there are none.
        instead: What the last cost would be if the ones before it hold; empty if there are token counts.
        facts: The prices.
    """

    match: Literal["exact", "rounded", "no"]
    because: str
    arithmetic: tuple[str, ...]
    instead: str = ""
    facts: Mapping[tuple[str, str], Fact]


@attrs.frozen(kw_only=True)
class _Side:
    """One model with what is said of it: as written, and with all that rounding allows."""

    model: Model
    text: str
    exact: StatedCost
    rounded: StatedCost

    def given(self) -> str:
        """As a premise."""
        return f"{self.model.label} costs {self.text}"


def weigh(said: CostSaid, world: World) -> Weighed:
    """
    Whether token counts give the stated costs, at the prices of *world*.

    Raises:
        Undefined: A price is not known.
    """
    facts: dict[tuple[str, str], Fact] = {}
    sides = [_side(name, amount.text, (amount.low, amount.low_reach), world, facts) for name, amount in said.costs]
    bounds = (said.input_bounds, said.output_bounds)
    sharp = fit([side.exact for side in sides], *bounds)
    if sharp.counts is not None:
        return _possible(sides, sharp.counts, "exact", facts)
    loose = fit([side.rounded for side in sides], *bounds)
    if loose.counts is not None:
        return _possible(sides, loose.counts, "rounded", facts)
    return _impossible(sides, said, loose, facts)


def _side(name: str, text: str, amount: tuple[Exact, Exact], world: World, facts: dict[tuple[str, str], Fact]) -> _Side:
    model = world.model(name)
    prices: list[Exact] = []
    for meter in ("input_tokens", "output_tokens"):
        price = model.price(meter)
        if price is None:
            raise Undefined(f"nobody states the price of {meter.replace('_', ' ')} of {model.label}")
        fact = price_fact(model.id, price)
        facts[model.id, fact.field] = fact
        prices.append(divide(price.usd.pico, price.per * PICO))
    cost, reach = amount
    exact, rounded = (
        StatedCost(input_price=prices[0], output_price=prices[1], low=max(0, cost - room), high=cost + room)
        for room in (0, reach)
    )
    return _Side(model=model, text=text, exact=exact, rounded=rounded)


def _possible(
    sides: Sequence[_Side], counts: Corner, match: Literal["exact", "rounded"], facts: Mapping[tuple[str, str], Fact]
) -> Weighed:
    costs = ", ".join(f"{_dollars(side.exact.at(counts))} with {side.model.label}" for side in sides)
    words = "these costs" if match == "exact" else "costs that round to these"
    return Weighed(
        match=match,
        because=f"token counts exist that give {words}",
        arithmetic=(f"for example {_counts(counts)} cost {costs}",),
        facts=facts,
    )


def _impossible(sides: Sequence[_Side], said: CostSaid, loose: Fit, facts: Mapping[tuple[str, str], Fact]) -> Weighed:
    """The proof: given the costs before it, what the first impossible one could be at all."""
    place = loose.first_impossible
    assert place is not None
    assert place >= 0  # bounds that a text states are in order, so they leave something
    side, before = sides[place], sides[:place]
    bounds = (said.input_bounds, said.output_bounds)
    given = [each.given() for each in before]
    given += [
        f"there are {_bounds_text(bound)} {kind} tokens"
        for kind, bound in zip(("input", "output"), bounds, strict=True)
        if bound != (0, None)
    ]
    # Shown for the amounts as they were written; what rounding allows comes last.
    sharp = fit([each.exact for each in sides[: place + 1]], *bounds)
    shown = sharp if sharp.first_impossible == place else loose
    premise = f"if {' and '.join(given)}" if given else "whatever the counts"
    steps = ["a cost is input tokens × input price + output tokens × output price, and no count is negative"]
    if place == 1 and bounds == ((0, None), (0, None)):
        steps += _ratios(before[0], side)
    steps.append(f"{premise}: {_extremes(side, shown)}")
    steps.append(
        f"with all that rounding allows, {_span(loose)} is possible, "
        f"and {side.text} stands for {_dollars(side.rounded.low)} to {_dollars(side.rounded.high)}"
    )
    return Weighed(
        match="no",
        because=f"no token counts give these costs: {premise}, then {side.model.label} costs {_span(shown)}",
        arithmetic=tuple(steps),
        instead=f"{_span(shown)} for {side.model.label}, {premise}",
        facts=facts,
    )


def _extremes(side: _Side, shown: Fit) -> str:
    assert shown.at_least is not None
    assert shown.least is not None
    least = f"{_counts(shown.at_least)} cost {_dollars(shown.least)} with {side.model.label}"
    if shown.at_most is None or shown.most is None:
        return f"{least}, and nothing costs less"
    return f"{least}, {_counts(shown.at_most)} cost {_dollars(shown.most)}, and every other mix lies between"


def _span(shown: Fit) -> str:
    assert shown.least is not None
    if shown.most is None:
        return f"{_dollars(shown.least)} or more"
    if shown.most == shown.least:
        return _dollars(shown.least)
    return f"{_dollars(shown.least)} to {_dollars(shown.most)}"


def _ratios(first: _Side, second: _Side) -> list[str]:
    """Two costs and nothing else: their ratio lies between the ratios of the prices."""
    one, other = first.exact, second.exact
    if not (one.input_price and one.output_price and one.low):
        return []
    ratios = [divide(other.input_price, one.input_price), divide(other.output_price, one.output_price)]
    names = f"{second.model.label} costs {_plain(ratios[0])} times as much per input token as {first.model.label}"
    return [
        f"{names} and {_plain(ratios[1])} times as much per output token, "
        f"so any request costs {_plain(min(ratios))} to {_plain(max(ratios))} times as much",
        f"the text says {second.text} against {first.text}, {_plain(divide(other.low, one.low))} times",
    ]


def _plain(value: Exact) -> str:
    digits, is_exact = number_text(value)
    return digits if is_exact else f"about {digits}"


def _counts(counts: Corner) -> str:
    unit = usual_unit(TOKENS)
    return f"{unit.text(counts[0], counts[0])} in and {unit.text(counts[1], counts[1])} out"


def _dollars(amount: Exact) -> str:
    return usual_unit(DOLLARS).text(amount, amount)


def _bounds_text(bounds: tuple[Exact, Exact | None]) -> str:
    low, high = bounds
    if high is None:
        return f"at least {_plain(low)}"
    return f"{_plain(low)} to {_plain(high)}" if low != high else _plain(low)
