"""A recommendation is plain data that can be kept, compared and explained a year later."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Model, Recommendation, Workload, recommend
from llm_tradeoffs.recommendation import SCHEMA_VERSION

THIRDS = Model(
    "acme/thirds", usd_per_mtok=("1/3", "1/7"), context_window=10**6, ttft="100-200 ms", output_tokens_per_second=3
)
ANSWERS = {
    "selected": recommend("support-chatbot"),
    "tie": recommend("research-paper-summaries", catalog=Catalog.bundled(trust=("article",))),
    "infeasible": recommend(Workload(input_tokens=1, output_tokens=1, max_ttft_ms=1)),
    "needs_information": recommend(
        Workload(input_tokens=1, output_tokens=1), [Model("acme/blank"), Model("acme/bare")]
    ),
    "no candidates": recommend("support-chatbot", []),
    "ratios": recommend(Workload(input_tokens=1, output_tokens=100, requests_per_year=1, error_cost="1/3"), [THIRDS]),
}


@pytest.mark.parametrize("answer", [pytest.param(answer, id=name) for name, answer in ANSWERS.items()])
def test_there_and_back(answer: Recommendation) -> None:
    """Through JSON, plain types, pickle and copy the answer stays the same, with every exact number."""
    for again in (
        Recommendation.from_json(answer.to_json()),
        Recommendation.from_json(answer.to_json(indent=None)),
        Recommendation.from_dict(answer.to_dict()),
        Recommendation.from_dict(json.loads(json.dumps(answer.to_dict()))),
        pickle.loads(pickle.dumps(answer)),
        copy.deepcopy(answer),
    ):
        assert again == answer
        assert again.explain() == answer.explain()
        assert again.to_json() == answer.to_json()
    assert hash(Recommendation.from_json(answer.to_json())) == hash(answer)


def test_the_four_statuses() -> None:
    """The answers of this file have every status there is."""
    assert [ANSWERS[name].status for name in ("selected", "tie", "infeasible", "needs_information")] == [
        "selected",
        "tie",
        "infeasible",
        "needs_information",
    ]


def test_numbers_are_strings() -> None:
    """Exact numbers are strings in JSON, so that no reader rounds them; counts and flags are what they are."""
    plain = json.loads(ANSWERS["selected"].to_json())
    figures = plain["candidates"][0]["figures"]
    assert figures["cost_per_request"] == "0.00032"
    assert figures["quality"] == {"low": "72", "high": "75", "unit": "%"}
    assert figures["context_window"] == 1_047_576
    assert plain["workload"]["requests_per_day"] == "10000"
    assert plain["schema_version"] == SCHEMA_VERSION
    assert plain["as_of"] == "2026-11-22"
    ratios = json.loads(ANSWERS["ratios"].to_json())
    assert "/" in ratios["candidates"][0]["figures"]["cost_per_request"]


def test_the_workload_is_written_as_it_was_stated() -> None:
    """Of the workload only what was stated is written."""
    plain = recommend(Workload(input_tokens=5, output_tokens=0, needs={"vision", "tools"}), []).to_dict()["workload"]
    assert plain == {"input_tokens": "5", "output_tokens": "0", "needs": ["tools", "vision"]}


def test_text_is_not_escaped() -> None:
    """JSON keeps letters of every script as they are."""
    work = Workload(input_tokens=1, output_tokens=1, title="Zürich 東京")
    assert "Zürich 東京" in recommend(work, []).to_json()


def test_candidates_by_name() -> None:
    """A candidate is found by its id."""
    answer = ANSWERS["selected"]
    assert answer.candidate("gpt-4.1-mini").rank == 1
    with pytest.raises(lt.UnknownNameError, match=r"no candidate is named 'openai/gpt-4.1-mini'"):
        answer.candidate("openai/gpt-4.1-mini")


def test_in_a_line() -> None:
    """repr() is a line with the status and the answer."""
    assert "selected: gpt-4.1-mini" in repr(ANSWERS["selected"])
    assert "infeasible: none" in repr(ANSWERS["infeasible"])
    assert "tie: gpt-4.1-mini, claude-haiku-4.5" in repr(ANSWERS["tie"])


def test_different_answers_differ() -> None:
    """Answers to other questions, or on other facts, are not equal."""
    assert recommend("support-chatbot") == recommend("support-chatbot")
    assert recommend("support-chatbot") != recommend("support-triage")
    assert recommend("support-chatbot") != recommend("support-chatbot", as_of="2026-11-23")
    assert recommend("support-chatbot") != recommend("support-chatbot", catalog=Catalog.bundled(trust=("article",)))


def test_str_explains() -> None:
    """print() shows the explanation."""
    for answer in ANSWERS.values():
        assert str(answer) == answer.explain()
