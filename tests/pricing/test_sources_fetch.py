"""Downloading: whatever goes wrong is one clear error, and what was read before stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llm_tradeoffs.errors import InvalidValueError, PriceSourceError
from llm_tradeoffs.pricing import _fetch
from llm_tradeoffs.pricing._fetch import fetch
from llm_tradeoffs.pricing._litellm import LiteLLMPrices
from llm_tradeoffs.pricing._llm_prices import LlmPrices
from llm_tradeoffs.pricing._models_dev import ModelsDevPrices
from llm_tradeoffs.pricing._openrouter import OpenRouterPrices

DATA = Path(__file__).parent / "data"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.strip("/")
        if (DATA / name).is_file():
            self._send((DATA / name).read_bytes())
        elif name == "slow":
            self.server.woken.wait(5)  # type: ignore[attr-defined]  # set below
        elif name == "drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b" " * 10)
                self.wfile.flush()
                time.sleep(0.05)
        elif name == "500":
            self._send(b"{}", status=500)
        elif name == "truncated":
            self._send(b'{"data": [', length=1_000)
        elif name == "html":
            self._send(b"<!doctype html><title>Sign in</title>")
        elif name == "empty":
            self._send(b"")
        elif name == "huge":
            self._send(b" " * 5_000)
        elif name in {"to-file", "to-ftp", "to-list", "to-itself"}:
            self.send_response(302)
            target = {
                "to-file": f"file://{DATA / 'openrouter.json'}",
                "to-ftp": "ftp://example.org/",
                "to-list": "/openrouter.json",
            }
            self.send_header("Location", target.get(name, "/to-itself"))
            self.end_headers()

    def _send(self, content: bytes, *, status: int = 200, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True  # the other side gave up, as it should


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    held = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    held.woken = threading.Event()  # type: ignore[attr-defined]  # what keeps the slow answer waiting
    thread = threading.Thread(target=held.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{held.server_address[1]}"
    held.woken.set()  # type: ignore[attr-defined]
    held.shutdown()
    held.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("make", "name", "model"),
    [
        (LiteLLMPrices, "litellm.json", "acme/acme-1"),
        (ModelsDevPrices, "models_dev.json", "openai/gpt-x"),
        (OpenRouterPrices, "openrouter.json", "openrouter/acme/one"),
        (LlmPrices, "llm_prices.json", "acme/pro"),
    ],
)
def test_a_source_reads_what_it_fetched(server: str, make: type, name: str, model: str) -> None:
    assert model in make.fetched(url=f"{server}/{name}", timeout=5).read().records


def test_a_redirect_on_the_web_is_followed(server: str) -> None:
    assert fetch(f"{server}/to-list", timeout=5) == (DATA / "openrouter.json").read_bytes()


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("500", "the server answered 500"),
        ("truncated", "only 10 of 1,000 bytes came"),
        ("empty", "the answer is empty"),
        ("to-file", "not allowed"),
        ("to-ftp", "redirects to 'ftp://example.org/', which is not on the web"),
        ("to-itself", "cannot be fetched"),
    ],
)
def test_what_goes_wrong_is_said(server: str, path: str, problem: str) -> None:
    with pytest.raises(PriceSourceError, match=problem):
        fetch(f"{server}/{path}", timeout=5)


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_a_slow_server_is_not_waited_for(server: str, path: str) -> None:
    begun = time.monotonic()
    with pytest.raises(PriceSourceError, match=r"longer than 0\.2 s"):
        fetch(f"{server}/{path}", timeout=0.2)
    assert time.monotonic() - begun < 2


def test_a_huge_answer_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fetch, "_MAX_BYTES", 4_000)
    with pytest.raises(PriceSourceError, match="larger than 4,000 bytes"):
        fetch(f"{server}/huge", timeout=5)


def test_nobody_answers() -> None:
    with pytest.raises(PriceSourceError, match="cannot be fetched"):
        fetch("http://127.0.0.1:9/", timeout=1)
    with pytest.raises(PriceSourceError, match="cannot be fetched"):
        fetch("http://prices.invalid/", timeout=2)


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://example.org/", "prices.json", "data:,1", ""])
def test_only_the_web_is_fetched_from(url: str) -> None:
    with pytest.raises(PriceSourceError, match="only http:// and https://"):
        fetch(url, timeout=1)


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://host:port/", "http://a b/"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(PriceSourceError):
        fetch(url, timeout=1)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf")])
def test_a_timeout_is_a_time(timeout: float) -> None:
    with pytest.raises(InvalidValueError, match="timeout"):
        fetch("http://127.0.0.1:9/", timeout=timeout)


@pytest.mark.parametrize("path", ["html", "500", "truncated", "models_dev.json"])
def test_a_broken_download_leaves_the_good_data_alone(server: str, path: str) -> None:
    good = OpenRouterPrices(DATA / "openrouter.json")
    with pytest.raises(PriceSourceError):
        good = OpenRouterPrices.fetched(url=f"{server}/{path}", timeout=5)
    assert "openrouter/acme/one" in good.read().records
