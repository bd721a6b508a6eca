"""Numbers, money and ranges that cannot be meant, through every door that takes one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from llm_tradeoffs import InvalidTypeError, InvalidValueError, Range, UnitMismatchError, Usd, Workload
from llm_tradeoffs.money import exact
from llm_tradeoffs.rates import RateCard
from refusals import Refusal, check, table

CHAT = Workload(input_tokens=200, output_tokens=150)

# A number that is exact, and may have been written in several ways.

DOORS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "exact": ("the number", lambda value: exact(value, "the number")),
    "Usd": ("an amount of dollars", Usd),
    "low end": ("the low end of a range", Range),
    "high end": ("the high end of a range", lambda value: Range(0, value)),
    "rate": ("the price of input_tokens", lambda value: RateCard.of((value, 1))),
    "blend": ("input_parts", lambda value: RateCard.of((1, 1)).blended_usd_per_mtok(value, 1)),
    "error cost": ("an amount of dollars", lambda value: CHAT.with_(error_cost=value)),
}

NOT_FINITE = "it must be finite. If it is unknown, leave it out or say None"
NOT_A_NUMBER = "which is not a number. Write a decimal such as '1.25' or a ratio such as '1/24'"
NO_NUMBER_AT_ALL = "expected a number (int, Decimal, Fraction, float or str)"

NO_NUMBERS: dict[str, tuple[object, type[Exception], str, str]] = {
    "nan": (float("nan"), InvalidValueError, "is nan", NOT_FINITE),
    "infinite": (float("inf"), InvalidValueError, "is inf", NOT_FINITE),
    "minus infinite": (float("-inf"), InvalidValueError, "is -inf", NOT_FINITE),
    "Decimal NaN": (Decimal("NaN"), InvalidValueError, "is Decimal('NaN')", NOT_FINITE),
    "Decimal sNaN": (Decimal("sNaN"), InvalidValueError, "is Decimal('sNaN')", NOT_FINITE),
    "Decimal Infinity": (Decimal("Infinity"), InvalidValueError, "is Decimal('Infinity')", NOT_FINITE),
    "nan in a text": ("nan", InvalidValueError, "is 'nan'", NOT_FINITE),
    "infinity in a text": ("Infinity", InvalidValueError, "is 'Infinity'", NOT_FINITE),
    "word": ("twelve", InvalidValueError, "is 'twelve'", NOT_A_NUMBER),
    "empty": ("", InvalidValueError, "is ''", NOT_A_NUMBER),
    "dollar sign": ("$1.25", InvalidValueError, "is '$1.25'", NOT_A_NUMBER),
    "grouping": ("1,250", InvalidValueError, "is '1,250'", NOT_A_NUMBER),
    "hexadecimal": ("0x10", InvalidValueError, "is '0x10'", NOT_A_NUMBER),
    "ratio with a decimal": ("1.5/2", InvalidValueError, "is '1.5/2'", NOT_A_NUMBER),
    "division by zero": ("1/0", InvalidValueError, "is '1/0', a division by zero", "Write a finite number"),
    "beyond 10^400": ("1e401", InvalidValueError, "is '1e401'", "is surely a mistake"),
    "below 10^-400": (Decimal("1e-401"), InvalidValueError, "is Decimal('1E-401')", "is surely a mistake"),
    "absurd exponent": ("1e999999999", InvalidValueError, "is '1e999999999'", "is surely a mistake"),
    "long text": ("9" * 900, InvalidValueError, "is a text of 900 characters", "write a number of at most 800"),
    "bool": (True, InvalidTypeError, "is True of type bool", NO_NUMBER_AT_ALL),
    "list": ([1], InvalidTypeError, "is [1] of type list", NO_NUMBER_AT_ALL),
    "complex": (1j, InvalidTypeError, "is 1j of type complex", NO_NUMBER_AT_ALL),
    "bytes": (b"1", InvalidTypeError, "is b'1' of type bytes", NO_NUMBER_AT_ALL),
}


@pytest.mark.parametrize(
    "refusal",
    table(
        {
            f"{door}, {label}": Refusal(lambda call=call, value=value: call(value), error, name, shown, known=expected)  # type: ignore[arg-type]
            for door, (name, call) in DOORS.items()
            for label, (value, error, shown, expected) in NO_NUMBERS.items()
        }
    ),
)
def test_no_door_takes_what_is_no_number(refusal: Refusal) -> None:
    """NaN, infinity, words, bools and absurd exponents are no numbers, whoever takes them."""
    check(refusal)


@pytest.mark.parametrize("door", ["exact", "Usd", "low end", "blend"])
def test_none_is_no_number(door: str) -> None:
    """Where a number is needed, None is refused: unknown is not 0."""
    name, call = DOORS[door]
    check(Refusal(lambda: call(None), InvalidTypeError, name, "is None of type NoneType", NO_NUMBER_AT_ALL))


@pytest.mark.parametrize("value", [10**401, -(10**5000), Fraction(1, 10**401)], ids=["10^401", "-10^5000", "10^-401"])
def test_ints_and_fractions_have_the_same_bounds(value: int | Fraction) -> None:
    """The bound of 10^±400 holds for every way in which a number is written."""
    with pytest.raises(InvalidValueError, match="is surely a mistake"):
        exact(value, "the number")


# Money.

MONEY: dict[str, tuple[Callable[[], object], type[Exception]]] = {
    "dollars and a number": (lambda: Usd(1) + 1, TypeError),  # type: ignore[operator]
    "a number and dollars": (lambda: 1 + Usd(1), TypeError),
    "dollars and a float": (lambda: Usd(1) + 0.5, TypeError),  # type: ignore[operator]
    "dollars less a number": (lambda: Usd(1) - 1, TypeError),  # type: ignore[operator]
    "dollars times a float": (lambda: Usd(1) * 1.5, TypeError),  # type: ignore[operator]
    "a float times dollars": (lambda: 1.5 * Usd(1), TypeError),  # type: ignore[operator]
    "dollars times a bool": (lambda: Usd(1) * True, TypeError),
    "dollars times dollars": (lambda: Usd(1) * Usd(1), TypeError),  # type: ignore[operator]
    "dollars times a text": (lambda: Usd(1) * "2", TypeError),  # type: ignore[operator]
    "dollars over a float": (lambda: Usd(1) / 1.5, TypeError),  # type: ignore[operator]
    "dollars over a bool": (lambda: Usd(1) / True, TypeError),
    "dollars over zero": (lambda: Usd(1) / 0, ZeroDivisionError),
    "dollars over no dollars": (lambda: Usd(1) / Usd(0), ZeroDivisionError),
    "dollars below a number": (lambda: operator.lt(Usd(1), 1), TypeError),
    "dollars below none": (lambda: operator.lt(Usd(1), None), TypeError),
    "another amount": (lambda: setattr(Usd(1), "_pico", 5), AttributeError),
    "no amount": (lambda: delattr(Usd(1), "_pico"), AttributeError),
    "times NaN": (lambda: Usd(1) * Decimal("NaN"), InvalidValueError),
    "a format of words": (lambda: format(Usd(1), "dollars"), ValueError),
    "a format in science": (lambda: format(Usd(1), ".2e"), ValueError),
}


@pytest.mark.parametrize(("call", "error"), [pytest.param(*row, id=name) for name, row in MONEY.items()])
def test_money_is_not_mixed(call: Callable[[], object], error: type[Exception]) -> None:
    """Dollars are added to dollars, scaled by exact numbers, and nothing else; floats never get in."""
    with pytest.raises(error):
        call()


def test_money_of_endless_decimals_has_no_decimal() -> None:
    """A third of a dollar has no decimal form; the error says what to call instead."""
    check(
        Refusal(
            lambda: Usd("1/3").as_decimal(),
            InvalidValueError,
            asked="Usd('1/3')",
            value="has no finite decimal expansion",
            do="Use as_fraction(), or rounded(digits) to show it",
        )
    )


# Ranges.

RANGES: dict[str, Refusal] = {
    "reversed": Refusal(
        lambda: Range(75, 72, "%"),
        InvalidValueError,
        asked="a range from 75 to 72",
        value="is empty",
        do="write the smaller end first: Range('72', '75')",
    ),
    "reversed in a text": Refusal(
        lambda: Range.parse("250-150 ms"),
        InvalidValueError,
        "a range from 250 to 150",
        "is empty",
        do="write the smaller end first",
    ),
    "unit that is no text": Refusal(
        lambda: Range(1, unit=5), InvalidTypeError, "the unit of a range", "is 5", do="such as 'ms', or None"
    ),  # type: ignore[arg-type]
    "text without a number": Refusal(
        lambda: Range.parse("fast"),
        InvalidValueError,
        "'fast'",
        "is not a range",
        do="Write it as '72-75 %', '82 %' or '150-250 ms'",
    ),
    "empty text": Refusal(lambda: Range.parse(""), InvalidValueError, "''", "is not a range", do="'82 %'"),
    "unit alone": Refusal(lambda: Range.parse("ms"), InvalidValueError, "'ms'", "is not a range", do="'82 %'"),
    "number instead of a text": Refusal(
        lambda: Range.parse(72),  # type: ignore[arg-type]
        InvalidTypeError,
        "expected a range as text",
        "got 72",
        do="'72-75 %'",
    ),
    "sum of two units": Refusal(
        lambda: Range(1, 2, "ms") + Range(1, 2, "s"),
        UnitMismatchError,
        asked="cannot add 1-2 ms and 1-2 s",
        value="their units differ",
        do="Convert one of them first",
    ),
    "difference of two units": Refusal(
        lambda: Range(1, 2, "ms") - Range(1, 2),
        UnitMismatchError,
        "cannot subtract 1-2 ms and 1-2",
        "their units differ",
        do="Convert",
    ),
    "comparison of two units": Refusal(
        lambda: Range(1, 2, "ms").certainly_less(Range(3, unit="s")),
        UnitMismatchError,
        "cannot compare",
        "their units differ",
        do="Convert",
    ),
    "possible comparison of two units": Refusal(
        lambda: Range(1, 2, "ms").possibly_less(Range(3, unit="%")),
        UnitMismatchError,
        "cannot compare",
        "their units differ",
        do="Convert",
    ),
    "containment in another unit": Refusal(
        lambda: Range(1, unit="s") in Range(1, 2, "ms"),
        UnitMismatchError,
        "cannot look for",
        "their units differ",
        do="Convert",
    ),
    "containment of a text": Refusal(
        lambda: "1" in Range(1, 2),
        InvalidTypeError,
        "cannot look for '1' in a range",
        "'1'",
        known="expected a number or a Range",
    ),
    "containment of a bool": Refusal(
        lambda: True in Range(1, 2),
        InvalidTypeError,
        "cannot look for True in a range",
        "True",
        known="expected a number or a Range",
    ),
    "another unit than wanted": Refusal(
        lambda: Range.of("150 s", "ms"),
        UnitMismatchError,
        asked="150 s",
        value="is in 's'",
        known="expected 'ms'",
        do="Convert it first",
    ),
    "decimal comma": Refusal(lambda: Range.parse("72,5 %"), InvalidValueError, "'72,5 %'", "is not a range"),
    "grouping that is none": Refusal(
        lambda: Range.parse("1,0,0 ms"), InvalidValueError, "'1,0,0 ms'", "is not a range"
    ),
    "exponent": Refusal(lambda: Range.parse("1e5 ms"), InvalidValueError, "'1e5 ms'", "is not a range"),
    "three ends": Refusal(lambda: Range.parse("72-75-80 %"), InvalidValueError, "'72-75-80 %'", "is not a range"),
    "two points": Refusal(lambda: Range.parse("1.5.2"), InvalidValueError, "'1.5.2'", "is not a range"),
}


@pytest.mark.parametrize("refusal", table(RANGES))
def test_ranges_that_are_none(refusal: Refusal) -> None:
    """A range has its smaller end first, and is combined with ranges of its own unit only."""
    check(refusal)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Range(1) < Range(2),
        lambda: Range(1) >= 2,
        lambda: sorted([Range(1), Range(2)]),
        lambda: Range(1) + 5,
        lambda: Range(1) - 5,
        lambda: Range(1) * 1.5,
        lambda: Range(1) * True,
        lambda: Range(1) * Range(2),
        lambda: Range(1) / 1.5,
        lambda: Range(1) / Range(2),
    ],
)
def test_ranges_have_no_order_and_no_product(call: Callable[[], object]) -> None:
    """What an interval cannot say plainly is a TypeError."""
    with pytest.raises(TypeError):
        call()


def test_the_order_of_ranges_is_explained() -> None:
    """Who compares ranges with < is told which two questions there are."""
    with pytest.raises(TypeError, match=r"a\.certainly_less\(b\) \(every value\) or a\.possibly_less\(b\)"):
        sorted([Range(1), Range(2)])  # type: ignore[type-var]


def test_ranges_are_not_divided_by_zero() -> None:
    """A division by zero is Python's own error."""
    with pytest.raises(ZeroDivisionError, match="1-2 ms divided by zero"):
        Range(1, 2, "ms") / 0


def test_ranges_never_change() -> None:
    """A range is a value."""
    span = Range(1, 2, "ms")
    with pytest.raises(AttributeError, match="immutable"):
        span.low = 0
    with pytest.raises(AttributeError, match="immutable"):
        del span.high


@pytest.mark.parametrize("spec", ["d", ".2e", "5", ".f"])
def test_formats_of_ranges(spec: str) -> None:
    """A range is formatted with a number of decimals, or not at all."""
    with pytest.raises(ValueError, match=r"a range takes '' or '.2f' as its format"):
        format(Range(1, 2), spec)


BLENDS: dict[str, Refusal] = {
    "nothing": Refusal(
        lambda: RateCard.of((1, 2)).blended_usd_per_mtok(0, 0),
        InvalidValueError,
        asked="a mix of 0 input to 0 output tokens",
        value="is no mix",
        do="give two numbers of which none is negative and one is above 0, such as 3 and 1",
    ),
    "less than nothing": Refusal(
        lambda: RateCard.of((1, 2)).blended_usd_per_mtok(-3, 1),
        InvalidValueError,
        "a mix of -3 input to 1 output",
        "is no mix",
        do="3 and 1",
    ),
}


@pytest.mark.parametrize("refusal", table(BLENDS))
def test_mixes_of_nothing(refusal: Refusal) -> None:
    """A blended price needs a ratio of which no part is negative and one is above zero."""
    check(refusal)
