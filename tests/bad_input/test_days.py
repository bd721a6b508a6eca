"""Days that are no days: moments, texts that name none, and days before the first fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import Catalog, InvalidTypeError, InvalidValueError, Model, NoFactOnDateError, Workload
from llm_tradeoffs.facts import as_day, as_moment
from refusals import Refusal, check, table

CHAT = Workload(input_tokens=200, output_tokens=150)
BY_HAND = Model("acme/one", usd_per_mtok=(1, 2))

DOORS: dict[str, Callable[[Any], object]] = {
    "as_day": as_day,
    "assess": lambda day: lt.assess("gpt-4.1-mini", CHAT, as_of=day),
    "compare": lambda day: lt.compare("gpt-4.1-mini", workload=CHAT, as_of=day),
    "recommend": lambda day: lt.recommend(CHAT, as_of=day),
    "Catalog.bundled": lambda day: Catalog.bundled(as_of=day),
    "Catalog.at": lambda day: Catalog.bundled().at(day),
    "Catalog.model": lambda day: Catalog.bundled().model("gpt-4.1-mini", day),
    "Catalog.models": lambda day: Catalog.bundled().models(day),
    "Catalog.conflicts": lambda day: Catalog.bundled().conflicts(as_of=day),
    "Catalog.benchmark_fact": lambda day: Catalog.bundled().benchmark_fact("mmlu", "questions", day),
}

# Prices may depend on the hour, so here a moment is as good as a day, if it says its zone.
DOORS_FOR_MOMENTS: dict[str, Callable[[Any], object]] = {
    "as_moment": as_moment,
    "cost": lambda day: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, as_of=day),
    "cost of a model by hand": lambda day: lt.cost(BY_HAND, input_tokens=1, output_tokens=1, as_of=day),
}

NO_DAYS: dict[str, tuple[object, type[lt.TradeoffsError], str, str]] = {
    "moment": (
        datetime(2026, 3, 1, 12),  # noqa: DTZ001 - naive on purpose
        InvalidTypeError,
        "datetime.datetime(2026, 3, 1, 12, 0)",
        ".date() of your zone",
    ),
    "moment with a zone": (
        datetime(2026, 3, 1, tzinfo=UTC),
        InvalidTypeError,
        "datetime.datetime(2026, 3, 1",
        ".date() of your zone",
    ),
    "time": (time(12), InvalidTypeError, "datetime.time(12, 0) of type time", "expected a date or '2026-03-01'"),
    "word": ("yesterday", InvalidValueError, "'yesterday'", "Write it as '2026-03-01'"),
    "empty": ("", InvalidValueError, "''", "Write it as '2026-03-01'"),
    "month": ("2026-03", InvalidValueError, "'2026-03'", "Write it as '2026-03-01'"),
    "day that does not exist": ("2026-02-30", InvalidValueError, "'2026-02-30'", "Write it as '2026-03-01'"),
    "other order": ("01.03.2026", InvalidValueError, "'01.03.2026'", "Write it as '2026-03-01'"),
    "moment in text": ("2026-03-01T12:00:00", InvalidValueError, "'2026-03-01T12:00:00'", "Write it as '2026-03-01'"),
    "number": (20260301, InvalidTypeError, "20260301 of type int", "expected a date or '2026-03-01'"),
    "bytes": (b"2026-03-01", InvalidTypeError, "b'2026-03-01' of type bytes", "expected a date or '2026-03-01'"),
}


ADD_THE_ZONE = "Add it: datetime(..., tzinfo=timezone.utc), or pass a date"
NEITHER = "Write it as '2026-03-01' or '2026-03-01T17:30+00:00'"
NO_MOMENTS: dict[str, tuple[object, type[lt.TradeoffsError], str, str]] = {
    **{label: row for label, row in NO_DAYS.items() if "moment" not in label},
    "moment": (datetime(2026, 3, 1, 12), InvalidTypeError, "a moment without a zone", ADD_THE_ZONE),  # noqa: DTZ001
    "moment in text": ("2026-03-01T12:00:00", InvalidTypeError, "a moment without a zone", ADD_THE_ZONE),
    "long word": ("the day before yesterday", InvalidValueError, "'the day before yesterday'", NEITHER),
    "hour that does not exist": ("2026-03-01T25:00Z", InvalidValueError, "'2026-03-01T25:00Z'", NEITHER),
    "before the first day of UTC": ("0001-01-01T00:00+14:00", InvalidValueError, "0001-01-01", "surely a mistake"),
    "after the last day of UTC": ("9999-12-31T23:00-10:00", InvalidValueError, "9999-12-31", "surely a mistake"),
}


def refused_days() -> list[Any]:
    return table(
        {
            f"{door}, {label}": Refusal(lambda call=call, day=day: call(day), error, "as_of is", value, do=do)
            for doors, table_of_days in ((DOORS, NO_DAYS), (DOORS_FOR_MOMENTS, NO_MOMENTS))
            for door, call in doors.items()
            for label, (day, error, value, do) in table_of_days.items()
        }
    )


@pytest.mark.parametrize("refusal", refused_days())
def test_what_is_no_day(refusal: Refusal) -> None:
    """A word, a month or a number is no day, whoever asks; nor is a moment, where the hour decides nothing."""
    check(refusal)


@pytest.mark.parametrize("day", [date(2026, 3, 1), "2026-03-01"], ids=["date", "text"])
@pytest.mark.parametrize("call", [pytest.param(call, id=door) for door, call in (DOORS | DOORS_FOR_MOMENTS).items()])
def test_what_is_a_day(call: Callable[[Any], object], day: object) -> None:
    """A date, and its ISO form, are days."""
    call(day)


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 3, 1, 12, tzinfo=UTC), "2026-03-01T12:00+00:00", "2026-03-01T12:00:00Z", "2026-03-02T01:00+13:00"],
    ids=str,
)
@pytest.mark.parametrize("call", [pytest.param(call, id=door) for door, call in DOORS_FOR_MOMENTS.items()])
def test_what_is_a_moment(call: Callable[[Any], object], moment: object) -> None:
    """A moment with its zone, and its ISO form, are moments; their day is that of UTC."""
    call(moment)
    assert as_moment(moment) == (date(2026, 3, 1), datetime(2026, 3, 1, 12, tzinfo=UTC))


ASKED_TOO_EARLY: dict[str, Callable[[], object]] = {
    "cost": lambda: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, as_of="2020-01-01"),
    "assess": lambda: lt.assess("gpt-4.1-mini", CHAT, as_of="2020-01-01"),
    "compare": lambda: lt.compare("gpt-4.1-mini", workload=CHAT, as_of="2020-01-01"),
    "recommend": lambda: lt.recommend(CHAT, ["gpt-4.1-mini"], as_of="2020-01-01"),
    "Catalog.model": lambda: Catalog.bundled().model("gpt-4.1-mini", "2020-01-01"),
    "another day of the catalog": lambda: Catalog.bundled(as_of="2020-01-01")["gpt-4.1-mini"],
}


@pytest.mark.parametrize("call", [pytest.param(call, id=door) for door, call in ASKED_TOO_EARLY.items()])
def test_a_day_before_the_first_fact(call: Callable[[], object]) -> None:
    """Before the first fact there is no nearest guess: the error says when facts begin."""
    check(
        Refusal(
            call,
            NoFactOnDateError,
            asked="no fact about gpt-4.1-mini",
            value="is recorded on 2020-01-01",
            known="the first known one starts on 2025-04-14",
            do="Ask for a later date, or add the earlier fact and its source to the catalog",
        )
    )


def test_a_day_before_the_first_fact_of_the_trusted_source() -> None:
    """Who trusts the article alone is told when the article begins, not when others do."""
    article = Catalog.bundled(trust=("article",))
    with pytest.raises(NoFactOnDateError) as caught:
        article.model("gpt-4.1-mini", "2026-02-28")
    assert (caught.value.as_of, caught.value.first, caught.value.last) == ("2026-02-28", "2026-03-01", None)
    assert article.model("gpt-4.1-mini", "2026-03-01").context_window == 1_050_000


def test_a_source_that_never_speaks_of_a_model() -> None:
    """A trusted source without a word about the model is said to have none on any day."""
    check(
        Refusal(
            lambda: Catalog.bundled(trust=("bfcl", "cais-mmlu")).trusting("cais-mmlu")["gpt-4.1-mini"],
            NoFactOnDateError,
            asked="no fact about gpt-4.1-mini",
            value="is recorded on 2026-11-22",
            known="nor on any other day",
            do="Add the fact and its source to the catalog",
        )
    )


def test_a_month_without_models_has_no_models() -> None:
    """Asking for all models of a day before the first is no error: there are none."""
    assert Catalog.bundled().models("2020-01-01") == ()


@pytest.mark.parametrize(
    ("released", "shown"),
    [("2025-04-14", "'2025-04-14'"), (datetime(2025, 4, 14), "datetime.datetime"), (20250414, "20250414")],  # noqa: DTZ001
    ids=["text", "moment", "number"],
)
@pytest.mark.parametrize("field", ["released_on", "retires_on"])
def test_days_of_a_model_by_hand(field: str, released: object, shown: str) -> None:
    """The days of a model are dates: there is nothing to be guessed from a text or a moment."""
    check(
        Refusal(
            lambda: Model("acme/one", **{field: released}),
            InvalidTypeError,
            asked=field,
            value=shown,
            do="expected a date such as date(2025, 4, 14), or None",
        )
    )
