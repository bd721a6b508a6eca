"""Every engine gives the scalar answer, bit for bit."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

import llm_tradeoffs as lt
from frames_engines import ROWS, engine, session, spark_frame  # noqa: F401  # fixtures
from frames_world import scalar, summary, world
from llm_tradeoffs import Usd, frames
from llm_tradeoffs.calls import Calls

pytestmark = [
    pytest.mark.engines,
    # What the engines say about each other's future is not about us.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


@pytest.mark.parametrize("by", [(), ("day",), ("model", "service_tier", "month")])
def test_every_engine_gives_the_scalar_answer_bit_for_bit(engine: Any, by: tuple[str, ...]) -> None:  # noqa: F811  # the fixture
    assert summary(frames.price(engine(ROWS), world(), by=by)) == scalar(ROWS, by)


def test_every_engine_gives_the_scalar_what_if(engine: Any) -> None:  # noqa: F811  # the fixture
    result = frames.reprice(engine(ROWS), ["plain", "stepped", "hourly"], world(), by="day")
    for model in result:
        assert summary(result[model]) == scalar(ROWS, ("day",), model=model)


EVIDENCE = Path(__file__).parents[3] / "shared" / "evidence"
AZURE = {"input_tokens": "ContextTokens", "output_tokens": "GeneratedTokens"}
BILLS = {
    ("conv", "gpt-4.1-mini"): "15.486612",
    ("conv", "claude-haiku-4.5"): "42.805195",
    ("code", "gpt-4.1-mini"): "7.6174232",
    ("code", "claude-haiku-4.5"): "19.289454",
}


def traced(kind: str, path: Path) -> Any:
    """A trace in an engine."""
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow.csv as arrow

    if kind == "duckdb":
        return duckdb.read_csv(str(path))
    if kind == "pyarrow":
        return arrow.read_csv(path)
    return pd.read_csv(path) if kind == "pandas" else pl.scan_csv(path)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb"])
@pytest.mark.parametrize("name", ["conv", "code"])
def test_the_azure_traces_cost_what_their_calls_cost(kind: str, name: str) -> None:
    path = EVIDENCE / "azure" / f"AzureLLMInferenceTrace_{name}.csv"
    if not path.is_file():
        pytest.skip("the public traces are not part of the project; ../shared/evidence is absent")
    result = frames.reprice(traced(kind, path), ["gpt-4.1-mini", "claude-haiku-4.5"], columns=AZURE)
    calls = Calls.from_csv(path, columns=AZURE)
    for model, bill in result.under.items():
        assert bill.total == Usd(BILLS[name, model]) == calls.cost(model).total


def test_the_mooncake_trace_costs_what_its_calls_cost() -> None:
    """With a model whose price depends on the length of a call, and one whose window is too small for some."""
    import polars as pl

    path = EVIDENCE / "mooncake" / "conversation_trace.jsonl"
    if not path.is_file():
        pytest.skip("the public traces are not part of the project; ../shared/evidence is absent")
    columns = {"input_tokens": "input_length", "output_tokens": "output_length"}
    bulk = {**columns, "time": None}  # its time stamps count milliseconds since it began
    catalog = lt.Catalog.bundled()
    small = catalog["gpt-4.1-mini"].with_(context_window=100_000)
    result = frames.reprice(pl.scan_ndjson(path), ["claude-haiku-5.5", small], columns=bulk)
    calls = Calls.from_jsonl(path, columns=columns)
    assert result["claude-haiku-5.5"].total == calls.cost("claude-haiku-5.5").total
    assert result["gpt-4.1-mini"].low == calls.cost(small).low
    assert result["gpt-4.1-mini"].left_out == calls.cost(small).left_out


def test_the_sum_over_a_file_by_hand() -> None:
    """The oracle of the oracle: the file, its columns and two prices."""
    path = EVIDENCE / "azure" / "AzureLLMInferenceTrace_conv.csv"
    if not path.is_file():
        pytest.skip("the public traces are not part of the project; ../shared/evidence is absent")
    with path.open(newline="") as file:
        rows = [(int(row["ContextTokens"]), int(row["GeneratedTokens"])) for row in csv.DictReader(file)]
    sent, said = (sum(column) for column in zip(*rows, strict=True))
    assert Usd.from_pico(sent * 400_000 + said * 1_600_000) == Usd(BILLS["conv", "gpt-4.1-mini"])
