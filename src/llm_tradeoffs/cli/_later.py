"""A saved answer asked again on other facts, and two answers held against each other."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
import typer

from llm_tradeoffs.cli import _complete
from llm_tradeoffs.cli._options import Facts, rules_of
from llm_tradeoffs.cli._output import Output
from llm_tradeoffs.cli._run import NO, OK, verb

if TYPE_CHECKING:
    from llm_tradeoffs.recommendation import Recommendation

__all__ = ["saved", "verbs"]

PANEL = "What changed"

verbs = typer.Typer()

_SAVED = "As `recommend --json` printed it; - for stdin."


def saved(path: str) -> Recommendation:
    """
    An answer that ``recommend --json`` printed.

    Raises:
        InvalidValueError, SchemaVersionError: It is none.
        OSError: The file cannot be read.
    """
    from llm_tradeoffs.recommendation import Recommendation

    return Recommendation.from_json(sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes())


@verb(
    verbs,
    "replay",
    panel=PANEL,
    examples=["replay answer.json", "replay answer.json --catalog catalog-of-today --as-of 2026-11-22"],
)
def replay(
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help=_SAVED, show_default=False)],
    facts: Facts,
    output: Output,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY|FILE",
            help="Other rules. (Default: those of the answer.)",
            show_default=False,
            autocompletion=_complete.policies,
        ),
    ] = None,
) -> int:
    """
    Ask the same question again: what changed, and which fact did it.

    Ends with 1 if the choice is another one.
    """
    from llm_tradeoffs.replay import replay as ask

    # The trust order is that of the answer, if none is stated: replay() takes it itself.
    held = attrs.evolve(facts, trust=None).held()
    found = ask(
        saved(answer),
        held,
        as_of=facts.as_of,
        trust=facts.trust or None,
        policy=None if policy is None else rules_of(policy, held),
    )
    output.print(found, lambda: {"same_choice": found.same_choice, "because": found.because, **found.to_dict()})
    return OK if found.same_choice else NO


@verb(verbs, "diff", panel=PANEL, examples=["diff march.json november.json"])
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help=_SAVED, show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help=_SAVED, show_default=False)],
    output: Output,
) -> int:
    """
    Everything in which two saved answers differ.

    Ends with 1 if they do.
    """
    from llm_tradeoffs.replay import diff as ask

    found = ask(saved(old), saved(new))
    output.print(found)
    return NO if found else OK
