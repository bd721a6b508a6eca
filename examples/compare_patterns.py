"""Ask twice, ask a better model where a check says no, or ask the better one at once? What each costs, and is worth."""

import llm_tradeoffs as lt
from llm_tradeoffs import patterns

SUPPORT_DESK = lt.Workload(
    title="Support desk",
    input_tokens=600,
    output_tokens=200,
    requests_per_day=2_000,
    task="instruction-following",
    error_cost="0.05",  # a wrong answer costs a colleague a few seconds
)
CHEAP, GOOD = "gpt-4.1-mini", "claude-haiku-4.5"

# Measured on a hundred answers of the desk: a validator that lets one wrong answer in five pass.
VALIDATOR = patterns.Check(usd="0.00001", false_accept="15-25 %", false_reject="0-2 %", time=20)


def main() -> None:
    table = patterns.compare(
        CHEAP,
        GOOD,
        patterns.Retries(CHEAP, times=3, hopeless="0.05", check=VALIDATOR),
        patterns.Cascade(CHEAP, GOOD, check=VALIDATOR, hopeless="0.05"),
        patterns.SelfConsistency(CHEAP, n=3, hopeless="0.05"),
        workload=SUPPORT_DESK,
    )
    print(table)
    best = table.best("expected_cost")
    print(f"\nleast costly with errors counted: {', '.join(best) or 'the ranges overlap, so nobody can say'}")
    for line in table[f"{CHEAP} → {GOOD}"].lines:
        print(f"  {line}")


if __name__ == "__main__":
    main()
