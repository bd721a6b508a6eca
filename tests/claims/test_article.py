"""The article, checked: its notable claims against sums done by hand, and the page that shows them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from llm_tradeoffs import AuditReport, Catalog, Claims, audit

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report() -> AuditReport:
    """The article in the bundled catalog."""
    return audit("article")


@pytest.mark.parametrize(
    ("claim", "verdict", "exact"),
    [
        # $0.40 a million makes $400 a billion.
        ("mini-input-per-billion", "wrong", "$400.00"),
        ("mini-input-per-token", "reproduced", "$0.0000004/token"),
        # (0.40 + 1.60) for two million, halved for one; 3.00 / 1.00.
        ("mini-two-million", "wrong", "$2.00"),
        ("mini-mixed", "wrong", "$1.00/MTok"),
        ("haiku-mixed", "reproduced", "$3.00/MTok"),
        ("price-ratio-mixed", "wrong", "3x"),
        # 9.50 / 3.20 and 6.00 / 2.32.
        ("chatbot-mini-monthly", "reproduced", "$96.00"),
        ("chatbot-haiku-monthly", "reproduced", "$285.00"),
        ("chatbot-ratio", "rounded", "2.96875x"),
        ("papers-ratio", "rounded", "≈ 2.58621x"),
        # 200,000 is not more than 1,050,000.
        ("papers-truncation", "wrong", "no"),
        ("mmlu-questions", "contradicted", "57,000"),
        ("humaneval-problems", "contradicted", "200"),
        # 76 - 72 and 78 - 75; 75 - 71 and 76 - 71.
        ("mmlu-advantage", "wrong", "3-4 points"),
        ("humaneval-advantage", "reproduced", "4-5 points"),
        ("gsm8k-advantage", "reproduced", "6 points"),
        ("bbq-mini-biased", "reproduced", "32 %"),
        ("bbq-haiku-biased", "reproduced", "18 %"),
        ("ttft-advantage", "reproduced", "50-150 ms"),
        ("speed-advantage", "reproduced", "5-10 tokens/s"),
        # 200 / 45 = 4.4444 s; 4,644.4 - 4,150 and 4,844.4 - 4,250.
        ("latency-mini-total", "reproduced", "4,150-4,250 ms"),
        ("latency-haiku-generation", "rounded", "≈ 4,444.44 ms"),
        ("latency-haiku-total", "rounded", "≈ 4,644.44-4,844.44 ms"),
        ("latency-difference", "wrong", "≈ 494.444-594.444 ms"),
        ("latency-percent", "wrong", "≈ 11.9143-13.9869 %"),
        ("speed-difference", "inconsistent", "≈ 0.494444-0.594444 s"),
        ("speed-negligible", "inconsistent", ""),
        ("throughput-haiku", "inconsistent", "50-65 tokens/s"),
        ("hallucination-half", "rounded", "≈ 0.478261x"),
        ("overview-cheaper-input", "reproduced", "60 %"),
        ("window-mini", "contradicted", "1,050,000 tokens"),
        ("overview-mini-window", "reproduced", "1,050,000 tokens"),
        ("window-ratio", "rounded", "5.25x"),
        ("window-no-differentiator", "wrong", "no"),
        ("up-to-1m-mini", "reproduced", "yes"),
        ("up-to-1m-haiku", "reproduced", "yes"),
        ("paper-100kb-haiku", "reproduced", "yes"),
        ("sentiment", "not derivable", ""),
        ("sentiment-mini", "reproduced", ""),
        # 7,500 × 0.40 / 1M.
        ("paper-mini", "wrong", "$0.003"),
        ("paper-haiku", "reproduced", "$0.0075"),
        # 88 - 82.
        ("reasoning-advantage", "wrong", "6 points"),
        ("tree-accuracy", "wrong", "6 points"),
        # 1.00 / 0.40 and 5.00 / 1.60.
        ("legal-premium", "wrong", "2.5-3.125x"),
        ("faq-pricing", "wrong", "2.5-3.125x"),
        # (0.009 - 0.00348) / 0.06.
        ("legal-rework", "undecidable", "$0.092"),
        # (150 × 0.40 + 50 × 1.60) / 1M; 0.0004 / 0.00014.
        ("classification-mini", "wrong", "$0.00014"),
        ("classification-mini-annual", "wrong", "$140.00"),
        ("classification-haiku", "reproduced", "$0.0004"),
        ("classification-ratio", "wrong", "≈ 2.85714x"),
        # (8,000 × 0.40 + 300 × 1.60) / 1M.
        ("summary-mini", "reproduced", "$0.00368"),
        ("summary-haiku", "reproduced", "$0.0095"),
        ("summary-ratio", "rounded", "≈ 2.58152x"),
        # 50 × 0.00032; 0.0475 / 0.016.
        ("conversation-mini", "wrong", "$0.016"),
        ("conversation-haiku", "reproduced", "$0.0475"),
        ("conversation-ratio", "wrong", "2.96875x"),
        ("batch-haiku", "contradicted", "no"),
        ("authentication-haiku", "contradicted", "yes"),
        ("authentication-mini", "reproduced", "yes"),
        ("tools-identical", "contradicted", "no"),
        ("vision-mini", "contradicted", "no"),
        ("vision-only-option", "contradicted", "yes"),
        ("faq-vision", "contradicted", "yes"),
        ("tree-advantage", "wrong", "50-150 ms"),
        ("tree-threshold", "wrong", "no"),
        # 1 - 0.40 / 1.00 and 1 - 1.60 / 5.00.
        ("faq-parity", "wrong", "60-68 %"),
        ("faq-slower-percent", "wrong", "≈ 11.9143-13.9869 %"),
        ("creative-similar", "undecidable", ""),
    ],
)
def test_a_notable_claim_has_the_verdict_that_a_sum_by_hand_gives(
    report: AuditReport, claim: str, verdict: str, exact: str
) -> None:
    """One row a claim; the sum stands above it where it is not plain."""
    found = report[claim]
    assert (found.verdict, found.exact) == (verdict, exact)


def test_the_pairs_that_cannot_both_hold(report: AuditReport) -> None:
    """Two to three seconds against 400 to 600 ms, and two more that a reader has to see."""
    assert report["speed-difference"].conflicts_with == ("latency-difference",)
    assert report["speed-negligible"].conflicts_with == ("latency-noticeable",)
    assert report["throughput-haiku"].conflicts_with == ("speed-haiku",)
    assert len(report.by_verdict("inconsistent")) == 3


def test_the_sentiment_claim_is_proved_impossible(report: AuditReport) -> None:
    """The ratio of the costs would have to lie between those of the prices."""
    proof = report["sentiment"].arithmetic
    assert "any request costs 2.5 to 3.125 times as much" in proof
    assert "the text says $0.00024 against $0.00016, 1.5 times" in proof


def test_every_verdict_is_there_and_most_claims_hold(report: AuditReport) -> None:
    """About two in three; four in ten of these rest on the article's word alone, and say so."""
    assert all(report.counts.values())
    held = report.counts["reproduced"] + report.counts["rounded"]
    assert held > len(report) * 3 / 5
    assert all(entry.holds for entry in report if entry.own_word)


def test_every_claim_says_enough_to_be_checked_by_hand(report: AuditReport) -> None:
    """A section, a reason, and for whatever was worked out the arithmetic and the facts."""
    missing = [
        entry.id
        for entry in report
        if not entry.claim.section
        or not entry.because
        or (entry.verdict not in {"undecidable", "inconsistent"} and not entry.steps)
        or (entry.verdict in {"wrong", "contradicted", "not derivable"} and not entry.instead)
        or (
            entry.claim.expression is not None
            and "(" in entry.claim.expression
            and not (entry.facts or "tokens" in entry.exact)
        )
    ]
    assert missing == []


def test_the_claims_stand_in_the_order_of_the_text() -> None:
    """A section is one block."""
    sections = [claim.section for claim in Claims.named("article")]
    blocks = [section for index, section in enumerate(sections) if index == 0 or sections[index - 1] != section]
    assert len(blocks) == len(set(blocks))
    assert blocks[0] == "Overview"
    assert blocks[-1] == "FAQ"


def test_in_the_world_of_the_article_nothing_contradicts_it() -> None:
    """Its arithmetic stays as wrong as it is."""
    alone = audit("article", Catalog.bundled(trust=("article",)))
    everybody = audit("article")
    assert alone.counts["contradicted"] == 0
    assert {entry.id for entry in alone.by_verdict("wrong")} == {entry.id for entry in everybody.by_verdict("wrong")}
    # What the article does not state itself cannot be looked up elsewhere then.
    assert alone["tools-identical"].verdict == "not derivable"


def test_the_page_is_current() -> None:
    """If not: python tools/make_article_checked.py."""
    spec = importlib.util.spec_from_file_location("make_article_checked", ROOT / "tools" / "make_article_checked.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run: python tools/make_article_checked.py"


def test_the_page_shows_every_claim_and_its_links_lead_somewhere(report: AuditReport) -> None:
    """Each claim has one anchor; the table at the top links to it."""
    text = (ROOT / "docs" / "article-checked.md").read_text(encoding="utf-8")
    anchors = re.findall(r'<a id="([^"]+)"></a>', text)
    assert anchors == [entry.id for entry in report]
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(anchors)
    for entry in report:
        assert f"> {entry.claim.text}" in text
