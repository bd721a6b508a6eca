"""Conversations and the prompt caches they have: moving to another model throws the cache away."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final

__all__ = ["Sessions"]

MAX_SESSIONS: Final = 10_000


class _Session:
    __slots__ = ("cached", "model", "seen")

    def __init__(self, model: str, cached: int, seen: float) -> None:
        self.model, self.cached, self.seen = model, cached, seen


class Sessions:
    """
    For each conversation the model that answered last and how much of the next input its cache will hold.

    >>> sessions = Sessions(cache_lifetime=300)
    >>> sessions.answered("conv-17", "acme/one", 2_000, now=0)
    >>> sessions.of("conv-17", 2_400, now=60), sessions.of("conv-17", 2_400, now=600)
    (('acme/one', 2000), ('acme/one', 0))

    Args:
        cache_lifetime: How long a provider keeps a prefix that nobody reads. [s]
        most: How many conversations are remembered; those that were silent longest are forgotten first.
    """

    __slots__ = ("_held", "_lock", "cache_lifetime", "most")

    def __init__(self, cache_lifetime: float = 300.0, most: int = MAX_SESSIONS) -> None:
        self.cache_lifetime = cache_lifetime
        self.most = most
        self._lock = Lock()
        self._held: OrderedDict[str, _Session] = OrderedDict()

    def of(self, session: str, input_tokens: int, now: float) -> tuple[str, int]:
        """The model of a conversation, empty for none, and how much of *input_tokens* its cache holds. [tokens]"""
        held = self._held.get(session)
        if held is None:
            return "", 0
        kept = 0 <= now - held.seen < self.cache_lifetime
        return held.model, min(held.cached, input_tokens) if kept else 0

    def answered(self, session: str, model: str, input_tokens: int, now: float) -> None:
        """Note that *model* read *input_tokens* of a conversation: they are what its cache holds now."""
        with self._lock:
            self._held[session] = _Session(model, input_tokens, now)
            self._held.move_to_end(session)
            while len(self._held) > self.most:
                self._held.popitem(last=False)

    def forget(self, session: str) -> None:
        """Forget a conversation, as when it has ended."""
        with self._lock:
            self._held.pop(session, None)

    def __len__(self) -> int:
        return len(self._held)
