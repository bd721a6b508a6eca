"""
Every error of the library, each also a builtin, so that an ordinary ``except`` works.

A message says, in this order: what was asked, what is wrong with the value, what is known instead,
and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "AmbiguousNameError",
    "CatalogError",
    "Fault",
    "ImpossibleUsageError",
    "InvalidTypeError",
    "InvalidValueError",
    "MissingExtraError",
    "NoFactOnDateError",
    "PolicyError",
    "PriceSourceError",
    "SchemaVersionError",
    "TradeoffsError",
    "UnitMismatchError",
    "UnknownNameError",
    "UnknownPriceError",
]


class TradeoffsError(Exception):
    """The root of every error that this library raises on purpose."""


class InvalidValueError(TradeoffsError, ValueError):
    """A value of the right type that cannot mean anything here: negative, NaN, too large, contradictory."""


class InvalidTypeError(TradeoffsError, TypeError):
    """A value of a type that is not accepted here, such as a bool or a string for a token count."""


class ImpossibleUsageError(InvalidValueError):
    """Token counts that no call can have: a part is larger than the total that contains it."""


class UnitMismatchError(InvalidValueError):
    """Two quantities of different units were added, subtracted or compared."""


class SchemaVersionError(InvalidValueError):
    """A saved document has a schema version that this release does not read."""


class PolicyError(InvalidValueError):
    """A policy that cannot be followed: a cycle, an unknown question, an unknown input."""


class UnknownNameError(TradeoffsError, LookupError):
    """
    A model, benchmark, task, preset or policy of that name is not known.

    Attributes:
        kind: What was looked for, such as ``"model"``.
        name: The name that was asked for.
        known: Every known name, sorted.
    """

    def __init__(self, kind: str, name: object, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        super().__init__(kind, name, self.known)

    @property
    def near(self) -> tuple[str, ...]:
        """The known names most like the one asked for, best first; none if nothing is alike."""
        from difflib import get_close_matches

        if not isinstance(self.name, str):
            return ()
        asked = self.name.casefold()
        spelled = {name.casefold(): name for name in self.known}
        matches = get_close_matches(asked, spelled, n=4, cutoff=0.5)
        if not matches and len(asked) > 2:
            matches = [name for name in spelled if asked in name][:4]
        return tuple(spelled[match] for match in matches)

    def __str__(self) -> str:
        if not isinstance(self.name, str):
            return f"expected the name of a {self.kind} as a str, got {self.name!r} of type {type(self.name).__name__}."
        if self.near:
            hint = f" Did you mean {_listed(self.near)}?"
        elif self.known:
            shown = self.known[:8]
            more = f" and {len(self.known) - len(shown)} more" if len(self.known) > len(shown) else ""
            hint = f" Known: {_listed(shown)}{more}."
        else:
            hint = f" No {self.kind} is known here at all."
        if self.kind == "model":
            hint += " Names are matched exactly or by a listed alias, never by their beginning."
        return f"no {self.kind} is named {self.name!r}.{hint}"


class NoFactOnDateError(TradeoffsError, LookupError):
    """
    No fact was in force on the day you asked about.

    Attributes:
        subject: What was asked for, such as ``"price of gpt-4.1-mini"``.
        as_of: The day asked about, ISO format.
        first: The first day a fact is known for, or None if none is.
        last: The last day a fact was known to hold, if facts end before *as_of*.
    """

    def __init__(self, subject: str, as_of: str, first: str | None, last: str | None = None) -> None:
        super().__init__(subject, as_of, first, last)
        self.subject, self.as_of, self.first, self.last = subject, as_of, first, last

    def __str__(self) -> str:
        text = f"no {self.subject} is recorded on {self.as_of}"
        if self.first is None:
            return f"{text}, nor on any other day. Add the fact and its source to the catalog."
        if self.last is not None:
            return f"{text}: the last known one ended on {self.last}. Ask for an earlier date, or add what followed."
        return (
            f"{text}: the first known one starts on {self.first}. "
            "Ask for a later date, or add the earlier fact and its source to the catalog."
        )


class UnknownPriceError(TradeoffsError, LookupError):
    """
    A call has tokens or fees for which no price is known; an unknown price is never $0.

    Attributes:
        model: The model's id.
        meter: What would have to be priced, such as ``"output_tokens"``.
        service_tier: The tier it would have to be priced in.
        known: The meters that do have a price in that tier.
        between: What is known about the price nevertheless, in words; None for nothing.
    """

    def __init__(
        self, model: str | None, meter: str, service_tier: str, known: Iterable[str], between: str | None = None
    ) -> None:
        self.model, self.meter, self.service_tier, self.known = model, meter, service_tier, tuple(known)
        self.between = between
        super().__init__(model, meter, service_tier, self.known, between)

    def __str__(self) -> str:
        if self.between is not None:
            of = "" if self.model is None else f" for {self.model!r}"
            if self.meter == "the call":
                return f"the {self.service_tier} price of the call is not sure{of}. {self.between}"
            return f"no single {self.service_tier} price of {self.meter} is published{of}. {self.between}"
        known = f"Known in that tier: {_listed(self.known)}." if self.known else "That tier has no known price at all."
        return (
            f"the {self.service_tier} price of {self.meter} is unknown for {self.model!r}. {known} "
            "Add the price with its source, or leave this count out of the question."
        )


class AmbiguousNameError(TradeoffsError, LookupError):
    """
    A name belongs to several models, so it is not known which is meant.

    Attributes:
        name: The name that was asked for.
        candidates: The full names of the models that it may mean, sorted.
    """

    def __init__(self, name: str, candidates: Iterable[str]) -> None:
        self.name, self.candidates = name, tuple(sorted(candidates))
        super().__init__(name, self.candidates)

    def __str__(self) -> str:
        return f"{self.name!r} may mean {_listed(self.candidates)}. Say which one."


class PriceSourceError(TradeoffsError, OSError):
    """A source of prices cannot be read or fetched as a whole; what was read before stays as it is."""


class MissingExtraError(TradeoffsError, ImportError):
    """An optional package is needed for this and is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(package, extra, purpose)
        self.package, self.extra, self.purpose = package, extra, purpose

    def __str__(self) -> str:
        return (
            f"{self.purpose} needs the package {self.package!r}, which is not installed. "
            f"Install it with: pip install 'llm-tradeoffs[{self.extra}]'"
        )


class Fault:
    """
    One thing wrong in a file.

    Attributes:
        path: The file, as it was given.
        line: The line it is on, counted from 1, or None if it concerns the whole file.
        where: The place inside the document, such as ``prices[0].usd_per_mtok``.
        problem: What is wrong, with the value.
    """

    __slots__ = ("line", "path", "problem", "where")

    def __init__(self, path: str, line: int | None, where: str, problem: str) -> None:
        self.path, self.line, self.where, self.problem = path, line, where, problem

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fault):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, int, str, str]:
        return (self.path, self.line or 0, self.where, self.problem)

    def __lt__(self, other: Fault) -> bool:
        return self._key() < other._key()

    def __repr__(self) -> str:
        return f"Fault({self.path!r}, {self.line!r}, {self.where!r}, {self.problem!r})"

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.problem}" + (f" @ {self.where}" if self.where else "")


class CatalogError(TradeoffsError, ValueError):
    """
    Files of a catalog, workload or policy are wrong; all faults of all files in one report.

    Attributes:
        faults: Every fault found, by file and line.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__(self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        head = "1 problem" if count == 1 else f"{count} problems"
        return f"{head}; nothing was loaded\n" + "\n".join(f"  - {fault}" for fault in self.faults)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
