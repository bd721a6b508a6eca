"""Every script of examples/ is run by a test, and prints what it promises."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

PROMISED = {
    "choose_a_model.py": ["use claude-haiku-4.5", "the same answer, read back: True"],
    "compare_patterns.py": ["the ranges overlap, so nobody can say"],
    "demo.py": ["1. The article's comparison", "2. Which model for which work?"],
    # 200 tokens of $0.30 a million and 150 of $1.20
    "your_own_model.py": ["Acme One", "$0.00024"],
    "your_own_policy.py": [
        "Is a customer waiting for the answer? yes",
        "Does a wrong answer cost 2 cents or more? yes",
    ],
    # 176 fresh tokens of $0.40, 1,024 cached of $0.10 and 150 of output of $1.60; in a batch half of the first and the
    # last, and between $0.05 and $0.20 for what is cached
    "price_a_call.py": ["$0.0004128", "in a batch: $0.0002064 to $0.00036"],
}

ELSEWHERE = {
    "budget_guard.py": ("router/test_examples.py", "budget_guard.py"),
    "check_a_vendor_deck.py": ("claims/test_example.py", "check_a_vendor_deck"),
    "litellm_proxy_routing.py": ("adapters/test_litellm.py", "litellm_proxy.yaml"),  # which names the script
    "route_requests.py": ("router/test_examples.py", "route_requests.py"),
}
"""For the others, the test that runs them, and how it names them."""


@pytest.mark.parametrize("name", PROMISED)
def test_a_script_prints_what_it_promises(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    out = capsys.readouterr().out
    assert [text for text in PROMISED[name] if text not in out] == []


def test_no_script_is_without_a_test() -> None:
    scripts = {path.name for path in EXAMPLES.glob("*.py")}
    assert scripts == PROMISED.keys() | ELSEWHERE.keys()
    for test, named in ELSEWHERE.values():
        assert named in (Path(__file__).parents[1] / test).read_text(encoding="utf-8")
