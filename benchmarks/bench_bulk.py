"""
How fast a table is priced, as ratios measured in one run.

    python benchmarks/bench_bulk.py                     10^7 rows, prints the table
    python benchmarks/bench_bulk.py --rows 1e5 1e6 1e7 1e8 --write     several sizes, and writes docs/speed-bulk.md

The log has fifty models with dated prices, prices by length, cached tokens and two tiers. The same is asked of
hand-written queries, which know the fifty price lists by heart and do not look for bad rows, and every answer is
first shown to be the same to the last pico-dollar. Seconds belong to a machine; ratios travel.

Every measurement runs in a process of its own, whose peak memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llm_tradeoffs as lt
from llm_tradeoffs import Price, Usd, frames
from llm_tradeoffs.catalog import Catalog, ModelRecord
from llm_tradeoffs.rates import Multiplier

DOCUMENT = Path(__file__).parents[1] / "docs" / "speed-bulk.md"
FIRST, DAYS = date(2026, 7, 1), 90
CHANGES = (None, date(2026, 7, 20), date(2026, 8, 15), date(2026, 9, 10))
THRESHOLD = 128_000
MODELS = 50
TARGETS = 20
CHUNK = 5_000_000


# ---------------------------------------------------------------- the world: fifty price lists, four times changed


def micro(model: int, change: int, meter: str, *, long: bool) -> int:
    """Micro-dollars per million tokens: the price list that both sides read."""
    base = {"input_tokens": 400_000, "cache_read_tokens": 40_000, "output_tokens": 1_600_000}[meter]
    price = base + 10_000 * model + 1_000 * change
    return price * 2 if long and model % 3 == 0 else price


def rows_of(model: int) -> tuple[Price, ...]:
    """The rows of one model."""
    found: list[Price] = []
    for change, day in enumerate(CHANGES):
        until = CHANGES[change + 1] if change + 1 < len(CHANGES) else None
        for meter in ("input_tokens", "cache_read_tokens", "output_tokens"):
            for long in (False, True) if model % 3 == 0 else (False,):
                found.append(
                    Price(
                        meter=meter,
                        usd=Usd.from_pico(micro(model, change, meter, long=long) * 10**6),
                        above_input_tokens=THRESHOLD if long else None,
                        effective_from=day,
                        effective_until=until,
                    )
                )
    return tuple(found)


def world() -> Catalog:
    """A catalog of the fifty models alone."""
    bundled = Catalog.bundled()
    half = Multiplier(factor="0.5", service_tier="batch")
    records = {
        f"model-{model:02}": ModelRecord(id=f"model-{model:02}", prices=rows_of(model), multipliers=(half,))
        for model in range(MODELS)
    }
    caller = lt.facts.CALLER
    return Catalog(
        edition="bench", as_of=bundled.as_of, trust=(caller.id,), sources={caller.id: caller}, records=records
    )


def write_log(folder: Path, rows: int) -> None:
    """A Parquet folder with a log; the same numbers every time."""
    import numpy as np
    import polars as pl

    for number, start in enumerate(range(0, rows, CHUNK)):
        chance = np.random.default_rng(number)
        count = min(CHUNK, rows - start)
        sent = np.minimum(chance.lognormal(7.5, 1.6, count).astype("int64"), 900_000)
        second = chance.integers(0, DAYS * 86_400, count).astype("timedelta64[s]")
        names = np.array([f"model-{model:02}" for model in range(MODELS)])
        pl.DataFrame(
            {
                "model": names[chance.integers(0, MODELS, count)],
                "time": (np.datetime64(FIRST.isoformat()) + second).astype("datetime64[us]"),
                "service_tier": np.array(["standard", "batch"])[(chance.random(count) < 0.2).astype("int64")],
                "input_tokens": sent,
                "cache_read_tokens": (sent * chance.random(count) * chance.integers(0, 2, count)).astype("int64"),
                "output_tokens": np.minimum(chance.lognormal(5.3, 1.1, count).astype("int64"), 30_000),
            }
        ).with_columns(pl.col("time").dt.replace_time_zone("UTC")).write_parquet(folder / f"{number:04}.parquet")


# ---------------------------------------------------------------- what is measured


def total_of(groups: Any) -> str:
    """The sum over (model, tier, change, long, fine, fresh, cached, output) of the hand-written queries."""
    pico = 0
    for model, tier, change, long, fine, fresh, cached, out in groups:
        assert fine, "a row without a cost"
        number = int(model.removeprefix("model-"))
        owed = sum(
            micro(number, change, meter, long=bool(long)) * int(count)
            for meter, count in (("input_tokens", fresh), ("cache_read_tokens", cached), ("output_tokens", out))
        )
        pico += owed * (1 if tier == "batch" else 2)
    return str(Usd.from_pico(pico) / 2)


def hand_duckdb(folder: str, parquet: bool) -> Callable[[], str]:  # called by name from the table below
    import duckdb

    connection = duckdb.connect()
    source = f"'{folder}/*.parquet'"
    if not parquet:
        connection.execute(f"create table log as from {source}")
        source = "log"
    turns = " + ".join(f"(time >= timestamptz '{day}T00:00:00+00:00')::int" for day in CHANGES if day is not None)
    # A row that nobody can price is told apart: a count that is missing, negative or too large to be added up safely.
    fine = " and ".join(
        [f"{count} between 0 and {2**32 - 1}" for count in ("input_tokens", "output_tokens", "cache_read_tokens")]
        + ["cache_read_tokens <= input_tokens", "time is not null"]
    )
    query = (
        f"select model, service_tier, {turns} as change, input_tokens > {THRESHOLD} as long, "
        f"coalesce({fine}, false) as fine, "
        "sum(input_tokens - cache_read_tokens), sum(cache_read_tokens), sum(output_tokens) "
        f"from {source} group by all"
    )
    return lambda: total_of(connection.sql(query).fetchall())


def hand_polars(folder: str, parquet: bool) -> Callable[[], str]:  # called by name from the table below
    import polars as pl

    scan = pl.scan_parquet(f"{folder}/*.parquet")
    source = scan if parquet else scan.collect().lazy()
    turns = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in CHANGES if day is not None]
    change = sum(((pl.col("time") >= turn).cast(pl.Int8) for turn in turns), start=pl.lit(0, pl.Int8))
    counts = (pl.col("input_tokens"), pl.col("output_tokens"), pl.col("cache_read_tokens"))
    fine = pl.all_horizontal(
        *((count >= 0) & (count < 2**32) for count in counts), counts[2] <= counts[0], pl.col("time").is_not_null()
    )
    long = pl.col("input_tokens") > THRESHOLD
    query = source.group_by(
        "model", "service_tier", change.alias("change"), long.alias("long"), fine.fill_null(False).alias("fine")
    ).agg(
        (pl.col("input_tokens") - pl.col("cache_read_tokens")).sum(),
        pl.col("cache_read_tokens").sum(),
        pl.col("output_tokens").sum(),
    )
    return lambda: total_of(query.collect(engine="streaming").rows())


def table_of(folder: str, engine: str, parquet: bool) -> Any:  # called by name from the table below
    if engine == "duckdb":
        import duckdb

        connection = duckdb.connect()
        if parquet:
            return connection.sql(f"from '{folder}/*.parquet'")
        connection.execute(f"create table log as from '{folder}/*.parquet'")
        return connection.table("log")
    import polars as pl

    scan = pl.scan_parquet(f"{folder}/*.parquet")
    return scan if parquet else scan.collect()


def ours(folder: str, engine: str, parquet: bool) -> Callable[[], str]:  # called by name from the table below
    table, catalog = table_of(folder, engine, parquet), world()
    return lambda: str(frames.price(table, catalog).total)


def what_if(folder: str, engine: str, parquet: bool) -> Callable[[], str]:  # called by name from the table below
    table, catalog = table_of(folder, engine, parquet), world()
    targets = [f"model-{model:02}" for model in range(TARGETS)]

    def run() -> str:
        result = frames.reprice(table, targets, catalog)
        assert all(under.total for under in result.under.values())
        assert result.actual is not None
        return str(result.actual.total)

    return run


def genai_prices() -> float:
    """Rows a second of genai-prices, one call after the other."""
    import genai_prices as peer

    usage, number = peer.Usage(input_tokens=200, output_tokens=150), 3_000
    start = time.perf_counter()
    for _ in range(number):
        peer.calc_price(usage, "gpt-4.1-mini", provider_id="openai")
    return number / (time.perf_counter() - start)


MEASURED: dict[str, Callable[[str], Callable[[], str]]] = {
    "hand-written, DuckDB, table": lambda folder: hand_duckdb(folder, False),
    "price(), DuckDB, table": lambda folder: ours(folder, "duckdb", False),
    "reprice() under 20 models, DuckDB, table": lambda folder: what_if(folder, "duckdb", False),
    "hand-written, Polars, frame": lambda folder: hand_polars(folder, False),
    "price(), Polars, frame": lambda folder: ours(folder, "polars", False),
    "reprice() under 20 models, Polars, frame": lambda folder: what_if(folder, "polars", False),
    "hand-written, DuckDB, Parquet": lambda folder: hand_duckdb(folder, True),
    "price(), DuckDB, Parquet": lambda folder: ours(folder, "duckdb", True),
    "hand-written, Polars, Parquet": lambda folder: hand_polars(folder, True),
    "price(), Polars, Parquet": lambda folder: ours(folder, "polars", True),
}
STREAMED = tuple(name for name in MEASURED if "Parquet" in name)


def measure(name: str, folder: str, times: int) -> None:
    """One measurement, in this process: prints seconds (the best of several), the answer and the peak memory."""
    import resource

    run = MEASURED[name](folder)
    run()  # the first run compiles, and reads prices
    best = float("inf")
    answer = ""
    for _ in range(times):
        start = time.perf_counter()
        answer = run()
        best = min(best, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": best, "answer": answer, "peak_gb": peak}))


def measured(name: str, folder: Path, times: int) -> dict[str, Any]:
    """The same, in another process."""
    command = [sys.executable, __file__, "--one", name, "--folder", str(folder), "--times", str(times)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def report(sizes: list[int], times: int) -> str:
    """The page: a table for each size."""
    per_second = genai_prices()
    packages = ", ".join(f"{name} {version(name)}" for name in ("polars", "duckdb", "narwhals", "genai-prices"))
    lines = [
        "# How fast a table is priced",
        "",
        "Written by `make bench-bulk WRITE=1`.",
        f"Fifty models whose prices changed three times, a third with a price by length; {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {packages}.",
        "Hand-written queries know the price lists by heart, and do the same exact work: "
        "rows that nobody can price are told apart.",
        "All answers of one size are equal to the last pico-dollar.",
        "Seconds belong to a machine; ratios travel.",
        f"genai-prices, one call after the other, prices {per_second:,.0f} rows a second here.",
    ]
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            # In another process, too: a process counts the memory of the one that started it as its own.
            subprocess.run([sys.executable, __file__, "--log", str(size), "--folder", name], check=True)
            found = {what: measured(what, folder, times) for what in (MEASURED if size <= 10**7 else STREAMED)}
        answers = {entry["answer"] for entry in found.values()}
        assert len(answers) == 1, f"the answers differ: {answers}"
        lines += ["", f"## {size:,} rows: {answers.pop()}", ""]
        lines += [
            "| what | seconds | rows a second | to genai-prices | peak memory |",
            "| --- | --- | --- | --- | --- |",
        ]
        for what, entry in found.items():
            speed = size / entry["seconds"]
            lines.append(
                f"| {what} | {entry['seconds']:.2f} | {speed:,.0f} | {speed / per_second:,.0f} × | "
                f"{entry['peak_gb']:.2f} GB |"
            )
        lines.append("")
        for where in ("DuckDB, table", "Polars, frame", "DuckDB, Parquet", "Polars, Parquet"):
            if f"price(), {where}" in found:
                ratio = found[f"price(), {where}"]["seconds"] / found[f"hand-written, {where}"]["seconds"]
                lines.append(f"- {where}: {ratio:.2f} times the hand-written query.")
            if f"reprice() under 20 models, {where}" in found:
                more = (
                    found[f"reprice() under 20 models, {where}"]["seconds"] / found[f"price(), {where}"]["seconds"] - 1
                )
                lines.append(
                    f"- {where}: a what-if under {TARGETS} models takes {100 * more:.0f} % more than the price."
                )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, nargs="+", default=[1e7], help="how many rows; 1e8 takes minutes")
    parser.add_argument("--times", type=int, default=3, help="how often each is measured; the best counts")
    parser.add_argument("--write", action="store_true", help="write docs/speed-bulk.md")
    parser.add_argument("--one", choices=MEASURED, help=argparse.SUPPRESS)
    parser.add_argument("--log", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.log is not None:
        write_log(Path(asked.folder), asked.log)
        return
    if asked.one is not None:
        measure(asked.one, asked.folder, asked.times)
        return
    page = report([int(size) for size in asked.rows], asked.times)
    print(page)
    if asked.write:
        DOCUMENT.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
