"""Pricing and re-pricing of tables: group first, price after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final, TypeAlias

import attrs

from llm_tradeoffs._edges import several_names
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, NoFactOnDateError, TradeoffsError
from llm_tradeoffs.facts import as_moment
from llm_tradeoffs.frames._cells import Cell, Cells, CellSum
from llm_tradeoffs.frames._columns import Columns
from llm_tradeoffs.frames._engine import Log
from llm_tradeoffs.frames._keys import Keys, compiled, merged, records_of, scaled_bound, with_windows
from llm_tradeoffs.frames._pricing import MEDIA, OUTPUT_MEDIA, Need, Pricer, Prices, Target, held_prices
from llm_tradeoffs.frames._read import read_cells
from llm_tradeoffs.frames._results import FrameCost, Kind, Repriced, cost_of
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Number, exact
from llm_tradeoffs.pricing import PricingRegistry

__all__ = ["WhatIf", "cells", "price", "price_cells", "reprice"]


_FEW: Final = 8
"""So many days are compared with every time sooner than a log is asked when it begins and ends."""


def _ratio(value: Number | None) -> Exact | None:
    if value is None:
        return None
    ratio = exact(value, "token_ratio")
    if ratio <= 0:
        raise InvalidValueError(f"token_ratio is {value!r}; it must be above 0: tokens per token that was counted.")
    return ratio


@attrs.frozen(kw_only=True)
class WhatIf:
    """
    Other circumstances for the same calls.

    Attributes:
        model: The model that would have answered, by name or by hand; None for the one that did.
        service_tier: The tier that would have served them; None for the one that did.
        region: Where they would have been processed; None for where they were.
        as_of: The day whose prices would have held, or a moment; None for the day of each call.
        token_ratio: Tokens of the other model per token that was counted, for calls that another model answered; None
            for what the catalog says, whose high end is taken, else 1.
        name: What the result is called; None for a name made of the rest.
    """

    model: str | Model | None = None
    service_tier: str | None = None
    region: str | None = None
    as_of: date | datetime | str | None = None
    token_ratio: Exact | None = attrs.field(default=None, converter=_ratio)
    name: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.model is not None and not isinstance(self.model, str | Model):
            raise InvalidTypeError(f"the model of a what-if is {self.model!r}; expected a name or a Model.")
        if self.model is None and self.token_ratio is not None:
            raise InvalidValueError("a token ratio is that of another model; say which model.")

    @property
    def label(self) -> str:
        """What the result is called."""
        if self.name is not None:
            return self.name
        model = self.model.id if isinstance(self.model, Model) else self.model
        parts = [model, self.service_tier, self.region, None if self.as_of is None else str(self.as_of)]
        return ", ".join(part for part in parts if part is not None) or "as it was"

    def target(self) -> Target:
        """The same for the pricing of cells."""
        at = None
        if self.as_of is not None:
            day, moment = as_moment(self.as_of)
            at = day if moment is None else moment
        return Target(
            model=self.model,
            service_tier=self.service_tier,
            region=self.region,
            as_of=at,
            token_ratio=self.token_ratio,
        )


Under: TypeAlias = "str | Model | WhatIf"


def price(
    table: object,
    catalog: Catalog | PricingRegistry | None = None,
    *,
    by: str | Sequence[str] | None = None,
    columns: Columns | None = None,
    model: str | Model | None = None,
    service_tier: str | None = None,
    region: str | None = None,
    as_of: date | datetime | str | None = None,
) -> FrameCost:
    """
    What the calls of a table cost, by any grouping.

    The engine that holds the table sorts its calls into cells and adds up their counts; the cells are then priced by
    the same exact arithmetic as one call. The sum is that of :func:`llm_tradeoffs.cost` over the rows.

    Args:
        table: One row per call: a frame of pandas, Polars (lazy, too), PyArrow, Dask or PySpark, or a DuckDB relation.
        catalog: Where names are looked up, a catalog or a registry; None for the bundled catalog.
        by: What to group by: ``model``, ``service_tier``, ``region``, ``day``, ``month`` (of UTC), or columns of the
            table; ``()`` for nothing; None for the model where the table states one.
        columns: For each of our names (counts, ``model``, ``service_tier``, ``region``, ``time``) the column that
            states it, or several that are added up; the rest is recognised by our names, those of OpenTelemetry
            and those of providers.
        model, service_tier, region: What holds for all calls, whatever the table says. Calls that *model* could not
            have answered have no cost.
        as_of: One day for all calls, or a moment; None for the time of each call, else the catalog's own day.

    Raises:
        MissingExtraError: narwhals is not installed.
        MissingColumnError, WrongColumnError, UnknownNameError: The table or the question does not fit.
    """
    asked = WhatIf(model=model, service_tier=service_tier, region=region, as_of=as_of)
    return Run(table, catalog, by, columns, [asked]).results()[0]


def reprice(
    table: object,
    under: Under | Iterable[Under],
    catalog: Catalog | PricingRegistry | None = None,
    *,
    by: str | Sequence[str] = (),
    columns: Columns | None = None,
) -> Repriced:
    """
    What the calls of a table would have cost under other models, tiers or days.

    The table is read once, whatever the number of what-ifs. Calls that a model could not have answered, for its
    window, its limit on output or a medium that it does not take, are counted with the reason and have no cost.

    Args:
        table: As for :func:`price`.
        under: Models by name or by hand, or :class:`WhatIf`; one or several.
        catalog, by, columns: As for :func:`price`.

    Raises:
        InvalidValueError: Two what-ifs have one name, or there is none.
        MissingExtraError, MissingColumnError, WrongColumnError, UnknownNameError: As :func:`price`.
    """
    listed = [under] if isinstance(under, str | Model | WhatIf) else list(under)
    asked = [entry if isinstance(entry, WhatIf) else WhatIf(model=entry) for entry in listed]
    labels = [entry.label for entry in asked]
    if not asked or len(set(labels)) < len(labels):
        raise InvalidValueError(f"the what-ifs are {labels!r}; give at least one, and each its own name.")
    held = held_prices(catalog)
    for entry in asked:
        if isinstance(entry.model, str):
            _known(held, entry.model)
    if not isinstance(table, Cells):
        run = Run(table, held, by, columns, [WhatIf(), *asked])
        actual, *others = run.results()
        stated = run.log.layout.model is not None
    else:
        actual, *others = (
            cost_of(Pricer(held, entry.target(), checked=table.checked, hours=False), table)
            for entry in [WhatIf(), *asked]
        )
        stated = any(cell.model is not None for cell in table.cells)
    return Repriced(actual if stated else None, dict(zip(labels, others, strict=True)))


def _known(prices: Prices, name: str) -> None:
    """A model that nobody knows on any day is a slip of the pen. Raises ``UnknownNameError``."""
    with suppress(NoFactOnDateError):  # another model on another day
        prices.resolve(name)


def price_cells(
    table: object,
    catalog: Catalog | PricingRegistry | None = None,
    *,
    by: str | Sequence[str] | None = None,
    columns: Columns | None = None,
    model: str | Model | None = None,
    service_tier: str | None = None,
    region: str | None = None,
    as_of: date | datetime | str | None = None,
) -> FrameCost:
    """
    What calls cost that were grouped elsewhere: by a warehouse, Ray, Daft, a spreadsheet.

    Args:
        table: Cells: a frame, the path of a CSV file, rows as mappings, or :class:`Cells`. See
            :mod:`llm_tradeoffs.frames._cells` for the columns.
        catalog, by, columns, model, service_tier, region, as_of: As for :func:`price`. ``calls`` may be mapped, too.

    Raises:
        BadRowsError: Rows are bad; all of them, with their numbers.
        MissingColumnError, UnknownNameError: The table or the question does not fit.
    """
    held = held_prices(catalog)
    target = WhatIf(model=model, service_tier=service_tier, region=region, as_of=as_of).target()
    made = table if isinstance(table, Cells) else read_cells(table, _names(by), columns)
    return cost_of(Pricer(held, target, checked=made.checked, hours=False), made)


def cells(
    table: object,
    catalog: Catalog | PricingRegistry | None = None,
    *,
    by: str | Sequence[str] | None = None,
    columns: Columns | None = None,
    under: Under | Iterable[Under] = (),
) -> Cells:
    """
    The calls of a table sorted into cells, to be priced more than once.

    Args:
        table, catalog, by, columns: As for :func:`price`.
        under: The what-ifs that the cells are to serve, as for :func:`reprice`.
    """
    listed = [under] if isinstance(under, str | Model | WhatIf) else list(under)
    asked = [WhatIf(), *(entry if isinstance(entry, WhatIf) else WhatIf(model=entry) for entry in listed)]
    run = Run(table, catalog, by, columns, asked)
    run.results()
    return run.cells


def _names(by: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if by is None:
        return None
    if isinstance(by, str):
        return (by,)
    return several_names(by, "by", "('model', 'day')")


class Run:
    """One table, grouped once for all questions about it; again where the prices of a model need finer cells."""

    def __init__(
        self,
        table: object,
        catalog: Catalog | PricingRegistry | None,
        by: str | Sequence[str] | None,
        columns: Columns | None,
        asked: Sequence[WhatIf],
    ) -> None:
        self.prices = held_prices(catalog)
        self.targets = [entry.target() for entry in asked]
        timeless = all(target.as_of is not None for target in self.targets)
        self.log = Log(table, columns, _names(by), timeless=timeless)
        self.kind = Kind(self.log.implementation, table)
        self.span = self.log.stretch() if self._needs_span() else None
        self.keys = self.finest = self._keys()
        self.notes = self._notes()
        self.cells = self._grouped(list(self.log.query(self.keys)))

    def _needs_span(self) -> bool:
        """Whether it is worth asking when the log begins and ends, to compare its times with fewer days."""
        if self.log.time is None or self.log.day_wanted:
            return False
        turns = self.turns
        # Before the first of few days all calls have the prices of any day before it.
        self.log.first = (turns[0] if turns else datetime.combine(self.prices.as_of, time(), UTC)) - timedelta(days=1)
        return len(turns) > _FEW

    def _grouped(self, found: Iterable[Cell]) -> Cells:
        self._sums: Cells | None = None
        return Cells(by=self.log.by, cells=found, checked=True, notes=self.notes, kind=self.kind)

    def _notes(self) -> tuple[str, ...]:
        notes: list[str] = []
        if self.log.layout.time is None and any(target.as_of is None for target in self.targets):
            notes.append(f"the table states no time, so the prices are those of {self.prices.as_of}")
        if self.log.layout.unread:
            notes.append(f"columns that were not read: {', '.join(self.log.layout.unread)}")
        return tuple(notes)

    def _keys(self) -> Keys:
        """The breakpoints of all prices that may be asked for."""
        first, last = (None, None) if self.span is None else (moment.date() for moment in self.span)
        if self.log.time is None:
            days = {self.prices.as_of} | {
                as_moment(target.as_of)[0] for target in self.targets if target.as_of is not None
            }
            first, last = min(days), max(days)
        elif any(target.as_of is not None for target in self.targets):
            first = last = None
        models = [target.model for target in self.targets if target.model is not None]
        extra = [row for model in models if isinstance(model, Model) for row in model.rates.prices]
        keys = compiled(self.prices, first, last, extra)
        limits: dict[str, set[int]] = {"input_tokens": set(), "total_tokens": set(), "output_tokens": set()}
        apart = False
        for target in self.targets:
            if target.model is not None:
                apart = self._add_target(target, limits) or apart
        present = [name for names in (*MEDIA.values(), *OUTPUT_MEDIA.values()) for name in names] if models else []
        return merged(keys, limits, [name for name in present if name in self.log.layout.counts], apart=apart)

    def _add_target(self, target: Target, limits: dict[str, set[int]]) -> bool:
        """Take in the limits and thresholds of a model that is asked about; whether calls have to stay apart for it."""
        assert target.model is not None
        ratios = self._ratios(target)
        apart = False
        for model in self._models(target):
            for name, limit in (("total_tokens", model.context_window), ("output_tokens", model.max_output_tokens)):
                if limit is not None:
                    limits[name] |= {scaled_bound(limit, ratio) for ratio in ratios}
            bounds = {row.bound for row in model.rates.prices if row.bound is not None}
            limits["input_tokens"] |= {scaled_bound(bound, ratio) for bound in bounds for ratio in ratios}
            apart = apart or model.rates.by_quantity
        return apart

    def _models(self, target: Target) -> list[Model]:
        """What the model that is asked about is on the days of the log."""
        assert target.model is not None
        pricer = Pricer(self.prices, target, checked=True, hours=False)
        if pricer.day is not None:
            days = {pricer.day}
        elif self.span is not None:
            first, last = (moment.date() for moment in self.span)
            days = {first, *(turn.date() for turn in self.turns if first < turn.date() <= last)}
        elif self.log.time is not None:
            days = {turn.date() for turn in self.turns}
        else:
            days = {self.prices.as_of}
        found: dict[int, Model] = {}
        for day in days:
            try:
                model = pricer.model_on(target.model, day)
            except TradeoffsError:
                continue  # not there on that day: the cells of the day say so
            found[id(model)] = model
        return list(found.values())

    @cached_property
    def turns(self) -> tuple[datetime, ...]:
        """Every day on which something changes."""
        return compiled(self.prices, None, None).spans.turns

    def _ratios(self, target: Target) -> set[Exact]:
        """What the tokens of a call may be multiplied by before this model's limits are looked at."""
        if target.token_ratio is not None:
            return {1, target.token_ratio}
        found: set[Exact] = {1}
        if isinstance(target.model, str) and isinstance(self.prices, Catalog):
            for name in self._with_ratios:
                try:
                    stated = self.prices.token_ratio(name, target.model)
                except LookupError:
                    continue
                if stated is not None:
                    found.add(stated.high)
        return found

    @cached_property
    def _with_ratios(self) -> set[str]:
        """Models that some published token ratio is about."""
        names: set[str] = set()
        for record in records_of(self.prices):
            for fact in record.facts:
                if fact.field == "token_ratio":
                    names |= {record.id, getattr(fact.value, "base", record.id)}
        return names

    def results(self) -> list[FrameCost]:
        """What the calls cost under each question."""
        done: set[tuple[str | None, Need]] = set()
        while True:
            pricers = [
                Pricer(self.prices, target, checked=True, hours=self.log.time_kind == "aware")
                for target in self.targets
            ]
            found = [
                cost_of(pricer, self._merged(target)) for pricer, target in zip(pricers, self.targets, strict=True)
            ]
            needs = {(name, need) for pricer in pricers for name, of in pricer.needs.items() for need in of}
            if not needs - done:
                return [attrs.evolve(result, cells=self.cells) for result in found]
            done |= needs
            self._refine(done)

    def _merged(self, target: Target) -> Cells:
        """The cells for one question: under one model for all calls, those of one place are added up."""
        if target.model is None:
            return self.cells
        if len(self._ratios(target)) == 1:  # nobody's tokens are counted otherwise: one sum serves all such models
            if self._sums is None:
                pricer = Pricer(self.prices, Target(), checked=True, hours=False)
                self._sums = attrs.evolve(self.cells, cells=_added_up(self.cells.cells, pricer))
            return self._sums
        pricer = Pricer(self.prices, target, checked=True, hours=False)
        return attrs.evolve(self.cells, cells=_added_up(self.cells.cells, pricer))

    def _refine(self, needs: set[tuple[str | None, Need]]) -> None:
        """Sort the calls of some models once more, into finer cells."""
        models = {name for name, _ in needs}
        kinds = {need for _, need in needs}
        keys = merged(
            self.keys,
            {},
            [meter for kind, meter in sorted(kinds) if kind == "present"],
            apart=("apart", "") in kinds,
        )
        if ("hours", "") in kinds:
            span = self.span = self.span or self.log.stretch()
            if span is not None:
                windows = {
                    row.window for record in records_of(self.prices) for row in record.prices if row.window is not None
                } | {
                    row.window
                    for target in self.targets
                    if isinstance(target.model, Model)
                    for row in target.model.rates.prices
                    if row.window is not None
                }
                keys = with_windows(keys, windows, *span)
        self.finest = keys
        if None in models or self.log.layout.model is None:
            self.cells = self._grouped(list(self.log.query(keys)))
            return
        names = sorted(name for name in models if name is not None)
        kept = [cell for cell in self.cells.cells if cell.model not in models]
        self.cells = self._grouped([*kept, *self.log.query(keys, only=names)])


def _added_up(found: Iterable[Cell], pricer: Pricer) -> list[Cell]:
    """Cells that differ in their model only, added up where another model's prices see no difference."""
    kept: list[Cell] = []
    sums: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in found:
        if cell.problem is not None or cell.place is None:
            kept.append(cell)
            continue
        key = (cell.group, cell.place, cell.at, cell.service_tier, cell.region, pricer.ratio(cell.model))
        sums.setdefault(key, []).append(cell)
    return [*kept, *(alike[0] if len(alike) == 1 else CellSum(alike) for alike in sums.values())]
