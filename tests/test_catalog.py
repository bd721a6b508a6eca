"""Catalogs: where they come from, whom they believe, and how things are found in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import attrs
import pytest

import llm_tradeoffs as lt
from llm_tradeoffs import (
    Alias,
    Benchmark,
    Catalog,
    Fact,
    InvalidValueError,
    Model,
    ModelRecord,
    NoFactOnDateError,
    Range,
    Source,
    Usd,
)

WHOLE = Path(__file__).parent / "catalog" / "whole"
RUMOUR = Source(id="rumour", title="A rumour", kind="article")


@pytest.fixture
def whole() -> Catalog:
    return Catalog.from_path(WHOLE)


class TestBundled:
    """The catalog that comes with the library."""

    def test_it_is_read_once(self) -> None:
        """Who asks twice gets the same catalog, however the question is put."""
        assert Catalog.bundled() is Catalog.bundled()
        assert Catalog.bundled(trust=("article",)) is Catalog.bundled(trust=["article"])
        assert Catalog.bundled(as_of="2026-03-01") is Catalog.bundled(as_of=date(2026, 3, 1))

    def test_another_trust_and_another_day(self) -> None:
        """The trust order and the day can be chosen, one or both."""
        march = Catalog.bundled(as_of="2026-03-01")
        assert (march.as_of, march.trust) == (date(2026, 3, 1), Catalog.bundled().trust)
        both = Catalog.bundled(trust=("article", "litellm"), as_of="2026-04-01")
        assert (both.as_of, both.trust) == (date(2026, 4, 1), ("article", "litellm"))
        assert both["gpt-4.1-mini"].context_window == 1_050_000

    def test_it_is_the_same_as_the_folder(self) -> None:
        """What is bundled is what stands in catalog/."""
        assert Catalog.from_path(Path(__file__).parents[1] / "catalog") == Catalog.bundled()


class TestLookingUp:
    """Names, days and what is listed."""

    def test_a_catalog_is_a_collection_of_ids(self, whole: Catalog) -> None:
        """in, iteration, len and [] work at a prompt; aliases are in, but not listed."""
        assert list(whole) == ["one", "two"]
        assert len(whole) == 2
        assert "one" in whole
        assert "acme/one" in whole
        assert "one/acme" not in whole
        assert whole["acme/one"] is whole["one"] is whole.model("one")
        assert whole.resolve("acme/two") == "two"

    def test_what_is_no_name_is_in_no_catalog(self, whole: Catalog) -> None:
        """A value that is no name is simply not in the catalog."""
        assert 5 not in whole
        assert None not in whole

    def test_the_day_decides(self, whole: Catalog) -> None:
        """Prices change on their day; facts that begin later are unknown before."""
        before, after = whole.model("one", "2026-03-31"), whole.model("one", "2026-04-01")
        assert [str(model.price("input_tokens")) for model in (before, after)] == ["$0.30/MTok", "$0.25/MTok"]
        assert whole.model("one", "2026-01-31").ttft is None
        assert whole.model("one", "2026-02-01").ttft == Range(150, 250, "ms")

    def test_the_day_of_the_catalog(self, whole: Catalog) -> None:
        """at() gives the same facts with another day for questions that name none."""
        march = whole.at("2026-03-31")
        assert str(march["one"].price("input_tokens")) == "$0.30/MTok"
        assert (march.as_of, whole.as_of) == (date(2026, 3, 31), date(2026, 6, 1))
        assert march.at(whole.as_of) == whole

    def test_models_of_a_day(self, whole: Catalog) -> None:
        """models() lists, in the order of ids, those of which something is recorded on that day."""
        assert [model.id for model in whole.models()] == ["one", "two"]
        assert [model.id for model in whole.models("2026-02-28")] == ["one"]
        assert whole.models("2025-12-31") == ()

    def test_before_and_after(self) -> None:
        """Before the first fact and after the last, the error says so, with that day."""
        record = ModelRecord(
            id="gone",
            facts=(
                Fact(
                    subject="gone",
                    field="context_window",
                    value=5,
                    source=RUMOUR,
                    effective_from=date(2026, 2, 1),
                    effective_until=date(2026, 3, 1),
                ),
            ),
        )
        catalog = Catalog(
            edition="e",
            as_of=date(2026, 2, 15),
            trust=("rumour",),
            sources={"rumour": RUMOUR},
            records={"gone": record},
        )
        assert catalog["gone"].context_window == 5
        with pytest.raises(NoFactOnDateError, match=r"the first known one starts on 2026-02-01. Ask for a later date"):
            catalog.model("gone", "2026-01-31")
        with pytest.raises(NoFactOnDateError, match=r"the last known one ended on 2026-03-01. Ask for an earlier date"):
            catalog.model("gone", "2026-03-01")

    def test_benchmarks_tasks_and_presets(self, whole: Catalog) -> None:
        """The other kinds are looked up by id, too."""
        assert whole.benchmark("quiz").scale == (0, 100)
        assert whole.task("trivia").benchmark == "quiz"
        assert whole.preset("chat").title == "Chat"
        fact = whole.benchmark_fact("quiz", "questions")
        assert fact is not None
        assert fact.value == 120
        assert whole.benchmark_fact("quiz", "subjects") is None
        assert whole.trusting("maker").benchmark_fact("quiz", "questions") is None


class TestTrust:
    """Whose word counts, and where words differ."""

    def test_another_order(self, whole: Catalog) -> None:
        """trusting() changes whose word counts and nothing else; who is left out never answers."""
        assert whole["one"].context_window == 128_000
        assert whole.trusting("paper", "maker")["one"].context_window == 100_000
        paper = whole.trusting("paper")
        assert paper["one"].price("input_tokens") is None
        assert [model.id for model in paper.models()] == ["one"], "the paper says nothing of the other"

    def test_conflicts(self, whole: Catalog) -> None:
        """Statements of trusted sources that differ are listed, the answering one first."""
        (conflict,) = whole.conflicts()
        assert (conflict.subject, conflict.field) == ("one", "context_window")
        assert [fact.value for fact in conflict.facts] == [128_000, 100_000]
        assert conflict.chosen.source.id == "maker"
        assert str(conflict) == "one context_window: maker says 128000; paper says 100000"
        assert whole.trusting("paper", "maker").conflicts()[0].chosen.source.id == "paper"
        assert whole.trusting("maker").conflicts() == ()
        assert whole.conflicts("two") == ()
        assert whole.conflicts("acme/one") == (conflict,)
        assert whole.conflicts(as_of="2026-01-31") == (), "the paper has not spoken yet"

    def test_lists_in_another_order_are_no_conflict(self) -> None:
        """The same names in another order say the same."""
        other = Source(id="other", title="Another", kind="article")
        facts = tuple(
            Fact(subject="m", field="languages", value=value, source=source)
            for value, source in ((("english", "french"), RUMOUR), (("french", "english"), other))
        )
        catalog = Catalog(
            edition="e",
            as_of=date(2026, 1, 1),
            trust=("rumour", "other"),
            sources={"rumour": RUMOUR, "other": other},
            records={"m": ModelRecord(id="m", facts=facts)},
        )
        assert catalog.conflicts() == ()


class TestNamesAndFactors:
    """Names that move, factors on which sources disagree, and who is asked about."""

    def test_a_name_of_two_models_on_one_day(self, whole: Catalog) -> None:
        """A name may move, but on no day it means two models."""
        day = date(2026, 3, 1)

        def catalog(*records: lt.ModelRecord) -> Catalog:
            by_id = {record.id: record for record in records}
            return Catalog(edition="x", as_of=day, trust=(), sources={}, records=by_id)

        old = lt.ModelRecord(id="old", aliases=(Alias("large", None, day), "o"))
        new = lt.ModelRecord(id="new", aliases=(Alias("large", day), "n"))
        late = lt.ModelRecord(id="new", aliases=(Alias("large", date(2026, 2, 28)),))
        for records in ((old, new), (new, old)):
            held = catalog(*records)
            assert [held.resolve("large", asked) for asked in ("2026-02-28", "2026-03-01")] == ["old", "new"]
            assert held.resolve("large") == "new"
            assert set(held) == {"old", "new"}
            assert "large" in held
        for records in ((old, late), (late, old), (old, lt.ModelRecord(id="new", aliases=("large",)))):
            with pytest.raises(InvalidValueError, match="the name 'large' belongs to"):
                catalog(*records)
        with pytest.raises(InvalidValueError, match="the name 'old' belongs to"):
            catalog(old, lt.ModelRecord(id="new", aliases=(Alias("old", day),)))

    def test_a_name_that_is_over(self) -> None:
        """After its last day a name is an error that says when it ended; before its first, when it begins."""
        record = lt.ModelRecord(id="one", aliases=(Alias("beta", date(2026, 1, 1), date(2026, 2, 1)),))
        held = Catalog(edition="x", as_of=date(2026, 3, 1), trust=(), sources={}, records={"one": record})
        with pytest.raises(lt.NoFactOnDateError, match="the last known one ended on 2026-02-01"):
            held.resolve("beta")
        with pytest.raises(lt.NoFactOnDateError, match="the first known one starts on 2026-01-01"):
            held.resolve("beta", "2025-12-31")
        assert held.resolve("beta", "2026-01-31") == "one"

    def test_sources_disagree_on_factors_too(self, whole: Catalog) -> None:
        """Two factors for one tier are a conflict like any other, the trusted one first."""
        one, other = (Source(id=name, title=name, kind="vendor") for name in ("one", "other"))
        price = lt.Price(meter="input_tokens", usd=lt.Usd(1), source=one)
        rows = [lt.Multiplier(factor=factor, service_tier="batch", source=by) for factor, by in ((2, one), (3, other))]
        held = whole.with_model(lt.ModelRecord(id="x", prices=(price,), multipliers=tuple(rows)))
        (conflict,) = held.conflicts("x")
        assert str(conflict) == "x multipliers.batch: one says 2 × for batch; other says 3 × for batch"
        assert held["x"].rates.multipliers == (rows[0],)
        assert held.trusting("other", "one")["x"].rates.multipliers == (rows[1],)

    def test_candidates(self, whole: Catalog) -> None:
        """Who names no model asks about the candidates, or about every model; a model that is added is one more."""
        assert set(whole.default_candidates) == set(whole)
        few = attrs.evolve(whole, candidates=("one",))
        assert few.default_candidates == ("one",)
        assert few.with_model(lt.Model("x", context_window=5)).default_candidates == ("one", "x")
        assert [model.id for model in few.models(names=few.default_candidates)] == ["one"]
        with pytest.raises(lt.UnknownNameError, match="no model is named 'three'"):
            attrs.evolve(whole, candidates=("three",))


class TestWithModel:
    """A catalog with one model more."""

    ONE = Model(
        "acme/new",
        usd_per_mtok=(1, 2),
        aliases=("new",),
        context_window=5,
        scores={"quiz": 50},
        name="New",
        vendor="acme",
    )

    def test_a_model_by_hand(self, whole: Catalog) -> None:
        """A model by hand is found by its names, on every day, and the old catalog is as it was."""
        more = whole.with_model(self.ONE)
        assert more["new"] == self.ONE
        assert more.model("acme/new", "1999-01-01") == self.ONE
        assert len(more) == 3
        assert "new" not in whole
        assert more.trust == ("caller", "maker", "paper")
        assert more["new"].sources["context_window"].source.id == "caller"

    def test_it_takes_part(self) -> None:
        """The new model is a candidate like the others."""
        more = Catalog.bundled().with_model(Model("acme/new", usd_per_mtok=("0.01", "0.02"), context_window=10**6))
        answer = lt.recommend(lt.Workload(input_tokens=200, output_tokens=150, priority="cost"), catalog=more)
        assert answer.chosen == "acme/new"
        assert lt.cost("acme/new", input_tokens=100, output_tokens=0, catalog=more).total == Usd("0.000001")

    def test_the_trust_order_may_leave_the_caller_out_afterwards(self, whole: Catalog) -> None:
        """Who then trusts the paper alone does not hear the caller."""
        with pytest.raises(NoFactOnDateError):
            whole.with_model(self.ONE).trusting("paper")["new"]

    def test_replacing(self, whole: Catalog) -> None:
        """A model takes the place of the one with its id if that is asked for."""
        replaced = whole.with_model(Model("one", context_window=7), replace=True)
        assert replaced["one"].context_window == 7
        assert replaced["one"].price("input_tokens") is None
        assert "acme/one" not in replaced, "the aliases went with the old one"
        assert len(replaced) == 2

    def test_two_models_by_hand(self, whole: Catalog) -> None:
        """The caller is a source once, however many models they give."""
        more = whole.with_model(self.ONE).with_model(Model("acme/newer", context_window=6))
        assert more.trust == ("caller", "maker", "paper")
        assert more["acme/newer"].context_window == 6

    def test_a_model_of_another_catalog(self, whole: Catalog) -> None:
        """A model taken from one catalog keeps its sources in another, whose trust order then names them."""
        mini = Catalog.bundled()["gpt-4.1-mini"]
        more = whole.with_model(mini)
        taken = more.model("gpt-4.1-mini", "2026-11-22")
        assert taken == mini
        assert taken.sources["context_window"].source.id == "litellm"
        assert set(more.trust) >= {"litellm", "article", "maker"}

    def test_a_record(self, whole: Catalog) -> None:
        """A record with dated rows of several sources is taken as it is."""
        record = Catalog.bundled().records["claude-haiku-4.5"]
        more = whole.with_model(record)
        assert more.records["claude-haiku-4.5"] is record
        assert more["Claude Haiku 4.5"].context_window == 200_000


class TestPrices:
    """One source answers for all steps of a price."""

    def test_a_ladder_is_of_one_source(self) -> None:
        """Steps of two sources are not mixed: the most trusted source that has any answers for all."""
        maker = Source(id="maker", title="Maker", kind="vendor")

        def step(usd: str, source: Source, above: int | None = None, since: date = date(2026, 1, 1)) -> lt.Price:
            return lt.Price(
                meter="input_tokens", usd=Usd(usd), source=source, above_input_tokens=above, effective_from=since
            )

        record = ModelRecord(
            id="m",
            prices=(
                step("1", maker),
                step("9", RUMOUR, above=100),
                step("2", maker, above=200),
                step("3", maker, above=200, since=date(2026, 2, 1)),
                step("4", maker, above=200, since=date(2025, 12, 1)),
            ),
        )
        catalog = Catalog(
            edition="e",
            as_of=date(2026, 1, 31),
            trust=("maker", "rumour"),
            sources={"maker": maker, "rumour": RUMOUR},
            records={"m": record},
        )
        assert [str(price) for price in catalog["m"].rates.prices] == ["$1.00/MTok", "$2.00/MTok"]
        assert [str(price) for price in catalog.model("m", "2026-02-01").rates.prices] == ["$1.00/MTok", "$3.00/MTok"]
        assert [str(price) for price in catalog.trusting("rumour")["m"].rates.prices] == ["$9.00/MTok"]


class TestIdentity:
    """Equality and the hash of the contents."""

    def test_equal_catalogs_have_equal_hashes(self, whole: Catalog) -> None:
        """Read twice, a folder gives equal catalogs with one hash."""
        again = Catalog.from_path(WHOLE)
        assert whole == again
        assert hash(whole) == hash(again)
        assert whole.content_hash == again.content_hash
        assert len(whole.content_hash) == 64

    def test_every_change_changes_the_hash(self, whole: Catalog) -> None:
        """Another day, another trust order, another fact: another hash, and no equality."""
        changed = [
            whole.at("2026-05-31"),
            whole.trusting("paper", "maker"),
            whole.trusting("paper"),
            whole.with_model(Model("acme/new", context_window=5)),
        ]
        hashes = {catalog.content_hash for catalog in changed}
        assert len(hashes) == len(changed)
        assert whole.content_hash not in hashes
        assert all(catalog != whole for catalog in changed)
        assert whole != "a catalog"

    def test_a_changed_file_changes_the_hash(self, whole: Catalog, tmp_path: Path) -> None:
        """A digit, a note or a line of a policy makes another catalog."""
        for name, old, new in (
            ("models/acme/one.toml", "0.25", "0.26"),
            ("models/acme/one.toml", 'place = "table 1"', 'place = "table 2"'),
            ("policies/plain.toml", "Cheapest", "Cheap"),
            ("workloads/chat.toml", "10_000", "10_001"),
        ):
            root = tmp_path / new.replace('"', "")
            shutil.copytree(WHOLE, root)
            path = root / name
            text = path.read_text()
            assert old in text
            path.write_text(text.replace(old, new))
            assert Catalog.from_path(root).content_hash != whole.content_hash

    def test_the_hash_is_the_same_in_every_process(self) -> None:
        """The hash depends on the contents alone, not on the order in which a process keeps its sets."""
        script = (
            "from datetime import date\nimport llm_tradeoffs as lt\n"
            "names = {'needs': {'vision', 'tools', 'batch'}, 'languages': {'a', 'b', 'c', 'd'}}\n"
            "work = lt.Workload(input_tokens=1, output_tokens=1, **names)\n"
            "rest = {'sources': {}, 'records': {}, 'workloads': {'w': work}}\n"
            "catalog = lt.Catalog(edition='e', as_of=date(2026, 1, 1), trust=(), **rest)\n"
            "print(catalog.content_hash)"
        )
        printed = {
            subprocess.run(
                [sys.executable, "-c", script],
                env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in range(1, 5)
        }
        assert len(printed) == 1

    def test_the_repr_has_counts(self, whole: Catalog) -> None:
        """repr() is a line with the numbers of everything."""
        assert repr(whole) == (
            "<Catalog test: 2 models, 10 facts from 2 sources, 1 workloads, as of 2026-06-01, trusting maker, paper>"
        )


def test_scores_and_right_answers() -> None:
    """A rate of errors counts from the other end; a benchmark that is no percentage says nothing about shares."""
    catalog = Catalog.from_path(WHOLE)
    work = lt.Workload(input_tokens=1, output_tokens=1)
    slips = lt.Task(id="care", name="Care", benchmark="slips", because="", source="paper")
    style = lt.Task(id="prose", name="Prose", benchmark="style", because="", source="paper")
    held = Catalog(
        edition="e",
        as_of=catalog.as_of,
        trust=catalog.trust,
        sources=catalog.sources,
        records=catalog.records,
        benchmarks=catalog.benchmarks,
        tasks={"care": slips, "prose": style},
    )
    model = Model("m", scores={"slips": "2.3 %", "quiz": "72-75 %"})
    quality = lt.assess(model, work.with_(task="care"), catalog=held).quality
    assert quality.percent == Range("97.7", unit="%")
    quality = lt.assess(
        Model("m", scores=[lt.Score("style", None, "dry")]), work.with_(task="prose"), catalog=held
    ).quality
    assert (quality.percent, quality.score) == (None, lt.Score("style", None, "dry"))


def test_scores_that_are_no_percentage() -> None:
    """Points of a game are no share of right answers: they are kept, and nothing is made of them."""
    points = Benchmark(id="chess", name="Chess", measures="rating", unit="points", scale=(0, 4_000))
    chess = lt.Task(id="play", name="Play", benchmark="chess", because="", source="paper")
    held = Catalog(
        edition="e",
        as_of=date(2026, 1, 1),
        trust=(),
        sources={},
        records={},
        benchmarks={"chess": points},
        tasks={"play": chess},
    )
    model = Model("m", scores=[lt.Score("chess", Range(2_100, unit="points"))])
    quality = lt.assess(model, lt.Workload(input_tokens=1, output_tokens=1, task="play"), catalog=held).quality
    assert (quality.percent, str(quality.score)) == (None, "2,100 points")


def test_a_benchmark_is_a_value() -> None:
    """Benchmarks with equal fields are equal."""
    assert Benchmark(id="b", name="B", measures="x") == Benchmark(id="b", name="B", measures="x")
