"""The Pareto set, against the definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs import Model, Workload, recommend
from llm_tradeoffs.recommendation import Candidate
from strategies import candidates

WORK = Workload(input_tokens=200, output_tokens=150, task="math")


def losses(candidate: Candidate) -> list[tuple[object, object]] | None:
    """Ends of cost, missing quality and response time, the less the better; None if one is unknown."""
    figures = candidate.figures
    if figures.cost_per_request is None or figures.quality is None or figures.response_time is None:
        return None
    cost = figures.cost_per_request.as_fraction()
    return [
        (cost, cost),
        (-figures.quality.high, -figures.quality.low),
        (figures.response_time.low, figures.response_time.high),
    ]


@given(candidates(least=1), candidates(most=2, known=True).map(lambda models: [m.with_(id=m.id * 2) for m in models]))
def test_it_is_the_definition(some: list[Model], more: list[Model]) -> None:
    """On the front is whom nobody dominates at every value; the others name who does; the unknown stand apart."""
    answer = recommend(WORK, [*some, *more])
    known = {
        each.model: found
        for each in answer.candidates
        if each.standing == "possible" and (found := losses(each)) is not None
    }

    def dominates(one: str, other: str) -> bool:
        pairs = list(zip(known[one], known[other], strict=True))
        return all(mine[1] <= theirs[0] for mine, theirs in pairs) and any(
            mine[1] < theirs[0] for mine, theirs in pairs
        )

    pareto = answer.pareto()
    front = {each for each in known if not any(dominates(other, each) for other in known)}
    assert set(pareto.front) == front
    assert set(pareto.dominated) == known.keys() - front
    for name, better in pareto.dominated.items():
        assert set(better) == {each for each in front if dominates(each, name)} != set()
    assert set(pareto.unknown) | known.keys() == {
        each.model for each in answer.candidates if each.standing == "possible"
    }


@given(candidates(least=1, known=True), st.sampled_from(["cost", "quality", "ttft", "context_window"]))
def test_one_respect(models: list[Model], criterion: str) -> None:
    """In one respect the front is never empty."""
    answer = recommend(WORK, models)
    assert bool(answer.pareto(criterion).front) == any(each.standing == "possible" for each in answer.candidates)


def test_the_article() -> None:
    """One is cheaper and faster, the other has the higher score."""
    pareto = recommend("support-chatbot", ["gpt-4.1-mini", "claude-haiku-4.5"]).pareto()
    assert pareto.front == ("gpt-4.1-mini", "claude-haiku-4.5")
    assert str(pareto) == "Nobody is better in cost, quality, response time: gpt-4.1-mini, claude-haiku-4.5"
    with pytest.raises(lt.UnknownNameError, match="criterion"):
        recommend("support-chatbot").pareto("speed")
