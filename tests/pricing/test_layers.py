"""What a layer can be made of, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from llm_tradeoffs import (
    Catalog,
    CatalogError,
    InvalidTypeError,
    InvalidValueError,
    Model,
    Multiplier,
    Price,
    PricingRegistry,
    RateCard,
    UnknownNameError,
    Usd,
    cost,
)
from llm_tradeoffs.pricing import Discount, Layer
from refusals import Refusal, check, table

BUNDLED = PricingRegistry.bundled()


def total(registry: PricingRegistry, model: str = "gpt-4.1-mini", **options: Any) -> Usd:
    return cost(model, input_tokens=1_000_000, output_tokens=0, catalog=registry, **options).total


class TestInputs:
    """The same price, stated in every way."""

    @pytest.mark.parametrize(
        "prices",
        [
            {"gpt-4.1-mini": ("0.32", "1.28")},
            {"gpt-4.1-mini": (0.32, 1.28)},
            {"gpt-4.1-mini": {"input_tokens": "0.32"}},
            {"gpt-4.1-mini": RateCard.of(("0.32", None))},
            {"gpt-4.1-mini": [Price(meter="input_tokens", usd=Usd("0.32"))]},
            [Model("gpt-4.1-mini", usd_per_mtok=("0.32", "1.28"))],
            (model for model in [Model("openai/gpt-4.1-mini", usd_per_mtok=("0.32", "1.28"))]),
        ],
        ids=["texts", "floats", "mapping", "card", "rows", "model", "generator"],
    )
    def test_by_hand(self, prices: Any) -> None:
        ours = BUNDLED.with_layer(prices, name="ours")
        assert total(ours) == Usd("0.32")
        found = ours["gpt-4.1-mini"].price("input_tokens")
        assert found is not None
        assert (found.source.id, found.source.kind) == ("ours", "caller")
        assert total(BUNDLED) == Usd("0.40")

    def test_a_catalog(self) -> None:
        article = Catalog.bundled(trust=("article",))
        registry = PricingRegistry.of(article, as_of="2026-04-01")
        assert registry["gpt-4.1-mini"].context_window == 1_050_000
        assert registry.layer("bundled").trust == ("article",)
        assert registry["gpt-4.1-mini"].rates == article.model("gpt-4.1-mini", "2026-04-01").rates

    def test_factors_by_hand_are_the_layer_s_own(self) -> None:
        card = RateCard((Price(meter="input_tokens", usd=Usd(1)),), (Multiplier(factor="0.5", service_tier="batch"),))
        registry = PricingRegistry.of().with_layer({"acme/one": card}, name="ours")
        assert registry["acme/one"].rates.multipliers[0].source.id == "ours"
        assert total(registry, "acme/one", service_tier="batch") == Usd("0.5")

    def test_an_unknown_price_hides_nothing(self) -> None:
        ours = BUNDLED.with_layer({"gpt-4.1-mini": ("0.32", None)}, name="ours")
        assert ours["gpt-4.1-mini"].price("output_tokens") == BUNDLED["gpt-4.1-mini"].price("output_tokens")

    def test_whole_ladders_answer(self) -> None:
        """Thresholds of one price list never stand on the base price of another."""
        ladder = [
            Price(meter="input_tokens", usd=Usd(1)),
            Price(meter="input_tokens", usd=Usd(2), above_input_tokens=200_000),
        ]
        below = PricingRegistry.of().with_layer({"acme/one": ladder}, name="list", kind="upstream")
        ours = below.with_layer({"acme/one": ("3", None)}, name="ours")
        assert [row.usd for row in ours["acme/one"].rates.prices] == [Usd(3)]
        assert ours["acme/one"].rates.breakpoints() == ()

    def test_facts_come_along(self) -> None:
        model = Model("acme/one", usd_per_mtok=("1", "2"), context_window=5, name="Acme One", scores={"mmlu": "70 %"})
        found = PricingRegistry.of().with_layer([model], name="ours")["acme/one"]
        assert (found.context_window, found.name, found.scores) == (5, "Acme One", model.scores)
        assert BUNDLED["gpt-4.1-mini"].scores == Catalog.bundled()["gpt-4.1-mini"].scores

    def test_reprs_say_what_there_is(self) -> None:
        ours = BUNDLED.with_layer({"a": ("1", "1")}, name="ours", tenant="ann").with_discount("0.15", name="off")
        assert repr(ours.layer("ours")) == "<Layer 'ours' (private for ann): 1 models>"
        assert repr(ours.layer("off")) == "<Layer 'off' (negotiated): 0 models, 15 % off>"
        assert repr(ours).startswith(f"<PricingRegistry as of {ours.as_of}: {len(BUNDLED)} models in off (negotiated)")


class TestDiscounts:
    """Beyond the law that a discount scales exactly its lines."""

    def test_for_its_days(self) -> None:
        ours = BUNDLED.with_discount("0.5", name="off", effective_from="2026-11-01", effective_until=date(2026, 11, 22))
        assert [total(ours, as_of=day) for day in ("2026-10-31", "2026-11-01", "2026-11-21", "2026-11-22")] == [
            Usd("0.40"),
            Usd("0.20"),
            Usd("0.20"),
            Usd("0.40"),
        ]

    def test_for_a_vendor(self) -> None:
        ours = BUNDLED.with_discount("0.5", name="off", vendors=["openai"])
        assert total(ours) == Usd("0.20")
        assert total(ours, "claude-haiku-4.5") == total(BUNDLED, "claude-haiku-4.5")

    def test_for_a_tenants_own_model(self) -> None:
        ours = BUNDLED.with_layer({"acme/one": ("2", "2")}, name="theirs", tenant="ann")
        ours = ours.with_discount("0.5", name="off", models=["acme/one"], tenant="ann")
        assert total(ours.for_tenant("ann"), "acme/one") == Usd(1)
        with pytest.raises(UnknownNameError):
            ours["acme/one"]

    def test_it_is_off_what_stands_below_only(self) -> None:
        contract = BUNDLED.with_layer({"gpt-4.1-mini": ("0.30", "1")}, name="contract", kind="negotiated")
        above = contract.with_discount("0.5", name="off")
        below = contract.with_discount("0.5", name="off", kind="private")
        assert (total(above), total(below)) == (Usd("0.15"), Usd("0.30"))

    def test_it_cites_what_it_was_taken_off(self) -> None:
        found = BUNDLED.with_discount("0.1", name="off")["gpt-4.1-mini"].price("input_tokens")
        assert found is not None
        assert found.source.id == "off"
        assert "10 % off $0.40/MTok" in found.place
        assert found.note == "the price below is that of the layer 'bundled'"


class TestKinds:
    """A layer is of a kind, and has a name of its own."""

    def test_a_taken_name_is_refused_and_can_be_replaced(self) -> None:
        ours = BUNDLED.with_layer({"gpt-4.1-mini": ("1", "1")}, name="ours")
        with pytest.raises(InvalidValueError, match="two layers are called 'ours'"):
            ours.with_layer({"gpt-4.1-mini": ("2", "2")}, name="ours")
        assert total(ours.with_layer({"gpt-4.1-mini": ("2", "2")}, name="ours", replace=True)) == Usd(2)

    def test_a_layer_that_is_replaced_may_change_its_kind(self) -> None:
        ours = BUNDLED.with_layer({"gpt-4.1-mini": ("1", "1")}, name="ours").with_layer(
            {}, name="other", kind="negotiated"
        )
        again = ours.with_layer({"gpt-4.1-mini": ("2", "2")}, name="ours", kind="what-if", replace=True)
        assert [layer.name for layer in again.layers] == ["ours", "other", "bundled"]

    def test_lookups(self) -> None:
        ours = BUNDLED.with_layer({}, name="ours")
        assert ours.layer("ours").kind == "private"
        assert ours.without_layer("ours") == BUNDLED
        for asked in (ours.layer, ours.without_layer):
            with pytest.raises(UnknownNameError, match=r"no layer is named 'our'. Did you mean 'ours'"):
                asked("our")
        with pytest.raises(UnknownNameError, match="no tenant is named 'ann'"):
            ours.for_tenant("ann")

    def test_layers_can_be_hashed_and_compared(self) -> None:
        one, other = ({"gpt-4.1-mini": (usd, usd)} for usd in ("1", "2"))
        assert len({BUNDLED.with_layer(each, name="ours").layers[0] for each in (one, one, other)}) == 2
        assert BUNDLED.with_layer(one, name="ours") != BUNDLED.with_layer(other, name="ours")
        assert BUNDLED != "bundled"
        assert BUNDLED.layers[0] != "bundled"


def with_layer(prices: Any, **options: Any) -> Any:
    return lambda: BUNDLED.with_layer(prices, **{"name": "ours", **options})


def off(share: Any, **options: Any) -> Any:
    return lambda: BUNDLED.with_discount(share, **{"name": "off", **options})


ROW = Price(meter="input_tokens", usd=Usd(1))

REFUSED = {
    "no prices": Refusal(
        with_layer(None),
        InvalidTypeError,
        "no prices can be read",
        "None of type NoneType",
        "a mapping",
    ),
    "a number": Refusal(with_layer(5), InvalidTypeError, "no prices can be read", "5 of type int", "a mapping"),
    "bytes": Refusal(with_layer(b"x = 1"), InvalidTypeError, "no prices can be read", "of type bytes", "TOML files"),
    "one model": Refusal(
        with_layer(Model("a", usd_per_mtok=("1", "1"))), InvalidTypeError, "no prices can be read", "Model", "in a list"
    ),
    "rows alone": Refusal(with_layer([ROW]), InvalidTypeError, "expected a Model", "Price(", "of type Price"),
    "a class": Refusal(with_layer(Catalog), InvalidTypeError, "no prices", "the class Catalog", do="Catalog()"),
    "a mapping without a name": Refusal(
        lambda: PricingRegistry.of({"a": ("1", "1")}),
        InvalidTypeError,
        "no layer",
        "{'a': ('1', '1')}",
        do="with_layer",
    ),
    "a number without a name": Refusal(lambda: PricingRegistry.of(5), InvalidTypeError, "no prices", "5 of type int"),
    "a name": Refusal(
        with_layer("genai-pricess"),
        UnknownNameError,
        "price source",
        "'genai-pricess'",
        "'genai-prices'",
    ),
    "an empty path": Refusal(with_layer(""), UnknownNameError, "price source", "''", "'bundled'"),
    "no name": Refusal(
        with_layer({}, name=None),
        InvalidTypeError,
        "no layer",
        "{} of type dict",
        do="name='contract 17'",
    ),
    "an empty name": Refusal(with_layer({}, name=""), InvalidTypeError, "the name of a layer", "''", "a text"),
    "a number as name": Refusal(with_layer({}, name=5), InvalidTypeError, "the name of a layer", "5", "a text"),
    "a kind": Refusal(with_layer({}, kind="privat"), UnknownNameError, "kind of layer", "'privat'", "'private'"),
    "no text as kind": Refusal(with_layer({}, kind=[]), UnknownNameError, "kind of layer", "[]", "as a str"),
    "an empty tenant": Refusal(with_layer({}, tenant=""), InvalidTypeError, "the tenant of a layer", "''", "a text"),
    "a number as tenant": Refusal(with_layer({}, tenant=5), InvalidTypeError, "the tenant of a layer", "5", "a text"),
    "a number as model": Refusal(with_layer({5: ("1", "1")}), InvalidTypeError, "the name of a model", "5", "a text"),
    "an empty model": Refusal(with_layer({"": ("1", "1")}), InvalidTypeError, "the name of a model", "''", "a text"),
    "a bare price": Refusal(with_layer({"a": "0.40"}), InvalidTypeError, "prices are", "'0.40'", "(input, output)"),
    "a negative price": Refusal(with_layer({"a": ("-1", "1")}), InvalidValueError, "input_tokens", "-1", "negative"),
    "a price that is NaN": Refusal(with_layer({"a": (float("nan"), 1)}), InvalidValueError, "input_tokens", "nan"),
    "a price that is true": Refusal(with_layer({"a": (True, 1)}), InvalidTypeError, "input_tokens", "True"),
    "a price in words": Refusal(with_layer({"a": ("free", 1)}), InvalidValueError, "input_tokens", "'free'", "'1.25'"),
    "a meter": Refusal(with_layer({"a": {"input": 1}}), UnknownNameError, "meter", "'input'", "'input_tokens'"),
    "the same model twice": Refusal(
        with_layer([Model("a"), Model("a")]),
        InvalidValueError,
        "the model 'a'",
        "twice in the layer 'ours'",
        do="Keep one",
    ),
    "two prices for one thing": Refusal(with_layer({"a": [ROW, ROW]}), InvalidValueError, "two prices", "$1.00/MTok"),
    "no share": Refusal(off(None), InvalidTypeError, "share", "None"),
    "a share of more than all": Refusal(off(15), InvalidValueError, "a discount of 15", "15", "from 0 to 1", "'0.15'"),
    "a negative share": Refusal(off("-0.1"), InvalidValueError, "a discount of -0.1", "-0.1", "from 0 to 1"),
    "a share that is NaN": Refusal(off(float("nan")), InvalidValueError, "share", "nan"),
    "a share that is true": Refusal(off(True), InvalidTypeError, "share", "True"),
    "a share in words": Refusal(off("half"), InvalidValueError, "share", "'half'"),
    "one model as text": Refusal(
        off("0.1", models="gpt-4.1-mini"),
        InvalidTypeError,
        "models",
        "'gpt-4.1-mini'",
        "several",
    ),
    "an unknown model": Refusal(
        off("0.1", models=["gpt-4.1-min"]),
        UnknownNameError,
        "model",
        "'gpt-4.1-min'",
        "'gpt-4.1-mini'",
    ),
    "no models": Refusal(off("0.1", models=[]), InvalidValueError, "models", "empty", do="Leave it out for all"),
    "an unknown vendor": Refusal(off("0.1", vendors=["opneai"]), UnknownNameError, "vendor", "'opneai'", "'openai'"),
    "a vendor as text": Refusal(off("0.1", vendors="openai"), InvalidTypeError, "vendors", "'openai'", "several"),
    "an unknown tier": Refusal(
        off("0.1", service_tiers=["bach"]), UnknownNameError, "service tier", "'bach'", "'batch'"
    ),
    "an unknown meter": Refusal(off("0.1", meters=["input"]), UnknownNameError, "meter", "'input'", "'input_tokens'"),
    "a day in words": Refusal(off("0.1", effective_from="soon"), InvalidValueError, "the day of a discount", "'soon'"),
    "a moment": Refusal(
        off("0.1", effective_from=datetime(2026, 1, 1, tzinfo=UTC)), InvalidTypeError, "the day", "the moment"
    ),
    "no days at all": Refusal(
        off("0.1", effective_from="2026-02-01", effective_until="2026-02-01"),
        InvalidValueError,
        "the discount",
        "2026-02-01",
        "never holds",
    ),
    "a tenant without layers": Refusal(
        lambda: BUNDLED.for_tenant("ann"),
        UnknownNameError,
        "tenant",
        "'ann'",
        "No tenant",
    ),
    "no text as tenant": Refusal(
        lambda: BUNDLED.for_tenant(None),
        UnknownNameError,
        "tenant",
        "None",
        "as a str",
    ),  # type: ignore[arg-type]
    "a day of a registry": Refusal(lambda: BUNDLED.at("soon"), InvalidValueError, "as_of", "'soon'", "'2026-03-01'"),
    "a day of a question": Refusal(
        lambda: BUNDLED.model("gpt-4.1-mini", 5),
        InvalidTypeError,
        "as_of",
        "5",
        "a date",
    ),  # type: ignore[arg-type]
    "nothing as day": Refusal(
        lambda: PricingRegistry((), None),
        InvalidTypeError,
        "as_of",
        "None",
        "a date",
    ),  # type: ignore[arg-type]
    "what is no layer": Refusal(
        lambda: PricingRegistry(["bundled"], "2026-01-01"),
        InvalidTypeError,
        "layer",
        "'bundled'",
        "with_layer",
    ),  # type: ignore[list-item, arg-type]
}


@pytest.mark.parametrize("refusal", table(REFUSED))
def test_refused(refusal: Refusal) -> None:
    """Bad input is a clear error, and nothing is half-built."""
    before = BUNDLED.content_hash
    check(refusal)
    assert BUNDLED.content_hash == before


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read"):
        BUNDLED.with_layer(tmp_path / "nowhere.toml")


def test_a_discount_and_a_layer_are_values() -> None:
    assert Discount(share="0.1", models=["a"]) == Discount(share="1/10", models=("a",))
    assert attrs.evolve(BUNDLED.layers[0], tenant="ann") != BUNDLED.layers[0]
    assert isinstance(BUNDLED.layers[0], Layer)
