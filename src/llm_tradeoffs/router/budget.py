"""
Budgets: what may be spent in a request, in a day, and in a day by one tenant.

The worst case is reserved before a call and the real cost counted after it. Amounts are whole pico-dollars
(10^-12 USD) and, where a cost is not whole, what is left over by its denominator: nothing is rounded away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Protocol, cast

import attrs

from llm_tradeoffs._edges import init_with
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, TradeoffsError
from llm_tradeoffs.money import Exact, Number, Usd

__all__ = [
    "AsyncBudgetStore",
    "Balance",
    "Budget",
    "BudgetStore",
    "BudgetStoreError",
    "Line",
    "Refusal",
    "Reservation",
    "ceiling",
    "day_of",
]

SECONDS_PER_DAY: Final = 86_400


def _amount(value: object, field: attrs.Attribute[Any]) -> Usd | None:
    return None if value is None else _dollars(value, field.name)


def _dollars(value: object, what: str) -> Usd:
    amount = value if isinstance(value, Usd) else Usd(value)  # type: ignore[arg-type]  # Usd refuses the rest
    if amount < Usd(0):
        raise InvalidValueError(f"{what} is {amount}; nothing costs less than nothing. Leave it out for no limit.")
    return amount


def _by_tenant(value: object) -> dict[str, Usd]:
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"tenants are {value!r}; expected a mapping such as {{'acme': '5.00'}}.")
    found: dict[str, Usd] = {}
    for name, amount in cast("Mapping[object, object]", value).items():
        if not isinstance(name, str) or not name:
            raise InvalidTypeError(f"a tenant is {name!r}; expected its name as a str.")
        found[name] = _dollars(amount, f"the budget of {name}")
    return found


def _seconds(value: object, field: attrs.Attribute[Any]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**9:
        raise InvalidValueError(f"{field.name} is {value!r}; expected a number of seconds above 0, such as 600.")
    return float(value)


def _field(default: object, convert: Callable[[object, attrs.Attribute[Any]], object]) -> Any:
    with_field: Any = attrs.Converter(convert, takes_field=True)  # mypy knows only functions as converters
    return attrs.field(default=default, converter=with_field)


@attrs.frozen(kw_only=True, init=False)
class Budget:
    """
    What may be spent, at most. A day is a day of UTC.

    >>> Budget(per_request="0.01", per_day="20", per_tenant_per_day="2").per_day
    Usd('20.00')

    Attributes:
        per_request: What one request may cost in the worst case; None for no limit. [USD]
        per_day: What all requests of a day may cost together; None for no limit. [USD]
        per_tenant_per_day: What one tenant's requests of a day may cost; None for no limit. Requests that name
            no tenant share one budget of that size. [USD]
        tenants: For some tenants, by name, another amount than ``per_tenant_per_day``. [USD]
        reserved_for: How long a reservation holds that nobody settles or releases; longer than any call
            takes. [s]

    Raises:
        InvalidTypeError, InvalidValueError: A limit is no amount of money, or negative.
    """

    per_request: Usd | None = _field(None, _amount)
    per_day: Usd | None = _field(None, _amount)
    per_tenant_per_day: Usd | None = _field(None, _amount)
    tenants: Mapping[str, Usd] = attrs.field(converter=_by_tenant, hash=False)
    reserved_for: float = _field(600.0, _seconds)

    def __init__(
        self,
        *,
        per_request: Usd | Number | None = None,
        per_day: Usd | Number | None = None,
        per_tenant_per_day: Usd | Number | None = None,
        tenants: Mapping[str, Usd | Number] | None = None,
        reserved_for: float = 600.0,
    ) -> None:
        init_with(self, {**locals(), "tenants": {} if tenants is None else tenants})

    @property
    def is_kept(self) -> bool:
        """Whether anything is counted from request to request."""
        return self.per_day is not None or self.per_tenant_per_day is not None or bool(self.tenants)

    def tenant_limit(self, tenant: str | None) -> Usd | None:
        """What *tenant* may spend in a day; None for no limit. [USD]"""
        return self.per_tenant_per_day if tenant is None else self.tenants.get(tenant, self.per_tenant_per_day)

    def lines(self, tenant: str | None, day: int) -> tuple[Line, ...]:
        """The accounts that a request of *tenant* draws on, on day number *day* since 1970-01-01."""
        found: list[Line] = []
        if self.per_day is not None:
            found.append(Line(f"{day}/", day, self.per_day.pico // 1))
        limit = self.tenant_limit(tenant)
        if limit is not None:
            found.append(Line(tenant_account(tenant, day), day, limit.pico // 1))
        return tuple(found)


def tenant_account(tenant: str | None, day: int) -> str:
    """The name of a tenant's account: no name of a tenant can make it another one's, or that of the day."""
    return f"{day}/-" if tenant is None else f"{day}/={tenant}"


def day_of(now: float) -> int:
    """The number of the day of UTC since 1970-01-01."""
    return int(now // SECONDS_PER_DAY)


def day_text(day: int) -> str:
    """A day by its number, as people write it."""
    return datetime.fromtimestamp(day * SECONDS_PER_DAY, UTC).date().isoformat()


def ceiling(pico: Exact) -> int:
    """*pico* rounded up to a whole pico-dollar: what is reserved is never less than the worst case."""
    return pico if type(pico) is int else -(-pico.numerator // pico.denominator)


class Line:
    """
    An account that a reservation draws on.

    Attributes:
        account: Its name.
        day: Its day, in days since 1970-01-01.
        limit: What may be spent from it and reserved in it together. [10^-12 USD]
    """

    __slots__ = ("account", "day", "limit")

    def __init__(self, account: str, day: int, limit: int) -> None:
        self.account, self.day, self.limit = account, day, limit

    def __repr__(self) -> str:
        return f"Line({self.account!r}, {self.day}, {self.limit})"


class Reservation:
    """
    What is held for one call until it is settled.

    Attributes:
        id: The id of its decision, or one that was made from it.
        pico: How much. [10^-12 USD]
        lines: The accounts that it is held in.
        made_at, expires_at: When it was made, and when it stops to hold. [s since 1970]
    """

    __slots__ = ("expires_at", "id", "lines", "made_at", "pico")

    def __init__(self, id: str, pico: int, lines: tuple[Line, ...], made_at: float, expires_at: float) -> None:
        self.id, self.pico, self.lines, self.made_at, self.expires_at = id, pico, lines, made_at, expires_at

    def __repr__(self) -> str:
        accounts = ", ".join(line.account for line in self.lines)
        return f"<Reservation {self.id}: {Usd.from_pico(self.pico)} in {accounts}>"


class BudgetStoreError(TradeoffsError, OSError):
    """The store of balances cannot be reached or read; nothing was decided, and nothing is spent unseen."""


@attrs.frozen
class Refusal:
    """
    Why a reservation was not made.

    Attributes:
        account: The account that has too little room.
        room: What may still be reserved in it. [10^-12 USD]
    """

    account: str
    room: int


@attrs.frozen
class Balance:
    """
    What an account says.

    Attributes:
        spent: What calls have cost, exactly. [USD]
        reserved: What is held for calls that are not settled yet. [USD]
    """

    spent: Usd
    reserved: Usd

    @classmethod
    def of(cls, spent: Exact, reserved: int) -> Balance:
        """The balance of amounts in pico-dollars. [10^-12 USD]"""
        return cls(Usd.from_pico(spent), Usd.from_pico(reserved))


class BudgetStore(Protocol):
    """
    Where balances are kept. Each call is atomic: it happens whole or not at all, and before or after every other.

    The room of an account is its limit less what is reserved and spent, where every fraction of a pico-dollar
    that is left over in what was spent counts as one: so no account is ever overdrawn by a reservation.

    An account lasts at least until two later days have been used, so that calls that end after midnight are
    counted, and a clock that goes back finds what was spent.
    """

    def reserve(self, reservation: Reservation) -> Refusal | None:
        """
        Hold the amount in all its accounts, or in none; reservations that have expired are let go first.

        A reservation of nothing is always made, and one that is held already is not held twice: whoever did not
        hear the answer may ask again.
        """
        ...

    def settle(self, reservation: Reservation, pico: Exact) -> bool:
        """
        Count what the call has cost, once, and let the reservation go, expired or not.

        Returns:
            False where it was settled or released before, and nothing was counted.
        """
        ...

    def release(self, reservation: Reservation) -> bool:
        """Let the reservation go without a cost. False where it was settled or released before."""
        ...

    def balance(self, line: Line, now: float) -> Balance:
        """What is spent and reserved."""
        ...


class AsyncBudgetStore(Protocol):
    """A :class:`BudgetStore` that is awaited, for ``Router.aroute`` and its companions."""

    async def reserve(self, reservation: Reservation) -> Refusal | None:
        """As :meth:`BudgetStore.reserve`."""
        ...

    async def settle(self, reservation: Reservation, pico: Exact) -> bool:
        """As :meth:`BudgetStore.settle`."""
        ...

    async def release(self, reservation: Reservation) -> bool:
        """As :meth:`BudgetStore.release`."""
        ...

    async def balance(self, line: Line, now: float) -> Balance:
        """As :meth:`BudgetStore.balance`."""
        ...
