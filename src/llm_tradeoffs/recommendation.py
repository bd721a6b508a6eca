"""
The answer: what was chosen, why, why not the others, and on which facts.

A recommendation is plain data. It remembers the question and everything that the answer follows from, so that it
can be saved, compared, explained and asked again a year later without the catalog that it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from llm_tradeoffs._edges import init_with
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import Citation, Source
from llm_tradeoffs.money import Number, Usd
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.analysis._case import Case
    from llm_tradeoffs.analysis._flips import Flips
    from llm_tradeoffs.analysis._information import Information, Prior
    from llm_tradeoffs.analysis._pareto import Pareto
    from llm_tradeoffs.analysis._why_not import WhyNot
    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.comparison import Comparison
    from llm_tradeoffs.plot import ComparisonPlots
    from llm_tradeoffs.replay import Diff, Premises, Replay

__all__ = [
    "SCHEMA_VERSION",
    "Candidate",
    "Caps",
    "Figures",
    "Grounds",
    "Mix",
    "MixPart",
    "Recommendation",
    "Robustness",
    "Standing",
    "Status",
    "Step",
]

SCHEMA_VERSION: Final = 2
"""Version of the JSON form; raised whenever a reader of the old form would misread the new one."""

Status = Literal["selected", "tie", "infeasible", "needs_information"]
Standing = Literal["possible", "ruled out", "unknown"]


def _cap(value: object) -> Usd | None:
    amount = value if value is None or isinstance(value, Usd) else Usd(value)  # type: ignore[arg-type]  # Usd refuses
    if amount is not None and amount < Usd(0):
        raise InvalidValueError(f"a cap is {amount}; nothing costs less than nothing. Leave it out if there is none.")
    return amount


@attrs.frozen(kw_only=True, init=False)
class Caps:
    """
    What may be spent, at most: a budget is no property of the work, so it stands beside the workload.

    >>> Caps(cost_per_month="500").cost_per_month
    Usd('500.00')

    Attributes:
        cost_per_request: What one request, or one conversation, may cost; None for no cap. [USD]
        cost_per_month: What a month of 30 days may cost at the stated volume; None for no cap. [USD]

    Raises:
        InvalidTypeError, InvalidValueError: A cap is no amount of money, or negative.
    """

    cost_per_request: Usd | None = attrs.field(converter=_cap)
    cost_per_month: Usd | None = attrs.field(converter=_cap)

    def __init__(
        self, *, cost_per_request: Usd | Number | None = None, cost_per_month: Usd | Number | None = None
    ) -> None:
        init_with(self, locals())

    def __str__(self) -> str:
        named = (("request", self.cost_per_request), ("month", self.cost_per_month))
        return ", ".join(f"{amount} per {unit}" for unit, amount in named if amount is not None) or "no caps"


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


@attrs.frozen(kw_only=True)
class Robustness:
    """
    Whether facts that are known only as intervals leave room for another answer.

    Attributes:
        robust: Whether the answer is the same whatever values within their intervals the facts take.
        decided_by: If not, the facts that decide, one sentence each, with the answer that they would lead to.
    """

    robust: bool
    decided_by: tuple[str, ...]


def _worked_out(part: Any) -> Any:
    return part() if callable(part) else part


@attrs.frozen(kw_only=True, repr=False)
class Recommendation(Tabular):
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
        robust, decided_by: Whether it holds for every value within the stated intervals; see :class:`Robustness`.
        workload: The question.
        caps: What may be spent.
        policy: Id of the policy, or of the objective.
        as_of: The day the facts are of.
        catalog_edition, catalog_hash, trust: The facts that were asked.
        library_version: The version that answered.
        schema_version: Version of the JSON form.
        premises: Everything that it follows from; see :class:`llm_tradeoffs.replay.Premises`.
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
    caps: Caps
    schema_version: int = SCHEMA_VERSION
    _grounds: Grounds | Callable[[], Grounds] = attrs.field(alias="grounds", eq=_worked_out)
    _robustness: Robustness | Callable[[], Robustness] = attrs.field(alias="robustness", eq=_worked_out)
    # A Case, as it was worked with, or Premises, as they were saved: later layers, which only they import.
    # Equal answers may know more or less beside what they cite.
    _made_from: Any = attrs.field(alias="case", eq=False)

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
            self._check_premises(known)

    def _check_premises(self, candidates: set[str]) -> None:
        """Refuse a saved answer that follows from something else than it says."""
        premises = self.premises
        if premises.policy.id != self.policy:
            raise InvalidValueError(
                f"the policy is {self.policy!r}, and the one among the premises is "
                f"{premises.policy.id!r}. Both name one policy."
            )
        described = {model.id for model in premises.models}
        if described != candidates:
            raise InvalidValueError(
                f"{', '.join(sorted(described ^ candidates))} is a candidate or a model among the premises, not both."
            )

    @property
    def premises(self) -> Premises:
        """Everything that the answer follows from: the policy, and all that was known of every candidate."""
        found: Premises = self._premises
        return found

    @property
    def case(self) -> Case:
        """
        The decision with the facts it was taken on; of a saved answer it is taken again from its premises.

        Raises:
            InvalidValueError: The premises do not give this answer: it was edited, or another release gave it.
        """
        found: Case = self._case
        return found

    @property
    def plot(self) -> ComparisonPlots:
        """The charts of what was compared: ``recommendation.plot.cost_vs_volume()`` and others."""
        return self.comparison().plot

    def comparison(self) -> Comparison:
        """
        The candidates side by side, on the facts that the answer rests on.

        Raises:
            InvalidValueError: As for :attr:`case`.
        """
        from llm_tradeoffs.comparison import comparison_of

        case = self.case
        return comparison_of(self.workload, tuple(case.decision.assessed), case.catalog, case.day)

    # attrs reads the annotations of what it keeps, and these types belong to later layers.

    @cached_property
    def _premises(self) -> Any:
        from llm_tradeoffs.replay._premises import Premises, premises_of

        return self._made_from if isinstance(self._made_from, Premises) else premises_of(self._made_from)

    @cached_property
    def _case(self) -> Any:
        from llm_tradeoffs.replay._premises import Premises, case_of

        return case_of(self) if isinstance(self._made_from, Premises) else self._made_from

    @cached_property
    def grounds(self) -> Grounds:
        """Everything that the answer rests on."""
        found: Grounds = _worked_out(self._grounds)
        return found

    @cached_property
    def robustness(self) -> Robustness:
        """Whether facts that are known only as intervals leave room for another answer."""
        found: Robustness = _worked_out(self._robustness)
        return found

    @property
    def robust(self) -> bool:
        """Whether the answer is the same whatever values within their intervals the facts take."""
        return self.robustness.robust

    @property
    def decided_by(self) -> tuple[str, ...]:
        """The facts that decide where it is not, with the answer that they would lead to."""
        return self.robustness.decided_by

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

    # What would change it. Worked out when asked, from what the answer was made from.

    def flips(self, *variables: str) -> Flips:
        """
        At which values another answer holds, one number at a time, exactly.

        >>> from llm_tradeoffs import recommend
        >>> print(recommend("support-chatbot", objective="expected-cost").flips("error_cost")[0])
        cost of a wrong answer, now not stated: above $0.018 claude-haiku-4.5 instead of gpt-4.1-mini

        Args:
            variables: Which numbers, such as ``"output_tokens"``, ``"error_cost"`` or ``"price"``; all for none.

        Raises:
            UnknownNameError: There is no such variable.
            InvalidValueError: A saved answer does not follow from its premises; see :attr:`case`.
        """
        from llm_tradeoffs.analysis._flips import flips_of

        return flips_of(self.case, variables)

    def why_not(self, model: str) -> WhyNot:
        """
        Why a candidate was not chosen, what it lacks, and what would make it win.

        Args:
            model: The candidate's id.

        Raises:
            UnknownNameError: It was no candidate.
            InvalidValueError: It was chosen; or a saved answer does not follow from its premises, see :attr:`case`.
        """
        from llm_tradeoffs.analysis._why_not import why_not

        return why_not(self.case, model)

    @property
    def why_not_each(self) -> tuple[WhyNot, ...]:
        """Why not, for every candidate that was not chosen: those in the race first, by their places."""
        from llm_tradeoffs.analysis._why_not import why_not_each

        return why_not_each(self.case)

    def replay(self, catalog: Catalog | None = None, **options: Any) -> Replay:
        """
        Ask the same question again on other facts: what changed, and which fact did it.

        Args:
            catalog: The other facts; None for the bundled catalog.
            options: As for :func:`llm_tradeoffs.replay.replay`.
        """
        from llm_tradeoffs.replay import replay

        return replay(self, catalog, **options)

    def diff(self, other: Recommendation) -> Diff:
        """What differs from this answer to *other*."""
        from llm_tradeoffs.replay import diff

        return diff(self, other)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical bytes of the answer, without what only says which edition was asked. [hex]"""
        from llm_tradeoffs.replay import digest

        return digest(self)

    def pareto(self, *by: str) -> Pareto:
        """
        Which candidates no other one dominates, and who dominates whom.

        Args:
            by: Criteria of :data:`llm_tradeoffs.policy.CRITERIA`; cost, quality and response time for none.

        Raises:
            UnknownNameError: There is no such criterion.
            InvalidValueError: A saved answer does not follow from its premises; see :attr:`case`.
        """
        from llm_tradeoffs.analysis._pareto import pareto

        return pareto(self.case.decision.possible, by)

    def information(
        self, *, prior: Mapping[str, Prior] | None = None, undone_cost: Usd | Number | None = None
    ) -> Information:
        """
        Which open facts would decide, where each of their values leads, and what it is worth to know them.

        Args:
            prior, undone_cost: As for :func:`llm_tradeoffs.information`.

        Raises:
            UnknownNameError, InvalidValueError: As there.
        """
        from llm_tradeoffs.analysis._information import information

        return information(self, prior=prior, undone_cost=undone_cost)

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
class Mix(Tabular):
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
