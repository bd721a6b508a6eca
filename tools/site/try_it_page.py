"""The page that runs the library in the reader's browser: static files, and Python as WebAssembly."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PYODIDE = "314.0.7"
"""The version of the npm package that holds Python for browsers; it decides which Python runs."""

RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def _run(*command: str, into: Path) -> None:
    done = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed, which the page that runs in the browser needs:\n{done.stderr}")


def runtime(cache: Path) -> Path:
    """The folder with Python for browsers, taken from npm once."""
    folder = cache / f"pyodide-{PYODIDE}"
    if not all((folder / name).is_file() for name in RUNTIME):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _run("npm", "pack", f"pyodide@{PYODIDE}", "--silent", into=folder)
        with tarfile.open(next(folder.glob("*.tgz"))) as packed:
            for name in RUNTIME:
                taken = packed.extractfile(f"package/{name}")
                assert taken is not None, name
                (folder / name).write_bytes(taken.read())
    return folder


def wheels(cache: Path) -> list[Path]:
    """The library, built from this checkout, and what it depends on; all of it pure Python."""
    folder = cache / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    quiet = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check")
    _run(*quiet, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT), into=ROOT)
    pure = ("--only-binary", ":all:", "--platform", "any", "--python-version", "3.14", "--implementation", "py")
    own = next(folder.glob("llm_tradeoffs-*.whl"))
    _run(*quiet, "download", *pure, "--dest", str(folder), "attrs", "cattrs", "tomli", "typing_extensions", into=ROOT)
    return [own, *sorted(set(folder.glob("*.whl")) - {own})]


def try_it_page(extra: Path, cache: Path) -> None:
    """Lays the page into *extra*/try-it; *cache* keeps what was fetched."""
    folder = extra / "try-it"
    shutil.copytree(HERE / "try_it", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyodide").mkdir()
    source = runtime(cache)
    for name in RUNTIME:
        shutil.copy(source / name, folder / "pyodide" / name)
    names: list[str] = []
    for wheel in wheels(cache):
        shutil.copy(wheel, folder / wheel.name)
        names.append(wheel.name)
    (folder / "wheels.json").write_text(json.dumps(names), encoding="utf-8")
