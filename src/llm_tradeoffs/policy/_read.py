"""Policies from TOML; every fault of a file in one report."""

from __future__ import annotations

from functools import lru_cache
from os import PathLike
from typing import Any

import attrs

from llm_tradeoffs._load import Document, open_document
from llm_tradeoffs._places import parse_where
from llm_tradeoffs.errors import CatalogError
from llm_tradeoffs.policy._tree import Outcome, Policy, Question, condition_from, problems_of

__all__ = ["load_policy", "parse_policy", "policy_of"]


@attrs.frozen(kw_only=True)
class OutcomeRow:
    ask: str = ""
    rank_by: tuple[str, ...] = ()
    tie: str = ""
    because: str = ""


@attrs.frozen(kw_only=True)
class QuestionRow:
    id: str
    text: str
    when: Any
    yes: OutcomeRow
    no: OutcomeRow
    outranks: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class PolicyFile:
    id: str
    title: str
    description: str = ""
    source: str | None = None
    requirements: tuple[str, ...] = ()
    questions: tuple[QuestionRow, ...]


@lru_cache(maxsize=64)
def parse_policy(text: str, name: str) -> Policy:
    """The policy that *text* states. Raises ``CatalogError`` with every fault, by the file *name*."""
    return _policy(Document(name, text.encode()))


def load_policy(path: str | PathLike[str]) -> Policy:
    """Read one policy file. Raises ``CatalogError`` with every fault."""
    return _policy(open_document(path))


def _policy(document: Document) -> Policy:
    policy = policy_of(document)
    if policy is None:
        raise CatalogError(document.faults)
    return policy


def policy_of(document: Document, expected_id: str | None = None) -> Policy | None:
    """
    The policy that *document* states, or None with its faults noted there.

    Args:
        document: A TOML file.
        expected_id: The id that its file name promises; None for any.
    """
    read = document.structure(PolicyFile)
    if read is None:
        return None
    if expected_id is not None and read.id != expected_id:
        document.fault(["id"], f"expected this file at policies/{read.id}.toml, found policies/{expected_id}.toml")

    def problem(place: str, words: str) -> None:
        document.fault(parse_where(place), words, stood_in=True)

    questions = tuple(
        Question(
            id=row.id,
            text=row.text,
            when=condition_from(row.when, f"questions[{index}].when", problem),
            yes=_outcome(row.yes),
            no=_outcome(row.no),
            outranks=row.outranks,
        )
        for index, row in enumerate(read.questions)
    )
    for place, words in problems_of(read.requirements, questions):
        document.fault(parse_where(place), words)
    if document.faults:
        return None
    return Policy(
        id=read.id,
        title=read.title,
        description=read.description,
        source=read.source,
        requirements=read.requirements,
        questions=questions,
    )


def _outcome(row: OutcomeRow) -> Outcome:
    return Outcome(ask=row.ask, rank_by=row.rank_by, tie=row.tie, because=row.because)  # type: ignore[arg-type]  # checked by problems_of
