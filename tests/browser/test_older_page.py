"""A page that was saved before pages could hold an atlas is read as it was."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

import pytest
from support.archives import manifest
from support.traces import trace

from attention_widget import AttentionWidget
from attention_widget.export.archive import FORMAT
from browser.export_pages import ERRORS, Opened
from browser.reading import as_weight, key_weights

pytestmark = pytest.mark.browser

BEFORE_ATLAS = 3
OPTIONS = ("atlas_summary", "atlas_sort", "atlas_label", "atlas_across", "atlas_up")


def as_before(html: str) -> str:
    """The page in the format that had no atlas, and no options of it."""
    written = json.loads(re.findall(r'id="aw-export">(.*?)<', html)[0])
    assert written["format"] == FORMAT
    older = json.dumps({**written, "format": BEFORE_ATLAS})
    html = html.replace(json.dumps(written), older)
    content = manifest(html)
    assert content.pop("atlas") is None
    for name in OPTIONS:
        del content["state"][name]
    assert "atlas" not in json.dumps(content)
    block = base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()
    start = html.index(">", html.index('id="aw-block-0"')) + 1
    return html[:start] + block + html[html.index("<", start) :]


@pytest.mark.parametrize("fragment", ["", "#atlas_sort=true&atlas_label=previous&token=2"])
def test_a_page_from_before_the_atlas_opens(tmp_path: Path, disk: Opened, fragment: str) -> None:
    made = trace()
    path = tmp_path / "older.html"
    widget = AttentionWidget.from_trace(made, views=("lines", "text"), layer=1, heads=1, token=2)
    path.write_text(as_before(widget.to_html(progress=False)), encoding="utf-8")
    page = disk(path, fragment)
    assert page.evaluate(ERRORS) == []
    weights = made.attention(1)[1, 2]
    assert key_weights(page) == {key: as_weight(weight) for key, weight in enumerate(weights)}
