"""
What an answer says to a person, before it is set in any form.

Plain text, Markdown, HTML, a terminal and great-tables all render this one description, so they cannot differ in
what they say. Texts are cleaned here, once; escaping is the renderers' work.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import attrs

from llm_tradeoffs.facts import Source

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Document",
    "Heading",
    "Listing",
    "Paragraph",
    "Reference",
    "References",
    "Table",
    "clean",
    "visible",
]

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co"})  # controls, formats, halves of a letter, private ones
_JOINERS: Final = "\u200c\u200d"  # words of Persian, Hindi and emoji are written with them


def clean(text: str) -> str:
    r"""
    *text* in one line, with whatever could hide or reorder its letters made visible.

    Names come from catalogs that others wrote: a control character could rewrite a terminal, a bidirectional
    one could show the name of another model.

    >>> clean("gpt\u202e4\n mini")
    'gpt[U+202E]4 mini'
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """*text* with its blanks as they are, and every character visible that could hide or reorder others."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) in _HIDDEN and character not in _JOINERS and not character.isspace()
    return f"[U+{ord(character):04X}]" if hidden else character


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean(text) for text in texts)


def _columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(columns)


def _rows(rows: Iterable[Iterable[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(row) for row in rows)


def _entries(entries: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple(entries)


def _blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(blocks)


@attrs.frozen
class Cell:
    """
    One cell of a table.

    Attributes:
        text: What a person reads: "unknown" for what nobody knows, empty for what does not apply.
        mark: What is set beside it, such as ``*`` for the better one; a note of the table says what it means.
        cites: Ids of the sources that the value rests on.
    """

    text: str = attrs.field(converter=clean)
    mark: str = ""
    cites: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.text} {self.mark}" if self.mark else self.text


@attrs.frozen
class Column:
    """
    One column of a table.

    Attributes:
        label: What it is, for people.
        unit: Unit of its numbers; empty for words, or where every cell carries its own.
        align: ``right`` for numbers.
        marks: Whether its cells may carry marks, for which plain text keeps room.
    """

    label: str = attrs.field(converter=clean)
    unit: str = attrs.field(default="", kw_only=True)
    align: Literal["left", "right"] = attrs.field(default="left", kw_only=True)
    marks: bool = attrs.field(default=False, kw_only=True)

    def __str__(self) -> str:
        return f"{self.label} [{self.unit}]" if self.unit else self.label


@attrs.frozen(kw_only=True)
class Table:
    """
    A table: the first cell of a row names it.

    Attributes:
        caption: What it shows.
        columns, rows: Its cells; every row has one for each column.
        notes: What its marks mean, the day of its facts, one sentence each.
    """

    caption: str = attrs.field(converter=clean)
    columns: tuple[Column, ...] = attrs.field(converter=_columns)
    rows: tuple[tuple[Cell, ...], ...] = attrs.field(converter=_rows)
    notes: tuple[str, ...] = attrs.field(default=(), converter=_texts)


@attrs.frozen
class Heading:
    """The heading of what follows."""

    text: str = attrs.field(converter=clean)


@attrs.frozen
class Paragraph:
    """
    A sentence or more.

    Attributes:
        text: The sentences.
        head: A word in front that says what it is about, such as "Unknown".
    """

    text: str = attrs.field(converter=clean)
    head: str = attrs.field(default="", converter=clean)


@attrs.frozen
class Listing:
    """
    Sentences one below the other.

    Attributes:
        head: What they are.
        items: The sentences.
    """

    head: str = attrs.field(converter=clean)
    items: tuple[str, ...] = attrs.field(converter=_texts)


@attrs.frozen(kw_only=True)
class Reference:
    """
    A source as a footnote.

    Attributes:
        id: Its id, by which cells cite it.
        text: Its title, with version and day.
        url: Where it can be read; None if nowhere.
        used_for: What it was used for; empty where that is said elsewhere.
    """

    id: str = attrs.field(converter=clean)
    text: str = attrs.field(converter=clean)
    url: str | None = None
    used_for: str = attrs.field(default="", converter=clean)

    @classmethod
    def of(cls, source: Source, used_for: str = "") -> Reference:
        """The footnote for a source."""
        return cls(id=source.id, text=str(source), url=source.url, used_for=used_for)


@attrs.frozen
class References:
    """
    The sources, as footnotes.

    Attributes:
        entries: One for each, in the order of their numbers.
    """

    entries: tuple[Reference, ...] = attrs.field(converter=_entries)


Block: TypeAlias = Heading | Paragraph | Listing | Table | References


@attrs.frozen
class Document:
    """
    What an answer says.

    Attributes:
        title: What it is about; empty where the caption of its first table says so.
        blocks: What it says, in the order of reading.
    """

    title: str = attrs.field(converter=clean)
    blocks: tuple[Block, ...] = attrs.field(converter=_blocks)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def numbers(self) -> dict[str, int]:
        """The number of every footnote, by the id of its source."""
        found: dict[str, int] = {}
        for block in self.blocks:
            if isinstance(block, References):
                for entry in block.entries:
                    found.setdefault(entry.id, len(found) + 1)
        return found
