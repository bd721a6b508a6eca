"""Where a registry's prices come from: sources by hand, by entry point and by path, found when somebody asks."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from llm_tradeoffs import (
    Catalog,
    CatalogError,
    InvalidTypeError,
    InvalidValueError,
    MissingExtraError,
    ModelRecord,
    Price,
    PriceData,
    PriceSource,
    PriceSourceError,
    PricingRegistry,
    Source,
    UnknownNameError,
    Usd,
    cost,
)
from llm_tradeoffs.pricing import SkippedRow, price_sources

PLUGIN = """
from llm_tradeoffs import ModelRecord, Price, PriceData, Source, Usd

ACME = Source(id="acme-prices", title="Acme's price list", kind="vendor")
row = Price(meter="input_tokens", usd=Usd("0.25"), source=ACME)


class AcmePrices:
    name = "acme-prices"

    def read(self):
        return PriceData(source=ACME, records={"acme/one": ModelRecord(id="acme/one", prices=(row,))})


def needs_more():
    from llm_tradeoffs import MissingExtraError

    raise MissingExtraError("acme", "acme", "reading Acme's prices")


def nothing():
    return "no source"


def breaks():
    raise RuntimeError("out of order")
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a distribution on the path, as pip would."""

    def installed(package: str, entry_points: str, module: str = PLUGIN) -> None:
        site = tmp_path / package
        info = site / f"{package}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[llm_tradeoffs.price_sources]\n{entry_points}\n")
        (site / f"{package}.py").write_text(module)
        monkeypatch.syspath_prepend(str(site))
        importlib.invalidate_caches()

    yield_modules = set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert not {"acme_prices", "rival_prices"} & yield_modules
    return installed


@pytest.fixture(autouse=True)
def _forget() -> None:
    for name in ("acme_prices", "rival_prices"):
        sys.modules.pop(name, None)


class TestEntryPoints:
    """A package offers a source by the entry point ``llm_tradeoffs.price_sources``."""

    def test_found_when_asked_and_not_imported_before(self, install: Install) -> None:
        assert "acme" not in price_sources()
        install("acme_prices", "acme = acme_prices:AcmePrices")
        offered = price_sources()
        assert "acme" in offered
        assert "acme_prices" not in sys.modules
        source = offered["acme"]()
        assert isinstance(source, PriceSource)
        assert source.name == "acme-prices"

    def test_by_name_in_a_registry(self, install: Install) -> None:
        install("acme_prices", "acme = acme_prices:AcmePrices")
        registry = PricingRegistry.of("bundled", "acme")
        assert cost("acme/one", input_tokens=1_000_000, output_tokens=0, catalog=registry).total == Usd("0.25")
        assert [(layer.name, layer.kind) for layer in registry.layers] == [
            ("bundled", "bundled"),
            ("acme-prices", "upstream"),
        ]
        assert PricingRegistry.bundled().with_layer("acme") == registry

    def test_two_packages_that_offer_one_name(self, install: Install) -> None:
        install("acme_prices", "acme = acme_prices:AcmePrices")
        install("rival_prices", "acme = rival_prices:AcmePrices")
        with pytest.raises(
            InvalidValueError, match=r"acme_prices:AcmePrices of acme_prices 1\.0, rival_prices:AcmePrices"
        ):
            PricingRegistry.of("acme")

    @pytest.mark.parametrize(
        ("target", "problem"),
        [
            ("acme_prices:Missing", "AttributeError: module 'acme_prices' has no attribute 'Missing'"),
            ("no_such_module:Source", "ModuleNotFoundError: No module named 'no_such_module'"),
            ("acme_prices:breaks", "RuntimeError: out of order"),
            ("acme_prices:nothing", "gave 'no source'; expected something with a name and read()"),
        ],
    )
    def test_a_broken_one_is_one_clear_error(self, install: Install, target: str, problem: str) -> None:
        install("acme_prices", f"acme = {target}")
        with pytest.raises(PriceSourceError) as caught:
            PricingRegistry.of("bundled", "acme")
        assert f"the price source 'acme' ({target} of acme_prices 1.0)" in str(caught.value)
        assert problem in str(caught.value)
        assert PricingRegistry.bundled()["gpt-4.1-mini"]  # the others are as they were

    def test_its_own_error_is_passed_on(self, install: Install) -> None:
        install("acme_prices", "acme = acme_prices:needs_more")
        with pytest.raises(MissingExtraError, match="reading Acme's prices needs the package 'acme'"):
            PricingRegistry.of("acme")

    def test_a_name_that_nobody_offers(self, install: Install) -> None:
        install("acme_prices", "acme = acme_prices:AcmePrices")
        with pytest.raises(UnknownNameError) as caught:
            PricingRegistry.of("acmee")
        assert caught.value.near[0] == "acme"
        assert "bundled" in caught.value.known

    def test_the_library_s_own(self) -> None:
        assert {"genai-prices", "litellm"} <= price_sources().keys()


@attrs.frozen
class ByHand:
    """The smallest source: a name and what it reads."""

    data: object
    name: str = "by hand"

    def read(self) -> PriceData:
        return self.data  # type: ignore[return-value]


LIST = Source(id="list", title="a list", kind="package")


def record(name: str, usd: str = "1", **fields: object) -> ModelRecord:
    return ModelRecord(id=name, prices=(Price(meter="input_tokens", usd=Usd(usd), source=LIST),), **fields)  # type: ignore[arg-type]


class TestByHand:
    """A source is anything with a name and ``read()``."""

    def test_a_source(self) -> None:
        source = ByHand(PriceData(source=LIST, records={"a": record("a")}, skipped=(SkippedRow("b", "no price"),)))
        registry = PricingRegistry.of(source)
        assert registry.layer("by hand").kind == "upstream"
        assert registry["a"].price("input_tokens") is not None
        assert [str(row) for row in registry.skipped] == ["b: no price"]

    def test_rows_that_name_no_source_are_the_source_s_own(self) -> None:
        data = PriceData(
            source=LIST, records={"a": ModelRecord(id="a", prices=(Price(meter="input_tokens", usd=Usd(1)),))}
        )
        found = PricingRegistry.of(ByHand(data))["a"].price("input_tokens")
        assert found is not None
        assert found.source == LIST

    def test_rows_that_quote_another_source_answer_too(self) -> None:
        quoted = attrs.evolve(LIST, id="quoted")
        row = Price(meter="input_tokens", usd=Usd(1), source=quoted)
        data = PriceData(source=LIST, records={"a": ModelRecord(id="a", prices=(row,))})
        assert PricingRegistry.of(data)["a"].price("input_tokens") == row

    def test_what_the_source_does_with_its_records_later_changes_nothing(self) -> None:
        records = {"a": record("a")}
        registry = PricingRegistry.of(ByHand(PriceData(source=LIST, records=records)))
        content = registry.content_hash
        records["a"] = record("a", "9")
        records["b"] = record("b")
        again = registry.at(registry.as_of)
        assert [name in again for name in ("a", "b")] == [True, False]
        assert again["a"].price("input_tokens", "standard") == record("a").prices[0]
        assert PricingRegistry(registry.layers, registry.as_of).content_hash == content

    @pytest.mark.parametrize("data", [None, b"...", {}, [record("a")]])
    def test_read_gives_price_data(self, data: object) -> None:
        with pytest.raises(InvalidTypeError, match=r"read\(\) of the price source .* expected PriceData"):
            PricingRegistry.of(ByHand(data))

    def test_the_name_of_a_source_is_a_text(self) -> None:
        with pytest.raises(InvalidTypeError, match="the name of a layer is 5"):
            PricingRegistry.of(ByHand(PriceData(source=LIST, records={}), name=5))  # type: ignore[arg-type]

    def test_an_open_file_is_no_source(self, tmp_path: Path) -> None:
        (tmp_path / "prices.toml").write_text("")
        with (tmp_path / "prices.toml").open("rb") as file, pytest.raises(InvalidTypeError, match="gave a bytes"):
            PricingRegistry.of(file)  # type: ignore[arg-type]

    def test_records_are_kept_by_their_ids(self) -> None:
        with pytest.raises(InvalidValueError, match="the record 'b' of a list has the id 'a'"):
            PricingRegistry.of(PriceData(source=LIST, records={"b": record("a")}))
        with pytest.raises(InvalidTypeError, match="expected a ModelRecord"):
            PricingRegistry.of(PriceData(source=LIST, records={"b": "free"}))  # type: ignore[dict-item]

    def test_what_a_source_raises_is_passed_on(self) -> None:
        class Broken:
            name = "broken"

            def read(self) -> PriceData:
                raise PriceSourceError("the file is cut off")

        registry = PricingRegistry.bundled()
        with pytest.raises(PriceSourceError, match="cut off"):
            registry.with_layer(Broken())
        assert registry == PricingRegistry.bundled()


PRICES = """
title = "Contract 17"

[[models]]
id = "gpt-4.1-mini"

[[models.prices]]
meter = "input_tokens"
usd_per_mtok = 0.32
"""


class TestFiles:
    """Any TOML file or folder is a layer."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "contract.toml"
        path.write_text(PRICES)
        return path

    def test_a_file_of_prices(self, file: Path) -> None:
        for given in (file, str(file)):
            registry = PricingRegistry.bundled().with_layer(given)
            assert [(layer.name, layer.kind) for layer in registry.layers] == [
                ("Contract 17", "private"),
                ("bundled", "bundled"),
            ]
            found = registry["openai/gpt-4.1-mini"].price("input_tokens")
            assert found is not None
            assert (found.usd, found.source.title) == (Usd("0.32"), "Contract 17")
        assert PricingRegistry.of(file, "bundled") == PricingRegistry.bundled().with_layer(file)

    def test_a_folder_is_a_catalog(self, tmp_path: Path) -> None:
        pytest.importorskip("tomli_w")
        bundled = Catalog.bundled()
        small = attrs.evolve(
            bundled,
            records={"gpt-4.1-mini": bundled.records["gpt-4.1-mini"]},
            names={"gpt-4.1-mini": ()},
            candidates=None,
            claims_texts={},
            policy_texts={},
        )
        small.to_path(tmp_path / "ours")
        registry = PricingRegistry.of(tmp_path / "ours")
        assert [(layer.name, layer.kind) for layer in registry.layers] == [("ours", "private")]
        assert registry["gpt-4.1-mini"].rates == PricingRegistry.bundled()["gpt-4.1-mini"].rates

    def test_a_file_that_is_wrong_is_one_error_with_every_fault(self, file: Path) -> None:
        file.write_text(PRICES.replace("0.32", '"0.32"') + "\n[[models]]\nid = 5\n")
        registry = PricingRegistry.bundled()
        with pytest.raises(CatalogError) as caught:
            registry.with_layer(file)
        assert len(caught.value.faults) == 2
        assert registry == PricingRegistry.bundled()

    @pytest.mark.parametrize("missing", ["nowhere.toml", "no/where"])
    def test_a_file_that_is_not_there(self, missing: str) -> None:
        with pytest.raises(CatalogError, match="cannot be read"):
            PricingRegistry.of(missing)
