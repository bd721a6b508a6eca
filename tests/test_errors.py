"""Every error is also a builtin, says what to do, and survives pickle."""

from __future__ import annotations

import pickle

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import errors
from llm_tradeoffs.errors import (
    AmbiguousNameError,
    CatalogError,
    Fault,
    MissingExtraError,
    NoFactOnDateError,
    PriceSourceError,
    TradeoffsError,
    UnknownNameError,
    UnknownPriceError,
)
from refusals import BUILTINS


def test_every_error_is_a_builtin_too() -> None:
    """Every public error shares one root and is also what an ordinary except expects."""
    public = {getattr(errors, name) for name in errors.__all__} - {TradeoffsError, Fault}
    assert public == set(BUILTINS)
    for error, builtin in BUILTINS.items():
        assert issubclass(error, TradeoffsError)
        assert issubclass(error, builtin)
        assert getattr(lt, error.__name__) is error
        assert error.__doc__


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            UnknownNameError("model", "gpt", ["b", "a"]),
            "no model is named 'gpt'. Known: 'a', 'b'.",
        ),
        (UnknownNameError("model", "gtp-5", ["gpt-5", "other"]), "no model is named 'gtp-5'. Did you mean 'gpt-5'?"),
        (UnknownNameError("model", "x", [f"name-{number}" for number in range(10)]), "and 2 more."),
        (UnknownNameError("task", "x", []), "No task is known here at all."),
        (UnknownNameError("task", 5, ["a"]), "expected the name of a task as a str, got 5 of type int."),
        (
            NoFactOnDateError("price of x", "2026-01-01", "2026-02-01"),
            "no price of x is recorded on 2026-01-01: the first known one starts on 2026-02-01. Ask for a later date",
        ),
        (
            NoFactOnDateError("price of x", "2026-03-01", "2026-02-01", "2026-02-15"),
            "no price of x is recorded on 2026-03-01: the last known one ended on 2026-02-15. Ask for an earlier date",
        ),
        (
            NoFactOnDateError("price of x", "2026-03-01", None),
            "no price of x is recorded on 2026-03-01, nor on any other day.",
        ),
        (
            UnknownPriceError("x", "output_tokens", "batch", ["input_tokens"]),
            "the batch price of output_tokens is unknown for 'x'. Known in that tier: 'input_tokens'.",
        ),
        (UnknownPriceError("x", "output_tokens", "flex", []), "That tier has no known price at all."),
        (
            UnknownPriceError("x", "cache_read_tokens", "batch", [], between="It lies between $1 and $2: a sentence."),
            "no single batch price of cache_read_tokens is published for 'x'. It lies between $1 and $2: a sentence.",
        ),
        (
            UnknownPriceError(None, "cache_read_tokens", "batch", [], between="It lies between $1 and $2."),
            "no single batch price of cache_read_tokens is published. It lies between $1 and $2.",
        ),
        (AmbiguousNameError("large", ["b/large", "a/large"]), "'large' may mean 'a/large', 'b/large'. Say which one."),
        (PriceSourceError("prices.json is no JSON"), "prices.json is no JSON"),
        (
            MissingExtraError("tomli-w", "toml", "writing a catalog"),
            "writing a catalog needs the package 'tomli-w', which is not installed. "
            "Install it with: pip install 'llm-tradeoffs[toml]'",
        ),
        (CatalogError([Fault("a.toml", 3, "x", "wrong")]), "1 problem; nothing was loaded\n  - a.toml:3: wrong @ x"),
    ],
)
def test_messages(error: TradeoffsError, message: str) -> None:
    """Each error words itself from its fields, and keeps them through pickle."""
    assert message in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.__dict__) == (type(error), str(error), error.__dict__)


def test_near_misses() -> None:
    """Near misses ignore case, come best first, and are few; nothing alike gives none."""
    error = UnknownNameError("model", "CLAUDE-HAIKU-4-5", ["claude-haiku-4-5", "claude-haiku-4.5", "gpt-4.1-mini"])
    assert error.near[0] == "claude-haiku-4-5"
    assert "gpt-4.1-mini" not in error.near
    assert UnknownNameError("model", "zzz", ["abc"]).near == ()
    assert UnknownNameError("model", None, ["abc"]).near == ()
    assert len(UnknownNameError("model", "name", [f"name{number}" for number in range(9)]).near) <= 4


def test_known_names_are_sorted() -> None:
    """Known names come in an order of their own, however they were given."""
    assert UnknownNameError("model", "x", {"b": 1, "a": 2}).known == ("a", "b")
