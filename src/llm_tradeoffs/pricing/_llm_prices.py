"""Prices from simonw/llm-prices: the current ones, or all of them with their days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar, Final

import attrs

from llm_tradeoffs.errors import InvalidValueError, PriceSourceError, TradeoffsError
from llm_tradeoffs.facts import Source
from llm_tradeoffs.money import Usd
from llm_tradeoffs.pricing._collect import Collector
from llm_tradeoffs.pricing._data import PriceData
from llm_tradeoffs.pricing._fetch import FileSource
from llm_tradeoffs.pricing._json import (
    JsonData,
    as_amount,
    as_object,
    as_text,
    json_data,
    origin_of,
    read_object,
    shown_data,
)
from llm_tradeoffs.rates import Price

__all__ = ["LlmPrices"]

_METERS: Final = {"input": "input_tokens", "output": "output_tokens", "input_cached": "cache_read_tokens"}
# "Gemini 2.5 Pro >200k", whose id is that of the model with the same bound behind it.
_LONG: Final = re.compile(r"(?P<model>.+)-(?P<thousands>\d+)k")


@attrs.frozen
class LlmPrices(FileSource):
    """
    The prices of `llm-prices <https://www.llm-prices.com>`_.

    A row for long requests, such as ``gemini-2.5-pro-200k``, becomes a price of its model.

    Attributes:
        data: ``current-v1.json`` or ``historical-v1.json``, as a path or in bytes.
    """

    data: JsonData = attrs.field(converter=json_data, repr=shown_data)
    url: ClassVar[str] = "https://www.llm-prices.com/historical-v1.json"

    @property
    def name(self) -> str:
        """``"llm-prices"``."""
        return "llm-prices"

    def read(self) -> PriceData:
        """
        Everything that the file states.

        Raises:
            PriceSourceError: It cannot be read.
        """
        title = "llm-prices"
        content = read_object(self.data, title)
        updated = content.get("updated_at", "")
        if not isinstance(updated, str):
            raise PriceSourceError(f"{title} cannot be read from {origin_of(self.data)}: updated_at is no text.")
        source = Source(
            id=self.name,
            title=title,
            kind="dataset",
            as_of=updated,
            url="https://www.llm-prices.com",
            publisher="Simon Willison",
        )
        found = Collector(source, origin_of(self.data))
        rows: dict[tuple[str, str], list[tuple[str, Mapping[str, object]]]] = {}
        for index, value in enumerate(found.listed(content, "prices")):
            name = f"prices[{index}]"
            try:
                row: Mapping[str, object] = as_object(value, "the row")
                model = as_text(row.get("id"), "id")
                vendor = as_text(row.get("vendor"), "vendor")
                as_text(row.get("name"), "name")
            except TradeoffsError as error:
                found.skip(name, error)
            else:
                rows.setdefault((vendor, model), []).append((f"{vendor}/{model}", row))
        long_of = {key: base for key in rows if (base := _base(key, rows)) is not None}
        prices: dict[tuple[str, str], list[Price]] = {}
        for key, held in rows.items():
            owner, bound = long_of.get(key, (key, None))
            for name, row in held:
                try:
                    stated = [*_prices(source, name, row, bound)]
                except TradeoffsError as error:
                    found.skip(name, error)
                else:
                    prices.setdefault(owner, []).extend(stated)
        for (vendor, model), stated in prices.items():
            title_row = rows[(vendor, model)][0][1]
            try:
                found.add(
                    f"{vendor}/{model}",
                    vendor=vendor,
                    name=as_text(title_row["name"], "name"),
                    prices=stated,
                    aliases=[model],
                )
            except TradeoffsError as error:
                found.skip(f"{vendor}/{model}", error)
        return found.data()


def _base(
    key: tuple[str, str], rows: Mapping[tuple[str, str], list[tuple[str, Mapping[str, object]]]]
) -> tuple[tuple[str, str], int] | None:
    """The model of which *key* is the price for long requests, and above which length; None for a model."""
    match = _LONG.fullmatch(key[1])
    if match is None or (key[0], match["model"]) not in rows:
        return None
    thousands = match["thousands"]
    if not all(str(row["name"]).endswith(f">{thousands}k") for _, row in rows[key]):
        return None
    return (key[0], match["model"]), int(thousands) * 1_000


def _prices(source: Source, name: str, row: Mapping[str, object], bound: int | None) -> Iterator[Price]:
    since, until = _day(row, "from_date"), _day(row, "to_date")
    if since is not None and until is not None and until <= since:
        raise InvalidValueError(f"it ends on {until}, before it begins on {since}.")
    for field, meter in _METERS.items():
        value = row.get(field)
        if value is None and field == "input_cached":
            continue  # it has no price of its own
        yield Price(
            meter=meter,
            usd=Usd(as_amount(value, field)),
            above_input_tokens=bound,
            effective_from=since,
            effective_until=until,
            source=source,
            place=f"{name}, {field}",
        )


def _day(row: Mapping[str, object], field: str) -> date | None:
    value = row.get(field)
    if value is None:
        return None
    try:
        return date.fromisoformat(as_text(value, field))
    except ValueError:
        raise InvalidValueError(f"{field} is {value!r}; expected a day such as '2026-03-01'.") from None
