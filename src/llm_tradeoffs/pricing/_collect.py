"""What the sources have in common once a row is read: whose name is whose, and which rows were left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Final

import attrs

from llm_tradeoffs.catalog import ModelRecord
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, PriceSourceError
from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.pricing._data import PriceData, SkippedRow
from llm_tradeoffs.pricing._json import as_items
from llm_tradeoffs.rates import Multiplier, Price, TimeWindow

__all__ = ["MAKERS", "Collector", "bare_names", "meet"]

MAKERS: Final = {
    "alibaba": ("qwen", "qwq", "qvq", "wan"),
    "anthropic": ("claude",),
    "cohere": ("command", "c4ai", "embed-", "rerank-"),
    "deepseek": ("deepseek",),
    "google": ("gemini", "gemma"),
    "llama": ("llama",),
    "meta": ("muse", "llama"),
    "minimax": ("minimax", "m2-"),
    "mistral": (
        "codestral",
        "devstral",
        "magistral",
        "ministral",
        "mistral",
        "mixtral",
        "open-mi",
        "pixtral",
        "voxtral",
    ),
    "moonshotai": ("kimi", "moonshot"),
    "openai": (
        "ada",
        "babbage",
        "chatgpt",
        "codex",
        "computer-use",
        "curie",
        "davinci",
        "gpt",
        "o1",
        "o3",
        "o4",
        "moderation",
        "omni-moderation",
        "text-",
        "tts-",
        "whisper",
    ),
    "perplexity": ("pplx", "r1-1776", "sonar"),
    "voyageai": ("voyage",),
    "x-ai": ("grok",),
    "xai": ("grok",),
    "zai": ("glm",),
    "zhipuai": ("glm",),
}
"""
The companies that sell their own models, by the ids that the price lists give them, and how their models' names begin.

A bare name is an alias only of the model that its maker sells: Google also sells Claude, at prices of its own.
"""

_TOOLS: Final = frozenset(
    (
        "web_searches",
        "web_searches_low_context",
        "web_searches_high_context",
        "file_searches",
        "social_searches",
        "map_queries",
        "code_executions",
        "code_interpreter_sessions",
    )
)


def bare_names(provider: str, names: Iterable[str]) -> list[str]:
    """Those of *names* that, without a provider before them, mean the model that *provider* makes and sells."""
    beginnings = MAKERS.get(provider, ())
    return [name for name in names if "/" not in name and name.lower().startswith(beginnings)] if beginnings else []


def meet(one: TimeWindow, other: TimeWindow) -> bool:
    """Whether there is an hour that is in both, for windows of every day by one clock."""
    return _in(one, other.start) or _in(other, one.start)


def _in(window: TimeWindow, clock: time) -> bool:
    if window.start < window.end:
        return window.start <= clock < window.end
    return clock >= window.start or clock < window.end


@attrs.define
class _Row:
    name: str | None
    vendor: str
    aliases: Sequence[str]
    prices: tuple[Price, ...]
    multipliers: tuple[Multiplier, ...]
    facts: tuple[Fact, ...]


class Collector:
    """Gathers what one reading of a source finds."""

    def __init__(self, source: Source, origin: str) -> None:
        self.source = source
        self.origin = origin
        self.skipped: list[SkippedRow] = []
        self._rows: dict[str, _Row] = {}

    def listed(self, content: Mapping[str, object], field: str) -> list[object]:
        """The rows of a file that holds them in the array *field*. Raises ``PriceSourceError`` if there is none."""
        try:
            return as_items(content.get(field), field)
        except InvalidTypeError as error:
            raise PriceSourceError(f"{self.source.title} cannot be read from {self.origin}: {error}") from error

    def skip(self, name: str, problem: object) -> None:
        """Leave out the row *name*."""
        self.skipped.append(SkippedRow(name, str(problem)))

    def add(
        self,
        record_id: str,
        *,
        vendor: str,
        prices: Sequence[Price],
        name: str | None = None,
        aliases: Sequence[str] = (),
        multipliers: Sequence[Multiplier] = (),
        facts: Sequence[Fact] = (),
        zero_is_free: bool = False,
    ) -> None:
        """
        Take in one model.

        Raises:
            InvalidValueError: It has no price, or none that means anything: nearly every list writes 0 for a price
                that it does not know, and nobody can tell from the 0 alone. It is in the list already.
        """
        if record_id in self._rows:
            raise InvalidValueError("it is listed twice; the first row is kept.")
        if not prices:
            raise InvalidValueError("it states no price.")
        if not zero_is_free and not any(price.usd for price in prices if price.meter not in _TOOLS):
            raise InvalidValueError("every price is 0, which stands for an unknown price as well as for a free model.")
        self._rows[record_id] = _Row(name, vendor, aliases, tuple(prices), tuple(multipliers), tuple(facts))

    def data(self) -> PriceData:
        """
        What was found. A name that two models claim is given to neither, nor one that is the id of another.

        Raises:
            PriceSourceError: There is no usable model at all.
        """
        if not self._rows:
            first = f" The first problem is {self.skipped[0]}" if self.skipped else ""
            raise PriceSourceError(
                f"{self.source.title} cannot be read from {self.origin}: there is no usable model in it.{first}"
            )
        owners: dict[str, str | None] = {}
        for record_id, row in self._rows.items():
            for alias in row.aliases:
                if owners.setdefault(alias, record_id) != record_id:
                    owners[alias] = None
        records = {
            record_id: ModelRecord(
                id=record_id,
                name=row.name,
                vendor=row.vendor,
                aliases=tuple(
                    alias
                    for alias in dict.fromkeys(row.aliases)
                    if owners[alias] == record_id and alias not in self._rows
                ),
                prices=row.prices,
                multipliers=row.multipliers,
                facts=row.facts,
            )
            for record_id, row in self._rows.items()
        }
        return PriceData(source=self.source, records=records, skipped=tuple(self.skipped))
