"""Patterns and single models in one table."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.assessment import as_workload
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.costing import resolve_model
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.patterns._base import Pattern, PatternAssessment, Setting, Single, stated_accuracy
from llm_tradeoffs.patterns._values import Share, shown_percent, shown_usd, usd_range
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import DAYS_PER_MONTH, Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["PatternComparison", "compare"]


@attrs.frozen
class _Column:
    head: str
    read: Callable[[PatternAssessment], Range | None]
    show: Callable[[Range | None], str]
    lower_is_better: bool | None


def _milliseconds(value: Range | None) -> str:
    return "unknown" if value is None else f"{value.format(0)}"


WIDTH: Final = 96
_COLUMNS: Final = {
    "cost_per_request": _Column("per request", lambda each: each.cost_per_request, shown_usd, True),
    "cost_per_month": _Column("per month", lambda each: each.cost_per_month, lambda value: shown_usd(value, 2), True),
    "worst_cost": _Column(
        "at worst", lambda each: None if each.worst_cost is None else usd_range(each.worst_cost), shown_usd, True
    ),
    "right_share": _Column("right", lambda each: each.right_share, shown_percent, False),
    "expected_cost": _Column("with errors", lambda each: each.expected_cost, shown_usd, True),
    "cost_per_right_answer": _Column("per right answer", lambda each: each.cost_per_right_answer, shown_usd, True),
    "response_time": _Column("response time", lambda each: each.response_time, _milliseconds, True),
}


@attrs.frozen(eq=False, repr=False)
class PatternComparison(Tabular):
    """
    Patterns side by side on one workload.

    Attributes:
        workload: The work.
        assessments: One for each pattern, in the order given; a model that was named is :class:`Single`.
        as_of: The day the facts are of.
        catalog_edition: The edition of the facts.
    """

    workload: Workload
    assessments: tuple[PatternAssessment, ...]
    as_of: date
    catalog_edition: str

    @property
    def labels(self) -> tuple[str, ...]:
        """What the patterns are called, in the order given."""
        return tuple(each.label for each in self.assessments)

    def __getitem__(self, label: str) -> PatternAssessment:
        """
        The assessment of one pattern by its label; of a single model by its name.

        Raises:
            UnknownNameError: It is not among those compared.
        """
        for each in self.assessments:
            if each.label == label:
                return each
        raise UnknownNameError("compared pattern", label, self.labels)

    def __iter__(self) -> Iterator[PatternAssessment]:
        return iter(self.assessments)

    def __len__(self) -> int:
        return len(self.assessments)

    def __contains__(self, label: object) -> bool:
        return label in self.labels

    def best(self, by: str = "cost_per_request") -> tuple[str, ...]:
        """
        The labels of those that are certainly at least as good as every other in one column.

        Empty where nobody can say: a value is unknown, or intervals overlap. What does not fit into the context
        window is out of the race.

        Args:
            by: ``cost_per_request``, ``cost_per_month``, ``worst_cost``, ``right_share``, ``expected_cost``,
                ``cost_per_right_answer`` or ``response_time``.

        Raises:
            UnknownNameError: There is no such column.
        """
        column = _COLUMNS.get(by)
        if column is None:
            raise UnknownNameError("column", by, _COLUMNS)
        racing = [each for each in self.assessments if each.fits is not False]
        values = [column.read(each) for each in racing]
        known = [value if column.lower_is_better else -value for value in values if value is not None]
        if len(known) < len(values):
            return ()
        return tuple(
            each.label
            for each, mine in zip(racing, known, strict=True)
            if all(mine.high <= other.low or mine is other for other in known)
        )

    def to_dict(self) -> dict[str, Any]:
        """The table in plain types, exact numbers as strings."""
        return {
            "workload": self.workload.title or self.workload.name,
            "as_of": self.as_of.isoformat(),
            "catalog_edition": self.catalog_edition,
            "patterns": [each.to_dict() for each in self.assessments],
        }

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import table

        title = self.workload.title or self.workload.name or "the workload"
        if not self.assessments:
            return f"No patterns to compare on {title}."
        used = {
            name: column
            for name, column in _COLUMNS.items()
            if name != "cost_per_right_answer" and any(column.read(each) is not None for each in self.assessments)
        }
        rows: list[list[str]] = []
        for each in self.assessments:
            cells = [
                f"{column.show(column.read(each))}{' *' if self._marks(name, each) else '  '}"
                for name, column in used.items()
            ]
            rows.append([each.label + ("" if each.fits is not False else " (does not fit)"), *cells])
        units = {"response_time": "response time [ms]"}
        head = ["", *(f"{units.get(name, column.head)}  " for name, column in used.items())]
        foot = "* certainly best.  " if any("*" in cell for row in rows for cell in row[1:]) else ""
        foot += f"Amounts in USD.  Facts as of {self.as_of}, catalog {self.catalog_edition}."
        if self.workload.volume_basis is not None:
            foot += f"  A month has {DAYS_PER_MONTH} days."
        lines = [title, "", table(head, rows, numeric=range(1, len(head))), "", foot]
        lines += self._told("Unknown", lambda each: [unknown.fact for unknown in each.unknowns])
        lines += self._told("Assumed", lambda each: each.assumptions)
        return "\n".join(lines)

    def _marks(self, column: str, each: PatternAssessment) -> bool:
        best = self.best(column)
        return each.label in best and len(best) < len(self.assessments)

    def _told(self, head: str, read: Callable[[PatternAssessment], Any]) -> list[str]:
        """Sentences, each once, with those that they are about."""
        about: dict[str, list[str]] = {}
        for each in self.assessments:
            for sentence in read(each):
                about.setdefault(sentence, []).append(each.label)
        lines = [
            _wrapped(f"- {sentence}" + ("" if len(labels) == len(self.assessments) else f" ({'; '.join(labels)})"))
            for sentence, labels in about.items()
        ]
        return [f"{head}:", *lines] if lines else []

    def __repr__(self) -> str:
        return (
            f"<PatternComparison of {'; '.join(self.labels) or 'no patterns'} on {self.workload.name or 'a workload'}>"
        )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def compare(
    *patterns: Pattern | str | Model,
    workload: Workload | str,
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
    accuracy: Mapping[str, Share] | None = None,
) -> PatternComparison:
    """
    Patterns and single models side by side on a workload.

    >>> both = compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    >>> both.best("cost_per_month")
    ('gpt-4.1-mini',)

    Args:
        patterns: Patterns; and models by their names or as :class:`Model`, each taken as :class:`Single`.
        workload: A :class:`Workload`, or the id of a preset.
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day.
        accuracy: Share of right answers by model, where you know better than the benchmark that speaks for the
            workload's task. [0..1]

    Raises:
        UnknownNameError: A model, preset or task is not known, or *accuracy* names a model that takes no part.
        NoFactOnDateError: Nothing is recorded for that day.
        InvalidValueError: Two entries have the same label, or one cannot be used for this work.
    """
    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    work = as_workload(workload, held)
    asked = [_pattern(each) for each in patterns]
    labels = [each.label for each in asked]
    for label in labels:
        if labels.count(label) > 1:
            raise InvalidValueError(f"{label!r} is named twice. Keep one, or give one of them a name: name='...'.")
    models = [resolve_model(each, held, day)[0] for pattern in asked for each in pattern.members]
    stated = stated_accuracy(accuracy, models)
    setting = Setting(work, held, day, stated)
    return PatternComparison(
        workload=work,
        assessments=tuple(each.assessed_in(setting) for each in asked),
        as_of=day,
        catalog_edition=held.edition,
    )


def _pattern(value: object) -> Pattern:
    if isinstance(value, Pattern):
        return value
    if isinstance(value, str | Model):
        return Single(value)
    raise InvalidTypeError(
        f"expected a pattern, or the name of a model, got {value!r} of type {type(value).__name__}. "
        "Say for example 'gpt-4.1-mini' or Retries('gpt-4.1-mini', times=3)."
    )
