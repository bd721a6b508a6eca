"""
What a router has seen of its candidates: tokens, times, failures.

These are facts of one more source, with a date of its own. They are shown beside what the catalog says and never
replace it: whoever wants to choose by them writes them into a model, and so says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs.errors import InvalidValueError
from llm_tradeoffs.facts import Fact, Source
from llm_tradeoffs.money import Exact, Number, divide, exact, exact_text, grouped_fixed
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.usage import Usage

if TYPE_CHECKING:
    from llm_tradeoffs.model import Model

__all__ = ["Beside", "Observation", "Observed"]

KEPT: Final = 512
_MEASURED: Final = ("ttft", "response_time", "output_tokens_per_second")


@attrs.frozen(kw_only=True)
class Observation:
    """
    What was seen of one model.

    Attributes:
        model: Its id.
        first_on, last_on: The days of UTC of the first and the last call.
        answers: How many calls were answered.
        failures: How many failed.
        by_status: Of those, how many with which status; None for those without one.
        input_tokens, output_tokens: Of all answers together. [tokens]
        expected_output_tokens: What had been expected of the same answers. [tokens]
        ttft, response_time: Of the middle eight of ten among the last answers whose time was told; None for none. [ms]
        output_tokens_per_second: The same for the speed after the first token. [tokens/s]
        timed: How many answers those are from.
    """

    model: str
    first_on: date
    last_on: date
    answers: int
    failures: int
    by_status: tuple[tuple[int | None, int], ...]
    input_tokens: int
    output_tokens: int
    expected_output_tokens: Exact
    ttft: Range | None
    response_time: Range | None
    output_tokens_per_second: Range | None
    timed: int

    @property
    def error_rate(self) -> Exact | None:
        """Failures over all calls; None before the first. [0..1]"""
        calls = self.answers + self.failures
        return divide(self.failures, calls) if calls else None

    @property
    def output_per_answer(self) -> Exact | None:
        """The mean length of an answer; None before the first. [tokens]"""
        return divide(self.output_tokens, self.answers) if self.answers else None

    @property
    def output_over_expected(self) -> Exact | None:
        """How many times as long as expected the answers were; None where nothing was expected."""
        return divide(self.output_tokens, self.expected_output_tokens) if self.expected_output_tokens else None

    @property
    def source(self) -> Source:
        """The router as a source, with the day of the last call as its date."""
        calls = self.answers + self.failures
        return Source(
            id="observed",
            title=f"observed in {calls:,} call{'' if calls == 1 else 's'} since {self.first_on}",
            kind="caller",
            as_of=self.last_on.isoformat(),
        )

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What was seen as facts; times and speeds by the names that the catalog has for them."""
        stated: list[tuple[str, object]] = [
            ("ttft", self.ttft),
            ("output_tokens_per_second", self.output_tokens_per_second),
            ("response_time", self.response_time),
            ("error_rate", self.error_rate),
            ("output_per_answer", self.output_per_answer),
            ("output_over_expected", self.output_over_expected),
        ]
        note = f"the middle eight of ten of the last {self.timed:,} answers"
        return tuple(
            Fact(
                subject=self.model,
                field=name,
                value=value,
                source=self.source,
                effective_from=self.first_on,
                note=note if name in _MEASURED else None,
            )
            for name, value in stated
            if value is not None
        )


@attrs.frozen(kw_only=True)
class Beside:
    """
    One property as the catalog states it and as it was seen.

    Attributes:
        field: The property.
        stated: What the catalog's source says; None where nobody does.
        seen: What was observed.
    """

    field: str
    stated: Fact | None
    seen: Fact

    def __str__(self) -> str:
        stated = "nobody states it" if self.stated is None else f"{_words(self.stated.value)} [{self.stated.source}]"
        return f"{self.field}: {stated}; {_words(self.seen.value)} [{self.seen.source}]"


def _words(value: object) -> str:
    if isinstance(value, Range):
        return f"{value:.0f}"
    return exact_text(value) if isinstance(value, int) else grouped_fixed(exact(value, "a value"), 3)  # type: ignore[arg-type]  # a number is left


def checked_times(response_ms: Number | None, ttft_ms: Number | None) -> tuple[Exact | None, Exact | None]:
    """
    How long an answer took, whole and to its first token. [ms]

    Raises:
        InvalidTypeError: A time is no number.
        InvalidValueError: A time is negative, or the first token came after the last.
    """
    whole = None if response_ms is None else exact(response_ms, "response_ms")
    first = None if ttft_ms is None else exact(ttft_ms, "ttft_ms")
    if (whole is not None and whole < 0) or (first is not None and first < 0):
        raise InvalidValueError(f"response_ms is {response_ms} and ttft_ms is {ttft_ms}; no time is negative.")
    if whole is not None and first is not None and first > whole:
        raise InvalidValueError(f"ttft_ms is {ttft_ms} of {response_ms} ms; the first token cannot come last.")
    return whole, first


class _Counts:
    """Sums, and the last few times: what is kept of a model does not grow with its calls."""

    __slots__ = (
        "answers",
        "expected",
        "failures",
        "first",
        "last",
        "received",
        "sent",
        "speeds",
        "times",
        "ttfts",
    )

    def __init__(self, now: float) -> None:
        self.first = self.last = now
        self.answers = 0
        self.failures: dict[int | None, int] = {}
        self.sent = 0
        self.received = 0
        self.expected: Exact = 0
        self.times: deque[Exact] = deque(maxlen=KEPT)
        self.ttfts: deque[Exact] = deque(maxlen=KEPT)
        self.speeds: deque[Exact] = deque(maxlen=KEPT)


class Observed:
    """
    What was seen of every model, by its id.

    >>> observed = Observed()
    >>> observed.answered("acme/one", Usage(input_tokens=200, output_tokens=150), now=0, response_ms=1_800, ttft_ms=300)
    >>> observed["acme/one"].output_tokens_per_second
    Range('100', unit='tokens/s')
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, _Counts] = {}

    def answered(
        self,
        model: str,
        usage: Usage,
        *,
        now: float,
        expected_output_tokens: Exact = 0,
        response_ms: Number | None = None,
        ttft_ms: Number | None = None,
    ) -> None:
        """
        Note an answer of *model*.

        Args:
            usage: What it used.
            now: When. [s since 1970]
            expected_output_tokens: What had been expected of it. [tokens]
            response_ms, ttft_ms: How long it took, whole and to its first token; None where nobody measured. [ms]

        Raises:
            InvalidValueError: A time is negative, or the first token came after the last.
        """
        whole, first = checked_times(response_ms, ttft_ms)
        with self._lock:
            counts = self._of(model, now)
            counts.answers += 1
            counts.sent += usage.input_tokens
            counts.received += usage.output_tokens
            counts.expected += expected_output_tokens
            if first is not None:
                counts.ttfts.append(first)
            if whole is not None:
                counts.times.append(whole)
                if first is not None and whole > first and usage.output_tokens:
                    counts.speeds.append(divide(1000 * usage.output_tokens, whole - first))

    def failed(self, model: str, status: int | None, *, now: float) -> None:
        """Note a failure of *model*."""
        with self._lock:
            failures = self._of(model, now).failures
            failures[status] = failures.get(status, 0) + 1

    def _of(self, model: str, now: float) -> _Counts:
        counts = self._counts.get(model)
        if counts is None:
            counts = self._counts[model] = _Counts(now)
        counts.first, counts.last = min(counts.first, now), max(counts.last, now)
        return counts

    def get(self, model: str) -> Observation | None:
        """What was seen of *model*; None for nothing."""
        with self._lock:
            counts = self._counts.get(model)
            if counts is None:
                return None
            return Observation(
                model=model,
                first_on=_day(counts.first),
                last_on=_day(counts.last),
                answers=counts.answers,
                failures=sum(counts.failures.values()),
                by_status=tuple(sorted(counts.failures.items(), key=lambda each: (each[0] is None, each[0] or 0))),
                input_tokens=counts.sent,
                output_tokens=counts.received,
                expected_output_tokens=counts.expected,
                ttft=_middle(counts.ttfts, "ms"),
                response_time=_middle(counts.times, "ms"),
                output_tokens_per_second=_middle(counts.speeds, "tokens/s"),
                timed=max(len(counts.times), len(counts.ttfts)),
            )

    def __getitem__(self, model: str) -> Observation:
        found = self.get(model)
        if found is None:
            raise KeyError(model)
        return found

    def __contains__(self, model: object) -> bool:
        return model in self._counts

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._counts))

    def __len__(self) -> int:
        return len(self._counts)

    def beside(self, model: Model) -> tuple[Beside, ...]:
        """What was seen of *model* beside what its own sources say; empty where nothing was seen."""
        seen = self.get(model.id)
        if seen is None:
            return ()
        stated = model.sources
        return tuple(Beside(field=fact.field, stated=stated.get(fact.field), seen=fact) for fact in seen.facts)

    def to_dict(self) -> dict[str, Any]:
        """Everything that was seen, in plain types; exact numbers as strings."""
        found: dict[str, Any] = {}
        for name in self:
            seen = self[name]
            found[name] = {
                "first_on": seen.first_on.isoformat(),
                "last_on": seen.last_on.isoformat(),
                "answers": seen.answers,
                "failures": {"none" if status is None else str(status): count for status, count in seen.by_status},
                "input_tokens": seen.input_tokens,
                "output_tokens": seen.output_tokens,
                "expected_output_tokens": exact_text(seen.expected_output_tokens),
                "ttft_ms": None if seen.ttft is None else str(seen.ttft),
                "response_time_ms": None if seen.response_time is None else str(seen.response_time),
            }
        return found


def _day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()


def _middle(values: deque[Exact], unit: str) -> Range | None:
    """From the tenth to the ninetieth of a hundred, by nearest rank."""
    if not values:
        return None
    ordered = sorted(values)
    last = len(ordered) - 1
    return Range(ordered[last // 10], ordered[last - last // 10], unit)
