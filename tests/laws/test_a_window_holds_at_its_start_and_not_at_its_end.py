"""Hours in which a price holds begin with their first moment and end before their last one, by the clock of a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import InvalidTypeError, InvalidValueError, Model, Price, TimeWindow, UnknownNameError, Usd, cost
from oracle import DAY_IN_MINUTES, Hours, Row, mtok
from strategies import EVENING, MOMENTS, NOON, WEEKDAYS, price_of, window_of

INSTANT = timedelta(microseconds=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES = st.sampled_from([0, 1, 30, 12 * 60, 16 * 60 + 30, DAY_IN_MINUTES - 1]) | st.integers(0, DAY_IN_MINUTES - 1)
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
# Zones without summer time, so that the oracle needs no table: minutes ahead of UTC.
ZONES = st.sampled_from([("UTC", 0), ("Asia/Shanghai", 480), ("Asia/Kolkata", 330), ("America/Phoenix", -420)])
OFFSETS = st.sampled_from([0, 480, -300, 330])


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """Any hours of any weekdays: past midnight, of a whole day, of a minute."""
    start, end = draw(MINUTES), draw(MINUTES | st.none())
    zone, ahead = draw(ZONES)
    return Hours(start, start if end is None else end, draw(DAYS), zone, ahead)


@st.composite
def moments(draw: st.DrawFn, of: Hours) -> datetime:
    """A moment of a week: any, or just at an edge of those hours; told in any zone."""
    edge = draw(st.sampled_from([of.start, of.end, 0]))
    minutes = draw(st.integers(0, 6)) * DAY_IN_MINUTES + edge - of.minutes_ahead
    near = draw(st.sampled_from([timedelta(), -INSTANT, INSTANT, timedelta(minutes=-1), timedelta(hours=5)]))
    moment = MONDAY + timedelta(minutes=minutes) + near
    return moment.astimezone(timezone(timedelta(minutes=draw(OFFSETS))))


@given(hours().flatmap(lambda drawn: st.tuples(st.just(drawn), moments(drawn))))
def test_a_window_holds_where_the_minutes_say(drawn: tuple[Hours, datetime]) -> None:
    """On any weekday, past midnight and in any zone a window holds where counting minutes says that it does."""
    of, moment = drawn
    assert window_of(of).holds(moment) == of.hold(moment)


@given(hours(), st.integers(0, 6))
def test_a_window_holds_at_its_start_and_not_at_its_end(of: Hours, day: int) -> None:
    """The first moment of a window is inside and the last one before it is not, unless another one has just ended."""
    window = window_of(of)
    begins = MONDAY + timedelta(days=day, minutes=of.start - of.minutes_ahead)
    length = timedelta(minutes=(of.end - of.start) % DAY_IN_MINUTES or DAY_IN_MINUTES)
    assert window.holds(begins) == (day in of.weekdays)
    assert window.holds(begins + length - INSTANT) == (day in of.weekdays)
    if length < timedelta(days=1):
        assert not window.holds(begins - INSTANT)
        assert not window.holds(begins + length)


def last_sunday(year: int, month: int) -> date:
    """The last Sunday of a month of 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def berlin(moment: datetime) -> datetime:
    """The clock of Berlin: an hour ahead, two from the last Sunday of March to that of October, at 1:00 UTC."""
    clock = moment.astimezone(UTC).replace(tzinfo=None)
    begins, ends = (datetime.combine(last_sunday(clock.year, month), time(1)) for month in (3, 10))
    return clock + timedelta(hours=2 if begins <= clock < ends else 1)


@given(
    st.sampled_from([(2, 0, 3, 0), (1, 30, 2, 30), (22, 0, 2, 30), (0, 0, 6, 0), (3, 0, 2, 0), (12, 0, 12, 0)]),
    st.sampled_from([last_sunday(2025, 10), last_sunday(2026, 3), date(2026, 7, 5), date(2026, 1, 4)]),
    st.integers(-30 * 60, 30 * 60),
    st.sampled_from([WEEKDAYS, ("sunday",), ("saturday", "monday")]),
)
def test_a_window_follows_the_clock_of_its_zone(
    clock: tuple[int, int, int, int], day: date, minutes: int, weekdays: tuple[str, ...]
) -> None:
    """Over both changes of the clock the hour on the wall decides: the hour that is told twice is inside twice."""
    start, end = time(clock[0], clock[1]), time(clock[2], clock[3])
    window = TimeWindow(start=start, end=end, zone="Europe/Berlin", weekdays=weekdays)
    moment = datetime.combine(day, time(12), UTC) + timedelta(minutes=minutes)
    wall = berlin(moment)
    today, yesterday = WEEKDAYS[wall.weekday()] in weekdays, WEEKDAYS[wall.weekday() - 1] in weekdays
    if start < end:
        expected = today and start <= wall.time() < end
    else:
        expected = (today and start <= wall.time()) or (yesterday and wall.time() < end)
    assert window.holds(moment) == expected


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_call_is_priced_by_its_moment(moment: datetime) -> None:
    """The same call costs what its hour says, in whatever zone the moment is told."""
    prices = (("4", None), ("2", EVENING), ("1", NOON))
    rows = [Row("input_tokens", Fraction(usd), 1_000_000, hours=of) for usd, of in prices]
    model = Model("acme/one", usd_per_mtok=[price_of(row) for row in rows])
    price = "2" if EVENING.hold(moment) else "1" if NOON.hold(moment) else "4"
    for asked in (moment, moment.isoformat()):
        bill = cost(model, input_tokens=10, output_tokens=0, as_of=asked)
        assert bill.total == mtok(price, 10)
        assert bill.as_of == moment


def test_two_windows_at_one_hour_are_refused() -> None:
    """Which of two prices holds at an hour that is in both windows, nobody says."""
    rows = [
        Price(meter="input_tokens", usd=Usd(2)),
        Price(meter="input_tokens", usd=Usd(1), window=TimeWindow(start="10:00", end="12:00")),
        Price(meter="input_tokens", usd=Usd(3), window=TimeWindow(start="11:00", end="13:00")),
    ]
    model = Model("acme/one", usd_per_mtok=rows)
    assert cost(model, input_tokens=10, output_tokens=0, as_of="2026-03-01T10:59Z").total == mtok("1", 10)
    with pytest.raises(InvalidValueError, match="two prices for input_tokens hold at the same hour"):
        cost(model, input_tokens=10, output_tokens=0, as_of="2026-03-01T11:00Z")


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"start": "25:00"}, InvalidValueError, "the time of day '25:00' cannot be read; write it as '16:30'"),
        ({"start": 16}, InvalidTypeError, "the time of day is 16; expected '16:30'"),
        ({"end": time(1, tzinfo=UTC)}, InvalidTypeError, "the zone by its name beside it"),
        ({"end": "16:30+08:00"}, InvalidTypeError, "the zone by its name beside it"),
        ({"zone": "Mars/Olympus"}, InvalidValueError, "the time zone 'Mars/Olympus' is not known here"),
        ({"zone": ""}, InvalidValueError, "the time zone '' is not known here"),
        ({"zone": "../secrets"}, InvalidValueError, "is not known here"),
        ({"zone": 8}, InvalidValueError, "the time zone 8 is not known here"),
        ({"weekdays": ()}, InvalidValueError, "weekdays is empty"),
        ({"weekdays": "saturday"}, InvalidTypeError, "weekdays"),
        ({"weekdays": ("someday",)}, UnknownNameError, "no weekday is named 'someday'"),
    ],
)
def test_hours_that_are_none(fields: dict[str, object], error: type[Exception], words: str) -> None:
    """Times, zones and days that do not exist are refused."""
    with pytest.raises(error) as caught:
        TimeWindow(**{"start": "16:30", "end": "00:30", **fields})  # type: ignore[arg-type]
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        (datetime(2026, 3, 1, 17), InvalidTypeError),  # noqa: DTZ001 - naive on purpose
        (date(2026, 3, 1), InvalidTypeError),
        (datetime.max.replace(tzinfo=UTC), InvalidValueError),
    ],
)
def test_a_moment_without_a_zone_is_in_no_window(moment: datetime, error: type[Exception]) -> None:
    """The machine's own zone is never meant; a moment after the last day of a zone is surely a mistake."""
    with pytest.raises(error):
        TimeWindow(start="16:30", end="00:30", zone="Asia/Shanghai").holds(moment)
