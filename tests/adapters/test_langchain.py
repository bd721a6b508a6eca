"""The real LangChain, with its own fake chat models and its own agents; no network."""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("langchain.agents", reason="LangChain is not installed")

import httpx
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_core.caches import InMemoryCache
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.tools import tool
from pydantic import BaseModel

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.langchain import PORTABLE_SETTINGS, RouterMiddleware, read_message
from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.router import Budget, Router, Settled

pytestmark = pytest.mark.frameworks

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
LENGTH: Any = {"output_tokens": 150, "max_output_tokens": 1_000}


class RateLimitError(Exception):
    """As the SDKs have it: a status, and a response with headers."""

    def __init__(self, status: int = 429, retry_after: str = "7") -> None:
        super().__init__("slow down")
        self.status_code = status
        self.response = httpx.Response(status, headers={"retry-after": retry_after})


class Fake(GenericFakeChatModel):
    """LangChain's own fake, which also remembers how it was called, and fails when it is to."""

    seen: list[tuple[Any, dict[str, Any]]] = []  # noqa: RUF012 - a field of a Pydantic model, which copies it
    fails: BaseException | None = None
    kind: str = "generic-fake-chat-model"

    @property
    def _llm_type(self) -> str:
        return self.kind

    def bind_tools(self, tools: Any, **settings: Any) -> Any:
        return self.bind(tools=tools, **settings)

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **settings: Any) -> ChatResult:
        self.seen.append((messages, settings))
        if self.fails is not None:
            raise self.fails
        return super()._generate(messages, stop, run_manager, **settings)

    def _stream(self, *arguments: Any, **settings: Any) -> Iterator[ChatGenerationChunk]:
        # The fake's own stream drops the usage; real integrations send it with the last chunk.
        message = self._generate(*arguments, **settings).generations[0].message
        assert isinstance(message, AIMessage)
        for part in str(message.content).split():
            yield ChatGenerationChunk(message=AIMessageChunk(content=part, id="run-1"))
        yield ChatGenerationChunk(message=AIMessageChunk(content="", id="run-1", usage_metadata=message.usage_metadata))


def answer(text: str = "Hello", *, given: int = 1_000, produced: int = 150, **details: Any) -> AIMessage:
    return AIMessage(
        text,
        usage_metadata={"input_tokens": given, "output_tokens": produced, "total_tokens": given + produced, **details},
    )


def fake(*answers: AIMessage, fails: BaseException | None = None, kind: str = "generic-fake-chat-model") -> Fake:
    return Fake(messages=iter(answers or [answer() for _ in range(9)]), fails=fails, kind=kind)


def run(middleware: RouterMiddleware, how: str = "sync", *, model: Any = None, **agent: Any) -> AIMessage:
    """The last message of an agent that was asked one question."""
    made = create_agent(model or fake(fails=AssertionError("the agent's own model")), middleware=[middleware], **agent)
    question: Any = {"messages": [HumanMessage("Where is my parcel?", id="1")]}
    state = made.invoke(question) if how == "sync" else asyncio.run(made.ainvoke(question))
    return next(message for message in reversed(state["messages"]) if isinstance(message, AIMessage))


def routed(router: Router, models: dict[str, Any], **more: Any) -> tuple[RouterMiddleware, list[Settled]]:
    settled: list[Settled] = []
    return RouterMiddleware(router, models, **{"describe": LENGTH, "on_settled": settled.append, **more}), settled


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


# ---------------------------------------------------------------------------- the choice, and what it cost


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_router_chooses_and_the_real_cost_is_exact(router: Router, how: str) -> None:
    middleware, settled = routed(router, {CHEAP: fake(), DEAR: fake()})
    said = run(middleware, how)
    (one,) = settled
    assert one.model == CHEAP
    assert one.cost.total == lt.Usd(Decimal("0.40") * 1_000 / 10**6 + Decimal("1.60") * 150 / 10**6)
    assert router.balance().spent == one.cost.total
    assert router.balance().reserved == lt.Usd(0)
    note = said.response_metadata["llm_tradeoffs"]
    assert (note["model"], note["decision"]["id"]) == (CHEAP, one.decision.id)
    assert note["settled"] == one.to_dict()
    json.dumps(note)  # a checkpointer can keep it
    assert router.observed[CHEAP].response_time is not None


@pytest.mark.parametrize("how", ["sync", "async"])
def test_both_ways_of_calling_choose_alike(router: Router, how: str) -> None:
    """LangChain calls wrap_model_call or awrap_model_call, and there is no falling back from one to the other."""
    middleware, _ = routed(Router([DEAR]), {DEAR: fake(answer("I am dear"))})
    assert run(middleware, how).content == "I am dear"


def test_an_alias_names_a_candidate(router: Router) -> None:
    alias = router.candidates[1].aliases[0]
    middleware, settled = routed(router, {CHEAP: fake(fails=RateLimitError()), alias: fake()})
    run(middleware)
    assert settled[0].model == DEAR


def test_models_must_be_exactly_the_candidates(router: Router) -> None:
    with pytest.raises(UnknownNameError, match="gpt-9"):
        RouterMiddleware(router, {CHEAP: fake(), DEAR: fake(), "gpt-9": fake()})
    with pytest.raises(InvalidValueError, match=r"claude-haiku-4\.5"):
        RouterMiddleware(router, {CHEAP: fake()})


# ---------------------------------------------------------------------------- failures


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_429_cools_the_model_down_and_the_fallback_answers(router: Router, how: str) -> None:
    limited = fake(fails=RateLimitError(retry_after="30"))
    middleware, settled = routed(router, {CHEAP: limited, DEAR: fake()})
    run(middleware, how)
    assert [one.model for one in settled] == [DEAR]
    assert router.health()[CHEAP].last_status == 429
    run(middleware, how)
    assert len(limited.seen) == 1, "a model that is cooling down is not asked"
    assert router.balance().reserved == lt.Usd(0)


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_last_error_is_raised_and_the_money_is_given_back(router: Router, how: str) -> None:
    middleware, settled = routed(router, {CHEAP: fake(fails=RateLimitError()), DEAR: fake(fails=RateLimitError(503))})
    with pytest.raises(RateLimitError) as raised:
        run(middleware, how)
    assert raised.value.status_code == 503
    assert not settled
    assert router.balance().reserved == lt.Usd(0)
    assert router.balance().spent == lt.Usd(0)


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_request_that_nobody_can_do_raises_our_error(how: str) -> None:
    router = Router([CHEAP])
    asked = fake()
    middleware, _ = routed(router, {CHEAP: asked}, describe={"input_tokens": 5_000_000, "output_tokens": 10})
    with pytest.raises(NoModelError) as raised:
        run(middleware, how)
    assert raised.value.decision.model is None
    assert not asked.seen


def test_a_budget_that_is_used_up_calls_nobody() -> None:
    router = Router([CHEAP], budget=Budget(per_day="0.0001"))
    asked = fake()
    middleware, _ = routed(router, {CHEAP: asked})
    with pytest.raises(NoModelError, match="left"):
        run(middleware)
    assert not asked.seen


def test_a_cancelled_call_stays_reserved(router: Router) -> None:
    """Whether the provider bills what nobody waited for is unknown."""

    class Slow(Fake):
        async def _agenerate(self, *arguments: Any, **settings: Any) -> ChatResult:
            await asyncio.sleep(60)
            raise AssertionError("nobody waits for this")

    dear = fake()
    middleware, settled = routed(router, {CHEAP: Slow(messages=iter([])), DEAR: dear})
    agent = create_agent(fake(), middleware=[middleware])

    async def give_up() -> None:
        await asyncio.wait_for(agent.ainvoke({"messages": [HumanMessage("Hello")]}), 0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
    assert not settled
    assert not dear.seen
    assert router.balance().reserved > lt.Usd(0)


def test_a_length_that_nobody_states_is_an_error_that_says_where_to_state_it(router: Router) -> None:
    middleware, _ = routed(router, {CHEAP: fake(), DEAR: fake()}, describe=None)
    with pytest.raises(InvalidTypeError, match="describe="):
        run(middleware)


# ---------------------------------------------------------------------------- streams and caches


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_stream_settles_when_it_ends(router: Router, how: str) -> None:
    during: list[int] = []

    class Watched(Fake):
        def _stream(self, *arguments: Any, **settings: Any) -> Iterator[ChatGenerationChunk]:
            for chunk in super()._stream(*arguments, **settings):
                yield chunk
                during.append(len(settled))

    middleware, settled = routed(router, {CHEAP: Watched(messages=iter([answer("one two three")])), DEAR: fake()})
    agent = create_agent(fake(), middleware=[middleware])
    question: Any = {"messages": [HumanMessage("Count to three.")]}

    async def astream() -> list[Any]:
        return [chunk async for chunk, _ in agent.astream(question, stream_mode="messages")]

    chunks: list[Any] = (
        asyncio.run(astream())
        if how == "async"
        else [chunk for chunk, _ in agent.stream(question, stream_mode="messages")]
    )
    assert [chunk.content for chunk in chunks if chunk.content] == ["one", "two", "three"], "each part once"
    assert during == [0, 0, 0, 0], "nothing is settled while the stream runs"
    assert [one.usage for one in settled] == [lt.Usage(input_tokens=1_000, output_tokens=150)]


def test_an_answer_out_of_the_cache_costs_nothing(router: Router) -> None:
    cached = fake()
    cached.cache = InMemoryCache()
    middleware, settled = routed(router, {CHEAP: cached, DEAR: fake()})
    first, second = run(middleware), run(middleware)
    assert first.content == second.content
    assert len(cached.seen) == 1
    assert len(settled) == 1, "only what was called is paid"
    assert router.balance().spent == settled[0].cost.total
    assert router.balance().reserved == lt.Usd(0)
    assert second.response_metadata["llm_tradeoffs"]["settled"] is None


def test_an_answer_without_usage_is_given_on_and_stays_reserved(
    router: Router, caplog: pytest.LogCaptureFixture
) -> None:
    """What it cost is unknown, and not nothing: the worst case stays reserved until it expires."""
    middleware, settled = routed(router, {CHEAP: fake(AIMessage("Hello")), DEAR: fake()})
    assert run(middleware).content == "Hello"
    assert not settled
    assert router.balance().reserved > lt.Usd(0)
    assert "states no usage" in caplog.text


# ---------------------------------------------------------------------------- needs


@tool
def track(parcel: str) -> str:
    """Where a parcel is."""
    return f"{parcel} is in Bern"


class Parcel(BaseModel):
    """A parcel."""

    number: str


def needs_of(monkeypatch: pytest.MonkeyPatch, router: Router, request: Callable[[], object]) -> frozenset[str]:
    seen: list[Any] = []
    route = Router.route
    monkeypatch.setattr(Router, "route", lambda self, asked: seen.append(asked) or route(self, asked))
    request()
    needs: frozenset[str] = seen[0].needs
    return needs


def test_tools_images_and_schemas_become_needs(monkeypatch: pytest.MonkeyPatch, router: Router) -> None:
    middleware, _ = routed(router, {CHEAP: fake(), DEAR: fake()}, describe={**LENGTH, "tokens_per_image": 800})

    def ask(**request: Any) -> frozenset[str]:
        made = ModelRequest(
            **{"model": fake(), "messages": [HumanMessage("Hello")], "tools": [], "response_format": None, **request}
        )
        reply: ModelResponse[Any] = ModelResponse(result=[answer()])
        return needs_of(monkeypatch, router, lambda: middleware.wrap_model_call(made, lambda _: reply))

    picture = HumanMessage(
        [
            {"type": "text", "text": "What is this?"},
            {"type": "image", "base64": "AAAA", "mime_type": "image/png"},
        ]
    )
    assert ask() == frozenset()
    assert ask(tools=[track]) == {"tools"}
    assert ask(tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}]) == {"tools"}
    assert ask(messages=[picture]) == {"vision"}
    assert ask(response_format=ProviderStrategy(Parcel)) == {"structured_output"}
    assert ask(response_format=ToolStrategy(Parcel)) == {"tools"}
    assert ask(response_format=Parcel, messages=[picture], tools=[track]) == {"structured_output", "vision", "tools"}


def test_what_is_sent_is_counted(router: Router) -> None:
    """The system prompt, the tools and the calls of tools are sent, too."""
    counted: list[int] = []

    def tokens(**request: Any) -> int:
        middleware, settled = routed(router, {CHEAP: fake(), DEAR: fake()})
        made = ModelRequest(**{"model": fake(), "messages": [HumanMessage("Hello")], **request})
        reply: ModelResponse[Any] = ModelResponse(result=[answer()])
        middleware.wrap_model_call(made, lambda _: reply)
        return int(settled[0].decision.request.input_tokens)

    counted.append(tokens())
    counted.append(tokens(system_message=SystemMessage("Be brief, and be kind. " * 20)))
    counted.append(tokens(system_message=SystemMessage("Be brief, and be kind. " * 20), tools=[track]))
    call = AIMessage("", tool_calls=[{"name": "track", "args": {"parcel": "CH-1 " * 50}, "id": "1"}])
    counted.append(tokens(messages=[HumanMessage("Hello"), call]))
    assert counted[0] < counted[1] < counted[2]
    assert counted[3] > counted[0] + 50


def test_an_agent_with_tools_settles_every_call(router: Router) -> None:
    """Two calls of the model, one of the tool: two decisions, two exact costs."""
    asks = answer("", given=400, produced=20)
    asks.tool_calls = [{"name": "track", "args": {"parcel": "CH-1"}, "id": "1", "type": "tool_call"}]
    middleware, settled = routed(router, {CHEAP: fake(asks, answer("In Bern", given=440, produced=9)), DEAR: fake()})
    said = run(middleware, tools=[track])
    assert said.content == "In Bern"
    assert [one.usage.input_tokens for one in settled] == [400, 440]
    assert len({one.decision.id for one in settled}) == 2


def test_an_unfit_structured_answer_is_paid_too(router: Router) -> None:
    """The model answered, if not as asked; LangChain raises, and the next model is not asked in vain."""
    unfit = answer("", given=300, produced=30)
    unfit.tool_calls = [{"name": "Parcel", "args": {"numero": "1"}, "id": "1", "type": "tool_call"}]
    dear = fake()
    middleware, settled = routed(router, {CHEAP: fake(unfit), DEAR: dear})
    with pytest.raises(Exception, match="Parcel"):
        run(middleware, response_format=ToolStrategy(Parcel, handle_errors=False))
    assert settled[0].usage.input_tokens == 300
    assert not dear.seen


# ---------------------------------------------------------------------------- a change of provider


MARKED: Any = {"type": "text", "text": "Hello", "cache_control": {"type": "ephemeral"}}
SETTINGS: Any = {
    "temperature": 0.2,
    "max_tokens": 50,
    "cache_control": {"type": "ephemeral"},
    "thinking": {"type": "enabled", "budget_tokens": 1_024},
    "extra_headers": {"anthropic-beta": "x"},
}


class Sets(AgentMiddleware):
    """What an outer middleware may do: settings for the provider that it sees."""

    def wrap_model_call(self, request: Any, handler: Any) -> Any:
        return handler(request.override(model_settings=dict(SETTINGS), system_message=SystemMessage([dict(MARKED)])))


def fitted(own: Fake, chosen: Fake, *, name: str = CHEAP, models: dict[str, Any] | None = None, **more: Any) -> Any:
    """How *chosen* is called by an agent whose own model is *own*."""
    middleware, _ = routed(Router([name]) if models is None else Router(list(models)), models or {name: chosen}, **more)
    agent = create_agent(own, middleware=[Sets(), middleware])
    agent.invoke({"messages": [HumanMessage([dict(MARKED)])]})
    return chosen.seen[0]


def test_provider_specific_settings_are_stripped_when_the_provider_changes() -> None:
    messages, settings = fitted(fake(kind="anthropic-chat"), fake(kind="openai-chat"))
    assert settings == {"temperature": 0.2, "max_tokens": 50}
    assert settings.keys() <= PORTABLE_SETTINGS
    assert [message.content for message in messages] == [[{"type": "text", "text": "Hello"}]] * 2


def test_settings_stay_when_the_provider_stays() -> None:
    messages, settings = fitted(fake(kind="anthropic-chat"), fake(kind="anthropic-chat"), name=DEAR)
    assert settings == SETTINGS
    assert [message.content for message in messages] == [[MARKED]] * 2


def test_another_road_to_the_same_api_keeps_the_cache_markers() -> None:
    messages, settings = fitted(fake(kind="anthropic-chat"), fake(kind="anthropic-bedrock-chat"), name=DEAR)
    assert settings == {"temperature": 0.2, "max_tokens": 50}
    assert [message.content for message in messages] == [[MARKED]] * 2


def test_two_vendors_behind_one_class_are_two_providers() -> None:
    """A gateway's models are all of one class; the catalog knows whose they are."""
    own, chosen = fake(), fake()
    _, settings = fitted(own, chosen, models={CHEAP: chosen, DEAR: own})
    assert settings == {"temperature": 0.2, "max_tokens": 50}


def test_portable_settings_can_be_named() -> None:
    own = fake(kind="anthropic-chat")
    _, settings = fitted(own, fake(kind="openai-chat"), portable_settings={"temperature", "extra_headers"})
    assert settings == {"temperature": 0.2, "extra_headers": {"anthropic-beta": "x"}}


def test_markers_of_tools_are_stripped_too() -> None:
    seen: list[ModelRequest[Any]] = []
    middleware, _ = routed(Router([CHEAP]), {CHEAP: fake(kind="openai-chat")})
    marked = track.model_copy(update={"extras": {"cache_control": {"type": "ephemeral"}, "note": 1}})
    bare = {"type": "function", "function": {"name": "f", "parameters": {}}, "cache_control": {"type": "ephemeral"}}
    made = ModelRequest(model=fake(kind="anthropic-chat"), messages=[HumanMessage("Hello")], tools=[marked, bare])
    reply: ModelResponse[Any] = ModelResponse(result=[answer()])
    middleware.wrap_model_call(made, lambda request: seen.append(request) or reply)
    first, second = seen[0].tools
    assert not isinstance(first, dict)
    assert first.extras == {"note": 1}
    assert second == {"type": "function", "function": {"name": "f", "parameters": {}}}
    assert made.tools == [marked, bare], "the agent's own request stays as it is"


def test_what_openai_gets_over_the_wire_has_no_trace_of_anthropic() -> None:
    """The real ChatOpenAI in the place of a fake one, with a transport that answers without a network."""
    openai = pytest.importorskip("langchain_openai")
    bodies: list[dict[str, Any]] = []

    def respond(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(
            200,
            json={
                "id": "x", "object": "chat.completion", "created": 1, "model": "gpt-4.1-mini-2025-04-14",
                "service_tier": "default",
                "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}],
                "usage": {
                    "prompt_tokens": 1_200, "completion_tokens": 150, "total_tokens": 1_350,
                    "prompt_tokens_details": {"cached_tokens": 1_024},
                    "completion_tokens_details": {"reasoning_tokens": 0},
                },
            },
        )  # fmt: skip

    real = openai.ChatOpenAI(
        model="gpt-4.1-mini", api_key="none", http_client=httpx.Client(transport=httpx.MockTransport(respond))
    )
    middleware, settled = routed(Router([CHEAP]), {CHEAP: real})
    agent = create_agent(fake(kind="anthropic-chat"), middleware=[Sets(), middleware])
    agent.invoke({"messages": [HumanMessage([dict(MARKED)])]})
    assert "cache_control" not in json.dumps(bodies[0])
    assert "thinking" not in bodies[0]
    assert bodies[0]["temperature"] == 0.2
    assert settled[0].usage == lt.Usage(input_tokens=1_200, cache_read_tokens=1_024, output_tokens=150)
    assert settled[0].cost.total == lt.Usd(Decimal(176 * 40 + 1_024 * 10 + 150 * 160) / 10**8)


def test_what_anthropic_answers_over_the_wire_is_billed_once() -> None:
    """The real ChatAnthropic with a transport that answers without a network; cached tokens come beside the input."""
    integration = pytest.importorskip("langchain_anthropic")
    anthropic = pytest.importorskip("anthropic")
    # The SDK moved from httpx to httpx2.
    modules = [kind.__module__.partition(".")[0] for kind in anthropic.DefaultHttpxClient.__mro__]
    http: Any = importlib.import_module(next(module for module in modules if module.startswith("httpx")))
    bodies: list[dict[str, Any]] = []

    def respond(request: Any) -> Any:
        bodies.append(json.loads(request.content))
        return http.Response(
            200,
            json={
                "id": "m", "type": "message", "role": "assistant", "model": "claude-haiku-4-5-20251001",
                "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn", "stop_sequence": None,
                "usage": {
                    "input_tokens": 100, "output_tokens": 150, "service_tier": "standard",
                    "cache_read_input_tokens": 1_000, "cache_creation_input_tokens": 500,
                    "cache_creation": {"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 300},
                    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
                },
            },
        )  # fmt: skip

    real = integration.ChatAnthropic(model="claude-haiku-4-5", api_key="none", max_tokens=500)
    client = anthropic.Client(api_key="none", http_client=http.Client(transport=http.MockTransport(respond)))
    real.__dict__["_client"] = client  # where the chat model keeps the one that it makes
    middleware, settled = routed(Router([DEAR]), {DEAR: real}, describe=None)
    agent = create_agent(fake(kind="anthropic-chat"), middleware=[Sets(), middleware])
    agent.invoke({"messages": [HumanMessage([dict(MARKED)])]})
    assert "cache_control" in json.dumps(bodies[0]["messages"]), "the provider is the same, so its marks stay"
    (one,) = settled
    assert one.usage == lt.Usage(
        input_tokens=1_600,
        cache_read_tokens=1_000,
        cache_write_5m_tokens=200,
        cache_write_1h_tokens=300,
        output_tokens=150,
        web_searches=2,
    )
    micro_dollars = 100 * 1 + Decimal("0.1") * 1_000 + Decimal("1.25") * 200 + 2 * 300 + 5 * 150 + 2 * 10_000
    assert one.cost.total == lt.Usd(micro_dollars / 10**6)


# ---------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("stated", "usage"),
    [
        (
            # langchain-core's own example of the shape
            {"input_tokens": 350, "output_tokens": 240, "total_tokens": 590,
             "input_token_details": {"audio": 10, "cache_creation": 200, "cache_read": 100},
             "output_token_details": {"audio": 10, "reasoning": 200}},
            lt.Usage(input_tokens=350, cache_read_tokens=100, cache_write_5m_tokens=200, input_audio_tokens=10,
                     output_tokens=240, reasoning_tokens=200, output_audio_tokens=10),
        ),
        (
            # langchain-anthropic with both times of caching: cache_creation is then 0
            {"input_tokens": 1_000, "output_tokens": 20, "total_tokens": 1_020,
             "input_token_details": {"cache_read": 100, "cache_creation": 0, "ephemeral_5m_input_tokens": 200,
                                     "ephemeral_1h_input_tokens": 300}},
            lt.Usage(input_tokens=1_000, cache_read_tokens=100, cache_write_5m_tokens=200,
                     cache_write_1h_tokens=300, output_tokens=20),
        ),
        (
            # langchain-openai at another tier: the tier stands before the names, and as a rest of its own
            {"input_tokens": 1_000, "output_tokens": 150, "total_tokens": 1_150,
             "input_token_details": {"priority_cache_read": 800, "priority": 200},
             "output_token_details": {"priority_reasoning": 100, "priority": 50}},
            lt.Usage(input_tokens=1_000, cache_read_tokens=800, output_tokens=150, reasoning_tokens=100),
        ),
        (
            # reasoning beside the output, as the total tells
            {"input_tokens": 100, "output_tokens": 20, "total_tokens": 160,
             "output_token_details": {"reasoning": 40}},
            lt.Usage(input_tokens=100, output_tokens=60, reasoning_tokens=40),
        ),
    ],
)  # fmt: skip
def test_each_token_of_usage_metadata_is_billed_once(stated: Any, usage: lt.Usage) -> None:
    assert read_message(AIMessage("Hello", usage_metadata=stated)).usage == usage


def test_the_tier_is_that_which_served_the_call() -> None:
    priority: Any = {"priority": 200, "priority_cache_read": 800}
    said = answer(input_token_details=priority)
    assert read_message(said).service_tier == "priority"
    plain = answer()
    plain.response_metadata = {"service_tier": "default", "model_name": "gpt-4.1-mini-2025-04-14"}
    assert read_message(plain).service_tier == "standard"
    assert read_message(plain).model == "gpt-4.1-mini-2025-04-14"


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_tier_decides_the_price(router: Router, how: str) -> None:
    """As langchain-openai states it, with the tier before the names of the parts."""
    served = answer(input_token_details={"priority_cache_read": 800, "priority": 200})
    middleware, settled = routed(router, {CHEAP: fake(served), DEAR: fake()})
    run(middleware, how)
    usage = lt.Usage(input_tokens=1_000, cache_read_tokens=800, output_tokens=150)
    assert settled[0].usage == usage
    assert settled[0].cost.total == lt.cost(CHEAP, usage, service_tier="priority").total
    assert settled[0].cost.total > lt.cost(CHEAP, usage).total


def test_searches_are_counted_where_the_answer_shows_them() -> None:
    said = answer()
    said.content = [
        {"type": "web_search_call", "action": {"type": "search"}},
        {"type": "web_search_call", "action": {"type": "open_page"}},
        {"type": "file_search_call"},
    ]
    assert read_message(said).usage.web_searches == 1
    assert read_message(said).usage.file_searches == 1
    other = answer()
    other.response_metadata = {"usage": {"server_tool_use": {"web_search_requests": 3}, "service_tier": "standard"}}
    assert read_message(other).usage.web_searches == 3


@pytest.mark.parametrize(
    ("stated", "error"),
    [
        ({"input_tokens": 10, "output_tokens": 5, "total_tokens": 99}, ImpossibleUsageError),
        ({"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_token_details": {"cache_read": 11}},
         ImpossibleUsageError),
        ({"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_token_details": {"smell": 3}},
         InvalidValueError),
    ],
)  # fmt: skip
def test_counts_that_cannot_be_are_refused(stated: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_message(AIMessage("Hello", usage_metadata=stated))


def test_a_message_without_usage_is_read_from_what_the_provider_said() -> None:
    said = AIMessage("Hello", response_metadata={
        "model_name": "gpt-4.1-mini",
        "token_usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    })  # fmt: skip
    assert read_message(said).usage == lt.Usage(input_tokens=10, output_tokens=5)
    with pytest.raises(InvalidValueError, match="stream_usage"):
        read_message(AIMessage("Hello"))
    with pytest.raises(InvalidTypeError):
        read_message("Hello")  # type: ignore[arg-type]  # what is not a message


def test_describe_may_ask_the_request() -> None:
    """Tenant and session are in the agent's state or context; a function reads them there."""
    router = Router([CHEAP], budget=Budget(per_tenant_per_day="1"))
    middleware, settled = routed(
        router, {CHEAP: fake()}, describe=lambda request: {**LENGTH, "tenant": f"t{len(request.messages)}"}
    )
    run(middleware)
    assert settled[0].decision.request.tenant == "t1"
    assert router.balance("t1").spent == settled[0].cost.total


def test_the_limit_of_the_request_is_reserved_and_else_that_of_the_chat_models() -> None:
    class Limited(Fake):
        max_tokens: int = 700

    router = Router([CHEAP])
    middleware, settled = routed(router, {CHEAP: Limited(messages=iter([answer(), answer()]))}, describe=None)
    reply: ModelResponse[Any] = ModelResponse(result=[answer()])
    for settings in ({}, {"max_tokens": 99}):
        made = ModelRequest(model=fake(), messages=[HumanMessage("Hello")], model_settings=settings)
        middleware.wrap_model_call(made, lambda _: reply)
    assert [one.decision.request.max_output_tokens for one in settled] == [700, 99]


def test_without_the_package_the_extra_is_named() -> None:
    """In a process of its own, in which the package cannot be imported."""
    code = "import sys; sys.modules['langchain'] = None; import llm_tradeoffs.adapters.langchain"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtraError" in failed.stderr
    assert "pip install 'llm-tradeoffs[langchain]'" in failed.stderr
