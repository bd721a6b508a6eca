"""Production traces as workloads, and what a prompt cache is worth on one of them."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Usd
from llm_tradeoffs.calls import Calls
from oracle import mtok


@pytest.fixture(scope="module")
def rows(evidence: Path, tool: ModuleType) -> list[dict[str, Any]]:
    """The Mooncake trace as it stands."""
    found: list[dict[str, Any]] = tool.mooncake_rows(evidence)
    return found


@pytest.fixture(scope="module")
def conversations(evidence: Path, tool: ModuleType) -> Calls:
    """Its calls without a cache."""
    found: Calls = tool.mooncake(evidence)
    return found


@pytest.mark.parametrize(("name", "number"), [("code", 8_819), ("conv", 19_366)])
def test_azure_by_hand(evidence: Path, tool: ModuleType, name: str, number: int) -> None:
    """Every call of a model without thresholds costs its tokens, and so does their sum."""
    with (evidence / "azure" / f"AzureLLMInferenceTrace_{name}.csv").open(newline="") as file:
        rows = [(int(row["ContextTokens"]), int(row["GeneratedTokens"])) for row in csv.DictReader(file)]
    calls = tool.azure(evidence, name)
    assert len(calls) == len(rows) == number
    sent, said = (sum(column) for column in zip(*rows, strict=True))
    bill = calls.cost("gpt-4.1-mini")
    assert bill.total == mtok("0.40", sent) + mtok("1.60", said)
    assert calls.threshold_error("gpt-4.1-mini") == Usd(0)
    ordered = sorted(sent for sent, _ in rows)
    assert calls.percentile("input_tokens", 95) == ordered[-(-95 * number // 100) - 1]
    assert (
        bill.percentile(50)
        == sorted(mtok("0.40", sent) + mtok("1.60", said) for sent, said in rows)[-(-number // 2) - 1]
    )


def test_long_requests_cost_more_than_their_mean(rows: list[dict[str, Any]], conversations: Calls) -> None:
    """Claude Haiku 5.5 asks five times as much above 100,000 input tokens; by hand, from the file."""
    sums = {True: [0, 0, 0], False: [0, 0, 0]}
    for row in rows:
        group = sums[row["input_length"] > 100_000]
        for place, count in enumerate((1, row["input_length"], row["output_length"])):
            group[place] += count
    (long, long_in, long_out), (_, short_in, short_out) = sums[True], sums[False]
    surcharge = mtok("0.40", long_in) + mtok("2.00", long_out)
    bill = conversations.cost("claude-haiku-5.5")
    assert bill.total == mtok("0.10", long_in + short_in) + mtok("0.50", long_out + short_out) + surcharge
    assert conversations.threshold_error("claude-haiku-5.5") == surcharge
    assert [bucket.calls for bucket in bill.buckets] == [len(rows) - long, long]
    assert long == 63


def test_a_window_that_is_too_small_is_counted(conversations: Calls) -> None:
    """The same calls, asked of a model whose window holds 100,000 tokens."""
    small = lt.Catalog.bundled()["gpt-4.1-mini"].with_(context_window=100_000)
    bill = conversations.cost(small)
    too_long = sum(times for call, times in conversations.groups.items() if call.usage.total_tokens > 100_000)
    assert [(left.limit, left.calls) for left in bill.left_out] == [("context_window", too_long)]
    assert bill.priced == 12_031 - too_long
    assert conversations.that_fit(small).cost(small).total == bill.low


def test_what_a_cache_is_worth(tool: ModuleType, rows: list[dict[str, Any]], conversations: Calls) -> None:
    """A longer memory reads more; a short one costs more than none where writing costs a quarter more."""
    short, long = (tool.cached(rows, lifetime, writes=True) for lifetime in (60_000, 300_000))
    for calls in (short, long):
        counts = calls.total.counts
        assert counts["cache_read_tokens"] + counts["cache_write_5m_tokens"] <= counts["input_tokens"]
        assert counts["input_tokens"] == conversations.total.counts["input_tokens"]
    assert short.total.counts["cache_read_tokens"] < long.total.counts["cache_read_tokens"]
    bills = [calls.cost("claude-haiku-4.5").total for calls in (long, conversations, short)]
    assert bills == sorted(bills)
    assert tool.cache_break_even() == Fraction(5, 23)


def test_merged_traces_add_up(evidence: Path, tool: ModuleType) -> None:
    code, conversation = tool.azure(evidence, "code"), tool.azure(evidence, "conv")
    together: Calls = code + conversation
    assert len(together) == 28_185
    assert together.cost("qwen3-max").total == code.cost("qwen3-max").total + conversation.cost("qwen3-max").total


@pytest.mark.heavy
def test_the_page_is_current(evidence: Path, tool: ModuleType) -> None:
    """If not: python tools/make_evidence.py."""
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(evidence), "run: python tools/make_evidence.py"
