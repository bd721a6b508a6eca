"""Our registry on LiteLLM's price map against LiteLLM itself, to the precision of a float."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

import llm_tradeoffs as lt
from differential.calls import CALLS
from differential.explained import Case, explanation

pytestmark = pytest.mark.heavy

TOKEN_MODES = {"chat", "completion", "embedding", "responses"}
LEFT_OUT = {
    "batch": "LiteLLM prices batches from a file of results, not from a usage",
    "batch, cached": "as batch",
    "batch, long": "as batch",
    "searching": "LiteLLM prices searches from a whole response",
}


@pytest.fixture(scope="module")
def litellm() -> Any:
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    return pytest.importorskip("litellm")


def usage_of(counts: dict[str, int]) -> Any:
    """The same call in LiteLLM's words."""
    from litellm.types.utils import (
        CacheCreationTokenDetails,
        CompletionTokensDetailsWrapper,
        PromptTokensDetailsWrapper,
        Usage,
    )

    written = {name: counts.get(f"cache_write_{name}_tokens", 0) for name in ("5m", "1h")}
    prompt: dict[str, Any] = {
        "cached_tokens": counts.get("cache_read_tokens"),
        "audio_tokens": counts.get("input_audio_tokens"),
        "image_tokens": counts.get("input_image_tokens"),
    }
    if any(written.values()):
        prompt["cache_creation_tokens"] = sum(written.values())
        prompt["cache_creation_token_details"] = CacheCreationTokenDetails(
            ephemeral_5m_input_tokens=written["5m"], ephemeral_1h_input_tokens=written["1h"]
        )
    parts = {name: counts[f"{name}_tokens"] for name in ("reasoning", "output_audio") if f"{name}_tokens" in counts}
    completion = {f"{name.removeprefix('output_')}_tokens": count for name, count in parts.items()}
    if completion:
        completion["text_tokens"] = counts["output_tokens"] - sum(parts.values())
    return Usage(
        prompt_tokens=counts["input_tokens"],
        completion_tokens=counts["output_tokens"],
        total_tokens=counts["input_tokens"] + counts["output_tokens"],
        prompt_tokens_details=PromptTokensDetailsWrapper(**{k: v for k, v in prompt.items() if v is not None}),
        completion_tokens_details=CompletionTokensDetailsWrapper(**completion) if completion else None,
    )


def price(litellm: Any, key: str, provider: str, usage: Any, tier: str) -> Fraction | Exception:
    """What LiteLLM says, as the decimal that its float prints as."""
    try:
        sent, produced = litellm.cost_per_token(
            model=key,
            custom_llm_provider=provider,
            usage_object=usage,
            service_tier=None if tier == "standard" else tier,
        )
    except Exception as problem:  # whatever LiteLLM raises is its answer
        return problem
    return Fraction(repr(sent)) + Fraction(repr(produced))


def test_every_price_of_litellm(litellm: Any, record_property: Any) -> None:
    """Thousands of models times twenty calls: equal, or different for a reason that gives LiteLLM's own number."""
    registry = lt.PricingRegistry.of("litellm")
    usages = {name: usage_of(counts) for name, (counts, _) in CALLS.items() if name not in LEFT_OUT}
    outcomes: Counter[str] = Counter()
    unexplained: list[str] = []
    models = 0
    for key, row in litellm.model_cost.items():
        model = key if key in registry else f"{row['litellm_provider']}/{key}"
        if row.get("mode") not in TOKEN_MODES or model not in registry:
            continue
        models += 1
        for call, usage in usages.items():
            counts, tier = CALLS[call]
            # LiteLLM reads the clock where prices depend on the hour.
            now = datetime.now(UTC)
            theirs = price(litellm, key, row["litellm_provider"], usage, tier)
            try:
                ours: lt.Cost | lt.TradeoffsError = lt.cost(
                    model,
                    service_tier=tier,
                    catalog=registry,
                    as_of=now,
                    **counts,  # type: ignore[arg-type]
                )
            except lt.TradeoffsError as problem:
                ours = problem
            if isinstance(theirs, Exception):
                outcomes["LiteLLM raises"] += 1
                continue
            case = Case(model, call, counts, tier, registry, now, ours, theirs, max(theirs, Fraction(1, 10**9)) / 10**9)
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
    assert outcomes["equal"] > 40_000
