"""What a value promises is read off the way in which it was written."""

from __future__ import annotations

import contextlib
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs.claims._quantities import Quantity, unit_named
from llm_tradeoffs.claims._says import Said, said_number, same_day, same_text, same_texts, yes_or_no
from llm_tradeoffs.errors import InvalidValueError


def quantity(low: str, unit: str, high: str | None = None) -> Quantity:
    """A value in a unit."""
    found = unit_named(unit)
    assert found is not None
    return Quantity.of(Fraction(low), Fraction(high or low), found)


@pytest.mark.parametrize(
    ("says", "exact", "unit", "match"),
    [
        # The last written digit decides, a half in either direction.
        ("$0.00368", "0.00368", "$", "exact"),
        ("$0.00368", "0.003684", "$", "rounded"),
        ("$0.00368", "0.003685", "$", "rounded"),
        ("$0.00368", "0.0036851", "$", "no"),
        ("$0.0016", "0.016", "$", "no"),
        ("$96", "96.4", "$", "rounded"),
        ("$96.00", "96.4", "$", "no"),
        ("$96.00", "96", "$", "exact"),
        ("82 %", "82.5", "%", "rounded"),
        ("82 %", "82.6", "%", "no"),
        ("82%", "0.82", "", "exact"),
        ("6 points", "6", "%", "exact"),
        # Cutting digits off is not rounding.
        ("$0.14", "0.149", "$", "no"),
        # Zeros at the end of a whole number are rounding, but never beyond three digits.
        ("4,440 ms", "4444.4", "ms", "rounded"),
        ("4,440 ms", "4446", "ms", "no"),
        ("2,000,000 tokens", "2004999", "tokens", "rounded"),
        ("2,000,000 tokens", "2005001", "tokens", "no"),
        ("1,050,000 tokens", "1047576", "tokens", "rounded"),
        ("200 tokens", "200.5", "tokens", "rounded"),
        ("200 tokens", "201", "tokens", "no"),
        ("57,000", "57049", "", "rounded"),
        ("57,000", "14042", "", "no"),
        ("10", "10.5", "", "rounded"),
        ("100.0", "100.06", "", "no"),
        # A suffix multiplies the last digit, too.
        ("1.05M tokens", "1047576", "tokens", "rounded"),
        ("1.05M tokens", "1000000", "tokens", "no"),
        ("200K tokens", "200400", "tokens", "rounded"),
        ("1.2 million tokens", "1200000", "tokens", "exact"),
        ("$1.5M", "1500000", "$", "exact"),
        ("5 thousand", "5000", "", "exact"),
        # "About" reaches 5 %, and never less than the digits.
        ("~3x", "2.96875", "x", "rounded"),
        ("~3x", "2.5", "x", "rounded"),
        ("~3x", "2.49", "x", "no"),
        ("3x", "2.96875", "x", "rounded"),
        ("2.6x", "2.586", "x", "rounded"),
        ("2.60x", "2.586", "x", "no"),
        ("~2.60x", "2.586", "x", "rounded"),
        ("about 60 %", "57", "%", "rounded"),
        ("roughly 60 %", "56.9", "%", "no"),
        ("approximately 10 %", "11.9", "%", "no"),
        ("≈ 4,440 ms", "4600", "ms", "rounded"),
        # Units are converted.
        ("2 seconds", "2000", "ms", "exact"),
        ("0.5 s", "494.4", "ms", "rounded"),
        ("$0.40 per million tokens", "0.0000004", "$/token", "exact"),
        ("$0.40 per 1 million tokens", "0.4", "$/MTok", "exact"),
        ("$0.0004 per 1K tokens", "0.4", "$/MTok", "exact"),
        ("45 tok/s", "45", "tokens/s", "exact"),
        ("60 RPM", "1", "requests/s", "exact"),
        ("40 cents", "0.4", "$", "exact"),
        ("$3.20 USD", "3.2", "$", "exact"),
        ("1.5 hours", "90", "minutes", "exact"),
        ("3 chunks", "3", "", "exact"),
        ("-5 %", "-5", "%", "exact"),
        ("0", "0.4", "", "rounded"),
    ],
)
def test_a_number_promises_what_it_was_written_with(says: str, exact: str, unit: str, match: str) -> None:
    """One row a rule."""
    assert said_number(says).matches(quantity(exact, unit)) == match


@pytest.mark.parametrize(
    ("says", "low", "high", "match"),
    [
        ("72-75 %", "72", "75", "exact"),
        ("72–75%", "72", "75", "exact"),
        ("72 to 75 percent", "72.4", "74.5", "rounded"),
        ("72-75 %", "72", "76", "no"),
        ("72-75 %", "73", "73", "no"),
        ("75 %", "75", "76", "no"),
        ("~75 %", "75", "76", "rounded"),
        ("3-5 points", "3", "4", "no"),
        (">= 50 %", "50", "80", "exact"),
        (">= 50 %", "49.9", "80", "no"),
        ("> 50 %", "50", "80", "no"),
        ("50+ %", "60", "60", "exact"),
        ("at least 50 %", "50", "50", "exact"),
        ("more than 50 %", "50", "50", "no"),
        ("up to 50 %", "10", "50", "exact"),
        ("at most 50 %", "10", "51", "no"),
        ("under 50 %", "10", "50", "no"),
        ("< 50 %", "10", "49", "exact"),
        ("about at least 50 %", "48", "50", "exact"),
    ],
)
def test_a_range_promises_both_ends_and_a_bound_all_of_a_range(says: str, low: str, high: str, match: str) -> None:
    """A single number promises that there is a single number, as far as its digits go."""
    assert said_number(says).matches(quantity(low, "%", high)) == match


@pytest.mark.parametrize(
    ("says", "digits", "within", "exact", "match"),
    [
        ("1,050,000 tokens", 7, None, "1047576", "no"),
        ("1,050,000 tokens", 7, None, "1050000.4", "rounded"),
        ("1,050,000 tokens", 2, None, "1047576", "rounded"),
        ("1,050,000 tokens", 1, None, "1499999", "rounded"),
        ("100 tokens", None, "10 %", "110", "rounded"),
        ("100 tokens", None, "10 %", "111", "no"),
        ("100 tokens", None, "20 tokens", "119", "rounded"),
        ("~100 tokens", None, "1 %", "102", "no"),
        ("0.05", 1, None, "0.054", "rounded"),
        ("0.05", 3, None, "0.054", "no"),
    ],
)
def test_a_claim_can_say_that_more_or_fewer_digits_are_meant(
    says: str, digits: int | None, within: str | None, exact: str, match: str
) -> None:
    """Instead of what the writing says."""
    unit = "tokens" if "tokens" in says else ""
    assert said_number(says, digits, within).matches(quantity(exact, unit)) == match


@given(
    st.integers(0, 10**6),
    st.integers(0, 5),
    st.fractions(min_value=-1, max_value=1, max_denominator=1000),
)
def test_a_decimal_holds_exactly_if_the_value_rounds_to_it(number: int, decimals: int, off: Fraction) -> None:
    """Against rounding done by hand: half a unit of the last written decimal, no more."""
    if decimals == 0:
        number = number * 10 + 7  # no zero at the end, which would be rounding itself
    unit = Fraction(1, 10**decimals)
    written = f"{number // 10**decimals}" + (f".{number % 10**decimals:0{decimals}d}" if decimals else "")
    exact = number * unit + off * unit
    expected = "exact" if off == 0 else "rounded" if abs(off) <= Fraction(1, 2) else "no"
    assert said_number(written).matches(quantity(str(exact), "")) == expected


@given(st.integers(1, 10**9), st.fractions(min_value=-2, max_value=2, max_denominator=1000))
def test_about_never_promises_more_than_the_bare_number(number: int, off: Fraction) -> None:
    """Whatever holds without "~" holds with it."""
    exact = quantity(str(number * (1 + off / 10)), "")
    if said_number(str(number)).matches(exact) != "no":
        assert said_number(f"~{number}").matches(exact) != "no"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("cheap", "is no number"),
        ("", "is no number"),
        ("5 apples", "unknown unit 'apples'"),
        ("1,00 tokens", "unknown unit"),
        ("5-3 %", "wrong way round"),
        ("-5 to 3 %", "begins below zero"),
        ("at least 3-5 %", "a range and a bound"),
        ("$5 ms", "unknown unit"),
        ("9" * 300, "is no number"),
    ],
)
def test_what_is_no_number_is_refused(says: str, words: str) -> None:
    """With the words, and what would do."""
    with pytest.raises(InvalidValueError, match=words):
        said_number(says)


@pytest.mark.parametrize("within", ["~5 %", "3-5 %", "at least 5 %", "5 ms", "-5 %", "x"])
def test_a_tolerance_is_one_plain_number(within: str) -> None:
    """In per cent, or in the unit of what is said."""
    with pytest.raises(InvalidValueError):
        said_number("100 tokens", within=within)


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    """Nothing else happens."""
    with contextlib.suppress(InvalidValueError):
        assert isinstance(said_number(text), Said)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("2-3 s", "400-600 ms", False),
        ("75 %", "75-76 %", True),
        ("6 points", "6-8 points", True),
        ("$96", "less than $80", False),
        ("$96", "at least $80", True),
        ("$96", "$96.40", True),
        ("$96", "$97.60", False),
        ("at most 5", "at least 6", False),
        ("at most 5", "at least 5", True),
        ("under 5", "at least 5", False),
        ("at most 5", "under 3", True),
    ],
)
def test_two_values_that_no_number_satisfies_do_not_meet(one: str, other: str, meet: bool) -> None:
    """What each stands for, rounding included."""
    assert said_number(one).meets(said_number(other)) is meet
    assert said_number(other).meets(said_number(one)) is meet


def test_the_factor_is_what_the_stated_value_must_be_multiplied_by() -> None:
    """10 if a tenth was stated; None where a zero forbids it."""
    assert said_number("$0.0016").factor(quantity("0.016", "$")) == (10, 10)
    assert said_number("4-5 %").factor(quantity("2", "%", "10")) == (Fraction(1, 2), 2)
    assert said_number("0").factor(quantity("1", "")) is None
    assert said_number("at least 5").factor(quantity("1", "")) is None


def test_what_is_no_number() -> None:
    """Yes and no, words, names, days."""
    assert [yes_or_no(word) for word in ("yes", "No", " true ", "false", "maybe")] == [True, False, True, False, None]
    assert same_text("bearer  token", "Bearer token")
    assert not same_text("bearer", "Bearer token")
    assert same_texts("Image, text", ("text", "image"))
    assert not same_texts("image", ("text", "image"))
    day = date(2027, 1, 14)
    assert [same_day(said, day) for said in ("2027-01-14", "2027-01", "2027", "2027-02", "1")] == [
        "exact",
        "rounded",
        "rounded",
        "no",
        "no",
    ]
