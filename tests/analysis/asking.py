"""The question behind an answer, asked again with one number changed: with the public functions and nothing else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import attrs

from llm_tradeoffs import Catalog, Model, Price, Range, RateCard, Recommendation, Score, Usd, Workload, recommend
from llm_tradeoffs.analysis._flips import Choice
from llm_tradeoffs.model import TokenRatio, rate_field
from llm_tradeoffs.money import exact
from llm_tradeoffs.recommendation import Caps

BASE = "gpt-4.1-mini"
"""A model of the catalog whose tokens are counted where the ratio of another one is varied."""

Number = int | Fraction


@attrs.frozen(kw_only=True)
class Asked:
    """A question to ``recommend``."""

    workload: Workload
    models: list[Model]
    policy: Any = "guide"
    objective: Any = None
    caps: Caps = Caps()

    def answer(self) -> Recommendation:
        return recommend(self.workload, self.models, self.policy, objective=self.objective, caps=self.caps)

    def with_(self, variable: str, value: Number, model: str | None = None, field: str = "") -> Asked:
        """The same question with one number changed; the in:out ratio as the ratio."""
        work = self.workload
        if variable == "in_out_ratio":
            total = work.input_tokens + work.output_tokens
            sent = Fraction(total) * value / (1 + value)
            return attrs.evolve(self, workload=work.with_(input_tokens=sent, output_tokens=total - sent))
        if variable in {"max_cost_per_request", "max_cost_per_month"}:
            caps = attrs.evolve(self.caps, **{variable.removeprefix("max_"): Usd(value)})
            return attrs.evolve(self, caps=caps)
        if variable == "requests":
            return attrs.evolve(self, workload=work.with_(**{f"requests_per_{work.volume_basis or 'month'}": value}))
        if model is None:
            return attrs.evolve(
                self, workload=work.with_(**{variable: Usd(value) if variable == "error_cost" else value})
            )
        if variable == "token_ratio":
            moved = self._moved(model, lambda one: one.with_(token_ratio=TokenRatio(Range(value), BASE)))
            return attrs.evolve(moved, workload=work.with_(counted_for=BASE))
        if variable == "price":
            return self._moved(model, lambda one: _priced(one, field, value))
        if variable == "ttft":
            return self._moved(model, lambda one: one.with_(ttft=_widened(one.ttft, value)))
        if variable == "output_tokens_per_second":
            return self._moved(model, lambda one: one.with_(**{field: _scaled(getattr(one, field), value)}))
        return self._moved(model, lambda one: _scored(one, field, value))

    def _moved(self, model: str, change: Any) -> Asked:
        return attrs.evolve(self, models=[change(one) if one.id == model else one for one in self.models])


def _priced(model: Model, field: str, value: Number) -> Model:
    def row(price: Price) -> Price:
        return attrs.evolve(price, usd=Usd(value)) if rate_field(price) == field else price

    return attrs.evolve(model, usd_per_mtok=RateCard(map(row, model.rates.prices), model.rates.multipliers))


def _widened(stated: Range | None, middle: Number) -> Range:
    """An interval of the same width about another middle."""
    half = Fraction(stated.width) / 2 if stated is not None else 0
    return Range(exact(middle - half, ""), exact(middle + half, ""), "ms")


def _scaled(stated: Range | None, middle: Number) -> Range:
    """An interval of the same proportion about another middle."""
    factor = Fraction(middle) / Fraction(stated.midpoint) if stated is not None else Fraction(middle)
    low, high = (stated.low, stated.high) if stated is not None else (1, 1)
    return Range(exact(low * factor, ""), exact(high * factor, ""), "tokens/s")


def _scored(model: Model, field: str, value: Number) -> Model:
    benchmark = Catalog.bundled().benchmark(field.removeprefix("scores."))
    held = model.score(benchmark.id)
    half = Fraction(held.value.width) / 2 if held is not None and held.value is not None else 0
    right = Range(exact(value - half, ""), exact(value + half, ""), "%")
    scores = [score for score in model.scores if score.benchmark != benchmark.id]
    return attrs.evolve(model, scores=[*scores, Score(benchmark.id, benchmark.percent_right(right))])


def choice_of(answer: Recommendation) -> Choice:
    """An answer without its reasons."""
    return Choice(answer.status, tuple(sorted(answer.tied or ([answer.chosen] if answer.chosen else []))))
