"""recommend(): statuses, ranking, reasons, trace, assumptions, what is missing, and mixes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Model, Policy, Recommendation, Usd, Workload, recommend
from llm_tradeoffs.policy import Condition, Outcome, Question
from oracle import mtok

CHEAP = Model(
    "acme/cheap",
    usd_per_mtok=("0.10", "0.40"),
    context_window=100_000,
    max_output_tokens=4_000,
    ttft="300 ms",
    output_tokens_per_second="50 tokens/s",
    supports_vision=False,
    scores={"mmlu": "70 %", "gsm8k": "60 %"},
)
GOOD = Model(
    "acme/good",
    usd_per_mtok=("1.00", "4.00"),
    context_window=200_000,
    max_output_tokens=8_000,
    ttft="400 ms",
    output_tokens_per_second="50 tokens/s",
    supports_vision=True,
    scores={"mmlu": "90 %", "gsm8k": "95 %"},
)
FAST = Model(
    "acme/fast",
    usd_per_mtok=("2.00", "8.00"),
    context_window=50_000,
    max_output_tokens=4_000,
    ttft="50 ms",
    output_tokens_per_second="200 tokens/s",
    supports_vision=True,
    scores={"mmlu": "80 %", "gsm8k": "80 %"},
)
WORSE = Model(
    "acme/worse",
    usd_per_mtok=("1.50", "5.00"),
    context_window=200_000,
    max_output_tokens=8_000,
    ttft="500 ms",
    output_tokens_per_second="40 tokens/s",
    supports_vision=True,
    scores={"mmlu": "85 %", "gsm8k": "85 %"},
)
THREE = [CHEAP, GOOD, FAST]


def work(**fields: Any) -> Workload:
    return Workload(**{"input_tokens": 200, "output_tokens": 150, **fields})


def ask(candidates: list[Model] | None = None, policy: Policy | str = "guide", **fields: Any) -> Recommendation:
    return recommend(work(**fields), THREE if candidates is None else candidates, policy)


def ranking_by(*criteria: str) -> Policy:
    yes = Outcome(rank_by=criteria)
    question = Question(
        id="q", text="q?", when=Condition(kind="test", input="turns", operator="at_least", operand=1), yes=yes, no=yes
    )
    return Policy(id="by-" + "-".join(criteria), title="Ranked", questions=(question,))


class TestGuide:
    """The questions of the guide, in their order."""

    @pytest.mark.parametrize(
        ("fields", "chosen", "because"),
        [
            ({"priority": "accuracy"}, "acme/good", "accuracy was named as the primary constraint"),
            ({"priority": "cost"}, "acme/cheap", "cost was named as the primary constraint"),
            ({"error_cost": "10.00"}, "acme/good", "accuracy and cost are both counted in money"),
            ({"error_cost": "0.0000001"}, "acme/cheap", "accuracy and cost are both counted in money"),
            ({"volume": "high", "complexity": "low"}, "acme/cheap", "a lower price compounds at scale"),
            ({"requests_per_month": 100_000, "complexity": "low"}, "acme/cheap", "a lower price compounds at scale"),
            ({"complexity": "high"}, "acme/good", "errors on complex work cost rework"),
            ({"max_ttft_ms": 500}, "acme/fast", "a person waits for the first token"),
        ],
    )
    def test_each_question_decides(self, fields: dict[str, Any], chosen: str, because: str) -> None:
        """Each question, once it is reached, decides by its own criterion and for its own reason."""
        answer = ask(**fields)
        assert (answer.status, answer.chosen) == ("selected", chosen)
        assert because in answer.because

    @pytest.mark.parametrize(
        "fields",
        [
            {"requests_per_month": 99_999, "complexity": "low"},
            {"volume": "low", "complexity": "low", "requests_per_month": 10**6},
            {"max_ttft_ms": 501},
            {"volume": "high"},
            {},
        ],
        ids=str,
    )
    def test_nothing_decides(self, fields: dict[str, Any]) -> None:
        """Where no question decides, candidates that are better in something each are a trade-off."""
        answer = ask(**fields)
        assert (answer.status, answer.chosen) == ("tie", None)
        assert set(answer.tied) == {"acme/cheap", "acme/good", "acme/fast"}
        assert "nothing stated decides" in answer.because

    def test_better_in_every_respect(self) -> None:
        """A candidate that is better in something and worse in nothing is chosen where nothing else decides."""
        answer = ask([WORSE, GOOD])
        assert (answer.status, answer.chosen) == ("selected", "acme/good")
        assert "at least as good as every other candidate" in answer.because

    def test_the_dominated_do_not_tie(self) -> None:
        """A trade-off is among those whom nobody beats in everything."""
        answer = ask([*THREE, WORSE])
        assert answer.status == "tie"
        assert "acme/worse" not in answer.tied
        assert [candidate.model for candidate in answer.candidates].count("acme/worse") == 1


class TestRequirements:
    """Requirements come first: whoever cannot do the work is out, whatever it costs."""

    def test_whoever_cannot_is_out(self) -> None:
        """The cheapest is out if it cannot read images."""
        answer = ask(needs={"vision"}, priority="cost")
        assert answer.chosen == "acme/good"
        cheap = answer.candidate("acme/cheap")
        assert (cheap.standing, cheap.rank) == ("ruled out", None)
        assert "does not support vision" in cheap.reasons_against

    def test_only_one_is_left(self) -> None:
        """Where one is left it is chosen, and that is the reason."""
        answer = ask(longest_tokens=150_000)
        assert (answer.chosen, answer.because) == (
            "acme/good",
            "it is the only candidate that is known to meet every requirement",
        )
        assert ask([GOOD]).because == "it is the only candidate"

    def test_unknown_is_neither_in_nor_out(self) -> None:
        """Whoever is not known to meet a requirement is not chosen, and the fact that is missing is named."""
        answer = ask([CHEAP, Model("acme/mystery", usd_per_mtok=("0.01", "0.01"))], priority="cost")
        assert answer.chosen == "acme/cheap"
        mystery = answer.candidate("acme/mystery")
        assert (mystery.standing, mystery.rank) == ("unknown", None)
        assert answer.missing == ("acme/mystery: the context window of acme/mystery is unknown",)
        assert answer.candidates[-1] == mystery

    def test_everybody_unknown(self) -> None:
        """Where nobody is known to meet the requirements and not everybody is out, the answer needs information."""
        answer = ask([CHEAP, GOOD], needs={"tools"}, longest_tokens=150_000)
        assert (answer.status, answer.chosen, answer.tied) == ("needs_information", None, ())
        assert answer.missing == ("acme/good: whether acme/good supports tools is unknown",)
        assert answer.because == "the choice hangs on facts that nobody has stated"

    def test_a_policy_without_requirements_rules_nobody_out(self) -> None:
        """The article's tree requires nothing, so it can choose a model that cannot do the work."""
        article = Catalog.bundled(trust=("article",))
        long_images = work(input_tokens=500_000, longest_tokens=500_000, needs={"vision"})
        assert recommend(long_images, policy="article", catalog=article).chosen == "gpt-4.1-mini"
        assert recommend(long_images, policy="guide", catalog=article).status == "infeasible"

    def test_the_end_of_an_offer(self) -> None:
        """A model that is retired on the day of the question is out."""
        retired = Model(
            "acme/retired", usd_per_mtok=("0.01", "0.01"), context_window=10**6, retires_on=date(2026, 6, 1)
        )
        before, after = (
            recommend(work(priority="cost"), [retired, CHEAP], as_of=day) for day in ("2026-05-31", "2026-06-01")
        )
        assert (before.chosen, after.chosen) == ("acme/retired", "acme/cheap")


class TestRanking:
    """Candidates in their order."""

    @pytest.mark.parametrize(
        ("criterion", "order"),
        [
            ("cost", ["acme/cheap", "acme/good", "acme/worse", "acme/fast"]),
            ("quality", ["acme/good", "acme/worse", "acme/fast", "acme/cheap"]),
            ("ttft", ["acme/fast", "acme/cheap", "acme/good", "acme/worse"]),
            ("response_time", ["acme/fast", "acme/cheap", "acme/good", "acme/worse"]),
            ("context_window", ["acme/good", "acme/worse", "acme/cheap", "acme/fast"]),
            ("vision", ["acme/good", "acme/worse", "acme/fast", "acme/cheap"]),
            ("expected_cost", ["acme/good", "acme/worse", "acme/fast", "acme/cheap"]),
        ],
    )
    def test_criteria(self, criterion: str, order: list[str]) -> None:
        """Each criterion has its own order; what it leaves equal the cost settles."""
        answer = ask([*THREE, WORSE], policy=ranking_by(criterion), error_cost=1)
        assert [candidate.model for candidate in answer.candidates] == order
        assert [candidate.rank for candidate in answer.candidates] == [1, 2, 3, 4]

    def test_the_second_criterion_settles_equals(self) -> None:
        """Where the first criterion leaves two equal, the second decides."""
        twin = Model("acme/twin", usd_per_mtok=("0.10", "0.40"), scores={"mmlu": "90 %"})
        assert ask([CHEAP, twin], policy=ranking_by("cost", "quality")).chosen == "acme/twin"

    def test_equals_tie(self) -> None:
        """Candidates that are equal in every respect tie, whatever they are called and wherever they stand."""
        twins = [
            Model(name, usd_per_mtok=(1, 1), context_window=10**6, scores={"mmlu": 50}) for name in ("b", "a", "c")
        ]
        answer = ask(twins, priority="cost")
        assert (answer.status, answer.tied) == ("tie", ("a", "b", "c"))
        assert "equal in every respect" in answer.because

    def test_the_unknown_come_last(self) -> None:
        """Whoever's key is unknown stands behind those whose is known, and the answer says what is missing."""
        priceless = Model("acme/priceless", context_window=10**6, scores={"mmlu": "99 %"})
        answer = ask([priceless, CHEAP], priority="cost")
        assert [candidate.model for candidate in answer.candidates] == ["acme/cheap", "acme/priceless"]
        assert answer.chosen == "acme/cheap"
        assert len(answer.missing) == 1
        assert "acme/priceless" in answer.missing[0]
        assert "cost per request" in answer.missing[0]

    def test_nobody_known(self) -> None:
        """Where the first criterion is unknown for everybody, nothing is chosen."""
        nobody = [Model(name, context_window=10**6) for name in ("a", "b")]
        answer = ask(nobody, priority="cost")
        assert answer.status == "needs_information"
        assert len(answer.missing) == 2

    def test_a_tie_by_the_policy(self) -> None:
        """A policy may say that every candidate will do."""
        any_will_do = Outcome(tie="all", because="it does not matter")
        question = Question(
            id="q",
            text="q?",
            when=Condition(kind="test", input="turns", operator="above", operand=5),
            yes=any_will_do,
            no=any_will_do,
        )
        answer = ask(policy=Policy(id="any", title="Any", questions=(question,)))
        assert (answer.status, answer.tied[0]) == ("tie", "acme/cheap")
        assert set(answer.tied) == {"acme/cheap", "acme/good", "acme/fast"}
        assert "it does not matter" in answer.because


class TestReasons:
    """Why, and why not."""

    def test_for_and_against(self) -> None:
        """The winner of a respect is told so with the number, the others how far they are behind."""
        answer = ask(priority="cost")
        cheap, good = answer.candidate("acme/cheap"), answer.candidate("acme/good")
        assert "lowest cost: $0.00008 per request" in cheap.reasons_for
        assert any("20 points below the best score" in reason for reason in cheap.reasons_against)
        assert any(reason.startswith("best score: 90 % right on mmlu") for reason in good.reasons_for)
        assert any("times the lowest cost: $0.0008 per request" in reason for reason in good.reasons_against)
        assert any("times the fastest first token: 400 ms" in reason for reason in good.reasons_against)

    def test_without_rivals_nothing_is_compared(self) -> None:
        """Who stands alone is the best in nothing."""
        (only,) = ask([GOOD]).candidates
        assert not any("lowest" in reason or "best" in reason for reason in only.reasons_for)
        assert only.reasons_against == ()

    def test_more_than_nothing(self) -> None:
        """A cost of $0 has no multiples."""
        free = Model("acme/free", usd_per_mtok=(0, 0), context_window=10**6)
        answer = ask([free, CHEAP], priority="cost")
        assert answer.chosen == "acme/free"
        assert any("more than the least" in reason for reason in answer.candidate("acme/cheap").reasons_against)

    def test_figures(self) -> None:
        """Figures are those of the assessment, exactly."""
        answer = ask(requests_per_day=10, error_cost="0.10")
        figures = answer.candidate("acme/good").figures
        each = mtok("1.00", 200) + mtok("4.00", 150)
        assert (figures.cost_per_request, figures.cost_per_day) == (each, each * 10)
        assert (figures.cost_per_month, figures.cost_per_year) == (each * 300, each * 3_650)
        assert figures.expected_cost == lt.Range((each + Usd("0.01")).as_fraction(), unit="USD")
        assert (figures.quality, figures.context_window) == (lt.Range(90, unit="%"), 200_000)
        assert (figures.ttft, figures.response_time) == (lt.Range(400, unit="ms"), lt.Range(3_400, unit="ms"))

    def test_every_figure_has_its_fact(self) -> None:
        """The facts that figures and verdicts rest on are cited, and their sources listed."""
        answer = recommend(work(needs={"vision"}, max_response_ms=60_000, task="math"))
        for candidate in answer.candidates:
            cited = {citation.field for citation in candidate.facts}
            assert cited >= {
                "context_window",
                "ttft",
                "typical_output_tokens_per_second",
                "output_tokens_per_second",
                "scores.gsm8k",
                "supports_vision",
                "rates.standard.input_tokens",
                "rates.standard.output_tokens",
            }
        used = {citation.source for candidate in answer.candidates for citation in candidate.facts}
        assert [source.id for source in answer.sources] == sorted(used)


class TestTrace:
    """Every question of the policy, asked or not."""

    def test_every_question_is_there_in_its_order(self) -> None:
        """The trace has every requirement and every question, in the policy's order."""
        guide = Policy.named("guide")
        answer = ask(complexity="high")
        assert [step.id for step in answer.trace] == [
            *guide.requirements,
            *(question.id for question in guide.questions),
        ]
        asked = {step.id for step in answer.trace if step.asked}
        assert asked == {"offered", "context", "output_limit", "accuracy", "cost", "error-cost", "volume", "complexity"}
        assert all((step.answer is None) == (not step.asked) for step in answer.trace)

    def test_a_question_says_on_what_and_against_what(self) -> None:
        """A step has the question in words, the answer, the facts, the threshold, and where it led."""
        steps = {step.id: step for step in ask(max_ttft_ms=400).trace}
        last = steps["responsiveness"]
        assert (last.question, last.kind, last.answer) == (
            "Must the first token come within 500 ms?",
            "question",
            "yes",
        )
        assert (last.facts, last.threshold) == (("max_ttft_ms is 400 ms",), "max_ttft_ms ≤ 500 ms")
        assert "shortest time to first token" in last.leads_to
        assert steps["accuracy"].leads_to == "ask 'cost'"

    def test_a_requirement_says_who_is_out(self) -> None:
        """A requirement lists what each candidate answers, and who is ruled out or left open."""
        steps = {step.id: step for step in ask([CHEAP, GOOD, Model("acme/blank")], needs={"vision"}).trace}
        vision = steps["vision"]
        assert (vision.answer, vision.kind) == ("yes", "requirement")
        assert vision.leads_to == "rules out acme/cheap; leaves acme/blank open"
        assert "acme/cheap: does not support vision" in vision.facts
        assert steps["tools"].asked is False
        assert steps["output_limit"].leads_to == "rules out nobody"

    def test_what_nobody_can(self) -> None:
        """A requirement that nobody meets is answered no; one that nobody is known to meet, unknown."""
        steps = {step.id: step for step in ask(needs={"tools"}, longest_tokens=10**7).trace}
        assert (steps["context"].answer, steps["tools"].answer) == ("no", "unknown")

    def test_under_the_article_the_fifth_question_is_never_asked(self) -> None:
        """However latency is limited, the article's tree ends before it asks."""
        for fields in ({"max_ttft_ms": 100}, {"max_ttft_ms": 100, "volume": "high", "complexity": "low"}):
            steps = {step.id: step for step in ask(policy="article", **fields).trace}
            assert steps["latency"].asked is False
            assert steps["volume"].asked is True


class TestAssumptions:
    """What was taken for granted is said, once."""

    def test_unstated_properties(self) -> None:
        """A question about what the workload does not say is taken as no, and that is an assumption."""
        answer = ask()
        said = " | ".join(answer.assumptions)
        assert "complexity is not stated" in said
        assert "max_ttft_ms is not stated: taken as no limit" in said
        assert "no task was stated: mmlu speaks for the quality" in said
        assert len(set(answer.assumptions)) == len(answer.assumptions)

    def test_the_workloads_own(self) -> None:
        """Assumptions of a preset come first."""
        preset = Workload.preset("support-triage")
        assert recommend(preset).assumptions[: len(preset.assumptions)] == preset.assumptions

    def test_calendars_and_batches(self) -> None:
        """How a year was counted, and what could not run as batch, is said."""
        answer = ask(requests_per_month=5, batch_share=1)
        assert answer.status == "tie"
        daily = " | ".join(ask(requests_per_day=5, task="math").assumptions)
        assert "a year 365 days" in daily
        assert "no task was stated" not in daily
        no_batch = Model("acme/now", usd_per_mtok=(1, 1), context_window=10**6, supports_batch=False)
        assert "has no batch service" in " | ".join(ask([no_batch], batch_share=1).assumptions)


class TestWhereItLooks:
    """Candidates, catalogs, days."""

    def test_all_models_of_the_catalog(self) -> None:
        """Without candidates every model of the catalog is one, on the catalog's day."""
        answer = recommend(work())
        assert {candidate.model for candidate in answer.candidates} == {"gpt-4.1-mini", "claude-haiku-4.5"}
        assert (answer.as_of, answer.catalog_edition) == (date(2026, 11, 22), Catalog.bundled().edition)
        assert answer.catalog_hash == Catalog.bundled().content_hash
        assert answer.trust == Catalog.bundled().trust
        assert answer.library_version == lt.__version__

    def test_names_and_values_together(self) -> None:
        """Candidates are names, aliases and models, from any iterable."""
        answer = recommend(work(priority="cost"), iter(["Claude Haiku 4.5", CHEAP]))
        assert {candidate.model for candidate in answer.candidates} == {"claude-haiku-4.5", "acme/cheap"}
        assert answer.chosen == "acme/cheap"

    def test_another_world(self) -> None:
        """In the article's world, GPT-4.1 Mini has no vision; in the default one it has."""
        images = Workload.preset("image-documents")
        article = Catalog.bundled(trust=("article",))
        assert recommend(images, catalog=article).chosen == "claude-haiku-4.5"
        assert recommend(images).candidate("gpt-4.1-mini").standing == "possible"

    def test_another_day(self) -> None:
        """Before Haiku was released it is no candidate."""
        answer = recommend(work(), as_of="2025-10-14")
        assert [candidate.model for candidate in answer.candidates] == ["gpt-4.1-mini"]

    def test_presets_by_name(self) -> None:
        """A preset goes by its id."""
        assert recommend("support-chatbot") == recommend(Workload.preset("support-chatbot"))


class TestMix:
    """Several workloads, a model for each, against every single model."""

    SIMPLE = work(name="simple", title="Simple work", requests_per_month=1_000_000, priority="cost")
    HARD = work(name="hard", requests_per_month=1_000, priority="accuracy", task="math")

    def test_each_gets_its_model(self) -> None:
        """The mix takes the best for each and costs what the parts do; each single model is priced for all."""
        mix = recommend([self.SIMPLE, self.HARD], THREE)
        assert [part.model for part in mix.parts] == ["acme/cheap", "acme/good"]
        assert mix.models == ("acme/cheap", "acme/good")
        cheap, good = mtok("0.10", 200) + mtok("0.40", 150), mtok("1.00", 200) + mtok("4.00", 150)
        assert mix.cost_per_month == cheap * 1_000_000 + good * 1_000
        assert mix.single["acme/cheap"] == cheap * 1_001_000
        assert mix.single["acme/good"] == good * 1_001_000
        assert mix.reasons == {}
        assert [part.workload for part in mix.parts] == ["Simple work", "hard"]

    def test_a_single_model_that_cannot_do_a_part(self) -> None:
        """A model that cannot do one of the workloads has no price for all, and the reason is given."""
        mix = recommend([self.SIMPLE, work(needs={"vision"}, requests_per_month=5)], [CHEAP, GOOD])
        assert mix.single["acme/cheap"] is None
        assert mix.reasons["acme/cheap"] == "workload 2: does not support vision"
        assert mix.single["acme/good"] is not None

    def test_a_part_without_a_volume(self) -> None:
        """Without the volume of one part the cost of the mix, and of each model, is unknown."""
        mix = recommend([self.SIMPLE, work()], [CHEAP, GOOD])
        assert mix.cost_per_month is None
        assert set(mix.single.values()) == {None}
        assert "the cost per month is unknown" in mix.reasons["acme/good"]

    def test_a_tie_takes_the_cheapest(self) -> None:
        """Where several will do, the mix counts the least costly."""
        mix = recommend([work(requests_per_month=10)], THREE)
        assert mix.parts[0].recommendation.status == "tie"
        assert (mix.parts[0].model, mix.models) == ("acme/cheap", ("acme/cheap",))

    def test_one_workload_in_a_list_is_a_mix(self) -> None:
        """A list gives a mix, also of one."""
        assert isinstance(recommend([self.HARD]), lt.Mix)
        assert isinstance(recommend(self.HARD), Recommendation)

    def test_faces(self) -> None:
        """A mix is a table and plain types."""
        mix = recommend([self.SIMPLE, self.HARD], [CHEAP, GOOD])
        text = str(mix)
        assert text == mix.explain()
        assert text.splitlines()[0].split() == ["workload", "model", "USD/month"]
        assert "acme/cheap alone: $" in text
        assert "the mix" in text
        plain = mix.to_dict()
        assert Usd(plain["cost_per_month"]) == mix.cost_per_month
        assert [part["model"] for part in plain["parts"]] == ["acme/cheap", "acme/good"]
