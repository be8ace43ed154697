"""The pictures of the documentation, taken of the real widget on the demo model.

    python tools/screenshots.py

Writes docs/images/*.png.
"""

from __future__ import annotations

import json
from typing import Any

import checkout  # first: finds the others
from browser.chromium import launch
from browser.page_host import PageHost
from playwright.sync_api import Browser, sync_playwright
from transformers import AutoModel, PreTrainedModel

from attention_widget import AttentionWidget
from attention_widget.demo import demo_model

IMAGES = checkout.ROOT / "docs" / "images"


def purple() -> str:
    """The paragraph of the quickstart."""
    notebook = json.loads((checkout.ROOT / "examples" / "quickstart.ipynb").read_text("utf-8"))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    (source,) = (source for source in sources if source.startswith("purple ="))
    names: dict[str, Any] = {}
    exec(source.split("paragraph =")[0], names)
    text: str = names["purple"]
    return text


def token_of(widget: AttentionWidget, word: str) -> int:
    return next(token.index for token in widget.trace.tokens if token.text == word)


def shoot(browser: Browser, widget: AttentionWidget, name: str, hover: str | None = None) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    PageHost(page, widget)
    if widget.theme == "dark":
        page.evaluate("document.body.classList.add('dark')")
    page.wait_for_function(
        "document.querySelector('canvas[data-lines]')?.dataset.lines > 0 && "
        "!document.querySelector('[data-pending]')"
    )
    if hover:
        page.locator(hover).first.hover()
    page.wait_for_timeout(600)  # transitions
    page.locator(".attention-widget").screenshot(path=IMAGES / f"{name}.png")
    page.close()
    print(f"docs/images/{name}.png")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    model: PreTrainedModel = AutoModel.from_pretrained(demo_model())
    with sync_playwright() as playwright:
        browser = launch(playwright)
        novel = AttentionWidget(
            model,
            "Attention is a novel idea",
            layer=0,
            heads=[1, 2, 4],
            views=("lines", "grid", "neuron", "matrix", "text"),
        )
        novel.token = token_of(novel, "novel")
        novel.pinned = novel.token
        novel.measure = "pinned_cosine"
        shoot(browser, novel, "novel")
        paragraph = AttentionWidget(
            model,
            purple(),
            layer=2,
            heads=5,
            measure="pinned_cosine",
            words=True,
            views=("lines", "neuron", "text"),
            theme="dark",
        )
        paragraph.pinned = paragraph.token = token_of(paragraph, "purple")
        shoot(browser, paragraph, "purple")
        browser.close()


if __name__ == "__main__":
    main()
