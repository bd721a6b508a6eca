"""One call as a log records it, and the rows of a log: who reads them, and what becomes of the bad ones."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final, NoReturn, TypeAlias, cast

import attrs

from llm_tradeoffs.errors import Fault, InvalidTypeError, InvalidValueError, TradeoffsError, UnknownNameError
from llm_tradeoffs.facts import as_moment
from llm_tradeoffs.money import Exact, Number, exact, plain
from llm_tradeoffs.usage import COUNTED, Usage

__all__ = ["Call", "Columns", "collected", "csv_rows", "json_rows"]

Columns: TypeAlias = Mapping[str, str | Sequence[str]]
"""For each of our names the column that states it, or several columns whose sum it is."""

_RECORDED: Final = ("model", "service_tier", "region", "day")
_NAMES: Final = (*COUNTED, *_RECORDED)
_OURS: Final = frozenset(_NAMES)


@attrs.frozen(kw_only=True)
class Call:
    """
    One call, and what a log says about it besides.

    Attributes:
        usage: What it used.
        model: The model that answered; None if nobody said.
        service_tier: The tier that served it; None if nobody said.
        region: Where it was processed; None if nobody said.
        day: The day whose prices hold for it; None if nobody said.
    """

    usage: Usage
    model: str | None = None
    service_tier: str | None = None
    region: str | None = None
    day: date | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.usage, Usage):
            raise InvalidTypeError(
                f"expected a Usage for each call, got {self.usage!r} of type {type(self.usage).__name__}."
            )
        for name in ("model", "service_tier", "region"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, str) or not value):
                raise InvalidTypeError(f"the {name} of a call is {value!r}; expected a name, or None.")
        if self.day is not None and type(self.day) is not date:
            raise InvalidTypeError(f"the day of a call is {self.day!r}; expected a date, or None.")


def collected(
    path: str, rows: Iterable[tuple[int, object]], columns: Columns | None
) -> tuple[Mapping[Call, int], tuple[Fault, ...]]:
    """
    The calls that rows describe, grouped, and the rows that describe none.

    Args:
        path: Where the rows are from, for the report.
        rows: Each with the number that finds it again.
        columns: As for ``Calls.from_records``.
    """
    read = _by_shape if columns is None else _ByColumns(columns)
    groups: Counter[Call] = Counter()
    faults: list[Fault] = []
    for line, row in rows:
        try:
            groups[read(row)] += 1
        except TradeoffsError as problem:
            faults.append(Fault(path, line, "", str(problem)))
    if isinstance(read, _ByColumns) and read.seen:
        read.refuse_unseen()
    return groups, tuple(faults)


def _by_shape(row: object) -> Call:
    """A row that has our names only, or is a response."""
    if isinstance(row, _Unreadable):
        row.refuse()
    fields = _fields_of(row)
    if fields is not None and fields.keys() <= _OURS:
        return _call_of(fields)
    from llm_tradeoffs.responses import read_response  # only logs of responses need it

    reading = read_response(row)
    return Call(usage=reading.usage, model=reading.model, service_tier=reading.service_tier, region=reading.region)


def _fields_of(row: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", row) if isinstance(row, Mapping) else None


class _ByColumns:
    """A row whose columns were named."""

    def __init__(self, columns: Columns) -> None:
        self.columns = {name: (held,) if isinstance(held, str) else tuple(held) for name, held in columns.items()}
        for name in self.columns:
            if name not in _OURS:
                raise UnknownNameError("count or field of a call", name, _NAMES)
        self.unseen = {column for held in self.columns.values() for column in held}
        self.seen: set[str] = set()

    def __call__(self, row: object) -> Call:
        if isinstance(row, _Unreadable):
            row.refuse()
        fields = _fields_of(row)
        if fields is None:
            raise InvalidTypeError(f"the row is {row!r} of type {type(row).__name__}; expected names with values.")
        if self.unseen:
            self.unseen -= fields.keys()
        self.seen.update(map(str, fields))
        return _call_of({name: self._value(name, held, fields) for name, held in self.columns.items()})

    def _value(self, name: str, held: Sequence[str], fields: Mapping[str, object]) -> object:
        values = [fields.get(column) for column in held]
        if len(values) == 1:
            return values[0]
        stated = [(column, value) for column, value in zip(held, values, strict=True) if not _is_empty(value)]
        if stated and len(stated) < len(values):
            missing = [column for column, value in zip(held, values, strict=True) if _is_empty(value)]
            raise InvalidValueError(
                f"{name} is the sum of {', '.join(held)}, of which {', '.join(missing)} is not stated; "
                "an unknown part makes the sum unknown. Write 0 if there was none."
            )
        return plain(sum(_count(value, column) for column, value in stated)) if stated else None

    def refuse_unseen(self) -> None:
        """A column that is in no row at all is a mistake in its name."""
        if self.unseen:
            raise UnknownNameError("column", min(self.unseen), self.seen)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _call_of(fields: Mapping[str, object]) -> Call:
    stated = {name: value for name, value in fields.items() if not _is_empty(value)}
    counts: dict[str, Any] = {name: _count(value, name) for name, value in stated.items() if name not in _RECORDED}
    recorded: dict[str, Any] = {name: stated[name] for name in _RECORDED if name in stated}
    if "day" in recorded:
        recorded["day"] = _day(recorded["day"])
    return Call(usage=Usage(**counts), **recorded)


def _count(value: object, name: str) -> Exact:
    """A number however it is written; whether it may be a fraction, and is in bounds, is for ``Usage`` to say."""
    if type(value) is int:
        return value
    return exact(value.strip() if isinstance(value, str) else cast("Number", value), name)


def _day(value: object) -> date:
    """The day of a time stamp; of UTC where it states its zone, and the day as written where it does not."""
    moment = value
    if isinstance(value, str) and len(value) > len("2026-03-01"):
        with suppress(ValueError):  # as_moment says what is wrong with it
            moment = datetime.fromisoformat(value)
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return moment.date()
    return as_moment(moment, "day")[0]


class _Unreadable:
    """A line that is no row at all."""

    def __init__(self, problem: str) -> None:
        self.problem = problem

    def refuse(self) -> NoReturn:
        raise InvalidValueError(self.problem)


def csv_rows(file: Iterable[str], delimiter: str) -> Iterator[tuple[int, object]]:
    """The rows of a CSV file with a header, by their lines."""
    reader = csv.DictReader(file, delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield reader.line_num, _Unreadable(f"the line is no CSV: {problem}.")
            continue
        surplus = cast("dict[str | None, object]", row).get(None)
        if surplus is not None:
            yield reader.line_num, _Unreadable(f"the row has more values than the header has names: {surplus!r}.")
        else:
            yield reader.line_num, row


def json_rows(file: Iterable[str]) -> Iterator[tuple[int, object]]:
    """The values of a file with one JSON value a line; empty lines are none."""
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as problem:
                yield number, _Unreadable(f"the line is no JSON: {problem}.")
