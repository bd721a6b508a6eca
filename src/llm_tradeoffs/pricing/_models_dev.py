"""Prices from models.dev, ``https://models.dev/api.json``: vendors and resellers, each with its models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Final

import attrs

from llm_tradeoffs.errors import InvalidValueError, TradeoffsError
from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.money import Usd
from llm_tradeoffs.pricing._collect import Collector, bare_names
from llm_tradeoffs.pricing._data import PriceData
from llm_tradeoffs.pricing._fetch import FileSource
from llm_tradeoffs.pricing._json import (
    JsonData,
    as_amount,
    as_items,
    as_object,
    as_text,
    as_tokens,
    json_data,
    origin_of,
    read_object,
    shown_data,
)
from llm_tradeoffs.rates import SERVICE_TIERS, STANDARD, Price

__all__ = ["ModelsDevPrices"]

_METERS: Final = {
    "input": ("input_tokens",),
    "output": ("output_tokens",),
    "reasoning": ("reasoning_tokens",),
    "cache_read": ("cache_read_tokens",),
    "cache_write": ("cache_write_5m_tokens", "cache_write_1h_tokens"),
    "input_audio": ("input_audio_tokens",),
    "output_audio": ("output_audio_tokens",),
}
_HOURLY_NOTE: Final = "stated for a cache write, without its duration; an hour may cost more"
_TIERS: Final = "tiers"
_OVER: Final = "context_over_200k"
_OVER_TOKENS: Final = 200_000
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@attrs.frozen
class ModelsDevPrices(FileSource):
    """
    The prices of `models.dev <https://models.dev>`_.

    Attributes:
        data: ``api.json``, as a path or in bytes.
    """

    data: JsonData = attrs.field(converter=json_data, repr=shown_data)
    url: ClassVar[str] = "https://models.dev/api.json"

    @property
    def name(self) -> str:
        """``"models.dev"``."""
        return "models.dev"

    def read(self) -> PriceData:
        """
        Everything that the file states.

        Raises:
            PriceSourceError: It cannot be read.
        """
        source = Source(id=self.name, title="models.dev", kind="dataset", url=self.url, publisher="models.dev")
        found = Collector(source, origin_of(self.data))
        for provider, value in read_object(self.data, source.title).items():
            try:
                models = as_object(as_object(value, "the provider").get("models"), "models")
            except TradeoffsError as error:
                found.skip(provider, error)
                continue
            for model, row in models.items():
                try:
                    _read(found, provider, model, as_object(row, "the row"))
                except TradeoffsError as error:
                    found.skip(f"{provider}/{model}", error)
        return found.data()


class _Reader:
    """Reads one model. What it cannot map goes into *unmapped*, with the reason."""

    def __init__(self, source: Source, provider: str, where: str, row: Mapping[str, object]) -> None:
        self.source = source
        # models.dev does not say which side a bound belongs to. Everybody's is the last length before, but xAI's.
        self.inclusive = provider == "xai"
        self.where = where
        self.row = row
        self.unmapped: dict[str, str] = {}

    def prices(self) -> Iterator[Price]:
        if self.row.get("cost") is None:
            return
        cost = as_object(self.row["cost"], "cost")
        yield from self._set("cost", cost)
        if _TIERS in cost:
            for index, step in enumerate(as_items(cost[_TIERS], "cost.tiers")):
                place = f"cost.tiers[{index}]"
                held = as_object(step, place)
                tier = as_object(held.get("tier"), f"{place}.tier")
                if tier.get("type", "context") != "context":
                    raise InvalidValueError(f"{place}.tier.type is {tier['type']!r}; expected 'context'.")
                yield from self._set(place, held, bound=as_tokens(tier.get("size"), f"{place}.tier.size"))
        elif _OVER in cost:  # the older spelling, which stands beside the tiers for those who know only it
            place = f"cost.{_OVER}"
            yield from self._set(place, as_object(cost[_OVER], place), bound=_OVER_TOKENS)
        yield from self._modes()

    def _modes(self) -> Iterator[Price]:
        modes = as_object(as_object(self.row.get("experimental", {}), "experimental").get("modes", {}), "modes")
        for mode, value in modes.items():
            place = f"experimental.modes.{mode}"
            held = as_object(value, place)
            tier = _tier(mode, held)
            if "cost" in held and tier is None:
                self.unmapped[place] = "it is for no known service tier."
            elif "cost" in held and tier is not None:
                yield from self._set(f"{place}.cost", as_object(held["cost"], f"{place}.cost"), tier=tier)

    def _set(
        self, place: str, stated: Mapping[str, object], *, bound: int | None = None, tier: str = STANDARD
    ) -> Iterator[Price]:
        for field, value in stated.items():
            if field in {"tier", _TIERS, _OVER}:
                continue
            if field not in _METERS:
                self.unmapped[f"{place}.{field}"] = "what it is for is not stated."
                continue
            amount = Usd(as_amount(value, f"{place}.{field}"))
            for meter in _METERS[field]:
                yield Price(
                    meter=meter,
                    usd=amount,
                    service_tier=tier,
                    above_input_tokens=None if self.inclusive else bound,
                    from_input_tokens=bound if self.inclusive else None,
                    source=self.source,
                    place=f"{self.where}, {place}.{field}",
                    note=_HOURLY_NOTE if meter == "cache_write_1h_tokens" else None,
                )


def _read(found: Collector, provider: str, model: str, row: Mapping[str, object]) -> None:
    record_id = f"{provider}/{model}"
    where = f"{provider}, {model}"
    reader = _Reader(found.source, provider, where, row)
    found.add(
        record_id,
        vendor=provider,
        name=as_text(row["name"], "name") if "name" in row else None,
        prices=[*reader.prices()],
        facts=[
            Fact(subject=record_id, field=field, value=value, source=found.source, place=f"{where}, {place}")
            for field, value, place in _facts(row)
        ],
        aliases=bare_names(provider, [model]),
        zero_is_free=model.endswith(":free"),
    )
    for field, reason in reader.unmapped.items():
        found.skip(f"{record_id}: {field}", reason)


def _tier(mode: str, held: Mapping[str, object]) -> str | None:
    """The tier of a mode: what its requests say, or else what it is called."""
    request = as_object(as_object(held.get("provider", {}), "provider").get("body", {}), "provider.body")
    name = request.get("service_tier", request.get("speed", mode))
    return name if isinstance(name, str) and name in SERVICE_TIERS and name != STANDARD else None


def _facts(row: Mapping[str, object]) -> Iterator[tuple[str, object, str]]:
    limit = as_object(row.get("limit", {}), "limit")
    for place, field in (("context", "context_window"), ("output", "max_output_tokens")):
        tokens = as_tokens(limit[place], f"limit.{place}") if place in limit else 0
        if tokens:
            yield field, tokens, f"limit.{place}"
    for place, field in (
        ("tool_call", "supports_tools"),
        ("reasoning", "supports_reasoning"),
        ("structured_output", "supports_structured_output"),
    ):
        if isinstance(row.get(place), bool):
            yield field, row[place], place
    modalities = as_object(row.get("modalities", {}), "modalities")
    for place in ("input", "output"):
        if place in modalities:
            names = tuple(as_text(name, f"modalities.{place}") for name in as_items(modalities[place], place))
            yield f"{place}_modalities", names, f"modalities.{place}"
            if place == "input":
                yield "supports_vision", "image" in names, f"modalities.{place}"
    if "knowledge" in row:
        yield "knowledge_cutoff", as_text(row["knowledge"], "knowledge"), "knowledge"
    released = row.get("release_date")
    if isinstance(released, str) and _DAY.fullmatch(released):
        yield "released_on", _day(released), "release_date"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValueError(f"release_date is {text!r}, which is not a day.") from None
