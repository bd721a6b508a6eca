"""Where the cost of a log is going: the rest of a month or the next days, and the day on which a budget is used up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final, cast

import attrs

from llm_tradeoffs.calls import LeftOut
from llm_tradeoffs.costing import usd_text
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.frames._insight import priced, rollup
from llm_tradeoffs.frames._results import FrameCost, GroupCost
from llm_tradeoffs.money import Exact, Number, Usd, divide, plain

__all__ = ["Projection", "project"]

_DAY: Final = timedelta(days=1)
_WEEK: Final = 7


@attrs.frozen(kw_only=True, repr=False)
class Projection:
    """
    Where a cost is going.

    Attributes:
        first, last: The period, both days included.
        spent: What the days of the log in it cost. [USD]
        expected: The whole period: what was spent, and the rest at the mean of each weekday. [USD]
        low, high: The same with the rest as in the cheapest and in the dearest of the weeks. [USD]
        days: For each day of the period what it cost or is expected to, and whether the log has it.
        weeks: How many whole weeks the means are of.
        budget: What may be spent in the period; None if nobody said. [USD]
        used_up_on: The day on which the expected cost reaches the budget; None if it does not in the period.
        used_up_earliest, used_up_latest: The same as in the dearest and as in the cheapest week.
        assumptions: What was assumed, one sentence each.
        left_out: Calls of the log without a cost, which are in no number.
    """

    first: date
    last: date
    spent: Usd
    expected: Usd
    low: Usd
    high: Usd
    days: tuple[tuple[date, Usd, bool], ...]
    weeks: int
    budget: Usd | None
    used_up_on: date | None
    used_up_earliest: date | None
    used_up_latest: date | None
    assumptions: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    def to_dict(self) -> dict[str, Any]:
        """The projection in plain types, amounts as exact text."""

        def told(day: date | None) -> str | None:
            return None if day is None else day.isoformat()

        return {
            "first": told(self.first),
            "last": told(self.last),
            "spent_usd": usd_text(self.spent),
            "expected_usd": usd_text(self.expected),
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "days": [{"day": told(day), "usd": usd_text(usd), "in_log": seen} for day, usd, seen in self.days],
            "weeks": self.weeks,
            "budget_usd": None if self.budget is None else usd_text(self.budget),
            "used_up_on": told(self.used_up_on),
            "used_up_earliest": told(self.used_up_earliest),
            "used_up_latest": told(self.used_up_latest),
            "assumptions": list(self.assumptions),
            "left_out": [attrs.asdict(left) for left in self.left_out],
        }

    def __str__(self) -> str:
        lines = [
            f"{self.first} to {self.last}: about {_about(self.expected)}, {_about(self.low)} to {_about(self.high)} as "
            f"the weeks differ; {_about(self.spent)} of it is spent"
        ]
        if self.budget is not None and self.used_up_on is None:
            maybe = "" if self.used_up_earliest is None else f", but as early as {self.used_up_earliest} in dear weeks"
            lines.append(f"  the budget of {self.budget} lasts{maybe}")
        elif self.budget is not None:
            ends = [
                str(self.used_up_earliest),
                "after the period" if self.used_up_latest is None else str(self.used_up_latest),
            ]
            lines.append(f"  the budget of {self.budget} is used up on {self.used_up_on} ({ends[0]} to {ends[1]})")
        return "\n".join(
            [
                *lines,
                *(f"  assumed: {assumption}" for assumption in self.assumptions),
                *(f"  not priced: {left}" for left in self.left_out),
            ]
        )

    def __repr__(self) -> str:
        return f"<Projection of {self.first} to {self.last}: {self.low:.2f} to {self.high:.2f}>"


def _about(usd: Usd) -> str:
    return f"{usd:.2f}"


def project(
    result: FrameCost,
    period: int | str | tuple[date | str, date | str] = 30,
    *,
    budget: Usd | Number | None = None,
) -> Projection:
    """
    What a period will cost if the weeks go on as they did, and when a budget is used up.

    A day to come is expected to cost the mean of its weekday over the whole weeks of the log, counted back from its
    last day. The interval is that of the weeks: all days to come times what the cheapest, or dearest, week cost over
    the mean week. All is exact; nothing is rounded before it is printed.

    Args:
        result: What a log cost, by ``day`` and whatever else.
        period: A month, such as ``"2026-04"``; a first and a last day; or how many days after the log. [days]
        budget: What may be spent in the period. [USD]

    Raises:
        UnknownNameError: The log is not grouped by day.
        InvalidValueError: The log holds less than one whole week, or the period ends before the log does.
    """
    held = rollup(priced(result, "projections"), "day")
    costs = {group.group["day"]: group for group in held.groups if group.group["day"] is not None}
    if not costs:
        raise InvalidValueError("the log has no day, so nothing can be projected from it.")
    begin, end = min(costs), max(costs)
    weeks = ((end - begin).days + 1) // _WEEK
    if not weeks:
        raise InvalidValueError(
            f"the log goes from {begin} to {end}; a mean for each weekday needs at least 7 days. Take a longer log."
        )
    first, last = _period(period, end)
    if last < first or last <= end:
        raise InvalidValueError(
            f"the period from {first} to {last} leaves nothing to project: the log goes until {end}. Name a later day."
        )
    used = [end - _DAY * back for back in range(weeks * _WEEK)]
    picos = {day: costs[day].high.pico if day in costs else 0 for day in used}
    means: list[Exact] = [0] * _WEEK
    for day, pico in picos.items():
        means[day.weekday()] += pico
    means = [divide(total, weeks) for total in means]
    of_weeks = [sum(picos[day] for day in used[start : start + _WEEK]) for start in range(0, len(used), _WEEK)]
    mean_week = sum(means)
    least, most = (divide(pico, mean_week) if mean_week else 0 for pico in (min(of_weeks), max(of_weeks)))
    days: list[tuple[date, Usd, bool]] = []
    day = first
    while day <= last:
        seen = begin <= day <= end
        pico = (costs[day].high.pico if day in costs else 0) if seen else means[day.weekday()]
        days.append((day, Usd.from_pico(plain(pico)), seen))
        day += _DAY
    spent = sum((usd for _, usd, seen in days if seen), Usd(0))
    rest = sum((usd for _, usd, seen in days if not seen), Usd(0))
    limit = None if budget is None else budget if isinstance(budget, Usd) else Usd(budget)
    if limit is not None and limit < Usd(0):
        raise InvalidValueError(f"the budget is {limit}; it cannot be negative.")

    def gone(times: Exact) -> date | None:
        return None if limit is None else _used_up(days, limit, times)

    return Projection(
        first=first,
        last=last,
        spent=spent,
        expected=spent + rest,
        low=spent + rest * least,
        high=spent + rest * most,
        days=tuple(days),
        weeks=weeks,
        budget=limit,
        used_up_on=gone(1),
        used_up_earliest=gone(most),
        used_up_latest=gone(least),
        assumptions=tuple(_assumed((begin, end), first, weeks, costs.values())),
        left_out=held.left_out,
    )


def _assumed(log: tuple[date, date], first: date, weeks: int, groups: Iterable[GroupCost]) -> Iterator[str]:
    begin, end = log
    many = "1 whole week" if weeks == 1 else f"{weeks} whole weeks"
    used = end - _DAY * (weeks * _WEEK - 1)
    yield f"each day to come costs the mean of its weekday over the last {many} of the log, {used} to {end}"
    yield f"the log is complete from {begin} to {end}: a day without calls cost nothing, and the last day is over"
    if weeks == 1:
        yield "there is one week only, so the interval says nothing about how weeks differ"
    if first < begin:
        yield f"the days from {first} on that lie before the log, which begins on {begin}, cost their weekday's mean"
    if any(group.low != group.high for group in groups):
        yield "where a rate lies between two, the higher one was taken"


def _used_up(days: Sequence[tuple[date, Usd, bool]], budget: Usd, times: Exact) -> date | None:
    total: Exact = 0
    for day, usd, seen in days:
        total += usd.pico if seen else usd.pico * times
        if total >= budget.pico and total:
            return day
    return None


def _period(period: object, end: date) -> tuple[date, date]:
    if isinstance(period, str):
        try:
            first = date.fromisoformat(f"{period}-01")
        except ValueError:
            raise InvalidValueError(f"the period is {period!r}; name a month such as '2026-04', or two days.") from None
        return first, (first + _DAY * 31).replace(day=1) - _DAY
    if isinstance(period, int) and not isinstance(period, bool):
        if not 1 <= period <= 3660:
            raise InvalidValueError(f"the period is {period} days; project from 1 to 3,660 days ahead.")
        return end + _DAY, end + _DAY * period
    if isinstance(period, tuple) and len(cast("tuple[object, ...]", period)) == 2:
        start, stop = cast("tuple[date | str, date | str]", period)  # as_day refuses what is no day
        return as_day(start), as_day(stop)
    raise InvalidTypeError(f"the period is {period!r}; expected a month, two days or a number of days.")
