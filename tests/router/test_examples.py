"""The programs under examples/ that route: they run, and print what they promise."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        (
            "route_requests.py",
            ["a contract clause: claude-haiku-4.5", "beside what was expected", "no model: no candidate"],
        ),
        ("budget_guard.py", ["globex has spent $0.0072", "tenant 'initech' has $0.00056 left", "the day: $0.00864"]),
    ],
)
def test_the_example_runs(name: str, printed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    out = capsys.readouterr().out
    assert [text for text in printed if text not in out] == []
