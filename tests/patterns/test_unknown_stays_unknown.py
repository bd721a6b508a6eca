"""Where a number would be a guess there is none, and what is missing is named."""

from __future__ import annotations

from fractions import Fraction

import pytest

from llm_tradeoffs import Model, Range, Workload
from llm_tradeoffs.patterns import (
    BatchShare,
    BestOfN,
    Cascade,
    Check,
    Conversation,
    DraftThenReview,
    Judge,
    MapReduce,
    Pattern,
    PromptCaching,
    Retries,
    SelfConsistency,
    Single,
    compare,
)

WORK = Workload(input_tokens=1_000, output_tokens=100, requests_per_day=10, error_cost="0.05")
KNOWN = Model(
    "acme/known",
    usd_per_mtok={"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": "0.1"},
    context_window=10_000,
    ttft="100 ms",
    output_tokens_per_second="50 tokens/s",
    scores={"mmlu": "80 %"},
)
UNPRICED = KNOWN.with_(id="acme/unpriced", usd_per_mtok=("1", None))
UNSCORED = KNOWN.with_(id="acme/unscored", scores={})
UNTIMED = KNOWN.with_(id="acme/untimed", ttft=None)
BOUNDLESS = KNOWN.with_(id="acme/boundless", context_window=None)
CHECK = Check(usd="0.001", false_accept="0.1", false_reject="0.1", time=10)
JUDGE = Judge(usd="0.001", picks_right="0.9", time=10)


def every_pattern(model: Model) -> list[Pattern]:
    """The model in all patterns that single requests can have."""
    return [
        Single(model),
        Cascade(model, KNOWN, check=CHECK),
        Cascade(KNOWN, model, check=CHECK),
        Retries(model, times=3),
        BestOfN(model, n=2, judge=JUDGE),
        SelfConsistency(model, n=2),
        DraftThenReview(model, KNOWN, fixes="0.5", breaks="0.1"),
        Conversation(model),
        BatchShare(model, 0),
        MapReduce(model, chunk_tokens=2_000),
    ]


@pytest.mark.parametrize("index", range(10))
def test_a_missing_price(index: int) -> None:
    """It is no cost, in no pattern; the price is named, and the quality is known all the same."""
    found = every_pattern(UNPRICED)[index].assess(WORK)
    assert found.cost_per_request is found.cost_per_month is found.expected_cost is found.worst_cost is None
    assert "standard price of output_tokens of acme/unpriced" in [each.fact for each in found.unknowns]
    assert found.right_share is not None
    assert "unknown" in str(found)


@pytest.mark.parametrize("index", range(10))
def test_a_missing_score(index: int) -> None:
    """No quality and no expected cost with errors; where the way depends on it no cost either."""
    pattern = every_pattern(UNSCORED)[index]
    found = pattern.assess(WORK)
    assert found.right_share is found.expected_cost is found.cost_per_right_answer is None
    assert "score of acme/unscored on mmlu" in [each.fact for each in found.unknowns]
    depends = isinstance(pattern, Retries) or (isinstance(pattern, Cascade) and pattern.models[0] is UNSCORED)
    assert (found.cost_per_request is None) == depends
    assert found.worst_cost is not None
    told = pattern.assess(WORK, accuracy={"acme/unscored": "70-80 %"})
    assert told.right_share is not None
    assert told.expected_cost is not None
    assert told.unknowns == ()
    assert any("as the caller states" in each for each in told.assumptions)


@pytest.mark.parametrize("index", range(10))
def test_a_missing_speed(index: int) -> None:
    """No response time, expected or worst."""
    found = every_pattern(UNTIMED)[index].assess(WORK)
    assert found.response_time is found.worst_response_time is None
    assert "response time of acme/untimed" in [each.fact for each in found.unknowns]


@pytest.mark.parametrize("index", range(10))
def test_a_missing_window(index: int) -> None:
    """Whether it fits is unknown."""
    found = every_pattern(BOUNDLESS)[index].assess(WORK)
    assert found.fits is None
    assert "context window of acme/boundless" in [each.fact for each in found.unknowns]


def test_a_check_or_judge_of_unknown_speed() -> None:
    """Then the time of the whole is unknown, and the message says where to state it."""
    slow = Check(usd=0, false_accept=0, false_reject=0)
    found = Cascade(KNOWN, UNSCORED, check=slow).assess(WORK, accuracy={"acme/unscored": 1})
    assert found.response_time is None
    assert [each.fact for each in found.unknowns] == ["time of a check: state Check(time=...)"]
    found = BestOfN(KNOWN, n=2, judge=Judge(usd=0, picks_right=1)).assess(WORK)
    assert [each.fact for each in found.unknowns] == ["time of the judge: state Judge(time=...)"]
    assert BestOfN(KNOWN, n=2, judge=Judge(usd=0, time=5)).assess(WORK).right_share is None


def test_what_a_review_a_cut_or_chunks_do_to_quality() -> None:
    """Nobody knows unless somebody states it."""
    talk = WORK.with_(turns=3)
    for pattern, work in (
        (DraftThenReview(KNOWN, KNOWN), WORK),
        (Conversation(KNOWN, last_turns=1), talk),
        (MapReduce(KNOWN, chunk_tokens=300), WORK),
    ):
        found = pattern.assess(work)
        assert found.right_share is found.expected_cost is None
        assert any("state" in each.fact for each in found.unknowns)
    assert Conversation(KNOWN, last_turns=1, right_share="0.7").assess(talk).right_share == Range("0.7")
    assert MapReduce(KNOWN, chunk_tokens=300, right_share="0.6").assess(WORK).right_share == Range("0.6")


def test_a_cache_without_prices() -> None:
    """Reading at an unpublished price, or writing for an hour where nobody sells that, has no cost."""
    bare = Model("acme/bare", usd_per_mtok=(1, 2))
    found = PromptCaching(bare, expired=0).assess(WORK)
    assert found.cost_per_request is None
    assert "price of cache_read_tokens of acme/bare" in [each.fact for each in found.unknowns]
    found = PromptCaching(KNOWN, expired=0, ttl="1h").assess(WORK)
    assert found.cost_per_request is None
    assert "price of cache_write_1h_tokens of acme/known" in [each.fact for each in found.unknowns]
    assert PromptCaching(KNOWN, expired=0, ttl="1h").reads_to_win_back() is None
    written = PromptCaching(KNOWN, expired=0).assess(WORK.with_(turns=2))
    assert any("no price for writing to the cache" in each for each in written.assumptions)


def test_a_write_of_another_duration() -> None:
    """Where only the one of an hour has a price, one for five minutes has none, and is not billed as input."""
    rates = {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": "0.1", "cache_write_1h_tokens": 2}
    hourly = KNOWN.with_(id="acme/hourly", usd_per_mtok=rates)
    found = PromptCaching(hourly, expired=0).assess(WORK.with_(turns=2))
    assert found.cost_per_request is None
    assert "standard price of cache_write_5m_tokens of acme/hourly" in [each.fact for each in found.unknowns]
    assert not any("no price for writing" in each for each in found.assumptions)
    assert PromptCaching(hourly, expired=0).reads_to_win_back() is None
    assert PromptCaching(hourly, expired=0, ttl="1h").reads_to_win_back() == Fraction(10, 9)


def test_a_cache_of_a_model_without_a_price() -> None:
    """Its own price is missing like any other."""
    silent = KNOWN.with_(id="acme/silent", usd_per_mtok={"input_tokens": 1, "cache_read_tokens": "0.1"})
    found = PromptCaching(silent, expired="0.1").assess(WORK.with_(turns=3))
    assert found.cost_per_request is found.worst_cost is None
    assert "standard price of output_tokens of acme/silent" in [each.fact for each in found.unknowns]


def test_hopeless_requests_of_a_model_without_a_score() -> None:
    """What is hopeless is known, and the rest is not."""
    found = Cascade(KNOWN, UNSCORED, check=CHECK, hopeless="0.1").assess(WORK)
    assert found.cost_per_request is not None
    assert found.right_share is None
    table = str(compare(KNOWN, UNSCORED, workload=WORK))
    assert "unknown" in table
    assert "score of acme/unscored on mmlu (acme/unscored)" in table


def test_a_batch_price_that_nobody_publishes() -> None:
    """A share that waits has no cost then; none that waits has one."""
    assert BatchShare(KNOWN, "0.5").assess(WORK).cost_per_request is None
    assert BatchShare(KNOWN, 0).assess(WORK).cost_per_request == Range("0.0012", unit="USD")
    never = KNOWN.with_(supports_batch=False)
    found = BatchShare(never, "0.5").assess(WORK)
    assert found.cost_per_request == Range("0.0012", unit="USD")
    assert any("no batch service" in each for each in found.assumptions)
    talk = WORK.with_(turns=3)
    waiting = Conversation(never).assess(talk.with_(batch_share=Fraction(1, 2)))
    assert waiting.worst_cost == Conversation(never).assess(talk).worst_cost


def test_nothing_is_certainly_best_where_something_is_unknown() -> None:
    """Nor where intervals overlap; what does not fit is out of the race."""
    table = compare(KNOWN, UNPRICED, workload=WORK)
    assert table.best("cost_per_request") == ()
    assert table.best("right_share") == ("acme/known", "acme/unpriced")
    tight = KNOWN.with_(id="acme/tight", context_window=500, usd_per_mtok=("0.1", "0.1"))
    table = compare(KNOWN, tight, workload=WORK)
    assert table["acme/tight"].fits is False
    assert table.best() == ("acme/known",)
    assert "acme/tight (does not fit)" in str(table)
    assert "does not fit into the context window" in str(table["acme/tight"])


def test_fit_of_every_call() -> None:
    """The longest call of each model counts: cut history, summaries, chunks, and what a reviewer reads."""
    talk = WORK.with_(turns=20)
    assert Conversation(KNOWN).assess(talk).fits is False
    assert Conversation(KNOWN, last_turns=2).assess(talk).fits is True
    small = KNOWN.with_(id="acme/small", context_window=3_000)
    ways = {
        Conversation(KNOWN, summarise_every=4, summary_tokens=100, summary_model=small): False,
        Conversation(KNOWN, summarise_every=2, summary_tokens=100, summary_model=small): True,
        Conversation(KNOWN, summarise_every=4, summary_tokens=100, summary_model=BOUNDLESS): None,
    }
    for pattern, fits in ways.items():
        assert pattern.assess(talk).fits is fits
    assert DraftThenReview(KNOWN, small, instruction_tokens=1_801).assess(WORK).fits is False
    assert DraftThenReview(KNOWN, small, instruction_tokens=1_800).assess(WORK).fits is True
    book = WORK.with_(input_tokens=50_000)
    assert MapReduce(small, chunk_tokens=2_900).assess(book).fits is True
    assert MapReduce(small, chunk_tokens=2_901).assess(book).fits is False
    assert MapReduce(KNOWN, chunk_tokens=100, reducer=small).assess(book).fits is False
    assert MapReduce(KNOWN, chunk_tokens=100, reducer=small, fan_in=20).assess(book).fits is True


def test_times() -> None:
    """One after the other they add up, expected by how often and at worst all; at once they do not."""
    once = Range(2_100, unit="ms")
    right = {"acme/known": "0.8"}
    assert Single(KNOWN).assess(WORK).response_time == once
    found = Retries(KNOWN, times=3).assess(WORK, accuracy=right)
    assert found.response_time == once * Fraction("1.24")
    assert found.worst_response_time == 6_300
    found = Cascade(KNOWN, UNSCORED, check=CHECK).assess(WORK, accuracy={**right, "acme/unscored": "0.8"})
    assert found.response_time == Range(2_110 + Fraction("0.26") * 2_100, unit="ms")
    assert found.worst_response_time == 4_210
    assert SelfConsistency(KNOWN, n=5).assess(WORK).response_time == once
    assert BestOfN(KNOWN, n=5, judge=JUDGE).assess(WORK).worst_response_time == 2_110
    assert DraftThenReview(KNOWN, KNOWN, output_tokens=50).assess(WORK).response_time == Range(3_200, unit="ms")
    found = MapReduce(KNOWN, chunk_tokens=100, partial_tokens=10, fan_in=4).assess(WORK)
    assert found.response_time == Range(300 + 300 + 2_100, unit="ms")
    assert BatchShare(KNOWN, 1).assess(WORK).response_time is None
    talk = WORK.with_(turns=2)
    for pattern in (Retries(KNOWN, times=2), BestOfN(KNOWN, n=2, judge=JUDGE), SelfConsistency(KNOWN, n=2)):
        found = pattern.assess(talk)
        assert found.response_time is found.worst_response_time is None
        assert any("waits for people" in each.fact for each in found.unknowns)
