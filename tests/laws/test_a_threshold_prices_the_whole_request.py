"""A price above a threshold holds for the whole request, and the threshold itself is still below it."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Price, RateCard, Usage, Usd, cost
from oracle import Tariff, mtok
from strategies import THRESHOLDS, model_of, tariffs, usages


def row(usd: str, above: int | None = None, meter: str = "input_tokens", tier: str = "standard") -> Price:
    """One published price."""
    return Price(meter=meter, usd=Usd(usd), above_input_tokens=above, service_tier=tier)


LADDER = Model(
    "acme/ladder",
    usd_per_mtok=[
        row("9.00", above=1_000),
        row("3.00"),
        row("6.00", above=200),
        row("15.00", meter="output_tokens"),
        row("22.50", above=200, meter="output_tokens"),
        row("0.30", meter="cache_read_tokens"),
        row("1.50", tier="batch"),
        row("7.50", meter="output_tokens", tier="batch"),
    ],
)


def test_the_threshold_itself_has_the_lower_price() -> None:
    """200 tokens are not above 200: one token more doubles the price of every token before it."""
    assert cost(LADDER, input_tokens=200, output_tokens=0).total == mtok("3.00", 200)
    assert cost(LADDER, input_tokens=201, output_tokens=0).total == mtok("6.00", 201)
    assert cost(LADDER, input_tokens=1_000, output_tokens=0).total == mtok("6.00", 1_000)
    assert cost(LADDER, input_tokens=1_001, output_tokens=0).total == mtok("9.00", 1_001)


def test_the_input_decides_for_the_output_too() -> None:
    """Long input makes the output dear; long output makes nothing dear. The highest step that a meter has holds on."""
    assert cost(LADDER, input_tokens=201, output_tokens=10).total == mtok("6.00", 201) + mtok("22.50", 10)
    assert cost(LADDER, input_tokens=1_001, output_tokens=10).total == mtok("9.00", 1_001) + mtok("22.50", 10)
    assert cost(LADDER, input_tokens=200, output_tokens=5_000).total == mtok("3.00", 200) + mtok("15.00", 5_000)


def test_cached_tokens_count_towards_the_threshold() -> None:
    """The length of a request is all of its input; a part keeps its price where it has no step."""
    bill = cost(LADDER, input_tokens=201, output_tokens=0, cache_read_tokens=200)
    assert bill.total == mtok("6.00", 1) + mtok("0.30", 200)


def test_a_tier_has_thresholds_of_its_own() -> None:
    """A threshold of the standard tier does not hold in batches."""
    bill = cost(LADDER, input_tokens=5_000, output_tokens=10, service_tier="batch")
    assert bill.total == mtok("1.50", 5_000) + mtok("7.50", 10)
    assert LADDER.rates.breakpoints() == (200, 1_000)
    assert LADDER.rates.breakpoints("batch") == ()


@given(tariffs(), usages())
def test_a_request_is_billed_at_the_rows_of_one_length(tariff: Tariff, usage: Usage) -> None:
    """Every line names the highest row of its meter that the request exceeds, and the library quotes that row too."""
    model = model_of(tariff)
    for line in cost(model, usage).lines:
        bounds = [above for meter, _, above in tariff if meter == line.price.meter and above is not None]
        exceeded = [above for above in bounds if usage.input_tokens > above]
        assert line.price.above_input_tokens == max(exceeded, default=None)
        assert model.price(line.meter, input_tokens=usage.input_tokens) == line.price


@given(st.sampled_from(THRESHOLDS), st.integers(0, 3), st.integers(0, 3))
def test_a_card_that_is_asked_in_any_order_answers_the_same(bound: int, first: int, second: int) -> None:
    """Rates are compiled once for each bucket of lengths; which length came first does not matter."""
    lengths = (bound - 1, bound, bound + 1, 10 * bound)
    card = RateCard([row("3.00"), row("6.00", above=bound), row("5.00", meter="output_tokens")])
    model = Model("acme/one", usd_per_mtok=card)
    for tokens in (lengths[first], lengths[second]):
        price = Fraction(6 if tokens > bound else 3)
        assert cost(model, input_tokens=tokens, output_tokens=0).total == Usd(price * tokens / 1_000_000)
