"""The numbers of benchmarks/front.py are those that a person counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from _first_widgets import Case
from _front_counts import Counts, count
from front import measure
from playwright.sync_api import Browser, Page
from support import traces

from attention_widget import AttentionWidget

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><style>
  body { margin: 0 } button, select { display: block; height: 20px; width: 60px }
  .row { height: 20px } canvas { display: block }
</style>
<button>outside</button>
<div class="attention-widget" style="position: relative; margin-top: 30px; height: 400px">
  <button>1</button>
  <select><option>2</option></select>
  <div role="radiogroup">
    <button role="radio" tabindex="0">3</button><button role="radio" tabindex="-1">4</button>
  </div>
  <div role="slider" tabindex="-1" style="height: 20px">5</div>
  <div role="separator" style="height: 20px">a line</div>
  <div style="opacity: 0"><button tabindex="-1">faint</button></div>
  <button style="visibility: hidden">hidden</button>
  <button style="position: absolute; left: 3000px">far</button>
  <div popover><button>closed</button></div>
  <section class="aw-view aw-view-lines">
    <canvas width="70" height="10"></canvas>
    <div class="aw-queries" tabindex="0" style="height: 45px; overflow: auto">
      <div class="row" data-token="0">a</div><div class="row" data-token="1">b</div>
      <div class="row" data-token="2">c</div><div class="row" data-token="3">d</div>
    </div>
  </section>
  <section class="aw-view aw-view-text">
    <span data-unit="0">a</span> <span data-unit="1">b</span>
    <span data-unit="2" style="display: none">c</span>
  </section>
</div>"""


def test_a_page_counts_what_a_person_counts(page: Page) -> None:
    page.set_content(PAGE)
    assert count(page) == Counts(
        controls=5,
        tabs_to_token=5,  # 1, 2, 3, the far button, the rows
        tabs=5,
        picture=5 * 20 + 20 + 20 + 20 + 10,
        rows=2,  # the middle of the third is cut off
        units=2,
        all_units=2,
        views=("lines", "text"),
        height=400,
    )


def test_the_widget_is_counted_at_every_width(
    chromium: Browser, bundle: None, tmp_path: Path
) -> None:
    trace = traces.trace(heads=(3, 3), labels=[f"t{i}" for i in range(5)])
    case = Case("tiny", "Tiny", lambda: AttentionWidget.from_trace(trace))
    pictures = tmp_path / "pictures"
    found = measure(chromium, case, tmp_path, pictures, ("light",))
    assert found["tokens"] == 5
    assert list(found["counts"]) == ["640 light", "1000 light", "1400 light"]
    assert len(list(pictures.glob("tiny-*.png"))) == 3
    for counts in found["counts"].values():
        assert counts["rows"] == counts["all_units"] == counts["units"] == 5
        assert {"lines", "text"} <= set(counts["views"])
        assert 0 < counts["tabs_to_token"] < counts["tabs"]
        assert counts["controls"] > 3
        assert 0 < counts["picture"] < counts["height"]
