"""
Write into Markdown pages what their examples really print.

    python tools/refresh_docs.py README.md docs/*.md docs/*/*.md

For use after a wording has changed on purpose: read the diff before you commit it. Two kinds of places
are rewritten: the expected output of a doctest, and a ``text`` block that a hidden example holds to the
page with ``>>> expression in page or ...``. A hidden check that fails is reported and left alone.
"""

from __future__ import annotations

import doctest
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HELD = re.compile(r"^>>> (?P<expression>.+?) in page or \[", re.MULTILINE)
"""A hidden example that holds the value of an expression to a text block of its page."""


class Collector(doctest.DocTestRunner):
    """Runs the examples of a page and keeps what each failing one printed, by its line."""

    def __init__(self) -> None:
        super().__init__(optionflags=doctest.ELLIPSIS, verbose=False)
        self.printed: dict[int, str] = {}

    def report_failure(self, out: Any, test: doctest.DocTest, example: doctest.Example, got: str) -> None:
        """Keep what was printed."""
        self.printed[example.lineno] = got

    def report_unexpected_exception(
        self, out: Any, test: doctest.DocTest, example: doctest.Example, exc_info: Any
    ) -> None:
        """Keep the error in the form that a doctest expects."""
        self.printed[example.lineno] = (
            f"Traceback (most recent call last):\n    ...\n{exc_info[0].__name__}: {exc_info[1]}\n"
        )


def fixtures(page: Path, home: Path, scratch: Path) -> dict[str, Any]:
    """The pytest fixtures that pages use, as far as they use them."""
    return {
        "request": SimpleNamespace(node=SimpleNamespace(path=page.resolve())),
        "pytestconfig": SimpleNamespace(rootpath=home),
        "tmp_path": scratch,
        "monkeypatch": SimpleNamespace(
            chdir=os.chdir,
            setenv=os.environ.__setitem__,
            syspath_prepend=lambda path: sys.path.insert(0, str(path)),
        ),
    }


def refreshed(page: Path) -> Iterator[str]:
    """Rewrite one page; yields a line for each place that was changed or needs a look."""
    text = page.read_text(encoding="utf-8")
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as scratch:
        names: dict[str, Any] = {"getfixture": fixtures(page, home, Path(scratch)).__getitem__}
        test = doctest.DocTestParser().get_doctest(text, names, page.name, str(page), 0)
        runner = Collector()
        try:
            runner.run(test, out=lambda _: None, clear_globs=False)
        finally:
            os.chdir(home)
    lines = text.split("\n")
    for example in reversed(test.examples):
        printed = runner.printed.get(example.lineno)
        if printed is None or HELD.match(f">>> {example.source}"):
            continue
        place = f"{page}:{example.lineno + 1}: {example.source.strip().splitlines()[0]}"
        if example.want in {"[]\n", "True\n"}:
            yield f"CHECK {place} gave {printed.strip()}"
            continue
        start = example.lineno + example.source.count("\n")
        indent = " " * example.indent
        lines[start : start + example.want.count("\n")] = [
            indent + (line or "<BLANKLINE>") for line in printed.removesuffix("\n").split("\n")
        ]
        yield place
    text = "\n".join(lines)
    for held in HELD.finditer(text):
        value = str(eval(held["expression"], test.globs))  # the pages are ours, and their examples run anyway
        # The block stands before the example that holds it; its text may have moved since the search began.
        at = text.index(held[0])
        start = text.rindex("```text\n", 0, at) + len("```text\n")
        if text[start : text.index("\n```", start)] != value:
            text = text[:start] + value + text[text.index("\n```", start) :]
            yield f"{page}: the text block of {held['expression']}"
    page.write_text(text, encoding="utf-8")


def main(pages: list[str]) -> int:
    """Refresh *pages*; 1 if a hidden check failed."""
    reports = [report for page in pages for report in refreshed(Path(page))]
    print(*reports, sep="\n")
    return any(report.startswith("CHECK") for report in reports)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
