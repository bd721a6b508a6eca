"""A policy as a tree to read aloud and as a Mermaid flowchart; and the page that shows both."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from hypothesis import given

from llm_tradeoffs import Policy
from llm_tradeoffs.policy import Condition, Outcome, Question
from policies import policies

ROOT = Path(__file__).parents[2]
ODD = 'a "b" <i>c</i> & #35; |d| {e} [f] (g); `h` \\ end\n  %% x --> y'
TURNS = Condition(kind="test", input="turns", operator="above", operand=3)


def one(*questions: Question, requirements: tuple[str, ...] = (), title: str = "Mine") -> Policy:
    return Policy(id="mine", title=title, requirements=requirements, questions=questions)


SHARED = one(
    Question(id="a", text="A?", when=TURNS, yes=Outcome(ask="b"), no=Outcome(ask="c")),
    Question(id="b", text="B?", when=TURNS, yes=Outcome(rank_by=("cost",), because="so"), no=Outcome(ask="c")),
    Question(id="c", text="C?", when=TURNS, yes=Outcome(tie="trade-off"), no=Outcome(tie="all")),
    Question(id="d", text="D?", when=TURNS, yes=Outcome(ask="c"), no=Outcome(tie="all")),
    requirements=("context", "vision"),
)


def test_a_tree_is_read_from_top_to_bottom() -> None:
    """Each question once, where it is first asked; what is never asked at the end."""
    assert SHARED.tree().splitlines() == [
        "Mine",
        "  Of every model: Does the longest request fit into the context window?",
        "  Of every model: Does the application require image processing?",
        "  A? (turns > 3)",
        "    Yes:",
        "      B? (turns > 3)",
        "        Yes: rank by lowest cost per request, because: so",
        "        No: go on",
        "      C? (turns > 3)",
        "        Yes: weigh cost, quality and latency",
        "        No: every candidate will do",
        "    No: go on above, with: C?",
        "  Never asked:",
        "    D? (turns > 3)",
        "      Yes: go on above, with: C?",
        "      No: every candidate will do",
    ]


def test_a_tree_says_what_outranks_what() -> None:
    """It is part of the policy."""
    assert "    (meant to win over: error-cost, volume, responsiveness)" in Policy.named("guide").tree().splitlines()


def test_a_flowchart_has_every_question_and_every_end() -> None:
    """Nodes in quotes, answers on the edges."""
    assert SHARED.to_mermaid().splitlines() == [
        "flowchart TD",
        '    start["Of every model:<br/>Does the longest request fit into the context window?'
        '<br/>Does the application require image processing?"] --> q1',
        '    q1{"A?<br/><i>turns #gt; 3</i>"}',
        "    q1 -->|yes| q2",
        "    q1 -->|no| q3",
        '    q2{"B?<br/><i>turns #gt; 3</i>"}',
        '    q2 -->|yes| q2yes("rank by lowest cost per request<br/><i>so</i>")',
        "    q2 -->|no| q3",
        '    q3{"C?<br/><i>turns #gt; 3</i>"}',
        '    q3 -->|yes| q3yes("weigh cost, quality and latency")',
        '    q3 -->|no| q3no("every candidate will do")',
        '    q4{"D?<br/><i>turns #gt; 3</i>"}',
        "    q4 -->|yes| q3",
        '    q4 -->|no| q4no("every candidate will do")',
    ]


LABEL = r'"(?:[^"#<>&`|{}\[\];\\]|#\w+;|<br/>|</?i>)*"'
LINE = re.compile(
    rf"    (?:start(?:\(\[{LABEL}\]\)|\[{LABEL}\]) --> q\d+"
    rf"|q\d+\{{{LABEL}\}}"
    rf"|q\d+ -->\|(?:yes|no)\| (?:q\d+|q\d+(?:yes|no)\({LABEL}\)))"
)
"""The part of Mermaid's grammar that is used; what Mermaid 11.17 made of it was looked at once."""


def check(text: str) -> None:
    head, *lines = text.split("\n")
    assert head == "flowchart TD"
    for line in lines:
        assert LINE.fullmatch(line), line


def test_labels_are_escaped() -> None:
    """Whatever a person writes stays a label."""
    end = Outcome(tie="all", because=ODD)
    text = one(Question(id=ODD, text=ODD, when=TURNS, yes=end, no=end), title=ODD).to_mermaid()
    check(text)
    shown = (
        "a #quot;b#quot; #lt;i#gt;c#lt;/i#gt; #amp; #35;35#59; #124;d#124; #123;e#125; #91;f#93; (g)#59; "
        "#96;h#96; #92; end"
    )
    assert f'start(["{shown} %% x --#gt; y"])' in text


def test_a_tree_has_one_line_a_question() -> None:
    """However it was written."""
    end = Outcome(tie="all", because=ODD)
    policy = one(Question(id="a", text=ODD, when=TURNS, yes=end, no=end), title=ODD)
    assert len(policy.tree().splitlines()) == 4


@given(policies())
def test_any_policy_can_be_drawn(policy: Policy) -> None:
    """Every question stands in both, once."""
    text, tree = policy.to_mermaid(), policy.tree()
    check(text)
    for number, question in enumerate(policy.questions, start=1):
        assert len(re.findall(rf"^    q{number}\{{", text, re.MULTILINE)) == 1
        assert len(re.findall(rf"^ *{re.escape(question.text)} \(", tree, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", ["article", "guide"])
def test_the_policies_of_the_catalog_can_be_drawn(name: str) -> None:
    """And are, on the page below."""
    check(Policy.named(name).to_mermaid())


def test_the_page_with_both_trees_is_current() -> None:
    """If not: python tools/make_two_trees.py."""
    spec = importlib.util.spec_from_file_location("make_two_trees", ROOT / "tools" / "make_two_trees.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.PAGE.read_text(encoding="utf-8") == tool.page(), "run: python tools/make_two_trees.py"
