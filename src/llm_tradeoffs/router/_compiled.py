"""
The facts of a router, compiled: which candidates can do a request, and in which order the policy has them.

Requests that differ in their token counts alone have the same needs, the same task and the same answers to most
questions, so all of that is worked out once for them: their *kind*. What is left for a request is a few
multiplications for each candidate and a sort. Where a kind of work is not that simple (a conversation priced as a
whole, a card with minimum charges, tokens to be converted), the decision is made as ``recommend`` makes it. Both
ways give the same answer, which is a law with a test of its own.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import inf, lcm
from typing import Any, Final, Literal, TypeAlias

from llm_tradeoffs._decide import criteria_of, follow, in_order, leaders
from llm_tradeoffs.analysis._numbers import CAPS, Load, Runner, as_loads
from llm_tradeoffs.assessment import REQUIREMENTS, Verdict, as_workload, assess_model
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.costing import bill
from llm_tradeoffs.errors import InvalidValueError, UnknownPriceError
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import MAX_COUNT, Exact, divide, plain
from llm_tradeoffs.policy import Condition, Outcome, Policy
from llm_tradeoffs.rates import STANDARD, RateCard
from llm_tradeoffs.recommendation import Caps, Status
from llm_tradeoffs.router.request import Request
from llm_tradeoffs.workload import Workload

__all__ = ["COST", "ID", "Answer", "Facts", "Kind", "Numbers", "Ranking", "Row"]

ABILITIES: Final = ("offered", "context", "output_limit", "vision", "tools", "batch", "structured_output")
"""What decides whether a model can do a request at all, whatever the policy asks."""
_ABILITIES: Final = frozenset(ABILITIES)
_OF_TOKENS: Final = frozenset({"context", "output_limit", "response_time", *CAPS})
"""What the tokens of a request decide, and so is asked anew of every one."""
_SENT: Final = frozenset({"input_tokens", "longest_tokens"})
_MAX_KINDS: Final = 512

Row: TypeAlias = tuple[Any, Any, Any, Any, Any, str]
"""A candidate in the order of the policy: keys, its cost in a unit of their own, its id. See :func:`_rows`."""
Answer: TypeAlias = tuple[str, Literal["chosen", "tie-broken"], str]
"""The id of the first candidate, the reason, and the id of the question that decided."""
COST: Final = 2
ID: Final = 5


class Numbers:
    """
    The numbers of one request.

    Attributes:
        sent, said: The input and the output expected. [tokens]
        most_sent, most_said: The input and the output at most, for which room and money are reserved. [tokens]
        stays: The model whose cache holds a part of the input; empty for none.
        cached: How much of it. [tokens]
    """

    __slots__ = ("cached", "most_said", "most_sent", "said", "sent", "stays")

    def __init__(  # noqa: PLR0917  # positional: one is made for every decision
        self, sent: int, said: Exact, most_sent: int, most_said: Exact, stays: str = "", cached: int = 0
    ) -> None:
        self.sent, self.said, self.most_sent, self.most_said = sent, said, most_sent, most_said
        self.stays, self.cached = stays, cached


class Ranking:
    """
    The candidates that can do a request, best first.

    Attributes:
        status: As ``recommend`` would have it.
        rows: The candidates.
        rule: The id of the question that decided.
    """

    __slots__ = ("rows", "rule", "status")

    def __init__(self, status: Status, rows: Sequence[Row], rule: str) -> None:
        self.status, self.rows, self.rule = status, rows, rule


class Facts:
    """
    One state of the world: candidates on a day, and a policy. It never changes; new facts make another one.

    Attributes:
        models: The candidates, in the order in which they were named.
        policy, catalog, day, caps: What the choice rests on.
        accept_unknown: Whether what nobody has stated of a candidate is taken to be fine.
    """

    def __init__(
        self, models: Sequence[Model], policy: Policy, catalog: Catalog, day: date, caps: Caps, *, accept_unknown: bool
    ) -> None:
        self.models = tuple(models)
        self.policy = policy
        self.catalog = catalog
        self.day = day
        self.caps = caps
        self.accept_unknown = accept_unknown
        self.by_id = {model.id: model for model in self.models}
        self._kinds: dict[Any, Kind] = {}

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the candidates, the policy, the caps, and the catalog's facts and day. [hex]"""
        held = (
            [repr(model) for model in self.models],
            [repr(model.rates) for model in self.models],
            repr(self.policy),
            repr(self.caps),
            self.accept_unknown,
            self.catalog.content_hash,
            self.day.isoformat(),
        )
        return hashlib.sha256(repr(held).encode()).hexdigest()

    def kind(self, request: Request) -> Kind:
        """What is worked out once for all requests like *request*."""
        found = self._kinds.get(request.key)
        if found is None:
            found = Kind(self, request)
            if len(self._kinds) >= _MAX_KINDS:  # no limit on how many kinds a caller thinks of, but on what is kept
                for key in list(self._kinds)[: _MAX_KINDS // 2]:
                    self._kinds.pop(key, None)
            self._kinds[request.key] = found
        return found

    def named(self, name: str) -> str | None:
        """The id of the candidate that a provider calls *name*; None if it is none or not sure."""
        if name in self.by_id:
            return name
        own = [model.id for model in self.models if name in model.aliases]
        if own or name not in self.catalog:
            return own[0] if len(own) == 1 else None
        try:
            found = self.catalog.resolve(name, self.day)
        except LookupError:
            return None  # a moving name that meant nothing on that day
        return found if found in self.by_id else None


class _Lane:
    """One candidate of a kind, in whatever does not depend on the tokens."""

    __slots__ = ("limit", "longest_said", "model", "quality", "right", "runner", "speed", "ttft", "window")

    def __init__(self, runner: Runner, *, accept_unknown: bool) -> None:
        model = runner.assessment.model
        self.runner = runner
        self.model = model
        unknown = inf if accept_unknown else -1
        self.window = unknown if model.context_window is None else model.context_window
        self.limit = inf if model.max_output_tokens is None else model.max_output_tokens
        self.quality = runner.key("quality")
        self.ttft = runner.key("ttft")
        self.longest_said: Exact | float = inf
        percent = runner.percent
        self.right = None if percent is None else percent.low + percent.high
        speed = model.typical_output_tokens_per_second or model.output_tokens_per_second
        # Milliseconds a token, in the middle of what is stated; see _numbers._response.
        self.speed = (
            None
            if speed is None or model.ttft is None
            else divide(divide(1000, speed.low) + divide(1000, speed.high), 2)
        )


_LaneRow: TypeAlias = tuple[Any, ...]


class _Segment:
    """The candidates for a stretch of lengths in which no price and no answer changes."""

    __slots__ = ("better", "first", "lanes", "outcome", "rule", "scale", "weigh")

    def __init__(  # noqa: PLR0917  # as many as there are
        self,
        lanes: list[_LaneRow],
        outcome: Outcome,
        rule: str,
        weigh: bool,
        better: dict[str, dict[str, int]],
        scale: int,
    ) -> None:
        self.lanes, self.outcome, self.rule, self.weigh, self.better = lanes, outcome, rule, weigh, better
        self.scale = scale
        self.first: First | None = None


class First:
    """
    What is needed to find the first candidate and no other.

    Attributes:
        window, limit, slow: Up to which lengths everybody who matters can do a request. [tokens]
        coefficients: Of those that nothing but money can tell apart: what is ranked by, besides, per token sent and
            per token said, in a unit of their own.
        answers: For each of them its id, the reason and the rule if it is first; None where that takes more.
    """

    __slots__ = ("answers", "coefficients", "limit", "slow", "window")

    def __init__(
        self,
        bounds: tuple[Any, Any, Any],
        coefficients: list[tuple[Exact, Exact, Exact]],
        answers: list[Answer | None],
    ) -> None:
        self.window, self.limit, self.slow = bounds
        self.coefficients, self.answers = coefficients, answers


def _first(segment: _Segment, *, accept_unknown: bool) -> First | None:
    rows, outcome = segment.lanes, segment.outcome
    if not rows:
        return None
    before = min(row[0] for row in rows)
    top = [row for row in rows if row[0] == before]
    if before[0] and len(rows) > 1 and not outcome.tie and not accept_unknown:
        return None  # nobody is known to be any good by the first criterion
    # Who ties depends on everybody; who is ranked first, on those that could be.
    matter = rows if outcome.tie else top
    bounds = (min(row[9] for row in matter), min(row[10] for row in matter), min(row[11] for row in matter))
    answers: list[Answer | None] = []
    for row in top:
        name = row[-1]
        if not outcome.tie or len(rows) == 1:
            answers.append((name, "chosen", segment.rule))
        elif outcome.tie == "all" or 0 in segment.better[name].values():
            answers.append((name, "tie-broken", segment.rule))
        else:
            answers.append(None)  # whether it is better in everything depends on how long the answer is
    coefficients = [(weight * fixed + added, weight * i, weight * o) for _, fixed, i, o, weight, added, *_ in top]
    return First(bounds, coefficients, answers)


class Kind:
    """
    All requests that differ in their numbers alone.

    Attributes:
        facts: The candidates and the policy.
        workload: What they have in common; its counts are those of the workload that was named, or 0.
        needs: What a model must be able to do.
    """

    def __init__(self, facts: Facts, request: Request) -> None:
        self.facts = facts
        self._holds = request.workload  # its identity is the key, so it must live as long as this
        base: dict[str, Any] = {}
        said = dict(request.overrides)
        if request.workload is None:
            self.workload = Workload(input_tokens=0, output_tokens=0, needs=request.needs, **said)
            self.usual_output: Exact | None = None
        else:
            named = as_workload(request.workload, facts.catalog)
            self.usual_output = named.output_tokens
            base = {"needs": named.needs | request.needs, **said}
            self.workload = named.with_(**base)
        if facts.caps.cost_per_month is not None and self.workload.volume_basis is None:
            raise InvalidValueError(
                f"a month may cost {facts.caps.cost_per_month} at most, but the request states no volume. "
                "Name a workload with requests_per_month=100_000, or cap the cost per request."
            )
        self.needs = self.workload.needs
        self._lanes: list[_Lane] | None = None
        self._segments: dict[tuple[int, int], _Segment | None] = {}
        self._sent_bounds: list[int] = []
        self._said_bounds: list[int] = []
        self._only: _Segment | None = None  # where there is but one
        if self._is_plain():
            self._compile()

    # Numbers.

    def numbers(self, request: Request, stays: str = "", cached: int = 0) -> Numbers:
        """The numbers of *request*, where it is of this kind."""
        sent, said, most = request.input_tokens, request.output_tokens, request.max_output_tokens
        expected: Exact
        if said is not None:
            expected = said
        else:
            assert self.usual_output is not None  # a request without a workload states its output
            expected = self.usual_output if most is None else min(self.usual_output, most)
        most_said = -int(-expected // 1) if most is None else most
        most_sent = request.max_input_tokens
        return Numbers(sent, expected, sent if most_sent is None else most_sent, most_said, stays, cached)

    def question(self, numbers: Numbers) -> Workload:
        """The workload that ``recommend`` would be asked about. Without the cached part, which one model has."""
        return self.workload.with_(input_tokens=numbers.sent, output_tokens=numbers.said)

    # The short way.

    def _is_plain(self) -> bool:
        work = self.workload
        if work.turns != 1 or work.batch_share or work.longest_tokens is not None or work.counted_for is not None:
            return False
        tests = [test for question in self.facts.policy.questions for test in question.when.tests()]
        return not any(test.input in _SENT | {"output_tokens"} and test.operator == "stated" for test in tests)

    def _compile(self) -> None:
        facts = self.facts
        load = Load(self.workload, facts.caps, facts.policy.requirements)
        asked = dict(load.checks)
        fine = {"met", "unknown"} if facts.accept_unknown else {"met"}
        sent_bounds: set[int] = set()
        lanes: list[_Lane] = []
        for model in facts.models:
            runner = Runner(assess_model(model, self.workload, facts.catalog, facts.day), load)
            sent_bounds.update(model.rates.breakpoints())
            if not self._able(runner):
                continue
            answers = {check(runner) for name, check in asked.items() if name not in _OF_TOKENS}
            if not answers <= fine:
                continue
            lane = _Lane(runner, accept_unknown=facts.accept_unknown)
            if "response_time" in asked:
                lane.longest_said = _longest_said(model, load.max_response_ms, accept_unknown=facts.accept_unknown)
            lanes.append(lane)
        sent, said = _thresholds(facts.policy)
        self._sent_bounds = sorted(sent_bounds | sent)
        self._said_bounds = sorted(said)
        self._lanes = sorted(lanes, key=lambda lane: lane.model.id)
        if not self._sent_bounds and not self._said_bounds:
            self._only = self._segment(1, 1)

    def _able(self, runner: Runner) -> bool:
        """Whether a model can do such requests, whatever their length."""
        model = runner.assessment.model
        if model.retires_on is not None and model.retires_on <= self.facts.day:
            return False
        for need in self.needs:
            supported: bool | None = getattr(model, f"supports_{need}")
            if not (supported or (supported is None and self.facts.accept_unknown)):
                return False
        return True

    def _segment(self, sent: int, said: Exact) -> _Segment | None:
        place = (bisect_left(self._sent_bounds, sent), bisect_left(self._said_bounds, said))
        try:
            return self._segments[place]
        except KeyError:
            found = self._segments[place] = self._make_segment(sent, said)
            return found

    def _make_segment(self, sent: int, said: Exact) -> _Segment | None:
        assert self._lanes is not None  # only asked of plain kinds
        path, outcome = follow(self.facts.policy, self.workload.with_(input_tokens=sent, output_tokens=said))
        criteria = criteria_of(outcome)
        money = min(criteria.index(name) for name in ("cost", "expected_cost") if name in criteria)
        expected = criteria[money] == "expected_cost"
        after = [name for name in criteria[money + 1 :] if not (expected and name == "cost")]
        known_form = criteria[-1] == "response_time" and "expected_cost" not in after
        if (expected and criteria[money + 1] != "cost") or not known_form:
            return None
        caps = self.facts.caps
        capped = caps.cost_per_request is not None or caps.cost_per_month is not None
        cap = _cost_cap(caps, self.workload)
        scale = lcm(*(number.denominator for lane in self._lanes for number in (lane.ttft or 0, lane.speed or 0)))
        found = [_linear(lane.model.rates, sent, self.workload.cached_share) for lane in self._lanes]
        priced = [rates for rates in found if rates is not None]
        if len(priced) < len(found):
            return None
        # An order is the same in a finer unit: in that of the finest price, all are whole numbers.
        finer = lcm(*(number.denominator for rates in priced for number in rates[1:]))
        most = cap if cap == inf else int(cap * finer // 1)
        rows: list[_LaneRow] = []
        for lane, (known, *rates) in zip(self._lanes, priced, strict=True):
            fixed, of_sent, of_said = (int(number * finer) for number in rates)
            if not known and capped:
                continue
            before: list[Any] = []
            for name in criteria[:money]:
                before += _flagged(lane.runner.key(name))
            weight: Exact = 1
            added: Exact = 0
            if expected:
                weight = 0
                if known and lane.right is not None and self.workload.error_cost is not None:
                    # As in _numbers: 200 times C + (1-p)·K, so that whole percents stay whole numbers.
                    weight, added = 200, (200 - lane.right) * self.workload.error_cost.pico * finer
                before.append(not weight)
            before.append(not known)
            later: list[Any] = []
            for name in after[:-1]:
                later += _flagged(lane.runner.key(name))
            timed = lane.ttft is not None and lane.speed is not None
            later.append(not timed)
            wait = int((lane.ttft or 0) * scale) if timed else 0
            each = int((lane.speed or 0) * scale) if timed else 0
            rows.append(
                (
                    *(tuple(before), fixed, of_sent, of_said, weight, added, tuple(later), wait, each),
                    *(lane.window, lane.limit, lane.longest_said, most, lane.model.id),
                )
            )
        made = _Segment(rows, outcome, path[-1][0].id, expected, _better(self._lanes, rows), finer)
        if cap == inf:
            made.first = _first(made, accept_unknown=self.facts.accept_unknown)
        return made

    def first(self, sent: int, said: int, needed: int, most_said: int) -> Answer | None:
        """
        The best candidate, the reason and the rule, where they need no more than one multiplication for each number.

        Nearly every request is like that: every candidate has room for it, one costs least, and whether others are
        better in something else does not depend on the request. None for the others, which :meth:`rank` answers.

        Args:
            sent, said: The input and the output expected, above 0. [tokens]
            needed, most_said: Both together and the output, at most. [tokens]
        """
        segment = self._only
        if segment is None:
            if self._lanes is None:
                return None
            segment = self._segment(sent, said)
            if segment is None:
                return None
        first = segment.first
        if first is None or needed > first.window or most_said > first.limit or said > first.slow:
            return None
        coefficients = first.coefficients
        if len(coefficients) == 1:
            place = 0
        else:
            costs = [fixed + i * sent + o * said for fixed, i, o in coefficients]
            least = min(costs)
            if costs.count(least) > 1:
                return None
            place = costs.index(least)
        return first.answers[place]

    def rank(self, numbers: Numbers) -> Ranking:
        """The candidates that can do a request with these *numbers*, best first."""
        sent, said = numbers.sent, numbers.said
        if self._lanes is not None and sent and said and type(said) is int:
            segment = self._segment(sent, said)
            if segment is not None:
                rows = _rows(segment, numbers)
                if numbers.stays and len(rows) > 1:
                    rows = self._with_cache(segment, rows, numbers)
                if rows:
                    outcome = segment.outcome
                    if len(rows) == 1:
                        status: Status = "selected"
                    elif outcome.tie:
                        status = "selected" if outcome.tie == "trade-off" and _leads(segment, rows) else "tie"
                    elif rows[0][0][0] and not self.facts.accept_unknown:
                        status = "needs_information"
                    else:
                        status = "tie" if rows[0][:ID] == rows[1][:ID] else "selected"
                    return Ranking(status, rows, segment.rule)
        return self._rank_slowly(numbers)

    def _with_cache(self, segment: _Segment, rows: list[Row], numbers: Numbers) -> list[Row]:
        """The rows, where the tokens that the session's model has in its cache cost it what cached tokens cost."""
        for index, row in enumerate(rows):
            if row[ID] == numbers.stays:
                exact = self.cost(numbers.stays, numbers) if numbers.cached else None
                if exact is not None:
                    lane = next(lane for lane in segment.lanes if lane[-1] == numbers.stays)
                    cost = plain(exact * segment.scale)
                    rows[index] = (row[0], lane[4] * cost + lane[5], cost, row[3], row[4], row[5])
                rows.sort(key=_key_at(numbers.stays))
                break
        return rows

    # The long way: as recommend() decides.

    def _rank_slowly(self, numbers: Numbers) -> Ranking:
        facts = self.facts
        work = self.question(numbers)
        able = [model for model in facts.models if self._can(model, numbers) == "met"]
        assessed = [
            assess_model(model, self._priced(work, model.id, numbers), facts.catalog, facts.day)
            for model in sorted(able, key=lambda model: model.id)
        ]
        runners = as_loads(assessed, facts.caps, facts.policy.requirements)
        possible = [runner for runner in runners if self._allowed(runner)]
        path, outcome = follow(facts.policy, work)
        ordered = in_order(list(possible), criteria_of(outcome))
        if possible:
            status, _ = leaders(possible, outcome, unknown=False)
            if status == "needs_information" and facts.accept_unknown:
                status = "selected"
        else:
            status = "needs_information" if self._hangs(numbers) else "infeasible"
        rows: list[Row] = [((), 0, runner.cost, (), 0, runner.id) for runner in ordered]
        return Ranking(status, rows, path[-1][0].id)

    def _priced(self, work: Workload, model: str, numbers: Numbers) -> Workload:
        if model != numbers.stays or not numbers.cached or not numbers.sent:
            return work
        return work.with_(cached_share=max(work.cached_share, Fraction(numbers.cached, numbers.sent)))

    def _allowed(self, runner: Runner) -> bool:
        standing = runner.standing()
        if standing == "unknown" and self.facts.accept_unknown:
            answers = runner.answers()
            return all(answers.get(cap, "met") == "met" for cap in CAPS)
        return standing == "possible"

    def verdicts(self, model: Model, numbers: Numbers) -> tuple[Verdict, ...]:
        """What *model* answers to everything that a request with these numbers needs and the policy asks."""
        facts = self.facts
        most = self.workload.with_(input_tokens=numbers.most_sent, output_tokens=numbers.most_said)
        reserved = assess_model(model, most, facts.catalog, facts.day)
        usual = assess_model(model, self.question(numbers), facts.catalog, facts.day)
        found = [
            rule.decide(reserved if rule.id in _ABILITIES else usual)
            for rule in REQUIREMENTS
            if (rule.id in _ABILITIES or rule.id in facts.policy.requirements) and rule.asked_of(most)
        ]
        from llm_tradeoffs._decide import cap_requirements  # words, which only an explanation needs

        return (*found, *(cap.decide(usual) for cap in cap_requirements(facts.caps)))

    def _can(self, model: Model, numbers: Numbers) -> str:
        """Whether *model* can do a request with these numbers, whatever the policy asks: met, not met or unknown."""
        facts = self.facts
        most = self.workload.with_(input_tokens=numbers.most_sent, output_tokens=numbers.most_said)
        reserved = assess_model(model, most, facts.catalog, facts.day)
        answer = "met"
        for rule in REQUIREMENTS:
            if rule.id in _ABILITIES and rule.asked_of(most):
                found = rule.decide(reserved).answer
                if found == "not met":
                    return found
                if found == "unknown" and not facts.accept_unknown:
                    answer = found
        return answer

    def _hangs(self, numbers: Numbers) -> bool:
        """Whether a candidate that nobody knows enough about could do the request."""
        return any(
            "not met" not in {verdict.answer for verdict in self.verdicts(model, numbers)}
            for model in self.facts.models
        )

    # Costs.

    def cost(self, model: str, numbers: Numbers) -> Exact | None:
        """What the request is expected to cost on a candidate, with what its cache holds. [10^-12 USD]"""
        facts = self.facts
        rates = self._cached_rates(model, numbers)
        if rates is not None:
            fixed, fresh, held, out = rates
            cached = numbers.cached if model == numbers.stays else 0
            return plain(fixed + fresh * (numbers.sent - cached) + held * cached + out * numbers.said)
        work = self._priced(self.question(numbers), model, numbers)
        assessment = assess_model(facts.by_id[model], work, facts.catalog, facts.day)
        return Runner(assessment, Load(work, Caps(), ())).cost

    def _cached_rates(self, model: str, numbers: Numbers) -> tuple[Exact, Exact, Exact, Exact] | None:
        """What a plain request costs besides, per fresh, per cached and per produced token; None if not so plain."""
        if self._lanes is None or self.workload.cached_share:
            return None
        plan = self.facts.by_id[model].rates.plan(STANDARD, numbers.sent)
        picos = plan.picos
        try:
            return plan.fixed, picos["input_tokens"], picos["cache_read_tokens"], picos["output_tokens"]
        except KeyError:
            return None

    def worst(self, model: str, numbers: Numbers) -> Exact | None:
        """What one call costs at most: all input fresh, all output used; None if unknown. [10^-12 USD]"""
        return self.worst_of(self.facts.by_id[model], numbers)

    @staticmethod
    def worst_of(model: Model, numbers: Numbers) -> Exact | None:
        """:meth:`worst`, of any model. [10^-12 USD]"""
        sent, said = numbers.most_sent, numbers.most_said
        plan = model.rates.plan(STANDARD, sent)
        picos = plan.picos
        try:
            pico = plan.fixed + picos["input_tokens"] * sent + picos["output_tokens"] * said
            return pico if type(pico) is int else plain(pico)
        except KeyError:
            pass
        counts = {name: count for name, count in (("input_tokens", sent), ("output_tokens", said)) if count}
        try:
            return plain(sum(line.high.pico for line in bill(model.id, plan, counts, STANDARD)))
        except UnknownPriceError:
            return None


def _key_at(stays: str) -> Callable[[Row], tuple[Any, ...]]:
    """The order of rows; among equals the session's model first."""

    def key(row: Row) -> tuple[Any, ...]:
        return (*row[:ID], row[ID] != stays, row[ID])

    return key


def _flagged(key: Exact | None) -> tuple[bool, Exact]:
    return (True, 0) if key is None else (False, key)


def _rows(segment: _Segment, numbers: Numbers) -> list[Row]:
    """
    The candidates that can do it, in the order of the policy.

    A row holds the keys before the money, the money that is ranked by, the cost, the keys after it, the response
    time and the id: compared from left to right they make the order of ``in_order``.
    """
    sent, said, most_said = numbers.sent, numbers.said, numbers.most_said
    needed = numbers.most_sent + most_said
    if segment.weigh:
        rows: list[Row] = [
            (before, weight * cost + added, cost, later, wait + each * said, name)
            for before, fixed, i, o, weight, added, later, wait, each, window, limit, slow, cap, name in segment.lanes
            if needed <= window and most_said <= limit and said <= slow and (cost := fixed + i * sent + o * said) <= cap
        ]
    else:
        rows = [
            (before, cost, cost, later, wait + each * said, name)
            for before, fixed, i, o, _, _, later, wait, each, window, limit, slow, cap, name in segment.lanes
            if needed <= window and most_said <= limit and said <= slow and (cost := fixed + i * sent + o * said) <= cap
        ]
    rows.sort()
    return rows


def _better(lanes: Sequence[_Lane], rows: Sequence[_LaneRow]) -> dict[str, dict[str, int]]:
    """
    For each candidate and each other one, in what does not depend on tokens: 2 if it is at least as good in every
    respect and better in one, 1 if it is as good, 0 if it is worse in one or one of the two is not known.
    """
    known = {row[-1]: (row[0][-1], row[6][-1]) for row in rows}  # whether cost and time are unknown
    kept = [lane for lane in lanes if lane.model.id in known]
    found: dict[str, dict[str, int]] = {}
    for one in kept:
        against = found[one.model.id] = {}
        for other in kept:
            code = 1
            if known[one.model.id] != known[other.model.id]:
                code = 0
            for mine, theirs in ((one.quality, other.quality), (one.ttft, other.ttft)):
                if mine is None and theirs is None:
                    continue
                if mine is None or theirs is None or mine > theirs:
                    code = 0
                elif mine < theirs and code:
                    code = 2
            against[other.model.id] = code
    return found


def _leads(segment: _Segment, rows: Sequence[Row]) -> bool:
    """Whether the first one is at least as good as every other one in every respect, and better in one."""
    first = rows[0]
    against = segment.better[first[ID]]
    for row in rows:
        if row is first:
            continue
        code = against[row[ID]]
        if not code or first[4] > row[4] or first[COST] > row[COST]:
            return False
        if code == 1 and first[4] == row[4] and first[COST] == row[COST]:
            return False
    return True


def _linear(card: RateCard, sent: int, cached_share: Exact) -> tuple[bool, Exact, Exact, Exact] | None:
    """
    Whether a price is known, and what a request costs besides, per token sent and per token said. [10^-12 USD]

    None for a card that is not as simple as that.
    """
    plan = card.plan(STANDARD, sent)
    if not plan.picos and (plan.steps or plan.charged):
        return None
    rates, picos = plan.rates, plan.picos
    wanted = ["output_tokens"]
    if cached_share != 1:
        wanted.append("input_tokens")
    if cached_share:
        wanted.append("cache_read_tokens")
    if any(rates[meter] is None for meter in wanted):
        return (False, 0, 0, 0)
    if any(meter not in picos for meter in wanted):
        return None
    fresh = (1 - cached_share) * picos["input_tokens"] if cached_share != 1 else 0
    held = cached_share * picos["cache_read_tokens"] if cached_share else 0
    return (True, plan.fixed, plain(fresh + held), picos["output_tokens"])


def _cost_cap(caps: Caps, workload: Workload) -> Exact | float:
    """What a request may be expected to cost. [10^-12 USD]"""
    found: list[Exact] = []
    if caps.cost_per_request is not None:
        found.append(caps.cost_per_request.pico)
    if caps.cost_per_month is not None:
        month = workload.requests_in("month")
        if month:
            found.append(divide(caps.cost_per_month.pico, month))
    return min(found, default=inf)


def _longest_said(model: Model, limit: Exact | None, *, accept_unknown: bool) -> Exact | float:
    """How long an answer may be so that it certainly comes within *limit*. [tokens]"""
    assert limit is not None  # only asked where it is stated
    speeds = [
        speed for speed in (model.typical_output_tokens_per_second, model.output_tokens_per_second) if speed is not None
    ]
    if model.ttft is None or not speeds:
        return inf if accept_unknown else -1
    # An interval that is met only at times counts as unknown, too.
    slowest = max(divide(1000, speed.low) for speed in speeds)
    fastest = min(divide(1000, speed.high) for speed in speeds)
    if accept_unknown:
        return divide(limit - model.ttft.low, fastest)
    return divide(limit - model.ttft.high, slowest)


def _thresholds(policy: Policy) -> tuple[set[int], set[int]]:
    """At which inputs and outputs an answer of the policy changes: up to and including each bound it is the same."""
    sent: set[int] = set()
    said: set[int] = set()
    for question in policy.questions:
        for test in question.when.tests():
            if test.input in _SENT:
                sent.update(_bounds(test))
            elif test.input == "output_tokens":
                said.update(_bounds(test))
    return sent, said


def _bounds(test: Condition) -> Iterable[int]:
    operand = test.operand
    assert isinstance(operand, int | Fraction)  # a number, by the kind of the input
    below = -int(-operand // 1) - 1 if test.operator in {"at_least", "below"} else int(operand // 1)
    return (min(max(below, -1), MAX_COUNT),)
