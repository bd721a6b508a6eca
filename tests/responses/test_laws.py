"""Laws that hold for every response: no token is lost, none is counted twice, and nothing breaks the readers."""

from __future__ import annotations

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_responses import EXPECTED, READERS, payload

from llm_tradeoffs import TradeoffsError
from llm_tradeoffs.responses import (
    Reading,
    from_anthropic,
    from_bedrock,
    from_gemini,
    from_openai,
    from_otel,
    read_response,
)

tokens = st.one_of(st.integers(0, 50), st.integers(0, 10**7))


@st.composite
def split(draw: st.DrawFn, parts: int) -> tuple[int, ...]:
    """Token counts that are apart from each other."""
    return tuple(draw(tokens) for _ in range(parts))


def detail(draw: st.DrawFn, **counts: int) -> dict[str, int | None] | None:
    """Details as providers state them: a zero may be missing, null or 0."""
    stated: dict[str, int | None] = {}
    for name, count in counts.items():
        how = "count" if count else draw(st.sampled_from(["count", "null", "missing"]))
        if how != "missing":
            stated[name] = count if how == "count" else None
    return stated or draw(st.sampled_from([None, stated]))


@st.composite
def chats(draw: st.DrawFn, *, beside: bool) -> tuple[dict[str, Any], int]:
    fresh, cached, written, audio = draw(split(4))
    answer, thought, spoken = draw(split(3))
    sent = fresh + cached + written + audio
    produced = answer + spoken + (0 if beside else thought)
    total = sent + answer + spoken + thought
    usage = {
        "prompt_tokens": sent,
        "completion_tokens": produced,
        "total_tokens": total,
        "prompt_tokens_details": detail(draw, cached_tokens=cached, cache_write_tokens=written, audio_tokens=audio),
        "completion_tokens_details": detail(draw, reasoning_tokens=thought, audio_tokens=spoken),
    }
    return {"object": "chat.completion", "model": "grok-4" if beside else "gpt-5", "usage": usage}, total


@given(st.one_of(chats(beside=False), chats(beside=True)))
def test_chat_completions(case: tuple[dict[str, Any], int]) -> None:
    response, total = case
    usage = from_openai(response).usage
    details = response["usage"]["completion_tokens_details"] or {}
    assert usage.total_tokens == total == response["usage"]["total_tokens"]
    assert usage.reasoning_tokens == (details.get("reasoning_tokens") or 0)
    assert read_response(response).usage == usage


@given(st.data(), split(6))
def test_responses_and_realtime(data: st.DataObject, counts: tuple[int, ...]) -> None:
    text, audio, cached_text, cached_audio, answer, thought = counts
    sent = {
        "cached_tokens": cached_text + cached_audio,
        "audio_tokens": audio + cached_audio,
        "text_tokens": text + cached_text,
        "cached_tokens_details": {"text_tokens": cached_text, "audio_tokens": cached_audio},
    }
    usage = {
        "input_tokens": text + audio + cached_text + cached_audio,
        "input_token_details": sent,
        "output_tokens": answer + thought,
        "output_tokens_details": detail(data.draw, reasoning_tokens=thought),
        "total_tokens": sum(counts),
    }
    read = from_openai({"object": "response", "usage": usage}).usage
    assert read.total_tokens == sum(counts)
    assert read.fresh_input_tokens == text
    assert read.cache_read_audio_tokens == cached_audio


@given(st.data(), split(6))
def test_anthropic(data: st.DataObject, counts: tuple[int, ...]) -> None:
    fresh, cached, five_minutes, one_hour, answer, thought = counts
    usage = {
        "input_tokens": fresh,
        "output_tokens": answer + thought,
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": five_minutes + one_hour,
        "cache_creation": {"ephemeral_5m_input_tokens": five_minutes, "ephemeral_1h_input_tokens": one_hour},
        "output_tokens_details": detail(data.draw, thinking_tokens=thought),
    }
    message = {"type": "message", "model": "claude", "usage": usage}
    read = from_anthropic(message).usage
    assert read.total_tokens == sum(counts)
    assert read.fresh_input_tokens == fresh
    assert (read.cache_write_5m_tokens, read.cache_write_1h_tokens) == (five_minutes, one_hour)
    start = {"type": "message_start", "message": {**message, "usage": {**usage, "output_tokens": min(1, answer)}}}
    end = {"type": "message_delta", "usage": {"output_tokens": answer + thought}}
    assert from_anthropic([start, {"type": "ping"}, end]).usage == read


@given(split(7), st.booleans())
def test_gemini(counts: tuple[int, ...], inclusive: bool) -> None:
    text, audio, cached_text, cached_audio, tool, answer, thought = counts
    usage = {
        "promptTokenCount": text + audio + cached_text + cached_audio,
        "cachedContentTokenCount": cached_text + cached_audio,
        "candidatesTokenCount": answer + (thought if inclusive else 0),
        "thoughtsTokenCount": thought,
        "toolUsePromptTokenCount": tool,
        "totalTokenCount": sum(counts),
        "promptTokensDetails": [
            {"modality": "AUDIO", "tokenCount": audio + cached_audio},
            {"modality": "TEXT", "tokenCount": text + cached_text},
        ],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": cached_audio}],
    }
    without_zeros = {name: count for name, count in usage.items() if count or name == "promptTokenCount"}
    for made in (usage, without_zeros):
        read = from_gemini({"usageMetadata": made}).usage
        assert read.total_tokens == sum(counts)
        assert read.fresh_input_tokens == text + tool
        assert read.reasoning_tokens == thought


@given(split(5), st.booleans())
def test_bedrock(counts: tuple[int, ...], split_by_time: bool) -> None:
    fresh, cached, five_minutes, one_hour, answer = counts
    usage: dict[str, Any] = {
        "inputTokens": fresh,
        "outputTokens": answer,
        "cacheReadInputTokens": cached,
        "cacheWriteInputTokens": five_minutes + one_hour,
        "totalTokens": sum(counts),
    }
    if split_by_time:
        usage["cacheDetails"] = [{"ttl": "1h", "inputTokens": one_hour}, {"ttl": "5m", "inputTokens": five_minutes}]
    read = from_bedrock({"usage": usage}).usage
    assert read.total_tokens == sum(counts)
    assert read.fresh_input_tokens == fresh
    assert read.cache_write_1h_tokens == (one_hour if split_by_time else 0)


@given(split(4), st.booleans())
def test_opentelemetry(counts: tuple[int, ...], beside: bool) -> None:
    fresh, cached, written, answer = counts
    span = {
        "gen_ai.usage.input_tokens": fresh + (0 if beside else cached + written),
        "gen_ai.usage.output_tokens": answer,
        "gen_ai.usage.cache_read.input_tokens": cached,
        "gen_ai.usage.cache_creation.input_tokens": written,
        "gen_ai.usage.total_tokens": sum(counts),
    }
    read = from_otel(span).usage
    # A total of 0 is no statement, and then nothing else was stated either.
    assert read.total_tokens == sum(counts)
    assert read.fresh_input_tokens == fresh


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, inner in inside for way in [(*path, key), *places(inner, (*path, key))]]


garbage = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**40),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.one_of(st.integers(), st.lists(st.none(), max_size=1)), max_size=2),
)


@pytest.mark.parametrize("name", EXPECTED)
@given(data=st.data())
def test_whatever_a_response_holds_the_answer_is_a_reading_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    response = copy.deepcopy(payload(name))
    way = data.draw(st.sampled_from(places(response)))
    holder = response
    for step in way[:-1]:
        holder = holder[step]
    holder[way[-1]] = data.draw(garbage)
    for read in (*READERS.values(), read_response):
        with contextlib.suppress(TradeoffsError):
            assert isinstance(read(response), Reading)
