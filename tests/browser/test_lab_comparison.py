"""Both sides of a comparison beside each other in a real JupyterLab: they follow each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.lab import Lab, Notebook
from browser.picking import choose_layer, expect_layer

pytestmark = pytest.mark.lab

SHOW = """\
from attention_widget import capture, compare, side_by_side

texts = ("Attention is a novel idea", "Attention is a very old novel idea")
one, other = (capture({folder!r}, text, progress=False) for text in texts)
box = side_by_side(compare(one, other, names=("novel", "old")), views="matrix", layer=1)
box"""


def test_two_widgets_follow_each_other(
    lab: Lab, chromium: Browser, bundle: None, minilm_path: Path
) -> None:
    lab.write("both.ipynb", SHOW.format(folder=str(minilm_path)))
    context = chromium.new_context(viewport={"width": 1500, "height": 1200})
    notebook = Notebook(lab, "both.ipynb", context)
    notebook.run_cell(0)
    widgets = notebook.page.locator(".attention-widget")
    expect(widgets).to_have_count(2)
    expect(widgets.nth(0).locator(".aw-model")).to_contain_text("7 tokens")
    expect(widgets.nth(1).locator(".aw-model")).to_contain_text("9 tokens")
    choose_layer(widgets.nth(0), 3)
    expect_layer(widgets.nth(1), 3)
    choose_layer(widgets.nth(1), 4)
    expect_layer(widgets.nth(0), 4)
    boxes = [widgets.nth(side).bounding_box() for side in (0, 1)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1  # beside, not below
    notebook.command("kernelmenu:shutdown")
    context.close()
