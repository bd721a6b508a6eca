"""Bulk pricing against the scalar answer of every row, in the engine that the development environment has."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import polars.selectors as cs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llm_tradeoffs as lt
from frames_world import COUNTS, MODELS, one, scalar, summary, world
from llm_tradeoffs import Usage, Usd, frames
from oracle import mtok

pytestmark = pytest.mark.engines  # laws over many frames, each with several queries

START = datetime(2026, 2, 27, tzinfo=UTC)


def calls(*, max_size: int = 30) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows that meet every breakpoint, and some that nobody can price."""
    tokens = st.one_of(st.integers(0, 300), st.sampled_from([999, 1_000, 1_001, 4_999, 5_000, 5_001, 19_900, 30_000]))
    said = st.one_of(st.integers(0, 120), st.sampled_from([99, 100, 101, 400, 401]))
    part = st.none() | st.integers(0, 50)
    return st.lists(
        st.fixed_dictionaries(
            {
                "model": st.sampled_from(MODELS),
                "service_tier": st.sampled_from([None, "standard", "batch"]),
                "region": st.sampled_from([None, "eu", "mars"]),
                "time": st.none() | st.integers(0, 20 * 86_400).map(lambda s: START + timedelta(seconds=s)),
                "input_tokens": tokens | st.sampled_from([None, -1, 2**33, 2**62]),
                "output_tokens": said | st.sampled_from([None, -5]),
                "cache_read_tokens": part,
                "reasoning_tokens": part,
                "input_audio_tokens": st.sampled_from([None, 0, 0, 7]),
                "web_searches": st.sampled_from([None, 0, 1, 5]),
            }
        ),
        max_size=max_size,
    )


SCHEMA = {
    "model": pl.String,
    "service_tier": pl.String,
    "region": pl.String,
    "time": pl.Datetime("us", "UTC"),
    **dict.fromkeys(COUNTS, pl.Int64),
}


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


GROUPINGS = [(), ("model",), ("day",), ("month", "service_tier"), ("model", "region", "day")]


@given(calls(), st.sampled_from(GROUPINGS))
def test_bulk_is_the_scalar_answer_of_every_row(rows: list[dict[str, Any]], by: tuple[str, ...]) -> None:
    assert summary(frames.price(frame_of(rows), world(), by=by)) == scalar(rows, by)


@given(calls(), st.sampled_from(["plain", "tiered", "dated", "hourly", "stepped", "least", "fractional", "silent"]))
def test_a_what_if_is_the_scalar_answer_of_every_row(rows: list[dict[str, Any]], model: str) -> None:
    result = frames.reprice(frame_of(rows), [model], world(), by="day")
    assert summary(result[model]) == scalar(rows, ("day",), model=model)
    assert result.actual is not None
    assert summary(result.actual) == scalar(rows, ("day",))


def test_calls_that_stay_apart_are_not_added_up_in_a_what_if() -> None:
    """A price by the quantity of each call: 100 tokens at $2 and one at $4 per million, beside a call of none."""
    rows = [{"model": "plain", "day": date(2026, 3, 6), "input_tokens": 0, "output_tokens": made} for made in (0, 101)]
    assert frames.price(pl.DataFrame(rows), world(), model="stepped", by=()).total == Usd("0.000204")


@settings(max_examples=15)  # several queries each
@given(calls(max_size=12), st.randoms(), st.integers(1, 11))
def test_partitioning_order_and_grouping_do_not_matter(rows: list[dict[str, Any]], chance: Any, cut: int) -> None:
    whole = frames.price(frame_of(rows), world())
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert summary(frames.price(frame_of(shuffled), world())) == summary(whole)
    halves = [frames.price(frame_of(part), world(), by="day") for part in (rows[:cut], rows[cut:])]
    assert sum((half.low for half in halves), Usd(0)) == whole.low
    assert sum((half.high for half in halves), Usd(0)) == whole.high
    assert sum(half.priced for half in halves) == whole.priced
    assert sum((line.low for line in whole.lines), Usd(0)) == whole.low
    assert sum((line.high for line in whole.lines), Usd(0)) == whole.high


@settings(max_examples=15)  # several queries each
@given(calls(max_size=12))
def test_the_sum_of_rows_equals_the_rollup(rows: list[dict[str, Any]]) -> None:
    table = frame_of(rows).with_row_index("id")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", frames.SlowRowsWarning)
        each = frames.price_rows(table, world())
    assert sorted(each["id"]) == list(range(len(rows)))
    for number, pico, status, *text in each.select(
        "id", "cost_pico", "cost_status", cs.by_name("cost_usd", require_all=False)
    ).rows():
        time = rows[number]["time"]
        bill = None if time is None else one(rows[number], time)
        if bill is None:
            assert pico is None
            assert status not in {"priced", "priced in cost_usd"}
        elif bill.low != bill.high:
            assert status == f"between {bill.low} and {bill.high}"
        else:
            assert bill.low == (Usd(text[0]) if pico is None else Usd.from_pico(pico))
    exact = frames.price(table, world())
    if exact.low == exact.high and "cost_usd" not in each.columns:
        assert exact.low.pico == sum(pico for pico in each["cost_pico"] if pico is not None)


class TestStatuses:
    """What has no cost is counted with its reason: not a crash, and not $0."""

    ROWS: ClassVar = [
        {"model": "plain", "time": START, "input_tokens": 10, "output_tokens": 1},
        {"model": "nobody", "time": START, "input_tokens": 10, "output_tokens": 1},
        {"model": None, "time": START, "input_tokens": 10, "output_tokens": 1},
        {"model": "plain", "time": START, "input_tokens": None, "output_tokens": 1},
        {"model": "plain", "time": START, "input_tokens": -3, "output_tokens": 1},
        {"model": "plain", "time": START, "input_tokens": 3, "output_tokens": 1, "cache_read_tokens": 4},
        {"model": "plain", "time": None, "input_tokens": 3, "output_tokens": 1},
        {"model": "dated", "time": START, "input_tokens": 3, "output_tokens": 1},
        {"model": "silent", "time": START, "input_tokens": 3, "output_tokens": 1},
    ]

    def test_each_reason_is_counted(self) -> None:
        result = frames.price(frame_of(self.ROWS), world())
        assert (result.calls, result.priced, result.low) == (9, 1, mtok("0.40", 10) + mtok("1.60", 1))
        assert {(left.limit, left.reason.split(" ", 3)[0], left.calls) for left in result.left_out} == {
            ("model", "no", 1),
            ("model", "the", 1),
            ("count", "a", 1),
            ("count", "the", 1),
            ("time", "the", 1),
            ("price", "the", 1),
        } | {("model", "no", 1)}
        reasons = "; ".join(map(str, result.left_out))
        for words in (
            "no model is named 'nobody'",
            "the call names no model",
            "a count is missing",
            "a count is negative",
            "the parts of a total exceed it",
            "the call states no time",
            "recorded on 2026-02-27: the first known one starts on 2026-03-01",
            "the standard price of output_tokens is unknown for 'silent'",
        ):
            assert words in reasons
        with pytest.raises(lt.calls.CallsLeftOutError, match="8 of 9 calls have no cost"):
            _ = result.total
        assert result.summary_to_frame()["calls"].sum() == 9

    def test_what_a_model_could_not_have_run_is_counted(self) -> None:
        rows = [
            {"model": "tiered", "time": START, "input_tokens": 19_600, "output_tokens": 400},
            {"model": "tiered", "time": START, "input_tokens": 19_601, "output_tokens": 400},
            {"model": "tiered", "time": START, "input_tokens": 10, "output_tokens": 401},
            {"model": "tiered", "time": START, "input_tokens": 10, "output_tokens": 1, "input_audio_tokens": 5},
            {"model": "plain-latest", "time": START, "input_tokens": 30_000, "output_tokens": 900},
        ]
        result = frames.reprice(frame_of(rows), "plain", world())["plain"]
        assert {left.limit: left.calls for left in result.left_out} == {
            "context_window": 1,
            "max_output_tokens": 1,
            "input_modalities": 1,
        }
        assert result.low == mtok("0.40", 49_600) + mtok("1.60", 1_300)

    def test_a_token_ratio_multiplies_before_thresholds_are_looked_at(self) -> None:
        rows = [{"model": "plain", "time": START, "input_tokens": sent, "output_tokens": 0} for sent in (666, 667)]
        asked = frames.WhatIf(model="tiered", token_ratio="1.5", name="half as many again")
        result = frames.reprice(frame_of(rows), [asked], world())["half as many again"]
        assert result.low == mtok("1", 999) + mtok("2", 1) * Fraction(10005, 10)

    def test_other_tiers_and_days(self) -> None:
        rows = [{"model": "plain", "time": START, "input_tokens": 1_000, "output_tokens": 0}]
        result = frames.reprice(
            frame_of(rows),
            [frames.WhatIf(service_tier="batch"), frames.WhatIf(model="dated", as_of="2026-03-20")],
            world(),
        )
        assert result["batch"].total == mtok("0.20", 1_000)
        assert result["dated, 2026-03-20"].total == mtok("2.4", 1_000)
        assert result.actual is not None
        assert result.actual.total == mtok("0.40", 1_000)
        assert set(result.to_frame()["under"]) == {"actual", "batch", "dated, 2026-03-20"}


class TestBadTables:
    """A table that cannot be meant is refused by name, before anything runs."""

    def test_a_missing_column(self) -> None:
        with pytest.raises(frames.MissingColumnError, match="no column for output_tokens"):
            frames.price(pl.DataFrame({"model": ["plain"], "input_tokens": [1]}), world())

    def test_a_column_that_is_not_there(self) -> None:
        with pytest.raises(lt.UnknownNameError, match="no column is named 'promt'"):
            frames.price(frame_of([]), world(), columns={"input_tokens": "promt"})

    def test_a_name_that_is_not_ours(self) -> None:
        with pytest.raises(lt.UnknownNameError, match="input_token"):
            frames.price(frame_of([]), world(), columns={"input_token": "input_tokens"})

    @pytest.mark.parametrize("values", [["1"], [True], [[1]]])
    def test_counts_of_a_wrong_type(self, values: list[Any]) -> None:
        table = pl.DataFrame({"model": ["plain"], "input_tokens": values, "output_tokens": [1]})
        with pytest.raises(frames.WrongColumnError, match=r"'input_tokens' holds .* expected whole numbers"):
            frames.price(table, world())

    def test_times_as_text(self) -> None:
        table = pl.DataFrame({"model": ["plain"], "time": ["2026-03-01"], "input_tokens": [1], "output_tokens": [1]})
        with pytest.raises(frames.WrongColumnError, match="dates or times of one zone"):
            frames.price(table, world())

    def test_two_columns_that_state_the_same(self) -> None:
        table = pl.DataFrame({"input_tokens": [1], "prompt_tokens": [1], "output_tokens": [1]})
        with pytest.raises(lt.InvalidValueError, match="all seem to state input_tokens"):
            frames.price(table, world(), model="plain")

    def test_no_table_at_all(self) -> None:
        with pytest.raises(lt.InvalidTypeError, match="expected a frame"):
            frames.price([{"input_tokens": 1}], world())

    def test_an_unknown_grouping(self) -> None:
        with pytest.raises(lt.UnknownNameError, match="no column to group by is named 'tenent'"):
            frames.price(frame_of([]), world(), by="tenent")

    def test_an_unknown_model_to_ask_about(self) -> None:
        with pytest.raises(lt.UnknownNameError, match="no model is named 'nobody'"):
            frames.reprice(frame_of([]), ["nobody"], world())

    def test_an_empty_table_costs_nothing(self) -> None:
        assert frames.price(frame_of([]), world()).total == Usd(0)


class TestNames:
    """Columns by the names of others."""

    CALL: ClassVar = Usage(input_tokens=1_200, cache_read_tokens=1_000, output_tokens=50)

    @pytest.mark.parametrize(
        "row",
        [
            {"model": "plain", "input_tokens": 1_200, "cache_read_tokens": 1_000, "output_tokens": 50},
            {
                "gen_ai.request.model": "ordered",
                "gen_ai.response.model": "plain",
                "gen_ai.usage.input_tokens": 1_200,
                "gen_ai.usage.cache_read.input_tokens": 1_000,
                "gen_ai.usage.output_tokens": 50,
            },
            {
                "model": "plain",
                "prompt_tokens": 1_200,
                "prompt_tokens_details.cached_tokens": 1_000,
                "completion_tokens": 50,
            },
            {
                "model": "plain",
                "input_tokens": 200,
                "cache_read_input_tokens": 1_000,
                "cache_creation_input_tokens": None,
                "output_tokens": 50,
            },
        ],
    )
    def test_each_convention_is_one_call(self, row: dict[str, Any]) -> None:
        result = frames.price(pl.DataFrame([row]), world())
        assert result.total == lt.cost(world()["plain"], self.CALL).total

    def test_a_mapping_adds_columns_up(self) -> None:
        table = pl.DataFrame({"fresh": [200], "cached": [1_000], "out": [50]})
        columns = {"input_tokens": ("fresh", "cached"), "cache_read_tokens": "cached", "output_tokens": "out"}
        result = frames.price(table, world(), model="plain", columns=columns)
        assert result.total == lt.cost(world()["plain"], self.CALL).total

    def test_what_is_not_read_is_said(self) -> None:
        table = pl.DataFrame({"model": ["plain"], "input_tokens": [1], "output_tokens": [1], "total_tokens": [2]})
        assert "columns that were not read: total_tokens" in frames.price(table, world()).notes


class TestCells:
    """Cells from anywhere."""

    def test_cells_of_a_frame_are_priced_as_the_frame(self) -> None:
        rows = [
            {"model": "tiered", "time": START, "input_tokens": sent, "output_tokens": 7}
            for sent in (5, 999, 1_001, 6_000)
        ]
        made = frames.cells(frame_of(rows), world(), by="model")
        assert made.calls == 4
        assert summary(frames.price_cells(made, world())) == scalar(rows, ("model",))
        again = frames.reprice(made, "dated", world())
        assert again["dated"].calls == 4

    def test_rows_and_files(self, tmp_path: Path) -> None:
        path = tmp_path / "cells.csv"
        path.write_text(
            "model,day,team,calls,input_tokens,output_tokens,least_input_tokens,most_input_tokens\n"
            "tiered,2026-03-05,a,3,2700,30,800,1000\n"
            "tiered,2026-03-05,a,2,2400,20,1001,1399\n"
            "plain,2026-03-05,b,10,500,0,,\n",
            encoding="utf-8",
        )
        result = frames.price_cells(path, world(), by="team")
        assert result["a"].total == mtok("1", 2_700) + mtok("5", 30) + mtok("2", 2_400) + mtok("9", 20)
        assert result["b"].total == mtok("0.40", 500)

    def test_a_cell_that_straddles_a_threshold_has_no_cost(self) -> None:
        cell = {"model": "tiered", "calls": 2, "input_tokens": 1_500, "output_tokens": 0}
        for spread in ({}, {"least_input_tokens": 300, "most_input_tokens": 1_200}):
            (left,) = frames.price_cells([{**cell, **spread}], world()).left_out
            assert left.limit == "cell"
        inside = {**cell, "least_input_tokens": 700, "most_input_tokens": 800}
        assert frames.price_cells([inside], world()).total == mtok("1", 1_500)

    def test_bad_rows_are_listed(self) -> None:
        rows = [
            {"model": "plain", "calls": 1, "input_tokens": -5, "output_tokens": 0},
            {"model": "plain", "calls": "many", "input_tokens": 5, "output_tokens": 0},
            {
                "model": "plain",
                "calls": 2,
                "input_tokens": 5,
                "output_tokens": 0,
                "least_input_tokens": 9,
                "most_input_tokens": 9,
            },
        ]
        with pytest.raises(lt.calls.BadRowsError, match="3 of 3 rows cannot be read"):
            frames.price_cells(rows, world())


def test_amounts_that_are_no_pico_dollars_are_not_rounded_into_a_frame() -> None:
    rows = [{"model": "fractional", "time": START, "input_tokens": 1, "output_tokens": 0}]
    result = frames.price(frame_of(rows), world())
    with pytest.raises(frames.InexactFrameError, match="money='text'"):
        result.to_frame()
    assert Usd(result.to_frame("text")["cost_low_usd"][0]) == result.total


def test_registries_answer_as_catalogs_do() -> None:
    registry = lt.PricingRegistry.of(world()).with_discount(
        "0.1", name="ours", models=["dated"], effective_from="2026-03-12"
    )
    rows = [
        {"model": "dated", "time": START + timedelta(days=day), "input_tokens": 1_000, "output_tokens": 10}
        for day in range(2, 20)
    ]
    expected = sum(
        (
            lt.cost("dated", input_tokens=1_000, output_tokens=10, catalog=registry, as_of=row["time"]).total
            for row in rows
        ),
        Usd(0),
    )
    assert frames.price(frame_of(rows), registry).total == expected


def test_a_name_twice_in_by_is_refused() -> None:
    table = pl.DataFrame({"model": ["plain"], "day": [date(2026, 3, 6)], "input_tokens": [1], "output_tokens": [1]})
    with pytest.raises(lt.InvalidValueError, match="named twice"):
        frames.price(table, world(), by=["model", "model"])


def test_calls_without_a_cost_are_never_said_to_cost_nothing() -> None:
    table = pl.DataFrame({"model": ["nobody"], "day": [date(2026, 3, 6)], "input_tokens": [1], "output_tokens": [1]})
    bill = frames.price(table, world())
    assert str(bill).startswith("unknown  (0 of 1 calls)")
    assert str(bill["nobody"]) == "nobody: unknown (0 calls, 1 without a cost)"
