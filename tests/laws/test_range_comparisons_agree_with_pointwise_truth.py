"""What is certainly less is less for every pair of values; what is possibly less, for some pair."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Range, UnitMismatchError
from strategies import points_of, ranges


def samples(found: Range, inner: list[Fraction]) -> list[Fraction]:
    """Both ends of a range, where truth is decided, and points between."""
    return [Fraction(found.low), Fraction(found.high), *inner]


SMALL = ranges("ms", -2, 2)


@given(SMALL, SMALL, st.data())
def test_range_comparisons_agree_with_pointwise_truth(one: Range, other: Range, data: st.DataObject) -> None:
    """Certainly is "for all", possibly is "for some"; ranges that touch are possibly, not certainly, less."""
    mine = samples(one, data.draw(st.lists(points_of(one), max_size=3)))
    theirs = samples(other, data.draw(st.lists(points_of(other), max_size=3)))
    assert one.certainly_less(other) == all(a < b for a in mine for b in theirs)
    assert one.possibly_less(other) == any(a < b for a in mine for b in theirs)


@given(SMALL, SMALL)
def test_certainly_and_possibly_are_each_others_opposite(one: Range, other: Range) -> None:
    """What is certainly less is possibly less; and both cannot be certainly less than each other."""
    assert one.certainly_less(other) <= one.possibly_less(other)
    assert not (one.certainly_less(other) and other.possibly_less(one))
    assert not one.certainly_less(one)
    assert one.possibly_less(one) == (not one.is_point)


@given(SMALL, st.integers(-3, 3))
def test_a_number_is_a_range_of_one_value(one: Range, number: int) -> None:
    """Comparing with a number is comparing with the point."""
    assert one.certainly_less(number) == one.certainly_less(Range(number, unit="ms")) == (one.high < number)
    assert one.possibly_less(number) == one.possibly_less(Range(number, unit="ms")) == (one.low < number)


@given(ranges("ms"), ranges("%"))
def test_ranges_of_different_units_are_not_compared(one: Range, other: Range) -> None:
    """Milliseconds are neither less nor more than per cent, and neither their sum nor their difference is anything."""
    for question in (one.certainly_less, one.possibly_less, one.__add__, one.__sub__, one.__contains__):
        with pytest.raises(UnitMismatchError):
            question(other)
    assert one != Range(one.low, one.high, "%")


@given(SMALL, SMALL)
def test_ranges_have_no_single_order(one: Range, other: Range) -> None:
    """``<`` cannot say which of the two it means, and refuses to guess."""
    for compare in (Range.__lt__, Range.__le__, Range.__gt__, Range.__ge__):
        with pytest.raises(TypeError, match="certainly_less"):
            compare(one, other)
