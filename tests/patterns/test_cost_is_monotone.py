"""What must not fall when a price or a probability rises does not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from every_pattern import KINDS, PROBABILITIES, TALKS, pattern_of, whole_numbers
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from worlds import World, model_named, worlds

from llm_tradeoffs import Range, Usd
from llm_tradeoffs.patterns import Cascade, Check, Conversation, PatternAssessment, PromptCaching, Retries
from oracle import Tariff
from strategies import shares

STEPS = st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(3)])


def raised(tariff: Tariff, meter: int, by: Fraction) -> Tariff:
    """The same list with one row dearer."""
    names = list(tariff)
    return {**tariff, names[meter % len(names)]: tariff[names[meter % len(names)]] + by}


def low(value: Range | None) -> Fraction:
    """A value that is a point."""
    assert value is not None
    assert value.is_point
    return Fraction(value.low)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=settings().max_examples // 2)  # of each kind
@given(data=st.data(), world=worlds(least=2, most=2), numbers=whole_numbers(), row=st.integers(0, 40), by=STEPS)
def test_in_every_price(
    *, kind: str, data: st.DataObject, world: World, numbers: dict[str, Any], row: int, by: Fraction
) -> None:
    """A dearer row of either price list never makes a pattern cheaper: expected, least or worst."""
    drawn = {name: data.draw(shares()) for name in PROBABILITIES[kind] if name != "hopeless"}
    cheap, dear = (
        [model_named(name, tariff) for name, tariff in zip(("acme/one", "acme/two"), lists, strict=True)]
        for lists in (world.tariffs, [raised(tariff, row, by) for tariff in world.tariffs])
    )
    work = world.workload.with_(turns=4) if kind in TALKS else world.workload
    found = []
    for one, two in (cheap, dear):
        pattern = pattern_of(kind, one, two, {**numbers, **drawn, "hopeless": 0})
        accuracy = {each.id: world.accuracy[each.id] for each in pattern.members}  # type: ignore[union-attr]  # models
        found.append(pattern.assess(work, accuracy=accuracy))
    before, after = found
    if before.cost_per_request is None:
        assert after.cost_per_request is None
        return
    for name in ("least_cost", "worst_cost"):
        assert getattr(before, name) <= getattr(after, name)
    assert low(before.cost_per_request) <= low(after.cost_per_request)
    assert before.right_share == after.right_share


def assessed(world: World, right: list[Fraction], check: Check, **more: Any) -> PatternAssessment:
    """A cascade over the models of a world."""
    accuracy = dict(zip(world.accuracy, right, strict=True))
    return Cascade(*world.models, check=check, **more).assess(world.workload, accuracy=accuracy)


@given(worlds(least=2, most=3), st.lists(shares(), min_size=4, max_size=4), st.data())
def test_in_the_rates_of_a_check(world: World, rates: list[Fraction], data: st.DataObject) -> None:
    """More false rejects cost more; more false accepts cost less, and are right less often or as often."""
    few, many = sorted(rates[:2])
    other = rates[2]
    right = list(world.right)
    rejects = [assessed(world, right, Check(usd=0, false_accept=other, false_reject=each)) for each in (few, many)]
    assert low(rejects[0].cost_per_request) <= low(rejects[1].cost_per_request)
    accepts = [assessed(world, right, Check(usd=0, false_accept=each, false_reject=other)) for each in (few, many)]
    assert low(accepts[0].cost_per_request) >= low(accepts[1].cost_per_request)
    assert low(accepts[0].right_share) >= low(accepts[1].right_share)


@given(worlds(least=2, most=3), st.integers(0, 2), shares(), shares(), shares())
def test_in_accuracy(
    world: World, which: int, better: Fraction, false_accept: Fraction, false_reject: Fraction
) -> None:
    """With a check that is no worse than chance a better stage never costs more; a better last one is never worse."""
    assume(false_accept + false_reject <= 1)
    index = which % len(world.right)
    right = list(world.right)
    improved = [max(each, better) if number == index else each for number, each in enumerate(right)]
    check = Check(usd="0.001", false_accept=false_accept, false_reject=false_reject)
    before, after = (assessed(world, each, check) for each in (right, improved))
    assert low(after.cost_per_request) <= low(before.cost_per_request)
    if index == len(right) - 1:
        assert low(after.right_share) >= low(before.right_share)


@given(worlds(most=1), st.integers(1, 5), shares(), shares())
def test_in_tries_and_in_the_hopeless_share(world: World, times: int, one: Fraction, other: Fraction) -> None:
    """More tries never cost less; of equal mean accuracy, more hopeless requests cost more and gain less."""
    model, accuracy = world.models[0], world.accuracy
    found = [Retries(model, times=n).assess(world.workload, accuracy=accuracy) for n in (times, times + 1)]
    assert low(found[0].cost_per_request) <= low(found[1].cost_per_request)
    shares_of = sorted(each * (1 - world.right[0]) for each in (one, other))
    fewer, more = (
        Retries(model, times=times, hopeless=each).assess(world.workload, accuracy=accuracy) for each in shares_of
    )
    assert low(fewer.cost_per_request) <= low(more.cost_per_request)
    assert low(fewer.right_share) >= low(more.right_share)


@given(worlds(most=1, thresholds=False), st.integers(1, 9), st.integers(0, 9), st.integers(0, 9))
def test_in_the_history_that_is_kept(world: World, turns: int, one: int, other: int) -> None:
    """More history never costs less, where longer requests do not have lower rates."""
    work = world.workload.with_(turns=turns)
    fewer, more = (Conversation(world.models[0], last_turns=each).assess(work) for each in sorted([one, other]))
    assert low(fewer.cost_per_request) <= low(more.cost_per_request)


@given(st.integers(1, 9), shares(), shares(), st.sampled_from(["0.10", "1.00"]), st.sampled_from(["1.00", "1.25"]))
def test_in_the_share_that_expires(turns: int, one: Fraction, other: Fraction, read: str, write: str) -> None:
    """More turns that do not find the cache never cost less, where reading costs no more than writing."""
    tariff: Tariff = {
        (meter, "standard", None): Fraction(usd)
        for meter, usd in (
            ("input_tokens", "1.00"),
            ("output_tokens", "5.00"),
            ("cache_read_tokens", read),
            ("cache_write_5m_tokens", write),
        )
    }
    model = model_named("acme/one", tariff)
    work = World((tariff,), (one,), 100, 50, Fraction(0)).workload.with_(turns=turns)
    fewer, more = (PromptCaching(model, expired=each).assess(work) for each in sorted([one, other]))
    assert low(fewer.cost_per_request) <= low(more.cost_per_request)
    assert fewer.worst_cost is not None
    assert fewer.worst_cost >= Usd(low(fewer.cost_per_request))
