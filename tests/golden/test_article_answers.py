"""
What the decision trees answer: the article's own, word for word, and the guide, its repaired edition.

The tables are explicit, so that a change to a fact, a preset or a policy shows which answers it changes.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from llm_tradeoffs import Catalog, Mix, Model, Policy, Recommendation, Usd, Workload, recommend
from oracle import mtok
from strategies import candidates, workloads

MINI = "gpt-4.1-mini"
HAIKU = "claude-haiku-4.5"

# preset: (the model that the article's tree names, the question that decided)
ARTICLE = {
    "code-completion": (HAIKU, "volume"),
    "contract-review": (HAIKU, "volume"),
    "image-documents": (HAIKU, "images"),
    "inquiry-classification": (MINI, "volume"),
    "legal-research-with-numbers": (HAIKU, "accuracy"),
    "long-document": (MINI, "long-documents"),
    "outlines-and-descriptions": (MINI, "volume"),
    "paper-7500": (HAIKU, "volume"),
    "paper-8000": (HAIKU, "volume"),
    "post-sentiment": (MINI, "volume"),
    "publication-ready-writing": (HAIKU, "accuracy"),
    # The article's text prefers GPT-4.1 Mini here, but its tree never comes to the question about latency.
    "real-time-chat": (HAIKU, "volume"),
    "research-paper-summaries": (HAIKU, "volume"),
    "support-chatbot": (MINI, "volume"),
    "support-conversation-50-turns": (HAIKU, "volume"),
    "support-triage": (MINI, "volume"),
}

BOTH = (MINI, HAIKU)
TRADE_OFF = ("tie", None, BOTH, "responsiveness")

# preset: (status, chosen, tied, the question that decided), with the default facts
GUIDE = {
    "code-completion": TRADE_OFF,
    "contract-review": TRADE_OFF,
    "image-documents": TRADE_OFF,  # both read images, whatever the article says
    "inquiry-classification": ("selected", MINI, (), "volume"),
    "legal-research-with-numbers": ("selected", HAIKU, (), "accuracy"),
    "long-document": ("selected", MINI, (), "responsiveness"),  # the other does not fit
    "outlines-and-descriptions": ("selected", MINI, (), "cost"),
    "paper-7500": TRADE_OFF,
    "paper-8000": TRADE_OFF,
    "post-sentiment": ("selected", MINI, (), "cost"),
    "publication-ready-writing": ("selected", HAIKU, (), "accuracy"),
    "real-time-chat": ("selected", MINI, (), "responsiveness"),
    "research-paper-summaries": TRADE_OFF,
    "support-chatbot": ("selected", MINI, (), "volume"),
    "support-conversation-50-turns": TRADE_OFF,
    "support-triage": ("selected", MINI, (), "cost"),
}


def decided_by(answer: Recommendation) -> str:
    """The last question that was asked."""
    return [step.id for step in answer.trace if step.kind == "question" and step.asked][-1]


def asked_of(answer: Recommendation) -> list[str]:
    """Every question that was asked."""
    return [step.id for step in answer.trace if step.kind == "question" and step.asked]


def test_the_tables_name_every_preset(bundled: Catalog) -> None:
    """No preset is forgotten, and none is gone."""
    assert set(bundled.workloads) == ARTICLE.keys() == GUIDE.keys()


@pytest.mark.parametrize("preset", ARTICLE)
def test_the_articles_tree_gives_the_articles_answers(article: Catalog, preset: str) -> None:
    """In the article's world its tree names the model that the article names."""
    answer = recommend(preset, policy="article", catalog=article)
    assert (answer.status, answer.chosen, decided_by(answer)) == ("selected", *ARTICLE[preset])
    assert answer.trust == ("article",)
    assert {source.id for source in answer.sources} == {"article"}


@pytest.mark.parametrize("preset", GUIDE)
def test_the_guide_answers(bundled: Catalog, preset: str) -> None:
    """With the default facts the guide selects a model, or says that nothing stated decides."""
    answer = recommend(preset, catalog=bundled)
    assert (answer.status, answer.chosen, answer.tied, decided_by(answer)) == GUIDE[preset]


def test_the_guide_in_the_articles_world(article: Catalog) -> None:
    """There GPT-4.1 Mini reads no images, so Claude is the only one for them; all else is as with the default facts."""
    found = {preset: recommend(preset, catalog=article) for preset in GUIDE}
    answers = {
        preset: (answer.status, answer.chosen, answer.tied, decided_by(answer)) for preset, answer in found.items()
    }
    assert answers == {**GUIDE, "image-documents": ("selected", HAIKU, (), "responsiveness")}
    assert found["image-documents"].candidate(MINI).standing == "ruled out"
    assert "does not support vision" in found["image-documents"].candidate(MINI).reasons_against


def test_who_is_ruled_out_is_told_why(bundled: Catalog) -> None:
    """A document of 500,000 tokens does not fit into 200,000, and would need three requests."""
    candidate = recommend("long-document", catalog=bundled).candidate(HAIKU)
    assert (candidate.standing, candidate.rank) == ("ruled out", None)
    assert "needs 500,300 tokens, the window is 200,000: needs 3 chunks" in candidate.reasons_against


# ---------------------------------------------------------------------------- which questions can be reached


def test_the_articles_fifth_question_cannot_be_reached(article: Catalog) -> None:
    """No answer of its tree leads to the question about latency, which is the fifth."""
    policy = Policy.named("article", article)
    assert [question.id for question in policy.questions] == [
        "long-documents",
        "accuracy",
        "images",
        "volume",
        "latency",
    ]
    reached = {policy.questions[0].id}
    for question in policy.questions:
        reached |= {outcome.ask for outcome in (question.yes, question.no) if outcome.ask}
    assert reached == {"long-documents", "accuracy", "images", "volume"}


@given(candidates(), workloads())
def test_the_articles_fifth_question_is_never_asked(models: list[Model], workload: Workload) -> None:
    """Whatever the workload and the candidates, the trace holds it unasked; not even a limit on latency helps."""
    answer = recommend(workload.with_(max_ttft_ms=400), models, policy="article")
    assert answer.trace[-1].id == "latency"
    assert not answer.trace[-1].asked
    assert answer.trace[-1].answer is None


PLAIN = Workload(input_tokens=200, output_tokens=150)

# question: (a workload that is decided by it, and by whose "yes")
REACHED_IN_THE_GUIDE = {
    "accuracy": PLAIN.with_(priority="accuracy"),
    "cost": PLAIN.with_(priority="cost"),
    "error-cost": PLAIN.with_(error_cost="0.01"),
    "volume": PLAIN.with_(complexity="low", requests_per_month=100_000),
    "complexity": PLAIN.with_(complexity="high"),
    "responsiveness": PLAIN.with_(max_ttft_ms=500),
}


@pytest.mark.parametrize("question", REACHED_IN_THE_GUIDE)
def test_every_question_of_the_guide_is_reachable(bundled: Catalog, question: str) -> None:
    """For each there is a workload that it decides, with both models still possible."""
    answer = recommend(REACHED_IN_THE_GUIDE[question], catalog=bundled)
    [step] = [step for step in answer.trace if step.id == question]
    assert (step.asked, step.answer) == (True, "yes")
    assert decided_by(answer) == question
    assert {candidate.standing for candidate in answer.candidates} == {"possible"}


def test_no_question_of_the_guide_is_forgotten(bundled: Catalog) -> None:
    """The workloads above cover the tree, and one that states nothing is asked every question and answers none yes."""
    questions = [question.id for question in Policy.named("guide", bundled).questions]
    assert questions == list(REACHED_IN_THE_GUIDE)
    answer = recommend(PLAIN, catalog=bundled)
    assert asked_of(answer) == questions
    assert {step.answer for step in answer.trace if step.kind == "question"} <= {"no", "unknown"}
    assert answer.status == "tie"


@pytest.mark.parametrize(("requests", "decides"), [(99_999, "responsiveness"), (100_000, "volume")])
def test_a_high_volume_begins_at_100_000_requests_a_month(bundled: Catalog, requests: int, decides: str) -> None:
    """That is the volume of the article's triage example; just below it the question is answered no."""
    asked = PLAIN.with_(complexity="low", requests_per_month=requests)
    assert decided_by(recommend(asked, catalog=bundled)) == decides
    assert decided_by(recommend(asked.with_(volume="low"), catalog=bundled)) == "responsiveness"


@pytest.mark.parametrize(("tokens", "chosen"), [(200_000, HAIKU), (200_001, MINI)])
def test_over_200k_is_strict(article: Catalog, tokens: int, chosen: str) -> None:
    """A document of 200,000 tokens is not over 200K."""
    asked = Workload(input_tokens=200, output_tokens=150, longest_tokens=tokens)
    assert recommend(asked, policy="article", catalog=article).chosen == chosen


@pytest.mark.parametrize(("limit", "chosen"), [(500, MINI), (501, None)])
def test_under_500_ms_is_a_limit_of_500_ms(bundled: Catalog, limit: int, chosen: str | None) -> None:
    """With a limit of 500 ms responsiveness decides; with one a millisecond longer nothing does."""
    assert recommend(PLAIN.with_(max_ttft_ms=limit), catalog=bundled).chosen == chosen


@pytest.mark.parametrize(
    ("requirement", "workload", "facts"),
    [
        ("offered", PLAIN, {"retires_on": date(2026, 11, 22)}),
        ("context", PLAIN, {"context_window": 349}),
        ("output_limit", PLAIN, {"max_output_tokens": 149}),
        ("vision", PLAIN.with_(needs={"vision"}), {"supports_vision": False}),
        ("tools", PLAIN.with_(needs={"tools"}), {"supports_tools": False}),
        ("batch", PLAIN.with_(needs={"batch"}), {"supports_batch": False}),
        ("structured_output", PLAIN.with_(needs={"structured_output"}), {"supports_structured_output": False}),
        ("ttft", PLAIN.with_(max_ttft_ms=400), {"ttft": "401-500 ms"}),
        ("response_time", PLAIN.with_(max_response_ms=400), {"ttft": "401 ms", "output_tokens_per_second": 1_000}),
        ("quality", PLAIN.with_(min_quality_percent=72), {"scores": {"mmlu": "70-71 %"}}),
    ],
)
def test_every_requirement_of_the_guide_is_reachable(
    bundled: Catalog, requirement: str, workload: Workload, facts: dict[str, object]
) -> None:
    """For each there is a workload and a model that it rules out, and the trace says so."""
    model = Model("acme/one", usd_per_mtok=(1, 1), **{"context_window": 10_000, **facts})
    answer = recommend(workload, [model], catalog=bundled)
    [step] = [step for step in answer.trace if step.id == requirement]
    assert (step.asked, step.answer) == (True, "no")
    assert step.leads_to == "rules out acme/one"
    assert answer.status == "infeasible"


def test_a_language_that_nobody_names_leaves_the_answer_open(bundled: Catalog) -> None:
    """Not to be named is not to be refused: the languages of a workload rule out nobody, but can leave all open."""
    answer = recommend(PLAIN.with_(languages={"japanese", "welsh"}), catalog=bundled)
    assert answer.status == "needs_information"
    assert answer.missing == tuple(f"{model}: nobody says how {model} handles welsh" for model in sorted(BOTH))


# ---------------------------------------------------------------------------- Hybrid Approaches


def test_the_hybrid_approach(article: Catalog) -> None:
    """GPT-4.1 Mini for classification, Claude for math and images; the mix costs what its parts cost."""
    several = [
        Workload.preset("support-triage"),
        Workload.preset("legal-research-with-numbers").with_(requests_per_month=1_000),
        Workload.preset("image-documents").with_(requests_per_month=1_000),
    ]
    mix = recommend(several, catalog=article)
    assert isinstance(mix, Mix)
    assert [part.model for part in mix.parts] == [MINI, HAIKU, HAIKU]
    triage = mtok("0.40", 100_000 * 150) + mtok("1.60", 100_000 * 50)
    case = mtok("1.00", 1_000 * 7_500) + mtok("5.00", 1_000 * 300)
    assert (triage, case) == (Usd("14"), Usd("9"))
    assert mix.cost_per_month == triage + case + case == Usd("32")
    assert mix.single[HAIKU] == Usd("40") + Usd("9") + Usd("9") == Usd("58")
    assert mix.single[MINI] is None  # it reads no images, as the article has it
    assert "does not support vision" in mix.reasons[MINI]


def test_a_mix_without_images(article: Catalog) -> None:
    """Where both can do all of it, each single model has its price beside the mix."""
    several = [
        Workload.preset("support-chatbot"),
        Workload.preset("legal-research-with-numbers").with_(requests_per_month=1_000),
    ]
    mix = recommend(several, catalog=article)
    assert isinstance(mix, Mix)
    assert [part.model for part in mix.parts] == [MINI, HAIKU]
    assert mix.cost_per_month == Usd("96") + Usd("9") == Usd("105")
    assert mix.single == {MINI: Usd("96") + Usd("3.48"), HAIKU: Usd("285") + Usd("9")}
