"""How a test starts the command line as a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import llm_tradeoffs as lt

__all__ = ["SURROUNDINGS", "command", "environment"]

SURROUNDINGS = ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TERM", "GITHUB_ACTIONS", "LLM_TRADEOFFS_TRACEBACK")


def command(*arguments: str) -> list[str]:
    """The command line of a process."""
    return [sys.executable, "-m", "llm_tradeoffs", *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a process, without what a terminal would add."""
    own = {name: value for name, value in os.environ.items() if name not in SURROUNDINGS}
    return {**own, "PYTHONPATH": str(Path(lt.__file__).parents[1]), **(more or {})}
