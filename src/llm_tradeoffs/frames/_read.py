"""Cells that were made elsewhere: rows of a frame, a CSV file or a program, each checked as a call is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Final, cast

from llm_tradeoffs.calls import BadRowsError
from llm_tradeoffs.errors import Fault, InvalidTypeError, InvalidValueError, TradeoffsError, UnknownNameError
from llm_tradeoffs.facts import as_moment
from llm_tradeoffs.frames._cells import SPREAD, Cell, Cells
from llm_tradeoffs.frames._columns import Columns, MissingColumnError, layout_of
from llm_tradeoffs.frames._engine import narwhals, rows_of
from llm_tradeoffs.frames._results import Kind
from llm_tradeoffs.money import Exact, Number, exact, token_count

__all__ = ["read_cells"]

_SPREADS: Final = tuple(f"{end}_{name}" for name in SPREAD for end in ("least", "most"))


def read_cells(table: object, by: tuple[str, ...] | None, columns: Columns | None) -> Cells:
    """
    The cells that a table states.

    Raises:
        BadRowsError: Rows are bad; all of them, with their numbers.
        MissingColumnError: There is no column ``calls``, or none for the totals.
        InvalidTypeError: *table* is nothing that cells can be read from.
    """
    path, rows, kind = _rows(table)
    listed = list(rows)
    names = list(dict.fromkeys(name for _, row in listed for name in row))
    given = dict(columns or {})
    calls = given.pop("calls", "calls")
    if not isinstance(calls, str) or (listed and calls not in names):
        raise MissingColumnError("calls", ("calls",), names)
    if not listed:
        return Cells(by=by or (), cells=(), notes=("the table has no rows",), kind=kind)
    layout = layout_of([name for name in names if name not in _SPREADS], given or None)
    by = by if by is not None else ("model",) if layout.model is not None else ()
    for name in by:
        if name not in names and not (
            name in {"model", "service_tier", "region", "day", "month"} and _stated(layout, name)
        ):
            raise UnknownNameError("column to group by", name, names)
    reader = _Reader(by, calls, layout)
    found: list[Cell] = []
    faults: list[Fault] = []
    for number, row in listed:
        try:
            found.append(reader.cell(row))
        except TradeoffsError as problem:
            faults.append(Fault(path, number, "", str(problem)))
    if faults:
        raise BadRowsError(faults, len(listed))
    return Cells(by=by, cells=found, kind=kind)


def _stated(layout: Any, name: str) -> bool:
    return getattr(layout, "time" if name in {"day", "month"} else name) is not None


def _rows(table: object) -> tuple[str, Iterator[tuple[int, Mapping[str, Any]]], Kind | None]:
    if isinstance(table, str | PathLike):
        path = Path(cast("str | PathLike[str]", table))
        return str(path), _csv(path), None
    if _are_rows(table):
        return "rows", _mappings(cast("Iterable[object]", table)), None
    nw = narwhals()
    try:
        frame: Any = nw.from_native(table).lazy()
    except TypeError:
        raise InvalidTypeError(
            f"the cells are a {type(table).__name__}; expected a frame, the path of a CSV file, or rows as mappings."
        ) from None
    names = list(frame.collect_schema())
    implementation = nw.from_native(table).implementation
    made = (dict(zip(names, row, strict=True)) for row in rows_of(frame, implementation))
    return "the table", enumerate(made, 1), Kind(implementation, table)


def _are_rows(table: object) -> bool:
    """Whether something is rows in memory; frames can be iterated over, too, but have columns."""
    return isinstance(table, Iterable) and not hasattr(cast("object", table), "columns")


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        for row in reader:
            yield reader.line_num, row


def _mappings(rows: Iterable[object]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise InvalidTypeError(f"row {number} of the cells is {row!r}; expected names with values.")
        yield number, cast("Mapping[str, Any]", row)


def _nothing(value: Any) -> bool:
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, float) and value != value  # noqa: PLR0124  # only NaN differs from itself


def _number(value: Any, name: str) -> Exact:
    if isinstance(value, str):
        value = value.strip()
    elif hasattr(value, "item"):
        value = value.item()
    return exact(cast("Number", value), name)


class _Reader:
    def __init__(self, by: tuple[str, ...], calls: str, layout: Any) -> None:
        self.by = by
        self.calls = calls
        self.layout = layout

    def cell(self, row: Mapping[str, Any]) -> Cell:
        calls = self._whole(row.get(self.calls), "calls")
        problem = self._value(row.get("problem"))
        counts = {} if problem is not None else self._counts(row)
        at = self._time(row)
        day = at.date() if isinstance(at, datetime) else at
        model, tier, region = (self._text(row, name) for name in ("model", "service_tier", "region"))
        known = {"model": model, "service_tier": tier, "region": region, "day": day}
        known["month"] = None if day is None else f"{day:%Y-%m}"
        group = tuple(
            known[name] if name in known and _stated(self.layout, name) else self._value(row.get(name))
            for name in self.by
        )
        if problem is not None:  # the query has found what is wrong with these calls, and has not counted them
            return Cell(group, model, tier, region, at, calls, counts, ("count", str(problem)))
        if not calls:
            if any(counts.values()):
                raise InvalidValueError(
                    "calls is 0, and yet something was counted. State how many calls the cell holds."
                )
            calls = 0
        return Cell(group, model, tier, region, at, calls, counts, spread=self._spread(row, calls, counts))

    def _whole(self, value: Any, name: str) -> int:
        if _nothing(value):
            raise InvalidValueError(f"{name} is not stated, and nothing is not 0.")
        number = _number(value, name)
        return token_count(number if isinstance(number, int) else float(number), name)

    def _counts(self, row: Mapping[str, Any]) -> dict[str, Exact]:
        from llm_tradeoffs.usage import Usage  # the sums of calls keep what holds for each: parts within totals

        found: dict[str, Exact] = {}
        for name, held in self.layout.counts.items():
            total: Exact = 0
            for column in held:
                value = row.get(column)
                if _nothing(value):
                    if column not in self.layout.optional:
                        raise InvalidValueError(f"{column} is not stated, and nothing is not 0.")
                    continue
                total += _number(value, name)
            found[name] = total
        stated: Any = found
        return dict(Usage(**stated).counted)

    def _time(self, row: Mapping[str, Any]) -> date | datetime | None:
        if self.layout.time is None or _nothing(row.get(self.layout.time)):
            return None
        value: Any = row[self.layout.time]
        if hasattr(value, "to_pydatetime"):
            value = value.to_pydatetime()
        if isinstance(value, str) and len(value.strip()) > len("2026-03-01"):
            with suppress(ValueError):  # as_moment says what is wrong with it
                value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.date()
        day, moment = as_moment(value, "the day of a cell")
        return day if moment is None else moment

    def _text(self, row: Mapping[str, Any], name: str) -> str | None:
        column = getattr(self.layout, name)
        value = None if column is None else row.get(column)
        return None if _nothing(value) else str(value)

    def _value(self, value: Any) -> Any:
        return None if _nothing(value) else value

    def _spread(
        self, row: Mapping[str, Any], calls: int, counts: Mapping[str, Exact]
    ) -> dict[str, tuple[int, int]] | None:
        found: dict[str, tuple[int, int]] = {}
        for name in SPREAD:
            ends = [row.get(f"{end}_{name}") for end in ("least", "most")]
            if any(_nothing(value) for value in ends):
                continue
            low, high = (
                self._whole(value, f"{end}_{name}") for end, value in zip(("least", "most"), ends, strict=True)
            )
            total = counts.get(name, 0)
            if name == "total_tokens":
                total = counts.get("input_tokens", 0) + counts.get("output_tokens", 0)
            if not low * calls <= total <= high * calls:
                raise InvalidValueError(
                    f"the {calls} calls have {total} {name} together, which cannot be with {low} to {high} in each."
                )
            found[name] = (low, high)
        return found or None
