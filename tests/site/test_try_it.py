"""The page that runs the library in the browser answers as the library does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

import llm_tradeoffs as lt

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.faces

SETTLED = "() => !/^(Loading|Working)/.test(document.querySelector('#state').textContent)"
PATIENCE_MS = 120_000


def opened(browser: Browser, address: str, **said: str) -> Page:
    """The page with a question in its address, once it has answered. It reaches nothing but its own server."""
    page = browser.new_page()
    own = address.rpartition("/try-it/")[0]
    reached: list[str] = []
    page.on("request", lambda request: reached.append(request.url))
    page.goto(f"{address}?{urlencode(said)}" if said else address)
    page.wait_for_function(SETTLED, timeout=PATIENCE_MS)
    assert all(url.startswith((own, "data:", "blob:")) for url in reached), reached
    return page


def test_the_question_in_the_address_is_answered_as_in_python(browser: Browser, served: str) -> None:
    page = opened(
        browser,
        served,
        input_tokens="200",
        output_tokens="150",
        requests_per_day="10000",
        task="math",
        error_cost="0.05",
        models="gpt-4.1-mini, claude-haiku-4.5",
        decide="expected-cost",
    )
    work = lt.Workload(input_tokens=200, output_tokens=150, requests_per_day=10_000, task="math", error_cost="0.05")
    models = ["gpt-4.1-mini", "claude-haiku-4.5"]
    found = lt.recommend(work, models, objective="expected-cost")
    assert page.inner_text("#state") == f"Answer: {found.chosen}"
    shown = page.inner_text("#comparison")
    comparison = lt.compare(*models, workload=work)
    for row in comparison.rows:
        for text in row.texts:
            assert text in shown
    for flip in found.flips().flips[:3]:
        assert flip.after is None or str(flip.after) in page.inner_text("#flips")
    page.close()


def test_the_form_writes_the_question_into_the_address(browser: Browser, served: str) -> None:
    page = opened(browser, served)
    page.fill("[name=input_tokens]", "1,234")
    page.check("[value=vision]")
    page.click("button")
    page.wait_for_function(SETTLED, timeout=PATIENCE_MS)
    assert "input_tokens=1%2C234" in page.url
    assert "needs=vision" in page.url
    assert "input_tokens=1234" in (page.text_content("#code") or "")
    again = opened(browser, page.url.partition("?")[0], input_tokens="1,234", needs="vision")
    assert again.is_checked("[value=vision]")
    again.close()
    page.close()


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"input_tokens": "many", "output_tokens": "1"}, "input tokens is 'many'; type a number"),
        ({"input_tokens": "-5", "output_tokens": "1"}, "-5"),
        ({"input_tokens": "1", "output_tokens": "1", "models": "gpt-4.1-minni"}, "gpt-4.1-mini"),
        ({"input_tokens": "1", "output_tokens": "1", "models": "<img src=x onerror=alert(1)>"}, "<img src=x"),
        ({"input_tokens": "1", "output_tokens": "1", "models": ""}, "name at least one model"),
    ],
)
def test_what_is_wrong_is_said_as_text(browser: Browser, served: str, said: dict[str, str], says: str) -> None:
    page = opened(browser, served, **said)
    assert says in page.inner_text("#state")
    assert page.locator("main img").count() == 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(browser: Browser, served: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, served)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    found = Axe().run(page)
    serious = [fault for fault in found.response["violations"] if fault["impact"] in {"serious", "critical"}]
    assert not serious, found.generate_report()
    page.close()


def test_the_page_can_be_read_on_a_phone(browser: Browser, served: str) -> None:
    page = opened(browser, served)
    page.set_viewport_size({"width": 360, "height": 720})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
