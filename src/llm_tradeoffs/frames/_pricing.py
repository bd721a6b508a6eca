"""What cells cost: a plan of a rate card for each, the sums of those alike, and one bill of the library for a sum."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple, TypeAlias

import attrs

from llm_tradeoffs.calls import LeftOut
from llm_tradeoffs.catalog import Catalog
from llm_tradeoffs.costing import LineItem, bill, resolve_model
from llm_tradeoffs.errors import (
    AmbiguousNameError,
    InvalidTypeError,
    NoFactOnDateError,
    UnknownNameError,
    UnknownPriceError,
)
from llm_tradeoffs.facts import as_moment
from llm_tradeoffs.frames._cells import Cell, CellSum, Problem
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, divide, plain
from llm_tradeoffs.pricing import PricingRegistry
from llm_tradeoffs.rates import SERVICE_TIERS, STANDARD, Multiplier, Plan, Price, RateCard
from llm_tradeoffs.usage import METERS, TOKEN_METERS, billed_once

__all__ = ["Bucket", "Need", "Prices", "Pricer", "Target", "held_prices", "lines_of"]

Prices: TypeAlias = Catalog | PricingRegistry

Need: TypeAlias = tuple[str, str]
"""What cells of a model have to tell apart still: ``("hours", "")``, ``("apart", "")`` or ``("present", meter)``."""

_TOKENS: Final = frozenset(TOKEN_METERS)
MEDIA: Final = {
    "image": ("input_image_tokens", "input_images"),
    "audio": ("input_audio_tokens", "input_audio_seconds"),
    "video": ("input_video_tokens", "input_video_seconds"),
}
OUTPUT_MEDIA: Final = {
    "image": ("output_image_tokens", "output_images"),
    "audio": ("output_audio_tokens", "output_audio_seconds"),
    "video": ("output_video_tokens", "output_video_seconds"),
}


def held_prices(catalog: object) -> Prices:
    """
    The catalog or registry that was given, or the bundled catalog.

    Raises:
        InvalidTypeError: It is neither.
    """
    if catalog is None:
        return Catalog.bundled()
    if isinstance(catalog, Catalog | PricingRegistry):
        return catalog
    raise InvalidTypeError(
        f"expected a Catalog or a PricingRegistry, got {catalog!r}. Use Catalog.bundled() or PricingRegistry.of(...)."
    )


@attrs.frozen(kw_only=True)
class Target:
    """
    How cells are priced.

    Attributes:
        model: The model for all calls; None for the one that each names.
        service_tier: The tier for all; None for the one that each names, else ``standard``.
        region: The region for all; None for the one that each names.
        as_of: A day for all, or a moment; None for the day of each, else that of the catalog.
        token_ratio: Tokens of *model* per token that was counted; None for what the catalog says.
    """

    model: str | Model | None = None
    service_tier: str | None = None
    region: str | None = None
    as_of: date | datetime | None = None
    token_ratio: Exact | None = None


class Bucket:
    """Calls that are billed at one set of rates: the sum of their counts."""

    __slots__ = ("calls", "counts", "each", "model", "plan", "tier")

    def __init__(self, model: str, plan: Plan, tier: str, *, each: bool) -> None:
        self.model = model
        self.plan = plan
        self.tier = tier
        self.each = each  # whether all calls are alike, and are billed one by one
        self.calls = 0
        self.counts: dict[str, Exact] = {}

    def add(self, cell: Cell, ratio: Exact) -> None:
        """Add the calls of a cell."""
        self.calls += cell.calls
        counts = self.counts
        if ratio == 1:
            for name, count in cell.counts.items():
                counts[name] = counts.get(name, 0) + count
        else:
            for name, count in cell.counts.items():
                counts[name] = counts.get(name, 0) + (count * ratio if name in _TOKENS else count)

    def lines(self) -> Iterator[LineItem]:
        """
        The bill of all calls.

        Raises:
            UnknownPriceError: A price is not known.
        """
        once = billed_once(self.counts)
        if not self.each:
            yield from bill(
                self.model, self.plan, {name: plain(once[name]) for name in once}, self.tier, requests=self.calls
            )
            return
        mean = {name: divide(count, self.calls) for name, count in once.items()}
        for line in bill(self.model, self.plan, mean, self.tier):
            yield line.of(plain(line.quantity * self.calls))

    def picos(self) -> tuple[Exact, Exact]:
        """What all calls cost, at least and at most. [10^-12 USD]"""
        if not self.each:
            picos = self.plan.picos
            once = billed_once(self.counts)
            try:
                low = plain(sum([picos[name] * count for name, count in once.items()], self.plan.fixed * self.calls))
            except KeyError:
                pass  # a rate that lies between two, or is not known: the bill says it
            else:
                if picos:
                    return low, low
        least: Exact = 0
        most: Exact = 0
        for line in self.lines():
            least += line.low.pico
            most += line.high.pico
        return plain(least), plain(most)


class _Place(NamedTuple):
    """What prices the calls of one model, tier and region on one day."""

    model: Model
    card: RateCard
    tier: str
    region: str | None
    at: datetime | None
    bounds: tuple[int, ...]
    note: str | None


class Pricer:
    """
    Prices cells, and says which of them are too coarse.

    Args:
        prices: Where names are looked up.
        target: How they are priced.
        checked: Whether the cells were made for these price lists.
        hours: Whether the cells may know their hour: whether asking for the hours can help.
    """

    def __init__(self, prices: Prices, target: Target, *, checked: bool, hours: bool) -> None:
        self.prices = prices
        self.target = target
        self.checked = checked
        self.hours = hours
        self.day: date | None = None
        self.at: datetime | None = None
        if target.as_of is not None:
            self.day, self.at = as_moment(target.as_of)
        self.needs: dict[str | None, set[Need]] = {}
        self.notes: Counter[str] = Counter()
        self._places: dict[tuple[Any, ...], _Place | Problem] = {}
        self._models: dict[tuple[Any, ...], Model | LookupError] = {}
        self._days: dict[Any, tuple[date, ...]] = {}
        self._plans: dict[tuple[int, str, str | None, int, datetime | None], tuple[Plan, frozenset[str]]] = {}
        self._ratios: dict[str | None, Exact] = {}
        self._own: dict[str | None, bool] = {}
        self._kept: list[RateCard] = []
        self._unknown: dict[tuple[str | None, str], Problem] = {}
        if target.service_tier is not None and target.service_tier not in SERVICE_TIERS:
            raise UnknownNameError("service tier", target.service_tier, SERVICE_TIERS)

    # Looking up.

    def model_on(self, name: str | Model, day: date | None) -> Model:
        """The model on a day. Raises what :func:`llm_tradeoffs.costing.resolve_model` raises."""
        if day is None:
            day = self.prices.as_of
        key = (id(name) if isinstance(name, Model) else name, *self._stretch(name, day))
        found = self._models.get(key)
        if found is None:
            try:
                found, _ = resolve_model(name, self.prices, day)
            except LookupError as problem:
                found = problem
            self._models[key] = found
        if isinstance(found, LookupError):
            raise found
        return found

    def _stretch(self, name: str | Model, day: date) -> tuple[object, int]:
        """What stays the same as long as nothing about a model changes."""
        if isinstance(name, Model):
            days = self._days.get(id(name))
            if days is None:
                rows: tuple[Price | Multiplier, ...] = (*name.rates.prices, *name.rates.multipliers)
                turns = {turn for row in rows for turn in (row.effective_from, row.effective_until) if turn is not None}
                days = self._days[id(name)] = tuple(sorted(turns))
            return None, bisect_right(days, day)
        owner = self.prices.resolve(name, day)
        return owner, bisect_right(self.prices.days_of_change(name, day), day)

    def _place(self, cell: Cell) -> _Place | Problem:
        name = cell.model if self.target.model is None else self.target.model
        if name is None:
            return "model", "the call names no model"
        at = self.at
        day = self.day
        if day is None and cell.at is not None:
            day, at = (cell.at.astimezone(UTC).date(), cell.at) if isinstance(cell.at, datetime) else (cell.at, None)
        tier = self.target.service_tier or cell.service_tier or STANDARD
        try:
            model = self.model_on(name, day)
            if tier not in SERVICE_TIERS:
                raise UnknownNameError("service tier", tier, SERVICE_TIERS)
        except UnknownNameError as problem:
            # Looking for names alike takes long, and a log may have a call of an unknown model on every day.
            asked = (name if isinstance(name, str) else None, tier)
            if asked not in self._unknown:
                self._unknown[asked] = "model", _sentence(problem)
            return self._unknown[asked]
        except (NoFactOnDateError, AmbiguousNameError) as problem:
            return "model", _sentence(problem)
        card = model.rates
        region, note = self.target.region or cell.region, None
        if region is not None and region not in card.regions:
            if self.target.region is not None:
                return "model", _sentence(UnknownNameError("region with a price of its own", region, card.regions))
            note = f"processed in {region!r}, for which {model.id} has no published price of its own"
            region = None
        bounds = tuple(sorted({price.bound for price in card.prices if price.bound is not None}))
        return _Place(model, card, tier, region, at if card.windows else None, bounds, note)

    def ratio(self, name: str | None) -> Exact:
        """Tokens of the target's model per token that was counted for the model called *name*."""
        asked = self.target.model
        if asked is None:
            return 1
        if self.target.token_ratio is not None:
            return 1 if self.is_own(name) else self.target.token_ratio
        found = self._ratios.get(name)
        if found is None:
            found = self._ratios[name] = self._published_ratio(name, asked)
        return found

    def _published_ratio(self, name: str | None, asked: str | Model) -> Exact:
        if name is None or self.is_own(name) or not isinstance(asked, str) or not isinstance(self.prices, Catalog):
            return 1
        try:
            stated = self.prices.token_ratio(name, asked)
        except LookupError:
            return 1
        return 1 if stated is None else stated.high

    def is_own(self, name: str | None) -> bool:
        """Whether a call of the model called *name* was answered by the target's model."""
        asked = self.target.model
        if asked is None:
            return True
        if name is None:
            return False
        found = self._own.get(name)
        if found is None:
            try:
                model = self.model_on(asked, self.day)
                found = name in {model.id, *model.aliases} or name == asked
            except LookupError:
                found = name == asked
            self._own[name] = found
        return found

    # Pricing.

    def buckets(self, cells: Iterable[Cell]) -> Iterator[tuple[tuple[Any, ...], Bucket | LeftOut]]:
        """The sums of cells that are billed alike, and the calls without a cost, by group."""
        found: dict[tuple[Any, ...], Bucket] = {}
        left: Counter[tuple[tuple[Any, ...], Problem]] = Counter()
        places = self._places
        for cell in cells:
            problem: Problem | None = cell.problem
            if problem is None:
                key = (cell.model, cell.at, cell.service_tier, cell.region)
                place = places.get(key)
                if place is None:
                    place = places[key] = self._place(cell)
                problem = self._add(cell, place, found) if isinstance(place, _Place) else place
                if problem is not None and isinstance(cell, CellSum) and isinstance(place, _Place):
                    # What the model itself answered is not held against its limits.
                    for member in cell.members:
                        alone = self._add(member, place, found)
                        if alone is not None:
                            left[cell.group, alone] += member.calls
                    continue
            if problem is not None:
                left[cell.group, problem] += cell.calls
        for (group, *_), bucket in found.items():
            yield group, bucket
        for (group, (limit, reason)), calls in left.items():
            yield group, LeftOut(limit=limit, reason=reason, calls=calls)

    def _add(self, cell: Cell, place: _Place, found: dict[tuple[Any, ...], Bucket]) -> Problem | None:
        of = cell.members[0].model if isinstance(cell, CellSum) else cell.model
        ratio = 1 if self.target.model is None else self.ratio(of)
        if self.target.model is not None and not self.is_own(cell.model):
            problem = self._beyond(cell, place.model, ratio)
            if problem is not None:
                return problem
        if place.card.windows and place.at is None and self.hours and self.at is None:
            self._need(cell, "hours", "")
        each = place.card.by_quantity
        if each and cell.calls > 1:
            if not self.checked:
                return "cell", "a price depends on the quantity of each call, and the cell holds several"
            self._need(cell, "apart", "")
        sent = cell.counts.get("input_tokens", 0)
        bucket, straddles = self._length(cell, place, sent, ratio)
        if straddles:
            return "cell", "the calls of a cell may lie on both sides of a price threshold"
        plan, unknown = self._plan(place, bucket)
        if not unknown.isdisjoint(cell.counts):
            missing = next((meter for meter in billed_once(cell.counts) if meter in unknown), None)
            if missing is not None:
                if cell.calls > 1 and self.checked:
                    self._need(cell, "present", missing)
                error = UnknownPriceError(place.model.id, missing, place.tier, self._known(plan))
                return "price", _sentence(error)
        blocked = next((meter for meter in plan.charged if plan.rates[meter] is None), None)
        if blocked is not None:
            return "price", _sentence(UnknownPriceError(place.model.id, blocked, place.tier, self._known(plan)))
        if place.note is not None:
            self.notes[place.note] += cell.calls
        key = (cell.group, id(plan), place.model.id, place.tier, id(cell) if each else None)
        held = found.get(key)
        if held is None:
            held = found[key] = Bucket(place.model.id, plan, place.tier, each=each)
        held.add(cell, ratio)
        return None

    def _need(self, cell: Cell, kind: str, meter: str) -> None:
        for member in cell.members if isinstance(cell, CellSum) else (cell,):
            self.needs.setdefault(member.model, set()).add((kind, meter))

    def _length(self, cell: Cell, place: _Place, sent: Exact, ratio: Exact) -> tuple[int, bool]:
        """The place among the thresholds of the mean call, rounded up to a whole token; whether calls lie elsewhere."""
        if not place.bounds:
            return 0, False
        scaled = sent if ratio == 1 else sent * ratio
        mean = -int(-scaled // cell.calls)
        if self.checked or cell.calls == 1:
            return mean, False
        spread = None if cell.spread is None else cell.spread.get("input_tokens")
        if spread is None:
            return mean, bool(sent)
        low, high = (bisect_left(place.bounds, -int(-(count * ratio) // 1)) for count in spread)
        return mean, low != high

    def _plan(self, place: _Place, mean: int) -> tuple[Plan, frozenset[str]]:
        bucket = bisect_left(place.bounds, mean) if place.bounds else 0
        key = (id(place.card), place.tier, place.region, bucket, place.at)
        found = self._plans.get(key)
        if found is None:
            plan = place.card.plan(place.tier, mean, place.region, place.at)
            unknown = {meter for meter, rate in plan.rates.items() if rate is None and meter not in plan.bounds}
            found = self._plans[key] = (plan, frozenset(unknown))
            self._kept.append(place.card)
        return found

    def _known(self, plan: Plan) -> list[str]:
        return [name for name, rate in plan.rates.items() if rate is not None and rate.price.meter == name]

    def _beyond(self, cell: Cell, model: Model, ratio: Exact) -> Problem | None:
        """Why a model could not have answered the calls of a cell; None if it could, or if nobody says."""
        counts = cell.counts
        made = counts.get("output_tokens", 0) * ratio
        needed = counts.get("input_tokens", 0) * ratio + made
        window, most = model.context_window, model.max_output_tokens
        if window is None:
            self._note(cell, f"the context window of {model.id} is unknown, and no call was held against it")
        elif self._above(cell, "total_tokens", needed, window, ratio):
            return "context_window", f"more input and output than the context window of {window:,} tokens"
        if most is not None and self._above(cell, "output_tokens", made, most, ratio):
            return "max_output_tokens", f"more output than {most:,} tokens, the most in one call"
        for medium, names in MEDIA.items():
            if any(name in counts for name in names):
                taken = _takes(model, medium)
                if taken is False:
                    return "input_modalities", f"{medium} input, which the model does not take"
                if taken is None:
                    self._note(cell, f"whether {model.id} takes {medium} input is unknown")
        for medium, names in OUTPUT_MEDIA.items():
            made_by = model.output_modalities
            if made_by is not None and medium not in made_by and any(name in counts for name in names):
                return "output_modalities", f"{medium} output, which the model does not make"
        return None

    def _note(self, cell: Cell, words: str) -> None:
        """Count what could not be checked, for the calls that it concerns."""
        calls = cell.calls
        if isinstance(cell, CellSum):
            calls -= sum(member.calls for member in cell.members if self.is_own(member.model))
        self.notes[words] += calls

    def _above(self, cell: Cell, name: str, total: Exact, limit: int, ratio: Exact) -> bool:
        """Whether the mean call is above a limit; of cells made elsewhere, whether any call may be."""
        if total > limit * cell.calls:
            return True
        if self.checked or cell.calls == 1:
            return False
        spread = (cell.spread or {}).get(name)
        return total > limit if spread is None else spread[1] * ratio > limit


def lines_of(buckets: Iterable[Bucket]) -> tuple[LineItem, ...]:
    """The lines of all buckets together; equal rates are one line."""
    # By identity first: the rates of a card are made once, and comparing them costs more than adding.
    by_identity: dict[tuple[str, str, int, int], tuple[LineItem, Exact]] = {}
    for bucket in buckets:
        for line in bucket.lines():
            key = (line.meter, line.service_tier, id(line.rate), id(line.bounds))
            held, quantity = by_identity.get(key, (line, 0))
            by_identity[key] = (held, quantity + line.quantity)
    merged: dict[LineItem, Exact] = {}
    for line, quantity in by_identity.values():
        unit = line.of(1)
        merged[unit] = merged.get(unit, 0) + quantity
    return tuple(sorted((unit.of(plain(quantity)) for unit, quantity in merged.items()), key=_place_of))


def _place_of(line: LineItem) -> tuple[Any, ...]:
    return (METERS.index(line.meter), line.service_tier, line.rate.pico, str(line), repr(line.rate))


def _sentence(problem: Exception) -> str:
    """The first sentence of an error: what is wrong, without what to do about it."""
    return str(problem).split(". ", 1)[0].rstrip(".")


def _takes(model: Model, medium: str) -> bool | None:
    """Whether a model reads a medium; None if nobody says."""
    if medium == "image" and model.supports_vision is not None:
        return model.supports_vision
    return None if model.input_modalities is None else medium in model.input_modalities
