"""The split of a change: it adds up to the last digit, and a factor that did not change has no effect."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import attrs
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frames_world import TURN, world
from llm_tradeoffs import Usd, frames
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from oracle import mtok

pytestmark = pytest.mark.engines  # laws over many frames, each with several queries

BEFORE, AFTER = date(2026, 3, 2), date(2026, 3, 16)  # the price of "dated" changes in between
SCHEMA = {
    "model": pl.String,
    "tenant": pl.String,
    "service_tier": pl.String,
    "day": pl.Date,
    "input_tokens": pl.Int64,
    "output_tokens": pl.Int64,
}


def cells(rows: list[dict[str, Any]], by: tuple[str, ...] = ("model", "tenant")) -> frames.Cells:
    return frames.cells(pl.DataFrame(rows, schema=SCHEMA), world(), by=by)


def call(  # noqa: PLR0917  # a row, in the order of its columns
    model: str, sent: int, said: int, day: date = BEFORE, tenant: str = "a", tier: str | None = None
) -> dict[str, Any]:
    return {
        "model": model,
        "tenant": tenant,
        "service_tier": tier,
        "day": day,
        "input_tokens": sent,
        "output_tokens": said,
    }


def logs(day: date, models: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(
        st.builds(
            call,
            st.sampled_from(models),
            st.sampled_from([0, 10, 999, 1_000, 1_001, 4_000, 6_000]),
            st.integers(0, 200),
            st.just(day),
            st.sampled_from(["a", "b"]),
            st.sampled_from([None, "batch"]),
        ),
        max_size=8,
    )


ALL = ["plain", "dated", "tiered", "stepped", "least", "fractional", "hourly", "silent", "nobody"]


@settings(max_examples=40)  # six queries each
@given(logs(BEFORE, ALL), logs(AFTER, ALL))
def test_the_effects_add_up_to_the_difference_exactly(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    then, now = (frames.price(pl.DataFrame(rows, schema=SCHEMA), world(), by=()) for rows in (before, after))
    found = frames.change(cells(before), cells(after), world())
    assert (found.before_low, found.before_high) == (then.low, then.high)
    assert (found.after_low, found.after_high) == (now.low, now.high)
    assert found.low.total == now.low - then.low
    assert found.high.total == now.high - then.high
    for name in ("price", "volume", "mix", "length"):
        for end in ("low", "high"):
            parts = (getattr(getattr(group, end), name) for group in found.groups)
            assert sum(parts, Usd(0)) == getattr(getattr(found, end), name)
    assert sum(left.calls for left in found.left_out_before) == then.calls - then.priced
    assert sum(left.calls for left in found.left_out_after) == now.calls - now.priced


# "dated" alone changes its price in between.
STEADY = ["plain", "tiered", "stepped", "least", "fractional"]


@given(logs(BEFORE, STEADY), logs(AFTER, STEADY))
def test_no_price_effect_if_no_price_changed(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    assert frames.change(cells(before), cells(after), world()).effects.price == Usd(0)


@given(logs(BEFORE, ["plain", "dated", "tiered"]), st.integers(1, 4))
def test_the_same_calls_more_often_are_volume_and_price_only(before: list[dict[str, Any]], times: int) -> None:
    after = [row | {"day": AFTER} for row in before] * times
    found = frames.change(cells(before), cells(after), world()).effects
    assert found.mix == found.length == Usd(0)
    if times == 1:
        assert found.volume == Usd(0)
        assert found.price == found.total


@given(
    st.lists(
        st.tuples(st.sampled_from(["plain", "tiered", "dated"]), st.sampled_from([10, 1_001])), min_size=1, max_size=6
    ),
    st.lists(st.integers(1, 5), min_size=6, max_size=6),
)
def test_other_shares_of_calls_that_are_as_long_are_mix_and_volume_only(
    kinds: list[tuple[str, int]], times: list[int]
) -> None:
    lengths = dict(kinds)  # one length for each model
    before = [call(model, sent, 5) for model, sent in lengths.items()]
    after = [
        call(model, sent, 5) for (model, sent), many in zip(lengths.items(), times, strict=False) for _ in range(many)
    ]
    found = frames.change(cells(before), cells(after), world()).effects
    assert found.price == found.length == Usd(0)
    if len(before) == len(after):
        assert found.volume == Usd(0)


@given(st.lists(st.tuples(st.integers(0, 6_000), st.integers(0, 6_000)), min_size=1, max_size=6))
def test_longer_calls_are_length_only_even_across_a_threshold(pairs: list[tuple[int, int]]) -> None:
    before, after = ([call("tiered", pair[which], 7) for pair in pairs] for which in (0, 1))
    found = frames.change(cells(before), cells(after), world()).effects
    assert found.price == found.volume == found.mix == Usd(0)
    assert found.length == found.total


@settings(max_examples=25)  # four queries each
@given(logs(BEFORE, ["plain", "dated", "tiered"]), logs(AFTER, ["plain", "dated", "tiered"]))
def test_turned_round_every_effect_changes_its_sign(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    there = frames.change(cells(before), cells(after), world()).effects
    back = frames.change(cells(after), cells(before), world()).effects
    for name in ("price", "volume", "mix", "length"):
        assert getattr(back, name) == -getattr(there, name)


def test_it_is_the_mean_over_all_orders() -> None:
    """Worked by hand for one model that changes in everything but its share."""
    before = [call("dated", 1_000, 100)] * 2
    after = [call("dated", 3_000, 50, AFTER)] * 5
    found = frames.change(cells(before), cells(after), world()).effects

    def cost(price: int, volume: int, length: int) -> Usd:
        rates = ("3", "15") if price == 0 else ("2.4", "12")
        sent, said = (1_000, 100) if length == 0 else (3_000, 50)
        return (mtok(rates[0], sent) + mtok(rates[1], said)) * (2, 5)[volume]

    sums = dict.fromkeys(("price", "volume", "length"), Usd(0))
    for order in permutations(sums):
        state = dict.fromkeys(sums, 0)
        for name in order:
            held = cost(**state)
            state[name] = 1
            sums[name] += cost(**state) - held
    assert {name: getattr(found, name) for name in sums} == {name: total / 6 for name, total in sums.items()}
    assert found.mix == Usd(0)


def test_what_comes_and_what_goes_is_mix() -> None:
    before = [call("plain", 1_000, 0, tenant="a"), call("plain", 1_000, 0, tenant="b")]
    after = [call("plain", 1_000, 0, AFTER, "a"), call("tiered", 1_000, 0, AFTER, "a")]
    found = frames.change(cells(before), cells(after), world())
    assert found.effects == frames.Effects(price=Usd(0), volume=Usd(0), mix=mtok("0.6", 1_000), length=Usd(0))
    assert {tuple(group.group.values()): (group.status, group.low.mix) for group in found.groups} == {
        ("tiered", "a"): ("new", mtok("1", 1_000)),
        ("plain", "b"): ("vanished", -mtok("0.4", 1_000)),
        ("plain", "a"): ("both", Usd(0)),
    }


def test_from_nothing_all_is_volume() -> None:
    after = cells([call("plain", 1_000, 0), call("tiered", 10, 3)])
    found = frames.change(cells([]), after, world())
    assert found.effects.volume == found.effects.total == mtok("0.4", 1_000) + mtok("1", 10) + mtok("5", 3)
    assert frames.change(after, cells([]), world()).effects.volume == -found.effects.volume
    assert frames.change(cells([]), cells([]), world()).effects.total == Usd(0)


def test_a_price_that_changed_is_price() -> None:
    before, after = ([call("dated", 1_000, 0, day)] for day in (BEFORE, AFTER))
    found = frames.change(cells(before), cells(after), world())
    assert found.effects == frames.Effects(price=-mtok("0.6", 1_000), volume=Usd(0), mix=Usd(0), length=Usd(0))


def test_another_price_list_is_price() -> None:
    rows = cells([call("plain", 1_000, 0)])
    bundled = world()
    dearer = bundled.with_model(
        attrs.evolve(
            bundled.records["plain"],
            prices=tuple(
                attrs.evolve(row, usd=Usd("0.80")) if row.meter == "input_tokens" else row
                for row in bundled.records["plain"].prices
            ),
        ),
        replace=True,
    )
    found = frames.change(rows, rows, dearer, before_catalog=bundled)
    assert found.effects.price == found.effects.total == mtok("0.40", 1_000)


def test_a_day_of_prices_can_be_named() -> None:
    rows = cells([call("dated", 1_000, 0)])
    found = frames.change(rows, rows, world(), before_as_of=BEFORE, after_as_of=TURN)
    assert found.effects.price == found.effects.total == -mtok("0.6", 1_000)


def test_prices_that_change_within_a_period_are_noted_and_still_add_up() -> None:
    before = [call("dated", 1_000, 0, BEFORE), call("dated", 1_000, 0, TURN)]
    after = [call("dated", 2_000, 0, AFTER)] * 2
    found = frames.change(cells(before), cells(after), world())
    assert any("changed within a period" in note for note in found.notes)
    assert found.effects.total == mtok("2.4", 4_000) - mtok("3", 1_000) - mtok("2.4", 1_000)


def test_an_alias_and_its_model_are_one() -> None:
    found = frames.change(cells([call("plain", 10, 0)]), cells([call("plain-latest", 10, 0)]), world())
    assert found.effects.total == found.effects.mix == Usd(0)
    assert [group.status for group in found.groups] == ["both"]


def test_two_periods_of_one_log() -> None:
    log = cells([call("dated", 1_000, 0, BEFORE), call("dated", 1_000, 0, AFTER)], by=("day", "model"))
    found = frames.change(
        frames.between(log, "2026-03-01", "2026-03-09"), frames.between(log, TURN, AFTER), world(), by="model"
    )
    assert found.effects.price == found.effects.total == -mtok("0.6", 1_000)
    assert "price: -$0.0006" in str(found)


def test_what_does_not_fit_is_an_error() -> None:
    log = cells([call("plain", 1, 1)], by=("day",))
    with pytest.raises(InvalidValueError, match="group both alike"):
        frames.change(log, cells([]), world())
    with pytest.raises(UnknownNameError, match="tenant"):
        frames.change(log, log, world(), by="tenant")
    with pytest.raises(InvalidTypeError, match="expected Cells"):
        frames.change(frames.price(pl.DataFrame(schema=SCHEMA), world()), log, world())  # type: ignore[arg-type]  # on purpose
    with pytest.raises(UnknownNameError, match="day"):
        frames.between(cells([]), BEFORE, AFTER)
    with pytest.raises(InvalidValueError, match="before the first"):
        frames.between(log, AFTER, BEFORE)
