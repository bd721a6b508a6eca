"""A small world of prices that has every trait a price list can have, and the scalar answer for each row of a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import llm_tradeoffs as lt
from llm_tradeoffs import Model, Price, Usage, Usd
from llm_tradeoffs.catalog import Catalog, ModelRecord
from llm_tradeoffs.facts import Fact
from llm_tradeoffs.rates import Multiplier, TimeWindow

TURN = date(2026, 3, 10)
NIGHT = TimeWindow(start="16:30", end="00:30", weekdays=("friday", "saturday"))
YORK = TimeWindow(start="02:00", end="09:00", zone="America/New_York")


def row(meter: str, usd: str, **more: Any) -> Price:
    return Price(meter=meter, usd=Usd(usd), **more)


RECORDS = (
    ModelRecord(
        id="plain",
        aliases=("plain-latest",),
        prices=(row("input_tokens", "0.40"), row("output_tokens", "1.60"), row("cache_read_tokens", "0.10")),
        multipliers=(Multiplier(factor="0.5", service_tier="batch"), Multiplier(factor="1.1", region="eu")),
    ),
    ModelRecord(
        id="dated",
        prices=(
            row("input_tokens", "3", effective_from=date(2026, 3, 1), effective_until=TURN),
            row("output_tokens", "15", effective_from=date(2026, 3, 1), effective_until=TURN),
            row("input_tokens", "2.4", effective_from=TURN),
            row("output_tokens", "12", effective_from=TURN),
        ),
    ),
    ModelRecord(
        id="tiered",
        prices=(
            row("input_tokens", "1"),
            row("input_tokens", "2", above_input_tokens=1_000),
            row("input_tokens", "3", from_input_tokens=5_000),
            row("output_tokens", "5"),
            row("output_tokens", "9", above_input_tokens=1_000),
            row("input_tokens", "0.7", service_tier="batch"),
            row("output_tokens", "2", service_tier="batch"),
            row("web_searches", "0.01", per=1),
        ),
    ),
    ModelRecord(
        id="hourly",
        prices=(
            row("input_tokens", "1"),
            row("input_tokens", "0.5", window=NIGHT),
            row("output_tokens", "2"),
            row("output_tokens", "1.5", window=YORK),
        ),
    ),
    ModelRecord(
        id="stepped",
        prices=(
            row("input_tokens", "1"),
            row("output_tokens", "2"),
            row("output_tokens", "4", above_quantity=100),
            row("web_searches", "0.02", per=1, minimum_quantity=3),
        ),
    ),
    ModelRecord(
        id="least",
        prices=(row("input_tokens", "1"), row("output_tokens", "2"), row("minimum_charge", "0.001", per=1)),
    ),
    ModelRecord(
        id="fractional",
        prices=(
            row("input_tokens", "1", per=3_000_000),
            row("output_tokens", "2"),
            row("requests", "0.0001", per=1),
            row("output_audio_seconds", "0.006", per=60),
        ),
    ),
    ModelRecord(id="silent", prices=(row("input_tokens", "1"), row("cache_read_tokens", "0.1", service_tier="batch"))),
)
MODELS = (*(record.id for record in RECORDS), "plain-latest", "nobody", None)


@cache
def world() -> Catalog:
    """The catalog of :data:`RECORDS`, on top of the bundled one, which the tests do not name."""
    catalog = Catalog.bundled()
    for record in RECORDS:
        limited = (
            Fact(subject=record.id, field="context_window", value=20_000),
            Fact(subject=record.id, field="max_output_tokens", value=400),
            Fact(subject=record.id, field="input_modalities", value=("text",)),
        )
        small = (
            record
            if record.id != "plain"
            else ModelRecord(
                id="plain", aliases=record.aliases, prices=record.prices, multipliers=record.multipliers, facts=limited
            )
        )
        catalog = catalog.with_model(small)
    return catalog


COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "reasoning_tokens",
    "input_audio_tokens",
    "web_searches",
)


def scalar(
    calls: Iterable[Mapping[str, Any]],
    by: tuple[str, ...] = (),
    counts: tuple[str, ...] = COUNTS,
    *,
    has_zone: bool = True,
    **asked: Any,
) -> dict[tuple[Any, ...], tuple[Usd, Usd, int, int]]:
    """For each group what ``lt.cost`` says of its calls, one by one: the least, the most, how many, how many priced."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    for call in calls:
        moment = call.get("time")
        day = moment.astimezone(UTC).date() if isinstance(moment, datetime) and moment.tzinfo else moment
        day = day.date() if isinstance(day, datetime) else day
        values = {**call, "day": day, "month": None if day is None else f"{day:%Y-%m}"}
        sums = found.setdefault(tuple(values.get(name) for name in by), [Usd(0), Usd(0), 0, 0])
        sums[2] += 1
        if "time" in call and moment is None:
            continue
        at = moment if isinstance(moment, datetime) and moment.tzinfo else day
        bill = one(call, at, counts, **asked)
        if bill is not None:
            sums[0] += bill.low
            sums[1] += bill.high
            sums[3] += 1
    return {group: (low, high, number, priced) for group, (low, high, number, priced) in found.items()}


def one(call: Mapping[str, Any], at: Any, counts: tuple[str, ...] = COUNTS, **asked: Any) -> lt.Cost | None:
    """What ``lt.cost`` says of one call; None if it has no cost."""
    stated: dict[str, Any] = {name: call[name] for name in counts if call.get(name) is not None}
    name = asked.get("model", call.get("model"))
    if name is None:
        return None
    # A log that counts searches counts tokens, too: nothing there is unknown, unless the call was one of fees alone.
    missing = any(name in counts and name not in stated for name in ("input_tokens", "output_tokens"))
    if missing and not any(stated.get(name) for name in counts if "token" not in name):
        return None
    at = asked.get("as_of", at)
    catalog = world()
    try:
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        model = name if isinstance(name, Model) else catalog.model(name, day)
        usage = Usage(**stated)
        region = call.get("region")
        tier = asked.get("service_tier") or call.get("service_tier")
        if "model" in asked and call.get("model") not in {model.id, *model.aliases} and not fits(model, usage):
            return None
        return lt.cost(
            model, usage, service_tier=tier, region=region if region in model.rates.regions else None, as_of=at
        )
    except lt.errors.TradeoffsError:
        return None


def fits(model: Model, usage: Usage) -> bool:
    """Whether a model could have answered a call, as far as is known."""
    if model.context_window is not None and usage.total_tokens > model.context_window:
        return False
    if model.max_output_tokens is not None and usage.output_tokens > model.max_output_tokens:
        return False
    takes_audio = model.input_modalities is None or "audio" in model.input_modalities
    return takes_audio or not usage.input_audio_tokens


def summary(result: Any) -> dict[tuple[Any, ...], tuple[Usd, Usd, int, int]]:
    """The same of what the library says in bulk."""
    return {tuple(group.group.values()): (group.low, group.high, group.calls, group.priced) for group in result.groups}


def tally(result: Any) -> Counter[str]:
    """How many calls were left out, by what stood against them."""
    return Counter({left.limit: left.calls for left in result.left_out})
