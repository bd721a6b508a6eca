"""
Price the calls that an application makes, each token once, and stop before a budget is broken.

The two replies below are what the providers' APIs report for a call. They count cached tokens in two
ways: OpenAI inside the input, Anthropic beside it. A `Usage` has one way: totals, and parts of them.
"""

import llm_tradeoffs as lt

OPENAI_REPLY = {
    "prompt_tokens": 1_200,
    "completion_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 1_024},
}
ANTHROPIC_REPLY = {
    "input_tokens": 176,
    "cache_read_input_tokens": 1_024,
    "cache_creation_input_tokens": 0,
    "output_tokens": 150,
}


def openai_usage(reported: dict) -> lt.Usage:
    return lt.Usage(
        input_tokens=reported["prompt_tokens"],
        output_tokens=reported["completion_tokens"],
        cache_read_tokens=reported["prompt_tokens_details"]["cached_tokens"],
    )


def anthropic_usage(reported: dict) -> lt.Usage:
    read, written = reported["cache_read_input_tokens"], reported["cache_creation_input_tokens"]
    return lt.Usage(
        input_tokens=reported["input_tokens"] + read + written,
        output_tokens=reported["output_tokens"],
        cache_read_tokens=read,
        cache_write_5m_tokens=written,
    )


class Budget:
    """Dollars that may be spent; exact, so that a million small calls add up to what they cost."""

    def __init__(self, limit: lt.Usd) -> None:
        self.left = limit

    def charge(self, cost: lt.Cost) -> None:
        """Take the call from the budget, or refuse it."""
        if cost.total > self.left:
            raise RuntimeError(f"this call costs {cost.total}, and {self.left} are left")
        self.left -= cost.total


def main() -> None:
    budget = Budget(lt.Usd("0.001"))
    for model, usage in (
        ("gpt-4.1-mini", openai_usage(OPENAI_REPLY)),
        ("claude-haiku-4-5", anthropic_usage(ANTHROPIC_REPLY)),
    ):
        cost = lt.cost(model, usage)
        print(cost)
        try:
            budget.charge(cost)
        except RuntimeError as refused:
            print(f"refused: {refused}")
        print(f"left: {budget.left}\n")

    # Nobody publishes what GPT-4.1 Mini charges for cached input in a batch. It is not $0: it is an interval.
    unsure = lt.cost("gpt-4.1-mini", openai_usage(OPENAI_REPLY), service_tier="batch")
    print(f"in a batch: {unsure.low} to {unsure.high}")
    try:
        unsure.total  # noqa: B018  # asking for one number where there is none is the point
    except lt.UnknownPriceError as unknown:
        print(f"no single number: the {unknown.service_tier} price of {unknown.meter} is unknown for {unknown.model}")


if __name__ == "__main__":
    main()
