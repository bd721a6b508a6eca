"""Some pages show what needs an extra: their examples run in the world that has it."""

from fnmatch import fnmatch
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WORLD_OF_A_PAGE = {"how-to/wire-into-*.md": "frameworks"}


@pytest.hookimpl(tryfirst=True)  # before the items without the wanted marker are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            page = str(item.path.relative_to(HERE))
            for pattern, world in WORLD_OF_A_PAGE.items():
                if fnmatch(page, pattern):
                    item.add_marker(world)
