"""Assessments side by side."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Comparison, Model, Range, Usd, Workload, compare

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
A = Model(
    "a",
    usd_per_mtok=(1, 2),
    context_window=1_000,
    ttft="100-200 ms",
    output_tokens_per_second=10,
    scores={"mmlu": "70-75 %"},
)
B = Model(
    "b",
    usd_per_mtok=(2, 1),
    context_window=2_000,
    ttft="150-180 ms",
    output_tokens_per_second=20,
    scores={"mmlu": "75-80 %"},
)
BLANK = Model("blank")


def work(**fields: Any) -> Workload:
    return Workload(**{"input_tokens": 200, "output_tokens": 150, **fields})


@pytest.fixture
def chatbot() -> Comparison:
    return compare(MINI, HAIKU, workload="support-chatbot", catalog=Catalog.bundled(trust=("article",)))


class TestCollection:
    """A comparison is a collection of assessments."""

    def test_by_any_name(self, chatbot: Comparison) -> None:
        """An assessment is found by the model's id and by every alias."""
        assert chatbot[MINI] is chatbot["openai/gpt-4.1-mini"] is chatbot["GPT-4.1 Mini"]
        assert chatbot[HAIKU].cost is not None
        assert "claude-haiku-4-5" in chatbot
        assert "gpt-4.1" not in chatbot
        assert 5 not in chatbot

    def test_in_the_order_given(self) -> None:
        """Models keep the order in which they were given, in rows as in iteration."""
        there, back = compare(A, B, workload=work()), compare(B, A, workload=work())
        assert [each.model.id for each in there] == list(there.models) == ["a", "b"]
        assert back.models == ("b", "a")
        assert len(there) == 2
        assert back.row("input_price").texts == there.row("input_price").texts[::-1]

    def test_an_assessment_is_that_of_assess(self, chatbot: Comparison) -> None:
        """compare() computes nothing of its own."""
        article = Catalog.bundled(trust=("article",))
        assert chatbot[MINI] == lt.assess(MINI, "support-chatbot", catalog=article)

    def test_where_and_when(self, chatbot: Comparison) -> None:
        """A comparison keeps its workload, its day and its edition; another day gives other facts."""
        assert (chatbot.workload.name, chatbot.catalog_edition) == ("support-chatbot", Catalog.bundled().edition)
        march = compare(MINI, workload=work(), as_of="2026-03-01")
        assert march.as_of.isoformat() == "2026-03-01"
        assert repr(chatbot) == "<Comparison of gpt-4.1-mini, claude-haiku-4.5 on support-chatbot, as of 2026-11-22>"


class TestRows:
    """One property of every model a row."""

    def test_the_chatbot_of_the_article(self, chatbot: Comparison) -> None:
        """$3.20 and $9.50 a day, $96 and $285 a month, 2.97 times as much."""
        day, month = chatbot.row("cost_per_day"), chatbot.row("cost_per_month")
        assert day.texts == ("$3.20", "$9.50")
        assert month.texts == ("$96.00", "$285.00")
        assert day.values == (Range("3.2", unit="USD"), Range("9.5", unit="USD"))
        assert day.ratio(1) == Fraction(95, 32)
        assert day.ratio(0, base=1) == Fraction(32, 95)
        assert day.difference(1) == Range("6.3", unit="USD")
        assert day.better == (MINI,)
        assert (day.unit, day.lower_is_better) == ("USD", True)

    def test_ranges_are_subtracted_end_by_end(self, chatbot: Comparison) -> None:
        """200-400 less 150-250 are 50-150, as people compare ranges; ranges have no ratio."""
        ttft = chatbot.row("ttft")
        assert ttft.difference(1) == Range(50, 150, "ms")
        assert ttft.difference(0, base=1) == Range(-150, -50, "ms")
        assert ttft.ratio(1) is None
        assert ttft.better == (MINI,)

    def test_all_rows_of_a_full_workload(self, chatbot: Comparison) -> None:
        """Prices, costs, quality, times, window, headroom, fit, capabilities, requirements."""
        assert [row.id for row in chatbot.rows] == [
            "input_price",
            "output_price",
            "blended_price",
            "cost_per_request",
            "cost_per_day",
            "cost_per_month",
            "cost_per_year",
            "cost_per_right_answer",
            "quality",
            "ttft",
            "response_time",
            "token_speed",
            "context_window",
            "rate_limit_headroom",
            "context",
            "supports_vision",
            "supports_tools",
            "supports_batch",
            "feasible",
        ]
        assert "expected_cost" in [row.id for row in compare(MINI, workload=work(error_cost=1)).rows]

    def test_blended_one_to_one(self, chatbot: Comparison) -> None:
        """$0.40 and $1.60 one to one are $1.00, not $0.50."""
        assert chatbot.row("blended_price").texts == ("$1.00", "$3.00")

    def test_higher_is_better(self, chatbot: Comparison) -> None:
        """For quality, window and headroom, more is better."""
        assert chatbot.row("quality").better == (HAIKU,)
        assert chatbot.row("context_window").better == (MINI,)
        assert chatbot.row("context_window").texts == ("1,050,000", "200,000")
        assert chatbot.row("rate_limit_headroom").better == (HAIKU,)

    def test_words(self, chatbot: Comparison) -> None:
        """Capabilities are yes, no or unknown, and yes is better."""
        vision = chatbot.row("supports_vision")
        assert (vision.texts, vision.better, vision.values) == (("no", "yes"), (HAIKU,), (None, None))
        assert vision.lower_is_better is None
        assert chatbot.row("supports_tools").better == ()
        assert compare(MINI, BLANK, workload=work()).row("supports_tools").texts == ("yes", "unknown")

    def test_a_row_about_nothing_is_left_out(self) -> None:
        """What nobody knows of any model, and what was not asked, has no row."""
        ids = {row.id for row in compare(BLANK, workload=work()).rows}
        assert ids == {"context", "feasible"}
        assert "cost_per_day" not in {row.id for row in compare(MINI, workload=work()).rows}

    def test_labels_say_what_they_mean(self) -> None:
        """The year says how it was counted, quality by which benchmark, and a conversation how many turns it has."""
        chat = compare(MINI, workload=work(turns=50, requests_per_month=5, task="math"))
        assert "50 turns" in chat.row("cost_per_request").label
        assert chat.row("quality").label == "Right answers on GSM8K"

    def test_what_does_not_fit(self) -> None:
        """The row on the longest request says what happens: it fits, needs chunks, or its history is cut."""
        long = compare(A, B, workload=work(longest_tokens=1_800)).row("context")
        assert "chunks" in long.texts[0]
        assert long.texts[1] == "fits"
        assert long.better == ("b",)
        assert compare(A, workload=work(turns=9)).row("context").texts == ("history must be cut after turn 2",)
        assert compare(BLANK, workload=work()).row("context").texts == ("unknown",)

    def test_requirements(self) -> None:
        """Whether all requirements are met is yes, no or unknown."""
        row = compare(A, B, BLANK, workload=work(longest_tokens=1_800)).row("feasible")
        assert row.texts == ("no", "yes", "unknown")
        assert row.better == ()


class TestBetter:
    """Better is who is certainly no worse than any other, and better than one."""

    def test_overlapping_ranges(self) -> None:
        """Of ranges of which one lies inside the other, neither is better."""
        assert compare(A, B, workload=work()).row("ttft").better == ()

    def test_ranges_that_touch(self) -> None:
        """70-75 and 75-80: the higher one is better at both ends."""
        assert compare(A, B, workload=work()).row("quality").better == ("b",)

    def test_equals(self) -> None:
        """Where all are equal nobody is better; several may share the best."""
        twins = [Model(name, usd_per_mtok=(price, 1)) for name, price in (("x", 1), ("y", 1), ("z", 2))]
        assert compare(*twins[:2], workload=work()).row("input_price").better == ()
        assert compare(*twins, workload=work()).row("input_price").better == ("x", "y")

    def test_the_unknown_decide_nothing(self) -> None:
        """With one value unknown nobody is known to be best."""
        assert compare(A, BLANK, workload=work()).row("input_price").better == ()

    def test_one_alone(self) -> None:
        """Who is alone is not better than anybody."""
        assert {row.better for row in compare(MINI, workload=work()).rows} == {()}

    def test_zero_has_no_ratio(self) -> None:
        """Nothing is so many times zero, and an unknown value has neither ratio nor difference."""
        free = Model("free", usd_per_mtok=(0, 0))
        row = compare(free, A, BLANK, workload=work()).row("input_price")
        assert (row.ratio(1), row.ratio(0, base=1)) == (None, 0)
        assert (row.ratio(2, base=1), row.difference(2)) == (None, None)


def test_plain_types(chatbot: Comparison) -> None:
    """to_dict() is the table in plain types, with exact numbers as strings, and JSON takes it."""
    plain = chatbot.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert (plain["models"], plain["as_of"], plain["workload"]) == (
        [MINI, HAIKU],
        "2026-11-22",
        "Customer service chatbot",
    )
    rows = {row["id"]: row for row in plain["rows"]}
    assert rows["cost_per_day"]["values"] == [
        {"text": "$3.20", "low": "3.2", "high": "3.2"},
        {"text": "$9.50", "low": "9.5", "high": "9.5"},
    ]
    assert rows["cost_per_day"]["better"] == [MINI]
    assert rows["ttft"]["values"][0] == {"text": "150-250", "low": "150", "high": "250"}
    assert rows["supports_vision"]["values"][0] == {"text": "no", "low": None, "high": None}


def test_prices_of_the_first_turn() -> None:
    """The price rows show what a request of the workload's length is billed at."""
    ladder = Model(
        "ladder",
        usd_per_mtok=(
            lt.Price(meter="input_tokens", usd=Usd(1)),
            lt.Price(meter="input_tokens", usd=Usd(2), above_input_tokens=100),
            lt.Price(meter="output_tokens", usd=Usd(5)),
        ),
    )
    assert compare(ladder, workload=work(input_tokens=100)).row("input_price").texts == ("$1.00",)
    assert compare(ladder, workload=work(input_tokens=101)).row("input_price").texts == ("$2.00",)
