"""The gallery's part on colours: heads and palettes as eyes with a colour deficiency see them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final, get_args

import checkout  # first: finds the others
from browser.page_host import PageHost
from gallery_front import in_few_colours
from PIL import Image
from playwright.sync_api import Browser

from attention_widget import AttentionWidget
from attention_widget.protocol.option_values import ColourMap

IMAGES = checkout.ROOT / "docs" / "images" / "eyes"
EYES = {
    "none": "all cones",
    "protanopia": "protanopia (no red)",
    "deuteranopia": "deuteranopia (no green)",
    "tritanopia": "tritanopia (no blue)",
}
TEXT = "Purple is not found in the rainbow, and yet nobody doubts it."
PALETTES: Final[list[ColourMap]] = [name for name in get_args(ColourMap) if name != "auto"]
WIDTH = 720


def shoot_eyes(browser: Browser, model: Any, tokenizer: Any) -> None:
    """A picture a kind of eye: twelve heads side by side, then the text in each palette."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    common: dict[str, Any] = {"tokenizer": tokenizer, "layer": 2, "token": 3, "theme": "light"}
    heads = AttentionWidget(model, TEXT, views="lines", combine="columns", **common)
    texts = [
        AttentionWidget(
            model,
            TEXT,
            views="text",
            measure="previous_cosine" if palette == "diverging" else "norm",
            colour_map=palette,
            **common,
        )
        for palette in PALETTES
    ]
    shots = {eye: [_shot(browser, each, eye) for each in (heads, *texts)] for eye in EYES}
    for eye, parts in shots.items():
        whole = Image.new(
            "RGB", (max(part.width for part in parts), sum(part.height for part in parts)), "white"
        )
        top = 0
        for part in parts:
            whole.paste(part, (0, top))
            top += part.height
        in_few_colours(whole).save(IMAGES / f"{eye}.png", optimize=True)
        print(f"docs/images/eyes/{eye}.png")


def _shot(browser: Browser, widget: AttentionWidget, eye: str) -> Image.Image:
    page = browser.new_page(viewport={"width": WIDTH, "height": 700}, color_scheme="light")
    host = PageHost(page, widget)
    host.settle()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": eye})
    page.wait_for_timeout(500)  # transitions
    view, note = (page.locator(name).first.bounding_box() for name in (".aw-view", ".aw-note"))
    assert view is not None
    assert note is not None
    png = page.screenshot(clip={**view, "height": note["y"] - view["y"]})
    host.close()
    page.close()
    return Image.open(io.BytesIO(png)).convert("RGB")


def section() -> Iterator[str]:
    """Lines of docs/gallery.md."""
    yield from ("## Colours, as other eyes see them", "")
    yield from (
        f"Twelve heads, and the palettes {', '.join(PALETTES)}, as Chromium simulates colour "
        f"deficiencies. The colours of heads are chosen to differ in all four.",
        "",
    )
    for pair in (list(EYES)[:2], list(EYES)[2:]):
        yield from (
            f"| {' | '.join(EYES[eye] for eye in pair)} |",
            "|---|---|",
            f"| {' | '.join(f'![{EYES[eye]}](images/eyes/{eye}.png)' for eye in pair)} |",
            "",
        )
