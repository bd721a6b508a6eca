"""The result of interval arithmetic contains every pointwise result, and nothing that is no result."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Range, Usd, Workload, assess
from strategies import exact_numbers, points_of, ranges

NUMBERS = st.one_of(exact_numbers(-9, 9), st.sampled_from([-1, 0, 1]))


def ends(found: Range) -> tuple[Fraction, Fraction]:
    """Both ends as fractions."""
    return Fraction(found.low), Fraction(found.high)


def holds(found: Range, value: Fraction) -> bool:
    """Whether *value* lies in *found*, without asking the library."""
    low, high = ends(found)
    return low <= value <= high


@given(ranges("ms"), ranges("ms"), st.data())
def test_a_sum_contains_every_sum(one: Range, other: Range, data: st.DataObject) -> None:
    """A + b lies in A + B for all a in A and b in B, and the ends of A + B are such sums."""
    a, b = data.draw(points_of(one)), data.draw(points_of(other))
    total = one + other
    assert holds(total, a + b)
    assert ends(total) == (ends(one)[0] + ends(other)[0], ends(one)[1] + ends(other)[1])
    assert total.unit == "ms"
    assert total == other + one


@given(ranges("%"), ranges("%"), st.data())
def test_a_difference_contains_every_difference(one: Range, other: Range, data: st.DataObject) -> None:
    """A - b lies in A - B, whose ends are the least and the greatest difference; A - A is not nothing."""
    a, b = data.draw(points_of(one)), data.draw(points_of(other))
    difference = one - other
    assert holds(difference, a - b)
    assert ends(difference) == (ends(one)[0] - ends(other)[1], ends(one)[1] - ends(other)[0])
    assert difference.unit == "%"
    assert one - one == Range(-one.width, one.width, "%")


@given(ranges("ms"), st.data())
def test_a_negation_contains_every_negation(one: Range, data: st.DataObject) -> None:
    """-a lies in -A, and -(-A) is A."""
    assert holds(-one, -data.draw(points_of(one)))
    negated = -one
    assert -negated == one


@given(ranges("ms"), NUMBERS, st.data())
def test_a_multiple_contains_every_multiple(one: Range, factor: int | Decimal | Fraction, data: st.DataObject) -> None:
    """k·a lies in k·A for every k, negative ones too, and the ends of k·A are multiples of those of A."""
    by = Fraction(factor)
    scaled = one * factor
    assert holds(scaled, data.draw(points_of(one)) * by)
    assert ends(scaled) == tuple(sorted(end * by for end in ends(one)))
    assert factor * one == scaled
    assert scaled.unit == "ms"


@given(ranges("ms"), NUMBERS, st.data())
def test_a_quotient_contains_every_quotient(one: Range, divisor: int | Decimal | Fraction, data: st.DataObject) -> None:
    """a/k lies in A/k for every k but zero, which is refused."""
    by = Fraction(divisor)
    if not by:
        with pytest.raises(ZeroDivisionError):
            _ = one / divisor
        return
    assert holds(one / divisor, data.draw(points_of(one)) / by)
    assert (one / divisor) * divisor == one


@given(ranges("ms"), ranges("ms"), NUMBERS.map(Fraction))
def test_containment_is_what_it_says(one: Range, other: Range, value: Fraction) -> None:
    """A value is in a range from its low end to its high one; a range is in another if both of its ends are."""
    assert (value in one) == holds(one, value)
    assert (other in one) == all(holds(one, end) for end in ends(other))
    assert one.low in one
    assert one.high in one
    assert one.midpoint in one


@given(ranges("ms", 0, 500), ranges("tokens/s", 1, 100), st.sampled_from([0, 1, 200]), st.data())
def test_a_response_time_contains_every_response_time(
    ttft: Range, speed: Range, tokens: int, data: st.DataObject
) -> None:
    """With the first token after t and n tokens at speed s, t + 1000·n/s lies in the stated time; its ends do too."""
    model = Model("acme/one", ttft=ttft, output_tokens_per_second=speed)
    times = assess(model, Workload(input_tokens=1, output_tokens=tokens)).latency
    t, s = data.draw(points_of(ttft)), data.draw(points_of(speed))
    for total in (times.total, times.total_at_any_speed):
        assert total is not None
        assert holds(total, t + 1000 * tokens / s)
        assert ends(total) == (
            ends(ttft)[0] + 1000 * tokens / ends(speed)[1],
            ends(ttft)[1] + 1000 * tokens / ends(speed)[0],
        )


@given(ranges("ms", 0, 500), ranges("tokens/s", 1, 100), ranges("tokens/s", 1, 100), st.data())
def test_a_time_at_any_speed_holds_at_the_stated_and_at_the_typical_one(
    ttft: Range, stated: Range, typical: Range, data: st.DataObject
) -> None:
    """The time that limits are held against contains the times at every speed that a source names."""
    model = Model("acme/one", ttft=ttft, output_tokens_per_second=stated, typical_output_tokens_per_second=typical)
    times = assess(model, Workload(input_tokens=1, output_tokens=200)).latency
    assert times.total_at_any_speed is not None
    assert times.total is not None
    t = data.draw(points_of(ttft))
    for speed in (stated, typical):
        assert holds(times.total_at_any_speed, t + 200_000 / data.draw(points_of(speed)))
    assert holds(times.total, t + 200_000 / data.draw(points_of(typical)))


@given(ranges("%", 0, 100), exact_numbers(0, 9).map(Fraction), st.booleans(), st.data())
def test_an_expected_cost_contains_every_expected_cost(
    score: Range, wrong: Fraction, counts_errors: bool, data: st.DataObject
) -> None:
    """C + (1-p)·K, and C/p, for every share p of right answers; a rate of errors counts from the other end."""
    benchmark, task = ("hallucination-rate", "factual-accuracy") if counts_errors else ("gsm8k", "math")
    model = Model("acme/one", usd_per_mtok=("0.40", "1.60"), scores={benchmark: score})
    workload = Workload(input_tokens=200, output_tokens=150, task=task, error_cost=wrong)
    found = assess(model, workload)
    p = data.draw(points_of(score)) / 100
    p = 1 - p if counts_errors else p
    each = Fraction(32, 100_000)
    assert found.quality.right_share is not None
    assert holds(found.quality.right_share, p)
    assert found.expected_cost is not None
    assert holds(found.expected_cost, each + (1 - p) * wrong)
    assert found.cost is not None
    assert found.cost.per_request == Usd(each)
    assume(p > 0)
    if found.cost_per_right_answer is not None:
        assert holds(found.cost_per_right_answer, each / p)
    else:
        assert found.quality.right_share.low == 0
