"""
Which LLM for this work? With numbers anyone can check.

>>> import llm_tradeoffs as lt
>>> lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150).total
Usd('0.00032')
>>> lt.recommend("support-triage").chosen
'gpt-4.1-mini'

Nothing is loaded before it is asked for: ``import llm_tradeoffs`` reads no file, and each name below
brings its own module.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from llm_tradeoffs._version import __version__

if TYPE_CHECKING:
    from llm_tradeoffs.analysis._break_even import BreakEven, break_even
    from llm_tradeoffs.analysis._flips import Flip, Flips
    from llm_tradeoffs.analysis._information import Information, information, value_of_information
    from llm_tradeoffs.analysis._pareto import Pareto
    from llm_tradeoffs.analysis._sensitivity import Sensitivity, probability_cheaper, sensitivity
    from llm_tradeoffs.analysis._why_not import WhyNot
    from llm_tradeoffs.assessment import Assessment, assess
    from llm_tradeoffs.calls import BadRowsError, Call, Calls, CallsCost, CallsLeftOutError
    from llm_tradeoffs.catalog import Benchmark, Catalog, Conflict, ModelRecord, Task
    from llm_tradeoffs.claims import AuditedClaim, AuditReport, Claim, Claims, audit
    from llm_tradeoffs.comparison import Comparison, compare
    from llm_tradeoffs.costing import Cost, LineItem, WorkloadCost, cost
    from llm_tradeoffs.errors import (
        AmbiguousNameError,
        CatalogError,
        Fault,
        ImpossibleUsageError,
        InvalidTypeError,
        InvalidValueError,
        MissingExtraError,
        NoFactOnDateError,
        PolicyError,
        PriceSourceError,
        SchemaVersionError,
        TradeoffsError,
        UnitMismatchError,
        UnknownNameError,
        UnknownPriceError,
    )
    from llm_tradeoffs.facts import Alias, Fact, Source, Unknown
    from llm_tradeoffs.model import Model, Score, TokenRatio
    from llm_tradeoffs.money import Usd
    from llm_tradeoffs.policy import Finding, LintReport, Policy
    from llm_tradeoffs.portfolio import Plan, optimize
    from llm_tradeoffs.prefix_cache import PrefixCache
    from llm_tradeoffs.pricing import PriceData, PriceSource, PricingRegistry
    from llm_tradeoffs.ranges import Range
    from llm_tradeoffs.rates import Multiplier, Price, RateCard, TimeWindow
    from llm_tradeoffs.recommendation import Caps, Mix, Recommendation, Robustness
    from llm_tradeoffs.replay import Diff, Replay
    from llm_tradeoffs.router import Budget, Decision, Request, Router
    from llm_tradeoffs.selector import recommend
    from llm_tradeoffs.tokens import TokenCount, TokenCounter, count_tokens
    from llm_tradeoffs.usage import Usage, UsageTotal
    from llm_tradeoffs.workload import Workload

# The table of contents: what you ask, what you describe, what you get, what it rests on, what goes wrong.
__all__ = [
    "Alias",
    "AmbiguousNameError",
    "Assessment",
    "AuditReport",
    "AuditedClaim",
    "BadRowsError",
    "Benchmark",
    "BreakEven",
    "Budget",
    "Call",
    "Calls",
    "CallsCost",
    "CallsLeftOutError",
    "Caps",
    "Catalog",
    "CatalogError",
    "Claim",
    "Claims",
    "Comparison",
    "Conflict",
    "Cost",
    "Decision",
    "Diff",
    "Fact",
    "Fault",
    "Finding",
    "Flip",
    "Flips",
    "ImpossibleUsageError",
    "Information",
    "InvalidTypeError",
    "InvalidValueError",
    "LineItem",
    "LintReport",
    "MissingExtraError",
    "Mix",
    "Model",
    "ModelRecord",
    "Multiplier",
    "NoFactOnDateError",
    "Pareto",
    "Plan",
    "Policy",
    "PolicyError",
    "PrefixCache",
    "Price",
    "PriceData",
    "PriceSource",
    "PriceSourceError",
    "PricingRegistry",
    "Range",
    "RateCard",
    "Recommendation",
    "Replay",
    "Request",
    "Robustness",
    "Router",
    "SchemaVersionError",
    "Score",
    "Sensitivity",
    "Source",
    "Task",
    "TimeWindow",
    "TokenCount",
    "TokenCounter",
    "TokenRatio",
    "TradeoffsError",
    "UnitMismatchError",
    "Unknown",
    "UnknownNameError",
    "UnknownPriceError",
    "Usage",
    "UsageTotal",
    "Usd",
    "WhyNot",
    "Workload",
    "WorkloadCost",
    "__version__",
    "assess",
    "audit",
    "break_even",
    "compare",
    "cost",
    "count_tokens",
    "information",
    "optimize",
    "probability_cheaper",
    "recommend",
    "sensitivity",
    "value_of_information",
]

_HOMES = {
    "analysis._flips": ("Flip", "Flips"),
    "analysis._pareto": ("Pareto",),
    "analysis._why_not": ("WhyNot",),
    "analysis._break_even": ("BreakEven", "break_even"),
    "analysis._information": ("Information", "information", "value_of_information"),
    "analysis._sensitivity": ("Sensitivity", "probability_cheaper", "sensitivity"),
    "calls": ("BadRowsError", "Call", "Calls", "CallsCost", "CallsLeftOutError"),
    "portfolio": ("Plan", "optimize"),
    "prefix_cache": ("PrefixCache",),
    "assessment": ("Assessment", "assess"),
    "catalog": ("Benchmark", "Catalog", "Conflict", "ModelRecord", "Task"),
    "claims": ("AuditReport", "AuditedClaim", "Claim", "Claims", "audit"),
    "comparison": ("Comparison", "compare"),
    "costing": ("Cost", "LineItem", "WorkloadCost", "cost"),
    "errors": (
        "AmbiguousNameError",
        "CatalogError",
        "Fault",
        "ImpossibleUsageError",
        "InvalidTypeError",
        "InvalidValueError",
        "MissingExtraError",
        "NoFactOnDateError",
        "PolicyError",
        "PriceSourceError",
        "SchemaVersionError",
        "TradeoffsError",
        "UnitMismatchError",
        "UnknownNameError",
        "UnknownPriceError",
    ),
    "facts": ("Alias", "Fact", "Source", "Unknown"),
    "model": ("Model", "Score", "TokenRatio"),
    "money": ("Usd",),
    "policy": ("Finding", "LintReport", "Policy"),
    "pricing": ("PriceData", "PriceSource", "PricingRegistry"),
    "ranges": ("Range",),
    "rates": ("Multiplier", "Price", "RateCard", "TimeWindow"),
    "recommendation": ("Caps", "Mix", "Recommendation", "Robustness"),
    "replay": ("Diff", "Replay"),
    "router": ("Budget", "Decision", "Request", "Router"),
    "selector": ("recommend",),
    "tokens": ("TokenCount", "TokenCounter", "count_tokens"),
    "usage": ("Usage", "UsageTotal"),
    "workload": ("Workload",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'llm_tradeoffs' has no attribute {name!r}")
    # Bound for the next time. No module is called like a public name, since importing it would hide the name.
    value = globals()[name] = getattr(import_module(f"llm_tradeoffs.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
