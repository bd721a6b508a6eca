"""
OpenAI, and the many services that answer in its shape.

What OpenAI counts: ``prompt_tokens`` (``input_tokens``) include the cached, the cache-written, the audio and
the image tokens; ``completion_tokens`` (``output_tokens``) include reasoning, audio, and the tokens of accepted
and rejected predictions, which are billed like the rest and so need no place of their own.

Others keep the names and not the meaning. xAI's Chat Completions and Perplexity count reasoning beside the
completion, and Gemini's endpoint in this shape leaves its thoughts out of every count but the total. The total
that a response states tells which it is; where it fits no reading, the response is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError
from llm_tradeoffs.responses._fields import (
    amount,
    check_cached_media,
    entries,
    fields,
    get,
    has,
    part,
    record,
    refuse_unknown,
    split_writes,
    text,
    total,
)
from llm_tradeoffs.responses._reading import Counts, Reading, usage_from
from llm_tradeoffs.responses._shapes import is_list, refuse, refuse_other_shapes

__all__ = ["NO_USAGE", "chat_counts", "from_openai", "last_of", "refuse_sums", "tier_of", "usage_in"]

NO_USAGE: Final = (
    "A stream states it in its last chunk, and in Chat Completions only if it was asked for: "
    "stream_options={'include_usage': True}. Hand over that chunk, or the list of all chunks."
)

_TIERS: Final = {
    "default": "standard",
    "on_demand": "standard",  # Groq
    "fast": "priority",  # OpenAI's documentation: a request for "fast" is served, and shown, as "priority"
    "auto": None,  # a wish, not the tier that served the call
}

# The counts that are known, all of which are read but these:
# - text tokens are what is left of a total, and the predictions of OpenAI are inside it;
# - prompt_cache_miss_tokens are checked against the total, tool_use_tokens are searches that are not billed;
# - num_server_side_tools_used is the sum of the tools that are counted by name, and context_details is what the
#   last of several steps held, inside the totals;
# - calls of MCP servers, views of images and searches among tools cost nothing beside their tokens;
# - cost, cost_in_usd_ticks and the times are no counts.
_CHAT: Final = frozenset(
    {
        *("prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details"),
        *("reasoning_tokens", "cached_tokens", "citation_tokens", "num_search_queries", "prompt_audio_seconds"),
        *("prompt_cache_hit_tokens", "prompt_cache_miss_tokens", "cached_prompt_text_tokens", "prompt_text_tokens"),
        *("prompt_image_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"),
        *(
            "server_tool_use",
            "server_tool_use_details",
            "server_side_tools_used",
            "num_server_side_tools_used",
            "server_side_tool_usage_details",
        ),
        *("requests", "input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details"),
    }
)
_PROMPT: Final = frozenset(
    {
        *("cached_tokens", "cache_write_tokens", "cache_creation_tokens", "cache_creation_token_details"),
        *("text_tokens", "audio_tokens", "image_tokens", "video_tokens", "cached_tokens_details", "tool_use_tokens"),
        *("web_search_requests", "google_maps_grounding_requests"),
    }
)
_COMPLETION: Final = frozenset(
    {
        *("reasoning_tokens", "text_tokens", "audio_tokens", "image_tokens", "video_tokens"),
        # Inside completion_tokens, and billed like the rest of them.
        *("accepted_prediction_tokens", "rejected_prediction_tokens"),
    }
)
_RESPONSES: Final = frozenset(
    {
        *("input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details"),
        *("input_token_details", "output_token_details", "requests", "request_usage_entries", "context_details"),
        *("num_server_side_tools_used", "server_side_tool_usage_details", "tool_calls_details"),
    }
)
_INPUT: Final = frozenset(
    {
        *("cached_tokens", "cache_write_tokens", "cached_tokens_details", "cache_read_input_tokens"),
        *("text_tokens", "audio_tokens", "image_tokens"),
    }
)
_OUTPUT: Final = frozenset({"reasoning_tokens", "text_tokens", "audio_tokens", "image_tokens"})
_CACHED_BY_MEDIUM: Final = frozenset({"text_tokens", "audio_tokens", "image_tokens", "video_tokens"})

_TOOLS: Final = {
    "web_search_calls": "web_searches",
    "x_search_calls": "social_searches",
    "code_interpreter_calls": "code_executions",
    "file_search_calls": "file_searches",
}
_TOOLS_BY_NAME: Final = {
    "SERVER_SIDE_TOOL_WEB_SEARCH": "web_searches",
    "SERVER_SIDE_TOOL_X_SEARCH": "social_searches",
    "SERVER_SIDE_TOOL_CODE_EXECUTION": "code_executions",
    "SERVER_SIDE_TOOL_COLLECTIONS_SEARCH": "file_searches",
}
_FREE_TOOLS: Final = frozenset({"mcp_calls", "SERVER_SIDE_TOOL_MCP", "SERVER_SIDE_TOOL_VIEW_IMAGE"})

# Tuples, not sets: what stands in the response may not be hashable.
_SUMS: Final = ("thread.run", "batch")
_WHOLE_ANSWERS: Final = ("chat.completion", "response", "text_completion")
_LAST_EVENTS: Final = ("response.completed", "response.incomplete", "response.failed", "response.done")


def from_openai(response: object) -> Reading:
    """
    What a response in OpenAI's shape says about its call.

    Chat Completions, Responses, embeddings, transcriptions, images and Realtime; the object of the SDK or its
    JSON; the last chunk or event of a stream or the list of all of them; or the usage alone.

    Args:
        response: The response.

    Raises:
        InvalidTypeError: A count is missing, null or no whole number, or this is no response at all.
        InvalidValueError: It states no usage, is another provider's, sums up several calls, or has counts that
            this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    source = last_of(response, "openai", _answer_in) if is_list(response) else _answer_in(response)
    usage = usage_in(source)
    if usage is None:
        refuse(response, "openai", NO_USAGE)
    refuse_sums(source, usage)
    if get(usage, "type") == "duration":
        counts: Counts = {"input_audio_seconds": amount(usage, "usage", "seconds")}
        if not has(usage, "seconds"):
            raise InvalidTypeError("usage is of the type 'duration' but states no seconds. State them with Usage(...).")
    elif has(usage, "prompt_tokens"):
        counts = chat_counts(usage, text(source, "model"))
    elif has(usage, "input_tokens") or has(usage, "output_tokens"):
        refuse_other_shapes(source, "openai")
        counts = _responses_counts(source, usage)
        refuse_unknown(usage, _RESPONSES, "usage")
    else:
        refuse(response, "openai", NO_USAGE)
    return Reading(
        usage=usage_from(counts),
        model=text(source, "model"),
        service_tier=tier_of(source, usage),
        provider=_provider(source, usage),
    )


def tier_of(source: object, usage: object) -> str | None:
    """The tier that served the call, in our words where we have one."""
    tier = text(source, "service_tier") or text(usage, "service_tier")  # Mistral has it in the usage
    return _TIERS.get(tier, tier) if tier is not None else None


def last_of(response: object, wanted: str, answer_in: Callable[[object], object]) -> object:
    """
    The answer that states the usage of a stream: the last one that states any.

    Raises:
        InvalidValueError: There is none, or the list holds several calls.
    """
    stating = [
        answer
        for answer in (answer_in(item) for item in cast("list[object]", response))
        if usage_in(answer) is not None
    ]
    if not stating:
        refuse(response, wanted, NO_USAGE)
    ids = {str(identity) for identity in (get(answer, "id") for answer in stating) if identity}
    if len(ids) > 1 or (len(stating) > 1 and any(get(answer, "object") in _WHOLE_ANSWERS for answer in stating)):
        raise InvalidValueError(
            f"from_{wanted}() got a list in which {len(stating)} answers state usage; that is more than one call. "
            "Thresholds and fees hold for one call: read each answer by itself, price it, and add the costs."
        )
    return stating[-1]


def chat_counts(usage: Any, model: str | None) -> Counts:
    """The counts of a usage in the shape of Chat Completions; LiteLLM's is the same with more fields."""
    prompt = record(usage, "usage.prompt_tokens_details", "prompt_tokens_details")
    completion = record(usage, "usage.completion_tokens_details", "completion_tokens_details")
    counts: Counts = {
        "input_tokens": total(usage, "usage", "prompt_tokens"),
        "cache_read_tokens": part(
            "usage",
            (prompt, "cached_tokens"),
            (usage, "cached_tokens"),
            (usage, "prompt_cache_hit_tokens"),
            (usage, "cached_prompt_text_tokens"),
            (usage, "cache_read_input_tokens"),
        ),
        "input_audio_tokens": part("usage.prompt_tokens_details", (prompt, "audio_tokens")),
        "input_image_tokens": part(
            "usage.prompt_tokens_details", (prompt, "image_tokens"), (usage, "prompt_image_tokens")
        ),
        "input_video_tokens": part("usage.prompt_tokens_details", (prompt, "video_tokens")),
        "output_tokens": 0,
        "reasoning_tokens": part("usage", (completion, "reasoning_tokens"), (usage, "reasoning_tokens")),
        "citation_tokens": part("usage", (usage, "citation_tokens")),
        "output_audio_tokens": part("usage.completion_tokens_details", (completion, "audio_tokens")),
        "output_image_tokens": part("usage.completion_tokens_details", (completion, "image_tokens")),
        "output_video_tokens": part("usage.completion_tokens_details", (completion, "video_tokens")),
        "input_audio_seconds": amount(usage, "usage", "prompt_audio_seconds"),
    }
    _add_cache_writes(usage, prompt, counts)
    _add_cached_media(prompt, counts, "usage.prompt_tokens_details")
    counts["output_tokens"] = _completion_tokens(usage, prompt, counts, model)
    missed = get(usage, "prompt_cache_miss_tokens")
    if (
        missed is not None
        and part("usage", (usage, "prompt_cache_miss_tokens")) + counts["cache_read_tokens"] != counts["input_tokens"]
    ):
        raise ImpossibleUsageError(
            f"usage states {counts['cache_read_tokens']} cached and {missed} uncached tokens, which do not make its "
            f"prompt_tokens, {counts['input_tokens']}. Find out which is right, and state the counts with Usage(...)."
        )
    _add_tools(usage, prompt, counts)
    refuse_unknown(usage, _CHAT, "usage")
    if prompt is not None:
        refuse_unknown(prompt, _PROMPT, "usage.prompt_tokens_details")
    if completion is not None:
        refuse_unknown(completion, _COMPLETION, "usage.completion_tokens_details")
    return counts


class _Account(NamedTuple):
    """One way to understand the counts, and the total that a response would then state."""

    stated_total: int
    output: int
    reasoning: int


def _completion_tokens(usage: object, prompt: object, counts: Counts, model: str | None) -> int:
    """
    All tokens produced, by the reading that agrees with the total that the response states.

    Sets the reasoning tokens that only the total shows.
    """
    given = cast("dict[str, int]", counts)
    sent, reasoning, citations = given["input_tokens"], given["reasoning_tokens"], given["citation_tokens"]
    stated = part("usage", (usage, "total_tokens"))  # some services write 0 where they do not know it
    if not has(usage, "completion_tokens"):
        if stated and stated == sent:
            return 0  # an embedding produces no tokens and so states none
        total(usage, "usage", "completion_tokens")
    produced = total(usage, "usage", "completion_tokens")
    if citations or has(usage, "num_search_queries"):
        # Perplexity: reasoning and citations are billed beside the completion, and its total leaves them out.
        everything = produced + reasoning + citations
        if not stated or stated in (sent + produced, sent + everything):
            return everything
    inside = _Account(sent + produced, produced, reasoning)
    beside = _Account(sent + produced + reasoning, produced + reasoning, reasoning)
    if not stated:
        return (beside if _is_xai(usage, model) else inside).output
    if stated == inside.stated_total:
        return inside.output
    if stated == beside.stated_total:
        return beside.output
    # LiteLLM leaves what a search of Gemini found out of prompt_tokens, since it is not billed.
    if stated == inside.stated_total + part("usage.prompt_tokens_details", (prompt, "tool_use_tokens")):
        return inside.output
    if not reasoning and stated > inside.stated_total and _is_gemini(model):
        counts["reasoning_tokens"] = stated - inside.stated_total
        return stated - sent
    raise ImpossibleUsageError(
        f"usage states {sent} prompt_tokens, {produced} completion_tokens and {reasoning} reasoning tokens, but a "
        f"total of {stated}: {abs(stated - inside.stated_total)} tokens are unaccounted for, and may be billed. Find "
        "out what they are, and state the counts with Usage(...)."
    )


def _responses_counts(source: Any, usage: Any) -> Counts:
    """The counts of a usage in the shape of Responses, images, transcriptions and Realtime."""
    sent = record(usage, "usage.input_tokens_details", "input_tokens_details", "input_token_details")
    produced = record(usage, "usage.output_tokens_details", "output_tokens_details", "output_token_details")
    where_in, where_out = "usage.input_tokens_details", "usage.output_tokens_details"
    counts: Counts = {
        "input_tokens": total(usage, "usage", "input_tokens"),
        "cache_read_tokens": part(where_in, (sent, "cached_tokens"), (sent, "cache_read_input_tokens")),
        "cache_write_5m_tokens": part(where_in, (sent, "cache_write_tokens")),
        "input_audio_tokens": part(where_in, (sent, "audio_tokens")),
        "input_image_tokens": part(where_in, (sent, "image_tokens")),
        "output_tokens": total(usage, "usage", "output_tokens"),
        "reasoning_tokens": part(where_out, (produced, "reasoning_tokens")),
        "output_audio_tokens": part(where_out, (produced, "audio_tokens")),
        "output_image_tokens": part(where_out, (produced, "image_tokens")),
    }
    if produced is None and (has(source, "data") or str(get(source, "type")).startswith("image_")):
        counts["output_image_tokens"] = counts["output_tokens"]  # "the number of image tokens in the output image"
    _add_cached_media(sent, counts, where_in)
    stated = get(usage, "total_tokens")
    if stated is not None:
        stated = part("usage", (usage, "total_tokens"))
        inside = counts["input_tokens"] + counts["output_tokens"]
        if stated == inside + counts["reasoning_tokens"]:
            counts["output_tokens"] += counts["reasoning_tokens"] if stated != inside else 0
        elif stated != inside:
            raise ImpossibleUsageError(
                f"usage states {counts['input_tokens']} input_tokens and {counts['output_tokens']} output_tokens, but "
                f"a total of {stated}. Find out what the rest is, and state the counts with Usage(...)."
            )
    _add_tools(usage, None, counts)
    _add_output_calls(source, usage, counts)
    if sent is not None:
        refuse_unknown(sent, _INPUT, where_in)
    if produced is not None:
        refuse_unknown(produced, _OUTPUT, where_out)
    return counts


def _add_cache_writes(usage: object, prompt: object, counts: Counts) -> None:
    by_time = record(prompt, "usage.prompt_tokens_details.cache_creation_token_details", "cache_creation_token_details")
    if by_time is None:
        by_time = record(usage, "usage.cache_creation", "cache_creation")
    counts["cache_write_5m_tokens"], counts["cache_write_1h_tokens"] = split_writes(
        "usage",
        part(
            "usage",
            (prompt, "cache_write_tokens"),
            (prompt, "cache_creation_tokens"),
            (usage, "cache_creation_input_tokens"),
        ),
        part("usage", (by_time, "ephemeral_5m_input_tokens")),
        part("usage", (by_time, "ephemeral_1h_input_tokens")),
    )


def _add_cached_media(sent: object, counts: Counts, where: str) -> None:
    """How cached tokens overlap with audio and images: stated in Realtime, elsewhere only as far as it is certain."""
    by_medium = record(sent, f"{where}.cached_tokens_details", "cached_tokens_details")
    if by_medium is None:
        check_cached_media(counts)
        return
    refuse_unknown(by_medium, _CACHED_BY_MEDIUM, f"{where}.cached_tokens_details")
    for medium in ("audio", "image", "video"):
        counts[f"cache_read_{medium}_tokens"] = part(f"{where}.cached_tokens_details", (by_medium, f"{medium}_tokens"))


def _add_tools(usage: object, prompt: object, counts: Counts) -> None:
    """The tools of the provider that the usage itself counts."""
    used: dict[str, int] = {}
    calls = record(usage, "usage.server_side_tool_usage_details", "server_side_tool_usage_details")
    if calls is not None:
        refuse_unknown(calls, _FREE_TOOLS | frozenset(_TOOLS), "usage.server_side_tool_usage_details")
        for name, meter in _TOOLS.items():
            used[meter] = used.get(meter, 0) + part("usage.server_side_tool_usage_details", (calls, name))
    for name in entries(usage, "usage.server_side_tools_used", "server_side_tools_used"):
        if not isinstance(name, str) or (name not in _TOOLS_BY_NAME and name not in _FREE_TOOLS):
            raise InvalidValueError(
                f"usage.server_side_tools_used names {name!r}, a tool that this release does not know and that may be "
                "billed. State the counts with Usage(...)."
            )
        if name in _TOOLS_BY_NAME:
            used[_TOOLS_BY_NAME[name]] = used.get(_TOOLS_BY_NAME[name], 0) + 1
    counts.update(used)
    # OpenRouter counts other tools, such as an advisor of another model, by calls alone: these are refused.
    tools = record(usage, "usage.server_tool_use", "server_tool_use", "server_tool_use_details")
    if tools is not None:
        refuse_unknown(tools, frozenset({"web_search_requests", "tool_search_requests"}), "usage.server_tool_use")
    searches = part(
        "usage",
        (usage, "num_search_queries"),
        (prompt, "web_search_requests"),
        (tools, "web_search_requests"),
    )
    counts["web_searches"] = searches or counts.get("web_searches", 0)
    counts["map_queries"] = part("usage.prompt_tokens_details", (prompt, "google_maps_grounding_requests"))


def _add_output_calls(source: object, usage: object, counts: Counts) -> None:
    """The tools of the provider that only the output of a Responses call shows."""
    reported = record(source, "tool_usage", "tool_usage")
    images = record(reported, "tool_usage.image_gen", "image_gen")
    if part("tool_usage.image_gen", (images, "total_tokens")):
        raise InvalidValueError(
            f"the response made images with {get(images, 'total_tokens')} tokens of another model, beside its own "
            "usage: two calls with two prices. Price response.usage and response.tool_usage.image_gen apart, each with "
            "its own model."
        )
    if has(usage, "server_side_tool_usage_details") or has(usage, "tool_calls_details"):
        _add_invocations(usage, counts)
        return
    output = entries(source, "output", "output") if has(source, "output") else ()
    kinds = [(get(item, "type"), item) for item in output]
    searches = record(reported, "tool_usage.web_search", "web_search")
    if has(searches, "num_requests"):
        counts["web_searches"] = part("tool_usage.web_search", (searches, "num_requests"))
    else:
        counts["web_searches"] += sum(1 for kind, item in kinds if kind == "web_search_call" and _is_search(item))
    counts["file_searches"] = sum(1 for kind, _ in kinds if kind == "file_search_call")


def _add_invocations(usage: object, counts: Counts) -> None:
    # Perplexity's Agent API.
    details = record(usage, "usage.tool_calls_details", "tool_calls_details")
    if details is None:
        return
    for name, tool in fields(details):
        if name != "search_web" and get(tool, "invocation"):
            raise InvalidValueError(
                f"usage.tool_calls_details counts calls of {name!r}, a tool that this release does not know and that "
                "may be billed. State the counts with Usage(...)."
            )
    search = record(details, "usage.tool_calls_details.search_web", "search_web")
    counts["web_searches"] += part("usage.tool_calls_details.search_web", (search, "invocation"))


def _is_search(call: object) -> bool:
    """Opening a page and searching in it are calls of the same tool, without a fee."""
    action = get(call, "action")
    return action is None or get(action, "type") in (None, "search")


def _answer_in(response: object) -> object:
    """The response inside an event of a stream; anything else is itself the answer."""
    kind = get(response, "type")
    if isinstance(kind, str) and kind.startswith("response.") and has(response, "response"):
        answer = get(response, "response")
        if kind not in _LAST_EVENTS and not has(answer, "usage"):
            return response
        return answer
    return response


def usage_in(source: object) -> Any:
    usage = record(source, "usage", "usage")
    if usage is not None:
        return usage
    groq = get(source, "x_groq")  # in streams
    if groq is not None and has(groq, "usage"):
        return get(groq, "usage")
    bare = has(source, "prompt_tokens") or (has(source, "input_tokens") and has(source, "output_tokens"))
    return source if bare else None


def refuse_sums(source: object, usage: object) -> None:
    """
    Refuse what an agent framework, or the provider for a run or a batch, has added up.

    Raises:
        InvalidValueError: The usage is that of several calls, or of none.
    """
    requests = get(usage, "requests")
    summed = None
    if requests is not None and requests != 1:
        summed = f"{requests} requests"
    elif len(entries(usage, "usage.iterations", "iterations")) > 1:
        summed = "several calls of Anthropic's models, which usage.iterations lists"  # by LiteLLM
    elif len(entries(get(source, "usage_breakdown"), "usage_breakdown.models", "models")) > 1:
        summed = "calls of several models, which usage_breakdown lists"  # Groq's compound systems
    elif get(source, "object") in _SUMS:
        summed = f"all calls of a {get(source, 'object')}"
    if summed:
        raise InvalidValueError(
            f"usage is the sum of {summed}; thresholds and fees hold for one call. Read the usage of each request "
            "(request_usage_entries, run steps, lines of a batch, or the raw responses), price it, and add the costs."
        )


def _is_xai(usage: object, model: str | None) -> bool:
    marks = ("cached_prompt_text_tokens", "num_sources_used", "cost_in_usd_ticks", "server_side_tools_used")
    return any(has(usage, mark) for mark in marks) or (model is not None and "grok-" in model)


def _is_gemini(model: str | None) -> bool:
    return model is not None and "gemini-" in model


def _provider(source: object, usage: object) -> str:
    if isinstance(get(source, "provider"), str):
        return "openrouter"  # it names the provider behind it
    model = text(source, "model")
    if _is_xai(usage, model):
        return "xai"
    if has(usage, "prompt_cache_hit_tokens"):
        return "deepseek"
    perplexity = ("citation_tokens", "num_search_queries", "search_context_size", "tool_calls_details")
    if any(has(usage, mark) for mark in perplexity):
        return "perplexity"
    if has(source, "x_groq"):
        return "groq"
    if _is_gemini(model):
        return "google"
    return "openai"
