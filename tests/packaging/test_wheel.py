"""
What users install is whole: the wheel, built from the sdist, works in a clean environment.

These tests leave the source checkout behind. They need a package index: for hatchling, which
builds, and for the three core dependencies.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]
CORE = {"attrs", "cattrs", "tomli"}

# Loaded on first use, or never: importing the library must stay cheap. (`decimal` is not among
# them, since `fractions` imports it.)
NOT_AT_IMPORT = {
    "asyncio",
    "cattrs",
    "email",
    "genai_prices",
    "http",
    "importlib.metadata",
    "importlib.resources",
    "numpy",
    "pandas",
    "rich",
    "socket",
    "ssl",
    "tomli",
    "tomllib",
    "typing_extensions",
    "urllib.request",
}

# Run by the clean environment's own Python, far from the checkout.
SMOKE_TEST = """
import sys
import llm_tradeoffs as lt

loaded = set(sys.modules)
total = lt.cost("gpt-4.1-mini", input_tokens=200, output_tokens=150).total
assert total == lt.Usd("0.00032"), total
print(lt.recommend("support-chatbot"))

import json
print(json.dumps({"file": lt.__file__, "version": lt.__version__, "loaded": sorted(loaded)}))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """The standard output of *command*; all that it said, when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `python -m build` makes: first the sdist, then the wheel out of the sdist."""
    dist = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", dist, ROOT, cwd=dist)
    [sdist] = dist.glob("*.tar.gz")
    [wheel] = dist.glob("*.whl")
    assert sdist.name.removesuffix(".tar.gz") == "-".join(wheel.name.split("-")[:2])
    return wheel


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(name).decode())


def requirements(metadata: Message) -> list[str]:
    """The requirements that come without asking for an extra, such as ``attrs>=24.1``."""
    return [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_the_catalog_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    about = {name for name in names if name.partition("/")[0].endswith(".dist-info")}

    package = {f"llm_tradeoffs/{name}" for name in files_below(ROOT / "src" / "llm_tradeoffs")}
    catalog = {f"llm_tradeoffs/_catalog/{name}" for name in files_below(ROOT / "catalog")}
    assert names - about == package | catalog
    assert "llm_tradeoffs/py.typed" in names
    assert any(name.endswith(".toml") for name in catalog)
    assert any(name.endswith("/licenses/LICENSE") for name in about)


def test_the_core_needs_attrs_cattrs_and_tomli_only(metadata: Message) -> None:
    assert {line.partition(">=")[0] for line in requirements(metadata)} == CORE
    assert metadata["License-Expression"] == "MIT"


@pytest.mark.parametrize("versions", ["newest", "oldest"])
def test_the_wheel_works_in_a_clean_environment(wheel: Path, metadata: Message, versions: str, tmp_path: Path) -> None:
    """It does so with the newest dependencies and with the oldest ones that it says it accepts."""
    home = tmp_path / "env"
    venv.create(home, with_pip=False)  # our pip installs into it: nothing else is in there
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    pinned = [line.replace(">=", "==") for line in requirements(metadata)] if versions == "oldest" else []
    pip = [sys.executable, "-m", "pip", "--python", python]
    run(*pip, "install", "--quiet", wheel, *pinned, cwd=tmp_path)

    listed = json.loads(run(*pip, "list", "--format=json", cwd=tmp_path))
    installed = {row["name"].lower().replace("_", "-") for row in listed}
    assert installed - {"typing-extensions"} == {"llm-tradeoffs"} | CORE  # cattrs needs typing-extensions

    # -I: no PYTHONPATH, no current directory; -W error: as in our own tests.
    output = run(python, "-I", "-W", "error", "-c", SMOKE_TEST, cwd=tmp_path)
    recommendation, _, last_line = output.strip().rpartition("\n")
    assert recommendation.strip()
    told = json.loads(last_line)
    assert Path(told["file"]).is_relative_to(home)
    assert told["version"] == metadata["Version"]
    assert NOT_AT_IMPORT.isdisjoint(told["loaded"]), NOT_AT_IMPORT & set(told["loaded"])


def test_an_editable_install_finds_the_catalog_too(tmp_path: Path) -> None:
    """`make test` runs in an editable install, which has no catalog inside the package."""
    output = run(sys.executable, "-I", "-c", SMOKE_TEST, cwd=tmp_path)
    told = json.loads(output.strip().rpartition("\n")[2])
    assert Path(told["file"]).is_relative_to(ROOT / "src"), "not an editable install: use `make test`"
