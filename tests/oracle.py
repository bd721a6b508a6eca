"""
The rules of billing, computed naively with fractions: what the library is held against.

Written from `DESIGN.md` and `catalog/README.md`, and slow on purpose: every price is looked up anew for
every token meter of every call. Nothing here calls the library, except that `mtok` returns its `Usd`.

A tariff is a plain dict: (meter, service tier, threshold or None) -> USD, for a million tokens or for
one fee.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, TypeAlias

from llm_tradeoffs import Usd

Tariff: TypeAlias = dict[tuple[str, str, int | None], Fraction]

INPUT_PARTS: Final = (
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "input_audio_tokens",
    "input_image_tokens",
)
OUTPUT_PARTS: Final = ("reasoning_tokens", "output_audio_tokens", "output_image_tokens")
PARENT: Final = dict.fromkeys(INPUT_PARTS, "input_tokens") | dict.fromkeys(OUTPUT_PARTS, "output_tokens")
TOTALS: Final = ("input_tokens", "output_tokens")
FEES: Final = ("requests", "web_searches")


class PriceIsUnknownError(Exception):
    """Something would have to be billed for which nobody states a price."""


def mtok(usd: str, tokens: int | Fraction) -> Usd:
    """*tokens* at *usd* for a million, worked in the open."""
    return Usd(Fraction(usd) * tokens / 1_000_000)


def unit_price(tariff: Tariff, meter: str, tier: str, input_tokens: Fraction) -> Fraction | None:
    """
    USD for one unit of *meter* in a request with *input_tokens*; None if nobody states it.

    A request with more input than a threshold is billed at that row, the whole of it; of several
    thresholds that it exceeds the highest counts. A part that has no price of its own anywhere is billed
    at its total's.
    """
    exceeded = {
        -1 if above is None else above: usd
        for (of, in_tier, above), usd in tariff.items()
        if of == meter and in_tier == tier and (above is None or input_tokens > above)
    }
    if exceeded:
        usd = exceeded[max(exceeded)]
        return usd if meter in FEES else usd / 1_000_000
    if meter in PARENT and all(of != meter for of, _, _ in tariff):
        return unit_price(tariff, PARENT[meter], tier, input_tokens)
    return None


def call_cost(tariff: Tariff, counts: Mapping[str, int | Fraction], tier: str = "standard") -> Fraction:
    """
    USD for one call: every token once, under its part or else under its total, and the fees.

    Raises:
        PriceIsUnknownError: A count above zero has no price.
    """
    length = Fraction(counts["input_tokens"])
    billed = {part: Fraction(counts.get(part, 0)) for part in PARENT}
    for total in TOTALS:
        inside = sum(billed[part] for part in PARENT if PARENT[part] == total)
        billed[total] = Fraction(counts[total]) - inside
    billed["web_searches"] = Fraction(counts.get("web_searches", 0))
    # Where nobody states a fee for each request there is none.
    billed["requests"] = Fraction(0) if unit_price(tariff, "requests", tier, length) is None else Fraction(1)
    owed = Fraction(0)
    for meter, count in billed.items():
        if count:
            price = unit_price(tariff, meter, tier, length)
            if price is None:
                raise PriceIsUnknownError(meter)
            owed += count * price
    return owed


def conversation_cost(
    tariff: Tariff,
    *,
    input_tokens: Fraction,
    output_tokens: Fraction,
    turns: int = 1,
    history_resent: bool = True,
    cached_share: Fraction = Fraction(0),
    batch_share: Fraction = Fraction(0),
) -> Fraction:
    """
    USD for one conversation, turn by turn: turn k sends what was said before it again, if history is re-sent.

    Raises:
        PriceIsUnknownError: A count above zero has no price.
    """
    owed = Fraction(0)
    for tier, share in (("standard", 1 - batch_share), ("batch", batch_share)):
        if not share:
            continue
        said_before = Fraction(0)
        for _ in range(turns):
            sent = input_tokens + (said_before if history_resent else 0)
            counts = {
                "input_tokens": sent,
                "output_tokens": output_tokens,
                "cache_read_tokens": sent * cached_share,
            }
            owed += share * call_cost(tariff, counts, tier)
            said_before += input_tokens + output_tokens
    return owed
