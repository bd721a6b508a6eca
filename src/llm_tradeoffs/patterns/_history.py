"""What a conversation sends again: all of it, the last of it, a summary of it, or what a cache holds."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from llm_tradeoffs._edges import init_with
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.costing import resolve_model
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import Unknown
from llm_tradeoffs.money import Exact, Number, Usd, divide, exact, exact_text, grouped, plain
from llm_tradeoffs.patterns._base import (
    Line,
    Pattern,
    PatternAssessment,
    Setting,
    Side,
    answer,
    quality_of,
    time_unknown,
    together,
)
from llm_tradeoffs.patterns._runs import Run, parts, priced
from llm_tradeoffs.patterns._stages import mean_tokens
from llm_tradeoffs.patterns._values import (
    ONE,
    ZERO,
    Member,
    Share,
    field_of,
    member,
    member_name,
    multiplied,
    share,
    spread,
    text,
    usd_range,
    whole,
)
from llm_tradeoffs.ranges import Range

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["Conversation", "PromptCaching", "reads_to_win_back"]

LIFETIMES: Final[dict[str, int]] = {"5m": 5, "1h": 60}
"""How long a cache lives after it was last used, by what it is sold as. [min]"""


def _at_least_one(value: object, what: str) -> int:
    return whole(value, what, 1)


@attrs.frozen(init=False)
class Conversation(Pattern):
    """
    A conversation whose history is sent again whole, cut to its end, or summarised now and then.

    Conventions: a turn is the workload's ``input_tokens`` in and ``output_tokens`` out; the history of turn k is
    the k-1 turns before it. A summary takes the place of the whole history, the summary before it included; it is
    written after every *summarise_every* turns if another turn follows.

    Formula:
        turn k sends i + H_k with H_k = (k-1)·(i+o) re-sent; min(k-1, t)·(i+o) for the last t turns;
        min((k-1)·(i+o), T) for the last T tokens; S + r·(i+o) after a summary of S tokens and r turns since.
        A summary reads what would have been sent as history, and its instructions, and writes S.

    Source:
        The geometry of chat APIs without a memory.

    Not to be trusted:
        For quality, once something is left out: what a model does not see it cannot use, and nobody has a number
        for that but you. State *right_share* if you measured it.

    Attributes:
        model: The model that talks.
        last_turns: How many turns of history are sent at most; None for no such limit.
        last_tokens: How many tokens of history are sent at most; None for no such limit. [tokens]
        summarise_every: After how many turns the history is summarised; None for never.
        summary_tokens: Length of a summary. [tokens]
        summary_model: Who writes it; None for *model*.
        summary_instruction_tokens: What it is told on top. [tokens]
        right_share: Share of conversations that end right, where history is left out; None if unknown. [0..1]
        name: What tables call it; empty for a name made of the fields.
    """

    model: Member = field_of(attrs.NOTHING, member)
    last_turns: int | None = field_of(None, whole)
    last_tokens: int | None = field_of(None, whole)
    summarise_every: int | None = field_of(None, _at_least_one)
    summary_tokens: Exact | None = field_of(None, mean_tokens)
    summary_model: Member | None = field_of(None, member)
    summary_instruction_tokens: Exact = field_of(0, mean_tokens)
    right_share: Range | None = field_of(None, share)
    name: str = field_of("", text)

    def __init__(
        self,
        model: Member,
        *,
        last_turns: int | None = None,
        last_tokens: int | None = None,
        summarise_every: int | None = None,
        summary_tokens: Number | None = None,
        summary_model: Member | None = None,
        summary_instruction_tokens: Number = 0,
        right_share: Share | None = None,
        name: str = "",
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        ways = {
            "last_turns": self.last_turns,
            "last_tokens": self.last_tokens,
            "summarise_every": self.summarise_every,
        }
        stated = [f"{name}={value}" for name, value in ways.items() if value is not None]
        if len(stated) > 1:
            raise InvalidValueError(f"the history is cut in {len(stated)} ways: {', '.join(stated)}. Keep one of them.")
        if (self.summarise_every is None) != (self.summary_tokens is None):
            raise InvalidValueError(
                f"summarise_every is {self.summarise_every} and summary_tokens is {self.summary_tokens}; a summary "
                "needs both: after how many turns, and how long."
            )
        if self.summarise_every is None and (self.summary_model is not None or self.summary_instruction_tokens):
            raise InvalidValueError("a summary is described but never written; say summarise_every=... as well.")

    @property
    def members(self) -> tuple[Member, ...]:
        """Who talks, and who summarises where that is another model."""
        return (self.model,) if self.summary_model is None else (self.model, self.summary_model)

    @property
    def described(self) -> str:
        """Who talks, and what is sent again."""
        who = member_name(self.model)
        if self.last_turns is not None:
            return f"{who}, last {self.last_turns} turns"
        if self.last_tokens is not None:
            return f"{who}, last {self.last_tokens:,} tokens"
        if self.summarise_every is not None:
            by = "" if self.summary_model is None else f" by {member_name(self.summary_model)}"
            return f"{who}, summary{by} every {self.summarise_every} turns"
        return f"{who}, history re-sent"

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What the conversation costs."""
        side = setting.side(self.model)
        work = side.workload
        runs = self._runs(side)
        cost, missing = priced(side.model, runs, work)
        calls = work.turns
        lines = [Line(label=f"{calls} turns of {side.id}", model=side.id, times=ONE, cost=cost)]
        sides, fits = [side], self._fit(side, runs)
        if self.summarise_every is not None and calls > self.summarise_every:
            summary, unpriced, fit = self._summaries(setting, side)
            lines.append(summary)
            missing += unpriced
            sides.append(setting.side(self.summary_model or self.model))
            fits = False if False in (fit, fits) else None if None in (fit, fits) else True
        total = together([line.cost for line in lines])
        told, unknown_quality = quality_of(side)
        right = side.right
        if self._leaves_out(side):
            right = self.right_share
            told.clear()
            unknown_quality.clear()
            if right is None:
                unknown_quality.append(Unknown(f"what {self.label} does to quality: state right_share=..."))
            else:
                told.append("the share of right answers is the one stated for this pattern")
        if not work.history_resent:
            told.append("the pattern says what is sent again, whatever the workload says of its history")
        return answer(
            self,
            setting,
            sides,
            lines=lines,
            cost=None if total is None else usd_range(total),
            least=total,
            worst=total,
            right=right,
            time=side.time,
            worst_time=side.worst_time,
            fits=fits,
            assumptions=[*told, *([] if calls == 1 else ["response times are those of one turn, without summaries"])],
            unknowns=[*missing, *unknown_quality, *time_unknown(side)],
        )

    def _kept(self, growth: Exact) -> Exact | None:
        """How much history is sent at most; None for all. [tokens]"""
        return self.last_tokens if self.last_turns is None else plain(self.last_turns * growth)

    def _leaves_out(self, side: Side) -> bool:
        """Whether something that was said is ever not sent as it was said."""
        work = side.workload
        growth = work.input_tokens + work.output_tokens
        if self.summarise_every is not None:
            return work.turns > self.summarise_every
        kept = self._kept(growth)
        return kept is not None and kept < (work.turns - 1) * growth

    def _runs(self, side: Side) -> list[Run]:
        """The turns, in rows that grow by equal steps."""
        work = side.workload
        new, said, turns, cached = work.input_tokens, work.output_tokens, work.turns, work.cached_share
        growth = plain(new + said)
        more = parts(growth, 0, cached)
        if self.summarise_every is not None and self.summary_tokens is not None:
            every = self.summarise_every
            runs = [Run(min(every, turns), parts(new, said, cached), more)]
            if turns > every:
                again = parts(plain(new + self.summary_tokens), said, cached)
                periods, left = divmod(turns - every, every)
                runs += [Run(every, again, more, times=periods)] if periods else []
                runs += [Run(left, again, more)] if left else []
            return runs
        kept = self._kept(growth)
        if kept is None or not growth:
            return [Run(turns, parts(new, said, cached), more)]
        grow = min(turns, int(kept // growth) + 1)
        runs = [Run(grow, parts(new, said, cached), more)]
        if turns > grow:
            runs.append(Run(turns - grow, parts(plain(new + kept), said, cached)))
        return runs

    def _fit(self, side: Side, runs: list[Run]) -> bool | None:
        """Whether the longest turn fits into the window."""
        if not self._leaves_out(side):
            return side.assessment.context.fits
        window = side.model.context_window
        needed = max(run.longest for run in runs) + side.workload.output_tokens
        return None if window is None else needed <= window

    def _summaries(self, setting: Setting, talker: Side) -> tuple[Line, list[Unknown], bool | None]:
        """The calls that summarise: the first reads the turns, each further one the summary before as well."""
        assert self.summarise_every is not None  # asked by the caller
        assert self.summary_tokens is not None  # stated together
        side = setting.side(self.summary_model or self.model)
        work, every, written = side.workload, self.summarise_every, self.summary_tokens
        count = (talker.workload.turns - 1) // every
        reads = plain(every * (work.input_tokens + work.output_tokens) + self.summary_instruction_tokens)
        runs = [Run(1, parts(reads, written))]
        if count > 1:
            runs.append(Run(count - 1, parts(plain(reads + written), written)))
        cost, missing = priced(side.model, runs, work)
        window = side.model.context_window
        fit = None if window is None else runs[-1].longest + written <= window
        label = f"{count} summaries by {side.id}"
        return Line(label=label, model=side.id, times=ONE, cost=cost), missing, fit


# ---------------------------------------------------------------------------- caching


def _ttl(value: object, what: str) -> object:
    if not isinstance(value, str) or value not in LIFETIMES:
        raise UnknownNameError(f"cache lifetime ({what})", value, LIFETIMES)
    return value


def _minutes(value: Any, what: str) -> Exact:
    minutes = exact(value, what)
    if minutes < 0:
        raise InvalidValueError(f"{what} is {exact_text(minutes)}; it cannot be negative.")
    return minutes


@attrs.frozen(init=False)
class PromptCaching(Pattern):
    """
    A conversation whose history is written to the provider's prompt cache and read from it at the next turn.

    Conventions: every turn writes what is new in it to the cache, also the last one, since nobody knows which is
    the last; a turn that finds the cache reads all that the turn before sent. A cache lives on from each time that
    it is used, and a turn that comes exactly when its time is over does not find it. Below *minimum_tokens* nothing
    is written or read. A single request writes only *shared_tokens*, for the requests after it.

    Formula:
        turn k found: r·P + w·(I_k - P) + out, with P = I_{k-1} what the turn before sent;
        turn k not found: r·S + w·(I_k - S) + out where the shared instructions S are found, else w·I_k + out.
        Expected: the first turn, and each other one found with probability 1-x.

    Source:
        Prices for reads and writes are the provider's own in the catalog.

    Not to be trusted:
        With x taken from a mean pause: pauses vary, and the long ones expire. Nor where a prompt changes at its
        beginning (a date, a tool list): nothing after the change is found. Storage by the hour is not counted.

    Attributes:
        model: The model.
        ttl: Which price of a write: ``"5m"`` or ``"1h"``.
        expired: Share of turns, after the first, that do not find the cache; state this or *every_minutes*. [0..1]
        every_minutes: How many minutes after one turn the next one comes. [min]
        lives_minutes: How long the cache lives after its last use; None for what *ttl* says. [min]
        minimum_tokens: The shortest prompt that the provider caches. [tokens]
        shared_tokens: The beginning of every first turn that all conversations share; a part of its input. [tokens]
        shared_found: How often those are in the cache already, thanks to other conversations. [0..1]
        name: What tables call it; empty for a name made of the fields.
    """

    model: Member = field_of(attrs.NOTHING, member)
    ttl: Literal["5m", "1h"] = field_of("5m", _ttl)
    expired: Range | None = field_of(None, share)
    every_minutes: Exact | None = field_of(None, _minutes)
    lives_minutes: Exact | None = field_of(None, _minutes)
    minimum_tokens: int = field_of(0, whole)
    shared_tokens: int = field_of(0, whole)
    shared_found: Range = field_of(ZERO, share)
    name: str = field_of("", text)

    def __init__(
        self,
        model: Member,
        *,
        ttl: Literal["5m", "1h"] = "5m",
        expired: Share | None = None,
        every_minutes: Number | None = None,
        lives_minutes: Number | None = None,
        minimum_tokens: int = 0,
        shared_tokens: int = 0,
        shared_found: Share = 0,
        name: str = "",
    ) -> None:
        init_with(self, locals())

    def __attrs_post_init__(self) -> None:
        if (self.expired is None) == (self.every_minutes is None):
            raise InvalidValueError(
                f"expired is {self.expired} and every_minutes is {self.every_minutes}; state one of them: how many "
                "turns do not find the cache, or how many minutes lie between turns."
            )
        if self.lives_minutes is not None and self.every_minutes is None:
            raise InvalidValueError("lives_minutes says nothing without every_minutes. State that, or only expired.")

    @property
    def expired_share(self) -> Range:
        """Share of turns, after the first, that do not find the cache. [0..1]"""
        if self.every_minutes is None:
            assert self.expired is not None  # one of the two is stated
            return self.expired
        lives = LIFETIMES[self.ttl] if self.lives_minutes is None else self.lives_minutes
        return ZERO if self.every_minutes < lives else ONE

    @property
    def members(self) -> tuple[Member, ...]:
        """The model."""
        return (self.model,)

    @property
    def described(self) -> str:
        """The model and its cache."""
        return f"{member_name(self.model)}, cached for {self.ttl}"

    def reads_to_win_back(self, *, catalog: Catalog | None = None, as_of: date | str | None = None) -> Exact | None:
        """
        How many reads of a cached prompt pay for having written it; see :func:`reads_to_win_back`.

        Raises:
            UnknownNameError: The model is not known.
        """
        held = held_catalog(catalog)
        model, _ = resolve_model(self.model, held, as_of)
        prices = [model.price(meter) for meter in ("input_tokens", self._written, "cache_read_tokens")]
        known = [price.usd / price.per for price in prices if price is not None]
        if not self._is_priced(model.rates.meters) or len(known) < len(prices):
            return None
        return reads_to_win_back(*known)

    @property
    def _written(self) -> str:
        return f"cache_write_{self.ttl}_tokens"

    def _is_priced(self, meters: frozenset[str]) -> bool:
        """A write for five minutes costs what input costs where no price says otherwise; one for an hour is special."""
        return "cache_read_tokens" in meters and (self.ttl == "5m" or self._written in meters)

    def assessed_in(self, setting: Setting) -> PatternAssessment:
        """What the conversation costs with a cache."""
        side = setting.side(self.model)
        work = side.workload
        if work.cached_share:
            raise InvalidValueError(
                f"cached_share is {exact_text(work.cached_share)}, and {self.label} works out what is cached. "
                "Say workload.with_(cached_share=0)."
            )
        if self.shared_tokens > work.input_tokens:
            raise InvalidValueError(
                f"shared_tokens is {self.shared_tokens}, more than the input of a turn, {grouped(work.input_tokens)}, "
                "of which they are a part."
            )
        told, missing = quality_of(side)
        meters = side.model.rates.meters
        states = None
        if not self._is_priced(meters):
            needed = "cache_read_tokens" if "cache_read_tokens" not in meters else self._written
            missing.append(Unknown(f"price of {needed} of {side.id}"))
        else:
            states = self._states(side, missing)
            if states is not None and self._written not in meters:
                told.append(f"{side.id} has no price for writing to the cache: what is written costs what input costs")
        if work.turns > 1:
            told.append("whether one turn finds the cache has no bearing on what the others cost")
        told.append("response times are those without a cache: how much faster it is read is not known")
        cost = lines = least = worst = None
        if states is not None:
            lines, cost, least, worst = self._summed(side, states)
        return answer(
            self,
            setting,
            [side],
            lines=lines or [],
            cost=cost,
            least=least,
            worst=worst,
            right=side.right,
            time=side.time,
            worst_time=side.worst_time,
            assumptions=told,
            unknowns=[*missing, *time_unknown(side)],
        )

    def _states(self, side: Side, missing: list[Unknown]) -> dict[str, Usd] | None:
        """What the first turn and the turns after it cost in each state of the cache."""
        found: dict[str, Usd] = {}
        for state, runs in self._turns(side).items():
            cost, unpriced = priced(side.model, runs, side.workload)
            if cost is None:
                missing += unpriced
                return None
            found[state] = cost
        return found

    def _turns(self, side: Side) -> dict[str, list[Run]]:
        """The calls of the first turn, and of the turns after it, in each state of the cache."""
        work = side.workload
        is_talk = work.turns > 1 and work.history_resent
        growth = plain(work.input_tokens + work.output_tokens) if is_talk else 0

        def turn(number: int, found: Exact) -> dict[str, Exact]:
            sent = work.turn_input_tokens(number) if is_talk else work.input_tokens
            held = sent if is_talk else self.shared_tokens
            read = found if found >= self.minimum_tokens else 0
            written = held - read if held >= self.minimum_tokens else 0
            quantities = {
                "input_tokens": sent - read - written,
                "cache_read_tokens": read,
                self._written: written,
                "output_tokens": work.output_tokens,
            }
            return {name: plain(quantity) for name, quantity in quantities.items()}

        def after(state: Literal["found", "shared", "nothing"]) -> list[Run]:
            """Turns 2 to n in rows: what is cached changes where a prompt reaches the shortest that is."""
            runs: list[Run] = []
            number = 2
            while number <= work.turns:
                first, second = (turn(each, self._read(side, each, state)) for each in (number, number + 1))
                step = {name: plain(second[name] - first[name]) for name in first}
                count = self._alike(side, number, growth)
                runs.append(Run(count, first, step if count > 1 else {}))
                number += count
            return runs

        states = {"first, shared": [Run(1, turn(1, self.shared_tokens))], "first, nothing": [Run(1, turn(1, 0))]}
        if work.turns > 1:
            states |= {state: after(state) for state in ("found", "shared", "nothing")}
        return states

    def _read(self, side: Side, number: int, state: str) -> Exact:
        """What is in the cache when turn *number* comes."""
        if state == "nothing":
            return 0
        work = side.workload
        return work.turn_input_tokens(number - 1) if state == "found" and work.history_resent else self.shared_tokens

    def _alike(self, side: Side, number: int, growth: Exact) -> int:
        """How many turns from *number* on are cached in the same way, in steps that are alike."""
        left = side.workload.turns - number + 1
        if not growth:
            return left
        # The turn whose prompt first reaches the minimum writes it, the one after it reads it: two rows of one turn.
        before = int(-(-(self.minimum_tokens + side.workload.output_tokens) // growth))  # the first with I_k >= minimum
        if number < before:
            return min(left, before - number)
        return 1 if number <= before else left

    def _summed(self, side: Side, cost: dict[str, Usd]) -> tuple[list[Line], Range, Usd, Usd]:
        """The states with how often they come, and what that makes."""
        gone, shared = self.expired_share, self.shared_found
        turns = side.workload.turns
        nothing = Range(1 - shared.high, 1 - shared.low)
        rows = [
            ("first, shared", "turn 1, shared instructions found", shared),
            ("first, nothing", "turn 1, nothing found", nothing),
        ]
        ways = [[cost[state] for state, _, times in rows if times != ZERO]]
        if turns > 1:
            which = f"turns 2-{turns}" if turns > 2 else "turn 2"
            later = [
                ("found", f"{which}, cache found", Range(1 - gone.high, 1 - gone.low)),
                ("shared", f"{which}, expired, shared instructions found", multiplied(gone, shared)),
                ("nothing", f"{which}, expired", multiplied(gone, nothing)),
            ]
            ways.append([cost[state] for state, _, times in later if times != ZERO])
            rows += later
        lines = [
            Line(label=label, model=side.id, times=times, cost=cost[state])
            for state, label, times in rows
            if times != ZERO
        ]
        # Linear in each of the two shares, so the ends are among the corners.
        corners: list[Exact] = []
        for x, s in product((gone.low, gone.high), (shared.low, shared.high)):
            amount = s * cost["first, shared"].as_fraction() + (1 - s) * cost["first, nothing"].as_fraction()
            if turns > 1:
                expired = s * cost["shared"].as_fraction() + (1 - s) * cost["nothing"].as_fraction()
                amount += (1 - x) * cost["found"].as_fraction() + x * expired
            corners.append(plain(amount))
        least, worst = (sum((pick(way) for way in ways), Usd(0)) for pick in (min, max))
        return lines, spread(corners, "USD"), least, worst


def reads_to_win_back(fresh: Usd, write: Usd, read: Usd) -> Exact | None:
    """
    How many reads of a cached prompt pay for having written it: with more of them the cache pays.

    >>> reads_to_win_back(Usd("1.00"), Usd("1.25"), Usd("0.10"))
    Fraction(5, 18)
    >>> reads_to_win_back(Usd("1.00"), Usd("2.00"), Usd("0.10"))
    Fraction(10, 9)

    Formula:
        (w - i)/(i - r), where w + n·r = (1 + n)·i. 0 where writing costs no more than input; None where reading
        saves nothing, so that no number of reads is enough.

    Source:
        The two bills, with a cache and without.

    Not to be trusted:
        Where part of the reads come after the cache has expired: each of those is a write.

    Args:
        fresh, write, read: Prices of the same number of tokens. [USD]
    """
    for what, amount in (("fresh", fresh), ("write", write), ("read", read)):
        if not isinstance(amount, Usd):
            raise InvalidTypeError(f"{what} is {amount!r}; expected a price such as Usd('1.00').")
    if read >= fresh:
        return None
    return max(0, divide((write - fresh).pico, (fresh - read).pico))
