"""What an assessment, a recommendation and a mix of models say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from llm_tradeoffs.money import Usd, exact_text
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.show._comparison import cited, sources_of, sources_of_line
from llm_tradeoffs.show._words import UNKNOWN, listed, money, name_of, references, sentence, span, whole, workload_line
from llm_tradeoffs.show.data import Dataset, Series, ends
from llm_tradeoffs.show.document import Block, Cell, Column, Document, Listing, Paragraph, Table

if TYPE_CHECKING:
    from llm_tradeoffs.assessment import Assessment
    from llm_tradeoffs.costing import LineItem
    from llm_tradeoffs.recommendation import Candidate, Mix, Recommendation, Step

__all__ = [
    "answer_sentence",
    "assessment_data",
    "assessment_document",
    "assessment_plain",
    "bill_table",
    "mix_data",
    "mix_document",
    "recommendation_data",
    "recommendation_document",
]


def bill_table(caption: str, lines: Iterable[LineItem], notes: Sequence[str] = ()) -> Table:
    """A bill: one row for each meter that was used."""
    rows = [
        (
            Cell(line.meter),
            Cell(line.service_tier),
            Cell(whole(line.quantity)),
            Cell("".join([str(line.price), *(f" × {exact_text(row.factor)}" for row in line.factors)])),
            Cell(
                money(line.low, 12) if line.low == line.high else f"{money(line.low, 12)} to {money(line.high, 12)}",
                cites=tuple(dict.fromkeys(source.id for source in sources_of_line(line))),
            ),
        )
        for line in lines
    ]
    columns = [
        Column("meter"),
        Column("tier"),
        Column("quantity", align="right"),
        Column("price", align="right"),
        Column("cost", unit="USD", align="right"),
    ]
    return Table(caption=caption, columns=columns, rows=rows, notes=notes)


# One model on one workload.


def _properties(each: Assessment) -> list[tuple[str, str, str]]:
    """Id, name and value of what follows for one model; what nobody asked about is left out."""
    cost, latency, model = each.cost, each.latency, each.model
    unit = "request" if each.workload.turns == 1 else f"conversation of {each.workload.turns} turns"
    found = [("cost_per_request", f"Cost per {unit} [USD]", money(None if cost is None else cost.per_request, 12))]
    if each.workload.volume_basis is not None:
        for period in ("day", "month", "year"):
            amount: Usd | None = None if cost is None else getattr(cost, f"per_{period}")
            found.append((f"cost_per_{period}", f"Cost per {period} [USD]", money(amount, 2)))
    if each.workload.error_cost is not None:
        found.append(("expected_cost", f"Cost per {unit} with errors [USD]", money(each.expected_cost)))
    found.append(("cost_per_right_answer", "Cost per right answer [USD]", money(each.cost_per_right_answer)))
    name = "" if each.benchmark is None else f" on {each.benchmark.name}"
    found += [
        ("quality", f"Right answers{name} [%]", span(each.quality.percent)),
        ("ttft", "Time to first token [ms]", span(latency.ttft, 0)),
        ("response_time", "Response time [ms]", span(latency.total, 0)),
        ("token_speed", "at a speed of [tokens/s]", span(latency.tokens_per_second, 1)),
        ("context_window", "Context window [tokens]", whole(model.context_window)),
        ("context", "Longest request", str(each.context)),
    ]
    if each.workload.volume_basis is not None:
        headroom = each.rate_limit.headroom
        shown = UNKNOWN if headroom is None else span(Range(headroom), 1)
        found.append(("rate_limit_headroom", "Rate limit, times the volume", shown))
    return found


def assessment_document(each: Assessment) -> Document:
    """One model on one workload: what follows, the bill, the requirements, the sources."""
    workload = each.workload
    rows = [[Cell(name), Cell(text, cites=cited(row, each))] for row, name, text in _properties(each)]
    as_of = "" if each.as_of is None else f"Facts as of {each.as_of}."
    basis = f"A month has 30 days, a year {workload.year_basis}." if workload.volume_basis is not None else ""
    blocks: list[Block] = [
        Table(
            caption=workload_line(workload),
            columns=[Column(""), Column(each.model.label, align="right")],
            rows=rows,
            notes=[note for note in (as_of, basis) if note],
        )
    ]
    if each.cost is not None:
        blocks.append(bill_table("The bill of one request" if workload.turns == 1 else "The bill", each.cost.lines))
        if each.cost.notes:
            blocks.append(Listing("Assumed", each.cost.notes))
    if each.verdicts:
        verdicts = [[Cell(said.requirement), Cell(said.answer), Cell(said.reason)] for said in each.verdicts]
        columns = [Column("requirement"), Column("answer"), Column("because")]
        blocks.append(Table(caption="Requirements", columns=columns, rows=verdicts))
    if each.unknowns:
        blocks.append(Paragraph(f"{'; '.join(unknown.fact for unknown in each.unknowns)}.", "Unknown"))
    blocks += references(*sources_of([each]))
    return Document(f"{each.model.label} on {name_of(workload)}", blocks)


def assessment_data(each: Assessment) -> Dataset:
    """One row: what one model costs, takes and can do for the work."""
    cost = each.cost
    columns: list[Series] = [
        Series("model", "text", [each.model.id]),
        Series("name", "text", [each.model.label]),
        Series("workload", "text", [name_of(each.workload)]),
    ]
    columns += [
        Series(f"cost_per_{period}_usd", "number", [None if cost is None else getattr(cost, f"per_{period}")])
        for period in ("request", "day", "month", "year")
    ]
    for name, value in (
        ("expected_cost_usd", each.expected_cost),
        ("cost_per_right_answer_usd", each.cost_per_right_answer),
        ("quality_percent", each.quality.percent),
        ("ttft_ms", each.latency.ttft),
        ("response_time_ms", each.latency.total),
        ("token_speed_tokens_per_second", each.latency.tokens_per_second),
    ):
        columns.extend(ends(name, [value]))
    columns += [
        Series("context_window_tokens", "count", [each.model.context_window]),
        Series("rate_limit_headroom", "number", [each.rate_limit.headroom]),
        Series("context", "text", [str(each.context)]),
        Series("feasible", "flag", [each.feasible]),
        Series("as_of", "day", [each.as_of]),
    ]
    return Dataset.of(columns)


def assessment_plain(each: Assessment) -> dict[str, Any]:
    """The assessment in plain types, exact numbers as strings."""
    from llm_tradeoffs._serial import to_plain
    from llm_tradeoffs.costing import line_dict, usd_text

    cost = each.cost
    periods = ("request", "day", "month", "year")
    amounts = {} if cost is None else {period: getattr(cost, f"per_{period}") for period in periods}
    return {
        "model": each.model.id,
        "name": each.model.label,
        "workload": to_plain(each.workload),
        "as_of": None if each.as_of is None else each.as_of.isoformat(),
        "cost": None
        if cost is None
        else {
            **{f"per_{name}_usd": None if usd is None else usd_text(usd) for name, usd in amounts.items()},
            "lines": [line_dict(line) for line in cost.lines],
            "year_basis": cost.year_basis,
            "notes": list(cost.notes),
        },
        "expected_cost": to_plain(each.expected_cost),
        "cost_per_right_answer": to_plain(each.cost_per_right_answer),
        "quality": {
            "task": each.quality.task,
            "assumed": each.quality.assumed,
            "benchmark": each.quality.benchmark,
            "percent": to_plain(each.quality.percent),
        },
        "ttft": to_plain(each.latency.ttft),
        "response_time": to_plain(each.latency.total),
        "tokens_per_second": to_plain(each.latency.tokens_per_second),
        "context": to_plain(each.context),
        "rate_limit": to_plain(each.rate_limit),
        "verdicts": [to_plain(verdict) for verdict in each.verdicts],
        "feasible": each.feasible,
        "unknowns": [unknown.fact for unknown in each.unknowns],
    }


# A recommendation.


def answer_sentence(recommendation: Recommendation) -> str:
    """The answer in a sentence."""
    if recommendation.status == "selected":
        chosen = recommendation.candidates[0]
        return f"{chosen.name} ({chosen.model}), because {recommendation.because}."
    if recommendation.status == "tie":
        return f"{recommendation.because}. Say what matters most, for example priority='cost'."
    if recommendation.status == "infeasible":
        return f"no answer, because {recommendation.because}."
    return f"not decided yet, because {recommendation.because}."


_FIGURES: Final[tuple[tuple[str, Callable[[Any], str], tuple[str, ...], str, str], ...]] = (
    ("cost_per_request", lambda value: money(value, 6), ("rates.",), "cost per request", "USD"),
    ("cost_per_month", lambda value: money(value, 2), ("rates.",), "per month", "USD"),
    ("expected_cost", lambda value: money(value, 6), ("rates.", "scores."), "with errors, per request", "USD"),
    ("quality", lambda value: span(value, 2), ("scores.",), "right answers", "%"),
    ("ttft", lambda value: span(value, 0), ("ttft",), "first token", "ms"),
    ("response_time", lambda value: span(value, 0), ("ttft", "typical_", "output_tokens_"), "response", "ms"),
    ("context_window", whole, ("context_window",), "context window", "tokens"),
)
"""For each figure of a candidate how it is shown, the fields of the facts it rests on, its name and its unit."""


def recommendation_document(recommendation: Recommendation) -> Document:
    """The answer with its reasons: the candidates, the questions that led there, what it hangs on, the sources."""
    found = recommendation
    blocks: list[Block] = [_candidates_table(found)]
    for candidate in found.candidates:
        reasons = [
            *(f"for: {reason}" for reason in candidate.reasons_for),
            *(f"against: {reason}" for reason in candidate.reasons_against),
        ]
        if reasons:
            blocks.append(Listing(candidate.name, reasons))
    asked = [step for step in found.trace if step.asked]
    if asked:
        blocks.append(_trace_table(found, asked))
    open_ends = () if found.robust else found.decided_by
    for head, items in (
        ("Not asked", tuple(step.question for step in found.trace if not step.asked)),
        ("Assumed", found.assumptions),
        ("Would settle it", found.missing),
        ("Hangs on facts that are known only as intervals", open_ends),
    ):
        if items:
            blocks.append(Listing(head, items))
    blocks += references({source.id: source for source in found.sources})
    return Document(f"For {name_of(found.workload, 'this workload')}: {answer_sentence(found)}", blocks)


def _candidates_table(found: Recommendation) -> Table:
    figures = [
        figure for figure in _FIGURES if any(getattr(each.figures, figure[0]) is not None for each in found.candidates)
    ]
    rows: list[list[Cell]] = []
    for each in found.candidates:
        mark = "*" if each.model == found.chosen else ""
        cells = [Cell(each.name), Cell(str(each.rank) if each.rank is not None else each.standing, mark)]
        cells += [
            Cell(show(getattr(each.figures, name)), cites=_cites(each, fields)) for name, show, fields, _, _ in figures
        ]
        rows.append(cells)
    columns = [Column("candidate"), Column("place", marks=True)]
    columns += [Column(label, unit=unit, align="right") for _, _, _, label, unit in figures]
    notes = ["* chosen."] if found.chosen is not None else []
    notes.append(f"Facts as of {found.as_of}, catalog {found.catalog_edition}.")
    if found.workload.volume_basis is not None:
        notes.append("A month has 30 days.")
    caption = f"Candidates for {name_of(found.workload, 'this workload')}: {workload_line(found.workload)}"
    return Table(caption=caption, columns=columns, rows=rows, notes=notes)


def _cites(candidate: Candidate, fields: tuple[str, ...]) -> tuple[str, ...]:
    found = (fact.source for fact in candidate.facts if fact.field.startswith(fields))
    return tuple(dict.fromkeys(found))


_ANSWERS: Final = {"yes": "yes", "no": "no", "unknown": "unknown, taken as no", None: ""}


def _trace_table(found: Recommendation, asked: Sequence[Step]) -> Table:
    rows = [
        [
            Cell(step.question),
            Cell(_ANSWERS[step.answer] if step.kind == "question" else step.answer or ""),
            Cell("; ".join(step.facts)),
            Cell(step.leads_to),
        ]
        for step in asked
    ]
    columns = [Column("question"), Column("answer"), Column("since"), Column("which leads to")]
    return Table(caption=f"How policy {found.policy!r} got there", columns=columns, rows=rows)


def recommendation_data(recommendation: Recommendation) -> Dataset:
    """One row a candidate, in the order of the answer."""
    found = recommendation.candidates
    figures = [each.figures for each in found]
    columns: list[Series] = [
        Series("model", "text", [each.model for each in found]),
        Series("name", "text", [each.name for each in found]),
        Series("rank", "count", [each.rank for each in found]),
        Series("standing", "text", [each.standing for each in found]),
        Series("chosen", "flag", [each.model == recommendation.chosen for each in found]),
    ]
    columns += [
        Series(f"cost_per_{period}_usd", "number", [getattr(each, f"cost_per_{period}") for each in figures])
        for period in ("request", "day", "month", "year")
    ]
    columns += ends("expected_cost_usd", [each.expected_cost for each in figures])
    columns += ends("quality_percent", [each.quality for each in figures])
    columns += ends("ttft_ms", [each.ttft for each in figures])
    columns += ends("response_time_ms", [each.response_time for each in figures])
    columns += [
        Series("context_window_tokens", "count", [each.context_window for each in figures]),
        Series("reasons_for", "text", ["; ".join(each.reasons_for) for each in found]),
        Series("reasons_against", "text", ["; ".join(each.reasons_against) for each in found]),
        Series("as_of", "day", [recommendation.as_of] * len(found)),
    ]
    return Dataset.of(columns)


# A mix.


def mix_document(mix: Mix) -> Document:
    """A model for each workload, what that costs, and what each single model would."""
    rows = [
        [Cell(part.workload), Cell(part.model or part.recommendation.status), Cell(money(part.cost_per_month, 2))]
        for part in mix.parts
    ]
    rows.append([Cell("the mix"), Cell(""), Cell(money(mix.cost_per_month, 2))])
    columns = [Column("workload"), Column("model"), Column("cost per month", unit="USD", align="right")]
    days = sorted({str(part.recommendation.as_of) for part in mix.parts})
    notes = ["A month has 30 days.", *([f"Facts as of {listed(days)}."] if days else [])]
    alone = [
        f"{model}: {money(cost, 2)} a month" if cost is not None else f"{model}: not possible or not known ({reason})"
        for model, cost, reason in ((model, cost, mix.reasons.get(model, "")) for model, cost in mix.single.items())
    ]
    blocks: list[Block] = [Table(caption="A model for each workload", columns=columns, rows=rows, notes=notes)]
    if alone:
        blocks.append(Listing("Everything on one model", alone))
    blocks += [Paragraph(sentence(answer_sentence(part.recommendation)), part.workload) for part in mix.parts]
    sources = {source.id: source for part in mix.parts for source in part.recommendation.sources}
    return Document("", [*blocks, *references(sources)])


def mix_data(mix: Mix) -> Dataset:
    """One row a workload."""
    return Dataset.of(
        [
            Series("workload", "text", [part.workload for part in mix.parts]),
            Series("model", "text", [part.model for part in mix.parts]),
            Series("status", "text", [part.recommendation.status for part in mix.parts]),
            Series("cost_per_month_usd", "number", [part.cost_per_month for part in mix.parts]),
        ]
    )
