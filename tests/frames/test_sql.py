"""The grouping query in the dialect of a warehouse: run where there is an engine, parsed where there is none."""

from __future__ import annotations

import csv
import io
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from frames_world import summary, world
from llm_tradeoffs import frames
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.frames import MissingColumnError, cells_sql
from llm_tradeoffs.frames._sql import Dialect

pytestmark = pytest.mark.engines
pl = pytest.importorskip("polars", reason="the engines are not installed here")
sqlglot = pytest.importorskip("sqlglot", reason="the engines are not installed here")
duckdb = pytest.importorskip("duckdb", reason="the engines are not installed here")

START = datetime(2026, 2, 27, 23, 30)  # noqa: DTZ001  # a column without a zone
COLUMNS = ("model", "service_tier", "region", "tenant", "time", "input_tokens", "output_tokens", "cache_read_tokens")
ROWS: list[dict[str, Any]] = [
    {
        "model": model,
        "service_tier": [None, "standard", "batch"][number % 3],
        "region": [None, "eu"][number % 2],
        "tenant": ["a", "b", None][number % 3],
        "time": START + timedelta(hours=5 * number),
        "input_tokens": sent,
        "output_tokens": 37 * number % 150,
        "cache_read_tokens": None if number % 3 else min(sent, 11),
    }
    for number, (model, sent) in enumerate(
        (model, sent)
        for model in ("plain", "dated", "tiered", "fractional", "silent", "plain-latest", "nobody", None)
        for sent in (0, 200, 999, 1_000, 1_001, 4_999, 5_000, 5_001, 25_000)
    )
]
BAD = [
    (row, problem)
    for row, problem in (
        ({"input_tokens": None}, "a count is missing"),
        ({"output_tokens": -1}, "a count is negative"),
        ({"input_tokens": 5, "cache_read_tokens": 6}, "the parts of a total exceed it"),
        ({"time": None}, "the call states no time"),
    )
]

Runner = Callable[[str, list[dict[str, Any]], str], list[dict[str, Any]]]


def on_duckdb(query: str, rows: list[dict[str, Any]], zone: str = "") -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'America/New_York'")
        kind = "timestamptz" if zone else "timestamp"
        connection.execute(
            f"create table calls (model varchar, service_tier varchar, region varchar, tenant varchar, time {kind}, "
            "input_tokens bigint, output_tokens bigint, cache_read_tokens bigint)"
        )
        if rows:
            connection.executemany(
                "insert into calls values (?, ?, ?, ?, ?, ?, ?, ?)", [[row[name] for name in COLUMNS] for row in rows]
            )
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def on_sqlite(query: str, rows: list[dict[str, Any]], zone: str = "") -> list[dict[str, Any]]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(
            "create table calls (model text, service_tier text, region text, tenant text, time text, "
            "input_tokens integer, output_tokens integer, cache_read_tokens integer)"
        )
        connection.executemany(
            "insert into calls values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                [row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in COLUMNS]
                for row in rows
            ],
        )
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]
    finally:
        connection.close()


def _server() -> str | None:
    """Where PostgreSQL's server is, or None."""
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if Path("/usr/lib/postgresql").is_dir() else []
    found = shutil.which("initdb") or (str(there[-1]) if there else None)
    return None if found is None else str(Path(found).parent)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Runner]:
    """A server of PostgreSQL for these tests alone, reached by a socket in a directory of its own."""
    home = _server()
    if home is None or shutil.which("psql") is None:
        pytest.skip("no PostgreSQL server is installed here")
    user = None
    if os.geteuid() == 0:  # which the server refuses to run as
        user = next(
            (name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()}), None
        )
        if user is None:
            pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'")
    place = Path(tempfile.mkdtemp(prefix="llmt-pg-"))
    if user is not None:
        shutil.chown(place, user)
    data = str(place / "data")

    def run(*command: str) -> None:
        done = subprocess.run(command, user=user, cwd=place, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    try:
        run(f"{home}/initdb", "-D", data, "-A", "trust", "-U", "tester", "--no-sync")
        run(
            f"{home}/pg_ctl", "-D", data, "-w", "-l", str(place / "log"), "start",
            "-o", f"-k {place} -c listen_addresses='' -c fsync=off -c timezone=America/New_York",
        )  # fmt: skip

        def asked(query: str, rows: list[dict[str, Any]], zone: str = "") -> list[dict[str, Any]]:
            kind = "timestamptz" if zone else "timestamp"
            made = io.StringIO()
            csv.writer(made, lineterminator="\n").writerows(
                [["" if row[name] is None else row[name] for name in COLUMNS] for row in rows]
            )
            script = (
                "drop table if exists calls; "
                f"create table calls (model text, service_tier text, region text, tenant text, time {kind}, "
                "input_tokens bigint, output_tokens bigint, cache_read_tokens bigint);\n"
                f"\\copy calls from pstdin csv\n{made.getvalue()}\\.\n"
            )
            psql = ["psql", "-q", "-h", str(place), "-U", "tester", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "--csv"]
            filled = subprocess.run(psql, input=script, capture_output=True, text=True, check=False)
            assert filled.returncode == 0, filled.stderr
            done = subprocess.run([*psql, "-c", query], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return [
                {name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(done.stdout))
            ]

        yield asked
    finally:
        subprocess.run(
            [f"{home}/pg_ctl", "-D", data, "-m", "immediate", "stop"],
            user=user,
            cwd=place,
            capture_output=True,
            check=False,
        )
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(params=["duckdb", "sqlite", "postgres"])
def warehouse(request: pytest.FixtureRequest) -> tuple[Any, Runner]:
    """A dialect, and how a query is run in it."""
    if request.param == "postgres":
        return "postgres", request.getfixturevalue("postgres")
    return request.param, {"duckdb": on_duckdb, "sqlite": on_sqlite}[request.param]


def frame_of(rows: list[dict[str, Any]]) -> Any:
    return pl.DataFrame(rows, schema_overrides={"time": pl.Datetime("us"), "cache_read_tokens": pl.Int64})


def content(cells: frames.Cells) -> Counter[Any]:
    """What cells hold, whatever their day is called within a stretch of one price."""
    return Counter(
        (cell.group, cell.model, cell.service_tier, cell.region, cell.calls, tuple(sorted(cell.counts.items())))
        for cell in cells.cells
    )


def read(rows: list[dict[str, Any]], by: tuple[str, ...]) -> frames.Cells:
    return frames.price_cells([{**row} for row in rows], world(), by=by).cells


@pytest.mark.parametrize("by", [(), ("model",), ("day", "tenant"), ("month", "model", "service_tier"), ("region",)])
def test_the_query_makes_the_cells_that_frames_make(warehouse: tuple[Any, Runner], by: tuple[str, ...]) -> None:
    dialect, run = warehouse
    query = cells_sql(world(), dialect, names=COLUMNS, by=by)
    found = run(query, ROWS, "")
    assert content(read(found, by)) == content(frames.cells(frame_of(ROWS), world(), by=by))
    assert summary(frames.price_cells(found, world(), by=by)) == summary(frames.price(frame_of(ROWS), world(), by=by))


def test_a_what_if_on_the_query_is_the_what_if_on_the_frame(warehouse: tuple[Any, Runner]) -> None:
    dialect, run = warehouse
    found = run(cells_sql(world(), dialect, names=COLUMNS, by=("tenant",), under=["plain", "tiered"]), ROWS, "")
    made = frames.price_cells(found, world(), by=("tenant",)).cells
    asked = frames.reprice(made, ["plain", "tiered"], world())
    held = frames.reprice(frame_of(ROWS), ["plain", "tiered"], world(), by=("tenant",))
    for model in asked:
        assert summary(asked[model]) == summary(held[model])
        assert Counter({left.limit: left.calls for left in asked[model].left_out}) == Counter(
            {left.limit: left.calls for left in held[model].left_out}
        )


def test_times_with_a_zone_are_of_the_day_in_utc(warehouse: tuple[Any, Runner]) -> None:
    dialect, run = warehouse
    rows = [row | {"time": row["time"].replace(tzinfo=UTC)} for row in ROWS]
    found = run(cells_sql(world(), dialect, names=COLUMNS, by=("day",), time="aware"), rows, "utc")
    frame = pl.DataFrame(rows, schema_overrides={"time": pl.Datetime("us", "UTC"), "cache_read_tokens": pl.Int64})
    # Prices by the hour apart, the two agree; no model of these rows has any.
    assert summary(frames.price_cells(found, world(), by=("day",))) == summary(
        frames.price(frame, world(), by=("day",))
    )


@pytest.mark.parametrize(("change", "problem"), BAD)
def test_a_row_that_nobody_can_price_comes_apart_and_is_in_no_sum(
    warehouse: tuple[Any, Runner], change: dict[str, Any], problem: str
) -> None:
    dialect, run = warehouse
    bad = {**ROWS[1], **change}
    found = run(cells_sql(world(), dialect, names=COLUMNS), [ROWS[1], ROWS[1], bad, bad], "")
    apart = [row for row in found if row["problem"]]
    assert [(row["problem"], int(row["calls"]), row["input_tokens"]) for row in apart] == [(problem, 2, None)]
    fine = [row for row in found if not row["problem"]]
    assert frames.price_cells(fine, world()).total == frames.price(frame_of([ROWS[1]] * 2), world()).total
    # Priced as it is, such a cell has its reason for a status, and is never taken for calls of $0.
    bill = frames.price_cells(found, world())
    assert [(left.reason, left.calls) for left in bill.left_out] == [(problem, 2)]
    assert bill.low == frames.price_cells(fine, world()).total


def test_sums_do_not_overflow_silently(warehouse: tuple[Any, Runner]) -> None:
    dialect, run = warehouse
    rows = [{**ROWS[1], "cache_read_tokens": 0, "input_tokens": 2**62} for _ in range(6)]
    query = cells_sql(world(), dialect, names=COLUMNS)
    if dialect == "sqlite":  # which has no wider number, and says so
        with pytest.raises(sqlite3.OperationalError, match="overflow"):
            run(query, rows, "")
        return
    (found,) = run(query, rows, "")
    assert int(found["input_tokens"]) == 6 * 2**62


def test_a_fraction_of_a_token_is_not_rounded_away() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table calls as select 'plain' as model, 1.5::double as sent, 2::double as said")
        query = cells_sql(
            world(), "duckdb", columns={"model": "model", "input_tokens": "sent", "output_tokens": "said"}
        )
        assert connection.execute(query).fetchall()[0][-1] == "a count of tokens is not whole"


def test_bigquery_whose_numeric_keeps_decimals_looks_at_whole_numbers() -> None:
    assert "`input_tokens` <> CAST(`input_tokens` AS INT64)" in cells_sql(world(), "bigquery")


HOSTILE = 'x"; drop table calls; --'


def test_hostile_names_are_names(warehouse: tuple[Any, Runner]) -> None:
    dialect, _ = warehouse
    columns = {"model": "model", "input_tokens": "input_tokens", "output_tokens": HOSTILE}
    query = cells_sql(world(), dialect, table=("main", f"{HOSTILE}'`]"), columns=columns, by=(f"{HOSTILE} too",))
    (parsed,) = sqlglot.parse(query, read=dialect)
    assert {table.name for table in parsed.find_all(sqlglot.exp.Table)} == {
        f"{HOSTILE}'`]",
        "read_calls",
        "keyed_calls",
    }
    assert {HOSTILE, f"{HOSTILE} too"} <= {column.name for column in parsed.find_all(sqlglot.exp.Column)}
    if dialect == "sqlite":
        quoted = HOSTILE.replace('"', '""')
        connection = sqlite3.connect(":memory:")
        connection.execute(
            f'create table "{quoted}\'`]" (model text, input_tokens integer, "{quoted}" integer, "{quoted} too" text)'
        )
        connection.execute(f"insert into \"{quoted}'`]\" values ('plain', 10, 20, 'it''s')")
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
        connection.close()
        assert rows[0][f"{HOSTILE} too"] == "it's"
        assert frames.price_cells(rows, world(), by=(f"{HOSTILE} too",)).priced == 1


@pytest.mark.parametrize("dialect", get_args(Dialect))
@pytest.mark.parametrize("time", ["date", "naive", "aware"])
def test_every_dialect_reads_its_own_query(dialect: Any, time: Any) -> None:
    query = cells_sql(
        world(), dialect, names=COLUMNS, by=("month", "model", "tenant"), time=time, first="2026-03-01", under="plain"
    )
    (parsed,) = sqlglot.parse(query, read=dialect)
    assert isinstance(parsed, sqlglot.exp.Select)
    assert [column.alias_or_name for column in parsed.expressions] == [
        "model", "service_tier", "region", "tenant", "day", "calls", "input_tokens",
        "cache_read_tokens", "output_tokens", "least_input_tokens", "most_input_tokens", "least_output_tokens",
        "most_output_tokens",
        "least_total_tokens", "most_total_tokens", "problem",
    ]  # fmt: skip
    # No price, product or quotient is computed in the engine.
    assert not list(parsed.find_all(sqlglot.exp.Mul, sqlglot.exp.Div))


def test_days_can_be_picked_and_calls_without_a_time_still_count(warehouse: tuple[Any, Runner]) -> None:
    dialect, run = warehouse
    query = cells_sql(world(), dialect, names=COLUMNS, by=("day",), first="2026-03-01", last="2026-03-02")
    found = run(query, [*ROWS, {**ROWS[0], "time": None}], "")
    days = Counter(str(row["day"]) for row in found if row["day"] for _ in range(int(row["calls"])))
    picked = [row["time"].date() for row in ROWS]
    wanted = Counter(str(day) for day in picked if date(2026, 3, 1) <= day <= date(2026, 3, 2))
    assert days == wanted
    assert [int(row["calls"]) for row in found if row["problem"]] == [1]


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="duckdb"):
        cells_sql(world(), "duckdbb")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(UnknownNameError, match="kind of time"):
        cells_sql(world(), time="zoned")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(MissingColumnError, match="output_tokens"):
        cells_sql(world(), columns={"input_tokens": "sent"})
    with pytest.raises(UnknownNameError, match="region"):
        cells_sql(world(), by="region")
    with pytest.raises(InvalidValueError, match="one of ours"):
        cells_sql(world(), by="calls")
    with pytest.raises(InvalidValueError, match="none of them empty"):
        cells_sql(world(), table=("a", ""))
    with pytest.raises(InvalidTypeError, match="columns is"):
        cells_sql(world(), columns=["model"])  # type: ignore[arg-type]  # on purpose
    with pytest.raises(InvalidValueError, match="no column states the time"):
        cells_sql(world(), columns={"input_tokens": "i", "output_tokens": "o"}, by=(), first="2026-03-01")
    with pytest.raises(InvalidValueError, match="before the first"):
        cells_sql(world(), first="2026-03-02", last="2026-03-01")
