"""A policy as a tree to read aloud, and as a flowchart to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llm_tradeoffs.assessment import REQUIREMENTS
from llm_tradeoffs.policy._tree import Outcome, Policy, Question

__all__ = ["mermaid", "tree"]

_QUESTIONS: Final = {requirement.id: requirement.question for requirement in REQUIREMENTS}


def tree(policy: Policy) -> str:
    """
    *policy* as an indented tree: every question stands under the answer that leads to it.

    A question to which several answers lead is written out where it is first asked. Questions that no
    answer leads to stand at the end.
    """
    lines = [_one_line(policy.title), *(f"  Of every model: {_QUESTIONS[name]}" for name in policy.requirements)]
    written: set[str] = set()
    lines += _branch(policy, policy.questions[0], "  ", written)
    for question in policy.questions:
        if question.id not in written:
            lines.append("  Never asked:")
            lines += _branch(policy, question, "    ", written)
    return "\n".join(lines)


def _branch(policy: Policy, question: Question, indent: str, written: set[str]) -> Iterator[str]:
    written.add(question.id)
    yield f"{indent}{_one_line(question.text)} ({question.when})"
    if question.outranks:
        yield f"{indent}  (meant to win over: {', '.join(question.outranks)})"
    for answer, outcome in (("Yes", question.yes), ("No", question.no)):
        if not outcome.ask:
            yield f"{indent}  {answer}: {_end(outcome)}"
        elif outcome.ask in written:
            yield f"{indent}  {answer}: go on above, with: {_one_line(policy.question(outcome.ask).text)}"
        else:
            # "No, go on" reads like the next line of a list and need not be indented further.
            straight_on = answer == "No" and not question.yes.ask
            yield f"{indent}  {answer}:" + (" go on" if straight_on else "")
            after = policy.question(outcome.ask)
            yield from _branch(policy, after, indent if straight_on else f"{indent}    ", written)


def _end(outcome: Outcome) -> str:
    return f"{outcome}, because: {_one_line(outcome.because)}" if outcome.because else str(outcome)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def mermaid(policy: Policy) -> str:
    """
    *policy* as a Mermaid flowchart: questions are rhombs, ways of choosing are rounded.

    Source:
        Mermaid, "Flowcharts - Basic Syntax": special characters stand in quotes, as entity codes.
        https://mermaid.js.org/syntax/flowchart.html
    """
    lines = ["flowchart TD"]
    names = {question.id: f"q{number}" for number, question in enumerate(policy.questions, start=1)}
    first = names[policy.questions[0].id]
    if policy.requirements:
        asked = "<br/>".join(_escaped(_QUESTIONS[name]) for name in policy.requirements)
        lines.append(f'    start["Of every model:<br/>{asked}"] --> {first}')
    else:
        lines.append(f'    start(["{_escaped(policy.title)}"]) --> {first}')
    for question in policy.questions:
        name = names[question.id]
        lines.append(f'    {name}{{"{_escaped(question.text)}<br/><i>{_escaped(str(question.when))}</i>"}}')
        for answer, outcome in (("yes", question.yes), ("no", question.no)):
            if outcome.ask:
                lines.append(f"    {name} -->|{answer}| {names[outcome.ask]}")
                continue
            because = f"<br/><i>{_escaped(outcome.because)}</i>" if outcome.because else ""
            lines.append(f'    {name} -->|{answer}| {name}{answer}("{_escaped(str(outcome))}{because}")')
    return "\n".join(lines)


_CODES: Final = {
    "&": "amp",
    "<": "lt",
    ">": "gt",
    '"': "quot",
    "#": "35",
    "`": "96",
    "\\": "92",
    "|": "124",
    "{": "123",
    "}": "125",
    "[": "91",
    "]": "93",
    ";": "59",
}


def _escaped(text: str) -> str:
    """*text* for a label in quotes: what Mermaid or HTML would read as something else as entity codes."""
    return "".join(
        f"#{_CODES[character]};" if character in _CODES else character for character in " ".join(text.split())
    )
