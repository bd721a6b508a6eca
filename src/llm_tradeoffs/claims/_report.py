"""What an audit gives: every claim with its verdict, as values, plain types and text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.claims._read import Claim
from llm_tradeoffs.errors import UnknownNameError
from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.money import exact_text
from llm_tradeoffs.ranges import Range

__all__ = ["VERDICTS", "AuditReport", "AuditedClaim", "Opinion", "Verdict", "fact_text"]

Verdict = Literal["reproduced", "rounded", "wrong", "inconsistent", "contradicted", "not derivable", "undecidable"]
VERDICTS: Final[Mapping[Verdict, str]] = {
    "reproduced": "recomputed, and exactly so",
    "rounded": "the exact value rounds to it at the precision with which it was written",
    "wrong": "the exact value is another",
    "inconsistent": "it cannot hold beside another statement of the same text",
    "contradicted": "another source says otherwise, even where the text's own figures give it",
    "not derivable": "no facts give it, or none could",
    "undecidable": "nothing that could be looked up or worked out decides it",
}
"""Every verdict, and what it means."""

SCHEMA_VERSION: Final = 1
_HOLDS: Final = frozenset({"reproduced", "rounded"})


@attrs.frozen(kw_only=True)
class Opinion:
    """
    What another source makes of a claim.

    Attributes:
        source: Who.
        agrees: Whether the claim holds with what this source states in place of the text's own figures.
        value: What the claim's value is then, as people write it.
        facts: What the source states of the facts that the claim rests on.
    """

    source: Source
    agrees: bool
    value: str
    facts: tuple[Fact, ...]


@attrs.frozen(kw_only=True)
class AuditedClaim:
    """
    A claim with its verdict.

    Attributes:
        claim: The claim.
        verdict: One of :data:`VERDICTS`.
        because: Why, in words.
        exact: The recomputed value as people write it, in the unit of the claim; empty if there is none.
        value: The same as an exact value: a :class:`Range` for numbers, else a bool, text, names or day.
        factor: By what the stated ends must be multiplied to be right; None unless both are positive numbers.
        steps: The calculation in full, one line a step.
        instead: What to believe instead; empty if the claim holds or nothing is known.
        facts: What it rests on, in the world where it was recomputed.
        opinions: What the other sources that state these facts make of it, most trusted first.
        conflicts_with: Ids of claims of the same text that cannot hold beside it.
        own_word: Whether it holds, and rests on nothing but statements of the text itself.
    """

    claim: Claim
    verdict: Verdict
    because: str
    exact: str = ""
    value: Range | bool | str | tuple[str, ...] | date | None = None
    factor: Range | None = None
    steps: tuple[str, ...] = ()
    instead: str = ""
    facts: tuple[Fact, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    conflicts_with: tuple[str, ...] = ()
    own_word: bool = False

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim.id

    @property
    def arithmetic(self) -> str:
        """The calculation in full, in one line."""
        return "; ".join(self.steps)

    @property
    def holds(self) -> bool:
        """Whether it is reproduced or rounded."""
        return self.verdict in _HOLDS

    def to_dict(self) -> dict[str, Any]:
        """The claim and its verdict in plain types, exact numbers as strings."""
        value = self.value
        ends = None
        if isinstance(value, Range):
            ends = {"low": exact_text(value.low), "high": exact_text(value.high), "unit": value.unit}
        factor = self.factor
        return {
            "id": self.claim.id,
            "section": self.claim.section,
            "text": self.claim.text,
            "says": self.claim.says,
            "expression": self.claim.expression,
            "verdict": self.verdict,
            "because": self.because,
            "exact": self.exact,
            "value": ends,
            "factor": None if factor is None else {"low": exact_text(factor.low), "high": exact_text(factor.high)},
            "steps": list(self.steps),
            "instead": self.instead,
            "note": self.claim.note,
            "facts": [_fact_dict(fact) for fact in self.facts],
            "opinions": [
                {
                    "source": opinion.source.id,
                    "agrees": opinion.agrees,
                    "value": opinion.value,
                    "facts": [_fact_dict(fact) for fact in opinion.facts],
                }
                for opinion in self.opinions
            ],
            "conflicts_with": list(self.conflicts_with),
            "own_word": self.own_word,
        }

    def __str__(self) -> str:
        from llm_tradeoffs.show.claims import entry_text

        return entry_text(self)


def fact_text(fact: Fact) -> str:
    """What a source states, as people write it."""
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    return f"{fact.value:,}" if isinstance(fact.value, int) else fact.citation.value


def _fact_dict(fact: Fact) -> dict[str, Any]:
    citation = fact.citation
    return {
        "subject": fact.subject,
        "field": fact.field,
        "value": citation.value,
        "source": fact.source.id,
        "place": fact.place,
        "effective_from": None if fact.effective_from is None else fact.effective_from.isoformat(),
    }


@attrs.frozen(kw_only=True, repr=False)
class AuditReport(Tabular):
    """
    Every claim of a text with its verdict, in the order of the text.

    Attributes:
        title: The title of the text.
        entries: One for each claim.
        source: The catalog's source that the text is; None if it is none.
        as_of: The day the facts are of.
        catalog_edition: The edition of the facts.
        catalog_hash: The hash of the facts; see ``Catalog.content_hash``.
        trust: Whose facts were heard, most trusted first.
        library_version: The release that made the report.
    """

    title: str
    entries: tuple[AuditedClaim, ...]
    source: Source | None
    as_of: date
    catalog_edition: str
    catalog_hash: str
    trust: tuple[str, ...]
    library_version: str

    @cached_property
    def _by_id(self) -> dict[str, AuditedClaim]:
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict, in the order of :data:`VERDICTS`, zeros included."""
        return {verdict: len(self.by_verdict(verdict)) for verdict in VERDICTS}

    def by_verdict(self, *verdicts: str) -> tuple[AuditedClaim, ...]:
        """
        The claims with one of these verdicts, in the order of the text.

        Raises:
            UnknownNameError: There is no such verdict.
        """
        for verdict in verdicts:
            if verdict not in VERDICTS:
                raise UnknownNameError("verdict", verdict, VERDICTS)
        return tuple(entry for entry in self.entries if entry.verdict in verdicts)

    @property
    def sections(self) -> dict[str, tuple[AuditedClaim, ...]]:
        """The claims by the section they stand in, in the order of the text."""
        found: dict[str, list[AuditedClaim]] = {}
        for entry in self.entries:
            found.setdefault(entry.claim.section, []).append(entry)
        return {section: tuple(entries) for section, entries in found.items()}

    def __getitem__(self, name: str) -> AuditedClaim:
        """
        A claim by its id.

        Raises:
            UnknownNameError: There is none of that name.
        """
        found = self._by_id.get(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownNameError("claim", name, self._by_id)
        return found

    def __iter__(self) -> Iterator[AuditedClaim]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self._by_id

    def to_dict(self) -> dict[str, Any]:
        """The report in plain types, exact numbers as strings."""
        return {
            "schema_version": SCHEMA_VERSION,
            "library_version": self.library_version,
            "title": self.title,
            "source": None if self.source is None else self.source.id,
            "as_of": self.as_of.isoformat(),
            "catalog_edition": self.catalog_edition,
            "catalog_hash": self.catalog_hash,
            "trust": list(self.trust),
            "counts": self.counts,
            "claims": [entry.to_dict() for entry in self.entries],
        }

    def to_markdown(self) -> str:
        """The report as a Markdown page: the verdicts counted, then every claim with its arithmetic."""
        from llm_tradeoffs.show.claims import audit_markdown

        return audit_markdown(self)

    def __str__(self) -> str:
        from llm_tradeoffs.show.claims import audit_text

        return audit_text(self)

    def __repr__(self) -> str:
        counted = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items() if count) or "no claims"
        return f"<AuditReport of {self.title!r}: {counted}>"
