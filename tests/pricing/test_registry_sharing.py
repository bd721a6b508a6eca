"""A registry never changes: threads, processes, copies and pickles all give the same answers."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import threading
from datetime import date

import attrs
import pytest

from llm_tradeoffs import (
    Alias,
    ModelRecord,
    NoFactOnDateError,
    Price,
    PriceData,
    PricingRegistry,
    Source,
    Usd,
    cost,
)
from llm_tradeoffs.pricing import diff

LIST = Source(id="list", title="a list", kind="package")
DAYS = [date(2025, 6, 1), date(2026, 1, 1), date(2026, 11, 22)]


def layered() -> PricingRegistry:
    moving = {
        f"vendor/m{number}": ModelRecord(
            id=f"vendor/m{number}",
            aliases=(f"m{number}", Alias(f"latest-{number // 2}", *((None, DAYS[1]) if number % 2 else (DAYS[1],)))),
            prices=(Price(meter="input_tokens", usd=Usd(number), source=LIST),),
        )
        for number in range(40)
    }
    return (
        PricingRegistry.of("bundled", PriceData(source=LIST, records=moving))
        .with_layer({"m7": ("0.7", "1.4")}, name="ours")
        .with_discount("0.1", name="off", vendors=["openai"], effective_from="2026-01-01")
        .with_layer({"m8": ("0.8", "1.6")}, name="theirs", tenant="ann", kind="negotiated")
    )


def everything(registry: PricingRegistry) -> list[str]:
    """All that the registry answers, as text."""
    answers: list[str] = []
    for day in DAYS:
        for name in [*registry, *(f"m{number}" for number in range(40)), "latest-3"]:
            try:
                model = registry.model(name, day)
            except NoFactOnDateError as problem:
                answers.append(str(problem))
            else:
                answers.append(f"{name} {day} {model.id} {model.rates}")
    return answers


def test_threads_that_ask_at_once_get_the_same_answers() -> None:
    expected = everything(layered())
    shared, start = layered(), threading.Barrier(12)
    found: list[list[str]] = []
    problems: list[BaseException] = []

    def ask() -> None:
        start.wait()
        try:
            found.append(everything(shared))
        except BaseException as problem:  # shown by the main thread
            problems.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert found == [expected] * 12


def test_threads_price_on_one_registry() -> None:
    shared, totals = layered(), list[Usd]()

    def price() -> None:
        totals.extend(cost("m7", input_tokens=n, output_tokens=n, catalog=shared).total for n in range(200))

    threads = [threading.Thread(target=price) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(totals) == 1_600
    assert sum(totals, Usd(0)) == Usd("2.1e-6") * (8 * sum(range(200)))


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda registry: pickle.loads(pickle.dumps(registry))],
    ids=["copy", "deep", "pickle"],
)
def test_a_copy_is_equal_and_answers_alike(again: object) -> None:
    registry = layered()
    assert registry["m7"]
    made = again(registry)  # type: ignore[operator]
    assert made == registry
    assert hash(made) == hash(registry)
    assert made.content_hash == registry.content_hash
    assert everything(made) == everything(registry)
    assert not diff(registry, made)
    assert everything(made.for_tenant("ann")) == everything(registry.for_tenant("ann"))


def test_nothing_can_be_set() -> None:
    registry = layered()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        registry.as_of = DAYS[0]  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        registry.layers[0].name = "x"  # type: ignore[misc]


def test_making_another_one_leaves_the_first() -> None:
    registry = layered()
    before, content = everything(registry), registry.content_hash
    registry.with_layer({"m7": ("9", "9")}, name="more", kind="what-if")
    registry.with_discount("1", name="free")
    registry.without_layer("ours")
    registry.at("2025-01-01")
    registry.for_tenant("ann")
    assert everything(registry) == before
    assert layered().content_hash == content


def test_another_day_shares_what_is_known_and_keeps_days_apart() -> None:
    registry = layered()
    assert [registry.at(day).resolve("latest-3") for day in DAYS] == ["vendor/m7", "vendor/m6", "vendor/m6"]
    assert [registry.resolve("latest-3", day) for day in DAYS] == ["vendor/m7", "vendor/m6", "vendor/m6"]
    assert registry.at(DAYS[0]) != registry
    assert registry.at(DAYS[0]).content_hash != registry.content_hash
    assert registry.at(DAYS[0]).at(registry.as_of) == registry


HASH = """
from llm_tradeoffs import Alias, ModelRecord, Price, PriceData, PricingRegistry, Source, Usd
registry = PricingRegistry.bundled().with_layer(
    {"gpt-4.1-mini": {"output_tokens": "1/3", "input_tokens": "0.32"}, "acme/one": ("1", None)}, name="ours"
).with_discount("0.1", name="off", meters={"output_tokens", "input_tokens"}, service_tiers={"batch", "flex"})
print(registry.content_hash)
"""


def test_the_hash_is_the_same_in_every_process() -> None:
    """Sets have another order in each process; what is hashed must not."""
    hashes = {
        subprocess.run(
            [sys.executable, "-c", HASH],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(hashes) == 1
