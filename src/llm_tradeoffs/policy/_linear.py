"""
Linear inequalities over exact numbers: whether they can all hold, and a point where they do.

Source:
    Fourier-Motzkin elimination: a variable is removed by adding every lower bound on it to every upper
    bound. Schrijver, "Theory of Linear and Integer Programming", 1986, section 12.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import NamedTuple, TypeAlias

from llm_tradeoffs.money import Exact, divide, plain

__all__ = ["Bounds", "Form", "Inequality", "Terms", "nicest", "solve", "tighter"]

Terms: TypeAlias = tuple[tuple[str, int], ...]


class Form(NamedTuple):
    """
    An affine form: a constant and a multiple of each variable.

    Attributes:
        terms: The factor of each variable; none is 0.
        constant: What is added.
    """

    terms: Mapping[str, Exact]
    constant: Exact = 0

    @classmethod
    def of(cls, name: str) -> Form:
        """The variable *name* itself."""
        return cls({name: 1})

    def __sub__(self, other: Form) -> Form:
        names = (*self.terms, *(name for name in other.terms if name not in self.terms))
        factors = {name: self.terms.get(name, 0) - other.terms.get(name, 0) for name in names}
        return Form(
            {name: plain(factor) for name, factor in factors.items() if factor}, plain(self.constant - other.constant)
        )

    def at_most(self, other: Form) -> Inequality:
        """That this form is at most *other*."""
        return Inequality.of(self - other, strict=False)

    def below(self, other: Form) -> Inequality:
        """That this form is less than *other*."""
        return Inequality.of(self - other, strict=True)


class Inequality(NamedTuple):
    """
    That a form is at most 0, or below 0 if *strict*; whole factors without a common divisor, by name.

    Two inequalities with the same terms differ in how tight they are, and in nothing else.
    """

    terms: Terms
    constant: Exact
    strict: bool

    @classmethod
    def of(cls, form: Form, *, strict: bool) -> Inequality:
        """The inequality *form* ≤ 0, or < 0."""
        terms = sorted((name, factor) for name, factor in form.terms.items() if factor)
        whole = lcm(*(factor.denominator for _, factor in terms))
        return _reduced(tuple((name, int(factor * whole)) for name, factor in terms), form.constant * whole, strict)

    @property
    def never(self) -> bool:
        """Whether no point can satisfy it, because nothing variable is in it."""
        return not self.terms and (self.constant > 0 or (self.strict and self.constant == 0))


def _reduced(terms: Terms, constant: Exact, strict: bool) -> Inequality:
    common = gcd(*(factor for _, factor in terms))
    if common > 1:
        return Inequality(tuple((name, factor // common) for name, factor in terms), divide(constant, common), strict)
    return Inequality(terms, plain(constant), strict)


def tighter(row: Inequality, other: Inequality) -> bool:
    """Whether *row* asks more than *other*, which has the same terms."""
    return (row.constant, row.strict) > (other.constant, other.strict)


class Bounds(NamedTuple):
    """
    Between which ends a number may lie.

    Attributes:
        low, high: The ends; None for no end.
        above, below: Whether the end itself is out.
    """

    low: Exact | None = None
    high: Exact | None = None
    above: bool = False
    below: bool = False

    def __contains__(self, value: object) -> bool:
        assert isinstance(value, Exact)
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        return self.high is None or value < self.high or (not self.below and value == self.high)


def nicest(bounds: Bounds, preferred: Exact = 0, step: int = 1) -> Exact:
    """
    The number within *bounds* that a person would name.

    That is *preferred*, or else the nearest multiple of *step*, the nearest whole number, an end that is
    within, or the middle.

    >>> nicest(Bounds(low=200_000, above=True), preferred=1_000)
    200001
    >>> nicest(Bounds(low=0, high=385, above=True), preferred=1_000, step=100)
    300
    """
    if preferred in bounds:
        return preferred
    for size in dict.fromkeys((step, 1)):
        multiples = [value for value in _next_multiples(bounds, size) if value in bounds]
        if multiples:
            # One lies nearest on each side; of two that are equally near, the lower one.
            return min(multiples, key=lambda value: (abs(Fraction(value) - preferred), value))
    low, high = bounds.low, bounds.high
    ends = [end for end in (low, high) if end is not None and end in bounds]
    if ends:
        return ends[0]
    assert low is not None
    assert high is not None
    return divide(low + high, 2)


def _next_multiples(bounds: Bounds, size: int) -> Iterator[int]:
    """The multiples of *size* next to the ends of *bounds*, on the inner side."""
    if bounds.low is not None:
        above = floor(bounds.low / Fraction(size))
        yield size * (above if above * size == bounds.low and not bounds.above else above + 1)
    if bounds.high is not None:
        below = ceil(bounds.high / Fraction(size))
        yield size * (below if below * size == bounds.high and not bounds.below else below - 1)


def _tightest(rows: Iterable[Inequality]) -> list[Inequality] | None:
    """*rows* without those that others imply; None if one of them can never hold."""
    kept: dict[Terms, Inequality] = {}
    for row in rows:
        if not row.terms:
            if row.never:
                return None
            continue
        held = kept.get(row.terms)
        if held is None or tighter(row, held):
            kept[row.terms] = row
    return list(kept.values())


def _without(name: str, rows: list[Inequality]) -> list[Inequality] | None:
    """What *rows* say about the other variables."""
    lower: list[tuple[int, Inequality]] = []
    upper: list[tuple[int, Inequality]] = []
    rest: list[Inequality] = []
    for row in rows:
        factor = next((factor for variable, factor in row.terms if variable == name), 0)
        if factor:
            (lower if factor < 0 else upper).append((abs(factor), row))
        else:
            rest.append(row)
    for down, below in lower:
        for up, above in upper:
            sums: dict[str, int] = {variable: up * factor for variable, factor in below.terms}
            for variable, factor in above.terms:
                sums[variable] = sums.get(variable, 0) + down * factor
            terms = tuple(sorted((variable, factor) for variable, factor in sums.items() if factor))
            rest.append(
                _reduced(terms, up * below.constant + down * above.constant, strict=below.strict or above.strict)
            )
    return _tightest(rest)


def solve(
    rows: Iterable[Inequality],
    order: Sequence[str],
    choose: Callable[[str, Bounds, Mapping[str, Exact]], Exact | None],
) -> dict[str, Exact] | None:
    """
    A point that satisfies all of *rows*, or None if there is none.

    Args:
        rows: Over variables of *order* only.
        order: In which order values are chosen.
        choose: Names a value within the bounds that are left for a variable, given the values that were
            chosen before it; None gives up, and so does this function.
    """
    stages: list[list[Inequality]] = []
    left = _tightest(rows)
    for name in reversed(order):
        if left is None:
            return None
        stages.append(left)
        left = _without(name, left)
    if left is None:
        return None
    point: dict[str, Exact] = {}
    for name, stage in zip(order, reversed(stages), strict=True):
        value = choose(name, _bounds(name, stage, point), point)
        if value is None:
            return None
        point[name] = value
    return point


def _bounds(name: str, rows: Iterable[Inequality], point: Mapping[str, Exact]) -> Bounds:
    """Between which ends *name* may lie where the other variables have the values of *point*."""
    low: Exact | None = None
    high: Exact | None = None
    above = below = False
    for row in rows:
        factor = 0
        rest = row.constant
        for variable, times in row.terms:
            if variable == name:
                factor = times
            else:
                rest += times * point[variable]
        if not factor:
            continue
        end = divide(-rest, factor)
        if factor > 0 and (high is None or end < high or (end == high and row.strict)):
            high, below = end, row.strict
        if factor < 0 and (low is None or end > low or (end == low and row.strict)):
            low, above = end, row.strict
    return Bounds(low, high, above, below)
