"""Counting and estimating tokens, and converting counts between models."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, InvalidTypeError, InvalidValueError, Model, Range, TokenCount, TokenRatio, Workload
from llm_tradeoffs.tokens import BpeCounter, EstimatedCounter, TokenCounter, count_tokens

TEXTS = {
    "prose": "The quick brown fox jumps over the lazy dog, and nobody has ever asked the dog about it. " * 20,
    "code": "def total(rows):\n    return sum(row.amount for row in rows if row.paid)\n" * 20,
    "table": "| 2026-01-02 | 17.50 | EUR | ok |\n" * 50,
    "german": "Über allen Gipfeln ist Ruh, in allen Wipfeln spürest du kaum einen Hauch. " * 20,
    "chinese": "千里之行，始于足下。学而时习之，不亦说乎？" * 20,  # noqa: RUF001  # Chinese punctuation
    "japanese": "こんにちは、世界。今日はいい天気ですね。" * 20,
    "russian": "Привет, как дела? Сегодня хорошая погода. " * 20,
    "arabic": "مرحبا كيف حالك اليوم " * 20,
    "empty": "",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("encoding", ["o200k_base", "cl100k_base"])
def test_estimates_hold_the_exact_count(text: str, encoding: str) -> None:
    """On prose, code, tables and other scripts the estimate contains what the tokenizer counts."""
    exact = BpeCounter(encoding).count(text).tokens
    estimate = EstimatedCounter().count(text)
    if encoding == "o200k_base" or text.isascii():  # the older encoding makes more tokens of other scripts
        assert estimate.low <= exact <= estimate.high


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("hello world", 2), ("Which model for this work?", 6)])
def test_known_counts(text: str, tokens: int) -> None:
    """Counts of OpenAI's own tokenizer, tiktoken 0.14.0 with o200k_base."""
    assert BpeCounter("o200k_base").count(text) == TokenCount(tokens, tokens, "counted with o200k_base")
    assert count_tokens(text, "gpt-4.1-mini").tokens == tokens


def test_a_special_token_in_a_text_is_text() -> None:
    """What a user types is never taken for a control token."""
    assert BpeCounter("cl100k_base").count("<|endoftext|>").tokens > 1


def test_a_model_without_a_known_tokenizer_is_estimated() -> None:
    """An estimate is called one, and has no exact number."""
    count = count_tokens("Which model for this work?", "claude-haiku-4.5")
    assert not count.is_exact
    with pytest.raises(InvalidValueError, match=r"read \.low and \.high"):
        _ = count.tokens


def test_an_encoding_that_is_not_at_hand_is_estimated_and_said() -> None:
    """A tokenizer that nobody ships is no reason to fail, nor to guess in silence."""
    count = count_tokens("some text", Model("acme/one", tokenizer="acme_base"))
    assert not count.is_exact
    assert "there is no encoding 'acme_base' here" in count.method


def test_bad_texts_and_encodings() -> None:
    """Each says what it wanted."""
    with pytest.raises(InvalidTypeError, match="expected a text, got 3"):
        EstimatedCounter().count(3)  # type: ignore[arg-type]  # the point
    with pytest.raises(InvalidTypeError, match="expected a text, got b'x'"):
        BpeCounter("o200k_base").count(b"x")  # type: ignore[arg-type]  # the point
    with pytest.raises(InvalidValueError, match="there is no encoding 'nope'"):
        BpeCounter("nope")
    with pytest.raises(lt.UnknownNameError):
        count_tokens("x", "gpt-4.1-mini-made-up")


def test_counters_follow_the_protocol() -> None:
    """A counter of a provider's API needs one method."""
    assert isinstance(BpeCounter("o200k_base"), TokenCounter)
    assert isinstance(EstimatedCounter(), TokenCounter)


@pytest.mark.parametrize(
    ("text", "ratio", "base"),
    [
        ("1.3 tokens per token of claude-haiku-4.5", Range("1.3"), "claude-haiku-4.5"),
        ("1.0-1.35 tokens per token of acme/one", Range("1.0", "1.35"), "acme/one"),
    ],
)
def test_a_ratio_reads_as_it_is_written(text: str, ratio: Range, base: str) -> None:
    """Text in, the same text out."""
    assert TokenRatio.parse(text) == TokenRatio(ratio, base)
    assert TokenRatio.parse(str(TokenRatio.parse(text))) == TokenRatio(ratio, base)


@pytest.mark.parametrize(
    "text", ["1.3", "", "1.3 tokens per token of ", "0 tokens per token of a", "-1 tokens per token of a"]
)
def test_what_is_no_ratio(text: str) -> None:
    """A ratio is above 0 and names the other model."""
    with pytest.raises(InvalidValueError):
        TokenRatio.parse(text)


def _catalog(**ratios: str) -> Catalog:
    catalog = Catalog.bundled()
    for name, ratio in ratios.items():
        catalog = catalog.with_model(Model(name, usd_per_mtok=(1, 2), token_ratio=ratio or None))
    return catalog


def test_ratios_are_chained_and_turned_round() -> None:
    """From a to b and from b to c give a to c, and c to a."""
    catalog = _catalog(a="", b="1.3 tokens per token of a", c="1.5 tokens per token of b", d="")
    assert catalog.token_ratio("a", "c") == Range("1.95")
    assert catalog.token_ratio("c", "a") == Range(Fraction(1) / Fraction("1.95"))
    assert catalog.token_ratio("a", "d") is None
    assert catalog.token_ratio("a", "a") == Range(1)


def test_siblings_are_compared_by_their_common_model() -> None:
    """Two models that are each compared with a third are compared with each other."""
    catalog = _catalog(a="", b="2 tokens per token of a", c="3 tokens per token of a")
    assert catalog.token_ratio("b", "c") == Range(Fraction(3, 2))


@given(sent=st.integers(0, 10**9), said=st.integers(0, 10**9), ratio=st.fractions(Fraction(1, 4), 4))
def test_converting_there_and_back_gives_the_same_texts(sent: int, said: int, ratio: Fraction) -> None:
    """Means are exact, so nothing is lost on the way."""
    work = Workload(input_tokens=sent, output_tokens=said)
    there = work.recounted(Range(ratio), "b", "x")
    back = there.recounted(Range(1 / ratio), "a", "y")
    assert (back.input_tokens, back.output_tokens) == (sent, said)


def test_a_range_of_ratios_gives_upper_bounds() -> None:
    """Where a source states a range, costs and lengths are those of its high end; the assumption shows the range."""
    catalog = _catalog(a="", b="1.0-1.35 tokens per token of a")
    work = Workload(input_tokens=1_000, output_tokens=100, longest_tokens=101, counted_for="a")
    found = lt.assess("b", work, catalog=catalog).workload
    assert (found.input_tokens, found.output_tokens, found.longest_tokens) == (1_350, 135, 137)
    assert "1-1.35 tokens" in found.assumptions[-1]


def test_an_unknown_ratio_is_said() -> None:
    """Counts are taken as they are where no source compares the two, and the assumption says so."""
    work = Workload(input_tokens=1_000, output_tokens=100, counted_for="claude-haiku-4.5")
    found = lt.assess("gpt-4.1-mini", work).workload
    assert found.input_tokens == 1_000
    assert "no source says how many" in found.assumptions[-1]
    with pytest.raises(lt.UnknownNameError):
        lt.assess("gpt-4.1-mini", work.with_(counted_for="nobody"))
