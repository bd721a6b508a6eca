"""Recorded responses: each is read, by name and by its shape, from JSON and from objects, as the table says."""

from __future__ import annotations

import copy
import pickle
import re
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from recorded_responses import BAD, EXPECTED, PAYLOADS, READERS, Expected, counts_in, payload

import llm_tradeoffs as lt
from llm_tradeoffs import ImpossibleUsageError, InvalidTypeError, InvalidValueError, Usage
from llm_tradeoffs.responses import (
    Reading,
    from_anthropic,
    from_bedrock,
    from_gemini,
    from_litellm,
    from_openai,
    from_otel,
    read_response,
)

CASES = pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=list(EXPECTED))

# A body of InvokeModel is Anthropic's message, and LiteLLM keeps OpenAI's shape: their readers read each other's.
ALSO = {"openai": {"litellm"}, "litellm": {"openai"}, "anthropic": {"bedrock"}, "bedrock": {"anthropic"}}

# Counts that say nothing of their own: they repeat a total, or are inside one and billed like the rest of it.
# A count that is not known is refused where it is above 0.
NOT_READ = {
    *("text_tokens", "prompt_text_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"),
    *("num_server_side_tools_used", "num_sources_used", "cost_in_usd_ticks", "web_fetch_requests", "mcp_calls"),
    *("image_generation_calls", "document_search_calls", "tool_use_tokens", "inputTokenCount", "outputTokenCount"),
    *("cacheReadInputTokenCount", "cacheWriteInputTokenCount", "invocationLatency", "firstByteLatency"),
}


def objects(value: Any) -> Any:
    """JSON as plain objects with attributes, like those of an SDK."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: objects(inner) for key, inner in value.items()})
    return [objects(inner) for inner in value] if isinstance(value, list) else value


def snake(value: Any) -> Any:
    """JSON with the names that Google's SDK has for its fields."""
    if isinstance(value, dict):
        return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", key).lower(): snake(inner) for key, inner in value.items()}
    return [snake(inner) for inner in value] if isinstance(value, list) else value


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    made = copy.deepcopy(value)
    holder = made
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = new
    return made


def test_every_file_is_in_the_table_and_has_an_origin() -> None:
    files = {path.stem for path in PAYLOADS.glob("*.json")}
    assert files == EXPECTED.keys() | BAD.keys()
    origins = PAYLOADS.with_name("ORIGINS.md").read_text(encoding="utf-8")
    assert [name for name in sorted(files) if f"`{name}`" not in origins] == []


@CASES
def test_json(name: str, expected: Expected) -> None:
    assert READERS[expected.reader](payload(name)) == expected.reading


@CASES
def test_the_shape_tells_the_reader(name: str, expected: Expected) -> None:
    if name == "litellm_gemini_search":  # the proxy's JSON is OpenAI's; only the label of the provider differs
        assert read_response(payload(name)).usage == expected.usage
    else:
        assert read_response(payload(name)) == expected.reading


@CASES
def test_objects_with_attributes(name: str, expected: Expected) -> None:
    response = payload(name)
    if expected.reader == "otel" and "attributes" not in response:
        made: Any = SimpleNamespace(attributes=response)
    else:
        made = objects(response)
    assert READERS[expected.reader](made) == expected.reading


@CASES
def test_classmethods_of_usage(name: str, expected: Expected) -> None:
    assert getattr(Usage, f"from_{expected.reader}")(payload(name)) == expected.usage


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("gemini_") and "openai" not in name])
def test_names_of_googles_sdk(name: str) -> None:
    assert from_gemini(snake(payload(name))) == EXPECTED[name].reading


@pytest.mark.parametrize(
    "name", ["openai_chat_stream", "openai_responses_stream", "gemini_stream", "bedrock_converse_stream"]
)
def test_the_last_chunk_is_enough(name: str) -> None:
    assert READERS[EXPECTED[name].reader](payload(name)[-1]) == EXPECTED[name].reading
    assert READERS[EXPECTED[name].reader](tuple(payload(name))) == EXPECTED[name].reading


@pytest.mark.parametrize("name", ["openai_chat", "deepseek_chat_cached", "openai_responses_web_search"])
def test_a_usage_alone(name: str) -> None:
    reading = from_openai(payload(name)["usage"])
    assert reading.model is None
    assert reading.usage.total_tokens == EXPECTED[name].usage.total_tokens


@CASES
def test_a_reading_is_a_value(name: str, expected: Expected) -> None:
    reading = READERS[expected.reader](payload(name))
    assert pickle.loads(pickle.dumps(reading)) == reading
    assert hash(reading) == hash(expected.reading)


# ---------------------------------------------------------------------------- another provider's response


@CASES
def test_another_providers_reader_refuses(name: str, expected: Expected) -> None:
    for reader, read in READERS.items():
        if reader != expected.reader and reader not in ALSO.get(expected.reader, ()):
            with pytest.raises(InvalidValueError, match=r"Use from_\w+\(\)|states no usage"):
                read(payload(name))


def test_the_hint_names_the_right_reader() -> None:
    with pytest.raises(InvalidValueError, match=r"Anthropic's shape.*Use from_anthropic\(\)"):
        from_openai(payload("anthropic_message"))
    with pytest.raises(InvalidValueError, match=r"OpenAI's shape.*Use from_openai\(\)"):
        from_anthropic(payload("openai_responses_web_search"))
    with pytest.raises(InvalidValueError, match=r"Gemini's shape.*Use from_gemini\(\)"):
        from_bedrock(payload("gemini_video"))


def test_a_shape_that_two_providers_have_is_not_guessed() -> None:
    stripped = {"model": "m", "usage": {"input_tokens": 10, "output_tokens": 2}}
    with pytest.raises(InvalidValueError, match=r"it could be read by from_openai\(\), from_anthropic\(\)"):
        read_response(stripped)
    assert from_openai(stripped).usage == from_anthropic(stripped).usage == Usage(input_tokens=10, output_tokens=2)


# ---------------------------------------------------------------------------- counts that nobody can mean


@CASES
@pytest.mark.parametrize("bad", [-1, True, "200", 200.0, float("nan"), [200], {"n": 1}], ids=repr)
def test_no_count_is_swallowed(name: str, expected: Expected, bad: Any) -> None:
    """Whatever is put where a count was is refused; nothing is clamped, rounded or taken for 0."""
    response = payload(name)
    for path, _ in counts_in(response):
        steps = [str(step).lower() for step in path]
        if not any("usage" in step for step in steps) or path[-1] in NOT_READ or "copilot_usage" in path:
            continue
        if "context_details" in path or "image_gen" in path or (len(path) > 1 and path[0] == 0):
            continue  # a copy, another model's, and the first of several chunks
        if "prompt_tokens" in path and "gen_ai.usage.input_tokens" in path:
            continue
        if name == "gemini_stream" and path[0] != 2:
            continue
        if "cost" in path[-1]:
            continue
        with pytest.raises(lt.TradeoffsError):
            READERS[expected.reader](changed(response, path, bad))


@pytest.mark.parametrize(
    ("read", "response", "error", "words"),
    [
        (from_openai, {}, InvalidValueError, "an empty mapping, which states no usage"),
        (from_openai, SimpleNamespace(), InvalidValueError, "an object of type SimpleNamespace"),
        (from_openai, None, InvalidTypeError, "None of type NoneType; expected a response"),
        (from_openai, "{}", InvalidTypeError, "json.loads"),
        (from_openai, {"usage": None}, InvalidValueError, "include_usage"),
        (from_openai, {"usage": {}}, InvalidValueError, "include_usage"),
        (from_openai, {"usage": 12}, InvalidTypeError, "usage is 12; expected an object with fields"),
        (from_openai, iter(()), InvalidTypeError, "an iterator; reading it would use it up"),
        (from_openai, [], InvalidValueError, "a list of 0, which states no usage"),
        (from_openai, {"usage": {"prompt_tokens": 5}}, InvalidTypeError, "states no completion_tokens"),
        (
            from_openai,
            {"usage": {"prompt_tokens": 5, "completion_tokens": None, "total_tokens": 9}},
            InvalidTypeError,
            "states no completion_tokens: it is null or missing, which is unknown and not 0",
        ),
        (
            from_openai,
            {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": 3}},
            InvalidTypeError,
            "usage.prompt_tokens_details is 3; expected an object with fields",
        ),
        (
            from_openai,
            {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 6}}},
            ImpossibleUsageError,
            "cache_read_tokens is 6 but input_tokens is 5",
        ),
        (
            from_openai,
            {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 9}},
            ImpossibleUsageError,
            "2 tokens are unaccounted for, and may be billed",
        ),
        (
            from_openai,
            {"usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 9}},
            ImpossibleUsageError,
            "but a total of 9",
        ),
        (
            from_openai,
            {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "hologram_tokens": 9}},
            InvalidValueError,
            "usage has hologram_tokens = 9, a count that this release does not know",
        ),
        (
            from_openai,
            {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "num_sources_used": 4}},
            InvalidValueError,
            "num_sources_used = 4",
        ),
        (
            from_openai,
            {"usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 5, "cached_tokens": 4}},
            ImpossibleUsageError,
            "states one count twice and differently",
        ),
        (
            from_openai,
            {
                "usage": {
                    "prompt_tokens": 9,
                    "completion_tokens": 2,
                    "prompt_cache_hit_tokens": 5,
                    "prompt_cache_miss_tokens": 5,
                }
            },
            ImpossibleUsageError,
            "5 cached and 5 uncached tokens, which do not make its prompt_tokens, 9",
        ),
        (
            from_openai,
            {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "server_side_tools_used": ["MIND_READING"]}},
            InvalidValueError,
            "'MIND_READING', a tool that this release does not know",
        ),
        (from_openai, {"usage": {"type": "duration"}}, InvalidTypeError, "states no seconds"),
        (from_openai, {"usage": {"type": "duration", "seconds": -1}}, InvalidValueError, "cannot be negative"),
        (from_openai, {"usage": {"type": "duration", "seconds": "9"}}, InvalidTypeError, "'9' of type str"),
        (from_openai, {"usage": {"type": "duration", "seconds": float("nan")}}, InvalidValueError, "usage.seconds"),
        (
            from_openai,
            {"model": 4, "usage": {"prompt_tokens": 5, "completion_tokens": 2}},
            InvalidTypeError,
            "model is 4",
        ),
        (from_anthropic, {"type": "message", "usage": None}, InvalidValueError, "message_start and message_delta"),
        (from_anthropic, {"type": "error", "error": {"type": "overloaded_error"}}, InvalidValueError, "no usage"),
        (
            from_anthropic,
            {"type": "message", "usage": {"input_tokens": 5, "output_tokens": None}},
            InvalidTypeError,
            "states no output_tokens",
        ),
        (
            from_anthropic,
            {
                "type": "message",
                "usage": {
                    "input_tokens": 5,
                    "output_tokens": 1,
                    "cache_creation_input_tokens": 9,
                    "cache_creation": {"ephemeral_1h_input_tokens": 4},
                },
            },
            ImpossibleUsageError,
            "9 tokens written to the cache, but 0 for five minutes and 4 for an hour",
        ),
        (
            from_anthropic,
            {
                "type": "message",
                "usage": {"input_tokens": 5, "output_tokens": 1, "service_tier": "batch", "speed": "fast"},
            },
            InvalidValueError,
            "no price list has both",
        ),
        (
            from_anthropic,
            {
                "type": "message",
                "usage": {"input_tokens": 5, "output_tokens": 1, "fallback_credit": {"status": {"type": "redeemed"}}},
            },
            InvalidValueError,
            "fallback_credit was redeemed",
        ),
        (
            from_anthropic,
            {
                "type": "message",
                "usage": {"input_tokens": 5, "output_tokens": 1, "server_tool_use": {"dig_requests": 1}},
            },
            InvalidValueError,
            "dig_requests = 1",
        ),
        (from_anthropic, payload("anthropic_message") | {"type": "message_delta"}, InvalidValueError, "the one event"),
        (from_anthropic, payload("anthropic_web_search_stream")[:2], InvalidValueError, "0 message_delta with usage"),
        (
            from_anthropic,
            payload("anthropic_web_search_stream") * 2,
            InvalidValueError,
            "2 events message_start and 2 message_delta",
        ),
        (from_gemini, {"usageMetadata": {}}, InvalidValueError, "usageMetadata"),
        (from_gemini, {"usageMetadata": {"candidatesTokenCount": 4}}, InvalidTypeError, "neither promptTokenCount"),
        (
            from_gemini,
            {"usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 4, "totalTokenCount": 9}},
            ImpossibleUsageError,
            "1 are unaccounted for",
        ),
        (
            from_gemini,
            {"usageMetadata": {"promptTokenCount": 4, "promptTokensDetails": [{"modality": "SMELL", "tokenCount": 2}]}},
            InvalidValueError,
            "2 tokens of 'SMELL'",
        ),
        (
            from_gemini,
            {"usageMetadata": {"promptTokenCount": 4, "promptTokensDetails": 3}},
            InvalidTypeError,
            "promptTokensDetails is 3 of type int; expected a list",
        ),
        (
            from_gemini,
            {
                "candidates": [{"groundingMetadata": {"webSearchQueries": ["q"]}, "urlContextMetadata": {}}],
                "usageMetadata": {"promptTokenCount": 4, "toolUsePromptTokenCount": 9},
            },
            InvalidValueError,
            "it does not say how many of each",
        ),
        (
            from_gemini,
            [payload("gemini_vertex"), payload("gemini_stream")[0]],
            InvalidValueError,
            "chunks of 2 responses; that is more than one call",
        ),
        (from_bedrock, {"body": object(), "contentType": "x"}, InvalidValueError, "json.loads"),
        (from_bedrock, {"usage": {"inputTokens": 5}}, InvalidTypeError, "states no outputTokens"),
        (
            from_bedrock,
            {"usage": {"inputTokens": 5, "outputTokens": 2, "totalTokens": 9}},
            ImpossibleUsageError,
            "but a total of 9",
        ),
        (
            from_bedrock,
            {"usage": {"inputTokens": 5, "outputTokens": 2, "cacheDetails": [{"ttl": "1w", "inputTokens": 1}]}},
            InvalidValueError,
            "known are 5m and 1h",
        ),
        (
            from_bedrock,
            {"usage": {"inputTokens": 5, "outputTokens": 2, "serverToolUsage": {"webSearchRequests": 1}}},
            InvalidValueError,
            "webSearchRequests = 1",
        ),
        (
            from_bedrock,
            {"trace": {"orchestrationTrace": {"modelInvocationOutput": {"metadata": {"usage": {"inputTokens": 5}}}}}},
            InvalidValueError,
            "a trace of an agent",
        ),
        (from_bedrock, payload("bedrock_converse_stream") * 2, InvalidValueError, "2 events state usage"),
        (from_litellm, {"usage": {"input_tokens": 5, "output_tokens": 2}}, InvalidValueError, "from_openai"),
        (from_otel, {"gen_ai.request.model": "m"}, InvalidTypeError, "states no gen_ai.usage.input_tokens"),
        (from_otel, {"http.method": "GET"}, InvalidValueError, "gen_ai.usage.input_tokens"),
        (
            from_otel,
            payload("otel_current") | {"gen_ai.operation.name": "invoke_agent"},
            InvalidValueError,
            "the sum of the calls below it",
        ),
        (
            from_otel,
            payload("otel_current") | {"gen_ai.usage.prompt_tokens": 7},
            ImpossibleUsageError,
            "twice and differently",
        ),
        (
            from_otel,
            payload("otel_current") | {"gen_ai.usage.total_tokens": 7},
            ImpossibleUsageError,
            "but a total of 7",
        ),
        (
            from_otel,
            payload("otel_current") | {"gen_ai.usage.details.dream_tokens": 7},
            InvalidValueError,
            "dream_tokens = 7 is a count that this release does not know",
        ),
        (read_response, {}, InvalidValueError, "found no usage in a dict"),
        (read_response, 12, InvalidTypeError, "got a int; expected a response"),
        (read_response, {"choices": []}, InvalidValueError, "include_usage"),
    ],
)
def test_bad_input(read: Any, response: Any, error: type[lt.TradeoffsError], words: str) -> None:
    with pytest.raises(lt.TradeoffsError, match=re.escape(words)) as caught:
        read(response)
    assert type(caught.value) is error


# ---------------------------------------------------------------------------- sums over several calls


@pytest.mark.parametrize(("name", "reader"), BAD.items())
def test_what_no_single_usage_describes(name: str, reader: str) -> None:
    for read in (READERS[reader], read_response):
        with pytest.raises(InvalidValueError):
            read(payload(name))


def test_each_iteration_can_be_read_by_itself() -> None:
    message = payload("bad_anthropic_advisor")
    readings = [
        from_anthropic({"model": each.get("model", message["model"]), "usage": each})
        for each in message["usage"]["iterations"]
    ]
    assert [(reading.model, reading.usage.input_tokens) for reading in readings] == [
        ("claude-sonnet-5", 1_128),
        ("claude-opus-4-8", 2_518),
        ("claude-sonnet-5", 1_262),
    ]


def test_one_iteration_that_is_the_whole_usage_is_one_call() -> None:
    message = payload("anthropic_message")
    message["usage"]["iterations"] = [{"type": "message", **message["usage"]}]
    assert from_anthropic(message) == EXPECTED["anthropic_message"].reading
    message["usage"]["iterations"][0]["input_tokens"] += 1
    with pytest.raises(InvalidValueError, match="lists 1 calls"):
        from_anthropic(message)


def test_sums_of_agent_frameworks_runs_and_batches() -> None:
    usage = {"requests": 1, "input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    assert from_openai(usage).usage == Usage(input_tokens=10, output_tokens=2)
    for wrong in (2, 0):
        with pytest.raises(InvalidValueError, match=f"the sum of {wrong} requests"):
            from_openai(usage | {"requests": wrong})
    run = {"object": "thread.run", "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}}
    with pytest.raises(InvalidValueError, match=r"all calls of a thread\.run"):
        from_openai(run)
    anthropic = payload("litellm_anthropic")
    anthropic["usage"]["iterations"] = [{"type": "compaction"}, {"type": "message"}]
    with pytest.raises(InvalidValueError, match="several calls of Anthropic's models"):
        from_litellm(anthropic)
    compound = payload("groq_chat") | {"usage_breakdown": {"models": [{"model": "a"}, {"model": "b"}]}}
    with pytest.raises(InvalidValueError, match="several models"):
        from_openai(compound)
    with pytest.raises(InvalidValueError, match="more than one call"):
        from_openai([payload("openai_chat"), payload("groq_chat")])
    continued = SimpleNamespace(prompt_token_count=30, candidates_token_count=5, _initial_prompt_token_count=10)
    with pytest.raises(InvalidValueError, match="the sum of several requests"):
        from_gemini(SimpleNamespace(usage_metadata=continued))


# ---------------------------------------------------------------------------- finer points


def test_only_the_certain_overlap_of_cached_tokens_with_a_medium_is_stated() -> None:
    details = {"cached_tokens": 1_100, "image_tokens": 1_000}
    usage = {"prompt_tokens": 1_200, "completion_tokens": 1, "total_tokens": 1_201, "prompt_tokens_details": details}
    assert from_openai(usage).usage == Usage(
        input_tokens=1_200,
        cache_read_tokens=1_100,
        input_image_tokens=1_000,
        cache_read_image_tokens=900,
        output_tokens=1,
    )
    with pytest.raises(ImpossibleUsageError, match="each token is in one part at most"):
        from_openai(usage | {"prompt_tokens_details": details | {"audio_tokens": 1}})


def test_a_stream_that_writes_to_a_cache_after_its_start() -> None:
    events = payload("anthropic_web_search_stream")
    events[0]["message"]["usage"]["cache_creation"] = {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 0}
    events[-2]["usage"]["cache_creation_input_tokens"] = 25
    assert from_anthropic(events).usage.cache_write_5m_tokens == 25


@pytest.mark.parametrize(
    ("said", "ours"),
    [("default", "standard"), ("auto", None), ("fast", "priority"), ("flex", "flex"), ("scale", "scale"), (None, None)],
)
def test_tiers_in_our_words(said: str | None, ours: str | None) -> None:
    assert from_openai(payload("openai_chat") | {"service_tier": said}).service_tier == ours


@pytest.mark.parametrize(
    ("field", "said", "ours"),
    [
        ("serviceTier", "unspecified", "standard"),
        ("serviceTier", "priority", "priority"),
        ("trafficType", "ON_DEMAND_FLEX", "flex"),
        ("trafficType", "TRAFFIC_TYPE_UNSPECIFIED", None),
        ("trafficType", "PROVISIONED_THROUGHPUT", "provisioned_throughput"),
    ],
)
def test_tiers_of_google(field: str, said: str, ours: str | None) -> None:
    assert from_gemini({"usageMetadata": {"promptTokenCount": 1, field: said}}).service_tier == ours


def test_anthropics_fast_mode_behind_litellm() -> None:
    response = payload("litellm_anthropic")
    response["usage"]["speed"] = "fast"
    assert from_litellm(response).service_tier == "fast"


def test_a_count_in_an_object_that_is_not_known() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "plugins": {"search": {"count": 1}}}
    with pytest.raises(InvalidValueError, match=r"usage\.plugins\.search has count = 1"):
        from_openai(usage)


def test_a_total_of_zero_or_none_is_no_statement() -> None:
    for stated in (0, None):
        usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": stated}
        assert from_openai(usage).usage == Usage(input_tokens=5, output_tokens=2)


def test_without_a_total_xai_is_known_by_its_own_fields() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 9}}
    assert from_openai({"model": "grok-4", "usage": usage}).usage.output_tokens == 11
    with pytest.raises(ImpossibleUsageError, match="reasoning_tokens is 9 but output_tokens is 2"):
        from_openai({"model": "o3", "usage": usage})


def test_searches_that_the_response_counts_itself_are_not_counted_again() -> None:
    response = payload("openai_responses_web_search") | {"tool_usage": {"web_search": {"num_requests": 1}}}
    assert from_openai(response).usage.web_searches == 1


def test_a_tool_of_xai_with_a_price_that_we_have_no_meter_for() -> None:
    response = payload("xai_responses_x_search")
    response["usage"]["server_side_tool_usage_details"]["document_search_calls"] = 1
    with pytest.raises(InvalidValueError, match="document_search_calls = 1, a count that this release does not know"):
        from_openai(response)


def test_images_of_another_model_beside_the_answer() -> None:
    response = payload("openai_responses_web_search") | {"tool_usage": {"image_gen": {"total_tokens": 9}}}
    with pytest.raises(InvalidValueError, match="two calls with two prices"):
        from_openai(response)


def test_audio_that_mistral_bills_by_the_second() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7, "prompt_audio_seconds": 12}
    assert from_openai({"model": "voxtral-small", "usage": usage}).usage.input_audio_seconds == 12


def test_a_value_of_the_sdk_for_not_stated() -> None:
    class Unset:  # Mistral's SDK has an instance of such a class
        pass

    usage = SimpleNamespace(
        prompt_tokens=5, completion_tokens=2, total_tokens=7, prompt_audio_seconds=Unset(), service_tier=Unset()
    )
    assert from_openai(SimpleNamespace(model="m", usage=usage)).usage == Usage(input_tokens=5, output_tokens=2)


def test_an_embedding_span_states_no_output() -> None:
    span = {"gen_ai.operation.name": "embeddings", "gen_ai.usage.input_tokens": 8}
    assert from_otel(span) == Reading(
        usage=Usage(input_tokens=8, output_tokens=0), model=None, service_tier=None, provider="unknown"
    )


def test_the_final_message_that_the_sdk_collects() -> None:
    message = payload("anthropic_message")
    assert from_anthropic({"type": "message_stop", "message": message}) == EXPECTED["anthropic_message"].reading


def test_groqs_stream_states_usage_beside_the_chunk() -> None:
    chunk = {"object": "chat.completion.chunk", "model": "m", "usage": None}
    chunk["x_groq"] = {"id": "r", "usage": payload("groq_chat")["usage"]}
    for read in (from_openai, read_response):
        assert read([{"object": "chat.completion.chunk", "usage": None}, chunk]).usage == EXPECTED["groq_chat"].usage


# ---------------------------------------------------------------------------- other holders of the same


def test_mappings_that_are_no_dict() -> None:
    usage = MappingProxyType(payload("openai_chat")["usage"])
    assert from_openai(MappingProxyType({"model": "m", "usage": usage})).usage == EXPECTED["openai_chat"].usage


def test_models_of_pydantic_with_fields_that_they_do_not_know() -> None:
    class Model:
        __pydantic_extra__: dict[str, Any] | None

        def __init__(self, extra: dict[str, Any] | None, **fields: Any) -> None:
            self.__dict__.update(fields)
            object.__setattr__(self, "__pydantic_extra__", extra)

    usage = Model({"prompt_cache_hit_tokens": 3}, prompt_tokens=5, completion_tokens=2, total_tokens=7)
    assert from_openai(Model(None, model="m", usage=usage)).usage.cache_read_tokens == 3
    unknown = Model({"hologram_tokens": 3}, prompt_tokens=5, completion_tokens=2)
    with pytest.raises(InvalidValueError, match="hologram_tokens = 3"):
        from_openai(Model(None, usage=unknown))


def test_a_usage_alone_of_the_others() -> None:
    assert from_anthropic(payload("anthropic_message")["usage"]).usage == EXPECTED["anthropic_message"].usage
    assert from_gemini(payload("gemini_video")["usageMetadata"]).usage == EXPECTED["gemini_video"].usage
    assert from_bedrock(payload("bedrock_invoke_nova")["usage"]).usage == EXPECTED["bedrock_invoke_nova"].usage


def test_the_metrics_that_bedrock_adds_to_the_last_chunk_of_any_model() -> None:
    chunk = {"generation": "", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 10, "outputTokenCount": 25}}
    for read in (from_bedrock, read_response):
        assert read([{"generation": "Hi"}, chunk]).usage == Usage(input_tokens=10, output_tokens=25)


def test_litellm_keeps_the_shape_of_responses_and_transcriptions() -> None:
    for name in ("openai_responses_web_search", "openai_transcription_duration"):
        assert from_litellm(payload(name)) == EXPECTED[name].reading


def test_perplexitys_agent() -> None:
    usage = {
        "input_tokens": 100,
        "input_tokens_details": {"cache_read_input_tokens": 20},
        "output_tokens": 30,
        "total_tokens": 130,
        "tool_calls_details": {"search_web": {"invocation": 2}},
    }
    reading = from_openai({"object": "response", "model": "openai/gpt-5.1", "usage": usage})
    assert reading.provider == "perplexity"
    assert reading.usage == Usage(input_tokens=100, cache_read_tokens=20, output_tokens=30, web_searches=2)
    usage["tool_calls_details"] = {"fetch_url": {"invocation": 2}}
    with pytest.raises(InvalidValueError, match="calls of 'fetch_url'"):
        from_openai({"object": "response", "usage": usage})
