"""Every face of an answer says the same: plain text, HTML, Markdown, a terminal, a frame."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

import llm_tradeoffs as lt
from llm_tradeoffs.errors import InvalidTypeError
from llm_tradeoffs.show.document import Cell, Column, Document, Listing, Paragraph, Reference, References, Table, clean
from llm_tradeoffs.show.faces import document_of
from llm_tradeoffs.show.html import document_html, page, safe_url
from llm_tradeoffs.show.markdown import document_markdown, escaped
from llm_tradeoffs.show.terminal import rendered
from llm_tradeoffs.show.text import document_text, width

Grid = list[list[str]]
TABLE = {"table", "caption", "thead", "tbody", "tr", "th", "td"}
OURS = TABLE | {"div", "style", "h3", "h4", "p", "b", "ul", "ol", "li", "span", "abbr", "a", "bdi"}
"""Every element that an answer may have in HTML."""
THEIRS = TABLE | {"h2", "p", "strong", "ul", "ol", "li", "a"}
"""Every element that its Markdown may become."""


# Readers of the four forms, which know nothing of the renderers.


class _Reader(HTMLParser):
    """The text of every cell of every table, and what else a test asks about a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Grid] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._in: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "br", "img"}:
            self._in.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._in.pop() == tag  # every element is closed, and in order

    def handle_data(self, data: str) -> None:
        if "style" in self._in:
            return
        self.words += data
        if self._in and ({"td", "th"} & set(self._in)):
            self.tables[-1][-1][-1] += data

    def handle_decl(self, decl: str) -> None:
        assert decl == "DOCTYPE html"


def html_tables(text: str) -> list[Grid]:
    return [[[" ".join(cell.split()) for cell in row] for row in grid] for grid in _Reader(text).tables]


def text_tables(text: str) -> list[Grid]:
    """The cells between the edges that the rule under the head marks."""
    lines = text.splitlines()
    found: list[Grid] = []
    for at, line in enumerate(lines):
        if re.fullmatch(r"-+(  -+)*", line):
            edges = [(match.start(), match.end()) for match in re.finditer("-+", line)]
            rows = [lines[at - 1]]
            for row in lines[at + 1 :]:
                if not row:
                    break
                rows.append(row)
            found.append([[row[start:end].strip() for start, end in edges] for row in rows])
    return found


def markdown_tables(text: str) -> list[Grid]:
    """What a reader of Markdown sees: CommonMark with the tables of GitHub."""
    return html_tables(MarkdownIt("commonmark").enable("table").render(text))


def grids(document: Document) -> list[Grid]:
    """The cells of a document itself."""
    return [
        [[str(column) for column in table.columns], *([str(cell) for cell in row] for row in table.rows)]
        for table in document.tables
    ]


def test_the_text_of_the_html_equals_the_plain_tables_text_cell_for_cell(answer: Any) -> None:
    """HTML and plain text hold the same tables, read by readers that share nothing with the renderers."""
    document = document_of(answer)
    shown, plain = html_tables(document_html(document)), text_tables(document_text(document))
    assert shown == grids(document)
    assert len(shown) == len(plain)
    for one, other, table in zip(shown, plain, document.tables, strict=True):
        # Plain text runs into the next paragraph without a blank line where a table has no notes.
        assert one == other[: len(one)], table.caption


def test_the_text_of_the_markdown_equals_the_plain_tables_text_cell_for_cell(answer: Any) -> None:
    """Markdown holds the same tables."""
    document = document_of(answer)
    assert markdown_tables(document_markdown(document)) == grids(document)


def test_a_comparison_prints_the_table_that_a_notebook_shows() -> None:
    """str() of a comparison and the cells of its HTML are the same."""
    for workload in lt.Workload.presets():
        compared = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload=workload)
        bundle = compared._repr_mimebundle_()
        (shown,), (plain,) = html_tables(bundle["text/html"]), text_tables(str(compared))
        assert shown == plain
        assert bundle["text/plain"] == str(compared)


def test_every_word_of_a_document_is_in_every_face(answer: Any) -> None:
    """No sentence, item, note or source is left out of the text, the HTML, the Markdown or the terminal."""
    document = document_of(answer)
    wanted = [document.title]
    for block in document.blocks:
        match block:
            case Table():
                wanted += [block.caption, *block.notes]
            case Listing(head, items):
                wanted += [head, *items]
            case Paragraph(text, head):
                wanted += [text, head]
            case References(entries):
                wanted += [part for entry in entries for part in (entry.id, entry.text, entry.used_for)]
            case _:
                wanted.append(block.text)
    terminal = io.StringIO()
    Console(file=terminal, width=400, no_color=True).print(rendered(document))
    markdown = MarkdownIt("commonmark").enable("table").render(document_markdown(document))
    for face in (
        document_text(document),
        _Reader(document_html(document)).words,
        _Reader(markdown).words,
        terminal.getvalue(),
    ):
        said = "".join(face.split())
        # A terminal breaks lines, and puts a dash before an item: compare without blanks.
        assert [words for words in wanted if "".join(words.split()) not in said.replace("\u2010", "-")] == []


def test_the_bundle_holds_text_html_and_markdown(answer: Any) -> None:
    """A notebook gets three forms, or those that it asks for."""
    bundle = answer._repr_mimebundle_()
    assert list(bundle) == ["text/plain", "text/html", "text/markdown"]
    assert all(isinstance(text, str) and text for text in bundle.values())
    assert list(answer._repr_mimebundle_(include={"text/html"})) == ["text/html"]
    assert list(answer._repr_mimebundle_(exclude={"text/html"})) == ["text/plain", "text/markdown"]


def test_html_is_complete_in_itself(answer: Any) -> None:
    """No script, no handler, nothing loaded; every link leads to the web or to a footnote that is there."""
    read = _Reader(answer.to_html())
    names = {attributes["id"] for _, attributes in read.tags if "id" in attributes}
    for tag, attributes in read.tags:
        assert tag in OURS
        assert not any(name.startswith("on") or name in {"src", "srcset", "style"} for name in attributes)
        href = attributes.get("href")
        assert href is None or href.startswith("https://") or href.removeprefix("#") in names
    style = answer.to_html().partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_every_rule_of_the_style_is_scoped(answer: Any) -> None:
    """The style of an answer changes nothing else on the page."""
    style = answer.to_html().partition("<style>")[2].partition("</style>")[0]
    selectors = [found for found in re.findall(r"([^{}]+)\{", style) if not found.strip().startswith("@media")]
    assert selectors
    assert [one for found in selectors for one in found.split(",") if ".llm-tradeoffs" not in one] == []


def test_tables_are_accessible(answer: Any) -> None:
    """Each has a caption; headers say what they head; it scrolls in a box that has a name and takes the keyboard."""
    read = _Reader(answer.to_html())
    tables = [attributes for tag, attributes in read.tags if tag == "table"]
    assert len([tag for tag, _ in read.tags if tag == "caption"]) == len(tables)
    assert {attributes["scope"] for tag, attributes in read.tags if tag == "th"} <= {"row", "col"}
    boxes = [attributes for _, attributes in read.tags if attributes.get("role") == "region"]
    assert len(boxes) == len(tables)
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in boxes)


def test_what_is_best_is_said_by_text() -> None:
    """Each cell with the colour of the best has the mark in its text, and a note says what the mark means."""
    compared = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    html = compared.to_html()
    best = re.findall(r'<td class="[^"]*lt-best[^"]*">(.*?)</td>', html)
    assert len(best) == sum(len(row.better) for row in compared.rows)
    assert all("*</abbr>" in cell and 'title="better"' in cell for cell in best)
    assert "* better." in _Reader(html).words


def test_sources_are_footnotes() -> None:
    """Each number of a comparison cites the sources of its own facts, and each source says what it was used for."""
    compared = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    (table,) = compared.to_html() and document_of(compared).tables
    by_name = {row[0].text: row for row in table.rows}
    mini, haiku = compared
    price = by_name["Input price [USD/MTok]"]
    assert price[1].cites == (mini.model.price("input_tokens").source.id,)  # type: ignore[union-attr]  # it has one
    assert price[2].cites == (haiku.model.price("input_tokens").source.id,)  # type: ignore[union-attr]  # it has one
    assert by_name["Right answers on MMLU [%]"][1].cites == (mini.model.sources["scores.mmlu"].source.id,)
    every = {name for row in table.rows for cell in row for name in cell.cites}
    assert every == set(document_of(compared).numbers)
    assert "article: GPT-4.1 Mini vs Claude Haiku 4.5 (2026-03)" in str(compared)
    assert "rate limit of GPT-4.1 Mini and Claude Haiku 4.5" in " ".join(str(compared).split())


def test_tables_say_the_day_of_their_facts() -> None:
    """Each answer that rests on the facts of a day names the day, in every form."""
    as_of = "2026-11-22"
    chat = lt.Workload.preset("support-chatbot")
    for answer in (
        lt.compare("gpt-4.1-mini", workload=chat),
        lt.assess("gpt-4.1-mini", chat),
        lt.recommend(chat),
        lt.recommend([chat]),
        lt.Catalog.bundled(),
        lt.audit("article"),
        lt.Policy.named("article").lint(),
        lt.cost("gpt-4.1-mini", input_tokens=1, output_tokens=1),
    ):
        for name, text in answer._repr_mimebundle_(include={"text/html"}).items():
            assert as_of in text, (answer, name)


# Hostile names.

HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "'; alert(1); '",
    "</style><script>alert(1)</script>",
    "</td></tr></table>",
    "a | b",
    "**bold** _it_ `code` [link](javascript:alert(1))",
    "[bold red]rich[/]",
    "$x^2$ and $y$",
    "gpt\u202egnp.exe",
    "\u2066isolated\u2069",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "two\nlines\r\nand\ttabs",
    "# heading",
    "1. item",
    "- item",
    "www.evil.example https://evil.example",
    "&lt;b&gt; &amp; &#60;",
    "\\",
    "\ud800",
    "名前のモデル",
    "مدل",
    "zero\u200bwidth\ufeff",
)


def hostile(name: str) -> Document:
    table = Table(
        caption=name,
        columns=[Column(name), Column(name, unit="USD", align="right", marks=True)],
        rows=[[Cell(name), Cell(name, "*", ("s",))], [Cell(name), Cell("unknown")]],
        notes=["* better.", name],
    )
    url = f"https://example.org/{name}"
    return Document(
        name,
        [table, Paragraph(name, name), Listing(name, [name]), References([Reference(id="s", text=name, url=url)])],
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_in_every_face(name: str) -> None:
    """Whatever a name holds, each face shows the same letters, and no markup, link or control of its making."""
    document = hostile(name)
    shown = document_html(document)
    shown.encode()
    read = _Reader(shown)
    assert html_tables(shown) == grids(document) == markdown_tables(document_markdown(document))
    assert {tag for tag, _ in read.tags} <= OURS
    for _, attributes in read.tags:
        assert not any(key.startswith("on") for key in attributes)
        href = attributes.get("href") or "#"
        assert href.startswith("#") or safe_url(f"https://example.org/{name}") == href
    rest = MarkdownIt("commonmark").enable("table").render(document_markdown(document))
    assert {tag for tag, _ in _Reader(rest).tags} <= THEIRS
    terminal = io.StringIO()
    Console(file=terminal, width=300, no_color=True).print(rendered(document))
    for face in (document_text(document), terminal.getvalue(), document_markdown(document), shown):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b\ufeff\ud800-\udfff]", face)
    for words in (document_text(document), terminal.getvalue(), read.words, _Reader(rest).words):
        assert "".join(clean(name).split()) in "".join(words.split())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "/relative",
        "https://",
        "https://openai.com@evil.example/",
        "https://[::1",
        "https://example.org/\u202egpj",
        "https://exa mple.org",
        "",
        None,
    ],
)
def test_a_url_that_is_no_address_of_the_web_is_no_link(url: str | None) -> None:
    """It is shown as text, or not at all, and never followed."""
    assert safe_url(url) is None
    document = Document("", [References([Reference(id="s", text="Source", url=url)])])
    assert [tag for tag, _ in _Reader(document_html(document)).tags if tag == "a"] == []
    assert "](" not in document_markdown(document)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=c&d=e#f", "https://example.org/a?b=c&d=e#f"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        ("https://example.org/'x'", "https://example.org/%27x%27"),
        ("https://example.org/ü", "https://example.org/%C3%BC"),
        ("HTTP://example.org/%20", "HTTP://example.org/%20"),
    ],
)
def test_a_url_of_the_web_is_a_link_without_anything_that_ends_it(url: str, safe: str) -> None:
    """Quotes, brackets and letters beyond ASCII are written as per cent."""
    assert safe_url(url) == safe
    (link,) = re.findall(
        r'<a href="([^"]*)"', document_html(Document("", [References([Reference(id="s", text="S", url=url)])]))
    )
    assert link == safe.replace("&", "&amp;")


@given(st.text(alphabet=st.characters(), max_size=30))
def test_cleaning_is_idempotent_and_leaves_one_visible_line(text: str) -> None:
    """Cleaned text is one line, stays as it is when cleaned again, and can be written in UTF-8."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert len(cleaned.splitlines()) <= 1
    cleaned.encode()


words = st.text(alphabet=st.sampled_from("abc|*_`[]<>&$\\#-+.1)~(){}!:/@ 名é\u202e\x1b\n"), min_size=1, max_size=12)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=4), words)
def test_any_table_reads_the_same_in_html_and_markdown(rows: list[tuple[str, str]], caption: str) -> None:
    """Whatever stands in the cells, a parser of HTML and one of Markdown read the same cells."""
    table = Table(
        caption=caption,
        columns=[Column("name"), Column("x", align="right", marks=True)],
        rows=[[Cell(name), Cell(value, "*")] for name, value in rows],
    )
    document = Document("", [table])
    assert html_tables(document_html(document)) == grids(document) == markdown_tables(document_markdown(document))


def test_markdown_opens_no_formula_and_no_link() -> None:
    """A dollar would open mathematics in a notebook, and a bare address would become a link on GitHub."""
    compared = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    assert re.findall(r"(?<!\\)\$", compared.to_markdown()) == []
    assert escaped("$1 https://evil.example www.evil.example") == r"\$1 https\://evil.example www\.evil.example"


def test_a_hostile_catalog_is_shown_safely() -> None:
    """A model written by hand with a hostile name goes through compare() and recommend() as text."""
    name = '<img src=x onerror=alert(1)> \u202e"[red]'
    model = lt.Model("acme/evil", name=name, usd_per_mtok=("0.10", "0.20"), context_window=100_000)
    chat = lt.Workload.preset("support-chatbot").with_(title="<b>$x$</b>")
    for answer in (lt.compare("gpt-4.1-mini", model, workload=chat), lt.recommend(chat, ["gpt-4.1-mini", model])):
        read = _Reader(answer.to_html())
        assert "img" not in {tag for tag, _ in read.tags}
        assert clean(name) in read.words
        assert "\u202e" not in str(answer.to_html()) + answer.to_markdown()


def test_plain_text_sends_no_control_codes_to_a_terminal() -> None:
    """What print() writes of a hostile model holds no escape sequence and turns no letters around."""
    model = lt.Model("acme/evil", name="\x1b[2J\u202eeliv", usd_per_mtok=("0.10", "0.20"), context_window=100_000)
    chat = lt.Workload.preset("support-chatbot").with_(title="\x1b]0;title\x07")
    answer = lt.recommend(chat, ["gpt-4.1-mini", model])
    for shown in (lt.compare(model, workload=chat), lt.assess(model, chat), answer):
        assert not set(str(shown)) & set("\x1b\x07\u202e")
        assert "[U+001B][2J[U+202E]eliv" in str(shown)


# A terminal.


def lines(answer: Any, columns: int, **options: Any) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=columns, **options).print(answer)
    return out.getvalue().splitlines()


def test_no_line_is_wider_than_the_terminal(answer: Any) -> None:
    """Tables are set in parts rather than cut off."""
    for columns in (20, 40, 60, 80, 120):
        assert [line for line in lines(answer, columns) if width(line) > columns] == []


def test_a_terminal_shows_every_cell(answer: Any) -> None:
    """Each word of each cell is there whole, whatever the width: nothing is cut off with dots."""
    tables = document_of(answer).tables
    for columns in (60, 80, 120):
        said = set(" ".join(lines(answer, columns)).split())
        cells = {str(cell) for table in tables for row in table.rows for cell in row}
        assert [word for cell in cells for word in cell.split() if word not in said and len(word) < columns // 3] == []


def test_a_terminal_without_colour_says_the_same() -> None:
    """Without colour, and into a pipe, the same characters are written, and no control codes."""
    compared = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    plain = lines(compared, 80, no_color=True)
    coloured = lines(compared, 80, force_terminal=True, color_system="truecolor")
    assert "\x1b" not in "".join(plain)
    assert "\x1b[1;32m" in "".join(coloured)
    codes = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")
    assert [codes.sub("", line) for line in coloured] == plain


def test_a_mark_does_not_push_its_number_out_of_line() -> None:
    """The values of a column end below each other, with a mark behind them or without."""
    compared = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    for shown in (str(compared).splitlines(), lines(compared, 120)):
        ends: set[int] = set()
        for row in compared.rows:
            label = f"{row.label} [{row.unit}]" if row.unit else row.label
            (line,) = (line for line in shown if line.startswith(label))
            ends.add(line.index(row.texts[0], len(label)) + len(row.texts[0]))
        assert len(ends) == 1


def test_a_mark_stays_with_its_number_in_every_width() -> None:
    """However narrow the terminal, no line holds a mark alone."""
    compared = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot")
    for columns in range(28, 121, 3):
        shown = lines(compared, columns)
        assert any(" *" in line for line in shown)
        assert [line for line in shown if re.search(r"(^|  )\*(?! better)", line)] == []


def test_rich_markup_in_a_name_is_text() -> None:
    """A name with brackets is not taken for a style."""
    model = lt.Model("acme/one", name="[bold red]One[/]", usd_per_mtok=("0.10", "0.20"))
    assert any("[bold red]One[/]" in line for line in lines(lt.compare(model, workload="support-chatbot"), 120))


# Pages, and what cannot be shown.


def test_a_page_is_whole() -> None:
    """A page has a language, a width for phones, one style and the fragments."""
    compared = lt.compare("gpt-4.1-mini", workload="support-chatbot")
    whole = page("<Report>", document_html(document_of(compared), style=False))
    read = _Reader(whole)
    assert whole.startswith("<!DOCTYPE html>")
    assert "<title>&lt;Report&gt;</title>" in whole
    assert [tag for tag, _ in read.tags].count("style") == 1
    assert ("html", {"lang": "en"}) in read.tags


def test_two_answers_on_a_page_do_not_share_footnotes() -> None:
    """The anchors of one answer are not those of another, and the same answer gives the same HTML each time."""
    one, other = (
        lt.compare(name, workload="support-chatbot").to_html() for name in ("gpt-4.1-mini", "claude-haiku-4.5")
    )
    found = [set(re.findall(r'id="([^"]+)"', html)) for html in (one, other)]
    assert all(found)
    assert not found[0] & found[1]
    assert lt.compare("gpt-4.1-mini", workload="support-chatbot").to_html() == one


def test_what_has_no_face_is_refused() -> None:
    """The error says what was given and what can be shown."""
    with pytest.raises(InvalidTypeError, match="nothing to show of 3 of type int"):
        document_of(3)
