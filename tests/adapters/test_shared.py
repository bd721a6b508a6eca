"""What the adapters share: a call on its way, what an error says, what messages hold. Needs no framework."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError, _shared
from llm_tradeoffs.adapters._shared import Call, Failure, Prompt, Times, described, failure_of, read_content, request_of
from llm_tradeoffs.errors import InvalidTypeError, UnknownNameError
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.router import Budget, Request, Router, Settled

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
NOTHING = lt.Usd(0)
USED = lt.Usage(input_tokens=1_000, output_tokens=100)


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


def request() -> Request:
    return Request(input_tokens=1_000, output_tokens=100, max_output_tokens=500)


class ProviderError(Exception):
    """An error as SDKs have it: a status, and the headers of a response."""

    def __init__(self, status: object = None, **headers: str) -> None:
        super().__init__("no")
        self.status_code = status
        self.response = type(
            "Response", (), {"headers": {name.replace("_", "-"): text for name, text in headers.items()}}
        )


# ---------------------------------------------------------------------------- a call on its way


def test_a_call_is_closed_exactly_once_however_many_threads_report_it(router: Router) -> None:
    told: list[Settled] = []
    call = Call.start(router, request(), on_settled=told.append)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: call.settle(CHEAP, USED), range(64)))
    assert len([each for each in found if each is not None]) == len(told) == 1
    assert router.balance().spent == lt.Usd("0.00056")
    call.release()
    call.give_up("never")
    assert router.balance() == type(router.balance())(spent=lt.Usd("0.00056"), reserved=NOTHING)


@pytest.mark.parametrize("how", ["sync", "async"])
def test_what_is_tried_next_has_a_decision_and_a_reservation_of_its_own(router: Router, how: str) -> None:
    async def tried() -> list[tuple[str, str, lt.Usd | None]]:
        call = await Call.astart(router, request()) if how == "async" else Call.start(router, request())
        found: list[tuple[str, str, lt.Usd | None]] = []
        for model in call.ranked:
            assert router.balance().reserved == call.decision.reserved
            found.append((model, call.decision.id, call.decision.reserved))
            if how == "async":
                await call.afailed(model, ProviderError(500))
            else:
                call.failed(model, ProviderError(500))
        assert call.closed
        return found

    found = asyncio.run(tried())
    assert [model for model, _, _ in found] == [CHEAP, DEAR]
    assert len({name for _, name, _ in found}) == 2
    assert [reserved for _, _, reserved in found] == [lt.Usd("0.0012"), lt.Usd("0.0035")]
    assert router.balance() == type(router.balance())(spent=NOTHING, reserved=NOTHING)


@pytest.mark.parametrize("how", ["sync", "async"])
def test_how_long_an_answer_took_is_measured_from_when_it_was_sent(
    monkeypatch: pytest.MonkeyPatch, router: Router, how: str
) -> None:
    """By a clock of its own, which nobody sets; what came before, and who failed before, is not in it."""
    now = 0

    def at(milliseconds: float) -> None:
        nonlocal now
        now = round(milliseconds * 10**6)

    monkeypatch.setattr(_shared, "perf_counter_ns", lambda: now)
    call = Call.start(router, request())
    at(100)
    call.failed(CHEAP, ProviderError(500))
    at(150)
    call.sent()
    at(400.5)
    call.arrived()
    at(500)
    call.arrived()
    at(1_150.25)
    if how == "sync":
        call.settle(DEAR, USED)
    else:
        asyncio.run(call.asettle(DEAR, USED))
    seen = router.observed[DEAR]
    assert seen.response_time == Range("1000.25", unit="ms")
    assert seen.ttft == Range("250.5", unit="ms")
    assert CHEAP in router.observed
    assert router.observed[CHEAP].response_time is None


def test_times_that_a_framework_measured_are_taken_instead(router: Router) -> None:
    call = Call.start(router, request())
    call.settle(CHEAP, USED, Times(Fraction(900), None))
    assert (router.observed[CHEAP].response_time, router.observed[CHEAP].ttft) == (Range(900, unit="ms"), None)


def test_candidates_end_with_the_one_that_did_not_fail(router: Router) -> None:
    call = Call.start(router, request())
    assert list(call.ranked) == [CHEAP]


def test_a_call_that_may_have_been_billed_stays_reserved(router: Router) -> None:
    """After a timeout nobody knows; after a status of 500 nothing was billed."""
    Call.start(router, request()).ended(CHEAP, ProviderError(500))
    assert router.balance().reserved == NOTHING
    Call.start(router, request()).ended(CHEAP, TimeoutError())
    assert router.balance().reserved == lt.Usd("0.0012")


def test_unreadable_usage_is_logged_and_stays_reserved(router: Router, caplog: pytest.LogCaptureFixture) -> None:
    call = Call.start(router, request(), on_settled=lambda settled: pytest.fail("nothing was settled"))
    with caplog.at_level(logging.WARNING, logger="llm_tradeoffs.adapters"):
        assert call.settle(CHEAP, {"object": "chat.completion", "usage": None}) is None
    assert f"the cost of decision {call.decision.id} is unknown" in caplog.text
    assert router.balance().reserved == lt.Usd("0.0012")


def test_a_decision_without_a_model_is_an_error_that_says_why(router: Router) -> None:
    with pytest.raises(NoModelError) as caught:
        Call.start(router, Request(input_tokens=10, output_tokens=10_000_000))
    assert isinstance(caught.value, lt.TradeoffsError)
    assert isinstance(caught.value, LookupError)
    assert str(caught.value).startswith("no candidate was called: no candidate can do the request: gpt-4.1-mini: needs")


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("litellm", "litellm", "litellm"),
        ("pydantic_ai", "pydantic_ai", "pydantic-ai"),
        ("openai_agents", "agents", "openai-agents"),
    ],
)
def test_a_framework_that_is_not_installed_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, package: str, extra: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, f"llm_tradeoffs.adapters.{module}", raising=False)
    with pytest.raises(lt.MissingExtraError, match=rf"llm-tradeoffs\[{extra}\]"):
        importlib.import_module(f"llm_tradeoffs.adapters.{module}")


# ---------------------------------------------------------------------------- what an error says


def test_the_status_and_the_wait_are_read_from_what_an_error_holds() -> None:
    assert failure_of(ProviderError(429, Retry_After="7")) == Failure(429, 7.0)
    assert failure_of(ProviderError(429, retry_after_ms="1500", retry_after="2")) == Failure(429, 1.5)
    assert failure_of(ProviderError(503)) == Failure(503, None)
    assert failure_of(TimeoutError("too slow")) == Failure(None, None)


def test_a_date_to_wait_for_is_read_against_the_date_of_the_response() -> None:
    dated = {"retry_after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert failure_of(ProviderError(503, **dated)) == Failure(503, 30.0)
    assert failure_of(ProviderError(503, retry_after=dated["retry_after"])) == Failure(503, None)
    assert failure_of(ProviderError(503, retry_after="soon", date=dated["date"])) == Failure(503, None)


@pytest.mark.parametrize("name", ["status_code", "status", "http_status", "code"])
def test_a_status_is_found_under_each_name_that_libraries_give_it(name: str) -> None:
    error = ConnectionError("no")
    setattr(error, name, 503)
    assert failure_of(error).status == 503


@pytest.mark.parametrize("nonsense", [True, "429", 42_900, None, 4.29])
def test_what_is_no_status_is_none(nonsense: object) -> None:
    assert failure_of(ProviderError(nonsense)).status is None


@pytest.mark.parametrize("nonsense", ["nan", "inf", "-1", ""])
def test_what_is_no_wait_is_none(nonsense: str) -> None:
    assert failure_of(ProviderError(429, retry_after=nonsense)).retry_after is None


def test_causes_and_groups_are_looked_into() -> None:
    wrapped = RuntimeError("the framework's own")
    wrapped.__cause__ = ProviderError(429, retry_after="3")
    assert failure_of(wrapped) == Failure(429, 3.0)
    assert failure_of(ExceptionGroup("several", [ValueError(), wrapped])) == Failure(429, 3.0)
    endless = RuntimeError("its own cause")
    endless.__cause__ = endless
    assert failure_of(endless) == Failure(None, None)


# ---------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("messages", "texts", "images", "files"),
    [
        ("Hello", ("Hello",), 0, 0),
        ([{"role": "user", "content": "Hello"}], ("Hello",), 0, 0),
        ([{"role": "user", "name": "Ada", "content": [{"type": "text", "text": "Hi"}]}], ("Hi",), 0, 0),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}], (), 1, 0),
        ([{"role": "user", "content": [{"type": "input_file", "file_id": "f"}, {"type": "image"}]}], (), 1, 1),
        ([{"role": "assistant", "content": None}], (), 0, 0),
        ([{"type": "function_call", "name": "add", "arguments": '{"a": 1}'}], ("add", '{"a": 1}'), 0, 0),
        ([{"type": "function_call_output", "call_id": "c", "output": "2"}], ("2",), 0, 0),
        (
            [{"role": "assistant", "tool_calls": [{"function": {"name": "add", "arguments": '{"a": 1}'}}]}],
            ("add", '{"a": 1}'),
            0,
            0,
        ),
        ([{"type": "tool_use", "name": "add", "input": {"a": 1}}], ("add", '{"a": 1}'), 0, 0),
    ],
)
def test_what_messages_hold_is_found(messages: Any, texts: tuple[str, ...], images: int, files: int) -> None:
    assert read_content(messages) == (texts, images, files)


def test_what_is_described_holds_and_needs_are_united() -> None:
    prompt = Prompt(("Hello",), tools=True, max_output_tokens=100)
    made = request_of(prompt, {"input_tokens": 50, "output_tokens": 300, "needs": {"vision"}, "max_output_tokens": 900})
    assert (made.input_tokens, made.output_tokens, made.max_output_tokens) == (50, 100, 100)
    assert made.needs == {"vision", "tools"}
    assert request_of(Prompt(("Hello",)), {"max_output_tokens": 900}).max_output_tokens == 900


def test_the_most_that_an_estimate_can_be_is_kept() -> None:
    made = request_of(Prompt(("x" * 1_100,), images=2), {"output_tokens": 10, "tokens_per_image": 1_000})
    plain = request_of(Prompt(("x" * 1_100,)), {"output_tokens": 10})
    assert made.input_tokens == plain.input_tokens + 2_000
    assert made.max_input_tokens is not None
    assert plain.max_input_tokens is not None
    assert made.max_input_tokens == plain.max_input_tokens + 2_000 > made.input_tokens


@pytest.mark.parametrize("wrong", [["tenant"], "tenant", 3])
def test_a_description_that_is_no_mapping_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match="expected a dict"):
        described(lambda context: wrong, None)


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'tenant'"):
        described({"tennant": "acme"}, None)  # type: ignore[typeddict-unknown-key]  # the typo
    assert described(None, None) == {}


def test_a_failure_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Failure(429, 1.5))) == Failure(429, 1.5)
