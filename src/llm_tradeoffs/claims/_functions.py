"""
What an expression can ask: the functions of the claim language, each with its types and its meaning.

Costs, times and fits are worked out where the rest of the library works them out; here they are only
named, and their arithmetic is written down for the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from llm_tradeoffs.assessment import Assessment
from llm_tradeoffs.claims._quantities import (
    DOLLARS,
    NONE,
    PER_TOKEN,
    RATE,
    SECONDS,
    SPEED,
    TOKENS,
    Dimension,
    Quantity,
    Undefined,
    Unit,
    number_text,
    unit_named,
)
from llm_tradeoffs.costing import WorkloadCost, workload_cost
from llm_tradeoffs.errors import NoFactOnDateError, TradeoffsError
from llm_tradeoffs.facts import Fact
from llm_tradeoffs.latency import Latency
from llm_tradeoffs.model import FACT_FIELDS, Model, Score, price_fact
from llm_tradeoffs.money import Exact, divide, plain
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import PER_MTOK, SERVICE_TIERS
from llm_tradeoffs.usage import FEE_METERS, METERS
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["CONSTANTS", "FUNCTIONS", "Function", "Parameter", "Reading", "Type", "Value", "World"]

Value: TypeAlias = Quantity | bool | str | tuple[str, ...] | date
"""What an expression gives."""
Kind = Literal["number", "yes/no", "text", "names", "day"]
ParameterKind = Literal[
    "model", "benchmark", "preset", "meter", "tier", "feature", "field", "list", "words", "number", "text"
]


@attrs.frozen
class Type:
    """
    What kind of value an expression gives.

    Attributes:
        kind: ``number``, ``yes/no``, ``text``, ``names`` or ``day``.
        dimension: What a number measures.
    """

    kind: Kind
    dimension: Dimension = NONE

    def __str__(self) -> str:
        if self.kind != "number":
            return {"yes/no": "yes or no", "text": "a text", "names": "names", "day": "a day"}[self.kind]
        return str(self.dimension)


YES_NO: Final = Type("yes/no")
TEXT: Final = Type("text")


# Facts.


class World:
    """
    The facts as one order of trust sees them on one day.

    Attributes:
        catalog: Its facts, its order of trust.
        day: The day.
    """

    def __init__(self, catalog: Catalog, day: date) -> None:
        self.catalog, self.day = catalog, day
        self._models: dict[str, Model | None] = {}
        self._facts: dict[str, dict[str, Fact]] = {}

    def model(self, name: str) -> Model:
        """
        A model by its id.

        Raises:
            Undefined: Nothing is recorded of it.
        """
        if name not in self._models:
            try:
                self._models[name] = self.catalog.model(name, self.day)
            except NoFactOnDateError:
                self._models[name] = None
        found = self._models[name]
        if found is None:
            raise Undefined(f"nothing is recorded of {name}")
        return found

    def facts(self, name: str) -> dict[str, Fact]:
        """What is known of a model, by field."""
        if name not in self._facts:
            self._facts[name] = self.model(name).sources
        return self._facts[name]


class Reading:
    """One call of a function: what it may ask of the world, and what it leaves for the reader."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.facts: dict[tuple[str, str], Fact] = {}
        self.steps: list[str] = []

    def model(self, name: str) -> Model:
        """A model by its id."""
        return self.world.model(name)

    def note(self, name: str, field: str) -> None:
        """Note that the answer rests on a field of a model, if anybody states it."""
        fact = self.world.facts(name).get(field)
        if fact is not None:
            self.facts[name, field] = fact

    def field(self, name: str, field: str) -> Any:
        """
        The value of a field.

        Raises:
            Undefined: Nobody states it.
        """
        model = self.model(name)
        value = getattr(model, field)
        if value is None:
            raise Undefined(f"nobody states the {_words(field)} of {model.label}")
        self.note(name, field)
        return value

    def bill(self, model: Model, cost: WorkloadCost) -> str:
        """The lines of a cost, written out."""
        for line in cost.lines:
            fact = price_fact(model.id, line.price)
            self.facts[model.id, fact.field] = fact
        lines = [f"{_count(line.quantity)} × {line.price}" for line in cost.lines]
        return " + ".join(lines) or "nothing"


def _words(name: str) -> str:
    return name.removeprefix("supports_").replace("_", " ")


def _count(value: Exact, unit: str = "tokens") -> str:
    digits, is_exact = number_text(value)
    return f"{'' if is_exact else '≈ '}{digits} {unit}"


def _must(unit: str) -> Unit:
    found = unit_named(unit)
    assert found is not None
    return found


_MS: Final = _must("ms")
_SPEED_UNIT: Final = _must("tokens/s")
_PERCENT: Final = _must("%")
_POINTS: Final = _must("points")
_PLAIN: Final = _must("")


def _tokens(count: Exact) -> Quantity:
    return Quantity.base(count, TOKENS)


# The table.

Evaluate: TypeAlias = Callable[[Reading, Sequence[str], Sequence[Any]], Value]
"""A function's meaning: the names it was given, then the values, each in order."""


@attrs.frozen
class Parameter:
    """
    One place between the parentheses.

    Attributes:
        name: What it is called in the documentation.
        kind: A name of that kind (a model, a benchmark), or a ``number`` or ``text`` that is worked out.
        dimension: What a number must measure; None for any.
        optional: Whether it may be left out.
    """

    name: str
    kind: ParameterKind
    dimension: Dimension | None = None
    optional: bool = False


@attrs.frozen
class Function:
    """
    One function of the language.

    Attributes:
        name: Its name.
        parameters: What it takes.
        returns: The type of its value, given the names and the types it was called with.
        evaluate: Its value.
        meaning: What it is, in one line.
        is_lookup: Whether it only reads what a source states.
        same_dimension: Whether all its numbers must measure the same.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: Callable[[Sequence[str], Sequence[Type]], Type]
    evaluate: Evaluate
    meaning: str
    is_lookup: bool = False
    same_dimension: bool = False

    @property
    def signature(self) -> str:
        """As it is written: ``price(model, meter, [tier])``."""
        return f"{self.name}({', '.join(f'[{p.name}]' if p.optional else p.name for p in self.parameters)})"


def _always(kind: Type) -> Callable[[Sequence[str], Sequence[Type]], Type]:
    return lambda _names, _types: kind


def _number(dimension: Dimension) -> Callable[[Sequence[str], Sequence[Type]], Type]:
    return _always(Type("number", dimension))


def _first(_names: Sequence[str], types: Sequence[Type]) -> Type:
    return types[0]


MODEL: Final = Parameter("model", "model")
BENCHMARK: Final = Parameter("benchmark", "benchmark")
PRESET: Final = Parameter("preset", "preset")


# Facts that somebody states.


def _price(reading: Reading, names: Sequence[str], _numbers: Sequence[Any]) -> Value:
    model, meter = reading.model(names[0]), names[1]
    tier = names[2] if len(names) > 2 else "standard"
    price = model.price(meter, tier)
    # A part without a price of its own is billed at its total's; that is no published price of the part.
    if price is None or price.meter != meter:
        raise Undefined(f"nobody states the {tier} price of {_words(meter)} of {model.label}")
    fact = price_fact(model.id, price)
    reading.facts[model.id, fact.field] = fact
    if meter in FEE_METERS:
        return Quantity.base(divide(price.usd.pico, price.per * 10**12), DOLLARS)
    return Quantity.base(divide(price.usd.pico, price.per * 10**12), PER_TOKEN)


def _price_type(names: Sequence[str], _types: Sequence[Type]) -> Type:
    return Type("number", DOLLARS if names[1] in FEE_METERS else PER_TOKEN)


FIELD_UNITS: Final = {
    "context_window": "tokens",
    "max_output_tokens": "tokens",
    "conversation_memory_tokens": "tokens",
    "image_context_tokens": "tokens",
    "ttft": "ms",
    "output_tokens_per_second": "tokens/s",
    "typical_output_tokens_per_second": "tokens/s",
    "batch_tokens_per_second": "tokens/s",
    "requests_per_minute": "requests/min",
    "languages_at_least": "",
}
"""The unit of every field of a model that is a number."""

LISTS: Final = ("input_modalities", "languages", "output_modalities", "preferred_languages")
_DAYS: Final = ("released_on", "retires_on")
_FLAGS: Final = tuple(name for name in FACT_FIELDS if name.startswith("supports_") or name == "volume_discounts")
FEATURES: Final = tuple(name.removeprefix("supports_") for name in FACT_FIELDS if name.startswith("supports_"))


def _field_type(names: Sequence[str], _types: Sequence[Type]) -> Type:
    field = names[1]
    if field in FIELD_UNITS:
        return Type("number", _must(FIELD_UNITS[field]).dimension)
    if field in LISTS:
        return Type("names")
    if field in _DAYS:
        return Type("day")
    return YES_NO if field in _FLAGS else TEXT


def _field_value(reading: Reading, model: str, field: str) -> Value:
    value = reading.field(model, field)
    if field in FIELD_UNITS:
        unit = _must(FIELD_UNITS[field])
        return Quantity.of_range(value, unit) if isinstance(value, Range) else Quantity.of(value, value, unit)
    found: Value = value
    return found


def _fact(reading: Reading, names: Sequence[str], _numbers: Sequence[Any]) -> Value:
    if names[1] in _FLAGS:
        return _flag(reading, names[0], names[1], _words(names[1]))
    return _field_value(reading, names[0], names[1])


def _reads(field: str) -> Evaluate:
    return lambda reading, names, _numbers: _field_value(reading, names[0], field)


def _supports(reading: Reading, names: Sequence[str], _numbers: Sequence[Any]) -> Value:
    return _flag(reading, names[0], f"supports_{names[1]}", f"supports {_words(names[1])}")


def _flag(reading: Reading, model: str, field: str, words: str) -> bool:
    answer: bool = reading.field(model, field)
    reading.steps.append(f"{reading.model(model).label} {words}: {'yes' if answer else 'no'}")
    return answer


def _has(reading: Reading, names: Sequence[str], _numbers: Sequence[Any]) -> Value:
    listed: tuple[str, ...] = reading.field(names[0], names[1])
    reading.steps.append(f"{reading.model(names[0]).label}, {_words(names[1])}: {', '.join(listed)}")
    return names[2].casefold() in {name.casefold() for name in listed}


def _score(reading: Reading, names: Sequence[str], _numbers: Sequence[Any]) -> Value:
    model, benchmark = reading.model(names[0]), reading.world.catalog.benchmark(names[1])
    score = model.score(benchmark.id)
    if not isinstance(score, Score) or score.value is None:
        raise Undefined(f"nobody states the score of {model.label} on {benchmark.name}")
    reading.note(model.id, f"scores.{benchmark.id}")
    return Quantity.of_range(score.value, _PERCENT if benchmark.unit == "%" else _PLAIN)


def _of_benchmark(field: str) -> Evaluate:
    def evaluate(reading: Reading, names: Sequence[str], _numbers: Sequence[Any]) -> Value:
        fact = reading.world.catalog.benchmark_fact(names[0], field, reading.world.day)
        if fact is None:
            raise Undefined(f"nobody states the {_words(field)} of {names[0]}")
        reading.facts[names[0], field] = fact
        value = fact.value
        return Quantity.of(value, value, _PLAIN) if isinstance(value, int) else str(value)

    return evaluate


def _contains(reading: Reading, names: Sequence[str], values: Sequence[Any]) -> Value:
    reading.steps.append(f"{names[0]!r} is looked for in {values[0]!r}")
    return " ".join(names[0].casefold().split()) in " ".join(str(values[0]).casefold().split())


# What follows from facts.


def _work(**values: Any) -> Workload:
    try:
        return _workload(**values)
    except TradeoffsError as problem:
        raise Undefined(str(problem)) from None


@lru_cache(maxsize=1024)
def _workload(**values: Any) -> Workload:
    # The same work is asked about in several worlds and of several models, and checking it is half the time.
    return Workload(**values)


def _billed(model: Model, workload: Workload) -> WorkloadCost:
    try:
        return workload_cost(model, workload)
    except TradeoffsError as problem:
        raise Undefined(str(problem)) from None


def _assessed(model: Model, workload: Workload) -> Assessment:
    return Assessment(model=model, workload=workload, as_of=None, task=None, benchmark=None)


def _cost(reading: Reading, names: Sequence[str], numbers: Sequence[Any]) -> Value:
    model = reading.model(names[0])
    sent, produced = numbers
    counts = ((sent.low, produced.low), (sent.high, produced.high))
    ends = [_billed(model, _work(input_tokens=i, output_tokens=o)) for i, o in dict.fromkeys(counts)]
    if any(sent.low <= threshold < sent.high for threshold in model.rates.breakpoints()):
        raise Undefined(f"the price of {model.label} changes between {sent.shown()} and the cost is no single range")
    total = Quantity.base(plain(ends[0].per_request.as_fraction()), DOLLARS, plain(ends[-1].per_request.as_fraction()))
    bills = [reading.bill(model, end) for end in ends]
    reading.steps.append(f"{model.label}: {_joined(bills)} = {total.shown()}")
    return total


def _joined(bills: Sequence[str]) -> str:
    return bills[0] if bills[0] == bills[-1] else f"{bills[0]} to {bills[-1]}"


def _conversation(reading: Reading, names: Sequence[str], numbers: Sequence[Any]) -> Value:
    model = reading.model(names[0])
    if not all(number.is_point for number in numbers):
        raise Undefined("a conversation is of single numbers, not of ranges")
    sent, produced, turns = (number.low for number in numbers)
    cost = _billed(model, _work(input_tokens=sent, output_tokens=produced, turns=turns, history_resent=True))
    total = Quantity.base(plain(cost.per_request.as_fraction()), DOLLARS)
    bill = reading.bill(model, cost)
    reading.steps.append(
        f"{model.label}, {turns} turns, each sending the turns before it again: {bill} = {total.shown()}"
    )
    return total


_PERIODS: Final = {"per_request": None, "daily": "day", "monthly": "month", "annual": "year"}


def _preset_cost(function: str) -> Evaluate:
    period: Any = _PERIODS[function]

    def evaluate(reading: Reading, names: Sequence[str], _numbers: Sequence[Any]) -> Value:
        model, workload = reading.model(names[0]), reading.world.catalog.preset(names[1])
        cost = _billed(model, workload)
        once = Quantity.base(plain(cost.per_request.as_fraction()), DOLLARS)
        step = f"{model.label}, {workload.title or names[1]}: {reading.bill(model, cost)} = {once.shown()}"
        if period is None:
            reading.steps.append(step)
            return once
        count = workload.requests_in(period)
        if count is None:
            raise Undefined(f"the preset {names[1]} states no volume")
        total = once.times(Quantity.base(count, NONE))
        basis = f" ({cost.year_basis})" if period == "year" else ""
        reading.steps.append(f"{step}; × {number_text(count)[0]} in a {period}{basis} = {total.shown()}")
        return total

    return evaluate


def _blended(reading: Reading, names: Sequence[str], numbers: Sequence[Any]) -> Value:
    model = reading.model(names[0])
    parts = [number.low for number in numbers]
    if not all(number.is_point for number in numbers):
        raise Undefined("a mix is of single numbers, not of ranges")
    try:
        blended = model.blended_usd_per_mtok(*parts)
    except TradeoffsError as problem:
        raise Undefined(str(problem)) from None
    prices = [model.price(meter) for meter in ("input_tokens", "output_tokens")]
    if blended is None:
        raise Undefined(f"nobody states both prices of {model.label}")
    for price in prices:
        if price is not None:
            fact = price_fact(model.id, price)
            reading.facts[model.id, fact.field] = fact
    total = Quantity.base(divide(blended.pico, PER_MTOK * 10**12), PER_TOKEN)
    shares = " + ".join(f"{number_text(part)[0]} × {price}" for part, price in zip(parts, prices, strict=True))
    reading.steps.append(f"{model.label}: ({shares}) / {number_text(sum(parts))[0]} = {total.shown()}")
    return total


def _fits(reading: Reading, names: Sequence[str], numbers: Sequence[Any]) -> Value:
    model, tokens = reading.model(names[0]), numbers[0]
    window = _field_value(reading, names[0], "context_window")
    answers = [
        _assessed(model, _work(input_tokens=end, output_tokens=0)).context.fits
        for end in dict.fromkeys((tokens.low, tokens.high))
    ]
    if answers[0] != answers[-1]:
        raise Undefined(f"of {tokens.shown()} the shortest fits into {model.label} and the longest does not")
    assert isinstance(window, Quantity)
    said = "at most" if answers[0] else "more than"
    reading.steps.append(f"{model.label}: {tokens.shown()} are {said} the window of {window.shown()}")
    return answers[0] is True


def _chunks(reading: Reading, names: Sequence[str], numbers: Sequence[Any]) -> Value:
    model = reading.model(names[0])
    window = reading.field(names[0], "context_window")
    if not all(number.is_point for number in numbers):
        raise Undefined("chunks are of single numbers, not of ranges")
    tokens = numbers[0].low
    overlap = numbers[1].low if len(numbers) > 1 else 0
    workload = _work(input_tokens=tokens, output_tokens=0, chunk_overlap_tokens=overlap)
    fit = _assessed(model, workload).context
    if fit.chunks is None:
        raise Undefined(f"no chunk of {model.label} holds more than its overlap")
    shared = f", each repeating {_count(overlap)} of the one before" if overlap else ""
    reading.steps.append(f"{model.label}: {_count(tokens)} in parts of at most {_count(window)}{shared}: {fit.chunks}")
    return Quantity.base(fit.chunks, NONE)


def _response_time(reading: Reading, names: Sequence[str], numbers: Sequence[Any]) -> Value:
    model, tokens = reading.model(names[0]), numbers[0]
    ttft = _field_value(reading, names[0], "ttft")
    assert isinstance(ttft, Quantity)
    speed: Range | None = numbers[1].in_unit(_SPEED_UNIT) if len(numbers) > 1 else None
    blank = _assessed(model, _work(input_tokens=0, output_tokens=0))
    ends: list[Latency] = []
    for count in dict.fromkeys((tokens.low, tokens.high)):
        try:
            ends.append(blank.response_time(count, speed))  # type: ignore[arg-type]  # it takes ranges of speeds too
        except TradeoffsError as problem:
            raise Undefined(str(problem)) from None
    shortest, longest = ends[0].total, ends[-1].total
    if shortest is None or longest is None:
        raise Undefined(f"nobody states how fast {model.label} answers")
    if speed is None:
        typical = model.typical_output_tokens_per_second is not None
        reading.note(model.id, "typical_output_tokens_per_second" if typical else "output_tokens_per_second")
    total = Quantity.of(shortest.low, longest.high, _MS)
    generation = total.minus(ttft) if ttft.is_point else total.end_by_end(ttft, _difference, SECONDS)
    begun = f"{ttft.shown()} + {tokens.shown()} / {ends[0].tokens_per_second}"
    step = f"{model.label}: {begun} = {ttft.shown()} + {generation.shown()} = {total.shown()}"
    reading.steps.append(step.replace("= ≈", "≈"))
    return total


# Two numbers against each other. Ranges are taken end by end, as texts do.


def _difference(mine: Exact, theirs: Exact) -> Exact:
    return mine - theirs


def _gap(reading: Reading, _names: Sequence[str], numbers: Sequence[Any]) -> Value:
    a, b = numbers
    found: Quantity = a.end_by_end(b, _difference, a.dimension)
    if found.unit == _PERCENT:
        found = attrs.evolve(found, unit=_POINTS)
    _end_steps(reading, a, b, "{} - {}", lambda mine, theirs: attrs.evolve(mine.minus(theirs), unit=found.unit))
    return found


def _ratio(reading: Reading, _names: Sequence[str], numbers: Sequence[Any]) -> Value:
    a, b = numbers
    _divisor(a, b)
    found: Quantity = a.end_by_end(b, divide, NONE)
    _end_steps(reading, a, b, "{} / {}", lambda mine, theirs: mine.over(theirs))
    return attrs.evolve(found, unit=_PLAIN)


def _percent(sign: int) -> Evaluate:
    pattern = "{} / {} - 1" if sign > 0 else "1 - {} / {}"

    def evaluate(reading: Reading, _names: Sequence[str], numbers: Sequence[Any]) -> Value:
        a, b = numbers
        _divisor(a, b)

        def share(mine: Exact, theirs: Exact) -> Exact:
            return plain(sign * (Fraction(mine) / Fraction(theirs) - 1))

        _end_steps(reading, a, b, pattern, lambda mine, theirs: _share(share(mine.low, theirs.low)))
        found: Quantity = a.end_by_end(b, share, NONE)
        return attrs.evolve(found, unit=_PERCENT)

    return evaluate


def _share(value: Exact) -> Quantity:
    return Quantity(value, value, NONE, _PERCENT)


def _divisor(a: Quantity, b: Quantity) -> None:
    if not (b.low and b.high):
        raise Undefined(f"{a.shown()} is divided by {b.shown()}")


def _end_steps(
    reading: Reading, a: Quantity, b: Quantity, pattern: str, combine: Callable[[Quantity, Quantity], Quantity]
) -> None:
    """The arithmetic of both ends, or of the one number."""
    parts: list[str] = []
    for name, mine, theirs in (("low", a.low, b.low), ("high", a.high, b.high)):
        left, right = attrs.evolve(a, low=mine, high=mine), attrs.evolve(b, low=theirs, high=theirs)
        line = f"{pattern.format(left.shown(), right.shown())} = {combine(left, right).shown()}"
        if a.is_point and b.is_point:
            parts.append(line)
            break
        parts.append(f"{name} ends {line}")
    reading.steps.append("; ".join(parts).replace("= ≈", "≈"))


def _range(_reading: Reading, _names: Sequence[str], numbers: Sequence[Any]) -> Value:
    found: Quantity = numbers[0].hull(numbers[1])
    return found


def _end(pick: Callable[[Quantity], Exact]) -> Evaluate:
    return lambda _reading, _names, numbers: attrs.evolve(numbers[0], low=pick(numbers[0]), high=pick(numbers[0]))


def _any(name: str) -> Parameter:
    return Parameter(name, "number")


_PAIR: Final = (_any("a"), _any("b"))
_IN_OUT: Final = (Parameter("input", "number", TOKENS), Parameter("output", "number", TOKENS))

_TABLE: Final = (
    # What sources state.
    Function(
        "price",
        (MODEL, Parameter("meter", "meter"), Parameter("tier", "tier", optional=True)),
        _price_type,
        _price,
        "published price: of a token, or of one fee",
        is_lookup=True,
    ),
    Function("window", (MODEL,), _number(TOKENS), _reads("context_window"), "context window", is_lookup=True),
    Function("max_output", (MODEL,), _number(TOKENS), _reads("max_output_tokens"), "longest output", is_lookup=True),
    Function(
        "memory",
        (MODEL,),
        _number(TOKENS),
        _reads("conversation_memory_tokens"),
        "conversation history that can be kept",
        is_lookup=True,
    ),
    Function("ttft", (MODEL,), _number(SECONDS), _reads("ttft"), "time to first token", is_lookup=True),
    Function(
        "speed", (MODEL,), _number(SPEED), _reads("output_tokens_per_second"), "stated generation speed", is_lookup=True
    ),
    Function(
        "typical_speed",
        (MODEL,),
        _number(SPEED),
        _reads("typical_output_tokens_per_second"),
        "the speed that the source itself computes with",
        is_lookup=True,
    ),
    Function(
        "batch_speed",
        (MODEL,),
        _number(SPEED),
        _reads("batch_tokens_per_second"),
        "sustained speed over many requests",
        is_lookup=True,
    ),
    Function("rate_limit", (MODEL,), _number(RATE), _reads("requests_per_minute"), "rate limit", is_lookup=True),
    Function(
        "score",
        (MODEL, BENCHMARK),
        _number(NONE),
        _score,
        "result on a benchmark; 82 % is 0.82",
        is_lookup=True,
    ),
    Function(
        "supports",
        (MODEL, Parameter("feature", "feature")),
        _always(YES_NO),
        _supports,
        "whether it has a capability",
        is_lookup=True,
    ),
    Function(
        "fact",
        (MODEL, Parameter("field", "field")),
        _field_type,
        _fact,
        "any field of a model, as catalog/README.md lists them",
        is_lookup=True,
    ),
    Function(
        "has",
        (MODEL, Parameter("field", "list"), Parameter("name", "words")),
        _always(YES_NO),
        _has,
        "whether a list of the model names it",
        is_lookup=True,
    ),
    Function("questions", (BENCHMARK,), _number(NONE), _of_benchmark("questions"), "its questions", is_lookup=True),
    Function("subjects", (BENCHMARK,), _number(NONE), _of_benchmark("subjects"), "its subjects", is_lookup=True),
    Function("full_name", (BENCHMARK,), _always(TEXT), _of_benchmark("full_name"), "its full name", is_lookup=True),
    Function(
        "contains",
        (Parameter("text", "text"), Parameter("words", "words")),
        _always(YES_NO),
        _contains,
        "whether a text has these words in it",
        is_lookup=True,
    ),
    # What follows from them.
    Function("cost", (MODEL, *_IN_OUT), _number(DOLLARS), _cost, "one request of that many input and output tokens"),
    Function(
        "conversation",
        (MODEL, *_IN_OUT, Parameter("turns", "number", NONE)),
        _number(DOLLARS),
        _conversation,
        "a conversation whose every turn sends the turns before it again",
    ),
    Function(
        "blended",
        (MODEL, Parameter("input_parts", "number", NONE), Parameter("output_parts", "number", NONE)),
        _number(PER_TOKEN),
        _blended,
        "price of a token in a mix of input and output",
    ),
    Function("per_request", (MODEL, PRESET), _number(DOLLARS), _preset_cost("per_request"), "one request of a preset"),
    Function("daily", (MODEL, PRESET), _number(DOLLARS), _preset_cost("daily"), "a day of a preset"),
    Function("monthly", (MODEL, PRESET), _number(DOLLARS), _preset_cost("monthly"), "30 days of a preset"),
    Function("annual", (MODEL, PRESET), _number(DOLLARS), _preset_cost("annual"), "a year of a preset"),
    Function(
        "response_time",
        (MODEL, Parameter("output", "number", TOKENS), Parameter("speed", "number", SPEED, optional=True)),
        _number(SECONDS),
        _response_time,
        "time to first token, then the output at the typical or a given speed",
    ),
    Function(
        "fits",
        (MODEL, Parameter("tokens", "number", TOKENS)),
        _always(YES_NO),
        _fits,
        "whether that many tokens, output included, fit into the window",
    ),
    Function(
        "chunks",
        (MODEL, Parameter("tokens", "number", TOKENS), Parameter("overlap", "number", TOKENS, optional=True)),
        _number(NONE),
        _chunks,
        "into how many requests a document must be cut",
    ),
    # Numbers against each other.
    Function("gap", _PAIR, _first, _gap, "a - b, low end with low end and high with high", same_dimension=True),
    Function("ratio", _PAIR, _number(NONE), _ratio, "a / b, end by end", same_dimension=True),
    Function("percent_less", _PAIR, _number(NONE), _percent(-1), "by what share a is below b", same_dimension=True),
    Function("percent_more", _PAIR, _number(NONE), _percent(1), "by what share a is above b", same_dimension=True),
    Function("range", _PAIR, _first, _range, "everything from a to b", same_dimension=True),
    Function("low", (_any("a"),), _first, _end(lambda a: a.low), "lower end of a range"),
    Function("high", (_any("a"),), _first, _end(lambda a: a.high), "upper end of a range"),
    Function("middle", (_any("a"),), _first, _end(lambda a: divide(a.low + a.high, 2)), "middle of a range"),
)
FUNCTIONS: Final = {function.name: function for function in _TABLE}
"""Every function of the language, by name."""

CONSTANTS: Final = {
    "MTok": Quantity.base(PER_MTOK, TOKENS),
    "token": _tokens(1),
    "minute": Quantity.base(60, SECONDS),
}
"""Words that stand for a quantity, so that prices and rates can be written as usual: ``$0.40 / MTok``."""

METER_NAMES: Final = {**{meter: meter for meter in METERS}, **{m.removesuffix("_tokens"): m for m in METERS}}
"""Every meter, by its name and by the short form without ``_tokens``."""

TIERS: Final = SERVICE_TIERS
