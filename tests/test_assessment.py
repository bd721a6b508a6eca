"""One model faced with one workload: cost, time, fit, quality, and every requirement."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Assessment, Catalog, Model, Range, Score, Usd, Workload, assess
from llm_tradeoffs.assessment import REQUIREMENTS
from oracle import mtok

FULL = Model(
    "acme/full",
    name="Acme Full",
    usd_per_mtok=("1.00", "5.00"),
    context_window=10_000,
    max_output_tokens=1_000,
    ttft="200-400 ms",
    output_tokens_per_second="40-60 tokens/s",
    typical_output_tokens_per_second="50 tokens/s",
    requests_per_minute=600,
    languages=("English", "french"),
    preferred_languages=("japanese",),
    supports_vision=True,
    supports_tools=False,
    scores={"mmlu": "72-75 %", "gsm8k": "80 %", "hallucination-rate": "2.3 %"},
)
BLANK = Model("acme/blank")


def work(**fields: Any) -> Workload:
    return Workload(**{"input_tokens": 200, "output_tokens": 150, **fields})


def known(assessed: Assessment) -> set[str]:
    return {unknown.fact for unknown in assessed.unknowns}


class TestWhole:
    """assess() by name or by value."""

    def test_by_name_and_by_value(self) -> None:
        """A model of the catalog is assessed as of the catalog's day, or the one asked for; presets go by id."""
        mini = assess("openai/gpt-4.1-mini", "support-chatbot")
        assert (mini.model.id, mini.workload.name, mini.as_of) == (
            "gpt-4.1-mini",
            "support-chatbot",
            date(2026, 11, 22),
        )
        assert mini.cost is not None
        assert mini.cost.per_month == Usd(96)
        assert assess("gpt-4.1-mini", work(), as_of="2026-03-01").as_of == date(2026, 3, 1)
        assert assess(FULL, work()).as_of is None
        assert assess(FULL, work(), as_of="2026-03-01").as_of == date(2026, 3, 1)

    def test_equal_questions_are_equal(self) -> None:
        """Two assessments of the same model and workload are equal, whatever was read of them before."""
        first, second = assess(FULL, work()), assess(FULL, work())
        assert first.cost is not None
        assert first == second
        assert first != assess(BLANK, work())

    def test_blended(self) -> None:
        """The blended price is in the workload's own ratio of input to output; another ratio can be asked for."""
        assessed = assess(FULL, work(input_tokens=300, output_tokens=100))
        assert assessed.blended == Usd("2.00")
        assert assessed.blended_usd_per_mtok(1, 1) == Usd("3.00")
        assert assess(FULL, work(input_tokens=0, output_tokens=0)).blended is None
        assert assess(BLANK, work()).blended is None
        chat = work(turns=2)
        assert assess(FULL, chat).blended == FULL.blended_usd_per_mtok(
            chat.total_input_tokens, chat.total_output_tokens
        )

    def test_what_is_unknown_is_named(self) -> None:
        """For a model of which nothing is known every unknown is named, and nothing is guessed."""
        blank = assess(BLANK, work(requests_per_day=5))
        assert (blank.cost, blank.expected_cost, blank.cost_per_right_answer, blank.blended) == (None, None, None, None)
        assert known(blank) == {
            "standard price of input_tokens of acme/blank",
            "time to first token of acme/blank",
            "output tokens per second of acme/blank",
            "context window of acme/blank",
            "requests per minute of acme/blank",
            "score of acme/blank on mmlu",
        }
        assert str(blank.unknowns[0]) == "unknown (standard price of input_tokens of acme/blank)"
        assert blank.feasible is None

    def test_a_missing_volume_is_named(self) -> None:
        """Without a volume there is no cost of a period, and that is said."""
        assert known(assess(FULL, work())) == {"volume of the workload: requests per day, month or year"}
        assert known(assess(FULL, work(requests_per_year=1))) == set()


class TestContext:
    """Whether the longest request fits, and what if not."""

    @pytest.mark.parametrize(("longest", "fits", "headroom"), [(9_849, True, 1), (9_850, True, 0), (9_851, False, -1)])
    def test_the_window_holds_input_and_output(self, longest: int, fits: bool, headroom: int) -> None:
        """A request fits if its input and its output together fill the window to the last token."""
        fit = assess(FULL, work(longest_tokens=longest)).context
        assert (fit.fits, fit.headroom_tokens, fit.window_tokens) == (fits, headroom, 10_000)
        assert str(fit) == ("fits" if fits else "needs 2 chunks")
        assert fit.chunks == (1 if fits else 2)

    def test_an_unknown_window(self) -> None:
        """Without a window it is unknown whether anything fits."""
        fit = assess(BLANK, work()).context
        assert (fit.fits, fit.chunks, fit.headroom_tokens, str(fit)) == (None, None, None, "unknown")

    def test_chunks_by_hand(self) -> None:
        """20,000 tokens in chunks of 10,000 less 500 of instructions and 150 of output, 350 shared: three chunks."""
        long = work(input_tokens=20_000, longest_tokens=20_000, instruction_tokens=500, chunk_overlap_tokens=350)
        fit = assess(FULL, long).context
        room = 10_000 - 500 - 150
        assert room == 9_350
        assert room + (room - 350) < 20_000 <= room + 2 * (room - 350)
        assert (fit.chunks, fit.needed_tokens) == (3, 20_650)
        sent = 20_000 + 2 * 350 + 3 * 500
        assert fit.chunked_cost == mtok("1.00", sent) + mtok("5.00", 3 * 150)
        assert str(fit) == "needs 3 chunks"

    @pytest.mark.parametrize(("tokens", "chunks"), [(9_850, 1), (9_851, 2), (19_700, 2), (19_701, 3)])
    def test_chunks_are_filled(self, tokens: int, chunks: int) -> None:
        """Without overlap and instructions each chunk takes the window less the output."""
        assert assess(FULL, work(input_tokens=tokens)).context.chunks == chunks

    def test_a_mean_document_is_cut_too(self) -> None:
        """Where no longest document is stated, the mean one is cut."""
        fit = assess(FULL, work(input_tokens=Decimal("12000.5"))).context
        assert fit.chunks == 2
        assert fit.chunked_cost == mtok("1.00", Fraction("12000.5")) + mtok("5.00", 300)

    @pytest.mark.parametrize(
        "impossible",
        [{"output_tokens": 10_000}, {"instruction_tokens": 9_850}, {"chunk_overlap_tokens": 9_850}],
        ids=str,
    )
    def test_what_cannot_be_cut(self, impossible: dict[str, int]) -> None:
        """Where output, instructions or overlap leave no room for the document, cutting does not help."""
        fit = assess(FULL, work(longest_tokens=20_000, **{"output_tokens": 150, **impossible})).context
        assert (fit.fits, fit.chunks, fit.chunked_cost, str(fit)) == (False, None, None, "does not fit")

    def test_chunks_of_unknown_price(self) -> None:
        """The number of chunks is known without any price; what they cost is not."""
        fit = assess(Model("m", context_window=10_000), work(longest_tokens=20_000)).context
        assert (fit.chunks, fit.chunked_cost) == (3, None)

    @pytest.mark.parametrize(
        ("turns", "history", "fits", "last"),
        [(28, True, True, None), (29, True, False, 28), (1_000_000, True, False, 28), (29, False, True, None)],
    )
    def test_history_is_cut(self, turns: int, history: bool, fits: bool, last: int | None) -> None:
        """Turn k with its history needs k times 350 tokens: 28 turns fit into 10,000, the 29th does not."""
        fit = assess(FULL, work(turns=turns, history_resent=history)).context
        assert (fit.fits, fit.last_turn) == (fits, last)
        if last is not None:
            assert str(fit) == "history must be cut after turn 28"
            assert fit.chunks is None

    def test_turns_that_never_fit(self) -> None:
        """Where a single turn is too long, no turn fits."""
        assert assess(FULL, work(input_tokens=20_000, turns=3)).context.last_turn == 0
        assert assess(FULL, work(input_tokens=20_000, turns=3, history_resent=False)).context.last_turn == 0

    def test_what_does_not_fit_is_not_one_chunk(self) -> None:
        """A request that does not fit needs two chunks at least, also where the longest is stated below the mean."""
        fit = assess(FULL, work(input_tokens=20_000, longest_tokens=100)).context
        assert fit.fits is False
        assert fit.chunks is not None
        assert fit.chunks >= 2

    def test_what_does_not_fit_is_cut_before_its_end(self) -> None:
        """Where the longest conversation does not fit, its history is not said to fit to the last turn."""
        fit = assess(FULL, work(turns=5, longest_tokens=20_000)).context
        assert fit.fits is False
        assert fit.last_turn is not None
        assert fit.last_turn < 5


class TestTime:
    """Latency of one response."""

    def test_latency(self) -> None:
        """150 tokens at 50 tokens/s take 3,000 ms, after 200 to 400 ms."""
        assert assess(FULL, work()).latency.total == Range(3_200, 3_400, "ms")

    def test_other_lengths_and_speeds(self) -> None:
        """response_time() answers for another number of tokens, and for a speed of one's own."""
        assessed = assess(FULL, work())
        assert assessed.response_time() == assessed.latency
        assert assessed.response_time(output_tokens=200).total == Range(4_200, 4_400, "ms")
        assert assessed.response_time(200, 25).total == Range(8_200, 8_400, "ms")
        spread = assessed.response_time(200, tokens_per_second="40-50 tokens/s")
        assert spread.total == spread.total_at_any_speed == Range(4_200, 5_400, "ms")
        assert assessed.response_time(0).total == Range(200, 400, "ms")
        assert assess(BLANK, work()).response_time(tokens_per_second=50).generation == Range(3_000, unit="ms")


class TestRateLimit:
    """The volume, spread evenly over the day, against the limit."""

    def test_headroom(self) -> None:
        """86,400 requests a day are 60 a minute: a limit of 600 holds ten times that."""
        limit = assess(FULL, work(requests_per_day=86_400)).rate_limit
        assert (limit.needed_per_minute, limit.limit_per_minute, limit.headroom) == (60, 600, 10)

    def test_turns_are_requests(self) -> None:
        """A conversation of ten turns is ten requests."""
        assert assess(FULL, work(requests_per_day=8_640, turns=10)).rate_limit.headroom == 10

    def test_less_than_the_volume(self) -> None:
        """A limit below the volume has a headroom below 1, exactly."""
        assert assess(FULL, work(requests_per_day=2_592_000)).rate_limit.headroom == Fraction(1, 3)

    def test_unknown(self) -> None:
        """Without a volume, or a limit, or any request, there is no headroom."""
        assert assess(FULL, work()).rate_limit.headroom is None
        assert assess(BLANK, work(requests_per_day=5)).rate_limit.headroom is None
        assert assess(FULL, work(requests_per_day=0)).rate_limit.headroom is None


class TestQuality:
    """The benchmark that speaks for the task."""

    def test_a_stated_task(self) -> None:
        """The task names the benchmark; the score is kept as stated, and as a share."""
        quality = assess(FULL, work(task="math")).quality
        assert (quality.task, quality.assumed, quality.benchmark) == ("math", False, "gsm8k")
        assert quality.score == Score("gsm8k", Range(80, unit="%"))
        assert quality.percent == Range(80, unit="%")
        assert quality.right_share == Range("0.8")

    def test_no_stated_task(self) -> None:
        """Without a task general knowledge speaks for it, and that is an assumption."""
        quality = assess(FULL, work()).quality
        assert (quality.task, quality.assumed, quality.percent) == ("general-knowledge", True, Range(72, 75, "%"))

    def test_a_rate_of_errors(self) -> None:
        """2.3 % wrong are 97.7 % right."""
        quality = assess(FULL, work(task="factual-accuracy")).quality
        assert quality.percent == Range("97.7", unit="%")
        assert str(quality.score) == "2.3 %"

    def test_a_judgement(self) -> None:
        """A judgement in words is kept, and is no share."""
        quality = assess("gpt-4.1-mini", work(task="creative-writing")).quality
        assert quality.score is not None
        assert quality.score.judgement == "tends toward more formulaic outputs"
        assert (quality.percent, quality.right_share) == (None, None)

    def test_a_catalog_without_tasks(self) -> None:
        """Where the catalog knows no task at all, an unstated one is simply unknown."""
        bare = Catalog(edition="e", as_of=date(2026, 1, 1), trust=(), sources={}, records={})
        assessed = assess(FULL, work(), catalog=bare)
        assert (assessed.quality.benchmark, assessed.quality.percent) == (None, None)
        assert "benchmark for general-knowledge" in known(assessed)
        with pytest.raises(lt.UnknownNameError):
            assess(FULL, work(task="math"), catalog=bare)


class TestErrors:
    """What wrong answers cost."""

    def test_expected_cost_by_hand(self) -> None:
        """C + (1-p)·K: with p from 72 to 75 % and 10 cents an error, 2.5 to 2.8 cents more."""
        assessed = assess(FULL, work(error_cost="0.10"))
        each = mtok("1.00", 200) + mtok("5.00", 150)
        assert assessed.expected_cost == Range(
            (each + Usd("0.025")).as_fraction(), (each + Usd("0.028")).as_fraction(), "USD"
        )

    def test_cost_per_right_answer_by_hand(self) -> None:
        """C/p: the better end of p makes the lower cost."""
        each = (mtok("1.00", 200) + mtok("5.00", 150)).as_fraction()
        assert assess(FULL, work()).cost_per_right_answer == Range(
            each / Fraction(75, 100), each / Fraction(72, 100), "USD"
        )

    def test_only_with_an_error_cost(self) -> None:
        """Without an error cost nothing is expected; an error that costs nothing adds nothing."""
        assert assess(FULL, work()).expected_cost is None
        free = assess(FULL, work(error_cost=0))
        assert free.cost is not None
        assert free.expected_cost == Range(free.cost.per_request.as_fraction(), unit="USD")

    def test_unknown_quality(self) -> None:
        """Without a score, or with a model that may never be right, there is no cost of a right answer."""
        assert assess(Model("m", usd_per_mtok=(1, 1)), work(error_cost=1)).expected_cost is None
        assert assess(Model("m", usd_per_mtok=(1, 1)), work()).cost_per_right_answer is None
        seldom = assess(Model("m", usd_per_mtok=(1, 1), scores={"mmlu": "0.5-50 %"}), work())
        assert seldom.cost_per_right_answer is not None
        never = assess(Model("m", usd_per_mtok=(1, 1), scores={"mmlu": "0-50 %"}), work(error_cost=1))
        assert never.cost_per_right_answer is None
        assert never.expected_cost is not None


MET, NOT_MET, UNKNOWN = "met", "not met", "unknown"


class TestRequirements:
    """Every requirement can be met, not met, or unknown."""

    @pytest.mark.parametrize(
        ("requirement", "model", "asked", "answer", "reason"),
        [
            ("context", {"context_window": 350}, {}, MET, "needs 350 of 350 tokens"),
            ("context", {"context_window": 349}, {}, NOT_MET, "needs 350 tokens, the window is 349: needs 2 chunks"),
            ("context", {"context_window": 999}, {"turns": 3}, NOT_MET, "history must be cut after turn 2"),
            ("context", {}, {}, UNKNOWN, "the context window of m is unknown"),
            ("output_limit", {"max_output_tokens": 150}, {}, MET, "needs 150 output tokens of at most 150"),
            ("output_limit", {"max_output_tokens": 149}, {}, NOT_MET, "needs 150 output tokens of at most 149"),
            ("output_limit", {}, {}, MET, "no limit on the output is recorded beyond the context window"),
            ("vision", {"supports_vision": True}, {"needs": {"vision"}}, MET, "supports vision"),
            ("vision", {"supports_vision": False}, {"needs": {"vision"}}, NOT_MET, "does not support vision"),
            ("vision", {}, {"needs": {"vision"}}, UNKNOWN, "whether m supports vision is unknown"),
            ("tools", {"supports_tools": True}, {"needs": {"tools"}}, MET, "supports tools"),
            ("tools", {"supports_tools": False}, {"needs": {"tools"}}, NOT_MET, "does not support tools"),
            ("tools", {}, {"needs": {"tools"}}, UNKNOWN, "whether m supports tools is unknown"),
            ("batch", {"supports_batch": True}, {"needs": {"batch"}}, MET, "supports batch"),
            ("batch", {"supports_batch": False}, {"needs": {"batch"}}, NOT_MET, "does not support batch"),
            ("batch", {}, {"needs": {"batch"}}, UNKNOWN, "whether m supports batch is unknown"),
            (
                "structured_output",
                {"supports_structured_output": True},
                {"needs": {"structured_output"}},
                MET,
                "structured output",
            ),
            (
                "structured_output",
                {"supports_structured_output": False},
                {"needs": {"structured_output"}},
                NOT_MET,
                "does not support",
            ),
            (
                "structured_output",
                {},
                {"needs": {"structured_output"}},
                UNKNOWN,
                "whether m supports structured output is unknown",
            ),
            ("languages", {"languages": ("French",)}, {"languages": {"french"}}, MET, "every language is named"),
            (
                "languages",
                {"preferred_languages": ("french",)},
                {"languages": {"FRENCH"}},
                MET,
                "every language is named",
            ),
            (
                "languages",
                {"languages": ("french",)},
                {"languages": {"french", "welsh"}},
                UNKNOWN,
                "nobody says how m handles welsh",
            ),
            ("languages", {}, {"languages": {"welsh", "breton"}}, UNKNOWN, "nobody says how m handles breton, welsh"),
            ("ttft", {"ttft": "200-400 ms"}, {"max_ttft_ms": 400}, MET, "time to first token 200-400 ms, limit 400 ms"),
            (
                "ttft",
                {"ttft": "200-400 ms"},
                {"max_ttft_ms": 199},
                NOT_MET,
                "time to first token 200-400 ms, limit 199 ms",
            ),
            ("ttft", {"ttft": "200-400 ms"}, {"max_ttft_ms": 200}, UNKNOWN, "within the limit of 200 ms only at times"),
            ("ttft", {}, {"max_ttft_ms": 200}, UNKNOWN, "the time to first token is unknown"),
            (
                "response_time",
                {"ttft": 100, "output_tokens_per_second": 100},
                {"max_response_ms": 1_600},
                MET,
                "response time 1,600 ms",
            ),
            (
                "response_time",
                {"ttft": 100, "output_tokens_per_second": 100},
                {"max_response_ms": 1_599},
                NOT_MET,
                "1,600 ms",
            ),
            (
                "response_time",
                {"ttft": 100, "output_tokens_per_second": "50-100", "typical_output_tokens_per_second": 100},
                {"max_response_ms": 1_600},
                UNKNOWN,
                "only at times",
            ),
            ("response_time", {"ttft": 100}, {"max_response_ms": 1_600}, UNKNOWN, "the response time is unknown"),
            (
                "quality",
                {"scores": {"mmlu": "72-75 %"}},
                {"min_quality_percent": 72},
                MET,
                "72-75 % right on mmlu, at least 72 % wanted",
            ),
            ("quality", {"scores": {"mmlu": "72-75 %"}}, {"min_quality_percent": 76}, NOT_MET, "at least 76 % wanted"),
            ("quality", {"scores": {"mmlu": "72-75 %"}}, {"min_quality_percent": 75}, UNKNOWN, "at least 75 % wanted"),
            ("quality", {}, {"min_quality_percent": 75}, UNKNOWN, "the score of m on mmlu is unknown"),
            ("offered", {}, {}, MET, "no end of the offer is recorded"),
            ("offered", {"retires_on": date(2026, 12, 1)}, {}, MET, "offered until 2026-12-01"),
            (
                "offered",
                {"retires_on": date(2026, 11, 22)},
                {},
                NOT_MET,
                "retired on 2026-11-22, asked about 2026-11-22",
            ),
        ],
    )
    def test_answers(
        self, requirement: str, model: dict[str, Any], asked: dict[str, Any], answer: str, reason: str
    ) -> None:
        """Each requirement at the edge of being met, with its reason and the facts that it rests on."""
        assessed = assess(Model("m", **model), work(**asked), as_of="2026-11-22")
        verdict = assessed.verdict(requirement)
        assert verdict is not None
        assert (verdict.answer, verdict.requirement) == (answer, requirement)
        assert reason in verdict.reason
        if model:
            assert set(verdict.facts) & ({*model} | {f"scores.{name}" for name in model.get("scores", {})})

    def test_only_what_the_workload_requires_is_asked(self) -> None:
        """A workload without needs and limits is asked three questions; the others are not even answered."""
        assessed = assess(FULL, work())
        assert [verdict.requirement for verdict in assessed.verdicts] == ["offered", "context", "output_limit"]
        assert assessed.verdict("vision") is None

    def test_every_requirement_has_a_question(self) -> None:
        """Each requirement is a question that ends in a question mark, and has an id of its own."""
        assert len({rule.id for rule in REQUIREMENTS}) == len(REQUIREMENTS) == 11
        assert all(rule.question.endswith("?") for rule in REQUIREMENTS)

    def test_thresholds_in_words(self) -> None:
        """Each requirement says in words what the workload asks for, and nothing where it does not ask."""
        asked = work(
            needs={"vision", "tools", "batch", "structured_output"},
            languages={"welsh", "breton"},
            max_ttft_ms=500,
            max_response_ms=5_000,
            min_quality_percent=Decimal("72.5"),
            longest_tokens=100_000,
        )
        words = {rule.id: rule.threshold(asked) for rule in REQUIREMENTS}
        assert words == {
            "offered": "",
            "context": "100,150 tokens",
            "output_limit": "150 tokens",
            "vision": "vision",
            "tools": "tools",
            "batch": "batch",
            "structured_output": "structured output",
            "languages": "breton, welsh",
            "ttft": "500 ms",
            "response_time": "5,000 ms",
            "quality": "72.5 %",
        }
        unasked = {rule.id: rule.threshold(work()) for rule in REQUIREMENTS if not rule.asked_of(work())}
        assert {unasked[name] for name in ("ttft", "response_time", "quality", "languages")} == {""}

    def test_feasible(self) -> None:
        """One requirement that is not met decides; otherwise one that is unknown leaves it open."""
        assert assess(FULL, work()).feasible is True
        assert assess(FULL, work(needs={"batch"})).feasible is None
        assert assess(FULL, work(needs={"batch", "tools"})).feasible is False

    def test_gaps(self) -> None:
        """Gaps are the requirements that are not met or not known to be met, in order."""
        gaps = assess(FULL, work(needs={"vision", "tools", "batch"}, max_ttft_ms=300)).gaps
        assert [(gap.requirement, gap.answer) for gap in gaps] == [
            ("tools", NOT_MET),
            ("batch", UNKNOWN),
            ("ttft", UNKNOWN),
        ]

    def test_an_end_that_is_recorded_is_not_denied(self) -> None:
        """For a model by hand without a day, the end of its offer is not denied."""
        verdict = assess(Model("m", retires_on=date(2020, 1, 1)), work()).verdict("offered")
        assert verdict is not None
        assert verdict.reason != "no end of the offer is recorded"
