"""
The router: one decision for every request, within budgets, and what came of it.

Facts and policy are compiled once. A request then takes microseconds, and gives the answer that ``recommend``
gives for the same question, unless a budget, a cooldown or a conversation's cache speaks against it; the decision
says which.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import date
from inspect import iscoroutinefunction
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from llm_tradeoffs._decide import NO_CAPS
from llm_tradeoffs.analysis._objective import Objective, as_objective
from llm_tradeoffs.catalog import Catalog, held_catalog
from llm_tradeoffs.costing import cost as cost_of
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, Number, Usd
from llm_tradeoffs.policy import Policy, as_policy
from llm_tradeoffs.recommendation import Caps
from llm_tradeoffs.router._compiled import ID, Answer, Facts, Kind
from llm_tradeoffs.router.budget import (
    AsyncBudgetStore,
    Balance,
    Budget,
    BudgetStore,
    Line,
    Refusal,
    Reservation,
    ceiling,
    day_of,
    tenant_account,
)
from llm_tradeoffs.router.decision import Decision, Made, PassedOver, ReasonCode, Settled, new_id
from llm_tradeoffs.router.health import Cooldown, Health, ModelHealth, perhaps_billed
from llm_tradeoffs.router.observed import Observed, checked_times
from llm_tradeoffs.router.request import Request
from llm_tradeoffs.router.sessions import Sessions
from llm_tradeoffs.router.stores.memory import MemoryStore
from llm_tradeoffs.selector import candidate_models
from llm_tradeoffs.usage import COUNTED, Usage

if TYPE_CHECKING:
    from llm_tradeoffs.costing import Cost
    from llm_tradeoffs.responses import Reading

__all__ = ["Router"]

_NO_BUDGET: Final = Budget()
MAX_TENANTS: Final = 10_000  # whose accounts' names are kept at hand
_COUNTED: Final = frozenset(COUNTED)
_Deciding: TypeAlias = Generator[Reservation, Refusal | None, Decision]


class Router:
    """
    Chooses a model for each request.

    >>> router = Router(["gpt-4.1-mini", "claude-haiku-4.5"])
    >>> decision = router.route(input_tokens=2_000, output_tokens=300, max_output_tokens=1_000)
    >>> decision.model, decision.expected_cost, decision.worst_cost
    ('gpt-4.1-mini', Usd('0.00128'), Usd('0.0024'))
    >>> router.settle(decision, Usage(input_tokens=2_000, output_tokens=250)).difference
    Usd('-0.00008')

    Args:
        candidates: Names in the catalog or :class:`Model` values; None for those that the catalog proposes.
        policy: A :class:`Policy` or the id of one.
        objective: ``"expected-cost"`` instead of a policy; see :func:`recommend`.
        catalog: Where names are looked up; None for the bundled catalog.
        as_of: The day whose facts hold; None for the catalog's own day. The clock has no say in this.
        caps: What a request, or a month, may be *expected* to cost; the worst case is what *budget* is about.
        budget: What may be spent; None for no limit.
        store: Where balances are kept; None for the memory of this process.
        cooldown: How long candidates that fail are left alone; None for the usual times.
        sessions: How conversations are remembered; None for 10,000 of them and caches of five minutes.
        accept_unknown: Whether what nobody has stated of a candidate is taken to be fine: a window, an ability, a
            time. Otherwise such a candidate is not chosen.
        clock: What tells the time in seconds since 1970, for days, cooldowns and expiry; the machine's clock
            unless another one is given. The day of a budget is the day of UTC.

    Raises:
        UnknownNameError, NoFactOnDateError, InvalidValueError: As :func:`recommend`.
    """

    def __init__(
        self,
        candidates: Iterable[str | Model] | None = None,
        *,
        policy: Policy | str = "guide",
        objective: Objective | None = None,
        catalog: Catalog | None = None,
        as_of: date | str | None = None,
        caps: Caps = NO_CAPS,
        budget: Budget | None = None,
        store: BudgetStore | AsyncBudgetStore | None = None,
        cooldown: Cooldown | None = None,
        sessions: Sessions | None = None,
        accept_unknown: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if budget is not None and not isinstance(budget, Budget):
            raise InvalidTypeError(f"budget is {budget!r}; expected Budget(per_day='20'), or None.")
        if store is not None and not all(hasattr(store, name) for name in ("reserve", "settle", "release", "balance")):
            raise InvalidTypeError(f"store is {store!r}; expected a BudgetStore such as MemoryStore(), or None.")
        if candidates is not None and (isinstance(candidates, str | Model) or not isinstance(candidates, Iterable)):
            raise InvalidTypeError(
                f"candidates are {candidates!r}; expected several, such as ['gpt-4.1-mini', my_model]."
            )
        self._named = None if candidates is None else tuple(candidates)
        self._policy, self._objective, self._caps = policy, objective, caps
        self._accept_unknown = accept_unknown
        self.budget = _NO_BUDGET if budget is None else budget
        self.store: BudgetStore | AsyncBudgetStore = MemoryStore() if store is None else store
        self._health = Health(Cooldown() if cooldown is None else cooldown)
        self.sessions = Sessions() if sessions is None else sessions
        self.observed = Observed()
        self._clock = clock
        self._lock = Lock()
        self._lines: dict[tuple[str | None, int], tuple[Line, ...]] = {}
        self._awaits = iscoroutinefunction(getattr(type(self.store), "reserve", None))
        self._limited = self.budget.per_request is not None or self.budget.is_kept
        self._keeps = self.budget.is_kept
        self._facts = self._compiled(held_catalog(catalog), as_of)

    def _compiled(self, catalog: Catalog, as_of: date | str | None) -> Facts:
        day = catalog.as_of if as_of is None else as_day(as_of)
        tree = (
            as_policy(self._policy, catalog) if self._objective is None else as_objective(self._objective, self._policy)
        )
        models = candidate_models(self._named, catalog, day)
        return Facts(models, tree, catalog, day, self._caps, accept_unknown=self._accept_unknown)

    @property
    def candidates(self) -> tuple[Model, ...]:
        """The candidates with their facts, in the order in which they were named."""
        return self._facts.models

    @property
    def policy(self) -> Policy:
        """The policy that is followed."""
        return self._facts.policy

    @property
    def facts_hash(self) -> str:
        """SHA-256 over the facts, the policy and the caps. [hex]"""
        return self._facts.digest

    def swap(self, catalog: Catalog | None = None, as_of: date | str | None = None) -> None:
        """
        Choose by other facts from now on. Decisions that are under way keep those they were made with.

        Candidates that were given by name are looked up anew, and the policy, too. Other threads see the old facts
        or the new ones, never a mixture; where the new ones will not do, an error is raised and the old ones stay.

        Args:
            catalog: The new facts; None for the bundled catalog.
            as_of: The day whose facts hold; None for the catalog's own day.

        Raises:
            UnknownNameError, NoFactOnDateError: As :func:`recommend`.
        """
        self._facts = self._compiled(held_catalog(catalog), as_of)

    # Deciding.

    def route(self, request: Request | None = None, /, *, without: Iterable[str] = (), **stated: Any) -> Decision:
        """
        Which model for *request*.

        Where a budget is kept, the worst case is reserved: :meth:`settle` the decision when the answer is there,
        :meth:`release` it if the call was never made, and tell :meth:`failed` if it failed.

        Args:
            request: The request, or its fields by name.
            without: Candidates that are left out of this decision, by any of their names: those that were tried
                already by a framework that reports failures itself, or that cannot be reached now.
            stated: As for :class:`Request`.

        Raises:
            InvalidTypeError, InvalidValueError, UnknownNameError: The request cannot be meant. That no model can do
                it, or that a budget is used up, is no error: the decision then has no model, and says why.
        """
        if request is None:
            request = Request(**stated)
        elif stated or not isinstance(request, Request):
            raise InvalidTypeError(f"expected a Request, or its fields by name, got {request!r} and {sorted(stated)}.")
        if without:
            return self._driven(self._deciding(request, without=self._left_out(without)))
        if request.session is None and not self._health:
            kind = self._facts.kind(request)
            sent, said = request.input_tokens, request.output_tokens
            if sent and said:
                most_sent, most_said = request.max_input_tokens, request.max_output_tokens
                if most_said is None:
                    most_said = said
                first = kind.first(sent, said, (sent if most_sent is None else most_sent) + most_said, most_said)
                if first is not None:
                    if self._limited or request.max_cost is not None:
                        decision = self._within_budget(request, kind, first)
                        if decision is not None:
                            return decision
                    else:
                        model, reason, rule = first
                        return Decision(model, reason, rule, request, kind, self._clock())
        return self._driven(self._deciding(request))

    def _within_budget(self, request: Request, kind: Kind, first: Answer) -> Decision | None:
        """The first candidate, if the budgets have room for it."""
        now = self._clock()
        model, reason, rule = first
        worst = kind.worst(model, kind.numbers(request))
        limit = self._limit_of(request)
        if worst is None or (limit is not None and worst > limit):
            return None
        decision = Decision(model, reason, rule, request, kind, now)
        decision.limit_pico = limit
        lines = self._drawn_on(request.tenant, day_of(now)) if self._keeps else ()
        if lines:
            wanted = Reservation(decision.id, ceiling(worst), lines, now, now + self.budget.reserved_for)
            if self._sync_store().reserve(wanted) is not None:
                return None
            decision.reservation = wanted
        return decision

    def _limit_of(self, request: Request) -> Exact | None:
        """What the request may cost at most, by itself. [10^-12 USD]"""
        mine, all_ = request.max_cost, self.budget.per_request
        if mine is None or all_ is None:
            stated = all_ if mine is None else mine
            return None if stated is None else stated.pico
        return min(mine, all_).pico

    async def aroute(
        self, request: Request | None = None, /, *, without: Iterable[str] = (), **stated: Any
    ) -> Decision:
        """:meth:`route`, awaiting the store."""
        if not self._limited or isinstance(self.store, MemoryStore):
            return self.route(request, without=without, **stated)
        if request is None:
            request = Request(**stated)
        elif stated or not isinstance(request, Request):
            raise InvalidTypeError(f"expected a Request, or its fields by name, got {request!r} and {sorted(stated)}.")
        return await self._adriven(self._deciding(request, without=self._left_out(without)))

    def reroute(self, decision: Decision, *, status: int | None = None, retry_after: float | None = None) -> Decision:
        """
        What to try next for the same request, where the call failed: as :meth:`failed`, then decided anew without it.

        Args:
            decision: What failed.
            status, retry_after: As for :meth:`failed`.
        """
        self.failed(decision, status=status, retry_after=retry_after)
        return self._driven(self._deciding(decision.request, _tried(decision), decision.without))

    async def areroute(
        self, decision: Decision, *, status: int | None = None, retry_after: float | None = None
    ) -> Decision:
        """:meth:`reroute`, awaiting the store."""
        await self.afailed(decision, status=status, retry_after=retry_after)
        return await self._adriven(self._deciding(decision.request, _tried(decision), decision.without))

    def _driven(self, deciding: _Deciding) -> Decision:
        answer: Refusal | None = None
        started = False
        while True:
            try:
                wanted = deciding.send(answer) if started else next(deciding)
            except StopIteration as done:
                decision: Decision = done.value
                return decision
            started = True
            answer = self._sync_store().reserve(wanted)

    async def _adriven(self, deciding: _Deciding) -> Decision:
        answer: Refusal | None = None
        started = False
        while True:
            try:
                wanted = deciding.send(answer) if started else next(deciding)
            except StopIteration as done:
                decision: Decision = done.value
                return decision
            started = True
            answer = await self._awaited("reserve", wanted)

    def _left_out(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ids of the candidates that are meant; a model of the catalog that is none is out anyway."""
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise InvalidTypeError(f"without is {names!r}; expected several names, such as ['gpt-4.1-mini'].")
        facts, found = self._facts, list[str]()
        for name in names:
            candidate = facts.named(name) if isinstance(name, str) else None
            if candidate is not None:
                found.append(candidate)
            elif name not in facts.catalog:
                raise UnknownNameError("candidate of the router", name, facts.by_id)
        return tuple(dict.fromkeys(found))

    def _sync_store(self) -> BudgetStore:
        if self._awaits:
            raise InvalidTypeError(
                f"the store is {self.store!r}, which is awaited. Use aroute(), asettle(), arelease() and afailed()."
            )
        return cast("BudgetStore", self.store)

    def _deciding(self, request: Request, tried: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> _Deciding:
        """Decide; each reservation that is wanted is yielded, and what the store says about it comes back."""
        facts, budget, now = self._facts, self.budget, self._clock()
        kind = facts.kind(request)
        numbers = kind.numbers(request, *self._cache_of(request, facts, now))
        ranking = kind.rank(numbers)
        limit = self._limit_of(request)
        made = Made(
            request=request,
            kind=kind,
            numbers=numbers,
            ranking=ranking,
            made_at=now,
            limit=limit,
            tried=tried,
            without=without,
        )
        if ranking.status == "infeasible":
            return Decision.of(None, "none-can", made)
        if ranking.status == "needs_information":
            return Decision.of(None, "needs-information", made)
        lines = self._drawn_on(request.tenant, day_of(now)) if self._keeps else ()
        passed: list[PassedOver] = []
        soonest = inf
        room: Refusal | None = None
        name = new_id()
        for row in ranking.rows:
            model = row[ID]
            if model in tried:
                passed.append(PassedOver(model=model, reason="failed", detail=f"{model} was tried and failed"))
                continue
            if model in without:
                passed.append(PassedOver(model=model, reason="left-out", detail=f"{model} is left out"))
                continue
            wait = self._health.ready_in(model, now) if self._health else 0.0
            if wait > 0:
                soonest = min(soonest, wait)
                detail = f"{model} is cooling down for {wait:.1f} s more"
                passed.append(PassedOver(model=model, reason="cooling-down", detail=detail))
                continue
            reservation: Reservation | None = None
            if limit is not None or lines:
                worst = kind.worst(model, numbers)
                against = _against(model, worst, limit, room)
                if not against and lines and worst is not None:
                    reservation = Reservation(name, ceiling(worst), lines, now, now + budget.reserved_for)
                    refused = yield reservation
                    if refused is not None:
                        # Whoever costs as much need not be asked for.
                        room = refused if room is None or refused.room < room.room else room
                        against = _against(model, worst, None, refused)
                if against:
                    passed.append(PassedOver(model=model, reason="over-budget", detail=against))
                    continue
            reason = self._reason(ranking.status, model, passed, made)
            return Decision.of(model, reason, made, passed_over=passed, reservation=reservation, id=name)
        reasons = {each.reason for each in passed}
        failure: ReasonCode = (
            "cooling-down" if "cooling-down" in reasons else "over-budget" if "over-budget" in reasons else "none-left"
        )
        decision = Decision.of(None, failure, made, passed_over=passed)
        decision.retry_after = soonest if soonest < inf else None
        return decision

    async def _awaited(self, name: str, *arguments: Any) -> Any:
        """What the store says, without holding up the event loop if it blocks."""
        call = getattr(self.store, name)
        if self._awaits:
            return await call(*arguments)
        if isinstance(self.store, MemoryStore):
            return call(*arguments)
        from asyncio import to_thread

        return await to_thread(call, *arguments)

    def _drawn_on(self, tenant: str | None, day: int) -> tuple[Line, ...]:
        """The accounts of a tenant's request, made once a day."""
        lines = self._lines.get((tenant, day))
        if lines is None:
            if len(self._lines) >= MAX_TENANTS:
                self._lines.clear()
            lines = self._lines[tenant, day] = self.budget.lines(tenant, day)
        return lines

    def _cache_of(self, request: Request, facts: Facts, now: float) -> tuple[str, int]:
        """The model of the request's conversation, and how many tokens of the request its cache holds."""
        if request.session is None:
            return "", 0
        stays, cached = self.sessions.of(request.session, request.input_tokens, now)
        if stays not in facts.by_id:
            return "", 0
        return stays, cached if request.cached_tokens is None else request.cached_tokens

    def _reason(self, status: str, model: str, passed: list[PassedOver], made: Made) -> ReasonCode:
        if any(each.reason == "over-budget" for each in passed):
            return "next-by-budget"
        if passed:
            return "next-by-health"
        if model == made.numbers.stays:
            alone = made.kind.rank(made.kind.numbers(made.request))
            if not alone.rows or alone.rows[0][ID] != model:
                return "sticky-session"
        return "chosen" if status == "selected" else "tie-broken"

    # What came of it.

    def settle(
        self,
        decision: Decision,
        used: object,
        *,
        model: str | None = None,
        response_ms: Number | None = None,
        ttft_ms: Number | None = None,
    ) -> Settled:
        """
        Count what the call really cost, once: settling again gives the same answer and counts nothing.

        Args:
            decision: What was decided.
            used: A :class:`Usage`, its counts as a mapping, the response of a provider, or the
                :class:`~llm_tradeoffs.responses.Reading` of one.
            model: Who answered, by a name; None for the candidate that the response names, else for the chosen model.
            response_ms, ttft_ms: How long it took, whole and to the first token, for :attr:`observed`. [ms]

        Raises:
            InvalidTypeError, InvalidValueError, ImpossibleUsageError: What was used cannot be read.
            UnknownNameError: *model* is not known.
            UnknownPriceError: Something that was used has no known price. Nothing is counted, and the reservation
                holds until it expires: settle again without that count, or release it.
        """
        if isinstance(decision, Decision) and decision.settled is not None:
            return decision.settled
        checked_times(response_ms, ttft_ms)  # before anything is counted
        name, usage, cost = self._priced(decision, used, model)
        now = self._clock()
        before = self._claim(decision)
        if before is None:  # another thread is about to count the same
            return decision.settled or _outcome(decision, name, usage, cost, late=False)
        if decision.model is None and before == "open":
            before = self._let_in(decision)
        late = False
        try:
            if decision.reservation is not None:
                wanted = _to_settle(decision.reservation, before)
                store = self._sync_store()
                if before == "released":
                    store.reserve(wanted)
                    before = "readmitted"  # once: who is admitted again after being counted is counted again
                store.settle(wanted, cost.high.pico)
                late = decision.reservation.expires_at <= now
        except BaseException:
            decision.state = before
            raise
        return self._settled(decision, name, usage, cost, late, now, response_ms, ttft_ms)

    async def asettle(
        self,
        decision: Decision,
        used: object,
        *,
        model: str | None = None,
        response_ms: Number | None = None,
        ttft_ms: Number | None = None,
    ) -> Settled:
        """:meth:`settle`, awaiting the store."""
        if isinstance(decision, Decision) and decision.settled is not None:
            return decision.settled
        checked_times(response_ms, ttft_ms)  # before anything is counted
        name, usage, cost = self._priced(decision, used, model)
        now = self._clock()
        before = self._claim(decision)
        if before is None:  # another thread is about to count the same
            return decision.settled or _outcome(decision, name, usage, cost, late=False)
        if decision.model is None and before == "open":
            before = self._let_in(decision)
        late = False
        try:
            if decision.reservation is not None:
                wanted = _to_settle(decision.reservation, before)
                if before == "released":
                    await self._awaited("reserve", wanted)
                    before = "readmitted"  # as in settle()
                await self._awaited("settle", wanted, cost.high.pico)
                late = decision.reservation.expires_at <= now
        except BaseException:
            decision.state = before
            raise
        return self._settled(decision, name, usage, cost, late, now, response_ms, ttft_ms)

    def release(self, decision: Decision) -> None:
        """Let the reservation of a call go that was never made, or that cost nothing. An answer that comes
        nevertheless can still be settled."""
        if decision.state == "open":
            if decision.reservation is not None:
                self._sync_store().release(decision.reservation)
            decision.state = "released"

    async def arelease(self, decision: Decision) -> None:
        """:meth:`release`, awaiting the store."""
        if decision.state == "open":
            if decision.reservation is not None:
                await self._awaited("release", decision.reservation)
            decision.state = "released"

    def failed(
        self,
        decision: Decision,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        model: str | None = None,
    ) -> None:
        """
        Note that the call failed: a model that is at its rate limit, or fails several times, is left alone for a while.

        The reservation is released, unless the call may have been billed nevertheless (no status, 408, 499, 504):
        then it holds until it expires, or until it is settled or released.

        Args:
            decision: What was decided.
            status: The status of HTTP; None where there was none, as after a timeout.
            retry_after: How long the provider asks to wait, from the header ``Retry-After``. [s]
            model: Who failed, where it was not the chosen model; the reservation then is left as it is.
        """
        if self._note_failure(decision, status, retry_after, model):
            self.release(decision)

    async def afailed(
        self,
        decision: Decision,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        model: str | None = None,
    ) -> None:
        """:meth:`failed`, awaiting the store."""
        if self._note_failure(decision, status, retry_after, model):
            await self.arelease(decision)

    def _note_failure(
        self, decision: Decision, status: int | None, retry_after: float | None, model: str | None
    ) -> bool:
        """Note it, and tell whether the reservation is to be released."""
        failed = decision.model if model is None else self._facts.named(model) or model
        if failed is None:
            raise InvalidValueError(f"{decision!r} chose no model, so none can have failed.")
        now = self._clock()
        self._health.failed(failed, now, status, retry_after)
        self.observed.failed(failed, status, now=now)
        return failed == decision.model and not perhaps_billed(status)

    def _claim(self, decision: Decision) -> Literal["open", "released", "readmitted"] | None:
        """The state before, where nobody else is settling; None otherwise."""
        with self._lock:
            before = decision.state
            if before == "settling" or before == "settled":  # noqa: PLR1714  # so that type checkers see what is left
                return None
            decision.state = "settling"
            return before

    def _let_in(self, decision: Decision) -> Literal["open", "released"]:
        """A call was made that no model was chosen for: it is admitted for nothing, so that its cost is counted."""
        lines = self._drawn_on(decision.request.tenant, day_of(decision.made_at)) if self._keeps else ()
        if not lines:
            return "open"
        until = decision.made_at + self.budget.reserved_for
        decision.reservation = Reservation(decision.id, 0, lines, decision.made_at, until)
        return "released"

    def _settled(  # noqa: PLR0917  # what both ways of settling have found
        self,
        decision: Decision,
        model: str,
        usage: Usage,
        cost: Cost,
        late: bool,
        now: float,
        response_ms: Number | None,
        ttft_ms: Number | None,
    ) -> Settled:
        settled = _outcome(decision, model, usage, cost, late=late)
        with self._lock:
            decision.settled = settled
            decision.state = "settled"
        self._health.succeeded(model)
        self.observed.answered(
            model,
            usage,
            now=now,
            expected_output_tokens=decision.expected_output_tokens,
            response_ms=response_ms,
            ttft_ms=ttft_ms,
        )
        session = decision.request.session
        if session is not None:
            caches = cost.model.supports_prompt_caching is not False
            self.sessions.answered(session, model, usage.input_tokens if caches else 0, now)
        return settled

    def _priced(self, decision: Decision, used: object, model: str | None) -> tuple[str, Usage, Cost]:
        """Who answered, what was used, and what that costs by the facts of the decision."""
        if not isinstance(decision, Decision):
            raise InvalidTypeError(f"expected the Decision that route() gave, got {decision!r}.")
        if decision.model is None and model is None:
            raise InvalidValueError(
                f"{decision!r} chose no model, so nothing can be settled. Say model= if a call was made nevertheless."
            )
        facts = decision.facts
        reading: Reading | None = None
        if isinstance(used, Usage):
            usage = used
        elif isinstance(used, Mapping) and used and _COUNTED.issuperset(cast("Mapping[str, Any]", used)):
            usage = Usage(**cast("Mapping[str, Any]", used))
        else:
            from llm_tradeoffs.responses import Reading, read_response  # only who settles with responses reads them

            reading = used if isinstance(used, Reading) else read_response(used)  # pyright: ignore[reportUnknownArgumentType]  # any object
            usage = reading.usage
        answered = self._who(facts, decision, model, reading)
        tier, region = None, None
        if reading is not None:
            tier = reading.service_tier
            region = reading.region if reading.region in answered.rates.regions else None
        cost = cost_of(answered, usage, service_tier=tier, region=region)
        cost.as_of = facts.day  # the candidates are those of that day, and need not be looked through again
        return answered.id, usage, cost

    def _who(self, facts: Facts, decision: Decision, model: str | None, reading: Reading | None) -> Model:
        said = model if model is not None else None if reading is None else reading.model
        found = None if said is None else facts.named(said)
        if found is not None:
            return facts.by_id[found]
        if model is not None:
            if model not in facts.catalog:
                raise UnknownNameError("model", model, {*facts.by_id, *facts.catalog})
            return facts.catalog.model(model, facts.day)
        # A name that no candidate has is how a provider calls a deployment, or a model with prices of one's own.
        assert decision.model is not None  # checked above
        return facts.by_id[decision.model]

    # What it knows.

    def health(self) -> Mapping[str, ModelHealth]:
        """The candidates that failed since their last answer, by their ids."""
        return self._health.states(self._clock())

    def balance(self, tenant: str | None = None, *, day: date | str | None = None) -> Balance:
        """
        What is spent and reserved of a day's budget.

        Args:
            tenant: Whose account; None for that of all tenants together.
            day: The day of UTC; None for today, by the router's clock.

        Raises:
            InvalidValueError: No such budget is kept.
        """
        return self._sync_store().balance(self._line(tenant, day), self._clock())

    async def abalance(self, tenant: str | None = None, *, day: date | str | None = None) -> Balance:
        """:meth:`balance`, awaiting the store."""
        found: Balance = await self._awaited("balance", self._line(tenant, day), self._clock())
        return found

    def _line(self, tenant: str | None, day: date | str | None) -> Line:
        number = day_of(self._clock()) if day is None else (as_day(day, "day") - date(1970, 1, 1)).days
        limit = self.budget.per_day if tenant is None else self.budget.tenant_limit(tenant)
        if limit is None:
            whose = "per_day" if tenant is None else f"per_tenant_per_day, nor one of {tenant!r}"
            raise InvalidValueError(f"the router keeps no budget {whose}. Say Budget(per_day='20') or alike.")
        account = f"{number}/" if tenant is None else tenant_account(tenant, number)
        return Line(account, number, limit.pico // 1)

    def __repr__(self) -> str:
        facts = self._facts
        return (
            f"<Router: {', '.join(facts.by_id) or 'no candidates'} (policy {facts.policy.id}, as of {facts.day}, "
            f"{'with' if self._limited else 'without'} a budget)>"
        )


def _outcome(decision: Decision, model: str, usage: Usage, cost: Cost, *, late: bool) -> Settled:
    return Settled(
        decision=decision,
        model=model,
        usage=usage,
        cost=cost,
        counted=None if decision.reservation is None else cost.high,
        was_late=late,
    )


def _tried(decision: Decision) -> tuple[str, ...]:
    return decision.tried if decision.model is None else (*decision.tried, decision.model)


def _to_settle(reservation: Reservation, before: str) -> Reservation:
    """What was released is let in again, for nothing, so that its cost can be counted."""
    if before == "open":
        return reservation
    return Reservation(f"{reservation.id}+", 0, reservation.lines, reservation.made_at, reservation.expires_at)


def _against(model: str, worst: Exact | None, limit: Exact | None, room: Refusal | None) -> str:
    """What speaks against reserving the worst case of *model*; empty for nothing."""
    if worst is None:
        return f"nobody states what {model} costs, so nothing can be reserved for it"
    costs = f"{model} may cost {Usd.from_pico(worst)}"
    if limit is not None and worst > limit:
        return f"{costs}, the request {Usd.from_pico(limit)} at most"
    if room is not None and ceiling(worst) > room.room:
        _, _, tenant = room.account.partition("/")
        whose = "the day" if not tenant else "requests without a tenant" if tenant == "-" else f"tenant {tenant[1:]!r}"
        return f"{costs}, and {whose} has {Usd.from_pico(room.room)} left"
    return ""
