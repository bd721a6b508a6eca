"""
The expressions of a claims file: text into a tree.

A small language of its own, so that a claims file is data: numbers with units, names, calls of listed
functions, arithmetic, comparisons. Nothing is evaluated here, and nothing is ever given to Python.

    or        =  and { "or" and }
    and       =  not { "and" not }
    not       =  [ "not" ] comparison
    comparison=  sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ]
    sum       =  product { ( "+" | "-" ) product }
    product   =  negative { ( "*" | "/" ) negative }
    negative  =  [ "-" ] atom
    atom      =  number [ unit ] | text | name [ "(" [ or { "," or } ] ")" ] | "(" or ")"
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError
from llm_tradeoffs.money import Exact, exact_text, plain

__all__ = ["Binary", "Call", "ExpressionError", "Literal", "Name", "Node", "Text", "Unary", "parse", "unparse"]

MAX_LENGTH: Final = 2_000
"""The longest expression. [characters]"""
MAX_PARTS: Final = 200
"""The most numbers, names and signs in one expression: each may deepen the tree, and trees are walked by recursion."""
MAX_DEPTH: Final = 20
"""How deep parentheses and calls may nest."""

SUFFIXES: Final = {"K": 10**3, "M": 10**6, "B": 10**9}
UNIT_WORDS: Final = {
    "tokens": "tokens",
    "token": "tokens",
    "ms": "ms",
    "s": "s",
    "second": "s",
    "seconds": "s",
    "requests": "requests",
    "request": "requests",
    "points": "%",
    "point": "%",
}
"""Words that may stand behind a number, and the unit that each means."""


class ExpressionError(InvalidValueError):
    """
    An expression that cannot be read, or that means nothing.

    Attributes:
        problem: What is wrong.
        at: The character where it is, from 0.
    """

    def __init__(self, problem: str, at: int = 0) -> None:
        super().__init__(problem, at)
        self.problem, self.at = problem, at

    def __str__(self) -> str:
        return f"{self.problem} (character {self.at + 1})"


# The tree. Where a node stands in the text does not change what it means.


@attrs.frozen
class Literal:
    """A number with its unit: ``""``, ``"$"``, ``"%"``, ``"tokens"``, ``"ms"``, ``"s"`` or ``"requests"``."""

    value: Exact
    unit: str = ""
    at: int = attrs.field(default=0, eq=False)


@attrs.frozen
class Text:
    """A text in quotes; a name that is no single word."""

    value: str
    at: int = attrs.field(default=0, eq=False)


@attrs.frozen
class Name:
    """A word: a model, a benchmark, a named value."""

    value: str
    at: int = attrs.field(default=0, eq=False)


@attrs.frozen
class Call:
    """A function and what it is asked."""

    function: str
    arguments: tuple[Node, ...]
    at: int = attrs.field(default=0, eq=False)


@attrs.frozen
class Unary:
    """``-`` or ``not``."""

    operator: str
    operand: Node
    at: int = attrs.field(default=0, eq=False)


@attrs.frozen
class Binary:
    """Two operands and what is between them."""

    operator: str
    left: Node
    right: Node
    at: int = attrs.field(default=0, eq=False)


Node: TypeAlias = Literal | Text | Name | Call | Unary | Binary


# Tokens.

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>[0-9][0-9_]*(?:\.[0-9]+)?(?:[KMB](?![A-Za-z0-9_]))?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<sign><=|>=|==|!=|[-+*/<>(),$%×÷−·≤≥≠])
    """,
    re.VERBOSE,
)
_SPELLINGS: Final = {"×": "*", "·": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!="}
_COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "!=")
_GROUPED: Final = re.compile(r"[0-9],[0-9]{3}(?![0-9])")
_WORDS: Final = frozenset({"and", "or", "not"})


@attrs.frozen
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    if not isinstance(text, str):
        raise InvalidTypeError(f"an expression is {text!r}; expected a str such as '200 tokens * price(mini, input)'.")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text):,} characters; write at most {MAX_LENGTH:,}, with [values]"
        )
    grouped = _GROUPED.search(text)
    if grouped is not None:
        # Inside a call, 1,500 would be two arguments, and nobody would notice.
        digits = grouped[0].replace(",", "_")
        raise ExpressionError(f"{grouped[0]!r} may be one number or two; write {digits!r}, or a space", grouped.start())
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"unexpected {text[at]!r}", at)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_Token(kind, _SPELLINGS.get(match[0], match[0]), at))
        at = match.end()
    if len(found) > MAX_PARTS:
        raise ExpressionError(f"the expression has {len(found)} parts, more than {MAX_PARTS}; name some in [values]")
    found.append(_Token("end", "", len(text)))
    return found


# The parser: one method for each line of the grammar.


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.next = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.next]

    def take(self) -> _Token:
        token = self.token
        self.next += 1
        return token

    def takes(self, *texts: str) -> _Token | None:
        """The next token if it is one of *texts*, which are signs or words."""
        if self.token.kind in {"sign", "word"} and self.token.text in texts:
            return self.take()
        return None

    def needs(self, text: str, where: str) -> None:
        if self.takes(text) is None:
            raise ExpressionError(f"expected {text!r} {where}, got {self.shown()}", self.token.at)

    def shown(self) -> str:
        return "the end" if self.token.kind == "end" else repr(self.token.text)

    def whole(self) -> Node:
        node = self.any_of()
        if self.token.kind != "end":
            raise ExpressionError(f"expected an operator or the end, got {self.shown()}", self.token.at)
        return node

    def any_of(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels; name the parts in [values]", self.token.at)
        node = self.all_of()
        while (token := self.takes("or")) is not None:
            node = Binary("or", node, self.all_of(), token.at)
        self.depth -= 1
        return node

    def all_of(self) -> Node:
        node = self.negated()
        while (token := self.takes("and")) is not None:
            node = Binary("and", node, self.negated(), token.at)
        return node

    def negated(self) -> Node:
        token = self.takes("not")
        return self.compared() if token is None else Unary("not", self.compared(), token.at)

    def compared(self) -> Node:
        node = self.sum()
        token = self.takes(*_COMPARISONS)
        if token is None:
            return node
        node = Binary(token.text, node, self.sum(), token.at)
        if self.token.text in _COMPARISONS:
            raise ExpressionError("one comparison at a time; join two with 'and'", self.token.at)
        return node

    def sum(self) -> Node:
        node = self.product()
        while (token := self.takes("+", "-")) is not None:
            node = Binary(token.text, node, self.product(), token.at)
        return node

    def product(self) -> Node:
        node = self.signed()
        while (token := self.takes("*", "/")) is not None:
            node = Binary(token.text, node, self.signed(), token.at)
        return node

    def signed(self) -> Node:
        token = self.takes("-")
        return self.atom() if token is None else Unary("-", self.atom(), token.at)

    def atom(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return self.number(token, "")
        if token.text == "$" and token.kind == "sign":
            if self.token.kind != "number":
                raise ExpressionError(f"expected a number behind '$', got {self.shown()}", self.token.at)
            return self.number(self.take(), "$")
        if token.kind == "text":
            return Text(token.text[1:-1], token.at)
        if token.kind == "word" and token.text not in _WORDS:
            return self.called(token) if self.takes("(") else Name(token.text, token.at)
        if token.text == "(" and token.kind == "sign":
            node = self.any_of()
            self.needs(")", "behind the part in parentheses")
            return node
        self.next -= 1
        raise ExpressionError(f"expected a number, a name or '(', got {self.shown()}", token.at)

    def number(self, token: _Token, unit: str) -> Literal:
        digits, factor = token.text, 1
        if digits[-1] in SUFFIXES:
            digits, factor = digits[:-1], SUFFIXES[digits[-1]]
        digits = digits.replace("_", "")
        if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
            raise ExpressionError(f"{token.text!r} begins with 0; write one number as 10_000", token.at)
        value = plain(Fraction(digits) * factor)
        if self.token.kind == "sign" and self.token.text == "%" and not unit:
            self.take()
            return Literal(value, "%", token.at)
        if self.token.kind == "word" and self.token.text in UNIT_WORDS:
            if unit:
                raise ExpressionError(f"one unit a number: {unit!r} or {self.token.text!r}", self.token.at)
            return Literal(value, UNIT_WORDS[self.take().text], token.at)
        return Literal(value, unit, token.at)

    def called(self, name: _Token) -> Call:
        arguments: list[Node] = []
        if self.takes(")") is None:
            arguments.append(self.any_of())
            while self.takes(",") is not None:
                arguments.append(self.any_of())
            self.needs(")", f"or ',' in {name.text}(...)")
        return Call(name.text, tuple(arguments), name.at)


def parse(text: str) -> Node:
    """
    The tree that *text* states.

    >>> parse("200 tokens * price(mini, input)")
    Binary(operator='*', left=Literal(value=200, unit='tokens', at=0), right=Call(...), at=11)

    Raises:
        ExpressionError: It cannot be read; with the character where it went wrong.
    """
    return _Parser(text).whole()


_BINDING: Final = {"or": 1, "and": 2, **dict.fromkeys(_COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6}
_TIGHTEST: Final = 9


def binding(node: Node) -> int:
    """How tightly the outermost operator of *node* holds its operands."""
    if isinstance(node, Binary):
        return _BINDING[node.operator]
    if isinstance(node, Unary):
        return 3 if node.operator == "not" else 7
    return _TIGHTEST


def unparse(node: Node) -> str:
    """*node* as text that :func:`parse` reads as an equal tree."""
    if isinstance(node, Literal):
        digits = exact_text(node.value)
        return f"${digits}" if node.unit == "$" else f"{digits} {node.unit}".strip().replace(" %", "%")
    if isinstance(node, Text):
        return f"'{node.value}'" if '"' in node.value else f'"{node.value}"'
    if isinstance(node, Name):
        return node.value
    if isinstance(node, Call):
        return f"{node.function}({', '.join(map(unparse, node.arguments))})"
    if isinstance(node, Unary):
        inner = _wrapped(node.operand, 4 if node.operator == "not" else _TIGHTEST)
        return f"not {inner}" if node.operator == "not" else f"-{inner}"
    mine = _BINDING[node.operator]
    # Comparisons do not chain; the others group to the left.
    left = _wrapped(node.left, mine + (mine == _BINDING["<"]))
    return f"{left} {node.operator} {_wrapped(node.right, mine + 1)}"


def _wrapped(node: Node, least: int) -> str:
    text = unparse(node)
    return f"({text})" if binding(node) < least else text
