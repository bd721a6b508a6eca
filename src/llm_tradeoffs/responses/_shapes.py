"""Whose response is it? Told by the fields that only one provider has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn, cast

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.responses._fields import first, get, has

__all__ = ["BEDROCK_METRICS", "is_list", "refuse", "refuse_other_shapes", "shapes_of"]

BEDROCK_METRICS: Final = "amazon-bedrock-invocationMetrics"

_NAMES: Final = {
    "openai": "OpenAI's shape",
    "anthropic": "Anthropic's shape",
    "gemini": "Gemini's shape",
    "bedrock": "Amazon Bedrock's shape",
    "litellm": "LiteLLM's shape",
    "otel": "OpenTelemetry attributes",
}
_GEMINI_TOTALS: Final = ("promptTokenCount", "prompt_token_count", "totalTokenCount", "total_token_count")
_ANTHROPIC_TYPES: Final = ("message", "message_start", "message_delta", "message_stop")  # a type may be unhashable
_ANTHROPIC_FIELDS: Final = ("cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation")
_OPENAI_FIELDS: Final = (
    "total_tokens",
    "input_tokens_details",
    "input_token_details",
    "output_token_details",
    "requests",
)
_LITELLM_FIELDS: Final = ("cache_creation_input_tokens", "cache_read_input_tokens", "_cache_read_input_tokens")


def is_list(response: object) -> bool:
    """Whether *response* is a list of chunks or events."""
    return isinstance(response, list | tuple)


def shapes_of(response: object) -> tuple[str, ...]:
    """The shapes that *response* can have, as the readers are called: one, several, or none."""
    if is_list(response):
        for item in reversed(cast("list[object]", response)):
            found = shapes_of(item)
            if found:
                return found
        return ()
    if _is_otel(response):
        return ("otel",)
    gemini = first(response, "usageMetadata", "usage_metadata")
    if any(has(source, name) for source in (gemini, response) if source is not None for name in _GEMINI_TOTALS):
        return ("gemini",)
    usage = _usage_in(response)
    if has(usage, "inputTokens") or has(response, BEDROCK_METRICS):
        return ("bedrock",)
    if has(usage, "prompt_tokens"):
        ours = type(response).__module__.partition(".")[0] == "litellm" or any(has(usage, n) for n in _LITELLM_FIELDS)
        return ("litellm",) if ours else ("openai",)
    if get(usage, "type") == "duration" and has(usage, "seconds"):
        return ("openai",)
    if not has(usage, "input_tokens") and not has(usage, "output_tokens"):
        return ()
    anthropic = get(response, "type") in _ANTHROPIC_TYPES or any(has(usage, name) for name in _ANTHROPIC_FIELDS)
    openai = any(has(usage, name) for name in _OPENAI_FIELDS)
    if anthropic and not openai:
        return ("bedrock",) if str(first(_message_in(response), "id")).startswith("msg_bdrk_") else ("anthropic",)
    return ("openai",) if openai and not anthropic else ("openai", "anthropic")


def refuse_other_shapes(response: object, wanted: str) -> None:
    """
    Refuse a response of another provider.

    Raises:
        InvalidValueError: *response* cannot have the shape *wanted*, but has another one.
    """
    found = shapes_of(response)
    if found and wanted not in found:
        refuse(response, wanted)


def refuse(response: object, wanted: str, hint: str = "") -> NoReturn:
    """
    Say why *response* is not what the reader for *wanted* reads.

    Raises:
        InvalidTypeError: It is nothing that could be a response.
        InvalidValueError: It is a response of another shape, or one without usage.
    """
    asked = f"from_{wanted}() got {_described(response)}"
    if response is None or isinstance(response, str | bytes | bool | int | float):
        raise InvalidTypeError(
            f"{asked}; expected a response: the object that the SDK returned, or its JSON as a dict. "
            "Parse a text with json.loads() first."
        )
    if hasattr(response, "__iter__") and not is_list(response) and not _has_fields(response):
        raise InvalidTypeError(
            f"{asked}, an iterator; reading it would use it up. Collect the chunks into a list and hand that over."
        )
    found = [name for name in shapes_of(response) if name != wanted]
    if found:
        raise InvalidValueError(
            f"{asked}, which has {_NAMES[found[0]]}; providers count the same tokens differently. "
            f"Use from_{found[0]}()."
        )
    raise InvalidValueError(f"{asked}, which states no usage that is in {_NAMES[wanted]}. {hint}".rstrip())


def _described(response: object) -> str:
    if is_list(response):
        return f"a list of {len(cast('list[object]', response))}"
    if isinstance(response, Mapping):
        keys = [str(key) for key in cast("Mapping[object, object]", response)]
        shown = ", ".join(keys[:8]) + (", ..." if len(keys) > 8 else "")
        return f"a mapping with the keys {shown}" if keys else "an empty mapping"
    if response is None or isinstance(response, str | bytes | bool | int | float):
        shown = repr(response)
        return f"{shown if len(shown) <= 60 else shown[:57] + '...'} of type {type(response).__name__}"
    return f"an object of type {type(response).__name__}"


def _has_fields(response: object) -> bool:
    # Pydantic models are iterable, too.
    return isinstance(response, Mapping) or bool(getattr(type(response), "model_fields", None))


def _is_otel(response: object) -> bool:
    attributes = response if _names_gen_ai(response) else get(response, "attributes")
    if isinstance(attributes, list | tuple):
        return any(str(get(entry, "key")).startswith("gen_ai.") for entry in cast("list[object]", attributes))
    return _names_gen_ai(attributes)


def _names_gen_ai(attributes: object) -> bool:
    return isinstance(attributes, Mapping) and any(
        isinstance(name, str) and name.startswith("gen_ai.") for name in cast("Mapping[object, object]", attributes)
    )


def _message_in(response: object) -> object:
    message = get(response, "message")
    return response if message is None else message


def _usage_in(response: object) -> object:
    """The usage, wherever a response or an event of a stream keeps it; a bare usage is its own."""
    usage = get(response, "usage")
    if usage is not None:
        return usage
    for holder in ("response", "message", "metadata", "x_groq"):
        held = get(response, holder)
        if held is not None:
            usage = get(held, "usage")
            if usage is not None:
                return usage
    return response
