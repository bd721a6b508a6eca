"""A conversation costs the sum of its calls, each made in turn from what was said before."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from worlds import model_named

from llm_tradeoffs import Model, Price, Range, Usd, Workload, assess
from llm_tradeoffs.patterns import Conversation
from oracle import Tariff, call_cost
from strategies import means, shares, tariffs

TOKENS = st.sampled_from([0, 1, 25, 50, 99, 100, 101, 150])
TURNS = st.integers(1, 14)


def one_call(tariff: Tariff, sent: int, said: int) -> Fraction:
    """One call in dollars."""
    return call_cost(tariff, {"input_tokens": sent, "output_tokens": said})


def cost_of(pattern: Conversation, sent: int, said: int, turns: int) -> Range | None:
    """What the library says."""
    return pattern.assess(Workload(input_tokens=sent, output_tokens=said, turns=turns)).cost_per_request


@given(tariffs(), TOKENS, TOKENS, TURNS, st.integers(0, 15))
def test_cut_to_the_last_turns(tariff: Tariff, sent: int, said: int, turns: int, last: int) -> None:
    """Each turn sends the few turns before it and no more."""
    said_before: list[int] = []
    owed = Fraction(0)
    for _ in range(turns):
        kept = said_before[-last:] if last else []
        owed += one_call(tariff, sent + sum(kept), said)
        said_before.append(sent + said)
    assert cost_of(Conversation(model_named("acme/one", tariff), last_turns=last), sent, said, turns) == Range(
        owed, unit="USD"
    )


@given(tariffs(), TOKENS, TOKENS, TURNS, st.sampled_from([0, 1, 100, 199, 200, 350, 10_000]))
def test_cut_to_the_last_tokens(tariff: Tariff, sent: int, said: int, turns: int, last: int) -> None:
    """Each turn sends the last tokens of what was said, wherever that cuts."""
    calls = [one_call(tariff, sent + min(number * (sent + said), last), said) for number in range(turns)]
    pattern = Conversation(model_named("acme/one", tariff), last_tokens=last)
    assert cost_of(pattern, sent, said, turns) == Range(sum(calls, Fraction(0)), unit="USD")


@given(
    tariff=tariffs(),
    other=tariffs(),
    sent=TOKENS,
    said=TOKENS,
    turns=TURNS,
    every=st.integers(1, 6),
    length=st.sampled_from([0, 10, 120]),
    by_another=st.booleans(),
)
def test_summarised(
    *, tariff: Tariff, other: Tariff, sent: int, said: int, turns: int, every: int, length: int, by_another: bool
) -> None:
    """After so many turns, if another follows, all that would be sent again becomes a summary."""
    summaries = other if by_another else tariff
    owed, history, since = Fraction(0), 0, 0
    for _ in range(turns):
        if since == every:
            owed += one_call(summaries, history + 7, length)
            history, since = length, 0
        owed += one_call(tariff, sent + history, said)
        history += sent + said
        since += 1
    pattern = Conversation(
        model_named("acme/one", tariff),
        summarise_every=every,
        summary_tokens=length,
        summary_instruction_tokens=7,
        summary_model=model_named("acme/two", other) if by_another else None,
    )
    assert cost_of(pattern, sent, said, turns) == Range(owed, unit="USD")


@given(tariffs(tiers=("standard", "batch")), TOKENS, TOKENS, TURNS, st.sampled_from([0, Fraction(1, 3), 1]))
def test_sent_again_whole_it_is_the_workload_itself(
    tariff: Tariff, sent: int, said: int, turns: int, batch: int | Fraction
) -> None:
    """With nothing left out, in any way, the cost is that of the workload with its history."""
    model = model_named("acme/one", tariff)
    work = Workload(input_tokens=sent, output_tokens=said, turns=turns, batch_share=batch)
    alone = assess(model, work).cost
    ways = (
        Conversation(model),
        Conversation(model, last_turns=turns - 1),
        Conversation(model, last_tokens=turns * (sent + said)),
        Conversation(model, summarise_every=turns, summary_tokens=5),
    )
    for way in ways:
        found = way.assess(work, accuracy={model.id: "0.5"})
        assert found.worst_cost == (None if alone is None else alone.per_request)
        assert found.right_share == Range("0.5")


@given(
    tariff=tariffs(tiers=("standard", "batch")),
    sent=means(),
    said=means(),
    turns=TURNS,
    cached=shares(),
    batch=shares(),
)
def test_means_and_shares_are_those_of_the_workload(
    *, tariff: Tariff, sent: Fraction, said: Fraction, turns: int, cached: Fraction, batch: Fraction
) -> None:
    """Tokens may be thirds, part of the input cached and part of the calls in batches."""
    model = model_named("acme/one", tariff)
    work = Workload(input_tokens=sent, output_tokens=said, turns=turns, cached_share=cached, batch_share=batch)
    alone = assess(model, work).cost
    assert Conversation(model).assess(work).worst_cost == (None if alone is None else alone.per_request)


def test_prices_that_depend_on_the_quantity_are_those_of_each_call() -> None:
    """A marginal price and a minimum hold for every turn by itself."""
    rows = (
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="input_tokens", usd=Usd(3), above_quantity=250),
        Price(meter="output_tokens", usd=Usd(5), minimum_quantity=60),
    )
    model = Model("acme/one", usd_per_mtok=rows)
    work = Workload(input_tokens=100, output_tokens=50, turns=4)
    found = Conversation(model).assess(work).worst_cost
    by_hand = sum(min(sent, 250) + 3 * max(0, sent - 250) + 5 * 60 for sent in (100, 250, 400, 550))
    assert found == Usd(Fraction(by_hand, 1_000_000))
    alone = assess(model, work).cost
    assert alone is not None
    assert alone.per_request == found
