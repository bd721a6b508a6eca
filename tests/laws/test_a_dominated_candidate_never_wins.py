"""A candidate that is dominated never wins under the guide."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Range, Score, Usd, Workload, recommend
from llm_tradeoffs.recommendation import Candidate
from strategies import candidates, exact_numbers, models, plain_workloads, workloads

RESPECTS = ("price", "quality", "ttft", "speed")


def worse(model: Model, respects: set[str], by: Fraction) -> Model:
    """*model* with dearer prices, lower scores, a later first token or a lower speed."""
    changes: dict[str, Any] = {}
    if "price" in respects:
        changes["usd_per_mtok"] = [attrs.evolve(price, usd=price.usd + Usd(by)) for price in model.rates.prices]
    if "quality" in respects:
        # The hallucination rate is better when it is lower, the others when they are higher.
        changes["scores"] = [
            attrs.evolve(score, value=_toward(score, 100 if score.benchmark == "hallucination-rate" else 0))
            for score in model.scores
        ]
    if "ttft" in respects and model.ttft is not None:
        changes["ttft"] = model.ttft + Range(by, unit="ms")
    if "speed" in respects:
        for field in ("output_tokens_per_second", "typical_output_tokens_per_second"):
            held = getattr(model, field)
            changes[field] = None if held is None else held / (1 + by)
    return attrs.evolve(model, **changes)


def _toward(score: Score, end: int) -> Range:
    assert score.value is not None
    return Range(*sorted([(score.value.low + end) / Fraction(2), (score.value.high + end) / Fraction(2)]), "%")


def is_strictly_worse(bad: Candidate, good: Candidate) -> bool:
    """Whether *bad* is behind in some known figure; a free model stays free, and a score of 0 stays 0."""
    pairs = [
        (bad.figures.cost_per_request, good.figures.cost_per_request),
        (good.figures.quality, bad.figures.quality),
        (bad.figures.ttft, good.figures.ttft),
        (bad.figures.response_time, good.figures.response_time),
    ]
    return any(one is not None and other is not None and middle(one) > middle(other) for one, other in pairs)


def middle(figure: Usd | Range) -> Fraction:
    """One number for a figure."""
    return figure.as_fraction() if isinstance(figure, Usd) else Fraction(figure.low + figure.high) / 2


@given(
    models("good"),
    candidates(most=2),
    workloads() | plain_workloads(),
    st.tuples(st.sets(st.sampled_from(RESPECTS), min_size=1), exact_numbers(1, 5).map(Fraction)),
    st.data(),
)
def test_a_dominated_candidate_never_wins(
    good: Model, others: list[Model], workload: Workload, how: tuple[set[str], Fraction], data: st.DataObject
) -> None:
    """A model that is like another one, but dearer, worse or slower, is neither chosen nor tied beside it."""
    bad = attrs.evolve(worse(good, *how), id="bad")
    answer = recommend(workload, data.draw(st.permutations([good, bad, *others])))
    assume(is_strictly_worse(answer.candidate("bad"), answer.candidate("good")))
    assert answer.chosen != "bad"
    assert "bad" not in answer.tied
    ranks = (answer.candidate("good").rank, answer.candidate("bad").rank)
    assert ranks[1] is None or (ranks[0] is not None and ranks[0] < ranks[1])


def losses(candidate: Candidate) -> tuple[Fraction, ...]:
    """What a candidate costs, misses and takes: the less, the better. Everything has to be known."""
    held = candidate.figures
    assert held.cost_per_request is not None
    assert held.quality is not None
    assert held.ttft is not None
    assert held.response_time is not None
    return middle(held.cost_per_request), -middle(held.quality), middle(held.ttft), middle(held.response_time)


def beats(one: Candidate, other: Candidate) -> bool:
    """Whether *one* is no worse than *other* in every respect, and better in one."""
    pairs = list(zip(losses(one), losses(other), strict=True))
    return all(mine <= theirs for mine, theirs in pairs) and any(mine < theirs for mine, theirs in pairs)


@given(candidates(least=3, known=True), plain_workloads())
def test_nobody_is_better_than_the_winner_in_every_respect(models: list[Model], workload: Workload) -> None:
    """Whoever wins or ties is on the Pareto front of cost, quality, first token and response time."""
    answer = recommend(workload, models)
    ranked = [candidate for candidate in answer.candidates if candidate.rank is not None]
    for winner in ranked:
        if winner.model in {answer.chosen, *answer.tied}:
            assert not any(beats(other, winner) for other in ranked)


@given(candidates(least=3, known=True))
def test_a_trade_off_ends_with_the_pareto_front(models: list[Model]) -> None:
    """Where nothing stated decides, only who beats all others is selected; otherwise the whole front ties."""
    answer = recommend(Workload(input_tokens=200, output_tokens=150, task="math"), models)
    ranked = [candidate for candidate in answer.candidates if candidate.rank is not None]
    front = [each.model for each in ranked if not any(beats(other, each) for other in ranked)]
    if len(front) == 1:
        assert (answer.status, answer.chosen) == ("selected", front[0])
    else:
        assert set(answer.tied) == set(front)
        assert (answer.status == "tie") == bool(front)
