"""Tens of thousands of requests at once, facts swapped meanwhile: in the end every balance is exact."""

from __future__ import annotations

import asyncio
import random
import threading
from fractions import Fraction

from router_worlds import LARGE, NOON, SMALL, THIRDS, Clock, RedisServer

from llm_tradeoffs import Catalog, Usage, Usd
from llm_tradeoffs.router import Budget, Decision, MemoryStore, Request, Router
from llm_tradeoffs.router.stores.redis import AsyncRedisStore

TENANTS = [f"tenant-{number}" for number in range(7)]
MODELS = ["gpt-4.1-mini", SMALL, LARGE, THIRDS]


class Ledger:
    """What was settled and what was left open, kept beside the router."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(TENANTS, Fraction(0))
        self.open: list[Decision] = []
        self.refused = 0
        self.hashes: set[str] = set()


def request(draw: random.Random) -> Request:
    return Request(
        input_tokens=draw.randrange(1, 2_000),
        output_tokens=draw.randrange(1, 200),
        max_output_tokens=400,
        tenant=draw.choice(TENANTS),
        priority=draw.choice(["cost", "accuracy", None]),
    )


def usage(draw: random.Random, asked: Request) -> Usage:
    cached = draw.randrange(asked.input_tokens + 1)
    return Usage(input_tokens=asked.input_tokens, output_tokens=draw.randrange(401), cache_read_tokens=cached)


def settle_or_not(draw: random.Random, router: Router, decision: Decision, ledger: Ledger) -> None:
    asked = decision.request
    assert asked.tenant is not None
    fate = draw.random()
    if fate < 0.8:
        used = usage(draw, asked)
        settled = router.settle(decision, used)
        assert router.settle(decision, used) is settled
        ledger.spent[asked.tenant] += settled.cost.total.as_fraction()
    elif fate < 0.9:
        router.release(decision)
    elif fate < 0.98:
        router.failed(decision, status=500)
    else:
        ledger.open.append(decision)


def check(router: Router, ledgers: list[Ledger], clock: Clock, limit: Usd) -> None:
    for tenant in TENANTS:
        balance = router.balance(tenant)
        assert balance.spent.as_fraction() == sum(ledger.spent[tenant] for ledger in ledgers)
        left = [each.reserved for ledger in ledgers for each in ledger.open if each.request.tenant == tenant]
        assert balance.reserved == sum((amount for amount in left if amount is not None), Usd(0))
        assert balance.spent + balance.reserved <= limit
    assert router.balance().spent == sum((router.balance(tenant).spent for tenant in TENANTS), Usd(0))
    clock.now += 601
    assert {router.balance(tenant).reserved for tenant in TENANTS} == {Usd(0)}


def test_threads_that_route_settle_fail_and_vanish_leave_exact_balances() -> None:
    clock = Clock()
    limit = Usd("0.5")
    router = Router(
        MODELS,
        budget=Budget(per_day="1000", per_tenant_per_day=limit),
        accept_unknown=True,
        clock=clock,
    )
    editions = [Catalog.bundled(), Catalog.bundled(trust=("article",))]
    done = threading.Event()
    problems: list[BaseException] = []
    ledgers = [Ledger() for _ in range(4)]

    def work(number: int) -> None:
        draw, ledger = random.Random(number), ledgers[number]
        try:
            for _ in range(6_000):
                decision = router.route(request(draw))
                ledger.hashes.add(decision.facts_hash)
                if decision.model is None:
                    assert decision.reason in {"over-budget", "cooling-down"}
                    ledger.refused += 1
                else:
                    settle_or_not(draw, router, decision, ledger)
        except BaseException as problem:
            problems.append(problem)

    def swap() -> None:
        turn = 0
        while not done.wait(0.02):
            turn += 1
            router.swap(editions[turn % 2])

    swapper = threading.Thread(target=swap)
    workers = [threading.Thread(target=work, args=(number,)) for number in range(len(ledgers))]
    swapper.start()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    done.set()
    swapper.join()
    assert not problems
    assert len(set.union(*(ledger.hashes for ledger in ledgers))) == 2  # decisions were made with either facts
    assert any(ledger.refused for ledger in ledgers)  # the budgets were used up to their end
    check(router, ledgers, clock, limit)


def test_tasks_that_route_and_settle_leave_exact_balances() -> None:
    clock = Clock()
    limit = Usd("0.5")
    router = Router(MODELS, budget=Budget(per_day="1000", per_tenant_per_day=limit), accept_unknown=True, clock=clock)
    editions = [Catalog.bundled(), Catalog.bundled(trust=("article",))]
    ledgers = [Ledger() for _ in range(50)]

    async def work(number: int) -> None:
        draw, ledger = random.Random(number), ledgers[number]
        for turn in range(200):
            decision = await router.aroute(request(draw))
            if decision.model is None:
                continue
            await asyncio.sleep(0)
            if draw.random() < 0.8:
                assert decision.request.tenant is not None
                settled = await router.asettle(decision, usage(draw, decision.request))
                ledger.spent[decision.request.tenant] += settled.cost.total.as_fraction()
            elif draw.random() < 0.5:
                await router.arelease(decision)
            else:
                ledger.open.append(decision)
            if turn % 50 == 0:
                router.swap(editions[number % 2])

    async def everybody() -> None:
        await asyncio.gather(*(work(number) for number in range(len(ledgers))))

    asyncio.run(everybody())
    check(router, ledgers, clock, limit)


def test_two_routers_on_one_redis_leave_exact_balances(redis_server: RedisServer, prefix: str) -> None:
    """Two processes' worth of routers, on one budget, with answers that come in any order."""
    spent = dict.fromkeys(TENANTS, Fraction(0))
    refused = 0

    async def main() -> None:
        nonlocal refused
        clients = [redis_server.async_client() for _ in range(2)]
        routers = [
            Router(
                MODELS,
                budget=Budget(per_day="1000", per_tenant_per_day="0.1"),
                accept_unknown=True,
                store=AsyncRedisStore(client, prefix=prefix),
                clock=Clock(),
            )
            for client in clients
        ]

        async def work(number: int) -> None:
            nonlocal refused
            draw, router = random.Random(number), routers[number % 2]
            for _ in range(75):
                decision = await router.aroute(request(draw))
                if decision.model is None:
                    refused += 1
                    continue
                settled = await router.asettle(decision, usage(draw, decision.request))
                assert decision.request.tenant is not None
                spent[decision.request.tenant] += settled.cost.total.as_fraction()

        await asyncio.gather(*(work(number) for number in range(20)))
        for tenant in TENANTS:
            balance = await routers[0].abalance(tenant)
            assert balance.spent.as_fraction() == spent[tenant]
            assert balance.reserved == Usd(0)
            assert balance.spent <= Usd("0.1")
        assert (await routers[1].abalance()).spent.as_fraction() == sum(spent.values())
        for client in clients:
            await client.aclose()

    asyncio.run(main())
    assert refused


def test_one_store_for_routers_of_many_threads_never_overdraws() -> None:
    """Everybody wants the last cent: exactly as many calls are let in as the budget holds."""
    store = MemoryStore()
    budget = Budget(per_day="0.1")
    taken: list[str] = []

    def work() -> None:
        router = Router([SMALL], budget=budget, store=store, clock=lambda: NOON)
        for _ in range(50):
            decision = router.route(input_tokens=1_000, output_tokens=500)
            if decision.model is not None:
                taken.append(decision.id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 50  # of 400, at $0.002 each
