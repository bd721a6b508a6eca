"""Who says the same: the one sequence of bytes that stands for an answer, its digest, and what differs between two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.recommendation import Recommendation

__all__ = ["OUTSIDE_THE_DIGEST", "Change", "Diff", "canonical_json", "diff", "digest"]

OUTSIDE_THE_DIGEST: Final = (
    ("catalog_edition",),
    ("catalog_hash",),
    ("library_version",),
    ("premises",),
    ("workload", "source"),
    ("workload", "place"),
)
"""
What is written with an answer and is no part of what was answered.

The edition, its hash and the version of the library name who was asked, and the premises hold everything that
was known: they change with facts that this answer never looked at. Each fact that it did look at is cited, and
each question of the policy is in the trace. Who described the workload does not change the question; workloads
that differ in nothing else are equal.
"""


def canonical_json(recommendation: Recommendation) -> bytes:
    """
    The whole answer as the one sequence of bytes that stands for it.

    UTF-8 without insignificant spaces, keys sorted, nothing escaped that need not be; exact numbers are texts.

    Raises:
        InvalidTypeError: It is no recommendation.
        InvalidValueError: It holds a text that is no Unicode (half of a surrogate pair).
    """
    return _bytes_of(_document(recommendation))


def digest(recommendation: Recommendation) -> str:
    """
    SHA-256 over :func:`canonical_json` without :data:`OUTSIDE_THE_DIGEST`: equal where the same was answered. [hex]

    It is the same in every process, on every machine and in every version of Python. Neither a clock nor a
    machine has left a trace in an answer.

    >>> from llm_tradeoffs import recommend
    >>> digest(recommend("support-chatbot")) == digest(recommend("support-chatbot"))
    True

    Raises:
        InvalidTypeError, InvalidValueError: As :func:`canonical_json`.
    """
    return hashlib.sha256(_bytes_of(_content(recommendation))).hexdigest()


def _document(recommendation: Recommendation) -> dict[str, Any]:
    if not isinstance(recommendation, Recommendation):
        raise InvalidTypeError(f"expected a Recommendation, got {recommendation!r}. Read one with from_json().")
    return recommendation.to_dict()


def _content(recommendation: Recommendation) -> dict[str, Any]:
    """The document without what is outside the digest."""
    document = _document(recommendation)
    for *above, name in OUTSIDE_THE_DIGEST:
        table = document
        for key in above:
            table = table[key] = dict(table[key])
        table.pop(name, None)
    return document


def _bytes_of(document: Mapping[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError as problem:
        near = text[max(problem.start - 20, 0) : problem.end]
        raise InvalidValueError(
            f"the answer holds {near!r}, which ends in half of a character; no UTF-8 can say that. Correct the text."
        ) from None


# The difference of two answers.


def _short(value: object) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


@attrs.frozen
class Change:
    """
    One place at which two answers differ.

    Attributes:
        path: Where it stands: ``("candidates", "gpt-4.1-mini", "figures", "cost_per_request")``. Candidates and
            sources are named by their ids, facts by their fields, steps by their kind and id.
        old, new: What stands there, in plain types; None for nothing or for unknown.
    """

    path: tuple[str, ...]
    old: Any = attrs.field(hash=False)
    new: Any = attrs.field(hash=False)

    @property
    def where(self) -> str:
        """The path with points between its parts."""
        return ".".join(self.path)

    def __str__(self) -> str:
        return f"{self.where}: {_short(self.old)} → {_short(self.new)}"


_QUESTION: Final = {"workload", "caps", "policy", "as_of", "trust"}
_WHO: Final = ("catalog_edition", "catalog_hash", "library_version")
_ANSWER: Final = {"status", "chosen", "tied", "because", "robust", "decided_by"}


@attrs.frozen(kw_only=True)
class Diff(Tabular):
    """
    Everything in which two answers differ; false in a condition if they do not.

    Attributes:
        changes: Every difference within what :func:`digest` covers, in the order of the document.
        asked: Differences outside of it: the edition, its hash, the version of the library.
    """

    changes: tuple[Change, ...]
    asked: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def question(self) -> tuple[Change, ...]:
        """What was asked differently: the workload, the caps, the policy, the day, the trust order."""
        return tuple(change for change in self.changes if change.path[0] in _QUESTION)

    @property
    def answer(self) -> tuple[Change, ...]:
        """Status, choice, its reason, and whether it is robust."""
        return tuple(change for change in self.changes if change.path[0] in _ANSWER)

    @property
    def ranking(self) -> tuple[Change, ...]:
        """Who came or went, and the order, rank and standing of the candidates."""
        return tuple(
            change
            for change in self._of_candidates
            if len(change.path) < 3 or change.path[2] in {"name", "rank", "standing"}
        )

    @property
    def figures(self) -> tuple[Change, ...]:
        """Costs, quality and latencies of the candidates."""
        return self._about("figures")

    @property
    def reasons(self) -> tuple[Change, ...]:
        """What speaks for the candidates and against them."""
        return self._about("reasons_for", "reasons_against")

    @property
    def facts(self) -> tuple[Change, ...]:
        """The facts that the candidates' figures and verdicts rest on."""
        return self._about("facts")

    @property
    def grounds(self) -> tuple[Change, ...]:
        """The trace, the assumptions, the missing facts and the sources."""
        return tuple(
            change for change in self.changes if change.path[0] in {"trace", "assumptions", "missing", "sources"}
        )

    @property
    def _of_candidates(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.path[0] == "candidates")

    def _about(self, *names: str) -> tuple[Change, ...]:
        return tuple(change for change in self._of_candidates if len(change.path) > 2 and change.path[2] in names)

    def __str__(self) -> str:
        return "\n".join(map(str, self.changes)) or "no difference"


def diff(old: Recommendation, new: Recommendation) -> Diff:
    """
    What differs between two answers, whether or not they answer the same question.

    It is empty exactly where their digests are equal.

    >>> from llm_tradeoffs import recommend
    >>> print(diff(recommend("support-chatbot"), recommend("support-chatbot", policy="article")).question[0])
    policy: guide → article

    Raises:
        InvalidTypeError: One of them is no recommendation.
    """
    whole = (_document(old), _document(new))
    return Diff(
        changes=tuple(_changes((), _content(old), _content(new))),
        asked=tuple(
            Change((name,), whole[0][name], whole[1][name]) for name in _WHO if whole[0][name] != whole[1][name]
        ),
    )


_KEYS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {
    "candidates": lambda entry: str(entry["model"]),
    "facts": lambda entry: str(entry["field"]),
    "sources": lambda entry: str(entry["id"]),
    "trace": lambda entry: f"{entry['kind']} {entry['id']}",
}
"""By what the entries of a list are known, so that one that moved is not taken for one that changed."""


def _changes(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    one, other = _by_name(path, old), _by_name(path, new)
    if one is None or other is None:
        yield Change(path, old, new)
        return
    if isinstance(old, list) and [name for name in one if name in other] != [name for name in other if name in one]:
        yield Change(path, list(one), list(other))  # the order says something
    for name in dict.fromkeys((*one, *other)):
        yield from _changes((*path, name), one.get(name), other.get(name))


def _by_name(path: tuple[str, ...], value: Any) -> dict[str, Any] | None:
    """What stands in a table, or in a list of entries that have names; None for everything else."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    named = _KEYS.get(path[-1]) if path else None
    if named is None or not isinstance(value, list):
        return None
    entries = cast("list[object]", value)
    # A step of the trace has facts as well, and they are sentences.
    tables = [cast("dict[str, Any]", entry) for entry in entries if isinstance(entry, dict)]
    found = {named(table): table for table in tables}
    return found if len(found) == len(entries) else None  # a name that is there twice names nothing
