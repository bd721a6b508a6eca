"""All that is known of something that has a name: ``explain``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llm_tradeoffs.cli._later import saved
from llm_tradeoffs.cli._options import Candidates, Choice, Facts, Work, is_file, is_saved, rules_of
from llm_tradeoffs.errors import UnknownNameError
from llm_tradeoffs.show.document import Block, Cell, Column, Document, Heading, Listing, Paragraph, References, Table

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog, Task
    from llm_tradeoffs.facts import Fact, Source
    from llm_tradeoffs.model import Model
    from llm_tradeoffs.policy import Policy
    from llm_tradeoffs.rates import Multiplier, Price
    from llm_tradeoffs.recommendation import Recommendation
    from llm_tradeoffs.workload import Workload

__all__ = ["KINDS", "explained"]

Answer = tuple[Document, Callable[[], object]]

KINDS: Final = ("model", "preset", "policy", "task", "benchmark", "source")
_MOST_REASONS: Final = 5
"""Of so many rivals the prose says why not; JSON says it of all."""


def explained(
    subject: str | None, kind: str | None, *, work: Work, candidates: Candidates, choice: Choice, facts: Facts
) -> Answer:
    """
    What is known of *subject*, for people and as plain types.

    Raises:
        UnknownNameError: Nothing is called that, or nothing of that kind.
        InvalidValueError: A saved answer is none.
    """
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("kind", kind, KINDS)
    if subject is not None and is_saved(subject):
        return _told(saved(subject))
    held = facts.held()
    if subject is None or (is_file(subject) and kind != "policy"):
        return _recommended(work.asked(held, subject), candidates, choice, held, facts.as_of)
    if kind == "policy":
        return _policy(rules_of(subject, held))
    names: dict[str, Iterable[str]] = {
        "model": held.names,
        "preset": held.workloads,
        "policy": held.policy_texts,
        "task": held.tasks,
        "benchmark": held.benchmarks,
        "source": held.sources,
    }
    found = [each for each, known in names.items() if subject in known or (each == "model" and subject in held)]
    if kind is not None and kind not in found:
        raise UnknownNameError(kind, subject, names[kind])
    if not found:
        raise UnknownNameError(
            "model, preset, policy, task, benchmark or source",
            subject,
            {name for known in names.values() for name in known},
        )
    first = kind or found[0]
    if first == "preset":
        document, plain = _recommended(work.asked(held, subject), candidates, choice, held, facts.as_of)
    else:
        document, plain = _of_kind(first, subject, held, facts.as_of)
    others = [each for each in found if each != first]
    if kind is None and others:
        also = f"{subject} is the name of a {' and of a '.join(others)}, too: --kind {others[0]} explains that."
        document = Document(document.title, [*document.blocks, Paragraph(also)])
    return document, plain


def _of_kind(kind: str, name: str, held: Catalog, as_of: str | None) -> Answer:
    if kind == "model":
        return _model(held, held.model(name, as_of), as_of)
    if kind == "policy":
        return _policy(rules_of(name, held))
    if kind == "task":
        return _properties(held.task(name), held.task(name).name)
    if kind == "benchmark":
        return _benchmark(held, name)
    return _properties(held.sources[name], held.sources[name].title)


# A recommendation, new or saved.


def _recommended(work: Workload, candidates: Candidates, choice: Choice, held: Catalog, as_of: str | None) -> Answer:
    from llm_tradeoffs.recommendation import Recommendation

    answer = choice.recommend(work, candidates, held, as_of)
    assert isinstance(answer, Recommendation)  # one workload, one answer
    return _told(answer)


def _told(answer: Recommendation) -> Answer:
    """The answer, why not the others, and what would change it."""
    from llm_tradeoffs._serial import to_plain
    from llm_tradeoffs.show.faces import document_of

    document = document_of(answer)
    blocks: list[Block] = [block for block in document.blocks if not isinstance(block, References)]
    reasons = answer.why_not_each if answer.status == "selected" else ()
    if reasons:
        blocks.append(Heading("Why not the others"))
        for why in reasons[:_MOST_REASONS]:
            blocks.extend(_inner(document_of(why)))
        if len(reasons) > _MOST_REASONS:
            blocks.append(Paragraph(f"And {len(reasons) - _MOST_REASONS} more: llm-tradeoffs why-not MODEL."))
    flips = answer.flips()
    blocks += [Heading("What would change it"), *_inner(document_of(flips))]
    blocks += [block for block in document.blocks if isinstance(block, References)]

    def plain() -> dict[str, object]:
        return {
            "recommendation": answer.to_dict(),
            "why_not": [to_plain(why) for why in reasons],
            "flips": to_plain(flips),
        }

    return Document(document.title, blocks), plain


def _inner(document: Document) -> list[Block]:
    """The blocks of a document within another one: its title is a sentence of it."""
    return [*([Paragraph(document.title)] if document.title else []), *document.blocks]


def _policy(policy: Policy) -> Answer:
    from llm_tradeoffs._serial import to_plain
    from llm_tradeoffs.show.faces import document_of

    return document_of(policy), lambda: to_plain(policy)


# Facts.


def _model(held: Catalog, model: Model, as_of: str | None) -> Answer:
    from llm_tradeoffs.show.faces import document_of

    document = document_of(model)
    blocks: list[Block] = [block for block in document.blocks if not isinstance(block, References)]
    if model.aliases:
        blocks.append(Paragraph(", ".join(model.aliases), head="Also called"))
    conflicts = held.conflicts(model.id, as_of)
    if conflicts:
        said = [
            f"{conflict.field}: " + "; ".join(f"{fact.source.id} says {_value(fact)}" for fact in conflict.facts)
            for conflict in conflicts
        ]
        blocks.append(Listing("Sources disagree; the first one answers", said))
    blocks.append(Paragraph(f"Facts as of {held.as_of if as_of is None else as_of}, catalog {held.edition}."))
    blocks += [block for block in document.blocks if isinstance(block, References)]
    return Document(document.title, blocks), lambda: _model_plain(held, model, as_of)


def _value(fact: Fact) -> str:
    value = fact.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else fact.citation.value


def _model_plain(held: Catalog, model: Model, as_of: str | None) -> dict[str, object]:
    """All that is known of a model, in plain types; exact numbers as strings."""
    from llm_tradeoffs._serial import to_plain

    def said(fact: Fact) -> Any:
        return to_plain(fact.citation)

    return {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "aliases": list(model.aliases),
        "as_of": str(held.as_of if as_of is None else as_of),
        "catalog_edition": held.edition,
        "prices": [_row_plain(row) for row in model.rates.prices],
        "multipliers": [_row_plain(row) for row in model.rates.multipliers],
        "facts": [said(fact) for name, fact in model.sources.items() if not name.startswith("rates.")],
        "conflicts": [
            {"field": conflict.field, "facts": [said(fact) for fact in conflict.facts]}
            for conflict in held.conflicts(model.id, as_of)
        ],
    }


def _row_plain(row: Price | Multiplier) -> dict[str, object]:
    """A price or factor in plain types, its source by its id."""
    from llm_tradeoffs.costing import usd_text
    from llm_tradeoffs.money import Usd, exact_text
    from llm_tradeoffs.rates import Multiplier

    found: dict[str, object] = {}
    for field in attrs.fields(type(row)):
        value: Any = getattr(row, field.name)
        if isinstance(value, Usd):
            value = usd_text(value)
        elif isinstance(value, date):
            value = value.isoformat()
        elif field.name == "source":
            value = value.id
        elif field.name == "window" and value is not None:
            value = str(value)
        elif isinstance(value, tuple):
            value = list(cast("tuple[str, ...]", value))
        found[field.name] = value
    if isinstance(row, Multiplier):
        found["factor"] = exact_text(row.factor)
    return found


def _properties(value: Task | Source, title: str) -> Answer:
    """What a task or source of the catalog says of itself."""
    stated = attrs.asdict(value)
    plain = {name: each.isoformat() if isinstance(each, date) else each for name, each in stated.items()}
    said = [f"{name.replace('_', ' ')}: {each}" for name, each in plain.items() if each not in (None, "")]
    return Document("", [Listing(title, said)]), lambda: plain


def _benchmark(held: Catalog, name: str) -> Answer:
    from llm_tradeoffs._serial import to_plain

    benchmark = held.benchmark(name)
    scored: list[tuple[str, str, str]] = []
    for model in held.models():
        score = model.score(name)
        if score is not None:
            said = "unknown" if score.value is None and score.judgement is None else str(score.value or score.judgement)
            scored.append((model.id, said, model.sources[f"scores.{name}"].source.id))
    blocks: list[Block] = [
        Paragraph(benchmark.measures),
        Table(
            caption=f"Scores on {benchmark.name}",
            columns=[Column("model"), Column("score"), Column("source")],
            rows=[[Cell(text) for text in row] for row in scored],
        ),
    ]

    def plain() -> dict[str, object]:
        return {
            "id": benchmark.id,
            "name": benchmark.name,
            "measures": benchmark.measures,
            "unit": benchmark.unit,
            "scale": None if benchmark.scale is None else list(benchmark.scale),
            "higher_is_better": benchmark.higher_is_better,
            "facts": [to_plain(fact.citation) for fact in benchmark.facts],
            "scores": [{"model": model, "score": said, "source": source} for model, said, source in scored],
        }

    return Document(benchmark.name, blocks), plain
