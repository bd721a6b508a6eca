"""The engines that the user may bring, each with a way to make its frame of rows."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frames_world import COUNTS

pa = pytest.importorskip("pyarrow", reason="the engines are not installed here")
START = datetime(2026, 2, 27, tzinfo=UTC)
ROWS = [
    {
        "model": model,
        "service_tier": tier,
        "region": region,
        "time": START + timedelta(hours=7 * number),
        "input_tokens": sent,
        "output_tokens": said,
        "cache_read_tokens": None if number % 3 else min(sent or 0, 11),
        "reasoning_tokens": number % 2,
        "input_audio_tokens": 7 if number % 7 == 0 else 0,
        "web_searches": None if number % 4 else number % 5,
    }
    for number, (model, tier, region, sent, said) in enumerate(
        (model, tier, region, sent, said)
        for model in ("plain", "dated", "tiered", "hourly", "stepped", "least", "fractional", "silent", "nobody", None)
        for tier, region in ((None, None), ("batch", "eu"), ("standard", "mars"))
        for sent, said in ((0, 0), (1_000, 100), (1_001, 101), (5_000, 40), (None, 3), (2**33, 1), (2**50, 5), (-4, 2))
    )
] + [{"model": "plain", "time": None, "input_tokens": 5, "output_tokens": 5}]


def table(rows: list[dict[str, Any]], kind: Any = None) -> Any:
    kinds = {
        "model": pa.string(),
        "service_tier": pa.string(),
        "region": pa.string(),
        "time": pa.timestamp("us", "UTC") if kind is None else kind,
        **dict.fromkeys(COUNTS, pa.int64()),
    }
    return pa.table({name: pa.array([row.get(name) for row in rows], of) for name, of in kinds.items()})


def pandas_numpy(rows: list[dict[str, Any]]) -> Any:
    return table(rows).to_pandas()


def pandas_nullable(rows: list[dict[str, Any]]) -> Any:
    import pandas as pd

    return table(rows).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype()}.get)


def pandas_arrow(rows: list[dict[str, Any]]) -> Any:
    import pandas as pd

    return table(rows).to_pandas(types_mapper=pd.ArrowDtype)


def polars_eager(rows: list[dict[str, Any]]) -> Any:
    import polars as pl

    return pl.from_arrow(table(rows))


def polars_lazy(rows: list[dict[str, Any]]) -> Any:
    return polars_eager(rows).lazy()


def duckdb_relation(rows: list[dict[str, Any]]) -> Any:
    import duckdb

    made = table(rows)
    connection = duckdb.connect()
    connection.execute("set timezone = 'America/New_York'")
    connection.register("made", made)
    connection.execute("create table log as select * from made")
    return connection.table("log")


def dask_frame(rows: list[dict[str, Any]]) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(pandas_nullable(rows), npartitions=3)


@pytest.fixture(scope="session")
def session() -> Iterator[Any]:
    """A Spark session in this process, whose own zone is not UTC."""
    if shutil.which("java") is None:
        pytest.skip("PySpark needs Java 17, which is absent here")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        made = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "America/New_York")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()
        )
    made.sparkContext.setLogLevel("OFF")
    yield made
    made.stop()


@pytest.fixture
def spark_frame(session: Any) -> Callable[[list[dict[str, Any]]], Any]:
    def made(rows: list[dict[str, Any]]) -> Any:
        schema = "model string, service_tier string, region string, time timestamp, " + ", ".join(
            f"{name} bigint" for name in COUNTS
        )
        names = ("model", "service_tier", "region", "time", *COUNTS)
        return session.createDataFrame([tuple(row.get(name) for name in names) for row in rows], schema)

    return made


ENGINES = {
    "pandas, numpy": pandas_numpy,
    "pandas, nullable": pandas_nullable,
    "pandas, pyarrow": pandas_arrow,
    "polars": polars_eager,
    "polars, lazy": polars_lazy,
    "pyarrow": table,
    "duckdb": duckdb_relation,
    "dask": dask_frame,
    "spark": None,
}


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Callable[[list[dict[str, Any]]], Any]:
    made = ENGINES[request.param]
    return request.getfixturevalue("spark_frame") if made is None else made  # type: ignore[no-any-return]  # one of ours
