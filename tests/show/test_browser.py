"""What a browser makes of an answer: light, dark, on a phone, for those who do not see it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from llm_tradeoffs.show.faces import document_of
from llm_tradeoffs.show.html import document_html, page

pytestmark = pytest.mark.faces

CHROMIUM = shutil.which("chromium")
WIDE, PHONE = 1100, 375

JUPYTERLAB = """
<body data-jp-theme-light="{light}" style="background: {ground}"><style>
:root {{ --jp-content-font-color1: {text}; --jp-layout-color0: {ground}; --jp-content-link-color: {link}; }}
.jp-RenderedHTMLCommon table {{ font-size: 12px; margin-left: auto; margin-right: auto; }}
.jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon td {{ text-align: right; padding: .5em; }}
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) {{ background: pink; }}
</style><main class="jp-RenderedHTMLCommon">{answer}</main></body>
"""


THEMES = (
    {"light": "true", "text": "#212121", "ground": "#ffffff", "link": "#1565c0"},
    {"light": "false", "text": "#ffffff", "ground": "#111111", "link": "#64b5f6"},
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without a window."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def opened(browser: Any, html: str, columns: int = WIDE, scheme: str = "light") -> Any:
    """A page of *html* that may load nothing."""
    shown = browser.new_page(viewport={"width": columns, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.set_content(html)
    assert asked == []
    return shown


def serious(shown: Any) -> list[str]:
    """What axe-core calls serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(shown).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}"
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def whole(*answers: Any) -> str:
    """A page of answers."""
    return page("Answers", *(document_html(document_of(answer), style=False, level=1) for answer in answers))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("columns", [WIDE, PHONE])
def test_axe_finds_no_serious_fault(browser: Any, every_answer: list[Any], columns: int, scheme: str) -> None:
    """Contrast, names, headers, focus: of every answer, in the light and in the dark, and on a phone."""
    shown = opened(browser, whole(*every_answer), columns, scheme)
    assert serious(shown) == []
    shown.close()


def test_axe_would_find_a_fault(browser: Any) -> None:
    """The test above can fail: pale grey on white is found."""
    shown = opened(browser, page("Pale", "<h1>Pale</h1><p style='color: #bbb; background: #fff'>words</p>"))
    assert [found for found in serious(shown) if found.startswith("color-contrast")]
    shown.close()


def test_the_page_of_a_phone_does_not_scroll_sideways(browser: Any, every_answer: list[Any]) -> None:
    """A wide table scrolls in its own box, and the page stays where it is."""
    shown = opened(browser, whole(*every_answer), PHONE)
    assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE
    shown.close()


def test_the_text_that_a_browser_shows_equals_the_plain_tables(browser: Any, every_answer: list[Any]) -> None:
    """The text of each cell in the browser's own tree is that of the plain table."""
    shown = opened(browser, whole(*every_answer))
    read = shown.evaluate(
        "[...document.querySelectorAll('table')].map(t => [...t.rows].map(r => [...r.cells].map(c => c.textContent)))"
    )
    wanted = [
        [[str(column) for column in table.columns], *([str(cell) for cell in row] for row in table.rows)]
        for answer in every_answer
        for table in document_of(answer).tables
    ]
    assert read == wanted
    shown.close()


def luminance(colour: str) -> float:
    """The luminance of a computed colour, 0 for black and 1 for white: WCAG 2.2, relative luminance."""
    parts = [float(part) for part in re.findall(r"[\d.]+", colour.removeprefix("color(srgb"))[:3]]
    scaled = [part if colour.startswith("color(srgb") else part / 255 for part in parts]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in scaled]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colours(shown: Any) -> tuple[float, float]:
    style = "getComputedStyle(document.querySelector('.llm-tradeoffs'))"
    return luminance(shown.evaluate(f"{style}.color")), luminance(shown.evaluate(f"{style}.backgroundColor"))


def test_the_dark_is_dark(browser: Any) -> None:
    """Text and ground follow the reader's system."""
    import llm_tradeoffs as lt

    html = whole(lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot"))
    for scheme, dark in (("light", False), ("dark", True)):
        shown = opened(browser, html, scheme=scheme)
        text, ground = colours(shown)
        assert (text > ground) is dark
        shown.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", THEMES, ids=["light theme", "dark theme"])
def test_in_jupyterlab_its_theme_wins(browser: Any, scheme: str, theme: dict[str, str]) -> None:
    """A dark JupyterLab on a light system shows a dark answer, and the reverse; its table style does not leak in."""
    import llm_tradeoffs as lt

    answer = lt.compare("gpt-4.1-mini", "claude-haiku-4.5", workload="support-chatbot").to_html()
    html = JUPYTERLAB.format(answer=answer, **theme)
    shown = opened(browser, f'<!DOCTYPE html><html lang="en"><title>x</title>{html}</html>', scheme=scheme)
    ink, paper = colours(shown)
    assert (ink > paper) is (theme["light"] == "false")
    rows = "document.querySelectorAll('.llm-tradeoffs tbody tr')"
    assert shown.evaluate(f"getComputedStyle({rows}[0].cells[0]).textAlign") == "left"
    assert "255, 192, 203" not in shown.evaluate(
        f"[...{rows}].map(r => getComputedStyle(r.cells[0]).backgroundColor).join()"
    )
    assert serious(shown) == []
    shown.close()


def test_hostile_names_run_nothing(browser: Any) -> None:
    """No dialog opens, whatever a model is called."""
    import llm_tradeoffs as lt

    names = ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "</style><svg onload=alert(1)>"]
    models = [lt.Model(f"acme/{index}", name=name, usd_per_mtok=(1, 1)) for index, name in enumerate(names)]
    shown = browser.new_page()
    asked: list[Any] = []
    shown.on("dialog", lambda dialog: asked.append(dialog.dismiss()))
    shown.set_content(whole(lt.compare(*models, workload=lt.Workload(title=names[1], input_tokens=1, output_tokens=1))))
    shown.wait_for_timeout(200)
    assert asked == []
    assert [name in shown.inner_text("table") for name in names] == [True] * 3
    shown.close()


def test_great_tables_shows_the_same_cells() -> None:
    """A table of great-tables has the cells of the plain one, escaped."""
    import llm_tradeoffs as lt

    model = lt.Model("acme/one", name="<b>One</b>", usd_per_mtok=("0.10", "0.20"))
    compared = lt.compare("gpt-4.1-mini", model, workload="support-chatbot")
    html = compared.to_great_tables().as_raw_html()
    assert "&lt;b&gt;One&lt;/b&gt;" in html
    assert "<b>One" not in html
    for row in compared.rows:
        assert all(text in html for text in row.texts)
