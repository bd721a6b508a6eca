"""What was seen stands beside what is stated, with a date of its own, and replaces nothing."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from router_worlds import LARGE, SMALL, Clock

from llm_tradeoffs import InvalidValueError, Range, Usage
from llm_tradeoffs.router import Cooldown, Observed, Request, Router

ASKED = Request(input_tokens=1_000, output_tokens=100, max_output_tokens=500, priority="cost")


def test_tokens_times_and_failures_are_recorded(clock: Clock) -> None:
    router = Router([SMALL, LARGE], clock=clock, cooldown=Cooldown(failures=100))
    for number in range(1, 11):
        settled = router.route(ASKED)
        router.settle(settled, Usage(input_tokens=1_000, output_tokens=200), response_ms=2_000 + number, ttft_ms=number)
        clock.now += 8_640
    for status in (500, 500, None):
        router.failed(router.route(ASKED), status=status)
    seen = router.observed["acme/small"]
    assert (seen.answers, seen.failures, seen.by_status) == (10, 3, ((500, 2), (None, 1)))
    assert (seen.error_rate, seen.output_per_answer, seen.output_over_expected) == (Fraction(3, 13), 200, 2)
    assert (seen.first_on, seen.last_on) == (date(2027, 1, 15), date(2027, 1, 16))
    # The middle eight of ten times: the first and the last are left out.
    assert seen.ttft == Range(1, 10, "ms") or seen.ttft == Range(2, 9, "ms")
    assert seen.output_tokens_per_second == Range(100, unit="tokens/s")


def test_what_was_seen_stands_beside_what_is_stated(clock: Clock, bundled: object) -> None:
    router = Router(["gpt-4.1-mini"], clock=clock)
    router.settle(router.route(ASKED), Usage(input_tokens=1_000, output_tokens=80), response_ms=2_000, ttft_ms=400)
    (model,) = router.candidates
    lines = {line.field: line for line in router.observed.beside(model)}
    ttft = lines["ttft"]
    assert ttft.stated is not None
    assert ttft.stated.value == model.ttft
    assert ttft.seen.value == Range(400, unit="ms")
    assert ttft.seen.source.as_of == "2027-01-15"
    assert ttft.seen.source.id == "observed" != ttft.stated.source.id
    assert str(lines["output_over_expected"]) == (
        "output_over_expected: nobody states it; 0.800 [observed in 1 call since 2027-01-15 (2027-01-15)]"
    )
    assert router.observed.beside(LARGE) == ()


def test_what_was_seen_never_changes_a_choice(clock: Clock) -> None:
    """Answers ten times as long and as slow as stated: the router says so, and chooses by the stated facts."""
    watched, fresh = Router([SMALL, LARGE], clock=clock), Router([SMALL, LARGE], clock=clock)
    asked = Request(input_tokens=100, output_tokens=100, max_ttft_ms=300)
    for _ in range(50):
        used = Usage(input_tokens=100, output_tokens=1_000)
        watched.settle(watched.route(asked), used, response_ms=90_000, ttft_ms=9_000)
    assert watched.observed["acme/small"].ttft == Range(9_000, unit="ms")
    assert watched.candidates == fresh.candidates
    assert watched.facts_hash == fresh.facts_hash
    assert watched.route(asked).model == fresh.route(asked).model == "acme/small"
    # Whoever wants to choose by what was seen says so.
    slower = SMALL.with_(ttft=watched.observed["acme/small"].ttft)
    assert Router([slower, LARGE], clock=clock).route(asked).model is None


def test_what_is_kept_of_a_model_does_not_grow_with_its_calls(clock: Clock) -> None:
    observed = Observed()
    for number in range(5_000):
        observed.answered("a", Usage(input_tokens=1, output_tokens=1), now=clock.now, response_ms=number, ttft_ms=0)
    counts = observed._counts["a"]
    assert (len(counts.times), len(counts.ttfts), observed["a"].answers) == (512, 512, 5_000)
    assert observed.to_dict()["a"]["answers"] == 5_000
    assert ("a" in observed, list(observed), len(observed)) == (True, ["a"], 1)
    with pytest.raises(KeyError):
        observed["b"]
    assert observed.get("b") is None


@pytest.mark.parametrize("times", [{"response_ms": -1}, {"ttft_ms": -1}, {"response_ms": 5, "ttft_ms": 6}])
def test_times_that_cannot_be_are_refused_and_nothing_is_settled(times: dict[str, int], clock: Clock) -> None:
    router = Router([SMALL], clock=clock)
    with pytest.raises(InvalidValueError, match="ttft_ms"):
        router.settle(router.route(ASKED), Usage(input_tokens=1, output_tokens=1), **times)
