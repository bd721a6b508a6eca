"""Rollups, drivers, savings forgone and projections: exact, and held against one call at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, ClassVar

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import llm_tradeoffs as lt
from frames_world import summary, world
from llm_tradeoffs import Usage, Usd, frames
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, TradeoffsError, UnknownNameError
from oracle import mtok

pytestmark = pytest.mark.engines  # laws over many frames, each with several queries

START = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
BY = ("model", "tenant", "day")
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens")


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Calls of models with and without prices for caches and batches, in both tiers, around a threshold."""
    rows: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 14))):
        sent = draw(st.integers(0, 300) | st.sampled_from([999, 1_000, 1_001, 5_001]))
        rows.append(
            {
                "model": draw(st.sampled_from(["plain", "tiered", "dated", "least", "fractional", "silent", "nobody"])),
                "service_tier": draw(st.sampled_from([None, "standard", "batch", "flex"])),
                "tenant": draw(st.sampled_from(["a", "b", None])),
                "time": START + timedelta(hours=draw(st.integers(0, 400))),
                "input_tokens": sent,
                "output_tokens": draw(st.integers(0, 120)),
                "cache_read_tokens": draw(st.integers(0, min(sent, 40))),
            }
        )
    return rows


SCHEMA = {
    "model": pl.String,
    "service_tier": pl.String,
    "tenant": pl.String,
    "time": pl.Datetime("us", "UTC"),
    **dict.fromkeys(COUNTS, pl.Int64),
}


def frame_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def one(row: dict[str, Any], tier: str | None = None, **counts: int | Fraction) -> lt.Cost | None:
    """What one call costs by itself; None if it has no cost."""
    usage: dict[str, Any] = {name: row[name] for name in COUNTS} | counts
    try:
        return lt.cost(
            row["model"], Usage(**usage), service_tier=tier or row["service_tier"], as_of=row["time"], catalog=world()
        )
    except TradeoffsError:
        return None


class TestRollups:
    @settings(max_examples=25)  # five queries each
    @given(logs())
    def test_a_rollup_is_what_grouping_by_fewer_names_would_have_given(self, rows: list[dict[str, Any]]) -> None:
        fine = frames.price(frame_of(rows), world(), by=BY)
        for by in ((), ("tenant",), ("day", "model"), BY):
            rolled = frames.rollup(fine, by)
            assert summary(rolled) == summary(frames.price(frame_of(rows), world(), by=by))
            assert rolled.low == fine.low
            assert rolled.left_out == fine.left_out

    def test_a_name_that_it_was_not_grouped_by_is_an_error(self) -> None:
        fine = frames.price(frame_of([]), world(), by=("model",))
        with pytest.raises(UnknownNameError, match="model"):
            frames.rollup(fine, "tenant")
        with pytest.raises(InvalidTypeError, match="price the log first"):
            frames.rollup(fine.cells)  # type: ignore[arg-type]  # on purpose


class TestDrivers:
    ROWS: ClassVar = [
        {"model": "plain", "tenant": "a", "input_tokens": 1_000_000, "output_tokens": 0},  # $0.40
        {"model": "plain", "tenant": "b", "input_tokens": 500_000, "output_tokens": 0},  # $0.20
        {"model": "tiered", "tenant": "b", "input_tokens": 1_000, "output_tokens": 79_800},  # $0.40
    ]

    def priced(self) -> frames.FrameCost:
        return frames.price(pl.DataFrame(self.ROWS), world(), by=("model", "tenant"))

    def test_the_largest_part_comes_first_with_exact_shares(self) -> None:
        found = frames.drivers(self.priced(), "tenant")
        assert [(part.group, part.high, part.share, part.cumulative_share) for part in found] == [
            ({"tenant": "b"}, Usd("0.60"), Fraction(3, 5), Fraction(3, 5)),
            ({"tenant": "a"}, Usd("0.40"), Fraction(2, 5), 1),
        ]

    def test_the_pareto_list_is_the_fewest_parts_that_reach_a_share(self) -> None:
        found = frames.drivers(self.priced())
        assert len(found.pareto("0.4")) == 1
        assert len(found.pareto("0.8")) == 2
        assert len(found.pareto(Fraction(801, 1000))) == 3
        assert found.pareto(0) == ()
        with pytest.raises(InvalidValueError, match="from 0 to 1"):
            found.pareto(80)

    def test_the_lines_of_the_bill_are_drivers_too(self) -> None:
        found = frames.drivers(self.priced(), ("meter", "tenant"))
        assert {tuple(part.group.values()): part.high for part in found} == {
            ("input_tokens", "a"): mtok("0.40", 1_000_000),
            ("input_tokens", "b"): mtok("0.40", 500_000) + mtok("1", 1_000),
            ("output_tokens", "b"): mtok("5", 79_800),
        }

    @given(logs(), st.sampled_from([(), ("tenant",), ("meter",), ("day", "meter")]))
    def test_parts_add_up_to_the_whole(self, rows: list[dict[str, Any]], by: tuple[str, ...]) -> None:
        result = frames.price(frame_of(rows), world(), by=BY)
        found = frames.drivers(result, by)
        assert sum((part.high for part in found), Usd(0)) == result.high
        assert sum((part.low for part in found), Usd(0)) == result.low
        if result.high:
            assert sum(part.share or 0 for part in found) == 1
            assert list(found)[-1].cumulative_share == 1
        assert found.left_out == result.left_out

    def test_a_cost_of_nothing_has_no_shares(self) -> None:
        nothing = pl.DataFrame({"model": ["plain"], "input_tokens": [0], "output_tokens": [0]})
        found = frames.drivers(frames.price(nothing, world()))
        assert [part.share for part in found] == [None]
        assert found.pareto() == ()

    def test_it_comes_as_a_frame_of_the_users_kind(self) -> None:
        made = frames.drivers(self.priced(), "tenant").to_frame()
        assert isinstance(made, pl.DataFrame)
        assert made.select("tenant", "share").rows() == [("b", "0.6"), ("a", "0.4")]


class TestSavings:
    @settings(max_examples=40)
    @given(logs(), st.sampled_from([1, Fraction(1, 2), 0]))
    def test_savings_are_those_of_every_call_alone(self, rows: list[dict[str, Any]], share: Fraction) -> None:
        # Whole tokens, so that a call with the share read from a cache can be asked about.
        rows = [row | {"input_tokens": row["input_tokens"] * 2 - row["cache_read_tokens"]} for row in rows]
        rows = [row | {"input_tokens": max(row["input_tokens"], row["cache_read_tokens"])} for row in rows]
        cached = batched = Usd(0)
        caching = batching = 0
        for row in rows:
            now = one(row)
            if now is None:
                continue
            fresh = row["input_tokens"] - row["cache_read_tokens"]
            if row["model"] == "plain" and (fresh * share) % 1 == 0:
                then = one(row, cache_read_tokens=int(row["cache_read_tokens"] + fresh * share))
                assert then is not None
                cached += now.total - then.total
                caching += 1
            batch = one(row, "batch") if row["service_tier"] in {None, "standard"} else None
            if batch is not None:
                batched += now.total - batch.total
                batching += 1
        found = frames.savings(frame_of(rows), world(), cached_share=share)
        if all((row["input_tokens"] - row["cache_read_tokens"]) * share % 1 == 0 for row in rows):
            assert (found.caching.saved, found.caching.calls) == (cached, caching)
        assert (found.batching.saved, found.batching.calls) == (batched, batching)
        for way in (found.caching, found.batching):
            assert way.calls + sum(left.calls for left in way.left_out) == len(rows)
            assert all(left.reason for left in way.left_out)

    def test_worked_in_the_open(self) -> None:
        log = pl.DataFrame(
            {
                "model": ["plain", "plain", "dated"],
                "service_tier": ["standard", "batch", None],
                "day": [date(2026, 3, 2)] * 3,
                "input_tokens": [1_000, 1_000, 1_000],
                "output_tokens": [100, 100, 100],
                "cache_read_tokens": [200, 0, 0],
            }
        )
        found = frames.savings(log, world())
        # 800 fresh tokens at $0.40 could have been reads at $0.10; in batch half of that.
        assert found.caching.saved == mtok("0.30", 800) + mtok("0.15", 1_000)
        # Half of 800 x 0.40 + 200 x 0.10 + 100 x 1.60, of the one call of the standard tier that has a batch price.
        assert found.batching.saved == mtok("0.20", 800) + mtok("0.05", 200) + mtok("0.80", 100)
        assert [(left.limit, left.calls) for left in found.caching.left_out] == [("cache", 1)]
        assert {left.limit for left in found.batching.left_out} == {"service_tier", "price"}
        assert "an upper bound" in found.caching.assumption
        assert "upper bound" not in frames.savings(log, world(), cached_share="0.5").caching.assumption
        assert frames.savings(log, world(), cached_share="0.5").caching.saved == found.caching.saved / 2
        assert frames.savings(log, world(), batch_share=Fraction(1, 3)).batching.saved == found.batching.saved / 3

    def test_a_share_is_from_0_to_1_and_a_result_has_no_prices(self) -> None:
        with pytest.raises(InvalidValueError, match="cached_share is 60"):
            frames.savings(frame_of([]), world(), cached_share=60)
        with pytest.raises(InvalidTypeError, match="cells"):
            frames.savings(frames.price(frame_of([]), world()), world())


def daily(costs: list[int], first: date = date(2026, 3, 2)) -> frames.FrameCost:
    """A log of one call a day, of so many dollars."""
    rows = {
        "model": ["plain"] * len(costs),
        "day": [first + timedelta(days=number) for number in range(len(costs))],
        "input_tokens": [cost * 2_500_000 for cost in costs],
        "output_tokens": [0] * len(costs),
    }
    return frames.price(pl.DataFrame(rows, schema_overrides={"day": pl.Date}), world(), by=("model", "day"))


class TestProjection:
    TWO_WEEKS: ClassVar = [10, 10, 10, 10, 10, 0, 0, 20, 20, 20, 20, 20, 5, 0]  # $50, then $105

    def test_worked_in_the_open(self) -> None:
        found = frames.project(daily(self.TWO_WEEKS), 9)
        assert (found.first, found.last, found.weeks) == (date(2026, 3, 16), date(2026, 3, 24), 2)
        # Five weekdays of 15, a Saturday of 2.50, a Sunday of 0, two weekdays of 15.
        assert found.expected == Usd("107.50")
        assert found.low == Usd("107.50") * Fraction(50) / Fraction("77.5")
        assert found.high == Usd("107.50") * Fraction(105) / Fraction("77.5")
        assert found.spent == Usd(0)

    def test_a_month_holds_what_was_spent_and_the_rest(self) -> None:
        found = frames.project(daily(self.TWO_WEEKS), "2026-03", budget=200)
        assert (found.first, found.last, found.spent) == (date(2026, 3, 1), date(2026, 3, 31), Usd(155))
        # 16 to 29 March: two mean weeks; 30 and 31 a Monday and a Tuesday; the 1st, a Sunday before the log, costs 0.
        assert found.expected == Usd(155) + Usd("77.5") * 2 + Usd(30)
        # 45 are left on the 16th: 15 a day; 20.32 in the dearest week, 9.68 in the cheapest.
        assert (found.used_up_on, found.used_up_earliest, found.used_up_latest) == (
            date(2026, 3, 18),
            date(2026, 3, 18),
            date(2026, 3, 20),
        )
        assert any("before the log" in assumption for assumption in found.assumptions)

    def test_a_budget_that_lasts_is_not_used_up(self) -> None:
        found = frames.project(daily(self.TWO_WEEKS), 7, budget=Usd("77.51"))
        assert found.used_up_on is None
        # In the dearest week a weekday costs 20.32: four of them are more than 77.51.
        assert found.used_up_earliest == date(2026, 3, 19)
        assert found.used_up_latest is None
        assert "lasts, but as early as 2026-03-19" in str(found)

    @given(st.lists(st.integers(0, 9), min_size=7, max_size=30), st.integers(1, 40))
    def test_the_interval_holds_the_expectation_and_days_add_up(self, costs: list[int], ahead: int) -> None:
        found = frames.project(daily(costs), ahead)
        assert found.low <= found.expected <= found.high
        assert sum((usd for _, usd, _ in found.days), Usd(0)) == found.expected
        assert len(found.days) == ahead

    @given(st.lists(st.integers(0, 9), min_size=7, max_size=7), st.integers(1, 4))
    def test_weeks_that_are_all_alike_go_on(self, week: list[int], times: int) -> None:
        found = frames.project(daily(week * times), 7)
        assert found.low == found.expected == found.high == Usd(sum(week))

    def test_what_cannot_be_projected_is_an_error(self) -> None:
        with pytest.raises(InvalidValueError, match="at least 7 days"):
            frames.project(daily([1] * 6))
        with pytest.raises(InvalidValueError, match="leaves nothing to project"):
            frames.project(daily([1] * 7), "2026-02")
        with pytest.raises(InvalidValueError, match="a month such as"):
            frames.project(daily([1] * 7), "next month")
        with pytest.raises(InvalidValueError, match="no day"):
            frames.project(daily([]))
        with pytest.raises(InvalidValueError, match="cannot be negative"):
            frames.project(daily([1] * 7), budget=-1)
        with pytest.raises(UnknownNameError, match="day"):
            frames.project(frames.price(frame_of([]), world(), by="model"))
        with pytest.raises(InvalidTypeError, match="a number of days"):
            frames.project(daily([1] * 7), 3.5)  # type: ignore[arg-type]  # on purpose
