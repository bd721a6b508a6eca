"""The file of models.dev: prices per million, steps by length, modes with prices of their own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from llm_tradeoffs import Usd
from llm_tradeoffs.pricing._data import PriceData, PriceSource
from llm_tradeoffs.pricing._models_dev import ModelsDevPrices
from llm_tradeoffs.rates import RateCard

DAY = date(2026, 11, 22)
FILE = Path(__file__).parent / "data" / "models_dev.json"


@pytest.fixture(scope="module")
def found() -> PriceData:
    return ModelsDevPrices(FILE).read()


def card(found: PriceData, name: str) -> RateCard:
    return found.records[name].on(DAY, ("models.dev",)).rates


def read(**fields: Any) -> PriceData:
    sure = {"cost": {"input": 1, "output": 2}}
    models = {"sure": sure, "it": {**sure, **fields}}
    return ModelsDevPrices(json.dumps({"shop": {"models": models}}).encode()).read()


def test_it_is_a_price_source() -> None:
    assert isinstance(ModelsDevPrices(FILE), PriceSource)
    assert ModelsDevPrices(FILE).name == "models.dev"


def test_prices_are_per_million(found: PriceData) -> None:
    rates = card(found, "openai/gpt-x").rates()
    assert rates["input_tokens"].price.usd == Usd("2.50")
    assert rates["output_tokens"].price.usd == Usd("15.00")
    assert rates["cache_read_tokens"].price.usd == Usd("0.25")
    assert rates["cache_write_5m_tokens"].price.usd == rates["cache_write_1h_tokens"].price.usd == Usd("3.00")
    assert rates["cache_write_1h_tokens"].price.note.startswith("stated for a cache write, without its duration")
    assert rates["input_audio_tokens"].price.usd == Usd("10.00")
    assert rates["input_tokens"].price.place == "openai, gpt-x, cost.input"


def test_tiers_go_before_their_older_spelling(found: PriceData) -> None:
    new = card(found, "openai/gpt-x")
    assert new.rates(input_tokens=272_000)["input_tokens"].price.usd == Usd("2.50")
    assert new.rates(input_tokens=272_001)["input_tokens"].price.usd == Usd("5.00")
    assert card(found, "openai/gpt-old").rates(input_tokens=200_001)["output_tokens"].price.usd == Usd("4.00")


def test_the_bound_of_xai_is_inclusive() -> None:
    grok = {"cost": {"input": 2, "output": 10, "tiers": [{"tier": {"size": 200_000}, "input": 4, "output": 20}]}}
    content = json.dumps({"xai": {"models": {"grok-x": grok}}}).encode()
    rates = card(ModelsDevPrices(content).read(), "xai/grok-x")
    assert rates.rates(input_tokens=199_999)["input_tokens"].price.usd == Usd("2.00")
    assert rates.rates(input_tokens=200_000)["input_tokens"].price.usd == Usd("4.00")


def test_a_mode_is_the_tier_that_its_requests_name(found: PriceData) -> None:
    assert card(found, "openai/gpt-x").rates("priority")["output_tokens"].price.usd == Usd("30.00")


def test_a_bare_name_is_the_maker_s(found: PriceData) -> None:
    assert [alias.name for alias in found.records["openai/gpt-x"].aliases] == ["gpt-x"]
    assert found.records["shop/gpt-x"].aliases == ()


def test_limits_and_capabilities_are_facts(found: PriceData) -> None:
    model = found.records["openai/gpt-x"].on(DAY, ("models.dev",))
    assert (model.name, model.vendor) == ("GPT-X", "openai")
    assert (model.context_window, model.max_output_tokens) == (1_050_000, 128_000)
    assert (model.input_modalities, model.supports_vision) == (("text", "image"), True)
    assert (model.supports_tools, model.supports_reasoning, model.supports_structured_output) == (True, True, True)
    assert (model.knowledge_cutoff, model.released_on) == ("2025-01", date(2026, 3, 5))


def test_what_is_left_out_and_why(found: PriceData) -> None:
    unclear = "what it is for is not stated."
    zero = "every price is 0, which stands for an unknown price as well as for a free model."
    assert {row.name: row.problem for row in found.skipped} == {
        "openai/gpt-x: cost.request": unclear,
        "openai/gpt-x: experimental.modes.odd": "it is for no known service tier.",
        "shop/unknown": zero,
        "shop/silent": "it states no price.",
    }
    assert card(found, "shop/gift:free").rates()["input_tokens"].price.usd == Usd(0)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"cost": {"input": -1, "output": 2}}, "a price cannot be negative"),
        ({"cost": {"input": float("nan"), "output": 2}}, "NaN"),
        ({"cost": {"input": "abc", "output": 2}}, "'abc'"),
        ({"cost": {"input": None, "output": 2}}, "expected a price"),
        ({"cost": [1, 2]}, "expected an object"),
        ({"cost": {"input": 1, "tiers": [{"input": 2}]}}, "tier is None"),
        ({"cost": {"input": 1, "tiers": [{"tier": {"size": 0.5}, "input": 2}]}}, "expected a whole number"),
        ({"cost": {"input": 1, "tiers": [{"tier": {"type": "output", "size": 5}}]}}, "expected 'context'"),
        ({"name": 3}, "name is 3"),
        ({"limit": {"context": -1}}, "expected a whole number"),
        ({"release_date": "2026-13-45"}, "which is not a day"),
        ({"modalities": {"input": "text"}}, "expected an array"),
        ({"experimental": {"modes": {"fast": 3}}}, "expected an object"),
    ],
)
def test_a_broken_row_is_left_out_with_its_name(fields: dict[str, Any], problem: str) -> None:
    found = read(**fields)
    assert list(found.records) == ["shop/sure"]
    assert [row.name for row in found.skipped] == ["shop/it"]
    assert problem in found.skipped[0].problem


def test_a_broken_provider_is_left_out_with_its_name() -> None:
    content = {"shop": {"models": {"a": {"cost": {"input": 1}}}}, "broken": 3, "empty": {"id": "empty"}}
    found = ModelsDevPrices(json.dumps(content).encode()).read()
    assert [row.name for row in found.skipped] == ["broken", "empty"]
