"""
Expressions into checked trees: every name exists, every function gets what it takes, units agree.

Equal parts of different claims become one node, so that they are worked out once, and so that two
claims about the same quantity are seen to be that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from llm_tradeoffs.claims import _language as language
from llm_tradeoffs.claims._functions import (
    CONSTANTS,
    FEATURES,
    FUNCTIONS,
    LISTS,
    METER_NAMES,
    TIERS,
    YES_NO,
    Function,
    Parameter,
    ParameterKind,
    Type,
    Value,
)
from llm_tradeoffs.claims._language import ExpressionError
from llm_tradeoffs.claims._quantities import Quantity, Undefined, unit_named
from llm_tradeoffs.errors import UnknownNameError
from llm_tradeoffs.model import FACT_FIELDS

if TYPE_CHECKING:
    from llm_tradeoffs.catalog import Catalog

__all__ = ["BrokenValueError", "Compiler", "Part"]

Operation = Literal[
    "constant", "call", "value", "negative", "+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "and", "or", "not"
]
_NAME_KINDS: Final = frozenset({"model", "benchmark", "preset", "meter", "tier", "feature", "field", "list", "words"})


class BrokenValueError(ExpressionError):
    """An expression uses a named value that is wrong; the fault is reported there and not again."""


@attrs.frozen(eq=False)
class Part:
    """
    One checked part of an expression.

    Attributes:
        number: Its number among the parts of all claims.
        operation: What is done.
        type: What it gives.
        parts: What it is done to.
        function: The function that is called.
        names: The names that the function is given.
        constant: The value of a constant.
        name: How a named value is called.
        is_lookup: Whether it only reads, compares and joins what sources state.
    """

    number: int
    operation: Operation
    type: Type
    parts: tuple[Part, ...] = ()
    function: Function | None = None
    names: tuple[str, ...] = ()
    constant: Value | None = None
    name: str = ""
    is_lookup: bool = False


class Compiler:
    """
    Checks the expressions of one claims file against one catalog.

    Args:
        catalog: Where models, benchmarks and presets are looked up.
        models: The file's own short names of models, and the ids they stand for.
    """

    def __init__(self, catalog: Catalog, models: Mapping[str, str]) -> None:
        self.catalog = catalog
        self.models = models
        self.values: dict[str, Part] = {}
        self.broken: set[str] = set()
        self._texts: dict[str, Part] = {}
        self._parts: dict[tuple[Any, ...], Part] = {}

    def define(self, name: str, tree: language.Node) -> Part:
        """
        A named value, for later expressions.

        Raises:
            ExpressionError: The expression is wrong.
        """
        part = self._checked(tree)
        self.values[name] = self._part("value", part.type, (part,), name=name, is_lookup=part.is_lookup)
        return self.values[name]

    def compile(self, text: str) -> Part:
        """
        A checked expression.

        Raises:
            ExpressionError: It cannot be read, or means nothing; with the character where.
        """
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = self._checked(language.parse(text))
        return found

    def _part(
        self,
        operation: Operation,
        kind: Type,
        parts: tuple[Part, ...] = (),
        *,
        function: Function | None = None,
        names: tuple[str, ...] = (),
        constant: Value | None = None,
        name: str = "",
        is_lookup: bool = False,
    ) -> Part:
        unit = constant.unit.name if isinstance(constant, Quantity) else ""
        key = (
            operation,
            tuple(part.number for part in parts),
            None if function is None else function.name,
            names,
            constant,
            unit,
            name,
        )
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = Part(
                len(self._parts), operation, kind, parts, function, names, constant, name, is_lookup
            )
        return found

    def _checked(self, node: language.Node) -> Part:
        if isinstance(node, language.Literal):
            unit = unit_named(node.unit)
            assert unit is not None  # the parser knows no other
            try:
                amount = Quantity.of(node.value, node.value, unit)
            except Undefined as problem:
                raise ExpressionError(problem.reason, node.at) from None
            return self._part("constant", Type("number", amount.dimension), constant=amount)
        if isinstance(node, language.Text):
            return self._part("constant", Type("text"), constant=node.value, is_lookup=True)
        if isinstance(node, language.Name):
            return self._named(node)
        if isinstance(node, language.Call):
            return self._called(node)
        if isinstance(node, language.Unary):
            return self._unary(node)
        return self._binary(node)

    def _named(self, node: language.Name) -> Part:
        value = self.values.get(node.value)
        if value is not None:
            return value
        if node.value in self.broken:
            raise BrokenValueError(f"the value {node.value!r} is wrong itself", node.at)
        constant = CONSTANTS.get(node.value)
        if constant is not None:
            return self._part("constant", Type("number", constant.dimension), constant=constant, name=node.value)
        if node.value in FUNCTIONS:
            raise ExpressionError(f"{node.value} needs parentheses: {FUNCTIONS[node.value].signature}", node.at)
        known = [*self.values, *CONSTANTS]
        if node.value in self.models:
            asked = f"price({node.value}, input)"
            raise ExpressionError(f"{node.value!r} is a model; ask something about it, such as {asked}", node.at)
        raise ExpressionError(f"unknown name {node.value!r}{_near(node.value, known, 'known values')}", node.at)

    def _called(self, node: language.Call) -> Part:
        function = FUNCTIONS.get(node.function)
        if function is None:
            near = _near(node.function, FUNCTIONS, "known functions")
            raise ExpressionError(f"unknown function {node.function!r}{near}", node.at)
        most = len(function.parameters)
        least = sum(not parameter.optional for parameter in function.parameters)
        if not least <= len(node.arguments) <= most:
            raise ExpressionError(
                f"{function.name} takes {function.signature}, got {len(node.arguments)} "
                f"argument{'' if len(node.arguments) == 1 else 's'}",
                node.at,
            )
        names: list[str] = []
        parts: list[Part] = []
        for parameter, argument in zip(function.parameters, node.arguments, strict=False):
            if parameter.kind in _NAME_KINDS:
                names.append(self._name(function, parameter, argument))
            else:
                parts.append(self._argument(function, parameter, argument))
        types = [part.type for part in parts]
        if function.same_dimension and types[0] != types[1]:
            raise ExpressionError(f"{function.name} compares {types[0]} with {types[1]}", node.at)
        is_lookup = function.is_lookup and all(part.is_lookup for part in parts)
        return self._part(
            "call",
            function.returns(names, types),
            tuple(parts),
            function=function,
            names=tuple(names),
            is_lookup=is_lookup,
        )

    def _argument(self, function: Function, parameter: Parameter, node: language.Node) -> Part:
        part = self._checked(node)
        wanted = "a text" if parameter.kind == "text" else parameter.dimension or "a number"
        fits = part.type.kind == parameter.kind and parameter.dimension in {None, part.type.dimension}
        if not fits:
            hint = ""
            if isinstance(node, language.Literal) and not node.unit and parameter.dimension is not None:
                hint = f"; write {language.unparse(node)} {parameter.dimension}"
            raise ExpressionError(
                f"{function.signature}: {parameter.name} must be {wanted}, got {part.type}{hint}", node.at
            )
        return part

    def _name(self, function: Function, parameter: Parameter, node: language.Node) -> str:
        if not isinstance(node, language.Name | language.Text):
            raise ExpressionError(f"{function.signature}: {parameter.name} must be a name or a text in quotes", node.at)
        name = node.value
        kind = parameter.kind
        if kind == "words":
            return name
        if kind == "model":
            return self._looked_up(node, lambda: self.catalog.resolve(self.models.get(name, name)))
        if kind == "benchmark":
            found = self._looked_up(node, lambda: self.catalog.benchmark(name).id)
            if function.name == "score" and self.catalog.benchmarks[found].scale is None:
                raise ExpressionError(f"{found} is judged in words and has no score", node.at)
            return found
        if kind == "preset":
            self._looked_up(node, lambda: self.catalog.preset(name).name)
            return name
        known: Sequence[str] | Mapping[str, str] = _CHOICES[kind]
        if name not in known:
            raise ExpressionError(f"unknown {kind} {name!r}{_near(name, known, 'known')}", node.at)
        return known[name] if isinstance(known, Mapping) else name

    def _looked_up(self, node: language.Name | language.Text, look: Any) -> str:
        try:
            found: str = look()
        except UnknownNameError as problem:
            known = [*self.models, *problem.known] if problem.kind == "model" else problem.known
            near = _near(node.value, known, "known")
            raise ExpressionError(f"unknown {problem.kind} {node.value!r}{near}", node.at) from None
        return found

    def _unary(self, node: language.Unary) -> Part:
        operand = self._checked(node.operand)
        if node.operator == "not":
            if operand.type != YES_NO:
                raise ExpressionError(f"'not' takes yes or no, got {operand.type}", node.at)
            return self._part("not", YES_NO, (operand,), is_lookup=operand.is_lookup)
        if operand.type.kind != "number":
            raise ExpressionError(f"'-' takes a number, got {operand.type}", node.at)
        return self._part("negative", operand.type, (operand,))

    def _binary(self, node: language.Binary) -> Part:
        left, right = self._checked(node.left), self._checked(node.right)
        sign: Any = node.operator
        both = f"{left.type} {sign} {right.type}"
        looks_up = left.is_lookup and right.is_lookup
        if sign in {"and", "or"}:
            if left.type != YES_NO or right.type != YES_NO:
                raise ExpressionError(f"{sign!r} takes yes or no on both sides, got {both}", node.at)
            return self._part(sign, YES_NO, (left, right), is_lookup=looks_up)
        if sign in {"==", "!="}:
            if left.type != right.type:
                raise ExpressionError(f"cannot compare {left.type} with {right.type}", node.at)
            return self._part(sign, YES_NO, (left, right), is_lookup=looks_up)
        if left.type.kind != "number" or right.type.kind != "number":
            raise ExpressionError(f"{sign!r} takes numbers, got {both}", node.at)
        if sign in {"*", "/"}:
            dimension = left.type.dimension.times(right.type.dimension, 1 if sign == "*" else -1)
            return self._part(sign, Type("number", dimension), (left, right))
        if left.type != right.type:
            verb = {"+": "add", "-": "subtract"}.get(node.operator, "compare")
            raise ExpressionError(f"cannot {verb} {left.type} and {right.type}: their units differ", node.at)
        if sign in {"+", "-"}:
            return self._part(sign, left.type, (left, right))
        # A limit may stand beside a fact: "ttft(haiku) < 500 ms" asks nothing but what is stated.
        stated = all(part.is_lookup or part.operation == "constant" for part in (left, right))
        return self._part(sign, YES_NO, (left, right), is_lookup=stated)


_CHOICES: Final[Mapping[ParameterKind, Sequence[str] | Mapping[str, str]]] = {
    "meter": METER_NAMES,
    "tier": TIERS,
    "feature": FEATURES,
    "field": tuple(FACT_FIELDS),
    "list": LISTS,
}


def _near(name: str, known: Sequence[str] | Mapping[str, Any], words: str) -> str:
    """A hint at what was meant, or at what there is."""
    listed = sorted(known)
    spelled = {each.casefold(): each for each in listed}
    near = get_close_matches(name.casefold(), spelled, n=3, cutoff=0.6)
    if near:
        return f"; did you mean {', '.join(repr(spelled[each]) for each in near)}?"
    shown = ", ".join(listed[:12])
    more = f" and {len(listed) - 12} more" if len(listed) > 12 else ""
    return f"; {words}: {shown}{more}" if listed else ""
