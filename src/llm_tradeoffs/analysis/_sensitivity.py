"""
Which of the numbers matters most, and how sure is the answer while several of them are uncertain?

One at a time, everything is exact: the cost is affine in each factor between the values at which another
price row begins to hold. Several at once, it is exact where the factors only add up; a simulation with a
seed and a standard error answers for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise, product
from math import factorial, sqrt
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.analysis._break_even import Factor, Objective, Setup, breaks, factor_of, setup_of
from llm_tradeoffs.analysis._lines import Line, line_of
from llm_tradeoffs.costing import workload_cost
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, MissingExtraError, UnknownNameError
from llm_tradeoffs.model import Model, rate_field
from llm_tradeoffs.money import Exact, Number, Usd, divide, exact, exact_text, fixed, grouped, plain
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog
    from llm_tradeoffs.plot import SensitivityPlots

__all__ = ["Bar", "Probability", "Sensitivity", "probability_cheaper", "sensitivity"]

Target = Literal["cost", "difference", "least"]
TARGETS: Final[tuple[Target, ...]] = ("cost", "difference", "least")

MOST_FACTORS: Final = 12
"""So many factors have 4,096 corners; each is priced."""


@attrs.frozen(kw_only=True)
class Bar:
    """
    What one factor does to the result over its range, everything else being as it is.

    Attributes:
        factor: The quantity, as :func:`break_even` names it.
        unit: Its unit; empty for a pure number.
        base: Its value in the result.
        low, high: Its range.
        basis: Where the range is from: ``stated`` by a source, ``given`` by the caller, or the assumed share.
        at_low, at_high: The result at the two ends. [USD]
        least, most: The least and the most that the result comes to anywhere in the range; where a price jumps,
            the value that it comes up to. [USD]
        elasticity: By how many per cent the result changes for one per cent of the factor, at the base; None where
            the factor or the result is 0, or where the result bends just there.
        choices: The cheapest models over the range, in its order; empty unless the least cost was asked for.
    """

    factor: str
    unit: str
    base: Exact
    low: Exact
    high: Exact
    basis: str
    at_low: Usd
    at_high: Usd
    least: Usd
    most: Usd
    elasticity: Exact | None
    choices: tuple[str, ...] = ()

    @property
    def swing(self) -> Usd:
        """How far the result can move. [USD]"""
        return self.most - self.least


@attrs.frozen(kw_only=True)
class Sensitivity(Tabular):
    """
    A tornado: one bar for each factor, the widest first.

    Attributes:
        models: Ids of the models.
        of: ``cost`` of one model, ``difference`` of the first less the second, ``least`` of all.
        by: Whether the expected cost of errors is counted: ``cost`` or ``expected_cost``.
        base: The result as things are. [USD per request]
        bars: One for each factor.
        left_out: Factors without a bar, and why, one sentence each.
    """

    models: tuple[str, ...]
    of: Target
    by: Objective
    base: Usd
    bars: tuple[Bar, ...]
    left_out: tuple[str, ...] = ()

    def bar(self, factor: str) -> Bar:
        """
        The bar of one factor.

        Raises:
            UnknownNameError: It has none.
        """
        for bar in self.bars:
            if bar.factor == factor:
                return bar
        raise UnknownNameError("factor with a bar", factor, [bar.factor for bar in self.bars])

    @property
    def plot(self) -> SensitivityPlots:
        """The chart: ``sensitivity.plot.tornado()``, as an Altair object. Needs the extra ``plot``."""
        from llm_tradeoffs.plot import SensitivityPlots

        return SensitivityPlots(self)

    def to_dict(self) -> dict[str, Any]:
        """The table in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain_form: dict[str, Any] = to_plain(self)
        return plain_form

    def __str__(self) -> str:
        joiner, what = {
            "cost": ("", "Cost of"),
            "difference": (" less that of ", "Cost of"),
            "least": (", ", "Least cost of"),
        }[self.of]
        errors = ", errors counted" if self.by == "expected_cost" else ""
        head = f"{what} {joiner.join(self.models)}{errors}: {_signed(self.base)} per request"
        rows = [("factor", "from", "to", "least", "most", "elasticity")]
        for bar in self.bars:
            slope = "-" if bar.elasticity is None else fixed(bar.elasticity, 2)
            ends = (_plain_number(bar.low), _plain_number(bar.high))
            rows.append((f"{bar.factor} ({bar.basis})", *ends, _short(bar.least), _short(bar.most), slope))
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                [
                    row[0].ljust(widths[0]),
                    *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)),
                ]
            )
            for row in rows
        ]
        return "\n".join([head, *lines, *self.left_out])


def _signed(amount: Usd) -> str:
    return f"{'-' if amount < Usd(0) else ''}${_short(abs(amount))}"


def _short(amount: Usd) -> str:
    """Six decimals, for a table."""
    return fixed(plain(amount.as_fraction()), 6)


def _plain_number(value: Exact) -> str:
    text = grouped(value)
    return text if len(text) <= 10 else fixed(value, 4)


# Which factors, over which ranges.


@attrs.frozen(kw_only=True)
class _Varied:
    factor: Factor
    base: Exact
    low: Exact
    high: Exact
    basis: str


def _labels(setup: Setup) -> list[str]:
    """Every factor that bears on the result: counts and shares of the work, accuracies, and each price that is used."""
    work = setup.workload
    names = ["input_tokens", "output_tokens"]
    names += [name for name in ("cached_share", "batch_share") if getattr(work, name)]
    if setup.by == "expected_cost":
        names += ["error_cost", *(f"accuracy of {model.id}" for model in setup.models)]
    for index, model in enumerate(setup.models):
        lines = workload_cost(model, setup.own(index)).lines
        rows = dict.fromkeys(rate_field(line.price).removeprefix("rates.") for line in lines)
        names += [f"price:{row} of {model.id}" for row in rows]
    return names


def _given(ranges: object, setup: Setup) -> dict[str, tuple[Factor, Range]]:
    if ranges is None:
        return {}
    if not isinstance(ranges, Mapping):
        raise InvalidTypeError(f"ranges is {ranges!r}; expected a mapping such as {{'output_tokens': (100, 300)}}.")
    found: dict[str, tuple[Factor, Range]] = {}
    for name, range_ in cast("Mapping[object, object]", ranges).items():
        factor = factor_of(name, setup, default=None if len(setup.models) > 1 else 0)
        if factor.whole or factor.label == "in_out_ratio":
            raise InvalidValueError(f"{name!r} cannot be varied over a range here; ask break_even(..., of={name!r}).")
        low, high = _ends(range_, factor)
        if factor.label in found:
            raise InvalidValueError(f"{factor.label!r} is given a range twice. Keep one.")
        found[factor.label] = (factor, Range(low, high))
    return found


def _ends(range_: object, factor: Factor) -> tuple[Exact, Exact]:
    what = f"the range of {factor.label}"
    if isinstance(range_, str):
        range_ = Range.parse(range_)
    if isinstance(range_, Range):
        low, high = range_.low, range_.high
    else:
        ends = cast("tuple[object, ...]", range_) if isinstance(range_, tuple | list) else ()
        if len(ends) != 2:
            raise InvalidTypeError(f"{what} is {range_!r}; expected two ends such as (100, 300), or Range(100, 300).")
        low, high = (factor.value(end, f"an end of {what}") for end in ends)
    if low > high:
        raise InvalidValueError(f"{what} is from {exact_text(low)} to {exact_text(high)}; write the smaller end first.")
    return factor.value(low, f"the low end of {what}"), factor.value(high, f"the high end of {what}")


def _stated(setup: Setup, label: str) -> Range | None:
    """The range in which sources state the factor, where they do."""
    for index, model in enumerate(setup.models):
        range_ = setup.stated[index]
        if label == f"accuracy of {model.id}" and range_ is not None and not range_.is_point:
            return range_
    return None


def _share(value: object) -> Exact:
    share = exact(value, "share")  # type: ignore[arg-type]  # exact() refuses what is no number
    if not 0 < share <= 1:
        raise InvalidValueError(
            f"share is {exact_text(share)}; give one above 0 and at most 1, such as '0.2' for ±20 %."
        )
    return share


# The result, and its lines.


def _target(of: object, models: Sequence[object]) -> Target:
    usual: Target = TARGETS[min(len(models), 3) - 1]
    found: list[Target] = [each for each in TARGETS if each == of]
    if of is not None and not found:
        raise UnknownNameError("target", of, TARGETS)
    target = found[0] if found else usual
    wanted = {"cost": len(models) == 1, "difference": len(models) == 2, "least": len(models) > 0}
    if not wanted[target]:
        needs = {"cost": "one model", "difference": "two models", "least": "one or more"}[target]
        raise InvalidValueError(f"of={target!r} takes {needs}; {len(models)} were named.")
    return target


def _result(figures: Sequence[Exact], of: Target) -> Exact:
    return figures[0] - figures[1] if of == "difference" else min(figures)


def _figures(setup: Setup) -> list[Exact]:
    return [setup.figure(index) for index in range(len(setup.models))]


def meetings(lines: Sequence[Line], low: Exact, high: Exact) -> list[Exact]:
    """Where two of the lines meet strictly between *low* and *high*, ascending."""
    found: set[Exact] = set()
    for (start, slope), (other_start, other_slope) in combinations(lines, 2):
        if slope != other_slope:
            meeting = divide(other_start - start, slope - other_slope)
            if low < meeting < high:
                found.add(meeting)
    return sorted(found)


def values_at(lines: Sequence[Line], value: Exact) -> list[Exact]:
    return [plain(start + slope * value) for start, slope in lines]


def _bar(setup: Setup, varied: _Varied, of: Target) -> Bar:
    factor, low, high = varied.factor, varied.low, varied.high

    def figures(value: Exact) -> list[Exact]:
        return _figures(factor.put(setup, value))

    points = [low, *breaks(setup, factor, low, high), high] if low < high else [low]
    seen: list[tuple[Exact, list[Exact]]] = []
    slopes: Sequence[Line] | None = None
    for start, stop in pairwise(points):
        seen.append((start, figures(start)))
        lines = _lines(figures, start, stop, len(setup.models))
        for value in (start, *(meetings(lines, start, stop) if of == "least" else ()), stop):
            seen.append((value, values_at(lines, value)))  # at the ends: what it comes up to inside
        if start < varied.base < stop:
            slopes = lines
    seen.append((points[-1], figures(points[-1])))
    results = [_result(each, of) for _, each in seen]
    chosen = [_cheapest(setup, each) for _, each in seen] if of == "least" else []
    at_base = figures(varied.base)
    return Bar(
        factor=factor.label,
        unit=factor.unit,
        base=varied.base,
        low=low,
        high=high,
        basis=varied.basis,
        at_low=Usd(results[0]),
        at_high=Usd(results[-1]),
        least=Usd(min(results)),
        most=Usd(max(results)),
        elasticity=_elasticity(setup, varied, of, at_base, slopes),
        choices=tuple(dict.fromkeys(name for names in chosen if len(names) == 1 for name in names)),
    )


def _lines(figures: Callable[[Exact], list[Exact]], low: Exact, high: Exact, count: int) -> list[Line]:
    priced: dict[Exact, list[Exact]] = {}

    def figure(index: int) -> Callable[[Exact], Exact]:
        def at(value: Exact) -> Exact:
            if value not in priced:
                priced[value] = figures(value)
            return priced[value][index]

        return at

    return [line_of(figure(index), low, high) for index in range(count)]


def _cheapest(setup: Setup, figures: Sequence[Exact]) -> list[str]:
    least = min(figures)
    return [model.id for model, figure in zip(setup.models, figures, strict=True) if figure == least]


def _elasticity(
    setup: Setup, varied: _Varied, of: Target, at_base: Sequence[Exact], slopes: Sequence[Line] | None
) -> Exact | None:
    """x/f · df/dx at the base: of the line there, unless it bends."""
    result = _result(at_base, of)
    factor, base = varied.factor, varied.base
    if not result or not base:
        return None
    if slopes is None:
        # The base is an end of the range, or outside: look just around it.
        low: Exact = divide(base, 2)
        high: Exact = base * 2 if factor.high is None else min(base * 2, factor.high)
        around = breaks(setup, factor, low, high)
        if base in around or base == high:
            return None
        below: Exact = max([low, *[value for value in around if value < base]])
        above: Exact = min([high, *[value for value in around if value > base]])
        slopes = _lines(lambda value: _figures(factor.put(setup, value)), below, above, len(setup.models))
    if of == "difference":
        slope = slopes[0][1] - slopes[1][1]
    else:
        steep = {line[1] for line, figure in zip(slopes, at_base, strict=True) if figure == result}
        if len(steep) > 1:
            return None
        slope = steep.pop()
    return divide(base * slope, result)


def sensitivity(
    models: str | Model | Iterable[str | Model],
    workload: Workload | str,
    ranges: Mapping[str, Range | tuple[Number, Number] | str] | None = None,
    *,
    of: str | None = None,
    by: str | None = None,
    share: Number = "0.2",
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
) -> Sensitivity:
    """
    How far each factor alone can move the cost, the widest swing first.

    >>> table = sensitivity("gpt-4.1-mini", "support-chatbot")
    >>> [(bar.factor, str(bar.least), str(bar.most)) for bar in table.bars[:2]]
    [('output_tokens', '$0.000272', '$0.000368'), ('price:standard.output_tokens of gpt-4.1-mini', '$0.000272', ...)]
    >>> table.bar("output_tokens").elasticity
    Fraction(3, 4)

    Args:
        models: One model: its cost. Two: the first less the second. More: the least of them, which is what the
            expected-cost objective of a recommendation is.
        workload: A :class:`Workload`, or the id of a preset.
        ranges: For some factors the range to vary them over, by the names that :func:`break_even` takes. Accuracies
            that a source states as a range use it; everything else goes *share* up and down.
        of: ``cost``, ``difference`` or ``least``, if not what the number of models says.
        by: ``cost`` or ``expected_cost``; None for the latter where the workload states an error cost.
        share: How far factors without a range are varied, as a share of their value. [0..1]
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day.

    Raises:
        UnknownNameError: A model, preset, factor or target is not known.
        UnknownPriceError: A price that is needed is not known.
        InvalidValueError: A range is empty or beyond what the factor can be.

    Source:
        Tornado diagram: Howard, "Decision Analysis: Practice and Promise", Management Science 34 (1988).
        Elasticity: x/C · dC/dx (Marshall).

    When not to trust it:
        One at a time says nothing of factors that move together, and an assumed ±20 % is no measurement.
    """
    named = _named(models)
    target = _target(of, named)
    setup = setup_of(named, workload, by, catalog, as_of)
    if setup.by == "cost_per_right_answer":
        raise InvalidValueError("a sensitivity is of money per request: say by='cost' or by='expected_cost'.")
    given, assumed = _given(ranges, setup), _share(share)
    base = Usd(_result(_figures(setup), target))
    varied: list[_Varied] = []
    left_out: list[str] = []
    for label in dict.fromkeys((*_labels(setup), *given)):
        factor, range_ = given.get(label, (None, None))
        factor = factor or factor_of(label, setup)
        here = factor.read(setup)
        if here is None:
            left_out.append(f"{label} has no bar: it has no single value now.")
            continue
        if range_ is not None:
            basis = "given"
        elif (stated := _stated(setup, label)) is not None:
            range_, basis = stated, "stated"
        elif not here:
            left_out.append(f"{label} has no bar: it is 0, and a share of nothing is nothing; give it a range.")
            continue
        else:
            top = here * (1 + assumed)
            range_ = Range(here * (1 - assumed), top if factor.high is None else min(top, factor.high))
            basis = f"±{exact_text(assumed * 100)} %"
        varied.append(_Varied(factor=factor, base=here, low=range_.low, high=range_.high, basis=basis))
    bars = [_bar(setup, each, target) for each in varied]
    return Sensitivity(
        models=tuple(model.id for model in setup.models),
        of=target,
        by=setup.by,
        base=base,
        bars=tuple(sorted(bars, key=lambda bar: (-bar.swing.pico, bar.factor))),
        left_out=tuple(left_out),
    )


def _named(models: object) -> list[str | Model]:
    if isinstance(models, str | Model):
        return [models]
    if not isinstance(models, Iterable):
        raise InvalidTypeError(f"models are {models!r}; expected a name, a Model, or several of them.")
    named = list(cast("Iterable[str | Model]", models))
    if not named:
        raise InvalidValueError("no model is named; give one, two or more.")
    return named


# Several at once.


@attrs.frozen(kw_only=True)
class Probability:
    """
    How likely one model is cheaper than another while several facts are uncertain.

    Attributes:
        a, b: Ids of the two.
        value: The probability that *a* is cheaper; exact, or the share of the samples. [0..1]
        equal: The probability that both cost just the same. [0..1]
        method: ``exact``, or ``monte carlo``.
        standard_error: Of *value*, √(p(1−p)/n) with p counted from one more draw of each kind, so that it is never
            0; None for an exact one.
        samples, seed: Of the simulation; None for an exact value.
        varied: The factors that were varied.
        assumption: What was assumed about them.
    """

    a: str
    b: str
    value: Exact
    equal: Exact
    method: Literal["exact", "monte carlo"]
    standard_error: float | None
    samples: int | None
    seed: int | None
    varied: tuple[str, ...]
    assumption: str

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain_form: dict[str, Any] = to_plain(self)
        return plain_form

    def __str__(self) -> str:
        percent = f"{fixed(self.value * 100, 1)} %"
        if self.standard_error is not None:
            percent += f" (standard error {self.standard_error * 100:.1f} points, {self.samples:,} samples)"
        return f"{self.a} is cheaper than {self.b} with probability {percent}: {self.assumption}."


def probability_cheaper(
    a: str | Model,
    b: str | Model,
    workload: Workload | str,
    ranges: Mapping[str, Range | tuple[Number, Number] | str] | None = None,
    *,
    by: str | None = None,
    samples: int = 100_000,
    seed: int = 0,
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
) -> Probability:
    """
    How likely *a* is cheaper than *b*, with every uncertain fact anywhere in its range.

    >>> desk = Workload(input_tokens=200, output_tokens=150, error_cost="0.02")
    >>> print(probability_cheaper("gpt-4.1-mini", "claude-haiku-4.5", desk).value)
    23/60

    What varies are the accuracies that are stated as ranges, and whatever *ranges* names. Each is taken to be
    equally likely anywhere in its range, and none to depend on another: that is an assumption, and the answer
    says so. Where one factor varies, or where the factors only add up (prices, accuracies), the answer is exact;
    elsewhere it is simulated, which needs the extra ``montecarlo``.

    Args:
        a, b, workload, by, catalog, as_of: As for :func:`break_even`.
        ranges: As for :func:`sensitivity`.
        samples: How many to draw where it is simulated.
        seed: Where the draws start: the same seed gives the same answer.

    Raises:
        UnknownNameError, UnknownPriceError, InvalidValueError: As for :func:`sensitivity`.
        MissingExtraError: It has to be simulated, and numpy is not installed.

    Source:
        The part of the unit cube on one side of a plane, P(Σ cᵢuᵢ ≤ t) = Σ over corners v of
        (−1)^|v| (t − c·v)₊ⁿ / (n! Π cᵢ): Marichal and Mossinghoff, "Slices, slabs, and sections of the unit
        hypercube" (2008), after Pólya.

    When not to trust it:
        Facts are seldom independent (two benchmarks of one maker) and seldom uniform.
    """
    for name, number, least in (("samples", samples, 2), ("seed", seed, 0)):
        if type(number) is not int or number < least:
            raise InvalidValueError(f"{name} is {number!r}; expected a whole number from {least} up.")
    setup = setup_of((a, b), workload, by, catalog, as_of)
    given = _given(ranges, setup)
    for model in setup.models if setup.by != "cost" else ():
        label = f"accuracy of {model.id}"
        stated = _stated(setup, label)
        if stated is not None and label not in given:
            given[label] = (factor_of(label, setup), stated)
    box = _Box(setup=setup, factors=[given[label] for label in given if not given[label][1].is_point])
    fixed_ones = [given[label] for label in given if given[label][1].is_point]
    for factor, range_ in fixed_ones:
        box = attrs.evolve(box, setup=factor.put(box.setup, range_.low))
    count = len(box.factors)
    if count > MOST_FACTORS:
        raise InvalidValueError(f"{count} factors vary; at most {MOST_FACTORS} can at once. Fix the least of them.")
    return _probability(box, samples, seed)


@attrs.frozen(kw_only=True, eq=False)
class _Box:
    """A situation in which several factors vary, each over a range that is no point."""

    setup: Setup
    factors: Sequence[tuple[Factor, Range]]

    def difference(self, shares: Iterable[Exact]) -> Exact:
        """Positive where the second model is cheaper, with each factor at a share of the way through its range."""
        setup = self.setup
        for (factor, range_), share in zip(self.factors, shares, strict=True):
            setup = factor.put(setup, plain(range_.low + share * range_.width))
        return setup.difference()

    @cached_property
    def terms(self) -> dict[tuple[int, ...], Exact]:
        """The coefficient of each product of shares: the difference is affine in each factor, so corners tell."""
        found: dict[tuple[int, ...], Exact] = {}
        for corner in product((0, 1), repeat=len(self.factors)):
            members = tuple(index for index, end in enumerate(corner) if end)
            inside = sum((found[part] for size in range(len(members)) for part in combinations(members, size)), start=0)
            found[members] = plain(self.difference(corner) - inside)
        return found

    @property
    def bends(self) -> bool:
        """Whether another price row may begin to hold somewhere inside."""
        counted = {"input_tokens", "output_tokens", "cached_share"}
        moves = any(factor.label in counted or "token_ratio" in factor.label for factor, _ in self.factors)
        cards = [model.rates for model in self.setup.models]
        steps = any(card.by_quantity or card.breakpoints() or card.breakpoints("batch") for card in cards)
        return (moves and steps) or any("minimum_charge" in card.meters for card in cards)


def _probability(box: _Box, samples: int, seed: int) -> Probability:
    names = [model.id for model in box.setup.models]
    varied = tuple(factor.label for factor, _ in box.factors)
    exactly: tuple[Exact, Exact] | None = None
    if len(varied) <= 1:
        exactly = _along_a_line(box)
    elif not box.bends and all(not term for members, term in box.terms.items() if len(members) > 1):
        exactly = _sum_of_uniforms(box)
    assumption = (
        f"{' and '.join(varied)} anywhere in {'its range' if len(varied) == 1 else 'their ranges'}, equally likely"
        + (" and independent" if len(varied) > 1 else "")
        if varied
        else "nothing is stated as a range"
    )
    rest: dict[str, Any] = {"a": names[0], "b": names[1], "varied": varied, "assumption": assumption}
    if exactly is not None:
        cheaper, equal = exactly
        alone: dict[str, Any] = {"standard_error": None, "samples": None, "seed": None}
        return Probability(value=cheaper, equal=equal, method="exact", **alone, **rest)
    cheaper_count, equal_count = _simulated(box, samples, seed)
    # With one more of each, so that no simulation claims to be certain.
    share = (cheaper_count + 1) / (samples + 2)
    return Probability(
        value=divide(cheaper_count, samples),
        equal=divide(equal_count, samples),
        method="monte carlo",
        standard_error=sqrt(share * (1 - share) / samples),
        samples=samples,
        seed=seed,
        **rest,
    )


def _along_a_line(box: _Box) -> tuple[Exact, Exact]:
    """One factor: the shares of its range in which the first is cheaper, and in which both cost the same."""
    if not box.factors:
        difference = box.setup.difference()
        return int(difference < 0), int(difference == 0)
    factor, range_ = box.factors[0]

    def difference_at(value: Exact) -> Exact:
        return factor.put(box.setup, value).difference()

    cheaper: Exact = 0
    equal: Exact = 0
    points: list[Exact] = [range_.low, *breaks(box.setup, factor, range_.low, range_.high), range_.high]
    for low, high in pairwise(points):
        start, slope = line_of(difference_at, low, high)
        root = divide(-start, slope) if slope else low
        stops: list[Exact] = [low, root, high] if low < root < high else [low, high]
        for begin, end in pairwise(stops):
            middle = start + slope * divide(begin + end, 2)
            cheaper += (end - begin) * (middle < 0)
            equal += (end - begin) * (middle == 0)
    return divide(plain(cheaper), range_.width), divide(plain(equal), range_.width)


def _sum_of_uniforms(box: _Box) -> tuple[Exact, Exact]:
    """P(constant + Σ slope·u < 0) for independent shares u: the volume of a corner of the unit cube."""
    rest = box.terms[()]
    slopes: list[Exact] = []
    for index in range(len(box.factors)):
        slope = box.terms[index,]
        if slope < 0:  # the same share counted from the other end
            rest, slope = rest + slope, -slope
        if slope:
            slopes.append(slope)
    if not slopes:
        return int(rest < 0), int(rest == 0)
    volume: Exact = 0
    for corner in product((0, 1), repeat=len(slopes)):
        left = -rest - sum(slope for slope, end in zip(slopes, corner, strict=True) if end)
        if left > 0:
            volume += (-1) ** sum(corner) * left ** len(slopes)
    content: Exact = factorial(len(slopes))
    for slope in slopes:
        content *= slope
    return divide(plain(volume), plain(content)), 0


def _simulated(box: _Box, samples: int, seed: int) -> tuple[int, int]:
    """In how many draws the first is cheaper, and in how many both cost the same."""
    try:
        import numpy as np
    except ImportError:
        raise MissingExtraError("numpy", "montecarlo", "a simulation of several uncertain facts") from None
    draws = np.random.default_rng(seed).random((samples, len(box.factors)))
    if box.bends:
        exactly = [box.difference([Fraction(share) for share in draw]) for draw in draws.tolist()]
        return sum(each < 0 for each in exactly), sum(each == 0 for each in exactly)
    scale = max(max(term, -term) for term in box.terms.values()) or 1
    total = np.zeros(samples)
    for members, term in box.terms.items():
        if term:
            total += float(divide(term, scale)) * draws[:, members].prod(axis=1)
    return int((total < 0).sum()), int((total == 0).sum())
