"""The caller's decimal context is the caller's: it changes no result, and no result leaves a mark on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import (
    ROUND_05UP,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
    localcontext,
)
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Range, Usage, Usd, Workload, assess, compare, cost, recommend
from oracle import Tariff
from strategies import exact_numbers, loads, model_of, ranges, tariffs, usages, usds, volumes

CATALOG = Path(__file__).parents[2] / "catalog"
SIGNALS = (
    Clamped,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
)
ROUNDINGS = (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    ROUND_05UP,
)


@contextmanager
def hostile(rounding: str = ROUND_UP) -> Iterator[None]:
    """A context with one digit in which every signal is an error; at the end, none may have been raised."""
    with localcontext(Context(prec=1, Emin=0, Emax=0, rounding=rounding, traps=list(SIGNALS))) as context:
        yield
        assert not any(context.flags.values()), context.flags


@given(tariffs(), usages(), st.sampled_from(ROUNDINGS))
def test_cost_ignores_the_decimal_context(tariff: Tariff, usage: Usage, rounding: str) -> None:
    """A call costs the same, in numbers and in words, with one digit of precision and every trap set."""
    bill = cost(model_of(tariff), usage)
    said = (bill.total, repr(bill), str(bill), bill.to_dict())
    with hostile(rounding):
        again = cost(model_of(tariff), usage)
        assert (again.total, repr(again), str(again), again.to_dict()) == said


@given(tariffs(tiers=("standard", "batch")), loads(), volumes(), st.sampled_from(ROUNDINGS))
def test_workload_cost_ignores_the_decimal_context(
    tariff: Tariff, load: dict[str, Any], volume: dict[str, Any], rounding: str
) -> None:
    """A workload described with decimals costs the same in a hostile context."""
    asked = {**load, "input_tokens": Decimal("187.5"), **volume}
    expected = assess(model_of(tariff), Workload(**asked))
    text = str(expected)
    with hostile(rounding):
        again = assess(model_of(tariff), Workload(**asked))
        assert again == expected
        assert str(again) == text


@given(usds(), usds(), exact_numbers(1, 9), st.sampled_from(ROUNDINGS), st.integers(0, 6))
def test_money_ignores_the_decimal_context(
    one: Usd, other: Usd, factor: int | Decimal, rounding: str, digits: int
) -> None:
    """Sums, products, quotients, texts and roundings of money are the same in a hostile context."""

    def all_of_it() -> list[object]:
        return [
            one + other,
            one - other,
            one * factor,
            one / factor,
            one < other,
            repr(one),
            str(one),
            format(one, f",.{digits}f"),
            format(one, f">30.{digits}f"),
            one.rounded(digits),
            None if "/" in repr(one) else one.as_decimal().as_tuple(),
            Usd(repr(one)[5:-2]),
            Usd(0.1),
            Usd(Decimal("123456789.123456789")),
        ]

    expected = all_of_it()
    with hostile(rounding):
        found = all_of_it()
    assert found == expected


@given(ranges("ms"), ranges("ms"), exact_numbers(1, 9), st.sampled_from(ROUNDINGS))
def test_ranges_ignore_the_decimal_context(one: Range, other: Range, factor: int | Decimal, rounding: str) -> None:
    """Arithmetic, comparison and texts of ranges are the same in a hostile context."""

    def all_of_it() -> list[object]:
        return [
            one + other,
            one - other,
            one * factor,
            one / factor,
            one.certainly_less(other),
            one.midpoint,
            repr(one),
            str(one),
            f"{one:.2f}",
            Range.parse("1.25-123456.789 ms"),
            Range(Decimal("1.25"), 9.75),
        ]

    expected = all_of_it()
    with hostile(rounding):
        found = all_of_it()
    assert found == expected


def test_answers_ignore_the_decimal_context(bundled: Catalog) -> None:
    """Recommendations and comparisons read word for word the same in a hostile context."""
    names = sorted(bundled)

    def said() -> list[str]:
        found = []
        for preset in bundled.presets:
            answer = recommend(preset, catalog=bundled)
            table = compare(*names, workload=preset, catalog=bundled)
            found += [answer.to_json(), answer.explain(), str(table), repr(table.to_dict())]
        return found

    expected = said()
    with hostile():
        assert said() == expected


def test_a_catalog_is_read_the_same_in_a_hostile_context() -> None:
    """Prices in files are read exactly, whatever the caller's context."""
    expected = Catalog.from_path(CATALOG)
    with hostile():
        assert Catalog.from_path(CATALOG) == expected
