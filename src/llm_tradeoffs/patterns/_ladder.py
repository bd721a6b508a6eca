"""
The arithmetic of asking again: stages in a row, each checked, the next one asked where the check says no.

Cascades and retries are both such a ladder. Every expected value is worked out from the last stage to the
first: it is linear in what comes after, and linear in each probability of its own stage, so its least and
greatest values over intervals lie at the corners of these intervals, and the ends below are not only safe
but reached: unless a stage is a pattern whose cost and accuracy hang on the same facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import attrs

from llm_tradeoffs.money import Exact
from llm_tradeoffs.patterns._values import ONE, ZERO, multiplied, spread
from llm_tradeoffs.ranges import Range

__all__ = ["Climb", "Rung", "climb"]

_Corner = tuple[Exact, Exact, Exact]


@attrs.frozen(kw_only=True)
class Rung:
    """
    One stage.

    Attributes:
        cost: What asking it costs, and checking its answer unless it is the last one; None if unknown. [USD]
        right: How often it is right when it is asked; None if unknown. [0..1]
        false_accept: How often a wrong answer passes the check. [0..1]
        false_reject: How often a right answer fails the check. [0..1]
        escalated: How often the next stage is asked, where that was measured as such; None to work it out. [0..1]
        time: Of the answer and its check together; None if unknown. [ms]
    """

    cost: Range | None
    right: Range | None
    false_accept: Range = ZERO
    false_reject: Range = ZERO
    escalated: Range | None = None
    time: Range | None = None

    def corners(self, right: Range) -> list[_Corner]:
        """Every combination of the ends of *right*, the false accepts and the false rejects."""
        pairs = [sorted({each.low, each.high}) for each in (right, self.false_accept, self.false_reject)]
        return [(one, two, three) for one, two, three in product(*pairs)]

    def passed_on(self) -> Range | None:
        """How often the next stage is asked: (1-p)·(1-fa) + p·fr."""
        if self.escalated is not None:
            return self.escalated
        if self.right is not None:
            return spread([_passed_on(corner) for corner in self.corners(self.right)])
        return None


def _passed_on(corner: _Corner) -> Exact:
    right, false_accept, false_reject = corner
    return (1 - right) * (1 - false_accept) + right * false_reject


@attrs.frozen(kw_only=True)
class Climb:
    """
    What comes of a ladder.

    Attributes:
        reached: How often each stage is asked; None after a stage of unknown accuracy. [0..1]
        cost: Expected cost. [USD]
        right: How often the answer that is given is right. [0..1]
        with_errors: Expected cost with what wrong answers cost; None without an error cost. [USD]
        time: Expected time. [ms]
    """

    reached: tuple[Range | None, ...]
    cost: Range | None
    right: Range | None
    with_errors: Range | None
    time: Range | None


def climb(rungs: Sequence[Rung], hopeless: Range, error_cost: Fraction | None) -> Climb:
    """
    Climb a ladder with a share of requests that no stage ever gets right.

    The rest is right more often than the whole: p/(1-h), which has to be at most 1; the caller checks that.

    Source:
        FrugalGPT, arXiv 2305.05176, for the sum over stages; AutoMix, arXiv 2310.12963, for the hopeless class.
    """
    if hopeless == ZERO:
        return _climb(rungs, error_cost)
    never = _climb([attrs.evolve(rung, right=ZERO) for rung in rungs], error_cost)
    if hopeless == ONE:
        return never
    rest = _climb([attrs.evolve(rung, right=_among_the_rest(rung.right, hopeless)) for rung in rungs], error_cost)
    return Climb(
        reached=tuple(_mixed(hopeless, one, other) for one, other in zip(never.reached, rest.reached, strict=True)),
        cost=_mixed(hopeless, never.cost, rest.cost),
        right=_mixed(hopeless, never.right, rest.right),
        with_errors=_mixed(hopeless, never.with_errors, rest.with_errors),
        time=_mixed(hopeless, never.time, rest.time),
    )


def _among_the_rest(right: Range | None, hopeless: Range) -> Range | None:
    if right is None:
        return None
    ends = [
        Fraction(end) / (1 - share) if share < 1 else Fraction(0)
        for end, share in zip((right.low, right.high), (hopeless.low, hopeless.high), strict=True)
    ]
    return Range(ends[0], max(ends))


def _mixed(share: Range, one: Range | None, other: Range | None) -> Range | None:
    """share·one + (1-share)·other, over every value of the three."""
    if one is None or other is None:
        return None
    lows = [part * one.low + (1 - part) * other.low for part in (share.low, share.high)]
    highs = [part * one.high + (1 - part) * other.high for part in (share.low, share.high)]
    return Range(min(lows), max(highs), one.unit)


def _climb(rungs: Sequence[Rung], error_cost: Fraction | None) -> Climb:
    last = rungs[-1]
    cost = last.cost
    right = last.right
    with_errors = None
    if cost is not None and right is not None and error_cost is not None:
        with_errors = Range(cost.low + (1 - right.high) * error_cost, cost.high + (1 - right.low) * error_cost, "USD")
    time = last.time
    for rung in reversed(rungs[:-1]):
        passed_on = rung.passed_on()
        with_errors = _with_errors(rung, with_errors, error_cost)
        cost = None if rung.cost is None else _then(rung.cost, passed_on, cost)
        right = _right(rung, right)
        time = None if rung.time is None else _then(rung.time, passed_on, time)
    reached: list[Range | None] = [ONE]
    for rung in rungs[:-1]:
        before, passed_on = reached[-1], rung.passed_on()
        reached.append(None if before is None or passed_on is None else multiplied(before, passed_on))
    return Climb(reached=tuple(reached), cost=cost, right=right, with_errors=with_errors, time=time)


def _then(own: Range, passed_on: Range | None, after: Range | None) -> Range | None:
    """This stage, and what comes after it as often as it is asked."""
    if passed_on == ZERO:
        return own
    return None if passed_on is None or after is None else own + multiplied(passed_on, after)


def _right(rung: Rung, after: Range | None) -> Range | None:
    """Right here and not taken back, or passed on and right later."""
    if rung.right is None or rung.escalated is not None or after is None:
        return None
    corners = rung.corners(rung.right)
    ends = [[p * (1 - fr) + _passed_on((p, fa, fr)) * end for p, fa, fr in corners] for end in (after.low, after.high)]
    return Range(min(ends[0]), max(ends[1]))


def _with_errors(rung: Rung, after: Range | None, error_cost: Fraction | None) -> Range | None:
    own = rung.cost
    if own is None or rung.right is None or rung.escalated is not None or after is None or error_cost is None:
        return None
    corners = rung.corners(rung.right)
    ends = [
        [paid + (1 - p) * fa * error_cost + _passed_on((p, fa, fr)) * end for p, fa, fr in corners]
        for paid, end in ((own.low, after.low), (own.high, after.high))
    ]
    return Range(min(ends[0]), max(ends[1]), "USD")
