"""
The command line: ``llm-tradeoffs``, or ``python -m llm_tradeoffs``.

Every verb asks the library what its own call in Python asks, and prints the same answer: for people, or with ``--json``
as the ``to_dict()`` of that answer. It needs the extra ``cli``.

Exit codes:
    0: it was answered.
    1: it was answered, and the answer is no: a claim is wrong, a rule is broken, no model can do the work, two answers
        differ, a price is not known. The help of each verb says which.
    2: it was asked wrongly: an option, a name, a number, a file.
    3: a fault of this program.
    130: it was interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from llm_tradeoffs.errors import MissingExtraError

__all__ = ["main"]

PROGRAM = "llm-tradeoffs"


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command, and return its exit code.

    Args:
        arguments: What stands behind the program's name; None for what this process was started with.
    """
    try:
        missing = _missing_package()
        if missing is not None:
            print(f"error: {MissingExtraError(missing, 'cli', 'the command line')}", file=sys.stderr)
            return 2
        if arguments is None:
            _end_quietly_with_the_pipe()
        from llm_tradeoffs.cli._app import app

        app(args=None if arguments is None else list(arguments), prog_name=PROGRAM)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        return 130
    return 0


def _missing_package() -> str | None:
    """The package of the extra, or one that it needs itself, that is not installed."""
    from importlib import import_module

    for package in ("rich", "typer"):
        try:
            import_module(package)
        except ImportError as problem:
            return (problem.name or package).partition(".")[0]
    return None


def _end_quietly_with_the_pipe() -> None:
    """Let ``llm-tradeoffs ... | head`` end as other programs do, by the signal, where the system has it."""
    import signal

    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
