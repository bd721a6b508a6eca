"""
What the laws are tried on.

Chance seldom draws two equal prices, a request that fills the window to its last token, a length just at
a threshold, or two rows of one day; that is where the faults are. So most numbers here come from small
pools in which they meet. Each strategy says what it leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from llm_tradeoffs import (
    Alias,
    Catalog,
    Cost,
    Fact,
    Model,
    ModelRecord,
    Multiplier,
    Price,
    Range,
    RateCard,
    Score,
    Source,
    TimeWindow,
    Usage,
    Usd,
    Workload,
    cost,
)
from oracle import (
    COUNTS,
    CROSSED,
    DURATIONS,
    FEES,
    INPUT_PARTS,
    OTHER_DURATION,
    OUTPUT_PARTS,
    PARENT,
    PIECES,
    TOKENS,
    TOTALS,
    Call,
    Factor,
    Hours,
    PriceList,
    Row,
    Tariff,
)

MOST_TOKENS: Final = 10**30
THRESHOLDS: Final = (100, 200, 1_000)
TIERS: Final = ("standard", "batch", "flex", "priority")
FIRST_DAY: Final = date(2026, 3, 1)

# ---------------------------------------------------------------------------- values


@cache
def exact_numbers(low: int = -1_000, high: int = 1_000) -> st.SearchStrategy[int | Fraction | Decimal]:
    """Whole numbers, finite decimals and thirds. Leaves out floats, which are text in disguise."""
    return st.one_of(
        st.integers(low, high),
        st.decimals(low, high, places=4, allow_nan=False, allow_infinity=False),
        st.fractions(low, high, max_denominator=24),
    )


@cache
def positive_numbers() -> st.SearchStrategy[Fraction]:
    """From a thousandth to a thousand; thirds among them. Leaves out zero."""
    return st.one_of(
        st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(1, 3), Fraction(30), Fraction(365)]),
        st.fractions(Fraction(1, 1_000), 1_000, max_denominator=1_000),
    )


@cache
def shares() -> st.SearchStrategy[Fraction]:
    """From 0 to 1, both ends often."""
    return st.one_of(
        st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(1, 3), Fraction(1)]),
        st.fractions(0, 1, max_denominator=100),
    )


@cache
def usds() -> st.SearchStrategy[Usd]:
    """Amounts of both signs: cents, pico-dollars, less than a pico-dollar, thirds. Leaves out beyond 10^30."""
    return st.one_of(
        st.sampled_from(["0", "0.10", "0.20", "0.30", "-0.30", "0.000000000001", "1/3", "1/24", "1e-20", "1e30"]).map(
            Usd
        ),
        exact_numbers().map(Usd),
    )


@cache
def ranges(unit: str | None = None, low: int = -1_000, high: int = 1_000) -> st.SearchStrategy[Range]:
    """Closed ranges in *unit*; points, shared ends and zero often."""
    ends = st.one_of(st.sampled_from([low, 0 if low <= 0 <= high else low, high]), exact_numbers(low, high))
    one_in_four = st.sampled_from([True, False, False, False])

    def made(drawn: tuple[Any, Any, bool]) -> Range:
        one, other, is_point = drawn
        return Range(one, unit=unit) if is_point else Range(*sorted([one, other], key=Fraction), unit)

    return st.tuples(ends, ends, one_in_four).map(made)


def points_of(range_: Range) -> st.SearchStrategy[Fraction]:
    """Values in *range_*, its ends often."""
    low, width = Fraction(range_.low), Fraction(range_.high) - Fraction(range_.low)
    return shares().map(lambda share: low + share * width)


# ---------------------------------------------------------------------------- calls


@cache
def token_counts(most: int = MOST_TOKENS) -> st.SearchStrategy[int]:
    """From none to *most*: at, just below and just above every threshold of :func:`tariffs`."""
    pool = {0, 1, *(bound + step for bound in THRESHOLDS for step in (-1, 0, 1)), 200_000, 10**6, most}
    return st.one_of(
        st.sampled_from(sorted(count for count in pool if count <= most)),
        st.integers(0, min(most, 2_000)),
        st.integers(0, most),
    )


_FEW: Final = st.integers(0, 3)
_ALL_THAT_IS_LEFT: Final = st.sampled_from([False, False, True])
_SOME_TIME: Final = st.sampled_from([0, 1, "0.5", Fraction(1, 3), 7])
_PARTS_THAT_SHARE: Final = {
    "input_tokens": st.lists(st.sampled_from(INPUT_PARTS), unique=True, max_size=4),
    "output_tokens": st.lists(st.sampled_from(OUTPUT_PARTS), unique=True, max_size=3),
}
_PARTS_THAT_OVERLAP: Final = {
    **_PARTS_THAT_SHARE,
    "input_tokens": st.lists(st.sampled_from([*INPUT_PARTS, *CROSSED]), unique=True, max_size=6),
}


@st.composite
def usages(draw: st.DrawFn, *, most: int = MOST_TOKENS, crossed: bool = False, fees: Sequence[str] = ()) -> Usage:
    """
    Calls that can have happened: parts fit into their totals, often to the last token.

    Totals are drawn first, so that they meet thresholds; the parts then share them out.

    Args:
        most: The highest total.
        crossed: Whether tokens may be in two parts of the input at once.
        fees: What may be counted besides tokens and web searches.
    """
    counts: dict[str, Any] = {}
    for total, parts in (_PARTS_THAT_OVERLAP if crossed else _PARTS_THAT_SHARE).items():
        counts[total] = left = draw(token_counts(most))
        for part in draw(parts):
            share = left if draw(_ALL_THAT_IS_LEFT) else draw(st.integers(0, left))
            left -= share
            for name in (part, *CROSSED.get(part, ())):  # what is in two parts is inside both
                counts[name] = counts.get(name, 0) + share
    counts["web_searches"] = draw(_FEW)
    for fee in fees:
        counts[fee] = draw(_SOME_TIME if fee in DURATIONS else _FEW)
    return Usage(**counts)


def counts_of(usage: Usage) -> dict[str, int]:
    """The counts of *usage* by name, also those that are 0. Leaves out durations."""
    return {name: count for name, count in every_count(usage).items() if name not in DURATIONS}  # type: ignore[misc]  # so all are int


def every_count(usage: Usage) -> dict[str, int | Fraction]:
    """The counts of *usage* by name, also those that are 0."""
    return {**dict.fromkeys(COUNTS, 0), **usage.counted}


# ---------------------------------------------------------------------------- prices


@cache
def usd_amounts() -> st.SearchStrategy[Fraction]:
    """Published prices: free, equal ones, the article's, one that is no whole pico-dollar a token, and endless ones."""
    pool = ["0", "0.10", "0.40", "0.40", "1.00", "1.60", "5.00", "0.175", "0.0000001", "1/24", "17/60000"]
    return st.one_of(st.sampled_from(pool).map(Fraction), st.decimals(0, 100, places=3).map(Fraction))


# Made once: making a strategy takes longer than drawing from it.
_PARTS: Final = st.sets(st.sampled_from(sorted(PARENT)), max_size=4)
_STEPS: Final = st.sampled_from([steps for count in range(3) for steps in combinations(THRESHOLDS, count)])
_PARTS_MORE_OFTEN: Final = (st.sampled_from([False] * 9 + [True]), st.sampled_from([False, False, True]))


@st.composite
def tariffs(
    draw: st.DrawFn,
    *,
    tiers: Sequence[str] = ("standard",),
    thresholds: bool = True,
    request_fee: bool = True,
    gaps: bool = False,
    rising: bool = False,
) -> Tariff:
    """
    Price lists, as the oracle reads them.

    A row above a threshold always stands beside a base row of its meter: nobody publishes the one without
    the other. A fee for each request is in every tier or in none: what it would be in the others, no
    source says.

    Args:
        tiers: The tiers with prices.
        thresholds: Whether a request may be billed by its length.
        request_fee: Whether a request may have a fee of its own.
        gaps: Whether the prices of totals and searches may be missing, and those of parts in some tiers.
        rising: Longer requests never have a lower rate.
    """
    tariff: Tariff = {}
    priced_parts = draw(_PARTS)
    if priced_parts & OTHER_DURATION.keys() and not gaps:
        priced_parts |= OTHER_DURATION.keys()  # who prices one duration of a cache write prices the other
    has_request_fee = request_fee and draw(st.booleans())
    for tier in tiers:
        has_thresholds = thresholds and draw(st.booleans())
        for meter in (*TOTALS, *sorted(priced_parts), *FEES):
            if meter == "requests" and not has_request_fee:
                continue
            if gaps and meter != "requests" and draw(_PARTS_MORE_OFTEN[meter in PARENT]):
                continue
            steps = draw(_STEPS) if has_thresholds else ()
            amounts = [draw(usd_amounts()) for _ in range(1 + len(steps))]
            if rising:
                amounts.sort()
            for above, usd in zip((None, *steps), amounts, strict=True):
                tariff[meter, tier, above] = usd
    return tariff


def rows_of(tariff: Tariff) -> tuple[Price, ...]:
    """The tariff as published rows, in its order."""
    return tuple(
        Price(
            meter=meter,
            service_tier=tier,
            above_input_tokens=above,
            usd=Usd(usd),
            per=1 if meter in FEES else 1_000_000,
        )
        for (meter, tier, above), usd in tariff.items()
    )


def model_of(tariff: Tariff, **facts: Any) -> Model:
    """A model about which nothing else is known than *tariff* and *facts*."""
    return Model("acme/one", usd_per_mtok=rows_of(tariff), **facts)


# ---------------------------------------------------------------------------- whole price lists

REGION: Final = "eu"
EVENING: Final = Hours(16 * 60 + 30, 30)  # past midnight
NOON: Final = Hours(12 * 60, 13 * 60, (5, 6), "Asia/Shanghai", 8 * 60)  # on Saturdays and Sundays
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOMENTS: Final = tuple(
    datetime(2026, 3, 6 + day, hour, minute, second, microsecond, tzinfo=timezone(timedelta(hours=ahead)))
    for day in (0, 1, 2)  # from Friday to Sunday
    for hour, minute, second, microsecond in (
        *((16, 29, 59, 999_999), (16, 30, 0, 0), (0, 29, 59, 999_999), (0, 30, 0, 0)),
        *((3, 59, 59, 999_999), (4, 0, 0, 0), (4, 59, 59, 999_999), (5, 0, 0, 0), (12, 0, 0, 0)),
    )
    for ahead in (0, 8)
)
_PER: Final = st.sampled_from([1, 1_000, 1_000_000])
_STEP_STARTS: Final = st.sampled_from([(1,), (100,), (2, 150), (1_000,)])
_SHAPES: Final = st.sampled_from(["flat", "flat", "long", "inclusive", "marginal", "minimum", "hours"])
_CONSTANT_SHAPES: Final = st.sampled_from(["flat", "long"])
_HOURS: Final = st.sampled_from([(EVENING,), (NOON,), (EVENING, NOON)])
_SOME_CROSSED: Final = st.sets(st.sampled_from(sorted(CROSSED)), max_size=2)
_SOME_FEES: Final = st.lists(st.sampled_from([*PIECES, *DURATIONS]), unique=True, max_size=3)
_FACTORS: Final = st.sampled_from([Fraction(1, 2), Fraction(11, 10), Fraction(1), Fraction(1, 3), Fraction(0)])
_OTHER_PRICES: Final = st.sampled_from(
    ["none", *["factor"] * 3, "factor for some", *["rows"] * 3, "rows for some", "rows for totals", "both"]
)


@st.composite
def row_groups(draw: st.DrawFn, meter: str, tier: str = "standard", region: str | None = None) -> list[Row]:
    """
    The rows for one meter in one tier and region: flat, by length, by quantity, with a minimum, or by the hour.

    Leaves out lists in which two of these meet; in `prices` they do.
    """
    shape = draw(_CONSTANT_SHAPES if meter in {"requests", "minimum_charge"} else _SHAPES)
    base = Row(meter, draw(usd_amounts()), draw(_PER), tier, region)

    def more(**changes: Any) -> Row:
        return base._replace(usd=draw(usd_amounts()), **changes)

    if shape == "long":
        return [base, *(more(above=bound) for bound in draw(_STEPS))]
    if shape == "inclusive":
        return [base, *(more(at_least=bound) for bound in draw(_STEPS))]
    if shape == "marginal":
        return [base, *(more(beyond=start) for start in draw(_STEP_STARTS))]
    if shape == "minimum":
        return [base._replace(minimum=draw(st.sampled_from([1, 3, 150])))]
    if shape == "hours":
        return [base, *(more(hours=hours) for hours in draw(_HOURS))]
    return [base]


@st.composite
def price_lists(draw: st.DrawFn, *, everywhere: bool = False) -> PriceList:
    """
    All that a provider may publish, in a standard tier, perhaps in batches and perhaps for a region.

    What is stated for the batches or for the region may be amounts or factors, for some meters or for all.

    Args:
        everywhere: Whether there surely are prices for batches and for a region.
    """
    parts = draw(_PARTS) | draw(_SOME_CROSSED)
    fees = draw(_SOME_FEES) + [fee for fee in ("requests", "minimum_charge") if draw(st.booleans())]
    meters = [*TOTALS, *sorted(parts), *fees]
    rows = [row for meter in meters for row in draw(row_groups(meter))]
    factors: list[Factor] = []
    for place in ({"tier": "batch"}, {"region": REGION}):
        kind = draw(_OTHER_PRICES.filter(lambda kind: not everywhere or kind != "none"))
        some = draw(st.lists(st.sampled_from(meters), unique=True, min_size=1))
        if kind in {"factor", "factor for some", "both"}:
            held = (*TOKENS, *fees) if kind == "factor" else some
            factors.append(Factor(draw(_FACTORS), tuple(held), **place))
        if kind in {"rows", "rows for some", "rows for totals", "both"}:
            stated = meters if kind == "rows" else TOTALS if kind == "rows for totals" else some
            rows += [row for meter in stated for row in draw(row_groups(meter, **place))]
    return PriceList(tuple(rows), tuple(factors))


@st.composite
def priced_calls(draw: st.DrawFn) -> tuple[PriceList, list[Call]]:
    """A price list and calls that have mostly what it has prices for; the moment is known or not."""
    prices = draw(price_lists())
    priced = {row.meter for row in prices.rows}
    fees = sorted(priced & {*PIECES, *DURATIONS} - {"web_searches"})
    unpriced = {} if "web_searches" in priced or draw(_ALL_THAT_IS_LEFT) else {"web_searches": 0}
    known = {row.region for row in prices.rows} | {factor.region for factor in prices.factors}
    regions = [None, *sorted(region for region in known if region is not None)]
    return prices, [
        Call(
            every_count(draw(usages(crossed=draw(st.booleans()), fees=fees))) | unpriced,
            draw(st.sampled_from(["standard", "standard", "batch", "batch", "flex"])),
            draw(st.sampled_from(regions)),
            draw(st.none() | st.sampled_from(MOMENTS)),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]


def window_of(hours: Hours) -> TimeWindow:
    """The oracle's hours as the library has them."""
    return TimeWindow(
        start=f"{hours.start // 60:02}:{hours.start % 60:02}",
        end=f"{hours.end // 60:02}:{hours.end % 60:02}",
        zone=hours.zone,
        weekdays=[WEEKDAYS[day] for day in hours.weekdays],
    )


def price_of(row: Row) -> Price:
    """The oracle's row as the library has it."""
    return Price(
        meter=row.meter,
        usd=Usd(row.usd),
        per=row.per,
        service_tier=row.tier,
        region=row.region,
        above_input_tokens=row.above,
        from_input_tokens=row.at_least,
        above_quantity=row.beyond,
        minimum_quantity=row.minimum,
        window=None if row.hours is None else window_of(row.hours),
    )


def multiplier_of(row: Factor) -> Multiplier:
    """The oracle's factor as the library has it."""
    return Multiplier(factor=row.factor, service_tier=row.tier, region=row.region, meters=row.meters)


def card_of(prices: PriceList) -> RateCard:
    """The price list as the library has it."""
    return RateCard(map(price_of, prices.rows), map(multiplier_of, prices.factors))


def cost_of(model: Model, call: Call, *, strict: bool = False) -> Cost:
    """The call, priced by the library."""
    return cost(
        model,
        Usage(**call.counts),  # type: ignore[arg-type]  # whole where it has to be
        service_tier=call.tier,
        region=call.region,
        as_of=call.moment,
        strict=strict,
    )


@cache
def rate_cards() -> st.SearchStrategy[RateCard]:
    """Rate cards with tiers, thresholds, fees and gaps, as :func:`tariffs` has them; and the empty one."""
    return st.one_of(st.just(RateCard()), tariffs(tiers=("standard", "batch"), gaps=True).map(rows_of).map(RateCard))


@st.composite
def prices(draw: st.DrawFn) -> Price:
    """Single rows with all that may stand in them."""
    meter = draw(st.sampled_from(["input_tokens", "output_tokens", "cache_read_tokens", "requests", "web_searches"]))
    start = draw(st.none() | days())
    return Price(
        meter=meter,
        usd=Usd(draw(usd_amounts())),
        per=1 if meter in FEES else draw(st.sampled_from([1, 1_000, 1_000_000])),
        service_tier=draw(st.sampled_from(TIERS)),
        above_input_tokens=draw(st.none() | st.sampled_from(THRESHOLDS)),
        effective_from=start,
        effective_until=None if start is None else draw(st.none() | st.just(start + timedelta(days=1))),
        source=draw(sources()),
        place=draw(texts()),
        note=draw(st.none() | texts()),
    )


# ---------------------------------------------------------------------------- facts


@cache
def texts() -> st.SearchStrategy[str]:
    """Short texts with quotes, backslashes, line ends and letters beyond ASCII. Leaves out control characters."""
    return st.sampled_from(
        ["", "a", 'the "quoted" place', "it's", "back\\slash", "72–75 % · 千", "two\nlines", "# no comment"]
    )


@cache
def days() -> st.SearchStrategy[date]:
    """Four days in a row, so that rows begin and end on the day that is asked about."""
    return st.integers(0, 3).map(lambda after: FIRST_DAY + timedelta(days=after))


@cache
def sources() -> st.SearchStrategy[Source]:
    """Three sources. Leaves out two descriptions of one source."""
    return st.sampled_from(
        [
            Source(id="vendor", title="Acme pricing", kind="vendor", as_of="2026-03-01", checked_on=FIRST_DAY),
            Source(id="package", title="prices.json", kind="package", version="1.2"),
            Source(id="blog", title="A blog", kind="article", url="https://blog.example/", note='it\'s "quick"'),
        ]
    )


# ---------------------------------------------------------------------------- models and workloads

# Lengths meet windows: 700 + 300 fill a window of 1,000, and 8,000 + 300 one of 8,300.
INPUTS: Final = (0, 1, 200, 700, 701, 8_000)
OUTPUTS: Final = (0, 1, 150, 300)
WINDOWS: Final = (1_000, 8_300, 200_000, 200_000, 200_000)
TTFTS: Final = ("150-250 ms", "200-400 ms", "400 ms", "150-400 ms")
SPEEDS: Final = ("45-65 tokens/s", "40-55 tokens/s", "50 tokens/s")
SCORES: Final = ("72-75 %", "75 %", "75-76 %", "0 %", "100 %", "50-90 %")
LANGUAGES: Final = ("english", "japanese", "mandarin")
CHEAP_AND_DEAR: Final = ("0", "0.40", "1.00", "1.60", "5.00")


@cache
def one_of(pool: tuple[Any, ...], *, known: bool) -> st.SearchStrategy[Any]:
    """One of *pool*; now and then None where not everything has to be known."""
    return st.sampled_from(pool if known else (*pool, *pool, None))


@st.composite
def models(draw: st.DrawFn, id: str = "acme/one", *, known: bool = False) -> Model:
    """
    Models whose facts meet each other and the limits of :func:`workloads`.

    Args:
        id: The model's id.
        known: Whether everything that is ever ranked by has to be known.
    """

    def of(*pool: Any, known: bool = known) -> Any:
        return draw(one_of(pool, known=known))

    rates = {"input_tokens": of(*CHEAP_AND_DEAR), "output_tokens": of(*CHEAP_AND_DEAR)}
    rates["cache_read_tokens"] = of(*CHEAP_AND_DEAR, known=False)
    scores = {name: of(*SCORES) for name in ("mmlu", "gsm8k", "hallucination-rate")}
    return Model(
        id,
        usd_per_mtok=rates,
        context_window=of(*WINDOWS),
        max_output_tokens=of(149, 150, 300, 300, 64_000, known=False),
        ttft=of(*TTFTS),
        output_tokens_per_second=of(*SPEEDS),
        typical_output_tokens_per_second=of(*SPEEDS, known=False),
        requests_per_minute=of(1, 5_000),
        languages=of(("English",), ("english", "japanese")),
        preferred_languages=of(("Mandarin",), known=False),
        supports_vision=of(True, True, False),
        supports_tools=of(True, True, False),
        supports_batch=of(True, True, False),
        supports_structured_output=of(True, True, False),
        retires_on=of(date(2026, 11, 22), *[date(2026, 11, 23)] * 4, known=False),
        scores={name: score for name, score in scores.items() if score is not None},
    )


@st.composite
def candidates(draw: st.DrawFn, *, least: int = 0, most: int = 4, known: bool = False) -> list[Model]:
    """Several models with ids of their own, some alike in everything else."""
    found: list[Model] = []
    for id in "abcd"[: draw(st.integers(least, most))]:
        if found and draw(st.integers(0, 3)) == 0:
            found.append(attrs.evolve(draw(st.sampled_from(found)), id=id))
        else:
            found.append(draw(models(id, known=known)))
    return draw(st.permutations(found))


@cache
def means() -> st.SearchStrategy[int | Decimal | Fraction]:
    """Tokens of a mean request: whole, decimal, thirds. Leaves out beyond 2,000."""
    return st.one_of(st.sampled_from([0, 50, 100, 150, 200]), exact_numbers(0, 2_000))


@cache
def volumes() -> st.SearchStrategy[dict[str, int | Fraction]]:
    """A volume stated per day, month or year, or not at all; often just enough to count as high."""
    count = st.sampled_from([0, 1, 10_000, 99_999, 100_000, 1_000_000, Fraction(1, 3)])
    periods = st.sampled_from(["requests_per_day", "requests_per_month", "requests_per_year"])
    return st.one_of(st.just({}), st.tuples(periods, count).map(lambda pair: {pair[0]: pair[1]}))


@cache
def loads() -> st.SearchStrategy[dict[str, Any]]:
    """How much a workload runs, of which shape. Leaves out everything that bears on the choice but not on the cost."""
    return st.fixed_dictionaries(
        {
            "input_tokens": means(),
            "output_tokens": means(),
            "turns": st.sampled_from([1, 2, 3, 7, 50]),
            "history_resent": st.booleans(),
            "cached_share": shares(),
            "batch_share": shares(),
        }
    )


@cache
def requirements() -> st.SearchStrategy[dict[str, Any]]:
    """Single requirements, as a change to a workload that has none. Limits meet the facts of :func:`models`."""
    return st.one_of(
        st.sampled_from([{"needs": {need}} for need in ("vision", "tools", "batch", "structured_output")]),
        st.sampled_from([{"languages": {language}} for language in LANGUAGES]),
        st.sampled_from([{"max_ttft_ms": limit} for limit in (149, 150, 250, 400, 401)]),
        st.sampled_from([{"max_response_ms": limit} for limit in (250, 4_150, 7_900)]),
        st.sampled_from([{"min_quality_percent": least} for least in (0, 72, 75, 76, 100)]),
        st.sampled_from([{"longest_tokens": tokens} for tokens in (700, 701, 8_000, 8_001, 1_000_000)]),
    )


_WORK: Final = st.fixed_dictionaries(
    {
        "input_tokens": st.sampled_from(INPUTS),
        "output_tokens": st.sampled_from(OUTPUTS),
        "turns": st.sampled_from([1, 1, 1, 2, 3]),
        "history_resent": st.booleans(),
        "cached_share": st.sampled_from([0, 0, Fraction(1, 2), 1]),
        "batch_share": st.sampled_from([0, 0, Fraction(1, 3), 1]),
        "task": st.sampled_from([None, "general-knowledge", "math", "factual-accuracy", "creative-writing"]),
        "priority": st.sampled_from(["balanced"] * 4 + ["cost", "accuracy"]),
        "volume": st.sampled_from([None, "high", "low"]),
        "complexity": st.sampled_from([None, "high", "low", "low"]),
        "error_cost": st.sampled_from([None] * 5 + ["0", "0.01", "1/3"]),
        "chunk_overlap_tokens": st.sampled_from([0, 10]),
        "instruction_tokens": st.sampled_from([0, 1]),
        "assumptions": st.sampled_from([(), ("A sentence.",)]),
        "title": texts(),
        "source": st.sampled_from([None, "article"]),
        "place": texts(),
    }
)
_REQUIREMENTS: Final = st.one_of(st.just([]), st.lists(requirements(), max_size=3))


@st.composite
def workloads(draw: st.DrawFn, **fixed: Any) -> Workload:
    """
    Workloads with up to three requirements, whose lengths meet windows and whose limits meet facts.

    *fixed* fields are as given. Leaves out means that are no whole numbers; :func:`loads` has them.
    """
    described = {**draw(_WORK), **draw(volumes())}
    for requirement in draw(_REQUIREMENTS):
        described = with_requirement(described, requirement)
    return Workload(**{**described, **fixed})


@cache
def plain_workloads() -> st.SearchStrategy[Workload]:
    """
    Workloads that nearly every model can do, one for each way in which the guide decides, the tie more often.

    Leaves out nearly all requirements, so that several candidates are left to be ranked.
    """
    decided: list[dict[str, Any]] = [
        {},
        {},
        {},
        {"priority": "accuracy"},
        {"priority": "cost"},
        {"error_cost": "0.01"},
        {"complexity": "low", "volume": "high"},
        {"complexity": "high"},
        {"max_ttft_ms": 500},
    ]
    return st.sampled_from([Workload(input_tokens=200, output_tokens=150, task="math", **each) for each in decided])


def with_requirement(described: Mapping[str, Any], requirement: Mapping[str, Any]) -> dict[str, Any]:
    """*described* with one requirement more: added to those it has, or the tighter of two limits."""
    changed = dict(described)
    for name, value in requirement.items():
        held = changed.get(name)
        if held is None:
            changed[name] = value
        elif name in {"needs", "languages"}:
            changed[name] = {*held, *value}
        else:
            changed[name] = min(held, value) if name.startswith("max_") else max(held, value)
    return changed


# ---------------------------------------------------------------------------- records, as a catalog holds them


_STATEMENTS: Final = {
    field: st.lists(
        st.tuples(sources(), days(), values, texts(), texts().map(lambda note: note or None)),
        min_size=1,
        max_size=6,
        unique_by=lambda row: (row[0].id, row[1]),
    )
    for field, values in {
        "context_window": st.sampled_from(WINDOWS),
        "ttft": st.sampled_from(TTFTS).map(Range.parse),
        "supports_vision": st.booleans(),
        "languages": st.sampled_from([("english",), ("english", "japanese")]),
        "ecosystem": texts().filter(bool),
        "released_on": days(),
        "scores.mmlu": st.sampled_from(SCORES).map(lambda score: Score("mmlu", Range.parse(score))),
        "rates.standard": st.sampled_from(CHEAP_AND_DEAR).map(Usd),
    }.items()
}


@cache
def article_catalog() -> Catalog:
    """The bundled catalog with the models of the article only: the whole market takes long to write and to read."""
    whole = Catalog.bundled()
    kept = whole.default_candidates
    return attrs.evolve(
        whole,
        records={name: whole.records[name] for name in kept},
        names={name: whole.names[name] for name in kept},
    )


@st.composite
def aliases(draw: st.DrawFn, name: str) -> Alias:
    """A name that holds always, from a day, until a day, or for some days."""
    start, end = draw(st.none() | days()), draw(st.none() | st.integers(1, 3))
    return Alias(name, start, None if end is None else (start or FIRST_DAY) + timedelta(days=end))


@st.composite
def whole_records(draw: st.DrawFn, id: str = "acme/one") -> ModelRecord:
    """:func:`records` with everything that a provider may publish, by a source of its own, and names that move."""
    record = draw(records(id))
    prices = draw(price_lists())
    source = Source(id="provider", title="A provider", kind="vendor")
    since = draw(days())
    dated: dict[str, Any] = {
        "source": source,
        "effective_from": since,
        "effective_until": draw(st.none() | st.just(since + timedelta(days=2))),
        "place": draw(texts()),
        "note": draw(st.none() | texts().filter(bool)),
    }
    return attrs.evolve(
        record,
        aliases=(*record.aliases, draw(aliases(f"{id}-stable")), draw(aliases(f"{id}-preview"))),
        prices=(*record.prices, *(attrs.evolve(price_of(row), **dated) for row in prices.rows)),
        multipliers=tuple(attrs.evolve(multiplier_of(row), **dated) for row in prices.factors),
    )


@st.composite
def records(draw: st.DrawFn, id: str = "acme/one") -> ModelRecord:
    """
    What several sources say about a model on four days, all of it about a few fields.

    Of one field a source says one thing a day: it does not contradict itself. Leaves out prices whose
    decimals never end, and judgements.
    """

    def said(field: str, about: str) -> list[Fact]:
        rows = sorted(draw(_STATEMENTS[about]), key=lambda row: (row[0].id, row[1]))
        return [
            Fact(subject=id, field=field, value=value, source=source, effective_from=day, place=place, note=note)
            for source, day, value, place, note in rows
        ]

    prices = [
        attrs.evolve(
            Price(meter=meter, usd=fact.value, above_input_tokens=above),  # type: ignore[arg-type]  # an Usd
            **{name: getattr(fact, name) for name in ("source", "effective_from", "place", "note")},
        )
        for meter in ("input_tokens", "cache_read_tokens")
        for above in (None, 100)
        for fact in said(meter, "rates.standard")
    ]
    return ModelRecord(
        id=id,
        name=draw(texts().filter(bool)),
        vendor="acme",
        aliases=(f"{id}-latest",),
        prices=tuple(prices),
        facts=tuple(fact for field in _STATEMENTS if "." not in field for fact in said(field, field)),
        scores=tuple(said("scores.mmlu", "scores.mmlu")),
    )
