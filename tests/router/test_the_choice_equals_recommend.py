"""The router's choice equals ``recommend()``'s for the same question, over random requests, policies and caps."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from router_worlds import LARGE, SMALL

import policies as drawn
from llm_tradeoffs import Caps, Catalog, Model, Policy, Recommendation, Workload, assess, recommend
from llm_tradeoffs.policy import Condition, Outcome, Question
from llm_tradeoffs.router import Request, Router
from strategies import candidates, requirements, with_requirement, workloads

ABILITIES = ("offered", "context", "output_limit", "vision", "tools", "batch", "structured_output")
TOKENS = st.sampled_from([0, 1, 50, 60, 100, 150, 200, 300, 700, 701, 8_000])


def able(models: list[Model], workload: Workload, catalog: Catalog) -> list[Model]:
    """Those who are known to be able to do one request of *workload*."""
    found: list[Model] = []
    for model in models:
        verdicts = [assess(model, workload, catalog=catalog, as_of=catalog.as_of).verdict(name) for name in ABILITIES]
        if all(verdict is None or verdict.answer == "met" for verdict in verdicts):
            found.append(model)
    return found


def first_of(answer: Recommendation) -> str | None:
    """Who is taken: of those that tie the first, which costs least."""
    return answer.chosen or (answer.tied[0] if answer.tied else None)


def order_of(answer: Recommendation) -> list[str]:
    return [candidate.model for candidate in answer.candidates if candidate.rank is not None]


REASONS = {
    "selected": "chosen",
    "tie": "tie-broken",
    "infeasible": "none-can",
    "needs_information": "needs-information",
}


@st.composite
def caps(draw: st.DrawFn, workload: Workload) -> Caps:
    most = st.sampled_from([None, None, None, "0", "0.0001", "0.0005", "0.01", "1/3000"])
    per_month = draw(most) if workload.volume_basis is not None else None
    return Caps(cost_per_request=draw(most), cost_per_month=per_month)


@given(st.data())
def test_the_choice_equals_recommends_for_the_policies_of_the_library(data: st.DataObject) -> None:
    """The guide and the expected-cost objective require all abilities themselves, so nothing has to be left out."""
    workload = data.draw(workloads())
    models = data.draw(candidates())
    limits = data.draw(caps(workload))
    asked: Any = data.draw(st.sampled_from([{"policy": "guide"}, {"objective": "expected-cost"}]))
    expected = recommend(workload, models, caps=limits, **asked)
    router = Router(models, caps=limits, **asked)
    decision = router.route(
        input_tokens=int(workload.input_tokens), output_tokens=int(workload.output_tokens), workload=workload
    )
    note(f"{workload!r}\n{models!r}\n{decision!r}")
    assert decision.model == first_of(expected)
    assert decision.reason == REASONS[expected.status]
    if decision.model is not None:
        assert [decision.model, *decision.fallbacks] == order_of(expected)
        assert decision.expected_cost == expected.candidate(decision.model).figures.cost_per_request
        # Asked with another of the best ones left out, the next one follows.
        assert decision.rule == [step.id for step in expected.trace if step.kind == "question" and step.asked][-1]


@st.composite
def plain_requests(draw: st.DrawFn) -> dict[str, Any]:
    """Requests as applications make them, without turns, shares and documents: those that are compiled."""
    described: dict[str, Any] = {
        "input_tokens": draw(TOKENS),
        "output_tokens": draw(TOKENS),
        "task": draw(st.sampled_from([None, "math", "code"])),
        "priority": draw(st.sampled_from(["balanced", "balanced", "cost", "accuracy"])),
        "error_cost": draw(st.sampled_from([None, None, "0", "0.01", "1/3"])),
    }
    for requirement in draw(st.lists(requirements(), max_size=2)):
        if "longest_tokens" not in requirement:
            described = with_requirement(described, requirement)
    return described


@given(st.data())
def test_the_choice_equals_recommends_among_those_that_can_do_the_request(data: st.DataObject) -> None:
    """
    For any policy, also one that requires nothing, and for answers that are given more room than is expected:
    the choice is ``recommend()``'s among the candidates that can do the request with the room that is reserved.
    """
    described = data.draw(plain_requests())
    reserved = data.draw(st.sampled_from([None, described["output_tokens"], described["output_tokens"] + 100, 300]))
    if reserved is not None:
        reserved = max(reserved, described["output_tokens"])
    models = data.draw(st.one_of(candidates(most=4), drawn.fields()))
    catalog = drawn.small_catalog()
    policy = data.draw(drawn.policies())
    workload = Workload(**described)
    limits = data.draw(caps(workload))
    router = Router(models, policy=policy, catalog=catalog, caps=limits)
    stated = {name: value for name, value in described.items() if value is not None}
    # Asked twice: what is worked out for the first request answers the second.
    requests = [
        Request(**{**stated, "input_tokens": sent}, max_output_tokens=reserved)
        for sent in data.draw(st.lists(TOKENS, min_size=1, max_size=3))
    ]
    for request in requests:
        work = workload.with_(input_tokens=request.input_tokens)
        most = work.with_(output_tokens=work.output_tokens if reserved is None else reserved)
        expected = recommend(work, able(models, most, catalog), policy, catalog, caps=limits)
        decision = router.route(request)
        note(f"{request!r}\n{policy!r}\n{models!r}\n{decision!r}")
        assert decision.model == first_of(expected)
        if decision.model is not None:
            assert decision.reason == REASONS[expected.status]
            assert [decision.model, *decision.fallbacks] == order_of(expected)
            assert decision.expected_cost == expected.candidate(decision.model).figures.cost_per_request


def test_a_cap_per_month_without_any_requests_still_asks_for_a_price() -> None:
    """Nothing times an unknown price is unknown, as ``recommend`` has it."""
    unpriced = Model("acme/unpriced", context_window=10_000, ttft=1)
    known = Model("acme/priced", usd_per_mtok=("1", "1"), context_window=10_000)
    work = Workload(input_tokens=100, output_tokens=100, requests_per_month=0, priority="cost")
    limits = Caps(cost_per_month="1")
    expected = recommend(work, [unpriced, known], caps=limits)
    decision = Router([unpriced, known], caps=limits).route(input_tokens=100, output_tokens=100, workload=work)
    assert [decision.model, *decision.fallbacks] == order_of(expected) == ["acme/priced"]


@pytest.mark.parametrize("name", ["input_tokens", "longest_tokens", "output_tokens"])
@pytest.mark.parametrize("operator", ["above", "at_least", "below", "at_most"])
@pytest.mark.parametrize("bound", [100, Fraction(201, 2)])
@pytest.mark.parametrize("order", [1, -1])
def test_an_answer_changes_at_its_threshold_whatever_was_asked_before(
    name: str, operator: str, bound: Any, order: int
) -> None:
    """What was worked out for one length answers only for lengths with the same answers."""
    asked = Condition(kind="test", input=name, operator=operator, operand=bound)
    tree = Policy(
        id="one",
        title="One question",
        questions=(
            Question(id="q", text="?", when=asked, yes=Outcome(rank_by=("cost",)), no=Outcome(rank_by=("quality",))),
        ),
    )
    router = Router([SMALL, LARGE], policy=tree)
    chosen: set[str | None] = set()
    for number in range(97, 105)[::order]:
        sent, said = (50, number) if name == "output_tokens" else (number, 50)
        expected = recommend(Workload(input_tokens=sent, output_tokens=said), [SMALL, LARGE], tree).chosen
        assert router.route(input_tokens=sent, output_tokens=said).model == expected
        chosen.add(expected)
    assert chosen == {"acme/small", "acme/large"}


@pytest.mark.parametrize("how", [{"policy": "guide"}, {"objective": "expected-cost"}])
def test_a_limit_on_the_time_is_met_up_to_the_last_token_that_comes_in_time(how: dict[str, Any]) -> None:
    slow = SMALL.with_(id="acme/slow", usd_per_mtok=("0.50", "1.00"), output_tokens_per_second=10)
    router = Router([slow, SMALL], **how)
    chosen: list[str | None] = []
    for said in range(45, 55):
        work = Workload(input_tokens=100, output_tokens=said, max_response_ms=5_200)
        answer = router.route(input_tokens=100, output_tokens=said, max_response_ms=5_200)
        assert answer.model == first_of(recommend(work, [slow, SMALL], **how))
        chosen.append(answer.model)
    assert chosen == ["acme/slow"] * 6 + ["acme/small"] * 4  # 200 ms, and 50 tokens at 10 a second


def test_who_cannot_do_the_request_makes_no_tie() -> None:
    """Not even a candidate without a price, which nobody can be known to beat."""
    unpriced = Model("acme/unpriced", context_window=500, ttft=100, scores={"mmlu": "95 %"})
    router = Router([SMALL, unpriced])
    for sent, reason in ((100, "tie-broken"), (1_000, "chosen")):
        expected = recommend(Workload(input_tokens=sent, output_tokens=100), [SMALL, unpriced])
        decision = router.route(input_tokens=sent, output_tokens=100)
        assert (decision.model, decision.reason) == (first_of(expected), REASONS[expected.status])
        assert decision.reason == reason


@pytest.mark.parametrize("policy", ["guide", "article"])
def test_the_choice_equals_recommends_for_every_preset(policy: str, bundled: Catalog) -> None:
    """Over the candidates of the catalog; the article's tree requires nothing, so those that cannot are left out."""
    models = list(bundled.models(names=bundled.default_candidates))
    router = Router(policy=policy)
    for workload in bundled.presets:
        expected = recommend(workload, able(models, workload, bundled), policy)
        sent, said = int(workload.input_tokens), int(workload.output_tokens)
        decision = router.route(input_tokens=sent, output_tokens=said, workload=workload.name)
        assert decision.model == first_of(expected), workload.name


def test_the_choice_equals_recommends_over_the_whole_market(bundled: Catalog) -> None:
    """Every model of the catalog at once, thresholds, windows of price and unknown prices included."""
    models = [model for model in bundled.models() if model.rates]
    router = Router(models, objective="expected-cost")
    for sent in (1, 1_000, 128_000, 200_000, 200_001, 272_001, 900_000):
        for error_cost in (None, "0.05"):
            workload = Workload(input_tokens=sent, output_tokens=700, task="math", error_cost=error_cost)
            expected = recommend(workload, models, objective="expected-cost")
            decision = router.route(input_tokens=sent, output_tokens=700, task="math", error_cost=error_cost)
            assert (decision.model, decision.reason) == (first_of(expected), REASONS[expected.status])
