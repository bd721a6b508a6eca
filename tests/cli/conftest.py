"""The command line as a test sees it: inside this process, or as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from llm_tradeoffs.cli._app import app

sys.path.append(str(Path(__file__).parent))  # for what the tests share

from processes import SURROUNDINGS, command, environment  # beside this file

COMMAND = get_command(app)


class Run(Protocol):
    """Run one command in this process."""

    def __call__(self, *arguments: str, stdin: str | bytes | None = None) -> Result: ...


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test hangs on the terminal that runs it."""
    for name in SURROUNDINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def one_tree_of_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner builds all commands anew for every command line; they do not change."""
    monkeypatch.setattr("typer.testing._get_command", lambda _: COMMAND)


@pytest.fixture
def run() -> Run:
    def once(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), input=stdin, prog_name="llm-tradeoffs")

    return once


@pytest.fixture
def answer(run: Run) -> Callable[..., Any]:
    """What a command prints with ``--json``, parsed; it must end with *code*, and no number of it may be rounded."""

    def refused(text: str) -> NoReturn:
        raise AssertionError(f"{text} is a JSON number with decimals, which a reader rounds")

    def asked(*arguments: str, code: int = 0, stdin: str | bytes | None = None) -> Any:
        done = run(*arguments, "--json", stdin=stdin)
        assert done.exit_code == code, done.stderr
        return json.loads(done.stdout, parse_float=refused)

    return asked


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``python -m llm_tradeoffs`` in a process of its own."""

    def once(
        *arguments: str, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments), capture_output=True, text=True, check=False, input=stdin, env=environment(env)
        )

    return once
