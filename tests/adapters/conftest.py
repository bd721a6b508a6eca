"""The frameworks run for real, and nothing here reaches a network."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator

import pytest

# LiteLLM fetches its price map when it is imported, unless it is told to read its own copy.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever would connect or look up a name fails, and says so."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"a test wanted the network: {args[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(autouse=True)
def own_event_loop() -> Iterator[None]:
    """A loop for the synchronous calls of frameworks, which take the current one and leave it open."""
    made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    yield
    made.close()
    try:
        current = asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:  # none is set since asyncio.run()
        return
    current.close()
    asyncio.set_event_loop(None)
