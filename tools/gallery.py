"""The gallery of the documentation: every view of a real run of the demo model.

    python tools/gallery.py            all of it
    python tools/gallery.py lines      the pictures of one view
    python tools/gallery.py atlas      those of a corpus
    python tools/gallery.py bertviz    those beside BertViz
    python tools/gallery.py eyes       those of colours as other eyes see them
    python tools/gallery.py page       docs/gallery.md alone

Writes docs/gallery.md, docs/images/gallery/*.png, docs/images/eyes/*.png, and BertViz's pictures in
docs/images/front/.
Those of the front before and after come from benchmarks/front.py --gallery.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import checkout  # first: finds the others
from browser.chromium import launch
from browser.page_host import PageHost
from gallery_atlas import section as atlas_section
from gallery_atlas import shoot_atlas
from gallery_eyes import section as eyes_section
from gallery_eyes import shoot_eyes
from gallery_front import in_few_colours, shoot_beside
from gallery_front import section as front_section
from gallery_language_model import section as language_model_section
from gallery_language_model import shoot_language_model
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from transformers import AutoModel, AutoTokenizer, PreTrainedModel

from attention_widget import AttentionWidget
from attention_widget.demo import demo_model
from attention_widget.protocol.option_values import ViewName

IMAGES = checkout.ROOT / "docs" / "images" / "gallery"

PARAGRAPH = (
    "The colour purple has been many things: the robe of emperors, the ink of bishops, the stain "
    "on a child's fingers after an afternoon of picking blackberries. Purple is not found in the "
    "rainbow, and yet nobody doubts it; the eye invents it where red and blue meet."
)
SHORT = "Attention is a novel idea."

LANGUAGES = {
    "Vietnamese": "Màu tím không có trong cầu vồng, nhưng mắt người vẫn thấy nó.",
    "Russian": "Фиолетового нет в радуге, но глаз всё равно его видит.",
    "Arabic": "اللون الأرجواني ليس في قوس قزح، لكن العين تراه.",
    "Chinese": "彩虹里没有紫色，可是眼睛看得见它。",
    "Emoji": "I ❤️ purple 🟣 and so does she 👩‍🚀!",
}

WIDTH = 900


@dataclass(frozen=True)
class Picture:
    """One screenshot of one view."""

    view: ViewName
    name: str
    title: str
    text: str
    choices: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.view}-{self.name}.png"


VIEWS: dict[ViewName, tuple[str, str, dict[str, Any]]] = {
    "lines": (
        "Attention lines",
        "A line for each of the larger weights, in the colour of its head. A selected token shows "
        "its weights as numbers.",
        {"layer": 2, "heads": [1, 4, 7]},
    ),
    "grid": (
        "Grid of heads",
        "Every head of the model as a small picture. A click selects the head.",
        {"layer": 2, "heads": [4]},
    ),
    "neuron": (
        "Neurons",
        "How a head computes its attention: query, key, their product, its sum, the softmax.",
        {"layer": 2, "heads": [4]},
    ),
    "matrix": (
        "Attention matrix",
        "Queries in rows, keys in columns, and the attention that each key receives.",
        {"layer": 2, "heads": [4]},
    ),
    "calculation": (
        "Calculation",
        "Every step of one head, from its input to its output: which two matrices make the next.",
        {"layer": 2, "heads": [4]},
    ),
    "tokens": (
        "Tokens and mask",
        "The tokens of the text, and which keys each query may see.",
        {"layer": 2, "heads": [4]},
    ),
    "text": (
        "Text",
        "The text coloured by a score; here the cosine to a pinned word.",
        {"layer": 2, "heads": [4], "measure": "pinned_cosine", "words": True},
    ),
    "heads": (
        "Table of heads",
        "Every head in numbers. Click a column to sort by it, and a row to select its head.",
        {"layer": 2, "heads": [4]},
    ),
}
TOKEN = {8: 4, 60: 3, 512: 3}
"""The selected token: "novel", "purple"."""


def pictures() -> Iterator[Picture]:
    """All that the gallery shows, in its order."""
    long = " ".join([PARAGRAPH] * 8)
    for view, (_, _, choices) in VIEWS.items():
        for count, text in ((8, SHORT), (60, PARAGRAPH), (512, long)):
            for theme in ("light", "dark"):
                chosen = {**choices, "pinned": TOKEN[count], "theme": theme}
                if view != "lines" or count == 8:  # one token's lines; else all that count
                    chosen["token"] = TOKEN[count]
                yield Picture(view, f"{count}-{theme}", f"{count} tokens, {theme}", text, chosen)
    for language, text in LANGUAGES.items():
        views: tuple[ViewName, ...] = ("lines", "text", "tokens")
        for view in views:
            chosen = {**VIEWS[view][2], "token": 2, "pinned": 2}
            yield Picture(view, language.lower(), language, text, chosen)


def shoot(browser: Browser, model: Any, tokenizer: Any, picture: Picture) -> None:
    """Save a screenshot of the view alone, in 256 colours."""
    dark = picture.choices.get("theme") == "dark"
    page = browser.new_page(
        viewport={"width": WIDTH, "height": 900}, color_scheme="dark" if dark else "light"
    )
    widget = AttentionWidget(
        model,
        picture.text,
        tokenizer=tokenizer,
        truncation=True,
        views=picture.view,
        **picture.choices,
    )
    host = PageHost(page, widget)
    host.settle()
    page.wait_for_timeout(500)  # transitions
    png = page.locator(".aw-view").screenshot()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    in_few_colours(image).save(IMAGES / picture.file, optimize=True)
    page.close()
    host.close()
    print(f"docs/images/gallery/{picture.file}")


def page_of(all_pictures: list[Picture]) -> str:
    """docs/gallery.md."""
    lines = [
        "# Gallery",
        "",
        "Every view: of the model of `[demo]` (MiniLM, 6 layers of 12 heads), and, where the view "
        "needs one that predicts, of a [language model](#a-language-model). `make gallery` writes "
        "this page.",
        "",
    ]
    for view, (title, what, _) in VIEWS.items():
        lines += [f"## {title}", "", what, ""]
        for count in (8, 60, 512):
            shown = [p for p in all_pictures if p.view == view and p.name.startswith(f"{count}-")]
            lines += [
                f"| {count} tokens, light | dark |",
                "|---|---|",
                "| " + " | ".join(f"![{p.title}](images/gallery/{p.file})" for p in shown) + " |",
                "",
            ]
    lines += [
        *language_model_section(),
        *atlas_section(),
        *front_section(),
        *eyes_section(),
        "## Languages",
        "",
    ]
    for language, text in LANGUAGES.items():
        lines += [f"### {language}", "", f"> {text}", ""]
        lines += [
            f"![{p.view}, {language}](images/gallery/{p.file})\n"
            for p in all_pictures
            if p.title == language
        ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    only = sys.argv[1:]
    IMAGES.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(demo_model())
    model: PreTrainedModel = AutoModel.from_pretrained(demo_model())
    found = list(pictures())
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for picture in found:
            if not only or picture.view in only:
                shoot(browser, model, tokenizer, picture)
        shoot_language_model(browser, set(only))
        if not only or "atlas" in only:
            shoot_atlas(browser, model, tokenizer)
        if not only or "bertviz" in only:
            shoot_beside(browser)
        if not only or "eyes" in only:
            shoot_eyes(browser, model, tokenizer)
        browser.close()
    (checkout.ROOT / "docs" / "gallery.md").write_text(page_of(found), encoding="utf-8")


if __name__ == "__main__":
    main()
