"""Asking several times at once, or having an answer reviewed: best-of-n, self-consistency, draft and review."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb
from typing import Final, Literal

import attrs

from llm_tradeoffs._edges import init_with
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import Unknown
from llm_tradeoffs.money import Exact, Number, Usd, plain
from llm_tradeoffs.patterns._base import (
    Line,
    Nested,
    Part,
    Pattern,
    PatternAssessment,
    Setting,
    Stage,
    answer,
    members_of,
    quality_of,
    single_turn,
    stage,
    stage_name,
    time_unknown,
    together,
)
from llm_tradeoffs.patterns._stages import (
    Reading,
    consistent,
    dollars,
    given,
    mean_tokens,
    milliseconds,
    never_right,
    reading_of,
)
from llm_tradeoffs.patterns._values import (
    ONE,
    ZERO,
    Member,
    Share,
    added,
    field_of,
    member,
    member_name,
    multiplied,
    share,
    text,
    usd_range,
    whole,
)
from llm_tradeoffs.ranges import Range

__all__ = ["BestOfN", "DraftThenReview", "Judge", "SelfConsistency", "WrongAnswers"]

MOST_SAMPLES: Final = 1_000
WRONG_ANSWERS: Final = ("agree", "scatter", "unknown")
WrongAnswers = Literal["agree", "scatter", "unknown"]


def _sample_count(value: object, what: str) -> int:
    return whole(value, what, 1, MOST_SAMPLES)


def _several(right: Range, hopeless: Range, count: int, chance: Callable[[Exact, int], Exact]) -> Range:
    """(1-h)·chance(p/(1-h), n) over both intervals, for a chance that never falls as p rises."""
    found: list[Fraction] = []
    # Which way it goes with h depends on the chance, so each end takes the accuracy of one h and the weight of any.
    for end, among in ((right.low, hopeless.low), (right.high, hopeless.high)):
        rest = Fraction(end) / (1 - among) if among < 1 else Fraction(0)
        found += [(1 - weight) * Fraction(chance(plain(rest), count)) for weight in (hopeless.low, hopeless.high)]
    return Range(min(found), max(found))


@attrs.frozen(init=False)
class Judge:
    """
    What picks one of several answers: a test suite, a reward model, another model that reads them all.

    Attributes:
        usd: What picking once costs; state this or *model*. [USD]
        model: The model that picks: it reads the request, all answers and *instruction_tokens*.
        instruction_tokens: What a judging model is told on top, in its own tokens. [tokens]
        output_tokens: What a judging model writes. [tokens]
        picks_right: How often it picks a right answer where at least one is right; None if unknown. [0..1]
        time: How long it takes; None for the response time of *model*, or for unknown. [ms]
    """

    usd: Usd | None = field_of(None, dollars)
    model: Member | None = field_of(None, member)
    instruction_tokens: Exact = field_of(0, mean_tokens)
    output_tokens: Exact = field_of(1, mean_tokens)
    picks_right: Range | None = field_of(None, share)
    time: Range | None = field_of(None, milliseconds)

    def __init__(
        self,
        *,
        usd: Usd | Number | None = None,
        model: Member | None = None,
        instruction_tokens: Number = 0,
        output_tokens: Number = 1,
        picks_right: Share | None = None,
        time: Range | Number | None = None,
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        if (self.usd is None) == (self.model is None):
            raise InvalidValueError(
                f"a judge costs usd={self.usd!r} and is model={self.model!r}; state one of them, usd=0 if it is free."
            )

    @classmethod
    def perfect(cls, usd: Usd | Number = 0, time: Range | Number = 0) -> Judge:
        """A judge that finds a right answer whenever there is one; free and immediate unless stated."""
        return cls(usd=usd, picks_right=1, time=time)

    def reading(self, setting: Setting, answers: int) -> Reading:
        """What picking one of *answers* takes."""
        return reading_of(
            setting,
            "judge",
            usd=self.usd,
            model=self.model,
            answers=answers,
            instruction_tokens=self.instruction_tokens,
            output_tokens=self.output_tokens,
            time=self.time,
        )


def _judge(value: object, what: str) -> Judge:
    if isinstance(value, Judge):
        return value
    raise InvalidTypeError(f"{what} is {value!r}; expected a Judge, such as Judge(usd=0, picks_right='90 %').")


def _independent(hopeless: Range) -> str:
    """What is assumed about several answers to one request."""
    which = "the answers are" if hopeless == ZERO else f"{never_right(hopeless)}, and answers to the rest are"
    return f"{which} right independently of each other; in truth a model repeats its errors"


def _in_parallel(setting: Setting, side: Part, what: str) -> tuple[list[str], list[Unknown]]:
    """What to say about the time of several answers to one request."""
    if setting.workload.turns > 1:
        return [], [Unknown(f"response time: who talks for {setting.workload.turns} turns waits for people, too")]
    if isinstance(side, Nested):
        return [], [Unknown(f"response time: the slowest of several times through {side.id}, which go their own ways")]
    return [f"{what} at the same time, each within the stated range of times"], time_unknown(side)


def _time_of_one(setting: Setting, side: Part) -> Range | None:
    """Time of several answers that are asked for at the same time; None if it is not known."""
    return None if setting.workload.turns > 1 or isinstance(side, Nested) else side.time


def _times(amount: Range | None, count: int) -> Range | None:
    return None if amount is None else amount * count


@attrs.frozen(init=False)
class BestOfN(Pattern):
    """
    Ask n times at once and let a judge pick.

    Convention: with n = 1 there is nothing to pick, and the judge is not asked.

    Formula:
        cost: n·c + v; right: (1-h)·(1-q^n)·s with q = 1 - p/(1-h) and s how often the judge picks a right answer
        where there is one.

    Source:
        Coverage 1-(1-p)^n and its limits: Brown et al., Large Language Monkeys, arXiv 2407.21787.

    Not to be trusted:
        With ``hopeless=0`` and p over a whole benchmark: samples of one model repeat its errors, and coverage grows
        much more slowly than 1-(1-p)^n. Nor with a judge that was measured on fewer answers: s falls as n grows.

    Attributes:
        model: The model, or a pattern in its place.
        n: How often it is asked.
        judge: What picks.
        hopeless: Share of requests that it never gets right. [0..1]
        name: What tables call it; empty for a name made of the fields.
    """

    model: Stage = field_of(attrs.NOTHING, stage)
    n: int = field_of(attrs.NOTHING, _sample_count)
    judge: Judge = field_of(attrs.NOTHING, _judge)
    hopeless: Range = field_of(ZERO, share)
    name: str = field_of("", text)

    def __init__(self, model: Stage, *, n: int, judge: Judge, hopeless: Share = 0, name: str = "") -> None:
        init_with(self, locals())

    @property
    def members(self) -> tuple[Member, ...]:
        """The model, or those of the pattern."""
        return members_of(self.model)

    @property
    def described(self) -> str:
        """The model and how often it is asked."""
        return f"{stage_name(self.model)}, best of {self.n}"

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What n answers and the judge cost, and how often the pick is right."""
        side = setting.part(self.model)
        consistent(self.hopeless, side)
        told, missing = quality_of(side)
        lines = side.steps(side.id, Range(self.n))
        sides: list[Part] = [side]
        picked: Range | None = ONE
        judged: Reading | None = None
        if self.n > 1:
            judged = self.judge.reading(setting, self.n)
            lines.append(Line(label=judged.label, model=judged.model, times=ONE, cost=judged.cost))
            sides += [] if judged.side is None else [judged.side]
            picked = self.judge.picks_right
            told.append(_independent(self.hopeless))
            told.append("the input is billed with every answer")
            if picked is None:
                missing.append(Unknown("how often the judge picks a right answer: state Judge(picks_right=...)"))
            if judged.time is None and setting.workload.turns == 1:
                missing.append(Unknown("time of the judge: state Judge(time=...)"))
        right = None
        if side.right is not None:
            covered = _several(side.right, self.hopeless, self.n, _covered)
            right = None if picked is None else multiplied(covered, picked)
        notes, unknown_time = _in_parallel(setting, side, "all answers are asked for")
        judging = [judged.cost] if judged else []
        total = added(
            [_times(side.spent, self.n), *(None if each is None else usd_range(each) for each in judging)], "USD"
        )
        time, worst_time = _time_of_one(setting, side), None if setting.workload.turns > 1 else side.worst_time
        return answer(
            self,
            setting,
            sides,
            lines=lines,
            cost=total,
            least=together([*[side.least] * self.n, *judging]),
            worst=together([*[side.worst] * self.n, *judging]),
            right=right,
            time=added([time, *([judged.time] if judged else [])], "ms"),
            worst_time=added([worst_time, *([judged.worst_time] if judged else [])], "ms"),
            assumptions=[*told, *notes],
            unknowns=[*missing, *unknown_time],
        )


def _covered(right: Exact, count: int) -> Exact:
    """How often at least one of *count* answers is right."""
    return plain(1 - Fraction(1 - right) ** count)


@attrs.frozen(init=False)
class SelfConsistency(Pattern):
    """
    Ask n times at once and give the answer that comes most often.

    Conventions: ties are broken by chance among the answers that tie; counting votes costs nothing.

    Formula:
        cost: n·c. Right, with X right answers of n, each right with probability p:
        where all wrong answers agree: P(X > n/2) + P(X = n/2)/2;
        where no two of them agree: P(X >= 2) + P(X = 1)/n.
        Every other way in which wrong answers fall lies between, so what is not stated gives the range of both.
        With a hopeless share h: (1-h) times the same with p/(1-h).

    Source:
        Wang et al., Self-Consistency, arXiv 2203.11171; the first case is Condorcet's jury theorem.

    Not to be trusted:
        For text that cannot be compared, where no two answers are the same. With p over a whole benchmark: on a
        question with p below one half a majority makes things worse where wrong answers agree, and the mean of
        the questions is not the question of the mean.

    Attributes:
        model: The model, or a pattern in its place.
        n: How often it is asked.
        wrong_answers: ``"agree"``, ``"scatter"``, or ``"unknown"`` for anything between.
        hopeless: Share of requests that it never gets right. [0..1]
        name: What tables call it; empty for a name made of the fields.
    """

    model: Stage = field_of(attrs.NOTHING, stage)
    n: int = field_of(attrs.NOTHING, _sample_count)
    wrong_answers: WrongAnswers = "unknown"
    hopeless: Range = field_of(ZERO, share)
    name: str = field_of("", text)

    def __init__(
        self, model: Stage, *, n: int, wrong_answers: WrongAnswers = "unknown", hopeless: Share = 0, name: str = ""
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        if self.wrong_answers not in WRONG_ANSWERS:
            raise UnknownNameError("way in which wrong answers fall", self.wrong_answers, WRONG_ANSWERS)

    @property
    def members(self) -> tuple[Member, ...]:
        """The model, or those of the pattern."""
        return members_of(self.model)

    @property
    def described(self) -> str:
        """The model and how often it is asked."""
        return f"{stage_name(self.model)}, majority of {self.n}"

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What n answers cost, and how often the majority is right."""
        side = setting.part(self.model)
        consistent(self.hopeless, side)
        told, missing = quality_of(side)
        if self.n > 1:
            told.append(_independent(self.hopeless))
            told.append("the input is billed with every answer")
            told.append(
                "how wrong answers fall is not stated: between all of them agreeing and no two of them"
                if self.wrong_answers == "unknown"
                else "all wrong answers agree"
                if self.wrong_answers == "agree"
                else "no two wrong answers agree"
            )
        right = None
        if side.right is not None:
            ways = {"agree": [_outvoted], "scatter": [_plurality], "unknown": [_outvoted, _plurality]}
            found = [_several(side.right, self.hopeless, self.n, way) for way in ways[self.wrong_answers]]
            right = Range(found[0].low, found[-1].high)
        notes, unknown_time = _in_parallel(setting, side, "all answers are asked for")
        return answer(
            self,
            setting,
            [side],
            lines=side.steps(side.id, Range(self.n)),
            cost=_times(side.spent, self.n),
            least=together([side.least] * self.n),
            worst=together([side.worst] * self.n),
            right=right,
            time=_time_of_one(setting, side),
            worst_time=None if setting.workload.turns > 1 else side.worst_time,
            assumptions=[*told, *notes],
            unknowns=[*missing, *unknown_time],
        )


def _exactly(right: Exact, count: int, hits: int) -> Fraction:
    """P(X = hits) for a binomial X."""
    return comb(count, hits) * Fraction(right) ** hits * Fraction(1 - right) ** (count - hits)


def _outvoted(right: Exact, count: int) -> Exact:
    """How often the vote is right where all wrong answers agree."""
    won = sum((_exactly(right, count, hits) for hits in range(count // 2 + 1, count + 1)), Fraction(0))
    tied = Fraction(0) if count % 2 else _exactly(right, count, count // 2) / 2
    return plain(won + tied)


def _plurality(right: Exact, count: int) -> Exact:
    """How often the vote is right where no two wrong answers agree."""
    return plain(1 - _exactly(right, count, 0) - _exactly(right, count, 1) * (1 - Fraction(1, count)))


@attrs.frozen(init=False)
class DraftThenReview(Pattern):
    """
    One model, or a pattern, drafts, another reads the request and the draft and writes what is given.

    Formula:
        cost: c_draft + c_review, where the review reads i + o + its instructions and writes *output_tokens*;
        right: p·(1-breaks) + (1-p)·fixes, where p is the drafter's accuracy.

    Source:
        Expected value over the two answers that a draft can be.

    Not to be trusted:
        With *fixes* and *breaks* from another drafter: a reviewer finds the errors that it would not make itself.

    Attributes:
        drafter: The model, or a pattern in its place.
        reviewer: The model that reviews.
        fixes: How often a wrong draft ends right; None if unknown. [0..1]
        breaks: How often a right draft ends wrong; None if unknown. [0..1]
        instruction_tokens: What the reviewer is told on top, in its own tokens. [tokens]
        output_tokens: What the reviewer writes; None for as long an answer as the draft. [tokens]
        name: What tables call it; empty for a name made of the models.
    """

    drafter: Stage = field_of(attrs.NOTHING, stage)
    reviewer: Member = field_of(attrs.NOTHING, member)
    fixes: Range | None = field_of(None, share)
    breaks: Range | None = field_of(None, share)
    instruction_tokens: Exact = field_of(0, mean_tokens)
    output_tokens: Exact | None = field_of(None, mean_tokens)
    name: str = field_of("", text)

    def __init__(
        self,
        drafter: Stage,
        reviewer: Member,
        *,
        fixes: Share | None = None,
        breaks: Share | None = None,
        instruction_tokens: Number = 0,
        output_tokens: Number | None = None,
        name: str = "",
    ) -> None:
        init_with(self, locals())

    @property
    def members(self) -> tuple[Member, ...]:
        """The drafter, or the models of its pattern, and the reviewer."""
        return members_of(self.drafter, self.reviewer)

    @property
    def described(self) -> str:
        """Who drafts and who reviews."""
        return f"{stage_name(self.drafter)}, reviewed by {member_name(self.reviewer)}"

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What the draft and its review cost, and how often the outcome is right."""
        single_turn(setting, "a review")
        draft = setting.part(self.drafter)
        work = setting.side(self.reviewer).workload
        writes = work.output_tokens if self.output_tokens is None else self.output_tokens
        review = setting.side(self.reviewer, given(work, work.output_tokens + self.instruction_tokens, writes))
        told, missing = quality_of(draft)
        told.append("every draft is reviewed, and the reviewer's text is what is given")
        right = None
        if self.fixes is None or self.breaks is None:
            missing.append(Unknown("what the review does to quality: state fixes=... and breaks=..."))
        elif draft.right is not None:
            # Linear in each of the three, so the ends are among the corners.
            corners = [
                p * (1 - breaks) + (1 - p) * fixes
                for p in (draft.right.low, draft.right.high)
                for breaks in (self.breaks.low, self.breaks.high)
                for fixes in (self.fixes.low, self.fixes.high)
            ]
            right = Range(min(corners), max(corners))
        return answer(
            self,
            setting,
            [draft, review],
            lines=[
                *draft.steps(f"draft by {draft.id}", ONE),
                Line(label=f"review by {review.id}", model=review.id, times=ONE, cost=review.cost),
            ],
            cost=added([draft.spent, review.spent], "USD"),
            least=together([draft.least, review.least]),
            worst=together([draft.worst, review.worst]),
            right=right,
            time=added([draft.time, review.time], "ms"),
            worst_time=added([draft.worst_time, review.worst_time], "ms"),
            assumptions=told,
            unknowns=[*missing, *time_unknown(draft), *time_unknown(review)],
        )
