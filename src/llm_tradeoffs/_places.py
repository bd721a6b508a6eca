"""Where in a TOML text a key stands. A parsed document has no lines, and an error without one is a search."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([\w.\-\"']+)\s*\]\]?\s*(?:#.*)?\Z")
_KEY: Final = re.compile(r"\s*([\w\-]+|\"[^\"]*\"|'[^']*')\s*(?:\.[^=]*)?=")


def line_of(text: str, where: Sequence[str | int]) -> int | None:
    r"""
    The line, from 1, on which the value at *where* is set; that of its table if the key is missing.

    >>> line_of('a = 1\n[[rows]]\nx = 1\n[[rows]]\nx = 2\n', ["rows", 1, "x"])
    5

    Good for documents with one key a line, which catalogs are; multi-line strings may mislead it.
    """
    lines = _lines(text)
    for depth in range(len(where), 0, -1):
        line = lines.get(tuple(where[:depth]))
        if line is not None:
            return line
    return None


@lru_cache(maxsize=4)
def _lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Where every table and key begins, found once: a file with ten thousand rows may have as many faults."""
    found: dict[tuple[str | int, ...], int] = {}
    table: list[str | int] = []
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header is not None:
            table = _table_path(header[2], counts, is_array=header[1] == "[[")
            found.setdefault(tuple(table), number)
            continue
        key = _KEY.match(line)
        if key is not None:
            found.setdefault((*table, key[1].strip("\"'")), number)
    return found


def _table_path(name: str, counts: dict[tuple[str | int, ...], int], *, is_array: bool) -> list[str | int]:
    """The full path of a table header, with the index of every array of tables on the way."""
    path: list[str | int] = []
    parts = [part.strip("\"' ") for part in name.split(".")]
    for position, part in enumerate(parts):
        path.append(part)
        key = tuple(path)
        last = position == len(parts) - 1
        if last and is_array:
            counts[key] = counts.get(key, -1) + 1
            path.append(counts[key])
        elif not last and key in counts:
            path.append(counts[key])
    return path


def parse_where(text: str) -> list[str | int]:
    """
    The parts of a place in words.

    >>> parse_where(".prices[0].usd_per_mtok")
    ['prices', 0, 'usd_per_mtok']
    """
    return [int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)(?![^\[]*\])|\[(\d+)\]", text)]
