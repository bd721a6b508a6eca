"""Markdown, for a pull request, a wiki or a notebook: tables in the form of GitHub."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from llm_tradeoffs.show.document import Document, Heading, Listing, Paragraph, Reference, References, Table, clean
from llm_tradeoffs.show.html import safe_url

__all__ = ["document_markdown", "escaped"]

# "$" opens mathematics in notebooks and on GitHub, and "|" ends a cell even inside of code.
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|~$&])")
# GitHub makes a link of every bare address, whatever it leads to: a name from a catalog shall be no link.
_ADDRESS: Final = re.compile(r"(?i)(?<=\bwww)(?=\.)|(?<=http)(?=:)|(?<=https)(?=:)|(?<=ftp)(?=:)")
_BEGINNING: Final = re.compile(r"^(\d*)(?=[-+=#:.)])")


def escaped(text: str) -> str:
    r"""
    *text* as Markdown that shows it as it is.

    >>> print(escaped("$5 for a_b|c"))
    \$5 for a\_b\|c
    """
    return _ADDRESS.sub(r"\\", _SPECIAL.sub(r"\\\1", text))


def _paragraph(text: str) -> str:
    """The same where it begins a line, and could be taken for a heading, a list or a rule."""
    return _BEGINNING.sub(r"\1\\", escaped(text))


def document_markdown(document: Document, *, level: int = 2) -> str:
    """
    A document as Markdown.

    Args:
        level: Of its title; headings within are one below. [1..5]
    """
    blocks = [f"{'#' * level} {escaped(document.title)}"] if document.title else []
    for block in document.blocks:
        match block:
            case Heading(text):
                blocks.append(f"{'#' * (level + 1)} {escaped(text)}")
            case Paragraph(text, head):
                blocks.append(f"**{escaped(head)}:** {escaped(text)}" if head else _paragraph(text))
            case Listing(head, items):
                blocks.append("\n".join([f"**{escaped(head)}:**", "", *(f"- {_paragraph(item)}" for item in items)]))
            case Table():
                blocks.append("\n".join(_table(block)))
            case References(entries):
                blocks.append("\n".join(["**Sources:**", "", *(f"- {_reference(entry)}" for entry in entries)]))
    return "\n\n".join(blocks) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield f"**{escaped(table.caption)}**"
    yield ""
    yield f"| {' | '.join(escaped(str(column)) for column in table.columns)} |"
    yield f"| {' | '.join('---:' if column.align == 'right' else '---' for column in table.columns)} |"
    for row in table.rows:
        yield f"| {' | '.join(escaped(str(cell)) for cell in row)} |"
    if table.notes:
        yield ""
        yield " ".join(escaped(note) for note in table.notes)


def _reference(entry: Reference) -> str:
    url = safe_url(entry.url)
    title = escaped(entry.text) if url is None else f"[{escaped(entry.text)}](<{url}>)"
    if url is None and entry.url:
        title += f", {escaped(clean(entry.url))}"
    return f"{escaped(entry.id)}: {title}" + (f"; {escaped(entry.used_for)}" if entry.used_for else "")
