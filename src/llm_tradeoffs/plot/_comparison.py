"""Charts of a comparison: what it costs at which volume, what for, how good, how fast, and where each model wins."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs.analysis._pareto import dominates
from llm_tradeoffs.assessment import Assessment
from llm_tradeoffs.costing import workload_cost
from llm_tradeoffs.errors import InvalidValueError, UnknownPriceError
from llm_tradeoffs.money import PICO, Exact, Number, Usd, divide, exact
from llm_tradeoffs.plot import _ink as ink
from llm_tradeoffs.plot._findings import breakdown_finding, latency_finding, quality_finding, volume_finding
from llm_tradeoffs.plot._regions import regions
from llm_tradeoffs.plot._theme import (
    DOLLARS,
    INK,
    LABEL_HEIGHT,
    altair,
    count,
    dollars,
    finished,
    listed,
    number,
    requests_shown,
    scale,
    short,
    times,
)
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import DAYS_PER_MONTH, Workload

if TYPE_CHECKING:
    from altair import HConcatChart, LayerChart

    from llm_tradeoffs.comparison import Comparison

__all__ = ["ComparisonPlots"]

MOST_TURNS: Final = 200
"""A chart of more turns shows nothing more."""

METER_NAMES: Final = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cached input, read",
    "cache_write_5m_tokens": "cached input, written",
    "cache_write_1h_tokens": "cached input, written for an hour",
}


@attrs.frozen(eq=False, repr=False)
class ComparisonPlots:
    """
    The charts of a comparison, each an Altair chart: ``.save("chart.png")`` writes a picture, without a browser.

    Models whose prices, results or times are unknown are named below the title instead of drawn.

    Raises:
        MissingExtraError: Of every chart, if the extra ``plot`` is not installed.
        InvalidValueError: Of every chart that nothing can be drawn in.
    """

    comparison: Comparison

    def _names(self, models: Sequence[Assessment]) -> list[str]:
        """What each of *models* is called: its label, with its id where others have the same one."""
        labels = Counter(short(each.model.label) for each in self.comparison)
        return [
            short(each.model.label)
            if labels[short(each.model.label)] == 1
            else f"{short(each.model.label)} ({each.model.id})"
            for each in models
        ]

    def _absent(self, what: str, models: Sequence[Assessment]) -> str:
        return f"{what}: {', '.join(self._names(models))}. " if models else ""

    @property
    def _workload(self) -> Workload:
        return self.comparison.workload

    def _priced(self) -> tuple[list[Assessment], str]:
        """Those whose cost is known, and a sentence about the others."""
        known = [each for each in self.comparison if each.cost is not None]
        if not known:
            raise InvalidValueError("the cost of every compared model is unknown, so there is no chart of it.")
        return known, self._absent("Cost unknown", [each for each in self.comparison if each.cost is None])

    def _footer(self, what: str = "Prices") -> str:
        return f"{what} of {self.comparison.as_of}, catalog {self.comparison.catalog_edition}."

    def _own(self, each: Assessment, workload: Workload) -> Workload:
        """*workload* in the tokens of one model, as the comparison counted them."""
        ours, theirs = self._workload, each.workload
        sent = divide(theirs.input_tokens, ours.input_tokens) if ours.input_tokens else 1
        produced = divide(theirs.output_tokens, ours.output_tokens) if ours.output_tokens else 1
        if sent == produced == 1:
            return workload
        return attrs.evolve(
            workload, input_tokens=workload.input_tokens * sent, output_tokens=workload.output_tokens * produced
        )

    # Cost against volume.

    def cost_vs_volume(
        self,
        *,
        most_per_day: Number | None = None,
        fixed_per_month: Mapping[str, Usd | Number] | None = None,
        budget_per_month: Usd | Number | None = None,
    ) -> LayerChart:
        """
        What a month costs at every volume, with the volumes marked at which another model becomes the cheapest.

        Without a fixed part, costs per request keep their order at every volume, and the title says so.

        Args:
            most_per_day: Up to which volume; None for twice the stated one, or a little beyond the last break-even.
            fixed_per_month: What a model costs before its first request, by id: a rented machine, a commitment. [USD]
            budget_per_month: Marked as a line, with the volume at which each model exceeds it. [USD]
        """
        alt = altair()
        known, absent = self._priced()
        fixed = {name: _amount(usd, f"the fixed cost of {name}") for name, usd in (fixed_per_month or {}).items()}
        for name in fixed:
            self.comparison[name]  # refuses a name that is not compared
        starts = [next((fixed[name] for name in fixed if self.comparison[name] is each), Usd(0)) for each in known]
        slopes = [self._per_request(each) * DAYS_PER_MONTH for each in known]
        # Among many lines, only where the cheapest one changes is a choice to be made.
        crossings = sorted(
            (place, a, b)
            for place, a, b in (
                (divide((starts[b] - starts[a]).pico, (slopes[a] - slopes[b]).pico), a, b)
                for a, b in combinations(range(len(known)), 2)
                if slopes[a] != slopes[b] and (starts[b] - starts[a]).pico * (slopes[a] - slopes[b]).pico > 0
            )
            if starts[a] + slopes[a] * Fraction(place)
            == min(start + slope * Fraction(place) for start, slope in zip(starts, slopes, strict=True))
        )
        stated = self._workload.requests_in("day")
        most = exact(most_per_day, "most_per_day") if most_per_day is not None else None
        if most is None:
            most = max([2 * (stated or 1_000), *(_round_up(divide(place * 5, 4)) for place, _, _ in crossings)])
        if most <= 0:
            raise InvalidValueError(f"most_per_day is {count(most)}; expected more than 0 requests.")
        names = self._names(known)
        ends = {name: start + slope * Fraction(most) for name, start, slope in zip(names, starts, slopes, strict=True)}
        top = max(number(end) for end in ends.values()) or 1.0
        lines = [
            {"model": name, "x": x, "usd": y, "cost": shown}
            for name, start in zip(names, starts, strict=True)
            for x, y, shown in (
                (0.0, number(start), dollars(start)),
                (number(most), number(ends[name]), dollars(ends[name])),
            )
        ]
        layers = [
            ink.lines(
                alt, lines, x_title="requests per day", y_title="USD a month", most=number(most), top=top, names=names
            ),
            ink.end_labels(
                alt,
                {name: (number(end), f"{name}: {dollars(end)}") for name, end in ends.items()},
                top * 1.08,
                names,
                height=320,
            ),
        ]
        seen = [(place, a, b) for place, a, b in crossings if place <= most]
        for place in sorted({place for place, _, _ in seen}):
            a = next(a for at, a, _ in seen if at == place)
            cost = starts[a] + slopes[a] * Fraction(place)
            text = f"break-even at {count(int(place))} a day"
            layers += ink.mark(alt, number(place), number(cost), text, number(most))
        lasts = ""
        if budget_per_month is not None:
            budget = _amount(budget_per_month, "the budget")
            marks, lasts = self._budget(alt, budget, names, starts, slopes)
            layers += marks
        if stated is not None and 0 < stated <= most:
            layers += ink.vertical(alt, number(stated), f"this workload: {count(stated)} a day")
        chart = alt.layer(*layers).properties(width=ink.WIDTH, height=320)
        finding = volume_finding(names, starts, slopes, seen)
        before = [f"{name} {dollars(start)}" for name, start in zip(names, starts, strict=True) if start]
        paid = f"Before the first request: {', '.join(before)} a month. " if before else ""
        drawn: LayerChart = finished(chart, finding, f"{_unit(self._workload)}. {paid}{lasts}{absent}{self._footer()}")
        return drawn

    def _per_request(self, each: Assessment) -> Usd:
        assert each.cost is not None
        return each.cost.per_request

    def _budget(
        self, alt: Any, budget: Usd, names: Sequence[str], starts: Sequence[Usd], slopes: Sequence[Usd]
    ) -> tuple[list[Any], str]:
        """A line at the budget, and up to which volume it lasts, in words: the marks would cover each other."""
        rows = ink.data([{"usd": number(budget), "text": f"budget: {dollars(budget)} a month"}])
        layers = [
            alt.Chart(rows).mark_rule(strokeDash=[2, 3], color=INK).encode(y="usd:Q"),
            *ink.written(
                alt.Chart(rows).encode(x=alt.value(0), y="usd:Q", text="text:N"), align="left", dx=4, dy=-7, color=INK
            ),
        ]
        lasts = [
            f"{name} never" if start > budget else f"{name} {_whole_requests(budget - start, slope)}"
            for name, start, slope in zip(names, starts, slopes, strict=True)
        ]
        return layers, f"The budget lasts for so many requests a day: {', '.join(lasts)}. "

    # Cost, and what for.

    def cost_breakdown(self) -> LayerChart:
        """What a request is paid for: one bar a model, one colour a meter, the total beside it."""
        alt = altair()
        known, absent = self._priced()
        batch = self._requests_shown(known)
        known = sorted(known, key=self._per_request)
        names = self._names(known)
        parts: dict[tuple[str, str], Exact] = {}
        for name, each in zip(names, known, strict=True):
            assert each.cost is not None
            for line in each.cost.lines:
                what = METER_NAMES.get(line.meter, line.meter.replace("_", " "))
                key = (name, what if line.service_tier == "standard" else f"{what}, {line.service_tier}")
                parts[key] = parts.get(key, 0) + line.amount.pico
        meters = list(dict.fromkeys(meter for _, meter in parts))
        rows: list[dict[str, Any]] = [
            {
                "model": model,
                "meter": meter,
                "usd": number(divide(pico * batch, PICO)),
                "cost": dollars(divide(pico * batch, PICO)),
                "order": meters.index(meter),
            }
            for (model, meter), pico in parts.items()
        ]
        totals: list[dict[str, Any]] = [
            {
                "model": name,
                "usd": number(self._per_request(each) * batch),
                "text": dollars(self._per_request(each) * batch),
            }
            for name, each in zip(names, known, strict=True)
        ]
        room = 1.18 * max(total["usd"] for total in totals) or 1.0
        y = alt.Y(
            "model:N",
            sort=names,
            title=None,
            axis=alt.Axis(labelColor=INK, labelFontSize=12, ticks=False, domain=False),
        )
        bars = (
            alt.Chart(ink.data(rows))
            .mark_bar(height=24)
            .encode(
                y=y,
                x=alt.X(
                    "usd:Q",
                    title=_per(self._workload, batch),
                    scale=alt.Scale(domain=[0, room]),
                    axis=alt.Axis(format=DOLLARS),
                ),
                color=alt.Color(
                    "meter:N",
                    scale=scale(alt, meters),
                    legend=alt.Legend(orient="top", title=None, labelLimit=300, labelColor=INK, labelFontSize=12),
                ),
                order="order:Q",
                tooltip=["model:N", "meter:N", "cost:N"],
            )
        )
        labels = (
            alt.Chart(ink.data(totals))
            .mark_text(align="left", dx=6, color=INK, fontWeight=600)
            .encode(y=y, x="usd:Q", text="text:N")
        )
        chart = alt.layer(bars, labels).properties(width=520, height=44 * len(names))
        drawn: LayerChart = finished(
            chart, breakdown_finding(names, parts), f"{_unit(self._workload)}. {absent}{self._footer()}"
        )
        return drawn

    def _requests_shown(self, known: Sequence[Assessment]) -> int:
        """Of how many requests the cost is shown, so that it has digits that people read."""
        return requests_shown(divide(max(self._per_request(each) for each in known).pico, PICO))

    # Cost against quality.

    def cost_vs_quality(self) -> LayerChart:
        """What a request costs against how often it is right; a line joins those that no other one dominates."""
        alt = altair()
        known, absent = self._priced()
        judged = [(each, each.quality.percent) for each in known]
        rated = [(each, percent) for each, percent in judged if percent is not None]
        if not rated:
            raise InvalidValueError(
                "no result speaks for this work for any of the compared models, so there is no chart of quality. "
                "State one: Model(..., scores={'mmlu': '72-75 %'})."
            )
        unrated = self._absent("Quality unknown", [each for each, percent in judged if percent is None])
        batch = self._requests_shown([each for each, _ in rated])
        costs = [self._per_request(each).pico for each, _ in rated]
        spans = [((cost, cost), (-percent.high, -percent.low)) for cost, (_, percent) in zip(costs, rated, strict=True)]
        front = [not any(dominates(other, span) for other in spans) for span in spans]
        rows: list[dict[str, Any]] = [
            {
                "model": name,
                "usd": number(self._per_request(each) * batch),
                "low": number(percent.low),
                "high": number(percent.high),
                "middle": number(divide(percent.low + percent.high, 2)),
                "front": on_front,
                "label": name if on_front else f"{name} (dominated)",
                "cost": dollars(self._per_request(each) * batch),
                "quality": _percent(percent),
            }
            for name, (each, percent), on_front in zip(
                self._names([each for each, _ in rated]), rated, front, strict=True
            )
        ]
        rows.sort(key=lambda row: (row["usd"], row["middle"]))
        most = max(row["usd"] for row in rows)
        wide = most > 30 * min(row["usd"] for row in rows) > 0
        x = alt.X(
            "usd:Q",
            title=_per(self._workload, batch) + (", logarithmic" if wide else ""),
            scale=alt.Scale(type="log", padding=40) if wide else alt.Scale(domain=[0, most * 1.35]),
            axis=alt.Axis(format=DOLLARS),
        )
        floor, ceiling = min(row["low"] for row in rows), max(row["high"] for row in rows)
        pad = max(2.0, (ceiling - floor) * 0.15)
        label_height = (ceiling - floor + 2 * pad) * LABEL_HEIGHT / 340
        heights = alt.Scale(domain=[max(0.0, floor - pad), min(100.0, ceiling + pad)], zero=False)
        heading = f"right answers on {self._benchmark()} [%]"
        y = alt.Y("low:Q", title=heading, scale=heights)
        middle = alt.Y("middle:Q", title=heading, scale=heights)
        base = alt.Chart(ink.data(rows)).encode(x=x, tooltip=["model:N", "cost:N", "quality:N"])
        colour = alt.condition("datum.front", alt.value("#0072b2"), alt.value("#8a909c"))
        rim, words = ink.point_labels(alt, rows, most=most, height=label_height, wide=wide)
        layers = [
            base.transform_filter("datum.front")
            .mark_line(color="#0072b2", opacity=0.45, strokeDash=[4, 3])
            .encode(y=middle),
            base.mark_rule(strokeWidth=3, opacity=0.5).encode(y=y, y2="high:Q", color=colour),
            rim,
            base.mark_point(filled=True, size=70, opacity=1).encode(y=middle, color=colour),
            words,
        ]
        chart = alt.layer(*layers).properties(width=560, height=340)
        finding = quality_finding(rows)
        note = "A bar spans what sources state."
        if len(rows) > 1:
            note += " The line joins the models that no other one beats on both."
        drawn: LayerChart = finished(
            chart, finding, f"{_unit(self._workload)}. {note} {absent}{unrated}{self._footer('Facts')}"
        )
        return drawn

    def _benchmark(self) -> str:
        try:
            return self.comparison.row("quality").label.partition(" on ")[2] or "the benchmark of the task"
        except LookupError:
            return "the benchmark of the task"

    # Latency.

    def latency(self) -> HConcatChart:
        """Time to the first token and to the last one, each as the range that sources state."""
        alt = altair()
        compared = list(self.comparison)
        names = self._names(compared)
        panels: list[Any] = []
        known: dict[str, dict[str, Range]] = {}
        for title, field in (("first token [ms]", "ttft"), ("whole response [ms]", "total")):
            spans: dict[str, Range | None] = {
                name: getattr(each.latency, field) for name, each in zip(names, compared, strict=True)
            }
            known[title] = {name: span for name, span in spans.items() if span is not None}
            panels.append(ink.ranges(alt, names, spans, title, first=not panels))
        if not any(known.values()):
            raise InvalidValueError(
                "no source states how fast any of the compared models is, so there is no chart of it."
            )
        chart = alt.hconcat(*panels, spacing=28)
        drawn: HConcatChart = finished(
            chart, latency_finding(known), f"{_unit(self._workload)}. {self._footer('Facts')}"
        )
        return drawn

    # A conversation, turn by turn.

    def cost_by_turn(self) -> LayerChart:
        """What each turn of the conversation costs, as its history grows."""
        alt = altair()
        turns = min(self._workload.turns, MOST_TURNS)
        if turns < 2:
            raise InvalidValueError(
                "the workload is a single request. Say workload.with_(turns=10) for a conversation."
            )
        known, absent = self._priced()
        rows: list[dict[str, Any]] = []
        ends: dict[str, tuple[float, str]] = {}
        growth: list[tuple[str, Fraction]] = []
        batch = self._requests_shown(known)
        names = self._names(known)
        for name, each in zip(names, known, strict=True):
            whole = [
                workload_cost(each.model, self._own(each, self._workload.with_(turns=turn))).per_request
                for turn in range(1, turns + 1)
            ]
            costs = [whole[0], *(later - earlier for earlier, later in pairwise(whole))]
            rows += [
                {"model": name, "x": turn, "usd": number(cost * batch), "cost": dollars(cost * batch)}
                for turn, cost in enumerate(costs, start=1)
            ]
            ends[name] = (number(costs[-1] * batch), f"{name}: {dollars(costs[-1] * batch)}")
            if costs[0]:
                growth.append((name, costs[-1] / costs[0]))
        top = max(row["usd"] for row in rows) or 1.0
        layers = [
            ink.lines(
                alt,
                rows,
                x_title="turn of the conversation",
                y_title=_per(None, batch, "turn"),
                most=turns,
                top=top,
                names=names,
                points=True,
            ),
            ink.end_labels(alt, ends, top * 1.08, names, height=300),
        ]
        chart = alt.layer(*layers).properties(width=ink.WIDTH, height=300)
        name, factor = max(growth, key=lambda pair: pair[1]) if growth else (names[0], Fraction(1))
        finding = (
            f"With {name}, turn {turns} costs {times(factor)} as much as the first one"
            if self._workload.history_resent and factor > 1
            else "Every turn costs the same, since no history is sent again"
        )
        cut = f" The first {turns} turns of {self._workload.turns}." if turns < self._workload.turns else ""
        drawn: LayerChart = finished(chart, finding, f"{_unit(self._workload)}.{cut} {absent}{self._footer()}")
        return drawn

    # Where each model wins.

    def cheapest_by_tokens(
        self, *, most_input_tokens: Number | None = None, most_output_tokens: Number | None = None
    ) -> LayerChart:
        """
        For which requests which model is cheapest: an area of input and output tokens a model, with exact borders.

        Args:
            most_input_tokens, most_output_tokens: How far the axes go; None for four times the workload's. [tokens]
        """
        alt = altair()
        known, absent = self._priced()
        work = self._workload.with_(turns=1)
        across = (
            exact(most_input_tokens, "most_input_tokens") if most_input_tokens is not None else 4 * work.input_tokens
        )
        up = (
            exact(most_output_tokens, "most_output_tokens")
            if most_output_tokens is not None
            else 4 * work.output_tokens
        )
        across, up = across or 1_000, up or 1_000
        if across < 0 or up < 0:
            raise InvalidValueError("an axis goes from 0 up to a number of tokens above it.")

        names = self._names(known)
        prices = {name: self._price_of(each, work) for name, each in zip(names, known, strict=True)}
        found = regions(prices, across, up, [self._bounds(each, work) for each in known])
        winners = [name for name in names if any(names[region.winner] == name for region in found)]
        layers: list[Any] = [ink.areas(alt, found, names, number(across), number(up))]
        layers += ink.area_labels(alt, found, names, (number(across), number(up)), (520, 380))
        if 0 < work.input_tokens <= across and 0 < work.output_tokens <= up:
            here = [{"x": number(work.input_tokens), "y": number(work.output_tokens), "text": "this workload"}]
            dot = alt.Chart(ink.data(here)).encode(x="x:Q", y="y:Q")
            layers += [
                dot.mark_point(filled=True, size=60, color=INK, opacity=1),
                *ink.written(dot.encode(text="text:N"), align="left", dx=8, color=INK),
            ]
        chart = alt.layer(*layers).properties(width=520, height=380)
        finding = (
            f"{winners[0]} is cheapest for every request here"
            if len(winners) == 1
            else f"Which is cheapest depends on the request: {listed(winners, 'or')}"
        )
        losers = [name for name in names if name not in winners]
        never = f"Nowhere cheapest: {', '.join(losers)}. " if losers and len(winners) > 1 else ""
        drawn: LayerChart = finished(
            chart, finding, f"One request, standard tier and the workload's shares. {never}{absent}{self._footer()}"
        )
        return drawn

    def _price_of(self, each: Assessment, work: Workload) -> Callable[[Exact, Exact], Exact]:
        def price(sent: Exact, produced: Exact) -> Exact:
            mine = self._own(each, work.with_(input_tokens=sent, output_tokens=produced, instruction_tokens=0))
            try:
                return workload_cost(each.model, mine).per_request.pico
            except UnknownPriceError as problem:
                raise InvalidValueError(f"{each.model.label} has no price in a part of this area: {problem}") from None

        return price

    def _bounds(self, each: Assessment, work: Workload) -> list[Exact]:
        """At which inputs, in the tokens of the workload, another price row of a model begins to hold."""
        own = self._own(each, work)
        ratio = divide(own.input_tokens, work.input_tokens) if work.input_tokens else 1
        bounds = {bound for tier in ("standard", "batch") for bound in each.model.rates.breakpoints(tier)}
        return [divide(bound, ratio) for bound in sorted(bounds)]


def _whole_requests(budget: Usd, slope: Usd) -> str:
    """For how many whole requests a day an amount lasts."""
    return count(int(budget / slope)) if slope else "any number"


def _round_up(volume: Exact) -> int:
    """The end of an axis: a whole number of two digits and zeros, not below *volume*."""
    step: int = 10 ** max(0, len(str(math.ceil(volume))) - 2)
    return math.ceil(divide(volume, step)) * step


def _percent(percent: Range) -> str:
    ends = count(percent.low) if percent.low == percent.high else f"{count(percent.low)}-{count(percent.high)}"
    return f"{ends} %"


def _amount(value: Usd | Number, what: str) -> Usd:
    amount = value if isinstance(value, Usd) else Usd(value)
    if amount < Usd(0):
        raise InvalidValueError(f"{what} is {amount}; nothing costs less than nothing.")
    return amount


def _unit(workload: Workload) -> str:
    tokens = f"{count(workload.input_tokens)} tokens in, {count(workload.output_tokens)} out"
    kind = f"conversation of {workload.turns} turns, each" if workload.turns > 1 else "request of"
    return f"{workload.title or workload.name or 'Workload'}: a {kind} {tokens}"


def _per(workload: Workload | None, batch: int, unit: str = "") -> str:
    unit = unit or ("conversation" if workload is not None and workload.turns > 1 else "request")
    return f"USD per {unit}" if batch == 1 else f"USD per {batch:,} {unit}s"
