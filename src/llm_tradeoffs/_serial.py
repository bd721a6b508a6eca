"""Plain types from values and back, exactly: what JSON would round is written as a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from types import GenericAlias
from typing import Any, Final, TypeVar, cast, get_args, get_origin

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.v import format_exception

from llm_tradeoffs._premises_form import register_premises
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, SchemaVersionError, TradeoffsError
from llm_tradeoffs.money import Exact, Usd, exact, exact_text, plain
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.recommendation import Grounds, Recommendation, Robustness
from llm_tradeoffs.replay import Premises
from llm_tradeoffs.workload import Workload

T = TypeVar("T")


def _make_converter() -> Converter:
    made = Converter(forbid_extra_keys=True)
    made.register_unstructure_hook(Usd, lambda amount: exact_text(plain(amount.as_fraction())))
    made.register_unstructure_hook(Range, _range_out)
    made.register_unstructure_hook(date, date.isoformat)
    made.register_unstructure_hook(frozenset, sorted)
    made.register_unstructure_hook_func(lambda kind: kind == frozenset[str], sorted)
    made.register_unstructure_hook_func(_is_exact, lambda value: None if value is None else exact_text(value))
    for kind in (str, int, bool):
        made.register_structure_hook(kind, _only(kind))
    made.register_structure_hook(Usd, lambda text, _: Usd(_text(text)))
    made.register_structure_hook(Range, _range_in)
    made.register_structure_hook(date, lambda text, _: date.fromisoformat(_text(text)))
    made.register_structure_hook_func(
        _is_exact, lambda text, _: None if text is None else exact(_text(text), "a number")
    )
    # A whole number, too, where a fraction is declared: what is divided by another one is not a float.
    made.register_structure_hook(Fraction, lambda text, _: Fraction(exact(_text(text), "a number")))
    made.register_structure_hook_func(_is_generic(tuple), lambda value, kind: _listed(made, value, kind))
    made.register_structure_hook_func(_is_generic(frozenset), lambda value, kind: frozenset(_listed(made, value, kind)))
    # A workload's converters take what users write; its fields are declared as what they hold.
    made.register_structure_hook(Workload, make_dict_structure_fn(Workload, made, _cattrs_forbid_extra_keys=True))
    made.register_unstructure_hook(
        Workload,
        make_dict_unstructure_fn(
            Workload, made, _cattrs_omit_if_default=True, input_tokens=override(omit_if_default=False)
        ),
    )
    _register_recommendation(made)
    return made


def _register_recommendation(made: Converter) -> None:
    """A recommendation is flat: what it rests on stands beside the answer, not under keys of its own."""
    register_premises(made)
    parts: dict[str, type] = {"grounds": Grounds, "robustness": Robustness}
    place = {field.name: part for part, kind in parts.items() for field in attrs.fields(kind)}
    lazy: dict[str, Any] = {f"_{part}": override(omit=True) for part in (*parts, "made_from")}
    head_out = make_dict_unstructure_fn(Recommendation, made, **lazy)
    lazy["_grounds"] = override(rename="grounds", struct_hook=lambda value, _: made.structure(value, Grounds))
    lazy["_robustness"] = override(rename="robustness", struct_hook=lambda value, _: made.structure(value, Robustness))
    lazy["_made_from"] = override(rename="premises", struct_hook=lambda value, _: made.structure(value, Premises))
    head_in = make_dict_structure_fn(Recommendation, made, _cattrs_forbid_extra_keys=True, **lazy)

    def structure(value: Mapping[str, Any], kind: Any) -> Recommendation:
        head: dict[str, Any] = {part: {} for part in parts}
        for name, written in value.items():
            (head[place[name]] if name in place else head)[name] = written
        made_from: Recommendation = head_in(head, kind)
        return made_from

    def unstructure(value: Recommendation) -> dict[str, Any]:
        return {
            **head_out(value),
            **made.unstructure(value.robustness),
            **made.unstructure(value.grounds),
            "premises": made.unstructure(value.premises),
        }

    made.register_unstructure_hook(Recommendation, unstructure)
    made.register_structure_hook(Recommendation, structure)


def _is_generic(origin: type) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) is origin


def _listed(made: Converter, value: object, kind: Any) -> tuple[Any, ...]:
    """A JSON list as a tuple; a text or an object would be taken apart into letters or keys."""
    if type(value) is not list:
        raise InvalidTypeError(f"expected a list, got {value!r}")
    as_list: Any = GenericAlias(list, get_args(kind)[:1])
    return tuple(made.structure(value, as_list))


def _is_exact(kind: Any) -> bool:
    return kind == Exact or kind == Exact | None or kind is Fraction


def _only(kind: type) -> Any:
    def structure(value: object, _: object) -> object:
        if type(value) is not kind:
            raise InvalidTypeError(f"expected {kind.__name__}, got {value!r}")
        return value

    return structure


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidTypeError(f"expected a number or date as text, got {value!r}; a JSON number may have been rounded")
    return value


def _range_out(value: Range) -> dict[str, str | None]:
    return {"low": exact_text(value.low), "high": exact_text(value.high), "unit": value.unit}


def _range_in(value: object, _: object) -> Range:
    ends = dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else {}
    if set(ends) != {"low", "high", "unit"}:
        raise InvalidTypeError(f"expected a range with low, high and unit, got {value!r}")
    return Range(_text(ends["low"]), _text(ends["high"]), ends["unit"])


_CONVERTER = _make_converter()


def to_plain(value: object) -> Any:
    """*value* in dicts, lists, strings, bools, ints and None."""
    return _CONVERTER.unstructure(value)


def from_plain(data: object, kind: type[T], schema_version: int) -> T:
    """
    The value that :func:`to_plain` gave.

    Raises:
        SchemaVersionError: *data* has another ``schema_version``.
        InvalidValueError: *data* has another shape; every fault with its place.
    """
    if not isinstance(data, Mapping):
        raise InvalidTypeError(f"expected the dict of a {kind.__name__}, got {data!r}.")
    found = cast("Mapping[str, object]", data).get("schema_version")
    if found != schema_version:
        raise SchemaVersionError(
            f"this {kind.__name__} has schema version {found!r}; this release reads version {schema_version}. "
            "Read it with the release that wrote it (see its library_version)."
        )
    try:
        return _CONVERTER.structure(data, kind)
    except Exception as problem:
        found = transform_error(problem, path=kind.__name__, format_exception=_worded)
        faults = "\n".join(f"  - {_as_written(line)}" for line in found)
        raise InvalidValueError(f"this is no {kind.__name__}; nothing was read:\n{faults}") from None


_AS_WRITTEN: Final = {
    "._grounds": "",
    "._robustness": "",
    "._made_from": ".premises",
    "._problem": ".problem",
    "._other": ".other",
}
"""Places in a value that are called otherwise in its written form."""


def _as_written(line: str) -> str:
    for name, written in _AS_WRITTEN.items():
        line = line.replace(name, written)
    return line


def _worded(problem: BaseException, kind: type | None) -> str:
    if isinstance(problem, TradeoffsError):
        return str(problem)
    if isinstance(problem, ForbiddenExtraKeysError):
        return f"unknown key: {', '.join(sorted(problem.extra_fields))}"
    if isinstance(problem, AttributeError):  # of what has no keys
        return "expected an object with named values"
    return format_exception(problem, kind)
