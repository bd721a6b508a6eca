"""One answer of every kind that can be shown, made by the real library."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import patterns, pricing

MINI, HAIKU = MODELS = ("gpt-4.1-mini", "claude-haiku-4.5")
CHAT = lt.Workload(
    title="Support chat",
    input_tokens=200,
    output_tokens=150,
    requests_per_day=10_000,
    complexity="low",
    error_cost="0.05",
)
BLANK = lt.Model("acme/blank", name="Acme Blank")


def _patterns() -> Any:
    check = patterns.Check(usd="0.00002", false_accept="0.05", false_reject="0.10", time=50)
    cascade = patterns.Cascade(MINI, HAIKU, check=check, name="cascade")
    return patterns.compare(MINI, HAIKU, cascade, workload=CHAT)


def _plan(**limits: Any) -> lt.Plan:
    work = {"triage": lt.Workload.preset("support-triage"), "chat": CHAT}
    return lt.optimize(work, [MINI, HAIKU], **limits)


def _calls() -> lt.CallsCost:
    row = {"input_tokens": 1_200, "output_tokens": 150}
    log = [{"model": MINI, **row}, {"model": HAIKU, "service_tier": "batch", **row}, {"model": "gpt-4.1-mimi", **row}]
    return lt.Calls.from_records(log).cost()


def _registry() -> lt.PricingRegistry:
    return lt.PricingRegistry.bundled().with_layer({MINI: ("0.32", "1.28")}, name="contract", kind="negotiated")


ANSWERS: dict[str, Callable[[], Any]] = {
    "comparison": lambda: lt.compare(*MODELS, workload=CHAT),
    "comparison of three": lambda: lt.compare(*MODELS, BLANK, workload="support-chatbot"),
    "comparison of one": lambda: lt.compare(MINI, workload="contract-review"),
    "comparison of none": lambda: lt.compare(workload=CHAT),
    "assessment": lambda: lt.assess(HAIKU, "support-conversation-50-turns"),
    "assessment of a blank": lambda: lt.assess(BLANK, CHAT.with_(needs={"vision"})),
    "recommendation": lambda: lt.recommend("support-chatbot"),
    "recommendation in money": lambda: lt.recommend(CHAT),
    "tie": lambda: lt.recommend(lt.Workload(input_tokens=200, output_tokens=150)),
    "nobody": lambda: lt.recommend(CHAT.with_(longest_tokens=10_000_000)),
    "unknown": lambda: lt.recommend(CHAT.with_(needs={"vision"}), [BLANK]),
    "mix": lambda: lt.recommend([lt.Workload.preset("support-chatbot"), CHAT.with_(requests_per_day=7)]),
    "catalog": lt.Catalog.bundled,
    "catalog of the article": lambda: lt.Catalog.bundled(trust=("article",)),
    "model": lambda: lt.Catalog.bundled()[MINI],
    "policy": lambda: lt.Policy.named("guide"),
    "policy of the article": lambda: lt.Policy.named("article"),
    "cost": lambda: lt.cost("gpt-5.4", input_tokens=300_000, cache_read_tokens=200_000, output_tokens=5_000),
    "cost between": lambda: lt.cost(
        MINI, input_tokens=1_000, cache_read_tokens=800, output_tokens=100, service_tier="batch"
    ),
    "workload cost": lambda: lt.assess(MINI, "support-chatbot").cost,
    "calls": _calls,
    "prices": lambda: _registry().explain(MINI),
    "price diff": lambda: pricing.diff(lt.PricingRegistry.bundled(), _registry()),
    "audit": lambda: lt.audit("article"),
    "lint": lambda: lt.Policy.named("article").lint(),
    "lint of nothing": lambda: lt.Policy.named("guide").lint(),
    "flips": lambda: lt.recommend("support-chatbot").flips(),
    "why not": lambda: lt.recommend("support-chatbot").why_not(HAIKU),
    "break-even": lambda: lt.break_even(MINI, HAIKU, CHAT, of="token_ratio"),
    "sensitivity": lambda: lt.sensitivity(list(MODELS), CHAT),
    "information": lambda: lt.information(lt.recommend(lt.Workload(input_tokens=200, output_tokens=150))),
    "pareto": lambda: lt.recommend("support-chatbot", [*MODELS, BLANK]).pareto(),
    "diff": lambda: lt.recommend("support-chatbot").diff(lt.recommend("support-chatbot", policy="article")),
    "replay": lambda: lt.recommend("support-chatbot").replay(lt.Catalog.bundled(trust=("article",))),
    "plan": lambda: _plan(budget_per_month=1000),
    "plan that is none": lambda: _plan(budget_per_month="0.01"),
    "patterns": _patterns,
    "pattern": lambda: _patterns()["cascade"],
}


@cache
def made(name: str) -> Any:
    """Each is made once: an audit and a lint take their time."""
    return ANSWERS[name]()


@pytest.fixture(params=ANSWERS)
def answer(request: pytest.FixtureRequest) -> Any:
    """Every answer that can be shown."""
    return made(request.param)


@pytest.fixture(scope="session")
def every_answer() -> list[Any]:
    """All of them."""
    return [made(name) for name in ANSWERS]
