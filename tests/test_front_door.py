"""The package itself: its names, and how little an import costs."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import llm_tradeoffs as lt

CORE = {
    "Assessment",
    "Catalog",
    "Comparison",
    "Model",
    "Policy",
    "Range",
    "Recommendation",
    "Usage",
    "Usd",
    "Workload",
    "assess",
    "compare",
    "cost",
    "recommend",
}
NOT_AT_IMPORT = {
    "attr",
    "attrs",
    "cattrs",
    "tomli",
    "tomli_w",
    "asyncio",
    "importlib.metadata",
    "importlib.resources",
    "json",
    "http",
    "ssl",
    "urllib.request",
    "altair",
    "narwhals",
    "numpy",
    "pandas",
    "polars",
    "rich",
    "typer",
    "typing_extensions",
}


def printed_by(code: str) -> str:
    """What a fresh Python prints that runs *code* and has imported nothing else."""
    source = str(Path(lt.__file__).parents[1])
    site = [path for path in sys.path if path.endswith("site-packages")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {[source, *site]!r}; {code}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_dir_is_the_table_of_contents() -> None:
    """dir() shows the public names and nothing else, loaded or not."""
    assert dir(lt) == sorted(lt.__all__)
    assert set(lt.__all__) >= CORE
    assert len(set(lt.__all__)) == len(lt.__all__)


def test_every_name_is_there() -> None:
    """Every public name can be had, and each comes from its own module."""
    for name in lt.__all__:
        value = getattr(lt, name)
        assert value is getattr(lt, name)
        if isinstance(value, type):
            assert value.__module__.startswith("llm_tradeoffs.")
            assert getattr(importlib.import_module(value.__module__), value.__name__) is value


def test_star() -> None:
    """A star import brings exactly the public names."""
    names: dict[str, object] = {}
    exec("from llm_tradeoffs import *", names)
    assert set(lt.__all__) <= names.keys()
    assert names.keys() - set(lt.__all__) <= {"__builtins__"}


def test_unknown_names() -> None:
    """A name that does not exist is an ordinary AttributeError, and ImportError for an import."""
    with pytest.raises(AttributeError, match="module 'llm_tradeoffs' has no attribute 'recomend'"):
        lt.recomend  # type: ignore[attr-defined]  # noqa: B018 - asking is the point
    with pytest.raises(ImportError, match="recomend"):
        exec("from llm_tradeoffs import recomend")
    assert not hasattr(lt, "_nothing")


def test_every_public_name_of_a_module_exists() -> None:
    """The __all__ of every module names what is there; an adapter needs its framework, see the next test."""
    assert_public_names_exist(lambda path: "adapters" not in path.parts)


@pytest.mark.frameworks
def test_every_public_name_of_an_adapter_exists() -> None:
    """The same where all frameworks are installed."""
    assert_public_names_exist(lambda path: "adapters" in path.parts)


def assert_public_names_exist(wanted: Callable[[Path], bool]) -> None:
    root = Path(lt.__file__).parent
    for path in filter(wanted, sorted(root.rglob("*.py"))):
        name = ".".join(("llm_tradeoffs", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        if name.endswith(".__main__"):
            continue
        module = importlib.import_module(name)
        missing = [public for public in getattr(module, "__all__", ()) if not hasattr(module, public)]
        assert missing == [], name


def test_an_import_loads_nothing_heavy() -> None:
    """`import llm_tradeoffs` loads no other module of the library but its version, and none of the listed ones."""
    loaded = set(printed_by("import llm_tradeoffs; print(*sys.modules)").split())
    assert loaded & NOT_AT_IMPORT == set()
    assert {name for name in loaded if name.startswith("llm_tradeoffs")} == {"llm_tradeoffs", "llm_tradeoffs._version"}


def test_an_import_reads_no_file_of_the_catalog() -> None:
    """Neither the import nor dir() opens a file other than Python's own."""
    code = (
        "opened = []; sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None); "
        "import llm_tradeoffs; dir(llm_tradeoffs); "
        "print(*[name for name in opened if not name.endswith(('.py', '.pyc')) and '.pyc.' not in name], sep=';')"
    )
    assert printed_by(code) == ""


def test_a_price_by_hand_needs_no_catalog() -> None:
    """Money, models by hand and their prices load neither TOML nor cattrs."""
    code = (
        "import llm_tradeoffs as lt; "
        "print(lt.cost(lt.Model('a', usd_per_mtok=(1, 2)), input_tokens=10**6, output_tokens=0).total); "
        "print(*sys.modules)"
    )
    total, loaded = printed_by(code).split("\n")
    assert total == "$1.00"
    assert {"tomli", "cattrs", "json"}.isdisjoint(loaded.split())


def test_the_version() -> None:
    """The version is a plain text with numbers and dots."""
    assert lt.__version__.count(".") == 2
    assert lt.__version__[0].isdigit()
