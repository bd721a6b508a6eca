"""Tornado tables, elasticities, and the probability that one model is cheaper than another."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llm_tradeoffs import (
    InvalidTypeError,
    InvalidValueError,
    MissingExtraError,
    Model,
    Price,
    Range,
    UnknownNameError,
    UnknownPriceError,
    Usd,
    Workload,
    assess,
)
from llm_tradeoffs.analysis._break_even import break_even
from llm_tradeoffs.analysis._sensitivity import Sensitivity, probability_cheaper, sensitivity
from oracle import Tariff
from refusals import Refusal, check, table
from strategies import loads, positive_numbers, rows_of, shares, tariffs

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
CHAT = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
DESK = Workload(input_tokens=600, output_tokens=200, task="instruction-following", error_cost="0.05")
A, B = Model("a", usd_per_mtok=("0.40", "1.60")), Model("b", usd_per_mtok=("1.00", "0.50"))


def money(model: Model, work: Workload) -> Fraction:
    """What a request costs."""
    cost = assess(model, work).cost
    assert cost is not None
    return cost.per_request.as_fraction()


def elasticities(found: Sensitivity, *starts: str) -> list[Fraction]:
    """Those of the factors whose names begin so."""
    return [
        Fraction(bar.elasticity) for bar in found.bars if bar.factor.startswith(starts) and bar.elasticity is not None
    ]


# ---------------------------------------------------------------------------- worked in the open


def test_a_tornado_of_one_cost() -> None:
    """$0.00024 of $0.00032 is output: a fifth more of it is $0.000048, and its elasticity 3/4."""
    found = sensitivity(MINI, CHAT)
    assert found.base == Usd("0.00032")
    assert [bar.factor for bar in found.bars] == [
        "output_tokens",
        f"price:standard.output_tokens of {MINI}",
        "input_tokens",
        f"price:standard.input_tokens of {MINI}",
    ]
    bar = found.bar("output_tokens")
    assert (bar.low, bar.high, bar.basis) == (120, 180, "±20 %")
    assert (bar.at_low, bar.at_high) == (Usd("0.000272"), Usd("0.000368"))
    assert bar.swing == Usd("0.000096")
    assert bar.elasticity == Fraction(3, 4)
    assert found.bar("input_tokens").elasticity == Fraction(1, 4)


def test_stated_ranges_are_used() -> None:
    """The article's 72-75 % and 76-78 % on MMLU move the difference by 3 and by 2 points of the error cost."""
    found = sensitivity([MINI, HAIKU], CHAT.with_(error_cost="0.05"))
    assert found.of == "difference"
    assert found.by == "expected_cost"
    mini, haiku = (found.bar(f"accuracy of {name}") for name in (MINI, HAIKU))
    assert (mini.basis, mini.low, mini.high, mini.base) == ("stated", 72, 75, Fraction("73.5"))
    assert mini.swing == Usd("0.0015")
    assert haiku.swing == Usd("0.0010")
    assert found.base == Usd(Fraction("0.00032") - Fraction("0.00095") + Fraction("0.035") * Fraction("0.05"))


def test_given_ranges_go_before_all_others() -> None:
    """Names are those of break_even; texts, pairs and ranges will do; shares at 0 get a bar if they get a range."""
    ranges: dict[str, Any] = {
        "output_tokens": (100, 400),
        "input_tokens": "100-200",
        "cached_share": (0, "0.9"),
        "price:output_tokens": Range(1, 2),
    }
    found = sensitivity(A, CHAT, ranges)
    assert {bar.basis for bar in found.bars if bar.factor != "price:standard.input_tokens of a"} == {"given"}
    bar = found.bar("output_tokens")
    assert (bar.least, bar.most) == (Usd("0.00024"), Usd("0.00072"))
    assert found.bar("cached_share").swing == Usd(0)
    assert found.bar("cached_share").elasticity is None
    assert found.bar("input_tokens").elasticity == Fraction(1, 4)  # at an end of its range
    assert "price:standard.output_tokens of a (given)" in str(found)


def test_the_least_of_several() -> None:
    """The expected-cost objective: over the range of the error cost the choice changes, and its bar says so."""
    found = sensitivity([MINI, HAIKU], DESK, {"error_cost": (0, "0.05")}, of="least")
    bar = found.bar("error_cost")
    assert bar.choices == (MINI, HAIKU)
    assert (bar.least, bar.most) == (Usd("0.00056"), Usd(Fraction("0.0016") + Fraction("0.07") * Fraction("0.05")))
    assert found.base == Usd("0.0051")
    assert sensitivity([MINI, HAIKU, A], CHAT).of == "least"
    assert sensitivity([A, B], CHAT, of="least").bar("price:standard.output_tokens of b").elasticity is not None


def test_a_bend_has_no_elasticity() -> None:
    """At a threshold the cost jumps, and where two models tie for the least it bends."""
    rows = (
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="input_tokens", usd=Usd(3), above_input_tokens=200),
        Price(meter="output_tokens", usd=Usd(1)),
    )
    found = sensitivity(Model("a", usd_per_mtok=rows), CHAT)
    bar = found.bar("input_tokens")
    assert bar.elasticity is None
    assert (bar.least, bar.most) == (Usd("0.00031"), Usd("0.00087"))
    assert sensitivity(Model("a", usd_per_mtok=rows), CHAT, {"input_tokens": (200, 300)}).bars[0].elasticity is None
    tie = sensitivity([A, Model("b", usd_per_mtok=("0.40", "1.60"))], CHAT, of="least")
    assert tie.bar("price:standard.input_tokens of a").elasticity is None
    assert tie.bar("input_tokens").elasticity == Fraction(1, 4)
    assert sensitivity([A, Model("b", usd_per_mtok=("0.40", "1.60"))], CHAT).bar("input_tokens").elasticity is None


def test_it_can_be_read_and_saved() -> None:
    """One line for each bar; as a dict it has exact strings."""
    found = sensitivity(MINI, CHAT)
    lines = str(found).splitlines()
    assert lines[0] == f"Cost of {MINI}: $0.000320 per request"
    assert len(lines) == 2 + len(found.bars)
    assert lines[2].split() == ["output_tokens", "(±20", "%)", "120", "180", "0.000272", "0.000368", "0.75"]
    assert found.to_dict()["bars"][0]["elasticity"] == "0.75"
    unknown = Workload(input_tokens=0, output_tokens=150)
    assert "input_tokens has no bar" in str(sensitivity(MINI, unknown))


# ---------------------------------------------------------------------------- laws

LOADS = loads().map(lambda load: load | {"turns": min(load["turns"], 7), "batch_share": 0})


@given(tariffs(), LOADS, st.data())
def test_a_bar_holds_every_cost_in_its_range(tariff: Tariff, load: dict[str, Any], data: st.DataObject) -> None:
    """Whatever value a count, a share or a price takes within its range, the cost is between the bar's ends."""
    model = Model("a", usd_per_mtok=rows_of(tariff))
    found = sensitivity(model, Workload(**load))
    for bar in found.bars:
        value = bar.low + data.draw(shares()) * (bar.high - bar.low)
        if bar.factor.startswith("price:"):
            tier, _, rest = bar.factor.removeprefix("price:").removesuffix(" of a").partition(".")
            meter, _, bound = rest.partition(".above_")
            changed = Model(
                "a", usd_per_mtok=rows_of(tariff | {(meter, tier, int(bound) if bound else None): Fraction(value)})
            )
            costs = money(changed, Workload(**load))
        else:
            costs = money(model, Workload(**load | {bar.factor: value}))
        assert bar.least.as_fraction() <= costs <= bar.most.as_fraction()
        if bar.factor.startswith("price:"):  # monotone: the ends of the range are the ends of the bar
            assert (bar.at_low, bar.at_high) == (bar.least, bar.most)


@given(tariffs(), LOADS)
def test_the_elasticities_of_the_prices_sum_to_one(tariff: Tariff, load: dict[str, Any]) -> None:
    """A bill is homogeneous of degree one in its prices: 1 % on each is 1 % on the whole (Euler)."""
    found = sensitivity(Model("a", usd_per_mtok=rows_of(tariff)), Workload(**load))
    assume(found.base)
    assert sum(elasticities(found, "price:")) == 1


@given(tariffs(thresholds=False, request_fee=False), LOADS)
def test_the_elasticities_of_the_tokens_sum_to_one(tariff: Tariff, load: dict[str, Any]) -> None:
    """Without fees and thresholds a bill is homogeneous of degree one in its tokens, too."""
    found = sensitivity(Model("a", usd_per_mtok=rows_of(tariff)), Workload(**load))
    assume(found.base)
    assert sum(elasticities(found, "input_tokens", "output_tokens")) == 1


@given(LOADS, positive_numbers(), st.sampled_from(["cost", "difference", "least"]))
def test_scaling_all_money_scales_every_bar(load: dict[str, Any], by: Fraction, of: str) -> None:
    """In another currency the bars are as much longer, and the elasticities the same."""
    models = [A] if of == "cost" else [A, B]
    scaled = [
        Model(each.id, usd_per_mtok={price.meter: price.usd.as_fraction() * by for price in each.rates.prices})
        for each in models
    ]
    here, there = sensitivity(models, Workload(**load), of=of), sensitivity(scaled, Workload(**load), of=of)
    for bar in here.bars:
        other = there.bar(bar.factor)
        assert other.swing == bar.swing * by
        assert other.elasticity == bar.elasticity
        assert other.choices == bar.choices


@given(LOADS, st.fractions(0, 2, max_denominator=50), st.fractions(0, 2, max_denominator=50))
def test_a_bar_of_the_difference_straddles_zero_where_there_is_a_break_even(
    load: dict[str, Any], one: Fraction, other: Fraction
) -> None:
    """Both are two views of one line."""
    work = Workload(**load)
    low, high = sorted([one, other])
    bar = sensitivity([A, B], work, {"price:input_tokens of a": (low, high)}).bar("price:standard.input_tokens of a")
    crossed = break_even(A, B, work, "price:input_tokens of a").stretches
    ids = {
        stretch.cheaper for stretch in crossed if stretch.low <= high and (stretch.high is None or stretch.high >= low)
    }
    if bar.least < Usd(0) < bar.most:
        assert {"a", "b"} <= ids
    assert (bar.most <= Usd(0)) == all(
        break_even(A, B, work, "price:input_tokens of a").cheaper_at(x) != "b" for x in (low, high)
    )


# ---------------------------------------------------------------------------- several at once


def test_two_accuracies_are_exact() -> None:
    """
    A wins where the points between them are less than 3.15: of a rectangle of 3 by 2 points, 2.15²/2 less 0.15²/2.
    """
    found = probability_cheaper(MINI, HAIKU, CHAT.with_(error_cost="0.02"))
    beyond = Fraction("2.15") ** 2 / 2 - Fraction("0.15") ** 2 / 2
    assert found.value == beyond / 6 == Fraction(23, 60)
    assert (found.method, found.standard_error, found.samples, found.seed, found.equal) == (
        "exact",
        None,
        None,
        None,
        0,
    )
    assert "38.3 %" in str(found)


def test_one_factor_is_exact_even_across_thresholds() -> None:
    """The shares of its range that break_even finds."""
    rows = (
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="input_tokens", usd=Usd(3), above_input_tokens=100),
        Price(meter="output_tokens", usd=Usd(1)),
    )
    work = Workload(input_tokens=10, output_tokens=0)
    pair = (Model("a", usd_per_mtok=rows), Model("b", usd_per_mtok=(2, 1)))
    assert probability_cheaper(*pair, work, {"input_tokens": (0, 400)}).value == Fraction(1, 4)
    same = (Model("a", usd_per_mtok=rows), Model("b", usd_per_mtok=(1, 1)))
    found = probability_cheaper(*same, work, {"input_tokens": (50, 150)})
    assert (found.value, found.equal) == (0, Fraction(1, 2))


def test_nothing_to_vary() -> None:
    """Then it is certain."""
    found = probability_cheaper(A, B, CHAT)
    assert (found.value, found.equal, found.varied) == (0, 0, ())
    assert found.assumption == "nothing is stated as a range"
    assert probability_cheaper(B, A, CHAT, {"input_tokens": (200, 200)}).value == 1
    assert probability_cheaper(A, Model("b", usd_per_mtok=("0.40", "1.60")), CHAT).equal == 1


@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 4)), min_size=2, max_size=2), st.integers(-8, 8))
def test_two_prices_agree_with_the_area_on_a_grid(ends: list[tuple[int, int]], shift: int) -> None:
    """P(c₁u₁ + c₂u₂ < t) by counting the cells of a fine grid, to within those that the line cuts."""
    (one, wide), (other, tall) = ends
    low = [Fraction(10 + one), Fraction(10 + other)]
    high = [low[0] + wide, low[1] + tall]
    work = Workload(input_tokens=1, output_tokens=1)
    a = Model("a", usd_per_mtok=(1, 1))
    b = Model("b", usd_per_mtok=(20 + shift, 0))
    found = probability_cheaper(
        a, b, work, {"price:input_tokens of a": (low[0], high[0]), "price:output_tokens of a": (low[1], high[1])}
    )
    steps = 16
    inside = cut = 0
    for i in range(steps):
        for j in range(steps):
            corners = [
                low[0] + wide * Fraction(i + di, steps) + low[1] + tall * Fraction(j + dj, steps) - (20 + shift)
                for di in (0, 1)
                for dj in (0, 1)
            ]
            inside += max(corners) <= 0
            cut += min(corners) < 0 < max(corners)
    assert found.method == "exact"
    assert Fraction(inside, steps**2) <= found.value <= Fraction(inside + cut, steps**2)


@given(st.fractions(1, 40, max_denominator=9), st.integers(3, 5))
def test_many_alike_are_symmetric(middle: Fraction, count: int) -> None:
    """A sum of uniform variables is as often below its mean as above."""
    meters = ["input_tokens", "output_tokens", "cache_read_tokens", "requests"][:count]
    work = Workload(input_tokens=10, output_tokens=3, cached_share=Fraction(1, 2))
    a = Model("a", usd_per_mtok=dict.fromkeys(meters, middle))
    b = Model("b", usd_per_mtok=dict.fromkeys(meters, middle))
    ranges: dict[str, Any] = {f"price:{meter} of a": (middle - 1, middle + 1) for meter in meters}
    assert probability_cheaper(a, b, work, ranges).value == Fraction(1, 2)


def test_without_numpy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exact answers need nothing; a simulation needs the extra."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert probability_cheaper(MINI, HAIKU, CHAT.with_(error_cost="0.02")).method == "exact"
    with pytest.raises(MissingExtraError, match=r"pip install 'llm-tradeoffs\[montecarlo\]'"):
        probability_cheaper(MINI, HAIKU, CHAT.with_(error_cost="0.02"), {"error_cost": (0, "0.04")})


# ---------------------------------------------------------------------------- bad input

REFUSED = {
    "no models": Refusal(
        lambda: sensitivity([], CHAT),
        InvalidValueError,
        asked="no model is named",
        value="no",
        do="give one, two or more",
    ),
    "no names": Refusal(
        lambda: sensitivity(5, CHAT),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="models are 5",
        value="5",
        known="a name, a Model",
    ),
    "an unknown target": Refusal(
        lambda: sensitivity(A, CHAT, of="price"),
        UnknownNameError,
        asked="target",
        value="'price'",
        known="'difference'",
    ),
    "a difference of one": Refusal(
        lambda: sensitivity(A, CHAT, of="difference"),
        InvalidValueError,
        asked="of='difference' takes two models",
        value="1 were named",
    ),
    "a cost of two": Refusal(
        lambda: sensitivity([A, B], CHAT, of="cost"), InvalidValueError, asked="takes one model", value="2 were named"
    ),
    "per right answer": Refusal(
        lambda: sensitivity(MINI, CHAT, by="cost_per_right_answer"),
        InvalidValueError,
        asked="a sensitivity is of money per request",
        value="per request",
        do="by='cost'",
    ),
    "a share of nothing": Refusal(
        lambda: sensitivity(A, CHAT, share=0), InvalidValueError, asked="share is 0", value="0", do="'0.2' for ±20 %"
    ),
    "a share beyond all": Refusal(
        lambda: sensitivity(A, CHAT, share=20), InvalidValueError, asked="share is 20", value="20", do="'0.2' for ±20 %"
    ),
    "ranges as a list": Refusal(
        lambda: sensitivity(A, CHAT, [1, 2]),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="ranges is [1, 2]",
        value="[1, 2]",
        known="{'output_tokens': (100, 300)}",
    ),
    "a range the wrong way round": Refusal(
        lambda: sensitivity(A, CHAT, {"input_tokens": (3, 2)}),
        InvalidValueError,
        asked="the range of input_tokens",
        value="from 3 to 2",
        do="write the smaller end first",
    ),
    "one end": Refusal(
        lambda: sensitivity(A, CHAT, {"input_tokens": 3}),  # type: ignore[dict-item]
        InvalidTypeError,
        asked="the range of input_tokens",
        value="3",
        known="(100, 300)",
    ),
    "a share above one": Refusal(
        lambda: sensitivity(A, CHAT, {"cached_share": (0, 2)}),
        InvalidValueError,
        asked="the range of cached_share",
        value="2",
        known="from 0 to 1",
    ),
    "an unknown factor": Refusal(
        lambda: sensitivity(A, CHAT, {"tokens": (0, 2)}), UnknownNameError, asked="quantity", value="'tokens'"
    ),
    "a factor of nobody": Refusal(
        lambda: sensitivity([A, B], CHAT, {"price:input_tokens": (0, 2)}),
        InvalidValueError,
        asked="'price:input_tokens' does not say of which model",
        value="'price:input_tokens'",
        do="'price:input_tokens of a'",
    ),
    "a factor twice": Refusal(
        lambda: sensitivity(A, CHAT, {"price:input_tokens": (0, 2), "price:standard.input_tokens of a": (0, 2)}),
        InvalidValueError,
        asked="'price:standard.input_tokens of a' is given a range twice",
        value="twice",
        do="Keep one",
    ),
    "turns": Refusal(
        lambda: sensitivity(A, CHAT, {"turns": (1, 2)}),
        InvalidValueError,
        asked="'turns' cannot be varied",
        value="'turns'",
        do="break_even",
    ),
    "a bar that is not there": Refusal(
        lambda: sensitivity(A, CHAT).bar("turns"), UnknownNameError, asked="factor with a bar", value="'turns'"
    ),
    "too few samples": Refusal(
        lambda: probability_cheaper(A, B, CHAT, samples=1),
        InvalidValueError,
        asked="samples is 1",
        value="1",
        known="from 2 up",
    ),
    "no seed": Refusal(
        lambda: probability_cheaper(A, B, CHAT, seed=None),  # type: ignore[arg-type]
        InvalidValueError,
        asked="seed is None",
        value="None",
        known="from 0 up",
    ),
    "too many factors": Refusal(
        lambda: probability_cheaper(
            *(Model(id, usd_per_mtok=rows_of(MANY)) for id in "ab"),
            CHAT,
            {f"price:standard.input_tokens.above_{bound} of {id}": (1, 2) for bound in range(1, 8) for id in "ab"},
        ),
        InvalidValueError,
        asked="14 factors vary",
        value="14",
        known="at most 12",
    ),
}
MANY: Tariff = {
    ("input_tokens", "standard", None): Fraction(1),
    ("output_tokens", "standard", None): Fraction(1),
    **{("input_tokens", "standard", bound): Fraction(bound) for bound in range(1, 8)},
}


@pytest.mark.parametrize("refusal", table(REFUSED))
def test_bad_input_is_refused(refusal: Refusal) -> None:
    """Each in words that say what to do."""
    check(refusal)


def test_an_unknown_price_is_never_nothing() -> None:
    """A model without a price for output has no cost, so nothing to be sensitive."""
    with pytest.raises(UnknownPriceError, match="output_tokens"):
        sensitivity(Model("a", usd_per_mtok={"input_tokens": 1}), CHAT)
