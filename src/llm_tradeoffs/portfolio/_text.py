"""A plan as plain text: a table, what the limits cost, and what was left out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from llm_tradeoffs.money import Exact, Usd, grouped, grouped_fixed, plain
from llm_tradeoffs.portfolio.plan import ceiled
from llm_tradeoffs.show.text import WIDTH, table
from llm_tradeoffs.workload import DAYS_PER_MONTH

if TYPE_CHECKING:
    from llm_tradeoffs.portfolio.plan import Alternative, BudgetCurve, Plan, ShadowPrice
    from llm_tradeoffs.ranges import Range

__all__ = ["curve_text", "plan_text"]

MOST_SHOWN: Final = 12
"""How many of the models that were left out are named. [1]"""

_HEAD: Final = (
    "workload",
    "model",
    "share",
    "requests/month",
    "cost/month",
    "right [%]",
    "errors/month",
    "expected/month",
)


def plan_text(plan: Plan) -> str:
    """The plan as a table, what its limits cost, and what it rests on."""
    lines = [_wrapped(f"{_STATUS[plan.status]}: {plan.because}."), ""]
    if plan.parts:
        lines += [_parts(plan), "", *_budget(plan)]
        lines += ["What one change would do:", "", _alternatives(plan), ""]
    lines += [_item(f"{found.what}: {found.would_do_in_words}") for group in plan.conflicts for found in group]
    lines.append(_wrapped("  ".join(_foot(plan))))
    if plan.exclusions:
        lines.append("Left out:")
        lines += [_item(f"{each.model} for {each.workload}: {each.reason}") for each in plan.exclusions[:MOST_SHOWN]]
        if len(plan.exclusions) > MOST_SHOWN:
            lines.append(_item(f"and {len(plan.exclusions) - MOST_SHOWN} more; exclusions lists them"))
    if plan.unknowns:
        lines.append(_wrapped(f"Unknown: {'; '.join(plan.unknowns)}.", hanging="  "))
    if plan.assumptions:
        lines.append("Assumed:")
        lines += [_item(each) for each in plan.assumptions]
    return "\n".join(lines)


_STATUS: Final = {
    "optimal": "Optimal",
    "feasible": "Possible, not proved optimal",
    "infeasible": "Not possible",
    "undecided": "Undecided",
}


def _parts(plan: Plan) -> str:
    rows = [
        [
            part.workload,
            part.model,
            _percent(part.share),
            _count(part.requests_per_month),
            f"${part.cost_per_month:,.2f}",
            "unknown" if part.quality is None else _ends(part.quality),
            "not stated" if part.error_cost_per_month is None else f"${part.error_cost_per_month:,.2f}",
            f"${part.expected_cost_per_month:,.2f}",
        ]
        for part in plan.parts
    ]
    stated = [part.error_cost_per_month for part in plan.parts if part.error_cost_per_month is not None]
    total = [
        "all",
        "",
        "",
        _count(plain(sum(part.requests_per_month for part in plan.parts))),
        f"${plan.cost_per_month:,.2f}",
        "unknown" if plan.quality is None else _ends(plan.quality),
        f"${sum(stated, Usd(0)):,.2f}" if stated else "not stated",
        f"${plan.expected_cost_per_month:,.2f}",
    ]
    return table(_HEAD, [*rows, total], numeric=range(2, len(_HEAD)))


def _budget(plan: Plan) -> list[str]:
    lines: list[str] = []
    spent = plan.cost_per_month
    if plan.budget_per_month is not None and spent is not None:
        least = "unknown" if plan.smallest_budget is None else f"${ceiled(plan.smallest_budget, 2)}"
        left = plan.budget_per_month - spent
        lines.append(
            f"Budget: ${plan.budget_per_month:,.2f} a month, ${left:,.2f} of it left; "
            f"the smallest that would do is {least}."
        )
    lines += [_price(price, plan.objective) for price in plan.shadow_prices]
    return [*(_wrapped(line, hanging="  ") for line in lines), *([""] if lines else [])]


def _price(price: ShadowPrice, objective: str) -> str:
    of = "expected cost" if objective == "expected-cost" else "cost"
    what = price.what[:1].upper() + price.what[1:]
    unit = "dollar" if price.unit == "USD" else price.unit
    more, to = ("less", "down to") if price.unit == "percentage point" else ("more", "up to")
    until = _amount(price.unit, price.until)
    return f"{what}: one {unit} {more} saves ${_digits(price.saves_usd)} of {of}, {to} {until}."


def _amount(unit: str, value: Exact) -> str:
    if unit == "USD":
        return f"${Usd(value):,.2f}"
    return f"{_digits(value)} %" if unit == "percentage point" else _digits(value)


def _alternatives(plan: Plan) -> str:
    rows: list[list[str]] = []
    for found in plan.alternatives:
        if found.cost_per_month is None or found.difference is None:
            none = "no better plan" if found.kind == "more" else "not possible"
            rows.append([found.change, none if found.status == "infeasible" else found.status, "", "", ""])
            continue
        sign = "+" if found.difference > Usd(0) else "-" if found.difference < Usd(0) else ""
        rows.append(
            [
                found.change,
                f"${found.cost_per_month:,.2f}",
                f"${found.expected_cost_per_month:,.2f}",
                f"{sign}${abs(found.difference):,.2f}",
                _changes(plan, found),
            ]
        )
    return table(("", "cost/month", "expected/month", "difference", "then"), rows, numeric=(1, 2, 3))


def curve_text(curve: BudgetCurve) -> str:
    """The curve as a table: from which budget on, what it buys, and what is done by another model than before."""
    if not curve.points:
        return "No budget buys a plan."
    rows: list[list[str]] = []
    before: dict[str, dict[str, Exact]] = {}
    for point in curve.points:
        now = _by_workload(point.shares)
        changed = {workload: models for workload, models in now.items() if before.get(workload) != models}
        rows.append(
            [
                f"${ceiled(point.budget, 2)}",
                f"${point.expected_cost_per_month:,.2f}",
                "" if point.saves_usd is None else f"${_digits(point.saves_usd)}",
                _who(changed) + ("" if point.proved else " (not proved the best)"),
            ]
        )
        before = now
    head: tuple[str, ...] = ("budget/month", "expected/month", "a dollar more saves", "buys")
    if all(point.saves_usd is None for point in curve.points):
        head, rows = (*head[:2], head[3]), [[*row[:2], row[3]] for row in rows]
    end = "More money buys nothing." if curve.complete else "There are more points; most= says how many are shown."
    return f"{table(head, rows, numeric=range(len(head) - 1))}\n\n{end}"


def _by_workload(shares: Iterable[tuple[str, str, Exact]]) -> dict[str, dict[str, Exact]]:
    found: dict[str, dict[str, Exact]] = {}
    for workload, model, share in shares:
        found.setdefault(workload, {})[model] = share
    return found


def _who(done_by: Mapping[str, Mapping[str, Exact]]) -> str:
    return ", ".join(
        f"{workload}: {' and '.join(m if share == 1 else f'{m} {_percent(share)}' for m, share in models.items())}"
        for workload, models in done_by.items()
    )


def _changes(plan: Plan, other: Alternative) -> str:
    """Who does what where that is not as in the plan."""
    theirs = _by_workload(other.shares)
    changed = {workload: models for workload, models in theirs.items() if plan.shares[workload] != models}
    return _who(changed) or "nothing changes"


def _foot(plan: Plan) -> list[str]:
    end = "at the low end of its interval" if plan.end == "low" else "at the high end of its interval"
    foot = [f"Every accuracy {end}."]
    if plan.robust:
        foot.append("The plan is the best wherever in their intervals they are.")
    elif plan.same_at_other_end is not None:
        also = "is the best at the other end, too" if plan.same_at_other_end else "is not the best at the other end"
        foot.append(f"The plan {also}.")
    if plan.certified:
        foot.append("Proved in exact arithmetic.")
    elif plan.bound is not None:
        foot.append(f"Nothing below ${plan.bound:,.2f} is possible.")
    foot.append(f"A month has {DAYS_PER_MONTH} days.")
    foot.append(f"Facts as of {plan.as_of}, catalog {plan.catalog_edition}.")
    return foot


def _percent(share: Exact) -> str:
    return f"{_digits(share * 100)} %"


def _count(count: Exact) -> str:
    return grouped(count) if isinstance(count, int) else grouped_fixed(count, 1)


def _ends(quality: Range) -> str:
    low, high = (_digits(end) for end in (quality.low, quality.high))
    return low if low == high else f"{low}-{high}"


def _digits(value: Exact) -> str:
    """At most two decimals."""
    return grouped(value) if isinstance(value, int) else grouped_fixed(value, 2)


def _item(text: str) -> str:
    return _wrapped(f"- {text}", hanging="  ")


def _wrapped(text: str, hanging: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
