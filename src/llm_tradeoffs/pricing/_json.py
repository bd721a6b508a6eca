"""
Reading JSON that somebody else wrote: the file as a whole, and the values in it.

A file that cannot be read is one ``PriceSourceError`` that names it. A value that cannot be used is an
``InvalidValueError`` or ``InvalidTypeError`` in the words of the row that holds it, so that a source can
leave out that row and keep the others.
"""

from __future__ import annotations

import json
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Final, TypeAlias, cast

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, PriceSourceError
from llm_tradeoffs.money import Exact, exact, exact_text

__all__ = [
    "JsonData",
    "as_amount",
    "as_items",
    "as_object",
    "as_text",
    "as_tokens",
    "json_data",
    "origin_of",
    "read_object",
    "shown_data",
]

JsonData: TypeAlias = str | PathLike[str] | bytes
"""A file by its path, or what is in it."""

_SHOWN: Final = 40  # how much of a strange value a message repeats


def origin_of(data: JsonData) -> str:
    """What *data* is called in a message: its path, or "the given bytes"."""
    return f"the {len(data)} given bytes" if isinstance(data, bytes) else str(Path(data))


def json_data(value: object) -> JsonData:
    """*value* as a path or bytes. Raises ``InvalidTypeError`` for anything else."""
    if isinstance(value, bytes | str):
        return value
    if isinstance(value, PathLike):
        return Path(cast("PathLike[str]", value))
    raise InvalidTypeError(
        f"a price list is {_shown(value)} of type {type(value).__name__}; expected the path of a file, or bytes."
    )


def shown_data(data: JsonData | None) -> str:
    """*data* in a ``repr``: megabytes are told by their size."""
    return f"<{len(data)} bytes>" if isinstance(data, bytes) else repr(data)


def read_object(data: JsonData, what: str) -> dict[str, object]:
    """
    The object that a JSON file holds, its numbers exact.

    Args:
        data: The path of a file, or its content.
        what: What the file should be, for the message.

    Raises:
        PriceSourceError: The file cannot be opened, is no UTF-8, no JSON or no object.
    """
    origin = origin_of(data)
    if isinstance(data, bytes):
        content = data
    else:
        try:
            content = Path(data).read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a null byte in the path
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise PriceSourceError(f"{what} cannot be read from {origin}: {reason}.") from error
    if not content.strip():
        raise PriceSourceError(f"{what} cannot be read from {origin}: it is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PriceSourceError(
            f"{what} cannot be read from {origin}: byte {error.start} is not UTF-8. Save the file as UTF-8."
        ) from error
    try:
        # What no price can be (NaN, 1e999999999999999999999) is kept as a text: its row is refused, not the file.
        value: object = json.loads(text, parse_float=_number, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise PriceSourceError(f"{what} cannot be read from {origin}: it is not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise PriceSourceError(f"{what} cannot be read from {origin}: it is {_shown(value)}; expected an object.")
    return cast("dict[str, object]", value)


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def as_object(value: object, what: str) -> dict[str, object]:
    """*value* as a JSON object."""
    if not isinstance(value, dict):
        raise InvalidTypeError(f"{what} is {_shown(value)}; expected an object.")
    return cast("dict[str, object]", value)


def as_items(value: object, what: str) -> list[object]:
    """*value* as a JSON array."""
    if not isinstance(value, list):
        raise InvalidTypeError(f"{what} is {_shown(value)}; expected an array.")
    return cast("list[object]", value)


def as_text(value: object, what: str) -> str:
    """*value* as a text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidTypeError(f"{what} is {_shown(value)}; expected a text that is not empty.")
    return value


def as_amount(value: object, what: str) -> Exact:
    """*value* as a price: a number, also one written as a text, that is finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise InvalidTypeError(f"{what} is {_shown(value)}; expected a price.")
    amount = exact(value, what)
    if amount < 0:
        raise InvalidValueError(f"{what} is {exact_text(amount)}; a price cannot be negative.")
    return amount


def as_tokens(value: object, what: str) -> int:
    """*value* as a whole number of tokens, also one written as ``8192.0``."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        amount = exact(value, what)
        if isinstance(amount, int) and amount >= 0:
            return amount
    raise InvalidTypeError(f"{what} is {_shown(value)}; expected a whole number.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
