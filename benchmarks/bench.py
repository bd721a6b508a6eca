"""
How fast the library is, as ratios measured in one run.

    make bench            prints the table, after two minutes
    make bench WRITE=1    and writes it to docs/speed.md

Seconds belong to a machine; ratios to genai-prices, measured a moment later on the same machine,
travel. Nothing passes or fails on a time. What is compared is first shown to be the same answer.

pyperf starts this script again for every worker process. A worker runs one of the benchmarks in
`measure`, and only the first process gets to see all the results.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import genai_prices
import pyperf

import llm_tradeoffs as lt

DOCUMENT = Path(__file__).parents[1] / "docs" / "speed.md"

# ---------------------------------------------------------------- what is measured

# Code for whole processes, whose time includes starting Python and importing.
NOTHING = "pass"
OUR_IMPORT = "import llm_tradeoffs as lt"
PEER_IMPORT = "import genai_prices"
OUR_FIRST_COST = f'{OUR_IMPORT}; lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150).total'
PEER_FIRST_COST = (
    f"{PEER_IMPORT}; usage = genai_prices.Usage(input_tokens=200, output_tokens=150); "
    'genai_prices.calc_price(usage, "gpt-4.1-mini", provider_id="openai").total_price'
)
FIRST_CATALOG = f"{OUR_IMPORT}; lt.Catalog.bundled()"


def our_cost() -> lt.Usd:
    return lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150).total


def peer_cost() -> Decimal:
    usage = genai_prices.Usage(input_tokens=200, output_tokens=150)
    return genai_prices.calc_price(usage, "gpt-4.1-mini", provider_id="openai").total_price


# The same call for all: long enough for the price of long requests, mostly cached, in the batch tier (LiteLLM
# prices batches elsewhere; its flex tier has the same rates and takes the same path).
DAY = datetime(2026, 11, 22, tzinfo=UTC)


def our_bill() -> tuple[lt.LineItem, ...]:
    return lt.cost(
        "gpt-5.4", input_tokens=300_000, cache_read_tokens=200_000, output_tokens=5_000, service_tier="batch"
    ).lines


def peer_bill() -> Decimal:
    usage = genai_prices.Usage(input_tokens=300_000, cache_read_tokens=200_000, output_tokens=5_000)
    return genai_prices.calc_price(
        usage,
        "gpt-5.4",
        provider_id="openai",
        genai_request_timestamp=DAY,
        price_context={"processing": "batch"},
    ).total_price


@cache
def litellm() -> tuple[Callable[..., tuple[float, float]], type[Any], type[Any]]:
    """LiteLLM, imported by the one benchmark that runs it: its import takes a second."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm import cost_per_token
    from litellm.types.utils import PromptTokensDetailsWrapper, Usage

    return cost_per_token, Usage, PromptTokensDetailsWrapper


def litellm_bill() -> tuple[float, float]:
    cost_per_token, usage, details = litellm()
    counted = usage(
        prompt_tokens=300_000,
        completion_tokens=5_000,
        total_tokens=305_000,
        prompt_tokens_details=details(cached_tokens=200_000),
    )
    return cost_per_token(model="gpt-5.4", usage_object=counted, service_tier="flex", custom_llm_provider="openai")


@cache
def registry() -> lt.PricingRegistry:
    return lt.PricingRegistry.of("bundled", "genai-prices")


def article_recommendation() -> lt.Recommendation:
    return lt.recommend("support-chatbot", candidates=["gpt-4.1-mini", "claude-haiku-4.5"])


def recommendation_over(count: int) -> Callable[[], lt.Recommendation]:
    """Chooses among *count* models that differ in price alone."""
    models = [
        lt.Model(f"acme/{n}", usd_per_mtok=(Decimal(n) / 100, "1.25"), context_window=128_000)
        for n in range(1, count + 1)
    ]
    return lambda: lt.recommend("support-chatbot", candidates=models)


def flips_over(count: int) -> Callable[[], lt.Flips]:
    """Chooses among *count* models by expected cost, and finds what would change the choice."""
    models = [
        lt.Model(
            f"acme/{n}",
            usd_per_mtok=(Decimal(n) / 100, Decimal(5 * n) / 100),
            context_window=128_000,
            scores={"mmlu": f"{50 + 40 * n / count:.1f} %"},
        )
        for n in range(1, count + 1)
    ]
    work = lt.Workload(input_tokens=800, output_tokens=200, requests_per_day=2_000, error_cost="0.05")
    return lambda: lt.recommend(work, models, objective="expected-cost").flips()


def flips_of_a_tie(count: int) -> Callable[[], lt.Flips]:
    """Has *count* models of which none is better in every respect, and finds what would change who ties."""
    models = [
        lt.Model(
            f"acme/{n}",
            usd_per_mtok=(Decimal(n) / 100, Decimal(n * 37 % count + 1) / 10),
            context_window=100_000 + 1_000 * (n * 13 % count),
            scores={"mmlu": f"{50 + 30 * (n * 31 % count) // count} %"},
            ttft=200 + n * 37 % count,
        )
        for n in range(1, count + 1)
    ]
    work = lt.Workload(input_tokens=800, output_tokens=200, requests_per_day=2_000)
    return lambda: lt.recommend(work, models).flips()


def flips_of_the_catalog() -> lt.Flips:
    """Chooses among every model of the catalog, some of them with prices by length, and finds what would change it."""
    catalog = lt.Catalog.bundled()
    every = [model.id for model in catalog.models(catalog.as_of)]
    return lt.recommend("support-chatbot", every).flips()


def chosen_among(count: int) -> Callable[[], lt.Recommendation]:
    """Chooses among *count* models by expected cost."""
    models = [
        lt.Model(f"acme/{n}", usd_per_mtok=(Decimal(n) / 100, "1.25"), scores={"mmlu": f"{50 + 40 * n / count:.2f} %"})
        for n in range(1, count + 1)
    ]
    work = lt.Workload(input_tokens=800, output_tokens=200, requests_per_day=2_000, error_cost="0.05")
    return lambda: lt.recommend(work, models, objective="expected-cost")


def measure(runner: pyperf.Runner) -> dict[str, pyperf.Benchmark | None]:
    """Every benchmark by name; a worker process has run one of them, the others are None."""
    calls = {
        "our cost": our_cost,
        "peer cost": peer_cost,
        "our bill": our_bill,
        "peer bill": peer_bill,
        "litellm bill": litellm_bill,
        "registry": lambda: lt.PricingRegistry.of("genai-prices").model("openai/gpt-5.4"),
        "alias": lambda: registry().model("gpt-4.1-mini-2025-04-14"),
        "recommend 2": article_recommendation,
        **{f"recommend {n} made": recommendation_over(n) for n in (2, 20, 200)},
        "recommend 1000": chosen_among(1_000),
        "flips 100": flips_over(100),
        "flips of a tie": flips_of_a_tie(100),
        "flips of the catalog": flips_of_the_catalog,
        "cached catalog": lt.Catalog.bundled,
    }
    processes = {
        "no import": NOTHING,
        "our import": OUR_IMPORT,
        "peer import": PEER_IMPORT,
        "our first cost": OUR_FIRST_COST,
        "peer first cost": PEER_FIRST_COST,
        "first catalog": FIRST_CATALOG,
    }
    measured = {name: runner.bench_func(name, call) for name, call in calls.items()}
    for name, code in processes.items():
        measured[name] = runner.bench_command(name, [sys.executable, "-c", code])
    return measured


# ---------------------------------------------------------------- what is shown


class Row(NamedTuple):
    """One line of the table, as it is shown."""

    what: str
    ours: str
    compared_with: str
    ratio: str
    target: str
    met: str


def shown(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def faster(what: str, ours: float, peer: float, peer_name: str, at_least: int | None) -> Row:
    """A row whose target is to be so many times faster than something else; None for a figure without a target."""
    times = peer / ours
    return Row(
        what,
        shown(ours),
        f"{peer_name}: {shown(peer)}",
        f"{times:,.0f}× faster" if times >= 100 else f"{times:.1f}× faster",
        "–" if at_least is None else f"≥ {at_least}×",
        "–" if at_least is None else "yes" if times >= at_least else "no",
    )


def grows(count: int, ours: float, tenth: float) -> Row:
    """A row whose target is to grow no faster than the number of candidates, give or take noise."""
    times = ours / tenth
    return Row(
        f"`recommend()` over {count} models",
        shown(ours),
        f"{count // 10} models: {shown(tenth)}",
        f"{times:.1f}× slower",
        "≤ 12× for 10× the models",
        "yes" if times <= 12 else "no",
    )


def below(what: str, ours: float, most: float) -> Row:
    """A row with a limit in seconds."""
    return Row(what, shown(ours), "–", "–", f"< {shown(most)}", "yes" if ours < most else "no")


def rows(median: dict[str, float]) -> list[Row]:
    bare = median["no import"]
    first_catalog = median["first catalog"] - median["our import"]
    peer = "genai-prices"
    return [
        faster("`cost()` of one call", median["our cost"], median["peer cost"], peer, 50),
        faster("import", median["our import"] - bare, median["peer import"] - bare, peer, 3),
        faster(
            "import and first `cost()`",
            median["our first cost"] - bare,
            median["peer first cost"] - bare,
            peer,
            None,
        ),
        faster("a cached, long batch call with its line items", median["our bill"], median["peer bill"], peer, 30),
        faster("the same", median["our bill"], median["litellm bill"], "LiteLLM", 30),
        below("a registry of genai-prices' models, and one looked up", median["registry"], 1.0),
        below("a model of a registry by alias", median["alias"], 10e-6),
        below("`recommend()` over the article's two models", median["recommend 2"], 200e-6),
        grows(20, median["recommend 20 made"], median["recommend 2 made"]),
        grows(200, median["recommend 200 made"], median["recommend 20 made"]),
        below("`recommend()` by expected cost over 1,000 models", median["recommend 1000"], 20e-3),
        below("the same over 100 models, with `flips()` of every number", median["flips 100"], 50e-3),
        below("the guide's tie among 100 models, with `flips()`", median["flips of a tie"], 50e-3),
        below("the guide over every model of the catalog, with `flips()`", median["flips of the catalog"], 50e-3),
        faster("`Catalog.bundled()` again", median["cached catalog"], first_catalog, "first time", 100),
    ]


def table(body: list[Row]) -> str:
    """A Markdown table that reads well unrendered, too."""
    lines = [Row("what", "ours", "compared with", "ratio", "target", "met"), *body]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, Row(*("-" * width for width in widths)))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def document(body: list[Row]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("llm-tradeoffs", "genai-prices", "litellm", "pyperf"))
    return f"""\
<!-- Generated by benchmarks/bench.py: do not edit, run `make bench WRITE=1`. -->

# How fast it is

{table(body)}

Medians of one run of `make bench`, on {datetime.now(UTC).date()}: {versions}; \
{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}.
Seconds are this machine's; the ratios are what to compare.

- `cost()` is exact and validated, and so is what it is compared with, `genai_prices.calc_price`. \
Both return $0.00032 for the call that is timed.
- The batch call has 300,000 input tokens, 200,000 of them cached, and 5,000 output tokens, on a model that charges \
more above 272,000; ours comes with its line items. All three return $0.35625. LiteLLM's flex tier, at the same rates, \
stands for its batch.
- Import times are those of whole processes, less that of a Python that imports nothing.
- `recommend()` is timed after its first call. \
The 2, 20 and 200 models are made by hand and differ in price alone.
- The first `Catalog.bundled()` reads and checks every file; later calls return the same catalog.
"""


def main() -> None:
    # A quarter of pyperf's usual number of processes: a run that takes two minutes is made
    # often. Medians forgive a machine that is busy with something else now and then.
    runner = pyperf.Runner(processes=5)
    runner.argparser.add_argument("--write", action="store_true", help=f"write docs/{DOCUMENT.name}")
    args = runner.parse_args()
    assert our_cost() == lt.Usd("0.00032")
    assert peer_cost() == Decimal("0.00032")
    assert sum((line.amount for line in our_bill()), lt.Usd(0)) == lt.Usd("0.35625")
    assert peer_bill() == Decimal("0.35625")

    measured = measure(runner)
    if args.worker:
        return
    body = rows({name: benchmark.median() for name, benchmark in measured.items()})
    print(f"\n{table(body)}")
    if args.write:
        DOCUMENT.write_text(document(body), encoding="utf-8")
        print(f"\nwritten to docs/{DOCUMENT.name}")


if __name__ == "__main__":
    main()
