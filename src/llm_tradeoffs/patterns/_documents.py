"""Work that is taken apart: long documents in chunks, and requests that may wait for a batch."""

from __future__ import annotations

import attrs

from llm_tradeoffs._edges import init_with
from llm_tradeoffs.errors import InvalidValueError
from llm_tradeoffs.facts import Unknown
from llm_tradeoffs.latency import latency
from llm_tradeoffs.money import Exact, Number, exact_text, plain
from llm_tradeoffs.patterns._base import (
    Line,
    Pattern,
    PatternAssessment,
    Setting,
    Side,
    answer,
    quality_of,
    single_turn,
    time_unknown,
    together,
)
from llm_tradeoffs.patterns._runs import Run, parts, priced
from llm_tradeoffs.patterns._stages import mean_tokens
from llm_tradeoffs.patterns._values import (
    ZERO,
    Member,
    Share,
    added,
    field_of,
    member,
    member_name,
    share,
    spread,
    text,
    usd_range,
    whole,
)
from llm_tradeoffs.ranges import Range

__all__ = ["BatchShare", "MapReduce"]


def _at_least_one(value: object, what: str) -> int:
    return whole(value, what, 1)


def _at_least_two(value: object, what: str) -> int:
    return whole(value, what, 2)


@attrs.frozen(init=False)
class MapReduce(Pattern):
    """
    Cut a long document into chunks that overlap, ask about each, and ask once more for one answer to all.

    The document is the workload's ``input_tokens`` without its ``instruction_tokens``, which go with every call.
    Conventions: every chunk but the last is full; a document that fits into one chunk is answered at once, without
    a second step. The alternative, one call to a model with a large window, is :class:`Single`: it is billed at the
    prices of its length.

    Formula:
        n = 1 + ceil((D - L)/(L - v)) chunks of L tokens with v in common, of a document of D > L tokens.
        Map: D + (n-1)·v + n·s in, n·m out. Reduce: n·m + s in, o out; with *fan_in* f in several levels, each of
        which turns f partial answers into one of m tokens.

    Source:
        The geometry of chunks, as for ``Assessment.context``.

    Not to be trusted:
        For quality: an answer made of parts is not the answer to the whole, and what spans two chunks is lost.
        State *right_share* if you measured it. The number of chunks is that of a document of mean length.

    Attributes:
        mapper: The model that reads the chunks.
        chunk_tokens: Length of a chunk, without instructions. [tokens]
        overlap_tokens: What neighbouring chunks have in common. [tokens]
        reducer: The model that joins the partial answers; None for *mapper*.
        partial_tokens: Length of a partial answer; None for that of the final one. [tokens]
        fan_in: How many partial answers one call joins; None for all at once.
        right_share: Share of documents that end with a right answer; None if unknown. [0..1]
        name: What tables call it; empty for a name made of the fields.
    """

    mapper: Member = field_of(attrs.NOTHING, member)
    chunk_tokens: int = field_of(attrs.NOTHING, _at_least_one)
    overlap_tokens: int = field_of(0, whole)
    reducer: Member | None = field_of(None, member)
    partial_tokens: Exact | None = field_of(None, mean_tokens)
    fan_in: int | None = field_of(None, _at_least_two)
    right_share: Range | None = field_of(None, share)
    name: str = field_of("", text)

    def __init__(
        self,
        mapper: Member,
        *,
        chunk_tokens: int,
        overlap_tokens: int = 0,
        reducer: Member | None = None,
        partial_tokens: Number | None = None,
        fan_in: int | None = None,
        right_share: Share | None = None,
        name: str = "",
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        if self.overlap_tokens >= self.chunk_tokens:
            raise InvalidValueError(
                f"overlap_tokens is {self.overlap_tokens} and chunk_tokens is {self.chunk_tokens}; chunks that only "
                "repeat each other never reach the end. Take a smaller overlap."
            )

    @property
    def members(self) -> tuple[Member, ...]:
        """The mapper, and the reducer where that is another model."""
        return (self.mapper,) if self.reducer is None else (self.mapper, self.reducer)

    @property
    def described(self) -> str:
        """The model and its chunks."""
        by = "" if self.reducer is None else f", joined by {member_name(self.reducer)}"
        return f"{member_name(self.mapper)}, chunks of {self.chunk_tokens:,}{by}"

    def chunks(self, document_tokens: Exact) -> int:
        """How many chunks a document of that length takes. [tokens]"""
        beyond = document_tokens - self.chunk_tokens
        return 1 if beyond <= 0 else 1 + int(-(-beyond // (self.chunk_tokens - self.overlap_tokens)))

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What one document costs in chunks."""
        single_turn(setting, "a document in chunks")
        reads, joins = setting.side(self.mapper), setting.side(self.reducer or self.mapper)
        work = reads.workload
        document = plain(work.input_tokens - work.instruction_tokens)
        if document < 0:
            raise InvalidValueError(
                f"instruction_tokens is {work.instruction_tokens}, more than input_tokens, of which they are a part: "
                f"{exact_text(work.input_tokens)}."
            )
        count = self.chunks(document)
        partial = work.output_tokens if count == 1 or self.partial_tokens is None else self.partial_tokens
        cached, instructions = work.cached_share, work.instruction_tokens
        last = document - (count - 1) * (self.chunk_tokens - self.overlap_tokens)
        kinds = [("last chunk", reads, Run(1, parts(plain(last + instructions), partial, cached)))]
        if count > 1:
            kinds.insert(0, ("full chunk", reads, Run(1, parts(self.chunk_tokens + instructions, partial, cached))))
        times = [1] if count == 1 else [count - 1, 1]
        levels = self._levels(joins, count, partial)
        for level in levels:
            for calls, run in level:
                kinds.append(("join", joins, run))
                times.append(calls)
        lines: list[Line] = []
        missing: list[Unknown] = []
        fits: set[bool | None] = set()
        for (label, side, run), often in zip(kinds, times, strict=True):
            cost, unpriced = priced(side.model, [run], work)
            missing += unpriced
            lines.append(Line(label=f"{label}, {side.id}", model=side.id, times=Range(often), cost=cost))
            window = side.model.context_window
            fits.add(None if window is None else run.longest + run.first.get("output_tokens", 0) <= window)
        total = together(
            [None if line.cost is None else line.cost * often for line, often in zip(lines, times, strict=True)]
        )
        told, unknown_quality = quality_of(reads)
        right = reads.right
        if count > 1:
            right = self.right_share
            told = ["chunks are read at the same time, and so are the parts that one level joins"]
            if right is None:
                unknown_quality = [Unknown("how often an answer made of parts is right: state right_share=...")]
        return answer(
            self,
            setting,
            [reads] if count == 1 else [reads, joins],
            lines=lines,
            cost=None if total is None else usd_range(total),
            least=total,
            worst=total,
            right=right,
            time=self._time(reads, joins, partial, levels, worst=False),
            worst_time=self._time(reads, joins, partial, levels, worst=True),
            fits=False if False in fits else None if None in fits else True,
            assumptions=told,
            unknowns=[
                *missing,
                *(unknown_quality if right is None else []),
                *time_unknown(reads),
                *time_unknown(joins),
            ],
        )

    def _levels(self, joins: Side, count: int, partial: Exact) -> list[list[tuple[int, Run]]]:
        """The calls that join, level by level: how many of each kind."""
        work = joins.workload
        levels: list[list[tuple[int, Run]]] = []

        def call(answers: int, writes: Exact) -> Run:
            return Run(1, parts(plain(answers * partial + work.instruction_tokens), writes, 0))

        while count > 1:
            if self.fan_in is None or count <= self.fan_in:
                levels.append([(1, call(count, work.output_tokens))])
                break
            full, rest = divmod(count, self.fan_in)
            level = [(full, call(self.fan_in, partial))]
            if rest > 1:  # a partial answer that is alone waits for the next level
                level.append((1, call(rest, partial)))
            levels.append(level)
            count = full + (1 if rest else 0)
        return levels

    def _time(
        self, reads: Side, joins: Side, partial: Exact, levels: list[list[tuple[int, Run]]], *, worst: bool
    ) -> Range | None:
        """The chunks, then level after level, each as long as its longest call may take."""
        spans = [latency(reads.model, partial)]
        spans += [latency(joins.model, level[0][1].first.get("output_tokens", 0)) for level in levels]
        return added([span.total_at_any_speed if worst else span.total for span in spans], "ms")


@attrs.frozen(init=False)
class BatchShare(Pattern):
    """
    A share of the requests waits for the batch service, the rest is answered at once.

    Formula:
        (1-b)·C_standard + b·C_batch.

    Source:
        Prices of the batch tier are the provider's own in the catalog.

    Not to be trusted:
        For latency: a batch is promised within hours and not within a time that is known.

    Attributes:
        model: The model.
        share: Share of the requests that wait; in place of the workload's ``batch_share``. [0..1]
        name: What tables call it; empty for a name made of the fields.
    """

    model: Member = field_of(attrs.NOTHING, member)
    share: Range = field_of(attrs.NOTHING, share)
    name: str = field_of("", text)

    def __init__(self, model: Member, share: Share, *, name: str = "") -> None:
        init_with(self, locals())

    @property
    def members(self) -> tuple[Member, ...]:
        """The model."""
        return (self.model,)

    @property
    def described(self) -> str:
        """The model and the share."""
        ends = dict.fromkeys(exact_text(plain(end * 100)) for end in (self.share.low, self.share.high))
        return f"{member_name(self.model)}, {'-'.join(ends)} % in batches"

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What the requests cost in the mean, some of them in a batch."""
        work = setting.side(self.model).workload
        now, later = (setting.side(self.model, work.with_(batch_share=part)) for part in (0, 1))
        told, missing = quality_of(now)
        ways = [
            (side, label, times)
            for side, label, times in (
                (now, "at once", Range(1 - self.share.high, 1 - self.share.low)),
                (later, "in a batch", self.share),
            )
            if times != ZERO
        ]
        costs = [side.cost for side, _, _ in ways]
        known = [cost for cost in costs if cost is not None]
        cost = None
        if len(known) == len(costs):
            dear, cheap = known[0].as_fraction(), known[-1].as_fraction()
            cost = spread([(1 - b) * dear + b * cheap for b in (self.share.low, self.share.high)], "USD")
        waits = self.share != ZERO
        if waits:
            missing.append(Unknown("response time of what waits for a batch"))
        else:
            missing += time_unknown(now)
        return answer(
            self,
            setting,
            [side for side, _, _ in ways],
            lines=[
                Line(label=f"{side.id}, {label}", model=side.id, times=times, cost=side.cost)
                for side, label, times in ways
            ],
            cost=cost,
            least=min(known) if cost is not None else None,
            worst=max(known) if cost is not None else None,
            right=now.right,
            time=None if waits else now.time,
            worst_time=None if waits else now.worst_time,
            assumptions=told,
            unknowns=missing,
        )
