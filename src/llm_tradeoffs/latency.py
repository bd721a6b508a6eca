"""How long an answer takes: time to first token, then tokens at the model's speed."""

from __future__ import annotations

from functools import cached_property

import attrs

from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, divide
from llm_tradeoffs.ranges import Range

__all__ = ["Latency", "latency"]


@attrs.frozen(kw_only=True)
class Latency:
    """
    The time of one response, as far as it is known.

    Attributes:
        output_tokens: Length of the response. [tokens]
        ttft: Time to first token; None if unknown. [ms]
        tokens_per_second: The speed that is computed with: the one that the source itself computes
            with if it names one, else the whole stated range; None if unknown. [tokens/s]
        any_tokens_per_second: The whole stated range of speeds; None if unknown. [tokens/s]

    Source:
        Response time = time to first token + output tokens / output speed: the article, "Latency
        Profiles"; the metric names are those of Artificial Analysis.
    """

    output_tokens: Exact
    ttft: Range | None
    tokens_per_second: Range | None
    any_tokens_per_second: Range | None

    @cached_property
    def generation(self) -> Range | None:
        """Time from the first token to the last at :attr:`tokens_per_second`; None if unknown. [ms]"""
        return self._generation(self.tokens_per_second)

    @cached_property
    def total(self) -> Range | None:
        """``ttft`` and ``generation`` together; None if either is unknown. [ms]"""
        return None if self.ttft is None or self.generation is None else self.ttft + self.generation

    @cached_property
    def total_at_any_speed(self) -> Range | None:
        """The same over the whole stated range of speeds, which limits are held against. [ms]"""
        generation = self._generation(self.any_tokens_per_second)
        return None if self.ttft is None or generation is None else self.ttft + generation

    def _generation(self, speed: Range | None) -> Range | None:
        if not self.output_tokens:
            return Range(0, unit="ms")
        if speed is None:
            return None
        milliseconds = self.output_tokens * 1000
        return Range(divide(milliseconds, speed.high), divide(milliseconds, speed.low), "ms")


def latency(model: Model, output_tokens: Exact) -> Latency:
    """The time *model* takes for *output_tokens*."""
    stated = model.output_tokens_per_second
    used = model.typical_output_tokens_per_second or stated
    return Latency(
        output_tokens=output_tokens, ttft=model.ttft, tokens_per_second=used, any_tokens_per_second=_hull(used, stated)
    )


def _hull(used: Range | None, stated: Range | None) -> Range | None:
    """The smallest range that holds both: a source may compute with a speed outside the range it states."""
    if used is None or stated is None:
        return used or stated
    return Range(min(used.low, stated.low), max(used.high, stated.high), used.unit)
