"""
What the linter believes about verdicts and choices, against what the library does.

The linter states where a verdict changes and who is chosen as inequalities. Here they are evaluated for
single workloads, and compared with ``REQUIREMENTS`` and ``decide()``, which know nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Policy, Price, RateCard, Usd, Workload
from llm_tradeoffs.assessment import REQUIREMENTS
from llm_tradeoffs.policy import INPUTS, Condition, Outcome, Question
from llm_tradeoffs.policy._choices import Choices, Setting
from llm_tradeoffs.policy._space import Shape, Space
from llm_tradeoffs.policy._ways import Clause, Option
from policies import ENDS, REQUIREMENT_IDS, fields, small_catalog

DAY: Final = date(2026, 11, 22)


def policy_of(outcome: Outcome, requirements: Iterable[str] = ()) -> Policy:
    """A policy that always ends with *outcome*."""
    when = Condition(kind="test", input="turns", operator="at_least", operand=1)
    return Policy(
        id="one",
        title="One",
        requirements=tuple(requirements),
        questions=(Question(id="q", text="?", when=when, yes=outcome, no=outcome),),
    )


def choices_of(policy: Policy, models: Sequence[Model]) -> Choices:
    catalog = small_catalog()
    return Choices(policy, Space(policy, catalog.tasks), models, catalog, DAY)


def is_so(option: Option, workload: Workload) -> bool:
    """Whether *workload* is as an option says."""
    for (name, element), wanted in option.flags:
        value: Any = INPUTS[name].read(workload)
        if (element in value if element else value is not None) != wanted:
            return False
    for row in option.rows:
        values: list[Any] = [INPUTS[name].read(workload) for name, _ in row.terms]
        if None in values:
            return False
        total = row.constant + sum(factor * value for (_, factor), value in zip(row.terms, values, strict=True))
        if total > 0 or (total == 0 and row.strict):
            return False
    return True


def as_known(choices: Choices, workload: Workload) -> Workload:
    """A language that nobody names is like any other that nobody names: one stands for all."""
    nobody = choices.languages[-1]
    return workload.with_(languages={name if name in choices.languages else nobody for name in workload.languages})


def all_hold(clauses: Iterable[Clause], workload: Workload) -> bool:
    return all(any(is_so(option, workload) for option in clause) for clause in clauses)


def setting_of(choices: Choices, workload: Workload, outcome: Outcome) -> Setting:
    """The one setting of *choices* that *workload* is in, up to tasks that come to the same."""
    shape = Shape(workload.turns, workload.history_resent or workload.turns == 1)
    sent, produced = choices.brackets
    stated = workload.error_cost is not None
    return Setting(
        task=workload.task,
        shape=shape,
        error_cost=stated if "expected_cost" in outcome.rank_by else None,
        sent=next(bracket for bracket in sent if workload.input_tokens in bracket),
        produced=next(bracket for bracket in produced if workload.output_tokens in bracket),
    )


@st.composite
def workloads(draw: st.DrawFn) -> Workload:
    """Workloads whose lengths and limits meet the facts of :func:`fields`."""
    pick = lambda *pool: draw(st.sampled_from(pool))  # noqa: E731
    return Workload(
        input_tokens=pick(1, 200, 245, 246, 2_000, Fraction(1, 2)),
        output_tokens=pick(0, 50, 51, 55, 55, 55, 60, 600),
        longest_tokens=pick(None, None, 200, 245, 300, 301, 845),
        turns=pick(1, 1, 1, 2, 5),
        history_resent=pick(True, False),
        task=pick(None, "math", "code"),
        needs=draw(st.sets(st.sampled_from(["vision", "batch", "tools"]), max_size=2)),
        languages=draw(st.sets(st.sampled_from(["english", "latin", "esperanto"]), max_size=1)),
        max_ttft_ms=pick(None, None, 99, 100, 150, 200, 201, 300),
        max_response_ms=pick(None, None, 100, 1_200, 1_300, 2_400, 6_300),
        error_cost=pick(None, 0, 1, "0.0001"),
        min_quality_percent=pick(None, None, 60, 70, 71, 80, 90),
    )


@given(fields(), workloads())
def test_verdicts_change_where_they_are_said_to(models: list[Model], workload: Workload) -> None:
    """For each requirement exactly one of the three answers can be the case, and it is the real one."""
    outcome = ENDS[0]
    choices = choices_of(policy_of(outcome), models)
    workload = as_known(choices, workload)
    setting = setting_of(choices, workload, outcome)
    for index, each in enumerate(choices.assessed(workload)):
        for requirement in REQUIREMENT_IDS:
            verdict = each.verdict(requirement)
            said = choices.verdict(index, requirement, setting)
            answers = [answer for answer, clause in said.items() if all_hold([clause], workload)]
            assert answers == ["met" if verdict is None else verdict.answer], (requirement, each.model)


@pytest.mark.parametrize("outcome", ENDS, ids=str)
@given(fields(), workloads(), st.sets(st.sampled_from(REQUIREMENT_IDS), max_size=2))
def test_the_chosen_are_who_they_are_said_to_be(
    outcome: Outcome, models: list[Model], workload: Workload, required: set[str]
) -> None:
    """A candidate is chosen, or in the answer, exactly where the clauses say so."""
    choices = choices_of(policy_of(outcome, sorted(required)), models)
    workload = as_known(choices, workload)
    setting = setting_of(choices, workload, outcome)
    decision = choices.decide(workload)
    for index, model in enumerate(models):
        chosen = all_hold(choices.chosen(index, outcome, setting), workload)
        assert chosen == (decision.chosen == model.id)
        answered = all_hold(choices.answered(index, outcome, setting), workload)
        if outcome.tie == "trade-off" and decision.status == "tie":
            # Where somebody's figures are unknown, a tie may also hold candidates that a third one beats.
            assert not answered or model.id in decision.tied
        else:
            assert answered == (model.id in {decision.chosen, *decision.tied})


@given(workloads())
def test_a_price_that_rises_with_the_length(workload: Workload) -> None:
    """Brackets of a price list are told apart, a threshold belonging to the bracket below it."""
    steps = [
        Price(meter="input_tokens", usd=Usd(rate), per=1_000_000, above_input_tokens=above)
        for rate, above in ((1, None), (5, 200), (2, 300))
    ]
    produced = Price(meter="output_tokens", usd=Usd(1), per=1_000_000)
    models = [
        Model("steep", usd_per_mtok=RateCard([*steps, produced])),
        Model("flat", usd_per_mtok=("2", "1")),
    ]
    if workload.turns > 1 and workload.history_resent:
        return
    outcome = Outcome(rank_by=("cost",))
    choices = choices_of(policy_of(outcome), models)
    setting = setting_of(choices, workload, outcome)
    decision = choices.decide(workload)
    for index, model in enumerate(models):
        assert all_hold(choices.chosen(index, outcome, setting), workload) == (decision.chosen == model.id)


def test_every_requirement_is_known_here() -> None:
    """A new requirement needs to say where its verdicts change."""
    from llm_tradeoffs.policy._choices import INPUT_OF, VERDICTS

    known = [requirement.id for requirement in REQUIREMENTS]
    assert list(VERDICTS) == known
    assert set(INPUT_OF) <= set(known)
    assert set(INPUT_OF.values()) <= set(INPUTS)
