"""Guard every call with a budget: set the worst case aside, call, count what it really cost."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import llm_tradeoffs as lt
from llm_tradeoffs.router import Budget, Decision, Router, SQLiteStore


class TooDearError(RuntimeError):
    """No model can answer within the budget."""


@contextlib.contextmanager
def guarded(router: Router, **request: object) -> Iterator[Decision]:
    """A decision whose reservation never outlives the block by accident: what is not settled is released."""
    decision = router.route(**request)
    if decision.model is None:
        raise TooDearError(str(decision))
    try:
        yield decision
    except ConnectionError:
        router.failed(decision, status=503)
        raise
    finally:
        if decision.state == "open":
            router.release(decision)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # Any number of processes of this machine may use the file; for several machines there is RedisStore.
        store = SQLiteStore(Path(folder) / "budget.db")
        router = Router(
            ["gpt-4.1-mini", "claude-haiku-4.5"],
            budget=Budget(per_day="5", per_tenant_per_day="0.01", tenants={"initech": "0.002"}),
            store=store,
        )
        for tenant in ("globex", "initech"):
            for number in range(1, 6):
                try:
                    with guarded(
                        router, tenant=tenant, input_tokens=3_000, output_tokens=200, max_output_tokens=400
                    ) as decision:
                        # Here the provider is called with decision.model and max_tokens=400.
                        settled = router.settle(decision, lt.Usage(input_tokens=3_000, output_tokens=150))
                        print(f"{tenant} {number}: {settled.model} for {settled.cost.total}, held {decision.reserved}")
                except TooDearError as refused:
                    print(f"{tenant} {number}: {refused}")
            balance = router.balance(tenant)
            print(f"{tenant} has spent {balance.spent}, and {balance.reserved} is reserved\n")
        print(f"the day: {router.balance().spent}")
        store.close()


if __name__ == "__main__":
    main()
