"""Where in a TOML text a key stands. A parsed document has no lines, and an error without one is a search."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    best: int | None = None
    best_depth = 0
    table: list[str | int] = []
    counts: dict[tuple[str | int, ...], int] = {}
    target = list(where)
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header is not None:
            table = _table_path(header[2], counts, is_array=header[1] == "[[")
            depth = _common(table, target)
            if depth == len(table) and depth > best_depth:
                best, best_depth = number, depth
            continue
        key = _KEY.match(line)
        if key is None:
            continue
        path = [*table, key[1].strip("\"'")]
        depth = _common(path, target)
        if depth == len(path) and depth > best_depth:
            best, best_depth = number, depth
    return best


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


def _common(path: Sequence[str | int], target: Sequence[str | int]) -> int:
    depth = 0
    for mine, theirs in zip(path, target, strict=False):
        if mine != theirs:
            break
        depth += 1
    return depth


def parse_where(text: str) -> list[str | int]:
    """
    The parts of a place in words.

    >>> parse_where(".prices[0].usd_per_mtok")
    ['prices', 0, 'usd_per_mtok']
    """
    return [int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)(?![^\[]*\])|\[(\d+)\]", text)]
