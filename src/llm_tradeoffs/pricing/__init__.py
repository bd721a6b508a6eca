"""
Prices from anywhere, in layers: what answers, what it hides, and where it was read.

>>> from llm_tradeoffs.pricing import PricingRegistry
>>> prices = {"gpt-4.1-mini": ("0.32", "1.28")}
>>> ours = PricingRegistry.bundled().with_layer(prices, name="contract 17", kind="negotiated")
>>> ours["gpt-4.1-mini"].price("input_tokens").source.title
'contract 17'
"""

from __future__ import annotations

from llm_tradeoffs.pricing._data import PriceData, PriceSource, SkippedRow
from llm_tradeoffs.pricing._explain import FactorAnswer, PriceAnswer, PriceChange, PriceDiff, PriceExplanation, diff
from llm_tradeoffs.pricing._genai_prices import GenaiPrices
from llm_tradeoffs.pricing._layers import LAYER_KINDS, Discount, Layer
from llm_tradeoffs.pricing._litellm import LiteLLMPrices
from llm_tradeoffs.pricing._llm_prices import LlmPrices
from llm_tradeoffs.pricing._models_dev import ModelsDevPrices
from llm_tradeoffs.pricing._openrouter import OpenRouterPrices
from llm_tradeoffs.pricing._registry import PricingRegistry, price_sources

__all__ = [
    "LAYER_KINDS",
    "Discount",
    "FactorAnswer",
    "GenaiPrices",
    "Layer",
    "LiteLLMPrices",
    "LlmPrices",
    "ModelsDevPrices",
    "OpenRouterPrices",
    "PriceAnswer",
    "PriceChange",
    "PriceData",
    "PriceDiff",
    "PriceExplanation",
    "PriceSource",
    "PricingRegistry",
    "SkippedRow",
    "diff",
    "price_sources",
]
