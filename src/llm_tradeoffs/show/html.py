"""
HTML, for a notebook or a page: complete in itself, without a script, and nothing is loaded.

What catalogs and callers say is text here, never markup: every name is escaped, and an address becomes a link only
if it is one of the web.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from llm_tradeoffs.show.document import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Listing,
    Paragraph,
    Reference,
    References,
    Table,
    clean,
)

__all__ = ["STYLE", "document_html", "escaped", "page", "safe_url"]

# Every selector begins with the class of the answer, so that nothing else on the page changes. The colours are those
# of JupyterLab or VS Code where it stands, else ours, light or dark as the reader's system is. Text and ground are
# always set together: whichever of them comes from the host, they fit each other.
STYLE: Final = """
.llm-tradeoffs {
  --lt-own-fg: #1b1f24; --lt-own-bg: #ffffff; --lt-own-link: #0b5cad;
  --lt-fg: var(--jp-content-font-color1, var(--vscode-editor-foreground, var(--lt-own-fg)));
  --lt-bg: var(--jp-layout-color0, var(--vscode-editor-background, var(--lt-own-bg)));
  --lt-accent: var(--jp-content-link-color, var(--vscode-textLink-foreground, var(--lt-own-link)));
  --lt-soft: color-mix(in srgb, var(--lt-fg) 72%, var(--lt-bg));
  --lt-line: color-mix(in srgb, var(--lt-fg) 20%, var(--lt-bg));
  --lt-band: color-mix(in srgb, var(--lt-fg) 4%, var(--lt-bg));
  --lt-good: color-mix(in srgb, #1a9a5c 18%, var(--lt-bg));
  color: var(--lt-fg); background: var(--lt-bg); color-scheme: light dark;
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  max-width: 64rem; padding: .25rem; box-sizing: border-box; overflow-wrap: break-word; text-align: left;
}
@media (prefers-color-scheme: dark) {
  .llm-tradeoffs { --lt-own-fg: #e6e8eb; --lt-own-bg: #14171a; --lt-own-link: #7cb8ff; }
}
[data-jp-theme-light="true"] .llm-tradeoffs, body[data-theme="light"] .llm-tradeoffs {
  --lt-own-fg: #1b1f24; --lt-own-bg: #ffffff; --lt-own-link: #0b5cad; color-scheme: light;
}
[data-jp-theme-light="false"] .llm-tradeoffs, body[data-theme="dark"] .llm-tradeoffs {
  --lt-own-fg: #e6e8eb; --lt-own-bg: #14171a; --lt-own-link: #7cb8ff; color-scheme: dark;
}
.llm-tradeoffs .lt-title { font-size: 1.3em; line-height: 1.3; font-weight: 650; margin: .2em 0 .6em; }
.llm-tradeoffs .lt-head { font-size: 1.08em; line-height: 1.3; font-weight: 650; margin: 1.4em 0 .4em; }
.llm-tradeoffs p { margin: .5em 0; max-width: 48rem; color: inherit; }
.llm-tradeoffs ul, .llm-tradeoffs ol { margin: .2em 0 .6em; padding-left: 1.4em; max-width: 48rem; }
.llm-tradeoffs li { margin: .15em 0; }
.llm-tradeoffs a { color: var(--lt-accent); }
.llm-tradeoffs .lt-foot a:link, .llm-tradeoffs .lt-foot a:visited {
  text-decoration: underline; text-underline-offset: .15em;
}
.llm-tradeoffs .lt-scroll { overflow-x: auto; max-width: 100%; margin: .3em 0; }
.llm-tradeoffs .lt-scroll:focus-visible { outline: 2px solid var(--lt-accent); outline-offset: 2px; }
.llm-tradeoffs table.lt-table {
  border-collapse: collapse; border: 0; margin: 0; width: auto; font-size: 1em; color: inherit;
  font-variant-numeric: tabular-nums; table-layout: auto;
}
.llm-tradeoffs table.lt-table caption {
  caption-side: top; text-align: left; font-weight: 600; padding: .2em .1em .6em; color: inherit;
}
.llm-tradeoffs caption > span { display: inline-block; position: sticky; left: 0; max-width: min(90vw, 48rem); }
.llm-tradeoffs table.lt-table th, .llm-tradeoffs table.lt-table td {
  padding: .32em .8em; border: 0; border-bottom: 1px solid var(--lt-line); text-align: left; vertical-align: top;
  white-space: normal; max-width: 26rem; font-weight: inherit; color: inherit; background: var(--lt-bg);
}
.llm-tradeoffs table.lt-table thead th {
  font-weight: 650; border-bottom: 2px solid var(--lt-line); vertical-align: bottom; white-space: normal;
}
.llm-tradeoffs table.lt-table tbody th { font-weight: 500; min-width: 6em; }
.llm-tradeoffs table.lt-table tr > :first-child { padding-left: .3em; }
.llm-tradeoffs table.lt-table tbody tr:nth-child(even) > * { background: var(--lt-band); }
.llm-tradeoffs table.lt-table .lt-right { text-align: right; }
.llm-tradeoffs table.lt-table td.lt-right { white-space: nowrap; }
.llm-tradeoffs table.lt-table th.lt-marks { padding-right: 1.8em; }
.llm-tradeoffs table.lt-table th.lt-cited { padding-right: 2em; }
.llm-tradeoffs table.lt-table th.lt-marks.lt-cited { padding-right: 3em; }
.llm-tradeoffs table.lt-table tbody tr > td.lt-best { background: var(--lt-good); font-weight: 650; }
.llm-tradeoffs table.lt-table .lt-void { color: var(--lt-soft); font-style: italic; }
.llm-tradeoffs .lt-mark {
  display: inline-block; width: .75em; text-align: center; text-decoration: none; border: 0; cursor: help;
}
.llm-tradeoffs span.lt-mark { width: 1em; }
.llm-tradeoffs .lt-cites {
  display: inline-block; min-width: 1.4em; text-align: left; font-size: .72em; line-height: 1; vertical-align: super;
  font-weight: 400; font-style: normal; padding-left: .15em; white-space: nowrap;
}
.llm-tradeoffs .lt-last { white-space: nowrap; }
.llm-tradeoffs .lt-cites a { text-decoration: none; padding: .3em .1em; }
.llm-tradeoffs .lt-cites a::after { content: attr(data-number); }
.llm-tradeoffs .lt-cites a + a::before { content: ","; }
.llm-tradeoffs .lt-notes, .llm-tradeoffs .lt-foot { color: var(--lt-soft); font-size: .9em; }
.llm-tradeoffs .lt-notes span { margin-right: .8em; }
@media (max-width: 40rem) {
  .llm-tradeoffs { font-size: 15px; }
  .llm-tradeoffs table.lt-table th, .llm-tradeoffs table.lt-table td { padding: .4em .55em; }
  .llm-tradeoffs table.lt-table td.lt-right { white-space: normal; }
  .llm-tradeoffs table.lt-table tr > :first-child { position: sticky; left: 0; z-index: 1; max-width: 38vw; }
}
@media print {
  .llm-tradeoffs { --lt-fg: #000; --lt-bg: #fff; --lt-accent: #000; color-scheme: light; }
  .llm-tradeoffs { font-size: 10pt; max-width: none; }
  .llm-tradeoffs .lt-scroll { overflow: visible; }
  .llm-tradeoffs table.lt-table td.lt-right { white-space: normal; }
  .llm-tradeoffs tr, .llm-tradeoffs li { break-inside: avoid; }
  .llm-tradeoffs thead { display: table-header-group; }
  .llm-tradeoffs .lt-head, .llm-tradeoffs caption { break-after: avoid; }
}
""".strip()

_PAGE_STYLE: Final = """
:root { color-scheme: light dark; }
body { margin: 0 auto; padding: 1rem; max-width: 66rem; background: #ffffff; color: #1b1f24; }
@media (prefers-color-scheme: dark) { body { background: #14171a; color: #e6e8eb; } }
@media print { body { background: #fff; color: #000; padding: 0; max-width: none; } }
""".strip()

_MARKS: Final = frozenset("*")
_VOID: Final = frozenset({"unknown", "not stated", "not known"})
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_URL_SAFE: Final = "!#$%&()*+,-./:;=?@[]_~"


def escaped(text: str) -> str:
    """*text* as HTML that shows it as it is, in an element or in a quoted attribute."""
    return html.escape(text, quote=True)


def safe_url(url: str | None) -> str | None:
    """
    *url* for a link, or None if it is no address of the web that may be followed unseen.

    >>> safe_url("https://example.org/a b")
    >>> safe_url("javascript:alert(1)")
    >>> safe_url('https://example.org/"onclick="x')
    'https://example.org/%22onclick=%22x'
    """
    if not url or not _WEB.match(url) or url != clean(url) or " " in url:
        return None
    try:
        place = urlsplit(url).netloc
    except ValueError:
        return None
    # "https://vendor.example@elsewhere.example" shows one name and leads to the other.
    if not place.strip("[]:.") or "@" in place or "\\" in place or "%" in place:
        return None
    return quote(url, safe=_URL_SAFE)


def document_html(document: Document, *, level: int = 3, style: bool = True) -> str:
    """
    A document as a piece of HTML, one ``div`` with its scoped style inside.

    Args:
        level: Of its title, as in ``<h3>``; headings within are one below. [1..5]
        style: Whether the style comes with it; a page of several pieces needs it once, see :func:`page`.
    """
    pieces = "\n".join(_blocks(document, level))
    # Footnotes are found by their ids, and a notebook has many answers on one page.
    anchor = f"lt-{hashlib.sha256(pieces.encode()).hexdigest()[:8]}"
    styled = f"<style>\n{STYLE}\n</style>\n" if style else ""
    # MathJax would take the dollars for mathematics.
    names = "llm-tradeoffs mathjax_ignore tex2jax_ignore"
    return f'<div class="{names}">\n{styled}{pieces.replace(_ANCHOR, anchor)}\n</div>'


_ANCHOR: Final = "\x00"
"""Stands for the answer's own name in its anchors until that is known; no cleaned text has it."""


def page(title: str, *fragments: str) -> str:
    """
    A whole page of fragments: readable offline, on a phone, in the dark and on paper.

    Args:
        title: Of the window.
        fragments: HTML, as :func:`document_html` gives it with ``style=False``.
    """
    body = "\n".join(fragments)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(clean(title))}</title>\n<style>\n{_PAGE_STYLE}\n{STYLE}\n</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _blocks(document: Document, level: int) -> Iterator[str]:
    numbers = document.numbers
    if document.title:
        yield f'<h{level} class="lt-title">{_text(document.title)}</h{level}>'
    for block in document.blocks:
        yield from _block(block, level + bool(document.title), numbers)


def _block(block: Block, level: int, numbers: Mapping[str, int]) -> Iterator[str]:
    match block:
        case Heading(text):
            yield f'<h{level} class="lt-head">{_text(text)}</h{level}>'
        case Paragraph(text, head):
            yield f"<p>{f'<b>{_text(head)}:</b> ' if head else ''}{_text(text)}</p>"
        case Listing(head, items):
            yield f"<p><b>{_text(head)}:</b></p>"
            yield "<ul>"
            yield from (f"<li>{_text(item)}</li>" for item in items)
            yield "</ul>"
        case Table():
            yield from _table(block, numbers)
        case References(entries):
            yield '<div class="lt-foot">'
            yield "<p><b>Sources:</b></p>"
            yield "<ol>"
            yield from (f'<li id="{_ANCHOR}-{numbers[entry.id]}">{_reference(entry)}</li>' for entry in entries)
            yield "</ol>"
            yield "</div>"


def _text(text: str) -> str:
    return escaped(text) if text.isascii() else f"<bdi>{escaped(text)}</bdi>"


def _reference(entry: Reference) -> str:
    url = safe_url(entry.url)
    title = _text(entry.text)
    if url is not None:
        title = f'<a href="{escaped(url)}" rel="noopener noreferrer">{title}</a>'
    elif entry.url:
        title += f", {_text(clean(entry.url))}"
    used = f"; {_text(entry.used_for)}" if entry.used_for else ""
    return f"{_text(entry.id)}: {title}{used}"


def _table(table: Table, numbers: Mapping[str, int]) -> Iterator[str]:
    # A wide table scrolls in a box of its own, which the keyboard can reach.
    yield f'<div class="lt-scroll" role="region" tabindex="0" aria-label="{escaped(table.caption)}">'
    yield '<table class="lt-table">'
    yield f"<caption><span>{_text(table.caption)}</span></caption>"
    cited = [
        any(name in numbers for row in table.rows for name in row[index].cites) for index in range(len(table.columns))
    ]
    heads = (_head(column, has) for column, has in zip(table.columns, cited, strict=True))
    yield f"<thead><tr>{''.join(heads)}</tr></thead>"
    yield "<tbody>"
    marks = {note[0]: note[1:].strip(" .") for note in table.notes if note[:1] in _MARKS}
    for row in table.rows:
        cells: list[str] = []
        for index, (cell, column) in enumerate(zip(row, table.columns, strict=True)):
            kinds = _kinds(cell, column)
            attributes = ' scope="row"' if index == 0 else ""
            attributes += f' class="{kinds}"' if kinds else ""
            name = "th" if index == 0 else "td"
            beside = _mark(cell, column, marks) + _cites(cell, numbers, has=cited[index])
            shown = _beside(cell.text, beside) if beside else _text(cell.text)
            cells.append(f"<{name}{attributes}>{shown}</{name}>")
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody>"
    yield "</table>"
    yield "</div>"
    if table.notes:
        yield f'<p class="lt-notes">{" ".join(f"<span>{_text(note)}</span>" for note in table.notes)}</p>'


def _head(column: Column, cited: bool) -> str:
    kinds = {
        "lt-right": column.align == "right",
        "lt-marks": column.marks and column.align == "right",
        "lt-cited": cited and column.align == "right",
    }
    chosen = " ".join(name for name, holds in kinds.items() if holds)
    attribute = f' class="{chosen}"' if chosen else ""
    # A table header without a name says nothing to who hears it: then the corner is no header.
    return f'<th scope="col"{attribute}>{_text(str(column))}</th>' if str(column) else f"<td{attribute}></td>"


def _kinds(cell: Cell, column: Column) -> str:
    kinds = {"lt-right": column.align == "right", "lt-best": bool(cell.mark), "lt-void": cell.text in _VOID}
    return " ".join(name for name, holds in kinds.items() if holds)


def _beside(text: str, beside: str) -> str:
    """What stands beside a number stays with the last word of it, wherever a narrow screen breaks the line."""
    before, space, last = text.rpartition(" ")
    return f'{_text(before)}{space}<span class="lt-last">{_text(last)}{beside}</span>'


def _mark(cell: Cell, column: Column, marks: Mapping[str, str]) -> str:
    if cell.mark:
        return f' <abbr class="lt-mark" title="{escaped(marks.get(cell.mark, ""))}">{escaped(cell.mark)}</abbr>'
    # The room of a mark is kept, so that the numbers stay below each other.
    return '<span class="lt-mark"></span>' if column.marks and column.align == "right" else ""


def _cites(cell: Cell, numbers: Mapping[str, int], *, has: bool) -> str:
    # The numbers of footnotes are set by the style: who copies the cell, or reads its text, gets the value alone.
    links = "".join(
        f'<a tabindex="-1" href="#{_ANCHOR}-{numbers[name]}" data-number="{numbers[name]}" '
        f'aria-label="source {numbers[name]}"></a>'
        for name in cell.cites
        if name in numbers
    )
    return f'<span class="lt-cites">{links}</span>' if has else ""
