"""
The same question asked again, on other facts: what changed, and which fact did it.

An answer is data, so two of them can be held against each other to the last reason. Which fact changed the
choice is not guessed: one fact after the other is put back to what it was, and the decision is taken again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any, Final, cast

import attrs

from llm_tradeoffs._decide import Decision, decide
from llm_tradeoffs._grounds import grounds_of
from llm_tradeoffs.analysis._case import Case
from llm_tradeoffs.analysis._objective import EXPECTED_COST
from llm_tradeoffs.assessment import GENERAL_TASK, assess_model
from llm_tradeoffs.catalog import Benchmark, Catalog, ModelRecord, Task, held_catalog
from llm_tradeoffs.errors import (
    InvalidTypeError,
    InvalidValueError,
    NoFactOnDateError,
    TradeoffsError,
    UnknownNameError,
)
from llm_tradeoffs.facts import CALLER, Citation, Fact, as_day
from llm_tradeoffs.model import FACT_FIELDS, Model, Score, TokenRatio, multiplier_field, price_fact, rate_field
from llm_tradeoffs.money import Usd, exact
from llm_tradeoffs.policy import CRITERIA, Policy
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.rates import Price, RateCard
from llm_tradeoffs.recommendation import Recommendation, Status
from llm_tradeoffs.selector import recommend_one

__all__ = [
    "OUTSIDE_THE_DIGEST",
    "Change",
    "Diff",
    "FactChange",
    "Replay",
    "canonical_json",
    "diff",
    "digest",
    "replay",
]

OUTSIDE_THE_DIGEST: Final = (
    ("catalog_edition",),
    ("catalog_hash",),
    ("library_version",),
    ("workload", "source"),
    ("workload", "place"),
)
"""
What is written with an answer and is no part of what was answered.

The edition, its hash and the version of the library name who was asked: they change with facts that this
answer never looked at, and each fact that it did look at is in it. Who described the workload does not
change the question; workloads that differ in nothing else are equal.
"""


# Identity.


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
_ANSWER: Final = {"status", "chosen", "tied", "because", "robust", "decided_by"}


@attrs.frozen(kw_only=True)
class Diff:
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
    outside = [path for path in OUTSIDE_THE_DIGEST if len(path) == 1]
    return Diff(
        changes=tuple(_changes((), _content(old), _content(new))),
        asked=tuple(
            Change(path, whole[0][path[0]], whole[1][path[0]])
            for path in outside
            if whole[0][path[0]] != whole[1][path[0]]
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


# Asking again.


@attrs.frozen(kw_only=True)
class FactChange:
    """
    A fact that is another one, or another source's, than when the answer was given.

    Attributes:
        subject: The model, task or benchmark that it is about.
        field: Its field, as in a citation: ``rates.standard.input_tokens``, ``context_window``; or ``candidate``
            for a model that is recorded in one of the two editions only.
        old, new: What is said, in words; None for nothing.
        old_source, new_source: Ids of those who say so.
        flips_back: Whether the choice is the old one again with this fact alone put back to what it was;
            None if that cannot be tried, since what it was is not known exactly.
    """

    subject: str
    field: str
    old: str | None
    new: str | None
    old_source: str | None = None
    new_source: str | None = None
    flips_back: bool | None = None

    def __str__(self) -> str:
        def said(value: str | None, source: str | None) -> str:
            return "not known" if value is None else f"{value} [{source}]" if source else value

        return f"{self.subject} {self.field}: {said(self.old, self.old_source)} → {said(self.new, self.new_source)}"


@attrs.frozen(kw_only=True)
class Replay:
    """
    The same question on other facts.

    Attributes:
        before: The answer then.
        after: The answer now.
        facts: The facts that changed, by their subjects; those that no answer cites only where they count.
        all_flip_back: Whether the choice is the old one again with every fact put back; None if the choice
            is the same, or if not everything is known that may have changed.
        notes: What could not be asked as it was then, one sentence each.
    """

    before: Recommendation
    after: Recommendation
    facts: tuple[FactChange, ...]
    all_flip_back: bool | None
    notes: tuple[str, ...]

    @cached_property
    def diff(self) -> Diff:
        """What differs between the two answers."""
        return diff(self.before, self.after)

    @property
    def same_choice(self) -> bool:
        """Whether the status and the model, or the models that tie, are the same."""
        return _choice(self.before) == _choice(self.after)

    @property
    def blamed(self) -> tuple[FactChange, ...]:
        """The facts each of which alone, put back to what it was, makes the choice the old one again."""
        return tuple(fact for fact in self.facts if fact.flips_back)

    @property
    def because(self) -> str:
        """Why the choice is another one, in a sentence."""
        if self.same_choice:
            return "the choice is the same"
        if self.blamed:
            each = "put back to what it was, it alone brings the old choice back"
            return f"{'; '.join(map(str, self.blamed))}: {each}"
        if self.all_flip_back:
            return "several facts together: none of them alone brings the old choice back, all of them do"
        if self.all_flip_back is None:
            return (
                "not known: facts have changed that the saved answer does not cite, or whose old value it does not say "
                "exactly. Pass old_catalog=, the edition that answered then."
            )
        return "no fact: with all of them put back the choice is still the new one, so the policy or the program did it"

    def explain(self) -> str:
        """The two choices, why they differ, and every fact that changed."""
        lines = [
            f"{self.before.as_of}, edition {self.before.catalog_edition}: {_said(self.before)}",
            f"{self.after.as_of}, edition {self.after.catalog_edition}: {_said(self.after)}",
            f"Why: {self.because}" if not self.same_choice else "The choice is the same.",
        ]
        sections: list[tuple[str, Iterable[object]]] = [
            ("Facts that changed", [f"{fact}{_verdict(fact, self)}" for fact in self.facts]),
            ("Figures that changed", self.diff.figures),
            ("Notes", self.notes),
        ]
        for title, entries in sections:
            listed = [f"  - {entry}" for entry in entries]
            lines += [f"{title}:", *listed] if listed else []
        if not self.diff:
            lines.append("Nothing in the answer has changed.")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.explain()


def _said(recommendation: Recommendation) -> str:
    names = recommendation.chosen or ", ".join(recommendation.tied)
    return f"{recommendation.status}: {names}" if names else recommendation.status


def _verdict(fact: FactChange, of: Replay) -> str:
    if of.same_choice:
        return ""
    words = {True: "flips the choice back", False: "alone changes nothing", None: "cannot be put back"}
    return f" ({words[fact.flips_back]})"


Choice = tuple[Status, tuple[str, ...]]


def _choice(recommendation: Recommendation) -> Choice:
    chosen = () if recommendation.chosen is None else (recommendation.chosen,)
    return recommendation.status, chosen or tuple(sorted(recommendation.tied))


def replay(
    recommendation: Recommendation,
    catalog: Catalog | None = None,
    *,
    as_of: date | str | None = None,
    trust: Sequence[str] | None = None,
    models: Iterable[Model] = (),
    policy: Policy | None = None,
    old_catalog: Catalog | None = None,
) -> Replay:
    """
    Ask the same question again, and say what changed and which fact did it.

    The workload, the caps, the candidates, the day, the trust order and the policy are those of the answer. An
    answer that was not read from JSON still knows its policy and the models that were written by hand; one
    that was has their names only: the policy is then looked up in *catalog*, and such models have to be passed.

    >>> from llm_tradeoffs import recommend
    >>> replay(recommend("support-chatbot")).same_choice
    True

    Args:
        recommendation: The answer.
        catalog: The facts to ask now; None for the bundled catalog.
        as_of: Another day; None for the day of the answer.
        trust: Another trust order; None for that of the answer, without sources that *catalog* does not have.
        models: Candidates that were written by hand.
        policy: The policy, where it was written by hand.
        old_catalog: The edition that answered then. It makes every old fact exactly known; without it those
            are known that *catalog* still records, or that the answer cites in words that give its figures. An
            answer that was not read from JSON needs none.

    Raises:
        InvalidValueError: Candidates or the policy were written by hand and are not passed; none of the trusted
            sources is left; *old_catalog* is another edition than the one that answered.
        UnknownNameError: *models* has one that was no candidate; or the task, or the model whose tokens were
            counted, is not in *catalog*.
        InvalidTypeError: An argument is of another type.
    """
    if not isinstance(recommendation, Recommendation):
        raise InvalidTypeError(f"expected a Recommendation, got {recommendation!r}. Read one with from_json().")
    then = _Then(recommendation, old_catalog)
    now = held_catalog(catalog)
    notes: list[str] = []
    now = _trusting(now, then, trust, notes)
    day = recommendation.as_of if as_of is None else as_day(as_of)
    found, absent = _candidates(then, now, day, models, notes)
    after = recommend_one(
        recommendation.workload,
        list(found.values()),
        _policy(then, policy, now),
        now,
        day,
        caps=recommendation.caps,
        absent=tuple(sorted(absent)),
    )
    notes += _moved(then, now, day, after)
    made = _made_from(after)
    assert made is not None  # it was answered just now
    facts, together = _Blame(then, made, found, after).found()
    return Replay(before=recommendation, after=after, facts=facts, all_flip_back=together, notes=tuple(notes))


def _made_from(recommendation: Recommendation) -> Case | None:
    made_from: Case | None = recommendation._case  # pyright: ignore[reportPrivateUsage]  # kept for such questions
    return made_from


_ABSENT: Final = re.compile(r"(?P<model>.+) is no candidate: nothing is recorded of it on \d{4}-\d{2}-\d{2}")


class _Then:
    """The answer, and what is still known of that from which it was made."""

    def __init__(self, answered: Recommendation, catalog: Catalog | None) -> None:
        self.answer = answered
        case = _made_from(answered)
        self.decision: Decision | None = None if case is None else case.decision
        self.catalog: Catalog | None = None if case is None else case.catalog
        if case is None and catalog is not None:
            held = held_catalog(catalog)
            held = held if held.trust == answered.trust else _of_that_trust(held, answered)
            if held.content_hash != answered.catalog_hash:
                raise InvalidValueError(
                    f"old_catalog is edition {held.edition} ({held.content_hash[:12]}…), and the answer was made from "
                    f"edition {answered.catalog_edition} ({answered.catalog_hash[:12]}…), whose facts differ. "
                    "Pass that one, or leave it out."
                )
            self.catalog = held
        self.models: dict[str, Model] = (
            {} if self.decision is None else {each.model.id: each.model for each in self.decision.assessed}
        )
        self.by_hand: set[str] = {name for name in self.candidates if self._is_by_hand(name)}
        if self.decision is None and self.catalog is not None:
            held = self.catalog
            self.by_hand |= self.candidates - held.records.keys()
            self.models = {name: held.model(name, answered.as_of) for name in self.candidates - self.by_hand}

    @cached_property
    def candidates(self) -> set[str]:
        """Ids of those that were considered."""
        return {candidate.model for candidate in self.answer.candidates}

    @cached_property
    def absent(self) -> set[str]:
        """Ids of those that the question was about and of which nothing was recorded."""
        stated = self.answer.workload.assumptions
        notes = [_ABSENT.fullmatch(note) for note in self.answer.assumptions if note not in stated]
        return {note["model"] for note in notes if note is not None} - self.candidates

    def _is_by_hand(self, name: str) -> bool:
        """Whether a candidate was passed as a Model that the catalog does not have, as far as the answer shows it."""
        if self.decision is None:
            return any(fact.source not in self.answer.trust for fact in self.answer.candidate(name).facts)
        assert self.catalog is not None  # it stands beside the decision
        if name not in self.catalog.records:
            return True
        try:
            held = self.catalog.model(name, self.answer.as_of)
        except NoFactOnDateError:
            return True
        given = self.models[name]
        return held is not given and (held != given or held.sources != given.sources)


def _of_that_trust(catalog: Catalog, answered: Recommendation) -> Catalog:
    try:
        return catalog.trusting(*answered.trust)
    except TradeoffsError as problem:
        raise InvalidValueError(f"old_catalog is not the edition that answered: {problem}") from None


def _trusting(catalog: Catalog, then: _Then, trust: Sequence[str] | None, notes: list[str]) -> Catalog:
    if trust is not None:
        return catalog.trusting(*trust)
    order = then.answer.trust
    kept = tuple(name for name in order if name in catalog.sources)
    if not kept:
        raise InvalidValueError(
            f"none of the sources that were trusted ({', '.join(order)}) is in edition {catalog.edition}. "
            "Pass trust=, such as trust=catalog.trust."
        )
    gone = [name for name in order if name not in catalog.sources]
    if gone:
        notes.append(f"no longer in the catalog, so they say nothing: {', '.join(gone)}")
    new = [name for name in catalog.trust if then.catalog is not None and name not in then.catalog.sources]
    if new:
        notes.append(f"new sources, which were not trusted then and are not asked: {', '.join(new)}")
    return catalog if catalog.trust == kept else catalog.trusting(*kept)


def _candidates(
    then: _Then, now: Catalog, day: date, models: Iterable[Model], notes: list[str]
) -> tuple[dict[str, Model], set[str]]:
    """The models to ask now, by their ids, and the ids of those of which nothing is recorded."""
    asked = then.candidates | then.absent
    given: dict[str, Model] = {}
    for model in models:
        if not isinstance(model, Model):
            raise InvalidTypeError(f"models holds {model!r}; expected Model values that were candidates.")
        if model.id not in asked:
            raise UnknownNameError("candidate", model.id, asked)
        given[model.id] = model
    found: dict[str, Model] = {**given}
    absent: set[str] = set()
    written = {name for name in asked - given.keys() if _was_written(then, now, name)}
    lost = sorted(written - then.models.keys())
    if lost:
        raise InvalidValueError(
            f"{', '.join(lost)}: written by hand, and a saved answer holds only those of its facts that it cites. "
            "Pass models=[...] with the same models."
        )
    for name in sorted(asked - given.keys()):
        if name in written:
            found[name] = then.models[name]
            notes.append(f"{name} was passed as a Model and is taken as it was then")
            continue
        try:
            if name in now.records:
                found[name] = now.model(name, day)
                continue
            gone = _gone(now, name, day)
        except NoFactOnDateError as problem:
            gone = str(problem)
        absent.add(name)
        if name not in then.absent:
            notes.append(f"{name} is no candidate any more: {gone}")
    return found, absent


def _was_written(then: _Then, now: Catalog, name: str) -> bool:
    if name in then.by_hand:
        return True
    # What a caller had laid over the catalog is not in another edition of it.
    return (
        name in then.candidates
        and name not in now.records
        and any(fact.source == CALLER.id for fact in then.answer.candidate(name).facts)
    )


def _gone(now: Catalog, name: str, day: date) -> str:
    try:
        owner = now.resolve(name, day)
    except TradeoffsError:
        return f"edition {now.edition} has no model of that name. If it was written by hand, pass it in models=."
    return (
        f"in edition {now.edition} the name belongs to {owner}, which may be another model. "
        "If it is the same, ask about it anew."
    )


def _policy(then: _Then, policy: Policy | None, now: Catalog) -> Policy:
    if policy is not None:
        if not isinstance(policy, Policy):
            raise InvalidTypeError(f"expected a Policy, got {policy!r}. Read it with Policy.from_toml().")
        return policy
    if then.decision is not None:
        return then.decision.policy
    name = then.answer.policy
    if name == EXPECTED_COST.id:
        return EXPECTED_COST
    try:
        return Policy.named(name, now)
    except UnknownNameError:
        raise InvalidValueError(
            f"the policy {name!r} is not written with the answer, and edition {now.edition} has none of that name. "
            "Pass policy=Policy.from_toml(...)."
        ) from None


def _moved(then: _Then, now: Catalog, day: date, after: Recommendation) -> Iterator[str]:
    """What else of the question means something else now."""
    before = then.answer
    counted = before.workload.counted_for
    if counted is not None and then.catalog is not None:
        meant, means = then.catalog.resolve(counted, before.as_of), now.resolve(counted, day)
        if meant != means:
            yield f"tokens were counted for {counted}; that was {meant} and is {means}"
    asked, asks = (
        [(step.kind, step.id, step.question, step.threshold if step.kind == "question" else "") for step in trace]
        for trace in (before.trace, after.trace)
    )
    if asked != asks:
        named = [f"{kind} {name}" for kind, name, _, _ in dict.fromkeys((*asked, *asks)) if _lacks(asked, asks, name)]
        differing = ", ".join(dict.fromkeys(named)) or "their order"
        yield f"the policy {before.policy!r} asks other questions than then: {differing}"


def _lacks(asked: Sequence[tuple[str, ...]], asks: Sequence[tuple[str, ...]], name: str) -> bool:
    return [step for step in asked if step[1] == name] != [step for step in asks if step[1] == name]


# Which fact did it.


@attrs.frozen
class _World:
    """The facts on which is decided."""

    catalog: Catalog
    models: Mapping[str, Model]

    def with_model(self, model: Model) -> _World:
        return attrs.evolve(self, models={**self.models, model.id: model})

    def without(self, name: str) -> _World:
        return attrs.evolve(self, models={key: model for key, model in self.models.items() if key != name})


PutBack = Callable[[_World], _World]
_ALWAYS_CITED: Final = {"context_window", "ttft"}
"""Fields that an answer cites whenever they are known; others only where they are of use."""


class _Blame:
    """Puts facts back to what they were, and decides again."""

    def __init__(self, then: _Then, made: Case, models: Mapping[str, Model], after: Recommendation) -> None:
        self.then = then
        self.decision, self.day = made.decision, made.day
        self.world = _World(made.catalog, models)
        self.assessed = {each.model.id: each for each in made.decision.assessed}
        self.after = after
        self.goal = _choice(then.answer)
        self.differs = self.goal != _choice(after)

    def found(self) -> tuple[tuple[FactChange, ...], bool | None]:
        """Every fact that changed, and whether all of them together bring the old choice back."""
        changes = list(self._changed())
        if not self.differs:
            return tuple(change for change, _ in changes), None
        facts = tuple(attrs.evolve(change, flips_back=self._flips_back(back)) for change, back in changes)
        if any(fact.flips_back is None for fact in facts):
            return facts, None
        world = self.world
        for _, back in changes:
            assert back is not None  # or it could not have been tried
            world = back(world)
        back_again = self._decided(world) == self.goal
        # A saved answer does not cite everything that counts: what is missing may be a fact.
        return facts, None if self.then.catalog is None and not back_again else back_again

    def _flips_back(self, back: PutBack | None) -> bool | None:
        if back is None:
            return None
        try:
            return self._decided(back(self.world)) == self.goal
        except TradeoffsError:
            return None  # the old fact contradicts the new ones: there is no such world

    def _decide(self, world: _World) -> Decision:
        decision = self.decision
        assessed = [
            self.assessed[name]
            if world.catalog is self.world.catalog and model is self.world.models.get(name)
            else assess_model(model, decision.workload, world.catalog, self.day)
            for name, model in world.models.items()
        ]
        return decide(decision.workload, assessed, decision.policy, decision.caps)

    def _decided(self, world: _World) -> Choice:
        decision = self._decide(world)
        return decision.status, tuple(sorted(decision.leaders))

    # What changed.

    def _changed(self) -> Iterator[tuple[FactChange, PutBack | None]]:
        then, models = self.then, self.world.models
        for name in sorted(then.candidates | models.keys()):
            if name not in models:
                held = then.models.get(name)
                yield (
                    FactChange(subject=name, field="candidate", old="recorded", new=None),
                    None if held is None else _adding(held),
                )
            elif name not in then.candidates:
                yield FactChange(subject=name, field="candidate", old=None, new="recorded"), _removing(name)
            elif name in then.models:
                yield from self._between_models(then.models[name], models[name])
            else:
                yield from self._between_citations(name)
        if then.catalog is not None:
            yield from self._of_the_ratios(then.catalog)
            yield from self._of_the_task(then.catalog)

    def _between_models(self, old: Model, new: Model) -> Iterator[tuple[FactChange, PutBack | None]]:
        """Everything that was stated is known: also facts that no answer cites, which are told if they count."""
        cited = {fact.field for answered in (self.then.answer, self.after) for fact in answered.candidate(new.id).facts}
        before, now = old.sources, new.sources
        for field in dict.fromkeys((*before, *now)):
            was, is_ = before.get(field), now.get(field)
            if _stated(old, field) == _stated(new, field) and _by(was) == _by(is_):
                continue
            back = _replacing(new.id, field, old)
            # A ratio of tokens counts for every model that is compared through this one.
            chained = field == "token_ratio" and self.decision.workload.counted_for is not None
            if field in cited or chained or self._counts(new.id, back):
                yield _fact_change(new.id, field, _cited(was), _cited(is_)), back

    def _counts(self, name: str, back: PutBack) -> bool:
        """Whether putting a fact back changes anything by which the candidate is judged."""
        try:
            return self._judged(back(self.world), name) != self._judged(self.world, name)
        except TradeoffsError:
            return True

    def _judged(self, world: _World, name: str) -> object:
        decision = self._decide(attrs.evolve(world, models={name: world.models[name]}))
        return decision.standings, [decision.runners[0].key(criterion) for criterion in CRITERIA]

    def _between_citations(self, name: str) -> Iterator[tuple[FactChange, PutBack | None]]:
        """Of a saved answer only those facts are known that it cites; what they were is looked for in the catalog."""
        before = {fact.field: fact for fact in self.then.answer.candidate(name).facts}
        now = {fact.field: fact for fact in self.after.candidate(name).facts}
        # What is no longer cited may be known nevertheless: of a bill that cannot be made, no price is.
        now |= {field: fact for field, fact in self.world.models[name].citations.items() if field in before}
        changes: list[tuple[FactChange, Model | None]] = []
        for field in dict.fromkeys((*before, *now)):
            was, is_ = before.get(field), now.get(field)
            change = _fact_change(name, field, was, is_)
            if was is None and field not in _ALWAYS_CITED:
                continue  # it may have been known and of no use
            if (change.old, change.old_source) != (change.new, change.new_source):
                changes.append((change, Model(name) if was is None else self._as_cited(name, was)))
        known = self._gives_the_old_figures(name, changes)
        for change, donor in changes:
            yield change, _replacing(name, change.field, donor) if known and donor is not None else None

    def _gives_the_old_figures(self, name: str, changes: Sequence[tuple[FactChange, Model | None]]) -> bool:
        """Whether the facts, as they were read, explain the saved figures to the last digit."""
        world = self.world
        try:
            for change, donor in changes:
                if donor is None:
                    return True  # nothing can be said against the others
                world = _replacing(name, change.field, donor)(world)
            grounds = grounds_of(self._decide(world), ())
        except TradeoffsError:
            return False
        figures = next(each.figures for each in grounds.candidates if each.model == name)
        return figures == self.then.answer.candidate(name).figures

    def _as_cited(self, name: str, was: Citation) -> Model | None:
        """A model with the field as it was: from the catalog, if it still records that statement, or from its words."""
        record = self.world.catalog.records.get(name)
        for price in () if record is None else record.prices:
            if price_fact(name, price).citation == was:
                return Model(name, usd_per_mtok=(price,))
        for fact in () if record is None else (*record.facts, *record.scores):
            if fact.citation == was:
                return _stating(name, fact.field, fact.value)
        return _in_words(self.world.models[name], was)

    def _of_the_ratios(self, old: Catalog) -> Iterator[tuple[FactChange, PutBack | None]]:
        """Published token ratios of models that are no candidates, through which the candidates are compared."""
        counted, catalog, models = self.decision.workload.counted_for, self.world.catalog, self.world.models
        if counted is None:
            return
        was_on = self.then.answer.as_of
        reached = {*_chain(catalog, self.day, (counted, *models)), *_chain(old, was_on, (counted, *models))}
        for name in sorted(reached - models.keys()):
            before, now = _known(old, name, was_on), _known(catalog, name, self.day)
            if before is not None and now is not None and before.token_ratio != now.token_ratio:
                was, is_ = before.sources.get("token_ratio"), now.sources.get("token_ratio")
                yield (
                    _fact_change(name, "token_ratio", _cited(was), _cited(is_)),
                    partial(_with_ratio, name=name, donor=before),
                )

    def _of_the_task(self, old: Catalog) -> Iterator[tuple[FactChange, PutBack | None]]:
        """Which benchmark speaks for the task, and how it counts."""
        catalog = self.world.catalog
        name = self.decision.workload.task or GENERAL_TASK
        was, is_ = old.tasks.get(name), catalog.tasks.get(name)
        cited = [
            None if task is None else Citation(field="benchmark", value=task.benchmark, source=task.source)
            for task in (was, is_)
        ]
        if cited[0] != cited[1]:
            yield _fact_change(f"task {name}", "benchmark", *cited), _with_task(name, was, old)
        used = is_.benchmark if is_ is not None else ""
        before, now = old.benchmarks.get(used), catalog.benchmarks.get(used)
        if before is not None and now is not None and _counting(before) != _counting(now):
            yield (
                FactChange(subject=f"benchmark {used}", field="scale", old=_counting(before), new=_counting(now)),
                lambda world: _with_benchmark(world, before),
            )


def _known(catalog: Catalog, name: str, day: date) -> Model | None:
    try:
        return catalog.model(name, day)
    except (UnknownNameError, NoFactOnDateError):
        return None


def _chain(catalog: Catalog, day: date, names: Iterable[str]) -> set[str]:
    """Ids of *names* and of every model that their token ratios refer to, one after the other."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        model = _known(catalog, waiting.pop(), day)
        if model is not None and model.id not in found:
            found.add(model.id)
            if model.token_ratio is not None:
                waiting.append(model.token_ratio.base)
    return found


def _cited(fact: Fact | None) -> Citation | None:
    return None if fact is None else fact.citation


def _by(fact: Fact | None) -> str | None:
    return None if fact is None else fact.source.id


def _fact_change(subject: str, field: str, was: Citation | None, is_: Citation | None) -> FactChange:
    return FactChange(
        subject=subject,
        field=field,
        old=None if was is None else was.value,
        new=None if is_ is None else is_.value,
        old_source=None if was is None else was.source,
        new_source=None if is_ is None else is_.source,
    )


def _counting(benchmark: Benchmark) -> str:
    best = "highest" if benchmark.higher_is_better else "lowest"
    scale = "" if benchmark.scale is None else f" from {benchmark.scale[0]} to {benchmark.scale[1]}"
    return f"{benchmark.unit or 'words'}{scale}, the {best} is best"


_NOBODY: Final[dict[str, Any]] = {
    "source": CALLER,
    "effective_from": None,
    "effective_until": None,
    "place": "",
    "note": None,
}


def _stated(model: Model, field: str) -> object:
    """What a model says about a field, without who said it and when."""
    kind = field.partition(".")[0]
    if kind == "rates":
        return [attrs.evolve(row, **_NOBODY) for row in model.rates.prices if rate_field(row) == field]
    if kind == "multipliers":
        return [attrs.evolve(row, **_NOBODY) for row in model.rates.multipliers if multiplier_field(row) == field]
    if kind == "scores":
        return model.score(field.removeprefix("scores."))
    return getattr(model, field)


# Facts read from the words in which they are cited.


def _stating(name: str, field: str, value: Any) -> Model:
    """A model of which one thing is known, that is no price."""
    return Model(name, scores=(value,)) if isinstance(value, Score) else Model(name).with_(**{field: value})


def _in_words(model: Model, was: Citation) -> Model | None:
    """A model that states what *was* says, if its words say it; *model* gives a price its form."""
    kind, _, rest = was.field.partition(".")
    if kind == "rates":
        readings = _prices_in_words(model, was)
    elif kind == "scores":
        readings = [lambda: Score(rest, Range.parse(was.value)), lambda: Score(rest, judgement=was.value)]
    elif was.field in FACT_FIELDS:
        readings = _facts_in_words(was)
    else:
        return None
    for reading in readings:
        try:
            value = reading()
            found = (
                Model(model.id, usd_per_mtok=(value,))
                if isinstance(value, Price)
                else _stating(model.id, was.field, value)
            )
        except (TradeoffsError, ValueError):  # the latter of a date
            continue
        said = found.citations.get(was.field)
        if said is not None and said.value == was.value:
            return found
    return None


def _prices_in_words(model: Model, was: Citation) -> list[Callable[[], object]]:
    amount = re.match(r"\$(\d+/\d+|[\d.,]+)", was.value)
    if amount is None:
        return []
    usd = Usd(amount[1].replace(",", ""))
    rows = [row for row in model.rates.prices if rate_field(row) == was.field]
    if rows:
        return [partial(attrs.evolve, row, usd=usd) for row in rows]
    _, tier, meter = was.field.split(".", 2)
    return [partial(Price, meter=meter, usd=usd, per=per, service_tier=tier) for per in (1_000_000, 1_000, 1)]


def _facts_in_words(was: Citation) -> list[Callable[[], object]]:
    words = was.value
    return [
        lambda: {"True": True, "False": False}.get(words, words),
        lambda: exact(words, was.field),
        lambda: date.fromisoformat(words),
        lambda: TokenRatio.parse(words),
        lambda: tuple(words.split(", ")),
    ]


# Facts put back.


def _adding(model: Model) -> PutBack:
    return lambda world: world.with_model(model)


def _removing(name: str) -> PutBack:
    return lambda world: world.without(name)


def _replacing(name: str, field: str, donor: Model) -> PutBack:
    """One field of one model as *donor* has it."""

    def put_back(world: _World) -> _World:
        changed = world.with_model(_with_field(world.models[name], field, donor))
        return _with_ratio(changed, name, donor) if field == "token_ratio" else changed

    return put_back


def _with_field(model: Model, field: str, donor: Model) -> Model:
    kind = field.partition(".")[0]
    if kind in {"rates", "multipliers"}:
        prices = [row for row in model.rates.prices if rate_field(row) != field]
        factors = [row for row in model.rates.multipliers if multiplier_field(row) != field]
        prices += [row for row in donor.rates.prices if rate_field(row) == field]
        factors += [row for row in donor.rates.multipliers if multiplier_field(row) == field]
        return model.with_(usd_per_mtok=RateCard(prices, factors))
    if kind == "scores":
        benchmark = field.removeprefix("scores.")
        scores = [score for score in model.scores if score.benchmark != benchmark]
        was = donor.score(benchmark)
        return model.with_(scores=scores if was is None else [*scores, was])
    assert field in FACT_FIELDS  # a model has no facts of another kind
    return model.with_(**{field: getattr(donor, field)})


def _with_ratio(world: _World, name: str, donor: Model) -> _World:
    """Ratios of models that a catalog holds are looked up there, in chains."""
    catalog = world.catalog
    record = catalog.records.get(name)
    if record is None:
        return world
    facts = [fact for fact in record.facts if fact.field != "token_ratio"]
    if donor.token_ratio is not None:
        # Said by whoever is trusted first, and always: what is asked is what follows if it holds.
        said_by = catalog.sources[catalog.trust[0]]
        facts.append(Fact(subject=name, field="token_ratio", value=donor.token_ratio, source=said_by))
    # Laid over the others, which may not have been read yet.
    records = ChainMap(
        {name: attrs.evolve(record, facts=tuple(facts))}, cast("dict[str, ModelRecord]", catalog.records)
    )
    return attrs.evolve(world, catalog=attrs.evolve(catalog, records=records))


def _with_task(name: str, task: Task | None, old: Catalog) -> PutBack:
    def put_back(world: _World) -> _World:
        tasks = {key: held for key, held in world.catalog.tasks.items() if key != name}
        benchmarks = dict(world.catalog.benchmarks)
        if task is not None:
            tasks[name] = task
            benchmarks.setdefault(task.benchmark, old.benchmark(task.benchmark))
        return attrs.evolve(world, catalog=attrs.evolve(world.catalog, tasks=tasks, benchmarks=benchmarks))

    return put_back


def _with_benchmark(world: _World, benchmark: Benchmark) -> _World:
    benchmarks = {**world.catalog.benchmarks, benchmark.id: benchmark}
    return attrs.evolve(world, catalog=attrs.evolve(world.catalog, benchmarks=benchmarks))
