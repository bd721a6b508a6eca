"""Cost is additive over usages, where no price depends on the single call."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usage, Usd, cost
from oracle import PARENT, Tariff
from strategies import counts_of, model_of, tariffs, usages

SMALL = 10**29  # two of them are still a believable count


def together(*calls: Usage) -> Usage:
    """All tokens of *calls* in one call; a test may add what the library refuses to."""
    every = [counts_of(call) for call in calls]
    return Usage(**{name: sum(counts[name] for counts in every) for name in every[0]})


@given(tariffs(thresholds=False, request_fee=False), usages(most=SMALL), usages(most=SMALL))
def test_cost_is_additive_over_usages(tariff: Tariff, one: Usage, other: Usage) -> None:
    """Two calls cost together what one call with the tokens of both costs."""
    model = model_of(tariff)
    assert cost(model, together(one, other)).total == cost(model, one).total + cost(model, other).total


@given(tariffs(thresholds=False), usages(most=SMALL), usages(most=SMALL))
def test_a_fee_per_request_is_due_for_each_call(tariff: Tariff, one: Usage, other: Usage) -> None:
    """Two calls cost one fee more than one call with the tokens of both, which is why usages cannot be added."""
    model = model_of(tariff)
    fee = Usd(tariff.get(("requests", "standard", None), Fraction(0)))
    assert cost(model, one).total + cost(model, other).total == cost(model, together(one, other)).total + fee


@given(tariffs(), usages())
def test_a_bill_holds_every_token_once(tariff: Tariff, usage: Usage) -> None:
    """The lines of a bill add up to its total, and their token counts to the tokens of the call."""
    bill = cost(model_of(tariff), usage)
    tokens = sum(line.quantity for line in bill.lines if line.meter.endswith("_tokens"))
    assert sum((line.amount for line in bill.lines), Usd(0)) == bill.total
    assert tokens == usage.input_tokens + usage.output_tokens
    assert len({line.meter for line in bill.lines}) == len(bill.lines)


@given(tariffs(), usages(), st.sampled_from(sorted(PARENT)))
def test_a_part_is_never_billed_beside_its_total(tariff: Tariff, usage: Usage, part: str) -> None:
    """The line of a total holds what is in none of its parts."""
    lines = {line.meter: line.quantity for line in cost(model_of(tariff), usage).lines}
    total = PARENT[part]
    parts = sum(counts_of(usage)[name] for name in PARENT if PARENT[name] == total)
    assert lines.get(part, 0) == counts_of(usage)[part]
    assert lines.get(total, 0) == counts_of(usage)[total] - parts
