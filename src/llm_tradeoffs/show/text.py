"""Plain text, for a terminal, a log or a mail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from llm_tradeoffs.money import Exact, Usd, exact_text, fixed, grouped, grouped_fixed
from llm_tradeoffs.workload import DAYS_PER_MONTH

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
    "flip_text",
    "flips_text",
    "mix_text",
    "pareto_text",
    "recommendation_text",
    "steady_text",
    "table",
    "why_not_text",
]


WIDTH: Final = 96


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
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    right = set(numeric)

    def line(row: Sequence[str]) -> str:
        set_cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(set_cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def _wrapped(text: str, indent: str = "", hanging: str = "") -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=hanging or indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def comparison_text(comparison: Comparison) -> str:
    """The table of a comparison; the better value of a row is marked, with the ratio where two are compared."""
    workload = comparison.workload
    title = workload.title or workload.name or "the workload"
    if not comparison.assessments:
        return f"No models to compare on {title}."
    names = [each.model.label for each in comparison.assessments]
    two = len(names) == 2
    rows: list[list[str]] = []
    for row in comparison.rows:
        cells = [
            f"{text} *" if model in row.better else f"{text}  "
            for model, text in zip(comparison.models, row.texts, strict=True)
        ]
        ratio = row.ratio(1) if two else None
        times = "" if ratio is None else f"{fixed(ratio, 2)}x"
        label = f"{row.label} [{row.unit}]" if row.unit else row.label
        rows.append([label, *cells, *([times] if two else [])])
    head = ["", *(f"{name}  " for name in names), *(["ratio"] if two else [])]
    numbers = range(1, len(head))
    lines = [_wrapped(f"{title}: {_workload_line(comparison)}"), "", table(head, rows, numeric=numbers), ""]
    foot = ["* better."] if any(row.better for row in comparison.rows) else []
    foot.append(f"Facts as of {comparison.as_of}, catalog {comparison.catalog_edition}.")
    if two:
        foot.append(f"Ratio: {names[1]} to {names[0]}.")
    if workload.volume_basis is not None:
        foot.append(f"A month has {DAYS_PER_MONTH} days, a year {workload.year_basis}.")
    lines.append(_wrapped("  ".join(foot)))
    unknowns = [f"{unknown.fact}" for each in comparison.assessments for unknown in each.unknowns]
    if unknowns:
        lines.append(_wrapped(f"Unknown: {'; '.join(dict.fromkeys(unknowns))}.", hanging="  "))
    notes = [note for each in comparison.assessments if each.cost for note in each.cost.notes]
    if workload.assumptions or notes:
        lines.append("Assumed:")
        lines.extend(_wrapped(f"- {note}", "  ", "    ") for note in dict.fromkeys((*workload.assumptions, *notes)))
    return "\n".join(lines)


def _workload_line(comparison: Comparison) -> str:
    workload = comparison.workload
    parts = [f"{grouped(workload.input_tokens)} tokens in, {grouped(workload.output_tokens)} out"]
    if workload.turns > 1:
        history = "with the history re-sent" if workload.history_resent else "without history"
        parts.append(f"{workload.turns} turns {history}")
    if workload.volume_basis is not None:
        count = getattr(workload, f"requests_per_{workload.volume_basis}")
        parts.append(f"{grouped(count)} requests a {workload.volume_basis}")
    if workload.longest_tokens is not None:
        parts.append(f"up to {workload.longest_tokens:,} tokens long")
    return ", ".join(parts)


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
    return "\n".join(lines)


_ANSWERS: Final = {"yes": "yes", "no": "no", "unknown": "unknown, taken as no"}


def recommendation_text(recommendation: Recommendation) -> str:
    """A recommendation as prose."""
    workload = recommendation.workload
    title = workload.title or workload.name or "this workload"
    lines = [_wrapped(f"For {title}: {_answer(recommendation)}")]
    for candidate in recommendation.candidates:
        lines.extend(["", *_candidate_lines(candidate)])
    lines.extend(["", f"How policy {recommendation.policy!r} got there:"])
    for step in recommendation.trace:
        if not step.asked:
            continue
        if step.kind == "requirement":
            lines.append(_wrapped(f"- {step.question} {_sentence(step.leads_to)}", "  ", "    "))
        else:
            answer = _ANSWERS[step.answer or "unknown"]
            facts = "; ".join(step.facts)
            lines.append(_wrapped(f"- {step.question} {_sentence(answer)} ({facts}.) → {step.leads_to}", "  ", "    "))
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


def _answer(recommendation: Recommendation) -> str:
    if recommendation.status == "selected":
        chosen = recommendation.candidates[0]
        return f"{chosen.name} ({chosen.model}), because {recommendation.because}."
    if recommendation.status == "tie":
        return f"{recommendation.because}. Say what matters most, for example priority='cost'."
    if recommendation.status == "infeasible":
        return f"no answer, because {recommendation.because}."
    return f"not decided yet, because {recommendation.because}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")


def _candidate_lines(candidate: Candidate) -> list[str]:
    place = f"{candidate.rank}." if candidate.rank is not None else f"{candidate.standing}:"
    figures = candidate.figures
    head = [f"{place} {candidate.name}"]
    if figures.cost_per_request is not None:
        head.append(f"{figures.cost_per_request} per request")
    if figures.cost_per_month is not None:
        head.append(f"${figures.cost_per_month:,.2f} per month")
    if figures.expected_cost is not None:
        head.append(f"{figures.expected_cost:.6f} per request with the expected cost of errors")
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
    "cached_share": "cached share",
    "batch_share": "batch share",
    "error_cost": "cost of a wrong answer",
    "min_quality_percent": "least quality",
    "max_ttft_ms": "limit on the first token",
    "max_response_ms": "limit on the response",
    "max_cost_per_request": "cap per request",
    "max_cost_per_month": "cap per month",
    "price": "price",
    "accuracy": "right answers",
    "token_ratio": "tokens for the same text",
}
_MOST_ROWS: Final = 15


def _amount(value: Exact | None, unit: str) -> str:
    """A value with its unit: all digits where they are few, else about four of them that count."""
    if value is None:
        return "not stated"
    text = grouped(value)
    if "/" in text or len(text) > 12:
        size, digits = max(value, -value), 3
        while size and size * 10**digits < 1000:
            digits += 1
        text = f"≈ {grouped_fixed(value, digits if size < 1000 else 0)}"
    if not unit.startswith("USD"):
        words = {"tokens per token counted": "×", "input tokens per output token": ": 1"}.get(unit, unit)
        return f"{text} {words}".strip()
    marked = f"≈ ${text.removeprefix('≈ ')}" if text.startswith("≈") else str(Usd(value))
    return (marked + unit.removeprefix("USD")).replace(" each", "")


def _number(variable: str, model: str | None, field: str) -> str:
    name = _NUMBERS[variable]
    if variable == "price":
        name = f"price of {field.removeprefix('rates.').removeprefix('standard.').replace('_', ' ').replace('.', ' ')}"
    if variable == "accuracy":
        name = f"{name} on {field.removeprefix('scores.')}"
    return name if model is None else f"{model}: {name}"


def _where(flip: Flip) -> str:
    value = _amount(flip.value, flip.unit)
    if flip.direction == "stated":
        return f"stated, as {value}" if flip.value < 10**30 else "stated, however high"
    if flip.after is None or flip.after == flip.before:
        return f"at {value}"
    if flip.direction == "up":
        return f"from {value} up" if flip.at == flip.after else f"above {value}"
    return f"{value} or less" if flip.at == flip.after else f"below {value}"


def _change(flip: Flip) -> str:
    if flip.relative is None:
        return ""
    if flip.relative >= 10:  # from here on a factor says more than per cent
        return f"{grouped_fixed(1 + flip.relative, 0)} times"
    return f"{'+' if flip.direction == 'up' else '-'}{grouped_fixed(flip.relative * 100, 1)} %"


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
    if steady.unsolved:
        return f"{name}, now {now}: not worked out, since {steady.unsolved}"
    if steady.impossible:
        return f"{name}, now {now}: cannot change it, since {steady.impossible}"
    high = "however high" if steady.high is None else f"up to {_amount(steady.high, steady.unit)}"
    return f"{name}, now {now}: none from {_amount(steady.low, steady.unit)} {high}"


def flips_text(flips: Flips) -> str:
    """The flips as a table, the nearest first, and what changes nothing."""
    if not flips.flips:
        lines = [f"{flips.choice}: no single number changes that."]
    else:
        lines = [f"{flips.choice}, until one of these changes, the others staying as they are:", ""]
        rows = [
            [
                _number(flip.variable, flip.model, flip.field),
                _amount(flip.current, flip.unit),
                _where(flip),
                _change(flip),
                _then(flip),
            ]
            for flip in flips.flips[:_MOST_ROWS]
        ]
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


def why_not_text(why: WhyNot) -> str:
    """Why a candidate was not chosen, and what would make it win."""
    lines = [_wrapped(f"Why not {why.name} ({why.model}): {why.reason}.", hanging="  ")]
    if why.required is not None and why.actual is not None and why.slack is not None:
        word = "missing" if why.slack < 0 else "to spare"
        low = "" if why.actual.is_point else f"{exact_text(why.actual.low)} to "
        actual, required = f"{low}{_amount(why.actual.high, why.unit)}", _amount(why.required, why.unit)
        lines.append(f"  {actual} against {required}, {_amount(max(why.slack, -why.slack), why.unit)} {word}")
    lines.extend(_wrapped(f"- also: {other}", "  ", "    ") for other in why.others)
    if why.dominated_by:
        lines.append(f"  worse in every respect than {', '.join(why.dominated_by)}, or equal")
    if why.margin is not None:
        more = "more" if why.margin.pico >= 0 else "less"
        parts = [f"{_amount(abs(why.margin).as_fraction(), 'USD')} {more} per request"]
        if why.margin_per_month is not None:
            parts.append(f"${abs(why.margin_per_month):,.2f} per month")
        if why.margin_percent is not None:
            parts.append(f"{grouped_fixed(max(why.margin_percent, -why.margin_percent), 1)} %")
        lines.append(f"  {', '.join(parts)}")
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
