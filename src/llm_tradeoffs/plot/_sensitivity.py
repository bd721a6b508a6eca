"""The tornado."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from llm_tradeoffs.errors import InvalidValueError
from llm_tradeoffs.money import PICO, Exact, Usd, divide, exact_text
from llm_tradeoffs.plot._theme import (
    DOLLARS,
    INK,
    SOFT,
    altair,
    count,
    dollars,
    finished,
    listed,
    number,
    requests_shown,
)
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.show.document import clean

if TYPE_CHECKING:
    from altair import LayerChart

    from llm_tradeoffs.analysis._sensitivity import Bar, Sensitivity

__all__ = ["SensitivityPlots"]

BELOW, ABOVE = "#0072b2", "#c45100"


@attrs.frozen(eq=False, repr=False)
class SensitivityPlots:
    """
    The chart of a sensitivity, as an Altair chart.

    Raises:
        MissingExtraError: The extra ``plot`` is not installed.
        InvalidValueError: There is no bar to draw.
    """

    sensitivity: Sensitivity

    def tornado(self, *, bars: int = 12) -> LayerChart:
        """
        How far each factor alone moves the result, the widest first.

        Args:
            bars: How many are shown, at most.
        """
        alt = altair()
        answer = self.sensitivity
        shown = answer.bars[:bars]
        if not shown:
            raise InvalidValueError("no factor has a range, so there is nothing to draw. " + " ".join(answer.left_out))
        extremes = [answer.base, *(end for bar in shown for end in (bar.least, bar.most))]
        batch = requests_shown(max(max(size, -size) for size in map(_exact, extremes)))
        base = number(_exact(answer.base) * batch)
        names = [clean(_name(bar.factor)) for bar in shown]
        rows: list[dict[str, Any]] = [
            {
                "factor": name,
                "end": end,
                "text": text,
                "side": "left" if end < base else "right",
                "at": f"at {exact_text(bar.low)} to {exact_text(bar.high)} {bar.unit}".rstrip(),
                "cost": text,
            }
            for name, bar in zip(names, shown, strict=True)
            for amount in (_exact(bar.least) * batch, _exact(bar.most) * batch)
            for end, text in ((number(amount), dollars(amount)),)
        ]
        ranges = [
            {"factor": name, "range": f"{name}, {_range(bar.low, bar.high, bar.unit)}"}
            for name, bar in zip(names, shown, strict=True)
        ]
        order = [row["range"] for row in ranges]
        for row in rows:
            row["label"] = order[names.index(str(row["factor"]))]
        ends = [float(str(row["end"])) for row in rows] + [base]
        pad = (max(ends) - min(ends) or abs(base) or 1.0) * 0.28
        y = alt.Y(
            "label:N",
            sort=order,
            title=None,
            axis=alt.Axis(labelColor=INK, labelFontSize=12, ticks=False, domain=False),
        )
        x = alt.X(
            "end:Q",
            title="USD per request" if batch == 1 else f"USD per {batch:,} requests",
            scale=alt.Scale(domain=[min(ends) - pad, max(ends) + pad], nice=False),
            axis=alt.Axis(format=DOLLARS, tickCount=6),
        )
        data = alt.Data(values=rows)
        left, right = "datum.side === 'left'", "datum.side === 'right'"
        chart = alt.Chart(data)
        ink = alt.condition(left, alt.value(BELOW), alt.value(ABOVE))
        layers = [
            chart.mark_bar(height=18, opacity=0.85).encode(
                y=y, x=x, x2=alt.datum(base), color=ink, tooltip=["factor:N", "at:N", "cost:N"]
            ),
            chart.transform_filter(left)
            .mark_text(align="right", dx=-6, color=INK)
            .encode(y=y, x="end:Q", text="text:N"),
            chart.transform_filter(right)
            .mark_text(align="left", dx=6, color=INK)
            .encode(y=y, x="end:Q", text="text:N"),
            alt.Chart(alt.Data(values=[{"end": base}])).mark_rule(color=INK, strokeWidth=1.5).encode(x="end:Q"),
            alt.Chart(alt.Data(values=[{"end": base, "text": f"as it is: {dollars(_exact(answer.base) * batch)}"}]))
            .mark_text(baseline="bottom", dy=-6, color=SOFT)
            .encode(x="end:Q", y=alt.value(0), text="text:N"),
        ]
        figure = alt.layer(*layers).properties(width=480, height=34 * len(shown))
        note = f"{', '.join(answer.models)}: one factor at a time over its range, the others as they are."
        if answer.of == "difference":
            note = f"{answer.models[0]} less {answer.models[1]}: one factor at a time, the others as they are."
        left_out = f"{len(answer.bars) - bars} narrower bars are left out." if len(answer.bars) > bars else ""
        drawn: LayerChart = finished(figure, _finding(answer, shown, names), note, left_out)
        return drawn


def _exact(amount: Usd | Exact) -> Exact:
    return divide(amount.pico, PICO) if isinstance(amount, Usd) else amount


def _finding(answer: Sensitivity, shown: Sequence[Bar], names: Sequence[str]) -> str:
    if answer.of != "difference":
        what = "The cost" if answer.of == "cost" else "The least cost"
        return f"{what} depends most on {_the(names[0])}"
    first, second = answer.models
    if all(_exact(bar.most) < 0 for bar in answer.bars):
        return f"{first} stays cheaper than {second}; the gap depends most on {_the(names[0])}"
    if all(_exact(bar.least) > 0 for bar in answer.bars):
        return f"{second} stays cheaper than {first}; the gap depends most on {_the(names[0])}"
    deciding = [name for name, bar in zip(names, shown, strict=True) if _exact(bar.least) < 0 < _exact(bar.most)]
    if not deciding:  # a bar that only reaches equality, or one that is not shown
        return f"The difference depends most on {_the(names[0])}"
    return f"{listed([*deciding[:3]], 'or')} alone can change which one is cheaper"


def _the(name: str) -> str:
    return f"the {name}" if " of " in name else name


def _name(factor: str) -> str:
    """``price:batch.output_tokens of x`` as people say it."""
    if factor.startswith("price:"):
        field, _, model = factor.removeprefix("price:").partition(" of ")
        tier, _, meter = field.partition(".")
        kind = "" if tier == "standard" else f"{tier} "
        return f"{kind}price of {meter.replace('_', ' ')} of {model}" if model else f"{kind}price of {meter}"
    return factor.replace("_", " ")


def _range(low: object, high: object, unit: str) -> str:
    ends = Range(low, high)  # type: ignore[arg-type]  # exact numbers, which Range takes
    return f"{count(ends.low)} to {count(ends.high)}{' ' + unit if unit else ''}"
