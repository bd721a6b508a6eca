"""Linear inequalities over exact numbers: what is found satisfies them, and what is not found does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs.money import Exact
from llm_tradeoffs.policy._linear import Bounds, Form, Inequality, nicest, solve, tighter

NAMES: Final = ("x", "y", "z")


def value_of(form: Form, point: Mapping[str, Exact]) -> Exact:
    return form.constant + sum(factor * point[name] for name, factor in form.terms.items())


def holds(row: Inequality, point: Mapping[str, Exact]) -> bool:
    total = row.constant + sum(factor * point[name] for name, factor in row.terms)
    return total < 0 or (total == 0 and not row.strict)


@st.composite
def numbers(draw: st.DrawFn) -> Fraction:
    return Fraction(draw(st.integers(-6, 6)), draw(st.sampled_from([1, 1, 1, 2, 3])))


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Forms of up to three variables with small factors, so that several meet in one point."""
    factors = {name: draw(numbers()) for name in NAMES}
    return Form({name: factor for name, factor in factors.items() if factor}, draw(numbers()))


@st.composite
def points(draw: st.DrawFn) -> dict[str, Exact]:
    return {name: draw(numbers()) for name in NAMES}


def middling(name: str, bounds: Bounds, _: Mapping[str, Exact]) -> Exact:
    return nicest(bounds)


@given(forms(), forms(), points())
def test_an_inequality_says_what_its_forms_do(one: Form, other: Form, point: dict[str, Exact]) -> None:
    """At every point."""
    assert holds(one.at_most(other), point) == (value_of(one, point) <= value_of(other, point))
    assert holds(one.below(other), point) == (value_of(one, point) < value_of(other, point))


@given(st.lists(st.tuples(forms(), st.booleans()), max_size=6), points())
def test_what_can_hold_is_found(drawn: list[tuple[Form, bool]], point: dict[str, Exact]) -> None:
    """Inequalities that hold at a known point have a solution, and what is found is one."""
    nothing = Form({})
    rows = [form.below(nothing) if strict else form.at_most(nothing) for form, strict in drawn]
    rows = [row for row in rows if holds(row, point)]
    found = solve(rows, NAMES, middling)
    assert found is not None
    assert all(holds(row, found) for row in rows)


@given(st.lists(st.tuples(forms(), st.booleans()), max_size=6))
def test_what_is_found_holds(drawn: list[tuple[Form, bool]]) -> None:
    """Whatever comes out satisfies everything; a sum of what goes in is never contradicted by nothing."""
    nothing = Form({})
    rows = [form.below(nothing) if strict else form.at_most(nothing) for form, strict in drawn]
    found = solve(rows, NAMES, middling)
    if found is not None:
        assert all(holds(row, found) for row in rows)


@given(forms(), numbers(), st.booleans())
def test_a_contradiction_is_found_out(form: Form, gap: Fraction, strict: bool) -> None:
    """At most 0 and at least a gap: possible if the gap is below 0, or 0 where neither end is out."""
    zero, least = Form({}), Form({}, gap)
    rows = [form.below(zero) if strict else form.at_most(zero), least.at_most(form)]
    possible = gap < 0 or (gap == 0 and not strict) if form.terms else all(holds(row, {}) for row in rows)
    assert (solve(rows, NAMES, middling) is not None) == possible


def test_of_two_rows_with_the_same_terms_the_tighter_one_counts() -> None:
    """A strict one is tighter than the same one that is not."""
    x = Form.of("x")
    loose, tight = x.at_most(Form({}, 3)), x.below(Form({}, 3))
    assert tighter(tight, loose)
    assert not tighter(loose, tight)
    assert tighter(x.at_most(Form({}, 2)), tight)
    assert solve([loose, tight, Form({}, 3).at_most(x)], ["x"], middling) is None


def test_whole_factors_without_a_common_divisor() -> None:
    """Rows that say the same are equal."""
    half = Form({"x": Fraction(1, 2), "y": Fraction(1, 3)}, Fraction(-5, 6))
    assert half.at_most(Form({})) == Form({"x": 3, "y": 2}).at_most(Form({}, 5))
    assert half.at_most(Form({})).terms == (("x", 3), ("y", 2))


@given(numbers(), numbers(), st.booleans(), st.booleans(), numbers())
def test_the_nicest_number_is_within(one: Fraction, other: Fraction, above: bool, below: bool, near: Fraction) -> None:
    """And it is the preferred one wherever that is within."""
    low, high = sorted([one, other])
    bounds = Bounds(low, high, above, below)
    if low == high and (above or below):
        return
    found = nicest(bounds, near)
    assert found in bounds
    assert near not in bounds or found == near


def test_what_a_person_would_name() -> None:
    """The next whole number behind a threshold, an end that is within, or the middle."""
    assert nicest(Bounds(200_000, None, above=True), 1_000) == 200_001
    assert nicest(Bounds(0, 500, above=True, below=True), 1_000) == 499
    assert nicest(Bounds(Fraction(1, 3), Fraction(2, 3)), 5) == Fraction(1, 3)
    assert nicest(Bounds(Fraction(1, 3), Fraction(2, 3), above=True, below=True), 5) == Fraction(1, 2)
