"""
Which description belongs to which answer: the one place where answers and faces meet.

Nothing is imported but what the answer at hand needs.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import Any, Final

from llm_tradeoffs.errors import InvalidTypeError
from llm_tradeoffs.show.data import Dataset
from llm_tradeoffs.show.document import Document

__all__ = ["dataset_of", "document_of", "mimebundle", "plain_of"]

_FACES: Final = {
    "Comparison": ("_comparison", "comparison"),
    "Assessment": ("_answers", "assessment"),
    "Recommendation": ("_answers", "recommendation"),
    "Mix": ("_answers", "mix"),
    "Catalog": ("_facts", "catalog"),
    "Model": ("_facts", "model"),
    "Policy": ("_facts", "policy"),
    "Cost": ("_facts", "cost"),
    "WorkloadCost": ("_facts", "workload_cost"),
    "CallsCost": ("_facts", "calls"),
    "PriceExplanation": ("_facts", "prices"),
    "PriceDiff": ("_facts", "price_diff"),
    "AuditReport": ("_reports", "audit"),
    "LintReport": ("_reports", "lint"),
    "Flips": ("_changes", "flips"),
    "WhyNot": ("_changes", "why_not"),
    "BreakEven": ("_changes", "break_even"),
    "Sensitivity": ("_changes", "sensitivity"),
    "Information": ("_changes", "information"),
    "Pareto": ("_changes", "pareto"),
    "Diff": ("_changes", "diff"),
    "Replay": ("_changes", "replay"),
    "Plan": ("_plans", "plan"),
    "PatternComparison": ("_plans", "patterns"),
    "PatternAssessment": ("_plans", "pattern"),
}
"""For each class its module of ``show`` and how its functions begin there: ``<name>_document``, ``<name>_data``, and
``<name>_plain`` where the fields of the class would not do."""


def _function(value: object, what: str) -> Any:
    for kind in type(value).__mro__:
        if kind.__module__.startswith("llm_tradeoffs.") and kind.__qualname__ in _FACES:
            module, name = _FACES[kind.__qualname__]
            return getattr(import_module(f"llm_tradeoffs.show.{module}"), f"{name}_{what}", None)
    raise InvalidTypeError(
        f"there is nothing to show of {value!r} of type {type(value).__name__}. Known: {', '.join(_FACES)}."
    )


def document_of(value: object) -> Document:
    """What an answer says to a person."""
    made: Document = _function(value, "document")(value)
    return made


def dataset_of(value: object) -> Dataset:
    """What an answer says to a program, as rows."""
    made: Dataset = _function(value, "data")(value)
    return made


def plain_of(value: object) -> dict[str, Any]:
    """An answer in dicts, lists, strings, bools, ints and None."""
    function = _function(value, "plain")
    if function is None:
        from llm_tradeoffs._serial import to_plain

        function = to_plain
    plain: dict[str, Any] = function(value)
    return plain


def mimebundle(value: Any, include: Collection[str] | None, exclude: Collection[str] | None) -> dict[str, str]:
    """An answer for a notebook: text, HTML and Markdown, or those of them that it asks for."""
    made = {"text/plain": lambda: str(value), "text/html": value.to_html, "text/markdown": value.to_markdown}
    wanted = [name for name in made if (not include or name in include) and name not in (exclude or ())]
    return {name: made[name]() for name in wanted}
