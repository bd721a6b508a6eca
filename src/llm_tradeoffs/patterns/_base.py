"""What every pattern of use has in common: how it is asked, and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from llm_tradeoffs._edges import init_with
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.assessment import Assessment, as_workload, assess_model
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.costing import resolve_model
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import Unknown, as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Usd, divide, exact_text, grouped, grouped_fixed, plain
from llm_tradeoffs.patterns._values import (
    ONE,
    Member,
    Share,
    added,
    field_of,
    member,
    member_name,
    multiplied,
    share,
    shown_percent,
    shown_usd,
    text,
    usd_range,
)
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = [
    "Line",
    "Nested",
    "Part",
    "Pattern",
    "PatternAssessment",
    "Setting",
    "Side",
    "Single",
    "Stage",
    "answer",
    "members_of",
    "stage",
    "stage_name",
    "stated_accuracy",
]


@attrs.frozen(kw_only=True)
class Line:
    """
    One thing that a pattern does, how often, and what it costs.

    Attributes:
        label: What is done.
        model: The model that does it; None for what no model does, such as a check by a program.
        times: How often in one request, in the mean: for a stage the probability that it is reached. None if unknown.
        cost: What it costs each time; None if unknown. [USD]
    """

    label: str
    model: str | None
    times: Range | None
    cost: Usd | None

    @property
    def expected(self) -> Range | None:
        """``times`` × ``cost``; None if either is unknown. [USD]"""
        if self.times is None or self.cost is None:
            return None
        return multiplied(self.times, usd_range(self.cost))

    def __str__(self) -> str:
        times = "unknown" if self.times is None else _shown_times(self.times)
        cost = "unknown" if self.cost is None else str(self.cost)
        return f"{self.label}: {times} × {cost}"


def _shown_times(times: Range) -> str:
    return times.format(4) if _is_long(times.low) or _is_long(times.high) else str(times)


def _is_long(value: Exact) -> bool:
    text = exact_text(value)
    return "/" in text or len(text) > 8


@attrs.frozen(kw_only=True)
class PatternAssessment(Tabular):
    """
    One pattern of use faced with one workload on one day.

    An amount or share is a :class:`Range` whose ends are equal where everything that it rests on is known to a
    point; both ends are exact. None means unknown, and :attr:`unknowns` says what is missing.

    Attributes:
        pattern: The pattern.
        label: What tables call it.
        models: Ids of the models that take part, each once.
        workload: The work; a "request" is one conversation where it has turns.
        as_of: The day the facts are of.
        lines: What is done, how often, at what cost.
        cost_per_request: Expected cost. [USD]
        least_cost: One request on its least costly path. [USD]
        worst_cost: One request on its most costly path, however unlikely; at the mean length of requests. [USD]
        right_share: Share of requests that end with a right answer. [0..1]
        expected_cost: Cost of a request plus the expected cost of its error, C + (1-p)·K, with C and p taken
            together where both hang on the same accuracies; None unless the workload has an error cost. [USD]
        response_time: Expected time to the last token of the answer; of one turn where the workload has turns. [ms]
        worst_response_time: The same on the longest path, at the slowest stated speed. [ms]
        fits: Whether every call fits into its model's context window; None if one is unknown.
        assumptions: What was taken for granted, one sentence each.
        unknowns: What would have to be known for whatever above is None.
    """

    pattern: Pattern
    label: str
    models: tuple[str, ...]
    workload: Workload
    as_of: date
    lines: tuple[Line, ...]
    cost_per_request: Range | None
    least_cost: Usd | None
    worst_cost: Usd | None
    right_share: Range | None
    expected_cost: Range | None
    response_time: Range | None
    worst_response_time: Exact | None
    fits: bool | None
    assumptions: tuple[str, ...]
    unknowns: tuple[Unknown, ...]

    @property
    def cost_per_day(self) -> Range | None:
        """Expected cost of a day; None without a volume. [USD]"""
        return self._per("day")

    @property
    def cost_per_month(self) -> Range | None:
        """Expected cost of a month of 30 days; None without a volume. [USD]"""
        return self._per("month")

    @property
    def cost_per_year(self) -> Range | None:
        """Expected cost of a year, as long as ``workload.year_basis`` says; None without a volume. [USD]"""
        return self._per("year")

    def _per(self, period: Literal["day", "month", "year"]) -> Range | None:
        count = self.workload.requests_in(period)
        return None if count is None or self.cost_per_request is None else self.cost_per_request * count

    @property
    def cost_per_right_answer(self) -> Range | None:
        """
        Cost of a request over the share of right answers; None if unknown, or if none may be right. [USD]

        The ends take the least cost with the highest share and the reverse, so that every possible value lies
        between them; where both hang on one accuracy it is narrower in truth.

        Source:
            C/p, "cost of pass", Erol et al., arXiv 2504.13359. With p over a whole benchmark it understates
            the cost of a hard question.
        """
        cost, right = self.cost_per_request, self.right_share
        if cost is None or right is None or right.low <= 0:
            return None
        return Range(divide(cost.low, right.high), divide(cost.high, right.low), "USD")

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain types, exact numbers as strings."""
        return {
            "pattern": self.label,
            "models": list(self.models),
            "workload": self.workload.title or self.workload.name,
            "as_of": self.as_of.isoformat(),
            "cost_per_request_usd": _ends(self.cost_per_request),
            "cost_per_day_usd": _ends(self.cost_per_day),
            "cost_per_month_usd": _ends(self.cost_per_month),
            "cost_per_year_usd": _ends(self.cost_per_year),
            "least_cost_usd": _amount(self.least_cost),
            "worst_cost_usd": _amount(self.worst_cost),
            "right_share": _ends(self.right_share),
            "expected_cost_usd": _ends(self.expected_cost),
            "cost_per_right_answer_usd": _ends(self.cost_per_right_answer),
            "response_time_ms": _ends(self.response_time),
            "worst_response_time_ms": _number(self.worst_response_time),
            "fits": self.fits,
            "lines": [
                {"label": line.label, "model": line.model, "times": _ends(line.times), "cost_usd": _amount(line.cost)}
                for line in self.lines
            ],
            "assumptions": list(self.assumptions),
            "unknowns": [each.fact for each in self.unknowns],
        }

    def __str__(self) -> str:
        title = self.workload.title or self.workload.name or "the workload"
        unit = "request" if self.workload.turns == 1 else f"conversation of {self.workload.turns} turns"
        rows = [f"{self.label} on {title}", f"  cost per {unit} {shown_usd(self.cost_per_request)}"]
        rows += [f"    {line}" for line in self.lines]
        for period in ("day", "month", "year"):
            amount: Range | None = getattr(self, f"cost_per_{period}")
            if amount is not None:
                basis = f" ({self.workload.year_basis})" if period == "year" else ""
                rows.append(f"  cost per {period} {shown_usd(amount, 2)}{basis}")
        if self.worst_cost is not None:
            rows.append(f"  at worst {self.worst_cost} for one {unit.partition(' ')[0]}")
        if self.right_share is not None:
            rows.append(f"  right answers {shown_percent(self.right_share)}")
        if self.expected_cost is not None:
            rows.append(f"  cost per {unit} with errors {shown_usd(self.expected_cost)}")
        if self.response_time is not None and self.worst_response_time is not None:
            rows.append(
                f"  response time {self.response_time:.0f}, at worst {grouped_fixed(self.worst_response_time, 0)} ms"
            )
        if self.fits is False:
            rows.append("  does not fit into the context window")
        rows += [f"  {each}" for each in self.unknowns]
        rows += [f"  assumed: {each}" for each in self.assumptions]
        return "\n".join(rows)


def _ends(value: Range | None) -> dict[str, str] | None:
    return None if value is None else {"low": exact_text(value.low), "high": exact_text(value.high)}


def _number(value: Exact | None) -> str | None:
    return None if value is None else exact_text(value)


def _amount(value: Usd | None) -> str | None:
    return None if value is None else exact_text(plain(value.as_fraction()))


@attrs.frozen
class Side:
    """
    One model in a pattern: its own assessment on what it is given.

    Attributes:
        assessment: The model on its calls.
        right: Share of right answers; None if unknown. [0..1]
        right_basis: Where that share comes from, a sentence; or what is missing.
    """

    assessment: Assessment
    right: Range | None
    right_basis: str

    @property
    def id(self) -> str:
        """The model's id."""
        return self.assessment.model.id

    @property
    def model(self) -> Model:
        """The model."""
        return self.assessment.model

    @property
    def workload(self) -> Workload:
        """What it is given, in its own tokens."""
        return self.assessment.workload

    @property
    def cost(self) -> Usd | None:
        """What one of its calls costs, or one conversation where the workload has turns. [USD]"""
        return None if self.assessment.cost is None else self.assessment.cost.per_request

    @property
    def time(self) -> Range | None:
        """Time of one response. [ms]"""
        return self.assessment.latency.total

    @property
    def worst_time(self) -> Range | None:
        """The same over every stated speed. [ms]"""
        return self.assessment.latency.total_at_any_speed

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed about its cost."""
        notes = () if self.assessment.cost is None else self.assessment.cost.notes
        return (*self.workload.assumptions, *notes)

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Which price is missing, if one is, and the context window, if that is."""
        price = () if self.assessment.cost is not None else self.assessment.unknowns[:1]  # a price comes first
        return price if self.fits is not None else (*price, Unknown(f"context window of {self.id}"))

    @property
    def fits(self) -> bool | None:
        """Whether its calls fit into its context window; None if that is unknown."""
        return self.assessment.context.fits

    # What a model has in common with a pattern that stands in its place.

    @property
    def models(self) -> tuple[str, ...]:
        """The model's id."""
        return (self.id,)

    @property
    def spent(self) -> Range | None:
        """:attr:`cost` as a range. [USD]"""
        return None if self.cost is None else usd_range(self.cost)

    @property
    def least(self) -> Usd | None:
        """The least that one of its calls costs. [USD]"""
        return self.cost

    @property
    def worst(self) -> Usd | None:
        """The most. [USD]"""
        return self.cost

    def steps(self, label: str, times: Range | None) -> list[Line]:
        """What it does if it is asked so many times."""
        return [Line(label=label, model=self.id, times=times, cost=self.cost)]


@attrs.frozen
class Nested:
    """
    A pattern that stands in the place of a model in another one.

    Its expected cost, its share of right answers and its expected time enter the other pattern. Where they are
    ranges, they may hang on the same facts; taken apart, what follows from them holds every possible value.

    Attributes:
        inner: The assessment of the pattern on the same work.
    """

    inner: PatternAssessment

    @property
    def id(self) -> str:
        """What the pattern is called."""
        return self.inner.label

    @property
    def right(self) -> Range | None:
        """Share of right answers. [0..1]"""
        return self.inner.right_share

    @property
    def right_basis(self) -> str:
        """That share in words, or what is missing."""
        if self.right is None:
            return f"share of right answers of {self.id}"
        return f"{self.id} is right in {shown_percent(self.right)}, as it follows from its models"

    @property
    def time(self) -> Range | None:
        """Expected time of one response. [ms]"""
        return self.inner.response_time

    @property
    def worst_time(self) -> Range | None:
        """On the longest path, at the slowest speed. [ms]"""
        worst = self.inner.worst_response_time
        return None if worst is None else Range(worst, unit="ms")

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed."""
        ranges = (self.spent, self.right)
        apart = (
            "the ranges of its cost and of its accuracy are taken apart, so what follows may be wider than it must be"
        )
        wide = all(each is not None and not each.is_point for each in ranges)
        return (*self.inner.assumptions, *([f"{self.id}: {apart}"] if wide else []))

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What would have to be known of it."""
        return self.inner.unknowns

    @property
    def fits(self) -> bool | None:
        """Whether every call fits."""
        return self.inner.fits

    @property
    def models(self) -> tuple[str, ...]:
        """The models that take part."""
        return self.inner.models

    @property
    def spent(self) -> Range | None:
        """Expected cost of a request. [USD]"""
        return self.inner.cost_per_request

    @property
    def least(self) -> Usd | None:
        """On the least costly path. [USD]"""
        return self.inner.least_cost

    @property
    def worst(self) -> Usd | None:
        """On the most costly path. [USD]"""
        return self.inner.worst_cost

    def steps(self, label: str, times: Range | None) -> list[Line]:
        """What it does if it is asked so many times, each of its own steps as often."""
        return [
            attrs.evolve(
                line,
                label=f"{label}: {line.label}",
                times=None if times is None or line.times is None else multiplied(times, line.times),
            )
            for line in self.inner.lines
        ]


Part: TypeAlias = Side | Nested
"""Who is asked: a model, or a pattern in its place."""


class Setting:
    """
    What a pattern is assessed in: the work, the facts and the day, and accuracies that somebody stated.

    Attributes:
        workload: The work.
        catalog: Where names are looked up.
        as_of: The day whose facts hold.
        accuracy: Share of right answers by model id, for the models for which the caller stated one. [0..1]
    """

    __slots__ = ("accuracy", "as_of", "catalog", "workload")

    def __init__(self, workload: Workload, catalog: Catalog, as_of: date, accuracy: Mapping[str, Range]) -> None:
        self.workload = workload
        self.catalog = catalog
        self.as_of = as_of
        self.accuracy = accuracy

    def side(self, model: Member, workload: Workload | None = None) -> Side:
        """
        *model* on the work, or on what else it is given.

        Args:
            model: A name or a :class:`Model`.
            workload: Another workload that is counted in the tokens of this model already.
        """
        resolved, day = resolve_model(model, self.catalog, self.as_of)
        if workload is not None:
            workload = attrs.evolve(workload, counted_for=None)
        assessment = assess_model(resolved, workload or self.workload, self.catalog, day)
        stated = self.accuracy.get(resolved.id)
        if stated is not None:
            return Side(assessment, stated, f"{resolved.id} is right in {shown_percent(stated)}, as the caller states")
        quality = assessment.quality
        right = quality.right_share
        if right is None:
            missing = f"score of {resolved.id} on {quality.benchmark or f'a benchmark for {quality.task}'}"
            return Side(assessment, None, missing)
        basis = (
            f"{resolved.id} is right in {quality.percent}, its score on {quality.benchmark}, not measured on this work"
        )
        return Side(assessment, right, basis)

    def part(self, stage: Stage) -> Part:
        """A model on the work, or a pattern that stands in its place."""
        return Nested(stage.assessed_in(self)) if isinstance(stage, Pattern) else self.side(stage)


class Pattern(ABC):
    """
    A way of using one or several models for a piece of work.

    A value that never changes: patterns with equal fields are equal. One of your own derives from this class,
    holds its fields in a frozen attrs class and answers :meth:`assessed_in`.

    Attributes:
        name: What tables call it; empty for a name made of its fields.
    """

    __slots__ = ()
    name: str

    @property
    @abstractmethod
    def members(self) -> tuple[Member, ...]:
        """The models that take part, in the order in which they are asked."""

    @property
    @abstractmethod
    def described(self) -> str:
        """A name made of the fields."""

    @abstractmethod
    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """The assessment, in a setting that is prepared already."""

    @property
    def label(self) -> str:
        """What tables call it."""
        return self.name or self.described

    def assess(
        self,
        workload: Workload | str,
        *,
        catalog: Catalog | None = None,
        as_of: date | str | None = None,
        accuracy: Mapping[str, Share] | None = None,
    ) -> PatternAssessment:
        """
        What the pattern costs, how often it is right and how long it takes.

        Args:
            workload: A :class:`Workload`, or the id of a preset.
            catalog: Where names are looked up; None for the bundled catalog.
            as_of: The day whose facts hold; None for the catalog's own day.
            accuracy: Share of right answers by model, where you know better than the benchmark that speaks for
                the workload's task. [0..1]

        Raises:
            UnknownNameError: A model, preset or task is not known, or *accuracy* names a model that takes no part.
            NoFactOnDateError: Nothing is recorded for that day.
            InvalidValueError: The pattern cannot be used for this work, or its probabilities contradict each other.
        """
        held = held_catalog(catalog)
        day = held.as_of if as_of is None else as_day(as_of)
        stated = stated_accuracy(accuracy, [resolve_model(each, held, day)[0] for each in self.members])
        return self.assessed_in(Setting(as_workload(workload, held), held, day, stated))


def stated_accuracy(accuracy: Mapping[str, Share] | None, models: Iterable[Model]) -> dict[str, Range]:
    """
    Accuracies by model id.

    Raises:
        UnknownNameError: One is for a model that is not among *models*.
        InvalidValueError: One is stated twice, under two names of one model.
    """
    if accuracy is None:
        return {}
    if not isinstance(accuracy, Mapping):
        raise InvalidTypeError(f"accuracy is {accuracy!r}; expected a mapping such as {{'gpt-4.1-mini': '0.72'}}.")
    known = {model.id: model for model in models}
    found: dict[str, Range] = {}
    for name, value in accuracy.items():
        ids = [id for id, model in known.items() if name == id or name in model.aliases]
        if not ids:
            raise UnknownNameError("model that takes part", name, known)
        if ids[0] in found:
            raise InvalidValueError(f"the accuracy of {ids[0]} is stated twice, once as {name!r}. Keep one.")
        found[ids[0]] = share(value, f"the accuracy of {name}")
    return found


Stage: TypeAlias = Member | Pattern
"""Who can be asked: a model by its name or as a :class:`Model`, or a pattern in its place."""


def stage(value: object, what: str) -> Stage:
    """*value* as a model that takes part, or a pattern in its place."""
    return value if isinstance(value, Pattern) else member(value, what)


def stage_name(value: Stage) -> str:
    """What a label calls it; a pattern in brackets, so that one sees what belongs to what."""
    return f"({value.label})" if isinstance(value, Pattern) else member_name(value)


def members_of(*stages: Stage) -> tuple[Member, ...]:
    """The models that take part, those of patterns included."""
    return tuple(each for value in stages for each in (value.members if isinstance(value, Pattern) else (value,)))


def answer(
    pattern: Pattern,
    setting: Setting,
    sides: Iterable[Part],
    *,
    lines: Iterable[Line],
    cost: Range | None,
    least: Usd | None,
    worst: Usd | None,
    right: Range | None,
    time: Range | None,
    worst_time: Range | None,
    assumptions: Iterable[str] = (),
    unknowns: Iterable[Unknown] = (),
    with_errors: Range | None = None,
    fits: bool | Literal["as sides"] | None = "as sides",
) -> PatternAssessment:
    """The assessment, with what follows in the same way for every pattern."""
    taking_part = list(sides)
    error_cost = setting.workload.error_cost
    if with_errors is None and cost is not None and right is not None and error_cost is not None:
        wrong = Range(1 - right.high, 1 - right.low)
        with_errors = cost + multiplied(wrong, usd_range(error_cost))
    if fits == "as sides":
        answers = {side.fits for side in taking_part}
        fits = False if False in answers else None if None in answers else True
    missing = list(unknowns)
    for side in taking_part:
        missing.extend(side.unknowns)
    notes = [note for side in taking_part for note in side.notes]
    return PatternAssessment(
        pattern=pattern,
        label=pattern.label,
        models=tuple(dict.fromkeys(name for side in taking_part for name in side.models)),
        workload=setting.workload,
        as_of=setting.as_of,
        lines=tuple(lines),
        cost_per_request=cost,
        least_cost=least,
        worst_cost=worst,
        right_share=right,
        expected_cost=with_errors,
        response_time=time,
        worst_response_time=None if worst_time is None else worst_time.high,
        fits=fits,
        assumptions=tuple(dict.fromkeys((*assumptions, *notes))),
        unknowns=tuple(dict.fromkeys(missing)),
    )


def quality_of(side: Part) -> tuple[list[str], list[Unknown]]:
    """What to say about the accuracy of a model: where it comes from, or what is missing."""
    return ([side.right_basis], []) if side.right is not None else ([], [Unknown(side.right_basis)])


def time_unknown(side: Part) -> list[Unknown]:
    """What is missing for the response time of a model."""
    return [] if side.time is not None else [Unknown(f"response time of {side.id}")]


def single_turn(setting: Setting, what: str) -> None:
    """
    Refuse a conversation where a pattern is about single requests.

    Raises:
        InvalidValueError: The workload has turns.
    """
    turns = setting.workload.turns
    if turns > 1:
        raise InvalidValueError(
            f"{what} is worked out for single requests, and the workload has {turns} turns. "
            f"Describe one turn as a workload of its own: workload.with_(turns=1, input_tokens="
            f"{grouped(setting.workload.turn_input_tokens(turns))}) is the last one."
        )


@attrs.frozen(init=False)
class Single(Pattern):
    """
    One model, asked once: what every other pattern is compared with.

    Formula:
        C, the cost of the request or conversation as :func:`llm_tradeoffs.assess` has it.

    Not to be trusted:
        For its share of right answers, unless you measured it: a benchmark is somebody else's work.

    Attributes:
        model: The model.
        name: What tables call it; empty for the model's name.
    """

    model: Member = field_of(attrs.NOTHING, member)
    name: str = field_of("", text)

    def __init__(self, model: Member, *, name: str = "") -> None:
        init_with(self, locals())

    @property
    def members(self) -> tuple[Member, ...]:
        """The model."""
        return (self.model,)

    @property
    def described(self) -> str:
        """The model's name."""
        return member_name(self.model)

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """The model's own assessment, as a pattern."""
        side = setting.side(self.model)
        told, missing = quality_of(side)
        cost = side.cost
        return answer(
            self,
            setting,
            [side],
            lines=[Line(label=side.id, model=side.id, times=ONE, cost=cost)],
            cost=None if cost is None else usd_range(cost),
            least=cost,
            worst=cost,
            right=side.right,
            time=side.time,
            worst_time=side.worst_time,
            assumptions=told,
            unknowns=[*missing, *time_unknown(side)],
        )


def in_dollars(amount: Usd | None) -> Fraction | None:
    """An amount as a number of dollars."""
    return None if amount is None else amount.as_fraction()


def together(amounts: Iterable[Usd | None]) -> Usd | None:
    """The sum of *amounts*, or None if one of them is unknown."""
    total = added([None if each is None else usd_range(each) for each in amounts], "USD")
    return None if total is None else Usd(total.low)
