"""
Routers: one decision for a request, in microseconds, within budgets, with a reason that can be logged.

>>> from llm_tradeoffs.router import Request, Router
>>> router = Router(["gpt-4.1-mini", "claude-haiku-4.5"])
>>> router.route(Request(input_tokens=2_000, output_tokens=300, needs={"tools"})).model
'gpt-4.1-mini'
"""

from __future__ import annotations

from llm_tradeoffs.router.budget import (
    AsyncBudgetStore,
    Balance,
    Budget,
    BudgetStore,
    BudgetStoreError,
    Line,
    Refusal,
    Reservation,
)
from llm_tradeoffs.router.decision import REASONS, Decision, Nearest, PassedOver, ReasonCode, Settled
from llm_tradeoffs.router.health import Cooldown, ModelHealth
from llm_tradeoffs.router.observed import Beside, Observation, Observed
from llm_tradeoffs.router.request import Request
from llm_tradeoffs.router.router import Router
from llm_tradeoffs.router.sessions import Sessions
from llm_tradeoffs.router.stores.memory import MemoryStore
from llm_tradeoffs.router.stores.redis import AsyncRedisStore, RedisStore
from llm_tradeoffs.router.stores.sqlite import SQLiteStore

__all__ = [
    "Router",
    "Request",
    "Decision",
    "ReasonCode",
    "REASONS",
    "Nearest",
    "PassedOver",
    "Settled",
    "Budget",
    "Balance",
    "BudgetStore",
    "AsyncBudgetStore",
    "BudgetStoreError",
    "Reservation",
    "Line",
    "Refusal",
    "MemoryStore",
    "SQLiteStore",
    "RedisStore",
    "AsyncRedisStore",
    "Cooldown",
    "ModelHealth",
    "Sessions",
    "Observed",
    "Observation",
    "Beside",
]
