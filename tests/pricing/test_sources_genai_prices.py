"""
The package genai-prices: each rule on a package made of hand-written rows, then the installed one.

The hand-written package has the classes of the real one, without what reading does not use.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from llm_tradeoffs import Usd
from llm_tradeoffs.errors import MissingExtraError, PriceSourceError
from llm_tradeoffs.pricing._data import PriceData, PriceSource
from llm_tradeoffs.pricing._genai_prices import GenaiPrices
from llm_tradeoffs.rates import RateCard

DAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

UNITS = {
    "input_tokens": {"per": 1_000_000, "price_key": "input_mtok"},
    "output_tokens": {"per": 1_000_000, "price_key": "output_mtok"},
    "cache_read_tokens": {"per": 1_000_000, "price_key": "cache_read_mtok"},
    "cache_write_tokens": {"per": 1_000_000, "price_key": "cache_write_mtok"},
    "cache_write_1h_tokens": {"per": 1_000_000, "price_key": "cache_write_1h_mtok"},
    "cache_audio_read_tokens": {"per": 1_000_000, "price_key": "cache_audio_read_mtok"},
    "input_text_tokens": {"per": 1_000_000, "price_key": "input_text_mtok"},
    "output_reasoning_tokens": {"per": 1_000_000, "price_key": "output_reasoning_mtok"},
    "audio_seconds": {"per": 3_600, "price_key": "audio_hours"},
    "input_audio_seconds": {"per": 3_600, "price_key": "input_audio_hours"},
    "web_searches": {"per": 1_000, "price_key": "web_searches_kcount"},
    "storage_searches": {"per": 1_000, "price_key": "storage_searches_kcount"},
    "requests": {"per": 1_000, "price_key": "requests_kcount"},
}


@dataclass
class Clause:
    equals: str


@dataclass
class Or:
    or_: list[Any]


@dataclass
class Begins:
    starts_with: str


@dataclass
class Start:
    start_date: date


@dataclass
class Hours:
    start_time: time
    end_time: time


@dataclass
class Tiered:
    base: Decimal
    tiers: list[Any]


@dataclass
class Conditional:
    prices: Any
    constraint: Any = None


@dataclass
class Variant:
    when: dict[str, str]
    prices: Any
    constraint: Any = None


@dataclass
class Info:
    id: str
    prices: Any
    match: Any = field(default_factory=lambda: Begins("a"))
    name: str | None = None
    context_window: int | None = None
    price_variants: list[Any] | None = None


def prices(**amounts: Any) -> Any:
    made = {key: Decimal(value) if isinstance(value, str) else value for key, value in amounts.items()}
    return SimpleNamespace(**made)


def steps(base: str, *tiers: tuple[int, str]) -> Tiered:
    return Tiered(Decimal(base), [SimpleNamespace(start=start, price=Decimal(price)) for start, price in tiers])


def packaged(monkeypatch: pytest.MonkeyPatch, *providers: Any) -> None:
    """Puts a package of that name in the place of the installed one."""
    parts = {
        "genai_prices": {"__version__": "0.2.test"},
        "genai_prices.data": {"providers": list(providers)},
        "genai_prices.data_units": {"unit_data": UNITS},
    }
    for name, values in parts.items():
        module = ModuleType(name)
        vars(module).update(values)
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    def reader(*models: Info, provider: str = "acme") -> PriceData:
        sure = Info("sure", prices(input_mtok="1"))
        packaged(monkeypatch, SimpleNamespace(id=provider, models=[sure, *models]))
        return GenaiPrices().read()

    return reader


def card(found: PriceData, name: str, day: date = DAY) -> RateCard:
    return found.records[name].on(day, ("genai-prices",)).rates


def test_it_is_a_price_source(read: Any) -> None:
    assert isinstance(GenaiPrices(), PriceSource)
    assert str(read().source) == "genai-prices 0.2.test"


def test_units_keep_the_quantity_that_was_published(read: Any) -> None:
    found = read(Info("it", prices(input_mtok="0.4", web_searches_kcount="10", input_audio_hours="0.36")))
    rates = card(found, "acme/it").rates()
    assert [str(rates[meter].price) for meter in ("input_tokens", "web_searches", "input_audio_seconds")] == [
        "$0.40/MTok",
        "$10.00 per 1,000",
        "$0.36 per 3,600 s",
    ]
    assert rates["input_audio_seconds"].pico == Usd("0.0001").pico
    assert rates["input_tokens"].price.place == "acme, it, prices.input_mtok"


def test_what_is_stored_is_searched_for(read: Any) -> None:
    found = read(Info("it", prices(storage_searches_kcount="2.5", requests_kcount="5", cache_audio_read_mtok="0.3")))
    assert card(found, "acme/it").meters == {"file_searches", "requests", "cache_read_audio_tokens"}


def test_a_price_for_cache_writes_is_for_any_time_unless_an_hour_has_its_own(read: Any) -> None:
    found = read(
        Info("plain", prices(cache_write_mtok="1.25")),
        Info("hourly", prices(cache_write_1h_mtok="2", cache_write_mtok="1.25")),
        Info(
            "in-batch",
            prices(cache_write_mtok="1.25", cache_write_1h_mtok="2"),
            price_variants=[Variant({"processing": "batch"}, prices(cache_write_mtok="0.625"))],
        ),
    )
    plain, hourly = card(found, "acme/plain").rates(), card(found, "acme/hourly").rates()
    assert plain["cache_write_1h_tokens"].price.usd == plain["cache_write_5m_tokens"].price.usd == Usd("1.25")
    assert (hourly["cache_write_5m_tokens"].price.usd, hourly["cache_write_1h_tokens"].price.usd) == (
        Usd("1.25"),
        Usd("2.00"),
    )
    assert card(found, "acme/in-batch").price("cache_write_1h_tokens", "batch") is None


def test_a_price_for_audio_of_one_direction_goes_before_that_of_either(read: Any) -> None:
    found = read(Info("it", prices(input_audio_hours="0.36", audio_hours="0.72")))
    assert card(found, "acme/it").rates()["input_audio_seconds"].price.usd == Usd("0.36")


def test_a_long_request_costs_more_as_a_whole(read: Any) -> None:
    found = read(Info("it", prices(input_mtok=steps("2", (199_999, "4"), (500_000, "6")), output_mtok="10")))
    rates = card(found, "acme/it")
    assert [rates.rates(input_tokens=n)["input_tokens"].price.usd for n in (199_999, 200_000, 500_000, 500_001)] == [
        Usd("2.00"),
        Usd("4.00"),
        Usd("4.00"),
        Usd("6.00"),
    ]


def test_a_set_of_prices_ends_where_the_next_begins(read: Any) -> None:
    """The package replaces the whole set: a price that the new one does not state is over."""
    found = read(
        Info(
            "it",
            [
                Conditional(prices(input_mtok="10", web_searches_kcount="25")),
                Conditional(prices(input_mtok="2"), Start(date(2026, 3, 1))),
                Conditional(prices(input_mtok="1"), Start(date(2026, 6, 1))),
            ],
        )
    )
    days = (date(2020, 1, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1))
    assert [card(found, "acme/it", day).rates()["input_tokens"].price.usd for day in days] == [
        Usd("10.00"),
        Usd("10.00"),
        Usd("2.00"),
        Usd("2.00"),
        Usd("1.00"),
    ]
    assert card(found, "acme/it", date(2026, 3, 1)).rates()["web_searches"] is None


def test_a_first_set_with_a_day_does_not_answer_for_the_days_before(read: Any) -> None:
    """The package takes the first set for any earlier day; that is a guess."""
    found = read(Info("it", [Conditional(prices(input_mtok="2"), Start(date(2026, 3, 1)))]))
    assert found.records["acme/it"].prices[0].effective_from == date(2026, 3, 1)


@pytest.mark.parametrize(
    "hours",
    [
        Hours(time(16, 30), time(0, 30)),
        Hours(time(16, 30, tzinfo=UTC), time(0, 30, tzinfo=UTC)),
        Hours(time(0, 30, tzinfo=timezone(timedelta(hours=8))), time(8, 30, tzinfo=timezone(timedelta(hours=8)))),
    ],
)
def test_hours_are_those_of_utc(read: Any, hours: Hours) -> None:
    found = read(Info("it", [Conditional(prices(input_mtok="2")), Conditional(prices(input_mtok="1"), hours)]))
    rates = card(found, "acme/it")

    def at(hour: int, minute: int) -> Usd:
        return rates.rates(at=NOON.replace(hour=hour, minute=minute))["input_tokens"].price.usd

    assert [at(16, 29), at(16, 30), at(0, 29), at(0, 30)] == [Usd("2.00"), Usd("1.00"), Usd("1.00"), Usd("2.00")]


def test_no_hours_are_no_hours(read: Any) -> None:
    rows = [Conditional(prices(input_mtok="2")), Conditional(prices(input_mtok="1"), Hours(time(9), time(9)))]
    assert len(read(Info("it", rows)).records["acme/it"].prices) == 1


def test_a_later_day_goes_before_earlier_hours(read: Any) -> None:
    rows = [
        Conditional(prices(input_mtok="2")),
        Conditional(prices(input_mtok="1"), Hours(time(0), time(12))),
        Conditional(prices(input_mtok="3"), Start(date(2026, 3, 1))),
    ]
    found = read(Info("it", rows))
    assert card(found, "acme/it").windows == ()
    assert len(card(found, "acme/it", date(2026, 2, 1)).windows) == 1


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([Conditional(prices(output_mtok="1"), Hours(time(1), time(2)))], "other things"),
        (
            [
                Conditional(prices(input_mtok="1"), Hours(time(1), time(4))),
                Conditional(prices(input_mtok="3"), Hours(time(3), time(5))),
            ],
            "overlap",
        ),
        (
            [
                Conditional(prices(input_mtok="1"), Hours(time(22), time(4))),
                Conditional(prices(input_mtok="3"), Hours(time(3), time(5))),
            ],
            "overlap",
        ),
    ],
)
def test_hours_that_no_card_can_hold_are_left_out_with_their_model(read: Any, rows: list[Any], problem: str) -> None:
    found = read(Info("it", [Conditional(prices(input_mtok="2")), *rows]))
    assert list(found.records) == ["acme/sure"]
    assert problem in found.skipped[0].problem


def test_what_a_request_says_is_a_service_tier(read: Any) -> None:
    found = read(
        Info(
            "it",
            prices(input_mtok="2", output_mtok="8"),
            price_variants=[
                Variant({"service_tier": "default"}, prices()),
                Variant({"processing": "batch"}, prices(input_mtok="1"), Start(date(2026, 12, 1))),
                Variant({"processing": "batch"}, prices(input_mtok="1.5", output_mtok="4"), Start(date(2026, 3, 1))),
                Variant({"speed": "fast"}, prices(input_mtok="12")),
                Variant({"service_tier": "priority"}, prices(input_mtok="4")),
                Variant({"route": "acme/eu"}, prices(input_mtok="2.2")),
            ],
        )
    )
    now, later = card(found, "acme/it"), card(found, "acme/it", date(2026, 12, 1))
    assert now.price("input_tokens", "batch").usd == Usd("1.50")
    assert later.price("input_tokens", "batch").usd == Usd("1.00")
    assert now.price("output_tokens", "batch").usd == later.price("output_tokens", "batch").usd == Usd("4.00")
    assert card(found, "acme/it", date(2026, 2, 1)).price("input_tokens", "batch") is None
    assert now.price("input_tokens", "fast").usd == Usd("12.00")
    assert now.price("input_tokens", "priority").usd == Usd("4.00")
    assert now.rates(region="acme/eu")["input_tokens"].price.usd == Usd("2.20")
    assert found.skipped == ()


def test_what_is_no_tier_is_left_out_and_the_model_stays(read: Any) -> None:
    found = read(
        Info(
            "it",
            prices(input_mtok="2", input_text_mtok="3", unicorns="1"),
            price_variants=[
                Variant({"search_type": "fast"}, prices(web_searches_kcount="1")),
                Variant({"processing": "batch"}, prices(input_mtok="1"), Hours(time(1), time(2))),
                Variant({"processing": "batch", "service_tier": "flex"}, prices(input_mtok="1")),
            ],
        )
    )
    assert [row.name for row in found.skipped] == [
        "acme/it: price_variants[0]",
        "acme/it: price_variants[1]",
        "acme/it: price_variants[2]",
        "acme/it: prices.input_text_mtok",
        "acme/it: prices.unicorns",
    ]
    assert card(found, "acme/it").meters == {"input_tokens"}


def test_groq_bills_ten_seconds_at_least(read: Any) -> None:
    found = read(Info("whisper-large-v3", prices(input_audio_hours="0.111")), provider="groq")
    assert found.records["groq/whisper-large-v3"].prices[0].minimum_quantity == 10


def test_only_names_that_are_matched_as_a_whole_are_names(read: Any) -> None:
    match = Or([Clause("claude-9-20260301"), Begins("claude-9"), Or([Clause("claude-9-latest")])])
    made = Info("claude-9", prices(input_mtok="1"), match)
    names = ["anthropic/claude-9-20260301", "anthropic/claude-9-latest"]
    bare = ["claude-9", "claude-9-20260301", "claude-9-latest"]
    record = read(made, provider="anthropic").records["anthropic/claude-9"]
    assert [alias.name for alias in record.aliases] == names + bare
    resold = read(made, provider="google").records["google/claude-9"]
    assert [alias.name for alias in resold.aliases] == [name.replace("anthropic", "google") for name in names]


def test_a_model_without_a_price_is_not_free(read: Any) -> None:
    found = read(Info("it:free", prices()), Info("zero", prices(input_mtok="0", output_mtok="0")))
    assert {row.name: row.problem for row in found.skipped} == {
        "acme/it:free": "it states no price.",
        "acme/zero": "every price is 0, which stands for an unknown price as well as for a free model.",
    }


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
def test_a_broken_row_is_left_out_with_its_name(read: Any, amount: str) -> None:
    found = read(Info("it", prices(input_mtok=amount)))
    assert list(found.records) == ["acme/sure"]
    assert [row.name for row in found.skipped] == ["acme/it"]


def test_a_package_in_another_shape_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    packaged(monkeypatch, SimpleNamespace(id="acme"))
    with pytest.raises(PriceSourceError, match=r"knows the shape of version 0\.2"):
        GenaiPrices().read()


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    for attempt in (GenaiPrices().read, lambda: GenaiPrices().refreshed(timeout=1)):
        with pytest.raises(MissingExtraError, match=r"llm-tradeoffs\[genai-prices\]"):
            attempt()


@pytest.mark.parametrize("outcome", [RuntimeError("no network"), None])
def test_a_refresh_that_fails_is_one_error(monkeypatch: pytest.MonkeyPatch, outcome: Exception | None) -> None:
    packaged(monkeypatch, SimpleNamespace(id="acme", models=[Info("it", prices(input_mtok="1"))]))
    update = ModuleType("genai_prices.update_prices")

    class UpdatePrices:
        def __init__(self, **settings: Any) -> None:
            assert settings == {"request_timeout": 3}

        def fetch(self) -> None:
            if outcome is not None:
                raise outcome

    vars(update)["UpdatePrices"] = UpdatePrices
    monkeypatch.setitem(sys.modules, "genai_prices.update_prices", update)
    source = GenaiPrices()
    with pytest.raises(PriceSourceError):
        source.refreshed(timeout=3)
    assert "acme/it" in source.read().records


# The installed package.


@pytest.fixture
def installed() -> Any:
    return pytest.importorskip("genai_prices")


def test_every_model_of_the_installed_package_makes_a_card(installed: Any) -> None:
    found = GenaiPrices().read()
    assert found.source.version == installed.__version__
    assert len(found.records) > 2_000
    assert sum(len(record.prices) for record in found.records.values()) > 8_000
    problems = {row.problem for row in found.skipped if row.problem != "it states no price."}
    assert problems <= {"the price for search_type=fast is for no service tier and for no region."}
    for record in found.records.values():
        days = {DAY, *(price.effective_from for price in record.prices if price.effective_from is not None)}
        for day in days:
            record.on(day, ("genai-prices",)).rates.rates(at=NOON)


def test_a_price_of_the_installed_package_as_it_prices_a_call_itself(installed: Any) -> None:
    own = installed.calc_price(
        installed.Usage(input_tokens=1_000, output_tokens=0), "gpt-4.1-mini", provider_id="openai"
    ).total_price
    rates = card(GenaiPrices().read(), "openai/gpt-4.1-mini").rates()
    assert Usd.from_pico(1_000 * rates["input_tokens"].pico) == Usd(own)


@pytest.fixture
def update_url() -> Iterator[str]:
    """A server with a file in the shape that the package updates itself from."""
    content = b"""[{"id": "acme", "name": "Acme", "api_pattern": "acme", "models": [
        {"id": "one", "match": {"equals": "one"}, "prices": {"input_mtok": 1.5, "output_mtok": 6}}]}]"""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/data.json" else 503)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_installed_package_refreshes_by_its_own_means(installed: Any, update_url: str) -> None:
    source = GenaiPrices()
    fresh = source.refreshed(timeout=5, url=f"{update_url}/data.json")
    assert list(fresh.read().records) == ["acme/one"]
    assert fresh.read().source.as_of
    assert "openai/gpt-4.1-mini" in source.read().records
    with pytest.raises(PriceSourceError, match="cannot be refreshed"):
        source.refreshed(timeout=5, url=f"{update_url}/broken")
    assert installed.data_snapshot.get_snapshot().from_auto_update is False
