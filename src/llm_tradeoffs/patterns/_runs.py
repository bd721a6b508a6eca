"""
Many calls that grow by equal steps, billed together and exactly.

The turns of a conversation send more and more; each call is billed at the rate of its own length. Between two
thresholds of a price list the rates are the same, so the sum there is that of an arithmetic series.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from llm_tradeoffs.costing import bill
from llm_tradeoffs.errors import UnknownPriceError
from llm_tradeoffs.facts import Unknown
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Usd, plain
from llm_tradeoffs.workload import Workload

__all__ = ["Run", "bill_runs", "parts", "priced"]

_OF_INPUT = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")


@attrs.frozen
class Run:
    """
    Calls in a row.

    Attributes:
        calls: How many.
        first: What the first of them uses, each token under one meter.
        step: What each further one uses more.
        times: How often the whole row happens.
    """

    calls: int
    first: Mapping[str, Exact]
    step: Mapping[str, Exact] = attrs.field(factory=dict[str, Exact])
    times: int = 1

    @property
    def shortest(self) -> Exact:
        """The input of the first call. [tokens]"""
        return plain(sum(self.first.get(meter, 0) for meter in _OF_INPUT))

    @property
    def growth(self) -> Exact:
        """How much longer the input is from call to call; never negative. [tokens]"""
        return plain(sum(self.step.get(meter, 0) for meter in _OF_INPUT))

    @property
    def longest(self) -> Exact:
        """The input of the last call. [tokens]"""
        return plain(self.shortest + (self.calls - 1) * self.growth)

    def part(self, start: int, stop: int) -> Run:
        """The calls number *start* to *stop* - 1, the first being 0."""
        first = {name: plain(self.first.get(name, 0) + start * self.step.get(name, 0)) for name in self._meters}
        return Run(stop - start, first, self.step)

    def within(self, bound: int) -> int:
        """How many of the calls have at most *bound* input tokens."""
        if self.shortest > bound:
            return 0
        return self.calls if not self.growth else min(self.calls, int((bound - self.shortest) // self.growth) + 1)

    @property
    def total(self) -> dict[str, Exact]:
        """What all calls use together: n·a + d·n(n-1)/2."""
        n = self.calls
        sums = {
            name: n * self.first.get(name, 0) + self.step.get(name, 0) * (n * (n - 1) // 2) for name in self._meters
        }
        return {name: plain(quantity) for name, quantity in sums.items() if quantity}

    @property
    def _meters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.first, *self.step)))


def parts(input_tokens: Exact, output_tokens: Exact, cached_share: Exact = 0) -> dict[str, Exact]:
    """The quantities of a call of which a share of the input is read from a cache."""
    cached = plain(input_tokens * cached_share)
    found = {"input_tokens": input_tokens - cached, "cache_read_tokens": cached, "output_tokens": output_tokens}
    return {name: plain(quantity) for name, quantity in found.items() if quantity}


def _segments(model: Model, run: Run, service_tier: str) -> Iterator[Run]:
    """The run, cut where another rate begins; call by call where prices depend on the quantity in one."""
    if model.rates.by_quantity:
        for call in range(run.calls):
            yield run.part(call, call + 1)
        return
    start = 0
    for bound in (*model.rates.breakpoints(service_tier), None):
        stop = run.calls if bound is None else run.within(bound)
        if stop > start:
            yield run.part(start, stop)
            start = stop


def bill_runs(model: Model, runs: Iterable[Run], batch_share: Exact = 0) -> Usd:
    """
    What the calls cost, each at the rate of its own length. [USD]

    Raises:
        UnknownPriceError: A price that they need is not known.
    """
    if model.supports_batch is False:
        batch_share = 0  # as for a single model: what could wait runs at the standard rate
    pico: Exact = 0
    for run in runs:
        for service_tier, share in (("standard", 1 - batch_share), ("batch", batch_share)):
            if not share:
                continue
            for each in _segments(model, run, service_tier):
                plan = model.rates.plan(service_tier, each.shortest)
                lines = bill(model.id, plan, each.total, service_tier, requests=each.calls, strict=True)
                pico += run.times * share * sum(line.amount.pico for line in lines)
    return Usd.from_pico(plain(pico))


def priced(model: Model, runs: Iterable[Run], workload: Workload) -> tuple[Usd | None, list[Unknown]]:
    """:func:`bill_runs` for a workload; None and the missing price where one is unknown."""
    try:
        return bill_runs(model, runs, workload.batch_share), []
    except UnknownPriceError as problem:
        return None, [Unknown(f"{problem.service_tier} price of {problem.meter} of {model.id}")]
