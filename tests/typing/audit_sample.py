"""The audit as users write it: type-checked, never executed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, assert_type

import llm_tradeoffs as lt
from llm_tradeoffs import AuditedClaim, AuditReport, Claim, Claims, Range
from llm_tradeoffs.claims import VERDICTS, Opinion
from llm_tradeoffs.facts import Fact


def audits() -> None:
    report = lt.audit("article")
    assert_type(report, AuditReport)
    assert_type(lt.audit(Path("deck.toml"), lt.Catalog.bundled(), as_of="2026-11-22"), AuditReport)
    assert_type(lt.audit(Claims.named("article"), as_of=date(2026, 11, 22)), AuditReport)
    assert_type(report["sentiment"], AuditedClaim)
    assert_type(report.counts, dict[str, int])
    assert_type(report.by_verdict("wrong", "contradicted"), tuple[AuditedClaim, ...])
    assert_type(report.sections, dict[str, tuple[AuditedClaim, ...]])
    assert_type(report.to_dict(), dict[str, Any])
    assert_type(report.to_markdown(), str)
    for entry in report:
        assert_type(entry, AuditedClaim)
        assert_type(entry.value, Range | bool | str | tuple[str, ...] | date | None)
        assert_type(entry.factor, Range | None)
        assert_type(entry.steps, tuple[str, ...])
        assert_type(entry.facts, tuple[Fact, ...])
        assert_type(entry.opinions, tuple[Opinion, ...])
        assert_type(VERDICTS[entry.verdict], str)
    lt.audit(5)  # type: ignore[arg-type]
    lt.audit("article", None, "2026-11-22")  # type: ignore[call-arg]


def claims() -> None:
    claim = Claim(id="a", text="t", costs={"mini": "$1"}, inconsistent_with=["b"], why="because")
    made = Claims(id="x", title="x", claims=[claim], models={"mini": "gpt-4.1-mini"}, values={"two": "1 + 1"})
    assert_type(made["a"], Claim)
    assert_type(made.claims, tuple[Claim, ...])
    assert_type(Claims.from_toml("deck.toml", lt.Catalog.bundled()), Claims)
    Claim(id="a", text="t", says=5)  # type: ignore[arg-type]
    Claim("a", "t")  # type: ignore[call-arg]
