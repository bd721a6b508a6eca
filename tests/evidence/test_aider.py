"""The published costs of Aider's runs, recomputed: which agree, and what is known about those that do not."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from llm_tradeoffs import Usd


@pytest.fixture(scope="session")
def runs(evidence: Path, tool: ModuleType) -> dict[str, Any]:
    return {each.run.label: each for each in tool.recomputed(evidence)}


def test_how_many_agree(runs: dict[str, Any]) -> None:
    """Of all that state their tokens."""
    assert Counter(each.agrees for each in runs.values()) == {
        "to the last digit": 7,
        "to the cent": 1,
        "no": 13,
        "no price": 2,
    }


def test_a_run_by_hand(runs: dict[str, Any]) -> None:
    """Claude Opus 4, by the numbers of the row alone."""
    assert runs["claude-opus-4-20250514 (no think)"].ours == Usd(Fraction(2_671_437 * 15 + 380_717 * 75, 10**6))
    assert runs["claude-opus-4-20250514 (no think)"].run.published == Usd("68.6253")


def test_whatever_differs_has_a_reason(runs: dict[str, Any]) -> None:
    """And whatever agrees needs none."""
    for each in runs.values():
        assert bool(each.because) == (each.agrees in {"no", "no price"}), each.run.label
        assert (each.known in {"shown", "fits", "open"}) == bool(each.because), each.run.label


def test_cached_input_can_explain_what_it_is_said_to(runs: dict[str, Any]) -> None:
    """The share that it would take is between nothing and all of the input, and gives the published cost exactly."""
    said = [each for each in runs.values() if each.because.startswith("cached input")]
    assert len(said) == 8
    for each in said:
        fresh, read = (Fraction(each.model.price(m).pico_per_unit) for m in ("input_tokens", "cache_read_tokens"))
        cached = each.cached_share * each.run.sent
        assert 0 < each.cached_share < 1
        assert Usd.from_pico(each.ours.pico - cached * (fresh - read)) == each.run.published
        assert each.run.published < each.ours < each.run.published * Fraction(115, 100)


def test_thinking_at_its_own_price(runs: dict[str, Any]) -> None:
    """What is left as plain output is within 3 % of the output of the run that did not think."""
    thinking = runs["gemini-2.5-flash-preview-05-20 (24k think)"]
    without = runs["gemini-2.5-flash-preview-05-20 (no think)"]
    left = (1 - thinking.reasoning_share) * thinking.run.produced
    assert abs(left / without.run.produced - 1) < Fraction(3, 100)
    assert without.reasoning_share * without.run.produced < 100


def test_the_tokens_of_one_run_are_a_fraction_of_any_other(runs: dict[str, Any]) -> None:
    per_case = {label: Fraction(each.run.sent, each.run.cases) for label, each in runs.items()}
    least = per_case.pop("Qwen3 32B")
    assert 4 * least < min(per_case.values())


def test_nothing_is_published_for_an_unknown_price(runs: dict[str, Any]) -> None:
    free = [label for label, each in runs.items() if not each.run.published]
    assert free == ["Qwen3 235B A22B diff, no think, Alibaba API"]
    assert runs[free[0]].ours > Usd(2)


def test_every_run_is_described(evidence: Path, tool: ModuleType, runs: dict[str, Any]) -> None:
    """No run of the leaderboard that states tokens is missing, and none is described that is not there."""
    stated = {run.name for run in tool.aider_runs(evidence) if run.sent is not None}
    described = set(tool.tomli.loads(tool.RUNS.read_text(encoding="utf-8"))["runs"])
    assert described == stated
    assert len(runs) == 23
