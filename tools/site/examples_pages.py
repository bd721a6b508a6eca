"""The examples as pages: scripts with their code, notebooks with what they say."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "examples"


def _text(lines: str | list[str]) -> str:
    return lines if isinstance(lines, str) else "".join(lines)


def _fenced(text: str, language: str) -> list[str]:
    fence = "```" if "```" not in text else "````"
    return [f"{fence}{language}", text.rstrip("\n"), fence, ""]


def _outputs(cell: dict[str, Any], folder: Path, name: str) -> Iterator[str]:
    for number, output in enumerate(cell.get("outputs", [])):
        data = output.get("data", {})
        if "text/html" in data:  # raw HTML of a page ends at an empty line
            html = "\n".join(line for line in _text(data["text/html"]).splitlines() if line.strip())
            yield from ("<div>", html, "</div>", "")
        elif "image/svg+xml" in data:
            picture = f"{name}-{cell['id']}-{number}.svg"
            (folder / picture).write_text(_text(data["image/svg+xml"]), encoding="utf-8")
            yield from (f"![A chart; the lines above draw it]({picture})", "")
        else:
            yield from _fenced(_text(output.get("text") or data.get("text/plain", "")), "text")


def notebook_page(path: Path, folder: Path) -> str:
    """A notebook as Markdown, with the outputs that are kept in it; returns its title."""
    book = json.loads(path.read_text(encoding="utf-8"))
    lines: list[str] = []
    for cell in book["cells"]:
        source = _text(cell["source"])
        if cell["cell_type"] == "markdown":
            lines += [source, ""]
        else:
            lines += [*_fenced(source, "python"), *_outputs(cell, folder, path.stem)]
    lines += [f"This page is the notebook `examples/{path.name}`.", ""]
    (folder / f"{path.stem}.md").write_text("\n".join(lines), encoding="utf-8")
    return lines[0].splitlines()[0].removeprefix("# ")


def page_of(name: str) -> str:
    """The page of a file of examples/, without its ending."""
    stem, _, kind = name.partition(".")
    return stem if kind == "ipynb" else f"{stem}_{kind}"


def file_page(path: Path, folder: Path) -> str:
    """Another file as Markdown; returns its title, the comment that it begins with."""
    text = path.read_text(encoding="utf-8")
    about = text.splitlines()[0].lstrip("# ")
    lines = [f"# {path.name}", "", about, "", *_fenced(text, path.suffix.removeprefix("."))]
    (folder / f"{page_of(path.name)}.md").write_text("\n".join(lines), encoding="utf-8")
    return about


def script_page(path: Path, folder: Path) -> str:
    """A script as Markdown, with the file beside it that it reads; returns its title."""
    text = path.read_text(encoding="utf-8")
    about = ast.get_docstring(ast.parse(text)) or path.stem
    lines = [f"# {path.name}", "", about, "", *_fenced(text, "python")]
    beside = path.with_suffix(".toml")
    if beside.is_file():
        lines += [f"It reads `{beside.name}`:", "", *_fenced(beside.read_text(encoding="utf-8"), "toml")]
    (folder / f"{page_of(path.name)}.md").write_text("\n".join(lines), encoding="utf-8")
    return about.split("\n\n", maxsplit=1)[0].replace("\n", " ")


def examples_pages(pages: Path) -> None:
    """A page an example, and a list of them."""
    folder = pages / "examples"
    folder.mkdir()
    lines = ["# Examples", "", "Every one of them is run by the tests.", "", "## Notebooks", ""]
    names: list[str] = []
    for path in sorted(EXAMPLES.glob("*.ipynb")):
        lines.append(f"- [{notebook_page(path, folder)}]({path.stem}.md)")
        names.append(path.stem)
    lines += ["", "## Scripts", ""]
    for path in sorted(EXAMPLES.glob("*.py")):
        lines.append(f"- [{path.name}]({page_of(path.name)}.md): {script_page(path, folder)}")
        names.append(page_of(path.name))
    for path in sorted(EXAMPLES.glob("*.yaml")):
        lines.append(f"- [{path.name}]({page_of(path.name)}.md): {file_page(path, folder)}")
        names.append(page_of(path.name))
    lines += ["", "```{toctree}", ":hidden:", "", *names, "```", ""]
    (folder / "index.md").write_text("\n".join(lines), encoding="utf-8")
