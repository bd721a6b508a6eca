"""Assessments side by side: one row a property, one column a model, and which is better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.assessment import Assessment, as_workload, assess_model
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.costing import resolve_model
from llm_tradeoffs.errors import InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import PICO, Exact, Usd, divide, exact_text, fixed
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import PER_MTOK
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.plot import ComparisonPlots

__all__ = ["Comparison", "Row", "compare"]


@attrs.frozen(kw_only=True)
class Row:
    """
    One property of every compared model.

    Attributes:
        id: Short name, such as ``"cost_per_month"``.
        label: What it is, for people.
        unit: The unit of the numbers; empty for words.
        lower_is_better: True or False; None where neither is better.
        texts: The values as people read them, one for each model in the order given.
        values: The same as exact numbers: a single number has equal ends; None where unknown or words.
        better: Ids of the models that are certainly at least as good as every other, and better than
            one; empty if that is not known or all are equal.
    """

    id: str
    label: str
    unit: str
    lower_is_better: bool | None
    texts: tuple[str, ...]
    values: tuple[Range | None, ...]
    better: tuple[str, ...]

    def ratio(self, index: int, base: int = 0) -> Fraction | None:
        """How many times the value of model *base* that of model *index* is; None for ranges and unknowns."""
        mine, theirs = self.values[index], self.values[base]
        if mine is None or theirs is None or not (mine.is_point and theirs.is_point) or not theirs.low:
            return None
        return Fraction(mine.low) / Fraction(theirs.low)

    def difference(self, index: int, base: int = 0) -> Range | None:
        """
        The value of model *index* less that of model *base*; None for unknowns.

        Of two ranges the ends are subtracted like for like, low from low and high from high, as people
        compare "150-250" with "200-400"; for every possible difference subtract the ranges themselves.
        """
        mine, theirs = self.values[index], self.values[base]
        if mine is None or theirs is None:
            return None
        ends = (mine.low - theirs.low, mine.high - theirs.high)
        return Range(min(ends), max(ends), mine.unit)


@attrs.frozen(eq=False, repr=False)
class Comparison(Tabular):
    """
    Models side by side on one workload.

    Attributes:
        workload: The work.
        assessments: One for each model, in the order given.
        rows: The table; see :class:`Row`.
        as_of: The day the facts are of.
        catalog_edition: The edition of the facts.
    """

    workload: Workload
    assessments: tuple[Assessment, ...]
    rows: tuple[Row, ...]
    as_of: date
    catalog_edition: str

    @property
    def models(self) -> tuple[str, ...]:
        """The ids of the models, in the order given."""
        return tuple(each.model.id for each in self.assessments)

    def __getitem__(self, model: str) -> Assessment:
        """
        The assessment of one model, by its id or any listed alias.

        Raises:
            UnknownNameError: It is not among the compared models.
        """
        for each in self.assessments:
            if model == each.model.id or model in each.model.aliases:
                return each
        raise UnknownNameError("compared model", model, self.models)

    def __iter__(self) -> Iterator[Assessment]:
        return iter(self.assessments)

    def __len__(self) -> int:
        return len(self.assessments)

    def __contains__(self, model: object) -> bool:
        return any(model == each.model.id or model in each.model.aliases for each in self.assessments)

    def row(self, name: str) -> Row:
        """
        One row of the table by its id.

        Raises:
            UnknownNameError: There is no such row.
        """
        for row in self.rows:
            if row.id == name:
                return row
        raise UnknownNameError("row", name, [row.id for row in self.rows])

    @property
    def plot(self) -> ComparisonPlots:
        """The charts: ``comparison.plot.cost_vs_volume()`` and others, as Altair objects. Needs the extra ``plot``."""
        from llm_tradeoffs.plot import ComparisonPlots

        return ComparisonPlots(self)

    def to_dict(self) -> dict[str, Any]:
        """The table in plain types; exact numbers as strings."""
        return {
            "workload": self.workload.title or self.workload.name,
            "as_of": self.as_of.isoformat(),
            "catalog_edition": self.catalog_edition,
            "models": list(self.models),
            "rows": [
                {
                    "id": row.id,
                    "label": row.label,
                    "unit": row.unit,
                    "lower_is_better": row.lower_is_better,
                    "values": [_value_dict(value, text) for value, text in zip(row.values, row.texts, strict=True)],
                    "better": list(row.better),
                }
                for row in self.rows
            ],
        }

    def __str__(self) -> str:
        from llm_tradeoffs.show.text import comparison_text

        return comparison_text(self)

    def __repr__(self) -> str:
        models = ", ".join(self.models) or "no models"
        return f"<Comparison of {models} on {self.workload.name or 'a workload'}, as of {self.as_of}>"


def _value_dict(value: Range | None, text: str) -> dict[str, str | None]:
    if value is None:
        return {"text": text, "low": None, "high": None}
    return {"text": text, "low": exact_text(value.low), "high": exact_text(value.high)}


def compare(
    *models: str | Model,
    workload: Workload | str,
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
) -> Comparison:
    """
    Models side by side on a workload.

    >>> chat = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
    >>> compare("gpt-4.1-mini", "claude-haiku-4.5", workload=chat)["gpt-4.1-mini"].cost.per_day
    Usd('3.20')

    Args:
        models: Names in the catalog, or :class:`Model` values.
        workload: A :class:`Workload`, or the id of a preset.
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day.

    Raises:
        UnknownNameError: A model, preset or task is not known.
        NoFactOnDateError: Nothing is recorded of a model on that day.
        InvalidValueError: A model is named twice.
    """
    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    work = as_workload(workload, held)
    resolved = [resolve_model(model, held, day)[0] for model in models]
    ids = [model.id for model in resolved]
    for model in resolved:
        if ids.count(model.id) > 1:
            raise InvalidValueError(f"the model {model.id!r} is named twice. Name each once, by any of its names.")
    return comparison_of(work, tuple(assess_model(model, work, held, day) for model in resolved), held, day)


def comparison_of(workload: Workload, assessments: tuple[Assessment, ...], catalog: Catalog, day: date) -> Comparison:
    """The table of models that have been assessed."""
    return Comparison(
        workload=workload,
        assessments=assessments,
        rows=tuple(_rows(assessments, catalog)),
        as_of=day,
        catalog_edition=catalog.edition,
    )


# The rows. Each says how to read one number off an assessment; an empty row (nobody knows, nothing was
# asked) is left out.


@attrs.frozen
class _Number:
    id: str
    label: str
    unit: str
    lower_is_better: bool | None
    read: Callable[[Assessment], Range | None]
    show: Callable[[Range], str]


def _money(amount: Usd | None) -> Range | None:
    return None if amount is None else Range(divide(amount.pico, PICO), unit="USD")


def _period(name: str) -> Callable[[Assessment], Range | None]:
    return lambda each: None if each.cost is None else _money(getattr(each.cost, f"per_{name}"))


def _mtok(meter: str) -> Callable[[Assessment], Range | None]:
    def read(each: Assessment) -> Range | None:
        rate = each.model.rates.rates("standard", each.workload.turn_input_tokens(1))[meter]
        return None if rate is None else Range(divide(rate.pico * PER_MTOK, PICO), unit="USD")

    return read


def _whole(value: Exact | None, unit: str) -> Range | None:
    return None if value is None else Range(value, unit=unit)


def _dollars(digits: int) -> Callable[[Range], str]:
    """All digits where there are few of them, else rounded at *digits*, and for small amounts at two that count."""

    def one(end: Exact) -> str:
        exactly = exact_text(end)
        decimals = len(exactly.partition(".")[2])
        if "/" in exactly or decimals > max(digits, 2):
            decimals = digits
            while 0 < end * 10**decimals < 10 and decimals < 15:
                decimals += 1
        return f"${Usd(end):,.{max(2, decimals)}f}"

    def show(value: Range) -> str:
        low, high = one(value.low), one(value.high)
        return low if low == high else f"{low} to {high}"

    return show


def _plain(digits: int) -> Callable[[Range], str]:
    def show(value: Range) -> str:
        ends = [
            f"{end:,}" if isinstance(end, int) else f"{Decimal(fixed(end, digits)):,f}"
            for end in (value.low, value.high)
        ]
        return ends[0] if ends[0] == ends[1] else f"{ends[0]}-{ends[1]}"

    return show


_NUMBERS: Final = (
    _Number("input_price", "Input price", "USD/MTok", True, _mtok("input_tokens"), _dollars(4)),
    _Number("output_price", "Output price", "USD/MTok", True, _mtok("output_tokens"), _dollars(4)),
    _Number(
        "blended_price",
        "Blended price, 1:1",
        "USD/MTok",
        True,
        lambda each: _money(each.blended_usd_per_mtok(1, 1)),
        _dollars(4),
    ),
    _Number("cost_per_request", "Cost per request", "USD", True, _period("request"), _dollars(6)),
    _Number("cost_per_day", "Cost per day", "USD", True, _period("day"), _dollars(2)),
    _Number("cost_per_month", "Cost per month", "USD", True, _period("month"), _dollars(2)),
    _Number("cost_per_year", "Cost per year", "USD", True, _period("year"), _dollars(2)),
    _Number("expected_cost", "Cost per request with errors", "USD", True, lambda each: each.expected_cost, _dollars(6)),
    _Number(
        "cost_per_right_answer",
        "Cost per right answer",
        "USD",
        True,
        lambda each: each.cost_per_right_answer,
        _dollars(6),
    ),
    _Number("quality", "Right answers", "%", False, lambda each: each.quality.percent, _plain(2)),
    _Number("ttft", "Time to first token", "ms", True, lambda each: each.latency.ttft, _plain(0)),
    _Number("response_time", "Response time", "ms", True, lambda each: each.latency.total, _plain(0)),
    _Number("token_speed", "at a speed of", "tokens/s", None, lambda each: each.latency.tokens_per_second, _plain(1)),
    _Number(
        "context_window",
        "Context window",
        "tokens",
        False,
        lambda each: _whole(each.model.context_window, "tokens"),
        _plain(0),
    ),
    _Number(
        "rate_limit_headroom",
        "Rate limit, times the volume",
        "",
        False,
        lambda each: _whole(each.rate_limit.headroom, ""),
        _plain(1),
    ),
)


def _rows(assessments: tuple[Assessment, ...], catalog: Catalog) -> Iterator[Row]:
    for number in _NUMBERS:
        values = tuple(number.read(each) for each in assessments)
        if any(value is not None for value in values):
            yield Row(
                id=number.id,
                label=_label(number, assessments, catalog),
                unit=number.unit,
                lower_is_better=number.lower_is_better,
                texts=tuple("unknown" if value is None else number.show(value) for value in values),
                values=values,
                better=_better(assessments, values, number.lower_is_better),
            )
    yield _words("context", "Longest request", assessments, _fit_text, _fit_rank)
    for field, label in (
        ("supports_vision", "Reads images"),
        ("supports_tools", "Calls tools"),
        ("supports_batch", "Batch service"),
    ):
        if any(getattr(each.model, field) is not None for each in assessments):
            yield _words(field, label, assessments, _yes_no(field), _yes_rank(field))
    yield _words("feasible", "Meets the requirements", assessments, _meets, _meets_rank)


def _label(number: _Number, assessments: tuple[Assessment, ...], catalog: Catalog) -> str:
    if number.id == "quality" and assessments[0].quality.benchmark is not None:
        return f"{number.label} on {catalog.benchmark(assessments[0].quality.benchmark).name}"
    if number.id == "cost_per_request" and assessments[0].workload.turns > 1:
        return f"Cost per conversation of {assessments[0].workload.turns} turns"
    return number.label


def _words(
    name: str,
    label: str,
    assessments: tuple[Assessment, ...],
    read: Callable[[Assessment], str],
    rank: Callable[[Assessment], int | None],
) -> Row:
    ranks = tuple(None if (found := rank(each)) is None else Range(found) for each in assessments)
    return Row(
        id=name,
        label=label,
        unit="",
        lower_is_better=None,
        texts=tuple(read(each) for each in assessments),
        values=(None,) * len(assessments),
        better=_better(assessments, ranks, lower_is_better=True),
    )


def _fit_text(each: Assessment) -> str:
    cut = each.context.chunked_cost
    return str(each.context) if cut is None else f"{each.context}, {_dollars(6)(Range(divide(cut.pico, PICO)))} in all"


def _fit_rank(each: Assessment) -> int | None:
    return None if each.context.fits is None else int(not each.context.fits)


def _yes_no(field: str) -> Callable[[Assessment], str]:
    return lambda each: {True: "yes", False: "no", None: "unknown"}[getattr(each.model, field)]


def _yes_rank(field: str) -> Callable[[Assessment], int | None]:
    return lambda each: None if getattr(each.model, field) is None else int(not getattr(each.model, field))


def _meets(each: Assessment) -> str:
    return {True: "yes", False: "no", None: "unknown"}[each.feasible]


def _meets_rank(each: Assessment) -> int | None:
    return None if each.feasible is None else int(not each.feasible)


def _better(
    assessments: tuple[Assessment, ...], values: tuple[Range | None, ...], lower_is_better: bool | None
) -> tuple[str, ...]:
    """The models that are certainly no worse than any other and better than one; ranges that overlap decide nothing."""
    if lower_is_better is None or len(values) < 2:
        return ()
    known = [value for value in values if value is not None]
    if len(known) < len(values) or all(value == known[0] for value in known):
        return ()
    signed = [value if lower_is_better else -value for value in known]
    return tuple(
        each.model.id
        for each, value in zip(assessments, signed, strict=True)
        if all(
            other is value or value == other or value.high <= other.low or _no_worse(value, other) for other in signed
        )
    )


def _no_worse(value: Range, other: Range) -> bool:
    # As sources state them, "150-250 ms" is better than "200-400 ms": both ends are.
    return value.low <= other.low and value.high <= other.high
