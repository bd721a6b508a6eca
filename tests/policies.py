"""
Small random policies, candidates and a grid of workloads for them, to hold the linter against.

Narrow on purpose: up to three questions, up to three inputs, up to three candidates. Thresholds, limits and
facts are drawn from small pools, so that they meet far more often than by chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Model, Policy, Range, Workload
from llm_tradeoffs.assessment import REQUIREMENTS
from llm_tradeoffs.policy import INPUTS, Condition, Outcome, Question

REQUIREMENT_IDS: Final = tuple(requirement.id for requirement in REQUIREMENTS)

# ---------------------------------------------------------------------------- policies

# For each input: the operands of its tests, and the raw values that a grid gives to the workload.
NUMBERS: Final[dict[str, tuple[int, ...]]] = {
    "input_tokens": (100, 300),
    "longest_tokens": (100, 300, 900),
    "output_tokens": (50, 60),
    "turns": (1, 2, 3),
    "requests_per_month": (1_000,),
    "max_ttft_ms": (100, 200, 300),
    "max_response_ms": (1_200, 2_200),
    "error_cost_usd": (0, 1),
    "min_quality_percent": (70, 80),
}
CHOICES: Final = {
    "priority": ("cost", "accuracy", "balanced"),
    "volume": ("high", "low"),
    "complexity": ("high", "low"),
    "task": ("math", "code", "no such task"),
}
LENGTHS: Final = ("input_tokens", "longest_tokens", "output_tokens", "turns")
SETS: Final = {"needs": ("vision", "batch"), "languages": ("english", "latin", "Latin")}
OPTIONAL: Final = {
    name for name, shape in INPUTS.items() if shape.read(Workload(input_tokens=1, output_tokens=1)) is None
}


@st.composite
def comparisons(draw: st.DrawFn, inputs: Sequence[str]) -> Condition:
    name = draw(st.sampled_from(inputs))
    if name in SETS:
        return Condition(kind="test", input=name, operator="includes", operand=draw(st.sampled_from(SETS[name])))
    if draw(st.integers(0, 5)) == 0:
        return Condition(kind="test", input=name, operator="stated", operand=draw(st.booleans()))
    if name in CHOICES:
        return Condition(kind="test", input=name, operator="is", operand=draw(st.sampled_from(CHOICES[name])))
    operator = draw(st.sampled_from(["above", "at_least", "below", "at_most"]))
    return Condition(kind="test", input=name, operator=operator, operand=draw(st.sampled_from(NUMBERS[name])))


def conditions(inputs: Sequence[str]) -> st.SearchStrategy[Condition]:
    single = comparisons(inputs)
    several = st.lists(single, min_size=2, max_size=2).map(tuple)
    return st.one_of(
        single,
        single,
        several.map(lambda parts: Condition(kind="all", parts=parts)),
        several.map(lambda parts: Condition(kind="any", parts=parts)),
        several.map(lambda parts: Condition(kind="not", parts=(Condition(kind="all", parts=parts),))),
        single.map(lambda part: Condition(kind="not", parts=(part,))),
    )


ENDS: Final = (
    Outcome(rank_by=("cost",)),
    Outcome(rank_by=("quality",)),
    Outcome(rank_by=("quality", "cost")),
    Outcome(rank_by=("ttft",)),
    Outcome(rank_by=("context_window",)),
    Outcome(rank_by=("vision", "quality")),
    Outcome(rank_by=("expected_cost",)),
    Outcome(rank_by=("response_time",)),
    Outcome(tie="trade-off"),
    Outcome(tie="all"),
)


@st.composite
def policies(draw: st.DrawFn, *, chain: bool = False, pool: Sequence[str] = tuple(INPUTS)) -> Policy:
    """
    Policies of up to three questions.

    Args:
        chain: Whether every question but the last has one answer that ends the tree and one that asks the next,
            as most trees that people write do.
        pool: The inputs they may ask about.
    """
    inputs = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True))
    count = draw(st.integers(2 if chain else 1, 3))
    questions: list[Question] = []
    for index in range(count):
        later = [Outcome(ask=f"q{number}") for number in range(index + 1, count)]
        outcomes = st.sampled_from([*later, *later, *later, *ENDS])
        if chain:
            answers = (draw(st.sampled_from(ENDS[:8])), later[0] if later else draw(st.sampled_from(ENDS)))
            yes, no = answers if draw(st.integers(0, 3)) else answers[::-1]
        else:
            yes, no = draw(outcomes), draw(outcomes)
        questions.append(Question(id=f"q{index}", text=f"{index}?", when=draw(conditions(inputs)), yes=yes, no=no))
    required = draw(st.sets(st.sampled_from(REQUIREMENT_IDS), max_size=3)) if draw(st.booleans()) else set[str]()
    return Policy(
        id="drawn",
        title="Drawn",
        requirements=tuple(name for name in REQUIREMENT_IDS if name in required),
        questions=tuple(questions),
    )


# ---------------------------------------------------------------------------- the grid


def around(values: Sequence[int], least: int) -> list[Any]:
    """Each value, and one between it and its neighbours."""
    return sorted({number for value in values for number in (value - 1, value, value + 1) if number >= least})


def grid(policy: Policy, extra: Sequence[str] = ()) -> Iterator[Workload]:
    """Workloads with every combination of what the policy asks about, and of *extra* inputs."""
    asked = dict.fromkeys([test.input for question in policy.questions for test in question.when.tests()])
    names = [*asked, *(name for name in extra if name not in asked)]
    # A longest request can be short only where the mean one is.
    axes: dict[str, list[Any]] = {
        "input_tokens": [1, 200] if "longest_tokens" in names else [200],
        "output_tokens": [55],
    }
    for name in names:
        if name in NUMBERS:
            axes[name] = around(NUMBERS[name], 1 if name in {"turns", "input_tokens"} or name.startswith("max") else 0)
        elif name in CHOICES:
            axes[name] = [choice for choice in CHOICES[name] if choice != "no such task"]
        else:
            elements = sorted({element.casefold() for element in SETS[name]})
            axes[name] = [set(some) for size in (0, 1, 2) for some in itertools.combinations(elements, size)]
        if name in OPTIONAL or name == "longest_tokens":
            axes[name] = [None, *axes[name]]
    if "turns" in axes:
        axes["turns"] = [turns for turns in axes["turns"] if turns <= max(NUMBERS["turns"])] + [5]
        axes["history_resent"] = [True, False]
    for values in itertools.product(*axes.values()):
        fields = dict(zip(axes, values, strict=True))
        fields["error_cost"] = fields.pop("error_cost_usd", None)
        yield Workload(**fields)


def walk(policy: Policy, workload: Workload, flipped: str = "") -> tuple[list[tuple[str, str]], Outcome]:
    """The answers on the way and the outcome, the answer to *flipped* being the other one."""
    path: list[tuple[str, str]] = []
    question = policy.questions[0]
    while True:
        said = "yes" if question.when.holds(workload) == "yes" else "no"
        if question.id == flipped:
            said = "no" if said == "yes" else "yes"
        path.append((question.id, said))
        outcome = question.yes if said == "yes" else question.no
        if not outcome.ask:
            return path, outcome
        question = policy.question(outcome.ask)


def way(outcome: Outcome) -> tuple[object, ...]:
    return outcome.rank_by, outcome.tie


def dimensions(policy: Policy) -> list[str]:
    found: dict[str, None] = {}
    for question in policy.questions:
        for test in question.when.tests():
            if test.operator == "includes":
                element = test.operand if test.input == "needs" else str(test.operand).casefold()
                found[f"{test.input} includes {element}"] = None
            else:
                found[test.input] = None
    return list(found)


def coordinate(dimension: str, workload: Workload) -> object:
    name, _, element = dimension.partition(" includes ")
    value: Any = INPUTS[name].read(workload)
    return element in value if element else value


# ---------------------------------------------------------------------------- the candidates


WINDOWS: Final = (255, 300, 355, 900, 5_000)
TTFTS: Final = ("100-200 ms", "200-300 ms", "100 ms", "300 ms", "150 ms")
SPEEDS: Final = ("50 tokens/s", "25-50 tokens/s", "100 tokens/s")
SCORES: Final = ("70 %", "70-80 %", "60-70 %", "80-90 %")
PRICES: Final = ("0", "0.40", "1.00", "2.00", "5.00")


@st.composite
def models(draw: st.DrawFn, id: str) -> Model:
    """Models whose facts lie where the thresholds of :func:`policies` lie; one fact in nine is unknown."""

    def of(*pool: Any) -> Any:
        return draw(st.sampled_from([*pool, *pool, *pool, None][-9:] if len(pool) < 3 else [*pool, *pool, None]))

    rates = {"input_tokens": of(*PRICES), "output_tokens": of(*PRICES)}
    scores = {name: of(*SCORES) for name in ("mmlu", "gsm8k", "humaneval")}
    ttft, speed = of(*TTFTS), of(*SPEEDS)
    return Model(
        id,
        usd_per_mtok={meter: price for meter, price in rates.items() if price is not None},
        context_window=of(*WINDOWS),
        max_output_tokens=of(50, 60, 600),
        ttft=None if ttft is None else Range.parse(ttft),
        output_tokens_per_second=None if speed is None else Range.parse(speed),
        languages=of(("english",), ("english", "latin")),
        supports_vision=of(True, False),
        supports_batch=of(True, False),
        scores={name: Range.parse(score) for name, score in scores.items() if score is not None},
    )


@st.composite
def fields(draw: st.DrawFn) -> list[Model]:
    """Two or three candidates."""
    return [draw(models(id)) for id in "abc"[: draw(st.integers(2, 3))]]


@cache
def small_catalog() -> Catalog:
    """The bundled catalog with three tasks: enough to tell qualities apart."""
    bundled = Catalog.bundled()
    tasks = {name: bundled.tasks[name] for name in ("general-knowledge", "math", "code")}
    return attrs.evolve(bundled, tasks=tasks)
