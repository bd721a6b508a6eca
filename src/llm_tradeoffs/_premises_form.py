"""The premises of an answer in plain types: the policy as its file words it, models with their prices and sources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from fractions import Fraction
from typing import Any, Final, cast

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from llm_tradeoffs.catalog import Benchmark, Task
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.facts import CALLER, Fact, Source
from llm_tradeoffs.model import FACT_FIELDS, Model, TokenRatio
from llm_tradeoffs.money import exact, exact_text
from llm_tradeoffs.policy import Condition, Outcome, Policy, Question
from llm_tradeoffs.policy._tree import condition_from
from llm_tradeoffs.rates import Multiplier, Price, RateCard, TimeWindow
from llm_tradeoffs.replay import Premises

__all__ = ["Origin", "SavedModel", "SavedPremises", "register_premises"]

_NUMBERS: Final = ("above", "at_least", "below", "at_most")


@attrs.frozen(kw_only=True)
class Origin:
    """
    Who stated a fact, where and since when.

    Attributes:
        source: The source's id; see ``Premises.sources``.
        place, note, effective_from, effective_until: As in :class:`llm_tradeoffs.Fact`.
    """

    source: str
    place: str = ""
    note: str | None = None
    effective_from: date | None = None
    effective_until: date | None = None


@attrs.frozen(kw_only=True)
class SavedModel:
    """
    A model as it is written: what is stated of it, and by whom.

    Attributes:
        facts: The model without its prices; only what is known.
        prices, multipliers: Its rate card.
        stated_by: For each fact who states it; what is not listed was given by the caller.
    """

    facts: Model
    prices: tuple[Price, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    stated_by: Mapping[str, Origin] = attrs.field(factory=dict[str, Origin])


@attrs.frozen(kw_only=True)
class SavedPremises:
    """
    What an answer follows from, as it is written.

    Attributes:
        policy, by_hand, task, benchmark: As in :class:`llm_tradeoffs.replay.Premises`.
        models, counted_through: As there, as they are written.
        sources: Every source that is named in them.
    """

    policy: Policy
    models: tuple[SavedModel, ...]
    by_hand: tuple[str, ...]
    counted_through: tuple[SavedModel, ...]
    task: Task | None
    benchmark: Benchmark | None
    sources: tuple[Source, ...]


def register_premises(made: Converter) -> None:
    """Teach a converter that knows exact numbers and lists how premises are written."""
    made.register_unstructure_hook(time, lambda clock: clock.isoformat())
    made.register_structure_hook(time, lambda text, _: time.fromisoformat(_text(text, "a time of day")))
    made.register_unstructure_hook(Condition, _condition_out)
    made.register_structure_hook(Condition, lambda value, _: _condition_in(value))
    for kind in (Outcome, Question, TimeWindow, TokenRatio, Origin):
        _register(made, kind)
    # The facts about a benchmark itself decide nothing. A pair would stay a tuple, which JSON has not.
    as_list = override(unstruct_hook=lambda pair: None if pair is None else list(pair))
    _register(made, Benchmark, facts=override(omit=True), scale=as_list)
    for row in (Price, Multiplier):
        by_id = override(unstruct_hook=lambda source: source.id, struct_hook=lambda text, _: _named(text))
        _register(made, row, source=by_id)
    _register(made, Model, rates=override(omit=True), _sources=override(omit=True))
    _register(made, SavedModel)
    _register(made, SavedPremises)
    made.register_unstructure_hook(Premises, lambda premises: made.unstructure(_saved(premises)))
    made.register_structure_hook(Premises, lambda value, _: _read(made.structure(value, SavedPremises)))


def _register(made: Converter, kind: type[Any], **overrides: Any) -> None:
    """What is stated is written, and nothing else."""
    made.register_unstructure_hook(
        kind, make_dict_unstructure_fn(kind, made, _cattrs_omit_if_default=True, **overrides)
    )
    made.register_structure_hook(kind, make_dict_structure_fn(kind, made, _cattrs_forbid_extra_keys=True, **overrides))


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise InvalidTypeError(f"expected {what} as text, got {value!r}")
    return value


# Conditions, as in a policy file.


def _condition_out(condition: Condition) -> dict[str, Any]:
    if condition.kind == "test":
        operand = condition.operand
        if isinstance(operand, int | Fraction) and not isinstance(operand, bool):
            operand = exact_text(operand)
        return {"input": condition.input, condition.operator: operand}
    parts = [_condition_out(part) for part in condition.parts]
    return {condition.kind: parts[0] if condition.kind == "not" else parts}


def _condition_in(value: object) -> Condition:
    problems: list[str] = []
    found = condition_from(_with_numbers(value), "when", lambda place, words: problems.append(f"{words} ({place})"))
    if problems:
        raise InvalidValueError("; ".join(problems))
    return found


def _with_numbers(value: object) -> object:
    """The same with exact numbers for their texts."""
    if isinstance(value, list):
        return [_with_numbers(part) for part in cast("list[object]", value)]
    if not isinstance(value, Mapping):
        return value
    table = cast("Mapping[str, object]", value)
    return {
        key: exact(_text(held, "a number"), "an operand")
        if key in _NUMBERS
        else _with_numbers(held)
        if key in {"all", "any", "not"}
        else held
        for key, held in table.items()
    }


# Models.


def _saved(premises: Premises) -> SavedPremises:
    return SavedPremises(
        policy=premises.policy,
        models=tuple(map(_saved_model, premises.models)),
        by_hand=premises.by_hand,
        counted_through=tuple(map(_saved_model, premises.counted_through)),
        task=premises.task,
        benchmark=premises.benchmark,
        sources=tuple(source for _, source in sorted(premises.sources.items())),
    )


def _saved_model(model: Model) -> SavedModel:
    stated = {
        field: Origin(
            source=fact.source.id,
            place=fact.place,
            note=fact.note,
            effective_from=fact.effective_from,
            effective_until=fact.effective_until,
        )
        for field, fact in model.sources.items()
        if field in FACT_FIELDS or (field.startswith("scores.") and model.score(field.removeprefix("scores.")))
    }
    said = {field: origin for field, origin in stated.items() if origin != _BY_CALLER}
    return SavedModel(facts=model, prices=model.rates.prices, multipliers=model.rates.multipliers, stated_by=said)


_BY_CALLER: Final = Origin(source=CALLER.id)


def _named(text: object) -> Source:
    """A source of which only the id is known yet."""
    return Source(id=_text(text, "the id of a source"), title="", kind="")


def _read(saved: SavedPremises) -> Premises:
    sources = {source.id: source for source in saved.sources}
    return Premises(
        policy=saved.policy,
        models=tuple(_model(each, sources) for each in saved.models),
        by_hand=saved.by_hand,
        counted_through=tuple(_model(each, sources) for each in saved.counted_through),
        task=saved.task,
        benchmark=saved.benchmark,
    )


def _model(saved: SavedModel, sources: Mapping[str, Source]) -> Model:
    model = saved.facts
    stated: dict[str, Fact] = {}
    for field, origin in saved.stated_by.items():
        value = model.score(field.removeprefix("scores.")) if field.startswith("scores.") else None
        value = getattr(model, field) if field in FACT_FIELDS else value
        if value is None:
            raise InvalidValueError(f"{model.id} has no {field}, and the source {origin.source!r} is said to state it")
        stated[field] = Fact(
            subject=model.id,
            field=field,
            value=value,
            source=_source(origin.source, sources),
            place=origin.place,
            note=origin.note,
            effective_from=origin.effective_from,
            effective_until=origin.effective_until,
        )
    card = RateCard(
        [attrs.evolve(row, source=_source(row.source.id, sources)) for row in saved.prices],
        [attrs.evolve(row, source=_source(row.source.id, sources)) for row in saved.multipliers],
    )
    return attrs.evolve(model, usd_per_mtok=card, sources=stated)


def _source(name: str, sources: Mapping[str, Source]) -> Source:
    found = sources.get(name)
    if found is None:
        raise InvalidValueError(
            f"the source {name!r} is named and not described; known: {', '.join(sources) or 'none'}"
        )
    return found
