"""OpenRouter's list of models: prices per token in texts, overrides by length and by hour."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from llm_tradeoffs import Usd
from llm_tradeoffs.errors import PriceSourceError
from llm_tradeoffs.pricing._data import PriceData, PriceSource
from llm_tradeoffs.pricing._openrouter import OpenRouterPrices
from llm_tradeoffs.rates import RateCard

DAY = date(2026, 11, 22)
LIST = Path(__file__).parent / "data" / "openrouter.json"


@pytest.fixture(scope="module")
def found() -> PriceData:
    return OpenRouterPrices(LIST).read()


def card(found: PriceData, name: str) -> RateCard:
    return found.records[name].on(DAY, ("openrouter",)).rates


def read(**pricing: Any) -> PriceData:
    usual = {"prompt": "0.000001", "completion": "0.000002"}
    rows = [{"id": "acme/sure", "pricing": usual}, {"id": "acme/it", "pricing": {**usual, **pricing}}]
    return OpenRouterPrices(json.dumps({"data": rows}).encode()).read()


def test_it_is_a_price_source() -> None:
    assert isinstance(OpenRouterPrices(LIST), PriceSource)
    assert OpenRouterPrices(LIST).name == "openrouter"


def test_a_text_per_token_is_a_price_per_million(found: PriceData) -> None:
    rates = card(found, "openrouter/acme/one").rates()
    assert rates["input_tokens"].price.usd == Usd("1.00")
    assert rates["output_tokens"].price.usd == Usd("5.00")
    assert rates["cache_read_tokens"].price.usd == Usd("0.10")
    assert rates["cache_write_5m_tokens"].price.usd == Usd("1.25")
    assert rates["cache_write_1h_tokens"].price.usd == Usd("2.00")
    assert rates["web_searches"].price.usd == Usd("0.01")
    assert rates["input_tokens"].price.place == "acme/one, pricing.prompt"


def test_a_zero_for_a_part_says_that_it_has_no_price_of_its_own(found: PriceData) -> None:
    """Reasoning is billed as the output that it is, not given away."""
    rates = card(found, "openrouter/acme/one").rates()
    assert rates["reasoning_tokens"].price.usd == Usd("5.00")
    assert rates["input_images"] is None


def test_a_long_prompt_has_the_prices_of_its_override_and_keeps_the_others(found: PriceData) -> None:
    long = card(found, "openrouter/acme/long")
    assert long.rates(input_tokens=272_000)["input_tokens"].price.usd == Usd("2.00")
    assert long.rates(input_tokens=272_001)["input_tokens"].price.usd == Usd("4.00")
    assert long.rates(input_tokens=272_001)["output_tokens"].price.usd == Usd("15.00")
    assert long.rates(input_tokens=272_001)["cache_write_1h_tokens"].price.usd == Usd("2.50")


@pytest.mark.parametrize(("moment", "expected"), [("23:59", "1.00"), ("00:30", "2.00"), ("16:29", "2.00")])
def test_an_override_by_the_hour(found: PriceData, moment: str, expected: str) -> None:
    at = datetime.fromisoformat(f"2026-11-22T{moment}+00:00")
    assert card(found, "openrouter/acme/nightly").rates(at=at)["input_tokens"].price.usd == Usd(expected)


def test_what_openrouter_gives_away_is_free(found: PriceData) -> None:
    gift = card(found, "openrouter/acme/gift:free")
    assert gift.rates()["input_tokens"].price.usd == gift.rates()["output_tokens"].price.usd == Usd(0)


def test_a_name_that_two_models_claim_is_given_to_neither(found: PriceData) -> None:
    assert [record.aliases for record in found.records.values()] == [()] * 4


def test_a_slug_is_a_name_of_its_model() -> None:
    row = {"id": "a/b", "canonical_slug": "a/b-2026", "pricing": {"prompt": "1", "completion": "1"}}
    record = OpenRouterPrices(json.dumps({"data": [row]}).encode()).read().records["openrouter/a/b"]
    assert [alias.name for alias in record.aliases] == ["openrouter/a/b-2026"]
    assert (record.name, record.vendor) == (None, "a")


def test_what_is_left_out_and_why(found: PriceData) -> None:
    assert {row.name: row.problem for row in found.skipped} == {
        "acme/one: pricing.image_output": "whether it is for an image or for a token, sent or made, is not clear.",
        "acme/one: pricing.video": "no meter counts this.",
        "openrouter/auto": "pricing.prompt is -1: the price varies from call to call.",
        "acme/discounted": "pricing.discount is 0.25; whether the prices contain it is not stated.",
    }


@pytest.mark.parametrize(
    ("pricing", "problem"),
    [
        ({"prompt": "-0.5"}, "a price cannot be negative"),
        ({"prompt": "NaN"}, "must be finite"),
        ({"prompt": "cheap"}, "not a number"),
        ({"prompt": None}, "expected a price"),
        ({"input_cache_read": ["0.1"]}, "expected a price"),
        ({"overrides": {}}, "expected an array"),
        ({"overrides": [3]}, "expected an object"),
        ({"overrides": [{"prompt": "1"}]}, "states no condition"),
        ({"overrides": [{"utc_start": "16:30", "prompt": "1"}]}, "utc_end is None"),
        ({"overrides": [{"utc_start": "9 am", "utc_end": "10:00", "prompt": "1"}]}, "write it as '16:30'"),
        ({"overrides": [{"min_prompt_tokens": "many"}]}, "expected a whole number"),
        ({"overrides": [{"min_prompt_tokens": 9}, {"min_prompt_tokens": 5}]}, "shorter requests"),
        (
            {"overrides": [{"min_prompt_tokens": 9}, {"utc_start": "01:00", "utc_end": "02:00"}]},
            "one by length, one by hour",
        ),
        (
            {"overrides": [{"utc_start": "01:00", "utc_end": "03:00"}, {"utc_start": "02:00", "utc_end": "04:00"}]},
            "overlap",
        ),
    ],
)
def test_a_broken_row_is_left_out_with_its_name(pricing: dict[str, Any], problem: str) -> None:
    found = read(**pricing)
    assert list(found.records) == ["openrouter/acme/sure"]
    assert [row.name for row in found.skipped] == ["acme/it"]
    assert problem in found.skipped[0].problem


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (7, "data[1]"),
        ({"pricing": {}}, "data[1]"),
        ({"id": ""}, "data[1]"),
        ({"id": "a/b", "pricing": {"prompt": "1"}}, "a/b"),
        ({"id": "acme/sure", "pricing": {"prompt": "1", "completion": "1"}}, "acme/sure"),
    ],
)
def test_a_row_without_a_name_is_told_by_its_place(row: object, name: str) -> None:
    sure = {"id": "acme/sure", "pricing": {"prompt": "1", "completion": "1"}}
    found = OpenRouterPrices(json.dumps({"data": [sure, row]}).encode()).read()
    assert list(found.records) == ["openrouter/acme/sure"]
    assert [skipped.name for skipped in found.skipped] == [name]


def test_a_list_in_another_shape_is_one_error() -> None:
    with pytest.raises(PriceSourceError, match=r"OpenRouter's models cannot be read .* data is None"):
        OpenRouterPrices(b'{"models": []}').read()
