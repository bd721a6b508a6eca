"""A bound that is inclusive and one that is strict price every length alike but the bound itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Price, Usage, Usd, cost
from strategies import THRESHOLDS, token_counts, usages

STATED = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens", "web_searches")


def model(**bound: Any) -> Model:
    """Everything costs 1, and 3 for long requests."""
    return Model(
        "acme/one",
        usd_per_mtok=[
            Price(meter=meter, usd=Usd(usd), **of) for meter in STATED for usd, of in (("1", {}), ("3", bound))
        ],
    )


@given(st.sampled_from(THRESHOLDS), token_counts())
def test_they_differ_at_one_token(bound: int, tokens: int) -> None:
    """Below the bound both take the lower price and above it the higher one; at it only the inclusive bound does."""
    strict = cost(model(above_input_tokens=bound), input_tokens=tokens, output_tokens=7).total
    inclusive = cost(model(from_input_tokens=bound), input_tokens=tokens, output_tokens=7).total
    if tokens == bound:
        assert inclusive == strict * 3
    else:
        assert inclusive == strict


@given(st.sampled_from(THRESHOLDS), usages())
def test_from_n_is_above_n_minus_1(bound: int, usage: Usage) -> None:
    """Token counts are whole, so "from 200" and "above 199" are one and the same, in cost and in breakpoints."""
    one, other = model(from_input_tokens=bound), model(above_input_tokens=bound - 1)
    assert cost(one, usage).total == cost(other, usage).total
    assert one.rates.breakpoints() == other.rates.breakpoints() == (bound - 1,)


def test_a_card_may_mix_both_kinds() -> None:
    """The highest bound that holds answers, strict or inclusive."""
    rows = [
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="input_tokens", usd=Usd(2), from_input_tokens=100),
        Price(meter="input_tokens", usd=Usd(3), above_input_tokens=100),
    ]
    mixed = Model("acme/one", usd_per_mtok=rows)
    prices = [cost(mixed, input_tokens=tokens, output_tokens=0).lines[0].price.usd for tokens in (99, 100, 101)]
    assert prices == [Usd(1), Usd(2), Usd(3)]
