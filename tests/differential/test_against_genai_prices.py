"""Our registry on genai-prices' data against genai-prices itself, to the last digit."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from differential.calls import CALLS
from differential.explained import Case, explanation

pytestmark = pytest.mark.heavy

MOMENT = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
IN_THEIR_WORDS = {
    "cache_write_5m_tokens": "cache_write_5m_tokens",
    "reasoning_tokens": "output_reasoning_tokens",
    "cache_read_audio_tokens": "cache_audio_read_tokens",
}
CONTEXT = {
    "standard": None,
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}


def usage_of(counts: dict[str, int]) -> Any:
    """The same call in genai-prices' words; its cache writes are in one total, and by duration."""
    from genai_prices import Usage

    said = {IN_THEIR_WORDS.get(name, name): count for name, count in counts.items()}
    written = counts.get("cache_write_5m_tokens", 0) + counts.get("cache_write_1h_tokens", 0)
    return Usage(**said, **({"cache_write_tokens": written} if written else {}))


def test_every_price_of_genai_prices(record_property: Any) -> None:
    """Two thousand models times twenty calls: equal, or different for a reason that gives their own number."""
    pytest.importorskip("genai_prices")
    from genai_prices.data_snapshot import get_snapshot

    registry = lt.PricingRegistry.of("genai-prices", as_of=MOMENT.date())
    usages = {name: usage_of(counts) for name, (counts, _) in CALLS.items()}
    outcomes: Counter[str] = Counter()
    unexplained: list[str] = []
    models = 0
    for provider in get_snapshot().providers:
        for known in provider.models:
            model = f"{provider.id}/{known.id}"
            if model not in registry:
                continue
            models += 1
            for call, usage in usages.items():
                counts, tier = CALLS[call]
                theirs = Fraction(
                    known.calc_price(
                        usage, provider, genai_request_timestamp=MOMENT, price_context=CONTEXT[tier]
                    ).total_price
                )
                try:
                    ours: lt.Cost | lt.TradeoffsError = lt.cost(
                        model,
                        service_tier=tier,
                        catalog=registry,
                        as_of=MOMENT,
                        **counts,  # type: ignore[arg-type]
                    )
                except lt.TradeoffsError as problem:
                    ours = problem
                case = Case(model, call, counts, tier, registry, MOMENT, ours, theirs, Fraction(0))
                if isinstance(ours, lt.Cost) and ours.is_exact and case.agrees(ours.total.as_fraction()):
                    outcomes["equal"] += 1
                    continue
                reason = explanation(case)
                outcomes[reason or "UNEXPLAINED"] += 1
                if reason is None:
                    unexplained.append(f"{model}, {call}: {float(theirs)} there, here {ours}")
    for name, count in outcomes.most_common():
        record_property(name, count)
        print(f"{count:7,}  {name}")
    assert not unexplained, "\n".join(unexplained[:20])
    assert models >= 900
    assert outcomes["equal"] > 30_000
