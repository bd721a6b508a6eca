"""
Facts: a value, the days it holds, and who said so.

Several sources may state the same fact differently. All statements are kept; a trust order decides
which one answers. What follows is the whole of that rule, used for prices, limits and scores alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final, Protocol, TypeVar, cast

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "CALLER",
    "SOURCE_KINDS",
    "Alias",
    "Citation",
    "Fact",
    "Source",
    "Unknown",
    "as_day",
    "as_moment",
    "in_force",
    "most_trusted",
]

SOURCE_KINDS: Final = ("vendor", "package", "dataset", "leaderboard", "article", "caller")


@attrs.frozen(kw_only=True)
class Source:
    """
    Somebody who states facts.

    Attributes:
        id: Short name that facts refer to, such as ``"article"``.
        title: The name of the document, package or page.
        kind: One of ``vendor``, ``package``, ``dataset``, ``leaderboard``, ``article``, ``caller``.
        as_of: The day (``2026-07-02``) or month (``2026-03``) that the source speaks for.
        url: Where it can be read, if it is known.
        version: The version that was read, of a package or data file.
        publisher: Who publishes it.
        checked_on: The day on which we last read it.
        note: What a reader should know before relying on it.
    """

    id: str
    title: str
    kind: str
    as_of: str = ""
    url: str | None = None
    version: str | None = None
    publisher: str | None = None
    checked_on: date | None = None
    note: str | None = None

    def __str__(self) -> str:
        version = f" {self.version}" if self.version else ""
        day = f" ({self.as_of})" if self.as_of else ""
        return f"{self.title}{version}{day}"


CALLER: Final = Source(id="caller", title="given by the caller", kind="caller")
"""The source of every value that a user wrote by hand."""


@attrs.frozen(kw_only=True)
class Fact:
    """
    One statement of one source.

    Attributes:
        subject: What it is about: a model's id or a benchmark's id.
        field: Which property it states, such as ``"context_window"``.
        value: What the source says, of the type that the field has.
        source: Who says so.
        effective_from: First day on which it holds; None for "always".
        effective_until: First day on which it no longer holds; None while it does.
        place: Where in the source it stands: a section, a field, a file.
        note: What a reader should know about it.
    """

    subject: str
    field: str
    value: object
    source: Source = CALLER
    effective_from: date | None = None
    effective_until: date | None = None
    place: str = ""
    note: str | None = None

    @property
    def citation(self) -> Citation:
        """The statement as an answer cites it: plain text, without the source's own description."""
        value = self.value
        return Citation(
            field=self.field,
            value=", ".join(map(str, cast("tuple[object, ...]", value))) if isinstance(value, tuple) else str(value),
            source=self.source.id,
            place=self.place,
            effective_from=self.effective_from,
        )

    def __str__(self) -> str:
        place = f", {self.place}" if self.place else ""
        return f"{self.subject} {self.field} = {self.value} [{self.source.id}{place}]"


@attrs.frozen(kw_only=True)
class Citation:
    """
    A fact that an answer rests on.

    Attributes:
        field: The property: a field of the model, ``rates.<tier>.<meter>`` or ``scores.<benchmark>``.
        value: What the source says, in words.
        source: The source's id; see ``Recommendation.sources``.
        place: Where in the source.
        effective_from: First day on which it holds; None for "always".
    """

    field: str
    value: str
    source: str
    place: str = ""
    effective_from: date | None = None

    def __str__(self) -> str:
        return f"{self.field} = {self.value} [{self.source}{', ' + self.place if self.place else ''}]"


@attrs.frozen
class Alias:
    """
    Another exact name of a model, on some days or on all.

    A moving name such as ``mistral-large-latest`` belongs to one model until a day and to another from it.

    Attributes:
        name: The name.
        effective_from: First day on which it means this model; None for "always".
        effective_until: First day on which it no longer does; None while it does.
    """

    name: str
    effective_from: date | None = None
    effective_until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the name means this model on *day*."""
        started = self.effective_from is None or self.effective_from <= day
        return started and not (self.effective_until is not None and self.effective_until <= day)

    def overlaps(self, other: Alias) -> bool:
        """Whether both hold on some day."""
        first, end = self.effective_from, self.effective_until
        begins, ends = other.effective_from, other.effective_until
        return (first is None or ends is None or first < ends) and (begins is None or end is None or begins < end)

    def __str__(self) -> str:
        since = "" if self.effective_from is None else f" from {self.effective_from}"
        until = "" if self.effective_until is None else f" until {self.effective_until}"
        return f"{self.name}{since}{until}"


def alias_of(value: object) -> Alias:
    """An alias from a plain name. Raises ``InvalidTypeError`` for what is neither."""
    if isinstance(value, Alias):
        return value
    if isinstance(value, str):
        return Alias(value)
    raise InvalidTypeError(f"an alias is {value!r} of type {type(value).__name__}; expected a str or an Alias.")


@attrs.frozen
class Unknown:
    """
    A value that nobody has stated, by name; the answer where a number would be a guess.

    Attributes:
        fact: The missing fact in words, such as ``"context window of acme/one"``.
    """

    fact: str

    def __str__(self) -> str:
        return f"unknown ({self.fact})"


class Dated(Protocol):
    """What has a source and days on which it holds: a fact, a price, a score."""

    @property
    def source(self) -> Source: ...
    @property
    def effective_from(self) -> date | None: ...
    @property
    def effective_until(self) -> date | None: ...


DatedT = TypeVar("DatedT", bound=Dated)


def in_force(row: Dated, day: date) -> bool:
    """Whether *row* holds on *day*: from its first day on, until the day before its end."""
    started = row.effective_from is None or row.effective_from <= day
    ended = row.effective_until is not None and row.effective_until <= day
    return started and not ended


def most_trusted(rows: Iterable[DatedT], day: date, trust: Sequence[str]) -> DatedT | None:
    """
    The row that answers on *day*: of the first source in *trust* that has one, the latest in force.

    Sources that are not in *trust* never answer.
    """
    held = [row for row in rows if in_force(row, day)]
    for source_id in trust:
        of_source = [row for row in held if row.source.id == source_id]
        if of_source:
            return max(of_source, key=lambda row: row.effective_from or date.min)
    return None


def as_day(value: object, what: str = "as_of") -> date:
    """
    *value* as a day: a ``date`` or its ISO form ``"2026-03-01"``.

    Raises:
        InvalidTypeError: It is a ``datetime`` (whose day depends on a time zone) or something else.
        InvalidValueError: It is a text that names no day.
    """
    if type(value) is date:
        return value
    if isinstance(value, datetime):
        raise InvalidTypeError(f"{what} is the moment {value!r}; prices hold by day. Pass {what}.date() of your zone.")
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise InvalidValueError(f"{what} is {value!r}, which is not a day. Write it as '2026-03-01'.") from None
    raise InvalidTypeError(f"{what} is {value!r} of type {type(value).__name__}; expected a date or '2026-03-01'.")


def as_moment(value: object, what: str = "as_of") -> tuple[date, datetime | None]:
    """
    *value* as a day, and as a moment if it states one: a ``datetime`` that knows its zone, or its ISO form.

    Price lists change at the turn of a day; which zone's is rarely said, so the day is that of UTC.

    Raises:
        InvalidTypeError: It is neither a day nor a moment, or a moment without a zone.
        InvalidValueError: It is a text that names neither.
    """
    if isinstance(value, str) and len(value) > len("2026-03-01"):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidValueError(
                f"{what} is {value!r}, which is neither a day nor a moment. "
                "Write it as '2026-03-01' or '2026-03-01T17:30+00:00'."
            ) from None
    if not isinstance(value, datetime):
        return as_day(value, what), None
    if value.tzinfo is None:
        raise InvalidTypeError(
            f"{what} is {value!r}, a moment without a zone; its day depends on one. "
            "Add it: datetime(..., tzinfo=timezone.utc), or pass a date."
        )
    try:
        return value.astimezone(UTC).date(), value
    except OverflowError:
        raise InvalidValueError(f"{what} is {value}, which has no day in UTC; it is surely a mistake.") from None
