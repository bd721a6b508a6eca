"""Catalogs written as folders of TOML."""

from __future__ import annotations

import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from llm_tradeoffs import (
    Catalog,
    Fact,
    InvalidValueError,
    MissingExtraError,
    Model,
    ModelRecord,
    Price,
    RateCard,
    TradeoffsError,
    Usd,
    Workload,
)

WHOLE = Path(__file__).parent / "catalog" / "whole"
TOML = pytest.importorskip("tomli_w")


def written(catalog: Catalog, root: Path) -> list[str]:
    catalog.to_path(root)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.toml"))


def test_a_folder_like_the_one_it_was_read_from(tmp_path: Path) -> None:
    """The files have the names that the loader expects, and say the same."""
    catalog = Catalog.from_path(WHOLE)
    names = written(catalog, tmp_path / "new")
    assert names == sorted(str(path.relative_to(WHOLE)) for path in WHOLE.rglob("*.toml"))
    assert Catalog.from_path(tmp_path / "new") == catalog
    assert Catalog.from_path(tmp_path / "new").content_hash == catalog.content_hash


def test_the_bundled_catalog(tmp_path: Path) -> None:
    """Every fact, workload and policy of the bundled catalog survives being written."""
    Catalog.bundled().to_path(tmp_path)
    assert Catalog.from_path(tmp_path) == Catalog.bundled()


def test_models_by_hand(tmp_path: Path) -> None:
    """A model by hand is written with all it states: ratios, tiers, thresholds, odd units and days."""
    card = RateCard(
        (
            Price(meter="input_tokens", usd=Usd("1/24")),
            Price(meter="input_tokens", usd=Usd(2), above_input_tokens=200_000),
            Price(meter="output_tokens", usd=Usd("2.5"), service_tier="batch", note="half"),
            Price(meter="web_searches", usd=Usd(10), per=1_000),
            Price(meter="requests", usd=Usd("0.001"), per=1),
        )
    )
    model = Model(
        "acme/all",
        usd_per_mtok=card,
        name="All",
        aliases=("all",),
        ttft="150-250 ms",
        languages=("english",),
        supports_vision=False,
        released_on=date(2026, 1, 1),
        endpoint="api.acme.example/v1",
        scores={"quiz": "72-75 %"},
    )
    catalog = Catalog.from_path(WHOLE).with_model(model)
    names = written(catalog, tmp_path)
    assert "models/acme/all.toml" in names
    assert Catalog.from_path(tmp_path) == catalog
    assert Catalog.from_path(tmp_path)["all"] == model


def test_workloads(tmp_path: Path) -> None:
    """Workloads are written with every field that was stated, exactly."""
    work = Workload(
        name="all",
        title="All of it",
        input_tokens=Fraction(375, 2),
        output_tokens=Fraction(1, 3),
        requests_per_month=Fraction(1, 7),
        turns=3,
        history_resent=False,
        longest_tokens=5_000,
        cached_share=Fraction(1, 3),
        batch_share=Fraction(1, 2),
        task="trivia",
        priority="cost",
        volume="low",
        complexity="high",
        needs={"vision", "tools"},
        languages={"french"},
        max_ttft_ms=Fraction(1, 2),
        max_response_ms=5_000,
        error_cost="1/3",
        min_quality_percent=72,
        chunk_overlap_tokens=5,
        instruction_tokens=6,
        assumptions=("One.", "Two."),
    )
    whole = Catalog.from_path(WHOLE)
    catalog = Catalog(
        edition=whole.edition,
        as_of=whole.as_of,
        trust=whole.trust,
        sources=whole.sources,
        records=whole.records,
        benchmarks=whole.benchmarks,
        tasks=whole.tasks,
        workloads={"all": work},
    )
    catalog.to_path(tmp_path)
    assert Catalog.from_path(tmp_path).preset("all") == work
    assert Catalog.from_path(tmp_path) == catalog


def test_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    """Nothing is overwritten: the folder must be new or empty."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not empty; write the catalog into a new folder"):
        Catalog.from_path(WHOLE).to_path(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without tomli-w the error says what to install, and nothing is written."""
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'llm-tradeoffs\[toml\]'"):
        Catalog.from_path(WHOLE).to_path(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_could_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    """A catalog made by hand that the loader would refuse is not written; the error says what is wrong with it."""
    whole = Catalog.from_path(WHOLE)
    lost = Workload(name="lost", input_tokens=1, output_tokens=1, task="riddles")
    catalog = Catalog(
        edition=whole.edition,
        as_of=whole.as_of,
        trust=whole.trust,
        sources=whole.sources,
        records={},
        workloads={"lost": lost},
    )
    with pytest.raises(InvalidValueError, match="unknown task 'riddles'"):
        catalog.to_path(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_value_without_a_form_in_toml(tmp_path: Path) -> None:
    """A fact whose value TOML cannot hold is refused, and nothing is written."""
    odd = Fact(subject="odd", field="context_window", value=object())
    catalog = Catalog.from_path(WHOLE).with_model(ModelRecord(id="odd", facts=(odd,)))
    with pytest.raises(InvalidValueError, match="which has no form in TOML"):
        catalog.to_path(tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["../out", "a//b", "/etc/passwd", "a/../../b"])
def test_names_that_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """An id that would lead out of the folder is refused, and nothing is written."""
    with pytest.raises(InvalidValueError, match="cannot be a file name"):
        Catalog.from_path(WHOLE).with_model(Model(name, context_window=5)).to_path(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_two_models_of_one_path(tmp_path: Path) -> None:
    """Two models that would share a file are refused or kept apart, but none is lost."""
    clash = Catalog.from_path(WHOLE).with_model(Model("y/m", vendor="y", context_window=1))
    clash = clash.with_model(Model("m", vendor="y", context_window=2))
    try:
        clash.to_path(tmp_path)
    except TradeoffsError:
        return
    assert set(Catalog.from_path(tmp_path)) == set(clash)
