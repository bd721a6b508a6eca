"""Cached input never costs more than fresh input where its rate is lower."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usage, Workload, assess, cost
from oracle import Tariff
from strategies import counts_of, loads, model_of, shares, tariffs, usages


def with_cheaper_cache(tariff: Tariff, discount: Fraction) -> Tariff:
    """*tariff* with cached input at a share of the fresh price, for requests of every length."""
    others = {row: usd for row, usd in tariff.items() if row[0] != "cache_read_tokens"}
    cached = {
        ("cache_read_tokens", tier, above): usd * discount
        for (meter, tier, above), usd in tariff.items()
        if meter == "input_tokens"
    }
    return others | cached


@given(tariffs(), usages(), shares(), st.data())
def test_cached_input_never_costs_more(tariff: Tariff, usage: Usage, discount: Fraction, data: st.DataObject) -> None:
    """The more of a call's input was read from a cache, the less it costs, or as much where the rates are equal."""
    model = model_of(with_cheaper_cache(tariff, discount))
    counts = counts_of(usage)
    fewer = Usage(**{**counts, "cache_read_tokens": data.draw(st.integers(0, usage.cache_read_tokens))})
    more, less = cost(model, usage).total, cost(model, fewer).total
    assert more <= less
    price = model.price("input_tokens", input_tokens=usage.input_tokens)
    assert price is not None
    if discount < 1 and price.usd and usage.cache_read_tokens > fewer.cache_read_tokens:
        assert more < less


@given(tariffs(tiers=("standard", "batch")), loads(), shares(), shares())
def test_a_workload_that_caches_more_never_costs_more(
    tariff: Tariff, load: dict[str, Any], discount: Fraction, share: Fraction
) -> None:
    """The same holds for the cached share of a workload, in batches too."""
    model = model_of(with_cheaper_cache(tariff, discount))
    held = Fraction(load["cached_share"])
    bills = [assess(model, Workload(**{**load, "cached_share": each})).cost for each in (held, max(held, share))]
    assert bills[0] is not None
    assert bills[1] is not None
    assert bills[1].per_request <= bills[0].per_request
