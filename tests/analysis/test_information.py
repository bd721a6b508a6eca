"""What would settle a choice, where each value of a fact leads, and what it is worth to know it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llm_tradeoffs import (
    InvalidTypeError,
    InvalidValueError,
    Model,
    Policy,
    Range,
    Score,
    UnknownNameError,
    Usd,
    Workload,
    recommend,
)
from llm_tradeoffs.analysis._information import Information, Leads, OpenFact, information, value_of_information
from llm_tradeoffs.recommendation import Caps, Recommendation
from refusals import Refusal, check, table
from strategies import candidates, exact_numbers, positive_numbers, shares, workloads

MINI, HAIKU = "gpt-4.1-mini", "claude-haiku-4.5"
BOTH = [MINI, HAIKU]
ACME = Model("acme/one", usd_per_mtok=("0.25", "1.25"), context_window=128_000)
IMAGES = Workload(input_tokens=1_000, output_tokens=200, needs={"vision"}, priority="cost", requests_per_month=100_000)
PAIR: list[Any] = [ACME, HAIKU]
CHAT = Workload(input_tokens=200, output_tokens=150)
PRICED = CHAT.with_(error_cost="0.02")


def asked(work: Workload, models: list[Any], **more: Any) -> Information:
    """What is open in the recommendation for *work*."""
    return information(recommend(work, candidates=models), **more)


# ---------------------------------------------------------------------------- worked in the open


def test_a_capability_that_nobody_states() -> None:
    """
    Half a chance to save $0.0015 a request: $0.0005 on Acme if it reads images, against $0.002 on Claude Haiku.
    """
    found = asked(IMAGES, PAIR).fact("supports_vision of acme/one")
    assert [(each.values, each.chosen) for each in found.leads] == [((True,), "acme/one"), ((False,), HAIKU)]
    assert found.worth_per_request == Usd((Fraction("0.002") - Fraction("0.0005")) / 2)
    assert found.worth_per_month == Usd(75)
    assert (found.missing, found.decides, found.prior) == (True, True, "each value equally likely")
    assert found.reason == f"without knowing, {HAIKU}"
    likely = asked(IMAGES, PAIR, prior={"supports_vision of acme/one": {True: "0.9", False: "0.1"}})
    assert likely.facts[0].worth_per_request == Usd("0.0015") * Fraction("0.9")
    certain = asked(IMAGES, PAIR, prior={"supports_vision of acme/one": {False: 1}})
    assert certain.fact("supports_vision of acme/one").worth_per_request == Usd(0)


def test_nothing_can_be_chosen_without_knowing() -> None:
    """Then it has no worth in money, unless work left undone has a cost."""
    found = asked(IMAGES, [ACME])
    assert found.status == "needs_information"
    fact = found.facts[0]
    assert [(each.answer, each.where) for each in fact.leads] == [("acme/one", "yes"), ("infeasible", "no")]
    assert fact.worth_per_request is None
    assert "undone_cost=" in fact.reason
    # Choosing Acme blindly costs 0.0005 + 0.5·0.02; knowing, half the requests are done, half are left undone.
    priced = asked(IMAGES, [ACME], undone_cost="0.02").facts[0]
    assert priced.worth_per_request == Usd(Fraction("0.0005") / 2)
    # Cheap to leave undone: without knowing nobody would begin.
    idle = asked(IMAGES, [ACME], undone_cost="0.0006").facts[0]
    assert idle.reason == "without knowing, leave it undone"
    assert idle.worth_per_request == Usd((Fraction("0.0006") - Fraction("0.0005")) / 2)


def test_an_accuracy_that_is_stated_as_a_range() -> None:
    """
    From 73.85 % on GPT-4.1 Mini is cheaper, by $0.0002 a point: ∫ 0.0002·(x − 73.85) dx / 3 from 73.85 to 75.
    """
    found = asked(PRICED, BOTH).fact(f"accuracy of {MINI}")
    assert not found.missing
    ends = [(each.low, each.high, each.includes_low, each.includes_high, each.chosen) for each in found.leads]
    flip = Fraction("73.85")
    assert ends == [(72, flip, True, False, HAIKU), (flip, 75, True, True, MINI)]
    assert found.worth_per_request == Usd(Fraction("0.0002") * (75 - flip) ** 2 / 2 / 3)
    assert found.worth_per_month is None


def test_a_tie_and_the_error_cost_that_would_settle_it() -> None:
    """Below K* = $0.018 the cheaper, above it the better; a number without an upper end has no prior of its own."""
    found = asked(CHAT, BOTH)
    assert found.status == "tie"
    fact = found.fact("error_cost")
    assert [(each.low, each.high, each.chosen) for each in fact.leads] == [
        (0, Fraction("0.018"), MINI),
        (Fraction("0.018"), None, HAIKU),
    ]
    assert fact.worth_per_request is None
    assert fact.reason == "state how likely its values are: prior={'error_cost': (low, high)}"
    # From 0 to 5 cents, Claude Haiku is right on average; knowing saves 0.035·(0.018 − K) below 0.018.
    stated = asked(CHAT, BOTH, prior={"error_cost": (0, "0.05")}).fact("error_cost")
    assert stated.worth_per_request == Usd(Fraction("0.035") * Fraction("0.018") ** 2 / 2 / Fraction("0.05"))
    several = asked(CHAT, BOTH, prior={"error_cost": {"0.01": "0.5", "0.03": "0.5"}}).fact("error_cost")
    assert several.worth_per_request == Usd(Fraction("0.035") * Fraction("0.008") / 2)
    assert found.idle


def test_a_window_counts_in_whole_tokens() -> None:
    """Needed are 1,200: from there on it fits. A window that is equally likely from 1 to 2,000 fits in 801 of them."""
    small = attrs.evolve(ACME, context_window=None, supports_vision=True)
    fact = asked(IMAGES, [small, HAIKU], prior={"context_window of acme/one": "1-2000"}).fact(
        "context_window of acme/one"
    )
    assert [(each.low, each.high, each.chosen) for each in fact.leads] == [(1, 1_199, HAIKU), (1_200, None, "acme/one")]
    assert fact.worth_per_request == Usd("0.0015") * Fraction(801, 2_000)
    single = asked(IMAGES, [small, HAIKU], prior={"context_window of acme/one": (1_200, 1_200)})
    assert single.fact("context_window of acme/one").worth_per_request == Usd(0)


def test_a_price_that_nobody_states() -> None:
    """
    Output of Acme up to $8.75 a million makes it the cheaper: (0.002 − 0.00025)/200 tokens.

    From 0 to 10 it is the cheaper on average, so knowing saves what it costs too much beyond 8.75.
    """
    silent = Model("acme/one", usd_per_mtok={"input_tokens": "0.25"}, context_window=128_000, supports_vision=True)
    label = "price:standard.output_tokens of acme/one"
    fact = asked(IMAGES, [silent, HAIKU], prior={label: (0, 10)}).fact(label)
    assert [(each.high, each.answer) for each in fact.leads] == [(Fraction("8.75"), "acme/one"), (None, HAIKU)]
    assert fact.worth_per_request == Usd(Fraction(200, 1_000_000) * (10 - Fraction("8.75")) ** 2 / 2 / 10)
    assert fact.reason == "without knowing, acme/one"
    two = Model("acme/one", context_window=128_000, supports_vision=True)  # of two missing prices one settles nothing
    assert label not in asked(IMAGES, [two, HAIKU]).idle


def test_languages_and_limits() -> None:
    """A language that nobody names, and a time to first token that is within its limit only at times."""
    work = CHAT.with_(languages={"welsh"}, priority="cost")
    fact = asked(work, BOTH).fact(f"welsh on {MINI}")
    assert [each.answer for each in fact.leads] == [MINI, "needs information"]
    slow = CHAT.with_(max_ttft_ms=300, priority="cost")
    ttft = asked(slow, [HAIKU]).fact(f"ttft of {HAIKU}")
    assert [(each.low, each.high, each.answer) for each in ttft.leads] == [(200, 300, HAIKU), (300, 400, "infeasible")]
    timed = CHAT.with_(max_response_ms=3_500, priority="cost")
    speed = asked(timed, [HAIKU]).fact(f"output_tokens_per_second of {HAIKU}")
    assert speed.leads[-1].chosen == HAIKU
    assert speed.leads[-1].low == Fraction(150_000, 3_500 - 400)


def test_it_can_be_read_and_saved() -> None:
    """Each fact with its values and its worth; as a dict it has exact strings."""
    text = str(asked(IMAGES, PAIR))
    assert text.startswith(
        f"Now: {HAIKU}. What would decide:\nsupports_vision of acme/one\n  yes: acme/one\n  no: {HAIKU}\n"
    )
    assert "knowing it is worth: $0.00075 per request, $75.00 a month" in text
    assert asked(IMAGES, PAIR).to_dict()["facts"][0]["worth_per_month"] == "75"
    assert str(Information(status="selected", chosen="a", tied=(), facts=(), idle=())) == (
        "Now: a. No single fact that is open would change that."
    )


# ---------------------------------------------------------------------------- laws: the table


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, list[Fraction | None]], list[Fraction]]:
    """Costs of some options in some states, one option possible in all of them, and probabilities."""
    states, options = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    amounts = st.one_of(st.sampled_from([0, 1, 1, 2]), exact_numbers(0, 20)).map(Fraction)
    costs: dict[str, list[Fraction | None]] = {
        f"option {index}": [draw(amounts if not index else st.none() | amounts) for _ in range(states)]
        for index in range(options)
    }
    weights = [draw(st.integers(0, 4)) for _ in range(states)]
    assume(sum(weights))
    return costs, [Fraction(weight, sum(weights)) for weight in weights]


def by_enumeration(costs: dict[str, list[Fraction | None]], probabilities: list[Fraction]) -> Fraction:
    """min_a E[C_a] − E[min_a C_a], over every option and every state."""
    blind = [
        sum(share * cost for share, cost in zip(probabilities, row, strict=True) if share and cost is not None)
        for row in costs.values()
        if all(cost is not None for share, cost in zip(probabilities, row, strict=True) if share)
    ]
    seeing = sum(
        share * min(cost for row in costs.values() if (cost := row[state]) is not None)
        for state, share in enumerate(probabilities)
        if share
    )
    return Fraction(min(blind) - seeing)


@given(tables(), positive_numbers())
def test_the_value_of_information(drawn: tuple[dict[str, Any], list[Fraction]], by: Fraction) -> None:
    """By enumeration; never negative; never more than the widest spread; in any currency."""
    costs, probabilities = drawn
    worth = value_of_information(costs, probabilities)
    assert worth == Usd(by_enumeration(costs, probabilities))
    assert worth >= Usd(0)
    known = [cost for row in costs.values() for cost in row if cost is not None]
    assert worth <= Usd(max(known) - min(known))
    scaled = {name: [None if cost is None else cost * by for cost in row] for name, row in costs.items()}
    assert value_of_information(scaled, probabilities) == worth * by


@given(tables(), exact_numbers(0, 5))
def test_knowing_is_worth_nothing_where_one_option_dominates(
    drawn: tuple[dict[str, Any], list[Fraction]], less: Any
) -> None:
    """An option that is best in every state is chosen anyway."""
    costs, probabilities = drawn
    best = [
        min(row[state] for row in costs.values() if row[state] is not None) - Fraction(less)
        for state in range(len(probabilities))
    ]
    assert value_of_information({**costs, "best": best}, probabilities) == Usd(0)


@given(tables())
def test_another_option_is_never_held_against_the_others(drawn: tuple[dict[str, Any], list[Fraction]]) -> None:
    """An option that is dearer than another one in every state changes no worth."""
    costs, probabilities = drawn
    worse = [None if cost is None else cost + 1 for cost in costs["option 0"]]
    assert value_of_information({**costs, "worse": worse}, probabilities) == value_of_information(costs, probabilities)


# ---------------------------------------------------------------------------- laws: the real decision


def known_as(fact: OpenFact, value: Any, models: list[Model], work: Workload) -> tuple[list[Model], Workload]:
    """The candidates and the workload with one fact known, written independently of the library."""
    name, _, owner = fact.fact.partition(" of ")
    if not owner:
        return models, work.with_(**{name: value})
    changed: list[Model] = []
    for model in models:
        if model.id != owner:
            changed.append(model)
        elif name == "accuracy":
            benchmark = {"math": "gsm8k", "factual-accuracy": "hallucination-rate"}.get(work.task or "", "mmlu")
            raw = 100 - value if benchmark == "hallucination-rate" else value
            rest = [score for score in model.scores if score.benchmark != benchmark]
            changed.append(attrs.evolve(model, scores=[*rest, Score(benchmark, Range(raw, unit="%"))]))
        elif name.startswith("price:standard."):
            meter = name.removeprefix("price:standard.")
            usd = {row.meter: row.usd.as_fraction() for row in model.rates.prices}
            changed.append(attrs.evolve(model, usd_per_mtok=usd | {meter: value}))
        elif name == "output_tokens_per_second":
            changed.append(attrs.evolve(model, typical_output_tokens_per_second=None, **{name: value}))
        else:
            changed.append(attrs.evolve(model, **{name: value}))
    return changed, work


def values_of(each: Leads, data: st.DataObject, *, whole: bool) -> list[Any]:
    """Some values of a stretch: its ends, if they belong to it, and one inside."""
    if each.low is None:
        return list(each.values)
    low = Fraction(each.low)
    high = low + 10_000 if each.high is None else Fraction(each.high)
    inside = low + data.draw(shares().filter(lambda share: 0 < share < 1)) * (high - low)
    drawn = [low] * each.includes_low + [high] * each.includes_high + [inside] * (low != high and not whole)
    return [int(value) if whole else value for value in drawn]


@given(candidates(least=1, most=3), workloads(batch_share=0, cached_share=0), st.data())
def test_each_value_leads_where_it_is_said_to(models: list[Model], work: Workload, data: st.DataObject) -> None:
    """The real recommendation with the fact known is the one that was foretold, at the ends and inside."""
    now = recommend(work, candidates=models)
    found = information(now)
    for fact in found.facts:
        if " on " in fact.fact:
            continue  # "does not handle the language" cannot be said of a model
        assert fact.worth_per_request is None or fact.worth_per_request >= Usd(0)
        for each in fact.leads:
            for value in values_of(each, data, whole=fact.fact.startswith("context_window")):
                changed, known = known_as(fact, value, models, work)
                answer = recommend(known, candidates=changed)
                assert (answer.status, answer.chosen, answer.tied) == (each.status, each.chosen, each.tied), (
                    fact,
                    value,
                )


@given(candidates(least=1, most=3), workloads(batch_share=0, cached_share=0))
def test_every_value_is_in_one_stretch(models: list[Model], work: Workload) -> None:
    """The stretches follow each other without a gap and without overlap, and neighbours differ."""
    found = information(recommend(work, candidates=models))
    for fact in found.facts:
        if fact.leads[0].low is None:
            continue
        step = 1 if fact.fact.startswith("context_window") else 0
        for before, after in zip(fact.leads, fact.leads[1:], strict=False):
            assert before.high is not None
            assert after.low == before.high + step
            assert step or before.includes_high != after.includes_low
            assert (before.status, before.chosen, before.tied) != (after.status, after.chosen, after.tied)


@given(st.sampled_from(["72-75 %", "50-90 %", "0-100 %", "75-76 %"]), st.fractions(0, 1, max_denominator=30))
def test_the_worth_of_an_accuracy_agrees_with_a_fine_grid(stated: str, error_cost: Fraction) -> None:
    """Means over 600 equally likely values come to the same, to within the step at the one bend."""
    cheap = Model("cheap", usd_per_mtok=("0.40", "1.60"), context_window=999_999, scores={"mmlu": stated})
    better = Model("better", usd_per_mtok=("1.00", "5.00"), context_window=999_999, scores={"mmlu": 77})
    found = asked(CHAT.with_(error_cost=Usd(error_cost)), [cheap, better])
    range_ = Range.parse(stated)
    steps = 600
    costs = [
        (
            Fraction("0.00032")
            + (100 - (range_.low + (index + Fraction(1, 2)) * range_.width / steps)) * error_cost / 100,
            Fraction("0.00095") + 23 * error_cost / 100,
        )
        for index in range(steps)
    ]
    blind = min(sum(each) / Fraction(steps) for each in zip(*costs, strict=True))
    seeing = sum(min(pair) for pair in costs) / Fraction(steps)
    worth = [fact.worth_per_request for fact in found.facts if fact.fact == "accuracy of cheap"]
    amount = (worth[0] or Usd(0)).as_fraction() if worth else Fraction(0)
    assert abs(amount - (blind - seeing)) <= error_cost / 100 * range_.width / steps


# ---------------------------------------------------------------------------- bad input

TIE = recommend(CHAT, candidates=BOTH)
REFUSED = {
    "no recommendation": Refusal(
        lambda: information(CHAT),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Recommendation",
        value="Workload(",
        do="information(recommend(work))",
    ),
    "an answer that was edited": Refusal(
        lambda: information(Recommendation.from_json(recommend(IMAGES, PAIR).to_json().replace('"0.25"', '"9"'))),
        InvalidValueError,
        asked="the figures of acme/one",
        value="in this saved answer does not follow",
        do="Ask again with replay()",
    ),
    "a prior of nothing": Refusal(
        lambda: information(TIE, prior={"weather": (0, 1)}),
        UnknownNameError,
        asked="open fact",
        value="'weather'",
    ),
    "priors as a list": Refusal(
        lambda: information(TIE, prior=["error_cost"]),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="prior is ['error_cost']",
        value="['error_cost']",
        known="a mapping",
    ),
    "a prior of one number": Refusal(
        lambda: information(TIE, prior={"error_cost": 5}),  # type: ignore[dict-item]
        InvalidTypeError,
        asked="the prior of error_cost",
        value="5",
        known="(0, 5)",
    ),
    "a range of words": Refusal(
        lambda: information(TIE, prior={"complexity": (0, 1)}),
        InvalidTypeError,
        asked="the prior of complexity",
        value="(0, 1)",
        known="probabilities",
    ),
    "a word that it cannot have": Refusal(
        lambda: information(TIE, prior={"complexity": {"medium": 1}}),
        InvalidValueError,
        asked="the prior of complexity",
        value="'medium'",
        known="'low', 'high'",
    ),
    "a number that it cannot have": Refusal(
        lambda: information(TIE, prior={"error_cost": {-1: 1}}),
        InvalidValueError,
        asked="the prior of error_cost",
        value="-1",
        known="from 0 up",
    ),
    "probabilities of more than all": Refusal(
        lambda: information(TIE, prior={"complexity": {"low": 1, "high": 1}}),
        InvalidValueError,
        asked="the probabilities are 1, 1",
        value="1, 1",
        known="sum to 1",
    ),
    "undone work that earns": Refusal(
        lambda: information(TIE, undone_cost=-1),
        InvalidValueError,
        asked="undone_cost is -1",
        value="-1",
    ),
    "a fact that decides nothing": Refusal(
        lambda: information(TIE).fact("volume"), UnknownNameError, asked="fact", value="'volume'"
    ),
    "a table without options": Refusal(
        lambda: value_of_information({}, [1]), InvalidValueError, asked="no option is named", value="no option"
    ),
    "a row that does not fit": Refusal(
        lambda: value_of_information({"a": [1, 2]}, [1]), InvalidValueError, asked="'a' has 2 costs", value="1 states"
    ),
    "a state without a choice": Refusal(
        lambda: value_of_information({"a": [1, None], "b": [None, 1]}, ["0.5", "0.5"]),
        InvalidValueError,
        asked="without knowing it",
        value="no option is sure to be possible",
        do="add an option",
    ),
    "no probabilities": Refusal(
        lambda: value_of_information({"a": []}, []), InvalidValueError, asked="the probabilities are none", value="none"
    ),
}


@pytest.mark.parametrize("refusal", table(REFUSED))
def test_bad_input_is_refused(refusal: Refusal) -> None:
    """Each in words that say what to do."""
    check(refusal)


def test_caps_and_objectives_are_kept() -> None:
    """A fresh recommendation knows what it was made from, and a saved one its objective and its caps."""
    silent = Model("acme/one", usd_per_mtok={"input_tokens": "0.25"}, context_window=128_000, supports_vision=True)
    fresh = recommend(IMAGES, candidates=[silent], objective="expected-cost", caps=Caps(cost_per_request="0.00065"))
    saved = Recommendation.from_json(fresh.to_json())
    found = information(fresh)
    assert found == information(saved)
    leads = found.fact("price:standard.output_tokens of acme/one").leads
    assert [(each.high, each.answer) for each in leads] == [(2, "acme/one"), (None, "infeasible")]
    monthly = recommend(IMAGES, candidates=[silent], caps=Caps(cost_per_month="65"))
    assert information(monthly).facts[0].leads[0].high == 2
    assert [fact.fact for fact in information(recommend(PRICED, BOTH, objective="expected-cost")).facts[:2]] == [
        f"accuracy of {MINI}",
        f"accuracy of {HAIKU}",
    ]


def test_a_saved_recommendation_can_be_looked_into() -> None:
    """It needs nothing else: models and a policy that were written by hand are saved with it."""
    mine = attrs.evolve(Policy.named("guide"), id="mine")
    for fresh in (TIE, recommend(IMAGES, PAIR), recommend(IMAGES, PAIR, mine)):
        saved = Recommendation.from_json(fresh.to_json())
        assert saved.information() == information(fresh)
