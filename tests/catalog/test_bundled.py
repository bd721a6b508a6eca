"""
Invariants over every row of the catalog that comes with the library, and every fact of the article in it.

Each test collects all violations and fails once, with the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Alias, Catalog, Fact, ModelRecord, Multiplier, Policy, Price, Range, Score, Usd
from llm_tradeoffs._load import INDEX, index_text
from llm_tradeoffs.facts import SOURCE_KINDS
from llm_tradeoffs.model import FACT_FIELDS, multiplier_field, rate_field
from llm_tradeoffs.usage import FEE_METERS, METERS, TOKEN_METERS

MINI: Final = "gpt-4.1-mini"
HAIKU: Final = "claude-haiku-4.5"
README: Final = Path(__file__).parents[2] / "catalog" / "README.md"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.bundled()


@pytest.fixture(scope="module")
def article() -> Catalog:
    return Catalog.bundled(trust=("article",))


def rows(catalog: Catalog) -> Iterator[tuple[str, str, Price | Multiplier | Fact]]:
    """Every dated row: the model, what it is about, the row."""
    for record in catalog.records.values():
        for price in record.prices:
            yield record.id, rate_field(price), price
        for factor in record.multipliers:
            yield record.id, multiplier_field(factor), factor
        for fact in (*record.facts, *record.scores):
            yield record.id, fact.field, fact


def statements(catalog: Catalog) -> Iterator[tuple[str, Price | Multiplier | Fact]]:
    """Everything that somebody states, the facts about benchmarks included."""
    for model, field, row in rows(catalog):
        yield f"{model} {field}", row
    for benchmark in catalog.benchmarks.values():
        for fact in benchmark.facts:
            yield f"{benchmark.id} {fact.field}", fact


def report(violations: Iterable[object]) -> None:
    listed = [str(violation) for violation in violations]
    assert not listed, f"{len(listed)} violations:\n" + "\n".join(f"  - {line}" for line in listed)


# Every row.


def test_every_row_says_who_said_it_and_where(catalog: Catalog) -> None:
    """Every statement has a source that is described in sources.toml, and its place in it."""
    report(
        f"{what}: {row.source.id!r}, place {row.place!r}"
        for what, row in statements(catalog)
        if catalog.sources.get(row.source.id) != row.source or not row.place.strip()
    )


def test_every_row_about_a_model_has_a_first_day(catalog: Catalog) -> None:
    """No statement about a model holds since ever; what begins later was announced, and follows what holds today."""
    holding = {
        (model, field, row.source.id)
        for model, field, row in rows(catalog)
        if row.effective_from is not None and row.effective_from <= catalog.as_of
    }
    report(
        f"{model} {field} of {row.source.id}: {row.effective_from}"
        for model, field, row in rows(catalog)
        if row.effective_from is None
        or (row.effective_from > catalog.as_of and (model, field, row.source.id) not in holding)
    )


def test_no_row_begins_before_the_model_was_released(catalog: Catalog) -> None:
    """What a source says of a model holds from its release at the earliest."""
    released = {model.id: model.released_on for model in catalog.models()}
    report(
        f"{model} {field} of {row.source.id}: {row.effective_from}"
        for model, field, row in rows(catalog)
        if (first := released[model]) is not None and row.effective_from is not None and row.effective_from < first
    )


def test_rows_ascend(catalog: Catalog) -> None:
    """Rows of one source about one thing stand oldest first, one a day, and end before the next begins."""
    last: dict[tuple[str, str, str], Price | Multiplier | Fact] = {}
    violations = []
    for model, field, row in rows(catalog):
        before = last.get((model, field, row.source.id))
        if before is not None and before.effective_from is not None and row.effective_from is not None:
            if row.effective_from <= before.effective_from:
                violations.append(
                    f"{model} {field} of {row.source.id}: {row.effective_from} after {before.effective_from}"
                )
            if before.effective_until is not None and row.effective_from < before.effective_until:
                violations.append(f"{model} {field} of {row.source.id}: overlap on {row.effective_from}")
        last[model, field, row.source.id] = row
    report(violations)


def test_the_article_speaks_for_march_2026(catalog: Catalog) -> None:
    """Every row of the article begins on the first day of March 2026 and has no end."""
    report(
        f"{model} {field}: {row.effective_from} to {row.effective_until}"
        for model, field, row in rows(catalog)
        if row.source.id == "article" and (row.effective_from, row.effective_until) != (date(2026, 3, 1), None)
    )


def test_texts_are_tidy(catalog: Catalog) -> None:
    """No text begins or ends with a space, is empty, or runs over a line."""
    texts: list[tuple[str, str]] = []
    for what, row in statements(catalog):
        texts += [(what, row.place), *([(what, row.note)] if row.note is not None else [])]
        if isinstance(row, Fact) and isinstance(row.value, str):
            texts.append((what, row.value))
    for benchmark in catalog.benchmarks.values():
        texts += [(benchmark.id, benchmark.name), (benchmark.id, benchmark.measures)]
    for task in catalog.tasks.values():
        texts += [(task.id, task.name), (task.id, task.because)]
    for workload in catalog.presets:
        texts += [(workload.name, workload.title), (workload.name, workload.place)]
        texts += [(workload.name, assumption) for assumption in workload.assumptions]
    for source in catalog.sources.values():
        texts += [(source.id, text) for text in (source.title, source.note, source.publisher) if text is not None]
    report(f"{what}: {text!r}" for what, text in texts if text != text.strip() or not text or "\n" in text)


# Names.


def test_names_belong_to_one_model(catalog: Catalog) -> None:
    """
    Ids and aliases are unique, also where a reader would see no difference between capitals and small letters.

    A name that moves belongs to one model a day.
    """
    owners: dict[str, list[tuple[str, Alias]]] = {}
    violations = []
    for record in catalog.records.values():
        for alias in (Alias(record.id), *record.aliases):
            known = owners.setdefault(alias.name.casefold(), [])
            violations += [
                f"{alias} of {of}, and of {record.id}"
                for of, other in known
                if other.overlaps(alias) and (of != record.id or other.name == alias.name)
            ]
            known.append((record.id, alias))
    report(violations)


def test_the_index_is_that_of_the_files(catalog: Catalog) -> None:
    """The index, which spares reading every file, names just the models and aliases of the files."""
    written = README.with_name(INDEX).read_text(encoding="utf-8")
    assert written == index_text(Catalog.from_path(README.parent)), "the index is old"
    assert dict(catalog.names) == {record.id: record.aliases for record in catalog.records.values()}


def test_candidates_are_models_of_the_catalog(catalog: Catalog) -> None:
    """Who names no model asks about some that exist."""
    assert set(catalog.default_candidates) <= set(catalog)
    assert len(catalog.models(names=catalog.default_candidates)) == len(catalog.default_candidates)


@pytest.mark.parametrize(
    ("names", "model"),
    [
        (
            [
                "gpt-4.1-mini",
                "gpt-4.1-mini-2025-04-14",
                "openai/gpt-4.1-mini",
                "openai/gpt-4.1-mini-2025-04-14",
                "openai:gpt-4.1-mini",
                "GPT-4.1 Mini",
            ],
            MINI,
        ),
        (
            [
                "claude-haiku-4.5",
                "claude-haiku-4-5",
                "claude-haiku-4-5-20251001",
                "anthropic/claude-haiku-4.5",
                "anthropic/claude-haiku-4-5",
                "anthropic/claude-haiku-4-5-20251001",
                "anthropic:claude-haiku-4-5",
                "claude-4.5-haiku",
                "Claude Haiku 4.5",
            ],
            HAIKU,
        ),
    ],
    ids=[MINI, HAIKU],
)
def test_aliases_resolve(catalog: Catalog, names: list[str], model: str) -> None:
    """All names under which the two models are known give the same model, and no name is left out here."""
    report(f"{name!r} is {catalog.resolve(name)!r}" for name in names if catalog.resolve(name) != model)
    assert {name for name in names if name != model} == set(catalog[model].aliases)
    assert {id(catalog[name]) for name in names} == {id(catalog[model])}


# Sources, benchmarks, tasks.


def test_sources_are_described(catalog: Catalog) -> None:
    """A source has a kind, a day or month that it speaks for, and was read on a day that is not after the catalog's."""
    violations = []
    for name, source in catalog.sources.items():
        if source.id != name or source.kind not in SOURCE_KINDS:
            violations.append(f"{name}: id {source.id!r}, kind {source.kind!r}")
        if re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", source.as_of) is None:
            violations.append(f"{name}: as_of {source.as_of!r}")
        if source.checked_on is None or not source.as_of <= source.checked_on.isoformat() <= catalog.as_of.isoformat():
            violations.append(f"{name}: checked_on {source.checked_on}")
        if source.url is not None and not source.url.startswith("https://"):
            violations.append(f"{name}: url {source.url}")
        if source.kind in {"package", "dataset", "leaderboard"} and source.version is None:
            violations.append(f"{name}: a {source.kind} without the version that was read")
    report(violations)


def test_every_source_may_answer_and_does(catalog: Catalog) -> None:
    """The default trust order names every source once, the article last, and every source states something."""
    assert sorted(catalog.trust) == sorted(catalog.sources)
    assert catalog.trust[-1] == "article"
    stating = {row.source.id for _, row in statements(catalog)} | {task.source for task in catalog.tasks.values()}
    report(f"{name} states nothing" for name in catalog.sources.keys() - stating)


def test_every_benchmark_speaks_for_something(catalog: Catalog) -> None:
    """A benchmark has a score or a task, and a scale exactly if it has a unit."""
    used = {task.benchmark for task in catalog.tasks.values()}
    used |= {
        fact.value.benchmark
        for record in catalog.records.values()
        for fact in record.scores
        if isinstance(fact.value, Score)
    }
    violations = [f"{name}: no score and no task" for name in catalog.benchmarks if name not in used]
    violations += [
        f"{name}: unit {benchmark.unit!r}, scale {benchmark.scale}"
        for name, benchmark in catalog.benchmarks.items()
        if bool(benchmark.unit) != (benchmark.scale is not None) or benchmark.id != name
    ]
    report(violations)


def test_every_task_has_its_benchmark_and_somebody_who_says_so(catalog: Catalog) -> None:
    """A task names a benchmark and a source that exist."""
    report(
        f"{name}: {task.benchmark}, {task.source}"
        for name, task in catalog.tasks.items()
        if task.benchmark not in catalog.benchmarks or task.source not in catalog.sources or task.id != name
    )


def test_scores_are_on_their_scale(catalog: Catalog) -> None:
    """A score lies on the scale of its benchmark, in its unit; a benchmark without a number has words instead."""
    violations = []
    for record in catalog.records.values():
        for fact in record.scores:
            score = fact.value
            assert isinstance(score, Score)
            benchmark = catalog.benchmarks[score.benchmark]
            where = f"{record.id} {benchmark.id} of {fact.source.id}: {score}"
            if fact.field != f"scores.{benchmark.id}":
                violations.append(f"{where}: field {fact.field}")
            if benchmark.scale is None:
                if score.value is not None or not score.judgement:
                    violations.append(where)
            elif (
                score.value is None
                or score.judgement is not None
                or score.value.unit != benchmark.unit
                or not (benchmark.scale[0] <= score.value.low and score.value.high <= benchmark.scale[1])
            ):
                violations.append(where)
    report(violations)


# Fields.


def test_every_field_of_a_fact_is_used_and_explained(catalog: Catalog) -> None:
    """Every field that a model can have is stated of some model, and stands in the README of the catalog."""
    used = {fact.field for record in catalog.records.values() for fact in record.facts}
    explained = README.read_text(encoding="utf-8")
    report(
        [
            *(f"{field} is stated nowhere" for field in FACT_FIELDS.keys() - used),
            *(f"{field} is no field" for field in used - FACT_FIELDS.keys()),
            *(f"{field} is not explained" for field in FACT_FIELDS if f"`{field}`" not in explained),
            *(f"{meter} is not explained" for meter in METERS if f"`{meter}`" not in explained),
        ]
    )


# Prices. A law with exceptions has them by name, so that a new one is noticed.

CACHE_READS_DEARER_THAN_FRESH_INPUT: set[str] = set()
CACHE_WRITES_CHEAPER_THAN_FRESH_INPUT: set[str] = set()
BATCHES_NOT_AT_HALF_PRICE: set[str] = {
    # Reading a cache is not discounted in batches, or rounded to cents.
    "gemini-2.5-flash litellm cache_read_tokens",
    "gemini-2.5-flash-lite litellm cache_read_tokens",
    "gemini-3-flash-preview litellm cache_read_tokens",
    "gemini-3.5-flash-lite genai-prices cache_read_tokens",
    "gemini-3.5-flash-lite litellm cache_read_tokens",
    "gpt-5.4 genai-prices cache_read_tokens",
    "gpt-5.4 litellm cache_read_tokens",
    # Batches at four fifths of the price.
    *(
        f"{model} {source} {meter}"
        for model in ("grok-4.20", "grok-4.3")
        for source in ("genai-prices", "litellm")
        for meter in ("input_tokens", "output_tokens", "cache_read_tokens")
    ),
}
ONE_DIRECTION_ONLY: set[str] = {
    "gpt-5-nano: litellm has no priority price of output_tokens",
    "gpt-6-luna: litellm has no decisions price of output_tokens",
    "o3: langfuse has no standard price of input_tokens",  # it states the price of cached input
    "o3: langfuse has no standard price of output_tokens",
}


def in_force(record: ModelRecord, source: str, tier: str, meter: str) -> Fraction | None:
    """What a source says that *meter* costs in the end, in USD per million tokens."""
    said = [
        price
        for price in record.prices
        if (price.source.id, price.service_tier, price.meter) == (source, tier, meter)
        and (price.bound, price.above_quantity, price.region, price.window) == (None, None, None, None)
    ]
    return said[-1].usd.as_fraction() if said else None


def test_prices_have_their_unit(catalog: Catalog) -> None:
    """Tokens are priced by the million, fees each, by the thousand or by the million, and nothing is free."""
    report(
        f"{record.id} {price.meter}: {price}"
        for record in catalog.records.values()
        for price in record.prices
        if price.per not in ((1_000_000,) if price.meter in TOKEN_METERS else (1, 1_000, 1_000_000))
        or price.meter not in (*TOKEN_METERS, *FEE_METERS)
        or price.usd <= Usd(0)
    )


def test_every_source_of_prices_has_input_and_output(catalog: Catalog) -> None:
    """Whoever states a price of tokens in a tier states both directions there; or it is named."""
    violations: set[str] = set()
    for record in catalog.records.values():
        for source, tier in {
            (price.source.id, price.service_tier) for price in record.prices if price.meter in TOKEN_METERS
        }:
            for meter in ("input_tokens", "output_tokens"):
                if in_force(record, source, tier, meter) is None:
                    violations.add(f"{record.id}: {source} has no {tier} price of {meter}")
    assert violations == ONE_DIRECTION_ONLY


def test_the_order_of_prices(catalog: Catalog) -> None:
    """Reading a cache costs at most what fresh input does, writing it at least that, a batch half; or it is named."""
    dearer, cheaper, not_half = set(), set(), set()
    for record in catalog.records.values():
        for source in {price.source.id for price in record.prices}:
            for tier in {price.service_tier for price in record.prices}:
                fresh = in_force(record, source, tier, "input_tokens")
                if fresh is None:
                    continue
                read = in_force(record, source, tier, "cache_read_tokens")
                if read is not None and read > fresh:
                    dearer.add(f"{record.id} {source} {tier}")
                for meter in ("cache_write_5m_tokens", "cache_write_1h_tokens"):
                    written = in_force(record, source, tier, meter)
                    if written is not None and written < fresh:
                        cheaper.add(f"{record.id} {source} {tier} {meter}")
            for meter in TOKEN_METERS:
                standard, batch = (in_force(record, source, tier, meter) for tier in ("standard", "batch"))
                if standard is not None and batch is not None and batch * 2 != standard:
                    not_half.add(f"{record.id} {source} {meter}")
    assert dearer == CACHE_READS_DEARER_THAN_FRESH_INPUT
    assert cheaper == CACHE_WRITES_CHEAPER_THAN_FRESH_INPUT
    assert not_half == BATCHES_NOT_AT_HALF_PRICE


# The article, value by value.

LANGUAGES = ("english", "french", "spanish", "german", "japanese", "mandarin")
A_PRICE = "Absolute Pricing Tiers"
A_BENCHMARK = "Standard Benchmark Results"

ARTICLE: Final[dict[str, dict[str, tuple[Any, str]]]] = {
    MINI: {
        "rates.standard.input_tokens": ("0.40", A_PRICE),
        "rates.standard.output_tokens": ("1.60", A_PRICE),
        "volume_discounts": (False, "Discount Structures"),
        "scores.mmlu": ("72-75 %", A_BENCHMARK),
        "scores.gsm8k": ("82 %", A_BENCHMARK),
        "scores.humaneval": ("71 %", A_BENCHMARK),
        "scores.bbq": ("68 %", A_BENCHMARK),
        "scores.squad": ("78 %", "Task Category Performance"),
        "scores.technical-documentation": ("76 %", "Task Category Performance"),
        "scores.creative-writing": ("tends toward more formulaic outputs", "Task Category Performance"),
        "scores.hallucination-rate": ("2.3 %", "Error Analysis"),
        "scores.instruction-following": ("89 %", "Error Analysis"),
        "ttft": ("150-250 ms", "Speed Benchmarks; Latency Profiles"),
        "output_tokens_per_second": ("45-65 tokens/s", "Speed Benchmarks"),
        "typical_output_tokens_per_second": ("50 tokens/s", "Latency Profiles"),
        "batch_tokens_per_second": ("50-65 tokens/s", "Latency Profiles"),
        "context_window": (1_050_000, "Window Size Comparison"),
        "conversation_memory_tokens": (800_000, "Practical Implications"),
        "languages_at_least": (50, "Language Support"),
        "languages": (LANGUAGES, "Language Support"),
        "language_quality": (
            "English: identical for both models; other languages: generally strong across 50+",
            "Language Support",
        ),
        "supports_vision": (False, "Vision Capabilities"),
        "input_modalities": (("text",), "Vision Capabilities"),
        "supports_tools": (True, "Tool Use and Function Calling"),
        "tool_reliability": (
            "reliable tool invocation across diverse tools; "
            "identical to Claude Haiku 4.5 for external tool integration",
            "Tool Use and Function Calling",
        ),
        "supports_batch": (True, "API Consistency"),
        "batch_availability": ("available through batch API", "API Consistency"),
        "endpoint": ("api.openai.com/v1/chat/completions", "API Consistency"),
        "authentication": ("Bearer token", "API Consistency"),
        "requests_per_minute": (5_000, "API Consistency"),
        "rate_limit_basis": ("tier-dependent", "API Consistency"),
        "ecosystem": (
            "broader ecosystem support due to OpenAI's market dominance; widely used in production systems; "
            "supported by major LLM frameworks",
            "FAQ, Which model has better industry support and integrations?; Tool Use and Function Calling",
        ),
    },
    HAIKU: {
        "rates.standard.input_tokens": ("1.00", A_PRICE),
        "rates.standard.output_tokens": ("5.00", A_PRICE),
        "volume_discounts": (False, "Discount Structures"),
        "scores.mmlu": ("76-78 %", A_BENCHMARK),
        "scores.gsm8k": ("88 %", A_BENCHMARK),
        "scores.humaneval": ("75-76 %", A_BENCHMARK),
        "scores.bbq": ("82 %", A_BENCHMARK),
        "scores.squad": ("81 %", "Task Category Performance"),
        "scores.technical-documentation": ("84 %", "Task Category Performance"),
        "scores.creative-writing": (
            "slightly more varied and stylistically sophisticated",
            "Task Category Performance",
        ),
        "scores.hallucination-rate": ("1.1 %", "Error Analysis"),
        "scores.instruction-following": ("93 %", "Error Analysis"),
        "scores.writing-quality": ("81-88 %", "Claude Haiku 4.5 Ideal Scenarios, Content Quality"),
        "ttft": ("200-400 ms", "Speed Benchmarks; Latency Profiles"),
        "output_tokens_per_second": ("40-55 tokens/s", "Speed Benchmarks"),
        "typical_output_tokens_per_second": ("45 tokens/s", "Latency Profiles"),
        "batch_tokens_per_second": ("50-65 tokens/s", "Latency Profiles"),
        "context_window": (200_000, "Window Size Comparison"),
        "image_context_tokens": (200_000, "Vision Capabilities"),
        "conversation_memory_tokens": (150_000, "Practical Implications"),
        "languages": (LANGUAGES, "Language Support"),
        "preferred_languages": (("japanese", "mandarin"), "Language Support"),
        "language_quality": (
            "English: identical for both models; "
            "other languages: excellent performance, slightly preferred for Asian languages",
            "Language Support",
        ),
        "supports_vision": (True, "Vision Capabilities"),
        "input_modalities": (("text", "image"), "Vision Capabilities"),
        "supports_tools": (True, "Tool Use and Function Calling"),
        "supports_structured_output": (True, "Tool Use and Function Calling"),
        "tool_reliability": (
            "comparable to GPT-4.1 Mini; identical to it for external tool integration",
            "Tool Use and Function Calling",
        ),
        "supports_batch": (False, "API Consistency"),
        "batch_availability": ("coming Q2 2026", "API Consistency"),
        "endpoint": ("api.anthropic.com/v1/messages", "API Consistency"),
        "authentication": ("Bearer token", "API Consistency"),
        "requests_per_minute": (40_000, "API Consistency"),
        "rate_limit_basis": ("for typical customers", "API Consistency"),
        "ecosystem": (
            "integrations growing rapidly; supported by major LLM frameworks equally with GPT-4.1 Mini",
            "FAQ, Which model has better industry support and integrations?",
        ),
    },
}
"""Every fact of the article about the two models: the value as the article states it, and the section."""

ARTICLE_ON_BENCHMARKS: Final = {
    ("mmlu", "questions"): 57_000,
    ("mmlu", "full_name"): "Massive Multitask Language Understanding",
    ("gsm8k", "full_name"): "Grade School Math 8,000",
    ("humaneval", "questions"): 200,
    ("bbq", "full_name"): "Social Bias and Benchmark",
}


def read_of(model: lt.Model, field: str) -> object:
    """The value that a user sees for a field of the table above."""
    if field.startswith("rates."):
        price = model.price(field.rpartition(".")[2])
        return None if price is None else price.usd
    if field.startswith("scores."):
        score = model.score(field.removeprefix("scores."))
        return None if score is None else score.value or score.judgement
    return getattr(model, field)


def as_read(field: str, stated: object) -> object:
    """A value of the table above in the type that the model has it in."""
    if field.startswith("rates."):
        return Usd(str(stated))
    if isinstance(stated, str) and (field.startswith("scores.") or field == "ttft" or field.endswith("_per_second")):
        return Range.parse(stated) if stated[0].isdigit() else stated
    return stated


@pytest.mark.parametrize("name", [MINI, HAIKU])
def test_every_fact_of_the_article_is_in_the_catalog(article: Catalog, name: str) -> None:
    """In the article's world every field has the article's value, from the article, with its section."""
    model = article[name]
    violations = []
    for field, (stated, section) in ARTICLE[name].items():
        value, fact = read_of(model, field), model.sources.get(field)
        if value != as_read(field, stated):
            violations.append(f"{field} is {value!r}, the article says {stated!r}")
        if fact is None or fact.source.id != "article":
            violations.append(f"{field} is not from the article: {fact}")
        elif fact.place != section:
            violations.append(f"{field} stands in {fact.place!r}, not in {section!r}")
    report(violations)


@pytest.mark.parametrize("name", [MINI, HAIKU])
def test_nothing_else_is_ascribed_to_the_article(catalog: Catalog, article: Catalog, name: str) -> None:
    """A row of the article that is not in the table here is either a mistake or missing from the table."""
    record = catalog.records[name]
    ascribed = {row.field for row in (*record.facts, *record.scores) if row.source.id == "article"}
    ascribed |= {f"rates.{price.service_tier}.{price.meter}" for price in record.prices if price.source.id == "article"}
    assert ascribed == set(ARTICLE[name])
    assert set(article[name].sources) == set(ARTICLE[name])


def test_the_article_knows_no_other_model(article: Catalog) -> None:
    """The article's world has two models."""
    assert [model.id for model in article.models()] == [HAIKU, MINI]


def test_what_the_article_says_of_benchmarks(catalog: Catalog) -> None:
    """What the article says of the benchmarks themselves is kept, also where it is wrong."""
    stated = {
        (benchmark.id, fact.field): fact.value
        for benchmark in catalog.benchmarks.values()
        for fact in benchmark.facts
        if fact.source.id == "article"
    }
    assert stated == ARTICLE_ON_BENCHMARKS


# The world beside it.

WORLD: Final[list[tuple[str, str, object, str]]] = [
    (MINI, "supports_vision", True, "litellm"),
    (MINI, "context_window", 1_047_576, "litellm"),
    (MINI, "supports_batch", True, "litellm"),
    (MINI, "rates.standard.input_tokens", Usd("0.40"), "litellm"),
    (MINI, "rates.standard.output_tokens", Usd("1.60"), "litellm"),
    (MINI, "rates.standard.cache_read_tokens", Usd("0.10"), "litellm"),
    (MINI, "rates.batch.input_tokens", Usd("0.20"), "litellm"),
    (MINI, "rates.batch.output_tokens", Usd("0.80"), "litellm"),
    (HAIKU, "supports_batch", True, "claude-docs"),
    (HAIKU, "authentication", "x-api-key header", "claude-docs"),
    (HAIKU, "context_window", 200_000, "claude-docs"),
    (HAIKU, "rates.standard.input_tokens", Usd("1.00"), "claude-docs"),
    (HAIKU, "rates.standard.output_tokens", Usd("5.00"), "claude-docs"),
    (HAIKU, "rates.standard.cache_read_tokens", Usd("0.10"), "litellm"),
    (HAIKU, "rates.standard.cache_write_5m_tokens", Usd("1.25"), "litellm"),
    (HAIKU, "rates.standard.cache_write_1h_tokens", Usd("2.00"), "litellm"),
    (HAIKU, "rates.batch.input_tokens", Usd("0.50"), "claude-docs"),
    (HAIKU, "rates.batch.output_tokens", Usd("2.50"), "claude-docs"),
    (HAIKU, "rates.batch.cache_read_tokens", Usd("0.05"), "litellm"),
]


def test_the_world_is_preferred_to_the_article(catalog: Catalog) -> None:
    """Where the article is wrong about the world, or silent, the default answers from a source that knows."""
    violations = []
    for name, field, expected, source in WORLD:
        model = catalog[name]
        if field.startswith("rates."):
            _, tier, meter = field.split(".")
            price = model.price(meter, tier)
            value = None if price is None else price.usd
        else:
            value = getattr(model, field)
        said_by = model.sources[field].source.id
        if (value, said_by) != (expected, source):
            violations.append(f"{name} {field} is {value!r} by {said_by}, expected {expected!r} by {source}")
    report(violations)


@pytest.mark.parametrize(
    ("benchmark", "field", "value", "source"),
    [
        ("mmlu", "subjects", 57, "lm-eval"),
        ("mmlu", "questions", 14_042, "cais-mmlu"),
        ("humaneval", "questions", 164, "human-eval"),
        ("gsm8k", "questions", 1_319, "openai-gsm8k"),
    ],
)
def test_the_size_of_benchmarks(catalog: Catalog, benchmark: str, field: str, value: object, source: str) -> None:
    """MMLU has 57 subjects and 14,042 test questions and HumanEval 164 problems, whatever the article says."""
    fact = catalog.benchmark_fact(benchmark, field)
    assert fact is not None
    assert (fact.value, fact.source.id) == (value, source)


def test_the_article_is_right_in_its_own_world(article: Catalog) -> None:
    """Who trusts the article alone gets its mistakes: 57,000 questions, no batches with Haiku, no vision in Mini."""
    questions = article.benchmark_fact("mmlu", "questions")
    assert questions is not None
    assert questions.value == 57_000
    assert article.benchmark_fact("mmlu", "subjects") is None
    assert article[HAIKU].supports_batch is False
    assert article[MINI].supports_vision is False
    assert article[MINI].price("cache_read_tokens") == article[MINI].price("input_tokens")
    assert article[MINI].price("input_tokens", "batch") is None


CONFLICTS: Final = {
    (HAIKU, "input_modalities"),
    (HAIKU, "supports_batch"),
    (HAIKU, "batch_availability"),
    (HAIKU, "authentication"),
    (MINI, "rates.standard.web_searches"),
    (MINI, "context_window"),
    (MINI, "input_modalities"),
    (MINI, "supports_vision"),
    (MINI, "batch_availability"),
    ("bbq", "full_name"),
    ("gsm8k", "full_name"),
    ("humaneval", "questions"),
    ("mmlu", "full_name"),
    ("mmlu", "questions"),
}


def test_the_sources_disagree_where_we_know_it(catalog: Catalog) -> None:
    """conflicts() lists these disagreements and no other; a new one is looked at before it is listed here."""
    found = {(conflict.subject, conflict.field) for conflict in catalog.conflicts()}
    assert {row for row in found if row[0] in {MINI, HAIKU, *catalog.benchmarks}} == CONFLICTS


def test_three_sizes_of_one_window(catalog: Catalog) -> None:
    """GPT-4.1 Mini's context window is 1,047,576, 1,000,000 or 1,050,000 tokens, depending on whom one asks."""
    conflict = next(conflict for conflict in catalog.conflicts(MINI) if conflict.field == "context_window")
    said = {fact.source.id: fact.value for fact in conflict.facts}
    assert said == {"litellm": 1_047_576, "models.dev": 1_047_576, "genai-prices": 1_000_000, "article": 1_050_000}
    assert conflict.chosen.source.id == "litellm"
    assert [fact.source.id for fact in conflict.facts] == [name for name in catalog.trust if name in said]
    assert "litellm says 1047576" in str(conflict)


def test_one_source_does_not_disagree_with_itself(article: Catalog) -> None:
    """In the world of one source there is no conflict."""
    assert article.conflicts() == ()


# Presets.

PRESETS: Final[dict[str, dict[str, object]]] = {
    "support-chatbot": {"input_tokens": 200, "output_tokens": 150, "requests_per_day": 10_000, "volume": "high"},
    "research-paper-summaries": {"input_tokens": 5_000, "output_tokens": 200, "requests_per_month": 1_000},
    "inquiry-classification": {"input_tokens": 150, "output_tokens": 50, "requests_per_year": 1_000_000},
    "paper-8000": {"input_tokens": 8_000, "output_tokens": 300},
    "paper-7500": {"input_tokens": 7_500, "output_tokens": 0},
    "support-conversation-50-turns": {"input_tokens": 200, "output_tokens": 150, "turns": 50, "history_resent": True},
    "post-sentiment": {
        "input_tokens": 150,
        "task": "sentiment",
        "priority": "cost",
        "volume": "high",
        "complexity": "low",
    },
    "support-triage": {"requests_per_month": 100_000, "task": "classification", "min_quality_percent": 72},
    "outlines-and-descriptions": {"task": "simple-content", "min_quality_percent": 72, "priority": "cost"},
    "real-time-chat": {"output_tokens": 200, "max_ttft_ms": 500},
    "contract-review": {"input_tokens": 7_500},
    "legal-research-with-numbers": {"task": "math", "priority": "accuracy", "complexity": "high"},
    "publication-ready-writing": {"task": "writing", "priority": "accuracy"},
    "code-completion": {"task": "code", "output_tokens": 200},
    "image-documents": {"needs": frozenset({"vision"})},
    "long-document": {"longest_tokens": 500_000},
}


def test_the_workloads_of_the_article_are_presets(catalog: Catalog) -> None:
    """The article's sixteen workloads are presets, with its figures, its section, and what was filled in."""
    assert {workload.name for workload in lt.Workload.presets()} == set(PRESETS)
    violations = []
    for name, figures in PRESETS.items():
        workload = lt.Workload.preset(name)
        violations += [
            f"{name}: {field} is {getattr(workload, field)!r}, the article says {figure!r}"
            for field, figure in figures.items()
            if getattr(workload, field) != figure
        ]
        if workload.source != "article" or not workload.place or not workload.title:
            violations.append(f"{name}: {workload.source!r}, {workload.place!r}, {workload.title!r}")
        violations += [
            f"{name}: {sentence!r} is no sentence" for sentence in workload.assumptions if sentence[-1:] != "."
        ]
        if workload.task is not None and workload.task not in catalog.tasks:
            violations.append(f"{name}: task {workload.task}")
    report(violations)


@pytest.mark.parametrize("trust", [None, ("article",)], ids=["default", "article"])
def test_every_preset_is_priced_or_says_why_not(trust: tuple[str, ...] | None) -> None:
    """Every model has a cost for every preset, or names the price that is unknown; the same holds for its volume."""
    held = Catalog.bundled(trust=trust)
    violations = []
    for workload in held.presets:
        for model in held.models():
            assessed = lt.assess(model, workload, catalog=held)
            unknown = " ".join(missing.fact for missing in assessed.unknowns)
            if assessed.cost is None and "price" not in unknown:
                violations.append(f"{workload.name} on {model.id}: no cost and no reason")
            if assessed.cost is not None and assessed.cost.per_month is None and "volume" not in unknown:
                violations.append(f"{workload.name} on {model.id}: no cost a month and no reason")
            if assessed.cost is not None and assessed.cost.per_request <= Usd(0):
                violations.append(f"{workload.name} on {model.id}: {assessed.cost.per_request}")
    report(violations)


@pytest.mark.parametrize("policy", ["guide", "article"])
def test_every_preset_is_decided(catalog: Catalog, policy: str) -> None:
    """Every preset gets an answer under both policies, and none hangs on a fact that is missing."""
    answers = {workload.name: lt.recommend(workload, policy=policy) for workload in catalog.presets}
    report(f"{name}: {answer.status}" for name, answer in answers.items() if answer.status not in {"selected", "tie"})


def test_the_policies_can_be_followed(catalog: Catalog) -> None:
    """Both policies are read, are called what their file is called, and cite a source that exists."""
    assert set(catalog.policy_texts) == {"article", "guide"}
    for name in catalog.policy_texts:
        policy = Policy.named(name)
        assert policy.id == name
        assert policy.source is None or policy.source in catalog.sources
