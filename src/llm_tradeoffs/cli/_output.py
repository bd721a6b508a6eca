"""Answers on stdout, for people or programs; messages on stderr."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import attrs
import typer

from llm_tradeoffs.errors import InvalidValueError, UnknownNameError

if TYPE_CHECKING:
    from rich.console import Console

    from llm_tradeoffs.show.document import Document

__all__ = ["Output", "complain", "console", "print_json", "width_of", "without_colour"]

FORMATS: Final = ("text", "json", "markdown", "html", "csv")
_LEAST_WIDTH: Final = 20


def _complete_format(incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


@attrs.frozen(kw_only=True)
class Output:
    """In which form an answer is printed."""

    json: Annotated[
        bool, typer.Option("--json", help="Print JSON: exact numbers as strings.", rich_help_panel="Output")
    ] = False
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="|".join(FORMATS),
            help="Print it in this form.",
            show_default=False,
            autocompletion=_complete_format,
            rich_help_panel="Output",
        ),
    ] = None

    def print(self, answer: object, plain: Callable[[], object] | None = None) -> None:
        """
        Print *answer*.

        Args:
            answer: What the library answered, or a document.
            plain: Its plain form for JSON; None for its ``to_dict()``.
        """
        form = self._form
        if form == "json":
            given: Any = answer
            print_json(given.to_dict() if plain is None else plain())
        elif form == "csv":
            sys.stdout.write(_csv(answer, plain))
        else:
            from llm_tradeoffs.show.document import Document
            from llm_tradeoffs.show.faces import document_of

            print_document(answer if isinstance(answer, Document) else document_of(answer), form)

    @property
    def is_text(self) -> bool:
        """Whether a person reads it in a terminal."""
        return self._form == "text"

    @property
    def is_csv(self) -> bool:
        """Whether a spreadsheet reads it."""
        return self._form == "csv"

    @property
    def _form(self) -> str:
        if self.form is None:
            return "json" if self.json else "text"
        if self.form not in FORMATS:
            raise UnknownNameError("format", self.form, FORMATS)
        if self.json and self.form != "json":
            raise InvalidValueError(f"--json and --format {self.form} are two forms. Ask for one of them.")
        return self.form


def _csv(answer: object, plain: Callable[[], object] | None) -> str:
    """
    What an answer says to a spreadsheet.

    Raises:
        InvalidValueError: It is no table.
    """
    given: Any = answer
    if hasattr(given, "to_csv"):
        text: str = given.to_csv()
        return text
    rows: Any = None if plain is None else plain()
    if not isinstance(rows, list):
        raise InvalidValueError("this answer is no table, so there is no CSV of it. Use --json.")
    from llm_tradeoffs.show.data import Dataset, Field

    listed = cast("list[dict[str, object]]", rows)
    names = list(listed[0]) if listed else []
    return Dataset([Field(name, "text") for name in names], [map(_cell, row.values()) for row in listed]).csv()


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)


def print_json(plain: object) -> None:
    """Print plain types as JSON, in ASCII where the stream could not say the rest."""
    import json

    text = json.dumps(plain, indent=2, ensure_ascii=not _says_everything(sys.stdout.encoding))
    sys.stdout.write(f"{text}\n")


def _says_everything(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").startswith("utf")


def print_document(document: Document, form: str) -> None:
    """Print a document as ``text``, ``markdown`` or ``html``."""
    _say_what_can_be_said()
    if form == "markdown":
        from llm_tradeoffs.show.markdown import document_markdown

        sys.stdout.write(_ended(document_markdown(document)))
        return
    if form == "html":
        from llm_tradeoffs.show.html import document_html, page

        sys.stdout.write(_ended(page(document.title, document_html(document, style=False))))
        return
    from llm_tradeoffs.show.text import document_text, width

    room = width_of(sys.stdout)
    if room is None:
        text = document_text(document)
        if not _is_coloured(sys.stdout):
            sys.stdout.write(_ended(text))
            return
        # Into a pipe nothing is folded that the plain text does not fold.
        room = max(map(width, text.splitlines()), default=_LEAST_WIDTH)
    from llm_tradeoffs.show.terminal import rendered

    console(width=room).print(rendered(document))


def _say_what_can_be_said() -> None:
    """A stream that is not in Unicode gets a question mark for what it cannot say, and not an error."""
    stream: Any = sys.stdout
    if not _says_everything(stream.encoding) and isinstance(stream, io.TextIOWrapper):
        cast("Any", stream).reconfigure(errors="replace")


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


# What the user's terminal is like.


def width_of(stream: Any) -> int | None:
    """How many columns there are: as ``COLUMNS`` says, or the terminal; None into a pipe or file, which has no end."""
    stated = os.environ.get("COLUMNS", "")
    if stated.isascii() and stated.isdigit() and int(stated) > 0:
        return max(int(stated), _LEAST_WIDTH)
    if not stream.isatty():
        return None
    return max(shutil.get_terminal_size().columns, _LEAST_WIDTH)


def _is_coloured(stream: Any) -> bool:
    """See https://no-color.org and https://force-color.org: the first goes before the second."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def console(*, width: int | None = None, stderr: bool = False) -> Console:
    """A console of rich that prints texts as they are."""
    from rich.console import Console

    coloured = _is_coloured(sys.stderr if stderr else sys.stdout)
    return Console(
        stderr=stderr,
        width=width,
        force_terminal=True if coloured else None,
        color_system="auto" if coloured else None,
        highlight=False,
        markup=False,
        emoji=False,
    )


def complain(problem: object, code: int) -> int:
    """Say on stderr what went wrong; returns *code*."""
    words = str(problem)
    if isinstance(problem, OSError) and problem.filename is not None:
        words = f"{problem.filename}: {problem.strerror}"
    printer = console(stderr=True)
    printer.print("error:", style="bold red", end=" ")
    printer.print(words, soft_wrap=not sys.stderr.isatty())  # what is redirected keeps its lines
    return code


def without_colour() -> None:
    """Keep typer's own help and messages without colours where :func:`console` has none: rich alone keeps bold."""
    if os.environ.get("NO_COLOR"):
        from typer import rich_utils

        rich_utils.COLOR_SYSTEM = None
