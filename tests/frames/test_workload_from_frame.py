"""A workload that keeps the calls of a log: its cost is the bulk price of the log divided by its calls."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, ClassVar

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llm_tradeoffs as lt
from frames_world import world
from llm_tradeoffs import Model, Price, Usd, Workload, frames
from llm_tradeoffs.errors import InvalidValueError, UnknownPriceError
from oracle import mtok

pytestmark = pytest.mark.engines  # laws over many frames, each with several queries

START = datetime(2026, 3, 6, 12, tzinfo=UTC)
SCHEMA = {
    "model": pl.String,
    "service_tier": pl.String,
    "region": pl.String,
    "time": pl.Datetime("us", "UTC"),
    "input_tokens": pl.Int64,
    "output_tokens": pl.Int64,
    "cache_read_tokens": pl.Int64,
}
CANDIDATES = ["plain", "tiered", "hourly", "stepped", "least", "fractional", "silent"]


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def row(sent: int, said: int, cached: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "model": "plain",
        "service_tier": None,
        "region": None,
        "time": START,
        "input_tokens": sent,
        "output_tokens": said,
        "cache_read_tokens": cached,
        **more,
    }


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Calls that lie on both sides of every threshold, in hours with prices of their own."""
    rows: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 10))):
        sent = draw(st.integers(0, 300) | st.sampled_from([1_000, 1_001, 4_999, 5_000, 6_000]))
        rows.append(
            row(
                sent,
                draw(st.integers(0, 200)),
                draw(st.integers(0, min(sent, 30))),
                model=draw(st.sampled_from(["plain", "tiered", "nobody", None])),
                service_tier=draw(st.sampled_from([None, "standard", "batch"])),
                region=draw(st.sampled_from([None, "eu"])),
                time=START + timedelta(hours=draw(st.integers(0, 100))),
            )
        )
    return rows


def alone(model: str, call: dict[str, Any]) -> lt.Cost | None:
    """What one call costs on a model by itself; None if that is not known exactly."""
    counts: Any = {name: call[name] for name in ("input_tokens", "output_tokens", "cache_read_tokens")}
    region = call["region"] if call["region"] in world().model(model).rates.regions else None
    try:
        return lt.cost(
            model, lt.Usage(**counts), service_tier=call["service_tier"], region=region, catalog=world(), strict=True
        )
    except UnknownPriceError:
        return None


@settings(max_examples=8)  # grouped for seven models each
@given(logs())
def test_the_cost_of_a_request_is_the_mean_of_what_each_call_costs(rows: list[dict[str, Any]]) -> None:
    work = Workload.from_frame(frame_of(rows), world(), under=CANDIDATES)
    for model in CANDIDATES:
        found = lt.assess(model, work, catalog=world()).cost
        each = [alone(model, call) for call in rows]
        if model == "hourly":  # the calls know their hours; see below
            continue
        if any(bill is None for bill in each):
            assert found is None
        else:
            assert found is not None
            assert found.per_request == sum((bill.total for bill in each if bill is not None), Usd(0)) / len(rows)
            assert sum((line.amount for line in found.lines), Usd(0)) == found.per_request


@settings(max_examples=12)  # three queries each
@given(logs(), st.sampled_from(["plain", "tiered", "fractional"]))
def test_the_cost_of_a_request_is_the_bulk_price_divided_by_the_calls(rows: list[dict[str, Any]], model: str) -> None:
    bulk = frames.price(frame_of(rows), world(), model=model, as_of=world().as_of, by=())
    found = lt.assess(model, Workload.from_frame(frame_of(rows), world()), catalog=world()).cost
    # As if every request fitted into the window: bulk pricing leaves out what does not.
    if bulk.is_exact:
        assert found is not None
        assert found.per_request == bulk.total / bulk.calls


@settings(max_examples=6)  # several queries each
@given(logs())
def test_hours_keep_their_prices(rows: list[dict[str, Any]]) -> None:
    rows = [call | {"service_tier": None, "cache_read_tokens": 0} for call in rows]
    work = Workload.from_frame(frame_of(rows), world(), under="hourly")
    found = lt.assess("hourly", work, catalog=world()).cost
    each = [
        lt.cost(
            "hourly",
            input_tokens=call["input_tokens"],
            output_tokens=call["output_tokens"],
            as_of=call["time"],
            catalog=world(),
        ).total
        for call in rows
    ]
    assert found is not None
    assert found.per_request == sum(each, Usd(0)) / len(each)


def test_thresholds_stay_right_where_a_mean_would_not() -> None:
    log = frame_of([row(200, 10), row(9_800, 10)])
    work = Workload.from_frame(log, world())
    mean = Workload(input_tokens=5_000, output_tokens=10)
    assert (work.input_tokens, work.output_tokens) == (5_000, 10)
    # 200 tokens at $1 and 9,800 at $3; answers at $5 and at $9.
    by_hand = mtok("1", 200) + mtok("3", 9_800) + mtok("5", 10) + mtok("9", 10)
    assert lt.assess("tiered", work, catalog=world()).cost.per_request == by_hand / 2  # type: ignore[union-attr]  # known
    assert lt.assess("tiered", mean, catalog=world()).cost.per_request != by_hand / 2  # type: ignore[union-attr]  # known


def test_it_goes_where_a_workload_goes() -> None:
    log = frame_of([row(2_000, 100, time=START + timedelta(days=day)) for day in range(10) for _ in range(day)])
    work = Workload.from_frame(log, task="code", priority="cost")
    assert (work.calls, work.requests_per_day, work.longest_tokens) == (45, 5, 2_000)  # 9 days have calls
    comparison = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload=work)
    assert comparison["gpt-4.1-mini"].cost is not None
    assert comparison["gpt-4.1-mini"].cost.per_month == (mtok("0.40", 2_000) + mtok("1.60", 100)) * 150
    chosen = lt.recommend(work)
    assert chosen.chosen is not None
    assert "45 measured calls" in str(chosen)
    assert repr(work).startswith("<MeasuredWorkload: 45 calls in ")
    assert repr(work).endswith(" cells, 2,000 + 100 tokens in the mean>")


def test_tokens_are_counted_again_for_another_model_as_in_bulk() -> None:
    log = frame_of([row(10_000, 500, model="claude-haiku-4.5"), row(20_000, 500, model="gpt-4.1-mini")])
    for model in ("claude-opus-4.7", "claude-sonnet-4.5", "gpt-4.1-mini"):
        catalog = lt.Catalog.bundled()
        work = Workload.from_frame(log, catalog, under=[model])
        bulk = frames.price(log, catalog, model=model, as_of=catalog.as_of, by=())
        assessed = lt.assess(model, work, catalog=catalog)
        assert assessed.cost is not None
        assert assessed.cost.per_request == bulk.total / 2
        assert assessed.workload.counted_for == model
        # Asked twice, nothing is multiplied twice.
        assert lt.assess(model, assessed.workload, catalog=catalog).cost.per_request == bulk.total / 2  # type: ignore[union-attr]  # known


def test_a_share_that_can_wait_runs_as_batch() -> None:
    work = Workload.from_frame(frame_of([row(1_000, 100), row(1_000, 100, service_tier="batch")]), world())
    full = mtok("0.40", 1_000) + mtok("1.60", 100)
    for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
        found = lt.assess("plain", work.with_(batch_share=share), catalog=world()).cost
        assert found is not None
        assert found.per_request == (full * (1 - share) + full / 2 * share + full / 2) / 2


class TestChanges:
    LOG: ClassVar = [row(200, 10), row(9_800, 30, 300, service_tier="batch")]

    def test_a_change_of_the_volume_keeps_the_calls(self) -> None:
        work = Workload.from_frame(frame_of(self.LOG), world())
        more = work.with_(requests_per_month=60_000, task="code")
        assert isinstance(more, frames.MeasuredWorkload)
        assert more.cells is work.cells
        assert more.requests_in("month") == 60_000

    def test_a_change_of_the_calls_asks_about_their_mean_and_says_so(self) -> None:
        other = Workload.from_frame(frame_of(self.LOG), world()).with_(output_tokens=50)
        assert type(other) is Workload
        assert (other.input_tokens, other.output_tokens) == (5_000, 50)
        assert (other.cached_share, other.batch_share) == (Fraction(3, 100), Fraction(1, 2))
        assert any("no longer looked at" in assumption for assumption in other.assumptions)

    def test_it_survives_pickling(self) -> None:
        work = Workload.from_frame(frame_of(self.LOG), world())
        again = pickle.loads(pickle.dumps(work))
        assert lt.assess("tiered", again, catalog=world()).cost == lt.assess("tiered", work, catalog=world()).cost


class TestWhatIsNotKnown:
    def test_calls_that_cannot_be_read_are_left_out_and_said(self) -> None:
        log = frame_of([row(200, 10), row(-1, 10), row(5, 10, service_tier="express")])
        work = Workload.from_frame(log, world())
        assert work.calls == 1
        text = "; ".join(work.assumptions)
        assert "1 calls of the log were left out: a count is negative" in text
        assert "the service tier 'express' is not known" in text
        with pytest.raises(InvalidValueError, match="nothing was measured"):
            Workload.from_frame(frame_of([row(-1, 10)]), world())

    def test_a_model_that_the_cells_are_too_coarse_for_has_no_cost_until_it_is_named(self) -> None:
        log = frame_of([row(50, 10), row(150, 200)])
        mine = Model(
            id="mine",
            usd_per_mtok=[
                Price(meter="input_tokens", usd=Usd(1)),
                Price(meter="input_tokens", usd=Usd(2), above_input_tokens=100),
                Price(meter="output_tokens", usd=Usd(0)),
            ],
        )
        coarse = lt.assess(mine, Workload.from_frame(log, world()), catalog=world())
        assert coarse.cost is None
        assert "price of input_tokens of mine" in str(coarse.unknowns[0])
        fine = lt.assess(mine, Workload.from_frame(log, world(), under=mine), catalog=world())
        assert fine.cost is not None
        assert fine.cost.per_request == (mtok("1", 50) + mtok("2", 150)) / 2
        # A price by the quantity of each call, too.
        assert lt.assess("stepped", Workload.from_frame(log, world()), catalog=world()).cost is None
        named = lt.assess("stepped", Workload.from_frame(log, world(), under="stepped"), catalog=world()).cost
        assert named is not None
        assert named.per_request == (mtok("1", 200) + mtok("2", 110) + mtok("4", 100)) / 2

    def test_what_the_log_says_cannot_be_said_otherwise(self) -> None:
        with pytest.raises(InvalidValueError, match="input_tokens"):
            Workload.from_frame(frame_of([row(1, 1)]), world(), input_tokens=5)


def test_cells_from_elsewhere_say_between_what_their_calls_lie() -> None:
    rows: list[dict[str, Any]] = [
        {
            "model": "plain",
            "calls": 4,
            "input_tokens": 800,
            "output_tokens": 40,
            "least_input_tokens": 100,
            "most_input_tokens": 300,
        },
        {"model": "plain", "calls": 1, "input_tokens": 6_000, "output_tokens": 10},
    ]
    work = Workload.from_frame(rows, world(), requests_per_day=10)
    assert (work.calls, work.longest_tokens) == (5, 6_000)
    found = lt.assess("tiered", work, catalog=world()).cost
    assert found is not None
    assert found.per_request == (mtok("1", 800) + mtok("5", 40) + mtok("3", 6_000) + mtok("9", 10)) / 5
    torn = [rows[0] | {"most_input_tokens": 1_200}]
    assert lt.assess("tiered", Workload.from_frame(torn, world()), catalog=world()).cost is None
    # A model without thresholds does not mind.
    assert lt.assess("plain", Workload.from_frame(torn, world()), catalog=world()).cost is not None


def test_cells_can_be_given_as_they_are() -> None:
    log = pl.DataFrame({"model": ["plain"], "day": [date(2026, 3, 6)], "input_tokens": [10], "output_tokens": [5]})
    work = Workload.from_frame(frames.cells(log, world()), world())
    assert lt.assess("plain", work, catalog=world()).cost.per_request == mtok("0.40", 10) + mtok("1.60", 5)  # type: ignore[union-attr]  # known


def test_a_lazy_frame_will_do() -> None:
    log = frame_of([row(10, 5), row(30, 5)])
    lazy, eager = (Workload.from_frame(table, world()) for table in (log.lazy(), log))
    assert (lazy.input_tokens, lazy.longest_tokens) == (eager.input_tokens, eager.longest_tokens) == (20, 30)
    cost = lt.assess("plain", lazy, catalog=world()).cost
    assert cost is not None
    assert cost == lt.assess("plain", eager, catalog=world()).cost


@pytest.mark.engines
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("kind", ["pandas", "pyarrow", "duckdb"])
def test_every_engine_measures_the_same(kind: str) -> None:
    log = frame_of([row(10, 5), row(6_000, 5, 3, time=START + timedelta(days=2))])
    held = log.to_pandas() if kind == "pandas" else log.to_arrow()
    if kind == "duckdb":
        held = pytest.importorskip("duckdb", reason="the engine is not installed here").from_arrow(held)
    found, wanted = (Workload.from_frame(table, world()) for table in (held, log))
    for name in ("input_tokens", "output_tokens", "cached_share", "longest_tokens", "requests_per_day", "calls"):
        assert getattr(found, name) == getattr(wanted, name)
    costs = [lt.assess("tiered", work, catalog=world()).cost for work in (found, wanted)]
    assert costs[0] is not None
    assert costs[0].per_request == costs[1].per_request  # type: ignore[union-attr]  # as known as the other
