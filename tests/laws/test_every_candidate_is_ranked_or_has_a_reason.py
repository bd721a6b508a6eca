"""Every candidate is either ranked or has a reason against it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Workload, recommend
from llm_tradeoffs.recommendation import Figures
from strategies import candidates, plain_workloads, workloads

POLICIES = st.sampled_from(["guide", "article"])


@given(candidates(), workloads(), POLICIES)
def test_every_candidate_is_ranked_or_has_a_reason(models: list[Model], workload: Workload, policy: str) -> None:
    """Nobody is lost, ranks count from 1, and whoever has none is told why in words."""
    answer = recommend(workload, models, policy)
    assert {candidate.model for candidate in answer.candidates} == {model.id for model in models}
    ranks = [candidate.rank for candidate in answer.candidates if candidate.rank is not None]
    assert ranks == list(range(1, len(ranks) + 1))
    for candidate in answer.candidates:
        assert (candidate.rank is not None) == (candidate.standing == "possible")
        assert candidate.rank is not None or candidate.reasons_against
        assert all(reason.strip() for reason in (*candidate.reasons_for, *candidate.reasons_against))


@given(candidates(), workloads(), POLICIES)
def test_a_status_says_what_it_means(models: list[Model], workload: Workload, policy: str) -> None:
    """One chosen, or several tied, or none of both with the reason in the open."""
    answer = recommend(workload, models, policy)
    standings = {candidate.standing for candidate in answer.candidates}
    assert answer.because
    assert (answer.chosen is not None) == (answer.status == "selected")
    assert bool(answer.tied) == (answer.status == "tie")
    if answer.status == "selected":
        assert answer.candidates[0].model == answer.chosen
    if answer.status == "tie":
        assert len(answer.tied) >= 2
        assert answer.candidates[0].rank == 1
    if answer.status == "infeasible":
        assert standings <= {"ruled out"}
    if answer.status == "needs_information":
        assert answer.missing


# What each priority ranks by, the least being the best.
FIGURES: dict[str, Callable[[Figures], Fraction | None]] = {
    "cost": lambda held: None if held.cost_per_request is None else held.cost_per_request.as_fraction(),
    "accuracy": lambda held: None if held.quality is None else -Fraction(held.quality.low + held.quality.high) / 2,
}


@given(candidates(least=2), plain_workloads(), st.sampled_from(sorted(FIGURES)))
def test_a_priority_ranks_by_its_figure_and_the_unknown_come_last(
    models: list[Model], workload: Workload, priority: str
) -> None:
    """Nobody is chosen over a rival for a figure that is unknown, and an unknown one does not stop the others."""
    answer = recommend(workload.with_(priority=priority), models)
    ranked = [FIGURES[priority](candidate.figures) for candidate in answer.candidates if candidate.rank is not None]
    known = [figure for figure in ranked if figure is not None]
    assert ranked == sorted(known) + [None] * (len(ranked) - len(known))
    if len(ranked) > 1:
        assert (answer.status == "needs_information") == (not known)
        told = {text.partition(":")[0] for text in answer.missing}
        unknown = [each.model for each in answer.candidates if each.rank and FIGURES[priority](each.figures) is None]
        assert told >= set(unknown)


@pytest.mark.parametrize("workload", [{"priority": "cost"}, {"priority": "accuracy"}, {"error_cost": 1}])
def test_what_nobody_knows_decides_nothing(workload: dict[str, Any]) -> None:
    """Where the deciding figure of every candidate is unknown, the answer is what would have to be known."""
    models = [Model(name, context_window=1_000) for name in ("a", "b")]
    answer = recommend(Workload(input_tokens=200, output_tokens=150, **workload), models)
    assert (answer.status, answer.chosen, answer.tied) == ("needs_information", None, ())
    assert [text.partition(":")[0] for text in answer.missing] == ["a", "b"]


@given(candidates(least=1), workloads(), POLICIES)
def test_every_number_has_a_source(models: list[Model], workload: Workload, policy: str) -> None:
    """Each fact that is cited names a source that is listed, and every listed source is cited."""
    answer = recommend(workload, models, policy)
    cited = {fact.source for candidate in answer.candidates for fact in candidate.facts}
    assert cited == {source.id for source in answer.sources}
    for candidate in answer.candidates:
        fields = {fact.field for fact in candidate.facts}
        if candidate.figures.cost_per_request:
            assert any(field.startswith("rates.") for field in fields)
        if candidate.figures.quality is not None:
            assert any(field.startswith("scores.") for field in fields)
        if candidate.figures.ttft is not None:
            assert "ttft" in fields
        if candidate.figures.context_window is not None:
            assert "context_window" in fields


@given(candidates(), workloads(), POLICIES)
def test_the_trace_holds_every_question_in_order(models: list[Model], workload: Workload, policy: str) -> None:
    """A question is in the trace whether it was asked or not; what was asked has an answer and leads somewhere."""
    asked = recommend(workload, models, policy)
    nobody = recommend(Workload(input_tokens=0, output_tokens=0), [], policy)
    assert [step.id for step in asked.trace] == [step.id for step in nobody.trace]
    for step in asked.trace:
        assert (step.answer is not None) == step.asked
        assert bool(step.leads_to) == step.asked
