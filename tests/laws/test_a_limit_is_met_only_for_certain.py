"""A limit is met where every value of the fact meets it, not met where none does, and open in between."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Model, Range, Workload, assess
from strategies import candidates, ranges, workloads

LIMITS = st.integers(1, 12)
SMALL = ranges("ms", 0, 10)


def answer(model: Model, workload: Workload, requirement: str) -> str:
    """How *model* answers one requirement."""
    verdict = assess(model, workload).verdict(requirement)
    assert verdict is not None
    assert verdict.reason
    return verdict.answer


def expected(fact: Range, meets: list[bool]) -> str:
    """The answer by both ends of a fact, where truth is decided."""
    assert fact.low <= fact.high
    return "met" if all(meets) else "unknown" if any(meets) else "not met"


@given(SMALL, LIMITS)
def test_a_limit_on_the_first_token_is_met_only_for_certain(ttft: Range, limit: int) -> None:
    """A model that is fast enough only at times is not known to be fast enough."""
    workload = Workload(input_tokens=1, output_tokens=1, max_ttft_ms=limit)
    meets = [ttft.low <= limit, ttft.high <= limit]
    assert answer(Model("acme/one", ttft=ttft), workload, "ttft") == expected(ttft, meets)


@given(SMALL, ranges("tokens/s", 100, 1_000), LIMITS)
def test_a_limit_on_the_response_is_met_only_for_certain(ttft: Range, speed: Range, limit: int) -> None:
    """The slowest and the fastest response decide; a typical speed changes nothing."""
    workload = Workload(input_tokens=1, output_tokens=1, max_response_ms=limit)
    fastest = ttft.low + 1000 / Fraction(speed.high)
    slowest = ttft.high + 1000 / Fraction(speed.low)
    for typical in (None, Range(speed.high, unit="tokens/s"), Range(speed.low, unit="tokens/s")):
        model = Model("acme/one", ttft=ttft, output_tokens_per_second=speed, typical_output_tokens_per_second=typical)
        assert answer(model, workload, "response_time") == expected(ttft, [fastest <= limit, slowest <= limit])


@given(ranges("%", 0, 100), st.integers(0, 100), st.booleans())
def test_a_least_quality_is_met_only_for_certain(score: Range, least: int, counts_errors: bool) -> None:
    """So it is for scores, of which more is better, and for rates of errors, of which less is better."""
    benchmark, task = ("hallucination-rate", "factual-accuracy") if counts_errors else ("gsm8k", "math")
    workload = Workload(input_tokens=1, output_tokens=1, task=task, min_quality_percent=least)
    right = [100 - score.low, 100 - score.high] if counts_errors else [score.low, score.high]
    model = Model("acme/one", scores={benchmark: score})
    assert answer(model, workload, "quality") == expected(score, [share >= least for share in right])


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 400), st.sampled_from([None, 100, 300]))
def test_a_request_fits_if_its_tokens_do(window: int, sent: int, said: int, longest: int | None) -> None:
    """Input and output together fill the window to the last token, and the output its own limit."""
    workload = Workload(input_tokens=sent, output_tokens=said, longest_tokens=longest)
    model = Model("acme/one", context_window=window, max_output_tokens=200)
    needed = max(sent, longest or 0) + said
    assert (answer(model, workload, "context") == "met") == (needed <= window)
    assert (answer(model, workload, "output_limit") == "met") == (said <= 200)
    assert assess(model, workload).context.headroom_tokens == window - needed


@given(candidates(least=1, most=1), workloads())
def test_what_is_unknown_is_neither_met_nor_missed(models: list[Model], workload: Workload) -> None:
    """A model of which nothing is known rules itself out of nothing, and meets only what needs no fact."""
    stranger = assess(Model("acme/stranger"), workload)
    needs_no_fact = {"offered", "output_limit"}
    for verdict in stranger.verdicts:
        assert verdict.answer == ("met" if verdict.requirement in needs_no_fact else "unknown")
    asked = [verdict.requirement for verdict in assess(models[0], workload).verdicts]
    assert asked == [verdict.requirement for verdict in stranger.verdicts]
