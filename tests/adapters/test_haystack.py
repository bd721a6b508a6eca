"""The real Haystack: components in real pipelines and agents, with chat generators that call nobody; no network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("haystack", reason="Haystack is not installed")

import haystack
from haystack import Pipeline, component
from haystack.components.agents import Agent
from haystack.components.builders import ChatPromptBuilder
from haystack.dataclasses import ChatMessage, ImageContent, StreamingChunk, ToolCall
from haystack.tools import Tool
from pydantic import BaseModel

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.haystack import RoutedChatGenerator, read_reply
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.router import Budget, Router, Settled

pytestmark = pytest.mark.frameworks

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
LENGTH: Any = {"output_tokens": 150, "max_output_tokens": 1_000}
USAGE: Any = {"prompt_tokens": 1_000, "completion_tokens": 150, "total_tokens": 1_150}


class RateLimitError(Exception):
    """As the SDKs have it."""

    def __init__(self, status: int = 429) -> None:
        super().__init__("slow down")
        self.status_code = status


@component
class Scripted:
    """A chat generator that gives the same replies again and again, in parts if asked, and fails when it is to."""

    def __init__(self, *replies: ChatMessage, fails: Exception | None = None, fails_after_parts: bool = False) -> None:
        self.replies = replies or (reply(),)
        self.fails, self.fails_after_parts = fails, fails_after_parts
        self.seen: list[dict[str, Any]] = []
        self.given = 0
        self.is_warm = False

    def warm_up(self) -> None:
        self.is_warm = True

    @component.output_types(replies=list[ChatMessage])
    def run(
        self,
        messages: list[ChatMessage],
        generation_kwargs: dict[str, Any] | None = None,
        tools: list[Tool] | None = None,
        streaming_callback: Any = None,
    ) -> dict[str, Any]:
        self.seen.append({"messages": messages, "settings": generation_kwargs, "tools": tools})
        if self.fails is not None and not self.fails_after_parts:
            raise self.fails
        self.given += 1
        said = self.replies[(self.given - 1) % len(self.replies)]
        if streaming_callback is not None:
            for part in (said.text or "").split():
                streaming_callback(StreamingChunk(content=part))
        if self.fails is not None:
            raise self.fails
        return {"replies": [said]}


@component
class Awaited(Scripted):
    """The same, which can be awaited."""

    @component.output_types(replies=list[ChatMessage])
    async def run_async(
        self,
        messages: list[ChatMessage],
        generation_kwargs: dict[str, Any] | None = None,
        tools: list[Tool] | None = None,
        streaming_callback: Any = None,
    ) -> dict[str, Any]:
        parts: list[StreamingChunk] = []
        made: dict[str, Any] = self.run(messages, generation_kwargs, tools, parts.append)
        if streaming_callback is not None:
            for part in parts:
                await streaming_callback(part)
        return made


def reply(text: str = "Hello", usage: Any = USAGE, **meta: Any) -> ChatMessage:
    return ChatMessage.from_assistant(text, meta={"model": "gpt-4.1-mini", "usage": usage, **meta})


def routed(router: Router, generators: dict[str, Any], **more: Any) -> tuple[RoutedChatGenerator, list[Settled]]:
    settled: list[Settled] = []
    made = RoutedChatGenerator(router, generators, **{"describe": LENGTH, "on_settled": settled.append, **more})
    return made, settled


def ask(generator: RoutedChatGenerator, how: str = "sync", **inputs: Any) -> dict[str, Any]:
    messages = [ChatMessage.from_user("Where is my parcel?")]
    if how == "sync":
        return generator.run(**{"messages": messages, **inputs})
    return asyncio.run(generator.run_async(**{"messages": messages, **inputs}))


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


# ---------------------------------------------------------------------------- in pipelines


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_router_chooses_in_a_real_pipeline_and_the_real_cost_is_exact(router: Router, how: str) -> None:
    generator, settled = routed(router, {CHEAP: Awaited(), DEAR: Awaited()})
    maker: Any = Pipeline if how == "sync" else getattr(haystack, "AsyncPipeline", Pipeline)
    pipeline = maker()
    pipeline.add_component("prompt", ChatPromptBuilder(template=[ChatMessage.from_user("Where is {{ what }}?")]))
    pipeline.add_component("llm", generator)
    pipeline.connect("prompt.prompt", "llm.messages")
    data = {"prompt": {"what": "my parcel"}, "llm": {"fields": {"session": "s-1"}}}
    out = pipeline.run(data) if how == "sync" else asyncio.run(pipeline.run_async(data))
    (one,) = settled
    assert one.model == CHEAP
    assert one.cost.total == lt.Usd(Decimal("0.40") * 1_000 / 10**6 + Decimal("1.60") * 150 / 10**6)
    assert one.decision.request.session == "s-1"
    assert (router.balance().spent, router.balance().reserved) == (one.cost.total, lt.Usd(0))
    note = out["llm"]["meta"]["llm_tradeoffs"]
    assert note["settled"] == one.to_dict()
    assert out["llm"]["replies"][0].meta["llm_tradeoffs"] == note
    assert out["llm"]["replies"][0].text == "Hello"
    json.dumps(note)


def test_an_agent_of_haystack_routes_every_call(router: Router) -> None:
    calls = ChatMessage.from_assistant(
        tool_calls=[ToolCall(tool_name="track", arguments={"parcel": "CH-1"}, id="1")],
        meta={"usage": {"prompt_tokens": 400, "completion_tokens": 20, "total_tokens": 420}},
    )
    tool = Tool(
        name="track",
        description="Where a parcel is.",
        parameters={"type": "object", "properties": {"parcel": {"type": "string"}}, "required": ["parcel"]},
        function=lambda parcel: f"{parcel} is in Bern",
    )
    cheap = Scripted(calls, reply("In Bern", {"prompt_tokens": 440, "completion_tokens": 9, "total_tokens": 449}))
    generator, settled = routed(router, {CHEAP: cheap, DEAR: Scripted()})
    agent = Agent(chat_generator=generator, tools=[tool])
    if hasattr(agent, "warm_up"):
        agent.warm_up()
    out = agent.run(messages=[ChatMessage.from_user("Where is CH-1?")])
    assert out["messages"][-1].text == "In Bern"
    assert [one.usage.input_tokens for one in settled] == [400, 440]
    assert all("tools" in one.decision.request.needs for one in settled)
    assert cheap.is_warm


def test_the_mock_of_haystack_serves(router: Router) -> None:
    chat = pytest.importorskip("haystack.components.generators.chat")
    if not hasattr(chat, "MockChatGenerator"):
        pytest.skip("this release of Haystack has no MockChatGenerator")
    generator, settled = routed(router, {CHEAP: chat.MockChatGenerator("one two three"), DEAR: Scripted()})
    assert ask(generator)["replies"][0].text == "one two three"
    assert settled[0].usage == lt.Usage(input_tokens=4, output_tokens=3), "the mock counts words"


def test_a_pipeline_with_a_router_is_not_written_to_a_file(router: Router) -> None:
    generator, _ = routed(router, {CHEAP: Scripted(), DEAR: Scripted()})
    pipeline = Pipeline()
    pipeline.add_component("llm", generator)
    with pytest.raises(InvalidTypeError, match="after loading"):
        pipeline.dumps()


def test_generators_must_be_exactly_the_candidates(router: Router) -> None:
    with pytest.raises(UnknownNameError, match="gpt-9"):
        RoutedChatGenerator(router, {CHEAP: Scripted(), DEAR: Scripted(), "gpt-9": Scripted()})
    with pytest.raises(InvalidValueError, match=r"claude-haiku-4\.5"):
        RoutedChatGenerator(router, {CHEAP: Scripted()})


# ---------------------------------------------------------------------------- failures


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_429_cools_the_model_down_and_the_fallback_answers(router: Router, how: str) -> None:
    limited = Scripted(fails=RateLimitError())
    generator, settled = routed(router, {CHEAP: limited, DEAR: Scripted()})
    out = ask(generator, how)
    assert [one.model for one in settled] == [DEAR]
    assert out["meta"]["llm_tradeoffs"]["decision"]["model"] == DEAR
    assert router.health()[CHEAP].last_status == 429
    ask(generator, how)
    assert len(limited.seen) == 1, "a model that is cooling down is not asked"


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_last_error_is_raised_and_the_money_is_given_back(router: Router, how: str) -> None:
    generator, settled = routed(
        router, {CHEAP: Scripted(fails=RateLimitError()), DEAR: Scripted(fails=RateLimitError(503))}
    )
    with pytest.raises(RateLimitError) as raised:
        ask(generator, how)
    assert raised.value.status_code == 503
    assert not settled
    assert (router.balance().spent, router.balance().reserved) == (lt.Usd(0), lt.Usd(0))


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_request_that_nobody_can_do_raises_our_error(router: Router, how: str) -> None:
    asked = Scripted()
    generator, _ = routed(router, {CHEAP: asked, DEAR: asked})
    with pytest.raises(NoModelError):
        ask(generator, how, fields={"input_tokens": 5_000_000})
    assert not asked.seen


# ---------------------------------------------------------------------------- streams


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_stream_settles_when_it_ends(router: Router, how: str) -> None:
    generator, settled = routed(router, {CHEAP: Awaited(reply("one two three")), DEAR: Awaited()})
    parts: list[tuple[str, int]] = []

    def heard(chunk: StreamingChunk) -> None:
        parts.append((chunk.content, len(settled)))

    async def aheard(chunk: StreamingChunk) -> None:
        heard(chunk)

    ask(generator, how, streaming_callback=heard if how == "sync" else aheard)
    assert parts == [("one", 0), ("two", 0), ("three", 0)]
    assert len(settled) == 1
    seen = router.observed[CHEAP]
    assert seen.ttft is not None
    assert seen.response_time is not None
    assert seen.ttft.certainly_less(seen.response_time)


def test_another_answer_does_not_follow_on_a_part_of_one(router: Router) -> None:
    """Half an answer was shown: a second one behind it would be read as its end."""
    dear = Scripted()
    broken = Scripted(reply("one two"), fails=RateLimitError(500), fails_after_parts=True)
    generator, _ = routed(router, {CHEAP: broken, DEAR: dear})
    parts: list[str] = []
    with pytest.raises(RateLimitError):
        ask(generator, streaming_callback=lambda chunk: parts.append(chunk.content))
    assert parts == ["one", "two"]
    assert not dear.seen
    assert router.health()[CHEAP].last_status == 500


def test_an_answer_without_usage_is_given_on_and_stays_reserved(
    router: Router, caplog: pytest.LogCaptureFixture
) -> None:
    generator, settled = routed(router, {CHEAP: Scripted(reply(usage=None)), DEAR: Scripted()})
    assert ask(generator)["replies"][0].text == "Hello"
    assert not settled
    assert router.balance().reserved > lt.Usd(0)
    assert "include_usage" in caplog.text


def test_an_answer_without_a_reply_is_given_on(router: Router) -> None:
    @component
    class Silent:
        @component.output_types(replies=list[ChatMessage])
        def run(self, messages: list[ChatMessage]) -> dict[str, Any]:
            return {"replies": []}

    generator, settled = routed(router, {CHEAP: Silent(), DEAR: Silent()})
    assert ask(generator)["replies"] == []
    assert not settled


# ---------------------------------------------------------------------------- what is asked


class Parcel(BaseModel):
    """A parcel."""

    number: str


@pytest.fixture
def last_request(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Any]]:
    seen: list[Any] = []
    route = Router.route
    monkeypatch.setattr(Router, "route", lambda self, asked: seen.append(asked) or route(self, asked))
    return lambda: seen[-1]


def test_tools_images_and_schemas_become_needs(router: Router, last_request: Callable[[], Any]) -> None:
    generator, _ = routed(router, {CHEAP: Scripted(), DEAR: Scripted()}, describe={**LENGTH, "tokens_per_image": 800})
    tool = Tool(name="f", description="", parameters={"type": "object"}, function=lambda: None)
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    picture = ChatMessage.from_user(content_parts=["What is this?", ImageContent(pixel, mime_type="image/png")])
    schema = {"type": "json_schema", "json_schema": {"name": "parcel", "schema": Parcel.model_json_schema()}}
    for inputs, needs in [
        ({}, set()),
        ({"tools": [tool]}, {"tools"}),
        ({"messages": [picture]}, {"vision"}),
        ({"generation_kwargs": {"response_format": Parcel}}, {"structured_output"}),
        ({"generation_kwargs": {"response_format": schema}}, {"structured_output"}),
        ({"generation_kwargs": {"response_format": {"type": "json_object"}}}, set()),
        ({"messages": [picture], "tools": [tool]}, {"vision", "tools"}),
    ]:
        ask(generator, **inputs)
        assert last_request().needs == needs


def test_tool_calls_and_their_results_are_counted(router: Router, last_request: Callable[[], Any]) -> None:
    generator, _ = routed(router, {CHEAP: Scripted(), DEAR: Scripted()})
    call = ToolCall(tool_name="track", arguments={"parcel": "CH-1 " * 50}, id="1")
    ask(generator)
    short = last_request().input_tokens
    ask(generator, messages=[ChatMessage.from_assistant(tool_calls=[call])])
    called = last_request().input_tokens
    ask(generator, messages=[ChatMessage.from_tool("in Bern " * 50, origin=call)])
    assert called > short + 50
    assert last_request().input_tokens > short + 50


def test_the_limit_of_the_run_is_reserved_and_else_that_of_the_generators(
    router: Router, last_request: Callable[[], Any]
) -> None:
    cheap, dear = Scripted(), Scripted()
    generator, _ = routed(router, {CHEAP: cheap, DEAR: dear}, describe=None)
    ask(generator, generation_kwargs={"max_tokens": 99})
    assert last_request().max_output_tokens == 99
    assert cheap.seen[-1]["settings"] == {"max_tokens": 99}
    with pytest.raises(InvalidTypeError, match="describe="):
        ask(generator)
    cheap.generation_kwargs, dear.generation_kwargs = {"max_tokens": 500}, {"max_completion_tokens": 700}
    ask(generator)
    assert last_request().max_output_tokens == 700


def test_describe_may_ask_the_request_and_the_fields_of_a_run_come_first(
    router: Router, last_request: Callable[[], Any]
) -> None:
    generator, _ = routed(
        router,
        {CHEAP: Scripted(), DEAR: Scripted()},
        describe=lambda request: {**LENGTH, "tenant": f"t{len(request.messages)}", "task": "math"},
    )
    ask(generator)
    assert last_request().tenant == "t1"
    ask(generator, fields={"tenant": "acme"})
    assert last_request().tenant == "acme"
    with pytest.raises(UnknownNameError, match="tennant"):
        ask(generator, fields={"tennant": "acme"})


# ---------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({"prompt_tokens": 1_200, "completion_tokens": 150, "total_tokens": 1_350,
          "prompt_tokens_details": {"cached_tokens": 1_024}, "completion_tokens_details": {"reasoning_tokens": 100}},
         lt.Usage(input_tokens=1_200, cache_read_tokens=1_024, output_tokens=150, reasoning_tokens=100)),
        ({"input_tokens": 1_200, "output_tokens": 150, "total_tokens": 1_350,
          "input_tokens_details": {"cached_tokens": 1_024}, "output_tokens_details": {"reasoning_tokens": 100}},
         lt.Usage(input_tokens=1_200, cache_read_tokens=1_024, output_tokens=150, reasoning_tokens=100)),
        ({"input_tokens": 176, "output_tokens": 150, "cache_read_input_tokens": 1_024,
          "cache_creation_input_tokens": 0},
         lt.Usage(input_tokens=1_200, cache_read_tokens=1_024, output_tokens=150)),
        ({"input_tokens": 10, "output_tokens": 5}, lt.Usage(input_tokens=10, output_tokens=5)),
    ],
)  # fmt: skip
def test_each_token_of_a_reply_is_billed_once(usage: Any, read: lt.Usage) -> None:
    """Chat Completions, Responses, Anthropic, and a usage without parts, in which all agree."""
    assert read_reply(reply(usage=usage)).usage == read


def test_a_stream_of_openai_without_usage_says_how_to_ask_for_it() -> None:
    with pytest.raises(InvalidValueError, match="include_usage"):
        read_reply(reply(usage=None))


def test_without_the_package_the_extra_is_named() -> None:
    """In a process of its own, in which the package cannot be imported."""
    code = "import sys; sys.modules['haystack'] = None; import llm_tradeoffs.adapters.haystack"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in failed.stderr
    assert "pip install 'llm-tradeoffs[haystack]'" in failed.stderr
