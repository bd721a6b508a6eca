"""
What the adapters of LangChain, LlamaIndex, Haystack and DSPy share beside ``_shared``.

They read the usage from what the framework keeps of a response, and leave a note in the framework's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from llm_tradeoffs.errors import TradeoffsError

if TYPE_CHECKING:
    from llm_tradeoffs.adapters._shared import Call
    from llm_tradeoffs.responses import Reading
    from llm_tradeoffs.router import Settled

__all__ = ["NOTE", "asettle_read", "note_of", "own_limit", "schema_of", "settle_read", "stated_limit"]

NOTE: Final = "llm_tradeoffs"
"""Under which name the decision and its cost stand in the metadata of an answer."""
_LIMITS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def settle_read(call: Call, model: str, read: Callable[[], Reading]) -> Settled | None:
    """
    Settle *call* with what *read* finds; None if the answer does not say what it used.

    The call was made and its answer is good, so an unreadable usage is no error here: it is logged, and the
    reservation stands until it expires.
    """
    try:
        reading = read()
    except TradeoffsError as problem:
        call.give_up(str(problem))
        return None
    return call.settle(model, reading)


async def asettle_read(call: Call, model: str, read: Callable[[], Reading]) -> Settled | None:
    """As :func:`settle_read`."""
    try:
        reading = read()
    except TradeoffsError as problem:
        call.give_up(str(problem))
        return None
    return await call.asettle(model, reading)


def note_of(call: Call, model: str, settled: Settled | None) -> dict[str, Any]:
    """The decision, the candidate that answered, and what it cost if that is known; JSON throughout."""
    return {
        "model": model,
        "decision": call.decision.to_dict(),
        "settled": None if settled is None else settled.to_dict(),
    }


def schema_of(response_format: object) -> object | None:
    """
    The schema that an answer has to follow, from a Pydantic class or from JSON's form of one; None for none.

    Mere ``{"type": "json_object"}`` promises no schema.
    """
    if response_format is None:
        return None
    if isinstance(response_format, Mapping):
        stated = cast("Mapping[str, object]", response_format)
        return stated if stated.get("type") == "json_schema" else None
    described: object = getattr(response_format, "model_json_schema", None)
    return described() if callable(described) else response_format


def stated_limit(settings: object) -> int | None:
    """The longest answer that the settings of a call allow, by whichever name; None if they do not say. [tokens]"""
    if not isinstance(settings, Mapping):
        return None
    stated = cast("Mapping[str, Any]", settings)
    return next((stated[name] for name in _LIMITS if stated.get(name)), None)


def own_limit(limits: list[int | None]) -> int | None:
    """The longest answer that several models allow by their own settings, if each of them states a limit. [tokens]"""
    known = [limit for limit in limits if limit is not None]
    return max(known) if known and len(known) == len(limits) else None
