"""The expected-cost objective: golden numbers, its laws, its caps, and whether it holds at every corner."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs import InvalidValueError, Model, Range, Recommendation, Score, Usd, Workload, recommend
from llm_tradeoffs.recommendation import Caps
from strategies import candidates, plain_workloads, requirements, with_requirement, workloads

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
PAIR = [MINI, HAIKU]
# K* = (C_B - C_A) / (p_B - p_A), with the middles of 72-75 % and 76-78 % on MMLU
TURN = Fraction(95 - 32, 100_000) / (Fraction(77, 100) - Fraction(735, 1000))


def chatbot(**changes: Any) -> Workload:
    return Workload.preset("support-chatbot").with_(**changes)


@pytest.mark.parametrize(
    ("error_cost", "chosen"),
    [(None, MINI), (0, MINI), (TURN - Fraction(1, 10**9), MINI), (TURN, MINI), (TURN + Fraction(1, 10**9), HAIKU)],
)
def test_the_article(error_cost: Fraction | None, chosen: str) -> None:
    """The chatbot turns at an error cost of $0.018; there both cost the same, and the cheaper request decides."""
    assert Fraction(18, 1000) == TURN
    work = chatbot(error_cost=None if error_cost is None else Usd(error_cost))
    answer = recommend(work, PAIR, objective="expected-cost")
    assert answer.chosen == chosen
    assert answer.policy == "expected-cost"


def test_without_an_error_cost_it_is_the_cost() -> None:
    """And it says so."""
    answer = recommend(chatbot(), PAIR, objective="expected-cost")
    assert "no cost of a wrong answer was stated" in answer.because


def test_policy_and_objective_are_one_choice() -> None:
    """Both rank; naming both is a contradiction, and an unknown objective lists the known one."""
    with pytest.raises(InvalidValueError, match="State one of them"):
        recommend(chatbot(), PAIR, "article", objective="expected-cost")
    with pytest.raises(lt.UnknownNameError, match="expected-cost"):
        recommend(chatbot(), PAIR, objective="expected")  # type: ignore[call-overload]


class TestCaps:
    """What may be spent, at most."""

    def test_a_cap_rules_out(self) -> None:
        """$285 a month is more than $200, and the reason says so."""
        answer = recommend(chatbot(error_cost=1), PAIR, objective="expected-cost", caps=Caps(cost_per_month=200))
        assert answer.chosen == MINI
        assert answer.candidate(HAIKU).standing == "ruled out"
        assert answer.candidate(HAIKU).reasons_against == ("$285.00 per month, at most $200.00 allowed",)
        assert [step.leads_to for step in answer.trace if step.id == "cost_per_month"] == [f"rules out {HAIKU}"]

    def test_a_cap_is_inclusive(self) -> None:
        """What costs just the cap is allowed."""
        for cap, chosen in (("0.00032", MINI), ("0.00031", None)):
            assert recommend(chatbot(), PAIR, caps=Caps(cost_per_request=cap)).chosen == chosen

    def test_a_month_needs_a_volume(self) -> None:
        """Nobody can say what a month costs without one."""
        with pytest.raises(InvalidValueError, match="states no volume"):
            recommend(Workload(input_tokens=1, output_tokens=1), PAIR, caps=Caps(cost_per_month=1))

    def test_an_unknown_cost_is_not_within(self) -> None:
        """Nor is it beyond: that is to be found out."""
        answer = recommend(chatbot(), [Model("acme/one", context_window=10**6)], caps=Caps(cost_per_request=1))
        assert answer.status == "needs_information"
        assert "the cap is $1.00" in answer.missing[0]

    def test_the_answer_remembers(self) -> None:
        """Caps and corners go through JSON, like everything else."""
        answer = recommend(chatbot(error_cost="0.018"), PAIR, objective="expected-cost", caps=Caps(cost_per_month=1000))
        plain = answer.to_dict()
        assert plain["caps"] == {"cost_per_request": None, "cost_per_month": "1000"}
        assert plain["robust"] is False
        again = Recommendation.from_json(answer.to_json())
        assert (again, again.robust, again.decided_by) == (answer, answer.robust, answer.decided_by)
        assert again.flips() == answer.flips()

    @pytest.mark.parametrize("cap", ["-1", "nan"])
    def test_no_cap(self, cap: str) -> None:
        """A negative amount, or none."""
        with pytest.raises(InvalidValueError):
            Caps(cost_per_request=cap)


WORK = workloads() | plain_workloads()


@given(candidates(), WORK)
def test_it_agrees_with_brute_force(models: list[Model], workload: Workload) -> None:
    """The chosen one has the least C + (1-p)·K of all that are possible, by hand and in fractions."""
    answer = recommend(workload, models, objective="expected-cost")
    if answer.chosen is None:
        return
    costs: dict[str, Fraction] = {}
    for candidate in answer.candidates:
        figures = candidate.figures
        if candidate.standing != "possible" or figures.cost_per_request is None:
            continue
        costs[candidate.model] = figures.cost_per_request.as_fraction()
        if workload.error_cost is not None:
            if figures.quality is None:
                del costs[candidate.model]
                continue
            wrong = 1 - Fraction(figures.quality.low + figures.quality.high) / 200
            costs[candidate.model] += wrong * workload.error_cost.as_fraction()
    if answer.chosen in costs:
        assert costs[answer.chosen] == min(costs.values())
    else:
        assert len([each for each in answer.candidates if each.standing == "possible"]) == 1


@given(candidates(least=2), WORK, st.data())
def test_removing_a_loser_changes_nothing(models: list[Model], workload: Workload, data: st.DataObject) -> None:
    """The choice is independent of irrelevant alternatives."""
    before = recommend(workload, models, objective="expected-cost")
    winners = {before.chosen, *before.tied}
    losers = [model.id for model in models if model.id not in winners]
    if before.status not in {"selected", "tie"} or not losers:
        return
    gone = data.draw(st.sets(st.sampled_from(losers)))
    after = recommend(workload, [model for model in models if model.id not in gone], objective="expected-cost")
    assert (after.status, after.chosen, after.tied) == (before.status, before.chosen, before.tied)


@given(candidates(), WORK, requirements(), st.sampled_from(["0", "0.0005", "1"]))
def test_a_tighter_constraint_never_adds_a_candidate(
    models: list[Model], workload: Workload, requirement: dict[str, Any], cap: str
) -> None:
    """Whoever is possible under one requirement or cap more was possible without it."""
    fields = {name: getattr(workload, name) for name in requirement}
    tighter = workload.with_(**with_requirement(fields, requirement))

    def possible(work: Workload, caps: Caps = Caps()) -> set[str]:  # noqa: B008 -- it never changes
        answer = recommend(work, models, objective="expected-cost", caps=caps)
        return {each.model for each in answer.candidates if each.standing == "possible"}

    assert possible(tighter) <= possible(workload)
    assert possible(workload, Caps(cost_per_request=cap)) <= possible(workload)


def corners(models: list[Model]) -> Any:
    """Every combination of ends of the intervals that are stated."""
    options: list[list[Model]] = []
    for model in models:
        variants = [model]
        for score in model.scores:
            assert score.value is not None
            ends = {score.value.low, score.value.high}
            variants = [
                attrs.evolve(
                    each,
                    scores=[
                        Score(score.benchmark, Range(end, unit="%")) if old == score else old for old in each.scores
                    ],
                )
                for each in variants
                for end in ends
            ]
        if model.ttft is not None:
            variants = [
                attrs.evolve(each, ttft=Range(end, unit="ms"))
                for each in variants
                for end in {model.ttft.low, model.ttft.high}
            ]
        options.append(variants)
    return product(*options)


@settings(max_examples=60)
@given(
    candidates(least=1, most=2, known=True) | candidates(least=2, most=2),
    plain_workloads(),
    st.sampled_from(["guide", "objective"]),
)
def test_robust_is_the_same_at_every_corner(models: list[Model], workload: Workload, how: str) -> None:
    """Robust means that no combination of ends has another answer; otherwise one has, and a fact is named."""
    plain = [
        attrs.evolve(
            model,
            scores=[score for score in model.scores if score.benchmark == "gsm8k"],
            output_tokens_per_second=50,
            typical_output_tokens_per_second=None,
        )
        for model in models
    ]
    asked: dict[str, Any] = {"objective": "expected-cost"} if how == "objective" else {}
    answer = recommend(workload, plain, **asked)
    found = {
        (each.status, each.chosen, frozenset(each.tied))
        for each in (recommend(workload, list(corner), **asked) for corner in corners(plain))
    }
    assert answer.robust == (found <= {(answer.status, answer.chosen, frozenset(answer.tied))})
    assert bool(answer.decided_by) != answer.robust
