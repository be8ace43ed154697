"""Keys pressed in the widget edit no notebook, in a real JupyterLab 4 and a real Notebook 7."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from attention_widget.protocol.option_values import VIEWS
from hosts.notebook_keys import COMMON, PASSED, SHOW, TEXT, Keys, first_of_kinds, first_of_tags
from hosts.opened import opened

pytestmark = pytest.mark.hosts

CELLS = (SHOW, "1 + 1", "# the end")
DEFAULT = ("lines", "neuron", "text")
# Copying, reloading, searching, zooming, walking: by anyone prevented, in any element?
PREVENTED = """
() => {
  const stops = [...window.awStops().values()];
  const control = ["KeyC", "KeyR", "KeyF", "KeyP", "Equal", "Minus", "Digit0", "KeyT", "KeyW"];
  const all = [...control.map((code) => ({ code, ctrlKey: true })), { code: "F5" }, { code: "F11" },
    { code: "F12" }, { code: "Tab" }, { code: "Tab", shiftKey: true }];
  const prevented = [];
  for (const stop of stops) {
    stop.focus();
    for (const { code, ...held } of all) {
      const letter = code.replace(/^Key|^Digit/, "").toLowerCase();
      const key = { equal: "+", minus: "-" }[letter] ?? (letter.length > 1 ? code : letter);
      const event = new KeyboardEvent("keydown",
        { key, code, ...held, bubbles: true, cancelable: true, composed: true });
      if (!stop.dispatchEvent(event)) prevented.push(`${code} in ${stop.outerHTML.slice(0, 120)}`);
    }
  }
  return prevented;
}
"""


TRIED = {"jupyterlab": (first_of_kinds, 50), "notebook7": (first_of_tags, 7)}
"""In which elements of the widget all keys are pressed, and how many these are at least. Both hosts
look keys up in the same way, and differ in what they bind."""


@pytest.fixture(scope="module", params=TRIED)
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def page(host: str, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A notebook of three cells, of which the first shows the widget."""
    with opened(host, chromium, tmp_path_factory.mktemp(host), CELLS) as notebook:
        yield notebook.page


@pytest.fixture(scope="module")
def keys(page: Page, host: str) -> Keys:
    return Keys(page, TRIED[host][0])


def test_no_key_that_the_host_binds_edits_the_notebook(keys: Keys, host: str) -> None:
    stops = keys.show(*VIEWS)
    n_bound, n_common = keys.press_bound(stops), keys.press_common(stops)
    print(f"{len(stops)} elements, {n_bound} keys; all keys in {n_common} elements")
    assert n_bound > 80
    assert n_common >= TRIED[host][1]


def test_arrows_in_a_dropdown_change_its_value(keys: Keys, page: Page) -> None:
    stops = [stop for stop in keys.show(*VIEWS) if "select" in stop]
    assert len(stops) >= 8
    value = "() => document.activeElement.value"
    for stop in stops:
        with keys.nothing_happens(stop):
            before = page.evaluate(value)
            for key in ("ArrowDown", "ArrowUp", "ArrowUp"):
                page.keyboard.press(key)
                if page.evaluate(value) != before:
                    break
            else:
                raise AssertionError(f"the arrows change nothing in {stop}")
            keys.show(*VIEWS)


# What a person may click that is no control.
@pytest.mark.parametrize(
    "part",
    [
        ".aw-model",
        ".aw-title",
        ".aw-note",
        ".aw-legend",
        ".aw-view-lines .aw-canvas",
        ".aw-view-grid canvas",
        ".aw-view-neuron canvas",
        ".aw-view-text .aw-unit",
        ".aw-view-lines .aw-row",
        "button:disabled:visible",
    ],
)
def test_a_click_on_any_part_gives_the_widget_the_keys(keys: Keys, page: Page, part: str) -> None:
    keys.show(*VIEWS)
    box = page.locator(f".attention-widget {part}").first
    box.scroll_into_view_if_needed()
    box.click(position={"x": 4, "y": 4}, force=True)
    keys.commands()
    before = keys.snapshot()
    for key in COMMON:
        page.keyboard.press(key)
    assert keys.commands() == []
    assert keys.snapshot() == before


def test_what_goes_away_with_the_focus_leaves_no_key_to_the_notebook(
    keys: Keys, page: Page
) -> None:
    stops = keys.show(*VIEWS)
    keys.focus(stops[0])  # the host selects the cell of what has the focus
    keys.commands()
    widget = page.locator(".attention-widget")
    before = keys.snapshot()
    for _ in VIEWS[1:]:
        widget.locator('.aw-view [data-action="close"]').last.press("Enter")
        for key in ("x", "d", "d", "m"):
            page.keyboard.press(key)
    expect(widget.locator(".aw-view")).to_have_count(1)
    box = page.get_by_role("textbox", name="Text", exact=True)
    box.fill("a novel idea")
    widget.locator(".aw-run").press("Enter")  # it can't be pressed twice
    for key in ("x", "d", "d", "m"):
        page.keyboard.press(key)
    expect(widget.locator(".aw-run")).to_be_enabled()
    assert keys.commands() == []
    assert keys.snapshot() == before
    keys.show(*DEFAULT)


def test_the_notebook_is_saved_and_commanded_from_within_the_widget(keys: Keys, page: Page) -> None:
    stops = keys.show(*DEFAULT)
    places = [next(stop for stop in stops if kind in stop) for kind in ("aw-opener", "textarea")]
    for stop in places:
        for (key,), command in PASSED.items():
            keys.focus(stop)
            keys.commands()
            page.keyboard.press(key)
            page.wait_for_function("() => window.awCommands.length > 0")
            assert keys.commands() == [command]
            page.keyboard.press("Escape")  # the list of commands
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value(TEXT)


def test_a_new_line_and_the_browsers_own_keys_stay(keys: Keys, page: Page) -> None:
    keys.show(*VIEWS)
    box = page.get_by_role("textbox", name="Text", exact=True)
    box.press("End")
    box.press("Shift+Enter")
    box.type("Control")
    expect(box).to_have_value(f"{TEXT}\nControl")
    box.press("Control+z")
    expect(box).not_to_have_value(f"{TEXT}\nControl")
    box.press("Control+a")
    box.press("Delete")
    expect(box).to_have_value("")
    box.press("Escape")
    expect(box).to_have_value(TEXT)
    assert page.evaluate(PREVENTED) == []
