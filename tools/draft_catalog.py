"""
Draft the files of the market catalog from installed packages and from the evidence folder.

    python tools/draft_catalog.py --evidence ../shared/evidence --catalog catalog

It needs the packages that :data:`PACKAGES` names, at these versions, and writes ``models/<vendor>/<id>.toml`` for
every model of :data:`MODELS`. Running it again writes the same bytes. Two files are written by hand and stay as they
are: those of :data:`BY_HAND`.

What a package or the evidence states becomes a row of that source. What stands on vendors' pages was read by a
person and is in :data:`READ`, page by page. When a row begins is told in ``catalog/README.md``.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import importlib.util
import json
import re
import runpy
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = {
    "genai-prices": "0.2.3",
    "litellm": "1.106.2",
    "langchain-openai": "1.7.4",
    "langchain-anthropic": "1.7.10",
    "langchain-google-genai": "4.4.2",
    "langchain-xai": "1.3.0",
    "langchain-deepseek": "1.1.1",
    "tiktoken": "0.14.0",
}

READ_ON = date(2026, 11, 22)  # the day on which the packages and the vendors' pages were read
COPY_OF_MODELS_DEV = date(2026, 7, 2)
BFCL_DAY = date(2025, 12, 16)

ALL_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKDAYS = ALL_WEEK[:5]


# ---------------------------------------------------------------------------- the models


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """Where the sources keep the models of one vendor."""

    genai: str = ""
    litellm: str = ""
    prefix: str = ""
    models_dev: str = ""
    pages: str = ""
    profiles: str = ""


VENDORS = {
    "openai": Vendor(
        genai="openai", litellm="openai", models_dev="openai", pages="openai", profiles="langchain_openai"
    ),
    "anthropic": Vendor(
        genai="anthropic",
        litellm="anthropic",
        models_dev="anthropic",
        pages="anthropic",
        profiles="langchain_anthropic",
    ),
    "google": Vendor(
        genai="google",
        litellm="gemini",
        prefix="gemini/",
        models_dev="google",
        pages="google",
        profiles="langchain_google_genai",
    ),
    "mistral": Vendor(genai="mistral", litellm="mistral", prefix="mistral/", models_dev="mistral", pages="mistral"),
    "deepseek": Vendor(
        genai="deepseek", litellm="deepseek", models_dev="deepseek", pages="deepseek", profiles="langchain_deepseek"
    ),
    "xai": Vendor(genai="x-ai", litellm="xai", prefix="xai/", models_dev="xai", pages="xai", profiles="langchain_xai"),
    "meta": Vendor(genai="meta", litellm="meta", prefix="meta/", models_dev="llama", pages="meta"),
    "amazon": Vendor(genai="aws", litellm="bedrock_converse", models_dev="amazon-bedrock"),
    "cohere": Vendor(genai="cohere", litellm="cohere_chat", models_dev="cohere", pages="cohere"),
    "alibaba": Vendor(litellm="dashscope", prefix="dashscope/", models_dev="alibaba", pages="alibaba"),
    "moonshot": Vendor(
        genai="moonshotai", litellm="moonshot", prefix="moonshot/", models_dev="moonshotai", pages="moonshotai"
    ),
    "minimax": Vendor(genai="minimax", litellm="minimax", prefix="minimax/", models_dev="minimax", pages="minimax"),
    "zai": Vendor(genai="zai", litellm="zai", prefix="zai/", models_dev="zai", pages="zhipuai"),
    "perplexity": Vendor(
        genai="perplexity", litellm="perplexity", prefix="perplexity/", models_dev="perplexity", pages="perplexity"
    ),
    "ai21": Vendor(litellm="ai21"),
    "xiaomi": Vendor(litellm="xiaomi_mimo", prefix="xiaomi_mimo/", pages="xiaomi"),
}


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name that meant this model for a while only."""

    name: str
    effective_from: date | None = None
    effective_until: date | None = None


@dataclass(frozen=True)
class Entry:
    """
    One model, and what each source calls it.

    A name of None says that a source has nothing about it, or nothing that belongs here; where none is given, the
    model's own name at its API is looked up, and a source that does not know it is passed over.
    """

    id: str
    name: str
    api: str = ""
    genai: str | None = field(default="", kw_only=True)
    litellm: str | None = field(default="", kw_only=True)
    models_dev: str | None = field(default="", kw_only=True)
    profile: str | None = field(default="", kw_only=True)
    bfcl: str | None = field(default=None, kw_only=True)
    aider: str | None = field(default=None, kw_only=True)
    aliases: tuple[str | Alias, ...] = field(default=(), kw_only=True)
    released: date | None = field(default=None, kw_only=True)  # where models.dev dates another model of that name
    genai_from: date | None = field(default=None, kw_only=True)  # where its undated rates began later than the model
    models_dev_prices: bool = field(default=True, kw_only=True)
    vendor: str = field(default="", kw_only=True)

    @property
    def called(self) -> str:
        """The model's name at its API."""
        return self.api or self.id


def _of(vendor: str, *entries: Entry) -> tuple[Entry, ...]:
    return tuple(replace(entry, vendor=vendor) for entry in entries)


D = date
E = Entry

MODELS: tuple[Entry, ...] = (
    *_of(
        "openai",
        E("gpt-6.2-sol", "GPT-6.2 Sol"),
        E("gpt-6.1-sol", "GPT-6.1 Sol"),
        E("gpt-6.1-terra", "GPT-6.1 Terra"),
        E("gpt-6-astra", "GPT-6 Astra"),
        E("gpt-6-sol", "GPT-6 Sol"),
        E("gpt-6-luna", "GPT-6 Luna"),
        E("gpt-5.6-sol", "GPT-5.6 Sol", aliases=("gpt-5.6",)),
        E("gpt-5.6-terra", "GPT-5.6 Terra"),
        E("gpt-5.6-luna", "GPT-5.6 Luna"),
        E("gpt-5.5", "GPT-5.5"),
        E("gpt-5.5-pro", "GPT-5.5 Pro"),
        E("gpt-5.4", "GPT-5.4"),
        E("gpt-5.4-mini", "GPT-5.4 Mini"),
        E("gpt-5.4-nano", "GPT-5.4 Nano"),
        E("gpt-5.3-codex", "GPT-5.3 Codex"),
        E("gpt-5.2", "GPT-5.2", bfcl="GPT-5.2-2025-12-11"),
        E("gpt-5.1", "GPT-5.1"),
        E("gpt-5", "GPT-5", aider="gpt-5 (high)"),
        E("gpt-5-mini", "GPT-5 Mini", bfcl="GPT-5-mini-2025-08-07"),
        E("gpt-5-nano", "GPT-5 Nano", bfcl="GPT-5-nano-2025-08-07"),
        E("gpt-4.1", "GPT-4.1", bfcl="GPT-4.1-2025-04-14", aider="gpt-4.1"),
        E("gpt-4.1-nano", "GPT-4.1 Nano", bfcl="GPT-4.1-nano-2025-04-14", aider="gpt-4.1-nano"),
        # Its first snapshot of May 2024 cost twice as much; the rates below are those of the later ones.
        E("gpt-4o", "GPT-4o", aider="gpt-4o-2024-08-06", genai_from=D(2024, 8, 6)),
        E("gpt-4o-mini", "GPT-4o Mini", aider="gpt-4o-mini-2024-07-18"),
        E("o3", "o3", bfcl="o3-2025-04-16", aider="o3 (high)"),
        E("o3-mini", "o3-mini", aider="o3-mini (high)"),
        E("o4-mini", "o4-mini", bfcl="o4-mini-2025-04-16", aider="o4-mini (high)"),
    ),
    *_of(
        "anthropic",
        E("claude-fable-5.2", "Claude Fable 5.2", "claude-fable-5-2"),
        E("claude-fable-5.1", "Claude Fable 5.1", "claude-fable-5-1"),
        E("claude-fable-5", "Claude Fable 5"),
        E("claude-opus-5.5", "Claude Opus 5.5", "claude-opus-5-5"),
        E("claude-opus-5", "Claude Opus 5"),
        E("claude-opus-4.8", "Claude Opus 4.8", "claude-opus-4-8"),
        E("claude-opus-4.7", "Claude Opus 4.7", "claude-opus-4-7"),
        E("claude-opus-4.6", "Claude Opus 4.6", "claude-opus-4-6"),
        E("claude-opus-4.5", "Claude Opus 4.5", "claude-opus-4-5", bfcl="Claude-Opus-4-5-20251101"),
        E("claude-opus-4.1", "Claude Opus 4.1", "claude-opus-4-1"),
        E("claude-sonnet-5.5", "Claude Sonnet 5.5", "claude-sonnet-5-5"),
        E("claude-sonnet-5", "Claude Sonnet 5"),
        E("claude-sonnet-4.6", "Claude Sonnet 4.6", "claude-sonnet-4-6"),
        E("claude-sonnet-4.5", "Claude Sonnet 4.5", "claude-sonnet-4-5", bfcl="Claude-Sonnet-4-5-20250929"),
        E(
            "claude-sonnet-4",
            "Claude Sonnet 4",
            "claude-sonnet-4-0",
            aider="claude-sonnet-4-20250514 (32k thinking)",
            aliases=("claude-sonnet-4-20250514",),
        ),
        E(
            "claude-sonnet-3.7",
            "Claude Sonnet 3.7",
            "claude-3-7-sonnet-20250219",
            genai="claude-3-7-sonnet-latest",
            aider="claude-3-7-sonnet-20250219 (32k thinking tokens)",
        ),
        E(
            "claude-sonnet-3.5",
            "Claude Sonnet 3.5",
            "claude-3-5-sonnet-20241022",
            genai="claude-3-5-sonnet",
            aider="claude-3-5-sonnet-20241022",
        ),
        E("claude-haiku-5.5", "Claude Haiku 5.5", "claude-haiku-5-5"),
        E(
            "claude-haiku-3.5",
            "Claude Haiku 3.5",
            "claude-3-5-haiku-20241022",
            genai="claude-3-5-haiku-latest",
            aider="claude-3-5-haiku-20241022",
        ),
    ),
    *_of(
        "google",
        E("gemini-4-argon", "Gemini 4 Argon"),
        E("gemini-3.8-flash", "Gemini 3.8 Flash"),
        E("gemini-3.7-flash", "Gemini 3.7 Flash"),
        E("gemini-3.6-flash", "Gemini 3.6 Flash"),
        E("gemini-3.5-flash", "Gemini 3.5 Flash"),
        E("gemini-3.5-flash-lite", "Gemini 3.5 Flash Lite"),
        E("gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview"),
        E("gemini-3.1-flash-lite", "Gemini 3.1 Flash Lite"),
        E("gemini-3-pro-preview", "Gemini 3 Pro Preview", bfcl="Gemini-3-Pro-Preview"),
        E("gemini-3-flash-preview", "Gemini 3 Flash Preview"),
        E("gemini-2.5-pro", "Gemini 2.5 Pro"),
        E("gemini-2.5-flash", "Gemini 2.5 Flash", bfcl="Gemini-2.5-Flash"),
        E("gemini-2.5-flash-lite", "Gemini 2.5 Flash Lite", bfcl="Gemini-2.5-Flash-Lite"),
        E("gemini-2.0-flash", "Gemini 2.0 Flash"),
    ),
    *_of(
        "mistral",
        E("mistral-large-4", "Mistral Large 4", aliases=("mistral-large-4-0",)),
        E(
            "mistral-large-3",
            "Mistral Large 3",
            "mistral-large-2512",
            released=D(2025, 12, 2),
            aliases=(Alias(name="mistral-large-latest", effective_from=D(2025, 12, 2)),),
        ),
        E(
            "mistral-large-2.1",
            "Mistral Large 2.1",
            "mistral-large-2411",
            genai="mistral-large",
            bfcl="mistral-large-2411",
            aliases=(
                Alias(name="mistral-large-latest", effective_from=D(2024, 11, 1), effective_until=D(2025, 12, 2)),
            ),
        ),
        E(
            "mistral-medium-3.5",
            "Mistral Medium 3.5",
            "mistral-medium-2604",
            genai="mistral-medium-3-5",
            aliases=(Alias(name="mistral-medium-latest", effective_from=D(2026, 6, 16)),),
        ),
        E(
            "mistral-medium-3.1",
            "Mistral Medium 3.1",
            "mistral-medium-2508",
            genai="mistral-medium-3-1",
            aliases=(
                Alias(name="mistral-medium-latest", effective_from=D(2025, 8, 12), effective_until=D(2026, 6, 16)),
            ),
        ),
        E(
            "mistral-small-4",
            "Mistral Small 4",
            "mistral-small-2603",
            aliases=(Alias(name="mistral-small-latest", effective_from=D(2026, 3, 16)),),
        ),
        E(
            "mistral-small-3.2",
            "Mistral Small 3.2",
            "mistral-small-2506",
            genai="mistral-small-3.2-24b-instruct",
            bfcl="Mistral-small-2506",
            aliases=(
                Alias(name="mistral-small-latest", effective_from=D(2025, 6, 20), effective_until=D(2026, 3, 16)),
            ),
        ),
        E("ministral-3-14b", "Ministral 3 14B", "ministral-14b-2512"),
        E(
            "ministral-3-8b",
            "Ministral 3 8B",
            "ministral-8b-2512",
            aliases=(Alias(name="ministral-8b-latest", effective_from=D(2025, 12, 2)),),
        ),
        E("codestral-2508", "Codestral 2508"),
        E("devstral-2", "Devstral 2", "devstral-2512"),
    ),
    *_of(
        "deepseek",
        E("deepseek-v4.1-flash", "DeepSeek V4.1 Flash", "deepseek-flash"),
        E("deepseek-v4-pro", "DeepSeek V4 Pro"),
        E("deepseek-v4-flash", "DeepSeek V4 Flash", profile=None),
    ),
    *_of(
        "xai",
        E("grok-4.7", "Grok 4.7"),
        E("grok-4.6", "Grok 4.6"),
        E("grok-4.5", "Grok 4.5"),
        E("grok-4.3", "Grok 4.3"),
        E(
            "grok-4.20",
            "Grok 4.20",
            models_dev="grok-4.20-0309-reasoning",
            aliases=("grok-4.20-0309-reasoning", "grok-4.20-0309-non-reasoning"),
        ),
        E("grok-4", "Grok 4", "grok-4-0709", bfcl="Grok-4-0709", aider="grok-4 (high)"),
        E("grok-4.1-fast", "Grok 4.1 Fast", "grok-4-1-fast-reasoning", bfcl="Grok-4-1-fast-reasoning"),
        E("grok-3", "Grok 3", aider="Grok 3 Beta"),
        E("grok-3-mini", "Grok 3 Mini", aider="Grok 3 Mini Beta (high)"),
        # LiteLLM prices its names as Grok Build 0.1, which now serves them.
        E("grok-code-fast-1", "Grok Code Fast 1", litellm=None),
    ),
    *_of(
        "meta",
        E("muse-wonder-1.0", "Muse Wonder 1.0"),
        E("muse-spark-1.3", "Muse Spark 1.3"),
        E("muse-spark-1.2", "Muse Spark 1.2"),
        E("muse-spark-1.1", "Muse Spark 1.1"),
        # Meta's own API for it was a preview; models.dev gives it no price, LiteLLM neither.
        E(
            "llama-4-maverick",
            "Llama 4 Maverick",
            "llama-4-maverick-17b-128e-instruct-fp8",
            bfcl="Llama-4-Maverick-17B-128E-Instruct-FP8",
            aider="Llama 4 Maverick",
            models_dev_prices=False,
        ),
    ),
    *_of(
        "amazon",
        # models.dev lists a longer price for its regional endpoints without naming the region.
        E(
            "nova-2-lite",
            "Amazon Nova 2 Lite",
            "amazon.nova-2-lite-v1:0",
            genai="global.amazon.nova-2-lite-v1:0",
            models_dev=None,
            bfcl="Amazon-Nova-2-Lite-v1:0",
        ),
        E("nova-premier", "Amazon Nova Premier", "amazon.nova-premier-v1:0"),
        E("nova-pro", "Amazon Nova Pro", "amazon.nova-pro-v1:0", bfcl="Amazon-Nova-Pro-v1:0"),
        E("nova-lite", "Amazon Nova Lite", "amazon.nova-lite-v1:0"),
        E("nova-micro", "Amazon Nova Micro", "amazon.nova-micro-v1:0", bfcl="Amazon-Nova-Micro-v1:0"),
    ),
    *_of(
        "cohere",
        E("command-a", "Command A", "command-a-03-2025", genai="command-a", aider="command-a-03-2025-quality"),
        E("command-a-reasoning", "Command A Reasoning", "command-a-reasoning-08-2025", bfcl="Command A Reasoning"),
        E("command-r-plus", "Command R+", "command-r-plus-08-2024", genai="command-r-plus"),
        E("command-r", "Command R", "command-r-08-2024", genai="command-r"),
        E("command-r7b", "Command R7B", "command-r7b-12-2024", genai="command-r7b", bfcl="Command R7B"),
    ),
    *_of(
        "alibaba",
        E("qwen3.8-max", "Qwen3.8 Max"),
        E("qwen3.8-flash", "Qwen3.8 Flash"),
        E("qwen3.7-max", "Qwen3.7 Max"),
        E("qwen3.7-plus", "Qwen3.7 Plus"),
        E("qwen3.6-plus", "Qwen3.6 Plus"),
        E("qwen3.5-plus", "Qwen3.5 Plus"),
        E("qwen3-max", "Qwen3 Max"),
        E("qwen3-coder-plus", "Qwen3 Coder Plus"),
        E("qwen-flash", "Qwen Flash"),
    ),
    *_of(
        "moonshot",
        E("kimi-k3.1-pro", "Kimi K3.1 Pro"),
        E("kimi-k3", "Kimi K3"),
        E("kimi-k2.7-code", "Kimi K2.7 Code"),
        E("kimi-k2.6", "Kimi K2.6"),
        E("kimi-k2.5", "Kimi K2.5"),
        E("kimi-k2-thinking", "Kimi K2 Thinking"),
    ),
    *_of(
        "minimax",
        E("minimax-m3.1-flash", "MiniMax M3.1 Flash", "MiniMax-M3.1-Flash"),
        E("minimax-m3", "MiniMax M3", "MiniMax-M3", genai="minimax-m3"),
        E("minimax-m2.7", "MiniMax M2.7", "MiniMax-M2.7"),
        E("minimax-m2.5", "MiniMax M2.5", "MiniMax-M2.5", genai="MiniMax-M2"),
    ),
    *_of(
        "zai",
        E("glm-5.3", "GLM-5.3", genai="GLM-5.3"),
        E("glm-5.3-flash", "GLM-5.3 Flash", genai="GLM-5.3-Flash"),
        E("glm-5.2", "GLM-5.2", genai="GLM-5.2"),
        E("glm-5.1", "GLM-5.1", genai="GLM-5.1"),
        E("glm-5", "GLM-5", genai="GLM-5"),
        E("glm-4.7", "GLM-4.7", genai="GLM-4.7"),
        E("glm-4.6", "GLM-4.6", genai="GLM-4.6", bfcl="GLM-4.6"),
    ),
    *_of(
        "perplexity",
        E("sonar", "Sonar"),
        E("sonar-pro", "Sonar Pro"),
        E("sonar-reasoning-pro", "Sonar Reasoning Pro"),
        E("sonar-deep-research", "Sonar Deep Research"),
    ),
    *_of(
        "ai21",
        E("jamba-large-1.7", "Jamba Large 1.7"),
        E("jamba-mini-1.7", "Jamba Mini 1.7"),
    ),
    *_of(
        "xiaomi",
        E("mimo-v2.6-pro", "MiMo V2.6 Pro"),
        E("mimo-v2.6-flash", "MiMo V2.6 Flash"),
    ),
)


# The files that are written by hand; tools/catalog_check.py looks at them, too.
BY_HAND: tuple[Entry, ...] = (
    *_of("openai", E("gpt-4.1-mini", "GPT-4.1 Mini")),
    *_of("anthropic", E("claude-haiku-4.5", "Claude Haiku 4.5", "claude-haiku-4-5")),
)


# ---------------------------------------------------------------------------- rows


@dataclass(frozen=True, kw_only=True)
class Window:
    """Hours of a week in which a price holds."""

    start: str
    end: str
    zone: str = "UTC"
    weekdays: tuple[str, ...] = ALL_WEEK


@dataclass(frozen=True, kw_only=True)
class Price:
    """One ``[[prices]]`` table."""

    meter: str
    usd: Decimal
    source: str
    place: str
    effective_from: date
    effective_until: date | None = None
    per: int = 1_000_000
    service_tier: str = "standard"
    above: int | None = None
    at_least: int | None = None
    usd_low: Decimal | None = None
    window: Window | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Multiplier:
    """One ``[[multipliers]]`` table."""

    factor: Decimal
    source: str
    place: str
    effective_from: date
    effective_until: date | None = None
    service_tier: str | None = None
    region: str | None = None
    meters: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One ``[[facts]]`` table."""

    field: str
    value: Any
    source: str
    place: str
    effective_from: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Score:
    """One ``[[scores]]`` table."""

    benchmark: str
    value: str
    source: str
    place: str
    effective_from: date
    note: str = ""


Row = Price | Multiplier | Fact | Score

# Whom a reader expects first; within one source the order in which it states things.
SOURCES = (
    "claude-docs",
    "openai-docs",
    "gemini-docs",
    "deepseek-docs",
    "xai-docs",
    "models.dev",
    "langchain-profiles",
    "litellm",
    "genai-prices",
    "langfuse",
    "tiktoken",
    "bfcl",
    "aider",
)
TIERS = ("standard", "batch", "flex", "priority", "fast", "balanced", "ultrafast", "decisions")
METERS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "cache_read_audio_tokens",
    "reasoning_tokens",
    "citation_tokens",
    "output_audio_tokens",
    "requests",
    "web_searches",
    "file_searches",
    "map_queries",
    "cache_storage_token_hours",
)
FEES = ("requests", "web_searches", "file_searches", "map_queries", "cache_storage_token_hours")
FACT_FIELDS = (
    "context_window",
    "max_output_tokens",
    "token_ratio",
    "input_modalities",
    "output_modalities",
    "supports_vision",
    "supports_tools",
    "supports_structured_output",
    "supports_prompt_caching",
    "supports_reasoning",
    "supports_batch",
    "knowledge_cutoff",
    "tokenizer",
    "released_on",
    "retires_on",
)


# ---------------------------------------------------------------------------- what was read on vendors' pages

CLAUDE = "claude-docs"
PEAK_DAILY = (Window(start="01:00", end="04:00"), Window(start="06:00", end="10:00"))
PEAK_WORKDAYS = (
    Window(start="09:00", end="12:00", zone="Asia/Shanghai", weekdays=WORKDAYS),
    Window(start="14:00", end="18:00", zone="Asia/Shanghai", weekdays=WORKDAYS),
)


def _read_prices(
    source: str,
    place: str,
    amounts: Mapping[str, str],
    *,
    effective_from: date = READ_ON,
    effective_until: date | None = None,
    above: int | None = None,
    window: Window | None = None,
    note: str = "",
) -> list[Row]:
    return [
        Price(
            meter=meter,
            usd=Decimal(usd),
            source=source,
            place=place,
            effective_from=effective_from,
            effective_until=effective_until,
            above=above,
            window=window,
            note=note,
        )
        for meter, usd in amounts.items()
    ]


def _read_facts(source: str, place: str, values: Mapping[str, Any], *, note: str = "") -> list[Row]:
    return [
        Fact(field=name, value=value, source=source, place=place, effective_from=_since(name, value), note=note)
        for name, value in values.items()
    ]


def _since(name: str, value: Any) -> date:
    """A day of release or retirement holds from that day; anything else from the day on which the page was read."""
    return value if name == "released_on" else READ_ON


def _claude_page(
    page: str, released: date | None, cutoff: str, prices: Mapping[str, str], *, context: int, output: int
) -> list[Row]:
    place = f"models/{page}/overview, Specifications"
    facts: dict[str, Any] = {"context_window": context, "max_output_tokens": output}
    if cutoff:
        facts["knowledge_cutoff"] = cutoff
    if released is not None:
        facts["released_on"] = released
    return [*_read_prices(CLAUDE, place, prices), *_read_facts(CLAUDE, place, facts)]


def _tokens(*amounts: str) -> dict[str, str]:
    names = ("input_tokens", "output_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_read_tokens")
    return dict(zip(names, amounts, strict=False))


def _off_peak(model: str, amounts: tuple[str, str, str], begins: date, ends: date | None = None) -> list[Row]:
    return _read_prices(
        "deepseek-docs", f"{PRICING}, {model}, off-peak", _flash(amounts), effective_from=begins, effective_until=ends
    )


def _peak(
    model: str,
    amounts: tuple[str, str, str],
    windows: Iterable[Window],
    begins: date,
    ends: date | None = None,
    *,
    note: str,
) -> list[Row]:
    return [
        row
        for window in windows
        for row in _read_prices(
            "deepseek-docs",
            f"{PRICING}, {model}, peak",
            _flash(amounts),
            effective_from=begins,
            effective_until=ends,
            window=window,
            note=note,
        )
    ]


def _flash(amounts: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("input_tokens", "output_tokens", "cache_read_tokens"), amounts, strict=True))


PRICING = "quick_start/pricing"
SWITCH = D(2026, 8, 17)
WEEKENDS = D(2026, 8, 23)
FLASH_4_1 = D(2026, 9, 10)
DAILY_NOTE = "peak and off-peak billing began at 16:00 UTC on the day before, by the page; a row begins with a day"
WORKDAY_NOTE = (
    "Chinese public holidays are off-peak all day, which no window can say; weekends are since 2026-08-23, a day that "
    "genai-prices names"
)
V4_1_FLASH = [
    *_off_peak("deepseek-flash", ("0.15", "0.6", "0.003"), FLASH_4_1),
    *_peak("deepseek-flash", ("0.30", "1.2", "0.006"), PEAK_WORKDAYS, FLASH_4_1, note=WORKDAY_NOTE),
]
V4_FLASH, V4_FLASH_PEAK = ("0.22", "0.66", "0.007"), ("0.44", "1.32", "0.014")
V4_PRO, V4_PRO_PEAK = ("0.66", "1.98", "0.022"), ("1.32", "3.96", "0.044")
US_ONLY_SINCE = D(2026, 2, 1)  # models released after that day, says the page
US_ONLY = Multiplier(
    factor=Decimal("1.1"),
    region="us",
    source=CLAUDE,
    place="release-notes/overview, February 5, 2026",
    effective_from=D(2026, 2, 5),
    note="inference_geo; for models released after 2026-02-01",
)
SOL_PAGE = "api/docs/models/gpt-6.2-sol"

READ: dict[str, list[Row]] = {
    "o3": _read_prices(
        "langfuse",
        "pull request 7223, description: input_cached_tokens of o3",
        {"cache_read_tokens": "2.50"},
        effective_from=D(2025, 4, 16),
        effective_until=D(2025, 6, 10),
        note="the rate that the change replaced; taken to hold since the release",
    ),
    "claude-haiku-5.5": [
        *_claude_page(
            "haiku-5-5", None, "2026-06", _tokens("0.10", "0.50", "0.125"), context=1_000_000, output=128_000
        ),
        *_read_prices(
            CLAUDE,
            "models/haiku-5-5/overview, Specifications",
            _tokens("0.50", "2.50", "0.625"),
            above=100_000,
            note="stated as: for prompts over 100,000 tokens",
        ),
        Fact(
            field="token_ratio",
            value="1.3 tokens per token of claude-haiku-4.5",
            source=CLAUDE,
            place="models/haiku-5-5/whats-new-haiku-5-5",
            effective_from=D(2026, 10, 7),
            note="stated as: the same text counts as approximately 30% more tokens than on Claude Haiku 4.5",
        ),
    ],
    "claude-opus-5.5": _claude_page(
        "opus-5-5", None, "2026-06", _tokens("4", "20", "5", "8", "0.20"), context=1_000_000, output=128_000
    ),
    "claude-opus-5": _claude_page(
        "opus-5", D(2026, 7, 24), "2026-05", _tokens("5", "25", "6.25", "10", "0.50"), context=1_000_000, output=128_000
    ),
    "claude-opus-4.5": _claude_page(
        "opus-4-5", D(2025, 11, 24), "", _tokens("5", "25"), context=200_000, output=64_000
    ),
    "claude-sonnet-5.5": [
        *_claude_page(
            "sonnet-5-5", None, "2026-06", _tokens("2", "10", "2.50", "4"), context=1_000_000, output=128_000
        ),
        *_read_prices(
            CLAUDE,
            "models/sonnet-5-5/overview, Specifications",
            {"cache_read_tokens": "0.20"},
            effective_from=D(2026, 9, 28),
            effective_until=D(2026, 10, 7),
            note="read in a copy that is older than the cut",
        ),
        *_read_prices(
            CLAUDE,
            "release-notes/overview, October 7, 2026",
            {"cache_read_tokens": "0.10"},
            effective_from=D(2026, 10, 7),
            note="lowered from 0.20 USD",
        ),
    ],
    "claude-sonnet-5": _claude_page(
        "sonnet-5",
        D(2026, 6, 30),
        "2026-01",
        _tokens("2", "10", "2.50", "4", "0.20"),
        context=1_000_000,
        output=128_000,
    ),
    "claude-sonnet-4.6": _claude_page(
        "sonnet-4-6", D(2026, 2, 17), "", _tokens("3", "15"), context=1_000_000, output=128_000
    ),
    "claude-fable-5": _claude_page(
        "fable-5", D(2026, 6, 9), "", _tokens("10", "50"), context=1_000_000, output=128_000
    ),
    "claude-fable-5.1": [
        *_read_prices(
            CLAUDE,
            "release-notes/overview, September 1, 2026",
            {"input_tokens": "10", "output_tokens": "50", "cache_read_tokens": "0.25"},
            effective_from=D(2026, 9, 1),
        ),
        *_read_facts(
            CLAUDE,
            "release-notes/overview, September 1, 2026",
            {"context_window": 1_000_000, "max_output_tokens": 128_000, "released_on": D(2026, 9, 1)},
        ),
        *_read_facts(CLAUDE, "models/opus-5-5/overview, How it compares", {"knowledge_cutoff": "2026-06"}),
    ],
    "claude-sonnet-3.5": _read_facts(
        CLAUDE,
        "release-notes/overview, October 28, 2025",
        {"retires_on": D(2025, 10, 28)},
        note="retired: requests return an error",
    ),
    "gpt-6.2-sol": [
        *_read_prices(
            "openai-docs",
            f"{SOL_PAGE}, Pricing",
            {"input_tokens": "2", "output_tokens": "10", "cache_read_tokens": "0.10"},
        ),
        *_read_prices(
            "openai-docs",
            f"{SOL_PAGE}, Pricing",
            {"cache_write_5m_tokens": "2.50"},
            note="kept for 30 minutes, the shorter of two retentions; kept for 12 hours it costs 5 USD",
        ),
        *_read_prices(
            "openai-docs",
            f"{SOL_PAGE}, Pricing",
            {
                "input_tokens": "4",
                "output_tokens": "15",
                "cache_read_tokens": "0.20",
                "cache_write_5m_tokens": "5",
            },
            above=272_000,
            note="stated as: more than 272K input tokens, input and cache rates double and output costs 1.5 times",
        ),
        *(
            Multiplier(
                factor=Decimal(factor),
                service_tier=tier,
                source="openai-docs",
                place=f"{SOL_PAGE}, Pricing",
                effective_from=begins,
                effective_until=ends,
                note=note,
            )
            for tier, factor, begins, ends, note in (
                ("batch", "0.5", READ_ON, None, "stated as 50% of Standard rates"),
                ("fast", "2", READ_ON, None, "stated as twice the Standard rate for the same context length"),
                ("ultrafast", "3", READ_ON, D(2027, 3, 1), "stated as 3 times through February 28, 2027"),
                ("ultrafast", "6", D(2027, 3, 1), None, "stated as 6 times starting March 1, 2027"),
            )
        ),
        *_read_facts(
            "openai-docs",
            f"{SOL_PAGE}, Model details",
            {
                "context_window": 1_050_000,
                "max_output_tokens": 128_000,
                "input_modalities": ["text", "image"],
                "output_modalities": ["text"],
                "supports_vision": True,
                "supports_tools": True,
                "supports_reasoning": True,
                "supports_batch": True,
                "knowledge_cutoff": "2026-06-01",
            },
        ),
    ],
    "gemini-4-argon": _read_facts(
        "gemini-docs", "changelog, October 13, 2026", {"released_on": D(2026, 10, 13)}, note="generally available"
    ),
    "gemini-3.7-flash": _read_facts(
        "gemini-docs",
        "changelog, October 8, 2026",
        {"retires_on": D(2026, 10, 8)},
        note="deprecated: requests are routed to gemini-3.8-flash",
    ),
    "gemini-3.5-flash": _read_facts(
        "gemini-docs",
        "changelog, October 8, 2026",
        {"retires_on": D(2026, 10, 8)},
        note="deprecated: requests are routed to gemini-3.6-flash",
    ),
    "grok-4.7": _read_facts(
        "xai-docs",
        "developers/grok-4-7, At a glance",
        {
            "context_window": 500_000,
            "input_modalities": ["text", "image"],
            "output_modalities": ["text"],
            "supports_vision": True,
            "supports_tools": True,
            "supports_reasoning": True,
            "knowledge_cutoff": "2026-05",
        },
        note="no limit of the text output",
    ),
    "grok-4.6": _read_facts(
        "xai-docs",
        "developers/grok-4-6, At a glance",
        {
            "context_window": 500_000,
            "input_modalities": ["text", "image"],
            "output_modalities": ["text"],
            "supports_vision": True,
            "supports_tools": True,
            "supports_reasoning": True,
            "knowledge_cutoff": "2026-02-01",
        },
        note="no limit of the text output",
    ),
    "grok-4.5": _read_facts("xai-docs", "developers/release-notes, July 8", {"released_on": D(2026, 7, 8)}),
    "deepseek-v4.1-flash": [
        *V4_1_FLASH,
        *_read_facts(
            "deepseek-docs",
            f"{PRICING}, Model Details",
            {
                "context_window": 1_000_000,
                "max_output_tokens": 384_000,
                "supports_vision": True,
                "supports_tools": True,
                "supports_reasoning": True,
            },
            note="the limits are stated as 1M and 384K",
        ),
    ],
    "deepseek-v4-flash": [
        *_off_peak("deepseek-v4-flash", V4_FLASH, SWITCH, FLASH_4_1),
        *_peak("deepseek-v4-flash", V4_FLASH_PEAK, PEAK_DAILY, SWITCH, WEEKENDS, note=DAILY_NOTE),
        *_peak("deepseek-v4-flash", V4_FLASH_PEAK, PEAK_WORKDAYS, WEEKENDS, FLASH_4_1, note=WORKDAY_NOTE),
        # The page: requests under the old name are served by V4.1 Flash, at its price.
        *V4_1_FLASH,
    ],
    "deepseek-v4-pro": [
        *_off_peak("deepseek-v4-pro", V4_PRO, SWITCH),
        *_peak("deepseek-v4-pro", V4_PRO_PEAK, PEAK_DAILY, SWITCH, WEEKENDS, note=DAILY_NOTE),
        *_peak("deepseek-v4-pro", V4_PRO_PEAK, PEAK_WORKDAYS, WEEKENDS, note=WORKDAY_NOTE),
        *_read_facts(
            "deepseek-docs",
            f"{PRICING}, Model Details",
            {
                "context_window": 1_000_000,
                "max_output_tokens": 384_000,
                "supports_vision": False,
                "supports_tools": True,
                "supports_reasoning": True,
            },
            note="the limits are stated as 1M and 384K",
        ),
    ],
}

# What genai-prices says in words about a model (its price_comments), and what follows for its rows.


COMMENTS: dict[str, list[Row]] = {
    **{
        model: [
            Price(
                meter="cache_storage_token_hours",
                usd=Decimal("0.50"),
                source="genai-prices",
                place=f"google, {model}, price_comments",
                effective_from=READ_ON,
                effective_until=D(2027, 1, 1),
                note="stated as $0.50 per 1M tokens per hour, beside rates that apply through 2026-12-31",
            )
        ]
        for model in ("gemini-3.6-flash", "gemini-3.7-flash", "gemini-3.8-flash")
    },
    "mistral-small-3.2": [
        Multiplier(
            factor=Decimal("1.1"),
            region=region,
            source="genai-prices",
            place="mistral, mistral-small-3.2-24b-instruct, price_comments",
            effective_from=READ_ON,
            note="stated as: its EU and US regional endpoints bill 1.1x list",
        )
        for region in ("eu", "us")
    ],
    "deepseek-v4-flash": [
        Fact(
            field="retires_on",
            value=FLASH_4_1,
            source="genai-prices",
            place="deepseek, deepseek-v4-flash, price_comments",
            effective_from=READ_ON,
            note="retired: requests are routed to deepseek-v4.1-flash",
        )
    ],
    **{
        model: [
            Fact(
                field="retires_on",
                value=D(2026, 9, 27),
                source="genai-prices",
                place=f"perplexity, {model}, price_comments",
                effective_from=READ_ON,
                note="the end of Sonar Chat Completions; its rates are the last that were published",
            )
        ]
        for model in ("sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research")
    },
}

# The end of some rows, as genai-prices tells it: (model, source, tier, whether of a long-context step).
ENDS: dict[tuple[str, str, str, bool], tuple[date, str]] = {
    ("claude-sonnet-4.5", "genai-prices", "standard", True): (
        D(2026, 4, 30),
        "the 1M context beta was retired on that day, says price_comments; longer requests are refused since",
    ),
    ("claude-sonnet-4.5", "genai-prices", "batch", True): (D(2026, 4, 30), ""),
    ("claude-opus-4.8", "genai-prices", "fast", False): (
        D(2026, 11, 30),
        "removed from this model on that day, says price_comments",
    ),
    ("claude-opus-4.8", "models.dev", "fast", False): (D(2026, 11, 30), "removed on that day, says genai-prices"),
    ("claude-opus-4.8", "litellm", "fast", False): (D(2026, 11, 30), "removed on that day, says genai-prices"),
}
# The start of some undated rows of genai-prices that another source dates: (model, meter).
STARTS: dict[tuple[str, str], tuple[date, str]] = {
    ("claude-sonnet-5.5", "cache_read_tokens"): (
        D(2026, 10, 7),
        "undated in the package; lowered on that day, say Claude's release notes",
    ),
    ("o3", "cache_read_tokens"): (
        D(2025, 6, 10),
        "undated in the package; begins with the cut of the other rates, for another rate held before",
    ),
}


# ---------------------------------------------------------------------------- numbers


def _exact(value: object) -> Decimal:
    """A number of a package, with the digits that it prints as."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _per_mtok(usd_per_token: object) -> Decimal:
    amount = _exact(usd_per_token) * 1_000_000
    if len(amount.normalize().as_tuple().digits) > 9:
        raise SystemExit(f"{usd_per_token!r} USD a token is a binary float that stands for another decimal; look at it")
    return amount


# ---------------------------------------------------------------------------- models.dev and the profiles of LangChain


@dataclass(frozen=True)
class Page:
    """What models.dev says of one model: a file of the provider's prices and one of the model itself."""

    data: dict[str, Any]
    origin: dict[str, str]  # the file in which each top-level key stands

    def place(self, key: str) -> str:
        """Where *key* stands: the file and the key."""
        return f"{self.origin[key.partition('.')[0]]}, {key}"

    def day(self, key: str) -> date:
        """The day; of a month without a day the first one after it, for by then it was surely so."""
        year, month, *day = map(int, self.data[key].split("-"))
        return date(year, month, day[0]) if day else date(year + month // 12, month % 12 + 1, 1)

    @property
    def released(self) -> date:
        """The day of the release."""
        return self.day("release_date")

    @property
    def updated(self) -> date:
        """The day of the last update; never before the release."""
        return max(self.released, self.day("last_updated"))


def models_dev_page(evidence: Path, entry: Entry) -> Page | None:
    """The provider's file of the model, over the file that it builds on."""
    vendor = VENDORS[entry.vendor]
    if entry.models_dev is None or not vendor.models_dev:
        return None
    root = evidence / "models.dev"
    path = Path("providers") / vendor.models_dev / "models" / f"{entry.models_dev or entry.called}.toml"
    if not (root / path).is_file():
        if entry.models_dev:
            raise SystemExit(f"{entry.id}: no {path}")
        return None
    own = tomllib.loads((root / path).read_text("utf-8"), parse_float=Decimal)
    data: dict[str, Any] = {}
    origin: dict[str, str] = {}
    if "base_model" in own:
        base = Path("models") / f"{own['base_model']}.toml"
        data = tomllib.loads((root / base).read_text("utf-8"), parse_float=Decimal)
        origin = dict.fromkeys(data, str(base))
    return Page(data | own, origin | dict.fromkeys(own, str(path)))


MODELS_DEV_METERS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_5m_tokens",
    "input_audio": "input_audio_tokens",
    "output_audio": "output_audio_tokens",
    "reasoning": "reasoning_tokens",
    "citation": "citation_tokens",
}


def models_dev_prices(
    entry: Entry, page: Page, changes: Mapping[str, Sequence[date]], flat_from: date | None
) -> Iterator[Price]:
    """
    The prices of a page.

    Args:
        changes: For each meter the days on which genai-prices says that its standard price changed.
        flat_from: The day since which long requests cost no more a token than short ones; None if they still do.
            A page without steps leaves open what a long request cost before that day.
    """
    cost = page.data.get("cost", {})
    if cost.get("tiers"):
        flat_from = date.min
    if not entry.models_dev_prices or flat_from is None:
        return
    equal = page.day("last_updated") <= page.released
    note = (
        "rates listed with last_updated = release date" if equal else f"rates listed with last_updated = {page.updated}"
    )
    inclusive = entry.vendor == "xai"

    def rows(amounts: Mapping[str, Any], where: str, tier: str, step: int | None) -> Iterator[Price]:
        for key, meter in MODELS_DEV_METERS.items():
            if key not in amounts or _exact(amounts[key]) == 0:
                continue
            notes = [note]
            begins, ends = page.updated, None
            if flat_from > begins:
                begins = flat_from
                notes.append("from the day on which long requests ceased to cost more, as genai-prices dates it")
            end = ENDS.get((entry.id, "models.dev", tier, False))
            if end is not None:
                ends = end[0]
                notes.append(end[1])
            for day in changes.get(meter, ()):
                if day <= COPY_OF_MODELS_DEV and day > begins:
                    begins = day
                    notes = ["listed with an earlier last_updated; genai-prices dates the change to these rates"]
                elif day > COPY_OF_MODELS_DEV and ends is None and tier == "standard":
                    ends = day
                    notes.append("until another rate that genai-prices dates")
            if key == "cache_write" and entry.vendor == "anthropic":
                notes.append("the duration is not stated")
            if step is not None and inclusive:
                notes.append(
                    "the file does not say whether the bound is inclusive; xAI's is, as genai-prices quotes it"
                )
            yield Price(
                meter=meter,
                usd=_exact(amounts[key]),
                source="models.dev",
                place=page.place(f"{where}.{key}"),
                effective_from=begins,
                effective_until=ends,
                service_tier=tier,
                above=None if inclusive else step,
                at_least=step if inclusive else None,
                note="; ".join(notes),
            )

    yield from rows(cost, "cost", "standard", None)
    for tier in cost.get("tiers", ()):
        yield from rows(tier, "cost.tiers", "standard", tier["tier"]["size"])
    for mode in page.data.get("experimental", {}).get("modes", {}).values():
        body = mode["provider"]["body"]
        tier_name = body.get("service_tier") or body["speed"]
        yield from rows(mode["cost"], "experimental.modes", tier_name, None)


def models_dev_facts(entry: Entry, page: Page) -> Iterator[Fact]:
    """Limits, modalities and abilities."""

    def fact(name: str, key: str, value: Any, begins: date, note: str = "") -> Fact:
        return Fact(
            field=name, value=value, source="models.dev", place=page.place(key), effective_from=begins, note=note
        )

    data, since = page.data, page.updated
    if entry.released is not None:
        since = entry.released
    limit, modalities = data.get("limit", {}), data.get("modalities", {})
    if limit.get("context"):
        yield fact("context_window", "limit.context", limit["context"], since)
    if limit.get("output"):
        yield fact("max_output_tokens", "limit.output", limit["output"], since)
    if modalities:
        yield fact("input_modalities", "modalities.input", modalities["input"], since)
        yield fact("output_modalities", "modalities.output", modalities["output"], since)
        sees = "image" in modalities["input"]
        note = "image is among the inputs" if sees else "image is not among the inputs"
        yield fact("supports_vision", "modalities.input", sees, since, note)
    for name, key in (
        ("supports_tools", "tool_call"),
        ("supports_structured_output", "structured_output"),
        ("supports_reasoning", "reasoning"),
    ):
        if key in data:
            yield fact(name, key, data[key], since)
    if "knowledge" in data:
        yield fact("knowledge_cutoff", "knowledge", data["knowledge"], min(since, page.updated))
    if entry.released is None and len(data["release_date"]) == len("2026-01-01"):
        yield fact("released_on", "release_date", page.released, page.released)


@dataclass(frozen=True)
class Profile:
    """What a LangChain package says of one model; it is derived from models.dev, at a later day than our copy."""

    package: str
    key: str
    data: dict[str, Any]

    @property
    def released(self) -> date:
        """The day of the release."""
        return date.fromisoformat(self.data["release_date"])

    @property
    def updated(self) -> date:
        """The day of the last update; never before the release."""
        return max(self.released, date.fromisoformat(self.data["last_updated"]))


def profile_of(entry: Entry, profiles: Mapping[str, Mapping[str, dict[str, Any]]]) -> Profile | None:
    """The profile of a model, if a package has one."""
    package = VENDORS[entry.vendor].profiles
    data = profiles.get(package, {}).get(entry.profile or entry.called) if entry.profile is not None else None
    return None if data is None else Profile(package, entry.profile or entry.called, data)


def profile_facts(profile: Profile) -> Iterator[Fact]:
    """Limits, modalities and abilities."""

    def fact(name: str, key: str, value: Any, note: str = "") -> Fact:
        begins = profile.released if name == "released_on" else profile.updated
        place = f"{profile.package}/data/_profiles.py, {profile.key}, {key}"
        return Fact(field=name, value=value, source="langchain-profiles", place=place, effective_from=begins, note=note)

    data = profile.data
    yield fact("context_window", "max_input_tokens", data["max_input_tokens"])
    yield fact("max_output_tokens", "max_output_tokens", data["max_output_tokens"])
    kinds = ("text", "image", "audio", "video")
    inputs = [kind for kind in kinds if data.get(f"{kind}_inputs")] + (["pdf"] if data.get("pdf_inputs") else [])
    yield fact("input_modalities", "text_inputs, image_inputs, ...", inputs)
    yield fact("output_modalities", "text_outputs, image_outputs, ...", [k for k in kinds if data.get(f"{k}_outputs")])
    for name, key in (
        ("supports_vision", "image_inputs"),
        ("supports_tools", "tool_calling"),
        ("supports_structured_output", "structured_output"),
        ("supports_reasoning", "reasoning_output"),
    ):
        if key in data:
            yield fact(name, key, data[key])
    yield fact("released_on", "release_date", profile.released)


def tiktoken_facts(entry: Entry) -> Iterator[Fact]:
    """The encoding that OpenAI's tokenizer library takes for a model: by its name, else by the beginning of it."""
    if entry.vendor != "openai":
        return
    table = importlib.import_module("tiktoken.model")
    names: dict[str, str] = table.MODEL_TO_ENCODING
    beginnings: dict[str, str] = table.MODEL_PREFIX_TO_ENCODING
    name = entry.called
    if name in names:
        value, place = names[name], f"tiktoken/model.py, MODEL_TO_ENCODING, {name}"
    else:
        matching = [beginning for beginning in beginnings if name.startswith(beginning)]
        if not matching:
            return
        value, place = beginnings[matching[0]], f"tiktoken/model.py, MODEL_PREFIX_TO_ENCODING, {matching[0]}"
    yield Fact(field="tokenizer", value=value, source="tiktoken", place=place, effective_from=READ_ON)


# ---------------------------------------------------------------------------- genai-prices

GENAI_METERS = {
    "input_mtok": "input_tokens",
    "output_mtok": "output_tokens",
    "cache_read_mtok": "cache_read_tokens",
    "cache_write_mtok": "cache_write_5m_tokens",
    "cache_write_1h_mtok": "cache_write_1h_tokens",
    "input_audio_mtok": "input_audio_tokens",
    "cache_audio_read_mtok": "cache_read_audio_tokens",
    "output_audio_mtok": "output_audio_tokens",
    "output_reasoning_mtok": "reasoning_tokens",
    "output_citation_mtok": "citation_tokens",
    "web_searches_kcount": "web_searches",
    "storage_searches_kcount": "file_searches",
    "requests_kcount": "requests",
}
GENAI_TIERS = {
    ("processing", "batch"): "batch",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
    ("service_tier", "fast"): "fast",
    ("speed", "fast"): "fast",
}


@dataclass(frozen=True)
class Stated:
    """One rate of genai-prices: what it is for, from when on, and in which hours."""

    key: str
    tier: str
    bound: int | None
    begins: date | None
    window: Window | None
    usd: Decimal


def genai_models(provider: str) -> dict[str, Any]:
    """The models of one provider, by id."""
    snapshot = importlib.import_module("genai_prices.data_snapshot").get_snapshot()
    for found in snapshot.providers:
        if found.id == provider:
            return {model.id: model for model in found.models}
    return {}


def genai_model(entry: Entry) -> Any | None:
    """The model of genai-prices that an entry is about, or None."""
    if entry.genai is None:
        return None
    found = genai_models(VENDORS[entry.vendor].genai).get(entry.genai or entry.called)
    if found is None and entry.genai:
        raise SystemExit(f"{entry.id}: genai-prices has no {entry.genai}")
    return found


def genai_rates(model: Any) -> Iterator[Stated]:
    """Every rate that the package states for a model, oldest first."""

    def of(prices: Any, tier: str, begins: date | None, window: Window | None) -> Iterator[Stated]:
        for key, amount in prices.__dict__.items():
            if amount is None:
                continue
            if key not in GENAI_METERS:
                raise SystemExit(f"genai-prices states {key} for {model.id}, which this tool does not know")
            if isinstance(amount, Decimal):
                yield Stated(key, tier, None, begins, window, amount)
                continue
            yield Stated(key, tier, None, begins, window, amount.base)
            for step in amount.tiers:
                yield Stated(key, tier, step.start, begins, window, step.price)

    latest: date | None = None
    conditional: list[Any] = model.prices if isinstance(model.prices, list) else [None]
    for price in conditional:
        if price is None:
            yield from of(model.prices, "standard", None, None)
            continue
        begins = getattr(price.constraint, "start_date", None)
        window = None
        if begins is not None:
            latest = begins
        elif price.constraint is not None:
            window = Window(
                start=f"{price.constraint.start_time:%H:%M}", end=f"{price.constraint.end_time:%H:%M}", zone="UTC"
            )
            begins = latest  # hours of the day came with the last dated rates, says the package's comment
        yield from of(price.prices, "standard", begins, window)
    dated: list[Stated] = []
    for variant in model.price_variants or ():
        ((name, value),) = variant.when.items()
        if (name, value) in GENAI_TIERS:
            begins = None if variant.constraint is None else variant.constraint.start_date
            dated.extend(of(variant.prices, GENAI_TIERS[name, value], begins, None))
        elif (name, value) != ("service_tier", "default"):
            raise SystemExit(f"genai-prices has a variant {name}={value} for {model.id}, which this tool does not know")
    yield from sorted(dated, key=lambda rate: rate.begins or date.min)


def genai_changes(model: Any) -> dict[str, list[date]]:
    """For each meter the days on which its standard rates changed, steps for long requests included."""
    ladders: dict[str, dict[date, dict[int | None, Decimal]]] = {}
    for rate in genai_rates(model):
        if rate.tier == "standard" and rate.window is None:
            steps = ladders.setdefault(GENAI_METERS[rate.key], {}).setdefault(rate.begins or date.min, {})
            steps[rate.bound] = rate.usd
    return {
        meter: [day for at, day in enumerate(days[1:]) if history[day] != history[days[at]]]
        for meter, history in ladders.items()
        for days in [sorted(history)]
    }


def genai_prices(entry: Entry, model: Any, first: date | None, dated_by: str) -> Iterator[Price]:
    """
    The history that the package keeps.

    Args:
        first: The first day of its undated rates; None if no source dates the model.
        dated_by: Why on that day, for the note.
    """
    provider = VENDORS[entry.vendor].genai
    timeline: dict[tuple[str, str, int | None, Window | None], list[tuple[date | None, Decimal | None]]] = {}
    for rate in genai_rates(model):
        timeline.setdefault((rate.key, rate.tier, rate.bound, rate.window), []).append((rate.begins, rate.usd))
    # A step that a later ladder of the same meter does not have ends where that ladder begins.
    for (key, tier, bound, window), history in timeline.items():
        if bound is None or window is not None:
            continue
        base = [begins for begins, _ in timeline[key, tier, None, None]]
        dropped = [day for day in base if day is not None and day not in [begins for begins, _ in history]]
        history.extend((day, None) for day in dropped if history[0][0] is None or day > history[0][0])
        history.sort(key=lambda step: step[0] or date.min)
    for about, history in timeline.items():
        yield from _genai_history(entry, f"{provider}, {model.id}", about, history, first=first, dated_by=dated_by)


def _genai_history(
    entry: Entry,
    where: str,
    about: tuple[str, str, int | None, Window | None],
    history: list[tuple[date | None, Decimal | None]],
    *,
    first: date | None,
    dated_by: str,
) -> Iterator[Price]:
    key, tier, bound, window = about
    meter = GENAI_METERS[key]
    merged = [step for at, step in enumerate(history) if at == 0 or step[1] != history[at - 1][1]]
    for at, (begins, usd) in enumerate(merged):
        ends = merged[at + 1][0] if at + 1 < len(merged) else None
        if usd is None:
            continue
        notes: list[str] = []
        since = begins
        if begins is None:
            day, why = STARTS.get((entry.id, meter), (first, dated_by))
            since = day or READ_ON
            notes.append(why)
        else:
            notes.append("the package's own first day")
        end = ENDS.get((entry.id, "genai-prices", tier, bound is not None))
        if end is not None:
            ends = end[0]
            if end[1]:
                notes.append(end[1])
        if since is None or (ends is not None and ends <= since):
            continue
        fee = key.endswith("_kcount")
        if fee:
            thing = meter.replace("_", " ")
            notes.append(f"stated as {_plain(usd)} USD for 1,000 {thing}")
        least = _least_request_fee(entry) if meter == "requests" else None
        if least is not None:
            notes.append(
                "the fee of the largest search context; usd_low is that of the smallest, as LiteLLM lists them"
            )
        inclusive = entry.vendor == "xai" and bound is not None
        if inclusive:
            notes.append(f"the package says above {bound:,}, for xAI's bound is inclusive")
        part = "prices" if tier == "standard" else f"price_variants {_variant(entry, tier)}"
        yield Price(
            meter=meter,
            usd=usd / 1000 if fee else usd,
            per=1 if fee else 1_000_000,
            usd_low=least,
            source="genai-prices",
            place=f"{where}, {part}, {key}" if tier != "standard" else f"{where}, {part}.{key}",
            effective_from=since,
            effective_until=ends,
            service_tier=tier,
            above=None if inclusive else bound,
            at_least=bound + 1 if inclusive and bound is not None else None,
            window=window,
            note="; ".join(notes),
        )


def _least_request_fee(entry: Entry) -> Decimal | None:
    """What a request with the smallest search context costs, where LiteLLM lists the fee by its size."""
    listed = litellm_map().get(f"perplexity/{entry.called}", {}).get("search_context_cost_per_query", {})
    return _exact(listed["search_context_size_low"]) if listed else None


def _variant(entry: Entry, tier: str) -> str:
    if tier == "batch":
        return "processing=batch"
    return f"speed={tier}" if entry.vendor == "anthropic" else f"service_tier={tier}"


# ---------------------------------------------------------------------------- LiteLLM

LITELLM_FILE = "model_prices_and_context_window_backup.json"
LITELLM_METERS = {
    "input_cost_per_token": "input_tokens",
    "output_cost_per_token": "output_tokens",
    "cache_read_input_token_cost": "cache_read_tokens",
    "cache_creation_input_token_cost": "cache_write_5m_tokens",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h_tokens",
    "input_cost_per_audio_token": "input_audio_tokens",
    "input_cost_per_image_token": "input_image_tokens",
    "cache_read_input_audio_token_cost": "cache_read_audio_tokens",
    "output_cost_per_audio_token": "output_audio_tokens",
    "output_cost_per_reasoning_token": "reasoning_tokens",
    "citation_cost_per_token": "citation_tokens",
}
LITELLM_TIERS = {
    "": "standard",
    "_batches": "batch",
    "_flex": "flex",
    "_priority": "priority",
    "_balanced": "balanced",
    "_ultrafast": "ultrafast",
    "_decisions": "decisions",
}
LITELLM_KEY = re.compile(
    rf"({'|'.join(sorted(LITELLM_METERS, key=len, reverse=True))})(?:_above_(\d+)k_tokens)?"
    rf"({'|'.join(LITELLM_TIERS)})"
)
# Stated beside the prices: a second name of one, and reads from a cache that somebody set up by hand, for which
# there is no meter of its own.
LITELLM_PASSED_OVER = ("input_cost_per_token_cache_hit", "explicit_cache_read_input_token_cost")


def litellm_map() -> dict[str, dict[str, Any]]:
    """The price map of the installed package; the package itself is not imported."""
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("litellm is not installed")
    data: dict[str, dict[str, Any]] = json.loads(
        (Path(spec.submodule_search_locations[0]) / LITELLM_FILE).read_text("utf-8")
    )
    return data


def litellm_key(entry: Entry, prices: Mapping[str, dict[str, Any]]) -> str | None:
    """The key of a model in the map, of the vendor's own provider; or None."""
    vendor = VENDORS[entry.vendor]
    if entry.litellm is None or not vendor.litellm:
        return None
    key = entry.litellm or f"{vendor.prefix}{entry.called}"
    found = prices.get(key)
    if found is None or found["litellm_provider"] != vendor.litellm:
        if entry.litellm:
            raise SystemExit(f"{entry.id}: LiteLLM has no {key} of {vendor.litellm}")
        return None
    return key


def litellm_keys(entry: Entry, key: str, prices: Mapping[str, dict[str, Any]]) -> list[str]:
    """The key, and its snapshots at the same prices."""

    def costs(name: str) -> dict[str, Any]:
        return {field: value for field, value in prices[name].items() if "cost" in field and "search" not in field}

    dated = re.compile(re.escape(key) + r"-(\d{8}|\d{4}-\d{2}-\d{2})")
    provider = VENDORS[entry.vendor].litellm
    return [
        key,
        *sorted(
            name
            for name, data in prices.items()
            if dated.fullmatch(name) and data["litellm_provider"] == provider and costs(name) == costs(key)
        ),
    ]


@dataclass(frozen=True)
class Listed:
    """One rate of LiteLLM's map."""

    field: str
    meter: str
    tier: str
    above: int | None
    window: Window | None
    usd: Decimal
    per: int = 1_000_000


def litellm_rates(data: Mapping[str, Any]) -> Iterator[Listed]:
    """Every rate that the map states for a model. A rate of 0 is its way of saying nothing, and left out."""
    flat: list[tuple[str, Any, int | None]] = [(name, value, None) for name, value in data.items()]
    for step in data.get("tiered_pricing", ()):
        start = int(step["range"][0])
        flat += [(name, value, start) for name, value in step.items() if name != "range"]
    for name, value, begins in flat:
        match = LITELLM_KEY.fullmatch(name)
        if match is not None and value:
            above = int(match[2]) * 1000 if match[2] else begins or None
            where = name if begins is None else f"tiered_pricing, {name}"
            yield Listed(where, LITELLM_METERS[match[1]], LITELLM_TIERS[match[3]], above, None, _per_mtok(value))
        elif "cost" in name and name not in LITELLM_PASSED_OVER and value and match is None:
            yield from _litellm_fees(name, value)
    off_peak = data.get("off_peak_pricing")
    if off_peak:
        for window in _litellm_windows(off_peak["windows"]):
            for name, value in off_peak.items():
                if name in LITELLM_METERS:
                    yield Listed(
                        f"off_peak_pricing, {name}", LITELLM_METERS[name], "standard", None, window, _per_mtok(value)
                    )


def _litellm_fees(name: str, value: Any) -> Iterator[Listed]:
    if name == "search_context_cost_per_query":
        amounts = {_exact(amount) for amount in value.values()}
        if len(amounts) == 1:
            yield Listed(name, "web_searches", "standard", None, None, amounts.pop(), 1)
    elif name == "google_maps_grounding_cost_per_query":
        yield Listed(name, "map_queries", "standard", None, None, _exact(value), 1)
    else:
        raise SystemExit(f"LiteLLM states {name}, which this tool does not know")


def _litellm_windows(windows: Iterable[Mapping[str, Any]]) -> Iterator[Window]:
    for window in windows:
        hours = window["hours_utc"]
        for span in [hours] if isinstance(hours, str) else hours:
            start, _, end = span.partition("-")
            days = tuple(ALL_WEEK[day - 1] for day in window["weekdays"])
            yield Window(start=start, end=end, zone="UTC", weekdays=days)


def litellm_prices(
    entry: Entry,
    key: str,
    data: Mapping[str, Any],
    *,
    ended: set[tuple[str, Decimal]],
    changes: Mapping[str, Sequence[date]],
    flat: set[tuple[str, str]],
) -> Iterator[Price]:
    """
    The rates of the map, without those that other rates have followed.

    Where the standard rate has a step for long requests and the rate of a tier has none, the map leaves open what a
    long request costs in that tier. Such a rate is taken only if genai-prices has no step there either.

    Args:
        ended: Standard rates of which genai-prices says that they have ended. A list with one of them is an old
            list, and no day is left on which it would hold.
        changes: For each meter the days on which genai-prices says that its standard price changes.
        flat: Tiers and meters that genai-prices prices without a step.
    """
    rates = list(litellm_rates(data))
    steps = {(rate.tier, rate.meter) for rate in rates if rate.above is not None}
    if any((rate.meter, rate.usd) in ended for rate in rates if rate.tier == "standard" and rate.above is None):
        return
    for rate in rates:
        of_tier = (rate.tier, rate.meter)
        if ("standard", rate.meter) in steps and of_tier not in steps and of_tier not in flat:
            continue
        notes: list[str] = []
        total = "output_tokens" if rate.meter in ("reasoning_tokens", "output_audio_tokens") else "input_tokens"
        coming = [day for day in changes.get(rate.meter, changes.get(total, ())) if day > READ_ON]
        ends = coming[0] if coming and rate.per != 1 else None
        if ends is not None:
            notes.append("until another standard rate that genai-prices dates")
        if rate.meter == "web_searches":
            notes.append("the same for a small, medium and large search context")
            free = data.get("search_free_requests")
            if free:
                notes.append(f"after {free['count']:,} free requests a {free['period']}")
        inclusive = entry.vendor == "xai" and rate.above is not None
        if inclusive:
            notes.append("LiteLLM counts the bound of this vendor as inclusive")
        if "tiered_pricing" in rate.field:
            notes.append("the whole request is billed at the step of its input")
        yield Price(
            meter=rate.meter,
            usd=rate.usd,
            per=rate.per,
            source="litellm",
            place=f"{LITELLM_FILE}, {key}, {rate.field}",
            effective_from=READ_ON,
            effective_until=ends,
            service_tier=rate.tier,
            above=None if inclusive else rate.above,
            at_least=rate.above if inclusive else None,
            window=rate.window,
            note="; ".join(notes),
        )


def litellm_multipliers(entry: Entry, key: str, data: Mapping[str, Any]) -> Iterator[Multiplier]:
    """Uplifts for regions, and what fast mode costs."""
    for name, value in data.items():
        if name.startswith("regional_processing_uplift_multiplier_"):
            yield _litellm_factor(entry, key, name, value, region=name.rpartition("_")[2])
    for name, value in data.get("provider_specific_entry", {}).items():
        where = f"provider_specific_entry, {name}"
        if name == "fast":
            yield _litellm_factor(entry, key, where, value, service_tier=name)
        else:
            yield _litellm_factor(entry, key, where, value, region=name)


def _litellm_factor(
    entry: Entry, key: str, where: str, value: Any, *, service_tier: str | None = None, region: str | None = None
) -> Multiplier:
    ends, note = ENDS.get((entry.id, "litellm", service_tier or "", False), (None, ""))
    return Multiplier(
        factor=_exact(value).normalize(),
        service_tier=service_tier,
        region=region,
        source="litellm",
        place=f"{LITELLM_FILE}, {key}, {where}",
        effective_from=READ_ON,
        effective_until=ends,
        note=note,
    )


def litellm_context(data: Mapping[str, Any], others: Iterable[int]) -> int | None:
    """
    What the map says of the context window, or None where it says something else.

    Its ``max_input_tokens`` is the window for most models; for some it is the longest input, which with the longest
    output makes the window that another source states.
    """
    longest = data.get("max_input_tokens")
    output = data.get("max_output_tokens")
    if longest is None or (output is not None and longest + output in set(others)):
        return None
    return int(longest)


def litellm_facts(
    key: str, keys: Sequence[str], prices: Mapping[str, dict[str, Any]], others: Iterable[int]
) -> Iterator[Fact]:
    """Limits, abilities and the announced end."""
    data = prices[key]

    def fact(name: str, field_name: str, value: Any, note: str = "", of: str = key) -> Fact:
        return Fact(
            field=name,
            value=value,
            source="litellm",
            place=f"{LITELLM_FILE}, {of}, {field_name}",
            effective_from=READ_ON,
            note=note,
        )

    context = litellm_context(data, others)
    if context is not None:
        yield fact("context_window", "max_input_tokens", context)
    if data.get("max_output_tokens"):
        yield fact("max_output_tokens", "max_output_tokens", data["max_output_tokens"])
    if "supported_modalities" in data:
        reads_pdf = "supports_pdf_input is true beside it" if data.get("supports_pdf_input") else ""
        yield fact("input_modalities", "supported_modalities", data["supported_modalities"], reads_pdf)
    if "supported_output_modalities" in data:
        yield fact("output_modalities", "supported_output_modalities", data["supported_output_modalities"])
    for name, field_name in (
        ("supports_vision", "supports_vision"),
        ("supports_tools", "supports_function_calling"),
        ("supports_structured_output", "supports_response_schema"),
        ("supports_prompt_caching", "supports_prompt_caching"),
        ("supports_reasoning", "supports_reasoning"),
    ):
        if field_name in data:
            yield fact(name, field_name, data[field_name])
    if "/v1/batch" in data.get("supported_endpoints", ()):
        yield fact("supports_batch", "supported_endpoints", True, "/v1/batch is among the endpoints")
    for name in keys:
        if prices[name].get("deprecation_date"):
            ends = date.fromisoformat(prices[name]["deprecation_date"])
            yield fact("retires_on", "deprecation_date", ends, of=name)
            break


# ---------------------------------------------------------------------------- benchmarks


def bfcl_scores(evidence: Path) -> dict[str, dict[str, str]]:
    """For each model of the leaderboard its overall accuracy, by mode: FC, Prompt, ..."""
    found: dict[str, dict[str, str]] = {}
    with (evidence / "bfcl" / "data_overall.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            match = re.fullmatch(r"(.+?)(?: \((.+)\))?", row["Model"])
            if match is not None:
                found.setdefault(match[1].casefold(), {})[match[2] or ""] = f"{row['Model']}|{row['Overall Acc']}"
    return found


def bfcl_score(entry: Entry, board: Mapping[str, Mapping[str, str]]) -> Iterator[Score]:
    """The result with the API's own function calling, or the one that there is."""
    if entry.bfcl is None:
        return
    modes = board[entry.bfcl.casefold()]
    best = next((mode for mode in ("FC", "FC thinking", "") if mode in modes), "Prompt")
    model, _, accuracy = modes[best].partition("|")
    note = "functions described in the prompt" if best == "Prompt" else "with the API's own function calling"
    if best == "FC thinking":
        note += ", thinking"
    if best != "Prompt" and "Prompt" in modes:
        other = modes["Prompt"].partition("|")[2].replace("%", " %")
        note += f"; {other} when the functions are described in the prompt"
    yield Score(
        benchmark="bfcl",
        value=accuracy.replace("%", " %"),
        source="bfcl",
        place=f"data_overall.csv, {model}, Overall Acc",
        effective_from=BFCL_DAY,
        note=note,
    )


def aider_runs(evidence: Path) -> dict[str, dict[str, str]]:
    """The runs of the leaderboard by name; a flat file, so lines are enough."""
    found: dict[str, dict[str, str]] = {}
    text = "\n" + (evidence / "aider" / "polyglot_leaderboard.yml").read_text("utf-8")
    for block in text.split("\n- ")[1:]:
        run = dict(re.findall(r"(?m)^\s*(\w+): *([^#\n]*?) *(?:#.*)?$", block))
        found[run["model"]] = run
    return found


def aider_score(entry: Entry, runs: Mapping[str, Mapping[str, str]]) -> Iterator[Score]:
    """The run that the table names: of a model's runs alone the one with the most thinking."""
    if entry.aider is None:
        return
    run = runs[entry.aider]
    yield Score(
        benchmark="aider-polyglot",
        value=f"{run['pass_rate_2']} %",
        source="aider",
        place=f"polyglot_leaderboard.yml, {run['model']}, pass_rate_2",
        effective_from=date.fromisoformat(run["date"]),
        note=f"{run['pass_num_2']} of {run.get('total_tests') or run['test_cases']}, edit format {run['edit_format']}",
    )


SCALE = "labs.scale.com"
ANALYSIS = "artificialanalysis.ai"
# What models.dev calls a benchmark, the unit it names and where it took the score from, and what we call that.
BENCHMARKS = {
    ("SWE-Bench Verified", "resolved", "huggingface.co"): "swe-bench-verified",
    ("SWE-Bench Verified", "resolved", "mistral.ai"): "swe-bench-verified",
    ("SWE-Bench Verified", "resolved", "www.swebench.com"): "swe-bench-verified-leaderboard",
    ("SWE-Bench Pro", "resolve rate", SCALE): "swe-bench-pro",
    ("SWE-Bench Pro", "resolve rate", "www.anthropic.com"): "swe-bench-pro-anthropic",
    ("Terminal-Bench", "success rate", "www.anthropic.com"): "terminal-bench-2.1",
    ("Terminal-Bench Hard", "success rate", "openrouter.ai"): "terminal-bench-hard",
    ("SciCode", "percent correct", "openrouter.ai"): "scicode",
    ("SWE-Atlas Codebase QnA", "score", SCALE): "swe-atlas-qna",
    ("SWE-Atlas Refactoring", "score", SCALE): "swe-atlas-refactoring",
    ("SWE-Atlas Test Writing", "score", SCALE): "swe-atlas-test-writing",
    ("Artificial Analysis Coding Agent Index", "average pass@1", ANALYSIS): "aa-coding-agent-index",
}
# Where one model has several results on one of them: the harness that most models share, then the model's own.
HARNESSES = ("Mini-SWE-Agent", "Claude Code", "Codex", "Codex CLI", "Gemini CLI", "Cursor CLI")
VARIANTS = ("medium", None, "high", "xhigh", "max")


def models_dev_scores(evidence: Path, entry: Entry) -> Iterator[Score]:
    """One result for each benchmark; the rows that repeat Aider's leaderboard are left to that source."""
    vendor = VENDORS[entry.vendor]
    name = entry.models_dev or entry.called
    path = Path("models") / vendor.pages / f"{name}.toml"
    file = evidence / "models.dev" / path
    if not vendor.pages or entry.models_dev is None or not file.is_file():
        return
    found: dict[str, list[dict[str, Any]]] = {}
    for row in tomllib.loads(file.read_text("utf-8"), parse_float=str).get("benchmarks", ()):
        site = row["source"].split("/")[2]
        benchmark = BENCHMARKS.get((row["name"], row.get("metric"), site))
        if benchmark is not None:
            found.setdefault(benchmark, []).append(row)
    for benchmark, rows in found.items():
        row = min(
            rows,
            key=lambda row: (
                HARNESSES.index(row["harness"]) if row.get("harness") in HARNESSES else 0,
                VARIANTS.index(row.get("variant")),
            ),
        )
        told = [
            f"{label} {row[key]}" if label else str(row[key])
            for key, label in (
                ("metric", ""),
                ("version", "version"),
                ("dataset", "data set"),
                ("harness", "harness"),
                ("variant", "effort"),
            )
            if row.get(key) is not None
        ]
        day = row.get("date")
        taken = row["source"].removeprefix("https://")
        yield Score(
            benchmark=benchmark,
            value=f"{row['score']} %",
            source="models.dev",
            place=f"{path}, benchmarks",
            effective_from=COPY_OF_MODELS_DEV if day is None else date.fromisoformat(str(day)),
            note=f"{', '.join(told)}; taken there from {taken}",
        )


# ---------------------------------------------------------------------------- one model


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything that is written into one file."""

    entry: Entry
    aliases: list[str | Alias]
    rows: list[Row]


def draft(entry: Entry, sources: Sources) -> Draft:
    """All rows of one model."""
    evidence, prices = sources.evidence, sources.litellm
    page = models_dev_page(evidence, entry)
    model = genai_model(entry)
    profile = profile_of(entry, sources.profiles) if page is None else None
    key = litellm_key(entry, prices)
    keys = [] if key is None else litellm_keys(entry, key, prices)
    read = list(READ.get(entry.id, ()))
    rows: list[Row] = [*read, *COMMENTS.get(entry.id, ())]
    changes = {} if model is None else genai_changes(model)
    for (owner, meter), (day, _) in STARTS.items():
        if owner == entry.id:
            changes.setdefault(meter, []).append(day)
    first, dated_by = _first_day(entry, page, profile, read, changes)
    genai = [] if model is None else list(genai_prices(entry, model, first, dated_by))
    if entry.vendor == "anthropic" and first is not None and first > US_ONLY_SINCE:
        rows.append(replace(US_ONLY, effective_from=max(US_ONLY.effective_from, first)))
    contexts = [row.value for row in read if isinstance(row, Fact) and row.field == "context_window"]
    if page is not None:
        rows += models_dev_prices(entry, page, changes, _flat_from(genai, prices[key] if key else {}))
        rows += models_dev_facts(entry, page)
        contexts.append(page.data.get("limit", {}).get("context", 0))
    if profile is not None:
        rows += profile_facts(profile)
        contexts.append(profile.data["max_input_tokens"])
    rows += genai
    if model is not None and model.context_window:
        contexts.append(model.context_window)
        place = f"{VENDORS[entry.vendor].genai}, {model.id}, context_window"
        window = model.context_window
        rows.append(
            Fact(field="context_window", value=window, source="genai-prices", place=place, effective_from=READ_ON)
        )
    if key is not None:
        ended = set[tuple[str, Decimal]]() if model is None else _ended(model)
        priced = {(row.service_tier, row.meter) for row in genai}
        stepped = {(row.service_tier, row.meter) for row in genai if (row.above or row.at_least) is not None}
        rows += litellm_prices(entry, key, prices[key], ended=ended, changes=changes, flat=priced - stepped)
        rows += litellm_multipliers(entry, key, prices[key])
        rows += litellm_facts(key, keys, prices, contexts)
    rows += tiktoken_facts(entry)
    rows += bfcl_score(entry, sources.bfcl)
    rows += aider_score(entry, sources.aider)
    rows += models_dev_scores(evidence, entry)
    return Draft(entry=entry, aliases=_aliases(entry, page, keys, model), rows=_without_repeats(rows))


TOTALS = {
    "input_audio_tokens": "input_tokens",
    "input_image_tokens": "input_tokens",
    "reasoning_tokens": "output_tokens",
    "output_audio_tokens": "output_tokens",
}


def _without_repeats(rows: Sequence[Row]) -> list[Row]:
    """
    The rows without the prices of parts that cost what their total costs.

    A part without a price is billed at its total's, in every tier and step; a part with one is unknown in the tiers
    and steps that do not repeat it.
    """
    amounts: dict[tuple[str, str, str], set[tuple[int | None, Decimal, date]]] = {}
    for row in rows:
        if isinstance(row, Price):
            step = (row.above or row.at_least, row.usd, row.effective_from)
            amounts.setdefault((row.source, row.service_tier, row.meter), set()).add(step)

    def repeats(source: str, meter: str) -> bool:
        return all(
            steps <= amounts.get((source, tier, TOTALS[meter]), set())
            for (of, tier, part), steps in amounts.items()
            if of == source and part == meter
        )

    return [
        row for row in rows if not (isinstance(row, Price) and row.meter in TOTALS and repeats(row.source, row.meter))
    ]


def _first_day(
    entry: Entry, page: Page | None, profile: Profile | None, read: Sequence[Row], changes: Mapping[str, Sequence[date]]
) -> tuple[date | None, str]:
    """The first day of undated rates, and who gives it: the release, or the last update if nothing changed after."""
    if entry.genai_from is not None:
        return entry.genai_from, "undated in the package; begins on the day from which models.dev lists these rates"
    if entry.released is not None:
        return entry.released, "undated in the package; begins on the day from which models.dev lists the model"
    if page is not None and (any(changes.values()) or page.updated == page.released):
        return page.released, RELEASED.format("models.dev")
    if page is not None:
        return page.updated, "undated in the package; begins on the day of models.dev's last_updated"
    for row in read:
        if isinstance(row, Fact) and row.field == "released_on":
            return row.value, RELEASED.format("the vendor")
    if profile is not None:
        return profile.released, RELEASED.format("LangChain's profile")
    return None, "undated in the package; begins on the day on which we read it"


RELEASED = "undated in the package; begins on the release day, which {} gives"


def _flat_from(genai: Iterable[Price], listed: Mapping[str, Any]) -> date | None:
    """Since when the packages know no steps for long requests; None if they know some today."""
    if any(rate.above is not None for rate in litellm_rates(listed)):
        return None
    steps = [row for row in genai if row.service_tier == "standard" and (row.above or row.at_least) is not None]
    ends = [row.effective_until for row in steps if row.effective_until is not None]
    return max(ends, default=date.min) if len(ends) == len(steps) else None


def _ended(model: Any) -> set[tuple[str, Decimal]]:
    """Standard rates of which the package says that others have followed, by the day on which we read it."""
    held: dict[str, Decimal] = {}
    ended: set[tuple[str, Decimal]] = set()
    for rate in genai_rates(model):
        if rate.tier != "standard" or rate.bound is not None or rate.window is not None:
            continue
        if rate.begins is not None and rate.begins > READ_ON:
            continue
        meter = GENAI_METERS[rate.key]
        if meter in held and held[meter] != rate.usd:
            ended.add((meter, held[meter]))
        held[meter] = rate.usd
    return {(meter, usd) for meter, usd in ended if held[meter] != usd}


def _aliases(entry: Entry, page: Page | None, keys: Sequence[str], model: Any | None) -> list[str | Alias]:
    vendor = VENDORS[entry.vendor]
    plain = [entry.called, *(key.removeprefix(vendor.prefix) for key in keys)]
    if page is not None and entry.released is None:
        plain.append(entry.models_dev or entry.called)
    plain += [name for name in entry.aliases if isinstance(name, str)]
    moving = {alias.name for alias in entry.aliases if isinstance(alias, Alias)}
    if model is not None:
        plain += [name for name in _equals(model.match) if name == name.lower()]
    names: list[str] = []
    for name in plain:
        short = name.removeprefix(f"{vendor.genai}/").removeprefix(f"{vendor.litellm}/")
        if short.endswith("-latest") or short in moving or short in OTHERS:
            continue
        names += [short, f"{entry.vendor}/{short}"]
    names += [f"{entry.vendor}/{entry.id}", f"{entry.vendor}:{entry.id}", *keys, entry.name]
    kept = [name for name in dict.fromkeys(names) if name != entry.id]
    return [*kept, *(alias for alias in entry.aliases if isinstance(alias, Alias))]


# Names that genai-prices matches to a model although they are those of another, or move without a day.
OTHERS = (
    "mistral-large",
    "mistral-large-2407",
    "mistral-medium-3",
    "mistral-medium-2505",
    "minimax-m2",
    "minimax-m2.1",
    "o4-mini-high",
    "o3-mini-high",
)


def _equals(match: Any) -> Iterator[str]:
    """The exact names in a match of genai-prices."""
    if hasattr(match, "equals"):
        yield match.equals
    for clause in getattr(match, "or_", ()):
        yield from _equals(clause)


# ---------------------------------------------------------------------------- writing


def _plain(number: Decimal) -> str:
    text = f"{number.normalize():f}"
    return text


def _amount(number: Decimal) -> str:
    whole, _, decimals = _plain(number).partition(".")
    return f"{whole}.{decimals:0<2}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    return json.dumps(str(value), ensure_ascii=False)


def _table(kind: str, fields: Mapping[str, str]) -> str:
    lines = "\n".join(f"{key} = {value}" for key, value in fields.items())
    return f"[[{kind}]]\n{lines}\n"


def _common(row: Row) -> dict[str, str]:
    fields: dict[str, str] = {"source": _value(row.source), "place": _value(row.place)}
    if row.note:
        fields["note"] = _value(row.note)
    return fields


def _written(row: Row) -> str:
    days: dict[str, str] = {"effective_from": _value(row.effective_from)}
    if isinstance(row, Price | Multiplier) and row.effective_until is not None:
        days["effective_until"] = _value(row.effective_until)
    match row:
        case Price():
            fields = {"meter": _value(row.meter)}
            if row.meter == "cache_storage_token_hours":
                fields |= {"usd": _amount(row.usd), "per": _value(row.per)}
            else:
                fields["usd_each" if row.per == 1 else "usd_per_mtok"] = _amount(row.usd)
            fields |= days
            if row.service_tier != "standard":
                fields["service_tier"] = _value(row.service_tier)
            if row.above is not None:
                fields["above_input_tokens"] = _value(row.above)
            if row.at_least is not None:
                fields["from_input_tokens"] = _value(row.at_least)
            if row.usd_low is not None:
                fields["usd_low"] = _amount(row.usd_low)
            if row.window is not None:
                hours = f"start = {_value(row.window.start)}, end = {_value(row.window.end)}"
                weekdays = "" if row.window.weekdays == ALL_WEEK else f", weekdays = {_value(row.window.weekdays)}"
                fields["window"] = f"{{ {hours}, zone = {_value(row.window.zone)}{weekdays} }}"
            return _table("prices", fields | _common(row))
        case Multiplier():
            fields = {"factor": _plain(row.factor)}
            fields["service_tier" if row.service_tier else "region"] = _value(row.service_tier or row.region)
            return _table("multipliers", fields | days | _common(row))
        case Fact():
            return _table("facts", {"field": _value(row.field), "value": _value(row.value)} | days | _common(row))
        case Score():
            return _table(
                "scores", {"benchmark": _value(row.benchmark), "value": _value(row.value)} | days | _common(row)
            )


def _by_price(row: Price) -> tuple[Any, ...]:
    window = row.window
    return (
        SOURCES.index(row.source),
        METERS.index(row.meter),
        row.above or row.at_least or 0,
        () if window is None else (window.weekdays != WORKDAYS, window.start, window.end),
        row.effective_from,
    )


def text_of(draft: Draft) -> str:
    """The file of one model."""
    entry = draft.entry
    names = "\n".join(f"  {_alias(alias)}," for alias in draft.aliases)
    parts = [
        f"# Drafted by tools/draft_catalog.py; change it there.\n"
        f'id = "{entry.id}"\nname = {_value(entry.name)}\nvendor = "{entry.vendor}"\naliases = [\n{names}\n]\n'
    ]
    prices = sorted((row for row in draft.rows if isinstance(row, Price)), key=_by_price)
    for tier in TIERS:
        of_tier = [row for row in prices if row.service_tier == tier and row.meter not in FEES]
        if of_tier:
            parts.append(f"# Prices, {tier}\n")
            parts += [_written(row) for row in of_tier]
    fees = [row for row in prices if row.meter in FEES]
    if fees:
        parts.append("# Fees\n")
        parts += [_written(row) for row in fees]
    factors = [row for row in draft.rows if isinstance(row, Multiplier)]
    if factors:
        parts.append("# Factors on prices\n")
        parts += [_written(row) for row in sorted(factors, key=_by_factor)]
    facts = [row for row in draft.rows if isinstance(row, Fact)]
    parts.append("# Facts\n")
    parts += [
        _written(row)
        for row in sorted(
            facts, key=lambda row: (FACT_FIELDS.index(row.field), SOURCES.index(row.source), row.effective_from)
        )
    ]
    scores = [row for row in draft.rows if isinstance(row, Score)]
    if scores:
        parts.append("# Scores\n")
        parts += [_written(row) for row in scores]
    return "\n".join(parts)


def _by_factor(row: Multiplier) -> tuple[Any, ...]:
    return (SOURCES.index(row.source), row.service_tier or "", row.region or "", row.effective_from)


def _alias(alias: str | Alias) -> str:
    if isinstance(alias, str):
        return _value(alias)
    fields = {"name": alias.name, "effective_from": alias.effective_from, "effective_until": alias.effective_until}
    return "{ " + ", ".join(f"{key} = {_value(value)}" for key, value in fields.items() if value is not None) + " }"


# ---------------------------------------------------------------------------- the run


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What the drafts are made from."""

    evidence: Path
    litellm: dict[str, dict[str, Any]]
    profiles: dict[str, dict[str, dict[str, Any]]]
    bfcl: dict[str, dict[str, str]]
    aider: dict[str, dict[str, str]]

    @classmethod
    def at(cls, evidence: Path) -> Sources:
        """Everything that is installed, and the evidence in a folder."""
        return cls(
            evidence=evidence,
            litellm=litellm_map(),
            profiles={vendor.profiles: _profiles(vendor.profiles) for vendor in VENDORS.values() if vendor.profiles},
            bfcl=bfcl_scores(evidence),
            aider=aider_runs(evidence),
        )


def _profiles(package: str) -> dict[str, dict[str, Any]]:
    """The profiles in a LangChain package, read from its file so that LangChain itself is not needed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package.replace('_', '-')} is not installed (pip install --no-deps is enough)")
    found: dict[str, dict[str, Any]] = runpy.run_path(
        str(Path(spec.submodule_search_locations[0]) / "data" / "_profiles.py")
    )["_PROFILES"]
    return found


def check_versions() -> None:
    """Refuse to draft from other versions than those that the catalog names as its sources."""
    for package, wanted in PACKAGES.items():
        installed = metadata.version(package)
        if installed != wanted:
            raise SystemExit(f"{package} {installed} is installed, but sources.toml speaks of {wanted}")


def check_names(drafts: Iterable[Draft]) -> None:
    """Refuse a name that means two models on one day."""
    owners: dict[str, list[tuple[str, date, date]]] = {}
    for one in drafts:
        for alias in (one.entry.id, *one.aliases):
            known = Alias(name=alias) if isinstance(alias, str) else alias
            span = (known.effective_from or date.min, (known.effective_until or date.max) - timedelta(days=1))
            for owner, first, last in owners.get(known.name, ()):
                if first <= span[1] and span[0] <= last:
                    raise SystemExit(f"{known.name} means {owner} and {one.entry.id}")
            owners.setdefault(known.name, []).append((one.entry.id, *span))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Draft the files of the market catalog.")
    parser.add_argument(
        "--evidence", type=Path, required=True, help="the evidence folder, with models.dev, aider, bfcl"
    )
    parser.add_argument("--catalog", type=Path, required=True, help="the catalog folder to write models/ into")
    parser.add_argument("--table", action="store_true", help="also print what each source has for each model")
    options = parser.parse_args(arguments)
    check_versions()
    sources = Sources.at(options.evidence)
    drafts = [draft(entry, sources) for entry in MODELS]
    check_names(drafts)
    for one in drafts:
        path = options.catalog / "models" / one.entry.vendor / f"{one.entry.id}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(one), encoding="utf-8")
        if options.table:
            counts = {source: sum(row.source == source for row in one.rows) for source in SOURCES}
            said = ", ".join(f"{source} {count}" for source, count in counts.items() if count)
            print(f"{one.entry.vendor}/{one.entry.id}: {said}")
    rows = [row for one in drafts for row in one.rows]
    kinds = {kind.__name__: sum(isinstance(row, kind) for row in rows) for kind in (Price, Multiplier, Fact, Score)}
    print(f"{len(drafts)} models, {kinds}", file=sys.stderr)


if __name__ == "__main__":
    main()
