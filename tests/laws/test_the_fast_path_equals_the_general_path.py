"""However a call is priced, by the short way or the long one, it costs the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Cost, InvalidTypeError, InvalidValueError, Usage, cost
from strategies import token_counts

NAMES = sorted({name for record in Catalog.bundled().records.values() for name in (record.id, *record.aliases)})


def every_way(name: str, sent: int, said: int) -> Iterator[Cost]:
    """One call, described in every way there is; only the first two can take the short way."""
    catalog = Catalog.bundled()
    usage = Usage(input_tokens=sent, output_tokens=said)
    yield cost(name, input_tokens=sent, output_tokens=said)
    yield cost(name, input_tokens=sent, output_tokens=said)  # remembered by now
    yield cost(name, usage)
    yield cost(name, input_tokens=sent, output_tokens=said, cache_read_tokens=0)
    yield cost(name, input_tokens=sent, output_tokens=said, catalog=catalog)
    yield cost(name, input_tokens=sent, output_tokens=said, as_of=catalog.as_of)
    yield cost(name, input_tokens=sent, output_tokens=said, service_tier="standard", web_searches=0)
    yield cost(catalog[name], usage, as_of=catalog.as_of)


@given(st.sampled_from(NAMES), token_counts(), token_counts())
def test_the_fast_path_equals_the_general_path(name: str, sent: int, said: int) -> None:
    """Total, bill, usage, tier and day are the same, whichever way was taken."""
    first, *others = every_way(name, sent, said)
    for other in others:
        assert other == first
        assert hash(other) == hash(first)
        assert other.to_dict() == first.to_dict()
        assert (other.total, other.lines, other.usage) == (first.total, first.lines, first.usage)


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        ({"input_tokens": True, "output_tokens": 1}, InvalidTypeError),
        ({"input_tokens": 1, "output_tokens": 1.0}, InvalidTypeError),
        ({"input_tokens": "1", "output_tokens": 1}, InvalidTypeError),
        ({"input_tokens": 1}, InvalidTypeError),
        ({"input_tokens": -1, "output_tokens": 1}, InvalidValueError),
        ({"input_tokens": 1, "output_tokens": 10**30 + 1}, InvalidValueError),
    ],
)
def test_the_fast_path_refuses_what_the_general_path_refuses(counts: dict[str, Any], error: type[Exception]) -> None:
    """A bad count is refused also for a model whose price is remembered."""
    cost("gpt-4.1-mini", input_tokens=1, output_tokens=1)
    with pytest.raises(error):
        cost("gpt-4.1-mini", **counts)


def test_the_fast_path_does_not_hide_another_question(article: Catalog) -> None:
    """What is remembered for the bundled catalog answers for no other one, for no other day and for no other tier."""
    remembered = cost("gpt-4.1-mini", input_tokens=1, output_tokens=1)
    assert cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, service_tier="batch").total == remembered.total / 2
    assert cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, as_of="2026-03-01").as_of != article.as_of
    elsewhere = cost("gpt-4.1-mini", input_tokens=1, output_tokens=1, catalog=article)
    assert {line.price.source.id for line in elsewhere.lines} == {"article"}
