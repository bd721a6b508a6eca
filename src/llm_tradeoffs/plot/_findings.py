"""The sentence above each chart: what there is to see in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from llm_tradeoffs.money import Exact, Usd
from llm_tradeoffs.plot._theme import count, dollars, listed, times
from llm_tradeoffs.ranges import Range

__all__ = ["breakdown_finding", "latency_finding", "quality_finding", "volume_finding"]


def volume_finding(
    names: Sequence[str], starts: Sequence[Usd], slopes: Sequence[Usd], crossings: Sequence[tuple[Exact, int, int]]
) -> str:
    if len(names) == 1:
        return f"{names[0]} costs {dollars(slopes[0])} a month for each request a day"
    if crossings:
        place, a, b = crossings[-1]
        cheaper = a if slopes[a] < slopes[b] else b
        dearer = b if cheaper == a else a
        wins = f"cheaper than {names[dearer]}" if len(names) == 2 else "the cheapest"
        return f"Beyond {count(int(place))} requests a day {names[cheaper]} is {wins}"
    order = sorted(range(len(names)), key=lambda index: (starts[index], slopes[index]))
    cheapest, next_one = order[0], order[1]
    if slopes[cheapest] == slopes[next_one]:
        return f"{names[cheapest]} and {names[next_one]} cost the same at every volume"
    if slopes[cheapest] and not any(starts):
        factor = times(slopes[next_one] / slopes[cheapest])
        return f"{names[cheapest]} is cheapest at every volume; {names[next_one]} costs {factor} as much"
    return f"{names[cheapest]} is cheapest at every volume shown"


def breakdown_finding(names: Sequence[str], parts: Mapping[tuple[str, str], Exact]) -> str:
    first = names[0]
    mine = {meter: pico for (model, meter), pico in parts.items() if model == first}
    total = sum(mine.values())
    if not total:
        return f"{first} costs nothing"
    meter = max(mine, key=lambda name: mine[name])
    share = round(Fraction(100 * mine[meter]) / Fraction(total))
    cheapest = ", the cheapest" if len(names) > 1 else ""
    return f"{meter[0].upper()}{meter[1:]} is {share} % of the bill of {first}{cheapest}"


def quality_finding(rows: Sequence[Mapping[str, Any]]) -> str:
    front = [row["model"] for row in rows if row["front"]]
    if len(rows) == 1:
        return f"{rows[0]['model']}: {rows[0]['quality']} right"
    if len(front) == 1:
        return f"{front[0]} is cheaper and better than every other"
    if len(front) == len(rows):
        return "Better costs more: no model beats another on both"
    if len(front) > 3:
        return f"{len(front)} of {len(rows)} models are worth a look; the others are beaten on both"
    return f"Worth a look: {listed(front)}; the others are beaten on both"


def latency_finding(known: Mapping[str, Mapping[str, Range]]) -> str:
    whole, first_token = known["whole response [ms]"], known["first token [ms]"]
    title = "whole response [ms]" if len(whole) > 1 or not first_token else "first token [ms]"
    spans = known[title]
    does, tends = ("is done", "be done") if title.startswith("whole") else ("begins", "begin")
    if len(spans) < 2:
        name, span = next(iter(spans.items()))
        takes = f"{Range(span.low, span.high).format(0)} ms"
        return f"{name} is done in {takes}" if title.startswith("whole") else f"{name} begins after {takes}"
    order = sorted(spans, key=lambda name: (spans[name].high, spans[name].low))
    first, second = order[0], order[1]
    if spans[first].high < spans[second].low:
        return f"{first} {does} first, even at its slowest"
    if spans[first] == spans[second]:
        return f"{first} and {second} take the same time"
    return f"{first} tends to {tends} first; the ranges overlap"
