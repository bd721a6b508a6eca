"""What the layers of a registry say about one model on one day, and which of them answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple, TypeAlias

import attrs

from llm_tradeoffs.catalog import ModelRecord, multipliers_on, prices_on, resolved_facts
from llm_tradeoffs.errors import AmbiguousNameError, NoFactOnDateError
from llm_tradeoffs.facts import Fact
from llm_tradeoffs.model import Model, Score
from llm_tradeoffs.money import Usd, exact_text, plain
from llm_tradeoffs.pricing._explain import FactorAnswer, PriceAnswer
from llm_tradeoffs.pricing._layers import Discount, Layer
from llm_tradeoffs.pricing._naming import Naming
from llm_tradeoffs.rates import SERVICE_TIERS, STANDARD, Multiplier, Price, RateCard, group_of
from llm_tradeoffs.usage import METERS, parent_meters

__all__ = ["Answers", "Spoken", "rows_by_day", "spoken"]

Group: TypeAlias = tuple[str, str, str | None]
"""A meter in a tier and region: what one layer answers as a whole, with all thresholds and hours."""

Scope: TypeAlias = tuple[str | None, str | None, str]
"""A tier or a region, and a meter: what one factor is for."""


class Spoken(NamedTuple):
    """The layers that may say something about a model, the first to answer first, and what each has of it."""

    model: str
    names: tuple[str, ...]
    layers: tuple[tuple[Layer, ModelRecord | None], ...]
    naming: Naming


def spoken(model: str, layers: Iterable[Layer], naming: Naming) -> Spoken:
    """Look up the records of *model*."""
    speaker = naming.records[model]
    held: list[tuple[Layer, ModelRecord | None]] = []
    for layer in layers:
        name = speaker.get(layer.name)
        if name is not None or layer.discounts:
            held.append((layer, None if name is None else layer.data.records[name]))
    return Spoken(model, naming.names[model], tuple(held), naming)


class Answers:
    """
    What each layer says about one model on one day.

    Attributes:
        prices: For each meter, tier and region the layers that have a price, the one that answers first.
            A layer whose factor goes before the amounts below it stands there without rows.
        factors: For each tier or region and meter the layers that have a factor.
        facts: The statement that answers for each field.
    """

    def __init__(self, said: Spoken, day: date) -> None:
        self.id = said.model
        self.day = day
        self.prices: dict[Group, list[tuple[Layer, tuple[Price, ...]]]] = {}
        self.factors: dict[Scope, list[tuple[Layer, Multiplier]]] = {}
        self.facts: dict[str, Fact] = {}
        self._scores: dict[str, Fact] = {}
        self._said = said
        # From the bottom up, since a discount takes its share off what stands below it.
        for layer, record in reversed(said.layers):
            for discount in layer.discounts:
                if discount.holds(day) and self._is_for_this_model(discount):
                    self._discount(layer, discount)
            if record is not None:
                self._say(layer, record)

    def _say(self, layer: Layer, record: ModelRecord) -> None:
        for row in multipliers_on(record.multipliers, self.day, layer.trust):
            for meter in row.meters:
                scope = (row.service_tier, row.region, meter)
                self.factors.setdefault(scope, []).insert(0, (layer, row))
                for group, said in self.prices.items():
                    if _is_within(group, scope):
                        said.insert(0, (layer, ()))
        groups: dict[Group, list[Price]] = {}
        for price in prices_on(record.prices, self.day, layer.trust):
            groups.setdefault(group_of(price), []).append(price)
        for group, rows in groups.items():
            self.prices.setdefault(group, []).insert(0, (layer, tuple(rows)))
        self.facts.update(resolved_facts(record.facts, self.day, layer.trust))
        self._scores.update(resolved_facts(record.scores, self.day, layer.trust))

    # Discounts.

    def _is_for_this_model(self, discount: Discount) -> bool:
        vendors = {record.vendor for _, record in self._said.layers if record is not None}
        if discount.vendors is not None and vendors.isdisjoint(discount.vendors):
            return False
        if discount.models is None:
            return True
        for name in discount.models:
            meant = self._said.naming.meant_by(name)
            if self.id in meant:
                if len(meant) > 1:
                    raise AmbiguousNameError(name, meant)
                return True
        return False

    def _discount(self, layer: Layer, discount: Discount) -> None:
        for meter in discount.meters or ():
            self._spell_out_part(meter)
        if discount.service_tiers is not None:
            self._spell_out_tiers(discount.service_tiers)
        for said in self.prices.values():
            below, rows = said[0]
            if rows and discount.covers(rows[0]):
                said.insert(0, (layer, tuple(_cut(row, layer, discount, below) for row in rows)))

    def _spell_out_tiers(self, discounted: tuple[str, ...]) -> None:
        """What factors make of the standard prices as amounts, for the tiers that do not go with the standard one."""
        for (tier, _, meter), of_factor in self.factors.items():
            standard = self._rows((meter, STANDARD, None))
            if tier is None or (tier in discounted) == (STANDARD in discounted):
                continue
            if not standard or self._rows((meter, tier, None)):
                continue
            layer, factor = of_factor[0]
            amounts = tuple(_multiplied(row, tier, factor) for row in standard)
            self.prices.setdefault((meter, tier, None), []).insert(0, (layer, amounts))

    def _spell_out_part(self, meter: str) -> None:
        """What a part without a price of its own costs, as amounts, for a discount that is for the part alone."""
        parents = parent_meters(meter)
        of_parent = {group: said for group, said in self.prices.items() if group[0] in parents and said[0][1]}
        rows = [row for said in of_parent.values() for row in said[0][1]]
        depends_on_quantity = any(row.above_quantity is not None or row.minimum_quantity is not None for row in rows)
        if len(parents) != 1 or depends_on_quantity or any(group[0] == meter for group in self.prices):
            return
        for (_, tier, region), said in of_parent.items():
            layer, amounts = said[0]
            self.prices[meter, tier, region] = [(layer, tuple(attrs.evolve(row, meter=meter) for row in amounts))]
        for scope, of_factor in list(self.factors.items()):
            if scope[2] in parents:
                self.factors.setdefault((scope[0], scope[1], meter), of_factor[:1])

    def _rows(self, group: Group) -> tuple[Price, ...]:
        said = self.prices.get(group)
        return said[0][1] if said else ()

    # What comes out.

    @property
    def in_force(self) -> tuple[tuple[Price, ...], tuple[Multiplier, ...]]:
        """The prices and the factors that answer."""
        prices = tuple(price for said in self.prices.values() for price in said[0][1])
        meters: dict[Multiplier, list[str]] = {}
        for (_, _, meter), said in self.factors.items():
            meters.setdefault(said[0][1], []).append(meter)
        return prices, tuple(attrs.evolve(row, meters=held) for row, held in meters.items())

    def model(self) -> Model:
        """
        The model as it is on that day.

        Raises:
            NoFactOnDateError: No layer says anything for that day.
        """
        self._check_that_anything_is_said()
        self._check_that_it_is_released()
        prices, factors = self.in_force
        stated: dict[str, Any] = {field: fact.value for field, fact in self.facts.items()}
        return Model(
            self.id,
            usd_per_mtok=RateCard(prices, factors),
            name=self._first("name"),
            vendor=self._first("vendor"),
            aliases=self._said.names[1:],
            scores=tuple(fact.value for fact in self._scores.values() if isinstance(fact.value, Score)),
            sources={**self.facts, **self._scores},
            **stated,
        )

    def record(self) -> ModelRecord:
        """What answers as a record, without prices and names."""
        return ModelRecord(
            id=self.id,
            name=self._first("name"),
            vendor=self._first("vendor"),
            facts=tuple(self.facts.values()),
            scores=tuple(self._scores.values()),
        )

    def explained(self) -> tuple[tuple[PriceAnswer, ...], tuple[FactorAnswer, ...]]:
        """
        Who answers for each price and for each factor, and whom it hides.

        Raises:
            NoFactOnDateError: No layer says anything for that day.
        """
        self._check_that_anything_is_said()
        prices = [
            PriceAnswer(
                meter=group[0],
                service_tier=group[1],
                region=group[2],
                layer=said[0][0].name,
                prices=said[0][1],
                hidden=tuple((below.name, rows) for below, rows in said[1:] if rows),
            )
            for group, said in sorted(self.prices.items(), key=lambda item: _place(item[0]))
            if said[0][1]
        ]
        return tuple(prices), tuple(self._explained_factors())

    def _explained_factors(self) -> Iterator[FactorAnswer]:
        answers: dict[tuple[Layer, Multiplier], list[Scope]] = {}
        for scope, said in self.factors.items():
            answers.setdefault(said[0], []).append(scope)
        for (layer, factor), scopes in answers.items():
            hidden: dict[tuple[str, Price | Multiplier], None] = {}
            for scope in scopes:
                hidden.update({(below.name, row): None for below, row in self.factors[scope][1:]})
            for group, of_group in self.prices.items():
                if not of_group[0][1] and any(_is_within(group, scope) for scope in scopes):
                    hidden.update({(below.name, row): None for below, rows in of_group for row in rows})
            yield FactorAnswer(
                service_tier=factor.service_tier,
                region=factor.region,
                meters=tuple(meter for meter in METERS if any(meter == scope[2] for scope in scopes)),
                layer=layer.name,
                factor=factor,
                hidden=tuple(hidden),
            )

    def _first(self, field: str) -> str | None:
        stated = (getattr(record, field) for _, record in self._said.layers if record is not None)
        return next((value for value in stated if value is not None), None)

    def _check_that_it_is_released(self) -> None:
        """An undated price of another list does not reach back before the model was there."""
        facts = [fact for _, record in self._said.layers if record is not None for fact in record.facts]
        released = [fact.value for fact in facts if fact.field == "released_on" and isinstance(fact.value, date)]
        if released and self.day < min(released):
            raise NoFactOnDateError(f"price of {self.id}", self.day.isoformat(), min(released).isoformat())

    def _check_that_anything_is_said(self) -> None:
        if any(said[0][1] for said in self.prices.values()) or self.facts or self._scores:
            return
        begins, ends = set[date | None](), set[date | None]()
        for layer, record in self._said.layers:
            stated: tuple[Price | Fact, ...] = () if record is None else (*record.prices, *record.facts, *record.scores)
            begins |= {row.effective_from for row in stated if row.source.id in layer.trust}
            ends |= {row.effective_until for row in stated if row.source.id in layer.trust}
        later = [day for day in begins if day is not None and day > self.day]
        ended = [day for day in ends if day is not None and day <= self.day]
        last = max(ended).isoformat() if ended and not later else None
        raise NoFactOnDateError(
            f"price of {self.id}", self.day.isoformat(), min(later).isoformat() if later else last, last
        )


def _is_within(group: Group, scope: Scope) -> bool:
    tier, region, meter = scope
    return group[0] == meter and (group[1] == tier if tier is not None else group[2] == region)


def _cut(price: Price, layer: Layer, discount: Discount, below: Layer) -> Price:
    return attrs.evolve(
        price,
        usd=Usd.from_pico(plain(price.usd.pico * (1 - discount.share))),
        source=layer.data.source,
        place=f"{discount} {price} of {price.source.id}{', ' + price.place if price.place else ''}",
        note=f"the price below is that of the layer {below.name!r}",
    )


def _multiplied(price: Price, tier: str, factor: Multiplier) -> Price:
    return attrs.evolve(
        price,
        service_tier=tier,
        usd=Usd.from_pico(plain(price.usd.pico * factor.factor)),
        place=f"{exact_text(factor.factor)} × {price}{', ' + price.place if price.place else ''}",
    )


def _place(group: Group) -> tuple[int, int, str]:
    meter, tier, region = group
    return (SERVICE_TIERS.index(tier), METERS.index(meter), region or "")


def rows_by_day(said: Spoken) -> tuple[tuple[Price, ...], tuple[Multiplier, ...]]:
    """
    The prices and the factors that answer on some day, each for the days on which it does.

    On every day at most one of them answers for the same thing, whoever is trusted.
    """
    prices, factors = list[Price](), list[Multiplier]()
    since: dict[Price | Multiplier, date | None] = {}

    def close(row: Price | Multiplier, end: date | None) -> None:
        start = since.pop(row)
        if isinstance(row, Price):
            prices.append(attrs.evolve(row, effective_from=start, effective_until=end))
        else:
            factors.append(attrs.evolve(row, effective_from=start, effective_until=end))

    for start in (None, *_days_of_change(said)):
        amounts, multipliers = Answers(said, date.min if start is None else start).in_force
        answering: tuple[Price | Multiplier, ...] = (*amounts, *multipliers)
        for row in since.keys() - set(answering):
            close(row, start)
        for row in answering:
            since.setdefault(row, start)
    for row in tuple(since):
        close(row, None)
    return tuple(sorted(prices, key=_by_first_day)), tuple(sorted(factors, key=_by_first_day))


def _days_of_change(said: Spoken) -> list[date]:
    """The days on which another price, factor or discount begins to answer, or one ends; ascending."""
    days: set[date | None] = set()
    for layer, record in said.layers:
        rows: tuple[Price | Multiplier, ...] = () if record is None else (*record.prices, *record.multipliers)
        stated: tuple[Price | Multiplier | Discount, ...] = (*rows, *layer.discounts)
        for row in stated:
            days |= {row.effective_from, row.effective_until}
    return sorted(day for day in days if day is not None)


def _by_first_day(row: Price | Multiplier) -> tuple[Any, ...]:
    if isinstance(row, Price):
        step = (row.bound or -1, row.above_quantity or 0, str(row.window))
        return (row.effective_from or date.min, *_place(group_of(row)), *step)
    return (row.effective_from or date.min, row.service_tier or "", row.region or "", row.meters)
