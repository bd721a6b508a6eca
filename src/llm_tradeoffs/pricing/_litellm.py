"""
Prices from LiteLLM's price map, ``model_prices_and_context_window.json``.

How a key is read follows what LiteLLM's own cost functions do with it: which bound is inclusive, which rate
stands in for one that is not stated, what a second is a second of.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import ClassVar, Final, NamedTuple

import attrs

from llm_tradeoffs.errors import InvalidValueError, MissingExtraError, TradeoffsError
from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.money import Exact, Usd
from llm_tradeoffs.pricing._collect import Collector
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
from llm_tradeoffs.rates import PER_MTOK, STANDARD, WEEKDAYS, Multiplier, Price, TimeWindow

__all__ = ["LiteLLMPrices"]

_FILE: Final = "model_prices_and_context_window_backup.json"
_TITLE: Final = "LiteLLM's price map"
_NOT_MODELS: Final = ("sample_spec", "fallback_generalizations")

_WRITE: Final = "cache_creation_input_token_cost"
_HOURLY: Final = "cache_creation_input_token_cost_above_1hr"
_TOKENS: Final = {
    "input_cost_per_token": ("input_tokens",),
    "output_cost_per_token": ("output_tokens",),
    "input_cost_per_token_cache_hit": ("cache_read_tokens",),
    "cache_read_input_token_cost": ("cache_read_tokens",),
    _WRITE: ("cache_write_5m_tokens", "cache_write_1h_tokens"),
    _HOURLY: ("cache_write_1h_tokens",),
    "input_cost_per_audio_token": ("input_audio_tokens",),
    "input_cost_per_image_token": ("input_image_tokens",),
    "input_cost_per_video_token": ("input_video_tokens",),
    "cache_read_input_audio_token_cost": ("cache_read_audio_tokens",),
    "cache_read_input_image_token_cost": ("cache_read_image_tokens",),
    "cache_creation_input_audio_token_cost": ("cache_write_5m_audio_tokens", "cache_write_1h_audio_tokens"),
    "output_cost_per_reasoning_token": ("reasoning_tokens",),
    "citation_cost_per_token": ("citation_tokens",),
    "output_cost_per_audio_token": ("output_audio_tokens",),
    "output_cost_per_image_token": ("output_image_tokens",),
    "output_cost_per_video_token": ("output_video_tokens",),
}
_FEES: Final = {
    "input_cost_per_request": ("requests", 1),
    "input_cost_per_text_message": ("input_messages", 1),
    "input_cost_per_character": ("input_characters", 1),
    "output_cost_per_character": ("output_characters", 1),
    "input_cost_per_image": ("input_images", 1),
    "output_cost_per_image": ("output_images", 1),
    "input_cost_per_pixel": ("input_pixels", 1),
    "output_cost_per_pixel": ("output_pixels", 1),
    "input_cost_per_audio_per_second": ("input_audio_seconds", 1),
    "input_cost_per_video_per_second": ("input_video_seconds", 1),
    "output_cost_per_video_per_second": ("output_video_seconds", 1),
    "ocr_cost_per_page": ("input_pages", 1),
    "annotation_cost_per_page": ("annotated_pages", 1),
    "google_maps_grounding_cost_per_query": ("map_queries", 1),
    "code_interpreter_cost_per_session": ("code_interpreter_sessions", 1),
    "file_search_cost_per_1k_calls": ("file_searches", 1_000),
}
_BY_MODE: Final = {
    ("input_cost_per_query", "rerank"): "rerank_searches",
    ("input_cost_per_query", "search"): "web_searches",
    # A transcription is billed once for its duration, at the output's price if there is one.
    ("input_cost_per_second", "audio_transcription"): "input_audio_seconds",
    ("output_cost_per_second", "audio_transcription"): "input_audio_seconds",
    ("input_cost_per_second", "realtime"): "input_audio_seconds",
    ("output_cost_per_second", "audio_speech"): "output_audio_seconds",
    ("output_cost_per_second", "video_generation"): "output_video_seconds",
    # LiteLLM multiplies it by the pixels of the images that were made.
    ("input_cost_per_pixel", "image_generation"): "output_pixels",
    ("input_cost_per_pixel", "image_edit"): "output_pixels",
}
_TIERS: Final = {
    "batches": "batch",
    **{tier: tier for tier in ("flex", "priority", "balanced", "ultrafast", "decisions")},
}
_SEARCHES: Final = {
    "search_context_size_low": "web_searches_low_context",
    "search_context_size_medium": "web_searches",
    "search_context_size_high": "web_searches_high_context",
}
_SEARCH_KEY: Final = "search_context_cost_per_query"
_UPLIFT: Final = "regional_processing_uplift_multiplier_"
_ENDPOINT_UPLIFT: Final = "regional_endpoint_uplift_multiplier"
_READ_APART: Final = {_SEARCH_KEY, "tiered_pricing", "off_peak_pricing", _ENDPOINT_UPLIFT}
# The same prices once more, in the provider's own currency.
_RESTATED: Final = {"input_dbu_cost_per_token", "output_dbu_cost_per_token"}
_UNMAPPED: Final = (
    (re.compile(r"_interval$"), "it depends on the length of each clip."),
    (re.compile(r"_per_(second|image)_[\w.]+$"), "it holds for one size or resolution; no meter tells them apart."),
    (re.compile(r"per_second$"), "it is for reserved hardware by the second, not for calls."),
    (re.compile(r"per_query$"), "what a query is here depends on the kind of request."),
    (re.compile(r"per_gb_per_day$"), "it is for storage by the day, not for calls."),
    (re.compile(r"per_credit$"), "how many credits a call takes is not stated."),
    (re.compile(r""), "no meter counts this."),
)

_STEP: Final = re.compile(r"_above_(\d+)(k?)_tokens")
_TIER: Final = re.compile(rf"_({'|'.join(_TIERS)})(?=_above_|$)")
_COST: Final = re.compile(r"cost|pricing|multiplier")
_LESS_PREFERRED: Final = ("input_cost_per_token_cache_hit", "input_cost_per_second", "input_cost_per_pixel")
# A length of request that states no rate for one of these has the rate of the other.
_STANDS_IN: Final = {
    "input_cost_per_token": None,
    "output_cost_per_token": None,
    "output_cost_per_reasoning_token": "output_cost_per_token",
    "cache_read_input_token_cost": "input_cost_per_token",
    _WRITE: "input_cost_per_token",
    _HOURLY: _WRITE,
}
_DAY: Final = 24 * 60

_FACTS: Final = {
    "supports_vision": "supports_vision",
    "supports_function_calling": "supports_tools",
    "supports_response_schema": "supports_structured_output",
    "supports_prompt_caching": "supports_prompt_caching",
    "supports_reasoning": "supports_reasoning",
}
_LIMITS: Final = {"max_input_tokens": "context_window", "max_output_tokens": "max_output_tokens"}


@attrs.frozen
class LiteLLMPrices(FileSource):
    """
    The prices of `LiteLLM <https://github.com/BerriAI/litellm>`_.

    Attributes:
        data: ``model_prices_and_context_window.json``, as a path or in bytes; None for the one inside the
            installed package, which is found without importing it.
    """

    data: JsonData | None = attrs.field(default=None, converter=attrs.converters.optional(json_data), repr=shown_data)
    url: ClassVar[str] = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"

    @property
    def name(self) -> str:
        """``"litellm"``."""
        return "litellm"

    def read(self) -> PriceData:
        """
        Everything that the map states.

        Raises:
            PriceSourceError: It cannot be read.
            MissingExtraError: There is no map, and no installed LiteLLM to take it from.
        """
        data, version = _installed() if self.data is None else (self.data, None)
        source = Source(
            id=self.name,
            title=_TITLE,
            kind="package" if self.data is None else "dataset",
            url="https://github.com/BerriAI/litellm",
            version=version,
            publisher="BerriAI",
        )
        found = Collector(source, origin_of(data))
        rows = read_object(data, _TITLE)
        for key, value in rows.items():
            if key not in _NOT_MODELS:
                _read(found, key, value, rows)
        return found.data()


def _installed() -> tuple[Path, str | None]:
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("litellm", "litellm", "reading LiteLLM's price map without a file")
    try:
        version = importlib.metadata.version("litellm")
    except importlib.metadata.PackageNotFoundError:  # a folder of that name on the path
        version = None
    return Path(spec.submodule_search_locations[0]) / _FILE, version


def _read(found: Collector, key: str, value: object, others: Mapping[str, object]) -> None:
    unmapped: dict[str, str] = {}
    try:
        reader = _Reader(found.source, key, as_object(value, "the row"), unmapped)
        if reader.id != key and reader.id in others:
            reader.id = key  # "deepseek-chat" stands beside "deepseek/deepseek-chat", at another price
        found.add(
            reader.id,
            vendor=reader.provider,
            prices=reader.prices(),
            multipliers=reader.multipliers(),
            facts=reader.facts(),
            aliases=reader.aliases(),
            zero_is_free=key.endswith(":free"),
        )
    except TradeoffsError as error:
        found.skip(key, error)
    for field, reason in unmapped.items():
        found.skip(f"{key}: {field}", reason)


class _Key(NamedTuple):
    """A price's name in the map, taken apart: ``input_cost_per_token_above_200k_tokens_priority``."""

    base: str
    bound: int | None
    tier: str


@cache
def _key(field: str) -> _Key | None:
    """What *field* is the price of; None if it is no price, or one that is read apart."""
    if not _COST.search(field) or field in _READ_APART or field in _RESTATED or field.startswith(_UPLIFT):
        return None
    tier = _TIER.search(field)
    base = field if tier is None else field[: tier.start()] + field[tier.end() :]
    step = _STEP.search(base)
    return _Key(
        base if step is None else base[: step.start()] + base[step.end() :],
        None if step is None else int(step[1]) * (1_000 if step[2] else 1),
        STANDARD if tier is None else _TIERS[tier[1]],
    )


@cache
def _meters(base: str, mode: str, hourly: bool) -> tuple[tuple[str, int], ...]:
    """
    The meters of a price, and how many of each it is stated for here.

    Args:
        hourly: Whether the model has a price for an hour in the cache; the general one is then for five minutes.
    """
    by_mode = _BY_MODE.get((base, mode))
    if by_mode is not None:
        return ((by_mode, 1),)
    if base in _FEES:
        return (_FEES[base],)
    return tuple(
        (meter, PER_MTOK)
        for meter in _TOKENS.get(base, ())
        if not (hourly and base == _WRITE and meter == "cache_write_1h_tokens")
    )


class _Reader:
    """Reads one row of the map. What it cannot map goes into *unmapped*, with the reason."""

    def __init__(self, source: Source, key: str, row: Mapping[str, object], unmapped: dict[str, str]) -> None:
        self.source = source
        self.key = key
        self.row = row
        self.unmapped = unmapped
        self.provider = as_text(row.get("litellm_provider"), "litellm_provider")
        self.mode = str(row.get("mode"))
        self.id = key if "/" in key else f"{self.provider}/{key}"
        self._hourly = any(field.startswith(_HOURLY) for field in row)

    def aliases(self) -> list[str]:
        """The key itself, which is what LiteLLM's users write, and what they may write before it."""
        if "/" in self.key:
            return []
        families = [name for name in ("vertex_ai", "bedrock") if self.provider.startswith((f"{name}-", f"{name}_"))]
        return [self.key, *(f"{family}/{self.key}" for family in families)]

    def facts(self) -> list[Fact]:
        stated: list[tuple[str, str, object]] = []
        for field, name in _LIMITS.items():
            limit = as_tokens(self.row[field], field) if field in self.row else 0
            if limit:
                stated.append((field, name, limit))
        for field, name in _FACTS.items():
            value = self.row.get(field)
            if isinstance(value, bool):
                stated.append((field, name, value))
        return [
            Fact(subject=self.id, field=name, value=value, source=self.source, place=f"{self.key}, {field}")
            for field, name, value in stated
        ]

    # Factors.

    def multipliers(self) -> list[Multiplier]:
        found: list[Multiplier] = []
        for field, value in self.row.items():
            if field.startswith(_UPLIFT):
                found.append(self._factor(field, value, region=field.removeprefix(_UPLIFT)))
            elif field == _ENDPOINT_UPLIFT:
                # For every endpoint of Vertex AI but the global one.
                found.append(self._factor(field, value, region="regional"))
        special = as_object(self.row.get("provider_specific_entry", {}), "provider_specific_entry")
        for name, value in special.items():
            field = f"provider_specific_entry.{name}"
            if name == "fast":
                found.append(self._factor(field, value, service_tier="fast"))
            elif name in {"us", "eu"}:
                found.append(self._factor(field, value, region=name))
            elif not isinstance(value, str | dict | list):
                self.unmapped[field] = "what it changes is not known here."
        scopes = [(row.service_tier, row.region) for row in found]
        if len(set(scopes)) < len(scopes):
            raise InvalidValueError("it states two factors for one tier or region.")
        return found

    def _factor(
        self, field: str, value: object, *, service_tier: str | None = None, region: str | None = None
    ) -> Multiplier:
        return Multiplier(
            factor=as_amount(value, field),
            service_tier=service_tier,
            region=region,
            source=self.source,
            place=f"{self.key}, {field}",
        )

    # Prices.

    def prices(self) -> list[Price]:
        tiered, replaced = self._tiered()
        return [*tiered, *self._flat(replaced), *self._off_peak(), *self._searches()]

    def _price(
        self,
        meter: str,
        amount: Exact,
        place: str,
        *,
        per: int = 1,
        bound: int | None = None,
        tier: str = STANDARD,
        window: TimeWindow | None = None,
        above_quantity: int | None = None,
        note: str | None = None,
    ) -> Price:
        inclusive = self.provider == "xai"
        return Price(
            meter=meter,
            usd=Usd(amount),
            per=per,
            service_tier=tier,
            above_input_tokens=None if inclusive else bound,
            from_input_tokens=bound if inclusive else None,
            above_quantity=above_quantity,
            window=window,
            source=self.source,
            place=f"{self.key}, {place}",
            note=note,
        )

    def _flat(self, replaced: frozenset[str]) -> Iterator[Price]:
        amounts: dict[_Key, tuple[str, Exact]] = {}
        for field, value in self.row.items():
            key = _key(field)
            if key is None:
                continue
            if not _meters(key.base, self.mode, False):
                self.unmapped[field] = next(reason for pattern, reason in _UNMAPPED if pattern.search(key.base))
            elif key.base not in replaced:
                amounts[key] = (field, as_amount(value, field))
        held: dict[tuple[str, int | None, str], Price] = {}
        for key, (field, amount) in sorted(amounts.items(), key=lambda entry: entry[0].base not in _LESS_PREFERRED):
            for price in self._rows(key, field, amount):
                at = (price.meter, price.bound, price.service_tier)
                if price.usd or at not in held:  # a 0 says only that the other field has the price
                    held[at] = price
        yield from held.values()
        yield from self._shorter_in_caches(amounts)
        yield from self._longer_in_tiers(amounts)
        if self._by_prompt():
            yield from (self._no_further(price) for price in held.values() if price.meter == "map_queries")

    def _rows(self, key: _Key, field: str, amount: Exact, note: str | None = None) -> Iterator[Price]:
        for meter, per in _meters(key.base, self.mode, self._hourly):
            # A price per token is written as one per million, as everybody else does.
            whole = amount * per if key.base in _TOKENS else amount
            yield self._price(meter, whole, field, per=per, bound=key.bound, tier=key.tier, note=note)

    def _shorter_in_caches(self, amounts: Mapping[_Key, tuple[str, Exact]]) -> Iterator[Price]:
        """A cache price for long requests only: LiteLLM then bills the others' cached tokens as plain input."""
        usual = amounts.get(_Key("input_cost_per_token", None, STANDARD))
        for base in ("cache_read_input_token_cost", _WRITE):
            short = _Key(base, None, STANDARD)
            if (
                usual is not None
                and short not in amounts
                and any((key.base, key.tier) == (base, STANDARD) for key in amounts)
            ):
                yield from self._rows(short, *usual, "the price of input; LiteLLM states none for shorter requests")

    def _longer_in_tiers(self, amounts: Mapping[_Key, tuple[str, Exact]]) -> Iterator[Price]:
        """
        Long requests in a tier that has no price for them: LiteLLM then takes the standard price of that length.

        Not for batches, whose price it keeps at any length.
        """
        tiers = {key.tier for key in amounts} - {STANDARD, "batch"}
        for key, (field, amount) in amounts.items():
            if key.bound is None or key.tier != STANDARD or key.base not in _STANDS_IN:
                continue
            for tier in sorted(tiers):
                if key._replace(bound=None, tier=tier) in amounts and key._replace(tier=tier) not in amounts:
                    note = f"the standard price; LiteLLM states none for {tier} requests of this length"
                    yield from self._rows(key._replace(tier=tier), field, amount, note)

    def _tiered(self) -> tuple[list[Price], frozenset[str]]:
        """Prices by ranges of length, and the fields that they replace."""
        stated = self.row.get("tiered_pricing")
        if stated is None:
            return [], frozenset()
        rows = [
            as_object(row, f"tiered_pricing[{index}]") for index, row in enumerate(as_items(stated, "tiered_pricing"))
        ]
        if rows and all("max_results_range" in row for row in rows):
            self.unmapped["tiered_pricing"] = "the price depends on how many results are asked for."
            return [], frozenset()
        ranges = [self._range(row, f"tiered_pricing[{index}].range") for index, row in enumerate(rows)]
        ends = [0, *(end for _, end in ranges)]
        if not rows or [start for start, _ in ranges] != ends[:-1]:
            raise InvalidValueError(
                f"the ranges of tiered_pricing are {ranges}; expected them from 0 up without a gap."
            )
        fields = {field for row in rows for field in row} - {"range"}
        for field in sorted(fields - _STANDS_IN.keys()):
            self.unmapped[f"tiered_pricing.{field}"] = "it is not known how it goes with a range."
        prices: list[Price] = []
        for index, (row, (start, _)) in enumerate(zip(rows, ranges, strict=True)):
            for field in _STANDS_IN:
                if field in fields:
                    place = f"tiered_pricing[{index}].{field}"
                    amount = as_amount(_stated(row, field), place)
                    prices.extend(self._rows(_Key(field, start or None, STANDARD), place, amount))
        outputs = {"output_cost_per_token", "output_cost_per_reasoning_token"}
        return prices, frozenset(_STANDS_IN.keys() - (set() if outputs & fields else outputs))

    def _range(self, row: Mapping[str, object], what: str) -> tuple[int, int]:
        bounds = [as_tokens(bound, what) for bound in as_items(row.get("range"), what)]
        if len(bounds) != 2:
            raise InvalidValueError(f"{what} has {len(bounds)} numbers; expected a start and an end.")
        return bounds[0], bounds[1]

    def _off_peak(self) -> Iterator[Price]:
        stated = self.row.get("off_peak_pricing")
        if stated is None:
            return
        block = as_object(stated, "off_peak_pricing")
        windows = _windows(block)
        for field, value in block.items():
            if field in {"hours_utc", "windows", "weekday_timezone"}:
                continue
            place = f"off_peak_pricing.{field}"
            if field not in _STANDS_IN:
                self.unmapped[place] = "no meter counts this."
                continue
            amount = as_amount(value, place)
            for meter, per in _meters(field, self.mode, self._hourly):
                for window in windows:
                    yield self._price(meter, amount * per, place, per=per, window=window)

    def _searches(self) -> Iterator[Price]:
        stated = self.row.get(_SEARCH_KEY)
        if stated is None:
            return
        free = self.row.get("search_free_requests")
        note = None
        if free is not None:
            quota = as_object(free, "search_free_requests")
            note = f"the first {quota.get('count')} a {quota.get('period')} are free, which no single call can tell"
        for name, value in as_object(stated, _SEARCH_KEY).items():
            place = f"{_SEARCH_KEY}.{name}"
            if name not in _SEARCHES:
                self.unmapped[place] = "no meter counts this."
                continue
            price = self._price(_SEARCHES[name], as_amount(value, place), place, note=note)
            yield price
            if self._by_prompt():
                yield self._no_further(price)

    def _by_prompt(self) -> bool:
        """Whether a call pays for one search however many it makes, as with Gemini 2."""
        google = self.provider == "gemini" or (self.provider.startswith("vertex_ai") and "claude" not in self.key)
        return google and self.row.get("web_search_billing_unit") != "per_query"

    def _no_further(self, price: Price) -> Price:
        return attrs.evolve(price, usd=Usd(0), above_quantity=1, note="charged once a call, however many it makes")


def _stated(row: Mapping[str, object], field: str) -> object:
    """What a range says about *field*, or about what stands in for it."""
    stand_in: str | None = field
    while stand_in is not None and stand_in not in row:
        stand_in = _STANDS_IN[stand_in]
    if stand_in is None:
        raise InvalidValueError(f"a range of tiered_pricing has no {field}.")
    return row[stand_in]


def _windows(block: Mapping[str, object]) -> list[TimeWindow]:
    """
    The hours of a discount: ``hours_utc`` of every day, and those of ``windows`` on some days of the week.

    The hours are by the clock of UTC, the days by the calendar of ``weekday_timezone``: so the hours are moved
    to that zone, and cut at its midnight.
    """
    zone = "UTC"
    rules: list[tuple[object, frozenset[int]]] = []
    if "hours_utc" in block:
        rules.append((block["hours_utc"], frozenset(range(7))))
    for rule in as_items(block.get("windows", []), "off_peak_pricing.windows"):
        held = as_object(rule, "off_peak_pricing.windows")
        if "weekdays" in held:
            zone = as_text(block.get("weekday_timezone", "UTC"), "off_peak_pricing.weekday_timezone")
        rules.append((held.get("hours_utc"), _weekdays(held.get("weekdays"))))
    ahead = _minutes_ahead(zone)
    spans: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
    for hours, days in rules:
        for start, end in _hours(hours):
            begins = (start + ahead) % _DAY
            ends = begins + ((end - start) % _DAY or _DAY)
            for day in days:
                spans[day].append((begins, min(ends, _DAY)))
                if ends > _DAY:
                    spans[day].append((0, ends - _DAY))
    found: dict[tuple[int, int], list[str]] = {}
    for day, held_spans in spans.items():
        for span in _merged(held_spans):
            found.setdefault(span, []).append(WEEKDAYS[day])
    if not found:
        raise InvalidValueError("off_peak_pricing names no hours.")
    return [
        TimeWindow(start=_clock(start), end=_clock(end % _DAY), zone=zone, weekdays=tuple(days))
        for (start, end), days in found.items()
    ]


def _weekdays(value: object) -> frozenset[int]:
    if value is None:
        return frozenset(range(7))
    what = "off_peak_pricing.windows.weekdays"
    days: set[int] = set()
    for entry in as_items(value, what):
        named = [day for day, name in enumerate(WEEKDAYS) if isinstance(entry, str) and name.startswith(entry.lower())]
        day = named[0] if len(named) == 1 else as_tokens(entry, what) - 1
        if not 0 <= day < 7:
            raise InvalidValueError(f"{what} has the day {entry!r}; expected 1 for Monday to 7 for Sunday.")
        days.add(day)
    return frozenset(days)


def _hours(value: object) -> list[tuple[int, int]]:
    what = "off_peak_pricing.hours_utc"
    found: list[tuple[int, int]] = []
    for entry in [value] if isinstance(value, str) else as_items(value, what):
        match = re.fullmatch(r"\s*([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)\s*", as_text(entry, what))
        if match is None:
            raise InvalidValueError(f"{what} is {entry!r}; expected hours such as '16:30-00:30'.")
        found.append((int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])))
    return found


def _minutes_ahead(zone: str) -> int:
    """How far the clock of *zone* is ahead of UTC, if it is so all year. [minutes]"""
    if zone == "UTC":
        return 0
    from zoneinfo import ZoneInfo

    try:
        info = ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        raise InvalidValueError(f"the time zone {zone!r} is not known here.") from None
    offsets = {datetime(2026, month, 1, tzinfo=UTC).astimezone(info).utcoffset() for month in range(1, 13)}
    offset = offsets.pop()
    if offsets or offset is None:
        raise InvalidValueError(f"the clock of {zone!r} changes during the year; its hours cannot be told in UTC.")
    return int(offset / timedelta(minutes=1))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
