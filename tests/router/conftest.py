"""What the tests of the router share; makes ``router_worlds`` importable by its own name."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))

from router_worlds import Clock, RedisServer  # found by the path above

from llm_tradeoffs.router import BudgetStore, MemoryStore  # sorted after it
from llm_tradeoffs.router.stores.redis import RedisStore  # as above
from llm_tradeoffs.router.stores.sqlite import SQLiteStore  # as above


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    pytest.importorskip("redis", reason="the package redis is not installed")
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed on this machine")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


_numbers = count()


@pytest.fixture
def prefix() -> str:
    return f"test-{next(_numbers)}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], BudgetStore]]:
    """Makes an empty store of each kind."""
    made: list[Any] = []

    def make() -> BudgetStore:
        store: Any
        if request.param == "memory":
            store = MemoryStore()
        elif request.param == "sqlite":
            store = SQLiteStore(tmp_path / f"{next(_numbers)}.db")
        else:
            client = request.getfixturevalue("redis_server").client()
            store = RedisStore(client, prefix=f"test-{next(_numbers)}")
        made.append(store)
        return store

    yield make
    for store in made:
        if isinstance(store, SQLiteStore):
            store.close()
        elif isinstance(store, RedisStore):
            store.client.close()


@pytest.fixture
def store(new_store: Callable[[], BudgetStore]) -> BudgetStore:
    return new_store()
