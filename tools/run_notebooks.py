"""
Run the notebooks of examples/ and keep their outputs, which people read without running them.

    make notebooks      after a change that shows in them; read the diff
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[1] / "examples"
KEPT = ("text/html", "image/svg+xml", "text/plain")


def run(path: Path) -> Any:
    """The notebook with the outputs that it has now; what only this run has is left out."""
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "data" in output:
                output["data"] = {kind: output["data"][kind] for kind in KEPT if kind in output["data"]}
    book.metadata["language_info"] = {"name": "python"}
    return book


def main() -> int:
    for path in sorted(EXAMPLES.glob("*.ipynb")):
        nbformat.write(run(path), path)
        print(f"ran {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
