"""
The recorded responses, and what each of them says, written by hand from the numbers in the file.

``ORIGINS.md`` says where each file comes from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from llm_tradeoffs import Usage, responses
from llm_tradeoffs.responses import Reading

__all__ = ["BAD", "EXPECTED", "PAYLOADS", "READERS", "Expected", "counts_in", "payload"]

PAYLOADS: Final = Path(__file__).with_name("payloads")
READERS: Final[dict[str, Callable[[object], Reading]]] = {
    name: getattr(responses, f"from_{name}") for name in ("openai", "anthropic", "gemini", "bedrock", "litellm", "otel")
}


class Expected(NamedTuple):
    """What a recorded response says."""

    reader: str
    usage: Usage
    model: str | None = None
    tier: str | None = None
    provider: str = ""
    region: str | None = None

    @property
    def reading(self) -> Reading:
        return Reading(
            usage=self.usage,
            model=self.model,
            service_tier=self.tier,
            provider=self.provider or {"gemini": "google"}.get(self.reader, self.reader),
            region=self.region,
        )


def payload(name: str) -> Any:
    """The response of that name, as JSON gives it."""
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def counts_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], int]]:
    """Every whole number in a JSON value, with the way to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from counts_in(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from counts_in(inner, (*path, place))
    elif type(value) is int:
        yield path, value


EXPECTED: Final[dict[str, Expected]] = {
    # ------------------------------------------------------------------ OpenAI
    "openai_chat": Expected("openai", Usage(input_tokens=13, output_tokens=4), "gpt-5.6-luna", "standard"),
    "openai_chat_audio": Expected(
        "openai",
        Usage(input_tokens=1_117, input_audio_tokens=1_100, output_tokens=146, output_audio_tokens=110),
        "gpt-4o-audio-preview-2024-12-17",
        "standard",
    ),
    # Accepted and rejected predictions are inside the 300.
    "openai_chat_cached_prediction": Expected(
        "openai",
        Usage(input_tokens=2_006, cache_read_tokens=1_920, output_tokens=300),
        "gpt-4.1-2025-04-14",
        "priority",
    ),
    "openai_chat_stream": Expected(
        "openai", Usage(input_tokens=19, output_tokens=10), "gpt-4o-mini-2024-07-18", "standard"
    ),
    "openai_responses_stream": Expected(
        "openai", Usage(input_tokens=13, output_tokens=532, reasoning_tokens=256), "o3-mini-2025-01-31", "standard"
    ),
    # The bill beside it says: 3 fresh, 918,200 read, 819 written, 2,544 out.
    "openai_responses_incomplete_cached": Expected(
        "openai",
        Usage(
            input_tokens=919_022,
            cache_read_tokens=918_200,
            cache_write_5m_tokens=819,
            output_tokens=2_544,
            reasoning_tokens=748,
        ),
        "gpt-5.6-sol",
        "standard",
    ),
    # Two searches, one opened page (no fee), one search in files.
    "openai_responses_web_search": Expected(
        "openai",
        Usage(
            input_tokens=9_000,
            cache_read_tokens=1_024,
            output_tokens=400,
            reasoning_tokens=128,
            web_searches=2,
            file_searches=1,
        ),
        "gpt-5.2",
        "flex",
    ),
    "openai_embedding": Expected("openai", Usage(input_tokens=8, output_tokens=0), "text-embedding-3-small"),
    "openai_transcription_tokens": Expected("openai", Usage(input_tokens=14, input_audio_tokens=14, output_tokens=45)),
    "openai_transcription_duration": Expected("openai", Usage(input_audio_seconds="9.5")),
    "openai_image": Expected(
        "openai", Usage(input_tokens=60, input_image_tokens=50, output_tokens=4_160, output_image_tokens=4_160)
    ),
    "openai_realtime_done": Expected(
        "openai",
        Usage(input_tokens=132, cache_read_tokens=64, input_audio_tokens=13, output_tokens=121, output_audio_tokens=91),
    ),
    "openai_realtime_cached_audio": Expected(
        "openai",
        Usage(
            input_tokens=700,
            cache_read_tokens=512,
            input_audio_tokens=450,
            input_image_tokens=50,
            cache_read_audio_tokens=384,
            output_tokens=200,
            output_audio_tokens=160,
        ),
    ),
    # ------------------------------------------------------------------ in OpenAI's shape
    "deepseek_chat": Expected(
        "openai",
        Usage(input_tokens=12, output_tokens=789, reasoning_tokens=415),
        "deepseek-reasoner",
        provider="deepseek",
    ),
    "deepseek_chat_cached": Expected(
        "openai",
        Usage(input_tokens=8_537, cache_read_tokens=7_936, output_tokens=1),
        "deepseek-chat",
        provider="deepseek",
    ),
    "groq_chat": Expected("openai", Usage(input_tokens=21, output_tokens=334), "qwen/qwen3-32b", "standard", "groq"),
    "mistral_chat": Expected("openai", Usage(input_tokens=4, output_tokens=36), "mistral-large-latest"),
    "mistral_chat_cached": Expected(
        "openai", Usage(input_tokens=1_013, cache_read_tokens=1_008, output_tokens=30), "mistral-large-2512"
    ),
    "openrouter_web_search": Expected(
        "openai",
        Usage(input_tokens=8_174, output_tokens=30, web_searches=1),
        "openai/gpt-4.1-mini",
        "standard",
        "openrouter",
    ),
    # 3,774 + 50 + 439 = 4,263: the reasoning is beside the completion.
    "xai_chat": Expected(
        "openai",
        Usage(input_tokens=3_774, cache_read_tokens=1_639, output_tokens=489, reasoning_tokens=439),
        "grok-4-fast-reasoning",
        provider="xai",
    ),
    "xai_native_x_search": Expected(
        "openai",
        Usage(input_tokens=3_774, cache_read_tokens=1_639, output_tokens=489, reasoning_tokens=439, social_searches=1),
        "grok-4-fast-reasoning",
        provider="xai",
    ),
    "xai_responses_x_search": Expected(
        "openai",
        Usage(input_tokens=7_583, cache_read_tokens=3_072, output_tokens=3_192, social_searches=3),
        "grok-4-1-fast",
        provider="xai",
    ),
    # 20 + 50 of reasoning + 30 of citations; the total of 30 leaves the last two out.
    "perplexity_deep_research": Expected(
        "openai",
        Usage(input_tokens=10, output_tokens=100, reasoning_tokens=50, citation_tokens=30, web_searches=40),
        "sonar-deep-research",
        provider="perplexity",
    ),
    # 623 - 20 - 198 = 405 thoughts.
    "gemini_in_openai_shape": Expected(
        "openai", Usage(input_tokens=20, output_tokens=603, reasoning_tokens=405), "gemini-2.5-flash", provider="google"
    ),
    # ------------------------------------------------------------------ Anthropic
    "anthropic_message": Expected(
        "anthropic",
        Usage(input_tokens=627, cache_write_5m_tokens=123, output_tokens=97),
        "claude-sonnet-4-20250514",
        "standard",
    ),
    "anthropic_message_thinking": Expected(
        "anthropic",
        Usage(
            input_tokens=10_520,
            cache_read_tokens=10_000,
            cache_write_5m_tokens=300,
            cache_write_1h_tokens=200,
            output_tokens=900,
            reasoning_tokens=600,
            web_searches=3,
        ),
        "claude-opus-4-8",
        "fast",
        region="us",
    ),
    "anthropic_cache_write_1h_stream": Expected(
        "anthropic",
        Usage(input_tokens=3_926, cache_write_1h_tokens=3_913, output_tokens=4),
        "claude-sonnet-4-6",
        "standard",
    ),
    "anthropic_web_search_stream": Expected(
        "anthropic",
        Usage(input_tokens=22_397, output_tokens=637, web_searches=2),
        "claude-sonnet-4-20250514",
        "standard",
    ),
    # ------------------------------------------------------------------ Gemini
    "gemini_video": Expected(
        "gemini",
        Usage(
            input_tokens=17_713,
            input_video_tokens=15_780,
            input_audio_tokens=1_917,
            output_tokens=1_276,
            reasoning_tokens=1_176,
        ),
        "gemini-2.5-flash",
    ),
    "gemini_stream": Expected(
        "gemini", Usage(input_tokens=18, output_tokens=115, reasoning_tokens=35), "gemini-2.5-flash", "standard"
    ),
    # 109 tokens of search results are in the total of 518, and not billed.
    "gemini_web_search": Expected(
        "gemini",
        Usage(input_tokens=17, output_tokens=392, reasoning_tokens=167, web_searches=1),
        "gemini-2.5-pro",
    ),
    "gemini_url_context": Expected(
        "gemini", Usage(input_tokens=4_697, output_tokens=111, reasoning_tokens=45), "gemini-2.5-flash"
    ),
    "gemini_vertex": Expected("gemini", Usage(input_tokens=13, output_tokens=8), "gemini-2.0-flash", "standard"),
    "gemini_cached_audio": Expected(
        "gemini",
        Usage(
            input_tokens=14_152,
            cache_read_tokens=12_239,
            input_audio_tokens=150,
            cache_read_audio_tokens=129,
            output_tokens=119,
            reasoning_tokens=69,
            output_audio_tokens=10,
        ),
        "gemini-2.5-flash",
        "priority",
    ),
    "gemini_image_output": Expected(
        "gemini",
        Usage(input_tokens=113, input_image_tokens=70, output_tokens=1_680, output_image_tokens=1_600),
        "gemini-3-pro-image",
    ),
    # Two different queries that are not empty; the 18,329 tokens that they found are not billed.
    "gemini_3_web_and_maps": Expected(
        "gemini",
        Usage(input_tokens=151, output_tokens=2_209, reasoning_tokens=1_120, web_searches=2, map_queries=1),
        "gemini-3-flash-preview",
    ),
    "gemini_live": Expected(
        "gemini", Usage(input_tokens=304, input_audio_tokens=28, output_tokens=104, output_audio_tokens=104)
    ),
    # 50 + 900 = 950: here the thoughts are inside the candidates.
    "gemini_inclusive_thoughts": Expected(
        "gemini", Usage(input_tokens=50, output_tokens=900, reasoning_tokens=700), "gemini-2.5-pro-preview-03-25"
    ),
    # ------------------------------------------------------------------ Bedrock
    "bedrock_converse_flex": Expected("bedrock", Usage(input_tokens=13, output_tokens=70), None, "flex"),
    "bedrock_converse_cache_write": Expected(
        "bedrock", Usage(input_tokens=1_324, cache_write_5m_tokens=1_322, output_tokens=5)
    ),
    "bedrock_converse_cache_read": Expected(
        "bedrock", Usage(input_tokens=1_324, cache_read_tokens=1_322, output_tokens=5)
    ),
    "bedrock_converse_stream": Expected(
        "bedrock",
        Usage(
            input_tokens=1_040,
            cache_read_tokens=600,
            cache_write_5m_tokens=100,
            cache_write_1h_tokens=300,
            output_tokens=9,
        ),
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "standard",
    ),
    "bedrock_invoke_claude": Expected(
        "bedrock", Usage(input_tokens=2_010, cache_read_tokens=2_000, output_tokens=30), "claude-sonnet-4-5-20250929"
    ),
    "bedrock_invoke_claude_stream": Expected(
        "bedrock", Usage(input_tokens=10, output_tokens=25), "claude-3-7-sonnet-20250219"
    ),
    "bedrock_invoke_nova": Expected("bedrock", Usage(input_tokens=6, output_tokens=30)),
    # ------------------------------------------------------------------ LiteLLM
    "litellm_anthropic": Expected(
        "litellm",
        Usage(
            input_tokens=1_500,
            cache_read_tokens=1_000,
            cache_write_5m_tokens=100,
            cache_write_1h_tokens=300,
            output_tokens=300,
            reasoning_tokens=120,
            web_searches=2,
        ),
        "claude-sonnet-4-5",
        "standard",
        region="us",
    ),
    "litellm_gemini_search": Expected(
        "litellm",
        Usage(input_tokens=151, output_tokens=2_209, reasoning_tokens=1_120, web_searches=2, map_queries=1),
        "gemini-3-flash-preview",
    ),
    # ------------------------------------------------------------------ OpenTelemetry
    "otel_current": Expected(
        "otel",
        Usage(
            input_tokens=811,
            cache_read_tokens=640,
            cache_write_5m_tokens=100,
            output_tokens=92,
            reasoning_tokens=30,
        ),
        "gpt-4.1-2026-04-14",
        "standard",
        "openai",
    ),
    "otel_older": Expected("otel", Usage(input_tokens=100, output_tokens=20), "gemini-2.5-flash", None, "google"),
    # 2 + 1,322 + 5 = 1,329: this instrumentation reports cached tokens beside the input.
    "otel_bedrock_cached_beside": Expected(
        "otel",
        Usage(input_tokens=1_324, cache_read_tokens=1_322, output_tokens=5),
        "us.anthropic.claude-sonnet-4-5",
        None,
        "bedrock",
    ),
    "otel_otlp_json": Expected(
        "otel",
        Usage(input_tokens=1_200, cache_read_tokens=1_024, output_tokens=150),
        "claude-haiku-4-5",
        None,
        "anthropic",
    ),
}

BAD: Final = {
    "bad_anthropic_advisor": "anthropic",
    "bad_anthropic_compaction_stream": "anthropic",
    "bad_openrouter_advisor": "openai",
    "bad_realtime_more_cached_than_input": "openai",
}
"""Responses that no single ``Usage`` describes, and the reader that has to say so."""
