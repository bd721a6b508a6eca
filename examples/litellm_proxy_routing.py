"""
What litellm_proxy.yaml asks: which model for a request, within what may be spent in a day and by a team.

Prints one line for each call: what was expected, and what it really cost.
"""

import json

from llm_tradeoffs.adapters.litellm import LiteLLMCall, LiteLLMRouting
from llm_tradeoffs.router import Budget, Router, Settled

MODELS = {
    "gpt-4.1-mini": "openai/gpt-4.1-mini",
    "claude-haiku-4.5": "anthropic/claude-haiku-4-5",
}
SAID = ("needs", "task", "session", "max_output_tokens", "output_tokens")


def describe(call: LiteLLMCall) -> dict:
    """What the metadata of a request says; the proxy adds the team of the key."""
    said = {name: call.metadata[name] for name in SAID if call.metadata.get(name)}
    team = call.metadata.get("user_api_key_team_id")
    return {"output_tokens": 300, "max_output_tokens": 1_000, **({"tenant": team} if team else {}), **said}


def report(settled: Settled) -> None:
    print(json.dumps(settled.to_dict()))


router = Router(list(MODELS), budget=Budget(per_day="20", per_tenant_per_day="2"))
routing = LiteLLMRouting(router, MODELS, describe=describe, on_settled=report)
