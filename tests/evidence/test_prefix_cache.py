"""What a prompt cache would have held."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import InvalidValueError
from llm_tradeoffs.prefix_cache import PrefixCache

PROMPTS = st.lists(st.tuples(st.lists(st.integers(0, 2), max_size=4), st.integers(0, 6), st.integers(0, 4)), max_size=8)
"""Choices that make a prompt, the time since the one before, tokens missing from the last block."""


def prompts(drawn: list[tuple[list[int], int, int]]) -> list[tuple[list[tuple[int, ...]], int, int]]:
    """Blocks whose ids say everything before them, the input, the time."""
    made: list[tuple[list[tuple[int, ...]], int, int]] = []
    now = 0
    for choices, later, missing in drawn:
        now += later
        blocks = [tuple(choices[: place + 1]) for place in range(len(choices))]
        if blocks and missing:
            blocks[-1] = (*blocks[-1], -missing)
        made.append((blocks, 5 * len(blocks) - (missing if blocks else 0), now))
    return made


@given(PROMPTS, st.none() | st.integers(1, 10))
def test_a_prefix_is_read_if_every_block_of_it_was_seen_in_time(
    drawn: list[tuple[list[int], int, int]], lifetime: int | None
) -> None:
    """Against all prompts before, looked through one by one."""
    cache = PrefixCache(block_tokens=5, lifetime=lifetime)
    before: list[tuple[list[tuple[int, ...]], int]] = []
    for blocks, length, now in prompts(drawn):
        held = 0
        while held < len(blocks) and any(
            blocks[held] in others and (lifetime is None or now - then <= lifetime) for others, then in before
        ):
            held += 1
        assert cache.read_tokens(blocks, length, at=now) == min(5 * held, length)
        before.append((blocks, now))


@given(PROMPTS, st.integers(1, 10), st.integers(0, 10))
def test_a_longer_life_never_reads_less(drawn: list[tuple[list[int], int, int]], lifetime: int, more: int) -> None:
    short = PrefixCache(block_tokens=5, lifetime=lifetime)
    long = PrefixCache(block_tokens=5, lifetime=lifetime + more)
    for blocks, length, now in prompts(drawn):
        least = short.read_tokens(blocks, length, at=now)
        assert least <= long.read_tokens(blocks, length, at=now) <= length


def test_reading_renews() -> None:
    cache = PrefixCache(block_tokens=10, lifetime=5)
    assert [cache.read_tokens(["a"], 10, at=at) for at in (0, 5, 10, 16)] == [0, 10, 10, 0]


def test_a_short_prefix_is_not_read() -> None:
    cache = PrefixCache(block_tokens=10, minimum_tokens=20)
    assert [cache.read_tokens(["a", "b"][:n], 10 * n, at=0) for n in (2, 1, 2)] == [0, 0, 20]


def test_what_cannot_be_is_refused() -> None:
    for arguments in ({"block_tokens": 0}, {"block_tokens": 1, "lifetime": 0}):
        with pytest.raises(InvalidValueError, match="a lifetime above 0"):
            PrefixCache(**arguments)
    cache = PrefixCache(block_tokens=10)
    with pytest.raises(InvalidValueError, match="2 blocks of 10 tokens do not make 10 input tokens"):
        cache.read_tokens(["a", "b"], 10, at=0)
    cache.read_tokens(["a"], 10, at=5)
    with pytest.raises(InvalidValueError, match="in order"):
        cache.read_tokens(["a"], 10, at=4)
