"""
Write docs/article-checked.md: every statement of the article with its verdict.

    python tools/make_article_checked.py

The page is made from the catalog and from catalog/claims/article.toml. A test fails if it is not current.
"""

# ruff: noqa: E501 - the page has one sentence a line

from __future__ import annotations

from pathlib import Path

import llm_tradeoffs as lt

PAGE = Path(__file__).parents[1] / "docs" / "article-checked.md"

HEAD = """\
<!-- Made by tools/make_article_checked.py from catalog/claims/article.toml. Change it there. -->

# The article, checked

The library grew from a published comparison, "{title}", which speaks for {month}.
This page takes {count} of its statements, in its order, and recomputes each of them.
It is no judgement of the models, and none of the author: most of the sums are right, and where one is not, the arithmetic below shows where it went another way.

You can check any verdict by hand.
Each claim shows the sentence, the value as it was written, the question that was asked, the arithmetic in full, the facts that it rests on with their places in their sources, and what other sources make of it.

- **The text's own figures come first.**
  Sums are judged by the prices, speeds and scores that the article states itself.
  Then the statements of the other sources take their place, and where the claim no longer holds, it is `contradicted`.
- **A number promises the digits with which it was written.**
  `$0.00368` has to be right to the last digit, `~3x` stands for 2.5 to 3.5.
  [Check a comparison](how-to/check-a-comparison.md#what-a-number-promises) has the rule.
- **Ranges are compared end by end**, low with low and high with high, as the article does; a note says where other readings of them would matter.
- **Some statements can only be repeated.**
  Where no other source in the catalog states a figure, such as a speed, `reproduced` means no more than that the article says it.
  These claims say so.
- **The other sources were read later.**
  The article speaks for {month}; where a source says otherwise, the day from which its statement is recorded stands with it.
  The article may have been right when it was written.

Facts as of {day}, catalog {edition}, library {version}.
The questions use these names: `mini` is {mini}, `haiku` is {haiku}, and
{values}.

## The verdicts

"""


def page() -> str:
    """The page."""
    claims = lt.Claims.named("article")
    report = lt.audit(claims)
    assert report.source is not None
    names = {name: lt.Catalog.bundled()[model].label for name, model in claims.models}
    values = ",\n".join(f"`{name}` is `{' '.join(text.split())}`" for name, text in claims.values)
    head = HEAD.format(
        title=report.title,
        month="March 2026",
        count=len(report),
        day=report.as_of,
        edition=report.catalog_edition,
        version=report.library_version,
        mini=names["mini"],
        haiku=names["haiku"],
        values=values,
    )
    return head + report.to_markdown()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
