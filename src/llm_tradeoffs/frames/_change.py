"""
Why a bill changed: price, volume, mix and token length, which add up to the difference to the last digit.

The cost of a period is volume × Σ share × mean cost of a call, over segments: calls of one model, tier, region and
group. The mean cost of a call of a segment follows from how long its calls are (its cells, with their thresholds and
parts) and from the price list. So a cost has four factors, and each can be taken from either period: sixteen costs, of
which two are the bills. The effect of a factor is its Shapley value: the mean, over all 24 orders in which the four
could have changed one after the other, of what its own change did. No order is preferred, the four add up exactly, and
a factor that did not change has an effect of 0.

What has no counterpart is defined so: a segment that one period lacks keeps its lengths and prices there, so that its
coming or going is mix; if a whole period has no calls, all is volume.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from math import factorial
from typing import Any, Final, Literal, TypeAlias

import attrs

from llm_tradeoffs.calls import LeftOut
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.costing import usd_text
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.frames._cells import Cell, Cells, Problem
from llm_tradeoffs.frames._insight import as_names, left_outs
from llm_tradeoffs.frames._pricing import Bucket, Pricer, Prices, Target, held_prices
from llm_tradeoffs.money import Exact, Usd, decimal_of, divide, plain
from llm_tradeoffs.pricing import PricingRegistry

__all__ = ["Change", "Effects", "GroupChange", "change"]

FACTORS: Final = ("price", "volume", "mix", "length")
_TIMES: Final = ("day", "month")

_Ends: TypeAlias = tuple[Exact, Exact]
_Status: TypeAlias = Literal["both", "new", "vanished"]


@attrs.frozen(kw_only=True)
class Effects:
    """
    A difference between two costs, split.

    Attributes:
        price: For the price lists: the same calls at other rates. [USD]
        volume: For the number of calls. [USD]
        mix: For the shares that models, tiers, regions and groups have of the calls. [USD]
        length: For how long calls are, and which part of them is cached, reasoning, a medium ... [USD]
    """

    price: Usd
    volume: Usd
    mix: Usd
    length: Usd

    @property
    def total(self) -> Usd:
        """The whole difference. [USD]"""
        return self.price + self.volume + self.mix + self.length

    def to_dict(self) -> dict[str, str]:
        """The effects as exact decimal strings."""
        return {f"{name}_usd": usd_text(getattr(self, name)) for name in (*FACTORS, "total")}

    def __str__(self) -> str:
        return ", ".join(f"{name} {_signed(getattr(self, name))}" for name in FACTORS)


def _signed(usd: Usd) -> str:
    """An amount for a person: with its sign, and to a millionth of a dollar where its decimals never end."""
    size, sign = abs(usd), "-" if usd < Usd(0) else "+" if usd else ""
    return f"{sign}{size}" if decimal_of(size.as_fraction()) is not None else f"about {sign}${size:.6f}"


@attrs.frozen(kw_only=True)
class GroupChange:
    """
    What became of one group.

    Attributes:
        group: Its values.
        status: ``both``, ``new`` or ``vanished``: in which of the periods it has priced calls.
        calls_before, calls_after: Its priced calls.
        before_low, before_high, after_low, after_high: What they cost. [USD]
        low, high: The difference of the low ends, and of the high ends, split.
    """

    group: Mapping[str, Any]
    status: _Status
    calls_before: int
    calls_after: int
    before_low: Usd
    before_high: Usd
    after_low: Usd
    after_high: Usd
    low: Effects
    high: Effects

    def __str__(self) -> str:
        named = ", ".join("(none)" if value is None else str(value) for value in self.group.values()) or "all"
        status = "" if self.status == "both" else f", {self.status}"
        split = str(self.low) if self.low == self.high else f"at least {self.low}; at most {self.high}"
        return f"{named}{status}: {_signed(self.high.total)} ({split})"


@attrs.frozen(kw_only=True, repr=False)
class Change:
    """
    The difference between what two periods cost, split into four effects that add up to it exactly.

    Attributes:
        by: What the groups are by.
        before_low, before_high, after_low, after_high: What the priced calls of the periods cost. [USD]
        calls_before, calls_after: How many priced calls they have.
        low, high: The split of the difference of the low ends, and of the high ends; equal where all rates are
            published.
        groups: The same for each group, the largest change first; their effects add up to those of the whole.
        left_out_before, left_out_after: The calls without a cost, which are in no number.
        notes: What was assumed, one sentence each.
    """

    by: tuple[str, ...]
    before_low: Usd
    before_high: Usd
    after_low: Usd
    after_high: Usd
    calls_before: int
    calls_after: int
    low: Effects
    high: Effects
    groups: tuple[GroupChange, ...]
    left_out_before: tuple[LeftOut, ...]
    left_out_after: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def effects(self) -> Effects:
        """
        The split of the difference.

        Raises:
            InvalidValueError: Some rate lies between two; read :attr:`low` and :attr:`high`.
        """
        if self.low != self.high:
            raise InvalidValueError(
                "some rate is not published and lies between two, so the change has two ends. Read .low and .high."
            )
        return self.low

    def to_dict(self) -> dict[str, Any]:
        """The split in plain types, amounts as exact decimal strings."""
        return {
            "by": list(self.by),
            **{
                f"{name}_usd": usd_text(getattr(self, name))
                for name in ("before_low", "before_high", "after_low", "after_high")
            },
            "calls_before": self.calls_before,
            "calls_after": self.calls_after,
            "low": self.low.to_dict(),
            "high": self.high.to_dict(),
            "groups": [
                {
                    "group": {
                        name: value.isoformat() if isinstance(value, date) else value
                        for name, value in group.group.items()
                    },
                    "status": group.status,
                    "calls_before": group.calls_before,
                    "calls_after": group.calls_after,
                    "low": group.low.to_dict(),
                    "high": group.high.to_dict(),
                }
                for group in self.groups
            ],
            "left_out_before": [attrs.asdict(left) for left in self.left_out_before],
            "left_out_after": [attrs.asdict(left) for left in self.left_out_after],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        ends = [("", self.high)] if self.low == self.high else [(" (low end)", self.low), (" (high end)", self.high)]
        costs = [
            str(low) if low == high else f"{low} to {high}"
            for low, high in ((self.before_low, self.before_high), (self.after_low, self.after_high))
        ]
        lines = [f"{costs[0]} ({self.calls_before:,} calls) became {costs[1]} ({self.calls_after:,} calls)"]
        for which, effects in ends:
            lines.append(f"  change{which}: {_signed(effects.total)}")
            lines += [f"    {name}: {_signed(getattr(effects, name))}" for name in FACTORS]
        shown = self.groups[:20] if self.by else ()
        lines += [f"  {group}" for group in shown]
        if self.by and len(self.groups) > len(shown):
            lines.append(f"  and {len(self.groups) - len(shown):,} more groups")
        lines += [f"  not priced before: {left}" for left in self.left_out_before]
        lines += [f"  not priced after: {left}" for left in self.left_out_after]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        return f"<Change of {_signed(self.high.total)}: {self.high}>"


def change(
    before: Cells,
    after: Cells,
    catalog: Catalog | PricingRegistry | None = None,
    *,
    by: str | Sequence[str] | None = None,
    before_catalog: Catalog | PricingRegistry | None = None,
    before_as_of: date | str | None = None,
    after_as_of: date | str | None = None,
) -> Change:
    """
    Why one period cost more than another, in four effects that add up to the difference exactly.

    Args:
        before, after: The cells of the periods: of two tables, or of one by :func:`between`. Both by the same names.
            Each is priced at the prices of the other, too. Where a threshold of length began to hold in between, make
            the cells of both with ``under=WhatIf(as_of=...)``, which tells the lengths of all days apart.
        catalog: Where prices are looked up; None for the bundled catalog.
        by: Which groups the effects are shown for, of the names of the cells except ``day`` and ``month``; None for
            all of them.
        before_catalog: The prices of the first period, where another price list held then.
        before_as_of, after_as_of: One day whose prices hold for all calls of a period; None for the day of each call.

    Raises:
        InvalidValueError: The cells are not by the same names.
        UnknownNameError: They are not by that name.
    """
    for period, log in (("before", before), ("after", after)):
        if not isinstance(log, Cells):
            raise InvalidTypeError(
                f"{period} is a {type(log).__name__}; expected Cells: frames.cells(log, catalog, by=...), or the "
                ".cells of a result."
            )
    if before.by != after.by:
        raise InvalidValueError(f"the periods are grouped by {before.by} and by {after.by}; group both alike.")
    names = [name for name in before.by if name not in _TIMES]
    wanted = tuple(names) if by is None else as_names(by, names)
    now = held_prices(catalog)
    then = now if before_catalog is None else held_prices(before_catalog)
    periods = (_Period(before, then, before_as_of, names), _Period(after, now, after_as_of, names))
    split = _Split(periods)
    return split.change(wanted, names)


class _Segment:
    """Calls of one model, tier, region and group in one period: the cells, and the days whose prices they have."""

    __slots__ = ("calls", "cells", "cost", "versions")

    def __init__(self) -> None:
        self.calls = 0
        self.cells: list[tuple[Cell, _Ends]] = []
        self.cost: list[Exact] = [0, 0]
        self.versions: dict[object, list[Any]] = {}

    def add(self, cell: Cell, ends: _Ends, version: object, day: date | None) -> None:
        self.calls += cell.calls
        self.cells.append((cell, ends))
        self.cost[0] += ends[0]
        self.cost[1] += ends[1]
        self.versions.setdefault(version, [day, 0])[1] += cell.calls


class _Period:
    """One period: its priced cells in segments, and its price lists."""

    def __init__(self, log: Cells, prices: Prices, as_of: date | str | None, names: Sequence[str]) -> None:
        self.prices = prices
        self.fixed = None if as_of is None else as_day(as_of)
        self.checked = log.checked
        self.pricer = self._pricer()
        self.segments: dict[tuple[Any, ...], _Segment] = {}
        self.left: Counter[Problem] = Counter()
        places = [(name, log.by.index(name)) for name in names]
        for cell in log.cells:
            found = cost_alone(self.pricer, cell)
            if isinstance(found, LeftOut):
                self.left[found.limit, found.reason] += cell.calls
                continue
            # By the model that was billed: an alias in one period and the id in the other are one model.
            group = tuple(found.model if name == "model" else cell.group[place] for name, place in places)
            key = (group, found.model, found.tier, cell.region)
            day = self._day(cell)
            self.segments.setdefault(key, _Segment()).add(cell, found.picos(), self._version(cell, day), day)
        self.calls = sum(segment.calls for segment in self.segments.values())
        self.notes = log.notes

    def _pricer(self) -> Pricer:
        return Pricer(self.prices, Target(as_of=self.fixed), checked=self.checked, hours=False)

    def _day(self, cell: Cell) -> date | None:
        if self.fixed is not None:
            return self.fixed
        return cell.at.date() if isinstance(cell.at, datetime) else cell.at

    def _version(self, cell: Cell, day: date | None) -> object:
        """What stays the same as long as no price of the cell's model changes."""
        assert cell.model is not None  # it was priced
        asked = self.prices.as_of if day is None else day
        changes = self.prices.days_of_change(cell.model, asked)
        return self.prices.resolve(cell.model, asked), sum(turn <= asked for turn in changes)

    def priced(self, cell: Cell, segment: _Segment | None) -> _Ends | None:
        """
        What a cell of the other period would have cost in this one; None if there was no price for it.

        Where prices changed within the period, the mean over the calls of the segment.
        """
        if segment is None:
            return None
        sums: list[Exact] = [0, 0]
        for day, calls in segment.versions.values():
            found = cost_alone(self.pricer, _moved(cell, day))
            if isinstance(found, LeftOut):
                return None
            for end, pico in enumerate(found.picos()):
                sums[end] += pico * calls
        return divide(sums[0], segment.calls), divide(sums[1], segment.calls)


def cost_alone(pricer: Pricer, cell: Cell) -> Bucket | LeftOut:
    """What one cell costs, or why it has no cost."""
    ((_, found),) = pricer.buckets([cell])
    return found


def _moved(cell: Cell, day: date | None) -> Cell:
    """The same calls on another day; at the same hour of the week where the cell knows its hour."""
    at: date | datetime | None = day
    if isinstance(cell.at, datetime) and day is not None:
        ahead = (cell.at.weekday() - day.weekday()) % 7
        at = cell.at + (day + timedelta(days=ahead) - cell.at.date())
    return Cell(cell.group, cell.model, cell.service_tier, cell.region, at, cell.calls, cell.counts, None, cell.spread)


class _Split:
    """The sixteen costs of each segment, and the Shapley values of the four factors."""

    def __init__(self, periods: tuple[_Period, _Period]) -> None:
        self.periods = periods
        self.held: Counter[str] = Counter()
        self.keys = list(dict.fromkeys([*periods[0].segments, *periods[1].segments]))

    def _means(self, key: tuple[Any, ...]) -> tuple[tuple[tuple[Exact, Exact], ...], tuple[tuple[Exact, Exact], ...]]:
        """The mean cost of a call, [low or high][lengths of a period][prices of a period]."""
        sides = [period.segments.get(key) for period in self.periods]
        table: list[list[list[Exact]]] = [[[0, 0], [0, 0]], [[0, 0], [0, 0]]]
        for mine, side in enumerate(sides):
            if side is None:
                continue
            other = 1 - mine
            crossed: list[Exact] = [0, 0]
            for cell, ends in side.cells:
                found = self.periods[other].priced(cell, sides[other])
                if found is None:
                    found = ends
                    if sides[other] is not None:
                        self.held[key[1]] += cell.calls
                crossed = [total + pico for total, pico in zip(crossed, found, strict=True)]
            for end in (0, 1):
                table[end][mine][mine] = divide(side.cost[end], side.calls)
                table[end][mine][other] = divide(crossed[end], side.calls)
        for mine, side in enumerate(sides):
            if side is None:  # its lengths and prices are those of the other period
                there = 1 - mine
                for end in (0, 1):
                    mean = table[end][there][there]
                    table[end] = [[mean, mean], [mean, mean]]
        low, high = (tuple((row[0], row[1]) for row in table[end]) for end in (0, 1))
        return low, high

    def effects(self, key: tuple[Any, ...]) -> tuple[Effects, Effects]:
        """The effects of one segment, at the low and at the high end."""
        volumes = [period.calls for period in self.periods]
        calls = [period.segments[key].calls if key in period.segments else 0 for period in self.periods]
        shares = [divide(held, volume) if volume else None for held, volume in zip(calls, volumes, strict=True)]
        # Where a whole period is without calls, the shares are those of the other: all is volume.
        own = [share if share is not None else shares[1 - place] for place, share in enumerate(shares)]
        low, high = (_shapley(volumes, own, mean) for mean in self._means(key))
        return low, high

    def change(self, wanted: tuple[str, ...], names: Sequence[str]) -> Change:
        """The whole answer."""
        places = [names.index(name) for name in wanted]
        groups: dict[tuple[Any, ...], list[tuple[tuple[Any, ...], Effects, Effects]]] = {}
        for key in self.keys:
            group = tuple(key[0][place] for place in places)
            groups.setdefault(group, []).append((key, *self.effects(key)))
        made = [self._group(dict(zip(wanted, group, strict=True)), held) for group, held in groups.items()]
        made.sort(key=lambda group: (-abs(group.high.total).pico, str(group.group)))
        whole = self._group({}, [entry for held in groups.values() for entry in held])
        before, after = self.periods
        return Change(
            by=wanted,
            before_low=whole.before_low,
            before_high=whole.before_high,
            after_low=whole.after_low,
            after_high=whole.after_high,
            calls_before=before.calls,
            calls_after=after.calls,
            low=whole.low,
            high=whole.high,
            groups=tuple(made),
            left_out_before=left_outs(before.left),
            left_out_after=left_outs(after.left),
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterator[str]:
        yield (
            "each effect is a Shapley value: the mean over all orders in which price, volume, mix and length could "
            "have changed"
        )
        yield from dict.fromkeys((*self.periods[0].notes, *self.periods[1].notes))
        if any(
            len(segment.versions) > 1
            for period in self.periods
            for key, segment in period.segments.items()
            if key in self.periods[0].segments and key in self.periods[1].segments
        ):
            yield "prices changed within a period; calls of the other period are held against the mean of its prices"
        for model, calls in sorted(self.held.items()):
            yield f"{calls:,} calls of {model} had no price in the other period, and kept their own there"

    def _group(self, group: Mapping[str, Any], held: Sequence[tuple[tuple[Any, ...], Effects, Effects]]) -> GroupChange:
        sides: list[tuple[int, Usd, Usd]] = []
        for period in self.periods:
            found = [period.segments[key] for key, _, _ in held if key in period.segments]
            low, high = (Usd.from_pico(plain(sum(segment.cost[end] for segment in found))) for end in (0, 1))
            sides.append((sum(segment.calls for segment in found), low, high))
        before, after = sides
        status: _Status = "new" if not before[0] else "vanished" if not after[0] else "both"
        return GroupChange(
            group=group,
            status=status,
            calls_before=before[0],
            calls_after=after[0],
            before_low=before[1],
            before_high=before[2],
            after_low=after[1],
            after_high=after[2],
            low=_added([low for _, low, _ in held]),
            high=_added([high for _, _, high in held]),
        )


def _added(effects: Sequence[Effects]) -> Effects:
    return Effects(
        **{name: Usd.from_pico(plain(sum(getattr(effect, name).pico for effect in effects))) for name in FACTORS}
    )


def _shapley(volumes: Sequence[Exact], shares: Sequence[Exact | None], means: Sequence[Sequence[Exact]]) -> Effects:
    """The Shapley values of price, volume, mix and length in volume × share × mean cost."""
    costs: dict[tuple[int, ...], Exact] = {}
    for taken in product((0, 1), repeat=len(FACTORS)):
        price, volume, mix, length = taken
        costs[taken] = volumes[volume] * (shares[mix] or 0) * means[length][price]
    count = len(FACTORS)
    found: dict[str, Usd] = {}
    for place, name in enumerate(FACTORS):
        total: Exact = 0
        for taken, cost in costs.items():
            if taken[place]:
                continue
            changed = (*taken[:place], 1, *taken[place + 1 :])
            first = sum(taken)  # so many changed before this one
            orders = factorial(first) * factorial(count - 1 - first)
            total += orders * (costs[changed] - cost)
        found[name] = Usd.from_pico(plain(divide(total, factorial(count))))
    return Effects(**found)
