"""What is not dominated on a leaderboard with costs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs import Usd


def dominated(entry: Any, by: Any) -> bool:
    """Worse in something and better in nothing."""
    mine, theirs = (entry.score, *(-cost for cost in entry.low)), (by.score, *(-cost for cost in by.low))
    return mine != theirs and all(a <= b for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("board", ["aider_entries", "bfcl_entries"])
def test_whoever_is_left_out_is_dominated_by_one_who_is_not(evidence: Path, tool: ModuleType, board: str) -> None:
    entries = getattr(tool, board)(evidence)
    front = tool.undominated(entries)
    assert front
    for entry in entries:
        assert (entry in front) != any(dominated(entry, by) for by in front)


POINTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), max_size=8)


@given(points=POINTS)
def test_on_small_boards_too(tool: ModuleType, points: list[tuple[int, int, int]]) -> None:
    """Equal entries stay together."""
    entries = [tool.Entry(str(n), Fraction(s), (Fraction(c), Fraction(t))) for n, (s, c, t) in enumerate(points)]
    assert tool.undominated(entries) == [entry for entry in entries if not any(dominated(entry, by) for by in entries)]


class Row:
    """An entry as ``pareto`` looks at a candidate: what it is at best and at worst, less being better."""

    def __init__(self, place: int, entry: Any) -> None:
        self.id = str(place)
        self._found = dict(zip(("quality", "cost", "response_time"), (-entry.score, *entry.low), strict=False))

    def ends(self, name: str) -> tuple[Any, Any]:
        return (self._found[name], self._found[name])


@pytest.mark.parametrize("board", ["aider_entries", "bfcl_entries"])
def test_the_library_finds_the_same(evidence: Path, tool: ModuleType, board: str) -> None:
    module = pytest.importorskip("llm_tradeoffs.analysis._pareto")
    entries = getattr(tool, board)(evidence)
    by = ("quality", "cost", "response_time")[: 1 + len(entries[0].low)]
    found = module.pareto([Row(place, entry) for place, entry in enumerate(entries)], by)
    assert {entries[int(place)].label for place in found.front} == {entry.label for entry in tool.undominated(entries)}
    assert len(found.front) + len(found.dominated) == len(entries)


def test_the_cheaper_tokens_cost_more(evidence: Path, tool: ModuleType) -> None:
    """GPT-4.1 Mini: a token costs a third, the work costs more, and fewer answers are right."""
    held = {entry.label: entry for entry in tool.bfcl_entries(evidence)}
    haiku, mini = held["Claude-Haiku-4-5-20251001 (FC)"], held["GPT-4.1-mini-2025-04-14 (FC)"]
    assert (haiku.score, haiku.low[0]) == (Fraction("68.70"), Fraction("14.23"))
    assert (mini.score, mini.low[0]) == (Fraction("50.45"), Fraction("19.25"))
    one = {"input_tokens": 1, "output_tokens": 1}
    prices = [lt.cost(name, as_of="2025-12-16", **one).total for name in ("claude-haiku-4.5", "gpt-4.1-mini")]
    assert prices == [Usd("0.000006"), Usd("0.000002")]
    case = tool.bfcl_case(evidence)
    assert (case["tokens_least"], case["tokens_most"]) == ("3.4", "4.2")
    assert haiku in tool.undominated(list(held.values()))


def test_our_catalog_holds_these_scores(evidence: Path, tool: ModuleType) -> None:
    held = {entry.label: entry for entry in tool.bfcl_entries(evidence)}
    for name, label in (
        ("claude-haiku-4.5", "Claude-Haiku-4-5-20251001 (FC)"),
        ("gpt-4.1-mini", "GPT-4.1-mini-2025-04-14 (FC)"),
    ):
        score = lt.Catalog.bundled()[name].score("bfcl")
        assert score is not None
        assert score.value is not None
        assert score.value.low == score.value.high == held[label].score
