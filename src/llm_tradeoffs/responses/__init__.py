"""
What a response of a provider says that its call used.

Each provider counts in its own way: cached tokens inside the input or beside it, reasoning inside the output or
beside it. The readers bring them to the one convention of :class:`~llm_tradeoffs.usage.Usage`, in which each token
is in one place and so is billed once. They take the object that an SDK returned or its JSON, without importing
any SDK; of a stream the last chunk, or the list of all chunks or events.

What a response does not state is not guessed. A missing total, a sum over several calls, counts that contradict
each other, and counts that this release does not know are errors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.responses._anthropic import from_anthropic
from llm_tradeoffs.responses._bedrock import from_bedrock
from llm_tradeoffs.responses._gemini import from_gemini
from llm_tradeoffs.responses._litellm import from_litellm
from llm_tradeoffs.responses._openai import from_openai
from llm_tradeoffs.responses._otel import from_otel
from llm_tradeoffs.responses._reading import Reading
from llm_tradeoffs.responses._shapes import shapes_of

__all__ = [
    "Reading",
    "from_anthropic",
    "from_bedrock",
    "from_gemini",
    "from_litellm",
    "from_openai",
    "from_otel",
    "read_response",
]

_READERS: Final[Mapping[str, Callable[[object], Reading]]] = {
    "openai": from_openai,
    "anthropic": from_anthropic,
    "gemini": from_gemini,
    "bedrock": from_bedrock,
    "litellm": from_litellm,
    "otel": from_otel,
}


def read_response(response: object) -> Reading:
    """
    What a response says about its call, whoever answered.

    >>> read_response({
    ...     "type": "message", "model": "claude-haiku-4-5",
    ...     "usage": {"input_tokens": 176, "cache_read_input_tokens": 1024, "output_tokens": 150},
    ... }).usage
    Usage(input_tokens=1200, cache_read_tokens=1024, output_tokens=150)

    Args:
        response: The object that an SDK returned, its JSON as a dict, or the chunks of a stream as a list.

    Raises:
        InvalidTypeError: It is no response at all, or one of its counts is missing, null or no whole number.
        InvalidValueError: It has the shape of no provider that is known, or of several; or see the readers.
        ImpossibleUsageError: Its counts contradict each other.
    """
    found = shapes_of(response)
    if len(found) == 1:
        return _READERS[found[0]](response)
    if found:
        raise InvalidValueError(
            f"read_response() cannot tell whose response this is; it could be read by {_listed(found)}. "
            "Use the one of your provider."
        )
    if response is None or isinstance(response, str | bytes | bool | int | float):
        raise InvalidTypeError(
            f"read_response() got a {type(response).__name__}; expected a response: the object that the SDK returned, "
            "or its JSON as a dict. Parse a text with json.loads() first."
        )
    raise InvalidValueError(
        f"read_response() found no usage in a {type(response).__name__} that it knows. A stream states it at its end: "
        "in Chat Completions only if it was asked for, with stream_options={'include_usage': True}; hand over the last "
        f"chunk, or the list of all. Known shapes are those of {_listed(_READERS)}; for others state the counts with "
        "Usage(...)."
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"from_{name}()" for name in names)
