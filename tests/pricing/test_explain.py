"""Which layer answers, which are hidden, what changed: as values and as text."""

from __future__ import annotations

from datetime import date, time

import pytest

from llm_tradeoffs import (
    Catalog,
    ModelRecord,
    Multiplier,
    NoFactOnDateError,
    Price,
    PriceData,
    PricingRegistry,
    RateCard,
    Source,
    TimeWindow,
    Usd,
    compare,
    cost,
    recommend,
)
from llm_tradeoffs.pricing import diff

LIST = Source(id="list", title="a list", kind="package")


def row(meter: str, usd: str, **fields: object) -> Price:
    return Price(meter=meter, usd=Usd(usd), source=LIST, **fields)  # type: ignore[arg-type]


UPSTREAM = PriceData(
    source=LIST,
    records={
        "acme/one": ModelRecord(
            id="acme/one",
            aliases=("one",),
            prices=(
                row("input_tokens", "2"),
                row("input_tokens", "4", above_input_tokens=200_000),
                row("output_tokens", "8"),
                row("input_tokens", "1", service_tier="batch"),
                row("input_audio_seconds", "17/60000", per=1, minimum_quantity=10),
            ),
            multipliers=(
                Multiplier(factor="1/2", service_tier="batch", source=LIST),
                Multiplier(factor="1.1", region="eu", source=LIST),
            ),
        )
    },
)
BELOW = PricingRegistry.of(UPSTREAM, as_of="2026-03-01")


class TestExplanation:
    """Who answers for each price and each factor."""

    def test_text(self) -> None:
        ours = BELOW.with_layer({"one": ("1.50", None)}, name="contract", kind="negotiated")
        assert str(ours.explain("one")) == "\n".join(
            [
                "acme/one (asked for as 'one') on 2026-03-01; asked in this order: contract, list",
                "  standard input_tokens: $1.50/MTok  [contract]",
                "      hides $2.00/MTok, $4.00/MTok above 200,000 input tokens  [list]",
                "  standard output_tokens: $8.00/MTok  [list]",
                "  standard input_audio_seconds: $17/60000/s, at least 10  [list]",
                "  batch input_tokens: $1.00/MTok  [list]",
                "  batch every token price: 0.5 times  [list]",
                "  eu every token price: 1.1 times  [list]",
            ]
        )

    def test_a_factor_above_goes_before_factors_and_amounts_below(self) -> None:
        card = RateCard((), (Multiplier(factor="0.4", service_tier="batch", meters=("input_tokens", "output_tokens")),))
        ours = BELOW.with_layer({"acme/one": card}, name="contract")
        explained = ours.explain("acme/one")
        assert not [answer for answer in explained.answers if answer.service_tier == "batch"]
        first = next(answer for answer in explained.factors if answer.layer == "contract")
        assert (first.service_tier, first.region, first.meters) == ("batch", None, ("input_tokens", "output_tokens"))
        assert [(layer, type(hidden).__name__) for layer, hidden in first.hidden] == [
            ("list", "Multiplier"),
            ("list", "Price"),
        ]
        assert str(first) == "\n".join(
            [
                "batch input_tokens, output_tokens: 0.4 times  [contract]",
                "    hides 0.5 times  [list]",
                "    hides input_tokens $1.00/MTok  [list]",
            ]
        )
        assert cost("one", input_tokens=1_000_000, output_tokens=0, service_tier="batch", catalog=ours).total == Usd(
            "1.6"
        )
        rest = [answer for answer in explained.factors if answer.layer == "list" and answer.service_tier == "batch"]
        assert "input_tokens" not in rest[0].meters

    def test_factors_agree_with_the_model(self) -> None:
        explained = BELOW.explain("one")
        assert {answer.factor.factor for answer in explained.factors} == {
            factor.factor for factor in BELOW["one"].rates.multipliers
        }

    def test_hours_and_steps_are_said(self) -> None:
        night = TimeWindow(start=time(16, 30), end=time(0, 30))
        card = [Price(meter="input_tokens", usd=Usd(2)), Price(meter="input_tokens", usd=Usd(1), window=night)]
        steps = [
            Price(meter="input_pages", usd=Usd(1), per=1),
            Price(meter="input_pages", usd=Usd("0.5"), per=1, above_quantity=1_000),
        ]
        from_ = [
            Price(meter="output_tokens", usd=Usd(3)),
            Price(meter="output_tokens", usd=Usd(6), from_input_tokens=128_000),
        ]
        ours = PricingRegistry.of(as_of="2026-03-01").with_layer({"m": [*card, *steps, *from_]}, name="ours")
        text = str(ours.explain("m"))
        assert "$2.00/MTok, $1.00/MTok in 16:30-00:30 UTC  [ours]" in text
        assert "$1.00 each, $0.50 each beyond 1,000  [ours]" in text
        assert "$6.00/MTok from 128,000 input tokens" in text

    def test_a_discount_hides_what_it_was_taken_off(self) -> None:
        answer = BELOW.with_discount("0.1", name="off").explain("one").answers[0]
        assert answer.layer == "off"
        assert [(layer, rows[0].usd) for layer, rows in answer.hidden] == [("list", Usd(2))]

    def test_who_said_so_within_a_layer(self) -> None:
        answer = PricingRegistry.bundled().explain("gpt-4.1-mini").answers[0]
        assert f"({answer.prices[0].source.id})  [bundled]" in str(answer)

    def test_a_day_for_which_nothing_is_said(self) -> None:
        dated = PricingRegistry.of(as_of="2026-03-01").with_layer(
            {"m": [Price(meter="input_tokens", usd=Usd(1), effective_from=date(2026, 4, 1))]}, name="ours"
        )
        for asked in (dated.explain, dated.model):
            with pytest.raises(
                NoFactOnDateError, match=r"no price of m is recorded on 2026-03-01.*starts on 2026-04-01"
            ):
                asked("m")
        ended = PricingRegistry.of(as_of="2026-03-01").with_layer(
            {"m": [Price(meter="input_tokens", usd=Usd(1), effective_until=date(2026, 2, 1))]}, name="ours"
        )
        with pytest.raises(NoFactOnDateError, match="the last known one ended on 2026-02-01"):
            ended.explain("m")
        nothing = PricingRegistry.of(as_of="2026-03-01").with_layer({"m": None}, name="ours")
        with pytest.raises(NoFactOnDateError, match="nor on any other day"):
            nothing.explain("m")


class TestDiff:
    """What changed from one registry to another, or from one day to another."""

    def test_text(self) -> None:
        ours = BELOW.with_layer(
            {"one": {"input_tokens": "1.50", "cache_read_tokens": "0.1"}, "new": ("1", "1")}, name="ours"
        )
        assert str(diff(BELOW, ours)) == "\n".join(
            [
                "+ new",
                "acme/one standard.cache_read_tokens: not stated -> $0.10/MTok",
                "acme/one standard.input_tokens: $2.00/MTok -> $1.50/MTok",
                "acme/one standard.input_tokens.above_200000: $4.00/MTok -> not stated",
            ]
        )
        assert str(diff(ours, BELOW)).startswith("- new\n")

    def test_a_factor(self) -> None:
        card = RateCard((), (Multiplier(factor="0.4", service_tier="batch", meters=("output_tokens",)),))
        changes = diff(BELOW, BELOW.with_layer({"one": card}, name="ours")).changed
        assert [(each.field, str(each.old), str(each.new)) for each in changes] == [
            ("multipliers.batch.output_tokens", "0.5 × for batch", "0.4 × for batch")
        ]

    def test_a_minimum_is_a_change(self) -> None:
        least = Price(meter="input_audio_seconds", usd=Usd("17/60000"), per=1, minimum_quantity=5)
        changes = diff(BELOW, BELOW.with_layer({"one": [least]}, name="ours")).changed
        assert [each.field for each in changes] == ["rates.standard.input_audio_seconds"]

    def test_two_days_of_one_registry(self) -> None:
        registry = PricingRegistry.of(as_of="2026-03-01").with_layer(
            {
                "m": [
                    Price(meter="input_tokens", usd=Usd(2), effective_until=date(2026, 4, 1)),
                    Price(meter="input_tokens", usd=Usd(1), effective_from=date(2026, 4, 1)),
                ]
            },
            name="ours",
        )
        assert str(diff(registry, registry.at("2026-04-01"))) == "m standard.input_tokens: $2.00/MTok -> $1.00/MTok"
        assert not diff(registry, registry.at("2026-04-01"), as_of="2026-03-31")


class TestCatalog:
    """A registry as a catalog, for comparisons and recommendations."""

    def test_what_the_catalog_itself_says_is_left_alone(self) -> None:
        catalog = Catalog.bundled()
        made = PricingRegistry.bundled().catalog()
        assert made == catalog

    def test_comparisons_charge_what_the_registry_does(self) -> None:
        ours = PricingRegistry.bundled().with_layer({"gpt-4.1-mini": ("0.20", "0.80")}, name="contract")
        catalog = ours.catalog()
        row = compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot", catalog=catalog).row(
            "cost_per_month"
        )
        assert row.texts[0] == "$48.00"
        answer = recommend("support-chatbot", ["gpt-4.1-mini", "claude-haiku-4.5"], catalog=catalog)
        assert "rates.standard.input_tokens = $0.20/MTok [contract]" in map(str, answer.candidate("gpt-4.1-mini").facts)
        assert catalog["gpt-4.1-mini"].scores == Catalog.bundled()["gpt-4.1-mini"].scores

    def test_new_models_come_with_their_facts(self) -> None:
        catalog = PricingRegistry.of("bundled", UPSTREAM).catalog()
        assert catalog["one"].id == "acme/one"
        assert catalog["one"].rates.price("input_tokens") is not None
        assert len(catalog) == len(Catalog.bundled()) + 1

    def test_the_trust_of_a_layer_is_kept(self) -> None:
        """A base that believes other sources does not begin to believe those of the prices."""
        article = Catalog.bundled(trust=("article",), as_of="2026-11-22")
        catalog = PricingRegistry.bundled().catalog(article)
        assert catalog["gpt-4.1-mini"].context_window == 1_050_000
        assert catalog["gpt-4.1-mini"].rates.price("input_tokens", "batch") is not None
        assert article["gpt-4.1-mini"].rates.price("input_tokens", "batch") is None
        back = PricingRegistry.of(article, as_of="2026-11-22").catalog(Catalog.bundled())
        assert back["gpt-4.1-mini"].rates.price("input_tokens", "batch") is None

    def test_a_source_of_the_same_name_does_not_take_the_place_of_another(self) -> None:
        ours = PricingRegistry.bundled().with_layer({"gpt-4.1-mini": ("0.20", "0.80")}, name="article")
        catalog = ours.catalog()
        assert catalog.sources["article"] == Catalog.bundled().sources["article"]
        found = catalog["gpt-4.1-mini"].price("input_tokens")
        assert found is not None
        assert (found.source.id, found.source.title) == ("article 2", "article")

    def test_a_discount_of_some_days(self) -> None:
        ours = PricingRegistry.bundled().with_discount(
            "0.5", name="off", models=["gpt-4.1-mini"], effective_from="2026-11-20"
        )
        catalog = ours.catalog()
        for day in ("2026-11-19", "2026-11-20"):
            prices = [held.model("gpt-4.1-mini", day).price("output_tokens") for held in (ours, catalog)]
            assert prices[0] is not None
            assert prices[1] is not None
            assert prices[0].usd == prices[1].usd

    def test_one_model_here_may_be_several_there(self) -> None:
        joined = PriceData(
            source=LIST,
            records={
                "mine": ModelRecord(
                    id="mine", aliases=("gpt-4.1-mini", "gpt-4.1-nano"), prices=(row("input_tokens", "7"),)
                )
            },
        )
        ours = PricingRegistry.bundled().with_layer(joined, kind="private")
        for name in ("gpt-4.1-mini", "gpt-4.1-nano", "mine"):
            for held in (ours, ours.catalog()):
                found = held[name].price("input_tokens")
                assert found is not None
                assert found.usd == Usd(7)
