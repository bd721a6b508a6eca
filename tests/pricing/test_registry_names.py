"""Whose name is whose across layers: price lists spell one model in many ways, and disagree."""

from __future__ import annotations

from datetime import date

import pytest

from llm_tradeoffs import (
    Alias,
    AmbiguousNameError,
    Catalog,
    Model,
    ModelRecord,
    NoFactOnDateError,
    Price,
    PriceData,
    PricingRegistry,
    Source,
    UnknownNameError,
    Usd,
)
from llm_tradeoffs.pricing import diff

MOVED = date(2025, 12, 2)
TODAY = date(2026, 11, 22)


def listed(model: str, usd: str, *aliases: str | Alias) -> ModelRecord:
    return ModelRecord(id=model, aliases=aliases, prices=(Price(meter="input_tokens", usd=Usd(usd)),))  # type: ignore[arg-type]


def source(name: str, *records: ModelRecord) -> PriceData:
    return PriceData(source=Source(id=name, title=name, kind="package"), records={each.id: each for each in records})


def price(registry: PricingRegistry, name: str, day: date | None = None) -> Usd:
    found = registry.model(name, day).price("input_tokens")
    assert found is not None
    return found.usd


class TestExactly:
    """A name is matched exactly or through a listed alias, never by its beginning."""

    registry = PricingRegistry.of(source("list", listed("openai/gpt-4.1-mini", "0.40", "gpt-4.1-mini")), as_of=TODAY)

    @pytest.mark.parametrize("name", ["openai/gpt-4.1-mini", "gpt-4.1-mini"])
    def test_an_id_and_an_alias_are_names(self, name: str) -> None:
        assert self.registry[name].id == "openai/gpt-4.1-mini"
        assert name in self.registry

    @pytest.mark.parametrize(
        "name", ["gpt-4.1-mini-2026", "gpt-4.1", "GPT-4.1-mini", "gpt-4.1-mini ", "", "azure/gpt-4.1-mini", "gpt"]
    )
    def test_everything_else_is_an_error_with_near_misses(self, name: str) -> None:
        assert name not in self.registry
        for asked in (self.registry.model, self.registry.resolve, self.registry.explain, self.registry.__getitem__):
            with pytest.raises(UnknownNameError, match="never by their beginning") as caught:
                asked(name)
            assert name in {"", "gpt"} or "gpt-4.1-mini" in caught.value.near

    @pytest.mark.parametrize("name", [None, 5, b"gpt-4.1-mini", ["gpt-4.1-mini"], ("gpt-4.1-mini",)])
    def test_what_is_no_name_is_refused(self, name: object) -> None:
        assert name not in self.registry
        with pytest.raises(UnknownNameError, match="as a str"):
            self.registry.model(name)  # type: ignore[arg-type]


class TestOneModel:
    """The same model under different names is one model."""

    def test_the_bundled_catalog_and_a_price_list(self) -> None:
        registry = PricingRegistry.of("bundled", source("list", listed("openai/gpt-4.1-mini", "9")))
        assert registry.resolve("openai/gpt-4.1-mini") == "gpt-4.1-mini"
        assert len(registry) == len(PricingRegistry.bundled())
        answer = registry.explain("openai/gpt-4.1-mini").answers[0]
        assert (answer.layer, [layer for layer, _ in answer.hidden]) == ("bundled", ["list"])

    @pytest.mark.parametrize("spelled", ["gpt-4.1-mini", "openai/gpt-4.1-mini", "GPT-4.1 Mini"])
    @pytest.mark.parametrize("asked", ["gpt-4.1-mini", "openai/gpt-4.1-mini", "openai:gpt-4.1-mini"])
    def test_a_private_layer_may_use_any_name(self, spelled: str, asked: str) -> None:
        registry = PricingRegistry.bundled().with_layer({spelled: ("0.32", "1.28")}, name="contract")
        assert registry[asked].id == "gpt-4.1-mini"
        assert price(registry, asked) == Usd("0.32")

    def test_two_hand_written_layers_meet_through_the_list_that_knows_both_names(self) -> None:
        layers = PricingRegistry.of(as_of=TODAY).with_layer(
            {"acme/one": ("3", None)}, name="contract", kind="negotiated"
        )
        layers = layers.with_layer({"one": ("2", None)}, name="cut", kind="what-if")
        assert price(layers, "acme/one") == Usd(3)  # nobody says that they are one
        known = layers.with_layer(source("list", listed("acme/one", "5", "one")))
        assert price(known, "acme/one") == price(known, "one") == Usd(2)

    def test_names_join_over_several_lists(self) -> None:
        registry = PricingRegistry.of(
            source("a", listed("x", "1", "y")), source("b", listed("y", "2", "z")), source("c", listed("z", "3", "w"))
        )
        assert {registry.resolve(name) for name in "xyzw"} == {"x"}
        assert price(registry, "w") == Usd(1)

    def test_the_plainest_name_of_those_who_describe_models_is_the_id(self) -> None:
        registry = PricingRegistry.of(source("a", listed("acme/one", "1", "one")), source("b", listed("one", "2")))
        assert registry["acme/one"].id == "one"
        assert registry.with_layer({"acme/one": ("3", None)}, name="ours")["acme/one"].id == "one"

    def test_the_plainest_record_speaks_where_one_list_has_several(self) -> None:
        lists = source("list", listed("one-2026", "2"), listed("acme/one-2026", "3")), listed("one", "1")
        names = ModelRecord(id="one", aliases=("one-2026", "acme/one-2026"))
        registry = PricingRegistry.of(source("names", names), lists[0])
        assert price(registry, "one") == price(registry, "acme/one-2026") == Usd(2)


class TestDisagreement:
    """What a higher layer calls a model stays so; nothing is guessed."""

    def test_two_records_that_claim_an_alias_make_it_ambiguous(self) -> None:
        registry = PricingRegistry.of(source("list", listed("p/x", "1", "x"), listed("q/x", "2", "x")))
        with pytest.raises(AmbiguousNameError, match=r"'x' may mean 'p/x', 'q/x'. Say which one"):
            registry["x"]
        assert "x" not in registry
        assert price(registry, "p/x") == Usd(1)
        assert price(registry, "q/x") == Usd(2)

    def test_a_higher_layer_settles_it(self) -> None:
        contested = source("list", listed("p/x", "1", "x"), listed("q/x", "2", "x"))
        settled = PricingRegistry.of(source("names", ModelRecord(id="p/x", aliases=("x",))), contested)
        assert settled.resolve("x") == "p/x"

    def test_a_lower_alias_does_not_settle_it_but_an_id_does(self) -> None:
        contested = source("list", listed("p/x", "1", "x"), listed("q/x", "2", "x"))
        with pytest.raises(AmbiguousNameError):
            PricingRegistry.of(contested, source("lower", listed("p/x", "1", "x")))["x"]
        assert price(PricingRegistry.of(contested, source("lower", listed("x", "5"))), "x") == Usd(5)

    def test_it_is_not_ambiguous_if_both_are_one_model(self) -> None:
        contested = source("list", listed("p/x", "1", "x"), listed("q/x", "2", "x"))
        one = ModelRecord(id="p/x", aliases=("q/x",))
        for lists in ((source("names", one), contested), (contested, source("names", one))):
            registry = PricingRegistry.of(*lists)
            assert ("x" in registry) == (lists[0] is not contested)

    def test_a_private_layer_that_uses_an_ambiguous_name_speaks_for_the_name_alone(self) -> None:
        contested = source("list", listed("p/x", "1", "x"), listed("q/x", "2", "x"))
        registry = PricingRegistry.of(contested).with_layer({"x": ("7", None)}, name="ours")
        assert [price(registry, name) for name in ("x", "p/x", "q/x")] == [Usd(7), Usd(1), Usd(2)]

    def test_a_record_s_own_id_goes_before_an_alias_of_another(self) -> None:
        registry = PricingRegistry.of(source("list", listed("x", "1"), listed("acme/x", "2", "x")))
        assert [price(registry, name) for name in ("x", "acme/x")] == [Usd(1), Usd(2)]

    def test_what_a_higher_layer_tells_apart_a_lower_one_does_not_join(self) -> None:
        apart = source("apart", listed("x", "1"), listed("y", "2"))
        registry = PricingRegistry.of(apart, source("joined", listed("z", "3", "x", "y")))
        assert [price(registry, name) for name in "xyz"] == [Usd(1), Usd(2), Usd(3)]

    def test_what_a_higher_layer_joins_a_lower_one_does_not_tell_apart(self) -> None:
        joined = source("joined", listed("z", "3", "x", "y"))
        registry = PricingRegistry.of(joined, source("apart", listed("x", "1"), listed("y", "2")))
        assert [price(registry, name) for name in "xyz"] == [Usd(3), Usd(3), Usd(3)]

    def test_a_hand_written_layer_that_states_both_names_is_taken_at_its_word(self) -> None:
        registry = PricingRegistry.bundled().with_layer(
            {"gpt-4.1-mini": ("1", "1"), "openai/gpt-4.1-mini": ("2", "2")}, name="ours"
        )
        assert price(registry, "gpt-4.1-mini") == Usd(1)
        assert price(registry, "openai/gpt-4.1-mini") == Usd(2)

    def test_a_new_model_that_is_called_like_an_alias_is_that_model(self) -> None:
        """Names are all that two lists share: a model of one's own needs a name of its own."""
        registry = PricingRegistry.of(source("list", listed("acme/one", "1", "mini"))).with_layer(
            {"mini": ("9", None)}, name="ours"
        )
        assert registry["mini"].id == "acme/one"
        assert price(registry, "acme/one") == Usd(9)

    def test_the_order_within_a_list_decides_nothing(self) -> None:
        records = [
            listed("bb", "2", "s", "n"),
            listed("aa", "1", "s", "m"),
            listed("c", "3", "m"),
            listed("dd", "4", "bb"),
        ]
        above = source("above", listed("m", "9"), listed("n", "8"))
        forth, back = source("list", *records), source("list", *reversed(records))
        one, other = PricingRegistry.of(above, forth), PricingRegistry.of(above, back)
        assert one.content_hash == other.content_hash
        for name in ("aa", "bb", "c", "dd", "m", "n"):
            assert one[name] == other[name]
        assert not diff(one, other)


class TestMovingNames:
    """A name that moves belongs to one model until a day and to another from it."""

    moving = source(
        "list",
        listed("large-2", "2", Alias("large-latest", effective_until=MOVED)),
        listed("large-3", "3", Alias("large-latest", effective_from=MOVED)),
    )

    def test_the_bundled_example(self) -> None:
        registry = PricingRegistry.bundled()
        before, after = (registry.resolve("mistral-large-latest", day) for day in ("2025-12-01", "2025-12-02"))
        assert before != after == registry.resolve("mistral-large-latest")

    def test_the_day_decides(self) -> None:
        registry = PricingRegistry.of(self.moving, as_of=TODAY)
        assert price(registry, "large-latest", date(2025, 12, 1)) == Usd(2)
        assert price(registry, "large-latest", MOVED) == Usd(3)
        assert "large-latest" in registry["large-3"].aliases
        assert "large-latest" not in registry["large-2"].aliases
        assert registry.explain("large-latest", "2025-12-01").model == "large-2"

    def test_before_its_first_and_after_its_last_day_the_name_is_nobodys(self) -> None:
        name = Alias("beta", effective_from=date(2026, 1, 1), effective_until=date(2026, 2, 1))
        registry = PricingRegistry.of(source("list", listed("one", "1", name)), as_of=TODAY)
        assert "beta" in registry
        with pytest.raises(NoFactOnDateError, match="starts on 2026-01-01"):
            registry.resolve("beta", "2025-12-31")
        assert registry.resolve("beta", "2026-01-31") == "one"
        with pytest.raises(NoFactOnDateError, match="ended on 2026-02-01"):
            registry["beta"]

    def test_a_list_that_does_not_know_the_days_speaks_of_what_the_name_means_on_the_day(self) -> None:
        """An upstream list has a record that is called by the moving name."""
        registry = PricingRegistry.of(self.moving, source("undated", listed("large-latest", "9", "acme/large")))
        assert [price(registry, "large-latest", day) for day in (date(2025, 12, 1), MOVED)] == [Usd(2), Usd(3)]
        assert [registry.resolve("acme/large", day) for day in ("2025-12-01", MOVED)] == ["large-2", "large-3"]
        assert [layer for layer, _ in registry.explain("large-2").answers[0].hidden] == []
        assert [layer for layer, _ in registry.explain("large-2", "2025-12-01").answers[0].hidden] == ["undated"]

    def test_a_price_by_hand_for_a_moving_name_goes_with_the_name(self) -> None:
        registry = PricingRegistry.of(self.moving, as_of=TODAY).with_layer({"large-latest": ("7", None)}, name="ours")
        for day in (date(2025, 12, 1), MOVED):
            assert price(registry, "large-latest", day) == Usd(7)
        assert price(registry, "large-3", "2025-12-01") == Usd(3)  # type: ignore[arg-type]
        assert price(registry, "large-3") == Usd(7)

    def test_two_claims_on_overlapping_days_are_ambiguous_on_these_days_only(self) -> None:
        registry = PricingRegistry.of(
            source(
                "list",
                listed("a", "1", Alias("n", effective_until=date(2026, 3, 1))),
                listed("b", "2", Alias("n", effective_from=date(2026, 2, 1))),
            )
        )
        assert registry.resolve("n", "2026-01-31") == "a"
        with pytest.raises(AmbiguousNameError):
            registry.resolve("n", "2026-02-01")
        assert registry.resolve("n", "2026-03-01") == "b"

    def test_the_days_of_a_name_come_along_into_a_catalog(self) -> None:
        catalog = PricingRegistry.of(self.moving, as_of=TODAY).catalog()
        assert [catalog.resolve("large-latest", day) for day in ("2025-12-01", MOVED)] == ["large-2", "large-3"]

    def test_a_name_that_is_another_model_s_on_other_days_stays_so_in_a_catalog(self) -> None:
        later = Alias("latest", effective_from=date(2027, 1, 1))
        base = Catalog.bundled().with_model(listed("acme/two", "2", later))
        catalog = PricingRegistry.of(source("list", listed("acme/one", "1", "latest", "one")), as_of=TODAY).catalog(
            base
        )
        assert catalog.resolve("one") == "acme/one"
        assert catalog.resolve("latest", "2027-01-01") == "acme/two"

    def test_a_discount_for_a_moving_name_goes_with_the_name(self) -> None:
        registry = PricingRegistry.of(self.moving, as_of=TODAY).with_discount(
            "0.5", name="off", models=["large-latest"]
        )
        days = (date(2025, 12, 1), MOVED)
        assert [price(registry, "large-2", day) for day in days] == [Usd(1), Usd(2)]
        assert [price(registry, "large-3", day) for day in days] == [Usd(3), Usd("1.5")]


class TestDiscountsByName:
    """A discount follows its model, however layers that come later call it."""

    def test_whatever_is_added_later(self) -> None:
        registry = PricingRegistry.of(source("list", listed("openai/gpt-4.1-mini", "1")))
        registry = registry.with_discount("0.5", name="off", models=["openai/gpt-4.1-mini"]).with_layer("bundled")
        assert registry.resolve("openai/gpt-4.1-mini") == "gpt-4.1-mini"
        assert price(registry, "gpt-4.1-mini") * 2 == price(PricingRegistry.bundled(), "gpt-4.1-mini")

    def test_a_name_that_becomes_ambiguous_is_not_dropped_in_silence(self) -> None:
        registry = PricingRegistry.of(source("list", listed("p/x", "1", "x"))).with_discount(
            "0.5", name="off", models=["x"]
        )
        assert price(registry, "p/x") == Usd("0.5")
        contested = registry.with_layer(source("list", listed("p/x", "1", "x"), listed("q/x", "1", "x")), replace=True)
        with pytest.raises(AmbiguousNameError, match="'x' may mean"):
            contested["p/x"]


class TestDiffByName:
    """A model with another id in the other registry is found by its names."""

    def test_a_renamed_model(self) -> None:
        old = PricingRegistry.of(source("a", listed("acme/one", "1", "one")))
        new = PricingRegistry.of(source("b", listed("one", "2")))
        found = diff(old, new)
        assert (found.added, found.removed, found.renamed) == ((), (), (("acme/one", "one"),))
        assert str(found) == "acme/one is called one now\none standard.input_tokens: $1.00/MTok -> $2.00/MTok"

    def test_two_that_become_one_are_not_matched_by_guess(self) -> None:
        old = PricingRegistry.of(source("a", listed("p/x", "1"), listed("q/x", "1")))
        new = PricingRegistry.of(source("b", listed("x", "1", "p/x", "q/x")))
        there, back = diff(old, new), diff(new, old)
        assert (there.added, there.removed, there.renamed) == (("x",), ("p/x", "q/x"), ())
        assert (back.added, back.removed, back.renamed) == (("p/x", "q/x"), ("x",), ())


def test_models_by_hand_bring_their_aliases() -> None:
    registry = PricingRegistry.of(as_of=TODAY).with_layer(
        [Model("acme/one", usd_per_mtok=("1", "2"), aliases=("one",))], name="ours"
    )
    assert registry["one"].id == "acme/one"
