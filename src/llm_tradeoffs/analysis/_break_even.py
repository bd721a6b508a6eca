"""
At which value do two models cost the same?

A cost is affine in each of the quantities below, between values at which another price row begins to
hold: a length threshold that a turn crosses, a marginal price, a minimum. So the line of each such stretch
is known from two of its points, and every break-even is a rational number, found and not searched for.
Nothing here knows how a bill is made: every point is priced by ``workload_cost``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.analysis._bends import MOST_TURNS, cost_bends
from llm_tradeoffs.analysis._lines import Place, curves_over, runs, sign
from llm_tradeoffs.assessment import Assessment, as_workload, assess_model, in_tokens_of
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.costing import resolve_model, workload_cost
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.model import Model, rate_field
from llm_tradeoffs.money import (
    PICO,
    Exact,
    Number,
    Usd,
    divide,
    exact,
    exact_text,
    fixed,
    grouped,
    grouped_fixed,
    plain,
)
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import PER_MTOK, SERVICE_TIERS, Price, RateCard
from llm_tradeoffs.usage import METERS, TOKEN_METERS
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["OBJECTIVES", "QUANTITIES", "BreakEven", "Crossing", "Objective", "Stretch", "break_even"]

Objective = Literal["cost", "expected_cost", "cost_per_right_answer"]

OBJECTIVES: Final[tuple[Objective, ...]] = ("cost", "expected_cost", "cost_per_right_answer")
"""What can be equal: the cost of a request, that with the expected cost of its error, or the cost of a right answer."""


# The situation: models, their counts, their accuracies. Whatever can be varied is a field of it.


@attrs.frozen(kw_only=True)
class Setup:
    """
    Models that face one workload, with everything that can be varied.

    Attributes:
        models: The models.
        workload: The work as it was counted.
        ratios: Input and output tokens of each model per token counted.
        percents: Share of right answers of each model, the middle of what is stated; None if unknown. [%]
        stated: The same as stated.
        benchmark: The benchmark that they are from, or what is missing.
        by: What is compared.
        day: The day of the facts.
    """

    models: tuple[Model, ...]
    workload: Workload
    ratios: tuple[tuple[Exact, Exact], ...]
    percents: tuple[Exact | None, ...]
    stated: tuple[Range | None, ...]
    benchmark: str
    by: Objective
    day: date | None

    def own(self, index: int) -> Workload:
        """The workload in the tokens of one model."""
        sent, produced = self.ratios[index]
        work = self.workload
        if sent == produced == 1:
            return work
        return attrs.evolve(work, input_tokens=work.input_tokens * sent, output_tokens=work.output_tokens * produced)

    def cost(self, index: int) -> Exact:
        """What one model costs per request. [USD]"""
        return divide(workload_cost(self.models[index], self.own(index)).per_request.pico, PICO)

    def percent(self, index: int) -> Exact:
        """Share of right answers of one model. [%]"""
        percent = self.percents[index]
        if percent is None:
            label = self.models[index].label
            raise InvalidValueError(
                f"the accuracy of {label} is unknown: {self.benchmark}. State its score, "
                "Model(..., scores={'mmlu': '72-75 %'}), or compare by='cost'."
            )
        return percent

    def figure(self, index: int) -> Exact:
        """The cost of one model, with the expected cost of errors where that is compared. [USD]"""
        cost = self.cost(index)
        if self.by == "cost":
            return cost
        error_cost = self.workload.error_cost
        if error_cost is None:
            raise InvalidValueError(
                "the workload does not say what a wrong answer costs, so errors cannot be counted. "
                "Say workload.with_(error_cost='0.05'), or compare by='cost'."
            )
        return cost + divide((100 - self.percent(index)) * error_cost.pico, 100 * PICO)

    def difference(self) -> Exact:
        """Positive where the second model is cheaper: of the figures, or of C·p crosswise, which needs no division."""
        if self.by == "cost_per_right_answer":
            return self.cost(0) * self.percent(1) - self.cost(1) * self.percent(0)
        return self.figure(0) - self.figure(1)


def setup_of(
    models: Sequence[str | Model],
    workload: Workload | str,
    by: str | None,
    catalog: Catalog | None,
    as_of: date | str | None,
) -> Setup:
    """
    The situation as it is: facts of the day, counts converted where a ratio is published.

    Args:
        by: One of :data:`OBJECTIVES`; None for the expected cost where the workload states an error cost,
            else for the cost.
    """
    held = held_catalog(catalog)
    work = as_workload(workload, held)
    found: list[Objective] = [each for each in OBJECTIVES if each == by]
    if by is not None and not found:
        raise UnknownNameError("objective", by, OBJECTIVES)
    usual: Objective = "cost" if work.error_cost is None else "expected_cost"
    assessed: list[Assessment] = []
    ratios: list[tuple[Exact, Exact]] = []
    for name in models:
        model, day = resolve_model(name, held, as_of)
        assessed.append(assess_model(model, work, held, day))
        probe = in_tokens_of(model, work.with_(input_tokens=1, output_tokens=1), held, day)
        ratios.append((probe.input_tokens, probe.output_tokens))
    ids = [each.model.id for each in assessed]
    for model_id in ids:
        if ids.count(model_id) > 1:
            raise InvalidValueError(f"{model_id!r} is named twice; it costs the same as itself. Name two models.")
    benchmark = assessed[0].quality.benchmark
    stated = tuple(each.quality.percent for each in assessed)
    return Setup(
        models=tuple(each.model for each in assessed),
        workload=work,
        ratios=tuple(ratios),
        percents=tuple(None if range_ is None else range_.midpoint for range_ in stated),
        stated=stated,
        benchmark=f"no share of right answers on {benchmark}" if benchmark else "no benchmark speaks for the task",
        by=found[0] if found else usual,
        day=assessed[0].as_of,
    )


# What can be varied.


@attrs.frozen(kw_only=True)
class Factor:
    """
    One quantity that is varied.

    Attributes:
        label: As it is asked for, such as ``"accuracy of claude-haiku-4.5"``.
        unit: Its unit; empty for a pure number.
        low, high: Between which values it can lie; None for no upper end.
        whole: Whether it counts in whole steps.
        read: Its value in a situation; None if unknown.
        put: The situation with another value.
    """

    label: str
    unit: str
    low: Exact = 0
    high: Exact | None = None
    whole: bool = False
    read: Callable[[Setup], Exact | None]
    put: Callable[[Setup, Exact], Setup]

    def value(self, number: object, what: str) -> Exact:
        """*number* as a value that it can have, or an error."""
        value = exact(number, what)  # type: ignore[arg-type]  # exact() refuses what is no number
        if value < self.low or (self.high is not None and value > self.high):
            upper = "up" if self.high is None else f"to {exact_text(self.high)}"
            raise InvalidValueError(f"{what} is {exact_text(value)}; it is from {exact_text(self.low)} {upper}.")
        return value


def _of_workload(name: str, unit: str, high: Exact | None = None, low: Exact = 0) -> Callable[[], Factor]:
    def read(setup: Setup) -> Exact:
        value: Exact = getattr(setup.workload, name)
        return value

    def put(setup: Setup, value: Exact) -> Setup:
        changes: dict[str, Any] = {name: value}
        return attrs.evolve(setup, workload=attrs.evolve(setup.workload, **changes))

    return lambda: Factor(label=name, unit=unit, low=low, high=high, whole=name == "turns", read=read, put=put)


def _error_cost() -> Factor:
    def read(setup: Setup) -> Exact | None:
        return None if setup.workload.error_cost is None else plain(setup.workload.error_cost.as_fraction())

    def put(setup: Setup, value: Exact) -> Setup:
        return attrs.evolve(setup, workload=attrs.evolve(setup.workload, error_cost=Usd(value)))

    return Factor(label="error_cost", unit="USD", read=read, put=put)


def _in_out_ratio() -> Factor:
    """The ratio as the share of the input in all tokens, of which the cost is affine; see :func:`_to_ratio`."""

    def read(setup: Setup) -> Exact | None:
        sent, produced = setup.workload.input_tokens, setup.workload.output_tokens
        return divide(sent, sent + produced) if sent or produced else None

    def put(setup: Setup, value: Exact) -> Setup:
        tokens = setup.workload.input_tokens + setup.workload.output_tokens
        changed = attrs.evolve(setup.workload, input_tokens=tokens * value, output_tokens=tokens * (1 - value))
        return attrs.evolve(setup, workload=changed)

    return Factor(label="in_out_ratio", unit="", high=1, read=read, put=put)


def _to_ratio(share: Exact) -> Exact | None:
    """Input tokens per output token; None where all is input."""
    return None if share == 1 else divide(share, 1 - share)


def _accuracy(setup: Setup, index: int) -> Factor:
    def read(setup: Setup) -> Exact | None:
        return setup.percents[index]

    def put(setup: Setup, value: Exact) -> Setup:
        return attrs.evolve(setup, percents=_replaced(setup.percents, index, value))

    return Factor(label=f"accuracy of {setup.models[index].id}", unit="%", high=100, read=read, put=put)


def _token_ratio(name: str, setup: Setup, index: int) -> Factor:
    """Tokens of one model per token of the other; of the first model where there are several others."""
    base = 1 if index == 0 and len(setup.models) > 1 else 0
    sides = (0, 1) if name == "token_ratio" else (1,)

    def read(setup: Setup) -> Exact | None:
        own, other = setup.ratios[index], setup.ratios[base]
        ratios = [divide(own[side], other[side]) for side in sides]
        return ratios[0] if ratios.count(ratios[0]) == len(ratios) else None

    def put(setup: Setup, value: Exact) -> Setup:
        other = setup.ratios[base]
        changed = (value * other[0] if 0 in sides else setup.ratios[index][0], value * other[1])
        return attrs.evolve(setup, ratios=_replaced(setup.ratios, index, changed))

    unit = f"tokens per token of {setup.models[base].id}"
    return Factor(label=f"{name} of {setup.models[index].id}", unit=unit, read=read, put=put)


def _price(name: str, setup: Setup, index: int) -> Factor:
    model = setup.models[index]
    rows = {rate_field(price).removeprefix("rates."): price for price in model.rates.prices}
    field = name.removeprefix("price:")
    if field.partition(".")[0] in METERS:
        field = f"standard.{field}"
    tier, _, meter = field.partition(".")
    row = rows.get(field)
    if row is None and (tier not in SERVICE_TIERS or meter not in METERS):
        raise UnknownNameError(f"price of {model.id}", field, rows)
    price = row or Price(meter=meter, service_tier=tier, usd=Usd(0), per=PER_MTOK if meter in TOKEN_METERS else 1)

    def read(_: Setup) -> Exact | None:
        return None if row is None else plain(row.usd.as_fraction())

    def put(setup: Setup, value: Exact) -> Setup:
        changed = attrs.evolve(price, usd=Usd(value))
        card = setup.models[index].rates
        prices = [changed if rate_field(each) == rate_field(price) else each for each in card.prices]
        with_it = RateCard(tuple(prices) if row is not None else (*card.prices, changed), card.multipliers)
        models = _replaced(setup.models, index, attrs.evolve(setup.models[index], usd_per_mtok=with_it))
        return attrs.evolve(setup, models=models)

    return Factor(label=f"price:{field} of {model.id}", unit=price.unit, read=read, put=put)


def _price_level(setup: Setup, index: int) -> Factor:
    """All published prices of one model together, as a multiple of what they are."""

    def read(_: Setup) -> Exact:
        return 1

    def put(setup: Setup, value: Exact) -> Setup:
        card = setup.models[index].rates

        def scaled(amount: Usd) -> Usd:
            return Usd.from_pico(plain(amount.pico * value))

        rows = tuple(
            attrs.evolve(row, usd=scaled(row.usd), usd_low=None if row.usd_low is None else scaled(row.usd_low))
            for row in card.prices
        )
        model = attrs.evolve(setup.models[index], usd_per_mtok=RateCard(rows, card.multipliers))
        return attrs.evolve(setup, models=_replaced(setup.models, index, model))

    return Factor(label=f"price of {setup.models[index].id}", unit="times what is published", read=read, put=put)


def _replaced(values: tuple[Any, ...], index: int, value: object) -> tuple[Any, ...]:
    return (*values[:index], value, *values[index + 1 :])


_OF_WORK: Final[dict[str, Callable[[], Factor]]] = {
    "input_tokens": _of_workload("input_tokens", "tokens"),
    "output_tokens": _of_workload("output_tokens", "tokens"),
    "in_out_ratio": _in_out_ratio,
    "turns": _of_workload("turns", "turns", MOST_TURNS, 1),
    "cached_share": _of_workload("cached_share", "", 1),
    "batch_share": _of_workload("batch_share", "", 1),
    "error_cost": _error_cost,
}
_OF_MODEL: Final = ("token_ratio", "output_token_ratio", "accuracy", "price")
_OF_ALL: Final = ("requests", "escalation_rate")
QUANTITIES: Final = (*_OF_WORK, *_OF_ALL, *_OF_MODEL, "price:<meter>")
"""What a break-even can be asked of. Those of one model may name it: ``"accuracy of claude-haiku-4.5"``."""


def factor_of(text: object, setup: Setup, default: int | None = None) -> Factor:
    """
    The quantity that *text* asks for.

    Args:
        text: One of :data:`QUANTITIES`, with `` of <model>`` where it belongs to one.
        setup: The situation.
        default: The model that is meant where none is named; None if one must be.
    """
    if not isinstance(text, str):
        raise InvalidTypeError(f"expected the name of a quantity such as 'output_tokens', got {text!r}.")
    if text in _OF_WORK:
        return _OF_WORK[text]()
    name, named, of = text.partition(" of ")
    if name not in _OF_MODEL and not name.startswith("price:"):
        raise UnknownNameError("quantity", text, QUANTITIES)
    index = default
    if named:
        found = [place for place, model in enumerate(setup.models) if of == model.id or of in model.aliases]
        if not found:
            raise UnknownNameError("model among those compared", of, [model.id for model in setup.models])
        index = found[0]
    if index is None:
        raise InvalidValueError(
            f"{text!r} does not say of which model. Say for example {f'{text} of {setup.models[0].id}'!r}."
        )
    if name == "accuracy":
        return _accuracy(setup, index)
    if name == "price":
        return _price_level(setup, index)
    return _price(name, setup, index) if name.startswith("price:") else _token_ratio(name, setup, index)


# Where another row begins to hold, and which is cheaper between.


def breaks(setup: Setup, factor: Factor, low: Exact, high: Exact | None) -> list[Exact]:
    """
    The values strictly between *low* and *high* at which a cost may jump or bend, ascending.

    Raises:
        InvalidValueError: There are too many turns to look at each.
    """
    found: set[Exact] = set()
    for index in range(len(setup.models)):

        def faced(value: Exact, index: int = index) -> tuple[Model, Workload]:
            changed = setup if factor.whole else factor.put(setup, value)
            return changed.models[index], changed.own(index)

        found.update(cost_bends(faced, low, high, turns=factor.whole))
    return sorted(found)


@attrs.frozen
class _Part:
    """Values over which a sign does not change; a single value where both ends are equal."""

    low: Exact
    high: Exact | None
    with_low: bool
    with_high: bool
    sign: int


_ENDLESS: Final = 10**4000
"""Where a number has no upper end: no quotient of sums and products of what is believed comes near it."""


def _parts(
    function: Callable[[Exact], Exact],
    points: Sequence[Exact],
    low: Exact,
    high: Exact | None,
    *,
    with_low: bool = True,
    whole: bool = False,
) -> list[_Part]:
    """The sign of *function* from *low* to *high*: a line, over whole numbers a parabola, between *points*."""
    end: Place = (_ENDLESS, 0) if high is None else (high + 1, 0) if whole else (high, 1)
    signs: list[tuple[Place, int]] = []
    for start, stop, curve in curves_over(function, points, (low, int(not with_low)), end, whole=whole):
        assert curve is not None  # it has a value everywhere
        for place, here in runs(curve, start, stop, whole=whole):
            if not signs or signs[-1][1] != here:
                signs.append((place, here))
    parts: list[_Part] = []
    for ((first, after), here), ((last, through), _) in pairwise([*signs, (end, 0)]):
        if whole:
            parts.append(_Part(first, last - 1, True, True, here))
        else:
            parts.append(_Part(first, None if last == _ENDLESS else last, not after, bool(through), here))
    return parts


# The answer.


@attrs.frozen(kw_only=True)
class Stretch:
    """
    Values over which the same model is cheaper.

    Attributes:
        low, high: The ends; *high* is None where there is no upper end.
        includes_low, includes_high: Whether each end belongs to it.
        cheaper: The id of the cheaper model; None where both cost the same.
    """

    low: Exact
    high: Exact | None
    includes_low: bool
    includes_high: bool
    cheaper: str | None

    def __contains__(self, value: object) -> bool:
        number = exact(value, "the value to look for")  # type: ignore[arg-type]  # exact() refuses what is no number
        above = number > self.low or (number == self.low and self.includes_low)
        below = self.high is None or number < self.high or (number == self.high and self.includes_high)
        return above and below


@attrs.frozen(kw_only=True)
class Crossing:
    """
    A value at which another model becomes cheaper, or at which both cost the same.

    Attributes:
        value: The value, exact. Where a count steps over the point of balance, the first whole number beyond it.
        at: Which is cheaper just there; None where both cost the same. It is one of the two where a price jumps.
        below, above: Which is cheaper just below and just above; None for neither, or where nothing lies there.
    """

    value: Exact
    at: str | None
    below: str | None
    above: str | None

    @property
    def equal(self) -> bool:
        """Whether the two cost the same there."""
        return self.at is None


@attrs.frozen(kw_only=True)
class BreakEven(Tabular):
    """
    At which values of one quantity two models cost the same.

    Every number is exact: the costs are affine between the values at which another price row begins to
    hold, so every root is rational.

    Attributes:
        a, b: Ids of the two; for an escalation rate *a* is the cascade.
        of: The quantity.
        unit: Its unit; empty for a pure number.
        by: What was compared, one of :data:`OBJECTIVES`.
        current: The quantity as it is now; None if unknown or not stated.
        now: Which is cheaper now; None if both cost the same or the present value is unknown.
        stretches: Which is cheaper where: all possible values, each once, ascending.
        reason: The answer in words.
        best_of_a, best_of_b: :attr:`values` if the accuracies are, within what sources state, as good as
            possible for the one and as bad as possible for the other; None where no stated range matters.
        notes: What a reader should know, one sentence each.
    """

    a: str
    b: str
    of: str
    unit: str
    by: Objective
    current: Exact | None
    now: str | None
    stretches: tuple[Stretch, ...]
    reason: str
    best_of_a: tuple[Exact, ...] | None = None
    best_of_b: tuple[Exact, ...] | None = None
    notes: tuple[str, ...] = ()

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """Every value at which which is cheaper changes, ascending."""
        return _crossings(self.stretches)

    @property
    def values(self) -> tuple[Exact, ...]:
        """The values at which both cost the same; the ends of a stretch on which they do throughout."""
        return tuple(crossing.value for crossing in self.crossings if crossing.equal)

    @property
    def value(self) -> Exact | None:
        """The value at which both cost the same, nearest to the present one; None if there is none: see *reason*."""
        if not self.values:
            return None
        here = self.current
        return self.values[0] if here is None else min((abs(value - here), value) for value in self.values)[1]

    def cheaper_at(self, value: Number) -> str | None:
        """
        The id of the cheaper model at *value*; None where both cost the same.

        Raises:
            InvalidValueError: The quantity cannot have that value.
        """
        number = exact(value, self.of)
        for stretch in self.stretches:
            if number in stretch:
                return stretch.cheaper
        low, high = self.stretches[0].low, self.stretches[-1].high
        upper = "up" if high is None else f"to {exact_text(high)}"
        raise InvalidValueError(f"{self.of} is {exact_text(number)}; it is from {exact_text(low)} {upper}.")

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain_form: dict[str, Any] = to_plain(self)
        return {**plain_form, "values": [exact_text(value) for value in self.values]}

    def __str__(self) -> str:
        lines = [self.reason]
        if self.current is not None:
            now = "both cost the same" if self.now is None else f"{self.now} is cheaper"
            lines.append(f"Now it is {_amount(self.current, self.unit)}: {now}.")
        if self.best_of_a is not None and self.best_of_b is not None:
            best, worst = (_listed(values, self.unit) for values in (self.best_of_a, self.best_of_b))
            lines.append(
                f"With accuracies at the ends of what is stated: {best} at the best of {self.a}, {worst} of {self.b}."
            )
        lines.extend(f"{note[:1].upper()}{note[1:]}." for note in self.notes)
        return "\n".join(lines)


def _listed(values: Sequence[Exact], unit: str) -> str:
    return " and ".join(_amount(value, unit) for value in values) or "never"


def number_text(value: Exact) -> str:
    """All digits where they are few; else about how much it is, beside the ratio where that is short."""
    text = grouped(value)
    if "/" not in text and len(text.partition(".")[2]) <= 12:
        return text
    return (
        f"{text} (about {rounded_text(value)})" if "/" in text and len(text) <= 12 else f"about {rounded_text(value)}"
    )


def rounded_text(value: Exact) -> str:
    """Four digits behind the point, or as many more as it begins with noughts."""
    noughts = len(str(value.denominator // max(1, abs(value.numerator)))) - 1
    return grouped_fixed(value, 4 + noughts)


def _amount(value: Exact, unit: str) -> str:
    if unit.startswith("USD"):
        return f"${number_text(value)}{unit.removeprefix('USD')}"
    from llm_tradeoffs.show._words import unit_of

    return f"{number_text(value)} {unit_of(value, unit)}".rstrip()


def _crossings(stretches: Sequence[Stretch]) -> tuple[Crossing, ...]:
    found: list[Crossing] = []
    for index, stretch in enumerate(stretches):
        before = stretches[index - 1].cheaper if index else None
        after = stretches[index + 1].cheaper if index + 1 < len(stretches) else None
        if stretch.cheaper is not None:
            if before is not None:
                at = stretch.cheaper if stretch.includes_low else before
                found.append(Crossing(value=stretch.low, at=at, below=before, above=stretch.cheaper))
        elif stretch.low == stretch.high:
            found.append(Crossing(value=stretch.low, at=None, below=before, above=after))
        else:
            if index:
                found.append(Crossing(value=stretch.low, at=None, below=before, above=None))
            if stretch.high is not None and index + 1 < len(stretches):
                found.append(Crossing(value=stretch.high, at=None, below=None, above=after))
    return tuple(found)


def break_even(
    a: str | Model,
    b: str | Model,
    workload: Workload | str,
    of: str,
    *,
    by: str | None = None,
    check_cost: Usd | Number = 0,
    fixed_costs: tuple[Usd | Number, Usd | Number] = (0, 0),
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
) -> BreakEven:
    """
    At which value of one quantity *a* and *b* cost the same.

    >>> chat = Workload(input_tokens=200, output_tokens=150)
    >>> parity = break_even("gpt-4.1-mini", "claude-haiku-4.5", chat, of="token_ratio")
    >>> parity.value
    Fraction(32, 95)
    >>> parity.cheaper_at("0.30"), parity.cheaper_at("0.70")
    ('claude-haiku-4.5', 'gpt-4.1-mini')

    Everything else stays as it is. What is compared is the cost of a request; with the expected cost of its
    error where the workload states an error cost. Accuracies that are ranges count by their middle, and the
    answer says what comes of their ends.

    Args:
        a, b: Names in the catalog, or models.
        workload: A :class:`Workload`, or the id of a preset.
        of: The quantity, one of :data:`QUANTITIES`:
            ``input_tokens``, ``output_tokens`` [tokens, as the workload counts them];
            ``in_out_ratio``, input per output token, the sum of both as it is;
            ``turns`` of a conversation, in whole turns;
            ``cached_share``, ``batch_share`` [0..1];
            ``error_cost`` [USD];
            ``requests``, the volume at which *fixed_costs* are earned back;
            ``escalation_rate``, the share that goes on to *b* in a cascade of *a*, then *b*, against *b* alone [0..1];
            ``token_ratio``, tokens of *b* for one of *a*, or ``output_token_ratio``, of the output only;
            ``accuracy`` [%]; ``price``, all its prices together as a multiple of what they are; ``price:<meter>``,
            such as ``"price:output_tokens"`` or ``"price:batch.input_tokens"`` [as published]. The last five are
            those of *b*, or of the model that is named: ``"accuracy of gpt-4.1-mini"``.
        by: One of :data:`OBJECTIVES`; None for the expected cost where an error cost is stated, else the cost.
        check_cost: What deciding whether to escalate costs per request. [USD]
        fixed_costs: What each costs once, whatever the volume: for ``requests``. [USD]
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day.

    Raises:
        UnknownNameError: The quantity, a model, preset or price is not known.
        UnknownPriceError: A price that is needed is not known.
        InvalidValueError: An accuracy or error cost that is needed is not stated; or an argument has no meaning here.

    Source:
        Two lines that cross. C·x for a token ratio, K* = (C_B − C_A)/(p_B − p_A) for an error cost,
        e* = 1 − (c_1 + v)/c_2 for an escalation rate: see ``docs/explanation/break-even.md``.

    When not to trust it:
        Where something else changes with the quantity: a longer prompt that makes fewer errors, a model that
        needs other tokens for the same work. Each request is taken to have the mean length.
    """
    of_errors = of == "error_cost" and by is None
    setup = setup_of((a, b), workload, "expected_cost" if of_errors else by, catalog, as_of)
    names = (setup.models[0].id, setup.models[1].id)
    check, once = _extras(of, check_cost, fixed_costs)
    if of in _OF_ALL:
        return _of_whole_setup(setup, of, names, check, once)
    factor = factor_of(of, setup, default=1)
    if factor.label.startswith("accuracy") and setup.by == "cost":
        raise InvalidValueError(
            "accuracy changes no cost here: the workload does not say what a wrong answer costs. "
            "Say workload.with_(error_cost='0.05'), or compare by='cost_per_right_answer'."
        )
    parts = _solved(setup, factor)
    stretches = _stretches(parts, names, _to_ratio if factor.label == "in_out_ratio" else _as_it_is)
    present = factor.read(setup)
    current = None if present is None else (_to_ratio if factor.label == "in_out_ratio" else _as_it_is)(present)
    best_of_a, best_of_b = _corners(setup, factor, names)
    return _answer(
        names=names,
        of=factor.label,
        unit=factor.unit,
        by=setup.by,
        current=current,
        now=None if present is None else _name(sign(factor.put(setup, present).difference()), names),
        stretches=stretches,
        best_of_a=best_of_a,
        best_of_b=best_of_b,
        notes=_notes(setup, factor, parts),
    )


def _as_it_is(value: Exact) -> Exact | None:
    return value


def _extras(of: object, check_cost: object, fixed_costs: object) -> tuple[Exact, tuple[Exact, Exact]]:
    """What is only asked of some quantities, checked."""
    check = _dollars(check_cost, "check_cost")
    amounts = cast("tuple[object, ...]", fixed_costs) if isinstance(fixed_costs, tuple | list) else ()
    if len(amounts) != 2:
        raise InvalidTypeError(
            f"fixed_costs is {fixed_costs!r}; expected two amounts, of a and of b, such as (0, 500)."
        )
    once = (_dollars(amounts[0], "the fixed cost of a"), _dollars(amounts[1], "the fixed cost of b"))
    if check and of != "escalation_rate":
        raise InvalidValueError(
            f"check_cost is {exact_text(check)}; it bears on of='escalation_rate' only, not on {of!r}. Leave it out."
        )
    if any(once) and of != "requests":
        raise InvalidValueError(
            f"fixed_costs is {fixed_costs!r}; they bear on of='requests' only, not on {of!r}. Leave them out."
        )
    return check, once


def _dollars(value: object, what: str) -> Exact:
    amount = plain(value.as_fraction()) if isinstance(value, Usd) else exact(value, what)  # type: ignore[arg-type]  # exact() refuses
    if amount < 0:
        raise InvalidValueError(f"{what} is {exact_text(amount)}; it cannot be negative.")
    return amount


def _of_whole_setup(
    setup: Setup, of: str, names: tuple[str, str], check: Exact, once: tuple[Exact, Exact]
) -> BreakEven:
    """The quantities that change no request: how many there are, and how many go on to the second model."""
    if of == "requests":
        if setup.by == "cost_per_right_answer":
            raise InvalidValueError("fixed costs are earned back by requests; compare by='cost' or by='expected_cost'.")
        each = setup.difference()
        parts = _parts(lambda count: once[0] - once[1] + each * count, (), 0, None, with_low=any(once))
        volume = setup.workload.requests_in("month")
        ahead = None if volume is None else sign(once[0] - once[1] + each * volume)
        return _answer(
            names=names,
            of=of,
            unit="requests",
            by=setup.by,
            current=volume,
            now=None if ahead is None else _name(ahead, names),
            stretches=_stretches(parts, names, _as_it_is),
            notes=() if volume is None else ("now means the requests of a month",),
        )
    if setup.by != "cost":
        raise InvalidValueError(
            f"an escalation rate is compared by='cost', not by={setup.by!r}: how often a cascade is right depends on "
            "what its check lets through, which nobody stated. Say by='cost'."
        )
    first, second = setup.cost(0), setup.cost(1)
    cascade = (f"{names[0]} then {names[1]}", names[1])
    parts = _parts(lambda rate: first + check + rate * second - second, (), 0, 1)
    return _answer(
        names=cascade,
        of=of,
        unit="",
        by=setup.by,
        current=None,
        now=None,
        stretches=_stretches(parts, cascade, _as_it_is),
    )


def levels_crossed(setup: Setup, factor: Factor, levels: Iterable[Exact]) -> set[Exact]:
    """The values at which the cost of the first model is, or jumps past, one of *levels*. [USD]"""
    points = breaks(setup, factor, factor.low, factor.high)

    def beyond(level: Exact) -> Callable[[Exact], Exact]:
        return lambda value: factor.put(setup, value).cost(0) - level

    return {part.low for level in levels for part in _parts(beyond(level), points, factor.low, factor.high)[1:]}


def _solved(setup: Setup, factor: Factor) -> list[_Part]:
    high = factor.high
    points = breaks(setup, factor, factor.low, high)

    def difference(value: Exact) -> Exact:
        return factor.put(setup, value).difference()

    return _parts(difference, points, factor.low, high, whole=factor.whole)


def _name(ahead: int, names: tuple[str, str]) -> str | None:
    return None if not ahead else names[0] if ahead < 0 else names[1]


def _stretches(
    parts: Sequence[_Part], names: tuple[str, str], shown: Callable[[Exact], Exact | None]
) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for part in parts:
        low, high = shown(part.low), None if part.high is None else shown(part.high)
        if low is None:  # all tokens are input: a ratio without end
            continue
        found.append(
            Stretch(
                low=low,
                high=high,
                includes_low=part.with_low,
                includes_high=part.with_high and high is not None,
                cheaper=_name(part.sign, names),
            )
        )
    return tuple(found)


def _corners(
    setup: Setup, factor: Factor, names: tuple[str, str]
) -> tuple[tuple[Exact, ...] | None, tuple[Exact, ...] | None]:
    """The break-evens with the accuracies at either end of what is stated, if that is a range and plays a part."""
    if setup.by == "cost" or factor.whole or all(range_ is None or range_.is_point for range_ in setup.stated):
        return None, None
    found: list[tuple[Exact, ...]] = []
    for best in (0, 1):
        percents = tuple(
            None if range_ is None else range_.high if index == best else range_.low
            for index, range_ in enumerate(setup.stated)
        )
        parts = _solved(attrs.evolve(setup, percents=percents), factor)
        shown = _to_ratio if factor.label == "in_out_ratio" else _as_it_is
        crossings = _crossings(_stretches(parts, names, shown))
        found.append(tuple(crossing.value for crossing in crossings if crossing.equal))
    return found[0], found[1]


def _notes(setup: Setup, factor: Factor, parts: Sequence[_Part]) -> tuple[str, ...]:
    """Where a request at the break-even is longer than a model takes."""
    notes: list[str] = []
    for value in sorted({part.low for part in parts[1:]}):
        changed = factor.put(setup, value)
        for index, model in enumerate(setup.models):
            assessed = Assessment(model=model, workload=changed.own(index), as_of=setup.day, task=None, benchmark=None)
            for requirement in ("context", "output_limit"):
                verdict = assessed.verdict(requirement)
                if verdict is not None and verdict.answer == "not met":
                    notes.append(f"{model.id} cannot do that at {number_text(value)}: {verdict.reason}")
    return tuple(dict.fromkeys(notes))


def _answer(*, names: tuple[str, str], of: str, unit: str, stretches: tuple[Stretch, ...], **rest: Any) -> BreakEven:
    a, b = names
    crossings = _crossings(stretches)
    if crossings:
        reason = "; ".join(_sentence(crossing, a, b, of, unit) for crossing in crossings) + "."
    else:
        only = stretches[0]
        ends = "from " + _amount(only.low, "") + (" up" if only.high is None else f" to {_amount(only.high, unit)}")
        what = f"{only.cheaper} is cheaper" if only.cheaper else f"{a} and {b} cost the same"
        reason = f"{'never' if only.cheaper else 'always'}: {what} at every value of {of}, {ends}."
    return BreakEven(a=a, b=b, of=of, unit=unit, stretches=stretches, reason=reason, **rest)


def _sentence(crossing: Crossing, a: str, b: str, of: str, unit: str) -> str:
    at = _amount(crossing.value, unit)
    if of.startswith(("token_ratio", "output_token_ratio")) and crossing.value < 1:
        of_what = "output tokens" if of.startswith("output") else "tokens"
        at += f" ({fixed(100 * (1 - crossing.value), 1)} % fewer {of_what})"
    below, above = crossing.below, crossing.above
    if crossing.at == above and above is not None:
        return f"{below} is cheaper below {at}, {above} from there on; they never cost just the same there"
    if crossing.at is not None:
        return f"{below} is cheaper up to {at}, {above} beyond; they never cost just the same there"
    sides = [f"{side} {name} is cheaper" for side, name in (("below that", below), ("above it", above)) if name]
    return f"{a} and {b} cost the same at {at}" + "".join(
        f"{', ' if n else '; '}{side}" for n, side in enumerate(sides)
    )
