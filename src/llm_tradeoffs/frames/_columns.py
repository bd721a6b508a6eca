"""
Which column of a table states what: our names, those of providers and of OpenTelemetry, or the caller's mapping.

A name is recognised exactly or not at all. Two columns that state the same count have to be told apart by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, TradeoffsError, UnknownNameError
from llm_tradeoffs.usage import COUNTED, INPUT_PARTS

__all__ = ["Columns", "Layout", "MissingColumnError", "layout_of"]

Columns: TypeAlias = Mapping[str, str | Sequence[str] | None]
"""For each of our names the column that states it, or several columns whose sum it is; None for "no column does"."""

DETAILS: Final = ("model", "service_tier", "region", "time")
"""What a table may state of a call besides its counts."""

_U: Final = "gen_ai.usage."
_ALIKE: Final[dict[str, tuple[str, ...]]] = {
    "model": ("model", "gen_ai.response.model", "gen_ai.request.model", "response_model", "model_id"),
    "service_tier": ("service_tier", "openai.response.service_tier", "gen_ai.openai.response.service_tier"),
    "region": ("region",),
    "time": ("time", "day", "timestamp", "date", "start_time", "datetime"),
    "input_tokens": ("input_tokens", f"{_U}input_tokens", f"{_U}prompt_tokens", "prompt_tokens"),
    "output_tokens": ("output_tokens", f"{_U}output_tokens", f"{_U}completion_tokens", "completion_tokens"),
    "cache_read_tokens": (
        "cache_read_tokens",
        f"{_U}cache_read.input_tokens",
        f"{_U}cache_read_input_tokens",
        f"{_U}cached_tokens",
        f"{_U}details.cache_read_tokens",
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
        "cached_tokens",
    ),
    "cache_write_5m_tokens": (
        "cache_write_5m_tokens",
        f"{_U}cache_creation.input_tokens",
        f"{_U}cache_creation_input_tokens",
    ),
    "cache_write_1h_tokens": ("cache_write_1h_tokens",),
    "reasoning_tokens": (
        "reasoning_tokens",
        f"{_U}reasoning.output_tokens",
        f"{_U}reasoning_tokens",
        "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens",
    ),
    "input_audio_tokens": (
        "input_audio_tokens",
        "prompt_tokens_details.audio_tokens",
        f"{_U}details.input_audio_tokens",
    ),
    "output_audio_tokens": (
        "output_audio_tokens",
        "completion_tokens_details.audio_tokens",
        f"{_U}details.output_audio_tokens",
    ),
    "web_searches": ("web_searches", "server_tool_use.web_search_requests"),
}
"""For each of our names the columns that are known to state it, the one that is taken if several are there first."""

# Anthropic counts as input only what was neither read from a cache nor written to one.
_ANTHROPIC_READ: Final = "cache_read_input_tokens"
_ANTHROPIC_WRITE: Final = "cache_creation_input_tokens"
_ANTHROPIC_WRITES: Final = {
    "cache_write_5m_tokens": "cache_creation.ephemeral_5m_input_tokens",
    "cache_write_1h_tokens": "cache_creation.ephemeral_1h_input_tokens",
}


class MissingColumnError(TradeoffsError, LookupError):
    """
    A table lacks a column that is needed.

    Attributes:
        name: What would have to be stated, by our name.
        tried: The columns that were looked for.
        columns: Those that are there.
    """

    def __init__(self, name: str, tried: Iterable[str], columns: Iterable[str]) -> None:
        self.name, self.tried, self.columns = name, tuple(tried), tuple(columns)
        super().__init__(name, self.tried, self.columns)

    def __str__(self) -> str:
        return (
            f"the table has no column for {self.name}: looked for {', '.join(map(repr, self.tried))}, and there are "
            f"{', '.join(map(repr, self.columns))}. Say which it is: columns={{{self.name!r}: '...'}}."
        )


@attrs.frozen
class Layout:
    """
    Where a table states what.

    Attributes:
        counts: For each count its columns, which are added up.
        optional: Columns in which nothing means 0; nothing in another column means that it is not known.
        model, service_tier, region, time: Columns of these; None if there is none.
        unread: Columns that look like token counts and are not read.
    """

    counts: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]
    model: str | None
    service_tier: str | None
    region: str | None
    time: str | None
    unread: tuple[str, ...]


def layout_of(names: Sequence[str], columns: Columns | None) -> Layout:
    """
    Where a table with columns called *names* states what.

    Args:
        names: The columns of the table.
        columns: The caller's mapping, which goes before what is recognised; the rest is recognised.

    Raises:
        UnknownNameError: The mapping has a name that is not ours, or a column that is not there.
        MissingColumnError: There is no column for the input or the output, and none for another count.
        InvalidValueError: Two columns state the same, and the mapping does not say which.
    """
    given = _given(names, columns)
    found: dict[str, tuple[str, ...]] = {}
    for name in (*DETAILS, *COUNTED):
        held = given[name] if name in given else _recognised(name, names)
        if held:
            found[name] = held
    if "input_tokens" not in given and {_ANTHROPIC_READ, _ANTHROPIC_WRITE} & set(names):
        found.update(_of_anthropic(names, given))
    counts = {name: found[name] for name in COUNTED if name in found}
    totals = [name for name in ("input_tokens", "output_tokens") if name not in counts]
    if totals and (len(totals) == 1 or not counts):
        raise MissingColumnError(totals[0], _ALIKE[totals[0]], names)
    optional = {
        column
        for name, held in counts.items()
        for column in held
        # The sum of columns that the caller named is unknown if one of them is; a part that nobody stated is 0.
        if name not in {"input_tokens", "output_tokens"} or (name not in given and column not in _ALIKE[name])
    }
    required = {column for name in ("input_tokens", "output_tokens") if name in given for column in counts[name]}
    details = {name: found[name][0] for name in DETAILS if name in found}
    read = {column for held in found.values() for column in held}
    return Layout(
        counts=counts,
        optional=frozenset(optional - required),
        model=details.get("model"),
        service_tier=details.get("service_tier"),
        region=details.get("region"),
        time=details.get("time"),
        unread=tuple(name for name in names if name not in read and "token" in name.lower()),
    )


def _given(names: Sequence[str], columns: Columns | None) -> dict[str, tuple[str, ...]]:
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise InvalidTypeError(f"columns is {columns!r}; expected a mapping such as {{'input_tokens': 'prompt'}}.")
    given: dict[str, tuple[str, ...]] = {}
    for name, held in columns.items():
        if name not in COUNTED and name not in DETAILS:
            raise UnknownNameError("count or detail of a call", name, (*COUNTED, *DETAILS))
        if held is None:
            given[name] = ()
            continue
        listed = (held,) if isinstance(held, str) else tuple(held)
        for column in listed:
            if column not in names:
                raise UnknownNameError("column", column, names)
        if not listed or (name in DETAILS and len(listed) > 1):
            raise InvalidValueError(f"{name} is to be read from {listed!r}; name one column.")
        given[name] = listed
    return given


def _recognised(name: str, names: Sequence[str]) -> tuple[str, ...] | None:
    there = [column for column in _ALIKE.get(name, (name,)) if column in names]
    if not there:
        return None
    # A span has both the model that was asked for and the one that answered; other pairs say the same thing twice.
    if len(there) > 1 and name != "model":
        raise InvalidValueError(
            f"the columns {', '.join(map(repr, there))} all seem to state {name}. Say which one does: "
            f"columns={{{name!r}: {there[0]!r}}}."
        )
    return (there[0],)


def _of_anthropic(names: Sequence[str], given: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The counts of a table that counts as Anthropic does; what was cached is not in its input."""
    found: dict[str, tuple[str, ...]] = {}
    if _ANTHROPIC_READ in names:
        found["cache_read_tokens"] = (_ANTHROPIC_READ,)
    by_time = {name: (column,) for name, column in _ANTHROPIC_WRITES.items() if column in names}
    if by_time:
        found.update(by_time)
    elif _ANTHROPIC_WRITE in names:
        found["cache_write_5m_tokens"] = (_ANTHROPIC_WRITE,)
    found = {name: given.get(name, held) for name, held in found.items()}
    if "input_tokens" not in names:
        raise MissingColumnError("input_tokens", ("input_tokens",), names)
    parts = [column for name in INPUT_PARTS if name in found for column in found[name]]
    return {**found, "input_tokens": ("input_tokens", *parts)}
