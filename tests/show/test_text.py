"""Plain text: readable in a terminal, with unknown as a word and every source named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, Model, Workload
from llm_tradeoffs.policy import Condition, Outcome, Question
from llm_tradeoffs.show.text import table

ARTICLE = ("article",)
BLANK = Model("acme/blank", name="Acme Blank")


def work(**fields: Any) -> Workload:
    return Workload(**{"input_tokens": 200, "output_tokens": 150, **fields})


def flat(text: str) -> str:
    """A text without its line breaks and indents."""
    return " ".join(text.split())


PRESETS = [preset.name for preset in Workload.presets()]
MODELS = ("gpt-4.1-mini", "claude-haiku-4.5")


def every_text(preset: str) -> list[str]:
    """Every text that the library can say about a preset."""
    compared = lt.compare(*MODELS, BLANK, workload=preset)
    return [
        str(compared),
        *(str(each) for each in compared),
        str(lt.recommend(preset)),
        str(lt.recommend(preset, policy="article")),
        str(lt.recommend(preset, [BLANK])),
        str(lt.recommend([Workload.preset(preset), work()])),
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_no_text_shows_what_only_a_program_understands(preset: str) -> None:
    """No text shows None, a repr, a float's tail or an empty bracket."""
    for text in every_text(preset):
        for token in (
            "None",
            "Usd(",
            "Range(",
            "Fraction(",
            "Decimal(",
            "()",
            "frozenset",
            "  )",
            "nan",
            "e-0",
            "<",
            "  .",
        ):
            assert token not in text.replace("< 500ms", ""), f"{token!r} in:\n{text}"


@pytest.mark.parametrize("preset", PRESETS)
def test_prose_is_wrapped(preset: str) -> None:
    """Explanations fit a terminal of 100 columns, but for words that are longer than a line."""
    for text in (str(lt.recommend(preset)), str(lt.recommend(preset, policy="article"))):
        assert [line for line in text.splitlines() if len(line) > 100 and " " in line.strip()] == []


def test_no_line_ends_in_a_space() -> None:
    """Texts can be pasted into a file without a linter's complaint."""
    for preset in PRESETS:
        for text in every_text(preset):
            assert [line for line in text.splitlines() if line != line.rstrip()] == []


class TestTable:
    """A table with a rule under its head."""

    def test_columns(self) -> None:
        """Columns are as wide as their widest cell; numbers are set to the right."""
        shown = table(["what", "USD"], [["input", "0.40"], ["output tokens", "11.60"]], numeric=[1])
        assert shown.splitlines() == [
            "what             USD",
            "-------------  -----",
            "input           0.40",
            "output tokens  11.60",
        ]

    def test_without_rows(self) -> None:
        """A table without rows is its head."""
        assert table(["a", "bcd"], []).splitlines() == ["a  bcd", "-  ---"]


class TestComparison:
    """The comparison as a table."""

    def test_the_chatbot_of_the_article(self) -> None:
        """The better value is marked, the ratio stands in the last column, and units in the label."""
        text = str(lt.compare(*MODELS, workload="support-chatbot", catalog=Catalog.bundled(trust=ARTICLE)))
        lines = {line.split("  ")[0].strip(): line for line in text.splitlines()}
        assert text.startswith("Customer service chatbot: 200 tokens in, 150 out, 10,000 requests a day")
        day = lines["Cost per day [USD]"].split()
        assert day[-4:] == ["$3.20", "*", "$9.50", "2.97x"]
        assert "GPT-4.1 Mini" in text
        assert "Claude Haiku 4.5" in text
        assert "Facts as of 2026-11-22, catalog 2026-11-22." in flat(text)
        assert "Ratio: Claude Haiku 4.5 to GPT-4.1 Mini." in flat(text)
        assert "365 days" in flat(text)
        assert "Assumed:" in text
        assert all(flat(assumption) in flat(text) for assumption in Workload.preset("support-chatbot").assumptions)

    def test_three_models_have_no_ratio(self) -> None:
        """A ratio needs two models."""
        text = str(lt.compare(*MODELS, BLANK, workload=work()))
        assert "ratio" not in text.lower()
        assert "acme/blank" in text
        assert "Acme Blank" in text

    def test_the_mark_is_explained_where_it_stands(self) -> None:
        """The star is explained below the table if there is one, and only then."""
        both, alone = (str(lt.compare(*models, workload=work())) for models in (MODELS, MODELS[:1]))
        assert "* better." in both
        assert "*" not in alone

    def test_unknown_is_a_word(self) -> None:
        """What is unknown is called so, in its cell and by name below."""
        text = str(lt.compare("gpt-4.1-mini", BLANK, workload=work()))
        input_price = next(line for line in text.splitlines() if line.startswith("Input price"))
        assert "$0.40" in input_price
        assert "unknown" in input_price
        assert "Unknown: " in flat(text)
        assert "context window of acme/blank" in flat(text)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"turns": 50}, "50 turns with the history re-sent"),
            ({"turns": 50, "history_resent": False}, "50 turns without history"),
            ({"longest_tokens": 500_000}, "up to 500,000 tokens long"),
            ({"requests_per_month": Decimal("1234.5")}, "1,234.5 requests a month"),
            ({"requests_per_year": 1_000_000}, "1,000,000 requests a year"),
            ({"input_tokens": Decimal("187.5")}, "187.5 tokens in"),
        ],
    )
    def test_the_workload_in_a_line(self, fields: dict[str, Any], words: str) -> None:
        """The workload is described above the table, with all that was stated."""
        assert words in flat(str(lt.compare("gpt-4.1-mini", workload=work(**fields))).partition("\n\n")[0])

    def test_notes(self) -> None:
        """What was assumed about batches stands below the table."""
        now = Model("acme/now", usd_per_mtok=(1, 1), supports_batch=False)
        assert "has no batch service" in flat(str(lt.compare(now, workload=work(batch_share=1))))

    def test_names_of_workloads(self) -> None:
        """A workload is called by its title, else by its name, else the workload."""
        assert str(lt.compare(workload=work(title="Chat", name="chat"))) == "No models to compare on Chat."
        assert str(lt.compare(workload=work(name="chat"))) == "No models to compare on chat."


class TestAssessment:
    """One model on one workload, with its bill."""

    def test_the_bill(self) -> None:
        """Cost, bill with sources, periods, quality, time, fit."""
        text = str(lt.assess("gpt-4.1-mini", "support-chatbot"))
        assert text.splitlines()[0] == "GPT-4.1 Mini on Customer service chatbot"
        for words in (
            "cost per request $0.00032",
            "input_tokens: 200 × $0.40/MTok = $0.00008  [litellm]",
            "cost per month $96.00",
            "cost per year $1,168.00 (365 days)",
            "right answers 72-75 % on mmlu",
            "response time 3,150-3,250 ms at 50 tokens/s",
            "context fits",
        ):
            assert words in text

    def test_gaps_and_unknowns(self) -> None:
        """What is not met, not known to be met, and not known at all, is said line by line."""
        text = str(lt.assess(BLANK, work(needs={"vision"})))
        assert "unknown: whether acme/blank supports vision is unknown" in text
        assert "unknown (standard price of input_tokens of acme/blank)" in text
        assert "context unknown" in text
        article = Catalog.bundled(trust=ARTICLE)
        assert "not met: does not support vision" in str(
            lt.assess("gpt-4.1-mini", work(needs={"vision"}), catalog=article)
        )


class TestRecommendation:
    """The answer as prose."""

    def test_selected(self) -> None:
        """The first sentence is the answer with its reason; then the candidates, the way there, and the sources."""
        text = str(lt.recommend("support-chatbot"))
        assert text.startswith("For Customer service chatbot: GPT-4.1 Mini (gpt-4.1-mini), because ")
        said = flat(text)
        for words in (
            "1. GPT-4.1 Mini, $0.00032 per request, $96.00 per month",
            "2. Claude Haiku 4.5, $0.00095 per request, $285.00 per month",
            "How policy 'guide' got there:",
            "Does the longest request fit into the context window? Rules out nobody.",
            "Are these high-volume, low-complexity tasks? Yes. (complexity is low;",
            "Not asked:",
            "Assumed:",
            "Facts as of 2026-11-22, catalog 2026-11-22, from:",
            "- article: GPT-4.1 Mini vs Claude Haiku 4.5 (2026-03)",
            "https://pypi.org/project/litellm/1.106.2/",
        ):
            assert words in said

    def test_tie(self) -> None:
        """A tie names the tied and says what would decide."""
        said = flat(str(lt.recommend(work())))
        assert "For this workload:" in said
        assert "gpt-4.1-mini, claude-haiku-4.5 tie" in said
        assert "Say what matters most, for example priority='cost'." in said

    def test_infeasible(self) -> None:
        """Nobody can: the reason, and for each candidate what it lacks."""
        said = flat(str(lt.recommend(work(max_ttft_ms=1))))
        assert "no answer, because no candidate can do the work." in said
        assert "ruled out: GPT-4.1 Mini" in said
        assert "- time to first token 150-250 ms, limit 1 ms" in said

    def test_needs_information(self) -> None:
        """What is missing is listed as what would settle it."""
        said = flat(str(lt.recommend(work(needs={"vision"}), [BLANK])))
        assert "not decided yet, because the choice hangs on facts that nobody has stated." in said
        assert "unknown: Acme Blank" in said
        assert "Would settle it: - acme/blank: the context window of acme/blank is unknown" in said

    def test_an_unknown_answer(self) -> None:
        """An answer that was taken as no is called unknown."""
        assert "Unknown, taken as no." in flat(str(lt.recommend(work())))

    def test_errors_in_money(self) -> None:
        """The expected cost of errors is shown where it was asked for."""
        assert "per request with the expected cost of errors" in flat(str(lt.recommend(work(error_cost="0.10"))))

    def test_nothing_that_was_not_asked(self) -> None:
        """Where every question was asked, nothing is said of others."""
        everything = Outcome(rank_by=("cost",))
        question = Question(
            id="q",
            text="Many turns?",
            when=Condition(kind="test", input="turns", operator="above", operand=5),
            yes=everything,
            no=everything,
        )
        said = flat(str(lt.recommend(work(), policy=lt.Policy(id="one", title="One", questions=(question,)))))
        assert "Many turns? No. (turns is 1.)" in said
        assert "Not asked" not in said


class TestMix:
    """A mix as a table, and each model alone."""

    def test_a_mix(self) -> None:
        """Workload, model and cost a month; the sum; each single model, or why not."""
        simple, images = (
            work(name="simple", requests_per_month=10**6, priority="cost"),
            work(needs={"vision"}, requests_per_month=100),
        )
        text = str(lt.recommend([simple, images], catalog=Catalog.bundled(trust=ARTICLE)))
        lines = text.splitlines()
        assert lines[0].split() == ["workload", "model", "USD/month"]
        assert lines[2].split() == ["simple", "gpt-4.1-mini", "$320.00"]
        assert lines[3].split() == ["workload", "2", "claude-haiku-4.5", "$0.10"]
        assert lines[4].split() == ["the", "mix", "$320.10"], "320 + 0.095 is rounded half to even"
        assert "claude-haiku-4.5 alone: $950.10 a month" in text
        assert "gpt-4.1-mini alone: not possible or not known (workload 2: does not support vision)" in flat(text)

    def test_unknown_costs(self) -> None:
        """Without volumes nothing is known of a month."""
        text = str(lt.recommend([work(priority="cost")]))
        assert "unknown" in text.splitlines()[2]
        assert "the cost per month is unknown" in flat(text)
