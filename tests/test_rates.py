"""Published prices, and the card of those that hold on one day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from llm_tradeoffs import (
    InvalidTypeError,
    InvalidValueError,
    Model,
    Multiplier,
    NoFactOnDateError,
    Price,
    RateCard,
    TimeWindow,
    UnknownNameError,
    UnknownPriceError,
    Usd,
    cost,
)
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
            (row("input_characters", "2", per=1), "USD/character", "$2.00/character", 2 * 10**12),
            (row("input_audio_seconds", "6", per=60), "USD per 60 s", "$6.00 per 60 s", 10**11),
            (row("input_tokens", "0.5", per=1_000), "USD per 1,000", "$0.50 per 1,000", 5 * 10**8),
        ],
    )
    def test_units(self, price: Price, unit: str, text: str, pico: int | Fraction) -> None:
        """A price keeps how it was published: per million tokens, each, or per so many."""
        assert (price.unit, str(price), price.pico_per_unit) == (unit, text, pico)

    def test_free_is_a_price(self) -> None:
        """$0 is a price that somebody published, unlike an unknown one."""
        assert RateCard((row("input_tokens", "0"),)).price("input_tokens") is not None

    @pytest.mark.parametrize(
        ("fields", "error", "words"),
        [
            ({"meter": "tokens"}, UnknownNameError, "no meter is named 'tokens'"),
            ({"meter": ["input_tokens"]}, UnknownNameError, "expected the name of a meter as a str"),
            ({"usd": 1}, InvalidTypeError, "expected Usd('0.40')"),
            ({"usd": Usd(-1)}, InvalidValueError, "a price cannot be negative"),
            ({"per": 0}, InvalidValueError, "is per 0; expected a whole number above 0"),
            ({"per": True}, InvalidValueError, "is per True"),
            ({"service_tier": "turbo"}, UnknownNameError, "no service tier is named 'turbo'"),
            ({"region": ""}, InvalidTypeError, "region is ''"),
            ({"region": 5}, InvalidTypeError, "region is 5"),
            ({"window": "16:30-00:30"}, InvalidTypeError, "expected a TimeWindow, or None"),
            ({"above_input_tokens": 5, "from_input_tokens": 5}, InvalidValueError, "state one bound"),
            ({"from_input_tokens": 0}, InvalidValueError, "an inclusive one of at least 1"),
            ({"above_quantity": 0}, InvalidValueError, "a marginal price begins after at least 1"),
            ({"above_quantity": 5, "minimum_quantity": 5}, InvalidValueError, "a minimum stands in the row of"),
            ({"effective_from": "2026-03-01"}, InvalidTypeError, "effective_from is '2026-03-01'; expected a date"),
        ],
    )
    def test_prices_that_are_none(self, fields: dict[str, Any], error: type[Exception], words: str) -> None:
        """Whatever a row cannot mean is refused when it is made."""
        with pytest.raises(error) as caught:
            Price(**{"meter": "input_tokens", "usd": Usd(1), **fields})
        assert words in str(caught.value)


class TestMultiplier:
    """One published factor."""

    def test_it_is_for_all_tokens_unless_it_says_otherwise(self) -> None:
        """Its meters stand in their own order; fees are in it where they are named."""
        assert Multiplier(factor="0.5", service_tier="batch").meters == TOKEN_METERS
        some = Multiplier(factor=2, region="eu", meters=["web_searches", "input_tokens"])  # type: ignore[arg-type]
        assert some.meters == ("input_tokens", "web_searches")
        assert (str(some), some.factor) == ("2 × for eu", 2)

    @pytest.mark.parametrize(
        ("fields", "error", "words"),
        [
            ({"factor": -1}, InvalidValueError, "a multiplier cannot be negative"),
            ({"factor": None}, InvalidTypeError, "factor is None"),
            ({"region": "eu"}, InvalidValueError, "for a service tier or for a region; state one of them"),
            ({"service_tier": None}, InvalidValueError, "for a service tier or for a region; state one of them"),
            ({"service_tier": "standard"}, InvalidValueError, "the standard tier has no multiplier"),
            ({"service_tier": "turbo"}, UnknownNameError, "no service tier is named 'turbo'"),
            ({"service_tier": None, "region": ""}, InvalidTypeError, "region is ''"),
            ({"meters": ()}, InvalidValueError, "meters is empty"),
            ({"meters": ("tokens",)}, UnknownNameError, "no meter is named 'tokens'"),
            ({"meters": "input_tokens"}, InvalidTypeError, "meters"),
            ({"effective_until": 5}, InvalidTypeError, "effective_until is 5; expected a date"),
        ],
    )
    def test_factors_that_are_none(self, fields: dict[str, Any], error: type[Exception], words: str) -> None:
        """Whatever a factor cannot mean is refused when it is made."""
        with pytest.raises(error) as caught:
            Multiplier(**{"factor": "0.5", "service_tier": "batch", **fields})
        assert words in str(caught.value)


class TestTwoAnswers:
    """A card has one answer to each question."""

    def test_two_rows_or_factors_for_one_question(self) -> None:
        """Two bounds that are one are one question, and so are two factors that share a meter."""
        with pytest.raises(InvalidValueError, match="two prices for input_tokens"):
            RateCard([row("input_tokens", "1", above_input_tokens=9), row("input_tokens", "2", from_input_tokens=10)])
        half = Multiplier(factor="0.5", service_tier="batch")
        with pytest.raises(InvalidValueError, match="two factors for input_tokens"):
            RateCard([], [half, Multiplier(factor="0.4", service_tier="batch", meters=("input_tokens",))])
        with pytest.raises(InvalidTypeError, match="holds Price rows"):
            RateCard([half])  # type: ignore[list-item]  # the point
        with pytest.raises(InvalidTypeError, match="are Multiplier rows"):
            RateCard([], [row("input_tokens", "1")])  # type: ignore[list-item]  # the point

    def test_regions_tiers_and_hours_are_listed(self) -> None:
        """A card says for which tiers, regions and hours it has prices or factors."""
        night = TimeWindow(start="16:30", end="00:30")
        card = RateCard(
            [row("input_tokens", "1"), row("input_tokens", "2", region="us"), row("input_tokens", "3", window=night)],
            [Multiplier(factor=2, region="eu"), Multiplier(factor=2, service_tier="fast")],
        )
        assert (card.tiers, card.regions, card.windows) == (("standard", "fast"), ("eu", "us"), (night,))
        assert str(night) == "16:30-00:30 UTC"
        assert str(TimeWindow(start="1:00".zfill(5), end="02:00", weekdays=("sunday",))) == "01:00-02:00 UTC on sunday"
        with pytest.raises(UnknownNameError, match="no region with a price of its own is named 'mars'"):
            card.rates(region="mars")


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


class TestPublishedRanges:
    """A vendor may publish a fee as a range: what a call costs is then one, too."""

    SONAR = Price(meter="requests", usd=Usd("0.012"), usd_low=Usd("0.005"), per=1, note="by the size of the search")

    def test_a_call_costs_between_the_two(self) -> None:
        """0.005 to 0.012 for the request, and 1 MTok at 1 USD."""
        model = Model("sonar", usd_per_mtok=[self.SONAR, row("input_tokens", "1")])
        found = cost(model, input_tokens=10**6, output_tokens=0)
        assert (found.low, found.high) == (Usd("1.005"), Usd("1.012"))
        assert found.assumptions == (
            "requests is published from $0.005 each to $0.012 each (by the size of the search)",
        )
        with pytest.raises(UnknownPriceError, match="no single standard price of requests"):
            cost(model, input_tokens=10**6, output_tokens=0, strict=True)

    @pytest.mark.parametrize("least", [Usd("0.012"), Usd("0.02"), Usd("-1"), "0.005"])
    def test_the_least_is_below_the_most(self, least: object) -> None:
        """Anything else is no range."""
        with pytest.raises(InvalidValueError, match="the least price of requests"):
            Price(meter="requests", usd=Usd("0.012"), usd_low=least, per=1)  # type: ignore[arg-type]  # the point


def test_what_is_not_sure_on_a_day_is_said() -> None:
    """A retired model, and an undated price of another list on an earlier day, are priced with that said."""
    retired = Model("old", usd_per_mtok=(1, 2), retires_on=date(2026, 1, 1))
    found = cost(retired, input_tokens=10**6, output_tokens=0, as_of="2026-01-01")
    assert found.total == Usd(1)
    assert found.assumptions == ("old was retired on 2026-01-01; the call is priced as it was listed",)
    assert cost(retired, input_tokens=10**6, output_tokens=0, as_of="2025-12-31").assumptions == ()
    with pytest.raises(UnknownPriceError, match=r"is not sure for 'old'\. old was retired"):
        cost(retired, input_tokens=1, output_tokens=0, as_of="2026-01-01", strict=True)


def test_a_model_written_by_hand_is_asked_about_its_days() -> None:
    """Its rows hold on their days, as those of a catalog do."""
    rows = [row("input_tokens", "2", effective_from=date(2026, 1, 1), effective_until=date(2026, 6, 1))]
    model = Model("a", usd_per_mtok=rows)
    assert cost(model, input_tokens=10**6, output_tokens=0, as_of="2026-05-31").total == Usd(2)
    with pytest.raises(NoFactOnDateError, match="ended on 2026-06-01"):
        cost(model, input_tokens=10**6, output_tokens=0, as_of="2026-06-01")
    with pytest.raises(NoFactOnDateError, match="starts on 2026-01-01"):
        cost(model, input_tokens=10**6, output_tokens=0, as_of="2025-12-31")
    with pytest.raises(InvalidValueError, match="not after effective_from"):
        row("input_tokens", "2", effective_from=date(2026, 6, 1), effective_until=date(2026, 6, 1))


def test_a_day_before_the_first_price_names_it() -> None:
    """A model that was known before any price of it says when the first one begins."""
    with pytest.raises(NoFactOnDateError, match=r"no price of gpt-4o .* 2024-06-01: .* starts on 2024-08-06"):
        cost("gpt-4o", input_tokens=1, output_tokens=1, as_of="2024-06-01")


def test_an_assumption_names_the_ends_of_its_interval() -> None:
    """Factors of a tier are worked into what the words say."""
    factor = Multiplier(factor=2, service_tier="priority", meters=("input_tokens", "output_tokens"))
    card = RateCard((row("input_tokens", "2"), row("output_tokens", "4"), row("cache_read_tokens", "0.20")), (factor,))
    found = cost(
        Model("a", usd_per_mtok=card),
        input_tokens=10**6,
        cache_read_tokens=10**6,
        output_tokens=0,
        service_tier="priority",
    )
    assert (found.low, found.high) == (Usd("0.20"), Usd(4))
    assert "$4.00/MTok if it is billed like other input_tokens" in found.assumptions[0]
