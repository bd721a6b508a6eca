"""Models and workloads that cannot be meant: nothing half-built comes out of their constructors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import (
    InvalidTypeError,
    InvalidValueError,
    Model,
    Range,
    RateCard,
    Score,
    UnitMismatchError,
    UnknownNameError,
    Usd,
    Workload,
)
from llm_tradeoffs.rates import Price
from refusals import Refusal, check, table


def model(**fields: Any) -> Model:
    return Model("acme/one", **fields)


def workload(**fields: Any) -> Workload:
    return Workload(**{"input_tokens": 200, "output_tokens": 150, **fields})


EXPECTED_PRICES = "expected (input, output) in USD per million tokens, such as (0.25, '1.25')"

PRICES: dict[str, Refusal] = {
    "negative": Refusal(
        lambda: model(usd_per_mtok=(-1, 1)),
        InvalidValueError,
        asked="the price of input_tokens",
        value="is -1",
        known="a price cannot be negative",
        do="If it is unknown, say None",
    ),
    "negative in a mapping": Refusal(
        lambda: model(usd_per_mtok={"cache_read_tokens": "-0.1"}),
        InvalidValueError,
        asked="the price of cache_read_tokens",
        value="is -0.1",
        known="a price cannot be negative",
    ),
    "negative in a row": Refusal(
        lambda: Price(meter="input_tokens", usd=Usd("-0.4")),
        InvalidValueError,
        asked="the price of input_tokens",
        value="is -$0.40",
        known="a price cannot be negative",
    ),
    "NaN": Refusal(
        lambda: model(usd_per_mtok=(float("nan"), 1)),
        InvalidValueError,
        asked="the price of input_tokens",
        value="is nan",
        known="must be finite",
        do="If it is unknown, leave it out or say None",
    ),
    "infinite": Refusal(
        lambda: model(usd_per_mtok=(1, Decimal("Infinity"))),
        InvalidValueError,
        "the price of output_tokens",
        "Infinity",
        "must be finite",
    ),
    "bool": Refusal(
        lambda: model(usd_per_mtok=(1, True)),
        InvalidTypeError,
        "the price of output_tokens",
        "is True of type bool",
        "expected a number",
    ),
    "word": Refusal(
        lambda: model(usd_per_mtok=("cheap", 1)),
        InvalidValueError,
        "the price of input_tokens",
        "is 'cheap'",
        "Write a decimal",
    ),
    "one price for both": Refusal(
        lambda: model(usd_per_mtok=0.25), InvalidTypeError, "prices are", "0.25", EXPECTED_PRICES
    ),
    "one price in a text": Refusal(
        lambda: model(usd_per_mtok="0.25"), InvalidTypeError, "prices are", "'0.25'", EXPECTED_PRICES
    ),
    "one price in a tuple": Refusal(
        lambda: model(usd_per_mtok=(1,)), InvalidTypeError, "prices are", "(1,)", EXPECTED_PRICES
    ),
    "three prices": Refusal(
        lambda: model(usd_per_mtok=(1, 2, 3)), InvalidTypeError, "prices are", "(1, 2, 3)", EXPECTED_PRICES
    ),
    "a set": Refusal(lambda: model(usd_per_mtok={1, 2}), InvalidTypeError, "prices are", "{1, 2}", EXPECTED_PRICES),
    "amount that is no money": Refusal(
        lambda: Price(meter="input_tokens", usd=0.4),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="the price of input_tokens",
        value="is 0.4",
        known="expected Usd('0.40')",
    ),
    "per nothing": Refusal(
        lambda: Price(meter="input_tokens", usd=Usd(1), per=0),
        InvalidValueError,
        asked="the price of input_tokens",
        value="is per 0",
        known="expected a whole number above 0",
    ),
    "per half a million": Refusal(
        lambda: Price(meter="input_tokens", usd=Usd(1), per=0.5),  # type: ignore[arg-type]
        InvalidValueError,
        asked="the price of input_tokens",
        value="is per 0.5",
    ),
    "two prices for one meter": Refusal(
        lambda: RateCard((Price(meter="input_tokens", usd=Usd(1)), Price(meter="input_tokens", usd=Usd(2)))),
        InvalidValueError,
        asked="two prices for input_tokens (standard)",
        value="$1.00/MTok and $2.00/MTok",
        do="Keep one",
    ),
    "two prices above one threshold": Refusal(
        lambda: RateCard(
            (
                Price(meter="input_tokens", usd=Usd(1), above_input_tokens=200_000),
                Price(meter="input_tokens", usd=Usd(2), above_input_tokens=200_000),
            )
        ),
        InvalidValueError,
        asked="two prices for input_tokens",
        value="$1.00/MTok and $2.00/MTok",
    ),
    "rows that are none": Refusal(
        lambda: RateCard((1, 2)),  # type: ignore[arg-type]
        InvalidTypeError,
        asked="a rate card holds Price rows",
        value="got 1",
    ),
}

MODELS: dict[str, Refusal] = {
    "no id": Refusal(
        lambda: Model(None), InvalidTypeError, "a model's id", "is None", do="expected a text such as 'acme/one'"
    ),  # type: ignore[arg-type]
    "empty id": Refusal(
        lambda: Model(""), InvalidTypeError, "a model's id", "is ''", do="expected a text such as 'acme/one'"
    ),
    "id of spaces": Refusal(lambda: Model("  "), InvalidTypeError, "a model's id", "is '  '"),
    "name that is a number": Refusal(
        lambda: model(name=5), InvalidTypeError, "name", "is 5 of type int", "expected a str or None"
    ),
    "range in another unit": Refusal(
        lambda: model(ttft="0.2-0.4 s"),
        UnitMismatchError,
        "0.2-0.4 s",
        "is in 's'",
        "expected 'ms'",
        do="Convert it first",
    ),
    "range of another kind": Refusal(
        lambda: model(ttft=Range(1, 2, "tokens/s")),
        UnitMismatchError,
        "1-2 tokens/s",
        "is in 'tokens/s'",
        "expected 'ms'",
    ),
    "range reversed": Refusal(
        lambda: model(ttft="400-200 ms"), InvalidValueError, "a range from 400 to 200", "is empty"
    ),
    "negative time": Refusal(lambda: model(ttft=-5), InvalidValueError, "ttft", "is -5 ms", "cannot be negative"),
    "range in words": Refusal(
        lambda: model(ttft="fast"), InvalidValueError, "'fast'", "is not a range", do="'150-250 ms'"
    ),
    "bool for a range": Refusal(lambda: model(ttft=True), InvalidTypeError, "range", "is True of type bool"),
    "no speed at all": Refusal(
        lambda: model(output_tokens_per_second=0),
        InvalidValueError,
        asked="acme/one generates",
        value="0 tokens/s",
        known="a speed must be above 0",
        do="If unknown, say None",
    ),
    "typical speed of nothing": Refusal(
        lambda: model(typical_output_tokens_per_second="0-50 tokens/s"),
        InvalidValueError,
        asked="acme/one generates",
        value="0-50 tokens/s",
        known="a speed must be above 0",
    ),
    "flag as a number": Refusal(
        lambda: model(supports_vision=1),
        InvalidTypeError,
        "supports_vision",
        "is 1",
        "expected True, False, or None for unknown",
    ),
    "flag as a text": Refusal(
        lambda: model(supports_tools="false"),
        InvalidTypeError,
        "supports_tools",
        "is 'false'",
        "expected True, False, or None for unknown",
    ),
    "names in one text": Refusal(
        lambda: model(languages="english"), InvalidTypeError, "languages", "is 'english'", "expected several names"
    ),
    "names that are numbers": Refusal(
        lambda: model(languages=("english", 5)),
        InvalidTypeError,
        "languages",
        "('english', 5)",
        "every entry must be a str",
    ),
    "names that are a number": Refusal(
        lambda: model(input_modalities=5), InvalidTypeError, "input_modalities", "is 5", "expected several names"
    ),
    "text that is a number": Refusal(
        lambda: model(endpoint=5), InvalidTypeError, "endpoint", "is 5 of type int", "expected a str or None"
    ),
    "score in another unit": Refusal(
        lambda: model(scores={"mmlu": "72 points"}), UnitMismatchError, "72 points", "is in 'points'", "expected '%'"
    ),
    "scores without benchmarks": Refusal(
        lambda: model(scores="72 %"),
        InvalidTypeError,
        "scores are",
        "'72 %'",
        do="expected a mapping such as {'mmlu': '72-75 %'}",
    ),
    "scores that are numbers": Refusal(
        lambda: model(scores=[72]), InvalidTypeError, "scores are", "[72]", do="{'mmlu': '72-75 %'}"
    ),
    "score that is none": Refusal(
        lambda: model(scores={"mmlu": None}), InvalidTypeError, "range", "is None of type NoneType"
    ),
    "score above the scale": Refusal(lambda: model(scores={"mmlu": "720 %"}), InvalidValueError, "mmlu", "720 %"),
    "score below the scale": Refusal(lambda: model(scores={"mmlu": "-5 %"}), InvalidValueError, "mmlu", "-5 %"),
    "benchmark that is a number": Refusal(lambda: model(scores={1: "72 %"}), InvalidTypeError, "benchmark", "1"),
    "aliases in one text": Refusal(lambda: model(aliases="acme-one"), InvalidTypeError, "aliases", "'acme-one'"),
    "aliases that are numbers": Refusal(lambda: model(aliases=("acme-one", 1)), InvalidTypeError, "aliases", "1"),
    "aliases that are a number": Refusal(lambda: model(aliases=5), InvalidTypeError, "aliases", "5"),
}

STATEMENTS: dict[str, Refusal] = {
    "score in a text": Refusal(lambda: Score("mmlu", "72"), InvalidTypeError, "mmlu", "'72'"),  # type: ignore[arg-type]
    "score that is a number": Refusal(lambda: Score("mmlu", 72), InvalidTypeError, "mmlu", "72"),  # type: ignore[arg-type]
    "score of nothing": Refusal(lambda: Score(5), InvalidTypeError, "benchmark", "5"),  # type: ignore[arg-type]
    "score above the scale": Refusal(
        lambda: model(scores=[Score("mmlu", Range(720, unit="%"))]), InvalidValueError, "mmlu", "720 %"
    ),
    "score under the name of another": Refusal(
        lambda: model(scores={"mmlu": Score("gsm8k", Range(5, unit="%"))}), InvalidValueError, "mmlu", "gsm8k"
    ),
    "two scores of one benchmark": Refusal(
        lambda: model(scores=[Score("mmlu", Range(70, unit="%")), Score("mmlu", Range(80, unit="%"))]),
        InvalidValueError,
        "mmlu",
        "70 %",
    ),
    "price since a text": Refusal(
        lambda: Price(meter="input_tokens", usd=Usd(1), effective_from="2026-01-01"),  # type: ignore[arg-type]
        InvalidTypeError,
        "effective_from",
        "'2026-01-01'",
    ),
    "fact about a field that does not exist": Refusal(
        lambda: lt.Catalog.bundled().with_model(
            lt.ModelRecord(id="m", facts=(lt.Fact(subject="m", field="contextwindow", value=5),))
        )["m"],
        UnknownNameError,
        "field",
        "'contextwindow'",
        "'context_window'",
    ),
}


@pytest.mark.parametrize("refusal", table(STATEMENTS))
def test_statements_by_hand(refusal: Refusal) -> None:
    """Scores, prices and facts that are made by hand are checked where they are made."""
    check(refusal)


NO_SHARE = "a share is from 0 to 1"

WORKLOADS: dict[str, Refusal] = {
    "two volumes": Refusal(
        lambda: workload(requests_per_day=1, requests_per_month=30),
        InvalidValueError,
        asked="the volume is stated 2 times",
        value="(requests_per_day, requests_per_month)",
        do="Keep one of them",
    ),
    "three volumes": Refusal(
        lambda: workload(requests_per_day=1, requests_per_month=30, requests_per_year=365),
        InvalidValueError,
        asked="the volume is stated 3 times",
        value="requests_per_year",
        do="Keep one of them",
    ),
    "share above one": Refusal(
        lambda: workload(cached_share=1.5),
        InvalidValueError,
        "cached_share",
        "is 1.5",
        NO_SHARE,
        do="For 1.5 % say Decimal('0.015')",
    ),
    "share in per cent": Refusal(
        lambda: workload(batch_share=80),
        InvalidValueError,
        "batch_share",
        "is 80",
        NO_SHARE,
        do="For 80 % say Decimal('0.8')",
    ),
    "negative share": Refusal(
        lambda: workload(batch_share=-1), InvalidValueError, "batch_share", "is -1", "cannot be negative"
    ),
    "share of None": Refusal(lambda: workload(cached_share=None), InvalidTypeError, "cached_share", "is None"),
    "no time to the first token": Refusal(
        lambda: workload(max_ttft_ms=0),
        InvalidValueError,
        asked="max_ttft_ms",
        value="is 0",
        known="nothing answers in no time",
        do="Leave it out if there is no limit",
    ),
    "no time for the response": Refusal(
        lambda: workload(max_response_ms=0), InvalidValueError, "max_response_ms", "is 0", "nothing answers in no time"
    ),
    "negative time": Refusal(
        lambda: workload(max_ttft_ms=-1), InvalidValueError, "max_ttft_ms", "is -1", "cannot be negative"
    ),
    "negative input": Refusal(
        lambda: workload(input_tokens=-1), InvalidValueError, "input_tokens", "is -1", "cannot be negative"
    ),
    "negative volume": Refusal(
        lambda: workload(requests_per_day=Fraction(-1, 3)),
        InvalidValueError,
        "requests_per_day",
        "is -1/3",
        "cannot be negative",
    ),
    "absurd input": Refusal(
        lambda: workload(input_tokens=10**31),
        InvalidValueError,
        "input_tokens",
        "is 1.000e+31",
        "more than 10^30 is surely a mistake",
    ),
    "absurd volume": Refusal(
        lambda: workload(requests_per_year=Decimal("1e40")),
        InvalidValueError,
        "requests_per_year",
        "is 1.000e+40",
        "surely a mistake",
    ),
    "input beyond floats": Refusal(
        lambda: workload(input_tokens=10**400), InvalidValueError, "input_tokens", "10^", "surely a mistake"
    ),
    "infinite output": Refusal(
        lambda: workload(output_tokens=float("inf")), InvalidValueError, "output_tokens", "is inf", "must be finite"
    ),
    "NaN volume": Refusal(
        lambda: workload(requests_per_month=Decimal("NaN")),
        InvalidValueError,
        "requests_per_month",
        "NaN",
        "must be finite",
    ),
    "input in a text": Refusal(
        lambda: workload(input_tokens="200"),
        InvalidTypeError,
        "input_tokens",
        "is the text '200'",
        do="give a number such as 200",
    ),
    "input in words": Refusal(
        lambda: workload(input_tokens="many"),
        InvalidTypeError,
        "input_tokens",
        "'many'",
        do="give a number such as 200",
    ),
    "input unknown": Refusal(
        lambda: workload(input_tokens=None), InvalidTypeError, "input_tokens", "is None of type NoneType"
    ),
    "input that is a bool": Refusal(
        lambda: workload(input_tokens=True), InvalidTypeError, "input_tokens", "is True of type bool"
    ),
    "needs in one text": Refusal(
        lambda: workload(needs="vision"),
        InvalidTypeError,
        "needs",
        "is 'vision'",
        do="expected several names such as {'vision'}",
    ),
    "needs that are a number": Refusal(
        lambda: workload(needs=5), InvalidTypeError, "needs", "is 5", do="expected several names"
    ),
    "needs that are numbers": Refusal(
        lambda: workload(needs={1}), InvalidTypeError, "needs", "{1}", "every entry must be a str"
    ),
    "needs that cannot be hashed": Refusal(
        lambda: workload(needs=[["vision"]]), InvalidTypeError, "needs", "[['vision']]", "every entry must be a str"
    ),
    "languages in one text": Refusal(
        lambda: workload(languages="french"), InvalidTypeError, "languages", "is 'french'"
    ),
    "quality above 100": Refusal(
        lambda: workload(min_quality_percent=101),
        InvalidValueError,
        "min_quality_percent",
        "is 101",
        "per cent go from 0 to 100",
    ),
    "negative quality": Refusal(
        lambda: workload(min_quality_percent=-1),
        InvalidValueError,
        "min_quality_percent",
        "is -1",
        "cannot be negative",
    ),
    "wrong answers that earn money": Refusal(
        lambda: workload(error_cost=-1),
        InvalidValueError,
        "error_cost",
        "is -$1.00",
        "a wrong answer cannot earn money",
    ),
    "error cost in words": Refusal(
        lambda: workload(error_cost="a lot"),
        InvalidValueError,
        "an amount of dollars",
        "is 'a lot'",
        do="Write a decimal such as '1.25'",
    ),
    "history in words": Refusal(
        lambda: workload(history_resent="no"), InvalidTypeError, "history_resent", "is 'no'", "expected True or False"
    ),
    "history as a number": Refusal(
        lambda: workload(history_resent=0), InvalidTypeError, "history_resent", "is 0", "expected True or False"
    ),
    "name that is a number": Refusal(
        lambda: workload(name=5), InvalidTypeError, "the name of a workload", "is 5", "expected a str"
    ),
    "one assumption in a text": Refusal(
        lambda: workload(assumptions="none"), InvalidTypeError, "assumptions", "'none'", "expected several"
    ),
    "assumptions that are a number": Refusal(
        lambda: workload(assumptions=5), InvalidTypeError, "assumptions", "5", "expected several"
    ),
    "assumptions that are numbers": Refusal(lambda: workload(assumptions=(1,)), InvalidTypeError, "assumptions", "1"),
    "changed into two volumes": Refusal(
        lambda: workload(requests_per_day=5).with_(requests_per_month=1, requests_per_year=1),
        InvalidValueError,
        asked="the volume is stated 2 times",
        value="(requests_per_month, requests_per_year)",
    ),
}


@pytest.mark.parametrize("refusal", table(PRICES))
def test_prices(refusal: Refusal) -> None:
    """A price is a finite amount that is not negative, stated once for its meter, tier and threshold."""
    check(refusal)


@pytest.mark.parametrize("refusal", table(MODELS))
def test_models(refusal: Refusal) -> None:
    """A model written by hand is checked field by field."""
    check(refusal)


@pytest.mark.parametrize("refusal", table(WORKLOADS))
def test_workloads(refusal: Refusal) -> None:
    """A workload is checked field by field, and its fields against each other."""
    check(refusal)


def test_unknown_prices_are_allowed() -> None:
    """None as a price means unknown: it is no error, and no $0."""
    half_known = model(usd_per_mtok=(None, 1))
    assert half_known.price("input_tokens") is None
    assert half_known.price("output_tokens") is not None


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: Workload(output_tokens=1), "input_tokens"),  # type: ignore[call-arg]
        (lambda: Workload(200, 150), "positional"),  # type: ignore[misc]
        (lambda: workload(requests_per_week=5), "requests_per_week"),
        (Model, "id"),  # type: ignore[call-arg]
        (lambda: model(contextwindow=5), "contextwindow"),
        (lambda: lt.Usage(input_tokens=1), "output_tokens"),  # type: ignore[call-arg]
        (lambda: lt.Usage(1, 2), "positional"),  # type: ignore[misc]
    ],
)
def test_unknown_and_missing_fields(make: Any, match: str) -> None:
    """A field that does not exist or is missing is Python's own TypeError, with its name."""
    with pytest.raises(TypeError, match=match):
        make()


def test_values_never_change() -> None:
    """Models, workloads and prices are values: whoever wants another one makes it."""
    for value, field in ((model(), "id"), (workload(), "turns"), (Price(meter="input_tokens", usd=Usd(1)), "usd")):
        with pytest.raises(AttributeError):
            setattr(value, field, None)


def test_a_catalog_refuses_a_name_that_is_taken() -> None:
    """A model of another name may not take a name that is in use; the error says whose it is."""
    held = lt.Catalog.bundled()
    check(
        Refusal(
            lambda: held.with_model(Model("acme/one", aliases=("gpt-4.1-mini",))),
            InvalidValueError,
            asked="the name 'gpt-4.1-mini'",
            value="belongs to 'gpt-4.1-mini' already",
            do="say replace=True to take its place",
        )
    )
    check(
        Refusal(
            lambda: held.with_model(Model("acme/one", aliases=("gpt-4.1-mini",)), replace=True),
            InvalidValueError,
            asked="the name 'gpt-4.1-mini'",
            value="belongs to 'gpt-4.1-mini' already",
            do="Choose another name",
        )
    )
    check(Refusal(lambda: held.with_model("acme/one"), InvalidTypeError, "expected a Model", "'acme/one'"))  # type: ignore[arg-type]


def test_a_catalog_made_by_hand_refuses_names_of_two_models() -> None:
    """Two records that share an alias make no catalog."""
    records = {"a": lt.ModelRecord(id="a", aliases=("x",)), "b": lt.ModelRecord(id="b", aliases=("x",))}
    check(
        Refusal(
            lambda: lt.Catalog(edition="e", as_of=date(2026, 1, 1), trust=(), sources={}, records=records),
            InvalidValueError,
            asked="the name 'x'",
            value="belongs to 'a' and to 'b'",
            do="keep it in one",
        )
    )
    check(
        Refusal(
            lambda: lt.Catalog(edition="e", as_of=date(2026, 1, 1), trust=("rumour",), sources={}, records={}),
            UnknownNameError,
            asked="no source is named 'rumour'",
            value="'rumour'",
            known="No source is known here at all",
        )
    )


@pytest.mark.parametrize("value", [workload(), model()], ids=["workload", "model"])
def test_a_change_of_a_field_that_does_not_exist(value: Workload | Model) -> None:
    """A misspelt change is refused like any other unknown name, with near misses."""
    with pytest.raises(UnknownNameError, match="no field is named 'output_token'"):
        value.with_(output_token=5)
