"""
Build the documentation site, which needs no server but a file server.

    make docs        into build/site

Sphinx reads a copy of docs/ in build/pages, beside which are laid the pages that are made from what the
library knows: the reference in full from the docstrings, every model of the catalog with its facts, sources
and conflicts, and the examples. A warning is an error, and so is a link that leads nowhere.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from importlib import import_module
from inspect import isclass, isroutine
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urldefrag

from catalog_pages import catalog_pages
from examples_pages import examples_pages, page_of
from gallery import gallery_page
from sphinx.cmd.build import main as sphinx_build
from try_it_page import try_it_page

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build"

# ---------------------------------------------------------------- the pages that people wrote


def copy_pages(pages: Path) -> None:
    """A copy of docs/, whose links to the rest of the checkout lead to its pages on the site."""
    shutil.copytree(ROOT / "docs", pages, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (pages / "catalog").mkdir()
    shutil.copy(ROOT / "catalog" / "README.md", pages / "catalog" / "format.md")
    shutil.copy(ROOT / "CHANGELOG.md", pages / "changelog.md")
    (pages / "_static").mkdir()
    shutil.copy(HERE / "site.css", pages / "_static" / "site.css")
    shutil.copytree(pages / "schema", pages / "_extra" / "schema")
    shutil.copy(HERE / "conf.py", pages / "conf.py")
    for page in pages.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        up = "../" * (len(page.relative_to(pages).parts) - 1)
        text = re.sub(r"\]\((?:\.\./)+catalog/README\.md", f"]({up}catalog/format.md", text)
        text = re.sub(
            r"\]\((?:\.\./)*examples/([\w.]+)\)", lambda found, up=up: f"]({up}examples/{page_of(found[1])}.md)", text
        )
        text = re.sub(r"\]\((?:\.\./)*examples/\)", f"]({up}examples/index.md)", text)
        text = re.sub(r"\]\((?:\.\./)+docs/", f"]({up}", text)
        page.write_text(text, encoding="utf-8")


def contents(pages: Path) -> None:
    """The sidebar: every page has its place in it, the many of one kind below a page that lists them."""
    starts = ["tutorial", "first-five-minutes", "try-it"]
    evidence = ["article-checked", "catalog/index", "gallery", "examples/index", "speed", "speed-router", "speed-bulk"]
    parts = {"how-to": "How to", "explanation": "Explanation", "reference": "Reference"}
    for part, title in parts.items():
        folder = pages / part
        index, names = folder / "index.md", sorted(page.stem for page in folder.glob("*.md") if page.stem != "index")
        if not index.is_file():
            items = [f"- [{heading(folder / f'{name}.md')}]({name}.md)" for name in names]
            index.write_text("\n".join([f"# {title}", "", *items, ""]), encoding="utf-8")
        add_tree(index, names)
    trees = {"Start": starts, "Read": [f"{part}/index" for part in parts], "The evidence": evidence}
    for caption, names in {**trees, "Project": ["glossary", "changelog"]}.items():
        add_tree(pages / "index.md", [name for name in names if (pages / f"{name}.md").is_file()], caption)


def heading(page: Path) -> str:
    """The title of a page."""
    return page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def add_tree(page: Path, names: list[str], caption: str = "") -> None:
    """Puts pages below another one in the sidebar."""
    said = f":caption: {caption}\n" if caption else ""
    with page.open("a", encoding="utf-8") as opened:
        opened.write(f"\n```{{toctree}}\n:hidden:\n{said}\n" + "\n".join(names) + "\n```\n")


# ---------------------------------------------------------------- the reference, from the docstrings


def _public(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", ()))


def _modules_of(page: str) -> list[ModuleType]:
    """The modules whose names a page of the reference lists: the one of its name, with its private parts."""
    found = [import_module(f"llm_tradeoffs.{page}")]
    folder = ROOT / "src" / "llm_tradeoffs" / page
    if folder.is_dir() and not _public(found[0]):
        found += [import_module(f"llm_tradeoffs.{page}.{part.stem}") for part in sorted(folder.glob("*.py"))]
    return found


def _says(module: ModuleType, name: str) -> bool:
    """Whether *module* itself sets the constant *name*, and says below it what it is."""
    assert module.__file__
    text = Path(module.__file__).read_text(encoding="utf-8")
    return bool(re.search(rf'^{name}\b[^"]*?=(?:[^"]|"(?!""))*?\n"""', text, re.MULTILINE))


def complete_reference(pages: Path) -> None:
    """What the docstrings say, below what people wrote."""
    for page in sorted((pages / "reference").glob("*.md")):
        folder = ROOT / "src" / "llm_tradeoffs" / page.stem
        if not (folder.is_dir() or folder.with_suffix(".py").is_file()) or page.stem in {"adapters", "cli"}:
            continue  # an adapter imports its framework; the command line says --help
        wanted = page.read_text(encoding="utf-8")
        lines = ["", "## In full", "", "```{eval-rst}"]
        for module in _modules_of(page.stem):
            for name in _public(module):
                if f"`{name}`" not in wanted:
                    continue
                thing = getattr(module, name)
                kind = "autoclass" if isclass(thing) else "autofunction" if isroutine(thing) else "autodata"
                if kind != "autodata" or _says(module, name):
                    lines += ["", f".. {kind}:: {module.__name__}.{name}"]
        page.write_text(wanted + "\n".join([*lines, "```", ""]), encoding="utf-8")


# ---------------------------------------------------------------- links


def broken_links(site: Path) -> list[str]:
    """Every link of the site that leads to no file of it, or to no place in the file."""
    places: dict[Path, set[str]] = {}
    texts = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    for page, text in texts.items():
        places[page] = set(re.findall(r'\bid="([^"]+)"', text))
    faults: list[str] = []
    for page, text in texts.items():
        for link in re.findall(r'<(?:a|img|link|script)\b[^>]*?\b(?:href|src)="([^"]+)"', text):
            address, anchor = urldefrag(link)
            if re.match(r"[a-z]+:|//", address):
                continue
            target = (page.parent / unquote(address.split("?")[0])).resolve() if address else page
            if not target.is_file():
                faults.append(f"{page.relative_to(site)}: {link} leads to no file")
            elif anchor and target in places and unquote(anchor) not in places[target]:
                faults.append(f"{page.relative_to(site)}: {link} leads to no place in that file")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=BUILD / "site", help="where the site is written")
    chosen = parser.parse_args()
    pages = BUILD / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.rmtree(chosen.out, ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    copy_pages(pages)
    complete_reference(pages)
    catalog_pages(pages)
    gallery_page(pages)
    examples_pages(pages)
    try_it_page(pages / "_extra", BUILD / "fetched")
    contents(pages)
    failed = sphinx_build(
        ["-b", "html", "-W", "--keep-going", "-q", "-d", str(BUILD / "doctrees"), str(pages), str(chosen.out)]
    )
    faults = broken_links(chosen.out) if not failed else []
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(failed or faults))


if __name__ == "__main__":
    sys.exit(main())
