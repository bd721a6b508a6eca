"""Which candidates to leave alone for a while: observed rate limits and failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from threading import Lock
from typing import Any, Final

import attrs

from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError

__all__ = ["Cooldown", "Health", "ModelHealth"]

RATE_LIMITED: Final = frozenset({429, 529})
"""Too many requests, and Anthropic's "overloaded"."""
_OF_THE_REQUEST: Final = frozenset({400, 405, 406, 409, 410, 411, 413, 414, 415, 416, 422})
"""What another request would not have met: nothing is wrong with the model."""
_PERHAPS_BILLED: Final = frozenset({408, 499, 504})
"""Nobody answered in time, which does not mean that nothing was generated."""


def perhaps_billed(status: int | None) -> bool:
    """Whether a call that failed like this may have cost something."""
    return status is None or status in _PERHAPS_BILLED


def _positive(value: object, field: attrs.Attribute[Any]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**9:
        raise InvalidValueError(f"{field.name} is {value!r}; expected a number of seconds above 0, such as 30.")
    return float(value)


def _share(value: object, field: attrs.Attribute[Any]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidValueError(f"{field.name} is {value!r}; expected a share from 0 to 1, such as 0.1.")
    return float(value)


def _failures(value: object, field: attrs.Attribute[Any]) -> int:
    if type(value) is not int or value < 1:
        raise InvalidValueError(f"{field.name} is {value!r}; expected a whole number of at least 1.")
    return value


def _field(default: object, convert: Callable[[object, attrs.Attribute[Any]], object]) -> Any:
    with_field: Any = attrs.Converter(convert, takes_field=True)  # mypy knows only functions as converters
    return attrs.field(default=default, converter=with_field)


@attrs.frozen(kw_only=True)
class Cooldown:
    """
    How long a candidate that fails is left alone.

    A rate limit counts at once, other failures after several in a row. Each further time in a row takes twice as
    long. Where the answer says how long to wait, it is that long.

    Attributes:
        first: The first time. [s]
        longest: The longest, however often it fails, where no answer says how long. [s]
        failures: After how many failures in a row that are no rate limit.
        jitter: By which share of itself a time is lengthened at random at most, so that not all come back at
            once. [0..1]
        seed: Makes the jitter repeatable; None for one of the machine's choosing.
    """

    first: float = _field(5.0, _positive)
    longest: float = _field(300.0, _positive)
    failures: int = _field(3, _failures)
    jitter: float = _field(0.1, _share)
    seed: int | None = None


@attrs.frozen(kw_only=True)
class ModelHealth:
    """
    How a candidate is doing.

    Attributes:
        failures: Failures in a row.
        cooldowns: Cooldowns in a row.
        ready_in: How long it is still left alone; 0 where it is not. [s]
        last_status: The status of its last failure; None for none, or for one without a status.
    """

    failures: int = 0
    cooldowns: int = 0
    ready_in: float = 0.0
    last_status: int | None = None


class _State:
    __slots__ = ("cooldowns", "failures", "since", "status", "until")

    def __init__(self) -> None:
        self.failures = 0
        self.cooldowns = 0
        self.since = 0.0
        self.until = 0.0
        self.status: int | None = None


class Health:
    """
    The health of the candidates of a router; only those that failed lately are in it.

    Args:
        cooldown: How long those that fail are left alone.
    """

    __slots__ = ("_lock", "_random", "_states", "cooldown")

    def __init__(self, cooldown: Cooldown) -> None:
        self.cooldown = cooldown
        self._random = Random(cooldown.seed)
        self._lock = Lock()
        self._states: dict[str, _State] = {}

    def __bool__(self) -> bool:
        return bool(self._states)

    def failed(self, model: str, now: float, status: int | None, retry_after: float | None) -> None:
        """Note a failure of *model*."""
        if status is not None and (isinstance(status, bool) or not isinstance(status, int)):
            raise InvalidTypeError(f"status is {status!r}; expected the status of HTTP as an int, or None.")
        if retry_after is not None and (
            isinstance(retry_after, bool) or not isinstance(retry_after, int | float) or not 0 <= retry_after < 10**9
        ):
            raise InvalidValueError(f"retry_after is {retry_after!r}; expected seconds from 0 up, or None.")
        if status in _OF_THE_REQUEST:
            return
        with self._lock:
            state = self._states.setdefault(model, _State())
            state.status = status
            state.failures += 1
            limited = status in RATE_LIMITED or retry_after is not None
            if not limited and state.failures < self.cooldown.failures:
                return
            if state.since <= now < state.until and retry_after is None:
                return  # a call that was under way when the cooldown began tells nothing new
            wait = min(self.cooldown.first * 2 ** min(state.cooldowns, 64), self.cooldown.longest)
            if retry_after is not None:
                wait = retry_after  # the provider knows better
            wait *= 1 + self.cooldown.jitter * self._random.random()
            state.cooldowns += 1
            state.since, state.until = now, max(now + wait, state.until if state.since <= now else 0.0)

    def succeeded(self, model: str) -> None:
        """Note an answer of *model*: its failures are forgotten."""
        if self._states:
            with self._lock:
                self._states.pop(model, None)

    def ready_in(self, model: str, now: float) -> float:
        """How long *model* is still left alone; 0 where it is not. [s]"""
        state = self._states.get(model)
        # Before the cooldown began there was none: the clock went back, and one try too many is better than none.
        if state is None or not state.since <= now < state.until:
            return 0.0
        return state.until - now

    def of(self, model: str, now: float) -> ModelHealth:
        """How *model* is doing."""
        state = self._states.get(model)
        if state is None:
            return ModelHealth()
        return ModelHealth(
            failures=state.failures,
            cooldowns=state.cooldowns,
            ready_in=self.ready_in(model, now),
            last_status=state.status,
        )

    def states(self, now: float) -> Mapping[str, ModelHealth]:
        """Every candidate that failed since its last answer."""
        return {model: self.of(model, now) for model in sorted(self._states)}
