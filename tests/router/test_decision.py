"""What a decision says: for a log, for a trace, for a person; and what the call really cost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from router_worlds import LARGE, SMALL, Clock

from llm_tradeoffs import Caps, Catalog, InvalidTypeError, InvalidValueError, UnknownNameError, Usage, Usd
from llm_tradeoffs.errors import UnknownPriceError
from llm_tradeoffs.router import REASONS, Budget, Request, Router

ASKED = Request(input_tokens=1_000, output_tokens=100, max_output_tokens=500, tenant="acme", session="talk-1")


def test_a_decision_is_a_log_record(clock: Clock) -> None:
    router = Router([SMALL, LARGE], budget=Budget(per_tenant_per_day="1"), clock=clock)
    decision = router.route(ASKED)
    record = json.loads(json.dumps(decision.to_dict()))
    assert record == decision.to_dict()
    assert record["model"] == "acme/small"
    assert record["fallbacks"] == ["acme/large"]
    assert record["reason"] in REASONS
    assert record["rule"] == "responsiveness"
    assert (record["expected_cost_usd"], record["worst_cost_usd"], record["reserved_usd"]) == (
        "0.0012",
        "0.002",
        "0.002",
    )
    assert len(record["facts_hash"]) == 64


def test_a_decision_is_a_set_of_attributes_of_opentelemetry(clock: Clock) -> None:
    """Flat, of the types that attributes can have, and by the names that the conventions define where they do."""
    router = Router([SMALL, LARGE], clock=clock)
    decision = router.route(ASKED)
    settled = router.settle(decision, Usage(input_tokens=1_000, output_tokens=90))
    for attributes in (decision.otel_attributes(), settled.otel_attributes()):
        for name, value in attributes.items():
            assert name.startswith(("gen_ai.", "llm_tradeoffs."))
            assert isinstance(value, str | int) or (
                isinstance(value, tuple) and all(type(each) is str for each in value)
            )
    assert decision.otel_attributes()["gen_ai.request.model"] == "acme/small"
    assert settled.otel_attributes()["gen_ai.usage.output_tokens"] == 90
    joined = "llm_tradeoffs.decision.id"
    assert decision.otel_attributes()[joined] == settled.otel_attributes()[joined] == decision.id


def test_attributes_have_the_names_of_the_conventions() -> None:
    conventions = pytest.importorskip(
        "opentelemetry.semconv._incubating.attributes.gen_ai_attributes",
        reason="the semantic conventions of OpenTelemetry are not installed",
    )
    names = {
        value for name, value in vars(conventions).items() if name.startswith("GEN_AI_") and isinstance(value, str)
    }
    router = Router([SMALL])
    decision = router.route(ASKED)
    settled = router.settle(decision, Usage(input_tokens=1, output_tokens=1))
    ours = {*decision.otel_attributes(), *settled.otel_attributes()}
    assert {name for name in ours if name.startswith("gen_ai.")} <= names


def test_equal_questions_have_equal_answers_and_ids_of_their_own(clock: Clock) -> None:
    """A decision is a function of the facts and the request; only its id is new."""
    one, other = Router([SMALL, LARGE], clock=clock), Router([LARGE, SMALL], clock=clock)
    first, second = one.route(ASKED).to_dict(), other.route(ASKED).to_dict()
    assert first.pop("id") != second.pop("id")
    assert first.pop("facts_hash") != second.pop("facts_hash")  # candidates were named in another order
    assert first == second
    assert len({one.route(ASKED).id for _ in range(1_000)}) == 1_000


def test_the_facts_hash_changes_with_the_facts(bundled: Catalog, article: Catalog) -> None:
    names = ["gpt-4.1-mini", "claude-haiku-4.5"]
    hashes = {
        Router(names).facts_hash,
        Router(names, catalog=article).facts_hash,
        Router(names, as_of="2026-03-15").facts_hash,
        Router(names, objective="expected-cost").facts_hash,
        Router(names, caps=Caps(cost_per_request="1")).facts_hash,
        Router([*names, SMALL]).facts_hash,
        Router([*names, SMALL.with_(ttft=201)]).facts_hash,
    }
    assert len(hashes) == 7
    assert Router(names).facts_hash == Router(names, catalog=bundled).facts_hash


def test_facts_are_swapped_and_decisions_keep_those_they_were_made_with(bundled: Catalog) -> None:
    cheaper = bundled.with_model(bundled.model("gpt-4.1-mini").with_(usd_per_mtok=("0.04", "0.16")), replace=True)
    router = Router(["gpt-4.1-mini"], budget=Budget(per_day="1"))
    before = router.route(ASKED)
    old = router.facts_hash
    router.swap(cheaper)
    after = router.route(ASKED)
    assert (before.facts_hash, after.facts_hash) == (old, router.facts_hash)
    assert (before.expected_cost, after.expected_cost) == (Usd("0.00056"), Usd("0.000056"))
    used = Usage(input_tokens=1_000, output_tokens=100)
    assert router.settle(before, used).difference == Usd(0)
    assert router.settle(after, used).difference == Usd(0)


def test_facts_that_will_not_do_are_not_swapped_in(bundled: Catalog) -> None:
    router = Router(["gpt-4.1-mini"])
    before = router.facts_hash
    with pytest.raises(LookupError):
        router.swap(bundled, as_of="2019-01-01")
    with pytest.raises(InvalidTypeError):
        router.swap("tomorrow's")  # type: ignore[arg-type]  # that is the point
    assert router.facts_hash == before
    assert router.route(ASKED).model == "gpt-4.1-mini"


OPENAI = {
    "object": "chat.completion",
    "model": "gpt-4.1-mini-2025-04-14",
    "choices": [],
    "usage": {
        "prompt_tokens": 1_000,
        "completion_tokens": 100,
        "total_tokens": 1_100,
        "prompt_tokens_details": {"cached_tokens": 800},
    },
}
ANTHROPIC = {
    "type": "message",
    "model": "claude-haiku-4-5",
    "usage": {"input_tokens": 200, "cache_read_input_tokens": 800, "output_tokens": 100},
}


@pytest.mark.parametrize(
    ("used", "model", "cost"),
    [
        (Usage(input_tokens=1_000, output_tokens=100), "gpt-4.1-mini", "0.00056"),
        ({"input_tokens": 1_000, "output_tokens": 100, "cache_read_tokens": 800}, "gpt-4.1-mini", "0.00032"),
        (OPENAI, "gpt-4.1-mini", "0.00032"),
        # Somebody else answered than was chosen, and the response says so.
        (ANTHROPIC, "claude-haiku-4.5", "0.00078"),
    ],
)
def test_a_call_is_settled_with_whatever_says_what_it_used(used: Any, model: str, cost: str) -> None:
    router = Router(["gpt-4.1-mini", "claude-haiku-4.5"])
    decision = router.route(ASKED)
    assert decision.model == "gpt-4.1-mini"
    settled = router.settle(decision, used)
    assert (settled.model, settled.cost.total) == (model, Usd(cost))
    record = json.loads(json.dumps(settled.to_dict()))
    assert (record["decision_id"], record["predicted_model"], record["model"]) == (decision.id, "gpt-4.1-mini", model)
    assert record["cost"]["total_usd"] == cost
    assert settled.counted is None  # no budget is kept
    assert str(settled) == f"${cost} on {model}, $0.00056 was expected"


def test_who_answered_may_be_said(clock: Clock) -> None:
    router = Router(["gpt-4.1-mini", SMALL])
    used = Usage(input_tokens=1_000, output_tokens=100)
    assert router.settle(router.route(ASKED), used, model="acme/small").cost.total == Usd("0.0012")
    assert router.settle(router.route(ASKED), used, model="claude-haiku-4.5").cost.total == Usd("0.0015")
    with pytest.raises(UnknownNameError):
        router.settle(router.route(ASKED), used, model="acme/nobody")


def test_a_response_of_a_name_that_nobody_knows_is_priced_as_the_chosen_model() -> None:
    """Also if the catalog knows the name: a candidate with prices of one's own answers by its list name, too."""
    router = Router([SMALL])
    for name in ("deployment-7", "gpt-4.1-mini"):
        assert router.settle(router.route(ASKED), {**OPENAI, "model": name}).model == "acme/small"


def test_a_response_may_call_a_candidate_by_one_of_its_aliases() -> None:
    mine = SMALL.with_(id="ours/mini", aliases=("gpt-4.1-mini-2025-04-14",))
    router = Router([SMALL, mine])
    assert router.settle(router.route(ASKED), OPENAI).model == "ours/mini"
    twice = Router([mine, "gpt-4.1-mini"])
    decision = twice.route(ASKED)
    assert twice.settle(decision, OPENAI).model == decision.model  # which of the two is not sure


def test_what_cannot_be_read_or_priced_settles_nothing_and_may_be_settled_again() -> None:
    router = Router([SMALL], budget=Budget(per_day="1"))
    decision = router.route(ASKED)
    for wrong in (None, "1,100 tokens", {"tokens": 5}, {"input_tokens": 5}, {}):
        with pytest.raises((InvalidTypeError, InvalidValueError)):
            router.settle(decision, wrong)
    with pytest.raises(UnknownPriceError, match="web_searches"):
        router.settle(decision, Usage(input_tokens=1_000, output_tokens=100, web_searches=1))
    with pytest.raises(InvalidTypeError, match="expected the Decision"):
        router.settle("talk-1", Usage(input_tokens=1, output_tokens=1))  # type: ignore[arg-type]  # that is the point
    assert decision.state == "open"
    assert router.balance().reserved == Usd("0.002")
    router.settle(decision, Usage(input_tokens=1_000, output_tokens=100))
    assert (router.balance().spent, router.balance().reserved) == (Usd("0.0012"), Usd(0))


def test_a_price_that_is_only_known_as_an_interval_is_counted_at_its_upper_end() -> None:
    """A tier without a published cache price: the budget takes the worse."""
    from llm_tradeoffs import Price, RateCard

    card = RateCard(
        [
            Price(meter="input_tokens", usd=Usd(2)),
            Price(meter="output_tokens", usd=Usd(4)),
            Price(meter="cache_read_tokens", usd=Usd(1)),
            Price(meter="input_tokens", usd=Usd(1), service_tier="flex"),
            Price(meter="output_tokens", usd=Usd(2), service_tier="flex"),
        ]
    )
    router = Router([SMALL.with_(usd_per_mtok=card)], budget=Budget(per_day="1"))
    response = {**OPENAI, "model": "acme/small", "service_tier": "flex"}
    settled = router.settle(router.route(ASKED), response)
    assert not settled.cost.is_exact
    assert settled.counted == settled.cost.high == router.balance().spent
    assert settled.cost.low < settled.cost.high


def test_every_reason_has_a_meaning_and_a_decision_says_it() -> None:
    router = Router([SMALL, LARGE], objective="expected-cost")
    decision = router.route(ASKED)
    assert str(decision) == "acme/small (expected $0.0012, $0.002 at most): the policy puts it first"
    assert repr(decision) == f"<Decision {decision.id}: acme/small (chosen)>"
    assert repr(router).startswith("<Router: acme/small, acme/large (policy expected-cost, as of ")


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"candidates": "gpt-4.1-mini"}, "expected several"),
        ({"candidates": ["gpt-4.1-mini", "gpt-4.1-mini"]}, "is named twice"),
        ({"candidates": ["gpt-9"]}, "no model is named 'gpt-9'"),
        ({"budget": "20"}, "budget is '20'"),
        ({"store": object()}, "expected a BudgetStore"),
        ({"policy": "article", "objective": "expected-cost"}, "State one of them"),
        ({"policy": "folklore"}, "no policy is named 'folklore'"),
    ],
)
def test_a_router_that_cannot_be_meant_is_refused(stated: dict[str, Any], problem: str) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError, UnknownNameError), match=problem):
        Router(**stated)


def test_a_cap_per_month_needs_a_volume() -> None:
    router = Router([SMALL], caps=Caps(cost_per_month="5"))
    with pytest.raises(InvalidValueError, match="states no volume"):
        router.route(ASKED)


def test_awaiting_gives_the_same_answer(clock: Clock) -> None:
    import asyncio

    router = Router([SMALL, LARGE], clock=clock, budget=Budget(per_day="1"))

    async def main() -> None:
        decision = await router.aroute(ASKED)
        other = router.route(ASKED)
        said, same = decision.to_dict(), other.to_dict()
        del said["id"], same["id"]
        assert said == same
        used = Usage(input_tokens=1_000, output_tokens=100)
        assert (await router.asettle(decision, used)).cost == router.settle(other, used).cost
        assert (await router.abalance()).spent == router.balance().spent == Usd("0.0024")

    asyncio.run(main())
    plain = Router([SMALL], clock=clock)
    assert asyncio.run(plain.aroute(input_tokens=1, output_tokens=1)).model == "acme/small"
