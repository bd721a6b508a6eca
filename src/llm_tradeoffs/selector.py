"""From assessments to an answer: a policy is followed, the candidates are ranked, the reasons are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, overload

from llm_tradeoffs._decide import NO_CAPS, Decision, decide
from llm_tradeoffs._grounds import grounds_of
from llm_tradeoffs._version import __version__
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._corners import robustness_of
from llm_tradeoffs.analysis._objective import Objective, as_objective
from llm_tradeoffs.assessment import as_workload, assess_model
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.costing import resolve_model
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Usd
from llm_tradeoffs.policy import CRITERIA, Policy, as_policy
from llm_tradeoffs.recommendation import Caps, Mix, MixPart, Recommendation
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["recommend"]


@overload
def recommend(
    workload: Workload | str,
    candidates: Iterable[str | Model] | None = None,
    policy: Policy | str = "guide",
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
    *,
    objective: Objective | None = None,
    caps: Caps = NO_CAPS,
) -> Recommendation: ...


@overload
def recommend(
    workload: list[Workload] | list[str] | list[Workload | str] | tuple[Workload | str, ...],
    candidates: Iterable[str | Model] | None = None,
    policy: Policy | str = "guide",
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
    *,
    objective: Objective | None = None,
    caps: Caps = NO_CAPS,
) -> Mix: ...


def recommend(
    workload: Workload | str | Sequence[Workload | str],
    candidates: Iterable[str | Model] | None = None,
    policy: Policy | str = "guide",
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
    *,
    objective: Objective | None = None,
    caps: Caps = NO_CAPS,
) -> Recommendation | Mix:
    """
    Which model for this work, and why.

    >>> recommend("support-triage").chosen
    'gpt-4.1-mini'

    Args:
        workload: A :class:`Workload`, the id of a preset, or several workloads for a mix of models.
        candidates: Names in the catalog or :class:`Model` values; None for those that the catalog proposes.
        policy: A :class:`Policy` or the id of one: ``"guide"``, or ``"article"`` for the tree as published.
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day.
        objective: ``"expected-cost"`` ranks by the cost of a request and the expected cost of its error instead
            of following a policy: C + (1-p)·K, where the workload states the cost K of a wrong answer.
        caps: What may be spent, at most; of several workloads each on its own.

    Returns:
        A :class:`Recommendation`; for several workloads a :class:`Mix` with one for each.

    Raises:
        UnknownNameError: A model, preset, task or policy is not known.
        NoFactOnDateError: Nothing is recorded of a named candidate on that day.
        InvalidValueError: A candidate is named twice; a policy and an objective are stated; or a cap per month
            stands beside a workload without a volume.
    """
    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    tree = as_policy(policy, held) if objective is None else as_objective(objective, policy)
    models = candidate_models(candidates, held, day)
    absent = (
        () if candidates is not None else tuple(sorted(set(held.default_candidates) - {model.id for model in models}))
    )
    if isinstance(workload, Workload | str):
        return recommend_one(as_workload(workload, held), models, tree, held, day, caps=caps, absent=absent)
    if not isinstance(workload, Sequence):
        raise InvalidTypeError(f"expected a Workload, the id of a preset, or a list of workloads, got {workload!r}.")
    return _mix([as_workload(each, held) for each in workload], models, tree, held, day, caps=caps, absent=absent)


def candidate_models(candidates: Iterable[str | Model] | None, catalog: Catalog, day: date) -> tuple[Model, ...]:
    """The models that were named, each once; those that the catalog proposes for None."""
    if candidates is None:
        return catalog.models(day, names=catalog.default_candidates)
    if isinstance(candidates, str | Model) or not isinstance(candidates, Iterable):
        raise InvalidTypeError(f"candidates are {candidates!r}; expected several, such as ['gpt-4.1-mini', my_model].")
    models = tuple(resolve_model(candidate, catalog, day)[0] for candidate in candidates)
    seen: set[str] = set()
    for model in models:
        if model.id in seen:
            raise InvalidValueError(f"the candidate {model.id!r} is named twice. Name each once, by any of its names.")
        seen.add(model.id)
    return models


def recommend_one(
    workload: Workload,
    models: Sequence[Model],
    policy: Policy,
    catalog: Catalog,
    day: date,
    *,
    caps: Caps,
    absent: tuple[str, ...],
) -> Recommendation:
    """The answer for one workload; *absent* are the candidates of whom nothing was known on that day."""
    if caps.cost_per_month is not None and workload.volume_basis is None:
        raise InvalidValueError(
            f"a month may cost {caps.cost_per_month} at most, but {workload.name or 'the workload'} states no volume. "
            "Add one, such as requests_per_month=100_000, or cap the cost per request."
        )
    assessed = [assess_model(model, workload, catalog, day) for model in models]
    decision = decide(workload, assessed, policy, caps)
    case = Case(decision=decision, catalog=catalog, day=day)
    notes = [f"{model} is no candidate: nothing is recorded of it on {day}" for model in absent]
    return Recommendation(
        status=decision.status,
        chosen=decision.chosen,
        tied=decision.tied,
        because=_because(decision),
        workload=workload,
        policy=policy.id,
        as_of=day,
        catalog_edition=catalog.edition,
        catalog_hash=catalog.content_hash,
        trust=catalog.trust,
        library_version=__version__,
        caps=caps,
        grounds=lambda: grounds_of(decision, notes),
        robustness=lambda: robustness_of(case),
        case=case,
    )


def _because(decision: Decision) -> str:
    outcome, candidates = decision.outcome, len(decision.assessed)
    if decision.status == "infeasible":
        return "no candidate can do the work" if candidates else "there are no candidates"
    if decision.status == "needs_information":
        return "the choice hangs on facts that nobody has stated"
    if decision.status == "tie":
        reason = outcome.because if outcome.tie else "they are equal in every respect that was asked about"
        return f"{', '.join(decision.tied)} tie: {reason}"
    if len(decision.possible) == 1:
        only = "it is the only candidate"
        return only if candidates == 1 else f"{only} that is known to meet every requirement"
    if outcome.tie:
        return "it is at least as good as every other candidate in cost, quality and latency, and better in one"
    first = outcome.rank_by[0]
    best, what = CRITERIA[first]
    # A rival of whom nobody knows it might do better still: grounds_of() lists what is missing.
    known = "known " if any(each.key(first) is None for each in decision.possible) else ""
    return f"it has the {best} {known}{what}" + (f": {outcome.because}" if outcome.because else "")


# Several workloads.


def _mix(
    workloads: Sequence[Workload],
    models: Sequence[Model],
    policy: Policy,
    catalog: Catalog,
    day: date,
    *,
    caps: Caps,
    absent: tuple[str, ...],
) -> Mix:
    parts = [
        _mix_part(index, workload, recommend_one(workload, models, policy, catalog, day, caps=caps, absent=absent))
        for index, workload in enumerate(workloads, start=1)
    ]
    single: dict[str, Usd | None] = {}
    reasons: dict[str, str] = {}
    for model in models:
        costs: list[Usd] = []
        for part in parts:
            candidate = part.recommendation.candidate(model.id)
            if candidate.standing != "possible":
                reasons.setdefault(model.id, f"{part.workload}: {'; '.join(candidate.reasons_against)}")
            elif candidate.figures.cost_per_month is None:
                reasons.setdefault(model.id, f"{part.workload}: the cost per month is unknown")
            else:
                costs.append(candidate.figures.cost_per_month)
        single[model.id] = None if model.id in reasons else sum(costs, Usd(0))
    known = [part.cost_per_month for part in parts if part.cost_per_month is not None]
    return Mix(
        parts=tuple(parts),
        cost_per_month=sum(known, Usd(0)) if len(known) == len(parts) else None,
        single=single,
        reasons=reasons,
    )


def _mix_part(index: int, workload: Workload, recommendation: Recommendation) -> MixPart:
    model = recommendation.chosen
    if model is None and recommendation.status == "tie":
        # Whichever of them: the least costly, since the policy says that all will do.
        model = recommendation.tied[0]
    cost = None if model is None else recommendation.candidate(model).figures.cost_per_month
    return MixPart(
        workload=workload.title or workload.name or f"workload {index}",
        recommendation=recommendation,
        model=model,
        cost_per_month=cost,
    )
