"""The program: its name, its version, its verbs."""

from __future__ import annotations

from typing import Annotated

import typer

from llm_tradeoffs._version import __version__
from llm_tradeoffs.cli import _ask, _check, _facts, _later, _price, _reprice
from llm_tradeoffs.cli._output import without_colour
from llm_tradeoffs.cli._run import MARKUP

__all__ = ["app"]

app = typer.Typer(
    name="llm-tradeoffs",
    rich_markup_mode=MARKUP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 answered, 1 answered with no (each verb's help says when), 2 asked wrongly, 130 interrupted.",
)

for module in (_ask, _price, _reprice, _later, _check, _facts):
    app.add_typer(module.verbs)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"llm-tradeoffs {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version, and end.")
    ] = False,
) -> None:
    """Which LLM for this work? Exact costs, dated facts with sources, and a choice that says why."""


without_colour()
