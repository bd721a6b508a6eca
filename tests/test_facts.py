"""Facts: who said what, since when, and whose word counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from llm_tradeoffs import Alias, Fact, InvalidTypeError, Range, Source, Unknown
from llm_tradeoffs.facts import CALLER, Citation, alias_of, as_day, as_moment, in_force, most_trusted

START, END = date(2026, 3, 1), date(2026, 6, 1)
ONE_DAY = timedelta(days=1)
PAPER = Source(id="paper", title="A paper", kind="article", as_of="2026-02")
MAKER = Source(id="maker", title="Acme price list", kind="vendor", version="1.2", as_of="2026-01-02")


def window(value: object, source: Source = PAPER, since: date | None = START, until: date | None = None) -> Fact:
    return Fact(
        subject="acme/one",
        field="context_window",
        value=value,
        source=source,
        effective_from=since,
        effective_until=until,
    )


@pytest.mark.parametrize(
    ("day", "holds"),
    [(START - ONE_DAY, False), (START, True), (END - ONE_DAY, True), (END, False), (END + ONE_DAY, False)],
    ids=["the day before", "the first day", "the last day", "the day of its end", "after"],
)
def test_a_row_holds_from_its_first_day_until_the_day_before_its_end(day: date, holds: bool) -> None:
    """The first day counts, the day of the end does not."""
    assert in_force(window(1, until=END), day) is holds


def test_a_row_without_days_always_holds() -> None:
    """What the caller says by hand has no days and holds on each."""
    assert in_force(window(1, since=None), date.min)
    assert in_force(window(1, since=None), date.max)
    assert in_force(window(1), date.max), "what has not ended goes on"


class TestWhoseWordCounts:
    """The most trusted source that speaks on that day answers, with its latest row."""

    def test_the_most_trusted_source(self) -> None:
        """Trust goes before age: an older row of a more trusted source answers."""
        rows = [window(1, PAPER, END), window(2, MAKER, START)]
        answer = most_trusted(rows, date.max, ("maker", "paper"))
        assert answer is not None
        assert answer.value == 2
        answer = most_trusted(rows, date.max, ("paper", "maker"))
        assert answer is not None
        assert answer.value == 1

    def test_the_latest_row(self) -> None:
        """Of one source the row with the latest first day answers, in whatever order they stand."""
        rows = [window(1, since=START), window(3, since=END), window(2, since=START + ONE_DAY), window(0, since=None)]
        for given in (rows, rows[::-1]):
            answer = most_trusted(given, END, ("paper",))
            assert answer is not None
            assert answer.value == 3
            earlier = most_trusted(given, END - ONE_DAY, ("paper",))
            assert earlier is not None
            assert earlier.value == 2

    def test_a_trusted_source_that_does_not_speak_yet(self) -> None:
        """Before its first day, and after its end, a source leaves the word to the next."""
        rows = [window(1, PAPER), window(2, MAKER, END, END + ONE_DAY)]
        said = [most_trusted(rows, day, ("maker", "paper")) for day in (START, END, END + ONE_DAY)]
        assert [fact and fact.value for fact in said] == [1, 2, 1]

    def test_sources_that_are_not_trusted_never_answer(self) -> None:
        """No trusted source, no answer: never the nearest guess."""
        assert most_trusted([window(1)], END, ("maker",)) is None
        assert most_trusted([window(1)], END, ()) is None
        assert most_trusted([window(1)], START - ONE_DAY, ("paper",)) is None
        assert most_trusted([], END, ("paper",)) is None


def test_days() -> None:
    """A day is a date or its ISO form; a date of another class becomes a plain one."""

    class Holiday(date):
        pass

    assert as_day(START) is START
    assert as_day("2026-03-01") == START
    plain = as_day(Holiday(2026, 3, 1))
    assert (plain, type(plain)) == (START, date)


def test_aliases() -> None:
    """A name holds from its first day until the day before its end, and says so."""
    always, moved = Alias("large"), Alias("large", START, END)
    assert [moved.holds(day) for day in (START - ONE_DAY, START, END - ONE_DAY, END)] == [False, True, True, False]
    assert always.holds(date.min)
    assert (str(always), str(moved)) == ("large", "large from 2026-03-01 until 2026-06-01")
    assert alias_of("large") == always
    assert alias_of(moved) is moved
    with pytest.raises(InvalidTypeError, match="an alias is 5 of type int"):
        alias_of(5)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Alias("x"), Alias("x", START, END), True),
        (Alias("x", None, START), Alias("x", START), False),
        (Alias("x", None, START + ONE_DAY), Alias("x", START), True),
        (Alias("x", START, END), Alias("x", END), False),
        (Alias("x", START), Alias("x", END), True),
        (Alias("x", None, START), Alias("x", None, END), True),
    ],
)
def test_names_that_overlap(one: Alias, other: Alias, both: bool) -> None:
    """Two names overlap where some day is in both; the day of an end is in none."""
    assert one.overlaps(other) == other.overlaps(one) == both


def test_moments() -> None:
    """A moment has the day of UTC; a day has no moment."""
    shanghai = timezone(timedelta(hours=8))
    moment = datetime(2026, 3, 2, 1, tzinfo=shanghai)
    assert as_moment(moment) == (START, moment)
    assert as_moment("2026-03-02T01:00+08:00") == (START, moment)
    assert as_moment(START) == as_moment("2026-03-01") == (START, None)


def test_words() -> None:
    """Sources, facts, citations and unknowns say in plain words what they are."""
    assert str(PAPER) == "A paper (2026-02)"
    assert str(MAKER) == "Acme price list 1.2 (2026-01-02)"
    assert str(CALLER) == "given by the caller"
    fact = Fact(subject="acme/one", field="ttft", value=Range(1, 2, "ms"), source=PAPER, place="table 1")
    assert str(fact) == "acme/one ttft = 1-2 ms [paper, table 1]"
    assert str(window(5)) == "acme/one context_window = 5 [paper]"
    assert str(Unknown("context window of acme/one")) == "unknown (context window of acme/one)"


def test_citations() -> None:
    """A citation is the statement in plain text: lists are joined, the source is its id."""
    fact = Fact(
        subject="acme/one",
        field="languages",
        value=("english", "french"),
        source=PAPER,
        place="table 1",
        effective_from=START,
    )
    assert fact.citation == Citation(
        field="languages", value="english, french", source="paper", place="table 1", effective_from=START
    )
    assert str(fact.citation) == "languages = english, french [paper, table 1]"
    assert str(window(5).citation) == "context_window = 5 [paper]"
