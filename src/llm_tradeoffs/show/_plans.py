"""What a plan within a budget and a comparison of patterns say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from llm_tradeoffs.money import grouped, grouped_fixed
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.show._words import UNKNOWN, decimal_text, money, name_of, sentence, span, workload_line
from llm_tradeoffs.show.data import Dataset, Series, ends
from llm_tradeoffs.show.document import Block, Cell, Column, Document, Listing, Paragraph, Table
from llm_tradeoffs.workload import DAYS_PER_MONTH

if TYPE_CHECKING:
    from llm_tradeoffs.patterns import PatternAssessment, PatternComparison
    from llm_tradeoffs.portfolio import Plan

__all__ = [
    "pattern_data",
    "pattern_document",
    "patterns_data",
    "patterns_document",
    "plan_data",
    "plan_document",
]


def plan_document(plan: Plan) -> Document:
    """What does what, what the limits cost, and what was left out."""
    blocks: list[Block] = []
    if plan.parts:
        rows = [
            [
                Cell(part.workload),
                Cell(part.model),
                Cell(f"{decimal_text(part.share * 100, 2)} %"),
                Cell(
                    grouped(part.requests_per_month)
                    if isinstance(part.requests_per_month, int)
                    else grouped_fixed(part.requests_per_month, 1)
                ),
                Cell(money(part.cost_per_month, 2)),
                Cell(span(part.quality)),
                Cell("not stated" if part.error_cost_per_month is None else money(part.error_cost_per_month, 2)),
                Cell(money(part.expected_cost_per_month, 2)),
            ]
            for part in plan.parts
        ]
        rows.append(
            [
                Cell("all"),
                *(Cell("") for _ in range(3)),
                Cell(money(plan.cost_per_month, 2)),
                Cell(span(plan.quality)),
                Cell(""),
                Cell(money(plan.expected_cost_per_month, 2)),
            ]
        )
        columns = [
            Column("workload"),
            Column("model"),
            Column("share", align="right"),
            Column("requests per month", align="right"),
            Column("cost per month", unit="USD", align="right"),
            Column("right answers", unit="%", align="right"),
            Column("errors per month", unit="USD", align="right"),
            Column("expected per month", unit="USD", align="right"),
        ]
        notes = [
            f"Every accuracy at the {plan.end} end of its interval.",
            f"A month has {DAYS_PER_MONTH} days.",
            f"Facts as of {plan.as_of}, catalog {plan.catalog_edition}.",
        ]
        blocks.append(Table(caption="Which model does which work", columns=columns, rows=rows, notes=notes))
    told = [f"{found.what}: {found.would_do_in_words}" for group in plan.conflicts for found in group]
    for head, items in (
        ("Limits that cannot hold together", told),
        ("Left out", [f"{each.model} for {each.workload}: {each.reason}" for each in plan.exclusions]),
        ("Unknown", plan.unknowns),
        ("Assumed", plan.assumptions),
    ):
        if items:
            blocks.append(Listing(head, items))
    return Document(sentence(f"{plan.status}: {plan.because}"), blocks)


def plan_data(plan: Plan) -> Dataset:
    """One row for each share of a workload."""
    parts = plan.parts
    columns: list[Series] = [
        Series("workload", "text", [part.workload for part in parts]),
        Series("model", "text", [part.model for part in parts]),
        Series("share", "number", [part.share for part in parts]),
        Series("requests_per_month", "number", [part.requests_per_month for part in parts]),
        Series("cost_per_month_usd", "number", [part.cost_per_month for part in parts]),
        Series("error_cost_per_month_usd", "number", [part.error_cost_per_month for part in parts]),
        Series("expected_cost_per_month_usd", "number", [part.expected_cost_per_month for part in parts]),
    ]
    columns += ends("quality_percent", [part.quality for part in parts])
    return Dataset.of(columns)


def _percent(share: Range | None) -> str:
    return UNKNOWN if share is None else span(Range(share.low * 100, share.high * 100), 1)


def patterns_document(found: PatternComparison) -> Document:
    """Patterns side by side; what is certainly best in a column is marked."""
    title = name_of(found.workload)
    if not found.assessments:
        return Document("", [Paragraph(f"No patterns to compare on {title}.")])
    columns: list[tuple[str, str, str, Callable[[PatternAssessment], str]]] = [
        ("cost_per_request", "per request", "USD", lambda each: money(each.cost_per_request)),
        ("cost_per_month", "per month", "USD", lambda each: money(each.cost_per_month, 2)),
        ("worst_cost", "at worst", "USD", lambda each: money(each.worst_cost)),
        ("right_share", "right answers", "%", lambda each: _percent(each.right_share)),
        ("expected_cost", "with errors", "USD", lambda each: money(each.expected_cost)),
        ("response_time", "response time", "ms", lambda each: span(each.response_time, 0)),
    ]
    used = [column for column in columns if any(getattr(each, column[0]) is not None for each in found.assessments)]
    best = {name: found.best(name) if len(found) > 1 else () for name, _, _, _ in used}
    rows = [
        [
            Cell(each.label + ("" if each.fits is not False else " (does not fit)")),
            *(Cell(show(each), "*" if each.label in best[name] else "") for name, _, _, show in used),
        ]
        for each in found.assessments
    ]
    notes = ["* certainly best."] if any(best.values()) else []
    notes.append(f"Facts as of {found.as_of}, catalog {found.catalog_edition}.")
    if found.workload.volume_basis is not None:
        notes.append(f"A month has {DAYS_PER_MONTH} days.")
    blocks: list[Block] = [
        Table(
            caption=f"{title}: {workload_line(found.workload)}",
            columns=[Column(""), *(Column(label, unit=unit, align="right", marks=True) for _, label, unit, _ in used)],
            rows=rows,
            notes=notes,
        )
    ]
    unknown = dict.fromkeys(said.fact for each in found.assessments for said in each.unknowns)
    assumed = dict.fromkeys(said for each in found.assessments for said in each.assumptions)
    if unknown:
        blocks.append(Paragraph(f"{'; '.join(unknown)}.", "Unknown"))
    if assumed:
        blocks.append(Listing("Assumed", assumed))
    return Document("", blocks)


def _pattern_columns(found: Sequence[PatternAssessment]) -> Dataset:
    columns: list[Series] = [
        Series("pattern", "text", [each.label for each in found]),
        Series("models", "text", [", ".join(each.models) for each in found]),
        Series("fits", "flag", [each.fits for each in found]),
        Series("worst_cost_usd", "number", [each.worst_cost for each in found]),
    ]
    for name, unit in (
        ("cost_per_request", "_usd"),
        ("cost_per_month", "_usd"),
        ("expected_cost", "_usd"),
        ("cost_per_right_answer", "_usd"),
        ("right_share", ""),
        ("response_time", "_ms"),
    ):
        columns += ends(f"{name}{unit}", [getattr(each, name) for each in found])
    columns.append(Series("as_of", "day", [each.as_of for each in found]))
    return Dataset.of(columns)


def patterns_data(found: PatternComparison) -> Dataset:
    """One row a pattern."""
    return _pattern_columns(found.assessments)


def pattern_document(each: PatternAssessment) -> Document:
    """One pattern on one workload: what is done, how often, and what that costs."""
    rows = [
        ("Cost per request [USD]", money(each.cost_per_request)),
        *((f"Cost per {name} [USD]", money(getattr(each, f"cost_per_{name}"), 2)) for name in ("day", "month", "year")),
        ("At worst [USD]", money(each.worst_cost)),
        ("Right answers [%]", _percent(each.right_share)),
        ("Response time [ms]", span(each.response_time, 0)),
    ]
    lines = [
        [Cell(line.label), Cell(line.model or ""), Cell(span(line.times, 4)), Cell(money(line.cost, 12))]
        for line in each.lines
    ]
    steps = [
        Column("step"),
        Column("model"),
        Column("times", align="right"),
        Column("cost each", unit="USD", align="right"),
    ]
    blocks: list[Block] = [
        Table(
            caption=workload_line(each.workload),
            columns=[Column(""), Column(each.label, align="right")],
            rows=[[*map(Cell, row)] for row in rows],
            notes=[f"Facts as of {each.as_of}."],
        ),
        Table(caption="What is done", columns=steps, rows=lines),
    ]
    if each.unknowns:
        blocks.append(Paragraph(f"{'; '.join(unknown.fact for unknown in each.unknowns)}.", "Unknown"))
    if each.assumptions:
        blocks.append(Listing("Assumed", each.assumptions))
    return Document(f"{each.label} on {name_of(each.workload)}", blocks)


def pattern_data(each: PatternAssessment) -> Dataset:
    """One row: what one pattern costs, takes and gets right."""
    return _pattern_columns([each])
