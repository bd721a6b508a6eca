"""The charts say what was computed: their findings, marks and labels are worked out here by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs.plot import ComparisonPlots
from llm_tradeoffs.plot._theme import spread

CHAT = lt.Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000, title="Support chatbot")


@pytest.fixture(scope="module")
def two(bundled: lt.Catalog) -> ComparisonPlots:
    return lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload=CHAT, catalog=bundled).plot


def title(chart: Any) -> str:
    return title_of(chart.to_dict())


def title_of(described: dict[str, Any]) -> str:
    return " ".join(described["title"]["text"])


def notes(chart: Any) -> str:
    return " ".join(chart.to_dict()["title"]["subtitle"])


def rows(node: Any) -> Iterator[dict[str, Any]]:
    """Every row of data that a chart holds."""
    if isinstance(node, dict):
        if isinstance(node.get("values"), list):
            yield from (row for row in node["values"] if isinstance(row, dict))
        for below in node.values():
            yield from rows(below)
    elif isinstance(node, list):
        for below in node:
            yield from rows(below)


def texts(chart: Any) -> set[str]:
    return {row["text"] for row in rows(chart.to_dict()) if "text" in row}


class TestCostAgainstVolume:
    def test_costs_per_request_alone_never_cross(self, two: ComparisonPlots) -> None:
        # $0.00032 and $0.00095 a request: 95/32 = 2.96...
        chart = two.cost_vs_volume()
        assert title(chart) == "GPT-4.1 Mini is cheapest at every volume; Claude Haiku 4.5 costs 3.0× as much"
        # 20,000 a day, 30 days: $192 and $570
        assert texts(chart) >= {"GPT-4.1 Mini: $192.00", "Claude Haiku 4.5: $570.00"}

    def test_a_fixed_part_makes_a_break_even_and_it_is_marked(self, two: ComparisonPlots) -> None:
        # 400 / (30 · (0.00095 - 0.00032)) = 21,164.02...
        chart = two.cost_vs_volume(fixed_per_month={"gpt-4.1-mini": 400})
        assert title(chart) == "Beyond 21,164 requests a day GPT-4.1 Mini is cheaper than Claude Haiku 4.5"
        marks = [row for row in rows(chart.to_dict()) if row.get("text") == "break-even at 21,164 a day"]
        assert marks
        assert marks[0]["x"] == pytest.approx(400 / (30 * 0.00063))
        assert marks[0]["y"] == pytest.approx(30 * 0.00095 * 400 / (30 * 0.00063))

    def test_a_break_even_beyond_the_axis_is_not_marked(self, two: ComparisonPlots) -> None:
        chart = two.cost_vs_volume(fixed_per_month={"gpt-4.1-mini": 400}, most_per_day=20_000)
        assert not [text for text in texts(chart) if text.startswith("break-even")]
        assert title(chart) == "Claude Haiku 4.5 is cheapest at every volume shown"

    def test_a_budget_lasts_for_whole_requests(self, two: ComparisonPlots) -> None:
        # 100 / (30 · 0.00032) = 10,416.67 and 100 / (30 · 0.00095) = 3,508.77
        said = notes(two.cost_vs_volume(budget_per_month=100))
        assert "GPT-4.1 Mini 10,416, Claude Haiku 4.5 3,508" in said

    @pytest.mark.parametrize(
        ("ask", "says"),
        [
            (lambda plots: plots.cost_vs_volume(most_per_day=0), "more than 0"),
            (lambda plots: plots.cost_vs_volume(budget_per_month=-1), "less than nothing"),
            (lambda plots: plots.cost_vs_volume(fixed_per_month={"gpt-4.1": 1}), "gpt-4.1"),
            (lambda plots: plots.cost_vs_volume(most_per_day=float("nan")), "most_per_day"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(
        self, two: ComparisonPlots, ask: Callable[[ComparisonPlots], Any], says: str
    ) -> None:
        with pytest.raises(lt.TradeoffsError, match=says):
            ask(two)

    def test_among_three_only_where_the_cheapest_changes_is_marked(self, bundled: lt.Catalog) -> None:
        # A request of 1,000 tokens in: $0.001, $0.002 and $0.004; a month of n a day: 0.03n + 90, 0.06n + 30, 0.12n.
        # The lowest is the last until 500, then the second until 2,000; the first and the last meet at 1,000 above it.
        models = [lt.Model(name, usd_per_mtok=(usd, "1")) for name, usd in (("one", "1"), ("two", "2"), ("four", "4"))]
        work = lt.Workload(input_tokens=1_000, output_tokens=0, requests_per_day=100)
        plots = lt.compare(*models, workload=work, catalog=bundled).plot
        chart = plots.cost_vs_volume(fixed_per_month={"one": 90, "two": 30})
        marks = {text for text in texts(chart) if text.startswith("break-even")}
        assert marks == {"break-even at 500 a day", "break-even at 2,000 a day"}
        assert title(chart) == "Beyond 2,000 requests a day one is the cheapest"
        assert "one: $165.00" in texts(chart)  # the axis ends at 5/4 of 2,000: 0.03 · 2,500 + 90

    def test_models_of_one_name_are_told_apart_by_their_ids(self, bundled: lt.Catalog) -> None:
        twins = [lt.Model(name, name="Twin", usd_per_mtok=(usd, "1")) for name, usd in (("a", "1"), ("b", "2"))]
        plots = lt.compare(*twins, workload=CHAT, catalog=bundled).plot
        for chart in (plots.cost_vs_volume(), plots.cost_breakdown(), plots.cheapest_by_tokens()):
            assert {row["model"] for row in rows(chart.to_dict()) if "model" in row} <= {"Twin (a)", "Twin (b)"}
        assert len({row["model"] for row in rows(plots.cost_breakdown().to_dict()) if "model" in row}) == 2

    def test_a_name_cannot_pass_for_another_one(self, bundled: lt.Catalog) -> None:
        # shown right to left, the letters would read as the name of another model
        posing = lt.Model("m", name="\u202einiM 1.4-TPG\u202c", usd_per_mtok=("1", "1"))
        work = CHAT.with_(title="Chat\u202e")
        chart = lt.compare(posing, "gpt-4.1-mini", workload=work, catalog=bundled).plot.cost_vs_volume()
        assert "\u202e" not in str(chart.to_dict())
        assert any(text.startswith("[U+202E]iniM") for text in texts(chart))

    def test_a_long_name_keeps_its_beginning_and_its_end(self, bundled: lt.Catalog) -> None:
        long = lt.Model("m", name=f"Acme {'Wide ' * 30}Preview 2026-11", usd_per_mtok=("1", "1"))
        chart = lt.compare(long, "gpt-4.1-mini", workload=CHAT, catalog=bundled).plot.cost_vs_volume()
        shown = next(text for text in texts(chart) if text.startswith("Acme"))
        assert len(shown) < 60
        assert "2026-11:" in shown

    def test_a_narrow_area_has_its_name_beside_a_point_in_it(self, bundled: lt.Catalog) -> None:
        # One request of 4,000 in and 100 out at most; "lean" is cheaper only where output is over 30 times the input.
        lean = lt.Model("lean", usd_per_mtok=("31", "1"))
        plain = lt.Model("plain", usd_per_mtok=("1", "2"))
        work = lt.Workload(input_tokens=1_000, output_tokens=25)
        chart = lt.compare(lean, plain, workload=work, catalog=bundled).plot.cheapest_by_tokens().to_dict()
        marks = [layer["mark"] for layer in chart["layer"] if isinstance(layer.get("mark"), dict)]
        assert [mark["shape"] for mark in marks if "shape" in mark] == ["diamond"]
        assert title_of(chart) == "Which is cheapest depends on the request: lean or plain"


class TestLabels:
    @given(st.lists(st.floats(0, 1_000), min_size=1, max_size=12), st.floats(0.1, 50))
    def test_labels_never_cover_each_other_and_keep_their_order(self, ends: list[float], least: float) -> None:
        places = spread({str(index): end for index, end in enumerate(ends)}, least, floor=0.0)
        order = sorted(places, key=lambda name: ends[int(name)])
        heights = [places[name] for name in order]
        assert heights[0] >= 0
        assert all(above - below >= least * 0.999_999 for below, above in pairwise(heights))

    @given(st.lists(st.floats(0, 1_000), min_size=1, max_size=12))
    def test_labels_with_room_stay_where_they_belong(self, ends: list[float]) -> None:
        given_ends = {str(index): end + 100 * index for index, end in enumerate(sorted(ends))}
        assert spread(given_ends, 99.0, floor=0.0) == pytest.approx(given_ends)


class TestOtherCharts:
    def test_the_breakdown_adds_up(self, two: ComparisonPlots) -> None:
        # 150 · 1.60 of 200 · 0.40 + 150 · 1.60 = 240 of 320
        chart = two.cost_breakdown()
        assert title(chart) == "Output is 75 % of the bill of GPT-4.1 Mini, the cheapest"
        parts = [row for row in rows(chart.to_dict()) if "meter" in row]
        for model, total in (("GPT-4.1 Mini", 0.32), ("Claude Haiku 4.5", 0.95)):
            assert sum(row["usd"] for row in parts if row["model"] == model) == pytest.approx(total)
        assert {"$0.32", "$0.95"} <= texts(chart)

    def test_the_dominated_is_named_and_off_the_line(self, bundled: lt.Catalog) -> None:
        cheap = lt.Model("cheap", usd_per_mtok=("1", "1"), scores={"mmlu": "80-81 %"})
        dear = lt.Model("dear", usd_per_mtok=("2", "2"), scores={"mmlu": "70 %"})
        best = lt.Model("best", usd_per_mtok=("3", "3"), scores={"mmlu": "90 %"})
        mute = lt.Model("mute", usd_per_mtok=("3", "3"))
        chart = lt.compare(cheap, dear, best, mute, workload=CHAT, catalog=bundled).plot.cost_vs_quality()
        assert title(chart) == "Worth a look: cheap and best; the others are beaten on both"
        assert "Quality unknown: mute" in notes(chart)
        front = {row["model"]: row["front"] for row in rows(chart.to_dict()) if "front" in row}
        assert front == {"cheap": True, "dear": False, "best": True}

    def test_latency_shows_ranges_and_the_unknown_as_a_word(self, bundled: lt.Catalog) -> None:
        mute = lt.Model("mute", usd_per_mtok=("3", "3"))
        chart = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", mute, workload=CHAT, catalog=bundled).plot.latency()
        assert {"150-250", "200-400", "unknown"} <= texts(chart)
        # 150 tokens at 50 a second: 3,000 ms and the first token; 45 a second: 3,333
        assert title(chart) == "GPT-4.1 Mini is done first, even at its slowest"

    def test_one_known_latency_is_said_as_it_is(self, bundled: lt.Catalog) -> None:
        mute = lt.Model("mute", usd_per_mtok=("3", "3"))
        chart = lt.compare("gpt-4.1-mini", mute, workload=CHAT, catalog=bundled).plot.latency()
        assert title(chart) == "GPT-4.1 Mini begins after 150-250 ms"

    def test_each_turn_costs_what_a_call_of_that_length_costs(self, bundled: lt.Catalog) -> None:
        comparison = lt.compare("gpt-4.1-mini", workload=CHAT.with_(turns=3), catalog=bundled)
        chart = comparison.plot.cost_by_turn()
        drawn = [row["usd"] for row in rows(chart.to_dict()) if "cost" in row]
        # turn k sends k·200 + (k-1)·150
        called = [
            lt.cost("gpt-4.1-mini", input_tokens=sent, output_tokens=150, catalog=bundled).total * 1_000
            for sent in (200, 550, 900)
        ]
        assert drawn == [float(each.as_fraction()) for each in called]
        assert title(chart) == "With GPT-4.1 Mini, turn 3 costs 1.9× as much as the first one"  # 600 / 320

    def test_one_request_has_no_turns(self, two: ComparisonPlots) -> None:
        with pytest.raises(lt.InvalidValueError, match="turns=10"):
            two.cost_by_turn()

    def test_the_tornado_begins_with_the_widest(self, bundled: lt.Catalog) -> None:
        answer = lt.sensitivity("gpt-4.1-mini", CHAT, {"output_tokens": (100, 200)}, catalog=bundled)
        chart = answer.plot.tornado()
        # 200 · 0.40 + 100..200 · 1.60 per million
        assert title(chart) == "The cost depends most on output tokens"
        assert {"as it is: $0.32", "$0.24", "$0.40"} <= texts(chart)  # of 1,000 requests

    def test_the_price_history_steps_on_its_days(self) -> None:
        catalog = lt.Catalog.bundled()
        chart = catalog.plot.price_history("gpt-4.1-mini")
        drawn = [(row["day"], row["usd"]) for row in rows(chart.to_dict()) if "day" in row]
        assert drawn == [("2025-04-14", 1.6), (catalog.as_of.isoformat(), 1.6)]
        assert title(chart).startswith("No price of output tokens has changed")

    def test_a_history_that_fell_says_by_how_much(self) -> None:
        # o3: $40 a million from 2025-04-16 on, $8 from 2025-06-10 on: 80 % less
        chart = lt.Catalog.bundled().plot.price_history("o3", "o3", "gpt-4.1-mini")
        assert title(chart) == "o3 became 80 % cheaper: $40.00 to $8.00 per million output tokens"
        assert {"o3: $8.00", "GPT-4.1 Mini: $1.60"} <= texts(chart)

    def test_a_history_names_those_without_a_price(self) -> None:
        chart = lt.Catalog.bundled().plot.price_history("gpt-4.1-mini", "o3", service_tier="priority")
        drawn = {row["model"] for row in rows(chart.to_dict()) if "day" in row}
        assert drawn | {"o3"} == {"GPT-4.1 Mini", "o3"}
        assert ("Price unknown: o3" in notes(chart)) == ("o3" not in drawn)

    @pytest.mark.parametrize(
        ("range_", "says"),
        [
            # a costs 1,000 · $2 + 100 · $4 a million, b 1,000 · $3 + 100 · $4: $0.0024 and $0.0034
            ({"price:standard.input_tokens of a": ("1", "2.5")}, "a stays cheaper than b"),
            ({"price:standard.input_tokens of a": ("1", "4")}, "alone can change which one is cheaper"),
        ],
    )
    def test_a_tornado_says_whether_the_choice_holds(
        self, bundled: lt.Catalog, range_: dict[str, tuple[str, str]], says: str
    ) -> None:
        a, b = lt.Model("a", usd_per_mtok=("2", "4")), lt.Model("b", usd_per_mtok=("3", "4"))
        work = lt.Workload(input_tokens=1_000, output_tokens=100)
        ranges = {name: tuple(Decimal(end) for end in ends) for name, ends in range_.items()}
        assert says in title(lt.sensitivity([a, b], work, ranges, catalog=bundled).plot.tornado())

    @pytest.mark.parametrize("names", [(), ("gpt-4.1-minni",)])
    def test_a_history_of_nobody_is_refused(self, bundled: lt.Catalog, names: tuple[str, ...]) -> None:
        with pytest.raises(lt.TradeoffsError):
            bundled.plot.price_history(*names)

    def test_a_meter_that_is_none_is_refused(self, bundled: lt.Catalog) -> None:
        with pytest.raises(lt.UnknownNameError, match="output_tokens"):
            bundled.plot.price_history("gpt-4.1-mini", meter="output")

    def test_nothing_known_is_no_chart(self, bundled: lt.Catalog) -> None:
        plots = lt.compare(lt.Model("mute"), workload=CHAT, catalog=bundled).plot
        for draw in (plots.cost_vs_volume, plots.cost_breakdown, plots.cost_vs_quality, plots.latency):
            with pytest.raises(lt.InvalidValueError, match="no chart"):
                draw()
