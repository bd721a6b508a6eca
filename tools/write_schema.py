"""
Write ``docs/schema/recommendation.schema.json``: the JSON Schema of a saved recommendation, from the types.

    python tools/write_schema.py

It describes what ``Recommendation.to_json`` writes. A reader of other languages needs nothing else; the
library itself reads with its types, and also says what no schema can: that the chosen model is a candidate.
"""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from llm_tradeoffs.facts import Citation, Source
from llm_tradeoffs.money import Exact, Usd
from llm_tradeoffs.ranges import Range
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
TABLES: dict[type, str] = {
    Candidate: "candidate",
    Caps: "caps",
    Citation: "citation",
    Figures: "figures",
    Source: "source",
    Step: "step",
    Workload: "workload",
}
WRITTEN_IF_STATED = {Workload}
"""Of a workload only that is written which was stated."""


def schema_of(kind: Any) -> dict[str, Any]:
    """What a value of a type looks like in JSON."""
    if kind in TABLES:
        return {"$ref": f"#/$defs/{TABLES[kind]}"}
    if kind is Range:
        return {"$ref": "#/$defs/range"}
    # int | Fraction is one type, an exact number, and int | Fraction | None one that may be unknown.
    if kind in {Usd, Fraction} or kind == Exact:
        return {"$ref": "#/$defs/exact"}
    if kind == Exact | None:
        return {"anyOf": [{"$ref": "#/$defs/exact"}, {"type": "null"}]}
    plain = {str: "string", int: "integer", bool: "boolean", NoneType: "null"}
    if kind in plain:
        return {"type": plain[kind]}
    if kind is date:
        return {"$ref": "#/$defs/day"}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
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
    return {field.name: schema_of(hints[field.name]) for field in attrs.fields(kind) if not field.name.startswith("_")}


def table(kind: type) -> dict[str, Any]:
    """The schema of a class with fields."""
    optional = kind in WRITTEN_IF_STATED
    return {
        "description": (kind.__doc__ or "").strip().splitlines()[0],
        "type": "object",
        "properties": properties(kind),
        "required": [
            field.name
            for field in attrs.fields(kind)
            if not field.name.startswith("_") and not (optional and field.default is not attrs.NOTHING)
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
            "schema_version": version,
        },
        "required": [name for part in parts for name in part["required"]],
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
            "range": RANGE,
            **{name: table(kind) for kind, name in TABLES.items()},
        },
    }


def text() -> str:
    """What stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), encoding="utf-8", newline="\n")
