"""Plain text, for a terminal, a log or a mail."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from llm_tradeoffs.money import Exact, Usd, grouped, grouped_fixed
from llm_tradeoffs.show._words import money, sentence, unit_of
from llm_tradeoffs.show.document import (
    Document,
    Heading,
    Listing,
    Paragraph,
    Reference,
    References,
    Table,
    clean,
    visible,
)

if TYPE_CHECKING:
    from llm_tradeoffs.analysis._flips import Flip, Flips, Steady
    from llm_tradeoffs.analysis._pareto import Pareto
    from llm_tradeoffs.analysis._why_not import WhyNot
    from llm_tradeoffs.assessment import Assessment
    from llm_tradeoffs.comparison import Comparison
    from llm_tradeoffs.recommendation import Candidate, Mix, Recommendation

__all__ = [
    "assessment_text",
    "comparison_text",
    "document_text",
    "flip_cells",
    "flip_text",
    "flips_text",
    "mix_text",
    "pareto_text",
    "recommendation_text",
    "reference_text",
    "steady_text",
    "table",
    "why_not_lines",
    "why_not_text",
    "width",
]


WIDTH: Final = 96


def width(text: str) -> int:
    """How many columns of a terminal *text* takes: letters of East Asia take two, combining marks none. [columns]"""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(letter) in {"Mn", "Me", "Cf"} else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Iterable[int] = ()) -> str:
    """
    A table with a rule under its head; columns in *numeric* are set to the right.

    >>> print(table(["what", "USD"], [["input", "0.40"], ["output", "11.60"]], numeric=[1]))
    what      USD
    ------  -----
    input    0.40
    output  11.60
    """
    cells = [list(head), *[list(row) for row in rows]]
    widths = [max(width(row[column]) for row in cells) for column in range(len(head))]
    right = set(numeric)

    def line(row: Sequence[str]) -> str:
        set_cells: list[str] = []
        for column, (cell, least) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (least - width(cell))
            set_cells.append(blank + cell if column in right else cell + blank)
        return "  ".join(set_cells).rstrip()

    rule = "  ".join("-" * least for least in widths)
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def document_text(document: Document) -> str:
    """A document as plain text, 96 columns wide but for its tables."""
    lines = [_wrapped(document.title)] if document.title else []
    for block in document.blocks:
        match block:
            case Heading(text):
                lines += ["", text]
            case Paragraph(text, head):
                lines.append(_wrapped(f"{head}: {text}", hanging="  ") if head else _wrapped(text))
            case Listing(head, items):
                lines += [f"{head}:", *(_wrapped(f"- {item}", "  ", "    ") for item in items)]
            case Table():
                lines += _table_lines(block, first=not lines)
            case References(entries):
                lines += ["Sources:", *(_wrapped(f"- {reference_text(entry)}", "  ", "    ") for entry in entries)]
    return "\n".join(lines)


def reference_text(entry: Reference) -> str:
    """A source in a line."""
    url = f", {clean(entry.url)}" if entry.url else ""
    return f"{entry.id}: {entry.text}{url}" + (f"; {entry.used_for}" if entry.used_for else "")


def _table_lines(block: Table, *, first: bool) -> list[str]:
    # The room of a mark is kept in every cell of its column, so that the numbers stay below each other.
    head = [f"{column}{'  ' if column.marks else ''}" for column in block.columns]
    rows = [
        [
            f"{cell}{'  ' if column.marks and not cell.mark else ''}"
            for column, cell in zip(block.columns, row, strict=True)
        ]
        for row in block.rows
    ]
    numeric = [index for index, column in enumerate(block.columns) if column.align == "right"]
    lines = [*([] if first else [""]), _wrapped(block.caption), "", table(head, rows, numeric=numeric)]
    return [*lines, "", _wrapped("  ".join(block.notes))] if block.notes else lines


def _wrapped(text: str, indent: str = "", hanging: str = "") -> str:
    return textwrap.fill(
        visible(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=hanging or indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def comparison_text(comparison: Comparison) -> str:
    """The table of a comparison; the better value of a row is marked, with the ratio where two are compared."""
    from llm_tradeoffs.show._comparison import comparison_document

    return document_text(comparison_document(comparison))


def assessment_text(assessment: Assessment) -> str:
    """One model on one workload, with the bill."""
    title = assessment.workload.title or assessment.workload.name or "the workload"
    lines = [f"{assessment.model.label} on {title}"]
    cost = assessment.cost
    if cost is not None:
        lines.append(f"  cost per request {cost.per_request}")
        lines.extend(f"    {line}  [{line.price.source.id}]" for line in cost.lines)
        for period in ("day", "month", "year"):
            amount = getattr(cost, f"per_{period}")
            if amount is not None:
                basis = f" ({cost.year_basis})" if period == "year" else ""
                lines.append(f"  cost per {period} ${amount:,.2f}{basis}")
    quality = assessment.quality
    if quality.percent is not None:
        lines.append(f"  right answers {quality.percent} on {quality.benchmark}")
    if assessment.latency.total is not None:
        lines.append(f"  response time {assessment.latency.total:.0f} at {assessment.latency.tokens_per_second}")
    lines.append(f"  context {assessment.context}")
    lines.extend(f"  {verdict.answer}: {verdict.reason}" for verdict in assessment.gaps)
    lines.extend(f"  {unknown}" for unknown in assessment.unknowns)
    return "\n".join(map(visible, lines))


_ANSWERS: Final = {"yes": "yes", "no": "no", "unknown": "unknown, taken as no"}


def recommendation_text(recommendation: Recommendation) -> str:
    """A recommendation as prose."""
    from llm_tradeoffs.show._answers import answer_sentence

    workload = recommendation.workload
    title = workload.title or workload.name or "this workload"
    lines = [_wrapped(f"For {title}: {answer_sentence(recommendation)}")]
    for candidate in recommendation.candidates:
        lines.extend(["", *_candidate_lines(candidate)])
    lines.extend(["", f"How policy {recommendation.policy!r} got there:"])
    for step in recommendation.trace:
        if not step.asked:
            continue
        if step.kind == "requirement":
            lines.append(_wrapped(f"- {step.question} {sentence(step.leads_to)}", "  ", "    "))
        else:
            answer = _ANSWERS[step.answer or "unknown"]
            facts = "; ".join(step.facts)
            lines.append(_wrapped(f"- {step.question} {sentence(answer)} ({facts}.) → {step.leads_to}", "  ", "    "))
    skipped = [step.question for step in recommendation.trace if not step.asked]
    if skipped:
        lines.append(_wrapped(f"- Not asked: {' '.join(skipped)}", "  ", "    "))
    open_ends = () if recommendation.robust else recommendation.decided_by
    for head, items in (
        ("Assumed", recommendation.assumptions),
        ("Would settle it", recommendation.missing),
        ("Hangs on facts that are known only as intervals", open_ends),
    ):
        if items:
            lines.extend(["", f"{head}:", *(_wrapped(f"- {item}", "  ", "    ") for item in items)])
    lines.extend(["", f"Facts as of {recommendation.as_of}, catalog {recommendation.catalog_edition}, from:"])
    lines.extend(
        _wrapped(f"- {source.id}: {source}" + (f", {source.url}" if source.url else ""), "  ", "    ")
        for source in recommendation.sources
    )
    return "\n".join(lines)


def _candidate_lines(candidate: Candidate) -> list[str]:
    place = f"{candidate.rank}." if candidate.rank is not None else f"{candidate.standing}:"
    figures = candidate.figures
    head = [f"{place} {candidate.name}"]
    if figures.cost_per_request is not None:
        head.append(f"{figures.cost_per_request} per request")
    if figures.cost_per_month is not None:
        head.append(f"${figures.cost_per_month:,.2f} per month")
    if figures.expected_cost is not None:
        head.append(f"{money(figures.expected_cost)} per request with the expected cost of errors")
    lines = [_wrapped(", ".join(head), hanging="   ")]
    lines.extend(_wrapped(f"+ {reason}", "   ", "     ") for reason in candidate.reasons_for)
    lines.extend(_wrapped(f"- {reason}", "   ", "     ") for reason in candidate.reasons_against)
    return lines


def mix_text(mix: Mix) -> str:
    """A mix of models as a table, and what each single model would cost."""
    rows = [
        [
            part.workload,
            part.model or part.recommendation.status,
            "unknown" if part.cost_per_month is None else f"${part.cost_per_month:,.2f}",
        ]
        for part in mix.parts
    ]
    total = "unknown" if mix.cost_per_month is None else f"${mix.cost_per_month:,.2f}"
    lines = [table(["workload", "model", "USD/month"], [*rows, ["the mix", "", total]], numeric=[2]), ""]
    for model, cost in mix.single.items():
        alone = f"${cost:,.2f} a month" if cost is not None else f"not possible or not known ({mix.reasons[model]})"
        lines.append(_wrapped(f"{model} alone: {alone}", hanging="  "))
    return "\n".join(lines)


# What would change an answer.

_NUMBERS: Final = {
    "requests": "volume",
    "input_tokens": "input",
    "output_tokens": "output",
    "in_out_ratio": "input to output",
    "turns": "turns",
    "longest_tokens": "longest document",
    "cached_share": "cached share",
    "batch_share": "batch share",
    "error_cost": "cost of a wrong answer",
    "escalation_rate": "escalated share",
    "min_quality_percent": "least quality",
    "max_ttft_ms": "limit on the first token",
    "max_response_ms": "limit on the response",
    "max_cost_per_request": "cap per request",
    "max_cost_per_month": "cap per month",
    "price": "price",
    "accuracy": "right answers",
    "token_ratio": "tokens for the same text",
    "ttft": "time to first token",
    "output_tokens_per_second": "output speed",
}
_MOST_ROWS: Final = 15


def _amount(value: Exact | None, unit: str) -> str:
    """A value with its unit: all digits where they are few, else about four of them that count."""
    if value is None:
        return "no output" if unit == "input tokens per output token" else "not stated"
    text = grouped(value)
    if "/" in text or len(text) > 12:
        size, digits = max(value, -value), 3
        while size and size * 10**digits < 1000:
            digits += 1
        text = f"≈ {grouped_fixed(value, digits if size < 1000 else 0)}"
    if not unit.startswith("USD"):
        words = {"tokens per token counted": "×", "input tokens per output token": ": 1"}.get(unit, unit)
        return f"{text} {unit_of(value, words)}".strip()
    marked = f"≈ ${text.removeprefix('≈ ')}" if text.startswith("≈") else str(Usd(value))
    return (marked + unit.removeprefix("USD")).replace(" each", "")


def _number(variable: str, model: str | None, field: str) -> str:
    name = _NUMBERS[variable]
    if field == "typical_output_tokens_per_second":
        name = f"typical {name}"
    if variable == "price":
        name = f"price of {field.removeprefix('rates.').removeprefix('standard.').replace('_', ' ').replace('.', ' ')}"
    if variable == "accuracy":
        name = f"{name} on {field.removeprefix('scores.')}"
    return name if model is None else f"{model}: {name}"


def _where(flip: Flip) -> str:
    value = _amount(flip.value, flip.unit)
    if flip.direction == "stated":
        if flip.variable == "in_out_ratio":
            return "with any output at all"
        return f"stated, as {value}" if flip.value < 10**30 else "stated, however high"
    if flip.after is None or flip.after == flip.before:
        return f"at {value}"
    if flip.direction == "up":
        return f"from {value} up" if flip.at == flip.after else f"above {value}"
    return f"{value} or less" if flip.at == flip.after else f"below {value}"


def _change(flip: Flip) -> str:
    if flip.relative is None:
        return ""
    if not flip.relative:
        return "0 %"  # whatever it changes by will do
    digits = 1 if flip.relative < 10 else 0
    while flip.relative * 100 * 10**digits < 1:
        digits += 1
    return f"{'+' if flip.direction == 'up' else '-'}{grouped_fixed(flip.relative * 100, digits)} %"


def _then(flip: Flip) -> str:
    beyond = str(flip.new)
    if flip.after is not None and flip.at not in {flip.before, flip.after}:
        beyond += f" (at it {flip.at})"
    return beyond


def flip_text(flip: Flip) -> str:
    """A flip in a line."""
    change = f" ({_change(flip)})" if _change(flip) else ""
    now = _amount(flip.current, flip.unit)
    name = _number(flip.variable, flip.model, flip.field)
    return f"{name}, now {now}: {_where(flip)}{change} {_then(flip)} instead of {flip.before}"


def steady_text(steady: Steady) -> str:
    """That a number does not change the answer, in a line."""
    name = _number(steady.variable, steady.model, steady.field)
    now = _amount(steady.current, steady.unit)
    if steady.impossible:
        return f"{name}, now {now}: cannot change it, since {steady.impossible}"
    high = "however high" if steady.high is None else f"up to {_amount(steady.high, steady.unit)}"
    return f"{name}, now {now}: none from {_amount(steady.low, steady.unit)} {high}"


def flip_cells(flip: Flip) -> tuple[str, str, str, str, str]:
    """A flip as a row: which number, what it is now, where it flips, how far that is, and the answer then."""
    name = _number(flip.variable, flip.model, flip.field)
    return name, _amount(flip.current, flip.unit), _where(flip), _change(flip), _then(flip)


def flips_text(flips: Flips) -> str:
    """The flips as a table, the nearest first, and what changes nothing."""
    if not flips.flips:
        lines = [f"{flips.choice}: no single number changes that."]
    else:
        lines = [f"{flips.choice}, until one of these changes, the others staying as they are:", ""]
        rows = [flip_cells(flip) for flip in flips.flips[:_MOST_ROWS]]
        lines.append(table(["number", "now", "flips", "change", "then"], rows, numeric=[1, 3]))
        left = len(flips.flips) - len(rows)
        if left:
            lines.append(f"and {left} more, farther away: see .flips")
    if flips.steady:
        lines.extend(["", "Changes nothing:"])
        lines.extend(_wrapped(f"- {steady}", "  ", "    ") for steady in flips.steady[:_MOST_ROWS])
        left = len(flips.steady) - _MOST_ROWS
        if left > 0:
            lines.append(f"  and {left} more: see .steady")
    return "\n".join(lines)


def why_not_lines(why: WhyNot) -> list[str]:
    """Why a candidate was not chosen, one sentence each: the reason first."""
    lines = [f"Why not {why.name} ({why.model}): {why.reason}."]
    if why.required is not None and why.actual is not None and why.slack is not None:
        word = "missing" if why.slack < 0 else "to spare"
        low = "" if why.actual.is_point else f"{_amount(why.actual.low, why.unit)} to "
        actual, required = f"{low}{_amount(why.actual.high, why.unit)}", _amount(why.required, why.unit)
        lines.append(f"{actual} against {required}, {_amount(max(why.slack, -why.slack), why.unit)} {word}")
    lines.extend(f"- also: {other}" for other in why.others)
    if why.dominated_by:
        lines.append(f"worse in every respect than {', '.join(why.dominated_by)}, or equal")
    if why.margin is not None:
        more = "more" if why.margin.pico >= 0 else "less"
        parts = [f"{_amount(abs(why.margin).as_fraction(), 'USD')} {more} per request"]
        if why.margin_per_month is not None:
            parts.append(f"${abs(why.margin_per_month):,.2f} per month")
        if why.margin_percent is not None:
            parts.append(f"{grouped_fixed(max(why.margin_percent, -why.margin_percent), 1)} %")
        lines.append(", ".join(parts))
    return lines


def why_not_text(why: WhyNot) -> str:
    """Why a candidate was not chosen, and what would make it win."""
    reason, *others = why_not_lines(why)
    lines = [_wrapped(reason, hanging="  ")]
    lines.extend(_wrapped(line, "  ", "    ") if line.startswith("- ") else f"  {line}" for line in others)
    if why.would_win:
        lines.append("  It would be chosen, one number at a time, with:")
        for flip in why.would_win:
            change = _change(flip)
            now = _amount(flip.current, flip.unit)
            tail = f"now {now}" + (f", {change}" if change else "")
            name = _number(flip.variable, None if flip.model == why.model else flip.model, flip.field)
            lines.append(_wrapped(f"- {name} {_where(flip)} ({tail})", "    ", "      "))
    else:
        lines.append("  No single number would make it the choice.")
    return "\n".join(lines)


def pareto_text(pareto: Pareto) -> str:
    """The Pareto set, and who dominates whom."""
    by = ", ".join(name.replace("_", " ") for name in pareto.by)
    lines = [f"Nobody is better in {by}: {', '.join(pareto.front) or 'nobody is known'}"]
    lines.extend(
        _wrapped(f"- {name} is dominated by {', '.join(better)}", "  ", "    ")
        for name, better in pareto.dominated.items()
    )
    lines.extend(
        _wrapped(f"- {name} cannot be compared: its {', '.join(missing).replace('_', ' ')} is unknown", "  ", "    ")
        for name, missing in pareto.unknown.items()
    )
    return "\n".join(lines)
