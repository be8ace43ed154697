"""A damaged export says so."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support.traces import trace

from attention_widget import AttentionWidget
from attention_widget.export.archive import FORMAT
from browser.export_pages import ERRORS, Opened

pytestmark = pytest.mark.browser


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "saved.html"
    AttentionWidget.from_trace(trace(), views=("lines", "text"), layer=0).export_html(path)
    return path, path.read_text(encoding="utf-8")


def message(page: Page) -> str:
    said = page.locator("#aw-message")
    expect(said).not_to_have_text("Opening …")
    return said.text_content() or ""


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_page_says_so(share: float, saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    start = html.index('id="aw-script"')
    path.write_text(html[: start + int(share * (len(html) - start - 20))], encoding="utf-8")
    page = disk(path, drawn=False)
    assert message(page).startswith("This page is incomplete")


def test_a_page_cut_before_its_script_says_so(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    path.write_text(html[: html.index("<script>") + 40], encoding="utf-8")
    assert "did not open" in message(disk(path, drawn=False))


def spoiled(html: str, block: str) -> str:
    """The page with some bytes of a block changed."""
    start = html.index(">", html.index(f'id="{block}"')) + 1
    stop = html.index("<", start)
    data = bytearray(base64.b64decode(html[start:stop]))
    for place in range(len(data) // 2, len(data) // 2 + 4):
        data[place] ^= 0x5A
    return html[:start] + base64.b64encode(data).decode() + html[stop:]


@pytest.mark.parametrize("block", ["aw-script", "aw-style", "aw-block-0"])
def test_a_damaged_page_says_so(block: str, saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    path.write_text(spoiled(html, block), encoding="utf-8")
    assert message(disk(path, drawn=False)).startswith("This page is damaged")


def test_damaged_numbers_are_not_shown(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    for number_ in range(1, html.count('id="aw-block-')):
        html = spoiled(html, f"aw-block-{number_}")
    path.write_text(html, encoding="utf-8")
    page = disk(path, drawn=False)
    page.wait_for_selector(".aw-error:visible")
    assert all(said.startswith("This page is damaged") for said in page.evaluate(ERRORS))


def test_no_numbers_at_all_are_damage(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    nothing = base64.b64encode(zlib.compress(b"not json")).decode()
    start = html.index(">", html.index('id="aw-block-0"')) + 1
    path.write_text(html[:start] + nothing + html[html.index("<", start) :], encoding="utf-8")
    assert message(disk(path, drawn=False)).startswith("This page is damaged")


def test_a_page_of_another_version_says_so(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    described = json.loads(re.findall(r'id="aw-export">(.*?)<', html)[0])
    other = json.dumps({**described, "format": FORMAT + 1})
    path.write_text(html.replace(json.dumps(described), other), encoding="utf-8")
    said = message(disk(path, drawn=False))
    assert f"version {FORMAT + 1}" in said
    assert f"reads version {FORMAT}" in said
