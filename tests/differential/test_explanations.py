"""The page about the differences names the same reasons as the tests."""

from __future__ import annotations

import re
from pathlib import Path

from differential.explained import EXPLANATIONS

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "compared-with-others.md"


def test_the_page_lists_every_explanation() -> None:
    """What is explained in a test is explained to people, and nothing else is."""
    assert set(re.findall(r"^- \*\*(.+?)\*\* \(", PAGE.read_text("utf-8"), re.MULTILINE)) == set(EXPLANATIONS)
