"""
What type checkers are told about a constructor is what the constructor takes.

Some values take more than they hold (a text for a range), and no type checker sees through a converter. So
their ``__init__`` is written out for type checkers alone, and has to be held against the fields.
"""

from __future__ import annotations

import ast
import inspect
from types import ModuleType

import pytest

import llm_tradeoffs.model
import llm_tradeoffs.workload


def written_out(module: ModuleType, name: str) -> ast.FunctionDef | None:
    """The ``__init__`` that a class of *module* shows to type checkers, if it has one."""
    tree = ast.parse(inspect.getsource(module))
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            for inner in ast.walk(statement):
                if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                    return inner
    return None


@pytest.mark.parametrize(
    ("module", "name"),
    [(llm_tradeoffs.model, "Model"), (llm_tradeoffs.workload, "Workload")],
    ids=["Model", "Workload"],
)
def test_the_signature_for_type_checkers_is_the_real_one(module: ModuleType, name: str) -> None:
    """Names, order, kind and defaults of the parameters are those of the constructor that runs."""
    shown = written_out(module, name)
    if shown is None:
        pytest.skip(f"{name} shows type checkers its real constructor")
    real = list(inspect.signature(getattr(module, name)).parameters.values())
    positional = [parameter.name for parameter in real if parameter.kind is not inspect.Parameter.KEYWORD_ONLY]
    keywords = [parameter for parameter in real if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
    assert [argument.arg for argument in shown.args.args] == ["self", *positional]
    assert {argument.arg for argument in shown.args.kwonlyargs} == {parameter.name for parameter in keywords}
    optional = {
        argument.arg
        for argument, default in zip(shown.args.kwonlyargs, shown.args.kw_defaults, strict=True)
        if default is not None
    }
    assert optional == {parameter.name for parameter in keywords if parameter.default is not inspect.Parameter.empty}
