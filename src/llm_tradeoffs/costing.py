"""
The one place where a cost is computed.

A call, a workload's mean request, a conversation with its history: each becomes quantities of meters,
and each quantity is multiplied by the rate in force. Sums of whole pico-dollars are exact; so are the
fractions that take over where a rate or a mean is not whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.errors import InvalidTypeError, NoFactOnDateError, UnknownPriceError
from llm_tradeoffs.facts import as_day, as_moment, in_force
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import MAX_COUNT, Exact, Usd, divide, exact_text, grouped, plain
from llm_tradeoffs.rates import STANDARD, Bounds, Multiplier, Plan, Price, Rate, RateCard
from llm_tradeoffs.usage import METERS, TOKEN_METERS, TOTAL_OF, Usage, UsageCounts, billed_once, usage_of
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from typing import Unpack

    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.pricing import PricingRegistry

__all__ = ["Cost", "LineItem", "WorkloadCost", "bill", "cost", "workload_cost"]


class LineItem:
    """
    One line of a bill.

    Attributes:
        meter: What was counted. The line ``input_tokens`` holds the tokens that are in no other line.
        quantity: How many. [tokens, requests, searches, seconds ...]
        service_tier: The tier that was billed.
        price: The published price it was multiplied by, with its source; that of the total where the
            part has no price of its own.
        factors: Published factors that came on top, of a tier or a region.
        assumption: What was assumed where nobody published this rate; None where somebody did.
        low, high: What it costs where the call costs least, and where it costs most; equal unless an assumption
            leaves room. [USD]
    """

    # A plain class: a bill of three lines in frozen attrs classes would cost more than the whole call.
    __slots__ = ("meter", "quantity", "rate", "service_tier")

    bounds: Bounds | None = None

    def __init__(self, meter: str, quantity: Exact, service_tier: str, rate: Rate) -> None:
        self.meter = meter
        self.quantity = quantity
        self.service_tier = service_tier
        self.rate = rate

    def of(self, quantity: Exact) -> LineItem:
        """The same line for another quantity."""
        if self.bounds is not None:
            return _AssumedLine(self.meter, quantity, self.service_tier, self.bounds)
        return LineItem(self.meter, quantity, self.service_tier, self.rate)

    @property
    def assumption(self) -> str | None:
        """What was assumed where nobody published this rate."""
        return None if self.bounds is None else self.bounds.assumption

    @property
    def price(self) -> Price:
        """The published price."""
        return self.rate.price

    @property
    def factors(self) -> tuple[Multiplier, ...]:
        """Published factors on it."""
        return self.rate.factors

    @property
    def low(self) -> Usd:
        """The least that this line costs. [USD]"""
        return Usd.from_pico(self.quantity * self.rate.pico)

    @property
    def high(self) -> Usd:
        """The most that this line costs. [USD]"""
        return Usd.from_pico(self.quantity * (self.rate if self.bounds is None else self.bounds.high).pico)

    @property
    def amount(self) -> Usd:
        """
        Quantity × price, exact. [USD]

        Raises:
            UnknownPriceError: The rate lies between two; read :attr:`low` and :attr:`high`.
        """
        low, high = self.low, self.high
        if low != high:
            between = f"The line costs {low} to {high}, read .low and .high: {self.assumption}."
            raise UnknownPriceError(None, self.meter, self.service_tier, (), between=between)
        return low

    def _key(self) -> tuple[Any, ...]:
        return (self.meter, self.quantity, self.service_tier, self.rate, self.bounds)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, LineItem) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.meter, self.quantity, self.service_tier))

    def __repr__(self) -> str:
        return f"<LineItem {self}>"

    def __str__(self) -> str:
        rate = "".join([str(self.price), *(f" × {exact_text(row.factor)} ({_scope(row)})" for row in self.factors)])
        if self.low == self.high:
            known = f"{self.meter}: {grouped(self.quantity)} × {rate} = {self.low}"
            return known if self.assumption is None else f"{known} (assumed: {self.assumption})"
        return f"{self.meter}: {grouped(self.quantity)} for {self.low} to {self.high} (assumed: {self.assumption})"


class _AssumedLine(LineItem):
    """A line whose rate nobody published."""

    __slots__ = ("bounds",)

    def __init__(self, meter: str, quantity: Exact, service_tier: str, bounds: Bounds) -> None:
        super().__init__(meter, quantity, service_tier, bounds.low)
        self.bounds = bounds


def _scope(row: Multiplier) -> str:
    return row.service_tier or row.region or ""


@attrs.frozen
class _Bill:
    """What a call needs beside its total where not every count has one exact rate."""

    high: Exact
    lines: tuple[LineItem, ...]
    region: str | None = None
    assumptions: tuple[str, ...] = ()  # about the whole call


class Cost(Tabular):
    """
    What one call costs: the exact total, and the bill behind it.

    Where a rate that the call needs was never published but lies between two that were, so does the
    total: :attr:`low` and :attr:`high` say how far, :attr:`assumptions` why.

    Attributes:
        total: The sum of the lines. [USD]
        low, high: The least and the most that the call costs; both are the total where all rates are published. [USD]
        is_exact: Whether they are one amount.
        assumptions: What was assumed where a rate is not published, one sentence each.
        lines: One line for each meter that was used.
        usage: The call.
        model: The model as it was priced.
        service_tier: The tier it was priced in.
        region: The region it was priced in; None for the prices that name none.
        as_of: The day whose prices were used, or the moment where one was stated; None for a model that
            was written by hand.
    """

    # A plain class: the frozen attrs constructor alone would cost as much as pricing the call.
    __slots__ = ("_bill", "_counts", "_once", "_pico", "_plan", "as_of", "model", "service_tier")

    def __init__(  # noqa: PLR0917  # positional: one is made for every priced call
        self,
        pico: Exact,
        model: Model,
        plan: Plan,
        counts: Mapping[str, Exact],
        once: Mapping[str, Exact],
        service_tier: str,
        as_of: date | None,
        bill: _Bill | None = None,
    ) -> None:
        self._pico = pico
        self.model = model
        self._plan = plan
        self._counts = counts
        self._once = once  # every token under one meter
        self.service_tier = service_tier
        self.as_of = as_of
        self._bill = bill  # None where every count has one exact rate

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        state = {name: getattr(self, name) for name in self.__slots__}
        return None, {**state, "_counts": dict(self._counts), "_once": dict(self._once)}  # views are not pickled

    @property
    def region(self) -> str | None:
        """The region it was priced in."""
        return None if self._bill is None else self._bill.region

    @property
    def total(self) -> Usd:
        """
        The exact cost of the call. [USD]

        Raises:
            UnknownPriceError: A rate that the call needs is not published; read :attr:`low` and :attr:`high`.
        """
        if self._bill is not None and self._bill.high != self._pico:
            line = next(line for line in self.lines if line.assumption is not None and line.low != line.high)
            between = f"The call costs {self.low} to {self.high}, read .low and .high: {'; '.join(self.assumptions)}."
            raise UnknownPriceError(self.model.id, line.meter, self.service_tier, (), between=between)
        return Usd.from_pico(self._pico)

    @property
    def low(self) -> Usd:
        """The least that the call costs. [USD]"""
        return Usd.from_pico(self._pico)

    @property
    def high(self) -> Usd:
        """The most that the call costs. [USD]"""
        return Usd.from_pico(self._pico if self._bill is None else self._bill.high)

    @property
    def is_exact(self) -> bool:
        """Whether every rate that leaves room was published."""
        return self._bill is None or self._bill.high == self._pico

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was assumed about rates that nobody published."""
        if self._bill is None:
            return ()
        of_lines = (line.assumption for line in self._bill.lines if line.assumption is not None)
        return tuple(dict.fromkeys([*self._bill.assumptions, *of_lines]))

    @property
    def usage(self) -> Usage:
        """The counts that were priced."""
        counts: Any = self._counts  # of a Usage, checked before
        if counts and counts.keys().isdisjoint(TOKEN_METERS):
            return Usage(**counts)
        return Usage(**{"input_tokens": 0, "output_tokens": 0, **counts})

    @property
    def lines(self) -> tuple[LineItem, ...]:
        """The bill: one line for each meter that was used, in the order in which the counts were stated."""
        if self._bill is not None:
            return self._bill.lines
        # Lines of simple calls are made when they are read: most callers want the total.
        rates = cast("Mapping[str, Rate]", self._plan.rates)  # none that is needed here is unknown
        once, tier = self._once, self.service_tier
        lines = [LineItem(meter, once[meter], tier, rates[meter]) for meter in once if once[meter]]
        if self._plan.charged:
            lines.append(LineItem("requests", 1, tier, rates["requests"]))
        return tuple(lines)

    def to_dict(self) -> dict[str, Any]:
        """The bill in plain types, amounts as exact decimal strings; no total where it is not known."""
        return {
            "model": self.model.id,
            "service_tier": self.service_tier,
            "region": self.region,
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "total_usd": usd_text(self.total) if self.is_exact else None,
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "assumptions": list(self.assumptions),
            "lines": [line_dict(line) for line in self.lines],
        }

    def _key(self) -> tuple[Any, ...]:
        return (self._pico, self.high, self.model, self.usage, self.service_tier, self.region)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Cost) else NotImplemented

    def __hash__(self) -> int:
        return hash((self._pico, self.model.id, self.service_tier))

    def __repr__(self) -> str:
        return f"<Cost of one call to {self.model.id}: {self._amount}>"

    @property
    def _amount(self) -> str:
        return str(self.low) if self.is_exact else f"{self.low} to {self.high}"

    def __str__(self) -> str:
        place = [self.model.label, self.service_tier, *([self.region] if self.region else [])]
        head = ", ".join(place) + ("" if self.as_of is None else f", prices of {self.as_of}")
        return "\n".join([f"{self._amount}  ({head})", *(f"  {line}" for line in self.lines)])


def usd_text(amount: Usd) -> str:
    """Dollars as an exact decimal string, or a ratio where the decimals never end."""
    return exact_text(plain(amount.as_fraction()))


def line_dict(line: LineItem) -> dict[str, Any]:
    """A line of a bill in plain types."""
    return {
        "meter": line.meter,
        "quantity": exact_text(line.quantity),
        "service_tier": line.service_tier,
        "usd": usd_text(line.price.usd),
        "per": line.price.per,
        "factors": [exact_text(row.factor) for row in line.factors],
        "amount_usd": usd_text(line.low) if line.low == line.high else None,
        "low_usd": usd_text(line.low),
        "high_usd": usd_text(line.high),
        "assumption": line.assumption,
        "source": line.price.source.id,
        "place": line.price.place,
    }


# Models of the bundled catalog by every name they were asked for, with their compiled rates by tier:
# a priced call then is a few multiplications and checks.
_READY: Final[dict[tuple[str, str], tuple[Model, date, tuple[int, ...], list[Plan]]]] = {}


def cost(
    model: object,
    usage: Usage | None = None,
    *,
    service_tier: str | None = None,
    region: str | None = None,
    catalog: Catalog | PricingRegistry | None = None,
    as_of: date | str | None = None,
    strict: bool = False,
    **counts: Unpack[UsageCounts],
) -> Cost:
    """
    The exact cost of one call.

    >>> cost("gpt-4.1-mini", input_tokens=200, output_tokens=150).total
    Usd('0.00032')

    Args:
        model: A name in the catalog (id or alias, exactly), a :class:`Model`, or a response of a provider,
            which says itself which model answered and what it used.
        usage: The call; or say its counts by name instead, see :class:`Usage`. ``input_tokens`` and
            ``output_tokens`` are totals, the others are parts of them. [tokens]
        service_tier: ``standard``, ``batch``, ``flex``, ``priority``, ``fast`` ...; None for what the response
            says, else ``standard``.
        region: Where it was processed, as the vendor names it, if that has a price of its own; None for what
            the response says, else for the price that names no region.
        catalog: Where names are looked up, a catalog or a :class:`PricingRegistry`; None for the bundled catalog.
        as_of: The day whose prices hold; a moment with its zone where prices depend on the hour, whose day
            is that of UTC; None for the catalog's own day.
        strict: Whether an unpublished rate is an error even where it is known between what it lies.

    Raises:
        UnknownNameError: No model, tier, region or count is called that.
        UnknownPriceError: A count above zero has no known price; it is never billed as $0.
        NoFactOnDateError: Nothing is recorded for that day.
        InvalidTypeError, InvalidValueError, ImpossibleUsageError: Counts that no call can have.
    """
    tier = STANDARD if service_tier is None else service_tier
    if catalog is None and as_of is None and region is None and type(model) is str:
        try:
            resolved, day, bounds, plans = _READY[model, tier]
            used: Any = counts if usage is None else usage.counted
            plan = plans[bisect_left(bounds, used["input_tokens"])] if bounds else plans[0]
            if usage is None or not counts:
                once = _once(used)
                return Cost(_total(plan, once), resolved, plan, used, once, tier, day)
        except (KeyError, TypeError, AttributeError, _NotSimpleError):
            pass  # asked for the first time, or a call to look at more closely
    return _cost(model, usage, counts, service_tier, region, catalog, as_of, strict)


class _NotSimpleError(Exception):
    """A call that the short way cannot price: :func:`bill` prices it, or says what is wrong."""


def _once(counts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The counts with every token under one meter, where none is in two parts and both totals are stated."""
    if "input_tokens" not in counts or "output_tokens" not in counts:
        raise _NotSimpleError
    if len(counts) == 2:
        return counts
    once = dict(counts)
    for part in counts:
        if part in TOTAL_OF:
            once[TOTAL_OF[part]] -= counts[part]
    return once


def _total(plan: Plan, once: Mapping[str, Any]) -> Exact:
    """The total of a call whose every count has one exact rate."""
    picos, pico = plan.picos, plan.fixed
    if len(once) == 2:  # most calls: the two totals, without a loop
        sent, said = once["input_tokens"], once["output_tokens"]
        if type(sent) is int and type(said) is int and 0 <= sent <= MAX_COUNT and 0 <= said <= MAX_COUNT:
            pico += picos["input_tokens"] * sent + picos["output_tokens"] * said
            return pico if type(pico) is int else plain(pico)
        raise _NotSimpleError
    for meter, count in once.items():
        if type(count) is not int or not 0 <= count <= MAX_COUNT:
            raise _NotSimpleError
        pico += picos[meter] * count
    return pico if type(pico) is int else plain(pico)


def _cost(  # noqa: PLR0917  # the arguments of cost(), in its order
    model: object,
    usage: Usage | None,
    counts: UsageCounts,
    service_tier: str | None,
    region: str | None,
    catalog: Catalog | PricingRegistry | None,
    as_of: date | str | None,
    strict: bool,
) -> Cost:
    """:func:`cost` in general: any model, any usage, any rate."""
    assumptions: list[str] = []
    stated_region = region
    if not isinstance(model, str | Model):
        if usage is None and not counts:
            from llm_tradeoffs.responses import read_response  # only who prices responses reads them

            reading = read_response(model)
            if reading.model is None:
                raise InvalidTypeError(
                    "the response names no model. Say which: cost('gpt-4.1-mini', Usage.from_openai(response))."
                )
            model, usage = reading.model, reading.usage
            service_tier = reading.service_tier if service_tier is None else service_tier
            region = reading.region if region is None else region
        else:
            raise InvalidTypeError(
                f"expected the name of a model or a Model, got {model!r} of type {type(model).__name__}. "
                "Say for example 'gpt-4.1-mini'; a response is priced by itself, without counts beside it."
            )
    tier = STANDARD if service_tier is None else service_tier
    call = usage_of(usage, counts)
    stated_day, at = (None, None) if as_of is None else as_moment(as_of)
    resolved, day = resolve_model(model, catalog, stated_day)
    card = resolved.rates
    assumptions += _caveats(resolved, day, catalog)
    if region is not None and stated_region is None and region not in card.regions:
        assumptions.append(f"the call was processed in {region!r}, for which no price of its own is published")
        region = None
    plan = card.plan(tier, call.input_tokens, region, at)
    if type(model) is str and catalog is None and as_of is None and region is None and not assumptions:
        _remember(model, tier, resolved, day)
    if not assumptions and region is None:
        try:
            once = _once(call.counted)
            return Cost(_total(plan, once), resolved, plan, call.counted, once, tier, day if at is None else at)
        except (KeyError, _NotSimpleError):
            pass
    try:
        lines = tuple(bill(resolved.id, plan, billed_once(call.counted), tier, strict=strict))
    except UnknownPriceError:
        if type(model) is str and day is not None and not card and not isinstance(catalog, Model):
            raise _no_price_on(model, day, catalog) from None
        raise
    low, high = _sum(line.low for line in lines), _sum(line.high for line in lines)
    if assumptions and strict:
        raise UnknownPriceError(resolved.id, "the call", tier, (), between=f"{assumptions[0]}.")
    made = _Bill(high, lines, region, tuple(assumptions))
    return Cost(low, resolved, plan, call.counted, {}, tier, day if at is None else at, made)


def _caveats(model: Model, day: date | None, catalog: Catalog | PricingRegistry | None) -> list[str]:
    """What a reader should know of prices that are exact and yet not sure for that day."""
    found: list[str] = []
    if day is None:
        return found
    if model.retires_on is not None and model.retires_on <= day:
        found.append(f"{model.label} was retired on {model.retires_on}; the call is priced as it was listed")
    if catalog is not None and day < catalog.as_of:
        undated = {price.source for price in model.rates.prices if price.effective_from is None}
        found.extend(
            f"{source} gives no first day for its price, which is taken to have held on {day}"
            for source in sorted(undated, key=str)
            if source.kind in {"package", "dataset"}
        )
    return found


def _no_price_on(name: str, day: date, catalog: Catalog | PricingRegistry | None) -> NoFactOnDateError:
    """That a model is known on a day, and no price of it: with the first day of one, or the last."""
    from llm_tradeoffs.catalog import Catalog

    held = Catalog.bundled() if catalog is None else catalog
    rows = held.records[held.resolve(name, day)].prices if isinstance(held, Catalog) else ()
    later = [row.effective_from for row in rows if row.effective_from is not None and row.effective_from > day]
    ended = [row.effective_until for row in rows if row.effective_until is not None and row.effective_until <= day]
    last = max(ended).isoformat() if ended and not later else None
    return NoFactOnDateError(f"price of {name}", day.isoformat(), min(later).isoformat() if later else last, last)


def _sum(amounts: Iterable[Usd]) -> Exact:
    return plain(sum(amount.pico for amount in amounts))


def _remember(name: str, tier: str, model: Model, day: date | None) -> None:
    """Keep what prices simple calls to *model*: a plan for each of its threshold buckets."""
    card = model.rates
    if day is None or card.windows:
        return
    bounds = card.breakpoints(tier)
    lengths = (*bounds, *([bounds[-1] + 1] if bounds else [0]))
    _READY[name, tier] = (model, day, bounds, [card.plan(tier, length) for length in lengths])


def _on(model: Model, day: date) -> Model:
    """A model with those of its own rows that hold on *day*; itself where all do, as nearly always."""
    card = model.rates
    prices = tuple(price for price in card.prices if in_force(price, day))
    multipliers = tuple(row for row in card.multipliers if in_force(row, day))
    if len(prices) == len(card.prices) and len(multipliers) == len(card.multipliers):
        return model
    if not prices:
        begins = [row.effective_from for row in card.prices if row.effective_from is not None]
        ends = [row.effective_until for row in card.prices if row.effective_until is not None]
        later = [first for first in begins if first > day]
        last = max(ends).isoformat() if ends and not later else None
        first = min(later).isoformat() if later else last
        raise NoFactOnDateError(f"price of {model.id}", day.isoformat(), first, last)
    return attrs.evolve(model, usd_per_mtok=RateCard(prices, multipliers))


def resolve_model(
    model: str | Model, catalog: Catalog | PricingRegistry | None, as_of: date | str | None
) -> tuple[Model, date | None]:
    """The model that was named, and the day its facts are of (None for one written by hand)."""
    if isinstance(model, Model):
        day = None if as_of is None else as_day(as_of)
        return (model if day is None else _on(model, day)), day
    if not isinstance(model, str):
        raise InvalidTypeError(
            f"expected the name of a model or a Model, got {model!r} of type {type(model).__name__}. "
            "Say for example 'gpt-4.1-mini'."
        )
    from llm_tradeoffs.catalog import Catalog, held_catalog  # pricing a hand-written Model needs no catalog

    if catalog is not None and not isinstance(catalog, Catalog):
        from llm_tradeoffs.pricing import PricingRegistry

        if isinstance(catalog, PricingRegistry):
            day = catalog.as_of if as_of is None else as_day(as_of)
            return catalog.model(model, day), day
    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    return held.model(model, day), day


def bill(
    model: str,
    plan: Plan,
    quantities: Mapping[str, Exact],
    service_tier: str,
    *,
    requests: int = 1,
    strict: bool = False,
) -> Iterator[LineItem]:
    """
    The lines of a request, or of several alike whose prices do not depend on quantities.

    Args:
        quantities: What was used, every token under one meter.

    Raises:
        UnknownPriceError: A quantity has no known rate; with *strict* also where its bounds are known.
    """
    billed = dict(quantities)
    if "requests" in plan.charged:
        billed["requests"] = requests
    owed: Exact = 0
    owed_at_most: Exact = 0
    for meter, quantity in _merged(plan, billed).items():
        rate = plan.rates[meter]
        if rate is None:
            bounds = plan.bounds.get(meter)
            if bounds is None or strict:
                raise _unknown(model, plan, meter, service_tier)
            owed += quantity * bounds.low.pico
            owed_at_most += quantity * bounds.high.pico
            yield _AssumedLine(meter, quantity, service_tier, bounds)
            continue
        for part, step in _steps(plan.steps.get(meter, ((0, rate),)), quantity):
            owed += part * step.pico
            owed_at_most += part * step.pico
            yield LineItem(meter, part, service_tier, step)
    if "minimum_charge" in plan.charged:
        least = plan.rates["minimum_charge"]
        if least is None:
            raise _unknown(model, plan, "minimum_charge", service_tier)
        if owed < least.pico:
            # What is missing, as a share of the charge: the line still is quantity × price.
            share = divide(least.pico - owed, least.pico)
            if owed == owed_at_most:
                yield LineItem("minimum_charge", share, service_tier, least)
            else:  # the dearer the rest, the less is missing
                rest = Rate(divide(max(0, least.pico - owed_at_most), share), least.price, least.factors)
                bounds = Bounds(least, rest, "what is missing to the minimum depends on the prices above")
                yield _AssumedLine("minimum_charge", share, service_tier, bounds)


def _steps(ladder: Sequence[tuple[int, Rate]], quantity: Exact) -> Iterator[tuple[Exact, Rate]]:
    """How much of *quantity* falls to each rate of a ladder that starts at 0."""
    least = ladder[0][1].price.minimum_quantity
    if least is not None:
        quantity = max(quantity, least)
    for index, (start, rate) in enumerate(ladder):
        stop = ladder[index + 1][0] if index + 1 < len(ladder) else quantity
        if quantity > start:
            yield plain(min(quantity, stop) - start), rate


def _merged(plan: Plan, billed: Mapping[str, Exact]) -> dict[str, Exact]:
    """What has no price of its own counts with what it is a part of, where a price depends on the quantity."""
    merged: dict[str, Exact] = {}
    for meter in METERS:
        if meter not in billed:
            continue
        owner = meter
        rate = plan.rates[meter]
        if rate is not None and rate.price.meter != meter:
            parent = rate.price.meter
            if parent in plan.steps or rate.price.minimum_quantity is not None:
                owner = parent
        merged[owner] = merged.get(owner, 0) + billed[meter]
    return merged


def _unknown(model: str, plan: Plan, meter: str, service_tier: str) -> UnknownPriceError:
    bounds = plan.bounds.get(meter)
    between = None
    if bounds is not None:
        low, high = bounds.low.stated, bounds.high.stated
        ends = f"It is taken to be {low}" if str(low) == str(high) else f"It lies between {low} and {high}"
        between = f"{ends}: {bounds.assumption}."
    own = [name for name, known in plan.rates.items() if known is not None and known.price.meter == name]
    return UnknownPriceError(model, meter, service_tier, own, between=between)


@attrs.frozen(kw_only=True)
class WorkloadCost(Tabular):
    """
    What a workload costs.

    Attributes:
        per_request: One request, or one whole conversation where the workload has turns. [USD]
        per_day, per_month, per_year: At the stated volume; None where no volume is stated. [USD]
        lines: The bill of one request or conversation; quantities may be means.
        year_basis: How a year was counted, such as ``"365 days"``; None without a volume.
        notes: What was assumed on the way, one sentence each.
    """

    per_request: Usd
    per_day: Usd | None
    per_month: Usd | None
    per_year: Usd | None
    lines: tuple[LineItem, ...]
    year_basis: str | None
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([f"{self.per_request} per request", *(f"  {line}" for line in self.lines)])


def workload_cost(model: Model, workload: Workload) -> WorkloadCost:
    """
    The exact cost of a workload on *model*, as if every request fitted into its context window.

    Raises:
        UnknownPriceError: A price that the workload needs is not known.
    """
    measured = workload.measured_cost(model)
    if measured is not None:
        return measured
    notes: list[str] = []
    batch_share, tier_note = _batch_share(model, workload)
    if tier_note:
        notes.append(tier_note)
    if model.rates.breakpoints():
        notes.append(
            f"{model.label} charges by the length of a request; every request was taken to have the mean length"
        )
    totals: dict[tuple[str, str, Price], tuple[Rate, Exact]] = {}
    for service_tier, share in ((STANDARD, 1 - batch_share), ("batch", batch_share)):
        if not share:
            continue
        for turns, turn_input, input_tokens in _turn_groups(model, workload, service_tier):
            plan = model.rates.plan(service_tier, turn_input)
            each, times = (turns, 1) if not model.rates.by_quantity else (1, turns)
            quantities = _mean_quantities(workload, divide(input_tokens, times), each)
            for line in bill(model.id, plan, quantities, service_tier, requests=each, strict=True):
                key = (line.meter, service_tier, line.price)
                before = totals[key][1] if key in totals else 0
                totals[key] = (line.rate, before + share * times * line.quantity)
    lines = tuple(
        LineItem(meter, plain(quantity), service_tier, rate)
        for (meter, service_tier, _), (rate, quantity) in totals.items()
    )
    pico = sum(line.amount.pico for line in lines)
    volumes = (workload.requests_in("day"), workload.requests_in("month"), workload.requests_in("year"))
    per_day, per_month, per_year = (None if count is None else Usd.from_pico(pico * count) for count in volumes)
    return WorkloadCost(
        per_request=Usd.from_pico(pico),
        per_day=per_day,
        per_month=per_month,
        per_year=per_year,
        lines=lines,
        year_basis=None if workload.volume_basis is None else workload.year_basis,
        notes=tuple(notes),
    )


def _batch_share(model: Model, workload: Workload) -> tuple[Exact, str]:
    """The share that runs as batch: what may wait, where the model has a batch service at all."""
    share = workload.batch_share
    if share and model.supports_batch is False:
        return 0, f"{model.label} has no batch service, so the share that could wait runs at the standard rate"
    return share, ""


def _turn_groups(model: Model, workload: Workload, service_tier: str) -> Iterator[tuple[int, Exact, Exact]]:
    """
    The turns of one unit of work in groups that are billed at one rate.

    Yields:
        Number of turns, the input of the first of them (which decides the rate), their input together.
    """
    thresholds = model.rates.breakpoints(service_tier)
    growth = workload.input_tokens + workload.output_tokens
    if not workload.history_resent or not growth or not (thresholds or model.rates.by_quantity):
        yield workload.turns, workload.turn_input_tokens(1), workload.total_input_tokens
        return
    if model.rates.by_quantity:
        for turn in range(1, workload.turns + 1):
            sent = workload.turn_input_tokens(turn)
            yield 1, sent, sent
        return
    # Turn k sends k·i + (k-1)·o: the last turn within a threshold t is floor((t + o) / (i + o)).
    start = 1
    for threshold in (*thresholds, None):
        fitting = workload.turns if threshold is None else int((threshold + workload.output_tokens) // growth)
        stop = min(workload.turns, fitting)
        if stop >= start:
            turns = stop - start + 1
            first, last = workload.turn_input_tokens(start), workload.turn_input_tokens(stop)
            yield turns, first, divide(turns * (first + last), 2)
            start = stop + 1


def _mean_quantities(workload: Workload, input_tokens: Exact, turns: int) -> dict[str, Exact]:
    cached = input_tokens * workload.cached_share
    quantities: dict[str, Exact] = {
        "input_tokens": input_tokens - cached,
        "cache_read_tokens": cached,
        "output_tokens": turns * workload.output_tokens,
    }
    return {meter: quantity for meter, quantity in quantities.items() if quantity}
