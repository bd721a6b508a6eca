"""The router never picks a model that cannot do the request, and says who comes nearest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from router_worlds import LARGE, SMALL

from llm_tradeoffs import Catalog, Model, Policy
from llm_tradeoffs.router import Nearest, Request, Router
from strategies import candidates

NEEDS = ("vision", "tools", "batch", "structured_output")
POLICIES: list[Any] = [{"policy": "guide"}, {"policy": "article"}, {"objective": "expected-cost"}]


@given(
    models=candidates(),
    how=st.sampled_from(POLICIES),
    sent=st.sampled_from([0, 1, 700, 701, 8_000, 199_700, 199_701]),
    said=st.sampled_from([0, 1, 149, 150, 300]),
    extra=st.sampled_from([0, 1, 150, 64_000]),
    doubt=st.sampled_from([0, 1, 300]),
    needs=st.sets(st.sampled_from(NEEDS), max_size=2),
)
def test_the_router_never_picks_a_model_that_cannot_do_the_request(
    *, models: list[Model], how: dict[str, Any], sent: int, said: int, extra: int, doubt: int, needs: set[str]
) -> None:
    """The window must hold the input at its most and the output that is reserved; what is unknown is no yes."""
    router = Router(models, **how)
    day = Catalog.bundled().as_of
    decision = router.route(
        input_tokens=sent,
        max_input_tokens=sent + doubt,
        output_tokens=said,
        max_output_tokens=said + extra,
        needs=needs,
    )
    for name in ([decision.model] if decision.model else []) + list(decision.fallbacks):
        model = next(each for each in models if each.id == name)
        assert model.context_window is not None
        assert sent + doubt + said + extra <= model.context_window
        assert model.max_output_tokens is None or said + extra <= model.max_output_tokens
        assert all(getattr(model, f"supports_{need}") is True for need in needs)
        assert model.retires_on is None or model.retires_on > day


def test_the_reserved_output_counts_in_the_window() -> None:
    router = Router([SMALL, LARGE], objective="expected-cost")
    assert router.route(input_tokens=9_000, output_tokens=100, max_output_tokens=1_000).model == "acme/small"
    assert router.route(input_tokens=9_000, output_tokens=100, max_output_tokens=1_001).model == "acme/large"
    assert router.route(input_tokens=100, output_tokens=100, max_output_tokens=2_001).model == "acme/large"
    # An estimate counts at its upper end.
    assert router.route(input_tokens=8_000, max_input_tokens=9_901, output_tokens=100).model == "acme/large"


def test_when_no_candidate_can_the_nearest_is_named_and_the_model_that_could() -> None:
    decision = Router([SMALL, LARGE]).route(input_tokens=200_000, output_tokens=500, needs={"vision"})
    assert (decision.model, decision.reason, decision.fallbacks) == (None, "none-can", ())
    near = decision.nearest
    assert isinstance(near, Nearest)
    assert near.candidate == "acme/large"  # it lacks one thing, the other one two
    assert near.lacks == ("needs 200,500 tokens, the window is 100,000: needs 3 chunks",)
    assert near.could is not None
    could = Catalog.bundled().model(near.could)
    assert could.context_window is not None
    assert could.context_window >= 200_500
    assert could.supports_vision
    assert str(decision) == f"no model: no candidate can do the request: {near}"
    assert decision.to_dict()["nearest"]["could"] == near.could


def test_without_candidates_the_model_that_could_is_named_too() -> None:
    decision = Router([]).route(input_tokens=1, output_tokens=1)
    assert decision.reason == "none-can"
    assert decision.nearest is not None
    assert decision.nearest.candidate is None
    assert str(decision.nearest).startswith("there are no candidates; ")


@pytest.mark.parametrize(
    ("model", "request_", "lacks"),
    [
        (SMALL.with_(context_window=None), {}, "the context window of acme/small is unknown"),
        (SMALL.with_(supports_vision=None), {"needs": {"vision"}}, "whether acme/small supports vision is unknown"),
        (SMALL.with_(supports_tools=None), {"needs": {"tools"}}, "whether acme/small supports tools is unknown"),
        (SMALL.with_(ttft=None), {"max_ttft_ms": 900}, "the time to first token is unknown"),
        (SMALL.with_(ttft=None), {"max_response_ms": 90_000}, "the response time is unknown"),
        (SMALL, {"languages": {"japanese"}}, "nobody says how acme/small handles japanese"),
    ],
)
def test_an_ability_that_nobody_states_is_not_taken_for_granted(
    model: Model, request_: dict[str, Any], lacks: str
) -> None:
    """Unless somebody says that it may be."""
    decision = Router([model]).route(input_tokens=100, output_tokens=100, **request_)
    assert (decision.model, decision.reason) == (None, "needs-information")
    assert decision.nearest is not None
    assert decision.nearest.lacks == (lacks,)
    accepted = Router([model], accept_unknown=True).route(input_tokens=100, output_tokens=100, **request_)
    assert accepted.model == "acme/small"


def test_a_choice_that_hangs_on_what_nobody_states_says_so() -> None:
    """All can do it, the policy ranks by the share of right answers, and nobody has a score."""
    models = [SMALL.with_(scores={}), LARGE.with_(scores={})]
    decision = Router(models).route(input_tokens=100, output_tokens=100, priority="accuracy")
    assert (decision.model, decision.reason) == (None, "needs-information")
    assert decision.nearest is not None
    assert decision.nearest.lacks == ("nobody states the share of right answers of any candidate that can do it",)
    assert Router(models, accept_unknown=True).route(
        input_tokens=100, output_tokens=100, priority="accuracy"
    ).model == ("acme/small")


def test_accepting_the_unknown_does_not_accept_what_is_known_to_lack() -> None:
    blind = SMALL.with_(context_window=None)
    router = Router([blind], accept_unknown=True)
    assert router.route(input_tokens=10**9, output_tokens=1).model == "acme/small"
    assert router.route(input_tokens=1, output_tokens=1, needs={"vision"}).reason == "none-can"
    slow = SMALL.with_(ttft=None, typical_output_tokens_per_second=10)
    asked = Request(input_tokens=100, output_tokens=1_000, max_response_ms=5_000)
    assert Router([SMALL], accept_unknown=True).route(asked).reason == "none-can"
    assert Router([slow], accept_unknown=True).route(asked).model == "acme/small"


def test_a_retired_model_is_not_picked_whatever_the_policy_asks(bundled: Catalog) -> None:
    from datetime import timedelta

    gone = SMALL.with_(retires_on=bundled.as_of)
    leaving = LARGE.with_(retires_on=bundled.as_of + timedelta(days=1))
    decision = Router([gone, leaving], policy="article").route(input_tokens=100, output_tokens=100)
    assert (decision.model, decision.fallbacks) == ("acme/large", ())


def test_a_policy_that_requires_nothing_still_gets_a_model_that_can(article: Catalog) -> None:
    """The published tree sends a long document with images to a model that cannot see; see its linter."""
    tree = Policy.named("article", article)
    names = ["gpt-4.1-mini", "claude-haiku-4.5"]
    router = Router(names, policy=tree, catalog=article)
    decision = router.route(input_tokens=250_000, output_tokens=500, needs={"vision"})
    assert decision.reason in {"none-can", "needs-information"}
    assert decision.nearest is not None
