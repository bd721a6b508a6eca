"""
How fast a request is routed, as ratios to LiteLLM's Router measured in one run.

    python benchmarks/bench_router.py            prints the table
    python benchmarks/bench_router.py --write    and writes it to docs/speed-router.md

Ours chooses the model by the facts and the request; LiteLLM's default chooses a deployment at random, and its
cost-based routing the one with the lowest sum of two prices. All choose among the same ten. The cases take turns,
many times over, and the best turn of each counts: so a machine that is busy slows all of them alike.
Seconds belong to a machine; ratios travel.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # no network
logging.disable(logging.WARNING)  # litellm warns of every price that is not in its map

import litellm  # noqa: E402  # after what it reads when it is imported

import llm_tradeoffs as lt  # noqa: E402  # as above
from llm_tradeoffs.router import Budget, MemoryStore, Request, Router  # noqa: E402  # as above

DOCUMENT = Path(__file__).parents[1] / "docs" / "speed-router.md"
COUNT = 10
PRICES = {f"acme/{n}": (Decimal(n) / 10, Decimal(11 - n) / 2) for n in range(1, COUNT + 1)}
MESSAGES = [{"role": "user", "content": "Which model for this work?"}]
REQUEST = Request(input_tokens=2_000, output_tokens=300, max_output_tokens=1_000, needs={"tools"}, tenant="acme")


def candidates() -> list[lt.Model]:
    return [
        lt.Model(
            name,
            usd_per_mtok=prices,
            context_window=128_000,
            max_output_tokens=16_000,
            supports_tools=True,
            ttft=300 + number,
            output_tokens_per_second=50 + number,
            scores={"mmlu": 70 + number},
        )
        for number, (name, prices) in enumerate(PRICES.items())
    ]


def deployments() -> list[dict[str, Any]]:
    return [
        {
            "model_name": "group",
            "litellm_params": {
                "model": f"openai/{name}",
                "api_key": "none",
                "input_cost_per_token": float(sent) / 1_000_000,
                "output_cost_per_token": float(said) / 1_000_000,
            },
            "model_info": {"id": name},
        }
        for name, (sent, said) in PRICES.items()
    ]


class Case(NamedTuple):
    """What is timed: *run* does it so many times."""

    run: Callable[[int], None]
    times: int


def again(call: Callable[[], object], times: int) -> Case:
    def run(count: int) -> None:
        for _ in range(count):
            call()

    return Case(run, times)


def of_litellm(strategy: str, loop: asyncio.AbstractEventLoop | None) -> Case:
    router = litellm.Router(model_list=deployments(), routing_strategy=strategy)
    if loop is None:
        return again(lambda: router.get_available_deployment(model="group", messages=MESSAGES), 20)

    async def several(count: int) -> None:
        for _ in range(count):
            await router.async_get_available_deployment(model="group", request_kwargs={}, messages=MESSAGES)

    return Case(lambda count: loop.run_until_complete(several(count)), 40)


def kept(router: Router) -> Callable[[], object]:
    def run() -> None:
        router.release(router.route(REQUEST))

    return run


def cases(loop: asyncio.AbstractEventLoop) -> dict[str, Case]:
    models = candidates()
    guide, money = Router(models), Router(models, objective="expected-cost")
    budget = Budget(per_day="1000000", per_tenant_per_day="1000000")
    used = lt.Usage(input_tokens=2_000, output_tokens=300)
    return {
        "route, guide": again(lambda: guide.route(REQUEST), 300),
        "route, expected cost": again(lambda: money.route(REQUEST), 300),
        "route, request by keywords": again(
            lambda: guide.route(input_tokens=2_000, output_tokens=300, max_output_tokens=1_000), 300
        ),
        "route with its fallbacks": again(lambda: guide.route(REQUEST).fallbacks, 100),
        "route, reserve, release": again(kept(Router(models, budget=budget, store=MemoryStore())), 100),
        "settle": again(lambda: guide.settle(guide.route(REQUEST), used), 100),
        "litellm, random, sync": of_litellm("simple-shuffle", None),
        "litellm, random, async": of_litellm("simple-shuffle", loop),
        "litellm, cost-based, async": of_litellm("cost-based-routing", loop),
    }


def measured(rounds: int) -> dict[str, float]:
    """The best time of one call of each case, in seconds."""
    loop = asyncio.new_event_loop()
    found = cases(loop)
    best = dict.fromkeys(found, float("inf"))
    for _ in range(rounds):
        for name, case in found.items():
            start = time.perf_counter()
            case.run(case.times)
            best[name] = min(best[name], (time.perf_counter() - start) / case.times)
    loop.close()
    return best


def table(best: dict[str, float]) -> str:
    ours = best["route, guide"]
    rows = [("what", "time", "target", "met"), ("---", "---", "---", "---")]
    for name, seconds in best.items():
        micro = f"{seconds * 1e6:.1f} µs"
        if name in {"route, guide", "route, expected cost"}:
            rows.append((f"{name}, among {COUNT}", micro, "< 10 µs", "yes" if seconds < 10e-6 else "no"))
        elif name.startswith("litellm"):
            times = seconds / ours
            rows.append(
                (f"{name}, among {COUNT}", micro, f"ours ≥ 20× faster: {times:.0f}×", "yes" if times >= 20 else "no")
            )
        else:
            rows.append((name, micro, "–", "–"))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def document(body: str) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("llm-tradeoffs", "litellm"))
    return f"""\
<!-- Generated by benchmarks/bench_router.py: do not edit, run `make bench WRITE=1`. -->

# How fast a request is routed

{body}

The best of many turns in one run, on {datetime.now(UTC).date()}: {versions}; \
{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}.
Seconds are this machine's; the ratios are what to compare.

- Ours chooses by policy, prices, windows and needs; LiteLLM's default picks a deployment at random, and its \
cost-based routing adds two prices. All choose among the same ten, without a network.
- `settle` includes the route before it, the exact price of the call, and what is recorded of it.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="how often each case has its turn")
    parser.add_argument("--write", action="store_true", help="write docs/speed-router.md")
    asked = parser.parse_args()
    # What is compared is first shown to be a choice among the same ten.
    answer = lt.recommend(lt.Workload(input_tokens=2_000, output_tokens=300, needs={"tools"}), candidates())
    assert Router(candidates()).route(REQUEST).model in {answer.chosen, *answer.tied}
    body = table(measured(asked.rounds))
    print(body)
    if asked.write:
        DOCUMENT.write_text(document(body), encoding="utf-8")
        print(f"\nwritten to docs/{DOCUMENT.name}")


if __name__ == "__main__":
    main()
