"""The example of a site: Sphinx builds it, and both of its widgets show without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from browser.picking import choose_layer, expect_layer
from browser.reading import pixels
from browser.server import jupyter_folders
from browser.settling import expect_settled
from host_environments import python_of
from playwright.sync_api import Browser, FrameLocator, expect
from support.repository import ROOT

from attention_widget.cli.command import main

pytestmark = pytest.mark.hosts

SITE = ROOT / "examples" / "site"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The site, made by the commands that it names."""
    site = tmp_path / "site"
    shutil.copytree(SITE, site, ignore=shutil.ignore_patterns("_build", "extra"))
    (site / "extra").mkdir()
    assert main(["Attention is a novel idea", "-o", str(site / "extra" / "novel.html")]) == 0
    assert 'attention-widget "Attention is a novel idea" -o extra/novel.html' in (
        site / "index.md"
    ).read_text(encoding="utf-8")
    environment = {**os.environ, **jupyter_folders(tmp_path / "jupyter"), "HF_HUB_OFFLINE": "1"}
    command = [str(python_of("sphinx")), "-m", "sphinx", "--fail-on-warning", "."]
    subprocess.run([*command, "_build"], cwd=site, env=environment, check=True, timeout=400)
    return site / "_build" / "index.html"


def answers(within: FrameLocator) -> None:
    """Its views are drawn, and it follows a click."""
    root = within.get_by_role("group", name="Attention widget")
    expect_settled(root)
    choose_layer(root, 3)
    expect_layer(root, 3)
    expect_settled(root)
    lines = root.locator(".aw-view-lines canvas")
    assert any(pixels(canvas)[..., 3].any() for canvas in lines.all())


def test_the_site_shows_a_run_cell_and_an_exported_file(chromium: Browser, built: Path) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(built.as_uri())
    for place in ("iframe[srcdoc]", 'iframe[src="novel.html"]'):
        frame = page.locator(place)
        expect(frame).to_have_count(1)
        frame.scroll_into_view_if_needed()
        answers(frame.content_frame)
    context.close()
    here = built.parent.as_uri()
    assert [url for url in asked if not url.startswith((here, "about:", "data:"))] == []
    assert f"{here}/novel.html" in asked
