"""An audit as text and as a page."""

from __future__ import annotations

from markdown_it import MarkdownIt

from llm_tradeoffs import AuditReport, Claim, Claims, audit


def report_of(*claims: Claim, source: str | None = "article") -> AuditReport:
    """The report about some claims."""
    models = {"mini": "gpt-4.1-mini", "haiku": "claude-haiku-4.5"}
    return audit(Claims(id="x", title="A text", source=source, models=models, claims=claims))


def test_a_claim_shows_the_sentence_the_verdict_and_the_arithmetic() -> None:
    """Then what to believe, what others say, and the facts."""
    claim = Claim(
        id="a",
        text="It costs $0.0016.",
        says="$0.0016",
        expression="50 * cost(mini, 200 tokens, 150 tokens)",
        note="a slip of the comma",
    )
    assert str(report_of(claim)["a"]) == "\n".join(
        [
            "a: wrong (says $0.0016)",
            "  “It costs $0.0016.”",
            "  It comes to $0.016, and what is stated is too low by a factor of 10.",
            "    GPT-4.1 Mini: 200 tokens × $0.40/MTok + 150 tokens × $1.60/MTok = $0.00032",
            "    50 × $0.00032 = $0.016",
            "  Instead: $0.016.",
            "  The statements of litellm, models.dev and genai-prices lead to the same.",
            "  Note: A slip of the comma.",
            "  - gpt-4.1-mini rates.standard.input_tokens = $0.40/MTok [article, Absolute Pricing Tiers]",
            "  - gpt-4.1-mini rates.standard.output_tokens = $1.60/MTok [article, Absolute Pricing Tiers]",
        ]
    )


def test_opinions_are_told_apart() -> None:
    """Who agrees, who does not, and whether anybody else speaks of it at all."""
    report = report_of(
        Claim(id="a", text="t", says="1.05M tokens", expression="window(mini)"),
        Claim(id="b", text="t", says="yes", expression="supports(haiku, vision) and not supports(mini, vision)"),
        Claim(id="c", text="t", says="82 %", expression="score(mini, gsm8k)"),
        Claim(id="d", text="t", undecidable="why", expression="window(mini)"),
        Claim(id="e", text="t", says="yes", expression="price(mini, input, batch) < price(mini, input)"),
    )
    assert "It holds with the statements of litellm and models.dev, too." in str(report["a"])
    assert "With the statements of others it comes to something else: genai-prices (1,000,000 tokens)." in str(
        report["a"]
    )
    assert "It holds with the statements of claude-docs." in str(report["b"])
    assert "something else: litellm (no), models.dev (no)." in str(report["b"])
    assert "No other source in the catalog states what it rests on." in str(report["c"])
    assert "something else: litellm (1,047,576 tokens)" in str(report["d"])
    assert "holds" not in str(report["d"])


def test_a_report_counts_and_shows_what_does_not_hold() -> None:
    """What holds, and what is undecidable, is only counted."""
    report = report_of(
        Claim(id="a", text="Right.", says="3", expression="3"),
        Claim(id="b", text="Off.", says="4", expression="3"),
        Claim(id="c", text="Who knows?", undecidable="nobody"),
        Claim(id="d", text="Off, too.", says="9", expression="3"),
    )
    text = str(report)
    assert text.startswith("A text: 4 claims checked\n     1  reproduced\n     1  wrong\n     1  inconsistent\n")
    assert "“Off.”" in text
    assert "“Right.”" not in text
    assert "“Who knows?”" not in text
    assert "It cannot hold beside 'a' (3); it comes to 3" in text
    assert "Cannot hold beside: d." in str(report["a"])
    assert text.endswith("catalog 2026-11-22.")
    assert str(report_of(Claim(id="a", text="Right.", says="3", expression="3"))).startswith("A text: 1 claim checked")


def test_a_page_shows_every_claim_once_and_each_sentence_once() -> None:
    """A sentence with two claims is quoted once; signs of Markdown do not act."""
    page = report_of(
        Claim(id="a", text="Three | four.", says="3", expression="3"),
        Claim(id="b", text="Three | four.", says="yes", expression="2 < 1"),
        Claim(id="c", text="A post.", section="Two", costs={"mini": "$0.00016", "haiku": "$0.00024"}),
    ).to_markdown()
    assert page.count("> Three | four.") == 1
    assert "| [b](#b) | **yes**, “Three \\| four.” | wrong | no |" in page
    assert "| [c](#c) | **$0.00016 and $0.00024**, “A post.” | not derivable |" in page
    assert "- 2 &lt; 1: no" in page
    assert "- Asked: `2 < 1`" in page
    assert "### A text\n" in page
    assert "### Two\n" in page
    assert "- `article`: GPT-4.1 Mini vs Claude Haiku 4.5 (2026-03)" in page


def test_a_page_about_claims_that_hold_has_no_list_of_those_that_do_not() -> None:
    """And no sources where no fact was read."""
    page = report_of(Claim(id="a", text="t", says="3", expression="3")).to_markdown()
    assert "## What does not hold" not in page
    assert "## Sources" not in page


def test_what_a_text_says_is_no_markup_on_the_page() -> None:
    """A claim with a tag or a link in it is shown as it was written, and neither runs nor leads anywhere."""
    says = "<img src=x onerror=alert(1)> [here](javascript:alert(1)) \x1b[31m less < 5"
    report = report_of(Claim(id="a", text=says, undecidable=says, note=says))
    for shown in (report.to_markdown(), str(report), str(report["a"])):
        assert "\x1b" not in shown
    page = MarkdownIt("commonmark").enable("table").render(report.to_markdown())
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "&lt;img src=x onerror=alert(1)&gt; [here](javascript:alert(1))" in page
    assert "<img" not in report.to_html()
