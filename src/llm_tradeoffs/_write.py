"""A catalog as a folder of TOML files, in the form that ``_load`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from llm_tradeoffs.catalog import Benchmark, Catalog, ModelRecord, model_path
from llm_tradeoffs.errors import CatalogError, InvalidValueError, MissingExtraError
from llm_tradeoffs.facts import Alias, Fact, Source
from llm_tradeoffs.model import Score, TokenRatio
from llm_tradeoffs.money import Exact, decimal_of, exact_text, plain
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import PER_MTOK, WEEKDAYS, Multiplier, Price, TimeWindow
from llm_tradeoffs.usage import TOKEN_METERS
from llm_tradeoffs.workload import Workload

__all__ = ["write_catalog"]


def write_catalog(catalog: Catalog, root: Path) -> None:
    """Write *catalog* into the folder *root*, which must be empty or not exist."""
    try:
        import tomli_w
    except ImportError:
        raise MissingExtraError("tomli-w", "toml", "writing a catalog") from None
    if root.exists() and any(root.iterdir()):
        raise FileExistsError(f"{root} is not empty; write the catalog into a new folder.")

    files: dict[str, dict[str, Any]] = {
        "catalog.toml": {
            "edition": catalog.edition,
            "as_of": catalog.as_of,
            "trust": list(catalog.trust),
            **({} if catalog.candidates is None else {"candidates": list(catalog.candidates)}),
        },
        "sources.toml": {"sources": [_source(source) for source in catalog.sources.values()]},
        "benchmarks.toml": {"benchmarks": [_benchmark(benchmark) for benchmark in catalog.benchmarks.values()]},
        "tasks.toml": {
            "tasks": [
                {
                    "id": task.id,
                    "name": task.name,
                    "benchmark": task.benchmark,
                    "because": task.because,
                    "source": task.source,
                }
                for task in catalog.tasks.values()
            ]
        },
    }
    for record in catalog.records.values():
        path = model_path(record.id, record.vendor)
        if path in files:
            raise InvalidValueError(f"the models {files[path]['id']!r} and {record.id!r} would share the file {path}.")
        files[path] = _record(record)
    for name, workload in catalog.workloads.items():
        files[f"workloads/{name}.toml"] = _workload(name, workload)
    texts = {name: tomli_w.dumps(content) for name, content in files.items()}
    texts.update({f"policies/{name}.toml": text for name, text in catalog.policy_texts.items()})
    texts.update({f"claims/{name}.toml": text for name, text in catalog.claims_texts.items()})
    with TemporaryDirectory() as rehearsal:
        _write(texts, Path(rehearsal))
        try:
            Catalog.from_path(rehearsal)
        except CatalogError as problem:
            faults = "\n".join(f"  - {fault.problem} @ {fault.where}" for fault in problem.faults)
            raise InvalidValueError(f"this catalog could not be read back; nothing was written:\n{faults}") from None
    _write(texts, root)


def _write(texts: Mapping[str, str], root: Path) -> None:
    for name, text in texts.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


def _stated(**values: Any) -> dict[str, Any]:
    """Only what is known: TOML has no word for nothing."""
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _number(value: Exact) -> Any:
    """A TOML number, or the ratio as text where the decimals never end."""
    if isinstance(value, int):
        return value
    number = decimal_of(value)
    return exact_text(value) if number is None else number


def _value(value: object) -> Any:
    if isinstance(value, Range | TokenRatio):
        return str(value)
    if isinstance(value, tuple):
        return list(cast("tuple[object, ...]", value))
    if isinstance(value, bool | int | str | date):
        return value
    raise InvalidValueError(f"a fact has the value {value!r}, which has no form in TOML.")


def _source(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "title": source.title,
        "kind": source.kind,
        **_stated(
            as_of=source.as_of,
            url=source.url,
            version=source.version,
            publisher=source.publisher,
            checked_on=source.checked_on,
            note=source.note,
        ),
    }


def _benchmark(benchmark: Benchmark) -> dict[str, Any]:
    facts = [_fact(fact) for fact in benchmark.facts]
    return {
        "id": benchmark.id,
        "name": benchmark.name,
        "measures": benchmark.measures,
        "unit": benchmark.unit,
        **_stated(scale=None if benchmark.scale is None else list(benchmark.scale)),
        "higher_is_better": benchmark.higher_is_better,
        **({"facts": facts} if facts else {}),
    }


def _said(row: Fact | Price | Multiplier) -> dict[str, Any]:
    return _stated(
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        source=row.source.id,
        place=row.place,
        note=row.note,
    )


def _fact(fact: Fact) -> dict[str, Any]:
    return {"field": fact.field, "value": _value(fact.value), **_said(fact)}


def _price(price: Price) -> dict[str, Any]:
    amount = _number(plain(price.usd.as_fraction()))
    if price.per == PER_MTOK and price.meter in TOKEN_METERS:
        stated = {"usd_per_mtok": amount}
    elif price.per == 1 and price.meter not in TOKEN_METERS:
        stated = {"usd_each": amount}
    else:
        stated = {"usd": amount, "per": price.per}
    tier = {} if price.service_tier == "standard" else {"service_tier": price.service_tier}
    return {
        "meter": price.meter,
        **stated,
        **tier,
        **_stated(
            region=price.region,
            above_input_tokens=price.above_input_tokens,
            from_input_tokens=price.from_input_tokens,
            above_quantity=price.above_quantity,
            minimum_quantity=price.minimum_quantity,
            usd_low=None if price.usd_low is None else _number(plain(price.usd_low.as_fraction())),
            window=None if price.window is None else _window(price.window),
        ),
        **_said(price),
    }


def _window(window: TimeWindow) -> dict[str, Any]:
    days = {} if window.weekdays == WEEKDAYS else {"weekdays": list(window.weekdays)}
    return {"start": window.start.isoformat(), "end": window.end.isoformat(), "zone": window.zone, **days}


def _multiplier(row: Multiplier) -> dict[str, Any]:
    meters = {} if row.meters == TOKEN_METERS else {"meters": list(row.meters)}
    return {
        "factor": _number(row.factor),
        **_stated(service_tier=row.service_tier, region=row.region),
        **meters,
        **_said(row),
    }


def _alias(alias: Alias) -> str | dict[str, Any]:
    days = _stated(effective_from=alias.effective_from, effective_until=alias.effective_until)
    return {"name": alias.name, **days} if days else alias.name


def _score(fact: Fact) -> dict[str, Any]:
    score = fact.value
    assert isinstance(score, Score)  # what the loader and ModelRecord.of put there
    value = None if score.value is None else str(score.value)
    return {"benchmark": score.benchmark, **_stated(value=value, judgement=score.judgement), **_said(fact)}


def _record(record: ModelRecord) -> dict[str, Any]:
    rows = {
        "prices": [_price(price) for price in record.prices],
        "multipliers": [_multiplier(row) for row in record.multipliers],
        "facts": [_fact(fact) for fact in record.facts],
        "scores": [_score(score) for score in record.scores],
    }
    return {
        "id": record.id,
        **_stated(name=record.name, vendor=record.vendor),
        "aliases": [_alias(alias) for alias in record.aliases],
        **{name: listed for name, listed in rows.items() if listed},
    }


def _workload(name: str, workload: Workload) -> dict[str, Any]:
    blank = Workload(input_tokens=0, output_tokens=0)
    numbers = (
        "requests_per_day",
        "requests_per_month",
        "requests_per_year",
        "cached_share",
        "batch_share",
        "max_ttft_ms",
        "max_response_ms",
        "min_quality_percent",
    )
    others = (
        "turns",
        "history_resent",
        "longest_tokens",
        "task",
        "priority",
        "volume",
        "complexity",
        "chunk_overlap_tokens",
        "instruction_tokens",
        "counted_for",
    )
    lists = {
        "needs": sorted(workload.needs),
        "languages": sorted(workload.languages),
        "assumptions": list(workload.assumptions),
    }
    return {
        "id": name,
        **_stated(name=workload.title, source=workload.source, place=workload.place),
        "input_tokens": _number(workload.input_tokens),
        "output_tokens": _number(workload.output_tokens),
        **{key: _number(getattr(workload, key)) for key in numbers if getattr(workload, key) != getattr(blank, key)},
        **{key: getattr(workload, key) for key in others if getattr(workload, key) != getattr(blank, key)},
        **(
            {} if workload.error_cost is None else {"error_cost_usd": _number(plain(workload.error_cost.as_fraction()))}
        ),
        **{key: listed for key, listed in lists.items() if listed},
    }
