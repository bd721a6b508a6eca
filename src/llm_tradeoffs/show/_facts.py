"""What a catalog, a model, a policy, the cost of calls and the layers of a registry say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.money import PICO, Exact, Usd, divide
from llm_tradeoffs.rates import PER_MTOK
from llm_tradeoffs.show._answers import bill_table
from llm_tradeoffs.show._comparison import sources_of_line
from llm_tradeoffs.show._words import UNKNOWN, money, references, sentence, whole, yes_no
from llm_tradeoffs.show.data import Dataset, Series
from llm_tradeoffs.show.document import Block, Cell, Column, Document, Listing, Paragraph, Table

if TYPE_CHECKING:
    from llm_tradeoffs.calls import CallsCost
    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.costing import Cost, LineItem, WorkloadCost
    from llm_tradeoffs.model import Model
    from llm_tradeoffs.policy import Policy
    from llm_tradeoffs.pricing import PriceDiff, PriceExplanation

__all__ = [
    "calls_data",
    "calls_document",
    "catalog_data",
    "catalog_document",
    "catalog_plain",
    "cost_data",
    "cost_document",
    "model_data",
    "model_document",
    "model_plain",
    "policy_data",
    "policy_document",
    "policy_plain",
    "price_diff_data",
    "price_diff_document",
    "price_diff_plain",
    "prices_data",
    "prices_document",
    "prices_plain",
    "workload_cost_data",
    "workload_cost_document",
    "workload_cost_plain",
]

MOST_SHOWN: Final = 300
"""A catalog of thousands of models, read from a price list, is no table to look at. [rows]"""
_FLAGS: Final = (("supports_vision", "images"), ("supports_tools", "tools"), ("supports_batch", "batch service"))


# A catalog.


def _rate(model: Model, meter: str) -> Exact | None:
    rate = model.rates.rates("standard", 0)[meter]
    return None if rate is None else divide(rate.pico * PER_MTOK, PICO)


def _per_mtok(model: Model, meter: str) -> Usd | None:
    found = _rate(model, meter)
    return None if found is None else Usd(found)


def _field_cites(model: Model, *fields: str) -> tuple[str, ...]:
    cited = model.citations
    return tuple(dict.fromkeys(cited[name].source for name in fields if name in cited))


def catalog_document(catalog: Catalog) -> Document:
    """The models of a catalog on its day, and who says so."""
    models = catalog.models()
    prices = ("rates.standard.input_tokens", "rates.standard.output_tokens")
    rows = [
        [
            Cell(model.id),
            Cell(model.label),
            Cell(model.vendor or UNKNOWN),
            Cell(money(_per_mtok(model, "input_tokens"), 4), cites=_field_cites(model, prices[0])),
            Cell(money(_per_mtok(model, "output_tokens"), 4), cites=_field_cites(model, prices[1])),
            Cell(whole(model.context_window), cites=_field_cites(model, "context_window")),
            *(Cell(yes_no(getattr(model, field)), cites=_field_cites(model, field)) for field, _ in _FLAGS),
        ]
        for model in models[:MOST_SHOWN]
    ]
    columns = [
        Column("model"),
        Column("name"),
        Column("vendor"),
        Column("input", unit="USD/MTok", align="right"),
        Column("output", unit="USD/MTok", align="right"),
        Column("context window", unit="tokens", align="right"),
        *(Column(label) for _, label in _FLAGS),
    ]
    count = "1 model" if len(models) == 1 else f"{len(models)} models"
    gone = len(catalog.records) - len(models)
    notes = [f"Facts as of {catalog.as_of}, catalog {catalog.edition}."]
    if len(models) > MOST_SHOWN:
        notes.append(f"{len(models) - MOST_SHOWN:,} more: to_records() has them all.")
    if gone:
        notes.append(f"{gone} more of which nothing is recorded on that day.")
    cited = {source for row in rows for cell in row for source in cell.cites}
    blocks: list[Block] = [
        Table(caption=f"{count} in the catalog {catalog.edition}", columns=columns, rows=rows, notes=notes),
        Paragraph(f"{', '.join(catalog.trust)}.", "Trusted in this order"),
    ]
    if catalog.workloads:
        blocks.append(Paragraph(f"{', '.join(catalog.workloads)}.", "Presets"))
    sources = {name: catalog.sources[name] for name in catalog.trust if name in cited}
    sources |= {name: source for name, source in catalog.sources.items() if name in cited}
    return Document("", [*blocks, *references(sources)])


def catalog_data(catalog: Catalog) -> Dataset:
    """One row a model, on the catalog's day."""
    models = catalog.models()
    columns: list[Series] = [
        Series("model", "text", [model.id for model in models]),
        Series("name", "text", [model.label for model in models]),
        Series("vendor", "text", [model.vendor for model in models]),
        Series("input_price_usd_per_mtok", "number", [_rate(model, "input_tokens") for model in models]),
        Series("output_price_usd_per_mtok", "number", [_rate(model, "output_tokens") for model in models]),
        Series("context_window_tokens", "count", [model.context_window for model in models]),
        Series("max_output_tokens", "count", [model.max_output_tokens for model in models]),
    ]
    columns += [Series(field, "flag", [getattr(model, field) for model in models]) for field, _ in _FLAGS]
    columns += [
        Series("released_on", "day", [model.released_on for model in models]),
        Series("retires_on", "day", [model.retires_on for model in models]),
        Series("as_of", "day", [catalog.as_of] * len(models)),
    ]
    return Dataset.of(columns)


def catalog_plain(catalog: Catalog) -> dict[str, Any]:
    """The catalog on its day in plain types: every model with every fact that answers, and the sources."""
    from llm_tradeoffs._serial import to_plain

    return {
        "edition": catalog.edition,
        "as_of": catalog.as_of.isoformat(),
        "trust": list(catalog.trust),
        "candidates": None if catalog.candidates is None else list(catalog.candidates),
        "models": [model_plain(model) for model in catalog.models()],
        "workloads": {name: to_plain(workload) for name, workload in catalog.workloads.items()},
        "sources": {name: to_plain(source) for name, source in catalog.sources.items()},
    }


# A model.


def _said(fact: Fact) -> str:
    if isinstance(fact.value, bool):
        return yes_no(fact.value)
    return f"{fact.value:,}" if isinstance(fact.value, int) else fact.citation.value


def model_document(model: Model) -> Document:
    """Every fact that is known of a model, and who says so."""
    rows = [
        [
            Cell(field),
            Cell(_said(fact), cites=(fact.source.id,)),
            Cell("" if fact.effective_from is None else str(fact.effective_from)),
            Cell(fact.source.id),
            Cell(fact.place),
        ]
        for field, fact in model.sources.items()
    ]
    columns = [Column("fact"), Column("value"), Column("since"), Column("source"), Column("place")]
    names = [model.id, *model.aliases]
    vendor = f" by {model.vendor}" if model.vendor else ""
    return Document(
        "",
        [
            Table(caption=f"{model.label}{vendor}: what is known", columns=columns, rows=rows),
            Paragraph(f"{', '.join(names)}.", "Names"),
            *references(dict(sorted(model.cited_sources.items()))),
        ],
    )


def model_data(model: Model) -> Dataset:
    """One row a fact."""
    facts = list(model.sources.items())
    return Dataset.of(
        [
            Series("model", "text", [model.id] * len(facts)),
            Series("field", "text", [field for field, _ in facts]),
            Series("value", "text", [fact.citation.value for _, fact in facts]),
            Series("effective_from", "day", [fact.effective_from for _, fact in facts]),
            Series("source", "text", [fact.source.id for _, fact in facts]),
            Series("place", "text", [fact.place for _, fact in facts]),
            Series("url", "text", [fact.source.url for _, fact in facts]),
        ]
    )


def model_plain(model: Model) -> dict[str, Any]:
    """A model in plain types: its names, and every fact with its source."""
    return {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "aliases": list(model.aliases),
        "facts": {
            field: {
                "value": fact.citation.value,
                "source": fact.source.id,
                "place": fact.place,
                "effective_from": None if fact.effective_from is None else fact.effective_from.isoformat(),
            }
            for field, fact in model.sources.items()
        },
    }


# A policy.


def policy_document(policy: Policy) -> Document:
    """A decision tree: what is required, and every question with where its answers lead."""
    from llm_tradeoffs.assessment import REQUIREMENTS

    words = {requirement.id: requirement.question for requirement in REQUIREMENTS}
    rows = [
        [
            Cell(question.id),
            Cell(question.text),
            Cell(question.threshold),
            *(Cell(str(end) + (f" ({end.because})" if end.because else "")) for end in (question.yes, question.no)),
        ]
        for question in policy.questions
    ]
    columns = [Column("id"), Column("question"), Column("yes if"), Column("if yes"), Column("if no")]
    blocks: list[Block] = [Paragraph(policy.description)] if policy.description else []
    if policy.requirements:
        blocks.append(Listing("Required of every candidate", [words[name] for name in policy.requirements]))
    blocks.append(Table(caption="Questions, from the first one as the answers lead", columns=columns, rows=rows))
    if policy.source:
        blocks.append(Paragraph(f"{policy.source}.", "Source"))
    return Document(f"{policy.title} ({policy.id})", blocks)


def policy_data(policy: Policy) -> Dataset:
    """One row a question."""
    asked = policy.questions
    columns: list[Series] = [
        Series("policy", "text", [policy.id] * len(asked)),
        Series("question", "text", [question.id for question in asked]),
        Series("text", "text", [question.text for question in asked]),
        Series("yes_if", "text", [question.threshold for question in asked]),
    ]
    for name in ("yes", "no"):
        outcomes = [getattr(question, name) for question in asked]
        columns.append(Series(f"if_{name}", "text", [str(outcome) for outcome in outcomes]))
        columns.append(Series(f"if_{name}_because", "text", [outcome.because for outcome in outcomes]))
    return Dataset.of(columns)


def policy_plain(policy: Policy) -> dict[str, Any]:
    """A policy in plain types: every condition in words, and where its answers lead."""
    from llm_tradeoffs._serial import to_plain

    return {
        "id": policy.id,
        "title": policy.title,
        "description": policy.description,
        "source": policy.source,
        "requirements": list(policy.requirements),
        "questions": [
            {
                "id": question.id,
                "text": question.text,
                "when": question.threshold,
                "yes": to_plain(question.yes),
                "no": to_plain(question.no),
                "outranks": list(question.outranks),
            }
            for question in policy.questions
        ],
    }


# What calls cost.


def _bill_data(lines: Sequence[LineItem], model: str | None = None) -> Dataset:
    columns: list[Series] = [] if model is None else [Series("model", "text", [model] * len(lines))]
    columns += [
        Series("meter", "text", [line.meter for line in lines]),
        Series("service_tier", "text", [line.service_tier for line in lines]),
        Series("quantity", "number", [line.quantity for line in lines]),
        Series("price_usd", "number", [line.price.usd for line in lines]),
        Series("price_per", "count", [line.price.per for line in lines]),
        Series("cost_usd_low", "number", [line.low for line in lines]),
        Series("cost_usd_high", "number", [line.high for line in lines]),
        Series("assumption", "text", [line.assumption for line in lines]),
        Series("source", "text", [line.price.source.id for line in lines]),
    ]
    return Dataset.of(columns)


def _bill_sources(lines: Sequence[LineItem]) -> dict[str, Source]:
    return {source.id: source for line in lines for source in sources_of_line(line)}


def _between(low: Usd, high: Usd, digits: int = 12) -> str:
    return money(low, digits) if low == high else f"{money(low, digits)} to {money(high, digits)}"


def cost_document(cost: Cost) -> Document:
    """The bill of one call."""
    place = [cost.model.label, cost.service_tier, *([cost.region] if cost.region else [])]
    notes = [] if cost.as_of is None else [f"Prices of {cost.as_of}."]
    caption = f"{_between(cost.low, cost.high)} for one call to {', '.join(place)}"
    blocks: list[Block] = [bill_table(caption, cost.lines, notes)]
    if cost.assumptions:
        blocks.append(Listing("Assumed", cost.assumptions))
    return Document("", [*blocks, *references(_bill_sources(cost.lines))])


def cost_data(cost: Cost) -> Dataset:
    """One row a line of the bill."""
    return _bill_data(cost.lines, cost.model.id)


def workload_cost_document(cost: WorkloadCost) -> Document:
    """What a workload costs, with the bill of one request."""
    periods = [("request", cost.per_request, 12), ("day", cost.per_day, 2), ("month", cost.per_month, 2)]
    periods.append(("year" if cost.year_basis is None else f"year of {cost.year_basis}", cost.per_year, 2))
    rows = [[Cell(f"per {name}"), Cell(money(usd, digits))] for name, usd, digits in periods if usd is not None]
    blocks: list[Block] = [
        Table(
            caption="What the workload costs",
            columns=[Column(""), Column("cost", unit="USD", align="right")],
            rows=rows,
        ),
        bill_table("The bill of one request", cost.lines),
    ]
    if cost.notes:
        blocks.append(Listing("Assumed", cost.notes))
    return Document("", [*blocks, *references(_bill_sources(cost.lines))])


def workload_cost_data(cost: WorkloadCost) -> Dataset:
    """One row a line of the bill of one request."""
    return _bill_data(cost.lines)


def workload_cost_plain(cost: WorkloadCost) -> dict[str, Any]:
    """What a workload costs in plain types, amounts as exact decimal strings."""
    from llm_tradeoffs.costing import line_dict, usd_text

    amounts = {name: getattr(cost, f"per_{name}") for name in ("request", "day", "month", "year")}
    return {
        **{f"per_{name}_usd": None if usd is None else usd_text(usd) for name, usd in amounts.items()},
        "lines": [line_dict(line) for line in cost.lines],
        "year_basis": cost.year_basis,
        "notes": list(cost.notes),
    }


def calls_document(cost: CallsCost) -> Document:
    """What many calls cost: by model and length, by meter, and what has no cost."""
    of = "" if not cost.left_out else f" of {cost.calls:,}"
    caption = f"{_between(cost.low, cost.high)} for {cost.priced:,}{of} calls"
    rows = [
        [
            Cell(bucket.model),
            Cell(bucket.service_tier),
            Cell("" if bucket.above_input_tokens is None else f"{bucket.above_input_tokens:,}"),
            Cell("" if bucket.up_to_input_tokens is None else f"{bucket.up_to_input_tokens:,}"),
            Cell(f"{bucket.calls:,}"),
            Cell(_between(bucket.low, bucket.high)),
        ]
        for bucket in cost.buckets
    ]
    columns = [
        Column("model"),
        Column("tier"),
        Column("above", unit="input tokens", align="right"),
        Column("up to", unit="input tokens", align="right"),
        Column("calls", align="right"),
        Column("cost", unit="USD", align="right"),
    ]
    blocks: list[Block] = [
        Table(caption=caption, columns=columns, rows=rows),
        bill_table("The bill of all of them", cost.lines),
    ]
    if cost.left_out:
        left = [[Cell(each.reason), Cell(f"{each.calls:,}")] for each in cost.left_out]
        blocks.append(
            Table(caption="Without a cost", columns=[Column("reason"), Column("calls", align="right")], rows=left)
        )
    if cost.notes:
        blocks.append(Listing("Notes", [sentence(note) for note in cost.notes]))
    return Document("", [*blocks, *references(_bill_sources(cost.lines))])


def calls_data(cost: CallsCost) -> Dataset:
    """One row for each model, tier and length of request."""
    rows = cost.buckets
    return Dataset.of(
        [
            Series("model", "text", [row.model for row in rows]),
            Series("service_tier", "text", [row.service_tier for row in rows]),
            Series("above_input_tokens", "count", [row.above_input_tokens for row in rows]),
            Series("up_to_input_tokens", "count", [row.up_to_input_tokens for row in rows]),
            Series("calls", "count", [row.calls for row in rows]),
            Series("cost_usd_low", "number", [row.low for row in rows]),
            Series("cost_usd_high", "number", [row.high for row in rows]),
        ]
    )


# The layers of a registry.


def prices_document(found: PriceExplanation) -> Document:
    """Which layer answers for each price, and whom it hides."""
    rows: list[list[Cell]] = []
    sources: dict[str, Source] = {}
    for answer in found.answers:
        sources |= {price.source.id: price.source for price in answer.prices}
        cites = tuple(dict.fromkeys(price.source.id for price in answer.prices))
        rows.append(
            [
                Cell(answer.meter),
                Cell(answer.service_tier if answer.region is None else f"{answer.service_tier} in {answer.region}"),
                Cell("; ".join(map(str, answer.prices)), cites=cites),
                Cell(answer.layer),
                Cell("; ".join(f"{layer}: {', '.join(map(str, prices))}" for layer, prices in answer.hidden)),
            ]
        )
    for factor in found.factors:
        sources[factor.factor.source.id] = factor.factor.source
        rows.append(
            [
                Cell(", ".join(factor.meters)),
                Cell(factor.service_tier or factor.region or ""),
                Cell(str(factor.factor), cites=(factor.factor.source.id,)),
                Cell(factor.layer),
                Cell("; ".join(f"{layer}: {row}" for layer, row in factor.hidden)),
            ]
        )
    alias = "" if found.asked == found.model else f" (asked for as {found.asked!r})"
    columns = [
        Column("meter"),
        Column("tier"),
        Column("price"),
        Column("layer that answers"),
        Column("hidden below it"),
    ]
    notes = [f"Prices of {found.as_of}.", f"Asked in this order: {', '.join(found.layers)}."]
    table = Table(caption=f"Prices of {found.model}{alias}", columns=columns, rows=rows, notes=notes)
    return Document("", [table, *references(sources)])


def prices_data(found: PriceExplanation) -> Dataset:
    """One row for each price row that answers."""
    rows = [(answer, price) for answer in found.answers for price in answer.prices]
    return Dataset.of(
        [
            Series("model", "text", [found.model] * len(rows)),
            Series("meter", "text", [answer.meter for answer, _ in rows]),
            Series("service_tier", "text", [answer.service_tier for answer, _ in rows]),
            Series("region", "text", [answer.region for answer, _ in rows]),
            Series("layer", "text", [answer.layer for answer, _ in rows]),
            Series("price_usd", "number", [price.usd for _, price in rows]),
            Series("price_per", "count", [price.per for _, price in rows]),
            Series("above_input_tokens", "count", [price.above_input_tokens for _, price in rows]),
            Series("effective_from", "day", [price.effective_from for _, price in rows]),
            Series("source", "text", [price.source.id for _, price in rows]),
        ]
    )


def prices_plain(found: PriceExplanation) -> dict[str, Any]:
    """Which layer answers for each price, in plain types."""
    return {
        "asked": found.asked,
        "model": found.model,
        "as_of": found.as_of.isoformat(),
        "layers": list(found.layers),
        "answers": [
            {
                "meter": answer.meter,
                "service_tier": answer.service_tier,
                "region": answer.region,
                "layer": answer.layer,
                "prices": [str(price) for price in answer.prices],
                "hidden": {layer: [str(price) for price in prices] for layer, prices in answer.hidden},
            }
            for answer in found.answers
        ],
        "factors": [
            {
                "meters": list(answer.meters),
                "service_tier": answer.service_tier,
                "region": answer.region,
                "layer": answer.layer,
                "factor": str(answer.factor),
                "hidden": {layer: str(row) for layer, row in answer.hidden},
            }
            for answer in found.factors
        ],
    }


def price_diff_document(found: PriceDiff) -> Document:
    """What differs between two registries."""
    if not found:
        return Document("", [Paragraph("No difference.")])
    rows = [
        [
            Cell(change.model),
            Cell(change.field.removeprefix("rates.")),
            *(Cell("not stated" if row is None else str(row)) for row in (change.old, change.new)),
        ]
        for change in found.changed
    ]
    blocks: list[Block] = []
    if rows:
        columns = [Column("model"), Column("price"), Column("old"), Column("new")]
        blocks.append(Table(caption="Prices that changed", columns=columns, rows=rows))
    for head, items in (
        ("Added", found.added),
        ("Removed", found.removed),
        ("Renamed", tuple(f"{old} is now {new}" for old, new in found.renamed)),
    ):
        if items:
            blocks.append(Listing(head, items))
    return Document("", blocks)


def price_diff_data(found: PriceDiff) -> Dataset:
    """One row a price that changed."""
    changed = found.changed
    return Dataset.of(
        [
            Series("model", "text", [change.model for change in changed]),
            Series("field", "text", [change.field for change in changed]),
            Series("old", "text", [None if change.old is None else str(change.old) for change in changed]),
            Series("new", "text", [None if change.new is None else str(change.new) for change in changed]),
        ]
    )


def price_diff_plain(found: PriceDiff) -> dict[str, Any]:
    """What differs between two registries, in plain types."""
    return {
        "added": list(found.added),
        "removed": list(found.removed),
        "renamed": [list(pair) for pair in found.renamed],
        "changed": price_diff_data(found).records(),
    }
