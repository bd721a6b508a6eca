"""
Amazon Bedrock: Converse, its stream, and the bodies of InvokeModel that state usage.

``inputTokens`` are only what was neither read from a cache nor written to one, as the total that Converse
states shows. A Claude model called by InvokeModel answers in Anthropic's shape. Converse does not name the
model, except where a prompt router chose it.
"""

from __future__ import annotations

from typing import Any, Final, cast

import attrs

from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError
from llm_tradeoffs.responses._anthropic import from_anthropic
from llm_tradeoffs.responses._fields import entries, get, has, part, record, refuse_unknown, split_writes, text
from llm_tradeoffs.responses._reading import Counts, Reading, usage_from
from llm_tradeoffs.responses._shapes import BEDROCK_METRICS, is_list, refuse

__all__ = ["from_bedrock"]

_HINT: Final = (
    "Converse states it in usage, its stream in the event metadata at the end: hand over that event, or the list of "
    "all. Of InvokeModel hand over the body, json.loads(response['body'].read())."
)
_TIERS: Final = {"default": "standard"}
_USAGE: Final = frozenset(
    {
        *("inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens", "cacheWriteInputTokens"),
        *("cacheReadInputTokenCount", "cacheWriteInputTokenCount", "cacheDetails", "serverToolUsage"),
        *("inputTokenCount", "outputTokenCount"),
    }
)


def from_bedrock(response: object) -> Reading:
    """
    What a response of Amazon Bedrock says about its call.

    The response of Converse, the event ``metadata`` of its stream or the list of all events, or the body of
    InvokeModel of a Claude or Nova model. The model is not in a response of Converse: state it where you price.

    Args:
        response: The response.

    Raises:
        InvalidTypeError: A count is missing, null or no whole number, or this is no response at all.
        InvalidValueError: It states no usage, is another provider's, is a trace of an agent, or has counts that
            this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    source = _last(response) if is_list(response) else _event(response)
    if source is None:
        return attrs.evolve(from_anthropic(response), provider="bedrock")
    _refuse_traces(source)
    usage = record(source, "usage", "usage")
    if usage is not None and has(usage, "input_tokens"):
        return attrs.evolve(from_anthropic(source), provider="bedrock")
    if usage is None and has(source, BEDROCK_METRICS):
        usage = record(source, BEDROCK_METRICS, BEDROCK_METRICS)
    if usage is None and has(source, "inputTokens"):
        usage = source
    if usage is None or not any(has(usage, name) for name in ("inputTokens", "outputTokens", "inputTokenCount")):
        refuse(response, "bedrock", _HINT)
    tier = text(record(source, "serviceTier", "serviceTier"), "type")
    router = record(record(source, "trace", "trace"), "trace.promptRouter", "promptRouter")
    return Reading(
        usage=usage_from(_counts(usage)),
        model=text(router, "invokedModelId"),
        service_tier=None if tier is None else _TIERS.get(tier, tier),
        provider="bedrock",
    )


def _counts(usage: Any) -> Counts:
    fresh = _stated(usage, "inputTokens", "inputTokenCount")
    produced = _stated(usage, "outputTokens", "outputTokenCount")
    read = part("usage", (usage, "cacheReadInputTokens"), (usage, "cacheReadInputTokenCount"))
    by_time = {"5m": 0, "1h": 0}
    for detail in entries(usage, "usage.cacheDetails", "cacheDetails"):
        ttl = get(detail, "ttl")
        if not isinstance(ttl, str) or ttl not in by_time:
            raise InvalidValueError(
                f"usage.cacheDetails has tokens written to a cache for {ttl!r}; known are 5m and 1h. State the counts "
                "with Usage(...)."
            )
        by_time[ttl] += part("usage.cacheDetails", (detail, "inputTokens"))
    five_minutes, one_hour = split_writes(
        "usage",
        part("usage", (usage, "cacheWriteInputTokens"), (usage, "cacheWriteInputTokenCount")),
        by_time["5m"],
        by_time["1h"],
    )
    refuse_unknown(usage, _USAGE, "usage")
    tools = record(usage, "usage.serverToolUsage", "serverToolUsage")
    if tools is not None:
        refuse_unknown(tools, frozenset(), "usage.serverToolUsage")
    cached = read + five_minutes + one_hour
    stated = part("usage", (usage, "totalTokens"))
    if stated and stated not in (fresh + produced, fresh + cached + produced):
        raise ImpossibleUsageError(
            f"usage states {fresh} inputTokens, {cached} cached and {produced} outputTokens, but a total of {stated}. "
            "Find out what the rest is, and state the counts with Usage(...)."
        )
    return {
        "input_tokens": fresh + cached,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": five_minutes,
        "cache_write_1h_tokens": one_hour,
        "output_tokens": produced,
    }


def _stated(usage: object, *names: str) -> int:
    if not any(has(usage, name) for name in names):
        raise InvalidTypeError(
            f"usage states no {names[0]}: it is null or missing, which is unknown and not 0. Without it the call "
            "cannot be priced; state the counts that you know with Usage(input_tokens=..., output_tokens=...)."
        )
    return part("usage", *((usage, name) for name in names))


def _event(response: object) -> object:
    """What holds the usage: the event ``metadata`` of a stream has it one level down."""
    metadata = get(response, "metadata")
    return metadata if metadata is not None and has(metadata, "usage") else response


def _refuse_traces(source: object) -> None:
    trace = get(source, "trace")
    steps = get(trace, "trace") if trace is not None else None
    for holder in (trace, steps):
        if holder is not None and any(has(holder, name) for name in _STEPS):
            raise InvalidValueError(
                "from_bedrock() got a trace of an agent, which makes many calls of models. Read each "
                "modelInvocationOutput.metadata by itself, price it, and add the costs."
            )


_STEPS: Final = ("preProcessingTrace", "orchestrationTrace", "postProcessingTrace", "routingClassifierTrace")


def _last(response: object) -> object | None:
    """
    The event that states the usage of a stream; None for the events of a Claude model, which are read together.

    Raises:
        InvalidValueError: There is none, or there are several.
    """
    events = cast("list[object]", response)
    if any(get(event, "type") == "message_start" for event in events):
        return None
    for event in events:
        _refuse_traces(event)
    stating = [
        event for event in (_event(item) for item in events) if has(event, "usage") or has(event, BEDROCK_METRICS)
    ]
    if not stating:
        refuse(response, "bedrock", _HINT)
    if len(stating) > 1:
        raise InvalidValueError(
            f"from_bedrock() got a list in which {len(stating)} events state usage; that is more than one call. "
            "Thresholds and fees hold for one call: read each by itself, price it, and add the costs."
        )
    return stating[0]
