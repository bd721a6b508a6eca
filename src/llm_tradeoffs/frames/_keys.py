"""
Where price lists change their minds: the breakpoints of a catalog, compiled for the engine.

Whoever sorts calls into cells and whoever prices the cells read the same rows, so the two cannot disagree.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from llm_tradeoffs.catalog import Catalog, ModelRecord, turning_days
from llm_tradeoffs.money import Exact
from llm_tradeoffs.pricing import PricingRegistry
from llm_tradeoffs.rates import Price, TimeWindow

__all__ = ["Keys", "Limits", "Slots", "Spans", "compiled", "records_of", "scaled_bound"]

Prices: TypeAlias = Catalog | PricingRegistry

WEEK: Final = 7 * 86_400
_MONDAY: Final = datetime(1970, 1, 5, tzinfo=UTC)  # the first Monday of the epoch


@attrs.frozen
class Spans:
    """
    Stretches of time in which no price list changes.

    Attributes:
        turns: Where one ends and the next begins, ascending; moments in UTC.
    """

    turns: tuple[datetime, ...] = ()

    def start(self, number: int, first: datetime) -> datetime:
        """The first moment of a span that lies in a log which begins at *first*."""
        return first if number == 0 else max(first, self.turns[number - 1])


@attrs.frozen
class Slots:
    """
    Hours of the week between which no price changes while no clock is put forward or back.

    Attributes:
        edges: Where one ends and the next begins, in seconds since Monday 00:00 UTC, ascending; 0 is always one.
    """

    edges: tuple[int, ...] = ()

    def moment(self, slot: int, start: datetime) -> datetime:
        """The first moment from *start* on that lies in a slot. One more than slots means: before the first edge."""
        second = int((start - _MONDAY).total_seconds()) % WEEK
        edge = self.edges[slot]
        if bisect_right(self.edges, second) - 1 == slot:
            return start
        return start.replace(microsecond=0) + timedelta(seconds=(edge - second) % WEEK)


@attrs.frozen
class Limits:
    """
    Lengths above which a call is another matter.

    Attributes:
        input_tokens: Thresholds of prices, ascending. [tokens]
        total_tokens: Context windows of the models asked about, for input and output together. [tokens]
        output_tokens: Their limits on output. [tokens]
    """

    input_tokens: tuple[int, ...] = ()
    total_tokens: tuple[int, ...] = ()
    output_tokens: tuple[int, ...] = ()


@attrs.frozen
class Keys:
    """
    What a call's cell depends on, beside the names that the call states.

    Attributes:
        spans: When prices change.
        slots: The hours, where they matter.
        limits: The lengths.
        present: Counts of which it matters whether a call has any.
        apart: Whether every call stands for itself: some price depends on quantities in a way of its own.
    """

    spans: Spans = Spans()
    slots: Slots = Slots()
    limits: Limits = Limits()
    present: tuple[str, ...] = ()
    apart: bool = False


def records_of(prices: Prices) -> Iterator[ModelRecord]:
    """Everything that is said about any model."""
    if isinstance(prices, Catalog):
        yield from prices.records.values()
        return
    for layer in prices.layers:
        if layer.tenant is None:
            yield from layer.data.records.values()


def change_days(prices: Prices) -> set[date]:
    """Every day on which something that prices a call begins to hold or ceases to."""
    days: set[date] = set()
    if isinstance(prices, Catalog):  # which keeps them
        for name in prices.records:
            days.update(prices.days_of_change(name))
    else:
        for record in records_of(prices):
            days |= turning_days(record)
        for layer in prices.layers:
            for discount in layer.discounts:
                days |= {day for day in (discount.effective_from, discount.effective_until) if day is not None}
    return days


def compiled(prices: Prices, first: date | None, last: date | None, extra: Iterable[Price] = ()) -> Keys:
    """
    The breakpoints of every model's prices for a log.

    Args:
        prices: The catalog or registry.
        first, last: The days of the log; None where they are not known.
        extra: Price rows of models that were written by hand.
    """
    days = sorted(
        day for day in change_days(prices) if (first is None or day > first) and (last is None or day <= last)
    )
    lengths = {
        row.bound
        for rows in (*(record.prices for record in records_of(prices)), tuple(extra))
        for row in rows
        if row.bound is not None and _matters(row, first, last)
    }
    return Keys(
        spans=Spans(tuple(datetime.combine(day, time(), UTC) for day in days)),
        limits=Limits(input_tokens=tuple(sorted(lengths))),
    )


def _matters(row: Price, first: date | None, last: date | None) -> bool:
    ended = first is not None and row.effective_until is not None and row.effective_until <= first
    return not ended and not (last is not None and row.effective_from is not None and row.effective_from > last)


def with_windows(keys: Keys, windows: Iterable[TimeWindow], first: datetime, last: datetime) -> Keys:
    """
    The keys with hours: an edge wherever a window opens or closes by the offsets that its zone has in the log.

    Where a zone puts its clocks forward or back, a span ends, so that within one each window keeps its place.
    """
    edges = {0}
    turns = set(keys.spans.turns)
    for window in windows:
        offsets, moved = _offsets(window.zone, first, last)
        turns |= moved
        for clock in (window.start, window.end):
            at = clock.hour * 3600 + clock.minute * 60 + clock.second + (clock.microsecond > 0)
            edges |= {(at - offset + day * 86_400) % WEEK for offset in offsets for day in range(7)}
        # A new weekday begins at midnight of the zone.
        if len(window.weekdays) < 7:
            edges |= {(day * 86_400 - offset) % WEEK for offset in offsets for day in range(7)}
    return attrs.evolve(keys, spans=Spans(tuple(sorted(turns))), slots=Slots(tuple(sorted(edges))))


def _offsets(zone: str, first: datetime, last: datetime) -> tuple[set[int], set[datetime]]:
    """The offsets of a zone from UTC within a log, and the moments at which they change. [s]"""
    clock = ZoneInfo(zone)

    def offset(moment: datetime) -> int:
        shift = moment.astimezone(clock).utcoffset()
        return 0 if shift is None else int(shift.total_seconds())

    offsets, moved = {offset(first)}, set[datetime]()
    here = first.replace(microsecond=0)
    while here < last:
        step = min(here + timedelta(days=1), last + timedelta(seconds=1))
        if offset(step) != offset(here):
            low, high = here, step
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            moved.add(high)
            offsets.add(offset(high))
        here = step
    return offsets, moved


def scaled_bound(bound: int, ratio: Exact) -> int:
    """The largest whole number that, times *ratio*, is not above *bound*."""
    return int(Fraction(bound) / ratio // 1)


def merged(keys: Keys, limits: Mapping[str, set[int]], present: Iterable[str], *, apart: bool) -> Keys:
    """The keys, made finer."""
    held = keys.limits
    return attrs.evolve(
        keys,
        limits=Limits(
            **{
                name: tuple(sorted({*getattr(held, name), *limits.get(name, ())}))
                for name in ("input_tokens", "total_tokens", "output_tokens")
            }
        ),
        present=tuple(dict.fromkeys((*keys.present, *present))),
        apart=keys.apart or apart,
    )
