"""A published factor, of a tier or of a region, scales the lines of a bill, and says so on each of them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Cost, Model, Multiplier, Price, RateCard, UnknownPriceError, Usd, cost
from oracle import DURATIONS, PIECES, TOKENS, Call, Factor, PriceList, Row, mtok
from strategies import MOMENTS, REGION, card_of, cost_of, every_count, row_groups, usages

METERS = (*TOKENS, *PIECES, *DURATIONS)
FACTOR = st.sampled_from([Fraction(1, 2), Fraction(11, 10), Fraction(1), Fraction(2, 3), Fraction(0)])
SOME_FEES = st.sets(st.sampled_from([*PIECES, *DURATIONS]))


@st.composite
def standard_lists(draw: st.DrawFn) -> tuple[PriceList, Call]:
    """
    Standard prices for everything that the call uses, and the call at a known hour.

    Leaves out fees for each request and minimum charges, which a factor on tokens does not scale.
    """
    fees = draw(st.lists(st.sampled_from([*PIECES[1:], *DURATIONS]), unique=True, max_size=2))
    counts = every_count(draw(usages(crossed=True, fees=fees)))
    used = [meter for meter in METERS if counts[meter]]
    rows = [row for meter in {"input_tokens", "output_tokens", *used} for row in draw(row_groups(meter))]
    return PriceList(tuple(rows)), Call(counts, moment=draw(st.sampled_from(MOMENTS)))


def scaled_lines(before: Cost, factor: Fraction, meters: set[str]) -> list[tuple[str, object, Usd]]:
    """What the lines of a bill have to be: the same quantities, and the factor on the amounts of some."""
    return [(line.meter, line.quantity, line.amount * (factor if line.meter in meters else 1)) for line in before.lines]


def lines(bill: Cost) -> list[tuple[str, object, Usd]]:
    return [(line.meter, line.quantity, line.amount) for line in bill.lines]


@given(standard_lists(), FACTOR)
def test_a_tiers_multiplier_scales_its_lines(drawn: tuple[PriceList, Call], factor: Fraction) -> None:
    """A tier at half the standard prices has the same lines at half, whatever steps and minima they have."""
    prices, call = drawn
    model = Model("acme/one", usd_per_mtok=card_of(prices._replace(factors=(Factor(factor, METERS, tier="batch"),))))
    usual, batch = cost_of(model, call), cost_of(model, call._replace(tier="batch"))
    assert lines(batch) == scaled_lines(usual, factor, set(METERS))
    assert batch.total == usual.total * factor
    assert [line.price for line in batch.lines] == [line.price for line in usual.lines]
    assert all([row.factor for row in line.factors] == [factor] for line in batch.lines)
    assert all(line.factors == () for line in usual.lines)


@given(standard_lists(), FACTOR, SOME_FEES)
def test_a_regions_multiplier_scales_the_lines_it_is_for(
    drawn: tuple[PriceList, Call], factor: Fraction, fees: set[str]
) -> None:
    """An uplift for tokens and some fees leaves the other fees as they are, which is an assumption and says so."""
    prices, call = drawn
    uplift = Factor(factor, (*TOKENS, *sorted(fees)), region=REGION)
    model = Model("acme/one", usd_per_mtok=card_of(prices._replace(factors=(uplift,))))
    usual = cost_of(model, call)
    others = {line.meter for line in usual.lines} - {*uplift.meters}
    by_quantity = {row.meter for row in prices.rows if row.beyond is not None or row.minimum is not None}
    if others & by_quantity:  # a fee that depends on how many there are is not taken over
        with pytest.raises(UnknownPriceError) as raised:
            cost_of(model, call._replace(region=REGION))
        assert raised.value.meter in others & by_quantity
        return
    there = cost_of(model, call._replace(region=REGION))
    assert lines(there) == scaled_lines(usual, factor, {*uplift.meters})
    assert {line.meter for line in there.lines if line.assumption is not None} == others


@given(standard_lists(), FACTOR, FACTOR)
def test_factors_of_a_tier_and_of_a_region_multiply(
    drawn: tuple[PriceList, Call], discount: Fraction, uplift: Fraction
) -> None:
    """A batch in a dear region costs both factors times the standard price."""
    prices, call = drawn
    factors = (Factor(discount, METERS, tier="batch"), Factor(uplift, METERS, region=REGION))
    model = Model("acme/one", usd_per_mtok=card_of(prices._replace(factors=factors)))
    there = cost_of(model, call._replace(tier="batch", region=REGION))
    assert there.total == cost_of(model, call).total * discount * uplift
    assert all({row.factor for row in line.factors} == {discount, uplift} for line in there.lines)


def test_an_amount_goes_before_a_factor() -> None:
    """Where a row states what a tier or a region costs, the factor is not applied on top."""
    rows = (
        Row("input_tokens", Fraction(4), 1_000_000),
        Row("output_tokens", Fraction(8), 1_000_000),
        Row("output_tokens", Fraction(5), 1_000_000, "batch"),
        Row("output_tokens", Fraction(9), 1_000_000, region=REGION),
    )
    factors = (Factor(Fraction(1, 2), TOKENS, tier="batch"), Factor(Fraction(11, 10), TOKENS, region=REGION))
    model = Model("acme/one", usd_per_mtok=card_of(PriceList(rows, factors)))

    def priced(tier: str, region: str | None) -> Usd:
        return cost(model, input_tokens=1, output_tokens=10, service_tier=tier, region=region).total

    assert priced("standard", None) == mtok("4", 1) + mtok("8", 10)
    assert priced("batch", None) == mtok("2", 1) + mtok("5", 10)
    assert priced("standard", REGION) == mtok("4.4", 1) + mtok("9", 10)
    assert priced("batch", REGION) == mtok("2.2", 1) + mtok("5.5", 10)


def test_a_factor_on_fees_for_requests_is_stated() -> None:
    """A factor is on tokens unless its meters say otherwise, so the fee of a request in that tier stays unknown."""
    prices = (
        Price(meter="input_tokens", usd=Usd(4)),
        Price(meter="output_tokens", usd=Usd(8)),
        Price(meter="requests", usd=Usd("0.01"), per=1),
    )
    half = Multiplier(factor="0.5", service_tier="batch")
    with pytest.raises(UnknownPriceError, match="batch price of requests"):
        cost(Model("a", usd_per_mtok=RateCard(prices, [half])), input_tokens=1, output_tokens=0, service_tier="batch")
    every = Multiplier(factor="0.5", service_tier="batch", meters=("input_tokens", "output_tokens", "requests"))
    model = Model("a", usd_per_mtok=RateCard(prices, [every]))
    assert cost(model, input_tokens=1, output_tokens=0, service_tier="batch").total == mtok("2", 1) + Usd("0.005")
