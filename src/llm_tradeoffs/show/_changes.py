"""What would change an answer, and what did: flips, reasons against, thresholds, sensitivities, replays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llm_tradeoffs.money import Exact, fixed
from llm_tradeoffs.show._words import UNKNOWN, money, references, sentence, unit_of
from llm_tradeoffs.show.data import Dataset, Series
from llm_tradeoffs.show.document import Block, Cell, Column, Document, Listing, Paragraph, Table
from llm_tradeoffs.show.text import flip_cells, steady_text, why_not_lines

if TYPE_CHECKING:
    from llm_tradeoffs.analysis._break_even import BreakEven
    from llm_tradeoffs.analysis._flips import Flip, Flips
    from llm_tradeoffs.analysis._information import Information
    from llm_tradeoffs.analysis._pareto import Pareto
    from llm_tradeoffs.analysis._sensitivity import Sensitivity
    from llm_tradeoffs.analysis._why_not import WhyNot
    from llm_tradeoffs.replay import Diff, Replay

__all__ = [
    "break_even_data",
    "break_even_document",
    "diff_data",
    "diff_document",
    "flips_data",
    "flips_document",
    "information_data",
    "information_document",
    "pareto_data",
    "pareto_document",
    "replay_data",
    "replay_document",
    "replay_plain",
    "sensitivity_data",
    "sensitivity_document",
    "why_not_data",
    "why_not_document",
]


# Flips, and why not.


def _flips_table(caption: str, flips: Iterable[Flip]) -> Table:
    columns = [
        Column("number"),
        Column("now", align="right"),
        Column("flips"),
        Column("change", align="right"),
        Column("then"),
    ]
    return Table(caption=caption, columns=columns, rows=[[*map(Cell, flip_cells(flip))] for flip in flips])


def flips_document(flips: Flips) -> Document:
    """The flips, the nearest first, and what changes nothing."""
    if flips.flips:
        caption = f"{flips.choice}, until one of these changes, the others staying as they are"
        blocks: list[Block] = [_flips_table(caption, flips.flips)]
    else:
        blocks = [Paragraph(f"{flips.choice}: no single number changes that.")]
    if flips.steady:
        blocks.append(Listing("Changes nothing", [steady_text(steady) for steady in flips.steady]))
    return Document("", blocks)


def _flips_columns(flips: Sequence[Flip]) -> list[Series]:
    return [
        Series("variable", "text", [flip.variable for flip in flips]),
        Series("model", "text", [flip.model for flip in flips]),
        Series("field", "text", [flip.field for flip in flips]),
        Series("unit", "text", [flip.unit for flip in flips]),
        Series("current", "number", [flip.current for flip in flips]),
        Series("value", "number", [flip.value for flip in flips]),
        Series("change", "number", [flip.change for flip in flips]),
        Series("relative", "number", [flip.relative for flip in flips]),
        Series("direction", "text", [flip.direction for flip in flips]),
        Series("inclusive", "flag", [flip.inclusive for flip in flips]),
        Series("before", "text", [str(flip.before) for flip in flips]),
        Series("then", "text", [str(flip.new) for flip in flips]),
    ]


def flips_data(flips: Flips) -> Dataset:
    """One row a flip, the nearest first."""
    return Dataset.of(_flips_columns(flips.flips))


def why_not_document(why: WhyNot) -> Document:
    """Why a candidate was not chosen, and what would make it win."""
    reason, *others = why_not_lines(why)
    against = [line.removeprefix("- ") for line in others]
    blocks: list[Block] = [Listing("What stands against it", against)] if against else []
    if why.would_win:
        blocks.append(_flips_table("It would be chosen, one number at a time, with", why.would_win))
    else:
        blocks.append(Paragraph("No single number would make it the choice."))
    return Document(reason, blocks)


def why_not_data(why: WhyNot) -> Dataset:
    """One row for each number that would make it win."""
    return Dataset.of([Series("candidate", "text", [why.model] * len(why.would_win)), *_flips_columns(why.would_win)])


# Thresholds.


def break_even_document(found: BreakEven) -> Document:
    """Which of the two is cheaper where."""
    from llm_tradeoffs.analysis._break_even import number_text

    def end(value: Exact | None, included: bool) -> str:
        return "no end" if value is None else number_text(value) + ("" if included else " (not itself)")

    rows = [
        [
            Cell(end(stretch.low, stretch.includes_low)),
            Cell(end(stretch.high, stretch.includes_high)),
            Cell(stretch.cheaper or "both cost the same"),
        ]
        for stretch in found.stretches
    ]
    columns = [
        Column("from", unit=found.unit, align="right"),
        Column("to", unit=found.unit, align="right"),
        Column("cheaper"),
    ]
    now = (
        UNKNOWN
        if found.current is None
        else f"{number_text(found.current)} {unit_of(found.current, found.unit)}".rstrip()
    )
    what = found.of.replace("_", " ")
    notes = [f"Now: {now}."] if found.current is not None else []
    blocks: list[Block] = [Table(caption=f"{found.a} and {found.b} by {what}", columns=columns, rows=rows, notes=notes)]
    if found.notes:
        blocks.append(Listing("Notes", [sentence(note) for note in found.notes]))
    return Document(found.reason, blocks)


def break_even_data(found: BreakEven) -> Dataset:
    """One row for each stretch on which the same one is cheaper."""
    stretches = found.stretches
    return Dataset.of(
        [
            Series("of", "text", [found.of] * len(stretches)),
            Series("unit", "text", [found.unit] * len(stretches)),
            Series("low", "number", [stretch.low for stretch in stretches]),
            Series("high", "number", [stretch.high for stretch in stretches]),
            Series("includes_low", "flag", [stretch.includes_low for stretch in stretches]),
            Series("includes_high", "flag", [stretch.includes_high for stretch in stretches]),
            Series("cheaper", "text", [stretch.cheaper for stretch in stretches]),
        ]
    )


def sensitivity_document(found: Sensitivity) -> Document:
    """What each factor does to the result over its range, the widest first."""
    from llm_tradeoffs.analysis._break_even import number_text

    head = str(found).partition("\n")[0]
    rows = [
        [
            Cell(bar.factor),
            Cell(bar.basis),
            *(Cell(number_text(value)) for value in (bar.base, bar.low, bar.high)),
            Cell(money(bar.least)),
            Cell(money(bar.most)),
            Cell("" if bar.elasticity is None else fixed(bar.elasticity, 2)),
        ]
        for bar in found.bars
    ]
    columns = [
        Column("factor"),
        Column("range"),
        *(Column(label, align="right") for label in ("now", "from", "to")),
        *(Column(label, unit="USD", align="right") for label in ("least", "most")),
        Column("elasticity", align="right"),
    ]
    blocks: list[Block] = [Table(caption=head, columns=columns, rows=rows)]
    if found.left_out:
        blocks.append(Listing("Left out", found.left_out))
    return Document("", blocks)


def sensitivity_data(found: Sensitivity) -> Dataset:
    """One row a factor, the widest first."""
    bars = found.bars
    columns: list[Series] = [
        Series("factor", "text", [bar.factor for bar in bars]),
        Series("unit", "text", [bar.unit for bar in bars]),
        Series("basis", "text", [bar.basis for bar in bars]),
    ]
    columns += [Series(name, "number", [getattr(bar, name) for bar in bars]) for name in ("base", "low", "high")]
    columns += [
        Series(f"{name}_usd", "number", [getattr(bar, name) for bar in bars])
        for name in ("at_low", "at_high", "least", "most", "swing")
    ]
    columns.append(Series("elasticity", "number", [bar.elasticity for bar in bars]))
    return Dataset.of(columns)


def information_document(found: Information) -> Document:
    """What would settle a recommendation, or overturn it."""
    now = found.chosen or (f"a tie of {', '.join(found.tied)}" if found.tied else found.status.replace("_", " "))
    if not found.facts:
        return Document("", [Paragraph(f"Now: {now}. No single fact that is open would change that.")])
    rows = [
        [
            Cell(f"{fact.fact} [{fact.unit}]" if fact.unit else fact.fact),
            Cell("; ".join(map(str, fact.leads))),
            Cell(money(fact.worth_per_request)),
            Cell(money(fact.worth_per_month, 2)),
            Cell("; ".join(filter(None, (fact.prior, fact.reason)))),
        ]
        for fact in found.facts
    ]
    columns = [
        Column("fact"),
        Column("leads to"),
        Column("worth per request", unit="USD", align="right"),
        Column("worth per month", unit="USD", align="right"),
        Column("since"),
    ]
    blocks: list[Block] = [Table(caption=f"Now: {now}. What would decide", columns=columns, rows=rows)]
    if found.idle:
        blocks.append(Paragraph(f"{', '.join(found.idle)}.", "Open, and decides nothing alone"))
    return Document("", blocks)


def information_data(found: Information) -> Dataset:
    """One row a fact, the most valuable first."""
    facts = found.facts
    return Dataset.of(
        [
            Series("fact", "text", [fact.fact for fact in facts]),
            Series("unit", "text", [fact.unit for fact in facts]),
            Series("missing", "flag", [fact.missing for fact in facts]),
            Series("leads_to", "text", ["; ".join(map(str, fact.leads)) for fact in facts]),
            Series("worth_per_request_usd", "number", [fact.worth_per_request for fact in facts]),
            Series("worth_per_month_usd", "number", [fact.worth_per_month for fact in facts]),
            Series("prior", "text", [fact.prior for fact in facts]),
            Series("reason", "text", [fact.reason for fact in facts]),
        ]
    )


def pareto_document(found: Pareto) -> Document:
    """Whom nobody dominates, and who dominates the others."""
    rows = [[Cell(name), Cell("nobody is better", "*"), Cell("")] for name in found.front]
    rows += [[Cell(name), Cell("dominated"), Cell(", ".join(better))] for name, better in found.dominated.items()]
    rows += [
        [Cell(name), Cell(UNKNOWN), Cell(f"its {', '.join(missing).replace('_', ' ')}")]
        for name, missing in found.unknown.items()
    ]
    by = ", ".join(name.replace("_", " ") for name in found.by)
    columns = [Column("candidate"), Column("standing", marks=True), Column("by whom, or what is unknown")]
    notes = ["* on the Pareto frontier."] if found.front else []
    return Document("", [Table(caption=f"Compared in {by}", columns=columns, rows=rows, notes=notes)])


def pareto_data(found: Pareto) -> Dataset:
    """One row a candidate, those whom nobody dominates first."""
    names = [*found.front, *found.dominated, *found.unknown]
    return Dataset.of(
        [
            Series("model", "text", names),
            Series(
                "on_front",
                "flag",
                [True if name in found.front else None if name in found.unknown else False for name in names],
            ),
            Series("dominated_by", "text", [", ".join(found.dominated.get(name, ())) for name in names]),
            Series("unknown", "text", [", ".join(found.unknown.get(name, ())) for name in names]),
        ]
    )


# Two answers.


def _plain_text(value: object) -> str:
    import json

    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def diff_document(found: Diff) -> Document:
    """Everything in which two answers differ."""
    if not found:
        return Document("", [Paragraph("No difference.")])
    rows = [[Cell(each.where), Cell(_plain_text(each.old)), Cell(_plain_text(each.new))] for each in found.changes]
    columns = [Column("where"), Column("old"), Column("new")]
    return Document("", [Table(caption="What differs", columns=columns, rows=rows)])


def diff_data(found: Diff) -> Dataset:
    """One row a difference."""
    return Dataset.of(
        [
            Series("where", "text", [each.where for each in found.changes]),
            Series("old", "text", [None if each.old is None else _plain_text(each.old) for each in found.changes]),
            Series("new", "text", [None if each.new is None else _plain_text(each.new) for each in found.changes]),
        ]
    )


def replay_document(found: Replay) -> Document:
    """The two choices, why they differ, and every fact that changed."""
    said = [
        f"{each.as_of}, edition {each.catalog_edition}: {each.status} {each.chosen or ', '.join(each.tied)}".rstrip()
        for each in (found.before, found.after)
    ]
    because = "The choice is the same." if found.same_choice else sentence(found.because)
    blocks: list[Block] = [Listing("The same question twice", said), Paragraph(because)]
    if found.facts:
        words: Mapping[bool | None, str] = {True: "yes", False: "no", None: "cannot be tried"}
        rows = [
            [
                Cell(f"{fact.subject} {fact.field}"),
                *(
                    Cell("not known" if value is None else f"{value} [{source}]" if source else value)
                    for value, source in ((fact.old, fact.old_source), (fact.new, fact.new_source))
                ),
                Cell("" if found.same_choice else words[fact.flips_back]),
            ]
            for fact in found.facts
        ]
        columns = [Column("fact"), Column("then"), Column("now"), Column("alone flips the choice back")]
        blocks.append(Table(caption="Facts that changed", columns=columns, rows=rows))
    if found.notes:
        blocks.append(Listing("Notes", found.notes))
    sources = {source.id: source for each in (found.before, found.after) for source in each.sources}
    return Document("", [*blocks, *references(sources)])


def replay_data(found: Replay) -> Dataset:
    """One row a fact that changed."""
    facts = found.facts
    names = ("subject", "field", "old", "new", "old_source", "new_source")
    columns: list[Series] = [Series(name, "text", [getattr(fact, name) for fact in facts]) for name in names]
    columns.append(Series("flips_back", "flag", [fact.flips_back for fact in facts]))
    return Dataset.of(columns)


def replay_plain(found: Replay) -> dict[str, Any]:
    """Both answers and the facts that changed, in plain types."""
    return {
        "before": found.before.to_dict(),
        "after": found.after.to_dict(),
        "same_choice": found.same_choice,
        "because": found.because,
        "facts": replay_data(found).records(),
        "notes": list(found.notes),
    }
