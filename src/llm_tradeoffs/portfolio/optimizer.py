"""From workloads, models and a budget to a plan: who may do what, in numbers, and what is to be least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Final, cast

import attrs

from llm_tradeoffs._version import __version__
from llm_tradeoffs.assessment import Assessment, as_workload, assess_model
from llm_tradeoffs.catalog import held_catalog
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Number, Usd, exact, exact_text, grouped, plain
from llm_tradeoffs.portfolio._problem import BUDGET, QUALITY, Limit, Offer, Problem
from llm_tradeoffs.portfolio._search import search
from llm_tradeoffs.portfolio.plan import ENDS, OBJECTIVES, End, Exclusion, Objective, Plan, PlanPart
from llm_tradeoffs.selector import candidate_models
from llm_tradeoffs.workload import Workload

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["optimize"]

_ZERO: Final = Fraction(0)


def optimize(
    workloads: Mapping[str, Workload | str],
    models: Iterable[str | Model] | None = None,
    *,
    budget_per_month: Usd | Number | None = None,
    objective: Objective = "expected-cost",
    splits: bool = False,
    min_quality_percent: Number | None = None,
    quality_floors: Mapping[str, Number] | None = None,
    max_vendors: int | None = None,
    rate_limits: Mapping[str, Number] | None = None,
    end: End = "low",
    catalog: Catalog | None = None,
    as_of: date | str | None = None,
) -> Plan:
    """
    Which model should do which work, so that all of it costs least and keeps within the limits.

    Each workload is done by one model, or with ``splits`` by shares of several. A model that does not
    certainly meet a workload's own requirements (window, needs, limits on time, least quality) may do no
    part of it. Of equal plans the one with the least cost is taken (with the objective ``cost``: the one with
    the most right answers), and of those the one that gives the workload whose name comes first to the model
    whose id comes first, and so on.

    >>> chat = Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
    >>> maths = Workload(input_tokens=500, output_tokens=300, requests_per_day=500, task="math", error_cost="0.10")
    >>> plan = optimize({"chat": chat, "maths": maths}, ["gpt-4.1-mini", "claude-haiku-4.5"], budget_per_month=150)
    >>> plan.assignment, plan.cost_per_month
    ({'chat': 'gpt-4.1-mini', 'maths': 'claude-haiku-4.5'}, Usd('126.00'))

    Args:
        workloads: What is to be done, by a name of your own: a :class:`Workload` with a volume, or the id of a
            preset that has one.
        models: Names in the catalog or :class:`Model` values; None for those that the catalog proposes.
        budget_per_month: What may be paid in a month of 30 days; None for no limit. [USD]
        objective: ``expected-cost``, what is paid and what errors are expected to cost where the workload
            states that; or ``cost``, what is paid.
        splits: Whether a workload may be shared out among models.
        min_quality_percent: Least share of right answers over all requests of all workloads. [%]
        quality_floors: Least share of right answers over all requests of a workload, by its name. A workload's
            own ``min_quality_percent`` is asked of every model that does a part of it. [%]
        max_vendors: How many vendors there may be at most.
        rate_limits: Requests per minute, by model or vendor; a model's own replaces what the catalog says. The
            volume is spread evenly over the day. [1/min]
        end: Which end of each accuracy's interval to plan with: ``low``, the cautious one, or ``high``.
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day.

    Raises:
        UnknownNameError: A workload, model, vendor, preset, task, objective or end is not known.
        NoFactOnDateError: Nothing is recorded of a named model on that day.
        InvalidValueError: A workload has no volume, a model is named twice, or a limit cannot be meant.
        InvalidTypeError: A value has a type that is not accepted here.
        MissingExtraError: The question is large (above 250 pairs of workload and model), and the extra
            ``optimize`` is not installed.
    """
    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    works = _works(workloads, held)
    candidates = tuple(sorted(candidate_models(models, held, day), key=lambda model: model.id))
    rates = _rates(rate_limits, candidates)
    limits = _Limits(
        budget=_budget(budget_per_month),
        quality=None if min_quality_percent is None else _percent(min_quality_percent, "min_quality_percent"),
        floors=_floors(quality_floors, works),
        vendors=_vendors(max_vendors),
        rates=rates,
        by_vendor=frozenset(rates) - {model.id for model in candidates},
    )
    if objective not in OBJECTIVES:
        raise UnknownNameError("objective", objective, OBJECTIVES)
    if end not in ENDS:
        raise UnknownNameError("end of an interval", end, ENDS)
    if type(splits) is not bool:
        raise InvalidTypeError(f"splits is {splits!r}; expected True or False.")
    assessed = {
        (name, model.id): assess_model(model, work, held, day) for name, work in works.items() for model in candidates
    }
    opposite: End = "high" if end == "low" else "low"
    problem, exclusions = _problem(assessed, tuple(works), limits, objective=objective, end=end, splits=splits)
    other, _ = _problem(assessed, tuple(works), limits, objective=objective, end=opposite, splits=splits)
    found = search(problem)
    parts = tuple(_part(problem.offers[k], share, assessed) for k, share in found.shares.items())
    return Plan(
        status=found.status,
        parts=parts,
        objective=objective,
        end=end,
        splits=splits,
        budget_per_month=limits.budget,
        bound=None if found.bound is None else Usd(found.bound),
        exclusions=exclusions,
        unknowns=_unknowns(parts, assessed, limits),
        assumptions=_assumptions(works, objective, assessed, parts),
        as_of=day,
        catalog_edition=held.edition,
        catalog_hash=held.content_hash,
        trust=held.trust,
        library_version=__version__,
        problem=problem,
        other=other,
    )


# What was asked.


@attrs.frozen(kw_only=True)
class _Limits:
    """The limits as they were asked for: dollars, per cent, per cent by workload, vendors, requests per minute."""

    budget: Usd | None
    quality: Fraction | None
    floors: Mapping[str, Fraction]
    vendors: int | None
    rates: Mapping[str, Fraction]
    by_vendor: frozenset[str]


def _works(workloads: object, catalog: Catalog) -> dict[str, Workload]:
    """The workloads by name, sorted; each with a volume."""
    asked = _mapping(workloads, "workloads", "{'chat': Workload(...), 'triage': 'support-triage'}")
    if not asked:
        raise InvalidValueError("there are no workloads. Name at least one, such as {'triage': 'support-triage'}.")
    works = {name: as_workload(work, catalog) for name, work in sorted(asked.items())}  # type: ignore[arg-type]  # refuses
    silent = [name for name, work in works.items() if work.volume_basis is None]
    if silent:
        raise InvalidValueError(
            f"no volume is stated of {', '.join(map(repr, silent))}, so nobody can say what a month costs. "
            "State requests_per_day, requests_per_month or requests_per_year."
        )
    return works


def _mapping(value: object, what: str, example: str) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise InvalidTypeError(f"{what} are {value!r}; expected a mapping from names such as {example}.")
    entries = dict(cast("Mapping[object, object]", value))
    for name in entries:
        if not isinstance(name, str) or not name.strip():
            raise InvalidTypeError(f"a name in {what} is {name!r}; expected a text, as in {example}.")
    return cast("dict[str, object]", entries)


def _budget(value: Usd | Number | None) -> Usd | None:
    amount = value if value is None or isinstance(value, Usd) else Usd(exact(value, "budget_per_month"))
    if amount is not None and amount < Usd(0):
        raise InvalidValueError(f"budget_per_month is {amount}; it cannot be negative. For no budget say None.")
    return amount


def _percent(value: object, what: str) -> Fraction:
    percent = exact(value, what)  # type: ignore[arg-type]  # exact() refuses what is no number
    if not 0 <= percent <= 100:
        raise InvalidValueError(f"{what} is {exact_text(percent)}; per cent go from 0 to 100.")
    return Fraction(percent)


def _floors(value: object, works: Mapping[str, Workload]) -> dict[str, Fraction]:
    floors = _mapping({} if value is None else value, "quality_floors", "{'chat': 75}")
    for name in floors:
        if name not in works:
            raise UnknownNameError("workload", name, works)
    return {name: _percent(floor, f"the quality floor of {name}") for name, floor in sorted(floors.items())}


def _vendors(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int:
        raise InvalidTypeError(f"max_vendors is {value!r}; expected a whole number such as 2, or None.")
    if value < 1:
        raise InvalidValueError(f"max_vendors is {value}; work needs a vendor. Say at least 1, or None for no limit.")
    return value


def _rates(value: object, models: tuple[Model, ...]) -> dict[str, Fraction]:
    """Requests per minute by model id or vendor; a model's alias stands for its id."""
    limits = _mapping({} if value is None else value, "rate_limits", "{'openai': 3_000}")
    known = {alias: model.id for model in models for alias in (*model.aliases, model.id)}
    vendors = {model.vendor for model in models if model.vendor is not None}
    rates: dict[str, Fraction] = {}
    for name, stated in sorted(limits.items()):
        if name not in known and name not in vendors:
            raise UnknownNameError(
                "model or vendor of the portfolio", name, [*{model.id for model in models}, *vendors]
            )
        limit = exact(stated, f"the rate limit of {name}")  # type: ignore[arg-type]  # exact() refuses what is no number
        if limit < 0:
            raise InvalidValueError(f"the rate limit of {name} is {exact_text(limit)}; it cannot be negative.")
        target = known.get(name, name)
        if target in rates:
            raise InvalidValueError(f"the rate limit of {target!r} is stated twice. Name it once, by any of its names.")
        rates[target] = Fraction(limit)
    return rates


# In numbers.


def _problem(
    assessed: Mapping[tuple[str, str], Assessment],
    workloads: tuple[str, ...],
    limits: _Limits,
    *,
    objective: Objective,
    end: End,
    splits: bool,
) -> tuple[Problem, tuple[Exclusion, ...]]:
    offers: list[Offer] = []
    exclusions: list[Exclusion] = []
    for (workload, model), each in assessed.items():
        against = _reason_against(each, workload, objective, end, limits)
        if against is None:
            offers.append(_offer(each, workload, end))
        else:
            reason, unknown = against
            exclusions.append(Exclusion(workload=workload, model=model, reason=reason, unknown=unknown))
    volume = {name: _volume(each) for (name, _), each in assessed.items()}
    total = sum(volume.values(), _ZERO)
    # A share of all requests that is right; where nothing is asked at all, nothing is wrong.
    right = tuple(
        (offer.right_percent or _ZERO) * volume[offer.workload] / total if total else Fraction(100) for offer in offers
    )
    if objective == "expected-cost":
        costs = tuple((offer.expected, offer.cash) for offer in offers)
    else:
        costs = tuple((offer.cash, -share) for offer, share in zip(offers, right, strict=True))
    problem = Problem(
        workloads=workloads,
        offers=tuple(offers),
        costs=costs,
        limits=tuple(_limits(tuple(offers), right, limits, assessed)),
        max_vendors=limits.vendors,
        splits=splits,
    )
    return problem, tuple(exclusions)


def _reason_against(
    each: Assessment, workload: str, objective: Objective, end: End, limits: _Limits
) -> tuple[str, bool] | None:
    """Why a model may not do a workload, and whether that hangs on an unknown; None if it may."""
    for verdict in each.verdicts:
        if verdict.requirement == "quality":
            continue  # held against the end that is planned with, below
        if verdict.answer != "met":
            return verdict.reason, verdict.answer == "unknown"
    model, quality = each.model.id, each.quality
    right = _right(each, end)
    floor = each.workload.min_quality_percent
    if each.cost is None:
        return f"the {each.unknowns[0].fact} is unknown", True
    counted = objective == "expected-cost" and bool(each.workload.error_cost)
    if right is None and (floor is not None or counted or limits.quality is not None or workload in limits.floors):
        on = f"on {quality.benchmark}" if quality.benchmark else f"for {quality.task}"
        return f"the score of {model} {on} is unknown", True
    if right is not None and floor is not None and right < floor:
        on = f"{quality.percent} right on {quality.benchmark}"
        return f"{on}, at least {exact_text(floor)} % wanted at the {end} end", False
    if each.model.vendor is None and (limits.vendors is not None or limits.by_vendor):
        return f"the vendor of {model} is unknown, and vendors are limited", True
    return None


def _right(each: Assessment, end: End) -> Fraction | None:
    """The share of right answers at one end of its interval. [%]"""
    percent = each.quality.percent
    return None if percent is None else Fraction(percent.low if end == "low" else percent.high)


def _volume(each: Assessment) -> Fraction:
    return Fraction(each.workload.requests_in("month") or 0)


def _offer(each: Assessment, workload: str, end: End) -> Offer:
    cost, error_cost, right = each.cost, each.workload.error_cost, _right(each, end)
    assert cost is not None  # else it was excluded
    assert cost.per_month is not None  # every workload has a volume
    errors = None
    if error_cost is not None and (right is not None or not error_cost):
        errors = _volume(each) * (100 - (right or 0)) / 100 * error_cost.as_fraction()
    return Offer(
        workload=workload,
        model=each.model.id,
        vendor=each.model.vendor or "",
        cash=cost.per_month.as_fraction(),
        errors=errors,
        right_percent=right,
        requests_per_minute=Fraction(each.rate_limit.needed_per_minute or 0),
    )


def _limits(
    offers: tuple[Offer, ...],
    right: tuple[Fraction, ...],
    limits: _Limits,
    assessed: Mapping[tuple[str, str], Assessment],
) -> Iterator[Limit]:
    """Every limit that spans workloads, as a sum over the offers."""
    if limits.budget is not None:
        yield Limit(
            id=BUDGET,
            what=f"the budget of ${limits.budget:,.2f} a month",
            kind="budget",
            weights=tuple(offer.cash for offer in offers),
            at_most=limits.budget.as_fraction(),
        )
    if limits.quality is not None:
        yield Limit(
            id=QUALITY,
            what=f"a quality of at least {exact_text(plain(limits.quality))} % over all requests",
            kind="quality",
            weights=tuple(-share for share in right),
            at_most=-limits.quality,
        )
    for name, floor in limits.floors.items():
        yield Limit(
            id=f"{QUALITY} of {name}",
            what=f"a quality of at least {exact_text(plain(floor))} % of {name}",
            kind="quality",
            weights=tuple(-(offer.right_percent or _ZERO) if offer.workload == name else _ZERO for offer in offers),
            at_most=-floor,
        )
    stated = {each.model.id: each.rate_limit.limit_per_minute for each in assessed.values()}
    rates = {model: Fraction(limit) for model, limit in stated.items() if limit is not None} | dict(limits.rates)
    for name, limit in sorted(rates.items()):
        yield Limit(
            id=f"rate of {name}",
            what=f"at most {grouped(plain(limit))} requests per minute to {name}",
            kind="rate",
            weights=tuple(
                offer.requests_per_minute
                if name == (offer.vendor if name in limits.by_vendor else offer.model)
                else _ZERO
                for offer in offers
            ),
            at_most=limit,
        )


# What came out.


def _part(offer: Offer, share: Fraction, assessed: Mapping[tuple[str, str], Assessment]) -> PlanPart:
    each = assessed[offer.workload, offer.model]
    return PlanPart(
        workload=offer.workload,
        model=offer.model,
        share=plain(share),
        requests_per_month=plain(_volume(each) * share),
        cost_per_month=Usd(offer.cash * share),
        error_cost_per_month=None if offer.errors is None else Usd(offer.errors * share),
        quality=each.quality.percent,
    )


def _unknowns(
    parts: tuple[PlanPart, ...], assessed: Mapping[tuple[str, str], Assessment], limits: _Limits
) -> tuple[str, ...]:
    """What nobody has stated of the models in the plan and would have limited them."""
    used = {part.model: assessed[part.workload, part.model] for part in parts}
    return tuple(
        f"requests per minute of {model}"
        for model, each in sorted(used.items())
        if each.rate_limit.limit_per_minute is None and model not in limits.rates
    )


def _assumptions(
    works: Mapping[str, Workload],
    objective: Objective,
    assessed: Mapping[tuple[str, str], Assessment],
    parts: tuple[PlanPart, ...],
) -> tuple[str, ...]:
    notes: list[str] = []
    silent = [name for name, work in works.items() if work.error_cost is None]
    if objective == "expected-cost" and silent:
        notes.append(f"nobody stated what an error costs in {', '.join(silent)}: only what is paid counts there")
    for part in parts:
        each = assessed[part.workload, part.model]
        filled = [note for note in each.workload.assumptions if note not in works[part.workload].assumptions]
        notes.extend(f"{part.workload}: {note}" for note in (*filled, *(each.cost.notes if each.cost else ())))
    return tuple(dict.fromkeys(notes))
