"""A report is one file: it opens offline, says everything, and holds nothing that runs."""

from __future__ import annotations

import json
import re
import stat
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import llm_tradeoffs as lt
from llm_tradeoffs.show.report import Figure, parts_of

CHAT = lt.Workload(
    title="Support <b>chat</b> & more", input_tokens=200, output_tokens=150, requests_per_day=10_000, error_cost="0.05"
)
HOSTILE = lt.Model(
    'evil"><script>alert(1)</script>',
    usd_per_mtok=("1", "2"),
    name="<img src=x onerror=alert(1)>",
    scores={"mmlu": "70 %"},
)


class Tags(HTMLParser):
    """Every tag and every address of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def read(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


@pytest.fixture(scope="module")
def comparison(bundled: lt.Catalog) -> lt.Comparison:
    return lt.compare("gpt-4.1-mini", HOSTILE, workload=CHAT, catalog=bundled)


@pytest.fixture(scope="module")
def answer(bundled: lt.Catalog) -> lt.Recommendation:
    return lt.recommend(CHAT, ["gpt-4.1-mini", HOSTILE], objective="expected-cost", catalog=bundled)


@pytest.mark.parametrize("kind", ["comparison", "answer"])
def test_a_page_runs_nothing_and_loads_nothing(
    kind: str, comparison: lt.Comparison, answer: lt.Recommendation, tmp_path: Path
) -> None:
    value = comparison if kind == "comparison" else answer
    page = value.save(tmp_path / "report.html").read_text(encoding="utf-8")
    found = read(page)
    assert not {"script", "iframe", "object", "link", "img"} & set(found.tags)
    assert not found.handlers
    assert all(address.startswith(("#", "https://", "http://")) for address in found.addresses)
    assert not re.search(r"@import|url\((?!#)", page)
    assert found.tags.count("h1") == 1
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_recommendation_tells_what_would_change_it_and_what_it_rests_on(
    answer: lt.Recommendation, tmp_path: Path
) -> None:
    page = answer.save(tmp_path / "report.html").read_text(encoding="utf-8")
    for flip in answer.flips().flips:
        assert flip.after is None or str(flip.after) in page
    for text in answer.comparison().row("cost_per_request").texts:
        assert text in page


def test_a_saved_recommendation_has_the_same_report(answer: lt.Recommendation, tmp_path: Path) -> None:
    again = lt.Recommendation.from_json(answer.to_json())
    one, other = (
        each.save(tmp_path / f"{name}.md").read_text(encoding="utf-8") for name, each in (("a", answer), ("b", again))
    )
    assert one == other


def test_markdown_holds_the_same_words_without_drawings(comparison: lt.Comparison, tmp_path: Path) -> None:
    text = comparison.save(tmp_path / "report.md").read_text(encoding="utf-8")
    assert text.startswith(comparison.to_markdown().splitlines()[0])
    assert "<svg" not in text
    assert "$0.00032" in text


def test_json_is_what_to_dict_gives(comparison: lt.Comparison, answer: lt.Recommendation, tmp_path: Path) -> None:
    for value in (comparison, answer):
        text = value.save(tmp_path / "report.json").read_text(encoding="utf-8")
        assert json.loads(text) == value.to_dict()


@pytest.mark.parametrize("path", ["report", "report.pdf", "report.html.gz", ""])
def test_another_ending_is_refused_before_anything_is_written(
    path: str, comparison: lt.Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(lt.InvalidValueError, match=r"\.html, \.md, \.json"):
        comparison.save(path)
    assert not list(tmp_path.iterdir())


def test_what_is_no_path_is_refused(comparison: lt.Comparison) -> None:
    with pytest.raises(lt.InvalidTypeError, match="42"):
        comparison.save(42)  # type: ignore[arg-type]  # that is the point


def test_a_file_that_cannot_be_written_leaves_nothing(comparison: lt.Comparison, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        comparison.save(tmp_path / "nowhere" / "report.md")
    (tmp_path / "taken.md").mkdir()
    with pytest.raises(OSError, match="taken"):
        comparison.save(tmp_path / "taken.md")
    assert [each.name for each in tmp_path.iterdir()] == ["taken.md"]


def test_a_file_is_replaced_and_readable_like_any_other(comparison: lt.Comparison, tmp_path: Path) -> None:
    kept = tmp_path / "report.md"
    kept.write_text("before", encoding="utf-8")
    plain = tmp_path / "plain.md"
    plain.touch()
    assert comparison.save(kept) == kept
    assert "before" not in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_without_the_extra_the_report_says_that_charts_are_missing(
    comparison: lt.Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    page = comparison.save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "pip install &#x27;llm-tradeoffs[plot]&#x27;" in page or "llm-tradeoffs[plot]" in page
    assert "<svg" not in page


def test_what_is_unknown_has_no_chart_and_says_so(bundled: lt.Catalog, tmp_path: Path) -> None:
    page = lt.compare(lt.Model("mute"), workload=CHAT, catalog=bundled).save(tmp_path / "report.html")
    assert "so there is no chart" in page.read_text(encoding="utf-8")


@pytest.mark.faces
def test_the_charts_are_drawings_whose_names_do_not_meet(comparison: lt.Comparison, tmp_path: Path) -> None:
    figures = [part for part in parts_of(comparison) if isinstance(part, Figure)]
    assert len(figures) >= 4
    page = comparison.save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == len(figures)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.faces
@pytest.mark.parametrize("kind", ["comparison", "answer"])
def test_the_page_is_valid_html(
    kind: str, comparison: lt.Comparison, answer: lt.Recommendation, tmp_path: Path
) -> None:
    import html5lib

    value = comparison if kind == "comparison" else answer
    page = value.save(tmp_path / "report.html").read_text(encoding="utf-8")
    parser = html5lib.HTMLParser(strict=True)  # an exception at the first fault
    parser.parse(page)


@pytest.mark.faces
def test_a_chart_has_room_for_a_wider_font_and_scrolls_on_a_phone(tmp_path: Path, bundled: lt.Catalog) -> None:
    comparison = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload=CHAT, catalog=bundled)
    drawn = [part for part in parts_of(comparison) if isinstance(part, Figure)]
    page = comparison.save(tmp_path / "page.html").read_text(encoding="utf-8")
    for figure in drawn:
        size = re.search(r'width="([\d.]+)" height="[\d.]+" viewBox', figure.svg)
        assert size
        assert f'viewBox="0 0 {round(float(size[1]) * 1.06)} ' in page
    assert page.count('<figure class="llm-tradeoffs" tabindex="0"') == len(drawn) > 0
    assert page.count("overflow-x:auto;break-inside:avoid") == len(drawn)


@pytest.mark.faces
def test_one_model_has_no_chart_of_where_it_wins(bundled: lt.Catalog) -> None:
    said = [
        part.finding
        for part in parts_of(lt.compare("gpt-4.1-mini", workload=CHAT, catalog=bundled))
        if isinstance(part, Figure)
    ]
    assert said
    assert not [finding for finding in said if "for every request" in finding]
