"""Every model of the catalog as a page: what each source says, and where sources disagree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import llm_tradeoffs as lt
from llm_tradeoffs.catalog import ModelRecord


def cell(value: object) -> str:
    """Text as it may stand in a cell of a Markdown table."""
    if value is None or value == "":
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return re.sub(r"([\\`*_{}\[\]<>|~$#])", r"\\\1", text).replace("\n", " ")


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A Markdown table, without the columns that no row fills."""
    cells = [[cell(value) for value in row] for row in rows]
    kept = [(index, head) for index, head in enumerate(heads) if any(row[index] for row in cells)]
    lines = [f"| {' | '.join(head for _, head in kept)} |", f"|{' --- |' * len(kept)}"]
    return [*lines, *(f"| {' | '.join(row[index] for index, _ in kept)} |" for row in cells), ""]


def where(fact: lt.Fact | lt.Price) -> str:
    """Who says so and where, and what the catalog notes about it."""
    said = f"{fact.source.id}: {fact.place}" if fact.place else fact.source.id
    return f"{said} ({fact.note})" if fact.note else said


def page_name(record: ModelRecord) -> str:
    """The file name of a model's page."""
    return re.sub(r"[^a-z0-9.-]", "-", record.id.lower())


def model_page(record: ModelRecord, conflicts: Iterable[lt.Conflict]) -> str:
    """Everything that every source says about a model."""
    mine = [each for each in conflicts if each.subject == record.id]
    cited = {fact.source.id: fact.source for fact in (*record.facts, *record.scores)}
    cited |= {price.source.id: price.source for price in record.prices}
    lines = [f"# {cell(record.name or record.id)}", ""]
    lines += [f"`{record.id}`, of {cell(record.vendor) or 'an unknown vendor'}.", ""]
    lines += (
        ["Also called: " + ", ".join(f"`{alias.name}`" for alias in record.aliases) + ".", ""] if record.aliases else []
    )
    lines += ["Where sources disagree, all of them are here; the first under the catalog's order of trust answers.", ""]
    if record.facts:
        lines += ["## Facts", ""]
        lines += table(
            ("property", "value", "from", "who says so, and where"),
            (
                (
                    fact.field,
                    f"{fact.value:,}" if type(fact.value) is int else fact.value,
                    fact.effective_from,
                    where(fact),
                )
                for fact in sorted(record.facts, key=lambda fact: fact.field)
            ),
        )
    if record.scores:
        lines += ["## Benchmarks", ""]
        lines += table(
            ("benchmark", "score", "from", "who says so, and where"),
            (
                (
                    fact.field.removeprefix("scores."),
                    fact.citation.value
                    if not isinstance(fact.value, lt.Score)
                    else fact.value.value or fact.value.judgement,
                    fact.effective_from,
                    where(fact),
                )
                for fact in record.scores
            ),
        )
    if record.prices:
        lines += ["## Prices", "", "In US dollars, for each million of tokens, or for each unit of a fee.", ""]
        lines += table(
            ("meter", "tier", "price", "per", "holds for", "from", "until", "who says so, and where"),
            (
                (
                    price.meter,
                    price.service_tier,
                    price.usd,
                    f"{price.per:,}",
                    conditions(price),
                    price.effective_from,
                    price.effective_until,
                    where(price),
                )
                for price in record.prices
            ),
        )
    if mine:
        lines += ["## Conflicts", "", "What sources say differently today; the first answers.", ""]
        lines += table(
            ("property", *("says",)),
            (
                (each.field, "; ".join(f"{fact.source.id}: {fact.citation.value}" for fact in each.facts))
                for each in mine
            ),
        )
    lines += ["## Sources", ""]
    for source in sorted(cited.values(), key=lambda source: source.id):
        address = f" <{source.url}>" if source.url else ""
        read = f" Read on {source.checked_on}." if source.checked_on else ""
        lines.append(
            f"- `{source.id}`: {cell(source)}.{address}{read}" + (f" {cell(source.note)}." if source.note else "")
        )
    return "\n".join([*lines, ""])


def score_text(fact: lt.Fact) -> object:
    """A result as people read it: a number, or a judgement in words."""
    score = fact.value
    return (score.value or score.judgement) if isinstance(score, lt.Score) else fact.citation.value


def conditions(price: lt.Price) -> str:
    """When a price holds, beyond its tier and days."""
    said = [
        f"region {price.region}" if price.region else "",
        f"above {price.above_input_tokens:,} input tokens" if price.above_input_tokens is not None else "",
        f"from {price.from_input_tokens:,} input tokens" if price.from_input_tokens is not None else "",
        f"beyond {price.above_quantity:,}" if price.above_quantity is not None else "",
        f"at least {price.minimum_quantity:,}" if price.minimum_quantity is not None else "",
        str(price.window) if price.window is not None else "",
    ]
    return "; ".join(filter(None, said))


def catalog_pages(pages: Path) -> None:
    """One page a model, and an index by vendor."""
    catalog = lt.Catalog.bundled()
    conflicts = catalog.conflicts()
    folder = pages / "catalog" / "models"
    folder.mkdir(parents=True)
    records = sorted(catalog.records.values(), key=lambda record: (record.vendor or "", record.id))
    day = catalog.as_of
    lines = ["# The catalog", ""]
    lines += [f"Edition {catalog.edition}, facts of {day}: {len(records)} models, {len(catalog.sources)} sources.", ""]
    lines += ["[How the files are written](format.md)", ""]
    for vendor, models in groupby(records, key=lambda record: record.vendor or "unknown vendor"):
        lines += [f"## {cell(vendor)}", ""]
        lines += [
            "| model | input | output | context | facts | conflicts |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for record in models:
            (folder / f"{page_name(record)}.md").write_text(model_page(record, conflicts), encoding="utf-8")
            lines.append(index_row(record, catalog, conflicts))
        lines.append("")
    lines += ["Prices are in US dollars per million tokens, standard tier, short requests.", ""]
    lines += [
        "```{toctree}",
        ":hidden:",
        "",
        "format",
        *(f"models/{page_name(record)}" for record in records),
        "```",
        "",
    ]
    (pages / "catalog" / "index.md").write_text("\n".join(lines), encoding="utf-8")


def index_row(record: ModelRecord, catalog: lt.Catalog, conflicts: Iterable[lt.Conflict]) -> str:
    """A model in the index."""
    try:
        model = catalog.model(record.id)
    except lt.NoFactOnDateError:
        price, window = ["no longer", "no longer"], ""
    else:
        price = [
            next((str(row.usd) for row in model.rates.prices if row.meter == meter and _plain(row)), "unknown")
            for meter in ("input_tokens", "output_tokens")
        ]
        window = f"{model.context_window:,}" if isinstance(model.context_window, int) else "unknown"
    stated = len(record.facts) + len(record.scores) + len(record.prices)
    disputed = sum(each.subject == record.id for each in conflicts)
    name = f"[{cell(record.name or record.id)}](models/{page_name(record)}.md)"
    return f"| {name} | {cell(price[0])} | {cell(price[1])} | {window} | {stated} | {disputed or ''} |"


def _plain(price: lt.Price) -> bool:
    return price.service_tier == "standard" and price.per == 1_000_000 and not conditions(price)
