"""What cannot be meant is refused, in words that say what to do."""

from __future__ import annotations

from typing import Any

import pytest

from llm_tradeoffs import InvalidTypeError, InvalidValueError, Model, UnknownNameError, Workload
from llm_tradeoffs.portfolio import optimize
from refusals import Refusal, check, table

MODEL = Model("acme/one", usd_per_mtok=(1, 2), vendor="acme", aliases=("one",), context_window=1_000)
WORK = Workload(input_tokens=100, output_tokens=10, requests_per_day=5)


def ask(workloads: Any = None, models: Any = (MODEL,), **limits: Any) -> Any:
    return lambda: optimize({"w": WORK} if workloads is None else workloads, models, **limits)


ROWS = {
    "a list of workloads": Refusal(
        ask([WORK]), InvalidTypeError, "workloads", "Workload(", "a mapping from names", "{'chat': Workload(...)"
    ),
    "no workloads": Refusal(ask({}), InvalidValueError, "no workloads", "", "", "Name at least one"),
    "a nameless workload": Refusal(ask({" ": WORK}), InvalidTypeError, "workloads", "' '", "expected a text"),
    "a number for a name": Refusal(ask({3: WORK}), InvalidTypeError, "workloads", "3", "expected a text"),
    "no workload": Refusal(ask({"w": 5}), InvalidTypeError, "expected a Workload", "5"),
    "no preset": Refusal(ask({"w": "support-triag"}), UnknownNameError, "preset", "support-triag", "support-triage"),
    "no volume": Refusal(
        ask({"w": Workload(input_tokens=1, output_tokens=1)}),
        InvalidValueError,
        "no volume is stated",
        "'w'",
        "nobody can say what a month costs",
        "State requests_per_day",
    ),
    "one model": Refusal(
        ask(models="gpt-4.1-mini"), InvalidTypeError, "candidates", "gpt-4.1-mini", "expected several"
    ),
    "an unknown model": Refusal(
        ask(models=["gpt-4.1-mino"]), UnknownNameError, "model", "gpt-4.1-mino", "gpt-4.1-mini"
    ),
    "a model twice": Refusal(ask(models=[MODEL, MODEL]), InvalidValueError, "named twice", "acme/one", "", "once"),
    "a negative budget": Refusal(
        ask(budget_per_month=-1), InvalidValueError, "budget_per_month", "-$1.00", "cannot be negative", "say None"
    ),
    "no number for a budget": Refusal(ask(budget_per_month="much"), InvalidValueError, "budget_per_month", "much"),
    "an endless budget": Refusal(ask(budget_per_month=float("inf")), InvalidValueError, "budget_per_month", "inf"),
    "a bool for a budget": Refusal(ask(budget_per_month=True), InvalidTypeError, "budget_per_month", "True"),
    "a list for a budget": Refusal(ask(budget_per_month=[5]), InvalidTypeError, "budget_per_month", "[5]"),
    "an unknown objective": Refusal(
        ask(objective="profit"), UnknownNameError, "objective", "profit", "'cost', 'expected-cost'"
    ),
    "an unknown end": Refusal(ask(end="middle"), UnknownNameError, "end of an interval", "middle", "'high', 'low'"),
    "a word for splits": Refusal(ask(splits="yes"), InvalidTypeError, "splits", "'yes'", "True or False"),
    "more than all": Refusal(ask(min_quality_percent=101), InvalidValueError, "min_quality_percent", "101", "0 to 100"),
    "less than nothing": Refusal(
        ask(min_quality_percent=-1), InvalidValueError, "min_quality_percent", "-1", "0 to 100"
    ),
    "a floor of nothing": Refusal(ask(quality_floors={"v": 50}), UnknownNameError, "workload", "'v'", "'w'"),
    "a floor above all": Refusal(
        ask(quality_floors={"w": 150}), InvalidValueError, "the quality floor of w", "150", "0 to 100"
    ),
    "one floor": Refusal(ask(quality_floors=70), InvalidTypeError, "quality_floors", "70", "mapping", "{'chat': 75}"),
    "no vendors": Refusal(
        ask(max_vendors=0), InvalidValueError, "max_vendors", "0", "work needs a vendor", "at least 1"
    ),
    "half a vendor": Refusal(ask(max_vendors=1.5), InvalidTypeError, "max_vendors", "1.5", "whole number"),
    "a bool of vendors": Refusal(ask(max_vendors=True), InvalidTypeError, "max_vendors", "True", "whole number"),
    "a limit of a stranger": Refusal(
        ask(rate_limits={"acmee": 5}), UnknownNameError, "model or vendor", "acmee", "'acme'"
    ),
    "a negative limit": Refusal(
        ask(rate_limits={"acme": -5}), InvalidValueError, "the rate limit of acme", "-5", "cannot be negative"
    ),
    "a limit stated twice": Refusal(
        ask(rate_limits={"one": 5, "acme/one": 6}), InvalidValueError, "rate limit", "acme/one", "twice", "Name it once"
    ),
    "a word for a limit": Refusal(ask(rate_limits={"acme": "few"}), InvalidValueError, "rate limit of acme", "few"),
    "one limit": Refusal(ask(rate_limits=5), InvalidTypeError, "rate_limits", "5", "mapping", "'openai'"),
    "no day": Refusal(ask(as_of="soon"), InvalidValueError, "soon", ""),
}


@pytest.mark.parametrize("refusal", table(ROWS))
def test_it_is_refused(refusal: Refusal) -> None:
    check(refusal)
