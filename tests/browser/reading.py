"""Read a widget's page as a person does: rows, numbers beside the mouse, pixels."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from browser.picking import head_chip

Pixels = NDArray[np.uint8]  # (y, x, rgba), in CSS pixels

NO_HEAD = "No head is selected. Choose one above the views, or click one in the grid."

STOPS = 'button, select, input, textarea, summary, [tabindex="0"]'
"""What takes the focus."""


def view(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


@contextmanager
def panel_options(panel: Locator) -> Iterator[Locator]:
    """The box of a panel's options, open; closed again at the end, for it lies over the page."""
    panel.locator(".aw-options").click()
    box = panel.locator("> .aw-popover")
    expect(box).to_be_visible()
    yield box
    box.evaluate("(node) => node.hidePopover()")


def panel_action(panel: Locator, name: str) -> Locator:
    """A button at the end of a panel's header: svg, png, earlier, later, enter, close."""
    return panel.locator(".aw-actions").locator(f'[data-action="{name}"], [data-save="{name}"]')


def lines(page: Page) -> Locator:
    return view(page, "Attention lines")


def lines_canvas(page: Page) -> Locator:
    return lines(page).locator(".aw-lines-middle .aw-canvas")


def neurons(page: Page) -> Locator:
    return view(page, "Neurons")


def text(page: Page) -> Locator:
    """An image is shown there too, under another title."""
    return page.locator(".aw-view-text")


def measure_list(view: Locator) -> Locator:
    """What colours the text."""
    return view.get_by_role("combobox", name="Colour", exact=True)


def row_height(page: Page) -> float:
    """From a row of the lines view to the next."""
    found: str = (
        lines(page)
        .locator(".aw-lines")
        .evaluate('(node) => node.style.getPropertyValue("--aw-pitch")')
    )
    return float(found.removesuffix("px"))


def query_row(page: Page, token: int) -> Locator:
    return lines(page).locator(f'.aw-queries [data-token="{token}"]')


def key_row(page: Page, token: int) -> Locator:
    return lines(page).locator(f'.aw-keys [data-token="{token}"]')


def neuron_row(page: Page, token: int) -> Locator:
    return neurons(page).locator(f'.aw-neuron-numbers [data-token="{token}"]')


def neuron_label(page: Page, token: int) -> Locator:
    return neurons(page).locator(f'.aw-neuron-labels [data-token="{token}"]')


def unit(page: Page, index: int) -> Locator:
    return text(page).locator(f'[data-unit="{index}"]')


def tooltip(within: Locator) -> Locator:
    return within.get_by_role("tooltip")


def leave(page: Page) -> None:
    """Take the mouse off everything."""
    page.mouse.move(0, 0)


def texts(rows: Locator, part: str) -> dict[int, str]:
    """The text of a part of each row in sight, by token."""
    found: dict[str, str] = rows.evaluate_all(
        """(rows, part) => Object.fromEntries(
             rows.map((row) => [row.dataset.token, row.querySelector(part).textContent]))""",
        part,
    )
    return {int(token): shown for token, shown in found.items()}


def key_weights(page: Page) -> dict[int, str]:
    """Weights beside the keys of the lines view."""
    return texts(lines(page).locator(".aw-keys [data-token]"), ".aw-weight")


def query_weights(page: Page) -> dict[int, str]:
    return texts(lines(page).locator(".aw-queries [data-token]"), ".aw-weight")


def softmax(page: Page) -> dict[int, str]:
    return texts(neurons(page).locator(".aw-neuron-numbers [data-token]"), ".aw-softmax b")


def scores(page: Page) -> dict[int, str]:
    return texts(neurons(page).locator(".aw-neuron-numbers [data-token]"), ".aw-score")


def labels(page: Page) -> list[str]:
    """Labels of the keys in sight of the lines view, in order."""
    found = texts(lines(page).locator(".aw-keys [data-token]"), ".aw-label")
    return [found[token] for token in sorted(found)]


def number(shown: str) -> float:
    """A number as the widget writes it, with a real minus sign; "<0.001" as what it is below."""
    return float(shown.removeprefix("<").replace("−", "-").replace("∞", "inf"))


def is_within(shown: str, exact: float, error: float) -> bool:
    """Whether a printed number is the exact one, to half of its last digit and the error."""
    last_digit = 10.0 ** -len(shown.partition(".")[2])
    if shown.startswith("<"):
        return 0 <= exact <= number(shown) + error
    return abs(number(shown) - exact) <= 0.501 * last_digit + error


def agrees(shown: str, exact: float) -> bool:
    """Whether a shown number is the exact one, to its last digit, or stands for what is less."""
    if shown.startswith("<"):
        return 0 < exact < number(shown[1:])
    digits = shown.split("e")[0].partition(".")[2]
    exponent = int(shown.replace("−", "-").partition("e")[2] or 0)
    last_digit = 10.0 ** (exponent - len(digits))
    return math.isclose(number(shown), exact, rel_tol=1e-6, abs_tol=0.501 * last_digit)


HOVER_EVERY_UNIT = """
(view) => {
  const text = view.querySelector(".aw-text");
  const scores = [...view.querySelectorAll("[data-unit]")].map((unit) => {
    const { left, top } = unit.getBoundingClientRect();
    const where = { bubbles: true, clientX: left + 1, clientY: top + 1 };
    unit.dispatchEvent(new PointerEvent("pointermove", where));
    const [, , score] = view.querySelector("[role=tooltip]").children;
    if (!score || score.textContent.startsWith("in the vocabulary")) return null;
    return score.textContent.split(": ")[1];
  });
  text.dispatchEvent(new PointerEvent("pointerleave"));
  return scores;
}
"""


def hovered_scores(page: Page) -> NDArray[np.float64]:
    """The score that the text view shows for each unit under the mouse; NaN where it shows
    none. (unit,)"""
    shown = text(page).evaluate(HOVER_EVERY_UNIT)
    return np.array([math.nan if score is None else number(score) for score in shown])


def heats(page: Page) -> list[int | None]:
    """Colour step of each unit, 0 to 31, by the class that its background comes from."""
    found: list[int | None] = text(page).evaluate(
        """(view) => [...view.querySelectorAll("[data-unit]")].map((unit) => {
             const node = unit.querySelector(".aw-patch-colour") ?? unit;
             const heat = [...node.classList].filter((name) => name.startsWith("aw-heat-"));
             if (heat.length > 1) throw new Error(`${heat.length} colours`);
             return heat.length ? Number(heat[0].slice("aw-heat-".length)) : null;
           })"""
    )
    return found


def as_weight(weight: float) -> str:
    """A weight as every view writes it by default."""
    weight = float(weight)
    if weight in (0, 1):
        return f"{weight:.0f}"
    return "<0.001" if 0 < weight < 0.0005 else f"{weight:.3f}"


def legend(within: Locator) -> tuple[str, str]:
    """Ends of the one scale; empty while there is none."""
    low, high = (
        "".join(within.locator(f".aw-legend-{end}").all_text_contents()) for end in ("low", "high")
    )
    return low, high


def pixels(canvas: Locator) -> Pixels:
    """What is drawn on a canvas, without what lies behind it."""
    width, height, data = canvas.evaluate(
        """async (canvas) => {
             const { width, height } = canvas;
             const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
             const reader = new FileReader();
             await new Promise((resolve) => {
               reader.onload = resolve;
               reader.readAsDataURL(new Blob([data]));
             });
             return [width, height, reader.result.split(",")[1] ?? ""];
           }"""
    )
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)


def rgb(css: str) -> list[int]:
    """Channels of a CSS colour such as ``rgb(1 2 3)`` or ``rgb(1, 2, 3)``."""
    return [int(part) for part in css.strip(" rgb()").replace(",", " ").split()[:3]]


def head_colour(page: Page, head: int) -> list[int]:
    css: Any = head_chip(page, head).evaluate(
        "(chip) => getComputedStyle(chip).getPropertyValue('--aw-head')"
    )
    return rgb(css)


MOST_STEPS = 200

FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(node);
  const { width, height, left, right } = node.getBoundingClientRect();
  return {
    what: node.outerHTML.slice(0, 160),
    name: node.getAttribute("aria-label") || node.labels?.[0]?.textContent || node.title ||
      node.textContent,
    framed: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1,
    seen: width > 0 && height > 0 && right > 0 && left < innerWidth,
  };
}"""


def focused(page: Page) -> dict[str, Any]:
    """What has the focus: it is in sight, has a name, and shows a frame."""
    found: dict[str, Any] | None = page.evaluate(FOCUS)
    assert found is not None, "the focus left the widget"
    assert found["framed"], f"no frame around {found['what']}"
    assert found["seen"], f"the focus is out of sight: {found['what']}"
    assert found["name"].strip(), f"no name: {found['what']}"
    return found


def tab_to(page: Page, goal: Locator, key: str = "Tab") -> None:
    """Press Tab until the goal has the focus; every stop on the way shows that it has it."""
    for _ in range(MOST_STEPS):
        page.keyboard.press(key)
        focused(page)
        if goal.evaluate("(node) => node === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {goal}")
