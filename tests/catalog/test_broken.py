"""
Catalogs with a fault: one error that says in which file, on which line, at which place, and what is wrong.

``broken/`` holds one file a fault, named for it. It takes the place of the file of ``whole/`` that its
first line names, and a comment on the faulty line says what the report has to say::

    usd_per_mtok = "0.25"  # FAULT @ prices[0].usd_per_mtok: expected a finite number without quotes

``# FAULT (whole file) @ ...`` marks a fault that is on no line, such as a key that is missing at the top.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from llm_tradeoffs import Catalog, CatalogError, Policy, TradeoffsError, Workload
from llm_tradeoffs.errors import Fault

HERE: Final = Path(__file__).parent
WHOLE: Final = HERE / "whole"
MARK: Final = re.compile(r"# FAULT(?P<whole> \(whole file\))? @ (?P<where>[^:#]*): (?P<words>.+?)(?=\s*# FAULT|\s*\Z)")


class Expected(NamedTuple):
    """A fault that a file announces in a comment."""

    path: str
    line: int | None
    where: str
    words: str


def announced(path: str, data: bytes) -> list[Expected]:
    """The faults that the comments of a file announce."""
    return [
        Expected(path, None if mark["whole"] else number, mark["where"], mark["words"])
        for number, line in enumerate(data.decode("utf-8", errors="replace").splitlines(), start=1)
        for mark in MARK.finditer(line)
    ]


def mismatches(expected: list[Expected], found: tuple[Fault, ...]) -> list[str]:
    """What the report says and should not, and what it should say and does not."""
    wrong = []
    unmatched = list(found)
    for fault in expected:
        for candidate in unmatched:
            if (candidate.path, candidate.line, candidate.where) == fault[:3] and fault.words in candidate.problem:
                unmatched.remove(candidate)
                break
        else:
            wrong.append(f"not reported: {fault}")
    return wrong + [f"not announced: {fault!r}" for fault in unmatched]


def faulty(folder: str) -> list[Any]:
    """Every file of a folder as a parameter."""
    return [pytest.param(path, id=path.stem) for path in sorted((HERE / folder).glob("*.toml"))]


def with_file(root: Path, fault: Path) -> str:
    """Make the whole catalog in *root*, but for one file; where that file is."""
    shutil.copytree(WHOLE, root)
    target = fault.read_bytes().splitlines()[0].decode().rpartition("stands for: ")[2]
    path = root / target
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fault, path)
    return str(path)


def test_the_whole_catalog_is_whole() -> None:
    """What the faults are planted in has none itself, and answers."""
    catalog = Catalog.from_path(WHOLE)
    assert list(catalog) == ["one", "two"]
    assert catalog["acme/one"].context_window == 128_000
    assert Policy.named("plain", catalog).requirements == ("context",)
    assert Workload.from_toml(WHOLE / "workloads" / "chat.toml") == catalog.preset("chat")


@pytest.mark.parametrize("fault", faulty("broken"))
def test_a_fault_is_reported_where_it_is(tmp_path: Path, fault: Path) -> None:
    """A catalog with one fault is one error with one fault: its file, its line, its place, and what is wrong."""
    path = with_file(tmp_path / "catalog", fault)
    expected = announced(path, fault.read_bytes())
    assert len(expected) == 1, "a file of broken/ has one fault, and says which"
    with pytest.raises(CatalogError) as caught:
        Catalog.from_path(tmp_path / "catalog")
    assert mismatches(expected, caught.value.faults) == []
    message = str(caught.value)
    assert message.startswith("1 problem; nothing was loaded\n  - ")
    line = f"{path}: " if expected[0].line is None else f"{path}:{expected[0].line}: "
    assert line in message
    assert (f" @ {expected[0].where}" in message) == bool(expected[0].where)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("fault", faulty("broken_policies"))
def test_a_fault_of_a_policy_is_reported_where_it_is(fault: Path) -> None:
    """A policy with one fault is one error with one fault: its file, its line, its place, and what is wrong."""
    expected = announced(str(fault), fault.read_bytes())
    assert len(expected) == 1, "a file of broken_policies/ has one fault, and says which"
    with pytest.raises(CatalogError) as caught:
        Policy.from_toml(fault)
    assert mismatches(expected, caught.value.faults) == []


@pytest.mark.parametrize(
    "fault",
    [path for path in sorted((HERE / "broken").glob("*.toml")) if b"workloads/" in path.read_bytes()[:200]],
    ids=lambda path: path.stem,
)
def test_a_workload_alone_is_checked_like_one_in_a_catalog(fault: Path) -> None:
    """Workload.from_toml() reports what needs no catalog to be seen: all but its references and its place."""
    expected = announced(str(fault), fault.read_bytes())
    if fault.stem in {"unknown_task", "unknown_source_of_workload", "workload_in_wrong_place"}:
        assert Workload.from_toml(fault).input_tokens == 200
        return
    with pytest.raises(CatalogError) as caught:
        Workload.from_toml(fault)
    assert mismatches(expected, caught.value.faults) == []


def test_many_faults_of_many_files_are_one_report(tmp_path: Path) -> None:
    """Every fault of every file is in one report, in the order of files and lines: nobody mends and reruns."""
    root = tmp_path / "catalog"
    shutil.copytree(HERE / "broken_together", root)
    files = sorted(path for path in root.rglob("*.toml"))
    expected = [fault for path in files for fault in announced(str(path), path.read_bytes())]
    assert len(expected) >= 40
    assert len({fault.path for fault in expected}) == len(files) == 11, "each of the files has a fault"
    with pytest.raises(CatalogError) as caught:
        Catalog.from_path(root)
    assert mismatches(expected, caught.value.faults) == []
    assert list(caught.value.faults) == sorted(caught.value.faults)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{len(expected)} problems; nothing was loaded"
    assert len(lines) == len(expected) + 1


def test_faults_of_every_kind_are_in_one_report(tmp_path: Path) -> None:
    """A wrong type in one row does not hide an unknown source in another row of the same file."""
    root = tmp_path / "catalog"
    shutil.copytree(WHOLE, root)
    path = root / "models" / "acme" / "two.toml"
    text = path.read_text().replace("usd_per_mtok = 1", 'usd_per_mtok = "1"')
    path.write_text(
        text + '\n[[facts]]\nfield = "ttft"\nvalue = "5 ms"\neffective_from = 2026-01-01\nsource = "rumour"\n'
    )
    with pytest.raises(CatalogError) as caught:
        Catalog.from_path(root)
    assert [fault.where for fault in caught.value.faults] == ["prices[0].usd_per_mtok", "facts[0].source"]


@pytest.mark.parametrize("name", ["catalog.toml", "sources.toml"])
def test_files_that_must_be_there(tmp_path: Path, name: str) -> None:
    """Without its edition or its sources a folder is no catalog; the file that is missing is named."""
    root = tmp_path / "catalog"
    root.mkdir()
    other = {"catalog.toml": "sources.toml", "sources.toml": "catalog.toml"}[name]
    shutil.copyfile(WHOLE / other, root / other)
    with pytest.raises(CatalogError) as caught:
        Catalog.from_path(root)
    assert Fault(f"{root}/{name}", None, "", "the file is missing") in caught.value.faults


def test_an_empty_folder_is_no_catalog(tmp_path: Path) -> None:
    """An empty folder lacks both files."""
    with pytest.raises(CatalogError) as caught:
        Catalog.from_path(tmp_path)
    assert [fault.path for fault in caught.value.faults] == [f"{tmp_path}/catalog.toml", f"{tmp_path}/sources.toml"]


def test_a_catalog_may_hold_sources_alone(tmp_path: Path) -> None:
    """Benchmarks, tasks, models, workloads and policies may all be missing; files of other kinds are left alone."""
    for name in ("catalog.toml", "sources.toml"):
        shutil.copyfile(WHOLE / name, tmp_path / name)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "README.md").write_text("nothing here yet")
    catalog = Catalog.from_path(tmp_path)
    assert (list(catalog), catalog.presets, dict(catalog.benchmarks)) == ([], (), {})


def test_the_other_file_of_a_duplicate_id_is_named(tmp_path: Path) -> None:
    """Who defines an id a second time, in another file, is not told that it is twice in this file."""
    with_file(tmp_path / "catalog", HERE / "broken" / "duplicate_id.toml")
    with pytest.raises(CatalogError) as caught:
        Catalog.from_path(tmp_path / "catalog")
    assert "twice in this file" not in str(caught.value)


def test_nothing_half_built_is_kept(tmp_path: Path) -> None:
    """A catalog that was refused can be mended and read: nothing of the first attempt is left."""
    root = tmp_path / "catalog"
    path = Path(with_file(root, HERE / "broken" / "number_in_quotes.toml"))
    with pytest.raises(CatalogError):
        Catalog.from_path(root)
    shutil.copyfile(WHOLE / "models" / "acme" / "one.toml", path)
    assert Catalog.from_path(root) == Catalog.from_path(WHOLE)


def test_a_policy_of_a_catalog_is_read_with_it(tmp_path: Path) -> None:
    """A policy that cannot be followed, or that stands under another name, keeps a catalog from being read."""
    root = tmp_path / "catalog"
    shutil.copytree(WHOLE, root)
    shutil.copyfile(HERE / "broken_policies" / "unknown_input.toml", root / "policies" / "other.toml")
    with pytest.raises(CatalogError) as caught:
        Catalog.from_path(root)
    report = str(caught.value)
    assert "policies/other.toml:8: unknown input 'turnz'" in report
    assert "expected this file at policies/plain.toml, found policies/other.toml" in report


def test_reports_can_be_compared_and_kept() -> None:
    """Faults are ordered by file and line, hashable, and their repr can be pasted back."""
    first, second = Fault("a.toml", None, "", "gone"), Fault("a.toml", 3, "x[0].y", "wrong")
    assert sorted([second, first]) == [first, second]
    assert eval(repr(second)) == second
    assert len({first, second, Fault("a.toml", 3, "x[0].y", "wrong")}) == 2
    assert first != "a.toml: gone"
    assert (str(first), str(second)) == ("a.toml: gone", "a.toml:3: wrong @ x[0].y")
    error = CatalogError([second, first])
    assert error.faults == (first, second)
    assert isinstance(error, TradeoffsError)
