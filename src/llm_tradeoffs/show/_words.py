"""Numbers and phrases that several answers are told with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from llm_tradeoffs.facts import Source
from llm_tradeoffs.money import Exact, Usd, exact_text, fixed, grouped
from llm_tradeoffs.ranges import Range
from llm_tradeoffs.show.document import Reference, References
from llm_tradeoffs.workload import Workload

__all__ = [
    "UNKNOWN",
    "decimal_text",
    "dollars",
    "listed",
    "money",
    "name_of",
    "references",
    "sentence",
    "span",
    "unit_of",
    "whole",
    "workload_line",
    "yes_no",
]

UNKNOWN = "unknown"


def yes_no(value: bool | None) -> str:
    """Yes, no or unknown."""
    return UNKNOWN if value is None else "yes" if value else "no"


def whole(value: Exact | None) -> str:
    """A count with its thousands apart, or unknown."""
    return UNKNOWN if value is None else grouped(value)


def decimal_text(value: Exact, digits: int) -> str:
    """A number with its thousands apart; all digits where there are at most *digits* of them, else so many."""
    exactly = exact_text(value)
    if "/" not in exactly and len(exactly.partition(".")[2]) <= digits:
        return grouped(value)
    return f"{Decimal(fixed(value, digits)):,f}"


def span(value: Range | None, digits: int = 2) -> str:
    """A number or both ends of a range, without the unit, or unknown."""
    if value is None:
        return UNKNOWN
    low, high = decimal_text(value.low, digits), decimal_text(value.high, digits)
    return low if low == high else f"{low}-{high}"


def unit_of(value: Exact, unit: str) -> str:
    """*unit* as it is said of a value: "1 turn", "2 turns", "1 request per day", but "1 tokens/s"."""
    return re.sub(r"^(turn|token|request)s\b(?!/)", r"\1", unit) if value == 1 else unit


def dollars(value: Exact, digits: int) -> str:
    """Dollars: all digits where there are few of them, else rounded, small amounts at two digits that count."""
    exactly = exact_text(value)
    decimals = len(exactly.partition(".")[2])
    size = max(value, -value)
    if "/" in exactly or decimals > max(digits, 2):
        decimals = digits
        while 0 < size * 10**decimals < 10 and decimals < 15:
            decimals += 1
    return f"${Usd(value):,.{max(2, decimals)}f}".replace("$-", "-$")


def money(amount: Usd | Range | None, digits: int = 6) -> str:
    """An amount, or both ends of a range of dollars, or unknown."""
    if amount is None:
        return UNKNOWN
    if isinstance(amount, Usd):
        return dollars(amount.as_fraction(), digits)
    low, high = dollars(amount.low, digits), dollars(amount.high, digits)
    return low if low == high else f"{low} to {high}"


def listed(names: Iterable[str]) -> str:
    """Names as in a sentence: "a, b and c"."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def sentence(text: str) -> str:
    """*text* with a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def name_of(workload: Workload, otherwise: str = "the workload") -> str:
    """What a workload is called."""
    return workload.title or workload.name or otherwise


def workload_line(workload: Workload) -> str:
    """A workload in a line, with all that was stated of its size."""
    parts = [f"{grouped(workload.input_tokens)} tokens in, {grouped(workload.output_tokens)} out"]
    if workload.turns > 1:
        history = "with the history re-sent" if workload.history_resent else "without history"
        parts.append(f"{workload.turns} turns {history}")
    if workload.volume_basis is not None:
        count = getattr(workload, f"requests_per_{workload.volume_basis}")
        parts.append(f"{grouped(count)} requests a {workload.volume_basis}")
    if workload.longest_tokens is not None:
        parts.append(f"up to {workload.longest_tokens:,} tokens long")
    return ", ".join(parts)


def references(sources: Mapping[str, Source], used_for: Mapping[str, str] | None = None) -> list[References]:
    """The sources as footnotes, in the order given; nothing if there are none."""
    said = used_for or {}
    entries = [Reference.of(source, said.get(name, "")) for name, source in sources.items()]
    return [References(entries)] if entries else []
