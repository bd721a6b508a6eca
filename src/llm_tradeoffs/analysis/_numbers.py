"""
A candidate in numbers: what it is ranked by, and whether it is allowed.

An :class:`Assessment` says all of this in words, too. A choice among a thousand models reads the words of
one, and the search for flips asks one candidate at a hundred workloads: here are the numbers alone. That
both say the same is a law with a test of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import lcm
from typing import Any, Final, Literal, TypeAlias

from llm_tradeoffs.assessment import Assessment
from llm_tradeoffs.costing import workload_cost
from llm_tradeoffs.errors import UnknownPriceError
from llm_tradeoffs.money import MAX_COUNT, Exact, divide, plain
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import STANDARD, Multiplier, Price, Rates
from llm_tradeoffs.recommendation import Caps, Standing
from llm_tradeoffs.workload import PERIODS, Workload

__all__ = ["CAPS", "Answer", "Load", "Prices", "Runner", "as_loads", "unit_cost"]

Answer = Literal["met", "not met", "unknown"]
Check = Callable[["Runner"], Answer]

CAPS: Final = ("cost_per_request", "cost_per_month")
"""The ids of the requirements that a cap makes."""


class Load:
    """
    A workload as plain numbers, with the caps and the requirements that hold for it.

    Attributes:
        input_tokens, output_tokens: Of one request or turn. [tokens]
        scaled_input, scaled_output: The same as whole numbers. [1/scale tokens]
        total_input, total_output, total_cached: Of one unit of work over its turns. [tokens]
        longest: The longest input of one request. [tokens]
        needed: That and its output: what a context window must hold. [tokens]
        count, month: The stated volume, and units of work in a month; None if none is stated.
        error_cost, max_cost_per_request, max_cost_per_month: [10^-12 USD]
        capped, most_cost: Whether there is a cap, and what one unit of work may cost by those that say so much.
            [10^-12 USD]
        max_ttft_ms, max_response_ms, min_quality_percent: Limits; None for none.
        checks: What is asked of every candidate, by requirement.
    """

    __slots__ = (
        "_base",
        "_changes",
        "_required",
        "_workload",
        "batch_share",
        "cached_share",
        "capped",
        "caps",
        "checks",
        "error_cost",
        "input_tokens",
        "instruction_tokens",
        "longest",
        "longest_tokens",
        "max_cost_per_month",
        "max_cost_per_request",
        "max_response_ms",
        "max_ttft_ms",
        "min_quality_percent",
        "month",
        "most_cost",
        "needed",
        "output_tokens",
        "resent",
        "scale",
        "scaled_input",
        "scaled_output",
        "total_cached",
        "total_input",
        "total_output",
        "turns",
    )

    def __init__(
        self,
        base: Workload,
        caps: Caps,
        required: tuple[str, ...],
        changes: Mapping[str, Any] | None = None,
        checks: list[tuple[str, Check]] | None = None,
    ) -> None:
        said = changes or {}
        self._base, self._changes, self._required, self.caps = base, said, required, caps
        self._workload: Workload | None = None if changes else base
        self.input_tokens: Exact = said.get("input_tokens", base.input_tokens)
        self.output_tokens: Exact = said.get("output_tokens", base.output_tokens)
        self.turns: int = said.get("turns", base.turns)
        self.resent = base.history_resent
        self.cached_share: Exact = said.get("cached_share", base.cached_share)
        self.batch_share: Exact = said.get("batch_share", base.batch_share)
        self.longest_tokens: Exact | None = said.get("longest_tokens", base.longest_tokens)
        self.instruction_tokens: Exact = said.get("instruction_tokens", base.instruction_tokens)
        self.max_ttft_ms: Exact | None = said.get("max_ttft_ms", base.max_ttft_ms)
        self.max_response_ms: Exact | None = said.get("max_response_ms", base.max_response_ms)
        self.min_quality_percent: Exact | None = said.get("min_quality_percent", base.min_quality_percent)
        error_cost = said.get("error_cost", base.error_cost)
        self.error_cost: Exact | None = None if error_cost is None else error_cost.pico
        most = said.get("max_cost_per_request", caps.cost_per_request)
        self.max_cost_per_request: Exact | None = None if most is None else most.pico
        most = said.get("max_cost_per_month", caps.cost_per_month)
        self.max_cost_per_month: Exact | None = None if most is None else most.pico
        self.month: Exact | None = self._in_a_month()
        self.capped = self.max_cost_per_request is not None or self.max_cost_per_month is not None
        self.most_cost: Exact | None = self.max_cost_per_request
        if self.max_cost_per_month is not None and self.month:
            share = divide(self.max_cost_per_month, self.month)
            self.most_cost = share if self.most_cost is None else min(share, self.most_cost)
        self._sum_up()
        self.checks = checks if checks is not None else self._asked()

    def _asked(self) -> list[tuple[str, Check]]:
        needs, languages = self._base.needs, self._base.languages
        return [
            (name, _CHECKS[name])
            for name in (*self._required, *CAPS)
            if (name not in _ASKED_IF_STATED or getattr(self, _ASKED_IF_STATED[name]) is not None)
            and (name not in _CAPABILITIES or name in needs)
            and (name != "languages" or languages)
        ]

    def _in_a_month(self) -> Exact | None:
        basis = self._base.volume_basis
        for period in ("day", "month", "year"):
            if self._changes.get(f"requests_per_{period}") is not None:
                basis = period  # a changed volume replaces the stated one
        if basis is None:
            return None
        name = f"requests_per_{basis}"
        stated: Exact = self._changes.get(name, getattr(self._base, name))
        times, over = PERIODS[basis]["month"]
        return divide(stated * times, over)

    def _sum_up(self) -> None:
        n, i, o = self.turns, self.input_tokens, self.output_tokens
        self.scale: int = lcm(i.denominator, o.denominator)
        self.scaled_input: int = i.numerator * (self.scale // i.denominator)
        self.scaled_output: int = o.numerator * (self.scale // o.denominator)
        self.total_output: Exact = n * o
        if self.resent:
            self.total_input: Exact = n * i + (i + o) * (n * (n - 1) // 2)
            last = n * i + (n - 1) * o
        else:
            self.total_input = n * i
            last = i
        self.total_cached: Exact = self.total_input * self.cached_share if self.cached_share else 0
        if self.longest_tokens is not None:
            last = max(last, self.longest_tokens + self.instruction_tokens)
        self.longest: Exact = last
        self.needed: Exact = last + o

    @property
    def workload(self) -> Workload:
        """The workload itself."""
        if self._workload is None:
            said = {name: value for name, value in self._changes.items() if name not in _OF_CAPS}
            self._workload = self._base.with_(**said) if said else self._base
        return self._workload

    def with_(self, **changes: Any) -> Load:
        """The same with some fields of the workload or caps changed."""
        same = _LIMITS.isdisjoint(changes)
        return Load(self._base, self.caps, self._required, {**self._changes, **changes}, self.checks if same else None)


_OF_CAPS: Final = frozenset({"max_cost_per_request", "max_cost_per_month"})


def as_loads(assessed: Iterable[Assessment], caps: Caps, required: tuple[str, ...]) -> list[Runner]:
    """A runner for each assessment; workloads that several share are summed up once."""
    loads: dict[int, Load] = {}
    runners: list[Runner] = []
    for assessment in assessed:
        workload = assessment.workload
        load = loads.get(id(workload))
        if load is None:
            load = loads[id(workload)] = Load(workload, caps, required)
        runners.append(Runner(assessment, load))
    return runners


# Costs.


def unit_cost(assessment: Assessment, load: Load) -> Exact | None:
    """
    What one unit of work costs, exactly as :func:`workload_cost` has it, or None where a price is unknown.

    A card whose prices depend on neither length nor quantity takes a few multiplications; every other one
    is priced line by line. [10^-12 USD]
    """
    model = assessment.model
    card = model.rates
    total: Exact = 0
    batch = load.batch_share
    if batch and model.supports_batch is False:
        batch = 0
    for tier, share in ((STANDARD, 1 - batch), ("batch", batch)):
        if not share:
            continue
        plan = card.plan(tier)
        picos = plan.picos
        # A card with a threshold has another plan for the longest request than for the shortest.
        if card.plan(tier, _LONGEST) is not plan:
            return _billed(assessment, load)
        rates = plan.rates
        fresh = load.total_input and load.cached_share != 1
        if (
            (fresh and rates["input_tokens"] is None)
            or (load.total_output and rates["output_tokens"] is None)
            or (load.total_cached and rates["cache_read_tokens"] is None)
        ):
            return None
        try:
            pico = load.turns * plan.fixed
            if fresh:
                pico += (load.total_input - load.total_cached) * picos["input_tokens"]
            if load.total_cached:
                pico += load.total_cached * picos["cache_read_tokens"]
            if load.total_output:
                pico += load.total_output * picos["output_tokens"]
            if not picos:
                return _billed(assessment, load)
        except KeyError:
            return _billed(assessment, load)
        total += pico if share == 1 else pico * share
    return total if type(total) is int else plain(total)


_LONGEST: Final = MAX_COUNT + 1


class Prices:
    """
    What the work of a candidate costs, asked at many workloads: its prices are looked up once.

    Attributes:
        straight: Whether prices depend on neither the length of a request nor on how much it uses, so that a
            cost neither jumps nor bends.
    """

    __slots__ = ("_assessment", "_bounds", "_card", "_rates", "_waits", "straight")

    def __init__(self, assessment: Assessment) -> None:
        model = assessment.model
        self._assessment = assessment
        self._card = card = model.rates
        self._waits = model.supports_batch is not False
        self._bounds = {tier: card.breakpoints(tier) for tier in (STANDARD, "batch")}
        self._rates: dict[tuple[str, int], _Rates] = {}
        self.straight = not card.by_quantity and not any(self._bounds.values())

    def cost(self, load: Load) -> Exact | None:
        """What one unit of work costs; None where a price is unknown. [10^-12 USD]"""
        # Amounts are whole in units of 1/scale tokens, and shares in units of 1/cut and 1/split.
        scale, produced = load.scale, load.scaled_output
        hits, cut = load.cached_share.numerator, load.cached_share.denominator
        batch: Exact = load.batch_share if self._waits else 0
        waiting, split = batch.numerator, batch.denominator
        total: Exact = 0
        for tier, share in ((STANDARD, split - waiting), ("batch", waiting)):
            if not share:
                continue
            for turns, rates, sent in self._groups(tier, load):
                fixed, fresh, cached, output, published = rates
                reads = sent * hits
                if fresh is None or output is None or (cached is None and reads):
                    used = {
                        "input_tokens": sent * cut - reads,
                        "cache_read_tokens": reads,
                        "output_tokens": produced,
                    }
                    if any(amount and published[meter] is None for meter, amount in used.items()):
                        return None
                    # What is published is no plain price for each token: it is for the bill to say.
                    return _billed(self._assessment, load)
                pico = cut * turns * (fixed * scale + produced * output) + (sent * cut - reads) * fresh
                if reads and cached is not None:
                    pico += reads * cached
                total += pico * share
        return divide(total, scale * cut * split)

    def used(self, load: Load) -> list[tuple[Price, tuple[Multiplier, ...], Exact]] | None:
        """The rows on the bill of one unit of work, with how much of each; None where only the bill can tell."""
        if not self.straight:
            return None
        found: list[tuple[Price, tuple[Multiplier, ...], Exact]] = []
        batch = load.batch_share if self._waits else 0
        for tier, share in ((STANDARD, 1 - batch), ("batch", batch)):
            plan = self._card.plan(tier)
            quantities = {
                "input_tokens": load.total_input - load.total_cached,
                "cache_read_tokens": load.total_cached,
                "output_tokens": load.total_output,
                "requests": load.turns if "requests" in plan.charged else 0,
            }
            for meter, quantity in quantities.items():
                rate = plan.rates[meter]
                if not quantity or not share:
                    continue
                if rate is None or not plan.picos:
                    return None
                found.append((rate.price, rate.factors, share * quantity))
        return found

    def _groups(self, tier: str, load: Load) -> Iterator[tuple[int, _Rates, int]]:
        """
        The turns of one unit of work in groups at one rate.

        Yields:
            How many, the rates, and their input together in units of 1/scale tokens.
        """
        sent, produced = load.scaled_input, load.scaled_output
        growth = sent + produced
        bounds = self._bounds[tier]
        if not bounds or not load.resent or not growth:
            total = load.turns * sent
            if load.resent:
                total += growth * (load.turns * (load.turns - 1) // 2)
            yield load.turns, self._rates_of(tier, bisect_left(bounds, load.input_tokens) if bounds else 0), total
            return
        # Turn k sends k·i + (k-1)·o: the last turn within a threshold t is floor((t + o) / (i + o)).
        start = 1
        for place, bound in enumerate((*bounds, None)):
            last = load.turns if bound is None else min(load.turns, (bound * load.scale + produced) // growth)
            if last >= start:
                turns = last - start + 1
                yield (
                    turns,
                    self._rates_of(tier, place),
                    turns * (start * growth - produced) + growth * (turns * (turns - 1) // 2),
                )
                start = last + 1

    def _rates_of(self, tier: str, place: int) -> _Rates:
        """The rates above as many thresholds as *place* says."""
        key = (tier, place)
        found = self._rates.get(key)
        if found is None:
            bounds = self._bounds[tier]
            plan = self._card.plan(tier, bounds[place] if place < len(bounds) else bounds[-1] + 1 if bounds else 0)
            picos = plan.picos
            found = self._rates[key] = (
                plan.fixed,
                picos.get("input_tokens"),
                picos.get("cache_read_tokens"),
                picos.get("output_tokens"),
                plan.rates,
            )
        return found


_Rates: TypeAlias = tuple[Exact, Exact | None, Exact | None, Exact | None, Rates]
"""Of a request, and of a token of fresh input, cached input and output; and all that is published."""


def _billed(assessment: Assessment, load: Load) -> Exact | None:
    if load.workload is assessment.workload:
        return None if assessment.cost is None else assessment.cost.per_request.pico
    try:
        return workload_cost(assessment.model, load.workload).per_request.pico
    except UnknownPriceError:
        return None


# What a candidate is ranked by.

_UNSET: Final = object()


class Runner:
    """
    A candidate in the race, with whatever it is ranked by, each worked out when it is needed.

    Attributes:
        assessment: Who it is.
        id: The model's id.
        load: What it is asked to do.
    """

    __slots__ = ("_cost", "_keys", "_percent", "assessment", "id", "load")

    def __init__(self, assessment: Assessment, load: Load, *, cost: Any = _UNSET, percent: Any = _UNSET) -> None:
        self.assessment = assessment
        self.id = assessment.model.id
        self.load = load
        self._cost = cost
        self._percent = percent
        self._keys: dict[str, Exact | None] = {}

    @property
    def cost(self) -> Exact | None:
        """Cost of one unit of work; None if unknown. [10^-12 USD]"""
        if self._cost is _UNSET:
            self._cost = unit_cost(self.assessment, self.load)
        found: Exact | None = self._cost
        return found

    @property
    def percent(self) -> Range | None:
        """Share of right answers; None if unknown. [%]"""
        if self._percent is _UNSET:
            benchmark = self.assessment.benchmark
            score = None if benchmark is None else self.assessment.model.score(benchmark.id)
            known = benchmark is not None and score is not None and score.value is not None
            self._percent = benchmark.percent_right(score.value) if known else None  # type: ignore[union-attr,arg-type]  # known
        found: Range | None = self._percent
        return found

    def key(self, criterion: str) -> Exact | None:
        """What it is ranked by, smaller being better; None if that is unknown."""
        keys = self._keys
        if criterion not in keys:
            keys[criterion] = _KEYS[criterion](self)
        return keys[criterion]

    def ends(self, criterion: str) -> tuple[Exact, Exact] | None:
        """The best and the worst that the key can be, where facts are intervals; None if it is unknown."""
        found = _ENDS.get(criterion)
        if found is not None:
            return found(self)
        key = self.key(criterion)
        return None if key is None else (key, key)

    def response_times(self) -> tuple[Exact, Exact] | None:
        """The least and the most time of a response over all speeds that are stated; None if unknown. [ms]"""
        return _any_response(self)

    def standing(self) -> Standing:
        """Whether it meets what is asked of it."""
        standing: Standing = "possible"
        for _, check in self.load.checks:
            answer = check(self)
            if answer != "met":
                if answer == "not met":
                    return "ruled out"
                standing = "unknown"
        return standing

    def answers(self) -> dict[str, Answer]:
        """The answer to each requirement that is asked."""
        return {name: check(self) for name, check in self.load.checks}


def _generation(speed: Range | None, load: Load) -> tuple[Exact, Exact] | None:
    if not load.output_tokens:
        return 0, 0
    if speed is None:
        return None
    milliseconds = load.output_tokens * 1000
    return divide(milliseconds, speed.high), divide(milliseconds, speed.low)


def _response(runner: Runner) -> tuple[Exact, Exact] | None:
    """Response time at the speed that is computed with. [ms]"""
    model = runner.assessment.model
    times = _generation(model.typical_output_tokens_per_second or model.output_tokens_per_second, runner.load)
    ttft = model.ttft
    return None if ttft is None or times is None else (ttft.low + times[0], ttft.high + times[1])


def _any_response(runner: Runner) -> tuple[Exact, Exact] | None:
    """Response time over all speeds that are stated, which limits are held against. [ms]"""
    model = runner.assessment.model
    ttft = model.ttft
    speeds = [
        speed for speed in (model.typical_output_tokens_per_second, model.output_tokens_per_second) if speed is not None
    ]
    found = [_generation(speed, runner.load) for speed in speeds] or [_generation(None, runner.load)]
    times = [each for each in found if each is not None]
    if ttft is None or not times:
        return None
    return ttft.low + min(low for low, _ in times), ttft.high + max(high for _, high in times)


# An expected cost is told as 200 times what it is, so that whole percents and whole amounts stay whole numbers.


def _expected(runner: Runner, twice_right: Exact) -> Exact | None:
    cost, error_cost = runner.cost, runner.load.error_cost
    return None if cost is None or error_cost is None else plain(200 * cost + (200 - twice_right) * error_cost)


def _cost_of_errors(runner: Runner) -> Exact | None:
    percent, error_cost = runner.percent, runner.load.error_cost
    return None if percent is None or error_cost is None else plain((200 - percent.low - percent.high) * error_cost)


def _expected_cost(runner: Runner) -> Exact | None:
    cost, errors = runner.cost, runner.key("cost_of_errors")
    return None if cost is None or errors is None else plain(200 * cost + errors)


def _expected_ends(runner: Runner) -> tuple[Exact, Exact] | None:
    percent = runner.percent
    if percent is None:
        return None
    best, worst = _expected(runner, 2 * percent.high), _expected(runner, 2 * percent.low)
    return None if best is None or worst is None else (best, worst)


def _quality_ends(runner: Runner) -> tuple[Exact, Exact] | None:
    percent = runner.percent
    return None if percent is None else (-percent.high, -percent.low)


def _ttft_ends(runner: Runner) -> tuple[Exact, Exact] | None:
    ttft = runner.assessment.model.ttft
    return None if ttft is None else (ttft.low, ttft.high)


# A range counts by its middle: an order that holds for any number of candidates needs one number each.


def _middle(ends: tuple[Exact, Exact] | None) -> Exact | None:
    return None if ends is None else divide(ends[0] + ends[1], 2)


def _window(runner: Runner) -> Exact | None:
    window = runner.assessment.model.context_window
    return None if window is None else -window


def _vision(runner: Runner) -> Exact | None:
    sees = runner.assessment.model.supports_vision
    return None if sees is None else int(not sees)


_KEYS: Final[dict[str, Callable[[Runner], Exact | None]]] = {
    "cost": lambda runner: runner.cost,
    "cost_of_errors": _cost_of_errors,
    "expected_cost": _expected_cost,
    "quality": lambda runner: _middle(_quality_ends(runner)),
    "ttft": lambda runner: _middle(_ttft_ends(runner)),
    "response_time": lambda runner: _middle(_response(runner)),
    "context_window": _window,
    "vision": _vision,
}
_ENDS: Final[dict[str, Callable[[Runner], tuple[Exact, Exact] | None]]] = {
    "expected_cost": _expected_ends,
    "quality": _quality_ends,
    "ttft": _ttft_ends,
    "response_time": _response,
}


# What is asked of it. The words are in ``assessment.REQUIREMENTS``.


def _within(ends: tuple[Exact, Exact] | None, limit: Exact) -> Answer:
    if ends is None:
        return "unknown"
    return "met" if ends[1] <= limit else "not met" if ends[0] > limit else "unknown"


def _offered(runner: Runner) -> Answer:
    retires, day = runner.assessment.model.retires_on, runner.assessment.as_of
    return "not met" if retires is not None and day is not None and retires <= day else "met"


def _context(runner: Runner) -> Answer:
    window = runner.assessment.model.context_window
    return "unknown" if window is None else "met" if runner.load.needed <= window else "not met"


def _output_limit(runner: Runner) -> Answer:
    limit = runner.assessment.model.max_output_tokens
    return "met" if limit is None or runner.load.output_tokens <= limit else "not met"


def _languages(runner: Runner) -> Answer:
    model = runner.assessment.model
    named = {name.casefold() for name in (*(model.languages or ()), *(model.preferred_languages or ()))}
    return "met" if runner.load.workload.languages <= named else "unknown"


def _capability(need: str) -> Check:
    field = f"supports_{need}"

    def check(runner: Runner) -> Answer:
        supported: bool | None = getattr(runner.assessment.model, field)
        return "unknown" if supported is None else "met" if supported else "not met"

    return check


def _limit(measure: Callable[[Runner], tuple[Exact, Exact] | None], name: str) -> Check:
    def check(runner: Runner) -> Answer:
        limit: Exact | None = getattr(runner.load, name)
        assert limit is not None  # only asked where it is stated
        return _within(measure(runner), limit)

    return check


def _least_quality(runner: Runner) -> Answer:
    floor, percent = runner.load.min_quality_percent, runner.percent
    assert floor is not None  # only asked where it is stated
    return "unknown" if percent is None else _within((-percent.high, -percent.low), -floor)


def _per_request(runner: Runner) -> tuple[Exact, Exact] | None:
    cost = runner.cost
    return None if cost is None else (cost, cost)


def _per_month(runner: Runner) -> tuple[Exact, Exact] | None:
    cost, count = runner.cost, runner.load.month
    return None if cost is None or count is None else (cost * count, cost * count)


_CAPABILITIES: Final = frozenset({"vision", "tools", "batch", "structured_output"})
_ASKED_IF_STATED: Final = {
    "ttft": "max_ttft_ms",
    "response_time": "max_response_ms",
    "quality": "min_quality_percent",
    "cost_per_request": "max_cost_per_request",
    "cost_per_month": "max_cost_per_month",
}
_LIMITS: Final = frozenset(_ASKED_IF_STATED.values())
_CHECKS: Final[dict[str, Check]] = {
    "offered": _offered,
    "context": _context,
    "output_limit": _output_limit,
    **{need: _capability(need) for need in sorted(_CAPABILITIES)},
    "languages": _languages,
    "ttft": _limit(_ttft_ends, "max_ttft_ms"),
    "response_time": _limit(_any_response, "max_response_ms"),
    "quality": _least_quality,
    "cost_per_request": _limit(_per_request, "max_cost_per_request"),
    "cost_per_month": _limit(_per_month, "max_cost_per_month"),
}
