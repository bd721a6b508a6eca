"""
Write docs/explanation/two-trees.md: the article's tree and the guide, as text and as flowcharts, and what lint says.

    python tools/make_two_trees.py

The page is made from catalog/policies/. A test fails if it is not current.
"""

# ruff: noqa: E501 - the page has one sentence a line

from __future__ import annotations

from pathlib import Path

import llm_tradeoffs as lt
from llm_tradeoffs.policy import CODES

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "two-trees.md"

HEAD = """\
<!-- Made by tools/make_two_trees.py from catalog/policies/. Change it there. -->

# Two trees

The article ends with a decision tree, which is in the catalog word for word as `article`.
The default, `guide`, is its repair.
This page shows both, first to read aloud and then to look at, and what [the linter](lint.md) says of each under the article's own facts.
[The tree and its repair](the-tree.md) tells why each question became what it is.

Both pictures and both texts are what `policy.to_mermaid()` and `policy.tree()` give; so will they for a policy of your own.

## At a glance

{table}

## To read aloud

### {article_title}

```text
{article_tree}
```

### {guide_title}

```text
{guide_tree}
```

## To look at

### {article_title}, drawn

Nothing leads to the last question.

```mermaid
{article_chart}
```

### {guide_title}, drawn

```mermaid
{guide_chart}
```

## What the linter says

### Of the article's tree

```text
{article_report}
```

### Of the guide

```text
{guide_report}
```

One of the four defects is a matter of opinion, and the guide shares the behaviour: whoever names accuracy gets the more accurate model, even for simple work of high volume.
The guide means it, and says so with `outranks`; the article's tree does not say.
"""


def page() -> str:
    """The page."""
    facts = lt.Catalog.bundled(trust=("article",))
    article, guide = lt.Policy.named("article"), lt.Policy.named("guide")
    reports = {policy.id: policy.lint(facts) for policy in (article, guide)}
    rows = [
        ("requirements", *(str(len(policy.requirements)) for policy in (article, guide))),
        ("questions", *(str(len(policy.questions)) for policy in (article, guide))),
        *(
            (
                f"{code}: {meaning}",
                *("yes" if code in reports[policy.id].codes else "no" for policy in (article, guide)),
            )
            for code, (meaning, _) in CODES.items()
        ),
    ]
    table = "\n".join(["|  | article | guide |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)])
    return HEAD.format(
        table=table,
        article_title=article.title,
        guide_title=guide.title,
        article_tree=article.tree(),
        guide_tree=guide.tree(),
        article_chart=article.to_mermaid(),
        guide_chart=guide.to_mermaid(),
        article_report=reports["article"],
        guide_report=reports["guide"],
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
