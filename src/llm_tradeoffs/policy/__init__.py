"""Policies: decision trees that a person can read aloud, kept as data and asked of facts."""

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

__all__ = [
    "CRITERIA",
    "INPUTS",
    "OPERATORS",
    "Answer",
    "Condition",
    "Input",
    "Outcome",
    "Policy",
    "Question",
    "as_policy",
]
