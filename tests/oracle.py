"""
The rules of billing, computed naively with fractions: what the library is held against.

Written from `DESIGN.md`, `catalog/README.md` and the docstrings of `Price`, `Multiplier` and `TimeWindow`,
and slow on purpose: every price is looked up anew for every meter of every call. Nothing here calls the
library, except that `mtok` returns its `Usd`.

A simple price list is a `Tariff`, a plain dict: (meter, service tier, threshold or None) -> USD, for a
million tokens or for one fee. One with everything that a provider may publish is a `PriceList` of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from llm_tradeoffs import Usd

Tariff: TypeAlias = dict[tuple[str, str, int | None], Fraction]

OTHER_DURATION: Final = {
    "cache_write_5m_tokens": "cache_write_1h_tokens",
    "cache_write_1h_tokens": "cache_write_5m_tokens",
}
CACHE_PARTS: Final = ("cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
MEDIA_PARTS: Final = ("input_audio_tokens", "input_image_tokens", "input_video_tokens")
INPUT_PARTS: Final = CACHE_PARTS + MEDIA_PARTS
OUTPUT_PARTS: Final = (
    "reasoning_tokens",
    "citation_tokens",
    "output_audio_tokens",
    "output_image_tokens",
    "output_video_tokens",
)
PARENT: Final = dict.fromkeys(INPUT_PARTS, "input_tokens") | dict.fromkeys(OUTPUT_PARTS, "output_tokens")
CROSSED: Final = {
    "cache_read_audio_tokens": ("cache_read_tokens", "input_audio_tokens"),
    "cache_read_image_tokens": ("cache_read_tokens", "input_image_tokens"),
    "cache_read_video_tokens": ("cache_read_tokens", "input_video_tokens"),
    "cache_write_5m_audio_tokens": ("cache_write_5m_tokens", "input_audio_tokens"),
    "cache_write_5m_image_tokens": ("cache_write_5m_tokens", "input_image_tokens"),
    "cache_write_5m_video_tokens": ("cache_write_5m_tokens", "input_video_tokens"),
    "cache_write_1h_audio_tokens": ("cache_write_1h_tokens", "input_audio_tokens"),
    "cache_write_1h_image_tokens": ("cache_write_1h_tokens", "input_image_tokens"),
    "cache_write_1h_video_tokens": ("cache_write_1h_tokens", "input_video_tokens"),
}
"""What is in two parts of the input at once."""
TOTALS: Final = ("input_tokens", "output_tokens")
TOKENS: Final = (*TOTALS, *PARENT, *CROSSED)

FEES: Final = ("requests", "web_searches")
"""The fees of a `Tariff`."""
PIECES: Final = (
    "web_searches",
    "web_searches_low_context",
    "web_searches_high_context",
    "file_searches",
    "social_searches",
    "map_queries",
    "code_executions",
    "code_interpreter_sessions",
    "rerank_searches",
    "input_images",
    "output_images",
    "input_pages",
    "annotated_pages",
    "input_messages",
    "input_characters",
    "output_characters",
    "input_pixels",
    "output_pixels",
)
DURATIONS: Final = (
    "input_audio_seconds",
    "output_audio_seconds",
    "input_video_seconds",
    "output_video_seconds",
    "cache_storage_token_hours",
)
COUNTS: Final = (*TOKENS, *PIECES, *DURATIONS)
"""Everything that a call may count. A fee for each request and a minimum charge are not counted."""


class PriceIsUnknownError(Exception):
    """Something would have to be billed for which nobody states a price."""


def mtok(usd: str, tokens: int | Fraction) -> Usd:
    """*tokens* at *usd* for a million, worked in the open."""
    return Usd(Fraction(usd) * tokens / 1_000_000)


def counted_once(counts: Mapping[str, int | Fraction]) -> dict[str, Fraction]:
    """
    Every token under one name only, by inclusion and exclusion.

    What is in two parts is in neither alone; what is in a part is not in the rest of its total.
    """
    once = {name: Fraction(counts.get(name, 0)) for name in COUNTS}
    for part in PARENT:
        once[part] -= sum(Fraction(counts.get(name, 0)) for name, parents in CROSSED.items() if part in parents)
    for total in TOTALS:
        parts = sum(Fraction(counts.get(part, 0)) for part in PARENT if PARENT[part] == total)
        in_two = sum(Fraction(counts.get(name, 0)) for name in CROSSED) if total == "input_tokens" else 0
        once[total] -= parts - in_two
    return once


# ---------------------------------------------------------------------------- simple price lists


def unit_price(tariff: Tariff, meter: str, tier: str, input_tokens: Fraction) -> Fraction | None:
    """
    USD for one unit of *meter* in a request with *input_tokens*; None if nobody states it.

    A request with more input than a threshold is billed at that row, the whole of it; of several
    thresholds that it exceeds the highest counts. A part that has no price of its own anywhere is billed
    at its total's, except for a cache write of one duration where only the other one has a price.
    """
    exceeded = {
        -1 if above is None else above: usd
        for (of, in_tier, above), usd in tariff.items()
        if of == meter and in_tier == tier and (above is None or input_tokens > above)
    }
    if exceeded:
        usd = exceeded[max(exceeded)]
        return usd if meter in FEES else usd / 1_000_000
    priced = {of for of, _, _ in tariff}
    if OTHER_DURATION.get(meter) in priced and meter not in priced:
        return None
    if meter in PARENT and meter not in priced:
        return unit_price(tariff, PARENT[meter], tier, input_tokens)
    return None


def call_cost(tariff: Tariff, counts: Mapping[str, int | Fraction], tier: str = "standard") -> Fraction:
    """
    USD for one call: every token once, under its part or else under its total, and the fees.

    Leaves out tokens in two parts at once, and fees that no tariff has; `bill` has them.

    Raises:
        PriceIsUnknownError: A count above zero has no price.
    """
    length = Fraction(counts["input_tokens"])
    billed = counted_once(counts)
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


# ---------------------------------------------------------------------------- hours of a week

DAY_IN_MINUTES: Final = 24 * 60
MONDAY: Final = datetime(1970, 1, 5)  # noqa: DTZ001 - the beginning of a week by nobody's clock


class Hours(NamedTuple):
    """Hours of a week in minutes: from *start* to before *end* by a clock so many minutes ahead of UTC."""

    start: int
    end: int
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    zone: str = "UTC"
    minutes_ahead: int = 0

    def hold(self, moment: datetime) -> bool:
        """
        Whether *moment* is inside, counted in minutes.

        The hours are laid out on one line, from each weekday on which they start; those past midnight run
        on into the next day.
        """
        utc = (moment.replace(tzinfo=None) - (moment.utcoffset() or timedelta())) - MONDAY
        minute = Fraction(utc // timedelta(microseconds=1), 60_000_000) + self.minutes_ahead
        length = (self.end - self.start) if self.end > self.start else self.end + DAY_IN_MINUTES - self.start
        # Which day the hours would have started, were this moment inside them.
        started_on = (minute - self.start) // DAY_IN_MINUTES
        return started_on % 7 in self.weekdays and (minute - self.start) % DAY_IN_MINUTES < length


# ---------------------------------------------------------------------------- whole price lists


class Row(NamedTuple):
    """One published price: USD for *per* of a meter, and when it holds."""

    meter: str
    usd: Fraction
    per: int = 1
    tier: str = "standard"
    region: str | None = None
    above: int | None = None  # requests with more input tokens
    at_least: int | None = None  # requests with that many input tokens or more
    beyond: int | None = None  # what goes beyond so many within a request
    minimum: int | None = None
    hours: Hours | None = None


class Factor(NamedTuple):
    """A published factor on other prices, of a tier or of a region."""

    factor: Fraction
    meters: tuple[str, ...]
    tier: str | None = None
    region: str | None = None


class PriceList(NamedTuple):
    """Everything that a provider publishes."""

    rows: tuple[Row, ...]
    factors: tuple[Factor, ...] = ()


class Call(NamedTuple):
    """What is priced, and where and when."""

    counts: Mapping[str, int | Fraction]
    tier: str = "standard"
    region: str | None = None
    moment: datetime | None = None


Ends: TypeAlias = tuple[Fraction, Fraction]
"""The least and the most that something costs. [USD]"""


def stated(prices: PriceList, meter: str, tier: str, region: str | None) -> list[Row]:
    """
    The rows for a meter in a tier and region, those that follow from a published factor written out.

    A row that states an amount goes before a factor; a region's factor is on the prices of the same tier
    without a region, a tier's on those of the standard tier.
    """
    rows = [row for row in prices.rows if (row.meter, row.tier, row.region) == (meter, tier, region)]
    if rows:
        return rows
    for factor in prices.factors:
        if meter not in factor.meters:
            continue
        if region is not None and factor.region == region:
            return [row._replace(usd=row.usd * factor.factor) for row in stated(prices, meter, tier, None)]
        if region is None and tier != "standard" and factor.tier == tier:
            rows = [row for row in prices.rows if (row.meter, row.tier, row.region) == (meter, "standard", None)]
            return [row._replace(usd=row.usd * factor.factor) for row in rows]
    return []


def in_force(rows: Iterable[Row], length: Fraction, open_hours: set[Hours]) -> list[Row]:
    """Of the rows of a meter those that a request of that length meets while those hours run."""
    return [
        row
        for row in rows
        if (row.above is None or length > row.above)
        and (row.at_least is None or length >= row.at_least)
        and (row.hours is None or row.hours in open_hours)
    ]


def price_at(rows: Sequence[Row], position: Fraction) -> Row | None:
    """
    The row that prices what comes after the first *position* of a meter; None if nobody states it.

    The highest marginal step that has begun; of several rows for it one with hours before one without,
    and then that of the highest threshold.
    """
    begun = [row for row in rows if (row.beyond or 0) <= position]
    if not begun or not any(row.beyond is None for row in rows):
        return None
    return max(begun, key=lambda row: (row.beyond or 0, row.hours is not None, _bound(row)))


def _bound(row: Row) -> Fraction:
    """In half tokens, so that an inclusive bound lies just below its number."""
    if row.at_least is not None:
        return row.at_least - Fraction(1, 2)
    return Fraction(-1) if row.above is None else row.above + Fraction(1, 2)


def amount(rows: Sequence[Row], quantity: Fraction) -> Fraction:
    """
    USD for so many of a meter, step by step; at least the minimum is billed.

    Raises:
        PriceIsUnknownError: Nobody states a price.
    """
    first = price_at(rows, Fraction(0))
    if first is None:
        raise PriceIsUnknownError
    if first.minimum is not None:
        quantity = max(quantity, Fraction(first.minimum))
    cuts = sorted({Fraction(row.beyond or 0) for row in rows if (row.beyond or 0) < quantity} | {quantity})
    owed = Fraction(0)
    for start, end in pairwise(cuts):
        row = price_at(rows, start)
        assert row is not None  # as the first was
        owed += (end - start) * row.usd / row.per
    return owed


def scenarios(rows: Iterable[Row], moment: datetime | None) -> list[set[Hours]]:
    """Which hours may run: those that do where the moment is known, else none of them or any one."""
    known = dict.fromkeys(row.hours for row in rows if row.hours is not None)
    if moment is not None:
        return [{hours for hours in known if hours.hold(moment)}]
    return [set(), *({hours} for hours in known)]


def flat(prices: PriceList, meter: str, call: Call, tier: str, region: str | None) -> Fraction | None:
    """The one published price of a unit, if there is one: no steps or minimum, no hours that are not known."""
    if meter in PARENT and all(row.meter != meter for row in prices.rows):
        return flat(prices, PARENT[meter], call, tier, region)
    rows = stated(prices, meter, tier, region)
    length = Fraction(call.counts.get("input_tokens", 0))
    possible = [in_force(rows, length, hours) for hours in scenarios(in_force(rows, length, _all(rows)), call.moment)]
    if len(possible) != 1 or any(map(by_quantity, possible[0])):
        return None
    row = price_at(possible[0], Fraction(0))
    return None if row is None else row.usd / row.per


def by_quantity(row: Row) -> bool:
    """Whether what a unit costs depends on how many there are, so that no two ends hold it."""
    return row.beyond is not None or row.minimum is not None


def _all(rows: Iterable[Row]) -> set[Hours]:
    return {row.hours for row in rows if row.hours is not None}


def per_unit(prices: PriceList, meter: str, call: Call) -> Ends:
    """
    Between what the price of a unit lies where nobody states it for this tier and region.

    What it may be: as in the standard tier; changed as its total's price is; the total's price here, in
    another tier. A fee may be as in the standard tier.

    Raises:
        PriceIsUnknownError: Not even that is known.
    """
    usual = flat(prices, meter, call, "standard", None)
    if usual is None or meter in {*TOTALS, "requests", "minimum_charge"}:
        raise PriceIsUnknownError(meter)
    if meter not in TOKENS:
        return usual, usual
    total = CROSSED[meter][0] if meter in CROSSED else PARENT[meter]
    usual_total = flat(prices, total, call, "standard", None)
    total_here = flat(prices, total, call, call.tier, call.region)
    if usual_total is None or total_here is None:
        raise PriceIsUnknownError(meter)
    candidates = [usual]
    if usual_total:
        candidates.append(usual * total_here / usual_total)
    if call.tier != "standard":
        candidates.append(total_here)
    return min(candidates), max(candidates)


def meter_cost(prices: PriceList, meter: str, quantity: Fraction, call: Call) -> Ends:
    """
    USD for so many of a meter that has a price of its own somewhere.

    Raises:
        PriceIsUnknownError: Its price is not known, nor between what it lies.
    """
    rows = stated(prices, meter, call.tier, call.region)
    length = Fraction(call.counts.get("input_tokens", 0))
    met = in_force(rows, length, _all(rows))
    possible = [in_force(rows, length, hours) for hours in scenarios(met, call.moment)]
    if len(possible) == 1 and price_at(possible[0], Fraction(0)) is not None:
        owed = amount(possible[0], quantity)
        return owed, owed
    if len(possible) > 1:
        if any(by_quantity(row) for row in met):
            raise PriceIsUnknownError(meter)
        ends = [amount(of_hours, quantity) for of_hours in possible]
        return min(ends), max(ends)
    low, high = per_unit(prices, meter, call)
    return low * quantity, high * quantity


def owner(prices: PriceList, meter: str) -> tuple[str, ...]:
    """
    What a meter is billed as: itself if it has a price anywhere, else what it is a part of; two at most.

    Raises:
        PriceIsUnknownError: It is written to a cache for a time without a price, and the other time has one.
    """
    priced = {row.meter for row in prices.rows}
    if meter in priced or meter not in {*PARENT, *CROSSED}:
        return (meter,)
    for written in (meter, *CROSSED.get(meter, ())):
        if OTHER_DURATION.get(written) in priced and written not in priced:
            raise PriceIsUnknownError(meter)
    if meter in PARENT:
        return (PARENT[meter],)
    parents = [parent for parent in CROSSED[meter] if parent in priced]
    return tuple(parents) or ("input_tokens",)


def bill(prices: PriceList, call: Call) -> Ends:
    """
    USD for one call, the least and the most; they are equal unless a price is not published.

    Raises:
        PriceIsUnknownError: A count above zero has no price, nor anything that its price lies between.
    """
    priced = {row.meter for row in prices.rows}
    used: dict[str, Fraction] = {}
    low = high = Fraction(0)
    for meter, count in counted_once(call.counts).items():
        if not count:
            continue
        owners = owner(prices, meter)
        if not owners:
            raise PriceIsUnknownError(meter)
        if len(owners) == 1:
            used[owners[0]] = used.get(owners[0], Fraction(0)) + count
            continue
        # Tokens in two parts with prices of their own cost as much as in either, and nobody says which.
        rows = [row for of in owners for row in stated(prices, of, call.tier, call.region)]
        length = Fraction(call.counts.get("input_tokens", 0))
        if any(by_quantity(row) for row in in_force(rows, length, _all(rows))):
            raise PriceIsUnknownError(meter)
        ends = [meter_cost(prices, of, count, call) for of in owners]
        low += min(end[0] for end in ends)
        high += max(end[1] for end in ends)
    if "requests" in priced:
        used["requests"] = Fraction(1)
    for meter, count in used.items():
        ends_of_meter = meter_cost(prices, meter, count, call)
        low += ends_of_meter[0]
        high += ends_of_meter[1]
    if "minimum_charge" in priced:
        least = meter_cost(prices, "minimum_charge", Fraction(1), call)
        if least[0] != least[1]:
            raise PriceIsUnknownError("minimum_charge")
        low, high = max(low, least[0]), max(high, least[0])
    return low, high
