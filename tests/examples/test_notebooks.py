"""Every notebook runs, and what is kept in it is what it says now."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.faces

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def said(book: Any) -> list[tuple[str, list[str]]]:
    """The words of each cell: drawings differ by the fonts of a machine."""
    return [
        (
            cell.source,
            [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])],
        )
        for cell in book.cells
    ]


def test_there_are_the_five_that_the_documentation_names() -> None:
    assert {path.stem for path in NOTEBOOKS} == {
        "article_checked",
        "cascade_or_big_model",
        "choose_a_model",
        "chatbot_cost_at_scale",
        "reprice_a_usage_log",
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning:zmq", "ignore::RuntimeWarning:zmq")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_is_kept_in_it(path: Path) -> None:
    import nbformat

    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from run_notebooks import run
    finally:
        sys.path.pop(0)
    kept = nbformat.read(path, as_version=4)
    assert said(run(path)) == said(kept), f"{path.name} has changed: make notebooks, and read the diff"
