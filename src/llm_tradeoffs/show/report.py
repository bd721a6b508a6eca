"""
An answer as one file to keep, to send or to print.

A page holds everything: tables, charts as drawings inside it, reasons, what would change the answer, sources. It
loads nothing and runs nothing.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError, TradeoffsError
from llm_tradeoffs.show.document import Document, Paragraph
from llm_tradeoffs.show.faces import document_of
from llm_tradeoffs.show.html import document_html, escaped, page
from llm_tradeoffs.show.markdown import document_markdown

if TYPE_CHECKING:
    from llm_tradeoffs._shown import Shown
    from llm_tradeoffs.comparison import Comparison
    from llm_tradeoffs.recommendation import Recommendation

__all__ = ["Figure", "parts_of", "save"]


@attrs.frozen
class Figure:
    """
    A chart within a report.

    Attributes:
        finding: What there is to see in it, for those who do not see it.
        svg: The drawing.
    """

    finding: str
    svg: str


def save(answer: Shown, path: str | os.PathLike[str]) -> Path:
    """
    Writes *answer* to a file: ``.html`` for people, ``.md`` for a wiki, ``.json`` for programs.

    The file is there whole or not at all; one of that name is replaced.

    Raises:
        InvalidTypeError, InvalidValueError: *path* is none, or ends otherwise.
        OSError: The file cannot be written.
    """
    if not isinstance(path, str | os.PathLike):
        raise InvalidTypeError(f"the path is {path!r}; expected a str or a Path, such as 'report.html'.")
    file = Path(path)
    write = _WRITERS.get(file.suffix.casefold())
    if write is None:
        known = ", ".join(_WRITERS)
        raise InvalidValueError(f"the report is to go to {os.fspath(path)!r}; the name must end in one of {known}.")
    text = write(answer)
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        Path(beside).chmod(0o666 & ~_umask())
        Path(beside).replace(file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return file


def _umask() -> int:
    """What new files may not be; the system tells only in exchange for a new value."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


# ---------------------------------------------------------------- what a report holds


def parts_of(answer: Shown, *, charts: bool = True) -> Iterator[Document | Figure]:
    """What a report on *answer* says, in the order of reading: the answer, then what it rests on."""
    from llm_tradeoffs.comparison import Comparison
    from llm_tradeoffs.recommendation import Recommendation

    yield document_of(answer)
    if isinstance(answer, Recommendation):
        yield from _behind(answer, charts=charts)
    if isinstance(answer, Comparison) and charts:
        yield from _charts(answer)


def _behind(answer: Recommendation, *, charts: bool) -> Iterator[Document | Figure]:
    """What would change a recommendation, and the table that it was made from."""
    try:
        flips, comparison = answer.flips(), answer.comparison()
    except TradeoffsError as problem:
        yield Document("What would change the choice", [Paragraph(str(problem), "Not told here")])
        return
    yield document_of(flips)
    if charts:
        yield from _charts(comparison)
    yield document_of(comparison)


def _charts(comparison: Comparison) -> Iterator[Document | Figure]:
    plots = comparison.plot
    draws: list[Callable[[], Any]] = [
        plots.cost_vs_volume,
        plots.cost_breakdown,
        plots.cost_vs_quality,
        plots.latency,
    ]
    if len([each for each in comparison if each.cost is not None]) > 1:
        draws.append(plots.cheapest_by_tokens)
    if comparison.workload.turns > 1:
        draws.append(plots.cost_by_turn)
    left_out: list[str] = []
    for draw in draws:
        try:
            yield figure(draw())
        except MissingExtraError as problem:
            yield Document("Charts", [Paragraph(str(problem), "Not drawn")])
            return
        except InvalidValueError as problem:  # what is unknown for all of them has no chart
            left_out.append(str(problem))
    if left_out:
        yield Document("", [Paragraph(" ".join(left_out), "Not drawn")])


def figure(chart: Any) -> Figure:
    """
    A chart as a drawing.

    Raises:
        MissingExtraError: ``vl-convert-python`` is not installed.
    """
    try:
        vlc: Any = import_module("vl_convert")
    except ImportError:
        raise MissingExtraError("vl-convert-python", "plot", "drawing a chart into a report") from None
    described: dict[str, Any] = chart.to_dict()
    svg: str = vlc.vegalite_to_svg(described)
    return Figure(" ".join(described["title"]["text"]), svg)


# ---------------------------------------------------------------- the three forms


def _html(answer: Shown) -> str:
    pieces: list[str] = []
    title = ""
    for number, part in enumerate(parts_of(answer)):
        if isinstance(part, Document):
            # Where a document has no title, its table's caption says what it is about.
            head = part.title or ("" if number else next((table.caption for table in part.tables), "llm_tradeoffs"))
            title = title or head
            pieces.append(document_html(attrs.evolve(part, title=head), level=1 if not number else 2, style=False))
        else:
            pieces.append(_figure_html(part, number))
    return page(title, *pieces)


def _figure_html(part: Figure, number: int) -> str:
    # Drawings name their gradients and clips; two of them on one page must not share a name.
    svg = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>figure-{number}-", part.svg)
    # The reader's font may be wider than the one that the drawing was measured with: white room on the right.
    if size := re.search(r' width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [\d.]+ [\d.]+"><rect width="[\d.]+"', svg):
        wide, high = round(float(size[1]) * _ROOM), size[2]
        framed = f' width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"><rect width="{wide}"'
        svg = svg.replace(size[0], framed, 1)
    # A phone shows it as large as can be read, and the rest by swiping; paper shows all of it.
    shown = f'role="img" aria-label="{escaped(part.finding)}" style="max-width:100%;min-width:36rem;height:auto"'
    svg = svg.replace("<svg ", f"<svg {shown} ", 1)
    return (
        f'<figure class="llm-tradeoffs" tabindex="0" aria-label="{escaped(part.finding)}" '
        f'style="margin:1.5rem 0;overflow-x:auto;break-inside:avoid">\n{svg}\n</figure>'
    )


def _markdown(answer: Shown) -> str:
    documents = (part for part in parts_of(answer, charts=False) if isinstance(part, Document))
    return (
        "\n\n".join(document_markdown(part, level=1 if not number else 2) for number, part in enumerate(documents))
        + "\n"
    )


def _json(answer: Shown) -> str:
    return json.dumps(answer.to_dict(), indent=2, ensure_ascii=False) + "\n"


_ROOM: Final = 1.06
"""How much wider than drawn a chart is shown."""

_WRITERS: Final[dict[str, Callable[[Shown], str]]] = {".html": _html, ".md": _markdown, ".json": _json}
