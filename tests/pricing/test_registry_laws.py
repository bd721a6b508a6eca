"""
Which layer answers: the laws, against an oracle that looks through the layers one by one.

The worlds are those of people: four models with three spellings each, of which every price list uses one and
lists some of the others. Narrow on purpose: no list joins or tells apart what another does not, for that is
a matter of names, see ``test_registry_names.py``.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, Final, NamedTuple

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llm_tradeoffs import (
    ModelRecord,
    Multiplier,
    NoFactOnDateError,
    Price,
    PriceData,
    PricingRegistry,
    Source,
    UnknownPriceError,
    Usage,
    Usd,
    cost,
)
from llm_tradeoffs.pricing import LAYER_KINDS, diff

SPELLINGS: Final = {model: (model, f"acme/{model}", f"{model}-2026") for model in ("m0", "m1", "m2", "m3")}
DAYS: Final = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
BETWEEN: Final = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1))
METERS: Final = ("input_tokens", "output_tokens", "cache_read_tokens")
TIERS: Final = ("standard", "batch")

WHO_IS_WHO: Final = PriceData(
    source=Source(id="names", title="names", kind="dataset"),
    records={model: ModelRecord(id=model, aliases=names[1:]) for model, names in SPELLINGS.items()},
)
"""A list of names without prices, so that every spelling is known to be the same model."""


class Listed(NamedTuple):
    """A model in a price list: how it is spelled, which other names are listed, and a row for some meters and tiers."""

    spelling: str
    aliases: tuple[str, ...]
    rows: dict[tuple[str, str], Price]


class PriceList(NamedTuple):
    """One layer, before it is one."""

    name: str
    kind: str
    models: dict[str, Listed]
    tenant: str | None = None


@st.composite
def price_lists(draw: st.DrawFn, name: str, kind: str) -> PriceList:
    """Some models, some meters, and days on which a row begins or ends."""
    models: dict[str, Listed] = {}
    for model in draw(st.sets(st.sampled_from(sorted(SPELLINGS)), max_size=3)):
        spelling = draw(st.sampled_from(SPELLINGS[model]))
        aliases = tuple(name for name in SPELLINGS[model] if name != spelling and draw(st.booleans()))
        rows: dict[tuple[str, str], Price] = {}
        for meter, tier in draw(st.sets(st.sampled_from([(m, t) for m in METERS for t in TIERS]), max_size=4)):
            since, until = draw(
                st.sampled_from([(None, None), (DAYS[1], None), (None, DAYS[1]), (DAYS[0], DAYS[2]), (DAYS[2], None)])
            )
            rows[meter, tier] = Price(
                meter=meter,
                service_tier=tier,
                usd=Usd(draw(st.sampled_from(["0", "0.10", "0.40", "1.60", "1/3"]))),
                effective_from=since,
                effective_until=until,
            )
        models[model] = Listed(spelling, aliases, rows)
    return PriceList(name, kind, models)


@st.composite
def worlds(draw: st.DrawFn) -> list[PriceList]:
    """Up to five price lists in the order in which they are added, several of one kind among them."""
    kinds = draw(st.lists(st.sampled_from(LAYER_KINDS), max_size=5))
    return [draw(price_lists(f"list {number}", kind)) for number, kind in enumerate(kinds)]


def registry_of(lists: list[PriceList]) -> PricingRegistry:
    registry = PricingRegistry.of(WHO_IS_WHO, as_of=DAYS[1])
    for held in lists:
        records = [
            ModelRecord(id=listed.spelling, aliases=listed.aliases, prices=tuple(listed.rows.values()))
            for listed in held.models.values()
        ]
        registry = registry.with_layer(records, name=held.name, kind=held.kind, tenant=held.tenant)
    return registry


def in_order(lists: list[PriceList]) -> list[PriceList]:
    """Who answers first: by kind, and within a kind whoever was added last."""
    return [held for kind in LAYER_KINDS for held in reversed(lists) if held.kind == kind]


def oracle(lists: list[PriceList], model: str, meter: str, tier: str, day: date) -> tuple[str, Price] | None:
    """The first list that states this price on that day."""
    for held in in_order(lists):
        listed = held.models.get(model)
        row = listed.rows.get((meter, tier)) if listed else None
        if row is None:
            continue
        if (row.effective_from is None or row.effective_from <= day) and (
            row.effective_until is None or row.effective_until > day
        ):
            return held.name, row
    return None


def stated(registry: PricingRegistry, name: str, meter: str, tier: str, day: date) -> Price | None:
    """The row that answers, as the model of that day has it."""
    try:
        rows = registry.model(name, day).rates.prices
    except NoFactOnDateError:
        return None
    return next((row for row in rows if (row.meter, row.service_tier) == (meter, tier)), None)


names = st.sampled_from([(model, name) for model, spelled in SPELLINGS.items() for name in spelled])
EVERYTHING: Final = [
    (model, name, meter, tier)
    for model, spelled in SPELLINGS.items()
    for name in spelled
    for meter in METERS
    for tier in TIERS
]
questions = st.tuples(names, st.sampled_from(METERS), st.sampled_from(TIERS), st.sampled_from(BETWEEN))


class TestWhoAnswers:
    """The first layer that has a price on the day answers, by whichever name it is asked."""

    @given(worlds(), questions)
    def test_the_oracle_agrees(self, lists: list[PriceList], question: Any) -> None:
        (model, name), meter, tier, day = question
        found = stated(registry_of(lists), name, meter, tier, day)
        expected = oracle(lists, model, meter, tier, day)
        if expected is None:
            assert found is None
        else:
            layer, row = expected
            assert found is not None
            assert (found.usd, found.effective_from, found.effective_until) == (
                row.usd,
                row.effective_from,
                row.effective_until,
            )
            assert found.source.id == layer

    @given(worlds(), names, st.sampled_from(BETWEEN))
    def test_every_name_means_one_model(self, lists: list[PriceList], named: Any, day: date) -> None:
        model, name = named
        registry = registry_of(lists)
        assert registry.resolve(name, day) == registry.resolve(model, day)
        assert len(registry) == len(SPELLINGS)
        assert sorted(registry) == list(registry)
        assert all(registry.resolve(each) == each for each in registry)

    @given(worlds(), names, st.sampled_from(BETWEEN))
    def test_explain_agrees_with_the_model(self, lists: list[PriceList], named: Any, day: date) -> None:
        model, name = named
        registry = registry_of(lists)
        try:
            rows = registry.model(name, day).rates.prices
        except NoFactOnDateError:
            rows = ()
        if not rows:
            return
        explained = registry.explain(name, day)
        assert {row for answer in explained.answers for row in answer.prices} == set(rows)
        for answer in explained.answers:
            layer, _ = oracle(lists, model, answer.meter, answer.service_tier, day) or ("", None)
            assert answer.layer == layer
            below = [held for held in in_order(lists) if held.name != layer and held.name not in ("names",)]
            expected = [
                held.name for held in below if oracle([held], model, answer.meter, answer.service_tier, day) is not None
            ]
            assert [hidden for hidden, _ in answer.hidden] == expected


class TestOrder:
    """Precedence is stated, so the order in which layers come matters within one kind only."""

    @given(worlds(), st.randoms(use_true_random=False))
    def test_the_order_of_adding_kinds_does_not_matter(self, lists: list[PriceList], chance: Any) -> None:
        mixed = list(lists)
        chance.shuffle(mixed)
        of_kind = {kind: iter([held for held in lists if held.kind == kind]) for kind in LAYER_KINDS}
        same_within_kinds = [next(of_kind[held.kind]) for held in mixed]
        one, other = registry_of(lists), registry_of(same_within_kinds)
        assert one == other
        assert one.content_hash == other.content_hash
        assert list(one) == list(other)

    @given(worlds(), st.integers(1, 3), st.sampled_from(BETWEEN), st.randoms(use_true_random=False))
    def test_what_stands_below_the_winner_may_change_places(
        self, lists: list[PriceList], fixed: int, day: date, chance: Any
    ) -> None:
        order = in_order(lists)
        above, below = order[:fixed], order[fixed:]
        chance.shuffle(below)
        # Added from the lowest to the highest, so that each ends where it stands in the list.
        before, after = registry_of(lists), registry_of([*reversed(below), *reversed(above)])
        for model, name, meter, tier in EVERYTHING:
            if oracle(above, model, meter, tier, day) is not None:
                assert stated(after, name, meter, tier, day) == stated(before, name, meter, tier, day)

    @given(worlds(), price_lists("another", "upstream"), st.sampled_from(BETWEEN))
    def test_a_lower_layer_changes_no_price_that_a_higher_one_states(
        self, lists: list[PriceList], lower: PriceList, day: date
    ) -> None:
        before, after = registry_of(lists), registry_of([lower, *lists])
        for _, name, meter, tier in EVERYTHING:
            price = stated(before, name, meter, tier, day)
            if price is not None:
                assert stated(after, name, meter, tier, day) == price

    @given(worlds(), st.integers(0, 4))
    def test_taking_a_layer_out_is_as_if_it_had_never_been_there(self, lists: list[PriceList], number: int) -> None:
        assume(number < len(lists))
        without = [held for place, held in enumerate(lists) if place != number]
        assert registry_of(lists).without_layer(lists[number].name) == registry_of(without)

    @given(worlds(), st.integers(0, 4))
    def test_replacing_a_layer_keeps_its_place(self, lists: list[PriceList], number: int) -> None:
        assume(number < len(lists))
        held = lists[number]
        changed = held._replace(models={})
        replaced = [changed if each is held else each for each in lists]
        again = registry_of(lists).with_layer([], name=held.name, kind=held.kind, replace=True)
        assert again == registry_of(replaced)


class TestTenants:
    """A tenant sees what is everybody's and what is theirs, theirs first within a kind."""

    @given(worlds(), st.lists(st.sampled_from([None, "ann", "bob"]), min_size=5, max_size=5), questions)
    def test_tenants_are_apart(self, lists: list[PriceList], owners: list[str | None], question: Any) -> None:
        (model, name), meter, tier, day = question
        owned = [held._replace(tenant=owner) for held, owner in zip(lists, owners, strict=False)]
        everybodys = [held for held in owned if held.tenant is None]
        registry = registry_of(owned)
        assert stated(registry, name, meter, tier, day) == stated(registry_of(everybodys), name, meter, tier, day)
        for tenant in {held.tenant for held in owned} - {None}:
            theirs = [held for held in owned if held.tenant == tenant]
            expected = oracle([*everybodys, *theirs], model, meter, tier, day)
            found = stated(registry.for_tenant(str(tenant)), name, meter, tier, day)
            assert (found and found.source.id) == (expected and expected[0])

    @given(worlds(), st.lists(st.sampled_from(["ann", "bob"]), min_size=5, max_size=5))
    def test_what_is_another_tenants_cannot_be_seen(self, lists: list[PriceList], owners: list[str]) -> None:
        owned = [held._replace(tenant=owner) for held, owner in zip(lists, owners, strict=False)]
        assume({held.tenant for held in owned} >= {"ann"})
        seen = registry_of(owned).for_tenant("ann")
        assert {layer.name for layer in seen.layers} == {
            "names",
            *(held.name for held in owned if held.tenant == "ann"),
        }


class TestDiff:
    """A difference has two sides."""

    @given(worlds(), worlds(), st.sampled_from(BETWEEN))
    def test_it_mirrors(self, one: list[PriceList], other: list[PriceList], day: date) -> None:
        a, b = registry_of(one), registry_of(other)
        there, back = diff(a, b, day), diff(b, a, day)
        assert (there.added, there.removed) == (back.removed, back.added)
        assert sorted(there.renamed) == sorted((new, old) for old, new in back.renamed)
        name = dict(there.renamed)
        mirrored = {(name.get(each.model, each.model), each.field, each.new, each.old) for each in back.changed}
        assert {(each.model, each.field, each.old, each.new) for each in there.changed} == mirrored
        assert bool(there) == bool(back)

    @given(worlds(), st.sampled_from(BETWEEN))
    def test_nothing_differs_from_itself(self, lists: list[PriceList], day: date) -> None:
        registry = registry_of(lists)
        assert not diff(registry, registry, day)
        assert str(diff(registry, registry)) == "no difference"

    @given(worlds(), worlds(), questions)
    def test_it_lists_every_change_of_a_price(
        self, one: list[PriceList], other: list[PriceList], question: Any
    ) -> None:
        (_, name), meter, tier, day = question
        a, b = registry_of(one), registry_of(other)
        old, new = stated(a, name, meter, tier, day), stated(b, name, meter, tier, day)
        found = diff(a, b, day)
        listed = [each for each in found.changed if each.field == f"rates.{tier}.{meter}"]
        if old is not None and new is not None:
            changed = [each for each in listed if each.model == b.resolve(name, day)]
            assert bool(changed) == (old.usd != new.usd)


class TestHash:
    """Equal content, equal hash."""

    @given(worlds(), worlds())
    def test_equal_if_and_only_if_the_content_is(self, one: list[PriceList], other: list[PriceList]) -> None:
        a, b = registry_of(one), registry_of(other)
        assert (a.content_hash == b.content_hash) == (a == b)
        assert a == registry_of(one)
        assert hash(a) == hash(registry_of(one))

    @given(worlds(), st.sampled_from(["0.11", "2"]))
    def test_any_other_amount_is_another_content(self, lists: list[PriceList], amount: str) -> None:
        content = registry_of(lists).content_hash
        for place, held in enumerate(lists):
            for model, listed in held.models.items():
                for group, price in listed.rows.items():
                    row = attrs.evolve(price, usd=Usd(amount))
                    changed = listed._replace(rows={**listed.rows, group: row})
                    other = [*lists]
                    other[place] = held._replace(models={**held.models, model: changed})
                    assert registry_of(other).content_hash != content


# ---------------------------------------------------------------------------- discounts

CALLS: Final = (
    Usage(input_tokens=1_000, output_tokens=0),
    Usage(input_tokens=0, output_tokens=1_000),
    Usage(input_tokens=1_000, output_tokens=10, cache_read_tokens=999),
    Usage(input_tokens=900, output_tokens=500, cache_read_tokens=300, reasoning_tokens=100),
)
FACTORS: Final = (
    (),
    (Multiplier(factor="1/2", service_tier="batch"),),
    (Multiplier(factor="1/2", service_tier="batch", meters=("input_tokens",)), Multiplier(factor="1.1", region="eu")),
    (Multiplier(factor="3", service_tier="fast"), Multiplier(factor="1.1", region="eu")),
)
some = st.one_of(st.none(), st.just(("standard",)), st.just(("batch",)), st.just(("batch", "standard")))


@st.composite
def cards(draw: st.DrawFn) -> tuple[Price, ...]:
    """The standard prices of input and output, and some of the others."""
    groups = {("input_tokens", "standard"), ("output_tokens", "standard")}
    groups |= draw(st.sets(st.sampled_from([(meter, tier) for meter in METERS for tier in TIERS])))
    amounts = st.sampled_from(["0.10", "0.40", "1.60", "1/3"])
    return tuple(Price(meter=meter, service_tier=tier, usd=Usd(draw(amounts))) for meter, tier in sorted(groups))


class TestDiscounts:
    """A discount takes its share off the lines that it is for, and off nothing else."""

    @given(
        cards(),
        st.sampled_from(FACTORS),
        st.sampled_from(["0", "0.1", "1/3", "1"]),
        some,
        st.one_of(st.none(), st.sets(st.sampled_from((*METERS, "reasoning_tokens")), min_size=1)),
        st.sampled_from([None, "eu"]),
    )
    def test_it_scales_exactly_its_lines(  # noqa: PLR0917  # drawn one by one
        self,
        rows: tuple[Price, ...],
        factors: tuple[Multiplier, ...],
        share: str,
        tiers: tuple[str, ...] | None,
        meters: set[str] | None,
        region: str | None,
    ) -> None:
        assume(region is None or any(row.region for row in factors))
        record = ModelRecord(id="m0", prices=rows, multipliers=factors)
        full = PricingRegistry.of(as_of=DAYS[1]).with_layer([record], name="list")
        cut = full.with_discount(share, name="off", service_tiers=tiers, meters=meters)
        for call in CALLS:
            for tier in ("standard", "batch", "fast"):
                try:
                    before = cost("m0", call, catalog=full, service_tier=tier, region=region)
                except UnknownPriceError:
                    with pytest.raises(UnknownPriceError):
                        cost("m0", call, catalog=cut, service_tier=tier, region=region)
                    continue
                if before.assumptions:
                    continue  # what lies between two amounts is not scaled, and stays known to lie there
                after = cost("m0", call, catalog=cut, service_tier=tier, region=region)
                covered = tiers is None or tier in tiers
                # A part without a price of its own is billed, and so discounted, as what it is a part of.
                expected = [
                    (line.meter, line.quantity, line.amount * (1 - Fraction(share)))
                    if covered and (meters is None or {line.meter, line.price.meter} & meters)
                    else (line.meter, line.quantity, line.amount)
                    for line in before.lines
                ]
                assert [(line.meter, line.quantity, line.amount) for line in after.lines] == expected

    @given(cards(), st.sampled_from(["0.1", "1/3"]), st.sampled_from(["0", "0.5"]))
    def test_two_discounts_multiply(self, rows: tuple[Price, ...], one: str, other: str) -> None:
        full = PricingRegistry.of(as_of=DAYS[1]).with_layer([ModelRecord(id="m0", prices=rows)], name="list")
        both = full.with_discount(one, name="one").with_discount(other, name="other")
        call = Usage(input_tokens=1_000, output_tokens=10)
        left = (1 - Fraction(one)) * (1 - Fraction(other))
        assert cost("m0", call, catalog=both).total == cost("m0", call, catalog=full).total * left


# ---------------------------------------------------------------------------- as a catalog


class TestCatalog:
    """``registry.catalog()`` charges what the registry charges, on every day."""

    @given(worlds())
    def test_same_prices_on_every_day(self, lists: list[PriceList]) -> None:
        registry = registry_of(lists)
        catalog = registry.catalog()
        for day in BETWEEN:
            for _, name, meter, tier in EVERYTHING:
                expected = stated(registry, name, meter, tier, day)
                try:
                    rows = catalog.model(name, day).rates.prices
                except NoFactOnDateError:
                    rows = ()
                found = next((row for row in rows if (row.meter, row.service_tier) == (meter, tier)), None)
                assert (found and found.usd) == (expected and expected.usd)
