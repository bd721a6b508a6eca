"""
The expected-cost objective: cost and accuracy counted in one unit, money.

It is a policy like every other one: the same requirements, one question, and the same answer. What a
decision tree says with thresholds, it says with arithmetic.
"""

from __future__ import annotations

from typing import Final, Literal

from llm_tradeoffs.assessment import REQUIREMENTS
from llm_tradeoffs.errors import InvalidValueError, UnknownNameError
from llm_tradeoffs.policy import Condition, Outcome, Policy, Question

__all__ = ["EXPECTED_COST", "OBJECTIVES", "Objective", "as_objective"]

Objective = Literal["expected-cost"]
OBJECTIVES: Final = ("expected-cost",)

EXPECTED_COST: Final = Policy(
    id="expected-cost",
    title="Expected cost",
    description="Among those that meet every requirement, the least cost of a request and of its error, C + (1-p)·K.",
    requirements=tuple(requirement.id for requirement in REQUIREMENTS),
    questions=(
        Question(
            id="error-cost",
            text="Is it known what a wrong answer costs?",
            when=Condition(kind="test", input="error_cost_usd", operator="stated", operand=True),
            yes=Outcome(rank_by=("expected_cost", "cost"), because="cost and accuracy are both counted, in money"),
            no=Outcome(rank_by=("cost",), because="no cost of a wrong answer was stated, so cost alone counts"),
        ),
    ),
)
"""
Cost per request and the expected cost of its error.

Source:
    Expected value: C + (1-p)·K. Without an error cost K it is C.
"""


def as_objective(objective: object, policy: Policy | str) -> Policy:
    """
    The policy that an objective is.

    Raises:
        UnknownNameError: There is no such objective.
        InvalidValueError: A policy was stated beside it.
    """
    if objective not in OBJECTIVES:
        raise UnknownNameError("objective", objective, OBJECTIVES)
    if policy != "guide":
        named = policy.id if isinstance(policy, Policy) else policy
        raise InvalidValueError(
            f"the policy is {named!r} and the objective is {objective!r}; each of them ranks. State one of them."
        )
    return EXPECTED_COST
