"""An answer can be asked again a year later: what changed, and which fact did it."""

from __future__ import annotations

import copy
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import llm_tradeoffs as lt
from llm_tradeoffs import (
    Alias,
    Catalog,
    Model,
    ModelRecord,
    Multiplier,
    Policy,
    Price,
    Range,
    RateCard,
    Recommendation,
    Score,
    Source,
    TokenRatio,
    Usd,
    Workload,
    recommend,
)
from llm_tradeoffs.facts import Fact
from llm_tradeoffs.model import multiplier_field, rate_field
from llm_tradeoffs.policy import Condition, Outcome, Question
from llm_tradeoffs.rates import TimeWindow
from llm_tradeoffs.recommendation import Candidate, Caps, Figures, Grounds, Robustness
from llm_tradeoffs.replay import OUTSIDE_THE_DIGEST, FactChange, Premises, canonical_json, diff, digest, replay
from strategies import article_catalog, candidates, models, plain_workloads, workloads

DAY = date(2026, 11, 22)
VENDOR = Source(id="vendor", title="Price lists", kind="vendor", as_of="2026-11-22")
RIVAL = Source(id="rival", title="Other price lists", kind="vendor", as_of="2026-11-22")
ROOT = Path(__file__).parents[1]
TOOL = ROOT / "tools" / "write_schema.py"
SCHEMA = json.loads((ROOT / "docs" / "schema" / "recommendation.schema.json").read_text(encoding="utf-8"))
VALID = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)

# ---------------------------------------------------------------------------- editions of a small world


def record_of(model: Model, source: Source = VENDOR) -> ModelRecord:
    """The model as one source states it."""
    record = ModelRecord.of(model)
    return attrs.evolve(
        record,
        prices=tuple(attrs.evolve(row, source=source) for row in record.prices),
        multipliers=tuple(attrs.evolve(row, source=source) for row in record.multipliers),
        facts=tuple(attrs.evolve(row, source=source) for row in record.facts),
        scores=tuple(attrs.evolve(row, source=source) for row in record.scores),
    )


def edition(records: Iterable[Model | ModelRecord], name: str = "one", **changes: Any) -> Catalog:
    """A catalog of these models, with the benchmarks and tasks of the bundled one."""
    held = [record_of(each) if isinstance(each, Model) else each for each in records]
    whole = article_catalog()
    facts = {"sources": {"vendor": VENDOR, "rival": RIVAL}, "trust": ("vendor", "rival")}
    return Catalog(
        **{
            "edition": name,
            "as_of": DAY,
            "records": {record.id: record for record in held},
            "benchmarks": whole.benchmarks,
            "tasks": whole.tasks,
            **facts,
            **changes,
        }
    )


def model(id: str, price: Any = "1", **facts: Any) -> Model:
    """A model that can do the work of this file."""
    known: dict[str, Any] = {"context_window": 10**6, "ttft": "100 ms", "output_tokens_per_second": 50}
    return Model(id, usd_per_mtok=(price, price), **{**known, **facts})


def saved(answer: Recommendation) -> Recommendation:
    """The answer as it is read from a file."""
    return Recommendation.from_json(answer.to_json())


WORK = Workload(input_tokens=1_000, output_tokens=100, requests_per_day=10)
CHEAP_FIRST = edition([model("a", "1"), model("b", "2")])
answered = recommend(WORK, ["a", "b"], policy="guide", catalog=CHEAP_FIRST)
POLICIES = st.sampled_from(["guide", "article", "expected-cost"])


def asked(work: Workload, catalog: Catalog, policy: str, names: Iterable[str | Model] | None = None) -> Recommendation:
    """The answer of a policy, or of the objective."""
    if policy == "expected-cost":
        return recommend(work, names, catalog=catalog, objective="expected-cost")
    return recommend(work, names, policy, catalog)


@st.composite
def answers(draw: st.DrawFn) -> Recommendation:
    """Answers of every status, from a small catalog or on models written by hand."""
    work = draw(st.one_of(workloads(), plain_workloads()))
    found = draw(candidates())
    policy = draw(POLICIES)
    if draw(st.booleans()):
        return asked(work, edition([]), policy, found)
    return asked(work, edition(found), policy)


@st.composite
def two_editions(draw: st.DrawFn) -> tuple[Catalog, Catalog]:
    """The same models, of which some facts differ."""
    before, after = [], []
    for name in "abc"[: draw(st.integers(2, 3))]:
        old, new = (draw(models(name, known=draw(st.booleans()))) for _ in range(2))
        kept = draw(st.sets(st.sampled_from(["rates", "scores", "ttft", "output_tokens_per_second"])))
        facts = {
            "scores": old.scores,
            "ttft": new.ttft,
            "output_tokens_per_second": new.output_tokens_per_second,
            "usd_per_mtok": new.rates,
        }
        changed = old.with_(
            **{field: facts[field] for field in facts if field.replace("usd_per_mtok", "rates") in kept}
        )
        before.append(old)
        after.append(changed if draw(st.booleans()) else new)
    return edition(before, "one"), edition(after, "two")


# ---------------------------------------------------------------------------- bytes and digest


def test_canonical_bytes() -> None:
    """One text, sorted, without spaces, in UTF-8, and it is the whole answer."""
    answer = recommend(Workload(input_tokens=1, output_tokens=1, title="Zürich 東京"), ["a"], catalog=CHEAP_FIRST)
    written = canonical_json(answer)
    assert written.startswith(b'{"as_of":"2026-11-22","assumptions":["complexity is not stated: ')
    assert "Zürich 東京".encode() in written
    assert json.loads(written) == answer.to_dict()
    assert Recommendation.from_json(written) == answer
    assert (
        written == json.dumps(json.loads(written), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    )


def test_text_that_is_no_unicode() -> None:
    """Half of a surrogate pair has no UTF-8, and the error shows where it stands."""
    with pytest.raises(lt.InvalidValueError, match="half of a character"):
        canonical_json(recommend(Workload(input_tokens=1, output_tokens=1, title="a\ud800"), [], catalog=CHEAP_FIRST))


@given(answers())
def test_the_digest_survives_json(answer: Recommendation) -> None:
    """Written and read, an answer keeps its bytes and its digest."""
    again = saved(answer)
    assert again == answer
    assert canonical_json(again) == canonical_json(answer)
    assert digest(again) == digest(answer)


def without_the_outside(answer: Recommendation) -> Recommendation:
    """The answer, as if one edition and one library had given all answers."""
    return attrs.evolve(
        answer,
        catalog_edition="",
        catalog_hash="",
        library_version="",
        workload=answer.workload,
        grounds=answer.grounds,
        robustness=answer.robustness,
    )


@given(answers(), answers())
def test_equal_digests_are_equal_answers(one: Recommendation, other: Recommendation) -> None:
    """Digests are equal exactly where the answers are, and there the difference is empty."""
    same = without_the_outside(one) == without_the_outside(other)
    assert (digest(one) == digest(other)) is same
    assert bool(diff(one, other)) is not same
    assert not diff(one, one)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of everything that holds nothing else."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [leaf for key, entry in entries for leaf in leaves(entry, (*path, key))]
    yield from found or [path]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of *document* with another value at *path*."""
    if not path:
        return value
    changed = copy.copy(document)
    changed[path[0]] = put(changed[path[0]] if len(path) > 1 else None, path[1:], value)
    return changed


def test_everything_else_is_in_the_digest() -> None:
    """Every text of an answer changes its digest, but for those that are outside of it."""
    answer = recommend("support-chatbot", catalog=article_catalog())
    document = answer.to_dict()
    changed: set[tuple[Any, ...]] = set()
    kept: set[tuple[Any, ...]] = set()
    for path in leaves(document):
        held = document
        for key in path:
            held = held[key]
        if not isinstance(held, str) or path[0] in {"status", "premises"} or path[-1] in {"kind", "standing", "answer"}:
            continue
        number = held.replace("/", "").replace(".", "").isdecimal()
        other = "7" if number else "2026-01-01" if held.count("-") == 2 and len(held) == 10 else f"{held}!"
        try:
            edited = Recommendation.from_dict(put(document, path, other))
        except lt.InvalidValueError:
            continue  # one of a few choices
        (changed if digest(edited) != digest(answer) else kept).add(path)
    assert kept <= set(OUTSIDE_THE_DIGEST)
    assert {("catalog_edition",), ("catalog_hash",), ("library_version",)} <= kept
    assert len(changed) > 50


MINE = Policy(
    id="mine",
    title="Mine",
    questions=(
        Question(
            id="fast",
            text="Fast?",
            when=Condition(kind="test", input="max_ttft_ms", operator="stated", operand=True),
            yes=Outcome(rank_by=("ttft",)),
            no=Outcome(rank_by=("cost",)),
        ),
    ),
)

PLAIN = Recommendation(
    status="selected",
    chosen="a",
    tied=(),
    because="it is the only candidate",
    workload=Workload(
        input_tokens=Fraction(1, 3), output_tokens=2, languages={"japanese", "english"}, error_cost="0.10"
    ),
    policy="mine",
    as_of=DAY,
    catalog_edition="one",
    catalog_hash="0" * 64,
    trust=("vendor",),
    library_version="0.0.0",
    caps=Caps(cost_per_month="500"),
    grounds=Grounds(
        candidates=(
            Candidate(
                model="a",
                name="A – 千",
                rank=1,
                standing="possible",
                reasons_for=('it\'s "cheap"',),
                reasons_against=(),
                figures=Figures(cost_per_request=Usd("1/3"), ttft=Range(100, 200, "ms"), context_window=2**60),
                facts=(),
            ),
        ),
        trace=(),
        assumptions=(),
        missing=(),
        sources=(VENDOR,),
    ),
    robustness=Robustness(robust=True, decided_by=()),
    case=Premises(policy=MINE, models=(Model("a"),)),
)


def test_the_digest_of_a_year_ago() -> None:
    """This digest never changes: not with the process, not with the machine, not with the version of Python."""
    assert digest(PLAIN) == "d92c6dbe4e075f9e5fc44c2ee85eefde2e86f5f6abe53fe9cc3f862dc72a6f5d"


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_in_another_process(seed: str) -> None:
    """The order of hashes in a process leaves no trace."""
    program = (
        "import llm_tradeoffs as lt\n"
        "from llm_tradeoffs.replay import digest\n"
        "work = lt.Workload(input_tokens=9, output_tokens=9, needs={'tools', 'vision', 'batch'},"
        " languages={'english', 'german', 'french'})\n"
        "print(digest(lt.recommend(work)))\n"
    )
    work = Workload(
        input_tokens=9, output_tokens=9, needs={"tools", "vision", "batch"}, languages={"english", "german", "french"}
    )
    found = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == digest(recommend(work))


# ---------------------------------------------------------------------------- the schema


def test_the_schema_is_that_of_the_types() -> None:
    """The published file is what the generator makes of the types of this release, and it is a schema."""
    made = runpy.run_path(str(TOOL))
    assert made["PATH"].read_text(encoding="utf-8") == made["text"](), "run tools/write_schema.py"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_saved_answers_are_valid(bundled: Catalog, article: Catalog) -> None:
    """Answers to every preset, in both worlds, by policy and by objective."""
    for catalog in (bundled, article):
        for preset in bundled.presets:
            for policy in ("guide", "article", "expected-cost"):
                VALID.validate(json.loads(asked(preset, catalog, policy).to_json()))
    VALID.validate(PLAIN.to_dict())


@given(answers())
def test_every_answer_is_valid(answer: Recommendation) -> None:
    """Whatever is answered, a reader of the schema can read it."""
    VALID.validate(json.loads(answer.to_json()))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status",), "chosen"),
        (("chosen",), None),
        (("tied",), ["a"]),
        (("schema_version",), 1),
        (("as_of",), "22 November 2026"),
        (("as_of",), "2026-02-30"),
        (("extra",), 1),
        (("candidates",), {}),
        (("candidates", 0, "rank"), "1"),
        (("candidates", 0, "figures", "cost_per_request"), 0.1),
        (("candidates", 0, "figures", "cost_per_request"), "0.10"),
        (("candidates", 0, "figures", "cost_per_request"), "1e-3"),
        (("candidates", 0, "figures", "ttft", "unit"), 5),
        (("candidates", 0, "standing"), "ranked"),
        (("workload", "input_tokens"), 1000),
        (("workload", "needs"), ["vision", "vision"]),
        (("trace", 0, "asked"), "yes"),
        (("premises",), None),
        (("premises", "policy", "questions", 0, "when"), {"input": "priority", "above": "1"}),
        (("premises", "policy", "questions", 0, "when"), {"input": "requests_per_month", "above": 1}),
        (("premises", "models", 0, "facts", "context_window"), "1000"),
        (("premises", "models", 0, "prices", 0, "usd"), 1),
        (("premises", "models", 0, "prices", 0, "source"), {"id": "vendor"}),
        (("premises", "models", 0, "stated_by", "ttft", "source"), None),
    ],
)
def test_corrupted_answers_are_not(path: tuple[Any, ...], value: Any) -> None:
    """A document with a fault is refused."""
    VALID.validate(answered.to_dict())
    assert not VALID.is_valid(put(answered.to_dict(), path, value))


@given(answers(), st.data())
def test_no_place_takes_another_type(answer: Recommendation, data: st.DataObject) -> None:
    """Wherever a float or a table of something else is put, the document is refused; and so is one that lacks a key."""
    document = json.loads(answer.to_json())
    path = data.draw(st.sampled_from(list(leaves(document))))
    assert not VALID.is_valid(put(document, path, data.draw(st.sampled_from([0.5, {"what": "this"}, [[]]]))))
    name = data.draw(st.sampled_from(sorted(document)))
    assert not VALID.is_valid({key: value for key, value in document.items() if key != name})


# ---------------------------------------------------------------------------- the difference of two answers


def test_what_differs() -> None:
    """Each difference has its place: the question, the answer, the ranking, figures, reasons, facts, the rest."""
    dearer = edition([model("a", "3"), model("b", "2")], "two")
    other = recommend(WORK.with_(turns=2), ["a", "b"], catalog=dearer)
    found = diff(answered, other)
    assert [str(change) for change in found.question] == ["workload.turns: nothing → 2"]
    assert [str(change) for change in found.answer] == ["chosen: a → b"]
    assert [change.path for change in found.ranking] == [
        ("candidates",),
        ("candidates", "a", "rank"),
        ("candidates", "b", "rank"),
    ]
    assert str(found.ranking[0]) == 'candidates: ["a", "b"] → ["b", "a"]'
    assert ("candidates", "a", "figures", "cost_per_request") in {change.path for change in found.figures}
    assert {change.where for change in found.facts} == {
        "candidates.a.facts.rates.standard.input_tokens.value",
        "candidates.a.facts.rates.standard.output_tokens.value",
    }
    assert found.reasons
    assert found.grounds
    assert [change.path[0] for change in found.asked] == ["catalog_edition", "catalog_hash"]
    parts = (*found.question, *found.answer, *found.ranking, *found.figures, *found.reasons, *found.facts)
    assert {*parts, *found.grounds} == {*found.changes}
    assert str(diff(answered, answered)) == "no difference"


@given(answers(), answers())
def test_no_difference_is_lost(one: Recommendation, other: Recommendation) -> None:
    """Every difference is in exactly one part."""
    found = diff(one, other)
    parts = (*found.question, *found.answer, *found.ranking, *found.figures, *found.reasons, *found.facts)
    assert sorted(map(str, (*parts, *found.grounds))) == sorted(
        str(change) for change in found.changes if change.path[0] != "schema_version"
    )


# ---------------------------------------------------------------------------- the same question again


@given(answers(), st.booleans())
def test_the_same_facts_give_the_same_answer(answer: Recommendation, live: bool) -> None:
    """Nothing has changed: the answer is equal and its difference empty, whether it was saved or not."""
    again = replay(answer if live else saved(answer), answer.case.catalog)
    assert again.after == answer
    assert not again.diff
    assert not again.diff.asked
    assert again.facts == ()
    assert again.same_choice
    assert again.because == "the choice is the same"
    assert "Nothing in the answer has changed." in again.explain()


def test_the_bundled_facts(bundled: Catalog) -> None:
    """Every preset under every policy, live and saved, against the catalog it came from."""
    for preset in bundled.presets:
        for policy in ("guide", "expected-cost"):
            answer = asked(preset, bundled, policy)
            for each in (answer, saved(answer)):
                assert replay(each).after == answer


def patched(catalog: Catalog, fact: FactChange, old: Catalog) -> Catalog:
    """*catalog* with the rows of one field of one model as *old* has them: done to the records, not to the models."""
    name, field = fact.subject, fact.field
    new, was = catalog.records[name], old.records[name]

    def merged(rows: Iterable[Any], others: Iterable[Any], name_of: Any) -> tuple[Any, ...]:
        return (
            *(row for row in rows if name_of(row) != field),
            *(row for row in others if name_of(row) == field),
        )

    record = attrs.evolve(
        new,
        prices=merged(new.prices, was.prices, rate_field),
        multipliers=merged(new.multipliers, was.multipliers, multiplier_field),
        facts=merged(new.facts, was.facts, lambda row: row.field),
        scores=merged(new.scores, was.scores, lambda row: row.field),
    )
    return attrs.evolve(catalog, records={**catalog.records, name: record})


def choice(answer: Recommendation) -> tuple[Any, ...]:
    """What was chosen, or who ties."""
    return answer.status, answer.chosen, set(answer.tied)


@given(st.one_of(workloads(), plain_workloads()), two_editions(), POLICIES)
def test_who_is_blamed_did_it(work: Workload, editions: tuple[Catalog, Catalog], policy: str) -> None:
    """With the fact put back into the catalog, the public question has the old answer; with another one it has not."""
    old, new = editions
    before = asked(work, old, policy)
    names = [candidate.model for candidate in before.candidates]
    found = replay(before, new)
    assume(len(found.after.candidates) == len(names))
    assert found.after == asked(work, new, policy, names)
    for fact in found.facts:
        if found.same_choice:
            assert fact.flips_back is None
            continue
        again = asked(work, patched(new, fact, old), policy, names)
        assert fact.flips_back is (choice(again) == choice(before))
    if not found.same_choice:
        assert found.facts  # no choice changes without a fact
        assert found.all_flip_back
        assert "no fact" not in found.because


@given(st.one_of(workloads(), plain_workloads()), two_editions(), POLICIES)
def test_a_saved_answer_is_asked_again_like_a_live_one(
    work: Workload, editions: tuple[Catalog, Catalog], policy: str
) -> None:
    """What a saved answer says of a fact is what the live one says; no old edition is needed."""
    old, new = editions
    before = asked(work, old, policy)
    live, again = replay(before, new), replay(saved(before), new)
    assert (again.after, again.facts, again.all_flip_back) == (live.after, live.facts, live.all_flip_back)
    assert (again.notes, again.because) == (live.notes, live.because)


@given(answers())
def test_a_saved_answer_says_what_would_change_it(answer: Recommendation) -> None:
    """Flips, why-not, the Pareto set and open facts of a saved answer are those of the live one."""
    again = saved(answer)
    assert again.premises == answer.premises
    assert str(again.flips("output_tokens", "price")) == str(answer.flips("output_tokens", "price"))
    assert again.why_not_each == answer.why_not_each
    assert again.pareto() == answer.pareto()
    assert again.information() == answer.information()


@given(answers())
def test_premises_are_written_to_the_last_source(answer: Recommendation) -> None:
    """Every fact of every candidate comes back with who stated it, where and when; written again it is equal."""
    again = saved(answer)
    for one, other in zip(answer.premises.models, again.premises.models, strict=True):
        assert other.citations == one.citations
        assert other.cited_sources == one.cited_sources
        assert {name: fact.note for name, fact in other.sources.items()} == {
            name: fact.note for name, fact in one.sources.items()
        }
    assert canonical_json(again) == canonical_json(answer)


@given(plain_workloads(), st.integers(0, 3), POLICIES)
def test_the_only_fact_that_changed(work: Workload, which: int, policy: str) -> None:
    """If one fact has changed and the choice with it, it is that fact, also by the words of a saved answer."""
    old = [model("a", "1", scores={"gsm8k": "80-85 %"}), model("b", "2", scores={"gsm8k": "70 %"}, ttft="200 ms")]
    change: dict[str, Any] = [
        {"usd_per_mtok": {"input_tokens": "9", "output_tokens": "1"}},
        {"context_window": 100},
        {"scores": {"gsm8k": "20-30 %"}},
        {"ttft": "900 ms"},
    ][which]
    field = ["rates.standard.input_tokens", "context_window", "scores.gsm8k", "ttft"][which]
    new = edition([old[0].with_(**change), old[1]], "two")
    before = asked(work, edition(old), policy)
    for each in (before, saved(before)):
        found = replay(each, new)
        assert [fact.field for fact in found.facts] == [field]
        assert found.blamed == (() if found.same_choice else found.facts)
        if not found.same_choice:
            assert f"a {field}" in found.because
            assert "(flips the choice back)" in found.explain()


def test_several_facts_together() -> None:
    """Where each of two facts is enough for the new choice, neither alone is to blame, and both together are."""
    dearer = model("a").with_(usd_per_mtok={"input_tokens": "2.5", "output_tokens": "13"})
    for each in (answered, saved(answered)):
        found = replay(each, edition([dearer, model("b", "2")], "two"))
        assert found.after.chosen == "b"
        assert [fact.flips_back for fact in found.facts] == [False, False]
        assert found.all_flip_back
        assert found.because.startswith("several facts together")
        assert "(alone changes nothing)" in found.explain()


def test_facts_that_no_answer_cites() -> None:
    """A factor for batches is cited by no line of a bill; if it decides, it is found."""
    batch = [Multiplier(factor=factor, service_tier="batch") for factor in (1, "1/4")]

    def priced(id: str, price: str, factor: Multiplier) -> Model:
        rows = [Price(meter=meter, usd=Usd(price)) for meter in ("input_tokens", "output_tokens")]
        return model(id).with_(usd_per_mtok=RateCard(rows, [factor]), supports_batch=True)

    work = WORK.with_(batch_share=1)
    old = edition([priced("a", "1", batch[0]), priced("b", "2", batch[0])])
    new = edition([priced("a", "1", batch[0]), priced("b", "2", batch[1])], "two")
    found = replay(recommend(work, ["a", "b"], catalog=old), new)
    assert found.after.chosen == "b"
    assert [fact.field for fact in found.blamed] == ["multipliers.batch"]


def test_token_ratios() -> None:
    """A published ratio of tokens decides, also one of a model that is no candidate."""
    work = WORK.with_(counted_for="base")

    def world(of_b: str, of_base: str, name: str) -> Catalog:
        return edition(
            [
                model("a", "2"),
                model("b", "1", token_ratio=TokenRatio.parse(f"{of_b} tokens per token of base")),
                model("base", token_ratio=TokenRatio.parse(f"{of_base} tokens per token of a")),
            ],
            name,
        )

    before = recommend(work, ["a", "b"], catalog=world("1", "1", "one"))
    assert before.chosen == "b"
    for new, subject in ((world("3", "1", "two"), "b"), (world("1", "4", "two"), "base")):
        found = replay(before, new)
        assert found.after.chosen == "a"
        assert [(fact.subject, fact.field) for fact in found.blamed] == [(subject, "token_ratio")]


@pytest.mark.parametrize("candidates_", [["a", "b"], ["a", "b", "base"], ["a", "b", "between", "base"]])
def test_a_chain_of_token_ratios(candidates_: list[str]) -> None:
    """A ratio through which others are compared is found, whether its model is a candidate or not."""

    def world(ratio: str, name: str) -> Catalog:
        return edition(
            [
                model("a", "2"),
                model("b", "1", token_ratio=TokenRatio.parse("1 tokens per token of between")),
                model("between", "9", token_ratio=TokenRatio.parse(f"{ratio} tokens per token of base")),
                model("base", "9"),
            ],
            name,
        )

    before = recommend(WORK.with_(counted_for="base"), candidates_, catalog=world("1", "one"))
    for answer in (before, saved(before)):
        found = replay(answer, world("3", "two"))
        assert (before.chosen, found.after.chosen) == ("b", "a")
        assert [(fact.subject, fact.field) for fact in found.blamed] == [("between", "token_ratio")]


def test_another_benchmark_speaks_for_the_task() -> None:
    """Which benchmark speaks for a task is a fact as well, and so is whether more is better."""
    models_ = [
        model("a", scores={"gsm8k": "90 %", "mmlu": "10 %"}),
        model("b", scores={"gsm8k": "50 %", "mmlu": "60 %"}),
    ]
    work = Workload(input_tokens=10, output_tokens=10, task="math", priority="accuracy")
    old = edition(models_)
    assert old.tasks["math"].benchmark == "gsm8k"
    before = recommend(work, ["a", "b"], catalog=old)
    moved = edition(models_, "two", tasks={**old.tasks, "math": attrs.evolve(old.tasks["math"], benchmark="mmlu")})
    turned = edition(
        models_,
        "two",
        benchmarks={**old.benchmarks, "gsm8k": attrs.evolve(old.benchmarks["gsm8k"], higher_is_better=False)},
    )
    for new, subject in ((moved, "task math"), (turned, "benchmark gsm8k")):
        for each in (before, saved(before)):
            found = replay(each, new)
            assert (before.chosen, found.after.chosen) == ("a", "b")
            assert [fact.subject for fact in found.blamed] == [subject]


# ---------------------------------------------------------------------------- what is not there any more


def test_a_model_that_left() -> None:
    """A candidate that the new edition does not have is no candidate, and is to blame if it had been chosen."""
    found = replay(saved(answered), edition([model("b", "2")], "two"))
    assert found.after.chosen == "b"
    assert found.after.assumptions[0] == "a is no candidate: nothing is recorded of it on 2026-11-22"
    assert "a is no candidate any more: edition two has no model of that name" in found.notes[0]
    assert [(fact.subject, fact.field, fact.flips_back) for fact in found.facts] == [("a", "candidate", True)]


def test_a_model_that_came() -> None:
    """A model that the question was about, and of which nothing was recorded, is a candidate once something is."""
    later = record_of(model("c", "0.5"))
    later = attrs.evolve(
        later, prices=tuple(attrs.evolve(row, effective_from=date(2027, 1, 1)) for row in later.prices)
    )
    later = attrs.evolve(later, facts=())
    old = edition([model("a"), model("b", "2"), later])
    before = recommend(WORK, catalog=old)
    assert before.assumptions[0].startswith("c is no candidate")
    for each in (before, saved(before)):
        assert replay(each, old).after == before
        found = replay(each, edition([model("a"), model("b", "2"), model("c", "0.5")], "two"))
        assert found.after.chosen == "c"
        assert [(fact.subject, fact.field, fact.flips_back) for fact in found.facts] == [("c", "candidate", True)]
        assert found.notes == ()


def test_a_day_without_facts() -> None:
    """On a day on which nothing is recorded of it, a model is no candidate, and the note says from when it is."""
    dated = [
        attrs.evolve(record, prices=tuple(attrs.evolve(row, effective_from=DAY) for row in record.prices), facts=())
        for record in map(record_of, [model("a"), model("b", "2")])
    ]
    catalog = edition(dated)
    before = recommend(WORK, ["a", "b"], catalog=catalog)
    found = replay(before, catalog, as_of="2026-01-01")
    assert found.after.status == "infeasible"
    assert found.after.as_of == date(2026, 1, 1)
    assert "the first known one starts on 2026-11-22" in found.notes[0]


def test_an_alias_that_moved() -> None:
    """A candidate is asked by its id; if that is another model's name now, it is not taken for that one."""
    taken = attrs.evolve(record_of(model("c", "0.1")), aliases=(Alias("a"),))
    found = replay(answered, edition([taken, model("b", "2")], "two"))
    assert found.after.chosen == "b"
    assert "in edition two the name belongs to c" in found.notes[0]


def test_the_model_whose_tokens_were_counted_moved() -> None:
    """Where tokens were counted for a name that moved, the replay says so."""

    def world(owner: str) -> Catalog:
        records = [record_of(model("a")), record_of(model("b", "2"))]
        return edition(
            attrs.evolve(record, aliases=(Alias("latest"),)) if record.id == owner else record for record in records
        )

    before = recommend(WORK.with_(counted_for="latest"), ["a", "b"], catalog=world("a"))
    assert replay(before, world("a")).notes == ()
    assert replay(before, world("b")).notes == ("tokens were counted for latest; that was a and is b",)


def test_sources_that_left_and_came() -> None:
    """Sources that are gone say nothing; new ones are not asked, since they were not trusted then."""
    other = Source(id="new", title="New", kind="vendor")
    new = edition(
        [model("a"), model("b", "2")],
        "two",
        sources={"vendor": VENDOR, "new": other},
        trust=("new", "vendor"),
    )
    found = replay(answered, new)
    assert found.after.trust == ("vendor",)
    assert found.notes == (
        "no longer in the catalog, so they say nothing: rival",
        "sources that were not trusted then and are not asked: new",
    )
    assert replay(answered, new, trust=("new", "vendor")).after.trust == ("new", "vendor")
    with pytest.raises(lt.InvalidValueError, match=r"none of the sources that were trusted \(vendor, rival\)"):
        replay(answered, edition([], "two", sources={"new": other}, trust=("new",)))


def test_models_written_by_hand() -> None:
    """They are written with the answer and taken as they were, unless they are passed again."""
    mine = model("mine", "0.5")
    before = recommend(WORK, ["a", mine], catalog=CHEAP_FIRST)
    for each in (before, saved(before)):
        found = replay(each, CHEAP_FIRST)
        assert found.after == before
        assert found.notes == ("mine was passed as a Model and is taken as it was then",)
    assert replay(saved(before), CHEAP_FIRST, models=[mine]).after == before
    dearer = replay(saved(before), CHEAP_FIRST, models=[model("mine", "5")])
    assert dearer.after.chosen == "a"
    assert {fact.field for fact in dearer.facts} == {"rates.standard.input_tokens", "rates.standard.output_tokens"}
    with pytest.raises(lt.UnknownNameError, match="no candidate is named 'other'"):
        replay(before, CHEAP_FIRST, models=[model("other")])


def test_a_catalog_model_that_was_changed_by_hand() -> None:
    """It has a name of the catalog, and is not taken for the catalog's."""
    mine = CHEAP_FIRST["b"].with_(usd_per_mtok=("0.1", "0.1"))
    before = recommend(WORK, ["a", mine], catalog=CHEAP_FIRST)
    assert before.premises.by_hand == ("b",)
    for each in (before, saved(before)):
        assert replay(each, CHEAP_FIRST).after == before


def test_a_model_that_was_laid_over_the_catalog() -> None:
    """A model of the caller's own catalog is not in the next edition, and is taken as it was."""
    mine = CHEAP_FIRST.with_model(model("mine", "0.5"))
    before = recommend(WORK, ["a", "mine"], catalog=mine)
    for each in (before, saved(before)):
        assert replay(each, mine).after == before
        assert replay(each, CHEAP_FIRST).after.chosen == "mine"
        assert replay(each, CHEAP_FIRST.with_model(model("mine", "5"))).after.chosen == "a"


def test_a_policy_written_by_hand() -> None:
    """It is written with the answer, rule by rule, and asked again; another one is held to the trace."""
    before = recommend(WORK, ["a", "b"], MINE, CHEAP_FIRST)
    assert saved(before).premises.policy == MINE
    for each in (before, saved(before)):
        assert replay(each, CHEAP_FIRST).after == before
    dear = attrs.evolve(
        MINE,
        questions=(
            attrs.evolve(MINE.questions[0], text="In a hurry?", no=Outcome(rank_by=("context_window", "ttft"))),
        ),
    )
    found = replay(saved(before), edition([model("a"), model("b", "2", ttft="1 ms")]), policy=dear)
    assert found.notes == ("the policy 'mine' asks other questions than then: question fast",)


def test_a_policy_that_has_changed_since() -> None:
    """An answer keeps the rules that it followed, also where the catalog's policy of that name says otherwise now."""
    before = recommend(WORK, ["a", "b"], catalog=CHEAP_FIRST)
    now = attrs.evolve(CHEAP_FIRST, policy_texts={"guide": MINE_AS_GUIDE})
    assert Policy.named("guide", now) != before.premises.policy
    assert not replay(saved(before), now).diff


def test_a_model_with_everything_is_written() -> None:
    """Hours, regions, thresholds, ranges, factors, ratios, judgements and days: all of it comes back."""
    mine = Source(id="mine", title="My list", kind="vendor", checked_on=DAY, note="read twice")
    night = TimeWindow(start="16:30", end="00:30", zone="Asia/Shanghai", weekdays=("saturday",))
    rows = [
        Price(meter="input_tokens", usd=Usd("1/3"), source=mine, effective_from=DAY, place="page 1", note="q"),
        Price(meter="input_tokens", usd=Usd("0.2"), window=night, source=mine),
        Price(meter="input_tokens", usd=Usd("2"), above_input_tokens=200_000, source=mine),
        Price(meter="output_tokens", usd=Usd("2"), usd_low=Usd("1"), region="us"),
        Price(meter="output_tokens", usd=Usd("2")),
        Price(meter="requests", usd=Usd("0.001"), per=1),
    ]
    factors = [Multiplier(factor="0.5", service_tier="batch"), Multiplier(factor="1.1", region="eu", source=mine)]
    full = model(
        "mine",
        name="Meins – 千",
        vendor="me",
        aliases=("m", "n"),
        languages=("english", "german"),
        supports_vision=True,
        token_ratio="1.1-1.3 tokens per token of a",
        released_on=date(2025, 1, 1),
        scores=[Score("mmlu", Range(70, 80, "%")), Score("gsm8k", judgement="good")],
        sources={"context_window": Fact(subject="mine", field="context_window", value=10**6, source=mine, place="p")},
    ).with_(usd_per_mtok=RateCard(rows, factors))
    work = WORK.with_(counted_for="a", batch_share=Fraction(1, 3))
    for catalog, name in ((CHEAP_FIRST, full), (CHEAP_FIRST.with_model(full), "mine")):
        before = recommend(work, ["a", name], catalog=catalog)
        VALID.validate(json.loads(before.to_json()))
        again = saved(before)
        assert again.premises == before.premises
        assert again.premises.models[1].citations == before.premises.models[1].citations
        assert again.case.decision.leaders == before.case.decision.leaders
        assert not again.replay(catalog).facts
        assert again.to_json() == before.to_json()


MINE_AS_GUIDE = """
id = "guide"
title = "Another guide"

[[questions]]
id = "fast"
text = "Fast?"
when = { input = "max_ttft_ms", stated = false }
yes = { rank_by = ["quality"] }
no = { rank_by = ["cost"] }
"""

CONDITIONS = st.recursive(
    st.one_of(
        st.builds(
            lambda name, operator, operand: Condition(kind="test", input=name, operator=operator, operand=operand),
            st.sampled_from(["requests_per_month", "max_ttft_ms", "error_cost_usd"]),
            st.sampled_from(["above", "at_least", "below", "at_most"]),
            st.fractions(min_value=0).map(lambda value: int(value) if value.denominator == 1 else value),
        ),
        st.builds(
            lambda stated: Condition(kind="test", input="priority", operator="stated", operand=stated), st.booleans()
        ),
        st.just(Condition(kind="test", input="priority", operator="is", operand="cost")),
        st.just(Condition(kind="test", input="languages", operator="includes", operand="1")),
    ),
    lambda inner: st.one_of(
        st.builds(lambda part: Condition(kind="not", parts=(part,)), inner),
        st.builds(
            lambda kind, parts: Condition(kind=kind, parts=tuple(parts)),
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_every_condition_is_written_and_read(when: Condition) -> None:
    """Whatever a policy asks, a saved answer holds the same rule, and a reader of the schema can read it."""
    policy = attrs.evolve(MINE, questions=(attrs.evolve(MINE.questions[0], when=when),))
    before = recommend(WORK, ["a", "b"], policy, CHEAP_FIRST)
    VALID.validate(json.loads(before.to_json()))
    assert saved(before).premises.policy == policy


def test_a_policy_did_it() -> None:
    """Where no fact has changed and the choice has, the policy is to blame."""
    turned = attrs.evolve(MINE, questions=(attrs.evolve(MINE.questions[0], no=Outcome(rank_by=("ttft",))),))
    catalog = edition([model("a"), model("b", "2", ttft="1 ms")])
    found = replay(recommend(WORK, ["a", "b"], MINE, catalog), catalog, policy=turned)
    assert (found.before.chosen, found.after.chosen, found.facts) == ("a", "b", ())
    assert found.because.startswith("no fact")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: replay("decision.json"),  # type: ignore[arg-type]
        lambda: replay(answered, "bundled"),  # type: ignore[arg-type]
        lambda: replay(answered, CHEAP_FIRST, models=["a"]),  # type: ignore[list-item]
        lambda: replay(answered, CHEAP_FIRST, policy="guide"),  # type: ignore[arg-type]
        lambda: diff(answered, None),  # type: ignore[arg-type]
        lambda: digest({}),  # type: ignore[arg-type]
    ],
)
def test_other_types(wrong: Any) -> None:
    """What is no answer, no catalog, no model or no policy is refused."""
    with pytest.raises(lt.InvalidTypeError, match="expected"):
        wrong()


def test_caps_are_asked_again() -> None:
    """The caps of the answer hold in the replay."""
    before = recommend(WORK, ["a", "b"], catalog=CHEAP_FIRST, caps=Caps(cost_per_request="0.0015"))
    found = replay(saved(before), edition([model("a", "3"), model("b", "2")], "two"))
    assert before.chosen == "a"
    assert found.after.status == "infeasible"
    assert found.after.caps == before.caps


def edited(answer: Recommendation, *path: Any, value: Any) -> Recommendation:
    """A saved answer in which somebody changed one value."""
    return Recommendation.from_dict(put(answer.to_dict(), path, value))


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        (("premises", "models", 0, "prices", 0, "usd"), "7", "the choice"),
        (("candidates", 0, "figures", "cost_per_request"), "0.5", "the figures of a"),
        (("candidates", 1, "figures", "ttft"), None, "the figures of b"),
    ],
)
def test_an_edited_answer_does_not_say_what_would_change_it(path: tuple[Any, ...], value: Any, what: str) -> None:
    """What does not follow from its premises is refused, with what to do; a replay says what follows from them."""
    found = edited(answered, *path, value=value)
    questions: list[Any] = [found.flips, found.pareto, found.information, lambda: found.why_not("b")]
    for ask in questions:
        with pytest.raises(lt.InvalidValueError, match=f"{what} in this saved answer does not follow.*replay\\(\\)"):
            ask()
    assert replay(found, CHEAP_FIRST).after == answered


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("premises", "policy", "id"), "mine", "the policy is 'guide', and the one among the premises is 'mine'"),
        (("premises", "models", 0, "facts", "id"), "c", "a, c is a candidate or a model among the premises"),
        (("premises", "models", 0, "facts", "id"), "b", "b twice"),
        (("premises", "by_hand"), ["c"], "c as written by hand"),
        (("premises", "benchmark"), None, "the benchmark 'mmlu' speaks for the task"),
        (("premises", "models", 0, "prices", 0, "source"), "who", "the source 'who' is named and not described"),
        (("premises", "models", 0, "stated_by", "ttft", "source"), "who", "the source 'who' is named"),
        (("premises", "models", 0, "stated_by", "tokenizer"), {"source": "vendor"}, "a has no tokenizer"),
        (("premises", "models", 0, "facts", "weight"), 1, "unknown key: weight"),
        (("premises", "policy", "questions", 0, "when"), {"input": "colour", "is": "red"}, "unknown input 'colour'"),
        (("premises", "policy", "questions", 0, "when"), {"input": "priority"}, "one input and one operator"),
        (("premises", "policy", "questions", 0, "when"), {"input": "max_ttft_ms", "above": 1.5}, "a number as text"),
        (("premises", "policy", "requirements"), ["beauty"], "unknown requirement 'beauty'"),
    ],
)
def test_premises_that_cannot_be(path: tuple[Any, ...], value: Any, said: str) -> None:
    """A file whose premises contradict each other or the answer is not read, and the fault is named."""
    with pytest.raises(lt.InvalidValueError, match="this is no Recommendation") as caught:
        edited(answered, *path, value=value)
    assert said in str(caught.value)


def test_a_file_of_the_first_form_is_refused() -> None:
    """It lacks the premises; the error says which release reads it."""
    document = {key: value for key, value in answered.to_dict().items() if key != "premises"}
    with pytest.raises(lt.SchemaVersionError, match=r"schema version 1; this release reads version 2.*library_version"):
        Recommendation.from_dict({**document, "schema_version": 1})


@pytest.mark.parametrize(
    ("field", "old", "new", "work"),
    [
        ("supports_vision", True, False, {"needs": {"vision"}}),
        ("languages", ("english", "japanese"), ("german",), {"languages": {"japanese"}}),
        ("max_output_tokens", 100, 99, {}),
        ("retires_on", date(2030, 1, 1), DAY, {}),
        ("ttft", "1/3 ms", "700 ms", {"max_ttft_ms": 500}),
        ("output_tokens_per_second", "45-65 tokens/s", "1 tokens/s", {"max_response_ms": 5_000}),
        ("usd_per_mtok", ("1", "1"), ("1", None), {}),
        ("usd_per_mtok", ("1/3", "17/60000"), ("3", "17/60000"), {}),
        ("usd_per_mtok", ("1", "1"), ("1,001.25", "1"), {}),
    ],
)
def test_facts_of_every_kind_can_be_put_back(field: str, old: Any, new: Any, work: dict[str, Any]) -> None:
    """Flags, lists, numbers, days, ranges and prices of a saved answer are what they were."""

    def world(value: Any, name: str) -> Catalog:
        stated = dict(zip(("input_tokens", "output_tokens"), value, strict=True)) if field == "usd_per_mtok" else value
        if isinstance(stated, dict):
            stated = {meter: usd.replace(",", "") for meter, usd in stated.items() if usd is not None}
        return edition([model("a").with_(**{field: stated}), model("b", "2")], name)

    before = recommend(WORK.with_(**work), ["a", "b"], catalog=world(old, "one"))
    found = replay(saved(before), world(new, "two"))
    assert before.chosen == "a"
    assert not found.same_choice
    assert len(found.facts) == 1
    assert found.blamed == found.facts


def test_a_judgement_in_words() -> None:
    """A score may be a word; as a fact it can be put back, and changes no ranking."""
    work = Workload(input_tokens=10, output_tokens=10, task="creative-writing")
    benchmark = article_catalog().tasks["creative-writing"].benchmark
    old, new = (model("a", scores=[Score(benchmark, judgement=word)]) for word in ("good", "better"))
    before = recommend(work, ["a", "b"], catalog=edition([old, model("b", "2")]))
    found = replay(saved(before), edition([new.with_(usd_per_mtok=("9", "9")), model("b", "2")], "two"))
    assert [fact.flips_back for fact in found.facts if fact.field.startswith("scores.")] in ([], [False])


def test_in_words() -> None:
    """A replay prints the two choices, the reason and the facts."""
    new = edition([model("a", "9"), model("b", "2")], "two")
    text = str(replay(answered, new))
    assert text.splitlines()[:2] == ["2026-11-22, edition one: selected: a", "2026-11-22, edition two: selected: b"]
    assert "a rates.standard.input_tokens: $1.00/MTok [vendor] → $9.00/MTok [vendor]" in text
