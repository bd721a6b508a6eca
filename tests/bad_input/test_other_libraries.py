"""What other libraries of this kind let through: a clamp, a silent zero, or a number nobody asked for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_UP, Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import ImpossibleUsageError, InvalidTypeError, InvalidValueError, UnknownNameError, Usage, Usd
from llm_tradeoffs.money import MAX_COUNT
from refusals import Refusal, check

DOORS: dict[str, Callable[..., object]] = {
    "Usage": Usage,
    "cost by name": lambda **counts: lt.cost("gpt-4.1-mini", **counts),
    "cost of a Model": lambda **counts: lt.cost(lt.Model("acme/one", usd_per_mtok=(1, 2)), **counts),
}
CALL = {"input_tokens": 200, "output_tokens": 150}
NO_COUNT = "a token count is a whole int, such as 200"
NO_NAME = "Known: 'annotated_pages', 'cache_read_audio_tokens'"
NO_TOTALS = "Say both input_tokens= and output_tokens= (0 if there was none), or pass a Usage"

# What is given, the error, the words that repeat it, and the words that say what is known or to be done.
TABLE: dict[str, tuple[dict[str, Any], type[lt.TradeoffsError], str, str]] = {
    "negative": ({"input_tokens": -200}, InvalidValueError, "input_tokens is -200", "cannot be negative"),
    "negative part": ({"cache_read_tokens": -1}, InvalidValueError, "cache_read_tokens is -1", "cannot be negative"),
    "negative duration": ({"input_audio_seconds": -1}, InvalidValueError, "input_audio_seconds is", "be negative"),
    "cached above the input": (
        {"cache_read_tokens": 201},
        ImpossibleUsageError,
        "cache_read_tokens is 201 but input_tokens is 200",
        "add cache_read_tokens to input_tokens first",
    ),
    "reasoning above the output": (
        {"reasoning_tokens": 151},
        ImpossibleUsageError,
        "reasoning_tokens is 151 but output_tokens is 150",
        "add reasoning_tokens to output_tokens first",
    ),
    "cached audio above the audio": (
        {"cache_read_tokens": 100, "input_audio_tokens": 5, "cache_read_audio_tokens": 6},
        ImpossibleUsageError,
        "cache_read_audio_tokens is 6 but input_audio_tokens is 5",
        "a part cannot exceed the total",
    ),
    "cached audio without audio": (
        {"cache_read_tokens": 100, "cache_read_audio_tokens": 6},
        ImpossibleUsageError,
        "cache_read_audio_tokens is 6 but input_audio_tokens is 0",
        "a part cannot exceed the total",
    ),
    "media of the cache above it": (
        {
            "cache_read_tokens": 10,
            "input_audio_tokens": 9,
            "input_image_tokens": 9,
            "cache_read_audio_tokens": 9,
            "cache_read_image_tokens": 9,
        },
        ImpossibleUsageError,
        "cache_read_audio_tokens 9 + cache_read_image_tokens 9 make 18, more than cache_read_tokens, which is 10",
        "each token is in one part at most",
    ),
    "parts that overlap": (
        {"cache_read_tokens": 150, "input_audio_tokens": 60},
        ImpossibleUsageError,
        "make 210, more than input_tokens, which is 200",
        "tokens in two parts are stated as such",
    ),
    "NaN": ({"input_tokens": float("nan")}, InvalidTypeError, "input_tokens is nan", NO_COUNT),
    "infinite": ({"input_tokens": float("inf")}, InvalidTypeError, "input_tokens is inf", NO_COUNT),
    "NaN of seconds": ({"input_audio_seconds": float("nan")}, InvalidValueError, "input_audio_seconds is", "finite"),
    "None": ({"input_tokens": None}, InvalidTypeError, "input_tokens is None", NO_COUNT),
    "None for a part": ({"cache_read_tokens": None}, InvalidTypeError, "cache_read_tokens is None", NO_COUNT),
    "None for seconds": ({"input_audio_seconds": None}, InvalidTypeError, "input_audio_seconds is None", "a number"),
    "text": ({"input_tokens": "200"}, InvalidTypeError, "input_tokens is '200'", NO_COUNT),
    "True": ({"input_tokens": True}, InvalidTypeError, "input_tokens is True", NO_COUNT),
    "True for a part": ({"reasoning_tokens": True}, InvalidTypeError, "reasoning_tokens is True", NO_COUNT),
    "True for seconds": ({"input_audio_seconds": True}, InvalidTypeError, "input_audio_seconds is True", "a number"),
    "float": ({"output_tokens": 150.0}, InvalidTypeError, "output_tokens is 150.0", NO_COUNT),
    "10^31": ({"input_tokens": 10**31}, InvalidValueError, "input_tokens is 1.000e+31", "surely a mistake"),
    "31 digits": ({"input_tokens": int("9" * 31)}, InvalidValueError, "9.999e+30", "surely a mistake"),
    "unknown key": ({"cached_tokens": 5}, UnknownNameError, "no count is named 'cached_tokens'", "Did you mean"),
    "another unknown key": ({"foo": 5}, UnknownNameError, "no count is named 'foo'", NO_NAME),
    "unknown key of zero": ({"foo": 0}, UnknownNameError, "no count is named 'foo'", NO_NAME),
    "requests": ({"requests": 2}, UnknownNameError, "no count is named 'requests'", "Known"),
}
"""What other libraries are given, beside a good call."""

ALONE: dict[str, tuple[dict[str, Any], type[lt.TradeoffsError], str, str]] = {
    "empty object": ({}, InvalidTypeError, "the call has no input_tokens and no output_tokens", NO_TOTALS),
    "no output": ({"input_tokens": 5}, InvalidTypeError, "the call has no output_tokens", NO_TOTALS),
    "only a part": ({"cache_read_tokens": 5}, InvalidTypeError, "no input_tokens and no output_tokens", NO_TOTALS),
    "OpenAI's names": (
        {"prompt_tokens": 200, "completion_tokens": 150, "total_tokens": 350},
        UnknownNameError,
        "no count is named 'prompt_tokens'",
        "Did you mean",
    ),
    "Gemini's names": (
        {"promptTokenCount": 200, "candidatesTokenCount": 150},
        UnknownNameError,
        "no count is named 'promptTokenCount'",
        "",
    ),
    "Anthropic's names": (
        {"input_tokens": 5, "output_tokens": 5, "cache_read_input_tokens": 3},
        UnknownNameError,
        "no count is named 'cache_read_input_tokens'",
        "Did you mean 'cache_read_tokens'",
    ),
    "Bedrock's names": (
        {"inputTokens": 5, "outputTokens": 5},
        UnknownNameError,
        "no count is named 'inputTokens'",
        "Did you mean 'input_tokens'",
    ),
}
"""The same where nothing good is beside it."""

CASES = [
    pytest.param(door, counts, error, words, known, id=f"{door}, {label}")
    for door in DOORS
    for label, (counts, error, words, known) in {
        **{label: ({**CALL, **given}, *rest) for label, (given, *rest) in TABLE.items()},
        **ALONE,
    }.items()
]


@pytest.mark.parametrize(("door", "counts", "error", "words", "known"), CASES)
def test_the_bad_input_table_of_other_libraries(
    door: str, counts: dict[str, Any], error: type[lt.TradeoffsError], words: str, known: str
) -> None:
    """Each is a clear error that repeats what was given: none is a clamp, a zero, or left out."""
    check(Refusal(lambda: DOORS[door](**counts), error, asked=words, value=words, known=known))


@pytest.mark.parametrize("empty", [{}, [], (), "", 0, object()], ids=["dict", "list", "tuple", "text", "0", "object"])
def test_an_empty_object_is_no_usage(empty: Any) -> None:
    """An object without a count in it is not a call that cost nothing."""
    with pytest.raises(InvalidTypeError, match="expected a Usage, got"):
        lt.cost("gpt-4.1-mini", empty)


@pytest.mark.parametrize("tokens", [10**22, int("123456789012345678901234567890"), MAX_COUNT], ids=str)
def test_huge_counts_are_priced_exactly(tokens: int) -> None:
    """
    10^22 and 30 digits are counts like any other, to the last digit, also where the decimal context has three.

    Earlier than this table it was decided that counts up to 10^30 are believed; above that all is refused.
    """
    with localcontext(Context(prec=3, rounding=ROUND_UP)):
        for bill in (
            lt.cost("gpt-4.1-mini", input_tokens=tokens, output_tokens=0),
            lt.cost("gpt-4.1-mini", Usage(input_tokens=tokens, output_tokens=0)),
            lt.cost(lt.Model("a", usd_per_mtok={"input_tokens": "0.40"}), input_tokens=tokens, output_tokens=0),
        ):
            assert bill.total.as_fraction() == Fraction(4, 10) * tokens / 10**6
            assert Usd(Decimal(str(bill.total).removeprefix("$"))) == bill.total
            assert bill.usage.input_tokens == tokens
