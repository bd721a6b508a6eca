"""A rate that nobody publishes is never made up: the cost lies between those of all that it may be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Model, UnknownPriceError, Usage, Usd, cost
from oracle import INPUT_PARTS, OTHER_DURATION, OUTPUT_PARTS, PARENT, Call, Factor, PriceList, Row, bill, mtok
from strategies import EVENING, REGION, card_of, cost_of, every_count, usages, usd_amounts

PLACES = st.sampled_from([{"tier": "batch"}, {"region": REGION}])
# A cache write of the other duration would be unknown in the standard tier, too.
PARTS = st.sampled_from([part for part in (*INPUT_PARTS, *OUTPUT_PARTS) if part not in OTHER_DURATION])


def per_mtok(meter: str, usd: Fraction, **place: Any) -> Row:
    return Row(meter, usd, 1_000_000, **place)


@st.composite
def unpublished(draw: st.DrawFn) -> tuple[PriceList, str, dict[str, Any]]:
    """Prices of totals in two tiers or regions, and of one part in the standard tier only."""
    place, part = draw(PLACES), draw(PARTS)
    usual = [per_mtok(meter, draw(usd_amounts())) for meter in ("input_tokens", "output_tokens", part)]
    here = [per_mtok(meter, draw(usd_amounts()), **place) for meter in ("input_tokens", "output_tokens")]
    return PriceList((*usual, *here)), part, place


def asked(usage: Usage, part: str) -> dict[str, Any]:
    """The counts of a call without what these price lists have no price for."""
    unpriced = {"web_searches": 0} | ({OTHER_DURATION[part]: 0} if part in OTHER_DURATION else {})
    return every_count(usage) | unpriced


def candidates(prices: PriceList, part: str, place: dict[str, Any]) -> list[Fraction]:
    """What the rate may be: as everywhere else, changed like its total's, or in another tier its total's."""
    stated = {(row.meter, row.tier, row.region): row.usd for row in prices.rows}
    tier, region = place.get("tier", "standard"), place.get("region")
    usual, usual_total = stated[part, "standard", None], stated[PARENT[part], "standard", None]
    total_here = stated[PARENT[part], tier, region]
    changed = [usual * total_here / usual_total] if usual_total else []
    return [usual, *changed, *([total_here] if tier != "standard" else [])]


@given(unpublished(), usages())
def test_an_unpublished_rate_lies_between_the_published_ones(
    drawn: tuple[PriceList, str, dict[str, Any]], usage: Usage
) -> None:
    """Whatever the rate turns out to be, the cost was inside the interval; and each end is one of them."""
    prices, part, place = drawn
    call = Call(asked(usage, part), **place)
    found = cost_of(Model("acme/one", usd_per_mtok=card_of(prices)), call)
    told = [
        bill(prices._replace(rows=(*prices.rows, per_mtok(part, rate, **place))), call)[0]
        for rate in candidates(prices, part, place)
    ]
    assert all(found.low <= Usd(amount) <= found.high for amount in told)
    assert {found.low, found.high} <= {Usd(amount) for amount in told}
    used = call.counts[part] > 0
    assert bool(found.assumptions) == used
    assert {line.meter for line in found.lines if line.assumption is not None} == ({part} if used else set())


@given(unpublished(), usages())
def test_asked_strictly_an_unpublished_rate_is_an_error(
    drawn: tuple[PriceList, str, dict[str, Any]], usage: Usage
) -> None:
    """Strictly there is no cost where the part was used, and the same cost where it was not."""
    prices, part, place = drawn
    call = Call(asked(usage, part), **place)
    model = Model("acme/one", usd_per_mtok=card_of(prices))
    if call.counts[part]:
        with pytest.raises(UnknownPriceError) as raised:
            cost_of(model, call, strict=True)
        assert raised.value.meter == part
        assert "It lies between" in str(raised.value) or "It is taken to be" in str(raised.value)
    else:
        assert cost_of(model, call, strict=True).total == cost_of(model, call).total


@given(unpublished(), usages())
def test_the_standard_tier_is_not_affected(drawn: tuple[PriceList, str, dict[str, Any]], usage: Usage) -> None:
    """That a rate is missing elsewhere changes nothing where it is published."""
    prices, part, _ = drawn
    call = Call(asked(usage, part))
    standard = prices._replace(rows=tuple(row for row in prices.rows if (row.tier, row.region) == ("standard", None)))
    found = cost_of(Model("acme/one", usd_per_mtok=card_of(prices)), call, strict=True)
    assert found.total == cost_of(Model("acme/one", usd_per_mtok=card_of(standard)), call).total
    assert found.assumptions == ()


@given(unpublished(), usages(), st.sampled_from([Fraction(1, 2), Fraction(2)]))
def test_a_published_factor_leaves_nothing_to_assume(
    drawn: tuple[PriceList, str, dict[str, Any]], usage: Usage, factor: Fraction
) -> None:
    """Where the provider publishes a factor for the part, its rate is known."""
    prices, part, place = drawn
    call = Call(asked(usage, part), **place)
    known = prices._replace(factors=(Factor(factor, (part,), **place),))
    found = cost_of(Model("acme/one", usd_per_mtok=card_of(known)), call, strict=True)
    assert found.total == Usd(bill(known, call)[0])


def test_cached_input_in_a_batch_of_gpt_4_1_mini(bundled: Catalog) -> None:
    """For the rate on which other libraries disagree (0.05, 0.10, 0.20) the answer is from the least to the most."""
    found = cost(
        "gpt-4.1-mini",
        input_tokens=1_000,
        output_tokens=0,
        cache_read_tokens=1_000,
        service_tier="batch",
        catalog=bundled,
    )
    assert (found.low, found.high) == (mtok("0.05", 1_000), mtok("0.20", 1_000))
    (assumption,) = found.assumptions
    for candidate in ("$0.05/MTok if it changes like", "$0.10/MTok as in the standard", "$0.20/MTok if it is billed"):
        assert candidate in assumption
    with pytest.raises(UnknownPriceError, match=r"The call costs \$0.00005 to \$0.0002"):
        _ = found.total


def test_tokens_in_two_parts_cost_as_much_as_in_one_of_them() -> None:
    """Cached audio without a price of its own costs as cached tokens or as audio: nobody says which."""
    prices: dict[str, Any] = {
        "input_tokens": 2,
        "output_tokens": 1,
        "cache_read_tokens": "0.5",
        "input_audio_tokens": 10,
    }
    call: dict[str, Any] = {"input_tokens": 100, "output_tokens": 0, "cache_read_tokens": 60, "input_audio_tokens": 50}
    found = cost(Model("a", usd_per_mtok=prices), **call, cache_read_audio_tokens=40)
    rest = mtok("2", 30) + mtok("0.5", 20) + mtok("10", 10)
    assert (found.low, found.high) == (rest + mtok("0.5", 40), rest + mtok("10", 40))
    known = Model("a", usd_per_mtok={**prices, "cache_read_audio_tokens": "2.5"})
    assert cost(known, **call, cache_read_audio_tokens=40).total == rest + mtok("2.5", 40)
    without = Model("a", usd_per_mtok={key: usd for key, usd in prices.items() if key != "input_audio_tokens"})
    assert cost(without, **call, cache_read_audio_tokens=40).total == mtok("2", 40) + mtok("0.5", 60)


def test_an_hour_that_is_not_stated_is_an_assumption() -> None:
    """Where the price depends on the hour, a day alone gives both prices, and the hour gives one."""
    rows = PriceList(
        (
            per_mtok("input_tokens", Fraction(2)),
            per_mtok("input_tokens", Fraction(1))._replace(hours=EVENING),
            per_mtok("output_tokens", Fraction(4)),
        )
    )
    model = Model("a", usd_per_mtok=card_of(rows))
    found = cost(model, input_tokens=10, output_tokens=1)
    assert (found.low, found.high) == (mtok("1", 10) + mtok("4", 1), mtok("2", 10) + mtok("4", 1))
    assert "the hour of the call is not stated" in found.assumptions[0]
    assert cost(model, input_tokens=10, output_tokens=1, as_of="2026-03-01T17:00+00:00").total == found.low
    assert cost(model, input_tokens=0, output_tokens=1).total == mtok("4", 1)  # what has one price is known


def test_a_minimum_charge_is_the_least_of_an_interval_too() -> None:
    """Where a call costs 1 to 5 and 3 at least, it costs 3 to 5."""
    rows = (
        per_mtok("input_tokens", Fraction(1)),
        per_mtok("input_tokens", Fraction(5))._replace(hours=EVENING),
        per_mtok("output_tokens", Fraction(1)),
        Row("minimum_charge", Fraction(3)),
    )
    found = cost(Model("a", usd_per_mtok=card_of(PriceList(rows))), input_tokens=10**6, output_tokens=0)
    assert (found.low, found.high) == (Usd(3), Usd(5))
    assert sum((line.high for line in found.lines), Usd(0)) == Usd(5)
