"""Break-evens: both cost the same there, and on either side whoever is said to be cheaper is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llm_tradeoffs import (
    Catalog,
    InvalidTypeError,
    InvalidValueError,
    Model,
    Price,
    UnknownNameError,
    UnknownPriceError,
    Usd,
    Workload,
    assess,
)
from llm_tradeoffs.analysis._break_even import QUANTITIES, BreakEven, Stretch, break_even
from oracle import Tariff, conversation_cost
from refusals import Refusal, check, table
from strategies import card_of, loads, price_lists, ranges, rows_of, shares, tariffs

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
CHAT = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
DESK = Workload(input_tokens=600, output_tokens=200, task="instruction-following", error_cost="0.05")
A, B = Model("a", usd_per_mtok=("0.40", "1.60")), Model("b", usd_per_mtok=("1.00", "0.50"))

# ---------------------------------------------------------------------------- the article


def test_the_articles_parity() -> None:
    """
    For the chatbot parity needs 66.3 % fewer tokens, not 30 %: B may use C_A/C_B of A's tokens.

    $3.20 against $9.50 a day is a ratio of 32/95. With 30 % fewer tokens Claude Haiku still costs 2.08 times as much.
    """
    found = break_even(MINI, HAIKU, CHAT, "token_ratio")
    assert found.values == (Fraction("3.20") / Fraction("9.50"),) == (Fraction(32, 95),)
    assert round(100 * (1 - Fraction(32, 95)), 1) == Fraction("66.3")
    assert found.cheaper_at("0.7") == MINI
    assert found.cheaper_at("0.33") == HAIKU
    assert Fraction("0.7") * Fraction("9.50") / Fraction("3.20") == Fraction(133, 64)  # 2.08
    assert "66.3 % fewer tokens" in str(found)


def test_parity_for_each_in_out_ratio_lies_between_the_ratios_of_the_prices() -> None:
    """All input: 0.40/1.00 of the tokens, 60 % fewer. All output: 1.60/5.00, 68 % fewer."""
    for sent, produced, ratio in ((1, 0, "0.40"), (0, 1, "0.32"), (5_000, 200, Fraction("2.32") / 6)):
        work = Workload(input_tokens=sent, output_tokens=produced)
        assert break_even(MINI, HAIKU, work, "token_ratio").value == Fraction(ratio)


def test_parity_by_fewer_output_tokens_alone() -> None:
    """$0.00032 less the input's $0.0002 leaves $0.00012 of $0.00075 for the output: 16 %, 84 % fewer."""
    assert break_even(MINI, HAIKU, CHAT, "output_token_ratio").value == Fraction("0.16")


def test_the_error_cost_of_the_formulas_page() -> None:
    """K* = (C_B − C_A) / (p_B − p_A) = $0.00104 / 0.04."""
    found = break_even(MINI, HAIKU, DESK, "error_cost")
    assert found.value == Fraction("0.026")
    assert (found.cheaper_at("0.0259"), found.cheaper_at("0.026"), found.cheaper_at("0.0261")) == (MINI, None, HAIKU)
    assert found.current == Fraction("0.05")
    assert found.now == HAIKU


def test_error_cost_with_ranges_of_accuracy() -> None:
    """72-75 % against 76-78 %: the middles are 3.5 points apart, the nearest ends 1, the farthest 6."""
    found = break_even(MINI, HAIKU, CHAT, "error_cost")
    more = Fraction("0.00063")
    assert found.value == more / Fraction("0.035")
    assert found.best_of_a == (more / Fraction("0.01"),)
    assert found.best_of_b == (more / Fraction("0.06"),)
    assert found.current is None
    assert found.now is None


def test_the_accuracy_that_makes_up_for_the_price() -> None:
    """p_B = p_A + (C_B − C_A)/K = 89 % + 0.00104/0.05; and p_A = 93 % − the same."""
    points = 100 * Fraction("0.00104") / Fraction("0.05")
    assert break_even(MINI, HAIKU, DESK, "accuracy").value == 89 + points
    assert break_even(MINI, HAIKU, DESK, f"accuracy of {MINI}").value == 93 - points
    by_right_answer = break_even(MINI, HAIKU, DESK.with_(error_cost=None), "accuracy", by="cost_per_right_answer")
    assert by_right_answer.values == ()  # 89 % · 0.0016/0.00056 is above 100 %
    assert by_right_answer.reason.startswith(f"never: {MINI} is cheaper at every value of accuracy of {HAIKU}")


def test_the_escalation_rate() -> None:
    """e* = 1 − (c_1 + v)/c_2."""
    found = break_even(MINI, HAIKU, CHAT, "escalation_rate", check_cost="0.00003")
    assert found.value == 1 - (Fraction("0.00032") + Fraction("0.00003")) / Fraction("0.00095")
    assert found.cheaper_at(0) == f"{MINI} then {HAIKU}"
    assert found.cheaper_at(1) == HAIKU
    dear = break_even(MINI, HAIKU, CHAT, "escalation_rate", check_cost=1)
    assert dear.value is None
    assert dear.reason.startswith(f"never: {HAIKU} is cheaper")


def test_the_volume_that_earns_back_a_fixed_cost() -> None:
    """$500 once, at $0.00063 less a request, is earned back after 793,650.79 requests."""
    found = break_even(MINI, HAIKU, CHAT, "requests", fixed_costs=(500, 0))
    assert found.value == 500 / Fraction("0.00063")
    assert found.current == 300_000
    assert found.now == HAIKU
    free = break_even(MINI, HAIKU, CHAT, "requests")
    assert (free.value, free.crossings) == (None, ())
    assert free.reason == f"never: {MINI} is cheaper at every value of requests, from 0 up."


def test_the_prices_that_would_make_them_equal() -> None:
    """$0.00032 less $0.0002 of input leaves $0.00012 for 150 tokens of output: $0.80 a million."""
    assert break_even(MINI, HAIKU, CHAT, "price:output_tokens").value == Fraction("0.80")
    named = break_even(MINI, HAIKU, CHAT, f"price:standard.output_tokens of {MINI}")
    assert named.value == (Fraction("0.00095") - Fraction("0.00008")) * 1_000_000 / 150
    assert named.unit == "USD/MTok"
    assert (named.cheaper_at("5.7"), named.cheaper_at("5.9")) == (MINI, HAIKU)


def test_the_in_out_ratio_of_two_lines() -> None:
    """(o_B − o_A)/(i_A − i_B): 0.4·r + 1.6 = 1·r + 0.5 at r = 11/6, whatever the number of tokens."""
    ratio = (Fraction("0.50") - Fraction("1.60")) / (Fraction("0.40") - Fraction("1.00"))
    for sent, produced in ((1, 1), (200, 150), (0, 7)):
        found = break_even(A, B, Workload(input_tokens=sent, output_tokens=produced), "in_out_ratio")
        assert found.value == ratio == Fraction(11, 6)
        assert found.cheaper_at(2) == "a"
        assert found.cheaper_at(1) == "b"
        assert found.stretches[-1].high is None


def test_turns() -> None:
    """With the history, input grows faster than output: dear output wins at first, dear input loses at last."""
    work = Workload(input_tokens=10, output_tokens=100)
    found = break_even(A, B, work, "turns")

    def difference(n: int) -> Fraction:
        sent = n * 10 + 110 * n * (n - 1) // 2
        return (Fraction("0.4") - 1) * sent + (Fraction("1.6") - Fraction("0.5")) * 100 * n

    first = next(n for n in range(1, 100) if difference(n) < 0)
    assert [crossing.value for crossing in found.crossings] == [first]
    assert not found.crossings[0].equal
    assert (found.cheaper_at(first - 1), found.cheaper_at(first)) == ("b", "a")
    assert found.values == ()


def test_whole_turns_may_be_just_equal() -> None:
    """An equal number of turns is an answer of its own."""
    work = Workload(input_tokens=100, output_tokens=100)
    cheap_out = Model("b", usd_per_mtok=(2, 1))
    cheap_in = Model("a", usd_per_mtok=(1, 4))  # equal at 3 turns: sent 9, produced 3 hundreds
    found = break_even(cheap_in, cheap_out, work, "turns")
    sent = [sum(100 * (2 * k - 1) for k in range(1, n + 1)) for n in (2, 3, 4)]
    assert sent == [400, 900, 1_600]
    assert found.values == (3,)
    assert (found.cheaper_at(2), found.cheaper_at(4)) == ("b", "a")


def test_a_threshold_makes_a_jump() -> None:
    """Above 100 tokens A doubles its price: it is cheaper up to 100, and never costs just the same as B."""
    rows = (
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="input_tokens", usd=Usd(3), above_input_tokens=100),
        Price(meter="output_tokens", usd=Usd(1)),
    )
    jumping, steady = Model("a", usd_per_mtok=rows), Model("b", usd_per_mtok=(2, 1))
    found = break_even(jumping, steady, Workload(input_tokens=10, output_tokens=0), "input_tokens")
    assert found.values == (0,)
    assert [(crossing.value, crossing.equal) for crossing in found.crossings] == [(0, True), (100, False)]
    assert (found.cheaper_at(100), found.cheaper_at("100.001")) == ("a", "b")
    assert "a is cheaper up to 100 tokens, b beyond; they never cost just the same there" in found.reason


def test_a_stretch_on_which_both_are_equal() -> None:
    """Equal up to the threshold of one of them."""
    rows = (
        Price(meter="input_tokens", usd=Usd(2)),
        Price(meter="input_tokens", usd=Usd(3), above_input_tokens=100),
        Price(meter="output_tokens", usd=Usd(1)),
    )
    found = break_even(
        Model("a", usd_per_mtok=rows),
        Model("b", usd_per_mtok=(2, 1)),
        Workload(input_tokens=10, output_tokens=0),
        "input_tokens",
    )
    equal = Stretch(low=0, high=100, includes_low=True, includes_high=True, cheaper=None)
    dearer = Stretch(low=100, high=None, includes_low=False, includes_high=False, cheaper="b")
    assert found.stretches == (equal, dearer)
    assert found.values == (100,)
    same = break_even(B, Model("c", usd_per_mtok=("1.00", "0.50")), CHAT, "output_tokens")
    assert same.reason == "always: b and c cost the same at every value of output_tokens, from 0 up."
    assert (same.now, same.values) == (None, ())


def test_counts_are_converted_where_a_ratio_is_published() -> None:
    """The present token ratio is the published one, and what is asked for replaces it."""
    other = Model("acme/two", usd_per_mtok=("0.40", "1.60"), token_ratio="1.25 tokens per token of gpt-4.1-mini")
    work = CHAT.with_(counted_for=MINI)
    found = break_even(MINI, other, work, "token_ratio")
    assert found.current == Fraction("1.25")
    assert found.value == 1
    assert found.now == MINI
    assert break_even(MINI, other, work, f"token_ratio of {MINI}").value == 1


def test_a_break_even_beyond_a_window_says_so() -> None:
    """Where they would cost the same, one of them cannot take the request."""
    small = Model("a", usd_per_mtok=(1, 2), context_window=1_000)
    found = break_even(
        small, Model("b", usd_per_mtok=(2, 1)), Workload(input_tokens=2_000, output_tokens=1), "output_tokens"
    )
    assert found.value == 2_000
    assert len(found.notes) == 1
    assert found.notes[0].startswith("a cannot do that at 2,000: needs 4,000 tokens, the window is 1,000")


def test_it_can_be_read_and_saved() -> None:
    """The answer in words has the value, both sides, and the present; as a dict it has exact strings."""
    found = break_even(MINI, HAIKU, CHAT, "price:output_tokens")
    assert str(found) == (
        f"{MINI} and {HAIKU} cost the same at $0.8/MTok; below that {HAIKU} is cheaper, above it {MINI} is cheaper.\n"
        f"Now it is $5/MTok: {MINI} is cheaper."
    )
    saved = break_even(MINI, HAIKU, CHAT, "token_ratio").to_dict()
    assert saved["values"] == ["32/95"]
    assert saved["stretches"][0] == {
        "low": "0",
        "high": "32/95",
        "includes_low": True,
        "includes_high": False,
        "cheaper": HAIKU,
    }


# ---------------------------------------------------------------------------- laws


def middles(found: BreakEven, data: st.DataObject) -> list[tuple[Fraction, str | None]]:
    """The ends of each stretch that belong to it and a value inside, with who is cheaper there."""
    drawn: list[tuple[Fraction, str | None]] = []
    for stretch in found.stretches:
        low = Fraction(stretch.low)
        high = low + 1_000 if stretch.high is None else Fraction(stretch.high)
        share = data.draw(shares().filter(lambda share: 0 < share < 1))
        inside = low + share * (high - low)
        if (low != high or stretch.includes_low) and (not of_turns(found) or inside.denominator == 1):
            drawn.append((inside, stretch.cheaper))
        drawn += [(low, stretch.cheaper)] if stretch.includes_low else []
        drawn += [(high, stretch.cheaper)] if stretch.includes_high else []
    return drawn


def of_turns(found: BreakEven) -> bool:
    """Whether only whole numbers have a meaning."""
    return found.of == "turns"


def the_cheaper(a: Fraction, b: Fraction) -> str | None:
    """Whoever costs less."""
    return None if a == b else "a" if a < b else "b"


def as_asked(of: str, load: dict[str, Any], value: Fraction) -> tuple[dict[str, Any], dict[str, Any]]:
    """The load of each model with the quantity at *value*."""
    if of == "in_out_ratio":
        tokens = Fraction(load["input_tokens"]) + Fraction(load["output_tokens"])
        changed = load | {"input_tokens": tokens * value / (value + 1), "output_tokens": tokens / (value + 1)}
        return changed, changed
    if of == "token_ratio":
        both = {name: Fraction(load[name]) * value for name in ("input_tokens", "output_tokens")}
        return load, load | both
    if of == "output_token_ratio":
        return load, load | {"output_tokens": Fraction(load["output_tokens"]) * value}
    changed = load | {of: int(value) if of == "turns" else value}
    return changed, changed


LOADS = loads().map(lambda load: load | {"turns": min(load["turns"], 7)})
OF_COUNTS = ("input_tokens", "output_tokens", "in_out_ratio", "cached_share", "batch_share", "token_ratio")


@pytest.mark.parametrize("of", [*OF_COUNTS, "output_token_ratio", "turns"])
@given(st.data())
def test_who_is_cheaper_agrees_with_the_oracle_everywhere(of: str, data: st.DataObject) -> None:
    """
    In each stretch the oracle, which prices turn by turn in fractions, finds the same model cheaper.

    Length thresholds included: at, just beside and between all of them.
    """
    cards: list[Tariff] = [data.draw(tariffs(tiers=("standard", "batch"))) for _ in "ab"]
    load = {
        name: value if isinstance(value, bool | int) else Fraction(value) for name, value in data.draw(LOADS).items()
    }
    assume(of != "in_out_ratio" or load["input_tokens"] or load["output_tokens"])
    pair = [Model(id, usd_per_mtok=rows_of(card)) for id, card in zip("ab", cards, strict=True)]
    try:
        found = break_even(*pair, Workload(**load), of)
    except UnknownPriceError:
        assume(False)  # a cached price that only one tier has
    for value, cheaper in middles(found, data):
        if of == "turns" and value > 60:
            continue  # the oracle takes them one by one
        own = as_asked(of, load, value)
        costs = [conversation_cost(card, **each) for card, each in zip(cards, own, strict=True)]
        assert the_cheaper(*costs) == cheaper, (value, costs)
        assert found.cheaper_at(value) == cheaper
    for crossing in found.crossings:
        assert crossing.below != crossing.above or crossing.equal


@given(st.data())
def test_marginal_prices_and_minimums_bend_the_line(data: st.DataObject) -> None:
    """With every kind of price row, whoever is said to be cheaper is, by the library's own bill."""
    pair = [Model(id, usd_per_mtok=card_of(data.draw(price_lists()))) for id in "ab"]
    load = data.draw(LOADS)
    of = data.draw(st.sampled_from([*OF_COUNTS, "turns"]))
    assume(of != "in_out_ratio" or load["input_tokens"] or load["output_tokens"])
    try:
        found = break_even(*pair, Workload(**load), of)
    except UnknownPriceError:
        assume(False)
    for value, cheaper in middles(found, data):
        own = as_asked(
            of, {name: each if isinstance(each, bool | int) else Fraction(each) for name, each in load.items()}, value
        )
        bills = [assess(model, Workload(**each)).cost for model, each in zip(pair, own, strict=True)]
        costs = [bill.per_request.as_fraction() for bill in bills if bill is not None]
        assert the_cheaper(*costs) == cheaper, (value, costs)


@given(tariffs(), tariffs(), LOADS, st.data())
def test_at_the_price_both_cost_the_same(one: Tariff, other: Tariff, load: dict[str, Any], data: st.DataObject) -> None:
    """A row's price put at its break-even makes the bills equal; a cent more or less, and it does not."""
    work = Workload(**load | {"batch_share": 0})
    a, b = Model("a", usd_per_mtok=rows_of(one)), Model("b", usd_per_mtok=rows_of(other))
    meter, tier, above = data.draw(st.sampled_from(sorted(other, key=str)))
    row = f"price:{tier}.{meter}" + ("" if above is None else f".above_{above}")
    found = break_even(a, b, work, row)
    for value, cheaper in middles(found, data):
        changed = Model("b", usd_per_mtok=rows_of(other | {(meter, tier, above): value}))
        bills = [assess(model, work).cost for model in (a, changed)]
        costs = [bill.per_request.as_fraction() for bill in bills if bill is not None]
        assert the_cheaper(*costs) == cheaper
    assert len(found.values) <= 1


@given(
    ranges("%", 0, 100),
    ranges("%", 0, 100),
    st.fractions(0, 10, max_denominator=100),
    st.sampled_from(["error_cost", "accuracy"]),
)
def test_errors_are_counted_in_money(p: Any, q: Any, error_cost: Fraction, of: str) -> None:
    """C + (1 − p)·K with the middle of each accuracy, and at the ends of both."""
    a = Model("a", usd_per_mtok=("0.40", "1.60"), scores={"mmlu": p})
    b = Model("b", usd_per_mtok=("1.00", "5.00"), scores={"mmlu": q})
    work = CHAT.with_(error_cost=Usd(error_cost))
    found = break_even(a, b, work, of)
    costs = (Fraction("0.00032"), Fraction("0.00095"))

    def difference(value: Fraction, first: Fraction, second: Fraction) -> Fraction:
        k, right = (value, second) if of == "error_cost" else (error_cost, value)
        return costs[0] - costs[1] + ((100 - first) - (100 - right)) * k / 100

    for value in found.values:
        assert difference(Fraction(value), Fraction(p.midpoint), Fraction(q.midpoint)) == 0
    for values, ends in ((found.best_of_a, (p.high, q.low)), (found.best_of_b, (p.low, q.high))):
        for value in values or ():
            assert difference(Fraction(value), Fraction(ends[0]), Fraction(ends[1])) == 0
    assert (found.best_of_a is None) == (p.is_point and q.is_point)


@given(LOADS, st.fractions(Fraction(1, 100), 100))
def test_scaling_all_money_changes_no_break_even(load: dict[str, Any], by: Fraction) -> None:
    """In another currency the same number of tokens breaks even, and a price in that currency."""
    work = Workload(**load | {"batch_share": 0})
    scaled = [
        Model(each.id, usd_per_mtok={price.meter: price.usd.as_fraction() * by for price in each.rates.prices})
        for each in (A, B)
    ]
    for of in ("input_tokens", "output_tokens", "token_ratio", "turns", "cached_share"):
        assert break_even(*scaled, work, of).stretches == break_even(A, B, work, of).stretches
    there, here = (break_even(*pair, work, "price:input_tokens").values for pair in (scaled, (A, B)))
    assert there == tuple(value * by for value in here)


@given(tariffs(), tariffs(), LOADS, st.sampled_from(["input_tokens", "output_tokens", "turns"]))
def test_the_order_of_the_two_says_nothing(one: Tariff, other: Tariff, load: dict[str, Any], of: str) -> None:
    """What holds of one against the other holds of the other against the one."""
    a, b = Model("a", usd_per_mtok=rows_of(one)), Model("b", usd_per_mtok=rows_of(other))
    work = Workload(**load | {"batch_share": 0})
    assert break_even(a, b, work, of).stretches == break_even(b, a, work, of).stretches


def test_a_grid_finds_no_other_crossing() -> None:
    """Brute force over 1,000 lengths of output: each turn that crosses the threshold may turn the balance again."""
    rows = (
        Price(meter="input_tokens", usd=Usd("0.8")),
        Price(meter="input_tokens", usd=Usd(2), above_input_tokens=900),
        Price(meter="output_tokens", usd=Usd("0.2")),
    )
    pair = [Model("a", usd_per_mtok=rows), Model("b", usd_per_mtok=("0.8", 3))]
    work = Workload(input_tokens=120, output_tokens=10, turns=5)
    found = break_even(*pair, work, "output_tokens")
    assert len(found.crossings) == 9
    for tokens in range(1_100):
        bills = [assess(model, work.with_(output_tokens=tokens)).cost for model in pair]
        costs = [bill.per_request.as_fraction() for bill in bills if bill is not None]
        assert found.cheaper_at(tokens) == the_cheaper(costs[0], costs[1]), tokens


def test_the_present_lies_in_one_stretch() -> None:
    """Every present value lies in one stretch, and only one."""
    for of in ("input_tokens", "output_tokens", "cached_share", "in_out_ratio", "turns"):
        found = break_even(A, B, CHAT, of)
        assert found.current is not None
        assert sum(found.current in stretch for stretch in found.stretches) == 1


# ---------------------------------------------------------------------------- bad input

REFUSED = {
    "an unknown quantity": Refusal(
        lambda: break_even(A, B, CHAT, "output"),
        UnknownNameError,
        asked="no quantity is named 'output'",
        value="'output'",
        known="'output_tokens'",
    ),
    "no quantity": Refusal(
        lambda: break_even(A, B, CHAT, None),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="the name of a quantity",
        value="None",
        do="'output_tokens'",
    ),
    "an unknown price": Refusal(
        lambda: break_even(A, B, CHAT, "price:pages"),
        UnknownNameError,
        asked="price of b",
        value="'pages'",
        known="standard.input_tokens",
    ),
    "a model that is not compared": Refusal(
        lambda: break_even(A, B, CHAT, "accuracy of c"),
        UnknownNameError,
        asked="model among those compared",
        value="'c'",
        known="'a', 'b'",
    ),
    "a model against itself": Refusal(
        lambda: break_even(A, A, CHAT, "output_tokens"),
        InvalidValueError,
        asked="'a' is named twice",
        value="'a'",
        do="Name two models",
    ),
    "an unknown objective": Refusal(
        lambda: break_even(A, B, CHAT, "output_tokens", by="price"),
        UnknownNameError,
        asked="objective",
        value="'price'",
        known="'cost'",
    ),
    "accuracy without an error cost": Refusal(
        lambda: break_even(MINI, HAIKU, CHAT, "accuracy"),
        InvalidValueError,
        asked="accuracy changes no cost",
        value="does not say what a wrong answer costs",
        do="error_cost='0.05'",
    ),
    "expected cost without an error cost": Refusal(
        lambda: break_even(MINI, HAIKU, CHAT, "output_tokens", by="expected_cost"),
        InvalidValueError,
        asked="what a wrong answer costs",
        value="errors cannot be counted",
        do="by='cost'",
    ),
    "an unknown accuracy": Refusal(
        lambda: break_even(A, B, CHAT.with_(error_cost=1), "output_tokens"),
        InvalidValueError,
        asked="the accuracy of a is unknown",
        value="no share of right answers on mmlu",
        do="by='cost'",
    ),
    "a negative check": Refusal(
        lambda: break_even(A, B, CHAT, "escalation_rate", check_cost=-1),
        InvalidValueError,
        asked="check_cost",
        value="-1",
    ),
    "a check of something else": Refusal(
        lambda: break_even(A, B, CHAT, "output_tokens", check_cost="0.1"),
        InvalidValueError,
        asked="check_cost is 0.1",
        value="'output_tokens'",
        do="Leave it out",
    ),
    "fixed costs of something else": Refusal(
        lambda: break_even(A, B, CHAT, "output_tokens", fixed_costs=(1, 0)),
        InvalidValueError,
        asked="fixed_costs is (1, 0)",
        value="'output_tokens'",
        do="Leave them out",
    ),
    "one fixed cost": Refusal(
        lambda: break_even(A, B, CHAT, "requests", fixed_costs=500),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="fixed_costs",
        value="500",
        do="(0, 500)",
    ),
    "fixed costs in words": Refusal(
        lambda: break_even(A, B, CHAT, "requests", fixed_costs=("much", 0)),
        InvalidValueError,
        asked="the fixed cost of a",
        value="'much'",
    ),
    "a cascade with errors": Refusal(
        lambda: break_even(MINI, HAIKU, DESK, "escalation_rate"),
        InvalidValueError,
        asked="an escalation rate",
        value="'expected_cost'",
        do="by='cost'",
    ),
    "fixed costs of right answers": Refusal(
        lambda: break_even(MINI, HAIKU, CHAT, "requests", by="cost_per_right_answer"),
        InvalidValueError,
        asked="fixed costs are earned back by requests",
        value="requests",
        do="by='cost'",
    ),
    "more turns than anybody takes": Refusal(
        lambda: break_even(
            Model("a", usd_per_mtok=(Price(meter="input_tokens", usd=Usd(1), above_input_tokens=9),)),
            B,
            CHAT.with_(turns=20_000),
            "output_tokens",
        ),
        InvalidValueError,
        asked="20,000 turns",
        value="20,000",
        do="at most 1,000",
    ),
    "a value that it cannot have": Refusal(
        lambda: break_even(A, B, CHAT, "cached_share").cheaper_at(2),
        InvalidValueError,
        asked="cached_share is 2",
        value="2",
        known="from 0 to 1",
    ),
    "no workload": Refusal(
        lambda: break_even(A, B, None, "turns"),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Workload",
        value="None",
    ),
}


@pytest.mark.parametrize("refusal", table(REFUSED))
def test_bad_input_is_refused(refusal: Refusal) -> None:
    """Each in words that say what to do."""
    check(refusal)


def test_an_unknown_price_is_never_nothing() -> None:
    """A model without a price for output has no break-even; asked for that very price, it has."""
    silent = Model("b", usd_per_mtok={"input_tokens": "0.10"})
    with pytest.raises(UnknownPriceError, match="output_tokens"):
        break_even(A, silent, CHAT, "input_tokens")
    found = break_even(A, silent, CHAT, "price:output_tokens")
    assert found.current is None
    assert found.value == (Fraction("0.00032") - Fraction("0.00002")) * 1_000_000 / 150


def test_every_quantity_is_documented(bundled: Catalog) -> None:
    """Each of them answers for the article's chatbot."""
    for quantity in QUANTITIES:
        of = "price:input_tokens" if quantity.startswith("price") else quantity
        by = "cost_per_right_answer" if of == "accuracy" else None
        assert break_even(MINI, HAIKU, "support-chatbot", of, by=by, catalog=bundled).reason


def test_all_prices_together() -> None:
    """At 32/95 of its prices the dearer one costs what the other does; at no price it costs nothing."""
    found = break_even(MINI, HAIKU, CHAT, of="price")
    assert (found.value, found.current, found.of) == (Fraction(32, 95), 1, f"price of {HAIKU}")
    assert found.cheaper_at(0) == HAIKU
    other = break_even(MINI, HAIKU, CHAT, of=f"price of {MINI}")
    assert other.value == Fraction(95, 32)
