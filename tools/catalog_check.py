"""
Compare every bundled price and limit with the installed genai-prices and LiteLLM.

    python tools/catalog_check.py --catalog catalog

What is compared is what the catalog answers on the day of its edition, under its own trust order, not the rows of
its files. Each difference is listed. One that is known stands in ``accepted_differences.toml`` with its reason and
with what the package says; a package that comes to say something else is a new difference, and an acceptance that
nothing needs any more is stale. Either makes the check fail.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import draft_catalog as drafts

import llm_tradeoffs as lt

PICO = 10**12


@dataclass(frozen=True, order=True)
class Difference:
    """One thing on which the catalog and a package disagree."""

    model: str
    package: str
    what: str
    says: str
    catalog: str

    def __str__(self) -> str:
        return f"{self.model}: {self.what} is {self.catalog} in the catalog, {self.says} in {self.package}"


@dataclass(frozen=True)
class Stated:
    """One thing that a package states: what, how much, and how to ask the catalog for the same."""

    what: str
    value: Fraction | int
    asked: Callable[[lt.Model], Fraction | int | None]


# ---------------------------------------------------------------------------- what the catalog answers


def _usd(
    meter: str, tier: str, input_tokens: int, at: datetime, region: str | None = None
) -> Callable[[lt.Model], Fraction | None]:
    """Asks for the price of one unit. [USD]"""

    def ask(model: lt.Model) -> Fraction | None:
        if region is not None and region not in model.rates.regions:
            return None
        rate = model.rates.rates(tier, input_tokens, region=region, at=at)[meter]
        return None if rate is None else Fraction(rate.pico) / PICO

    return ask


def _limit(name: str) -> Callable[[lt.Model], int | None]:
    def ask(model: lt.Model) -> int | None:
        value: int | None = getattr(model, name)
        return value

    return ask


def _named(tier: str, meter: str, bound: str, moment: str) -> str:
    return f"rates.{tier}.{meter}{bound}{moment}"


def _moments(day: Any) -> dict[str, datetime]:
    """Noon of the edition's day, and the first peak hour of the week behind it, for prices that follow the clock."""
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    monday = noon + timedelta(days=(7 - noon.weekday()) % 7)
    return {"": noon, " at peak": monday.replace(hour=2)}


# ---------------------------------------------------------------------------- what the packages state


def genai_states(model: Any, moments: Mapping[str, datetime]) -> Iterator[Stated]:
    """Prices and the window of genai-prices, resolved by its own code."""
    if model.context_window:
        yield Stated("context_window", model.context_window, _limit("context_window"))
    conditional: list[Any] = model.prices if isinstance(model.prices, list) else []
    clocked = any(hasattr(price.constraint, "start_time") for price in conditional)
    for moment, at in moments.items():
        if moment and not clocked:
            continue
        yield from _genai_prices(model.get_prices(at), "standard", moment, at)
        seen: set[str] = set()
        for variant in model.price_variants or ():
            ((key, value),) = variant.when.items()
            tier = drafts.GENAI_TIERS.get((key, value))
            if tier is None or tier in seen or (variant.constraint and not variant.constraint.active(at)):
                continue
            seen.add(tier)  # the first that is active answers
            yield from _genai_prices(variant.prices, tier, moment, at)


def _genai_prices(prices: Any, tier: str, moment: str, at: datetime) -> Iterator[Stated]:
    for key, amount in prices.__dict__.items():
        if amount is None:
            continue
        meter = drafts.GENAI_METERS[key]
        per = 1000 if key.endswith("_kcount") else 1_000_000
        steps = [(0, amount)] if isinstance(amount, Decimal) else [(0, amount.base)]
        if not isinstance(amount, Decimal):
            steps += [(step.start, step.price) for step in amount.tiers]
        for at_step, (start, price) in enumerate(steps):
            bound = f".above_{start}" if start else ""
            probe = start + 1 if start else 0
            asked = _usd(meter, tier, probe, at)
            yield Stated(_named(tier, meter, bound, moment), Fraction(price) / per, asked)
            if start:
                before = Fraction(steps[at_step - 1][1]) / per
                yield Stated(_named(tier, meter, f".up_to_{start}", moment), before, _usd(meter, tier, start, at))


def litellm_states(entry: drafts.Entry, data: Mapping[str, Any], moments: Mapping[str, datetime]) -> Iterator[Stated]:
    """Prices and limits of LiteLLM's map."""
    if data.get("max_input_tokens"):
        yield Stated("context_window", int(data["max_input_tokens"]), _limit("context_window"))
    if data.get("max_output_tokens"):
        yield Stated("max_output_tokens", int(data["max_output_tokens"]), _limit("max_output_tokens"))
    rates = list(drafts.litellm_rates(data))
    clocked = any(rate.window for rate in rates)
    below = 1 if entry.vendor == "xai" else 0  # LiteLLM takes the bound of this vendor as inclusive
    for rate in rates:
        if rate.window is not None:
            continue
        for moment, at in moments.items():
            if moment and not clocked:
                continue
            # Where prices follow the clock, the rates without hours are those of the peak.
            usd = rate.usd if moment or not clocked else _off_peak(rates, rate)
            start = 0 if rate.above is None else rate.above
            bound = f".above_{start - below}" if start else ""
            probe = start - below + 1 if start else 0
            asked = _usd(rate.meter, rate.tier, probe, at)
            yield Stated(_named(rate.tier, rate.meter, bound, moment), Fraction(usd) / rate.per, asked)
    noon = moments[""]
    for name, value in data.items():
        if name.startswith("regional_processing_uplift_multiplier_"):
            yield from _factor(rates, name.rpartition("_")[2], None, value, noon)
    for name, value in data.get("provider_specific_entry", {}).items():
        tier = name if name == "fast" else None
        yield from _factor(rates, None if tier else name, tier, value, noon)


def _off_peak(rates: Sequence[drafts.Listed], rate: drafts.Listed) -> Decimal:
    lower = [other.usd for other in rates if other.window is not None and other.meter == rate.meter]
    return lower[0] if lower else rate.usd


def _factor(
    rates: Sequence[drafts.Listed], region: str | None, tier: str | None, factor: Any, at: datetime
) -> Iterator[Stated]:
    for rate in rates:
        if rate.tier == "standard" and rate.above is None and rate.per != 1 and rate.window is None:
            asked = _usd(rate.meter, tier or "standard", 0, at, region)
            what = _named(tier or "standard", rate.meter, f".{region}" if region else "", "")
            yield Stated(what, Fraction(rate.usd) * Fraction(str(factor)) / rate.per, asked)


# ---------------------------------------------------------------------------- the comparison


def _text(value: Fraction | int | None, what: str) -> str:
    """A value as people write it: USD for a million tokens or for one search, tokens for a limit."""
    if value is None:
        return "unknown"
    if not what.startswith("rates."):
        return f"{value:_}"
    meter = what.partition(" ")[0].split(".")[2]
    shown = Fraction(value) * (1 if meter in drafts.FEES else 1_000_000)
    digits = Decimal(shown.numerator) / Decimal(shown.denominator)
    return f"{digits.normalize():f}"


def differences(catalog: lt.Catalog) -> tuple[list[Difference], int]:
    """Every difference, and how many things were compared."""
    moments = _moments(catalog.as_of)
    prices = drafts.litellm_map()
    found: list[Difference] = []
    compared = 0
    for entry in (*drafts.MODELS, *drafts.BY_HAND):
        model = catalog.model(entry.id)
        stated: list[tuple[str, Stated]] = []
        genai = drafts.genai_model(entry)
        if genai is not None:
            stated += [("genai-prices", one) for one in genai_states(genai, moments)]
        key = drafts.litellm_key(entry, prices)
        if key is not None:
            stated += [("litellm", one) for one in litellm_states(entry, prices[key], moments)]
        compared += len(stated)
        for package, one in stated:
            answer = one.asked(model)
            if answer != one.value:
                what = one.what
                found.append(Difference(entry.id, package, what, _text(one.value, what), _text(answer, what)))
    return sorted(found), compared


def accepted(path: Path) -> dict[tuple[str, str, str, str], str]:
    """The accepted differences with their reasons: model, package, what, and what the package says."""
    return {
        (model, block["package"], what, says): block["reason"]
        for block in tomllib.loads(path.read_text("utf-8"))["accepted"]
        for model, differences in block["says"].items()
        for what, says in differences.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare the bundled catalog with genai-prices and LiteLLM.")
    parser.add_argument(
        "--catalog", type=Path, default=Path(__file__).parents[1] / "catalog", help="the catalog folder"
    )
    parser.add_argument("--accepted", type=Path, help="accepted_differences.toml; the catalog's own if left out")
    parser.add_argument("--all", action="store_true", help="list the accepted differences as well")
    options = parser.parse_args(arguments)
    known = accepted(options.accepted or options.catalog / "accepted_differences.toml")
    found, compared = differences(lt.Catalog.from_path(options.catalog))
    keys = {(one.model, one.package, one.what, one.says) for one in found}
    new = [one for one in found if (one.model, one.package, one.what, one.says) not in known]
    stale = [key for key in known if key not in keys]
    for one in found:
        key = (one.model, one.package, one.what, one.says)
        if key not in known:
            print(f"new: {one}")
        elif options.all:
            print(f"accepted: {one}\n    {known[key]}")
    for model, package, what, says in stale:
        print(f"stale: {model}: {what}: {package} no longer differs by saying {says}")
    print(
        f"{compared:,} prices and limits compared: {compared - len(found):,} equal, "
        f"{len(found) - len(new):,} differ for a known reason, {len(new)} new, {len(stale)} stale"
    )
    return 1 if new or stale else 0


if __name__ == "__main__":
    sys.exit(main())
