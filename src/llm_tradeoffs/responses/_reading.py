"""What every reader gives back, and the names that readers share."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from llm_tradeoffs.money import Exact
from llm_tradeoffs.usage import Usage

__all__ = ["Counts", "Reading", "usage_from"]

Counts = dict[str, Exact]
"""Counts by the names of :class:`Usage`, zeros included."""


@attrs.frozen(kw_only=True)
class Reading:
    """
    What a response says about the call that it answers.

    Attributes:
        usage: What the call used, each token in one place.
        model: The name that the provider answered with; None where the response does not name it.
        service_tier: The tier that served the call. Where a provider has another word for one of our tiers it is
            translated (``default`` is ``standard``); a tier that we have no name for keeps the provider's word.
            None where the response is silent.
        provider: Who answered: ``openai``, ``anthropic``, ``google``, ``bedrock``, ...
        region: Where the call was served, if the response says so.
    """

    usage: Usage
    model: str | None
    service_tier: str | None
    provider: str
    region: str | None = None


def usage_from(counts: Mapping[str, Exact]) -> Usage:
    """A ``Usage`` of the counts that are not 0, and of the totals."""
    stated = {name: count for name, count in counts.items() if count or name in ("input_tokens", "output_tokens")}
    return Usage(**stated)  # type: ignore[arg-type]  # the readers use the names of Usage
