"""Keys pressed in the widget edit no notebook in JupyterLab 3 and nbclassic; Ctrl+S saves it."""

from __future__ import annotations

from pathlib import Path

import pytest
from browser.settling import expect_settled
from playwright.sync_api import Browser, expect

from hosts.notebook_keys import COMMON, SHOW
from hosts.opened import opened
from hosts.serving import PATIENCE_MS

pytestmark = pytest.mark.hosts

CELLS = (SHOW, "1 + 1", "2 + 2")
# Of each host: its cells, whether all is saved, and how a person has it changed.
CELLS_OF = {
    "lab3": """
() => jupyterapp.shell.currentWidget.content.widgets.map(({ model }) =>
  [model.id, model.type, model.value.text, model.executionCount])""",
    "nbclassic": """
() => Jupyter.notebook.get_cells().map((cell) =>
  [cell.cell_id, cell.cell_type, cell.get_text(), cell.input_prompt_number])""",
}
IS_SAVED = {
    "lab3": "() => !jupyterapp.shell.currentWidget.context.model.dirty",
    "nbclassic": "() => !Jupyter.notebook.dirty",
}
CHANGE = {
    "lab3": "() => { jupyterapp.shell.currentWidget.context.model.dirty = true }",
    "nbclassic": "() => Jupyter.notebook.set_dirty(true)",
}
COMMANDS = {
    "lab3": ("Control+Shift+KeyC", ".lm-CommandPalette-input, .p-CommandPalette-input"),
    "nbclassic": ("Control+Shift+KeyP", ".cmd-palette input"),
}


@pytest.mark.parametrize("name", ["lab3", "nbclassic"])
def test_keys_in_the_widget_save_the_notebook_and_edit_nothing(
    name: str, chromium: Browser, tmp_path: Path
) -> None:
    with opened(name, chromium, tmp_path, CELLS) as notebook:
        page = notebook.page
        widget = page.locator(".attention-widget")
        widget.locator(".aw-view").first.wait_for(timeout=PATIENCE_MS)
        expect_settled(widget)
        page.wait_for_function(f"() => ({CELLS_OF[name]})().every((cell) => cell[3] > 0)")
        before = page.evaluate(CELLS_OF[name])
        for part in (".aw-opener", ".aw-title", "select", ".aw-input"):
            place = widget.locator(part).first
            if part != ".aw-title":
                place.focus()
            else:
                place.click()
            for key in COMMON:
                page.keyboard.press(key)
            assert page.evaluate(CELLS_OF[name]) == before, f"keys in {part}"
            expect(widget).to_have_count(1)
            page.evaluate(CHANGE[name])
            page.keyboard.press("Control+KeyS")
            page.wait_for_function(IS_SAVED[name])
            page.keyboard.press("x")  # which is still the widget's
            assert page.evaluate(CELLS_OF[name]) == before, f"keys in {part} after saving"
        keys, commands = COMMANDS[name]
        widget.locator(".aw-opener").first.focus()
        page.keyboard.press(keys)
        expect(page.locator(commands).first).to_be_visible()
