"""What an answer follows from: the policy and every fact about its candidates, so that it can be given again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

import attrs

from llm_tradeoffs._decide import decide
from llm_tradeoffs._grounds import grounds_of
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.assessment import GENERAL_TASK, assess_model
from llm_tradeoffs.catalog import Benchmark, Catalog, ModelRecord, Task
from llm_tradeoffs.errors import InvalidValueError, NoFactOnDateError, UnknownNameError
from llm_tradeoffs.facts import Source
from llm_tradeoffs.model import Model
from llm_tradeoffs.policy import Policy
from llm_tradeoffs.recommendation import Recommendation

__all__ = ["Premises", "case_of", "chain_of", "known_model", "premises_of"]


@attrs.frozen(kw_only=True)
class Premises:
    """
    What an answer follows from: with its workload, its caps and its day, this gives the answer again.

    It is written with the answer, so that a year later nothing else is needed: no catalog of that day, no file
    with the policy, no model that somebody wrote by hand.

    Attributes:
        policy: The policy as it was followed; the objective is one as well.
        models: Every candidate as it was known on that day, by their ids: also the facts that no answer cites.
        by_hand: Ids of the candidates that were not in the catalog, or not with these facts.
        counted_through: Models of the catalog through whose published token ratios the candidates are compared,
            where they are no candidates with the same facts.
        task, benchmark: What the quality is taken from; None where nothing speaks for the work.
    """

    policy: Policy
    models: tuple[Model, ...]
    by_hand: tuple[str, ...] = ()
    counted_through: tuple[Model, ...] = ()
    task: Task | None = None
    benchmark: Benchmark | None = None

    def __attrs_post_init__(self) -> None:
        names = [model.id for model in self.models]
        twice = sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ())
        strangers = sorted({*self.by_hand} - {*names})
        if twice or strangers:
            raise InvalidValueError(
                f"the premises of an answer name {', '.join(twice or strangers)} "
                + ("twice; each candidate is one model." if twice else "as written by hand, but it is no candidate.")
            )
        if self.task is not None and (self.benchmark is None or self.benchmark.id != self.task.benchmark):
            raise InvalidValueError(
                f"the benchmark {self.task.benchmark!r} speaks for the task {self.task.id!r}, and it is not among the "
                "premises."
            )

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every source of a fact, by its id."""
        return {
            name: source
            for model in (*self.models, *self.counted_through)
            for name, source in model.cited_sources.items()
        }


def premises_of(case: Case) -> Premises:
    """The premises of a decision."""
    decision, catalog, day = case.decision, case.catalog, case.day
    models = tuple(each.model for each in decision.assessed)
    by_hand = tuple(model.id for model in models if _is_by_hand(model, catalog, day))
    counted = decision.workload.counted_for
    through: tuple[Model, ...] = ()
    if counted is not None:
        as_recorded = {model.id for model in models} - {*by_hand}
        chain = chain_of(catalog, day, (counted, *(model.id for model in models)))
        through = tuple(chain[name] for name in sorted(chain) if name not in as_recorded)
    task = catalog.tasks.get(decision.workload.task or GENERAL_TASK)
    benchmark = None if task is None else catalog.benchmarks.get(task.benchmark)
    return Premises(
        policy=decision.policy,
        models=models,
        by_hand=by_hand,
        counted_through=through,
        task=None if benchmark is None else task,
        # What is said about the test itself, such as its number of questions, decides nothing.
        benchmark=None if benchmark is None else attrs.evolve(benchmark, facts=()),
    )


def _is_by_hand(model: Model, catalog: Catalog, day: date) -> bool:
    if model.id not in catalog.records:
        return True
    held = known_model(catalog, model.id, day)
    return held is not model and (held is None or held != model or held.sources != model.sources)


def known_model(catalog: Catalog, name: str, day: date) -> Model | None:
    """The model that is called *name* on that day, or None if nothing is recorded of it."""
    try:
        return catalog.model(name, day)
    except (UnknownNameError, NoFactOnDateError):
        return None


def chain_of(catalog: Catalog, day: date, names: Iterable[str]) -> dict[str, Model]:
    """*names* and every model that their token ratios refer to, one after the other, by their ids."""
    found: dict[str, Model] = {}
    waiting = list(names)
    while waiting:
        model = known_model(catalog, waiting.pop(), day)
        if model is not None and model.id not in found:
            found[model.id] = model
            if model.token_ratio is not None:
                waiting.append(model.token_ratio.base)
    return found


def catalog_of(answer: Recommendation) -> Catalog:
    """The part of the catalog of that day that the premises of an answer hold."""
    premises = answer.premises
    recorded = [model for model in premises.models if model.id not in premises.by_hand]
    records = {model.id: ModelRecord.of(model) for model in (*recorded, *premises.counted_through)}
    task, benchmark = premises.task, premises.benchmark
    return Catalog(
        edition=answer.catalog_edition,
        as_of=answer.as_of,
        trust=tuple(premises.sources),
        sources=premises.sources,
        records=records,
        tasks={} if task is None else {task.id: task},
        benchmarks={} if benchmark is None else {benchmark.id: benchmark},
    )


def case_of(answer: Recommendation) -> Case:
    """
    The decision of a saved answer, taken again from its premises.

    Raises:
        InvalidValueError: They do not give the answer: it was edited, or this release decides in another way.
    """
    premises, catalog = answer.premises, catalog_of(answer)
    assessed = [assess_model(model, answer.workload, catalog, answer.as_of) for model in premises.models]
    decision = decide(answer.workload, assessed, premises.policy, answer.caps)
    same_choice = (decision.status, decision.chosen, decision.tied) == (answer.status, answer.chosen, answer.tied)
    differs = [
        each.model
        for each in grounds_of(decision, ()).candidates
        if each.figures != answer.candidate(each.model).figures
    ]
    if not same_choice or differs:
        what = f"the figures of {', '.join(differs)}" if same_choice else "the choice"
        raise InvalidValueError(
            f"{what} in this saved answer does not follow from what is saved with it: it was edited, or release "
            f"{answer.library_version}, which gave it, worked it out in another way. Ask again with replay(), whose "
            "after is an answer of this release."
        )
    return Case(decision=decision, catalog=catalog, day=answer.as_of)
