"""Published prices, and the card of those that hold on one day."""

from __future__ import annotations

from fractions import Fraction

import pytest

from llm_tradeoffs import Price, RateCard, Usd
from llm_tradeoffs.rates import Rate
from llm_tradeoffs.usage import METERS, TOKEN_METERS


def row(meter: str, usd: str, **more: object) -> Price:
    return Price(meter=meter, usd=Usd(usd), **more)  # type: ignore[arg-type]


def usd_of(rate: Rate | None) -> str | None:
    return None if rate is None else str(rate.price)


LADDER = RateCard(
    (
        row("input_tokens", "1"),
        row("input_tokens", "2", above_input_tokens=200_000),
        row("input_tokens", "3", above_input_tokens=500_000),
        row("output_tokens", "5"),
        row("output_tokens", "7", above_input_tokens=500_000),
        row("cache_read_tokens", "0.1"),
    )
)


class TestPrice:
    """One published price."""

    @pytest.mark.parametrize(
        ("price", "unit", "text", "pico"),
        [
            (row("input_tokens", "0.40"), "USD/MTok", "$0.40/MTok", 400_000),
            (row("web_searches", "0.01", per=1), "USD each", "$0.01 each", 10**10),
            (row("web_searches", "10", per=1_000), "USD per 1,000", "$10.00 per 1,000", 10**10),
            (row("requests", "1", per=3), "USD per 3", "$1.00 per 3", Fraction(10**12, 3)),
        ],
    )
    def test_units(self, price: Price, unit: str, text: str, pico: int | Fraction) -> None:
        """A price keeps how it was published: per million tokens, each, or per so many."""
        assert (price.unit, str(price), price.pico_per_unit) == (unit, text, pico)

    def test_free_is_a_price(self) -> None:
        """$0 is a price that somebody published, unlike an unknown one."""
        assert RateCard((row("input_tokens", "0"),)).price("input_tokens") is not None


class TestWhatAPersonTypes:
    """A rate card from a pair, a mapping, rows, or nothing."""

    def test_a_pair(self) -> None:
        """Input and output, in USD per million tokens, however the numbers are written."""
        assert (
            RateCard.of((0.25, "1.25"))
            == RateCard.of(["0.25", Fraction(5, 4)])
            == RateCard.of({"input_tokens": "0.25", "output_tokens": "1.25"})
        )

    def test_a_mapping(self) -> None:
        """Tokens are priced by the million, fees each; None is unknown."""
        card = RateCard.of({"input_tokens": 1, "output_tokens": None, "web_searches": "0.01", "requests": "0.001"})
        assert card.price("output_tokens") is None
        assert [str(price) for price in card.prices] == ["$1.00/MTok", "$0.01 each", "$0.001 each"]

    def test_rows_and_cards(self) -> None:
        """Rows are taken as they are, a card is itself, and nothing is an empty card."""
        assert RateCard.of(LADDER) is LADDER
        assert RateCard.of(LADDER.prices) == LADDER
        assert RateCard.of(None) == RateCard.of(()) == RateCard.of([]) == RateCard.of((None, None)) == RateCard()
        assert not RateCard()
        assert LADDER


class TestThresholds:
    """The whole request is billed at the rate of its length."""

    @pytest.mark.parametrize(
        ("length", "input_price", "output_price"),
        [
            (0, "$1.00/MTok", "$5.00/MTok"),
            (200_000, "$1.00/MTok", "$5.00/MTok"),
            (200_001, "$2.00/MTok", "$5.00/MTok"),
            (Fraction(400_001, 2), "$2.00/MTok", "$5.00/MTok"),
            (500_000, "$2.00/MTok", "$5.00/MTok"),
            (500_001, "$3.00/MTok", "$7.00/MTok"),
            (10**30, "$3.00/MTok", "$7.00/MTok"),
        ],
    )
    def test_the_rate_of_a_length(self, length: int | Fraction, input_price: str, output_price: str) -> None:
        """A threshold is exceeded by one token more, and each meter has its own ladder."""
        rates = LADDER.rates("standard", length)
        assert (usd_of(rates["input_tokens"]), usd_of(rates["output_tokens"])) == (input_price, output_price)

    def test_breakpoints(self) -> None:
        """The lengths at which a price changes, ascending, tier by tier."""
        assert LADDER.breakpoints() == (200_000, 500_000)
        assert LADDER.breakpoints("batch") == ()

    def test_a_price_that_exists_only_above_a_threshold(self) -> None:
        """Below the only threshold of a meter its price is unknown, or its total's if it is a part."""
        card = RateCard((row("input_tokens", "1"), row("output_tokens", "2", above_input_tokens=100)))
        assert card.price("output_tokens", input_tokens=100) is None
        assert card.price("output_tokens", input_tokens=101) is not None

    def test_a_part_keeps_its_ordinary_price_on_every_length(self) -> None:
        """A meter without rows above a threshold goes on at its ordinary price."""
        assert str(LADDER.price("cache_read_tokens", input_tokens=10**6)) == "$0.10/MTok"


class TestTiers:
    """What is known in one tier says nothing about another."""

    CARD = RateCard(
        (
            row("input_tokens", "1"),
            row("output_tokens", "2"),
            row("cache_read_tokens", "0.1"),
            row("input_tokens", "0.5", service_tier="batch"),
            row("output_tokens", "1", service_tier="batch"),
            row("input_audio_tokens", "9", service_tier="priority"),
        )
    )

    def test_parts_without_any_price_are_billed_at_their_totals(self) -> None:
        """Reasoning and image tokens that nobody prices apart cost what output and input cost."""
        rates = self.CARD.rates()
        assert rates["reasoning_tokens"] == rates["output_tokens"]
        assert rates["input_image_tokens"] == rates["input_tokens"]
        assert self.CARD.rates("batch")["reasoning_tokens"] == self.CARD.rates("batch")["output_tokens"]

    def test_parts_with_a_price_in_another_tier_are_unknown(self) -> None:
        """A cached token in a batch has no price if only the standard tier has one: it is not guessed."""
        assert self.CARD.price("cache_read_tokens", "batch") is None
        assert self.CARD.price("input_audio_tokens") is None
        assert self.CARD.price("input_audio_tokens", "priority") is not None

    def test_fees_without_a_price_are_unknown(self) -> None:
        """Fees have no total to be billed at."""
        assert self.CARD.price("web_searches") is None
        assert self.CARD.price("requests") is None

    def test_tiers_that_have_prices(self) -> None:
        """Tiers are listed in their own order; a tier without prices knows nothing."""
        assert self.CARD.tiers == ("standard", "batch", "priority")
        assert RateCard().tiers == ()
        assert set(self.CARD.rates("flex").values()) == {None}

    def test_every_meter_has_a_rate_or_none(self) -> None:
        """rates() answers for every meter there is."""
        assert tuple(self.CARD.rates()) == METERS


class TestBlends:
    """USD per million tokens of a mix."""

    CARD = RateCard.of(("0.40", "1.60"))

    @pytest.mark.parametrize(
        ("ratio", "usd"),
        [
            ((1, 1), "1.00"),
            ((3, 1), "0.70"),
            ((1, 0), "0.40"),
            ((0, 1), "1.60"),
            (("0.5", 0.5), "1.00"),
            ((2, 1), "0.80"),
            ((1, 6), "10/7"),
        ],
    )
    def test_mixes(self, ratio: tuple[int, int], usd: str) -> None:
        """The mean of both prices, weighted by the ratio: one to one of $0.40 and $1.60 is $1.00."""
        expected = (Fraction("0.40") * Fraction(ratio[0]) + Fraction("1.60") * Fraction(ratio[1])) / (
            Fraction(ratio[0]) + Fraction(ratio[1])
        )
        assert self.CARD.blended_usd_per_mtok(*ratio) == Usd(expected) == Usd(usd)

    def test_unknown_prices(self) -> None:
        """A mix with a part of unknown price is unknown; a part that is not in the mix does not matter."""
        half = RateCard.of((None, 1))
        assert half.blended_usd_per_mtok(1, 1) is None
        assert half.blended_usd_per_mtok(0, 1) == Usd(1)
        assert RateCard().blended_usd_per_mtok(1, 0) is None


def test_cards_are_values() -> None:
    """Cards of equal rows are equal and hash alike; looking something up does not change that."""
    card = RateCard.of((1, 2))
    card.rates("batch")
    assert card == RateCard.of((1, 2))
    assert hash(card) == hash(RateCard.of((1, 2)))
    assert card != LADDER


def test_every_token_meter_of_a_bare_pair_has_a_price() -> None:
    """Two prices are enough for every token there is."""
    assert all(RateCard.of((1, 2)).rates()[meter] is not None for meter in TOKEN_METERS)
