"""Rate limits and failures that were seen: who is left alone, and for how long."""

from __future__ import annotations

import asyncio

import pytest
from router_worlds import LARGE, SMALL, Clock

from llm_tradeoffs import InvalidTypeError, InvalidValueError, UnknownNameError, Usage, Usd
from llm_tradeoffs.router import Budget, Cooldown, ModelHealth, Request, Router

ASKED = Request(input_tokens=100, output_tokens=100, priority="cost")
STEADY = Cooldown(first=10, longest=60, failures=3, jitter=0)


def router_of(clock: Clock, cooldown: Cooldown = STEADY) -> Router:
    return Router([SMALL, LARGE], clock=clock, cooldown=cooldown)


def test_a_model_at_its_rate_limit_is_left_alone_as_long_as_it_asks(clock: Clock) -> None:
    router = router_of(clock)
    first = router.route(ASKED)
    router.failed(first, status=429, retry_after=42.5)
    assert router.health() == {
        "acme/small": ModelHealth(failures=1, cooldowns=1, ready_in=42.5, last_status=429),
    }
    other = router.route(ASKED)
    assert (other.model, other.reason) == ("acme/large", "next-by-health")
    assert other.because.endswith("not to be called now: acme/small is cooling down for 42.5 s more")
    assert other.fallbacks == ()
    clock.now += 42.5
    assert router.route(ASKED).model == "acme/small"


def test_an_answer_makes_a_model_healthy_again(clock: Clock) -> None:
    router = router_of(clock)
    decision = router.route(ASKED)
    router.failed(decision, status=429)
    router.settle(decision, Usage(input_tokens=1, output_tokens=1))
    assert not router.health()
    assert router.route(ASKED).model == "acme/small"


def test_each_cooldown_in_a_row_takes_twice_as_long_up_to_the_longest(clock: Clock) -> None:
    router = router_of(clock)
    waits: list[float] = []
    for _ in range(5):
        router.failed(router.route(ASKED), status=429)
        waits.append(router.health()["acme/small"].ready_in)
        clock.now += waits[-1]
    assert waits == [10, 20, 40, 60, 60]


def test_other_failures_count_after_several_in_a_row(clock: Clock) -> None:
    router = router_of(clock)
    for _ in range(2):
        router.failed(router.route(ASKED), status=500)
    assert router.route(ASKED).model == "acme/small"
    router.failed(router.route(ASKED), status=None)
    assert router.route(ASKED).model == "acme/large"


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_at_fault_says_nothing_about_the_model(status: int, clock: Clock) -> None:
    router = router_of(clock)
    for _ in range(5):
        router.failed(router.route(ASKED), status=status)
    assert not router.health()


def test_calls_that_were_under_way_do_not_lengthen_a_cooldown(clock: Clock) -> None:
    router = router_of(clock)
    under_way = [router.route(ASKED) for _ in range(20)]
    for decision in under_way:
        router.failed(decision, status=429)
        clock.now += 0.1
    assert router.health()["acme/small"].ready_in == pytest.approx(8)
    assert router.health()["acme/small"].cooldowns == 1


def test_jitter_lengthens_a_cooldown_by_its_share_at_most_and_repeats_with_its_seed(clock: Clock) -> None:
    def waits(seed: int | None) -> list[float]:
        found: list[float] = []
        for _ in range(1):
            router = router_of(clock, Cooldown(first=10, jitter=0.5, seed=seed))
            for _ in range(6):
                router.failed(router.route(ASKED), status=429, retry_after=10)
                found.append(router.health()["acme/small"].ready_in)
                router.settle(
                    router.route(input_tokens=1, output_tokens=1, max_cost="1"),
                    Usage(input_tokens=1, output_tokens=1),
                    model="acme/small",
                )
        return found

    first = waits(7)
    assert first == waits(7)
    assert first != waits(8)
    assert len(set(first)) == len(first)
    assert all(10 <= wait <= 15 for wait in first)


def test_when_everybody_cools_down_the_decision_says_when_to_come_back(clock: Clock) -> None:
    router = router_of(clock)
    router.failed(router.route(ASKED), status=429, retry_after=30)
    router.failed(router.route(ASKED), status=429, retry_after=12)
    decision = router.route(ASKED)
    assert (decision.model, decision.reason, decision.retry_after) == (None, "cooling-down", 12)
    assert decision.to_dict()["retry_after_s"] == 12


@pytest.mark.parametrize("jump", [-1.0, -86_400.0])
def test_a_clock_that_goes_back_ends_a_cooldown_and_no_more(jump: float, clock: Clock) -> None:
    """Otherwise a clock that was set right would keep a model away for as long as it had been wrong."""
    router = router_of(clock)
    router.failed(router.route(ASKED), status=429, retry_after=30)
    clock.now += jump
    assert router.route(ASKED).model == "acme/small"
    router.failed(router.route(ASKED), status=429, retry_after=5)
    assert router.health()["acme/small"].ready_in == 5


def test_a_failed_call_is_routed_anew_without_the_model_that_failed(clock: Clock) -> None:
    router = Router([SMALL, LARGE], clock=clock, cooldown=STEADY, budget=Budget(per_day="1"))
    first = router.route(ASKED)
    second = router.reroute(first, status=500)
    assert (second.model, second.reason, second.tried) == ("acme/large", "next-by-health", ("acme/small",))
    assert first.state == "released"
    assert router.balance().reserved == second.reserved
    third = router.reroute(second, status=503)
    assert (third.model, third.reason, third.tried) == (None, "none-left", ("acme/small", "acme/large"))
    assert router.balance().reserved == Usd(0)
    # One failure is no habit: the next request is not affected.
    assert router.route(ASKED).model == "acme/small"


def test_what_the_caller_leaves_out_is_not_chosen_and_not_held_against_it(clock: Clock) -> None:
    """A framework that retries from outside tells later what failed: nothing is noted here."""
    router = Router([SMALL, LARGE], clock=clock, cooldown=STEADY, budget=Budget(per_day="1"))
    assert router.route(ASKED, without=()).model == "acme/small"
    for decision in (
        router.route(ASKED, without=["acme/small"]),
        router.route(input_tokens=100, output_tokens=100, priority="cost", without=("acme/small",)),
        asyncio.run(router.aroute(ASKED, without={"acme/small"})),
    ):
        assert (decision.model, decision.reason) == ("acme/large", "next-by-health")
        assert decision.because == "what the policy puts before it is not to be called now: acme/small is left out"
        assert (decision.fallbacks, decision.without, decision.tried) == ((), ("acme/small",), ())
        # What is reserved is the worst case of the model that is really called.
        assert decision.reserved == decision.worst_cost == Usd("0.0018")
    assert not router.health()
    assert router.route(ASKED).model == "acme/small"
    nobody = router.route(ASKED, without=["acme/small", "acme/large"])
    assert (nobody.model, nobody.reason, nobody.reserved) == (None, "none-left", None)
    assert nobody.to_dict()["passed_over"][0] == {
        "model": "acme/small",
        "reason": "left-out",
        "detail": "acme/small is left out",
    }


def test_what_was_left_out_stays_so_when_the_request_is_routed_anew(clock: Clock) -> None:
    third = LARGE.with_(id="acme/third")
    router = Router([SMALL, LARGE, third], clock=clock, cooldown=STEADY)
    first = router.route(ASKED, without=["acme/small"])
    second = router.reroute(first, status=500)
    assert (first.model, second.model) == ("acme/large", "acme/third")
    assert (second.tried, second.without) == (("acme/large",), ("acme/small",))
    last = asyncio.run(router.areroute(second, status=500))
    assert (last.model, last.reason) == (None, "none-left")


def test_leaving_out_what_nobody_knows_is_an_error() -> None:
    router = Router(["gpt-4.1-mini", "claude-haiku-4.5"])
    asked = {"input_tokens": 10, "output_tokens": 10}
    assert router.route(**asked, without=["claude-haiku-4-5"]).model == "gpt-4.1-mini"  # by another of its names
    assert router.route(**asked, without=["gpt-4.1"]).without == ()  # a model, and no candidate anyway
    with pytest.raises(UnknownNameError, match=r"gpt-4\.1-mny"):
        router.route(**asked, without=["gpt-4.1-mny"])
    for wrong in ("gpt-4.1-mini", 4):
        with pytest.raises(InvalidTypeError, match="expected several names"):
            router.route(**asked, without=wrong)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(UnknownNameError):
        router.route(**asked, without=[None])  # type: ignore[list-item]  # that is the point


def test_a_fallback_that_the_framework_tried_by_itself_is_noted_by_its_name(clock: Clock) -> None:
    router = Router([SMALL, LARGE], clock=clock, cooldown=STEADY, budget=Budget(per_day="1"))
    decision = router.route(ASKED)
    router.failed(decision, status=429, model="acme/large")
    assert set(router.health()) == {"acme/large"}
    assert router.balance().reserved == decision.reserved
    settled = router.settle(decision, Usage(input_tokens=100, output_tokens=100), model="acme/large")
    assert (settled.model, settled.cost.total) == ("acme/large", Usd("0.0018"))


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"status": "429"}, "status is '429'"),
        ({"status": True}, "status is True"),
        ({"retry_after": -1}, "retry_after is -1"),
    ],
)
def test_a_failure_that_cannot_be_meant_is_refused(stated: dict[str, object], problem: str, clock: Clock) -> None:
    router = router_of(clock)
    with pytest.raises((InvalidTypeError, InvalidValueError), match=problem):
        router.failed(router.route(ASKED), **stated)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("stated", [{"first": 0}, {"longest": "long"}, {"failures": 0}, {"jitter": 2}])
def test_a_cooldown_that_cannot_be_meant_is_refused(stated: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError, match=f"{next(iter(stated))} is"):
        Cooldown(**stated)  # type: ignore[arg-type]  # that is the point
