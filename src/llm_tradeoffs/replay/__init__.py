"""
The same question asked again, on other facts: what changed, and which fact did it.

An answer is data, so two of them can be held against each other to the last reason. Which fact changed the
choice is not guessed: one fact after the other is put back to what it was, and the decision is taken again.
"""

from llm_tradeoffs.replay._asking import Replay, replay
from llm_tradeoffs.replay._blame import FactChange
from llm_tradeoffs.replay._identity import OUTSIDE_THE_DIGEST, Change, Diff, canonical_json, diff, digest
from llm_tradeoffs.replay._premises import Premises

__all__ = [
    "OUTSIDE_THE_DIGEST",
    "Change",
    "Diff",
    "FactChange",
    "Premises",
    "Replay",
    "canonical_json",
    "diff",
    "digest",
    "replay",
]
