"""Policies: conditions, questions and outcomes, and what makes a tree that can be followed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Policy, PolicyError, Workload
from llm_tradeoffs.assessment import REQUIREMENTS
from llm_tradeoffs.policy import CRITERIA, Condition, Outcome, Question

ANY_TIE = Outcome(tie="all")


def work(**fields: Any) -> Workload:
    return Workload(**{"input_tokens": 200, "output_tokens": 150, **fields})


def holds_if(input_: str, operator: str, operand: Any) -> Condition:
    return Condition(kind="test", input=input_, operator=operator, operand=operand)


def both(*parts: Condition) -> Condition:
    return Condition(kind="all", parts=parts)


def either(*parts: Condition) -> Condition:
    return Condition(kind="any", parts=parts)


def not_(part: Condition) -> Condition:
    return Condition(kind="not", parts=(part,))


YES = holds_if("turns", "at_least", 1)
NO = holds_if("turns", "above", 1_000_000)
UNKNOWN = holds_if("volume", "is", "high")


class TestComparisons:
    """One property of a workload against one operand."""

    @pytest.mark.parametrize(
        ("condition", "fields", "answer"),
        [
            (("turns", "above", 5), {"turns": 5}, "no"),
            (("turns", "above", 5), {"turns": 6}, "yes"),
            (("turns", "at_least", 5), {"turns": 5}, "yes"),
            (("turns", "at_least", 5), {"turns": 4}, "no"),
            (("turns", "below", 5), {"turns": 5}, "no"),
            (("turns", "below", 5), {"turns": 4}, "yes"),
            (("turns", "at_most", 5), {"turns": 5}, "yes"),
            (("turns", "at_most", 5), {"turns": 6}, "no"),
            (("input_tokens", "above", Fraction(399, 2)), {}, "yes"),
            (("output_tokens", "below", 150), {"output_tokens": Decimal("149.9")}, "yes"),
            (("longest_tokens", "above", 200_000), {"longest_tokens": 200_000}, "no"),
            (("longest_tokens", "above", 200_000), {"longest_tokens": 200_001}, "yes"),
            (("requests_per_month", "at_least", 100_000), {"requests_per_day": 3_334}, "yes"),
            (("requests_per_month", "at_least", 100_000), {"requests_per_year": 1_199_999}, "no"),
            (("requests_per_month", "at_least", 100_000), {}, "unknown"),
            (("max_ttft_ms", "at_most", 500), {"max_ttft_ms": 500}, "yes"),
            (("max_ttft_ms", "at_most", 500), {}, "unknown"),
            (("max_response_ms", "below", 500), {"max_response_ms": 500}, "no"),
            (("error_cost_usd", "above", Fraction(1, 10)), {"error_cost": "0.11"}, "yes"),
            (("error_cost_usd", "above", 0), {}, "unknown"),
            (("min_quality_percent", "at_least", 72), {"min_quality_percent": 72}, "yes"),
            (("priority", "is", "balanced"), {}, "yes"),
            (("priority", "is", "cost"), {}, "no"),
            (("volume", "is", "high"), {"volume": "high"}, "yes"),
            (("volume", "is", "high"), {"volume": "low"}, "no"),
            (("volume", "is", "high"), {}, "unknown"),
            (("complexity", "is", "low"), {"complexity": "low"}, "yes"),
            (("task", "is", "math"), {"task": "math"}, "yes"),
            (("task", "is", "math"), {}, "unknown"),
            (("needs", "includes", "vision"), {"needs": {"vision", "tools"}}, "yes"),
            (("needs", "includes", "vision"), {}, "no"),
            (("languages", "includes", "french"), {"languages": {"French"}}, "yes"),
            (("volume", "stated", True), {"volume": "low"}, "yes"),
            (("volume", "stated", True), {}, "no"),
            (("volume", "stated", False), {}, "yes"),
            (("error_cost_usd", "stated", True), {"error_cost": 0}, "yes"),
        ],
    )
    def test_answers(self, condition: tuple[str, str, Any], fields: dict[str, Any], answer: str) -> None:
        """Comparisons hold at their edge or not, as their word says; what the workload does not say is unknown."""
        assert holds_if(*condition).holds(work(**fields)) == answer


class TestLogic:
    """Kleene's logic: an unknown part counts only where the others do not decide."""

    @pytest.mark.parametrize(
        ("condition", "answer"),
        [
            (both(YES, YES), "yes"),
            (both(YES, NO), "no"),
            (both(YES, UNKNOWN), "unknown"),
            (both(NO, UNKNOWN), "no"),
            (both(UNKNOWN, NO), "no"),
            (either(NO, NO), "no"),
            (either(NO, YES), "yes"),
            (either(NO, UNKNOWN), "unknown"),
            (either(UNKNOWN, YES), "yes"),
            (not_(YES), "no"),
            (not_(NO), "yes"),
            (not_(UNKNOWN), "unknown"),
            (not_(both(NO, UNKNOWN)), "yes"),
            (both(either(NO, YES), not_(NO)), "yes"),
            (not_(not_(UNKNOWN)), "unknown"),
        ],
    )
    def test_tables(self, condition: Condition, answer: str) -> None:
        """`all` is no as soon as one part is, `any` is yes as soon as one part is, `not` of unknown is unknown."""
        assert condition.holds(work()) == answer


def test_conditions_in_words() -> None:
    """A condition reads as a formula, with brackets where two connectives meet."""
    condition = both(
        holds_if("volume", "is", "high"),
        either(holds_if("turns", "at_most", Fraction(5, 2)), not_(holds_if("needs", "includes", "vision"))),
    )
    assert str(condition) == "volume is high and (turns ≤ 2.5 or not (needs includes vision))"
    assert str(holds_if("max_ttft_ms", "below", 500)) == "max_ttft_ms < 500 ms"
    assert str(holds_if("max_ttft_ms", "at_least", 500)) == "max_ttft_ms ≥ 500 ms"
    assert str(holds_if("turns", "above", 5)) == "turns > 5"
    assert str(holds_if("volume", "stated", True)) == "volume is stated"
    assert str(holds_if("volume", "stated", False)) == "volume is not stated"


def test_the_facts_of_a_condition() -> None:
    """The facts are what the workload says about each property, each once."""
    condition = both(
        holds_if("turns", "above", 1),
        not_(holds_if("turns", "above", 9)),
        holds_if("needs", "includes", "vision"),
        holds_if("languages", "includes", "french"),
        holds_if("max_ttft_ms", "at_most", 500),
        holds_if("volume", "is", "high"),
        holds_if("priority", "is", "cost"),
        holds_if("error_cost_usd", "stated", True),
    )
    said = condition.facts(work(turns=3, needs={"tools", "vision"}, max_ttft_ms=200, error_cost="1/3"))
    assert said == (
        "turns is 3",
        "needs are tools, vision",
        "languages are none",
        "max_ttft_ms is 200 ms",
        "volume is not stated",
        "priority is balanced",
        "error_cost_usd is 1/3 USD",
    )
    assert [test.input for test in condition.tests()].count("turns") == 2


def test_outcomes_in_words() -> None:
    """An outcome says where it leads."""
    assert str(Outcome(ask="volume")) == "ask 'volume'"
    assert (
        str(Outcome(rank_by=("cost", "quality")))
        == "rank by lowest cost per request, then highest share of right answers"
    )
    assert str(ANY_TIE) == "every candidate will do"
    assert str(Outcome(tie="trade-off")) == "weigh cost, quality and latency"


def policy(*questions: Question, **more: Any) -> Policy:
    return Policy(**{"id": "mine", "title": "Mine", "questions": questions, **more})


def question(id_: str = "a", when: Condition = YES, yes: Outcome = ANY_TIE, no: Outcome = ANY_TIE) -> Question:
    return Question(id=id_, text=f"{id_}?", when=when, yes=yes, no=no)


class TestPoliciesByHand:
    """A policy that cannot be followed is not made; all its problems are in one error."""

    @pytest.mark.parametrize(
        ("make", "problems"),
        [
            (policy, ["questions: there is no question"]),
            (
                lambda: policy(question(), requirements=("contxt",)),
                ["unknown requirement 'contxt'; known: batch, context"],
            ),
            (lambda: policy(question(), question()), ["questions[1].id: the question 'a' is defined twice"]),
            (
                lambda: policy(question(yes=Outcome())),
                ["questions[0].yes: an answer leads to exactly one of: ask, rank_by, tie"],
            ),
            (lambda: policy(question(no=Outcome(ask="b"))), ["questions[0].no.ask: unknown question 'b'; known: a"]),
            (
                lambda: policy(question(no=Outcome(rank_by=("price",)))),
                ["questions[0].no.rank_by: unknown criterion 'price'; known: cost"],
            ),
            (lambda: policy(question(no=Outcome(tie="maybe"))), ["questions[0].no.tie: unknown tie 'maybe'"]),  # type: ignore[arg-type]
            (lambda: policy(question(when=Condition(kind="test"))), ["questions[0].when: unknown input ''"]),
            (
                lambda: policy(question(when=holds_if("turns", "is", 5))),
                ["turns is a number: ask above, at_least, below, at_most, stated, not 'is'"],
            ),
            (lambda: policy(question(when=not_(holds_if("priority", "is", "speed")))), ["priority is never 'speed'"]),
            (
                lambda: policy(question(when=holds_if("turns", "above", None))),
                ["turns is compared with a number, got None"],
            ),
            (
                lambda: policy(question("a", no=Outcome(ask="b")), question("b", no=Outcome(ask="a"))),
                ["these questions lead in a circle: a → b → a"],
            ),
            (
                lambda: policy(
                    question(
                        when=both(holds_if("turnz", "above", 5), holds_if("turns", "above", "5")),
                        yes=Outcome(),
                        no=Outcome(ask="z"),
                    ),
                    requirements=("x",),
                ),
                [
                    "unknown requirement 'x'",
                    "unknown input 'turnz'",
                    "turns is compared with a number, got '5'",
                    "questions[0].yes: an answer leads",
                    "unknown question 'z'",
                ],
            ),
        ],
    )
    def test_problems(self, make: Any, problems: list[str]) -> None:
        """Each problem is named with its place, and all of them at once."""
        with pytest.raises(PolicyError) as caught:
            make()
        message = str(caught.value)
        assert message.startswith("the policy 'mine' cannot be followed:\n")
        assert len(message.splitlines()) == 1 + len(problems)
        for problem in problems:
            assert problem in message
        assert isinstance(caught.value, ValueError)

    @pytest.mark.parametrize(
        "when",
        [
            Condition(kind="not"),
            Condition(kind="all"),
            Condition(kind="any"),
            Condition(kind="xor", parts=(YES,)),  # type: ignore[arg-type]
            Condition(kind="not", parts=(YES, NO)),
        ],
        ids=["not of nothing", "all of nothing", "any of nothing", "unknown kind", "not of two"],
    )
    def test_conditions_without_sense(self, when: Condition) -> None:
        """A connective of nothing, or of an unknown kind, makes no policy."""
        with pytest.raises(PolicyError):
            policy(question(when=when))

    def test_a_tree_that_meets_again_is_no_circle(self) -> None:
        """Two ways may lead to the same question."""
        tree = policy(
            question("a", yes=Outcome(ask="b"), no=Outcome(ask="c")),
            question("b", yes=Outcome(ask="d"), no=Outcome(ask="d")),
            question("c", yes=Outcome(ask="d")),
            question("d"),
        )
        assert tree.question("d").text == "d?"

    def test_an_own_policy_decides(self) -> None:
        """A policy made by hand is followed like a bundled one."""
        cheapest = policy(question(yes=Outcome(rank_by=("cost",), because="it is all we ask")))
        answer = lt.recommend(work(), policy=cheapest)
        assert (answer.chosen, answer.policy) == ("gpt-4.1-mini", "mine")
        assert "it is all we ask" in answer.because

    def test_what_can_be_ranked_by(self) -> None:
        """Every criterion can be the first of an outcome, and gives an answer."""
        for criterion in CRITERIA:
            tree = policy(question(yes=Outcome(rank_by=(criterion,))))
            answer = lt.recommend(work(error_cost=1), policy=tree)
            assert answer.status == "selected", criterion

    def test_in_words(self) -> None:
        """str() is the tree, read aloud: requirements, questions, conditions, answers and reasons."""
        text = str(
            policy(
                question(no=Outcome(ask="b", because="go on")),
                question("b", yes=Outcome(rank_by=("cost",), because="cheap")),
                requirements=("context",),
            )
        )
        assert text.splitlines() == [
            "Mine (mine)",
            "  require: Does the longest request fit into the context window?",
            "  a: a?  [turns ≥ 1]",
            "    yes: every candidate will do",
            "    no:  ask 'b' (go on)",
            "  b: b?  [turns ≥ 1]",
            "    yes: rank by lowest cost per request (cheap)",
            "    no:  every candidate will do",
        ]


class TestBundled:
    """The two policies of the catalog."""

    def test_the_article_is_literal(self) -> None:
        """Five questions in the article's order, the fifth never reached, and no requirement of any candidate."""
        article = Policy.named("article")
        assert [question.text for question in article.questions] == [
            "Does the application process documents over 200K tokens?",
            "Does accuracy exceed cost as the primary constraint?",
            "Does the application require image processing?",
            "Are developers processing high-volume, low-complexity tasks?",
            "Are response latency requirements < 500ms?",
        ]
        assert article.requirements == ()
        reached = {outcome.ask for question in article.questions for outcome in (question.yes, question.no)}
        assert "latency" not in reached

    def test_the_guide_reaches_every_question(self) -> None:
        """Under the guide every question can be reached, and every requirement is asked."""
        guide = Policy.named("guide")
        reached = {guide.questions[0].id}
        for question in guide.questions:
            assert question.id in reached
            reached |= {outcome.ask for outcome in (question.yes, question.no) if outcome.ask}
        assert reached == {question.id for question in guide.questions}
        assert set(guide.requirements) == {rule.id for rule in REQUIREMENTS}

    def test_another_catalog_has_other_policies(self) -> None:
        """A policy is looked up in the catalog that is asked, and else among the bundled ones."""
        whole = Catalog.from_path(Path(__file__).parents[1] / "catalog" / "whole")
        plain = Policy.named("plain", whole)
        assert plain.title == "Cheapest"
        assert Policy.named("plain", whole) == plain
        assert Policy.named("guide", whole) == Policy.named("guide")
        with pytest.raises(lt.UnknownNameError, match="no policy is named 'plain'"):
            Policy.named("plain")

    def test_a_policy_from_a_file(self) -> None:
        """A policy can be read from a file of its own."""
        path = Path(__file__).parents[1] / "catalog" / "whole" / "policies" / "plain.toml"
        assert Policy.from_toml(path) == Policy.from_toml(str(path))
        assert lt.recommend(work(priority="accuracy"), policy=Policy.from_toml(path)).chosen == "claude-haiku-4.5"

    def test_policies_are_values(self) -> None:
        """Policies with equal questions are equal and hash alike."""
        assert policy(question()) == policy(question())
        assert len({policy(question()), policy(question()), policy(question(when=NO))}) == 2
