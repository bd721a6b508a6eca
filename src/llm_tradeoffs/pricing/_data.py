"""What a source of prices gives, and what it has to be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import attrs

from llm_tradeoffs.catalog import ModelRecord
from llm_tradeoffs.facts import Source

__all__ = ["PriceData", "PriceSource", "SkippedRow"]


@attrs.frozen
class SkippedRow:
    """
    A row of a price list that was left out, since it could not be read or would be misread.

    Attributes:
        name: The row's name in the list, such as ``"openai/gpt-4.1-mini"``.
        problem: What is wrong with it, with the value.
    """

    name: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}"


@attrs.frozen(kw_only=True, repr=False)
class PriceData:
    """
    What one source says about prices.

    Attributes:
        source: Who says so.
        records: The models by id, ``<provider>/<model>`` as the source names them. A bare model name is an
            alias only of the provider that makes the model.
        skipped: The rows that were left out, each with its reason; the others are usable.
    """

    source: Source
    records: Mapping[str, ModelRecord]
    skipped: tuple[SkippedRow, ...] = ()

    def __repr__(self) -> str:
        left_out = f", {len(self.skipped)} rows skipped" if self.skipped else ""
        return f"<PriceData of {self.source}: {len(self.records)} models{left_out}>"


@runtime_checkable
class PriceSource(Protocol):
    """
    Where prices come from. Reading never touches the network.

    Registered by hand (``PricingRegistry.of(my_source)``) or by the entry point ``llm_tradeoffs.price_sources``,
    which names something that is called without arguments and gives a source.
    """

    @property
    def name(self) -> str:
        """Short name, such as ``"genai-prices"``."""
        ...

    def read(self) -> PriceData:
        """
        Everything that the source says.

        Raises:
            PriceSourceError: The data cannot be read at all: a broken file, a package that is not installed.
        """
        ...
