"""Every verb gives the answer of the library, to the last digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

import llm_tradeoffs as lt
from llm_tradeoffs._serial import to_plain
from llm_tradeoffs.cli._app import app
from llm_tradeoffs.costing import usd_text

Run = Callable[..., Any]

PAIR = ("gpt-4.1-mini", "claude-haiku-4.5")
CHAT = lt.Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000)
CHAT_OPTIONS = ("--input-tokens", "200", "--output-tokens", "150", "--requests-per-day", "10000")
ARTICLE = lt.Catalog.bundled(trust=("article",))


def recommended(**options: Any) -> Any:
    return lt.recommend("support-chatbot", **options)


ANSWERS: dict[str, tuple[list[str], int, Callable[[], Any]]] = {
    "compare": (
        ["compare", *PAIR, "--workload", "support-chatbot"],
        0,
        lambda: lt.compare(*PAIR, workload="support-chatbot").to_dict(),
    ),
    "compare options": (
        ["compare", *PAIR, *CHAT_OPTIONS, "--as-of", "2026-03-15"],
        0,
        lambda: lt.compare(*PAIR, workload=CHAT, as_of="2026-03-15").to_dict(),
    ),
    "compare another world": (
        ["compare", *PAIR, *CHAT_OPTIONS, "--trust", "article"],
        0,
        lambda: lt.compare(*PAIR, workload=CHAT, catalog=ARTICLE).to_dict(),
    ),
    "assess": (
        ["assess", "gpt-4.1-mini", "-w", "long-document"],
        0,
        lambda: lt.assess("gpt-4.1-mini", "long-document").to_dict(),
    ),
    "assess what cannot": (
        ["assess", "claude-haiku-4.5", "-w", "long-document"],
        1,
        lambda: lt.assess("claude-haiku-4.5", "long-document").to_dict(),
    ),
    "recommend": (["recommend", "support-chatbot"], 0, lambda: recommended().to_dict()),
    "recommend by the article": (
        ["recommend", "support-chatbot", "--policy", "article", "-c", PAIR[0], "-c", PAIR[1]],
        0,
        lambda: recommended(policy="article", candidates=PAIR).to_dict(),
    ),
    "recommend by expected cost": (
        ["recommend", "-w", "support-chatbot", "--error-cost", "0.05", "--objective", "expected-cost"],
        0,
        lambda: lt.recommend(
            lt.Workload.preset("support-chatbot").with_(error_cost="0.05"), objective="expected-cost"
        ).to_dict(),
    ),
    "recommend within caps": (
        ["recommend", "support-chatbot", "--max-cost-per-month", "10", "--max-cost-per-request", "0.0001"],
        1,
        lambda: recommended(caps=lt.Caps(cost_per_month="10", cost_per_request="0.0001")).to_dict(),
    ),
    "recommend a mix": (
        ["recommend", "support-chatbot", "inquiry-classification"],
        0,
        lambda: lt.recommend(["support-chatbot", "inquiry-classification"]).to_dict(),
    ),
    "flips": (
        ["flips", "support-chatbot", "--variable", "error_cost"],
        0,
        lambda: to_plain(recommended().flips("error_cost")),
    ),
    "why-not": (
        ["why-not", "claude-haiku-4.5", "support-chatbot"],
        0,
        lambda: to_plain(recommended().why_not("claude-haiku-4.5")),
    ),
    "pareto": (
        ["pareto", "support-chatbot", "--by", "cost", "--by", "quality"],
        0,
        lambda: to_plain(recommended().pareto("cost", "quality")),
    ),
    "information": (
        ["information", "support-chatbot", "--prior", "error_cost=0:0.1", "--undone-cost", "1"],
        0,
        lambda: lt.information(recommended(), prior={"error_cost": (0, "0.1")}, undone_cost=1).to_dict(),
    ),
    "optimize": (
        [
            "optimize",
            "chat=support-chatbot",
            "inquiry-classification",
            "--budget-per-month",
            "500",
            "--max-vendors",
            "1",
        ],
        0,
        lambda: lt.optimize(
            {"chat": "support-chatbot", "inquiry-classification": "inquiry-classification"},
            budget_per_month=500,
            max_vendors=1,
        ).to_dict(),
    ),
    "optimize too little": (
        ["optimize", "support-chatbot", "--budget-per-month", "1", "--objective", "cost", "--end", "high"],
        1,
        lambda: lt.optimize(
            {"support-chatbot": "support-chatbot"}, budget_per_month=1, objective="cost", end="high"
        ).to_dict(),
    ),
    "cost": (
        [
            *("cost", "claude-haiku-4.5", "--input-tokens", "9000", "--output-tokens", "400"),
            *("--cache-read-tokens", "8000", "--service-tier", "batch", "--count", "web_searches=2"),
        ],
        0,
        lambda: lt.cost(
            "claude-haiku-4.5",
            input_tokens=9_000,
            output_tokens=400,
            cache_read_tokens=8_000,
            web_searches=2,
            service_tier="batch",
        ).to_dict(),
    ),
    "tokens": (
        ["tokens", "claude-haiku-4.5", "--text", "Which model for this work?"],
        0,
        lambda: {
            name: getattr(lt.count_tokens("Which model for this work?", "claude-haiku-4.5"), name)
            for name in ("low", "high", "is_exact", "method")
        },
    ),
    "break-even": (
        ["break-even", *PAIR, "--of", "error_cost", *CHAT_OPTIONS],
        0,
        lambda: lt.break_even(*PAIR, CHAT, "error_cost").to_dict(),
    ),
    "break-even of fixed costs": (
        ["break-even", *PAIR, "--of", "requests", *CHAT_OPTIONS, "--fixed-costs", "500,1/3", "--by", "cost"],
        0,
        lambda: lt.break_even(*PAIR, CHAT, "requests", by="cost", fixed_costs=(500, "1/3")).to_dict(),
    ),
    "sensitivity": (
        ["sensitivity", *PAIR, *CHAT_OPTIONS, "--range", "output_tokens=100:300", "--share", "0.1"],
        0,
        lambda: lt.sensitivity(PAIR, CHAT, {"output_tokens": (100, 300)}, share="0.1").to_dict(),
    ),
    "probability-cheaper": (
        ["probability-cheaper", *PAIR, *CHAT_OPTIONS, "--error-cost", "0.02"],
        0,
        lambda: to_plain(lt.probability_cheaper(*PAIR, CHAT.with_(error_cost="0.02"))),
    ),
    "value-of-information": (
        [
            *("value-of-information", "--option", "cheap=1,9", "--option", "dear=4,4"),
            *("--probability", "0.5", "--probability", "1/2"),
        ],
        0,
        lambda: {"worth_usd": usd_text(lt.value_of_information({"cheap": [1, 9], "dear": [4, 4]}, ["0.5", "0.5"]))},
    ),
    "audit": (["audit", "article"], 1, lambda: lt.audit("article").to_dict()),
    "lint": (["lint", "article"], 1, lambda: lt.Policy.named("article").lint().to_dict()),
    "lint the guide": (["lint", "guide", "--strict"], 0, lambda: lt.Policy.named("guide").lint().to_dict()),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_verb_with_json_gives_the_answer_of_the_library(name: str, answer: Callable[..., Any]) -> None:
    arguments, code, expected = ANSWERS[name]
    # Through JSON, too: what a program reads is what the library says.
    assert answer(*arguments, code=code) == json.loads(json.dumps(expected()))


def test_every_public_verb_of_the_library_is_a_verb_of_the_command_line(run: Run) -> None:
    """Whoever adds a function to the front door gives it a command."""
    renamed = {"count_tokens": "tokens"}
    functions = [
        name for name in lt.__all__ if name.islower() and not name.startswith("_") and callable(getattr(lt, name))
    ]
    listed = {command.name for group in app.registered_groups for command in group.typer_instance.registered_commands}  # type: ignore[union-attr]  # every group here has an instance
    assert len(functions) >= 12
    assert {renamed.get(name, name.replace("_", "-")) for name in functions} <= listed
    assert {"models", "explain", "lint", "reprice", "catalog", "report", "replay", "diff"} <= listed


def test_saved_answers_are_replayed_and_held_against_each_other(
    tmp_path: Path, answer: Callable[..., Any], run: Run
) -> None:
    march, november = tmp_path / "march.json", tmp_path / "november.json"
    march.write_text(run("recommend", "support-chatbot", "--as-of", "2026-03-15", "--json").stdout, encoding="utf-8")
    november.write_text(run("recommend", "support-chatbot", "--json").stdout, encoding="utf-8")
    then, now = lt.recommend("support-chatbot", as_of="2026-03-15"), lt.recommend("support-chatbot")

    assert (
        answer("replay", str(march), "--as-of", "2026-11-22")["same_choice"]
        is then.replay(as_of="2026-11-22").same_choice
    )
    assert answer("diff", str(march), str(november), code=1) == to_plain(then.diff(now))
    assert answer("diff", str(march), str(march)) == to_plain(then.diff(then))
    assert answer("flips", str(march)) == to_plain(then.flips())
    assert answer("explain", "-", stdin=march.read_text(encoding="utf-8"))["recommendation"] == then.to_dict()


def test_a_replay_with_another_choice_ends_with_1(tmp_path: Path, run: Run) -> None:
    saved = tmp_path / "answer.json"
    saved.write_text(run("recommend", "support-chatbot", "--json").stdout, encoding="utf-8")
    again = run("replay", str(saved), "--trust", "article", "--json")
    same = lt.recommend("support-chatbot").replay(trust=("article",)).same_choice
    assert (again.exit_code == 0) is same


def test_quiet_prints_the_id_alone(run: Run) -> None:
    assert run("recommend", "support-chatbot", "-q").stdout == "gpt-4.1-mini\n"
    tie = run("recommend", *CHAT_OPTIONS, "--quiet")
    assert (tie.exit_code, tie.stdout.split()) == (0, list(lt.recommend(CHAT).tied))


def test_a_workload_file_and_options_on_top_of_it(tmp_path: Path, answer: Callable[..., Any]) -> None:
    path = tmp_path / "work.toml"
    path.write_text(
        'id = "w"\ninput_tokens = 2_400\noutput_tokens = 187.5\nrequests_per_day = 4_000\n', encoding="utf-8"
    )
    work = lt.Workload.from_toml(path)
    for name in ("recommend", "explain"):
        found = answer(
            name, str(path), "--requests-per-month", "9", "--no-history-resent", "--need", "vision", "--turns", "3"
        )
        expected = lt.recommend(
            work.with_(requests_per_month=9, history_resent=False, needs={"vision"}, turns=3)
        ).to_dict()
        assert found.get("recommendation", found) == expected


def test_every_field_of_a_workload_is_an_option(answer: Callable[..., Any]) -> None:
    """What cannot be said on the command line is how a workload is called and where it is from."""
    found = answer(
        "recommend",
        *("--input-tokens", "1/3", "--output-tokens", "150.5", "--requests-per-year", "1_000", "--turns", "2"),
        *("--longest-tokens", "5000", "--cached-share", "0.25", "--batch-share", "1/3", "--task", "math"),
        *("--priority", "accuracy", "--volume", "low", "--complexity", "high", "--need", "tools", "--need", "vision"),
        *("--language", "Japanese", "--max-ttft-ms", "900", "--max-response-ms", "99000", "--error-cost", "0.5"),
        *("--min-quality-percent", "60", "--chunk-overlap-tokens", "10", "--instruction-tokens", "20"),
        *("--counted-for", "gpt-4.1-mini", "--no-history-resent"),
        code=0,
    )["workload"]
    fields = {field.name for field in lt.Workload.__attrs_attrs__}  # type: ignore[attr-defined]  # attrs adds it
    assert fields - found.keys() <= {
        *("name", "title", "source", "place", "assumptions", "requests_per_day", "requests_per_month"),
    }
    assert (found["input_tokens"], found["batch_share"], found["error_cost"]) == ("1/3", "1/3", "0.5")


def test_a_response_is_priced_as_it_says_itself(tmp_path: Path, answer: Callable[..., Any]) -> None:
    response = {
        "type": "message",
        "model": "claude-haiku-4-5",
        "usage": {"input_tokens": 176, "cache_read_input_tokens": 1024, "output_tokens": 150},
    }
    path = tmp_path / "response.json"
    path.write_text(json.dumps(response), encoding="utf-8")
    expected = lt.cost(response).to_dict()
    assert answer("cost", "--response", str(path)) == expected
    assert answer("cost", "--response", "-", stdin=json.dumps(response)) == expected


@pytest.mark.parametrize("suffix", ["html", "md", "json"])
def test_report_writes_what_save_writes(suffix: str, tmp_path: Path, run: Run) -> None:
    mine, theirs = tmp_path / f"mine.{suffix}", tmp_path / f"theirs.{suffix}"
    assert run("report", *PAIR, "-w", "support-chatbot", "-o", str(mine)).exit_code == 0
    lt.compare(*PAIR, workload="support-chatbot").save(theirs)
    assert mine.read_bytes() == theirs.read_bytes()
    assert run("report", "-w", "support-chatbot", "--output", str(mine)).exit_code == 0
    lt.recommend("support-chatbot").save(theirs)
    assert mine.read_bytes() == theirs.read_bytes()


# What is known.


def test_models_lists_prices_as_exact_decimals(answer: Callable[..., Any], bundled: lt.Catalog) -> None:
    rows = answer("models")
    assert [row["id"] for row in rows] == [model.id for model in bundled.models()]
    for row in rows:
        price = bundled[row["id"]].rates.price("input_tokens")
        if price is not None and row["input_usd_per_mtok"] is not None and price.per == 1_000_000:
            assert lt.Usd(row["input_usd_per_mtok"]) == price.usd
    (mini,) = [row for row in rows if row["id"] == "gpt-4.1-mini"]
    assert (mini["input_usd_per_mtok"], mini["output_usd_per_mtok"], mini["context_window"]) == (
        "0.4",
        "1.6",
        1_047_576,
    )


def test_models_are_filtered_and_sorted(answer: Callable[..., Any], bundled: lt.Catalog) -> None:
    rows = answer(
        "models", "haiku", "--vendor", "anthropic", "--need", "vision", "--min-context", "200000", "--sort", "input"
    )
    assert [row["id"] for row in rows] == ["claude-haiku-5.5", "claude-haiku-4.5"]
    by_context = [row["context_window"] for row in answer("models", "--sort", "context")]
    known = [window for window in by_context if window is not None]
    assert by_context == sorted(known, reverse=True) + [None] * (len(by_context) - len(known))
    assert answer("models", "no such model", code=1) == []


def test_explain_says_all_that_is_known_of_a_model(answer: Callable[..., Any], bundled: lt.Catalog, run: Run) -> None:
    model = bundled["claude-haiku-5.5"]
    found = answer("explain", "claude-haiku-5-5")  # an alias
    assert found["id"] == model.id
    assert len(found["prices"]) == len(model.rates.prices)
    assert {fact["field"] for fact in found["facts"]} == {
        name for name in model.sources if not name.startswith("rates.")
    }
    assert [each["field"] for each in found["conflicts"]] == [each.field for each in bundled.conflicts(model.id)]
    text = run("explain", "claude-haiku-5.5").stdout
    assert "claude-docs" in text
    assert "1,000,000" in text


@pytest.mark.parametrize(
    ("subject", "key", "value"),
    [
        ("support-chatbot", "recommendation", lambda: recommended().to_dict()),
        ("guide", "id", lambda: "guide"),
        ("math", "benchmark", lambda: lt.Catalog.bundled().task("math").benchmark),
        ("gsm8k", "measures", lambda: lt.Catalog.bundled().benchmark("gsm8k").measures),
        ("litellm", "kind", lambda: "package"),
    ],
)
def test_explain_knows_everything_that_has_a_name(
    subject: str, key: str, value: Callable[[], Any], answer: Callable[..., Any], run: Run
) -> None:
    assert answer("explain", subject)[key] == value()
    assert run("explain", subject).exit_code == 0


def test_explain_says_that_a_name_is_that_of_several_things(run: Run, answer: Callable[..., Any]) -> None:
    assert "--kind source" in run("explain", "article").stdout
    assert answer("explain", "article")["questions"]
    assert answer("explain", "article", "--kind", "source")["as_of"] == "2026-03"


@pytest.mark.parametrize("part", ["workloads", "policies", "claims", "tasks", "benchmarks", "sources"])
def test_the_parts_of_the_catalog_are_listed(
    part: str, answer: Callable[..., Any], bundled: lt.Catalog, run: Run
) -> None:
    held: Any = {"policies": bundled.policy_texts, "claims": bundled.claims_texts}.get(part) or getattr(bundled, part)
    rows = answer("catalog", part)
    assert {row["id"] for row in rows} == set(held)
    text = run("catalog", part).stdout
    assert all(name in text for name in held)
    assert answer("catalog")[part] == len(held)


def test_the_summary_of_the_catalog_names_its_hash(answer: Callable[..., Any], bundled: lt.Catalog) -> None:
    found = answer("catalog")
    assert (found["content_hash"], found["edition"], found["trust"]) == (
        bundled.content_hash,
        bundled.edition,
        list(bundled.trust),
    )


def test_conflicts_are_those_of_the_catalog(answer: Callable[..., Any], bundled: lt.Catalog) -> None:
    found = answer("catalog", "conflicts", "--model", "openai/gpt-4.1-mini")
    expected = bundled.conflicts("gpt-4.1-mini")
    assert [(each["field"], len(each["facts"])) for each in found] == [
        (each.field, len(each.facts)) for each in expected
    ]


@pytest.fixture
def small(tmp_path: Path, bundled: lt.Catalog) -> Path:
    """A folder with the two models of the article, and everything that is said about them."""
    folder = tmp_path / "small"
    attrs.evolve(bundled, records={name: bundled.records[name] for name in PAIR}, names={}).to_path(folder)
    return folder


def test_a_catalog_is_written_checked_and_asked(
    small: Path, tmp_path: Path, answer: Callable[..., Any], run: Run
) -> None:
    copy = tmp_path / "copy"
    assert run("catalog", "--catalog", str(small), "--write", str(copy)).exit_code == 0
    own = lt.Catalog.from_path(copy)
    assert own == lt.Catalog.from_path(small)
    assert answer("catalog", "check", "--catalog", str(copy))["faults"] == []
    assert (
        answer("recommend", "support-chatbot", "--catalog", str(copy))
        == lt.recommend("support-chatbot", catalog=own).to_dict()
    )

    (copy / "sources.toml").write_text("[[sources]]\nid = 3\n", encoding="utf-8")
    broken = answer("catalog", "check", "--catalog", str(copy), code=1)
    path = str(copy / "sources.toml")
    assert {(fault["path"], fault["line"]) for fault in broken["faults"]} > {(path, 1), (path, 2)}
    listed = run("catalog", "check", "--catalog", str(copy))
    assert (listed.exit_code, listed.stdout.count("\n")) == (1, len(broken["faults"]) + 1)
    assert run("models", "--catalog", str(copy)).exit_code == 2


def test_rows_are_csv_too(run: Run, bundled: lt.Catalog) -> None:
    lines = run("models", "haiku", "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("id,name,vendor,input_usd_per_mtok,")
    assert [line.split(",")[0] for line in lines[1:]] == ["claude-haiku-3.5", "claude-haiku-4.5", "claude-haiku-5.5"]
    assert run("catalog", "tasks", "--format", "csv").stdout.count("\n") == len(bundled.tasks) + 1
    table = lt.compare(*PAIR, workload="support-chatbot")
    assert run("compare", *PAIR, "-w", "support-chatbot", "--format", "csv").stdout == table.to_csv()


def test_every_answer_is_markdown_and_html_too(run: Run) -> None:
    table = lt.compare(*PAIR, workload="support-chatbot")
    assert (
        run("compare", *PAIR, "-w", "support-chatbot", "--format", "markdown").stdout.rstrip()
        == table.to_markdown().rstrip()
    )
    page = run("compare", *PAIR, "-w", "support-chatbot", "--format", "html").stdout
    assert page.lower().startswith("<!doctype html>")
    assert "Claude Haiku 4.5" in page
