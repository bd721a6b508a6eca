"""Layers of a registry: prices of one origin, and who goes before whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Final, TypeAlias, TypeVar, cast

import attrs

from llm_tradeoffs._edges import several_names
from llm_tradeoffs.catalog import Catalog, ModelRecord
from llm_tradeoffs.errors import (
    InvalidTypeError,
    InvalidValueError,
    PriceSourceError,
    TradeoffsError,
    UnknownNameError,
)
from llm_tradeoffs.facts import CALLER, Alias, Fact, Source, as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Number, exact, exact_text
from llm_tradeoffs.pricing._data import PriceData, PriceSource
from llm_tradeoffs.rates import SERVICE_TIERS, Multiplier, Price, RateCard, RatesLike
from llm_tradeoffs.usage import METERS

__all__ = ["LAYER_KINDS", "Discount", "Layer", "LayerInput", "discount_layer", "layer_of"]

LAYER_KINDS: Final = ("what-if", "negotiated", "private", "bundled", "upstream")
"""Kinds of layers, the first to answer first. Within one kind the layer that was added last goes first."""

LayerInput: TypeAlias = (
    PriceSource
    | PriceData
    | Catalog
    | Mapping[str, RatesLike | None]
    | Iterable[Model | ModelRecord]
    | str
    | PathLike[str]
)
"""What a layer can be made of: a source, a catalog, a mapping from names to prices, models, or a path of TOML files."""

_RowT = TypeVar("_RowT", Price, Multiplier)


def _share(value: Number) -> Exact:
    share = exact(value, "share")
    if not 0 <= share <= 1:
        raise InvalidValueError(
            f"a discount of {exact_text(share)} is none: it is a share from 0 to 1, such as '0.15' for 15 %."
        )
    return share


def _some(
    value: Iterable[str] | None, what: str, example: str, known: Collection[str] | None = None
) -> tuple[str, ...] | None:
    """At least one name, or None for all."""
    if value is None:
        return None
    names = several_names(value, what, f"('{example}',)")
    if not names:
        raise InvalidValueError(f"{what} is empty, so nothing would be discounted. Leave it out for all.")
    for name in names:
        if known is not None and name not in known:
            raise UnknownNameError(what.removesuffix("s").replace("_", " "), name, known)
    return tuple(sorted(set(names)))


def _models(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return _some(value, "models", "gpt-4.1-mini")


def _vendors(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return _some(value, "vendors", "openai")


def _tiers(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return _some(value, "service_tiers", "batch", SERVICE_TIERS)


def _meters(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return _some(value, "meters", "input_tokens", METERS)


def _day(value: date | str | None) -> date | None:
    return None if value is None else as_day(value, "the day of a discount")


@attrs.frozen(kw_only=True)
class Discount:
    """
    A share off whatever the layers below answer.

    Attributes:
        share: What is taken off, from 0 to 1; any exact number.
        models: Names of the models; None for all.
        vendors: Ids of the vendors; None for all.
        service_tiers: The tiers; None for all.
        meters: What is discounted; None for everything.
        effective_from, effective_until: As in :class:`llm_tradeoffs.Price`.
    """

    share: Exact = attrs.field(converter=_share)
    models: tuple[str, ...] | None = attrs.field(default=None, converter=_models)
    vendors: tuple[str, ...] | None = attrs.field(default=None, converter=_vendors)
    service_tiers: tuple[str, ...] | None = attrs.field(default=None, converter=_tiers)
    meters: tuple[str, ...] | None = attrs.field(default=None, converter=_meters)
    effective_from: date | None = attrs.field(default=None, converter=_day)
    effective_until: date | None = attrs.field(default=None, converter=_day)

    def __attrs_post_init__(self) -> None:
        first, end = self.effective_from, self.effective_until
        if first is not None and end is not None and end <= first:
            raise InvalidValueError(f"the discount begins on {first} and ends on {end}, so it never holds.")

    def holds(self, day: date) -> bool:
        """Whether it is in force on *day*."""
        started = self.effective_from is None or self.effective_from <= day
        return started and not (self.effective_until is not None and self.effective_until <= day)

    def covers(self, price: Price) -> bool:
        """Whether it is for a price of that tier and meter."""
        return (self.service_tiers is None or price.service_tier in self.service_tiers) and (
            self.meters is None or price.meter in self.meters
        )

    def __str__(self) -> str:
        return f"{exact_text(self.share * 100)} % off"


def _names_of(layer: Layer) -> Mapping[str, tuple[Alias, ...]]:
    return {name: record.aliases for name, record in layer.data.records.items()}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Layer:
    """
    Prices of one origin within a registry.

    Attributes:
        name: Its name within the registry, such as ``"contract 17"``.
        kind: One of :data:`LAYER_KINDS`, which says who goes before whom.
        data: The prices.
        trust: Ids of the sources within *data* that answer, most trusted first.
        discounts: Shares off what the layers below answer.
        tenant: Whose layer it is; None for everybody's.
        names: The other exact names of each of its models; of the records themselves if left out.
    """

    name: str
    kind: str
    data: PriceData
    trust: tuple[str, ...]
    discounts: tuple[Discount, ...] = ()
    tenant: str | None = None
    # Apart from the records, which a catalog reads only when they are asked for.
    names: Mapping[str, tuple[Alias, ...]] = attrs.field(default=attrs.Factory(_names_of, takes_self=True))

    def __attrs_post_init__(self) -> None:
        if self.kind not in LAYER_KINDS:
            raise UnknownNameError("kind of layer", self.kind, LAYER_KINDS)
        if not isinstance(self.name, str) or not self.name:
            raise InvalidTypeError(f"the name of a layer is {self.name!r}; expected a text such as 'contract 17'.")
        if self.tenant is not None and (not isinstance(self.tenant, str) or not self.tenant):
            raise InvalidTypeError(f"the tenant of a layer is {self.tenant!r}; expected a text, or None for everybody.")

    @property
    def terms(self) -> tuple[object, ...]:
        """Everything but the records that changes what is answered."""
        return (self.name, self.kind, self.tenant, self.trust, self.discounts, self.data.source)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Layer):
            return NotImplemented
        return self.terms == other.terms and self.data.records == other.data.records

    def __hash__(self) -> int:
        return hash(self.terms)

    def __repr__(self) -> str:
        off = "".join(f", {discount}" for discount in self.discounts)
        whose = "" if self.tenant is None else f" for {self.tenant}"
        return f"<Layer {self.name!r} ({self.kind}{whose}): {len(self.names)} models{off}>"


def discount_layer(discount: Discount, *, name: str, kind: str, tenant: str | None) -> Layer:
    """A layer without prices, which takes something off those below it."""
    data = PriceData(source=_own_source(name), records={})
    return Layer(name=name, kind=kind, data=data, trust=(), discounts=(discount,), tenant=tenant)


def layer_of(prices: object, *, name: str | None, kind: str | None, tenant: str | None = None) -> Layer:
    """
    A layer from what a person has.

    Raises:
        InvalidTypeError: *prices* is nothing that prices can be read from, or a name is missing.
        InvalidValueError: A model is there twice.
        CatalogError: TOML files are wrong: every fault of every file.
        PriceSourceError: A source cannot be read.
    """
    usual_kind = "private"
    if isinstance(prices, str | PathLike):
        path = Path(cast("str | PathLike[str]", prices))
        if path.is_dir():
            prices, name = Catalog.from_path(path), path.name if name is None else name
        else:
            prices = _read_file(path, name)
    elif isinstance(prices, Catalog):
        usual_kind = "bundled"
    elif isinstance(prices, PriceSource) and not isinstance(prices, type):
        usual_kind, name = "upstream", prices.name if name is None else name
        prices = _read_source(prices)
    elif isinstance(prices, PriceData):
        usual_kind = "upstream"
    if isinstance(prices, Catalog):
        title = "bundled" if name is None else name
        source = Source(id=title, title=f"catalog {prices.edition}", kind="dataset")
        # The catalog's own records, of which none is read before it is asked for.
        data, trust, names = PriceData(source=source, records=prices.records), prices.trust, prices.names
    else:
        data = _checked(prices) if isinstance(prices, PriceData) else _given(prices, name)
        title = data.source.id if name is None else name
        trust, names = _heard(data), {record.id: record.aliases for record in data.records.values()}
    return Layer(
        name=title, kind=usual_kind if kind is None else kind, data=data, trust=trust, tenant=tenant, names=names
    )


def _own_source(name: object) -> Source:
    if not isinstance(name, str) or not name:
        raise InvalidTypeError(f"the name of a layer is {name!r}; expected a text such as 'contract 17'.")
    return Source(id=name, title=name, kind="caller")


def _read_file(path: Path, name: str | None) -> PriceData:
    from llm_tradeoffs._load import load_prices  # the reader of TOML files waits until there is one to read

    source, records = load_prices(path, name)
    return PriceData(source=source, records=records)


def _read_source(source: PriceSource) -> PriceData:
    try:
        data: object = source.read()
    except TradeoffsError:
        raise
    except Exception as problem:  # a plug-in of somebody else may raise anything
        raise PriceSourceError(
            f"the price source {source!r} cannot be read: {type(problem).__name__}: {problem}. Nothing was changed."
        ) from problem
    if not isinstance(data, PriceData):
        raise InvalidTypeError(
            f"read() of the price source {source!r} gave a {type(data).__name__}; "
            "expected PriceData(source=..., records=...)."
        )
    return data


def _checked(data: PriceData) -> PriceData:
    """What a source says, held apart from what the source does with its records later."""
    for name, record in data.records.items():
        if not isinstance(record, ModelRecord):
            raise InvalidTypeError(f"the record {name!r} of {data.source} is {record!r}; expected a ModelRecord.")
        if record.id != name:
            raise InvalidValueError(
                f"the record {name!r} of {data.source} has the id {record.id!r}; records are kept by their ids."
            )
    return attrs.evolve(data, records={name: _spoken_by(data.source, record) for name, record in data.records.items()})


def _given(prices: object, name: str | None) -> PriceData:
    if isinstance(prices, type):
        called = prices.__name__
        raise InvalidTypeError(f"no prices can be read from the class {called}. Make a source of it first: {called}().")
    if not isinstance(prices, Mapping | Iterable) or isinstance(prices, bytes):
        raise InvalidTypeError(
            f"no prices can be read from {_shortly(prices)}. Pass a source such as GenaiPrices(), a Catalog, "
            "a mapping such as {'gpt-4.1-mini': ('0.32', '1.28')}, models in a list, or the path of TOML files."
        )
    if name is None:
        raise InvalidTypeError(
            f"no layer can be made of {_shortly(cast('object', prices))} without a name. "
            "Say registry.with_layer(..., name='contract 17')."
        )
    source = _own_source(name)
    records: dict[str, ModelRecord] = {}
    for record in _records(cast("Mapping[object, RatesLike | None] | Iterable[object]", prices)):
        if record.id in records:
            raise InvalidValueError(f"the model {record.id!r} is given twice in the layer {name!r}. Keep one.")
        records[record.id] = _spoken_by(source, record)
    return PriceData(source=source, records=records)


def _records(prices: Mapping[object, RatesLike | None] | Iterable[object]) -> Iterator[ModelRecord]:
    if isinstance(prices, Mapping):
        for model, rates in cast("Mapping[object, RatesLike | None]", prices).items():
            if not isinstance(model, str) or not model:
                raise InvalidTypeError(f"the name of a model is {model!r}; expected a text such as 'gpt-4.1-mini'.")
            yield _record(model, rates)
        return
    for model in prices:
        if isinstance(model, Model):
            yield ModelRecord.of(model)
        elif isinstance(model, ModelRecord):
            yield model
        else:
            raise InvalidTypeError(f"expected a Model, got {_shortly(model)}.")


def _record(model: str, rates: RatesLike | None) -> ModelRecord:
    if isinstance(rates, Sequence) and all(isinstance(row, Price) for row in rates):
        # Rows may hold on different days, so they are no card yet. Those that begin together have to be one.
        rows = cast("Sequence[Price]", rates)
        for first_day in {row.effective_from for row in rows}:
            RateCard(tuple(row for row in rows if row.effective_from == first_day))
        return ModelRecord(id=model, prices=tuple(rows))
    card = RateCard.of(rates)
    return ModelRecord(id=model, prices=card.prices, multipliers=card.multipliers)


def _shortly(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= 80 else text[:77] + '...'} of type {type(value).__name__}"


def _spoken_by(source: Source, record: ModelRecord) -> ModelRecord:
    """*record* with the prices that name no source as those of *source*, for they are its own."""
    rows: tuple[Price | Multiplier, ...] = (*record.prices, *record.multipliers)
    if any(row.source == CALLER for row in rows):
        return attrs.evolve(
            record, prices=_signed(record.prices, source), multipliers=_signed(record.multipliers, source)
        )
    return record


def _signed(rows: tuple[_RowT, ...], source: Source) -> tuple[_RowT, ...]:
    return tuple(attrs.evolve(row, source=source) if row.source == CALLER else row for row in rows)


def _heard(data: PriceData) -> tuple[str, ...]:
    """
    Everybody whom *data* quotes may answer: its own source first, then the others as they are named.

    Only a catalog says whom to trust where its sources disagree.
    """
    heard: dict[str, None] = {data.source.id: None}
    for record in data.records.values():
        rows: tuple[Price | Multiplier | Fact, ...] = (
            *record.prices,
            *record.multipliers,
            *record.facts,
            *record.scores,
        )
        heard.update(dict.fromkeys(row.source.id for row in rows))
    return tuple(heard)
