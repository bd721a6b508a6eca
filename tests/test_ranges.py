"""Closed intervals with a unit."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest

from llm_tradeoffs import Range


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("72-75 %", Range(72, 75, "%")),
        ("82 %", Range(82, unit="%")),
        ("82%", Range(82, unit="%")),
        ("150-250ms", Range(150, 250, "ms")),
        ("45–65 tokens/s", Range(45, 65, "tokens/s")),
        ("45 to 65 tokens/s", Range(45, 65, "tokens/s")),
        ("  45 - 65   tokens/s ", Range(45, 65, "tokens/s")),
        ("1,050,000 tokens", Range(1_050_000, unit="tokens")),
        ("1_050_000", Range(1_050_000)),
        ("2.3 %", Range("2.3", unit="%")),
        ("-5 to -3 ms", Range(-5, -3, "ms")),
        ("-5 to 3 USD", Range(-5, 3, "USD")),
        ("0.5-0.75", Range("0.5", "0.75")),
        ("72-72 %", Range(72, unit="%")),
    ],
)
def test_text_as_sources_write_it(text: str, meant: Range) -> None:
    """A range is read as sources write it, with dashes of both kinds, with and without spaces."""
    assert Range.parse(text) == meant


@pytest.mark.parametrize(
    ("span", "text", "pasted"),
    [
        (Range(72, 75, "%"), "72-75 %", "Range('72', '75', '%')"),
        (Range(82, unit="%"), "82 %", "Range('82', unit='%')"),
        (Range("0.5"), "0.5", "Range('0.5')"),
        (Range("1/3", 1), "1/3-1", "Range('1/3', '1')"),
        (Range(-5, 3, "ms"), "-5 to 3 ms", "Range('-5', '3', 'ms')"),
        (Range(-5, unit="ms"), "-5 ms", "Range('-5', unit='ms')"),
    ],
)
def test_faces(span: Range, text: str, pasted: str) -> None:
    """str() is what people write, repr() can be pasted back."""
    assert str(span) == text == f"{span}"
    assert repr(span) == pasted
    assert eval(pasted) == span


def test_the_text_can_be_read_back() -> None:
    """What str() writes parse() reads, as long as the decimals end."""
    for span in (Range(72, 75, "%"), Range("2.3", unit="%"), Range(-5, 3, "ms"), Range(-5, -3), Range(0)):
        assert Range.parse(str(span)) == span


def test_formats() -> None:
    """Decimals are rounded half to even; both ends may then look the same."""
    assert f"{Range('10600/3', '11200/3', 'ms'):.0f}" == "3,533-3,733 ms"
    assert f"{Range('0.125', '0.135'):.2f}" == "0.12-0.14"
    assert f"{Range('2.51', '2.52', '%'):.1f}" == "2.5 %"
    assert f"{Range('2.5', '3.5'):.0}" == "2-4"
    assert Range(1, 2, "ms").format(1) == "1.0-2.0 ms"
    assert f"{Range('-0.5', '0.5'):.1f}" == "-0.5 to 0.5"


def test_whatever_becomes_a_range() -> None:
    """A number, a text, or a range without a unit is taken in the unit that is wanted."""
    assert (
        Range.of(82, "%")
        == Range.of("82", "%")
        == Range.of("82 %", "%")
        == Range.of(Range(82), "%")
        == Range(82, unit="%")
    )
    span = Range(72, 75, "%")
    assert Range.of(span, "%") is span
    assert Range.of(Decimal("2.3"), "%") == Range("2.3", unit="%")
    assert Range.of("72-75", "%") == span


def test_properties() -> None:
    """A range has a middle and a width, and may be a point."""
    span = Range(150, 250, "ms")
    assert (span.midpoint, span.width, span.is_point) == (200, 100, False)
    assert Range(1, 2).midpoint == Fraction(3, 2)
    assert (Range(5).midpoint, Range(5).width, Range(5).is_point) == (5, 0, True)
    assert type(Range(1, 3).midpoint) is int


def test_containment() -> None:
    """Both ends belong to a range; a range lies in another with both of its ends."""
    span = Range(72, 75, "%")
    assert 72 in span
    assert Decimal("73.5") in span
    assert Fraction(151, 2) not in span
    assert 71.999 not in span
    assert Range(72, 75, "%") in span
    assert Range(73, 74, "%") in span
    assert Range(73, 76, "%") not in span


def test_certain_and_possible() -> None:
    """Certainly less holds for every pair of values, possibly less for some."""
    mini, haiku = Range(72, 75, "%"), Range(76, 78, "%")
    assert mini.certainly_less(haiku)
    assert mini.possibly_less(haiku)
    assert not haiku.possibly_less(mini)
    slow, fast = Range(200, 400, "ms"), Range(150, 250, "ms")
    assert not fast.certainly_less(slow)
    assert fast.possibly_less(slow)
    assert slow.possibly_less(fast)
    assert not Range(1, 2).certainly_less(Range(2, 3)), "the ends are equal"
    assert not Range(2).possibly_less(2)
    assert Range(1, 2).certainly_less(3)
    assert Range(1, 2, "ms").possibly_less("1.5"), "a bare number is taken in the range's own unit"


def test_interval_arithmetic() -> None:
    """Sums, differences and multiples contain every result of values taken from the operands."""
    a, b = Range(150, 250, "ms"), Range(1, 4, "ms")
    assert a + b == Range(151, 254, "ms")
    assert a - b == Range(146, 249, "ms")
    assert a - a == Range(-100, 100, "ms"), "the same range twice is not the same value twice"
    assert -a == Range(-250, -150, "ms")
    assert a * 2 == 2 * a == Range(300, 500, "ms")
    assert a * -1 == -a
    assert a * Decimal("0.5") == a / 2 == Range(75, 125, "ms")
    assert a / Fraction(-1, 2) == Range(-500, -300, "ms")
    assert a * 0 == Range(0, unit="ms")


def test_values() -> None:
    """Equal ranges are equal, hash alike, and survive pickle and copy; a unit makes a difference."""
    assert Range(1, 2) == Range("1", Decimal(2)) == Range(1.0, 2.0)
    assert len({Range(1, 2), Range(1, 2, "ms"), Range("1", "2")}) == 2
    assert Range(1) != 1
    for span in (Range(1, 2, "ms"), Range("1/3"), Range(-1, 5)):
        assert pickle.loads(pickle.dumps(span)) == copy.deepcopy(span) == span
