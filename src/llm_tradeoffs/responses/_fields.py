"""
Reading fields of a response, whether it is an object of an SDK or plain JSON.

No SDK is imported, and no message is dumped to reach the handful of counts in it. An absent field and
an explicit null mean the same: the provider does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from llm_tradeoffs.errors import ImpossibleUsageError, InvalidTypeError, InvalidValueError
from llm_tradeoffs.money import Exact, exact, token_count

__all__ = [
    "amount",
    "check_cached_media",
    "entries",
    "fields",
    "first",
    "get",
    "has",
    "part",
    "record",
    "refuse_unknown",
    "split_writes",
    "text",
    "total",
]

_NO_RECORDS: Final = frozenset({bytes, bool, int, float, set, frozenset})
_COUNTS_SOMETHING: Final = re.compile(
    r"token|request|num_|count|calls|_used|quer|search|image|page|second|fetched", re.IGNORECASE
)


def get(source: object, name: str) -> Any:
    """What *source* states under *name*; None where it is silent."""
    if isinstance(source, dict):
        return cast("dict[str, Any]", source).get(name)
    extra = getattr(source, "__pydantic_extra__", source)
    if extra is not source and not name.startswith("_"):
        # Most SDKs answer with Pydantic models, which are slow to say that they have no attribute of a name.
        value = source.__dict__.get(name)
        if value is None and extra:
            value = cast("dict[str, Any]", extra).get(name)
    elif isinstance(source, Mapping):
        return cast("Mapping[str, Any]", source).get(name)
    else:
        value = getattr(source, name, None)
    # Some SDKs have a value of their own for "not stated".
    return None if value is not None and type(value).__name__ == "Unset" else value


def has(source: object, name: str) -> bool:
    """Whether *source* states *name*, as something else than null."""
    return get(source, name) is not None


def first(source: object, *names: str) -> Any:
    """What *source* states under the first of *names* that it states at all."""
    for name in names:
        value = get(source, name)
        if value is not None:
            return value
    return None


def record(source: object, where: str, *names: str) -> Any:
    """
    The object that *source* holds under one of *names*, such as the details of a count; None if it has none.

    Raises:
        InvalidTypeError: There is something else than an object with fields.
    """
    value = first(source, *names)
    if isinstance(value, str | list | tuple) or type(value) in _NO_RECORDS:
        raise InvalidTypeError(
            f"{where} is {_shown(value)}; expected an object with fields. "
            "Hand over the response as the provider sent it."
        )
    return value


def entries(source: object, where: str, *names: str) -> Sequence[Any]:
    """
    The list that *source* holds under one of *names*; empty if it has none.

    Raises:
        InvalidTypeError: There is something else than a list.
    """
    value = first(source, *names)
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise InvalidTypeError(f"{where} is {_shown(value)} of type {type(value).__name__}; expected a list.")
    return cast("Sequence[Any]", value)


def part(where: str, *stated: tuple[object, str]) -> int:
    """
    A count that is stated in one of several places, each a source and a name; 0 if it is stated in none.

    Raises:
        InvalidTypeError, InvalidValueError: It is no count of tokens.
        ImpossibleUsageError: Two places state different counts for the same thing.
    """
    found: int | None = None
    place = ""
    for source, name in stated:
        value = None if source is None else get(source, name)
        if value is None:
            continue
        number = token_count(value, f"{where}.{name}")
        if found is not None and number != found:
            raise ImpossibleUsageError(
                f"{where} states one count twice and differently: {place} is {found}, {name} is {number}. "
                "Find out which one the provider bills, and state the counts with Usage(...)."
            )
        found, place = number, name
    return found or 0


def total(source: object, where: str, name: str) -> int:
    """
    A count that has to be stated.

    Raises:
        InvalidTypeError: It is missing, null or no count of tokens.
        InvalidValueError: It is negative or absurd.
    """
    value = get(source, name)
    if value is None:
        raise InvalidTypeError(
            f"{where} states no {name}: it is null or missing, which is unknown and not 0. Without it the call "
            "cannot be priced; state the counts that you know with Usage(input_tokens=..., output_tokens=...)."
        )
    return token_count(value, f"{where}.{name}")


def amount(source: object, where: str, name: str) -> Exact:
    """
    A duration, which may be a fraction; a float means the decimal that it prints as. 0 if it is not stated.

    Raises:
        InvalidTypeError, InvalidValueError: It is no number, not finite, or negative.
    """
    value = get(source, name)
    if value is None:
        return 0
    if isinstance(value, str | bool):
        raise InvalidTypeError(f"{where}.{name} is {value!r} of type {type(value).__name__}; expected a number.")
    number = exact(value, f"{where}.{name}")
    if number < 0:
        raise InvalidValueError(f"{where}.{name} is {value!r}; a duration cannot be negative.")
    return number


def text(source: object, name: str) -> str | None:
    """
    A word that *source* states, such as the model's name; None if it is silent or empty.

    Raises:
        InvalidTypeError: It is no text.
    """
    value = get(source, name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidTypeError(f"{name} is {_shown(value)} of type {type(value).__name__}; expected a str.")
    return str.__str__(value) or None  # the value of an enum of texts, not its name


def refuse_unknown(source: object, known: frozenset[str], where: str) -> None:
    """
    Refuse counts that this release does not know: they may be billed, so they are not dropped.

    Zeros, texts and numbers that count nothing (a time, a cost) are no harm.

    Raises:
        InvalidValueError: There is such a count; with its name.
    """
    for name, value in fields(source):
        if name in known:
            continue
        if isinstance(value, Mapping):
            refuse_unknown(cast("object", value), known, f"{where}.{name}")
        elif type(value) is int and value > 0 and _COUNTS_SOMETHING.search(name):
            raise InvalidValueError(
                f"{where} has {name} = {value}, a count that this release does not know and that may be billed. "
                "State the counts with Usage(...), with these in the place where the provider bills them."
            )


def split_writes(where: str, written: int, five_minutes: int, one_hour: int) -> tuple[int, int]:
    """
    Tokens written to a cache, by how long it is kept.

    Where a provider states only their sum, they are cache writes of the only, or the shortest, duration.

    Raises:
        ImpossibleUsageError: The parts do not make the sum, and one of the parts is for an hour.
    """
    if not (five_minutes or one_hour):
        return written, 0
    if written and written != five_minutes + one_hour:
        # A stream updates the sum at its end, but not the split.
        if not one_hour and written > five_minutes:
            return written, 0
        raise ImpossibleUsageError(
            f"{where} states {written} tokens written to the cache, but {five_minutes} for five minutes and {one_hour} "
            f"for an hour, which make {five_minutes + one_hour}. They have different prices: state the counts with "
            "Usage(...)."
        )
    return five_minutes, one_hour


def check_cached_media(counts: dict[str, Exact]) -> None:
    """
    Add the overlap of cached tokens with a medium, where a provider states both but not how they overlap.

    Only what is certain: what cached and other tokens have too much to be apart. With several media
    nobody can say which one is cached; ``Usage`` refuses that.
    """
    media = [name for name in ("input_audio_tokens", "input_image_tokens", "input_video_tokens") if counts.get(name)]
    if len(media) != 1 or any("_audio_" in name or "_image_" in name or "_video_" in name for name in _cached(counts)):
        return
    medium = media[0]
    cached = [name for name in _cached(counts) if counts[name]]
    surplus = sum(counts[name] for name in cached) + counts[medium] - counts["input_tokens"]
    if surplus > 0 and len(cached) == 1 and surplus <= min(counts[cached[0]], counts[medium]):
        counts[cached[0].replace("tokens", medium.removeprefix("input_"))] = surplus


def _cached(counts: dict[str, Exact]) -> list[str]:
    return [name for name in counts if name.startswith("cache_")]


def fields(source: object) -> Iterator[tuple[str, object]]:
    """The names and values of *source*, those that its class does not know included."""
    if source is None:
        return
    if isinstance(source, Mapping):
        yield from cast("Mapping[str, object]", source).items()
        return
    yield from cast("dict[str, object]", getattr(source, "__dict__", None) or {}).items()
    # Pydantic keeps the fields that its model does not know apart.
    yield from cast("dict[str, object]", getattr(source, "__pydantic_extra__", None) or {}).items()


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
