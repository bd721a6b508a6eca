"""
What is wrong with a policy, each finding with a workload that shows it.

Nothing is sampled. The thresholds of the policy cut the workloads into finitely many kinds (``_space``),
sets of kinds are followed through the tree (``_regions``), and whether a candidate is chosen that cannot
do the work is a question to linear inequalities (``_choices``). Every witness is run through the policy
before it is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from math import floor
from typing import Any, Final, Literal, TypeAlias

import attrs

from llm_tradeoffs._decide import Decision, decide
from llm_tradeoffs._shown import Tabular
from llm_tradeoffs.assessment import REQUIREMENTS
from llm_tradeoffs.catalog import Catalog, held_catalog
from llm_tradeoffs.facts import as_day
from llm_tradeoffs.model import Model
from llm_tradeoffs.money import Exact, divide, exact, fixed
from llm_tradeoffs.policy._choices import INPUT_OF, Choices, Setting
from llm_tradeoffs.policy._linear import Bounds
from llm_tradeoffs.policy._regions import ALL, NOTHING, Box, Region
from llm_tradeoffs.policy._space import Key, Space, key_of, walls
from llm_tradeoffs.policy._tree import Condition, Outcome, Policy, Question
from llm_tradeoffs.policy._ways import Clause, Option
from llm_tradeoffs.workload import Workload

__all__ = ["CODES", "SCHEMA_VERSION", "Finding", "LintReport", "Witness", "lint"]

Severity = Literal["error", "warning"]
Said: TypeAlias = Literal["yes", "no"]
Place: TypeAlias = tuple[str, Said]
"""An answer: a question's id, and yes or no; an unknown answer leads where no leads."""

SCHEMA_VERSION: Final = 1
"""Version of the plain form of a report; raised whenever a reader of the old form would misread the new one."""

CODES: Final[dict[str, tuple[str, Severity]]] = {
    "POL001": ("a question is never asked", "error"),
    "POL002": ("an answer is never given", "error"),
    "POL003": ("a question changes nothing", "warning"),
    "POL004": ("an input changes nothing", "warning"),
    "POL005": ("a model is chosen that cannot do the work", "error"),
    "POL006": ("no answer", "error"),
    "POL007": ("two rules apply and choose different models", "warning"),
    "POL008": ("a threshold separates nobody", "warning"),
}
"""What each code stands for, and how bad it is: an error is wrong as it stands, a warning may be meant."""


@attrs.frozen(kw_only=True)
class Witness:
    """
    A workload that shows a defect.

    Attributes:
        place: Where in the policy it shows.
        workload: The workload.
        shows: What the policy makes of it, in words.
        requirement: The requirement that is not met, if it is about one.
    """

    place: str
    workload: Workload
    shows: str
    requirement: str = ""


@attrs.frozen(kw_only=True)
class Finding:
    """
    One defect of a policy.

    Attributes:
        code: Stable code, such as ``"POL001"``; see :data:`CODES`.
        severity: ``error`` for what is wrong as it stands, ``warning`` for what may be meant.
        place: The question, the answer (``"volume: no"``), the input or the list that it is about.
        message: What is wrong.
        repair: What to do.
        witnesses: Workloads that show it, the most telling one first; at least one.
        proof: Where no workload can do something: why not.
    """

    code: str
    severity: Severity
    place: str
    message: str
    repair: str
    witnesses: tuple[Witness, ...]
    proof: str = ""

    @property
    def title(self) -> str:
        """What the code stands for."""
        return CODES[self.code][0]

    @property
    def witness(self) -> Workload:
        """The workload that shows it best."""
        return self.witnesses[0].workload

    def __str__(self) -> str:
        lines = [f"{self.code} {self.severity}: {self.title} ({self.place})", f"  {self.message}"]
        if self.proof:
            lines.append(f"  proof: {self.proof}")
        first = self.witnesses[0]
        lines += [f"  witness: {first.workload!r}", f"    {first.shows}"]
        further: dict[str, list[str]] = {}
        for witness in self.witnesses[1:]:
            if witness.requirement:
                further.setdefault(witness.requirement, []).append(witness.place.replace(": ", " "))
            else:
                lines += [f"  witness: {witness.workload!r}", f"    {witness.shows}"]
        if further:
            lines.append("  further witnesses:")
            lines += [f"    {requirement}: {', '.join(places)}" for requirement, places in further.items()]
        lines.append(f"  repair: {self.repair}")
        return "\n".join(lines)


@attrs.frozen(kw_only=True, repr=False)
class LintReport(Tabular):
    """
    Everything that is wrong with a policy, under the facts of one day.

    It is a collection of its findings, so an empty report is false.

    Attributes:
        policy: Id of the policy.
        candidates: Ids of the models that were at hand.
        as_of: The day the facts are of.
        catalog_edition, trust: The facts that were asked.
        findings: By code, then in the order of the policy.
        schema_version: Version of the plain form.
    """

    policy: str
    candidates: tuple[str, ...]
    as_of: date
    catalog_edition: str
    trust: tuple[str, ...]
    findings: tuple[Finding, ...]
    schema_version: int = SCHEMA_VERSION

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def codes(self) -> tuple[str, ...]:
        """The code of every finding."""
        return tuple(finding.code for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The whole report in plain types; exact numbers as strings."""
        from llm_tradeoffs._serial import to_plain

        plain: dict[str, Any] = to_plain(self)
        return plain

    def __str__(self) -> str:
        among = ", ".join(self.candidates) or "no candidates"
        more = f" and {len(self.trust) - 3} more" if len(self.trust) > 3 else ""
        facts = f"{among}, as of {self.as_of}, trusting {', '.join(self.trust[:3])}{more}"
        if not self.findings:
            return f"{self.policy}: nothing found ({facts})"
        count = "1 finding" if len(self) == 1 else f"{len(self)} findings"
        return "\n\n".join([f"{self.policy}: {count} ({facts})", *map(str, self.findings)])

    def __repr__(self) -> str:
        return f"<LintReport {self.policy}: {', '.join(self.codes) or 'nothing found'}>"


def lint(
    policy: Policy,
    catalog: Catalog | None = None,
    candidates: Iterable[str | Model] | None = None,
    as_of: date | str | None = None,
) -> LintReport:
    """What is wrong with *policy*. See :meth:`Policy.lint`."""
    from llm_tradeoffs.selector import candidate_models  # a later module of this layer

    held = held_catalog(catalog)
    day = held.as_of if as_of is None else as_day(as_of)
    models = candidate_models(candidates, held, day)
    found = _Linter(policy, held, models, day).findings()
    return LintReport(
        policy=policy.id,
        candidates=tuple(model.id for model in models),
        as_of=day,
        catalog_edition=held.edition,
        trust=held.trust,
        findings=tuple(found),
    )


def _finding(code: str, place: str, message: str, repair: str, *witnesses: Witness, proof: str = "") -> Finding:
    return Finding(
        code=code,
        severity=CODES[code][1],
        place=place,
        message=message,
        repair=repair,
        witnesses=witnesses,
        proof=proof,
    )


class _Linter:
    """One policy, one catalog, one day."""

    def __init__(self, policy: Policy, catalog: Catalog, models: Sequence[Model], day: date) -> None:
        self.policy, self.catalog, self.models = policy, catalog, models
        self.space = Space(policy, catalog.tasks)
        self.regions = self.space.regions
        self.choices = Choices(policy, self.space, models, catalog, day)
        self.reached, self.taken = self._follow(policy.questions[0].id, self.space.real)

    def findings(self) -> Iterator[Finding]:
        """Every defect, by code."""
        yield from self._never_asked()
        yield from self._never_given()
        yield from self._idle_questions()
        yield from self._idle_inputs()
        if self.models:
            yield from self._cannot_do_the_work()
        yield from self._no_answer()
        if len(self.models) > 1:
            yield from self._overlaps()
            yield from self._idle_thresholds()

    # Following workloads through the tree.

    @cached_property
    def _answers(self) -> dict[str, tuple[Region, Region]]:
        """For each question where it is answered with yes, and where with no."""
        return {question.id: self.space.answers(question.when) for question in self.policy.questions}

    @cached_property
    def _in_order(self) -> list[Question]:
        """The questions so that each stands before those that its answers ask."""
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            if name not in done:
                for outcome in _outcomes(self.policy.question(name)).values():
                    if outcome.ask:
                        visit(outcome.ask)
                done[name] = None

        for question in reversed(self.policy.questions):
            visit(question.id)
        return [self.policy.question(name) for name in reversed(done)]

    def _follow(self, start: str, region: Region) -> tuple[dict[str, Region], dict[Place, Region]]:
        """Which part of *region*, asked from *start* on, reaches each question, and which takes each answer."""
        reached = {question.id: NOTHING for question in self.policy.questions}
        reached[start] = region
        taken: dict[Place, Region] = {}
        for question in self._in_order:
            here = reached[question.id]
            yes = self.regions.both(here, self._answers[question.id][0])
            for said, part in (("yes", yes), ("no", self.regions.without(here, yes))):
                place: Place = (question.id, "yes" if said == "yes" else "no")
                taken[place] = part
                after = self._outcome(place).ask
                if after:
                    reached[after] = self.regions.either(reached[after], part)
        return reached, taken

    def _outcome(self, place: Place) -> Outcome:
        return _outcomes(self.policy.question(place[0]))[place[1]]

    @cached_property
    def _ends(self) -> list[Place]:
        """The answers that end the tree and that some workload gives, in the order of the policy."""
        places = [place for question in self.policy.questions for place in _places(question)]
        return [place for place in places if not self._outcome(place).ask and self.taken[place] != NOTHING]

    def _workload(self, region: Region) -> Workload:
        workload = self.space.workload(region)
        assert workload is not None, "a set that is not empty has a member"
        return workload

    def _run(self, workload: Workload) -> tuple[Decision, str]:
        """What the policy makes of *workload*, also in words."""
        decision = self.choices.decide(workload)
        return decision, f"{_path(decision)}; {_verdict(decision)}"

    # POL001, POL002: what nobody reaches.

    def _never_asked(self) -> Iterator[Finding]:
        for question in self.policy.questions:
            if self.reached[question.id] != NOTHING:
                continue
            yes = self.regions.both(self.space.real, self._answers[question.id][0])
            workload = self._workload(yes if yes != NOTHING else self.space.real)
            decision, shows = self._run(workload)
            assert all(asked.id != question.id for asked, _ in decision.path)
            would = question.when.holds(workload)
            yield _finding(
                "POL001",
                question.id,
                f"no workload is ever asked {question.text!r}",
                f"let an answer lead to {question.id!r}, or take it out",
                Witness(
                    place=question.id,
                    workload=workload,
                    shows=f"its answer would be {would}, and it is not asked: {shows}",
                ),
                proof=self._why_never_asked(question),
            )

    def _why_never_asked(self, question: Question) -> str:
        ways: list[str] = []
        for place in (place for other in self.policy.questions for place in _places(other)):
            if self._outcome(place).ask == question.id:
                name, said = place
                why = (
                    "is never asked itself"
                    if self.reached[name] == NOTHING
                    else f"is never answered with {said}: {self._why_never_given(place)}"
                )
                ways.append(f"{said} to {name!r} leads here, and {name!r} {why}")
        if ways:
            return "; ".join(ways)
        index = self.policy.questions.index(question)
        before = self.policy.questions[index - 1]
        if not before.yes.ask and not before.no.ask:
            return f"no answer leads to it; both answers to {before.id!r}, the question before it, end the tree"
        return "no answer leads to it"

    def _never_given(self) -> Iterator[Finding]:
        for question in self.policy.questions:
            if self.reached[question.id] == NOTHING:
                continue
            for place in _places(question):
                if self.taken[place] != NOTHING:
                    continue
                name, said = place
                workload = self._workload(self.reached[name])
                decision, shows = self._run(workload)
                assert ("yes" if dict(_said(decision))[name] == "yes" else "no") != said
                yield _finding(
                    "POL002",
                    f"{name}: {said}",
                    f"no workload that is asked {question.text!r} answers {said}",
                    f"ask for something else, ask it elsewhere, or take {name!r} out",
                    Witness(place=name, workload=workload, shows=shows),
                    proof=self._why_never_given(place),
                )

    def _why_never_given(self, place: Place) -> str:
        question = self.policy.question(place[0])
        notes = list(self._notes(question))
        levels = {self.space.level[key_of(test)] for test in question.when.tests()}
        others = frozenset(range(len(self.space.dimensions))) - levels
        boxes = list(self.regions.boxes(self.regions.regardless(self.reached[question.id], others)))
        said = [" and ".join(self.space.dimensions[level].said(cells) for level, cells in box.items()) for box in boxes]
        never = "never" if place[1] == "yes" else "always"
        if {"longest_tokens", "input_tokens"} <= {self.space.dimensions[level].key[0] for level in levels}:
            notes.append("the longest request is never shorter than the mean one")
        about = f"with {'; or '.join(said)}, " if boxes and boxes != [{}] else ""
        return "; ".join([f"{about}'{question.when}' is {never} answered with yes", *notes])

    def _notes(self, question: Question) -> Iterator[str]:
        """Why a comparison of *question* can never be true, where the reason is outside the policy."""
        for test in question.when.tests():
            operand = test.operand
            if test.input == "languages" and isinstance(operand, str) and operand != operand.casefold():
                yield f"workloads hold languages in lower case, and {operand!r} is not"
            if test.input == "task" and test.operator == "is" and operand not in self.catalog.tasks:
                yield f"there is no task {operand!r} in the catalog; known: {', '.join(self.catalog.tasks) or 'none'}"

    # POL003, POL004: what changes nothing.

    @cached_property
    def _idle(self) -> list[str]:
        """The questions whose two answers are both given and always come to the same."""
        found: list[str] = []
        for question in self.policy.questions:
            places = _places(question)
            if any(self.taken[place] == NOTHING for place in places):
                continue
            ways = [self._results(self._outcome(place), self.reached[question.id]) for place in places]
            if ways[0] == ways[1]:
                found.append(question.id)
        return found

    def _results(self, outcome: Outcome, region: Region) -> dict[tuple[object, ...], Region]:
        """For each way of choosing the part of *region* that comes to it by way of *outcome*."""
        if not outcome.ask:
            return {_way(outcome): region}
        return self._by_way(self._follow(outcome.ask, region)[1])

    def _by_way(self, taken: dict[Place, Region]) -> dict[tuple[object, ...], Region]:
        found: dict[tuple[object, ...], Region] = {}
        for place, region in taken.items():
            outcome = self._outcome(place)
            if not outcome.ask and region != NOTHING:
                found[_way(outcome)] = self.regions.either(found.get(_way(outcome), NOTHING), region)
        return found

    def _idle_questions(self) -> Iterator[Finding]:
        for name in self._idle:
            question = self.policy.question(name)
            witnesses: list[Witness] = []
            for place in _places(question):
                workload = self._workload(self.taken[place])
                witnesses.append(Witness(place=name, workload=workload, shows=self._run(workload)[1]))
            yield _finding(
                "POL003",
                name,
                f"yes and no to {question.text!r} always come to the same way of choosing",
                f"let the answers lead to different ends, or take {name!r} out",
                *witnesses,
                proof="whatever workload is asked it, both answers lead to the same end",
            )

    def _idle_inputs(self) -> Iterator[Finding]:
        ways = self._by_way(self.taken)
        sound = [
            question
            for question in self.policy.questions
            if question.id not in self._idle and all(self.taken[place] != NOTHING for place in _places(question))
        ]
        for level, dimension in enumerate(self.space.dimensions):
            asking = [q for q in sound if any(key_of(test) == dimension.key for test in q.when.tests())]
            if not asking or self._tells_apart(level, ways.values()):
                continue
            question = asking[0]
            pair = self._pair(level, question) or (self._workload(self.reached[question.id]),)
            yield _finding(
                "POL004",
                dimension.name,
                f"{', '.join(repr(q.id) for q in asking)} asks about it, and what the policy does never depends on it",
                f"take it out of {question.id!r}, or let it decide something",
                *(Witness(place=question.id, workload=each, shows=self._run(each)[1]) for each in pair),
                proof=f"any two workloads that differ only in {dimension.name} come to the same way of choosing"
                if len(pair) > 1
                else "; ".join(
                    [f"whatever a workload says, {question.id!r} makes the same of it", *self._notes(question)]
                ),
            )

    def _tells_apart(self, level: int, ways: Iterable[Region]) -> bool:
        """Whether two workloads that differ only at *level* can come to different *ways*."""
        here = frozenset({level})
        parts = [self.regions.regardless(region, here) for region in ways]
        return any(
            self.regions.both(one, other) != NOTHING for index, one in enumerate(parts) for other in parts[:index]
        )

    def _pair(self, level: int, question: Question) -> tuple[Workload, Workload] | None:
        """Two workloads that differ at *level*, in what *question* tests there."""
        here = frozenset({level})
        for test in question.when.tests():
            if self.space.level[key_of(test)] != level:
                continue
            yes = self.regions.where(level, self.space.cells_where(test)[0])
            asked = self.regions.both(self.reached[question.id], yes)
            other = self.regions.without(self.space.real, yes)
            both = self.regions.both(self.regions.regardless(asked, here), self.regions.regardless(other, here))
            cells = self.space.plainest(both)
            if cells is None:
                continue
            alike = self.space.exactly({at: cell for at, cell in cells.items() if at != level})
            return self._workload(self.regions.both(alike, asked)), self._workload(self.regions.both(alike, other))
        return None

    # POL005: answers that cannot do the work.

    def _cannot_do_the_work(self) -> Iterator[Finding]:
        cases: list[tuple[bool, str, Witness]] = []
        missing: list[str] = []
        for requirement in REQUIREMENTS:
            name = requirement.id
            if name in self.policy.requirements:
                continue
            for place in self._ends:
                case = self._incapable(place, name)
                if case is not None:
                    cases.append((self._asked_too_late(name, case.workload), name, case))
                    if name not in missing:
                        missing.append(name)
        if not cases:
            return
        # First what the policy does ask about, in a question that these workloads never get to.
        cases.sort(key=lambda case: not case[0])
        late, name, first = cases[0]
        asked = next((question.id for question in self.policy.questions if self._asks(question, name)), "")
        too_late = f" {asked!r} asks about {_spaced(name)}, and this workload never gets there." if late else ""
        required = ", ".join(f'"{each}"' for each in missing)
        yield _finding(
            "POL005",
            "requirements",
            f"the answer {first.place!r} {first.shows}.{too_late} The policy does not require of a candidate: "
            f"{', '.join(map(_spaced, missing))}",
            f"require it of every candidate, before any question: requirements = [{required}]"
            if not self.policy.requirements
            else f"add to the requirements: {required}",
            *(case for _, _, case in cases),
        )

    def _asks(self, question: Question, requirement: str) -> bool:
        """Whether *question* can be asked and is about what *requirement* looks at."""
        wanted: Key = (INPUT_OF.get(requirement, "needs"), "" if requirement in INPUT_OF else requirement)
        keys = {key_of(test) for test in question.when.tests()}
        return self.reached[question.id] != NOTHING and any(
            key == wanted or (wanted == ("languages", "") and key[0] == "languages") for key in keys
        )

    def _asked_too_late(self, requirement: str, workload: Workload) -> bool:
        path = {question.id for question, _ in self.choices.decide(workload).path}
        asking = [question.id for question in self.policy.questions if self._asks(question, requirement)]
        return bool(asking) and not path.intersection(asking)

    def _incapable(self, place: Place, requirement: str) -> Witness | None:
        """A workload that comes to *place* and is answered with a model that the facts rule out."""
        outcome = self._outcome(place)
        every = [each.id for each in REQUIREMENTS]

        def somebody(box: Box, setting: Setting) -> Iterator[list[Clause]]:
            for index in range(len(self.models)):
                ruled_out = self.choices.verdict(index, requirement, setting)["not met"]
                if ruled_out and self.choices.can_be_answered(index, outcome, box, setting):
                    yield [ruled_out, *self.choices.answered(index, outcome, setting)]

        def the_wrong_one(box: Box, setting: Setting) -> Iterator[list[Clause]]:
            for wanted in somebody(box, setting):
                for other in range(len(self.models)):
                    yield [*wanted, *self.choices.able(other, every, setting)]

        def fits(_: Workload, decision: Decision) -> bool:
            return _end(decision) == place and bool(_ruled_out(decision, requirement))

        # Worst is a choice that cannot do the work where another candidate can.
        here = self.taken[place]
        found = self.choices.find(here, [outcome], the_wrong_one, fits, every, everywhere=False)
        if found is None:
            found = self.choices.find(here, [outcome], somebody, fits, every)
        if found is None:
            return None
        model, reason = _ruled_out(found.decision, requirement)[0]
        able = [each.model.id for each in found.decision.assessed if each.feasible]
        instead = f"{', '.join(able)} could do the work" if able else "no candidate can do this work"
        verb = "chooses" if found.decision.chosen else "leaves in a tie"
        return Witness(
            place=_shown(place),
            workload=found.workload,
            shows=f"{verb} {model} ({reason}); {instead}",
            requirement=requirement,
        )

    # POL006: no answer.

    def _no_answer(self) -> Iterator[Finding]:
        ends = [self._outcome(place) for place in self._ends]
        if all(outcome.tie == "all" for outcome in ends):
            workload = self._workload(self.space.real)
            decision, shows = self._run(workload)
            yield _finding(
                "POL006",
                "questions",
                "whatever the workload, the policy leaves it at a tie of all candidates",
                "let an answer rank the candidates",
                Witness(place=_shown(_end(decision)), workload=workload, shows=shows),
                proof="every answer that ends the tree says that every candidate will do",
            )
        for place in self._ends if self.models else ():
            found = self._dead_end(place) or self._unranked(place)
            if found is not None:
                yield found

    def _dead_end(self, place: Place) -> Finding | None:
        """Whether nobody who comes to *place* gets an answer."""
        outcome = self._outcome(place)

        def clauses(_: Box, setting: Setting) -> Iterator[list[Clause]]:
            for index in range(len(self.models)):
                yield self.choices.answered(index, outcome, setting)

        def fits(_: Workload, decision: Decision) -> bool:
            return _end(decision) == place and decision.status in {"selected", "tie"}

        if self.choices.find(self.taken[place], [outcome], clauses, fits, self.policy.requirements) is not None:
            return None
        workload = self._workload(self.taken[place])
        decision, shows = self._run(workload)
        why = "; ".join(
            f"{each.model.id}: {verdict.reason}"
            for each in decision.assessed
            for verdict in each.gaps
            if verdict.requirement in self.policy.requirements
        )
        return _finding(
            "POL006",
            _shown(place),
            f"no workload that comes here gets an answer: {decision.status}",
            "bring a candidate that can do this work, or the facts that are missing, or take the branch out",
            Witness(place=_shown(place), workload=workload, shows=f"{shows} ({why})" if why else shows),
            proof="no candidate meets the requirements and can be ranked for any workload that comes here",
        )

    def _unranked(self, place: Place) -> Finding | None:
        """Whether somebody who comes to *place* cannot be answered because nobody asked what the ranking needs."""
        outcome = self._outcome(place)
        if outcome.rank_by[:1] != ("expected_cost",):
            return None

        def clauses(_: Box, setting: Setting) -> Iterator[list[Clause]]:
            if setting.error_cost:
                return
            for one in range(len(self.models)):
                for other in range(one):
                    yield [
                        *self.choices.able(one, self.policy.requirements, setting),
                        *self.choices.able(other, self.policy.requirements, setting),
                    ]

        def fits(workload: Workload, decision: Decision) -> bool:
            return _end(decision) == place and workload.error_cost is None and decision.status == "needs_information"

        found = self.choices.find(self.taken[place], [outcome], clauses, fits, self.policy.requirements)
        if found is None:
            return None
        return _finding(
            "POL006",
            _shown(place),
            "it ranks by the expected cost of errors, and a workload that comes here need not say what an error costs",
            'ask first: when = { input = "error_cost_usd", stated = true }',
            Witness(place=_shown(place), workload=found.workload, shows=self._run(found.workload)[1]),
        )

    # POL007: rules that overlap.

    def _overlaps(self) -> Iterator[Finding]:
        """
        Workloads to which two rules apply that choose different models, where the order alone decides.

        A rule is a question whose yes ends the tree. It applies to a workload that comes to it and answers
        yes. The other rule is the one that would have applied if the first had been answered no; if it never
        applies at all, that is another finding.
        """
        for question in self.policy.questions:
            here, ask = self.taken[question.id, "yes"], question.no.ask
            if question.yes.ask or not ask or here == NOTHING:
                continue
            after = self._follow(ask, here)[1]
            found: list[Witness] = []
            for later in self._in_order:
                region, idle = after[later.id, "yes"], self.taken[later.id, "yes"] == NOTHING
                if later.yes.ask or later.id in question.outranks or region == NOTHING or idle:
                    continue
                conflict = self._conflict(question, later, region)
                if conflict is not None:
                    found.append(conflict)
            if found:
                later_ones = ", ".join(f'"{witness.place}"' for witness in found)
                yield _finding(
                    "POL007",
                    question.id,
                    f"{found[0].shows}. Nothing says that {question.id!r} is meant to win",
                    f"if {question.id!r} is meant to win, say so there: outranks = [{later_ones}]. If it is not, ask "
                    f"the other question first, or narrow the condition of {question.id!r}",
                    *found,
                )

    def _conflict(self, question: Question, later: Question, region: Region) -> Witness | None:
        """A workload of *region* for which the two choose different models that can both do the work."""
        first, second = question.yes, later.yes
        if _way(first) == _way(second):
            return None
        alone = attrs.evolve(later, no=second, outranks=())
        if_alone = attrs.evolve(self.policy, questions=(alone,))
        names = [requirement.id for requirement in REQUIREMENTS]

        def clauses(box: Box, setting: Setting) -> Iterator[list[Clause]]:
            seconds = _Remembered(self.choices.can_be_chosen(second, box, setting, names))
            for one in self.choices.can_be_chosen(first, box, setting, names):
                for other in seconds:
                    if one != other:
                        yield [
                            *self.choices.chosen(one, first, setting, able=other),
                            *self.choices.chosen(other, second, setting, able=one),
                            *self.choices.able(one, names, setting),
                            *self.choices.able(other, names, setting),
                        ]

        def fits(_: Workload, decision: Decision) -> bool:
            other = decide(decision.workload, decision.assessed, if_alone)
            able = {each.model.id for each in decision.assessed if each.feasible}
            return (
                _end(decision) == (question.id, "yes")
                and decision.chosen != other.chosen
                and decision.chosen in able
                and other.chosen in able
            )

        found = self.choices.find(region, [first, second], clauses, fits, names)
        if found is None:
            return None
        other = decide(found.workload, found.decision.assessed, if_alone)
        mine, theirs = found.decision.chosen, other.chosen
        return Witness(
            place=later.id,
            workload=found.workload,
            shows=f"{question.id!r} and {later.id!r} would both be answered yes; {question.id!r} is asked first and "
            f"chooses {mine}, {later.id!r} would choose {theirs}, which can do the work as well"
            f"{_dearer(found.decision, other)}",
        )

    # POL008: thresholds that separate nobody.

    def _idle_thresholds(self) -> Iterator[Finding]:
        """
        Thresholds at which all candidates stand on the same side.

        A requirement holds a limit against each candidate. A policy without it has only its threshold to
        tell who can keep the limit from who cannot; if at the threshold all can, or none, it tells nothing.
        """
        for question in self.policy.questions:
            seen: set[str] = set()
            for test in question.when.tests():
                requirement = _requirement_of(test)
                if str(test) in seen or requirement is None or requirement in self.policy.requirements:
                    continue
                seen.add(str(test))
                found = self._idle_threshold(question, test, requirement)
                if found is not None:
                    yield found

    def _idle_threshold(self, question: Question, test: Condition, requirement: str) -> Finding | None:
        edge = self._edge(test)
        every = range(len(self.models))

        def differ(_: Box, setting: Setting) -> Iterator[list[Clause]]:
            verdicts = [self.choices.verdict(index, requirement, setting) for index in every]
            # Where any two differ, one of them differs from the first.
            for other in every[1:]:
                for answer, verdict in verdicts[0].items():
                    for unlike, different in verdicts[other].items():
                        if answer != unlike:
                            yield [edge, verdict, different]

        def alike(_: Box, setting: Setting) -> Iterator[list[Clause]]:
            verdicts = [self.choices.verdict(index, requirement, setting) for index in every]
            yield [edge, *(verdict["met"] for verdict in verdicts)]
            yield [edge, *(verdict["not met"] for verdict in verdicts)]

        def answers(decision: Decision) -> set[str]:
            verdicts = [each.verdict(requirement) for each in decision.assessed]
            return {"" if verdict is None else verdict.answer for verdict in verdicts}

        find = self.choices.find
        if find(ALL, (), differ, lambda _, decision: len(answers(decision)) > 1, {requirement}) is not None:
            return None
        found = find(ALL, (), alike, lambda _, decision: answers(decision) in ({"met"}, {"not met"}), {requirement})
        if found is None:
            return None
        said = "; ".join(
            f"{each.model.id}: {verdict.reason}"
            for each in found.decision.assessed
            if (verdict := each.verdict(requirement)) is not None
        )
        everybody = "every candidate meets it" if answers(found.decision) == {"met"} else "no candidate meets it"
        return _finding(
            "POL008",
            f"{question.id}: {test}",
            f"at the threshold {everybody}, so it tells none of them from the others ({said})",
            f'put it where the candidates differ; or require "{requirement}", which holds the limit itself against '
            "what is known of each candidate",
            Witness(
                place=question.id,
                workload=found.workload,
                shows=f"{test}: {test.holds(found.workload)}; {said}",
            ),
        )

    def _edge(self, test: Condition) -> Clause:
        """That a workload lies where *test* begins to ask more of a candidate."""
        key = key_of(test)
        name, element = key
        if element:
            return [Option(((key, True),))]
        bound = exact(test.operand, name)  # type: ignore[arg-type]  # a number, as the policy was checked
        most = name in {"max_ttft_ms", "max_response_ms"}
        # A threshold lies just below its number or just above it; the side that asks more is the lower one
        # for a limit, and the upper one for a length or a least quality.
        just_below = test.operator in {"at_least", "below"}
        ends = list(self._ends_of_facts(name))
        if most != just_below:
            bounds = Bounds(bound, bound)
        elif most:
            bounds = Bounds(max((end for end in ends if end < bound), default=0), bound, above=True, below=True)
        elif name == "min_quality_percent":
            bounds = Bounds(bound, min((end for end in ends if end > bound), default=100), above=True, below=True)
        else:
            following = floor(bound) + 1
            bounds = Bounds(following, following)
        optional = name not in {"output_tokens", "longest_tokens"}
        return [Option(((key, True),) if optional else (), walls(name, bounds))]

    def _ends_of_facts(self, name: str) -> Iterator[Exact]:
        """Where a verdict on the limit *name* can change, whatever else the workload says."""
        if name == "max_ttft_ms":
            ranges = [model.ttft for model in self.models]
        elif name == "min_quality_percent":
            plain = [Workload(input_tokens=0, output_tokens=0, task=task) for task in (None, *self.catalog.tasks)]
            ranges = [each.quality.percent for workload in plain for each in self.choices.assessed(workload)]
        else:
            return
        for range_ in ranges:
            if range_ is not None:
                yield from (range_.low, range_.high)


class _Remembered:
    """What an iterator yields, taken from it once and only as far as somebody asks."""

    def __init__(self, source: Iterator[int]) -> None:
        self._source, self._seen = source, list[int]()

    def __iter__(self) -> Iterator[int]:
        yield from self._seen
        for item in self._source:
            self._seen.append(item)
            yield item


def _outcomes(question: Question) -> dict[Said, Outcome]:
    return {"yes": question.yes, "no": question.no}


def _places(question: Question) -> tuple[Place, Place]:
    return (question.id, "yes"), (question.id, "no")


def _way(outcome: Outcome) -> tuple[object, ...]:
    """How *outcome* chooses, whatever its reason."""
    return outcome.rank_by, outcome.tie


def _shown(place: Place) -> str:
    return f"{place[0]}: {place[1]}"


def _said(decision: Decision) -> Iterator[tuple[str, str]]:
    return ((question.id, answer) for question, answer in decision.path)


def _path(decision: Decision) -> str:
    return ", ".join(f"{name} {answer}" for name, answer in _said(decision))


def _end(decision: Decision) -> Place:
    question, answer = decision.path[-1]
    return question.id, "yes" if answer == "yes" else "no"


def _verdict(decision: Decision) -> str:
    if decision.chosen is not None:
        return f"chooses {decision.chosen}"
    if decision.tied:
        return f"a tie of {', '.join(decision.tied)}"
    return decision.status if decision.assessed else str(decision.outcome)


def _ruled_out(decision: Decision, requirement: str) -> list[tuple[str, str]]:
    """The models in the answer that do not meet *requirement*, each with the reason."""
    answered = {decision.chosen, *decision.tied}
    verdicts = [(each.model.id, each.verdict(requirement)) for each in decision.assessed if each.model.id in answered]
    return [
        (model, verdict.reason) for model, verdict in verdicts if verdict is not None and verdict.answer == "not met"
    ]


def _dearer(decision: Decision, other: Decision) -> str:
    """How the costs of the two choices compare, in words."""
    costs = {each.model.id: each.cost for each in decision.assessed}
    mine, theirs = (costs.get(each.chosen or "") for each in (decision, other))
    if mine is None or theirs is None or not mine.per_request.pico or not theirs.per_request.pico:
        return ""
    if mine.per_request == theirs.per_request:
        return " at the same cost"
    high, low = max(mine.per_request, theirs.per_request), min(mine.per_request, theirs.per_request)
    times = f"{fixed(divide(high.pico, low.pico), 2)} times as much"
    return f", and {decision.chosen} costs {times}" if mine.per_request == high else f" and costs {times}"


def _spaced(requirement: str) -> str:
    return requirement.replace("_", " ")


def _requirement_of(test: Condition) -> str | None:
    """The requirement that holds what *test* tests against a candidate's facts."""
    if test.operator == "stated":
        return None
    if test.input == "needs":
        return str(test.operand)
    return next((requirement for requirement, name in INPUT_OF.items() if name == test.input), None)
