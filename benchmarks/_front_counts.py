"""What a newcomer meets on a page, counted from outside: of the page's nodes alone."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

MOST_TABS = 400

# What can be pressed, chosen from or written in. Texts and pictures are none, though they react.
CONTROLS = ", ".join(
    [
        "button",
        "input",
        "select",
        "textarea",
        "summary",
        "a[href]",
        *(
            f"[role={role}]"
            for role in (
                "button",
                "checkbox",
                "link",
                "menuitem",
                "option",
                "radio",
                "separator[tabindex]",
                "slider",
                "spinbutton",
                "switch",
                "tab",
                "textbox",
            )
        ),
    ]
).replace("[role=separator[tabindex]]", "[role=separator][tabindex]")

COUNT = """
(controls) => {
  const root = document.querySelector(".attention-widget");
  const all = (selector, from = root) => [...from.querySelectorAll(selector)];
  const isShown = (node) => {
    if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const { width, height, left, right } = node.getBoundingClientRect();
    return width > 1 && height > 1 && right > 0 && left < innerWidth;
  };
  // Its middle lies within all that scrolls or cuts off around it, up to the view.
  const isInSight = (node) => {
    if (!isShown(node)) return false;
    const box = node.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    for (let up = node.parentElement; up && up !== root; up = up.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(up);
      const { left, right, top, bottom } = up.getBoundingClientRect();
      if (overflowX !== "visible" && (x < left || x > right)) return false;
      if (overflowY !== "visible" && (y < top || y > bottom)) return false;
    }
    return true;
  };
  const top = root.getBoundingClientRect().top;
  const pictures = all(".aw-view").flatMap((view) => [
    ...all("[data-token], [data-unit]", view),
    ...all("canvas, svg, img", view).filter((node) => {
      const { width, height } = node.getBoundingClientRect();
      return width >= 60 && height >= 60; // others are icons and scales
    }),
  ]).filter(isInSight);
  const inSight = (nodes) => (nodes.length ? nodes.filter(isInSight).length : null);
  const rows = all(".aw-view-lines .aw-queries [data-token], .aw-view-lines [data-query]");
  const units = all(".aw-view-text [data-unit]").filter((node) =>
    node.checkVisibility() && node.getBoundingClientRect().width > 0);
  return {
    controls: all(controls).filter(isShown).length,
    picture: pictures.length
      ? Math.round(Math.min(...pictures.map((node) => node.getBoundingClientRect().top)) - top)
      : null,
    rows: inSight(rows),
    units: inSight(units),
    all_units: units.length,
    views: all(".aw-view").map((view) => view.className.match(/aw-view-(\\w+)/)?.[1] ?? ""),
    height: Math.round(root.getBoundingClientRect().height),
  };
}
"""

# Where the focus is: on a token (or on the list that its arrows walk), elsewhere, or nowhere.
FOCUS = """
() => {
  const root = document.querySelector(".attention-widget");
  const node = document.activeElement;
  if (!node || !root.contains(node)) return "outside";
  const view = node.closest(".aw-view");
  const tokens = "[data-token], [data-unit]";
  return view && (node.matches(tokens) || node.querySelector(tokens)) ? "token" : "control";
}
"""


@dataclass(frozen=True)
class Counts:
    """Of one page at one width."""

    controls: int
    """Visible ones, in the whole widget."""
    tabs_to_token: int | None
    """Presses of Tab until the focus is on a token, that press included."""
    tabs: int
    """Places in the tab order of the whole widget."""
    picture: int | None
    """Pixels from the top of the widget to its first picture or token."""
    rows: int | None
    """Tokens whose row is in sight in the lines view; None where that is not shown."""
    units: int | None
    """Tokens in sight in the text view."""
    all_units: int
    """Tokens in the text view."""
    views: tuple[str, ...]
    height: int


def count(page: Page) -> Counts:
    """Counts the page as it stands, then walks through it with Tab."""
    found = page.evaluate(COUNT, CONTROLS)
    to_token, tabs = walk(page)
    return Counts(tabs_to_token=to_token, tabs=tabs, **{**found, "views": tuple(found["views"])})


def walk(page: Page) -> tuple[int | None, int]:
    """Presses Tab from the top of the page until the focus leaves the widget."""
    to_token, tabs = None, 0
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        where = page.evaluate(FOCUS)
        if where == "outside":
            if tabs:
                break
            continue
        tabs += 1
        if where == "token" and to_token is None:
            to_token = tabs
    return to_token, tabs
