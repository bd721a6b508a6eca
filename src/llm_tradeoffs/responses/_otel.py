"""
OpenTelemetry: the attributes ``gen_ai.*`` of a span, by their current and their older names.

The conventions say that ``gen_ai.usage.input_tokens`` includes what was read from a cache and written to one. Some
instrumentations leave it out; where a span states a total the total tells, elsewhere the convention is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError
from llm_tradeoffs.responses._fields import first, get, has, part, text
from llm_tradeoffs.responses._openai import tier_of
from llm_tradeoffs.responses._reading import Counts, Reading, usage_from
from llm_tradeoffs.responses._shapes import refuse

__all__ = ["from_otel"]

_U: Final = "gen_ai.usage."
# The current name first; where a span has several, they have to agree.
_INPUT: Final = (f"{_U}input_tokens", f"{_U}prompt_tokens")
_OUTPUT: Final = (f"{_U}output_tokens", f"{_U}completion_tokens")
_CACHE_READ: Final = (
    f"{_U}cache_read.input_tokens",
    f"{_U}cache_read_input_tokens",
    f"{_U}input_tokens.cached",
    f"{_U}input_cached_tokens",
    f"{_U}cached_tokens",
    f"{_U}details.cache_read_tokens",
    f"{_U}details.cached_tokens",
)
_CACHE_WRITE: Final = (
    f"{_U}cache_creation.input_tokens",
    f"{_U}cache_creation_input_tokens",
    f"{_U}cache_write_input_tokens",
    f"{_U}input_tokens.cache_write",
    f"{_U}details.cache_write_tokens",
)
_REASONING: Final = (
    f"{_U}reasoning.output_tokens",
    f"{_U}reasoning_tokens",
    f"{_U}output_tokens.reasoning",
    f"{_U}details.reasoning_tokens",
)
_AUDIO_IN: Final = (f"{_U}details.input_audio_tokens", f"{_U}input_audio_tokens")
_AUDIO_OUT: Final = (f"{_U}details.output_audio_tokens", f"{_U}output_audio_tokens")
_TOTAL: Final = (f"{_U}total_tokens", "llm.usage.total_tokens")
_KNOWN: Final = frozenset(
    (*_INPUT, *_OUTPUT, *_CACHE_READ, *_CACHE_WRITE, *_REASONING, *_AUDIO_IN, *_AUDIO_OUT, *_TOTAL)
)
_TIER: Final = ("openai.response.service_tier", "gen_ai.openai.response.service_tier")
_AGENTS: Final = ("invoke_agent", "create_agent", "invoke_workflow")
_PROVIDERS: Final = {
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "gemini": "google",
    "vertex_ai": "google",
    "google-gla": "google",
    "google-vertex": "google",
    "aws.bedrock": "bedrock",
    "aws_bedrock": "bedrock",
    "az.ai.openai": "azure",
    "azure.ai.openai": "azure",
    "az.ai.inference": "azure",
    "azure.ai.inference": "azure",
    "x_ai": "xai",
    "mistral_ai": "mistral",
}


def from_otel(attributes: object) -> Reading:
    """
    What the OpenTelemetry attributes of a span say about the call that it records.

    Args:
        attributes: A mapping of attributes, a finished span with ``attributes``, or a span of an export in
            OTLP/JSON.

    Raises:
        InvalidTypeError: A count is missing, null or no whole number.
        InvalidValueError: There is no usage, the span is that of an agent, which sums up many calls, or it has
            counts that this release does not know.
        ImpossibleUsageError: The counts contradict each other.
    """
    found = _attributes(attributes)
    if found is None or not any(name.startswith("gen_ai.") for name in found):
        refuse(attributes, "otel", "The attributes are named gen_ai.usage.input_tokens and gen_ai.usage.output_tokens.")
    operation = found.get("gen_ai.operation.name")
    if operation in _AGENTS:
        raise InvalidValueError(
            f"the span is one of {operation}, whose usage is the sum of the calls below it. Read the spans of these "
            "calls, price each, and add the costs."
        )
    provider = text(found, "gen_ai.provider.name") or text(found, "gen_ai.system") or "unknown"
    tier = first(found, *_TIER)
    return Reading(
        usage=usage_from(_counts(found)),
        model=text(found, "gen_ai.response.model") or text(found, "gen_ai.request.model"),
        service_tier=tier_of({"service_tier": tier}, None),
        provider=_PROVIDERS.get(provider, provider),
    )


def _counts(found: Mapping[str, Any]) -> Counts:
    for name, value in found.items():
        if name.startswith(_U) and name not in _KNOWN and type(value) is int and value > 0:
            raise InvalidValueError(
                f"the attribute {name} = {value} is a count that this release does not know and that may be billed. "
                "State the counts with Usage(...)."
            )
    sent, produced = _stated(found, _INPUT), _stated(found, _OUTPUT)
    read, written = _part(found, _CACHE_READ), _part(found, _CACHE_WRITE)
    total = _part(found, _TOTAL)
    if total and total != sent + produced:
        if total != sent + read + written + produced:
            raise ImpossibleUsageError(
                f"the span states {sent} input and {produced} output tokens, {read} read from a cache and {written} "
                f"written to one, but a total of {total}. Find out what the rest is, and state the counts with "
                "Usage(...)."
            )
        sent += read + written
    return {
        "input_tokens": sent,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": written,
        "input_audio_tokens": _part(found, _AUDIO_IN),
        "output_tokens": produced,
        "reasoning_tokens": _part(found, _REASONING),
        "output_audio_tokens": _part(found, _AUDIO_OUT),
    }


def _part(found: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return part("the span", *((found, name) for name in names))


def _stated(found: Mapping[str, Any], names: tuple[str, ...]) -> int:
    if not any(has(found, name) for name in names):
        # An embedding produces no tokens.
        if names is _OUTPUT and found.get("gen_ai.operation.name") == "embeddings":
            return 0
        raise InvalidTypeError(
            f"the span states no {names[0]}: it is null or missing, which is unknown and not 0. Without it the call "
            "cannot be priced; state the counts that you know with Usage(input_tokens=..., output_tokens=...)."
        )
    return _part(found, names)


def _attributes(source: object) -> Mapping[str, Any] | None:
    held = get(source, "attributes")
    if held is None:
        held = source
    if isinstance(held, Mapping):
        return {str(name): value for name, value in cast("Mapping[object, Any]", held).items()}
    if isinstance(held, list | tuple):
        return {str(get(entry, "key")): _value(get(entry, "value")) for entry in cast("list[object]", held)}
    return None


def _value(value: object) -> object:
    """The value of an attribute in OTLP/JSON, which writes integers as texts."""
    whole = get(value, "intValue")
    if isinstance(whole, str) and whole.isascii() and whole.isdecimal():
        return int(whole)
    return first(value, "intValue", "stringValue", "doubleValue", "boolValue")
