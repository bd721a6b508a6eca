"""How probabilities, counts and amounts enter a pattern, and what is done with intervals of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Final, TypeAlias

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnitMismatchError
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Number, Usd, divide, exact, exact_text, fixed, plain, token_count
from llm_tradeoffs.ranges import Range

__all__ = [
    "ONE",
    "ZERO",
    "Member",
    "Share",
    "added",
    "field_of",
    "member",
    "member_name",
    "multiplied",
    "share",
    "shown_percent",
    "shown_usd",
    "spread",
    "text",
    "usd_range",
    "whole",
]

Share: TypeAlias = Range | Number
"""What an edge accepts as a probability: a number from 0 to 1, or a range of such; ``"5 %"`` and ``"5-10 %"`` too."""

Member: TypeAlias = str | Model
"""A model that takes part: its name in the catalog, or a :class:`Model`."""

ZERO: Final = Range(0)
ONE: Final = Range(1)
_IS_INTERVAL: Final = re.compile(r"\d\s*(?:-|–|to|%)")


def share(value: Share, what: str) -> Range:
    """
    *value* as a probability, a range without a unit whose ends are from 0 to 1.

    >>> share("0.05", "false_accept"), share("5-10 %", "false_accept"), share(0.1, "hopeless")
    (Range('0.05'), Range('0.05', '0.1'), Range('0.1'))

    Raises:
        InvalidTypeError: It is no number and no range.
        InvalidValueError: An end is below 0 or above 1.
        UnitMismatchError: It is a range of something else, such as milliseconds.
    """
    if isinstance(value, str) and _IS_INTERVAL.search(value):
        value = Range.parse(value)
    if not isinstance(value, Range):
        value = Range(exact(value, what))
    if value.unit == "%":
        value = Range(divide(value.low, 100), divide(value.high, 100))
    if value.unit is not None:
        raise UnitMismatchError(
            f"{what} is {value}, in {value.unit!r}; a probability is a number from 0 to 1 without a unit, or per cent."
        )
    if value.low < 0 or value.high > 1:
        hint = (
            f" For {exact_text(value.high)} % say '{exact_text(value.high)} %' or "
            f"'{exact_text(divide(value.high, 100))}'."
            if 1 < value.high <= 100 and value.low >= 0
            else ""
        )
        raise InvalidValueError(f"{what} is {value}; a probability is from 0 to 1.{hint}")
    return value


def member(value: object, what: str) -> Member:
    """*value* as a model that takes part; its name is looked up when the pattern is assessed."""
    if isinstance(value, Model) or (isinstance(value, str) and value.strip()):
        return value
    raise InvalidTypeError(
        f"{what} is {value!r} of type {type(value).__name__}; expected the name of a model, such as 'gpt-4.1-mini', "
        "or a Model."
    )


def member_name(value: Member) -> str:
    """What a label calls a model."""
    return value if isinstance(value, str) else value.id


def text(value: object, what: str) -> str:
    """*value* as a name for people."""
    if not isinstance(value, str):
        raise InvalidTypeError(f"the {what} of a pattern is {value!r}; expected a str.")
    return value


def whole(value: object, what: str, least: int = 0, most: int | None = None) -> int:
    """*value* as a whole number of at least *least*, and at most *most* where there is a limit."""
    count = token_count(value, what)
    if count < least or (most is not None and count > most):
        bounds = f"at least {least}" if most is None else f"from {least} to {most:,}"
        raise InvalidValueError(f"{what} is {count}; expected a whole number, {bounds}.")
    return count


def field_of(default: object, convert: Callable[[Any, str], object]) -> Any:
    """An attrs field whose converter knows the name of the field; None stays None where it is the default."""

    def converted(value: object, field: attrs.Attribute[Any]) -> object:
        return None if value is None and field.default is None else convert(value, field.name)

    with_field: Any = attrs.Converter(converted, takes_field=True)  # mypy knows only functions as converters
    return attrs.field(default=default, converter=with_field)


# Intervals. Ref.: R. E. Moore, "Interval Analysis", 1966, ch. 2.


def multiplied(one: Range, other: Range) -> Range:
    """The products of two ranges of which neither goes below 0, in the unit of the second."""
    return Range(one.low * other.low, one.high * other.high, other.unit)


def added(parts: Iterable[Range | None], unit: str) -> Range | None:
    """The sum of *parts*, or None if one of them is unknown."""
    total = Range(0, unit=unit)
    for part in parts:
        if part is None:
            return None
        total = total + part
    return total


def spread(values: Iterable[Exact], unit: str | None = None) -> Range:
    """The smallest range that holds every value."""
    found = list(values)
    return Range(min(found), max(found), unit)


def usd_range(low: Usd | Exact, high: Usd | Exact | None = None) -> Range:
    """A range in dollars."""
    ends = [each.as_fraction() if isinstance(each, Usd) else each for each in (low, low if high is None else high)]
    return Range(plain(ends[0]), plain(ends[1]), "USD")


# For people.


def shown_usd(value: Range | None, digits: int = 6) -> str:
    """Dollars as every face of the library shows them."""
    from llm_tradeoffs.show._words import money  # a later layer, loaded when somebody reads

    return money(value, digits)


def shown_percent(value: Range | None, digits: int = 1) -> str:
    """A share in per cent, rounded."""
    if value is None:
        return "unknown"
    low, high = (fixed(Fraction(end) * 100, digits) for end in (value.low, value.high))
    return f"{low} %" if low == high else f"{low}-{high} %"
