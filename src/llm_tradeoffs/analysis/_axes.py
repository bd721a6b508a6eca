"""
The numbers that an answer may hang on, one at a time: of the workload, of the caps, and of each candidate.

An axis says between which values a number is varied, and what each candidate is as a function of it: where it is
allowed, and what it is ranked by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

import attrs

from llm_tradeoffs._decide import follow
from llm_tradeoffs.analysis._bends import MOST_TURNS, Faced, cost_bends
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._lines import Curve, Line, Place, curves_over, runs
from llm_tradeoffs.analysis._numbers import Load, Prices, Runner
from llm_tradeoffs.analysis._race import Outcomes, Piece, Reach, Span, Track, intersected, without
from llm_tradeoffs.model import Model, rate_field
from llm_tradeoffs.money import PICO, Exact, Usd, divide, exact, plain
from llm_tradeoffs.policy import Outcome
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import Price, RateCard
from llm_tradeoffs.recommendation import Standing
from llm_tradeoffs.workload import PERIODS, Workload

__all__ = ["MOST", "OWN", "SHARED", "VARIABLES", "Axis", "Own", "Shared", "own_axes", "shared_axis"]

MOST: Final = 10**30
"""No count, amount or ratio is larger than this."""

MOST_RATIO: Final = 1000
"""No tokenizer makes a thousand tokens of one."""

SHARED: Final = (
    "requests",
    "input_tokens",
    "output_tokens",
    "in_out_ratio",
    "turns",
    "longest_tokens",
    "cached_share",
    "batch_share",
    "error_cost",
    "escalation_rate",
    "min_quality_percent",
    "max_ttft_ms",
    "max_response_ms",
    "max_cost_per_request",
    "max_cost_per_month",
)
"""The numbers of a workload and of its caps."""

OWN: Final = ("price", "accuracy", "token_ratio", "ttft", "output_tokens_per_second")
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
_MOVES_COST: Final = frozenset(
    {"input_tokens", "output_tokens", "in_out_ratio", "turns", "cached_share", "batch_share"}
)
_CAPPED: Final = frozenset({"cost_per_request", "cost_per_month"})
_AFFECTED: Final[Mapping[str, frozenset[str]]] = {
    "requests": frozenset({"cost_per_month"}),
    "input_tokens": _CAPPED | {"context"},
    "output_tokens": _CAPPED | {"context", "output_limit", "response_time"},
    "in_out_ratio": _CAPPED | {"context", "output_limit", "response_time"},
    "turns": _CAPPED | {"context"},
    "longest_tokens": frozenset({"context"}),
    "cached_share": _CAPPED,
    "batch_share": _CAPPED,
    "error_cost": frozenset(),
    **{variable: frozenset({name}) for variable, name in _LIMITS.items()},
    "price": _CAPPED,
    "accuracy": frozenset({"quality"}),
    "token_ratio": _CAPPED | {"context", "output_limit", "response_time"},
    "ttft": frozenset({"ttft", "response_time"}),
    "output_tokens_per_second": frozenset({"response_time"}),
}
"""Which requirements each number bears on."""


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
        unstated: What it counts as where it is not stated: no limit, or nothing; of a fact, the worst.
        whole: Whether it counts in whole steps.
        scale: What is varied in its place, so that costs and times are lines: the ``share`` of the input in all
            tokens for the in:out ratio, minus the ``time`` a token for a speed; and 10^-12 USD, ``pico``, so that
            amounts are whole numbers.
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
    unstated: Exact = 0
    whole: bool = False
    scale: Literal["", "share", "time", "pico"] = ""

    @property
    def start(self) -> Place:
        """Where its values begin."""
        return self.low, int(self.open_low)

    @property
    def end(self) -> Place:
        """Where its values end."""
        return (self.high + 1, 0) if self.whole else (self.high, int(not self.open_high))

    def shown(self, value: Exact) -> Exact:
        """What a person calls *value*; :data:`MOST` where that is without end."""
        if self.scale == "share":
            return MOST if value == 1 else divide(value, 1 - value)
        if self.scale == "time":
            return divide(-1, value)
        return divide(value, PICO) if self.scale == "pico" else value


# What a candidate is allowed.


@attrs.frozen
class _Bound:
    """
    A requirement that hangs on the number: met where *most* is at most *limit*, open where *least* is.

    With several curves all of *most* count, and any of *least*.
    """

    most: Sequence[Curve]
    least: Sequence[Curve]
    limit: Exact


_Reaches: TypeAlias = tuple[Sequence[Reach], Sequence[Reach]]
"""Where a candidate meets what hangs on the number, and where that is unknown."""

_Part: TypeAlias = tuple[Place, Place, Piece, _Reaches | None]
"""From where to where a candidate is what, and where it is allowed; None for everywhere."""


def _up_to(curve: Curve, limit: Exact, start: Place, end: Place, whole: bool) -> Sequence[Reach]:
    """Where *curve* is at most *limit*."""
    if len(curve) == 3 and curve[2]:
        signs = [*runs((curve[0] - limit, *curve[1:]), start, end, whole=whole), (end, 1)]
        found: list[Reach] = []
        for (low, sign), (high, _) in pairwise(signs):
            if sign <= 0:
                found[-1:] = [(found[-1][0], high)] if found and found[-1][1] == low else [*found[-1:], (low, high)]
        return found
    room, slope = limit - curve[0], curve[1]
    if not slope:
        return ((start, end),) if room >= 0 else ()
    root = divide(room, slope)
    if slope > 0:
        last: Place = (root.__floor__() + 1, 0) if whole else (root, 1)
        return ((start, min(end, last)),) if start < last else ()
    first: Place = (root.__ceil__(), 0) if whole else (root, 0)
    return ((max(start, first), end),) if first < end else ()


def _allowed(bounds: Sequence[_Bound | None], start: Place, end: Place, *, whole: bool) -> _Reaches:
    """
    Where a candidate meets every bound, and where that is unknown.

    Args:
        bounds: The bounds; None for one of which no value makes known whether it is met.
        start, end: The domain.
        whole: Whether only whole numbers are meant.
    """
    everywhere: Sequence[Reach] = ((start, end),)
    met = open_ = everywhere
    for bound in bounds:
        if bound is None:
            met = ()
            continue
        limited = [_up_to(curve, bound.limit, start, end, whole) for curve in bound.most]
        same = open_ is met
        for reaches in limited:
            met = reaches if met is everywhere else intersected(met, reaches)
        if bound.least is bound.most and len(limited) == 1:
            open_ = met if same else intersected(open_, limited[0])
            continue
        some = [reach for curve in bound.least for reach in _up_to(curve, bound.limit, start, end, whole)]
        open_ = without(open_, without(everywhere, some))
    return met, () if open_ is met else without(open_, met)


def _both(one: _Reaches, other: _Reaches) -> _Reaches:
    """What two sets of requirements allow together."""
    met = intersected(one[0], other[0])
    return met, without(intersected([*one[0], *one[1]], [*other[0], *other[1]]), met)


def _exactly(curve: Curve, limit: Exact) -> _Bound:
    curves = (curve,)
    return _Bound(curves, curves, limit)


def _track(who: int, parts: Iterable[_Part], standing: Standing, *, flat: bool = False) -> Track:
    """
    A candidate, from what it is between one place and another.

    Args:
        who: Its bit.
        parts: What it is.
        standing: What it would be if all that hangs on the number were met.
        flat: Whether nothing that it is ranked by depends on the number.
    """
    spans: list[Span] = []
    unknown: list[Reach] = []
    for start, end, piece, reaches in parts:
        met, open_ = (((start, end),), ()) if reaches is None else reaches
        if standing == "unknown":
            unknown += [*met, *open_]
        else:
            spans += [Span(low, high, who, piece) for low, high in met]
            unknown += open_
    return Track(spans, unknown, flat)


def _otherwise(case: Case, runner: Runner, variable: str) -> tuple[Standing, str]:
    """What a candidate would be if all that hangs on a number were met; for one that is out, what rules it out."""
    affected = _AFFECTED[variable]
    standing: Standing = "possible"
    for name, answer in case.answers[runner.id].items():
        if answer != "met" and name not in affected:
            if answer == "not met":
                return "ruled out", name
            standing = "unknown"
    return standing, ""


# How costs and times hang on it.


_Costs: TypeAlias = Sequence[tuple[Place, Place, Curve | None]]


def _bent_costs(axis: Axis, cost: Callable[[Exact], Exact | None], faced: Faced, *, straight: bool) -> _Costs:
    """The cost of a candidate as curves, whatever its prices hang on."""
    turns = axis.variable == "turns"
    bends = [] if straight else cost_bends(faced, axis.low, axis.high, turns=turns)
    if turns:
        bends = [axis.low, *bends]  # a first turn may send nothing, and then needs no price of input
    return curves_over(cost, bends, axis.start, axis.end, whole=axis.whole)


def _caps(load: Load, cost: Curve | None) -> Iterator[_Bound | None]:
    """The caps, as far as they are stated."""
    unknown = load.max_cost_per_month is not None and load.month is None
    if load.most_cost is not None and cost is not None:
        yield _exactly(cost, load.most_cost)
    if unknown or (load.capped and cost is None):
        yield None


def _speeds(model: Model) -> list[Range]:
    """Every speed that is stated."""
    stated = (model.typical_output_tokens_per_second, model.output_tokens_per_second)
    return [speed for speed in stated if speed is not None]


def _response(runner: Runner, produced: Line, *, silent: bool) -> Curve | None:
    """The key of that name: the middle of the response time, while the output follows a line."""
    model = runner.assessment.model
    speeds, ttft = _speeds(model), model.ttft
    if ttft is None or not (speeds or silent):
        return None
    each = divide(500, speeds[0].low) + divide(500, speeds[0].high) if speeds else 0
    return ttft.midpoint + each * produced[0], each * produced[1]


def _response_bound(runner: Runner, produced: Line, *, silent: bool) -> Iterator[_Bound | None]:
    """The limit on the response time, which every speed that is stated is held against."""
    limit = runner.load.max_response_ms
    assert limit is not None  # only asked where it is stated
    model = runner.assessment.model
    speeds, ttft = _speeds(model), model.ttft
    if ttft is None or not (speeds or silent):
        yield None
        return
    slow = divide(1000, min(speed.low for speed in speeds)) if speeds else 0
    fast = divide(1000, max(speed.high for speed in speeds)) if speeds else 0
    most = (ttft.high + slow * produced[0], slow * produced[1])
    least = (ttft.low + fast * produced[0], fast * produced[1])
    yield _Bound((most,), (least,), limit)


def _worked(
    axis: Axis,
    runner: Runner,
    costs: _Costs,
    *,
    produced: Line,
    fits: _Reaches | None,
    asked: frozenset[str],
) -> Iterator[_Part]:
    """
    A candidate whose tokens or prices change, between one bend of its cost and the next.

    Args:
        axis: The number.
        runner: The candidate.
        costs: Its cost, in curves.
        produced: Its output of a turn.
        fits: Where its limits on lengths are met, and where that is unknown; None for everywhere.
        asked: The requirements that are asked and hang on the number.
    """
    load = runner.load
    timed = "response_time" in asked
    speechless = produced[1] and not _speeds(runner.assessment.model)
    for start, end, curve in costs:
        # Without a speed nothing is known of the time of an answer, but of no answer at all.
        parts = [(start, end, not any(produced))]
        if speechless and start == (0, 0) and not produced[0]:
            parts = [(start, (0, 1), True), ((0, 1), end, False)]
        for low, high, silent in parts:
            if low >= high:
                continue
            moved: dict[str, Curve | None] = {"cost": curve}
            if produced[1]:
                moved["response_time"] = _response(runner, produced, silent=silent)
            bounds: list[_Bound | None] = [*_caps(load, curve)] if load.capped else []
            if timed:
                bounds += _response_bound(runner, produced, silent=silent)
            reaches = _allowed(bounds, low, high, whole=axis.whole) if bounds else None
            if fits is not None:
                alone = reaches is None and len(costs) == len(parts) == 1
                reaches = fits if alone else _both(reaches or (((low, high),), ()), fits)
            yield low, high, Piece(runner, moved), reaches


# Numbers of the workload and the caps: every candidate is another one at each value.


_Change: TypeAlias = Callable[[Exact], dict[str, Any]]


class Shared:
    """
    A number of the workload or the caps, and every candidate as a function of it.

    Attributes:
        axis: The number.
        impossible: Why it can change nothing, if so.
    """

    def __init__(self, case: Case, axis: Axis, change: _Change, impossible: str = "") -> None:
        self.case = case
        self.axis = axis
        self.impossible = impossible
        self._change = change
        self._loads: dict[tuple[Exact, Exact], Load] = {}
        self._fitting: dict[tuple[Exact, int | None, int | None], _Reaches] = {}
        load = case.load
        share = axis.variable == "in_out_ratio"
        total = load.input_tokens + load.output_tokens
        self.sent: Line = (load.input_tokens, 0)
        self.produced: Line = (load.output_tokens, 0)
        if axis.variable == "input_tokens" or share:
            self.sent = (0, total if share else 1)
        if axis.variable == "output_tokens" or share:
            self.produced = (total, -total) if share else (0, 1)

    def load(self, value: Exact, factor: Exact = 1, runner: Runner | None = None) -> Load:
        """The workload at *value*, in the tokens of a candidate that makes *factor* of each."""
        key = (value, factor)
        found = self._loads.get(key)
        if found is None:
            change = self._change(value)
            if factor != 1:
                for name in ("input_tokens", "output_tokens"):
                    if name in change:
                        change[name] = plain(change[name] * factor)
            base = self.case.load if runner is None else runner.load
            found = self._loads[key] = base.with_(**change)
        return found

    def outcomes(self) -> Outcomes:
        """Where the questions of the policy lead."""
        axis, policy = self.axis, self.case.decision.policy

        def at(value: Exact) -> Outcome:
            return follow(policy, self.load(value).workload)[1]

        return Outcomes(self._question_knots(), axis.start, axis.end, at, axis.whole)

    def tracks(self) -> list[Track]:
        """Every candidate, in the order of the decision."""
        return [self._track(1 << index, runner) for index, runner in enumerate(self.case.decision.runners)]

    def _track(self, who: int, runner: Runner) -> Track:
        axis = self.axis
        standing, _ = _otherwise(self.case, runner, axis.variable)
        if standing == "ruled out":
            return Track((), flat=True)
        if axis.variable in _MOVES_COST:
            return _track(who, self._working(runner), standing)
        moved: dict[str, Curve | None] = {"error_cost": (0, PICO)} if axis.variable == "error_cost" else {}
        parts = ((axis.start, axis.end, Piece(runner, moved), self._limited(runner)),)
        return _track(who, parts, standing, flat=not moved)

    def _working(self, runner: Runner) -> Iterator[_Part]:
        """A candidate on a number that moves its cost."""
        axis, model = self.axis, runner.assessment.model
        own = None if runner.load.workload is self.case.decision.workload else runner
        ratio = None if own is None else self.case.ratio(model)
        factor: Exact = 1 if ratio is None else ratio.high
        prices = self.case.prices(runner)
        costs: _Costs = self._straight(prices, factor, own) if prices.straight else ()
        if not costs:

            def cost(value: Exact) -> Exact | None:
                return prices.cost(self.load(value, factor, own))

            def faced(value: Exact) -> tuple[Model, Workload]:
                return model, self.load(value, factor, own).workload

            costs = _bent_costs(axis, cost, faced, straight=prices.straight)
        asked = frozenset(_AFFECTED[axis.variable] & self.case.answers[runner.id].keys())
        produced = self.produced if factor == 1 else _times(self.produced, factor)
        fits = self._lengths(runner, factor, asked)
        return _worked(axis, runner, costs, produced=produced, fits=fits, asked=asked)

    def _straight(self, prices: Prices, factor: Exact, own: Runner | None) -> _Costs:
        """
        The cost where every token has one price: a line over the whole domain, a parabola of the turns.

        Where a price is unknown that an end needs, every value inside needs it, too. Nothing is said of turns then.
        """
        axis = self.axis
        values: tuple[Exact, ...] = (1, 2, 3) if axis.whole else (0, 1)
        amounts = [prices.cost(self.load(value, factor, own)) for value in values]
        known = [amount for amount in amounts if amount is not None]
        if len(known) == len(amounts):
            if not axis.whole:
                return ((axis.start, axis.end, (known[0], known[1] - known[0])),)
            bend = divide(known[0] - 2 * known[1] + known[2], 2)
            slope = known[1] - known[0] - 3 * bend
            return ((axis.start, axis.end, (known[0] - slope - bend, slope, bend)),)
        if axis.whole:
            return ()
        first, last = (None if amount is None else (amount, 0) for amount in amounts)
        after: Place = (axis.low, 1)
        if last is None or axis.high != 1 or axis.open_high:
            return ((axis.start, after, first), (after, axis.end, None))
        return ((axis.start, after, first), (after, (1, 0), None), ((1, 0), axis.end, last))

    def _lengths(self, runner: Runner, factor: Exact, asked: frozenset[str]) -> _Reaches | None:
        """Where a request and its answer are not too long; the same for all that have the same limits."""
        load, model, axis = runner.load, runner.assessment.model, self.axis
        window = model.context_window if "context" in asked else 0
        most = model.max_output_tokens if "output_limit" in asked else None
        if window == 0 and most is None:
            return None
        key = (factor, window, most)
        if key not in self._fitting:
            produced, last = _times(self.produced, factor), _times(self.sent, factor)
            if load.resent and axis.variable == "turns":
                last = (-load.output_tokens, load.input_tokens + load.output_tokens)
            elif load.resent:
                last = _plus(_times(last, load.turns), _times(produced, load.turns - 1))
            needed = [_plus(last, produced)]
            if load.longest_tokens is not None:
                needed.append(_plus((load.longest_tokens + load.instruction_tokens, 0), produced))
            bounds: list[_Bound | None] = [] if most is None else [_exactly(produced, most)]
            if window is None:
                bounds.append(None)
            elif window:
                bounds += [_exactly(curve, window) for curve in needed]
            self._fitting[key] = _allowed(bounds, axis.start, axis.end, whole=axis.whole)
        return self._fitting[key]

    def _limited(self, runner: Runner) -> _Reaches | None:
        """Where a candidate is allowed on a limit, or on what moves no cost; None for everywhere."""
        variable, load = self.axis.variable, runner.load
        start, end = self.axis.start, self.axis.end
        required = self.case.decision.policy.requirements
        if variable == "error_cost":
            return None
        if variable == "longest_tokens":
            return self._documents(runner) if "context" in required else None
        if variable == "requests":
            return self._volumes(runner)
        if not variable.startswith("max_cost") and _LIMITS[variable] not in required:
            return None
        if variable == "min_quality_percent":
            percent = runner.percent
            if percent is None:
                return (), ((start, end),)
            sure, perhaps = (percent.low, 1), (percent.high, 1)
            return ((start, sure),), ((sure, perhaps),) if sure < perhaps else ()
        if variable == "max_ttft_ms":
            ends = runner.ends("ttft")
        elif variable == "max_response_ms":
            ends = runner.response_times()
        else:
            times = 1 if variable == "max_cost_per_request" else load.month
            cost = runner.cost
            amount = None if cost is None or times is None else plain(cost * times)
            ends = None if amount is None else (amount, amount)
        if ends is None:
            return (), ((start, end),)
        low, high = max(start, (ends[0], 0)), max(start, (ends[1], 0))
        return ((high, end),), ((low, high),) if low < high else ()

    def _volumes(self, runner: Runner) -> _Reaches | None:
        """At which volumes the cap of a month holds."""
        most, cost = runner.load.max_cost_per_month, runner.cost
        if most is None or cost == 0:
            return None
        if cost is None:
            return (), ((self.axis.start, self.axis.end),)
        times, over = PERIODS[self.case.decision.workload.volume_basis or "month"]["month"]
        return ((self.axis.start, min(self.axis.end, (divide(most * over, cost * times), 1))),), ()

    def _documents(self, runner: Runner) -> _Reaches:
        """Where the longest document fits: its tokens are whole in the tokens of every model."""
        load, window = runner.load, runner.assessment.model.context_window
        start, end = self.axis.start, self.axis.end
        if window is None:
            return (), ((start, end),)
        last = load.input_tokens
        if load.resent:
            last = load.turns * load.input_tokens + (load.turns - 1) * load.output_tokens
        room = (window - load.output_tokens - load.instruction_tokens).__floor__()
        if room < 0 or last + load.output_tokens > window:
            return (), ()
        ratio = self.case.ratio(runner.assessment.model)
        most = room if ratio is None else divide(room, ratio.high).__floor__()
        return ((start, (most + 1, 0)),), ()

    def _question_knots(self) -> Iterator[Exact]:
        """At which values a question of the policy may get another answer."""
        lines = self._asked_about()
        for question in self.case.decision.policy.questions:
            for test in question.when.tests():
                constant, slope = lines.get(test.input, (0, 0))
                if slope and isinstance(test.operand, int | Fraction) and not isinstance(test.operand, bool):
                    yield divide(test.operand - constant, slope)

    def _asked_about(self) -> Mapping[str, Line]:
        """What questions ask about that changes with the number."""
        load, variable = self.case.load, self.axis.variable
        if variable in {"input_tokens", "output_tokens", "in_out_ratio"}:
            last = self.sent
            if load.resent:
                last = _plus(_times(self.sent, load.turns), _times(self.produced, load.turns - 1))
            return {"input_tokens": self.sent, "output_tokens": self.produced, "longest_tokens": last}
        if variable == "turns":
            last = (-load.output_tokens, load.input_tokens + load.output_tokens) if load.resent else self.sent
            return {"turns": (0, 1), "longest_tokens": last}
        if variable == "longest_tokens":
            return {"longest_tokens": (load.instruction_tokens, 1)}
        if variable == "requests":
            times, over = PERIODS[self.case.decision.workload.volume_basis or "month"]["month"]
            return {"requests_per_month": (0, divide(times, over))}
        return {"error_cost_usd" if variable == "error_cost" else variable: (0, 1)}


def _times(line: Line, factor: Exact) -> Line:
    return (line[0] * factor, line[1] * factor)


def _plus(one: Line, other: Line) -> Line:
    return (one[0] + other[0], one[1] + other[1])


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
        # Without output there is no ratio: the answer is beside all of those, however high.
        current = divide(load.input_tokens, total) if load.output_tokens else None
        axis = Axis(
            variable=variable,
            field=variable,
            unit="input tokens per output token",
            current=current,
            high=1,
            open_high=True,
            unstated=1,
            scale="share",
        )

        def split(share: Exact) -> dict[str, Any]:
            return {"input_tokens": plain(total * share), "output_tokens": plain(total - total * share)}

        return Shared(case, axis, split, "" if total else "there are no tokens to share out")
    if variable == "turns":
        most = max(MOST_TURNS, load.turns)
        axis = Axis(variable=variable, field=variable, unit="turns", current=load.turns, low=1, high=most, whole=True)
        return Shared(case, axis, lambda value: {"turns": int(value)})
    if variable == "longest_tokens":
        axis = Axis(variable=variable, field=variable, unit="tokens", current=load.longest_tokens, whole=True)
        return Shared(case, axis, lambda value: {"longest_tokens": int(value)}, _no_documents(case))
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
    if variable == "escalation_rate":
        axis = Axis(variable=variable, field=variable, current=None, high=1)
        why = (
            "every candidate is a single model, from which nothing is escalated; "
            "break_even(..., of='escalation_rate') holds a cascade of two against the second alone"
        )
        return Shared(case, axis, lambda _: {}, why)
    return _limit(case, variable)


def _no_documents(case: Case) -> str:
    asked = "context" in case.decision.policy.requirements or _asks(case, "longest_tokens")
    return "" if asked else f"the policy {case.decision.policy.id!r} does not ask for it"


def _limit(case: Case, variable: str) -> Shared:
    load = case.load
    if variable.startswith("max_cost"):
        held: Exact | None = getattr(load, variable)
        most = MOST * PICO
        axis = Axis(variable=variable, field=variable, unit="USD", current=held, high=most, unstated=most, scale="pico")
        why = "no volume is stated" if variable == "max_cost_per_month" and load.month is None else ""
        return Shared(case, axis, lambda value: {variable: Usd.from_pico(value)}, why)
    percent = variable == "min_quality_percent"
    axis = Axis(
        variable=variable,
        field=variable,
        unit="%" if percent else "ms",
        current=getattr(load, variable),
        high=100 if percent else MOST,
        open_low=not percent,
        unstated=0 if percent else MOST,
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


@attrs.frozen(eq=False)
class Own:
    """
    A number of one candidate.

    Attributes:
        axis: The number.
        pieces: The candidate as a function of it.
        moved: What may change with it, of what candidates are compared by.
        standing: What the candidate would be if all that hangs on the number were met.
        impossible: Why it can change nothing, if so.
    """

    axis: Axis
    pieces: Callable[[], Iterable[_Part]]
    moved: frozenset[str]
    standing: Standing
    impossible: str = ""

    def track(self, who: int) -> Track:
        """The candidate as a function of the number."""
        return _track(who, self.pieces(), self.standing)


_COST: Final = frozenset({"cost"})
_QUALITY: Final = frozenset({"quality"})
_TIME: Final = frozenset({"response_time"})
_TIMES: Final = frozenset({"ttft", "response_time"})


def own_axes(case: Case, runner: Runner, variable: str) -> Iterator[Own]:
    """The numbers of one candidate."""
    # Whoever is out for another reason stays out. Whoever is unknown may yet be ruled out.
    standing, by = _otherwise(case, runner, variable)
    why = f"it is ruled out by the requirement {by!r}" if by else ""
    return _OWN[variable](case, runner, standing, why)


def _prices(case: Case, runner: Runner, standing: Standing, why: str) -> Iterator[Own]:
    """Each published row that the work is priced with; what it costs is affine in each, or bends at a minimum."""
    cost, card = runner.cost, runner.assessment.model.rates
    if cost is None:
        return
    asked = frozenset(_AFFECTED["price"] & case.answers[runner.id].keys())
    charged = "minimum_charge" in card.meters
    for price, times in [(row, 0) for row in card.prices] if charged else case.per_row(runner):
        now = plain(price.usd.as_fraction())
        axis = Axis(variable="price", model=runner.id, field=rate_field(price), unit=price.unit, current=now)
        line = None if charged else (plain(cost - now * times), times)
        yield Own(axis, _price_pieces(runner, axis, price, line, asked), _COST, standing, why)


def _price_pieces(
    runner: Runner, axis: Axis, price: Price, line: Line | None, asked: frozenset[str]
) -> Callable[[], Iterable[_Part]]:
    """A candidate while one of its prices changes; without a line its bills are asked."""

    def faced(usd: Exact) -> tuple[Model, Workload]:
        model = runner.assessment.model
        changed = attrs.evolve(price, usd=Usd(usd))
        rows = tuple(changed if row is price else row for row in model.rates.prices)
        card = RateCard(rows, model.rates.multipliers)
        return attrs.evolve(model, usd_per_mtok=card), runner.load.workload

    def cost(usd: Exact) -> Exact | None:
        model, work = faced(usd)
        return Runner(attrs.evolve(runner.assessment, model=model, workload=work), runner.load).cost

    def pieces() -> Iterable[_Part]:
        costs = ((axis.start, axis.end, line),) if line is not None else _bent_costs(axis, cost, faced, straight=False)
        return _worked(axis, runner, costs, produced=(runner.load.output_tokens, 0), fits=None, asked=asked)

    return pieces


def _accuracy(case: Case, runner: Runner, standing: Standing, why: str) -> Iterator[Own]:
    """The middle of what is stated about the score; its width stays."""
    benchmark = runner.assessment.benchmark
    if benchmark is None or benchmark.unit != "%":
        return
    percent, floor = runner.percent, runner.load.min_quality_percent
    half = 0 if percent is None else divide(percent.width, 2)
    axis = Axis(
        variable="accuracy",
        model=runner.id,
        field=f"scores.{benchmark.id}",
        unit="%",
        current=None if percent is None else percent.midpoint,
        low=half,
        high=100 - half,
        unstated=half,
    )
    asked = "quality" in case.answers[runner.id]
    reaches: _Reaches | None = None
    if asked and floor is not None:
        sure, perhaps = (min(axis.end, max(axis.start, place)) for place in ((floor + half, 0), (floor - half, 0)))
        reaches = ((sure, axis.end),) if sure < axis.end else (), ((perhaps, sure),) if perhaps < sure else ()
    piece = Piece(runner, {"quality": (0, -1)})
    why = why or ("" if axis.low < axis.high else "its interval leaves no room")
    yield Own(axis, lambda: ((axis.start, axis.end, piece, reaches),), _QUALITY, standing, why)


def _token_ratio(case: Case, runner: Runner, standing: Standing, why: str) -> Iterator[Own]:
    """Tokens that the candidate makes of one token as it was counted."""
    stated = case.ratio(runner.assessment.model)
    axis = Axis(
        variable="token_ratio",
        model=runner.id,
        field="token_ratio",
        unit="tokens per token counted",
        current=1 if stated is None else stated.high,
        high=MOST_RATIO,
        open_low=True,
    )
    counted, model = case.load, runner.assessment.model
    asked = frozenset(_AFFECTED["token_ratio"] & case.answers[runner.id].keys())

    def load(ratio: Exact) -> Load:
        return case.recounted(ratio)

    def faced(ratio: Exact) -> tuple[Model, Workload]:
        return model, load(ratio).workload

    def cost(ratio: Exact) -> Exact | None:
        return case.prices(runner).cost(load(ratio))

    def pieces() -> Iterable[_Part]:
        # Every token counts at its price, and what a request costs besides does not change.
        straight = case.prices(runner).straight
        if straight:
            one, two = cost(1), cost(2)
            line = None if one is None or two is None else (2 * one - two, two - one)
            costs: _Costs = ((axis.start, axis.end, line),)
        else:
            costs = _bent_costs(axis, cost, faced, straight=False)
        fits = _ratios(case, axis, model, asked)
        return _worked(axis, runner, costs, produced=(0, counted.output_tokens), fits=fits, asked=asked)

    total = counted.total_input + counted.total_output
    why = why or ("" if total or counted.longest_tokens else "there are no tokens")
    yield Own(axis, pieces, _COST | _TIME, standing, why)


def _ratios(case: Case, axis: Axis, model: Model, asked: frozenset[str]) -> _Reaches | None:
    """The ratios at which nothing is too long for a model; the same for all that have the same limits."""
    window = model.context_window if "context" in asked else 0
    most = model.max_output_tokens if "output_limit" in asked else None
    if window == 0 and most is None:
        return None
    key = (window, most)
    if key not in case.fitting:
        load = case.load
        bounds: list[_Bound | None] = [] if most is None else [_exactly((0, load.output_tokens), most)]
        if window is None:
            bounds.append(None)
        elif window:
            last = load.input_tokens
            if load.resent:
                last = load.turns * last + (load.turns - 1) * load.output_tokens
            bounds.append(_exactly((0, last + load.output_tokens), window))
            if load.longest_tokens is not None:
                bounds.append(_exactly((0, 1), _most_ratio(load, window)))
        case.fitting[key] = _allowed(bounds, axis.start, axis.end, whole=False)
    found: _Reaches = case.fitting[key]
    return found


def _most_ratio(load: Load, window: int) -> Exact:
    """
    The largest ratio at which the longest document fits into a window.

    Its tokens are whole, so what is needed rises in steps: at most two tokens above what it would be without.
    Negative if it never fits.
    """
    parts = [exact(tokens, "tokens") for tokens in (load.longest_tokens, load.instruction_tokens) if tokens]
    total = sum(parts) + load.output_tokens
    if not total:
        return MOST_RATIO
    least, most = divide(window - 2, total), divide(window, total)
    steps = {
        divide(step, tokens) for tokens in parts for step in range(int(least * tokens) - 1, int(most * tokens) + 2)
    }
    ends = sorted({0, *(step for step in steps if step > 0), most})
    fitting: Exact = -1
    for low, high in pairwise(ends):
        # The whole tokens are the same from just above one step to the next one.
        whole = sum(-int(-(tokens * high) // 1) for tokens in parts)
        room = divide(window - whole, load.output_tokens) if load.output_tokens else high if whole <= window else -1
        if room > low:
            fitting = max(fitting, min(room, high))
    return fitting


def _ttft(case: Case, runner: Runner, standing: Standing, why: str) -> Iterator[Own]:
    """The middle of what is stated about the time to the first token; its width stays."""
    stated, load = runner.assessment.model.ttft, runner.load
    half = 0 if stated is None else divide(stated.width, 2)
    axis = Axis(
        variable="ttft",
        model=runner.id,
        field="ttft",
        unit="ms",
        current=None if stated is None else stated.midpoint,
        low=half,
        unstated=MOST,
    )
    speeds, asked = _speeds(runner.assessment.model), case.answers[runner.id]

    def pieces() -> Iterable[_Part]:
        bounds: list[_Bound | None] = []
        if "ttft" in asked and load.max_ttft_ms is not None:
            bounds.append(_Bound(((half, 1),), ((-half, 1),), load.max_ttft_ms))
        response: Curve | None = None
        if speeds or not load.output_tokens:
            tokens = load.output_tokens * 1000
            typical = [divide(tokens, end) for end in (speeds[0].high, speeds[0].low)] if speeds else [0, 0]
            response = (divide(sum(typical), 2), 1)
            if "response_time" in asked and load.max_response_ms is not None:
                slow = max((divide(tokens, speed.low) for speed in speeds), default=0)
                fast = min((divide(tokens, speed.high) for speed in speeds), default=0)
                bounds.append(_Bound(((slow + half, 1),), ((fast - half, 1),), load.max_response_ms))
        elif "response_time" in asked:
            bounds.append(None)
        piece = Piece(runner, {"ttft": (0, 1), "response_time": response})
        reaches = _allowed(bounds, axis.start, axis.end, whole=False) if bounds else None
        return ((axis.start, axis.end, piece, reaches),)

    yield Own(axis, pieces, _TIMES, standing, why)


def _speed(case: Case, runner: Runner, standing: Standing, why: str) -> Iterator[Own]:
    """Each speed that is stated, its ends in proportion; or the one that nobody states."""
    model = runner.assessment.model
    stated = {
        name: speed
        for name in ("typical_output_tokens_per_second", "output_tokens_per_second")
        if (speed := getattr(model, name)) is not None
    } or {"output_tokens_per_second": None}
    if not runner.load.output_tokens:
        why = why or "there is no output"
    elif model.ttft is None:
        why = why or "its time to first token is unknown, and with it its response time"
    for field, speed in stated.items():
        axis = Axis(
            variable="output_tokens_per_second",
            model=runner.id,
            field=field,
            unit="tokens/s",
            current=None if speed is None else divide(-1, speed.midpoint),
            low=-MOST,
            high=divide(-1, MOST),
            unstated=-MOST,
            scale="time",
        )
        computed = field == next(iter(stated))
        others = [other for name, other in stated.items() if name != field]
        pieces = _speed_pieces(case, runner, axis, speed=speed, others=others, computed=computed)
        yield Own(axis, pieces, _TIME, standing, why)


def _speed_pieces(
    case: Case, runner: Runner, axis: Axis, *, speed: Range | None, others: Sequence[Range], computed: bool
) -> Callable[[], Iterable[_Part]]:
    """A candidate while one of its speeds changes; *computed* is the one that response times are computed with."""
    load, ttft = runner.load, runner.assessment.model.ttft

    def pieces() -> Iterable[_Part]:
        assert ttft is not None  # or it would be impossible
        middle: Exact = 1 if speed is None else speed.midpoint
        low, high = (1, 1) if speed is None else (divide(speed.low, middle), divide(speed.high, middle))
        tokens = load.output_tokens * 1000
        slow, fast = divide(tokens, low), divide(tokens, high)  # times minus the number, which is a negative time
        moved: dict[str, Curve | None] = {"response_time": (ttft.midpoint, -divide(slow + fast, 2))} if computed else {}
        bounds: list[_Bound | None] = []
        if "response_time" in case.answers[runner.id] and load.max_response_ms is not None:
            most: list[Curve] = [(ttft.high, -slow), *((ttft.high + divide(tokens, one.low), 0) for one in others)]
            least: list[Curve] = [(ttft.low, -fast), *((ttft.low + divide(tokens, one.high), 0) for one in others)]
            bounds.append(_Bound(most, least, load.max_response_ms))
        reaches = _allowed(bounds, axis.start, axis.end, whole=False) if bounds else None
        return ((axis.start, axis.end, Piece(runner, moved), reaches),)

    return pieces


_OWN: Final[Mapping[str, Callable[[Case, Runner, Standing, str], Iterator[Own]]]] = {
    "price": _prices,
    "accuracy": _accuracy,
    "token_ratio": _token_ratio,
    "ttft": _ttft,
    "output_tokens_per_second": _speed,
}
