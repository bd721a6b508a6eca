"""What a prompt cache would have held of the calls of a trace."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from llm_tradeoffs.errors import InvalidValueError
from llm_tradeoffs.money import Exact, Number, exact, grouped, token_count

__all__ = ["PrefixCache"]


class PrefixCache:
    """
    A prompt cache that knows prefixes by their blocks: how many tokens of each call it would have held.

    >>> cache = PrefixCache(block_tokens=512)
    >>> cache.read_tokens(["a", "b"], 1_024, at=0), cache.read_tokens(["a", "b", "c"], 1_500, at=9)
    (0, 1024)

    A trace states for each call the ids of the blocks of its prompt, one id for a block and everything before it; a
    last block that is not full has an id of its own.
    What counts as read is the longest run of known blocks from the start. Every block of a prompt is known from
    its call on, until *lifetime* has passed since a prompt last had it: reading renews.

    Args:
        block_tokens: Tokens of a full block. [tokens]
        lifetime: How long a block that nobody reads is kept, in the unit of ``at``; None for ever.
        minimum_tokens: A shorter prefix is not read, as some providers have it. [tokens]

    Raises:
        InvalidValueError: *block_tokens* or *lifetime* is not above 0.
    """

    __slots__ = ("_last", "_now", "block_tokens", "lifetime", "minimum_tokens")

    def __init__(self, *, block_tokens: int, lifetime: Number | None = None, minimum_tokens: int = 0) -> None:
        self.block_tokens = token_count(block_tokens, "block_tokens")
        self.minimum_tokens = token_count(minimum_tokens, "minimum_tokens")
        self.lifetime = None if lifetime is None else exact(lifetime, "lifetime")
        if not self.block_tokens or (self.lifetime is not None and self.lifetime <= 0):
            raise InvalidValueError(
                f"block_tokens is {block_tokens} and lifetime is {lifetime}; a cache needs a block of at least one "
                "token, and a lifetime above 0 or None."
            )
        self._last: dict[Hashable, Exact] = {}
        self._now: Exact | None = None

    def read_tokens(self, blocks: Sequence[Hashable], input_tokens: int, *, at: Number) -> int:
        """
        How many tokens of a call's input the cache held, and keep its prompt from now on. [tokens]

        Args:
            blocks: The ids of the blocks of its prompt, in order.
            input_tokens: Its input. [tokens]
            at: When it was made; calls come in the order of time.

        Raises:
            InvalidValueError: The blocks do not cover the input, or *at* is before the call before.
        """
        now, length = exact(at, "at"), token_count(input_tokens, "input_tokens")
        if self._now is not None and now < self._now:
            raise InvalidValueError(f"at is {grouped(now)} after {grouped(self._now)}; hand the calls over in order.")
        self._now = now
        if -(-length // self.block_tokens) != len(blocks):
            raise InvalidValueError(
                f"{len(blocks)} blocks of {self.block_tokens} tokens do not make {length} input tokens; "
                "every block but the last is full."
            )
        held = 0
        for block in blocks:
            last = self._last.get(block)
            if last is None or (self.lifetime is not None and now - last > self.lifetime):
                break
            held += 1
        for block in blocks:
            self._last[block] = now
        found = min(held * self.block_tokens, length)
        return found if found >= self.minimum_tokens else 0
