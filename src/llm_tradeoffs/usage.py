"""
The token counts of one call, each token in exactly one place.

``input_tokens`` and ``output_tokens`` are totals; every other token count is a part of one of them.
Counting cached or reasoning tokens a second time, beside the total that holds them, is the most
reported bug of the libraries in this field, so the parts are checked against their totals here.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn

import attrs

from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError
from llm_tradeoffs.money import token_count

__all__ = ["FEE_METERS", "INPUT_PARTS", "METERS", "OUTPUT_PARTS", "TOKEN_METERS", "Usage", "parent_meter"]

INPUT_PARTS: Final = (
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "input_audio_tokens",
    "input_image_tokens",
)
OUTPUT_PARTS: Final = ("reasoning_tokens", "output_audio_tokens", "output_image_tokens")
TOKEN_METERS: Final = ("input_tokens", *INPUT_PARTS, "output_tokens", *OUTPUT_PARTS)
FEE_METERS: Final = ("requests", "web_searches")
METERS: Final = TOKEN_METERS + FEE_METERS
"""Everything that a price can be for. Tokens are priced per million, fees each."""

_PARENTS: Final = {
    **dict.fromkeys(INPUT_PARTS, "input_tokens"),
    **dict.fromkeys(OUTPUT_PARTS, "output_tokens"),
}


def parent_meter(meter: str) -> str | None:
    """The total that *meter* is a part of; None for a total or a fee."""
    return _PARENTS.get(meter)


def check_parts(total_name: str, total: int, parts: dict[str, int]) -> None:
    """
    Refuse parts that do not fit into their total.

    Raises:
        ImpossibleUsageError: One part, or all together, exceed *total*; with the numbers.
    """
    for name, count in parts.items():
        if count > total:
            raise ImpossibleUsageError(
                f"{name} is {count} but {total_name} is {total}: a part cannot exceed the total that contains it. "
                f"If the provider reports them apart, add {name} to {total_name} first."
            )
    together = sum(parts.values())
    if together > total:
        listed = " + ".join(f"{name} {count}" for name, count in parts.items() if count)
        raise ImpossibleUsageError(
            f"{listed} make {together}, more than {total_name}, which is {total}: "
            "each token is in one part at most. Check which of them overlap."
        )


def _input_tokens(value: int) -> int:
    return token_count(value, "input_tokens")


def _output_tokens(value: int) -> int:
    return token_count(value, "output_tokens")


def _count() -> Any:
    # A converter, not a validator: an integer of another library may wrap around where an int does not.
    def convert(value: object, field: attrs.Attribute[Any]) -> int:
        return token_count(value, field.name)

    with_field: Any = attrs.Converter(convert, takes_field=True)  # mypy knows only functions as converters
    return attrs.field(default=0, converter=with_field)


@attrs.frozen(kw_only=True)
class Usage:
    """
    The token counts of one call.

    A sum over many calls is not a ``Usage``: prices that depend on the length of a request, and fees
    per request, hold for one call. Price the calls, then add the costs.

    >>> Usage(input_tokens=1_000, output_tokens=150, cache_read_tokens=800).fresh_input_tokens
    200

    Attributes:
        input_tokens: All tokens sent, cached ones included. [tokens]
        output_tokens: All tokens produced, reasoning included. [tokens]
        cache_read_tokens: Part of the input, read from a prompt cache. [tokens]
        cache_write_5m_tokens: Part of the input, written to a cache for five minutes, or for the only
            time the provider has. [tokens]
        cache_write_1h_tokens: Part of the input, written to a cache for an hour. [tokens]
        input_audio_tokens: Part of the input. [tokens]
        input_image_tokens: Part of the input. [tokens]
        reasoning_tokens: Part of the output. [tokens]
        output_audio_tokens: Part of the output. [tokens]
        output_image_tokens: Part of the output. [tokens]
        web_searches: Searches run by the provider's own tool during the call. [searches]

    Raises:
        InvalidTypeError: A count is not an int (a bool, str or float is a bug in the caller).
        InvalidValueError: A count is negative or above 10^30.
        ImpossibleUsageError: Parts exceed their total.
    """

    input_tokens: int = attrs.field(converter=_input_tokens)
    output_tokens: int = attrs.field(converter=_output_tokens)
    cache_read_tokens: int = _count()
    cache_write_5m_tokens: int = _count()
    cache_write_1h_tokens: int = _count()
    input_audio_tokens: int = _count()
    input_image_tokens: int = _count()
    reasoning_tokens: int = _count()
    output_audio_tokens: int = _count()
    output_image_tokens: int = _count()
    web_searches: int = _count()

    def __attrs_post_init__(self) -> None:
        check_parts("input_tokens", self.input_tokens, {name: getattr(self, name) for name in INPUT_PARTS})
        check_parts("output_tokens", self.output_tokens, {name: getattr(self, name) for name in OUTPUT_PARTS})

    @property
    def fresh_input_tokens(self) -> int:
        """Input tokens that are in none of the input's parts. [tokens]"""
        return self.input_tokens - (
            self.cache_read_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
            + self.input_audio_tokens
            + self.input_image_tokens
        )

    @property
    def total_tokens(self) -> int:
        """Input and output together; each token once. [tokens]"""
        return self.input_tokens + self.output_tokens

    def __repr__(self) -> str:
        stated = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in attrs.fields(Usage)
            if field.default is attrs.NOTHING or getattr(self, field.name) != field.default
        ]
        return f"Usage({', '.join(stated)})"

    def __add__(self, other: object) -> NoReturn:
        raise InvalidTypeError(
            "a Usage is one call, and calls cannot be added before they are priced: thresholds and fees hold per call. "
            "Price each call and add the costs."
        )

    __radd__ = __add__


def usage_of(usage: Usage | None, counts: dict[str, int | None]) -> Usage:
    """
    The call that somebody described by a ``Usage`` or by counts, but not by both.

    Raises:
        InvalidTypeError: *usage* is something else, or a total is missing.
        InvalidValueError: Both a ``Usage`` and counts were given.
    """
    stated = {name: count for name, count in counts.items() if count is not None}
    if usage is None:
        missing = [name for name in ("input_tokens", "output_tokens") if name not in stated]
        if missing:
            raise InvalidTypeError(
                f"the call to be priced has no {' and no '.join(missing)}. "
                "Say both input_tokens= and output_tokens= (0 if there was none), or pass a Usage."
            )
        return Usage(**stated)
    if not isinstance(usage, Usage):
        raise InvalidTypeError(
            f"expected a Usage, got {usage!r} of type {type(usage).__name__}. "
            "Pass a Usage, or token counts by name: input_tokens=200, output_tokens=150."
        )
    if stated:
        raise InvalidValueError(
            f"both a Usage and {', '.join(stated)} were given. Put every count into the Usage, or give counts only."
        )
    return usage
