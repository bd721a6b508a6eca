"""Token counts: each token in exactly one place."""

from __future__ import annotations

from fractions import Fraction

import pytest

from llm_tradeoffs import Usage, UsageTotal, cost
from llm_tradeoffs.usage import (
    COUNTED,
    CROSSED_PARTS,
    FEE_METERS,
    INPUT_PARTS,
    METERS,
    OUTPUT_PARTS,
    TOKEN_METERS,
    UsageCounts,
    billed_once,
    parent_meters,
    usage_of,
)


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
    """Every part has one total, what is in two parts has those two; totals and fees have none."""
    assert {parent_meters(part) for part in INPUT_PARTS} == {("input_tokens",)}
    assert {parent_meters(part) for part in OUTPUT_PARTS} == {("output_tokens",)}
    assert parent_meters("cache_write_1h_video_tokens") == ("cache_write_1h_tokens", "input_video_tokens")
    assert {parent_meters(meter) for meter in ("input_tokens", "output_tokens", *FEE_METERS)} == {()}
    assert METERS == TOKEN_METERS + FEE_METERS
    assert len(set(METERS)) == len(METERS)
    assert set(UsageCounts.__annotations__) == set(COUNTED) == set(METERS) - {"requests", "minimum_charge"}


def test_every_count_is_an_attribute_and_a_keyword() -> None:
    """What the type checker is told is what there is."""
    for name in COUNTED:
        held = dict.fromkeys(parent_meters(name), 3)
        usage = Usage(**{**held, "input_tokens": 9, "output_tokens": 9, name: 3})  # type: ignore[arg-type]  # all are counts
        assert getattr(usage, name) == 3
        assert getattr(Usage(input_tokens=0, output_tokens=0), name) == 0
        assert name in dir(usage)


def test_tokens_in_two_parts_are_billed_once() -> None:
    """Cached audio is inside the cache reads and inside the audio, and one line of the bill."""
    usage = Usage(
        input_tokens=1_000, output_tokens=0, cache_read_tokens=400, input_audio_tokens=300, cache_read_audio_tokens=100
    )
    assert usage.fresh_input_tokens == 1_000 - 400 - 300 + 100
    assert billed_once(usage.counted) == {
        "input_tokens": 400,
        "cache_read_tokens": 300,
        "input_audio_tokens": 200,
        "cache_read_audio_tokens": 100,
    }


def test_a_call_without_tokens() -> None:
    """A page or a second of sound is used without a token; where any token is counted, both totals are said."""
    assert Usage(input_pages=3).counted == {"input_pages": 3}
    assert Usage(input_audio_seconds="12.5").input_audio_seconds == Fraction(25, 2)
    with pytest.raises(TypeError, match="no input_tokens and no output_tokens"):
        Usage()
    with pytest.raises(TypeError, match="no output_tokens"):
        Usage(input_pages=3, input_tokens=5)


def test_a_total_of_calls_has_no_price() -> None:
    """Summing first and pricing later cannot be done by accident."""
    calls = [Usage(input_tokens=150_000, output_tokens=5, web_searches=1), Usage(input_tokens=150_000, output_tokens=7)]
    total = UsageTotal.of(calls)
    assert total.calls == 2
    assert total.counts == {"input_tokens": 300_000, "output_tokens": 12, "web_searches": 1}
    assert repr(total) == (
        "UsageTotal(calls=2, counts={'input_tokens': 300000, 'output_tokens': 12, 'web_searches': 1})"
    )
    with pytest.raises(TypeError, match="a sum of 2 calls, and a sum has no price"):
        cost("gpt-4.1-mini", total)  # type: ignore[arg-type]  # the point
    with pytest.raises(TypeError, match="expected a Usage for each call"):
        UsageTotal.of([total])  # type: ignore[list-item]  # the point


def test_totals_come_before_their_parts() -> None:
    """Parts without a price of their own take their total's, which has to be known by then."""
    for part in (*INPUT_PARTS, *CROSSED_PARTS, *OUTPUT_PARTS):
        assert all(METERS.index(parent) < METERS.index(part) for parent in parent_meters(part))


def test_repr_states_what_was_said() -> None:
    """repr() leaves out what is 0 and can be pasted back."""
    usage = Usage(input_tokens=0, output_tokens=150, reasoning_tokens=100)
    assert repr(usage) == "Usage(input_tokens=0, output_tokens=150, reasoning_tokens=100)"
    assert eval(repr(usage)) == usage


def test_one_call_from_counts_or_a_usage() -> None:
    """Counts make a Usage; a Usage is taken as it is."""
    usage = Usage(input_tokens=5, output_tokens=6)
    assert usage_of(None, {"input_tokens": 5, "output_tokens": 6}) == usage
    assert usage_of(usage, {}) is usage


@pytest.mark.parametrize("other", [Usage(input_tokens=1, output_tokens=1), 1, 0])
def test_calls_are_not_added(other: object) -> None:
    """Calls are priced before they are added, whatever they would be added to."""
    usage = Usage(input_tokens=1, output_tokens=1)
    with pytest.raises(TypeError, match="Price each call and add the costs"):
        usage + other
    with pytest.raises(TypeError, match="Price each call and add the costs"):
        other + usage  # type: ignore[operator]


def test_what_was_counted_cannot_be_changed() -> None:
    """A usage is a value: its counts cannot become others behind its back."""
    usage = Usage(input_tokens=5, output_tokens=1)
    with pytest.raises(TypeError):
        usage.counted["input_tokens"] = -5  # type: ignore[index]  # that is the point
    assert usage.counted["input_tokens"] == 5
