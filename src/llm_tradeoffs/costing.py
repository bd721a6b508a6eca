"""
The one place where a cost is computed.

A call, a workload's mean request, a conversation with its history: each becomes quantities of meters,
and each quantity is multiplied by the rate in force. Sums of whole pico-dollars are exact; so are the
fractions that take over where a rate or a mean is not whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs.errors import InvalidTypeError, UnknownPriceError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import MAX_COUNT, Exact, Usd, divide, exact_text, grouped, plain
from llm_tradeoffs.rates import STANDARD, Price, Rate, Rates
from llm_tradeoffs.usage import INPUT_PARTS, METERS, OUTPUT_PARTS, Usage, usage_of
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["Cost", "LineItem", "WorkloadCost", "cost", "workload_cost"]


@attrs.frozen(kw_only=True)
class LineItem:
    """
    One line of a bill.

    Attributes:
        meter: What was counted. The line ``input_tokens`` holds the tokens that are in no other line.
        quantity: How many. [tokens, requests or searches]
        service_tier: The tier that was billed.
        price: The published price it was multiplied by, with its source; that of the total where the
            part has no price of its own.
        amount: quantity × price, exact. [USD]
    """

    meter: str
    quantity: Exact
    service_tier: str
    price: Price
    amount: Usd

    def __str__(self) -> str:
        return f"{self.meter}: {grouped(self.quantity)} × {self.price} = {self.amount}"


class Cost:
    """
    What one call costs: the exact total, and the bill behind it.

    Attributes:
        total: The sum of the lines. [USD]
        lines: One line for each meter that was used.
        usage: The call.
        model: The model as it was priced.
        service_tier: The tier it was priced in.
        as_of: The day whose prices were used; None for a model that was written by hand.
    """

    # A plain class: the frozen attrs constructor alone would cost as much as pricing the call.
    __slots__ = ("_counts", "_pico", "as_of", "model", "service_tier")

    def __init__(
        self, pico: Exact, model: Model, counts: Usage | tuple[int, int], service_tier: str, as_of: date | None
    ) -> None:
        self._pico = pico
        self.model = model
        self._counts = counts
        self.service_tier = service_tier
        self.as_of = as_of

    @property
    def total(self) -> Usd:
        """The exact cost of the call. [USD]"""
        return Usd.from_pico(self._pico)

    @property
    def usage(self) -> Usage:
        """The token counts that were priced."""
        if isinstance(self._counts, tuple):
            return Usage(input_tokens=self._counts[0], output_tokens=self._counts[1])
        return self._counts

    @property
    def lines(self) -> tuple[LineItem, ...]:
        """The bill: one line for each meter that was used, in the order of :data:`llm_tradeoffs.usage.METERS`."""
        usage = self.usage
        rates = self.model.rates.rates(self.service_tier, usage.input_tokens)
        return tuple(
            _line(self.model.id, rates, meter, count, self.service_tier)
            for meter, count in _quantities(usage, self.model)
        )

    def to_dict(self) -> dict[str, Any]:
        """The bill in plain types, amounts as exact decimal strings."""
        return {
            "model": self.model.id,
            "service_tier": self.service_tier,
            "as_of": None if self.as_of is None else self.as_of.isoformat(),
            "total_usd": usd_text(self.total),
            "lines": [line_dict(line) for line in self.lines],
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cost):
            return NotImplemented
        return (self._pico, self.model, self.usage, self.service_tier) == (
            other._pico,
            other.model,
            other.usage,
            other.service_tier,
        )

    def __hash__(self) -> int:
        return hash((self._pico, self.model.id, self.service_tier))

    def __repr__(self) -> str:
        return f"<Cost of one call to {self.model.id}: {self.total}>"

    def __str__(self) -> str:
        head = f"{self.model.label}, {self.service_tier}" + ("" if self.as_of is None else f", prices of {self.as_of}")
        return "\n".join([f"{self.total}  ({head})", *(f"  {line}" for line in self.lines)])


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
        "amount_usd": usd_text(line.amount),
        "source": line.price.source.id,
        "place": line.price.place,
    }


# Rates of models of the bundled catalog that need no case analysis (two whole rates, no thresholds),
# by every name they were asked for: a priced call then is two multiplications and a few checks.
_SIMPLE: Final[dict[str, tuple[int, int, Model, date]]] = {}


def cost(
    model: str | Model,
    usage: Usage | None = None,
    *,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    cache_read_tokens: int | None = None,
    cache_write_5m_tokens: int | None = None,
    cache_write_1h_tokens: int | None = None,
    input_audio_tokens: int | None = None,
    input_image_tokens: int | None = None,
    reasoning_tokens: int | None = None,
    output_audio_tokens: int | None = None,
    output_image_tokens: int | None = None,
    web_searches: int | None = None,
    service_tier: str = STANDARD,
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
) -> Cost:
    """
    The exact cost of one call.

    >>> cost("gpt-4.1-mini", input_tokens=200, output_tokens=150).total
    Usd('0.00032')

    Args:
        model: A name in the catalog (id or alias, exactly), or a :class:`Model`.
        usage: The call; or say its counts by name instead. ``input_tokens`` and ``output_tokens`` are
            totals, the others are parts of them. [tokens]
        service_tier: ``standard``, ``batch``, ``flex`` or ``priority``.
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose prices hold; None for the catalog's own day.

    Raises:
        UnknownNameError: No model, or no tier, is called that.
        UnknownPriceError: A count above zero has no known price; it is never billed as $0.
        NoFactOnDateError: Nothing is recorded for that day.
        InvalidTypeError, InvalidValueError, ImpossibleUsageError: Counts that no call can have.
    """
    if (
        type(model) is str
        and type(input_tokens) is int
        and type(output_tokens) is int
        and 0 <= input_tokens <= MAX_COUNT
        and 0 <= output_tokens <= MAX_COUNT
        and usage is None
        and cache_read_tokens is None
        and cache_write_5m_tokens is None
        and cache_write_1h_tokens is None
        and input_audio_tokens is None
        and input_image_tokens is None
        and reasoning_tokens is None
        and output_audio_tokens is None
        and output_image_tokens is None
        and web_searches is None
        and service_tier == STANDARD
        and catalog is None
        and as_of is None
    ):
        simple = _SIMPLE.get(model)
        if simple is not None:
            input_pico, output_pico, resolved, day = simple
            pico = input_pico * input_tokens + output_pico * output_tokens
            return Cost(pico, resolved, (input_tokens, output_tokens), STANDARD, day)
    call = usage_of(
        usage,
        {
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cache_read_tokens": cache_read_tokens,
            "cache_write_5m_tokens": cache_write_5m_tokens,
            "cache_write_1h_tokens": cache_write_1h_tokens,
            "input_audio_tokens": input_audio_tokens,
            "input_image_tokens": input_image_tokens,
            "reasoning_tokens": reasoning_tokens,
            "output_audio_tokens": output_audio_tokens,
            "output_image_tokens": output_image_tokens,
            "web_searches": web_searches,
        },
    )
    resolved, known_day = resolve_model(model, catalog, as_of)
    if known_day is not None and catalog is None and as_of is None and type(model) is str:
        _remember(model, resolved, known_day)
    rates = resolved.rates.rates(service_tier, call.input_tokens)
    total: Exact = 0
    for meter, count in _quantities(call, resolved):
        total += count * _known(resolved.id, rates, meter, service_tier).pico
    return Cost(plain(total), resolved, call, service_tier, known_day)


def _remember(name: str, model: Model, day: date) -> None:
    rates = model.rates.rates()
    fresh, produced = rates["input_tokens"], rates["output_tokens"]
    if fresh is None or produced is None or "requests" in model.rates.meters or model.rates.breakpoints():
        return
    if isinstance(fresh.pico, int) and isinstance(produced.pico, int):
        _SIMPLE[name] = (fresh.pico, produced.pico, model, day)


def resolve_model(model: str | Model, catalog: Catalog | None, as_of: date | str | None) -> tuple[Model, date | None]:
    """The model that was named, and the day its facts are of (None for one written by hand)."""
    if isinstance(model, Model):
        return model, None if as_of is None else as_day(as_of)
    if not isinstance(model, str):
        raise InvalidTypeError(
            f"expected the name of a model or a Model, got {model!r} of type {type(model).__name__}. "
            "Say for example 'gpt-4.1-mini'."
        )
    from llm_tradeoffs.catalog import held_catalog  # pricing a hand-written Model needs no catalog

    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    return held.model(model, day), day


def _quantities(usage: Usage, model: Model) -> Iterator[tuple[str, int]]:
    """What a call is billed for: every token under one meter, and fees."""
    counts = {"input_tokens": usage.fresh_input_tokens, "web_searches": usage.web_searches}
    for meter in (*INPUT_PARTS, *OUTPUT_PARTS):
        counts[meter] = getattr(usage, meter)
    counts["output_tokens"] = usage.output_tokens - sum(counts[meter] for meter in OUTPUT_PARTS)
    counts["requests"] = 1 if "requests" in model.rates.meters else 0
    return ((meter, counts[meter]) for meter in METERS if counts[meter])


def _known(model: str, rates: Rates, meter: str, service_tier: str) -> Rate:
    rate = rates[meter]
    if rate is None:
        own = [name for name, known in rates.items() if known is not None and known.price.meter == name]
        raise UnknownPriceError(model, meter, service_tier, own)
    return rate


def _line(model: str, rates: Rates, meter: str, quantity: int, service_tier: str) -> LineItem:
    rate = _known(model, rates, meter, service_tier)
    amount = Usd.from_pico(quantity * rate.pico)
    return LineItem(meter=meter, quantity=quantity, service_tier=service_tier, price=rate.price, amount=amount)


@attrs.frozen(kw_only=True)
class WorkloadCost:
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
    notes: list[str] = []
    batch_share, tier_note = _batch_share(model, workload)
    if tier_note:
        notes.append(tier_note)
    if model.rates.breakpoints():
        notes.append(
            f"{model.label} charges by the length of a request; every request was taken to have the mean length"
        )
    totals: dict[tuple[str, str, int | None], tuple[Rate, Exact]] = {}
    for service_tier, share in ((STANDARD, 1 - batch_share), ("batch", batch_share)):
        if not share:
            continue
        for turns, turn_input, input_tokens in _turn_groups(model, workload, service_tier):
            rates = model.rates.rates(service_tier, turn_input)
            for meter, quantity in _mean_quantities(workload, model, turns, input_tokens):
                rate = _known(model.id, rates, meter, service_tier)
                key = (meter, service_tier, rate.price.above_input_tokens)
                before = totals[key][1] if key in totals else 0
                totals[key] = (rate, before + share * quantity)
    lines = tuple(
        LineItem(
            meter=meter,
            quantity=plain(quantity),
            service_tier=service_tier,
            price=rate.price,
            amount=Usd.from_pico(quantity * rate.pico),
        )
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
    if not thresholds or not workload.history_resent or not growth:
        yield workload.turns, workload.turn_input_tokens(1), workload.total_input_tokens
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


def _mean_quantities(workload: Workload, model: Model, turns: int, input_tokens: Exact) -> Iterable[tuple[str, Exact]]:
    cached = input_tokens * workload.cached_share
    quantities: Sequence[tuple[str, Exact]] = (
        ("input_tokens", input_tokens - cached),
        ("cache_read_tokens", cached),
        ("output_tokens", turns * workload.output_tokens),
        ("requests", turns if "requests" in model.rates.meters else 0),
    )
    return ((meter, quantity) for meter, quantity in quantities if quantity)
