"""Expressions are read by a parser of our own: what they mean, what is refused, and that nothing else can happen."""

from __future__ import annotations

import builtins
import os
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Claim, Claims, audit
from llm_tradeoffs.claims._language import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_PARTS,
    UNIT_WORDS,
    Binary,
    Call,
    ExpressionError,
    Literal,
    Name,
    Node,
    Text,
    Unary,
    parse,
    unparse,
)
from llm_tradeoffs.errors import CatalogError, InvalidTypeError, TradeoffsError

# Narrow on purpose: what the parser itself can make, so no negative numbers and no ratios in a literal.
numbers = (
    st.decimals(min_value=0, max_value=10**9, places=4, allow_nan=False)
    .map(Fraction)
    .map(lambda value: value.numerator if value.denominator == 1 else value)
)
literals = st.builds(Literal, numbers, st.sampled_from(["", "$", "%", *sorted(set(UNIT_WORDS.values()))]))
words = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda word: word not in {"and", "or", "not", *UNIT_WORDS}
)
texts = st.builds(Text, st.text(st.characters(exclude_characters="\"'", exclude_categories=["Cs"]), max_size=8))


def deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Operators and calls over what is there already."""
    operators = st.sampled_from(["or", "and", "<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/"])
    return st.one_of(
        st.builds(Binary, operators, inner, inner),
        st.builds(Unary, st.sampled_from(["-", "not"]), inner),
        st.builds(Call, words, st.lists(inner, max_size=3).map(tuple)),
    )


trees: st.SearchStrategy[Any] = st.recursive(st.one_of(literals, texts, st.builds(Name, words)), deeper, max_leaves=8)


@given(trees)
def test_a_tree_that_is_written_and_read_is_the_same_tree(tree: Node) -> None:
    """Parentheses stand where they are needed, and only change what they have to."""
    assert parse(unparse(tree)) == tree


@given(st.text(max_size=60))
@example("1" * 3000)
@example("(" * 100)
@example("1,500")
@example("$")
@example("a(")
@example("'")
@example("not not 1")
def test_any_text_is_read_or_refused_in_our_own_words(text: str) -> None:
    """No text makes anything else happen than a tree or an error of ours."""
    try:
        tree = parse(text)
    except ExpressionError as problem:
        refused = problem
    else:
        assert parse(unparse(tree)) == tree
        return
    assert isinstance(refused, TradeoffsError)
    assert 0 <= refused.at <= len(text)


NUMBERS = ("1", "2.5", "$", "%", "tokens", "ms")
SIGNS = ("(", ")", ",", "+", "-", "*", "/", "<", "==", "and", "or", "not")


@given(st.lists(st.sampled_from([*NUMBERS, *SIGNS, "price", "mini", '"x"']), max_size=14))
def test_any_row_of_tokens_is_read_or_refused(tokens: list[str]) -> None:
    """Aimed at the grammar: the tokens are all good, their order seldom is."""
    try:
        tree = parse(" ".join(tokens))
    except ExpressionError:
        return
    assert parse(unparse(tree)) == tree


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ("8 / 4 / 2", "(8 / 4) / 2"),
        ("-1 * 2", "(-1) * 2"),
        ("a or b and c", "a or (b and c)"),
        ("not a and b", "(not a) and b"),
        ("not a < b", "not (a < b)"),
        ("1 + 2 < 3 * 4", "(1 + 2) < (3 * 4)"),
        ("2 × 3 ÷ 4 − 1", "2 * 3 / 4 - 1"),
        ("a ≤ b", "a <= b"),
        ("1.05M tokens", "1050000 tokens"),
        ("200K tokens", "200_000 tokens"),
        ("2B", "2000000000"),
        ("3 points", "3 %"),
        ("2 seconds", "2 s"),
        ("f ( 1 , 2 )", "f(1, 2)"),
        ("'a' == \"a\"", '"a" == "a"'),
        ("1\n  + 2", "1 + 2"),
    ],
)
def test_what_an_expression_means(text: str, same_as: str) -> None:
    """Precedence, grouping, spellings of signs, suffixes and units."""
    assert parse(text) == parse(same_as)


@pytest.mark.parametrize(
    ("text", "problem", "at"),
    [
        ("", "expected a number, a name or '(', got the end", 0),
        ("1 +", "expected a number, a name or '(', got the end", 3),
        ("1 2", "expected an operator or the end, got '2'", 2),
        ("f(1", "expected ')' or ',' in f(...), got the end", 3),
        ("(1", "expected ')' behind the part in parentheses, got the end", 2),
        ("1 < 2 < 3", "one comparison at a time", 6),
        ("$x", "expected a number behind '$', got 'x'", 1),
        ("$1 tokens", "one unit a number", 3),
        ("cost(mini, 1,500)", "'1,500' may be one number or two; write '1_500', or a space", 11),
        ("10,000 * 2", "'0,000' may be one number or two", 1),
        ("007", "'007' begins with 0", 0),
        ("1 ! 2", "unexpected '!'", 2),
        ("1 = 2", "unexpected '='", 2),
        ("a.b", "unexpected '.'", 1),
        ("a[0]", "unexpected '['", 1),
        ("f(x for x in y)", "expected ')' or ',' in f(...), got 'for'", 4),
        ("lambda: 1", "unexpected ':'", 6),
        ("2 ** 3", "expected a number, a name or '(', got '*'", 3),
        ("'never closed", 'unexpected "\'"', 0),
        ("and", "expected a number, a name or '(', got 'and'", 0),
    ],
)
def test_what_is_refused_says_where(text: str, problem: str, at: int) -> None:
    """With the character, counted from 1 in the message."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert problem in str(caught.value)
    assert caught.value.at == at
    assert str(caught.value).endswith(f"(character {at + 1})")


def test_size_and_depth_have_a_limit() -> None:
    """A tree is walked by recursion, so it must not be deeper than a stack."""
    assert parse("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1)) == Literal(1)
    with pytest.raises(ExpressionError, match="nested deeper than"):
        parse("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1))
    with pytest.raises(ExpressionError, match="parts, more than"):
        parse("1" + "+1" * MAX_PARTS)
    with pytest.raises(ExpressionError, match="characters; write at most"):
        parse("1" * (MAX_LENGTH + 1))


def test_an_expression_is_a_text() -> None:
    """A number where a text is meant is a mistake of the caller."""
    with pytest.raises(InvalidTypeError, match="an expression is 5"):
        parse(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["__import__('os').system('true')", "open('x')", "().__class__", "exec('1')", "[].append(1)"]
)
def test_nothing_is_ever_given_to_python(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by eval nor by compile: the doors are walled up, and the answer is the same."""

    def walled_up(*_: object, **__: object) -> None:
        raise AssertionError("an expression reached Python")

    claims = Claims(id="x", title="x", claims=[Claim(id="a", text="t", says="1", expression=text)])
    Catalog.bundled()
    with monkeypatch.context() as patched:
        for name in ("eval", "exec", "compile", "open"):
            patched.setattr(builtins, name, walled_up)
        patched.setattr(os, "system", walled_up)
        with pytest.raises(CatalogError) as caught:
            audit(claims)
    assert "claims[0].expression" in str(caught.value)
