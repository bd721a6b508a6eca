"""
Write ``docs/schema/recommendation.schema.json``: the JSON Schema of a saved recommendation, from the types.

    python tools/write_schema.py

It describes what ``Recommendation.to_json`` writes. A reader of other languages needs nothing else; the
library itself reads with its types, and also says what no schema can: that the chosen model is a candidate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from llm_tradeoffs._premises_form import Origin, SavedModel, SavedPremises
from llm_tradeoffs.catalog import Benchmark, Task
from llm_tradeoffs.facts import Citation, Source
from llm_tradeoffs.model import Model, Score, TokenRatio
from llm_tradeoffs.money import Exact, Usd
from llm_tradeoffs.policy import INPUTS, OPERATORS, Condition, Outcome, Policy, Question
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import Multiplier, Price, TimeWindow
from llm_tradeoffs.recommendation import (
    SCHEMA_VERSION,
    Candidate,
    Caps,
    Figures,
    Grounds,
    Recommendation,
    Robustness,
    Step,
)
from llm_tradeoffs.workload import Workload

PATH = Path(__file__).parents[1] / "docs" / "schema" / "recommendation.schema.json"

EXACT = {
    "description": "An exact number: all its digits, or a ratio where the decimals never end.",
    "type": "string",
    "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9]|/[1-9][0-9]*)?$",
}
DAY = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
RANGE = {
    "description": "A closed interval; a single value has equal ends.",
    "type": "object",
    "properties": {
        "low": {"$ref": "#/$defs/exact"},
        "high": {"$ref": "#/$defs/exact"},
        "unit": {"type": ["string", "null"]},
    },
    "required": ["low", "high", "unit"],
    "additionalProperties": False,
}
CLOCK = {"description": "A time of day.", "type": "string", "pattern": r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?$"}
FORMS: dict[type, str] = {Condition: "condition", Range: "range", date: "day", time: "clock"}
"""Types with a form of their own."""
TABLES: dict[type, str] = {
    Benchmark: "benchmark",
    Candidate: "candidate",
    Caps: "caps",
    Citation: "citation",
    Figures: "figures",
    Model: "model_facts",
    Multiplier: "multiplier",
    Origin: "origin",
    Outcome: "outcome",
    Policy: "policy",
    Price: "price",
    Question: "question",
    SavedModel: "model",
    SavedPremises: "premises",
    Score: "score",
    Source: "source",
    Step: "step",
    Task: "task",
    TimeWindow: "time_window",
    TokenRatio: "token_ratio",
    Workload: "workload",
}
WRITTEN_IF_STATED = {
    Benchmark,
    Model,
    Multiplier,
    Origin,
    Outcome,
    Price,
    Question,
    SavedModel,
    TimeWindow,
    TokenRatio,
    Workload,
}
"""Of these only that is written which was stated."""
ELSEWHERE = {(Benchmark, "facts"), (Model, "rates")}
"""Fields that are not written, or not there."""
BY_ID = {(Price, "source"), (Multiplier, "source")}
"""Fields that hold a source, of which only the id is written."""


def schema_of(kind: Any) -> dict[str, Any]:
    """What a value of a type looks like in JSON."""
    named = TABLES.get(kind) or FORMS.get(kind)
    if named is not None:
        return {"$ref": f"#/$defs/{named}"}
    # int | Fraction is one type, an exact number, and int | Fraction | None one that may be unknown.
    if kind in {Usd, Fraction} or kind == Exact:
        return {"$ref": "#/$defs/exact"}
    if kind == Exact | None:
        return {"anyOf": [{"$ref": "#/$defs/exact"}, {"type": "null"}]}
    plain = {str: "string", int: "integer", bool: "boolean", NoneType: "null"}
    if kind in plain:
        return {"type": plain[kind]}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is frozenset:
        return {"type": "array", "items": schema_of(arguments[0]), "uniqueItems": True}
    if origin in {Union, UnionType}:
        return {"anyOf": [schema_of(each) for each in arguments]}
    raise TypeError(f"{kind!r} has no form in JSON here; add it to schema_of()")


def properties(kind: type) -> dict[str, Any]:
    """The fields of a class as they are written, each with its schema."""
    hints = get_type_hints(kind)
    return {
        name: {"type": "string"} if (kind, name) in BY_ID else schema_of(hints[name])
        for field in attrs.fields(kind)
        if not (name := field.name).startswith("_") and (kind, name) not in ELSEWHERE
    }


def condition() -> dict[str, Any]:
    """A condition of a policy: one comparison, or several under ``all``, ``any`` or ``not``."""
    operand: dict[str, dict[str, Any]] = {"stated": {"type": "boolean"}}
    operand |= {name: {"$ref": "#/$defs/exact"} for name in OPERATORS["number"] if name != "stated"}
    tests: list[dict[str, Any]] = []
    for kind, operators in OPERATORS.items():
        inputs = {"enum": [name for name, described in INPUTS.items() if described.kind == kind]}
        tests += [_table({"input": inputs, name: operand.get(name, {"type": "string"})}) for name in operators]
    itself = {"$ref": "#/$defs/condition"}
    several = {"type": "array", "items": itself, "minItems": 1}
    joined = [_table({"all": several}), _table({"any": several}), _table({"not": itself})]
    return {"description": "A condition on a workload, as in a policy file.", "oneOf": [*joined, *tests]}


def _table(keys: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def table(kind: type) -> dict[str, Any]:
    """The schema of a class with fields."""
    optional = kind in WRITTEN_IF_STATED
    written = properties(kind)
    return {
        "description": (kind.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "properties": written,
        "required": [
            field.name
            for field in attrs.fields(kind)
            if field.name in written and not (optional and field.default is not attrs.NOTHING)
        ],
        "additionalProperties": False,
    }


def schema() -> dict[str, Any]:
    """The schema of a whole recommendation."""
    parts = [table(part) for part in (Recommendation, Robustness, Grounds)]
    version = {"const": SCHEMA_VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:llm-tradeoffs:recommendation:{SCHEMA_VERSION}",
        "title": "Recommendation",
        **parts[0],
        "properties": {
            **{name: held for part in parts for name, held in part["properties"].items()},
            "premises": schema_of(SavedPremises),
            "schema_version": version,
        },
        "required": [*(name for part in parts for name in part["required"]), "premises"],
        "allOf": [
            {
                "if": {"properties": {"status": {"const": "selected"}}},
                "then": {"properties": {"chosen": {"type": "string"}, "candidates": {"minItems": 1}}},
                "else": {"properties": {"chosen": {"type": "null"}}},
            },
            {
                "if": {"properties": {"status": {"const": "tie"}}},
                "then": {"properties": {"tied": {"minItems": 1}, "candidates": {"minItems": 1}}},
                "else": {"properties": {"tied": {"maxItems": 0}}},
            },
        ],
        "$defs": {
            "exact": EXACT,
            "day": DAY,
            "clock": CLOCK,
            "range": RANGE,
            "condition": condition(),
            **{name: table(kind) for kind, name in TABLES.items()},
        },
    }


def text() -> str:
    """What stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), encoding="utf-8", newline="\n")
