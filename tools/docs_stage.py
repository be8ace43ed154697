"""Puts together what the documentation's site is built from, in .cache/site/source.

These are the pages of docs/, the notebooks of examples/ with their outputs, the reference that
follows from the package, the exports that stand in the pages, and the files of the repository that
the pages link to. A file that is the same as before keeps its date, so that Sphinx leaves it alone.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from docs_live import live_pages
from docs_reference import reference_pages
from executed_notebooks import EXAMPLES, executed, last_executed, side_by_side

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = ROOT / ".cache" / "site" / "source"

BESIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md")
"""Files at the top that are pages of the site too."""


def addresses() -> dict[str, str]:
    """The project's addresses, which stand in pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text("utf-8").partition("[project.urls]")[2]
    lines = text.partition("\n[")[0].strip().splitlines()
    return dict(re.findall(r'^"?([\w ]+?)"? = "(.+)"$', "\n".join(lines), re.MULTILINE))


def stage(run: bool = True) -> Path:
    """Write the folder that Sphinx reads, and take out of it what is no longer made.

    Without ``run`` a notebook that has not been run as it is now stands there without outputs.
    """
    made = {SOURCE / name: data for name, data in _files(run)}
    for path, data in made.items():
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    for path in [*SOURCE.rglob("*")]:
        if path.is_file() and path not in made and "__pycache__" not in path.parts:
            path.unlink()
    return SOURCE


def _files(run: bool) -> Iterator[tuple[str, bytes]]:
    for path in sorted(DOCS.rglob("*")):
        name = path.relative_to(DOCS).as_posix()
        if not path.is_file() or "__pycache__" in name:
            continue
        data = path.read_bytes()
        yield name, _text(data.decode(), "docs").encode() if path.suffix == ".md" else data
    for name in BESIDE:
        if (ROOT / name).is_file():
            yield name, _text((ROOT / name).read_text("utf-8"), "").encode()
    for name, text in reference_pages():
        yield f"reference/{name}.md", text.encode()
    notebooks = sorted(EXAMPLES.glob("*.ipynb"))
    if run:
        side_by_side(notebooks)
    for path in notebooks:
        notebook = executed(path) if run else last_executed(path)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = _text(cell.source, "examples", "../")
        yield f"tutorials/{path.name}", nbformat.writes(notebook).encode()
    for name, page in live_pages():
        yield f"extra/live/{name}.html", page.encode()
    facts = {
        "version": json.loads((ROOT / "package.json").read_text("utf-8"))["version"],
        "repository": addresses()["Repository"],
        "documentation": addresses()["Documentation"],
    }
    yield "facts.json", json.dumps(facts).encode()
    yield "extra/llms.txt", (ROOT / "llms.txt").read_bytes()
    yield "extra/.nojekyll", b""


def _text(text: str, folder: str, up: str = "") -> str:
    """A page whose links lead to where things are in the site; what is not in it is in the
    repository."""
    blob = f"{addresses()['Repository']}/blob/main"

    def moved(found: re.Match[str]) -> str:
        address, hash_, anchor = found[1].partition("#")
        if not address or re.match(r"\w+:", address):
            return found[0]
        path = (ROOT / folder / address).resolve()
        if not path.exists():
            return found[0]  # Sphinx will say so, or it is made here
        if path.parent == EXAMPLES and path.suffix == ".ipynb":
            place = f"{up}tutorials/{path.name}"
        elif path.is_relative_to(DOCS):
            place = f"{up}{path.relative_to(DOCS).as_posix()}"
        elif path.parent == ROOT and path.name in BESIDE:
            place = f"{up}{path.name}"
        else:
            place = f"{blob}/{path.relative_to(ROOT).as_posix()}"
        return f"]({place}{hash_}{anchor})"

    return re.sub(r"\]\(([^()\s]+)\)", moved, text)


def clear() -> None:
    shutil.rmtree(SOURCE.parent, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(f"{stage()}")
