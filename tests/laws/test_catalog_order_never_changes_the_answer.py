"""The order in which models, rows or candidates stand never changes the answer."""

from __future__ import annotations

from functools import reduce
from random import Random
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Model, Recommendation, Workload, recommend
from strategies import article_catalog, candidates, models, plain_workloads, workloads

POLICIES = st.sampled_from(["guide", "article"])


def empty_catalog() -> Catalog:
    """Benchmarks, tasks and policies, but no models."""
    return attrs.evolve(Catalog.bundled(), records={}, names={}, candidates=None)


@given(candidates(), workloads(), POLICIES, st.data())
def test_catalog_order_never_changes_the_answer(
    several: list[Model], workload: Workload, policy: str, data: st.DataObject
) -> None:
    """A catalog answers the same, to the last word, in whatever order its models were added."""

    def answer(order: list[Model]) -> Recommendation:
        catalog = reduce(Catalog.with_model, order, empty_catalog())
        return recommend(workload, policy=policy, catalog=catalog)

    assert answer(several) == answer(data.draw(st.permutations(several)))


@given(candidates(), workloads(), POLICIES, st.data())
def test_candidate_order_never_changes_the_answer(
    several: list[Model], workload: Workload, policy: str, data: st.DataObject
) -> None:
    """Candidates are ranked the same, with the same figures and reasons, in whatever order they are named."""
    one = recommend(workload, several, policy)
    other = recommend(workload, data.draw(st.permutations(several)), policy)
    assert (other.status, other.chosen, other.tied) == (one.status, one.chosen, one.tied)
    assert (other.because, other.candidates, other.sources) == (one.because, one.candidates, one.sources)
    assert set(other.assumptions) == set(one.assumptions)
    assert set(other.missing) == set(one.missing)
    assert [(step.id, step.answer) for step in other.trace] == [(step.id, step.answer) for step in one.trace]


@given(candidates(least=2), workloads() | plain_workloads(), POLICIES, st.data())
def test_names_never_decide(several: list[Model], workload: Workload, policy: str, data: st.DataObject) -> None:
    """Under other names the same candidates win."""
    ids = [model.id for model in several]
    other_name = dict(zip(ids, data.draw(st.permutations(ids)), strict=True))
    one = recommend(workload, several, policy)
    other = recommend(workload, [attrs.evolve(model, id=other_name[model.id]) for model in several], policy)
    assert other.status == one.status
    assert other.chosen == (None if one.chosen is None else other_name[one.chosen])
    assert set(other.tied) == {other_name[model] for model in one.tied}


@given(models("a"), workloads() | plain_workloads(), POLICIES)
def test_models_that_are_alike_never_win_over_each_other(model: Model, workload: Workload, policy: str) -> None:
    """Two models of which the same is known tie, or neither is chosen: their names do not decide."""
    alone = recommend(workload, [model], policy)
    twins = recommend(workload, [attrs.evolve(model, id="b"), model], policy)
    assert twins.chosen is None
    assert twins.status in ({"tie", "needs_information"} if alone.status == "selected" else {alone.status})
    assert twins.tied in {(), ("a", "b")}


@given(st.sampled_from(Catalog.bundled().presets), POLICIES, st.randoms(use_true_random=False))
def test_row_order_never_changes_the_answer(preset: Workload, policy: str, random: Random) -> None:
    """The rows of a model's file, the files, and the sources may stand in any order."""
    catalog = article_catalog()  # the whole market has more rows than can be shuffled well

    def shuffled(rows: list[Any]) -> list[Any]:
        random.shuffle(rows)
        return rows

    records = {
        name: attrs.evolve(
            record,
            prices=tuple(shuffled([*record.prices])),
            facts=tuple(shuffled([*record.facts])),
            scores=tuple(shuffled([*record.scores])),
        )
        for name, record in catalog.records.items()
    }
    moved = attrs.evolve(
        catalog,
        records=dict(shuffled([*records.items()])),
        sources=dict(shuffled([*catalog.sources.items()])),
        benchmarks=dict(shuffled([*catalog.benchmarks.items()])),
    )
    expected = recommend(preset, policy=policy, catalog=catalog)
    found = recommend(preset, policy=policy, catalog=moved)
    # Only the hash, which is over the facts as they stand, may tell the two apart.
    assert attrs.evolve(found, catalog_hash=expected.catalog_hash) == expected
