"""What the page asks the library: one question in, the answer as HTML out."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import llm_tradeoffs as lt

NUMBERS = (
    "input_tokens",
    "output_tokens",
    "requests_per_day",
    "turns",
    "error_cost",
    "max_ttft_ms",
    "cached_share",
    "batch_share",
)


def choices() -> str:
    """What the form offers."""
    catalog = lt.Catalog.bundled()
    return json.dumps(
        {
            "presets": [[each.name, each.title] for each in catalog.presets],
            "tasks": sorted(catalog.tasks),
            "models": sorted(catalog.names) if not callable(catalog.names) else [],
            "edition": f"{len(catalog.records)} models, facts of {catalog.as_of}.",
            "version": lt.__version__,
        }
    )


def number(name: str, text: str) -> int | Decimal:
    """What was typed, exactly."""
    try:
        value = Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        raise lt.InvalidValueError(f"{name.replace('_', ' ')} is {text!r}; type a number, such as 200.") from None
    return int(value) if value.is_finite() and value == value.to_integral_value() and value < 10**30 else value


def said_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The fields of the workload that were filled in."""
    said: dict[str, Any] = {name: number(name, text) for name in NUMBERS if (text := asked.get(name, "").strip())}
    if said.get("turns") == 1:
        del said["turns"]
    for name in ("cached_share", "batch_share"):
        if said.get(name) == 0:
            del said[name]
    if asked.get("task"):
        said["task"] = asked["task"]
    if asked.get("priority", "balanced") != "balanced":
        said["priority"] = asked["priority"]
    if asked.get("needs"):
        said["needs"] = set(asked["needs"])
    return said


def answer(question: str) -> str:
    """The answer to a question, or what is wrong with it."""
    asked = json.loads(question)
    try:
        return json.dumps(_answer(asked))
    except (lt.TradeoffsError, ValueError) as problem:
        return json.dumps({"error": str(problem)})


def _answer(asked: dict[str, Any]) -> dict[str, str]:
    preset = asked.get("preset", "")
    said = said_of(asked)
    work = lt.Workload.preset(preset) if preset else lt.Workload(**said)
    models = [name.strip() for name in asked.get("models", "").split(",") if name.strip()]
    if not models:
        raise lt.InvalidValueError("name at least one model, such as gpt-4.1-mini.")
    decide = asked.get("decide", "guide")
    how: dict[str, Any] = {"objective": decide} if decide == "expected-cost" else {"policy": decide}
    found = lt.recommend(work, models, **how)
    shown = f"lt.Workload.preset({preset!r})" if preset else f"lt.Workload({_arguments(said)})"
    return {
        "recommendation": found.to_html(),
        "flips": found.flips().to_html(),
        "comparison": lt.compare(*models, workload=work).to_html(),
        "chosen": found.chosen or found.status,
        "code": f"import llm_tradeoffs as lt\n\nwork = {shown}\n"
        f"found = lt.recommend(work, {models!r}, {_arguments(how)})\n"
        f"print(found)\nprint(found.flips())\nprint(lt.compare({_listed(models)}, workload=work))",
    }


def _arguments(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))
