"""Exact amounts of dollars, and the one way in which numbers get in."""

from __future__ import annotations

import copy
import pickle
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pytest

from llm_tradeoffs import Usd
from llm_tradeoffs.money import Number, decimal_of, exact, exact_text, plain


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (3, 3),
        (-3, -3),
        ("3", 3),
        ("3.0", 3),
        ("+1.25", Fraction(5, 4)),
        ("-1.25", Fraction(-5, 4)),
        ("1e-6", Fraction(1, 10**6)),
        ("1/24", Fraction(1, 24)),
        (" -2 / 4 ", Fraction(-1, 2)),
        ("6/3", 2),
        (Decimal("0.10"), Fraction(1, 10)),
        (Decimal("1E+3"), 1000),
        (Decimal("-0"), 0),
        (Fraction(4, 2), 2),
        (Fraction(1, 3), Fraction(1, 3)),
        (0.1, Fraction(1, 10)),
        (2.5, Fraction(5, 2)),
        (1e22, 10**22),
        (-0.0, 0),
        ("0e-999999999", 0),
        ("1e400", 10**400),
        ("1e-400", Fraction(1, 10**400)),
    ],
)
def test_a_number_means_what_it_prints_as(written: Number, meant: int | Fraction) -> None:
    """However a number is written, it means its decimal, exactly; a float means the decimal that it prints as."""
    value = exact(written, "a number")
    assert value == meant
    assert type(value) is type(plain(Fraction(meant))), "whole numbers are ints"


def test_ints_of_other_classes_become_plain_ints() -> None:
    """A subclass of int, and any index, becomes an int."""

    class Flavoured(int):
        pass

    class Index:
        def __index__(self) -> int:
            return 7

    assert type(exact(Flavoured(5), "a number")) is int
    assert exact(Index(), "a number") == 7  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-12, "-12"),
        (Fraction(1, 8), "0.125"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(3, 10**12), "0.000000000003"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-2, 3), "-2/3"),
        (10**30, "1" + "0" * 30),
    ],
)
def test_text_has_all_digits_and_no_exponent(value: int | Fraction, text: str) -> None:
    """Text has every digit, never an exponent, and is a ratio where the digits never end; it can be read back."""
    assert exact_text(value) == text
    assert exact(text, "a number") == value


def test_only_twos_and_fives_have_decimals() -> None:
    """A ratio has a decimal form exactly if its denominator has no other prime factor than 2 and 5."""
    assert decimal_of(Fraction(1, 40)) == Decimal("0.025")
    assert decimal_of(Fraction(1, 30)) is None
    assert decimal_of(5) == Decimal(5)


class TestArithmetic:
    """Dollars with dollars, and with exact numbers."""

    def test_sums(self) -> None:
        """Tenths add up, unlike those of floats."""
        assert Usd("0.10") + Usd("0.20") == Usd("0.30")
        assert Usd("0.10") - Usd("0.20") == Usd("-0.10")
        assert sum([Usd(1), Usd("0.5")], Usd(0)) == Usd("1.50")
        assert sum([Usd(1), Usd("0.5")]) == Usd("1.50"), "sum() may start from its own 0"

    def test_signs(self) -> None:
        """A saving is negative."""
        assert -Usd(1) == Usd(-1)
        assert abs(Usd(-1)) == Usd(1) == abs(Usd(1))
        assert bool(Usd("1e-12")) is True
        assert bool(Usd(0)) is False

    @pytest.mark.parametrize("factor", [3, Decimal("1.5"), Fraction(1, 3)])
    def test_scaling(self, factor: int | Decimal | Fraction) -> None:
        """Dollars are scaled by exact numbers, from either side, and scaled back."""
        amount = Usd("0.40")
        assert amount * factor == factor * amount == Usd(Fraction(2, 5) * Fraction(factor))
        assert amount * factor / factor == amount

    def test_ratios(self) -> None:
        """Dollars over dollars are a Fraction, dollars over a number are dollars."""
        ratio = Usd("9.50") / Usd("3.20")
        assert ratio == Fraction(95, 32)
        assert type(ratio) is Fraction
        third = Usd(1) / 3
        assert third * 3 == Usd(1)
        assert third.as_fraction() == Fraction(1, 3)

    def test_prices_that_are_ratios(self) -> None:
        """A price of 1/24 of a dollar, or of 17/60000, is exact."""
        assert Usd("1/24") * 24 == Usd(1)
        assert Usd(Fraction(17, 60_000)) * 60_000 == Usd(17)

    def test_one_form_for_one_amount(self) -> None:
        """Equal amounts are equal and hash alike, however they were made."""
        same = [
            Usd("0.5"),
            Usd(0.5),
            Usd(Fraction(1, 2)),
            Usd(1) / 2,
            Usd("1/3") * Fraction(3, 2),
            Usd.from_pico(Fraction(5 * 10**11)),
        ]
        assert len(set(same)) == 1
        assert {type(amount.pico) for amount in same} == {int}
        assert Usd(1) != 1
        assert Usd(1) != "1"
        assert hash(Usd(1)) != hash(Usd(2))

    def test_pico_dollars(self) -> None:
        """A pico-dollar is the unit of the fast path, and less than one is possible."""
        assert Usd("0.40").pico == 4 * 10**11
        assert Usd.from_pico(1) == Usd("0.000000000001")
        assert Usd.from_pico(Fraction(1, 2)).pico == Fraction(1, 2)

    def test_order(self) -> None:
        """Amounts have all comparisons."""
        assert Usd(1) < Usd("1.01") <= Usd("1.01") < Usd(2)
        assert Usd(2) > Usd(1) >= Usd(1)
        assert max(Usd("1/3"), Usd("0.33")) == Usd("1/3")
        assert sorted([Usd(2), Usd(-1), Usd("1/3")]) == [Usd(-1), Usd("1/3"), Usd(2)]

    def test_the_context_of_the_caller_has_no_say(self) -> None:
        """With a precision of one digit, nothing is rounded."""
        with localcontext(Context(prec=1)):
            assert Usd("1234.5678") * Decimal("1.0001") == Usd("1234.69125678")
            assert str(Usd("1234.5678")) == "$1234.5678"
            assert f"{Usd('1234.5678'):,.3f}" == "1,234.568"
            assert Usd("1234.5678").as_decimal() == Decimal("1234.5678")
            assert exact(Decimal("1234.5678"), "a number") == Fraction("1234.5678")


class TestFaces:
    """How amounts are written."""

    @pytest.mark.parametrize(
        ("amount", "shown", "pasted"),
        [
            ("0", "$0.00", "Usd('0.00')"),
            ("3.2", "$3.20", "Usd('3.20')"),
            ("-3.2", "-$3.20", "Usd('-3.20')"),
            ("-0.004", "-$0.004", "Usd('-0.004')"),
            ("0.00032", "$0.00032", "Usd('0.00032')"),
            ("1234567", "$1234567.00", "Usd('1234567.00')"),
            ("1e-13", "$0.0000000000001", "Usd('0.0000000000001')"),
            ("1/3", "$1/3", "Usd('1/3')"),
            ("-1/3", "-$1/3", "Usd('-1/3')"),
        ],
    )
    def test_all_digits(self, amount: str, shown: str, pasted: str) -> None:
        """str() and repr() show every significant digit and at least two decimals; repr() can be pasted back."""
        usd = Usd(amount)
        assert str(usd) == shown
        assert repr(usd) == pasted
        assert eval(pasted) == usd

    @pytest.mark.parametrize(
        ("amount", "spec", "shown"),
        [
            ("1234567.891", ",.2f", "1,234,567.89"),
            ("1234567.891", ".2f", "1234567.89"),
            ("1234567.891", ",.0f", "1,234,568"),
            ("1234567.891", ",", "1,234,567.891"),
            ("0.125", ".2f", "0.12"),
            ("0.135", ".2f", "0.14"),
            ("-0.125", ".2f", "-0.12"),
            ("2.5", ".0f", "2"),
            ("3.5", ".0f", "4"),
            ("3.2", "+.2f", "+3.20"),
            ("3.2", ">10.2f", "      3.20"),
            ("3.2", "010.2f", "0000003.20"),
            ("3.2", "<8.2", "3.20    "),
            ("1/3", ",.4f", "0.3333"),
            ("2/3", ".0f", "1"),
            ("1/3", ">8", "    $1/3"),
            ("3.2", "", "$3.20"),
            ("0.001", ".2f", "0.00"),
        ],
    )
    def test_formats(self, amount: str, spec: str, shown: str) -> None:
        """The usual format language, rounded half to even from the exact value."""
        assert format(Usd(amount), spec) == shown

    def test_rounding(self) -> None:
        """rounded() gives the digits asked for, as a Decimal."""
        assert Usd("2/3").rounded(4) == Decimal("0.6667")
        assert str(Usd(5).rounded(2)) == "5.00"
        assert Usd("-0.125").rounded(2) == Decimal("-0.12")

    def test_conversions(self) -> None:
        """An amount leaves as a Decimal or Fraction, exactly."""
        assert Usd("0.00032").as_decimal() == Decimal("0.00032")
        assert Usd("0.00032").as_fraction() == Fraction(32, 100_000)

    @pytest.mark.parametrize("amount", ["0.40", "-1/3", "1e-13", "123456789.123"])
    def test_copies(self, amount: str) -> None:
        """Pickles and copies are equal."""
        usd = Usd(amount)
        for made in (pickle.loads(pickle.dumps(usd)), copy.copy(usd), copy.deepcopy(usd)):
            assert made == usd
