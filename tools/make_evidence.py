"""
Write docs/explanation/evidence.md: what public leaderboards and traces say, recomputed with the library.

    python tools/make_evidence.py [folder]

The files are not part of the project. Where the folder, ../shared/evidence beside the checkout if none is named,
is there, a test fails if the page is not current; where it is not, the page stays as it is.
"""

# ruff: noqa: E501 - the page has one sentence a line

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import tomli

import llm_tradeoffs as lt
from llm_tradeoffs.calls import Calls, CallsCost
from llm_tradeoffs.costing import workload_cost
from llm_tradeoffs.money import Exact, Usd, fixed, grouped, grouped_fixed
from llm_tradeoffs.prefix_cache import PrefixCache

HOME = Path(__file__).parents[1]
FOLDER = HOME.parent / "shared" / "evidence"
PAGE = HOME / "docs" / "explanation" / "evidence.md"
RUNS = HOME / "tools" / "evidence_runs.toml"

LAST_DIGIT = Usd("0.00005")
"""Aider publishes costs to the hundredth of a cent."""
BLOCK_TOKENS = 512
"""Tokens of a block of the Mooncake trace, as its description says."""

FLAT_MODELS = ("gpt-4.1-mini", "claude-haiku-4.5")
STEPPED_MODELS = ("claude-haiku-5.5", "qwen3-coder-plus", "qwen3-max", "gemini-2.5-pro")
AZURE_COLUMNS = {"input_tokens": "ContextTokens", "output_tokens": "GeneratedTokens"}
MOONCAKE_COLUMNS = {"input_tokens": "input_length", "output_tokens": "output_length"}
MINUTE_MS = 60_000


# ------------------------------------------------------------------------ Aider


class Run(NamedTuple):
    """One run of Aider's polyglot benchmark."""

    name: str
    label: str
    day: date
    cases: int
    passed: Fraction
    published: Usd  # $0 where it was not known
    sent: int | None
    produced: int | None


class Recomputed(NamedTuple):
    """A run whose cost was computed from its tokens."""

    run: Run
    model: lt.Model | None
    prices_of: str
    ours: Usd | None
    known: str
    because: str

    @property
    def agrees(self) -> str:
        """How far the published cost and ours agree."""
        if self.ours is None:
            return "no price"
        gap = self.ours - self.run.published
        if abs(gap) <= LAST_DIGIT:
            return "to the last digit"
        if self.ours.rounded(2) == self.run.published.rounded(2):
            return "to the cent"
        return "no"

    @property
    def cached_share(self) -> Fraction | None:
        """The share of the input that would have to be cached for the published cost; None if it cannot be that."""
        if self.model is None or self.ours is None or self.run.sent is None:
            return None
        fresh, read = (self.model.price(meter) for meter in ("input_tokens", "cache_read_tokens"))
        if fresh is None or read is None or read.meter != "cache_read_tokens":
            return None
        share = (self.ours.pico - self.run.published.pico) / Fraction(
            (fresh.pico_per_unit - read.pico_per_unit) * self.run.sent
        )
        return share if 0 < share <= 1 else None

    @property
    def reasoning_share(self) -> Fraction | None:
        """The share of the output that would have to be thinking for the published cost, where that has its own price."""
        if self.model is None or self.ours is None or self.run.produced is None:
            return None
        plain, thinking = (self.model.price(meter) for meter in ("output_tokens", "reasoning_tokens"))
        if plain is None or thinking is None or thinking.meter != "reasoning_tokens":
            return None
        return (self.run.published.pico - self.ours.pico) / Fraction(
            (thinking.pico_per_unit - plain.pico_per_unit) * self.run.produced
        )


def aider_runs(folder: Path) -> list[Run]:
    """The polyglot leaderboard. Its YAML is a flat list of names and values, which is all that is read here."""
    rows: list[dict[str, str]] = []
    for line in (folder / "aider" / "polyglot_leaderboard.yml").read_text(encoding="utf-8").splitlines():
        if line.startswith("- "):
            rows.append({})
        name, colon, value = line.removeprefix("- ").strip().partition(":")
        if colon:
            rows[-1][name] = value.split(" #")[0].strip()
    return [
        Run(
            name=row["dirname"],
            label=row["model"],
            day=date.fromisoformat(row["date"]),
            cases=int(row["test_cases"]),
            passed=Fraction(row["pass_rate_2"]),
            published=Usd(row.get("total_cost", 0)),
            sent=int(row["prompt_tokens"]) if "prompt_tokens" in row else None,
            produced=int(row["completion_tokens"]) if "completion_tokens" in row else None,
        )
        for row in rows
    ]


def recomputed(folder: Path) -> list[Recomputed]:
    """Every run that states its tokens, with its cost at the prices of its day."""
    table: dict[str, Any] = tomli.loads(RUNS.read_text(encoding="utf-8"), parse_float=str)
    runs = [run for run in aider_runs(folder) if run.sent is not None]
    per_case = {run.name: Fraction(run.sent or 0, run.cases) for run in runs}
    return [_recomputed(run, table, per_case) for run in sorted(runs, key=lambda run: (run.day, run.name))]


def _recomputed(run: Run, table: dict[str, Any], per_case: dict[str, Fraction]) -> Recomputed:
    entry: dict[str, str] = table["runs"][run.name]
    model, prices_of = None, ""
    if "model" in entry:
        model = lt.Catalog.bundled().model(entry["model"], run.day)
        fresh = model.price("input_tokens")
        assert fresh is not None
        prices_of = f"our catalog on that day ({fresh.source.id})"
    elif "prices" in entry:
        stated = dict(table["prices"][entry["prices"]])
        prices_of = f"undated: {stated.pop('source')}"
        if "last updated on" in prices_of:
            prices_of = prices_of.removeprefix("undated: ")
        model = lt.Model(entry["prices"], usd_per_mtok=stated)
    ours = None
    if model is not None:
        # Only sums are published, and a sum has no price. A mean call has; no call of a run with less than 25,000
        # input tokens a case is near a threshold.
        mean = lt.Workload(
            input_tokens=Fraction(run.sent or 0, run.cases), output_tokens=Fraction(run.produced or 0, run.cases)
        )
        ours = workload_cost(model, mean).per_request * run.cases
    others = [value for name, value in per_case.items() if name != run.name]
    made = Recomputed(run, model, prices_of, ours, entry.get("known", ""), "")
    because = entry.get("because", "").format(
        per_case=grouped_fixed(per_case[run.name], 0),
        least_per_case=grouped_fixed(min(others), 0),
        most_per_case=grouped_fixed(max(others), 0),
        reasoning_share=_percent(made.reasoning_share or 0),
    )
    if made.agrees == "no" and made.cached_share is not None and "cached input" in because:
        because = because.replace("cached input", f"cached input: {_percent(made.cached_share)} of it would do", 1)
    return made._replace(because=because)


def aider_table(folder: Path) -> Iterator[str]:
    yield "| run | day | published | recomputed | against the published | agrees |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in recomputed(folder):
        ours = "unknown" if each.ours is None else f"${fixed_usd(each.ours, 4)}"
        difference = "" if each.ours is None or not each.run.published else _signed(each.ours / each.run.published - 1)
        yield f"| {each.run.label} | {each.run.day} | ${fixed_usd(each.run.published, 4)} | {ours} | {difference} | {each.agrees} |"


def aider_reasons(folder: Path) -> Iterator[str]:
    by_reason: dict[tuple[str, str], list[str]] = {}
    for each in recomputed(folder):
        if each.because:
            by_reason.setdefault((each.known, each.because), []).append(each.run.label)
    yield "| run | the published cost is what it is because of | how sure |"
    yield "| --- | --- | --- |"
    for (known, because), labels in by_reason.items():
        yield f"| {', '.join(labels)} | {because} | {known} |"


def aider_prices(folder: Path) -> Iterator[str]:
    seen: dict[str, list[str]] = {}
    for each in recomputed(folder):
        if each.model is not None:
            rates = [each.model.price(meter) for meter in ("input_tokens", "output_tokens")]
            shown = " and ".join(str(rate.usd) for rate in rates if rate is not None)
            seen.setdefault(f"{each.model.id}: {shown} | {each.prices_of}", []).append(each.run.label)
    yield "| prices of input and output, a million tokens | stated by |"
    yield "| --- | --- |"
    for row in seen:
        yield f"| {row} |"


# ------------------------------------------------------------------------ leaderboards with costs


class Entry(NamedTuple):
    """One entry of a leaderboard: what is better high, and what is better low."""

    label: str
    score: Fraction
    low: tuple[Fraction, ...]


def undominated(entries: Sequence[Entry]) -> list[Entry]:
    """Those that no other entry equals or beats in everything and beats in something; naive on purpose."""

    def beats(one: Entry, other: Entry) -> bool:
        at_least = one.score >= other.score and all(a <= b for a, b in zip(one.low, other.low, strict=True))
        return at_least and (one.score, one.low) != (other.score, other.low)

    return [entry for entry in entries if not any(beats(rival, entry) for rival in entries)]


def aider_entries(folder: Path) -> list[Entry]:
    """Runs with a cost; $0 stands for an unknown one."""
    return [Entry(run.label, run.passed, (run.published.as_fraction(),)) for run in aider_runs(folder) if run.published]


def bfcl_entries(folder: Path) -> list[Entry]:
    """Accuracy, total cost and mean latency."""
    with (folder / "bfcl" / "data_overall.csv").open(encoding="utf-8", newline="") as file:
        return [
            Entry(
                row["Model"],
                Fraction(row["Overall Acc"].removesuffix("%")),
                (Fraction(row["Total Cost ($)"]), Fraction(row["Latency Mean (s)"])),
            )
            for row in csv.DictReader(file)
        ]


def frontier_table(entries: Sequence[Entry], heads: Sequence[str]) -> Iterator[str]:
    yield f"| entry | {' | '.join(heads)} |"
    yield f"| --- | {' | '.join('---' for _ in heads)} |"
    for entry in sorted(undominated(entries), key=lambda entry: (-entry.score, entry.low)):
        cost, *rest = entry.low
        seconds = "".join(f" | {fixed(each, 2)} s" for each in rest)
        yield f"| {entry.label} | {fixed(entry.score, 2)} % | ${fixed(cost, 2)}{seconds} |"


def bfcl_case(folder: Path) -> dict[str, str]:
    """Claude Haiku 4.5 against GPT-4.1 Mini on the same work."""
    held = {entry.label: entry for entry in bfcl_entries(folder)}
    haiku, mini = held["Claude-Haiku-4-5-20251001 (FC)"], held["GPT-4.1-mini-2025-04-14 (FC)"]
    day = "2025-12-16"
    catalog = lt.Catalog.bundled()
    prices = [catalog.model(name, day).rates.rates() for name in ("claude-haiku-4.5", "gpt-4.1-mini")]
    ratios: list[Fraction] = []
    for meter in ("input_tokens", "output_tokens"):
        dear, cheap = (rates[meter] for rates in prices)
        assert dear is not None
        assert cheap is not None
        ratios.append(Fraction(dear.pico) / cheap.pico)
    more = mini.low[0] / haiku.low[0]
    return {
        "price_input": fixed(ratios[0], 2),
        "price_output": fixed(ratios[1], 3),
        "work": fixed(more, 2),
        "tokens_least": fixed(min(ratios) * more, 1),
        "tokens_most": fixed(max(ratios) * more, 1),
        "haiku_per_right": fixed(haiku.low[0] / haiku.score * 100, 2),
        "mini_per_right": fixed(mini.low[0] / mini.score * 100, 2),
    }


# ------------------------------------------------------------------------ traces


def azure(folder: Path, name: str) -> Calls:
    """One of the two traces of 2023: ``code`` or ``conv``."""
    return Calls.from_csv(folder / "azure" / f"AzureLLMInferenceTrace_{name}.csv", columns=AZURE_COLUMNS)


def mooncake_rows(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "mooncake" / "conversation_trace.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def mooncake(folder: Path) -> Calls:
    """The conversations as they stand, without a cache."""
    return Calls.from_jsonl(folder / "mooncake" / "conversation_trace.jsonl", columns=MOONCAKE_COLUMNS)


def cached(rows: Iterable[dict[str, Any]], lifetime_ms: int | None, *, writes: bool) -> Calls:
    """
    The conversations with a prompt cache.

    Args:
        rows: The trace.
        lifetime_ms: How long a prefix that nobody reads is kept. [ms]
        writes: Whether what is not read is written at a price of its own, as with Anthropic.
    """
    cache = PrefixCache(block_tokens=BLOCK_TOKENS, lifetime=lifetime_ms, minimum_tokens=2 * BLOCK_TOKENS)
    usages: list[lt.Usage] = []
    for row in rows:
        sent = row["input_length"]
        read = cache.read_tokens(row["hash_ids"], sent, at=row["timestamp"])
        written = sent - read if writes and sent >= cache.minimum_tokens else 0
        usages.append(
            lt.Usage(
                input_tokens=sent,
                output_tokens=row["output_length"],
                cache_read_tokens=read,
                cache_write_5m_tokens=written,
            )
        )
    return Calls.from_usages(usages)


def shapes_table(traces: dict[str, Calls]) -> Iterator[str]:
    yield "| trace | calls | different | input: mean | median | 95th percentile | longest | output: mean | longest |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, calls in traces.items():
        mean = calls.as_workload()
        points = [calls.percentile("input_tokens", percent) for percent in (50, 95, 100)]
        most = calls.percentile("output_tokens", 100)
        cells = [
            name,
            f"{len(calls):,}",
            f"{len(calls.groups):,}",
            grouped_fixed(mean.input_tokens, 1),
            *(grouped(point or 0) for point in points),
            grouped_fixed(mean.output_tokens, 1),
            grouped(most or 0),
        ]
        yield f"| {' | '.join(cells)} |"


@cache
def priced(calls: Calls, model: str) -> tuple[CallsCost, Usd]:
    """What calls cost one by one, and what their mean misses of it; both more than once on the page."""
    return calls.cost(model), calls.threshold_error(model)


def trace_table(traces: dict[str, Calls]) -> Iterator[str]:
    yield "| trace | model | each call priced | the mean priced | the mean misses | calls above a threshold | their share of the cost |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for name, calls in traces.items():
        for model in (*FLAT_MODELS, *STEPPED_MODELS):
            bill, error = priced(calls, model)
            above = [bucket for bucket in bill.buckets if bucket.above_input_tokens is not None]
            number = sum(bucket.calls for bucket in above)
            share = sum((bucket.low for bucket in above), Usd(0)) / bill.total
            misses = "nothing" if not error else f"${fixed_usd(error, 2)} ({_percent(error / bill.total)})"
            cells = [
                name,
                model,
                f"${fixed_usd(bill.total, 2)}",
                f"${fixed_usd(bill.total - error, 2)}",
                misses,
                f"{number:,} of {bill.calls:,}" if number else "none",
                _percent(share) if number else "",
            ]
            yield f"| {' | '.join(cells)} |"


def cache_table(folder: Path) -> Iterator[str]:
    rows = mooncake_rows(folder)
    plain = mooncake(folder)
    total = Fraction(plain.total.counts["input_tokens"])
    base = {name: priced(plain, name)[0].total for name in FLAT_MODELS}
    yield "| cache | input read from it | GPT-4.1 Mini, writing is free | Claude Haiku 4.5, writing costs a quarter more |"
    yield "| --- | --- | --- | --- |"
    yield f"| none | 0 % | ${fixed_usd(base['gpt-4.1-mini'], 2)} | ${fixed_usd(base['claude-haiku-4.5'], 2)} |"
    for label, lifetime in (("1 minute", MINUTE_MS), ("5 minutes", 5 * MINUTE_MS), ("for ever", None)):
        free, paid = (cached(rows, lifetime, writes=writes) for writes in (False, True))
        read = Fraction(free.total.counts["cache_read_tokens"])
        cells = [label, f"{grouped(read.numerator)} tokens ({_percent(read / total)})"]
        for name, calls in (("gpt-4.1-mini", free), ("claude-haiku-4.5", paid)):
            cost = calls.cost(name).total
            cells.append(f"${fixed_usd(cost, 2)} ({_signed(cost / base[name] - 1)})")
        yield f"| {' | '.join(cells)} |"


def cache_break_even() -> Fraction:
    """The share of the input that has to be read for Claude Haiku 4.5's cache to cost no more than none."""
    card = lt.Catalog.bundled()["claude-haiku-4.5"]
    prices = [card.price(meter) for meter in ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens")]
    fresh, read, write = (Fraction(price.pico_per_unit) for price in prices if price is not None)
    return (write - fresh) / (write - read)


# ------------------------------------------------------------------------ the page


def fixed_usd(amount: Usd, digits: int) -> str:
    """Dollars for a table."""
    return format(amount, f",.{digits}f")


def _percent(share: Exact | Fraction) -> str:
    return f"{fixed(share * 100, 1)} %"


def _signed(share: Fraction) -> str:
    text = _percent(share)
    return text if text.startswith("-") or text == "0.0 %" else f"+{text}"


HEAD = """\
<!-- Made by tools/make_evidence.py from public files that are not part of the project. Change it there. -->

# Evidence from outside

A library that computes costs should be held against costs that somebody published, and against calls that somebody made.
This page does both, with public files that are not part of the project; every figure is computed by the library when the page is made.

| what | from | licence |
| --- | --- | --- |
| Aider's polyglot leaderboard | Aider-AI/aider, commit 5dc9490 | Apache-2.0 |
| Berkeley Function Calling Leaderboard, `data_overall.csv` | ShishirPatil/gorilla, commit ea03bc8 of the website branch | Apache-2.0 on the main branch; the website branch states none |
| Azure LLM inference traces of 2023 | Azure/AzurePublicDataset, commit b469a11; Microsoft Azure | CC BY 4.0; here counted and priced, which is a change |
| Mooncake conversation trace | kvcache-ai/Mooncake, commit 3b5a594 | Apache-2.0 |

Prices are those of the catalog's edition {edition}, on {as_of} where no other day is named.

## Published costs, recomputed

{number} runs of Aider's benchmark state their input and output tokens beside the total cost of the run.
Multiplied by the prices of the day, they should give that cost.
Aider publishes four decimals.

{aider_table}

{exact} of {number} agree to the last digit, {cent} more to the cent.
The others do not, and that is what makes such a table worth reading:

{aider_reasons}

"Shown" means that the row or the program shows it; "fits", that it explains the difference and that nothing in the row can confirm it; "open", that we do not know.
What the program does was read in copies of its `base_coder.py` and `architect_coder.py`: it adds nothing to the cost where it knows no price, counts what was written to a cache on top of the input, and takes the cost of the second model but not its tokens.

What follows for a reader of published costs:

- **A cost is not tokens times price.** In the {fitting} runs that cached input would explain, the published cost is {least_gap} to {most_gap} below the full price, and no row says how much was cached.
- **Agreement is not a bill.** The two runs of DeepSeek V3.2 agree at the full price, though the provider bills cached input lower without being asked: what agrees is the program's count of the cost, not the provider's.
- **$0 is not a price.** One row states it for a model whose price the program did not know. Here an unknown price is an error.
- **Two models in one run need two counts.** Cost was added up over both models and tokens over one.
- **Tokens of a part of the run look like a cheap model.** Divide by the cases before you compare.

The prices, and who states them:

{aider_prices}

A price that is called undated is stated by a source that does not say since when; that it held on the day of the run is an assumption, which the agreement supports.
Where a model charges by the length of a request, the price of short requests was taken: no run has more than {most_per_case} input tokens a case, over all its calls.

## Leaderboards with costs

A model is worth a look if no other has at least its score for at most its cost.

### Aider: pass rate and total cost

Of {aider_all} runs, {aider_costed} state a cost above $0, and {aider_front} of these are not dominated:

{aider_frontier}

### Function calling: accuracy, cost and latency

Of {bfcl_all} entries of the Berkeley leaderboard, {bfcl_front} are not dominated in accuracy, total cost and mean latency together:

{bfcl_frontier}

### The cheaper tokens that cost more

Claude Haiku 4.5 did this work with {haiku} % right for ${haiku_cost}; GPT-4.1 Mini with {mini} % right for ${mini_cost} (both with the API's own function calling).
A token of Claude Haiku 4.5 costs {price_input} times as much on the way in and {price_output} times as much on the way out.
Yet the same work cost {work} times as much with GPT-4.1 Mini, so at these prices, with nothing cached, it must have used between {tokens_least} and {tokens_most} times as many tokens, whatever their mix.
Divided by the share of right answers, that is ${haiku_per_right} against ${mini_per_right}.
A price a token answers a question that nobody has; this is why a workload can be made from calls that were really made, and why token counts of one model are not those of another.

## Traces

The shapes of real traffic:

{shapes}

Each trace was priced twice: call by call, and as so many times its mean call.
Where every token has one price, both are the same to the last pico-dollar.
Where long requests cost more, the mean call is a short one, and the surcharge disappears:

{traces}

In the Azure traces no request is long enough for any of these models' thresholds, so the mean is enough.
In the Mooncake trace it is not: {worst_model} costs {worst} of its bill more than the mean says, through {worst_calls} calls of {mooncake_calls}.
`calls.threshold_error(model)` is this difference, exactly.

## What prompt caching is worth

The Mooncake trace names the blocks of {block} tokens of every prompt, so it can be replayed through a cache: the longest known prefix is read, the rest is sent as new.
A prefix of less than {minimum} tokens is not read, and reading renews.

{cache}

With Claude Haiku 4.5, whatever is not read is written, at a quarter more than plain input.
So a cache pays only from a share of {break_even} of the input on; one that forgets after a minute costs more than none.
The trace lasts 59 minutes, so "for ever" and an hour are the same here.

## When not to trust this

- A trace is somebody else's traffic: its lengths are of the models and the prompts of that service. Count your own; [Price a log of calls](../how-to/price-a-log-of-calls.md) shows how.
- Token counts are those of the service's own tokenizer. Another model makes more or fewer of the same text, and answers at another length.
- The cache is a model of one: real providers read in steps of their own, forget under load, and do not share prefixes between customers.
- A leaderboard's cost is of one run, at the prices of its day, with its settings; a frontier of published rows is not one of today's models.
- A pass rate over a whole benchmark is not the rate on your work.
"""


def page(folder: Path) -> str:
    """The page."""
    runs = recomputed(folder)
    traces = {
        "Azure, code": azure(folder, "code"),
        "Azure, conversation": azure(folder, "conv"),
        "Mooncake": mooncake(folder),
    }
    moon = traces["Mooncake"]
    errors = {name: priced(moon, name)[1] / priced(moon, name)[0].total for name in STEPPED_MODELS}
    worst = max(errors, key=lambda name: errors[name])
    gaps = [
        1 - each.run.published / each.ours
        for each in runs
        if each.agrees == "no" and each.known == "fits" and each.ours is not None and each.ours > each.run.published
    ]
    aider, bfcl = aider_entries(folder), bfcl_entries(folder)
    held = {entry.label: entry for entry in bfcl}
    haiku, mini = held["Claude-Haiku-4-5-20251001 (FC)"], held["GPT-4.1-mini-2025-04-14 (FC)"]
    catalog = lt.Catalog.bundled()
    return HEAD.format(
        edition=catalog.edition,
        as_of=catalog.as_of,
        number=len(runs),
        aider_table="\n".join(aider_table(folder)),
        aider_reasons="\n".join(aider_reasons(folder)),
        aider_prices="\n".join(aider_prices(folder)),
        exact=sum(each.agrees == "to the last digit" for each in runs),
        cent=sum(each.agrees == "to the cent" for each in runs),
        fitting=len(gaps),
        most_per_case=grouped_fixed(max(Fraction(each.run.sent or 0, each.run.cases) for each in runs), 0),
        least_gap=_percent(min(gaps)),
        most_gap=_percent(max(gaps)),
        aider_all=len(aider_runs(folder)),
        aider_costed=len(aider),
        aider_front=len(undominated(aider)),
        aider_frontier="\n".join(frontier_table(aider, ["pass rate", "cost of the run"])),
        bfcl_all=len(bfcl),
        bfcl_front=len(undominated(bfcl)),
        bfcl_frontier="\n".join(frontier_table(bfcl, ["accuracy", "cost of the run", "mean latency"])),
        haiku=fixed(haiku.score, 2),
        haiku_cost=fixed(haiku.low[0], 2),
        mini=fixed(mini.score, 2),
        mini_cost=fixed(mini.low[0], 2),
        **bfcl_case(folder),
        shapes="\n".join(shapes_table(traces)),
        traces="\n".join(trace_table(traces)),
        worst_model=worst,
        worst=_percent(errors[worst]),
        worst_calls=f"{sum(b.calls for b in priced(moon, worst)[0].buckets if b.above_input_tokens is not None):,}",
        mooncake_calls=f"{len(moon):,}",
        block=BLOCK_TOKENS,
        minimum=f"{2 * BLOCK_TOKENS:,}",
        cache="\n".join(cache_table(folder)),
        break_even=_percent(cache_break_even()),
    )


if __name__ == "__main__":
    PAGE.write_text(page(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER), encoding="utf-8", newline="\n")
