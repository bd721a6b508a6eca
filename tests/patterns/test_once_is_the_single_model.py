"""Every pattern that does what it does once, or with nothing to do, is the single model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from worlds import World, hopeless_for, worlds

from llm_tradeoffs import Range, assess
from llm_tradeoffs.patterns import (
    BatchShare,
    BestOfN,
    Cascade,
    Check,
    Conversation,
    Judge,
    MapReduce,
    Retries,
    SelfConsistency,
    Single,
)


@given(st.data(), worlds(least=2, most=2))
def test_once_is_the_single_model(data: st.DataObject, world: World) -> None:
    """One try, one answer, one chunk, one turn: the same cost, quality and expected cost."""
    model, other = world.models
    hopeless = data.draw(hopeless_for(world.right[0]))
    accepts_all = Check(usd=0, false_accept=1, false_reject=0)
    ways = (
        Retries(model, times=1, hopeless=hopeless, check=Check(usd=5, false_accept="0.3", false_reject="0.3")),
        BestOfN(model, n=1, judge=Judge(usd=5, picks_right=0), hopeless=hopeless),
        SelfConsistency(model, n=1, hopeless=hopeless),
        SelfConsistency(model, n=1, wrong_answers="scatter"),
        Cascade(model, other, check=accepts_all),
        Conversation(model, last_turns=0),
        MapReduce(model, chunk_tokens=max(1, world.sent), partial_tokens=7, right_share=0),
        BatchShare(model, 0),
    )
    alone = Single(model).assess(world.workload, accuracy={model.id: world.right[0]})
    bill = assess(model, world.workload).cost
    assert bill is not None
    assert alone.cost_per_request == Range(bill.per_request.as_fraction(), unit="USD")
    for way in ways:
        stated = world.accuracy if other in way.members else {model.id: world.right[0]}
        found = way.assess(world.workload, accuracy=stated)
        assert found.cost_per_request == alone.cost_per_request
        assert found.right_share == alone.right_share
        assert found.expected_cost == alone.expected_cost


@given(worlds(most=1))
def test_periods_are_those_of_the_single_model(world: World) -> None:
    """A pattern costs per day, month and year what it costs per request, times the requests."""
    work = world.workload.with_(requests_per_day=1_000)
    found = Single(world.models[0]).assess(work)
    alone = assess(world.models[0], work).cost
    assert alone is not None
    for period in ("day", "month", "year"):
        assert getattr(found, f"cost_per_{period}") == Range(getattr(alone, f"per_{period}").as_fraction(), unit="USD")
