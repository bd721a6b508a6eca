"""One pattern of every kind, drawn with all that it may say, for the laws that hold for each of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from llm_tradeoffs import Model, Range
from llm_tradeoffs.patterns import (
    BatchShare,
    BestOfN,
    Cascade,
    Check,
    Conversation,
    DraftThenReview,
    Judge,
    MapReduce,
    Pattern,
    PromptCaching,
    Retries,
    SelfConsistency,
    Single,
)

KINDS = (
    "single",
    "cascade",
    "retries",
    "best of n",
    "majority",
    "review",
    "conversation",
    "summary",
    "cache",
    "chunks",
    "batch",
)
"""Every kind; a conversation that is cut and one that is summarised count as two."""

TALKS = ("conversation", "summary", "cache")

# For each kind the probabilities that it takes, in the order in which :func:`pattern_of` expects them.
PROBABILITIES = {
    "single": (),
    "cascade": ("false_accept", "false_reject", "hopeless"),
    "retries": ("false_accept", "false_reject", "hopeless"),
    "best of n": ("picks_right", "hopeless"),
    "majority": ("hopeless",),
    "review": ("fixes", "breaks"),
    "conversation": (),
    "summary": (),
    "cache": ("expired", "shared_found"),
    "chunks": ("right_share",),
    "batch": ("share",),
}


def pattern_of(kind: str, one: Model, two: Model, numbers: dict[str, Any]) -> Pattern:
    """
    A pattern of a kind.

    Args:
        kind: One of :data:`KINDS`.
        one, two: The models.
        numbers: Its probabilities by name, and the whole numbers ``n``, ``tokens`` and ``every``.
    """
    n = numbers["n"]
    found: Pattern = Single(one)
    match kind:
        case "cascade":
            rates = {name: numbers[name] for name in ("false_accept", "false_reject")}
            found = Cascade(one, two, one, check=Check(usd="0.001", **rates), hopeless=numbers["hopeless"])
        case "retries":
            rates = {name: numbers[name] for name in ("false_accept", "false_reject")}
            found = Retries(one, times=n, check=Check(usd="0.001", **rates), hopeless=numbers["hopeless"])
        case "best of n":
            judge = Judge(model=two, picks_right=numbers["picks_right"])
            found = BestOfN(one, n=n, judge=judge, hopeless=numbers["hopeless"])
        case "majority":
            found = SelfConsistency(one, n=n, hopeless=numbers["hopeless"])
        case "review":
            found = DraftThenReview(one, two, fixes=numbers["fixes"], breaks=numbers["breaks"])
        case "conversation":
            found = Conversation(one, last_tokens=numbers["tokens"])
        case "summary":
            found = Conversation(
                one, summarise_every=numbers["every"], summary_tokens=numbers["tokens"], summary_model=two
            )
        case "cache":
            shares = {name: numbers[name] for name in ("expired", "shared_found")}
            found = PromptCaching(one, minimum_tokens=numbers["tokens"], **shares)
        case "chunks":
            found = MapReduce(
                one,
                chunk_tokens=numbers["tokens"] + 10,
                overlap_tokens=5,
                reducer=two,
                fan_in=2,
                right_share=numbers["right_share"],
            )
        case "batch":
            found = BatchShare(one, numbers["share"])
        case _:
            assert kind == "single"
    return found


@st.composite
def whole_numbers(draw: st.DrawFn) -> dict[str, Any]:
    """The numbers of a pattern that are counts."""
    return {
        "n": draw(st.integers(1, 5)),
        "tokens": draw(st.sampled_from([0, 20, 100, 300])),
        "every": draw(st.integers(1, 4)),
    }


def inside(value: Range | None, outer: Range | None) -> bool:
    """Whether one range lies in another; unknown in unknown."""
    if value is None or outer is None:
        return value is outer
    return value in outer


def fraction_in(range_: Range, share: Fraction) -> Fraction:
    """The value that lies *share* of the way through a range."""
    return Fraction(range_.low) + share * (Fraction(range_.high) - Fraction(range_.low))
