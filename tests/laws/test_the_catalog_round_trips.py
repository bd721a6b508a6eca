"""Loading, writing and loading a catalog is the identity."""

from __future__ import annotations

import tempfile
from pathlib import Path

import attrs
from hypothesis import given
from hypothesis import strategies as st

from llm_tradeoffs import Catalog, Fact, Model, ModelRecord, Multiplier, Price, Workload
from strategies import article_catalog, candidates, sources, whole_records, workloads

ROOT = Path(__file__).parents[2] / "catalog"


def written_and_read(catalog: Catalog) -> Catalog:
    """*catalog* after a way through files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog"
        catalog.to_path(path)
        return Catalog.from_path(path)


def texts_below(folder: Path) -> dict[str, bytes]:
    """Every file, by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_loading_writing_and_loading_the_bundled_catalog_is_the_identity(bundled: Catalog, tmp_path: Path) -> None:
    """What comes back is equal, has the same hash, and is written the same a second time."""
    bundled.to_path(tmp_path / "one")
    again = Catalog.from_path(tmp_path / "one")
    assert again == bundled
    assert again.content_hash == bundled.content_hash
    again.to_path(tmp_path / "two")
    assert texts_below(tmp_path / "two") == texts_below(tmp_path / "one")


def test_the_bundled_catalog_is_the_folder_in_the_checkout(bundled: Catalog) -> None:
    """The catalog that comes with the library is the one that people edit."""
    assert Catalog.from_path(ROOT) == bundled


def test_what_is_not_compared_is_written_too(bundled: Catalog) -> None:
    """Who described a preset, and where, survives, although it does not make two workloads differ."""
    again = written_and_read(bundled)
    for preset in bundled.presets:
        read = again.preset(preset.name)
        assert attrs.asdict(read) == attrs.asdict(preset)
        assert repr(read) == repr(preset)


@given(st.lists(st.sampled_from("abc"), unique=True), st.data())
def test_loading_writing_and_loading_any_catalog_is_the_identity(ids: list[str], data: st.DataObject) -> None:
    """So it is for models whose facts begin and end on any day and are stated by several sources."""
    catalog = article_catalog()
    more = {source.id: source for source in [data.draw(sources()) for _ in range(3)]}
    made: list[ModelRecord] = [data.draw(whole_records(id)) for id in ids]
    for record in made:
        rows: list[Price | Multiplier | Fact] = [*record.prices, *record.multipliers, *record.facts, *record.scores]
        more |= {row.source.id: row.source for row in rows}
    mixed = attrs.evolve(
        catalog,
        sources={**catalog.sources, **more},
        trust=(*catalog.trust, *more),
        records={**catalog.records, **{record.id: record for record in made}},
        names={**catalog.names, **{record.id: record.aliases for record in made}},
    )
    again = written_and_read(mixed)
    assert again == mixed
    assert again.content_hash == mixed.content_hash
    assert again.names == mixed.names


@given(candidates(), st.lists(workloads(), max_size=2))
def test_a_catalog_with_models_and_workloads_by_hand_round_trips(models: list[Model], presets: list[Workload]) -> None:
    """What a user wrote in Python can be kept in files: without days, with thirds, by the source ``caller``."""
    catalog = article_catalog()
    for model in models:
        catalog = catalog.with_model(model)
    named = {f"work-{index}": attrs.evolve(preset, name=f"work-{index}") for index, preset in enumerate(presets)}
    catalog = attrs.evolve(catalog, workloads={**catalog.workloads, **named})
    again = written_and_read(catalog)
    assert again == catalog
    assert [again[model.id] for model in models] == models
