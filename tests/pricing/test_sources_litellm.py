"""LiteLLM's price map: each rule with a price worked out by hand."""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from llm_tradeoffs import Usd
from llm_tradeoffs.errors import MissingExtraError
from llm_tradeoffs.pricing._data import PriceData, PriceSource
from llm_tradeoffs.pricing._litellm import LiteLLMPrices
from llm_tradeoffs.rates import Price, RateCard

DAY = date(2026, 11, 22)
MAP = Path(__file__).parent / "data" / "litellm.json"


@pytest.fixture(scope="module")
def found() -> PriceData:
    return LiteLLMPrices(MAP).read()


def card(found: PriceData, name: str) -> RateCard:
    return found.records[name].on(DAY, ("litellm",)).rates


def read(**fields: Any) -> PriceData:
    """One model with these fields, beside one that is always usable."""
    usual = {"litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    return LiteLLMPrices(json.dumps({"acme/sure": usual, "acme/it": {**usual, **fields}}).encode()).read()


def test_it_is_a_price_source() -> None:
    source = LiteLLMPrices(MAP)
    assert isinstance(source, PriceSource)
    assert source.name == "litellm"
    assert repr(LiteLLMPrices(b"{}")) == "LiteLLMPrices(data=<2 bytes>)"


def test_a_float_in_the_file_is_the_decimal_that_is_written(found: PriceData) -> None:
    """``4e-07`` a token is 0.40 USD a million, to the last digit."""
    rates = card(found, "acme/acme-1").rates()
    assert rates["input_tokens"].price.usd == Usd("0.40")
    assert rates["output_tokens"].price.usd == Usd("1.60")
    assert rates["cache_read_tokens"].price.usd == Usd("0.10")
    assert str(rates["input_audio_tokens"].price) == "$10.00/MTok"
    assert rates["reasoning_tokens"].price.usd == Usd("2.00")


def test_every_row_says_where_it_stands(found: PriceData) -> None:
    price = card(found, "acme/acme-1").price("input_tokens", "batch")
    assert price is not None
    assert (price.source.id, price.place) == ("litellm", "acme-1, input_cost_per_token_batches")
    assert price.usd == Usd("0.20")


def test_a_cache_write_without_a_price_for_an_hour_is_for_both(found: PriceData) -> None:
    rates = card(found, "acme/acme-1").rates()
    assert rates["cache_write_5m_tokens"].price.usd == rates["cache_write_1h_tokens"].price.usd == Usd("0.50")


def test_a_price_for_an_hour_is_only_for_the_hour(found: PriceData) -> None:
    long = card(found, "acme/acme-long")
    assert long.rates()["cache_write_5m_tokens"].price.usd == Usd("2.50")
    assert long.rates()["cache_write_1h_tokens"].price.usd == Usd("4.00")
    assert long.rates(input_tokens=200_001)["cache_write_1h_tokens"].price.usd == Usd("8.00")
    assert long.rates(input_tokens=200_001)["cache_write_5m_tokens"].price.usd == Usd("2.50")


def test_a_long_request_is_above_the_bound(found: PriceData) -> None:
    long = card(found, "acme/acme-long")
    assert long.rates(input_tokens=200_000)["input_tokens"].price.usd == Usd("2.00")
    assert long.rates(input_tokens=200_001)["input_tokens"].price.usd == Usd("4.00")
    assert long.rates("priority", 200_001)["input_tokens"].price.usd == Usd("6.00")


def test_a_tier_without_a_price_for_long_requests_has_the_standard_one(found: PriceData) -> None:
    """As in LiteLLM's cost functions, which keep the price of a batch instead."""
    long = card(found, "acme/acme-long")
    price = long.rates("priority", 200_001)["output_tokens"].price
    assert price.usd == Usd("15.00")
    assert price.note == "the standard price; LiteLLM states none for priority requests of this length"
    assert long.rates("batch", 200_001)["input_tokens"].price.usd == Usd("1.00")


def test_the_bound_of_xai_is_inclusive(found: PriceData) -> None:
    grok = card(found, "xai/grok-x")
    assert grok.rates(input_tokens=199_999)["input_tokens"].price.usd == Usd("2.00")
    assert grok.rates(input_tokens=200_000)["input_tokens"].price.usd == Usd("4.00")
    assert {price.from_input_tokens for price in grok.prices} == {None, 200_000}


def test_a_range_of_lengths_has_prices_of_its_own(found: PriceData) -> None:
    ranged = card(found, "dash/ranged")
    assert ranged.rates(input_tokens=32_000)["input_tokens"].price.usd == Usd("1.00")
    assert ranged.rates(input_tokens=32_001)["output_tokens"].price.usd == Usd("6.00")
    assert ranged.rates(input_tokens=500_000)["cache_read_tokens"].price.usd == Usd("0.20")


def test_a_part_that_a_range_does_not_price_costs_what_the_total_does(found: PriceData) -> None:
    assert card(found, "dash/ranged").rates(input_tokens=10)["cache_read_tokens"].price.usd == Usd("1.00")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T00:30+00:00", "0.15"),  # Monday 08:30 in Shanghai
        ("2026-11-23T01:00+00:00", "0.30"),
        ("2026-11-23T09:59+00:00", "0.30"),
        ("2026-11-23T10:00+00:00", "0.15"),
        ("2026-11-20T17:00+00:00", "0.15"),  # Friday in UTC, Saturday 01:00 in Shanghai
        ("2026-11-21T05:00+00:00", "0.15"),  # Saturday
        ("2026-11-22T20:00+00:00", "0.15"),  # Sunday in UTC, Monday 04:00 in Shanghai: hours of 10:00-00:00 UTC
    ],
)
def test_the_hours_of_a_discount_are_those_of_utc_and_its_days_those_of_the_zone(
    found: PriceData, moment: str, expected: str
) -> None:
    rates = card(found, "nightly/v1").rates(at=datetime.fromisoformat(moment))
    assert rates["input_tokens"].price.usd == Usd(expected)
    assert rates["output_tokens"].price.usd == Usd("1.20")


def test_a_transcription_is_billed_once_for_its_seconds(found: PriceData) -> None:
    """By the output's price if there is one, else by the input's."""
    assert card(found, "acme/stt-1").rates()["input_audio_seconds"].price.usd == Usd("0.0001")
    assert card(found, "acme/stt-2").rates()["input_audio_seconds"].price.usd == Usd("0.0002")
    assert card(found, "acme/stt-2").meters == {"input_audio_seconds"}


def test_the_pixels_of_a_made_image_are_output(found: PriceData) -> None:
    """LiteLLM calls them input pixels, and lists a 0 for the output."""
    drawn = card(found, "draw/1024-x-1024/one")
    assert drawn.meters == {"output_pixels"}
    assert drawn.rates()["output_pixels"].pico * 1024 * 1024 == Usd("0.04194304").pico


def test_fees(found: PriceData) -> None:
    assert card(found, "acme/rank").rates()["rerank_searches"].price.usd == Usd("0.002")
    assert card(found, "acme/scan").price("input_pages", "batch").usd == Usd("0.001")
    assert card(found, "acme/scan").rates()["annotated_pages"].price.usd == Usd("0.003")
    assert card(found, "acme/film").rates()["output_video_seconds"].price.usd == Usd("0.10")
    searches = card(found, "acme/acme-1").rates()
    assert [
        searches[meter].price.usd for meter in ("web_searches_low_context", "web_searches", "web_searches_high_context")
    ] == [Usd("0.03"), Usd("0.035"), Usd("0.05")]


def test_gemini_2_charges_one_search_a_call(found: PriceData) -> None:
    steps = card(found, "gemini/prompted").plan().steps
    assert [(start, rate.price.usd) for start, rate in steps["web_searches"]] == [(0, Usd("0.035")), (1, Usd(0))]
    assert [(start, rate.price.usd) for start, rate in steps["map_queries"]] == [(0, Usd("0.025")), (1, Usd(0))]
    assert steps["web_searches"][0][1].price.note == "the first 1500 a day are free, which no single call can tell"


def test_factors_of_regions_and_tiers(found: PriceData) -> None:
    acme = card(found, "acme/acme-1")
    assert acme.regions == ("eu", "us")
    assert acme.rates(region="eu")["input_tokens"].pico == Usd("0.44").pico / Fraction(1_000_000)
    assert acme.rates("fast")["output_tokens"].pico * 1_000_000 == Usd("3.20").pico


def test_a_bare_key_is_a_name_of_its_model(found: PriceData) -> None:
    names = {name: [alias.name for alias in record.aliases] for name, record in found.records.items()}
    assert names["acme/acme-1"] == ["acme-1"]
    assert names["vertex_ai-language-models/gemini-z"] == ["gemini-z", "vertex_ai/gemini-z"]
    assert names["xai/grok-x"] == []


def test_a_bare_key_stands_beside_the_same_key_with_its_provider(found: PriceData) -> None:
    assert card(found, "twin").rates()["input_tokens"].price.usd == Usd("1.00")
    assert card(found, "acme/twin").rates()["input_tokens"].price.usd == Usd("3.00")


def test_what_is_all_zero_is_unknown_and_not_free(found: PriceData) -> None:
    skipped = {row.name: row.problem for row in found.skipped}
    assert skipped["unknown/model"].startswith("every price is 0")
    assert skipped["silent/model"] == "it states no price."
    assert not found.records.keys() & {"unknown/model", "silent/model"}
    assert card(found, "gift/model:free").rates()["input_tokens"].price.usd == Usd(0)


def test_what_cannot_be_mapped_is_listed_and_the_model_stays(found: PriceData) -> None:
    assert [row.name for row in found.skipped if ": " in row.name] == ["film: output_cost_per_second_1080p"]
    assert not {name for name in found.records if "sample" in name or "fallback" in name}


def test_limits_and_capabilities_are_facts(found: PriceData) -> None:
    model = found.records["acme/acme-1"].on(DAY, ("litellm",))
    assert (model.context_window, model.max_output_tokens) == (128_000, 8_192)
    assert (model.supports_vision, model.supports_tools, model.supports_reasoning) == (True, False, None)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"input_cost_per_token": -1e-6}, "a price cannot be negative"),
        ({"input_cost_per_token": float("nan")}, "NaN"),
        ({"input_cost_per_token": "abc"}, "'abc'"),
        ({"input_cost_per_token": None}, "expected a price"),
        ({"input_cost_per_token": True}, "expected a price"),
        ({"input_cost_per_token": {"nested": 1}}, "expected a price"),
        ({"litellm_provider": None}, "litellm_provider is None"),
        ({"max_input_tokens": "many"}, "max_input_tokens is 'many'"),
        ({"tiered_pricing": [{"range": [1, 2], "input_cost_per_token": 1}]}, "from 0 up without a gap"),
        ({"tiered_pricing": [{"range": [0], "input_cost_per_token": 1}]}, "expected a start and an end"),
        ({"tiered_pricing": [{"range": [0, 9], "cache_read_input_token_cost": 1}, {"range": [9, 10]}]}, "has no"),
        ({"tiered_pricing": 7}, "expected an array"),
        ({"off_peak_pricing": {"input_cost_per_token": 1, "hours_utc": "25:00-26:00"}}, "expected hours"),
        ({"off_peak_pricing": {"input_cost_per_token": 1}}, "names no hours"),
        (
            {"off_peak_pricing": {"windows": [{"hours_utc": "01:00-02:00", "weekdays": [8]}]}},
            "expected 1 for Monday",
        ),
        (
            {
                "off_peak_pricing": {
                    "weekday_timezone": "Europe/Berlin",
                    "windows": [{"hours_utc": "01:00-02:00", "weekdays": ["mon"]}],
                }
            },
            "changes during the year",
        ),
        (
            {
                "off_peak_pricing": {
                    "weekday_timezone": "Mars/Base",
                    "windows": [{"hours_utc": "01:00-02:00", "weekdays": ["mon"]}],
                }
            },
            "not known here",
        ),
        (
            {"regional_processing_uplift_multiplier_us": 1.1, "provider_specific_entry": {"us": 1.2}},
            "two factors",
        ),
        ({"provider_specific_entry": 3}, "expected an object"),
    ],
)
def test_a_broken_row_is_left_out_with_its_name(fields: dict[str, Any], problem: str) -> None:
    found = read(**fields)
    assert list(found.records) == ["acme/sure"]
    assert [row.name for row in found.skipped] == ["acme/it"]
    assert problem in found.skipped[0].problem


def test_a_number_beyond_all_numbers_breaks_its_row_and_not_the_file() -> None:
    usual = b'{"litellm_provider": "acme", "output_cost_per_token": 1e-6, "input_cost_per_token": '
    found = LiteLLMPrices(b'{"a/b": ' + usual + b'1e-6}, "a/it": ' + usual + b"1e99999999999999999999}}").read()
    assert [row.name for row in found.skipped] == ["a/it"]
    assert "1e99999999999999999999" in found.skipped[0].problem


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"input_cost_per_unicorn": 3}, "input_cost_per_unicorn"),
        ({"tiered_pricing": [{"max_results_range": [0, 25], "input_cost_per_query": 0.005}]}, "tiered_pricing"),
        (
            {"off_peak_pricing": {"hours_utc": "01:00-02:00", "input_cost_per_pixel": 1}},
            "off_peak_pricing.input_cost_per_pixel",
        ),
        ({"search_context_cost_per_query": {"huge": 1}}, "search_context_cost_per_query.huge"),
        ({"provider_specific_entry": {"free_images": 5}}, "provider_specific_entry.free_images"),
        ({"input_cost_per_query": 1}, "input_cost_per_query"),
        (
            {"tiered_pricing": [{"range": [0, 9], "input_cost_per_token": 1, "output_cost_per_image": 1}]},
            "tiered_pricing.output_cost_per_image",
        ),
    ],
)
def test_a_price_for_something_else_is_left_out_alone(fields: dict[str, Any], name: str) -> None:
    found = read(**fields)
    assert [row.name for row in found.skipped] == [f"acme/it: {name}"]
    assert found.records["acme/it"].prices


def test_a_price_in_another_currency_restates_the_one_in_dollars() -> None:
    assert read(input_dbu_cost_per_token=1e-5).skipped == ()


def test_a_cache_price_for_long_requests_only_leaves_the_others_at_the_price_of_input() -> None:
    """As in LiteLLM's cost functions."""
    it = card(read(cache_creation_input_token_cost_above_200k_tokens=5e-6), "acme/it")
    assert it.rates(input_tokens=200_000)["cache_write_5m_tokens"].price.usd == Usd("1.00")
    assert it.rates(input_tokens=200_001)["cache_write_1h_tokens"].price.usd == Usd("5.00")


def test_a_cache_hit_is_a_cache_read() -> None:
    found = read(input_cost_per_token_cache_hit=3e-7)
    assert card(found, "acme/it").rates()["cache_read_tokens"].price.usd == Usd("0.30")
    found = read(input_cost_per_token_cache_hit=3e-7, cache_read_input_token_cost=2e-7)
    assert card(found, "acme/it").rates()["cache_read_tokens"].price.usd == Usd("0.20")


def test_hours_of_every_day_are_those_of_utc_and_may_overlap() -> None:
    block = {"input_cost_per_token": 5e-7, "hours_utc": ["16:30-00:30", "23:00-01:00"]}
    it = card(read(off_peak_pricing=block), "acme/it")
    assert [str(window) for window in it.windows] == ["00:00-01:00 UTC", "16:30-00:00 UTC"]


def test_without_a_file_and_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"llm-tradeoffs\[litellm\]"):
        LiteLLMPrices().read()


@pytest.mark.heavy
def test_the_whole_map_of_the_installed_package() -> None:
    """Found without importing LiteLLM; every model makes a rate card, and a price for every hour."""
    if importlib.util.find_spec("litellm") is None:
        pytest.skip("litellm is not installed")
    imported = "litellm" in sys.modules
    found = LiteLLMPrices().read()
    assert ("litellm" in sys.modules) == imported
    assert len(found.records) > 3_000
    assert sum(len(record.prices) for record in found.records.values()) > 10_000
    assert len(found.skipped) < len(found.records) / 5
    moment = datetime.fromisoformat("2026-11-22T12:00+00:00")
    for record in found.records.values():
        assert all(isinstance(price, Price) for price in record.prices)
        record.on(DAY, ("litellm",)).rates.rates(at=moment)
