"""The gallery's part on what a language model predicts and where it is told that tokens stand."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import checkout  # first: finds the others
from browser.page_host import PageHost
from gallery_front import in_few_colours
from PIL import Image
from playwright.sync_api import Browser, Page

from attention_widget import AttentionWidget
from attention_widget.demo import demo_language_model
from attention_widget.protocol.option_values import ViewName

IMAGES = checkout.ROOT / "docs" / "images" / "gallery"
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WIDTH = 900

FRANCE = "The capital of France is"
DOG = "The dog bites the man, and the man bites the dog."
DOCUMENTS = ("Doc 1: Anna lives in Rome.", "Doc 2: Tom lives in Berlin.")
QUESTION = "\n".join([*DOCUMENTS, "Question: Where does Tom live?", "Answer: Tom lives in"])
PLACES: Final[Mapping[str, tuple[int, int]]] = {
    f"doc {number}": (QUESTION.index(each), QUESTION.index(each) + len(each))
    for number, each in enumerate(DOCUMENTS, 1)
}


def _nothing(page: Page) -> None:
    """The view stands there as it opens."""


def _lens(page: Page) -> None:
    page.locator(".aw-lens-fold > summary").click()
    page.locator(".aw-lens-fold .aw-effect-words", has_text="layers are read").wait_for()


def _leave_out(page: Page) -> None:
    page.get_by_role("button", name="Leave each passage out").click()
    page.locator(".aw-passage-table[data-left-out]").wait_for()


@dataclass(frozen=True)
class Shown:
    """A view of the language model."""

    view: ViewName
    title: str
    what: str
    drawn: str
    """What is there once the view is."""
    text: str
    choices: Mapping[str, Any]
    then: Callable[[Page], None] = _nothing

    def file(self, theme: str) -> str:
        return f"{self.view}-{theme}.png"


SHOWN: Final = (
    Shown(
        "predictions",
        "Predictions",
        "What the model says after each token, with the logit lens: what each layer would say.",
        ".aw-view-predictions .aw-lens-plane",
        FRANCE,
        {"token": 4, "layer": 23, "heads": 4},
        _lens,
    ),
    Shown(
        "attribution",
        "Attribution",
        "What wrote a logit: the part of every head and MLP, which add up to it exactly.",
        ".aw-logit .aw-part-words:has-text('switched off')",
        FRANCE,
        {"token": 4, "layer": 23, "heads": 4},
    ),
    Shown(
        "passages",
        "Passages",
        "Named parts of a prompt: how much attention each gets, and what the answer loses without "
        "it.",
        ".aw-view-passages .aw-passage-row",
        QUESTION,
        {"passages": PLACES, "layer": 23, "heads": 4},
        _leave_out,
    ),
    Shown(
        "positions",
        "Positions",
        "Where the model is told that tokens stand. Here the angles by which it turns queries and "
        "keys, as it did in this pass.",
        ".aw-view-positions .aw-heat-map[data-map]",
        DOG,
        {"token": 4},
    ),
)


def shoot_language_model(browser: Browser, only: set[str]) -> None:
    """A picture of each view in each theme; of those that are named, or of all."""
    wanted = [shown for shown in SHOWN if not only or shown.view in only]
    if not wanted:
        return
    model, tokenizer = demo_language_model()
    for shown in wanted:
        for theme in THEMES:
            page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme=theme)
            widget = AttentionWidget(
                model,
                shown.text,
                tokenizer=tokenizer,
                views=shown.view,
                theme=theme,
                **shown.choices,
            )
            host = PageHost(page, widget)
            host.settle()
            shown.then(page)
            page.locator(shown.drawn).first.wait_for()
            page.wait_for_timeout(500)  # transitions
            png = page.locator(f".aw-view-{shown.view}").screenshot()
            image = Image.open(io.BytesIO(png)).convert("RGB")
            in_few_colours(image).save(IMAGES / shown.file(theme), optimize=True)
            page.close()
            host.close()
            print(f"docs/images/gallery/{shown.file(theme)}")


def section() -> Iterator[str]:
    """Lines of docs/gallery.md."""
    yield from ("## A language model", "")
    yield from (
        "SmolLM2-135M-Instruct, 30 layers of 9 heads. See [Predictions](predictions.md), "
        "[Experiments](experiments.md), [Passages](passages.md) and [Positions](positions.md).",
        "",
    )
    for shown in SHOWN:
        yield from (f"### {shown.title}", "", shown.what, "")
        yield from (f"| {THEMES[0]} | {THEMES[1]} |", "|---|---|")
        pictures = (
            f"![{shown.title}, {theme}](images/gallery/{shown.file(theme)})" for theme in THEMES
        )
        yield from ("| " + " | ".join(pictures) + " |", "")
