"""Verdicts: when each is given, and what the report says about it."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path
from typing import Any

import attrs
import pytest

from llm_tradeoffs import AuditReport, Catalog, Claim, Claims, Model, Range, audit
from llm_tradeoffs.claims import VERDICTS, AuditedClaim
from llm_tradeoffs.errors import UnknownNameError
from llm_tradeoffs.rates import RateCard

SHORT = {"mini": "gpt-4.1-mini", "haiku": "claude-haiku-4.5"}


def audited(*claims: Claim, source: str | None = "article", catalog: Catalog | None = None, **more: Any) -> AuditReport:
    """The report about some claims."""
    return audit(Claims(id="x", title="A text", source=source, models=SHORT, claims=claims), catalog, **more)


def one(
    says: str, expression: str, source: str | None = "article", catalog: Catalog | None = None, **more: Any
) -> AuditedClaim:
    """The verdict on one claim."""
    return audited(Claim(id="a", text="t", says=says, expression=expression, **more), source=source, catalog=catalog)[
        "a"
    ]


class TestNumbers:
    """Values that can be recomputed."""

    def test_reproduced_is_exactly_so(self) -> None:
        """With the arithmetic, the facts, and who else would have them."""
        found = one("$0.80", "10_000 * 200 tokens * price(mini, input)")
        assert found.verdict == "reproduced"
        assert found.because == "exactly as stated"
        assert found.arithmetic == "10,000 × 200 tokens × $0.40/MTok = $0.80"
        assert found.value == Range("0.8", unit="$")
        assert found.factor == Range(1)
        assert found.instead == ""
        assert [fact.source.id for fact in found.facts] == ["article"]
        assert [(opinion.source.id, opinion.agrees) for opinion in found.opinions] == [
            ("litellm", True),
            ("models.dev", True),
            ("genai-prices", True),
        ]
        assert found.holds
        assert not found.own_word

    def test_rounded_shows_the_exact_value(self) -> None:
        """Within the precision that the claim was written with."""
        found = one("~3x", "cost(haiku, 200 tokens, 150 tokens) / cost(mini, 200 tokens, 150 tokens)")
        assert (found.verdict, found.exact, found.value) == ("rounded", "2.96875x", Range("95/32", unit="x"))
        assert found.because == "it comes to 2.96875x, which is about what is stated"
        assert one("2.97x", "95 / 32").because == "it comes to 2.96875x, which rounds to what is stated"

    def test_wrong_shows_the_exact_value_and_the_factor(self) -> None:
        """And says which way."""
        found = one("$0.0016", "50 * cost(mini, 200 tokens, 150 tokens)")
        assert (found.verdict, found.exact, found.factor, found.instead) == ("wrong", "$0.016", Range(10), "$0.016")
        assert found.because == "it comes to $0.016, and what is stated is too low by a factor of 10"
        found = one("~30x", "95 / 32")
        assert found.factor == Range("95/960")
        assert found.because == "it comes to 2.96875x, and what is stated is too high by a factor of 10.1"
        assert one("$4", "$400").because.endswith("too low by a factor of 100")
        assert one("5.24x", "5.25").because.endswith("too low by a factor of 1.002")
        assert one("0", "5").because == "it comes to 5, and what is stated is too low"
        assert one("0", "5").factor is None

    @pytest.mark.parametrize(
        ("says", "expression", "words"),
        [
            ("3-5 %", "range(3, 4) * 1 %", "it comes to 3-4 %, and the high end is too high by a factor of 1.25"),
            (
                "1-2",
                "range(4, 6)",
                "the low end is too low by a factor of 4 and the high end is too low by a factor of 3",
            ),
            ("150 ms", "range(50 ms, 150 ms)", "it comes to 50-150 ms, and what is stated is only a part of that"),
            (
                "30 %",
                "range(60 %, 68 %)",
                "it comes to 60-68 %, and what is stated is too low by a factor of 2 or more",
            ),
            ("9", "range(2, 3)", "it comes to 2-3, and what is stated is too high by a factor of 3 or more"),
            ("at least 5", "4", "it comes to 4, which is not at least 5"),
            ("6-8 points", "6 %", "it comes to 6 points, and the high end is too high by a factor of 1.33"),
        ],
    )
    def test_ranges_and_bounds_say_where_they_are_off(self, says: str, expression: str, words: str) -> None:
        """End by end."""
        found = one(says, expression)
        assert found.verdict == "wrong"
        assert found.because.endswith(words)

    def test_endless_digits_are_shortened_in_what_to_believe(self) -> None:
        """The exact value is there as a fraction."""
        found = one("~4.4x", "20 / 7")
        assert found.instead == "about 2.86x"
        assert found.value == Range("20/7", unit="x")

    def test_yes_or_no_words_names_and_days(self) -> None:
        """Other values are compared as what they are."""
        assert one("yes", "window(mini) > window(haiku)").verdict == "reproduced"
        wrong = one("yes", "2 * window(haiku) > window(mini)")
        assert (wrong.verdict, wrong.because, wrong.instead, wrong.value) == ("wrong", "the answer is no", "no", False)
        assert one("api.openai.com/v1/chat/completions", "fact(mini, endpoint)").verdict == "reproduced"
        assert (
            one("image, text", "fact(haiku, input_modalities)", catalog=Catalog.bundled(trust=("article",))).verdict
            == "reproduced"
        )
        assert one("2025-04-14", "fact(mini, released_on)", source=None).verdict == "reproduced"
        assert one("2025", "fact(mini, released_on)", source=None).verdict == "rounded"
        off = one("2024", "fact(mini, released_on)", source=None)
        assert (off.verdict, off.instead) == ("contradicted", "2025-04-14")
        assert (
            one("text", "fact(haiku, input_modalities)", catalog=Catalog.bundled(trust=("article",))).because
            == "it is text, image"
        )


class TestSources:
    """Whose word decides."""

    def test_contradicted_names_who_says_otherwise(self) -> None:
        """With the place and the day from which it is recorded; the text's own figure gave what it says."""
        found = one("57,000", "questions(mmlu)")
        assert found.verdict == "contradicted"
        assert "cais-mmlu says mmlu questions = 14,042 (README.md" in found.because
        assert (found.exact, found.instead) == ("57,000", "14,042")
        assert [(opinion.source.id, opinion.agrees, opinion.value) for opinion in found.opinions] == [
            ("cais-mmlu", False, "14,042")
        ]

    def test_only_the_facts_that_differ_are_named(self) -> None:
        """That the other model can see is not in dispute."""
        found = one("yes", "supports(haiku, vision) and not supports(mini, vision)")
        assert found.verdict == "contradicted"
        assert found.because.startswith(
            "another source says otherwise: litellm says gpt-4.1-mini supports_vision = yes ("
        )
        assert "claude" not in found.because

    def test_where_others_disagree_the_trust_order_decides(self) -> None:
        """A lesser source's dissent is an opinion, and no verdict."""
        found = one("1.05M tokens", "window(mini)")
        assert found.verdict == "reproduced"
        assert [(opinion.source.id, opinion.agrees) for opinion in found.opinions] == [
            ("litellm", True),
            ("models.dev", True),
            ("genai-prices", False),
        ]
        order = [name for name in Catalog.bundled().trust if name != "genai-prices"]
        other = Catalog.bundled(trust=("genai-prices", *order))
        assert one("1.05M tokens", "window(mini)", catalog=other).verdict == "contradicted"
        assert one("1,050,000 tokens", "window(mini)", digits=7).verdict == "contradicted"

    def test_a_source_with_which_there_is_no_answer_contradicts_nothing(self) -> None:
        """By the article both lengths fit; by the others one does and one does not."""
        found = one("yes", "fits(mini, range(900_000 tokens, 1_049_999 tokens))")
        assert found.verdict == "reproduced"
        assert [(opinion.source.id, opinion.agrees, opinion.value) for opinion in found.opinions] == [
            ("litellm", False, ""),
            ("models.dev", False, ""),
            ("genai-prices", False, ""),
        ]
        assert "litellm (nothing)" in str(found)

    def test_who_is_not_trusted_is_not_heard(self) -> None:
        """In the world of the article nobody contradicts it."""
        alone = Catalog.bundled(trust=("article",))
        found = one("57,000", "questions(mmlu)", catalog=alone)
        assert (found.verdict, found.opinions, found.own_word) == ("reproduced", (), True)
        # The text's own figures are used for its arithmetic even where nobody trusts it.
        others = Catalog.bundled(trust=("litellm", "cais-mmlu"))
        assert one("57,000", "questions(mmlu)", catalog=others).verdict == "contradicted"

    def test_what_only_the_text_states_says_so(self) -> None:
        """It can be repeated, and not confirmed."""
        assert one("82 %", "score(mini, gsm8k)").own_word
        assert one("6 points", "gap(score(haiku, gsm8k), score(mini, gsm8k))").own_word
        assert not one("7", "3 + 4").own_word
        assert not one("83 %", "score(mini, gsm8k)").own_word

    def test_what_the_text_does_not_state_is_looked_up_elsewhere(self) -> None:
        """And contradicted if it was only a repetition, wrong if it had to be worked out."""
        assert one("32,768 tokens", "max_output(mini)").verdict == "reproduced"
        assert one("64,000 tokens", "max_output(mini)").verdict == "contradicted"
        assert one("64,000 tokens", "2 * max_output(mini)").verdict == "wrong"
        assert one("yes", "score(haiku, bfcl) == score(mini, bfcl)").verdict == "contradicted"

    def test_a_text_that_is_no_source_is_held_against_the_catalog(self) -> None:
        """A deck that repeats a wrong price is contradicted, one that multiplies wrongly is wrong."""
        assert one("$0.40/MTok", "price(mini, input)", source=None).verdict == "reproduced"
        assert one("$0.50/MTok", "price(mini, input)", source=None).verdict == "contradicted"
        assert one("$0.50", "1M tokens * price(mini, input)", source=None).verdict == "wrong"
        assert one("under 200 ms", "ttft(mini)", source=None).verdict == "contradicted"
        assert one("yes", "ttft(mini) < 200 ms and 1 < 2", source=None).verdict == "not derivable"

    def test_prices_by_hand_are_believed_first(self) -> None:
        """What the caller says answers before everybody."""
        ours = Catalog.bundled().with_model(Model("gpt-4.1-mini", usd_per_mtok=("0.30", "1.20")), replace=True)
        found = one("$0.40/MTok", "price(mini, input)", catalog=ours)
        assert (found.verdict, found.instead) == ("contradicted", "$0.30/MTok")

    def test_another_day(self) -> None:
        """Before the article nothing of it is known."""
        early = audited(Claim(id="a", text="t", says="150-250 ms", expression="ttft(mini)"), as_of="2026-01-01")
        assert early["a"].verdict == "not derivable"
        assert early["a"].because == "nobody states the ttft of GPT-4.1 Mini"


class TestNoValue:
    """Where there is nothing to compare."""

    def test_not_derivable_names_what_is_missing(self) -> None:
        """A fact that nobody states."""
        found = one("5", "price(haiku, input, priority) / price(mini, input, priority)")
        assert found.verdict == "not derivable"
        assert found.because == "nobody states the priority price of input tokens of Claude Haiku 4.5"
        assert one("5", "1 / 0").because == "1 is divided by 0"

    def test_undecidable_says_why_and_may_show_a_number(self) -> None:
        """For information."""
        report = audited(
            Claim(id="a", text="t", undecidable="Nobody can know."),
            Claim(id="b", text="t", undecidable="No amount is named.", expression="3 * 4", says="a lot"),
            Claim(id="c", text="t", undecidable="Nobody can know.", expression="max_output(mini) / 0"),
        )
        assert [entry.verdict for entry in report] == ["undecidable"] * 3
        assert report["a"].because == "Nobody can know."
        assert (report["b"].exact, report["b"].arithmetic) == ("12", "3 × 4 = 12")
        assert report["c"].exact == ""

    def test_costs_that_no_token_counts_give_are_not_derivable_and_it_is_proved(self) -> None:
        """The article's sentiment claim."""
        costs = {"mini": "$0.00016", "haiku": "$0.00024"}
        found = audited(Claim(id="a", text="t", costs=costs))["a"]
        assert found.verdict == "not derivable"
        assert found.because == (
            "no token counts give these costs: if GPT-4.1 Mini costs $0.00016, "
            "then Claude Haiku 4.5 costs $0.0004 to $0.0005"
        )
        assert found.instead == "$0.0004 to $0.0005 for Claude Haiku 4.5, if GPT-4.1 Mini costs $0.00016"
        proof = " ".join(found.steps)
        assert "any request costs 2.5 to 3.125 times as much" in proof
        assert "1.5 times" in proof
        assert "400 tokens in and 0 tokens out cost $0.0004" in proof
        assert "0 tokens in and 100 tokens out cost $0.0005" in proof
        assert "$0.00024 stands for $0.000235 to $0.000245" in proof
        assert len(found.facts) == 4

    @pytest.mark.parametrize(
        ("costs", "bounds", "verdict", "words"),
        [
            (
                {"mini": "$0.00032", "haiku": "$0.00095"},
                {},
                "reproduced",
                "for example 200 tokens in and 150 tokens out",
            ),
            ({"mini": "$0.0003", "haiku": "$0.0010"}, {}, "rounded", "costs that round to these"),
            ({"mini": "$0.00032"}, {"input_tokens": "200"}, "reproduced", "150 tokens out"),
            ({"mini": "$0.00032"}, {"input_tokens": "at least 900"}, "not derivable", "costs $0.00036 or more"),
            (
                {"mini": "$0.00032"},
                {"input_tokens": "900-800,000", "output_tokens": "0"},
                "not derivable",
                "$0.00036 to $0.32",
            ),
            (
                {"mini": "$0.5"},
                {"input_tokens": "at most 900", "output_tokens": "~100"},
                "not derivable",
                "0 to 900 input",
            ),
            ({"mini": "$0.0000", "haiku": "$1.00"}, {}, "not derivable", "costs $0.00"),
            ({"mini": "$0.00016", "haiku": "$0.00024"}, {"output_tokens": "under 5"}, "not derivable", "0 to 5 output"),
        ],
    )
    def test_costs_with_and_without_bounds(
        self, costs: dict[str, str], bounds: dict[str, str], verdict: str, words: str
    ) -> None:
        """What the text says about the length is part of the question."""
        found = audited(Claim(id="a", text="t", costs=costs, **bounds))["a"]
        assert found.verdict == verdict
        assert words in f"{found.because} {found.arithmetic}"

    def test_costs_at_unknown_or_other_prices(self) -> None:
        """An unknown price gives no proof; other prices can take a possibility away."""
        half = Catalog.bundled().with_model(Model("acme/one", usd_per_mtok={"input_tokens": 1}))
        claim = Claim(id="a", text="t", costs={"acme/one": "$1"})
        assert audited(claim, catalog=half)["a"].because == "nobody states the price of output tokens of acme/one"
        record = Catalog.bundled().records["gpt-4.1-mini"]
        dear = RateCard.of(("4", "16")).prices
        ours = Catalog.bundled().with_model(attrs.evolve(record, prices=(*record.prices, *dear)), replace=True)
        claim = Claim(id="a", text="t", costs={"mini": "$0.00032", "haiku": "$0.00095"})
        found = audited(claim, catalog=ours)["a"]
        assert found.verdict == "contradicted"
        assert "caller says gpt-4.1-mini rates.standard.input_tokens = $4.00/MTok" in found.because
        assert found.instead.startswith("$0.00008")


class TestPairs:
    """Claims of one text that cannot both hold."""

    def test_the_one_farther_from_the_exact_value_is_inconsistent(self) -> None:
        """The pair is named on both sides, and the arithmetic stays."""
        report = audited(
            Claim(id="a", text="t", says="2-3 seconds", expression="gap(ttft(haiku), ttft(mini))"),
            Claim(id="b", text="t", says="60-100 ms", expression="gap(ttft(haiku), ttft(mini))"),
            Claim(id="c", text="t", says="50-150 ms", expression="gap(ttft(haiku), ttft(mini))"),
        )
        assert [entry.verdict for entry in report] == ["inconsistent", "wrong", "reproduced"]
        assert report["a"].conflicts_with == ("c",)
        assert report["c"].conflicts_with == ("a",)
        assert report["a"].because.startswith("it cannot hold beside 'c' (50-150 ms); it comes to 0.05-0.15 s, and")
        assert report["a"].factor is not None
        assert report["b"].conflicts_with == ()  # 60-100 lies within 50-150: both may hold

    def test_values_that_overlap_may_both_hold(self) -> None:
        """A wrong claim is then only wrong."""
        report = audited(
            Claim(id="a", text="t", says="6-8 points", expression="6 %"),
            Claim(id="b", text="t", says="6 points", expression="6 %"),
        )
        assert [entry.verdict for entry in report] == ["wrong", "reproduced"]

    def test_bounds_words_and_yes_and_no(self) -> None:
        """They can speak against each other, too."""
        report = audited(
            Claim(id="a", text="t", says="$96", expression="monthly(mini, 'support-chatbot')"),
            Claim(id="b", text="t", says="under $80", expression="monthly(mini, 'support-chatbot')"),
            Claim(id="c", text="t", says="yes", expression="2 < 1"),
            Claim(id="d", text="t", says="no", expression="2 < 1"),
            Claim(id="e", text="t", says="tier-dependent", expression="fact(mini, rate_limit_basis)"),
            Claim(id="f", text="t", says="fixed", expression="fact(mini, rate_limit_basis)"),
        )
        assert {entry.id for entry in report.by_verdict("inconsistent")} == {"b", "c", "f"}
        assert report["c"].because == "it cannot hold beside 'd' (no); the answer is no"

    def test_where_nothing_can_be_worked_out_both_are_inconsistent(self) -> None:
        """Neither is nearer to anything."""
        report = audited(
            Claim(id="a", text="t", says="5", expression="price(haiku, input, flex) / price(mini, input, flex)"),
            Claim(id="b", text="t", says="9", expression="price(haiku, input, flex) / price(mini, input, flex)"),
        )
        assert [entry.verdict for entry in report] == ["inconsistent"] * 2
        assert report["a"].because == "it cannot hold beside 'b' (9)"
        assert report["a"].conflicts_with == ("b",)

    def test_other_expressions_can_be_about_the_same(self) -> None:
        """By a word that both give."""
        claims = [
            Claim(id="a", text="t", says="3", expression="1 + 2", about="how many"),
            Claim(id="b", text="t", says="5", expression="2 + 1", about="how many"),
            Claim(id="c", text="t", says="$5", expression="$5", about="how many"),
        ]
        assert [entry.verdict for entry in audited(*claims)] == ["reproduced", "inconsistent", "reproduced"]

    def test_a_person_can_say_that_two_cannot_both_hold(self) -> None:
        """With the reason, where no number shows it."""
        report = audited(
            Claim(id="a", text="t", inconsistent_with=["b"], why="this calls it negligible, that noticeable"),
            Claim(id="b", text="t", undecidable="what is noticeable?"),
            Claim(id="c", text="t", says="3", expression="3", inconsistent_with=["a", "b"], why="because"),
        )
        assert [entry.verdict for entry in report] == ["inconsistent", "undecidable", "inconsistent"]
        assert report["a"].because == "it cannot hold beside 'b': this calls it negligible, that noticeable"
        assert report["c"].because == "it cannot hold beside 'a' and 'b': because"
        assert report["b"].conflicts_with == ("a", "c")

    def test_a_contradicted_claim_stays_contradicted(self) -> None:
        """What another source says is not the text's own inconsistency."""
        report = audited(
            Claim(id="a", text="t", says="57,000", expression="questions(mmlu)"),
            Claim(id="b", text="t", says="14,042", expression="questions(mmlu)"),
        )
        assert [entry.verdict for entry in report] == ["contradicted", "inconsistent"]


class TestReport:
    """A report can be counted, asked, saved and shown."""

    def test_a_report_is_the_claims_in_their_order(self) -> None:
        """With lookups by id, by verdict and by section."""
        report = audited(
            Claim(id="b", text="t", section="One", says="3", expression="3"),
            Claim(id="a", text="t", section="Two", says="4", expression="3"),
            Claim(id="c", text="t", section="One", undecidable="why"),
        )
        assert [entry.id for entry in report] == ["b", "a", "c"]
        assert len(report) == 3
        assert report.counts == dict.fromkeys(VERDICTS, 0) | {"reproduced": 1, "wrong": 1, "undecidable": 1}
        assert [entry.id for entry in report.by_verdict("reproduced", "wrong")] == ["b", "a"]
        assert {section: [entry.id for entry in entries] for section, entries in report.sections.items()} == {
            "One": ["b", "c"],
            "Two": ["a"],
        }
        assert "a" in report
        assert "d" not in report
        assert repr(report) == "<AuditReport of 'A text': 1 reproduced, 1 wrong, 1 undecidable>"
        with pytest.raises(UnknownNameError, match="no claim is named 'd'"):
            report["d"]
        with pytest.raises(UnknownNameError, match="no verdict is named 'right'"):
            report.by_verdict("right")

    def test_nothing_to_check_is_no_fault(self) -> None:
        """An empty text holds."""
        report = audited()
        assert len(report) == 0
        assert "0 claims checked" in str(report)
        assert repr(report) == "<AuditReport of 'A text': no claims>"

    def test_a_report_says_what_it_rests_on(self) -> None:
        """So that it can be made again."""
        report = audit("article")
        catalog = Catalog.bundled()
        assert report.source == catalog.sources["article"]
        assert (report.as_of, report.catalog_edition) == (catalog.as_of, catalog.edition)
        assert (report.catalog_hash, report.trust) == (catalog.content_hash, catalog.trust)

    def test_a_report_in_plain_types_survives_json(self) -> None:
        """Exact numbers are texts."""
        plain = audit("article").to_dict()
        assert json.loads(json.dumps(plain)) == plain
        assert plain["schema_version"] == 1
        [claim] = [entry for entry in plain["claims"] if entry["id"] == "classification-ratio"]
        assert claim["value"] == {"low": "20/7", "high": "20/7", "unit": "x"}
        assert claim["factor"] == {"low": "50/77", "high": "50/77"}
        [claim] = [entry for entry in plain["claims"] if entry["id"] == "mmlu-questions"]
        assert claim["opinions"][0]["facts"][0]["source"] == "cais-mmlu"

    def test_a_report_survives_pickle_and_is_the_same_each_time(self) -> None:
        """No clock, no order of sets."""
        report = audit("article")
        assert pickle.loads(pickle.dumps(report)) == report
        assert audit("article") == report
        assert audit("article").to_markdown() == report.to_markdown()

    def test_a_report_does_not_depend_on_the_order_of_models_and_values(self, tmp_path: Path) -> None:
        """Named values may build on one another in any order."""
        text = 'id = "x"\ntitle = "x"\n[models]\nm = "gpt-4.1-mini"\n[values]\n{}\n[[claims]]\n'
        text += 'id = "a"\ntext = "t"\nsays = "$3.20"\nexpression = "day"\n'
        values = ['day = "10_000 * call"', 'call = "cost(m, 200 tokens, 150 tokens)"']
        for number, lines in enumerate((values, values[::-1])):
            path = tmp_path / f"{number}.toml"
            path.write_text(text.format("\n".join(lines)))
            found = audit(path)["a"]
            assert found.verdict == "reproduced"
            assert found.steps == (
                "GPT-4.1 Mini: 200 tokens × $0.40/MTok + 150 tokens × $1.60/MTok = $0.00032",
                "day: 10,000 × $0.00032 = $3.20",
            )

    def test_ten_thousand_claims_are_audited_in_seconds(self, tmp_path: Path) -> None:
        """And as many faults are reported in seconds; the limits are wide, for slow machines."""
        head = 'id = "x"\ntitle = "x"\n[models]\nmini = "gpt-4.1-mini"\nhaiku = "claude-haiku-4.5"\n'
        good = "".join(
            f'[[claims]]\nid = "c{i}"\ntext = "t"\nsays = "${i}"\n'
            f'expression = "{i} * cost({("mini", "haiku")[i % 2]}, {i % 500} tokens, 50 tokens)"\n'
            for i in range(10_000)
        )
        bad = good.replace("cost(", "cots(")
        path = tmp_path / "many.toml"
        path.write_text(head + good)
        start = time.process_time()
        assert len(audit(path)) == 10_000
        assert time.process_time() - start < 60
        path.write_text(head + bad)
        start = time.process_time()
        with pytest.raises(ValueError, match="10000 problems"):
            audit(path)
        assert time.process_time() - start < 60
