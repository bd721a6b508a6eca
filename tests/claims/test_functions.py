"""What an expression can ask, each function held against the rest of the library or against a sum done by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import pytest

from llm_tradeoffs import Catalog, Model, Range, Workload, assess, cost
from llm_tradeoffs.claims._compile import Compiler
from llm_tradeoffs.claims._evaluate import Answer, Evaluator
from llm_tradeoffs.claims._functions import FIELD_UNITS, FUNCTIONS, LISTS, METER_NAMES, World
from llm_tradeoffs.claims._language import ExpressionError
from llm_tradeoffs.claims._quantities import (
    MAX_BITS,
    NONE,
    Dimension,
    Quantity,
    Undefined,
    number_text,
    unit_named,
    usual_unit,
)
from llm_tradeoffs.model import FACT_FIELDS
from llm_tradeoffs.money import Usd
from llm_tradeoffs.rates import Price, RateCard
from llm_tradeoffs.usage import METERS

ARTICLE = Catalog.bundled(trust=("article",))
SHORT = {"mini": "gpt-4.1-mini", "haiku": "claude-haiku-4.5"}


def answer(text: str, catalog: Catalog = ARTICLE, models: dict[str, str] | None = None) -> Answer:
    """What an expression gives."""
    part = Compiler(catalog, SHORT if models is None else models).compile(text)
    return Evaluator(World(catalog, catalog.as_of)).answer(part)


def shown(text: str, catalog: Catalog = ARTICLE, models: dict[str, str] | None = None) -> str:
    """The same, as people write it."""
    value = answer(text, catalog, models).value
    return value.shown() if isinstance(value, Quantity) else str(value)


def ends(text: str, catalog: Catalog = ARTICLE) -> tuple[Any, Any]:
    """The ends of a number, in base units."""
    value = answer(text, catalog).value
    assert isinstance(value, Quantity)
    return value.low, value.high


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # What the article states.
        ("price(mini, input)", "$0.40/MTok"),
        ("price(haiku, output_tokens)", "$5.00/MTok"),
        ("window(mini)", "1,050,000 tokens"),
        ("memory(haiku)", "150,000 tokens"),
        ("ttft(mini)", "150-250 ms"),
        ("speed(haiku)", "40-55 tokens/s"),
        ("typical_speed(mini)", "50 tokens/s"),
        ("batch_speed(mini)", "50-65 tokens/s"),
        ("rate_limit(haiku)", "40,000 requests/min"),
        ("score(mini, mmlu)", "72-75 %"),
        ("score('Claude Haiku 4.5', 'hallucination-rate')", "1.1 %"),
        ("supports(mini, vision)", "False"),
        ("fact(mini, endpoint)", "api.openai.com/v1/chat/completions"),
        ("fact(mini, languages_at_least)", "50"),
        ("fact(mini, volume_discounts)", "False"),
        ("fact(haiku, preferred_languages)", "('japanese', 'mandarin')"),
        ("fact(haiku, requests_per_minute)", "40,000 requests/min"),
        ("has(haiku, languages, Japanese)", "True"),
        ("has(mini, input_modalities, image)", "False"),
        ("questions(mmlu)", "57,000"),
        ("full_name(bbq)", "Social Bias and Benchmark"),
        ("contains(full_name(mmlu), 'multitask  language')", "True"),
        # What follows from it, by hand.
        ("cost(mini, 200 tokens, 150 tokens)", "$0.00032"),
        ("cost(mini, range(100 tokens, 200 tokens), 0 tokens)", "$0.00004-$0.00008"),
        ("blended(haiku, 3, 1)", "$2.00/MTok"),
        ("per_request(mini, 'support-chatbot')", "$0.00032"),
        ("daily(mini, 'support-chatbot')", "$3.20"),
        ("monthly(haiku, 'support-chatbot')", "$285.00"),
        ("annual(haiku, 'inquiry-classification')", "$400.00"),
        # 3 turns of 10 in and 5 out: 10 + 25 + 40 in, 15 out.
        ("conversation(haiku, 10 tokens, 5 tokens, 3)", "$0.00015"),
        ("response_time(mini, 200 tokens)", "4,150-4,250 ms"),
        ("response_time(haiku, 200 tokens, 50 tokens / 1 s)", "4,200-4,400 ms"),
        ("response_time(mini, 0 tokens)", "150-250 ms"),
        ("response_time(mini, range(100 tokens, 200 tokens))", "2,150-4,250 ms"),
        ("fits(haiku, 200_000 tokens)", "True"),
        ("fits(haiku, 200_001 tokens)", "False"),
        ("chunks(haiku, 200_000 tokens)", "1"),
        ("chunks(haiku, 1M tokens)", "5"),
        ("chunks(haiku, 1M tokens, 50_000 tokens)", "7"),
        # Numbers against each other.
        ("gap(score(haiku, mmlu), score(mini, mmlu))", "3-4 points"),
        ("gap(88 %, 82 %)", "6 points"),
        ("gap(ttft(haiku), ttft(mini))", "50-150 ms"),
        ("score(haiku, mmlu) - score(mini, mmlu)", "1-6 %"),
        ("ratio(ttft(haiku), ttft(mini))", "≈ 1.33333-1.6"),
        ("percent_less(price(mini, input), price(haiku, input))", "60 %"),
        ("percent_more(3, 2)", "50 %"),
        ("percent_more(2, 3)", "≈ -33.3333 %"),
        ("range(2, 3)", "2-3"),
        ("range(3, 2)", "2-3"),
        ("low(ttft(mini))", "150 ms"),
        ("high(ttft(mini))", "250 ms"),
        ("middle(ttft(mini))", "200 ms"),
        # Signs.
        ("2 + 3 * 4", "14"),
        ("-2 + 5", "3"),
        ("-ttft(mini)", "-250 to -150 ms"),
        ("1 / 3", "≈ 0.333333"),
        ("$0.40 / MTok", "$0.40/MTok"),
        ("5_000 requests / minute", "5,000 requests/min"),
        ("200 tokens * price(mini, input)", "$0.00008"),
        ("200 tokens / typical_speed(mini)", "4,000 ms"),
        ("1 / 2 s", "0.5 1/seconds"),
        ("100 % - score(mini, bbq)", "32 %"),
        ("2 < 3", "True"),
        ("ttft(mini) < ttft(haiku)", "True"),
        ("ttft(mini) > ttft(haiku)", "False"),
        ("2 <= 2 and 2 >= 2", "True"),
        ("2 == 2.0", "True"),
        ("2 != 3", "True"),
        ("$1 == 100 % * $1", "True"),
        ("'A  b' == 'a B'", "True"),
        ("fact(mini, languages) == fact(haiku, languages)", "True"),
        ("not (1 < 2)", "False"),
        ("1 < 2 or 2 < 1", "True"),
    ],
)
def test_what_an_expression_gives(text: str, expected: str) -> None:
    """In the world of the article."""
    assert shown(text) == expected


def test_costs_times_and_fits_are_those_of_the_library() -> None:
    """The language only names them."""
    mini = ARTICLE["gpt-4.1-mini"]
    work = Workload(input_tokens=1234, output_tokens=567)
    assessed = assess(mini, work, catalog=ARTICLE)
    assert ends("cost(mini, 1234 tokens, 567 tokens)")[0] == (
        cost(mini, input_tokens=1234, output_tokens=567).total.as_fraction()
    )
    assert assessed.latency.total is not None
    seconds = Fraction(1, 1000)
    assert ends("response_time(mini, 567 tokens)") == (
        assessed.latency.total.low * seconds,
        assessed.latency.total.high * seconds,
    )
    preset = assess(mini, "research-paper-summaries", catalog=ARTICLE)
    assert preset.cost is not None
    assert preset.cost.per_year is not None
    assert ends("annual(mini, 'research-paper-summaries')")[0] == preset.cost.per_year.as_fraction()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("price(mini, cache_read)", "nobody states the standard price of cache read tokens of GPT-4.1 Mini"),
        ("price(mini, input, batch)", "nobody states the batch price of input tokens"),
        ("max_output(mini)", "nobody states the max output tokens of GPT-4.1 Mini"),
        ("supports(mini, reasoning)", "nobody states the reasoning of GPT-4.1 Mini"),
        ("score(mini, bfcl)", "nobody states the score of GPT-4.1 Mini on BFCL"),
        ("subjects(mmlu)", "nobody states the subjects of mmlu"),
        ("daily(mini, 'paper-8000')", "the preset paper-8000 states no volume"),
        ("1 / 0", "1 is divided by 0"),
        ("1 / range(-1, 1)", "1 is divided by -1 to 1"),
        ("ratio(1, 0)", "1 is divided by 0"),
        ("percent_more(1, 0)", "1 is divided by 0"),
        ("range(1, 4) < range(2, 3)", "the ends disagree"),
        (
            "fits(haiku, range(1 tokens, 300_000 tokens))",
            "the shortest fits into Claude Haiku 4.5 and the longest does not",
        ),
        ("chunks(haiku, 1M tokens, 200_000 tokens)", "no chunk of Claude Haiku 4.5 holds more than its overlap"),
        ("chunks(haiku, range(1 tokens, 2 tokens))", "chunks are of single numbers"),
        ("conversation(haiku, range(1 tokens, 2 tokens), 1 tokens, 2)", "a conversation is of single numbers"),
        ("conversation(haiku, 1 tokens, 1 tokens, 1.5)", "turns is"),
        ("blended(mini, range(1, 2), 1)", "a mix is of single numbers"),
        ("blended(mini, 0, 0)", "is no mix"),
        ("cost(mini, -5 tokens, 0 tokens)", "it cannot be negative"),
        ("response_time(mini, 5 tokens, 0 tokens / 1 s)", "a speed must be above 0"),
        ("response_time(mini, -5 tokens)", "negative"),
    ],
)
def test_what_nobody_states_or_cannot_be_is_undefined_with_the_reason(text: str, reason: str) -> None:
    """Never zero, never a guess."""
    with pytest.raises(Undefined) as caught:
        answer(text)
    assert reason in caught.value.reason


def test_and_and_or_need_only_what_decides() -> None:
    """Kleene's logic, as in policies: an unknown matters only where the rest leaves it open."""
    unknown, true, false = "supports(mini, reasoning)", "1 < 2", "2 < 1"
    assert shown(f"{unknown} and {false}") == "False"
    assert shown(f"{true} or {unknown}") == "True"
    for text in (f"{unknown} and {true}", f"{false} or {unknown}", f"{unknown} and {unknown}", f"not {unknown}"):
        with pytest.raises(Undefined):
            answer(text)


def test_facts_and_steps_are_there_for_the_reader() -> None:
    """Each fact once, with its source; each step of the way."""
    found = answer("cost(haiku, 150 tokens, 50 tokens) / cost(mini, 150 tokens, 50 tokens)")
    assert found.arithmetic == (
        "Claude Haiku 4.5: 150 tokens × $1.00/MTok + 50 tokens × $5.00/MTok = $0.0004",
        "GPT-4.1 Mini: 150 tokens × $0.40/MTok + 50 tokens × $1.60/MTok = $0.00014",
        "$0.0004 / $0.00014 ≈ 2.85714",
    )
    assert [fact.source.id for fact in found.facts.values()] == ["article"] * 4
    assert answer("10_000 * 200 tokens * price(mini, input)").arithmetic == (
        "10,000 × 200 tokens × $0.40/MTok = $0.80",
    )
    assert answer("1 - (2 - 3)").arithmetic == ("1 - (2 - 3) = 2",)
    assert answer("8 / (4 / 2)").arithmetic == ("8 / (4 / 2) = 4",)
    assert answer("not (1 < 2)").arithmetic == ("not (1 < 2): no",)
    assert answer("gap(ttft(haiku), ttft(mini))").arithmetic == (
        "low ends 200 ms - 150 ms = 50 ms; high ends 400 ms - 250 ms = 150 ms",
    )
    assert answer("window(haiku)").arithmetic == ("200,000 tokens",)


def test_a_price_that_changes_with_length_holds_for_the_whole_request() -> None:
    """A cost over a range of lengths that crosses the threshold is no single range."""
    rows = [
        Price(meter="input_tokens", usd=Usd(1)),
        Price(meter="output_tokens", usd=Usd(2)),
        Price(meter="input_tokens", usd=Usd("0.50"), above_input_tokens=1000),
        Price(meter="web_searches", usd=Usd("0.01"), per=1),
    ]
    catalog = Catalog.bundled().with_model(Model("acme/one", usd_per_mtok=RateCard(tuple(rows))))
    one = {"one": "acme/one"}
    assert shown("cost(one, 1000 tokens, 0 tokens)", catalog, one) == "$0.001"
    assert shown("cost(one, 1001 tokens, 0 tokens)", catalog, one) == "$0.0005005"
    assert shown("price(one, web_searches)", catalog, one) == "$0.01"
    with pytest.raises(Undefined, match="changes between"):
        answer("cost(one, range(999 tokens, 1001 tokens), 0 tokens)", catalog, one)
    for text in (
        "response_time(one, 5 tokens)",
        "fits(one, 5 tokens)",
        "chunks(one, 5 tokens)",
        "cost(one, 5 tokens, 5 tokens) + 5 * price(one, requests)",
    ):
        with pytest.raises(Undefined, match="nobody states"):
            answer(text, catalog, one)


def test_a_model_without_prices_or_facts() -> None:
    """Half a price list is no price list; a model of which nothing is recorded is unknown as such."""
    catalog = Catalog.bundled().with_model(Model("acme/free", usd_per_mtok={"input_tokens": 1}, ttft="5 ms"))
    free = {"free": "acme/free"}
    for text in ("blended(free, 1, 1)", "cost(free, 1 tokens, 1 tokens)", "response_time(free, 5 tokens)"):
        with pytest.raises(Undefined):
            answer(text, catalog, free)
    assert shown("blended(free, 1, 0)", catalog, free) == "$1.00/MTok"
    early = attrs.evolve(ARTICLE, as_of=date(2020, 1, 1))
    with pytest.raises(Undefined, match="nothing is recorded of"):
        answer("window(mini)", early)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("price(mini)", "price takes price(model, meter, [tier]), got 1 argument"),
        ("window(mini, 5)", "got 2 arguments"),
        ("prise(mini, input)", "unknown function 'prise'; did you mean 'price'"),
        ("frobnicate(1)", "known functions: annual"),
        ("window(minni)", "unknown model 'minni'; did you mean 'mini'"),
        ("window('gpt-4.1-mimi')", "did you mean 'gpt-4.1-mini'"),
        ("window(5)", "model must be a name or a text in quotes"),
        ("score(mini, mlu)", "unknown benchmark 'mlu'; did you mean 'mmlu'"),
        ("score(mini, 'creative-writing')", "is judged in words and has no score"),
        ("daily(mini, 'support-chat')", "unknown preset 'support-chat'; did you mean 'support-chatbot'"),
        ("price(mini, imput)", "unknown meter 'imput'; did you mean 'input'"),
        ("price(mini, input, cheap)", "unknown tier 'cheap'; known: balanced, batch, decisions, fast, flex, priority"),
        ("supports(mini, sight)", "unknown feature 'sight'"),
        ("fact(mini, colour)", "unknown field 'colour'"),
        ("has(mini, endpoint, x)", "unknown list 'endpoint'"),
        ("cost(mini, 200, 150)", "input must be tokens, got a plain number; write 200 tokens"),
        ("cost(mini, 200 ms, 150 tokens)", "input must be tokens, got seconds"),
        ("contains(5, x)", "text must be a text, got a plain number"),
        ("gap(1, 2 tokens)", "gap compares a plain number with tokens"),
        ("low(1 < 2)", "a must be a number, got yes or no"),
        ("1 tokens + $1", "cannot add tokens and USD: their units differ"),
        ("1 tokens - $1", "cannot subtract tokens and USD"),
        ("1 tokens < $1", "cannot compare tokens and USD"),
        ("1 == 'a'", "cannot compare a plain number with a text"),
        ("'a' < 'b'", "'<' takes numbers, got a text < a text"),
        ("'a' * 2", "'*' takes numbers"),
        ("1 and 2", "'and' takes yes or no on both sides, got a plain number and a plain number"),
        ("not 1", "'not' takes yes or no, got a plain number"),
        ("-'a'", "'-' takes a number, got a text"),
        ("mini", "'mini' is a model; ask something about it, such as price(mini, input)"),
        ("window", "window needs parentheses: window(model)"),
        ("MTOK", "unknown name 'MTOK'; did you mean 'MTok'"),
        ("x", "unknown name 'x'; known values: MTok, minute, token"),
        ("price(mini, input) * price(mini, input) + 1", "cannot add USD^2/tokens^2 and a plain number"),
        ("9" * 1500, "more than 1,200 digits"),
    ],
)
def test_what_means_nothing_is_refused_before_anything_is_worked_out(text: str, problem: str) -> None:
    """Unknown names, wrong types and wrong units."""
    with pytest.raises(ExpressionError) as caught:
        Compiler(ARTICLE, SHORT).compile(text)
    assert problem in str(caught.value)


def test_equal_parts_are_one_part() -> None:
    """However they are spelled, so that two claims about one quantity are seen to be that."""
    compiler = Compiler(ARTICLE, SHORT)
    one = compiler.compile("cost(mini, 1K tokens, 0 tokens)")
    assert compiler.compile("cost('openai/gpt-4.1-mini', 1_000 tokens, 0 tokens)") is one
    assert compiler.compile("cost(haiku, 1K tokens, 0 tokens)") is not one


def test_numbers_cannot_grow_without_end() -> None:
    """A product of products of products would eat the memory."""
    big = "9" * 300
    text = "*".join([big] * 5)
    with pytest.raises(Undefined, match="cannot be meant"):
        answer(text)
    assert MAX_BITS < 10_000


def test_the_tables_are_complete() -> None:
    """Every field of a model has a type, every meter a name, every function its words."""
    for field in FACT_FIELDS:
        part = Compiler(ARTICLE, SHORT).compile(f"fact(mini, {field})")
        value = getattr(Catalog.bundled()["gpt-4.1-mini"], field)
        kind = part.type.kind
        if value is None:
            continue
        expected = {bool: "yes/no", int: "number", Range: "number", str: "text", tuple: "names", date: "day"}
        assert kind == expected[type(value)], field
    assert set(METERS) <= set(METER_NAMES)
    assert set(FIELD_UNITS) | set(LISTS) <= set(FACT_FIELDS)
    assert all(function.meaning for function in FUNCTIONS.values())


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (Fraction(1047576), "1,047,576", True),
        (Fraction(1, 8), "0.125", True),
        (Fraction(-5, 2), "-2.5", True),
        (Fraction(1, 3), "0.333333", False),
        (Fraction(40000, 9), "4,444.44", False),
        (Fraction(10**9, 7), "142,857,143", False),
        (Fraction(1, 3 * 10**9), "0.000000000333333", False),
        (Fraction(-1, 3), "-0.333333", False),
        (Fraction(1, 10**15), "0.000000000000001", False),
    ],
)
def test_numbers_as_people_write_them(value: Fraction, text: str, exact: bool) -> None:
    """All digits where they end, six where they do not."""
    shown_value = value.numerator if value.denominator == 1 else value
    assert number_text(shown_value) == (text, exact)


def test_units() -> None:
    """Spellings, and dimensions that have no unit of their own."""
    assert unit_named("furlongs") is None
    assert unit_named("Tokens per Second") == unit_named("tok/s")
    assert unit_named("per cent") == unit_named("%")
    odd = Dimension(dollars=1, tokens=-2, seconds=1)
    assert str(odd) == "USD·seconds/tokens^2"
    assert usual_unit(odd).name == str(odd)
    assert str(NONE) == "a plain number"
    point = Quantity.base(5, NONE)
    assert point.in_unit(usual_unit(NONE)) == Range(5)
