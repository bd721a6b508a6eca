"""What all charts share: colours that everybody can tell apart, direct labels, titles that say the finding."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import ModuleType
from typing import Any, Final

from llm_tradeoffs.errors import MissingExtraError
from llm_tradeoffs.money import PICO, Exact, Usd, divide, grouped, grouped_fixed
from llm_tradeoffs.show.document import clean

INK: Final = "#1f2430"
SOFT: Final = "#6a7080"
LINE: Final = "#d9dce3"

# Okabe and Ito's palette without its yellow, which is too light for text on white, and the orange darkened for the
# same reason (https://jfly.uni-koeln.de/color/, "Color Universal Design").
COLOURS: Final = ("#0072b2", "#c45100", "#00795a", "#a8487e", "#4a4e57", "#2a9fd6", "#8c6d00", "#6b4fa3")

# As wide as the one that charts are measured with, wherever they are looked at.
FONT: Final = "Arial, 'Liberation Sans', Helvetica, sans-serif"
LABEL_HEIGHT: Final = 14
"""What a line of labels takes. [px]"""
MOST_LETTERS: Final = 40
"""Longer names would push the drawing aside."""

DOLLARS: Final = "$,.9~f"
COUNTS: Final = ",.2~f"
"""How axes write their numbers: no exponents, no zeros that say nothing."""


def altair() -> ModuleType:
    """
    The library that draws.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import altair as alt
    except ImportError:
        raise MissingExtraError("altair", "plot", "drawing a chart") from None
    return alt


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name; beyond eight they begin again, and the labels beside the ink tell who is who."""
    return {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}


def scale(alt: ModuleType, names: Sequence[str]) -> Any:
    """The colour scale of *names*."""
    chosen = colours(names)
    return alt.Scale(domain=list(chosen), range=list(chosen.values()))


def finished(chart: Any, title: str, *notes: str) -> Any:
    """The chart with its finding above it, the notes below the finding, and without clutter."""
    alt = altair()
    lines = [line for note in notes if note for line in wrapped(note, 110)]
    return (
        chart.properties(
            title=alt.TitleParams(
                wrapped(title, 72),
                subtitle=lines,
                anchor="start",
                frame="group",
                fontSize=16,
                fontWeight=600,
                color=INK,
                subtitleColor=SOFT,
                subtitleFontSize=12,
                subtitlePadding=6,
                offset=14,
            ),
            background="white",
            padding=12,
        )
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=SOFT,
            titleColor=SOFT,
            titleFontWeight="normal",
            labelFontSize=11,
            titleFontSize=12,
            gridColor="#eef0f4",
            domainColor=LINE,
            tickColor=LINE,
            labelLimit=420,
        )
        .configure_axisX(labelFlush=False, labelOverlap="parity", labelSeparation=6)
        .configure_legend(labelColor=INK, labelFontSize=12)
    )


def wrapped(text: str, width: int) -> list[str]:
    """*text* in as few lines as *width* allows, of about the same length: no line of one word."""
    text = clean(text)
    lines = textwrap.wrap(text, width)
    narrower = (textwrap.wrap(text, less) for less in range(width // 2, width))
    return next((tried for tried in narrower if len(tried) <= len(lines)), lines)


def number(value: Exact | Usd) -> float:
    """Where on the paper an exact number stands; nothing is computed with it."""
    exactly = divide(value.pico, PICO) if isinstance(value, Usd) else value
    return float(exactly)


def dollars(value: Usd | Exact) -> str:
    """An amount as a label: two decimals, or two digits that count; whole dollars from a thousand on."""
    exactly: Exact = divide(value.pico, PICO) if isinstance(value, Usd) else value
    sign, size = ("-" if exactly < 0 else ""), max(exactly, -exactly)
    digits = 2 if size < 1_000 else 0
    while 0 < size * 10**digits < 10 and digits < 15:
        digits += 1
    return f"{sign}${grouped_fixed(size, digits)}"


def requests_shown(highest: Exact) -> int:
    """Of how many requests costs are shown, so that the highest has digits that people read. [USD a request]"""
    return next((batch for batch in (1, 1_000, 1_000_000) if highest * batch >= Fraction(1, 10)), 1_000_000)


def count(value: Exact) -> str:
    """A number as a label: with commas, at most two decimals."""
    if Fraction(value).denominator == 1:
        return grouped(int(value))
    return grouped_fixed(value, 2).rstrip("0").rstrip(".")


def times(value: Fraction) -> str:
    """How many times, as a label."""
    return f"{grouped_fixed(value, 1 if value < 100 else 0)}×"


def spread(places: Mapping[str, float], least: float, floor: float = float("-inf")) -> dict[str, float]:
    """
    The places moved apart as little as can be, so that labels of height *least* do not cover each other.

    They keep their order, and none lies below *floor*.
    """
    names = sorted(places, key=lambda name: places[name])
    # Less what the labels below it need, places need only not to fall: neighbours that do share their mean.
    shared: list[tuple[float, int]] = []
    for index, name in enumerate(names):
        mean, size = places[name] - index * least, 1
        while shared and shared[-1][0] > mean:
            before, many = shared.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        shared.append((mean, size))
    means = [mean for mean, size in shared for _ in range(size)]
    return {name: max(mean, floor) + index * least for index, (name, mean) in enumerate(zip(names, means, strict=True))}


def short(name: str) -> str:
    """A name as a label: what could hide or reorder its letters made visible; of a long one, how it begins and ends."""
    name = clean(name)
    if len(name) <= MOST_LETTERS:
        return name
    head, tail = name[:24], name[-14:]
    return f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
