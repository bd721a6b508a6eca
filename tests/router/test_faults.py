"""Processes and servers that die: nothing is lost and nothing is spent twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from textwrap import dedent

import pytest
from router_worlds import SMALL, Clock, RedisServer

from llm_tradeoffs import InvalidTypeError, Usage, Usd
from llm_tradeoffs.router import Balance, Budget, BudgetStore, BudgetStoreError, Request, Router
from llm_tradeoffs.router.stores.redis import AsyncRedisStore, RedisStore
from llm_tradeoffs.router.stores.sqlite import SQLiteStore

ASKED = Request(input_tokens=1_000, output_tokens=500)  # $0.002 on the small one
USED = Usage(input_tokens=1_000, output_tokens=0)  # $0.001

# A process that reserves, says so, and is then killed before it can settle.
DYING = dedent(
    """
    import os, signal, sys, time
    sys.path.insert(0, {tests!r})
    from router_worlds import NOON, SMALL
    from llm_tradeoffs import Usage
    from llm_tradeoffs.router import Budget, Router
    {store}
    router = Router([SMALL], budget=Budget(per_day="0.004", reserved_for=2), store=store, clock=lambda: NOON)
    settled = router.route(input_tokens=1_000, output_tokens=500)
    router.settle(settled, Usage(input_tokens=1_000, output_tokens=0))
    router.route(input_tokens=1_000, output_tokens=500)
    print("reserved", flush=True)
    time.sleep(60)
    """
)


def killed_between_reserve_and_settle(store: str) -> None:
    code = DYING.format(tests=str(Path(__file__).parent), store=store)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"reserved\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def books_after_a_kill(store: BudgetStore, clock: Clock) -> None:
    """What was settled is there; what was reserved holds until it expires, and then is free."""
    router = Router([SMALL], budget=Budget(per_day="0.004"), store=store, clock=clock)
    balance = router.balance()
    assert (balance.spent, balance.reserved) == (Usd("0.001"), Usd("0.002"))
    assert router.route(ASKED).reason == "over-budget"
    clock.now += 2.1
    if isinstance(store, RedisStore):
        time.sleep(2.1)  # its own clock counts
    assert router.route(ASKED).model == "acme/small"
    balance = router.balance()
    assert (balance.spent, balance.reserved) == (Usd("0.001"), Usd("0.002"))


def test_a_process_killed_between_reserve_and_settle_loses_nothing_in_sqlite(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "budget.db"
    made = f"from llm_tradeoffs.router.stores.sqlite import SQLiteStore; store = SQLiteStore({str(path)!r})"
    killed_between_reserve_and_settle(made)
    store = SQLiteStore(path)
    books_after_a_kill(store, clock)
    store.close()


def test_a_process_killed_between_reserve_and_settle_loses_nothing_in_redis(
    redis_server: RedisServer, prefix: str, clock: Clock
) -> None:
    made = (
        f"import redis; from llm_tradeoffs.router.stores.redis import RedisStore; "
        f"store = RedisStore(redis.Redis(port={redis_server.port}), prefix={prefix!r})"
    )
    killed_between_reserve_and_settle(made)
    with redis_server.client() as client:
        books_after_a_kill(RedisStore(client, prefix=prefix), clock)


def test_a_redis_that_is_killed_and_restarted_still_knows_everything(
    tmp_path: Path, redis_server: RedisServer, clock: Clock
) -> None:
    """While it is gone, nothing is decided; the answer of a call that began before is counted after."""
    assert redis_server  # the package and the program are there
    server = RedisServer(tmp_path)
    server.start()
    with server.client() as client:
        store = RedisStore(client)
        router = Router([SMALL], budget=Budget(per_day="0.004"), store=store, clock=clock)
        router.settle(router.route(ASKED), USED)
        open_ = router.route(ASKED)
        server.kill()
        with pytest.raises(BudgetStoreError, match="Redis did not answer"):
            router.route(ASKED)
        with pytest.raises(BudgetStoreError, match="Nothing was decided"):
            router.settle(open_, USED)
        assert open_.state == "open"
        server.start()
        assert router.route(ASKED).reason == "over-budget"
        router.settle(open_, USED)
        balance = router.balance()
        assert (balance.spent, balance.reserved) == (Usd("0.002"), Usd(0))
    server.kill()


def test_a_redis_that_lost_its_data_counts_what_comes_late(redis_server: RedisServer, prefix: str) -> None:
    with redis_server.client() as client:
        router = Router([SMALL], budget=Budget(per_day="1"), store=RedisStore(client, prefix=prefix))
        decision = router.route(ASKED)
        for key in client.keys(f"*{prefix}*"):
            client.delete(key)
        router.settle(decision, USED)
        assert (router.balance().spent, router.balance().reserved) == (Usd("0.001"), Usd(0))


def test_a_sqlite_file_that_cannot_be_written_is_an_error_and_no_decision(tmp_path: Path) -> None:
    missing = Router([SMALL], budget=Budget(per_day="1"), store=SQLiteStore(tmp_path / "no" / "budget.db"))
    with pytest.raises(BudgetStoreError, match="cannot be read or written"):
        missing.route(ASKED)
    garbage = tmp_path / "garbage.db"
    garbage.write_bytes(b"this is no database" * 100)
    with pytest.raises(BudgetStoreError, match="not a database"):
        Router([SMALL], budget=Budget(per_day="1"), store=SQLiteStore(garbage)).route(ASKED)


def test_many_processes_on_one_sqlite_file_let_in_exactly_what_the_budget_holds(tmp_path: Path) -> None:
    path = tmp_path / "budget.db"
    code = dedent(
        f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from router_worlds import NOON, SMALL
        from llm_tradeoffs.router import Budget, Router
        from llm_tradeoffs.router.stores.sqlite import SQLiteStore
        router = Router([SMALL], budget=Budget(per_day="0.1"), store=SQLiteStore({str(path)!r}), clock=lambda: NOON)
        print(sum(router.route(input_tokens=1_000, output_tokens=500).model is not None for _ in range(30)))
        """
    )
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(2)]
    assert sum(int(process.communicate()[0]) for process in processes) == 50  # of 60, at $0.002 each


def test_threads_and_tasks_share_one_sqlite_file(tmp_path: Path, clock: Clock) -> None:
    store = SQLiteStore(tmp_path / "budget.db")
    router = Router([SMALL], budget=Budget(per_day="0.1"), store=store, clock=clock)
    taken: list[str] = []

    def work() -> None:
        for _ in range(15):
            decision = router.route(ASKED)
            if decision.model is not None:
                taken.append(decision.id)

    async def task() -> None:
        for _ in range(15):
            decision = await router.aroute(ASKED)
            if decision.model is not None:
                taken.append(decision.id)

    async def tasks() -> None:
        await asyncio.gather(*(task() for _ in range(3)))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    asyncio.run(tasks())
    for thread in threads:
        thread.join()
    assert len(set(taken)) == len(taken) == 50
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # newer Pythons warn of forking beside threads
def test_a_forked_process_has_ids_and_a_connection_of_its_own(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "budget.db")
    router = Router([SMALL], budget=Budget(per_day="1"), store=store)
    router.route(ASKED)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover  # the other process
        try:
            os.write(write, router.route(ASKED).id.encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    theirs, ours = os.read(read, 100).decode(), router.route(ASKED).id
    os.close(read)
    os.close(write)
    assert theirs
    assert theirs.partition("-")[0] != ours.partition("-")[0]
    assert router.balance().reserved == Usd("0.006")
    store.close()


def test_a_store_that_is_awaited_is_not_used_without_waiting(redis_server: RedisServer, prefix: str) -> None:
    async def main() -> None:
        client = redis_server.async_client()
        router = Router([SMALL], budget=Budget(per_day="1"), store=AsyncRedisStore(client, prefix=prefix))
        with pytest.raises(InvalidTypeError, match=r"Use aroute\(\)"):
            router.route(ASKED)
        decision = await router.aroute(input_tokens=1_000, output_tokens=500)
        other = await router.areroute(decision, status=429)
        assert (other.model, other.reason) == (None, "none-left")
        assert (await router.aroute(ASKED)).reason == "cooling-down"
        settled = await router.asettle(decision, USED)
        assert await router.asettle(decision, USED) is settled
        assert (await router.abalance()).spent == Usd("0.001")
        third = Router([SMALL], budget=Budget(per_day="1"), store=AsyncRedisStore(client, prefix=prefix))
        await third.arelease(await third.aroute(ASKED))
        await third.afailed(await third.aroute(ASKED), status=500)
        assert (await third.abalance()).reserved == Usd(0)
        await client.aclose()

    asyncio.run(main())


def test_a_client_that_decodes_answers_will_do(redis_server: RedisServer, prefix: str) -> None:
    import redis

    with redis.Redis(port=redis_server.port, decode_responses=True) as client:
        router = Router([SMALL], budget=Budget(per_day="0.004"), store=RedisStore(client, prefix=prefix))
        router.settle(router.route(ASKED), USED)
        assert [router.route(ASKED).model, router.route(ASKED).reason] == ["acme/small", "over-budget"]
        assert (router.balance().spent, router.balance().reserved) == (Usd("0.001"), Usd("0.002"))


def test_a_client_that_is_none_of_redis_is_refused() -> None:
    pytest.importorskip("redis", reason="the package redis is not installed")
    with pytest.raises(InvalidTypeError, match="Pass a client of redis-py"):
        RedisStore("redis://localhost")
    with pytest.raises(InvalidTypeError, match=r"Pass a redis\.asyncio\.Redis"):
        AsyncRedisStore(object())
    import redis

    with pytest.raises(InvalidTypeError, match="without braces"):
        RedisStore(redis.Redis(), prefix="{a}")


def test_balances_are_kept_in_a_cluster_of_redis(redis_server: RedisServer, tmp_path: Path) -> None:
    """Of one node, which refuses keys of different slots in one script as any other does."""
    import redis.asyncio
    from redis.exceptions import RedisError

    assert redis_server  # so that this is skipped where there is no server
    node = RedisServer(tmp_path, "--cluster-enabled", "yes")
    node.start()
    try:
        with node.client() as alone:
            alone.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
            until = time.monotonic() + 20
            while b"cluster_state:ok" not in alone.execute_command("CLUSTER", "INFO") and time.monotonic() < until:
                time.sleep(0.05)
        budget = Budget(per_day="1", per_tenant_per_day="1")
        with redis.RedisCluster(host="127.0.0.1", port=node.port) as client:
            router = Router([SMALL], budget=budget, store=RedisStore(client))
            decision = router.route(input_tokens=1_000, output_tokens=100, tenant="acme")
            assert router.balance("acme") == Balance(spent=Usd(0), reserved=Usd("0.0012"))
            router.settle(decision, Usage(input_tokens=1_000, output_tokens=50))
            assert "RedisCluster>" in repr(router.store)

        async def on_the_same_keys() -> Balance:
            async with redis.asyncio.RedisCluster(host="127.0.0.1", port=node.port) as client:
                router = Router([SMALL], budget=budget, store=AsyncRedisStore(client))
                decision = await router.aroute(input_tokens=1_000, output_tokens=100, tenant="acme")
                await router.asettle(decision, Usage(input_tokens=1_000, output_tokens=50))
                return await router.abalance("acme")

        assert asyncio.run(on_the_same_keys()) == Balance(spent=Usd("0.0022"), reserved=Usd(0))
        client = redis.RedisCluster(host="127.0.0.1", port=node.port, socket_timeout=1)
        router = Router([SMALL], budget=budget, store=RedisStore(client))
        node.kill()
        with pytest.raises(BudgetStoreError, match="Redis did not answer") as caught:
            router.route(input_tokens=1_000, output_tokens=100)
        assert isinstance(caught.value.__cause__, RedisError | redis.exceptions.RedisClusterException)
        client.close()
    finally:
        node.kill()
