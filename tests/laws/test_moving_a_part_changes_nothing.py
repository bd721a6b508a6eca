"""A part moved between meters of the same rate changes nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Usage, cost
from oracle import INPUT_PARTS, OTHER_DURATION, OUTPUT_PARTS, PARENT, Tariff
from strategies import counts_of, model_of, tariffs, usages

SIDES = st.sampled_from([("input_tokens", *INPUT_PARTS), ("output_tokens", *OUTPUT_PARTS)])


def moved(usage: Usage, source: str, target: str, tokens: int) -> Usage:
    """*usage* with tokens of one meter under another; the totals, which hold both, stay."""
    counts = counts_of(usage)
    for meter, change in ((source, -tokens), (target, tokens)):
        if meter in PARENT:
            counts[meter] += change
    return Usage(**counts)


def held(usage: Usage, meter: str) -> int:
    """The tokens under *meter* and under no other."""
    counts = counts_of(usage)
    return counts[meter] - sum(counts[part] for part in PARENT if PARENT[part] == meter)


@given(tariffs(), usages(), SIDES, st.data())
def test_moving_a_part_between_meters_of_one_rate_changes_nothing(
    tariff: Tariff, usage: Usage, side: tuple[str, ...], data: st.DataObject
) -> None:
    """Tokens cost the same under either of two meters with equal prices at every length."""
    source, target = data.draw(st.permutations(side))[:2]
    like, unlike = (source, target) if source not in PARENT else (target, source)
    alike = {row: usd for row, usd in tariff.items() if row[0] != unlike}
    for priced in {unlike, OTHER_DURATION.get(unlike, unlike)} - {meter for meter, _, _ in alike}:
        alike |= {(priced, tier, above): usd for (meter, tier, above), usd in tariff.items() if meter == like}
    if unlike in OTHER_DURATION and like != OTHER_DURATION[unlike]:  # a cache is priced for both times or for none
        alike |= {
            (OTHER_DURATION[unlike], tier, above): usd for (of, tier, above), usd in alike.items() if of == unlike
        }
    tokens = data.draw(st.integers(0, held(usage, source)))
    model = model_of(alike)
    assert cost(model, moved(usage, source, target, tokens)).total == cost(model, usage).total


@given(tariffs(), usages(), SIDES, st.data())
def test_a_part_without_a_price_of_its_own_costs_what_its_total_costs(
    tariff: Tariff, usage: Usage, side: tuple[str, ...], data: st.DataObject
) -> None:
    """Saying that tokens were audio, or read from a cache, changes nothing where no such price is known."""
    total, part = side[0], data.draw(st.sampled_from(side[1:]))
    unpriced = {part, OTHER_DURATION.get(part)}  # a cache is priced for both times or for none
    model = model_of({row: usd for row, usd in tariff.items() if row[0] not in unpriced})
    tokens = data.draw(st.integers(0, held(usage, total)))
    assert cost(model, moved(usage, total, part, tokens)).total == cost(model, usage).total
