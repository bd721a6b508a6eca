"""
What every refusal of the library has in common, checked in one place.

A message says what was asked, what is wrong with the value, what is known instead and what to do. So a
row of a table of bad input names the words for each of the four that have to be found in it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import pytest

from llm_tradeoffs import errors

__all__ = ["Refusal", "check", "table"]

BUILTINS: Final[Mapping[type[errors.TradeoffsError], type[Exception]]] = {
    errors.InvalidValueError: ValueError,
    errors.InvalidTypeError: TypeError,
    errors.ImpossibleUsageError: ValueError,
    errors.UnitMismatchError: ValueError,
    errors.SchemaVersionError: ValueError,
    errors.PolicyError: ValueError,
    errors.UnknownNameError: LookupError,
    errors.NoFactOnDateError: LookupError,
    errors.UnknownPriceError: LookupError,
    errors.MissingExtraError: ImportError,
    errors.CatalogError: ValueError,
    errors.AmbiguousNameError: LookupError,
    errors.PriceSourceError: OSError,
}
"""The builtin that each error also is, so that an ordinary ``except`` works."""

LONGEST_MESSAGE: Final = 1_000


class Refusal(NamedTuple):
    """
    A call that has to be refused.

    Attributes:
        call: The call.
        error: The error that it raises: this class and no subclass of it.
        asked: Words of the message that say what was asked about.
        value: Words that show the value.
        known: Words that say what is known, or expected, instead.
        do: Words that say what to do.
    """

    call: Callable[[], object]
    error: type[errors.TradeoffsError]
    asked: str
    value: str
    known: str = ""
    do: str = ""


def check(refusal: Refusal) -> None:
    """Fail unless the call is refused in the right way and in the right words."""
    with pytest.raises(refusal.error) as caught:
        refusal.call()
    problem = caught.value
    assert type(problem) is refusal.error
    assert isinstance(problem, errors.TradeoffsError)
    assert isinstance(problem, BUILTINS[refusal.error]), f"{refusal.error} is no {BUILTINS[refusal.error]}"
    message = str(problem)
    for what in ("asked", "value", "known", "do"):
        words = getattr(refusal, what)
        assert words in message, f"{what}: {words!r} is not in the message:\n{message}"
    first_word = message.split(maxsplit=1)[0]
    assert not (first_word.isalpha() and first_word[0].isupper()), f"a message starts in lower case: {message}"
    assert len(message) <= LONGEST_MESSAGE, f"{len(message)} characters are too many to read: {message}"
    again = pickle.loads(pickle.dumps(problem))
    assert (type(again), str(again)) == (type(problem), message), "the error does not survive pickle"


def table(rows: Mapping[str, Refusal]) -> list[Any]:
    """The rows as parameters of a test, by their names."""
    return [pytest.param(refusal, id=name) for name, refusal in rows.items()]
