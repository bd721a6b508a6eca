"""
The cost of every row: the rates of its cell, joined to it, and one sum of products in 64 bits.

Before anything runs it is known that nothing can overflow: the largest count of each cell times its rate is looked at.
What has no whole rates, or is billed by the quantities of one call, is priced in Python, each different call once.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.costing import usd_text
from llm_tradeoffs.errors import TradeoffsError, UnknownNameError, UnknownPriceError
from llm_tradeoffs.frames._cells import Cell
from llm_tradeoffs.frames._columns import Columns
from llm_tradeoffs.frames._engine import CONTINUOUS, Log, packed, rows_of
from llm_tradeoffs.frames._keys import Keys
from llm_tradeoffs.frames._price import Run, WhatIf
from llm_tradeoffs.frames._pricing import Bucket, Pricer
from llm_tradeoffs.frames._results import frame_of
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Usd, exact
from llm_tradeoffs.pricing import PricingRegistry
from llm_tradeoffs.usage import TOTAL_OF, Usage

__all__ = ["ADDED", "SlowRowsWarning", "price_rows"]

ADDED: Final = ("cost_pico", "cost_status", "cost_usd")
"""The columns that :func:`price_rows` adds; the last one only where it is needed."""

_LARGEST: Final = 2**63 - 1
_NOTHING: Final = "∅"
_P: Final = "llm_tradeoffs_"
_ROW: Final = f"{_P}row"


class SlowRowsWarning(UserWarning):
    """Some rows were priced one by one in Python, since 64 bits or whole pico-dollars cannot hold their cost."""


class _Linear(NamedTuple):
    """What every row of a cell costs: a fixed amount and one for each count. [10^-12 USD]"""

    fixed: int
    rates: dict[str, int]


def price_rows(
    table: object,
    catalog: Catalog | PricingRegistry | None = None,
    *,
    columns: Columns | None = None,
    model: str | Model | None = None,
    service_tier: str | None = None,
    region: str | None = None,
    as_of: date | datetime | str | None = None,
) -> Any:
    """
    The table with the exact cost of each row; the same numbers as :func:`price`.

    Ask for it where each row is needed: sums by any grouping come faster from :func:`price`.

    Args:
        table, catalog, columns, model, service_tier, region, as_of: As for :func:`price`.

    Returns:
        The table of its own kind, with its order where it has one (lazy where it was lazy), with ``cost_pico`` (whole
        pico-dollars in 64 bits; nothing where there is no such number) and ``cost_status`` (``priced``, or why not).
        Where some row's cost is no whole number of pico-dollars, is too large, or lies between two, there is
        ``cost_usd`` for such rows: exact text.

    Raises:
        UnknownNameError: The table has a column of one of these names already.
        MissingExtraError, MissingColumnError, WrongColumnError: As :func:`price`.

    Warns:
        SlowRowsWarning: Some rows took the exact slow path: each different call was priced in Python.
    """
    asked = WhatIf(model=model, service_tier=service_tier, region=region, as_of=as_of)
    run = Run(table, catalog, (), columns, [asked])
    for name in ADDED:
        if name in run.log.schema:
            raise UnknownNameError("free column; rename it first", name, run.log.schema)
    run.results()
    return _Rows(run).priced()


class _Rows:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.log: Log = run.log
        self.nw = nw = run.log.nw
        was: Any = nw.from_native(run.log.native)
        self.eager = isinstance(was, nw.DataFrame)
        if self.eager:  # joins shuffle rows; what has an order keeps it
            numbered: Any = nw.from_native(run.log.native, eager_only=True).with_row_index(_ROW)
            run.log.frame = numbered.lazy()
        self.keys: Keys = run.finest
        self.pricer = Pricer(run.prices, run.targets[0], checked=True, hours=False)
        self.values = {column: self.log.value(column) for column in self.log.count_columns()}
        self.counts = self.log.counts_of(self.values)
        self.parts = self.log.parts(self.keys, self.counts)
        self.timed = [part for part in self.parts if part.name in {"span", "slot"}]
        layout = self.log.layout
        self.labels = {
            f"{_P}{short}": self.nw.col(column).cast(self.nw.String).fill_null(_NOTHING)
            for short, column in (("m", layout.model), ("t", layout.service_tier), ("r", layout.region))
            if column is not None
        }

    def priced(self) -> Any:
        """The table with its costs."""
        frame = self._keyed(())
        cells = self._cells(frame)
        linear = {key: self._linear(cell, largest) for key, (cell, largest) in cells.items()}
        slow = sorted({cell.model or _NOTHING for key, (cell, _) in cells.items() if linear[key] is None})
        if slow:
            frame = self._keyed(slow)
            linear = {key: held for key, held in linear.items() if (cells[key][0].model or _NOTHING) not in slow}
        single = self._single(frame)
        return self._joined(frame, linear, single, slow)

    # Keys.

    def _keyed(self, slow: Sequence[str]) -> Any:
        """The table with the keys of its cells beside each row, and those of single calls where it is not plain."""
        nw = self.nw
        plain = self.log.plain(self.values, self.counts, self.keys)
        if slow:
            if self.log.layout.model is None:
                plain = nw.lit(False)  # narwhals has it so
            else:
                column = nw.col(self.log.layout.model).cast(nw.String).fill_null(_NOTHING)
                plain &= ~column.is_in(list(slow))
        plain = plain.fill_null(False)  # narwhals has it so
        key = packed(plain.cast(nw.Int64), self.parts)
        when = packed(nw.lit(1).cast(nw.Int64), self.timed)
        texts = {
            f"{_P}v{number}": nw.col(column).cast(nw.String).fill_null(_NOTHING)
            for number, column in enumerate(self.values)
        }
        made = self.log.frame.with_columns(
            **self.labels,
            **{f"{_P}plain": plain},
        )
        odd = ~nw.col(f"{_P}plain")
        there = self.log.timed() if self.log.time is not None else nw.lit(True)  # narwhals has it so
        return made.with_columns(
            **{
                f"{_P}k": nw.when(nw.col(f"{_P}plain")).then(key).otherwise(nw.lit(0)).fill_null(0),
                f"{_P}w": nw.when(odd & there).then(when).otherwise(nw.lit(0)).fill_null(0),
            },
            **{name: nw.when(odd).then(text).otherwise(nw.lit("")) for name, text in texts.items()},
        )

    def _cells(self, frame: Any) -> dict[tuple[Any, ...], tuple[Cell, dict[str, int]]]:
        """The plain cells with the largest of each count in them."""
        nw, names = self.nw, {name: f"c{number}" for number, name in enumerate(self.counts)}
        shown = frame.filter(nw.col(f"{_P}plain")).select(
            *self.labels, f"{_P}k", *(self.counts[name].alias(short) for name, short in names.items())
        )
        grouped = shown.group_by([*self.labels, f"{_P}k"]).agg(
            nw.len().alias("n"),
            *(nw.col(short).sum().alias(short) for short in names.values()),
            *(nw.col(short).max().alias(f"{short}x") for short in names.values()),
        )
        width, number = len(self.labels), len(names)
        found: dict[tuple[Any, ...], tuple[Cell, dict[str, int]]] = {}
        for row in rows_of(grouped, self.log.implementation):
            sums = {name: int(total) for name, total in zip(names, row[width + 2 :], strict=False) if total}
            largest = {name: int(top) for name, top in zip(names, row[width + 2 + number :], strict=True)}
            cell = self._cell(row[:width], int(row[width]), self.parts, int(row[width + 1]), sums)
            found[tuple(row[: width + 1])] = (cell, largest)
        return found

    def _cell(self, label: Sequence[Any], code: int, parts: Sequence[Any], calls: int, counts: dict[str, Any]) -> Cell:
        bottom = 1
        for part in parts:
            bottom *= part.size
        texts = [None if text == _NOTHING else text for text in label]
        labels = {name.removeprefix(_P): None for name in self.labels}
        return self.log.cell(texts, labels, code - bottom, parts, self.keys, calls, counts, None)

    def _linear(self, cell: Cell, largest: dict[str, int]) -> _Linear | None:
        """The rates of a cell in whole pico-dollars, if no row of it can overflow 64 bits with them; else None."""
        for _, found in self.pricer.buckets([cell]):
            if not isinstance(found, Bucket):
                return None
            plan = found.plan
            picos = plan.picos
            if found.each or not picos or type(plan.fixed) is not int:
                return None
            rates: dict[str, int] = {}
            for name in self.counts:
                # What no call of the cell has costs nothing.
                own = picos.get(name) if cell.counts.get(name) else 0
                total = picos.get(TOTAL_OF[name]) if name in TOTAL_OF and cell.counts.get(name) else 0
                if own is None or total is None or type(own) is not int or type(total) is not int:
                    return None
                rates[name] = own - total
            if self.pricer.ratio(cell.model) != 1:
                return None
            if plan.fixed + sum(abs(rate) * largest[name] for name, rate in rates.items()) > _LARGEST:
                return None
            return _Linear(plan.fixed, rates)
        return None

    # Single calls.

    def _single(self, frame: Any) -> list[tuple[Any, ...]]:
        """For each different call that is not plain its keys, its cost in pico-dollars, status and cost as text."""
        nw = self.nw
        keys = [*self.labels, f"{_P}w", *(f"{_P}v{number}" for number in range(len(self.values)))]
        grouped = frame.filter(~nw.col(f"{_P}plain")).select(*keys).group_by(keys).agg(nw.len().alias("n"))
        width = len(self.labels)
        found: list[tuple[Any, ...]] = []
        for row in rows_of(grouped, self.log.implementation):
            held = dict(zip(self.values, row[width + 1 : -1], strict=True))
            code = int(row[width])
            found.append((*row[:-1], *self._one(row[:width], code, held)))
        return found

    def _one(self, label: Sequence[Any], code: int, stated: dict[str, str]) -> tuple[int | None, str, str | None]:
        if not code:
            return None, "the call states no time", None
        counts: dict[str, Any] = {}
        try:
            for name, held in self.log.layout.counts.items():
                texts = [stated[column] for column in held]
                known = [exact(text, name) for text in texts if text not in {_NOTHING, "NaN", "nan"}]
                if any(count < 0 for count in known):
                    return None, "a count is negative", None
                if name not in CONTINUOUS and any(type(count) is not int for count in known):
                    return None, "a count of tokens is not whole", None
                if len(known) == len(texts) or (
                    (known or name not in {"input_tokens", "output_tokens"})
                    and all(
                        column in self.log.layout.optional or text != _NOTHING
                        for column, text in zip(held, texts, strict=True)
                    )
                ):
                    counts[name] = sum(known)
            missing = [
                name
                for name in ("input_tokens", "output_tokens")
                if name in self.log.layout.counts and name not in counts
            ]
            if missing and not any(count for name, count in counts.items() if "token" not in name):
                return None, "a count is missing", None
            used: dict[str, Exact] = dict(Usage(**counts).counted)
        except TradeoffsError as problem:
            return None, str(problem).split(". ", 1)[0].rstrip("."), None
        cell = self._cell(label, code, self.timed, 1, used)
        for _, found in self.pricer.buckets([cell]):
            if not isinstance(found, Bucket):
                return None, found.reason, None
            try:
                low, high = found.picos()
            except UnknownPriceError as problem:
                return None, str(problem).split(". ", 1)[0], None
            if low != high:
                return None, f"between {Usd.from_pico(low)} and {Usd.from_pico(high)}", None
            if type(low) is int and low <= _LARGEST:
                return low, "priced", None
            return None, "priced in cost_usd", usd_text(Usd.from_pico(low))
        return None, "not priced", None

    # Joining.

    def _joined(
        self, frame: Any, linear: dict[tuple[Any, ...], Any], single: list[tuple[Any, ...]], slow: list[str]
    ) -> Any:
        nw = self.nw
        names = list(self.counts)
        if slow or any(status.startswith("priced") for *_, status, _ in single):
            listed = ", ".join(repr(name) for name in slow[:5])
            of = f" of {listed}" if slow else " with counts above 2^32"
            warnings.warn(
                f"rows{of} took the exact slow path: {len(single):,} different calls were priced one by one, since 64 "
                "bits or whole pico-dollars cannot hold what such rows cost, or not on every row.",
                SlowRowsWarning,
                stacklevel=3,
            )
        left = [*self.labels, f"{_P}k"]
        columns: dict[str, list[Any]] = {name: [key[place] for key in linear] for place, name in enumerate(left)}
        columns[f"{_P}k"] = [int(key) for key in columns[f"{_P}k"]]
        columns[f"{_P}fixed"] = [held.fixed for held in linear.values()]
        for number, name in enumerate(names):
            columns[f"{_P}r{number}"] = [held.rates[name] for held in linear.values()]
        rates = self._table(_typed(columns, text=left[:-1]), frame, left)
        keys = [*self.labels, f"{_P}w", *(f"{_P}v{number}" for number in range(len(self.values)))]
        fields = [*keys, f"{_P}one", f"{_P}status", f"{_P}usd"]
        held: dict[str, list[Any]] = {name: [row[place] for row in single] for place, name in enumerate(fields)}
        held[f"{_P}has"] = [0 if value is None else 1 for value in held[f"{_P}one"]]
        held[f"{_P}one"] = [value or 0 for value in held[f"{_P}one"]]
        exact_text = any(value is not None for value in held[f"{_P}usd"])
        held[f"{_P}usd"] = [value or "" for value in held[f"{_P}usd"]]
        texts = [*self.labels, *keys[len(self.labels) + 1 :], f"{_P}status", f"{_P}usd"]
        ones = self._table(_typed(held, text=texts), frame, keys)
        made = frame.join(rates, on=left, how="left").join(ones, on=keys, how="left")
        plain = nw.col(f"{_P}plain")
        cost: Any = nw.col(f"{_P}fixed").fill_null(0)
        for number, name in enumerate(names):
            cost += nw.col(f"{_P}r{number}").fill_null(0) * self.counts[name]
        has = nw.col(f"{_P}has").fill_null(0) == 1
        pico = nw.when(plain).then(cost).otherwise(nw.when(has).then(nw.col(f"{_P}one")).otherwise(nw.lit(None)))
        shown = [
            # Dask's own cast refuses holes, and there the number has its type already.
            (pico if self.log.implementation.name == "DASK" else pico.cast(nw.Int64)).alias("cost_pico"),
            nw.when(plain).then(nw.lit("priced")).otherwise(nw.col(f"{_P}status")).alias("cost_status"),
        ]
        if exact_text:
            text = nw.col(f"{_P}usd")
            shown.append(nw.when(~plain & (text != "")).then(text).otherwise(nw.lit(None)).alias("cost_usd"))
        if not self.eager:
            return made.select(*(nw.col(name) for name in self.log.schema), *shown).to_native()
        result = made.select(_ROW, *(nw.col(name) for name in self.log.schema), *shown).collect()
        return result.sort(_ROW).drop(_ROW).to_native()

    def _table(self, columns: dict[str, list[Any]], beside: Any, keys: Sequence[str]) -> Any:
        """A small table in the engine of the log, to be joined to another one on *keys*."""
        made = frame_of(columns, self.run.kind)
        if self.log.implementation.name in {"PANDAS", "DASK", "MODIN", "CUDF"}:
            # A join leaves holes, and pandas turns whole numbers with holes into doubles, unless their type has some.
            made = self._with_holes(made)
        if self.log.implementation.name == "DASK":  # which warns of a join of types that differ in their holes alone
            kinds = beside.to_native().dtypes
            made = made.astype({name: kinds[name] for name in keys})
        return self.nw.from_native(made).lazy()

    def _with_holes(self, made: Any) -> Any:
        if self.log.implementation.name == "DASK":
            return made.map_partitions(_convert)
        arrow = any("pyarrow" in str(kind) for kind in self.log.native.dtypes)  # type: ignore[attr-defined]  # a frame of pandas
        return made.convert_dtypes(dtype_backend="pyarrow" if arrow else "numpy_nullable")


def _convert(part: Any) -> Any:
    """A part of a Dask frame with types that may have holes."""
    return part.convert_dtypes()


def _typed(columns: dict[str, list[Any]], text: Sequence[str]) -> dict[str, list[Any]]:
    """The columns of a table that may be empty: with one row that matches nothing, so that their types are known."""
    return {name: [*values, _P if name in text else -1] for name, values in columns.items()}
