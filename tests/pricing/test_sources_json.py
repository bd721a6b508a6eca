"""What holds for every source that reads a JSON file: broken files, arbitrary JSON, one corrupted row."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs.errors import InvalidTypeError, PriceSourceError
from llm_tradeoffs.pricing._data import PriceData, PriceSource
from llm_tradeoffs.pricing._litellm import LiteLLMPrices
from llm_tradeoffs.pricing._llm_prices import LlmPrices
from llm_tradeoffs.pricing._models_dev import ModelsDevPrices
from llm_tradeoffs.pricing._openrouter import OpenRouterPrices

SOURCES = (LiteLLMPrices, ModelsDevPrices, OpenRouterPrices, LlmPrices)
Make = Callable[[Any], PriceSource]
every_source = pytest.mark.parametrize("make", SOURCES, ids=lambda made: made.__name__)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
"""Any JSON at all, with the NaN and the infinities that Python writes."""


def _rows() -> dict[str, dict[str, Any]]:
    """A row of each source, as its file has it."""
    return {
        "LiteLLMPrices": {
            "litellm_provider": "acme", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6,
            "max_input_tokens": 1000, "search_context_cost_per_query": {"search_context_size_medium": 0.01},
            "tiered_pricing": [{"range": [0, 10], "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}],
        },
        "ModelsDevPrices": {
            "name": "Model", "cost": {"input": 1, "output": 2, "tiers": [{"tier": {"size": 10}, "input": 3}]},
            "limit": {"context": 1000}, "modalities": {"input": ["text"]},
        },
        "OpenRouterPrices": {
            "name": "Model", "context_length": 1000, "canonical_slug": "acme/slug",
            "pricing": {"prompt": "0.000001", "completion": "0.000002", "overrides": [{"min_prompt_tokens": 9}]},
        },
        "LlmPrices": {"vendor": "acme", "name": "Model", "input": 1, "output": 2, "input_cached": None},
    }  # fmt: skip


def _file(make: Make, rows: dict[str, Any]) -> bytes:
    """A file of the source that holds *rows* by the names of their models."""
    content: object = rows
    if make is ModelsDevPrices:
        content = {"acme": {"models": rows}}
    elif make in {OpenRouterPrices, LlmPrices}:
        listed = [{"id": name, **row} if isinstance(row, dict) else row for name, row in rows.items()]
        content = {"data" if make is OpenRouterPrices else "prices": listed}
    return json.dumps(content).encode()


def _said(found: PriceData) -> dict[str, Any]:
    return {name: (record.prices, record.facts, record.aliases) for name, record in found.records.items()}


@every_source
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"\xff\xfe{}", "byte 0 is not UTF-8"),
        (b"{'a': 1}", "it is not JSON"),
        (b'{"a": {"b": 1', "it is not JSON"),
        (b"<!doctype html><title>502</title>", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "it is not JSON"),
        (b"[1, 2]", "it is [1, 2]; expected an object"),
        (b"null", "it is None; expected an object"),
        (b"{}", "cannot be read"),
        (b'{"error": {"message": "rate limited", "code": 429}}', "cannot be read"),
    ],
)
def test_a_broken_file_is_one_error_that_says_what_is_wrong(
    make: Make, data: bytes, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(PriceSourceError, match="given bytes") as given_bytes:
        make(data).read()
    assert problem in str(given_bytes.value)
    path = tmp_path / "prices.json"
    path.write_bytes(data)
    with pytest.raises(PriceSourceError, match=r"prices\.json") as given_path:
        make(path).read()
    assert problem in str(given_path.value)


@every_source
@pytest.mark.parametrize("path", ["missing/prices.json", "null\0byte"])
def test_a_file_that_cannot_be_opened_is_named(make: Make, path: str, tmp_path: Path) -> None:
    with pytest.raises(PriceSourceError, match="cannot be read from"):
        make(tmp_path / path).read()
    with pytest.raises(PriceSourceError, match="cannot be read from"):
        make(tmp_path).read()


@every_source
def test_a_byte_order_mark_is_no_part_of_the_file(make: Make, tmp_path: Path) -> None:
    content = _file(make, {"acme/one": _rows()[make.__name__]})
    path = tmp_path / "prices.json"
    path.write_bytes(b"\xef\xbb\xbf" + content)
    assert _said(make(str(path)).read()) == _said(make(content).read())


@every_source
@pytest.mark.parametrize("data", [7, 0.5, ["prices.json"], bytearray(b"{}")])
def test_what_is_neither_a_path_nor_bytes_is_refused(make: Make, data: object) -> None:
    with pytest.raises(InvalidTypeError, match="expected the path of a file, or bytes"):
        make(data)


@every_source
@given(value=json_values)
def test_arbitrary_json_is_read_or_refused(make: Make, value: object) -> None:
    """Nothing but PriceSourceError comes out, whatever goes in."""
    for content in (
        value,
        {"data": value},
        {"prices": value},
        {"acme": {"models": value}},
        {"acme": {"models": {"a": value}}},
    ):
        with contextlib.suppress(PriceSourceError):
            make(json.dumps(content).encode()).read()


@st.composite
def _corrupted(draw: st.DrawFn) -> tuple[Make, dict[str, Any]]:
    """A row in which one value, at any depth, is something else."""
    make = draw(st.sampled_from(SOURCES))
    row: Any = _rows()[make.__name__]
    held = row
    while True:
        key = draw(st.sampled_from(sorted(held) if isinstance(held, dict) else range(len(held))))
        inner = held[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            held[key] = draw(json_values)
            return make, row
        held = inner


@given(corrupted=_corrupted())
def test_one_corrupted_row_changes_nothing_else(corrupted: tuple[Make, dict[str, Any]]) -> None:
    """The other rows read as without it; it is read as well, or named in the list of what was left out."""
    make, row = corrupted
    sure = {"acme/one": _rows()[make.__name__], "acme/two": _rows()[make.__name__]}
    if make is OpenRouterPrices:
        del sure["acme/two"]["canonical_slug"]
    expected = make(_file(make, sure)).read()
    found = make(_file(make, {**sure, "acme/corrupted": row})).read()
    more = found.records.keys() - expected.records.keys()
    assert {name: record.prices for name, record in found.records.items() if name not in more} == {
        name: record.prices for name, record in expected.records.items()
    }
    assert len(more) + len([row for row in found.skipped if ": " not in row.name]) >= 1


@every_source
@given(row=json_values)
def test_a_row_that_is_no_row_is_left_out(make: Make, row: object) -> None:
    sure = {"acme/one": _rows()[make.__name__]}
    found = make(_file(make, {**sure, "acme/it": row})).read()
    assert _said(found) == _said(make(_file(make, sure)).read())
    assert len(found.skipped) == 1
