"""The gallery's part on the front: beside BertViz, and before and after, from what was counted."""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import checkout  # first: finds the others
from _bertviz import CDN, eager_attentions, library, page_of
from _first_widgets import TEXTS, minilm
from browser.page_host import PageHost
from PIL import Image
from playwright.sync_api import Browser, Page, Route
from transformers import AutoModel, AutoTokenizer

from attention_widget.demo import demo_model

IMAGES = checkout.ROOT / "docs" / "images" / "front"
COUNTED = {
    when: checkout.ROOT / "benchmarks" / f"front_{when}.json" for when in ("before", "after")
}
SHOWN = {
    "minilm-8": "MiniLM, 8 tokens",
    "minilm-60": "MiniLM, 60 tokens",
    "chat": "SmolLM2 (30 layers), a chat",
    "t5": "T5 with a target",
    "vit": "ViT",
}
"""Widgets that have pictures here."""

BESIDE = (8, 60)
"""Tokens of the texts that BertViz shows too."""
WIDTHS = (640, 1000, 1400)
WIDTH = 1000
"""Of the pictures."""


def shoot_beside(browser: Browser) -> None:
    """BertViz's head view and our widget, of the same model and text, both at their defaults."""
    folder = demo_model()
    eager = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for count in BESIDE:
        page = page_in(browser)
        page.route(re.compile("^https?:"), serve_library)
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "head_view.html"
            html = page_of(*eager_attentions(eager, tokenizer, TEXTS[count]))
            file.write_text(html, encoding="utf-8")
            page.goto(file.as_uri())
            page.wait_for_selector("#attention line", state="attached")
            height = page.evaluate("document.body.firstElementChild.getBoundingClientRect().bottom")
            png = page.screenshot(
                full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height + 8}
            )
            save(page, png, f"bertviz-{count}")
        page = page_in(browser)
        host = PageHost(page, minilm(count))
        host.settle()
        save(page, page.locator(".attention-widget").screenshot(), f"widget-{count}")
        host.close()


def page_in(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": WIDTH, "height": 400}, color_scheme="light")


def serve_library(route: Route) -> None:
    """BertViz's libraries, without its content delivery network."""
    asked = CDN.match(route.request.url)
    if asked is None:
        route.abort()
    else:
        route.fulfill(path=library(asked[1]), headers={"access-control-allow-origin": "*"})


def save(page: Page, png: bytes, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    in_few_colours(image).save(IMAGES / f"{name}.png", optimize=True)
    page.close()
    print(f"docs/images/front/{name}.png")


def in_few_colours(image: Image.Image) -> Image.Image:
    """A picture that takes less room, with each of its colours changed by little."""
    return image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def section() -> list[str]:
    """Lines of docs/gallery.md."""
    return [*_beside(), *_before_and_after()]


def _beside() -> Iterator[str]:
    yield from ("## Beside BertViz", "")
    yield from (
        "The same text in MiniLM, in BertViz 1.4.1's head view and here, both at their defaults.",
        "",
    )
    for count in BESIDE:
        yield from (
            f"| BertViz, {count} tokens | Attention Widget |",
            "|---|---|",
            f"| {_image(f'bertviz-{count}', 'BertViz')} | {_image(f'widget-{count}', 'ours')} |",
            "",
        )


def _before_and_after() -> Iterator[str]:
    counted = {
        when: json.loads(path.read_text("utf-8"))
        for when, path in COUNTED.items()
        if path.is_file()
    }
    if len(counted) < 2:
        return
    yield from ("## The front, before and after", "")
    yield from (
        "The default widget, counted by `benchmarks/front.py` (see benchmarks/README.md) in "
        "version 0.1 and now, in light; in dark the same is seen. Of a chat, text "
        "leaves out what is folded.",
        "",
    )
    for width in WIDTHS:
        yield from (
            f"At {width:,} pixels:",
            "",
            "| widget | visible controls | Tabs to a token | pixels before the picture | height | "
            "in sight, lines | in sight, text |",
            "|---|--:|--:|--:|--:|--:|--:|",
        )
        for name, now in counted["after"].items():
            both = (counted["before"][name], now)
            cells = [f"{_number(each, width, both)}" for each in _CELLS]
            yield f"| {now['title']} | {' | '.join(cells)} |"
        yield ""
    for name, title in SHOWN.items():
        yield from (
            f"| {title}, before | now |",
            "|---|---|",
            f"| {_image(f'before-{name}', 'before')} | {_image(f'after-{name}', 'now')} |",
            "",
        )


_CELLS = ("controls", "tabs_to_token", "picture", "height", "rows", "units")


def _number(name: str, width: int, both: tuple[dict[str, Any], dict[str, Any]]) -> str:
    def of(case: dict[str, Any]) -> str:
        counts = case["counts"][f"{width} light"]
        if counts[name] is None:
            return "–"
        total = {"rows": case["tokens"], "units": counts["all_units"]}.get(name)
        return f"{counts[name]:,}" if total is None else f"{counts[name]} of {total}"

    return " → ".join(map(of, both))


def _image(name: str, title: str) -> str:
    return f"![{title}](images/front/{name}.png)"
