"""The options for OpenRouter, and its answers; with OpenAI's real client over a transport that answers itself."""

from __future__ import annotations

import asyncio
import json
import logging
from decimal import Decimal
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs.adapters import NoModelError
from llm_tradeoffs.adapters.openrouter import OpenRouter
from llm_tradeoffs.errors import InvalidTypeError
from llm_tradeoffs.router import Budget, Router, Settled

pytestmark = pytest.mark.frameworks

CHEAP, DEAR = "gpt-4.1-mini", "claude-haiku-4.5"
NAMES = {CHEAP: "openai/gpt-4.1-mini", DEAR: "anthropic/claude-haiku-4.5"}
HELLO = [{"role": "user", "content": "Hello"}]
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
NOTHING = lt.Usd(0)


def answer(model: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "gen-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi"}}],
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100},
        **more,
    }


@pytest.fixture
def router() -> Router:
    return Router([CHEAP, DEAR], budget=Budget(per_day="1"))


@pytest.fixture
def settled() -> list[Settled]:
    return []


@pytest.fixture
def route(router: Router, settled: list[Settled]) -> OpenRouter:
    return OpenRouter(router, NAMES, describe={"output_tokens": 300}, on_settled=settled.append)


def test_models_are_the_decision_and_its_fallbacks_in_order(route: OpenRouter) -> None:
    call = route.start(messages=HELLO)
    assert call.body["models"] == [NAMES[name] for name in (call.decision.model, *call.decision.fallbacks)]
    assert call.arguments["model"] == "openai/gpt-4.1-mini"
    assert call.arguments["extra_body"]["models"] == ["anthropic/claude-haiku-4.5"]


def test_no_more_than_three_models_are_sent() -> None:
    five = {f"m{n}": lt.Model(f"m{n}", usd_per_mtok=(n, n), context_window=9_000) for n in range(1, 6)}
    route = OpenRouter(
        Router(five.values(), objective="expected-cost", accept_unknown=True),
        {name: f"acme/{name}" for name in five},
        describe={"output_tokens": 300},
    )
    call = route.start(messages=HELLO)
    assert call.body["models"] == ["acme/m1", "acme/m2", "acme/m3"]
    assert call.body["provider"]["max_price"] == {"prompt": "3", "completion": "3"}  # not that of m5


def test_a_provider_that_asks_more_than_was_decided_with_is_refused(route: OpenRouter) -> None:
    """$0.40 and $1.60, and $1 and $5, per million: the dearest of both."""
    assert route.start(messages=HELLO).body["provider"]["max_price"] == {"prompt": "1", "completion": "5"}


def test_a_price_that_nobody_knows_caps_nothing(router: Router) -> None:
    unknown = lt.Model("x", usd_per_mtok={"input_tokens": 1}, context_window=9_000)
    route = OpenRouter(
        Router([unknown], accept_unknown=True, policy="guide"), {"x": "acme/x"}, describe={"output_tokens": 300}
    )
    assert route.start(messages=HELLO).body["provider"]["max_price"] == {"prompt": "1"}


def test_preferences_of_the_caller_hold(router: Router) -> None:
    mine = {"data_collection": "deny", "max_price": {"prompt": "2"}}
    call = OpenRouter(router, NAMES, provider=mine, describe={"output_tokens": 300}).start(messages=HELLO)
    assert call.body["provider"] == mine
    bare = OpenRouter(router, NAMES, cap_price=False, describe={"output_tokens": 300}).start(messages=HELLO)
    assert "provider" not in bare.body


def test_needs_are_read_and_providers_must_honour_them(route: OpenRouter) -> None:
    plain = route.start(messages=HELLO)
    assert plain.decision.request.needs == frozenset()
    assert "require_parameters" not in plain.body["provider"]
    tools = route.start(messages=HELLO, tools=[TOOL])
    assert tools.decision.request.needs == {"tools"}
    assert tools.body["provider"]["require_parameters"] is True
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}
    assert route.start(messages=HELLO, response_format=form).decision.request.needs == {"structured_output"}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(InvalidTypeError, match="sends 1 image, whose tokens depend on the model"):
        route.start(messages=[{"role": "user", "content": [image]}])


@pytest.mark.parametrize("how", ["sync", "async"])
def test_the_real_cost_is_that_of_the_model_that_answered(
    route: OpenRouter, router: Router, settled: list[Settled], how: str
) -> None:
    said = answer("anthropic/claude-haiku-4.5")
    if how == "sync":
        route.start(messages=HELLO).settle(said)
    else:

        async def both() -> None:
            await (await route.astart(messages=HELLO)).asettle(said)

        asyncio.run(both())
    (only,) = settled
    assert (only.decision.model, only.model) == (CHEAP, DEAR)
    assert only.cost.total == lt.Usd(Decimal(1_000) * 1 / 10**6 + Decimal(100) * 5 / 10**6)
    assert (router.balance().spent, router.balance().reserved) == (only.cost.total, NOTHING)


def test_an_alias_of_the_model_is_understood(route: OpenRouter) -> None:
    done = route.start(messages=HELLO).settle(answer("openai/gpt-4.1-mini-2025-04-14"))
    assert done is not None
    assert done.model == CHEAP


@pytest.mark.parametrize(
    "said", [answer("acme/unheard-of"), answer("openai/gpt-4.1-mini", usage=None)], ids=["no candidate", "no usage"]
)
def test_what_cannot_be_priced_is_logged_and_stays_reserved(
    route: OpenRouter, router: Router, settled: list[Settled], said: Any, caplog: pytest.LogCaptureFixture
) -> None:
    call = route.start(messages=HELLO)
    reserved = router.balance().reserved
    with caplog.at_level(logging.WARNING, logger="llm_tradeoffs.adapters"):
        assert call.settle(said) is None
    assert "is unknown" in caplog.text
    assert not settled
    assert router.balance() == type(router.balance())(spent=NOTHING, reserved=reserved)
    assert reserved > NOTHING


def test_a_call_is_settled_once(route: OpenRouter, router: Router, settled: list[Settled]) -> None:
    call = route.start(messages=HELLO)
    call.settle(answer("openai/gpt-4.1-mini"))
    assert call.settle(answer("openai/gpt-4.1-mini")) is None
    assert len(settled) == 1


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_failure_cools_down_and_gives_the_money_back(route: OpenRouter, router: Router, how: str) -> None:
    class TooMany(Exception):  # noqa: N818  # as an SDK may call it
        status_code = 429
        headers = {"Retry-After": "7"}  # noqa: RUF012  # as an SDK may hold it

    call = route.start(messages=HELLO)
    if how == "sync":
        call.failed(TooMany())
    else:
        asyncio.run(call.afailed(TooMany()))
    assert router.balance().reserved == NOTHING
    assert router.health()[CHEAP].ready_in >= 6.5


def test_a_request_that_nobody_can_do_raises_our_error(route: OpenRouter, router: Router) -> None:
    with pytest.raises(NoModelError, match="needs 10,000,000 output tokens of at most"):
        route.start(messages=HELLO, max_tokens=10_000_000)
    call = route.start(messages=HELLO)
    call.release()
    assert router.balance().reserved == NOTHING


def test_the_arguments_are_those_of_openais_client(route: OpenRouter, settled: list[Settled]) -> None:
    openai = pytest.importorskip("openai", reason="OpenAI's client is not installed")
    web = _http_of(openai)
    sent: list[dict[str, Any]] = []

    def answered(request: Any) -> Any:
        sent.append(json.loads(request.content))
        return web.Response(200, json=answer("openai/gpt-4.1-mini"))

    client = openai.OpenAI(
        api_key="none",
        base_url="https://openrouter.ai/api/v1",
        http_client=web.Client(transport=web.MockTransport(answered)),
    )
    call = route.start(messages=HELLO, max_tokens=500)
    call.settle(client.chat.completions.create(messages=HELLO, max_tokens=500, **call.arguments))

    assert sent[0]["model"] == "openai/gpt-4.1-mini"
    assert sent[0]["models"] == ["anthropic/claude-haiku-4.5"]
    assert sent[0]["provider"] == {"max_price": {"prompt": "1", "completion": "5"}}
    assert settled[0].cost.total == lt.Usd("0.00056")


def _http_of(openai: Any) -> Any:
    """What OpenAI's client sends with: httpx, and since version 3 its successor."""
    import importlib

    return importlib.import_module(openai.DefaultHttpxClient.__mro__[2].__module__.partition(".")[0])
