"""Balances in a SQLite file: one machine, any number of processes and threads."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from math import inf, nextafter
from pathlib import Path
from threading import RLock

from llm_tradeoffs.money import Exact
from llm_tradeoffs.router.budget import Balance, BudgetStoreError, Line, Refusal, Reservation
from llm_tradeoffs.router.stores._account import DAYS_KEPT, Account

__all__ = ["SQLiteStore"]

_TABLES = """
CREATE TABLE IF NOT EXISTS days (
    day INTEGER PRIMARY KEY, used INTEGER NOT NULL, forgotten_until REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS accounts (
    name TEXT PRIMARY KEY, day INTEGER NOT NULL, spent TEXT NOT NULL, reserved TEXT NOT NULL, remainders TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reservations (
    id TEXT PRIMARY KEY, day INTEGER NOT NULL, pico TEXT NOT NULL, accounts TEXT NOT NULL,
    expires_at REAL NOT NULL, expired INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS expiring ON reservations (day, expired, expires_at);
"""


class SQLiteStore:
    """
    The store of one machine.

    Every call is one transaction. A process that dies loses nothing, whenever it does; the power may take the
    last moments, since a commit does not wait for the disk. Numbers are kept as texts, since those of SQLite end
    at $9.2 million.

    Args:
        path: The file; it is made where it is missing.
        timeout: How long to wait for other processes. [s]
    """

    def __init__(self, path: str | os.PathLike[str], *, timeout: float = 30.0) -> None:
        self.path = Path(path)
        self.timeout = timeout
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._owner = 0

    def reserve(self, reservation: Reservation) -> Refusal | None:
        """Hold the amount in all its accounts, or say which one has no room."""
        if not reservation.lines:
            return None
        day, pico = reservation.lines[0].day, reservation.pico
        with self._transaction() as database:
            self._use(database, day, nextafter(reservation.made_at, -inf))
            if database.execute("SELECT 1 FROM reservations WHERE id = ?", (reservation.id,)).fetchone():
                return None
            _expire(database, day, reservation.made_at)
            accounts = {line.account: _account(database, line.account) for line in reservation.lines}
            for line in reservation.lines:
                room = line.limit - accounts[line.account].used
                if pico and pico > room:
                    return Refusal(line.account, max(room, 0))
            for name, account in accounts.items():
                account.reserved += pico
                _write(database, name, day, account)
            held = (reservation.id, day, str(pico), json.dumps([*accounts]), reservation.expires_at)
            database.execute("INSERT INTO reservations VALUES (?, ?, ?, ?, ?, 0)", held)
            return None

    def settle(self, reservation: Reservation, pico: Exact) -> bool:
        """Count the cost once, and let the reservation go."""
        return self._end(reservation, pico)

    def release(self, reservation: Reservation) -> bool:
        """Let the reservation go."""
        return self._end(reservation, 0)

    def balance(self, line: Line, now: float) -> Balance:
        """What is spent and reserved."""
        with self._transaction() as database:
            _expire(database, line.day, now)
            return _account(database, line.account).balance

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            if self._connection is not None and self._owner == os.getpid():
                self._connection.close()
            self._connection = None

    def _end(self, reservation: Reservation, pico: Exact) -> bool:
        if not reservation.lines:
            return True
        day = reservation.lines[0].day
        with self._transaction() as database:
            forgotten_until = self._use(database, day, reservation.made_at)
            held = database.execute(
                "DELETE FROM reservations WHERE id = ? RETURNING pico, expired", (reservation.id,)
            ).fetchone()
            if held is None and reservation.made_at > forgotten_until:
                return False
            reserved = int(held[0]) if held is not None and not held[1] else 0
            for line in reservation.lines:
                account = _account(database, line.account)
                account.reserved -= reserved
                account.add(pico)
                _write(database, line.account, day, account)
            return True

    def _use(self, database: sqlite3.Connection, day: int, forgotten_until: float) -> float:
        """Note that a day is in use, forget the one that was used longest ago, and tell what is forgotten of it."""
        known = database.execute("SELECT forgotten_until FROM days WHERE day = ?", (day,)).fetchone()
        if known is not None and self._newest(database) == day:
            return float(known[0])
        used = (database.execute("SELECT MAX(used) FROM days").fetchone()[0] or 0) + 1
        if known is not None:
            database.execute("UPDATE days SET used = ? WHERE day = ?", (used, day))
            return float(known[0])
        database.execute("INSERT INTO days VALUES (?, ?, ?)", (day, used, forgotten_until))
        old = database.execute("SELECT day FROM days ORDER BY used DESC LIMIT -1 OFFSET ?", (DAYS_KEPT,)).fetchall()
        for row in old:
            for table in ("days", "accounts", "reservations"):
                database.execute(f"DELETE FROM {table} WHERE day = ?", row)
        return forgotten_until

    @staticmethod
    def _newest(database: sqlite3.Connection) -> int:
        row = database.execute("SELECT day FROM days ORDER BY used DESC LIMIT 1").fetchone()
        return int(row[0])

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            try:
                database = self._opened()
                database.execute("BEGIN IMMEDIATE")
            except (sqlite3.Error, OSError) as problem:
                raise self._unreadable(problem) from problem
            try:
                yield database
                database.execute("COMMIT")
            except sqlite3.Error as problem:
                self._roll_back(database)
                raise self._unreadable(problem) from problem
            except BaseException:
                self._roll_back(database)
                raise

    @staticmethod
    def _roll_back(database: sqlite3.Connection) -> None:
        if database.in_transaction:
            database.execute("ROLLBACK")

    def _unreadable(self, problem: Exception) -> BudgetStoreError:
        return BudgetStoreError(
            f"the balances in {str(self.path)!r} cannot be read or written: {problem}. Nothing was decided; check the "
            "file and its folder, and ask again."
        )

    def _opened(self) -> sqlite3.Connection:
        # A connection does not survive a fork.
        if self._connection is None or self._owner != os.getpid():
            made = sqlite3.connect(self.path, timeout=self.timeout, isolation_level=None, check_same_thread=False)
            try:
                made.execute("PRAGMA journal_mode = WAL")
                made.execute("PRAGMA synchronous = NORMAL")
                made.executescript(_TABLES)
            except sqlite3.Error:
                made.close()
                raise
            self._connection, self._owner = made, os.getpid()
        return self._connection

    def __repr__(self) -> str:
        return f"SQLiteStore({str(self.path)!r})"


def _account(database: sqlite3.Connection, name: str) -> Account:
    row = database.execute("SELECT spent, reserved, remainders FROM accounts WHERE name = ?", (name,)).fetchone()
    return Account() if row is None else Account.load(*row)


def _write(database: sqlite3.Connection, name: str, day: int, account: Account) -> None:
    database.execute("INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?)", (name, day, *account.dump()))


def _expire(database: sqlite3.Connection, day: int, now: float) -> None:
    """Let go what nobody settled in time; the ids are kept, so that a late answer is counted once."""
    gone = database.execute(
        "SELECT id, pico, accounts FROM reservations WHERE day = ? AND expired = 0 AND expires_at <= ?", (day, now)
    ).fetchall()
    for name, pico, accounts in gone:
        for each in json.loads(accounts):
            account = _account(database, each)
            account.reserved -= int(pico)
            _write(database, each, day, account)
        database.execute("UPDATE reservations SET expired = 1 WHERE id = ?", (name,))
