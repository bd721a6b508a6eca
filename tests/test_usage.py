"""Token counts: each token in exactly one place."""

from __future__ import annotations

import attrs
import pytest

from llm_tradeoffs import Usage
from llm_tradeoffs.usage import FEE_METERS, INPUT_PARTS, METERS, OUTPUT_PARTS, TOKEN_METERS, parent_meter, usage_of


def test_every_token_is_in_one_place() -> None:
    """The fresh input is what no part holds; the total counts parts once."""
    usage = Usage(
        input_tokens=1_000,
        output_tokens=150,
        cache_read_tokens=500,
        cache_write_5m_tokens=100,
        cache_write_1h_tokens=50,
        input_audio_tokens=20,
        input_image_tokens=30,
        reasoning_tokens=100,
        output_audio_tokens=10,
        output_image_tokens=5,
        web_searches=3,
    )
    assert usage.fresh_input_tokens == 1_000 - 500 - 100 - 50 - 20 - 30
    assert usage.total_tokens == 1_150


def test_meters_and_parts() -> None:
    """Every part has one total; totals and fees have none."""
    assert {parent_meter(part) for part in INPUT_PARTS} == {"input_tokens"}
    assert {parent_meter(part) for part in OUTPUT_PARTS} == {"output_tokens"}
    assert {parent_meter(meter) for meter in ("input_tokens", "output_tokens", *FEE_METERS)} == {None}
    assert METERS == TOKEN_METERS + FEE_METERS
    assert len(set(METERS)) == len(METERS)
    fields = {field.name for field in attrs.fields(Usage)}
    assert fields == {*TOKEN_METERS, "web_searches"}


def test_totals_come_before_their_parts() -> None:
    """Parts without a price of their own take their total's, which has to be known by then."""
    for part in (*INPUT_PARTS, *OUTPUT_PARTS):
        parent = parent_meter(part)
        assert parent is not None
        assert METERS.index(parent) < METERS.index(part)


def test_repr_states_what_was_said() -> None:
    """repr() leaves out what is 0 and can be pasted back."""
    usage = Usage(input_tokens=0, output_tokens=150, reasoning_tokens=100)
    assert repr(usage) == "Usage(input_tokens=0, output_tokens=150, reasoning_tokens=100)"
    assert eval(repr(usage)) == usage


def test_one_call_from_counts_or_a_usage() -> None:
    """Counts that are None are not said; a Usage is taken as it is."""
    usage = Usage(input_tokens=5, output_tokens=6)
    assert usage_of(None, {"input_tokens": 5, "output_tokens": 6, "cache_read_tokens": None}) == usage
    assert usage_of(usage, {"input_tokens": None}) is usage


@pytest.mark.parametrize("other", [Usage(input_tokens=1, output_tokens=1), 1, 0])
def test_calls_are_not_added(other: object) -> None:
    """Calls are priced before they are added, whatever they would be added to."""
    usage = Usage(input_tokens=1, output_tokens=1)
    with pytest.raises(TypeError, match="Price each call and add the costs"):
        usage + other
    with pytest.raises(TypeError, match="Price each call and add the costs"):
        other + usage  # type: ignore[operator]
