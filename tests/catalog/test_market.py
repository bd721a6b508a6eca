"""The market catalog: the models that people choose between, each price and limit with its source."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Usd
from llm_tradeoffs._load import INDEX, index_text
from llm_tradeoffs.catalog import catalog_root

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 22)
VENDORS_OF_THE_ISSUE = {
    "openai",
    "anthropic",
    "google",
    "mistral",
    "deepseek",
    "xai",
    "meta",
    "amazon",
    "cohere",
    "alibaba",
    "moonshot",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.from_path(ROOT / "catalog")


def test_there_are_enough_models_of_enough_vendors(catalog: Catalog) -> None:
    """At least 80 models with prices for input and output, from at least 10 vendors."""
    priced = [model for model in catalog.models() if {"input_tokens", "output_tokens"} <= model.rates.meters]
    assert len(priced) >= 80
    vendors = {model.vendor for model in priced if model.vendor is not None}
    assert len(vendors) >= 10
    assert vendors >= VENDORS_OF_THE_ISSUE


def test_every_statement_has_a_source_and_a_day(catalog: Catalog) -> None:
    """Nothing in the catalog is said by nobody, or from no day on."""
    for record in catalog.records.values():
        for row in (*record.prices, *record.multipliers, *record.facts, *record.scores):
            assert row.source.id in catalog.sources, (record.id, row)
            assert row.effective_from is not None, (record.id, row)
            assert row.place, (record.id, row)


def test_limits_and_abilities_are_known_for_nearly_all(catalog: Catalog) -> None:
    """A model of the market without limits would be of little use; the few gaps are gaps of the sources."""
    models = catalog.models()
    for field, least in (
        ("context_window", 130),
        ("max_output_tokens", 100),
        ("input_modalities", 90),
        ("supports_tools", 100),
        ("released_on", 95),
    ):
        known = sum(getattr(model, field) is not None for model in models)
        assert known >= least, (field, known)


@pytest.mark.parametrize(
    ("model", "day", "counts", "options", "usd"),
    [
        # o3 was cut from 10 / 40 to 2 / 8 USD/MTok on 2025-06-10.
        ("o3", "2025-06-09", {"input_tokens": 10**6, "output_tokens": 10**6}, {}, "50"),
        ("o3", "2025-06-10", {"input_tokens": 10**6, "output_tokens": 10**6}, {}, "10"),
        # xAI charges the price of long requests from 200,000 tokens on, the bound included: 1 MTok in, nothing out.
        ("grok-4.20", "2026-11-22", {"input_tokens": 199_999, "output_tokens": 0}, {}, "0.24999875"),
        ("grok-4.20", "2026-11-22", {"input_tokens": 200_000, "output_tokens": 0}, {}, "0.5"),
        # Claude Haiku 5.5 charges five times as much above 100,000 tokens.
        ("claude-haiku-5.5", "2026-11-22", {"input_tokens": 100_000, "output_tokens": 0}, {}, "0.01"),
        ("claude-haiku-5.5", "2026-11-22", {"input_tokens": 100_001, "output_tokens": 0}, {}, "0.0500005"),
        # 100,000 × 2.50 + 200,000 × 0.25 + 5,000 × 11.25 USD/MTok: batch halves the prices of a long request.
        (
            "gpt-5.4",
            "2026-11-22",
            {"input_tokens": 300_000, "cache_read_tokens": 200_000, "output_tokens": 5_000},
            {"service_tier": "batch"},
            "0.35625",
        ),
        # Processing in the US costs 1.1 times: 4 USD/MTok × 1.1.
        ("claude-opus-5.5", "2026-11-22", {"input_tokens": 10**6, "output_tokens": 0}, {"region": "us"}, "4.4"),
    ],
)
def test_prices_worked_by_hand(model: str, day: str, counts: dict[str, int], options: dict[str, str], usd: str) -> None:
    """Calls of the last years at their prices of the day, worked from the vendors' pages and change logs."""
    assert lt.cost(model, as_of=day, **options, **counts).total == Usd(usd)  # type: ignore[arg-type]  # names and counts


def test_a_name_that_moved(catalog: Catalog) -> None:
    """mistral-large-latest pointed to another model before 2025-12-02."""
    before = catalog.resolve("mistral-large-latest", "2025-12-01")
    after = catalog.resolve("mistral-large-latest", "2025-12-02")
    assert before != after
    assert lt.cost("mistral-large-latest", input_tokens=10**6, output_tokens=0, as_of="2025-12-01").model.id == before


def test_the_same_text_is_more_tokens_for_a_newer_model(catalog: Catalog) -> None:
    """About 30 % more on Claude Haiku 5.5 than on Haiku 4.5; a workload that says whose tokens it counts uses it."""
    assert catalog.token_ratio("claude-haiku-4.5", "claude-haiku-5.5") == lt.Range("1.3")
    work = lt.Workload(input_tokens=1_000, output_tokens=100, counted_for="claude-haiku-4.5")
    newer = lt.assess("claude-haiku-5.5", work)
    assert (newer.workload.input_tokens, newer.workload.output_tokens) == (1_300, 130)
    assert lt.assess("claude-haiku-4.5", work).workload == work
    assert "1.3 tokens" in newer.workload.assumptions[-1]


def test_the_hour_decides_where_prices_depend_on_it(catalog: Catalog) -> None:
    """DeepSeek's flash model costs twice as much at peak hours; with a day alone the cost is an interval."""
    counts = {"input_tokens": 10**6, "output_tokens": 0}
    peak = lt.cost("deepseek-v4.1-flash", as_of="2026-11-16T02:00+00:00", **counts)  # type: ignore[arg-type]  # counts
    night = lt.cost("deepseek-v4.1-flash", as_of="2026-11-16T20:00+00:00", **counts)  # type: ignore[arg-type]  # counts
    either = lt.cost("deepseek-v4.1-flash", as_of="2026-11-16", **counts)  # type: ignore[arg-type]  # counts
    assert peak.total == 2 * night.total
    assert (either.low, either.high) == (night.total, peak.total)
    assert "the hour of the call is not stated" in either.assumptions[0]
    with pytest.raises(lt.UnknownPriceError, match=r"read \.low and \.high"):
        _ = either.total


def test_the_index_is_current(catalog: Catalog) -> None:
    """``make catalog-index`` was run after the last change: lookups by index find what the files say."""
    held = (catalog_root() / INDEX).read_text("utf-8")
    assert held == index_text(catalog), "run `make catalog-index`"
    assert Catalog.bundled() == catalog
    assert Catalog.bundled().content_hash == catalog.content_hash


def test_questions_that_name_no_model_are_about_the_article(catalog: Catalog) -> None:
    """The market is asked for by name; what the article compares stays what a short question is about."""
    assert catalog.default_candidates == ("claude-haiku-4.5", "gpt-4.1-mini")
    everything = lt.recommend("support-triage", candidates=[m for m in catalog.models() if m.price("output_tokens")])
    assert len(everything.candidates) >= 80


@pytest.mark.heavy
def test_every_bundled_price_and_limit_agrees_with_the_packages() -> None:
    """``make catalog-check``: each difference from genai-prices and LiteLLM is a known one, with its reason."""
    pytest.importorskip("litellm")
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "catalog_check.py", "--catalog", ROOT / "catalog"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 new, 0 stale" in done.stdout
