"""A terminal with colours, by rich: as wide as it is, and readable without the colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from llm_tradeoffs.errors import MissingExtraError
from llm_tradeoffs.show._words import UNKNOWN
from llm_tradeoffs.show.document import Cell, Column, Document, Heading, Listing, Paragraph, References, Table
from llm_tradeoffs.show.html import safe_url
from llm_tradeoffs.show.text import reference_text, width

try:
    from rich import box
    from rich.padding import Padding
    from rich.table import Table as RichTable
    from rich.text import Text
except ImportError:
    raise MissingExtraError("rich", "cli", "showing an answer in colours") from None

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

__all__ = ["rendered"]

_GAP: Final = 2
_NAME: Final = 14
"""The column of names is not narrower than this where its words would allow it. [columns]"""
_PROSE: Final = 100
"""Sentences are easier to read in lines of at most this. [columns]"""
_ROOM: Final = 2
"""What a mark takes, with the space before it. [columns]"""
_WORDS: Final = re.compile(r"[$\d]\S* to(?= )|\S+")
_BLANK: Final = ""


def rendered(document: Document) -> RenderableType:
    """A document for ``rich.print``."""
    return _Rendered(document)


class _Rendered:
    """What rich asks, when it knows how wide the terminal is."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        most = min(options.max_width, _PROSE)
        if self.document.title:
            yield _Line(Text(self.document.title, "bold"), most)
        for index, block in enumerate(self.document.blocks):
            match block:
                case Heading(text):
                    yield _BLANK
                    yield _Line(Text(text, "bold"), most)
                case Paragraph(text, head):
                    yield _Line(Text.assemble((f"{head}: ", "bold") if head else "", text), most)
                case Listing(head, items):
                    yield _Line(Text(f"{head}:", "bold"), most)
                    yield from (_Item(Text(item), most) for item in items)
                case References(entries):
                    yield _Line(Text("Sources:", "bold"), most)
                    for entry in entries:
                        url = safe_url(entry.url)
                        yield _Item(Text(reference_text(entry), "dim" if url is None else f"dim link {url}"), most)
                case Table():
                    if index or self.document.title:
                        yield _BLANK
                    yield _Line(Text(block.caption, "bold"), most)
                    for number, part in enumerate(_parts(block, options.max_width)):
                        if number:
                            yield _BLANK
                        yield _part(block, *part)
                    if block.notes:
                        yield _BLANK
                        yield _Line(Text("  ".join(block.notes), "dim"), most)


class _Line:
    """A paragraph that is no wider than it reads well."""

    def __init__(self, text: Text, most: int) -> None:
        self.text, self.most = text, most

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield from self.text.wrap(console, self.most)


class _Item(_Line):
    """The same as an item of a list."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        for index, line in enumerate(self.text.wrap(console, max(1, self.most - 4))):
            yield Padding(Text("- " if index == 0 else "  ", end="").append_text(line), (0, 0, 0, 2), expand=False)


def _parts(table: Table, most: int) -> Iterator[tuple[list[int], list[int]]]:
    """The columns that fit beside each other, with their widths; the column of names comes in each part."""
    head = [Cell(str(column)) for column in table.columns]
    texts = [[head[index], *(row[index] for row in table.rows)] for index in range(len(head))]
    wanted = [max(width(cell.text) for cell in cells) for cells in texts]
    least = [max(width(word) for cell in cells for word in _words(cell.text)) for cells in texts]
    for index, column in enumerate(table.columns):
        # Every line keeps room for a mark, so that the numbers stay below each other.
        wanted[index] += _ROOM * column.marks
        least[index] += _ROOM * column.marks
    least[0] = min(wanted[0], max(least[0], _NAME))
    left = [*range(1, len(head))]
    while True:
        part = [0]
        while left and (len(part) == 1 or _together(least, [*part, left[0]]) <= most):
            part.append(left.pop(0))
        yield part, _widths(part, wanted, least, most)
        if not left:
            return


def _together(widths: Sequence[int], part: Iterable[int]) -> int:
    chosen = [widths[index] for index in part]
    return sum(chosen) + _GAP * (len(chosen) - 1)


def _widths(part: list[int], wanted: list[int], least: list[int], most: int) -> list[int]:
    """As wide as wanted; else the widest gives way, and in a terminal narrower than the words any does."""
    found = {index: wanted[index] for index in part}
    while sum(found.values()) + _GAP * (len(part) - 1) > most:
        loose = [index for index in part if found[index] > least[index]] or part
        widest = max(loose, key=lambda index: found[index])
        if found[widest] == 1:
            break
        found[widest] -= 1
    return list(found.values())


def _words(text: str) -> list[str]:
    """What stays on one line: the words, and the lower end of a range with its "to"."""
    return _WORDS.findall(text) or [""]


def _set(text: str, mark: str, column: Column, most: int) -> str:
    """A cell in lines of *most* columns, set as its column is; the mark stays with the last word."""
    room = _ROOM if column.marks else 0
    lines: list[str] = [""]
    for word in _words(text):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width(longer) > most - room:
            lines.append(word)
        else:
            lines[-1] = longer
    if column.align == "right":
        lines = [" " * (most - room - width(line)) + line for line in lines]
    return "\n".join(lines) + (f" {mark}" if mark else "")


def _part(table: Table, part: list[int], widths: list[int]) -> RenderableType:
    # Cells are set here and not by rich, which would drop the room behind a number.
    shown = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 0, 0, _GAP - 1))
    for index, most in zip(part, widths, strict=True):
        column = table.columns[index]
        shown.add_column(Text(_set(str(column), "", column, most), "bold"), width=most, overflow="fold")
    for row in table.rows:
        shown.add_row(
            *(_cell(row[index], table.columns[index], most) for index, most in zip(part, widths, strict=True))
        )
    return shown


def _cell(cell: Cell, column: Column, most: int) -> Text:
    style = "bold green" if cell.mark else "dim" if cell.text == UNKNOWN else ""
    return Text(_set(cell.text, cell.mark, column, most), style)
