"""Many calls at once: the sum of its calls, in any order, cut in any way."""

from __future__ import annotations

import json
import pickle
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
import oracle
from llm_tradeoffs import Model, Price, Usage, Usd, Workload
from llm_tradeoffs.calls import BadRowsError, Call, Calls, CallsLeftOutError
from llm_tradeoffs.costing import workload_cost
from oracle import Tariff, mtok
from strategies import card_of, model_of, priced_calls, tariffs, token_counts, usages

FLAT = Model("acme/flat", usd_per_mtok={"input_tokens": "0.40", "output_tokens": "1.60", "cache_read_tokens": "0.10"})
STEPPED = Model(
    "acme/stepped",
    usd_per_mtok=(
        Price(meter="input_tokens", usd=Usd("1")),
        Price(meter="input_tokens", usd=Usd("2"), above_input_tokens=100),
        Price(meter="output_tokens", usd=Usd("5")),
    ),
)


def used(sent: int, said: int = 0, **more: Any) -> Usage:
    return Usage(input_tokens=sent, output_tokens=said, **more)


def listed(calls: list[oracle.Call]) -> list[Call]:
    return [
        Call(usage=Usage(**call.counts), service_tier=call.tier, region=call.region)  # type: ignore[arg-type]  # whole where it has to be
        for call in calls
    ]


class TestLaws:
    """What holds for every price list and every list of calls."""

    @given(priced_calls())
    def test_the_cost_is_the_sum_of_the_costs(self, drawn: tuple[oracle.PriceList, list[oracle.Call]]) -> None:
        """Of the calls that have one; the others are counted."""
        prices, made = drawn
        model = Model("acme/one", usd_per_mtok=card_of(prices))
        low = high = Usd(0)
        without = 0
        for call in made:
            usage = Usage(**call.counts)  # type: ignore[arg-type]  # whole where it has to be
            try:
                bill = lt.cost(model, usage, service_tier=call.tier, region=call.region)
            except lt.UnknownPriceError:
                without += 1
            else:
                low, high = low + bill.low, high + bill.high
        together = Calls(listed(made)).cost(model)
        assert (together.low, together.high) == (low, high)
        assert together.calls - together.priced == without
        assert sum((line.low for line in together.lines), Usd(0)) == low
        assert sum((line.high for line in together.lines), Usd(0)) == high
        assert sum((bucket.low for bucket in together.buckets), Usd(0)) == low
        assert sum(bucket.calls for bucket in together.buckets) == together.priced
        assert together.is_exact == (without == 0 and low == high)

    @given(st.lists(usages(), max_size=6), st.randoms(), tariffs())
    def test_order_never_matters(self, made: list[Usage], chance: Any, tariff: Tariff) -> None:
        shuffled = list(made)
        chance.shuffle(shuffled)
        one, other = Calls.from_usages(made), Calls.from_usages(shuffled)
        assert one == other
        assert hash(one) == hash(other)
        model = model_of(tariff)
        assert one.cost(model) == other.cost(model)
        assert str(one.cost(model)) == str(other.cost(model))

    @given(st.lists(usages(), max_size=6), st.integers(0, 6), tariffs())
    def test_parts_add_up(self, made: list[Usage], cut: int, tariff: Tariff) -> None:
        whole, left, right = (Calls.from_usages(part) for part in (made, made[:cut], made[cut:]))
        assert left + right == whole
        assert len(left) + len(right) == len(whole) == len(made)
        assert whole.total == lt.UsageTotal.of(made)
        model = model_of(tariff)
        costs = [calls.cost(model) for calls in (left, right, whole)]
        assert costs[0].low + costs[1].low == costs[2].low
        assert costs[0].priced + costs[1].priced == costs[2].priced

    @given(st.lists(st.tuples(token_counts(10**6), token_counts(10**6), st.integers(0, 10**6)), min_size=1, max_size=6))
    def test_the_mean_costs_the_same_where_no_price_looks_at_one_call(self, drawn: list[tuple[int, int, int]]) -> None:
        calls = Calls.from_usages(used(sent, said, cache_read_tokens=min(sent, read)) for sent, said, read in drawn)
        mean = calls.as_workload()
        assert workload_cost(FLAT, mean).per_request * len(calls) == calls.cost(FLAT).total
        assert calls.threshold_error(FLAT) == Usd(0)

    @given(st.lists(usages(), min_size=1, max_size=6), tariffs())
    def test_the_threshold_error_is_what_it_says(self, made: list[Usage], tariff: Tariff) -> None:
        """The exact cost of the calls less that of as many mean calls."""
        calls, model = Calls.from_usages(made), model_of(tariff)
        try:
            error = calls.threshold_error(model)
        except (CallsLeftOutError, lt.UnknownPriceError):
            return
        assert calls.cost(model).total - error == workload_cost(model, calls.as_workload()).per_request * len(made)

    @given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.fractions(0, 100))
    def test_percentiles_are_by_nearest_rank(self, lengths: list[int], percent: Fraction) -> None:
        """The least value that so many per cent do not exceed."""
        calls = Calls.from_usages(map(used, lengths))
        found = calls.percentile("input_tokens", percent)
        enough = [n for n in lengths if Fraction(100 * sum(m <= n for m in lengths), len(lengths)) >= percent]
        assert found == min(enough)
        assert calls.cost(FLAT).percentile(percent) == mtok("0.40", min(enough))


class TestLimits:
    """Calls that a model could not have answered are counted, never priced."""

    SMALL = FLAT.with_(context_window=1_000, max_output_tokens=100, input_modalities=("text",), supports_vision=False)

    def test_each_reason_is_counted(self) -> None:
        calls = Calls.from_usages(
            [
                used(900, 100),
                used(901, 100),
                used(1_000_000, 0),
                used(10, 101),
                used(10, 10, input_image_tokens=5),
                used(10, 10, input_audio_tokens=5),
            ]
        )
        bill = calls.cost(self.SMALL)
        assert [(left.limit, left.calls) for left in bill.left_out] == [
            ("context_window", 2),
            ("input_modalities", 1),
            ("input_modalities", 1),
            ("max_output_tokens", 1),
        ]
        assert (bill.calls, bill.priced) == (6, 1)
        assert bill.low == mtok("0.40", 900) + mtok("1.60", 100)
        assert not bill.is_exact
        with pytest.raises(CallsLeftOutError, match=r"5 of 6 calls have no cost: .*context window of 1,000 tokens"):
            _ = bill.total
        assert bill.to_dict()["total_usd"] is None

    def test_media_that_nobody_speaks_of_are_noted(self) -> None:
        """And a medium that the model does not make is a reason."""
        mute = FLAT.with_(output_modalities=("text",))
        bill = Calls.from_usages([used(10, 10, input_audio_tokens=5), used(10, 10, output_audio_tokens=5)]).cost(mute)
        assert "whether acme/flat takes audio input is unknown (1 call)" in bill.notes
        assert [(left.limit, left.calls) for left in bill.left_out] == [("output_modalities", 1)]

    def test_those_that_fit_have_a_total(self) -> None:
        calls = Calls.from_usages([used(900, 100), used(901, 100)])
        assert calls.that_fit(self.SMALL) == Calls.from_usages([used(900, 100)])
        assert calls.that_fit(self.SMALL).cost(self.SMALL).is_exact

    def test_unknown_limits_are_noted(self) -> None:
        bill = Calls.from_usages([used(10**9)]).cost(FLAT)
        assert bill.is_exact
        assert "the context window of acme/flat is unknown, and no call was held against it (1 call)" in bill.notes

    def test_a_model_that_did_answer_is_not_held_to_its_limits(self) -> None:
        catalog = lt.Catalog.bundled().with_model(self.SMALL)
        calls = Calls.from_usages([used(5_000)], model="acme/flat")
        assert calls.cost(catalog=catalog).is_exact
        assert calls.cost("acme/flat", catalog=catalog).is_exact
        assert Calls.from_usages([used(5_000)]).cost("acme/flat", catalog=catalog).priced == 0

    def test_an_unknown_price_is_never_nothing(self) -> None:
        bill = Calls.from_usages([used(10), used(10, web_searches=1)]).cost(FLAT)
        assert bill.low == mtok("0.40", 10)
        assert [(left.limit, left.calls) for left in bill.left_out] == [("price", 1)]


class TestWhatACallNames:
    """A log names models, tiers and days; a question may name others."""

    def test_each_call_under_its_own_model_and_tier(self) -> None:
        usage = used(1_000, 100)
        calls = Calls(
            [
                Call(usage=usage, model="gpt-4.1-mini"),
                Call(usage=usage, model="claude-haiku-4.5", service_tier="batch"),
                Call(usage=usage, model="gpt-4.1-mimi"),
                Call(usage=usage),
                Call(usage=usage, model="gpt-4.1-mini", service_tier="gold"),
                Call(usage=usage, model="gpt-4.1-mini", day=date(1999, 1, 1)),
            ]
        )
        bill = calls.cost()
        assert bill.low == (
            lt.cost("gpt-4.1-mini", usage).total + lt.cost("claude-haiku-4.5", usage, service_tier="batch").total
        )
        assert {left.limit for left in bill.left_out} == {"model"}
        assert sum(left.calls for left in bill.left_out) == 4
        assert [bucket.model for bucket in bill.buckets] == ["claude-haiku-4.5", "gpt-4.1-mini"]

    def test_what_is_asked_for_goes_before(self) -> None:
        usage = used(1_000, 100)
        calls = Calls.from_usages([usage], model="gpt-4.1-mini", service_tier="batch", day="1999-01-01")
        again = calls.cost("claude-haiku-4.5", service_tier="standard", as_of="2026-11-22")
        assert again.total == lt.cost("claude-haiku-4.5", usage).total

    def test_each_call_on_its_own_day(self) -> None:
        """The price of o3 fell; one line for each rate."""
        days = ("2025-06-01", "2025-06-25")
        catalog = lt.Catalog.bundled()
        calls = Calls(Call(usage=used(1_000_000), model="o3", day=date.fromisoformat(day)) for day in days)
        assert calls.cost(catalog=catalog).total == sum(
            (lt.cost("o3", used(1_000_000), as_of=day).total for day in days), Usd(0)
        )

    def test_a_wrong_question_is_refused(self) -> None:
        calls = Calls.from_usages([used(1)])
        with pytest.raises(lt.UnknownNameError):
            calls.cost("gpt-4.1-mimi")
        with pytest.raises(lt.UnknownNameError):
            calls.cost("gpt-4.1-mini", service_tier="gold")
        with pytest.raises(lt.UnknownNameError):
            calls.cost("gpt-4.1-mini", region="the moon")
        with pytest.raises(lt.NoFactOnDateError):
            calls.cost("gpt-4.1-mini", as_of="1999-01-01")

    def test_a_wrong_name_is_refused_though_each_call_has_a_day(self) -> None:
        calls = Calls.from_usages([used(1)], day="2026-11-20") + Calls.from_usages([used(1)], day="1999-01-01")
        with pytest.raises(lt.UnknownNameError):
            calls.cost("gpt-4.1-mimi")
        bill = calls.cost("gpt-4.1-mini")
        assert [(left.limit, left.calls) for left in bill.left_out] == [("model", 1)]
        assert bill.priced == 1

    def test_a_region_without_a_price_is_noted(self) -> None:
        bill = Calls.from_usages([used(10)], region="mars").cost(FLAT)
        assert bill.total == mtok("0.40", 10)
        assert any("processed in 'mars'" in note for note in bill.notes)


class TestBuckets:
    """Where a price depends on the length of the request, the cost is shown by length."""

    def test_both_sides_of_a_threshold(self) -> None:
        bill = Calls.from_usages([used(100), used(100), used(101, 2)]).cost(STEPPED)
        assert [(b.above_input_tokens, b.up_to_input_tokens, b.calls, b.low) for b in bill.buckets] == [
            (None, 100, 2, mtok("1", 200)),
            (100, None, 1, mtok("2", 101) + mtok("5", 2)),
        ]
        assert str(bill) == (
            "$0.000412  (3 calls)\n"
            "  input_tokens: 200 × $1.00/MTok = $0.0002\n"
            "  input_tokens: 101 × $2.00/MTok = $0.000202\n"
            "  output_tokens: 2 × $5.00/MTok = $0.00001\n"
            "  acme/stepped, standard, up to 100 input tokens: 2 calls, $0.0002\n"
            "  acme/stepped, standard, above 100 input tokens: 1 call, $0.000212\n"
            "  note: the context window of acme/stepped is unknown, and no call was held against it (3 calls)"
        )

    def test_a_mean_hides_a_threshold(self) -> None:
        """Nine short calls and a long one: the mean is short, and the long one is billed twice as much."""
        calls = Calls.from_usages([used(10)] * 9 + [used(200)])
        assert calls.threshold_error(STEPPED) == mtok("1", 200)


def test_a_bill_in_plain_types() -> None:
    """It goes into JSON, amounts as exact texts."""
    bill = Calls.from_usages([used(100), used(101, 2), used(5, web_searches=1)]).cost(STEPPED)
    saved = json.loads(json.dumps(bill.to_dict()))
    assert (saved["calls"], saved["priced"], saved["total_usd"], saved["low_usd"]) == (3, 2, None, "0.000312")
    assert [bucket["low"] for bucket in saved["buckets"]] == ["0.0001", "0.000212"]
    assert [left["calls"] for left in saved["left_out"]] == [1]


class TestTheMean:
    """A workload of means, and what it says about itself."""

    def test_it_is_exact(self) -> None:
        mean = Calls.from_usages([used(1, 1), used(1, 0), used(2, 0, cache_read_tokens=1)]).as_workload(
            requests_per_day=9, name="log"
        )
        assert (mean.input_tokens, mean.output_tokens, mean.cached_share) == (
            Fraction(4, 3),
            Fraction(1, 3),
            Fraction(1, 4),
        )
        assert (mean.longest_tokens, mean.requests_per_day, mean.name) == (2, 9, "log")

    def test_it_says_what_it_hides(self) -> None:
        mean = Calls.from_usages([used(10, 5, reasoning_tokens=2)]).as_workload()
        assert [sentence.partition(":")[0] for sentence in mean.assumptions] == [
            "input_tokens, output_tokens, cached_share",
            "A workload does not count reasoning_tokens",
        ]
        assert len(mean.with_(input_tokens=3).assumptions) == 1

    def test_batches_are_a_share(self) -> None:
        calls = Calls.from_usages([used(10)], service_tier="batch") + Calls.from_usages([used(10)] * 3)
        assert calls.as_workload().batch_share == Fraction(1, 4)
        assert any(sentence.startswith("batch_share:") for sentence in calls.as_workload().assumptions)
        assert calls.threshold_error("claude-haiku-4.5") == Usd(0)

    def test_days_and_regions_are_not_what_a_mean_misses(self) -> None:
        calls = Calls.from_usages([used(10)], day="2025-06-25") + Calls.from_usages([used(10)], region="us")
        assert calls.threshold_error("o3") == Usd(0)

    def test_what_cannot_be_meant_is_refused(self) -> None:
        with pytest.raises(lt.InvalidValueError, match="there are no calls"):
            Calls().as_workload()
        with pytest.raises(lt.InvalidValueError, match="flex"):
            Calls.from_usages([used(1)], service_tier="flex").as_workload()


class TestValues:
    """Calls are values."""

    def test_a_repr(self) -> None:
        assert repr(Calls.from_usages([used(1), used(1), used(2)])) == "<Calls: 3 calls, 2 different>"

    def test_none_at_all(self) -> None:
        bill = Calls().cost("gpt-4.1-mini")
        assert (bill.total, bill.mean, bill.percentile(50)) == (Usd(0), None, None)
        assert Calls().percentile("input_tokens", 50) is None

    def test_a_mean_cost(self) -> None:
        assert Calls.from_usages([used(1), used(2)]).cost(FLAT).mean == mtok("0.40", 3) / 2

    def test_what_is_no_call_is_refused(self) -> None:
        with pytest.raises(lt.InvalidTypeError):
            Calls.from_usages([{"input_tokens": 1}])  # type: ignore[list-item]
        with pytest.raises(lt.InvalidTypeError, match="from_usages"):
            Calls([used(1)])  # type: ignore[list-item]
        with pytest.raises(lt.InvalidTypeError):
            Call(usage=used(1), model="")
        with pytest.raises(lt.InvalidTypeError):
            Call(usage=used(1), day=datetime(2026, 1, 1))  # noqa: DTZ001 - what is refused
        with pytest.raises(TypeError):
            Calls() + used(1)  # type: ignore[operator]
        with pytest.raises(lt.UnknownNameError):
            Calls().percentile("input_token", 50)
        with pytest.raises(lt.InvalidValueError):
            Calls().percentile("input_tokens", 101)

    def test_an_interval_has_no_total(self) -> None:
        """The batch price of cached input is not published, so the cost lies between two."""
        bill = Calls.from_usages([used(10, 1, cache_read_tokens=5)], service_tier="batch").cost("gpt-4.1-mini")
        assert bill.low < bill.high
        for ask in (lambda: bill.total, lambda: bill.mean, lambda: bill.percentile(50)):
            with pytest.raises(lt.UnknownPriceError, match=r"read \.low and \.high"):
                ask()

    def test_errors_survive_pickle(self) -> None:
        errors: list[Exception] = []
        with pytest.raises(CallsLeftOutError) as left_out:
            _ = Calls.from_usages([used(10, web_searches=1)]).cost(FLAT).total
        errors.append(left_out.value)
        with pytest.raises(BadRowsError) as bad:
            Calls.from_records([{}])
        errors.append(bad.value)
        for error in errors:
            again = pickle.loads(pickle.dumps(error))
            assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


OURS = {"input_tokens": 10, "output_tokens": 5, "cache_read_tokens": 3}


class TestRecords:
    """Rows of a log."""

    def test_by_our_names(self) -> None:
        day = {"model": "o3", "service_tier": "flex", "region": "us", "day": "2026-01-02"}
        assert Calls.from_records([OURS, {**OURS, **day}]).groups == {
            Call(usage=Usage(**OURS)): 1,
            Call(usage=Usage(**OURS), model="o3", service_tier="flex", region="us", day=date(2026, 1, 2)): 1,
        }

    @pytest.mark.parametrize(
        "row",
        [
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 15,
                "prompt_tokens_details": {"cached_tokens": 3},
            },
            {"type": "message", "usage": {"input_tokens": 7, "output_tokens": 5, "cache_read_input_tokens": 3}},
            {"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "cachedContentTokenCount": 3}},
            {
                "gen_ai.usage.input_tokens": 10,
                "gen_ai.usage.output_tokens": 5,
                "gen_ai.usage.cache_read.input_tokens": 3,
            },
        ],
    )
    def test_by_the_names_of_providers(self, row: dict[str, Any]) -> None:
        """Each counts in its own way, and all these are one call."""
        assert Calls.from_records([row]) == Calls.from_usages([Usage(**OURS)])

    def test_by_columns(self) -> None:
        columns = {"input_tokens": ("fresh", "cached"), "cache_read_tokens": "cached", "output_tokens": "out"}
        rows = [{"fresh": "7", "cached": 3, "out": 5.0, "user": "somebody"}]
        assert Calls.from_records(rows, columns=columns) == Calls.from_usages([Usage(**OURS)])

    @pytest.mark.parametrize("value", [5, "5", " 5 ", 5.0, "5.0", Decimal(5)])
    def test_a_whole_number_however_it_is_written(self, value: object) -> None:
        assert Calls.from_records([{"input_tokens": value, "output_tokens": 0}]) == Calls.from_usages([used(5)])

    @pytest.mark.parametrize("empty", [None, "", "  "])
    def test_an_empty_part_was_not_stated(self, empty: object) -> None:
        assert Calls.from_records([{**OURS, "cache_read_tokens": empty}]) == Calls.from_usages([used(10, 5)])

    @pytest.mark.parametrize(
        ("row", "problem"),
        [
            ({"input_tokens": -1, "output_tokens": 0}, "cannot be negative"),
            ({"input_tokens": "-1", "output_tokens": 0}, "cannot be negative"),
            ({"input_tokens": 1}, "the call has no output_tokens"),
            ({"input_tokens": None, "output_tokens": 0}, "the call has no input_tokens"),
            ({"input_tokens": "many", "output_tokens": 0}, "'many', which is not a number"),
            ({"input_tokens": 1.5, "output_tokens": 0}, "a token count is a whole int"),
            ({"input_tokens": True, "output_tokens": 0}, "of type bool"),
            ({"input_tokens": float("nan"), "output_tokens": 0}, "must be finite"),
            ({"input_tokens": 1, "output_tokens": 0, "cache_read_tokens": 2}, "a part cannot exceed the total"),
            ({"input_tokens": 1, "output_tokens": 0, "day": "yesterday"}, "day is 'yesterday'"),
            ({"input_tokens": 1, "output_tokens": 0, "day": "2026-01-02 and a bit"}, "day is '2026-01-02 and a bit'"),
            ({"input_tokens": 1, "output_tokens": 0, "model": 4}, "the model of a call is 4"),
            ({"input_tokens": 1, "output_tokens": 0, "surprise": 7}, "cannot tell whose response"),
            ({}, "the call has no input_tokens"),
            ("text", "expected a response"),
            (None, "expected a response"),
        ],
    )
    def test_bad_rows_are_reported(self, row: object, problem: str) -> None:
        """With their number and reason; or set aside, and kept."""
        rows = [OURS, row, OURS]
        with pytest.raises(BadRowsError, match="1 of 3 rows cannot be read; nothing was loaded") as caught:
            Calls.from_records(rows)
        (fault,) = caught.value.faults
        assert fault.line == 2
        assert problem in fault.problem
        calls = Calls.from_records(rows, on_bad_row="set aside")
        assert len(calls) == 2
        assert calls.set_aside == (fault,)
        assert "rows of the log that could not be read, and are not among the calls: 1" in calls.cost(FLAT).notes

    def test_all_bad_rows_are_in_one_report(self) -> None:
        with pytest.raises(BadRowsError, match=r"(?s)25 of 30 rows.*and 5 more") as caught:
            Calls.from_records([{}] * 25 + [OURS] * 5)
        assert [fault.line for fault in caught.value.faults] == list(range(1, 26))

    def test_a_sum_of_columns_is_unknown_where_a_part_is(self) -> None:
        columns = {"input_tokens": ("fresh", "cached"), "output_tokens": "out"}
        with pytest.raises(BadRowsError, match="of which cached is not stated"):
            Calls.from_records([{"fresh": 1, "cached": None, "out": 1}], columns=columns)

    def test_wrong_columns_are_refused(self) -> None:
        with pytest.raises(
            lt.UnknownNameError, match=r"no column is named 'ContextToken'\. Did you mean 'ContextTokens'"
        ):
            Calls.from_records(
                [{"ContextTokens": 1, "out": 1}],
                columns={"input_tokens": "ContextToken", "output_tokens": "out"},
                on_bad_row="set aside",
            )
        with pytest.raises(lt.UnknownNameError, match="'input_token'"):
            Calls.from_records([], columns={"input_token": "x"})
        with pytest.raises(lt.UnknownNameError, match="'ignore'"):
            Calls.from_records([], on_bad_row="ignore")  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("stamp", "day"),
        [
            ("2023-11-16 18:17:03.9799600", date(2023, 11, 16)),
            ("2023-11-16T23:17:03-05:00", date(2023, 11, 17)),
            (datetime(2023, 11, 16, 18), date(2023, 11, 16)),  # noqa: DTZ001 - a log without a zone
            (date(2023, 11, 16), date(2023, 11, 16)),
        ],
    )
    def test_days_of_time_stamps(self, stamp: object, day: date) -> None:
        """Of UTC where the zone is stated; as written where it is not."""
        assert set(Calls.from_records([{**OURS, "day": stamp}]).groups) == {Call(usage=Usage(**OURS), day=day)}


class TestFiles:
    """CSV and JSON lines; bad rows are named by their line."""

    COLUMNS = {"input_tokens": "in", "output_tokens": "out"}  # noqa: RUF012 - read only

    def test_csv(self, tmp_path: Path) -> None:
        path = tmp_path / "log.csv"
        path.write_text("\ufeffwho;in;out\r\nme;10;5\r\n", encoding="utf-8", newline="")
        assert Calls.from_csv(path, columns=self.COLUMNS, delimiter=";") == Calls.from_usages([used(10, 5)])

    def test_csv_by_our_names(self, tmp_path: Path) -> None:
        path = tmp_path / "log.csv"
        path.write_text("input_tokens,output_tokens,model\n10,5,o3\n", encoding="utf-8")
        assert Calls.from_csv(path) == Calls.from_usages([used(10, 5)], model="o3")

    def test_bad_lines_of_csv(self, tmp_path: Path) -> None:
        path = tmp_path / "log.csv"
        path.write_text('in,out\n1,1\n2\n3,3,3\n"4,4\nmore\n', encoding="utf-8")
        calls = Calls.from_csv(path, columns=self.COLUMNS, on_bad_row="set aside")
        assert len(calls) == 1
        assert [(fault.path, fault.line) for fault in calls.set_aside][:2] == [(str(path), 3), (str(path), 4)]
        assert len(calls.set_aside) == 3

    def test_jsonl(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        path.write_text(f"{json.dumps(OURS)}\n\n{{\n[1]\n{json.dumps(OURS)}\n", encoding="utf-8")
        calls = Calls.from_jsonl(path, on_bad_row="set aside")
        assert len(calls) == 2
        assert [fault.line for fault in calls.set_aside] == [3, 4]
        with pytest.raises(BadRowsError, match="the line is no JSON"):
            Calls.from_jsonl(path, columns={"input_tokens": "input_tokens", "output_tokens": "output_tokens"})

    def test_other_encodings_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "log.csv"
        path.write_bytes("input_tokens,output_tokens,model\n1,1,café\n".encode("latin-1"))
        with pytest.raises(lt.InvalidValueError, match="is not in UTF-8"):
            Calls.from_csv(path)


def test_a_workload_of_means_takes_any_field() -> None:
    """What is stated goes before what is computed."""
    assert Calls.from_usages([used(5)]).as_workload(longest_tokens=99) == Workload(
        input_tokens=5,
        output_tokens=0,
        longest_tokens=99,
        assumptions=Calls.from_usages([used(5)]).as_workload().assumptions,
    )
