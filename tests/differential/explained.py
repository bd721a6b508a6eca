"""
What a difference between two prices of one call comes down to.

An explanation is no excuse: it recomputes the other library's number from our prices and the fault that is
named, and holds only if it arrives there. What nothing explains fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Final, NamedTuple

import llm_tradeoffs as lt
from llm_tradeoffs.rates import Rates
from llm_tradeoffs.usage import billed_once


class Case(NamedTuple):
    """One call to one model, as both libraries were asked to price it."""

    model: str
    call: str
    counts: dict[str, int]
    service_tier: str
    registry: lt.PricingRegistry
    moment: datetime
    ours: lt.Cost | lt.TradeoffsError
    theirs: Fraction | Exception
    tolerance: Fraction

    def agrees(self, usd: Fraction | None) -> bool:
        """Whether the other library says *usd*, to the precision that it has."""
        return isinstance(self.theirs, Fraction) and usd is not None and abs(usd - self.theirs) <= self.tolerance

    def priced(
        self, counts: Mapping[str, int] | None = None, service_tier: str | None = None, model: str | None = None
    ) -> lt.Cost | None:
        """The same call with something changed; None where our registry has no price for it."""
        try:
            return lt.cost(
                model or self.model,
                service_tier=service_tier or self.service_tier,
                catalog=self.registry,
                as_of=self.moment,
                **(self.counts if counts is None else counts),  # type: ignore[arg-type]  # counts of a call
            )
        except lt.TradeoffsError:
            return None

    def rates(self, service_tier: str, input_tokens: int | None = None) -> Rates:
        """Our rates for the call, or for one of another length."""
        card = self.registry.model(self.model, self.moment.date()).rates
        length = self.counts["input_tokens"] if input_tokens is None else input_tokens
        return card.rates(service_tier, length, at=self.moment)


def usd(cost: lt.Cost | lt.TradeoffsError | None) -> Fraction | None:
    """An exact total, or None."""
    return cost.total.as_fraction() if isinstance(cost, lt.Cost) and cost.is_exact else None


def _without(counts: Mapping[str, int], *meters: str) -> dict[str, int]:
    return {name: 0 if name in meters else count for name, count in counts.items()}


def _answer(case: Case, service_tier: str) -> Case:
    try:
        ours: lt.Cost | lt.TradeoffsError = lt.cost(
            case.model,
            service_tier=service_tier,
            catalog=case.registry,
            as_of=case.moment,
            **case.counts,  # type: ignore[arg-type]  # counts of a call
        )
    except lt.TradeoffsError as problem:
        ours = problem
    return case._replace(service_tier=service_tier, ours=ours)


def tier_is_standard(case: Case) -> bool:
    """A tier that the price list does not know is billed at the standard prices, without a word."""
    if not isinstance(case.ours, lt.UnknownPriceError) or case.service_tier == "standard":
        return False
    standard = _answer(case, "standard")
    return standard.agrees(usd(standard.ours)) or explanation(standard) is not None


def tier_is_ignored(case: Case) -> bool:
    """The tier has prices in the list, and the standard ones are billed: some providers' calculators know no tier."""
    if not isinstance(case.ours, lt.Cost) or case.service_tier == "standard":
        return False
    standard = _answer(case, "standard")
    if isinstance(standard.ours, lt.Cost):
        return standard.agrees(usd(standard.ours))
    return unpriced_is_free(standard)


def meter_is_standard(case: Case) -> bool:
    """Of a tier that the price list knows in part, the rest is billed at the standard prices."""
    if not isinstance(case.ours, lt.UnknownPriceError) or case.service_tier == "standard":
        return False
    tier, standard = case.rates(case.service_tier), case.rates("standard")
    pico = Fraction(0)
    for meter, count in billed_once(case.counts).items():
        rate = tier[meter] or standard[meter]
        if rate is None:
            return False
        pico += rate.pico * count
    return case.agrees(pico / 10**12)


def part_is_standard(case: Case) -> bool:
    """A part whose price in the tier nobody publishes is billed at one of the rates it lies between."""
    return (
        isinstance(case.ours, lt.Cost)
        and not case.ours.is_exact
        and isinstance(case.theirs, Fraction)
        and case.ours.low.as_fraction() - case.tolerance <= case.theirs <= case.ours.high.as_fraction() + case.tolerance
    )


def unpriced_is_free(case: Case) -> bool:
    """What has no price in the list is billed as $0."""
    if not isinstance(case.ours, lt.UnknownPriceError):
        return False
    rates = case.rates(case.service_tier)
    known = {meter: rate.pico * count for meter, count in billed_once(case.counts).items() if (rate := rates[meter])}
    fee = rates["requests"]
    return case.agrees((sum(known.values(), Fraction(0)) + (fee.pico if fee else 0)) / 10**12)


def request_fee_is_dropped(case: Case) -> bool:
    """A fee for each request stands in the list and is not billed."""
    if not isinstance(case.ours, lt.Cost) or not case.ours.is_exact:
        return False
    fees = sum((line.amount.as_fraction() for line in case.ours.lines if line.meter == "requests"), Fraction(0))
    return bool(fees) and case.agrees(case.ours.total.as_fraction() - fees)


def cached_is_half(case: Case) -> bool:
    """Cached input that has no price of its own is billed at half of the input price, which nobody published."""
    if not isinstance(case.ours, lt.Cost) or not case.ours.is_exact:
        return False
    cached = sum(
        (line.amount.as_fraction() for line in case.ours.lines if line.meter.startswith("cache_read")), Fraction(0)
    )
    return bool(cached) and case.agrees(case.ours.total.as_fraction() - cached / 2)


def another_row_answers(case: Case) -> bool:
    """The name is taken apart, and the row of another name answers: that of the provider before it, or of its end."""
    provider, _, rest = case.model.partition("/")
    others = {rest, f"{provider}/{rest.partition('/')[2]}", *(f"{name}/{case.model}" for name in PREFIXES)}
    return any(case.agrees(usd(case.priced(model=other))) for other in others if other in case.registry)


PREFIXES: Final = ("deepseek", "gemini", "openai", "anthropic", "mistral", "cohere", "xai", "moonshot", "dashscope")


def another_row_is_free(case: Case) -> bool:
    """The row of the longer name answers, whose prices are all 0; we read such a row as unknown."""
    return (
        isinstance(case.theirs, Fraction)
        and not case.theirs
        and any(row.name in {f"{name}/{case.model}" for name in PREFIXES} for row in case.registry.skipped)
    )


def only_base_rates(case: Case) -> bool:
    """Cached tokens and long requests are billed at the base prices, although the list has others."""
    if not isinstance(case.ours, lt.Cost):
        return False
    rates = case.rates("standard", 0)
    sent, produced = rates["input_tokens"], rates["output_tokens"]
    if sent is None or produced is None:
        return False
    pico = sent.pico * case.counts["input_tokens"] + produced.pico * case.counts["output_tokens"]
    return case.agrees(Fraction(pico) / 10**12)


def cached_speech_is_cached_text(case: Case) -> bool:
    """There is no count of cached audio: all cached tokens are billed as cached text."""
    if "cache_read_audio_tokens" not in case.counts:
        return False
    return case.agrees(usd(case.priced(_without(case.counts, "cache_read_audio_tokens"))))


EXPLANATIONS: Final[dict[str, Callable[[Case], bool]]] = {
    "a tier without prices is billed as standard": tier_is_standard,
    "a tier with prices is billed as standard": tier_is_ignored,
    "a meter without a price in the tier is billed as standard": meter_is_standard,
    "a part without a price in the tier is billed at a rate of another tier": part_is_standard,
    "what has no price is billed as $0": unpriced_is_free,
    "a fee for each request is not billed": request_fee_is_dropped,
    "cached input without a price is billed at half": cached_is_half,
    "the row of another name answers": another_row_answers,
    "the row of another name answers, and is all zeros": another_row_is_free,
    "cached tokens and long requests are billed at the base prices": only_base_rates,
    "cached audio is billed as cached text": cached_speech_is_cached_text,
}


def explanation(case: Case) -> str | None:
    """The first explanation that arrives at the other library's number; None if there is none."""
    return next((name for name, holds in EXPLANATIONS.items() if holds(case)), None)
