"""Why not: what binds, by how much, and what would make it win."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

import llm_tradeoffs as lt
from analysis.asking import Asked
from analysis.test_flips_are_exact import questions
from llm_tradeoffs import InvalidValueError, Range, Usd, Workload, recommend
from llm_tradeoffs.analysis._flips import Flip
from llm_tradeoffs.recommendation import Caps

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"


def chatbot(**changes: Any) -> Workload:
    return Workload.preset("support-chatbot").with_(**changes)


def test_it_costs_more() -> None:
    """The article's chatbot: 2.97 times the cost, $189 a month, and 66.3 % fewer tokens would be parity."""
    why = recommend(chatbot(), [MINI, HAIKU]).why_not(HAIKU)
    assert (why.standing, why.constraint, why.unit) == ("possible", "cost", "USD")
    assert (why.required, why.actual) == (Fraction(32, 100_000), Range("0.00095", unit="USD"))
    assert why.slack == Fraction(32 - 95, 100_000)
    assert (why.margin, why.margin_per_month) == (Usd("0.00063"), Usd("189"))
    assert why.margin_percent == Fraction(63 * 100, 32)
    ratio = why.would_win[0]
    assert (ratio.variable, ratio.value, ratio.direction) == ("token_ratio", Fraction(32, 95), "down")
    assert ratio.relative == Fraction(63, 95)
    assert "$0.00063 more per request, $189.00 per month, 196.9 %" in str(why)


@pytest.mark.parametrize(
    ("changes", "caps", "model", "constraint", "slack"),
    [
        ({"longest_tokens": 300_000}, {}, HAIKU, "context", 200_000 - 300_150),
        ({"min_quality_percent": 76}, {}, MINI, "quality", -4),
        ({"max_ttft_ms": 160}, {}, HAIKU, "ttft", -240),
        ({"max_response_ms": 3_000}, {}, MINI, "response_time", Fraction(3_000) - 250 - Fraction(150_000, 45)),
        ({"output_tokens": 40_000}, {}, MINI, "output_limit", 32_768 - 40_000),
        ({}, {"cost_per_month": 200}, HAIKU, "cost_per_month", -85),
        ({}, {"cost_per_request": "0.0009"}, HAIKU, "cost_per_request", Fraction(-5, 100_000)),
    ],
)
def test_what_binds(changes: dict[str, Any], caps: dict[str, Any], model: str, constraint: str, slack: Any) -> None:
    """The requirement that is not met, and by how much."""
    why = recommend(chatbot(**changes), [MINI, HAIKU], caps=Caps(**caps)).why_not(model)
    assert (why.constraint, why.slack) == (constraint, slack)
    assert why.standing != "possible"


def test_each() -> None:
    """Everybody but the chosen one, those in the race first."""
    answer = recommend(chatbot(min_quality_percent=76), [MINI, HAIKU])
    assert answer.chosen == HAIKU
    assert [why.model for why in answer.why_not_each] == [MINI]
    with pytest.raises(InvalidValueError, match="was chosen"):
        answer.why_not(HAIKU)
    with pytest.raises(lt.UnknownNameError, match="no candidate is named"):
        answer.why_not("gpt-5")


def beyond(flip: Flip) -> list[Any]:
    """The value itself, or a value just beyond it."""
    step = Fraction(1, 10**12)
    return [flip.value] if flip.inclusive else [flip.value + (step if flip.direction != "down" else -step)]


@settings(max_examples=40)
@given(questions())
def test_what_would_make_it_win_does(asked: Asked) -> None:
    """Put into the question, each change that is named makes it the choice."""
    answer = asked.answer()
    for why in answer.why_not_each:
        assert why.reason
        for flip in why.would_win:
            values = [value for value in beyond(flip) if flip.at.chosen == why.model or not flip.inclusive]
            for value in values:
                if flip.direction != "stated":
                    assert asked.with_(flip.variable, value, flip.model, flip.field).answer().chosen == why.model
