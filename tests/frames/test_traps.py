"""Traps that were met on real engines: each has a test that bears its name."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

import llm_tradeoffs as lt
from frames_engines import ENGINES, ROWS, START, engine, session, spark_frame, table  # noqa: F401  # fixtures
from frames_world import one, scalar, summary, world
from llm_tradeoffs import Usd, frames
from oracle import mtok

pytestmark = [
    pytest.mark.engines,
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"),
]
pa = pytest.importorskip("pyarrow", reason="the engines are not installed here")


def plain(sent: list[int], said: int = 0) -> list[dict[str, Any]]:
    return [{"model": "plain", "time": START, "input_tokens": count, "output_tokens": said} for count in sent]


def test_int64_sums_do_not_wrap(engine: Any) -> None:  # noqa: F811  # the fixture
    """Nine counts of 2^60 are more than 2^63: a sum in 64 bits is negative, and nothing says so."""
    rows = plain([2**60] * 9)
    expected = mtok("0.40", 9 * 2**60)
    assert frames.price(engine(rows), world()).low == expected


def test_int32_products_do_not_wrap() -> None:
    """400,000 tokens at 400,000 pico-dollars each are more than 2^31."""
    import pandas as pd
    import polars as pl

    rows = plain([400_000] * 10_000)
    narrow = table(rows).set_column(4, "input_tokens", pa.array([400_000] * 10_000, pa.int32()))
    expected = mtok("0.40", 400_000 * 10_000)
    for made in (pl.from_arrow(narrow), narrow.to_pandas(types_mapper=pd.ArrowDtype), narrow):
        assert frames.price(made, world()).total == expected
        each = frames.price_rows(made, world())
        assert {
            int(value) for value in (each["cost_pico"].to_pylist() if isinstance(each, pa.Table) else each["cost_pico"])
        } == {400_000 * 400_000}


def test_floor_division_on_spark_goes_through_a_double(spark_frame: Any) -> None:  # noqa: F811  # the fixture
    """The last and the first second of a day are on their own day, whatever the zone of the session."""
    rows = [
        {
            "model": "plain",
            "time": datetime(2026, 3, day, hour, minute, second, tzinfo=UTC),
            "input_tokens": 1,
            "output_tokens": 0,
        }
        for day in (8, 9, 10)
        for hour, minute, second in ((0, 0, 0), (4, 59, 59), (23, 59, 59))
    ]
    assert summary(frames.price(spark_frame(rows), world(), by="day")) == scalar(rows, ("day",))


def test_nullable_ints_as_floats_in_pandas() -> None:
    """A hole makes pandas hold counts as doubles: whole ones are taken, large ones as they print."""
    import pandas as pd

    frame = pd.DataFrame({"input_tokens": [5, None, 7, 2**53 + 2, 1.5], "output_tokens": [1.0] * 5})
    result = frames.price(frame, world(), model="tiered")
    assert {left.reason: left.calls for left in result.left_out} == {
        "a count is missing": 1,
        "a count of tokens is not whole": 1,
    }
    counts = [5, 7, 2**53 + 2]
    assert result.low == sum(
        (lt.cost(world()["tiered"], input_tokens=n, output_tokens=1).total for n in counts), Usd(0)
    )


def test_the_hour_in_polars_is_8_bit() -> None:
    """dt.hour() * 60 wraps at 04:16; prices by the hour are right at each quarter of an hour of a week."""
    import polars as pl

    rows = [
        {
            "model": "hourly",
            "time": START + timedelta(minutes=15 * number, seconds=-1),
            "input_tokens": 3,
            "output_tokens": 5,
        }
        for number in range(4 * 24 * 14)
    ]
    assert summary(frames.price(pl.from_arrow(table(rows)), world(), by="day")) == scalar(rows, ("day",))


def test_join_asof_is_missing_on_pyarrow_and_spark(engine: Any) -> None:  # noqa: F811  # the fixture
    """Prices by day need no such join: a call belongs to the price that held on its day, to the second."""
    turn = datetime(2026, 3, 10, tzinfo=UTC)
    rows = [
        {"model": "dated", "time": turn + timedelta(seconds=shift), "input_tokens": 1_000, "output_tokens": 1}
        for shift in (-1, 0, 1)
    ]
    assert frames.price(engine(rows), world()).total == mtok("3", 1_000) + mtok("2.4", 2_000) + mtok("15", 1) + mtok(
        "12", 2
    )


def test_float64_sums_differ_from_run_to_run() -> None:
    """Counts in doubles are added as whole numbers: the order does not matter, nor does the size of the sum."""
    import pandas as pd

    counts = [float(10_001 + 2 * number) for number in range(2_000)]
    sums = {
        str(frames.price(pd.DataFrame({"input_tokens": order, "output_tokens": 0}), world(), model="plain").low)
        for order in (counts, counts[::-1], sorted(counts, key=lambda value: value % 97))
    }
    assert sums == {str(mtok("0.40", sum(int(count) for count in counts)))}


def test_rates_that_are_not_whole_pico_dollars(engine: Any) -> None:  # noqa: F811  # the fixture
    """A dollar for three million tokens is no decimal for one; sums are exact, and rows say what they are."""
    rows = [{"model": "fractional", "time": START, "input_tokens": count, "output_tokens": 2} for count in (1, 2, 3)]
    made = engine(rows)
    assert frames.price(made, world()).total == sum((one(row, START).total for row in rows), Usd(0))  # type: ignore[union-attr]  # it has one
    with pytest.warns(frames.SlowRowsWarning, match="'fractional' took the exact slow path: 3 different calls"):
        each = frames.price_rows(made, world())
    import narwhals as nw

    found = nw.from_native(each).lazy().select("input_tokens", "cost_pico", "cost_usd").to_native()
    listed = _listed(found)
    for count, pico, text in listed:
        expected = one({**rows[0], "input_tokens": int(count)}, START)
        assert expected is not None
        assert (Usd(text) if isinstance(text, str) else Usd.from_pico(int(pico))) == expected.total


def _listed(native: Any) -> list[tuple[Any, ...]]:
    import narwhals as nw

    if hasattr(native, "fetchall"):
        return list(native.fetchall())
    frame = nw.from_native(native)
    if "SPARK" in frame.implementation.name:
        return [tuple(row) for row in native.collect()]
    return list(frame.lazy().collect().rows())


def test_every_row_costs_what_the_scalar_says(engine: Any) -> None:  # noqa: F811  # the fixture
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each = frames.price_rows(engine(ROWS), world())
        import narwhals as nw

        rows = _listed(nw.from_native(each).lazy().select("cost_pico", "cost_status").to_native())
    expected: dict[str, int] = {"priced": 0, "other": 0}
    for row in ROWS:
        bill = None if row.get("time") is None else one(row, row["time"])
        priced = bill is not None and _fits(bill)
        expected["priced" if priced else "other"] += 1
    assert sum(status == "priced" for _, status in rows) == expected["priced"]
    total = sum(int(pico) for pico, status in rows if status == "priced")
    bills = [one(row, row["time"]) for row in ROWS if row.get("time") is not None]
    assert total == sum(bill.low.pico for bill in bills if bill is not None and _fits(bill))


def _fits(bill: lt.Cost) -> bool:
    """Whether 64 bits hold the cost in whole pico-dollars."""
    return bill.low == bill.high and isinstance(bill.low.pico, int) and bill.low.pico < 2**63


class TestTimes:
    """Days are those of UTC where a zone is stated, and as written where none is."""

    @pytest.mark.parametrize(
        "kind", [pa.timestamp("ms", "Asia/Tokyo"), pa.timestamp("ns", "UTC"), pa.timestamp("ms", "America/New_York")]
    )
    def test_zones(self, kind: Any) -> None:
        import polars as pl

        rows = [
            {
                "model": "dated",
                "time": datetime(2026, 3, 9, 14, 59, tzinfo=UTC) + timedelta(hours=hour),
                "input_tokens": 1,
                "output_tokens": 1,
            }
            for hour in range(24)
        ]
        made = table(rows, kind)
        for frame in (pl.from_arrow(made), made, made.to_pandas()):
            assert summary(frames.price(frame, world(), by="day")) == scalar(rows, ("day",))

    @pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.date32()])
    def test_without_a_zone(self, kind: Any) -> None:
        import duckdb
        import pandas as pd
        import polars as pl

        rows = [
            {"model": name, "time": datetime(2026, 3, day, 20, 0), "input_tokens": 1, "output_tokens": 1}  # noqa: DTZ001  # the point
            for day in (8, 9, 10)
            for name in ("dated", "hourly")
        ]
        made = table(
            [{**row, "time": row["time"].date() if kind == pa.date32() else row["time"]} for row in rows], kind
        )
        for frame in (pl.from_arrow(made), made, made.to_pandas(types_mapper=pd.ArrowDtype), duckdb.from_arrow(made)):
            assert summary(frames.price(frame, world(), by=("day", "model"))) == scalar(rows, ("day", "model"))
            assert summary(frames.price(frame, world())) == scalar(rows, ("model",))

    def test_mixed_zones_are_refused_by_name(self) -> None:
        import pandas as pd

        times = [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=9)))]
        frame = pd.DataFrame({"time": pd.Series(times, dtype=object), "input_tokens": [1, 1], "output_tokens": [1, 1]})
        with pytest.raises(frames.WrongColumnError, match=r"'time' holds .*bring times of several zones to UTC"):
            frames.price(frame, world(), model="plain")


def test_other_types_of_counts() -> None:
    """Unsigned, 128-bit, decimal and narrow columns all count the same."""
    import duckdb
    import polars as pl

    for kind in (pl.UInt64, pl.UInt32, pl.Int16, pl.Int128, pl.Float32, pl.Decimal(20, 0), pl.Int64):
        frame = pl.DataFrame({"input_tokens": [5, 7]}).cast(kind).with_columns(output_tokens=pl.lit(1))
        assert frames.price(frame, world(), model="tiered").total == mtok("1", 12) + mtok("5", 2)
    relation = duckdb.sql("select 5::hugeint as input_tokens, 1::utinyint as output_tokens")
    assert frames.price(relation, world(), model="tiered").total == mtok("1", 5) + mtok("5", 1)


def test_results_come_in_the_users_own_kind(engine: Any) -> None:  # noqa: F811  # the fixture
    rows = plain([10, 20])
    made = engine(rows)
    result = frames.price(made, world())
    held = result.to_frame()
    import narwhals as nw

    assert nw.from_native(held).implementation == nw.from_native(made).implementation
    ((model, calls, priced, low, high),) = _listed(held)
    assert (model, int(calls), int(priced)) == ("plain", 2, 2)
    assert Decimal(low) == Decimal(high) == result.total.as_decimal()
    assert len(_listed(result.lines_to_frame())) == 1
    assert len(_listed(result.summary_to_frame())) == 1


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_count_that_is_not_whole_is_a_status_on_every_engine(kind: str) -> None:
    """PyArrow refuses to make a whole number of 1.5, and stopped the run."""
    import pandas as pd
    import polars as pl

    made = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}[kind]
    result = frames.price(made({"input_tokens": [1.5, 2.0], "output_tokens": [1, 1]}), world(), model="plain")
    assert [(left.limit, left.reason, left.calls) for left in result.left_out] == [
        ("count", "a count of tokens is not whole", 1)
    ]


def test_days_that_no_calendar_has_are_statuses_and_later_ones_keep_their_day() -> None:
    import duckdb

    times = ["'infinity'", "'9999-12-31 23:00:00+00'", "'4700-01-01 00:00:00+00'"]
    rows = " union all ".join(
        f"select timestamptz {time} as time, 1 as input_tokens, 1 as output_tokens" for time in times
    )
    result = frames.price(duckdb.sql(rows), world(), model="plain", by="day")
    assert (result.calls, result.priced) == (3, 2)
    assert [str(group.group["day"]) for group in result] == ["4700-01-01", "9999-12-31", "None"]


def test_columns_that_cannot_be_grouped_by_are_refused() -> None:
    import polars as pl

    frame = pl.DataFrame({"tags": [["a"]], "input_tokens": [1], "output_tokens": [1]})
    with pytest.raises(frames.WrongColumnError, match="expected one value a row"):
        frames.price(frame, world(), model="plain", by="tags")
