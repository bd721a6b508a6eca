"""Policies: decision trees that a person can read aloud, kept as data and asked of facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llm_tradeoffs.policy._tree import (
    CRITERIA,
    INPUTS,
    OPERATORS,
    Answer,
    Condition,
    Input,
    Outcome,
    Policy,
    Question,
    as_policy,
)

if TYPE_CHECKING:
    from llm_tradeoffs.policy._lint import CODES, Finding, LintReport, Witness

__all__ = [
    "CODES",
    "CRITERIA",
    "INPUTS",
    "OPERATORS",
    "Answer",
    "Condition",
    "Finding",
    "Input",
    "LintReport",
    "Outcome",
    "Policy",
    "Question",
    "Witness",
    "as_policy",
]

_LINT = frozenset({"CODES", "Finding", "LintReport", "Witness"})


def __getattr__(name: str) -> Any:
    # Whoever only follows a policy need not load what looks for its defects.
    if name not in _LINT:
        raise AttributeError(f"module 'llm_tradeoffs.policy' has no attribute {name!r}")
    from llm_tradeoffs.policy import _lint

    value = globals()[name] = getattr(_lint, name)
    return value
