"""
Several workloads, several models, one budget: which model should do which work.

>>> from llm_tradeoffs.portfolio import optimize
>>> plan = optimize({"triage": "support-triage", "chat": "support-chatbot"}, budget_per_month=120)
>>> plan.assignment
{'chat': 'gpt-4.1-mini', 'triage': 'gpt-4.1-mini'}
"""

from llm_tradeoffs.portfolio.optimizer import optimize
from llm_tradeoffs.portfolio.plan import (
    Alternative,
    BudgetCurve,
    BudgetPoint,
    Conflict,
    Exclusion,
    Plan,
    PlanPart,
    ShadowPrice,
)

__all__ = [
    "Alternative",
    "BudgetCurve",
    "BudgetPoint",
    "Conflict",
    "Exclusion",
    "Plan",
    "PlanPart",
    "ShadowPrice",
    "optimize",
]
