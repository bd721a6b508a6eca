"""
The decision itself: requirements, questions, ranking. Numbers in, an order out, no words.

Everything a router needs is here; what a person reads is built from it in ``_grounds``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, Final, Literal, Protocol, TypeVar

import attrs

from llm_tradeoffs.analysis._masks import Order, dominators
from llm_tradeoffs.analysis._numbers import Load, Runner, as_loads
from llm_tradeoffs.assessment import REQUIREMENTS, Assessment, Requirement, Verdict
from llm_tradeoffs.money import Usd
from llm_tradeoffs.policy import Answer, Outcome, Policy, Question
from llm_tradeoffs.recommendation import Caps, Standing, Status
from llm_tradeoffs.workload import Workload

__all__ = ["NO_CAPS", "RESPECTS", "Decision", "Racer", "Ranked", "decide", "follow", "in_order", "leaders"]

RESPECTS: Final = ("cost", "quality", "ttft", "response_time")
"""In what respects a candidate can be better than another. They also settle what a ranking leaves equal."""


class Racer(Protocol):
    """Whoever can be put into an order: a candidate, or a candidate as a function of one number."""

    @property
    def id(self) -> str: ...

    def key(self, criterion: str) -> Any:
        """What it is ranked by, smaller being better; None if that is unknown."""


RacerT = TypeVar("RacerT", bound=Racer)


class Ranked(Runner):
    """A candidate at the workload of its assessment, without caps."""

    __slots__ = ()

    def __init__(self, assessment: Assessment) -> None:
        super().__init__(assessment, Load(assessment.workload, Caps(), ()))


NO_CAPS: Final = Caps()


@attrs.frozen(kw_only=True, eq=False)
class Decision:
    """
    What was decided, and everything that it was decided on.

    Attributes:
        workload, policy, caps: The question.
        assessed: Every candidate.
        runners: The same in numbers.
        standings: Of each candidate: ``possible``, ``ruled out`` or ``unknown``.
        path: The questions that were asked, with their answers.
        outcome: Where they led.
        possible: The candidates that are possible, by their ids.
        status, leaders: The answer: who is chosen, or who ties.
    """

    workload: Workload
    policy: Policy
    caps: Caps
    assessed: Sequence[Assessment]
    runners: Sequence[Runner]
    standings: dict[str, Standing]
    path: Sequence[tuple[Question, Answer]]
    outcome: Outcome
    possible: Sequence[Runner]
    status: Status
    leaders: tuple[str, ...]

    @property
    def chosen(self) -> str | None:
        """The id of the chosen model; None unless one was selected."""
        return self.leaders[0] if self.status == "selected" else None

    @property
    def tied(self) -> tuple[str, ...]:
        """The ids of those that tie."""
        return self.leaders if self.status == "tie" else ()

    @property
    def criteria(self) -> tuple[str, ...]:
        """What decides, most important first; what nobody asked about settles what is left equal."""
        return criteria_of(self.outcome)

    @cached_property
    def order(self) -> Sequence[Runner]:
        """The candidates that are possible, best first."""
        return in_order(list(self.possible), self.criteria)

    @cached_property
    def required(self) -> Sequence[Requirement]:
        """The hard requirements of the policy, in its order, and those that the caps make."""
        return [*(_BY_ID[name] for name in self.policy.requirements), *cap_requirements(self.caps)]

    @cached_property
    def rest(self) -> list[Assessment]:
        """The candidates that are not in the race, by their ids."""
        return [each for each in self.assessed if self.standings[each.model.id] != "possible"]

    def verdicts(self, assessment: Assessment) -> tuple[Verdict, ...]:
        """What one candidate answers to each requirement of its workload, and to the caps."""
        return (*assessment.verdicts, *(cap.decide(assessment) for cap in cap_requirements(self.caps)))


def decide(workload: Workload, assessed: Iterable[Assessment], policy: Policy, caps: Caps = NO_CAPS) -> Decision:
    """Follow *policy* for *workload* and rank the candidates that meet its requirements and the *caps*."""
    assessed = sorted(assessed, key=lambda each: each.model.id)  # the order in which they were named says nothing
    runners = as_loads(assessed, caps, policy.requirements)
    standings: dict[str, Standing] = {each.id: each.standing() for each in runners}
    path, outcome = follow(policy, workload)
    possible = [each for each in runners if standings[each.id] == "possible"]
    status, first = leaders(possible, outcome, unknown="unknown" in standings.values())
    return Decision(
        workload=workload,
        policy=policy,
        caps=caps,
        assessed=assessed,
        runners=runners,
        standings=standings,
        path=path,
        outcome=outcome,
        possible=possible,
        status=status,
        leaders=tuple(each.id for each in first),
    )


_BY_ID: Final = {requirement.id: requirement for requirement in REQUIREMENTS}


def follow(policy: Policy, workload: Workload) -> tuple[list[tuple[Question, Answer]], Outcome]:
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


def criteria_of(outcome: Outcome) -> tuple[str, ...]:
    """What candidates are ranked by at *outcome*, each criterion once."""
    return tuple(dict.fromkeys((*outcome.rank_by, *RESPECTS)))


def in_order(group: list[RacerT], criteria: Sequence[str]) -> list[RacerT]:
    """
    *group* by the first criterion, equal ones by the next, and by name where everything is equal.

    The known come before the unknown. Later criteria are looked at only where earlier ones are equal.
    """
    if len(group) < 2:
        return group
    if not criteria:
        return sorted(group, key=lambda each: each.id)
    first, rest = criteria[0], criteria[1:]

    def place(each: Racer) -> tuple[bool, Any]:
        key = each.key(first)
        return (key is None, 0 if key is None else key)

    return [each for _, run in groupby(sorted(group, key=place), key=place) for each in in_order(list(run), rest)]


def _compared(a: Racer, b: Racer) -> Literal["better", "as good", "no"]:
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


def beats(a: Racer, b: Racer) -> bool:
    """Whether *a* is known to be at least as good as *b* in every respect, and better in one."""
    return _compared(a, b) == "better"


def front_of(racers: Iterable[RacerT]) -> list[RacerT]:
    """Those of *racers* that no other one beats, in their order by :data:`RESPECTS`."""
    each = list(racers)
    orders = [Order.of([racer.key(name) for racer in each]) for name in RESPECTS]
    return in_order([racer for index, racer in enumerate(each) if not dominators(orders, index)], RESPECTS)


def best_of(racers: Sequence[RacerT], criteria: Sequence[str]) -> list[RacerT]:
    """Those of *racers* that no criterion, one after the other, puts behind."""
    left = list(racers)
    for name in criteria:
        if len(left) < 2:
            break
        known = [key for each in left if (key := each.key(name)) is not None]
        if known:
            least = min(known)
            left = [each for each in left if each.key(name) == least]
    return left


def leaders(racers: Sequence[RacerT], outcome: Outcome, *, unknown: bool) -> tuple[Status, list[RacerT]]:
    """
    What the answer is, and who is chosen or ties.

    Args:
        racers: The candidates that are possible.
        outcome: How they are ranked.
        unknown: Whether it is not known of others whether they are.
    """
    if not racers:
        return ("needs_information" if unknown else "infeasible"), []
    if len(racers) == 1:
        return "selected", list(racers)
    if outcome.tie == "all":
        return "tie", in_order(list(racers), RESPECTS)
    if outcome.tie == "trade-off":
        first = front_of(racers)
    else:
        first = best_of(racers, criteria_of(outcome))
        if first[0].key(outcome.rank_by[0]) is None:
            return "needs_information", []
        first.sort(key=lambda each: each.id)
    return ("selected" if len(first) == 1 else "tie"), first


# Caps.


def cap_requirements(caps: Caps) -> tuple[Requirement, ...]:
    """The caps as requirements, so that they are asked, traced and explained like every other one."""
    found: list[Requirement] = []
    if caps.cost_per_request is not None:
        found.append(_cap("cost_per_request", "May one request cost that much?", caps.cost_per_request, "per_request"))
    if caps.cost_per_month is not None:
        found.append(_cap("cost_per_month", "May a month cost that much?", caps.cost_per_month, "per_month"))
    return tuple(found)


def _cap(name: str, question: str, most: Usd, field: str) -> Requirement:
    def decided(assessment: Assessment) -> Verdict:
        cost = assessment.cost
        amount: Usd | None = None if cost is None else getattr(cost, field)
        words = field.removeprefix("per_")
        if amount is None:
            reason = f"the cost per {words} of {assessment.model.id} is unknown, the cap is {most}"
            return Verdict(requirement=name, answer="unknown", reason=reason)
        reason = f"{amount} per {words}, at most {most} allowed"
        return Verdict(requirement=name, answer="met" if amount <= most else "not met", reason=reason)

    return Requirement(
        id=name, question=question, asked_of=lambda _: True, decide=decided, threshold=lambda _: str(most)
    )
