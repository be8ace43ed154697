"""README does what it prints, offline, and shows on PyPI what it shows in the repository."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import docs_stage
import pytest
from PIL import Image
from support.repository import ROOT
from support.snippets import blocks, run

README = (ROOT / "README.md").read_text("utf-8")
OPENING = ROOT / "docs" / "images" / "opening.png"
ADDRESSES = docs_stage.addresses()
LINKS = re.findall(r"\]\(([^)]+)\)", README)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


@pytest.mark.slow
def test_every_line_of_python_runs_as_it_is_printed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here)
    made = run(README)
    assert (here / "novel.html").stat().st_size > 100_000
    widget, lab = made["widget"], made["lab"]
    assert widget.trace.attention(3).shape == (12, 7, 7)
    # What its comments say.
    assert lab.predictions(top_k=3).tokens[-1] == (" Paris", " the", " London")
    assert lab.probability(" Paris") == pytest.approx(0.773, abs=0.0005)
    assert made["outcome"].probability(" Paris") == pytest.approx(0.141, abs=0.0005)
    assert lab.trace.n_layers * lab.trace.n_heads == 270


@pytest.mark.slow
def test_the_command_line_runs_as_it_is_printed(here: Path) -> None:
    (command,) = blocks(README, "bash")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    folder = here / "command"
    folder.mkdir()
    environment = {**os.environ, "PATH": path}
    subprocess.run(command, shell=True, cwd=folder, env=environment, check=True)
    assert (folder / "novel.html").read_text("utf-8").startswith("<!doctype html>")


def test_the_index_of_cpu_builds_comes_first() -> None:
    lines = [line.strip() for line in README.splitlines() if line.startswith("    pip install")]
    assert lines[:2] == [
        "pip install torch --index-url https://download.pytorch.org/whl/cpu",
        'pip install "attention-widget[demo]"',
    ]
    assert "more than 3 GB" in README
    assert len(README.splitlines()) <= 200


def test_links_are_whole_and_lead_to_what_is_here() -> None:
    site, repository = ADDRESSES["Documentation"], ADDRESSES["Repository"]
    place = repository.partition("github.com/")[2]
    raw = f"https://raw.githubusercontent.com/{place}/main/"
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert len(LINKS) > 20
    for link in LINKS:
        assert link.startswith("https://"), f"{link} is dead on PyPI"
        if link.startswith(site):
            name = link.removeprefix(site).partition("#")[0]
            assert not name or name.removesuffix(".html") in pages, link
        elif link.startswith((f"{repository}/blob/main/", raw)):
            path = re.sub(rf"{re.escape(repository)}/blob/main/|{re.escape(raw)}", "", link)
            assert (ROOT / path).is_file(), link
        else:
            assert place in link, link
            assert "examples" in link, link


def test_it_renders_as_on_pypi() -> None:
    from readme_renderer import markdown

    said = io.StringIO()
    page: Any = markdown.render(README, stream=said)
    assert page, said.getvalue()
    assert page.count("<h2") == README.count("\n## ")
    assert page.count("<img") == README.count("![")
    assert len(re.findall(r'<a [^>]*href="https://', page)) >= len(LINKS) - README.count("![")


def test_the_picture_moves_and_is_small() -> None:
    assert OPENING.stat().st_size <= 2 * 2**20
    with Image.open(OPENING) as picture:
        assert getattr(picture, "n_frames", 1) >= 5
        assert picture.width >= 800
