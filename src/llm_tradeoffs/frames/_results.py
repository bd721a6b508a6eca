"""What a table of calls costs, by group: exact amounts, bills, what has no cost, and frames of the user's own kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal, cast

import attrs

from llm_tradeoffs.calls import CallsLeftOutError, LeftOut
from llm_tradeoffs.costing import LineItem, line_dict, usd_text
from llm_tradeoffs.errors import TradeoffsError, UnknownNameError, UnknownPriceError
from llm_tradeoffs.frames._cells import Cells
from llm_tradeoffs.frames._pricing import Bucket, Pricer, lines_of
from llm_tradeoffs.money import PICO, Exact, Usd, exact_text, plain

__all__ = ["FrameCost", "GroupCost", "InexactFrameError", "Kind", "Money", "Repriced", "cost_of", "frame_of"]

Money = Literal["decimal", "text"]

_DIGITS: Final = 12
"""Decimals of an amount of dollars in a frame: whole pico-dollars."""


class InexactFrameError(TradeoffsError, ValueError):
    """
    An amount is no whole number of pico-dollars, so a decimal column cannot hold it.

    Attributes:
        amount: The amount, as exact text.
    """

    def __init__(self, amount: str) -> None:
        self.amount = amount
        super().__init__(amount)

    def __str__(self) -> str:
        return (
            f"an amount of {self.amount} dollars is no whole number of pico-dollars, and a decimal column would round "
            "it. Say money='text' for exact text, or read the amounts as Usd from .groups."
        )


@attrs.frozen(eq=False, repr=False)
class GroupCost:
    """
    What the calls of one group cost.

    Attributes:
        group: The values of the group, by the names it was grouped by.
        calls: How many calls, those without a cost included.
        left_out: The calls that have no cost, by reason.
    """

    group: Mapping[str, Any]
    calls: int
    left_out: tuple[LeftOut, ...]
    _buckets: tuple[Bucket, ...] = attrs.field(alias="buckets")

    @property
    def priced(self) -> int:
        """How many calls have a cost."""
        return self.calls - sum(left.calls for left in self.left_out)

    @cached_property
    def _ends(self) -> tuple[Exact, Exact]:
        low: Exact = 0
        high: Exact = 0
        for bucket in self._buckets:
            least, most = bucket.picos()
            low += least
            high += most
        return plain(low), plain(high)

    @property
    def low(self) -> Usd:
        """The least that the priced calls cost together. [USD]"""
        return Usd.from_pico(self._ends[0])

    @property
    def high(self) -> Usd:
        """The most that the priced calls cost together. [USD]"""
        return Usd.from_pico(self._ends[1])

    @property
    def is_exact(self) -> bool:
        """Whether every call has a cost, and every rate that leaves room was published."""
        return not self.left_out and self._ends[0] == self._ends[1]

    @property
    def total(self) -> Usd:
        """
        The exact cost of all calls. [USD]

        Raises:
            CallsLeftOutError: Some calls have no cost; read :attr:`low` and :attr:`high` for the others.
            UnknownPriceError: A rate lies between two; read :attr:`low` and :attr:`high`.
        """
        if self.left_out:
            raise CallsLeftOutError(self.calls, self.left_out)
        if self.low != self.high:
            line = next(line for line in self.lines if line.low != line.high)
            between = f"The calls cost {self.low} to {self.high}, read .low and .high: {line.assumption}."
            raise UnknownPriceError(None, line.meter, line.service_tier, (), between=between)
        return self.low

    @cached_property
    def lines(self) -> tuple[LineItem, ...]:
        """The bill of the priced calls, one line for each meter and rate."""
        return lines_of(self._buckets)

    def to_dict(self) -> dict[str, Any]:
        """The group in plain types, amounts as exact decimal strings; no total where it is not known."""
        return {
            "group": {name: _plain_value(value) for name, value in self.group.items()},
            "calls": self.calls,
            "priced": self.priced,
            "total_usd": usd_text(self.low) if self.is_exact else None,
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "lines": [line_dict(line) for line in self.lines],
            "left_out": [attrs.asdict(left) for left in self.left_out],
        }

    def __str__(self) -> str:
        names = ", ".join(str(value) for value in self.group.values())
        missing = f", {self.calls - self.priced:,} without a cost" if self.left_out else ""
        cost = _span(self.low, self.high) if self.priced or not self.calls else "unknown"
        return f"{names}: {cost} ({_calls(self.priced)}{missing})"

    def __repr__(self) -> str:
        return f"<GroupCost {self}>"


def _plain_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"


def _span(low: Usd, high: Usd) -> str:
    return str(low) if low == high else f"{low} to {high}"


@attrs.frozen(eq=False, repr=False)
class FrameCost:
    """
    What all calls of a table cost.

    Attributes:
        by: What the groups are by.
        groups: The groups, in the order of their values.
        notes: What was assumed, or could not be checked, one sentence each.
        cells: What was priced: the calls sorted into cells.
    """

    by: tuple[str, ...]
    groups: tuple[GroupCost, ...]
    notes: tuple[str, ...]
    cells: Cells

    @cached_property
    def _all(self) -> GroupCost:
        left: Counter[tuple[str, str]] = Counter()
        for group in self.groups:
            for missing in group.left_out:
                left[missing.limit, missing.reason] += missing.calls
        return GroupCost(
            group={},
            calls=sum(group.calls for group in self.groups),
            left_out=_left_out(left),
            buckets=[bucket for group in self.groups for bucket in group._buckets],  # type: ignore[arg-type]  # of one module
        )

    @property
    def calls(self) -> int:
        """How many calls there are, those without a cost included."""
        return self._all.calls

    @property
    def priced(self) -> int:
        """How many calls have a cost."""
        return self._all.priced

    @cached_property
    def low(self) -> Usd:
        """The least that the priced calls cost together. [USD]"""
        return sum((group.low for group in self.groups), Usd(0))

    @cached_property
    def high(self) -> Usd:
        """The most that the priced calls cost together. [USD]"""
        return sum((group.high for group in self.groups), Usd(0))

    @property
    def is_exact(self) -> bool:
        """Whether every call has a cost, and every rate that leaves room was published."""
        return not self.left_out and self.low == self.high

    @property
    def total(self) -> Usd:
        """
        The exact cost of all calls. [USD]

        Raises:
            CallsLeftOutError: Some calls have no cost; read :attr:`low` and :attr:`high` for the others.
            UnknownPriceError: A rate lies between two; read :attr:`low` and :attr:`high`.
        """
        return self.low if self.is_exact else self._all.total

    @property
    def lines(self) -> tuple[LineItem, ...]:
        """The bill of all priced calls, one line for each meter and rate."""
        return self._all.lines

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The calls that have no cost, by reason; the most frequent first."""
        return self._all.left_out

    def __iter__(self) -> Iterator[GroupCost]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    def __getitem__(self, group: object) -> GroupCost:
        """
        The group of that value, or of these values where there are several names.

        Raises:
            UnknownNameError: There is none.
        """
        several = isinstance(group, tuple)
        wanted = cast("tuple[object, ...]", group) if several else (group,)
        for held in self.groups:
            if tuple(held.group.values()) == wanted:
                return held
        raise UnknownNameError("group", str(group), (str(next(iter(held.group.values()), "")) for held in self.groups))

    def to_frame(self, money: Money = "decimal") -> Any:
        """
        The groups as a frame of the kind that was priced.

        Returns:
            One row per group, with the columns it is grouped by, ``calls``, ``priced``, ``cost_low_usd`` and
            ``cost_high_usd`` (equal where the cost is exact). Amounts are decimals with twelve places, or exact text.

        Raises:
            InexactFrameError: An amount is no whole number of pico-dollars and *money* is ``"decimal"``.
        """
        columns: dict[str, list[Any]] = {name: [group.group[name] for group in self.groups] for name in self.by}
        columns["calls"] = [group.calls for group in self.groups]
        columns["priced"] = [group.priced for group in self.groups]
        columns["cost_low_usd"] = [amount(group.low, money) for group in self.groups]
        columns["cost_high_usd"] = [amount(group.high, money) for group in self.groups]
        return frame_of(columns, self.cells.kind)

    def lines_to_frame(self, money: Money = "decimal") -> Any:
        """
        The bills as a frame of the kind that was priced.

        Returns:
            One row per group, meter and rate, with the columns it is grouped by, ``meter``, ``service_tier``,
            ``quantity`` (exact text where it is not whole), ``usd`` per ``per``, ``cost_low_usd``, ``cost_high_usd``.

        Raises:
            InexactFrameError: An amount is no whole number of pico-dollars and *money* is ``"decimal"``.
        """
        rows = [(group, line) for group in self.groups for line in group.lines]
        columns: dict[str, list[Any]] = {name: [group.group[name] for group, _ in rows] for name in self.by}
        columns["meter"] = [line.meter for _, line in rows]
        columns["service_tier"] = [line.service_tier for _, line in rows]
        columns["quantity"] = [exact_text(line.quantity) for _, line in rows]
        columns["usd"] = [amount(line.price.usd, money) for _, line in rows]
        columns["per"] = [line.price.per for _, line in rows]
        columns["cost_low_usd"] = [amount(line.low, money) for _, line in rows]
        columns["cost_high_usd"] = [amount(line.high, money) for _, line in rows]
        return frame_of(columns, self.cells.kind)

    def summary_to_frame(self) -> Any:
        """
        What became of the calls, as a frame of the kind that was priced.

        Returns:
            One row per status, with ``status`` (``priced`` or what stood against them), ``reason`` and ``calls``.
        """
        rows = [("priced", "", self.priced), *((left.limit, left.reason, left.calls) for left in self.left_out)]
        columns: dict[str, list[Any]] = {
            name: [row[place] for row in rows] for place, name in enumerate(("status", "reason", "calls"))
        }
        return frame_of(columns, self.cells.kind)

    def to_dict(self) -> dict[str, Any]:
        """The result in plain types, amounts as exact decimal strings; no total where it is not known."""
        return {
            "by": list(self.by),
            "calls": self.calls,
            "priced": self.priced,
            "total_usd": usd_text(self.low) if self.is_exact else None,
            "low_usd": usd_text(self.low),
            "high_usd": usd_text(self.high),
            "groups": [group.to_dict() for group in self.groups],
            "left_out": [attrs.asdict(left) for left in self.left_out],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        of = "" if not self.left_out else f" of {self.calls:,}"
        cost = _span(self.low, self.high) if self.priced or not self.calls else "unknown"
        shown = sorted(self.groups, key=lambda group: group.high.pico, reverse=True)[:20] if self.by else []
        more = len(self.groups) - len(shown)
        return "\n".join(
            [
                f"{cost}  ({self.priced:,}{of} calls)",
                *(f"  {group}" for group in shown),
                *([f"  and {more:,} more groups"] if shown and more else []),
                *(f"  not priced: {left}" for left in self.left_out),
                *(f"  note: {note}" for note in self.notes),
            ]
        )

    def __repr__(self) -> str:
        return f"<FrameCost: {self.calls:,} calls, {len(self.groups):,} groups, {_span(self.low, self.high)}>"


def _left_out(counted: Mapping[tuple[str, str], int]) -> tuple[LeftOut, ...]:
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(LeftOut(limit=limit, reason=reason, calls=calls) for (limit, reason), calls in ordered)


def cost_of(pricer: Pricer, cells: Cells, notes: Sequence[str] = ()) -> FrameCost:
    """What the cells cost by the prices of *pricer*; its needs say afterwards whether they were fine enough."""
    buckets: dict[tuple[Any, ...], list[Bucket]] = {}
    left: dict[tuple[Any, ...], Counter[tuple[str, str]]] = {}
    calls: Counter[tuple[Any, ...]] = Counter()
    for group, found in pricer.buckets(cells.cells):
        calls[group] += found.calls
        if isinstance(found, Bucket):
            buckets.setdefault(group, []).append(found)
        else:
            left.setdefault(group, Counter())[found.limit, found.reason] += found.calls
    groups = tuple(
        GroupCost(
            group=dict(zip(cells.by, group, strict=True)),
            calls=calls[group],
            left_out=_left_out(left.get(group, {})),
            buckets=tuple(buckets.get(group, ())),
        )
        for group in sorted(calls, key=_order)
    )
    counted = [f"{note} ({_calls(number)})" for note, number in sorted(pricer.notes.items())]
    return FrameCost(cells.by, groups, (*cells.notes, *notes, *counted), cells)


def _order(group: tuple[Any, ...]) -> tuple[Any, ...]:
    """Groups in the order of their values, whatever types they have; nothing comes last."""
    return tuple((value is None, type(value).__name__ if value is not None else "", value or 0) for value in group)


@attrs.frozen(eq=False, repr=False)
class Repriced:
    """
    What the calls of a table cost, and would have cost otherwise.

    Attributes:
        actual: What they cost by the models that they name; None if they name none.
        under: For each what-if, by its name, what they would have cost.
    """

    actual: FrameCost | None
    under: Mapping[str, FrameCost]

    def __getitem__(self, name: str) -> FrameCost:
        """What the calls would have cost under one of the what-ifs. Raises ``UnknownNameError`` if it was not asked."""
        if name not in self.under:
            raise UnknownNameError("what-if", name, self.under)
        return self.under[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.under)

    def __len__(self) -> int:
        return len(self.under)

    @property
    def cells(self) -> Cells:
        """What was priced."""
        return next(iter(self._results())).cells

    def _results(self) -> Iterator[FrameCost]:
        if self.actual is not None:
            yield self.actual
        yield from self.under.values()

    def to_frame(self, money: Money = "decimal") -> Any:
        """
        All what-ifs as one frame of the kind that was priced.

        Returns:
            One row per what-if and group, with ``under`` (``actual`` for what was paid) and the columns of
            :meth:`FrameCost.to_frame`.

        Raises:
            InexactFrameError: An amount is no whole number of pico-dollars and *money* is ``"decimal"``.
        """
        named = [*([] if self.actual is None else [("actual", self.actual)]), *self.under.items()]
        rows = [(name, group) for name, result in named for group in result.groups]
        by = named[0][1].by
        columns: dict[str, list[Any]] = {"under": [name for name, _ in rows]}
        columns.update({name: [group.group[name] for _, group in rows] for name in by})
        columns["calls"] = [group.calls for _, group in rows]
        columns["priced"] = [group.priced for _, group in rows]
        columns["cost_low_usd"] = [amount(group.low, money) for _, group in rows]
        columns["cost_high_usd"] = [amount(group.high, money) for _, group in rows]
        return frame_of(columns, self.cells.kind)

    def to_dict(self) -> dict[str, Any]:
        """The results in plain types."""
        return {
            "actual": None if self.actual is None else self.actual.to_dict(),
            "under": {name: result.to_dict() for name, result in self.under.items()},
        }

    def __str__(self) -> str:
        lines: list[str] = []
        for name, result in [*([] if self.actual is None else [("actual", self.actual)]), *self.under.items()]:
            of = "" if not result.left_out else f" of {result.calls:,}"
            lines.append(f"{name}: {_span(result.low, result.high)}  ({result.priced:,}{of} calls)")
            lines += [f"  not priced: {left}" for left in result.left_out]
            lines += [f"  note: {note}" for note in result.notes]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Repriced under {', '.join(self.under)}>"


# Frames.


def amount(usd: Usd, money: Money) -> Any:
    """An amount as a frame holds it. Raises ``InexactFrameError`` where a decimal would round."""
    if money == "text":
        return usd_text(usd)
    if money != "decimal":
        raise UnknownNameError("form of money", money, ("decimal", "text"))
    if not isinstance(usd.pico, int):
        raise InexactFrameError(usd_text(usd))
    sign, digits = ("-", -usd.pico) if usd.pico < 0 else ("", usd.pico)
    whole, part = divmod(digits, PICO)
    return Decimal(f"{sign}{whole}.{part:0{_DIGITS}d}")


@attrs.frozen
class Kind:
    """
    The kind of frame that results are given back in.

    Attributes:
        implementation: The engine, as narwhals calls it.
        native: The table that was priced, which knows its session or connection.
    """

    implementation: Any
    native: Any


def frame_of(columns: dict[str, list[Any]], kind: Kind | None) -> Any:
    """
    Columns as a frame of the kind that was priced; a dict of lists where no frame was.

    Polars gives a ``DataFrame`` (also for what was lazy), pandas and PyArrow their own, DuckDB a relation, Dask and
    PySpark a data frame of theirs.
    """
    if kind is None:
        return columns
    name = kind.implementation.name
    if name == "DUCKDB":
        return _duckdb(columns, kind.native)
    if "SPARK" in name:
        return _spark(columns, kind.native)
    from llm_tradeoffs.frames._engine import narwhals

    nw: Any = narwhals()
    if name == "DASK":
        pandas = kind.implementation.to_native_namespace()
        made: Any = nw.from_dict(columns, backend="pandas").to_native()
        return pandas.from_pandas(made, npartitions=1)
    backend = (
        kind.implementation if kind.implementation.is_pandas_like() or name in {"POLARS", "PYARROW"} else "pyarrow"
    )
    return nw.from_dict(columns, backend=backend).to_native()


def _sql_type(values: Iterable[Any]) -> str:
    """The type of SQL that holds all values."""
    held = next((value for value in values if value is not None), None)
    if isinstance(held, bool):
        return "boolean"
    if isinstance(held, int):
        return "bigint"
    if isinstance(held, Decimal):
        return f"decimal(38,{_DIGITS})"
    if isinstance(held, float):
        return "double"
    return "date" if type(held) is date else "string"


def _duckdb(columns: dict[str, list[Any]], relation: Any) -> Any:
    """A relation in the connection of another one, which is asked for a row that makes the columns."""
    rows = list(zip(*columns.values(), strict=True))
    kinds = [_sql_type(values).replace("string", "varchar") for values in columns.values()]
    lines = [f"({', '.join(_sql(value, kind) for value, kind in zip(row, kinds, strict=True))})" for row in rows]
    names = ", ".join(_quoted(name) for name in columns)
    none = ", ".join(f"cast(null as {kind})" for kind in kinds)
    body = f"values {', '.join(lines)}" if lines else f"select {none} limit 0"
    return relation.aggregate("count(*) as n").query("llm_tradeoffs_all", f"select * from ({body}) as t({names})")


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _sql(value: Any, kind: str) -> str:
    if value is None:
        return f"cast(null as {kind})"
    text = str(value).replace("'", "''")
    return f"cast('{text}' as {kind})"


def _spark(columns: dict[str, list[Any]], frame: Any) -> Any:
    schema = ", ".join(f"`{name}` {_sql_type(values)}" for name, values in columns.items())
    return frame.sparkSession.createDataFrame(list(zip(*columns.values(), strict=True)), schema)
