"""Best of n, a majority of n and a review are right as often as all their outcomes come to."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from trees import samples, vote
from worlds import World, hopeless_for, worlds

from llm_tradeoffs import Model, Range, Usd, Workload
from llm_tradeoffs.patterns import BestOfN, DraftThenReview, Judge, SelfConsistency
from oracle import call_cost
from strategies import shares

COUNTS = st.integers(1, 6)


@given(st.data(), worlds(most=1), COUNTS, shares())
def test_best_of_n(data: st.DataObject, world: World, n: int, picks: Fraction) -> None:
    """One right answer among n is enough, if the judge picks it; one answer needs no judge."""
    hopeless = data.draw(hopeless_for(world.right[0]))
    judge = Judge(usd="0.001", picks_right=picks)
    found = BestOfN(world.models[0], n=n, judge=judge, hopeless=hopeless).assess(
        world.workload, accuracy=world.accuracy
    )
    cost, right = world.stages[0]
    covered = sum((p for p, answers in samples(right, n, hopeless) if any(answers)), Fraction(0))
    assert found.right_share == Range(covered * (picks if n > 1 else 1))
    assert found.cost_per_request == Range(n * cost + (Fraction("0.001") if n > 1 else 0), unit="USD")


@given(st.data(), worlds(most=1), COUNTS)
def test_self_consistency(data: st.DataObject, world: World, n: int) -> None:
    """The vote, where wrong answers all agree, where none do, and the range of both."""
    hopeless = data.draw(hopeless_for(world.right[0]))
    cost, right = world.stages[0]
    ends: list[Fraction] = []
    for way in ("agree", "scatter"):
        found = SelfConsistency(world.models[0], n=n, wrong_answers=way, hopeless=hopeless).assess(
            world.workload, accuracy=world.accuracy
        )
        won = [p * vote(answers, agree=way == "agree") for p, answers in samples(right, n, hopeless)]
        ends.append(sum(won, Fraction(0)))
        assert found.right_share == Range(ends[-1])
        assert found.cost_per_request == Range(n * cost, unit="USD")
    either = SelfConsistency(world.models[0], n=n, hopeless=hopeless)
    assert either.assess(world.workload, accuracy=world.accuracy).right_share == Range(*ends)


@given(worlds(least=2, most=2), shares(), shares(), st.sampled_from([0, 1, 50]), st.sampled_from([None, 0, 30]))
def test_a_review(world: World, fixes: Fraction, breaks: Fraction, told: int, writes: int | None) -> None:
    """A draft is right or wrong, and the review leaves it or changes it; the reviewer reads request and draft."""
    drafter, reviewer = world.models
    found = DraftThenReview(
        drafter, reviewer, fixes=fixes, breaks=breaks, instruction_tokens=told, output_tokens=writes
    ).assess(world.workload, accuracy={drafter.id: world.right[0]})
    right = world.right[0]
    outcomes = [(right, 1 - breaks), (1 - right, fixes)]
    assert found.right_share == Range(sum((p * good for p, good in outcomes), Fraction(0)))
    read = {
        "input_tokens": world.sent + world.said + told,
        "output_tokens": world.said if writes is None else writes,
    }
    assert found.cost_per_request == Range(world.stages[0][0] + call_cost(world.tariffs[1], read), unit="USD")


def test_what_a_reviewer_reads_is_not_cached() -> None:
    """The workload's cached share is that of its own requests; nobody said that a draft was read before."""
    prices = {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": "0.1"}
    drafter, reviewer = Model("acme/one", usd_per_mtok=prices), Model("acme/two", usd_per_mtok=prices)
    work = Workload(input_tokens=100, output_tokens=50, cached_share=Fraction(1, 2))
    found = DraftThenReview(drafter, reviewer).assess(work)
    assert [line.cost for line in found.lines] == [
        Usd(Fraction(50 * 1 + 50 * 2, 1_000_000) + Fraction(5, 1_000_000)),
        Usd(Fraction(150 * 1 + 50 * 2, 1_000_000)),
    ]


@given(worlds(least=2, most=2), st.integers(2, 4), st.sampled_from([0, 20]))
def test_a_judging_model_reads_all_answers(world: World, n: int, told: int) -> None:
    """It reads the request, n answers and its instructions, and writes its verdict."""
    model, judge = world.models
    found = BestOfN(model, n=n, judge=Judge(model=judge, instruction_tokens=told, output_tokens=3)).assess(
        world.workload
    )
    read = {"input_tokens": world.sent + n * world.said + told, "output_tokens": 3}
    assert found.worst_cost == Usd(n * world.stages[0][0] + call_cost(world.tariffs[1], read))
