"""Marks and labels that several charts are drawn with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from llm_tradeoffs.plot._regions import Region
from llm_tradeoffs.plot._theme import COLOURS, COUNTS, DOLLARS, INK, LABEL_HEIGHT, SOFT, altair, number, scale, spread
from llm_tradeoffs.ranges import Range

__all__ = [
    "WIDTH",
    "area_labels",
    "areas",
    "data",
    "end_labels",
    "lines",
    "mark",
    "point_labels",
    "ranges",
    "vertical",
    "written",
]

COLOUR_OF_RANGES: Final = "#0072b2"
RIM: Final[Mapping[str, Any]] = {"color": "white", "stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}
"""Of words that cross lines."""
LETTER_WIDTH: Final = 8
"""About what a bold letter of a label takes. [px]"""
WIDTH: Final = 560
"""Of a chart of lines. [px]"""


def data(rows: Sequence[Mapping[str, Any]]) -> Any:
    return altair().Data(values=[dict(row) for row in rows])


def written(chart: Any, **how: Any) -> list[Any]:
    """Words that stay readable where they cross a line: on a rim of white."""
    return [chart.mark_text(**{**how, **RIM}), chart.mark_text(**how)]


def lines(
    alt: Any,
    rows: Sequence[Mapping[str, Any]],
    *,
    x_title: str,
    y_title: str,
    most: float,
    top: float,
    names: Sequence[str],
    points: bool = False,
) -> Any:
    """A line for each model through its rows' x and usd; numbered points from 1 on where *points* is said."""
    chart = alt.Chart(data(rows))
    few = points and most <= 20  # each has its tick
    again = len(names) > len(COLOURS)  # the colours begin again, dashed
    dashes = [[1, 0] if index < len(COLOURS) else [6, 3] for index in range(len(names))]
    dash = {"strokeDash": alt.StrokeDash("model:N", scale=alt.Scale(domain=list(names), range=dashes), legend=None)}
    return chart.mark_line(strokeWidth=2.5, point={"size": 30} if points else False).encode(
        **(dash if again else {}),
        x=alt.X(
            "x:Q",
            title=x_title,
            scale=alt.Scale(domain=[1 if points else 0, most], nice=False),
            axis=alt.Axis(format=COUNTS, grid=False, **({"values": [*range(1, int(most) + 1)]} if few else {})),
        ),
        y=alt.Y("usd:Q", title=y_title, scale=alt.Scale(domain=[0, top * 1.08]), axis=alt.Axis(format=DOLLARS)),
        color=alt.Color("model:N", scale=scale(alt, names), legend=None),
        tooltip=["model:N", alt.Tooltip("x:Q", title=x_title), "cost:N"],
    )


def end_labels(
    alt: Any, ends: Mapping[str, tuple[float, str]], top: float, names: Sequence[str], *, height: int
) -> Any:
    """
    Each line's name at its end; those of lines that end close together stand apart, and strokes lead to them.

    Args:
        ends: Where each line ends, and what is written there.
        top: Where the axis ends. [USD]
        height: How high the chart is. [px]
    """
    least = top * LABEL_HEIGHT / height
    places = spread({name: end for name, (end, _) in ends.items()}, least, floor=0.0)
    moved = any(abs(places[name] - end) > least / 3 for name, (end, _) in ends.items())
    rows = [{"model": name, "end": end, "y": places[name], "text": text} for name, (end, text) in ends.items()]
    chart = alt.Chart(data(rows)).encode(color=alt.Color("model:N", scale=scale(alt, names), legend=None))
    labels = chart.mark_text(align="left", fontSize=12, fontWeight=600, clip=False).encode(
        x=alt.value(WIDTH + (24 if moved else 8)), y="y:Q", text="text:N"
    )
    if not moved:
        return labels
    strokes = chart.mark_rule(strokeWidth=1, clip=False).encode(
        x=alt.value(WIDTH + 3), x2=alt.value(WIDTH + 21), y="end:Q", y2="y:Q"
    )
    return alt.layer(strokes, labels)


def mark(alt: Any, x: float, y: float, text: str, most: float) -> list[Any]:
    """A point with its words, on the side where there is room."""
    left = x > most * 0.55
    point = alt.Chart(data([{"x": x, "y": y, "text": text}])).encode(x="x:Q", y="y:Q")
    return [
        point.mark_point(filled=True, size=70, color=INK, opacity=1),
        *written(
            point.encode(text="text:N"),
            align="right" if left else "left",
            dx=-8 if left else 8,
            dy=-10 if left else 12,
            color=INK,
        ),
    ]


def vertical(alt: Any, x: float, text: str) -> list[Any]:
    rows = data([{"x": x, "text": text}])
    return [
        alt.Chart(rows).mark_rule(strokeDash=[4, 4], color=SOFT).encode(x="x:Q"),
        alt.Chart(rows)
        .mark_text(align="left", dx=5, dy=2, color=SOFT, baseline="top")
        .encode(x="x:Q", y=alt.value(0), text="text:N"),
    ]


def point_labels(
    alt: Any, rows: Sequence[Mapping[str, Any]], *, most: float, height: float, wide: bool
) -> tuple[Any, Any]:
    """
    The names beside their points; those of points close to each other stand *height* apart.

    First a rim of white that belongs below the points, then the words, which belong above them.
    """
    groups: list[list[Mapping[str, Any]]] = []
    for row in rows:  # by cost: neighbours whose labels would cover each other
        near = groups and (
            row["usd"] < groups[-1][-1]["usd"] * 1.6 if wide else row["usd"] - groups[-1][-1]["usd"] < most * 0.3
        )
        groups[-1].append(row) if near else groups.append([row])
    placed: list[dict[str, Any]] = []
    for group in groups:
        places = spread({str(row["model"]): float(row["middle"]) for row in group}, height)
        placed += [{**row, "at": places[str(row["model"])]} for row in group]
    chart = alt.Chart(data(placed)).encode(x="usd:Q", y="at:Q", text="label:N")
    ink = alt.condition("datum.front", alt.value(INK), alt.value(SOFT))
    words = chart.mark_text(align="left", dx=9, dy=10, fontSize=12).encode(color=ink)
    return chart.mark_text(align="left", dx=9, dy=10, fontSize=12, **RIM), words


def ranges(alt: Any, names: Sequence[str], spans: Mapping[str, Range | None], title: str, *, first: bool) -> Any:
    rows: list[dict[str, Any]] = [
        {
            "model": name,
            "low": None if span is None else number(span.low),
            "high": None if span is None else number(span.high),
            "text": "unknown" if span is None else Range(span.low, span.high).format(0),
            "at": 0.0 if span is None else number(span.high),
        }
        for name, span in spans.items()
    ]
    room = 1.45 * max([row["at"] for row in rows if isinstance(row["at"], float)] or [1.0]) or 1.0
    axis = alt.Axis(labelColor=INK, labelFontSize=12, ticks=False, domain=False, labels=first)
    y = alt.Y("model:N", sort=list(names), title=None, axis=axis)
    base = alt.Chart(data(rows)).encode(y=y)
    known = base.transform_filter("datum.low !== null")
    x = alt.X("low:Q", title=title, scale=alt.Scale(domain=[0, room]), axis=alt.Axis(format=COUNTS))
    return alt.layer(
        known.mark_rule(strokeWidth=9, strokeCap="round", color=COLOUR_OF_RANGES, opacity=0.85).encode(
            x=x, x2="high:Q"
        ),
        base.mark_text(align="left", dx=11, color=INK).encode(x="at:Q", text="text:N"),
    ).properties(width=300, height=36 * len(names) + 10)


def areas(alt: Any, found: Sequence[Region], names: Sequence[str], across: float, up: float) -> Any:
    rows: list[dict[str, Any]] = [
        {"model": names[region.winner], "region": index, "x": number(x), "low": number(low), "high": number(high)}
        for index, region in enumerate(found)
        for x, low, high in region.outline
    ]
    return (
        alt.Chart(data(rows))
        .mark_area(opacity=0.32, line=False)
        .encode(
            x=alt.X(
                "x:Q",
                title="input tokens of a request",
                scale=alt.Scale(domain=[0, across], nice=False),
                axis=alt.Axis(format=COUNTS, grid=False),
            ),
            y=alt.Y(
                "low:Q",
                title="output tokens of a request",
                scale=alt.Scale(domain=[0, up], nice=False),
                axis=alt.Axis(format=COUNTS, grid=False),
            ),
            y2="high:Q",
            color=alt.Color("model:N", scale=scale(alt, names), legend=None),
            detail="region:N",
        )
    )


def area_labels(
    alt: Any, found: Sequence[Region], names: Sequence[str], axes: tuple[float, float], size: tuple[int, int]
) -> list[Any]:
    """
    Each winner's name in the largest of its areas; beside a point in it, where the area is too small for it.

    Args:
        axes: Where the axes end. [tokens]
        size: How large the chart is. [px]
    """
    across, up = size[0] / axes[0], size[1] / axes[1]
    largest: dict[int, Region] = {}
    for region in found:
        if region.winner not in largest or region.area > largest[region.winner].area:
            largest[region.winner] = region
    inside: list[dict[str, Any]] = []
    made: list[Any] = []
    for winner, region in largest.items():
        name, x = names[winner], number(region.middle[0])
        row: dict[str, Any] = {"model": name, "x": x, "y": number(region.middle[1])}
        taken = LETTER_WIDTH * len(name)
        wide = (number(region.outline[-1][0]) - number(region.outline[0][0])) * across
        high = max(number(top) - number(bottom) for _, bottom, top in region.outline) * up
        if wide * 0.7 > taken and high > 2 * LABEL_HEIGHT:
            inside.append(row)
            continue
        room = x * across + taken + 12 < size[0]
        point = alt.Chart(data([row])).encode(x="x:Q", y="y:Q")
        made += [
            point.mark_point(shape="diamond", filled=True, size=50, color=INK, opacity=1),
            *written(
                point.encode(text="model:N"),
                align="left" if room else "right",
                dx=9 if room else -9,
                fontSize=13,
                fontWeight=600,
                color=INK,
            ),
        ]
    named = alt.Chart(data(inside)).encode(x="x:Q", y="y:Q", text="model:N")
    return [named.mark_text(fontSize=13, fontWeight=600, color=INK), *made]
