"""Patterns and their assessments as values: what they say, and how they are read back."""

from __future__ import annotations

import inspect
import json
import pickle
import runpy
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import pytest

from llm_tradeoffs import Range, Usd, Workload
from llm_tradeoffs.patterns import (
    BatchShare,
    BestOfN,
    Cascade,
    Check,
    Conversation,
    DraftThenReview,
    Judge,
    MapReduce,
    Pattern,
    PatternAssessment,
    PromptCaching,
    Retries,
    SelfConsistency,
    Setting,
    Single,
    compare,
)

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
CHECK = Check(usd="0.00002", false_accept="0.05", false_reject="0.10")
CASCADE = Cascade(MINI, HAIKU, check=CHECK)

PATTERNS: tuple[Pattern, ...] = (
    Single(MINI),
    CASCADE,
    Cascade(MINI, HAIKU, MINI, check=[CHECK, Check.perfect()], hopeless="5-10 %", name="three"),
    Cascade(MINI, HAIKU, check=CHECK, accuracy_when_reached={HAIKU: "0.6"}),
    Retries(MINI, times=3, hopeless="0.10"),
    BestOfN(MINI, n=3, judge=Judge(model=HAIKU, picks_right="0.9")),
    SelfConsistency(MINI, n=5, wrong_answers="scatter"),
    DraftThenReview(MINI, HAIKU, fixes="0.5", breaks="0.01", output_tokens=100),
    Conversation(HAIKU, last_turns=5),
    Conversation(HAIKU, summarise_every=5, summary_tokens=100, summary_model=MINI),
    PromptCaching(HAIKU, every_minutes="2.5", minimum_tokens=4_096),
    MapReduce(MINI, chunk_tokens=1_000, overlap_tokens=10, reducer=HAIKU),
    BatchShare(HAIKU, Range("0.2", "0.4")),
)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.label)
def test_they_are_values(pattern: Pattern) -> None:
    """A repr can be pasted back, a copy is equal and hashes alike, and nothing can be changed."""
    again = eval(repr(pattern))
    assert again == pattern
    assert hash(again) == hash(pattern)
    assert pickle.loads(pickle.dumps(pattern)) == pattern
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        pattern.name = "other"


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.label)
def test_their_answers_can_be_read_and_written(pattern: Pattern) -> None:
    """Text for people, plain types for programs, and both say the same."""
    found = pattern.assess("support-chatbot")
    data = json.loads(json.dumps(found.to_dict()))
    assert data["pattern"] == pattern.label
    assert str(found).startswith(f"{pattern.label} on Customer service chatbot\n  cost per request $")
    cost = found.cost_per_request
    assert cost is not None
    assert Range(data["cost_per_request_usd"]["low"], data["cost_per_request_usd"]["high"], "USD") == cost
    assert len(data["lines"]) == len(found.lines) > 0
    assert data["assumptions"] == list(found.assumptions)
    assert found.assumptions


@pytest.mark.parametrize("kind", [*dict.fromkeys(type(each) for each in PATTERNS), Check, Judge])
def test_what_type_checkers_are_told_is_what_the_constructor_takes(kind: type[Any]) -> None:
    """The constructors are written out, since they take more than they hold; every field is in them."""
    taken = [name for name in inspect.signature(kind).parameters if name != "self"]
    assert taken == [field.name for field in attrs.fields(kind)]


def test_what_a_user_types() -> None:
    """The example of the handbook: four ways in one table."""
    table = compare(MINI, HAIKU, CASCADE, Retries(MINI, times=3, hopeless="0.10"), workload="support-chatbot")
    assert table.labels == (MINI, HAIKU, f"{MINI} → {HAIKU}", f"{MINI}, up to 3 tries")
    assert table.best("cost_per_month") == (MINI,)
    assert len(table) == 4
    assert MINI in table
    assert "gpt" not in table
    assert [each.label for each in table] == list(table.labels)
    # p = 72-75 %, e = (1-p)·0.95 + p·0.10; C = 0.00032 + 0.00002 + e·0.00095
    ends = [
        Fraction("0.00034") + ((1 - p) * Fraction("0.95") + p / 10) * Fraction("0.00095")
        for p in (Fraction("0.75"), Fraction("0.72"))
    ]
    assert table[f"{MINI} → {HAIKU}"].cost_per_request == Range(*ends, "USD")
    shown = str(table)
    for words in ("per request", "at worst", "$0.000637 to $0.000661", "$96.00 *", "independent", "certainly best"):
        assert words in shown
    assert repr(table).startswith("<PatternComparison of gpt-4.1-mini; ")
    assert json.loads(json.dumps(table.to_dict()))["patterns"][0]["pattern"] == MINI
    assert str(compare(workload="support-chatbot")) == "No patterns to compare on Customer service chatbot."


def test_accuracy_holds_for_all_that_take_part() -> None:
    """What the caller states goes before the benchmark, in every row; the basis is told."""
    table = compare(MINI, CASCADE, workload="support-chatbot", accuracy={MINI: "0.5", HAIKU: "0.9"})
    assert table[MINI].right_share == Range("0.5")
    right = Fraction("0.5") * Fraction("0.9") + Fraction("0.525") * Fraction("0.9")
    assert table[CASCADE.label].right_share == Range(right)
    assert f"{MINI} is right in 50.0 %, as the caller states" in table[MINI].assumptions


def test_an_error_cost_joins_cost_and_quality() -> None:
    """C + (1-p)·K, and C/p."""
    work = Workload.preset("support-chatbot").with_(error_cost="0.05")
    found = Single(MINI).assess(work, accuracy={MINI: "0.75"})
    assert found.expected_cost == Range(Fraction("0.00032") + Fraction("0.25") * Fraction("0.05"), unit="USD")
    assert found.cost_per_right_answer == Range(Fraction("0.00032") / Fraction("0.75"), unit="USD")
    assert "with errors" in str(found)
    assert Single(MINI).assess(work, accuracy={MINI: 0}).cost_per_right_answer is None


def test_the_day_and_the_world_are_those_asked_for() -> None:
    """Prices of the day, facts of the catalog."""
    found = Single(MINI).assess("support-chatbot", as_of="2025-06-01")
    assert found.as_of.isoformat() == "2025-06-01"


@attrs.frozen
class Twice(Pattern):
    """Ask twice and throw the first answer away: a pattern of one's own."""

    model: str
    name: str = ""

    @property
    def members(self) -> tuple[str, ...]:
        """The model."""
        return (self.model,)

    @property
    def described(self) -> str:
        """What it does."""
        return f"{self.model}, twice"

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """Twice the cost of once."""
        once = Single(self.model).assessed_in(setting)
        assert once.cost_per_request is not None
        return attrs.evolve(once, pattern=self, label=self.label, cost_per_request=once.cost_per_request * 2)


def test_a_pattern_of_ones_own_stands_beside_the_others() -> None:
    """It derives from Pattern and answers in a setting."""
    table = compare(MINI, Twice(MINI), workload="support-chatbot")
    assert table[f"{MINI}, twice"].cost_per_request == Range("0.00064", unit="USD")
    assert table.best() == (MINI,)


def test_a_cache_of_two_lives() -> None:
    """A turn finds the cache if it comes before its time is over; the time is the caller's to say."""
    cases = {
        ("5m", "4.99", None): 0,
        ("5m", 5, None): 1,
        ("1h", 59, None): 0,
        ("1h", 60, None): 1,
        ("5m", 9, 10): 0,
        ("5m", 10, 10): 1,
    }
    for (ttl, every, lives), expired in cases.items():
        pattern = PromptCaching(HAIKU, ttl=ttl, every_minutes=every, lives_minutes=lives)  # type: ignore[arg-type]
        assert pattern.expired_share == Range(expired)


def test_history_that_the_workload_would_not_send() -> None:
    """A conversation says itself what is sent again."""
    work = Workload(input_tokens=100, output_tokens=50, turns=3, history_resent=False)
    found = Conversation(HAIKU).assess(work)
    assert found.worst_cost == Single(HAIKU).assess(work.with_(history_resent=True)).worst_cost
    assert any("whatever the workload says" in each for each in found.assumptions)


def test_a_whole_conversation_is_checked_and_held_again() -> None:
    """A cascade over conversations counts whole ones, and says so."""
    found = CASCADE.assess("support-conversation-50-turns")
    assert found.worst_cost == Usd("0.1875") + Usd("0.00002") + Usd("0.47625")
    assert "a conversation is checked and held again as a whole" in found.assumptions
    assert "cost per conversation of 50 turns" in str(found)


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints its table and the answer below."""
    runpy.run_path(str(Path(__file__).parents[2] / "examples" / "compare_patterns.py"), run_name="__main__")
    shown = capsys.readouterr().out
    assert shown.startswith("Support desk\n")
    assert "least costly with errors counted: the ranges overlap, so nobody can say\n" in shown
    assert "5.0 % of the requests are never answered right" in shown
