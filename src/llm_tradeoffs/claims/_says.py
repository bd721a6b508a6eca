"""
What a text says: a value as it was written, and how much that promises.

"~3x" and "$0.00368" are different promises. A number promises that the exact value rounds to it at the
last digit that was written; the tolerance is read off the way in which it was written.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Final, Literal

import attrs

from llm_tradeoffs.claims._quantities import UNIT_NAMES, Dimension, Quantity, Unit, unit_named
from llm_tradeoffs.errors import InvalidValueError
from llm_tradeoffs.money import Exact, divide, plain

__all__ = ["Match", "Said", "said_number", "same_day", "same_text", "same_texts", "yes_or_no"]

ABOUT: Final = Fraction(1, 20)
"""How far "about" reaches at least: 5 % either way."""
ROUND_DIGITS: Final = 3
"""Zeros at the end of a whole number are taken for rounding, but never more of them than leave three digits."""
MAX_LENGTH: Final = 200

_NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_SUFFIX: Final = r"(?:\s?(?:K|k|M|B)(?![A-Za-z])|\s(?:thousand|million|billion)\b)"
_SAID: Final = re.compile(
    rf"""
    \s*(?P<about>~|≈|about\s|approximately\s|approx\.\s|roughly\s|around\s)?
    \s*(?P<relation>>=|<=|>|<|≥|≤|at\ (?:least|most)\s|up\ to\s|over\s|above\s|under\s|below\s|(?:more|less)\ than\s)?
    \s*(?P<sign>[-−+])?
    (?P<currency>\$)?(?P<low>{_NUMBER})(?P<low_suffix>{_SUFFIX})?
    (?:\s*(?:-|–|\bto\b)\s*\$?(?P<high>{_NUMBER})(?P<high_suffix>{_SUFFIX})?)?
    (?P<plus>\+)?
    \s*(?P<unit>.*?)\s*\Z
    """,
    re.VERBOSE,
)
_RELATIONS: Final[dict[str, Relation]] = {
    ">=": ">=",
    "≥": ">=",
    "at least": ">=",
    "<=": "<=",
    "≤": "<=",
    "at most": "<=",
    "up to": "<=",
    ">": ">",
    "over": ">",
    "above": ">",
    "more than": ">",
    "<": "<",
    "under": "<",
    "below": "<",
    "less than": "<",
}
_FACTORS: Final = {"": 1, "k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "b": 10**9, "billion": 10**9}

Relation = Literal["=", ">=", "<=", ">", "<"]
Match = Literal["exact", "rounded", "no"]


@attrs.frozen
class Said:
    """
    A number or range as it was written.

    Attributes:
        text: The words.
        relation: ``"="``, or a bound such as ``">="`` for "at least".
        about: Whether it says "about".
        low, high: The ends in base units.
        low_reach, high_reach: How far from each end the exact value may be and still round to it.
        unit: The unit it was written in.
    """

    text: str
    relation: Relation
    about: bool
    low: Exact
    high: Exact
    low_reach: Exact
    high_reach: Exact
    unit: Unit

    @property
    def dimension(self) -> Dimension:
        """What it measures."""
        return self.unit.dimension

    def matches(self, exact: Quantity) -> Match:
        """Whether the exact value is this, rounds to it, or neither."""
        if self.relation != "=":
            return "exact" if self._bounds(exact) else "no"
        if (exact.low, exact.high) == (self.low, self.high):
            return "exact"
        near = _size(exact.low - self.low) <= self.low_reach and _size(exact.high - self.high) <= self.high_reach
        return "rounded" if near else "no"

    def _bounds(self, exact: Quantity) -> bool:
        reach = self.low_reach if self.about else 0
        if self.relation == ">=":
            return exact.low >= self.low - reach
        if self.relation == ">":
            return exact.low > self.low - reach
        if self.relation == "<=":
            return exact.high <= self.low + reach
        return exact.high < self.low + reach

    def meets(self, other: Said) -> bool:
        """Whether some value satisfies both, so that they may both hold."""
        mine, theirs = self._span(), other._span()
        lows = [low for low in (mine[0], theirs[0]) if low is not None]
        highs = [high for high in (mine[1], theirs[1]) if high is not None]
        if not lows or not highs:
            return True
        # "Under 80" and "at least 80" touch, and no value is both.
        strict = bool({"<", ">"} & {self.relation, other.relation})
        return max(lows) < min(highs) or (max(lows) == min(highs) and not strict)

    def _span(self) -> tuple[Exact | None, Exact | None]:
        # A bound is met exactly or not: only "about" makes it wider.
        reach = self.relation == "=" or self.about
        low, high = self.low - reach * self.low_reach, self.high + reach * self.high_reach
        return (None if self.relation in {"<", "<="} else low), (None if self.relation in {">", ">="} else high)

    def distance(self, exact: Quantity) -> Exact:
        """How far it is from the exact value, at the worse end."""
        return max(_size(exact.low - self.low), _size(exact.high - self.high))

    def factor(self, exact: Quantity) -> tuple[Exact, Exact] | None:
        """By what its ends must be multiplied to be right, smaller first; None where a zero forbids it."""
        if self.relation != "=" or not (self.low > 0 and self.high > 0 and exact.low > 0):
            return None
        ends = (divide(exact.low, self.low), divide(exact.high, self.high))
        return min(ends), max(ends)


def said_number(text: str, digits: int | None = None, within: str | None = None) -> Said:
    """
    A number or range as it was written.

    >>> said = said_number("~3x")
    >>> said.low, said.low_reach, said.unit.name
    (3, Fraction(1, 2), 'x')

    Args:
        text: Such as ``"$0.00368"``, ``"~3x"``, ``"72-75 %"``, ``"4,150-4,250 ms"``, ``"at least 50"``.
        digits: How many digits are meant, where that is not how many are written.
        within: How far off it may be, such as ``"10 %"`` or ``"0.5 points"``; None for the written precision.

    Raises:
        InvalidValueError: It is no number in a known unit.
    """
    match = _SAID.match(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise InvalidValueError(
            f"{text!r} is no number. Write it as the text does: '$0.00368', '~3x', '72-75 %', '50 ms', 'at least 50'"
        )
    unit = _unit(text, match["currency"] or "", match["unit"])
    low_suffix, high_suffix = match["low_suffix"] or "", match["high_suffix"] or ""
    low, low_step = _read(match["low"], low_suffix or (high_suffix if match["high"] else ""), digits)
    high, high_step = (low, low_step) if match["high"] is None else _read(match["high"], high_suffix, digits)
    if match["sign"] in {"-", "−"}:
        if match["high"] is not None:
            raise InvalidValueError(f"{text!r} is a range that begins below zero, which cannot be written here")
        low = high = -low
    if low > high:
        raise InvalidValueError(f"{text!r} has its ends the wrong way round; write the smaller one first")
    about = match["about"] is not None
    relation = _relation(match["relation"], match["plus"])
    if relation != "=" and match["high"] is not None:
        raise InvalidValueError(f"{text!r} is a range and a bound; write one of them")
    reaches = [_reach(end, step, about, within, unit) for end, step in ((low, low_step), (high, high_step))]
    return Said(
        text=text,
        relation=relation,
        about=about,
        low=plain(low * unit.scale),
        high=plain(high * unit.scale),
        low_reach=plain(reaches[0] * unit.scale),
        high_reach=plain(reaches[1] * unit.scale),
        unit=unit,
    )


def _unit(text: str, currency: str, words: str) -> Unit:
    # "$0.40/MTok" is in "$/MTok", "$1.00 USD" is in dollars.
    unit = unit_named(currency if words.casefold() in {"usd", "dollars"} else f"{currency} {words}")
    if unit is None:
        raise InvalidValueError(f"{text!r} has the unknown unit {words!r}; known: {', '.join(UNIT_NAMES)}")
    return unit


def _relation(words: str | None, plus: str | None) -> Relation:
    if plus is not None and words is None:
        return ">="
    return "=" if words is None else _RELATIONS[" ".join(words.split())]


def _read(written: str, suffix: str, digits: int | None) -> tuple[Exact, Exact]:
    """A number and the step of its last digit that is meant."""
    factor = _FACTORS[suffix.strip().casefold()]
    bare = written.replace(",", "")
    value = plain(Fraction(bare) * factor)
    whole, point, decimals = bare.partition(".")
    if digits is not None:
        first = _first_digit(bare)
        return value, plain(Fraction(10) ** (first - digits + 1) * factor) if first is not None else factor
    if point:
        return value, plain(Fraction(factor, 10 ** len(decimals)))
    zeros = len(whole) - len(whole.rstrip("0"))
    return value, 10 ** min(zeros, max(0, len(whole) - ROUND_DIGITS)) * factor


def _first_digit(bare: str) -> int | None:
    """The power of ten of the first digit that is not 0, or None for a zero."""
    whole, _, decimals = bare.partition(".")
    if whole.strip("0"):
        return len(whole.lstrip("0")) - 1
    return -(len(decimals) - len(decimals.lstrip("0")) + 1) if decimals.strip("0") else None


def _reach(end: Exact, step: Exact, about: bool, within: str | None, unit: Unit) -> Exact:
    """How far the exact value may be from *end*: half a step, or more where the text says "about"."""
    if within is not None:
        reach = said_number(within)
        if reach.relation != "=" or reach.low != reach.high or reach.low < 0 or reach.about:
            raise InvalidValueError(f"within is {within!r}; write one number, such as '10 %' or '$0.01'")
        if reach.unit.name == "%":
            return plain(_size(end) * reach.low)
        if reach.dimension != unit.dimension:
            raise InvalidValueError(f"within is {within!r}; write it in %, or in the unit of what is said")
        return divide(reach.low, unit.scale)
    half = divide(step, 2)
    return max(half, plain(_size(end) * ABOUT)) if about else half


def _size(value: Exact) -> Exact:
    return -value if value < 0 else value


# What is no number.


def yes_or_no(text: str) -> bool | None:
    """True for yes, False for no, None for anything else."""
    return {"yes": True, "true": True, "no": False, "false": False}.get(text.strip().casefold())


def same_text(said: str, found: str) -> bool:
    """Whether two texts have the same words."""
    return said.casefold().split() == found.casefold().split()


def same_texts(said: str, found: tuple[str, ...]) -> bool:
    """Whether a list written with commas names the same things in any order."""
    return {part.strip().casefold() for part in said.split(",")} == {part.casefold() for part in found}


def same_day(said: str, found: date) -> Match:
    """Whether a day, month or year is that of *found*."""
    day = said.strip()
    if day == found.isoformat():
        return "exact"
    return "rounded" if re.fullmatch(r"\d{4}(-\d{2})?", day) and found.isoformat().startswith(day) else "no"
