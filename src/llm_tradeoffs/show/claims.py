"""An audit for people: as plain text, and as a Markdown page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Final

from llm_tradeoffs.claims import VERDICTS, fact_text
from llm_tradeoffs.show.document import visible
from llm_tradeoffs.show.html import safe_url

if TYPE_CHECKING:
    from llm_tradeoffs.claims import AuditedClaim, AuditReport
    from llm_tradeoffs.facts import Fact

__all__ = ["audit_markdown", "audit_text", "entry_text"]

WIDTH: Final = 96


def _wrapped(text: str, indent: str, hanging: str) -> str:
    return textwrap.fill(
        visible(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def entry_text(entry: AuditedClaim) -> str:
    """One claim with its verdict, its arithmetic and its sources."""
    says = f" (says {entry.claim.says})" if entry.claim.says is not None else ""
    lines = [f"{entry.id}: {entry.verdict}{says}", _wrapped(f"“{entry.claim.text}”", "  ", "  ")]
    lines += [_wrapped(_sentence(entry.because), "  ", "  ")]
    lines += [_wrapped(step, "    ", "      ") for step in entry.steps]
    if entry.conflicts_with and entry.verdict != "inconsistent":
        lines.append(_wrapped(f"Cannot hold beside: {', '.join(entry.conflicts_with)}.", "  ", "    "))
    lines += [_wrapped(line, "  ", "    ") for line in _remarks(entry)]
    lines += [_wrapped(_fact(fact), "  - ", "    ") for fact in entry.facts]
    return "\n".join(lines)


def _remarks(entry: AuditedClaim) -> Iterator[str]:
    """What stands below the arithmetic: what to believe, what others say, a note."""
    if entry.instead:
        yield f"Instead: {entry.instead}."
    yield from _opinions(entry)
    if entry.own_word:
        yield "No other source in the catalog states what it rests on."
    if entry.claim.note:
        yield f"Note: {_sentence(entry.claim.note)}"


def _opinions(entry: AuditedClaim) -> Iterator[str]:
    holds = [opinion.source.id for opinion in entry.opinions if opinion.agrees]
    against = [opinion for opinion in entry.opinions if not opinion.agrees]
    # Where a claim does not hold by its own figures, others that have the same figures speak against it, too.
    same = [opinion.source.id for opinion in against if not entry.holds and opinion.value == entry.exact]
    if entry.verdict == "undecidable":
        if holds:
            yield f"The statements of {_listed(holds)} lead to the same."
    elif holds:
        yield f"It holds with the statements of {_listed(holds)}{', too' if entry.holds else ''}."
    if same and entry.verdict not in {"contradicted", "undecidable"}:
        yield f"The statements of {_listed(same)} lead to the same."
        against = [opinion for opinion in against if opinion.source.id not in same]
    told = [f"{opinion.source.id} ({opinion.value or 'nothing'})" for opinion in against]
    if told:
        yield f"With the statements of others it comes to something else: {', '.join(told)}."


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _fact(fact: Fact) -> str:
    place = f", {fact.place}" if fact.place else ""
    return f"{fact.subject} {fact.field} = {fact_text(fact)} [{fact.source.id}{place}]"


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
    lines += [f"| together | {len(report)} | |", ""]
    own = sum(entry.own_word for entry in report)
    if own:
        held = report.counts["reproduced"] + report.counts["rounded"]
        lines += [
            f"Of the {held} claims that hold, {own} rest on nothing but statements of the text itself, "
            "which no other source in the catalog confirms or denies; each of them says so.",
            "",
        ]
    lines += _findings(report)
    lines += ["## Every claim, in the order of the text", ""]
    for section, entries in report.sections.items():
        lines += [f"### {_said(section or report.title)}", ""]
        for text, of_sentence in groupby(entries, key=lambda entry: entry.claim.text):
            lines += [f"> {_said(text)}", ""]
            for entry in of_sentence:
                lines += [*_claim(entry), ""]
    lines += _sources(report)
    return "\n".join(lines).rstrip() + "\n"


def _findings(report: AuditReport) -> list[str]:
    found = [entry for entry in report if not entry.holds and entry.verdict != "undecidable"]
    if not found:
        return []
    lines = ["## What does not hold", "", "| claim | the text says | verdict | instead |", "| --- | --- | --- | --- |"]
    for entry in found:
        claim = entry.claim
        costs = " and ".join(amount for _, amount in claim.costs)
        says = f"**{_said(claim.says or costs)}**, " if claim.says or costs else ""
        words = _said(textwrap.shorten(claim.text, 100, placeholder=" …"))
        instead = _said(entry.instead) or "see there"
        cells = [f"[{entry.id}](#{entry.id})", f"{says}“{words}”", entry.verdict, instead]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return [*lines, ""]


_MARKUP: Final = re.compile(r"<(?=[A-Za-z/!?])|(?<=\])(?=\()")


def _said(text: str) -> str:
    """Somebody's words, in which a tag is no tag and a link no link; what else they mark up stays as they wrote it."""
    return _MARKUP.sub(lambda found: "&lt;" if found[0] else "\\", visible(text))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _claim(entry: AuditedClaim) -> Iterator[str]:
    claim = entry.claim
    costs = " and ".join(amount for _, amount in claim.costs)
    says = f", says {_said(claim.says or costs)}" if claim.says or costs else ""
    yield f'<a id="{entry.id}"></a>`{entry.id}`{says}: **{entry.verdict}**.'
    yield _said(_sentence(entry.because))
    if entry.steps or entry.facts or entry.conflicts_with or claim.note:
        yield ""
    if claim.expression is not None:
        yield f"- Asked: `{' '.join(claim.expression.split())}`"
    yield from (f"- {_plain(step)}" for step in entry.steps)
    if entry.conflicts_with:
        yield f"- Cannot hold beside: {', '.join(f'[{other}](#{other})' for other in entry.conflicts_with)}."
    yield from (f"- {_said(line)}" for line in _remarks(entry))
    if entry.facts:
        yield f"- Rests on: {_said('; '.join(_fact(fact) for fact in entry.facts))}."


def _plain(step: str) -> str:
    # A "*" or "_" would be taken for emphasis, a "<" for the beginning of a tag.
    return visible(step).replace("*", "\\*").replace("<", "&lt;")


def _sources(report: AuditReport) -> list[str]:
    sources = {fact.source.id: fact.source for entry in report for fact in entry.facts}
    sources |= {opinion.source.id: opinion.source for entry in report for opinion in entry.opinions}
    if not sources:
        return []
    lines = ["## Sources", ""]
    for name, source in sorted(sources.items()):
        url = "" if (safe := safe_url(source.url)) is None else f", <{safe}>"
        note = f"; {_said(source.note)}" if source.note else ""
        lines.append(f"- `{name}`: {_said(str(source))}{url}{note}")
    return lines
