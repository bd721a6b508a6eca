"""
Many calls at once: a log, a trace, a sample of what is to come.

A mean request hides what prices, limits and fees look at, which is one request. So the calls stay apart here, in
groups of equal ones, and each is priced by :func:`~llm_tradeoffs.costing.cost`. What a model could not have
answered is counted with its reason, and what a file states badly is reported with its line: neither is dropped
silently, and neither becomes $0.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from llm_tradeoffs._call_rows import Call, Columns, collected, csv_rows, json_rows
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.costing import LineItem, cost, line_dict, resolve_model, usd_text, workload_cost
from llm_tradeoffs.errors import (
    AmbiguousNameError,
    Fault,
    InvalidTypeError,
    InvalidValueError,
    NoFactOnDateError,
    TradeoffsError,
    UnknownNameError,
    UnknownPriceError,
)
from llm_tradeoffs.facts import as_day, as_moment
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Number, Usd, divide, exact, exact_text, plain, token_count
from llm_tradeoffs.rates import SERVICE_TIERS, STANDARD
from llm_tradeoffs.usage import COUNTED, METERS, Usage, UsageTotal
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime
    from os import PathLike

    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.pricing import PricingRegistry

__all__ = [
    "BadRowsError",
    "Call",
    "Calls",
    "CallsBucket",
    "CallsCost",
    "CallsLeftOutError",
    "LeftOut",
]

OnBadRow: TypeAlias = Literal["raise", "set aside"]

_SHOWN: Final = 20
"""How many bad rows an error message lists; the error holds all of them."""

_TOTALS: Final = frozenset(("input_tokens", "output_tokens"))
_MEDIA: Final = {
    "image": ("input_image_tokens", "input_images"),
    "audio": ("input_audio_tokens", "input_audio_seconds"),
    "video": ("input_video_tokens", "input_video_seconds"),
}
_OUTPUT_MEDIA: Final = {
    "image": ("output_image_tokens", "output_images"),
    "audio": ("output_audio_tokens", "output_audio_seconds"),
    "video": ("output_video_tokens", "output_video_seconds"),
}


class BadRowsError(TradeoffsError, ValueError):
    """
    Rows of a log cannot be read; all of them in one report.

    Attributes:
        faults: Every bad row, with its number and what is wrong with it.
        rows: How many rows there were, good and bad.
    """

    def __init__(self, faults: Iterable[Fault], rows: int) -> None:
        self.faults, self.rows = tuple(faults), rows
        super().__init__(self.faults, rows)

    def __str__(self) -> str:
        bad = len(self.faults)
        listed = "\n".join(f"  - {fault}" for fault in self.faults[:_SHOWN])
        more = f"\n  and {bad - _SHOWN:,} more" if bad > _SHOWN else ""
        return (
            f"{bad:,} of {self.rows:,} rows cannot be read; nothing was loaded\n{listed}{more}\n"
            "Correct them, or say on_bad_row='set aside' and find them in .set_aside."
        )


class CallsLeftOutError(TradeoffsError, LookupError):
    """
    Some calls have no cost, so all of them together have none.

    Attributes:
        calls: How many calls there are.
        left_out: Those without a cost, by reason.
    """

    def __init__(self, calls: int, left_out: Iterable[LeftOut]) -> None:
        self.calls, self.left_out = calls, tuple(left_out)
        super().__init__(calls, self.left_out)

    def __str__(self) -> str:
        number = sum(left.calls for left in self.left_out)
        listed = "; ".join(map(str, self.left_out))
        return (
            f"{number:,} of {self.calls:,} calls have no cost: {listed}. Read .low and .high for the others, "
            "or ask about those that fit: calls.that_fit(model)."
        )


@attrs.frozen(kw_only=True)
class LeftOut:
    """
    Calls that have no cost, and why.

    Attributes:
        reason: Why, in words.
        limit: What stood against them: ``context_window``, ``max_output_tokens``, ``input_modalities``,
            ``output_modalities``, ``price`` or ``model``.
        calls: How many.
    """

    limit: str
    reason: str
    calls: int

    def __str__(self) -> str:
        return f"{self.calls:,} × {self.reason}"


@attrs.frozen(kw_only=True)
class CallsBucket:
    """
    The calls that are billed at one set of rates.

    Attributes:
        model: The model's id.
        service_tier: The tier.
        above_input_tokens: They have more input tokens than this; None for the first bucket. [tokens]
        up_to_input_tokens: They have at most so many; None for the last bucket. [tokens]
        calls: How many.
        low, high: What they cost together, at least and at most. [USD]
    """

    model: str
    service_tier: str
    above_input_tokens: int | None
    up_to_input_tokens: int | None
    calls: int
    low: Usd
    high: Usd

    def __str__(self) -> str:
        above, up_to = self.above_input_tokens, self.up_to_input_tokens
        lengths = [
            *([] if above is None else [f"above {above:,}"]),
            *([] if up_to is None else [f"up to {up_to:,}"]),
        ]
        scope = f", {' and '.join(lengths)} input tokens" if lengths else ""
        return f"{self.model}, {self.service_tier}{scope}: {_number(self.calls)}, {_span(self.low, self.high)}"


@attrs.frozen(kw_only=True)
class CallsCost(Tabular):
    """
    What many calls cost together.

    Attributes:
        calls: How many calls there are, those without a cost included.
        lines: The bill of all priced calls, one line for each meter and rate.
        buckets: The same by model, tier and length of the request: where a price depends on the length, more than one.
        left_out: The calls that have no cost, by reason.
        notes: What was assumed, or could not be checked, one sentence each.
    """

    calls: int
    lines: tuple[LineItem, ...]
    buckets: tuple[CallsBucket, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    # Cost of one call at least and at most, and how many cost that; cheapest first. [10^-12 USD]
    _each: tuple[tuple[Exact, Exact, int], ...] = attrs.field(repr=False, alias="each")

    @property
    def priced(self) -> int:
        """How many calls have a cost."""
        return self.calls - sum(left.calls for left in self.left_out)

    @property
    def low(self) -> Usd:
        """The least that the priced calls cost together. [USD]"""
        return Usd.from_pico(plain(sum(low * calls for low, _, calls in self._each)))

    @property
    def high(self) -> Usd:
        """The most that the priced calls cost together. [USD]"""
        return Usd.from_pico(plain(sum(high * calls for _, high, calls in self._each)))

    @property
    def is_exact(self) -> bool:
        """Whether every call has a cost, and every rate that leaves room was published."""
        return not self.left_out and self.low == self.high

    @property
    def total(self) -> Usd:
        """
        The exact cost of all calls. [USD]

        Raises:
            CallsLeftOutError: Some calls have no cost; read :attr:`low` and :attr:`high` for the others.
            UnknownPriceError: A rate lies between two; read :attr:`low` and :attr:`high`.
        """
        if self.left_out:
            raise CallsLeftOutError(self.calls, self.left_out)
        self._refuse_interval()
        return self.low

    @property
    def mean(self) -> Usd | None:
        """The exact mean cost of a priced call; None if there is none. [USD]"""
        self._refuse_interval()
        return self.low / self.priced if self.priced else None

    def percentile(self, percent: Number) -> Usd | None:
        """
        The least cost that *percent* of the priced calls do not exceed; None if no call is priced. [USD]

        Source:
            Nearest rank: the value at place ceil(percent/100 · n), so that it is the cost of a call that was made.

        Raises:
            UnknownPriceError: A rate lies between two.
            InvalidValueError: *percent* is not from 0 to 100.
        """
        self._refuse_interval()
        found = _nearest_rank(((low, calls) for low, _, calls in self._each), self.priced, percent)
        return None if found is None else Usd.from_pico(found)

    def _refuse_interval(self) -> None:
        if self.low == self.high:
            return
        line = next(line for line in self.lines if line.low != line.high)
        between = f"The calls cost {self.low} to {self.high}, read .low and .high: {line.assumption}."
        raise UnknownPriceError(None, line.meter, line.service_tier, (), between=between)

    def to_dict(self) -> dict[str, Any]:
        """The bill in plain types, amounts as exact decimal strings; no total where it is not known."""
        return {
            "calls": self.calls,
            "priced": self.priced,
            "total_usd": usd_text(self.total) if self.is_exact else None,
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "lines": [line_dict(line) for line in self.lines],
            "buckets": [
                {**attrs.asdict(bucket), "low": usd_text(bucket.low), "high": usd_text(bucket.high)}
                for bucket in self.buckets
            ],
            "left_out": [attrs.asdict(left) for left in self.left_out],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        of = "" if not self.left_out else f" of {self.calls:,}"
        return "\n".join(
            [
                f"{_span(self.low, self.high)}  ({self.priced:,}{of} calls)",
                *(f"  {line}" for line in self.lines),
                *(f"  {bucket}" for bucket in self.buckets if len(self.buckets) > 1),
                *(f"  not priced: {left}" for left in self.left_out),
                *(f"  note: {note}" for note in self.notes),
            ]
        )


def _number(calls: int) -> str:
    return "1 call" if calls == 1 else f"{calls:,} calls"


def _span(low: Usd, high: Usd) -> str:
    return str(low) if low == high else f"{low} to {high}"


class Calls:
    """
    Calls that were made, or stand for those to be made; in no order.

    >>> usages = [Usage(input_tokens=200, output_tokens=150), Usage(input_tokens=900, output_tokens=0)]
    >>> calls = Calls.from_usages(usages)
    >>> calls.cost("gpt-4.1-mini").total
    Usd('0.00068')

    Attributes:
        groups: Every different call, and how many times it was made.
        set_aside: Rows that could not be read, where they were set aside.
    """

    __slots__ = ("groups", "set_aside")

    groups: Mapping[Call, int]
    set_aside: tuple[Fault, ...]

    def __init__(self, groups: Mapping[Call, int] | Iterable[Call] = (), set_aside: Iterable[Fault] = ()) -> None:
        counted = Counter(groups)
        for call, times in counted.items():
            if not isinstance(call, Call):
                raise InvalidTypeError(
                    f"expected Call objects, got {call!r} of type {type(call).__name__}. For a list of Usage objects "
                    "say Calls.from_usages(...)."
                )
            token_count(times, "the number of equal calls")
        self.groups = {call: times for call, times in counted.items() if times}
        self.set_aside = tuple(set_aside)

    # Where calls come from.

    @classmethod
    def from_usages(
        cls,
        usages: Iterable[Usage],
        *,
        model: str | None = None,
        service_tier: str | None = None,
        region: str | None = None,
        day: date | str | None = None,
    ) -> Calls:
        """
        Calls from their counts.

        Args:
            usages: One :class:`Usage` for each call.
            model, service_tier, region, day: What holds for all of them, as in :class:`Call`.

        Raises:
            InvalidTypeError: An entry is no ``Usage``.
        """
        on = None if day is None else as_day(day)
        return cls(Call(usage=usage, model=model, service_tier=service_tier, region=region, day=on) for usage in usages)

    @classmethod
    def from_records(
        cls, rows: Iterable[object], *, columns: Columns | None = None, on_bad_row: OnBadRow = "raise"
    ) -> Calls:
        """
        Calls from rows: mappings from names to values, or responses of providers.

        >>> rows = [{"ContextTokens": 4808, "GeneratedTokens": 10}, {"ContextTokens": 3180, "GeneratedTokens": 8}]
        >>> Calls.from_records(rows, columns={"input_tokens": "ContextTokens", "output_tokens": "GeneratedTokens"})
        <Calls: 2 calls, 2 different>

        Args:
            rows: Without *columns*, each row has our names only (the counts of :class:`Usage`, ``model``,
                ``service_tier``, ``region``, ``day``), or is what
                :func:`~llm_tradeoffs.responses.read_response` reads: a response, its usage alone, or
                OpenTelemetry attributes. So no column is passed over that may hold tokens.
            columns: For each of our names the column that states it; other columns are passed over. Several columns
                are added up, for logs that keep cached tokens beside the input:
                ``{"input_tokens": ("fresh", "cached"), "cache_read_tokens": "cached", ...}``.
                An empty value is one that was not stated.
            on_bad_row: ``"raise"``, or ``"set aside"`` to go on with the good rows and keep the others
                in :attr:`set_aside`.

        Raises:
            BadRowsError: Rows are bad: a count is negative, fractional, no number or above its total; a total is
                missing; the row is of no known shape. All of them, each with its number, counted from 1.
            UnknownNameError: *columns* has a name that is not ours, or a column that is in no row.
        """
        return cls._read("records", enumerate(rows, 1), columns, on_bad_row)

    @classmethod
    def from_csv(
        cls,
        path: str | PathLike[str],
        *,
        columns: Columns | None = None,
        delimiter: str = ",",
        on_bad_row: OnBadRow = "raise",
    ) -> Calls:
        """
        Calls from a CSV file in UTF-8 with a header, as :meth:`from_records`; bad rows are named by their line.

        Raises:
            BadRowsError, UnknownNameError: As :meth:`from_records`.
            InvalidValueError: The file is not in UTF-8.
            OSError: The file cannot be read.
        """
        with _opened(path) as file:
            return cls._read(str(path), csv_rows(file, delimiter), columns, on_bad_row)

    @classmethod
    def from_jsonl(
        cls, path: str | PathLike[str], *, columns: Columns | None = None, on_bad_row: OnBadRow = "raise"
    ) -> Calls:
        """
        Calls from a file with one JSON value a line, as :meth:`from_records`; bad rows are named by their line.

        Raises:
            BadRowsError, UnknownNameError: As :meth:`from_records`.
            InvalidValueError: The file is not in UTF-8.
            OSError: The file cannot be read.
        """
        with _opened(path) as file:
            return cls._read(str(path), json_rows(file), columns, on_bad_row)

    @classmethod
    def _read(
        cls, path: str, rows: Iterable[tuple[int, object]], columns: Columns | None, on_bad_row: OnBadRow
    ) -> Calls:
        if on_bad_row not in ("raise", "set aside"):
            raise UnknownNameError("treatment of bad rows", on_bad_row, ("raise", "set aside"))
        groups, faults = collected(path, rows, columns)
        if faults and on_bad_row == "raise":
            raise BadRowsError(faults, len(faults) + sum(groups.values()))
        return cls(groups, faults)

    # What they are.

    def __len__(self) -> int:
        return sum(self.groups.values())

    @property
    def total(self) -> UsageTotal:
        """The counts of all calls together: for a report, never for a price."""
        sums: dict[str, Exact] = {}
        for call, times in self.groups.items():
            for name, count in call.usage.counted.items():
                sums[name] = sums.get(name, 0) + times * count
        return UsageTotal(len(self), {name: plain(sums[name]) for name in COUNTED if name in sums})

    def percentile(self, count: str, percent: Number) -> Exact | None:
        """
        The least value of *count* that *percent* of the calls do not exceed; None if there is no call.

        Source:
            Nearest rank: the value at place ceil(percent/100 · n), so that it is the count of a call that was made.

        Raises:
            UnknownNameError: There is no such count.
            InvalidValueError: *percent* is not from 0 to 100.
        """
        if count not in COUNTED:
            raise UnknownNameError("count", count, COUNTED)
        values: Counter[Exact] = Counter()
        for call, times in self.groups.items():
            values[call.usage.counted.get(count, 0)] += times
        return _nearest_rank(sorted(values.items()), len(self), percent)

    def __add__(self, other: Calls) -> Calls:
        if not isinstance(other, Calls):
            return NotImplemented
        return Calls(Counter(self.groups) + Counter(other.groups), (*self.set_aside, *other.set_aside))

    def __eq__(self, other: object) -> bool:
        return self.groups == other.groups if isinstance(other, Calls) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.groups.items()))

    def __repr__(self) -> str:
        aside = f", {len(self.set_aside):,} rows set aside" if self.set_aside else ""
        return f"<Calls: {len(self):,} calls, {len(self.groups):,} different{aside}>"

    # What they cost.

    def cost(
        self,
        model: str | Model | None = None,
        *,
        service_tier: str | None = None,
        region: str | None = None,
        catalog: Catalog | PricingRegistry | None = None,
        as_of: date | datetime | str | None = None,
    ) -> CallsCost:
        """
        What the calls cost, each priced by itself.

        A call that *model* could not have answered, since it does not fit into the context window, has too much
        output or a medium that the model does not take, has no cost and is counted with its reason, the first in
        this order. A model that did answer a call is not held to its limits.

        Args:
            model: One model for all calls; None for the model that each call names.
            service_tier: One tier for all; None for the tier that each call names, else ``standard``.
            region: One region for all; None for the region that each call names, as in
                :func:`~llm_tradeoffs.costing.cost`.
            catalog: Where names are looked up; None for the bundled catalog.
            as_of: One day for all, or a moment; None for the day of each call, else the catalog's own.

        Raises:
            UnknownNameError, NoFactOnDateError: The model, tier, region or day that was asked for is not known. Where
                it is the call that names it, the call has no cost.
        """
        return _Pricing(self, model, service_tier=service_tier, region=region, catalog=catalog, as_of=as_of).result()

    def that_fit(
        self,
        model: str | Model,
        *,
        service_tier: str | None = None,
        catalog: Catalog | PricingRegistry | None = None,
        as_of: date | datetime | str | None = None,
    ) -> Calls:
        """The calls to which :meth:`cost` gives a cost with the same arguments."""
        pricing = _Pricing(self, model, service_tier=service_tier, region=None, catalog=catalog, as_of=as_of)
        return Calls({call: times for call, times in self.groups.items() if pricing.add(call, times)}, self.set_aside)

    def as_workload(self, **fields: Any) -> Workload:
        """
        The mean call as a :class:`Workload`, with an assumption that says what a mean hides.

        Args:
            fields: Other fields of the workload, such as ``requests_per_day``; they go before what is computed.

        Raises:
            InvalidValueError: There are no calls, or tiers other than ``standard`` and ``batch``.
        """
        total, number = self.total, len(self)
        if not number:
            raise InvalidValueError("there are no calls, so there is no mean call. Check how they were read.")
        tiers = {call.service_tier or STANDARD for call in self.groups}
        if tiers - {STANDARD, "batch"}:
            raise InvalidValueError(
                f"the calls are of the tiers {', '.join(sorted(tiers))}; a workload knows standard and batch only. "
                "Price the calls themselves with .cost(...)."
            )
        sent, produced = total.counts.get("input_tokens", 0), total.counts.get("output_tokens", 0)
        cached = total.counts.get("cache_read_tokens", 0)
        batched = sum(times for call, times in self.groups.items() if call.service_tier == "batch")
        longest = max(call.usage.input_tokens for call in self.groups)
        described: dict[str, Any] = {
            "input_tokens": divide(sent, number),
            "output_tokens": divide(produced, number),
            "cached_share": divide(cached, sent) if sent else 0,
            "batch_share": divide(batched, number),
            "longest_tokens": longest,
        }
        hidden = f"input_tokens, output_tokens, cached_share: means of {number:,} calls with up to {longest:,} input"
        assumptions = [
            f"{hidden} tokens; prices by length, minimum charges and limits hold per call, so a call priced at the "
            "mean may cost more or less than the calls do."
        ]
        if 0 < batched < number:
            assumptions.append("batch_share: the calls of the batches were taken to be as long as the others.")
        lost = [name for name in total.counts if name not in {"input_tokens", "output_tokens", "cache_read_tokens"}]
        if lost:
            assumptions.append(f"A workload does not count {', '.join(lost)}: such tokens are in their totals only.")
        described["assumptions"] = assumptions
        described.update(fields)
        return Workload(**described)

    def threshold_error(
        self,
        model: str | Model,
        *,
        catalog: Catalog | PricingRegistry | None = None,
        as_of: date | str | None = None,
    ) -> Usd:
        """
        What pricing the mean call misses: the exact cost of the calls less that of as many mean calls. [USD]

        0 where no price depends on the length of a request or on how much of a meter it uses, the calls are of one
        tier, and they have nothing that a workload does not count. Both are priced on one day and without a region,
        whatever the calls name.

        Raises:
            CallsLeftOutError: *model* could not have answered some of the calls; see :meth:`that_fit`.
            UnknownPriceError: A price is not known.
            UnknownNameError, NoFactOnDateError, InvalidValueError: As :meth:`cost` and :meth:`as_workload`.
        """
        alike: Counter[Call] = Counter()
        for call, times in self.groups.items():
            alike[attrs.evolve(call, day=None, region=None)] += times
        total = Calls(alike).cost(model, catalog=catalog, as_of=as_of).total
        resolved, _ = resolve_model(model, catalog, as_of)
        # What the log's tier says was billed, whether or not anybody states that the model has batches.
        mean = workload_cost(attrs.evolve(resolved, supports_batch=None), self.as_workload())
        return total - mean.per_request * len(self)


@contextmanager
def _opened(path: str | PathLike[str]) -> Generator[IO[str]]:
    """A text file in UTF-8; line ends stay as they are, as the CSV reader wants them."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError as problem:
        raise InvalidValueError(f"{path} is not in UTF-8: {problem}. Convert it first.") from None


def _nearest_rank(values: Iterable[tuple[Exact, int]], number: int, percent: Number) -> Exact | None:
    """The value at place ceil(percent/100 · number) of *values*, which come in order with how often they occur."""
    share = exact(percent, "percent")
    if not 0 <= share <= 100:
        raise InvalidValueError(f"percent is {exact_text(share)}; a percentile is from 0 to 100.")
    place = max(1, -int(-share * number // 100))
    for value, times in values:
        place -= times
        if place <= 0:
            return value
    return None


class _Pricing:
    """One pass over calls: each is priced, or left out for a reason."""

    def __init__(
        self,
        calls: Calls,
        model: str | Model | None,
        *,
        service_tier: str | None,
        region: str | None,
        catalog: Catalog | PricingRegistry | None,
        as_of: date | datetime | str | None,
    ) -> None:
        self.calls = calls
        self.asked = model
        self.service_tier = service_tier
        self.region = region
        self.catalog = catalog
        self.as_of = as_of
        self.day = None if as_of is None else as_moment(as_of)[0]
        self.models: dict[tuple[str | int, date | None], Model | LookupError] = {}
        self.bounds: dict[tuple[int, str], tuple[int, ...]] = {}
        self.each: Counter[tuple[Exact, Exact]] = Counter()
        self.lines: dict[tuple[str, str, int, int], tuple[LineItem, Exact]] = {}
        self.buckets: dict[tuple[str, str, int, int | None], list[Exact]] = {}
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.notes: Counter[str] = Counter()
        self._refuse_wrong_question()

    def _refuse_wrong_question(self) -> None:
        """What was asked for by name is refused as a whole; what a call names is a matter of that call."""
        if self.service_tier is not None and self.service_tier not in SERVICE_TIERS:
            raise UnknownNameError("service tier", self.service_tier, SERVICE_TIERS)
        if self.asked is None:
            return
        days = {call.day for call in self.calls.groups}
        own_days = {day for day in days if day is not None}
        try:
            resolved = self._model(self.asked, self.day or min(own_days, default=None))
        except NoFactOnDateError:
            if self.day is None and None not in days:
                return  # on some day of some call nothing is known about the model
            raise
        if self.region is not None and self.region not in resolved.rates.regions:
            raise UnknownNameError("region with a price of its own", self.region, resolved.rates.regions)

    def result(self) -> CallsCost:
        for call, times in self.calls.groups.items():
            self.add(call, times)
        aside = len(self.calls.set_aside)
        return CallsCost(
            calls=len(self.calls),
            lines=self._lines(),
            buckets=self._buckets(),
            left_out=tuple(
                LeftOut(limit=limit, reason=reason, calls=calls)
                for (limit, reason), calls in sorted(self.left_out.items())
            ),
            notes=(
                *(f"{note} ({_number(calls)})" for note, calls in sorted(self.notes.items())),
                *([f"rows of the log that could not be read, and are not among the calls: {aside:,}"] if aside else []),
            ),
            each=tuple((*ends, calls) for ends, calls in sorted(self.each.items())),
        )

    def add(self, call: Call, times: int) -> bool:
        """Price *call*; False if it has no cost."""
        name = call.model if self.asked is None else self.asked
        if name is None:
            return self._leave("model", "the call names no model", times)
        day = self.day or call.day
        try:
            model = self._model(name, day)
            if self.asked is not None and not _answered(call, self.asked, model):
                problem = self._beyond(model, call.usage, times)
                if problem is not None:
                    return self._leave(*problem, times)
            self._price(model, call, day, times)
        except UnknownPriceError as problem:
            return self._leave("price", _sentence(problem), times)
        except (UnknownNameError, NoFactOnDateError, AmbiguousNameError) as problem:
            return self._leave("model", _sentence(problem), times)
        return True

    def _model(self, name: str | Model, day: date | None) -> Model:
        key = (id(name) if isinstance(name, Model) else name, day)
        found = self.models.get(key)
        if found is None:
            try:
                found, _ = resolve_model(name, self.catalog, day)
            except LookupError as problem:
                found = problem
            self.models[key] = found
        if isinstance(found, LookupError):
            raise found
        return found

    def _leave(self, limit: str, reason: str, times: int) -> Literal[False]:
        self.left_out[limit, reason] += times
        return False

    def _beyond(self, model: Model, usage: Usage, times: int) -> tuple[str, str] | None:
        """Why *model* could not have answered a call; None if it could, or if nobody says."""
        counted = usage.counted
        window, most = model.context_window, model.max_output_tokens
        produced = counted.get("output_tokens", 0)
        needed = counted.get("input_tokens", 0) + produced
        if window is None:
            self.notes[f"the context window of {model.id} is unknown, and no call was held against it"] += times
        elif needed > window:
            return "context_window", f"more input and output than the context window of {window:,} tokens"
        if most is not None and produced > most:
            return "max_output_tokens", f"more output than {most:,} tokens, the most in one call"
        if counted.keys() <= _TOTALS:  # no medium is stated
            return None
        for medium, counts in _MEDIA.items():
            if not counted.keys().isdisjoint(counts):
                taken = _takes(model, medium)
                if taken is False:
                    return "input_modalities", f"{medium} input, which the model does not take"
                if taken is None:
                    self.notes[f"whether {model.id} takes {medium} input is unknown"] += times
        for medium, counts in _OUTPUT_MEDIA.items():
            made = model.output_modalities
            if not counted.keys().isdisjoint(counts) and made is not None and medium not in made:
                return "output_modalities", f"{medium} output, which the model does not make"
        return None

    def _price(self, model: Model, call: Call, day: date | None, times: int) -> None:
        tier = self.service_tier or call.service_tier or STANDARD
        region = self.region or call.region
        if self.region is None and region is not None and region not in model.rates.regions:
            self.notes[f"processed in {region!r}, for which {model.id} has no published price of its own"] += times
            region = None
        at = day if self.as_of is None else self.as_of
        bill = cost(model, call.usage, service_tier=tier, region=region, as_of=at)
        low, high = bill.low.pico, bill.high.pico
        self.each[low, high] += times
        for line in bill.lines:
            # By identity: the rates of a card are made once, and comparing them would cost more than pricing.
            key = (line.meter, tier, id(line.rate), id(line.bounds))
            held, quantity = self.lines.get(key, (line, 0))
            self.lines[key] = (held, quantity + times * line.quantity)
        bounds = self._breakpoints(model, tier)
        place = bisect_left(bounds, call.usage.counted.get("input_tokens", 0))
        above = bounds[place - 1] if place else -1
        bucket = self.buckets.setdefault(
            (model.id, tier, above, bounds[place] if place < len(bounds) else None), [0, 0, 0]
        )
        bucket[0] += times
        bucket[1] += times * low
        bucket[2] += times * high

    def _breakpoints(self, model: Model, tier: str) -> tuple[int, ...]:
        key = (id(model), tier)  # the model is held by self.models
        found = self.bounds.get(key)
        if found is None:
            found = self.bounds[key] = model.rates.breakpoints(tier)
        return found

    def _lines(self) -> tuple[LineItem, ...]:
        """The lines of all calls; equal rates of several days are one rate."""
        merged: dict[LineItem, Exact] = {}
        for line, quantity in self.lines.values():
            unit = line.of(1)
            merged[unit] = merged.get(unit, 0) + quantity
        found = [unit.of(plain(quantity)) for unit, quantity in merged.items()]
        return tuple(sorted(found, key=_place_of))

    def _buckets(self) -> tuple[CallsBucket, ...]:
        ordered = sorted(self.buckets.items(), key=lambda item: item[0][:3])
        return tuple(
            CallsBucket(
                model=model,
                service_tier=tier,
                above_input_tokens=None if above < 0 else above,
                up_to_input_tokens=up_to,
                calls=int(calls),
                low=Usd.from_pico(low),
                high=Usd.from_pico(high),
            )
            for (model, tier, above, up_to), (calls, low, high) in ordered
        )


def _answered(call: Call, asked: str | Model, model: Model) -> bool:
    """Whether it was *model* that answered a call."""
    return call.model is not None and call.model in (asked, model.id, *model.aliases)


def _place_of(line: LineItem) -> tuple[Any, ...]:
    """Where a line stands in a bill, whatever the order of the calls was."""
    return (METERS.index(line.meter), line.service_tier, line.rate.pico, str(line), repr(line.rate))


def _sentence(problem: Exception) -> str:
    """The first sentence of an error: what is wrong, without what to do about it."""
    return str(problem).split(". ", 1)[0].rstrip(".")


def _takes(model: Model, medium: str) -> bool | None:
    """Whether a model reads a medium; None if nobody says."""
    if medium == "image" and model.supports_vision is not None:
        return model.supports_vision
    return None if model.input_modalities is None else medium in model.input_modalities
