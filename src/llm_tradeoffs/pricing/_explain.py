"""Where prices come from and how they changed, as values and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.errors import NoFactOnDateError
from llm_tradeoffs.facts import CALLER
from llm_tradeoffs.model import Model, multiplier_field, rate_field
from llm_tradeoffs.money import exact_text
from llm_tradeoffs.rates import Multiplier, Price
from llm_tradeoffs.usage import TOKEN_METERS

if TYPE_CHECKING:
    from llm_tradeoffs.pricing._registry import PricingRegistry

__all__ = ["FactorAnswer", "PriceAnswer", "PriceChange", "PriceDiff", "PriceExplanation", "diff"]


@attrs.frozen(kw_only=True)
class PriceAnswer:
    """
    Who answers for one meter in one tier and region.

    Attributes:
        meter, service_tier, region: What is priced.
        layer: The layer that answers.
        prices: Its rows, several where the price depends on the length of a request or the hour.
        hidden: The layers below that would have answered otherwise, with their rows.
    """

    meter: str
    service_tier: str
    region: str | None
    layer: str
    prices: tuple[Price, ...]
    hidden: tuple[tuple[str, tuple[Price, ...]], ...]

    def __str__(self) -> str:
        where = "" if self.region is None else f" in {self.region}"
        lines = [f"{self.service_tier} {self.meter}{where}: {_rows(self.prices, self.layer)}  [{self.layer}]"]
        lines += [f"    hides {_rows(rows, layer)}  [{layer}]" for layer, rows in self.hidden]
        return "\n".join(lines)


def _rows(prices: tuple[Price, ...], layer: str) -> str:
    return ", ".join(_row(price, layer) for price in prices)


def _row(price: Price, layer: str) -> str:
    bound = ""
    if price.above_input_tokens is not None:
        bound = f" above {price.above_input_tokens:,} input tokens"
    elif price.from_input_tokens is not None:
        bound = f" from {price.from_input_tokens:,} input tokens"
    step = "" if price.above_quantity is None else f" beyond {price.above_quantity:,}"
    hours = "" if price.window is None else f" in {price.window}"
    least = "" if price.minimum_quantity is None else f", at least {price.minimum_quantity:,}"
    said = "" if price.source.id in {layer, CALLER.id} else f" ({price.source.id})"
    return f"{price}{bound}{step}{hours}{least}{said}"


@attrs.frozen(kw_only=True)
class FactorAnswer:
    """
    Who answers for a factor on the prices of a tier or a region.

    Attributes:
        service_tier, region: What it is for, one of them.
        meters: The meters for which this layer answers.
        layer: The layer.
        factor: Its row.
        hidden: What the layers below it state for the same: their factors, and amounts that this factor goes before.
    """

    service_tier: str | None
    region: str | None
    meters: tuple[str, ...]
    layer: str
    factor: Multiplier
    hidden: tuple[tuple[str, Price | Multiplier], ...]

    def __str__(self) -> str:
        meters = "every token price" if self.meters == TOKEN_METERS else ", ".join(self.meters)
        said = "" if self.factor.source.id in {self.layer, CALLER.id} else f" ({self.factor.source.id})"
        factor = exact_text(self.factor.factor)
        lines = [f"{self.service_tier or self.region} {meters}: {factor} times{said}  [{self.layer}]"]
        for layer, row in self.hidden:
            what = f"{row.meter} {_row(row, layer)}" if isinstance(row, Price) else f"{exact_text(row.factor)} times"
            lines.append(f"    hides {what}  [{layer}]")
        return "\n".join(lines)


@attrs.frozen(kw_only=True)
class PriceExplanation(Tabular):
    """
    Which layer answers for each price of a model on a day.

    Attributes:
        asked: The name that was asked for.
        model: The id of the model that it means on that day.
        as_of: The day.
        answers: One for each meter, tier and region that has a price.
        factors: One for each published factor, on the prices of a tier or a region that has no price of its own.
        layers: The layers that were asked, the first to answer first.
    """

    asked: str
    model: str
    as_of: date
    answers: tuple[PriceAnswer, ...]
    factors: tuple[FactorAnswer, ...]
    layers: tuple[str, ...]

    def __str__(self) -> str:
        alias = "" if self.asked == self.model else f" (asked for as {self.asked!r})"
        head = f"{self.model}{alias} on {self.as_of}; asked in this order: {', '.join(self.layers)}"
        lines = [line for answer in (*self.answers, *self.factors) for line in str(answer).splitlines()]
        return "\n".join([head, *(f"  {line}" for line in lines)])


@attrs.frozen(kw_only=True)
class PriceChange:
    """
    A price that differs between two registries.

    Attributes:
        model: The model's id.
        field: Which price, such as ``rates.standard.input_tokens``.
        old, new: The rows; None where no such price is stated, so that it is derived from others, or unknown.
    """

    model: str
    field: str
    old: Price | Multiplier | None
    new: Price | Multiplier | None

    def __str__(self) -> str:
        old, new = ("not stated" if row is None else str(row) for row in (self.old, self.new))
        return f"{self.model} {self.field.removeprefix('rates.')}: {old} -> {new}"


@attrs.frozen(kw_only=True)
class PriceDiff(Tabular):
    """
    What differs between two registries, each on its day.

    Attributes:
        added, removed: Ids of models that only the new one, or only the old one, prices.
        renamed: Old and new id of models that have another id in the new one.
        changed: The prices and factors that differ.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    changed: tuple[PriceChange, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.renamed or self.changed)

    def __str__(self) -> str:
        lines = [f"+ {name}" for name in self.added] + [f"- {name}" for name in self.removed]
        lines += [f"{old} is called {new} now" for old, new in self.renamed]
        return "\n".join([*lines, *map(str, self.changed)]) or "no difference"


def diff(old: PricingRegistry, new: PricingRegistry, as_of: date | str | None = None) -> PriceDiff:
    """
    What changed from *old* to *new*.

    A model that has another id in the other registry is found there by its names, if they lead to one model only.

    Args:
        old, new: Two registries; the same one with two days (``registry.at(...)``) shows what a vendor changed.
        as_of: One day for both; None for each one's own.
    """
    before, after = (_priced(registry if as_of is None else registry.at(as_of)) for registry in (old, new))
    renamed = _renamed(before, after)
    pairs = [*((name, name) for name in before if name in after), *renamed]
    old_ids, new_ids = {name for name, _ in pairs}, {name for _, name in pairs}
    return PriceDiff(
        added=tuple(name for name in after if name not in new_ids),
        removed=tuple(name for name in before if name not in old_ids),
        renamed=tuple(renamed),
        changed=tuple(change for was, now in sorted(pairs) for change in _changes(before[was], after[now])),
    )


def _priced(registry: PricingRegistry) -> dict[str, Model]:
    """The models that have a price on the registry's day, by id."""
    found: dict[str, Model] = {}
    for name in registry:
        try:
            model = registry.model(name)
        except NoFactOnDateError:
            continue
        if model.rates:
            found[name] = model
    return found


def _renamed(before: dict[str, Model], after: dict[str, Model]) -> list[tuple[str, str]]:
    """The models that only their names connect, where each leads to the other and to no third."""
    by_name: dict[str, set[str]] = {}
    for model in after.values():
        if model.id not in before:
            for name in (model.id, *model.aliases):
                by_name.setdefault(name, set()).add(model.id)
    meant = {
        model.id: set[str]().union(*(by_name.get(name, ()) for name in (model.id, *model.aliases)))
        for model in before.values()
        if model.id not in after
    }
    reached = Counter(new for news in meant.values() for new in news)
    pairs = [(old, next(iter(news))) for old, news in meant.items() if len(news) == 1]
    return sorted((old, new) for old, new in pairs if reached[new] == 1)


def _changes(old: Model, new: Model) -> Iterator[PriceChange]:
    before, after = ({rate_field(price): price for price in model.rates.prices} for model in (old, new))
    for field in sorted(before.keys() | after.keys()):
        was, now = before.get(field), after.get(field)
        if _amount(was) != _amount(now):
            yield PriceChange(model=new.id, field=field, old=was, new=now)
    # Factors meter by meter, since what one row holds for all of them may stand in two elsewhere.
    meters: dict[tuple[Multiplier | None, Multiplier | None], list[str]] = {}
    had, has = _factors(old), _factors(new)
    for scope in sorted(had.keys() | has.keys()):
        pair = had.get(scope), has.get(scope)
        if len({row and row.factor for row in pair}) > 1:
            meters.setdefault(pair, []).append(scope[2])
    for pair, held in meters.items():
        field = next(multiplier_field(attrs.evolve(row, meters=held)) for row in pair if row is not None)
        yield PriceChange(model=new.id, field=field, old=pair[0], new=pair[1])


def _factors(model: Model) -> dict[tuple[str, str, str], Multiplier]:
    rows = model.rates.multipliers
    return {(row.service_tier or "", row.region or "", meter): row for row in rows for meter in row.meters}


def _amount(price: Price | None) -> object:
    return None if price is None else (price.pico_per_unit, price.minimum_quantity)
