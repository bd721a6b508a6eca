"""
A workload that was measured: the calls of a log, kept in cells, so that thresholds stay right.

A mean request hides what prices look at. Half of the calls at 300,000 tokens and half at 1,000 have a mean of 150,500,
which no price list would bill as either. So a measured workload keeps the cells of its log, and its cost is the sum
over the cells, divided by the calls: the same number that bulk pricing gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from llm_tradeoffs.costing import LineItem, WorkloadCost, bill
from llm_tradeoffs.errors import InvalidValueError, UnknownPriceError
from llm_tradeoffs.frames._cells import SPREAD, Cell, Cells
from llm_tradeoffs.frames._columns import Columns
from llm_tradeoffs.frames._engine import narwhals, rows_of
from llm_tradeoffs.frames._keys import records_of, scaled_bound
from llm_tradeoffs.frames._price import Run, Under, WhatIf
from llm_tradeoffs.frames._pricing import Prices, held_prices
from llm_tradeoffs.frames._read import read_cells
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Usd, divide, grouped, plain
from llm_tradeoffs.pricing import PricingRegistry
from llm_tradeoffs.rates import SERVICE_TIERS, STANDARD, Plan, TimeWindow
from llm_tradeoffs.usage import TOKEN_METERS, billed_once
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["Fineness", "MeasuredWorkload", "workload_from"]

_OF_CALLS: Final = frozenset(("input_tokens", "output_tokens", "cached_share", "turns", "history_resent"))
"""What the log says of each call: whoever changes it asks about other calls than those measured."""


@attrs.frozen(kw_only=True)
class Fineness:
    """
    For which prices cells are fine enough.

    Attributes:
        lengths: The lengths of input at which calls were told apart; None where each cell states its least and most.
            [tokens]
        windows: The hours that were told apart.
        apart: Whether the calls of each cell are alike.
    """

    lengths: frozenset[int] | None = None
    windows: frozenset[TimeWindow] = frozenset()
    apart: bool = False


@attrs.frozen(init=False, repr=False)
class MeasuredWorkload(Workload):  # type: ignore[override]  # attrs' own initialiser takes more than that of Workload
    """
    A workload whose calls are known: what it costs is what they cost together, divided by their number.

    Its ``input_tokens``, ``output_tokens`` and ``cached_share`` are the means of the calls, for what looks at a mean
    request: latency, blended prices. Its cost does not. Who changes one of them with :meth:`with_` asks about other
    calls than those measured, and gets a :class:`~llm_tradeoffs.workload.Workload` of the mean, which says so among its
    assumptions; a change of the volume, the task or a limit keeps the calls.

    Attributes:
        cells: The calls.
        fineness: For which prices they are fine enough.
        tokens_of: The model in whose tokens the counts are taken; None as they were counted.
        ratios: Tokens of that model per token that was counted, by the name of the model of a call; 1 for the others.
    """

    cells: Cells = attrs.field(kw_only=True)
    fineness: Fineness = attrs.field(kw_only=True)
    tokens_of: str | None = attrs.field(default=None, kw_only=True)
    ratios: Mapping[str | None, Exact] = attrs.field(factory=dict[str | None, Exact], kw_only=True, hash=False)

    def __init__(
        self,
        *,
        cells: Cells,
        fineness: Fineness,
        tokens_of: str | None = None,
        ratios: Mapping[str | None, Exact] | None = None,
        **fields: Any,
    ) -> None:
        held: Any = self  # attrs makes the initialiser
        held.__attrs_init__(cells=cells, fineness=fineness, tokens_of=tokens_of, ratios=ratios or {}, **fields)

    @property
    def calls(self) -> int:
        """How many calls were measured."""
        return self.cells.calls

    # Being asked about a model.

    def measured_for(self, model: Model, prices: Catalog, day: date | None) -> Workload:
        """The same calls in the tokens of *model*, where a ratio to those that were counted is published."""
        if self.tokens_of == model.id:
            return self
        ratios: dict[str | None, Exact] = {}
        silent: set[str] = set()
        for name in {cell.model for cell in self.cells.cells}:
            of = self.counted_for if name is None else name
            if of is None or of in {model.id, *model.aliases}:
                continue
            stated = None
            if model.id in prices:
                try:
                    stated = prices.token_ratio(of, model.id, day)
                except LookupError:
                    stated = None
            if stated is None:
                silent.add(of)
            elif stated.high != 1:
                ratios[name] = stated.high
        because = [
            *(
                f"input_tokens, output_tokens: {model.label} is taken to make {grouped(ratio)} tokens of a text that "
                f"is one token of {self.counted_for if name is None else name}, by a published ratio"
                for name, ratio in sorted(ratios.items(), key=str)
            ),
            *(f"no source says how many tokens {model.label} makes of a token of {name}" for name in sorted(silent)),
        ]
        most = max(ratios.get(cell.model, 1) for cell in self.cells.cells)
        changes: dict[str, Any] = {
            **_means(self.cells, ratios),
            "longest_tokens": None if self.longest_tokens is None else -int(-(self.longest_tokens * most) // 1),
            "tokens_of": model.id,
            "counted_for": model.id,
            "ratios": ratios,
            "assumptions": (*self.assumptions, *because),
        }
        return attrs.evolve(self, **changes)

    def measured_cost(self, model: Model) -> WorkloadCost:
        """
        What the calls cost on *model*, as if each fitted into its context window, divided by their number.

        Raises:
            UnknownPriceError: A price that they need is not known, or the cells were not made for this model.
        """
        notes: list[str] = []
        share = self.batch_share
        if share and model.supports_batch is False:
            share = 0
            notes.append(f"{model.label} has no batch service, so the share that could wait runs at the standard rate")
        calls = self.calls
        # By meter, tier and rate: a price row may be multiplied by the factor of a region for some of the calls.
        totals: dict[LineItem, Exact] = {}
        for batched, part in ((False, 1 - share), (True, share)):
            if part:
                for line in self._lines(model, notes, batched=batched):
                    unit = line.of(1)
                    totals[unit] = totals.get(unit, 0) + part * line.quantity
        lines = tuple(unit.of(divide(quantity, calls)) for unit, quantity in totals.items())
        pico = plain(sum(line.amount.pico for line in lines))
        per_day, per_month, per_year = (
            None if count is None else Usd.from_pico(plain(pico * count))
            for count in (self.requests_in("day"), self.requests_in("month"), self.requests_in("year"))
        )
        return WorkloadCost(
            per_request=Usd.from_pico(pico),
            per_day=per_day,
            per_month=per_month,
            per_year=per_year,
            lines=lines,
            year_basis=None if self.volume_basis is None else self.year_basis,
            notes=(
                f"the mean over {calls:,} measured calls, each at the price of its own length",
                *dict.fromkeys(notes),
            ),
        )

    def _lines(self, model: Model, notes: list[str], *, batched: bool) -> Iterator[LineItem]:
        """The bill of all calls; with *batched* those of the standard tier are served in batch."""
        card = model.rates
        each = card.by_quantity
        sums: dict[tuple[int, int], tuple[Plan, str, int, dict[str, Exact]]] = {}
        for number, cell in enumerate(self.cells.cells):
            tier = cell.service_tier or STANDARD
            if batched and tier == STANDARD:
                tier = "batch"
            region = cell.region
            if region is not None and region not in card.regions:
                notes.append(f"processed in {region!r}, for which {model.id} has no published price of its own")
                region = None
            counts = _scaled(cell, self.ratios.get(cell.model, 1))
            self._check(model, cell, tier)
            at = cell.at if isinstance(cell.at, datetime) and set(card.windows) <= self.fineness.windows else None
            mean = -int(-counts.get("input_tokens", 0) // cell.calls)
            plan = card.plan(tier, mean, region, at)
            key = (id(plan), number if each else -1)
            held = sums.get(key, (plan, tier, 0, {}))
            total = dict(held[3])
            for name, count in counts.items():
                total[name] = total.get(name, 0) + count
            sums[key] = (plan, tier, held[2] + cell.calls, total)
        for plan, tier, calls, total in sums.values():
            once = billed_once(total)
            if not each:
                yield from bill(model.id, plan, once, tier, requests=calls, strict=True)
                continue
            for line in bill(
                model.id, plan, {name: divide(sent, calls) for name, sent in once.items()}, tier, strict=True
            ):
                yield line.of(plain(line.quantity * calls))

    def _check(self, model: Model, cell: Cell, tier: str) -> None:
        """Refuse a cell whose calls this model's prices would tell apart."""
        if cell.calls == 1:
            return
        ratio = self.ratios.get(cell.model, 1)
        meter, bounds = (
            "input_tokens",
            {scaled_bound(row.bound, ratio) for row in model.rates.prices if row.bound is not None},
        )
        lengths = self.fineness.lengths
        if lengths is None:
            spread = (cell.spread or {}).get(meter)
            sent = bool(cell.counts.get(meter))
            coarse = (
                sent and bool(bounds) and (spread is None or any(spread[0] <= bound < spread[1] for bound in bounds))
            )
        else:
            coarse = not bounds <= lengths
        if coarse or (model.rates.by_quantity and not self.fineness.apart):
            between = (
                f"The log was not sorted for its prices, which look at each call. Say so when it is read: "
                f"Workload.from_frame(..., under=[{model.id!r}])."
            )
            raise UnknownPriceError(model.id, meter, tier, (), between=between)

    # Being changed.

    def with_(self, **changes: Any) -> Workload:
        """
        The same workload with some fields changed; see the class for what keeps the calls.

        Raises:
            InvalidTypeError, InvalidValueError, UnknownNameError: As for a new workload.
        """
        if not _OF_CALLS & changes.keys():
            return super().with_(**changes)
        return self.mean().with_(**changes)

    def mean(self) -> Workload:
        """The mean request as a workload of its own, without the calls."""
        held = {field.name: getattr(self, field.name) for field in attrs.fields(Workload)}
        waiting = divide(sum(cell.calls for cell in self.cells.cells if cell.service_tier == "batch"), self.calls)
        held["batch_share"] = waiting + (1 - waiting) * self.batch_share
        held["assumptions"] = (
            *self.assumptions,
            f"every request is the mean of {self.calls:,} measured calls; the calls themselves are no longer looked at",
        )
        return Workload(**held)

    def __repr__(self) -> str:
        mean = f"{grouped(self.input_tokens)} + {grouped(self.output_tokens)} tokens in the mean"
        return f"<MeasuredWorkload: {self.calls:,} calls in {len(self.cells):,} cells, {mean}>"


def _scaled(cell: Cell, ratio: Exact) -> Mapping[str, Exact]:
    if ratio == 1:
        return cell.counts
    return {name: plain(count * ratio) if name in TOKEN_METERS else count for name, count in cell.counts.items()}


def _means(log: Cells, ratios: Mapping[str | None, Exact]) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    for cell in log.cells:
        for name, count in _scaled(cell, ratios.get(cell.model, 1)).items():
            sums[name] += count  # type: ignore[assignment]  # exact numbers, of which int is one
    calls = log.calls
    sent = sums["input_tokens"]
    return {
        "input_tokens": divide(sent, calls),
        "output_tokens": divide(sums["output_tokens"], calls),
        "cached_share": divide(sums["cache_read_tokens"], sent) if sent else 0,
    }


def workload_from(
    table: object,
    catalog: Catalog | PricingRegistry | None = None,
    *,
    columns: Columns | None = None,
    under: Under | Iterable[Under] = (),
    **fields: Any,
) -> MeasuredWorkload:
    """See :meth:`llm_tradeoffs.Workload.from_frame`."""
    told = sorted((_OF_CALLS | {"cells", "fineness", "tokens_of", "ratios"}) & fields.keys())
    if told:
        raise InvalidValueError(f"{', '.join(told)} of a measured workload are what the log says; leave them out.")
    prices = held_prices(catalog)
    notes: list[str] = []
    if isinstance(table, Cells) or not _is_frame(table):
        found = table if isinstance(table, Cells) else read_cells(table, (), columns)
        fineness, longest, days = Fineness(), _longest(found.cells), None
    else:
        run = _run(table, prices, columns, under)
        found, fineness = run.cells, _fineness(run, prices, under)
        longest, days = max(_longest(found.cells) or 0, _longest_in(run)), _days(run)
    kept = _usable(found, notes)
    if not kept.calls:
        raise InvalidValueError("the log has no call whose counts can be read; nothing was measured.")
    if days is not None and not {"requests_per_day", "requests_per_month", "requests_per_year"} & fields.keys():
        fields["requests_per_day"] = divide(kept.calls, days)
        notes.append(f"requests_per_day: the log holds {kept.calls:,} calls on {days:,} days")
    if longest is not None and "longest_tokens" not in fields:
        fields["longest_tokens"] = longest
    # A copy that is saved holds the means only.
    notes.insert(0, f"input_tokens, output_tokens: the means of {kept.calls:,} measured calls")
    stated = fields.pop("assumptions", ())
    return MeasuredWorkload(cells=kept, fineness=fineness, **_means(kept, {}), **fields, assumptions=(*stated, *notes))


def _is_frame(table: object) -> bool:
    """Whether a table has one row per call, and not one per cell: cells say how many calls they are."""
    try:
        return "calls" not in narwhals().from_native(table).lazy().collect_schema()
    except TypeError:
        return False  # rows, or the path of a file


def _listed(under: Under | Iterable[Under]) -> list[WhatIf]:
    entries: Sequence[Under] = [under] if isinstance(under, str | Model | WhatIf) else list(under)
    return [entry if isinstance(entry, WhatIf) else WhatIf(model=entry) for entry in entries]


def _run(table: object, prices: Prices, columns: Columns | None, under: Under | Iterable[Under]) -> Run:
    # On one day for all, so that the thresholds of every day are told apart: nobody knows yet which one is asked about.
    asked = [
        WhatIf(as_of=prices.as_of),
        *(attrs.evolve(entry, as_of=entry.as_of or prices.as_of) for entry in _listed(under)),
    ]
    run = Run(table, prices, (), columns, [WhatIf(), *asked])
    run.results()
    return run


def _fineness(run: Run, prices: Prices, under: Under | Iterable[Under]) -> Fineness:
    windows: set[TimeWindow] = set()
    if run.finest.slots.edges:
        windows = {row.window for record in records_of(prices) for row in record.prices if row.window is not None}
        for entry in _listed(under):
            if isinstance(entry.model, Model):
                windows |= set(entry.model.rates.windows)
    return Fineness(lengths=frozenset(run.keys.limits.input_tokens), windows=frozenset(windows), apart=run.keys.apart)


def _longest(found: Iterable[Cell]) -> int | None:
    """The longest input that cells speak of: what they state, or the longest mean, rounded up."""
    longest: list[int] = []
    for cell in found:
        if cell.calls:
            spread = (cell.spread or {}).get(SPREAD[0])
            longest.append(-int(-cell.counts.get(SPREAD[0], 0) // cell.calls) if spread is None else spread[1])
    return max(longest, default=None)


def _longest_in(run: Run) -> int:
    """The longest input of one call, of those that are plain; 0 if there is none."""
    log = run.log
    values = {column: log.value(column) for column in log.count_columns()}
    counts = log.counts_of(values)
    if "input_tokens" not in counts:
        return 0
    plainly = log.plain(values, counts, attrs.evolve(run.keys, apart=False)).fill_null(value=False)
    asked = log.frame.filter(plainly).select(counts["input_tokens"].max().alias("most"))
    ((most,),) = rows_of(asked, log.implementation)
    return 0 if most is None or most != most else int(most)  # noqa: PLR0124  # only NaN differs from itself


def _days(run: Run) -> int | None:
    span = run.span or run.log.stretch()
    return None if span is None else (span[1].date() - span[0].date()).days + 1


def _usable(found: Cells, notes: list[str]) -> Cells:
    """The cells that any model could be asked about; the calls of the others are counted among the assumptions."""
    kept: list[Cell] = []
    left: Counter[str] = Counter()
    for cell in found.cells:
        if cell.problem is not None:
            left[cell.problem[1]] += cell.calls
        elif cell.service_tier is not None and cell.service_tier not in SERVICE_TIERS:
            left[f"the service tier {cell.service_tier!r} is not known"] += cell.calls
        elif cell.calls:
            kept.append(cell)
    notes += [f"{calls:,} calls of the log were left out: {reason}" for reason, calls in sorted(left.items())]
    return attrs.evolve(found, by=(), cells=[_alone(cell) for cell in kept])


def _alone(cell: Cell) -> Cell:
    return Cell(
        (), cell.model, cell.service_tier, cell.region, cell.at, cell.calls, cell.counts, None, cell.spread, cell.place
    )
