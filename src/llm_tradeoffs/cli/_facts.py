"""What the catalog knows: models and everything else that has a name in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from llm_tradeoffs.cli import _complete
from llm_tradeoffs.cli._options import Facts, whole
from llm_tradeoffs.cli._output import Output
from llm_tradeoffs.cli._run import NO, OK, verb
from llm_tradeoffs.errors import CatalogError, InvalidValueError, UnknownNameError

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.model import Model
    from llm_tradeoffs.show.document import Document
    from llm_tradeoffs.workload import Workload

__all__ = ["verbs"]

PANEL = "What is known"

verbs = typer.Typer()

_ABILITIES: Final = {
    "vision": "supports_vision",
    "tools": "supports_tools",
    "batch": "supports_batch",
    "structured_output": "supports_structured_output",
}
_ORDERS: Final = ("id", "input", "output", "context")


@verb(
    verbs,
    "models",
    panel=PANEL,
    examples=[
        "models",
        "models haiku",
        "models --vendor openai --need vision --sort input",
        "models --min-context 500000 --as-of 2026-03-15 --json",
    ],
)
def models(
    *,
    facts: Facts,
    output: Output,
    text: Annotated[
        str | None,
        typer.Argument(metavar="[TEXT]", help="Only those with this in a name.", show_default=False),
    ] = None,
    vendor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VENDOR",
            help="Only those of this vendor; once for each.",
            show_default=False,
            autocompletion=_complete.vendors,
        ),
    ] = None,
    need: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(_ABILITIES),
            help="Only those that are known to do this; once for each.",
            show_default=False,
            autocompletion=_complete.words(*_ABILITIES),
        ),
    ] = None,
    min_context: Annotated[
        str | None,
        typer.Option(metavar="N", help="Only those with at least this context window.", show_default=False),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="|".join(_ORDERS), help="The order.", autocompletion=_complete.words(*_ORDERS))
    ] = "id",
) -> int:
    """
    The models of which something is known, with their prices and limits.

    Ends with 1 if there is none like that.
    """
    held = facts.held()
    if sort not in _ORDERS:
        raise UnknownNameError("order", sort, _ORDERS)
    vendors = {record.vendor for record in held.records.values() if record.vendor is not None}
    for name in vendor or ():
        if name not in vendors:
            raise UnknownNameError("vendor", name, vendors)
    for name in need or ():
        if name not in _ABILITIES:
            raise UnknownNameError("need", name, _ABILITIES)
    least = None if min_context is None else whole(min_context, "--min-context")
    found = [
        model
        for model in held.models(facts.as_of)
        if (text is None or _is_called(model, text))
        and (not vendor or model.vendor in vendor)
        and all(getattr(model, _ABILITIES[name]) for name in need or ())
        and (least is None or (model.context_window is not None and model.context_window >= least))
    ]
    found.sort(key=lambda model: _place(model, sort))
    output.print(_models_document(held, found, facts.as_of), lambda: [_row(model) for model in found])
    return OK if found else NO


def _is_called(model: Model, text: str) -> bool:
    return any(text.casefold() in name.casefold() for name in (model.id, model.name or "", *model.aliases))


def _place(model: Model, order: str) -> tuple[bool, Any, str]:
    """Where a model stands; one whose value is unknown comes last."""
    value: Any = None
    if order == "context":
        value = None if model.context_window is None else -model.context_window
    elif order != "id":
        value = _pico(model, f"{order}_tokens")
    return (value is None and order != "id", value or 0, model.id)


def _pico(model: Model, meter: str) -> Any:
    """The standard price of a short request. [10^-12 USD per token]"""
    rate = model.rates.rates("standard", 0)[meter]
    return None if rate is None else rate.pico


def _row(model: Model) -> dict[str, object]:
    from llm_tradeoffs.money import PICO, divide, exact_text
    from llm_tradeoffs.rates import PER_MTOK

    def price(meter: str) -> str | None:
        pico = _pico(model, meter)
        return None if pico is None else exact_text(divide(pico * PER_MTOK, PICO))

    return {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "input_usd_per_mtok": price("input_tokens"),
        "output_usd_per_mtok": price("output_tokens"),
        "input_tokens_with_other_prices_above": list(model.rates.breakpoints()),
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        **{field: getattr(model, field) for field in _ABILITIES.values()},
        "released_on": None if model.released_on is None else model.released_on.isoformat(),
        "retires_on": None if model.retires_on is None else model.retires_on.isoformat(),
    }


def _models_document(held: Catalog, found: Sequence[Model], as_of: str | None) -> Document:
    from llm_tradeoffs.money import Usd
    from llm_tradeoffs.show.document import Cell, Column, Document, Paragraph, Table

    if not found:
        return Document("", [Paragraph("No model is like that.")])

    def count(value: int | None) -> Cell:
        return Cell("unknown" if value is None else f"{value:,}")

    def price(row: dict[str, object], meter: str, model: Model) -> Cell:
        text = row[f"{meter}_usd_per_mtok"]
        if text is None:
            stated = any(each.meter == f"{meter}_tokens" for each in model.rates.prices)
            return Cell("varies" if stated else "unknown")
        return Cell(str(Usd(str(text))), mark="+" if row["input_tokens_with_other_prices_above"] else "")

    rows: list[list[Cell]] = []
    for model in found:
        plain = _row(model)
        rows.append(
            [
                Cell(model.id),
                price(plain, "input", model),
                price(plain, "output", model),
                count(model.context_window),
                count(model.max_output_tokens),
                Cell({True: "yes", False: "no", None: "unknown"}[model.supports_vision]),
            ]
        )
    day = held.as_of if as_of is None else as_of
    notes = [
        f"Prices of the standard tier, as of {day}, catalog {held.edition}. `llm-tradeoffs explain MODEL` gives all "
        "facts with their sources."
    ]
    if any(cell.mark for row in rows for cell in row):
        notes.insert(0, "+ longer requests have another price.")
    columns = [
        Column("model"),
        Column("input", unit="USD/MTok", align="right", marks=True),
        Column("output", unit="USD/MTok", align="right", marks=True),
        Column("context", unit="tokens", align="right"),
        Column("output at most", unit="tokens", align="right"),
        Column("reads images"),
    ]
    caption = "1 model" if len(found) == 1 else f"{len(found)} models"
    return Document("", [Table(caption=caption, columns=columns, rows=rows, notes=notes)])


# The catalog.

Rows = tuple[str, list[str], list[list[object]]]


def _volume(work: Workload) -> str | None:
    from llm_tradeoffs.money import grouped

    basis = work.volume_basis
    times = None if basis is None else work.requests_in(basis)
    return None if times is None else f"{grouped(times)} a {basis}"


def _workloads(held: Catalog) -> Rows:
    rows: list[list[object]] = [
        [
            each.name,
            each.title,
            each.input_tokens,
            each.output_tokens,
            _volume(each),
            each.task,
        ]
        for each in held.presets
    ]
    return "Workloads", ["id", "name", "input_tokens", "output_tokens", "requests", "task"], rows


def _policies(held: Catalog) -> Rows:
    from llm_tradeoffs.policy import Policy

    found = [Policy.named(name, held) for name in sorted(held.policy_texts)]
    return "Policies", ["id", "title", "questions"], [[each.id, each.title, len(each.questions)] for each in found]


def _claims(held: Catalog) -> Rows:
    from llm_tradeoffs.claims import Claims

    found = [Claims.named(name, held) for name in sorted(held.claims_texts)]
    return "Claims files", ["id", "title", "claims"], [[each.id, each.title, len(each.claims)] for each in found]


def _tasks(held: Catalog) -> Rows:
    rows: list[list[object]] = [[each.id, each.name, each.benchmark] for each in held.tasks.values()]
    return "Tasks", ["id", "name", "benchmark"], rows


def _benchmarks(held: Catalog) -> Rows:
    rows: list[list[object]] = [[each.id, each.name, each.unit, each.measures] for each in held.benchmarks.values()]
    return "Benchmarks", ["id", "name", "unit", "measures"], rows


def _sources(held: Catalog) -> Rows:
    rows: list[list[object]] = [
        [
            each.id,
            str(each),
            each.kind,
            None if each.checked_on is None else each.checked_on.isoformat(),
            held.trust.index(each.id) + 1 if each.id in held.trust else None,
        ]
        for each in held.sources.values()
    ]
    return "Sources", ["id", "title", "kind", "checked_on", "trusted_as"], rows


_PARTS: Final[dict[str, Callable[[Catalog], Rows]]] = {
    "workloads": _workloads,
    "policies": _policies,
    "claims": _claims,
    "tasks": _tasks,
    "benchmarks": _benchmarks,
    "sources": _sources,
}
PARTS: Final = ("summary", *_PARTS, "conflicts", "check")


@verb(
    verbs,
    "catalog",
    panel=PANEL,
    examples=[
        "catalog",
        "catalog workloads",
        "catalog conflicts --model gpt-4.1-mini",
        "catalog check --catalog my-catalog",
        "catalog --write my-catalog",
    ],
)
def catalog(
    *,
    facts: Facts,
    output: Output,
    part: Annotated[
        str,
        typer.Argument(metavar="|".join(PARTS), help="What to show of it.", autocompletion=_complete.words(*PARTS)),
    ] = "summary",
    model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Conflicts about this one only.", show_default=False, autocompletion=_complete.models
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the catalog as a folder of TOML files, to edit.", show_default=False),
    ] = None,
) -> int:
    """
    What is in the catalog: its edition and trust order, its workloads, policies, sources; where sources disagree.

    `check` reads every file of it; it ends with 1 and lists the faults, if there are any.
    """
    if part not in PARTS:
        raise UnknownNameError("part of a catalog", part, PARTS)
    if model is not None and part != "conflicts":
        raise InvalidValueError(f"--model is for the conflicts; of {part} it has no meaning.")
    if part == "check":
        return _check(facts, output)
    held = facts.held()
    if write is not None:
        held.to_path(write)
    if part == "conflicts":
        _print_conflicts(held, model, facts.as_of, output)
    elif part == "summary":
        summary = _summary(held)
        output.print(_summary_document(summary), lambda: summary)
    else:
        caption, columns, rows = _PARTS[part](held)
        _print_table(output, caption, columns, rows)
    return OK


def _summary(held: Catalog) -> dict[str, object]:
    return {
        "edition": held.edition,
        "as_of": held.as_of.isoformat(),
        "content_hash": held.content_hash,
        "trust": list(held.trust),
        "candidates": None if held.candidates is None else list(held.candidates),
        "models": len(held),
        **{name: len(read(held)[2]) for name, read in _PARTS.items()},
    }


def _summary_document(summary: Mapping[str, Any]) -> Document:
    from llm_tradeoffs.show.document import Document, Listing, Paragraph

    counts = ", ".join(f"{summary[name]} {name}" for name in ("models", *_PARTS))
    named = summary["candidates"]
    return Document(
        f"Catalog {summary['edition']}, questions about {summary['as_of']} unless they say another day",
        [
            Paragraph(f"{counts}."),
            Paragraph("every model" if named is None else ", ".join(named), head="Candidates, if none are named"),
            Paragraph(summary["content_hash"], head="SHA-256"),
            Listing("Trusted sources, the first one first", summary["trust"]),
        ],
    )


def _print_table(output: Output, caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    from llm_tradeoffs.money import exact_text, grouped
    from llm_tradeoffs.show.document import Cell, Column, Document, Table

    kept = [list(row) for row in rows]
    exact_columns = {"input_tokens", "output_tokens"}

    def text(name: str, value: Any) -> str:
        return "" if value is None else grouped(value) if name in exact_columns else str(value)

    def plain() -> list[dict[str, object]]:
        return [
            {
                name: exact_text(value) if name in exact_columns and not isinstance(value, str | None) else value  # type: ignore[arg-type]  # numbers are left
                for name, value in zip(columns, row, strict=True)
            }
            for row in kept
        ]

    table = Table(
        caption=caption,
        columns=[
            Column(name.replace("_", " "), align="right" if name in exact_columns else "left") for name in columns
        ],
        rows=[[Cell(text(name, value)) for name, value in zip(columns, row, strict=True)] for row in kept],
    )
    output.print(Document("", [table]), plain)


def _print_conflicts(held: Catalog, model: str | None, as_of: str | None, output: Output) -> None:
    from llm_tradeoffs._serial import to_plain
    from llm_tradeoffs.show.document import Cell, Column, Document, Paragraph, Table

    found = held.conflicts(model, as_of)
    rows = [
        [
            Cell(conflict.subject),
            Cell(conflict.field),
            Cell("; ".join(f"{fact.source.id} says {fact.citation.value}" for fact in conflict.facts)),
        ]
        for conflict in found
    ]
    about = "about every model" if model is None else f"about {held.resolve(model, as_of)}"
    table = Table(
        caption=f"Where sources disagree {about}; the first one answers",
        columns=[Column("about"), Column("what"), Column("said")],
        rows=rows,
    )
    none = Paragraph(f"No trusted sources disagree {about}.")
    plain = [
        {
            "subject": conflict.subject,
            "field": conflict.field,
            "facts": [to_plain(fact.citation) for fact in conflict.facts],
        }
        for conflict in found
    ]
    output.print(Document("", [table if found else none]), lambda: plain)


def _check(facts: Facts, output: Output) -> int:
    from llm_tradeoffs.catalog import Catalog, catalog_root
    from llm_tradeoffs.show.document import Document, Listing, Paragraph

    root = Path(str(catalog_root())) if facts.catalog is None else facts.catalog
    try:
        held = Catalog.from_path(root)
    except CatalogError as problem:
        faults = [
            {"path": fault.path, "line": fault.line, "where": fault.where, "problem": fault.problem}
            for fault in problem.faults
        ]
        head = "1 problem" if len(faults) == 1 else f"{len(faults)} problems"
        if output.is_text:  # one fault a line, as linters have it
            typer.echo("\n".join([*map(str, problem.faults), head]))
        else:
            output.print(Document("", [Listing(head, map(str, problem.faults))]), lambda: {"faults": faults})
        return NO
    said = f"Nothing is wrong with {root}: {len(held)} models, {len(held.sources)} sources."
    output.print(Document("", [Paragraph(said)]), lambda: {"faults": [], **_summary(held)})
    return OK
