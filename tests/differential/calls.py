"""The calls on which price libraries are compared: what a long, cached, spoken, searched or batched call is made of."""

from __future__ import annotations

from typing import Final

CALLS: Final[dict[str, tuple[dict[str, int], str]]] = {
    "short": ({"input_tokens": 1_000, "output_tokens": 500}, "standard"),
    "one token": ({"input_tokens": 1, "output_tokens": 1}, "standard"),
    "nothing said": ({"input_tokens": 1_234, "output_tokens": 0}, "standard"),
    "mostly cached": ({"input_tokens": 10_007, "cache_read_tokens": 8_003, "output_tokens": 501}, "standard"),
    "cache written": ({"input_tokens": 10_007, "cache_write_5m_tokens": 4_001, "output_tokens": 7}, "standard"),
    "cache written for an hour": (
        {"input_tokens": 10_007, "cache_write_1h_tokens": 4_001, "output_tokens": 7},
        "standard",
    ),
    "read and written": (
        {"input_tokens": 30_011, "cache_read_tokens": 17, "cache_write_5m_tokens": 13_001, "output_tokens": 999},
        "standard",
    ),
    "spoken to": ({"input_tokens": 5_003, "input_audio_tokens": 2_001, "output_tokens": 100}, "standard"),
    "cached speech": (
        {
            "input_tokens": 5_003,
            "input_audio_tokens": 3_001,
            "cache_read_tokens": 1_009,
            "cache_read_audio_tokens": 501,
            "output_tokens": 100,
        },
        "standard",
    ),
    "speaking": ({"input_tokens": 100, "output_tokens": 2_003, "output_audio_tokens": 1_501}, "standard"),
    "shown a picture": ({"input_tokens": 3_003, "input_image_tokens": 1_001, "output_tokens": 50}, "standard"),
    "reasoning": ({"input_tokens": 500, "output_tokens": 5_003, "reasoning_tokens": 4_001}, "standard"),
    "at 128,000": ({"input_tokens": 128_000, "output_tokens": 10}, "standard"),
    "at 200,000": ({"input_tokens": 200_000, "output_tokens": 10}, "standard"),
    "above 200,000": ({"input_tokens": 200_001, "cache_read_tokens": 100_003, "output_tokens": 4_001}, "standard"),
    "above 272,000": ({"input_tokens": 272_001, "cache_read_tokens": 100_003, "output_tokens": 4_001}, "standard"),
    "a million": ({"input_tokens": 1_000_003, "output_tokens": 30_001}, "standard"),
    "batch": ({"input_tokens": 1_000, "output_tokens": 500}, "batch"),
    "batch, cached": ({"input_tokens": 10_007, "cache_read_tokens": 8_003, "output_tokens": 501}, "batch"),
    "batch, long": ({"input_tokens": 300_007, "cache_read_tokens": 8_003, "output_tokens": 501}, "batch"),
    "flex": ({"input_tokens": 10_007, "cache_read_tokens": 8_003, "output_tokens": 501}, "flex"),
    "priority": ({"input_tokens": 10_007, "cache_read_tokens": 8_003, "output_tokens": 501}, "priority"),
    "searching": ({"input_tokens": 1_000, "output_tokens": 500, "web_searches": 3}, "standard"),
}
