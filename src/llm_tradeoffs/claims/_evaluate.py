"""Checked expressions into values, with the arithmetic in full and the facts it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, cast

import attrs

from llm_tradeoffs.claims._compile import Part
from llm_tradeoffs.claims._functions import Reading, Value, World
from llm_tradeoffs.claims._quantities import Quantity, Undefined
from llm_tradeoffs.facts import Fact

__all__ = ["Answer", "Evaluator", "value_text"]


@attrs.frozen(kw_only=True)
class Answer:
    """
    What an expression gives in one world.

    Attributes:
        value: The value.
        shown: How it is written as an operand of something larger.
        binding: How tightly *shown* holds together.
        steps: What was worked out on the way, one line each.
        facts: What it rests on, by subject and field.
    """

    value: Value
    shown: str
    binding: int
    steps: tuple[str, ...] = ()
    facts: Mapping[tuple[str, str], Fact]

    @property
    def arithmetic(self) -> tuple[str, ...]:
        """The whole calculation, for a reader who checks it by hand: one line a step, the last one the result."""
        result = value_text(self.value)
        if _says_nothing(self.shown, result):
            return self.steps or (result,)
        return (*self.steps, _equation(self.shown, self.value, result))


def _equation(shown: str, value: Value, result: str) -> str:
    sign = ": " if isinstance(value, bool) else " " if result.startswith("≈") else " = "
    return f"{shown}{sign}{result}"


def _says_nothing(shown: str, result: str) -> bool:
    """Whether "shown = result" would tell a reader nothing: ``$0.25 / MTok = $0.25/MTok``."""
    return shown.replace(" ", "") == result.replace(" ", "")


def value_text(value: Value) -> str:
    """A value as people write it."""
    if isinstance(value, Quantity):
        return value.shown()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return value.isoformat() if isinstance(value, date) else value


_BINDING: Final = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "/": 6, "negative": 7}
_COMPARED: Final = 4
_WHOLE: Final = 9
_SIGNS: Final = {"*": "×", "<=": "≤", ">=": "≥", "!=": "≠", "==": "="}


class Evaluator:
    """Works out parts in one world, each once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._known: dict[int, Answer | Undefined] = {}

    def answer(self, part: Part) -> Answer:
        """
        What *part* gives.

        Raises:
            Undefined: A fact that it needs is not known, or there is no such number.
        """
        # From the leaves up and not by recursion: named values build on one another, deeper than a stack reaches.
        waiting = [part]
        while waiting:
            top = waiting[-1]
            below = [each for each in top.parts if each.number not in self._known]
            if below:
                waiting.extend(below)
                continue
            waiting.pop()
            if top.number not in self._known:
                self._known[top.number] = self._tried(top)
        return self._answered(part)

    def _answered(self, part: Part) -> Answer:
        found = self._known[part.number]
        if isinstance(found, Undefined):
            raise Undefined(found.reason)
        return found

    def _tried(self, part: Part) -> Answer | Undefined:
        try:
            return self._worked_out(part)
        except Undefined as missing:
            return missing

    def _worked_out(self, part: Part) -> Answer:
        if part.operation == "constant":
            assert part.constant is not None
            shown = part.name or value_text(part.constant)
            return Answer(value=part.constant, shown=shown, binding=_WHOLE, facts={})
        if part.operation == "call":
            return self._called(part)
        if part.operation == "value":
            return self._named(part)
        if part.operation in {"and", "or"}:
            return self._joined(part)
        operands = [self._answered(each) for each in part.parts]
        if part.operation == "not":
            operand = operands[0]
            return _from(not operand.value, f"not {_held(operand, _COMPARED + 1)}", _BINDING["not"], operands)
        if part.operation == "negative":
            operand = operands[0]
            assert isinstance(operand.value, Quantity)
            return _from(operand.value.negative(), f"-{_held(operand, _WHOLE)}", _BINDING["negative"], operands)
        return self._binary(part, operands[0], operands[1])

    def _binary(self, part: Part, left: Answer, right: Answer) -> Answer:
        sign = part.operation
        binding = _BINDING.get(sign, _COMPARED)
        # What follows a minus or a division sign is held together even where it binds as tightly.
        text = f"{_held(left, binding)} {_SIGNS.get(sign, sign)} {_held(right, binding + 1)}"
        if sign in _COMBINE:
            assert isinstance(left.value, Quantity)
            assert isinstance(right.value, Quantity)
            return _from(_COMBINE[sign](left.value, right.value), text, binding, [left, right])
        return _from(_compared(sign, left.value, right.value), text, binding, [left, right])

    def _called(self, part: Part) -> Answer:
        assert part.function is not None
        operands = [self._answered(each) for each in part.parts]
        reading = Reading(self.world)
        value = part.function.evaluate(reading, part.names, [operand.value for operand in operands])
        steps = _distinct([step for operand in operands for step in operand.steps] + reading.steps)
        facts = {key: fact for operand in operands for key, fact in operand.facts.items()} | reading.facts
        return Answer(value=value, shown=value_text(value), binding=_WHOLE, steps=steps, facts=facts)

    def _named(self, part: Part) -> Answer:
        inner = self._answered(part.parts[0])
        result = value_text(inner.value)
        steps = inner.steps
        if not _says_nothing(inner.shown, result):
            equation = _equation(inner.shown, inner.value, result)
            steps = _distinct([*steps, f"{part.name.replace('_', ' ')}: {equation}"])
        return attrs.evolve(inner, shown=result, binding=_WHOLE, steps=steps)

    def _joined(self, part: Part) -> Answer:
        """``and`` is no as soon as one side is no, ``or`` yes as soon as one is yes, whatever the other is."""
        decisive = part.operation == "or"
        binding = _BINDING[part.operation]
        operands: list[Answer] = []
        missing: Undefined | None = None
        for each in part.parts:
            try:
                operands.append(self._answered(each))
            except Undefined as unknown:
                missing = missing or unknown
        for operand in operands:
            if operand.value is decisive and missing is not None:
                return operand
        if missing is not None:
            raise missing
        left, right = operands
        text = f"{_held(left, binding)} {part.operation} {_held(right, binding + 1)}"
        values = (bool(left.value), bool(right.value))
        return _from(any(values) if decisive else all(values), text, binding, operands)


def _from(value: Value, shown: str, binding: int, operands: list[Answer]) -> Answer:
    return Answer(
        value=value,
        shown=shown,
        binding=binding,
        steps=_distinct([step for operand in operands for step in operand.steps]),
        facts={key: fact for operand in operands for key, fact in operand.facts.items()},
    )


def _distinct(steps: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(steps))


def _held(operand: Answer, least: int) -> str:
    return f"({operand.shown})" if operand.binding < least else operand.shown


_COMBINE: Final[Mapping[str, Callable[[Quantity, Quantity], Quantity]]] = {
    "+": Quantity.plus,
    "-": Quantity.minus,
    "*": Quantity.times,
    "/": Quantity.over,
}


def _compared(sign: str, left: Value, right: Value) -> bool:
    """
    Whether a comparison holds.

    Raises:
        Undefined: Two ranges of which the ends disagree.
    """
    if sign in {"==", "!="}:
        return _equal(left, right) == (sign == "==")
    assert isinstance(left, Quantity)
    assert isinstance(right, Quantity)
    # As texts compare "150-250" with "200-400": both ends are smaller. Where one end says yes and the
    # other no, the ranges do not say.
    tests: Mapping[str, Callable[[object, object], bool]] = {
        "<": lambda a, b: cast("int", a) < cast("int", b),
        "<=": lambda a, b: cast("int", a) <= cast("int", b),
        ">": lambda a, b: cast("int", a) > cast("int", b),
        ">=": lambda a, b: cast("int", a) >= cast("int", b),
    }
    answers = {tests[sign](left.low, right.low), tests[sign](left.high, right.high)}
    if len(answers) > 1:
        raise Undefined(f"{left.shown()} is neither {sign} nor not {sign} {right.shown()}: the ends disagree")
    return answers.pop()


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold().split() == right.casefold().split()
    if isinstance(left, tuple) and isinstance(right, tuple):
        return set(left) == set(right)
    return left == right
