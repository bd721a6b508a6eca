"""The real OpenAI Agents SDK: its runner over a model of our own that calls nobody; no network, no traces sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("agents", reason="the OpenAI Agents SDK is not installed")

import openai
from agents import Agent, ModelSettings, RunConfig, Runner, function_tool, set_trace_processors
from agents.items import ModelResponse
from agents.models.interface import Model, ModelProvider
from agents.tracing import TracingProcessor
from agents.usage import Usage
from openai.types.responses import Response, ResponseCompletedEvent, ResponseCreatedEvent, ResponseTextDeltaEvent
from pydantic import BaseModel, TypeAdapter

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.openai_agents import ModelCall, RoutedModel, RoutedProvider, reading_of
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.router import Budget, Router, Settled

pytestmark = pytest.mark.frameworks

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
NOTHING = lt.Usd(0)
# 1,000 tokens in and 100 out at $0.40 and $1.60, and at $1 and $5, per million.
CHEAP_COST = lt.Usd(Decimal(1_000) * Decimal("0.40") / 10**6 + Decimal(100) * Decimal("1.60") / 10**6)
DEAR_COST = lt.Usd(Decimal(1_000) * 1 / 10**6 + Decimal(100) * 5 / 10**6)
COUNTED: Any = {
    "input_tokens": 1_000,
    "output_tokens": 100,
    "total_tokens": 1_100,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}
USAGE: Any = TypeAdapter(Usage)


def text(said: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": said, "annotations": []}]
    return {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": content}


def tool_call(name: str, arguments: str) -> dict[str, Any]:
    return {"type": "function_call", "id": "f", "call_id": "c", "name": name, "arguments": arguments}


class Fake(Model):
    """Gives *outputs* one after the other, counts *usage* for each, and fails with *fails* instead."""

    def __init__(
        self, *outputs: Any, usage: Any = COUNTED, fails: Exception | None = None, breaks: bool = False
    ) -> None:
        self.outputs = outputs or (text("Hi"),)
        self.usage, self.fails, self.breaks = usage, fails, breaks
        self.calls = 0

    def _response(self) -> Any:
        output = self.outputs[(self.calls - 1) % len(self.outputs)]
        return TypeAdapter(Response).validate_python(
            {
                "id": f"resp_{self.calls}",
                "created_at": 0,
                "model": "whatever",
                "object": "response",
                "output": [output],
                "tool_choice": "auto",
                "tools": [],
                "parallel_tool_calls": False,
                "usage": self.usage,
            }
        )

    async def get_response(self, *args: Any, **kwargs: Any) -> ModelResponse:
        self.calls += 1
        if self.fails is not None:
            raise self.fails
        used = Usage() if self.usage is None else USAGE.validate_python({"requests": 1, **self.usage})
        return ModelResponse(output=self._response().output, usage=used, response_id=None)

    async def stream_response(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        self.calls += 1
        if self.fails is not None and not self.breaks:
            raise self.fails
        response = self._response()
        yield ResponseCreatedEvent(type="response.created", response=response, sequence_number=0)
        if self.fails is not None:
            raise self.fails
        yield TypeAdapter(ResponseTextDeltaEvent).validate_python(
            {
                "type": "response.output_text.delta",
                "delta": "Hi",
                "item_id": "msg_1",
                "output_index": 0,
                "content_index": 0,
                "logprobs": [],
                "sequence_number": 1,
            }
        )
        yield ResponseCompletedEvent(type="response.completed", response=response, sequence_number=2)


class TooMany(openai.APIError):
    """As the client raises it, without a request behind it."""

    def __init__(self, status: int = 429) -> None:
        Exception.__init__(self, "slow down")
        self.status_code = status


class Traces(TracingProcessor):
    """Keeps the spans of a run instead of sending them."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def on_trace_start(self, trace: Any) -> None: ...

    def on_trace_end(self, trace: Any) -> None: ...

    def on_span_start(self, span: Any) -> None: ...

    def on_span_end(self, span: Any) -> None:
        self.spans.append(span.export())

    def shutdown(self) -> None: ...

    def force_flush(self) -> None: ...


@pytest.fixture(autouse=True)
def traces() -> Iterator[Traces]:
    kept = Traces()
    set_trace_processors([kept])
    yield kept
    set_trace_processors([])


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


@pytest.fixture
def settled() -> list[Settled]:
    return []


@pytest.fixture
def provider(router: Router, settled: list[Settled]) -> Callable[..., RoutedProvider]:
    def made(cheap: Model | None = None, dear: Model | None = None, **options: Any) -> RoutedProvider:
        models = {CHEAP: cheap or Fake(text("cheap")), DEAR: dear or Fake(text("dear"))}
        return RoutedProvider(
            router, models, **{"describe": {"output_tokens": 300}, "on_settled": settled.append, **options}
        )

    return made


def run(provider: ModelProvider, how: str = "sync", prompt: Any = "Hello", agent: Agent[Any] | None = None) -> Any:
    agent = Agent(name="helper") if agent is None else agent
    config = RunConfig(model_provider=provider)

    async def streamed() -> Any:
        result = Runner.run_streamed(agent, prompt, run_config=config)
        async for _ in result.stream_events():
            pass
        return result.final_output

    if how == "sync":
        return Runner.run_sync(agent, prompt, run_config=config).final_output
    if how == "async":
        return asyncio.run(Runner.run(agent, prompt, run_config=config)).final_output
    return asyncio.run(streamed())


WAYS = ["sync", "async", "streamed"]


@pytest.mark.parametrize("how", WAYS)
def test_the_router_chooses_and_the_real_cost_is_exact(
    provider: Callable[..., RoutedProvider], router: Router, settled: list[Settled], how: str
) -> None:
    assert run(provider(), how) == "cheap"
    assert [(each.model, each.cost.total) for each in settled] == [(CHEAP, CHEAP_COST)]
    assert (router.balance().spent, router.balance().reserved) == (CHEAP_COST, NOTHING)
    assert settled[0].decision.model == router.route(settled[0].decision.request).model
    seen = router.observed[CHEAP]
    assert seen.response_time is not None
    assert (seen.ttft is not None) == (how == "streamed")


@pytest.mark.parametrize("how", WAYS)
def test_decision_and_cost_are_in_the_trace(
    provider: Callable[..., RoutedProvider], settled: list[Settled], traces: Traces, how: str
) -> None:
    run(provider(), how)
    (note,) = [span["span_data"]["data"] for span in traces.spans if span["span_data"].get("name") == "llm_tradeoffs"]
    assert note["decision"] == settled[0].decision.to_dict()
    assert note["settled"]["cost"]["total_usd"] == "0.00056"


@pytest.mark.parametrize("how", WAYS)
def test_a_429_cools_the_model_down_and_the_fallback_answers(
    provider: Callable[..., RoutedProvider], router: Router, settled: list[Settled], how: str
) -> None:
    assert run(provider(cheap=Fake(fails=TooMany())), how) == "dear"
    assert router.health()[CHEAP].last_status == 429
    assert [(each.model, each.cost.total) for each in settled] == [(DEAR, DEAR_COST)]
    assert (router.balance().spent, router.balance().reserved) == (DEAR_COST, NOTHING)


@pytest.mark.parametrize("how", WAYS)
def test_the_last_error_is_raised_and_the_money_is_given_back(
    provider: Callable[..., RoutedProvider], router: Router, settled: list[Settled], how: str
) -> None:
    with pytest.raises(TooMany) as caught:
        run(provider(Fake(fails=TooMany()), Fake(fails=TooMany(529))), how)
    assert caught.value.status_code == 529
    assert any("tried before: TooMany: slow down" in note for note in caught.value.__notes__)
    assert (router.balance().spent, router.balance().reserved) == (NOTHING, NOTHING)
    assert not settled


@pytest.mark.parametrize("how", WAYS)
def test_an_error_that_is_no_reason_to_fall_back_is_raised(
    provider: Callable[..., RoutedProvider], router: Router, how: str
) -> None:
    dear = Fake()
    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(provider(Fake(fails=ZeroDivisionError("a bug")), dear), how)
    assert not dear.calls
    assert run(provider(Fake(fails=ZeroDivisionError()), fallback_on=(ZeroDivisionError,)), how) == "dear"


@pytest.mark.parametrize("how", WAYS)
def test_a_request_that_nobody_can_do_raises_our_error(
    provider: Callable[..., RoutedProvider], router: Router, how: str
) -> None:
    cheap, dear = Fake(), Fake()
    agent = Agent(name="helper", model_settings=ModelSettings(max_tokens=10_000_000))
    with pytest.raises(NoModelError, match="needs 10,000,000 output tokens of at most"):
        run(provider(cheap, dear), how, agent=agent)
    assert not cheap.calls + dear.calls
    assert router.balance().reserved == NOTHING


def test_another_answer_does_not_follow_on_a_part_of_one(
    provider: Callable[..., RoutedProvider], router: Router, settled: list[Settled], caplog: pytest.LogCaptureFixture
) -> None:
    dear = Fake()
    with caplog.at_level(logging.WARNING, logger="llm_tradeoffs.adapters"), pytest.raises(TooMany):
        run(provider(Fake(fails=TooMany(500), breaks=True), dear), "streamed")
    assert not dear.calls
    assert "the stream was left before it stated its usage" in caplog.text
    assert router.health()[CHEAP].last_status == 500


def test_a_stream_that_is_left_early_stays_reserved(
    provider: Callable[..., RoutedProvider], router: Router, settled: list[Settled]
) -> None:
    async def left() -> None:
        model = provider().get_model(None)
        nothing: Any = None
        events = model.stream_response(
            None, "Hello", ModelSettings(), [], None, [], _no_tracing(), previous_response_id=None,
            conversation_id=None, prompt=nothing,
        )  # fmt: skip
        async for _ in events:
            break
        await events.aclose()  # type: ignore[attr-defined]  # a generator

    asyncio.run(left())
    assert not settled
    assert router.balance().reserved > NOTHING


def _no_tracing() -> Any:
    from agents.models.interface import ModelTracing

    return ModelTracing.DISABLED


@pytest.mark.parametrize("how", ["sync", "streamed"])
def test_an_answer_without_usage_is_given_on_and_stays_reserved(
    provider: Callable[..., RoutedProvider],
    router: Router,
    settled: list[Settled],
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    with caplog.at_level(logging.WARNING, logger="llm_tradeoffs.adapters"):
        assert run(provider(cheap=Fake(text("free?"), usage=None)), how) == "free?"
    assert "is unknown" in caplog.text
    assert not settled
    assert router.balance().reserved > NOTHING


def test_every_request_of_a_run_is_a_decision_of_its_own(
    provider: Callable[..., RoutedProvider], settled: list[Settled]
) -> None:
    @function_tool
    def add(a: int, b: int) -> int:
        return a + b

    cheap = Fake(tool_call("add", '{"a": 1, "b": 2}'), text("3"))
    assert run(provider(cheap), agent=Agent(name="helper", tools=[add])) == "3"
    assert len({each.decision.id for each in settled}) == 2
    assert all(each.decision.request.needs == {"tools"} for each in settled)
    first, second = settled
    assert second.decision.request.input_tokens > first.decision.request.input_tokens


# ---------------------------------------------------------------------------- what is asked


class Weather(BaseModel):
    celsius: int


def test_tools_images_and_schemas_become_needs(provider: Callable[..., RoutedProvider], settled: list[Settled]) -> None:
    routed = provider(Fake(text('{"celsius": 3}')), describe={"output_tokens": 300, "tokens_per_image": 1_600})

    def needs(agent: Agent[Any] | None = None, prompt: Any = "Hello") -> frozenset[str]:
        run(routed, agent=agent, prompt=prompt)
        found: frozenset[str] = settled[-1].decision.request.needs
        return found

    assert needs() == frozenset()
    assert needs(Agent(name="a", handoffs=[Agent(name="b")])) == {"tools"}
    assert needs(Agent(name="a", output_type=Weather)) == {"structured_output"}
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"}
    assert needs(prompt=[{"role": "user", "content": [image]}]) == {"vision"}
    assert settled[-1].decision.request.input_tokens >= 1_600


def test_what_is_sent_is_counted(provider: Callable[..., RoutedProvider], settled: list[Settled]) -> None:
    run(provider())
    run(provider(), agent=Agent(name="helper", instructions="y" * 4_000))
    run(provider(), prompt=[{"role": "user", "content": "z" * 8_000}])
    plain, instructed, long = (each.decision.request.input_tokens for each in settled)
    assert plain + 500 < instructed < long


def test_what_cannot_be_counted_has_to_be_stated(router: Router) -> None:
    models: dict[str, Model] = {CHEAP: Fake(), DEAR: Fake()}
    with pytest.raises(InvalidTypeError, match="no limit on the length of its answer"):
        run(RoutedProvider(router, models))
    short = RoutedProvider(router, models, describe={"output_tokens": 300})
    document = {"type": "input_file", "file_id": "file-1"}
    with pytest.raises(InvalidTypeError, match="1 file that"):
        run(short, prompt=[{"role": "user", "content": [document]}])

    async def continued(provider: RoutedProvider) -> Any:
        config = RunConfig(model_provider=provider)
        return await Runner.run(Agent(name="helper"), "And?", previous_response_id="resp_0", run_config=config)

    with pytest.raises(InvalidTypeError, match="kept by the provider"):
        asyncio.run(continued(short))
    stated = RoutedProvider(router, models, describe={"output_tokens": 300, "input_tokens": 5_000})
    assert asyncio.run(continued(stated)).final_output == "Hi"


def test_trap_the_provider_sees_only_a_name(provider: Callable[..., RoutedProvider], settled: list[Settled]) -> None:
    """So the model that it gives out decides, and the name can say what kind of work it is."""
    kinds = {"route:long": {"output_tokens": 900}, None: {"output_tokens": 100}}

    def describe(call: ModelCall) -> Any:
        return {**kinds[call.name], "tenant": call.instructions}

    routed = provider(describe=describe)
    run(routed, agent=Agent(name="a", model="route:long", instructions="acme"))
    run(routed, agent=Agent(name="b", instructions="globex"))
    assert [each.decision.request.output_tokens for each in settled] == [900, 100]
    assert [each.decision.request.tenant for each in settled] == ["acme", "globex"]


def test_other_names_are_handed_on(provider: Callable[..., RoutedProvider], settled: list[Settled]) -> None:
    class Others(ModelProvider):
        def get_model(self, model_name: str | None) -> Model:
            return Fake(text(f"I am {model_name}"))

    agent = Agent(name="fixed", model="o9")
    assert run(provider(others=Others()), agent=agent) == "I am o9"
    assert not settled


def test_models_are_closed_with_the_provider(router: Router) -> None:
    closed: list[str] = []

    class Held(Fake):
        async def close(self) -> None:
            closed.append("model")

    async def close() -> None:
        await RoutedProvider(router, {CHEAP: Held(), DEAR: Held()}, others=_NoOthers()).aclose()

    asyncio.run(close())
    assert closed == ["model", "model"]


class _NoOthers(ModelProvider):
    def get_model(self, model_name: str | None) -> Model:
        raise AssertionError(model_name)


def test_what_is_wrong_with_the_wiring_is_said_at_once(router: Router) -> None:
    with pytest.raises(UnknownNameError, match="'gpt-9'"):
        RoutedModel(router, {CHEAP: Fake(), DEAR: Fake(), "gpt-9": Fake()})
    with pytest.raises(InvalidValueError, match=r"no entry for 'claude-haiku-4\.5'"):
        RoutedModel(router, {CHEAP: Fake()})
    with pytest.raises(InvalidTypeError, match="expected a Model of the Agents SDK"):
        RoutedProvider(router, {CHEAP: "gpt-4.1-mini", DEAR: Fake()})  # type: ignore[dict-item]  # the mistake


# ---------------------------------------------------------------------------- what was used


def response_with(**counts: Any) -> ModelResponse:
    return ModelResponse(output=[], usage=USAGE.validate_python({**COUNTED, **counts}), response_id=None)


def test_each_token_of_a_response_is_billed_once() -> None:
    cached = {"cached_tokens": 900, "cache_write_tokens": 0}
    thought = {"reasoning_tokens": 60}
    reading = reading_of(response_with(requests=1, input_tokens_details=cached, output_tokens_details=thought))
    assert reading.usage == lt.Usage(input_tokens=1_000, cache_read_tokens=900, output_tokens=100, reasoning_tokens=60)


def test_a_sum_over_several_requests_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="sum of 3 requests"):
        reading_of(response_with(requests=3))
