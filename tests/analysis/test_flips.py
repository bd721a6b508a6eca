"""Flips of the article's examples, by hand, and what is said where there are none."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs import Model, Price, Range, Usd, Workload, recommend
from llm_tradeoffs.analysis._flips import Choice
from llm_tradeoffs.model import TokenRatio

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
PAIR = [MINI, HAIKU]


def chatbot(**changes: Any) -> Workload:
    return Workload.preset("support-chatbot").with_(**changes)


class TestTheArticle:
    """GPT-4.1 Mini at 0.40 / 1.60, Claude Haiku 4.5 at 1.00 / 5.00; 200 tokens in, 150 out."""

    flips = recommend(chatbot(), PAIR, objective="expected-cost").flips()

    @pytest.mark.parametrize(
        ("variable", "model", "field", "value", "direction"),
        [
            # 0.00032 / 0.00095: the article's "30 % fewer tokens gives parity" should have been 66.3 %
            ("token_ratio", HAIKU, None, Fraction(32, 95), "down"),
            ("token_ratio", MINI, None, Fraction(95, 32), "up"),
            # 200·1.00 + 150·x = 320, 200·0.40 + 150·x = 950, 200·x + 150·1.60 = 950
            ("price", HAIKU, "rates.standard.output_tokens", Fraction(4, 5), "down"),
            ("price", MINI, "rates.standard.output_tokens", Fraction(29, 5), "up"),
            ("price", MINI, "rates.standard.input_tokens", Fraction(71, 20), "up"),
            # 0.00063 / 0.035
            ("error_cost", None, None, Fraction(18, 1000), "up"),
            ("input_tokens", None, None, 1_047_576 - 150, "up"),
            ("output_tokens", None, None, 32_768, "up"),
        ],
    )
    def test_a_threshold(self, variable: str, model: str | None, field: str | None, value: Any, direction: str) -> None:
        flip = self.flips.of(variable, model, field)[0]
        assert (flip.value, flip.direction, flip.before) == (value, direction, Choice("selected", (MINI,)))

    def test_never(self) -> None:
        """Even free input leaves the dearer output: 150 tokens at 5.00 are 750, and the rival costs 320."""
        steady = {(each.variable, each.model, each.field): each for each in self.flips.steady}
        free = steady["price", HAIKU, "rates.standard.input_tokens"]
        assert (free.low, free.high, free.impossible) == (0, None, "")
        assert "no price does" in steady["requests", None, "requests_per_day"].impossible

    def test_nearest_first(self) -> None:
        """Those with a distance come by it."""
        distances = [flip.relative for flip in self.flips if flip.relative is not None]
        assert distances == sorted(distances)
        assert self.flips[0].value == Fraction(32, 95)
        assert len(self.flips) == len(self.flips[:])

    def test_as_text(self) -> None:
        """A table a person can read."""
        text = str(self.flips)
        assert "claude-haiku-4.5: tokens for the same text         1 ×  ≈ 0.3368 × or less" in text
        assert "-66.3 %" in text
        assert str(self.flips.of("error_cost")[0]) == (
            "cost of a wrong answer, now not stated: above $0.018 claude-haiku-4.5 instead of gpt-4.1-mini"
        )


def test_a_limit_that_nobody_stated_counts_as_none() -> None:
    """It is looked at from the top down, and stating it may change the tree's answer."""
    flips = recommend("research-paper-summaries", PAIR).flips("max_ttft_ms", "error_cost")
    limits = [(flip.value, flip.direction, flip.new.models) for flip in flips.of("max_ttft_ms")]
    assert limits == [(500, "down", (MINI,)), (250, "down", ()), (150, "down", ())]
    stated, threshold = flips.of("error_cost")
    assert (stated.direction, stated.value, stated.at.chosen) == ("stated", 0, MINI)
    assert threshold.value == Fraction(368, 100_000) / Fraction(35, 1000)


def test_a_long_context_price_is_a_jump() -> None:
    """Above 1,000 tokens the cheap one costs ten times as much: it flips there, and at the bound itself it does not."""
    rows = [
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="input_tokens", usd=Usd(10), above_input_tokens=1_000),
        Price(meter="output_tokens", usd=Usd(0)),
    ]
    jumps = Model("acme/jumps", usd_per_mtok=rows, context_window=10**6)
    flat = Model("acme/flat", usd_per_mtok=(2, 0), context_window=10**6)
    answer = recommend(Workload(input_tokens=500, output_tokens=10), [jumps, flat], objective="expected-cost")
    (flip, *_) = answer.flips("input_tokens").of("input_tokens")
    assert (flip.value, flip.at.chosen, flip.after) == (1_000, "acme/jumps", Choice("selected", ("acme/flat",)))
    assert not flip.inclusive
    assert flip.relative == 1


def test_a_tie_at_the_threshold() -> None:
    """Where two cost the same and nothing else is known of them, they tie at one value."""
    one, other = (
        Model("a", usd_per_mtok=(1, 3), context_window=10**6),
        Model("b", usd_per_mtok=(2, 1), context_window=10**6),
    )
    answer = recommend(Workload(input_tokens=100, output_tokens=100), [one, other], objective="expected-cost")
    (ratio,) = answer.flips("in_out_ratio")
    assert (ratio.value, ratio.at, ratio.after) == (2, Choice("tie", ("a", "b")), Choice("selected", ("a",)))
    assert "(at it a tie of a, b)" in str(answer.flips("in_out_ratio"))


def test_a_token_ratio_that_is_published() -> None:
    """Its present value is the published one."""
    one = Model("a", usd_per_mtok=(1, 1), context_window=10**6)
    other = Model("b", usd_per_mtok=(1, 1), context_window=10**6, token_ratio=TokenRatio(Range("1.3"), MINI))
    work = Workload(input_tokens=100, output_tokens=100, counted_for=MINI)
    flip = recommend(work, [one, other], objective="expected-cost").flips("token_ratio").of("token_ratio", "b")[0]
    assert (flip.current, flip.value, flip.at.status) == (Fraction(13, 10), 1, "tie")


def test_who_is_ruled_out_stays_out() -> None:
    """No price helps a model that cannot read images, and that is said."""
    blind = Model("a", usd_per_mtok=(1, 1), context_window=10**6, supports_vision=False)
    flips = recommend(chatbot(needs={"vision"}), [HAIKU, blind]).flips("price")
    assert {each.impossible for each in flips.steady if each.model == "a"} == {
        "it is ruled out by the requirement 'vision'"
    }


def test_a_minimum_charge() -> None:
    """Below 100 tokens at $1/MTok, $0.0001 a call are due anyway: the dearer one without a minimum is cheaper there."""
    charged = Model(
        "a",
        usd_per_mtok={"input_tokens": 1, "output_tokens": 1, "minimum_charge": Decimal("0.0001")},
        context_window=10**6,
    )
    free = Model("b", usd_per_mtok=(2, 2), context_window=10**6)
    work = Workload(input_tokens=200, output_tokens=0)
    flips = recommend(work, [charged, free], objective="expected-cost").flips()
    # 2x = 100 at x = 50, where both cost $0.0001; above 100 tokens 2x > x.
    (down, *_) = flips.of("input_tokens")
    assert (down.value, down.at.models, down.after) == (50, ("a", "b"), Choice("selected", ("b",)))
    # The minimum itself wins until it comes to the 400 of the other one: $0.0004 a call.
    (least,) = flips.of("price", "a", "rates.standard.minimum_charge")
    assert (least.value, least.after) == (Fraction(4, 10_000), Choice("selected", ("b",)))


def test_a_minimum_charge_in_a_conversation() -> None:
    """
    Two turns with the history re-sent send x and 2x tokens, at $1/MTok, and no call costs less than 300 tokens.

    The other one takes 4.5·x. Below x = 150 both calls are at their minimum, 600 together: it is cheaper below 600/4.5.
    """
    charged = Model(
        "a",
        usd_per_mtok={"input_tokens": 1, "output_tokens": 0, "minimum_charge": Decimal("0.0003")},
        context_window=10**9,
    )
    free = Model("b", usd_per_mtok=("1.5", 0), context_window=10**9)
    work = Workload(input_tokens=1000, output_tokens=0, turns=2)
    flips = recommend(work, [charged, free], objective="expected-cost").flips("input_tokens")
    assert [flip.value for flip in flips] == [Fraction(600) / Fraction(9, 2), 10**9 // 2]
    assert [flip.after for flip in flips] == [Choice("selected", ("b",)), Choice("infeasible")]


def test_without_output_there_is_no_ratio() -> None:
    """With nothing out *a* is cheaper; every ratio, however high, has some output, which nobody prices for *a*."""
    silent = Model("a", usd_per_mtok={"input_tokens": 1}, context_window=10**6)
    able = Model("b", usd_per_mtok=(2, 2), context_window=10**6)
    flips = recommend(Workload(input_tokens=200, output_tokens=0), [silent, able], objective="expected-cost").flips(
        "in_out_ratio"
    )
    (flip,) = flips
    assert (flip.current, flip.direction, flip.before.chosen, flip.at.chosen) == (None, "stated", "a", "b")
    assert "no output  with any output at all" in str(flips)


def test_a_first_turn_that_sends_nothing() -> None:
    """*a* has no price of input, and needs one from the second turn on, in which its first answer is sent again."""
    wordless = Model("a", usd_per_mtok={"output_tokens": 1}, context_window=10**9)
    able = Model("b", usd_per_mtok=(2, 2), context_window=10**9)
    work = Workload(input_tokens=0, output_tokens=100)
    (flip, *_) = recommend(work, [wordless, able], objective="expected-cost").flips("turns")
    assert (flip.value, flip.before.chosen, flip.at.chosen) == (2, "a", "b")


def test_without_output_an_answer_takes_no_time() -> None:
    """No speed is known, and none is needed: a window of 1,000 ends the ratio at twice 500 tokens."""
    models = [
        Model(name, usd_per_mtok=(price, 1), context_window=1_000, ttft=Range(200, unit="ms"))
        for name, price in (("a", 1), ("b", 3))
    ]
    work = Workload(input_tokens=500, output_tokens=0, max_response_ms=4_000, counted_for=MINI)
    flips = recommend(work, models, objective="expected-cost").flips("token_ratio")
    b = Choice("selected", ("b",))
    assert [(flip.model, flip.value, flip.after) for flip in flips] == [("b", Fraction(1, 3), b), ("a", 2, b)]


def test_a_number_of_one_is_singular_and_speeds_are_told_apart() -> None:
    """One turn, and a typical speed beside the stated one; far changes are in per cent like the near ones."""
    text = str(recommend(chatbot(turns=1), PAIR, objective="expected-cost").flips())
    assert "1 turn " in text
    assert "1 turns" not in text
    assert f"{HAIKU}: typical output speed, now 45 tokens/s" in text
    assert f"{HAIKU}: output speed, now 47.5 tokens/s" in text
    assert "+21,745 %" in text  # from 150 tokens to 32,768
    assert "times" not in text.replace("time to first token", "")


def test_names() -> None:
    """A made-up variable is an error with the known ones."""
    answer = recommend(chatbot(), PAIR)
    with pytest.raises(lt.UnknownNameError, match="output_tokens"):
        answer.flips("output_token")
    with pytest.raises(lt.UnknownNameError, match="variable"):
        answer.flips("price").of("cost")


POINTS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 100)),
    min_size=1,
    max_size=7,
    unique_by=(lambda p: p[0], lambda p: p[1]),
)


@given(POINTS)
def test_the_error_cost_walks_along_the_convex_hull(points: list[tuple[int, int]]) -> None:
    """Who is chosen as the cost of an error rises is the lower hull of cost and error rate, by a naive O(n³) one."""
    models = [
        Model(f"m{cost}", usd_per_mtok=(0, cost), context_window=10**6, scores={"mmlu": Range(right, unit="%")})
        for cost, right in points
    ]
    work = Workload(input_tokens=0, output_tokens=1_000_000 // 2, error_cost=0)
    answer = recommend(work, models, objective="expected-cost")
    flips = answer.flips("error_cost")
    chosen = [answer.chosen, *(flip.new.chosen for flip in flips)]

    def best(error_cost: Fraction) -> set[int]:
        total = {cost: Fraction(cost, 2) + error_cost * Fraction(100 - right, 100) for cost, right in points}
        return {cost for cost, value in total.items() if value == min(total.values())}

    turns = {
        Fraction(a[0] - b[0], 2) / Fraction(a[1] - b[1], 100)
        for a, b in combinations(points, 2)
        if (a[0] - b[0]) * (a[1] - b[1]) > 0
    }
    real = sorted(turn for turn in turns if best(turn - Fraction(1, 10**6)) != best(turn + Fraction(1, 10**6)))
    assert [flip.value for flip in flips] == real
    assert chosen == [f"m{min(best(turn))}" for turn in [Fraction(0), *(turn + Fraction(1, 10**6) for turn in real)]]


def test_values_are_plain() -> None:
    """A flip is an immutable value that can be compared."""
    first = recommend(chatbot(), PAIR).flips("error_cost")[0]
    assert first == recommend(chatbot(), PAIR).flips("error_cost")[0]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        first.value = 1  # type: ignore[misc]
