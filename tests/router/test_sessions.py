"""Conversations stay where their cache is, as long as that is worth it: stay and move are counted exactly."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from router_worlds import LARGE, SMALL, Clock

from llm_tradeoffs import Model, Usage, Usd, Workload, recommend
from llm_tradeoffs.router import Request, Router, Sessions

# Cheaper than the small one by a tenth, and without a cache price of its own.
RIVAL = SMALL.with_(id="acme/rival", usd_per_mtok={"input_tokens": "0.90", "output_tokens": "1.80"})


def started(clock: Clock, *models: Model, read: int = 5_000, on: str = "acme/small") -> Router:
    """A router with a conversation whose model has read so many tokens."""
    router = Router(models, objective="expected-cost", clock=clock)
    first = router.route(input_tokens=read, output_tokens=100, session="talk")
    router.settle(first, Usage(input_tokens=read, output_tokens=100), model=on)
    return router


def test_a_conversation_stays_where_its_cache_makes_it_cheaper(clock: Clock) -> None:
    router = started(clock, SMALL, RIVAL)
    decision = router.route(input_tokens=5_200, output_tokens=100, session="talk")
    assert (decision.model, decision.reason, decision.cached_tokens) == ("acme/small", "sticky-session", 5_000)
    # Stay: 5,000 × $0.10 + 200 × $1 + 100 × $2 a million; move: 5,200 × $0.90 + 100 × $1.80.
    assert decision.stay_cost == decision.expected_cost == Usd("0.0009")
    assert decision.move_cost == Usd("0.00486")
    # The worst case counts no cache.
    assert decision.worst_cost == Usd("0.0054")


def test_a_conversation_moves_where_moving_is_worth_the_cache(clock: Clock) -> None:
    router = started(clock, SMALL, RIVAL, read=100)
    decision = router.route(input_tokens=5_200, output_tokens=100, session="talk")
    assert (decision.model, decision.reason) == ("acme/rival", "chosen")
    assert decision.stay_cost == Usd("0.00531")
    assert decision.move_cost == Usd("0.00486")


def test_a_cache_lasts_as_long_as_the_provider_keeps_it(clock: Clock) -> None:
    router = started(clock, SMALL, RIVAL)
    clock.now += 299
    assert router.route(input_tokens=5_200, output_tokens=100, session="talk").model == "acme/small"
    clock.now += 1
    late = router.route(input_tokens=5_200, output_tokens=100, session="talk")
    assert (late.model, late.cached_tokens) == ("acme/rival", 0)
    assert (
        router.route(input_tokens=5_200, output_tokens=100, session="talk", cached_tokens=5_000).model == "acme/small"
    )


def test_a_model_that_cannot_do_the_next_turn_is_left(clock: Clock) -> None:
    router = started(clock, SMALL, LARGE)
    decision = router.route(input_tokens=5_200, output_tokens=100, session="talk", needs={"vision"})
    assert (decision.model, decision.reason) == ("acme/large", "chosen")


def test_a_model_that_cools_down_is_left_and_come_back_to_if_that_is_worth_it(clock: Clock) -> None:
    router = started(clock, SMALL, RIVAL)
    asked = Request(input_tokens=5_200, output_tokens=100, session="talk")
    moved = router.reroute(router.route(asked), status=429, retry_after=30)
    assert moved.model == "acme/rival"
    router.settle(moved, Usage(input_tokens=5_200, output_tokens=100))
    clock.now += 31
    # The rival has no price for cached tokens, so nothing is gained by staying there, nor lost by going back.
    assert router.route(asked).model == "acme/rival"


def test_among_equals_the_conversation_stays(clock: Clock) -> None:
    twin = RIVAL.with_(id="acme/alike")
    router = started(clock, RIVAL, twin, on="acme/rival")
    decision = router.route(input_tokens=5_200, output_tokens=100, session="talk")
    assert decision.model == "acme/rival"
    assert router.route(input_tokens=5_200, output_tokens=100).model == "acme/alike"


def test_a_model_without_a_prompt_cache_holds_nothing(clock: Clock) -> None:
    router = started(clock, SMALL.with_(supports_prompt_caching=False), RIVAL)
    assert router.route(input_tokens=5_200, output_tokens=100, session="talk").model == "acme/rival"


def test_what_the_policy_puts_first_for_another_reason_stays_first(clock: Clock) -> None:
    router = Router([SMALL, LARGE], clock=clock)
    first = router.route(input_tokens=5_000, output_tokens=100, session="talk", priority="cost")
    router.settle(first, Usage(input_tokens=5_000, output_tokens=100))
    hard = router.route(input_tokens=5_200, output_tokens=100, session="talk", priority="accuracy")
    assert (first.model, hard.model) == ("acme/small", "acme/large")


@given(
    read=st.integers(0, 8_000),
    sent=st.integers(1, 8_000),
    said=st.integers(1, 1_000),
    error_cost=st.sampled_from([None, "0.001", "1/3"]),
)
def test_staying_and_moving_are_priced_as_the_same_workload_with_its_cached_share(
    read: int, sent: int, said: int, error_cost: str | None
) -> None:
    """Held against ``recommend``: its model is asked with the share that the cache holds, the others without."""
    clock = Clock()
    router = started(clock, SMALL, RIVAL, LARGE, read=read)
    decision = router.route(input_tokens=sent, output_tokens=said, session="talk", error_cost=error_cost)
    work = Workload(input_tokens=sent, output_tokens=said, error_cost=error_cost)
    cached = work.with_(cached_share=Fraction(min(read, sent), sent))
    stay = recommend(cached, [SMALL], objective="expected-cost").candidate("acme/small").figures
    move = recommend(work, [RIVAL, LARGE], objective="expected-cost")
    assert move.chosen is not None
    other = move.candidate(move.chosen).figures
    assert (decision.stay_cost, decision.move_cost) == (stay.cost_per_request, other.cost_per_request)
    if error_cost is None:
        assert stay.cost_per_request is not None
        assert other.cost_per_request is not None
        stays = stay.cost_per_request <= other.cost_per_request
    else:
        assert stay.expected_cost is not None
        assert other.expected_cost is not None
        stays = stay.expected_cost.low <= other.expected_cost.low
    assert decision.model == ("acme/small" if stays else move.chosen)


def test_a_conversation_counts_its_cache_also_where_prices_depend_on_the_length(clock: Clock) -> None:
    """The long way gives the same as the short one: the cached share of a card with a minimum charge."""
    fee = {"input_tokens": "1.00", "output_tokens": "2.00", "cache_read_tokens": "0.10", "minimum_charge": "0.0001"}
    charged = SMALL.with_(usd_per_mtok=fee)
    router = started(clock, charged, RIVAL)
    decision = router.route(input_tokens=5_200, output_tokens=100, session="talk")
    assert (decision.model, decision.stay_cost) == ("acme/small", Usd("0.0009"))
    tiny = router.route(input_tokens=10, output_tokens=1)
    assert tiny.model == "acme/rival"
    assert router.route(input_tokens=10, output_tokens=1, session="talk").stay_cost == Usd("0.0001")


def test_only_so_many_conversations_are_remembered(clock: Clock) -> None:
    sessions = Sessions(most=10)
    for number in range(50):
        sessions.answered(f"talk-{number}", "acme/small", 100, clock.now)
    assert len(sessions) == 10
    assert sessions.of("talk-0", 100, clock.now) == ("", 0)
    assert sessions.of("talk-49", 100, clock.now) == ("acme/small", 100)
    assert sessions.of("talk-49", 100, clock.now - 1) == ("acme/small", 0)  # the clock went back
    sessions.forget("talk-49")
    assert sessions.of("talk-49", 100, clock.now) == ("", 0)


def test_a_model_that_is_no_candidate_any_more_is_forgotten(clock: Clock) -> None:
    router = started(clock, SMALL, RIVAL)
    router.sessions.answered("talk", "acme/gone", 5_000, clock.now)
    decision = router.route(input_tokens=5_200, output_tokens=100, session="talk")
    assert (decision.model, decision.stay_cost, decision.move_cost) == ("acme/rival", None, None)
