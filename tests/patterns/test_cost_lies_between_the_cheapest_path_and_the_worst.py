"""What a request is expected to cost lies between its least costly path and its most costly one."""

from __future__ import annotations

import pytest
from every_pattern import KINDS, PROBABILITIES, TALKS, pattern_of, whole_numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import World, worlds

from llm_tradeoffs import Range
from strategies import ranges


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=settings().max_examples // 2)  # of each kind
@given(data=st.data(), world=worlds(least=2, most=2), numbers=whole_numbers())
def test_cost_lies_between_the_cheapest_path_and_the_worst(
    kind: str, data: st.DataObject, world: World, numbers: dict[str, object]
) -> None:
    """For every pattern, with ranges for all probabilities; and so does what its lines say."""
    drawn = {name: data.draw(ranges(low=0, high=1)) for name in PROBABILITIES[kind] if name != "hopeless"}
    pattern = pattern_of(kind, *world.models, {**numbers, **drawn, "hopeless": 0})
    work = world.workload.with_(turns=4) if kind in TALKS else world.workload
    accuracy = {each.id: world.accuracy[each.id] for each in pattern.members}  # type: ignore[union-attr]  # models
    found = pattern.assess(work, accuracy=accuracy)
    cost, least, worst = found.cost_per_request, found.least_cost, found.worst_cost
    if cost is None:
        assert found.unknowns
        return
    assert least is not None
    assert worst is not None
    assert least.as_fraction() <= cost.low <= cost.high <= worst.as_fraction()
    for line in found.lines:
        assert line.times is not None
        assert line.times.low >= 0
        assert line.cost is None or line.cost.as_fraction() * min(1, line.times.high) <= worst.as_fraction()
    if found.right_share is not None:
        assert found.right_share in Range(0, 1)
