"""
The one query: an engine sorts calls into cells and adds up their counts, and does nothing else.

One narwhals expression runs on every engine. No price, product or quotient of counts is computed in it, so nothing
can be rounded; and nothing can overflow, since only counts below 2^32 are added in 64 bits. Whatever is not plain (a
count above that, a negative one, nothing where a number should be) is sorted out and looked at in a second query, of
those rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any, Final, Literal, NamedTuple

from llm_tradeoffs.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingExtraError,
    TradeoffsError,
    UnknownNameError,
)
from llm_tradeoffs.frames._cells import Cell, Problem
from llm_tradeoffs.frames._columns import Columns, Layout, layout_of
from llm_tradeoffs.frames._keys import WEEK, Keys
from llm_tradeoffs.money import Exact, exact
from llm_tradeoffs.usage import CROSSED_PARTS, INPUT_PARTS, OUTPUT_PARTS, Usage

__all__ = ["CONTINUOUS", "Log", "narwhals", "packed", "rows_of"]

BOUND: Final = 2**32
"""Counts below this are added in 64 bits: 2^31 of them cannot overflow."""

CONTINUOUS: Final = frozenset(
    (
        "input_audio_seconds",
        "output_audio_seconds",
        "input_video_seconds",
        "output_video_seconds",
        "cache_storage_token_hours",
    )
)
_EPOCH: Final = datetime(1900, 1, 1)  # noqa: DTZ001  # subtracted from times without a zone, too
_EPOCH_DAYS: Final = date(1900, 1, 1)  # a Monday, so that weeks begin where they do elsewhere
_DAYS_BEFORE: Final = 693_595  # from the first day that Python knows to 1900
_DAYS: Final = 3_652_059 + 1  # to the last one
_LOOK: Final = "llm_tradeoffs_look"
_SECONDS: Final = "llm_tradeoffs_seconds"

# How a row that is not plain is looked at.
_CLOSER, _MISSING, _NEGATIVE, _FRACTION, _PARTS, _NO_TIME = range(1, 7)
_PROBLEMS: Final[dict[int, Problem]] = {
    _MISSING: ("count", "a count is missing"),
    _NEGATIVE: ("count", "a count is negative"),
    _FRACTION: ("count", "a count of tokens is not whole"),
    _PARTS: ("count", "the parts of a total exceed it"),
    _NO_TIME: ("time", "the call states no time"),
}

TimeKind = Literal["date", "naive", "aware"]


def narwhals() -> Any:
    """
    The package narwhals.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import narwhals
    except ImportError:
        raise MissingExtraError("narwhals", "frames", "pricing a table") from None
    return narwhals


class _Count(NamedTuple):
    """
    A column of counts, as expressions.

    Attributes:
        count: In 64 bits, nothing as 0. Where it is not plain it may be anything that stops no engine.
        fits: Whether it is plain.
        gone: Whether it is missing.
        value: As it stands, nothing as 0.
        held: The column, where it can be compared and added up as it stands; else None.
    """

    count: Any
    fits: Any
    gone: Any
    value: Any
    held: Any


class _Part(NamedTuple):
    """A component of the key: whole numbers from 0 to below *size*."""

    name: str
    expr: Any
    size: int


class Log:
    """
    A table of calls, in the engine that holds it.

    Args:
        table: A frame or relation of any engine that narwhals knows.
        columns: Which column states what.
        by: What is grouped by: ``model``, ``service_tier``, ``region``, ``day``, ``month`` or columns of the table;
            None for the model where the table states one.
        timeless: Whether the time of a call does not matter, since all are priced on one day.
    """

    def __init__(
        self, table: object, columns: Columns | None, by: Sequence[str] | None, *, timeless: bool = False
    ) -> None:
        self.nw = nw = narwhals()
        try:
            frame: Any = nw.from_native(table)
        except TypeError:
            raise InvalidTypeError(
                f"the table is a {type(table).__name__}; expected a frame of pandas, Polars, PyArrow, DuckDB, Dask, "
                "PySpark or another engine that narwhals knows. For rows in memory use llm_tradeoffs.Calls."
            ) from None
        self.implementation = frame.implementation
        self.native = table
        self.frame: Any = frame.lazy()
        self.schema: dict[str, Any] = dict(self.frame.collect_schema())
        if self.implementation.is_pandas_like():  # where a column of nothing passes for text
            native: Any = self.native
            empty = [name for name, kind in self.schema.items() if kind == nw.String and native[name].isna().all()]
            self.schema |= dict.fromkeys((name for name in empty if native[name].dtype == object), nw.Unknown())
        self.layout: Layout = layout_of(list(self.schema), columns)
        self.by = tuple(by) if by is not None else ("model",) if self.layout.model is not None else ()
        self.time, self.time_kind = self._time(timeless)
        if self.implementation.name == "DUCKDB" and self.time_kind in {"naive", "aware"}:
            # DuckDB subtracts times with a zone by the calendar of the session, summer time included, and narwhals
            # has no other way to the seconds; so the relation itself is asked for them.
            column = str(self.layout.time).replace('"', '""')
            shift = int((datetime(1970, 1, 1) - _EPOCH).total_seconds())  # noqa: DTZ001  # a difference
            asked = f'*, (epoch_us("{column}") + {shift * 10**6}) // 1000000 as {_SECONDS}'
            self.frame = nw.from_native(frame.to_native().select(asked)).lazy()
        self.day_wanted = bool({"day", "month"} & set(self.by))
        self._check()

    # Checks.

    @property
    def spark(self) -> bool:
        """Whether the engine is Spark."""
        return "spark" in self.implementation.name.lower()

    def _time(self, timeless: bool) -> tuple[Any, TimeKind | None]:
        nw, name = self.nw, self.layout.time
        if name is None or (timeless and not {"day", "month"} & set(self.by)):
            return None, None
        kind = self.schema[name]
        if kind == nw.Date:
            return nw.col(name), "date"
        if isinstance(kind, nw.Datetime) or kind == nw.Datetime:
            if kind.time_zone is not None:
                # DuckDB and Spark hold moments; the others compare and subtract times of one zone only.
                held = nw.col(name)
                return held if self.spark or self.implementation.name == "DUCKDB" else held.dt.convert_time_zone(
                    "UTC"
                ), "aware"
            # Spark counts the seconds of times with a zone only; of the others the day is what matters.
            return (nw.col(name).dt.date(), "date") if self.spark else (nw.col(name), "naive")
        # narwhals does not read the name of every zone of pandas, such as America/New_York.
        native: Any = self.native
        if kind == nw.Unknown and self.implementation.is_pandas_like() and getattr(native[name].dtype, "tz", None):
            moved = native.assign(**{name: native[name].dt.tz_convert("UTC")})
            self.frame = nw.from_native(moved).lazy()
            return nw.col(name), "aware"
        raise WrongColumnError(
            name,
            str(kind),
            "dates or times of one zone",
            "Parse it in the engine first, and bring times of several zones to UTC: "
            "pandas.to_datetime(column, utc=True), column.str.to_datetime(time_zone='UTC').",
        )

    def _check(self) -> None:
        nw = self.nw
        for column in self.count_columns():
            kind = self.schema[column]
            if not (kind.is_numeric() or kind == nw.Unknown):
                raise WrongColumnError(
                    column, str(kind), "whole numbers", "Convert it in the engine first; nothing is guessed from text."
                )
        for named in (self.layout.model, self.layout.service_tier, self.layout.region):
            if named is not None and not _is_text(nw, self.schema[named]):
                raise WrongColumnError(named, str(self.schema[named]), "names as text", "Convert it first.")
        for name in self.by:
            if self.by.count(name) > 1:
                raise InvalidValueError(f"{name!r} is named twice in by={list(self.by)!r}. Name each once.")
            if name in {"day", "month"}:
                if self.time is None:
                    raise UnknownNameError("column for the time of a call", name, self.schema)
            elif (grouped := self._by_column(name)) is None:
                raise UnknownNameError("column to group by", name, self.schema)
            elif self.schema[grouped].is_nested():
                raise WrongColumnError(
                    grouped,
                    str(self.schema[grouped]),
                    "one value a row",
                    "Unnest it, or join its values to a text, first.",
                )

    def _by_column(self, name: str) -> str | None:
        if name in {"model", "service_tier", "region"}:
            of_call: str | None = getattr(self.layout, name)
            return of_call
        return name if name in self.schema else None

    def count_columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column for held in self.layout.counts.values() for column in held))

    # Expressions.

    def _seconds(self) -> Any:
        """Seconds since 1900-01-01 in UTC, or by the clock on the wall where no zone is stated."""
        nw = self.nw
        if self.implementation.name == "DUCKDB":
            return nw.col(_SECONDS)
        if self.spark:
            # Of a time with a zone Spark gives the seconds since 1970 as they are.
            return self.time.cast(nw.Int64) + int((datetime(1970, 1, 1) - _EPOCH).total_seconds())  # noqa: DTZ001  # a difference
        start = _EPOCH.replace(tzinfo=UTC) if self.time_kind == "aware" else _EPOCH
        return (self.time - nw.lit(start)).dt.total_seconds().fill_null(0).cast(nw.Int64)

    def timed(self) -> Any:
        """Whether a call states a time, and one on a day that Python knows, where the day is asked for."""
        there = ~self.time.is_null()
        if not self.day_wanted or self.time_kind == "date":
            return there
        day = self._day()
        return there & ((day >= 0) & (day < _DAYS)).fill_null(value=False)

    def _day(self) -> Any:
        """Days since the first one that Python knows."""
        # Exact also where an engine divides through a double: both numbers are far below 2^53.
        return self._seconds() // 86_400 + _DAYS_BEFORE

    def _literal(self, moment: datetime) -> Any:
        if self.time_kind == "date":
            return moment.date()
        return moment if self.time_kind == "aware" else moment.replace(tzinfo=None)

    def _bucket(self, value: Any, bounds: Iterable[int], kind: Any) -> Any:
        """How many of *bounds* lie below a value."""
        return _sum([(value > bound).cast(kind) for bound in bounds])

    def value(self, column: str) -> _Count:
        """What a column of counts states."""
        nw, kind = self.nw, self.schema[column]
        held = nw.col(column)
        if kind == nw.Unknown:
            zero = nw.lit(0).cast(nw.Int64)
            return _Count(zero, held.is_null(), held.is_null(), zero, None)
        gone = (held.is_null() | held.is_nan()) if kind.is_float() else held.is_null()
        value = nw.when(gone).then(nw.lit(0)).otherwise(held) if kind.is_float() else held.fill_null(0)
        fits = (value >= 0) & (value < BOUND)
        small = kind in {nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32}
        # Engines that refuse an overflow would refuse the sums of rows that are not plain; DuckDB adds in 128 bits.
        if small and not self._refuses(column):
            count = value.cast(nw.Int64)
            as_it_stands = self.implementation.name in {"DUCKDB", "POLARS"}
            return _Count(count, fits, gone, value, held.cast(nw.Int64) if as_it_stands else None)
        # PyArrow refuses to make a whole number of what is not one.
        whole = value if kind.is_integer() else value.floor()
        count = nw.when(fits).then(whole).otherwise(nw.lit(0)).cast(nw.Int64)
        return _Count(count, fits if kind.is_integer() else fits & (count == value), gone, value, None)

    def _refuses(self, column: str) -> bool:
        """Whether the engine refuses a sum that overflows 64 bits, where others wrap and nothing comes of it."""
        if self.implementation.is_pandas_like() or self.implementation.name == "DASK":
            native: Any = self.native
            return "pyarrow" in str(native.dtypes[column])
        return self.spark or self.implementation.name in {"SQLFRAME", "IBIS"}

    def counts_of(self, values: dict[str, _Count]) -> dict[str, Any]:
        """The counts by our names, in 64 bits."""
        return {name: _sum([self._addend(values[column], held) for column in held]) for name, held in self._counted()}

    def _counted(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        return self.layout.counts.items()

    def _addend(self, count: _Count, of: Sequence[str]) -> Any:
        """A count that is one of several; DuckDB refuses a sum of two columns that overflows, whatever comes of it."""
        if len(of) == 1 or self.implementation.name != "DUCKDB":
            return count.count
        return self.nw.when(count.fits).then(count.count).otherwise(self.nw.lit(0))

    def parts(self, keys: Keys, counts: dict[str, Any], kind: Any = None) -> list[_Part]:
        """The components of the key of plain calls; in the type *kind*, 64 bits if not said otherwise."""
        nw = self.nw
        kind = kind or nw.Int64
        parts: list[_Part] = []
        if self.day_wanted and self.time_kind != "date":
            parts.append(_Part("day", self._day(), _DAYS))
        turns = keys.spans.turns if self.time is not None else ()
        if self.day_wanted:  # the day says on which side of midnight a call is
            turns = tuple(turn for turn in turns if (turn.hour, turn.minute, turn.second) != (0, 0, 0))
        if turns:
            # Without a time there is no key, and the row is not plain.
            span = _sum([(self.time >= self._literal(turn)).cast(kind) for turn in turns])
            parts.append(_Part("span", span, len(turns) + 1))
        if keys.slots.edges and self.time_kind == "aware":
            seconds = self._seconds()
            second = seconds - (seconds // WEEK) * WEEK
            hours = keys.slots.edges
            parts.append(_Part("slot", self._bucket(second, (edge - 1 for edge in hours), kind), len(hours) + 1))
        sent, made = counts.get("input_tokens"), counts.get("output_tokens")
        limits = keys.limits
        if sent is not None and limits.input_tokens:
            parts.append(_Part("length", self._bucket(sent, limits.input_tokens, kind), len(limits.input_tokens) + 1))
        if sent is not None and made is not None and limits.total_tokens:
            total = self._bucket(sent + made, limits.total_tokens, kind)
            parts.append(_Part("total", total, len(limits.total_tokens) + 1))
        if made is not None and limits.output_tokens:
            parts.append(_Part("made", self._bucket(made, limits.output_tokens, kind), len(limits.output_tokens) + 1))
        for name in keys.present:
            if name in counts:
                held = counts[name]
                if name in {"input_tokens", "output_tokens"}:
                    of = INPUT_PARTS if name == "input_tokens" else OUTPUT_PARTS
                    held = reduce(lambda one, other: one - other, [counts[part] for part in of if part in counts], held)
                parts.append(_Part(f"has {name}", (held > 0).cast(kind), 2))
        return parts

    def query(
        self, keys: Keys, only: Iterable[str] | None = None, without: Iterable[str] | None = None
    ) -> Iterator[Cell]:
        """
        The cells of the log.

        Args:
            keys: What they depend on.
            only: The models whose calls are looked at; None for all.
            without: Models whose calls are left out.
        """
        nw = self.nw
        frame: Any = self.frame
        if self.layout.model is not None and only is not None:
            frame = frame.filter(nw.col(self.layout.model).is_in(list(only)))
        if self.layout.model is not None and without is not None:
            frame = frame.filter(~nw.col(self.layout.model).is_in(list(without)).fill_null(False))  # narwhals has it so
        values = {column: self.value(column) for column in self.count_columns()}
        counts = self.counts_of(values)
        plain = self.plain(values, counts, keys)
        names = {name: f"c{number}" for number, name in enumerate(counts)}
        labels = self._labels()
        parts, key = self._key(keys, counts, plain)
        shown = frame.select(
            *(expr.alias(label) for label, expr in labels.items()),
            # Nothing comes of a row that is not plain, such as one without a time.
            key.fill_null(0).alias("k"),
            *(self._added(name, values, counts).alias(short) for name, short in names.items()),
        )
        grouped = shown.group_by([*labels, "k"]).agg(
            nw.len().alias("n"), *(nw.col(short).sum().alias(short) for short in names.values())
        )
        odd = 0
        bottom = 1
        for part in parts:
            bottom *= part.size
        width = len(labels)
        for row in rows_of(grouped, self.implementation):
            code, calls = int(row[width]), int(row[width + 1])
            if code < bottom:
                odd += calls
                continue
            held: dict[str, Exact] = {
                name: int(total) for name, total in zip(names, row[width + 2 :], strict=True) if total
            }
            yield self.cell(row[:width], labels, code - bottom, parts, keys, calls, held, None)
        if odd:
            yield from self._odd(frame, values, counts, plain, labels, parts, keys)

    def _key(self, keys: Keys, counts: dict[str, Any], plain: Any) -> tuple[list[_Part], Any]:
        """The components of the key, and the key: 1 before them where a row is plain, else 0 or nothing."""
        nw = self.nw
        parts = self.parts(keys, counts)
        if self.implementation.name == "DUCKDB":  # which refuses what overflows, but for rows that are not asked about
            return parts, nw.when(plain).then(packed(nw.lit(1).cast(nw.Int64), parts))
        kind = nw.Int64
        if self.implementation.name == "POLARS" and all(part.name != "day" for part in parts):
            size = reduce(lambda one, part: one * part.size, parts, 2)
            kind = next((narrow for narrow, most in ((nw.Int16, 2**15), (nw.Int32, 2**31)) if size <= most), kind)
            parts = self.parts(keys, counts, kind)
        return parts, packed(plain.fill_null(value=False).cast(kind), parts)

    def _added(self, name: str, values: dict[str, _Count], counts: dict[str, Any]) -> Any:
        """What is added up of a count: the column itself where that is the same for all plain rows."""
        column, *others = self.layout.counts[name]
        held = values[column].held
        return counts[name] if others or held is None else held

    def _labels(self) -> dict[str, Any]:
        """What is grouped by under its own value: names, and what the caller asked for."""
        nw, layout = self.nw, self.layout
        labels: dict[str, Any] = {}
        for short, column in (("m", layout.model), ("t", layout.service_tier), ("r", layout.region)):
            if column is not None:
                labels[short] = nw.col(column)
        if self.day_wanted and self.time_kind == "date":
            labels["d"] = self.time
        for number, name in enumerate(self.by):
            column = self._by_column(name)
            if name not in {"model", "service_tier", "region", "day", "month"} and column is not None:
                labels[f"b{number}"] = nw.col(column)
        return labels

    def plain(self, values: dict[str, _Count], counts: dict[str, Any], keys: Keys) -> Any:
        """Whether a row is plain; nothing, for some that are not."""
        nw = self.nw
        checks: list[Any] = []
        seen: set[str] = set()
        sums: list[Any] = []
        for total, of in (("input_tokens", INPUT_PARTS), ("output_tokens", OUTPUT_PARTS)):
            held = [part for part in of if part in counts]
            if total not in counts or not held or self._is_sum_of(total, of):
                continue
            columns = [column for name in (total, *held) for column in self.layout.counts[name]]
            if len(columns) == 2 and all(values[column].held is not None for column in columns):
                # One part, if it is stated, between 0 and a total below the bound: so it is below it itself.
                whole, part = (values[column].held for column in columns)
                checks += [whole >= 0, whole < BOUND, ((part >= 0) & (part <= whole)).fill_null(value=True)]
                seen |= set(columns)
            else:
                sums.append(_sum([counts[part] for part in held]) <= counts[total])
        for column, count in values.items():
            if column not in seen:
                checks += self._range(column, count)
        if self.time is not None:
            checks.append(self.timed())
        checks.extend(counts[name] == 0 for name in CROSSED_PARTS if name in counts)
        if keys.apart:
            checks.append(nw.lit(False))  # narwhals has it so
        if sums and self.implementation.name == "DUCKDB":  # which refuses what overflows, but for rows not asked about
            return nw.when(_all(checks)).then(_all(sums)).otherwise(nw.lit(False))  # narwhals has it so
        return _all([*checks, *sums])

    def _range(self, column: str, count: _Count) -> Iterator[Any]:
        """Whether a count is plain by itself."""
        optional = column in self.layout.optional
        if count.held is None:
            yield count.fits if optional else count.fits & ~count.gone
        elif optional:
            yield count.fits
        else:  # a comparison with nothing is nothing
            yield count.held >= 0
            yield count.held < BOUND

    def _is_sum_of(self, total: str, parts: Iterable[str]) -> bool:
        """Whether a total is computed from its parts, so that they cannot exceed it."""
        counts = self.layout.counts
        held = [column for part in parts if part in counts for column in counts[part]]
        return len(set(held)) == len(held) and set(held) < set(counts[total])

    def _odd(  # noqa: PLR0917  # what the first query was made of
        self,
        frame: Any,
        values: dict[str, _Count],
        counts: dict[str, Any],
        plain: Any,
        labels: dict[str, Any],
        parts: list[_Part],
        keys: Keys,
    ) -> Iterator[Cell]:
        """The rows that are not plain: counted by what is wrong with them, or each different one by itself."""
        nw = self.nw
        layout = self.layout
        required = [values[column].gone for column in values if column not in layout.optional]
        fee = [values[column].value > 0 for name, held in self._counted() for column in held if "token" not in name]
        gone = _any(required) if required else nw.lit(False)  # narwhals has it so
        if fee:  # a call may be of fees alone
            gone = gone & ~_any(fee)
        low = _any([count.value < 0 for count in values.values()])
        torn = [
            (values[column].value >= 0) & (values[column].value < BOUND) & ~values[column].fits
            for name, held in self._counted()
            for column in held
            if name not in CONTINUOUS and not self.schema[column].is_integer()
        ]
        near = [~(count.value < BOUND) for count in values.values()]
        near += [counts[name] > 0 for name in CROSSED_PARTS if name in counts]
        near += [
            ~values[column].fits
            for name, held in self._counted()
            for column in held
            if name in CONTINUOUS and not self.schema[column].is_integer()
        ]
        near += fee
        look: Any = nw.lit(_PARTS)
        if keys.apart:
            look = nw.lit(_CLOSER)
        look = nw.when(_any(near)).then(nw.lit(_CLOSER)).otherwise(look)
        if torn:
            look = nw.when(_any(torn)).then(nw.lit(_FRACTION)).otherwise(look)
        look = nw.when(low).then(nw.lit(_NEGATIVE)).otherwise(look)
        look = nw.when(gone).then(nw.lit(_MISSING)).otherwise(look)
        if self.time is not None:
            look = nw.when(~self.timed()).then(nw.lit(_NO_TIME)).otherwise(look)
        timed = [part for part in parts if part.name in {"day", "span", "slot"}]
        key = packed(nw.lit(1).cast(nw.Int64), timed)
        raw = {column: f"v{number}" for number, column in enumerate(values)}
        closer = nw.col(_LOOK) == _CLOSER
        # What is missing is said apart: an engine may turn a column with holes into one of doubles.
        holes: Any = nw.lit(0).cast(nw.Int64)
        for count in values.values():
            holes = holes * 2 + count.gone.cast(nw.Int64)
        shown = (
            frame.filter(~plain.fill_null(False))  # narwhals has it so
            .with_columns(look.alias(_LOOK))
            .select(
                *(expr.alias(label) for label, expr in labels.items()),
                key.fill_null(0).alias("k"),
                nw.col(_LOOK).alias("l"),
                nw.when(closer).then(holes).otherwise(nw.lit(0)).alias("h"),
                *(
                    nw.when(closer).then(values[column].value).otherwise(nw.lit(0)).alias(short)
                    for column, short in raw.items()
                ),
            )
        )
        grouped = shown.group_by([*labels, "k", "l", "h", *raw.values()]).agg(nw.len().alias("n"))
        bottom = 1
        for part in timed:
            bottom *= part.size
        width = len(labels)
        for row in rows_of(grouped, self.implementation):
            label, when, code, mask, held, calls = (
                row[:width],
                int(row[width]),
                int(row[width + 1]),
                int(row[width + 2]),
                row[width + 3 : -1],
                int(row[-1]),
            )
            stated = {
                column: None if mask >> (len(raw) - 1 - place) & 1 else value
                for place, (column, value) in enumerate(zip(raw, held, strict=True))
            }
            problem = _PROBLEMS.get(code)
            found: dict[str, Exact] = {}
            if problem is None:
                found, problem = self._read(stated)
            sums = {name: count * calls for name, count in found.items()}
            apart = self.cell(label, labels, when - bottom, timed, keys, calls, sums, problem)
            apart.place = None  # its calls are alike in every count, others of its time are not
            yield apart

    def _read(self, stated: dict[str, Any]) -> tuple[dict[str, Exact], Problem | None]:
        """The counts of a call as a person would read them, or what is wrong with them."""
        counts: dict[str, Any] = {}
        try:
            for name, held in self.layout.counts.items():
                values = [stated[column] for column in held]
                known = [
                    exact(value if type(value) is int else _python(value), name) for value in values if not _none(value)
                ]
                if known or all(column in self.layout.optional for column in held):
                    counts[name] = sum(known)
            return dict(Usage(**counts).counted), None
        except TradeoffsError as problem:
            return {}, ("count", str(problem).split(". ", 1)[0].rstrip("."))

    def cell(  # noqa: PLR0917  # positional: tens of thousands are made
        self,
        label: Sequence[Any],
        labels: dict[str, Any],
        code: int,
        parts: Sequence[_Part],
        keys: Keys,
        calls: int,
        counts: dict[str, Exact],
        problem: Problem | None,
    ) -> Cell:
        named = dict(zip(labels, (None if _none(value) else value for value in label), strict=True))
        places: dict[str, int] = {}
        for part in reversed(parts):
            code, places[part.name] = divmod(code, part.size)
        at = self._at(named, places, keys) if problem is None or problem[0] != "time" else None
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        group: list[Any] = []
        for number, name in enumerate(self.by):
            if name == "day":
                group.append(day)
            elif name == "month":
                group.append(None if day is None else f"{day:%Y-%m}")
            elif name in {"model", "service_tier", "region"}:
                group.append(named.get(name[0] if name != "service_tier" else "t"))
            else:
                group.append(named.get(f"b{number}"))
        model, tier, region = (named.get(short) for short in ("m", "t", "r"))
        return Cell(tuple(group), model, tier, region, at, calls, counts, problem, place=tuple(places.values()))

    first: datetime = datetime(1, 1, 1, tzinfo=UTC)
    """When the log begins, as far as is known."""

    def _at(self, named: dict[str, Any], places: dict[str, int], keys: Keys) -> date | datetime | None:
        if self.time is None:
            return None
        if self.day_wanted:
            day = named["d"] if "d" in named else _EPOCH_DAYS + timedelta(days=places["day"] - _DAYS_BEFORE)
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            turns = [turn for turn in keys.spans.turns if (turn.hour, turn.minute, turn.second) != (0, 0, 0)]
            if places.get("span"):
                start = max(start, turns[places["span"] - 1])
        else:
            start = keys.spans.start(places.get("span", 0), self.first)
        if places.get("slot"):
            return keys.slots.moment(places["slot"] - 1, start)
        return start.date()

    def stretch(self) -> tuple[datetime, datetime] | None:
        """When the log begins and ends; None if it has no times."""
        if self.time is None:
            return None
        if self.time_kind == "date":
            asked = self.frame.select(self.time.min().alias("a"), self.time.max().alias("b"))
        else:
            valid = self.frame.filter(~self.time.is_null())
            asked = valid.select(self._seconds().min().alias("a"), self._seconds().max().alias("b"))
        low, high = next(iter(rows_of(asked, self.implementation)))
        if _none(low):
            return None
        if self.time_kind == "date":
            days = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (low, high)]
        else:
            days = [_EPOCH.replace(tzinfo=UTC) + timedelta(seconds=int(value)) for value in (low, high)]
        self.first = days[0]
        return days[0], days[1]


class WrongColumnError(TradeoffsError, TypeError):
    """
    A column of a table holds something else than it should.

    Attributes:
        column: Its name.
        held: What it holds.
        expected: What it should hold.
        advice: What to do.
    """

    def __init__(self, column: str, held: str, expected: str, advice: str) -> None:
        self.column, self.held, self.expected, self.advice = column, held, expected, advice
        super().__init__(column, held, expected, advice)

    def __str__(self) -> str:
        return f"the column {self.column!r} holds {self.held}; expected {self.expected}. {self.advice}"


def _sum(addends: Iterable[Any]) -> Any:
    return reduce(lambda one, other: one + other, addends)


def packed(key: Any, parts: Iterable[_Part]) -> Any:
    """A key with the components of *parts* behind it."""
    return reduce(lambda code, part: code * part.size + part.expr, parts, key)


def _all(checks: Iterable[Any]) -> Any:
    """Whether all expressions hold."""
    return reduce(lambda one, other: one & other, checks)


def _any(checks: Iterable[Any]) -> Any:
    """Whether some expression holds."""
    return reduce(lambda one, other: one | other, checks)


def _is_text(nw: Any, kind: Any) -> bool:
    return kind in {nw.String, nw.Categorical, nw.Unknown} or isinstance(kind, nw.Enum) or kind == nw.Enum


def _none(value: Any) -> bool:
    """Whether an engine means nothing by a value: None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float) and value != value  # noqa: PLR0124  # only NaN differs from itself


def _python(value: Any) -> Any:
    """A number of an engine as one of Python."""
    return value.item() if hasattr(value, "item") else value


def rows_of(frame: Any, implementation: Any) -> Iterator[Sequence[Any]]:
    """The rows of a small result, in plain types, by whatever the engine itself offers for it."""
    native = frame.to_native()
    if implementation.name == "DUCKDB":
        yield from native.fetchall()
    elif "SPARK" in implementation.name:
        for row in native.collect():
            yield tuple(row)
    else:
        held = frame.collect(engine="streaming") if implementation.name == "POLARS" else frame.collect()
        columns = held.to_dict(as_series=False)
        yield from zip(*columns.values(), strict=True)
