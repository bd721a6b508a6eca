"""The same question asked again on other facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.catalog import Catalog, held_catalog
from llm_tradeoffs.errors import (
    InvalidTypeError,
    InvalidValueError,
    NoFactOnDateError,
    TradeoffsError,
    UnknownNameError,
)
from llm_tradeoffs.facts import CALLER, as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.policy import Policy
from llm_tradeoffs.recommendation import Recommendation
from llm_tradeoffs.replay._blame import FactChange, blame, choice_of
from llm_tradeoffs.replay._identity import Diff, diff
from llm_tradeoffs.replay._premises import catalog_of
from llm_tradeoffs.selector import recommend_one

__all__ = ["Replay", "replay"]


@attrs.frozen(kw_only=True)
class Replay(Tabular):
    """
    The same question on other facts.

    Attributes:
        before: The answer then.
        after: The answer now.
        facts: The facts that changed, by their subjects; those that no answer cites only where they count.
        all_flip_back: Whether the choice is the old one again with every fact put back; None if the choice
            is the same, or if the old facts cannot hold together with what is asked now.
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
        return choice_of(self.before) == choice_of(self.after)

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
            return "not known: the old facts cannot hold together with what is asked now, so they cannot be put back"
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


def replay(
    recommendation: Recommendation,
    catalog: Catalog | None = None,
    *,
    as_of: date | str | None = None,
    trust: Sequence[str] | None = None,
    models: Iterable[Model] = (),
    policy: Policy | None = None,
) -> Replay:
    """
    Ask the same question again, and say what changed and which fact did it.

    The workload, the caps, the candidates, the day, the trust order and the policy are those of the answer. What
    it follows from is written with it (see :class:`Premises`), so an answer that was read from JSON is asked again
    like one that was given just now: its policy is followed as it was, and models that were written by hand are
    taken as they were.

    >>> from llm_tradeoffs import Recommendation, recommend
    >>> text = recommend("support-chatbot").to_json()
    >>> replay(Recommendation.from_json(text)).same_choice
    True

    Args:
        recommendation: The answer.
        catalog: The facts to ask now; None for the bundled catalog.
        as_of: Another day; None for the day of the answer.
        trust: Another trust order; None for that of the answer, without sources that *catalog* does not have.
        models: Candidates to take instead, where one that was written by hand is known better now.
        policy: Another policy to follow.

    Raises:
        InvalidValueError: None of the trusted sources is left.
        UnknownNameError: *models* has one that was no candidate; or the task, or the model whose tokens were
            counted, is not in *catalog*.
        InvalidTypeError: An argument is of another type.
    """
    if not isinstance(recommendation, Recommendation):
        raise InvalidTypeError(f"expected a Recommendation, got {recommendation!r}. Read one with from_json().")
    now = held_catalog(catalog)
    notes: list[str] = []
    now = _trusting(now, recommendation, trust, notes)
    day = recommendation.as_of if as_of is None else as_day(as_of)
    found, absent = _candidates(recommendation, now, day, models, notes)
    after = recommend_one(
        recommendation.workload,
        list(found.values()),
        _policy(recommendation, policy),
        now,
        day,
        caps=recommendation.caps,
        absent=tuple(sorted(absent)),
    )
    notes += _moved(recommendation, now, day, after)
    facts, together = blame(recommendation, after, after.case, found)
    return Replay(before=recommendation, after=after, facts=facts, all_flip_back=together, notes=tuple(notes))


_ABSENT: Final = re.compile(r"(?P<model>.+) is no candidate: nothing is recorded of it on \d{4}-\d{2}-\d{2}")


def _absent(before: Recommendation) -> set[str]:
    """Ids of those that the question was about and of which nothing was recorded."""
    stated = before.workload.assumptions
    notes = [_ABSENT.fullmatch(note) for note in before.assumptions if note not in stated]
    return {note["model"] for note in notes if note is not None} - {each.model for each in before.candidates}


def _trusting(catalog: Catalog, before: Recommendation, trust: Sequence[str] | None, notes: list[str]) -> Catalog:
    if trust is not None:
        return catalog.trusting(*trust)
    order = before.trust
    kept = tuple(name for name in order if name in catalog.sources)
    if not kept:
        raise InvalidValueError(
            f"none of the sources that were trusted ({', '.join(order)}) is in edition {catalog.edition}. "
            "Pass trust=, such as trust=catalog.trust."
        )
    gone = [name for name in order if name not in catalog.sources]
    if gone:
        notes.append(f"no longer in the catalog, so they say nothing: {', '.join(gone)}")
    new = [name for name in catalog.trust if name not in order]
    if new:
        notes.append(f"sources that were not trusted then and are not asked: {', '.join(new)}")
    return catalog if catalog.trust == kept else catalog.trusting(*kept)


def _candidates(
    before: Recommendation, now: Catalog, day: date, models: Iterable[Model], notes: list[str]
) -> tuple[dict[str, Model], set[str]]:
    """The models to ask now, by their ids, and the ids of those of which nothing is recorded."""
    then = {model.id: model for model in before.premises.models}
    absent_then = _absent(before)
    asked = then.keys() | absent_then
    found: dict[str, Model] = {}
    for model in models:
        if not isinstance(model, Model):
            raise InvalidTypeError(f"models holds {model!r}; expected Model values that were candidates.")
        if model.id not in asked:
            raise UnknownNameError("candidate", model.id, asked)
        found[model.id] = model
    absent: set[str] = set()
    for name in sorted(asked - found.keys()):
        if _was_written(before, now, name):
            found[name] = then[name]
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
        if name not in absent_then:
            notes.append(f"{name} is no candidate any more: {gone}")
    return found, absent


def _was_written(before: Recommendation, now: Catalog, name: str) -> bool:
    if name in before.premises.by_hand:
        return True
    # What a caller had laid over the catalog is not in another edition of it.
    said_by = {source for model in before.premises.models if model.id == name for source in model.cited_sources}
    return name not in now.records and CALLER.id in said_by


def _gone(now: Catalog, name: str, day: date) -> str:
    try:
        owner = now.resolve(name, day)
    except TradeoffsError:
        return f"edition {now.edition} has no model of that name. If it was written by hand, pass it in models=."
    return (
        f"in edition {now.edition} the name belongs to {owner}, which may be another model. "
        "If it is the same, ask about it anew."
    )


def _policy(before: Recommendation, policy: Policy | None) -> Policy:
    if policy is None:
        return before.premises.policy
    if not isinstance(policy, Policy):
        raise InvalidTypeError(f"expected a Policy, got {policy!r}. Read it with Policy.from_toml().")
    return policy


def _moved(before: Recommendation, now: Catalog, day: date, after: Recommendation) -> Iterator[str]:
    """What else of the question means something else now."""
    counted = before.workload.counted_for
    if counted is not None and counted not in before.premises.by_hand:
        meant, means = catalog_of(before).resolve(counted, before.as_of), now.resolve(counted, day)
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
