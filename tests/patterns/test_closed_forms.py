"""The break-evens are where two bills cross, and nowhere else."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import InvalidTypeError, InvalidValueError, Usd
from llm_tradeoffs.patterns import Cascade, Check, PromptCaching, escalation_break_even, reads_to_win_back

AMOUNTS = st.sampled_from(["0", "0.00002", "0.00032", "0.00095", "1/3", "2"]).map(Usd)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_cascade_stops_paying_where_the_two_bills_cross(first: Usd, second: Usd, check: Usd) -> None:
    """At e* both cost the same; just below the cascade costs less, just above more."""
    limit = escalation_break_even(first, second, check)
    if limit is None:
        assert not second
        return
    assert first + check + second * limit == second
    for step, cheaper in ((Fraction(-1, 1_000), True), (Fraction(1, 1_000), False)):
        assert (first + check + second * (limit + step) < second) == cheaper


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_cache_pays_from_so_many_reads_on(fresh: Usd, write: Usd, read: Usd) -> None:
    """Writing once and reading n times against sending all afresh: more reads than that, and the cache is cheaper."""
    reads = reads_to_win_back(fresh, write, read)
    for n in range(12):
        cached, plain = write + read * n, fresh * (n + 1)
        if reads is None:
            assert read >= fresh  # each read makes it worse, or no better
        elif n > reads:
            assert cached < plain
        elif write > fresh:
            assert cached >= plain


def test_the_break_evens_of_the_catalog() -> None:
    """1 - (0.00032 + 0.00002)/0.00095, and (1.25 - 1)/(1 - 0.10)."""
    check = Check(usd="0.00002", false_accept=0, false_reject=0)
    cascade = Cascade("gpt-4.1-mini", "claude-haiku-4.5", check=check)
    expected = 1 - Fraction("0.00034") / Fraction("0.00095")
    assert cascade.escalation_break_even("support-chatbot") == expected
    assert PromptCaching("claude-haiku-4.5", expired=0).reads_to_win_back() == Fraction(25, 90)
    assert PromptCaching("claude-haiku-4.5", expired=0, ttl="1h").reads_to_win_back() == Fraction(100, 90)
    assert PromptCaching("gpt-4.1-mini", expired=0).reads_to_win_back() == 0
    assert PromptCaching("gpt-4.1-mini", expired=0, ttl="1h").reads_to_win_back() is None


def test_bad_input() -> None:
    """Amounts are amounts, and the method is for two stages."""
    with pytest.raises(InvalidTypeError, match=r"first is '1'; expected an amount"):
        escalation_break_even("1", Usd(1), Usd(0))  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match=r"read is 0\.1; expected a price"):
        reads_to_win_back(Usd(1), Usd(1), 0.1)  # type: ignore[arg-type]
    check = Check.perfect()
    with pytest.raises(InvalidValueError, match="has 3 stages"):
        Cascade("gpt-4.1-nano", "gpt-4.1-mini", "gpt-4.1", check=check).escalation_break_even("support-chatbot")
