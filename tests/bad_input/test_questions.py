"""Questions that have no answer, or no good one: an answer with a status where there is one, and never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import (
    Catalog,
    CatalogError,
    InvalidTypeError,
    InvalidValueError,
    Model,
    Policy,
    UnitMismatchError,
    Usd,
    Workload,
)
from refusals import Refusal, check, table

CHAT = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)

REFUSED: dict[str, Refusal] = {
    "workload: None": Refusal(
        lambda: lt.assess("gpt-4.1-mini", None),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Workload or the id of a preset",
        value="None of type NoneType",
        do="Say for example Workload(input_tokens=200, output_tokens=150)",
    ),
    "workload: a dict": Refusal(
        lambda: lt.compare("gpt-4.1-mini", workload={"input_tokens": 1}),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Workload or the id of a preset",
        value="{'input_tokens': 1} of type dict",
    ),
    "workload to recommend for: None": Refusal(
        lambda: lt.recommend(None),  # type: ignore[call-overload]
        InvalidTypeError,
        asked="expected a Workload, the id of a preset, or a list of workloads",
        value="got None",
    ),
    "workload to recommend for: a dict": Refusal(
        lambda: lt.recommend({"input_tokens": 1}),  # type: ignore[call-overload]
        InvalidTypeError,
        asked="or a list of workloads",
        value="got {'input_tokens': 1}",
    ),
    "workload in a mix: a number": Refusal(
        lambda: lt.recommend([CHAT, 5]),  # type: ignore[call-overload]
        InvalidTypeError,
        asked="expected a Workload or the id of a preset",
        value="5 of type int",
    ),
    "candidates: one name": Refusal(
        lambda: lt.recommend(CHAT, candidates="gpt-4.1-mini"),
        InvalidTypeError,
        asked="candidates are 'gpt-4.1-mini'",
        value="'gpt-4.1-mini'",
        do="expected several, such as ['gpt-4.1-mini', my_model]",
    ),
    "candidates: one model": Refusal(
        lambda: lt.recommend(CHAT, candidates=Model("acme/one")),  # type: ignore[call-overload]
        InvalidTypeError,
        asked="candidates are Model('acme/one')",
        value="Model('acme/one')",
    ),
    "candidates: a number": Refusal(
        lambda: lt.recommend(CHAT, candidates=5),  # type: ignore[call-overload]
        InvalidTypeError,
        asked="candidates are 5",
        value="5",
    ),
    "candidates: None among them": Refusal(
        lambda: lt.recommend(CHAT, ["gpt-4.1-mini", None]),  # type: ignore[list-item]
        InvalidTypeError,
        asked="expected the name of a model or a Model",
        value="None of type NoneType",
    ),
    "candidate named twice": Refusal(
        lambda: lt.recommend(CHAT, ["gpt-4.1-mini", "gpt-4.1-mini"]),
        InvalidValueError,
        asked="the candidate 'gpt-4.1-mini'",
        value="is named twice",
        do="Name each once, by any of its names",
    ),
    "candidate by two names": Refusal(
        lambda: lt.recommend(CHAT, ["gpt-4.1-mini", "openai/gpt-4.1-mini"]),
        InvalidValueError,
        asked="the candidate 'gpt-4.1-mini'",
        value="is named twice",
    ),
    "candidate by name and by value": Refusal(
        lambda: lt.recommend(CHAT, ["gpt-4.1-mini", Model("gpt-4.1-mini")]),
        InvalidValueError,
        asked="the candidate 'gpt-4.1-mini'",
        value="is named twice",
    ),
    "compared model by two names": Refusal(
        lambda: lt.compare("gpt-4.1-mini", "GPT-4.1 Mini", workload=CHAT),
        InvalidValueError,
        asked="the model 'gpt-4.1-mini'",
        value="is named twice",
        do="Name each once, by any of its names",
    ),
    "catalog: a text": Refusal(
        lambda: lt.assess("gpt-4.1-mini", CHAT, catalog="catalog"),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Catalog",
        value="got 'catalog'",
        do="Use Catalog.bundled() or Catalog.from_path(...)",
    ),
    "catalog to recommend from: a text": Refusal(
        lambda: lt.recommend(CHAT, catalog="catalog"),  # type: ignore[call-overload]
        InvalidTypeError,
        asked="expected a Catalog",
        value="got 'catalog'",
    ),
    "catalog to price from: a text": Refusal(
        lambda: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, catalog="catalog"),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Catalog",
        value="got 'catalog'",
        do="Use Catalog.bundled() or Catalog.from_path(...)",
    ),
    "catalog of a preset: a text": Refusal(
        lambda: Workload.preset("support-chatbot", catalog="catalog"),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected a Catalog",
        value="got 'catalog'",
    ),
    "speed of nothing": Refusal(
        lambda: lt.assess("gpt-4.1-mini", CHAT).response_time(tokens_per_second=0),
        InvalidValueError,
        asked="tokens_per_second",
        value="is 0 tokens/s",
        known="a speed must be above 0",
    ),
    "speed in another unit": Refusal(
        lambda: lt.assess("gpt-4.1-mini", CHAT).response_time(tokens_per_second="50 ms"),
        UnitMismatchError,
        asked="50 ms",
        value="is in 'ms'",
        known="expected 'tokens/s'",
    ),
    "speed in words": Refusal(
        lambda: lt.assess("gpt-4.1-mini", CHAT).response_time(tokens_per_second="fast"),
        InvalidValueError,
        "'fast'",
        "is not a range",
    ),
    "fewer tokens than none": Refusal(
        lambda: lt.assess("gpt-4.1-mini", CHAT).response_time(output_tokens=-5),
        InvalidValueError,
        "output_tokens",
        "is -5",
        "negative",
    ),
    "policy file that is not there": Refusal(
        lambda: Policy.from_toml("no-such-policy.toml"),
        CatalogError,
        "no-such-policy.toml",
        "cannot be read",
        "No such file",
    ),
    "workload file that is not there": Refusal(
        lambda: Workload.from_toml("no-such-workload.toml"),
        CatalogError,
        "no-such-workload.toml",
        "cannot be read",
        "No such file",
    ),
    "catalog folder that is not there": Refusal(
        lambda: Catalog.from_path("no-such-folder"),
        CatalogError,
        asked="no-such-folder",
        value="no such folder",
        do="give the folder that holds catalog.toml",
    ),
    "catalog that is a file": Refusal(
        lambda: Catalog.from_path(Path(__file__)),
        CatalogError,
        "test_questions.py",
        "no such folder",
        do="give the folder",
    ),
    "recommendation that is no text": Refusal(
        lambda: lt.Recommendation.from_json(None),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="expected the JSON text of a recommendation",
        value="got None",
    ),
}


@pytest.mark.parametrize("refusal", table(REFUSED))
def test_questions_that_are_none(refusal: Refusal) -> None:
    """What is no question is refused before anything is computed."""
    check(refusal)


def test_a_volume_is_asked_for_a_period_that_exists() -> None:
    """requests_in() knows day, month and year."""
    with pytest.raises(lt.UnknownNameError):
        CHAT.requests_in("week")  # type: ignore[arg-type]


def test_an_unknown_period_is_refused_with_words() -> None:
    """An unknown period is refused like any other unknown name, whether a volume is stated or not."""
    for workload in (CHAT, Workload(input_tokens=1, output_tokens=1)):
        with pytest.raises(lt.TradeoffsError, match="week"):
            workload.requests_in("week")  # type: ignore[arg-type]


# Nothing to choose from, and nothing that can be chosen.


def test_comparing_no_model_is_an_empty_table() -> None:
    """compare() without a model is an answer: a comparison of nothing, which says so."""
    nothing = lt.compare(workload=CHAT)
    assert len(nothing) == 0
    assert list(nothing) == []
    assert nothing.models == ()
    assert str(nothing) == "No models to compare on the workload."
    assert "no models" in repr(nothing)
    assert nothing.to_dict()["models"] == []
    assert all(row["values"] == [] and row["better"] == [] for row in nothing.to_dict()["rows"])


def test_no_candidates_is_a_status() -> None:
    """A recommendation among no candidates is infeasible, and says why."""
    answer = lt.recommend(CHAT, candidates=[])
    assert (answer.status, answer.chosen, answer.tied, answer.candidates) == ("infeasible", None, (), ())
    assert answer.because == "there are no candidates"
    assert "there are no candidates" in answer.explain()
    assert lt.Recommendation.from_json(answer.to_json()) == answer


def test_a_day_without_models_is_a_status() -> None:
    """Asked about a day before every model, with no candidate named, the answer is that there is none."""
    assert lt.recommend(CHAT, as_of="2020-01-01").status == "infeasible"


@pytest.mark.parametrize(
    "contradiction",
    [
        CHAT.with_(max_ttft_ms=1),
        CHAT.with_(max_ttft_ms=500, max_response_ms=400),
        CHAT.with_(longest_tokens=10**11),
        CHAT.with_(output_tokens=10**6),
        CHAT.with_(min_quality_percent=100),
        CHAT.with_(priority="cost", min_quality_percent=99, error_cost=10**30),
        CHAT.with_(turns=1_000_000, input_tokens=10**20),
        Workload(
            input_tokens=10**30, output_tokens=10**30, turns=1_000_000, requests_per_year=10**30, error_cost="1e300"
        ),
    ],
    ids=lambda workload: repr(workload)[:80],
)
@pytest.mark.parametrize("candidates", [None, ["gpt-4.1-mini"]], ids=["all", "one"])
def test_requirements_that_nobody_meets(contradiction: Workload, candidates: list[str] | None) -> None:
    """Requirements that contradict each other, or all models, are a status with the reasons against each."""
    answer = lt.recommend(contradiction, candidates)
    assert answer.status == "infeasible"
    assert answer.chosen is None
    assert answer.because == "no candidate can do the work"
    assert all(candidate.standing == "ruled out" for candidate in answer.candidates)
    assert all(candidate.rank is None for candidate in answer.candidates)
    assert all(candidate.reasons_against for candidate in answer.candidates)
    assert "no answer, because no candidate can do the work" in " ".join(answer.explain().split())
    assert str(lt.compare("gpt-4.1-mini", workload=contradiction))
    assert str(lt.assess("gpt-4.1-mini", contradiction))


@pytest.mark.parametrize(
    "workload",
    [
        Workload(input_tokens=200, output_tokens=150, longest_tokens=10**12),
        Workload(input_tokens=3_000_000, output_tokens=150, chunk_overlap_tokens=199_849),
    ],
    ids=["a very long document", "an overlap of nearly a whole chunk"],
)
def test_documents_of_more_than_a_million_chunks(workload: Workload) -> None:
    """However many chunks a document needs, that is an answer and no crash."""
    fit = lt.assess("claude-haiku-4.5", workload).context
    assert fit.chunks is not None
    assert fit.chunks > 1_000_000


def test_a_model_of_which_nothing_is_known() -> None:
    """A model without a single fact is compared and recommended about like any other: unknown, not wrong."""
    blank = Model("acme/blank")
    answer = lt.recommend(CHAT, [blank])
    assert answer.status == "needs_information"
    assert answer.missing == ("acme/blank: the context window of acme/blank is unknown",)
    comparison = lt.compare(blank, workload=CHAT)
    assert comparison["acme/blank"].cost is None
    assert "unknown" in str(comparison)


def test_a_workload_of_nothing_costs_nothing() -> None:
    """No tokens and no requests are a workload: it costs $0, and nothing is divided by zero."""
    nothing = Workload(input_tokens=0, output_tokens=0, requests_per_day=0, error_cost=0)
    answer = lt.recommend(nothing)
    assert answer.status in {"selected", "tie"}
    assert {candidate.figures.cost_per_year for candidate in answer.candidates} == {Usd(0)}
    assert answer.explain()
    comparison = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload=nothing)
    assert comparison.row("cost_per_month").ratio(1) is None
    assert comparison["gpt-4.1-mini"].rate_limit.headroom is None
    assert str(comparison)


def test_a_mix_of_no_workloads_has_no_parts() -> None:
    """No workloads make a mix without parts."""
    assert lt.recommend([]).parts == ()


def test_a_mix_in_which_nobody_can_do_a_part() -> None:
    """One workload that nobody can do leaves the cost of the mix, and of each model alone, unknown."""
    mix = lt.recommend([CHAT, CHAT.with_(max_ttft_ms=1)])
    assert mix.cost_per_month is None
    assert mix.parts[1].model is None
    assert set(mix.single.values()) == {None}
    assert set(mix.reasons) == set(mix.single)
    assert "infeasible" in mix.explain()
