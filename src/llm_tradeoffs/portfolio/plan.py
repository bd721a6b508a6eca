"""The answer: which model does which work, what it costs, and what the limits cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.money import Exact, Usd, divide, fixed, grouped, grouped_fixed, plain, token_count
from llm_tradeoffs.portfolio._analysis import Step, StepKind, conflicts, curve, least_of, prices, steps, without
from llm_tradeoffs.portfolio._problem import BUDGET, Kind, Limit, Problem
from llm_tradeoffs.portfolio._search import Found, Status, search
from llm_tradeoffs.ranges import Range

__all__ = [
    "ENDS",
    "OBJECTIVES",
    "Alternative",
    "BudgetCurve",
    "BudgetPoint",
    "Conflict",
    "End",
    "Exclusion",
    "Objective",
    "Plan",
    "PlanPart",
    "ShadowPrice",
]

Objective: TypeAlias = Literal["expected-cost", "cost"]
End: TypeAlias = Literal["low", "high"]

OBJECTIVES: Final = ("expected-cost", "cost")
ENDS: Final = ("low", "high")
PLAN_SCHEMA: Final = 1
"""Version of the plain form of a plan; raised whenever a reader of the old form would misread the new one."""


@attrs.frozen(kw_only=True)
class PlanPart:
    """
    A share of a workload and the model that does it.

    Attributes:
        workload, model: Their names.
        share: Of the workload's requests; 1 where it is not split. [0..1]
        requests_per_month: In that share.
        cost_per_month: Of that share. [USD]
        error_cost_per_month: What its errors are expected to cost, at the end of the interval that was planned
            with; None where nobody stated what an error costs, or how often the model is right. [USD]
        quality: Share of right answers on the benchmark that speaks for the task; None if unknown. [%]
    """

    workload: str
    model: str
    share: Exact
    requests_per_month: Exact
    cost_per_month: Usd
    error_cost_per_month: Usd | None
    quality: Range | None

    @property
    def expected_cost_per_month(self) -> Usd:
        """The cost with that of the errors, where that is stated. [USD]"""
        return self.cost_per_month + (self.error_cost_per_month or Usd(0))


@attrs.frozen(kw_only=True)
class Exclusion:
    """
    A model that may not do a workload.

    Attributes:
        workload, model: Their names.
        reason: Why, with the numbers.
        unknown: Whether it was left out because a fact is unknown, and not because it cannot do the work.
    """

    workload: str
    model: str
    reason: str
    unknown: bool


@attrs.frozen(kw_only=True)
class ShadowPrice:
    """
    What one more unit of a limit saves, exactly.

    Attributes:
        id: The limit's short name, such as ``"budget"``.
        what: The limit in words.
        unit: What one unit is: ``USD``, ``percentage point`` or ``request per minute``.
        saves_usd: What a unit saves in what was to be least. [USD per unit]
        limit: The limit from which that holds. [unit]
        until: The limit up to which it holds, all else unchanged. [unit]
    """

    id: str
    what: str
    unit: str
    saves_usd: Exact
    limit: Exact
    until: Exact


@attrs.frozen(kw_only=True)
class Alternative:
    """
    The best plan where one thing is different.

    Attributes:
        kind: ``no budget``; ``more``, the smallest budget that buys a better plan; ``less``, the best plan that
            costs less; or ``without``, where a workload does without its (main) model.
        workload: For ``without`` the workload; None for the others.
        change: What is different, in words.
        status: As of a plan.
        shares: ``(workload, model, share)`` of every part; empty if there is no such plan.
        cost_per_month, expected_cost_per_month: Of the alternative; None if there is none. [USD]
        difference: What it costs more in what was to be least; None if there is none. [USD]
    """

    kind: StepKind
    workload: str | None
    change: str
    status: Status
    shares: tuple[tuple[str, str, Exact], ...]
    cost_per_month: Usd | None
    expected_cost_per_month: Usd | None
    difference: Usd | None


@attrs.frozen(kw_only=True)
class BudgetPoint:
    """
    The best plan from a budget on, up to the budget of the next point.

    Attributes:
        budget: The smallest budget with which there is this plan: what it costs. [USD]
        expected_cost_per_month: What it costs with what its errors are expected to cost. [USD]
        shares: ``(workload, model, share)`` of every part.
        saves_usd: What one more dollar saves from here on, in what was to be least; None for whole assignments,
            where a dollar more changes nothing until the next point. [USD per USD]
        proved: Whether it is proved to be the best; False where the search was given up.
    """

    budget: Usd
    expected_cost_per_month: Usd
    shares: tuple[tuple[str, str, Exact], ...]
    saves_usd: Exact | None
    proved: bool


@attrs.frozen(kw_only=True)
class BudgetCurve:
    """
    What every budget buys: the best plans, from the smallest budget that will do.

    Attributes:
        points: The plans, by their budgets. For whole assignments every plan that is the best for some budget; with
            splits the corners, between which the least cost is a straight line.
        complete: Whether the last point is the one from which more money buys nothing.
    """

    points: tuple[BudgetPoint, ...]
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        """The curve in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain_form: dict[str, Any] = to_plain(self)
        return plain_form

    def __str__(self) -> str:
        from llm_tradeoffs.portfolio._text import curve_text

        return curve_text(self)


@attrs.frozen(kw_only=True)
class Conflict:
    """
    A limit of a set that cannot hold together.

    Attributes:
        id: The limit's short name.
        what: The limit in words.
        would_do: The nearest value of it with which there would be a plan, the other limits as they are, but
            for those of another such set; None if there is none. [USD, %, 1/min or vendors]
        would_do_in_words: The same in words.
    """

    id: str
    what: str
    would_do: Exact | None
    would_do_in_words: str


@attrs.frozen(kw_only=True, repr=False)
class Plan(Tabular):
    """
    Which model does which work within the limits, at the least cost.

    Attributes:
        status: ``optimal``, proved in exact arithmetic; ``feasible``, the best plan found before the search was
            given up, with a proved :attr:`bound`; ``infeasible``, proved; ``undecided``, nothing found or proved.
        parts: What does what, by workload and model; empty if there is no plan.
        objective: What was to be least: ``expected-cost`` or ``cost``.
        end: The end of each accuracy's interval that was planned with.
        splits: Whether workloads could be shared out.
        budget_per_month: The budget, or None. [USD]
        bound: What no plan can cost less than, in what was to be least; None if there is no plan. [USD]
        exclusions: Which model may not do which workload, and why.
        unknowns: The facts that would have to be known to hold the plan against everything.
        assumptions: What was taken for granted, one sentence each; those of a workload stand with it.
        as_of: The day the facts are of.
        catalog_edition, catalog_hash, trust: The facts that were asked.
        library_version: The version that answered.
        schema_version: Version of the form of :meth:`to_dict`.
    """

    status: Status
    parts: tuple[PlanPart, ...]
    objective: Objective
    end: End
    splits: bool
    budget_per_month: Usd | None
    bound: Usd | None
    exclusions: tuple[Exclusion, ...]
    unknowns: tuple[str, ...]
    assumptions: tuple[str, ...]
    as_of: date
    catalog_edition: str
    catalog_hash: str
    trust: tuple[str, ...]
    library_version: str
    schema_version: int = PLAN_SCHEMA
    # The same question with the accuracies at the other end stands beside the one that was asked.
    _problem: Problem = attrs.field(alias="problem")
    _other: Problem = attrs.field(alias="other")

    def __attrs_post_init__(self) -> None:
        for of, what in ((self._problem, "problem"), (self._other, "other end")):
            many = len(of.offers)
            if len(of.costs) != many or any(len(limit.weights) != many for limit in of.limits):
                raise InvalidValueError(f"the {what} of a plan has {many} offers, and not as many costs and weights.")
        offered = {(offer.workload, offer.model) for offer in self._problem.offers}
        for part in self.parts:
            if (part.workload, part.model) not in offered:
                raise InvalidValueError(f"{part.model} does {part.workload} in the plan, and was not offered for it.")

    @cached_property
    def _found(self) -> Found:
        """The parts and the bound in numbers."""
        at = {(offer.workload, offer.model): k for k, offer in enumerate(self._problem.offers)}
        return Found(
            status=self.status,
            shares={at[part.workload, part.model]: Fraction(part.share) for part in self.parts},
            bound=None if self.bound is None else self.bound.as_fraction(),
        )

    # What was chosen.

    @property
    def certified(self) -> bool:
        """Whether the answer is proved in exact arithmetic: that the plan is the best, or that there is none."""
        return self.status in {"optimal", "infeasible"}

    @property
    def workloads(self) -> tuple[str, ...]:
        """The names of the workloads, sorted."""
        return self._problem.workloads

    @property
    def shares(self) -> dict[str, dict[str, Exact]]:
        """For each workload the share of each model that does some of it."""
        found: dict[str, dict[str, Exact]] = {}
        for part in self.parts:
            found.setdefault(part.workload, {})[part.model] = part.share
        return found

    @property
    def assignment(self) -> dict[str, str]:
        """For each workload the model that does it, or most of it: :attr:`shares` says how much."""
        return {workload: min(models, key=lambda m: (-models[m], m)) for workload, models in self.shares.items()}

    @property
    def cost_per_month(self) -> Usd | None:
        """What is paid; None if there is no plan. [USD]"""
        return sum((part.cost_per_month for part in self.parts), Usd(0)) if self.parts else None

    @property
    def expected_cost_per_month(self) -> Usd | None:
        """What is paid and what errors are expected to cost, where that is stated; None without a plan. [USD]"""
        return sum((part.expected_cost_per_month for part in self.parts), Usd(0)) if self.parts else None

    @property
    def quality(self) -> Range | None:
        """
        The share of right answers over all requests; None if that of one part is unknown, or nothing is asked. [%]

        Each workload's share is of its own benchmark.
        """
        volume = sum(part.requests_per_month for part in self.parts)
        known = [(part.requests_per_month, part.quality) for part in self.parts if part.quality is not None]
        if not volume or len(known) < len(self.parts):
            return None
        low = sum(count * quality.low for count, quality in known)
        high = sum(count * quality.high for count, quality in known)
        return Range(divide(low, volume), divide(high, volume), "%")

    # What it costs to stay within the limits.

    @cached_property
    def shadow_prices(self) -> tuple[ShadowPrice, ...]:
        """
        What one more unit of each limit saves, where it saves anything; only for a plan with splits.

        Exact, and right for a small change: :attr:`ShadowPrice.until` says how small. With ``max_vendors``
        the vendors are taken to stay those of the plan.
        """
        if not self.splits or self.status != "optimal":
            return ()
        return tuple(
            ShadowPrice(
                id=price.limit.id,
                what=price.limit.what,
                unit=_UNITS[price.limit.kind],
                saves_usd=plain(price.saves),
                limit=_stated(price.limit, price.limit.at_most),
                until=_stated(price.limit, price.until),
            )
            for price in prices(self._problem, self._found)
        )

    @property
    def shadow_price(self) -> Exact | None:
        """
        What one more dollar of budget saves; 0 where the budget does not bind, None without splits or a budget.

        In what was to be least, for each dollar that is spent: 3 means that a dollar more to spend makes the
        expected cost, with that dollar in it, $3 less.
        """
        if not self.splits or self.status != "optimal" or self.budget_per_month is None:
            return None
        return next((price.saves_usd for price in self.shadow_prices if price.id == BUDGET), 0)

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """
        The best plans where one thing is different: without a budget, with more or less of it, and for each
        workload without the model that does it (or most of it). Worked out when first read.
        """
        if not self.parts:
            return ()
        return tuple(self._alternative(step) for step in steps(self._problem, self._found))

    def alternative(self, kind: str, workload: str | None = None) -> Alternative:
        """
        One of the alternatives: ``no budget``, ``more`` or ``less``, or ``without`` for a workload.

        Raises:
            UnknownNameError: There is none of that kind, or no such workload.
        """
        for found in self.alternatives:
            if (found.kind, found.workload) == (kind, workload):
                return found
        known = [
            found.kind if found.workload is None else f"{found.kind} {found.workload}" for found in self.alternatives
        ]
        raise UnknownNameError("alternative", kind if workload is None else f"{kind} {workload}", known)

    def budget_curve(self, most: int = 50) -> BudgetCurve:
        """
        What every budget buys, all other limits unchanged: the best plans from the smallest budget that will do.

        Every point is a search of its own, so ask for as many as you want to see. With splits and ``max_vendors``
        the vendors are taken to stay those of the best plan without a budget.

        Args:
            most: How many points at most.

        Raises:
            InvalidTypeError, InvalidValueError: *most* is no whole number, or less than 1.
        """
        if token_count(most, "most") < 1:
            raise InvalidValueError(f"most is {most}; a curve has at least 1 point.")
        points: list[BudgetPoint] = []
        complete = True
        for point in curve(self._problem):
            if len(points) == most:
                complete = False
                break
            chosen = [(self._problem.offers[k], share) for k, share in point.shares.items()]
            points.append(
                BudgetPoint(
                    budget=Usd(point.budget),
                    expected_cost_per_month=Usd(sum((offer.expected * share for offer, share in chosen), Fraction(0))),
                    shares=tuple((offer.workload, offer.model, plain(share)) for offer, share in chosen),
                    saves_usd=None if point.saves is None else plain(point.saves),
                    proved=point.proved,
                )
            )
        return BudgetCurve(points=tuple(points), complete=complete)

    @cached_property
    def smallest_budget(self) -> Usd | None:
        """The smallest budget with which there is a plan, all other limits unchanged; None if there is none. [USD]"""
        if self.impossible:
            return None
        cash = tuple(offer.cash for offer in self._problem.offers)
        budget = Limit(id=BUDGET, what="", kind="budget", weights=cash, at_most=Fraction(0))
        least = least_of(self._problem.with_limit(budget), BUDGET)
        return None if least is None else Usd(least)

    @cached_property
    def conflicts(self) -> tuple[tuple[Conflict, ...], ...]:
        """
        The limits that leave no plan: sets of them that cannot hold together, of which none can be left out.

        No limit is in two sets, and there may be more sets than these. Empty where there is a plan, or where
        the reason is a workload that no candidate can do.
        """
        if self.status != "infeasible" or self.impossible:
            return ()
        groups = tuple(conflicts(self._problem))
        return tuple(
            tuple(
                self._conflict(name, without(self._problem, *sum(groups[:at] + groups[at + 1 :], ()))) for name in group
            )
            for at, group in enumerate(groups)
        )

    def _conflict(self, name: str, problem: Problem) -> Conflict:
        """One limit, and the value of it that would do if the other sets were none."""
        least = least_of(problem, name)
        limit = problem.limit(name)
        if limit is None:
            most = problem.max_vendors
            what, value = f"at most {most} vendor{'' if most == 1 else 's'}", least
            words = f"{least} vendors would do"
        else:
            what, value = limit.what, None if least is None else Fraction(_stated(limit, least))
            words = _would_do(limit.kind, value or 0)
        if value is None:
            return Conflict(id=name, what=what, would_do=None, would_do_in_words="no other value of it alone would do")
        return Conflict(id=name, what=what, would_do=plain(value), would_do_in_words=words)

    @property
    def impossible(self) -> tuple[str, ...]:
        """The workloads that no candidate can do, within their own limits; :meth:`reasons_against` says why."""
        offered = {offer.workload for offer in self._problem.offers}
        return tuple(workload for workload in self.workloads if workload not in offered)

    @property
    def because(self) -> str:
        """The reason in a sentence."""
        least = "expected cost" if self.objective == "expected-cost" else "cost"
        if self.status == "optimal":
            return f"no plan within the limits has a lower {least}"
        if self.status == "feasible":
            return f"it has the lowest {least} that was found; how much less may be possible, the bound says"
        if self.status == "undecided":
            return "no plan was found, and none was ruled out, before the search was given up"
        if self.impossible:
            return f"no candidate can do {', '.join(self.impossible)}"
        sets = [[found.what for found in group] for group in self.conflicts]
        return "; ".join(
            f"{' and '.join(names)} cannot hold together" if len(names) > 1 else f"{names[0]} cannot hold"
            for names in sets
        )

    def reasons_against(self, workload: str) -> dict[str, str]:
        """
        For each model that may not do a workload the reason.

        Raises:
            UnknownNameError: There is no workload of that name.
        """
        if workload not in self.workloads:
            raise UnknownNameError("workload of the plan", workload, self.workloads)
        return {each.model: each.reason for each in self.exclusions if each.workload == workload}

    @cached_property
    def same_at_other_end(self) -> bool | None:
        """
        Whether this plan is the best, too, where every accuracy is at the other end; None where that is not known.

        A model that may not be used there, or a floor that is missed, makes it False.
        """
        if self.status != "optimal":
            return None
        mine = self._cost_in(self._other)
        best = search(self._other)
        if mine is None or best.status == "optimal":
            return mine is not None and mine == best.cost(self._other)[0]
        return None

    @cached_property
    def robust(self) -> bool | None:
        """
        Whether this plan is the best wherever in their intervals the accuracies are; None where that is not known.

        Only for whole assignments: a plan is the best everywhere if it is with its own accuracies at their low
        ends and all others at their high ones. Where a floor on quality counts, that may ask too much, and the
        answer is True or None.
        """
        if self.status != "optimal" or self.splits:
            return None
        low, high = (self._problem, self._other) if self.end == "low" else (self._other, self._problem)
        mine = self._cost_in(low)
        if mine is None:
            return False
        chosen = {(part.workload, part.model) for part in self.parts}
        at_low = {(offer.workload, offer.model): cost for offer, cost in zip(low.offers, low.costs, strict=True)}
        # At their high ends accuracies forbid least, so these are all the plans that are possible anywhere.
        pairs = [(offer.workload, offer.model) for offer in high.offers]
        costs = tuple(at_low[pair] if pair in chosen else cost for pair, cost in zip(pairs, high.costs, strict=True))
        rivals = attrs.evolve(high, costs=costs)
        best = search(rivals)
        if best.status != "optimal":
            return None
        if best.cost(rivals)[0] >= mine:
            return True
        floors = len(low.offers) < len(high.offers) or any(limit.kind == "quality" for limit in high.limits)
        return None if floors else False

    def _cost_in(self, problem: Problem) -> Fraction | None:
        """What this plan costs there in what is to be least; None if it is not within the limits there."""
        at = {(offer.workload, offer.model): k for k, offer in enumerate(problem.offers)}
        shares = {(part.workload, part.model): Fraction(part.share) for part in self.parts}
        if not shares.keys() <= at.keys():
            return None
        found = Found(status="feasible", shares={at[pair]: share for pair, share in shares.items()})
        within = all(limit.of(found.shares.items()) <= limit.at_most for limit in problem.limits)
        return found.cost(problem)[0] if within else None

    # For people and programs.

    def to_dict(self) -> dict[str, Any]:
        """The whole answer in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        found = {field.alias or field.name: to_plain(getattr(self, field.name)) for field in attrs.fields(Plan)}
        for name in _FOLLOWS:
            found[name] = to_plain(getattr(self, name))
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Plan:
        """
        The plan that :meth:`to_dict` gave. What follows from it, such as the alternatives, is worked out again.

        Raises:
            SchemaVersionError: It was written in another version of the form.
            InvalidValueError: It is no plan; every fault with its place.
        """
        from llm_tradeoffs._serial import from_plain

        if not isinstance(data, Mapping):
            raise InvalidTypeError(f"expected the dict of a Plan, got {data!r}.")
        names = {"problem": "_problem", "other": "_other"}
        stated = {names.get(name, name): value for name, value in data.items() if name not in _FOLLOWS}
        return from_plain(stated, cls, PLAN_SCHEMA)

    def __str__(self) -> str:
        from llm_tradeoffs.portfolio._text import plan_text

        return plan_text(self)

    def __repr__(self) -> str:
        chosen = ", ".join(f"{workload}: {model}" for workload, model in self.assignment.items())
        return f"<Plan {self.status}{': ' if chosen else ''}{chosen} (as of {self.as_of})>"

    def _alternative(self, step: Step) -> Alternative:
        chosen = [(step.problem.offers[k], share) for k, share in step.found.shares.items()]
        spent = Usd(sum((offer.cash * share for offer, share in chosen), Fraction(0)))
        expected = Usd(sum((offer.expected * share for offer, share in chosen), Fraction(0)))
        least = expected if self.objective == "expected-cost" else spent
        change = {
            "no budget": "without a budget",
            "more": f"with a budget of ${ceiled(spent, 2)}, the next that buys a better plan"
            if chosen
            else "with a larger budget",
            "less": "the best plan that costs less",
            "without": f"{step.workload} without {step.model}",
        }[step.kind]
        return Alternative(
            kind=step.kind,
            workload=step.workload,
            change=change,
            status=step.found.status,
            shares=tuple((offer.workload, offer.model, plain(share)) for offer, share in chosen),
            cost_per_month=spent if chosen else None,
            expected_cost_per_month=expected if chosen else None,
            difference=least - Usd(self._found.cost(self._problem)[0]) if chosen else None,
        )


_FOLLOWS: Final = (
    "cost_per_month",
    "expected_cost_per_month",
    "quality",
    "smallest_budget",
    "shadow_prices",
    "alternatives",
    "conflicts",
    "certified",
    "because",
    "same_at_other_end",
    "robust",
)
"""What is written of a plan and follows from the rest."""
_UNITS: Final[dict[Kind, str]] = {"budget": "USD", "quality": "percentage point", "rate": "request per minute"}


def _stated(limit: Limit, value: Fraction) -> Exact:
    """A limit as it was stated: a quality is a sum that counts downwards."""
    return plain(-value if limit.kind == "quality" else value)


def _would_do(kind: Kind, value: Exact) -> str:
    """The nearest limit that would do, rounded to where it still would."""
    if kind == "budget":
        return f"${ceiled(Usd(value), 2)} a month would do"
    if kind == "quality":
        return f"{fixed(divide(value * 100 // 1, 100), 2)} % would do"
    enough = -(-value // 1)
    return f"{grouped(enough)} request{'' if enough == 1 else 's'} per minute would do"


def ceiled(amount: Usd, digits: int) -> str:
    """An amount of dollars that is certainly enough, with *digits* decimals."""
    scale = 10**digits
    return grouped_fixed(divide(-(-amount.as_fraction() * scale // 1), scale), digits)
