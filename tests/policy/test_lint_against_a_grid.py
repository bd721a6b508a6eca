"""
The linter against brute force: small random policies, and a grid of workloads that nobody cut by hand.

The oracle knows nothing of regions or inequalities. It walks the tree for every workload of a grid that has
each threshold, each limit in the candidates' facts and a value on either side of it, and writes down what it
sees. Whatever it sees, the linter has to report; whatever the linter reports, its witness has to show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Model, Policy, Workload
from llm_tradeoffs._decide import Decision, decide
from llm_tradeoffs.assessment import assess_model
from llm_tradeoffs.policy import INPUTS, Finding, LintReport
from policies import ENDS, LENGTHS, coordinate, dimensions, fields, grid, policies, small_catalog, walk, way


def of_code(report: LintReport, code: str) -> list[Finding]:
    return [finding for finding in report if finding.code == code]


def run(report: LintReport, policy: Policy, workload: Workload, models: Sequence[Model], catalog: Catalog) -> Decision:
    return decide(workload, [assess_model(model, workload, catalog, report.as_of) for model in models], policy)


# ---------------------------------------------------------------------------- the tree alone


@given(st.one_of(policies(), policies(pool=LENGTHS)))
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


def overlap(policy: Policy, decision: Decision) -> tuple[str, str] | None:
    """The rule that won and the one that would have chosen another model, if both can do the work."""
    (name, said), *_ = walk(policy, decision.workload)[0][::-1]
    other_path, outcome = walk(policy, decision.workload, flipped=name)
    later, later_said = other_path[-1]
    if (said, later_said) != ("yes", "yes") or later == name or later in policy.question(name).outranks:
        return None
    alone = attrs.evolve(policy.question(later), yes=outcome, no=outcome, outranks=())
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
    idle = {*(each.place for each in of_code(report, "POL001")), *(each.place for each in of_code(report, "POL002"))}
    for workload in workloads_of(policy, extra):
        decision = run(report, policy, workload, candidates, catalog)
        name, said = walk(policy, workload)[0][-1]
        place = f"{name}: {said}"
        answered = {decision.chosen, *decision.tied}
        for each in decision.assessed:
            for verdict in each.verdicts:
                if each.model.id in answered and verdict.answer == "not met":
                    assert (place, verdict.requirement) in incapable, workload
        found = overlap(policy, decision)
        assert found is None or found in overlapping or {found[1], f"{found[1]}: yes"} & idle, workload
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
                assert overlap(policy, decision) == (finding.place, witness.place)


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
