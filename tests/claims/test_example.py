"""The example that checks a made-up vendor deck: each of its claims shows another verdict or another kind of claim."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from llm_tradeoffs import audit
from llm_tradeoffs.claims import VERDICTS

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_deck_has_a_claim_for_every_verdict() -> None:
    """Worked out by hand: 300,000 × 0.00032 = 96; 3,467.50 - 1,168 = 2,299.50; three times that 6,898.50."""
    report = audit(EXAMPLES / "check_a_vendor_deck.toml")
    assert {entry.id: entry.verdict for entry in report} == {
        "chat": "reproduced",
        "third": "rounded",
        "month": "reproduced",
        "savings": "rounded",
        "three-years": "wrong",
        "summary": "not derivable",
        "first-word": "contradicted",
        "twice-as-fast": "wrong",
        "contract": "reproduced",
        "no-batch": "contradicted",
        "future-proof": "undecidable",
        "month-again": "inconsistent",
    }
    assert set(VERDICTS) == {entry.verdict for entry in report}
    assert (report["savings"].exact, report["three-years"].exact) == ("$2,299.50", "$6,898.50")


def test_the_script_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """And ends with what to ask about."""
    runpy.run_path(str(EXAMPLES / "check_a_vendor_deck.py"), run_name="__main__")
    shown = capsys.readouterr().out
    assert "12 claims checked" in shown
    assert "Slide 3: Over three years, that makes $9,000. -> $6,898.50" in shown
