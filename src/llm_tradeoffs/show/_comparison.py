"""What a comparison says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from llm_tradeoffs.facts import Source
from llm_tradeoffs.money import fixed
from llm_tradeoffs.show._words import listed, name_of, references, workload_line
from llm_tradeoffs.show.data import Dataset, Kind, Series, ends
from llm_tradeoffs.show.document import Block, Cell, Column, Document, Listing, Paragraph, Table
from llm_tradeoffs.workload import DAYS_PER_MONTH

if TYPE_CHECKING:
    from llm_tradeoffs.assessment import Assessment
    from llm_tradeoffs.comparison import Comparison, Row
    from llm_tradeoffs.costing import LineItem

__all__ = ["cited", "comparison_data", "comparison_document", "sources_of", "sources_of_line"]

_PRICED: Final = {
    "input_price": ("input_tokens",),
    "output_price": ("output_tokens",),
    "blended_price": ("input_tokens", "output_tokens"),
}
_STATED: Final = {
    "ttft": "time to first token",
    "speed": "speed",
    "context_window": "context window",
    "requests_per_minute": "rate limit",
    "supports_vision": "images",
    "supports_tools": "tools",
    "supports_batch": "batch service",
}
"""The fields that a comparison reads, in the order of its rows, and what people call them."""


def _fields_of(row: str, each: Assessment) -> tuple[str, ...]:
    """The fields of the model that a row of the table rests on, but for prices."""
    score = f"scores.{each.quality.benchmark}"
    return {
        "expected_cost": (score,),
        "cost_per_right_answer": (score,),
        "quality": (score,),
        "ttft": ("ttft",),
        "response_time": ("ttft", _speed(each)),
        "token_speed": (_speed(each),),
        "context_window": ("context_window",),
        "context": ("context_window",),
        "rate_limit_headroom": ("requests_per_minute",),
        "feasible": tuple(field for verdict in each.verdicts for field in verdict.facts),
    }.get(row, (row,))


def _speed(each: Assessment) -> str:
    typical = each.model.typical_output_tokens_per_second is not None
    return "typical_output_tokens_per_second" if typical else "output_tokens_per_second"


def sources_of_line(line: LineItem) -> list[Source]:
    """Who states what a line of a bill was multiplied by."""
    return [line.price.source, *(factor.source for factor in line.factors)]


def _price_sources(row: str, each: Assessment) -> Iterator[Source]:
    if row in _PRICED:
        rates = each.model.rates.rates("standard", each.workload.turn_input_tokens(1))
        for meter in _PRICED[row]:
            rate = rates[meter]
            if rate is not None:
                yield rate.price.source
                yield from (factor.source for factor in rate.factors)
    elif (row.startswith("cost_per") or row == "expected_cost") and each.cost is not None:
        for line in each.cost.lines:
            yield from sources_of_line(line)


def cited(row: str, each: Assessment) -> tuple[str, ...]:
    """Ids of the sources that one cell of a comparison rests on, each once."""
    stated = each.model.citations
    prices = (source.id for source in _price_sources(row, each))
    return tuple(dict.fromkeys((*prices, *(stated[name].source for name in _fields_of(row, each) if name in stated))))


def sources_of(assessments: Sequence[Assessment]) -> tuple[dict[str, Source], dict[str, str]]:
    """Every source that assessments rest on, in the order of their rows, and what each says of whom."""
    sources: dict[str, Source] = {}
    said: dict[str, dict[str, list[str]]] = {}
    for what, each, source in _statements(assessments):
        sources.setdefault(source.id, source)
        about = said.setdefault(source.id, {}).setdefault(each.model.label, [])
        if what not in about:
            about.append(what)
    return sources, {name: _who_says_what(about) for name, about in said.items()}


def _statements(assessments: Sequence[Assessment]) -> Iterator[tuple[str, Assessment, Source]]:
    for each in assessments:
        for row in (*_PRICED, "cost_per_request"):
            yield from (("prices", each, source) for source in _price_sources(row, each))
    for each in assessments:
        score = f"scores.{each.quality.benchmark}"
        name = "" if each.benchmark is None else each.benchmark.name
        fields = {score: name, **_STATED}
        stated, known = each.model.citations, each.model.cited_sources
        for field, what in fields.items():
            said = stated.get(_speed(each) if field == "speed" else field)
            if said is not None:
                yield what, each, known[said.source]


def _who_says_what(about: dict[str, list[str]]) -> str:
    """What a source says, with the models of which it says the same told together."""
    together: dict[tuple[str, ...], list[str]] = {}
    for model, what in about.items():
        together.setdefault(tuple(what), []).append(model)
    return "; ".join(f"{', '.join(what)} of {listed(models)}" for what, models in together.items())


def comparison_document(comparison: Comparison) -> Document:
    """The table of a comparison; the better value of a row is marked, with the ratio where two are compared."""
    workload = comparison.workload
    title = name_of(workload)
    if not comparison.assessments:
        return Document("", [Paragraph(f"No models to compare on {title}.")])
    names = [each.model.label for each in comparison.assessments]
    two = len(names) == 2
    notes = ["* better."] if any(row.better for row in comparison.rows) else []
    notes.append(f"Facts as of {comparison.as_of}, catalog {comparison.catalog_edition}.")
    if two:
        notes.append(f"Ratio: {names[1]} to {names[0]}.")
    if workload.volume_basis is not None:
        notes.append(f"A month has {DAYS_PER_MONTH} days, a year {workload.year_basis}.")
    blocks: list[Block] = [
        Table(
            caption=f"{title}: {workload_line(workload)}",
            columns=[
                Column(""),
                *(Column(name, align="right", marks=True) for name in names),
                *([Column("ratio", align="right")] if two else []),
            ],
            rows=[_cells(row, comparison, two) for row in comparison.rows],
            notes=notes,
        )
    ]
    unknowns = dict.fromkeys(unknown.fact for each in comparison.assessments for unknown in each.unknowns)
    if unknowns:
        blocks.append(Paragraph(f"{'; '.join(unknowns)}.", "Unknown"))
    told = (note for each in comparison.assessments if each.cost for note in each.cost.notes)
    assumed = tuple(dict.fromkeys((*workload.assumptions, *told)))
    if assumed:
        blocks.append(Listing("Assumed", assumed))
    return Document("", [*blocks, *references(*sources_of(comparison.assessments))])


def _cells(row: Row, comparison: Comparison, two: bool) -> list[Cell]:
    cells = [Cell(f"{row.label} [{row.unit}]" if row.unit else row.label)]
    for each, text in zip(comparison.assessments, row.texts, strict=True):
        mark = "*" if each.model.id in row.better else ""
        cells.append(Cell(text, mark, cited(row.id, each)))
    if two:
        ratio = row.ratio(1)
        cells.append(Cell("" if ratio is None else f"{fixed(ratio, 2)}x"))
    return cells


_UNITS: Final = {
    "USD": "usd",
    "USD/MTok": "usd_per_mtok",
    "%": "percent",
    "ms": "ms",
    "tokens": "tokens",
    "tokens/s": "tokens_per_second",
}
_INTERVALS: Final = frozenset(
    {"expected_cost", "cost_per_right_answer", "quality", "ttft", "response_time", "token_speed"}
)
"""Rows whose numbers are intervals by their nature, and get two columns even where all are points."""
_FLAGS: Final[dict[str, bool | None]] = {"yes": True, "no": False}


def comparison_data(comparison: Comparison) -> Dataset:
    """One row a model, one column a property, the unit in its name."""
    columns: list[Series] = [
        Series("model", "text", comparison.models),
        Series("name", "text", [each.model.label for each in comparison.assessments]),
    ]
    for row in comparison.rows:
        name = "_".join(filter(None, (row.id, _UNITS.get(row.unit, ""))))
        if all(value is None for value in row.values):
            flags = [_FLAGS.get(text) for text in row.texts]
            columns.append(Series(name, "text", row.texts) if row.id == "context" else Series(name, "flag", flags))
        elif row.id in _INTERVALS or any(value is not None and not value.is_point for value in row.values):
            columns.extend(ends(name, row.values))
        else:
            kind: Kind = "count" if row.unit == "tokens" else "number"
            columns.append(Series(name, kind, [None if value is None else value.low for value in row.values]))
    columns.append(Series("as_of", "day", [comparison.as_of] * len(comparison)))
    return Dataset.of(columns)
