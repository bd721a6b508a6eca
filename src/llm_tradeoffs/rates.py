"""
What a model charges: published price rows, and the card of those that are in force on one day.

A row keeps what was published. An amount that nobody published is never made up: a cached token in a
tier for which no cached price is known costs something between two amounts that are known, and the
assumption behind each end is named.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, Final, TypeAlias

import attrs

from llm_tradeoffs._edges import several_names
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import CALLER, Source
from llm_tradeoffs.money import Exact, Number, Usd, divide, exact, exact_text, plain, token_count
from llm_tradeoffs.usage import CROSSED_PARTS, FEE_METERS, IMPLIED, METERS, TOKEN_METERS, parent_meters

__all__ = [
    "PER_MTOK",
    "SERVICE_TIERS",
    "WEEKDAYS",
    "Bounds",
    "Multiplier",
    "Price",
    "Rate",
    "RateCard",
    "Rates",
    "RatesLike",
    "TimeWindow",
]

PER_MTOK: Final = 1_000_000
STANDARD: Final = "standard"
SERVICE_TIERS: Final = (STANDARD, "batch", "flex", "priority", "fast", "balanced", "ultrafast", "decisions")
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_UNITS: Final = {
    "input_characters": "character",
    "output_characters": "character",
    "input_audio_seconds": "s",
    "output_audio_seconds": "s",
    "input_video_seconds": "s",
    "output_video_seconds": "s",
    "cache_storage_token_hours": "token·h",
}


def _clock(value: object) -> time:
    if isinstance(value, str):
        try:
            value = time.fromisoformat(value)
        except ValueError:
            raise InvalidValueError(f"the time of day {value!r} cannot be read; write it as '16:30'.") from None
    if type(value) is not time or value.tzinfo is not None:
        raise InvalidTypeError(f"the time of day is {value!r}; expected '16:30', and the zone by its name beside it.")
    return value


def _days(value: object) -> tuple[str, ...]:
    names = several_names(value, "weekdays", "('saturday', 'sunday')")
    for name in names:
        if name not in WEEKDAYS:
            raise UnknownNameError("weekday", name, WEEKDAYS)
    if not names:
        raise InvalidValueError("weekdays is empty; name at least one, or leave it out for all seven.")
    return tuple(name for name in WEEKDAYS if name in names)


@attrs.frozen(kw_only=True)
class TimeWindow:
    """
    Hours of a week in which a price holds, such as a nightly discount.

    >>> night = TimeWindow(start="16:30", end="00:30")
    >>> night.holds(datetime.fromisoformat("2025-03-01T23:00+00:00"))
    True

    Attributes:
        start: First moment of it, by the clock of *zone*.
        end: First moment after it; not later than *start* for a window past midnight, equal for a whole day.
        zone: IANA name of the time zone, such as ``"Asia/Shanghai"``.
        weekdays: Days on which it starts; a window past midnight belongs to the day on which it started.
    """

    start: time = attrs.field(converter=_clock)
    end: time = attrs.field(converter=_clock)
    zone: str = "UTC"
    weekdays: tuple[str, ...] = attrs.field(default=WEEKDAYS, converter=_days)

    def __attrs_post_init__(self) -> None:
        if self.zone != "UTC":
            _zone(self.zone)

    def holds(self, moment: datetime) -> bool:
        """
        Whether *moment* is inside.

        Raises:
            InvalidTypeError: *moment* knows no zone; the machine's own is not meant.
            InvalidValueError: In the window's zone its year is before 1 or after 9999.
        """
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise InvalidTypeError(f"the moment is {moment!r}; expected a datetime with its zone.")
        try:
            local = moment.astimezone(_zone(self.zone))
        except OverflowError:
            raise InvalidValueError(
                f"the moment {moment} has no day in the zone {self.zone}; it is surely a mistake."
            ) from None
        clock, today = local.time(), local.weekday()
        if self.start < self.end:
            return self.start <= clock < self.end and WEEKDAYS[today] in self.weekdays
        if clock >= self.start:
            return WEEKDAYS[today] in self.weekdays
        return clock < self.end and WEEKDAYS[today - 1] in self.weekdays

    def __str__(self) -> str:
        on = "" if self.weekdays == WEEKDAYS else f" on {', '.join(self.weekdays)}"
        return f"{self.start:%H:%M}-{self.end:%H:%M} {self.zone}{on}"


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo  # read from the system's tables, which most price lists do not need

    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, TypeError, OSError):
        raise InvalidValueError(
            f"the time zone {name!r} is not known here; write an IANA name such as 'Asia/Shanghai'."
        ) from None


def _check_dates(row: Price | Multiplier) -> None:
    for name in ("effective_from", "effective_until"):
        day = getattr(row, name)
        if day is not None and type(day) is not date:
            raise InvalidTypeError(f"{name} is {day!r}; expected a date such as date(2026, 3, 1), or None.")
    start, end = row.effective_from, row.effective_until
    if start is not None and end is not None and end <= start:
        raise InvalidValueError(f"effective_until is {end}, not after effective_from, which is {start}.")


@attrs.frozen(kw_only=True)
class Price:
    """
    One published price.

    Attributes:
        meter: What is counted: a token count or a fee, see :data:`llm_tradeoffs.usage.METERS`.
        usd: Dollars for *per* of them. [USD]
        per: How many *usd* pays for: a million tokens, one search.
        service_tier: ``standard``, ``batch``, ``flex``, ``priority``, ``fast`` or another of :data:`SERVICE_TIERS`.
        region: Where the call is processed, as the vendor names it; None for the price that names no region.
        above_input_tokens: The price holds for the whole of a request that has more input tokens than
            this; None for the price of ordinary requests. [tokens]
        from_input_tokens: The same with an inclusive bound: for requests of this many input tokens or more. [tokens]
        above_quantity: A marginal price: only what goes beyond this many of the same meter within one
            request costs *usd*; what comes before keeps the price of the rows below.
        minimum_quantity: At least this many are billed where any are used.
        usd_low: The least where the vendor publishes a range, whose most is *usd*; what decides stands in
            *note*. A call is then priced as an interval. [USD]
        window: The hours of the week in which it holds; None for always.
        effective_from: First day on which it holds; None for a price given by hand, which always holds.
        effective_until: First day on which it no longer holds.
        source: Who publishes it.
        place: Where in the source.
        note: What a reader should know.
    """

    meter: str
    usd: Usd
    per: int = PER_MTOK
    service_tier: str = STANDARD
    region: str | None = None
    above_input_tokens: int | None = None
    from_input_tokens: int | None = None
    above_quantity: int | None = None
    minimum_quantity: int | None = None
    usd_low: Usd | None = None
    window: TimeWindow | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    source: Source = CALLER
    place: str = ""
    note: str | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.meter, str) or self.meter not in _KNOWN_METERS:
            raise UnknownNameError("meter", self.meter, METERS)
        if not isinstance(self.usd, Usd):
            raise InvalidTypeError(f"the price of {self.meter} is {self.usd!r}; expected Usd('0.40').")
        if self.usd.pico < 0:
            raise InvalidValueError(f"the price of {self.meter} is {self.usd}; a price cannot be negative.")
        if self.usd_low is not None and not (isinstance(self.usd_low, Usd) and Usd(0) <= self.usd_low < self.usd):
            raise InvalidValueError(
                f"the least price of {self.meter} is {self.usd_low!r}; expected Usd from 0 to below {self.usd}."
            )
        if self.service_tier not in SERVICE_TIERS:
            raise UnknownNameError("service tier", self.service_tier, SERVICE_TIERS)
        if type(self.per) is not int or self.per < 1:
            raise InvalidValueError(f"the price of {self.meter} is per {self.per!r}; expected a whole number above 0.")
        if self.region is not None and (not isinstance(self.region, str) or not self.region):
            raise InvalidTypeError(f"region is {self.region!r}; expected a name such as 'us', or None.")
        if self.window is not None and not isinstance(self.window, TimeWindow):
            raise InvalidTypeError(f"window is {self.window!r}; expected a TimeWindow, or None.")
        for name in ("above_input_tokens", "from_input_tokens", "above_quantity", "minimum_quantity"):
            count = getattr(self, name)
            if count is not None:
                token_count(count, name)
        if self.above_quantity is not None and (self.above_quantity < 1 or self.minimum_quantity is not None):
            raise InvalidValueError(
                f"above_quantity is {self.above_quantity} and minimum_quantity is {self.minimum_quantity}; a marginal "
                "price begins after at least 1, and a minimum stands in the row of what comes before it."
            )
        if self.from_input_tokens is not None and (self.above_input_tokens is not None or self.from_input_tokens < 1):
            raise InvalidValueError(
                f"from_input_tokens is {self.from_input_tokens} and above_input_tokens is {self.above_input_tokens}; "
                "state one bound, and an inclusive one of at least 1."
            )
        _check_dates(self)

    @property
    def bound(self) -> int | None:
        """The row holds for requests with more input tokens than this; None for all. [tokens]"""
        return self.above_input_tokens if self.from_input_tokens is None else self.from_input_tokens - 1

    @property
    def pico_per_unit(self) -> Exact:
        """Pico-dollars for one token or one fee; an int for nearly every published price. [10^-12 USD]"""
        return divide(self.usd.pico, self.per)

    @property
    def unit(self) -> str:
        """The unit of the price, as it is written: ``USD/MTok`` or ``USD each``."""
        piece = _UNITS.get(self.meter)
        if self.per == PER_MTOK and self.meter in TOKEN_METERS:
            return "USD/MTok"
        if piece is not None:
            return f"USD/{piece}" if self.per == 1 else f"USD per {self.per:,} {piece}"
        return "USD each" if self.per == 1 else f"USD per {self.per:,}"

    def __str__(self) -> str:
        return f"{self.usd} {self.unit.removeprefix('USD').removeprefix(' ')}".replace(" /", "/")


_KNOWN_METERS: Final = frozenset(METERS)


def _factor(value: Number) -> Exact:
    factor = exact(value, "factor")
    if factor < 0:
        raise InvalidValueError(f"factor is {exact_text(factor)}; a multiplier cannot be negative.")
    return factor


def _meters(value: Iterable[str]) -> tuple[str, ...]:
    names = several_names(value, "meters", "('input_tokens', 'output_tokens')")
    for name in names:
        if name not in _KNOWN_METERS:
            raise UnknownNameError("meter", name, METERS)
    if not names:
        raise InvalidValueError("meters is empty; name at least one, or leave it out for all tokens.")
    return tuple(meter for meter in METERS if meter in names)


@attrs.frozen(kw_only=True)
class Multiplier:
    """
    A published factor on other prices: a tier at half the standard rates, an uplift for a region.

    A row that states an amount for the same tier or region goes before a factor.

    Attributes:
        factor: What the prices are multiplied by; any exact number.
        service_tier: The tier whose prices are the standard ones times *factor*; None for a factor of a region.
        region: The region whose prices are those without a region times *factor*; None for a factor of a tier.
        meters: What it holds for; every token meter if nothing is said.
        effective_from, effective_until, source, place, note: As in :class:`Price`.
    """

    factor: Exact = attrs.field(converter=_factor)
    service_tier: str | None = None
    region: str | None = None
    meters: tuple[str, ...] = attrs.field(default=TOKEN_METERS, converter=_meters)
    effective_from: date | None = None
    effective_until: date | None = None
    source: Source = CALLER
    place: str = ""
    note: str | None = None

    def __attrs_post_init__(self) -> None:
        if (self.service_tier is None) == (self.region is None):
            raise InvalidValueError(
                f"a multiplier of {exact_text(self.factor)} is for a service tier or for a region; state one of them."
            )
        if self.service_tier is not None and self.service_tier not in SERVICE_TIERS:
            raise UnknownNameError("service tier", self.service_tier, SERVICE_TIERS)
        if self.service_tier == STANDARD:
            raise InvalidValueError("the standard tier has no multiplier; its prices are what others multiply.")
        if self.region is not None and (not isinstance(self.region, str) or not self.region):
            raise InvalidTypeError(f"region is {self.region!r}; expected a name such as 'us'.")
        _check_dates(self)

    def __str__(self) -> str:
        return f"{exact_text(self.factor)} × for {self.service_tier or self.region}"


@attrs.frozen
class Rate:
    """
    What one meter costs in one tier for requests of one length.

    Attributes:
        pico: Pico-dollars a unit. [10^-12 USD]
        price: The row it comes from; of the parent meter where the meter has no price of its own.
        factors: The published factors that the row was multiplied by.
    """

    pico: Exact
    price: Price
    factors: tuple[Multiplier, ...] = ()

    @property
    def stated(self) -> Price:
        """The row with its factors worked in, as it would be published."""
        return attrs.evolve(self.price, usd=Usd.from_pico(self.pico * self.price.per), usd_low=None)


@attrs.frozen
class Bounds:
    """
    What one meter costs where nobody published the amount: between two that follow from what was published.

    Attributes:
        low, high: The rates at the two ends.
        assumption: What the ends assume, for a reader.
    """

    low: Rate
    high: Rate
    assumption: str


Rates: TypeAlias = dict[str, Rate | None]
"""For every meter its rate, or None where nobody published it."""

_OTHER_DURATION: Final = {
    "cache_write_5m_tokens": "cache_write_1h_tokens",
    "cache_write_1h_tokens": "cache_write_5m_tokens",
}

_Ladder: TypeAlias = tuple[tuple[int, Rate], ...]  # where each rate begins within a request, from 0 up


class Plan:
    """
    A card compiled for one tier, region, length and time of day: what a call is priced with.

    Attributes:
        rates: The exact rate of every meter, None where it is not published.
        bounds: For some meters without a rate, what it lies between.
        steps: For meters with marginal prices, where each begins and its rate, from 0 up.
        charged: The fees that every call pays, counted or not: ``requests``, ``minimum_charge``.
        picos: The exact rates by meter, for calls that need no case analysis; see ``costing``. [10^-12 USD]
        fixed: What every call costs besides, for such calls. [10^-12 USD]
    """

    __slots__ = ("bounds", "charged", "fixed", "picos", "rates", "steps")

    def __init__(self, rates: Rates, bounds: dict[str, Bounds], steps: dict[str, _Ladder], charged: set[str]) -> None:
        self.rates = rates
        self.bounds = bounds
        self.steps = steps
        self.charged = tuple(meter for meter in ("requests", "minimum_charge") if meter in charged)
        request = rates["requests"]
        self.fixed: Exact = 0 if request is None else request.pico
        plain_call = not steps and self.charged == (() if request is None else ("requests",))
        plain_call = plain_call and (request is None or request.price.minimum_quantity is None)
        self.picos = self._picos() if plain_call else dict[str, Exact]()

    def _picos(self) -> dict[str, Exact]:
        return {
            meter: rate.pico
            for meter, rate in self.rates.items()
            if rate is not None
            and rate.price.minimum_quantity is None
            and meter not in CROSSED_PARTS
            and meter not in IMPLIED
        }


def _rows(prices: Iterable[Price]) -> tuple[Price, ...]:
    return tuple(prices)


def _factors(multipliers: Iterable[Multiplier]) -> tuple[Multiplier, ...]:
    return tuple(multipliers)


_PlanKey: TypeAlias = tuple[str, str | None, int, tuple[bool, ...] | None]


def _no_plans() -> dict[_PlanKey, Plan]:
    return {}


@attrs.frozen
class RateCard:
    """
    The prices of one model on one day.

    >>> card = RateCard.of(("0.40", "1.60"))
    >>> card.blended_usd_per_mtok(1, 1)
    Usd('1.00')

    Attributes:
        prices: The rows in force, at most one for each meter, tier, region, threshold, step and window.
        multipliers: The factors in force, at most one for each meter and tier, or meter and region.

    Raises:
        InvalidValueError: Two rows answer the same question.
    """

    prices: tuple[Price, ...] = attrs.field(default=(), converter=_rows)
    multipliers: tuple[Multiplier, ...] = attrs.field(default=(), converter=_factors)
    # Compiled once for each tier, region, threshold bucket and time of day: a card prices millions of calls.
    _plans: dict[_PlanKey, Plan] = attrs.field(init=False, factory=_no_plans, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        seen: dict[object, Price] = {}
        for price in self.prices:
            if not isinstance(price, Price):
                raise InvalidTypeError(f"a rate card holds Price rows, got {price!r}.")
            key = (*group_of(price), *step_of(price))
            if key in seen:
                raise InvalidValueError(
                    f"two prices for {price.meter} ({price.service_tier}): {seen[key]} and {price}. Keep one."
                )
            seen[key] = price
        factors: dict[object, Multiplier] = {}
        for multiplier in self.multipliers:
            if not isinstance(multiplier, Multiplier):
                raise InvalidTypeError(f"the factors of a rate card are Multiplier rows, got {multiplier!r}.")
            for meter in multiplier.meters:
                scope = (multiplier.service_tier, multiplier.region, meter)
                if scope in factors:
                    raise InvalidValueError(f"two factors for {meter}: {factors[scope]} and {multiplier}. Keep one.")
                factors[scope] = multiplier

    @classmethod
    def of(cls, value: RatesLike | None) -> RateCard:
        """
        A rate card from what a person types.

        Args:
            value: A card, rows, ``(input, output)`` in USD per million tokens, a mapping from meter to
                USD per million tokens (fees: USD each), or None for "nothing is known". None as a
                price means unknown, never $0.
        """
        if value is None:
            return cls()
        if isinstance(value, RateCard):
            return value
        if isinstance(value, Mapping):
            return cls(tuple(_given(meter, amount) for meter, amount in value.items() if amount is not None))
        if isinstance(value, Sequence) and not isinstance(value, str):
            if all(isinstance(row, Price) for row in value):
                return cls(tuple(row for row in value if isinstance(row, Price)))
            if len(value) == 2:
                return cls.of(dict(zip(("input_tokens", "output_tokens"), value, strict=True)))  # type: ignore[arg-type]  # narrowed above
        raise InvalidTypeError(
            f"prices are {value!r}; expected (input, output) in USD per million tokens, such as (0.25, '1.25'), "
            "or a mapping such as {'input_tokens': '0.25', 'output_tokens': '1.25', 'cache_read_tokens': '0.03'}."
        )

    @cached_property
    def tiers(self) -> tuple[str, ...]:
        """The service tiers that have any price or factor, in the order of :data:`SERVICE_TIERS`."""
        held = {price.service_tier for price in self.prices} | {row.service_tier for row in self.multipliers}
        return tuple(tier for tier in SERVICE_TIERS if tier in held)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The regions that have a price or a factor of their own, sorted."""
        held = {price.region for price in self.prices} | {row.region for row in self.multipliers}
        return tuple(sorted(region for region in held if region is not None))

    @cached_property
    def windows(self) -> tuple[TimeWindow, ...]:
        """The hours in which some price differs, each once."""
        return tuple(dict.fromkeys(price.window for price in self.prices if price.window is not None))

    @cached_property
    def by_quantity(self) -> bool:
        """Whether some price depends on how much of its meter one request uses: a marginal price or a minimum."""
        return "minimum_charge" in self.meters or any(
            price.above_quantity is not None or price.minimum_quantity is not None for price in self.prices
        )

    @cached_property
    def meters(self) -> frozenset[str]:
        """
        The meters that have a price in any tier.

        A fee for each request is charged where a source states one, in whichever tier; where none
        does, there is none: nearly every price list is silent about it.
        """
        return frozenset(price.meter for price in self.prices)

    @cached_property
    def _bounds(self) -> tuple[int, ...]:
        return tuple(sorted({price.bound for price in self.prices if price.bound is not None}))

    def breakpoints(self, service_tier: str = STANDARD) -> tuple[int, ...]:
        """The input lengths above which another price holds for the whole request, ascending. [tokens]"""
        tiers = {service_tier} | ({STANDARD} if self._factor_of_tier(service_tier) else set[str]())
        return tuple(
            sorted({price.bound for price in self.prices if price.service_tier in tiers and price.bound is not None})
        )

    def _factor_of_tier(self, service_tier: str) -> bool:
        return any(row.service_tier == service_tier for row in self.multipliers)

    def rates(
        self,
        service_tier: str = STANDARD,
        input_tokens: Exact = 0,
        *,
        region: str | None = None,
        at: datetime | None = None,
    ) -> Rates:
        """
        The published rate of every meter for a request of *input_tokens* in *service_tier*.

        A part without any price of its own, in any tier, is billed at its total's. A part that has a
        price in the standard tier but none in this one is unknown: whether its discount carries over
        is the provider's to say.

        Raises:
            UnknownNameError: There is no such tier, or the card has no such region.
        """
        return self.plan(service_tier, input_tokens, region, at).rates

    def plan(
        self,
        service_tier: str = STANDARD,
        input_tokens: Exact = 0,
        region: str | None = None,
        at: datetime | None = None,
    ) -> Plan:
        """:meth:`rates` with everything else that pricing a call needs; compiled once."""
        bounds = self._bounds
        bucket = bisect_left(bounds, input_tokens) if bounds else 0
        windows = self.windows
        slot = None if at is None and windows else tuple([window.holds(at) for window in windows if at is not None])
        key = (service_tier, region, bucket, slot)
        try:
            plan = self._plans.get(key)
        except TypeError:
            plan = None  # no name at all; refused below
        if plan is None:
            if not isinstance(service_tier, str) or service_tier not in SERVICE_TIERS:
                raise UnknownNameError("service tier", service_tier, SERVICE_TIERS)
            if region is not None and region not in self.regions:
                raise UnknownNameError("region with a price of its own", region, self.regions)
            plan = self._plans[key] = _Compiler(self, service_tier, region, input_tokens, slot).plan()
        return plan

    def price(self, meter: str, service_tier: str = STANDARD, input_tokens: int = 0) -> Price | None:
        """The row that prices *meter* for a request of that length, or None if it is unknown."""
        if meter not in METERS:
            raise UnknownNameError("meter", meter, METERS)
        rate = self.rates(service_tier, input_tokens)[meter]
        return None if rate is None else rate.price

    def blended_usd_per_mtok(self, input_parts: Number, output_parts: Number) -> Usd | None:
        """
        USD per million tokens of a mix of fresh input and output, or None if either price is unknown.

        >>> RateCard.of(("1.00", "5.00")).blended_usd_per_mtok(3, 1)
        Usd('2.00')

        Args:
            input_parts, output_parts: The in:out ratio, such as 3 and 1.

        Raises:
            InvalidValueError: A part is negative, or both are zero.
        """
        parts = (exact(input_parts, "input_parts"), exact(output_parts, "output_parts"))
        if min(parts) < 0 or not sum(parts):
            raise InvalidValueError(
                f"a mix of {exact_text(parts[0])} input to {exact_text(parts[1])} output tokens is no mix; "
                "give two numbers of which none is negative and one is above 0, such as 3 and 1."
            )
        rates = self.rates()
        pico: Exact = 0
        for meter, share in zip(("input_tokens", "output_tokens"), parts, strict=True):
            rate = rates[meter]
            if share and rate is None:
                return None
            pico += share * rate.pico if rate is not None else 0
        return Usd.from_pico(divide(pico * PER_MTOK, sum(parts)))

    def __bool__(self) -> bool:
        return bool(self.prices)


def group_of(price: Price) -> tuple[str, str, str | None]:
    """What a row is about: rows of one group are one ladder, and come from one source."""
    return (price.meter, price.service_tier, price.region)


def step_of(price: Price) -> tuple[int | None, int | None, TimeWindow | None]:
    """Which step of its group's ladder a row is."""
    return (price.bound, price.above_quantity, price.window)


class _Compiler:
    """Works out the rate of every meter for one tier, region, length of request and time of day."""

    def __init__(
        self, card: RateCard, service_tier: str, region: str | None, input_tokens: Exact, slot: tuple[bool, ...] | None
    ) -> None:
        self.card = card
        self.service_tier = service_tier
        self.region = region
        self.input_tokens = input_tokens
        self.slot = slot
        self.own_groups = {group_of(price) for price in card.prices}

    def plan(self) -> Plan:
        rates: Rates = {}
        bounds: dict[str, Bounds] = {}
        steps: dict[str, _Ladder] = {}
        for meter in METERS:  # totals come before their parts
            rates[meter] = None
            if meter in self.card.meters:
                found = self._published(meter, self.service_tier, self.region)
                if found is None:
                    found = self._derived(meter)
            else:
                found = self._inherited(meter, rates, bounds, steps)
            if isinstance(found, Bounds):
                bounds[meter] = found
            elif found is not None:
                rates[meter] = found[0][1]
                if len(found) > 1:
                    steps[meter] = found
        return Plan(rates, bounds, steps, {"requests", "minimum_charge"} & self.card.meters)

    def _published(self, meter: str, tier: str, region: str | None) -> _Ladder | Bounds | None:
        """What was stated for exactly this, as an amount or as a factor on one."""
        if (meter, tier, region) in self.own_groups:
            return self._ladder(meter, tier, region)
        if region is not None:
            factor = self._factor(meter, region=region)
            found = None if factor is None else self._published(meter, tier, None)
            return found if found is None or factor is None else _scaled(found, factor)
        factor = None if tier == STANDARD else self._factor(meter, service_tier=tier)
        if factor is None or (meter, STANDARD, None) not in self.own_groups:
            return None
        return _scaled(self._ladder(meter, STANDARD, None), factor)

    def _factor(self, meter: str, *, service_tier: str | None = None, region: str | None = None) -> Multiplier | None:
        for row in self.card.multipliers:
            if row.service_tier == service_tier and row.region == region and meter in row.meters:
                return row
        return None

    def _ladder(self, meter: str, tier: str, region: str | None) -> _Ladder | Bounds | None:
        rows = [
            price
            for price in self.card.prices
            if group_of(price) == (meter, tier, region) and (price.bound is None or self.input_tokens > price.bound)
        ]
        if self.slot is None and any(price.window is not None for price in rows):
            return self._at_any_time(meter, rows)
        return self._ranged(self._at(rows, self.slot or (False,) * len(self.card.windows)))

    def _ranged(self, ladder: _Ladder | None) -> _Ladder | Bounds | None:
        """A price that is published as a range is one; a range within a ladder is not known."""
        if ladder is None or all(rate.price.usd_low is None for _, rate in ladder):
            return ladder
        rate = ladder[0][1]
        least = rate.price.usd_low
        if least is None or not _is_flat(ladder):
            return None
        low = Rate(divide(least.pico, rate.price.per), rate.price)
        why = f" ({rate.price.note})" if rate.price.note else ""
        return Bounds(low, rate, f"{rate.price.meter} is published from {low.stated} to {rate.price}{why}")

    def _at(self, rows: Sequence[Price], slot: tuple[bool, ...]) -> _Ladder | None:
        """The ladder that *rows* make at an hour: a window goes before no window, the higher bound before the lower."""
        open_now = dict(zip(self.card.windows, slot, strict=True))
        held: dict[int, Price] = {}
        for price in rows:
            if price.window is not None and not open_now[price.window]:
                continue
            start = price.above_quantity or 0
            rival = held.get(start)
            if (
                rival is not None
                and rival.window is not None
                and price.window is not None
                and rival.bound == price.bound
            ):
                raise InvalidValueError(
                    f"two prices for {price.meter} hold at the same hour: {rival} in {rival.window} and {price} in "
                    f"{price.window}. Keep the windows of one meter apart."
                )
            if rival is None or _rank(price) > _rank(rival):
                held[start] = price
        if 0 not in held:
            return None
        return tuple((start, Rate(held[start].pico_per_unit, held[start])) for start in sorted(held))

    def _at_any_time(self, meter: str, rows: Sequence[Price]) -> Bounds | None:
        closed = tuple(False for _ in self.card.windows)
        ladders = [self._at(rows, closed)]
        for index, window in enumerate(self.card.windows):
            if any(price.window == window for price in rows):
                ladders.append(self._at(rows, tuple(number == index for number in range(len(closed)))))
        known = [ladder[0][1] for ladder in ladders if ladder is not None and _is_flat(ladder)]
        if len(known) < len(ladders):
            return None  # at some hours nothing is published, or it depends on quantities: no interval holds it
        hours = ", ".join(dict.fromkeys(str(price.window) for price in rows if price.window is not None))
        return _between(
            known,
            f"{meter} has another price in the hours {hours}, and the hour of the call is not stated "
            "(as_of takes a moment, too)",
        )

    def _derived(self, meter: str) -> Bounds | None:
        """What the rate must lie between, where it is published elsewhere but not for this tier or region."""
        usual = self._exact(meter, STANDARD, None)
        if usual is None:
            return None
        place = " in ".join(name for name in (self.service_tier, self.region) if name and name != STANDARD)
        parents = parent_meters(meter)
        if not parents and meter in FEE_METERS:
            if meter in {"requests", "minimum_charge"}:
                return None
            return Bounds(
                usual, usual, f"the fee for {meter} is published without {place}, and taken to hold there too"
            )
        if not parents:
            return None  # a total's own rate: nothing else bounds it
        whole, here = self._exact(parents[0], STANDARD, None), self._exact(parents[0], self.service_tier, self.region)
        if whole is None or here is None:
            return None
        ends = {f"{usual.price} as in the standard tier": usual}
        if whole.pico:
            factor = Multiplier(
                factor=divide(here.pico, whole.pico),
                service_tier=None if self.service_tier == STANDARD else self.service_tier,
                region=self.region if self.service_tier == STANDARD else None,
                place=f"{here.stated} over {whole.stated}, as for {parents[0]}",
            )
            moved = _times(usual, factor)
            ends[f"{moved.stated} if it changes like {parents[0]}, {exact_text(factor.factor)} times"] = moved
        if self.service_tier != STANDARD:
            ends[f"{here.stated} if it is billed like other {parents[0]}"] = here
        cheapest_first = sorted(ends, key=lambda words: ends[words].pico)
        return _between(
            [*ends.values()], f"no {place} price of {meter} is published; it may be {', or '.join(cheapest_first)}"
        )

    def _exact(self, meter: str, tier: str, region: str | None) -> Rate | None:
        if meter not in self.card.meters:
            parents = parent_meters(meter)
            return self._exact(parents[0], tier, region) if len(parents) == 1 else None
        found = self._published(meter, tier, region)
        return found[0][1] if isinstance(found, tuple) and _is_flat(found) else None

    def _inherited(
        self, meter: str, rates: Rates, bounds: Mapping[str, Bounds], steps: Mapping[str, _Ladder]
    ) -> _Ladder | Bounds | None:
        """
        A meter that has no price anywhere is billed as what it is a part of.

        Not so a cache write of one duration where the other duration has a price: who prices five minutes
        apart from the input will not keep an hour for nothing.
        """
        parents = parent_meters(meter)
        for name in (meter, *parents):
            if _OTHER_DURATION.get(name) in self.card.meters and name not in self.card.meters:
                return None
        priced = [parent for parent in parents if parent in self.card.meters]
        if len(priced) < 2:
            parent = priced[0] if priced else parents[0] if parents else None
            if parent is None:
                return None
            if parent in bounds:
                return bounds[parent]
            rate = rates[parent]
            return None if rate is None else ((0, rate),)
        ends: list[Rate] = []
        for parent in parents:
            rate = rates[parent]
            if parent in bounds:
                ends += [bounds[parent].low, bounds[parent].high]
            elif rate is None or parent in steps or rate.price.minimum_quantity is not None:
                return None  # what depends on quantities is not one end of an interval
            else:
                ends.append(rate)
        return _between(ends, f"no price of {meter} is published; taken between those of {parents[0]} and {parents[1]}")


def _is_flat(ladder: _Ladder) -> bool:
    """Whether a unit costs the same however many there are."""
    return len(ladder) == 1 and ladder[0][1].price.minimum_quantity is None


def _rank(price: Price) -> tuple[bool, int]:
    return (price.window is not None, -1 if price.bound is None else price.bound)


def _scaled(found: _Ladder | Bounds | None, by: Multiplier) -> _Ladder | Bounds | None:
    if found is None:
        return None
    if isinstance(found, Bounds):
        return attrs.evolve(found, low=_times(found.low, by), high=_times(found.high, by))
    return tuple((start, _times(rate, by)) for start, rate in found)


def _times(rate: Rate, by: Multiplier) -> Rate:
    return Rate(plain(rate.pico * by.factor), rate.price, (*rate.factors, by))


def _between(ends: Sequence[Rate], assumption: str) -> Bounds:
    return Bounds(min(ends, key=lambda rate: rate.pico), max(ends, key=lambda rate: rate.pico), assumption)


RatesLike: TypeAlias = (
    RateCard
    | Mapping[str, Number | None]
    | Sequence[Price]
    | Sequence[Number | None]
    | tuple[Number | None, Number | None]
)


def _given(meter: str, amount: Number) -> Price:
    if meter not in METERS:
        raise UnknownNameError("meter", meter, METERS)
    number = exact(amount, f"the price of {meter}")
    if number < 0:
        raise InvalidValueError(
            f"the price of {meter} is {exact_text(number)}; a price cannot be negative. If it is unknown, say None."
        )
    return Price(meter=meter, usd=Usd(number), per=PER_MTOK if meter in TOKEN_METERS else 1)
