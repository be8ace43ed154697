"""Every key that a notebook host binds, pressed in every element of the widget that takes the
focus; and what must be as before: the host's cells, and what it did.

For hosts that are built on JupyterLab 4, whose registry of commands the page hands out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from browser.lab import RUN_CODE
from playwright.sync_api import Page

TEXT: Final = "Attention is a novel idea"
SHOW: Final = f"""\
from attention_widget import AttentionWidget
from attention_widget.demo import demo_model

w = AttentionWidget(demo_model(), "{TEXT}", layer=0)
w"""
RESET: Final = f"""\
if w.text != "{TEXT}":
    w.run("{TEXT}")
w.views, w.locale, w.layer, w.heads = {{views}}, "en", 5, range(12)
w.edits, w.shown_pass = (), 'before'"""
COMMON: Final = (
    *("x", "d", "d", "a", "b", "m", "z", "Enter", "Delete", "0", "0", "i", "i", "Escape", "x"),
    *("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Shift+Enter", "Control+Enter"),
)
"""What people press in a notebook."""

EDITING: Final = {("KeyX",), ("KeyD", "KeyD"), ("KeyB",), ("KeyM",)}
"""Of what hosts bind, what would change the notebook at once: cut, delete, insert, to Markdown."""

PASSED: Final = {
    ("Control+KeyS",): "docmanager:save",
    ("Control+Shift+KeyC",): "apputils:activate-command-palette",
}
"""The keys that are left to the host, and what they do there."""

_CODES: Final = {
    **{f"{digit}": f"Digit{digit}" for digit in range(10)},
    **{"-": "Minus", "=": "Equal", "[": "BracketLeft", "]": "BracketRight", "\\": "Backslash"},
    **{";": "Semicolon", "'": "Quote", ",": "Comma", ".": "Period", "/": "Slash", "`": "Backquote"},
}
_MODIFIERS: Final = {"Ctrl": "Control", "Alt": "Alt", "Shift": "Shift", "Cmd": "Meta"}

WATCH: Final = """
() => {
  window.awCommands = [];
  jupyterapp.commands.commandExecuted.connect((_, { id }) => window.awCommands.push(id));
}
"""
SNAPSHOT: Final = """
() => {
  const { content, sessionContext } = jupyterapp.shell.currentWidget;
  const { cells } = content.model.sharedModel.toJSON();
  return {
    cells: cells.map(({ id, cell_type, source, metadata }) => [id, cell_type, source, metadata]),
    chosen: content.widgets.map((cell) => content.isSelectedOrActive(cell)),
    hidden: content.widgets.map(({ inputHidden, outputHidden }) => [inputHidden, outputHidden]),
    mode: content.mode,
    kernel: sessionContext.session.kernel.id,
    widgets: document.querySelectorAll(".jp-OutputArea .attention-widget").length,
    dialogs: [...document.querySelectorAll(".jp-Dialog")].map((each) => each.textContent),
  };
}
"""
# By tags and classes, for the words change with the language and places with the views.
STOPS: Final = """
() => {
  const root = document.querySelector(".attention-widget");
  const stops = "button, select, textarea, input, summary, a[href], [tabindex]";
  const part = (node) => node.localName + [...node.classList]
    .filter((name) => name.startsWith("aw-") && !/-(full|changed)$/.test(name))
    .map((name) => `.${name}`).join("");
  // What stands in a closed box of controls takes the focus once the box is open.
  const isSeen = (node) => {
    const box = node.closest("[popover]");
    if (!box || box.matches(":popover-open"))
      return node.checkVisibility({ visibilityProperty: true });
    for (let at = node; at !== box; at = at.parentNode)
      if (getComputedStyle(at).display === "none") return false;
    return box.parentNode.checkVisibility({ visibilityProperty: true });
  };
  window.awStops = () => {
    const seen = new Map();
    const found = new Map();
    for (const node of [root, ...root.querySelectorAll(stops)]) {
      if (node.disabled || !isSeen(node)) continue;
      let kind = "";
      for (let at = node; at !== root.parentNode; at = at.parentNode) kind = `${part(at)} ${kind}`;
      const n = seen.get(kind) ?? 0;
      seen.set(kind, n + 1);
      found.set(`${kind}#${n}`, node);
    }
    return found;
  };
  let last = {};
  window.awFocus = (name) => {
    if (last.name === name && last.node === document.activeElement) return true;
    const node = window.awStops().get(name);
    const box = node?.closest("[popover]:not(:popover-open)");
    box?.showPopover();
    node?.focus({ preventScroll: true });
    last = { name, node };
    return node !== undefined && document.activeElement === node;
  };
  return [...window.awStops().keys()];
}
"""
# Entering the full window takes its time, so it may come when it was left. Explanations that were
# hidden stay so, in the whole page.
FOCUS_AGAIN: Final = """
(stop) => {
  document.querySelector(".attention-widget dialog[open]")?.close();
  for (const full of document.querySelectorAll(".aw-full"))
    full.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  document.querySelector('.attention-widget [data-explain="show"]:not([hidden])')?.click();
  document.querySelector(".attention-widget .aw-put-back:not([hidden])")?.click(); // x leaves out
  return window.awFocus(stop);
}
"""
# Each key as the browser would send it to what has the focus; until the element is gone.
PRESS: Final = """
async ([stop, sequences, from]) => {
  for (let place = from; place < sequences.length; place += 1) {
    if (!window.awFocus(stop)) return place;
    for (const press of sequences[place]) {
      const parts = press.split("+");
      const code = parts.pop();
      const [ctrlKey, altKey, shiftKey, metaKey] =
        ["Control", "Alt", "Shift", "Meta"].map((name) => parts.includes(name));
      const letter = code.replace(/^(Key|Digit)/, "");
      const key = shiftKey ? letter : letter.toLowerCase();
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
        key: letter.length > 1 ? code : key, code, ctrlKey, altKey, shiftKey, metaKey,
        bubbles: true, cancelable: true, composed: true,
      }));
    }
  }
  await new Promise((done) => setTimeout(done, 50)); // the host waits for the browser's own input
  return sequences.length;
}
"""


def bound(page: Page) -> list[tuple[str, ...]]:
    """All that the host binds to keys, by Playwright's names."""
    listed: list[list[str]] = page.evaluate(
        "() => jupyterapp.commands.keyBindings.map(({ keys }) => [...keys])"
    )
    return list(dict.fromkeys(tuple(map(_press, keys)) for keys in listed))


def _press(stroke: str) -> str:
    """Lumino's "Ctrl Shift A" as Playwright's "Control+Shift+KeyA"."""
    *held, key = stroke.split(" ")
    if re.fullmatch("[A-Z]", key):
        key = f"Key{key}"
    return "+".join([*(_MODIFIERS[each] for each in held), _CODES.get(key, key)])


def first_of_kinds(stops: Sequence[str]) -> list[str]:
    """Of elements that differ by their view or their place alone, the first."""
    first = {re.sub(r"\.aw-view-\w+|#\d+", "", stop): stop for stop in reversed(stops)}
    return list(first.values())


def first_of_tags(stops: Sequence[str]) -> list[str]:
    """Of elements that a host cannot tell apart, for it knows nothing of our classes, the first:
    of each tag, in a box that opens and outside of one."""
    tags = {}
    for stop in reversed(stops):
        own = stop.split("#")[0].split()[-1]
        tags[own.split(".")[0], ".aw-popover " in stop] = stop
    return [*dict.fromkeys([stops[0], *tags.values()])]  # the widget itself among them


class Keys:
    """The widget of a notebook, and the keys that are pressed in it; ``first`` says in which of its
    elements all keys are."""

    def __init__(self, page: Page, first: Callable[[Sequence[str]], list[str]]) -> None:
        self.page = page
        self._first = first
        page.locator(".attention-widget .aw-view").first.wait_for()
        page.evaluate(WATCH)

    def show(self, *views: str) -> list[str]:
        """Show these views as at first: their elements that take the focus."""
        self._views = views
        self._reset()
        self.page.wait_for_function(
            "(n) => document.querySelectorAll('.attention-widget .aw-view').length === n"
            " && !document.querySelector('.attention-widget [data-pending]')",
            arg=len(views),
        )
        stops: list[str] = self.page.evaluate(STOPS)
        return stops

    def focus(self, stop: str) -> None:
        if not self.page.evaluate("(stop) => window.awFocus(stop)", stop):
            is_there = self.page.locator(".attention-widget").count() == 1
            assert is_there, f"keys in {stop} took the widget away: {self.commands()}"
            self._reset()
            self.page.wait_for_function(FOCUS_AGAIN, arg=stop)

    def press_bound(self, stops: Sequence[str]) -> int:
        """Send every key that the host binds to the first elements, and those that edit a notebook
        to every other, which a host might know by itself: how many keys the first ones get."""
        sequences = [keys for keys in bound(self.page) if keys not in PASSED]
        editing = [keys for keys in sequences if keys in EDITING]
        assert len(editing) == len(EDITING)
        first = {*self._first(stops)}
        for stop in stops:
            sent = sequences if stop in first else editing
            with self.nothing_happens(stop):
                place = 0
                while place < len(sent):
                    self.focus(stop)
                    place = self.page.evaluate(PRESS, [stop, sent, place])
        return len(sequences)

    def press_common(self, stops: Sequence[str]) -> int:
        """Press what people press, in the first elements: how many these are."""
        first = self._first(stops)
        for stop in first:
            with self.nothing_happens(stop):
                for key in COMMON:
                    self.focus(stop)
                    self.page.keyboard.press(key)
        return len(first)

    @contextmanager
    def nothing_happens(self, stop: str) -> Iterator[None]:
        """Whatever is pressed in the element, the host does nothing, and its cells stay."""
        self.focus(stop)
        before = self.snapshot()
        yield
        did = self.commands()
        assert did == [], f"keys in {stop} had the host do {did}"
        assert self.snapshot() == before, f"keys in {stop} changed the notebook"

    def snapshot(self) -> Any:
        return self.page.evaluate(SNAPSHOT)

    def commands(self) -> list[str]:
        """What the host has done since this was asked last."""
        did: list[str] = self.page.evaluate("() => window.awCommands.splice(0)")
        return did

    def _reset(self) -> None:
        self.page.evaluate(RUN_CODE, RESET.format(views=self._views))
