"""Which fact changed a choice: one after the other is put back to what it was, and the decision is taken again."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, cast

import attrs

from llm_tradeoffs._decide import Decision, decide
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.assessment import GENERAL_TASK, assess_model
from llm_tradeoffs.catalog import Benchmark, Catalog, ModelRecord, Task
from llm_tradeoffs.errors import TradeoffsError
from llm_tradeoffs.facts import CALLER, Citation, Fact
from llm_tradeoffs.model import FACT_FIELDS, Model, multiplier_field, rate_field
from llm_tradeoffs.policy import CRITERIA
from llm_tradeoffs.rates import RateCard
from llm_tradeoffs.recommendation import Recommendation, Status
from llm_tradeoffs.replay._premises import catalog_of, chain_of, known_model

__all__ = ["Choice", "FactChange", "blame", "choice_of"]


@attrs.frozen(kw_only=True)
class FactChange:
    """
    A fact that is another one, or another source's, than when the answer was given.

    Attributes:
        subject: The model, task or benchmark that it is about.
        field: Its field, as in a citation: ``rates.standard.input_tokens``, ``context_window``; or ``candidate``
            for a model that is recorded in one of the two editions only.
        old, new: What is said, in words; None for nothing.
        old_source, new_source: Ids of those who say so.
        flips_back: Whether the choice is the old one again with this fact alone put back to what it was; None
            if the choice is the same, or if the old fact contradicts the new ones.
    """

    subject: str
    field: str
    old: str | None
    new: str | None
    old_source: str | None = None
    new_source: str | None = None
    flips_back: bool | None = None

    def __str__(self) -> str:
        def said(value: str | None, source: str | None) -> str:
            return "not known" if value is None else f"{value} [{source}]" if source else value

        return f"{self.subject} {self.field}: {said(self.old, self.old_source)} → {said(self.new, self.new_source)}"


Choice = tuple[Status, tuple[str, ...]]


def choice_of(recommendation: Recommendation) -> Choice:
    """The status, and the model or those that tie."""
    chosen = () if recommendation.chosen is None else (recommendation.chosen,)
    return recommendation.status, chosen or tuple(sorted(recommendation.tied))


@attrs.frozen
class _World:
    """The facts on which is decided."""

    catalog: Catalog
    models: Mapping[str, Model]

    def with_model(self, model: Model) -> _World:
        return attrs.evolve(self, models={**self.models, model.id: model})

    def without(self, name: str) -> _World:
        return attrs.evolve(self, models={key: model for key, model in self.models.items() if key != name})


PutBack = Callable[[_World], _World]


def blame(
    before: Recommendation, after: Recommendation, made: Case, models: Mapping[str, Model]
) -> tuple[tuple[FactChange, ...], bool | None]:
    """
    Every fact that changed, and whether all of them together bring the old choice back.

    Args:
        before, after: The two answers.
        made: What the new one was made from.
        models: Its candidates by their ids.
    """
    return _Blame(before, after, made, models).found()


class _Blame:
    """Puts facts back to what they were, and decides again."""

    def __init__(self, before: Recommendation, after: Recommendation, made: Case, models: Mapping[str, Model]) -> None:
        self.before, self.after = before, after
        self.old_catalog = catalog_of(before)
        self.old_models = {model.id: model for model in before.premises.models}
        self.decision, self.day = made.decision, made.day
        self.world = _World(made.catalog, models)
        self.assessed = {each.model.id: each for each in made.decision.assessed}
        self.goal = choice_of(before)
        self.differs = self.goal != choice_of(after)

    def found(self) -> tuple[tuple[FactChange, ...], bool | None]:
        """Every fact that changed, and whether all of them together bring the old choice back."""
        changes = list(self._changed())
        if not self.differs:
            return tuple(change for change, _ in changes), None
        facts = tuple(attrs.evolve(change, flips_back=self._flips_back(back)) for change, back in changes)
        world = self.world
        try:
            for _, back in changes:
                world = back(world)
            return facts, self._decided(world) == self.goal
        except TradeoffsError:
            return facts, None  # the old facts contradict what is asked now: there is no such world

    def _flips_back(self, back: PutBack) -> bool | None:
        try:
            return self._decided(back(self.world)) == self.goal
        except TradeoffsError:
            return None  # the old fact contradicts the new ones: there is no such world

    def _decide(self, world: _World) -> Decision:
        decision = self.decision
        assessed = [
            self.assessed[name]
            if world.catalog is self.world.catalog and model is self.world.models.get(name)
            else assess_model(model, decision.workload, world.catalog, self.day)
            for name, model in world.models.items()
        ]
        return decide(decision.workload, assessed, decision.policy, decision.caps)

    def _decided(self, world: _World) -> Choice:
        decision = self._decide(world)
        return decision.status, tuple(sorted(decision.leaders))

    # What changed.

    def _changed(self) -> Iterator[tuple[FactChange, PutBack]]:
        old, models = self.old_models, self.world.models
        for name in sorted(old.keys() | models.keys()):
            if name not in models:
                yield FactChange(subject=name, field="candidate", old="recorded", new=None), _adding(old[name])
            elif name not in old:
                yield FactChange(subject=name, field="candidate", old=None, new="recorded"), _removing(name)
            else:
                yield from self._between_models(old[name], models[name])
        yield from self._of_the_ratios()
        yield from self._of_the_task()

    def _between_models(self, old: Model, new: Model) -> Iterator[tuple[FactChange, PutBack]]:
        """Everything that was stated is known: also facts that no answer cites, which are told if they count."""
        cited = {fact.field for answered in (self.before, self.after) for fact in answered.candidate(new.id).facts}
        before, now = old.sources, new.sources
        for field in dict.fromkeys((*before, *now)):
            was, is_ = before.get(field), now.get(field)
            if _stated(old, field) == _stated(new, field) and _by(was) == _by(is_):
                continue
            back = _replacing(new.id, field, old)
            # A ratio of tokens counts for every model that is compared through this one.
            chained = field == "token_ratio" and self.decision.workload.counted_for is not None
            if field in cited or chained or self._counts(new.id, back):
                yield _fact_change(new.id, field, _cited(was), _cited(is_)), back

    def _counts(self, name: str, back: PutBack) -> bool:
        """Whether putting a fact back changes anything by which the candidate is judged."""
        try:
            return self._judged(back(self.world), name) != self._judged(self.world, name)
        except TradeoffsError:
            return True

    def _judged(self, world: _World, name: str) -> object:
        decision = self._decide(attrs.evolve(world, models={name: world.models[name]}))
        return decision.standings, [decision.runners[0].key(criterion) for criterion in CRITERIA]

    def _of_the_ratios(self) -> Iterator[tuple[FactChange, PutBack]]:
        """Published token ratios of models that are no candidates, through which the candidates are compared."""
        counted, catalog, models = self.decision.workload.counted_for, self.world.catalog, self.world.models
        if counted is None:
            return
        old, was_on = self.old_catalog, self.before.as_of
        reached = {*chain_of(catalog, self.day, (counted, *models)), *chain_of(old, was_on, (counted, *models))}
        for name in sorted(reached - models.keys()):
            before, now = known_model(old, name, was_on), known_model(catalog, name, self.day)
            if before is not None and now is not None and before.token_ratio != now.token_ratio:
                was, is_ = before.sources.get("token_ratio"), now.sources.get("token_ratio")
                yield (
                    _fact_change(name, "token_ratio", _cited(was), _cited(is_)),
                    partial(_with_ratio, name=name, donor=before),
                )

    def _of_the_task(self) -> Iterator[tuple[FactChange, PutBack]]:
        """Which benchmark speaks for the task, and how it counts."""
        old, catalog = self.old_catalog, self.world.catalog
        name = self.decision.workload.task or GENERAL_TASK
        was, is_ = old.tasks.get(name), catalog.tasks.get(name)
        cited = [
            None if task is None else Citation(field="benchmark", value=task.benchmark, source=task.source)
            for task in (was, is_)
        ]
        if cited[0] != cited[1]:
            yield _fact_change(f"task {name}", "benchmark", *cited), _with_task(name, was, old)
        used = is_.benchmark if is_ is not None else ""
        before, now = old.benchmarks.get(used), catalog.benchmarks.get(used)
        if before is not None and now is not None and _counting(before) != _counting(now):
            yield (
                FactChange(subject=f"benchmark {used}", field="scale", old=_counting(before), new=_counting(now)),
                lambda world: _with_benchmark(world, before),
            )


def _cited(fact: Fact | None) -> Citation | None:
    return None if fact is None else fact.citation


def _by(fact: Fact | None) -> str | None:
    return None if fact is None else fact.source.id


def _fact_change(subject: str, field: str, was: Citation | None, is_: Citation | None) -> FactChange:
    return FactChange(
        subject=subject,
        field=field,
        old=None if was is None else was.value,
        new=None if is_ is None else is_.value,
        old_source=None if was is None else was.source,
        new_source=None if is_ is None else is_.source,
    )


def _counting(benchmark: Benchmark) -> str:
    best = "highest" if benchmark.higher_is_better else "lowest"
    scale = "" if benchmark.scale is None else f" from {benchmark.scale[0]} to {benchmark.scale[1]}"
    return f"{benchmark.unit or 'words'}{scale}, the {best} is best"


_NOBODY: Final[dict[str, Any]] = {
    "source": CALLER,
    "effective_from": None,
    "effective_until": None,
    "place": "",
    "note": None,
}


def _stated(model: Model, field: str) -> object:
    """What a model says about a field, without who said it and when."""
    kind = field.partition(".")[0]
    if kind == "rates":
        return [attrs.evolve(row, **_NOBODY) for row in model.rates.prices if rate_field(row) == field]
    if kind == "multipliers":
        return [attrs.evolve(row, **_NOBODY) for row in model.rates.multipliers if multiplier_field(row) == field]
    if kind == "scores":
        return model.score(field.removeprefix("scores."))
    return getattr(model, field)


# Facts put back.


def _adding(model: Model) -> PutBack:
    return lambda world: world.with_model(model)


def _removing(name: str) -> PutBack:
    return lambda world: world.without(name)


def _replacing(name: str, field: str, donor: Model) -> PutBack:
    """One field of one model as *donor* has it."""

    def put_back(world: _World) -> _World:
        changed = world.with_model(_with_field(world.models[name], field, donor))
        return _with_ratio(changed, name, donor) if field == "token_ratio" else changed

    return put_back


def _with_field(model: Model, field: str, donor: Model) -> Model:
    kind = field.partition(".")[0]
    if kind in {"rates", "multipliers"}:
        prices = [row for row in model.rates.prices if rate_field(row) != field]
        factors = [row for row in model.rates.multipliers if multiplier_field(row) != field]
        prices += [row for row in donor.rates.prices if rate_field(row) == field]
        factors += [row for row in donor.rates.multipliers if multiplier_field(row) == field]
        return model.with_(usd_per_mtok=RateCard(prices, factors))
    if kind == "scores":
        benchmark = field.removeprefix("scores.")
        scores = [score for score in model.scores if score.benchmark != benchmark]
        was = donor.score(benchmark)
        return model.with_(scores=scores if was is None else [*scores, was])
    assert field in FACT_FIELDS  # a model has no facts of another kind
    return model.with_(**{field: getattr(donor, field)})


def _with_ratio(world: _World, name: str, donor: Model) -> _World:
    """Ratios of models that a catalog holds are looked up there, in chains."""
    catalog = world.catalog
    record = catalog.records.get(name)
    if record is None:
        return world
    facts = [fact for fact in record.facts if fact.field != "token_ratio"]
    if donor.token_ratio is not None:
        # Said by whoever is trusted first, and always: what is asked is what follows if it holds.
        said_by = catalog.sources[catalog.trust[0]]
        facts.append(Fact(subject=name, field="token_ratio", value=donor.token_ratio, source=said_by))
    # Laid over the others, which may not have been read yet.
    records = ChainMap(
        {name: attrs.evolve(record, facts=tuple(facts))}, cast("dict[str, ModelRecord]", catalog.records)
    )
    return attrs.evolve(world, catalog=attrs.evolve(catalog, records=records))


def _with_task(name: str, task: Task | None, old: Catalog) -> PutBack:
    def put_back(world: _World) -> _World:
        tasks = {key: held for key, held in world.catalog.tasks.items() if key != name}
        benchmarks = dict(world.catalog.benchmarks)
        if task is not None:
            tasks[name] = task
            benchmarks.setdefault(task.benchmark, old.benchmark(task.benchmark))
        return attrs.evolve(world, catalog=attrs.evolve(world.catalog, tasks=tasks, benchmarks=benchmarks))

    return put_back


def _with_benchmark(world: _World, benchmark: Benchmark) -> _World:
    benchmarks = {**world.catalog.benchmarks, benchmark.id: benchmark}
    return attrs.evolve(world, catalog=attrs.evolve(world.catalog, benchmarks=benchmarks))
