"""
What the shell offers to complete: names of the catalog that the line names.

Nothing goes wrong here: a catalog that cannot be read completes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import typer

from llm_tradeoffs.errors import TradeoffsError

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = [
    "benchmarks",
    "claims",
    "counts",
    "words",
    "meters",
    "models",
    "policies",
    "presets",
    "quantities",
    "sources",
    "subjects",
    "tasks",
    "tiers",
    "vendors",
]

Completer = Callable[[typer.Context, str], list[str]]


def _names(read: Callable[[Catalog], Iterable[str]]) -> Completer:
    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        from llm_tradeoffs.catalog import Catalog

        stated: Any = ctx.params.get("catalog")
        try:
            catalog = Catalog.bundled() if stated is None else Catalog.from_path(stated)
            return [name for name in read(catalog) if name.startswith(incomplete)]
        except (TradeoffsError, OSError):
            return []

    return complete


def _choices(read: Callable[[], Iterable[str]]) -> Completer:
    def complete(ctx: typer.Context, incomplete: str) -> list[str]:  # noqa: ARG001  # typer passes it by its type
        return [name for name in read() if name.startswith(incomplete)]

    return complete


def words(*choices: str) -> Completer:
    """A completer of a few words."""
    return _choices(lambda: choices)


def _counts() -> Iterable[str]:
    from llm_tradeoffs.usage import COUNTED

    return [f"{name}=" for name in COUNTED]


def _meters() -> Iterable[str]:
    from llm_tradeoffs.usage import METERS

    return METERS


def _tiers() -> Iterable[str]:
    from llm_tradeoffs.rates import SERVICE_TIERS

    return SERVICE_TIERS


def _quantities() -> Iterable[str]:
    from llm_tradeoffs.analysis._break_even import QUANTITIES

    return [name.replace("<meter>", "") for name in QUANTITIES]


models = _names(lambda catalog: catalog)
presets = _names(lambda catalog: sorted(catalog.workloads))
policies = _names(lambda catalog: sorted(catalog.policy_texts))
claims = _names(lambda catalog: sorted(catalog.claims_texts))
tasks = _names(lambda catalog: sorted(catalog.tasks))
benchmarks = _names(lambda catalog: sorted(catalog.benchmarks))
sources = _names(lambda catalog: sorted(catalog.sources))
vendors = _names(lambda catalog: sorted({record.vendor for record in catalog.records.values() if record.vendor}))
subjects = _names(
    lambda catalog: [
        *catalog,
        *sorted({*catalog.workloads, *catalog.policy_texts, *catalog.tasks, *catalog.benchmarks, *catalog.sources}),
    ]
)
counts = _choices(_counts)
meters = _choices(_meters)
tiers = _choices(_tiers)
quantities = _choices(_quantities)
