"""
The answer: what was chosen, why, why not the others, and on which facts.

A recommendation is plain data. It remembers the question, so that it can be saved, compared and
explained a year later without the catalog that it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import Citation, Source
from llm_tradeoffs.money import Usd
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import Workload

__all__ = [
    "SCHEMA_VERSION",
    "Candidate",
    "Figures",
    "Grounds",
    "Mix",
    "MixPart",
    "Recommendation",
    "Standing",
    "Status",
    "Step",
]

SCHEMA_VERSION: Final = 1
"""Version of the JSON form; raised whenever a reader of the old form would misread the new one."""

Status = Literal["selected", "tie", "infeasible", "needs_information"]
Standing = Literal["possible", "ruled out", "unknown"]


@attrs.frozen(kw_only=True)
class Figures:
    """
    What a candidate costs, scores and takes; None where it is unknown.

    Attributes:
        cost_per_request, cost_per_day, cost_per_month, cost_per_year: [USD]
        expected_cost: Cost of a request with the expected cost of its error. [USD]
        quality: Share of right answers on the benchmark that speaks for the task. [%]
        ttft, response_time: [ms]
        context_window: [tokens]
    """

    cost_per_request: Usd | None = None
    cost_per_day: Usd | None = None
    cost_per_month: Usd | None = None
    cost_per_year: Usd | None = None
    expected_cost: Range | None = None
    quality: Range | None = None
    ttft: Range | None = None
    response_time: Range | None = None
    context_window: int | None = None


@attrs.frozen(kw_only=True)
class Candidate:
    """
    One model that was considered.

    Attributes:
        model: Its id.
        name: Its name for people.
        rank: 1 for the first; None if it was ruled out or hangs on an unknown.
        standing: ``possible``, ``ruled out`` or ``unknown``.
        reasons_for, reasons_against: In words, with the numbers.
        figures: What it costs, scores and takes.
        facts: The facts that its figures and verdicts rest on.
    """

    model: str
    name: str
    rank: int | None
    standing: Standing
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]
    figures: Figures
    facts: tuple[Citation, ...]


@attrs.frozen(kw_only=True)
class Step:
    """
    One question of the policy, as it was asked.

    Attributes:
        id: The requirement's or question's id.
        question: The question in words.
        kind: ``requirement``, asked of every candidate, or ``question``, asked of the workload.
        asked: Whether it was asked at all.
        answer: ``yes``, ``no`` or ``unknown``; None if it was not asked. For a requirement: yes if a
            candidate certainly meets it, no if none can.
        facts: What the answer rests on, one sentence each.
        threshold: What it was held against, in words; empty if there is none.
        leads_to: Where the answer led; empty if it was not asked.
    """

    id: str
    question: str
    kind: Literal["requirement", "question"]
    asked: bool
    answer: Literal["yes", "no", "unknown"] | None
    facts: tuple[str, ...] = ()
    threshold: str = ""
    leads_to: str = ""


@attrs.frozen(kw_only=True)
class Grounds:
    """
    What an answer rests on.

    Attributes:
        candidates: Every candidate, the best first; those that were ruled out last.
        trace: Every question of the policy in its order, asked or not.
        assumptions: What was taken for granted, one sentence each.
        missing: The facts that could change the answer and that nobody has stated.
        sources: Every source that a fact of a candidate was taken from.
    """

    candidates: tuple[Candidate, ...]
    trace: tuple[Step, ...]
    assumptions: tuple[str, ...]
    missing: tuple[str, ...]
    sources: tuple[Source, ...]


def _worked_out(grounds: Grounds | Callable[[], Grounds]) -> Grounds:
    return grounds if isinstance(grounds, Grounds) else grounds()


@attrs.frozen(kw_only=True, repr=False)
class Recommendation:
    """
    Which model for a workload, and why.

    Attributes:
        status: ``selected``; ``tie`` where nothing stated decides; ``infeasible`` where no candidate can
            do the work; ``needs_information`` where that hangs on facts that nobody has stated.
        chosen: The id of the chosen model; None unless selected.
        tied: The ids of the models that tie; empty unless it is a tie.
        because: The reason in a sentence.
        candidates, trace, assumptions, missing, sources: What the answer rests on; see :class:`Grounds`.
            Worked out when first read, from values that never change.
        workload: The question.
        policy: Id of the policy.
        as_of: The day the facts are of.
        catalog_edition, catalog_hash, trust: The facts that were asked.
        library_version: The version that answered.
        schema_version: Version of the JSON form.
    """

    status: Status
    chosen: str | None
    tied: tuple[str, ...]
    because: str
    workload: Workload
    policy: str
    as_of: date
    catalog_edition: str
    catalog_hash: str
    trust: tuple[str, ...]
    library_version: str
    schema_version: int = SCHEMA_VERSION
    _grounds: Grounds | Callable[[], Grounds] = attrs.field(alias="grounds", eq=_worked_out)

    def __attrs_post_init__(self) -> None:
        if (self.status == "selected") != (self.chosen is not None) or (self.status == "tie") != bool(self.tied):
            raise InvalidValueError(
                f"the status is {self.status!r} with {self.chosen!r} chosen and {len(self.tied)} that tie; "
                "a model is chosen if one was selected, and several tie in a tie."
            )
        if isinstance(self._grounds, Grounds):
            known = {candidate.model for candidate in self._grounds.candidates}
            strangers = sorted({*self.tied, *([self.chosen] if self.chosen is not None else [])} - known)
            if strangers:
                raise InvalidValueError(f"{', '.join(strangers)} was chosen or ties, but is no candidate.")

    @cached_property
    def grounds(self) -> Grounds:
        """Everything that the answer rests on."""
        return _worked_out(self._grounds)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every candidate, the best first; those that were ruled out last."""
        return self.grounds.candidates

    @property
    def trace(self) -> tuple[Step, ...]:
        """Every question of the policy in its order, asked or not."""
        return self.grounds.trace

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was taken for granted, one sentence each."""
        return self.grounds.assumptions

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that could change the answer and that nobody has stated."""
        return self.grounds.missing

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source that a fact of a candidate was taken from."""
        return self.grounds.sources

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Any]], Recommendation], tuple[dict[str, Any]]]:
        return Recommendation.from_dict, (self.to_dict(),)

    def candidate(self, model: str) -> Candidate:
        """
        What was said of one candidate, by its id.

        Raises:
            UnknownNameError: It was no candidate.
        """
        for candidate in self.candidates:
            if candidate.model == model:
                return candidate
        raise UnknownNameError("candidate", model, [candidate.model for candidate in self.candidates])

    def explain(self) -> str:
        """The answer as prose: what was chosen, the questions that led there, the others, the sources."""
        from llm_tradeoffs.show.text import recommendation_text

        return recommendation_text(self)

    def to_dict(self) -> dict[str, Any]:
        """The whole answer in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain: dict[str, Any] = to_plain(self)
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recommendation:
        """
        The answer that :meth:`to_dict` gave.

        Raises:
            SchemaVersionError: It was written in another version of the form.
            InvalidValueError: It is no recommendation; every fault with its place.
        """
        from llm_tradeoffs._serial import from_plain

        return from_plain(data, cls, SCHEMA_VERSION)

    def to_json(self, *, indent: int | None = 2) -> str:
        """The whole answer as JSON; exact numbers as strings, so that no reader rounds them."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Recommendation:
        """
        The answer that :meth:`to_json` wrote.

        Raises:
            SchemaVersionError: It was written in another version of the form.
            InvalidValueError: It is no JSON, or no recommendation; every fault with its place.
        """
        if not isinstance(text, str | bytes):
            raise InvalidTypeError(f"expected the JSON text of a recommendation, got {text!r}.")
        try:
            data = json.loads(text)
        except ValueError as problem:
            raise InvalidValueError(f"this is not JSON: {problem}. Pass what to_json() wrote.") from None
        except RecursionError:
            raise InvalidValueError("this JSON is nested beyond reading. Pass what to_json() wrote.") from None
        return cls.from_dict(data)

    def __str__(self) -> str:
        return self.explain()

    def __repr__(self) -> str:
        found = self.chosen or (", ".join(self.tied) if self.tied else "none")
        return f"<Recommendation {self.status}: {found} (policy {self.policy}, as of {self.as_of})>"


@attrs.frozen(kw_only=True)
class MixPart:
    """
    One workload of a mix and the model that was recommended for it.

    Attributes:
        workload: The workload's name, or its number in the mix if it has none.
        recommendation: The answer for it.
        model: The chosen model, or for a tie the first of those that tie; None if there is none.
        cost_per_month: Of this workload on that model; None if unknown or without a volume. [USD]
    """

    workload: str
    recommendation: Recommendation
    model: str | None
    cost_per_month: Usd | None


@attrs.frozen(kw_only=True)
class Mix:
    """
    Several workloads, a model for each, and what the mix costs against any single model.

    Attributes:
        parts: One for each workload, in the order given.
        cost_per_month: Of the mix; None if a part is unknown, has no volume or no model. [USD]
        single: For every candidate what all workloads together would cost on it alone per month;
            None where it cannot do one of them or a price or volume is unknown. [USD]
        reasons: For every candidate with None above, why.
    """

    parts: tuple[MixPart, ...]
    cost_per_month: Usd | None
    single: Mapping[str, Usd | None] = attrs.field(hash=False)
    reasons: Mapping[str, str] = attrs.field(hash=False)

    @property
    def models(self) -> tuple[str, ...]:
        """The models of the mix, each once, in the order of the workloads."""
        return tuple(dict.fromkeys(part.model for part in self.parts if part.model is not None))

    def to_dict(self) -> dict[str, Any]:
        """The mix in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain: dict[str, Any] = to_plain(self)
        return plain

    def explain(self) -> str:
        """The mix as prose and a table."""
        from llm_tradeoffs.show.text import mix_text

        return mix_text(self)

    def __str__(self) -> str:
        return self.explain()
