"""The plan as people ask for it and read it: the article's hybrid, limits, unknowns, other ends."""

from __future__ import annotations

import json
import pickle
from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import (
    Catalog,
    InvalidTypeError,
    InvalidValueError,
    Model,
    Range,
    TradeoffsError,
    UnknownNameError,
    Usd,
    Workload,
    assess,
)
from llm_tradeoffs.portfolio import Plan, _search, optimize

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"

# The article: a cheap model "for high-volume, low-complexity tasks", a better one for "complex reasoning and
# math" and "image-based tasks". Its own workloads, with volumes and error costs where it names none.
HYBRID = {
    "triage": Workload.preset("support-triage"),
    "chat": Workload.preset("support-chatbot").with_(error_cost="0.002"),
    "legal": Workload.preset("legal-research-with-numbers").with_(requests_per_month=2_000, error_cost="0.50"),
    "images": Workload.preset("image-documents").with_(requests_per_month=3_000),
}


def model(name: str, price: str, vendor: str | None = "acme", **facts: Any) -> Model:
    """A model that charges for input only, so that a request of a million tokens costs its price."""
    facts = {"scores": {"mmlu": 80}, "context_window": 10_000_000, **facts}
    return Model(name, usd_per_mtok=(price, 0), vendor=vendor, **facts)


def work(count: int = 10, **facts: Any) -> Workload:
    """A million tokens a request."""
    return Workload(input_tokens=1_000_000, output_tokens=0, requests_per_month=count, **facts)


class TestTheArticlesHybrid:
    def test_the_bulk_goes_to_the_cheap_model_and_the_hard_share_to_the_better_one(self, article: Catalog) -> None:
        plan = optimize(HYBRID, [MINI, HAIKU], budget_per_month=250, catalog=article)
        assert plan.assignment == {"chat": MINI, "images": HAIKU, "legal": HAIKU, "triage": MINI}
        assert plan.status == "optimal"
        assert plan.certified
        # (200 × $0.40 + 150 × $1.60) × 300,000 chats, and so on, each over a million.
        chat, triage = Usd("96.00"), Usd("14.00")
        legal = Usd(2_000 * (7_500 * 1 + 300 * 5)) / 1_000_000
        images = Usd(3_000 * (7_500 * 1 + 300 * 5)) / 1_000_000
        assert plan.cost_per_month == chat + triage + legal + images
        errors = Usd("0.002") * 300_000 * Fraction("0.28") + Usd("0.50") * 2_000 * Fraction("0.12")
        assert plan.expected_cost_per_month == chat + triage + legal + images + errors
        assert plan.reasons_against("images") == {MINI: "does not support vision"}
        assert plan.robust is True
        assert plan.same_at_other_end is True

    def test_it_is_the_best_of_all_sixteen(self) -> None:
        plan = optimize(HYBRID, [MINI, HAIKU], budget_per_month=140)
        best: list[tuple[Fraction, dict[str, str]]] = []
        for chosen in product([MINI, HAIKU], repeat=4):
            each = [assess(name, work) for name, work in zip(chosen, HYBRID.values(), strict=True)]
            spent = sum((a.cost.per_month.as_fraction() for a in each), Fraction(0))  # type: ignore[union-attr,misc]
            errors = sum(
                (
                    (1 - Fraction(a.quality.right_share.low))  # type: ignore[union-attr]
                    * a.workload.error_cost.as_fraction()
                    * a.workload.requests_in("month")  # type: ignore[operator]
                    for a in each
                    if a.workload.error_cost is not None
                ),
                Fraction(0),
            )
            if spent <= 140:
                best.append((spent + errors, dict(zip(HYBRID, chosen, strict=True))))
        least, assignment = min(best, key=lambda pair: pair[0])
        assert plan.assignment == assignment
        assert plan.expected_cost_per_month == Usd(least)

    def test_what_the_budget_costs(self) -> None:
        """$130 buys a part of the better answers: the price of a dollar is what the difference of two models says."""
        plan = optimize(HYBRID, [MINI, HAIKU], budget_per_month=130, splits=True)
        # A dollar moves 1/(0.009 - 0.00348) legal cases, each of which is right 6 % more often, at $0.50 an error.
        moved = 1 / (Fraction("0.009") - Fraction("0.00348"))
        assert plan.shadow_price == moved * Fraction("0.06") * Fraction("0.50") - 1
        [price] = plan.shadow_prices
        assert price.until == Fraction("138.44")  # all legal cases on the better model
        more = optimize(HYBRID, [MINI, HAIKU], budget_per_month="131.50", splits=True)
        assert plan.expected_cost_per_month is not None
        assert more.expected_cost_per_month == plan.expected_cost_per_month - Usd(price.saves_usd * Fraction("1.5"))
        assert plan.cost_per_month == Usd(130)
        enough = optimize(HYBRID, [MINI, HAIKU], budget_per_month=1_000, splits=True)
        assert enough.shadow_price == 0
        assert enough.shadow_prices == ()
        assert optimize(HYBRID, [MINI, HAIKU], splits=True).shadow_price is None

    def test_the_next_budget_that_matters(self) -> None:
        plan = optimize(HYBRID, [MINI, HAIKU], budget_per_month=130)
        assert plan.cost_per_month == Usd("127.40")
        more = plan.alternative("more")
        assert more.cost_per_month == Usd("138.44")
        assert ("legal", HAIKU, 1) in more.shares
        assert more.difference is not None
        below = optimize(HYBRID, [MINI, HAIKU], budget_per_month=Usd("138.44") - Usd("0.000001"))
        exactly = optimize(HYBRID, [MINI, HAIKU], budget_per_month="138.44")
        assert below.assignment == plan.assignment
        assert exactly.assignment["legal"] == HAIKU
        assert plan.alternative("no budget").difference == more.difference
        assert plan.alternative("less").status == "infeasible"
        assert plan.alternative("without", "legal").shares == ()
        assert plan.smallest_budget == Usd("127.40")
        with pytest.raises(UnknownNameError, match="'without legal'"):
            plan.alternative("without", "legals")


class TestLimits:
    def test_a_rate_limit_is_shared_by_all_workloads(self) -> None:
        """Either workload fits into the limit of the cheap model; both do not."""
        cheap = model("cheap", "1", requests_per_minute=1)
        dear = model("dear", "2")
        half = Workload(input_tokens=1_000_000, output_tokens=0, requests_per_day=1_000)  # 1,440 is one a minute
        plan = optimize({"a": half, "b": half}, [cheap, dear])
        assert plan.assignment == {"a": "cheap", "b": "dear"}
        assert plan.unknowns == ("requests per minute of dear",)
        split = optimize({"a": half, "b": half}, [cheap, dear], splits=True)
        assert split.shares == {"a": {"cheap": 1}, "b": {"cheap": Fraction(44, 100), "dear": Fraction(56, 100)}}
        assert [(price.id, price.unit) for price in split.shadow_prices] == [("rate of cheap", "request per minute")]
        # A request a minute more is 43,200 a month that cost $1 less each.
        assert split.shadow_prices[0].saves_usd == 43_200
        assert "one request per minute more saves $43,200 of" in str(split)

    def test_a_limit_of_the_caller_replaces_that_of_a_model_and_adds_one_of_a_vendor(self) -> None:
        a, b = model("a", "1", requests_per_minute=1, aliases=("first",)), model("b", "2")
        one = {"w": Workload(input_tokens=1_000_000, output_tokens=0, requests_per_day=1_440 * 2)}
        assert optimize(one, [a, b]).assignment == {"w": "b"}
        assert optimize(one, [a, b], rate_limits={"first": 2}).assignment == {"w": "a"}
        assert optimize(one, [a, b], rate_limits={"first": 2, "acme": "1.9"}).status == "infeasible"

    def test_a_rate_limit_counts_every_turn(self) -> None:
        talk = Workload(input_tokens=1, output_tokens=1, requests_per_day=1_440, turns=3)
        models = [model("a", "1"), model("b", "2")]
        assert optimize({"w": talk}, models, rate_limits={"a": 3}).assignment == {"w": "a"}
        assert optimize({"w": talk}, models, rate_limits={"a": "2.99"}).assignment == {"w": "b"}

    def test_at_most_so_many_vendors(self) -> None:
        """Each vendor is best at one thing; with one vendor the one that is best on the whole does both."""
        x = model("x", "1", "xs", scores={"mmlu": 90, "gsm8k": 60})
        y = model("y", "1", "ys", scores={"mmlu": 60, "gsm8k": 80})
        works = {"general": work(error_cost=10), "math": work(task="math", error_cost=10)}
        assert optimize(works, [x, y]).assignment == {"general": "x", "math": "y"}
        one = optimize(works, [x, y], max_vendors=1)
        assert one.assignment == {"general": "x", "math": "x"}
        assert optimize(works, [x, y], max_vendors=2).assignment == {"general": "x", "math": "y"}
        both = optimize(works, [x, y], max_vendors=1, quality_floors={"general": 80, "math": 70})
        assert both.status == "infeasible"
        assert both.because.count(" and ") == 2
        [group] = both.conflicts
        assert {found.id: found.would_do for found in group} == {
            "quality of general": 60,
            "quality of math": 60,
            "vendors": 2,
        }
        assert "2 vendors would do" in str(both)

    def test_shares_keep_within_the_vendors_too(self) -> None:
        x, y, z = (model(name, price, name) for name, price in (("x", "1"), ("y", "2"), ("z", "3")))
        works = {"a": work(1_440 * 30), "b": work(1_440 * 30)}
        plan = optimize(works, [x, y, z], splits=True, max_vendors=2, rate_limits={"x": "0.5", "y": "0.75", "z": 2})
        assert plan.status == "optimal"
        assert {part.model for part in plan.parts} == {"x", "z"}
        # With the vendors as they are, a request a minute more to x is 43,200 a month that z would do for $2 more.
        assert {price.id: price.saves_usd for price in plan.shadow_prices} == {"rate of x": 2 * 43_200}

    def test_a_floor_over_all_is_weighed_by_volume(self) -> None:
        """9 of 10 requests at 90 and 1 at 60 are 87; the dear model is needed nowhere until 87 is not enough."""
        cheap = model("cheap", "1", scores={"mmlu": 90, "gsm8k": 60})
        dear = model("dear", "2", scores={"mmlu": 95, "gsm8k": 70})
        works = {"many": work(90), "few": work(10, task="math")}
        assert set(optimize(works, [cheap, dear], min_quality_percent=87).assignment.values()) == {"cheap"}
        more = optimize(works, [cheap, dear], min_quality_percent="87.5")
        assert more.assignment == {"few": "dear", "many": "cheap"}
        assert more.quality == Range(88, unit="%")
        split = optimize(works, [cheap, dear], min_quality_percent="87.5", splits=True)
        assert split.shares["few"] == {"cheap": Fraction(1, 2), "dear": Fraction(1, 2)}
        assert split.quality == Range("87.5", unit="%")
        [price] = split.shadow_prices
        # Half a point takes 5 of 100 requests, each $1 dearer.
        assert (price.id, price.unit, price.saves_usd, price.limit, price.until) == (
            "quality",
            "percentage point",
            10,
            Fraction("87.5"),
            87,
        )
        assert "requests: one percentage point less saves $10 of expected cost, down to 87 %." in " ".join(
            str(split).split()
        )

    def test_a_floor_of_a_workload_is_a_mean_and_its_own_least_quality_is_asked_of_every_part(self) -> None:
        cheap, dear = model("cheap", "1", scores={"mmlu": 70}), model("dear", "2", scores={"mmlu": 90})
        mean = optimize({"w": work()}, [cheap, dear], splits=True, quality_floors={"w": 80})
        assert mean.shares == {"w": {"cheap": Fraction(1, 2), "dear": Fraction(1, 2)}}
        assert mean.quality == Range(80, unit="%")
        every = optimize({"w": work(min_quality_percent=80)}, [cheap, dear], splits=True)
        assert every.shares == {"w": {"dear": 1}}
        assert "at least 80 %" in every.reasons_against("w")["cheap"]

    def test_a_budget_that_cannot_hold_says_which_would(self) -> None:
        plan = optimize({"w": work()}, [model("a", "1/3"), model("b", "2")], budget_per_month=3)
        assert plan.status == "infeasible"
        assert plan.because == "the budget of $3.00 a month cannot hold"
        [[conflict]] = plan.conflicts
        assert (conflict.would_do, conflict.would_do_in_words) == (Fraction(10, 3), "$3.34 a month would do")
        assert plan.smallest_budget == Usd(Fraction(10, 3))
        assert plan.cost_per_month is None is plan.expected_cost_per_month
        assert (plan.quality, plan.alternatives, plan.robust, plan.same_at_other_end) == (None, (), None, None)
        assert "$3.34 a month would do" in str(plan)
        assert repr(plan).startswith("<Plan infeasible (as of")
        assert optimize({"w": work()}, [model("a", "1/3")], budget_per_month="10/3").status == "optimal"

    def test_limits_that_fail_each_on_its_own_are_all_named(self) -> None:
        plan = optimize({"w": work()}, [model("a", "1")], budget_per_month=3, quality_floors={"w": 90})
        assert len(plan.conflicts) == 2
        assert plan.because.count("cannot hold") == 2
        assert "80.00 % would do" in str(plan)

    def test_a_limit_of_which_no_value_saves(self) -> None:
        """The other two limits forbid the work together, whatever the third says."""
        plan = optimize(
            {"w": work(1_440 * 30)}, [model("a", "1"), model("b", "2")], rate_limits={"a": 0, "acme": "0.5"}
        )
        words = {found.id: found.would_do_in_words for [found] in plan.conflicts}
        assert words == {"rate of acme": "1 request per minute would do"}
        both = optimize(
            {"w": work(1_440 * 30)},
            [model("a", "1"), model("b", "2")],
            rate_limits={"a": 0, "b": 0},
            budget_per_month=50_000,
        )
        [group] = both.conflicts
        assert {found.id: found.would_do for found in group} == {"rate of a": 1, "rate of b": None}
        assert "no other value of it alone would do" in str(both)


class TestWhoMayDoWhat:
    def test_a_workload_that_nobody_can_do_is_named_with_every_reason(self) -> None:
        small, blind = model("small", "1", context_window=1_000), model("blind", "1", supports_vision=False)
        silent = model("silent", "1")
        plan = optimize({"easy": work(), "hard": work(needs=["vision"])}, [small, blind, silent])
        assert plan.status == "infeasible"
        assert plan.impossible == ("hard",)
        assert plan.because == "no candidate can do hard"
        assert plan.conflicts == ()
        assert plan.smallest_budget is None
        against = plan.reasons_against("hard")
        assert set(against) == {"small", "blind", "silent"}
        assert against["blind"] == "does not support vision"
        assert [each.unknown for each in plan.exclusions if each.model == "silent"] == [True]
        assert "whether silent supports vision is unknown" in str(plan)
        with pytest.raises(UnknownNameError, match="no workload of the plan is named 'easier'"):
            plan.reasons_against("easier")

    def test_no_candidates_at_all(self) -> None:
        plan = optimize({"w": work()}, [])
        assert (plan.status, plan.because) == ("infeasible", "no candidate can do w")

    def test_an_unknown_price_leaves_a_model_out(self) -> None:
        half = Model("half", usd_per_mtok={"output_tokens": 1}, context_window=10_000_000)
        plan = optimize({"w": work()}, [half, model("a", "9")])
        assert plan.assignment == {"w": "a"}
        assert plan.reasons_against("w") == {"half": "the standard price of input_tokens of half is unknown"}

    def test_an_unknown_score_leaves_a_model_out_only_where_it_counts(self) -> None:
        silent, known = model("silent", "1", scores={}), model("known", "2")
        both = [silent, known]
        assert optimize({"w": work()}, both).assignment == {"w": "silent"}
        assert optimize({"w": work(error_cost=0)}, both).assignment == {"w": "silent"}
        assert optimize({"w": work(error_cost=1)}, both, objective="cost").assignment == {"w": "silent"}
        for plan in (
            optimize({"w": work(error_cost="0.01")}, both),
            optimize({"w": work(min_quality_percent=50)}, both),
            optimize({"w": work()}, both, min_quality_percent=1),
            optimize({"w": work()}, both, quality_floors={"w": 1}),
        ):
            assert plan.assignment == {"w": "known"}
            assert plan.reasons_against("w") == {"silent": "the score of silent on mmlu is unknown"}
            assert plan.exclusions[0].unknown
        unpriced = optimize({"w": work(error_cost=1)}, both, objective="cost")
        assert unpriced.quality is None
        assert unpriced.parts[0].error_cost_per_month is None
        assert "unknown" in str(unpriced)

    def test_an_unknown_vendor_leaves_a_model_out_where_vendors_are_limited(self) -> None:
        stray, known = model("stray", "1", None), model("known", "2")
        assert optimize({"w": work()}, [stray, known]).assignment == {"w": "stray"}
        for limit in ({"max_vendors": 1}, {"rate_limits": {"acme": 5}}):
            plan = optimize({"w": work()}, [stray, known], **limit)  # type: ignore[arg-type]
            assert plan.assignment == {"w": "known"}
            assert "vendor of stray is unknown" in plan.reasons_against("w")["stray"]

    def test_a_limit_on_time_that_is_met_only_at_times_is_not_met(self) -> None:
        slow, fast = model("slow", "1", ttft=Range(100, 300)), model("fast", "2", ttft=Range(100, 200))
        assert optimize({"w": work(max_ttft_ms=250)}, [slow, fast]).assignment == {"w": "fast"}


class TestTheEndsOfTheIntervals:
    safe, wide = model("safe", "1", scores={"mmlu": 80}), model("wide", "1", scores={"mmlu": "70-90"})

    def test_the_end_that_is_planned_with_decides(self) -> None:
        works = {"w": work(error_cost=1)}
        low, high = (optimize(works, [self.safe, self.wide], end=end) for end in ("low", "high"))  # type: ignore[arg-type]
        assert (low.assignment, high.assignment) == ({"w": "safe"}, {"w": "wide"})
        assert low.same_at_other_end is high.same_at_other_end is False
        assert low.robust is high.robust is False
        assert "not the best at the other end" in str(low)

    def test_the_same_at_both_ends_and_yet_not_everywhere(self) -> None:
        """Both intervals move together at the ends; apart, the other model may be better."""
        a, b = model("a", "1", scores={"mmlu": "70-80"}), model("b", "1", scores={"mmlu": "69-79"})
        plan = optimize({"w": work(error_cost=1)}, [a, b])
        assert plan.assignment == {"w": "a"}
        assert plan.same_at_other_end is True
        assert plan.robust is False

    def test_a_floor_is_held_against_the_same_end(self) -> None:
        works = {"w": work(min_quality_percent=85)}
        assert optimize(works, [self.wide]).status == "infeasible"
        plan = optimize(works, [self.wide], end="high")
        assert plan.assignment == {"w": "wide"}
        assert plan.same_at_other_end is False
        assert plan.robust is False

    def test_with_floors_only_a_yes_is_certain(self) -> None:
        works, floors = {"w": work(error_cost=1)}, {"w": 60}
        assert optimize(works, [self.safe], quality_floors=floors).robust is True
        assert optimize(works, [self.safe, self.wide], quality_floors=floors).robust is None

    def test_a_search_at_the_other_end_that_is_given_up_says_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = optimize({"w": work(error_cost=1)}, [self.safe])
        given_up = _search.Found(status="undecided", bound=Fraction(0))
        monkeypatch.setattr("llm_tradeoffs.portfolio.plan.search", lambda problem: given_up)
        assert (plan.same_at_other_end, plan.robust) == (None, None)

    def test_shares_are_not_called_robust(self) -> None:
        assert optimize({"w": work(error_cost=1)}, [self.safe], splits=True).robust is None


class TestTies:
    def test_of_equal_plans_the_first_by_name(self) -> None:
        twins = [model("b", "1"), model("a", "1")]
        works = {"v": work(), "u": work()}
        assert optimize(works, twins).assignment == {"u": "a", "v": "a"}
        assert optimize(works, twins, splits=True).shares == {"u": {"a": 1}, "v": {"a": 1}}

    def test_of_equal_expected_costs_the_one_that_costs_less(self) -> None:
        dear, cheap = model("a", "2", scores={"mmlu": 90}), model("b", "1", scores={"mmlu": 80})
        plan = optimize({"w": work(error_cost=10)}, [dear, cheap])
        assert plan.expected_cost_per_month == Usd(30)
        assert plan.assignment == {"w": "b"}

    def test_of_equal_costs_the_one_that_is_right_more_often(self) -> None:
        worse, better, silent = (
            model(n, "1", scores=s) for n, s in (("a", {"mmlu": 80}), ("b", {"mmlu": 90}), ("c", {}))
        )
        assert optimize({"w": work()}, [worse, better, silent], objective="cost").assignment == {"w": "b"}


class TestTheObjective:
    def test_least_cost_pays_for_no_accuracy_that_nobody_asked_for(self) -> None:
        cheap, dear = model("cheap", "1", scores={"mmlu": 70}), model("dear", "2", scores={"mmlu": 90})
        works = {"w": work(error_cost=100)}
        assert optimize(works, [cheap, dear]).assignment == {"w": "dear"}
        least = optimize(works, [cheap, dear], objective="cost")
        assert least.assignment == {"w": "cheap"}
        assert least.expected_cost_per_month == Usd(10 + 3 * 100)
        assert optimize(works, [cheap, dear], objective="cost", min_quality_percent=80).assignment == {"w": "dear"}

    def test_an_error_cost_that_nobody_stated_is_said_to_be_left_out(self) -> None:
        plan = optimize({"a": work(error_cost=1), "b": work()}, [model("m", "1")])
        assert plan.assumptions == ("nobody stated what an error costs in b: only what is paid counts there",)
        assert optimize({"b": work()}, [model("m", "1")], objective="cost").assumptions == ()


class TestTheAnswerAsAValue:
    plan = optimize(HYBRID, [MINI, HAIKU], budget_per_month=130, splits=True)

    def test_pickle_and_equality(self) -> None:
        again = pickle.loads(pickle.dumps(self.plan))
        assert again == self.plan
        assert hash(again) == hash(self.plan)
        assert again.shadow_prices == self.plan.shadow_prices
        assert self.plan != optimize(HYBRID, [MINI, HAIKU], budget_per_month=131, splits=True)

    def test_plain_types(self) -> None:
        data = json.loads(json.dumps(self.plan.to_dict()))
        assert data["cost_per_month"] == "130"
        assert data["shadow_prices"][0]["saves_usd"] == "102/23"
        assert data["parts"][0] == {
            "workload": "chat",
            "model": MINI,
            "share": "1",
            "requests_per_month": "300000",
            "cost_per_month": "96",
            "error_cost_per_month": "168",
            "quality": {"low": "72", "high": "75", "unit": "%"},
        }
        assert {"status", "bound", "because", "alternatives", "exclusions", "as_of"} <= data.keys()
        failed = optimize({"w": work()}, [model("a", "1")], budget_per_month=3)
        assert json.loads(json.dumps(failed.to_dict()))["conflicts"][0][0]["would_do"] == "10"

    def test_there_and_back(self) -> None:
        """What is read is the plan, and whatever follows from it is worked out again and the same."""
        failed = optimize({"w": work()}, [model("a", "1")], budget_per_month=3)
        for plan in (self.plan, failed):
            written = plan.to_dict()
            again = Plan.from_dict(json.loads(json.dumps(written)))
            assert again == plan
            assert again.to_dict() == written
            assert str(again) == str(plan)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"schema_version": 2}, "schema version 2; this release reads version 1"),
            ({"weather": "fine"}, "unknown key: weather"),
            ({"problem": None}, "expected an object with named values @ Plan.problem"),
            ({"bound": 1.5}, "a JSON number may have been rounded"),
            ({"status": "best"}, "Plan.status"),
            ({"parts": None}, "expected a list, got None"),
        ],
    )
    def test_what_is_no_plan(self, change: dict[str, Any], said: str) -> None:
        with pytest.raises(InvalidValueError) as caught:
            Plan.from_dict({**self.plan.to_dict(), **change})
        assert said in str(caught.value)

    def test_a_plan_that_was_edited_into_nonsense(self) -> None:
        data = self.plan.to_dict()
        parts = [{**data["parts"][0], "model": "gpt-9"}]
        with pytest.raises(InvalidValueError, match="gpt-9 does chat in the plan, and was not offered for it"):
            Plan.from_dict({**data, "parts": parts})
        problem = {**data["problem"], "costs": []}
        with pytest.raises(InvalidValueError, match="offers, and not as many costs"):
            Plan.from_dict({**data, "problem": problem})
        with pytest.raises(InvalidTypeError, match="expected the dict of a Plan"):
            Plan.from_dict("plan.json")  # type: ignore[arg-type]

    def test_the_budget_curve(self) -> None:
        """Every plan that is the best for some budget, with the budget from which it is."""
        a, b = model("a", "1", scores={"mmlu": 70}), model("b", "2", scores={"mmlu": 90})
        works = {"v": work(10, error_cost=50), "w": work(20, error_cost=50)}
        found = optimize(works, [a, b], budget_per_month=35).budget_curve()
        # All a: 30 and 30 · 30 % · 50. Each request that goes to b costs 1 more and saves 20 % · 50.
        assert [(point.budget, point.expected_cost_per_month) for point in found.points] == [
            (Usd(30), Usd(480)),
            (Usd(40), Usd(390)),
            (Usd(50), Usd(300)),
            (Usd(60), Usd(210)),
        ]
        assert found.complete
        assert found.points[1].shares == (("v", "b", 1), ("w", "a", 1))
        shared = optimize(works, [a, b], splits=True).budget_curve()
        assert [(point.budget, point.saves_usd) for point in shared.points] == [(Usd(30), 9), (Usd(60), 0)]
        assert json.loads(json.dumps(shared.to_dict()))["points"][0]["saves_usd"] == "9"

    def test_the_budget_curve_in_words(self) -> None:
        a, b = model("a", "1", scores={"mmlu": 70}), model("b", "2", scores={"mmlu": 90})
        plan = optimize({"v": work(10, error_cost=50), "w": work(20, error_cost=50)}, [a, b])
        lines = str(plan.budget_curve()).splitlines()
        assert lines[0].split() == ["budget/month", "expected/month", "buys"]
        assert lines[3].split() == ["$40.00", "$390.00", "v:", "b"]
        assert lines[-1] == "More money buys nothing."
        assert "There are more points" in str(plan.budget_curve(most=2))
        impossible = optimize({"v": work(needs=["vision"])}, [model("m", "1", supports_vision=False)])
        assert str(impossible.budget_curve()) == "No budget buys a plan."
        for wrong in (0, 1.5, "3", None, True):
            with pytest.raises(TradeoffsError, match="most"):
                plan.budget_curve(most=wrong)  # type: ignore[arg-type]

    def test_the_bound_is_the_cost_of_an_optimal_plan(self) -> None:
        assert self.plan.bound == self.plan.expected_cost_per_month

    def test_the_table_adds_up(self) -> None:
        lines = str(self.plan).splitlines()
        total = next(line for line in lines if line.startswith("all "))
        assert "$130.00" in total
        assert "405,000" in total
        assert any("saves $4.43 of expected cost, up to $138.44" in line for line in lines)
        assert max(map(len, lines[:12])) < 120

    def test_a_month_of_nothing_costs_nothing(self) -> None:
        plan = optimize({"w": work(0, error_cost=1)}, [model("a", "1")], min_quality_percent=90)
        assert plan.cost_per_month == Usd(0)
        assert plan.quality is None

    def test_many_exclusions_are_counted(self) -> None:
        blind = [model(f"m{n:02}", "1", supports_vision=False) for n in range(20)]
        text = str(optimize({"w": work(needs=["vision"])}, blind))
        assert "and 8 more; exclusions lists them" in text

    def test_the_day_and_the_catalog_are_remembered(self, article: Catalog) -> None:
        plan = optimize({"t": "support-triage"}, catalog=article, as_of="2026-03-20")
        assert plan.as_of == date(2026, 3, 20)
        assert plan.trust == ("article",)
        assert plan.catalog_hash == article.content_hash

    def test_models_default_to_those_of_the_catalog(self) -> None:
        assert set(optimize({"t": "support-triage"}).assignment.values()) <= {MINI, HAIKU}

    def test_a_search_that_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing found is not the same as nothing possible."""
        a, b = model("a", "1", scores={"mmlu": 70}), model("b", "2", scores={"mmlu": 90})
        works = {"v": work(10, error_cost=50), "w": work(11, error_cost=50)}
        monkeypatch.setattr(_search, "MOST_NODES", 0)
        monkeypatch.setattr(_search, "MOST_PARTS", 0)
        monkeypatch.setattr("llm_tradeoffs.portfolio._highs.installed", lambda: False)
        plan = optimize(works, [a, b], budget_per_month=35)
        assert (plan.status, plan.parts, plan.certified) == ("undecided", (), False)
        assert "none was ruled out" in str(plan)
        monkeypatch.setattr(_search, "MOST_NODES", 3)
        found = optimize(works, [a, b], budget_per_month=35)
        assert found.status == "feasible"
        assert found.bound is not None
        assert found.expected_cost_per_month is not None
        assert found.bound < found.expected_cost_per_month
        assert found.robust is found.same_at_other_end is None
        assert "Nothing below" in str(found)
        assert "not proved optimal" in str(found)


# Laws.

PRICES = st.sampled_from(["1", "2", "3", "3/2", "7/3"])
SCORES = st.sampled_from(["60", "70", "80-85", "75-90", "90"])


@st.composite
def portfolios(draw: st.DrawFn) -> tuple[dict[str, Workload], list[Model], dict[str, Any]]:
    """A few models and workloads, and limits that often just hold. Leaves out thousands of either."""
    models = [
        model(f"m{n}", draw(PRICES), draw(st.sampled_from(["xs", "ys"])), scores={"mmlu": draw(SCORES)})
        for n in range(draw(st.integers(1, 4)))
    ]
    works = {
        f"w{n}": work(draw(st.sampled_from([1, 2, 10])), error_cost=draw(st.sampled_from([None, 1, 10])))
        for n in range(draw(st.integers(1, 3)))
    }
    limits: dict[str, Any] = {
        "splits": draw(st.booleans()),
        "objective": draw(st.sampled_from(["expected-cost", "cost"])),
    }
    if draw(st.booleans()):
        limits["budget_per_month"] = draw(st.integers(1, 60))
    if draw(st.booleans()):
        limits["min_quality_percent"] = draw(st.sampled_from([65, 75, 80]))
    if draw(st.booleans()):
        limits["max_vendors"] = 1
    return works, models, limits


def least(plan: Plan) -> Usd | None:
    """What was to be least."""
    return plan.cost_per_month if plan.objective == "cost" else plan.expected_cost_per_month


@given(portfolios(), st.data())
def test_another_candidate_never_makes_it_dearer(asked: Any, data: st.DataObject) -> None:
    works, models, limits = asked
    before = optimize(works, models, **limits)
    vendor = data.draw(st.sampled_from(["xs", "ys", "zs", None]))
    more = [*models, model("m9", data.draw(PRICES), vendor, scores={"mmlu": data.draw(SCORES)})]
    after = optimize(works, more, **limits)
    cost = least(before)
    if cost is not None:
        assert least(after) is not None
        assert least(after) <= cost  # type: ignore[operator]


@given(portfolios(), st.integers(0, 40))
def test_a_larger_budget_never_makes_it_dearer(asked: Any, more: int) -> None:
    works, models, limits = asked
    budget = limits.get("budget_per_month", 20)
    small = optimize(works, models, **{**limits, "budget_per_month": budget})
    large = optimize(works, models, **{**limits, "budget_per_month": budget + more})
    cost = least(small)
    if cost is not None:
        assert least(large) <= cost  # type: ignore[operator]
    assert (small.smallest_budget is None) == (large.smallest_budget is None)
    if small.smallest_budget is not None:
        assert (small.status == "optimal") == (Usd(budget) >= small.smallest_budget)


@given(portfolios())
def test_a_model_that_is_not_used_may_go(asked: Any) -> None:
    works, models, limits = asked
    plan = optimize(works, models, **limits)
    used = {part.model for part in plan.parts}
    if used:
        assert optimize(works, [each for each in models if each.id in used], **limits).parts == plan.parts


@given(portfolios(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_never_matters(asked: Any, chance: Any) -> None:
    works, models, limits = asked
    turned = dict(chance.sample(list(works.items()), len(works)))
    assert optimize(turned, chance.sample(models, len(models)), **limits) == optimize(works, models, **limits)


@given(portfolios(), st.sampled_from([Fraction(1, 3), Fraction(7)]))
def test_where_all_money_is_worth_more_the_plan_stays_and_costs_more(asked: Any, factor: Fraction) -> None:
    works, models, limits = asked
    dearer = [
        model(
            each.id,
            str(Fraction(each.rates.rates("standard")["input_tokens"].pico, 10**6) * factor),
            each.vendor,
            scores=each.scores,
        )  # type: ignore[union-attr]
        for each in models
    ]
    costly = {n: w if w.error_cost is None else w.with_(error_cost=w.error_cost * factor) for n, w in works.items()}
    more = dict(limits)
    if "budget_per_month" in limits:
        more["budget_per_month"] = limits["budget_per_month"] * factor
    plan, scaled = optimize(works, models, **limits), optimize(costly, dearer, **more)
    assert scaled.shares == plan.shares
    assert scaled.status == plan.status
    if plan.parts:
        assert least(scaled) == least(plan) * factor  # type: ignore[operator]


@given(portfolios())
def test_shares_are_never_dearer_than_whole_assignments(asked: Any) -> None:
    works, models, limits = asked
    whole = optimize(works, models, **{**limits, "splits": False})
    shared = optimize(works, models, **{**limits, "splits": True})
    if whole.parts:
        assert least(shared) <= least(whole)  # type: ignore[operator]


@given(portfolios())
def test_a_robust_plan_is_the_best_wherever_the_accuracies_are(asked: Any) -> None:
    """At every corner of the intervals, by trying all of them."""
    works, models, limits = asked
    plan = optimize(works, models, **{**limits, "splits": False})
    if plan.robust is None:
        return
    best_everywhere = True
    ends = [sorted({each.scores[0].value.low, each.scores[0].value.high}) for each in models]
    for corner in product(*ends):
        there = [
            Model(
                each.id, usd_per_mtok=each.rates, vendor=each.vendor, context_window=10_000_000, scores={"mmlu": score}
            )
            for each, score in zip(models, corner, strict=True)
        ]
        best = optimize(works, there, **{**limits, "splits": False})
        only = {
            name: optimize({name: works[name]}, [m for m in there if m.id == used], objective=plan.objective)
            for name, used in plan.assignment.items()
        }
        mine = sum((least(each) or Usd(0) for each in only.values()), Usd(0))
        best_everywhere &= least(best) == mine
    assert plan.robust == best_everywhere


@given(portfolios())
def test_the_shadow_price_is_what_a_dollar_saves(asked: Any) -> None:
    works, models, limits = asked
    limits = {**limits, "splits": True, "budget_per_month": limits.get("budget_per_month", 20), "max_vendors": None}
    plan = optimize(works, models, **limits)
    cost = least(plan)
    if cost is None or plan.shadow_price is None:
        return
    price = next((each for each in plan.shadow_prices if each.id == "budget"), None)
    budget = Fraction(limits["budget_per_month"])
    until = budget + 1 if price is None else Fraction(price.until)
    for part in (Fraction(1, 7), Fraction(1)):
        more = (until - budget) * part
        there = optimize(works, models, **{**limits, "budget_per_month": budget + more})
        assert least(there) == cost - Usd(Fraction(plan.shadow_price) * more)
