"""Why a candidate was not chosen: what binds, by how much, and the smallest change that would make it win."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from llm_tradeoffs._decide import beats
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.analysis._axes import OWN, SHARED
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._flips import Flip, nearest_first
from llm_tradeoffs.analysis._numbers import Runner
from llm_tradeoffs.errors import InvalidValueError, UnknownNameError
from llm_tradeoffs.money import PICO, Exact, Usd, divide
from llm_tradeoffs.policy import CRITERIA
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.recommendation import Standing

__all__ = ["WhyNot", "why_not", "why_not_each"]


@attrs.frozen(kw_only=True)
class WhyNot(Tabular):
    """
    Why a candidate was not chosen.

    Attributes:
        model, name: Its id, and its name for people.
        standing: Whether it was in the race: ``possible``, ``ruled out`` or ``unknown``.
        constraint: What binds: the id of a requirement, a criterion of the ranking, or ``trade-off``.
        reason: The same in words, with the numbers.
        required: What it would have to be, at least or at most; None where that is no number.
        actual: What it is; None where that is unknown or no number.
        unit: Unit of both.
        slack: By how much the requirement is met; negative for what is missing, at the worse end of an interval.
        others: The other requirements that it does not meet, in words.
        dominated_by: Ids of those who lead and are at least as good in cost, quality and latency, and better in one.
        margin: What it costs above the chosen one per request, in the money that is ranked by; negative if it is
            less; None if either is unknown or nothing was chosen. [USD]
        margin_per_month: The same at the stated volume. [USD]
        margin_percent: The same over what the chosen one costs. [%]
        would_win: For each number the nearest value from which on it is chosen, the nearest first.
    """

    model: str
    name: str
    standing: Standing
    constraint: str
    reason: str
    required: Exact | None
    actual: Range | None
    unit: str
    slack: Exact | None
    others: tuple[str, ...]
    dominated_by: tuple[str, ...]
    margin: Usd | None
    margin_per_month: Usd | None
    margin_percent: Exact | None
    would_win: tuple[Flip, ...]

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import why_not_text

        return why_not_text(self)


def why_not(case: Case, model: str) -> WhyNot:
    """
    Why *model* was not chosen.

    Raises:
        UnknownNameError: It was no candidate.
        InvalidValueError: It was chosen.
    """
    runner = case.by_id.get(model)
    if runner is None:
        raise UnknownNameError("candidate", model, case.by_id)
    if model == case.decision.chosen:
        raise InvalidValueError(f"{model!r} was chosen; ask why_not() of another candidate, or read its reasons_for.")
    return _Reason(case, runner).answer()


def why_not_each(case: Case) -> tuple[WhyNot, ...]:
    """Why not, for every candidate that was not chosen: those in the race first, by their places."""
    decision = case.decision
    names = [*(each.id for each in decision.order), *(each.model.id for each in decision.rest)]
    return tuple(why_not(case, name) for name in names if name != decision.chosen)


@attrs.frozen
class _Bound:
    """What binds: its name, what is asked and what there is."""

    constraint: str
    reason: str
    required: Exact | None = None
    actual: Range | None = None
    unit: str = ""
    slack: Exact | None = None


class _Reason:
    def __init__(self, case: Case, runner: Runner) -> None:
        self.case = case
        self.decision = case.decision
        self.runner = runner
        chosen = case.decision.chosen
        self.chosen = None if chosen is None else case.by_id[chosen]

    def answer(self) -> WhyNot:
        runner, decision = self.runner, self.decision
        standing = decision.standings[runner.id]
        verdicts = [each for each in decision.verdicts(runner.assessment) if each.answer != "met"]
        asked = {name for name, _ in runner.load.checks}
        unmet = sorted(
            (each for each in verdicts if each.requirement in asked), key=lambda each: each.answer == "unknown"
        )
        bound = self._ranked() if standing == "possible" else self._required(unmet[0].requirement, unmet[0].reason)
        others = tuple(each.reason for each in unmet[1:])
        margin, percent = self._margin()
        month = runner.load.month
        return WhyNot(
            model=runner.id,
            name=runner.assessment.model.label,
            standing=standing,
            constraint=bound.constraint,
            reason=bound.reason,
            required=bound.required,
            actual=bound.actual,
            unit=bound.unit,
            slack=bound.slack,
            others=others,
            dominated_by=self._dominators(standing),
            margin=None if margin is None else Usd.from_pico(margin),
            margin_per_month=None if margin is None or month is None else Usd.from_pico(margin * month),
            margin_percent=percent,
            would_win=tuple(nearest_first(self._wins())),
        )

    def _dominators(self, standing: Standing) -> tuple[str, ...]:
        if standing != "possible":
            return ()
        leading = (self.case.by_id[name] for name in self.decision.leaders)
        return tuple(each.id for each in leading if each is not self.runner and beats(each, self.runner))

    # What binds.

    def _required(self, name: str, reason: str) -> _Bound:
        """A requirement that it does not meet, in numbers where it has any."""
        runner, load, model = self.runner, self.runner.load, self.runner.assessment.model
        if name in {"context", "output_limit"}:
            limit = model.context_window if name == "context" else model.max_output_tokens
            needed = load.needed if name == "context" else load.output_tokens
            actual = None if limit is None else Range(limit, unit="tokens")
            return _Bound(name, reason, needed, actual, "tokens", None if limit is None else limit - needed)
        if name == "quality":
            floor, percent = load.min_quality_percent, runner.percent
            slack = None if percent is None or floor is None else percent.low - floor
            return _Bound(name, reason, floor, percent, "%", slack)
        if name in {"ttft", "response_time"}:
            most = load.max_ttft_ms if name == "ttft" else load.max_response_ms
            ends = runner.ends("ttft") if name == "ttft" else runner.response_times()
            times = None if ends is None else Range(ends[0], ends[1], "ms")
            return _Bound(name, reason, most, times, "ms", None if times is None or most is None else most - times.high)
        if name in {"cost_per_request", "cost_per_month"}:
            per_month = name == "cost_per_month"
            cap = load.max_cost_per_month if per_month else load.max_cost_per_request
            cost = runner.cost
            if cost is not None and per_month:
                cost = None if load.month is None else cost * load.month
            amount = None if cost is None else Range(divide(cost, PICO), unit="USD")
            most = None if cap is None else divide(cap, PICO)
            return _Bound(
                name, reason, most, amount, "USD", None if amount is None or most is None else most - amount.high
            )
        return _Bound(name, reason)

    def _ranked(self) -> _Bound:
        """What put it behind the chosen one, or beside those with which it ties."""
        decision, runner = self.decision, self.runner
        outcome = decision.outcome
        if runner.id in decision.tied:
            others = ", ".join(name for name in decision.tied if name != runner.id)
            because = outcome.because if outcome.tie else "they are equal in every respect that was asked about"
            return _Bound("trade-off" if outcome.tie else decision.criteria[0], f"it ties with {others}: {because}")
        dominators = self._dominators("possible")
        if outcome.tie and dominators:
            named = ", ".join(dominators)
            return _Bound("trade-off", f"{named} is at least as good in cost, quality and latency, and better in one")
        rival = self.chosen or (self.case.by_id[decision.leaders[0]] if decision.leaders else None)
        for name in decision.criteria:
            what = CRITERIA[name][1]
            mine = _told(runner, name)
            if mine is None:
                return _Bound(name, f"its {what} is unknown")
            theirs = None if rival is None else _told(rival, name)
            if rival is None or theirs is None or theirs == mine:
                continue
            unit = (
                "USD"
                if name.endswith("cost")
                else "%"
                if name == "quality"
                else "tokens"
                if name == "context_window"
                else "ms"
            )
            slack = mine - theirs if name in {"quality", "context_window"} else theirs - mine
            word = {"lowest": "lower", "highest": "higher", "shortest": "shorter", "largest": "larger"}.get(
                CRITERIA[name][0], "better"
            )
            reason = f"{rival.id} has the {word} {what}"
            if name == "vision":
                return _Bound(name, reason)
            return _Bound(name, reason, theirs, Range(mine, unit=unit), unit, slack)
        return _Bound(decision.criteria[0], "nothing is known that would put it first")

    def _margin(self) -> tuple[Exact | None, Exact | None]:
        if self.chosen is None:
            return None, None
        name = "expected_cost" if self.decision.criteria[0] == "expected_cost" else "cost"
        mine, theirs = self.runner.key(name), self.chosen.key(name)
        if mine is None or theirs is None:
            return None, None
        scale = 200 if name == "expected_cost" else 1  # see the keys
        return divide(mine - theirs, scale), divide((mine - theirs) * 100, theirs) if theirs else None

    # What would make it win.

    def _wins(self) -> Iterator[Flip]:
        found = self.case.found
        scans = [found.shared(name) for name in SHARED]
        for name in OWN:
            scans += found.own(name, self.runner)
        for scan in scans:
            first: dict[str, Flip] = {}
            for flip in scan.flips:
                if self.runner.id in {flip.at.chosen, None if flip.after is None else flip.after.chosen}:
                    first.setdefault(flip.direction, flip)
            if first:
                yield nearest_first(first.values())[0]


def _told(runner: Runner, criterion: str) -> Exact | None:
    """What it is ranked by in the unit that people know."""
    key = runner.key(criterion)
    if key is None:
        return None
    if criterion == "cost":
        return divide(key, PICO)
    if criterion == "expected_cost":
        return divide(key, 200 * PICO)
    return -key if criterion in {"quality", "context_window"} else key
