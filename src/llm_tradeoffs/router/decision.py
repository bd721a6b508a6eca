"""What the router answers: a model, what may be tried next, what it costs, and why."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from llm_tradeoffs._decide import follow
from llm_tradeoffs.costing import Cost, usd_text
from llm_tradeoffs.money import Exact, Usd, exact_text
from llm_tradeoffs.policy import CRITERIA
from llm_tradeoffs.router._compiled import ID, Facts, Kind, Numbers, Ranking
from llm_tradeoffs.router.budget import Reservation
from llm_tradeoffs.router.request import Request
from llm_tradeoffs.usage import Usage

if TYPE_CHECKING:
    from llm_tradeoffs.assessment import Verdict

__all__ = ["REASONS", "Decision", "Nearest", "PassedOver", "ReasonCode", "Settled"]

ReasonCode = Literal[
    "chosen",
    "tie-broken",
    "sticky-session",
    "next-by-budget",
    "next-by-health",
    "none-can",
    "needs-information",
    "over-budget",
    "cooling-down",
    "none-left",
]
State = Literal["open", "settling", "settled", "released", "readmitted"]
REASONS: Final[Mapping[ReasonCode, str]] = {
    "chosen": "the policy puts it first",
    "tie-broken": "the policy leaves several equal, and it costs the least of them",
    "sticky-session": "the conversation's model has its cache, and with that the policy puts it first",
    "next-by-budget": "what the policy puts before it would go beyond a budget",
    "next-by-health": "what the policy puts before it is not to be called now",
    "none-can": "no candidate can do the request",
    "needs-information": "the choice hangs on facts that nobody has stated",
    "over-budget": "every candidate that can do the request would go beyond a budget",
    "cooling-down": "whatever can do the request within its budget is cooling down",
    "none-left": "every candidate that can do the request was tried before or is left out",
}
"""Every reason that a decision can have, and what it means. Those from ``none-can`` on name no model."""

# Ids are unique over processes and machines: a random start for each process, then numbers.
_numbers = count(1)
_prefix = os.urandom(6).hex()


def _start_anew() -> None:
    global _prefix  # noqa: PLW0603  # one per process: a forked child must not go on with its parent's ids
    _prefix = os.urandom(6).hex()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)


def new_id() -> str:
    """An id that no other decision has."""
    return f"{_prefix}-{next(_numbers)}"


@attrs.frozen(kw_only=True)
class PassedOver:
    """
    A candidate that can do the request and was not taken.

    Attributes:
        model: Its id.
        reason: ``over-budget`` or ``cooling-down``; ``failed`` for one that was tried for this request, ``left-out``
            for one that the caller does not want.
        detail: The same with the numbers.
    """

    model: str
    reason: Literal["over-budget", "cooling-down", "failed", "left-out"]
    detail: str


@attrs.frozen(kw_only=True)
class Nearest:
    """
    How far the candidates are from what is asked, where none can do it.

    Attributes:
        candidate: The id of the candidate that lacks the least; None if there are no candidates.
        lacks: What it lacks, or what is not known of it, one sentence each.
        could: The id of the model of the catalog, no candidate, that could do the request and costs the least in
            the worst case; None if the catalog has none.
    """

    candidate: str | None
    lacks: tuple[str, ...]
    could: str | None

    def __str__(self) -> str:
        near = "there are no candidates" if self.candidate is None else f"{self.candidate}: {'; '.join(self.lacks)}"
        could = "no model of the catalog could" if self.could is None else f"{self.could} could, and is no candidate"
        return f"{near}; {could}"


@attrs.frozen(kw_only=True, eq=False)
class Made:
    """
    What a decision was made from.

    Attributes:
        request, kind, numbers, ranking: The question, and the answer of the facts.
        made_at: When. [s since 1970]
        limit: What the request may cost at most; None for no limit. [10^-12 USD]
        tried: The candidates that were tried before.
        without: The candidates that the caller left out.
    """

    request: Request
    kind: Kind
    numbers: Numbers
    ranking: Ranking
    made_at: float
    limit: Exact | None
    tried: tuple[str, ...]
    without: tuple[str, ...]


class Decision:
    """
    Which model for a request.

    Attributes:
        id: Unique; joins what was predicted with what the call really cost.
        model: The id of the chosen model; None if none was.
        reason: One of :data:`REASONS`.
        rule: The id of the question of the policy that decided.
        request: What was asked.
        made_at: When, by the router's clock. [s since 1970]
        passed_over: Candidates that the policy puts before the chosen one.
        stay_cost, move_cost: In a conversation, what the request is expected to cost on its model with what the
            cache holds, and on the best other one without. None outside of conversations. [USD]
        tried: The candidates that were tried for this request before and failed.
        without: The candidates that the caller left out.
        retry_after: Where all are cooling down, after how long the first one is ready again. [s]
        reservation: What is held in the budgets; None for nothing.
        state: ``open`` until the call is settled or released; ``readmitted`` where what was released is to be
            settled nevertheless, and the store did not answer.
        settled: What the call really cost, once it is settled.
        limit_pico: What the request may cost at most, by itself; None for no limit. [10^-12 USD]
    """

    # A plain class, and whatever can be worked out later is: one is made for every call of an application. What is
    # rarely set stands here, so that it need not be set at all.
    passed_over: tuple[PassedOver, ...] = ()
    reservation: Reservation | None = None
    retry_after: float | None = None
    settled: Settled | None = None
    state: State = "open"
    tried: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    _numbers: Numbers | None = None
    _ranking: Ranking | None = None
    limit_pico: Exact | None = None

    def __init__(  # noqa: PLR0917  # positional: one is made for every call
        self,
        model: str | None,
        reason: ReasonCode,
        rule: str,
        request: Request,
        kind: Kind,
        made_at: float,
        id: str | None = None,
    ) -> None:
        self.id = f"{_prefix}-{next(_numbers)}" if id is None else id
        self.model = model
        self.reason: ReasonCode = reason
        self.rule = rule
        self.request = request
        self.made_at = made_at
        self._kind = kind

    @classmethod
    def of(
        cls,
        model: str | None,
        reason: ReasonCode,
        made: Made,
        *,
        passed_over: Sequence[PassedOver] = (),
        reservation: Reservation | None = None,
        id: str | None = None,
    ) -> Decision:
        """A decision for which more was looked at than the facts."""
        found = cls(model, reason, made.ranking.rule, made.request, made.kind, made.made_at, id)
        found.passed_over = tuple(passed_over)
        found.reservation = reservation
        found.tried, found.without = made.tried, made.without
        found._numbers = made.numbers
        found._ranking = made.ranking
        found.limit_pico = made.limit
        return found

    @property
    def numbers(self) -> Numbers:
        """The numbers of the request."""
        if self._numbers is None:
            self._numbers = self._kind.numbers(self.request)
        return self._numbers

    @property
    def _ranked(self) -> Ranking:
        if self._ranking is None:
            self._ranking = self._kind.rank(self.numbers)
        return self._ranking

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The ids of those that may be tried next, best first: all can do the request within its own limits."""
        if self.model is None:
            return ()
        out = {self.model, *(each.model for each in self.passed_over)}
        ids = [row[ID] for row in self._ranked.rows if row[ID] not in out]
        if self.limit_pico is None:
            return tuple(ids)
        return tuple(name for name in ids if (worst := self._worst(name)) is not None and worst <= self.limit_pico)

    @property
    def expected_cost(self) -> Usd | None:
        """What the request is expected to cost; None if unknown, or if no model was chosen. [USD]"""
        return None if self.model is None else _usd(self._kind.cost(self.model, self.numbers))

    @property
    def worst_cost(self) -> Usd | None:
        """What it costs at most: all of the output that is allowed, nothing from a cache; None if unknown. [USD]"""
        return None if self.model is None else _usd(self._worst(self.model))

    def _worst(self, model: str) -> Exact | None:
        return self._kind.worst(model, self.numbers)

    @property
    def reserved(self) -> Usd | None:
        """What is held in the budgets until the call is settled; None for nothing. [USD]"""
        return None if self.reservation is None else Usd.from_pico(self.reservation.pico)

    @property
    def stay_cost(self) -> Usd | None:
        """In a conversation: what the request costs on its model, with what the cache holds. [USD]"""
        stays = self.numbers.stays
        return _usd(self._kind.cost(stays, self.numbers)) if stays in self._kind.facts.by_id else None

    @property
    def move_cost(self) -> Usd | None:
        """In a conversation: what it costs on the best other one that can do the request, without a cache. [USD]"""
        stays = self.numbers.stays
        if not stays:
            return None
        other = next((row for row in self._ranked.rows if row[ID] != stays), None)
        return None if other is None else _usd(self._kind.cost(other[ID], self.numbers))

    @property
    def cached_tokens(self) -> int:
        """In a conversation: how much of the input its model's cache is taken to hold. [tokens]"""
        return self.numbers.cached

    @property
    def expected_output_tokens(self) -> Exact:
        """How long the answer was expected to be. [tokens]"""
        return self.numbers.said

    @property
    def facts(self) -> Facts:
        """The facts that it was made with; swapping them later changes nothing here."""
        return self._kind.facts

    @property
    def policy(self) -> str:
        """The id of the policy."""
        return self._kind.facts.policy.id

    @property
    def facts_hash(self) -> str:
        """SHA-256 over the facts that were compiled; equal hashes give equal decisions. [hex]"""
        return self._kind.facts.digest

    @property
    def because(self) -> str:
        """The reason in a sentence."""
        text = REASONS[self.reason]
        if self.reason in {"none-can", "needs-information"}:
            return f"{text}: {self.nearest}"
        if self.passed_over:
            return f"{text}: {'; '.join(each.detail for each in self.passed_over)}"
        return text

    @cached_property
    def nearest(self) -> Nearest | None:
        """How far the candidates are from what is asked; None where a candidate can do it."""
        return nearest(self._kind, self.numbers) if self.reason in {"none-can", "needs-information"} else None

    def to_dict(self) -> dict[str, Any]:
        """The decision as a record for a log, in plain types; amounts are exact decimal strings."""
        numbers, facts, request, near = self.numbers, self._kind.facts, self.request, self.nearest
        return {
            "schema_version": 1,
            "id": self.id,
            "model": self.model,
            "fallbacks": list(self.fallbacks),
            "reason": self.reason,
            "because": self.because,
            "policy": self.policy,
            "rule": self.rule,
            "expected_cost_usd": _text(self.expected_cost),
            "worst_cost_usd": _text(self.worst_cost),
            "reserved_usd": _text(self.reserved),
            "stay_cost_usd": _text(self.stay_cost),
            "move_cost_usd": _text(self.move_cost),
            "cached_tokens": numbers.cached,
            "passed_over": [
                {"model": each.model, "reason": each.reason, "detail": each.detail} for each in self.passed_over
            ],
            "nearest": None
            if near is None
            else {"candidate": near.candidate, "lacks": list(near.lacks), "could": near.could},
            "retry_after_s": self.retry_after,
            "tenant": request.tenant,
            "session": request.session,
            "needs": sorted(self._kind.needs),
            "task": self._kind.workload.task,
            "input_tokens": numbers.sent,
            "output_tokens": numbers.said if isinstance(numbers.said, int) else exact_text(numbers.said),
            "max_input_tokens": numbers.most_sent,
            "max_output_tokens": numbers.most_said,
            "made_at": self.made_at,
            "facts_hash": facts.digest,
            "as_of": facts.day.isoformat(),
            "catalog_edition": facts.catalog.edition,
        }

    def otel_attributes(self) -> dict[str, str | int | float | Sequence[str]]:
        """
        The decision as attributes of a span: flat, without what is not known.

        Names that OpenTelemetry defines for generative AI are used where it does, ours begin with ``llm_tradeoffs.``;
        amounts are exact decimal strings.
        """
        numbers, request = self.numbers, self.request
        found: dict[str, str | int | float | Sequence[str] | None] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": self.model,
            "gen_ai.request.max_tokens": request.max_output_tokens,
            "gen_ai.conversation.id": request.session,
            "llm_tradeoffs.decision.id": self.id,
            "llm_tradeoffs.decision.reason": self.reason,
            "llm_tradeoffs.decision.policy": self.policy,
            "llm_tradeoffs.decision.rule": self.rule,
            "llm_tradeoffs.decision.fallbacks": self.fallbacks,
            "llm_tradeoffs.decision.passed_over": tuple(each.model for each in self.passed_over),
            "llm_tradeoffs.decision.input_tokens": numbers.sent,
            "llm_tradeoffs.decision.expected_cost_usd": _text(self.expected_cost),
            "llm_tradeoffs.decision.worst_cost_usd": _text(self.worst_cost),
            "llm_tradeoffs.tenant": request.tenant,
            "llm_tradeoffs.facts_hash": self.facts_hash,
        }
        return {name: value for name, value in found.items() if value is not None}

    def __str__(self) -> str:
        if self.model is None:
            return f"no model: {self.because}"
        expected, worst = self.expected_cost, self.worst_cost
        most = "an unknown amount" if worst is None else worst
        cost = "at an unknown cost" if expected is None else f"expected {expected}, {most} at most"
        return f"{self.model} ({cost}): {self.because}"

    def __repr__(self) -> str:
        return f"<Decision {self.id}: {self.model or 'no model'} ({self.reason})>"


@attrs.frozen(kw_only=True, eq=False)
class Settled:
    """
    What a call really cost, beside what was predicted.

    Attributes:
        decision: What was decided.
        model: The id of the model that answered.
        usage: What the call used.
        cost: What it cost, with its bill.
        counted: What was counted in the budgets: the cost, and its upper end where a price is only known as an
            interval; None where no budget is kept. [USD]
        was_late: Whether the reservation had expired before; the cost was counted nevertheless.
    """

    decision: Decision
    model: str
    usage: Usage
    cost: Cost
    counted: Usd | None
    was_late: bool

    @property
    def expected_cost(self) -> Usd | None:
        """What the router expected; None if it was unknown. [USD]"""
        return self.decision.expected_cost

    @property
    def difference(self) -> Usd | None:
        """Real less expected: above 0 where the call cost more; None if the expectation was unknown. [USD]"""
        expected = self.expected_cost
        return None if expected is None else self.cost.high - expected

    @property
    def beyond_reservation(self) -> Usd:
        """How much more than the reserved worst case it cost; $0 for nothing. [USD]"""
        reserved = self.decision.reserved
        over = Usd(0) if reserved is None else self.cost.high - reserved
        return max(over, Usd(0))

    def to_dict(self) -> dict[str, Any]:
        """The outcome as a record for a log, in plain types; ``decision_id`` joins it with the decision's."""
        return {
            "schema_version": 1,
            "decision_id": self.decision.id,
            "predicted_model": self.decision.model,
            "model": self.model,
            "usage": {
                name: number if isinstance(number, int) else exact_text(number)
                for name, number in self.usage.counted.items()
            },
            "cost": self.cost.to_dict(),
            "counted_usd": _text(self.counted),
            "expected_cost_usd": _text(self.expected_cost),
            "difference_usd": _text(self.difference),
            "beyond_reservation_usd": _text(self.beyond_reservation),
            "was_late": self.was_late,
        }

    def otel_attributes(self) -> dict[str, str | int | float | Sequence[str]]:
        """The outcome as attributes of the span of the call."""
        found: dict[str, str | int | float | Sequence[str] | None] = {
            "gen_ai.response.model": self.model,
            "gen_ai.usage.input_tokens": self.usage.input_tokens,
            "gen_ai.usage.output_tokens": self.usage.output_tokens,
            "llm_tradeoffs.decision.id": self.decision.id,
            "llm_tradeoffs.cost_usd": _text(self.cost.high),
            "llm_tradeoffs.expected_cost_usd": _text(self.expected_cost),
        }
        return {name: value for name, value in found.items() if value is not None}

    def __str__(self) -> str:
        expected = self.expected_cost
        before = "nothing was expected" if expected is None else f"{expected} was expected"
        return f"{self.cost.high} on {self.model}, {before}"

    def __repr__(self) -> str:
        return f"<Settled {self.decision.id}: {self}>"


def _usd(pico: Exact | None) -> Usd | None:
    return None if pico is None else Usd.from_pico(pico)


def _text(amount: Usd | None) -> str | None:
    return None if amount is None else usd_text(amount)


def _far(verdicts: Sequence[Verdict]) -> tuple[int, int]:
    return sum(each.answer == "not met" for each in verdicts), sum(each.answer == "unknown" for each in verdicts)


def nearest(kind: Kind, numbers: Numbers) -> Nearest:
    """Which candidate lacks the least, and which model of the catalog lacks nothing."""
    facts = kind.facts
    gaps = {
        model.id: [each for each in kind.verdicts(model, numbers) if each.answer != "met"] for model in facts.models
    }

    def place(name: str) -> tuple[int, int, int, str]:
        return (*_far(gaps[name]), -(facts.by_id[name].context_window or 0), name)

    closest = min(gaps, key=place, default=None)
    could: list[tuple[Exact, str]] = []
    for model in facts.catalog.models(facts.day):
        if model.id in facts.by_id or any(each.answer != "met" for each in kind.verdicts(model, numbers)):
            continue
        worst = kind.worst_of(model, numbers)
        if worst is not None:
            could.append((worst, model.id))
    lacks = () if closest is None else tuple(each.reason for each in gaps[closest])
    if closest is not None and not lacks:
        # Some can do it, and what decides between them is what nobody has stated.
        _, outcome = follow(facts.policy, kind.question(numbers))
        lacks = (f"nobody states the {CRITERIA[outcome.rank_by[0]][1]} of any candidate that can do it",)
    return Nearest(candidate=closest, lacks=lacks, could=min(could)[1] if could else None)
