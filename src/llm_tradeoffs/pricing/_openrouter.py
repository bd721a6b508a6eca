"""Prices from OpenRouter, ``https://openrouter.ai/api/v1/models``: USD per token, written as texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final, NamedTuple

import attrs

from llm_tradeoffs.errors import InvalidValueError, TradeoffsError
from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.money import Usd, exact
from llm_tradeoffs.pricing._collect import Collector, meet
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
from llm_tradeoffs.rates import PER_MTOK, Price, TimeWindow

__all__ = ["OpenRouterPrices"]

_WRITE: Final = "input_cache_write"
_HOURLY: Final = "input_cache_write_1h"
_METERS: Final = {
    "prompt": ("input_tokens",),
    "completion": ("output_tokens",),
    "internal_reasoning": ("reasoning_tokens",),
    "input_cache_read": ("cache_read_tokens",),
    _WRITE: ("cache_write_5m_tokens", "cache_write_1h_tokens"),
    _HOURLY: ("cache_write_1h_tokens",),
    "audio": ("input_audio_tokens",),
    "audio_output": ("output_audio_tokens",),
    "input_audio_cache": ("cache_read_audio_tokens",),
}
_FEES: Final = {"request": "requests", "image": "input_images", "web_search": "web_searches"}
_ALWAYS: Final = ("prompt", "completion", "request")
"""What every model has a price for; a 0 for anything else says that it has no price of its own."""

_AMBIGUOUS: Final = ("image_output", "image_token")
_CONDITIONS: Final = ("min_prompt_tokens", "utc_start", "utc_end")


@attrs.frozen
class OpenRouterPrices(FileSource):
    """
    The prices of `OpenRouter <https://openrouter.ai>`_.

    Attributes:
        data: The answer of ``/api/v1/models``, as a path or in bytes.
    """

    data: JsonData = attrs.field(converter=json_data, repr=shown_data)
    url: ClassVar[str] = "https://openrouter.ai/api/v1/models"

    @property
    def name(self) -> str:
        """``"openrouter"``."""
        return "openrouter"

    def read(self) -> PriceData:
        """
        Everything that the list states.

        Raises:
            PriceSourceError: It cannot be read.
        """
        source = Source(id=self.name, title="OpenRouter's models", kind="vendor", url=self.url, publisher="OpenRouter")
        found = Collector(source, origin_of(self.data))
        for index, value in enumerate(found.listed(read_object(self.data, source.title), "data")):
            name = f"data[{index}]"
            try:
                row = as_object(value, "the row")
                name = as_text(row.get("id"), "id")
                _read(found, name, row)
            except TradeoffsError as error:
                found.skip(name, error)
        return found.data()


def _read(found: Collector, model: str, row: Mapping[str, object]) -> None:
    record_id = f"openrouter/{model}"
    reader = _Reader(found.source, model, as_object(row.get("pricing"), "pricing"))
    facts: list[Fact] = []
    if row.get("context_length") is not None:
        window = as_tokens(row["context_length"], "context_length")
        place = f"{model}, context_length"
        facts.append(Fact(subject=record_id, field="context_window", value=window, source=found.source, place=place))
    slug = row.get("canonical_slug")
    found.add(
        record_id,
        vendor=model.partition("/")[0],
        name=as_text(row["name"], "name") if row.get("name") is not None else None,
        prices=reader.prices(),
        facts=facts,
        aliases=[] if slug is None else [f"openrouter/{as_text(slug, 'canonical_slug')}"],
        zero_is_free=True,  # the seller's own list: a 0 is what it charges
    )
    for field, reason in reader.unmapped.items():
        found.skip(f"{model}: {field}", reason)


class _Reader:
    """Reads the prices of one model. What it cannot map goes into *unmapped*, with the reason."""

    def __init__(self, source: Source, model: str, pricing: Mapping[str, object]) -> None:
        self.source = source
        self.model = model
        self.pricing = pricing
        self.unmapped: dict[str, str] = {}

    def prices(self) -> list[Price]:
        for field in ("prompt", "completion"):
            if field not in self.pricing:
                raise InvalidValueError(f"pricing has no {field}.")
        discount = self.pricing.get("discount", 0)
        if as_amount(discount, "pricing.discount"):
            raise InvalidValueError(f"pricing.discount is {discount}; whether the prices contain it is not stated.")
        usual = [
            price
            for field, value in self.pricing.items()
            if field not in {"discount", "overrides"}
            for price in self._field("pricing", field, value)
        ]
        return [*usual, *self._overrides()]

    def _overrides(self) -> Iterator[Price]:
        steps: list[_Step] = []
        for index, value in enumerate(as_items(self.pricing.get("overrides", []), "pricing.overrides")):
            place = f"pricing.overrides[{index}]"
            entry = as_object(value, place)
            step = _Step.of(entry, place)
            step.check_after(steps)
            steps.append(step)
            for field, amount in entry.items():
                if field not in _CONDITIONS:
                    for price in self._field(place, field, amount):
                        yield attrs.evolve(price, above_input_tokens=step.bound, window=step.window)

    def _field(self, place: str, field: str, value: object) -> Iterator[Price]:
        what = f"{place}.{field}"
        if field in _AMBIGUOUS:
            self.unmapped[what] = "whether it is for an image or for a token, sent or made, is not clear."
            return
        if field not in _METERS and field not in _FEES:
            self.unmapped[what] = "no meter counts this."
            return
        if isinstance(value, str) and exact(value, what) == -1:
            raise InvalidValueError(f"{what} is -1: the price varies from call to call.")
        amount = as_amount(value, what)
        if not amount and field not in _ALWAYS:
            return
        where = f"{self.model}, {what}"
        if field in _FEES:
            yield Price(meter=_FEES[field], usd=Usd(amount), per=1, source=self.source, place=where)
            return
        for meter in _METERS[field]:
            if not (field == _WRITE and _HOURLY in self.pricing and meter == "cache_write_1h_tokens"):
                yield Price(meter=meter, usd=Usd(amount * PER_MTOK), source=self.source, place=where)


class _Step(NamedTuple):
    """When the prices of an override hold, instead of the usual ones."""

    place: str
    bound: int | None
    window: TimeWindow | None

    @classmethod
    def of(cls, entry: Mapping[str, object], place: str) -> _Step:
        bound = entry.get("min_prompt_tokens")
        start, end = entry.get("utc_start"), entry.get("utc_end")
        if bound is None and start is None and end is None:
            raise InvalidValueError(f"{place} states no condition that is known here.")
        window = None
        if start is not None or end is not None:
            window = TimeWindow(start=as_text(start, f"{place}.utc_start"), end=as_text(end, f"{place}.utc_end"))
        # "Once the prompt exceeds 272K tokens": the number is the last length at the usual price.
        return cls(place, None if bound is None else as_tokens(bound, f"{place}.min_prompt_tokens"), window)

    def check_after(self, others: Iterable[_Step]) -> None:
        """
        Of two entries that hold at once, the later one wins. A rate card lets the longer bound win.

        Raises:
            InvalidValueError: The two rules would disagree.
        """
        for other in others:
            if (self.window is None) != (other.window is None):
                raise InvalidValueError(f"{self.place} and {other.place} may hold at once: one by length, one by hour.")
            if self.window is not None and other.window is not None:
                if meet(self.window, other.window):
                    raise InvalidValueError(f"the hours of {self.place} and {other.place} overlap.")
            elif (self.bound or 0) <= (other.bound or 0):
                raise InvalidValueError(f"{self.place} is for shorter requests than {other.place} before it.")
