"""
Gemini: ``usageMetadata`` of the API, ``usage_metadata`` of the google-genai SDK, and of the Live API.

``promptTokenCount`` includes what was cached; ``candidatesTokenCount`` leaves out the thoughts, which are billed
as output (a few early models counted them in; the total tells). ``toolUsePromptTokenCount`` stands beside the
prompt: it is billed as input for a page, a file or code, and not billed for what Google Search or Maps found,
whose searches have a fee instead. JSON made from Google's messages leaves out zeros.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, cast

from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError
from llm_tradeoffs.money import token_count
from llm_tradeoffs.responses._fields import check_cached_media, entries, first, get, part, record, refuse_unknown, text
from llm_tradeoffs.responses._reading import Counts, Reading, usage_from
from llm_tradeoffs.responses._shapes import is_list, refuse

__all__ = ["from_gemini"]

_HINT: Final = (
    "It is in usageMetadata (usage_metadata in the SDK); in a stream the last chunk has the final counts. "
    "Hand over that chunk, or the list of all chunks."
)
_TIERS: Final = {
    "unspecified": "standard",  # "default service tier, which is standard"
    "on_demand": "standard",
    "on_demand_priority": "priority",
    "on_demand_flex": "flex",
    "traffic_type_unspecified": None,
}
_MEDIA: Final = {
    "TEXT": "",
    "MODALITY_UNSPECIFIED": "",  # "treated as TEXT"
    "AUDIO": "audio",
    "IMAGE": "image",
    "VIDEO": "video",
    "DOCUMENT": "image",  # pages are read, and billed, as images
}
_COUNTS: Final = (
    "promptTokenCount",
    "cachedContentTokenCount",
    "candidatesTokenCount",
    "responseTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "totalTokenCount",
)
_DETAILS: Final = (
    "promptTokensDetails",
    "cacheTokensDetails",
    "candidatesTokensDetails",
    "responseTokensDetails",
    "toolUsePromptTokensDetails",
)
_PER_PROMPT: Final = re.compile(r"gemini-[12]\b")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


_SNAKE: Final = {name: _snake(name) for name in _COUNTS}
_KNOWN: Final = frozenset({*_COUNTS, *_SNAKE.values(), *_DETAILS, *(_snake(name) for name in _DETAILS)})


def from_gemini(response: object) -> Reading:
    """
    What a response of Gemini says about its call.

    The object of the SDK or the JSON of the API, the last chunk of a stream or the list of all of them.

    Args:
        response: The response.

    Raises:
        InvalidTypeError: A count is missing, null or no whole number, or this is no response at all.
        InvalidValueError: It states no usage, is another provider's, sums up several calls, or has counts that
            this release does not know.
        ImpossibleUsageError: Its counts contradict each other.
    """
    source = _last(response) if is_list(response) else response
    usage = _usage_in(source)
    if usage is None:
        refuse(response, "gemini", _HINT)
    candidates = _candidates(response)
    model = cast("str | None", first(source, "modelVersion", "model_version"))
    if model is not None and not isinstance(model, str):
        raise InvalidTypeError(f"modelVersion is {model!r} of type {type(model).__name__}; expected a str.")
    return Reading(
        usage=usage_from(_counts(usage, candidates, model)),
        model=model,
        service_tier=_tier(usage),
        provider="google",
    )


def _counts(usage: Any, candidates: list[Any], model: str | None) -> Counts:
    initial = get(usage, "_initial_prompt_token_count")
    if initial is not None and initial != get(usage, "prompt_token_count"):
        raise InvalidValueError(
            "usage_metadata is the sum of several requests with which the SDK continued an answer; thresholds and fees "
            "hold for one call. Read the response of each request, price it, and add the costs."
        )
    refuse_unknown(usage, _KNOWN, "usageMetadata")
    stated = {name: part("usageMetadata", (usage, name), (usage, _SNAKE[name])) for name in _COUNTS}
    if first(usage, "promptTokenCount", "prompt_token_count") is None and not stated["totalTokenCount"]:
        raise InvalidTypeError(
            "usageMetadata states neither promptTokenCount nor totalTokenCount: they are null or missing, which is "
            f"unknown and not 0. {_HINT}"
        )
    by_medium = {
        "input": _media(usage, "promptTokensDetails", "prompt_tokens_details"),
        "cache_read": _media(usage, "cacheTokensDetails", "cache_tokens_details"),
        "output": _media(usage, "candidatesTokensDetails", "candidates_tokens_details")
        or _media(usage, "responseTokensDetails", "response_tokens_details"),
    }
    searches, maps = _grounding(candidates, model)
    billed_tools = _billed_tool_tokens(stated["toolUsePromptTokenCount"], candidates, bool(searches or maps))
    of_tools = _media(usage, "toolUsePromptTokensDetails", "tool_use_prompt_tokens_details")
    for medium, count in of_tools.items() if billed_tools else ():
        by_medium["input"][medium] = by_medium["input"].get(medium, 0) + count
    counts: Counts = {
        "input_tokens": stated["promptTokenCount"] + billed_tools,
        "cache_read_tokens": stated["cachedContentTokenCount"] or sum(by_medium["cache_read"].values()),
        "output_tokens": _produced(stated),
        "reasoning_tokens": stated["thoughtsTokenCount"],
        "web_searches": searches,
        "map_queries": maps,
    }
    for side, media in by_medium.items():
        for medium, count in media.items():
            if medium:
                counts[f"{side}_{medium}_tokens"] = count
    check_cached_media(counts)
    return counts


def _produced(stated: dict[str, int]) -> int:
    """All tokens produced, thoughts included, by the reading that agrees with the stated total."""
    answer = stated["candidatesTokenCount"] or stated["responseTokenCount"]
    thoughts, total = stated["thoughtsTokenCount"], stated["totalTokenCount"]
    sent = stated["promptTokenCount"] + stated["toolUsePromptTokenCount"]
    if not total or total == sent + answer + thoughts:
        return answer + thoughts
    if total == sent + answer:
        return answer
    raise ImpossibleUsageError(
        f"usageMetadata states {stated['promptTokenCount']} tokens of prompt, {stated['toolUsePromptTokenCount']} of "
        f"tool use, {answer} of candidates and {thoughts} of thoughts, but a total of {total}: "
        f"{abs(total - sent - answer - thoughts)} are unaccounted for, and may be billed. Find out what they are, and "
        "state the counts with Usage(...)."
    )


def _media(usage: object, *names: str) -> dict[str, int]:
    """Token counts by medium; text has an empty name."""
    found: dict[str, int] = {}
    where = f"usageMetadata.{names[0]}"
    for entry in entries(usage, where, *names):
        modality = get(entry, "modality")
        count = first(entry, "tokenCount", "token_count")
        number = 0 if count is None else token_count(count, f"{where}.tokenCount")
        name = "TEXT" if modality is None else str.__str__(modality) if isinstance(modality, str) else str(modality)
        if name not in _MEDIA and number:
            raise InvalidValueError(
                f"{where} counts {number} tokens of {name!r}, a medium that this release does not know and that may "
                "have a price of its own. State the counts with Usage(...)."
            )
        medium = _MEDIA.get(name, "")
        found[medium] = found.get(medium, 0) + number
    return found


def _grounding(candidates: list[Any], model: str | None) -> tuple[int, int]:
    """
    Billable searches in the web and on maps.

    Google bills each different query since Gemini 3, and before that each prompt that was grounded.
    """
    web: set[str] = set()
    maps: set[str] = set()
    on_maps = False
    for metadata in _grounding_metadata(candidates):
        chunks = entries(metadata, "groundingChunks", "groundingChunks", "grounding_chunks")
        has_maps = any(get(chunk, "maps") is not None for chunk in chunks) or bool(
            first(metadata, "googleMapsWidgetContextToken", "google_maps_widget_context_token")
        )
        has_web = any(get(chunk, "web") is not None for chunk in chunks)
        on_maps = on_maps or has_maps
        queries = entries(metadata, "webSearchQueries", "webSearchQueries", "web_search_queries")
        (maps if has_maps and not has_web else web).update(
            str(query) for query in queries if query
        )  # empty ones are free
    if model is not None and _PER_PROMPT.search(model):
        return int(bool(web)), int(on_maps)
    return len(web), max(len(maps), 1) if on_maps else 0


def _billed_tool_tokens(tool_tokens: int, candidates: list[Any], grounded: bool) -> int:
    """Tokens of tool results that are billed as input."""
    if not tool_tokens or not grounded:
        return tool_tokens
    if any(first(candidate, "urlContextMetadata", "url_context_metadata") is not None for candidate in candidates):
        raise InvalidValueError(
            f"usageMetadata states {tool_tokens} tokens of tool use, from a search, which are not billed, and from "
            "pages that were opened, which are; it does not say how many of each. State the counts with Usage(...)."
        )
    return 0


def _grounding_metadata(candidates: Iterable[Any]) -> list[Any]:
    found = (first(candidate, "groundingMetadata", "grounding_metadata") for candidate in candidates)
    return [metadata for metadata in found if metadata is not None]


def _candidates(response: object) -> list[Any]:
    chunks = cast("list[object]", response) if is_list(response) else [response]
    return [candidate for chunk in chunks for candidate in entries(chunk, "candidates", "candidates")]


def _tier(usage: object) -> str | None:
    tier = text(usage, "serviceTier") or text(usage, "service_tier")
    tier = tier or text(usage, "trafficType") or text(usage, "traffic_type")
    return None if tier is None else _TIERS.get(tier.lower(), tier.lower())


def _usage_in(source: object) -> Any:
    usage = record(source, "usageMetadata", "usageMetadata", "usage_metadata")
    holder = source if usage is None else usage
    known = any(first(holder, name, _SNAKE[name]) is not None for name in ("promptTokenCount", "totalTokenCount"))
    return holder if known or (usage is not None and first(usage, *_KNOWN) is not None) else None


def _last(response: object) -> object:
    """
    The last chunk that states usage; its counts are cumulative.

    Raises:
        InvalidValueError: There is none, or the list holds several calls.
    """
    stating = [chunk for chunk in cast("list[object]", response) if _usage_in(chunk) is not None]
    if not stating:
        refuse(response, "gemini", _HINT)
    ids = {str(identity) for chunk in stating if (identity := first(chunk, "responseId", "response_id"))}
    if len(ids) > 1:
        raise InvalidValueError(
            f"from_gemini() got chunks of {len(ids)} responses; that is more than one call. Thresholds and fees hold "
            "for one call: read each response by itself, price it, and add the costs."
        )
    return stating[-1]
