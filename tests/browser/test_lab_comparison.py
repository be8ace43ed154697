"""Both sides of a comparison beside each other in a real JupyterLab: they follow each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.lab import Lab, Notebook

pytestmark = pytest.mark.lab

SHOW = """\
from attention_widget import capture, compare, side_by_side

texts = ("Attention is a novel idea", "Attention is a very old novel idea")
one, other = (capture({folder!r}, text, progress=False) for text in texts)
box = side_by_side(compare(one, other, names=("novel", "old")), views="matrix", layer=1)
box"""


def test_two_widgets_follow_each_other(
    tmp_path: Path, chromium: Browser, bundle: None, minilm_path: Path
) -> None:
    lab = Lab(tmp_path)
    lab.write("both.ipynb", SHOW.format(folder=str(minilm_path)))
    context = chromium.new_context(viewport={"width": 1500, "height": 1200})
    notebook = Notebook(lab, "both.ipynb", context)
    notebook.run_cell(0)
    widgets = notebook.page.locator(".attention-widget")
    expect(widgets).to_have_count(2, timeout=60_000)
    expect(widgets.nth(0).locator(".aw-model")).to_contain_text("7 tokens")
    expect(widgets.nth(1).locator(".aw-model")).to_contain_text("9 tokens")
    layer = [widgets.nth(side).get_by_label("Layer", exact=True) for side in (0, 1)]
    layer[0].select_option("3")
    expect(layer[1]).to_have_value("3")
    layer[1].select_option("4")
    expect(layer[0]).to_have_value("4")
    boxes = [widgets.nth(side).bounding_box() for side in (0, 1)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1  # beside, not below
    notebook.command("kernelmenu:shutdown")
    context.close()
    lab.stop()
