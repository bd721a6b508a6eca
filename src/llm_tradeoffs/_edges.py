"""What several edges check in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from llm_tradeoffs.errors import InvalidTypeError

__all__ = ["init_with", "several_names"]


def several_names(value: object, what: str, example: str) -> tuple[str, ...]:
    """
    *value* as a tuple of texts; a single text is refused, since it would be taken apart into letters.

    Raises:
        InvalidTypeError: *value* is one text, or holds something that is no text.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidTypeError(f"{what} is {value!r}; expected several names such as {example}.")
    entries = tuple(cast("Iterable[object]", value))
    names = tuple(entry for entry in entries if isinstance(entry, str))
    if len(names) != len(entries):
        raise InvalidTypeError(f"{what} is {value!r}; every entry must be a str, such as in {example}.")
    return names


def init_with(instance: Any, arguments: dict[str, Any]) -> None:
    """
    Initialise an attrs class whose ``__init__`` is written out, from the ``locals()`` of that method.

    What may be written is wider than what is held, and no type checker sees through the converters of a
    field: so ``Model`` and ``Workload`` write their signatures out. A test holds them against the fields.
    """
    instance.__attrs_init__(**{name: value for name, value in arguments.items() if name != "self"})
