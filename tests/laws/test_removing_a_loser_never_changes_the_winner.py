"""Removing a loser never changes the winner."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Workload, recommend
from strategies import candidates, plain_workloads, workloads

MODELS = candidates(least=2) | candidates(least=4, known=True)
POLICIES = st.sampled_from(["guide", "guide", "article"])


@given(MODELS, workloads() | plain_workloads(), POLICIES, st.data())
def test_removing_a_loser_never_changes_the_winner(
    models: list[Model], workload: Workload, policy: str, data: st.DataObject
) -> None:
    """Who is chosen, or who ties, does not hang on candidates that are neither."""
    before = recommend(workload, models, policy)
    winners = {before.chosen, *before.tied} - {None}
    losers = [model.id for model in models if model.id not in winners]
    removed = data.draw(st.sets(st.sampled_from(losers))) if winners and losers else set()
    after = recommend(workload, [model for model in models if model.id not in removed], policy)
    assert (after.status, after.chosen, after.tied) == (before.status, before.chosen, before.tied)


@given(MODELS, workloads() | plain_workloads(), POLICIES)
def test_the_order_of_two_hangs_on_no_third(models: list[Model], workload: Workload, policy: str) -> None:
    """Candidates that were ranked one after the other stay so when the rest is taken away."""
    answer = recommend(workload, models, policy)
    ranked = [candidate.model for candidate in answer.candidates if candidate.rank is not None]
    # A tie by trade-off puts a candidate first that beats all others; the rest keeps its order.
    rest = ranked[1:] if answer.status == "selected" else ranked
    by_id = {model.id: model for model in models}
    for one, other in pairwise(rest):
        alone = recommend(workload, [by_id[other], by_id[one]], policy)
        if alone.status != "selected":
            assert [candidate.model for candidate in alone.candidates] == [one, other]
