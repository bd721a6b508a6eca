"""Asking again where a check says no: cascades and retries. And reading what another model wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, cast

import attrs

from llm_tradeoffs._edges import init_with
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import Unknown
from llm_tradeoffs.money import Exact, Number, Usd, exact, exact_text
from llm_tradeoffs.patterns._base import (
    Line,
    Part,
    Pattern,
    PatternAssessment,
    Setting,
    Side,
    Stage,
    answer,
    in_dollars,
    members_of,
    single_turn,
    stage,
    stage_name,
    together,
)
from llm_tradeoffs.patterns._ladder import Climb, Rung, climb
from llm_tradeoffs.patterns._values import (
    ZERO,
    Member,
    Share,
    added,
    field_of,
    member,
    member_name,
    share,
    shown_percent,
    text,
    usd_range,
    whole,
)
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["Cascade", "Check", "Reading", "Retries", "escalation_break_even", "reading_of"]

MOST_STAGES: Final = 100


def dollars(value: object, what: str) -> Usd:
    """*value* as an amount that somebody pays."""
    amount = value if isinstance(value, Usd) else Usd(cast("Number", value))  # Usd refuses what is no number
    if amount < Usd(0):
        raise InvalidValueError(f"{what} is {amount}; nobody is paid for a check. If it is free, say 0.")
    return amount


def consistent(hopeless: Range, side: Part) -> None:
    """
    Refuse a hopeless share that leaves less than what is right.

    Raises:
        InvalidValueError: The two contradict each other.
    """
    if side.right is not None and side.right.high > 1 - hopeless.high:
        raise InvalidValueError(
            f"a hopeless share of {shown_percent(hopeless)} leaves at most {shown_percent(Range(1 - hopeless.high))} "
            f"right answers, but {side.right_basis}. Lower the one or the other."
        )


def never_right(hopeless: Range) -> str:
    """What a hopeless share assumes, in words."""
    return f"{shown_percent(hopeless)} of the requests are never answered right, as the caller states"


def milliseconds(value: object, what: str) -> Range:
    """*value* as a time in milliseconds."""
    time = Range.of(cast("Range | Number", value), "ms")  # Range.of refuses what is neither
    if time.low < 0:
        raise InvalidValueError(f"{what} is {time}; it cannot be negative.")
    return time


def mean_tokens(value: object, what: str) -> Exact:
    """*value* as a mean number of tokens."""
    count = exact(cast("Number", value), what)
    if count < 0:
        raise InvalidValueError(f"{what} is {exact_text(count)}; it cannot be negative.")
    return count


@attrs.frozen(kw_only=True)
class Reading:
    """
    What it takes to read answers once.

    Attributes:
        label: Who reads.
        model: The id of the model that reads; None for a program or a person.
        cost: Each time; None if unknown. [USD]
        time, worst_time: Each time; None if unknown. [ms]
        side: The model that reads, on what it reads.
    """

    label: str
    model: str | None
    cost: Usd | None
    time: Range | None
    worst_time: Range | None
    side: Side | None


def reading_of(
    setting: Setting,
    what: str,
    *,
    usd: Usd | None,
    model: Member | None,
    answers: int,
    instruction_tokens: Exact,
    output_tokens: Exact,
    time: Range | None,
) -> Reading:
    """Reading the request and *answers* answers to it, by a model or at a stated price."""
    if model is None:
        return Reading(label=what, model=None, cost=usd, time=time, worst_time=time, side=None)
    single_turn(setting, f"the {what} by {member_name(model)}")
    work = setting.side(model).workload
    side = setting.side(model, given(work, answers * work.output_tokens + instruction_tokens, output_tokens))
    return Reading(
        label=f"{what} by {side.id}",
        model=side.id,
        cost=side.cost,
        time=side.time if time is None else time,
        worst_time=side.worst_time if time is None else time,
        side=side,
    )


def given(work: Workload, more_input: Exact, output_tokens: Exact) -> Workload:
    """The same work with something to read on top of each request, and another length of the answer."""
    longest = work.longest_tokens
    return work.with_(
        input_tokens=work.input_tokens + more_input,
        output_tokens=output_tokens,
        longest_tokens=None if longest is None else longest - int(-more_input // 1),
        cached_share=0,  # nobody said that what is read now was in a cache
    )


@attrs.frozen(init=False)
class Check:
    """
    Something that looks at an answer and accepts or rejects it: a schema, a test, a scorer, another model.

    Formula:
        e = (1-p)·(1-fa) + p·fr, the share of answers that it rejects where a share p is right.

    Source:
        FrugalGPT (arXiv 2305.05176) checks with a small trained scorer, AutoMix (arXiv 2310.12963) with a model
        that verifies itself and is often wrong.

    Not to be trusted:
        With rates that were measured on other answers than those of the model that is checked. A model that
        checks itself tends to accept the errors that it makes.

    Attributes:
        usd: What one check costs; state this or *model*. [USD]
        model: The model that checks: it reads the request, the answer and *instruction_tokens*.
        instruction_tokens: What a checking model is told on top, in its own tokens. [tokens]
        output_tokens: What a checking model writes. [tokens]
        false_accept: How often it accepts a wrong answer. [0..1]
        false_reject: How often it rejects a right answer. [0..1]
        escalation_rate: How often it rejects an answer, right or wrong, where that was measured as such; instead of
            the two rates above. The cost is then known without any accuracy, and the quality is not. [0..1]
        time: How long a check takes; None for the response time of *model*, or for unknown. [ms]
    """

    usd: Usd | None = field_of(None, dollars)
    model: Member | None = field_of(None, member)
    instruction_tokens: Exact = field_of(0, mean_tokens)
    output_tokens: Exact = field_of(1, mean_tokens)
    false_accept: Range | None = field_of(None, share)
    false_reject: Range | None = field_of(None, share)
    escalation_rate: Range | None = field_of(None, share)
    time: Range | None = field_of(None, milliseconds)

    def __init__(
        self,
        *,
        usd: Usd | Number | None = None,
        model: Member | None = None,
        instruction_tokens: Number = 0,
        output_tokens: Number = 1,
        false_accept: Share | None = None,
        false_reject: Share | None = None,
        escalation_rate: Share | None = None,
        time: Range | Number | None = None,
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        if (self.usd is None) == (self.model is None):
            raise InvalidValueError(
                f"a check costs usd={self.usd!r} and is made by model={self.model!r}; state one of them, and usd=0 if "
                "it is free."
            )
        rates = (self.false_accept, self.false_reject)
        if (None in rates) == (self.escalation_rate is None) or rates.count(None) == 1:
            raise InvalidValueError(
                f"a check has false_accept={self.false_accept!r}, false_reject={self.false_reject!r} and "
                f"escalation_rate={self.escalation_rate!r}; state the first two, or only the third. "
                "A check that never errs is Check.perfect()."
            )

    @classmethod
    def perfect(cls, usd: Usd | Number = 0, time: Range | Number = 0) -> Check:
        """A check that never errs; free and immediate unless stated. What every real one is held against."""
        return cls(usd=usd, false_accept=0, false_reject=0, time=time)

    @property
    def is_perfect(self) -> bool:
        """Whether it never errs."""
        return self.false_accept == ZERO == self.false_reject

    def reading(self, setting: Setting) -> Reading:
        """What one check takes."""
        return reading_of(
            setting,
            "check",
            usd=self.usd,
            model=self.model,
            answers=1,
            instruction_tokens=self.instruction_tokens,
            output_tokens=self.output_tokens,
            time=self.time,
        )


PERFECT: Final = Check.perfect()


def _check(value: object, what: str) -> Check:
    if isinstance(value, Check):
        return value
    raise InvalidTypeError(f"{what} is {value!r}; expected a Check, such as Check(usd=0, false_accept='5 %', ...).")


def _checks(value: object, what: str) -> tuple[Check, ...]:
    if isinstance(value, Check):
        return (value,)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return tuple(_check(each, what) for each in cast("Iterable[object]", value))
    return (_check(value, what),)


def _when_reached(value: object, what: str) -> tuple[tuple[str, Range], ...]:
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{what} is {value!r}; expected a mapping such as {{'claude-haiku-4.5': '0.60'}}.")
    stated = cast("Mapping[str, Share]", value)
    return tuple((name, share(right, f"{what} of {name}")) for name, right in stated.items())


def _stages(value: object, what: str) -> tuple[Stage, ...]:
    return tuple(stage(each, f"one of the {what} of a cascade") for each in cast("Iterable[object]", value))


def _no_share_of_patterns(hopeless: Range, stages: Iterable[Stage]) -> None:
    """
    Refuse a hopeless share over patterns.

    What a pattern costs hangs on whether the request is hopeless, and its mean cost does not say how much.

    Raises:
        InvalidValueError: There is one, and a stage is a pattern.
    """
    nested = [each.label for each in stages if isinstance(each, Pattern)]
    if nested and hopeless != ZERO:
        raise InvalidValueError(
            f"hopeless is {hopeless} and {nested[0]!r} is a pattern, which costs more for a hopeless request than for "
            "others; by how much its mean cost does not say. State hopeless in that pattern, or leave it out."
        )


@attrs.frozen(init=False, repr=False)
class Cascade(Pattern):
    """
    Ask the cheap model first, check its answer, and ask the next one only where the check says no.

    Conventions: the answer of the last stage is given without a check, since nothing would follow from it. A later
    stage is asked afresh: it does not read what the earlier one wrote.

    Formula:
        cost: sum over k of reach_k·(c_k + v_k) + reach_last·c_last, with reach_1 = 1 and
        reach_{k+1} = reach_k·((1-p_k)·(1-fa_k) + p_k·fr_k);
        right: sum over k of reach_k·p_k·(1-fr_k) + reach_last·p_last.
        With a hopeless share h: h times the same with every p = 0, and (1-h) times the same with p/(1-h).

    Source:
        Chen, Zaharia, Zou, FrugalGPT, arXiv 2305.05176; the hopeless class: AutoMix, arXiv 2310.12963.

    Not to be trusted:
        For quality, where *hopeless* is 0 and no *accuracy_when_reached* is stated: what the first model gets wrong
        is harder than the rest, so the next one is right less often than its mean score says. Measure the second
        model on what reaches it.

    Attributes:
        models: The stages, in the order in which they are asked, 2 or more: models, or patterns in their places.
        check: One check for all stages, or one for each stage but the last.
        hopeless: Share of requests that no stage ever gets right. Where it is a range, what follows holds every
            possible value and may be wider than it must be; without it the ends are reached. [0..1]
        accuracy_when_reached: Share of right answers of later stages on the requests that reach them, by the
            model's name as it stands in *models*; the mean accuracy holds for the others. [0..1]
        name: What tables call it; empty for a name made of the stages.
    """

    models: tuple[Stage, ...] = field_of(attrs.NOTHING, _stages)
    check: tuple[Check, ...] = field_of(attrs.NOTHING, _checks)
    hopeless: Range = field_of(ZERO, share)
    accuracy_when_reached: tuple[tuple[str, Range], ...] = field_of((), _when_reached)
    name: str = field_of("", text)

    def __init__(
        self,
        *models: Stage,
        check: Check | Iterable[Check],
        hopeless: Share = 0,
        accuracy_when_reached: Mapping[str, Share] = {},
        name: str = "",
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        count = len(self.models)
        if not 2 <= count <= MOST_STAGES:
            raise InvalidValueError(
                f"a cascade has from 2 to {MOST_STAGES:,} stages, got {count}: name the models in the order in which "
                "they are asked, Cascade('gpt-4.1-mini', 'claude-haiku-4.5', check=...). For one model say Single(...)."
            )
        if len(self.check) not in {1, count - 1}:
            raise InvalidValueError(
                f"{len(self.check)} checks for {count} stages; state one for all, or one for each stage but the last: "
                f"{count - 1}."
            )
        _no_share_of_patterns(self.hopeless, self.models)
        later = {member_name(each) for each in self.models[1:] if not isinstance(each, Pattern)}
        for name, _ in self.accuracy_when_reached:
            if name not in later:
                raise UnknownNameError("later stage", name, later)
        if self.hopeless != ZERO and self.accuracy_when_reached:
            raise InvalidValueError(
                f"hopeless is {self.hopeless} and accuracy_when_reached is stated: both say how much harder the later "
                "requests are. Keep one of them."
            )
        if self.hopeless != ZERO and any(each.escalation_rate is not None for each in self.check):
            raise InvalidValueError(
                f"hopeless is {self.hopeless} and an escalation_rate is stated, which holds for all requests alike. "
                "Keep one of them."
            )

    @property
    def checks(self) -> tuple[Check, ...]:
        """The check of each stage but the last."""
        return self.check if len(self.check) == len(self.models) - 1 else self.check * (len(self.models) - 1)

    @property
    def members(self) -> tuple[Member, ...]:
        """The models of the stages."""
        return members_of(*self.models)

    @property
    def described(self) -> str:
        """The stages with arrows between them."""
        return " → ".join(stage_name(each) for each in self.models)

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What the cascade costs and how often it is right."""
        reached = dict(self.accuracy_when_reached)
        sides: list[Part] = []
        for index, each in enumerate(self.models):
            side = setting.part(each)
            own = reached.get(stage_name(each)) if index else None
            if own is not None and isinstance(side, Side):
                basis = f"{side.id} is right in {shown_percent(own)} of what reaches it, as the caller states"
                side = attrs.evolve(side, right=own, right_basis=basis)
            sides.append(side)
        told = ["the answer of the last stage is given without a check, and no stage reads what another wrote"]
        if self.hopeless != ZERO:
            told.append(f"{never_right(self.hopeless)}, and on the rest the stages err independently of each other")
        elif len(reached) < len(self.models) - 1:
            told.append(
                "the stages err independently of each other, so a later one is right as often on what reaches it as "
                "on everything; in truth hard requests are hard for both, and quality is overestimated"
            )
        return _ladder(self, setting, sides=sides, checks=self.checks, hopeless=self.hopeless, told=told)

    def escalation_break_even(
        self, workload: Workload | str, *, catalog: Catalog | None = None, as_of: date | str | None = None
    ) -> Exact | None:
        """
        The escalation rate at which a cascade of two stages stops paying; see :func:`escalation_break_even`.

        Args:
            workload, catalog, as_of: As for :meth:`assess`.

        Raises:
            InvalidValueError: The cascade has more than two stages, or one that is a pattern.
        """
        if len(self.models) != 2:
            raise InvalidValueError(
                f"{self.label} has {len(self.models)} stages; the break-even is that of a cascade of two."
            )
        if any(isinstance(each, Pattern) for each in self.models):
            raise InvalidValueError(f"{self.label} has a pattern as a stage; the break-even is that of two models.")
        assessed = self.assess(workload, catalog=catalog, as_of=as_of)
        first, check, second = (line.cost for line in assessed.lines)
        return None if first is None or check is None or second is None else escalation_break_even(first, second, check)

    def __repr__(self) -> str:
        stated = [*(repr(each) for each in self.models)]
        stated.append(f"check={self.check[0]!r}" if len(self.check) == 1 else f"check={self.check!r}")
        if self.hopeless != ZERO:
            stated.append(f"hopeless={self.hopeless!r}")
        if self.accuracy_when_reached:
            stated.append(f"accuracy_when_reached={dict(self.accuracy_when_reached)!r}")
        if self.name:
            stated.append(f"name={self.name!r}")
        return f"Cascade({', '.join(stated)})"


def escalation_break_even(first: Usd, second: Usd, check: Usd) -> Exact | None:
    """
    The escalation rate at which asking the first model first stops paying: above it, ask the second at once.

    >>> escalation_break_even(Usd("0.00032"), Usd("0.00095"), Usd("0.00002"))
    Fraction(61, 95)

    Formula:
        e* = 1 - (c_1 + v)/c_2, where c_1 + v + e·c_2 = c_2. Negative where it never pays, not even if nothing
        is escalated; None where the second model is free.

    Source:
        FrugalGPT, arXiv 2305.05176: the cascade of two stages against its second stage alone.

    Not to be trusted:
        Alone: it compares costs and not answers. Below e* the cascade is cheaper, and may be worse.

    Args:
        first, second: What one request costs on each model. [USD]
        check: What one check costs. [USD]
    """
    for what, amount in (("first", first), ("second", second), ("check", check)):
        if not isinstance(amount, Usd):
            raise InvalidTypeError(f"{what} is {amount!r}; expected an amount such as Usd('0.00032').")
    return None if not second else 1 - (first + check) / second if (first + check) != second else 0


@attrs.frozen(init=False)
class Retries(Pattern):
    """
    Ask one model, or go through one pattern, again until a check accepts, a few times at most.

    Conventions: *times* counts all tries, the first included. The last try is not checked, since nothing would
    follow from it, and its answer is given. So this is a cascade of the same model. q is the failure rate of the
    requests that are not hopeless: from the accuracy p of all, q = 1 - p/(1-h).

    Formula:
        With a free check that never errs: h·n·c + (1-h)·c·(1-q^n)/(1-q), and (1-h)·(1-q^n) are right. With a
        real one q is what the check rejects, and each check before the last try costs v.

    Source:
        The geometric series; the hopeless class: AutoMix, arXiv 2310.12963.

    Not to be trusted:
        With ``hopeless=0``: a request that failed once is more likely to fail again, so retries cost more and
        help less than independent tries would. Measure how often the n-th try of the same request succeeds.

    Attributes:
        model: The model, or a pattern in its place.
        times: Tries at most; 1 or more.
        hopeless: Share of requests that it never gets right; a range as for :class:`Cascade`. [0..1]
        check: What notices that an answer is wrong; a free and perfect check if nothing is said.
        name: What tables call it; empty for a name made of the fields.
    """

    model: Stage = field_of(attrs.NOTHING, stage)
    times: int = field_of(attrs.NOTHING, lambda value, what: whole(value, what, 1, MOST_STAGES))
    hopeless: Range = field_of(ZERO, share)
    check: Check = field_of(PERFECT, _check)
    name: str = field_of("", text)

    def __init__(
        self,
        model: Stage,
        *,
        times: int,
        hopeless: Share = 0,
        check: Check = PERFECT,
        name: str = "",
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        _no_share_of_patterns(self.hopeless, [self.model])
        if self.hopeless != ZERO and self.check.escalation_rate is not None:
            raise InvalidValueError(
                f"hopeless is {self.hopeless} and an escalation_rate is stated, which holds for all requests alike. "
                "Keep one of them."
            )

    @property
    def members(self) -> tuple[Member, ...]:
        """The model, or those of the pattern."""
        return members_of(self.model)

    @property
    def described(self) -> str:
        """The model and the number of tries."""
        return f"{stage_name(self.model)}, up to {self.times} tries"

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What the tries cost and how often they end well."""
        told = ["the answer of the last try is given without a check"] if self.times > 1 else []
        if self.times > 1 and self.check.is_perfect:
            told.append("the check never errs: every wrong answer is noticed, and no right one is thrown away")
        if self.times > 1:
            which = "tries" if self.hopeless == ZERO else f"{never_right(self.hopeless)}, and tries of the rest"
            told.append(
                f"{which} are independent of each other; in truth a request that failed once is more likely "
                "to fail again"
            )
        side = setting.part(self.model)
        checks = (self.check,) * (self.times - 1)
        return _ladder(self, setting, sides=[side] * self.times, checks=checks, hopeless=self.hopeless, told=told)


def _ladder(
    pattern: Pattern,
    setting: Setting,
    *,
    sides: list[Part],
    checks: tuple[Check, ...],
    hopeless: Range,
    told: list[str],
) -> PatternAssessment:
    """Stages one after the other, all but the last checked."""
    for side in sides:
        consistent(hopeless, side)
    readings = {check: check.reading(setting) for check in dict.fromkeys(checks)}
    read = [readings[check] for check in checks]
    is_talk = setting.workload.turns > 1
    rungs: list[Rung] = []
    for index, side in enumerate(sides):
        if index == len(checks):
            time = None if is_talk else side.time
            rungs.append(Rung(cost=side.spent, right=side.right, time=time))
            continue
        check, reading = checks[index], read[index]
        rungs.append(
            Rung(
                cost=added([side.spent, None if reading.cost is None else usd_range(reading.cost)], "USD"),
                right=side.right,
                false_accept=check.false_accept or ZERO,
                false_reject=check.false_reject or ZERO,
                escalated=check.escalation_rate,
                time=None if is_talk else added([side.time, reading.time], "ms"),
            )
        )
    found = climb(rungs, hopeless, in_dollars(setting.workload.error_cost))
    readers = [reading.side for reading in readings.values() if reading.side is not None]
    steps = [*(side.worst for side in sides), *(reading.cost for reading in read)]
    worst_times = [*(side.worst_time for side in sides), *(reading.worst_time for reading in read)]
    missing = _missing(sides, checks, found)
    if is_talk and len(sides) > 1:
        missing.append(Unknown(f"response time: who talks for {setting.workload.turns} turns waits for people, too"))
        told = [*told, "a conversation is checked and held again as a whole"]
    elif found.time is None:
        missing += [Unknown(f"response time of {side.id}") for side in sides if side.time is None]
        missing += [
            Unknown(f"time of a {reading.label}: state Check(time=...)") for reading in read if reading.time is None
        ]
    told = [*dict.fromkeys(side.right_basis for side in sides if side.right is not None), *told]
    return answer(
        pattern,
        setting,
        [*sides, *readers],
        lines=_lines(sides, read, found),
        cost=found.cost,
        least=together([sides[0].least, *(reading.cost for reading in read[:1])]),
        worst=together(steps),
        right=found.right,
        with_errors=found.with_errors,
        time=found.time,
        worst_time=None if is_talk else added(worst_times, "ms"),
        assumptions=told,
        unknowns=missing,
    )


def _missing(sides: list[Part], checks: tuple[Check, ...], found: Climb) -> list[Unknown]:
    missing = [Unknown(side.right_basis) for side in sides if side.right is None and found.right is None]
    if any(check.escalation_rate is not None for check in checks):
        missing.append(Unknown("quality: of a check that states only its escalation_rate nobody knows what it accepts"))
    return missing


def _lines(sides: list[Part], read: list[Reading], found: Climb) -> list[Line]:
    lines: list[Line] = []
    same = len({side.id for side in sides}) < len(sides)
    for index, side in enumerate(sides):
        which = f"{side.id}, try {index + 1}" if same else side.id
        times = found.reached[index]
        lines += side.steps(which, times)
        if index < len(read):
            reading = read[index]
            lines.append(Line(label=reading.label, model=reading.model, times=times, cost=reading.cost))
    return lines
