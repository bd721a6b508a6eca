"""
Prices from the installed package genai-prices.

The package replaces the whole set of a model's prices on a day or in an hour, and takes the first set for any
earlier day. Here each set ends where the next begins, and a set without a day is "always, until the first day
that is stated".
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple, cast

import attrs

from llm_tradeoffs.errors import InvalidValueError, MissingExtraError, PriceSourceError, TradeoffsError
from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.money import Usd, exact
from llm_tradeoffs.pricing._collect import Collector, bare_names, meet
from llm_tradeoffs.pricing._data import PriceData
from llm_tradeoffs.rates import STANDARD, Price, TimeWindow

__all__ = ["GenaiPrices"]

_METERS: Final = {
    "input_tokens": ("input_tokens",),
    "output_tokens": ("output_tokens",),
    "cache_read_tokens": ("cache_read_tokens",),
    "cache_write_tokens": ("cache_write_5m_tokens", "cache_write_1h_tokens"),
    "cache_write_5m_tokens": ("cache_write_5m_tokens",),
    "cache_write_1h_tokens": ("cache_write_1h_tokens",),
    "input_audio_tokens": ("input_audio_tokens",),
    "input_image_tokens": ("input_image_tokens",),
    "input_video_tokens": ("input_video_tokens",),
    "output_audio_tokens": ("output_audio_tokens",),
    "output_image_tokens": ("output_image_tokens",),
    "output_video_tokens": ("output_video_tokens",),
    "output_reasoning_tokens": ("reasoning_tokens",),
    "output_citation_tokens": ("citation_tokens",),
    **{f"cache_{medium}_read_tokens": (f"cache_read_{medium}_tokens",) for medium in ("audio", "image", "video")},
    **{
        f"cache_{medium}_write_tokens": (f"cache_write_5m_{medium}_tokens", f"cache_write_1h_{medium}_tokens")
        for medium in ("audio", "image", "video")
    },
    **{
        f"cache_{medium}_write_{kept}_tokens": (f"cache_write_{kept}_{medium}_tokens",)
        for medium in ("audio", "image", "video")
        for kept in ("5m", "1h")
    },
    "input_characters": ("input_characters",),
    "input_text_messages": ("input_messages",),
    "audio_seconds": ("input_audio_seconds",),
    "input_audio_seconds": ("input_audio_seconds",),
    "output_audio_seconds": ("output_audio_seconds",),
    "input_pixels": ("input_pixels",),
    "input_document_pages": ("input_pages",),
    "input_annotated_document_pages": ("annotated_pages",),
    "rerank_searches": ("rerank_searches",),
    "web_searches": ("web_searches",),
    "social_searches": ("social_searches",),
    "storage_searches": ("file_searches",),
    "code_executions": ("code_executions",),
    "requests": ("requests",),
}
"""For each unit of the package what it counts here. A unit that is not in it (text tokens, tool tokens) is left out."""

_GENERAL: Final = {"audio_seconds", *(unit for unit, meters in _METERS.items() if len(meters) > 1)}
"""Units that hold for several meters, or in either direction; a unit that is about one of them goes before."""

_CONTEXT: Final = {
    ("processing", "batch"): "batch",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
    ("service_tier", "fast"): "fast",
    ("speed", "fast"): "fast",
}
"""What a request says, in the package's words, and the service tier that it is priced in."""

_PURPOSE: Final = "reading prices from genai-prices"
_GROQ_MINIMUM: Final = 10  # seconds; the package has it in its code, not in its data


class _Unit(NamedTuple):
    name: str
    meters: tuple[str, ...]
    per: int


class _Set(NamedTuple):
    """A set of prices as the package keeps it, and when and for what it holds."""

    prices: dict[str, Any]
    place: str
    effective_from: date | None = None
    effective_until: date | None = None
    window: TimeWindow | None = None
    service_tier: str = STANDARD
    region: str | None = None


@attrs.frozen
class GenaiPrices:
    """
    The prices of the installed package `genai-prices <https://github.com/pydantic/genai-prices>`_.

    Reading takes the data that came with the package, whatever the package itself has been told to update to.
    """

    _snapshot: Any = attrs.field(default=None, repr=False)

    @property
    def name(self) -> str:
        """``"genai-prices"``."""
        return "genai-prices"

    def refreshed(self, *, timeout: float, url: str | None = None) -> GenaiPrices:
        """
        The prices of today, fetched with the package's own means. This one, and the package, stay as they are.

        Args:
            timeout: How long the package waits for the connection and for each part of the answer. [s]
            url: Where to fetch from; None for where the package itself does.

        Raises:
            PriceSourceError: They could not be fetched, or not be read.
            MissingExtraError: The package is not installed.
        """
        package = _package("update_prices")
        try:
            # The package says Timeout; what it passes it to takes seconds as well.
            updater = package.UpdatePrices(request_timeout=timeout, **({} if url is None else {"url": url}))
            snapshot = updater.fetch()
            if snapshot is None:
                raise ValueError("nothing came")
        except Exception as error:  # whatever the package and its HTTP client raise
            raise PriceSourceError(
                f"the prices of genai-prices cannot be refreshed ({type(error).__name__}: {error}). "
                "What was read before stays as it is."
            ) from error
        made = GenaiPrices(snapshot)
        made.read()
        return made

    def read(self) -> PriceData:
        """
        Everything that the package states.

        Raises:
            PriceSourceError: It cannot be read, in this version.
            MissingExtraError: The package is not installed.
        """
        package = _package("__init__")
        try:
            if self._snapshot is None:
                providers, as_of = _package("data").providers, ""
            else:
                providers, as_of = self._snapshot.providers, self._snapshot.timestamp.date().isoformat()
            units = _units(_package("data_units").unit_data)
            source = Source(
                id=self.name,
                title="genai-prices",
                kind="package",
                as_of=as_of,
                url="https://github.com/pydantic/genai-prices",
                version=package.__version__,
                publisher="Pydantic",
            )
            found = Collector(source, f"the installed package {package.__version__}")
            for provider in providers:
                for model in provider.models:
                    _Reader(found, units, provider.id, model).read()
            return found.data()
        except (AttributeError, TypeError, LookupError) as error:
            raise PriceSourceError(
                f"the installed genai-prices cannot be read ({type(error).__name__}: {error}); this library knows "
                "the shape of version 0.2."
            ) from error


def _package(module: str) -> Any:
    try:
        return importlib.import_module("genai_prices" if module == "__init__" else f"genai_prices.{module}")
    except ModuleNotFoundError as error:
        raise MissingExtraError("genai-prices", "genai-prices", _PURPOSE) from error


def _units(unit_data: Any) -> dict[str, _Unit]:
    return {unit["price_key"]: _Unit(name, _METERS.get(name, ()), unit["per"]) for name, unit in unit_data.items()}


class _Reader:
    """Reads one model. What it cannot map goes into *unmapped*, with the reason."""

    def __init__(self, found: Collector, units: Mapping[str, _Unit], provider: str, model: Any) -> None:
        self.found = found
        self.units = units
        self.provider = provider
        self.model = model
        self.id = f"{provider}/{model.id}"
        self.unmapped: dict[str, str] = {}

    def read(self) -> None:
        try:
            sets = [*self._standard(), *self._variants()]
            # Whoever states what an hour in the cache costs does not mean it with the price for writing to it.
            hourly = any("write_1h" in key for held in sets for key in held.prices)
            names = [str(self.model.id), *_equals(self.model.match)]
            self.found.add(
                self.id,
                vendor=self.provider,
                name=self.model.name,
                prices=[price for held in sets for price in self._rows(held, hourly)],
                facts=self._facts(),
                aliases=[f"{self.provider}/{name}" for name in names[1:]] + bare_names(self.provider, names),
            )
        except TradeoffsError as error:
            self.found.skip(self.id, error)
        for place, reason in self.unmapped.items():
            self.found.skip(f"{self.id}: {place}", reason)

    def _facts(self) -> list[Fact]:
        window = self.model.context_window
        if window is None:
            return []
        place = f"{self.provider}, {self.model.id}, context_window"
        return [Fact(subject=self.id, field="context_window", value=window, source=self.found.source, place=place)]

    def _standard(self) -> Iterator[_Set]:
        stated: Any = self.model.prices
        if not isinstance(stated, list):
            yield _Set(_values(stated), "prices")
            return
        rows = cast("Sequence[Any]", stated)
        for since, until in _periods(rows, undated=True):
            windows: list[_Set] = []
            # The last row whose condition is met is the one that holds.
            for index, row in reversed(list(enumerate(rows))):
                place = f"prices[{index}].prices"
                if _has_hours(row.constraint):
                    window = _window(row.constraint)
                    if window is not None:
                        windows.append(_Set(_values(row.prices), place, since, until, window))
                elif _begun(row.constraint, since):
                    base = _Set(_values(row.prices), place, since, until)
                    _check_windows(base, windows)
                    yield base
                    yield from windows
                    break

    def _variants(self) -> Iterator[_Set]:
        scopes: dict[tuple[str, str | None], list[tuple[str, Any]]] = {}
        variants = cast("list[Any]", self.model.price_variants or [])
        for index, variant in enumerate(variants):
            place = f"price_variants[{index}]"
            if not _values(variant.prices):
                continue  # states that nothing changes
            context = tuple(cast("dict[str, str]", variant.when).items())
            said = ", ".join(f"{key}={value}" for key, value in context)
            if _has_hours(variant.constraint):
                self.unmapped[place] = f"the price for {said} holds in some hours only, which is not read here."
            elif len(context) == 1 and context[0] in _CONTEXT:
                scopes.setdefault((_CONTEXT[context[0]], None), []).append((place, variant))
            elif len(context) == 1 and context[0][0] == "route":
                scopes.setdefault((STANDARD, context[0][1]), []).append((place, variant))
            else:
                self.unmapped[place] = f"the price for {said} is for no service tier and for no region."
        for (tier, region), held in scopes.items():
            undated = any(row.constraint is None for _, row in held)
            for since, until in _periods([row for _, row in held], undated=undated):
                taken: set[str] = set()
                # The first row whose condition is met goes before the others, for each price by itself.
                for place, row in held:
                    if _begun(row.constraint, since):
                        prices = {key: value for key, value in _values(row.prices).items() if key not in taken}
                        taken |= prices.keys()
                        yield _Set(prices, f"{place}.prices", since, until, None, tier, region)

    def _rows(self, held: _Set, hourly: bool) -> Iterator[Price]:
        stated: dict[str, tuple[str, Any]] = {}
        for key, value in sorted(held.prices.items(), key=lambda entry: not self._is_general(entry[0])):
            unit = self.units.get(key)
            if unit is None or not unit.meters:
                self.unmapped[f"{held.place}.{key}"] = "no meter counts this."
                continue
            for meter in unit.meters:
                if not (hourly and unit.name in _GENERAL and "write_1h" in meter):
                    stated[meter] = (key, value)
        for meter, (key, value) in stated.items():
            for bound, amount in _steps(value):
                yield self._price(held, key, meter, bound, amount)

    def _is_general(self, key: str) -> bool:
        return key in self.units and self.units[key].name in _GENERAL

    def _price(self, held: _Set, key: str, meter: str, bound: int | None, amount: Any) -> Price:
        return Price(
            meter=meter,
            usd=Usd(exact(amount, f"{held.place}.{key}")),
            per=self.units[key].per,
            service_tier=held.service_tier,
            region=held.region,
            above_input_tokens=bound,
            minimum_quantity=_GROQ_MINIMUM if self._is_groq_whisper(meter) else None,
            window=held.window,
            effective_from=held.effective_from,
            effective_until=held.effective_until,
            source=self.found.source,
            place=f"{self.provider}, {self.model.id}, {held.place}.{key}",
        )

    def _is_groq_whisper(self, meter: str) -> bool:
        return (
            meter == "input_audio_seconds"
            and self.provider == "groq"
            and self.model.id in {"whisper-large-v3", "whisper-large-v3-turbo"}
        )


def _values(prices: Any) -> dict[str, Any]:
    """The prices that a set of the package states, by their keys."""
    return {key: value for key, value in cast("dict[str, Any]", vars(prices)).items() if value is not None}


def _has_hours(constraint: Any) -> bool:
    return hasattr(constraint, "start_time")


def _begun(constraint: Any, day: date | None) -> bool:
    """Whether a row holds from *day* on; None is the time before any day that is stated."""
    return constraint is None or (day is not None and bool(constraint.start_date <= day))


def _periods(rows: Iterable[Any], *, undated: bool) -> Iterator[tuple[date | None, date | None]]:
    """The times between the days on which a row begins, and before the first one where some row is *undated*."""
    days: list[date] = sorted(
        {row.constraint.start_date for row in rows if row.constraint is not None and not _has_hours(row.constraint)}
    )
    starts: list[date | None] = [None, *days] if undated else [*days]
    return zip(starts, [*starts[1:], None], strict=True)


def _steps(value: Any) -> Iterable[tuple[int | None, Any]]:
    """A price, or the prices of a request by its length: above each bound the whole request costs more."""
    tiers = cast("list[Any] | None", getattr(value, "tiers", None))
    if tiers is None:
        return ((None, value),)
    return ((None, value.base), *{tier.start: (tier.start, tier.price) for tier in tiers}.values())


def _window(constraint: Any) -> TimeWindow | None:
    """The hours of a condition by the clock of UTC; None if they are none."""
    start, end = _in_utc(constraint.start_time), _in_utc(constraint.end_time)
    return None if start == end else TimeWindow(start=start, end=end)


def _in_utc(moment: time) -> time:
    if moment.tzinfo is None:
        return moment
    return datetime.combine(date(1970, 1, 1), moment).astimezone(UTC).time()


def _check_windows(base: _Set, windows: Sequence[_Set]) -> None:
    for index, held in enumerate(windows):
        if held.prices.keys() != base.prices.keys():
            raise InvalidValueError(f"{held.place} has prices for other things than {base.place}.")
        for other in windows[:index]:
            if held.window is None or other.window is None or meet(held.window, other.window):
                raise InvalidValueError(f"the hours of {held.place} and {other.place} overlap.")


def _equals(clause: Any) -> list[str]:
    """The names that a clause of the package accepts one by one; beginnings and patterns are none."""
    name = getattr(clause, "equals", None)
    if isinstance(name, str):
        return [name]
    parts = cast("list[Any]", getattr(clause, "or_", None) or [])
    return [name for part in parts for name in _equals(part)]
