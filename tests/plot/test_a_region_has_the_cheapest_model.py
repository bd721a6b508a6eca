"""Wherever an area of the chart has a model's name, no other one is cheaper there; and the areas cover all."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs.plot._regions import regions

rates = st.integers(0, 20)
laddered = st.tuples(rates, rates, rates, st.integers(1, 99))
"""Input price, output price, input price of long requests, and from where on a request is long."""


def price_of(model: tuple[int, int, int, int], sent: Fraction, produced: Fraction) -> Fraction:
    short, output, long, bound = model
    return (short if sent <= bound else long) * sent + output * produced


@given(
    models=st.lists(laddered, min_size=1, max_size=5),
    sent=st.fractions(0, 100, max_denominator=50),
    produced=st.fractions(0, 80, max_denominator=50),
)
def test_a_region_has_the_cheapest_model(
    models: list[tuple[int, int, int, int]], sent: Fraction, produced: Fraction
) -> None:
    prices = {
        f"m{index}": (lambda x, y, model=model: price_of(model, Fraction(x), Fraction(y)))
        for index, model in enumerate(models)
    }
    found = regions(prices, 100, 80, [[model[3]] for model in models])
    assert sum(region.area for region in found) == 100 * 80
    if any(sent == model[3] for model in models):
        return  # on a border, two areas meet
    cheapest = min(price_of(model, sent, produced) for model in models)
    holding = [
        region
        for region in found
        for (x0, low0, high0), (x1, low1, high1) in zip(region.outline, region.outline[1:], strict=False)
        if x0 <= sent <= x1
        and low0 + (low1 - low0) * (sent - x0) / (x1 - x0)
        <= produced
        <= high0 + (high1 - high0) * (sent - x0) / (x1 - x0)
    ]
    assert holding
    for region in holding:
        assert price_of(models[region.winner], sent, produced) == cheapest


def test_the_border_between_two_models_is_their_ratio(bundled: lt.Catalog) -> None:
    # $0.40 and $1.60 against $0.25 and $2.00: equal where 0.15 in = 0.40 out, so at 800 in, 300 out
    one = lt.Model("one", usd_per_mtok=("0.40", "1.60"))
    two = lt.Model("two", usd_per_mtok=("0.25", "2.00"))
    work = lt.Workload(input_tokens=200, output_tokens=150)
    chart = lt.compare(one, two, workload=work, catalog=bundled).plot.cheapest_by_tokens().to_dict()
    outline = [row for data in chart["layer"][:1] for row in data["data"]["values"]]
    assert {"model": "two", "region": 1, "x": 800.0, "low": 0.0, "high": 300.0} in outline
