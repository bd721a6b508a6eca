"""Errors survive pickle: a worker process can tell its parent what went wrong."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import errors

SAMPLES: dict[str, errors.TradeoffsError] = {
    "AmbiguousNameError": lt.AmbiguousNameError("large", ["mistral-large", "acme/large"]),
    "CatalogError": lt.CatalogError([lt.Fault("b.toml", 3, "prices[0]", "late"), lt.Fault("a.toml", None, "", "gone")]),
    "ImpossibleUsageError": lt.ImpossibleUsageError("a part cannot exceed the total"),
    "InvalidTypeError": lt.InvalidTypeError("expected a number"),
    "InvalidValueError": lt.InvalidValueError("it cannot be negative"),
    "MissingExtraError": lt.MissingExtraError("tomli-w", "toml", "writing a catalog"),
    "NoFactOnDateError": lt.NoFactOnDateError("acme-1 context window", "2025-01-01", "2025-05-01", None),
    "PolicyError": lt.PolicyError("these questions lead in a circle"),
    "PriceSourceError": lt.PriceSourceError("prices.json is no JSON"),
    "SchemaVersionError": lt.SchemaVersionError("schema version 2"),
    "TradeoffsError": lt.TradeoffsError("something"),
    "UnitMismatchError": lt.UnitMismatchError("ms and %"),
    "UnknownNameError": lt.UnknownNameError("model", "gpt-4.1-mimi", ["gpt-4.1-mini", "claude-haiku-4.5"]),
    "UnknownPriceError": lt.UnknownPriceError("acme/one", "output_tokens", "batch", ["input_tokens"]),
}

BATCH_OF_CACHED = lt.cost("gpt-4.1-mini", input_tokens=5, output_tokens=1, cache_read_tokens=3, service_tier="batch")

CALLS: dict[str, Callable[[], object]] = {
    "unknown model": lambda: lt.cost("gpt-4.1-mimi", input_tokens=1, output_tokens=1),
    "unknown price": lambda: lt.cost(lt.Model("acme/one"), input_tokens=1, output_tokens=1),
    "unknown tier": lambda: lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, service_tier="gold"),
    "no fact on that day": lambda: lt.Catalog.bundled().model("gpt-4.1-mini", "1999-12-31"),
    "price between two": lambda: BATCH_OF_CACHED.total,
    "price between two, strictly": lambda: lt.cost(
        "gpt-4.1-mini", BATCH_OF_CACHED.usage, service_tier="batch", strict=True
    ),
    "part above its total": lambda: lt.Usage(input_tokens=1, output_tokens=0, cache_read_tokens=2),
    "negative count": lambda: lt.Usage(input_tokens=-1, output_tokens=0),
    "text for a count": lambda: lt.Usage(input_tokens="1", output_tokens=0),  # type: ignore[arg-type]
    "empty range": lambda: lt.Range(2, 1),
    "other unit": lambda: lt.Range(1, unit="ms") + lt.Range(1, unit="%"),
    "no folder": lambda: lt.Catalog.from_path("/nonexistent/catalog"),
    "other schema": lambda: lt.Recommendation.from_dict({"schema_version": 99}),
    "no JSON": lambda: lt.Recommendation.from_json("{"),
    "unknown preset": lambda: lt.Workload.preset("support-chatbod"),
    "unknown policy": lambda: lt.recommend("support-chatbot", policy="guido"),
    "endless decimal": (lt.Usd(1) / 3).as_decimal,
}


def assert_survives(error: BaseException) -> None:
    """Type, words, arguments and attributes come back in every protocol that knows slots."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert again.args == error.args
        assert vars(again) == vars(error)


def test_there_is_a_sample_of_every_error() -> None:
    """No error class is forgotten here."""
    kinds = set(errors.__all__) - {"Fault"}
    assert kinds == SAMPLES.keys()


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name != "Fault"])
def test_errors_survive_pickle(name: str) -> None:
    """Every error of the library comes back whole."""
    assert type(SAMPLES[name]).__name__ == name
    assert_survives(SAMPLES[name])


@pytest.mark.parametrize("what", CALLS)
def test_raised_errors_survive_pickle(what: str) -> None:
    """So does every error as it is raised."""
    with pytest.raises(lt.TradeoffsError) as raised:
        CALLS[what]()
    assert str(raised.value).strip()
    assert_survives(raised.value)
