"""
Exact money, and the one way in which numbers enter the library.

Amounts are whole pico-dollars (10^-12 USD) where they can be, and a ``Fraction`` of them where they
cannot (a price of 1/24 USD). Both are exact; ints are ten times as fast, and one canonical form for
both makes equality and hashing agree. The caller's decimal context is never used for arithmetic.
"""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from functools import total_ordering
from operator import index
from typing import Final, NoReturn, TypeAlias, TypeGuard, overload

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "MAX_COUNT",
    "PICO",
    "Exact",
    "Number",
    "Usd",
    "divide",
    "exact",
    "exact_text",
    "fixed",
    "grouped",
    "grouped_fixed",
    "plain",
    "token_count",
]

Exact: TypeAlias = int | Fraction
"""An exact rational in canonical form: an ``int`` where it is whole, else a ``Fraction``."""

Number: TypeAlias = int | str | Decimal | Fraction | float
"""What an edge accepts as a number. A float means the decimal it prints as: ``0.1`` is one tenth."""

PICO: Final = 10**12
MAX_COUNT: Final = 10**30
"""The largest token count that is believed. [tokens]"""

_MAX_BITS: Final = 1329  # 10^400 has 1329 bits
_MAX_EXPONENT: Final = 400  # far beyond any price or count; keeps 1E+999999999 from eating the memory
_EXACT_CONTEXT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_EVEN)
_RATIO: Final = re.compile(r"\s*([+-]?\d+)\s*/\s*(\d+)\s*\Z")


def plain(value: Exact) -> Exact:
    """The canonical form of *value*: an ``int`` if it is whole."""
    return value.numerator if value.denominator == 1 else value


def divide(value: Exact, by: Exact) -> Exact:
    """*value* over *by*, exact and canonical. Whole numbers, the usual case, need no ``Fraction``."""
    if type(value) is int and type(by) is int:
        quotient, rest = divmod(value, by)
        return Fraction(value, by) if rest else quotient
    return plain(Fraction(value.numerator * by.denominator, value.denominator * by.numerator))


def exact(value: Number, what: str) -> Exact:
    """
    *value* as an exact rational, however it was written.

    >>> exact("1.25", "price"), exact(0.1, "price"), exact(Decimal("3"), "price"), exact("1/24", "price")
    (Fraction(5, 4), Fraction(1, 10), 3, Fraction(1, 24))

    Args:
        value: An int, ``Decimal``, ``Fraction``, a decimal or ratio in a str, or a float (read as the
            decimal that it prints as).
        what: What the number is, for the error message.

    Raises:
        InvalidTypeError: *value* is a bool or no number at all.
        InvalidValueError: *value* is NaN, infinite, not a number in words, or beyond 10^±400.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | Fraction | float):
        return _bounded(_int_like(value, what), what)
    if isinstance(value, int | Fraction):
        return _bounded(plain(value), what)
    return _from_decimal(value, what)


def _bounded(value: Exact, what: str) -> Exact:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise InvalidValueError(f"{what} is {magnitude(value)}; beyond 10^400 or below 10^-400 is surely a mistake.")
    return value


def magnitude(value: Exact) -> str:
    """About how large *value* is, in a few characters: it may have more digits than anybody would print."""
    whole = abs(value.numerator) // value.denominator
    sign = "-" if value < 0 else ""
    if not 0 < whole.bit_length() <= _MAX_BITS:
        tens = (value.numerator.bit_length() - value.denominator.bit_length()) * 30103 // 100000
        return f"about {sign}10^{tens}"
    digits = str(whole)
    return f"{sign}{digits[0]}.{digits[1:4]:0<3}e+{len(digits) - 1}"


def _from_decimal(value: str | Decimal | float, what: str) -> Exact:
    if isinstance(value, str):
        if len(value) > _MAX_EXPONENT * 2:
            raise InvalidValueError(f"{what} is a text of {len(value)} characters; write a number of at most 800.")
        if ratio := _RATIO.match(value):
            if int(ratio[2]) == 0:
                raise InvalidValueError(f"{what} is {value!r}, a division by zero. Write a finite number.")
            return plain(Fraction(int(ratio[1]), int(ratio[2])))
        try:
            number = _EXACT_CONTEXT.create_decimal(value)
        except ArithmeticError:
            raise InvalidValueError(
                f"{what} is {value!r}, which is not a number. Write a decimal such as '1.25' or a ratio such as '1/24'."
            ) from None
    elif isinstance(value, float):
        number = Decimal(float.__repr__(value))  # 0.1 means one tenth, not 0.1000000000000000055...
    else:
        number = Decimal(value)
    if not number.is_finite():
        raise InvalidValueError(f"{what} is {value!r}; it must be finite. If it is unknown, leave it out or say None.")
    if abs(number.adjusted()) > _MAX_EXPONENT and number:
        raise InvalidValueError(f"{what} is {value!r}; beyond 10^400 or below 10^-400 is surely a mistake.")
    return plain(Fraction(number)) if number else 0


def _int_like(value: object, what: str) -> int:
    """An int from another library (``numpy.int64``), or an error that names the type."""
    if not isinstance(value, bool):
        try:
            return index(value)  # type: ignore[arg-type]  # the TypeError is the point
        except TypeError:
            pass
    raise InvalidTypeError(
        f"{what} is {value!r} of type {type(value).__name__}; expected a number (int, Decimal, Fraction, float or str)."
    )


def token_count(value: object, what: str) -> int:
    """
    *value* as a number of tokens: a whole number from 0 to 10^30.

    Stricter than :func:`exact`: counts come from programs, so a str, a float or a bool is a bug there.

    Raises:
        InvalidTypeError: *value* is not an int.
        InvalidValueError: *value* is negative or larger than 10^30.
    """
    if type(value) is not int:
        if isinstance(value, str | float | Decimal | Fraction | bool) or value is None:
            raise InvalidTypeError(
                f"{what} is {value!r} of type {type(value).__name__}; a token count is a whole int, such as 200."
            )
        value = _int_like(value, what)
    if value < 0:
        shown = value if value > -MAX_COUNT else magnitude(value)
        raise InvalidValueError(f"{what} is {shown}; a token count cannot be negative. Check how it was computed.")
    if value > MAX_COUNT:
        raise InvalidValueError(f"{what} is {magnitude(value)}; more than 10^30 tokens is surely a mistake.")
    return value


def fixed(value: Exact, digits: int) -> str:
    """*value* with exactly *digits* decimals, rounded half to even; only for a person to read."""
    whole, rest = divmod(value.numerator * 10**digits, value.denominator)
    if 2 * rest > value.denominator or (2 * rest == value.denominator and whole % 2):
        whole += 1
    if not digits:
        return str(whole)
    text = f"{abs(whole):0{digits + 1}d}"
    return f"{'-' if whole < 0 else ''}{text[:-digits]}.{text[-digits:]}"


def grouped_fixed(value: Exact, digits: int) -> str:
    """:func:`fixed` with its thousands set apart."""
    whole, point, decimals = fixed(value, digits).partition(".")
    sign = "-" if whole.startswith("-") else ""  # "-0.5" has a whole part that loses its sign as an int
    return f"{sign}{abs(int(whole)):,}{point}{decimals}"


def grouped(value: Exact) -> str:
    """*value* with all its digits and its thousands set apart, for a person to read."""
    text = exact_text(value)
    whole, point, decimals = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return text if "/" in text else f"{sign}{abs(int(whole)):,}{point}{decimals}"


def _decimals(value: Exact) -> int | None:
    """How many decimals *value* has, or None if they never end: only 2 and 5 divide powers of ten."""
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest //= 2
        twos += 1
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    return max(twos, fives) if rest == 1 else None


def exact_text(value: Exact) -> str:
    """
    *value* in plain digits, never with an exponent; a ratio if the decimals never end.

    >>> exact_text(Fraction(1, 8)), exact_text(Fraction(1, 3)), exact_text(10**30)
    ('0.125', '1/3', '1000000000000000000000000000000')
    """
    digits = _decimals(value)
    return f"{value.numerator}/{value.denominator}" if digits is None else fixed(value, digits)


def decimal_of(value: Exact) -> Decimal | None:
    """*value* as a ``Decimal`` of all its digits, or None if they never end."""
    return None if _decimals(value) is None else Decimal(exact_text(value))


@total_ordering
class Usd:
    """
    An exact amount of US dollars; negative for a saving or a difference.

    >>> Usd("0.10") + Usd("0.20")
    Usd('0.30')
    >>> Usd("9.50") / Usd("3.20")
    Fraction(95, 32)
    >>> format(Usd("1234567.891"), ",.2f"), str(Usd("0.00000014"))
    ('1,234,567.89', '$0.00000014')

    Arithmetic takes exact numbers only (int, ``Decimal``, ``Fraction``); a float is refused, since
    its digits are rarely those that were meant. Only the constructor accepts one.

    Args:
        amount: Dollars, as anything that :func:`exact` takes. [USD]

    Raises:
        InvalidTypeError, InvalidValueError: *amount* is not a finite number.
    """

    __slots__ = ("_pico",)
    _pico: Exact

    def __init__(self, amount: Number) -> None:
        _set_pico(self, plain(exact(amount, "an amount of dollars") * PICO))

    @classmethod
    def from_pico(cls, pico: Exact) -> Usd:
        """The amount of *pico* pico-dollars, in canonical form or not. [10^-12 USD]"""
        made = _new(cls)
        _set_pico(made, pico if type(pico) is int else plain(pico))
        return made

    @property
    def pico(self) -> Exact:
        """The amount in pico-dollars: an int where it is whole. [10^-12 USD]"""
        return self._pico

    def as_fraction(self) -> Fraction:
        """The amount as a ``Fraction``. [USD]"""
        return Fraction(self._pico) / PICO

    def as_decimal(self) -> Decimal:
        """
        The amount as a ``Decimal`` with all its digits. [USD]

        Raises:
            InvalidValueError: The decimal expansion never ends (1/3 dollar); use ``as_fraction()`` or ``rounded(n)``.
        """
        number = decimal_of(divide(self._pico, PICO))
        if number is None:
            raise InvalidValueError(
                f"{self!r} has no finite decimal expansion. Use as_fraction(), or rounded(digits) to show it."
            )
        return number

    def rounded(self, digits: int) -> Decimal:
        """The amount rounded half to even at *digits* decimals, for a person to read. [USD]"""
        return Decimal(fixed(divide(self._pico, PICO), digits))

    # Values never change.

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Usd is immutable; cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"Usd is immutable; cannot delete {name!r}")

    def __reduce__(self) -> tuple[type[Usd], tuple[str]]:
        return Usd, (exact_text(divide(self._pico, PICO)),)

    # Comparison: dollars with dollars only.

    def __eq__(self, other: object) -> bool:
        return self._pico == other._pico if isinstance(other, Usd) else NotImplemented

    def __hash__(self) -> int:
        return hash((Usd, self._pico))

    def __lt__(self, other: Usd) -> bool:
        return self._pico < other._pico if isinstance(other, Usd) else NotImplemented

    def __bool__(self) -> bool:
        return self._pico != 0

    # Arithmetic.

    def __add__(self, other: Usd) -> Usd:
        return Usd.from_pico(self._pico + other._pico) if isinstance(other, Usd) else NotImplemented

    def __radd__(self, other: int) -> Usd:
        # sum() starts from the int 0, the one number that is the same in every unit.
        return self if type(other) is int and other == 0 else NotImplemented

    def __sub__(self, other: Usd) -> Usd:
        return Usd.from_pico(self._pico - other._pico) if isinstance(other, Usd) else NotImplemented

    def __neg__(self) -> Usd:
        return Usd.from_pico(-self._pico)

    def __abs__(self) -> Usd:
        return -self if self._pico < 0 else self

    def __mul__(self, factor: int | Decimal | Fraction) -> Usd:
        if _is_exact_factor(factor):
            by: Exact = exact(factor, "a factor")
            return Usd.from_pico(self._pico * by)
        return NotImplemented

    __rmul__ = __mul__

    @overload
    def __truediv__(self, other: Usd) -> Fraction: ...

    @overload
    def __truediv__(self, other: int | Decimal | Fraction) -> Usd: ...

    def __truediv__(self, other: Usd | int | Decimal | Fraction) -> Usd | Fraction:
        if isinstance(other, Usd):
            if not other:
                raise ZeroDivisionError(f"the ratio of {self!r} to $0 is not defined")
            return Fraction(self._pico) / Fraction(other._pico)
        if _is_exact_factor(other):
            divisor = exact(other, "a divisor")
            if not divisor:
                raise ZeroDivisionError(f"{self!r} divided by zero")
            return Usd.from_pico(divide(self._pico, divisor))
        return NotImplemented

    # For people.

    def __repr__(self) -> str:
        return f"Usd({self._digits()!r})"

    def __str__(self) -> str:
        sign = "-" if self._pico < 0 else ""
        return f"{sign}${abs(self)._digits()}"

    def _digits(self) -> str:
        """All significant digits, at least two decimals as money is written; a ratio if they never end."""
        if isinstance(self._pico, int):
            text = f"{abs(self._pico):013d}"
            sign = "-" if self._pico < 0 else ""
            return f"{sign}{text[:-12]}.{text[-12:].rstrip('0'):0<2}"
        text = exact_text(divide(self._pico, PICO))
        whole, _, decimals = text.partition(".")
        return text if "/" in text else f"{whole}.{decimals:0<2}"

    def __format__(self, spec: str) -> str:
        """
        Dollars as a number in the usual format language, ``",.2f"``; without digits as a text, ``">12"``.

        Rounding is half to even, from the exact value, whatever the caller's decimal context says.
        """
        number = re.fullmatch(r"(.*?)(,?)(?:\.(\d+)f?)?", spec)
        assert number is not None  # every part is optional
        if number[3] is None:
            digits = decimal_of(divide(self._pico, PICO))
            if not number[2] or digits is None:
                return format(str(self), number[1])
            shown = digits
        else:
            shown = self.rounded(int(number[3]))
        with localcontext(_EXACT_CONTEXT):
            return format(shown, spec if spec.endswith("f") else spec + "f")


_new = object.__new__
_set_pico = Usd.__dict__["_pico"].__set__


def _is_exact_factor(value: object) -> TypeGuard[int | Decimal | Fraction]:
    return isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool)
