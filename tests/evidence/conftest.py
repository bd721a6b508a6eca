"""Public files that are not part of the project, and the tool that makes a page of them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def evidence() -> Path:
    """The folder of the files; a test that needs them is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "evidence"
    if not folder.is_dir():
        pytest.skip("the public leaderboards and traces are not part of the project; ../shared/evidence is absent")
    return folder


@pytest.fixture(scope="session")
def tool() -> Iterator[ModuleType]:
    """tools/make_evidence.py as a module."""
    spec = importlib.util.spec_from_file_location("make_evidence", ROOT / "tools" / "make_evidence.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a class of it may look for its module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]
