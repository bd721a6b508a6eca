"""Cost is monotone in every rate."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usage, Workload, assess, cost
from oracle import PARENT, Tariff
from strategies import counts_of, loads, model_of, positive_numbers, tariffs, usages


@given(tariffs(), usages(), positive_numbers(), st.data())
def test_cost_is_monotone_in_every_rate(tariff: Tariff, usage: Usage, rise: Fraction, data: st.DataObject) -> None:
    """Raising any one published price never makes a call cheaper."""
    row = data.draw(st.sampled_from(sorted(tariff, key=str)))
    raised = {**tariff, row: tariff[row] + rise}
    assert cost(model_of(raised), usage).total >= cost(model_of(tariff), usage).total


@given(tariffs(thresholds=False), usages(), positive_numbers(), st.data())
def test_a_call_pays_for_a_raised_rate(tariff: Tariff, usage: Usage, rise: Fraction, data: st.DataObject) -> None:
    """Raising the price of a meter that was used, or that an unpriced part is billed at, makes the call dearer."""
    row = data.draw(st.sampled_from(sorted(tariff, key=str)))
    priced = {meter for meter, _, _ in tariff}
    counts = counts_of(usage) | {"requests": 1}
    for total in ("input_tokens", "output_tokens"):
        counts[total] -= sum(counts[part] for part in PARENT if PARENT[part] == total and part in priced)
    raised = {**tariff, row: tariff[row] + rise}
    dearer = cost(model_of(raised), usage).total > cost(model_of(tariff), usage).total
    assert dearer == (counts[row[0]] > 0)


@given(tariffs(tiers=("standard", "batch")), loads(), positive_numbers(), st.data())
def test_workload_cost_is_monotone_in_every_rate(
    tariff: Tariff, load: dict[str, Any], rise: Fraction, data: st.DataObject
) -> None:
    """Raising any one published price never makes a workload cheaper."""
    row = data.draw(st.sampled_from(sorted(tariff, key=str)))
    before = assess(model_of(tariff), Workload(**load)).cost
    after = assess(model_of({**tariff, row: tariff[row] + rise}), Workload(**load)).cost
    assert before is not None
    assert after is not None
    assert after.per_request >= before.per_request
