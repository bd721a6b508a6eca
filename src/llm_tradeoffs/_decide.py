"""
The decision itself: requirements, questions, ranking. Numbers in, an order out, no words.

Everything a router needs is here; what a person reads is built from it in ``_grounds``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import groupby
from typing import Final, Literal

import attrs

from llm_tradeoffs.assessment import REQUIREMENTS, Assessment, Requirement
from llm_tradeoffs.money import Exact
from llm_tradeoffs.policy import Answer, Outcome, Policy, Question
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.recommendation import Standing, Status
from llm_tradeoffs.workload import Workload

__all__ = ["RESPECTS", "Decision", "Ranked", "decide"]

RESPECTS: Final = ("cost", "quality", "ttft", "response_time")
"""In what respects a candidate can be better than another. They also settle what a ranking leaves equal."""


class Ranked:
    """A candidate in the race, with whatever it is ranked by, each worked out when it is needed."""

    __slots__ = ("_keys", "assessment", "id")

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.id = assessment.model.id
        self._keys: dict[str, Exact | None] = {}

    def key(self, criterion: str) -> Exact | None:
        """What it is ranked by, smaller being better; None if that is unknown."""
        if criterion not in self._keys:
            self._keys[criterion] = _key(self.assessment, criterion)
        return self._keys[criterion]


@attrs.frozen(kw_only=True, eq=False)
class Decision:
    """
    What was decided, and everything that it was decided on.

    Attributes:
        workload, policy: The question.
        assessed: Every candidate.
        required: The hard requirements of the policy, in its order.
        standings: Of each candidate: ``possible``, ``ruled out`` or ``unknown``.
        path: The questions that were asked, with their answers.
        outcome: Where they led.
        order: The candidates that are possible, best first.
        status, tied: The answer.
    """

    workload: Workload
    policy: Policy
    assessed: Sequence[Assessment]
    required: Sequence[Requirement]
    standings: dict[str, Standing]
    path: Sequence[tuple[Question, Answer]]
    outcome: Outcome
    order: Sequence[Ranked]
    status: Status
    tied: tuple[str, ...]

    @property
    def chosen(self) -> str | None:
        """The id of the chosen model; None unless one was selected."""
        return self.order[0].id if self.status == "selected" else None

    @cached_property
    def rest(self) -> list[Assessment]:
        """The candidates that are not in the race, by their ids."""
        placed = {each.id for each in self.order}
        return sorted((each for each in self.assessed if each.model.id not in placed), key=lambda each: each.model.id)


def decide(workload: Workload, assessed: Sequence[Assessment], policy: Policy) -> Decision:
    """Follow *policy* for *workload* and rank the candidates that meet its requirements."""
    assessed = sorted(assessed, key=lambda each: each.model.id)  # the order in which they were named says nothing
    required = [_BY_ID[name] for name in policy.requirements]
    names = frozenset(policy.requirements)
    standings: dict[str, Standing] = {each.model.id: _standing(each, names) for each in assessed}
    path, outcome = _follow(policy, workload)
    possible = [Ranked(each) for each in assessed if standings[each.model.id] == "possible"]
    criteria = tuple(dict.fromkeys((*outcome.rank_by, *RESPECTS)))
    order = _in_order(possible, criteria)
    status, tied = _status(order, outcome, criteria, standings)
    return Decision(
        workload=workload,
        policy=policy,
        assessed=assessed,
        required=required,
        standings=standings,
        path=path,
        outcome=outcome,
        order=order,
        status=status,
        tied=tied,
    )


_BY_ID: Final = {requirement.id: requirement for requirement in REQUIREMENTS}


def _standing(assessment: Assessment, required: frozenset[str]) -> Standing:
    if not required:
        return "possible"
    standing: Standing = "possible"
    for verdict in assessment.verdicts:
        if verdict.answer != "met" and verdict.requirement in required:
            if verdict.answer == "not met":
                return "ruled out"
            standing = "unknown"
    return standing


def _follow(policy: Policy, workload: Workload) -> tuple[list[tuple[Question, Answer]], Outcome]:
    """Ask the questions from the first one on, as the answers lead; an unknown answer leads where no leads."""
    path: list[tuple[Question, Answer]] = []
    question = policy.questions[0]
    while True:
        answer = question.when.holds(workload)
        path.append((question, answer))
        outcome = question.yes if answer == "yes" else question.no
        if not outcome.ask:
            return path, outcome
        question = policy.question(outcome.ask)


def _middle(range_: Range | None) -> Exact | None:
    return None if range_ is None else range_.midpoint


def _key(assessment: Assessment, criterion: str) -> Exact | None:
    # A range counts by its middle: an order that holds for any number of candidates needs one number each.
    if criterion == "cost":
        return None if assessment.cost is None else assessment.cost.per_request.pico
    if criterion == "expected_cost":
        return _middle(assessment.expected_cost)
    if criterion == "quality":
        middle = _middle(assessment.quality.percent)
        return None if middle is None else -middle
    if criterion == "ttft":
        return _middle(assessment.latency.ttft)
    if criterion == "response_time":
        return _middle(assessment.latency.total)
    if criterion == "context_window":
        window = assessment.model.context_window
        return None if window is None else -window
    sees = assessment.model.supports_vision
    return None if sees is None else int(not sees)


def _in_order(group: list[Ranked], criteria: Sequence[str]) -> list[Ranked]:
    """
    *group* by the first criterion, equal ones by the next, and by name where everything is equal.

    The known come before the unknown. Later criteria are looked at only where earlier ones are equal.
    """
    if len(group) < 2:
        return group
    if not criteria:
        return sorted(group, key=lambda each: each.id)
    first, rest = criteria[0], criteria[1:]

    def place(each: Ranked) -> tuple[bool, Exact]:
        key = each.key(first)
        return (key is None, 0 if key is None else key)

    return [each for _, run in groupby(sorted(group, key=place), key=place) for each in _in_order(list(run), rest)]


def _compared(a: Ranked, b: Ranked) -> Literal["better", "as good", "no"]:
    """Whether *a* is known to be at least as good as *b* in every respect, and whether better in one."""
    better = False
    for name in RESPECTS:
        mine, theirs = a.key(name), b.key(name)
        if mine is None and theirs is None:
            continue
        if mine is None or theirs is None or mine > theirs:
            return "no"
        better = better or mine < theirs
    return "better" if better else "as good"


def _status(
    order: list[Ranked], outcome: Outcome, criteria: Sequence[str], standings: dict[str, Standing]
) -> tuple[Status, tuple[str, ...]]:
    """What the answer is, and who ties."""
    if not order:
        return ("needs_information" if "unknown" in standings.values() else "infeasible"), ()
    if len(order) == 1:
        return "selected", ()
    if outcome.tie == "all":
        return "tie", tuple(each.id for each in order)
    if outcome.tie == "trade-off":
        # *order* is by RESPECTS here, so whoever is better than all others stands first, and nobody can be
        # worse in every respect than one that stands behind.
        if all(_compared(order[0], other) == "better" for other in order[1:]):
            return "selected", ()
        front: list[Ranked] = []
        for each in order:
            if not any(_compared(better, each) == "better" for better in front):
                front.append(each)
        return "tie", tuple(each.id for each in front)
    first = order[0]
    if first.key(outcome.rank_by[0]) is None:
        return "needs_information", ()
    equal = tuple(each.id for each in order if all(each.key(name) == first.key(name) for name in criteria))
    return ("tie", equal) if len(equal) > 1 else ("selected", ())
