"""Somebody's published comparison, recomputed: claims as data, a small safe language, and the audit."""

from llm_tradeoffs.claims._audit import audit
from llm_tradeoffs.claims._read import Claim, Claims
from llm_tradeoffs.claims._report import VERDICTS, AuditedClaim, AuditReport, Opinion, fact_text

__all__ = ["VERDICTS", "AuditReport", "AuditedClaim", "Claim", "Claims", "Opinion", "audit", "fact_text"]
