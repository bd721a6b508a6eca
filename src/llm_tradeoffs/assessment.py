"""
One model faced with one workload on one day.

Everything that decides goes through here: ``compare()`` lays assessments side by side, a policy ranks
them, and nothing else computes a cost, a time or a fit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.costing import WorkloadCost, resolve_model, workload_cost
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownPriceError
from llm_tradeoffs.facts import Unknown
from llm_tradeoffs.latency import Latency, latency
from llm_tradeoffs.model import Model, Score
from llm_tradeoffs.money import PICO, Exact, Number, Usd, divide, exact, exact_text, grouped
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Benchmark, Catalog, Task

__all__ = ["REQUIREMENTS", "Assessment", "ContextFit", "Quality", "RateLimit", "Requirement", "Verdict", "assess"]

GENERAL_TASK: Final = "general-knowledge"
"""The task that speaks for work whose kind nobody named."""

Answer = Literal["met", "not met", "unknown"]
MINUTES_PER_DAY: Final = 24 * 60


@attrs.frozen(kw_only=True)
class ContextFit:
    """
    Whether the longest request fits into the context window, and what happens if it does not.

    Attributes:
        needed_tokens: Longest input and the output reserved for it. [tokens]
        window_tokens: The model's context window; None if unknown. [tokens]
        fits: True, False, or None where the window is unknown.
        chunks: Into how many requests one document must be cut; 1 if it fits; None if unknown or if
            cutting cannot help.
        chunked_cost: One document in that many requests, with the overlap and the instructions sent
            again each time; None unless it must be cut and every price is known. [USD]
        last_turn: The last turn of a conversation whose whole history still fits, where it does not
            fit to the end: from the next turn on the history must be cut. None otherwise.
    """

    needed_tokens: Exact
    window_tokens: int | None
    fits: bool | None
    chunks: int | None
    chunked_cost: Usd | None = None
    last_turn: int | None = None

    @property
    def headroom_tokens(self) -> Exact | None:
        """What is left of the window; negative if it is too small, None if unknown. [tokens]"""
        return None if self.window_tokens is None else self.window_tokens - self.needed_tokens

    def __str__(self) -> str:
        if self.fits is None:
            return "unknown"
        if self.fits:
            return "fits"
        if self.last_turn is not None:
            return f"history must be cut after turn {self.last_turn}"
        return "does not fit" if self.chunks is None else f"needs {self.chunks} chunks"


@attrs.frozen(kw_only=True)
class Quality:
    """
    The result that speaks for the workload's task.

    Attributes:
        task: The task's id.
        assumed: Whether the task was not stated and general knowledge speaks for it.
        benchmark: The benchmark's id, or None if nothing is known to speak for the task.
        score: The model's result as stated; None if unknown.
        percent: The share of right answers that it stands for, so that more is always better; None if
            unknown, or if the result is a judgement in words. [%]
    """

    task: str
    assumed: bool
    benchmark: str | None
    score: Score | None
    percent: Range | None

    @property
    def right_share(self) -> Range | None:
        """:attr:`percent` as a share. [0..1]"""
        if self.percent is None:
            return None
        return Range(divide(self.percent.low, 100), divide(self.percent.high, 100))


@attrs.frozen(kw_only=True)
class RateLimit:
    """
    The rate limit against the volume.

    Attributes:
        limit_per_minute: What the model allows; None if unknown. [1/min]
        needed_per_minute: The volume spread evenly over the day; None if no volume is stated. [1/min]
        headroom: How many times the volume fits into the limit; None if either is unknown.
    """

    limit_per_minute: int | None
    needed_per_minute: Exact | None
    headroom: Exact | None


@attrs.frozen(kw_only=True)
class Verdict:
    """
    The answer of one model to one requirement of a workload.

    Attributes:
        requirement: The requirement's id, such as ``"context"``.
        answer: ``"met"``, ``"not met"`` or ``"unknown"``.
        reason: Why, with the numbers.
        facts: The facts it rests on: fields of the model.
    """

    requirement: str
    answer: Answer
    reason: str
    facts: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Assessment(Tabular):
    """
    One model, one workload, one day, and everything that follows from them.

    What follows is worked out when it is first read, and once: a ranking by cost never asks for a
    rate limit. Two assessments are equal if they ask the same.

    Attributes:
        model, workload: The two.
        as_of: The day the facts are of; None for a model that was written by hand.
        task: The task that the workload was taken to be, or None if the catalog has none for it.
        benchmark: The benchmark that speaks for the task.
        cost, blended, latency, context, rate_limit, quality, expected_cost, cost_per_right_answer,
            verdicts, unknowns: What follows; see each.
    """

    model: Model
    workload: Workload
    as_of: date | None
    task: Task | None
    benchmark: Benchmark | None

    @cached_property
    def _cost_or_problem(self) -> WorkloadCost | UnknownPriceError:
        try:
            return workload_cost(self.model, self.workload)
        except UnknownPriceError as problem:
            return problem

    @property
    def cost(self) -> WorkloadCost | None:
        """Cost per request, day, month and year with line items; None where a price is unknown."""
        found = self._cost_or_problem
        return found if isinstance(found, WorkloadCost) else None

    @property
    def blended(self) -> Usd | None:
        """Price of a million tokens in the workload's own in:out ratio; None if unknown. [USD]"""
        sent, produced = self.workload.total_input_tokens, self.workload.total_output_tokens
        return self.model.blended_usd_per_mtok(sent, produced) if sent or produced else None

    @cached_property
    def latency(self) -> Latency:
        """Time to first token, generation and total of one response."""
        return latency(self.model, self.workload.output_tokens)

    @cached_property
    def context(self) -> ContextFit:
        """Whether the longest request fits into the context window, and what if not."""
        return _context_fit(self.model, self.workload)

    @cached_property
    def rate_limit(self) -> RateLimit:
        """Headroom of the rate limit at the stated volume, spread evenly over the day."""
        return _rate_limit(self.model, self.workload)

    @cached_property
    def quality(self) -> Quality:
        """The result that speaks for the task."""
        score = None if self.benchmark is None else self.model.score(self.benchmark.id)
        known = self.benchmark is not None and score is not None and score.value is not None
        return Quality(
            task=GENERAL_TASK if self.task is None else self.task.id,
            assumed=self.workload.task is None,
            benchmark=None if self.benchmark is None else self.benchmark.id,
            score=score,
            percent=self.benchmark.percent_right(score.value) if known else None,  # type: ignore[union-attr,arg-type]  # known
        )

    @cached_property
    def expected_cost(self) -> Range | None:
        """
        Cost of a request plus the expected cost of its error; None unless an error cost is given. [USD]

        Source:
            C + (1-p)·K, expected value over p as a range.
        """
        cost, percent, error_cost = self.cost, self.quality.percent, self.workload.error_cost
        if cost is None or percent is None or error_cost is None:
            return None
        ends = [
            cost.per_request.pico + divide((100 - end) * error_cost.pico, 100) for end in (percent.high, percent.low)
        ]
        return Range(divide(ends[0], PICO), divide(ends[1], PICO), "USD")

    @cached_property
    def cost_per_right_answer(self) -> Range | None:
        """
        Cost of a request over the share of right answers; None if unknown, or if none may be right. [USD]

        Source:
            C/p, "cost of pass", Erol et al., arXiv 2504.13359. With p over a whole benchmark it
            understates the cost of a hard question.
        """
        cost, percent = self.cost, self.quality.percent
        if cost is None or percent is None or percent.low <= 0:
            return None
        hundred = cost.per_request.pico * 100
        return Range(divide(hundred, percent.high * PICO), divide(hundred, percent.low * PICO), "USD")

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The answer to every requirement that the workload has, in the order of :data:`REQUIREMENTS`."""
        return tuple(rule.decide(self) for rule in REQUIREMENTS if rule.asked_of(self.workload))

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What would have to be known for whatever above is None."""
        model, quality = self.model.id, self.quality
        problem = self._cost_or_problem
        missing = {
            f"time to first token of {model}": self.latency.ttft is None,
            f"output tokens per second of {model}": self.latency.generation is None,
            f"context window of {model}": self.context.fits is None,
            f"requests per minute of {model}": self.rate_limit.limit_per_minute is None,
            f"score of {model} on {quality.benchmark}": quality.benchmark is not None and quality.percent is None,
            f"benchmark for {quality.task}": quality.benchmark is None,
            "volume of the workload: requests per day, month or year": self.workload.volume_basis is None,
        }
        found = [Unknown(fact) for fact, is_missing in missing.items() if is_missing]
        if isinstance(problem, UnknownPriceError):
            found.insert(0, Unknown(f"{problem.service_tier} price of {problem.meter} of {model}"))
        return tuple(found)

    def verdict(self, requirement: str) -> Verdict | None:
        """The answer to one requirement, or None if the workload does not have it."""
        for verdict in self.verdicts:
            if verdict.requirement == requirement:
                return verdict
        return None

    @property
    def feasible(self) -> bool | None:
        """Whether every requirement is met: False if one is not, None if that hangs on an unknown."""
        answers = {verdict.answer for verdict in self.verdicts}
        return False if "not met" in answers else None if "unknown" in answers else True

    @property
    def gaps(self) -> tuple[Verdict, ...]:
        """The requirements that are not met, or not known to be met."""
        return tuple(verdict for verdict in self.verdicts if verdict.answer != "met")

    def blended_usd_per_mtok(self, input_parts: Number, output_parts: Number) -> Usd | None:
        """USD per million tokens at a stated in:out ratio. See :meth:`RateCard.blended_usd_per_mtok`."""
        return self.model.blended_usd_per_mtok(input_parts, output_parts)

    def response_time(self, output_tokens: Number | None = None, tokens_per_second: Number | None = None) -> Latency:
        """
        The latency with another number of output tokens or at a speed of your own. [tokens], [tokens/s]

        Raises:
            InvalidValueError: The speed is not above 0.
        """
        count = self.workload.output_tokens if output_tokens is None else exact(output_tokens, "output_tokens")
        if count < 0:
            raise InvalidValueError(f"output_tokens is {exact_text(count)}; it cannot be negative.")
        if tokens_per_second is None:
            return latency(self.model, count)
        speed = Range.of(tokens_per_second, "tokens/s")
        if speed.low <= 0:
            raise InvalidValueError(f"tokens_per_second is {speed}; a speed must be above 0.")
        model = attrs.evolve(self.model, output_tokens_per_second=speed, typical_output_tokens_per_second=None)
        return latency(model, count)

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import assessment_text

        return assessment_text(self)


def assess(
    model: str | Model, workload: Workload | str, *, catalog: Catalog | None = None, as_of: date | str | None = None
) -> Assessment:
    """
    What *model* costs, takes and can do for *workload*.

    >>> chat = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
    >>> assess("gpt-4.1-mini", chat).cost.per_month
    Usd('96.00')

    Args:
        model: A name in the catalog, or a :class:`Model`.
        workload: A :class:`Workload`, or the id of a preset.
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day.

    Raises:
        UnknownNameError: The model, preset or task is not known.
        NoFactOnDateError: Nothing is recorded for that day.
    """
    held = held_catalog(catalog)
    resolved, day = resolve_model(model, held, as_of)
    return assess_model(resolved, as_workload(workload, held), held, day)


def as_workload(workload: Workload | str, catalog: Catalog) -> Workload:
    """The workload, or the preset of that id."""
    if isinstance(workload, Workload):
        return workload
    if isinstance(workload, str):
        return catalog.preset(workload)
    raise InvalidTypeError(
        f"expected a Workload or the id of a preset, got {workload!r} of type {type(workload).__name__}. "
        "Say for example Workload(input_tokens=200, output_tokens=150)."
    )


def assess_model(model: Model, workload: Workload, catalog: Catalog, day: date | None) -> Assessment:
    """The assessment of a model that has been looked up already."""
    workload = in_tokens_of(model, workload, catalog, day)
    name = GENERAL_TASK if workload.task is None else workload.task
    # Work of no stated kind is judged by general knowledge where the catalog knows that; a stated kind must exist.
    task = catalog.task(name) if workload.task is not None or name in catalog.tasks else None
    benchmark = None if task is None else catalog.benchmark(task.benchmark)
    return Assessment(model=model, workload=workload, as_of=day, task=task, benchmark=benchmark)


def in_tokens_of(model: Model, workload: Workload, catalog: Catalog, day: date | None) -> Workload:
    """The workload in the tokens of *model*, where it says whose tokens it counts and a ratio is published."""
    workload = workload.measured_for(model, catalog, day)
    counted = workload.counted_for
    if counted is None or counted == model.id:
        return workload
    base = catalog.resolve(counted, day)
    if base == model.id:
        return workload
    ratio = catalog.token_ratio(base, model.id, day) if model.id in catalog else _ratio_by_hand(model, base)
    if ratio is None:
        unknown = f"tokens were counted for {base}; no source says how many {model.label} makes of the same text"
        return attrs.evolve(workload, assumptions=(*workload.assumptions, unknown))
    because = (
        f"{model.label} is taken to make {ratio} tokens of a text that is one token of {base}, by a published ratio"
    )
    return workload.recounted(ratio, model.id, because)


def _ratio_by_hand(model: Model, base: str) -> Range | None:
    """What a model that no catalog holds says of itself."""
    stated = model.token_ratio
    return stated.ratio if stated is not None and stated.base == base else None


# Context.


def _context_fit(model: Model, workload: Workload) -> ContextFit:
    needed = workload.longest_request_tokens + workload.output_tokens
    window = model.context_window
    if window is None:
        return ContextFit(needed_tokens=needed, window_tokens=None, fits=None, chunks=None)
    if needed <= window:
        return ContextFit(needed_tokens=needed, window_tokens=window, fits=True, chunks=1)
    if workload.turns > 1:
        return ContextFit(
            needed_tokens=needed, window_tokens=window, fits=False, chunks=None, last_turn=_last_turn(window, workload)
        )
    chunks = _chunks(window, workload)
    return ContextFit(
        needed_tokens=needed,
        window_tokens=window,
        fits=False,
        chunks=chunks,
        chunked_cost=None if chunks is None else _chunked_cost(model, workload, chunks),
    )


def _last_turn(window: int, workload: Workload) -> int:
    """
    The last turn that fits: turn k needs k·(i + o) tokens with the history re-sent, i + o without.

    The longest conversation is taken to grow by equal steps to its stated length.
    """
    each = workload.input_tokens + workload.output_tokens
    if not workload.history_resent:
        return workload.turns if each <= window else 0
    if workload.longest_tokens is not None:
        each = max(each, divide(workload.longest_tokens + workload.output_tokens, workload.turns))
    return min(workload.turns, int(window // each))


def _document_tokens(workload: Workload) -> Exact:
    """The longest document without the instructions, which are a part of a request's input."""
    return max(workload.input_tokens - workload.instruction_tokens, workload.longest_tokens or 0)


def _chunks(window: int, workload: Workload) -> int | None:
    """
    How many requests a document takes: each holds its part of the document, the instructions and an answer.

    The first chunk covers what fits, every further one that much less the overlap.
    """
    room = window - workload.instruction_tokens - workload.output_tokens
    fresh = room - workload.chunk_overlap_tokens
    if fresh <= 0:
        return None
    beyond = _document_tokens(workload) - room
    return 1 + (-(-beyond // fresh) if beyond > 0 else 0)


def _chunked_cost(model: Model, workload: Workload, chunks: int) -> Usd | None:
    """What one document costs in *chunks* requests: its tokens, the overlaps, instructions each time, the answers."""
    tokens = (
        _document_tokens(workload) + (chunks - 1) * workload.chunk_overlap_tokens + chunks * workload.instruction_tokens
    )
    one = Workload(
        input_tokens=divide(tokens, chunks),
        output_tokens=workload.output_tokens,
        cached_share=workload.cached_share,
        batch_share=workload.batch_share,
    )
    try:
        return workload_cost(model, one).per_request * chunks
    except UnknownPriceError:
        return None


# Rate limit.


def _rate_limit(model: Model, workload: Workload) -> RateLimit:
    per_day = workload.requests_in("day")
    needed = None if per_day is None else divide(per_day * workload.turns, MINUTES_PER_DAY)
    limit = model.requests_per_minute
    headroom = None if not needed or limit is None else divide(limit, needed)
    return RateLimit(limit_per_minute=limit, needed_per_minute=needed, headroom=headroom)


# Requirements: what a model must be able to do before anybody compares prices.


@attrs.frozen(kw_only=True)
class Requirement:
    """
    A hard requirement: one question, asked of every candidate.

    Attributes:
        id: Stable name that policies refer to.
        question: The question in words.
        asked_of: Whether a workload has this requirement at all.
        decide: The answer of one assessed model.
        threshold: What the workload asks for, in words.
    """

    id: str
    question: str
    asked_of: Callable[[Workload], bool]
    decide: Callable[[Assessment], Verdict]
    threshold: Callable[[Workload], str]


def _offered(assessment: Assessment) -> Verdict:
    retires = assessment.model.retires_on
    if retires is None:
        return Verdict(requirement="offered", answer="met", reason="no end of the offer is recorded")
    if assessment.as_of is None:
        reason = f"offered until {retires}; no day was asked about"
        return Verdict(requirement="offered", answer="met", reason=reason, facts=("retires_on",))
    if retires <= assessment.as_of:
        reason = f"retired on {retires}, asked about {assessment.as_of}"
        return Verdict(requirement="offered", answer="not met", reason=reason, facts=("retires_on",))
    reason = f"offered until {retires}"
    return Verdict(requirement="offered", answer="met", reason=reason, facts=("retires_on",))


def _context(assessment: Assessment) -> Verdict:
    fit = assessment.context
    facts = ("context_window",)
    if fit.fits is None:
        reason = f"the context window of {assessment.model.id} is unknown"
        return Verdict(requirement="context", answer="unknown", reason=reason, facts=facts)
    window, needed = f"{fit.window_tokens:,}", grouped(fit.needed_tokens)
    if fit.fits:
        reason = f"needs {needed} of {window} tokens"
        return Verdict(requirement="context", answer="met", reason=reason, facts=facts)
    reason = f"needs {needed} tokens, the window is {window}: {fit}"
    return Verdict(requirement="context", answer="not met", reason=reason, facts=facts)


def _output_limit(assessment: Assessment) -> Verdict:
    limit = assessment.model.max_output_tokens
    needed = assessment.workload.output_tokens
    facts = ("max_output_tokens",)
    if limit is None:
        # An output can always be as long as the window allows unless a shorter limit is stated.
        reason = "no limit on the output is recorded beyond the context window"
        return Verdict(requirement="output_limit", answer="met", reason=reason, facts=facts)
    answer: Answer = "met" if needed <= limit else "not met"
    reason = f"needs {grouped(needed)} output tokens of at most {limit:,}"
    return Verdict(requirement="output_limit", answer=answer, reason=reason, facts=facts)


def _capability(need: str) -> Callable[[Assessment], Verdict]:
    field = f"supports_{need}"
    words = need.replace("_", " ")

    def decide(assessment: Assessment) -> Verdict:
        supported: bool | None = getattr(assessment.model, field)
        if supported is None:
            answer: Answer = "unknown"
            reason = f"whether {assessment.model.id} supports {words} is unknown"
        elif supported:
            answer, reason = "met", f"supports {words}"
        else:
            answer, reason = "not met", f"does not support {words}"
        return Verdict(requirement=need, answer=answer, reason=reason, facts=(field,))

    return decide


def _languages(assessment: Assessment) -> Verdict:
    wanted = assessment.workload.languages
    model = assessment.model
    named = {name.casefold() for name in (*(model.languages or ()), *(model.preferred_languages or ()))}
    missing = sorted(wanted - named)
    facts = ("languages", "preferred_languages")
    if not missing:
        return Verdict(requirement="languages", answer="met", reason="every language is named", facts=facts)
    # A list of languages that are handled well says nothing about the others.
    reason = f"nobody says how {model.id} handles {', '.join(missing)}"
    return Verdict(requirement="languages", answer="unknown", reason=reason, facts=facts)


def _within(requirement: str, measured: Range | None, limit: Exact, what: str, facts: tuple[str, ...]) -> Verdict:
    shown = f"{grouped(limit)} ms"
    if measured is None:
        return Verdict(requirement=requirement, answer="unknown", reason=f"the {what} is unknown", facts=facts)
    if measured.high <= limit:
        return Verdict(
            requirement=requirement, answer="met", reason=f"{what} {measured:.0f}, limit {shown}", facts=facts
        )
    if measured.low > limit:
        reason = f"{what} {measured:.0f}, limit {shown}"
        return Verdict(requirement=requirement, answer="not met", reason=reason, facts=facts)
    reason = f"{what} {measured:.0f} is within the limit of {shown} only at times"
    return Verdict(requirement=requirement, answer="unknown", reason=reason, facts=facts)


def _ttft(assessment: Assessment) -> Verdict:
    limit = assessment.workload.max_ttft_ms
    assert limit is not None  # asked_of
    return _within("ttft", assessment.latency.ttft, limit, "time to first token", ("ttft",))


def _response_time(assessment: Assessment) -> Verdict:
    limit = assessment.workload.max_response_ms
    assert limit is not None  # asked_of
    facts = ("ttft", "output_tokens_per_second")
    return _within("response_time", assessment.latency.total_at_any_speed, limit, "response time", facts)


def _least_quality(assessment: Assessment) -> Verdict:
    floor = assessment.workload.min_quality_percent
    assert floor is not None  # asked_of
    quality = assessment.quality
    percent = quality.percent
    facts = () if quality.benchmark is None else (f"scores.{quality.benchmark}",)
    on = f"on {quality.benchmark}" if quality.benchmark else f"for {quality.task}"
    least = f"{exact_text(floor)} %"
    if percent is None:
        reason = f"the score of {assessment.model.id} {on} is unknown"
        return Verdict(requirement="quality", answer="unknown", reason=reason, facts=facts)
    reason = f"{percent} right {on}, at least {least} wanted"
    if percent.low >= floor:
        return Verdict(requirement="quality", answer="met", reason=reason, facts=facts)
    answer: Answer = "not met" if percent.high < floor else "unknown"
    return Verdict(requirement="quality", answer=answer, reason=reason, facts=facts)


def _needs(need: str) -> Callable[[Workload], bool]:
    return lambda workload: need in workload.needs


REQUIREMENTS: Final[tuple[Requirement, ...]] = (
    Requirement(
        id="offered",
        question="Is the model still offered?",
        asked_of=lambda _: True,
        decide=_offered,
        threshold=lambda _: "",
    ),
    Requirement(
        id="context",
        question="Does the longest request fit into the context window?",
        asked_of=lambda _: True,
        decide=_context,
        threshold=lambda workload: f"{grouped(workload.longest_request_tokens + workload.output_tokens)} tokens",
    ),
    Requirement(
        id="output_limit",
        question="May one answer be that long?",
        asked_of=lambda _: True,
        decide=_output_limit,
        threshold=lambda workload: f"{grouped(workload.output_tokens)} tokens",
    ),
    Requirement(
        id="vision",
        question="Does the application require image processing?",
        asked_of=_needs("vision"),
        decide=_capability("vision"),
        threshold=lambda _: "vision",
    ),
    Requirement(
        id="tools",
        question="Does the application call tools?",
        asked_of=_needs("tools"),
        decide=_capability("tools"),
        threshold=lambda _: "tools",
    ),
    Requirement(
        id="batch",
        question="Must the work run as batch?",
        asked_of=_needs("batch"),
        decide=_capability("batch"),
        threshold=lambda _: "batch",
    ),
    Requirement(
        id="structured_output",
        question="Must answers keep to a schema?",
        asked_of=_needs("structured_output"),
        decide=_capability("structured_output"),
        threshold=lambda _: "structured output",
    ),
    Requirement(
        id="languages",
        question="Which languages must be handled?",
        asked_of=lambda workload: bool(workload.languages),
        decide=_languages,
        threshold=lambda workload: ", ".join(sorted(workload.languages)),
    ),
    Requirement(
        id="ttft",
        question="Is there a limit on the time to the first token?",
        asked_of=lambda workload: workload.max_ttft_ms is not None,
        decide=_ttft,
        threshold=lambda workload: "" if workload.max_ttft_ms is None else f"{grouped(workload.max_ttft_ms)} ms",
    ),
    Requirement(
        id="response_time",
        question="Is there a limit on the time of the whole response?",
        asked_of=lambda workload: workload.max_response_ms is not None,
        decide=_response_time,
        threshold=lambda workload: (
            "" if workload.max_response_ms is None else f"{grouped(workload.max_response_ms)} ms"
        ),
    ),
    Requirement(
        id="quality",
        question="Is there a least quality that will do?",
        asked_of=lambda workload: workload.min_quality_percent is not None,
        decide=_least_quality,
        threshold=lambda workload: (
            "" if workload.min_quality_percent is None else f"{exact_text(workload.min_quality_percent)} %"
        ),
    ),
)
"""Every hard requirement, in the order in which a person would ask."""
