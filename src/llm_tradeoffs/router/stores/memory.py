"""Balances in the memory of one process, safe under threads and asyncio."""

from __future__ import annotations

from collections import OrderedDict
from heapq import heapify, heappop, heappush
from math import inf, nextafter
from threading import Lock

from llm_tradeoffs.money import Exact
from llm_tradeoffs.router.budget import Balance, Line, Refusal, Reservation
from llm_tradeoffs.router.stores._account import DAYS_KEPT, Account

__all__ = ["MemoryStore"]


class _Day:
    """The accounts of one day, and the reservations in them that nobody has settled."""

    __slots__ = ("accounts", "expired", "expiring", "forgotten_until", "open")

    def __init__(self, forgotten_until: float) -> None:
        self.accounts: dict[str, Account] = {}
        self.open: dict[str, Reservation] = {}
        self.expired: OrderedDict[str, None] = OrderedDict()
        self.expiring: list[tuple[float, str]] = []
        self.forgotten_until = forgotten_until  # an unknown reservation made later was settled before


class MemoryStore:
    """
    The store of one process.

    >>> MemoryStore()
    <MemoryStore: 0 accounts, 0 open reservations>

    It keeps three days, one account for each tenant and day, and the reservations that are open. Of those that
    expired without being settled it keeps the ids, so that a late response is counted once; beyond
    *max_unsettled* of them in a day the oldest are forgotten, and a late response of that age is counted as new.

    Args:
        max_unsettled: How many ids of expired reservations are kept for a day.
    """

    def __init__(self, *, max_unsettled: int = 100_000) -> None:
        self.max_unsettled = max_unsettled
        self._lock = Lock()
        self._days: OrderedDict[int, _Day] = OrderedDict()

    def reserve(self, reservation: Reservation) -> Refusal | None:
        """Hold the amount in all its accounts, or say which one has no room."""
        lines, pico = reservation.lines, reservation.pico
        if not lines:
            return None
        with self._lock:
            held = self._day(lines[0].day, nextafter(reservation.made_at, -inf))
            if reservation.id in held.open:
                return None
            expiring = held.expiring
            if expiring and expiring[0][0] <= reservation.made_at:
                self._expire(held, reservation.made_at)
            accounts = held.accounts
            drawn: list[Account] = []
            for line in lines:
                account = accounts.get(line.account)
                if account is None:
                    account = Account()
                    if pico > line.limit:
                        return Refusal(line.account, line.limit)
                    accounts[line.account] = account
                elif pico and pico > (room := line.limit - account.used):
                    return Refusal(line.account, max(room, 0))
                drawn.append(account)
            for account in drawn:
                account.reserved += pico
            held.open[reservation.id] = reservation
            heappush(expiring, (reservation.expires_at, reservation.id))
            return None

    def settle(self, reservation: Reservation, pico: Exact) -> bool:
        """Count the cost once, and let the reservation go."""
        return self._end(reservation, pico)

    def release(self, reservation: Reservation) -> bool:
        """Let the reservation go."""
        return self._end(reservation, 0)

    def balance(self, line: Line, now: float) -> Balance:
        """What is spent and reserved."""
        with self._lock:
            held = self._days.get(line.day)
            if held is None:
                return Balance.of(0, 0)
            self._expire(held, now)
            account = held.accounts.get(line.account)
            return Balance.of(0, 0) if account is None else account.balance

    def _day(self, day: int, forgotten_until: float) -> _Day:
        held = self._days.get(day)
        if held is None:
            # Whatever was reserved before in a day that is new here, or that is here again, is not known any more.
            held = self._days[day] = _Day(forgotten_until)
            while len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)  # the one that was used longest ago, whatever the clock says
        else:
            self._days.move_to_end(day)
        return held

    def _end(self, reservation: Reservation, pico: Exact) -> bool:
        lines = reservation.lines
        if not lines:
            return True
        with self._lock:
            held = self._day(lines[0].day, reservation.made_at)
            accounts = held.accounts
            if held.open.pop(reservation.id, None) is not None:
                for line in lines:
                    accounts[line.account].reserved -= reservation.pico
                if len(held.expiring) > 64 and len(held.expiring) > 4 * len(held.open):
                    held.expiring = [(each.expires_at, each.id) for each in held.open.values()]
                    heapify(held.expiring)
            elif reservation.id in held.expired:
                del held.expired[reservation.id]
            elif reservation.made_at > held.forgotten_until:
                return False
            if pico:
                for line in lines:
                    account = accounts.get(line.account)
                    if account is None:
                        account = accounts[line.account] = Account()
                    account.add(pico)
            return True

    def _expire(self, held: _Day, now: float) -> None:
        expiring = held.expiring
        while expiring and expiring[0][0] <= now:
            _, name = heappop(expiring)
            gone = held.open.pop(name, None)
            if gone is None:
                continue
            for line in gone.lines:
                held.accounts[line.account].reserved -= gone.pico
            held.expired[name] = None
            if len(held.expired) > self.max_unsettled:
                held.expired.popitem(last=False)
                held.forgotten_until = max(held.forgotten_until, gone.made_at)

    def __repr__(self) -> str:
        accounts = sum(len(day.accounts) for day in self._days.values())
        reservations = sum(len(day.open) for day in self._days.values())
        return f"<MemoryStore: {accounts} accounts, {reservations} open reservations>"
