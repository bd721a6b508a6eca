"""How long an answer takes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from llm_tradeoffs import Model, Range
from llm_tradeoffs.latency import latency

FULL = {
    "ttft": "150-250 ms",
    "output_tokens_per_second": "40-65 tokens/s",
    "typical_output_tokens_per_second": "50 tokens/s",
}


def model(**fields: Any) -> Model:
    return Model("acme/one", **fields)


def test_the_typical_speed_is_the_one_that_counts() -> None:
    """200 tokens at the 50 tokens/s that the source computes with take 4,000 ms, after 150 to 250 ms."""
    time = latency(model(**FULL), 200)
    assert time.ttft == Range(150, 250, "ms")
    assert time.tokens_per_second == Range(50, unit="tokens/s")
    assert time.generation == Range(4_000, unit="ms")
    assert time.total == Range(4_150, 4_250, "ms")


def test_limits_are_held_against_any_speed() -> None:
    """The slowest and the fastest case span every speed that is stated."""
    time = latency(model(**FULL), 200)
    fastest, slowest = Fraction(200_000, 65), Fraction(200_000, 40)
    assert time.total_at_any_speed == Range(150 + fastest, 250 + slowest, "ms")
    outside = latency(model(**FULL | {"typical_output_tokens_per_second": "20-80 tokens/s"}), 200)
    assert outside.total_at_any_speed == Range(150 + Fraction(200_000, 80), 250 + Fraction(200_000, 20), "ms")


@pytest.mark.parametrize(
    ("missing", "generation", "total"),
    [
        (
            ("typical_output_tokens_per_second",),
            Range(Fraction(200_000, 65), 5_000, "ms"),
            Range(150 + Fraction(200_000, 65), 5_250, "ms"),
        ),
        (("output_tokens_per_second",), Range(4_000, unit="ms"), Range(4_150, 4_250, "ms")),
        (("output_tokens_per_second", "typical_output_tokens_per_second"), None, None),
        (("ttft",), Range(4_000, unit="ms"), None),
        (("ttft", "output_tokens_per_second", "typical_output_tokens_per_second"), None, None),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_unknown_stays_unknown(missing: tuple[str, ...], generation: Range | None, total: Range | None) -> None:
    """Without a speed there is no generation time, without a first token no total; the other speed steps in."""
    time = latency(model(**{field: value for field, value in FULL.items() if field not in missing}), 200)
    assert time.generation == generation
    assert time.total == total
    if total is None:
        assert time.total_at_any_speed is None


def test_an_answer_without_tokens_takes_no_generation() -> None:
    """No tokens take no time, at whatever speed, even an unknown one."""
    assert latency(model(ttft=200), 0).total == Range(200, unit="ms")
    assert latency(model(), 0).generation == Range(0, unit="ms")


def test_half_tokens() -> None:
    """A mean of tokens may be a fraction; the time is exact."""
    assert latency(model(ttft=0, output_tokens_per_second=3), Fraction(1, 2)).total == Range(
        Fraction(500, 3), unit="ms"
    )
