"""
Patterns of use: what it costs to use a model, or several, in more than the plain way.

>>> from llm_tradeoffs.patterns import Cascade, Check, compare
>>> check = Check(usd="0.00002", false_accept="0.05", false_reject="0.10")
>>> cascade = Cascade("gpt-4.1-mini", "claude-haiku-4.5", check=check)
>>> cascade.assess("support-chatbot").cost_per_request
Range('0.000636875', '0.0006611', 'USD')

Each pattern is a value that says how models are used; ``pattern.assess(workload)`` works out exactly what that
costs, how often it is right and how long it takes, with the conventions and assumptions in words. ``compare``
lays patterns and single models side by side. A pattern may stand where a model can: a cascade whose first stage
retries, a review of a best-of-n. Probabilities are numbers from 0 to 1 or ranges of such, and what
follows from ranges are ranges that hold every possible value.
"""

from llm_tradeoffs.patterns._base import (
    Line,
    Nested,
    Part,
    Pattern,
    PatternAssessment,
    Setting,
    Side,
    Single,
    Stage,
)
from llm_tradeoffs.patterns._compare import PatternComparison, compare
from llm_tradeoffs.patterns._documents import BatchShare, MapReduce
from llm_tradeoffs.patterns._history import Conversation, PromptCaching, reads_to_win_back
from llm_tradeoffs.patterns._samples import BestOfN, DraftThenReview, Judge, SelfConsistency
from llm_tradeoffs.patterns._stages import Cascade, Check, Retries, escalation_break_even
from llm_tradeoffs.patterns._values import Member, Share

# What is asked, what is used, what reads, what is answered, the closed forms, and what a pattern of your own needs.
__all__ = [
    "compare",
    "Single",
    "Cascade",
    "Retries",
    "BestOfN",
    "SelfConsistency",
    "DraftThenReview",
    "Conversation",
    "PromptCaching",
    "MapReduce",
    "BatchShare",
    "Check",
    "Judge",
    "PatternAssessment",
    "PatternComparison",
    "Line",
    "escalation_break_even",
    "reads_to_win_back",
    "Pattern",
    "Setting",
    "Side",
    "Nested",
    "Part",
    "Stage",
    "Member",
    "Share",
]
