"""The real LiteLLM: its router and its callbacks, over a provider of our own that calls nobody; no network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("litellm", reason="LiteLLM is not installed")

import litellm
import litellm.utils
from litellm import CustomLLM, ModelResponse
from litellm.router_strategy.lowest_cost import LowestCostLoggingHandler  # the strategy that is compared with

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.litellm import LiteLLMCall, LiteLLMRouting
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.router import Budget, Router, Settled

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore:Items? .* on TypedDict class:UserWarning"),  # Pydantic, about LiteLLM's types
    # Its worker drops what it has not logged when a loop ends.
    pytest.mark.filterwarnings("ignore:coroutine 'Logging:RuntimeWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <coroutine object Logging:pytest.PytestUnraisableExceptionWarning"
    ),
]

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
NAMES = {CHEAP: "fake/mini", DEAR: "fake/haiku"}
HELLO = [{"role": "user", "content": "Hello"}]
# 1,000 tokens in and 100 out at $0.40 and $1.60, and at $1 and $5, per million.
CHEAP_COST = lt.Usd(Decimal(1_000) * Decimal("0.40") / 10**6 + Decimal(100) * Decimal("1.60") / 10**6)
DEAR_COST = lt.Usd(Decimal(1_000) * 1 / 10**6 + Decimal(100) * 5 / 10**6)
NOTHING = lt.Usd(0)
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}


class Provider(CustomLLM):
    """Answers at once, and counts 1,000 tokens in and 100 out; a model in *limited* is at its rate limit."""

    def __init__(self) -> None:
        super().__init__()
        self.limited: set[str] = set()
        self.called: list[str] = []

    def _answer(self, model: str) -> ModelResponse:
        self.called.append(model)
        if model in self.limited:
            raise litellm.RateLimitError("slow down", llm_provider="fake", model=model)
        message = {"role": "assistant", "content": f"I am {model}"}
        answer = ModelResponse(model=model, choices=[{"message": message, "finish_reason": "stop", "index": 0}])
        answer.usage = litellm.Usage(**USAGE)
        return answer

    def completion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        return self._answer(kwargs["model"])

    async def acompletion(self, *args: Any, **kwargs: Any) -> ModelResponse:
        return self._answer(kwargs["model"])

    def streaming(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        text = self._answer(kwargs["model"]).choices[0].message.content
        part = {"index": 0, "tool_use": None}
        yield {**part, "finish_reason": "", "is_finished": False, "text": text, "usage": None}
        yield {**part, "finish_reason": "stop", "is_finished": True, "text": "", "usage": USAGE}

    async def astreaming(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        for part in self.streaming(*args, **kwargs):
            yield part


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    made = Provider()
    monkeypatch.setattr(litellm, "custom_provider_map", [{"provider": "fake", "custom_handler": made}])
    litellm.utils.custom_llm_setup()
    _no_callbacks()
    yield made
    _no_callbacks()


def _no_callbacks() -> None:
    for name in (
        "callbacks",
        "success_callback",
        "failure_callback",
        "_async_success_callback",
        "_async_failure_callback",
    ):
        getattr(litellm, name).clear()


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


@pytest.fixture
def settled() -> list[Settled]:
    return []


@pytest.fixture
def routing(router: Router, settled: list[Settled]) -> LiteLLMRouting:
    return LiteLLMRouting(router, NAMES, describe={"output_tokens": 300}, on_settled=settled.append)


def llm_router(**options: Any) -> litellm.Router:
    groups = [("smart", "fake/mini"), ("smart", "fake/haiku"), ("other", "fake/other")]
    return litellm.Router(
        model_list=[{"model_name": group, "litellm_params": {"model": model}} for group, model in groups],
        **{"num_retries": 2, "retry_after": 0, **options},
    )


def wired(routing: LiteLLMRouting, how: str, **options: Any) -> litellm.Router:
    if how == "plugin":
        routing.listen()
        return llm_router(plugins=[routing], **options)
    llm = llm_router(**options)
    routing.install(llm)
    return llm


def ask(llm: litellm.Router, how: str, group: str = "smart", **arguments: Any) -> Any:
    """One call, synchronous or awaited, streamed or not; the text of the answer, or of its parts together."""
    arguments = {"messages": HELLO, **arguments}

    async def awaited() -> Any:
        answer = await llm.acompletion(group, **arguments)
        if arguments.get("stream"):
            text = "".join([part.choices[0].delta.content or "" async for part in answer])
        else:
            text = answer.choices[0].message.content
        await asyncio.sleep(0)
        await _flushed()
        return text

    if how != "sync":
        return asyncio.run(awaited())
    answer = llm.completion(group, **arguments)
    if arguments.get("stream"):
        return "".join(part.choices[0].delta.content or "" for part in answer)
    return answer.choices[0].message.content


async def _flushed() -> None:
    """LiteLLM logs asynchronous calls in a worker of its own."""
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    await asyncio.sleep(0.05)
    await GLOBAL_LOGGING_WORKER.flush()


def eventually(what: Callable[[], bool]) -> bool:
    """LiteLLM logs synchronous calls in a thread of its own."""
    until = time.monotonic() + 10
    while not what() and time.monotonic() < until:
        time.sleep(0.01)
    return what()


WAYS = ["sync", "strategy", "plugin"]


# ---------------------------------------------------------------------------- deciding and settling


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("how", WAYS)
def test_the_router_chooses_and_the_real_cost_is_exact(  # noqa: PLR0917  # fixtures
    provider: Provider, routing: LiteLLMRouting, router: Router, settled: list[Settled], how: str, stream: bool
) -> None:
    llm = wired(routing, how)

    assert ask(llm, how, stream=stream) == "I am mini"

    assert eventually(lambda: bool(settled))
    assert [(each.model, each.cost.total) for each in settled] == [(CHEAP, CHEAP_COST)]
    assert settled[0].decision.model == CHEAP == router.route(settled[0].decision.request).model
    assert settled[0].usage == lt.Usage(input_tokens=1_000, output_tokens=100)
    assert router.balance().spent == CHEAP_COST
    seen = router.observed[CHEAP]
    assert seen.response_time is not None
    assert (seen.ttft is not None) == stream


@pytest.mark.parametrize("how", ["strategy", "plugin"])
def test_decision_and_cost_are_in_the_response(provider: Provider, routing: LiteLLMRouting, how: str) -> None:
    llm = wired(routing, how)
    answer = asyncio.run(llm.acompletion("smart", messages=HELLO))

    note = answer._hidden_params["llm_tradeoffs"]
    assert note["decision"]["model"] == note["settled"]["model"] == CHEAP
    assert note["settled"]["decision_id"] == note["decision"]["id"]
    assert note["settled"]["cost"]["total_usd"] == "0.00056"


@pytest.mark.parametrize("how", WAYS)
def test_a_retry_takes_the_next_candidate_and_the_failure_cools_down(
    provider: Provider, routing: LiteLLMRouting, router: Router, settled: list[Settled], how: str
) -> None:
    provider.limited = {"mini"}
    llm = wired(routing, how)

    assert ask(llm, how) == "I am haiku"

    assert provider.called == ["mini", "haiku"]
    assert eventually(lambda: bool(settled) and bool(router.health()))
    assert [(each.model, each.cost.total) for each in settled] == [(DEAR, DEAR_COST)]
    # What was reserved and predicted is of the model that was really called.
    decision = settled[0].decision
    assert (decision.model, decision.reason, decision.without) == (DEAR, "next-by-health", (CHEAP,))
    assert decision.reserved == decision.worst_cost
    assert settled[0].beyond_reservation == NOTHING
    assert router.health()[CHEAP].last_status == 429
    assert router.health()[CHEAP].failures == 1
    assert eventually(lambda: router.balance().reserved == NOTHING)
    assert router.balance().spent == DEAR_COST


@pytest.mark.parametrize("how", WAYS)
def test_the_last_error_is_raised_and_the_money_is_given_back(
    provider: Provider, routing: LiteLLMRouting, router: Router, settled: list[Settled], how: str
) -> None:
    provider.limited = {"mini", "haiku"}
    llm = wired(routing, how, num_retries=1)

    with pytest.raises(litellm.RateLimitError, match="slow down"):
        ask(llm, how)

    assert eventually(lambda: len(router.health()) == 2)
    assert eventually(lambda: router.balance().reserved == NOTHING)
    assert router.balance().spent == NOTHING
    assert not settled


@pytest.mark.parametrize("how", ["sync", "strategy"])
def test_a_request_that_nobody_can_do_raises_our_error(
    provider: Provider, routing: LiteLLMRouting, router: Router, how: str
) -> None:
    llm = wired(routing, how)

    with pytest.raises(NoModelError, match="needs 10,000,000 output tokens of at most") as caught:
        ask(llm, how, max_tokens=10_000_000)

    assert caught.value.decision.reason == "none-can"
    assert not provider.called
    assert router.balance().reserved == NOTHING


def test_a_plugin_that_can_do_nothing_raises_our_error_too(provider: Provider, router: Router) -> None:
    routing = LiteLLMRouting(router, NAMES, describe={"output_tokens": 10_000_000})
    llm = wired(routing, "plugin")

    with pytest.raises(NoModelError, match="needs 10,000,000 output tokens of at most"):
        ask(llm, "plugin")
    assert not provider.called


@pytest.mark.parametrize("how", WAYS)
def test_groups_that_hold_no_candidate_are_left_to_litellm(
    provider: Provider, routing: LiteLLMRouting, router: Router, settled: list[Settled], how: str
) -> None:
    llm = wired(routing, how)

    assert ask(llm, how, "other") == "I am other"
    assert not settled
    assert router.balance().reserved == NOTHING


@pytest.mark.parametrize("how", ["sync", "strategy"])
def test_only_what_a_group_holds_is_chosen(provider: Provider, routing: LiteLLMRouting, how: str) -> None:
    llm = litellm.Router(model_list=[{"model_name": "dear", "litellm_params": {"model": "fake/haiku"}}])
    routing.install(llm)

    assert ask(llm, how, "dear") == "I am haiku"


@pytest.mark.parametrize("how", ["sync", "strategy"])
def test_no_deployment_of_an_able_candidate_is_an_error_of_ours(provider: Provider, router: Router, how: str) -> None:
    small = lt.Model("tiny", usd_per_mtok=(1, 1), context_window=100, max_output_tokens=50)
    routing = LiteLLMRouting(
        Router([small, DEAR]), {"tiny": "fake/tiny", DEAR: "fake/haiku"}, describe={"output_tokens": 300}
    )
    llm = litellm.Router(model_list=[{"model_name": "g", "litellm_params": {"model": "fake/tiny"}}])
    routing.install(llm)

    with pytest.raises(
        NoModelError, match=r"claude-haiku-4\.5 could do the request, but LiteLLM has no healthy deployment"
    ):
        ask(llm, how, "g")
    assert not provider.called


def test_an_answer_out_of_the_cache_costs_nothing(
    provider: Provider, routing: LiteLLMRouting, router: Router, settled: list[Settled], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(litellm, "cache", litellm.Cache(type="local"))
    llm = wired(routing, "strategy")

    async def twice() -> None:
        for _ in range(2):
            await llm.acompletion("smart", messages=HELLO, caching=True)
            await asyncio.sleep(0.2)

    try:
        asyncio.run(twice())
    except ModuleNotFoundError as missing:  # some versions of LiteLLM import its proxy for that
        pytest.skip(f"the cache of this LiteLLM needs {missing.name}, which is not installed")
    assert provider.called == ["mini"]
    assert eventually(lambda: router.balance().reserved == NOTHING)
    assert router.balance().spent == CHEAP_COST
    assert len(settled) == 1


def test_calls_that_share_their_metadata_are_settled_one_by_one(
    provider: Provider, routing: LiteLLMRouting, router: Router, settled: list[Settled]
) -> None:
    llm = wired(routing, "strategy")
    shared: dict[str, Any] = {"team": "a"}

    async def many() -> None:
        await asyncio.gather(*(llm.acompletion("smart", messages=HELLO, metadata=shared) for _ in range(20)))

    asyncio.run(many())
    assert len({each.decision.id for each in settled}) == 20
    assert router.balance().spent == lt.Usd(Decimal("0.00056") * 20)
    assert router.balance().reserved == NOTHING


# ---------------------------------------------------------------------------- what is asked


@pytest.fixture
def request_for(routing: LiteLLMRouting) -> Callable[..., Any]:
    def made(**arguments: Any) -> Any:
        messages = arguments.pop("messages", HELLO)
        return routing.request_of(LiteLLMCall(messages, {}, arguments))

    return made


def test_tools_images_and_formats_become_needs(router: Router) -> None:
    routing = LiteLLMRouting(router, NAMES, describe={"output_tokens": 300, "tokens_per_image": 1_600})
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    seen = {"role": "user", "content": [{"type": "text", "text": "Hello"}, image]}
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}

    def needs(messages: Any = HELLO, **kwargs: Any) -> frozenset[str]:
        return routing.request_of(LiteLLMCall(messages, {}, kwargs)).needs

    assert needs() == frozenset()
    assert needs([seen]) == {"vision"}
    assert needs(tools=[tool]) == {"tools"}
    assert needs(response_format=form) == {"structured_output"}
    assert needs(response_format={"type": "text"}) == frozenset()
    assert needs(text={"format": {"type": "json_schema", "name": "answer"}}) == {"structured_output"}
    assert routing.request_of(LiteLLMCall([seen], {}, {})).input_tokens > 1_600


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
def test_the_limit_of_the_call_is_reserved(request_for: Callable[..., Any], name: str) -> None:
    assert request_for(**{name: 700}).max_output_tokens == 700
    assert request_for(**{name: 100}).output_tokens == 100  # 300 are described, and cannot come


def test_describe_sees_the_metadata_and_the_arguments(
    provider: Provider, router: Router, settled: list[Settled]
) -> None:
    def describe(call: LiteLLMCall) -> Any:
        return {"output_tokens": 300, "tenant": call.metadata["user_api_key_team_id"], "session": call.kwargs["user"]}

    llm = wired(LiteLLMRouting(router, NAMES, describe=describe, on_settled=settled.append), "strategy")
    ask(llm, "strategy", metadata={"user_api_key_team_id": "acme"}, user="u-1")
    assert (settled[0].decision.request.tenant, settled[0].decision.request.session) == ("acme", "u-1")


def test_what_is_wrong_with_the_wiring_is_said_at_once(router: Router) -> None:
    with pytest.raises(UnknownNameError, match="'gpt-9'"):
        LiteLLMRouting(router, {**NAMES, "gpt-9": "fake/9"})
    with pytest.raises(InvalidValueError, match=r"no entry for 'claude-haiku-4\.5'"):
        LiteLLMRouting(router, {CHEAP: "fake/mini"})
    with pytest.raises(InvalidTypeError, match="no limit on the length"):
        LiteLLMRouting(router, NAMES).request_of(LiteLLMCall(HELLO, {}, {}))


# ---------------------------------------------------------------------------- known traps


def test_trap_a_plugin_cannot_run_on_the_synchronous_path(provider: Provider, routing: LiteLLMRouting) -> None:
    llm = wired(routing, "plugin")
    with pytest.raises(ValueError, match="synchronous"):
        ask(llm, "sync")


def test_trap_a_plugin_sees_neither_tools_nor_limits(
    provider: Provider, routing: LiteLLMRouting, settled: list[Settled]
) -> None:
    llm = wired(routing, "plugin")
    tool = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
    ask(llm, "plugin", tools=[tool], max_tokens=10_000_000)
    assert settled[0].decision.request.needs == frozenset()
    assert settled[0].decision.request.max_output_tokens is None


def test_trap_mock_usage_is_always_10_and_20(
    provider: Provider, routing: LiteLLMRouting, settled: list[Settled]
) -> None:
    llm = wired(routing, "strategy")
    ask(
        llm,
        "strategy",
        mock_response="a text of any length at all",
        messages=[{"role": "user", "content": "x" * 9_000}],
    )
    assert settled[0].usage == lt.Usage(input_tokens=10, output_tokens=20)


def test_litellms_own_cost_based_routing_picks_the_dear_call(provider: Provider, settled: list[Settled]) -> None:
    """20,085 tokens in and 50 out at $0.10 and $10, and at $5 and $3, per million: side by side."""
    sent, said = 20_085, 50
    a = lt.Model("a", usd_per_mtok=("0.10", 10), context_window=128_000, max_output_tokens=8_000)
    b = lt.Model("b", usd_per_mtok=(5, 3), context_window=128_000, max_output_tokens=8_000)
    deployments = [
        {
            "model_name": "smart",
            "litellm_params": {
                "model": f"fake/{model.id}",
                "input_cost_per_token": float(model.rates.price("input_tokens").usd.pico / 10**18),  # type: ignore[union-attr]  # stated above
                "output_cost_per_token": float(model.rates.price("output_tokens").usd.pico / 10**18),  # type: ignore[union-attr]  # stated above
            },
        }
        for model in (a, b)
    ]
    theirs = litellm.Router(model_list=deployments, routing_strategy="cost-based-routing")
    assert any(isinstance(each, LowestCostLoggingHandler) for each in litellm.callbacks)
    ours = litellm.Router(model_list=deployments)
    router = Router([a, b], objective="expected-cost", accept_unknown=True)
    described: Any = {"input_tokens": sent, "output_tokens": said}
    LiteLLMRouting(router, {"a": "fake/a", "b": "fake/b"}, describe=described).install(ours)

    async def chosen(llm: litellm.Router) -> str:
        found = await llm.async_get_available_deployment("smart", request_kwargs={}, messages=HELLO)
        model: str = found["litellm_params"]["model"]
        return model.removeprefix("fake/")

    picked = {"LiteLLM": asyncio.run(chosen(theirs)), "llm_tradeoffs": asyncio.run(chosen(ours))}
    costs = {
        who: lt.cost({"a": a, "b": b}[name], input_tokens=sent, output_tokens=said).total
        for who, name in picked.items()
    }
    assert costs == {"LiteLLM": lt.Usd("0.100575"), "llm_tradeoffs": lt.Usd("0.0025085")}


# ---------------------------------------------------------------------------- the proxy

EXAMPLE = Path(__file__).parents[2] / "examples" / "litellm_proxy.yaml"


def test_the_example_of_the_proxy_is_loaded_by_the_real_proxy(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy's own loader reads the file, finds the object, and its router decides by it."""
    pytest.importorskip("fastapi", reason="the extra `proxy` of LiteLLM is not installed")
    pytest.importorskip("apscheduler", reason="the extra `proxy` of LiteLLM is not installed")
    proxy_server = pytest.importorskip("litellm.proxy.proxy_server", reason="the extra `proxy` is not installed")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "sk-none")

    async def answered() -> Any:
        llm, _, _ = await proxy_server.ProxyConfig().load_config(router=None, config_file_path=str(EXAMPLE))
        assert [type(each) for each in llm.routing_plugins] == [LiteLLMRouting]
        return await llm.acompletion("smart", messages=HELLO, mock_response="Hello.", metadata={"needs": ["tools"]})

    note = asyncio.run(answered())._hidden_params["llm_tradeoffs"]
    assert note["model"] == CHEAP
    assert note["decision"]["needs"] == ["tools"]
    assert note["settled"]["usage"] == {"input_tokens": 10, "output_tokens": 20}  # of every mock
    assert any(isinstance(each, LiteLLMRouting) for each in litellm.callbacks)


def test_the_example_of_the_proxy_works_in_a_router(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without the packages of the proxy: what the file says, given to LiteLLM's router."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    from litellm.proxy.types_utils.utils import get_instance_fn

    config = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    for deployment in config["model_list"]:
        deployment["litellm_params"]["api_key"] = "sk-none"
    settings = config["router_settings"]
    (path,) = settings.pop("plugins")
    assert config["litellm_settings"]["callbacks"] == [path]
    routing = get_instance_fn(value=path, config_file_path=str(EXAMPLE))
    routing.listen()
    llm = litellm.Router(model_list=config["model_list"], plugins=[routing], **settings)
    answer = asyncio.run(llm.acompletion("smart", messages=HELLO, mock_response="Hello."))
    assert answer._hidden_params["llm_tradeoffs"]["settled"]["cost"]["total_usd"] == "0.000036"
