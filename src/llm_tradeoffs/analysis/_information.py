"""
Which missing fact would settle the choice, and what is it worth to know it?

For each fact that nobody has stated, or that is stated as a range, the values that it can have are divided
exactly into those that lead to the same answer: thresholds follow from the requirements and from where two
candidates would be equal, and the decision itself is taken at each and between each two. What knowing is
worth is the value of perfect information, in money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from llm_tradeoffs._decide import Decision, decide
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.analysis._break_even import (
    factor_of,
    levels_crossed,
    number_text,
    rounded_text,
    setup_of,
)
from llm_tradeoffs.analysis._lines import Line, line_of
from llm_tradeoffs.analysis._sensitivity import meetings, values_at
from llm_tradeoffs.assessment import Assessment, assess_model
from llm_tradeoffs.costing import workload_cost
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError, UnknownPriceError
from llm_tradeoffs.model import Model, Score
from llm_tradeoffs.money import PICO, Exact, Number, Usd, divide, exact, exact_text, plain
from llm_tradeoffs.policy import INPUTS, Policy
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.recommendation import Caps, Recommendation, Status
from llm_tradeoffs.workload import LEVELS, Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["Information", "Leads", "OpenFact", "information", "value_of_information"]

Value: TypeAlias = Exact | bool | str
"""A number, yes or no, or a word."""

Prior: TypeAlias = Range | tuple[Number, Number] | str | Mapping[Any, Number]
"""Equally likely anywhere in a range, or single values with their probabilities."""


def value_of_information(costs: Mapping[str, Sequence[Usd | Number | None]], probabilities: Sequence[Number]) -> Usd:
    """
    What it is worth to know which state holds before one chooses, from a table of costs.

    >>> value_of_information({"cheap": ["1", "9"], "dear": ["4", "4"]}, ["0.5", "0.5"])
    Usd('1.50')

    Args:
        costs: For each option what it costs in each state; None where it cannot be chosen. [USD]
        probabilities: Of the states; they sum to 1.

    Raises:
        InvalidValueError: The rows do not fit the states, the probabilities are none, or in some state, or
            without knowing the state, no option can be chosen.

    Source:
        min_a E[C_a] − E[min_a C_a]: Raiffa and Schlaifer, "Applied Statistical Decision Theory" (1961), ch. 4.

    When not to trust it:
        It is the worth of certain knowledge to whoever takes least expected cost; a test that may err is worth less.
    """
    shares = [exact(share, "a probability") for share in probabilities]
    _check_probabilities(shares)
    if not costs:
        raise InvalidValueError("no option is named; give what each costs in each state.")
    table: dict[str, list[Exact | None]] = {}
    for option, row in costs.items():
        if len(row) != len(shares):
            raise InvalidValueError(f"{option!r} has {len(row)} costs for {len(shares)} states; give one for each.")
        table[option] = [None if amount is None else _dollars(amount) for amount in row]
    cells = [
        _Cell(share, 0, 0, tuple(None if row[index] is None else (row[index] or 0, 0) for row in table.values()))
        for index, share in enumerate(shares)
    ]
    worth = _worth(cells, tuple(table))
    if worth.amount is None:
        raise InvalidValueError(f"{worth.problem}. Leave out states of probability 0, or add an option for it.")
    return Usd(worth.amount)


def _check_probabilities(shares: Sequence[Exact]) -> None:
    if not shares or min(shares) < 0 or sum(shares) != 1:
        shown = ", ".join(exact_text(share) for share in shares) or "none"
        raise InvalidValueError(f"the probabilities are {shown}; none may be negative, and they sum to 1.")


def _dollars(amount: Usd | Number) -> Exact:
    return plain(amount.as_fraction()) if isinstance(amount, Usd) else exact(amount, "a cost")


@attrs.frozen
class _Cell:
    """
    Values over which the cost of each option is one line, and None for one that cannot be chosen.

    A single value where both ends are equal.
    """

    weight: Exact
    low: Exact
    high: Exact
    lines: tuple[Line | None, ...]

    def mean(self, line: Line) -> Exact:
        """The mean of a line over the cell."""
        return values_at([line], divide(self.low + self.high, 2))[0]

    def mean_of_least(self, lines: Sequence[Line]) -> Exact:
        """The mean of the least of several lines over the cell."""
        if self.low == self.high:
            return min(values_at(lines, self.low))
        total: Exact = 0
        stops: list[Exact] = [self.low, *meetings(lines, self.low, self.high), self.high]
        for low, high in pairwise(stops):
            total += (high - low) * min(values_at(lines, divide(low + high, 2)))
        return divide(plain(total), self.high - self.low)


@attrs.frozen
class _Worth:
    """What knowing is worth: an amount [USD], or why there is none; and what would be chosen without knowing."""

    amount: Exact | None
    choice: str | None = None
    problem: str = ""


def _worth(cells: Sequence[_Cell], options: Sequence[str]) -> _Worth:
    cells = [cell for cell in cells if cell.weight]
    without: list[tuple[Exact, str]] = []
    for index, option in enumerate(options):
        lines = [cell.lines[index] for cell in cells]
        if None not in lines:
            mean = sum(
                cell.weight * cell.mean(line) for cell, line in zip(cells, lines, strict=True) if line is not None
            )
            without.append((plain(mean), option))
    if not without:
        return _Worth(None, problem="without knowing it, no option is sure to be possible")
    least, choice = min(without)
    knowing = sum(cell.weight * cell.mean_of_least([line for line in cell.lines if line is not None]) for cell in cells)
    return _Worth(plain(least - knowing), choice)


# The facts that are open.


@attrs.frozen(kw_only=True)
class _Open:
    """
    A fact that nobody has stated, or that is stated as a range.

    Attributes:
        name: The fact, such as ``"supports_vision of acme/one"``.
        unit: Of a number.
        missing: Whether nobody has stated it; False for a stated range.
        choices: The values that it can have; empty for a number.
        low, high, with_low: Between which values a number lies.
        whole: Whether it counts in whole steps.
        stops: Where the answer may change.
        put: Models and workload with the fact known.
    """

    name: str
    unit: str = ""
    missing: bool = True
    choices: tuple[bool | str, ...] = ()
    low: Exact = 0
    high: Exact | None = None
    with_low: bool = True
    whole: bool = False
    stops: tuple[Exact, ...] = ()
    put: Callable[[_World, Any], _World]


@attrs.frozen(kw_only=True)
class _World:
    """Candidates that face a workload, as they are or with a fact known."""

    models: tuple[Model, ...]
    workload: Workload

    def with_model(self, index: int, model: Model | None) -> _World:
        """The same with one model changed, or left out."""
        changed = () if model is None else (model,)
        return attrs.evolve(self, models=(*self.models[:index], *changed, *self.models[index + 1 :]))


def _open_facts(search: _Search) -> list[_Open]:
    case, policy = search.case, search.policy
    assessed = search.assessed(case)
    found = [*_of_workload(case, policy, assessed)]
    for index, assessment in enumerate(assessed):
        names = {verdict.requirement: verdict.answer for verdict in assessment.verdicts}
        asked = {name: answer for name, answer in names.items() if name in policy.requirements}
        if "not met" in asked.values():
            continue  # it is out whatever else is known
        found += _capabilities(index, assessment, asked)
        found += _limits_of_model(index, assessment, assessed)
        found += _times(index, assessment, assessed)
        found += _score(index, assessment, assessed)
        found += _missing_price(index, assessment, assessed, search)
    return found


def _capabilities(index: int, assessment: Assessment, asked: Mapping[str, str]) -> list[_Open]:
    model = assessment.model
    found: list[_Open] = []
    for need in ("vision", "tools", "batch", "structured_output"):
        if asked.get(need) == "unknown":

            def supports(case: _World, value: bool, field: str = f"supports_{need}") -> _World:
                known: dict[str, Any] = {field: value}
                return case.with_model(index, case.models[index].with_(**known))

            found.append(_Open(name=f"supports_{need} of {model.id}", choices=(True, False), put=supports))
    if asked.get("languages") == "unknown":

        def handles(case: _World, value: bool) -> _World:
            now = case.models[index]
            named = (*(now.languages or ()), *case.workload.languages)
            # A list of languages cannot say "not this one": a model that cannot is no candidate.
            return case.with_model(index, now.with_(languages=named) if value else None)

        missing = sorted(assessment.workload.languages)
        found.append(_Open(name=f"{', '.join(missing)} on {model.id}", choices=(True, False), put=handles))
    return found


def _limits_of_model(index: int, assessment: Assessment, assessed: Sequence[Assessment]) -> list[_Open]:
    if assessment.model.context_window is not None:
        return []

    def holds(case: _World, value: Exact) -> _World:
        return case.with_model(index, case.models[index].with_(context_window=value))

    windows = [each.model.context_window for each in assessed if each.model.context_window is not None]
    needed = assessment.context.needed_tokens
    stops = (-(-needed.numerator // needed.denominator), *windows, *(window + 1 for window in windows))
    name = f"context_window of {assessment.model.id}"
    return [_Open(name=name, unit="tokens", low=1, whole=True, stops=stops, put=holds)]


def _times(index: int, assessment: Assessment, assessed: Sequence[Assessment]) -> list[_Open]:
    """Time to first token and speed, missing or stated as ranges."""
    model, work, latency = assessment.model, assessment.workload, assessment.latency
    others = [each.latency for each in assessed if each is not assessment]
    totals = [each.total.midpoint for each in others if each.total is not None]
    found: list[_Open] = []
    if latency.ttft is None or not latency.ttft.is_point:
        stops: list[Exact] = [each.ttft.midpoint for each in others if each.ttft is not None]
        stops += [work.max_ttft_ms] if work.max_ttft_ms is not None else []
        if latency.generation is not None:
            stops += [total - latency.generation.midpoint for total in totals]
        any_speed = latency.any_tokens_per_second
        if any_speed is not None and work.max_response_ms is not None:
            stops += [
                work.max_response_ms - divide(work.output_tokens * 1000, end) for end in (any_speed.low, any_speed.high)
            ]

        def starts(case: _World, value: Exact) -> _World:
            return case.with_model(index, case.models[index].with_(ttft=Range(value, unit="ms")))

        found.append(_number(f"ttft of {model.id}", "ms", latency.ttft, stops, starts))
    speed = latency.any_tokens_per_second
    if work.output_tokens and (speed is None or not speed.is_point):
        ttft, tokens = latency.ttft, work.output_tokens * 1000
        left = [] if ttft is None else [total - ttft.midpoint for total in totals]
        if ttft is not None and work.max_response_ms is not None:
            left += [work.max_response_ms - end for end in (ttft.low, ttft.high)]

        def generates(case: _World, value: Exact) -> _World:
            known = Range(value, unit="tokens/s")
            changed = case.models[index].with_(output_tokens_per_second=known, typical_output_tokens_per_second=None)
            return case.with_model(index, changed)

        stops = [divide(tokens, time) for time in left if time > 0]
        name = f"output_tokens_per_second of {model.id}"
        found.append(attrs.evolve(_number(name, "tokens/s", speed, stops, generates), with_low=speed is not None))
    return found


def _number(
    name: str, unit: str, stated: Range | None, stops: Iterable[Exact], put: Callable[[_World, Any], _World]
) -> _Open:
    if stated is None:
        return _Open(name=name, unit=unit, stops=tuple(stops), put=put)
    return _Open(name=name, unit=unit, missing=False, low=stated.low, high=stated.high, stops=tuple(stops), put=put)


def _score(index: int, assessment: Assessment, assessed: Sequence[Assessment]) -> list[_Open]:
    """The share of right answers, missing or stated as a range."""
    benchmark, stated, work = assessment.benchmark, assessment.quality.percent, assessment.workload
    if benchmark is None or benchmark.unit != "%" or (stated is not None and stated.is_point):
        return []
    others = [each for each in assessed if each is not assessment]
    stops: list[Exact] = [each.quality.percent.midpoint for each in others if each.quality.percent is not None]
    stops += [work.min_quality_percent] if work.min_quality_percent is not None else []
    error_cost, cost = work.error_cost, assessment.cost
    if error_cost and cost is not None:
        for each in others:
            if each.expected_cost is not None:
                lost = each.expected_cost.midpoint * PICO - cost.per_request.pico
                stops.append(100 - divide(lost * 100, error_cost.pico))

    def scores(case: _World, value: Exact) -> _World:
        known = Score(benchmark.id, Range(value if benchmark.higher_is_better else 100 - value, unit="%"))
        rest = [score for score in case.models[index].scores if score.benchmark != benchmark.id]
        return case.with_model(index, case.models[index].with_(scores=(*rest, known)))

    name = f"accuracy of {assessment.model.id}"
    fact = _number(name, "%", stated, stops, scores)
    return [fact if stated is not None else attrs.evolve(fact, high=100)]


def _missing_price(index: int, assessment: Assessment, assessed: Sequence[Assessment], search: _Search) -> list[_Open]:
    work = search.case.workload
    model = assessment.model
    try:
        workload_cost(model, assessment.workload)
    except UnknownPriceError as problem:
        label = f"price:{problem.service_tier}.{problem.meter} of {model.id}"
    else:
        return []
    setup = setup_of([model], work, "cost", search.catalog, assessment.as_of)
    factor = factor_of(label, setup)

    def costs(case: _World, value: Exact) -> _World:
        return case.with_model(index, factor.put(setup, value).models[0])

    others = [each for each in assessed if each is not assessment]
    levels: list[Exact] = [divide(each.cost.per_request.pico, PICO) for each in others if each.cost is not None]
    levels += _caps_per_request(search.caps, work)
    wrong, error_cost = assessment.quality.percent, work.error_cost
    if wrong is not None and error_cost is not None:
        errors = divide((100 - wrong.midpoint) * error_cost.pico, 100 * PICO)
        levels += [each.expected_cost.midpoint - errors for each in others if each.expected_cost is not None]
    try:
        stops = levels_crossed(setup, factor, levels)
    except UnknownPriceError:
        return []  # another price is missing as well: this one alone settles nothing
    return [_Open(name=factor.label, unit=factor.unit, stops=tuple(stops), put=costs)]


def _caps_per_request(caps: Caps, workload: Workload) -> list[Exact]:
    """The caps as amounts for one request. [USD]"""
    volume = workload.requests_in("month")
    found: list[Exact] = [] if caps.cost_per_request is None else [plain(caps.cost_per_request.as_fraction())]
    if caps.cost_per_month is not None and volume:
        found.append(divide(plain(caps.cost_per_month.as_fraction()), volume))
    return found


_FIELDS: Final = {
    "requests_per_month": "requests_per_month",
    "max_ttft_ms": "max_ttft_ms",
    "max_response_ms": "max_response_ms",
    "error_cost_usd": "error_cost",
    "min_quality_percent": "min_quality_percent",
    "volume": "volume",
    "complexity": "complexity",
}
"""What a workload may leave out, by the name under which a policy asks for it."""


def _of_workload(case: _World, policy: Policy, assessed: Sequence[Assessment]) -> list[_Open]:
    """What the workload does not say and the policy asks for."""
    tests = [test for question in policy.questions for test in question.when.tests()]
    found: list[_Open] = []
    for name in dict.fromkeys(test.input for test in tests):
        if name not in _FIELDS or INPUTS[name].read(case.workload) is not None:
            continue

        def said(case: _World, value: Value, field: str = _FIELDS[name]) -> _World:
            known: dict[str, Any] = {field: value}
            return attrs.evolve(case, workload=case.workload.with_(**known))

        if INPUTS[name].kind == "choice":
            found.append(_Open(name=_FIELDS[name], choices=LEVELS, put=said))
            continue
        operands = [test.operand for test in tests if test.input == name]
        stops = [each for each in operands if not isinstance(each, bool | str) and each is not None]
        stops += _stops_of_limits(name, assessed)
        above_zero = name in {"max_ttft_ms", "max_response_ms"}
        unit = INPUTS[name].unit or "requests"
        high = 100 if name == "min_quality_percent" else None
        fact = _Open(name=_FIELDS[name], unit=unit, high=high, with_low=not above_zero, stops=tuple(stops), put=said)
        found.append(fact)
    return found


def _stops_of_limits(name: str, assessed: Sequence[Assessment]) -> list[Exact]:
    ranges = {
        "max_ttft_ms": [each.latency.ttft for each in assessed],
        "max_response_ms": [each.latency.total_at_any_speed for each in assessed],
        "min_quality_percent": [each.quality.percent for each in assessed],
    }.get(name, [])
    stops: list[Exact] = [end for range_ in ranges if range_ is not None for end in (range_.low, range_.high)]
    if name == "error_cost_usd":
        lines = [
            (divide(each.cost.per_request.pico, PICO), divide(100 - each.quality.percent.midpoint, 100))
            for each in assessed
            if each.cost is not None and each.quality.percent is not None
        ]
        for (cost, wrong), (other_cost, other_wrong) in combinations(lines, 2):
            if wrong != other_wrong:
                stops.append(divide(other_cost - cost, wrong - other_wrong))
    return stops


# Where each value leads.


@attrs.frozen(kw_only=True)
class Leads:
    """
    Values of a fact that lead to the same answer.

    Attributes:
        values: The values, where they are not numbers; else empty.
        low, high: The ends, of numbers; *high* is None where there is no upper end, both for what is no number.
        includes_low, includes_high: Whether each end belongs to it.
        status: The answer's status.
        chosen: The chosen model; None unless one is.
        tied: Those that tie.
    """

    values: tuple[bool | str, ...] = ()
    low: Exact | None = None
    high: Exact | None = None
    includes_low: bool = True
    includes_high: bool = True
    status: Status
    chosen: str | None
    tied: tuple[str, ...]

    @property
    def answer(self) -> str:
        """The answer in words."""
        return self.chosen or (f"a tie of {', '.join(self.tied)}" if self.tied else self.status.replace("_", " "))

    @property
    def where(self) -> str:
        """The values in words."""
        if self.low is None:
            return " or ".join(value if isinstance(value, str) else "yes" if value else "no" for value in self.values)
        if self.low == self.high:
            return f"at {number_text(self.low)}"
        start = f"{'from' if self.includes_low else 'above'} {number_text(self.low)}"
        return (
            f"{start} up"
            if self.high is None
            else f"{start} {'to' if self.includes_high else 'to below'} {number_text(self.high)}"
        )

    def __str__(self) -> str:
        return f"{self.where}: {self.answer}"


@attrs.frozen(kw_only=True)
class OpenFact:
    """
    A fact that is not known, or not exactly.

    Attributes:
        fact: Its name, such as ``"supports_vision of acme/one"``; without a model for what the workload leaves out.
        unit: Of a number; empty for yes or no and for words.
        missing: Whether nobody has stated it; False where it is stated as a range.
        leads: Which values lead to which answer: all possible values, each once.
        prior: What was assumed about how likely the values are, in words.
        worth_per_request, worth_per_month: The value of perfect information; None where it cannot be said. [USD]
        reason: Why not, or on what the worth rests, in words.
    """

    fact: str
    unit: str
    missing: bool
    leads: tuple[Leads, ...]
    prior: str
    worth_per_request: Usd | None
    worth_per_month: Usd | None
    reason: str

    @property
    def decides(self) -> bool:
        """Whether some values lead to another answer than others."""
        return len(self.leads) > 1

    def __str__(self) -> str:
        unit = f" [{self.unit}]" if self.unit else ""
        worth = "not known" if self.worth_per_request is None else f"{_dollar_text(self.worth_per_request)} per request"
        if self.worth_per_month is not None:
            worth += f", {_dollar_text(self.worth_per_month)} a month"
        lines = [f"{self.fact}{unit}", *(f"  {each}" for each in self.leads)]
        return "\n".join(
            [*lines, f"  knowing it is worth: {worth} ({'; '.join(filter(None, (self.prior, self.reason)))})"]
        )


def _dollar_text(amount: Usd) -> str:
    text = str(amount)
    return f"about ${rounded_text(plain(amount.as_fraction()))}" if "/" in text else text


@attrs.frozen(kw_only=True)
class Information(Tabular):
    """
    What would settle a recommendation, or overturn it.

    Attributes:
        status, chosen, tied: The recommendation as it is.
        facts: The facts that decide something, the most valuable first, then those whose worth cannot be said.
        idle: Names of the facts that are not known exactly and decide nothing alone.
    """

    status: Status
    chosen: str | None
    tied: tuple[str, ...]
    facts: tuple[OpenFact, ...]
    idle: tuple[str, ...]

    def fact(self, name: str) -> OpenFact:
        """
        What was found of one fact.

        Raises:
            UnknownNameError: It is not among :attr:`facts`.
        """
        for fact in self.facts:
            if fact.fact == name:
                return fact
        raise UnknownNameError("fact that decides something", name, [fact.fact for fact in self.facts])

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain_form: dict[str, Any] = to_plain(self)
        return plain_form

    def __str__(self) -> str:
        now = self.chosen or (f"a tie of {', '.join(self.tied)}" if self.tied else self.status.replace("_", " "))
        if not self.facts:
            return f"Now: {now}. No single fact that is open would change that."
        return "\n".join([f"Now: {now}. What would decide:", *map(str, self.facts)])


def information(
    recommendation: Recommendation,
    *,
    prior: Mapping[str, Prior] | None = None,
    undone_cost: Usd | Number | None = None,
) -> Information:
    """
    Which open facts would decide, where each of their values leads, and what it is worth to know them.

    >>> from llm_tradeoffs.selector import recommend
    >>> acme = Model("acme/one", usd_per_mtok=("0.25", "1.25"), context_window=128_000)
    >>> images = Workload(input_tokens=1_000, output_tokens=200, needs={"vision"}, priority="cost")
    >>> asked = recommend(images, candidates=[acme, "claude-haiku-4.5"])
    >>> print(information(asked).fact("supports_vision of acme/one"))
    supports_vision of acme/one
      yes: acme/one
      no: claude-haiku-4.5
      knowing it is worth: $0.00075 per request (each value equally likely; without knowing, claude-haiku-4.5)

    Open is what nobody has stated, and what a source states as a range. One fact at a time is taken as known; the
    others stay as they are, so an answer may still need information.

    The worth counts money: the cost of a request, with the expected cost of its error where the workload states an
    error cost, of whoever is known to meet every requirement. It does not depend on how the policy ranks them.

    Args:
        recommendation: The answer to look into, given just now or read from JSON.
        prior: For some facts how likely their values are: a range, anywhere in which is equally likely, or a mapping
            from values to probabilities. Without one, yes and no, words and the values of a range that has two ends
            are equally likely; a number without an upper end has no prior, and no worth.
        undone_cost: What a request costs that no model does; None if that cannot be said. [USD]

    Raises:
        InvalidValueError: A prior is no prior, or a saved answer does not follow from its premises.
        UnknownNameError: No open fact has that name.

    Source:
        Value of perfect information, min_a E[C_a] − E[min_a C_a]: Raiffa and Schlaifer, "Applied Statistical Decision
        Theory" (1961), ch. 4.

    When not to trust it:
        Two facts may decide together what neither decides alone. What a measurement tells is less than perfect.
    """
    if not isinstance(recommendation, Recommendation):
        raise InvalidTypeError(f"expected a Recommendation, got {recommendation!r}. Say information(recommend(work)).")
    made_from = recommendation.case
    undone = None if undone_cost is None else _dollars(undone_cost)
    if undone is not None and undone < 0:
        raise InvalidValueError(f"undone_cost is {exact_text(undone)}; work left undone cannot earn money.")
    decision = made_from.decision
    search = _Search(
        case=_World(models=tuple(each.model for each in decision.assessed), workload=decision.workload),
        recommendation=recommendation,
        policy=decision.policy,
        caps=decision.caps,
        catalog=made_from.catalog,
        undone=undone,
    )
    return search.result({} if prior is None else prior)


@attrs.frozen(kw_only=True, eq=False)
class _Search:
    """Everything that is needed to ask again with a fact known."""

    case: _World
    recommendation: Recommendation
    policy: Policy
    caps: Caps
    catalog: Catalog
    undone: Exact | None

    def result(self, priors: object) -> Information:
        if not isinstance(priors, Mapping):
            raise InvalidTypeError(f"prior is {priors!r}; expected a mapping from facts to priors.")
        stated = cast("Mapping[object, object]", priors)
        open_facts = _open_facts(self)
        for name in stated:
            if name not in [fact.name for fact in open_facts]:
                raise UnknownNameError("open fact", name, [fact.name for fact in open_facts])
        found = [self.looked_into(fact, stated.get(fact.name)) for fact in open_facts]
        deciding = [fact for fact in found if fact.decides]
        return Information(
            status=self.recommendation.status,
            chosen=self.recommendation.chosen,
            tied=self.recommendation.tied,
            facts=tuple(sorted(deciding, key=_by_worth)),
            idle=tuple(fact.fact for fact in found if not fact.decides),
        )

    @cached_property
    def now(self) -> dict[int, Assessment]:
        """The candidates as they are, by identity: a fact about one of them leaves the others alone."""
        return {id(model): self.assess(model, self.case.workload) for model in self.case.models}

    def assess(self, model: Model, workload: Workload) -> Assessment:
        return assess_model(model, workload, self.catalog, self.recommendation.as_of)

    def assessed(self, case: _World) -> list[Assessment]:
        held = self.now if case.workload is self.case.workload else {}
        return [held.get(id(model)) or self.assess(model, case.workload) for model in case.models]

    def answer(self, case: _World) -> tuple[Status, str | None, tuple[str, ...]]:
        decision = self.decided(case)
        return decision.status, decision.chosen, decision.tied

    def decided(self, case: _World) -> Decision:
        return decide(case.workload, self.assessed(case), self.policy, self.caps)

    def looked_into(self, fact: _Open, prior: object) -> OpenFact:
        leads = self.leads(fact)
        words, worth = self.worth(fact, prior) if len(leads) > 1 else ("", _Worth(None))
        monthly = self.case.workload.requests_in("month")
        amount = None if worth.amount is None else Usd(worth.amount)
        return OpenFact(
            fact=fact.name,
            unit=fact.unit,
            missing=fact.missing,
            leads=leads,
            prior=words,
            worth_per_request=amount,
            worth_per_month=None if amount is None or monthly is None else amount * monthly,
            reason=worth.problem or (f"without knowing, {worth.choice}" if worth.choice else ""),
        )

    def leads(self, fact: _Open) -> tuple[Leads, ...]:
        """All values of a fact, divided by the answers that they lead to."""
        if fact.choices:
            by_answer: dict[tuple[Status, str | None, tuple[str, ...]], list[bool | str]] = {}
            for choice in fact.choices:
                by_answer.setdefault(self.answer(fact.put(self.case, choice)), []).append(choice)
            return tuple(
                Leads(values=tuple(values), status=status, chosen=chosen, tied=tied)
                for (status, chosen, tied), values in by_answer.items()
            )
        found: list[Leads] = []
        for low, high, value in _pieces(fact):
            status, chosen, tied = self.answer(fact.put(self.case, value))
            inside = low != high and not fact.whole
            piece = Leads(
                low=low,
                high=high,
                includes_low=not inside,
                includes_high=not inside and high is not None,
                status=status,
                chosen=chosen,
                tied=tied,
            )
            last = found[-1] if found else None
            if last is not None and (last.status, last.chosen, last.tied) == (status, chosen, tied):
                found[-1] = attrs.evolve(last, high=piece.high, includes_high=piece.includes_high)
            else:
                found.append(piece)
        return tuple(found)

    def worth(self, fact: _Open, prior: object) -> tuple[str, _Worth]:
        """The prior in words, and what knowing the fact is worth under it."""
        words, values = _prior(fact, prior)
        if values is None:
            return words, _Worth(None, problem=f"state how likely its values are: prior={{{fact.name!r}: (low, high)}}")
        if isinstance(values, Range):
            cells = [self.cell(fact, *piece) for piece in _weighed(fact, values)]
        else:
            cells = [
                _Cell(
                    share, 0, 0, tuple(None if amount is None else (amount, 0) for amount in self.amounts(fact, value))
                )
                for value, share in values.items()
            ]
        options = [model.id for model in self.case.models]
        if self.undone is not None:
            options.append("leave it undone")
        worth = _worth(cells, options)
        if worth.amount is None:
            problem = f"{worth.problem}: state what a request left undone costs, undone_cost="
            return words, attrs.evolve(worth, problem=problem)
        return words, worth

    def cell(self, fact: _Open, weight: Exact, low: Exact, high: Exact) -> _Cell:
        if low == high:
            amounts = self.amounts(fact, low)
            return _Cell(weight, low, high, tuple(None if amount is None else (amount, 0) for amount in amounts))
        priced: dict[Exact, list[Exact | None]] = {}

        def amount(index: int) -> Callable[[Exact], Exact]:
            def at(value: Exact) -> Exact:
                found = priced[value][index]
                assert found is not None  # between two stops a candidate is possible throughout or nowhere
                return found

            return at

        third = divide(high - low, 3)
        for value in (plain(low + third), plain(high - third)):
            priced[value] = self.amounts(fact, value)
        usable = [amount is not None for amount in next(iter(priced.values()))]
        lines = [line_of(amount(index), low, high) if usable[index] else None for index in range(len(usable))]
        return _Cell(weight, low, high, tuple(lines))

    def amounts(self, fact: _Open, value: Value) -> list[Exact | None]:
        """What each candidate costs with the fact known, in their order; None for one that cannot be chosen."""
        decision = self.decided(fact.put(self.case, value))
        known = {each.model.id: each for each in decision.assessed}
        before = {each.model.id: each for each in self.assessed(self.case)} if self.undone is not None else {}
        found: list[Exact | None] = []
        for model in self.case.models:
            assessment = known.get(model.id) or before.get(model.id)
            amount = None if assessment is None else _money(assessment)
            if decision.standings.get(model.id) != "possible" and amount is not None:
                amount = None if self.undone is None else amount + self.undone  # paid for, and still not done
            found.append(amount)
        return [*found, *([self.undone] if self.undone is not None else [])]


def _money(assessment: Assessment) -> Exact | None:
    """Cost of a request, with the expected cost of its error where that has a price; None if unknown. [USD]"""
    if assessment.workload.error_cost is not None:
        return None if assessment.expected_cost is None else assessment.expected_cost.midpoint
    return None if assessment.cost is None else divide(assessment.cost.per_request.pico, PICO)


def _by_worth(fact: OpenFact) -> tuple[bool, Exact, str]:
    worth = fact.worth_per_request
    return (worth is None, 0 if worth is None else -worth.pico, fact.fact)


def _pieces(fact: _Open) -> list[tuple[Exact, Exact | None, Exact]]:
    """The values of a number in pieces that may lead to different answers, and one value of each."""
    low, high = fact.low, fact.high
    inner = sorted({stop for stop in fact.stops if stop > low and (high is None or stop < high)})
    if fact.whole:
        starts: list[Exact] = [low, *inner]
        ends: list[Exact | None] = [*(start - 1 for start in inner), high]
        return [(start, end, start) for start, end in zip(starts, ends, strict=True)]
    pieces: list[tuple[Exact, Exact | None, Exact]] = [(low, low, low)] if fact.with_low else []
    stops: list[Exact | None] = [low, *inner, high]
    for start, stop in pairwise(stops):
        assert start is not None  # only the last one can be
        if start in inner:
            pieces.append((start, start, start))
        pieces.append((start, stop, start + 1 if stop is None else divide(start + stop, 2)))
    return pieces if high is None else [*pieces, (high, high, high)]


def _weighed(fact: _Open, values: Range) -> list[tuple[Exact, Exact, Exact]]:
    """The pieces inside a range that is equally likely throughout, each with its probability."""
    inner = sorted({stop for stop in fact.stops if values.low < stop < values.high})
    if values.is_point:
        return [(1, values.low, values.low)]
    if not fact.whole:
        return [
            (divide(stop - start, values.width), start, stop)
            for start, stop in pairwise([values.low, *inner, values.high])
        ]
    starts = [values.low, *inner, values.high + 1]  # costs do not depend on a window, so one value stands for a run
    return [(divide(stop - start, values.width + 1), start, start) for start, stop in pairwise(starts)]


def _prior(fact: _Open, prior: object) -> tuple[str, Range | dict[Value, Exact] | None]:
    """A prior in words, and as a range or as single values with their probabilities; None where there is none."""
    what = f"the prior of {fact.name}"
    if prior is None:
        if fact.choices:
            return "each value equally likely", {value: divide(1, len(fact.choices)) for value in fact.choices}
        if fact.high is None:
            return "no prior", None
        return "anywhere in its range equally likely", Range(fact.low, fact.high)
    if isinstance(prior, Mapping):
        stated = cast("Mapping[object, object]", prior)
        shares = [exact(share, f"a probability in {what}") for share in stated.values()]  # type: ignore[arg-type]  # exact() refuses
        _check_probabilities(shares)
        return "the stated prior", dict(zip((_value(fact, value, what) for value in stated), shares, strict=True))
    if isinstance(prior, str):
        prior = Range.parse(prior)
    ends: tuple[object, ...] = ()
    if isinstance(prior, Range):
        ends = (prior.low, prior.high)
    elif isinstance(prior, tuple | list):
        ends = tuple(cast("Sequence[object]", prior))
    if len(ends) != 2 or fact.choices:
        expected = "probabilities, such as {True: '0.3', False: '0.7'}" if fact.choices else "a range such as (0, 5)"
        raise InvalidTypeError(f"{what} is {prior!r}; expected {expected}.")
    low, high = (cast("Exact", _value(fact, end, what)) for end in ends)
    return f"anywhere from {exact_text(low)} to {exact_text(high)} equally likely", Range(low, high)


def _value(fact: _Open, value: object, what: str) -> Value:
    if fact.choices:
        for choice in fact.choices:
            if value is choice or (isinstance(value, str) and value == choice):
                return choice
        raise InvalidValueError(f"{what} has the value {value!r}; it can be {', '.join(map(repr, fact.choices))}.")
    number = exact(value, f"a value in {what}")  # type: ignore[arg-type]  # exact() refuses what is no number
    below = number < fact.low or (number == fact.low and not fact.with_low)
    if below or (fact.high is not None and number > fact.high) or (fact.whole and not isinstance(number, int)):
        upper = "up" if fact.high is None else f"to {exact_text(fact.high)}"
        start = f"{'from' if fact.with_low else 'above'} {exact_text(fact.low)}"
        steps = " in whole steps" if fact.whole else ""
        raise InvalidValueError(f"{what} has the value {exact_text(number)}; it is {start} {upper}{steps}.")
    return number
