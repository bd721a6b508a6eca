"""The real Pydantic AI: agents over its own function models, which call nobody; no network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("pydantic_ai", reason="Pydantic AI is not installed")

from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, NativeOutput
from pydantic_ai.exceptions import FallbackExceptionGroup, ModelHTTPError
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ToolCallPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import RequestUsage

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.pydantic_ai import ModelCall, RoutedModel, select_model, usage_of
from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.router import Budget, Router, Settled

try:
    from pydantic_ai.capabilities import SelectModel
except ImportError:  # before 2.13
    SelectModel = None  # type: ignore[assignment, misc]  # the tests below skip

pytestmark = pytest.mark.frameworks
needs_select_model = pytest.mark.skipif(SelectModel is None, reason="Pydantic AI before 2.13 has no SelectModel")

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
NOTHING = lt.Usd(0)
# 1,000 tokens in and 100 out at $0.40 and $1.60, and at $1 and $5, per million.
CHEAP_COST = lt.Usd(Decimal(1_000) * Decimal("0.40") / 10**6 + Decimal(100) * Decimal("1.60") / 10**6)
DEAR_COST = lt.Usd(Decimal(1_000) * 1 / 10**6 + Decimal(100) * 5 / 10**6)


class Seen(list[str]):
    """Which models were called, in order."""


def says(name: str, seen: Seen, *, usage: RequestUsage | None = None, fails: Exception | None = None) -> FunctionModel:
    """A model that counts 1,000 tokens in and 100 out, or fails."""
    counted = RequestUsage(input_tokens=1_000, output_tokens=100) if usage is None else usage

    def whole(messages: Any, info: Any) -> ModelResponse:
        seen.append(name)
        if fails is not None:
            raise fails
        return ModelResponse(parts=[TextPart(f"I am {name}")], usage=counted, model_name=name)

    async def parts(messages: Any, info: Any) -> AsyncIterator[str]:
        seen.append(name)
        if fails is not None:
            raise fails
        for word in ("I ", "am ", name):
            yield word

    return FunctionModel(whole, stream_function=parts, model_name=name)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


@pytest.fixture
def settled() -> list[Settled]:
    return []


@pytest.fixture
def routed(router: Router, seen: Seen, settled: list[Settled]) -> Callable[..., RoutedModel]:
    def made(cheap: Any = None, dear: Any = None, **options: Any) -> RoutedModel:
        models = {CHEAP: cheap or says(CHEAP, seen), DEAR: dear or says(DEAR, seen)}
        return RoutedModel(
            router, models, **{"describe": {"output_tokens": 300}, "on_settled": settled.append, **options}
        )

    return made


def limited(status: int = 429) -> ModelHTTPError:
    return ModelHTTPError(status, CHEAP, {"message": "slow down"})


# ---------------------------------------------------------------------------- deciding and settling


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_router_chooses_and_the_real_cost_is_exact(
    routed: Callable[..., RoutedModel], router: Router, seen: Seen, settled: list[Settled], how: str
) -> None:
    agent = Agent(routed())
    answer = agent.run_sync("Hello") if how == "sync" else asyncio.run(agent.run("Hello"))

    assert answer.output == f"I am {CHEAP}"
    assert seen == [CHEAP]
    assert [(each.model, each.cost.total) for each in settled] == [(CHEAP, CHEAP_COST)]
    assert settled[0].decision.model == router.route(settled[0].decision.request).model
    router.release(settled[0].decision)
    assert router.balance().spent == CHEAP_COST
    assert router.observed[CHEAP].response_time is not None


def test_decision_and_cost_are_in_the_metadata_of_the_response(routed: Callable[..., RoutedModel]) -> None:
    messages = Agent(routed()).run_sync("Hello").all_messages()
    assert isinstance(messages[-1], ModelResponse)
    note = (messages[-1].metadata or {})["llm_tradeoffs"]
    assert note["decision"]["model"] == note["model"] == CHEAP
    assert note["settled"]["decision_id"] == note["decision"]["id"]
    assert note["settled"]["cost"]["total_usd"] == "0.00056"


def test_a_stream_settles_when_it_ends(
    routed: Callable[..., RoutedModel], router: Router, settled: list[Settled]
) -> None:
    async def streamed() -> str:
        async with Agent(routed()).run_stream("Hello") as answer:
            text = "".join([part async for part in answer.stream_text(delta=True)])
        return text

    assert asyncio.run(streamed()) == f"I am {CHEAP}"
    assert [each.model for each in settled] == [CHEAP]
    assert settled[0].usage.output_tokens > 0  # as Pydantic AI's function model counts
    assert router.balance().reserved == NOTHING


def test_a_stream_that_is_left_early_settles_what_is_known(
    routed: Callable[..., RoutedModel], router: Router, settled: list[Settled]
) -> None:
    async def left() -> None:
        model = routed()
        request = [ModelRequest(parts=[UserPromptPart("Hello")])]
        async with model.request_stream(request, None, ModelRequestParameters()) as stream:
            async for _ in stream:
                break

    asyncio.run(left())
    assert [each.model for each in settled] == [CHEAP]
    assert settled[0].usage.output_tokens < 5
    assert router.balance().reserved == NOTHING


def test_a_429_cools_the_model_down_and_the_fallback_answers(
    routed: Callable[..., RoutedModel], router: Router, seen: Seen, settled: list[Settled]
) -> None:
    answer = Agent(routed(cheap=says(CHEAP, seen, fails=limited()))).run_sync("Hello")

    assert answer.output == f"I am {DEAR}"
    assert seen == [CHEAP, DEAR]
    assert router.health()[CHEAP].last_status == 429
    assert [(each.model, each.cost.total) for each in settled] == [(DEAR, DEAR_COST)]
    assert (router.balance().spent, router.balance().reserved) == (DEAR_COST, NOTHING)


def test_a_stream_falls_back_before_it_begins(
    routed: Callable[..., RoutedModel], seen: Seen, settled: list[Settled]
) -> None:
    async def streamed() -> str:
        async with Agent(routed(cheap=says(CHEAP, seen, fails=limited()))).run_stream("Hello") as answer:
            return await answer.get_output()

    assert asyncio.run(streamed()) == f"I am {DEAR}"
    assert seen == [CHEAP, DEAR]
    assert [each.model for each in settled] == [DEAR]


@pytest.mark.parametrize("how", ["whole", "streamed"])
def test_if_all_fail_pydantic_ais_own_group_is_raised_and_the_money_is_given_back(
    routed: Callable[..., RoutedModel], router: Router, seen: Seen, settled: list[Settled], how: str
) -> None:
    agent = Agent(routed(says(CHEAP, seen, fails=limited()), says(DEAR, seen, fails=limited(529))))

    async def streamed() -> None:
        async with agent.run_stream("Hello"):
            pass

    with pytest.raises(FallbackExceptionGroup) as caught:
        agent.run_sync("Hello") if how == "whole" else asyncio.run(streamed())

    assert [getattr(each, "status_code", None) for each in caught.value.exceptions] == [429, 529]
    assert (router.balance().spent, router.balance().reserved) == (NOTHING, NOTHING)
    assert not settled


def test_an_error_that_is_no_reason_to_fall_back_is_raised(
    routed: Callable[..., RoutedModel], router: Router, seen: Seen
) -> None:
    agent = Agent(routed(cheap=says(CHEAP, seen, fails=ZeroDivisionError("a bug"))))
    with pytest.raises(ZeroDivisionError, match="a bug"):
        agent.run_sync("Hello")
    assert seen == [CHEAP]


def test_fallback_on_is_pydantic_ais(routed: Callable[..., RoutedModel], seen: Seen) -> None:
    agent = Agent(routed(cheap=says(CHEAP, seen, fails=ZeroDivisionError("a bug")), fallback_on=(ZeroDivisionError,)))
    assert agent.run_sync("Hello").output == f"I am {DEAR}"


def test_a_request_that_nobody_can_do_raises_our_error(
    routed: Callable[..., RoutedModel], router: Router, seen: Seen
) -> None:
    with pytest.raises(NoModelError, match="needs 10,000,000 output tokens of at most") as caught:
        Agent(routed()).run_sync("Hello", model_settings={"max_tokens": 10_000_000})
    assert caught.value.decision.reason == "none-can"
    assert not seen
    assert router.balance().reserved == NOTHING


def test_a_budget_that_is_used_up_calls_nobody(seen: Seen) -> None:
    router = Router([CHEAP, DEAR], budget=Budget(per_day="0.0001"))
    model = RoutedModel(router, {CHEAP: says(CHEAP, seen), DEAR: says(DEAR, seen)}, describe={"output_tokens": 300})
    with pytest.raises(NoModelError, match="budget"):
        Agent(model).run_sync("Hello")
    assert not seen


def test_an_answer_without_usage_is_given_on_and_stays_reserved(
    routed: Callable[..., RoutedModel],
    router: Router,
    seen: Seen,
    settled: list[Settled],
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Silent(FunctionModel):
        """Pydantic AI's function model counts by itself where nothing is stated."""

        async def request(self, *args: Any, **kwargs: Any) -> ModelResponse:
            return ModelResponse(parts=[TextPart("Hi")], usage=RequestUsage())

    model = routed(cheap=Silent(lambda messages, info: ModelResponse(parts=[TextPart("Hi")])))
    with caplog.at_level(logging.WARNING, logger="llm_tradeoffs.adapters"):
        assert Agent(model).run_sync("Hello").output == "Hi"
    assert "states no usage" in caplog.text
    assert not settled
    assert router.balance().reserved > NOTHING


def test_a_cancelled_call_stays_reserved(routed: Callable[..., RoutedModel], router: Router, seen: Seen) -> None:
    async def waits(messages: Any, info: Any) -> ModelResponse:
        await asyncio.sleep(60)
        raise AssertionError

    async def cancelled() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(Agent(routed(cheap=FunctionModel(waits))).run("Hello"), 0.05)

    asyncio.run(cancelled())
    assert router.balance().reserved > NOTHING


def test_every_request_of_a_run_is_a_decision_of_its_own(
    routed: Callable[..., RoutedModel], seen: Seen, settled: list[Settled]
) -> None:
    def first_a_tool(messages: list[Any], info: Any) -> ModelResponse:
        usage = RequestUsage(input_tokens=1_000, output_tokens=100)
        if len(messages) == 1:
            return ModelResponse(parts=[ToolCallPart("add", {"a": 1, "b": 2})], usage=usage)
        return ModelResponse(parts=[TextPart("3")], usage=usage)

    agent = Agent(routed(cheap=FunctionModel(first_a_tool)))

    @agent.tool_plain
    def add(a: int, b: int) -> int:
        return a + b

    assert agent.run_sync("1 + 2?").output == "3"
    assert len({each.decision.id for each in settled}) == 2
    assert all(each.decision.request.needs == {"tools"} for each in settled)
    first, second = settled
    assert second.decision.request.input_tokens > first.decision.request.input_tokens


# ---------------------------------------------------------------------------- SelectModel


@needs_select_model
@pytest.mark.parametrize("how", ["whole", "streamed"])
def test_select_model_decides_with_the_dependencies_of_the_run(
    router: Router, seen: Seen, settled: list[Settled], how: str
) -> None:
    def describe(call: ModelCall) -> Any:
        assert call.selection is not None
        return {"output_tokens": 300, "tenant": call.deps, "session": f"step {call.selection.run_step}"}

    chooses = select_model(
        router, {CHEAP: says(CHEAP, seen), DEAR: says(DEAR, seen)}, describe=describe, on_settled=settled.append
    )
    agent = Agent(capabilities=[chooses], deps_type=str)

    async def streamed() -> str:
        async with agent.run_stream("Hello", deps="acme") as answer:
            return await answer.get_output()

    said = agent.run_sync("Hello", deps="acme").output if how == "whole" else asyncio.run(streamed())
    assert said == f"I am {CHEAP}"
    assert [each.decision.request.tenant for each in settled] == ["acme"]
    assert [each.decision.request.session for each in settled] == ["step 1"]


@needs_select_model
def test_select_model_sees_the_request_itself(router: Router, seen: Seen, settled: list[Settled]) -> None:
    """The capability is asked before the request is written; the model that it gives out sees it."""
    chooses = select_model(
        router,
        {CHEAP: says(CHEAP, seen), DEAR: says(DEAR, seen)},
        describe={"output_tokens": 300},
        on_settled=settled.append,
    )
    agent = Agent(capabilities=[chooses])
    agent.run_sync("x" * 40_000)
    assert settled[0].decision.request.input_tokens > 5_000


@pytest.mark.skipif(SelectModel is not None, reason="only where Pydantic AI has no SelectModel")
def test_older_versions_say_what_to_use_instead(router: Router, seen: Seen) -> None:
    with pytest.raises(lt.MissingExtraError, match="RoutedModel does without it"):
        select_model(router, {CHEAP: says(CHEAP, seen), DEAR: says(DEAR, seen)})


# ---------------------------------------------------------------------------- what is asked


class Weather(BaseModel):
    celsius: int


def asked_by(agent: Agent[None, Any], settled: list[Settled], prompt: Any = "Hello") -> Any:
    agent.run_sync(prompt)
    return settled[-1].decision.request


def test_tools_images_and_schemas_become_needs(
    routed: Callable[..., RoutedModel], settled: list[Settled], router: Router
) -> None:
    model = routed(cheap=TestModel(), dear=TestModel(), describe={"output_tokens": 300, "tokens_per_image": 1_600})

    def add(a: int, b: int) -> int:
        return a + b

    assert asked_by(Agent(model), settled).needs == frozenset()
    assert asked_by(Agent(model, tools=[add]), settled).needs == {"tools"}
    assert asked_by(Agent(model, output_type=Weather), settled).needs == {"tools"}
    seen = asked_by(Agent(model), settled, ["What is this?", BinaryContent(b"\x89PNG", media_type="image/png")])
    assert seen.needs == {"vision"}
    assert seen.input_tokens > 1_600


def test_native_output_needs_structured_output(routed: Callable[..., RoutedModel], settled: list[Settled]) -> None:
    from pydantic_ai.profiles import ModelProfile

    profile: Any = ModelProfile(supports_json_schema_output=True)
    model = FunctionModel(
        lambda messages, info: ModelResponse(
            parts=[TextPart('{"celsius": 3}')], usage=RequestUsage(input_tokens=10, output_tokens=5)
        ),
        profile=profile,
    )
    agent = Agent(routed(cheap=model, dear=model), output_type=NativeOutput(Weather))
    assert asked_by(agent, settled).needs == {"structured_output"}


def test_what_cannot_be_counted_has_to_be_stated(routed: Callable[..., RoutedModel], settled: list[Settled]) -> None:
    image = BinaryContent(b"\x89PNG", media_type="image/png")
    sound = BinaryContent(b"RIFF", media_type="audio/wav")
    with pytest.raises(InvalidTypeError, match="tokens_per_image"):
        Agent(routed()).run_sync(["What is this?", image])
    with pytest.raises(InvalidTypeError, match="1 file that"):
        Agent(routed()).run_sync(["What is this?", sound])
    with pytest.raises(InvalidTypeError, match="no limit on the length of its answer"):
        Agent(routed(describe=None)).run_sync("Hello")
    stated = {"input_tokens": 2_000, "output_tokens": 300}
    assert asked_by(Agent(routed(describe=stated)), settled, ["What is this?", sound]).input_tokens == 2_000


def test_what_is_sent_is_counted(routed: Callable[..., RoutedModel], settled: list[Settled]) -> None:
    plain = asked_by(Agent(routed()), settled).input_tokens
    with_instructions = asked_by(Agent(routed(), instructions="y" * 4_000), settled).input_tokens
    with_system_prompt = asked_by(Agent(routed(), system_prompt="y" * 4_000), settled).input_tokens
    assert with_instructions > plain + 500
    assert with_system_prompt > plain + 500


def test_the_limit_of_the_settings_is_reserved(routed: Callable[..., RoutedModel], settled: list[Settled]) -> None:
    Agent(routed(), model_settings={"max_tokens": 700}).run_sync("Hello")
    assert settled[-1].decision.request.max_output_tokens == 700
    Agent(routed(), model_settings={"max_tokens": 100}).run_sync("Hello")
    assert settled[-1].decision.request.output_tokens == 100  # 300 are described, and cannot come


def test_what_is_wrong_with_the_wiring_is_said_at_once(router: Router, seen: Seen) -> None:
    with pytest.raises(UnknownNameError, match="'gpt-9'"):
        RoutedModel(router, {CHEAP: says(CHEAP, seen), DEAR: says(DEAR, seen), "gpt-9": says("gpt-9", seen)})
    with pytest.raises(InvalidValueError, match=r"no entry for 'claude-haiku-4\.5'"):
        RoutedModel(router, {CHEAP: says(CHEAP, seen)})
    typo = RoutedModel(router, {CHEAP: says(CHEAP, seen), DEAR: says(DEAR, seen)}, describe={"tennant": "x"})  # type: ignore[arg-type]  # the typo
    with pytest.raises(UnknownNameError, match="Did you mean 'tenant'"):
        Agent(typo).run_sync("Hello")


# ---------------------------------------------------------------------------- what was used


@pytest.mark.parametrize(
    ("stated", "usage"),
    [
        ({"input_tokens": 100, "output_tokens": 50}, {"input_tokens": 100, "output_tokens": 50}),
        (
            {"input_tokens": 160, "output_tokens": 7, "cache_read_tokens": 100, "cache_write_tokens": 50},
            {"input_tokens": 160, "output_tokens": 7, "cache_read_tokens": 100, "cache_write_5m_tokens": 50},
        ),
        (
            {"input_tokens": 100, "output_tokens": 50, "details": {"reasoning_tokens": 30}},
            {"input_tokens": 100, "output_tokens": 50, "reasoning_tokens": 30},
        ),
        (
            {"input_tokens": 90, "output_tokens": 9, "input_audio_tokens": 40, "cache_read_tokens": 30}
            | {"cache_audio_read_tokens": 20},
            {"input_tokens": 90, "output_tokens": 9, "input_audio_tokens": 40, "cache_read_tokens": 30}
            | {"cache_read_audio_tokens": 20},
        ),
    ],
)
def test_each_token_of_a_request_is_billed_once(stated: Any, usage: Any) -> None:
    assert usage_of(RequestUsage(**stated)) == lt.Usage(**usage)


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ({}, InvalidValueError),
        ({"input_tokens": 10, "details": {"compaction_iterations": 1}}, InvalidValueError),
        ({"input_tokens": 10, "cache_read_tokens": 20}, ImpossibleUsageError),
    ],
)
def test_counts_that_cannot_be_are_refused(details: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        usage_of(RequestUsage(**details))


def test_cached_tokens_are_priced_as_cached(
    routed: Callable[..., RoutedModel], seen: Seen, settled: list[Settled]
) -> None:
    """900 of 1,000 tokens out of the cache: 100 × $0.40 + 900 × $0.10 + 100 × $1.60, per million."""
    counted = RequestUsage(input_tokens=1_000, output_tokens=100, cache_read_tokens=900)
    Agent(routed(cheap=says(CHEAP, seen, usage=counted))).run_sync("Hello")
    dollars = 100 * Decimal("0.40") + 900 * Decimal("0.10") + 100 * Decimal("1.60")
    assert settled[0].cost.total == lt.Usd(dollars / 10**6)


def test_the_tier_that_was_asked_for_is_priced(routed: Callable[..., RoutedModel], settled: list[Settled]) -> None:
    settings: Any = {"openai_service_tier": "priority"}
    Agent(routed()).run_sync("Hello", model_settings=settings)
    assert settled[0].cost.service_tier == "priority"
