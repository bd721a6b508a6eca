"""
The shape of a policy, and how it is read.

A policy first asks hard requirements of every candidate, then questions of the workload, one after the
other, until an outcome says how the candidates that are left are ranked. Nothing in it names a model,
so the same tree works for any candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import attrs

from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.assessment import REQUIREMENTS
from llm_tradeoffs.catalog import Catalog, held_catalog
from llm_tradeoffs.errors import InvalidTypeError, InvalidValueError, PolicyError, UnknownNameError
from llm_tradeoffs.money import Exact, exact, grouped
from llm_tradeoffs.workload import LEVELS, NEEDS, PRIORITIES, Workload

if TYPE_CHECKING:
    from llm_tradeoffs.model import Model
    from llm_tradeoffs.policy._lint import LintReport

__all__ = ["CRITERIA", "INPUTS", "Answer", "Condition", "Input", "Outcome", "Policy", "Question"]

Answer = Literal["yes", "no", "unknown"]

CRITERIA: Final = {
    "cost": ("lowest", "cost per request"),
    "expected_cost": ("lowest", "cost per request with the expected cost of errors"),
    "quality": ("highest", "share of right answers"),
    "ttft": ("shortest", "time to first token"),
    "response_time": ("shortest", "response time"),
    "context_window": ("largest", "context window"),
    "vision": ("best", "ability to read images"),
}
"""What candidates can be ranked by: which value is best, and of what."""


@attrs.frozen(kw_only=True)
class Input:
    """
    A property of a workload that a question can be about.

    Attributes:
        kind: ``number``, ``choice`` or ``set``.
        read: Its value, or None where the workload does not say.
        choices: The values a choice or set can have.
        unit: Unit of a number.
        if_unstated: What a question takes the answer for where the workload does not say, in words.
    """

    kind: Literal["number", "choice", "set"]
    read: Callable[[Workload], object]
    choices: tuple[str, ...] = ()
    unit: str = ""
    if_unstated: str = ""


def _error_cost(workload: Workload) -> object:
    return None if workload.error_cost is None else workload.error_cost.as_fraction()


INPUTS: Final[Mapping[str, Input]] = {
    "longest_tokens": Input(kind="number", read=lambda workload: workload.longest_request_tokens, unit="tokens"),
    "input_tokens": Input(kind="number", read=lambda workload: workload.input_tokens, unit="tokens"),
    "output_tokens": Input(kind="number", read=lambda workload: workload.output_tokens, unit="tokens"),
    "turns": Input(kind="number", read=lambda workload: workload.turns),
    "requests_per_month": Input(
        kind="number", read=lambda workload: workload.requests_in("month"), if_unstated="taken as few requests"
    ),
    "max_ttft_ms": Input(
        kind="number", read=lambda workload: workload.max_ttft_ms, unit="ms", if_unstated="taken as no limit"
    ),
    "max_response_ms": Input(
        kind="number", read=lambda workload: workload.max_response_ms, unit="ms", if_unstated="taken as no limit"
    ),
    "error_cost_usd": Input(
        kind="number", read=_error_cost, unit="USD", if_unstated="errors are not priced into the choice"
    ),
    "min_quality_percent": Input(
        kind="number", read=lambda workload: workload.min_quality_percent, unit="%", if_unstated="taken as no limit"
    ),
    "priority": Input(kind="choice", read=lambda workload: workload.priority, choices=PRIORITIES),
    "volume": Input(
        kind="choice", read=lambda workload: workload.volume, choices=LEVELS, if_unstated="not taken as high or low"
    ),
    "complexity": Input(
        kind="choice", read=lambda workload: workload.complexity, choices=LEVELS, if_unstated="not taken as high or low"
    ),
    "task": Input(kind="choice", read=lambda workload: workload.task, if_unstated="taken as general knowledge"),
    "needs": Input(kind="set", read=lambda workload: workload.needs, choices=NEEDS),
    "languages": Input(kind="set", read=lambda workload: workload.languages),
}
"""Every property of a workload that a policy can ask about."""

_COMPARE: Final[dict[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "above": (">", lambda value, bound: value > bound),
    "at_least": ("≥", lambda value, bound: value >= bound),
    "below": ("<", lambda value, bound: value < bound),
    "at_most": ("≤", lambda value, bound: value <= bound),
}
OPERATORS: Final = {
    "number": (*_COMPARE, "stated"),
    "choice": ("is", "stated"),
    "set": ("includes",),
}


@attrs.frozen(kw_only=True)
class Condition:
    """
    A condition on a workload: one comparison, or several under ``all``, ``any`` or ``not``.

    Attributes:
        kind: ``test``, ``all``, ``any`` or ``not``.
        input: Which property is tested, a key of :data:`INPUTS`.
        operator: ``above``, ``at_least``, ``below``, ``at_most``, ``is``, ``includes`` or ``stated``.
        operand: What it is tested against.
        parts: The conditions under ``all``, ``any`` and ``not``.
    """

    kind: Literal["test", "all", "any", "not"]
    input: str = ""
    operator: str = ""
    operand: Exact | str | bool | None = None
    parts: tuple[Condition, ...] = ()

    def holds(self, workload: Workload) -> Answer:
        """
        Whether *workload* satisfies it; unknown where it does not say what is asked.

        ``all`` is no as soon as one part is no, ``any`` is yes as soon as one part is yes (Kleene's logic).
        """
        if self.kind == "test":
            return self.answer(INPUTS[self.input].read(workload))
        answers = [part.holds(workload) for part in self.parts]
        if self.kind == "not":
            return {"yes": "no", "no": "yes"}.get(answers[0], "unknown")  # type: ignore[return-value]  # the three answers
        decisive: Answer = "no" if self.kind == "all" else "yes"
        if decisive in answers:
            return decisive
        if "unknown" in answers:
            return "unknown"
        return "yes" if self.kind == "all" else "no"

    def answer(self, value: object) -> Answer:
        """What a single comparison answers where the property has this *value*; None is not stated."""
        if self.operator == "stated":
            return "yes" if (value is not None) == self.operand else "no"
        if value is None:
            return "unknown"
        if self.operator == "is":
            return "yes" if value == self.operand else "no"
        if self.operator == "includes":
            return "yes" if self.operand in value else "no"  # type: ignore[operator]  # a set by its kind
        return "yes" if _COMPARE[self.operator][1](value, self.operand) else "no"

    def tests(self) -> tuple[Condition, ...]:
        """Every single comparison in it, from left to right."""
        if self.kind == "test":
            return (self,)
        return tuple(test for part in self.parts for test in part.tests())

    def facts(self, workload: Workload) -> tuple[str, ...]:
        """What the workload says about each property that is tested, in words."""
        return tuple(dict.fromkeys(_fact(test.input, workload) for test in self.tests()))

    def __str__(self) -> str:
        if self.kind == "test":
            name = self.input
            if self.operator == "stated":
                return f"{name} is {'stated' if self.operand else 'not stated'}"
            if isinstance(self.operand, int | Fraction):
                unit = INPUTS[name].unit
                return f"{name} {_COMPARE[self.operator][0]} {grouped(self.operand)}{f' {unit}' if unit else ''}"
            return f"{name} {self.operator} {self.operand}"
        if self.kind == "not":
            return f"not ({self.parts[0]})"
        joiner = " and " if self.kind == "all" else " or "
        return joiner.join(f"({part})" if part.kind in {"all", "any"} else str(part) for part in self.parts)


def _fact(name: str, workload: Workload) -> str:
    value = INPUTS[name].read(workload)
    unit = INPUTS[name].unit
    if value is None:
        return f"{name} is not stated"
    if isinstance(value, frozenset):
        listed = ", ".join(sorted(cast("frozenset[str]", value)))
        return f"{name} are {listed or 'none'}"
    if isinstance(value, str):
        return f"{name} is {value}"
    return f"{name} is {grouped(exact(value, name))}{f' {unit}' if unit else ''}"  # type: ignore[arg-type]  # numbers are left


@attrs.frozen(kw_only=True)
class Outcome:
    """
    Where an answer leads: to the next question, or to a way of choosing.

    Attributes:
        ask: The id of the next question; empty if this is the end.
        rank_by: Criteria, most important first: the first candidate is chosen.
        tie: ``"all"``: every candidate will do. ``"trade-off"``: a candidate that is at least as good as
            every other in cost, quality and latency is chosen; otherwise it is a tie. Empty if ranked.
        because: The reason, in the policy's words.
    """

    ask: str = ""
    rank_by: tuple[str, ...] = ()
    tie: Literal["", "all", "trade-off"] = ""
    because: str = ""

    def __str__(self) -> str:
        if self.ask:
            return f"ask {self.ask!r}"
        if self.rank_by:
            return "rank by " + ", then ".join(" ".join(CRITERIA[name]) for name in self.rank_by)
        return "every candidate will do" if self.tie == "all" else "weigh cost, quality and latency"


@attrs.frozen(kw_only=True)
class Question:
    """
    One question about the workload.

    Attributes:
        id: Short name.
        text: The question in words.
        when: The condition that makes the answer yes.
        yes, no: Where the answers lead. An unknown answer is taken as no, and recorded as an assumption.
        outranks: Ids of later questions that this one is meant to win over where both apply. It changes no
            answer; it tells the linter that the order is deliberate.
    """

    id: str
    text: str
    when: Condition
    yes: Outcome
    no: Outcome
    outranks: tuple[str, ...] = ()

    @cached_property
    def threshold(self) -> str:
        """The condition in words, made once."""
        return str(self.when)


@attrs.frozen(kw_only=True)
class Policy(Tabular):
    """
    A decision tree over facts.

    Attributes:
        id: Short name.
        title: The name for people.
        description: What it is for.
        source: Id of the source it was taken from, if it was.
        requirements: Ids of the hard requirements that are asked of every candidate, in order. A policy
            without any can choose a model that cannot do the work.
        questions: Asked from the first one on, as the answers lead.

    Raises:
        PolicyError: Questions that do not exist or that lead in a circle, unknown inputs or criteria.
    """

    id: str
    title: str
    description: str = ""
    source: str | None = None
    requirements: tuple[str, ...] = ()
    questions: tuple[Question, ...]

    def __attrs_post_init__(self) -> None:
        problems = problems_of(self.requirements, self.questions)
        if problems:
            listed = "\n".join(f"  - {where}: {problem}" for where, problem in problems)
            raise PolicyError(f"the policy {self.id!r} cannot be followed:\n{listed}")

    @classmethod
    def named(cls, name: str, catalog: Catalog | None = None) -> Policy:
        """
        A policy by its id: one of the catalog's own, else ``"guide"`` or ``"article"``.

        Raises:
            UnknownNameError: There is none of that name; near misses are listed.
            CatalogError: The file is wrong; every fault with its line.
        """
        from llm_tradeoffs.policy._read import parse_policy

        texts = {**Catalog.bundled().policy_texts, **held_catalog(catalog).policy_texts}
        if not isinstance(name, str) or name not in texts:
            raise UnknownNameError("policy", name, texts)
        return parse_policy(texts[name], f"policies/{name}.toml")

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Policy:
        """
        A policy from a TOML file in the form of ``catalog/policies/``.

        Raises:
            CatalogError: The file is wrong; every fault with its line.
        """
        from llm_tradeoffs.policy._read import load_policy

        return load_policy(path)

    def question(self, name: str) -> Question:
        """
        A question by its id.

        Raises:
            UnknownNameError: There is none of that name.
        """
        found = self._by_id.get(name)
        if found is None:
            raise UnknownNameError("question", name, self._by_id)
        return found

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    def lint(
        self,
        catalog: Catalog | None = None,
        candidates: Iterable[str | Model] | None = None,
        as_of: date | str | None = None,
    ) -> LintReport:
        """
        What is wrong with these rules, each finding with a workload that shows it.

        Questions that are never asked, answers that never come, inputs that change nothing, workloads
        without an answer; and for the candidates at hand, models that are chosen and cannot do the work,
        rules that contradict each other, thresholds that separate nobody.

        >>> [finding.code for finding in Policy.named("guide").lint()]
        []

        Args:
            catalog: Whose facts hold; None for the bundled catalog.
            candidates: Names in the catalog or :class:`Model` values; None for those that the catalog proposes.
            as_of: The day whose facts hold; None for the catalog's own day.

        Raises:
            UnknownNameError, NoFactOnDateError, InvalidValueError: A candidate, as for ``recommend``.
        """
        from llm_tradeoffs.policy._lint import lint  # whoever only asks for an answer need not load it

        return lint(self, catalog, candidates, as_of)

    def tree(self) -> str:
        """The policy as an indented tree, to be read aloud: each question stands where it is asked."""
        from llm_tradeoffs.policy._draw import tree

        return tree(self)

    def to_mermaid(self) -> str:
        """The policy as a Mermaid flowchart, which GitHub and many wikis draw."""
        from llm_tradeoffs.policy._draw import mermaid

        return mermaid(self)

    def __str__(self) -> str:
        lines = [f"{self.title} ({self.id})"]
        asked = {requirement.id: requirement.question for requirement in REQUIREMENTS}
        lines.extend(f"  require: {asked[name]}" for name in self.requirements)
        for question in self.questions:
            lines.append(f"  {question.id}: {question.text}  [{question.when}]")
            lines.append(f"    yes: {question.yes}" + (f" ({question.yes.because})" if question.yes.because else ""))
            lines.append(f"    no:  {question.no}" + (f" ({question.no.because})" if question.no.because else ""))
        return "\n".join(lines)


def problems_of(requirements: Sequence[str], questions: Sequence[Question]) -> list[tuple[str, str]]:
    """Every reason why a policy of these *requirements* and *questions* cannot be followed, with the place of each."""
    known = {requirement.id for requirement in REQUIREMENTS}
    problems = [
        (f"requirements[{index}]", f"unknown requirement {name!r}; known: {', '.join(sorted(known))}")
        for index, name in enumerate(requirements)
        if name not in known
    ]
    if not questions:
        problems.append(("questions", "there is no question; write one at least"))
    ids = [question.id for question in questions]
    for index, question in enumerate(questions):
        place = f"questions[{index}]"
        if question.id in ids[:index]:
            problems.append((f"{place}.id", f"the question {question.id!r} is defined twice"))
        problems.extend(_condition_problems(question.when, f"{place}.when"))
        for answer, outcome in (("yes", question.yes), ("no", question.no)):
            problems.extend(_outcome_problems(outcome, ids, f"{place}.{answer}"))
    return problems + _cycles(questions) + _precedence_problems(questions)


def _condition_problems(condition: Condition, place: str) -> list[tuple[str, str]]:
    if condition.kind not in {"test", "all", "any", "not"}:
        return [(place, f"unknown kind of condition {condition.kind!r}; known: test, all, any, not")]
    if condition.kind == "not":
        if len(condition.parts) != 1:
            return [(place, f"not takes one condition, got {len(condition.parts)}")]
        return _condition_problems(condition.parts[0], f"{place}.not")
    if condition.kind != "test":
        if not condition.parts:
            return [(place, f"{condition.kind} takes at least one condition, got none")]
        return [
            problem
            for index, part in enumerate(condition.parts)
            for problem in _condition_problems(part, f"{place}.{condition.kind}[{index}]")
        ]
    described = INPUTS.get(condition.input)
    if described is None:
        return [(place, f"unknown input {condition.input!r}; known: {', '.join(INPUTS)}")]
    operators = OPERATORS[described.kind]
    operand = condition.operand
    if condition.operator not in operators:
        return [
            (place, f"{condition.input} is a {described.kind}: ask {', '.join(operators)}, not {condition.operator!r}")
        ]
    if condition.operator == "stated":
        return [] if type(operand) is bool else [(place, f"stated takes true or false, got {operand!r}")]
    if described.kind == "number":
        is_number = isinstance(operand, int | Fraction) and not isinstance(operand, bool)
        return [] if is_number else [(place, f"{condition.input} is compared with a number, got {operand!r}")]
    if not isinstance(operand, str):
        return [(place, f"{condition.input} is compared with a text, got {operand!r}")]
    if described.choices and operand not in described.choices:
        return [(place, f"{condition.input} is never {operand!r}; it is one of {', '.join(described.choices)}")]
    return []


def _outcome_problems(outcome: Outcome, ids: list[str], place: str) -> list[tuple[str, str]]:
    ways = [bool(outcome.ask), bool(outcome.rank_by), bool(outcome.tie)]
    if sum(ways) != 1:
        return [(place, "an answer leads to exactly one of: ask, rank_by, tie")]
    if outcome.ask and outcome.ask not in ids:
        return [(f"{place}.ask", f"unknown question {outcome.ask!r}; known: {', '.join(ids)}")]
    if outcome.tie and outcome.tie not in {"all", "trade-off"}:
        return [(f"{place}.tie", f"unknown tie {outcome.tie!r}; known: all, trade-off")]
    return [
        (f"{place}.rank_by", f"unknown criterion {name!r}; known: {', '.join(CRITERIA)}")
        for name in outcome.rank_by
        if name not in CRITERIA
    ]


def _cycles(questions: Sequence[Question]) -> list[tuple[str, str]]:
    """Chains of questions that come back to where they were; each is named once, at the question it returns to."""
    following = {question.id: [o.ask for o in (question.yes, question.no) if o.ask] for question in questions}
    places = {question.id: index for index, question in enumerate(questions)}
    found: list[tuple[str, str]] = []
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = (*path[path.index(name) :], name)
            found.append((f"questions[{places[name]}]", f"these questions lead in a circle: {' → '.join(circle)}"))
            return
        if name in done:
            return
        for after in following.get(name, ()):
            visit(after, (*path, name))
        done.add(name)

    for question in questions:
        visit(question.id, ())
    return found


def _precedence_problems(questions: Sequence[Question]) -> list[tuple[str, str]]:
    """Claims to outrank a question that does not exist, or that is not asked after the one that claims it."""
    following = {question.id: [o.ask for o in (question.yes, question.no) if o.ask] for question in questions}
    found: list[tuple[str, str]] = []
    for index, question in enumerate(questions):
        if not question.outranks:
            continue
        later: dict[str, None] = {}
        ahead = list(following[question.id])
        while ahead:
            name = ahead.pop()
            if name not in later:
                later[name] = None
                ahead.extend(following.get(name, ()))
        for position, name in enumerate(question.outranks):
            place = f"questions[{index}].outranks[{position}]"
            if name not in following:
                found.append((place, f"unknown question {name!r}; known: {', '.join(following)}"))
            elif name not in later:
                found.append((place, f"{name!r} is never asked after {question.id!r}, which cannot outrank it"))
    return found


def condition_from(value: object, place: str, problem: Callable[[str, str], None]) -> Condition:
    """
    A condition from what TOML holds: ``{input = "priority", is = "accuracy"}``, ``{all = [...]}``, ``{not = {...}}``.

    Args:
        value: The parsed table.
        place: Where it stands, for the report.
        problem: Called with the place and what is wrong; reading goes on.
    """
    nothing = Condition(kind="test")
    if not isinstance(value, dict):
        problem(place, f"expected a condition such as {{ input = 'priority', is = 'cost' }}, got {value!r}")
        return nothing
    table = cast("dict[str, object]", value)
    joined: tuple[Literal["all", "any"], ...] = ("all", "any")
    for kind in joined:
        if kind in table:
            parts = table[kind]
            if len(table) != 1 or not isinstance(parts, list) or not parts:
                problem(place, f"{kind} takes a list of conditions and stands alone")
                return nothing
            listed = cast("list[object]", parts)
            return Condition(
                kind=kind,
                parts=tuple(
                    condition_from(part, f"{place}.{kind}[{index}]", problem) for index, part in enumerate(listed)
                ),
            )
    if "not" in table:
        if len(table) != 1:
            problem(place, "not takes one condition and stands alone")
            return nothing
        return Condition(kind="not", parts=(condition_from(table["not"], f"{place}.not", problem),))
    operators = [key for key in table if key != "input"]
    if "input" not in table or len(operators) != 1:
        problem(place, f"a condition names one input and one operator, got {', '.join(table) or 'nothing'}")
        return nothing
    operand: Any = table[operators[0]]
    if isinstance(operand, Decimal) or type(operand) is int:
        try:
            operand = exact(operand, "an operand")
        except InvalidValueError as wrong:
            problem(place, str(wrong))
            return nothing
    return Condition(kind="test", input=str(table["input"]), operator=operators[0], operand=operand)


def as_policy(policy: Policy | str, catalog: Catalog) -> Policy:
    """The policy, or the one of that id."""
    if isinstance(policy, Policy):
        return policy
    if isinstance(policy, str):
        return Policy.named(policy, catalog)
    raise InvalidTypeError(f"expected a Policy or the id of one such as 'guide', got {policy!r}.")
