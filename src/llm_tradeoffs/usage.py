"""
What one call used, each token in exactly one place.

``input_tokens`` and ``output_tokens`` are totals; every other token count is a part of one of them, or of
two parts at once: cached audio is cached and is audio. Counting cached or reasoning tokens a second time,
beside the total that holds them, is the most reported bug of the libraries in this field, so the parts
are checked against their totals here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypedDict

from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.money import Exact, Number, exact, magnitude, plain, token_count

if TYPE_CHECKING:
    from typing import Unpack

__all__ = [
    "COUNTED",
    "FEE_METERS",
    "INPUT_PARTS",
    "METERS",
    "OUTPUT_PARTS",
    "TOKEN_METERS",
    "Usage",
    "UsageCounts",
    "UsageTotal",
    "parent_meters",
]

_CACHE: Final = ("cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")
_INPUT_MEDIA: Final = ("input_audio_tokens", "input_image_tokens", "input_video_tokens")
CROSSED_PARTS: Final = {
    f"{cached.removesuffix('tokens')}{medium.removeprefix('input_')}": (cached, medium)
    for cached in _CACHE
    for medium in _INPUT_MEDIA
}
"""The parts that are in two others at once, ``cache_read_audio_tokens`` in cache reads and in audio."""

INPUT_PARTS: Final = (*_CACHE, *_INPUT_MEDIA)
OUTPUT_PARTS: Final = (
    "reasoning_tokens",
    "citation_tokens",
    "output_audio_tokens",
    "output_image_tokens",
    "output_video_tokens",
)
# Totals come before their parts, and parts before what is in two of them: prices are inherited in this order.
TOKEN_METERS: Final = ("input_tokens", *INPUT_PARTS, *CROSSED_PARTS, "output_tokens", *OUTPUT_PARTS)

_WHOLE: Final = (
    "web_searches",
    "web_searches_low_context",
    "web_searches_high_context",
    "file_searches",
    "social_searches",
    "map_queries",
    "code_executions",
    "code_interpreter_sessions",
    "rerank_searches",
    "input_images",
    "output_images",
    "input_pages",
    "annotated_pages",
    "input_messages",
    "input_characters",
    "output_characters",
    "input_pixels",
    "output_pixels",
)
_CONTINUOUS: Final = (
    "input_audio_seconds",
    "output_audio_seconds",
    "input_video_seconds",
    "output_video_seconds",
    "cache_storage_token_hours",
)
IMPLIED: Final = ("requests", "minimum_charge")
FEE_METERS: Final = (*_WHOLE, *_CONTINUOUS, *IMPLIED)
METERS: Final = TOKEN_METERS + FEE_METERS
"""Everything that a price can be for. Tokens are priced per million, the rest each unless a row says otherwise."""

COUNTED: Final = (*TOKEN_METERS, *_WHOLE, *_CONTINUOUS)
"""What a call states. A request fee and a minimum charge are not counted: a call is one request."""

_PARENTS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(INPUT_PARTS, ("input_tokens",)),
    **CROSSED_PARTS,
    **dict.fromkeys(OUTPUT_PARTS, ("output_tokens",)),
}
TOTAL_OF: Final = {**dict.fromkeys(INPUT_PARTS, "input_tokens"), **dict.fromkeys(OUTPUT_PARTS, "output_tokens")}
"""The total of every part that is in one total only."""

_TOTALS: Final = {"input_tokens": INPUT_PARTS, "output_tokens": OUTPUT_PARTS}
_OF_CROSSED: Final = {
    part: tuple(name for name, parents in CROSSED_PARTS.items() if part in parents) for part in INPUT_PARTS
}
_IS_COUNTED: Final = frozenset(COUNTED)
_IS_CONTINUOUS: Final = frozenset(_CONTINUOUS)
_IS_TOKEN: Final = frozenset(TOKEN_METERS)


class UsageCounts(TypedDict, total=False):
    """The counts of one call by name, as :class:`Usage` describes them."""

    input_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    input_audio_tokens: int
    input_image_tokens: int
    input_video_tokens: int
    cache_read_audio_tokens: int
    cache_read_image_tokens: int
    cache_read_video_tokens: int
    cache_write_5m_audio_tokens: int
    cache_write_5m_image_tokens: int
    cache_write_5m_video_tokens: int
    cache_write_1h_audio_tokens: int
    cache_write_1h_image_tokens: int
    cache_write_1h_video_tokens: int
    output_tokens: int
    reasoning_tokens: int
    citation_tokens: int
    output_audio_tokens: int
    output_image_tokens: int
    output_video_tokens: int
    web_searches: int
    web_searches_low_context: int
    web_searches_high_context: int
    file_searches: int
    social_searches: int
    map_queries: int
    code_executions: int
    code_interpreter_sessions: int
    rerank_searches: int
    input_images: int
    output_images: int
    input_pages: int
    annotated_pages: int
    input_messages: int
    input_characters: int
    output_characters: int
    input_pixels: int
    output_pixels: int
    input_audio_seconds: Number
    output_audio_seconds: Number
    input_video_seconds: Number
    output_video_seconds: Number
    cache_storage_token_hours: Number


def parent_meters(meter: str) -> tuple[str, ...]:
    """What *meter* is a part of: one total, two parts for what is in both, nothing for a total or a fee."""
    return _PARENTS.get(meter, ())


def _checked(counts: Mapping[str, object]) -> dict[str, Exact]:
    """The counts that are not 0, in the order of the meters. Raises for what no call can have counted."""
    found: dict[str, Exact] = {}
    for name, value in counts.items():
        if name not in _IS_COUNTED:
            raise UnknownNameError("count", name, COUNTED)
        if name in _IS_CONTINUOUS:
            amount = exact(value, name)  # type: ignore[arg-type]  # exact refuses the rest
            if amount < 0:
                raise InvalidValueError(f"{name} is {magnitude(amount)}; a duration cannot be negative.")
        else:
            # Converted, not only looked at: an integer of another library may wrap around where an int does not.
            amount = token_count(value, name)
        if amount:
            found[name] = amount
    if found.keys().isdisjoint(_IS_TOKEN) and counts.keys() & (_IS_CONTINUOUS | set(_WHOLE)):
        return {name: found[name] for name in COUNTED if name in found}
    missing = [name for name in _TOTALS if name not in counts]
    if missing:
        raise InvalidTypeError(
            f"the call has no {' and no '.join(missing)}. "
            "Say both input_tokens= and output_tokens= (0 if there was none), or pass a Usage."
        )
    return found if len(found) < 2 else {name: found[name] for name in COUNTED if name in found}


def _check_parts(counts: Mapping[str, Exact]) -> None:
    for total, parts in _TOTALS.items():
        whole = counts.get(total, 0)
        held = {name: counts[name] for name in parts if name in counts}
        both = {name: counts[name] for name in CROSSED_PARTS if name in counts} if parts is INPUT_PARTS else {}
        for name, count in {**held, **both}.items():
            for parent in _PARENTS[name]:
                if count > counts.get(parent, 0):
                    raise ImpossibleUsageError(
                        f"{name} is {count} but {parent} is {counts.get(parent, 0)}: a part cannot exceed the total "
                        f"that contains it. If the provider reports them apart, add {name} to {parent} first."
                    )
        for part in held:
            inside = {name: both[name] for name in _OF_CROSSED.get(part, ()) if name in both}
            _check_sum(part, counts[part], inside, 0)
        _check_sum(total, whole, held, sum(both.values()))


def _check_sum(total: str, whole: Exact, parts: Mapping[str, Exact], counted_twice: Exact) -> None:
    together = sum(parts.values()) - counted_twice
    if together > whole:
        listed = " + ".join(f"{name} {count}" for name, count in parts.items())
        shared = f" (without {counted_twice} that are in two of them)" if counted_twice else ""
        hint = (
            "Check which of them overlap; tokens in two parts are stated as such, as in cache_read_audio_tokens."
            if total == "input_tokens"
            else "Check which of them overlap."
        )
        raise ImpossibleUsageError(
            f"{listed} make {together}{shared}, more than {total}, which is {whole}: "
            f"each token is in one part at most. {hint}"
        )


class Usage:
    """
    What one call used. What is not said is 0; the two totals have to be said where any token is.

    A sum over many calls is not a ``Usage``: prices that depend on the length of a request, and fees
    per request, hold for one call. Price the calls, then add the costs; :class:`UsageTotal` adds counts
    for a report.

    >>> Usage(input_tokens=1_000, output_tokens=150, cache_read_tokens=800).fresh_input_tokens
    200

    Attributes:
        counted: The counts that are not 0, by name, in the order of :data:`METERS`.
        input_tokens: All tokens sent, cached ones included. [tokens]
        cache_read_tokens: Part of the input, read from a prompt cache. [tokens]
        cache_write_5m_tokens: Part of the input, written to a cache for five minutes, or for the only
            time the provider has. [tokens]
        cache_write_1h_tokens: Part of the input, written to a cache for an hour. [tokens]
        input_audio_tokens, input_image_tokens, input_video_tokens: Parts of the input. [tokens]
        cache_read_audio_tokens, ...: What is in a cache part and in a medium at once, so inside both. [tokens]
        output_tokens: All tokens produced, reasoning included. [tokens]
        reasoning_tokens, citation_tokens: Parts of the output. [tokens]
        output_audio_tokens, output_image_tokens, output_video_tokens: Parts of the output. [tokens]
        web_searches: Searches run by the provider's own tool, at the usual size of search context. [searches]
        web_searches_low_context, web_searches_high_context: At another size, where that has a price of its own.
        file_searches, social_searches, map_queries, code_executions, code_interpreter_sessions: Other tools of
            the provider. [calls]
        rerank_searches: Searches of a ranking model. [searches]
        input_images, output_images, input_pages, annotated_pages, input_messages: What is billed by the piece.
        input_characters, output_characters, input_pixels, output_pixels: What is billed by these.
        input_audio_seconds, output_audio_seconds, input_video_seconds, output_video_seconds: Durations; any
            exact number. [s]
        cache_storage_token_hours: Cached tokens times the hours they were kept; any exact number. [tokens·h]

    Raises:
        InvalidTypeError: A count is not an int (a bool, str or float is a bug in the caller), or a total is missing.
        InvalidValueError: A count is negative or above 10^30.
        ImpossibleUsageError: Parts exceed their total.
        UnknownNameError: There is no such count.
    """

    # A plain class over the counts that are not 0: most calls have three of forty.
    __slots__ = ("counted",)

    if TYPE_CHECKING:
        counted: Mapping[str, Exact]
        input_tokens: int
        cache_read_tokens: int
        cache_write_5m_tokens: int
        cache_write_1h_tokens: int
        input_audio_tokens: int
        input_image_tokens: int
        input_video_tokens: int
        cache_read_audio_tokens: int
        cache_read_image_tokens: int
        cache_read_video_tokens: int
        cache_write_5m_audio_tokens: int
        cache_write_5m_image_tokens: int
        cache_write_5m_video_tokens: int
        cache_write_1h_audio_tokens: int
        cache_write_1h_image_tokens: int
        cache_write_1h_video_tokens: int
        output_tokens: int
        reasoning_tokens: int
        citation_tokens: int
        output_audio_tokens: int
        output_image_tokens: int
        output_video_tokens: int
        web_searches: int
        web_searches_low_context: int
        web_searches_high_context: int
        file_searches: int
        social_searches: int
        map_queries: int
        code_executions: int
        code_interpreter_sessions: int
        rerank_searches: int
        input_images: int
        output_images: int
        input_pages: int
        annotated_pages: int
        input_messages: int
        input_characters: int
        output_characters: int
        input_pixels: int
        output_pixels: int
        input_audio_seconds: Exact
        output_audio_seconds: Exact
        input_video_seconds: Exact
        output_video_seconds: Exact
        cache_storage_token_hours: Exact

    def __init__(self, **counts: Unpack[UsageCounts]) -> None:
        held = _checked(counts)
        if len(held) > 1 or counts.keys() - _TOTALS.keys():
            _check_parts(held)
        object.__setattr__(self, "counted", MappingProxyType(held))

    @classmethod
    def from_openai(cls, response: object) -> Usage:
        """
        What a response of OpenAI says it used: Chat Completions, Responses, embeddings, audio.

        Also for the many services that answer in OpenAI's shape. See :mod:`llm_tradeoffs.responses`.
        """
        from llm_tradeoffs.responses import from_openai

        return from_openai(response).usage

    @classmethod
    def from_anthropic(cls, response: object) -> Usage:
        """What a response of Anthropic's Messages says it used. See :mod:`llm_tradeoffs.responses`."""
        from llm_tradeoffs.responses import from_anthropic

        return from_anthropic(response).usage

    @classmethod
    def from_gemini(cls, response: object) -> Usage:
        """What a response of Gemini says it used. See :mod:`llm_tradeoffs.responses`."""
        from llm_tradeoffs.responses import from_gemini

        return from_gemini(response).usage

    @classmethod
    def from_bedrock(cls, response: object) -> Usage:
        """What a response of Amazon Bedrock says it used. See :mod:`llm_tradeoffs.responses`."""
        from llm_tradeoffs.responses import from_bedrock

        return from_bedrock(response).usage

    @classmethod
    def from_litellm(cls, response: object) -> Usage:
        """What a response of LiteLLM says it used. See :mod:`llm_tradeoffs.responses`."""
        from llm_tradeoffs.responses import from_litellm

        return from_litellm(response).usage

    @classmethod
    def from_otel(cls, attributes: object) -> Usage:
        """What the OpenTelemetry attributes ``gen_ai.*`` of a span say. See :mod:`llm_tradeoffs.responses`."""
        from llm_tradeoffs.responses import from_otel

        return from_otel(attributes).usage

    @property
    def fresh_input_tokens(self) -> int:
        """Input tokens that are in none of the input's parts. [tokens]"""
        return int(billed_once(self.counted).get("input_tokens", 0))

    @property
    def total_tokens(self) -> int:
        """Input and output together; each token once. [tokens]"""
        return self.input_tokens + self.output_tokens

    def __getattr__(self, name: str) -> Any:
        if name in _IS_COUNTED:
            return self.counted.get(name, 0)
        raise AttributeError(f"a Usage has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Usage does not change: make another one instead of setting {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Usage does not change: make another one instead of deleting {name}")

    def __dir__(self) -> Iterable[str]:
        return sorted({*super().__dir__(), *COUNTED})

    def __eq__(self, other: object) -> bool:
        return self.counted == other.counted if isinstance(other, Usage) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.counted.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_usage_from, (dict(self._stated()),))

    def _stated(self) -> Iterable[tuple[str, Exact]]:
        """The counts that make this usage again: those that are not 0, and the totals where tokens are counted."""
        needed = () if self.counted and self.counted.keys().isdisjoint(_IS_TOKEN) else tuple(_TOTALS)
        return ((name, self.counted.get(name, 0)) for name in COUNTED if name in self.counted or name in needed)

    def __repr__(self) -> str:
        return f"Usage({', '.join(f'{name}={_literal(count)}' for name, count in self._stated())})"

    if not TYPE_CHECKING:  # so that a type checker refuses it, too

        def __add__(self, other: object) -> NoReturn:
            raise InvalidTypeError(
                "a Usage is one call, and calls cannot be added before they are priced: thresholds and fees hold per "
                "call. Price each call and add the costs; UsageTotal.of(calls) adds the counts for a report."
            )

        __radd__ = __add__


def _literal(count: Exact) -> str:
    return str(count) if isinstance(count, int) else repr(str(count))


def _usage_from(counts: dict[str, Any]) -> Usage:
    return Usage(**counts)


class UsageTotal:
    """
    The counts of many calls together: for a report, never for a price.

    Thresholds, minimum charges and fees per request hold for one call, so nothing prices a sum.

    >>> calls = [Usage(input_tokens=150_000, output_tokens=10), Usage(input_tokens=150_000, output_tokens=20)]
    >>> UsageTotal.of(calls)
    UsageTotal(calls=2, counts={'input_tokens': 300000, 'output_tokens': 30})

    Attributes:
        calls: How many calls. [calls]
        counts: The sums that are not 0, by name, in the order of :data:`METERS`.
    """

    __slots__ = ("calls", "counts")

    def __init__(self, calls: int, counts: Mapping[str, Exact]) -> None:
        self.calls = calls
        self.counts = dict(counts)

    @classmethod
    def of(cls, calls: Iterable[Usage]) -> UsageTotal:
        """
        Add up the counts of *calls*.

        Raises:
            InvalidTypeError: An entry is no ``Usage``.
        """
        number, sums = 0, dict[str, Exact]()
        for call in calls:
            if not isinstance(call, Usage):
                raise InvalidTypeError(f"expected a Usage for each call, got {call!r} of type {type(call).__name__}.")
            number += 1
            for name, count in call.counted.items():
                sums[name] = plain(sums.get(name, 0) + count)
        return cls(number, {name: sums[name] for name in COUNTED if name in sums})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UsageTotal):
            return NotImplemented
        return (self.calls, self.counts) == (other.calls, other.counts)

    def __hash__(self) -> int:
        return hash((self.calls, tuple(self.counts.items())))

    def __repr__(self) -> str:
        return f"UsageTotal(calls={self.calls}, counts={self.counts!r})"


def billed_once(counts: Mapping[str, Exact]) -> dict[str, Exact]:
    """
    The counts with every token under one name only: a total keeps what is in none of its parts.

    Args:
        counts: Counts of one call, parts inside their totals.
    """
    left = dict(counts)
    for name, count in counts.items():
        parents = _PARENTS.get(name)
        if parents is not None:
            for parent in parents:
                left[parent] -= count
            if len(parents) > 1:
                left["input_tokens"] += count  # taken away twice above, with either part
    return {name: count for name, count in left.items() if count}


def usage_of(usage: Usage | UsageTotal | None, counts: UsageCounts) -> Usage:
    """
    The call that somebody described by a ``Usage`` or by counts, but not by both.

    Raises:
        InvalidTypeError: *usage* is something else, or a total is missing.
        InvalidValueError: Both a ``Usage`` and counts were given.
    """
    if usage is None:
        return Usage(**counts)
    if isinstance(usage, UsageTotal):
        raise InvalidTypeError(
            f"{usage!r} is a sum of {usage.calls} calls, and a sum has no price: thresholds, minimum charges and fees "
            "hold per call. Price each call and add the costs."
        )
    if not isinstance(usage, Usage):
        raise InvalidTypeError(
            f"expected a Usage, got {usage!r} of type {type(usage).__name__}. "
            "Pass a Usage, or token counts by name: input_tokens=200, output_tokens=150."
        )
    if counts:
        raise InvalidValueError(
            f"both a Usage and {', '.join(counts)} were given. Put every count into the Usage, or give counts only."
        )
    return usage
