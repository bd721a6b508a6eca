"""How a verb is declared and run: options in groups, errors as messages, answers as exit codes."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NoReturn, TypeVar, cast, get_type_hints

import attrs
import typer

from llm_tradeoffs.cli._output import complain, width_of
from llm_tradeoffs.errors import NoFactOnDateError, TradeoffsError, UnknownPriceError

__all__ = ["MARKUP", "NO", "OK", "verb"]

Verb = TypeVar("Verb", bound=Callable[..., int | None])

OK: Final = 0
NO: Final = 1
ASKED_WRONGLY: Final = 2
FAULT: Final = 3
INTERRUPTED: Final = 130

MARKUP: Final[Literal["rich"] | None] = "rich" if (width_of(sys.stdout) or 80) >= 80 else None
"""Boxes need room: in a narrower terminal typer's help would cut the names of options."""

_NOT_KNOWN: Final = (NoFactOnDateError, UnknownPriceError)
"""The question is a good one, and nobody has stated the fact."""


def verb(
    app: typer.Typer, name: str, *, panel: str | None = None, examples: Sequence[str] = ()
) -> Callable[[Verb], Verb]:
    """
    Make a function a command.

    Its parameters are arguments and options as typer reads them. A parameter whose type is an attrs class stands for
    all fields of that class, each an option: so that every verb that takes a workload takes it in the same way.
    The function returns the exit code, or None for 0.

    Args:
        app: Where it belongs.
        name: What it is called.
        panel: The heading that it stands under in the help.
        examples: Command lines for the help, without the name of the program.
    """

    def register(function: Verb) -> Verb:
        app.command(name, rich_help_panel=panel, epilog=_examples(examples) if examples else None)(_flat(function))
        return function

    return register


def _examples(examples: Sequence[str]) -> str:
    head = "Example" if len(examples) == 1 else "Examples"
    lines = [f"llm-tradeoffs {example}" for example in examples]
    if MARKUP is None:
        return "\n".join(["\b", head, *(f"  $ {line}" for line in lines)])  # \b: lines stay as they are
    escaped = [line.replace("[", "\\[") for line in lines]
    return "\n\n".join([f"[bold]{head}[/bold]", *(f"[dim]$[/dim] {line}" for line in escaped)])


def _flat(function: Callable[..., int | None]) -> Callable[..., None]:
    """*function* with the fields of its groups of options as parameters of their own."""
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, tuple[type[Any], tuple[str, ...]]] = {}
    flat: list[inspect.Parameter] = []
    for parameter in inspect.signature(function).parameters.values():
        kind = hints[parameter.name]
        if not (isinstance(kind, type) and attrs.has(kind)):
            flat.append(parameter.replace(annotation=kind, kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        own = get_type_hints(kind, include_extras=True)
        fields = attrs.fields(kind)
        groups[parameter.name] = (kind, tuple(field.name for field in fields))
        flat.extend(
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=own[field.name]
            )
            for field in fields
        )

    def run(**values: Any) -> None:
        for name, (kind, fields) in groups.items():
            values[name] = kind(**{field: values.pop(field) for field in fields})
        _run(function, values)

    run.__doc__ = _unwrapped(function.__doc__ or "")
    run.__name__ = function.__name__
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in flat}
    cast("Any", run).__signature__ = inspect.Signature(flat)
    return run


def _unwrapped(text: str) -> str:
    """The paragraphs of a docstring, each in one line: how wide they are shown is for the terminal to say."""
    return "\n\n".join(" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n"))


def _run(function: Callable[..., int | None], values: dict[str, Any]) -> NoReturn:
    """Answer, and end with the exit code; what goes wrong is said in words."""
    try:
        code = function(**values) or OK
    except _NOT_KNOWN as problem:
        code = complain(problem, NO)
    except (TradeoffsError, OSError) as problem:
        code = _reader_has_left() if isinstance(problem, BrokenPipeError) else complain(problem, ASKED_WRONGLY)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as problem:
        if os.environ.get("LLM_TRADEOFFS_TRACEBACK"):
            raise
        said = f"{type(problem).__name__}: {problem}"
        code = complain(
            f"this is a fault of llm-tradeoffs, and not of what was asked: {said}\n"
            "Please report it. LLM_TRADEOFFS_TRACEBACK=1 shows where it happened.",
            FAULT,
        )
    raise typer.Exit(code)


def _reader_has_left() -> int:
    """Nobody reads on: end without a word, also where there is no signal for it."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # what is still buffered goes there at exit
    return OK
