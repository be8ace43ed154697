"""The gallery's part on a corpus: what every head of the demo model does over the demo corpus."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, Literal

import checkout  # first: finds the others
from browser.page_host import PageHost
from gallery_front import in_few_colours
from PIL import Image
from playwright.sync_api import Browser

from attention_widget import scan
from attention_widget.demo import demo_corpus

IMAGES = checkout.ROOT / "docs" / "images" / "gallery"
TEXTS = 256
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WIDTH = 1100
SHOWN = (0, 2)
"""The layer and head whose card is seen: it attends to the previous token."""


def shoot_atlas(browser: Browser, model: Any, tokenizer: Any) -> None:
    """A picture of the view in each theme."""
    layer, head = SHOWN
    atlas = scan(model, list(islice(demo_corpus(), TEXTS)), tokenizer, progress=False)
    for theme in THEMES:
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme=theme)
        widget = atlas.show(
            model, tokenizer=tokenizer, layer=layer, heads=head, views="atlas", theme=theme
        )
        host = PageHost(page, widget)
        host.settle()
        page.locator(".aw-view-atlas [data-example]").first.wait_for()
        page.wait_for_timeout(500)  # transitions
        png = page.locator(".aw-view-atlas").screenshot()
        image = Image.open(io.BytesIO(png)).convert("RGB")
        in_few_colours(image).save(IMAGES / _file(theme), optimize=True)
        page.close()
        host.close()
        print(f"docs/images/gallery/{_file(theme)}")


def _file(theme: str) -> str:
    return f"atlas-{theme}.png"


def section() -> Iterator[str]:
    """Lines of docs/gallery.md."""
    layer, head = SHOWN
    yield from ("## Atlas of heads over a corpus", "")
    yield from (
        f"What every head does over {TEXTS} texts of `demo_corpus()`: a cell and a dot for each, "
        f"and the card of layer {layer}, head {head}, which attends to the previous token. Made by "
        f"[scan](scan.md).",
        "",
    )
    yield from (
        f"| {TEXTS} texts, {THEMES[0]} | {THEMES[1]} |",
        "|---|---|",
        "| "
        + " | ".join(f"![{TEXTS} texts, {each}](images/gallery/{_file(each)})" for each in THEMES)
        + " |",
        "",
    )
