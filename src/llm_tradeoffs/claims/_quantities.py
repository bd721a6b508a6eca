"""
Exact quantities with a dimension, and how people write them.

A quantity is a closed interval of rationals in base units (dollars, tokens, seconds, requests), so that
"72-75 %" and "$0.40 a million tokens" are added, divided and compared by one set of rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

import attrs

from llm_tradeoffs.money import Exact, divide, exact_text, fixed, plain
from llm_tradeoffs.ranges import Range

__all__ = ["DOLLARS", "NONE", "TOKENS", "Dimension", "Quantity", "Undefined", "Unit", "number_text", "unit_named"]

MAX_BITS: Final = 4_096
"""No number of a comparison has more; it keeps products of products from eating the memory."""


class Undefined(Exception):  # noqa: N818 - no error: an answer, "no number is known here", on its way up
    """
    A value that does not exist or that nobody has stated.

    Attributes:
        reason: Why, in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Dimension(NamedTuple):
    """Powers of the base units."""

    dollars: int = 0
    tokens: int = 0
    seconds: int = 0
    requests: int = 0

    def times(self, other: Dimension, sign: int = 1) -> Dimension:
        """The dimension of a product, or of a quotient with *sign* -1."""
        return Dimension(*(mine + sign * theirs for mine, theirs in zip(self, other, strict=True)))

    def __str__(self) -> str:
        names = ("USD", "tokens", "seconds", "requests")
        above = [_power(name, power) for name, power in zip(names, self, strict=True) if power > 0]
        below = [_power(name, -power) for name, power in zip(names, self, strict=True) if power < 0]
        if not above and not below:
            return "a plain number"
        return "·".join(above or ["1"]) + "".join(f"/{name}" for name in below)


def _power(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"


NONE: Final = Dimension()
DOLLARS: Final = Dimension(dollars=1)
TOKENS: Final = Dimension(tokens=1)
SECONDS: Final = Dimension(seconds=1)
REQUESTS: Final = Dimension(requests=1)
PER_TOKEN: Final = Dimension(dollars=1, tokens=-1)
SPEED: Final = Dimension(tokens=1, seconds=-1)
RATE: Final = Dimension(requests=1, seconds=-1)


@attrs.frozen
class Unit:
    """
    A way to write quantities of one dimension.

    Attributes:
        name: How it is written behind the number; with ``$`` first it is written around it.
        dimension: What it measures.
        scale: How many base units one of it is.
    """

    name: str
    dimension: Dimension
    scale: Exact = 1

    def text(self, low: Exact, high: Exact, digits: int = 6) -> str:
        """An interval in base units, as people write it; ``≈`` where digits beyond *digits* had to be left out."""
        ends = [divide(end, self.scale) for end in ((low,) if low == high else (low, high))]
        shown = [number_text(end, digits) for end in ends]
        about = "" if all(is_exact for _, is_exact in shown) else "≈ "
        texts = [_money(text) if self.name.startswith("$") else text for text, _ in shown]
        joined = (" to " if min(ends) < 0 else "-").join(texts)
        behind = self.name.removeprefix("$")
        gap = "" if not behind or behind[0] in "/x" else " "
        return f"{about}{joined}{gap}{behind}"


def _money(text: str) -> str:
    whole, _, decimals = text.partition(".")
    amount = f"{whole}.{decimals:0<2}"
    return f"-${amount[1:]}" if amount.startswith("-") else f"${amount}"


def number_text(value: Exact, digits: int = 6) -> tuple[str, bool]:
    """
    *value* in digits with thousands grouped, and whether these are all its digits.

    >>> number_text(Fraction(1047576)), number_text(Fraction(75, 29)), number_text(Fraction(1, 8))
    (('1,047,576', True), ('2.58621', False), ('0.125', True))

    Only *digits* are shown where there are more than twelve decimals; whole digits always stand.
    """
    if isinstance(value, int):
        return f"{value:,}", True
    shown = exact_text(value)
    if "/" in shown or len(shown.partition(".")[2]) > MAX_DECIMALS:
        # How many decimals that makes depends on where the first digit stands.
        size = abs(Fraction(value))
        decimals = digits - 1
        while size >= 10 and decimals:
            size /= 10
            decimals -= 1
        while 0 < size < 1 and decimals < MAX_BITS:
            size *= 10
            decimals += 1
        shown = fixed(value, decimals)
        return _grouped(shown.rstrip("0").rstrip(".") if "." in shown else shown), False
    return _grouped(shown), True


MAX_DECIMALS: Final = 12


def _grouped(digits: str) -> str:
    whole, point, decimals = digits.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-')):,}{point}{decimals}"


# The units, and every other spelling that a claim may use. "per" is read as "/".

_UNITS: Final = {
    "": Unit("", NONE),
    "x": Unit("x", NONE),
    "%": Unit("%", NONE, Fraction(1, 100)),
    "points": Unit("points", NONE, Fraction(1, 100)),
    "$": Unit("$", DOLLARS),
    "cents": Unit("cents", DOLLARS, Fraction(1, 100)),
    "tokens": Unit("tokens", TOKENS),
    "MTok": Unit("MTok", TOKENS, 10**6),
    "ms": Unit("ms", SECONDS, Fraction(1, 1000)),
    "s": Unit("s", SECONDS),
    "minutes": Unit("minutes", SECONDS, 60),
    "hours": Unit("hours", SECONDS, 3600),
    "requests": Unit("requests", REQUESTS),
    "requests/min": Unit("requests/min", RATE, Fraction(1, 60)),
    "requests/s": Unit("requests/s", RATE),
    "tokens/s": Unit("tokens/s", SPEED),
    "$/MTok": Unit("$/MTok", PER_TOKEN, Fraction(1, 10**6)),
    "$/token": Unit("$/token", PER_TOKEN),
    "$/1K tokens": Unit("$/1K tokens", PER_TOKEN, Fraction(1, 1000)),
    "$/1B tokens": Unit("$/1B tokens", PER_TOKEN, Fraction(1, 10**9)),
}
_SPELLINGS: Final = {
    "times": "x",
    "×": "x",
    "percent": "%",
    "point": "points",
    "pp": "points",
    "percentage points": "points",
    "percentage point": "points",
    "usd": "$",
    "dollars": "$",
    "¢": "cents",
    "token": "tokens",
    "mtok": "MTok",
    "milliseconds": "ms",
    "sec": "s",
    "second": "s",
    "seconds": "s",
    "min": "minutes",
    "minute": "minutes",
    "hour": "hours",
    "request": "requests",
    "requests/minute": "requests/min",
    "rpm": "requests/min",
    "requests/second": "requests/s",
    "token/s": "tokens/s",
    "tok/s": "tokens/s",
    "tokens/second": "tokens/s",
    "tokens/sec": "tokens/s",
    "$/mtok": "$/MTok",
    "$/m": "$/MTok",
    "$/1m": "$/MTok",
    "$/1m tokens": "$/MTok",
    "$/million": "$/MTok",
    "$/million tokens": "$/MTok",
    "$/1k tokens": "$/1K tokens",
    "$/thousand tokens": "$/1K tokens",
    "$/1b tokens": "$/1B tokens",
    "$/billion tokens": "$/1B tokens",
    "$/1 million tokens": "$/MTok",
    "$/1 billion tokens": "$/1B tokens",
    "usd/mtok": "$/MTok",
    "usd/token": "$/token",
    # What is only counted has no unit of its own.
    **dict.fromkeys(("chunks", "languages", "problems", "questions", "subjects", "turns"), ""),
}


def unit_named(words: str) -> Unit | None:
    """
    The unit that is written so, or None.

    >>> unit_named("tokens per second").name, unit_named("$ per million tokens").name
    ('tokens/s', '$/MTok')
    """
    spelled = " ".join(words.casefold().split()).replace("per cent", "percent")
    spelled = _PER.sub("/", spelled)
    return _BY_SPELLING.get(_SPELLINGS.get(spelled, spelled).casefold())


_PER: Final = re.compile(r"\s*(?:/|\bper\b)\s*")
_BY_SPELLING: Final = {name.casefold(): unit for name, unit in _UNITS.items()}
UNIT_NAMES: Final = tuple(name for name in _UNITS if name)

USUAL: Final = {
    NONE: _UNITS[""],
    DOLLARS: _UNITS["$"],
    TOKENS: _UNITS["tokens"],
    SECONDS: _UNITS["ms"],
    REQUESTS: _UNITS["requests"],
    PER_TOKEN: _UNITS["$/MTok"],
    SPEED: _UNITS["tokens/s"],
    RATE: _UNITS["requests/min"],
}
"""The unit in which a quantity is shown if nobody says otherwise."""


def usual_unit(dimension: Dimension) -> Unit:
    """The unit in which quantities of *dimension* are shown if nobody says otherwise."""
    return USUAL.get(dimension) or Unit(str(dimension), dimension)


@attrs.frozen
class Quantity:
    """
    A closed interval of one dimension.

    Attributes:
        low, high: The ends, in base units.
        dimension: What it measures.
        unit: How it is shown; it does not change what is said.
    """

    low: Exact
    high: Exact
    dimension: Dimension
    unit: Unit = attrs.field(eq=False)

    @classmethod
    def of(cls, low: Exact, high: Exact, unit: Unit) -> Quantity:
        """From numbers in *unit*."""
        return cls.checked(low * unit.scale, high * unit.scale, unit.dimension, unit)

    @classmethod
    def base(cls, low: Exact, dimension: Dimension, high: Exact | None = None) -> Quantity:
        """From numbers in base units, shown in the usual unit."""
        return cls.checked(low, low if high is None else high, dimension, usual_unit(dimension))

    @classmethod
    def checked(cls, low: Exact, high: Exact, dimension: Dimension, unit: Unit) -> Quantity:
        """
        From ends in base units.

        Raises:
            Undefined: A number is too long to be meant.
        """
        ends = (plain(low), plain(high))
        for end in ends:
            if max(end.numerator.bit_length(), end.denominator.bit_length()) > MAX_BITS:
                raise Undefined("a number with more than 1,200 digits comes out, which cannot be meant")
        return cls(ends[0], ends[1], dimension, unit)

    @classmethod
    def of_range(cls, stated: Range, unit: Unit) -> Quantity:
        """A range of the catalog, whose numbers are in *unit*."""
        return cls.of(stated.low, stated.high, unit)

    @property
    def is_point(self) -> bool:
        """Whether both ends are equal."""
        return self.low == self.high

    def in_unit(self, unit: Unit) -> Range:
        """The ends in *unit*, as a public value."""
        return Range(divide(self.low, unit.scale), divide(self.high, unit.scale), unit.name or None)

    def shown(self, unit: Unit | None = None) -> str:
        """As people write it, in *unit* or in its own."""
        return (unit or self.unit).text(self.low, self.high)

    # Interval arithmetic. Ref.: R. E. Moore, "Interval Analysis", 1966, ch. 2.

    def plus(self, other: Quantity) -> Quantity:
        """Every sum."""
        return self._new(self.low + other.low, self.high + other.high, self.dimension, self._shared_unit(other))

    def minus(self, other: Quantity) -> Quantity:
        """Every difference."""
        return self._new(self.low - other.high, self.high - other.low, self.dimension, self._shared_unit(other))

    def times(self, other: Quantity) -> Quantity:
        """Every product."""
        ends = [mine * theirs for mine in (self.low, self.high) for theirs in (other.low, other.high)]
        return self._new(min(ends), max(ends), self.dimension.times(other.dimension))

    def over(self, other: Quantity) -> Quantity:
        """
        Every quotient.

        Raises:
            Undefined: The divisor may be zero.
        """
        if other.low <= 0 <= other.high:
            raise Undefined(f"{self.shown()} is divided by {other.shown()}")
        ends = [divide(mine, theirs) for mine in (self.low, self.high) for theirs in (other.low, other.high)]
        return self._new(min(ends), max(ends), self.dimension.times(other.dimension, -1))

    def negative(self) -> Quantity:
        """The other sign."""
        return self._new(-self.high, -self.low, self.dimension, self.unit)

    def end_by_end(self, other: Quantity, combine: Callable[[Exact, Exact], Exact], dimension: Dimension) -> Quantity:
        """Low with low and high with high, as people compare "150-250" with "200-400"."""
        ends = (combine(self.low, other.low), combine(self.high, other.high))
        return self._new(min(ends), max(ends), dimension, self._shared_unit(other))

    def hull(self, other: Quantity) -> Quantity:
        """The smallest interval that holds both."""
        return self._new(min(self.low, other.low), max(self.high, other.high), self.dimension, self._shared_unit(other))

    def _new(self, low: Exact, high: Exact, dimension: Dimension, unit: Unit | None = None) -> Quantity:
        fitting = unit if unit is not None and unit.dimension == dimension else usual_unit(dimension)
        return Quantity.checked(low, high, dimension, fitting)

    def _shared_unit(self, other: Quantity) -> Unit | None:
        # 100 % - 68 % is shown as 32 %, and 82 % - 1 as a plain number.
        return self.unit if self.unit == other.unit else None
