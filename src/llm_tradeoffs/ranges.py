"""Closed intervals of exact numbers with a unit: what a source states as "72-75 %" or "150-250 ms"."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final, NoReturn

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnitMismatchError
from llm_tradeoffs.money import Exact, Number, divide, exact, exact_text, grouped, grouped_fixed, plain

__all__ = ["Range"]

# Digits may be grouped in thousands, and only so: "72,5 %" is no way to write 72.5 here. A unit holds no digits.
_END: Final = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*)(?:\.\d+|/\d+)?"
_TEXT: Final = re.compile(
    rf"\s*(?P<low>{_END})\s*(?:(?:-|–|to)\s*(?P<high>{_END}))?\s*(?P<unit>[A-Za-zµ%$€][A-Za-zµ%$€/ ]*)?\Z"
)


class Range:
    """
    A closed interval; a single value is a range whose ends are equal.

    >>> Range.parse("150-250 ms") + Range(4000, unit="ms")
    Range('4150', '4250', 'ms')
    >>> Range.parse("72-75 %").certainly_less(Range.parse("76-78 %"))
    True

    Arithmetic is interval arithmetic: the result contains every result of values taken from the
    operands. Ranges are compared with :meth:`certainly_less` and :meth:`possibly_less`, never with
    ``<``, which cannot say which of the two it means.

    Args:
        low: The lower end.
        high: The upper end; *low* if left out.
        unit: The unit of both ends, such as ``"%"``, ``"ms"``, ``"tokens/s"``, ``"USD"``; None for a pure number.

    Raises:
        InvalidValueError: An end is not finite, or *low* is above *high*.
    """

    __slots__ = ("high", "low", "unit")
    low: Exact
    high: Exact
    unit: str | None

    def __init__(self, low: Number, high: Number | None = None, unit: str | None = None) -> None:
        start = exact(low, "the low end of a range")
        end = start if high is None else exact(high, "the high end of a range")
        if start > end:
            raise InvalidValueError(
                f"a range from {exact_text(start)} to {exact_text(end)} is empty; "
                f"write the smaller end first: Range({exact_text(end)!r}, {exact_text(start)!r})."
            )
        if unit is not None and not isinstance(unit, str):
            raise InvalidTypeError(f"the unit of a range is {unit!r}; expected a str such as 'ms', or None.")
        _set_low(self, start)
        _set_high(self, end)
        _set_unit(self, unit)

    @classmethod
    def parse(cls, text: str) -> Range:
        """
        The range that *text* states, as sources write it: ``"72-75 %"``, ``"82 %"``, ``"45–65 tokens/s"``.

        Raises:
            InvalidTypeError: *text* is not a str.
            InvalidValueError: *text* is not a number or two numbers with an optional unit behind.
        """
        if not isinstance(text, str):
            raise InvalidTypeError(f"expected a range as text such as '72-75 %', got {text!r}.")
        match = _TEXT.match(text)
        if match is None:
            raise InvalidValueError(f"{text!r} is not a range. Write it as '72-75 %', '82 %' or '150-250 ms'.")
        low = match["low"].replace(",", "").replace("_", "")
        high = match["high"]
        unit = match["unit"]
        return cls(
            low, None if high is None else high.replace(",", "").replace("_", ""), unit.strip() if unit else None
        )

    @classmethod
    def of(cls, value: Range | Number, unit: str) -> Range:
        """
        *value* as a range in *unit*: a ``Range``, a text that :meth:`parse` takes, or a number.

        A text or range without a unit is taken to be in *unit*.

        Raises:
            UnitMismatchError: *value* is in another unit.
        """
        if isinstance(value, str):
            value = cls.parse(value)
        if not isinstance(value, Range):
            return cls(value, unit=unit)
        if value.unit is None:
            return cls(value.low, value.high, unit)
        if value.unit != unit:
            raise UnitMismatchError(f"{value} is in {value.unit!r}; expected {unit!r}. Convert it first.")
        return value

    @classmethod
    def _between(cls, low: Exact, high: Exact, unit: str | None) -> Range:
        """A range whose ends are canonical and in order already, as arithmetic on ranges makes them."""
        made = _new(cls)
        _set_low(made, low)
        _set_high(made, high)
        _set_unit(made, unit)
        return made

    @property
    def is_point(self) -> bool:
        """Whether both ends are equal."""
        return self.low == self.high

    @property
    def midpoint(self) -> Exact:
        """The middle of the two ends."""
        return divide(self.low + self.high, 2)

    @property
    def width(self) -> Exact:
        """The distance between the ends."""
        return self.high - self.low

    def __contains__(self, value: object) -> bool:
        if isinstance(value, Range):
            self._same_unit(value, "look for")
            return self.low <= value.low and value.high <= self.high
        if isinstance(value, int | Decimal | Fraction | float) and not isinstance(value, bool):
            return self.low <= exact(value, "the value to look for") <= self.high
        raise InvalidTypeError(f"cannot look for {value!r} in a range; expected a number or a Range.")

    def certainly_less(self, other: Range | Number) -> bool:
        """Whether every value of this range is less than every value of *other*."""
        return self.high < self._coerced(other).low

    def possibly_less(self, other: Range | Number) -> bool:
        """Whether some value of this range is less than some value of *other*."""
        return self.low < self._coerced(other).high

    def _coerced(self, other: Range | Number) -> Range:
        if isinstance(other, Range):
            self._same_unit(other, "compare")
            return other
        return Range(other, unit=self.unit)

    def _same_unit(self, other: Range, verb: str) -> None:
        if self.unit != other.unit:
            raise UnitMismatchError(f"cannot {verb} {self} and {other}: their units differ. Convert one of them first.")

    # Interval arithmetic. Ref.: R. E. Moore, "Interval Analysis", 1966, ch. 2.

    def __add__(self, other: Range) -> Range:
        if not isinstance(other, Range):
            return NotImplemented
        self._same_unit(other, "add")
        return Range._between(plain(self.low + other.low), plain(self.high + other.high), self.unit)

    def __sub__(self, other: Range) -> Range:
        if not isinstance(other, Range):
            return NotImplemented
        self._same_unit(other, "subtract")
        return Range._between(plain(self.low - other.high), plain(self.high - other.low), self.unit)

    def __neg__(self) -> Range:
        return Range._between(-self.high, -self.low, self.unit)

    def __mul__(self, factor: int | Decimal | Fraction) -> Range:
        if not isinstance(factor, int | Decimal | Fraction) or isinstance(factor, bool):
            return NotImplemented
        by = exact(factor, "a factor")
        ends = (plain(self.low * by), plain(self.high * by))
        return Range._between(min(ends), max(ends), self.unit)

    __rmul__ = __mul__

    def __truediv__(self, divisor: int | Decimal | Fraction) -> Range:
        if not isinstance(divisor, int | Decimal | Fraction) or isinstance(divisor, bool):
            return NotImplemented
        by = exact(divisor, "a divisor")
        if not by:
            raise ZeroDivisionError(f"{self} divided by zero")
        ends = (divide(self.low, by), divide(self.high, by))
        return Range._between(min(ends), max(ends), self.unit)

    # A value object.

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Range):
            return NotImplemented
        return (self.low, self.high, self.unit) == (other.low, other.high, other.unit)

    def __hash__(self) -> int:
        return hash((Range, self.low, self.high, self.unit))

    def __lt__(self, other: object) -> NoReturn:
        raise TypeError(
            "ranges have no single order; ask a.certainly_less(b) (every value) or a.possibly_less(b) (some value)"
        )

    __le__ = __gt__ = __ge__ = __lt__

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Range is immutable; cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"Range is immutable; cannot delete {name!r}")

    def __reduce__(self) -> tuple[type[Range], tuple[str, str, str | None]]:
        return Range, (exact_text(self.low), exact_text(self.high), self.unit)

    def __repr__(self) -> str:
        ends = repr(exact_text(self.low)) + ("" if self.is_point else f", {exact_text(self.high)!r}")
        if self.unit is None:
            return f"Range({ends})"
        return f"Range({ends}, {self.unit!r})" if not self.is_point else f"Range({ends}, unit={self.unit!r})"

    def __str__(self) -> str:
        return self.format()

    def format(self, digits: int | None = None) -> str:
        """The range as people write it, thousands set apart; rounded half to even at *digits* decimals if given."""
        low, high = (grouped(end) if digits is None else grouped_fixed(end, digits) for end in (self.low, self.high))
        if low.startswith("-") or high.startswith("-"):
            ends = low if low == high else f"{low} to {high}"
        else:
            ends = low if low == high else f"{low}-{high}"
        return ends if self.unit is None else f"{ends} {self.unit}"

    def __format__(self, spec: str) -> str:
        """``""`` for all digits, ``".1f"`` for one decimal."""
        if not spec:
            return str(self)
        match = re.fullmatch(r"\.(\d+)f?", spec)
        if match is None:
            raise ValueError(f"a range takes '' or '.2f' as its format, got {spec!r}")
        return self.format(int(match[1]))


_new = object.__new__
_set_low = Range.__dict__["low"].__set__
_set_high = Range.__dict__["high"].__set__
_set_unit = Range.__dict__["unit"].__set__
