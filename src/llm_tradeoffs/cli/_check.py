"""Whether what somebody says holds: claims recomputed, rules checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llm_tradeoffs.cli import _complete
from llm_tradeoffs.cli._options import Candidates, Facts, is_file, rules_of
from llm_tradeoffs.cli._output import Output
from llm_tradeoffs.cli._run import NO, OK, verb

__all__ = ["verbs"]

PANEL = "What holds"

verbs = typer.Typer()

_FAILED = ("wrong", "inconsistent", "contradicted")


@verb(
    verbs,
    "audit",
    panel=PANEL,
    examples=["audit article", "audit claims.toml --json", "audit article --format markdown > article-checked.md"],
)
def audit(
    claims: Annotated[
        str,
        typer.Argument(
            metavar="CLAIMS|FILE",
            help="A claims file of the catalog by its id, or a TOML file.",
            show_default=False,
            autocompletion=_complete.claims,
        ),
    ],
    facts: Facts,
    output: Output,
) -> int:
    """
    Recompute every claim of a text, and say which hold.

    Ends with 1 if a claim is wrong, inconsistent or contradicted.
    """
    from llm_tradeoffs.claims import audit as ask

    found = ask(Path(claims) if is_file(claims) else claims, facts.held(), as_of=facts.as_of)
    output.print(found)
    return NO if found.by_verdict(*_FAILED) else OK


@verb(verbs, "lint", panel=PANEL, examples=["lint article", "lint my-policy.toml --all-models"])
def lint(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY|FILE",
            help="A policy by its id, or a TOML file.",
            show_default=False,
            autocompletion=_complete.policies,
        ),
    ],
    candidates: Candidates,
    facts: Facts,
    output: Output,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 for warnings, too.")] = False,
) -> int:
    """
    What is wrong with the rules of a policy, each finding with a workload that shows it.

    Ends with 1 if something is wrong as it stands; a warning may be meant.
    """
    held = facts.held()
    found = rules_of(policy, held).lint(held, candidates.among(held, facts.as_of), facts.as_of)
    output.print(found)
    return NO if any(strict or finding.severity == "error" for finding in found) else OK
