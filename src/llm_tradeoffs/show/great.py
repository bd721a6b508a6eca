"""A table for great-tables, to style and export as its users do."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from llm_tradeoffs.errors import InvalidValueError, MissingExtraError
from llm_tradeoffs.show.document import Document, References
from llm_tradeoffs.show.html import escaped
from llm_tradeoffs.show.text import reference_text

__all__ = ["great_table"]


def great_table(document: Document) -> Any:
    """
    The first table of a document as a ``GT``, with its caption, notes and sources.

    Raises:
        MissingExtraError: ``great-tables``, or a library of data frames that it reads, is not installed.
        InvalidValueError: The document has no table.
    """
    great = _imported("great_tables", "great-tables")
    if not document.tables:
        raise InvalidValueError("there is nothing to tabulate here: the answer has no table.")
    table = document.tables[0]
    names = [f"c{index}" for index in range(len(table.columns))]
    # great-tables takes labels and cells for markup of its own unless they are HTML already.
    rows = {name: [escaped(str(row[index])) for row in table.rows] for index, name in enumerate(names)}
    labels = {name: great.html(escaped(str(column))) for name, column in zip(names, table.columns, strict=True)}
    made = great.GT(_frame(rows)).tab_header(title=great.html(escaped(table.caption))).cols_label(labels)
    for align in ("left", "right"):
        chosen = [name for name, column in zip(names, table.columns, strict=True) if column.align == align]
        made = made.cols_align(align=align, columns=chosen)
    for index, name in enumerate(names):
        best = [at for at, row in enumerate(table.rows) if row[index].mark]
        if best:
            made = made.tab_style(great.style.text(weight="bold"), great.loc.body(columns=name, rows=best))
    sources = [entry for block in document.blocks if isinstance(block, References) for entry in block.entries]
    for note in (*table.notes, *map(reference_text, sources)):
        made = made.tab_source_note(great.html(escaped(note)))
    return made


def _frame(rows: dict[str, list[str]]) -> Any:
    """The cells as a frame of whichever library is here: great-tables reads both."""
    try:
        return import_module("polars").DataFrame(rows)
    except ImportError:
        return _imported("pandas", "pandas").DataFrame(rows)


def _imported(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtraError(package, "tables", "a table of great-tables") from None
