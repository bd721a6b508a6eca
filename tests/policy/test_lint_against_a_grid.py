"""
The linter against brute force: small random policies, and a grid of workloads that nobody cut by hand.

The oracle knows nothing of regions or inequalities. It walks the tree for every workload of a grid that has
each threshold, each limit in the candidates' facts and a value on either side of it, and writes down what it
sees. Whatever it sees, the linter has to report; whatever the linter reports, its witness has to show.

Narrow on purpose: two or three questions, up to three inputs, up to three candidates. Policies and facts are
drawn from small pools, so that thresholds meet limits far more often than by chance.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Model, Policy, Range, Workload
from llm_tradeoffs._decide import Decision, decide
from llm_tradeoffs.assessment import REQUIREMENTS, assess_model
from llm_tradeoffs.policy import INPUTS, Condition, Outcome, Question
from llm_tradeoffs.policy._lint import Finding, LintReport

REQUIREMENT_IDS: Final = tuple(requirement.id for requirement in REQUIREMENTS)

# ---------------------------------------------------------------------------- policies

# For each input: the operands of its tests, and the raw values that a grid gives to the workload.
NUMBERS: Final[dict[str, tuple[int, ...]]] = {
    "input_tokens": (100, 300),
    "longest_tokens": (100, 300, 900),
    "output_tokens": (50, 60),
    "turns": (1, 3),
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


def of_code(report: LintReport, code: str) -> list[Finding]:
    return [finding for finding in report if finding.code == code]


def run(report: LintReport, policy: Policy, workload: Workload, models: Sequence[Model], catalog: Catalog) -> Decision:
    return decide(workload, [assess_model(model, workload, catalog, report.as_of) for model in models], policy)


# ---------------------------------------------------------------------------- the tree alone


@given(policies())
def test_the_tree_alone(policy: Policy) -> None:
    """Unreachable questions, answers that never come, idle questions and idle inputs: as the grid has it."""
    catalog = Catalog.bundled()
    report = policy.lint(catalog, [])
    asked: set[str] = set()
    given_: set[tuple[str, str]] = set()
    moved: set[str] = set()
    by_others: dict[str, dict[tuple[object, ...], set[object]]] = {
        name: defaultdict(set) for name in dimensions(policy)
    }
    for workload in grid(policy):
        path, outcome = walk(policy, workload)
        asked |= {name for name, _ in path}
        given_ |= set(path)
        moved |= {name for name, _ in path if way(walk(policy, workload, name)[1]) != way(outcome)}
        vector = {name: coordinate(name, workload) for name in by_others}
        for name, groups in by_others.items():
            groups[tuple(value for other, value in vector.items() if other != name)].add(way(outcome))
    every = [question.id for question in policy.questions]
    assert [finding.place for finding in of_code(report, "POL001")] == [name for name in every if name not in asked]
    places = [(name, said) for name in every if name in asked for said in ("yes", "no")]
    never = [f"{name}: {said}" for name, said in places if (name, said) not in given_]
    assert [finding.place for finding in of_code(report, "POL002")] == never
    both = [name for name in every if {(name, "yes"), (name, "no")} <= given_]
    assert [finding.place for finding in of_code(report, "POL003")] == [name for name in both if name not in moved]
    sound = [policy.question(name) for name in both if name in moved]
    tested = {
        name
        for name in by_others
        for question in sound
        if name in dimensions(attrs.evolve(policy, questions=(attrs.evolve(question, yes=ENDS[0], no=ENDS[0]),)))
    }
    idle = {name for name in tested if all(len(ways) == 1 for ways in by_others[name].values())}
    assert {finding.place for finding in of_code(report, "POL004")} == idle


@given(policies())
def test_the_witnesses_of_the_tree(policy: Policy) -> None:
    """What is said of a witness is what the policy does with it."""
    for finding in policy.lint(candidates=[]):
        paths = [dict(walk(policy, witness.workload)[0]) for witness in finding.witnesses]
        ways = [way(walk(policy, witness.workload)[1]) for witness in finding.witnesses]
        name, _, said = finding.place.partition(": ")
        if finding.code == "POL001":
            assert name not in paths[0]
            assert finding.proof
        if finding.code == "POL002":
            assert paths[0][name] != said
            assert finding.proof
        if finding.code == "POL003":
            assert [path[name] for path in paths] == ["yes", "no"]
            assert all(way(walk(policy, witness.workload, name)[1]) == ways[0] for witness in finding.witnesses[:1])
        if finding.code == "POL004":
            assert finding.proof
            assert len(set(ways)) == 1
            values = [coordinate(finding.place, witness.workload) for witness in finding.witnesses]
            assert len(values) == 1 or values[0] != values[1]
        if finding.code == "POL006":
            assert all(not rank_by and tie == "all" for rank_by, tie in ways)


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


MOST: Final = 600


def workloads_of(policy: Policy, extra: Sequence[str]) -> list[Workload]:
    """At most so many workloads of the grid, evenly spread, in several shapes of input and output."""
    found = [
        attrs.evolve(workload, input_tokens=sent, output_tokens=produced)
        if "input_tokens" not in dimensions(policy) and "output_tokens" not in dimensions(policy)
        else workload
        for sent, produced in ((200, 55), (20, 600), (2_000, 0))
        for workload in grid(policy, extra)
    ]
    step = len(found) // MOST + 1
    return found[::step]


def real(question: Question, workload: Workload, said: str) -> bool:
    """Whether a workload gives an answer outright; an unknown answer only leads where no leads."""
    return question.when.holds(workload) == said


def rules(question: Question) -> tuple[str, ...]:
    if not question.yes.ask:
        return ("yes",)
    return () if question.no.ask else ("no",)


def overlap(policy: Policy, decision: Decision, models: Sequence[Model]) -> tuple[str, str] | None:
    """The question that won and the one that would have chosen another model, if both can do the work."""
    path, _ = walk(policy, decision.workload)
    name, said = path[-1]
    question = policy.question(name)
    if said not in rules(question) or not real(question, decision.workload, said):
        return None
    other_path, other_outcome = walk(policy, decision.workload, flipped=name)
    later, later_said = other_path[-1]
    if later == name or later in question.outranks or later_said not in rules(policy.question(later)):
        return None
    if not real(policy.question(later), decision.workload, later_said):
        return None
    alone = attrs.evolve(policy.question(later), yes=other_outcome, no=other_outcome, outranks=())
    other = decide(decision.workload, decision.assessed, attrs.evolve(policy, questions=(alone,)))
    able = {each.model.id for each in decision.assessed if each.feasible}
    if decision.chosen != other.chosen and {decision.chosen, other.chosen} <= able:
        return name, later
    return None


@given(
    st.one_of(policies(), policies(chain=True)),
    fields(),
    st.lists(st.sampled_from(list(INPUTS)), max_size=2, unique=True),
)
def test_the_candidates(policy: Policy, candidates: list[Model], extra: list[str]) -> None:
    """What a grid sees of models that cannot do the work, of overlaps and of missing answers is reported."""
    catalog = small_catalog()
    report = policy.lint(catalog, candidates)
    incapable = {
        (witness.place, witness.requirement) for each in of_code(report, "POL005") for witness in each.witnesses
    }
    overlapping = {(each.place, witness.place) for each in of_code(report, "POL007") for witness in each.witnesses}
    unanswered = {each.place for each in of_code(report, "POL006")}
    dead_ends = {each.place for each in of_code(report, "POL006") if each.proof}
    for workload in workloads_of(policy, extra):
        decision = run(report, policy, workload, candidates, catalog)
        name, said = walk(policy, workload)[0][-1]
        place = f"{name}: {said}"
        answered = {decision.chosen, *decision.tied}
        for each in decision.assessed:
            for verdict in each.verdicts:
                if each.model.id in answered and verdict.answer == "not met":
                    assert (place, verdict.requirement) in incapable, workload
        found = overlap(policy, decision, candidates)
        assert found is None or found in overlapping, workload
        if decision.status in {"selected", "tie"}:
            assert place not in dead_ends, workload
        elif (
            decision.outcome.rank_by[:1] == ("expected_cost",)
            and workload.error_cost is None
            and list(decision.standings.values()).count("possible") > 1
        ):
            assert place in unanswered, workload


@given(st.one_of(policies(), policies(chain=True)), fields())
def test_the_witnesses_of_the_candidates(policy: Policy, candidates: list[Model]) -> None:
    """Every witness shows what it is said to show."""
    catalog = small_catalog()
    report = policy.lint(catalog, candidates)
    for finding in report:
        for witness in finding.witnesses:
            decision = run(report, policy, witness.workload, candidates, catalog)
            name, said = walk(policy, witness.workload)[0][-1]
            if finding.code == "POL005":
                assert witness.place == f"{name}: {said}"
                assert witness.requirement not in policy.requirements
                answered = {decision.chosen, *decision.tied}
                verdicts = [
                    each.verdict(witness.requirement) for each in decision.assessed if each.model.id in answered
                ]
                assert any(verdict is not None and verdict.answer == "not met" for verdict in verdicts)
            if finding.code == "POL006" and finding.place != "questions":
                assert finding.place == f"{name}: {said}"
                assert decision.status in {"infeasible", "needs_information"}
            if finding.code == "POL007":
                assert overlap(policy, decision, candidates) == (finding.place, witness.place)


EDGES: Final = {"max_ttft_ms": "ttft", "min_quality_percent": "quality"}


@given(policies(pool=("max_ttft_ms", "min_quality_percent", "needs", "task")), fields())
def test_the_thresholds(policy: Policy, candidates: list[Model]) -> None:
    """A threshold is reported exactly if no workload at it tells one candidate from another."""
    catalog = small_catalog()
    report = policy.lint(catalog, candidates)
    reported = {finding.place for finding in of_code(report, "POL008")}
    for question in policy.questions:
        for test in question.when.tests():
            requirement = str(test.operand) if test.input == "needs" else EDGES.get(test.input)
            place = f"{question.id}: {test}"
            if requirement is None or test.operator == "stated" or requirement in policy.requirements:
                assert place not in reported
                continue
            seen: set[frozenset[str]] = set()
            for task in (None, "math", "code"):
                described: dict[str, Any] = {"task": task}
                if test.input == "needs":
                    described["needs"] = {test.operand}
                else:
                    # Just inside the side that asks more of a candidate: below a limit, above a least quality.
                    bound: Any = test.operand
                    harder = bound - 1 if test.input == "max_ttft_ms" else bound + 1
                    on_it = (test.operator in {"at_most", "above"}) == (test.input == "max_ttft_ms")
                    described[test.input] = bound if on_it else harder
                workload = Workload(input_tokens=100, output_tokens=10, **described)
                verdicts = [
                    assess_model(model, workload, catalog, report.as_of).verdict(requirement) for model in candidates
                ]
                seen.add(frozenset(verdict.answer for verdict in verdicts if verdict is not None))
            alike = all(len(answers) == 1 for answers in seen)
            known = bool(seen & {frozenset({"met"}), frozenset({"not met"})})
            assert (place in reported) == (alike and known)
