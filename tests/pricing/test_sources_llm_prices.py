"""The files of llm-prices: the current prices, and all of them with their days."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from llm_tradeoffs import Usd
from llm_tradeoffs.errors import NoFactOnDateError, PriceSourceError
from llm_tradeoffs.pricing._data import PriceData, PriceSource
from llm_tradeoffs.pricing._llm_prices import LlmPrices

DAY = date(2026, 11, 22)
CURRENT = Path(__file__).parent / "data" / "llm_prices.json"
HISTORICAL = Path(__file__).parent / "data" / "llm_prices_historical.json"


@pytest.fixture(scope="module")
def found() -> PriceData:
    return LlmPrices(CURRENT).read()


def test_it_is_a_price_source(found: PriceData) -> None:
    assert isinstance(LlmPrices(CURRENT), PriceSource)
    assert found.source.as_of == "2026-11-20"


def test_a_row_for_long_requests_becomes_a_price_of_its_model(found: PriceData) -> None:
    pro = found.records["acme/pro"].on(DAY, ("llm-prices",)).rates
    assert pro.rates(input_tokens=200_000)["input_tokens"].price.usd == Usd("1.25")
    assert pro.rates(input_tokens=200_001)["input_tokens"].price.usd == Usd("2.50")
    assert pro.rates(input_tokens=200_001)["input_tokens"].price.place == "acme/pro-200k, input"
    assert "acme/pro-200k" not in found.records


def test_a_model_with_a_size_in_its_name_stays_a_model(found: PriceData) -> None:
    assert found.records["acme/moonshot-128k"].name == "Moonshot 128k"


def test_what_has_no_cached_price_is_billed_as_input(found: PriceData) -> None:
    rates = found.records["acme/moonshot-128k"].on(DAY, ("llm-prices",)).rates.rates()
    assert rates["cache_read_tokens"].price.usd == Usd("2.00")


def test_a_bare_name_belongs_to_one_vendor_or_to_none(found: PriceData) -> None:
    assert [alias.name for alias in found.records["acme/pro"].aliases] == ["pro"]
    assert found.records["acme/shared"].aliases == found.records["other/shared"].aliases == ()


def test_a_price_ends_on_the_day_on_which_the_next_begins() -> None:
    record = LlmPrices(HISTORICAL).read().records["acme/o"]

    def input_price(day: date) -> Usd:
        return record.on(day, ("llm-prices",)).rates.rates()["input_tokens"].price.usd

    assert input_price(date(2025, 4, 16)) == input_price(date(2025, 6, 9)) == Usd("10.00")
    assert input_price(date(2025, 6, 10)) == Usd("2.00")
    with pytest.raises(NoFactOnDateError, match="2025-04-16"):
        input_price(date(2025, 4, 15))


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"input": -1}, "acme/it"),
        ({"input": None}, "acme/it"),
        ({"output": "abc"}, "acme/it"),
        ({"input_cached": [1]}, "acme/it"),
        ({"from_date": "2025-13-01"}, "acme/it"),
        ({"from_date": 20250101}, "acme/it"),
        ({"from_date": "2025-03-01", "to_date": "2025-03-01"}, "acme/it"),
        ({"id": None}, "prices[1]"),
        ({"vendor": 3}, "prices[1]"),
        ({"name": ""}, "prices[1]"),
    ],
)
def test_a_broken_row_is_left_out_with_its_name(row: dict[str, Any], name: str) -> None:
    sure = {"id": "sure", "vendor": "acme", "name": "Sure", "input": 1, "output": 2}
    rows = [sure, {**sure, "id": "it", **row}]
    found = LlmPrices(json.dumps({"prices": rows}).encode()).read()
    assert list(found.records) == ["acme/sure"]
    assert [skipped.name for skipped in found.skipped] == [name]


def test_what_is_all_zero_is_unknown_and_not_free() -> None:
    sure = {"id": "sure", "vendor": "acme", "name": "Sure", "input": 1, "output": 2}
    rows = [sure, {**sure, "id": "zero", "input": 0, "output": 0}]
    found = LlmPrices(json.dumps({"prices": rows}).encode()).read()
    assert [row.name for row in found.skipped] == ["acme/zero"]


def test_a_row_is_for_long_requests_only_if_it_says_so() -> None:
    sure = {"id": "sure", "vendor": "acme", "name": "Sure", "input": 1, "output": 2}
    rows = [sure, {**sure, "id": "sure-32k", "name": "Sure, with a window of 32k"}]
    found = LlmPrices(json.dumps({"prices": rows}).encode()).read()
    assert list(found.records) == ["acme/sure", "acme/sure-32k"]


def test_a_file_in_another_shape_is_one_error() -> None:
    with pytest.raises(PriceSourceError, match="prices is None"):
        LlmPrices(b'{"pro": {"input": 1}}').read()
    with pytest.raises(PriceSourceError, match="updated_at is no text"):
        LlmPrices(b'{"updated_at": 3, "prices": []}').read()
