"""What a request may say, and what it may not."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from router_worlds import Clock

from llm_tradeoffs import InvalidTypeError, InvalidValueError, TradeoffsError, UnknownNameError, Usage, Usd, Workload
from llm_tradeoffs.router import Budget, MemoryStore, Request, Router
from llm_tradeoffs.tokens import TokenCount


@pytest.mark.parametrize(
    ("stated", "error", "problem"),
    [
        ({}, InvalidTypeError, "no input_tokens and no messages"),
        ({"input_tokens": 1}, InvalidTypeError, "neither output_tokens nor max_output_tokens"),
        ({"input_tokens": -1, "output_tokens": 1}, InvalidValueError, "input_tokens is -1"),
        ({"input_tokens": True, "output_tokens": 1}, InvalidTypeError, "input_tokens is True"),
        ({"input_tokens": 1.5, "output_tokens": 1}, InvalidTypeError, "input_tokens is 1.5"),
        ({"input_tokens": "1", "output_tokens": 1}, InvalidTypeError, "input_tokens is '1'"),
        ({"input_tokens": 10**31, "output_tokens": 1}, InvalidValueError, "more than 10\\^30"),
        ({"input_tokens": 1, "output_tokens": None, "max_output_tokens": -5}, InvalidValueError, "-5"),
        ({"input_tokens": 1, "output_tokens": 9, "max_output_tokens": 8}, InvalidValueError, "longer than it may be"),
        ({"input_tokens": 9, "output_tokens": 1, "max_input_tokens": 8}, InvalidValueError, "raise the latter"),
        ({"input_tokens": 9, "output_tokens": 1, "cached_tokens": 10}, InvalidValueError, "a part cannot exceed"),
        ({"input_tokens": 1, "output_tokens": 1, "needs": "vision"}, InvalidTypeError, "needs is 'vision'"),
        ({"input_tokens": 1, "output_tokens": 1, "needs": {"sight"}}, UnknownNameError, "no need is named 'sight'"),
        ({"input_tokens": 1, "output_tokens": 1, "tenant": ""}, InvalidTypeError, "tenant is ''"),
        ({"input_tokens": 1, "output_tokens": 1, "session": 7}, InvalidTypeError, "session is 7"),
        ({"input_tokens": 1, "output_tokens": 1, "max_cost": "-1"}, InvalidValueError, "max_cost is -\\$1.00"),
        ({"input_tokens": 1, "output_tokens": 1, "max_cost": float("inf")}, InvalidValueError, "must be finite"),
        ({"input_tokens": 1, "output_tokens": 1, "priority": "speed"}, UnknownNameError, "no priority is named"),
        ({"input_tokens": 1, "output_tokens": 1, "error_cost": "-1"}, InvalidValueError, "cannot earn money"),
        ({"input_tokens": 1, "output_tokens": 1, "workload": 5}, InvalidTypeError, "workload is 5"),
        ({"messages": "Hello", "output_tokens": 1}, InvalidTypeError, "messages are 'Hello'"),
        ({"messages": [{"content": 5}], "output_tokens": 1}, InvalidTypeError, "messages\\[0\\]"),
        (
            {"messages": [{"content": [{"type": "audio"}]}], "output_tokens": 1},
            InvalidTypeError,
            "neither text nor image",
        ),
        ({"messages": [{"content": [{"type": "image_url"}]}], "output_tokens": 1}, InvalidTypeError, "hold an image"),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(
    stated: dict[str, Any], error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem) as caught:
        Request(**stated)
    assert isinstance(caught.value, TradeoffsError)


def test_names_that_the_catalog_does_not_know_are_refused_when_they_are_looked_up() -> None:
    router = Router(["gpt-4.1-mini"])
    with pytest.raises(UnknownNameError, match="no task is named 'cooking'"):
        router.route(input_tokens=1, output_tokens=1, task="cooking")
    with pytest.raises(UnknownNameError, match="no preset is named 'support-triag'"):
        router.route(input_tokens=1, workload="support-triag")
    with pytest.raises(InvalidTypeError, match="expected a Request"):
        router.route({"input_tokens": 1})  # type: ignore[arg-type]  # that is the point
    with pytest.raises(InvalidTypeError, match="expected a Request"):
        router.route(Request(input_tokens=1, output_tokens=1), tenant="acme")


def test_messages_are_estimated_and_room_is_kept_for_the_most_that_they_can_be() -> None:
    request = Request(messages=[{"role": "user", "content": "Which model for this work? " * 100}], output_tokens=100)
    assert request.max_input_tokens is not None
    assert 400 < request.input_tokens < request.max_input_tokens < 2_700 * 3


class Letters:
    """A token for every letter."""

    def count(self, text: str) -> TokenCount:
        return TokenCount(len(text), len(text), "letters")


def test_a_counter_of_ones_own_counts_the_texts_of_all_parts() -> None:
    messages = [
        {"role": "system", "content": "abc"},
        {"role": "user", "content": [{"type": "text", "text": "de"}, "f"]},
        {"role": "assistant", "content": None, "tool_calls": []},
    ]
    request = Request(messages=messages, counter=Letters(), max_output_tokens=10)
    assert (request.input_tokens, request.max_input_tokens) == (6 + 3 * 6, 6 + 3 * 8)


def test_the_calls_of_tools_in_a_conversation_are_sent_and_so_are_counted() -> None:
    called = [{"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}}]
    messages = [
        {"role": "assistant", "content": None, "tool_calls": called},
        {"role": "assistant", "content": "one moment", "tool_calls": called},
        {"role": "tool", "content": "rain", "tool_call_id": "1"},
    ]
    request = Request(messages=messages, counter=Letters(), max_output_tokens=10)
    sent = 2 * len(json.dumps(called)) + len("one moment") + len("rain")
    assert (request.input_tokens, request.max_input_tokens) == (sent + 3 * 6, sent + 3 * 8)


def test_an_image_among_the_messages_needs_vision() -> None:
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {}}]}
    ]
    assert Request(messages=messages, input_tokens=900, output_tokens=1).needs == {"vision"}


def test_a_workload_says_what_the_request_leaves_out() -> None:
    work = Workload(input_tokens=9, output_tokens=40, needs={"tools"}, priority="accuracy", task="math")
    router = Router(["gpt-4.1-mini", "claude-haiku-4.5"])
    decision = router.route(input_tokens=500, workload=work, needs={"vision"}, priority="cost")
    said = decision.to_dict()
    assert (said["needs"], said["task"], said["output_tokens"]) == (["tools", "vision"], "math", 40)
    assert decision.rule == "cost"
    assert router.route(input_tokens=500, workload=work, max_output_tokens=10).to_dict()["output_tokens"] == 10
    assert router.route(input_tokens=500, workload="support-triage").model is not None


def test_a_mean_workload_reserves_whole_tokens() -> None:
    from decimal import Decimal

    work = Workload(input_tokens=9, output_tokens=Decimal("40.5"))
    decision = Router(["gpt-4.1-mini"]).route(input_tokens=1_000_000, workload=work)
    assert decision.to_dict()["output_tokens"] == "40.5"
    assert decision.to_dict()["max_output_tokens"] == 41


def test_an_answer_of_which_only_the_most_is_said_is_expected_to_be_that_long() -> None:
    decision = Router(["gpt-4.1-mini"]).route(input_tokens=1_000, max_output_tokens=500)
    assert decision.expected_cost == decision.worst_cost == Usd("0.0012")
    work = Workload(input_tokens=1, output_tokens=100)
    decision = Router(["gpt-4.1-mini"]).route(input_tokens=1_000, max_output_tokens=500, workload=work)
    assert (decision.expected_cost, decision.worst_cost) == (Usd("0.00056"), Usd("0.0012"))


def test_requests_are_values() -> None:
    one = Request(input_tokens=5, output_tokens=7, needs={"tools"}, languages={"English"}, tenant="a")
    assert eval(repr(one)) == one
    assert len({one, eval(repr(one))}) == 1
    assert one != Request(input_tokens=5, output_tokens=7)
    assert one != "a request"
    with pytest.raises(AttributeError, match="Request is immutable; cannot set 'tenant'"):
        one.tenant = "b"  # type: ignore[misc]  # that is the point
    with pytest.raises(AttributeError, match="Request is immutable; cannot delete 'tenant'"):
        del one.tenant


def test_requests_and_decisions_are_pickled(clock: Clock) -> None:
    """A decision may be settled by another process that has the same store."""
    work = Workload(input_tokens=1, output_tokens=100)
    one = Request(input_tokens=5, output_tokens=7, needs={"tools"}, error_cost="0.01", workload=work)
    again = pickle.loads(pickle.dumps(one))
    assert again == one
    assert again.key[2] == id(again.workload)
    store = MemoryStore()
    routers = [Router(["gpt-4.1-mini"], budget=Budget(per_day="1"), store=store, clock=clock) for _ in range(2)]
    decision = routers[0].route(input_tokens=1_000, output_tokens=100)
    routers[1].settle(pickle.loads(pickle.dumps(decision)), Usage(input_tokens=1_000, output_tokens=100))
    routers[0].settle(decision, Usage(input_tokens=1_000, output_tokens=100))  # counted already
    assert routers[0].balance().spent == decision.expected_cost


def test_the_kinds_of_requests_that_are_remembered_are_bounded() -> None:
    router = Router(["gpt-4.1-mini"])
    for number in range(1_200):
        router.route(input_tokens=100, output_tokens=100, error_cost=f"0.{number + 1:06d}")
    assert len(router._facts._kinds) <= 512
