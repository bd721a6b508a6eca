"""What a usage log cost, and what it would have cost: ``reprice``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
import typer

from llm_tradeoffs.cli import _complete
from llm_tradeoffs.cli._options import Facts, pairs
from llm_tradeoffs.cli._output import Output, console
from llm_tradeoffs.cli._run import NO, OK, verb
from llm_tradeoffs.errors import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Generator

    from llm_tradeoffs.cli._logs import Log
    from llm_tradeoffs.errors import Fault
    from llm_tradeoffs.frames import FrameCost, GroupCost
    from llm_tradeoffs.show.document import Block, Cell, Document, Table

__all__ = ["verbs"]

PANEL = "What it costs"
AS_LOGGED: Final = "as logged"
_PATIENCE: Final = 1.0
"""A log that is done sooner shows no progress. [s]"""

_LARGE: Final = 100_000_000
"""Parquet files that take longer than a moment. [bytes]"""
_MOST_LISTED: Final = 20

verbs = typer.Typer()


@verb(
    verbs,
    "reprice",
    panel=PANEL,
    examples=[
        "reprice logs/*.jsonl --by day",
        "reprice calls.csv --under claude-haiku-4.5,gpt-4.1-mini --by tenant,day",
        "reprice calls.csv --column input_tokens=prompt --column output_tokens=answer --json",
        "reprice - --by model --format csv < log.jsonl",
    ],
)
def reprice(
    *,
    logs: Annotated[
        list[str],
        typer.Argument(
            metavar="LOG...",
            help="Files (JSON lines, CSV, Parquet; also .gz), folders or patterns of them; - for stdin.",
            show_default=False,
        ),
    ],
    facts: Facts,
    output: Output,
    under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="What it would have cost under this model, too; several with commas between them, or once for each.",
            show_default=False,
            autocompletion=_complete.models,
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="One row for each day, month, model, service_tier, region, or value of any column of the log; "
            "several with commas between them, or once for each.",
            show_default=False,
            autocompletion=_complete.words("day", "month", "model", "service_tier", "region"),
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=COLUMN",
            help="Which column states what, such as input_tokens=prompt, or input_tokens=a+b for a sum; once for each. "
            "The rest is recognised by its name.",
            show_default=False,
        ),
    ] = None,
    service_tier: Annotated[
        str | None,
        typer.Option(
            metavar="TIER",
            help="One tier for all. (Default: that of each call, else standard.)",
            show_default=False,
            autocompletion=_complete.tiers,
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="REGION", help="One region for all. (Default: that of each call.)", show_default=False),
    ] = None,
    input_format: Annotated[
        str | None,
        typer.Option(
            metavar="jsonl|csv|parquet",
            help="What the logs are, where their names do not say it.",
            show_default=False,
            autocompletion=_complete.words("jsonl", "csv", "parquet"),
        ),
    ] = None,
    allow_unpriced: Annotated[
        bool, typer.Option("--allow-unpriced", help="End with 0 although some calls have no cost.")
    ] = False,
) -> int:
    """
    What a usage log cost, call by call, and what it would have cost under other models.

    It is read as a stream, however large. Prices are those of the day of each call, or of --as-of where that is
    stated. Ends with 1 if rows cannot be read or calls have no cost: how many and why is printed.
    """
    from llm_tradeoffs.cli._logs import Reader, Sorter, cells_of_parquet, logs_of
    from llm_tradeoffs.frames import Cells, WhatIf, price_cells

    held = facts.held()
    models = [held.resolve(name, facts.as_of) for name in _listed(under)]
    if len(set(models)) < len(models):
        raise InvalidValueError("a model of --under is named twice. Name each once, by any of its names.")
    columns = {
        name: tuple(part.strip() for part in text.split("+"))
        for name, text in pairs(column, "--column", "input_tokens=prompt").items()
    }
    asked = [
        WhatIf(model=model, service_tier=service_tier, region=region, as_of=facts.as_of) for model in (None, *models)
    ]
    files = logs_of(logs, input_format)
    tables, texts = ([log for log in files if (log.form == "parquet") is wanted] for wanted in (True, False))
    sorter = Sorter(held, asked)
    reader = Reader(_listed(by), columns, sorter.is_hourly)
    with _progress(files) as (following, advanced):
        made = [cells_of_parquet(tables, held, reader.by, columns, asked)] if tables else []
        advanced(sum(log.size or 0 for log in tables))
        for log in following(texts):
            for batch in reader.batches(log, advanced):
                sorter.add(batch)
    reader.finish()
    sorted_here = list(sorter.cells())
    found = [*(cell for each in made for cell in each.cells), *sorted_here]
    if not found and not reader.unreadable:
        raise InvalidValueError("there are no calls in the log: nothing was read. Check which files were named.")
    cells = Cells(by=reader.by, cells=found, checked=True)
    question: dict[str, Any] = {"service_tier": service_tier, "region": region, "as_of": facts.as_of}
    costs = {
        AS_LOGGED if model is None else model: price_cells(cells, held, by=reader.by, model=model, **question)
        for model in (None, *models)
    }
    notes = [note for each in made for note in each.notes]
    timeless = 0 if facts.as_of is not None else sum(cell.calls for cell in sorted_here if cell.at is None)
    if timeless:
        notes.append(f"calls that state no time have the prices of {held.as_of}: {timeless:,}")
    if reader.unread:
        notes.append(
            f"these columns look like counts of tokens and were not read: {', '.join(sorted(reader.unread))}; "
            "say what they are with --column"
        )
    result = Result(costs=costs, unreadable=reader.unreadable, faults=tuple(reader.faults), notes=tuple(notes))
    output.print(result if output.is_csv else result.document, result.to_dict)
    return OK if allow_unpriced or result.is_complete else NO


def _listed(texts: list[str] | None) -> tuple[str, ...]:
    """Names that were stated once for each, or with commas between them."""
    return tuple(name.strip() for text in texts or () for name in text.split(",") if name.strip())


# The result.


@attrs.frozen(kw_only=True)
class Result:
    """
    What a log cost.

    Attributes:
        costs: By what was asked: ``as logged`` first, then each model.
        unreadable: How many rows could not be read.
        faults: The first of them.
        notes: What was assumed, one sentence each.
    """

    costs: Mapping[str, FrameCost]
    unreadable: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every row was read and every call has a cost under every model that was asked about."""
        return not self.unreadable and not any(cost.left_out for cost in self.shown.values())

    @property
    def shown(self) -> Mapping[str, FrameCost]:
        """What was asked about; of a log that names no model only what it would have cost."""
        logged = self.costs[AS_LOGGED]
        names_none = not any(cell.model for cell in logged.cells.cells)
        return {
            name: cost
            for name, cost in self.costs.items()
            if name != AS_LOGGED or not names_none or len(self.costs) == 1
        }

    def to_dict(self) -> dict[str, object]:
        """In plain types; exact numbers as strings."""
        shown = dict(self.shown)
        logged = shown.pop(AS_LOGGED, None)
        return {
            "actual": None if logged is None else logged.to_dict(),
            "under": {name: cost.to_dict() for name, cost in shown.items()},
            "unreadable": self.unreadable,
            "faults": [{"path": fault.path, "line": fault.line, "problem": fault.problem} for fault in self.faults],
            "notes": list(self.notes),
        }

    def to_csv(self) -> str:
        """One row a group: its values, its calls, and what they cost at least and at most under each model."""
        from llm_tradeoffs.show.data import Dataset, Field

        shown = self.shown
        first = next(iter(shown.values()))
        fields = [*(Field(name, "text") for name in first.by), Field("calls", "count")]
        rows: list[list[Any]] = [[*map(_text, group.group.values()), group.calls] for group in first.groups]
        for name, cost in shown.items():
            of = "" if name == AS_LOGGED else f"_under_{name}"
            fields += [
                Field(f"priced{of}", "count"),
                Field(f"cost_low_usd{of}", "number"),
                Field(f"cost_high_usd{of}", "number"),
            ]
            for row, group in zip(rows, cost.groups, strict=True):
                row += [group.priced, group.low, group.high]
        return Dataset(fields, rows).csv()

    @property
    def document(self) -> Document:
        """For people."""
        from llm_tradeoffs.show.document import Document, Listing

        blocks: list[Block] = [self._table()]
        left = [f"{name}: {each}" for name, cost in self.shown.items() for each in cost.left_out]
        if left:
            blocks.append(Listing("Without a cost, and in no sum", _first(left)))
        if self.unreadable:
            more = self.unreadable - len(self.faults)
            said = [*map(str, self.faults), *([f"and {more:,} more"] if more else [])]
            blocks.append(Listing(f"Rows that could not be read: {self.unreadable:,}", said))
        notes = [*self.notes, *(note for cost in self.shown.values() for note in cost.notes)]
        if notes:
            blocks.append(Listing("Notes", _first(list(dict.fromkeys(notes)))))
        return Document("", blocks)

    def _table(self) -> Table:
        from llm_tradeoffs.show.document import Cell, Column, Table

        shown = self.shown
        first = next(iter(shown.values()))
        columns = [
            *(Column(name.replace("_", " ")) for name in first.by or ("",)),
            Column("calls", align="right"),
            *(Column(name, unit="USD", align="right", marks=True) for name in shown),
        ]
        rows: list[list[Cell]] = []
        if first.by:
            for index, group in enumerate(first.groups):
                values = ["not stated" if value is None else _text(value) for value in group.group.values()]
                costs = [_amount(cost.groups[index]) for cost in shown.values()]
                rows.append([*map(Cell, values), Cell(f"{group.calls:,}"), *costs])
        if len(rows) != 1:
            empty = [Cell("")] * (len(first.by) - 1)
            rows.append([Cell("all calls"), *empty, Cell(f"{first.calls:,}"), *map(_amount, shown.values())])
        partial = any(cell.mark for row in rows for cell in row)
        return Table(
            caption="What the calls cost",
            columns=columns,
            rows=rows,
            notes=["* of some of the calls only: the others have no cost, see below."] if partial else [],
        )


def _first(said: list[str]) -> list[str]:
    more = len(said) - _MOST_LISTED
    return [*said[:_MOST_LISTED], *([f"and {more:,} more: see --json"] if more > 0 else [])]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _amount(cost: FrameCost | GroupCost) -> Cell:
    from llm_tradeoffs.show._words import money
    from llm_tradeoffs.show.document import Cell

    if not cost.priced:
        return Cell("unknown")
    digits = 2 if cost.high.as_fraction() >= 1 else 6
    low, high = money(cost.low, digits), money(cost.high, digits)
    return Cell(low if low == high else f"{low} to {high}", mark="*" if cost.left_out else "")


# Progress.


@contextmanager
def _progress(logs: Sequence[Log]) -> Generator[tuple[Callable[[Sequence[Log]], Iterator[Log]], Callable[[int], None]]]:
    """What hands out the logs one by one, and whom to tell how many bytes were read; a terminal sees how far it is."""
    if not sys.stderr.isatty():
        yield iter, lambda _: None
        return
    from rich.filesize import decimal
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    sizes = [log.size for log in logs]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[read]}"),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
    )
    task = bar.add_task("reading", total=total, read="")
    start, read, shown = time.monotonic(), 0, False
    if any(log.form == "parquet" for log in logs) and (total or 0) > _LARGE:
        bar.start()  # an engine does not say how far it is
        shown = True

    def advanced(size: int) -> None:
        nonlocal read, shown
        read += size
        if not shown:
            if time.monotonic() - start < _PATIENCE:
                return
            bar.start()
            shown = True
        of = "" if total is None else f" of {decimal(total)}"
        bar.update(task, completed=read, read=f"{decimal(read)}{of}")

    def following(texts: Sequence[Log]) -> Iterator[Log]:
        for log in texts:
            bar.update(task, description="reading" if len(logs) == 1 else f"reading {log.path}")
            yield log

    try:
        yield following, advanced
    finally:
        if shown:
            bar.stop()
