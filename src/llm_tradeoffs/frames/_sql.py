"""
The grouping query for warehouses that this library cannot run, in their own dialect.

It is the query of :mod:`llm_tradeoffs.frames._engine` in SQL: sort calls into cells, add up counts, and compute no
price. It is built as a tree by sqlglot, which quotes every name and writes it in the dialect; no text is pasted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any, Final, Literal

from llm_tradeoffs._edges import several_names
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.costing import resolve_model
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError, UnknownNameError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.frames._cells import SPREAD
from llm_tradeoffs.frames._columns import Columns, Layout, layout_of
from llm_tradeoffs.frames._keys import Keys, compiled, merged
from llm_tradeoffs.frames._price import Under, WhatIf
from llm_tradeoffs.frames._pricing import MEDIA, OUTPUT_MEDIA, Prices, held_prices
from llm_tradeoffs.model import Model
from llm_tradeoffs.pricing import PricingRegistry
from llm_tradeoffs.usage import CROSSED_PARTS, INPUT_PARTS, OUTPUT_PARTS

__all__ = ["Dialect", "TimeKind", "cells_sql"]

Dialect = Literal[
    "athena", "bigquery", "databricks", "duckdb", "postgres", "redshift", "snowflake", "spark", "sqlite", "trino"
]
TimeKind = Literal["date", "naive", "aware"]

_WIDE: Final[dict[str, str]] = {
    "athena": "decimal(38, 0)",
    "bigquery": "numeric",
    "databricks": "decimal(38, 0)",
    "duckdb": "decimal(38, 0)",
    "postgres": "decimal(38, 0)",
    "redshift": "decimal(38, 0)",
    "snowflake": "decimal(38, 0)",
    "spark": "decimal(38, 0)",
    "sqlite": "bigint",
    "trino": "decimal(38, 0)",
}
"""
The type that counts are added up in: wide enough for 10^18 calls of 10^9 tokens, and an error or NULL beyond, where 64
bits would wrap. SQLite has no such type; its sum() of whole numbers fails on overflow instead of wrapping.
"""

_DETAILS: Final = ("model", "service_tier", "region")
_TIMES: Final = ("day", "month")
_USUAL: Final = ("model", "time", "input_tokens", "output_tokens")
"""The columns of a table of which nothing is said."""
_RESERVED: Final = "problem"


def _sqlglot() -> Any:
    try:
        return import_module("sqlglot.expressions")
    except ImportError:
        raise MissingExtraError("sqlglot", "sql", "writing a query for a warehouse") from None


def cells_sql(
    catalog: Catalog | PricingRegistry | None = None,
    dialect: Dialect = "duckdb",
    *,
    table: str | Sequence[str] = "calls",
    names: Sequence[str] | None = None,
    columns: Columns | None = None,
    by: str | Sequence[str] = ("model",),
    time: TimeKind = "naive",
    first: date | str | None = None,
    last: date | str | None = None,
    under: Under | Iterable[Under] = (),
    pretty: bool = True,
) -> str:
    """
    The query that sorts the calls of a warehouse table into cells, for :func:`llm_tradeoffs.frames.price_cells`.

    Rows that nobody could price (a count is missing, negative, fractional or less than its parts; no time) come apart,
    with the reason in the column ``problem`` and without sums, so that they are not taken for calls that cost nothing.

    Args:
        catalog: The prices that the cells are for; None for the bundled catalog.
        dialect: The warehouse.
        table: The name of the table, taken as it is and quoted; its parts for one with a schema:
            ``("analytics", "llm_calls")``.
        names: The columns that the table has, of which those known to state something are read; None for those in
            *columns*, or else ``model``, ``time``, ``input_tokens`` and ``output_tokens``.
        columns: For each of our names the column, or several that are added up, as for
            :func:`llm_tradeoffs.frames.price`.
        by: What to group by: ``model``, ``service_tier``, ``region``, ``day``, ``month`` or columns.
        time: What the column of the time holds: dates, times without a zone, or times with one, whose day is that of
            UTC.
        first, last: Only calls of these days, both included; None for all.
        under: What-ifs that the cells are to serve, as for :func:`llm_tradeoffs.frames.reprice`.
        pretty: Whether the query is laid out on several lines.

    Raises:
        MissingExtraError: sqlglot is not installed.
        UnknownNameError, MissingColumnError, InvalidValueError: The names do not fit.
    """
    exp = _sqlglot()
    if dialect not in _WIDE:
        raise UnknownNameError("SQL dialect", dialect, _WIDE)
    if time not in {"date", "naive", "aware"}:
        raise UnknownNameError("kind of time", time, ("date", "naive", "aware"))
    days = tuple(None if day is None else as_day(day) for day in (first, last))
    if days[0] is not None and days[1] is not None and days[1] < days[0]:
        raise InvalidValueError(f"the last day, {days[1]}, is before the first one, {days[0]}.")
    query = _Query(exp, dialect, _layout(names, columns), _by(by), time)
    if query.layout.time is None and any(days):
        raise InvalidValueError("calls of certain days are asked for, and no column states the time of a call.")
    keys = _keys(held_prices(catalog), query.layout, days, under)
    made: str = query.made(_table(exp, table), keys, days).sql(dialect=dialect, pretty=pretty, identify=True)
    return made


def _layout(names: Sequence[str] | None, columns: Columns | None) -> Layout:
    if names is not None:
        return layout_of(several_names(names, "names", "('model', 'prompt_tokens')"), columns)
    if columns is None:
        return layout_of(_USUAL, None)
    if not isinstance(columns, Mapping):
        raise InvalidTypeError(f"columns is {columns!r}; expected a mapping such as {{'input_tokens': 'prompt'}}.")
    held = [() if entry is None else (entry,) if isinstance(entry, str) else tuple(entry) for entry in columns.values()]
    return layout_of(list(dict.fromkeys(name for listed in held for name in listed)), columns)


def _by(by: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((by,) if isinstance(by, str) else several_names(by, "by", "('model', 'day')")))


def _table(exp: Any, table: str | Sequence[str]) -> Any:
    parts = (table,) if isinstance(table, str) else several_names(table, "table", "('analytics', 'llm_calls')")
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise InvalidValueError(
            f"the table is {table!r}; give its name, or up to three parts of it, none of them empty."
        )
    placed = dict(
        zip(("this", "db", "catalog"), (exp.to_identifier(part, quoted=True) for part in reversed(parts)), strict=False)
    )
    return exp.Table(**placed)


def _keys(prices: Prices, layout: Layout, days: tuple[date | None, ...], under: Under | Iterable[Under]) -> Keys:
    """What the cells have to tell apart."""
    listed = [under] if isinstance(under, str | Model | WhatIf) else list(under)
    asked = [entry if isinstance(entry, WhatIf) else WhatIf(model=entry) for entry in listed]
    first, last = days
    if layout.time is None:
        dated = [as_day(entry.as_of) for entry in asked if entry.as_of is not None]
        first, last = min([prices.as_of, *dated]), max([prices.as_of, *dated])
    elif any(entry.as_of is not None for entry in asked):
        first = last = None
    limits: dict[str, set[int]] = {name: set() for name in SPREAD}
    rows: list[Any] = []
    for entry in asked:
        if entry.model is None:
            continue
        model, _ = resolve_model(entry.model, prices, None if isinstance(entry.model, Model) else entry.as_of)
        rows += model.rates.prices
        ratio = 1 if entry.token_ratio is None else entry.token_ratio
        for name, limit in (("total_tokens", model.context_window), ("output_tokens", model.max_output_tokens)):
            if limit is not None:
                limits[name] |= {limit, int(limit / ratio // 1)}
        limits["input_tokens"] |= {int(row.bound / ratio // 1) for row in model.rates.prices if row.bound is not None}
    keys = compiled(prices, first, last, rows)
    media = [name for names in (*MEDIA.values(), *OUTPUT_MEDIA.values()) for name in names] if asked else []
    return merged(keys, limits, [name for name in media if name in layout.counts], apart=False)


class _Query:
    """
    Three steps: read the columns, find each call's cell, add up.

    Every step names its columns anew (``c0`` ...), so that no name of the table meets one of ours.
    """

    def __init__(self, exp: Any, dialect: str, layout: Layout, by: tuple[str, ...], time: TimeKind) -> None:
        self.exp = exp
        self.dialect = dialect
        self.layout = layout
        self.by = by
        self.time = time
        self.counts = {name: f"c{number}" for number, name in enumerate(layout.counts)}
        self.details = {name: name for name in _DETAILS if getattr(layout, name) is not None}
        self.groups = {name: f"b{number}" for number, name in enumerate(by) if name not in (*_DETAILS, *_TIMES)}
        taken = {
            *_DETAILS,
            "day",
            "calls",
            _RESERVED,
            *layout.counts,
            *(f"{end}_{name}" for end in ("least", "most") for name in SPREAD),
        }
        for name in by:
            if name in _DETAILS and name not in self.details:
                raise UnknownNameError("column to group by", name, (*self.details, *_TIMES))
            if name in _TIMES and layout.time is None:
                raise UnknownNameError("column for the time of a call", name, (*self.details, *layout.counts))
            if name in self.groups and name in taken:
                raise InvalidValueError(
                    f"the column {name!r} has the name of one of ours in the result. Give it another name in a view."
                )

    # Small words.

    def column(self, name: str) -> Any:
        return self.exp.column(self.exp.to_identifier(name, quoted=True))

    def alias(self, made: Any, name: str) -> Any:
        return self.exp.alias_(made, name, quoted=True)

    def number(self, value: int) -> Any:
        return self.exp.Literal.number(value)

    def text(self, value: str) -> Any:
        return self.exp.Literal.string(value)

    def wide(self, made: Any) -> Any:
        return self.exp.cast(made, _WIDE[self.dialect], dialect="duckdb")

    def whole(self, made: Any) -> Any:
        """A number without its fraction. NUMERIC of BigQuery keeps nine decimals, so there it is INT64."""
        return self.exp.cast(made, "bigint") if self.dialect == "bigquery" else self.wide(made)

    def day(self, day: date) -> Any:
        """A day as this dialect compares it; SQLite has no dates but text."""
        literal = self.text(day.isoformat())
        return literal if self.dialect == "sqlite" else self.exp.cast(literal, "date")

    def case(self, branches: Iterable[tuple[Any, Any]], default: Any = None) -> Any:
        made = self.exp.Case()
        for condition, value in branches:
            made = made.when(condition, value, copy=False)
        return made if default is None else made.else_(default, copy=False)

    def any(self, conditions: Sequence[Any]) -> Any:
        return self.exp.or_(*conditions)

    def total(self, values: Sequence[Any]) -> Any:
        made = values[0]
        for value in values[1:]:
            made = self.exp.Add(this=made, expression=value)
        return made

    def buckets(self, value: Any, bounds: Sequence[int]) -> Any:
        """How many of *bounds* lie below a value."""
        return self.case(
            [
                (self.exp.LTE(this=value.copy(), expression=self.number(bound)), self.number(place))
                for place, bound in enumerate(bounds)
            ],
            self.number(len(bounds)),
        )

    # Steps.

    def made(self, table: Any, keys: Keys, days: tuple[date | None, ...]) -> Any:
        exp = self.exp
        read = self._read(table, days)
        keyed = self._keyed(keys)
        found = self._added_up(keys).with_("read_calls", as_=read).with_("keyed_calls", as_=keyed)
        assert isinstance(found, exp.Select)
        return found

    def _read(self, table: Any, days: tuple[date | None, ...]) -> Any:
        """The columns under names of ours: names, the day, and what is wrong with the counts."""
        exp, layout = self.exp, self.layout
        chosen = [self.alias(self.column(getattr(layout, name)), name) for name in self.details]
        chosen += [self.alias(self.column(name), short) for name, short in self.groups.items()]
        day = None if layout.time is None else self._day(self.column(layout.time))
        if day is not None:
            chosen.append(self.alias(day, "day"))
        for name, short in self.counts.items():
            held = [self._count(column) for column in layout.counts[name]]
            chosen.append(self.alias(self.total(held), short))
        chosen.append(self.alias(self._problem(day), _RESERVED))
        query = exp.select(*chosen).from_(table)
        for limit, compare in zip(days, (exp.GTE, exp.LTE), strict=True):
            if limit is not None and day is not None:
                # A call without a time lies in no stretch of days, and is still counted.
                within = compare(this=day.copy(), expression=self.day(limit))
                query = query.where(exp.or_(within, exp.Is(this=day.copy(), expression=exp.Null())))
        return query

    def _day(self, column: Any) -> Any:
        exp = self.exp
        if self.dialect == "sqlite":  # which brings a text with an offset to UTC by itself
            return exp.Anonymous(this="date", expressions=[column])
        if self.time == "aware" and self.dialect == "bigquery":
            return exp.Anonymous(this="DATE", expressions=[column, self.text("UTC")])
        if self.time == "aware" and self.dialect in {"spark", "databricks"}:
            # A timestamp of Spark is a moment, whose date is that of the session.
            session = exp.Anonymous(this="current_timezone")
            return exp.cast(
                exp.Anonymous(this="convert_timezone", expressions=[session, self.text("UTC"), column]), "date"
            )
        if self.time == "aware":
            column = exp.AtTimeZone(this=column, zone=self.text("UTC"))
        return exp.cast(column, "date")

    def _count(self, column: str) -> Any:
        value = self.column(column)
        if column in self.layout.optional:
            value = self.exp.Coalesce(this=value, expressions=[self.number(0)])
        return self.wide(value)

    def _problem(self, day: Any) -> Any:
        exp, layout = self.exp, self.layout
        listed = list(dict.fromkeys(column for held in layout.counts.values() for column in held))
        raw = {column: self.column(column) for column in listed}
        gone = [
            exp.Is(this=raw[column].copy(), expression=exp.Null()) for column in listed if column not in layout.optional
        ]
        branches: list[tuple[Any, Any]] = []
        if day is not None:
            branches.append((exp.Is(this=day.copy(), expression=exp.Null()), self.text("the call states no time")))
        if gone:
            branches.append((self.any(gone), self.text("a count is missing")))
        negative = [exp.LT(this=value.copy(), expression=self.number(0)) for value in raw.values()]
        branches.append((self.any(negative), self.text("a count is negative")))
        torn: list[Any] = []
        for value in raw.values():
            torn.append(exp.NEQ(this=value.copy(), expression=self.whole(value.copy())))
            if self.dialect != "sqlite":
                # Where a number that does not fit becomes NULL instead of an error, it must not leave the sums unseen.
                lost = exp.Is(this=self.wide(value.copy()), expression=exp.Null())
                torn.append(exp.and_(exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null())), lost))
        branches.append((self.any(torn), self.text("a count of tokens is not whole")))
        beyond = self._beyond()
        if beyond:
            branches.append((self.any(beyond), self.text("the parts of a total exceed it")))
        return self.case(branches)

    def _beyond(self) -> list[Any]:
        """Where parts exceed their total, which cannot be where the total is computed from them."""
        exp, counts = self.exp, self.layout.counts

        def value(name: str) -> Any:
            return self.total([self._count(column) for column in counts[name]])

        found: list[Any] = []
        for whole, parts in (("input_tokens", INPUT_PARTS), ("output_tokens", OUTPUT_PARTS)):
            held = [part for part in parts if part in counts]
            columns = [column for part in held for column in counts[part]]
            computed = whole in counts and len(set(columns)) == len(columns) and set(columns) < set(counts[whole])
            if whole in counts and held and not computed:
                found.append(exp.GT(this=self.total([value(part) for part in held]), expression=value(whole)))
        for name, parents in CROSSED_PARTS.items():
            if name in counts:
                found += [exp.GT(this=value(name), expression=value(parent)) for parent in parents if parent in counts]
        return found

    def _keyed(self, keys: Keys) -> Any:
        """The cell of each call: between which changes of prices it lies, and on which side of each length."""
        exp = self.exp
        chosen = [
            self.column(name) for name in (*self.details, *self.groups.values(), *self.counts.values(), _RESERVED)
        ]
        if self.layout.time is not None:
            chosen.append(self.column("day"))
            turns = [turn.date() for turn in keys.spans.turns]
            if "day" not in self.by and turns:
                span = self.case(
                    [
                        (exp.LT(this=self.column("day"), expression=self.day(turn)), self.number(place))
                        for place, turn in enumerate(turns)
                    ],
                    self.number(len(turns)),
                )
                chosen.append(self.alias(span, "span"))
            if "month" in self.by and "day" not in self.by:
                for name, part in (("year_of", exp.Year), ("month_of", exp.Month)):
                    chosen.append(self.alias(self._part(part), name))
        for name, bounds in self._bounds(keys).items():
            value = self._length(name)
            chosen.append(self.alias(self.buckets(value, bounds), f"side_{name}"))
        for number, name in enumerate(keys.present):
            has = exp.GT(this=self.column(self.counts[name]), expression=self.number(0))
            chosen.append(self.alias(self.case([(has, self.number(1))], self.number(0)), f"has{number}"))
        return exp.select(*chosen).from_(exp.to_identifier("read_calls", quoted=True))

    def _part(self, part: Any) -> Any:
        if self.dialect != "sqlite":
            return part(this=self.column("day"))
        text = "%Y" if part is self.exp.Year else "%m"
        return self.exp.Anonymous(this="strftime", expressions=[self.text(text), self.column("day")])

    def _bounds(self, keys: Keys) -> dict[str, tuple[int, ...]]:
        limits = {name: tuple(getattr(keys.limits, name)) for name in SPREAD}
        there = {name for name in SPREAD if name in self.counts}
        if {"input_tokens", "output_tokens"} <= there:
            there.add("total_tokens")
        return {name: bounds for name, bounds in limits.items() if bounds and name in there}

    def _length(self, name: str) -> Any:
        parts = ("input_tokens", "output_tokens") if name == "total_tokens" else (name,)
        return self.total([self.column(self.counts[part]) for part in parts])

    def _added_up(self, keys: Keys) -> Any:
        exp = self.exp
        plain = exp.Is(this=self.column(_RESERVED), expression=exp.Null())
        group = [*self.details, *self.groups.values(), _RESERVED]
        chosen = [self.column(name) for name in self.details]
        chosen += [self.alias(self.column(short), name) for name, short in self.groups.items()]
        timed = self.layout.time is not None
        if timed and "day" in self.by:
            group.append("day")
            chosen.append(self.column("day"))
        elif timed:
            if keys.spans.turns:
                group.append("span")
            if "month" in self.by:
                group += ["year_of", "month_of"]
            chosen.append(self.alias(exp.Min(this=self.column("day")), "day"))
        bounds = self._bounds(keys)
        group += [f"side_{name}" for name in bounds]
        group += [f"has{number}" for number, _ in enumerate(keys.present)]
        chosen.append(self.alias(exp.Count(this=exp.Star()), "calls"))
        # Whatever is wrong with a call, its counts are in no sum: NULL, and not 0.
        for name, short in self.counts.items():
            held = self.case([(plain.copy(), self.column(short))])
            chosen.append(self.alias(exp.Sum(this=held), name))
        for name in bounds:
            value = self.case([(plain.copy(), self._length(name))])
            chosen.append(self.alias(exp.Min(this=value), f"least_{name}"))
            chosen.append(self.alias(exp.Max(this=value.copy()), f"most_{name}"))
        chosen.append(self.column(_RESERVED))
        return (
            exp.select(*chosen)
            .from_(exp.to_identifier("keyed_calls", quoted=True))
            .group_by(*(self.column(name) for name in group))
        )
