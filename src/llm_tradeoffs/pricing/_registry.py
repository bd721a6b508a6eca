"""The registry: one name, one day, and the layer that answers for each price."""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llm_tradeoffs.catalog import Catalog, ModelRecord, record_digest, turning_days
from llm_tradeoffs.errors import (
    InvalidTypeError,
    InvalidValueError,
    NoFactOnDateError,
    PriceSourceError,
    TradeoffsError,
    UnknownNameError,
)
from llm_tradeoffs.facts import Alias, Fact, Source, as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Number
from llm_tradeoffs.pricing._answers import Answers, Spoken, rows_by_day, spoken
from llm_tradeoffs.pricing._data import PriceSource, SkippedRow
from llm_tradeoffs.pricing._explain import PriceExplanation
from llm_tradeoffs.pricing._layers import LAYER_KINDS, Discount, Layer, LayerInput, discount_layer, layer_of
from llm_tradeoffs.pricing._naming import NamingByDay
from llm_tradeoffs.rates import Multiplier, Price

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["PricingRegistry", "price_sources"]

ENTRY_POINTS: Final = "llm_tradeoffs.price_sources"


def price_sources() -> dict[str, Callable[[], PriceSource]]:
    """
    The price sources that installed packages offer by the entry point ``llm_tradeoffs.price_sources``.

    Returns:
        For each name what makes the source; no package is imported before it is called. Calling it raises
        ``PriceSourceError`` if the package cannot be imported or gives no source, and ``InvalidValueError`` if
        two packages offer a source of that name.
    """
    from importlib.metadata import entry_points  # slow to import, and few ask

    offered: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=ENTRY_POINTS):
        offered.setdefault(point.name, []).append(point)
    return {name: partial(_made, tuple(offered[name])) for name in sorted(offered)}


def _made(points: tuple[EntryPoint, ...]) -> PriceSource:
    point, *rivals = points
    if rivals:
        packages = ", ".join(sorted(f"{each.value} of {_package(each)}" for each in points))
        raise InvalidValueError(
            f"several packages offer a price source {point.name!r}: {packages}. Make the one you mean and pass it."
        )
    try:
        source = point.load()()
    except TradeoffsError:
        raise
    except Exception as problem:  # whatever a package does when it is imported
        raise PriceSourceError(
            f"the price source {point.name!r} ({point.value} of {_package(point)}) cannot be made: "
            f"{type(problem).__name__}: {problem}"
        ) from problem
    if not isinstance(source, PriceSource):
        raise PriceSourceError(
            f"the price source {point.name!r} ({point.value} of {_package(point)}) gave {source!r}; "
            "expected something with a name and read()."
        )
    return source


def _package(point: EntryPoint) -> str:
    return "an unknown package" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _found(prices: LayerInput) -> LayerInput:
    """What a text means: the bundled catalog, a source that a package offers, or a path. Everything else is itself."""
    if not isinstance(prices, str):
        return prices
    if prices == "bundled":
        return Catalog.bundled()
    offered = price_sources()
    if prices in offered:
        return offered[prices]()
    if prices.endswith(".toml") or "/" in prices or (prices and Path(prices).exists()):
        return Path(prices)
    raise UnknownNameError("price source, file or folder", prices, {"bundled", *offered})


def _layers(value: Iterable[Layer]) -> tuple[Layer, ...]:
    return tuple(value)


@attrs.frozen(eq=False, repr=False)
class PricingRegistry:
    """
    Prices in layers: what-if over negotiated over private over bundled over upstream.

    For each meter, tier and region the highest layer that has a price on the day answers with its whole
    ladder of thresholds and hours; the layers below it are hidden there and answer elsewhere. A registry
    never changes, so threads may share it; ``with_layer`` and its kin give another one.

    >>> registry = PricingRegistry.bundled().with_discount("0.10", name="commitment 2026", vendors=["openai"])
    >>> registry["gpt-4.1-mini"].price("input_tokens")
    Price(meter='input_tokens', usd=Usd('0.36'), ...

    Attributes:
        layers: The layers, the first to answer first.
        as_of: The day a question is about if it names none.
    """

    layers: tuple[Layer, ...] = attrs.field(converter=_layers)
    as_of: date = attrs.field(converter=as_day)
    # Both are filled when they are asked. Threads that ask at once work the same out twice, and no more.
    _names: NamingByDay = attrs.field(init=False)
    _models: dict[tuple[str, date], Model] = attrs.field(init=False, factory=dict)
    _changes: dict[tuple[str, int], tuple[date, ...]] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise InvalidTypeError(
                    f"expected a layer, got {layer!r}. Make a registry with PricingRegistry.of(...), and add to it "
                    "with with_layer(...)."
                )
        names = [layer.name for layer in self.layers]
        for name in names:
            if names.count(name) > 1:
                raise InvalidValueError(
                    f"two layers are called {name!r}. Give one another name, or say replace=True to take its place."
                )
        # sorted() keeps the order within a kind, in which the layer added last stands first. What is one
        # tenant's goes before what is everybody's.
        ordered = sorted(self.layers, key=lambda layer: (LAYER_KINDS.index(layer.kind), layer.tenant is None))
        object.__setattr__(self, "layers", tuple(ordered))
        object.__setattr__(self, "_names", NamingByDay(self._open_layers))

    # Making one.

    @classmethod
    def bundled(cls) -> PricingRegistry:
        """The prices of the catalog that comes with the library."""
        return cls.of("bundled")

    @classmethod
    def of(cls, *sources: LayerInput, as_of: date | str | None = None) -> PricingRegistry:
        """
        A registry of several sources, the first to answer first among those of one kind.

        Args:
            sources: ``"bundled"``, the name of a source that an installed package offers (``"genai-prices"``,
                ``"litellm"``), the path of a TOML file or folder, a source, or a catalog.
            as_of: The day a question is about if it names none; None for the bundled catalog's.

        Raises:
            UnknownNameError: No source of that name is offered, see :func:`price_sources`, and it is no path.
            PriceSourceError: A source cannot be read.
            CatalogError: TOML files are wrong.
        """
        layers = [layer_of(_found(source), name=None, kind=None) for source in sources]
        return cls(layers, Catalog.bundled().as_of if as_of is None else as_of)

    def with_layer(
        self,
        prices: LayerInput,
        *,
        name: str | None = None,
        kind: str | None = None,
        tenant: str | None = None,
        replace: bool = False,
    ) -> PricingRegistry:
        """
        The same registry with one layer more, which goes before the others of its kind.

        >>> what_if = PricingRegistry.bundled().with_layer(
        ...     {"claude-haiku-4.5": ("0.80", "4.00")}, name="price cut", kind="what-if"
        ... )
        >>> what_if["claude-haiku-4.5"].price("output_tokens").usd
        Usd('4.00')

        Args:
            prices: A mapping from names to prices as :meth:`RateCard.of` takes them, a list of models, the path of
                a TOML file or folder, a source or its name, or a catalog.
            name: The layer's name; needed where *prices* has none.
            kind: One of :data:`LAYER_KINDS`; by default ``bundled`` for a catalog, ``upstream`` for a source or
                its data, and ``private`` for everything else.
            tenant: Whose layer it is; it answers after :meth:`for_tenant` only, and then before the layers of
                its kind that are everybody's.
            replace: Whether it takes the place of the layer of that name.

        Raises:
            InvalidValueError: There is a layer of that name.
            InvalidTypeError, InvalidValueError: *prices* are none.
            UnknownNameError, PriceSourceError, CatalogError: As :meth:`of`.
        """
        return self._plus(layer_of(_found(prices), name=name, kind=kind, tenant=tenant), replace=replace)

    def with_discount(
        self,
        share: Number,
        *,
        name: str,
        kind: str = "negotiated",
        models: Iterable[str] | None = None,
        vendors: Iterable[str] | None = None,
        service_tiers: Iterable[str] | None = None,
        meters: Iterable[str] | None = None,
        effective_from: date | str | None = None,
        effective_until: date | str | None = None,
        tenant: str | None = None,
        replace: bool = False,
    ) -> PricingRegistry:
        """
        The same registry with a share off what the layers below answer.

        Args:
            share: From 0 to 1: ``"0.15"`` for 15 % off.
            name: The layer's name.
            kind: One of :data:`LAYER_KINDS`.
            models, vendors, service_tiers, meters: What it is for; None for all.
            effective_from, effective_until: The days on which it holds; dates or their ISO form.
            tenant: Whose discount it is.
            replace: Whether it takes the place of the layer of that name.

        Raises:
            UnknownNameError: A model, vendor, tier or meter is not known here.
            InvalidValueError: It can never take anything off, or there is a layer of that name.
        """
        discount = Discount(
            share=share,
            models=models,
            vendors=vendors,
            service_tiers=service_tiers,
            meters=meters,
            effective_from=effective_from,
            effective_until=effective_until,
        )
        made = self._plus(discount_layer(discount, name=name, kind=kind, tenant=tenant), replace=replace)
        made._check_that_it_can_hold(discount, tenant)
        return made

    def _check_that_it_can_hold(self, discount: Discount, tenant: str | None) -> None:
        """A discount for a model or vendor that nobody here knows is a slip of the pen, which would cost money."""
        seen = self if tenant is None else self.for_tenant(tenant)
        for name in discount.models or ():
            seen._names.owner(name, seen.as_of)
        if discount.vendors is not None:
            known: set[str] = set()
            for layer in seen._open_layers:
                for record in layer.data.records.values():
                    if record.vendor is not None:
                        known.add(record.vendor)
                if known.issuperset(discount.vendors):
                    break
            for name in discount.vendors:
                if name not in known:
                    raise UnknownNameError("vendor", name, known)

    def _plus(self, layer: Layer, *, replace: bool) -> PricingRegistry:
        names = [held.name for held in self.layers]
        if replace and layer.name in names:
            place = names.index(layer.name)
            return attrs.evolve(self, layers=(*self.layers[:place], layer, *self.layers[place + 1 :]))
        return attrs.evolve(self, layers=(layer, *self.layers))

    def without_layer(self, name: str) -> PricingRegistry:
        """The same registry without the layer of that name. Raises ``UnknownNameError`` if there is none."""
        self.layer(name)
        return attrs.evolve(self, layers=tuple(layer for layer in self.layers if layer.name != name))

    def for_tenant(self, tenant: str) -> PricingRegistry:
        """
        The registry as one tenant sees it: everybody's layers and theirs.

        Raises:
            UnknownNameError: No layer is that tenant's.
        """
        tenants = {layer.tenant for layer in self.layers if layer.tenant is not None}
        if tenant not in tenants:
            raise UnknownNameError("tenant", tenant, tenants)
        theirs = [layer for layer in self.layers if layer.tenant in {None, tenant}]
        return attrs.evolve(self, layers=[attrs.evolve(layer, tenant=None) for layer in theirs])

    def at(self, as_of: date | str) -> PricingRegistry:
        """The same registry, with another day for questions that name none."""
        made = attrs.evolve(self, as_of=as_of)
        # Both know the day of every answer.
        object.__setattr__(made, "_names", self._names)
        object.__setattr__(made, "_models", self._models)
        return made

    def layer(self, name: str) -> Layer:
        """The layer of that name. Raises ``UnknownNameError`` if there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise UnknownNameError("layer", name, (layer.name for layer in self.layers))

    @property
    def skipped(self) -> tuple[SkippedRow, ...]:
        """The rows that the sources left out, each with its reason."""
        return tuple(row for layer in self.layers for row in layer.data.skipped)

    # Names.

    @property
    def _open_layers(self) -> tuple[Layer, ...]:
        return tuple(layer for layer in self.layers if layer.tenant is None)

    def resolve(self, name: str, as_of: date | str | None = None) -> str:
        """
        The id of the model that is called *name*: its id or a listed alias, exactly.

        Raises:
            UnknownNameError: No model is called that; near misses are listed.
            AmbiguousNameError: Several are.
            NoFactOnDateError: A model is, but not on that day.
        """
        return self._names.owner(name, self._day(as_of))

    def _day(self, as_of: date | str | None) -> date:
        return self.as_of if as_of is None else as_day(as_of)

    def __contains__(self, name: object) -> bool:
        return self._names.knows(name, self.as_of)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.on(self.as_of).records)

    def __len__(self) -> int:
        return len(self._names.on(self.as_of).records)

    # Answers.

    def model(self, name: str, as_of: date | str | None = None) -> Model:
        """
        A model with the prices that answer on a day.

        Args:
            name: Its id or a listed alias, exactly.
            as_of: The day; None for the registry's own.

        Raises:
            UnknownNameError, AmbiguousNameError: As :meth:`resolve`.
            NoFactOnDateError: No layer says anything for that day.
        """
        day = self._day(as_of)
        try:
            found = self._models.get((name, day))
        except TypeError:
            found = None  # no name at all; refused below
        if found is None:
            key = self._names.owner(name, day)
            found = self._models.get((key, day))
            if found is None:
                found = self._models.setdefault((key, day), Answers(self._spoken(key, day), day).model())
            self._models[name, day] = found
        return found

    def days_of_change(self, name: str, as_of: date | str | None = None) -> tuple[date, ...]:
        """
        The days on which something that a layer says about a model begins to hold or ceases to, ascending.

        From one of them until the day before the next, :meth:`model` gives the same model.

        Args:
            name: Its id or a listed alias, exactly.
            as_of: The day, for names that have moved from one model to another; None for the registry's own.

        Raises:
            UnknownNameError, AmbiguousNameError, NoFactOnDateError: As :meth:`resolve`.
        """
        day = self._day(as_of)
        key = (self._names.owner(name, day), self._names.stretch(day))
        found = self._changes.get(key)
        if found is None:
            days = set(self._names.turns)
            for layer, record in self._spoken(key[0], day).layers:
                days.update(set[date]() if record is None else turning_days(record))
                limits = [(held.effective_from, held.effective_until) for held in layer.discounts]
                days.update(limit for pair in limits for limit in pair if limit is not None)
            found = self._changes[key] = tuple(sorted(days))
        return found

    def __getitem__(self, name: str) -> Model:
        return self.model(name)

    def explain(self, name: str, as_of: date | str | None = None) -> PriceExplanation:
        """
        Which layer answers for each price of a model, and which it hides.

        Raises:
            UnknownNameError, AmbiguousNameError, NoFactOnDateError: As :meth:`model`.
        """
        day = self._day(as_of)
        model = self._names.owner(name, day)
        prices, factors = Answers(self._spoken(model, day), day).explained()
        return PriceExplanation(
            asked=name,
            model=model,
            as_of=day,
            answers=prices,
            factors=factors,
            layers=tuple(layer.name for layer in self._open_layers),
        )

    def _spoken(self, model: str, day: date) -> Spoken:
        return spoken(model, self._open_layers, self._names.on(day))

    def catalog(self, base: Catalog | None = None) -> Catalog:
        """
        A catalog whose prices are those of this registry on every day, for every verb that compares or recommends.

        Which model a name means is taken from the registry's own day. Sources of prices that the base does not
        trust stand beside its own, so that they answer for prices and for nothing else.

        Args:
            base: Where limits, scores and everything else come from; None for the bundled catalog. Models of
                the registry that it does not hold are added.
        """
        held = Catalog.bundled() if base is None else base
        naming = self._names.on(self.as_of)
        # What only the base itself says need not be said again.
        same = [
            layer for layer in self._open_layers if layer.data.records is held.records and layer.trust == held.trust
        ]
        own = {layer.name for layer in same}
        cut = any(layer.discounts for layer in self._open_layers)
        sources = _Sources(held)
        records: dict[str, ModelRecord] = {}
        names = dict(held.names)
        spelled: dict[str, tuple[Alias, ...]] = {}
        for model, speakers in naming.records.items():
            if not cut and speakers.keys() <= own:
                continue
            owners = {owner for name in naming.names[model] if (owner := _owner(held, name, self.as_of)) is not None}
            said = self._spoken(model, self.as_of)
            prices, factors = rows_by_day(said)
            # What is one model here may be several in the catalog; then these are their prices.
            for owner in sorted(owners):
                records[owner] = sources.signed(held.records[owner], prices, factors)
            if not owners:
                records[model] = sources.introduced(Answers(said, self.as_of).record(), prices, factors)
                names[model] = ()
            spelled[min(owners, default=model)] = _aliases_of(said)
        claims = _Claims(names)
        for model, aliases in spelled.items():
            names[model] = (*names[model], *(alias for alias in aliases if claims.granted(alias)))
            records[model] = attrs.evolve(records[model], aliases=names[model])
        return attrs.evolve(
            held,
            as_of=self.as_of,
            records=ChainMap(records, cast("dict[str, ModelRecord]", held.records)),
            names=names,
            sources=sources.held,
            trust=(*sources.heard, *held.trust),
        )

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over everything that can answer: equal hashes give equal prices. [hex]"""
        digest = hashlib.sha256(self.as_of.isoformat().encode())
        for layer in self.layers:
            digest.update(repr(layer.terms).encode())
            for name in sorted(layer.data.records):
                digest.update(f"{name!r} {record_digest(layer.data.records, name)}".encode())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PricingRegistry):
            return NotImplemented
        return self.as_of == other.as_of and self.layers == other.layers

    def __hash__(self) -> int:
        return hash((self.as_of, self.layers))

    def __reduce__(self) -> tuple[Any, ...]:
        # Without what was worked out on the way.
        return (PricingRegistry, (self.layers, self.as_of))

    def __repr__(self) -> str:
        listed = ", ".join(f"{layer.name} ({layer.kind})" for layer in self.layers)
        return f"<PricingRegistry as of {self.as_of}: {len(self)} models in {listed or 'no layers'}>"


def _owner(catalog: Catalog, name: str, day: date) -> str | None:
    try:
        return catalog.resolve(name, day) if name in catalog else None
    except NoFactOnDateError:
        return None  # a name that means a model on other days only


def _aliases_of(said: Spoken) -> tuple[Alias, ...]:
    """The names that mean a model, with their days: those of today, and those that have moved or will."""
    listed = [alias for _, record in said.layers if record is not None for alias in record.aliases]
    moving = [alias for alias in listed if alias != Alias(alias.name)]
    steady = set(said.names) - {alias.name for alias in moving}
    return tuple(dict.fromkeys([*(Alias(name) for name in said.names if name in steady), *moving]))


class _Claims:
    """The names that are taken in a catalog that is being made."""

    def __init__(self, names: Mapping[str, tuple[Alias, ...]]) -> None:
        self._of: dict[str, list[Alias]] = {}
        for model, aliases in names.items():
            for alias in (Alias(model), *aliases):
                self._of.setdefault(alias.name, []).append(alias)

    def granted(self, alias: Alias) -> bool:
        """Whether the name is nobody's yet on any of its days; if so, it is taken from now on."""
        held = self._of.setdefault(alias.name, [])
        if any(other.overlaps(alias) for other in held):
            return False
        held.append(alias)
        return True


class _Sources:
    """The sources of a catalog, and those of prices that come to it."""

    def __init__(self, catalog: Catalog) -> None:
        self.held = dict(catalog.sources)
        self.heard: dict[str, None] = {}
        self._catalog = catalog
        self._made: dict[Source, Source] = {}

    def signed(self, record: ModelRecord, prices: tuple[Price, ...], factors: tuple[Multiplier, ...]) -> ModelRecord:
        """*record* with these prices, every row by a source that the catalog will trust."""
        return attrs.evolve(
            record,
            prices=tuple(attrs.evolve(row, source=self._trusted(row.source)) for row in prices),
            multipliers=tuple(attrs.evolve(row, source=self._trusted(row.source)) for row in factors),
        )

    def introduced(
        self, record: ModelRecord, prices: tuple[Price, ...], factors: tuple[Multiplier, ...]
    ) -> ModelRecord:
        """The same for a model that the catalog does not hold: whoever states its facts will be trusted, too."""
        stated = attrs.evolve(record, facts=self._stated(record.facts), scores=self._stated(record.scores))
        return self.signed(stated, prices, factors)

    def _stated(self, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        return tuple(attrs.evolve(fact, source=self._trusted(fact.source)) for fact in facts)

    def _trusted(self, source: Source) -> Source:
        known = self._catalog.sources.get(source.id)
        if known == source and source.id in self._catalog.trust:
            return source
        made = self._made.get(source)
        if made is None:
            # A source of that name which says other things, or which the catalog does not trust, stays as it is.
            name, number = source.id, 1
            while name in self.held:
                number += 1
                name = f"{source.id} {number}"
            made = self._made[source] = attrs.evolve(source, id=name)
            self.held[name] = made
            self.heard[name] = None
        return made
