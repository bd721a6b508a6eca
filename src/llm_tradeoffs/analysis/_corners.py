"""
Whether an answer holds for every value that facts stated as intervals may take.

Every criterion is monotone in every fact. So whoever is chosen stays chosen everywhere if it still is with
its own facts at their worst ends and all others at their best, and there it is asked: one corner a
candidate, and not two to the power of the number of facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

import attrs

from llm_tradeoffs._decide import Decision, beats, criteria_of, leaders
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._numbers import Load, Runner
from llm_tradeoffs.assessment import Assessment
from llm_tradeoffs.model import Model, Score
from llm_tradeoffs.money import Exact, exact_text
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.recommendation import Robustness

__all__ = ["robustness_of"]

End = Literal["best", "worst"]
OTHER: Final[dict[End, End]] = {"best": "worst", "worst": "best"}


class Interval(NamedTuple):
    """A fact that is known as an interval: its name for people, and its two ends."""

    name: str
    stated: Range
    best: Exact
    worst: Exact


def robustness_of(case: Case) -> Robustness:
    """Whether the answer of *case* is the same at every corner, and which facts decide if it is not."""
    decision = case.decision
    if not decision.runners:
        return Robustness(robust=True, decided_by=())
    corners = _Corners(case)
    rivals = corners.rivals()
    return Robustness(robust=not rivals, decided_by=tuple(dict.fromkeys(map(corners.sentence, rivals))))


class _Corners:
    """The candidates of a case with their facts at either end."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.decision: Decision = case.decision
        self.facts = {runner.id: list(self._intervals(runner)) for runner in self.decision.runners}
        self.first = [case.by_id[name] for name in self.decision.leaders]
        self.ends: dict[tuple[str, End], Runner] = {}

    def _intervals(self, runner: Runner) -> Iterator[Interval]:
        model = runner.assessment.model
        percent, ttft = runner.percent, model.ttft
        if percent is not None and not percent.is_point:
            benchmark = runner.assessment.benchmark
            assert benchmark is not None  # or nothing would be known
            yield Interval(f"score on {benchmark.id}", percent, percent.high, percent.low)
        if ttft is not None and not ttft.is_point:
            yield Interval("time to first token", ttft, ttft.low, ttft.high)
        speeds = [
            speed
            for speed in (model.output_tokens_per_second, model.typical_output_tokens_per_second)
            if speed is not None
        ]
        if speeds:
            speed = Range(min(each.low for each in speeds), max(each.high for each in speeds), "tokens/s")
            if not speed.is_point:
                yield Interval("output speed", speed, speed.high, speed.low)
        ratio = self.case.ratio(model)
        if ratio is not None and not ratio.is_point:
            yield Interval("token ratio", ratio, ratio.low, ratio.high)

    def at(self, runner: Runner, end: End) -> Runner:
        """*runner* with every fact at one end."""
        key = (runner.id, end)
        if key not in self.ends:
            self.ends[key] = self.moved(runner, self.facts[runner.id], end)
        return self.ends[key]

    def moved(self, runner: Runner, facts: Sequence[Interval], end: End) -> Runner:
        """*runner* with some facts at one end."""
        if not facts:
            return runner
        model, load = runner.assessment.model, runner.load
        for fact in facts:
            value = fact.best if end == "best" else fact.worst
            if fact.name == "token ratio":
                decision = self.decision
                work = decision.workload.recounted(Range(value), model.id, "")
                load = Load(work, decision.caps, decision.policy.requirements)
            else:
                model = _with(runner.assessment, model, fact.name, value)
        return Runner(attrs.evolve(runner.assessment, model=model, workload=load.workload), load)

    def rivals(self) -> list[tuple[Runner, list[Runner]]]:
        """Every candidate that could take the place of those who lead, with those of them whom it concerns."""
        decision = self.decision
        racing = [each for each in decision.runners if self._may_race(each)]
        leading = {each.id for each in self.first}
        if not self.first or decision.outcome.tie == "all":
            return [(each, []) for each in racing if decision.standings[each.id] != "possible"]
        others = [each for each in racing if each.id not in leading]
        if decision.outcome.tie == "trade-off":
            return self._off_the_front(others)
        found: list[tuple[Runner, list[Runner]]] = []
        for other in others:
            beaten = [each for each in self.first if not self._stays_ahead(each, other)]
            if beaten:
                found.append((other, beaten))
        for each in self.first if len(self.first) > 1 else ():
            # Equals stay equal only where nothing about them is open.
            if self.facts[each.id] and self._differs(each):
                found.append((each, [rival for rival in self.first if rival is not each]))
        return found

    def _may_race(self, runner: Runner) -> bool:
        standing = self.decision.standings[runner.id]
        return standing == "possible" or (standing == "unknown" and self.at(runner, "best").standing() == "possible")

    def _stays_ahead(self, one: Runner, other: Runner) -> bool:
        pair = [self.at(one, "worst"), self.at(other, "best")]
        status, first = leaders(pair, self.decision.outcome, unknown=False)
        return status == "selected" and first[0].id == one.id

    def _differs(self, runner: Runner) -> bool:
        good, bad = self.at(runner, "best"), self.at(runner, "worst")
        return any(good.key(name) != bad.key(name) for name in criteria_of(self.decision.outcome))

    def _off_the_front(self, others: Sequence[Runner]) -> list[tuple[Runner, list[Runner]]]:
        found: list[tuple[Runner, list[Runner]]] = []
        for other in others:
            # Dominated everywhere, if by somebody whose facts are at their worst while its own are at their best.
            best = self.at(other, "best")
            if not any(beats(self.at(each, "worst"), best) for each in (*self.first, *others) if each is not other):
                found.append((other, self.first))
        everybody = [*self.first, *others]
        for each in self.first:
            worst = self.at(each, "worst")
            over = [rival for rival in everybody if rival is not each and beats(self.at(rival, "best"), worst)]
            found.extend((rival, [each]) for rival in over)
        return found

    def sentence(self, rival: tuple[Runner, list[Runner]]) -> str:
        """Which facts decide between a rival and those who lead: one alone where one is enough."""
        other, concerned = rival
        if self.decision.standings[other.id] != "possible":
            named = _listed([(other.id, fact.name, fact.stated) for fact in self.facts[other.id]])
            return f"whether {other.id} is in the race hangs on {named}"
        sides: list[tuple[Runner, End]] = [(other, "best"), *((each, "worst") for each in concerned)]
        for runner, end in sides:
            for fact in self.facts[runner.id]:
                answer = self._answer({runner.id: self.moved(runner, [fact], end)})
                if answer != set(self.decision.leaders):
                    value = exact_text(fact.best if end == "best" else fact.worst)
                    return f"{runner.id}: {fact.name} {fact.stated}; at {value} the answer is {_names(answer)}"
        relevant = [
            (runner.id, fact.name, fact.stated)
            for runner, end in sides
            for fact in self.facts[runner.id]
            if self._matters(runner, fact, end)
        ]
        answer = self._answer({runner.id: self.at(runner, end) for runner, end in sides})
        return f"{_listed(relevant)} together; at their ends the answer is {_names(answer)}"

    def _matters(self, runner: Runner, fact: Interval, end: End) -> bool:
        moved = self.moved(runner, [fact], end)
        return any(moved.key(name) != runner.key(name) for name in criteria_of(self.decision.outcome))

    def _answer(self, changed: dict[str, Runner]) -> set[str]:
        racers = [changed.get(each.id, each) for each in self.decision.possible]
        _, first = leaders(racers, self.decision.outcome, unknown=False)
        return {each.id for each in first}


def _with(assessment: Assessment, model: Model, name: str, value: Exact) -> Model:
    if name == "time to first token":
        return attrs.evolve(model, ttft=Range(value, unit="ms"))
    if name == "output speed":
        speed = Range(value, unit="tokens/s")
        return attrs.evolve(model, output_tokens_per_second=speed, typical_output_tokens_per_second=speed)
    benchmark = assessment.benchmark
    assert benchmark is not None  # it speaks for the score
    score = benchmark.percent_right(Range(value, unit="%"))  # its own inverse
    scores = [Score(each.benchmark, score) if each.benchmark == benchmark.id else each for each in model.scores]
    return attrs.evolve(model, scores=scores)


def _names(answer: set[str]) -> str:
    return " or ".join(sorted(answer)) or "none"


def _listed(facts: Sequence[tuple[str, str, Range]]) -> str:
    return ", ".join(f"{model}: {name} {stated}" for model, name, stated in facts) or "nothing that is stated"
