"""What the laws of the patterns are tried on: price lists, probabilities and work in which numbers meet."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import attrs
from hypothesis import strategies as st
from trees import Checker, Stage

from llm_tradeoffs import Model, Range, Usd, Workload
from llm_tradeoffs.patterns import Check
from oracle import Tariff, call_cost
from strategies import ranges, rows_of, shares, tariffs

NAMES = ("acme/one", "acme/two", "acme/three", "acme/four")


def model_named(id: str, tariff: Tariff, **facts: Any) -> Model:
    """A model about which nothing else is known than *tariff* and *facts*."""
    return Model(id, usd_per_mtok=rows_of(tariff), **facts)


@attrs.frozen
class World:
    """
    Models with known prices and accuracies, and work for them.

    Attributes:
        tariffs: The price list of each model.
        right: The share of right answers of each.
        sent, said: The work, in tokens.
        error_cost: What a wrong answer costs.
    """

    tariffs: tuple[Tariff, ...]
    right: tuple[Fraction, ...]
    sent: int
    said: int
    error_cost: Fraction

    @property
    def models(self) -> list[Model]:
        """The models."""
        return [model_named(name, tariff) for name, tariff in zip(NAMES, self.tariffs, strict=False)]

    @property
    def accuracy(self) -> dict[str, Range | Fraction]:
        """The accuracies as a caller states them."""
        return dict(zip(NAMES, self.right, strict=False))

    @property
    def workload(self) -> Workload:
        """The work as the library has it."""
        return Workload(input_tokens=self.sent, output_tokens=self.said, error_cost=Usd(self.error_cost))

    @property
    def stages(self) -> list[Stage]:
        """The models as the trees have them: cost and accuracy."""
        counts = {"input_tokens": self.sent, "output_tokens": self.said}
        return [(call_cost(tariff, counts), right) for tariff, right in zip(self.tariffs, self.right, strict=True)]


TOKENS = st.sampled_from([0, 1, 99, 100, 101, 150, 200, 1_000])


@st.composite
def worlds(draw: st.DrawFn, *, least: int = 1, most: int = 3, thresholds: bool = True) -> World:
    """Up to four models, on work whose length meets the thresholds of their prices."""
    count = draw(st.integers(least, most))
    return World(
        tariffs=tuple(draw(tariffs(thresholds=thresholds)) for _ in range(count)),
        right=tuple(draw(shares()) for _ in range(count)),
        sent=draw(TOKENS),
        said=draw(TOKENS),
        error_cost=draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction("0.05"), Fraction(2)])),
    )


@cache
def checkers() -> st.SearchStrategy[Checker]:
    """Checks with a price and both error rates."""
    return st.tuples(st.sampled_from([Fraction(0), Fraction("0.00002"), Fraction(1, 3)]), shares(), shares())


def check_of(checker: Checker) -> Check:
    """The check as the library has it."""
    usd, false_accept, false_reject = checker
    return Check(usd=Usd(usd), false_accept=false_accept, false_reject=false_reject)


def hopeless_for(right: Fraction) -> st.SearchStrategy[Fraction]:
    """Hopeless shares that leave room for *right*; none and all that is wrong often."""
    return shares().map(lambda share: share * (1 - right))


@cache
def probabilities() -> st.SearchStrategy[Range]:
    """Ranges of probabilities; points and the ends of what there is often."""
    return ranges(low=0, high=1)
