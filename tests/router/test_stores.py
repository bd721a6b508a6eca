"""Every store keeps the same books: in memory, in a SQLite file, in Redis."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import count
from math import ceil
from pathlib import Path

import pytest
from router_worlds import NOON

from llm_tradeoffs import Usd
from llm_tradeoffs.money import Exact, plain
from llm_tradeoffs.router import Balance, BudgetStore, Line, MemoryStore, Refusal, Reservation, SQLiteStore

DAY = int(NOON // 86_400)
_ids = count()


def reservation(
    pico: int, *lines: Line, id: str | None = None, made_at: float = NOON, lasts: float = 600
) -> Reservation:
    return Reservation(f"r{next(_ids)}" if id is None else id, pico, lines, made_at, made_at + lasts)


def line(name: str = "", limit: int = 10**12) -> Line:
    return Line(f"{DAY}/{name}", DAY, limit)


class Book:
    """An account kept by hand: every amount that was spent, and every one that is held."""

    def __init__(self) -> None:
        self.spent: list[Fraction] = []
        self.held: dict[str, int] = {}

    def used(self) -> int:
        by_denominator: dict[int, Fraction] = {}
        for amount in self.spent:
            by_denominator[amount.denominator] = by_denominator.get(amount.denominator, Fraction(0)) + amount
        return sum(ceil(each) for each in by_denominator.values()) + sum(self.held.values())

    def balance(self) -> Balance:
        return Balance(Usd.from_pico(plain(sum(self.spent, Fraction(0)))), Usd.from_pico(sum(self.held.values())))


AMOUNTS = (0, 1, 10**7 - 1, 10**7, 9_999_999_999_999, 2**53, 2**53 + 1, 10**21 + 7)
COSTS: tuple[Exact, ...] = (
    *(0, 1, 2**53 + 1, 10**21 + 7),
    *(Fraction(1, 3), Fraction(2, 3), Fraction(5, 7), Fraction(10**20 + 1, 3), Fraction(1, 10**19)),
)
LIMITS = (0, 10**13, 2**53 + 2, 10**22, 10**30)


@pytest.mark.parametrize("seed", range(6))
def test_a_store_keeps_the_books_that_are_kept_by_hand(seed: int, store: BudgetStore) -> None:
    """Random reservations, settlements and releases, with amounts beyond 2^53 and fractions of a pico-dollar."""
    draw = random.Random(seed)
    names = ["", "=acme", "=zoë", "-"]
    limits = {name: draw.choice(LIMITS[1:]) for name in names}
    books = {name: Book() for name in names}
    made: list[Reservation] = []
    for _ in range(120):
        action = draw.choice(["reserve", "reserve", "settle", "release"])
        if action == "reserve" or not made:
            used = draw.sample(names, draw.choice([1, 2]))
            asked = reservation(draw.choice(AMOUNTS), *(line(name, limits[name]) for name in used))
            rooms = {name: limits[name] - books[name].used() for name in used}
            full = [name for name in used if asked.pico and asked.pico > rooms[name]]
            answer = store.reserve(asked)
            if full:
                assert answer == Refusal(f"{DAY}/{full[0]}", max(rooms[full[0]], 0))
            else:
                assert answer is None
                made.append(asked)
                for name in used:
                    books[name].held[asked.id] = asked.pico
            continue
        asked = draw.choice(made)
        used = [each.account.partition("/")[2] for each in asked.lines]
        is_open = asked.id in books[used[0]].held
        cost = draw.choice(COSTS) if action == "settle" else 0
        counted = store.settle(asked, cost) if action == "settle" else store.release(asked)
        assert counted is is_open  # a second time changes nothing
        for name in used:
            if books[name].held.pop(asked.id, None) is not None:
                books[name].spent.append(Fraction(cost))
    for name in names:
        assert store.balance(line(name), NOON) == books[name].balance()


def test_an_amount_that_fits_exactly_is_held_and_one_more_is_not(store: BudgetStore) -> None:
    """At 2^53 + 1, where a double cannot tell one more from one less."""
    limit = 2**53 + 1
    assert store.reserve(reservation(2**53, line(limit=limit))) is None
    assert store.reserve(reservation(2, line(limit=limit))) == Refusal(f"{DAY}/", 1)
    assert store.reserve(reservation(1, line(limit=limit))) is None
    assert store.reserve(reservation(1, line(limit=limit))) == Refusal(f"{DAY}/", 0)
    assert store.reserve(reservation(0, line(limit=limit))) is None


def test_fractions_of_a_pico_dollar_add_up_to_whole_ones(store: BudgetStore) -> None:
    for _ in range(7):
        asked = reservation(1, line())
        assert store.reserve(asked) is None
        assert store.settle(asked, Fraction(3, 7))
    assert store.balance(line(), NOON) == Balance(Usd.from_pico(3), Usd(0))


def test_a_reservation_is_held_in_all_its_accounts_or_in_none(store: BudgetStore) -> None:
    assert store.reserve(reservation(60, line("", 100), line("=a", 50))) == Refusal(f"{DAY}/=a", 50)
    assert store.balance(line(), NOON) == Balance(Usd(0), Usd(0))


def test_a_reservation_that_was_held_is_not_held_twice(store: BudgetStore) -> None:
    """Whoever did not hear the answer asks again with the same id."""
    for _ in range(3):
        assert store.reserve(reservation(60, line(limit=100), id="once")) is None
    assert store.balance(line(), NOON) == Balance(Usd(0), Usd.from_pico(60))


def test_a_reservation_that_expires_makes_room_and_its_late_cost_is_counted_once(
    new_store: Callable[[], BudgetStore],
) -> None:
    store = new_store()
    late = reservation(60, line(limit=100), lasts=0.05)
    assert store.reserve(late) is None
    assert store.reserve(reservation(60, line(limit=100))) == Refusal(f"{DAY}/", 40)
    wait_for_the_servers_clock(0.06)
    assert store.reserve(reservation(60, line(limit=100), made_at=NOON + 0.06)) is None
    assert store.balance(line(), NOON + 0.06).reserved == Usd.from_pico(60)
    assert store.settle(late, 55)
    assert not store.settle(late, 55)
    assert store.balance(line(), NOON + 0.06) == Balance(Usd.from_pico(55), Usd.from_pico(60))
    # Together more than the limit: what was spent counts, and no more is let in.
    assert store.reserve(reservation(1, line(limit=100), made_at=NOON + 0.06)) == Refusal(f"{DAY}/", 0)


def wait_for_the_servers_clock(seconds: float) -> None:
    """Redis goes by its own clock, the others by the one they are told."""
    import time

    time.sleep(seconds)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_days_have_accounts_of_their_own_and_old_days_are_forgotten(kind: str, tmp_path: Path) -> None:
    """Three days are kept, by use: what was spent on a day that a clock comes back to is still there."""
    store: BudgetStore = MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "budget.db")

    def on(day: int) -> Line:
        return Line(f"{day}/", day, 100)

    def spend(day: int, made_at: float) -> None:
        asked = Reservation(f"d{next(_ids)}", 10, (on(day),), made_at, made_at + 600)
        assert store.reserve(asked) is None
        assert store.settle(asked, 10)

    for day in (5, 6, 400, 6, 5):  # a clock that was a year ahead for a moment
        spend(day, day * 86_400.0)
    assert [store.balance(on(day), 0).spent.pico for day in (5, 6, 400)] == [20, 20, 10]
    spend(7, 7 * 86_400.0)
    assert [store.balance(on(day), 0).spent.pico for day in (5, 6, 7, 400)] == [20, 20, 10, 0]
    if isinstance(store, SQLiteStore):
        store.close()


def test_a_late_cost_of_a_forgotten_day_is_counted(new_store: Callable[[], BudgetStore]) -> None:
    """A store that knows nothing of the day, as after losing its data, takes the cost for what it is: a cost."""
    store = new_store()
    assert store.settle(reservation(60, line()), Fraction(55, 3))
    assert store.balance(line(), NOON).spent == Usd.from_pico(Fraction(55, 3))
