"""What a priced log says about money: what drives it, and what was left on the table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final

import attrs

from llm_tradeoffs._edges import several_names
from llm_tradeoffs.calls import LeftOut
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.costing import LineItem, usd_text
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.frames._cells import Cell, Cells, Problem
from llm_tradeoffs.frames._columns import Columns
from llm_tradeoffs.frames._price import WhatIf, cells
from llm_tradeoffs.frames._pricing import Bucket, Pricer, Target, held_prices, lines_of
from llm_tradeoffs.frames._results import FrameCost, GroupCost, Money, amount, frame_of
from llm_tradeoffs.money import Exact, Number, Usd, divide, exact, exact_text, fixed, plain
from llm_tradeoffs.pricing import PricingRegistry
from llm_tradeoffs.rates import STANDARD
from llm_tradeoffs.usage import billed_once

__all__ = [
    "Driver",
    "Drivers",
    "Forgone",
    "ForgoneGroup",
    "Savings",
    "between",
    "drivers",
    "rollup",
    "savings",
]

METER: Final = "meter"
"""A name that costs can be grouped by besides those of the log: the lines of the bill."""


def as_names(by: str | Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """
    What to group by, as names.

    Raises:
        UnknownNameError: One of them is not known.
        InvalidTypeError: *by* is no name and no names.
    """
    names = (by,) if isinstance(by, str) else several_names(by, "by", "('model', 'tenant')")
    for name in names:
        if name not in known:
            raise UnknownNameError("name that the log is grouped by", name, known)
    return tuple(dict.fromkeys(names))


def left_outs(counted: Mapping[Problem, int]) -> tuple[LeftOut, ...]:
    """Calls without an answer, the most frequent reason first."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(LeftOut(limit=limit, reason=reason, calls=calls) for (limit, reason), calls in ordered if calls)


def _span(low: Usd, high: Usd) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _named(group: Mapping[str, Any]) -> str:
    return ", ".join("(none)" if value is None else str(value) for value in group.values()) or "all"


def _percent(share: Exact | None) -> str:
    return "?" if share is None else f"{fixed(plain(share * 100), 1)} %"


def priced(result: object, what: str) -> FrameCost:
    if not isinstance(result, FrameCost):
        raise InvalidTypeError(
            f"{what} of a {type(result).__name__} are not known; price the log first: frames.price(log, by=...) or "
            "frames.price_cells(cells, catalog)."
        )
    return result


# Rollups.


def rollup(result: FrameCost, by: str | Sequence[str] = ()) -> FrameCost:
    """
    The same costs by fewer of the names that the log was grouped by.

    Nothing is priced again: the sums of the groups are added up, so the total stays the same to the last digit.

    Args:
        result: What the log cost.
        by: Some of ``result.by``; ``()`` for one group of everything.

    Raises:
        UnknownNameError: The log was not grouped by that name.
    """
    held = priced(result, "rollups")
    names = as_names(by, held.by)
    places = [held.by.index(name) for name in names]
    buckets: dict[tuple[Any, ...], list[Bucket]] = {}
    left: dict[tuple[Any, ...], Counter[Problem]] = {}
    calls: Counter[tuple[Any, ...]] = Counter()
    for group in held.groups:
        values = tuple(group.group.values())
        key = tuple(values[place] for place in places)
        calls[key] += group.calls
        buckets.setdefault(key, []).extend(group._buckets)  # pyright: ignore[reportPrivateUsage]  # one package
        for missing in group.left_out:
            left.setdefault(key, Counter())[missing.limit, missing.reason] += missing.calls
    groups = tuple(
        GroupCost(
            group=dict(zip(names, key, strict=True)),
            calls=number,
            left_out=left_outs(left.get(key, {})),
            buckets=tuple(buckets.get(key, ())),
        )
        for key, number in sorted(calls.items(), key=lambda item: _order(item[0]))
    )
    return FrameCost(names, groups, held.notes, _regrouped(held.cells, names))


def _order(group: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((value is None, type(value).__name__ if value is not None else "", value or 0) for value in group)


def _regrouped(held: Cells, names: tuple[str, ...]) -> Cells:
    places = [held.by.index(name) for name in names]
    return attrs.evolve(
        held, by=names, cells=[_with(cell, group=tuple(cell.group[place] for place in places)) for cell in held.cells]
    )


def _with(cell: Cell, **changes: Any) -> Cell:
    """A cell with some of its attributes changed."""
    return Cell(**{name: changes.get(name, getattr(cell, name)) for name in Cell.__slots__})


def between(log: Cells, first: date | str, last: date | str) -> Cells:
    """
    The calls of some days of a log that is grouped by day.

    Args:
        log: Cells by ``day`` and whatever else.
        first, last: The days, both included.

    Raises:
        UnknownNameError: The cells are not grouped by day.
        InvalidValueError: *last* is before *first*.
    """
    if not isinstance(log, Cells):
        raise InvalidTypeError(f"the days of a {type(log).__name__} cannot be picked; expected Cells by day.")
    as_names("day", log.by)
    start, end = as_day(first), as_day(last)
    if end < start:
        raise InvalidValueError(f"the last day, {end}, is before the first one, {start}.")
    place = log.by.index("day")
    return attrs.evolve(
        log, cells=[cell for cell in log.cells if cell.group[place] is not None and start <= cell.group[place] <= end]
    )


# Drivers.


@attrs.frozen(kw_only=True)
class Driver:
    """
    A part of the cost.

    Attributes:
        group: The values it stands for, by name.
        calls: How many calls are in it, those without a cost included.
        low, high: What its priced calls cost, at least and at most. [USD]
        share: Its part of the whole, of what it may cost at most; None where all cost nothing. [0..1]
        cumulative_share: The same of this one and all larger ones together. [0..1]
    """

    group: Mapping[str, Any]
    calls: int
    low: Usd
    high: Usd
    share: Exact | None
    cumulative_share: Exact | None

    def to_dict(self) -> dict[str, Any]:
        """The driver in plain types, exact numbers as text."""
        return {
            "group": {
                name: value.isoformat() if isinstance(value, date) else value for name, value in self.group.items()
            },
            "calls": self.calls,
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "share": None if self.share is None else exact_text(self.share),
            "cumulative_share": None if self.cumulative_share is None else exact_text(self.cumulative_share),
        }

    def __str__(self) -> str:
        return (
            f"{_named(self.group)}: {_span(self.low, self.high)}, {_percent(self.share)} "
            f"(with all above {_percent(self.cumulative_share)})"
        )


@attrs.frozen(kw_only=True, repr=False)
class Drivers:
    """
    What a cost consists of, the largest part first.

    Attributes:
        by: What the parts are by.
        parts: The parts, in descending order of what they cost.
        calls: How many calls there are, those without a cost included.
        low, high: What the priced calls cost together. [USD]
        left_out: The calls without a cost, which are in no share.
        notes: What was assumed, one sentence each.
    """

    by: tuple[str, ...]
    parts: tuple[Driver, ...]
    calls: int
    low: Usd
    high: Usd
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()
    _kind: Any = attrs.field(default=None, eq=False, alias="kind")

    def __iter__(self) -> Iterator[Driver]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, place: int) -> Driver:
        return self.parts[place]

    def pareto(self, share: Number = Fraction(4, 5)) -> tuple[Driver, ...]:
        """
        The fewest parts that make up at least *share* of the cost, the largest first.

        Args:
            share: How much of the cost, four fifths if nothing is said. [0..1]

        Raises:
            InvalidValueError: It is not from 0 to 1.
        """
        wanted = as_share(share, "share")
        found: list[Driver] = []
        reached: Exact = 0
        for part in self.parts:
            if reached >= wanted or part.cumulative_share is None:
                break
            found.append(part)
            reached = part.cumulative_share
        return tuple(found)

    def to_frame(self, money: Money = "decimal") -> Any:
        """
        The parts as a frame of the kind that was priced.

        Returns:
            One row per part, largest first, with the columns it is by, ``calls``, ``cost_low_usd``, ``cost_high_usd``,
            and ``share`` and ``cumulative_share`` as exact text.

        Raises:
            InexactFrameError: An amount is no whole number of pico-dollars and *money* is ``"decimal"``.
        """
        columns: dict[str, list[Any]] = {name: [part.group[name] for part in self.parts] for name in self.by}
        columns["calls"] = [part.calls for part in self.parts]
        columns["cost_low_usd"] = [amount(part.low, money) for part in self.parts]
        columns["cost_high_usd"] = [amount(part.high, money) for part in self.parts]
        for name in ("share", "cumulative_share"):
            values = [getattr(part, name) for part in self.parts]
            columns[name] = [None if value is None else exact_text(value) for value in values]
        return frame_of(columns, self._kind)

    def to_dict(self) -> dict[str, Any]:
        """The parts in plain types, exact numbers as text."""
        return {
            "by": list(self.by),
            "calls": self.calls,
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "parts": [part.to_dict() for part in self.parts],
            "left_out": [attrs.asdict(left) for left in self.left_out],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        shown = self.parts[:20]
        more = len(self.parts) - len(shown)
        return "\n".join(
            [
                f"{_span(self.low, self.high)} by {', '.join(self.by) or 'nothing'}",
                *(f"  {part}" for part in shown),
                *([f"  and {more:,} smaller parts"] if more else []),
                *(f"  not priced: {left}" for left in self.left_out),
                *(f"  note: {note}" for note in self.notes),
            ]
        )

    def __repr__(self) -> str:
        return f"<Drivers: {len(self.parts):,} parts of {_span(self.low, self.high)}>"


def as_share(value: Number, name: str) -> Exact:
    """A share as an exact number. Raises ``InvalidValueError`` if it is not from 0 to 1."""
    share = exact(value, name)
    if not 0 <= share <= 1:
        raise InvalidValueError(f"{name} is {exact_text(share)}; a share is from 0 to 1.")
    return share


def drivers(result: FrameCost, by: str | Sequence[str] | None = None) -> Drivers:
    """
    What the money went on: the parts of a cost in descending order, with exact shares.

    Args:
        result: What the log cost.
        by: Some of ``result.by``, and ``"meter"`` for the lines of the bill (fresh input, cache reads, output ...);
            None for all of ``result.by``.

    Raises:
        UnknownNameError: The log was not grouped by that name.
    """
    held = priced(result, "drivers")
    names = as_names(held.by if by is None else by, (*held.by, METER))
    grouped = rollup(held, [name for name in names if name != METER])
    found: list[tuple[Mapping[str, Any], int, Usd, Usd]] = []
    for group in grouped.groups:
        if METER not in names:
            found.append((group.group, group.calls, group.low, group.high))
            continue
        of: dict[str, list[Usd]] = {}
        for line in group.lines:
            ends = of.setdefault(line.meter, [Usd(0), Usd(0)])
            ends[0] += line.low
            ends[1] += line.high
        for meter, (low, high) in of.items():
            named = {**group.group, METER: meter}
            found.append(({name: named[name] for name in names}, group.calls, low, high))
    found.sort(key=lambda part: (-part[3].pico, -part[2].pico, _order(tuple(part[0].values()))))
    whole = held.high.pico
    parts: list[Driver] = []
    reached: Exact = 0
    for values, calls, low, high in found:
        reached += high.pico
        parts.append(
            Driver(
                group=values,
                calls=calls,
                low=low,
                high=high,
                share=divide(high.pico, whole) if whole else None,
                cumulative_share=divide(reached, whole) if whole else None,
            )
        )
    notes = held.notes
    if held.low != held.high:
        notes = (*notes, "some rates lie between two; shares and order are of what the calls cost at most")
    return Drivers(
        by=names,
        parts=tuple(parts),
        calls=held.calls,
        low=held.low,
        high=held.high,
        left_out=held.left_out,
        notes=notes,
        kind=held.cells.kind,
    )


# Savings forgone.


@attrs.frozen(kw_only=True)
class ForgoneGroup:
    """
    What one group could have saved.

    Attributes:
        group: The values of the group.
        calls: The calls that it could have saved on.
        low, high: What they could have saved, at least and at most; equal where every rate is published. [USD]
    """

    group: Mapping[str, Any]
    calls: int
    low: Usd
    high: Usd

    def __str__(self) -> str:
        return f"{_named(self.group)}: {_span(self.low, self.high)} ({self.calls:,} calls)"


@attrs.frozen(kw_only=True, repr=False)
class Forgone:
    """
    What could have been saved in one way.

    Attributes:
        what: ``"caching"`` or ``"batching"``.
        assumption: What is assumed of the calls, in one sentence.
        groups: The groups, in the order of their values.
        calls: The calls that could have been cheaper.
        low, high: What they could have saved together, at least and at most; equal where every rate is published.
            [USD]
        left_out: The calls that this cannot be answered for, or that it does not concern, by reason.
    """

    what: str
    assumption: str
    groups: tuple[ForgoneGroup, ...]
    calls: int
    low: Usd
    high: Usd
    left_out: tuple[LeftOut, ...]

    @property
    def saved(self) -> Usd:
        """
        What could have been saved, exactly. [USD]

        Raises:
            InvalidValueError: A rate lies between two; read :attr:`low` and :attr:`high`.
        """
        if self.low != self.high:
            raise InvalidValueError(
                f"what {self.what} would have saved lies between {self.low} and {self.high}, since a rate is not "
                "published. Read .low and .high."
            )
        return self.low

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain types, amounts as exact decimal strings."""
        return {
            "what": self.what,
            "assumption": self.assumption,
            "calls": self.calls,
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "groups": [
                {
                    "group": dict(group.group),
                    "calls": group.calls,
                    "low_usd": usd_text(group.low),
                    "high_usd": usd_text(group.high),
                }
                for group in self.groups
            ],
            "left_out": [attrs.asdict(left) for left in self.left_out],
        }

    def __str__(self) -> str:
        return "\n".join(
            [
                f"by {self.what}: {_span(self.low, self.high)} ({self.calls:,} calls)",
                f"  assumed: {self.assumption}",
                *(f"  {group}" for group in self.groups if group.group),
                *(f"  not in it: {left}" for left in self.left_out),
            ]
        )

    def __repr__(self) -> str:
        return f"<Forgone by {self.what}: {_span(self.low, self.high)}>"


@attrs.frozen(kw_only=True, repr=False)
class Savings:
    """
    What the same calls could have cost less. The two answers are alternatives and must not be added up.

    Attributes:
        actual_low, actual_high: What the priced calls cost. [USD]
        caching: Had input been read from a cache.
        batching: Had calls waited for a batch.
    """

    actual_low: Usd
    actual_high: Usd
    caching: Forgone
    batching: Forgone

    def to_dict(self) -> dict[str, Any]:
        """The answers in plain types."""
        return {
            "actual_low_usd": usd_text(self.actual_low),
            "actual_high_usd": usd_text(self.actual_high),
            "caching": self.caching.to_dict(),
            "batching": self.batching.to_dict(),
        }

    def __str__(self) -> str:
        cost = _span(self.actual_low, self.actual_high)
        return f"of {cost} could have been saved, one way or the other:\n{self.caching}\n{self.batching}"

    def __repr__(self) -> str:
        return f"<Savings of {_span(self.actual_low, self.actual_high)}: {self.caching!r}, {self.batching!r}>"


def savings(
    log: object,
    catalog: Catalog | PricingRegistry | None = None,
    *,
    cached_share: Number = 1,
    batch_share: Number = 1,
    as_of: date | str | None = None,
    by: str | Sequence[str] = (),
    columns: Columns | None = None,
) -> Savings:
    """
    What was given away by not caching and by not batching.

    Caching: the same calls, had *cached_share* of the input that was neither cached nor a medium been read from a
    cache. With the whole of it, and nothing paid for filling the cache, no caching can save more: an upper bound.
    Batching: the same calls, had *batch_share* of those of the standard tier been served in the batch tier.

    Args:
        log: A table as for :func:`llm_tradeoffs.frames.price`, or its cells. Cells that mix calls with and without
            some count are finer if they are made with ``under=WhatIf(service_tier="batch")``; for another day, name
            that *as_of* there, too.
        catalog: Where prices are looked up; None for the bundled catalog.
        cached_share: Which part of the fresh input would have been read from a cache; all for an upper bound. [0..1]
        batch_share: Which part of the cost of calls in the standard tier could have waited. [0..1]
        as_of: One day whose prices hold for all calls, such as the last one of which batch prices are recorded; None
            for the day of each call.
        by: What a table is grouped by.
        columns: Which columns of a table state what.

    Raises:
        InvalidValueError: A share is not from 0 to 1.
    """
    cached, waiting = as_share(cached_share, "cached_share"), as_share(batch_share, "batch_share")
    prices = held_prices(catalog)
    if isinstance(log, FrameCost):
        raise InvalidTypeError(
            "the prices behind a FrameCost are not in it; give its cells and the catalog: result.cells."
        )
    day = None if as_of is None else as_day(as_of)
    targets = (Target(as_of=day), Target(as_of=day, service_tier="batch"))
    made = (
        log
        if isinstance(log, Cells)
        else cells(log, prices, by=by, columns=columns, under=WhatIf(service_tier="batch", as_of=day))
    )
    pricers = [Pricer(prices, target, checked=made.checked, hours=False) for target in targets]
    caching = _Tally(made.by)
    batching = _Tally(made.by)
    low: Exact = 0
    high: Exact = 0
    for cell in made.cells:
        now = _alone(pricers[0], cell)
        if isinstance(now, LeftOut):
            caching.leave(cell, (now.limit, now.reason))
            batching.leave(cell, (now.limit, now.reason))
            continue
        ends = now.picos()
        low, high = low + ends[0], high + ends[1]
        caching.take(cell, *_by_caching(pricers[0], cell, now, cached))
        batching.take(cell, *_by_batching(pricers[1], cell, now, waiting))
    some = "all" if cached == 1 else f"{_percent(cached)}"
    bound = "an upper bound: " if cached == 1 else ""
    return Savings(
        actual_low=Usd.from_pico(plain(low)),
        actual_high=Usd.from_pico(plain(high)),
        caching=caching.forgone(
            "caching",
            f"{bound}{some} of the input that was neither cached nor a medium is read from a cache, at the model's "
            "price for that, and filling the cache costs nothing",
        ),
        batching=batching.forgone(
            "batching",
            f"{'all' if waiting == 1 else _percent(waiting)} of the calls of the standard tier can wait for a batch",
        ),
    )


def _alone(pricer: Pricer, cell: Cell) -> Bucket | LeftOut:
    """What one cell costs."""
    ((_, found),) = pricer.buckets([cell])
    return found


_Saved = tuple[Exact, Exact]


def _by_caching(pricer: Pricer, cell: Cell, now: Bucket, share: Exact) -> tuple[_Saved | None, Problem | None]:
    fresh = billed_once(cell.counts).get("input_tokens", 0)
    rate = now.plan.rates["cache_read_tokens"]
    bounds = now.plan.bounds.get("cache_read_tokens")
    row = rate.price if rate is not None else None if bounds is None else bounds.high.price
    if row is None or row.meter != "cache_read_tokens":
        return None, ("cache", f"{now.model} has no published price for cache reads in the tier {now.tier}")
    read = plain(cell.counts.get("cache_read_tokens", 0) + fresh * share)
    then = _alone(pricer, _with(cell, counts={**cell.counts, "cache_read_tokens": read} if read else cell.counts))
    if isinstance(then, LeftOut):
        return None, (then.limit, then.reason)
    saved = _difference(now, then)
    if saved[0] < 0:
        return None, ("cache", f"reading from a cache may cost more than fresh input on {now.model}")
    return saved, None


def _by_batching(pricer: Pricer, cell: Cell, now: Bucket, share: Exact) -> tuple[_Saved | None, Problem | None]:
    if now.tier != STANDARD:
        return None, ("service_tier", f"served in the tier {now.tier}")
    then = _alone(pricer, cell)
    if isinstance(then, LeftOut):
        return None, (then.limit, then.reason)
    low, high = _difference(now, then)
    if low < 0:
        return None, ("price", f"a batch may cost more than the standard tier on {now.model}")
    return (plain(low * share), plain(high * share)), None


def _difference(now: Bucket, then: Bucket) -> _Saved:
    """What is saved, at least and at most: a line that both bills have counts with the difference of its quantities."""
    quantities: dict[LineItem, Exact] = {}
    for bucket, sign in ((now, 1), (then, -1)):
        for line in lines_of([bucket]):
            unit = line.of(1)
            quantities[unit] = quantities.get(unit, 0) + sign * line.quantity
    low: Exact = 0
    high: Exact = 0
    for unit, quantity in quantities.items():
        ends = (quantity * unit.low.pico, quantity * unit.high.pico)
        low, high = low + min(ends), high + max(ends)
    return plain(low), plain(high)


class _Tally:
    """Adds up what could have been saved, by group."""

    def __init__(self, by: tuple[str, ...]) -> None:
        self.by = by
        self.found: dict[tuple[Any, ...], list[Exact]] = {}
        self.left: Counter[Problem] = Counter()

    def leave(self, cell: Cell, problem: Problem) -> None:
        self.left[problem] += cell.calls

    def take(self, cell: Cell, saved: _Saved | None, problem: Problem | None) -> None:
        if saved is None:
            assert problem is not None
            self.leave(cell, problem)
            return
        held = self.found.setdefault(cell.group, [0, 0, 0])
        held[0] += cell.calls
        held[1] += saved[0]
        held[2] += saved[1]

    def forgone(self, what: str, assumption: str) -> Forgone:
        groups = tuple(
            ForgoneGroup(
                group=dict(zip(self.by, group, strict=True)),
                calls=int(calls),
                low=Usd.from_pico(plain(low)),
                high=Usd.from_pico(plain(high)),
            )
            for group, (calls, low, high) in sorted(self.found.items(), key=lambda item: _order(item[0]))
        )
        return Forgone(
            what=what,
            assumption=assumption,
            groups=groups,
            calls=sum(group.calls for group in groups),
            low=sum((group.low for group in groups), Usd(0)),
            high=sum((group.high for group in groups), Usd(0)),
            left_out=left_outs(self.left),
        )
