"""Some pages show what needs an extra: their examples run in the world that has it."""

import asyncio
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WORLD_OF_A_PAGE = {"how-to/price-a-warehouse.md": "engines", "how-to/wire-into-*.md": "frameworks"}


@pytest.hookimpl(tryfirst=True)  # before the items without the wanted marker are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the examples of such pages."""
    for item in items:
        if item.path.is_relative_to(HERE):
            page = str(item.path.relative_to(HERE))
            for pattern, world in WORLD_OF_A_PAGE.items():
                if fnmatch(page, pattern):
                    item.add_marker(world)


@pytest.fixture(autouse=True)
def own_event_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """
    A loop for the synchronous calls of frameworks: each takes the current one, and leaves it to the next as it likes.

    Each page is read by itself, in a process that has called no other framework.
    """
    if request.node.get_closest_marker("frameworks") is None:
        yield
        return
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
