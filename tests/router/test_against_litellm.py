"""LiteLLM's Router beside ours, on the same question: the real package, without a network."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

import pytest

from llm_tradeoffs import Model, Usd, cost
from llm_tradeoffs.router import Router

pytestmark = pytest.mark.frameworks

# Dollars a million tokens, in and out.
PRICES = {"acme/dear-output": ("0.10", "10.00"), "acme/dear-input": ("5.00", "3.00")}
SENT, SAID = 20_085, 50


@pytest.fixture(scope="module")
def litellm() -> Any:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no network
    module = pytest.importorskip("litellm", reason="litellm is not installed")
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)  # it warns of every price that is not in its map
    return module


def deployments() -> list[dict[str, Any]]:
    return [
        {
            "model_name": "group",
            "litellm_params": {
                "model": f"openai/{name}",
                "api_key": "none",
                "input_cost_per_token": float(sent) / 1_000_000,
                "output_cost_per_token": float(said) / 1_000_000,
            },
            "model_info": {"id": name},
        }
        for name, (sent, said) in PRICES.items()
    ]


def candidates() -> list[Model]:
    return [Model(name, usd_per_mtok=prices, context_window=128_000) for name, prices in PRICES.items()]


@pytest.mark.filterwarnings("ignore")  # of litellm's own imports
def test_cost_based_routing_picks_the_call_that_costs_forty_times_as_much(litellm: Any) -> None:
    """
    Its strategy adds the two prices and takes the lower sum, whatever the request is: 8 is below 10.1.

    20,085 × $0.10 + 50 × $10 a million are $0.0025, and 20,085 × $5 + 50 × $3 are $0.1006.
    """
    router = litellm.Router(model_list=deployments(), routing_strategy="cost-based-routing")
    messages = [{"role": "user", "content": "word " * SENT}]
    theirs = asyncio.run(
        router.async_get_available_deployment(model="group", request_kwargs={"max_tokens": SAID}, messages=messages)
    )["model_info"]["id"]
    ours = Router(candidates(), objective="expected-cost").route(input_tokens=SENT, output_tokens=SAID)
    costs = {model.id: cost(model, input_tokens=SENT, output_tokens=SAID).total for model in candidates()}
    assert costs == {"acme/dear-output": Usd("0.0025085"), "acme/dear-input": Usd("0.100575")}
    assert theirs == "acme/dear-input"
    assert ours.model == "acme/dear-output"
    assert ours.expected_cost == costs[ours.model]
    assert costs[theirs] / costs[ours.model] > 40


@pytest.mark.filterwarnings("ignore")  # of litellm's own imports
def test_both_agree_where_the_sum_of_the_prices_tells_the_cheaper_call(litellm: Any) -> None:
    """As many tokens out as in: then their sum of prices is in proportion to the cost."""
    router = litellm.Router(model_list=deployments(), routing_strategy="cost-based-routing")
    messages = [{"role": "user", "content": "Which model?"}]
    theirs = asyncio.run(router.async_get_available_deployment(model="group", request_kwargs={}, messages=messages))
    ours = Router(candidates(), objective="expected-cost").route(input_tokens=1_000, output_tokens=1_000)
    assert theirs["model_info"]["id"] == ours.model == "acme/dear-input"


@pytest.mark.filterwarnings("ignore")  # of litellm's own imports
def test_a_response_of_litellm_settles_a_decision(litellm: Any) -> None:
    """Its own mock always counts 10 tokens in and 20 out; what counts is what the response says."""
    response = litellm.completion(
        model="openai/acme/dear-output", messages=[{"role": "user", "content": "Hello"}], mock_response="Hello"
    )
    router = Router(candidates(), objective="expected-cost")
    decision = router.route(input_tokens=SENT, output_tokens=SAID)
    settled = router.settle(decision, response)
    assert (settled.usage.input_tokens, settled.usage.output_tokens) == (10, 20)
    assert settled.cost.total == Usd("0.000201")
