"""The command line in its surroundings: terminals of every width, pipes, colours, signals, shells."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from processes import command, environment
from typer.main import get_command
from typer.testing import CliRunner

import llm_tradeoffs as lt
from llm_tradeoffs.cli._app import app

COMMAND: Any = get_command(app)

Process = Callable[..., subprocess.CompletedProcess[str]]

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x1b\x07]*(?:\x1b\\|\x07)")
COMPARE = ("compare", "gpt-4.1-mini", "claude-haiku-4.5", "--workload", "support-chatbot")


def in_a_terminal(
    *arguments: str, columns: int, env: Mapping[str, str] | None = None, stdin: bytes | None = None
) -> tuple[int, str, str]:
    """The exit code of a command whose stdout and stderr are terminals of that width, and what each got."""
    outs = [pty.openpty() for _ in range(2)]
    for _, terminal in outs:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    done = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.PIPE,
        stdout=outs[0][1],
        stderr=outs[1][1],
        env=environment({"TERM": "xterm-256color", **(env or {})}),
    )
    if stdin is not None and done.stdin is not None:
        done.stdin.write(stdin)
    if done.stdin is not None:
        done.stdin.close()
    said = [b"", b""]
    for _, terminal in outs:
        os.close(terminal)
    for index, (ours, _) in enumerate(outs):
        while True:
            try:
                data = os.read(ours, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            said[index] += data
        os.close(ours)
    return done.wait(), *(text.decode().replace("\r\n", "\n") for text in said)


def room(line: str) -> int:
    """How many columns a line takes."""
    return sum(0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF") for each in line)


def words(text: str) -> str:
    """The characters of a text, wherever its lines end."""
    return re.sub(r"[\s─-]+", "", ESCAPE.sub("", text))


# Widths.


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_in_a_terminal_tables_fold_and_nothing_is_cut(columns: int) -> None:
    code, out, err = in_a_terminal(*COMPARE, columns=columns)
    assert (code, err) == (0, "")
    lines = ESCAPE.sub("", out).splitlines()
    assert max(map(room, lines)) <= columns
    assert "…" not in out
    seen = words(out)
    table = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    for row in table.rows:
        for text in row.texts:
            assert all(words(part) in seen for part in text.split()), (row.id, text)


@pytest.mark.parametrize(
    "arguments", [("models", "haiku"), ("explain", "guide"), ("catalog", "workloads"), ("audit", "article")]
)
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_other_tables_keep_within_that_many_columns_too(
    columns: int, arguments: tuple[str, ...], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(*arguments).stdout
    monkeypatch.setenv("COLUMNS", str(columns))
    out = run(*arguments).stdout
    assert max(map(room, out.splitlines())) <= columns
    assert "…" not in out
    seen = words(out)
    # A word that is longer than its column goes on in the next line, between those of the other columns.
    assert all(words(word) in seen for word in whole.split() if len(word) <= 12)


def test_help_is_readable_in_60_columns(process: Process) -> None:
    done = process("recommend", "--help", env={"COLUMNS": "60"})
    assert done.returncode == 0
    assert "…" not in done.stdout
    assert "--min-quality-percent" in done.stdout
    lines = done.stdout.splitlines()
    examples = lines.index("  Examples")
    assert max(map(room, lines[:examples])) <= 60
    assert all(line.startswith("    $ llm-tradeoffs recommend ") for line in lines[examples + 1 :])


def test_help_in_boxes_cuts_nothing_in_80_columns(process: Process) -> None:
    done = process("reprice", "-h")
    assert done.returncode == 0
    assert "…" not in done.stdout
    assert max(map(room, done.stdout.splitlines())) <= 80
    assert "Examples" in done.stdout


@pytest.mark.parametrize("columns", ["", "0", "wide", "-3", "1e3"])
def test_a_width_that_is_none_is_no_error(
    columns: str, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run("models", "haiku").stdout
    monkeypatch.setenv("COLUMNS", columns)
    assert run("models", "haiku").stdout == plain


def test_help_shows_what_its_source_says(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Square brackets are markup to the renderer, and what stands in them would vanish."""
    for verb, options in ((verb.name, verb.params) for verb in COMMAND.commands.values()):
        for option in options:
            assert "[" not in (getattr(option, "help", None) or ""), (verb, option.name)
    monkeypatch.setenv("COLUMNS", "200")
    shown = " ".join(run("reprice", "--help").stdout.split())
    assert "One tier for all. (Default: that of each call, else standard.)" in shown
    assert "calls have no cost: how many and why is printed." in shown


# Colours and pipes.


def test_in_a_pipe_there_is_no_colour_and_no_width(process: Process) -> None:
    done = process(*COMPARE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert done.stdout == f"{lt.compare(*COMPARE[1:3], workload='support-chatbot')}\n"


def test_no_color_leaves_no_escape_at_all(process: Process) -> None:
    code, out, err = in_a_terminal(*COMPARE, columns=80, env={"NO_COLOR": "1"})
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    code, out, err = in_a_terminal("comprae", columns=80, env={"NO_COLOR": "1"})
    assert code == 2
    assert "Usage" in err
    assert "\x1b" not in out + err
    assert "\x1b" not in process("models", "--help", env={"NO_COLOR": "1", "FORCE_COLOR": "1"}).stdout


def test_a_terminal_has_colours_and_force_color_gives_them_to_a_pipe(process: Process) -> None:
    _, out, _ = in_a_terminal(*COMPARE, columns=80)
    assert "\x1b[1" in out
    forced = process(*COMPARE, env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[1" in forced
    # Nothing is folded that is not folded without colours.
    assert max(map(room, ESCAPE.sub("", forced).splitlines())) > 80
    _, out, _ = in_a_terminal(*COMPARE, columns=80, env={"TERM": "dumb"})
    assert "\x1b" not in out


def test_what_is_printed_says_the_same_with_colours_and_without(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    plain = run(*COMPARE).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run(*COMPARE).stdout
    assert plain != coloured
    assert [line.rstrip() for line in ESCAPE.sub("", coloured).splitlines()] == [
        line.rstrip() for line in plain.splitlines()
    ]


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="this system has no SIGPIPE")
def test_a_reader_that_leaves_ends_it_without_a_word() -> None:
    """``| head -1``: by the signal, as other programs end, and without a traceback."""
    with subprocess.Popen(
        command("catalog", "conflicts"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.readline()
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode in {0, -signal.SIGPIPE}


def test_an_encoding_without_the_characters_is_no_error(process: Process) -> None:
    done = process("tokens", "claude-haiku-4.5", "--text", "ä", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    done = process("recommend", "support-chatbot", "--json", env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout) == lt.recommend("support-chatbot").to_dict()


def test_a_name_cannot_steer_the_terminal(run: Callable[..., Any]) -> None:
    hostile = "\x1b]0;owned\x07\x1b[31m\u202egpt"
    for arguments in (["cost", hostile, "--input-tokens", "1", "--output-tokens", "1"], ["recommend", hostile]):
        done = run(*arguments)
        assert done.exit_code == 2
        assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout + done.stderr)


# Signals.


def test_interrupted_it_ends_with_130_without_a_word() -> None:
    with subprocess.Popen(
        command("reprice", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as done:
        assert done.stdin is not None
        assert done.stdout is not None
        assert done.stderr is not None
        # More than a batch, so that it is at work when the signal comes.
        row = b'{"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5}\n'
        done.stdin.write(row * 3)
        done.stdin.flush()
        time.sleep(1.5)  # until it waits for more
        done.send_signal(signal.SIGINT)
        assert done.wait(timeout=30) == 130
        assert done.stdout.read() == b""
        assert done.stderr.read() == b""
        done.stdin.close()


# The program.


def test_version(process: Process) -> None:
    assert process("--version").stdout == f"llm-tradeoffs {lt.__version__}\n"


def test_without_arguments_it_says_how_it_is_used(process: Process) -> None:
    done = process()
    assert "Usage: llm-tradeoffs" in done.stdout + done.stderr
    assert "recommend" in done.stdout + done.stderr


@pytest.mark.parametrize("package", ["typer", "rich"])
def test_without_the_extra_one_line_says_what_to_install(package: str) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None; from llm_tradeoffs.cli import main; sys.exit(main(['models']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: the command line needs the package {package!r}, which is not installed. "
        "Install it with: pip install 'llm-tradeoffs[cli]'\n"
    )


def test_importing_the_library_does_not_load_the_command_line() -> None:
    code = "import sys, llm_tradeoffs, llm_tradeoffs.cli; print({'typer', 'rich', 'attrs'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout == "set()\n"


def test_help_loads_no_catalog_and_no_engine() -> None:
    """So that it comes at once."""
    heavy = ("llm_tradeoffs.catalog", "llm_tradeoffs.comparison", "cattrs", "narwhals", "numpy", "polars", "altair")
    code = (
        "import sys; from llm_tradeoffs.cli import main; main(['--help']); "
        f"print('loaded:', sorted({set(heavy)!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout.splitlines()[-1] == "loaded: []"


# Shells.


def asked_by_bash(written: list[str], incomplete: str) -> dict[str, str]:
    return {
        "_LLM_TRADEOFFS_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["llm-tradeoffs", *written, incomplete]),
        "COMP_CWORD": str(len(written) + 1),
    }


@pytest.fixture
def completed() -> Callable[[list[str], str], list[str]]:
    """What bash is offered."""

    def offered(written: list[str], incomplete: str) -> list[str]:
        done = CliRunner().invoke(app, prog_name="llm-tradeoffs", env=asked_by_bash(written, incomplete))
        assert done.stderr == ""
        return done.stdout.split()

    return offered


@pytest.mark.parametrize(
    ("written", "incomplete", "offered"),
    [
        (["compare"], "gpt-4.1", {"gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"}),
        (["compare", "gpt-4.1-mini", "--workload"], "support-c", {"support-chatbot", "support-conversation-50-turns"}),
        (["recommend", "support-chatbot", "--policy"], "", {"article", "guide"}),
        (["recommend"], "support-t", {"support-triage"}),
        (["cost", "gpt-4.1-mini", "--service-tier"], "ba", {"batch", "balanced"}),
        (
            ["cost", "gpt-4.1-mini", "--count"],
            "web_searches",
            {"web_searches=", "web_searches_low_context=", "web_searches_high_context="},
        ),
        (["break-even", "a", "b", "--of"], "acc", {"accuracy"}),
        (["explain"], "gsm", {"gsm8k"}),
        (["catalog"], "c", {"claims", "conflicts", "check"}),
        (["cost", "nothing", "--region"], "", set()),
    ],
)
def test_the_shell_completes_names_of_the_catalog(
    written: list[str], incomplete: str, offered: set[str], completed: Callable[[list[str], str], list[str]]
) -> None:
    assert set(completed(written, incomplete)) == offered


def test_a_process_answers_the_shell(process: Process) -> None:
    done = process(env=asked_by_bash(["compare"], "claude-haiku-5"))
    assert (done.stdout.split(), done.stderr) == (["claude-haiku-5.5"], "")


def test_a_catalog_of_ones_own_is_completed_from(
    tmp_path: Path, completed: Callable[[list[str], str], list[str]], bundled: lt.Catalog
) -> None:
    own = attrs.evolve(bundled, records={"gpt-4.1-mini": bundled.records["gpt-4.1-mini"]}, names={}, candidates=None)
    own.to_path(tmp_path / "own")
    assert completed(["models", "--catalog", str(tmp_path / "own"), "--vendor"], "") == ["openai"]


def test_a_broken_catalog_completes_nothing_and_complains_of_nothing(
    tmp_path: Path, completed: Callable[[list[str], str], list[str]]
) -> None:
    assert completed(["models", "--catalog", str(tmp_path), "--vendor"], "") == []


def test_completion_can_be_shown_and_installed(process: Process) -> None:
    assert "--install-completion" in process("--help").stdout
    # The shell is found by the parents of the process; here it is said.
    done = process("--show-completion", "bash", env={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert done.returncode == 0
    assert "_LLM_TRADEOFFS_COMPLETE" in done.stdout


def test_progress_is_shown_in_a_terminal_only_and_leaves_nothing(
    tmp_path: Path, process: Process, monkeypatch: Any
) -> None:
    """On stderr, so that stdout can be piped; a quick log shows none."""
    log = tmp_path / "log.jsonl"
    log.write_text('{"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5}\n' * 200, encoding="utf-8")
    assert process("reprice", str(log)).stderr == ""
    code, _, err = in_a_terminal("reprice", str(log), columns=80)
    assert (code, err) == (0, "")
