"""
What an answer rests on, in words: built from a decision when somebody first reads it.

A router that takes ten thousand decisions a second reads the reasons of a few of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from llm_tradeoffs._decide import RESPECTS, Decision
from llm_tradeoffs.analysis._numbers import CAPS, Runner
from llm_tradeoffs.assessment import Assessment, Requirement, Verdict
from llm_tradeoffs.facts import Citation, Source
from llm_tradeoffs.model import rate_field
from llm_tradeoffs.money import Exact, divide, fixed
from llm_tradeoffs.policy import CRITERIA, INPUTS
from llm_tradeoffs.recommendation import Candidate, Figures, Grounds, Step

__all__ = ["grounds_of"]


def grounds_of(decision: Decision, notes: Sequence[str]) -> Grounds:
    """Candidates with their reasons, the trace, the assumptions (*notes* first), the missing facts and the sources."""
    order = decision.order
    best = {
        name: min((key for each in order if (key := each.key(name)) is not None), default=None) for name in RESPECTS
    }
    rest = decision.rest
    candidates = (
        *(_placed(decision, each, rank, best) for rank, each in enumerate(order, start=1)),
        *(_candidate(decision, each) for each in rest),
    )
    steps = {question.id: _question_step(decision, index) for index, (question, _) in enumerate(decision.path)}
    trace = (
        *(_requirement_step(requirement, decision) for requirement in decision.required),
        *(
            steps.get(each.id) or _unasked_question(each.id, each.text, each.threshold)
            for each in decision.policy.questions
        ),
    )
    assumed = [
        f"{test.input} is not stated: {INPUTS[test.input].if_unstated}"
        for question, answer in decision.path
        if answer == "unknown"
        for test in question.when.tests()
        if INPUTS[test.input].read(decision.workload) is None
    ]
    return Grounds(
        candidates=candidates,
        trace=trace,
        assumptions=tuple(
            dict.fromkeys((*notes, *decision.workload.assumptions, *assumed, *_assumptions(decision.assessed)))
        ),
        missing=_missing(decision),
        sources=_sources(decision.assessed, candidates),
    )


# The trace.


@cache
def _unasked_requirement(requirement: Requirement) -> Step:
    return Step(id=requirement.id, question=requirement.question, kind="requirement", asked=False, answer=None)


@cache
def _unasked_question(id_: str, text: str, threshold: str) -> Step:
    return Step(id=id_, question=text, kind="question", asked=False, answer=None, threshold=threshold)


def _requirement_step(requirement: Requirement, decision: Decision) -> Step:
    workload = decision.workload
    if not requirement.asked_of(workload):
        return _unasked_requirement(requirement)
    verdicts = [
        (each.model.id, verdict)
        for each in decision.assessed
        for verdict in decision.verdicts(each)
        if verdict.requirement == requirement.id
    ]
    answers = {verdict.answer for _, verdict in verdicts}
    return Step(
        id=requirement.id,
        question=requirement.question,
        kind="requirement",
        asked=True,
        answer="yes" if "met" in answers else "unknown" if "unknown" in answers else "no",
        facts=tuple(f"{model}: {verdict.reason}" for model, verdict in verdicts),
        threshold=requirement.threshold(workload),
        leads_to=_who_stays(verdicts),
    )


def _who_stays(verdicts: Sequence[tuple[str, Verdict]]) -> str:
    out = [model for model, verdict in verdicts if verdict.answer == "not met"]
    open_ = [model for model, verdict in verdicts if verdict.answer == "unknown"]
    parts = [f"rules out {', '.join(out)}"] if out else []
    parts += [f"leaves {', '.join(open_)} open"] if open_ else []
    return "; ".join(parts) or "rules out nobody"


def _question_step(decision: Decision, index: int) -> Step:
    question, answer = decision.path[index]
    return Step(
        id=question.id,
        question=question.text,
        kind="question",
        asked=True,
        answer=answer,
        facts=question.when.facts(decision.workload),
        threshold=question.threshold,
        leads_to=str(question.yes if answer == "yes" else question.no),
    )


def _missing(decision: Decision) -> tuple[str, ...]:
    """The unknowns that could change the answer: open requirements, and unknown keys of the first criterion."""
    names = {requirement.id for requirement in decision.required}
    found = [
        f"{each.model.id}: {verdict.reason}"
        for each in decision.rest
        if decision.standings[each.model.id] == "unknown"
        for verdict in decision.verdicts(each)
        if verdict.answer == "unknown" and verdict.requirement in names
    ]
    if decision.outcome.rank_by:
        first = decision.outcome.rank_by[0]
        found.extend(
            f"{each.id}: its {CRITERIA[first][1]} is unknown" for each in decision.order if each.key(first) is None
        )
    return tuple(found)


# Reasons.


_GOOD: Final = {
    "cost": "lowest cost",
    "quality": "best score",
    "ttft": "fastest first token",
    "response_time": "fastest response",
}


def _placed(decision: Decision, ranked: Runner, rank: int, best: dict[str, Exact | None]) -> Candidate:
    """A candidate that is in the race, with how it does against the others."""
    in_favour: list[str] = []
    against: list[str] = []
    for name in RESPECTS if len(decision.order) > 1 else ():
        key, least = ranked.key(name), best[name]
        if key is None or least is None:
            if key is None:
                against.append(f"{CRITERIA[name][1]} is unknown")
            continue
        if key == least:
            in_favour.append(f"{_GOOD[name]}: {_shown(ranked.assessment, name)}")
        else:
            against.append(_behind(ranked.assessment, name, key, least))
    return _candidate(decision, ranked.assessment, rank, in_favour, against)


def _candidate(
    decision: Decision,
    each: Assessment,
    rank: int | None = None,
    in_favour: Sequence[str] = (),
    against: Sequence[str] = (),
) -> Candidate:
    cost = each.cost
    verdicts = decision.verdicts(each)
    return Candidate(
        model=each.model.id,
        name=each.model.label,
        rank=rank,
        standing=decision.standings[each.model.id],
        reasons_for=(
            *(verdict.reason for verdict in verdicts if verdict.answer == "met" and _is_told(verdict)),
            *in_favour,
        ),
        reasons_against=(*(verdict.reason for verdict in verdicts if verdict.answer != "met"), *against),
        figures=Figures(
            cost_per_request=None if cost is None else cost.per_request,
            cost_per_day=None if cost is None else cost.per_day,
            cost_per_month=None if cost is None else cost.per_month,
            cost_per_year=None if cost is None else cost.per_year,
            expected_cost=each.expected_cost,
            quality=each.quality.percent,
            ttft=each.latency.ttft,
            response_time=each.latency.total,
            context_window=each.model.context_window,
        ),
        facts=_citations(each),
    )


def _is_told(verdict: Verdict) -> bool:
    """Whether a requirement that is met says anything: it rests on a fact or on a cap."""
    return bool(verdict.facts) or verdict.requirement in CAPS


def _shown(each: Assessment, name: str) -> str:
    if name == "cost":
        return "unknown" if each.cost is None else f"{each.cost.per_request} per request"
    if name == "quality":
        return f"{each.quality.percent} right on {each.quality.benchmark}"
    times = each.latency.ttft if name == "ttft" else each.latency.total
    return "unknown" if times is None else f"{times:.0f}"


def _behind(each: Assessment, name: str, key: Exact, least: Exact) -> str:
    if name == "quality":
        return f"{fixed(key - least, 1).removesuffix('.0')} points below the best score: {_shown(each, name)}"
    if not least:
        return f"more than the least: {_shown(each, name)}"
    what = {"cost": "the lowest cost", "ttft": "the fastest first token", "response_time": "the fastest response"}[name]
    return f"{fixed(divide(key, least), 2)} times {what}: {_shown(each, name)}"


def _assumptions(assessed: Sequence[Assessment]) -> list[str]:
    found: list[str] = []
    for each in assessed:
        if each.quality.assumed and each.quality.benchmark is not None:
            found.append(
                f"no task was stated: {each.quality.benchmark} speaks for the quality, as for {each.quality.task}"
            )
        if each.cost is not None:
            found.extend(each.cost.notes)
            if each.cost.year_basis is not None:
                found.append(f"a month has 30 days, a year {each.cost.year_basis}")
    return found


def _citations(each: Assessment) -> tuple[Citation, ...]:
    fields = ["context_window", "ttft"]
    latency = each.latency
    if latency.tokens_per_second is not None:
        typical = each.model.typical_output_tokens_per_second is not None
        fields.append("typical_output_tokens_per_second" if typical else "output_tokens_per_second")
    if each.quality.benchmark is not None:
        fields.append(f"scores.{each.quality.benchmark}")
    fields.extend(field for verdict in each.verdicts for field in verdict.facts)
    if each.cost is not None:
        fields.extend(rate_field(line.price) for line in each.cost.lines)
    cited = each.model.citations
    return tuple(cited[field] for field in dict.fromkeys(fields) if field in cited)


def _sources(assessed: Sequence[Assessment], candidates: Sequence[Candidate]) -> tuple[Source, ...]:
    used = {citation.source for candidate in candidates for citation in candidate.facts}
    known: dict[str, Source] = {}
    for each in assessed:
        known.update(each.model.cited_sources)
    return tuple(known[name] for name in sorted(used))
