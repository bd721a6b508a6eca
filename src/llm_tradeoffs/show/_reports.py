"""What an audit of somebody's claims and a lint of a policy say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llm_tradeoffs.claims import VERDICTS
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.show._words import references, sentence
from llm_tradeoffs.show.data import Dataset, Series, ends
from llm_tradeoffs.show.document import Block, Cell, Column, Document, Heading, Listing, Paragraph, Table

if TYPE_CHECKING:
    from llm_tradeoffs.claims import AuditedClaim, AuditReport
    from llm_tradeoffs.policy import LintReport

__all__ = ["audit_data", "audit_document", "lint_data", "lint_document"]


def _says(entry: AuditedClaim) -> str:
    return entry.claim.says or " and ".join(amount for _, amount in entry.claim.costs)


def audit_document(report: AuditReport) -> Document:
    """The verdicts counted, then every claim that does not hold, then all others in short."""
    many = "1 claim" if len(report) == 1 else f"{len(report)} claims"
    counted = [
        [Cell(verdict), Cell(str(report.counts[verdict])), Cell(meaning)] for verdict, meaning in VERDICTS.items()
    ]
    foot = [f"Facts as of {report.as_of}, catalog {report.catalog_edition}."]
    blocks: list[Block] = [
        Table(
            caption=f"{many} checked",
            columns=[Column("verdict"), Column("claims", align="right"), Column("what it means")],
            rows=counted,
            notes=foot,
        )
    ]
    found = [entry for entry in report if not entry.holds and entry.verdict != "undecidable"]
    if found:
        rows = [
            [
                Cell(entry.id),
                Cell(_says(entry)),
                Cell(entry.verdict),
                Cell(entry.exact),
                Cell(entry.because, cites=tuple(dict.fromkeys(fact.source.id for fact in entry.facts))),
                Cell(entry.instead),
            ]
            for entry in found
        ]
        columns = [*map(Column, ("claim", "says", "verdict", "recomputed", "because", "instead"))]
        blocks.append(Table(caption="What does not hold", columns=columns, rows=rows))
    others = [entry for entry in report if entry.holds or entry.verdict == "undecidable"]
    if others:
        rows = [
            [
                Cell(entry.id),
                Cell(_says(entry)),
                Cell(entry.verdict),
                Cell(entry.exact, cites=tuple(dict.fromkeys(fact.source.id for fact in entry.facts))),
            ]
            for entry in others
        ]
        columns = [*map(Column, ("claim", "says", "verdict", "recomputed"))]
        blocks.append(Table(caption="What holds, and what nothing decides", columns=columns, rows=rows))
    sources = {fact.source.id: fact.source for entry in report for fact in entry.facts}
    return Document(report.title, [*blocks, *references(dict(sorted(sources.items())))])


def audit_data(report: AuditReport) -> Dataset:
    """One row a claim, in the order of the text."""
    entries = report.entries
    values = [entry.value if isinstance(entry.value, Range) else None for entry in entries]
    columns: list[Series] = [
        Series("id", "text", [entry.id for entry in entries]),
        Series("section", "text", [entry.claim.section for entry in entries]),
        Series("text", "text", [entry.claim.text for entry in entries]),
        Series("says", "text", [entry.claim.says for entry in entries]),
        Series("verdict", "text", [entry.verdict for entry in entries]),
        Series("holds", "flag", [entry.holds for entry in entries]),
        Series("exact", "text", [entry.exact or None for entry in entries]),
    ]
    columns += ends("value", values)
    columns += [
        Series("unit", "text", [None if value is None else value.unit for value in values]),
        Series("because", "text", [entry.because for entry in entries]),
        Series("instead", "text", [entry.instead or None for entry in entries]),
        Series("sources", "text", [", ".join(sorted({fact.source.id for fact in entry.facts})) for entry in entries]),
    ]
    return Dataset.of(columns)


def lint_document(report: LintReport) -> Document:
    """The findings in a table, then each with its proof and the workloads that show it."""
    among = ", ".join(report.candidates) or "no candidates"
    more = f" and {len(report.trust) - 3} more" if len(report.trust) > 3 else ""
    notes = [
        f"Candidates: {among}.",
        f"Facts as of {report.as_of}, catalog {report.catalog_edition}, trusting {', '.join(report.trust[:3])}{more}.",
    ]
    title = f"Policy {report.policy!r}"
    if not report.findings:
        return Document(title, [Paragraph("Nothing found."), *(Paragraph(note) for note in notes)])
    count = "1 finding" if len(report) == 1 else f"{len(report)} findings"
    rows = [
        [Cell(finding.code), Cell(finding.severity), Cell(finding.place), Cell(finding.message), Cell(finding.repair)]
        for finding in report
    ]
    columns = [*map(Column, ("code", "severity", "place", "what is wrong", "repair"))]
    blocks: list[Block] = [Table(caption=count, columns=columns, rows=rows, notes=notes)]
    for finding in report:
        blocks.append(Heading(f"{finding.code}: {finding.title} ({finding.place})"))
        if finding.proof:
            blocks.append(Paragraph(sentence(finding.proof), "Proof"))
        witnesses = [f"{witness.shows} In full: {witness.workload!r}" for witness in finding.witnesses]
        blocks.append(Listing("Workloads that show it", witnesses))
    return Document(title, blocks)


def lint_data(report: LintReport) -> Dataset:
    """One row a finding."""
    found = report.findings
    return Dataset.of(
        [
            Series("policy", "text", [report.policy] * len(found)),
            Series("code", "text", [finding.code for finding in found]),
            Series("severity", "text", [finding.severity for finding in found]),
            Series("title", "text", [finding.title for finding in found]),
            Series("place", "text", [finding.place for finding in found]),
            Series("message", "text", [finding.message for finding in found]),
            Series("repair", "text", [finding.repair for finding in found]),
            Series("witnesses", "count", [len(finding.witnesses) for finding in found]),
        ]
    )
