"""The same responses as objects of the real SDKs, and read by another library."""

from __future__ import annotations

import json
from typing import Any

import pytest
from recorded_responses import EXPECTED, payload

from llm_tradeoffs.responses import (
    Reading,
    from_anthropic,
    from_gemini,
    from_litellm,
    from_openai,
    from_otel,
    read_response,
)

# What the SDKs warn about while they are imported is theirs.
pytestmark = [pytest.mark.heavy, pytest.mark.filterwarnings("ignore")]

CHATS = (
    *("openai_chat", "openai_chat_audio", "openai_chat_cached_prediction", "deepseek_chat", "deepseek_chat_cached"),
    *("groq_chat", "mistral_chat", "mistral_chat_cached", "openrouter_web_search", "xai_chat"),
    *("perplexity_deep_research", "gemini_in_openai_shape"),
)
GEMINI = (
    *("gemini_video", "gemini_web_search", "gemini_url_context", "gemini_vertex", "gemini_cached_audio"),
    *("gemini_image_output", "gemini_3_web_and_maps", "gemini_inclusive_thoughts"),
)


def same(name: str, *readings: Reading) -> None:
    assert [reading == EXPECTED[name].reading for reading in readings] == [True] * len(readings), readings


# ---------------------------------------------------------------------------- openai


@pytest.mark.parametrize("name", CHATS)
def test_openai_chat(name: str) -> None:
    chat = pytest.importorskip("openai.types.chat")
    made = chat.ChatCompletion.construct(**payload(name))  # as the client does: services have words of their own
    same(name, from_openai(made), read_response(made))


def test_openai_chat_stream() -> None:
    chat = pytest.importorskip("openai.types.chat")
    chunks = [chat.ChatCompletionChunk.model_validate(chunk) for chunk in payload("openai_chat_stream")]
    same("openai_chat_stream", from_openai(chunks), from_openai(chunks[-1]), read_response(chunks))


@pytest.mark.parametrize("name", ["openai_responses_web_search", "xai_responses_x_search"])
def test_openai_responses(name: str) -> None:
    responses = pytest.importorskip("openai.types.responses")
    same(name, from_openai(responses.Response.construct(**payload(name))))


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("openai_responses_stream", "ResponseCompletedEvent"),
        ("openai_responses_incomplete_cached", "ResponseIncompleteEvent"),
    ],
)
def test_openai_responses_events(name: str, event: str) -> None:
    responses = pytest.importorskip("openai.types.responses")
    recorded = payload(name)
    last = recorded[-1] if isinstance(recorded, list) else recorded
    made = getattr(responses, event).construct(**last)
    same(name, from_openai(made), read_response(made), from_openai([made]))


@pytest.mark.parametrize(
    ("name", "module", "kind"),
    [
        ("openai_embedding", "openai.types", "CreateEmbeddingResponse"),
        ("openai_transcription_tokens", "openai.types.audio", "Transcription"),
        ("openai_transcription_duration", "openai.types.audio", "Transcription"),
        ("openai_image", "openai.types", "ImagesResponse"),
        ("openai_realtime_done", "openai.types.realtime", "ResponseDoneEvent"),
        ("openai_realtime_cached_audio", "openai.types.realtime", "ResponseDoneEvent"),
    ],
)
def test_openai_others(name: str, module: str, kind: str) -> None:
    made = getattr(pytest.importorskip(module), kind).construct(**payload(name))
    same(name, from_openai(made), read_response(made))


# ---------------------------------------------------------------------------- anthropic


@pytest.mark.parametrize("name", ["anthropic_message", "anthropic_message_thinking", "bedrock_invoke_claude"])
def test_anthropic(name: str) -> None:
    types = pytest.importorskip("anthropic.types")
    made = types.Message.model_validate(payload(name))
    if name == "bedrock_invoke_claude":
        same(name, read_response(made))
    else:
        same(name, from_anthropic(made), read_response(made))


@pytest.mark.parametrize("name", ["anthropic_cache_write_1h_stream", "anthropic_web_search_stream"])
def test_anthropic_stream(name: str) -> None:
    types = pytest.importorskip("anthropic.types")
    kinds = {"message_start": types.RawMessageStartEvent, "message_delta": types.RawMessageDeltaEvent}
    events = [kinds[event["type"]].construct(**event) if event["type"] in kinds else event for event in payload(name)]
    same(name, from_anthropic(events), read_response(events))


def test_anthropic_beta() -> None:
    beta = pytest.importorskip("anthropic.types.beta")
    made = beta.BetaMessage.construct(**payload("bad_anthropic_advisor"))
    with pytest.raises(ValueError, match="lists 3 calls"):
        from_anthropic(made)


# ---------------------------------------------------------------------------- google-genai


@pytest.mark.parametrize("name", GEMINI)
def test_gemini(name: str) -> None:
    types = pytest.importorskip("google.genai.types")
    made = types.GenerateContentResponse.model_validate(payload(name))
    same(name, from_gemini(made), read_response(made))


def test_gemini_stream_and_live() -> None:
    types = pytest.importorskip("google.genai.types")
    chunks = [
        types.GenerateContentResponse._from_response(response=chunk, kwargs={}) for chunk in payload("gemini_stream")
    ]
    for reading in (from_gemini(chunks), from_gemini(chunks[-1]), read_response(chunks)):
        # The class of the SDK has no field for the tier, and drops it.
        assert (reading.usage, reading.service_tier) == (EXPECTED["gemini_stream"].usage, None)
    live = types.LiveServerMessage.model_validate(payload("gemini_live"))
    same("gemini_live", from_gemini(live), read_response(live))


# ---------------------------------------------------------------------------- litellm


@pytest.mark.parametrize("name", [*CHATS, "litellm_anthropic", "litellm_gemini_search"])
def test_litellm(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    litellm: Any = pytest.importorskip("litellm")
    response = payload(name)
    made = litellm.ModelResponse(**response)
    assert from_litellm(made).usage == EXPECTED[name].usage
    assert from_litellm(made).model == EXPECTED[name].model
    assert read_response(made) == from_litellm(made)
    made._hidden_params["custom_llm_provider"] = "vertex_ai"
    assert from_litellm(made).provider == "google"


# ---------------------------------------------------------------------------- mistralai, opentelemetry


@pytest.mark.parametrize("name", ["mistral_chat", "mistral_chat_cached"])
def test_mistral(name: str) -> None:
    models = pytest.importorskip("mistralai.client.models")
    made = models.ChatCompletionResponse.model_validate(payload(name))
    same(name, from_openai(made), read_response(made))


@pytest.mark.parametrize("name", ["otel_current", "otel_older", "otel_bedrock_cached_beside"])
def test_opentelemetry(name: str) -> None:
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    with trace.TracerProvider().get_tracer("test").start_as_current_span("chat") as span:
        span.set_attributes(payload(name))
    same(name, from_otel(span), read_response(span), from_otel(json.loads(span.to_json())))


def test_the_names_of_the_conventions() -> None:
    names = vars(pytest.importorskip("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")).values()
    counts = [name for name in names if isinstance(name, str) and name.startswith("gen_ai.usage.")]
    assert counts
    for name in counts:
        span = {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 5}
        assert from_otel(span | {name: 5}).usage.total_tokens == 10


# ---------------------------------------------------------------------------- genai-prices

FLAVORS = {
    **dict.fromkeys(CHATS, ("openai", "chat")),
    **dict.fromkeys(("openai_responses_web_search",), ("openai", "responses")),
    **{name: ("google", "default") for name in EXPECTED if name.startswith("gemini_") and name != "gemini_live"},
    **dict.fromkeys(("anthropic_message", "anthropic_message_thinking"), ("anthropic", "default")),
    **{name: ("aws", "default") for name in EXPECTED if name.startswith("bedrock_")},
    "openai_embedding": ("openai", "embeddings"),
    "openai_realtime_done": ("openai", "realtime"),
    "openai_realtime_cached_audio": ("openai", "realtime"),
    "openai_image": ("openai", "images"),
    "deepseek_chat": ("deepseek", "chat"),
    "deepseek_chat_cached": ("deepseek", "chat"),
    "groq_chat": ("groq", "default"),
    "mistral_chat": ("mistral", "default"),
    "mistral_chat_cached": ("mistral", "default"),
    "openrouter_web_search": ("openrouter", "chat"),
    "xai_chat": ("x-ai", "chat"),
    "xai_native_x_search": ("x-ai", "default"),
    "xai_responses_x_search": ("x-ai", "responses"),
    "perplexity_deep_research": ("perplexity", "default"),
    "bedrock_invoke_claude": ("aws", "anthropic"),
}
for streamed in ("gemini_in_openai_shape", "gemini_stream", "bedrock_converse_stream", "bedrock_invoke_claude_stream"):
    FLAVORS.pop(streamed)  # lists, and a shape that genai-prices reads otherwise

OURS = {
    "cache_write_5m_tokens": "cache_write_5m_tokens",
    "cache_write_1h_tokens": "cache_write_1h_tokens",
    "output_reasoning_tokens": "reasoning_tokens",
    "output_citation_tokens": "citation_tokens",
    "cache_audio_read_tokens": "cache_read_audio_tokens",
    "cache_image_read_tokens": "cache_read_image_tokens",
    "cache_video_read_tokens": "cache_read_video_tokens",
}
"""What genai-prices calls a count, where it has another name."""

DIFFERENT = {
    # Ours counts the searches that only the output shows.
    ("openai_responses_web_search", "web_searches"),
    # Ours counts tools in xAI's own counters, and in OpenRouter's.
    ("openrouter_web_search", "web_searches"),
    # DeepSeek's first responses have the count only in prompt_cache_hit_tokens, which genai-prices does not read.
    ("deepseek_chat_cached", "cache_read_tokens"),
    # What a search found is not billed as input; genai-prices counts it.
    ("gemini_web_search", "input_tokens"),
    ("gemini_3_web_and_maps", "input_tokens"),
    # Searches with Google have a fee; genai-prices does not read them.
    ("gemini_web_search", "web_searches"),
    ("gemini_3_web_and_maps", "web_searches"),
    # The total shows that the thoughts are inside the candidates; genai-prices adds them.
    ("gemini_inclusive_thoughts", "output_tokens"),
    # The answer of an image model is an image, which its event says and its first responses leave out.
    ("openai_image", "output_image_tokens"),
    # Without a split by duration everything is a write of five minutes; genai-prices has a third meter for it.
    ("anthropic_message", "cache_write_5m_tokens"),
}
"""Where the two libraries differ, each with its reason."""


@pytest.mark.parametrize("name", FLAVORS)
def test_genai_prices_counts_the_same(name: str) -> None:
    genai_prices: Any = pytest.importorskip("genai_prices")
    provider, flavor = FLAVORS[name]
    theirs = genai_prices.extract_usage(payload(name), provider_id=provider, api_flavor=flavor)
    usage = EXPECTED[name].usage
    compared = {
        *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"),
        *("input_audio_tokens", "input_image_tokens", "input_video_tokens", "output_audio_tokens"),
        *("output_image_tokens", "output_reasoning_tokens", "output_citation_tokens", "web_searches"),
        *("cache_audio_read_tokens", "cache_image_read_tokens", "cache_video_read_tokens"),
    }
    found = {
        (name, ours)
        for their_name in compared
        if (getattr(theirs.usage, their_name, None) or 0) != getattr(usage, ours := OURS.get(their_name, their_name))
    }
    assert found == {known for known in DIFFERENT if known[0] == name}
