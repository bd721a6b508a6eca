"""
What a model charges: published price rows, and the card of those that are in force on one day.

A row keeps what was published. Amounts that nobody published are not derived here: a cached token in a
tier for which no cached price is known has an unknown price, it is not billed by analogy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Final, TypeAlias

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import CALLER, Source
from llm_tradeoffs.money import Exact, Number, Usd, divide, exact, exact_text, token_count
from llm_tradeoffs.usage import FEE_METERS, METERS, TOKEN_METERS, parent_meter

__all__ = ["PER_MTOK", "SERVICE_TIERS", "Price", "RateCard", "Rates", "RatesLike"]

PER_MTOK: Final = 1_000_000
STANDARD: Final = "standard"
SERVICE_TIERS: Final = (STANDARD, "batch", "flex", "priority")


@attrs.frozen(kw_only=True)
class Price:
    """
    One published price.

    Attributes:
        meter: What is counted: a token count or a fee, see :data:`llm_tradeoffs.usage.METERS`.
        usd: Dollars for *per* of them. [USD]
        per: How many *usd* pays for: a million tokens, one search.
        service_tier: ``standard``, ``batch``, ``flex`` or ``priority``.
        above_input_tokens: The price holds for the whole of a request that has more input tokens than
            this; None for the price of ordinary requests. [tokens]
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
    above_input_tokens: int | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    source: Source = CALLER
    place: str = ""
    note: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.meter not in METERS:
            raise UnknownNameError("meter", self.meter, METERS)
        if not isinstance(self.usd, Usd):
            raise InvalidTypeError(f"the price of {self.meter} is {self.usd!r}; expected Usd('0.40').")
        if self.usd < Usd(0):
            raise InvalidValueError(f"the price of {self.meter} is {self.usd}; a price cannot be negative.")
        if self.service_tier not in SERVICE_TIERS:
            raise UnknownNameError("service tier", self.service_tier, SERVICE_TIERS)
        if self.above_input_tokens is not None:
            token_count(self.above_input_tokens, "above_input_tokens")
        for name in ("effective_from", "effective_until"):
            day = getattr(self, name)
            if day is not None and type(day) is not date:
                raise InvalidTypeError(f"{name} is {day!r}; expected a date such as date(2026, 3, 1), or None.")
        if type(self.per) is not int or self.per < 1:
            raise InvalidValueError(f"the price of {self.meter} is per {self.per!r}; expected a whole number above 0.")

    @property
    def pico_per_unit(self) -> Exact:
        """Pico-dollars for one token or one fee; an int for nearly every published price. [10^-12 USD]"""
        return divide(self.usd.pico, self.per)

    @property
    def unit(self) -> str:
        """The unit of the price, as it is written: ``USD/MTok`` or ``USD each``."""
        return "USD/MTok" if self.per == PER_MTOK else "USD each" if self.per == 1 else f"USD per {self.per:,}"

    def __str__(self) -> str:
        return f"{self.usd} {self.unit.removeprefix('USD').removeprefix(' ')}".replace(" /", "/")


@attrs.frozen
class Rate:
    """
    What one meter costs in one tier for requests of one length.

    Attributes:
        pico: Pico-dollars a unit. [10^-12 USD]
        price: The row it comes from; of the parent meter where the meter has no price of its own.
    """

    pico: Exact
    price: Price


Rates: TypeAlias = dict[str, Rate | None]
"""For every meter its rate, or None where it is unknown."""


def _rows(prices: Iterable[Price]) -> tuple[Price, ...]:
    return tuple(prices)


def _no_plans() -> dict[tuple[str, int], Rates]:
    return {}


@attrs.frozen
class RateCard:
    """
    The prices of one model on one day.

    >>> card = RateCard.of(("0.40", "1.60"))
    >>> card.blended_usd_per_mtok(1, 1)
    Usd('1.00')

    Attributes:
        prices: The rows in force, at most one for each meter, tier and threshold.

    Raises:
        InvalidValueError: Two rows answer the same question.
    """

    prices: tuple[Price, ...] = attrs.field(default=(), converter=_rows)
    # Compiled once for each tier and threshold bucket, since a rate card prices millions of calls.
    _plans: dict[tuple[str, int], Rates] = attrs.field(init=False, factory=_no_plans, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        seen: dict[tuple[str, str, int | None], Price] = {}
        for price in self.prices:
            if not isinstance(price, Price):
                raise InvalidTypeError(f"a rate card holds Price rows, got {price!r}.")
            key = (price.meter, price.service_tier, price.above_input_tokens)
            if key in seen:
                raise InvalidValueError(
                    f"two prices for {price.meter} ({price.service_tier}): {seen[key]} and {price}. Keep one."
                )
            seen[key] = price

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

    @property
    def tiers(self) -> tuple[str, ...]:
        """The service tiers that have any price, in the order of :data:`SERVICE_TIERS`."""
        held = {price.service_tier for price in self.prices}
        return tuple(tier for tier in SERVICE_TIERS if tier in held)

    @cached_property
    def meters(self) -> frozenset[str]:
        """
        The meters that have a price in any tier.

        A fee for each request is charged where a source states one, in whichever tier; where none
        does, there is none: nearly every price list is silent about it.
        """
        return frozenset(price.meter for price in self.prices)

    def breakpoints(self, service_tier: str = STANDARD) -> tuple[int, ...]:
        """The input lengths above which another price holds for the whole request, ascending. [tokens]"""
        return tuple(
            sorted(
                {
                    price.above_input_tokens
                    for price in self.prices
                    if price.service_tier == service_tier and price.above_input_tokens is not None
                }
            )
        )

    def rates(self, service_tier: str = STANDARD, input_tokens: Exact = 0) -> Rates:
        """
        The rate of every meter for a request of *input_tokens* in *service_tier*.

        A part without any price of its own, in any tier, is billed at its total's. A part that has a
        price in the standard tier but none in this one is unknown: whether its discount carries over
        is the provider's to say.

        Raises:
            UnknownNameError: There is no such tier.
        """
        if not isinstance(service_tier, str) or service_tier not in SERVICE_TIERS:
            raise UnknownNameError("service tier", service_tier, SERVICE_TIERS)
        bucket = sum(1 for threshold in self.breakpoints(service_tier) if input_tokens > threshold)
        plan = self._plans.get((service_tier, bucket))
        if plan is None:
            plan = self._plans[service_tier, bucket] = self._compiled(service_tier, input_tokens)
        return plan

    def _compiled(self, service_tier: str, input_tokens: Exact) -> Rates:
        in_tier = [price for price in self.prices if price.service_tier == service_tier]
        plan: Rates = {}
        for meter in METERS:  # totals come before their parts
            rows = [
                price
                for price in in_tier
                if price.meter == meter
                and (price.above_input_tokens is None or input_tokens > price.above_input_tokens)
            ]
            parent = parent_meter(meter)
            if rows:
                best = max(rows, key=lambda price: -1 if price.above_input_tokens is None else price.above_input_tokens)
                plan[meter] = Rate(best.pico_per_unit, best)
            elif parent is not None and meter not in self.meters:
                plan[meter] = plan[parent]
            else:
                plan[meter] = None
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
    assert meter in TOKEN_METERS or meter in FEE_METERS
    return Price(meter=meter, usd=Usd(number), per=PER_MTOK if meter in TOKEN_METERS else 1)
