"""A conversation with a cache costs what all sequences of found and expired turns come to, call by call."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from trees import cached_conversations
from worlds import model_named

from llm_tradeoffs import Range, Workload
from llm_tradeoffs.patterns import PromptCaching
from oracle import Tariff, call_cost
from strategies import shares, tariffs


@st.composite
def tariffs_with_a_cache(draw: st.DrawFn, ttl: str) -> Tariff:
    """
    Price lists with all that a cache of *ttl* needs.

    A write for an hour needs its own price; one for five minutes does where one for an hour has one.
    """
    tariff = dict(draw(tariffs()))
    priced = {meter for meter, _, _ in tariff}
    needed = ["cache_read_tokens"]
    if ttl == "1h" or "cache_write_1h_tokens" in priced:
        needed.append(f"cache_write_{ttl}_tokens")
    for meter in needed:
        if meter not in priced:
            tariff[meter, "standard", None] = Fraction(draw(st.sampled_from(["0", "0.10", "2.00", "1/3"])))
    return tariff


CACHES = st.sampled_from(["5m", "1h"]).flatmap(lambda ttl: st.tuples(st.just(ttl), tariffs_with_a_cache(ttl)))


@given(
    cache=CACHES,
    sent=st.sampled_from([0, 1, 50, 99, 150]),
    said=st.sampled_from([0, 1, 50, 100]),
    turns=st.integers(1, 5),
    history_resent=st.booleans(),
    expired=shares(),
    shared_found=shares(),
    shared=st.sampled_from([0, 1, 50]),
    minimum=st.sampled_from([0, 50, 100, 200, 300, 10_000]),
)
def test_a_cached_conversation_equals_its_probability_tree(
    *,
    cache: tuple[Literal["5m", "1h"], Tariff],
    sent: int,
    said: int,
    turns: int,
    history_resent: bool,
    expired: Fraction,
    shared_found: Fraction,
    shared: int,
    minimum: int,
) -> None:
    """Reads, writes and fresh tokens of every turn, at the prices of its own length."""
    ttl, tariff = cache
    shared = min(shared, sent)
    pattern = PromptCaching(
        model_named("acme/one", tariff),
        ttl=ttl,
        expired=expired,
        minimum_tokens=minimum,
        shared_tokens=shared,
        shared_found=shared_found,
    )
    work = Workload(input_tokens=sent, output_tokens=said, turns=turns, history_resent=history_resent)
    found = pattern.assess(work)
    outcomes = cached_conversations(
        tariff,
        input_tokens=sent,
        output_tokens=said,
        turns=turns,
        history_resent=history_resent,
        expired=expired,
        shared_tokens=shared,
        shared_found=shared_found,
        minimum=minimum,
        write_meter=f"cache_write_{ttl}_tokens",
    )
    assert sum(probability for probability, _ in outcomes) == 1
    cost = sum((probability * paid for probability, paid in outcomes), Fraction(0))
    assert found.cost_per_request == Range(cost, unit="USD")
    assert sum((line.expected.low for line in found.lines if line.expected is not None), Fraction(0)) == cost


@given(tariffs_with_a_cache("5m"), st.sampled_from([0, 1, 30]), st.sampled_from([0, 1, 50]), st.integers(2, 60))
def test_long_conversations_equal_the_sum_of_their_turns(tariff: Tariff, sent: int, said: int, turns: int) -> None:
    """All found, or none: the closed sums of many turns are those of the single calls, across thresholds."""
    for expired in (0, 1):
        work = Workload(input_tokens=sent, output_tokens=said, turns=turns)
        found = PromptCaching(model_named("acme/one", tariff), expired=expired, minimum_tokens=120).assess(work)
        owed, before = Fraction(0), 0
        for number in range(1, turns + 1):
            length = number * sent + (number - 1) * said
            read = before if number > 1 and not expired and before >= 120 else 0
            written = length - read if length >= 120 else 0
            counts = {
                "input_tokens": length,
                "output_tokens": said,
                "cache_read_tokens": read,
                "cache_write_5m_tokens": written,
            }
            owed += call_cost(tariff, counts)
            before = length
        assert found.cost_per_request == Range(owed, unit="USD")
