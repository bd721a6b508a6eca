"""Prices over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs

from llm_tradeoffs.errors import InvalidValueError, NoFactOnDateError, UnknownNameError
from llm_tradeoffs.money import PICO, Usd, divide
from llm_tradeoffs.plot import _ink as ink
from llm_tradeoffs.plot._theme import DOLLARS, altair, count, dollars, finished, number, scale, short
from llm_tradeoffs.rates import PER_MTOK
from llm_tradeoffs.usage import TOKEN_METERS

if TYPE_CHECKING:
    from altair import LayerChart

    from llm_tradeoffs.catalog import Catalog

__all__ = ["CatalogPlots"]


@attrs.frozen(eq=False, repr=False)
class CatalogPlots:
    """
    Charts of a catalog, as Altair charts.

    Raises:
        MissingExtraError: The extra ``plot`` is not installed.
    """

    catalog: Catalog

    def price_history(self, *models: str, meter: str = "output_tokens", service_tier: str = "standard") -> LayerChart:
        """
        What a million tokens of short requests cost on which day, as far as dated prices go back.

        Args:
            models: Names of models.
            meter: Which tokens, such as ``input_tokens``.
            service_tier: In which tier.

        Raises:
            UnknownNameError: A model or meter is not known.
            InvalidValueError: No model is named, or none has a price of that meter.
        """
        alt = altair()
        if meter not in TOKEN_METERS:
            raise UnknownNameError("token meter", meter, TOKEN_METERS)
        if not models:
            raise InvalidValueError("name at least one model: catalog.plot.price_history('gpt-4.1-mini').")
        today = self.catalog.as_of
        rows: list[dict[str, Any]] = []
        ends: dict[str, tuple[float, str]] = {}
        moved: list[tuple[str, Usd, Usd]] = []
        absent: list[str] = []
        found = list(dict.fromkeys(self.catalog.resolve(name) for name in models))
        labels = Counter(short(self.catalog.records[model_id].name or model_id) for model_id in found)
        for model_id in found:
            label = short(self.catalog.records[model_id].name or model_id)
            if labels[label] > 1:
                label = f"{label} ({model_id})"
            steps = self._steps(model_id, meter, service_tier, today)
            prices = [price for _, price in steps if price is not None]
            if not prices:
                absent.append(label)
                continue
            rows += [
                {
                    "model": label,
                    "day": day.isoformat(),
                    "usd": None if usd is None else number(usd),
                    "price": "not offered" if usd is None else dollars(usd),
                    "from": day.isoformat(),
                }
                for day, usd in [*steps, (today, steps[-1][1])]
            ]
            gone = ", no longer" if steps[-1][1] is None else ""
            ends[label] = (number(prices[-1]), f"{label}: {dollars(prices[-1])}{gone}")
            moved += [(label, before, after) for before, after in pairwise(prices) if before != after]
        if not rows:
            raise InvalidValueError(f"no {service_tier} price of {meter} is known for {', '.join(models)} on any day.")
        names = list(ends)
        top = max(row["usd"] or 0.0 for row in rows) * 1.1 or 1.0
        first = min(row["day"] for row in rows)
        if first == today.isoformat():
            first = (today - timedelta(days=30)).isoformat()
        x = alt.X(
            "day:T",
            title=None,
            scale=alt.Scale(domain=[first, today.isoformat()]),
            axis=alt.Axis(format="%b %Y", grid=False),
        )
        colour = alt.Color("model:N", scale=scale(alt, names), legend=None)
        data = alt.Data(values=rows, format=alt.DataFormat(parse={"day": "date"}))
        line = (
            alt.Chart(data)
            .mark_line(interpolate="step-after", strokeWidth=2.5, point={"size": 28})
            .encode(
                x=x,
                y=alt.Y(
                    "usd:Q",
                    title="USD per million tokens",
                    scale=alt.Scale(domain=[0, top]),
                    axis=alt.Axis(format=DOLLARS),
                ),
                color=colour,
                tooltip=["model:N", "from:N", "price:N"],
            )
        )
        labelled = ink.end_labels(alt, ends, top, names, height=300)
        chart = alt.layer(line, labelled).properties(width=ink.WIDTH, height=300)
        what = meter.replace("_tokens", "").replace("_", " ")
        unpriced = f"Price unknown: {', '.join(absent)}. " if absent else ""
        drawn: LayerChart = finished(
            chart,
            _finding(moved, what),
            f"{service_tier.capitalize()} tier, short requests. {unpriced}"
            f"Dated prices of catalog {self.catalog.edition}.",
        )
        return drawn

    def _steps(self, model_id: str, meter: str, service_tier: str, today: date) -> list[tuple[date, Usd | None]]:
        """The days from which another price holds, with that price; None from the day on which none does."""
        record = self.catalog.records[model_id]
        days = {day for price in record.prices for day in (price.effective_from, price.effective_until) if day}
        steps: list[tuple[date, Usd | None]] = []
        for day in sorted(day for day in days if day <= today):
            try:
                rate = self.catalog.model(model_id, day).rates.rates(service_tier, 0)[meter]
            except NoFactOnDateError:
                rate = None
            usd = None if rate is None else Usd(divide(rate.pico * PER_MTOK, PICO))
            if (steps and steps[-1][1] != usd) or (not steps and usd is not None):
                steps.append((day, usd))
        return steps


def _finding(moved: Sequence[tuple[str, Usd, Usd]], what: str) -> str:
    if not moved:
        return f"No price of {what} tokens has changed since its first day on record"
    label, before, after = max(moved, key=lambda change: abs(_change(change[1], change[2])))
    share = _change(before, after)
    way = f"{count(round(abs(share) * 100))} % {'cheaper' if share < 0 else 'dearer'}"
    others = "" if len(moved) == 1 else f", the sharpest of {len(moved)} changes"
    return f"{label} became {way}: {dollars(before)} to {dollars(after)} per million {what} tokens{others}"


def _change(before: Usd, after: Usd) -> Fraction:
    """The share by which a price rose; from nothing to something counts as doubled."""
    return after / before - 1 if before else Fraction(1)
