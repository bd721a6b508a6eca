"""The numbers of an answer, taken out: exact unless floats are asked for."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs.show.data import Dataset, Series
from llm_tradeoffs.show.faces import dataset_of

CHAT = lt.Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000, error_cost="0.05")
MODELS = ("gpt-4.1-mini", "claude-haiku-4.5")


def floats_in(value: object) -> list[float]:
    """Every float inside of plain data."""
    if isinstance(value, float):
        return [value]
    if isinstance(value, dict):
        return [found for each in value.values() for found in floats_in(each)]
    if isinstance(value, list | tuple):
        return [found for each in value for found in floats_in(each)]
    return []


def test_money_is_an_exact_decimal_in_records() -> None:
    """The worked figures of the chatbot: 10,000 times (200 × $0.40 + 150 × $1.60) a million."""
    mini, haiku = lt.compare(*MODELS, workload=CHAT).to_records()
    assert mini["cost_per_request_usd"] == Decimal("0.00032")
    assert type(mini["cost_per_request_usd"]) is Decimal
    assert mini["cost_per_month_usd"] == 30 * 10_000 * Decimal("0.00032")
    assert haiku["input_price_usd_per_mtok"] == Decimal(1)
    assert haiku["cost_per_right_answer_usd_low"] == Fraction("0.00095") / Fraction("0.78")  # its decimals never end
    assert mini["context_window_tokens"] == 1_047_576
    assert mini["supports_vision"] is True
    assert mini["as_of"] == date(2026, 11, 22)


def test_unknown_is_none_in_records() -> None:
    """What nobody knows is None, and never 0 or a word, in a column of numbers."""
    blank = lt.Model("acme/blank")
    _, record = lt.compare("gpt-4.1-mini", blank, workload=CHAT).to_records()
    assert record["cost_per_request_usd"] is None
    assert record["quality_percent_low"] is None
    assert record["supports_vision"] is None
    assert record["context_window_tokens"] is None


def test_floats_only_on_request(answer: Any) -> None:
    """Neither a record nor to_dict() holds a float, until somebody asks for them: then each is the nearest one."""
    assert floats_in(answer.to_records()) == []
    assert floats_in(answer.to_dict()) == []
    for exact, rounded in zip(answer.to_records(), answer.to_records(floats=True), strict=True):
        for name, value in exact.items():
            if isinstance(value, Decimal | Fraction):
                assert type(rounded[name]) is float
                assert rounded[name] == float(value)
            else:
                assert rounded[name] == value
                assert type(rounded[name]) is type(value)


def test_to_dict_is_plain(answer: Any) -> None:
    """Every answer goes through JSON and comes back as it was."""
    plain = answer.to_dict()
    assert plain
    written = json.dumps(plain)
    assert json.dumps(json.loads(written)) == written


def test_records_agree_with_the_answer_itself() -> None:
    """Each number of a record is the one that the assessment has."""
    compared = lt.compare(*MODELS, workload=CHAT)
    for record, each in zip(compared.to_records(), compared, strict=True):
        assert each.cost is not None
        assert record["cost_per_day_usd"] == each.cost.per_day.as_decimal()  # type: ignore[union-attr]  # it has a volume
        assert each.expected_cost is not None
        assert record["expected_cost_usd_low"] == each.expected_cost.low
        assert record["expected_cost_usd_high"] == each.expected_cost.high
        (own,) = each.to_records()
        for name in ("cost_per_request_usd", "cost_per_year_usd", "ttft_ms_low", "response_time_ms_high"):
            assert own[name] == record[name]


def test_the_records_of_a_recommendation_are_its_figures() -> None:
    """One row a candidate in its place, with the figures that the answer was given with."""
    answer = lt.recommend(CHAT)
    for record, each in zip(answer.to_records(), answer.candidates, strict=True):
        figures = each.figures
        assert (record["model"], record["rank"], record["chosen"]) == (
            each.model,
            each.rank,
            each.model == answer.chosen,
        )
        assert figures.expected_cost is not None
        assert (record["expected_cost_usd_low"], record["expected_cost_usd_high"]) == (
            figures.expected_cost.low,
            figures.expected_cost.high,
        )


def test_a_cost_between_two_has_both_ends() -> None:
    """The lines of a bill add up to the least and to the most that the call costs."""
    counts: dict[str, Any] = {"input_tokens": 1_000, "cache_read_tokens": 800, "output_tokens": 100}
    bill = lt.cost("gpt-4.1-mini", service_tier="batch", **counts)
    records = bill.to_records()
    assert sum(record["cost_usd_low"] for record in records) == bill.low.as_decimal() == Decimal("0.00016")
    assert sum(record["cost_usd_high"] for record in records) == bill.high.as_decimal() == Decimal("0.00028")


def test_csv_has_every_digit(answer: Any) -> None:
    """A reader of CSV gets the names and the same values as text, a ratio where the decimals never end."""
    found = list(csv.DictReader(io.StringIO(answer.to_csv())))
    records = answer.to_records()
    assert len(found) == len(records)
    for row, record in zip(found, records, strict=True):
        assert list(row) == list(record)
        for name, value in record.items():
            if isinstance(value, Decimal | Fraction | int) and not isinstance(value, bool):
                assert Fraction(row[name]) == value
            elif value is None:
                assert not row[name]
            elif isinstance(value, str):
                assert row[name].removeprefix("'") == value.removeprefix("'")


def test_csv_runs_nothing_in_a_spreadsheet() -> None:
    """A name that begins like a formula is written with a quote in front."""
    model = lt.Model("acme/one", name='=HYPERLINK("https://evil.example")', usd_per_mtok=(1, 1))
    (row,) = csv.DictReader(io.StringIO(lt.compare(model, workload=CHAT).to_csv()))
    assert row["name"].startswith("'=")


numbers = st.fractions() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=9).map(Fraction)


@given(st.lists(st.none() | numbers, max_size=6))
def test_a_column_of_polars_holds_each_number_exactly(values: list[Any]) -> None:
    """Decimals if all of them are finite and have at most 38 digits, else the exact text: never a rounded number."""
    import polars as pl

    frame = Dataset.of([Series("x", "number", values)]).frame("polars")
    assert frame.schema["x"] == pl.String or isinstance(frame.schema["x"], pl.Decimal)
    assert [None if value is None else Fraction(value) for value in frame["x"].to_list()] == values


@given(st.lists(st.none() | numbers, max_size=6))
def test_records_hold_each_number_exactly(values: list[Any]) -> None:
    """A Decimal or a Fraction equals what went in."""
    records = Dataset.of([Series("x", "number", values)]).records()
    assert [None if record["x"] is None else Fraction(record["x"]) for record in records] == values


def check_frame(columns: dict[str, list[Any]], answer: Any, *, floats: bool) -> None:
    """The columns of a frame hold what the records hold."""
    records = answer.to_records(floats=floats)
    fields = dataset_of(answer).fields
    assert list(columns) == [field.name for field in fields]
    for field in fields:
        wanted = [record[field.name] for record in records]
        got = columns[field.name]
        if field.kind == "number" and not floats:
            assert [None if value is None else Fraction(value) for value in got] == wanted
        else:
            assert got == wanted, field


@pytest.mark.parametrize("floats", [False, True])
def test_polars_has_the_records(answer: Any, floats: bool) -> None:
    """A polars frame holds the same rows, in decimals or in floats."""
    check_frame(answer.to_polars(floats=floats).to_dict(as_series=False), answer, floats=floats)


@pytest.mark.engines
@pytest.mark.parametrize("floats", [False, True])
def test_arrow_has_the_records(answer: Any, floats: bool) -> None:
    """A pyarrow table holds the same rows."""
    check_frame(answer.to_arrow(floats=floats).to_pydict(), answer, floats=floats)


@pytest.mark.engines
@pytest.mark.parametrize("floats", [False, True])
def test_pandas_has_the_records(answer: Any, floats: bool) -> None:
    """A pandas frame holds the same rows; counts and flags stay whole and stay unknown."""
    import pandas as pd

    frame = answer.to_pandas(floats=floats)
    columns = {name: [None if pd.isna(value) else value for value in frame[name]] for name in frame.columns}
    check_frame(columns, answer, floats=floats)


@pytest.mark.engines
def test_sums_of_decimals_stay_exact_in_pandas() -> None:
    """Adding up a column is exact."""
    frame = lt.compare(*MODELS, workload=CHAT).to_pandas()
    assert frame["cost_per_request_usd"].sum() == Decimal("0.00127")
    assert str(frame["context_window_tokens"].dtype) == "Int64"


def test_types_do_not_hang_on_what_is_known() -> None:
    """A column of counts or flags has its type even where nothing in it is known."""
    import polars as pl

    frame = lt.assess(lt.Model("acme/blank"), CHAT).to_polars()
    assert frame.schema["context_window_tokens"] == pl.Int64
    assert frame.schema["feasible"] == pl.Boolean
    assert isinstance(frame.schema["cost_per_month_usd"], pl.Decimal)
    assert frame.schema["as_of"] == pl.Date


@pytest.mark.parametrize(
    ("package", "call"), [("narwhals", "to_polars"), ("polars", "to_polars"), ("rich", "__rich__")]
)
def test_a_missing_package_is_named(package: str, call: str) -> None:
    """The error says which package is missing and what to install; nothing else needs it."""
    code = f"""
import sys
sys.modules[{package!r}] = None
import llm_tradeoffs as lt
compared = lt.compare("gpt-4.1-mini", workload="support-chatbot")
compared._repr_mimebundle_(), compared.to_records(), compared.to_csv()
try:
    compared.{call}()
except lt.MissingExtraError as error:
    print(error.package, "|", error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, _, message = done.stdout.partition(" | ")
    assert found == package
    assert "pip install 'llm-tradeoffs[" in message
