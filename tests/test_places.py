"""The line on which a key of a TOML text stands."""

from __future__ import annotations

import pytest

from llm_tradeoffs._places import line_of, parse_where

TEXT = """\
# a comment with a key = 1
edition = "e"  # line 2
"quoted key" = 1
'single' = 2
trust = [
  "a",
]
nested.key = 1

[table]
key = 1
inline = { a = 1, b = 2 }

[table.inner]
key = 2

[[rows]]
id = "first"
x = 1

  [[rows.facts]]
  field = "a"

  [[rows.facts]]
  field = "b"

[[rows]]  # the second row
id = "second"

  [[rows.facts]]
  field = "c"
  value = 5

  [rows.more]
  key = 3
"""


def at(line: int) -> str:
    return TEXT.splitlines()[line - 1].strip()


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (["edition"], 'edition = "e"  # line 2'),
        (["quoted key"], '"quoted key" = 1'),
        (["single"], "'single' = 2"),
        (["trust"], "trust = ["),
        (["trust", 0], "trust = ["),
        (["table"], "[table]"),
        (["table", "key"], "key = 1"),
        (["table", "inline"], "inline = { a = 1, b = 2 }"),
        (["table", "inline", "b"], "inline = { a = 1, b = 2 }"),
        (["table", "inner", "key"], "key = 2"),
        (["rows", 0, "x"], "x = 1"),
        (["rows", 0, "facts", 1, "field"], 'field = "b"'),
        (["rows", 1], "[[rows]]  # the second row"),
        (["rows", 1, "id"], 'id = "second"'),
        (["rows", 1, "facts", 0, "value"], "value = 5"),
        (["rows", 1, "more", "key"], "key = 3"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, list) else "",
)
def test_a_key_stands_where_it_is_written(where: list[str | int], line: str) -> None:
    """Keys of tables, of inline tables and of arrays of tables are found, each row in its own place."""
    number = line_of(TEXT, where)
    assert number is not None
    assert at(number) == line


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (["table", "missing"], "[table]"),
        (["rows", 0, "missing"], "[[rows]]"),
        (["rows", 1, "facts", 0, "missing"], "[[rows.facts]]"),
        (["table", "inner", "missing", "deeper"], "[table.inner]"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, list) else "",
)
def test_a_missing_key_is_at_its_table(where: list[str | int], line: str) -> None:
    """A key that is missing has the line of the table that lacks it."""
    number = line_of(TEXT, where)
    assert number is not None
    assert at(number) == line


@pytest.mark.parametrize("where", [["missing"], ["rows", 7, "id"], ["key"], []], ids=str)
def test_what_is_nowhere_has_no_line(where: list[str | int]) -> None:
    """A key that is missing at the top, or a row that does not exist, is on no line."""
    assert line_of(TEXT, where) is None
    assert line_of("", where) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (".", []),
        (".edition", ["edition"]),
        ("prices[0].usd_per_mtok", ["prices", 0, "usd_per_mtok"]),
        (".questions[12].yes.rank_by[3]", ["questions", 12, "yes", "rank_by", 3]),
    ],
)
def test_places_in_words(text: str, parts: list[str | int]) -> None:
    """A place in words is taken apart into names and numbers."""
    assert parse_where(text) == parts
