"""A usage log is priced to the last digit, whatever its form, order and size."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import subprocess
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from processes import command, environment
from typer.testing import CliRunner

import llm_tradeoffs as lt
from llm_tradeoffs.cli._app import app

Run = Callable[..., Any]
Row = dict[str, Any]

MODELS = ("gpt-4.1-mini", "claude-haiku-4.5", "claude-haiku-5.5", "openai/gpt-4.1-mini", "nobody/knows-it")
PAIR = MODELS[:2]
EVIDENCE = Path(__file__).parents[3] / "shared" / "evidence" / "azure"


def priced(rows: Sequence[Row]) -> tuple[Fraction, int]:
    """What the rows cost that have a cost, each asked of the library by itself, and how many those are."""
    total, calls = Fraction(0), 0
    for row in rows:
        counts = {name: row[name] for name in ("input_tokens", "output_tokens", "cache_read_tokens") if name in row}
        try:
            bill = lt.cost(row["model"], lt.Usage(**counts), as_of=row["timestamp"][:10])
        except LookupError:
            continue
        total += bill.total.as_fraction()
        calls += 1
    return total, calls


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """One call; around the threshold of 100,000 tokens and the first day of a model, since chance seldom is."""
    sent = draw(st.one_of(st.integers(0, 5_000), st.integers(99_998, 100_003)))
    return {
        "timestamp": draw(
            st.sampled_from(["2026-10-06T23:59:59Z", "2026-10-07T00:00:00Z", "2026-11-20T12:00:00+00:00"])
        ),
        "model": draw(st.sampled_from(MODELS)),
        "input_tokens": sent,
        "output_tokens": draw(st.integers(0, 3_000)),
        "cache_read_tokens": draw(st.integers(0, sent)),
        "tenant": draw(st.sampled_from(["acme", "umbrella, inc.", "=1+1"])),
    }


def jsonl(given: Sequence[Row]) -> str:
    return "".join(json.dumps(row) + "\n" for row in given)


def as_csv(given: Sequence[Row], delimiter: str = ",") -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(given[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(given)
    return written.getvalue()


def answered(*arguments: str, stdin: str | bytes | None = None) -> Any:
    done = CliRunner().invoke(app, ["reprice", *arguments, "--json"], input=stdin)
    assert done.exit_code in {0, 1}, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def log() -> list[Row]:
    """A few hundred calls, always the same."""
    chance = random.Random(6)
    found: list[Row] = []
    for _ in range(400):
        sent = chance.choice([chance.randint(1, 9_000), chance.randint(95_000, 190_000)])
        found.append(
            {
                "timestamp": f"2026-{chance.randint(9, 11):02}-{chance.randint(1, 20):02}T10:00:00Z",
                "model": chance.choice(MODELS[:3]),
                "input_tokens": sent,
                "output_tokens": chance.randint(1, 4_000),
                "cache_read_tokens": chance.randint(0, sent),
                "tenant": chance.choice(["acme", "umbrella"]),
            }
        )
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # nothing of it changes
@given(st.lists(rows(), min_size=1, max_size=12))
def test_the_sum_of_a_log_is_the_sum_of_its_calls(given: list[Row]) -> None:
    total, calls = priced(given)
    for text in (jsonl(given), as_csv(given)):
        found = answered("-", stdin=text)["actual"]
        assert (Fraction(found["low_usd"]), found["priced"], found["calls"]) == (total, calls, len(given))
        assert found["low_usd"] == found["high_usd"]
        assert (found["total_usd"] is not None) is (calls == len(given))


def test_neither_form_nor_order_nor_splitting_matters(log: list[Row], tmp_path: Path) -> None:
    total, calls = priced(log)
    shuffled = random.Random(1).sample(log, len(log))
    files = {
        "a.jsonl": jsonl(log[:150]).encode(),
        "b.csv": as_csv(log[150:250]).encode(),
        "c.ndjson.gz": gzip.compress(jsonl(log[250:300]).encode()),
        "d.csv.gz": gzip.compress(as_csv(log[300:350]).encode()),
        "e.tsv": as_csv(log[350:], "\t").encode("utf-8-sig"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "notes.txt").write_text("no log", encoding="utf-8")
    together = answered(*(str(tmp_path / name) for name in files))
    folder = answered(str(tmp_path))
    pattern = answered(str(tmp_path / "*[a-e].*"), str(tmp_path / "a.jsonl"))
    semicolons = answered("-", stdin=as_csv(shuffled, ";"))
    for found in (together, folder, pattern, semicolons, answered("-", stdin=jsonl(shuffled))):
        assert found["actual"]["priced"] == calls
        assert Fraction(found["actual"]["low_usd"]) == total


@pytest.mark.parametrize("by", [["model"], ["day"], ["month"], ["tenant"], ["tenant", "day", "model"]])
def test_groups_add_up_and_each_is_the_sum_of_its_calls(by: list[str], log: list[Row]) -> None:
    found = answered("-", *(part for name in by for part in ("--by", name)), stdin=jsonl(log))["actual"]
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in log:
        known = {**row, "day": row["timestamp"][:10], "month": row["timestamp"][:7]}
        groups.setdefault(tuple(known[name] for name in by), []).append(row)
    assert {
        tuple(each["group"].values()): (Fraction(each["low_usd"]), each["priced"], each["calls"])
        for each in found["groups"]
    } == {key: (*priced(held), len(held)) for key, held in groups.items()}
    assert [list(each["group"]) for each in found["groups"]] == [by] * len(groups)
    keys = [tuple(each["group"].values()) for each in found["groups"]]
    assert keys == sorted(keys)


def test_under_another_model_every_call_is_priced_as_that_model_would_be(log: list[Row]) -> None:
    found = answered("-", "--under", "gpt-4.1-mini", "--under", "openai/gpt-4.1", stdin=jsonl(log))["under"]
    calls = lt.Calls(
        lt.Call(
            usage=lt.Usage(**{name: row[name] for name in ("input_tokens", "output_tokens", "cache_read_tokens")}),
            model=row["model"],
            day=date.fromisoformat(row["timestamp"][:10]),
        )
        for row in log
    )
    assert set(found) == {"gpt-4.1-mini", "gpt-4.1"}
    for model, cost in found.items():
        assert Fraction(cost["total_usd"]) == calls.cost(model).total.as_fraction()


def test_calls_that_a_model_could_not_have_answered_are_counted_with_the_reason(run: Run) -> None:
    given = [
        {"model": "gpt-4.1-mini", "input_tokens": 300_000, "output_tokens": 5},
        {"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5},
        {"model": "gpt-4.1-mini", "input_tokens": 199_995, "output_tokens": 5},
        {"model": "gpt-4.1-mini", "input_tokens": 199_996, "output_tokens": 5},
    ]
    done = run("reprice", "-", "--under", "claude-haiku-4.5", "--json", stdin=jsonl(given))
    assert done.exit_code == 1
    found = json.loads(done.stdout)["under"]["claude-haiku-4.5"]
    (left,) = found["left_out"]
    assert (left["limit"], left["calls"], found["priced"], found["total_usd"]) == ("context_window", 2, 2, None)
    assert "200,000" in left["reason"]
    text = run("reprice", "-", "--under", "claude-haiku-4.5", stdin=jsonl(given))
    assert "2 × more input and output than the context window of 200,000 tokens" in " ".join(text.stdout.split())
    assert run("reprice", "-", "--under", "claude-haiku-4.5", "--allow-unpriced", stdin=jsonl(given)).exit_code == 0


def test_names_may_stand_with_commas_between_them(log: list[Row]) -> None:
    apart = answered("-", "--under", PAIR[0], "--under", PAIR[1], "--by", "tenant", "--by", "day", stdin=jsonl(log))
    assert answered("-", "--under", ", ".join(PAIR), "--by", "tenant,day", stdin=jsonl(log)) == apart


def test_published_token_ratios_count_for_another_model(run: Run) -> None:
    ratio = lt.Catalog.bundled().token_ratio("claude-haiku-4.5", "claude-haiku-5.5")
    assert ratio is not None
    row = {"model": "claude-haiku-4.5", "input_tokens": 1_000, "output_tokens": 100}
    found = answered("-", "--under", "claude-haiku-5.5", stdin=jsonl([row]))["under"]["claude-haiku-5.5"]
    plain = lt.cost("claude-haiku-5.5", input_tokens=1_000, output_tokens=100).total.as_fraction()
    assert Fraction(found["total_usd"]) == plain * Fraction(ratio.high)


def test_another_day_and_tier_for_all(log: list[Row]) -> None:
    given = [{**row, "cache_read_tokens": 0} for row in log[:50]]
    found = answered("-", "--as-of", "2026-11-22", "--service-tier", "batch", stdin=jsonl(given))["actual"]
    expected = sum(
        (
            lt.cost(
                row["model"],
                input_tokens=row["input_tokens"],
                output_tokens=row["output_tokens"],
                as_of="2026-11-22",
                service_tier="batch",
            ).total
            for row in given
        ),
        lt.Usd(0),
    )
    assert Fraction(found["total_usd"]) == expected.as_fraction()


def test_prices_by_the_hour_are_those_of_the_hour(tmp_path: Path, bundled: lt.Catalog) -> None:
    night = lt.TimeWindow(start="16:30", end="00:30")
    prices = [
        lt.Price(meter=meter, usd=lt.Usd(usd), window=window)
        for meter, usd, window in (
            ("input_tokens", 2, None),
            ("output_tokens", 4, None),
            ("input_tokens", 1, night),
            ("output_tokens", 2, night),
        )
    ]
    small = attrs.evolve(bundled, records={"gpt-4.1-mini": bundled.records["gpt-4.1-mini"]}, names={}, candidates=None)
    small.with_model(lt.Model("owl/one", usd_per_mtok=lt.RateCard(prices))).to_path(tmp_path / "own")
    stamps = ["2026-11-20T16:29:59Z", "2026-11-20T16:30:00Z", "2026-11-20T18:30:00+02:00", "2026-11-21T00:30:00Z"]
    given = [{"timestamp": each, "model": "owl/one", "input_tokens": 1_000_000, "output_tokens": 0} for each in stamps]
    found = answered("-", "--catalog", str(tmp_path / "own"), "--by", "day", stdin=jsonl(given))["actual"]
    assert [(each["group"]["day"], each["total_usd"]) for each in found["groups"]] == [
        ("2026-11-20", "4"),
        ("2026-11-21", "2"),
    ]


# What logs look like.


def test_columns_are_recognised_by_the_names_of_providers(run: Run) -> None:
    given = {
        "plain": '{"model": "gpt-4.1-mini", "prompt_tokens": 1000, "completion_tokens": 10}',
        "spans": '{"gen_ai.response.model": "gpt-4.1-mini", "gen_ai.usage.input_tokens": 1000, '
        '"gen_ai.usage.output_tokens": 10}',
        "response": '{"object": "chat.completion", "model": "gpt-4.1-mini", "created": 1767225600, '
        '"usage": {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}}',
        "wrapped": '{"timestamp": "2026-11-01T10:00:00Z", "object": "chat.completion", "model": "gpt-4.1-mini", '
        '"usage": {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}}',
    }
    for name, line in given.items():
        found = answered("-", "--as-of", "2026-11-22", stdin=line)
        expected = lt.cost("gpt-4.1-mini", input_tokens=1_000, output_tokens=10).total
        assert Fraction(found["actual"]["total_usd"]) == expected.as_fraction(), name
    together = answered("-", "--by", "day", "--allow-unpriced", stdin="\n".join(given.values()))["actual"]
    assert [(each["group"]["day"], each["calls"]) for each in together["groups"]] == [
        ("2026-01-01", 1),
        ("2026-11-01", 1),
        (None, 2),
    ]


def test_columns_can_be_said_and_added_up() -> None:
    text = "when,who,fresh,cached,answer\n2026-11-01,gpt-4.1-mini,200,800,10\n2026-11-02,gpt-4.1-mini,0,0,0\n"
    names = {
        "time": "when",
        "model": "who",
        "input_tokens": "fresh + cached",
        "cache_read_tokens": "cached",
        "output_tokens": "answer",
    }
    options = [part for name, column in names.items() for part in ("--column", f"{name}={column}")]
    found = answered("-", *options, "--by", "day", stdin=text)
    expected = lt.cost("gpt-4.1-mini", input_tokens=1_000, cache_read_tokens=800, output_tokens=10).total
    assert [Fraction(each["total_usd"]) for each in found["actual"]["groups"]] == [expected.as_fraction(), 0]


def test_a_column_that_may_hold_tokens_is_never_passed_over_in_silence(run: Run) -> None:
    text = '{"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5, "thinking_tokens": 7}\n'
    done = run("reprice", "-", stdin=text)
    assert "thinking_tokens" in done.stdout
    assert "--column" in done.stdout


def test_rows_that_cannot_be_read_are_named_by_their_line_and_the_others_are_priced(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(
        '{"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5}\n'
        "not json\n"
        "\n"
        '{"model": "gpt-4.1-mini", "input_tokens": -3, "output_tokens": 5}\n'
        '{"model": "gpt-4.1-mini", "input_tokens": 1.5, "output_tokens": 5}\n'
        '{"model": "gpt-4.1-mini", "input_tokens": null, "output_tokens": 5}\n'
        '{"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5, "cache_read_tokens": 4}\n'
        '{"model": "gpt-4.1-mini", "input_tokens": "many", "output_tokens": 5}\n'
        '{"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5, "timestamp": "yesterday"}\n'
        "[3]\n"
        '{"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": ' + "9" * 5_000 + "}\n",
        encoding="utf-8",
    )
    done = run("reprice", str(path), "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert sorted(fault["line"] for fault in found["faults"]) == [2, 4, 5, 6, 7, 8, 9, 10, 11]
    assert (found["unreadable"], found["actual"]["priced"]) == (9, 1)
    assert {fault["path"] for fault in found["faults"]} == {str(path)}
    text = run("reprice", str(path)).stdout
    assert "Rows that could not be read: 9" in text
    assert f"{path}:2:" in "".join(text.split()) or f"{path}:2:" in text


def test_a_csv_with_surplus_values_is_read_as_far_as_it_goes(run: Run) -> None:
    text = 'model,input_tokens,output_tokens\ngpt-4.1-mini,3,5\ngpt-4.1-mini,3,5,7\ngpt-4.1-mini,3\n"gpt-4.1-mini,3,5\n'
    found = answered("-", stdin=text)
    assert found["actual"]["priced"] == 1
    assert found["unreadable"] == 3


def test_unknown_models_and_days_without_prices_are_statuses_and_not_0_dollars() -> None:
    given = [
        {"model": "nobody/knows-it", "input_tokens": 3, "output_tokens": 5},
        {"model": None, "input_tokens": 3, "output_tokens": 5},
        {"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5, "day": "2001-01-01"},
    ]
    found = answered("-", stdin=jsonl(given))["actual"]
    assert (found["priced"], found["total_usd"]) == (0, None)
    assert sum(left["calls"] for left in found["left_out"]) == 3
    assert {left["limit"] for left in found["left_out"]} == {"model"}


@pytest.mark.parametrize(
    ("arguments", "data", "said"),
    [
        (["-"], b"", ["no calls"]),
        (
            ["-", "--by", "nothing"],
            b'{"model": "m", "input_tokens": 1, "output_tokens": 1}',
            ["column to group by", "nothing"],
        ),
        (["-", "--column", "input_tokens=nothing"], b'{"input_tokens": 1, "output_tokens": 1}', ["column", "nothing"]),
        (["-", "--column", "smiles=input_tokens"], b'{"input_tokens": 1, "output_tokens": 1}', ["smiles"]),
        (["-", "--under", "gpt-4.1-mni"], b"{}", ["gpt-4.1-mini"]),
        (["-", "--under", "gpt-4.1-mini", "--under", "openai/gpt-4.1-mini"], b"{}", ["twice"]),
        (["-", "--service-tier", "slow"], b'{"model": "m", "input_tokens": 1, "output_tokens": 1}', ["service tier"]),
        (["-", "--input-format", "xlsx"], b"", ["form of a log", "csv"]),
        (["-", "--input-format", "parquet"], b"", ["stdin"]),
        (["log.xlsx"], b"", ["--input-format"]),
        (["empty"], b"", ["no log"]),
        (["broken.csv.gz"], b"", ["gzip"]),
        (["latin.csv"], b"", ["UTF-8"]),
    ],
)
def test_a_question_that_cannot_be_asked_of_a_log_ends_with_2(
    arguments: list[str], data: bytes, said: list[str], run: Run, logs_of_every_kind: None
) -> None:
    done = run("reprice", *arguments, stdin=data)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    for words in said:
        assert words in done.stderr


@pytest.fixture
def logs_of_every_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which nothing is a log."""
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("log.xlsx").write_bytes(b"PK")
    Path("broken.csv.gz").write_bytes(gzip.compress(b"model,input_tokens,output_tokens\n" * 99)[:30])
    Path("latin.csv").write_bytes("model,input_tokens,output_tokens\nGröße,1,2\n".encode("latin-1"))


# Forms of the answer.


def test_csv_has_a_row_a_group_and_exact_decimals(log: list[Row], run: Run) -> None:
    done = run("reprice", "-", "--by", "tenant", "--under", "gpt-4.1-mini", "--format", "csv", stdin=jsonl(log))
    found = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["tenant"] for row in found] == ["acme", "umbrella"]
    for row in found:
        mine = [each for each in log if each["tenant"] == row["tenant"]]
        assert Fraction(row["cost_low_usd"]) == priced(mine)[0]
        assert (int(row["calls"]), row["priced_under_gpt-4.1-mini"]) == (len(mine), str(len(mine)))


def test_a_tenant_that_is_a_formula_is_quoted_for_spreadsheets(run: Run) -> None:
    row = {"model": "gpt-4.1-mini", "input_tokens": 3, "output_tokens": 5, "tenant": "=1+1"}
    assert "'=1+1," in run("reprice", "-", "--by", "tenant", "--format", "csv", stdin=jsonl([row])).stdout


def test_the_table_has_a_column_for_each_model_and_a_sum(log: list[Row], run: Run) -> None:
    text = run("reprice", "-", "--by", "tenant", "--under", "gpt-4.1-mini", stdin=jsonl(log)).stdout
    head = next(line for line in text.splitlines() if "tenant" in line)
    assert head.split() == ["tenant", "calls", "as", "logged", "[USD]", "gpt-4.1-mini", "[USD]"]
    assert [line.split()[0] for line in text.splitlines() if line.startswith(("acme", "umbrella", "all calls"))] == [
        "acme",
        "umbrella",
        "all",
    ]


# Size.


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """Ten times the rows, all of them different, are read in the same memory."""
    from llm_tradeoffs.cli import _logs

    def peak(number: int) -> int:
        path = tmp_path / f"{number}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for index in range(number):
                file.write(f'{{"model": "gpt-4.1-mini", "input_tokens": {index}, "output_tokens": {index % 77}}}\n')
        tracemalloc.start()
        answered(str(path))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    before = _logs.BATCH
    _logs.BATCH = 100
    try:
        answered("-", stdin='{"model": "gpt-4.1-mini", "input_tokens": 1, "output_tokens": 1}')  # what is loaded once
        small, large = peak(300), peak(3_000)
    finally:
        _logs.BATCH = before
    assert large < small * 1.5


def test_the_log_is_priced_while_it_is_written(log: list[Row]) -> None:
    """From a pipe that is still open: nothing waits for its end but the answer."""
    with subprocess.Popen(
        command("reprice", "-", "--json"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as done:
        assert done.stdin is not None
        assert done.stdout is not None
        for row in log[:5]:
            done.stdin.write(jsonl([row]).encode())
            done.stdin.flush()
        done.stdin.close()
        assert json.loads(done.stdout.read())["actual"]["calls"] == 5


# Parquet.


def parquet_of(given: Sequence[Row], path: Path) -> Path:
    polars = pytest.importorskip("polars")
    polars.DataFrame(list(given)).with_columns(polars.col("timestamp").str.to_datetime(time_zone="UTC")).write_parquet(
        path
    )
    return path


def test_parquet_is_priced_like_its_rows(log: list[Row], tmp_path: Path) -> None:
    options = ["--by", "tenant", "--by", "day", "--under", "gpt-4.1-mini", "--under", "claude-haiku-5.5"]
    parts = [parquet_of(log[start::2], tmp_path / f"{start}.parquet") for start in (0, 1)]
    by_engine = answered(*map(str, parts), *options)
    by_row = answered("-", *options, stdin=jsonl(log))
    for name in ("actual", "under"):
        assert without_bills(by_engine[name]) == without_bills(by_row[name])


def without_bills(found: Any) -> Any:
    """The amounts, without their lines and the words."""
    if isinstance(found, dict):
        return {name: without_bills(each) for name, each in found.items() if name not in {"lines", "notes", "reason"}}
    return [without_bills(each) for each in found] if isinstance(found, list) else found


def test_parquet_and_rows_of_text_add_up(log: list[Row], tmp_path: Path) -> None:
    half = parquet_of(log[:200], tmp_path / "half.parquet")
    rest = tmp_path / "rest.csv"
    rest.write_text(as_csv(log[200:]), encoding="utf-8")
    found = answered(str(half), str(rest))["actual"]
    assert (Fraction(found["low_usd"]), found["priced"]) == priced(log)


@pytest.mark.engines
@pytest.mark.parametrize("engine", ["duckdb", "pyarrow"])
def test_whichever_engine_is_there_reads_parquet(
    engine: str, log: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet_of(log, tmp_path / "log.parquet")
    expected = answered(str(path), "--by", "model")
    from llm_tradeoffs.cli import _logs

    there = _logs.find_spec
    monkeypatch.setattr(_logs, "find_spec", lambda name: there(name) if name == engine else None)
    assert without_bills(answered(str(path), "--by", "model")) == without_bills(expected)


def test_without_an_engine_it_says_what_to_install(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr("llm_tradeoffs.cli._logs.find_spec", lambda _: None)
    done = run("reprice", str(tmp_path / "log.parquet"))
    assert done.exit_code == 2
    assert "pip install 'llm-tradeoffs[frames]' polars" in done.stderr


def test_what_is_no_parquet_is_refused(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(b"model,input_tokens\n")
    done = run("reprice", str(path))
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert str(path) in done.stderr


# The public traces.


@pytest.mark.skipif(
    not EVIDENCE.is_dir(), reason="the public traces are not part of the project; ../shared/evidence is absent"
)
@pytest.mark.parametrize(
    ("trace", "mini", "haiku"), [("conv", "15.486612", "42.805195"), ("code", "7.6174232", "19.289454")]
)
def test_the_traces_of_azure_cost_what_their_calls_cost(trace: str, mini: str, haiku: str) -> None:
    found = answered(
        str(EVIDENCE / f"AzureLLMInferenceTrace_{trace}.csv"),
        *("--column", "input_tokens=ContextTokens", "--column", "output_tokens=GeneratedTokens"),
        *("--under", "gpt-4.1-mini", "--under", "claude-haiku-4.5"),
    )
    assert found["actual"] is None  # no call names a model
    assert {name: cost["total_usd"] for name, cost in found["under"].items()} == {
        "gpt-4.1-mini": mini,
        "claude-haiku-4.5": haiku,
    }
