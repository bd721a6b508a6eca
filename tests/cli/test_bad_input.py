"""What is asked wrongly is told in words: on stderr, without a traceback, with the exit code that fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

TOKENS = ("--input-tokens", "200", "--output-tokens", "150")
PAIR = ("gpt-4.1-mini", "claude-haiku-4.5")

# The command line, and what the message has to say: what is wrong, and what to do.
ASKED_WRONGLY: dict[str, tuple[list[str], list[str]]] = {
    "an unknown model": (["cost", "gpt-4.1-mni", *TOKENS], ["'gpt-4.1-mni'", "'gpt-4.1-mini'"]),
    "an unknown preset": (["recommend", "support-chatbt"], ["preset", "support-chatbot"]),
    "an unknown policy": (["recommend", "support-chatbot", "--policy", "gide"], ["policy", "'guide'"]),
    "an unknown objective": (["recommend", "support-chatbot", "--objective", "fame"], ["objective", "expected-cost"]),
    "a policy and an objective": (
        ["recommend", "support-chatbot", "--policy", "article", "--objective", "expected-cost"],
        ["article", "State one of them"],
    ),
    "an unknown source": (["models", "--trust", "rumour"], ["source", "'rumour'"]),
    "an unknown vendor": (["models", "--vendor", "opnai"], ["vendor", "'openai'"]),
    "an unknown need": (["models", "--need", "tols"], ["need", "'tools'"]),
    "an unknown order": (["models", "--sort", "price"], ["order", "'input'"]),
    "an unknown format": (["models", "--format", "xml"], ["format", "'html'"]),
    "two formats": (["models", "--format", "html", "--json"], ["two forms"]),
    "no table": (["tokens", "gpt-4.1-mini", "--text", "x", "--format", "csv"], ["CSV", "--json"]),
    "an unknown subject": (["explain", "nothing-like-that"], ["nothing-like-that"]),
    "an unknown kind": (["explain", "article", "--kind", "rumour"], ["kind"]),
    "a kind that it is not": (["explain", "guide", "--kind", "model"], ["model", "'guide'"]),
    "an unknown quantity": (["break-even", *PAIR, *TOKENS, "--of", "luck"], ["luck"]),
    "an unknown part": (["catalog", "attic"], ["part of a catalog", "'sources'"]),
    "an unknown claims file": (["audit", "artcle"], ["claims file", "'article'"]),
    "an unknown tier": (["cost", "gpt-4.1-mini", *TOKENS, "--service-tier", "slow"], ["service tier", "'batch'"]),
    "an unknown count": (["cost", "gpt-4.1-mini", *TOKENS, "--count", "smiles=2"], ["count", "smiles"]),
    "a count without a number": (["cost", "gpt-4.1-mini", *TOKENS, "--count", "web_searches"], ["NAME=VALUE"]),
    "a count stated twice": (["cost", "gpt-4.1-mini", *TOKENS, "--count", "input_tokens=2"], ["twice"]),
    "no workload": (["recommend"], ["--input-tokens", "--workload support-chatbot"]),
    "half a workload": (["recommend", "--input-tokens", "200"], ["--output-tokens"]),
    "two workloads for one": (["recommend", "support-chatbot", "-w", "support-triage"], ["named twice"]),
    "options for a mix": (["recommend", "support-chatbot", "support-triage", "--turns", "2"], ["no meaning"]),
    "candidates and all models": (["recommend", "support-chatbot", "-c", PAIR[0], "--all-models"], ["Keep one"]),
    "a candidate twice": (["recommend", "support-chatbot", "-c", PAIR[0], "-c", "openai/gpt-4.1-mini"], ["twice"]),
    "no number": (
        ["cost", "gpt-4.1-mini", "--input-tokens", "many", "--output-tokens", "1"],
        ["--input-tokens", "'many'"],
    ),
    "a negative number": (["cost", "gpt-4.1-mini", "--input-tokens=-5", "--output-tokens", "1"], ["-5"]),
    "half a token": (["cost", "gpt-4.1-mini", "--input-tokens", "1.5", "--output-tokens", "1"], ["whole number"]),
    "half a turn": (["recommend", *TOKENS, "--turns", "1.5"], ["--turns", "whole number"]),
    "a share above 1": (["recommend", *TOKENS, "--cached-share", "50"], ["share is from 0 to 1", "0.5"]),
    "no day": (["models", "--as-of", "tomorrow"], ["2026-03-01"]),
    "parts above their total": (
        ["cost", "gpt-4.1-mini", *TOKENS, "--cache-read-tokens", "201"],
        ["a part cannot exceed"],
    ),
    "no model": (["cost", *TOKENS], ["no model", "--response"]),
    "no output": (["cost", "gpt-4.1-mini", "--input-tokens", "3"], ["--output-tokens"]),
    "a response and counts": (["cost", "gpt-4.1-mini", "--response", "-"], ["State it alone"]),
    "a cap without a volume": (["recommend", *TOKENS, "--max-cost-per-month", "5"], ["volume"]),
    "two names for one work": (["optimize", "support-chatbot", "support-chatbot"], ["two works"]),
    "no share for a range": (["sensitivity", "gpt-4.1-mini", *TOKENS, "--range", "output_tokens=5"], ["LOW:HIGH"]),
    "one fixed cost": (["break-even", *PAIR, *TOKENS, "--of", "requests", "--fixed-costs", "5"], ["--fixed-costs"]),
    "a model without conflicts": (["catalog", "workloads", "--model", "gpt-4.1-mini"], ["no meaning"]),
    "a text and a file": (["tokens", "gpt-4.1-mini", "file.txt", "--text", "x"], ["Keep one"]),
    "a file that is not there": (["recommend", "nowhere/work.toml"], ["nowhere/work.toml"]),
    "a saved answer that is not there": (["replay", "nowhere.json"], ["nowhere.json"]),
    "a log that is not there": (["reprice", "nowhere.jsonl"], ["nowhere.jsonl"]),
    "a pattern without files": (["reprice", "nowhere/*.csv"], ["no file", "nowhere/*.csv"]),
    "a catalog that is not there": (["models", "--catalog", "nowhere"], ["nowhere", "catalog.toml"]),
}


@pytest.mark.parametrize("name", ASKED_WRONGLY)
def test_bad_input_of_every_kind_ends_with_2_and_a_message(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, said = ASKED_WRONGLY[name]
    done = run(*arguments)
    assert done.exit_code == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert "fault of llm-tradeoffs" not in done.stderr
    for words in said:
        assert words in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["cost", "gpt-4.1-mini", "--inputtokens", "3"],
        ["comprae"],
        ["compare"],
        ["report", "-w", "support-chatbot"],
        ["--fast"],
    ],
    ids=["an unknown option", "an unknown verb", "no models", "no file", "an option of nobody"],
)
def test_wrong_usage_ends_with_2_and_says_how_it_is_used(arguments: list[str], run: Run) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert "Usage: llm-tradeoffs" in done.stderr
    assert done.stdout == ""


NOT_KNOWN: dict[str, list[str]] = {
    "a price that nobody states": ["cost", "gpt-4.1-mini", *TOKENS, "--count", "output_audio_seconds=3"],
    "a day before the first fact": ["cost", "gpt-4.1-mini", *TOKENS, "--as-of", "2001-01-01"],
}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_a_fact_that_nobody_states_is_an_answer_of_no_and_never_0_dollars(name: str, run: Run) -> None:
    done = run(*NOT_KNOWN[name])
    assert (done.exit_code, done.stdout) == (1, ""), done.stderr
    assert done.stderr.startswith("error: ")
    assert "$0" not in done.stderr


def test_a_wrong_file_is_reported_with_all_its_lines(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "work.toml"
    path.write_text('id = "w"\ninput_tokens = "2400"\noutput_tokens = 180\ncachedshare = 0.5\n', encoding="utf-8")
    done = run("recommend", str(path))
    assert done.exit_code == 2
    assert f"{path}:2:" in done.stderr
    assert f"{path}:4:" in done.stderr


@pytest.mark.parametrize("text", ["", "{}", "[1]", "{", "\x00", '{"schema_version": 99}'])
def test_what_is_no_saved_answer_is_refused(text: str, tmp_path: Path, run: Run) -> None:
    path = tmp_path / "answer.json"
    path.write_text(text, encoding="utf-8")
    for verb in ("replay", "flips", "explain"):
        done = run(verb, str(path))
        assert (done.exit_code, done.stdout) == (2, ""), done.stderr


@pytest.mark.parametrize("data", [b"", b"nothing", b"{}", b"\xff\xfe", b"3", b'{"usage": {"input_tokens": 3}}'])
def test_what_is_no_response_is_refused(data: bytes, run: Run) -> None:
    done = run("cost", "--response", "-", stdin=data)
    assert (done.exit_code, done.stdout) == (2, ""), done.stderr


def test_a_text_in_another_encoding_is_refused(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "prompt.txt"
    path.write_bytes("Größe".encode("latin-1"))
    done = run("tokens", "claude-haiku-4.5", str(path))
    assert done.exit_code == 2
    assert "UTF-8" in done.stderr


def test_a_report_of_another_form_is_refused(tmp_path: Path, run: Run) -> None:
    done = run("report", "-w", "support-chatbot", "-o", str(tmp_path / "report.docx"))
    assert done.exit_code == 2
    assert ".html" in done.stderr


def test_a_fault_of_the_program_is_called_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that a bug of ours is a mistake of theirs; who wants to see where asks for the traceback."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of the test")

    monkeypatch.setattr("llm_tradeoffs.costing.cost", broken)
    done = run("cost", "gpt-4.1-mini", *TOKENS)
    assert done.exit_code == 3
    assert "fault of llm-tradeoffs" in done.stderr
    assert "ZeroDivisionError: of the test" in done.stderr
    monkeypatch.setenv("LLM_TRADEOFFS_TRACEBACK", "1")
    assert isinstance(run("cost", "gpt-4.1-mini", *TOKENS).exception, ZeroDivisionError)
