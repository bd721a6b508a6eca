"""
The numbers that an answer may hang on, one at a time: of the workload, of the caps, and of each candidate.

An axis says what a candidate is at a value, and between which values everything about it is affine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

import attrs

from llm_tradeoffs._decide import criteria_of, follow, in_order
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._numbers import Load, Runner, is_simple
from llm_tradeoffs.analysis._walk import Line, Piece, Track, line_root
from llm_tradeoffs.model import rate_field
from llm_tradeoffs.money import PICO, Exact, Usd, divide, exact, plain
from llm_tradeoffs.policy import Outcome
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import STANDARD, Price
from llm_tradeoffs.workload import PERIODS

__all__ = ["MOST", "OWN", "SHARED", "VARIABLES", "Axis", "Shared", "own_axes", "shared_axis"]

MOST: Final = 10**30
"""No count, amount or ratio is larger than this."""

SHARED: Final = (
    "requests",
    "input_tokens",
    "output_tokens",
    "in_out_ratio",
    "cached_share",
    "batch_share",
    "error_cost",
    "min_quality_percent",
    "max_ttft_ms",
    "max_response_ms",
    "max_cost_per_request",
    "max_cost_per_month",
)
"""The numbers of a workload and of its caps."""

OWN: Final = ("price", "accuracy", "token_ratio")
"""The numbers of each candidate."""

VARIABLES: Final = (*SHARED, *OWN)
"""Every number that can be varied."""

_LIMITS: Final = {
    "min_quality_percent": "quality",
    "max_ttft_ms": "ttft",
    "max_response_ms": "response_time",
    "max_cost_per_request": "cost_per_request",
    "max_cost_per_month": "cost_per_month",
}
_MOVES_COST: Final = frozenset({"input_tokens", "output_tokens", "in_out_ratio", "cached_share", "batch_share"})


@attrs.frozen(kw_only=True, eq=False)
class Axis:
    """
    One number that can be varied, the others staying as they are.

    Attributes:
        variable: Which, of :data:`VARIABLES`.
        model: Whose it is; None for a number of the workload or the caps.
        field: The fact that it is, for a number of a candidate.
        unit: Its unit.
        current: Its value now; None if it is not stated.
        low, high: Between which values it is varied.
        open_low, open_high: Whether an end is out.
    """

    variable: str
    model: str | None = None
    field: str = ""
    unit: str = ""
    current: Exact | None
    low: Exact = 0
    high: Exact = MOST
    open_low: bool = False
    open_high: bool = False

    @property
    def unstated(self) -> Exact:
        """What it counts as where it is not stated: no limit, or nothing."""
        return self.high if self.variable.startswith("max_") else self.low


UNSOLVED: Final = "not worked out: "
"""How a reason begins that is none of the world's but of this library's."""


def _minimum(runners: Iterable[Runner]) -> str:
    """Why costs are not solved for: a minimum charge bends them at each call for itself."""
    named = [runner.id for runner in runners if "minimum_charge" in runner.assessment.model.rates.meters]
    return f"{UNSOLVED}{', '.join(named)} has a minimum charge a call, which bends its cost" if named else ""


_Change: TypeAlias = Callable[[Exact], dict[str, Any]]


# Numbers of the workload and the caps: every candidate is another one at each value.


class Shared:
    """
    A number of the workload or the caps, and every candidate as a function of it.

    Attributes:
        axis: The number. The in:out ratio is varied as the share of the input in all tokens, in which costs are affine.
        impossible: Why it can change nothing, if so.
    """

    def __init__(self, case: Case, axis: Axis, change: _Change, impossible: str = "") -> None:
        self.case = case
        self.axis = axis
        self.impossible = impossible
        if axis.variable in _MOVES_COST and not impossible:
            self.impossible = _minimum(case.decision.runners)
        self._change = change
        self._loads: dict[Exact, Load] = {}
        load = case.load
        share = axis.variable == "in_out_ratio"
        total = load.input_tokens + load.output_tokens
        self.sent: Line = (load.input_tokens, 0)
        self.produced: Line = (load.output_tokens, 0)
        if axis.variable == "input_tokens" or share:
            self.sent = (0, total if share else 1)
        if axis.variable == "output_tokens" or share:
            self.produced = (total, -total) if share else (0, 1)

    def load(self, value: Exact) -> Load:
        """The workload at *value*."""
        if value not in self._loads:
            self._loads[value] = self.case.load.with_(**self._change(value))
        return self._loads[value]

    def outcome(self, value: Exact) -> Outcome:
        """Where the questions of the policy lead at *value*."""
        return follow(self.case.decision.policy, self.load(value).workload)[1]

    def track(self, runner: Runner) -> Track:
        """A candidate as a function of the number."""
        axis = self.axis
        moves = axis.variable in _MOVES_COST
        factor = self._factor(runner)
        kept: dict[str, Any] = {} if moves else {"cost": runner.cost}

        def sample(value: Exact) -> Runner:
            load = self.load(value)
            if runner.load.workload is not self.case.load.workload:
                change = self._change(value)
                for name in ("input_tokens", "output_tokens"):
                    if name in change:
                        change[name] = plain(change[name] * factor)
                load = runner.load.with_(**change)
            return Runner(runner.assessment, load, percent=runner.percent, **kept)

        knots = {axis.low, axis.high, *(value for value in self._knots(runner, factor) if axis.low < value < axis.high)}
        caps = moves and self._capped
        flat = not moves and axis.variable != "error_cost"
        standing = None if self._bears else self.case.decision.standings[runner.id]
        bent = _capped_at(runner) if caps else None
        return Track(runner.id, knots, sample, bent=bent, flat=flat, standing=standing)

    @property
    def _bears(self) -> bool:
        """Whether a requirement may hang on the number."""
        free = {"cached_share", "batch_share", "error_cost", "requests"}
        return self._capped or self.axis.variable not in free

    @property
    def _capped(self) -> bool:
        caps = self.case.decision.caps
        return caps.cost_per_request is not None or caps.cost_per_month is not None

    def _factor(self, runner: Runner) -> Exact:
        ratio = self.case.ratio(runner.assessment.model)
        return 1 if ratio is None else ratio.high

    def _knots(self, runner: Runner, factor: Exact) -> Iterator[Exact]:
        variable = self.axis.variable
        if variable in {"input_tokens", "output_tokens", "in_out_ratio"}:
            sent, produced = _times(self.sent, factor), _times(self.produced, factor)
            yield from _token_knots(runner, runner.load, sent, produced)
        elif variable == "cached_share":
            yield from _cache_knots(runner)
        elif variable == "max_ttft_ms":
            ttft = runner.assessment.model.ttft
            yield from () if ttft is None else (ttft.low, ttft.high)
        elif variable == "max_response_ms":
            times = runner.response_times()
            yield from () if times is None else times
        elif variable == "min_quality_percent":
            percent = runner.percent
            yield from () if percent is None else (percent.low, percent.high)
        elif runner.cost is not None:
            month = runner.load.month
            if variable == "max_cost_per_request":
                yield divide(runner.cost, PICO)
            elif variable == "max_cost_per_month" and month is not None:
                yield divide(runner.cost * month, PICO)
            elif variable == "requests" and runner.load.max_cost_per_month is not None and runner.cost:
                per_month, over = PERIODS[self.case.decision.workload.volume_basis or "month"]["month"]
                yield divide(runner.load.max_cost_per_month * over, runner.cost * per_month)

    def relevant(self, runners: Sequence[Runner], outcomes: Iterable[Outcome]) -> Sequence[Runner]:
        """
        Those of *runners* who can matter under a limit, whose value changes no ranking.

        Whoever is worse than another one and meets no tighter limit never leads.
        """
        name = _LIMITS.get(self.axis.variable)
        ranked = [outcome for outcome in outcomes if outcome.rank_by]
        if name is None or len(ranked) != len(list(outcomes)):
            return runners
        kept: dict[str, Runner] = {}
        open_: list[tuple[Exact, Exact, Runner]] = []
        floor = self.axis.variable == "min_quality_percent"
        for runner in runners:
            others = {answer for asked, answer in runner.answers().items() if asked != name}
            if "not met" in others:
                continue
            ends = sorted(self._knots(runner, 1))
            if others - {"met"} or not ends:
                kept[runner.id] = runner
            else:
                # How tight a limit it surely meets, and how tight a one perhaps: the less, the tighter.
                sure, perhaps = (-ends[0], -ends[-1]) if floor else (ends[-1], ends[0])
                open_.append((sure, perhaps, runner))
        if open_:
            least = min(open_, key=lambda each: each[1])[2]
            kept[least.id] = least
        for outcome in ranked:
            kept.update((runner.id, runner) for runner in _staircase(open_, outcome))
        return [runner for runner in runners if runner.id in kept]

    def question_knots(self) -> Iterator[Exact]:
        """At which values a question of the policy may get another answer."""
        load = self.case.load
        lines: dict[str, list[Line]] = {}
        variable = self.axis.variable
        if variable in {"input_tokens", "output_tokens", "in_out_ratio"}:
            lines["input_tokens"], lines["output_tokens"] = [self.sent], [self.produced]
            lines["longest_tokens"] = [_last_turn(load, self.sent, self.produced)]
        elif variable == "requests":
            times, over = PERIODS[self.case.decision.workload.volume_basis or "month"]["month"]
            lines["requests_per_month"] = [(0, divide(times, over))]
        elif variable == "error_cost":
            lines["error_cost_usd"] = [(0, 1)]
        else:
            lines[variable] = [(0, 1)]
        for question in self.case.decision.policy.questions:
            for test in question.when.tests():
                if isinstance(test.operand, bool) or test.operand is None or isinstance(test.operand, str):
                    continue
                for line in lines.get(test.input, ()):
                    root = line_root(line, test.operand)
                    if root is not None:
                        yield root


def _staircase(limits: Sequence[tuple[Exact, Exact, Runner]], outcome: Outcome) -> Iterator[Runner]:
    """Whoever meets a tighter limit than all that are ranked before it, and equals."""
    sure = {runner.id: limit for limit, _, runner in limits}
    criteria = criteria_of(outcome)
    order = in_order([runner for _, _, runner in limits], criteria)
    least: Exact | None = None
    group: list[Runner] = []
    for index, runner in enumerate(order):
        if index and any(runner.key(name) != order[index - 1].key(name) for name in criteria):
            limits_so_far = [sure[each.id] for each in group]
            least = min(limits_so_far if least is None else [*limits_so_far, least])
            group = []
        group.append(runner)
        if least is None or sure[runner.id] < least or runner.key(criteria[0]) is None:
            yield runner


def _times(line: Line, factor: Exact) -> Line:
    return (line[0] * factor, line[1] * factor)


def _plus(one: Line, other: Line) -> Line:
    return (one[0] + other[0], one[1] + other[1])


def _last_turn(load: Load, sent: Line, produced: Line) -> Line:
    """The input of the last turn."""
    if not load.resent:
        return sent
    return _plus(_times(sent, load.turns), _times(produced, load.turns - 1))


def _token_knots(runner: Runner, load: Load, sent: Line, produced: Line) -> Iterator[Exact]:
    """Where limits are met and other prices begin while input and output change along two lines."""
    model = runner.assessment.model
    pairs: list[tuple[Line, Exact | None]] = [(produced, 0), (produced, model.max_output_tokens)]
    needed = _plus(_last_turn(load, sent, produced), produced)
    pairs.append((needed, model.context_window))
    if load.longest_tokens is not None:
        beyond = load.longest_tokens + load.instruction_tokens
        pairs.append((_plus((beyond, 0), produced), model.context_window))
    pairs.extend((produced, tokens) for tokens in _tokens_in_time(runner, load))
    card = model.rates
    if not is_simple(card):
        bounds = {*card.breakpoints(STANDARD), *card.breakpoints("batch")}
        steps = _steps(card.prices)
        cached = load.cached_share
        for turn in range(1, load.turns + 1) if load.resent else (1,):
            length = _plus(_times(sent, turn), _times(produced, turn - 1))
            pairs.extend((length, bound) for bound in bounds)
            for step in steps:
                pairs.extend((_times(length, share), step) for share in {1, cached, plain(1 - cached)})
        pairs.extend((produced, step) for step in steps)
    for line, value in pairs:
        if value is not None:
            root = line_root(line, value)
            if root is not None:
                yield root


def _tokens_in_time(runner: Runner, load: Load) -> Iterator[Exact]:
    """Outputs that just meet the limit on the response time."""
    model = runner.assessment.model
    limit, ttft = load.max_response_ms, model.ttft
    if limit is None or ttft is None:
        return
    for speed in (model.typical_output_tokens_per_second, model.output_tokens_per_second):
        if speed is not None:
            for first, rate in ((ttft.low, speed.high), (ttft.high, speed.low)):
                yield divide((limit - first) * rate, 1000)


def _steps(prices: Iterable[Price]) -> set[int]:
    """Quantities at which a marginal price or a minimum begins to count."""
    named = ((price.above_quantity, price.minimum_quantity) for price in prices)
    return {step for pair in named for step in pair if step is not None}


def _cache_knots(runner: Runner) -> Iterator[Exact]:
    steps = _steps(runner.assessment.model.rates.prices)
    load = runner.load
    if not steps:
        return
    for turn in range(1, load.turns + 1) if load.resent else (1,):
        length = turn * load.input_tokens + (turn - 1) * load.output_tokens
        if length:
            for step in steps:
                share = divide(step, length)
                yield share
                yield 1 - share


def _capped_at(runner: Runner) -> Callable[[Piece], Iterator[Exact]]:
    """Where the cost of a candidate meets a cap."""
    load = runner.load

    def roots(piece: Piece) -> Iterator[Exact]:
        line = piece.cost()
        if line is None:
            return
        most = [load.max_cost_per_request]
        if load.max_cost_per_month is not None and load.month:
            most.append(divide(load.max_cost_per_month, load.month))
        for value in most:
            root = None if value is None else line_root(line, value)
            if root is not None:
                yield root

    return roots


def shared_axis(case: Case, variable: str) -> Shared:
    """A number of the workload or of its caps."""
    load, work = case.load, case.decision.workload
    total = load.input_tokens + load.output_tokens
    if variable == "requests":
        basis = work.volume_basis or "month"
        field = f"requests_per_{basis}"
        current: Exact | None = getattr(work, field)
        axis = Axis(variable=variable, field=field, unit=f"requests per {basis}", current=current)
        asked = _asks(case, "requests_per_month") or load.max_cost_per_month is not None
        why = "" if asked else "neither a cap nor a question depends on the volume, and no price does"
        return Shared(case, axis, lambda value: {field: value}, why)
    if variable in {"input_tokens", "output_tokens"}:
        axis = Axis(variable=variable, field=variable, unit="tokens", current=getattr(load, variable))
        return Shared(case, axis, lambda value: {variable: value})
    if variable == "in_out_ratio":
        current = divide(load.input_tokens, total) if total else None
        axis = Axis(
            variable=variable,
            field=variable,
            unit="input tokens per output token",
            current=current,
            high=1,
            open_high=True,
        )

        def split(share: Exact) -> dict[str, Any]:
            return {"input_tokens": plain(total * share), "output_tokens": plain(total - total * share)}

        return Shared(case, axis, split, "" if total else "there are no tokens to share out")
    if variable in {"cached_share", "batch_share"}:
        axis = Axis(variable=variable, field=variable, current=getattr(load, variable), high=1)
        why = "no input is sent" if variable == "cached_share" and not load.total_input else ""
        return Shared(case, axis, lambda value: {variable: value}, why)
    if variable == "error_cost":
        stated = None if load.error_cost is None else divide(load.error_cost, PICO)
        axis = Axis(variable=variable, field=variable, unit="USD", current=stated)
        ranked = any("expected_cost" in outcome.rank_by for outcome in _ends(case))
        asked = ranked or _asks(case, "error_cost_usd")
        why = "" if asked else "no ranking or question of the policy counts the cost of errors"
        return Shared(case, axis, lambda value: {"error_cost": Usd.from_pico(value * PICO)}, why)
    return _limit(case, variable)


def _limit(case: Case, variable: str) -> Shared:
    load = case.load
    if variable.startswith("max_cost"):
        held: Exact | None = getattr(load, variable)
        current = None if held is None else divide(held, PICO)
        axis = Axis(variable=variable, field=variable, unit="USD", current=current)
        why = "no volume is stated" if variable == "max_cost_per_month" and load.month is None else ""
        return Shared(case, axis, lambda value: {variable: Usd.from_pico(value * PICO)}, why)
    percent = variable == "min_quality_percent"
    axis = Axis(
        variable=variable,
        field=variable,
        unit="%" if percent else "ms",
        current=getattr(load, variable),
        high=100 if percent else MOST,
        open_low=not percent,
    )
    asked = _LIMITS[variable] in case.decision.policy.requirements or _asks(case, variable)
    why = "" if asked else f"the policy {case.decision.policy.id!r} does not ask for it"
    return Shared(case, axis, lambda value: {variable: value}, why)


def _asks(case: Case, name: str) -> bool:
    return any(test.input == name for question in case.decision.policy.questions for test in question.when.tests())


def _ends(case: Case) -> Iterator[Outcome]:
    for question in case.decision.policy.questions:
        yield question.yes
        yield question.no


# Numbers of one candidate: all others stay what they are.


class Own:
    """
    A number of one candidate, and that candidate as a function of it.

    Attributes:
        axis: The number.
        track: The candidate; None if the number can change nothing.
        impossible: Why not, if so.
    """

    __slots__ = ("_track", "axis", "impossible")

    def __init__(self, axis: Axis, track: Callable[[], Track], impossible: str = "") -> None:
        self.axis = axis
        self.impossible = impossible
        self._track = track

    def track(self) -> Track:
        """The candidate as a function of the number."""
        return self._track()


_AFFECTED: Final[Mapping[str, frozenset[str]]] = {
    "price": frozenset({"cost_per_request", "cost_per_month"}),
    "accuracy": frozenset({"quality"}),
    "token_ratio": frozenset({"context", "output_limit", "response_time", "cost_per_request", "cost_per_month"}),
}
"""Which requirements each number of a candidate bears on."""


def own_axes(case: Case, runner: Runner, variables: Iterable[str]) -> Iterator[Own]:
    """The numbers of one candidate."""
    answers = runner.answers()
    for variable in variables:
        # Whoever is out for another reason stays out. Whoever is unknown may yet be ruled out.
        failed = [name for name, answer in answers.items() if answer == "not met" and name not in _AFFECTED[variable]]
        why = f"it is ruled out by the requirement {failed[0]!r}" if failed else ""
        if variable == "price":
            yield from _prices(runner, why)
        elif variable == "accuracy":
            yield from _accuracy(runner, why)
        else:
            yield _token_ratio(case, runner, why)


def _prices(runner: Runner, why: str) -> Iterator[Own]:
    """Each published row on the bill of a candidate; what it costs is affine in each."""
    found = runner.assessment.cost
    cost = runner.cost
    if found is None or cost is None:
        return
    per_row: dict[Price, Exact] = {}
    for line in found.lines:
        times: Exact = divide(line.quantity * PICO, line.price.per)
        for factor in line.factors:
            times = times * factor.factor
        per_row[line.price] = per_row.get(line.price, 0) + times
    for price, times in per_row.items():
        now = plain(price.usd.as_fraction())
        axis = Axis(variable="price", model=runner.id, field=rate_field(price), unit=price.unit, current=now)
        yield Own(axis, _price_track(runner, cost, now, plain(times)), why or _minimum([runner]))


def _price_track(runner: Runner, cost: Exact, now: Exact, times: Exact) -> Callable[[], Track]:
    base = plain(cost - now * times)

    def sample(usd: Exact) -> Runner:
        return Runner(runner.assessment, runner.load, cost=plain(base + times * usd), percent=runner.percent)

    def track() -> Track:
        load = runner.load
        knots: set[Exact] = {0, MOST}
        if load.max_cost_per_request is not None:
            knots.update(_root_of((base, times), load.max_cost_per_request))
        if load.max_cost_per_month is not None and load.month:
            knots.update(_root_of((base, times), divide(load.max_cost_per_month, load.month)))
        capped = load.max_cost_per_request is not None or load.max_cost_per_month is not None
        return Track(runner.id, knots, sample, standing=None if capped else runner.standing())

    return track


def _root_of(line: Line, value: Exact) -> set[Exact]:
    root = line_root(line, value)
    return {root} if root is not None and 0 < root < MOST else set()


def _accuracy(runner: Runner, why: str) -> Iterator[Own]:
    """The middle of what is stated about the score; its width stays."""
    benchmark = runner.assessment.benchmark
    if benchmark is None or benchmark.unit != "%":
        return
    percent = runner.percent
    half = 0 if percent is None else divide(percent.width, 2)
    axis = Axis(
        variable="accuracy",
        model=runner.id,
        field=f"scores.{benchmark.id}",
        unit="%",
        current=None if percent is None else percent.midpoint,
        low=half,
        high=100 - half,
    )

    def sample(value: Exact) -> Runner:
        moved = Range(value - half, value + half, "%")
        return Runner(runner.assessment, runner.load, cost=runner.cost, percent=moved)

    def track() -> Track:
        floor = runner.load.min_quality_percent
        ends = {axis.low, axis.high, *(() if floor is None else (floor - half, floor + half))}
        knots = {plain(end) for end in ends if axis.low <= end <= axis.high}
        return Track(runner.id, knots, sample, standing=runner.standing() if floor is None else None)

    yield Own(axis, track, why or ("" if axis.low < axis.high else "its interval leaves no room"))


def _token_ratio(case: Case, runner: Runner, why: str) -> Own:
    """Tokens that the candidate makes of one token as it was counted."""
    stated = case.ratio(runner.assessment.model)
    now: Exact = 1 if stated is None else stated.high
    axis = Axis(
        variable="token_ratio",
        model=runner.id,
        field="token_ratio",
        unit="tokens per token counted",
        current=now,
        high=MOST_RATIO,
        open_low=True,
    )
    counted = case.load

    def sample(ratio: Exact) -> Runner:
        changes: dict[str, Any] = {
            "input_tokens": plain(counted.input_tokens * ratio),
            "output_tokens": plain(counted.output_tokens * ratio),
        }
        for name in ("longest_tokens", "instruction_tokens"):
            tokens = getattr(counted, name)
            if tokens:
                changes[name] = -int(-(tokens * ratio) // 1)  # half a token is a token
        return Runner(runner.assessment, counted.with_(**changes), percent=runner.percent)

    def track() -> Track:
        knots: set[Exact] = {0, axis.high}
        sent, produced = (0, counted.input_tokens), (0, counted.output_tokens)
        found = {*_token_knots(runner, counted, sent, produced), *_whole_knots(runner, counted)}
        knots.update(value for value in found if 0 < value < axis.high)
        capped = case.decision.caps.cost_per_request is not None or case.decision.caps.cost_per_month is not None
        return Track(runner.id, knots, sample, bent=_capped_at(runner) if capped else None)

    total = counted.total_input + counted.total_output
    return Own(axis, track, why or ("" if total else "there are no tokens") or _minimum([runner]))


MOST_RATIO: Final = 1000
"""No tokenizer makes a thousand tokens of one."""


def _whole_knots(runner: Runner, load: Load) -> Iterator[Exact]:
    """
    Ratios about which the longest document fills the window.

    Its tokens are whole, so what is needed rises in steps: within two tokens of the window it is each step.
    """
    window = runner.assessment.model.context_window
    if window is None or load.longest_tokens is None:
        return
    parts = [exact(tokens, "tokens") for tokens in (load.longest_tokens, load.instruction_tokens) if tokens]
    total = sum(parts) + load.output_tokens
    if not total:
        return
    least, most = divide(window - 2, total), divide(window, total)
    steps = sorted(
        {divide(step, tokens) for tokens in parts for step in range(int(least * tokens), int(most * tokens) + 2)}
    )
    yield from steps
    # Between two steps only the output grows: it may fill the rest there.
    for low, high in pairwise(steps if load.output_tokens else ()):
        inside = divide(low + high, 2)
        whole = sum(-int(-(tokens * inside) // 1) for tokens in parts)
        yield divide(window - whole, load.output_tokens)
