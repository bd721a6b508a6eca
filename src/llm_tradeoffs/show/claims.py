"""An audit for people: as plain text, and as a Markdown page."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from llm_tradeoffs.claims import VERDICTS

if TYPE_CHECKING:
    from llm_tradeoffs.claims import AuditedClaim, AuditReport, Opinion
    from llm_tradeoffs.facts import Fact

__all__ = ["audit_markdown", "audit_text", "entry_text"]

WIDTH: Final = 96


def _wrapped(text: str, indent: str, hanging: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def entry_text(entry: AuditedClaim) -> str:
    """One claim with its verdict, its arithmetic and its sources."""
    says = f" (says {entry.claim.says})" if entry.claim.says is not None else ""
    lines = [f"{entry.id}: {entry.verdict}{says}", _wrapped(f"“{entry.claim.text}”", "  ", "  ")]
    lines += [_wrapped(line, "  ", "    ") for line in _lines(entry)]
    lines += [_wrapped(f"{fact}", "  - ", "    ") for fact in entry.facts]
    return "\n".join(lines)


def _lines(entry: AuditedClaim) -> list[str]:
    """What stands below a claim: why, the arithmetic, what to believe, what others say, a note."""
    found = [_sentence(entry.because)] if entry.because else []
    if entry.arithmetic:
        found.append(f"Arithmetic: {entry.arithmetic}.")
    if entry.instead:
        found.append(f"Instead: {entry.instead}.")
    found += [f"{line}." for line in _opinions(entry)]
    if entry.own_word:
        found.append("No other source in the catalog states the figures that it rests on.")
    if entry.conflicts_with and entry.verdict != "inconsistent":
        found.append(f"Cannot hold beside it: {', '.join(entry.conflicts_with)}.")
    if entry.claim.note:
        found.append(f"Note: {_sentence(entry.claim.note)}")
    return found


def _opinions(entry: AuditedClaim) -> list[str]:
    agree = [opinion.source.id for opinion in entry.opinions if opinion.agrees]
    found = [f"Agrees with it: {', '.join(agree)}"] if agree else []
    against = [_said(opinion) for opinion in entry.opinions if not opinion.agrees]
    return [*found, *([f"Otherwise: {'; '.join(against)}"] if against else [])]


def _said(opinion: Opinion) -> str:
    value = f" ({opinion.value})" if opinion.value else ""
    return f"{opinion.source.id}{value}"


def audit_text(report: AuditReport) -> str:
    """The verdicts counted, then every claim that does not simply hold."""
    many = "1 claim" if len(report) == 1 else f"{len(report)} claims"
    lines = [f"{report.title}: {many} checked"]
    lines += [f"{count:6}  {verdict}" for verdict, count in report.counts.items() if count]
    for entry in report:
        if not entry.holds and entry.verdict != "undecidable":
            lines += ["", entry_text(entry)]
    lines += ["", f"Facts as of {report.as_of}, catalog {report.catalog_edition}."]
    return "\n".join(lines)


# Markdown.


def audit_markdown(report: AuditReport) -> str:
    """A page: the verdicts counted, what does not hold in short, then every claim in its order."""
    lines = ["| verdict | claims | what it means |", "| --- | ---: | --- |"]
    lines += [f"| {verdict} | {report.counts[verdict]} | {meaning} |" for verdict, meaning in VERDICTS.items()]
    lines += [f"| | {len(report)} | |", ""]
    lines += _findings(report)
    lines += ["## Every claim, in the order of the text", ""]
    for section, entries in report.sections.items():
        lines += [f"### {section or report.title}", ""]
        for entry in entries:
            lines += _claim(entry)
    lines += _sources(report)
    return "\n".join(lines).rstrip() + "\n"


def _findings(report: AuditReport) -> list[str]:
    found = [entry for entry in report if not entry.holds and entry.verdict != "undecidable"]
    if not found:
        return []
    lines = [
        "## What does not hold",
        "",
        "| the text says | verdict | believe instead | |",
        "| --- | --- | --- | --- |",
    ]
    for entry in found:
        says = entry.claim.says or ", ".join(f"{amount}" for _, amount in entry.claim.costs) or "see there"
        words = (
            f"“{_short(entry.claim.text)}” " if says in {"yes", "no"} else f"{_short(entry.claim.text)}: **{says}** "
        )
        instead = entry.instead or "see there"
        lines.append(f"| {_cell(words)} | {entry.verdict} | {_cell(instead)} | [{entry.id}](#{entry.id}) |")
    return [*lines, ""]


def _short(text: str) -> str:
    return textwrap.shorten(text, 90, placeholder=" …")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").strip()


def _claim(entry: AuditedClaim) -> list[str]:
    says = f" Says {entry.claim.says}." if entry.claim.says is not None else ""
    lines = [f'<a id="{entry.id}"></a>', "", f"> {entry.claim.text}", ""]
    lines.append(f"**{entry.verdict}**.{says} {_sentence(entry.because)}".rstrip())
    lines.append("")
    lines += [f"- {line}" for line in _lines(entry) if line != _sentence(entry.because)]
    lines += [f"- Fact: {_fact(fact)}." for fact in entry.facts]
    return [*lines, ""] if lines[-1] else lines


def _fact(fact: Fact) -> str:
    place = f", {fact.place}" if fact.place else ""
    return f"{fact.subject}, {fact.field}: {fact.citation.value} ({fact.source.id}{place})"


def _sources(report: AuditReport) -> list[str]:
    sources = {fact.source.id: fact.source for entry in report for fact in entry.facts}
    sources |= {opinion.source.id: opinion.source for entry in report for opinion in entry.opinions}
    if not sources:
        return []
    lines = ["## Sources", ""]
    for name, source in sorted(sources.items()):
        url = f", <{source.url}>" if source.url else ""
        lines.append(f"- `{name}`: {source}{url}")
    return lines
