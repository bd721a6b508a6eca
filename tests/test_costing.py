"""The one place where a cost is computed: calls, and whole workloads."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Model, Price, RateCard, UnknownPriceError, Usage, Usd, Workload, WorkloadCost
from llm_tradeoffs.costing import workload_cost
from oracle import mtok

ONE = Model(
    "acme/one",
    usd_per_mtok={
        "input_tokens": "1.00",
        "output_tokens": "5.00",
        "cache_read_tokens": "0.10",
        "cache_write_5m_tokens": "1.25",
        "web_searches": "0.01",
    },
)
PAIR = Model("acme/pair", usd_per_mtok=("0.40", "1.60"))


def row(meter: str, usd: str, **more: Any) -> Price:
    return Price(meter=meter, usd=Usd(usd), **more)


def priced(model: Model, workload: Workload) -> WorkloadCost:
    return workload_cost(model, workload)


class TestOneCall:
    """cost() of a call is the sum of its lines."""

    def test_totals_and_parts(self) -> None:
        """Each token is billed once: the parts at their own price, the rest at the total's."""
        bill = lt.cost(
            ONE,
            input_tokens=1_000,
            output_tokens=100,
            cache_read_tokens=600,
            cache_write_5m_tokens=100,
            reasoning_tokens=40,
            web_searches=2,
        )
        assert bill.total == (
            mtok("1.00", 300)
            + mtok("0.10", 600)
            + mtok("1.25", 100)
            + mtok("5.00", 60)
            + mtok("5.00", 40)
            + Usd("0.02")
        )
        assert [(line.meter, line.quantity) for line in bill.lines] == [
            ("input_tokens", 300),
            ("cache_read_tokens", 600),
            ("cache_write_5m_tokens", 100),
            ("output_tokens", 60),
            ("reasoning_tokens", 40),
            ("web_searches", 2),
        ]
        assert sum((line.amount for line in bill.lines), Usd(0)) == bill.total

    def test_lines_say_what_they_were_multiplied_by(self) -> None:
        """A line has the published price, with its source; a part without one has its total's."""
        bill = lt.cost("gpt-4.1-mini", input_tokens=10, output_tokens=5, reasoning_tokens=5)
        fresh, reasoning = bill.lines
        assert (fresh.price.source.id, fresh.price.place.rpartition(", ")[2]) == ("litellm", "input_cost_per_token")
        assert reasoning.price.meter == "output_tokens"
        assert str(fresh) == "input_tokens: 10 × $0.40/MTok = $0.000004"

    def test_counts_and_a_usage_are_the_same(self) -> None:
        """A call described by counts costs what its Usage costs, on the fast path and on the general one."""
        by_counts = lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150)
        by_usage = lt.cost("gpt-4.1-mini", Usage(input_tokens=200, output_tokens=150))
        again = lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150)
        assert by_counts == by_usage == again
        assert hash(by_counts) == hash(by_usage) == hash(again)
        assert by_counts.usage == Usage(input_tokens=200, output_tokens=150)
        assert by_counts.lines == by_usage.lines
        assert by_counts != lt.cost("gpt-4.1-mini", input_tokens=201, output_tokens=150)
        assert by_counts != "0.00032"

    def test_every_name_of_a_model_costs_the_same(self) -> None:
        """An alias costs what the id does, also when it is asked for again."""
        for name in ("gpt-4.1-mini", "openai/gpt-4.1-mini", "GPT-4.1 Mini", "openai/gpt-4.1-mini"):
            assert lt.cost(name, input_tokens=200, output_tokens=150).total == Usd("0.00032")

    def test_the_day_and_the_catalog(self) -> None:
        """A model by name is priced as of the catalog's day or the one that is asked for; one by hand has no day."""
        assert lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1).as_of == date(2026, 11, 22)
        assert lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, as_of="2026-03-01").as_of == date(2026, 3, 1)
        assert lt.cost(PAIR, input_tokens=1, output_tokens=1).as_of is None
        assert lt.cost(PAIR, input_tokens=1, output_tokens=1, as_of="2026-03-01").as_of == date(2026, 3, 1)
        article = Catalog.bundled(trust=("article",))
        bill = lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, catalog=article)
        assert bill.lines[0].price.source.id == "article"

    def test_a_price_that_changed(self) -> None:
        """A request is billed at the price that held on its day."""
        record = lt.ModelRecord(
            id="acme/dated",
            prices=(
                row("input_tokens", "3", effective_from=date(2026, 1, 1)),
                row("input_tokens", "2", effective_from=date(2026, 6, 1)),
                row("output_tokens", "9", effective_from=date(2026, 1, 1)),
            ),
        )
        held = Catalog.bundled().with_model(record)
        for day, usd in (("2026-05-31", "3"), ("2026-06-01", "2")):
            assert lt.cost("acme/dated", input_tokens=10**6, output_tokens=0, catalog=held, as_of=day).total == Usd(usd)

    def test_tiers(self) -> None:
        """A batch costs half, priority more."""
        costs = [
            lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150, service_tier=tier).total
            for tier in ("batch", "standard", "priority")
        ]
        assert costs == [Usd("0.00016"), Usd("0.00032"), Usd("0.00056")]

    def test_a_long_request_is_billed_at_the_long_rate(self) -> None:
        """The whole request is billed at the rate of its length."""
        ladder = Model(
            "acme/ladder",
            usd_per_mtok=(
                row("input_tokens", "1"),
                row("input_tokens", "2", above_input_tokens=100),
                row("output_tokens", "5"),
            ),
        )
        assert lt.cost(ladder, input_tokens=100, output_tokens=1).total == mtok("1", 100) + mtok("5", 1)
        assert lt.cost(ladder, input_tokens=101, output_tokens=1).total == mtok("2", 101) + mtok("5", 1)

    def test_a_fee_for_each_request(self) -> None:
        """Where a fee for each request is published every call has it, even an empty one."""
        model = Model("acme/fee", usd_per_mtok={"input_tokens": 1, "output_tokens": 1, "requests": "0.005"})
        assert lt.cost(model, input_tokens=0, output_tokens=0).total == Usd("0.005")
        assert [line.meter for line in lt.cost(model, input_tokens=1, output_tokens=0).lines] == [
            "input_tokens",
            "requests",
        ]

    def test_ratios_stay_exact(self) -> None:
        """A price of 1/24 dollar per million tokens costs 1/24 dollar for a million."""
        model = Model("acme/ratio", usd_per_mtok=("1/24", "17/60000"))
        assert lt.cost(model, input_tokens=10**6, output_tokens=0).total == Usd("1/24")
        assert lt.cost(model, input_tokens=24, output_tokens=60_000).total == Usd(
            Fraction(1, 10**6) + Fraction(17, 10**6)
        )

    def test_an_unknown_price_is_no_zero(self) -> None:
        """Tokens without a known price raise an error; none of them, none is raised."""
        half = Model("acme/half", usd_per_mtok=(1, None))
        assert lt.cost(half, input_tokens=5, output_tokens=0).total == mtok("1", 5)
        with pytest.raises(UnknownPriceError) as caught:
            lt.cost(half, input_tokens=5, output_tokens=1)
        assert (caught.value.model, caught.value.meter, caught.value.service_tier) == (
            "acme/half",
            "output_tokens",
            "standard",
        )
        assert "input_tokens" in caught.value.known
        with pytest.raises(UnknownPriceError):
            lt.cost(half, input_tokens=5, output_tokens=0, web_searches=1)

    def test_nothing_costs_nothing(self) -> None:
        """A call without tokens costs $0 and has no lines."""
        bill = lt.cost("gpt-4.1-mini", input_tokens=0, output_tokens=0)
        assert (bill.total, bill.lines) == (Usd(0), ())

    def test_faces(self) -> None:
        """str() is a bill, repr() a line, to_dict() plain types with exact strings."""
        bill = lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150)
        assert str(bill).splitlines() == [
            "$0.00032  (GPT-4.1 Mini, standard, prices of 2026-11-22)",
            "  input_tokens: 200 × $0.40/MTok = $0.00008",
            "  output_tokens: 150 × $1.60/MTok = $0.00024",
        ]
        assert repr(bill) == "<Cost of one call to gpt-4.1-mini: $0.00032>"
        assert (
            str(lt.cost(PAIR, input_tokens=1, output_tokens=0)).splitlines()[0] == "$0.0000004  (acme/pair, standard)"
        )
        plain = bill.to_dict()
        assert (plain["model"], plain["as_of"], plain["total_usd"]) == ("gpt-4.1-mini", "2026-11-22", "0.00032")
        assert plain["lines"][0] == {
            "meter": "input_tokens",
            "quantity": "200",
            "service_tier": "standard",
            "usd": "0.4",
            "per": 1_000_000,
            "factors": [],
            "amount_usd": "0.00008",
            "low_usd": "0.00008",
            "high_usd": "0.00008",
            "assumption": None,
            "source": "litellm",
            "place": "model_prices_and_context_window_backup.json, gpt-4.1-mini, input_cost_per_token",
        }
        assert (
            lt.cost(Model("x", usd_per_mtok=("1/3", 1)), input_tokens=10**6, output_tokens=0).to_dict()["total_usd"]
            == "1/3"
        )

    def test_bills_can_be_kept(self) -> None:
        """A bill survives pickle."""
        bill = lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150)
        assert pickle.loads(pickle.dumps(bill)) == bill


class TestWholeWorkload:
    """What a workload costs a request, day, month and year."""

    def test_periods(self) -> None:
        """The cost of a request times the volume of each period."""
        cost = priced(PAIR, Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000))
        each = mtok("0.40", 200) + mtok("1.60", 150)
        assert cost.per_request == each
        assert (cost.per_day, cost.per_month, cost.per_year) == (each * 10_000, each * 300_000, each * 3_650_000)
        assert cost.year_basis == "365 days"
        assert str(cost).startswith("$0.00032 per request\n  input_tokens: 200 × $0.40/MTok = $0.00008")

    def test_without_a_volume(self) -> None:
        """Without a volume there is no cost of a period, and no year to be counted."""
        cost = priced(PAIR, Workload(input_tokens=200, output_tokens=150))
        assert (cost.per_day, cost.per_month, cost.per_year, cost.year_basis) == (None, None, None, None)

    def test_lines_add_up(self) -> None:
        """The lines of the bill add up to the cost of a request."""
        work = Workload(
            input_tokens=Decimal("187.5"),
            output_tokens=100,
            turns=3,
            cached_share=Decimal("0.4"),
            batch_share=Fraction(1, 3),
        )
        model = Model(
            "acme/both",
            usd_per_mtok=(
                *ONE.rates.prices,
                row("input_tokens", "0.5", service_tier="batch"),
                row("output_tokens", "2.5", service_tier="batch"),
                row("cache_read_tokens", "0.05", service_tier="batch"),
            ),
        )
        cost = priced(model, work)
        assert sum((line.amount for line in cost.lines), Usd(0)) == cost.per_request
        sent, fresh, cached = work.total_input_tokens, Fraction(6, 10), Fraction(4, 10)
        standard = mtok("1.00", sent * fresh) + mtok("0.10", sent * cached) + mtok("5.00", 300)
        batch = mtok("0.5", sent * fresh) + mtok("0.05", sent * cached) + mtok("2.5", 300)
        assert cost.per_request == standard * Fraction(2, 3) + batch * Fraction(1, 3)

    def test_half_in_batches(self) -> None:
        """Half of the requests at half the price cost three quarters."""
        work = Workload(input_tokens=200, output_tokens=150)
        mini = Catalog.bundled()["gpt-4.1-mini"]
        assert priced(mini, work.with_(batch_share=Decimal("0.5"))).per_request == priced(
            mini, work
        ).per_request * Fraction(3, 4)
        assert {line.service_tier for line in priced(mini, work.with_(batch_share=1)).lines} == {"batch"}

    def test_a_model_without_batches_runs_them_at_the_standard_rate(self) -> None:
        """What could wait is billed at the standard rate where there are no batches, and a note says so."""
        article = Catalog.bundled(trust=("article",))
        work = Workload(input_tokens=200, output_tokens=150, batch_share=1)
        cost = priced(article["claude-haiku-4.5"], work)
        assert cost.per_request == priced(article["claude-haiku-4.5"], work.with_(batch_share=0)).per_request
        assert cost.notes == (
            "Claude Haiku 4.5 has no batch service, so the share that could wait runs at the standard rate",
        )

    @pytest.mark.parametrize("batches", [None, True], ids=["unknown", "offered"])
    def test_batches_of_unknown_price(self, batches: bool | None) -> None:
        """A batch service whose prices nobody publishes makes the cost unknown, not cheap."""
        model = Model("acme/one", usd_per_mtok=(1, 1), supports_batch=batches)
        with pytest.raises(UnknownPriceError):
            priced(model, Workload(input_tokens=1, output_tokens=1, batch_share=Decimal("0.5")))

    def test_cached_input_without_a_price_costs_what_fresh_input_does(self) -> None:
        """Without any price for cached input it is billed as input."""
        work = Workload(input_tokens=1_000, output_tokens=0, cached_share=Decimal("0.9"))
        assert priced(PAIR, work).per_request == mtok("0.40", 1_000)
        assert priced(ONE, work).per_request == mtok("1.00", 100) + mtok("0.10", 900)

    def test_conversations(self) -> None:
        """Fifty turns with their history cost what fifty calls do, each with all that was said before."""
        work = Workload(input_tokens=200, output_tokens=150, turns=50)
        calls = sum(
            (
                lt.cost(PAIR, input_tokens=200 * turn + 150 * (turn - 1), output_tokens=150).total
                for turn in range(1, 51)
            ),
            Usd(0),
        )
        assert priced(PAIR, work).per_request == calls == Usd("0.1875")

    def test_a_fee_for_each_turn(self) -> None:
        """A fee for each request is due for every turn."""
        model = Model("acme/fee", usd_per_mtok={"input_tokens": 1, "output_tokens": 1, "requests": "0.005"})
        assert priced(model, Workload(input_tokens=0, output_tokens=0, turns=4)).per_request == Usd("0.02")

    @pytest.mark.parametrize("history", [True, False])
    @pytest.mark.parametrize("threshold", [1, 199, 200, 201, 549, 550, 900, 10**6])
    def test_conversations_that_grow_over_a_threshold(self, threshold: int, history: bool) -> None:
        """Each turn is billed at the rate of its own length, before and after it passes the threshold."""
        model = Model(
            "acme/ladder",
            usd_per_mtok=(
                row("input_tokens", "1"),
                row("input_tokens", "2", above_input_tokens=threshold),
                row("output_tokens", "5"),
                row("output_tokens", "7", above_input_tokens=threshold + 400),
            ),
        )
        work = Workload(input_tokens=200, output_tokens=150, turns=6, history_resent=history)
        calls = [
            lt.cost(model, input_tokens=200 * turn + 150 * (turn - 1) if history else 200, output_tokens=150).total
            for turn in range(1, 7)
        ]
        cost = priced(model, work)
        assert cost.per_request == sum(calls, Usd(0))
        assert sum((line.amount for line in cost.lines), Usd(0)) == cost.per_request
        assert any("charges by the length of a request" in note for note in cost.notes)

    def test_a_conversation_of_nothing_over_a_threshold(self) -> None:
        """Turns without tokens never grow."""
        model = Model(
            "acme/ladder",
            usd_per_mtok=(
                row("input_tokens", "1"),
                row("input_tokens", "2", above_input_tokens=1),
                row("output_tokens", "1"),
            ),
        )
        assert priced(model, Workload(input_tokens=0, output_tokens=0, turns=5)).per_request == Usd(0)

    def test_an_unknown_price_names_its_meter(self) -> None:
        """A workload with output on a model without an output price has no cost, and no zero."""
        with pytest.raises(UnknownPriceError, match="output_tokens"):
            priced(Model("acme/half", usd_per_mtok=(1, None)), Workload(input_tokens=1, output_tokens=1))
        assert priced(
            Model("acme/half", usd_per_mtok=(1, None)), Workload(input_tokens=1, output_tokens=0)
        ).per_request == mtok("1", 1)


def test_a_rate_card_is_compiled_once_and_stays_right() -> None:
    """Lengths below and above a threshold, asked for in any order, each get their own rate."""
    card = RateCard((row("input_tokens", "1"), row("input_tokens", "2", above_input_tokens=100)))
    found = [card.rates("standard", length)["input_tokens"] for length in (50, 150, 100, 101, 50)]
    assert [rate and rate.pico for rate in found] == [10**6, 2 * 10**6, 10**6, 2 * 10**6, 10**6]


class TestRequestFee:
    """A fee for each request."""

    CARD = (
        Price(meter="requests", usd=Usd(1), per=1),
        *(
            Price(meter=meter, usd=Usd(1), service_tier=tier)
            for meter in ("input_tokens", "output_tokens")
            for tier in ("standard", "batch")
        ),
    )

    def test_a_fee_that_is_known_in_one_tier_is_unknown_in_another(self) -> None:
        """A fee that is charged in one tier is not silently nothing in another, where no source states it."""
        model = Model("fee", usd_per_mtok=self.CARD)
        assert lt.cost(model, input_tokens=0, output_tokens=0).total == Usd(1)
        with pytest.raises(UnknownPriceError, match="batch price of requests"):
            lt.cost(model, input_tokens=0, output_tokens=0, service_tier="batch")

    def test_no_fee_where_no_source_states_one(self) -> None:
        """A card that is silent about fees for requests charges none."""
        assert lt.cost(Model("none", usd_per_mtok=(1, 1)), input_tokens=0, output_tokens=0).total == Usd(0)
