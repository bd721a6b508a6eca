"""Lists without days: what they may answer, and what is said of it."""

from __future__ import annotations

from datetime import date

import pytest

from llm_tradeoffs import (
    Fact,
    NoFactOnDateError,
    Price,
    PriceData,
    PriceSourceError,
    PricingRegistry,
    Source,
    UnknownPriceError,
    Usd,
    cost,
)
from llm_tradeoffs.catalog import ModelRecord
from llm_tradeoffs.pricing._fetch import fetch

LIST = Source(id="list", title="a list", kind="package", version="1")
DAY = date(2026, 11, 22)


def registry(*facts: Fact) -> PricingRegistry:
    """A model whose only price is one of a list that names no day."""
    price = Price(meter="input_tokens", usd=Usd(1), source=LIST)
    record = ModelRecord(id="acme/one", prices=(price,), facts=facts)
    return PricingRegistry.of(PriceData(source=LIST, records={"acme/one": record}), as_of=DAY)


def test_an_undated_price_on_an_earlier_day_is_an_assumption() -> None:
    """On its own day the list is taken at its word; on an earlier one the answer says what it rests on."""
    today = cost("acme/one", input_tokens=10**6, output_tokens=0, catalog=registry())
    assert (today.total, today.assumptions) == (Usd(1), ())
    before = cost("acme/one", input_tokens=10**6, output_tokens=0, catalog=registry(), as_of="2026-11-21")
    assert before.total == Usd(1)
    assert before.assumptions == (
        "a list 1 gives no first day for its price, which is taken to have held on 2026-11-21",
    )
    with pytest.raises(UnknownPriceError, match="is not sure for 'acme/one'"):
        cost("acme/one", input_tokens=1, output_tokens=0, catalog=registry(), as_of="2026-11-21", strict=True)


def test_an_undated_price_does_not_reach_back_before_the_release() -> None:
    """Where any layer knows the day of the release, there was no price before it."""
    released = Fact(subject="acme/one", field="released_on", value=date(2025, 4, 14), source=LIST)
    known = registry(released)
    assert cost("acme/one", input_tokens=10**6, output_tokens=0, catalog=known, as_of="2025-04-14").total == Usd(1)
    with pytest.raises(NoFactOnDateError, match="starts on 2025-04-14"):
        cost("acme/one", input_tokens=1, output_tokens=0, catalog=known, as_of="2025-04-13")


class Broken:
    """A source of somebody else that raises what it likes."""

    name = "broken"

    def read(self) -> PriceData:
        return {}["prices"]  # type: ignore[no-any-return]  # the fault itself


def test_what_a_source_raises_is_told_as_its_fault() -> None:
    """Whatever it was, it is one error of the library, and no registry is changed."""
    with pytest.raises(PriceSourceError, match="cannot be read: KeyError: 'prices'"):
        PricingRegistry.of(Broken())


def test_a_timeout_may_be_any_number() -> None:
    """A text that is a number is one; the address is looked at after it."""
    with pytest.raises(PriceSourceError, match="only http:// and https:// addresses are"):
        fetch("file:///etc/hosts", timeout="5")  # type: ignore[arg-type]  # the point
