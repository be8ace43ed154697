"""The moving picture at the top of README.md: the real widget on the demo models.

    python tools/opening.py

Writes docs/images/opening.png, an animated PNG: what shows no animation shows its first frame.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import checkout  # first: finds the others
from browser.chromium import launch
from browser.page_host import PageHost
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from attention_widget import AttentionWidget
from attention_widget.demo import demo_language_model, demo_model
from attention_widget.experiments import HeadOff

PICTURE = checkout.ROOT / "docs" / "images" / "opening.png"
WIDTH, HEIGHT = 920, 600

CAPTION = """(text) => {
  let bar = document.querySelector("#said");
  if (!bar) {
    bar = document.createElement("pre");
    bar.id = "said";
    bar.style.cssText = "margin: 0 0 10px; padding: 9px 14px; border-radius: 8px;" +
      "background: #f3effa; color: #33234f; font: 15px/1.45 ui-monospace, monospace";
    document.body.prepend(bar);
  }
  bar.textContent = text;
}"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        frames = [*_of_a_text(browser), *_of_a_prediction(browser)]
        browser.close()
    first, *rest = [image for image, _ in frames]
    first.save(
        PICTURE,
        save_all=True,
        append_images=rest,
        duration=[duration for _, duration in frames],
        loop=0,
        optimize=True,
    )
    print(f"docs/images/opening.png: {len(frames)} frames, {PICTURE.stat().st_size / 1e6:.2f} MB")


Frame = tuple[Image.Image, int]


class Stage:
    """A page with a widget, below the code that makes it."""

    def __init__(self, browser: Browser, widget: AttentionWidget) -> None:
        self.page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light"
        )
        self.widget = widget
        self.host = PageHost(self.page, widget)

    def frame(self, said: str, milliseconds: int) -> Frame:
        self.page.evaluate(CAPTION, said)
        self.host.settle()
        self.page.wait_for_timeout(500)  # transitions
        png = self.page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})
        return Image.open(io.BytesIO(png)).convert("RGB"), milliseconds

    def close(self) -> None:
        self.page.close()
        self.host.close()
        self.widget.close()


def _of_a_text(browser: Browser) -> Iterator[Frame]:
    widget = AttentionWidget(demo_model(), "Attention is a novel idea", views=["lines", "grid"])
    stage = Stage(browser, widget)
    made = 'AttentionWidget(model, "Attention is a novel idea")'
    yield stage.frame(f"{made}\n# opens on a head that tells something", 2600)
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("click a word", {"token": "novel"}),
        ("click a head in the grid", {"layer": 2, "heads": 1, "token": None}),
        ("colour all heads by what they do", {"summary": "entropy"}),
        (
            "see why: query, key, their product, softmax",
            {"layer": 0, "heads": 1, "token": "Attention", "views": ["neuron"]},
        ),
    )
    for what, choices in steps:
        stage.host.select(**choices)
        yield stage.frame(f"{made}\n# {what}", 2000)
    stage.close()


def _of_a_prediction(browser: Browser) -> Iterator[Frame]:
    model, tokenizer = demo_language_model()
    choices: Any = {"views": ["predictions", "lines"], "layer": 23, "heads": 4, "token": 4}
    widget = AttentionWidget(model, "The capital of France is", tokenizer=tokenizer, **choices)
    stage = Stage(browser, widget)
    made = 'AttentionWidget(language_model, "The capital of France is")'
    yield stage.frame(f"{made}\n# what it predicts", 2300)
    stage.host.select(edits=[HeadOff(23, 4)])
    stage.host.select(shown_pass="after")
    yield stage.frame(f"{made}\n# without one head of 270: the model runs again", 3000)
    stage.close()


if __name__ == "__main__":
    main()
