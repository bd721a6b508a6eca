"""A document in chunks costs the sum of its calls, cut and joined piece by piece."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from trees import pieces
from worlds import model_named

from llm_tradeoffs import Range, Workload, assess
from llm_tradeoffs.patterns import BatchShare, MapReduce
from oracle import Tariff, call_cost
from strategies import shares, tariffs


@given(
    tariff=tariffs(),
    other=tariffs(),
    length=st.integers(0, 1_300),
    chunk=st.sampled_from([1, 50, 99, 100, 101, 300]),
    overlap=st.integers(0, 60),
    told=st.sampled_from([0, 1, 20]),
    said=st.sampled_from([0, 30]),
    partial=st.sampled_from([None, 0, 10]),
    fan_in=st.sampled_from([None, 2, 3]),
)
def test_chunks_equal_the_sum_of_their_calls(
    *,
    tariff: Tariff,
    other: Tariff,
    length: int,
    chunk: int,
    overlap: int,
    told: int,
    said: int,
    partial: int | None,
    fan_in: int | None,
) -> None:
    """Every piece of the document is read once, and partial answers are joined until one is left."""
    overlap = min(overlap, chunk - 1)
    cut = pieces(length, chunk, overlap)
    assert {position for piece in cut for position in piece} == set(range(length))
    short = said if partial is None else partial
    owed = sum(
        (
            call_cost(tariff, {"input_tokens": len(piece) + told, "output_tokens": short if len(cut) > 1 else said})
            for piece in cut
        ),
        Fraction(0),
    )
    answers = len(cut)
    while answers > 1:
        groups = [fan_in or answers] * (answers // (fan_in or answers))
        groups += [answers % fan_in] if fan_in and answers % fan_in else []
        for group in groups:
            if group > 1:
                writes = said if len(groups) == 1 else short
                owed += call_cost(other, {"input_tokens": group * short + told, "output_tokens": writes})
        answers = len(groups)
    pattern = MapReduce(
        model_named("acme/one", tariff),
        chunk_tokens=chunk,
        overlap_tokens=overlap,
        reducer=model_named("acme/two", other),
        partial_tokens=partial,
        fan_in=fan_in,
    )
    assert pattern.chunks(length) == len(cut)
    work = Workload(input_tokens=length + told, output_tokens=said, instruction_tokens=told)
    assert pattern.assess(work).cost_per_request == Range(owed, unit="USD")


@given(tariffs(tiers=("standard", "batch")), st.sampled_from([0, 100, 101, 150]), shares())
def test_a_batch_share_is_that_of_the_workload(tariff: Tariff, sent: int, share: Fraction) -> None:
    """What the pattern says and what the workload says come to the same."""
    model = model_named("acme/one", tariff)
    work = Workload(input_tokens=sent, output_tokens=50)
    alone = assess(model, work.with_(batch_share=share)).cost
    found = BatchShare(model, share).assess(work).cost_per_request
    assert found == (None if alone is None else Range(alone.per_request.as_fraction(), unit="USD"))
