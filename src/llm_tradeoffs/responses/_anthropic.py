"""
Anthropic's Messages.

``input_tokens`` are only what was neither read from a cache nor written to one: the three together are what
was sent. ``output_tokens`` include thinking. Searches are counted in ``server_tool_use``; fetched pages cost
nothing beside their tokens.
"""

from __future__ import annotations

from typing import Any, Final, cast

from llm_tradeoffs.errors import InvalidValueError
from llm_tradeoffs.responses._fields import entries, get, has, part, record, refuse_unknown, split_writes, text, total
from llm_tradeoffs.responses._reading import Counts, Reading, usage_from
from llm_tradeoffs.responses._shapes import BEDROCK_METRICS, is_list, refuse, refuse_other_shapes

__all__ = ["from_anthropic", "region_of", "tier_at_speed"]

_HINT: Final = (
    "A stream states it in its events message_start and message_delta: hand over the list of all events, or the final "
    "message that the SDK collects."
)
_USAGE: Final = frozenset(
    {
        *("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"),
        *("server_tool_use", "output_tokens_details", "iterations", "fallback_credit"),
        # What Bedrock adds to the last event of a stream.
        *("inputTokenCount", "outputTokenCount", "cacheReadInputTokenCount", "cacheWriteInputTokenCount"),
    }
)
_TOOLS: Final = frozenset({"web_search_requests", "web_fetch_requests"})
_MERGED: Final = (
    *("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"),
    *("server_tool_use", "output_tokens_details", "iterations", "fallback_credit", "service_tier", "speed"),
    "inference_geo",
)


def from_anthropic(response: object) -> Reading:
    """
    What a response of Anthropic's Messages says about its call.

    The object of the SDK or its JSON, or the list of the events of a stream.

    Args:
        response: The response.

    Raises:
        InvalidTypeError: A count is missing, null or no whole number, or this is no response at all.
        InvalidValueError: It states no usage, is another provider's, an unfinished stream or a sum over several
            calls of a model, or has counts that this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    message = _collected(response) if is_list(response) else response
    if not is_list(response) and get(response, "type") in ("message_start", "message_delta"):
        raise InvalidValueError(
            f"from_anthropic() got the one event {get(response, 'type')}, which states a part of the usage. {_HINT}"
        )
    if get(message, "type") == "message_stop" and has(message, "message"):
        message = get(message, "message")  # the SDK's event carries what it collected
    usage = record(message, "usage", "usage")
    if usage is None and has(message, "input_tokens") and has(message, "output_tokens"):
        usage = message
    if usage is None or not (has(usage, "input_tokens") or has(usage, "output_tokens")):
        refuse(response, "anthropic", _HINT)
    if get(message, "type") not in ("message", "message_stop"):
        refuse_other_shapes(response, "bedrock" if str(get(message, "id")).startswith("msg_bdrk_") else "anthropic")
    return Reading(
        usage=usage_from(_counts(usage)),
        model=text(message, "model"),
        service_tier=tier_at_speed(usage),
        provider="anthropic",
        region=region_of(usage),
    )


def _counts(usage: Any) -> Counts:
    _refuse_sums(usage)
    by_time = record(usage, "usage.cache_creation", "cache_creation")
    produced = record(usage, "usage.output_tokens_details", "output_tokens_details")
    tools = record(usage, "usage.server_tool_use", "server_tool_use")
    read = part("usage", (usage, "cache_read_input_tokens"))
    five_minutes, one_hour = split_writes(
        "usage",
        part("usage", (usage, "cache_creation_input_tokens")),
        part("usage.cache_creation", (by_time, "ephemeral_5m_input_tokens")),
        part("usage.cache_creation", (by_time, "ephemeral_1h_input_tokens")),
    )
    refuse_unknown(usage, _USAGE, "usage")
    if by_time is not None:
        known = frozenset({"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"})
        refuse_unknown(by_time, known, "usage.cache_creation")
    if produced is not None:
        refuse_unknown(produced, frozenset({"thinking_tokens"}), "usage.output_tokens_details")
    if tools is not None:
        refuse_unknown(tools, _TOOLS, "usage.server_tool_use")
    return {
        "input_tokens": total(usage, "usage", "input_tokens") + read + five_minutes + one_hour,
        "cache_read_tokens": read,
        "cache_write_5m_tokens": five_minutes,
        "cache_write_1h_tokens": one_hour,
        "output_tokens": total(usage, "usage", "output_tokens"),
        "reasoning_tokens": part("usage.output_tokens_details", (produced, "thinking_tokens")),
        "web_searches": part("usage.server_tool_use", (tools, "web_search_requests")),
    }


def _refuse_sums(usage: object) -> None:
    """
    Refuse a usage that is not that of one call of one model.

    Several iterations are several calls; what a compaction or an advisor used is missing from the sum, and
    an advisor and a fallback are another model. One iteration that is the whole usage is one call.

    Raises:
        InvalidValueError: The usage says so.
    """
    iterations = entries(usage, "usage.iterations", "iterations")
    names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    if iterations and not (
        len(iterations) == 1 and all((get(iterations[0], name) or 0) == (get(usage, name) or 0) for name in names)
    ):
        kinds = ", ".join(str(get(iteration, "type")) for iteration in iterations)
        raise InvalidValueError(
            f"usage.iterations lists {len(iterations)} calls of a model ({kinds}); their prices and thresholds hold "
            "for each of them, and usage itself leaves out compactions and advisors. Read each by itself, with "
            'from_anthropic({"model": ..., "usage": iteration}), price it with its own model, and add the costs.'
        )
    status = get(get(usage, "fallback_credit"), "status")
    if get(status, "type") == "redeemed":
        raise InvalidValueError(
            "usage.fallback_credit was redeemed: the call is billed as if the whole conversation had been on this "
            "model, which its own counts do not say. Take this call from the provider's bill."
        )


def tier_at_speed(usage: object) -> str | None:
    """
    The tier of Anthropic's usage; its fast mode is a tier of ours.

    Raises:
        InvalidValueError: Both a tier and a speed are stated that have prices of their own.
    """
    tier, speed = text(usage, "service_tier"), text(usage, "speed")
    if speed in (None, "standard"):
        return tier
    if tier not in (None, "standard"):
        raise InvalidValueError(
            f"usage states the service tier {tier!r} and the speed {speed!r}; no price list has both. "
            "State the counts with Usage(...), and the tier with service_tier=."
        )
    return speed


def region_of(usage: object) -> str | None:
    """Where the call was processed; None where that is anywhere."""
    region = text(usage, "inference_geo")
    return None if region in ("global", "not_available") else region  # anywhere, at the list's prices


def _collected(response: object) -> dict[str, Any]:
    """
    The message that a stream adds up to, as far as its usage goes.

    Counts of later events are cumulative: they replace those before them.

    Raises:
        InvalidValueError: These are not the events of exactly one finished stream.
    """
    events = cast("list[object]", response)
    starts = [event for event in events if get(event, "type") == "message_start"]
    ends = [event for event in events if get(event, "type") == "message_delta" and has(event, "usage")]
    if not starts and not ends:
        refuse(response, "anthropic", _HINT)
    if len(starts) != 1 or not ends:
        raise InvalidValueError(
            f"from_anthropic() got {len(starts)} events message_start and {len(ends)} message_delta with usage; one "
            "call has one of the first and at least one of the second. Hand over all events of one finished stream."
        )
    message = get(starts[0], "message")
    merged: dict[str, Any] = {}
    for usage in (get(message, "usage"), *(get(event, "usage") for event in ends)):
        refuse_unknown(usage, _USAGE, "usage")
        merged |= {name: value for name in _MERGED if (value := get(usage, name)) is not None}
    metrics = [get(event, BEDROCK_METRICS) for event in events if has(event, BEDROCK_METRICS)]
    collected: dict[str, Any] = {"type": "message", "usage": merged, "model": get(message, "model")}
    return collected | ({BEDROCK_METRICS: metrics[-1]} if metrics else {})
