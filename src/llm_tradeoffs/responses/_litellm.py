"""
LiteLLM: its own objects, and the JSON of its proxy.

Whatever the provider counts, LiteLLM adds up to OpenAI's meaning: ``prompt_tokens`` include what was cached,
``completion_tokens`` the reasoning. It keeps more parts than OpenAI has.
"""

from __future__ import annotations

from llm_tradeoffs.responses._anthropic import region_of, tier_at_speed
from llm_tradeoffs.responses._fields import get, has, text
from llm_tradeoffs.responses._openai import NO_USAGE, chat_counts, from_openai, last_of, refuse_sums, tier_of, usage_in
from llm_tradeoffs.responses._reading import Reading, usage_from
from llm_tradeoffs.responses._shapes import is_list, refuse

__all__ = ["from_litellm"]

_PROVIDERS = {"gemini": "google", "vertex_ai": "google", "vertex_ai_beta": "google", "bedrock_converse": "bedrock"}


def from_litellm(response: object) -> Reading:
    """
    What a response of LiteLLM says about its call.

    ``ModelResponse``, ``EmbeddingResponse`` or a ``Usage`` alone, the JSON of the proxy, the last chunk of a
    stream or the list of all of them.

    Args:
        response: The response.

    Raises:
        InvalidTypeError: A count is missing, null or no whole number, or this is no response at all.
        InvalidValueError: It states no usage, is another provider's, sums up several calls, or has counts that
            this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    source = last_of(response, "litellm", lambda item: item) if is_list(response) else response
    usage = usage_in(source)
    if usage is None:
        refuse(response, "litellm", NO_USAGE)
    if not has(usage, "prompt_tokens"):
        if not has(usage, "total_tokens") and get(usage, "type") != "duration":
            refuse(response, "litellm", NO_USAGE)
        return from_openai(source)  # responses(), transcription() and image_generation() keep OpenAI's shape
    refuse_sums(source, usage)
    model = text(source, "model")
    return Reading(
        usage=usage_from(chat_counts(usage, model)),
        model=model,
        service_tier=tier_at_speed(usage) if has(usage, "speed") else tier_of(source, usage),
        provider=_provider(source),
        region=region_of(usage),
    )


def _provider(source: object) -> str:
    """The provider behind LiteLLM, if the response says who it was."""
    name = text(get(source, "_hidden_params"), "custom_llm_provider")
    return "litellm" if name is None else _PROVIDERS.get(name, name)
