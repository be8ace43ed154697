"""How the widget's elements look, by every property that the browser computes."""

from __future__ import annotations

import json
from typing import Any, Final

from playwright.sync_api import Locator

# Follow from the room that there is, and from what an element holds.
_MEASURED: Final = (
    *("width", "height", "inline-size", "block-size", "perspective-origin", "transform-origin"),
    *("inset", "inset-block", "inset-inline", "top", "right", "bottom", "left"),
    *("inset-block-start", "inset-block-end", "inset-inline-start", "inset-inline-end"),
    *("grid-template-columns", "grid-template-rows", "grid-template", "grid", "transform"),
    *(
        "min-block-size",
        "min-height",
        "max-block-size",
        "max-height",
        "max-width",
        "max-inline-size",
    ),
    *("margin-left", "margin-right", "margin-inline-start", "margin-inline-end"),
)
COMPUTED: Final = """
(root, measured) => {
  const part = (node) => node.localName + [...node.classList].map((name) => `.${name}`).join("");
  const found = {};
  for (const fading of root.getAnimations({ subtree: true })) fading.finish();
  for (const node of [root, ...root.querySelectorAll("*")]) {
    let kind = "";
    for (let at = node; at !== root.parentNode; at = at.parentNode) kind = `${part(at)} ${kind}`;
    if (kind in found) continue;
    const style = getComputedStyle(node);
    const values = {};
    for (const name of style) if (!measured.includes(name)) values[name] = style[name];
    found[kind] = values;
  }
  return JSON.stringify(found); // a million strings, which Playwright would bring one by one
}
"""


def computed(widget: Locator) -> dict[str, dict[str, str]]:
    """Of the first element of each kind (its tag and classes, and those around it)."""
    found: dict[str, dict[str, str]] = json.loads(widget.evaluate(COMPUTED, list(_MEASURED)))
    return found


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Each property and its two values, and in how many kinds of element, with one of them."""
    found: dict[str, list[str]] = {}
    for kind in one.keys() & other.keys():
        for name, value in one[kind].items():
            if other[kind].get(name) != value:
                found.setdefault(f"{name}: {value} | {other[kind].get(name)}", []).append(kind)
    return [f"{said} in {len(kinds)}, as {min(kinds)}" for said, kinds in sorted(found.items())]
