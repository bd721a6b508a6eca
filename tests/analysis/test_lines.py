"""Where curves change their sign, against asking at each value; who dominates whom, against asking each pair."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs.analysis._lines import curves_over, runs, sign, value_at
from llm_tradeoffs.analysis._masks import Order, bits, dominators

SMALL = st.integers(-12, 12) | st.fractions(-12, 12, max_denominator=4)
KEYS = st.lists(st.tuples(*[st.none() | st.integers(0, 3) | st.fractions(0, 2, max_denominator=3)] * 3), max_size=7)


def held(signs: Any, place: Any) -> int:
    """The sign that holds at a place."""
    return [sign for begins, sign in signs if begins <= place][-1]


@given(SMALL, SMALL, SMALL)
def test_a_line_has_the_sign_that_is_said(constant: Any, slope: Any, at: Any) -> None:
    """At every value, and just before and after it."""
    signs = runs((constant, slope), (-13, 0), (13, 1))
    step = Fraction(1, 10**6)
    assert held(signs, (at, 0)) == sign(constant + slope * at)
    assert held(signs, (at, 1)) == sign(constant + slope * (at + step))
    assert all(one[0] < other[0] and one[1] != other[1] for one, other in pairwise(signs))


@given(SMALL, SMALL, SMALL, st.integers(-20, 20), st.integers(0, 40))
def test_a_parabola_has_the_sign_that_is_said(a: Any, b: Any, c: Any, first: int, count: int) -> None:
    """At every whole number, whether or not its roots are whole or rational."""
    signs = runs((a, b, c), (first, 0), (first + count + 1, 0), whole=True)
    for value in range(first, first + count + 1):
        assert held(signs, (value, 0)) == sign(a + b * value + c * value * value)


@given(st.lists(st.tuples(SMALL, SMALL, SMALL), min_size=1, max_size=4), st.sets(SMALL, max_size=3), st.booleans())
def test_pieces_are_what_the_function_is(parts: list[tuple[Any, Any, Any]], breaks: set[Any], whole: bool) -> None:
    """A function of lines, over whole numbers of parabolas, with a value of its own at each break, is found again."""
    points = sorted(value for value in breaks if -12 < value < 12)

    def function(value: Any) -> Any:
        if value in points:
            return parts[0][0]
        a, b, c = parts[sum(point < value for point in points) % len(parts)]
        return a + b * value + (c * value * value if whole else 0)

    found = curves_over(function, points, (-12, 0), (13, 0) if whole else (12, 1), whole=whole)
    values = range(-12, 13) if whole else [Fraction(n, 8) for n in range(-96, 97)]
    for value in values:
        (curve,) = [curve for low, high, curve in found if low <= (value, 0) < high]
        assert curve is not None
        assert value_at(curve, value) == function(value)


@given(KEYS)
def test_dominators_are_those_of_every_pair(keys: list[tuple[Any, ...]]) -> None:
    """At least as good in every respect and better in one; the unknown compares with the unknown only."""
    orders = [Order.of([key[respect] for key in keys]) for respect in range(3)]

    def beats(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
        pairs = list(zip(one, other, strict=True))
        comparable = all((a is None) == (b is None) for a, b in pairs)
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        return comparable and all(a <= b for a, b in known) and any(a < b for a, b in known)

    for index, key in enumerate(keys):
        found = set(bits(dominators(orders, index)))
        assert found == {rival for rival, other in enumerate(keys) if beats(other, key)}
