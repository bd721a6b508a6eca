"""Route requests of several kinds, see why, and settle them with what they really used."""

import json

import llm_tradeoffs as lt
from llm_tradeoffs.router import Request, Router

# What an application might ask in a minute; the counts are those of its own prompts.
REQUESTS = {
    "a greeting": Request(input_tokens=250, output_tokens=40, priority="cost", session="conv-17"),
    "its next turn": Request(input_tokens=2_400, output_tokens=200, priority="cost", session="conv-17"),
    "a contract clause": Request(input_tokens=6_000, output_tokens=800, error_cost="0.50"),
    "a screenshot": Request(input_tokens=1_500, output_tokens=300, needs={"vision", "structured_output"}),
    "a whole archive": Request(input_tokens=2_000_000, output_tokens=500),
}


def answered(decision, request):  # stands for the call to the provider
    """What a provider would have sent back."""
    return {
        "object": "chat.completion",
        "model": decision.model,
        "choices": [],
        "usage": {
            "prompt_tokens": request.input_tokens,
            "completion_tokens": request.output_tokens // 2,
            "total_tokens": request.input_tokens + request.output_tokens // 2,
        },
    }


def main() -> None:
    router = Router(["gpt-4.1-mini", "claude-haiku-4.5"])
    spent = lt.Usd(0)
    for what, request in REQUESTS.items():
        decision = router.route(request)
        print(f"{what}: {decision}")
        if decision.model is None:
            continue
        if decision.fallbacks:
            print(f"  if that fails: {', '.join(decision.fallbacks)}")
        settled = router.settle(decision, answered(decision, request), response_ms=1_800, ttft_ms=300)
        spent += settled.cost.total
        print(f"  it cost {settled.cost.total}, {settled.difference} beside what was expected")

    print(f"\nspent {spent} in all")
    print("\nbeside the catalog, what was seen:")
    for model in router.candidates:
        print("".join(f"  {model.id} {line}\n" for line in router.observed.beside(model)), end="")
    print("\nthe last decision, for a log:")
    print(json.dumps({name: value for name, value in decision.to_dict().items() if value}, indent=2))


if __name__ == "__main__":
    main()
