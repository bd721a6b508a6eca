"""Budgets: reserved in the worst case, settled with the real usage, exact to the fraction of a pico-dollar."""

from __future__ import annotations

from fractions import Fraction

import pytest
from router_worlds import LARGE, NOON, SMALL, THIRDS, Clock

from llm_tradeoffs import InvalidTypeError, InvalidValueError, Usage, Usd, cost
from llm_tradeoffs.money import Exact
from llm_tradeoffs.responses import Reading
from llm_tradeoffs.router import (
    Balance,
    Budget,
    BudgetStore,
    BudgetStoreError,
    MemoryStore,
    Refusal,
    Request,
    Reservation,
    Router,
)

DAY = 86_400.0
ASKED = Request(input_tokens=1_000, output_tokens=100, max_output_tokens=500, tenant="acme")
# The small one: 1,000 × $1 + 500 × $2 a million = $0.002 at most, and $0.0012 expected.


def router_of(store: BudgetStore, clock: Clock, *models: object, **budget: object) -> Router:
    return Router(models or [SMALL], budget=Budget(**budget), store=store, clock=clock)  # type: ignore[arg-type]  # by name


def test_the_worst_case_is_reserved_and_the_real_cost_counted(store: BudgetStore, clock: Clock) -> None:
    router = router_of(store, clock, per_day="1", per_tenant_per_day="0.5")
    decision = router.route(ASKED)
    assert (decision.expected_cost, decision.worst_cost, decision.reserved) == (
        Usd("0.0012"),
        Usd("0.002"),
        Usd("0.002"),
    )
    assert router.balance().reserved == router.balance("acme").reserved == Usd("0.002")
    settled = router.settle(decision, Usage(input_tokens=1_000, output_tokens=150))
    assert settled.cost.total == settled.counted == Usd("0.0013")
    assert settled.difference == Usd("0.0001")
    for balance in (router.balance(), router.balance("acme")):
        assert (balance.spent, balance.reserved) == (Usd("0.0013"), Usd(0))


def test_a_request_beyond_its_own_limit_is_refused_or_done_by_a_cheaper_model(clock: Clock) -> None:
    router = Router([SMALL, LARGE], policy="article", clock=clock, budget=Budget(per_request="0.005"))
    best = router.route(input_tokens=100, output_tokens=100, tenant="acme")
    assert (best.model, best.reason) == ("acme/large", "chosen")
    # 1,000 × $3 + 500 × $15 a million are $0.0105.
    cheaper = router.route(ASKED)
    assert (cheaper.model, cheaper.reason) == ("acme/small", "next-by-budget")
    assert [(each.model, each.reason) for each in cheaper.passed_over] == [("acme/large", "over-budget")]
    assert "acme/large may cost $0.0105, the request $0.005 at most" in cheaper.because
    assert cheaper.fallbacks == ()
    none = router.route(Request(input_tokens=9_000, output_tokens=100))
    assert (none.model, none.reason, none.fallbacks) == (None, "over-budget", ())
    mine = router.route(Request(input_tokens=1_000, output_tokens=100, max_output_tokens=500, max_cost="0.0019"))
    assert mine.reason == "over-budget"


def test_a_day_and_a_tenant_have_limits_of_their_own(store: BudgetStore, clock: Clock) -> None:
    router = router_of(store, clock, per_day="0.007", per_tenant_per_day="0.004", tenants={"rich": "1"})
    assert [router.route(ASKED).model for _ in range(3)] == ["acme/small", "acme/small", None]
    refused = router.route(ASKED)
    assert refused.because.endswith("acme/small may cost $0.002, and tenant 'acme' has $0.00 left")
    assert router.route(input_tokens=1_000, output_tokens=500, tenant="rich").model == "acme/small"
    of_all = router.route(input_tokens=1_000, output_tokens=500, tenant="rich")
    assert of_all.because.endswith("and the day has $0.001 left")


def test_requests_that_name_no_tenant_share_one_account_that_no_tenant_can_name(clock: Clock) -> None:
    router = router_of(MemoryStore(), clock, per_tenant_per_day="0.002")
    assert router.route(input_tokens=1_000, output_tokens=500).model == "acme/small"
    assert router.route(input_tokens=1_000, output_tokens=500).because.endswith(
        "requests without a tenant has $0.00 left"
    )
    for name in ("-", "=", "/"):
        assert router.route(input_tokens=1_000, output_tokens=500, tenant=name).model == "acme/small"


def test_a_new_day_of_utc_begins_with_a_full_budget(store: BudgetStore) -> None:
    clock = Clock(NOON + DAY / 2 - 1)  # a second before midnight
    router = router_of(store, clock, per_day="0.002")
    before = router.route(ASKED)
    clock.now += 2
    after = router.route(ASKED)
    assert after.model == "acme/small"
    router.settle(before, Usage(input_tokens=1_000, output_tokens=500))
    router.settle(after, Usage(input_tokens=1_000, output_tokens=0))
    # What was reserved before midnight is spent on that day.
    assert router.balance(day="2027-01-15").spent == Usd("0.002")
    assert router.balance(day="2027-01-16").spent == router.balance().spent == Usd("0.001")


def test_settling_twice_counts_once(store: BudgetStore, clock: Clock) -> None:
    router = router_of(store, clock, per_day="1")
    decision = router.route(ASKED)
    first = router.settle(decision, Usage(input_tokens=1_000, output_tokens=150))
    assert router.settle(decision, Usage(input_tokens=9_999, output_tokens=150)) is first
    router.release(decision)
    assert router.balance().spent == Usd("0.0013")


def test_what_was_released_costs_nothing_and_an_answer_that_comes_nevertheless_is_counted(
    store: BudgetStore, clock: Clock
) -> None:
    router = router_of(store, clock, per_day="0.002")
    decision = router.route(ASKED)
    router.release(decision)
    assert (router.balance().spent, router.balance().reserved) == (Usd(0), Usd(0))
    other = router.route(ASKED)
    assert other.model == "acme/small"
    for _ in range(2):
        settled = router.settle(decision, Usage(input_tokens=1_000, output_tokens=150))
        assert settled.counted == Usd("0.0013")
    assert (router.balance().spent, router.balance().reserved) == (Usd("0.0013"), Usd("0.002"))


class Mumbling(MemoryStore):
    """Does what it is told, and is not heard the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()

    def mumble(self, what: str) -> None:
        if what not in self.said:
            self.said.add(what)
            raise BudgetStoreError("not heard")

    def reserve(self, reservation: Reservation) -> Refusal | None:
        answer = super().reserve(reservation)
        self.mumble(f"reserve {reservation.id}" if reservation.id.endswith("+") else "reserve")
        return answer

    def settle(self, reservation: Reservation, pico: Exact) -> bool:
        answer = super().settle(reservation, pico)
        self.mumble(f"settle {reservation.id}")
        return answer


@pytest.mark.parametrize("released", [False, True])
def test_a_store_that_is_not_heard_counts_nothing_twice(released: bool, clock: Clock) -> None:
    router = router_of(Mumbling(), clock, per_day="1")
    with pytest.raises(BudgetStoreError):
        router.route(ASKED)
    decision = router.route(ASKED)
    if released:
        router.release(decision)
    used = Usage(input_tokens=1_000, output_tokens=150)
    for _ in range(2 if released else 1):
        with pytest.raises(BudgetStoreError):
            router.settle(decision, used)
    router.settle(decision, used)
    assert router.balance().spent == Usd("0.0013")


def test_a_response_that_never_settles_holds_its_money_only_for_a_while(clock: Clock) -> None:
    router = router_of(MemoryStore(), clock, per_day="0.002", reserved_for=60)
    never = router.route(ASKED)
    clock.now += 59
    assert router.route(ASKED).reason == "over-budget"
    clock.now += 1
    again = router.route(ASKED)
    assert again.model == "acme/small"
    # It does answer, an hour late: counted, once.
    clock.now += 3_600
    late = router.settle(never, Usage(input_tokens=1_000, output_tokens=500))
    assert late.was_late
    assert router.balance().spent == Usd("0.002")
    assert not router.settle(again, Usage(input_tokens=0, output_tokens=0)).beyond_reservation


def test_fractions_of_a_pico_dollar_are_never_lost(store: BudgetStore, clock: Clock) -> None:
    router = router_of(store, clock, THIRDS, per_day="1")
    total = Fraction(0)
    for sent in range(1, 30):
        decision = router.route(input_tokens=sent, output_tokens=1, max_output_tokens=2)
        assert decision.reserved >= decision.worst_cost  # type: ignore[operator]  # both are known
        router.settle(decision, Usage(input_tokens=sent, output_tokens=1))
        total += Fraction(sent, 3) + Fraction(2, 7)
    assert router.balance().spent.as_fraction() == total / 1_000_000


def test_a_cost_beyond_the_reservation_is_counted_and_told(store: BudgetStore, clock: Clock) -> None:
    """A cache write costs more than fresh input, and some models think beyond the limit: books follow what was."""
    router = router_of(store, clock, per_day="0.002")
    settled = router.settle(router.route(ASKED), Usage(input_tokens=1_000, output_tokens=700))
    assert settled.beyond_reservation == Usd("0.0004")
    assert router.balance().spent == Usd("0.0024")
    assert router.route(ASKED).because.endswith("the day has $0.00 left")


def test_a_model_whose_price_is_unknown_is_no_choice_where_a_budget_is_kept(clock: Clock) -> None:
    unknown = SMALL.with_(id="acme/unpriced", usd_per_mtok={"input_tokens": "1.00"})
    decision = router_of(MemoryStore(), clock, unknown, per_day="1").route(ASKED)
    assert decision.reason == "over-budget"
    assert "nobody states what acme/unpriced costs" in decision.because
    assert Router([unknown]).route(ASKED).expected_cost is None


@pytest.mark.parametrize("jump", [-1.0, -3_600.0, -DAY, -365 * DAY])
def test_a_clock_that_goes_back_gives_no_money_back(jump: float, clock: Clock) -> None:
    """Neither what was spent, nor what is reserved; and what was spent on the day before counts there."""
    router = router_of(MemoryStore(), clock, per_day="0.002", reserved_for=60)
    settled = router.route(ASKED)
    router.settle(settled, Usage(input_tokens=1_000, output_tokens=0))
    clock.now += jump
    if int(clock.now // DAY) == int(NOON // DAY):
        assert router.route(ASKED).reason == "over-budget"
    else:
        other_day = router.route(ASKED)
        assert other_day.model == "acme/small"
        assert router.route(ASKED).reason == "over-budget"
    clock.now = NOON
    assert router.balance().spent == Usd("0.001")
    assert router.route(ASKED).reason == "over-budget"


def test_a_reservation_made_before_the_clock_went_back_still_holds_and_still_settles(clock: Clock) -> None:
    router = router_of(MemoryStore(), clock, per_day="0.002", reserved_for=60)
    decision = router.route(ASKED)
    clock.now -= 3_600
    assert router.route(ASKED).reason == "over-budget"
    assert not router.settle(decision, Usage(input_tokens=1_000, output_tokens=0)).was_late
    assert (router.balance().spent, router.balance().reserved) == (Usd("0.001"), Usd(0))


def test_memory_per_tenant_is_bounded(clock: Clock) -> None:
    """A tenant is one number a day, for three days, whatever it asks for; calls that never settle are capped."""
    store = MemoryStore(max_unsettled=100)
    router = router_of(store, clock, per_tenant_per_day="1000000", reserved_for=60)

    def held() -> tuple[int, int, int, int]:
        days = store._days.values()
        return (
            sum(len(day.accounts) for day in days),
            sum(len(day.open) for day in days),
            sum(len(day.expiring) for day in days),
            sum(len(day.expired) for day in days),
        )

    for _ in range(3_000):
        router.settle(router.route(ASKED), Usage(input_tokens=1, output_tokens=1))
    accounts, open_, expiring, expired = held()
    assert (accounts, open_, expired) == (1, 0, 0)
    assert expiring <= 65
    for _ in range(10):
        for _ in range(50):
            router.route(ASKED)  # nobody settles these
        clock.now += 60
    router.balance("acme")
    accounts, open_, expiring, expired = held()
    assert (accounts, open_, expiring, expired) == (1, 0, 0, 100)
    for _ in range(10):
        clock.now += DAY
        router.route(ASKED)
    assert held()[0] <= 3


def test_a_late_answer_that_was_forgotten_is_counted_all_the_same(clock: Clock) -> None:
    router = router_of(MemoryStore(max_unsettled=1), clock, per_day="1", reserved_for=60)
    early = [router.route(ASKED) for _ in range(3)]
    clock.now += 60
    router.route(ASKED)
    for decision in early:
        router.settle(decision, Usage(input_tokens=1_000, output_tokens=0))
    assert router.balance().spent == Usd("0.003")


def test_a_decision_without_a_model_reserves_nothing_and_settles_nothing(clock: Clock) -> None:
    router = router_of(MemoryStore(), clock, per_day="0.001")
    decision = router.route(ASKED)
    assert (decision.model, decision.reserved, decision.expected_cost, decision.worst_cost) == (None,) * 4
    with pytest.raises(InvalidValueError, match="chose no model"):
        router.settle(decision, Usage(input_tokens=1, output_tokens=1))
    with pytest.raises(InvalidValueError, match="chose no model"):
        router.failed(decision)


def test_a_call_that_was_made_although_no_model_was_chosen_is_counted_once(store: BudgetStore, clock: Clock) -> None:
    router = router_of(store, clock, per_day="0.001", per_tenant_per_day="1")
    decision = router.route(Request(input_tokens=1_000, output_tokens=1_000, tenant="acme"))
    assert (decision.model, decision.reason) == (None, "over-budget")
    used = Usage(input_tokens=1_000, output_tokens=500)
    for _ in range(2):
        settled = router.settle(decision, used, model="acme/small")
        assert settled.counted == settled.cost.total == Usd("0.002")
        assert settled.beyond_reservation == Usd("0.002")
        for whose in (None, "acme"):
            assert router.balance(whose) == Balance(spent=Usd("0.002"), reserved=Usd(0))


def test_a_reading_is_settled_as_it_is() -> None:
    """What an adapter has read is not read again: neither the cached tokens nor the tier get lost."""
    router = Router(["gpt-4.1-mini"], budget=Budget(per_day="1"))
    used = Usage(input_tokens=1_000, cache_read_tokens=900, output_tokens=100)
    for tier in (None, "standard", "priority"):
        reading = Reading(usage=used, model="gpt-4.1-mini", service_tier=tier, provider="openai")
        settled = router.settle(router.route(input_tokens=1_000, output_tokens=100), reading)
        assert settled.usage is used
        assert settled.cost.total == cost("gpt-4.1-mini", used, service_tier=tier).total
    assert cost("gpt-4.1-mini", used, service_tier="priority").total != cost("gpt-4.1-mini", used).total


@pytest.mark.parametrize("times", [{"response_ms": -1}, {"response_ms": 100, "ttft_ms": 101}, {"ttft_ms": "soon"}])
def test_a_time_that_cannot_be_meant_is_refused_before_anything_is_counted(
    times: dict[str, object], clock: Clock
) -> None:
    router = router_of(MemoryStore(), clock, per_day="1")
    decision = router.route(ASKED)
    with pytest.raises((InvalidTypeError, InvalidValueError), match=next(reversed(times))):
        router.settle(decision, Usage(input_tokens=1, output_tokens=1), **times)  # type: ignore[arg-type]  # the point
    assert (decision.state, router.balance()) == ("open", Balance(spent=Usd(0), reserved=decision.reserved))


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"per_day": "-1"}, "per_day is -\\$1.00; nothing costs less than nothing"),
        ({"per_request": True}, "is True of type bool"),
        ({"per_tenant_per_day": "much"}, "'much', which is not a number"),
        ({"tenants": {"a": float("nan")}}, "nan"),
        ({"tenants": {"": "1"}}, "a tenant is ''"),
        ({"tenants": ["a"]}, "tenants are \\['a'\\]"),
        ({"reserved_for": 0}, "reserved_for is 0"),
    ],
)
def test_a_budget_that_cannot_be_meant_is_refused(stated: dict[str, object], problem: str) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=problem):
        Budget(**stated)  # type: ignore[arg-type]  # that is the point


def test_a_balance_that_is_not_kept_is_an_error(clock: Clock) -> None:
    router = router_of(MemoryStore(), clock, per_day="1")
    with pytest.raises(InvalidValueError, match="keeps no budget per_tenant_per_day"):
        router.balance("acme")


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500, 503, 529])
def test_a_call_that_failed_before_anything_was_generated_gives_its_money_back(status: int, clock: Clock) -> None:
    router = router_of(MemoryStore(), clock, per_day="1")
    router.failed(router.route(ASKED), status=status)
    assert router.balance().reserved == Usd(0)


@pytest.mark.parametrize("status", [None, 408, 499, 504])
def test_a_call_that_nobody_answered_in_time_may_have_cost_something(status: int | None, clock: Clock) -> None:
    router = router_of(MemoryStore(), clock, per_day="1")
    router.failed(router.route(ASKED), status=status)
    assert router.balance().reserved == Usd("0.002")
    clock.now += 600
    assert router.balance().reserved == Usd(0)
