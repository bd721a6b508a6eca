"""Adding a requirement never adds a feasible candidate."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Model, Policy, Recommendation, Workload, assess, recommend
from strategies import candidates, requirements, with_requirement, workloads


def possible(answer: Recommendation) -> set[str]:
    """The candidates that are known to meet every requirement."""
    return {candidate.model for candidate in answer.candidates if candidate.standing == "possible"}


def ruled_out(answer: Recommendation) -> set[str]:
    """The candidates that are known to miss a requirement."""
    return {candidate.model for candidate in answer.candidates if candidate.standing == "ruled out"}


def tightened(workload: Workload, requirement: dict[str, Any]) -> Workload:
    """*workload* with one requirement more, or with a tighter limit."""
    held = {name: getattr(workload, name) for name in requirement}
    return workload.with_(**with_requirement(held, requirement))


@given(candidates(), workloads(), requirements())
def test_adding_a_requirement_never_adds_a_feasible_candidate(
    models: list[Model], workload: Workload, requirement: dict[str, Any]
) -> None:
    """Who cannot do the work cannot do it when it is asked to do more, and who is out stays out."""
    before = recommend(workload, models)
    after = recommend(tightened(workload, requirement), models)
    assert possible(after) <= possible(before)
    assert ruled_out(after) >= ruled_out(before)


@given(candidates(least=1), workloads(), requirements())
def test_adding_a_requirement_never_makes_an_assessment_feasible(
    models: list[Model], workload: Workload, requirement: dict[str, Any]
) -> None:
    """The same holds for one model alone: no, unknown and yes only ever move towards no."""
    order = {False: 0, None: 1, True: 2}
    before = assess(models[0], workload).feasible
    after = assess(models[0], tightened(workload, requirement)).feasible
    assert order[after] <= order[before]


@given(candidates(), workloads(), st.data())
def test_a_policy_that_requires_more_never_adds_a_feasible_candidate(
    models: list[Model], workload: Workload, data: st.DataObject
) -> None:
    """A policy that asks one question more of every candidate leaves fewer of them, or as many."""
    guide = Policy.named("guide", Catalog.bundled())
    asked = data.draw(st.permutations(guide.requirements))
    count = data.draw(st.integers(0, len(asked) - 1))
    fewer = attrs.evolve(guide, requirements=asked[:count])
    more = attrs.evolve(guide, requirements=asked[: count + 1])
    assert possible(recommend(workload, models, policy=more)) <= possible(recommend(workload, models, policy=fewer))


@given(candidates(), workloads())
def test_no_candidate_is_chosen_that_cannot_do_the_work(models: list[Model], workload: Workload) -> None:
    """Whoever is chosen or ties under the guide meets every requirement for certain; who misses one is out."""
    answer = recommend(workload, models)
    feasibility = {model.id: assess(model, workload, as_of=answer.as_of).feasible for model in models}
    feasible = {model for model, found in feasibility.items() if found is True}
    assert possible(answer) == feasible
    assert ruled_out(answer) == {model for model, found in feasibility.items() if found is False}
    assert {answer.chosen, *answer.tied} - {None} <= feasible
    assert (answer.status in {"selected", "tie"}) <= bool(feasible)
