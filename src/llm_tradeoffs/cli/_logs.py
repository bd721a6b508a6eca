"""
Usage logs: which files they are, and the calls in them, sorted into cells.

Rows of text (JSON lines, CSV) are read one by one here, so that a bad one is named by its line; Parquet is sorted by
the engine that is installed. Either way nothing is kept but the cells, of which there are as many as there are
different prices, days and groups, and not as many as there are calls.
"""

from __future__ import annotations

import csv
import glob
import gzip
import io
import json
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from llm_tradeoffs._call_rows import Call, collected
from llm_tradeoffs.errors import Fault, InvalidValueError, TradeoffsError, UnknownNameError
from llm_tradeoffs.facts import as_moment
from llm_tradeoffs.frames import Cell, Cells, MissingColumnError, WhatIf
from llm_tradeoffs.frames._columns import layout_of
from llm_tradeoffs.usage import COUNTED

if TYPE_CHECKING:
    from collections.abc import Generator

    from llm_tradeoffs.catalog import Catalog, ModelRecord
    from llm_tradeoffs.money import Exact

__all__ = ["FORMATS", "Log", "Reader", "Sorter", "cells_of_parquet", "logs_of"]

FORMATS: Final = ("jsonl", "csv", "parquet")
STDIN: Final = "-"
_MAGIC: Final = b"PAR1"
"""What a Parquet file begins and ends with."""
BATCH: Final = 20_000
"""So many rows are read before they are sorted: what is held of a log at once."""

_SUFFIXES: Final = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_TIMES: Final = ("time", "day", "timestamp", "date", "start_time", "datetime", "created_at", "created")
_OF_CALL: Final = ("day", "month", "model", "service_tier", "region")
"""What a call is grouped by as it was read; everything else is a column of the log."""


Sorted: TypeAlias = tuple[tuple[Any, ...], Call, "date | datetime | None"]
"""A call, with the group that it is in and the time whose prices hold for it."""


@attrs.frozen
class Log:
    """
    One file of calls.

    Attributes:
        path: Where it is; ``-`` for stdin.
        form: One of :data:`FORMATS`; empty where stdin shows it itself.
        size: Of the file as it lies there; None for stdin. [bytes]
    """

    path: str
    form: str
    size: int | None


def logs_of(names: Sequence[str], form: str | None) -> list[Log]:
    """
    The files that were named, each once, in the order of their names.

    Args:
        names: Files, folders, patterns such as ``logs/*.parquet``, or ``-`` for stdin.
        form: The form of all of them; None to tell it by their names.

    Raises:
        UnknownNameError: There is no such form.
        InvalidValueError: A pattern matches nothing; a folder has no log; the form cannot be told.
        FileNotFoundError: There is no such file.
    """
    if form is not None and form not in FORMATS:
        raise UnknownNameError("form of a log", form, FORMATS)
    found: dict[str, Log] = {}
    for name in names:
        for path in _paths(name):
            if path == STDIN:
                if form == "parquet":
                    raise InvalidValueError(
                        "a Parquet file is not read from stdin: its end comes first. Name the file."
                    )
                found[path] = Log(path, form or "", None)
            else:
                found[path] = Log(path, form or _form_of(path), Path(path).stat().st_size)
    return list(found.values())


def _paths(name: str) -> list[str]:
    path = Path(name)
    if name == STDIN or path.is_file():
        return [name]
    if path.is_dir():
        inside = sorted(str(each) for each in path.rglob("*") if each.is_file() and _suffix(each.name) in _SUFFIXES)
        if not inside:
            raise InvalidValueError(f"the folder {name!r} has no log in it: none of {', '.join(_SUFFIXES)}.")
        return inside
    if glob.has_magic(name):
        matching = sorted(each for each in glob.glob(name, recursive=True) if Path(each).is_file())  # noqa: PTH207  # any pattern, absolute ones too
        if not matching:
            raise InvalidValueError(f"no file is called like {name!r}.")
        return matching
    raise FileNotFoundError(2, "there is no such file", name)


def _suffix(name: str) -> str:
    return Path(name.lower().removesuffix(".gz")).suffix


def _form_of(path: str) -> str:
    form = _SUFFIXES.get(_suffix(path))
    if form is None:
        raise InvalidValueError(
            f"the name {path!r} does not say what is in it. Say --input-format jsonl, csv or parquet."
        )
    return form


@contextmanager
def _opened(log: Log, advanced: Callable[[int], None]) -> Generator[IO[str]]:
    """A log as text; *advanced* is told how many bytes of the file were read."""
    try:
        if log.path == STDIN:
            with _Counted(sys.stdin.buffer, advanced) as raw:
                yield io.TextIOWrapper(io.BufferedReader(raw), encoding="utf-8-sig", newline="")
            return
        with Path(log.path).open("rb") as file, _Counted(file, advanced) as raw:
            data: Any = io.BufferedReader(raw, 1 << 20)
            if log.path.lower().endswith(".gz"):
                data = gzip.GzipFile(fileobj=data)
            yield io.TextIOWrapper(data, encoding="utf-8-sig", newline="")
    except UnicodeDecodeError as problem:
        raise InvalidValueError(f"{_place(log)} is not in UTF-8: {problem}. Convert it first.") from None
    except (EOFError, gzip.BadGzipFile) as problem:
        raise InvalidValueError(f"{_place(log)} is no whole gzip file: {problem}.") from None


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: Any, advanced: Callable[[int], None]) -> None:
        super().__init__()
        self.file, self.advanced = file, advanced

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read1(len(buffer)) if hasattr(self.file, "read1") else self.file.read(len(buffer))
        buffer[: len(data)] = data
        self.advanced(len(data))
        return len(data)


def _place(log: Log) -> str:
    return "stdin" if log.path == STDIN else log.path


class Reader:
    """
    The calls of logs, in batches, each call with the group that it is in.

    Args:
        by: What is grouped by: ``day``, ``month``, ``model``, ``service_tier``, ``region``, or columns.
        columns: For each of our names the column, or columns, that state it; what is not named is recognised.
        is_hourly: Whether the prices of a model depend on the hour, so that the moment of a call matters.

    Attributes:
        faults: The first rows that could not be read; :attr:`unreadable` counts all.
        unread: Columns that look like token counts and are not read.
    """

    def __init__(
        self, by: Sequence[str], columns: Mapping[str, tuple[str, ...]], is_hourly: Callable[[str | None], bool]
    ) -> None:
        known = (*COUNTED, "model", "service_tier", "region", "time", "day")
        for name in columns:
            if name not in known:
                raise UnknownNameError("count or detail of a call", name, known)
        self.by, self.columns, self.is_hourly = tuple(by), dict(columns), is_hourly
        self.faults: list[Fault] = []
        self.unreadable = 0
        self.unread: set[str] = set()
        self._seen: set[str] = set()
        self._shapes: dict[tuple[str, ...], dict[str, tuple[str, ...]] | None] = {}
        self._optional: dict[tuple[str, ...], frozenset[str]] = {}

    def batches(self, log: Log, advanced: Callable[[int], None]) -> Iterator[Counter[Sorted]]:
        """
        The calls of one log, with how many times each was made.

        Raises:
            InvalidValueError: It is not in UTF-8, or is no log.
            OSError: It cannot be read.
        """
        with _opened(log, advanced) as file:
            batch: list[tuple[int, object]] = []
            for row in self._rows(log, file):
                batch.append(row)
                if len(batch) == BATCH:
                    yield self._read(_place(log), batch)
                    batch = []
            if batch:
                yield self._read(_place(log), batch)

    def finish(self) -> None:
        """Raises ``UnknownNameError`` for a column that was asked for and was in no row."""
        if not self._seen:
            return
        for column in (column for held in self.columns.values() for column in held):
            if column not in self._seen:
                raise UnknownNameError("column", column, self._seen)
        for name in self.by:
            if name not in _OF_CALL and name not in self._seen:
                raise UnknownNameError("column to group by", name, {*self._seen, *_OF_CALL})

    def _rows(self, log: Log, file: IO[str]) -> Iterator[tuple[int, object]]:
        lines: Iterable[str] = file
        form = log.form
        if not form:  # stdin: JSON lines begin with a brace, and no header of a CSV does
            first = file.readline()
            while first and not first.strip():
                first = file.readline()
            form = "jsonl" if first.lstrip().startswith(("{", "[")) else "csv"
            lines = _chained(first, file)
        if form == "jsonl":
            yield from _json_rows(lines)
        else:
            yield from _csv_rows(lines, "\t" if _suffix(log.path) == ".tsv" else None)

    def _read(self, path: str, rows: list[tuple[int, object]]) -> Counter[Sorted]:
        """The calls of a batch: rows of one shape and group are read together."""
        alike: dict[tuple[Any, ...], list[tuple[int, object]]] = {}
        for line, row in rows:
            try:
                key, fields = self._sorted(row)
            except (TradeoffsError, ValueError) as problem:
                self._set_aside(Fault(path, line, "", str(problem)))
                continue
            alike.setdefault(key, []).append((line, fields))
        found: Counter[Sorted] = Counter()
        for (shape, when, *own), held in alike.items():
            calls, faults = collected(path, held, self._shapes[shape])
            for fault in faults:
                self._set_aside(fault)
            for call, times in calls.items():
                at = call.day if when is None else when
                found[self._group(call, at, iter(own)), call, at] += times
        return found

    def _set_aside(self, fault: Fault) -> None:
        self.unreadable += 1
        if len(self.faults) < 20:
            self.faults.append(fault)

    def _group(self, call: Call, at: date | datetime | None, own: Iterator[Any]) -> tuple[Any, ...]:
        day = at.date() if isinstance(at, datetime) else at
        known = {"day": day, "month": None if day is None else f"{day:%Y-%m}"}
        return tuple(
            known[name] if name in known else getattr(call, name) if name in _OF_CALL else next(own) for name in self.by
        )

    def _sorted(self, row: object) -> tuple[tuple[Any, ...], object]:
        """What a row is read together with, and its fields."""
        if not isinstance(row, dict):
            raise InvalidValueError(
                row.problem if isinstance(row, _NoRow) else f"the row is {row!r}; no names with values."
            )
        given = cast("dict[str, Any]", row)
        fields = _flattened(given)
        shape = tuple(fields)
        self._seen.update(fields)
        if shape not in self._shapes:
            self._shapes[shape] = self._columns(shape)
        own = tuple(_hashable(fields.get(name)) for name in self.by if name not in _OF_CALL)
        columns = self._shapes[shape]
        if columns is None:  # a response: its wrapper says when
            times = [given[name] for name in _TIMES if given.get(name) is not None]
            return (shape, self._when(times[0], given.get("model")) if times else None, *own), given
        when = None
        if "day" in columns:
            stated = fields[columns["day"][0]]
            model = fields[columns["model"][0]] if "model" in columns else None
            if not _is_empty(stated) and self.is_hourly(model):
                when = self._when(stated, model)
        for column in self._optional[shape]:
            if _is_empty(fields.get(column)):
                fields[column] = 0
        return (shape, when, *own), fields

    def _when(self, value: object, model: str | None) -> date | datetime:
        """The minute of a time stamp where it matters and its zone is stated, else its day."""
        day, moment = _time_of(value)
        if moment is None or not self.is_hourly(model):
            return day
        return moment.replace(second=0, microsecond=0)

    def _columns(self, names: tuple[str, ...]) -> dict[str, tuple[str, ...]] | None:
        """Where rows with these names state what; None for responses of providers, which say it themselves."""
        stated = {name: held for name, held in self.columns.items() if all(column in names for column in held)}
        renamed = {"time" if name == "day" else name: held for name, held in stated.items()}
        try:
            layout = layout_of(names, renamed)
        except MissingColumnError:
            if self.columns:
                raise
            return None
        self.unread.update(layout.unread)
        self._optional[names] = layout.optional
        found = dict(layout.counts)
        for ours, column in (
            ("model", layout.model),
            ("service_tier", layout.service_tier),
            ("region", layout.region),
            ("day", layout.time),
        ):
            if column is not None:
                found[ours] = (column,)
        return found


class _NoRow:
    """A line that is no row."""

    def __init__(self, problem: str) -> None:
        self.problem = problem


def _chained(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _json_rows(lines: Iterable[str]) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as problem:
                yield number, _NoRow(f"the line is no JSON: {problem}.")


def _csv_rows(lines: Iterable[str], delimiter: str | None) -> Iterator[tuple[int, object]]:
    rows = iter(lines)
    header = next(rows, "")
    separator = delimiter or max(",;\t", key=header.count)
    reader = csv.DictReader(_chained(header, rows), delimiter=separator, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield reader.line_num, _NoRow(f"the line is no CSV: {problem}.")
            continue
        surplus = cast("dict[str | None, object]", row).pop(None, None)
        if surplus is not None:
            yield reader.line_num, _NoRow(f"the row has more values than the header has names: {surplus!r}.")
        else:
            yield reader.line_num, row


def _flattened(row: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested names with points between them: ``prompt_tokens_details.cached_tokens``."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= _flattened(cast("dict[str, Any]", value), f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def _hashable(value: object) -> object:
    return json.dumps(value, sort_keys=True) if isinstance(value, list | dict) else value


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _time_of(value: object) -> tuple[date, datetime | None]:
    """The day of a time stamp in UTC, and the moment; a clock without a zone says a day only."""
    if isinstance(value, int | float) and not isinstance(value, bool):  # as responses state it: seconds since 1970
        value = datetime.fromtimestamp(value, UTC)
    elif isinstance(value, str) and len(value) > len("2026-03-01"):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value.date(), None) if value.tzinfo is None else (value.astimezone(UTC).date(), value.astimezone(UTC))
    return as_moment(value, "day")


# Sorting into cells.


@attrs.frozen(kw_only=True)
class _Edges:
    """Lengths above which a call is another matter, ascending, and whether each call stands for itself. [tokens]"""

    sent: tuple[int, ...]
    total: tuple[int, ...]
    made: tuple[int, ...]
    apart: bool


class Sorter:
    """
    Adds calls up where every price list concerned treats them alike.

    Two calls are of one cell if they name the same model, tier, region and day, lie in one group, count the same things
    and are on the same side of every threshold and limit of their own model and of those that are asked about.

    Args:
        catalog: Whose prices are asked.
        asked: The what-ifs.
    """

    def __init__(self, catalog: Catalog, asked: Sequence[WhatIf]) -> None:
        self.catalog = catalog
        self.models = [entry.model for entry in asked if isinstance(entry.model, str)]
        self.sums: dict[tuple[Any, ...], tuple[dict[str, Exact], list[int]]] = {}
        self._edges: dict[tuple[str | None, date | None], _Edges] = {}
        self._hourly: dict[str | None, bool] = {}

    def is_hourly(self, model: str | None) -> bool:
        """Whether the moment of a call to a model matters, for its own prices or those that are asked about."""
        found = self._hourly.get(model)
        if found is None:
            records = [self._record(name, None) for name in (model, *self.models)]
            found = self._hourly[model] = any(
                price.window is not None for record in records if record is not None for price in record.prices
            )
        return found

    def add(self, batch: Mapping[Sorted, int]) -> None:
        """Sort some more calls."""
        for (group, call, at), times in batch.items():
            counted = call.usage.counted
            day = at.date() if isinstance(at, datetime) else at
            edges = self._edges.get((call.model, day)) or self._edges_of(call.model, day)
            sent, made = counted.get("input_tokens", 0), counted.get("output_tokens", 0)
            key = (
                group,
                call.model,
                call.service_tier,
                call.region,
                at,
                bisect_left(edges.sent, sent),
                bisect_left(edges.total, sent + made),
                bisect_left(edges.made, made),
                tuple(counted.items() if edges.apart else counted),
            )
            held = self.sums.get(key)
            if held is None:
                held = self.sums[key] = ({}, [0])
            sums, calls = held
            calls[0] += times
            for name, count in counted.items():
                sums[name] = sums.get(name, 0) + count * times

    def cells(self) -> Iterator[Cell]:
        """The cells."""
        for (group, model, tier, region, at, *_), (sums, calls) in self.sums.items():
            yield Cell(group, model, tier, region, at, calls[0], sums)

    def _record(self, name: str | None, day: date | None) -> ModelRecord | None:
        if not isinstance(name, str):
            return None
        try:
            return self.catalog.records[self.catalog.resolve(name, day)]
        except TradeoffsError:
            return None  # unknown, or not on that day: the calls are counted with that reason

    def _edges_of(self, model: str | None, day: date | None) -> _Edges:
        own = self._record(model, day)
        sent = {price.bound for price in own.prices if price.bound is not None} if own is not None else set[int]()
        total, made = set[int](), set[int]()
        apart = own is not None and _is_apart(own)
        for name in self.models:
            record = self._record(name, day) or self._record(name, None)
            if record is None:
                continue
            ratios = {Fraction(1), Fraction(self._ratio(model, name))}
            bounds = [price.bound for price in record.prices if price.bound is not None]
            sent |= {_below(bound, ratio) for bound in bounds for ratio in ratios}
            for field, limits in (("context_window", total), ("max_output_tokens", made)):
                stated = [fact.value for fact in record.facts if fact.field == field]
                limits |= {_below(limit, ratio) for limit in stated for ratio in ratios if isinstance(limit, int)}
            apart = apart or _is_apart(record)
        edges = _Edges(sent=tuple(sorted(sent)), total=tuple(sorted(total)), made=tuple(sorted(made)), apart=apart)
        self._edges[model, day] = edges
        return edges

    def _ratio(self, of: str | None, to: str) -> Exact:
        """As prices under another model count: the high end of what is published, else token for token."""
        if of is None:
            return 1
        try:
            stated = self.catalog.token_ratio(of, to)
        except LookupError:
            return 1
        return 1 if stated is None else stated.high


def _below(bound: int, ratio: Fraction) -> int:
    """The largest count that, times *ratio*, is not above *bound*."""
    return int(bound / ratio // 1)


def _is_apart(record: ModelRecord) -> bool:
    """Whether some price depends on how much of its meter one call uses, so that no two calls may be added up."""
    return any(
        price.meter == "minimum_charge" or price.above_quantity is not None or price.minimum_quantity is not None
        for price in record.prices
    )


# Parquet.


def cells_of_parquet(
    logs: Sequence[Log],
    catalog: Catalog,
    by: Sequence[str],
    columns: Mapping[str, tuple[str, ...]],
    asked: Sequence[WhatIf],
) -> Cells:
    """
    The calls of Parquet files, sorted by Polars, DuckDB or PyArrow, whichever is installed first in this order.

    Raises:
        InvalidValueError: None of them is installed; or a file is no Parquet.
        MissingExtraError: narwhals is not installed.
        MissingColumnError, WrongColumnError, UnknownNameError: The tables do not fit.
    """
    from llm_tradeoffs.frames import cells

    for log in logs:
        with Path(log.path).open("rb") as file:
            begins = file.read(len(_MAGIC))
            file.seek(max(0, (log.size or 0) - len(_MAGIC)))
            if begins != _MAGIC or file.read() != _MAGIC:
                raise InvalidValueError(
                    f"{log.path} is no Parquet file, or not all of one. Say --input-format, or write it again."
                )
    given = {"time" if name == "day" else name: held for name, held in columns.items()} or None
    return cells(_scanned([log.path for log in logs]), catalog, by=by, columns=given, under=asked)


def _scanned(paths: list[str]) -> object:
    for name, scan in _ENGINES.items():
        if find_spec(name.partition(".")[0]) is not None:
            return scan(import_module(name), paths)
    raise InvalidValueError(
        "reading a Parquet log needs polars, duckdb or pyarrow, and none of them is installed. "
        "Install one: pip install 'llm-tradeoffs[frames]' polars"
    )


_ENGINES: Final[dict[str, Callable[[Any, list[str]], object]]] = {
    "polars": lambda polars, paths: polars.scan_parquet(paths),
    "duckdb": lambda duckdb, paths: duckdb.read_parquet(paths),
    "pyarrow.parquet": lambda parquet, paths: parquet.ParquetDataset(paths).read(),
}
"""Who reads Parquet files as one table; the first two without holding all of it."""
