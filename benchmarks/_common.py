"""What the benchmarks share: the trained demo model, texts of a given length, a browser, tables."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import checkout  # noqa: F401  (which finds the others)
from browser.chromium import launch
from playwright.sync_api import Browser, Page, sync_playwright

PARAGRAPH = (
    "The colour purple has been many things: the robe of emperors, the ink of bishops, the stain "
    "on a child's fingers after an afternoon of picking blackberries. Purple is not found in the "
    "rainbow, and yet nobody doubts it; the eye invents it where red and blue meet. "
)


def text_of(tokenizer: Any, count: int) -> str:
    """A text that the tokenizer reads as exactly ``count`` tokens, special ones included."""
    long = PARAGRAPH * (count // 40 + 1)
    ends = [
        end
        for _, end in tokenizer(long, return_offsets_mapping=True, verbose=False)["offset_mapping"]
    ]
    after = tokenizer.num_special_tokens_to_add() // 2  # [SEP] is the last of the count, if any
    text = long[: ends[count - 1 - after]]
    if (found := len(tokenizer(text)["input_ids"])) != count:
        raise RuntimeError(f"the text meant to have {count} tokens has {found}")
    return text


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that draws in software, as the tests use it."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser
        finally:
            browser.close()


def median(samples: Sequence[float]) -> float:
    return statistics.median(samples)


def milliseconds(samples: Sequence[float] | None) -> str:
    """Median and range, in milliseconds, of samples in seconds; a dash for none."""
    if not samples:
        return "–"
    found = median(samples), min(samples), max(samples)
    middle, low, high = (f"{1000 * seconds:,.0f}" for seconds in found)
    return middle if len(samples) == 1 else f"{middle} ({low}–{high})"


def ratio(theirs: Sequence[float] | None, ours: Sequence[float] | None) -> str:
    """How many times longer theirs takes."""
    return f"{median(theirs) / median(ours):,.1f}×" if theirs and ours else "–"


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that is also Markdown."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    print(f"\n{title}\n")
    for number, row in enumerate((columns, *rows)):
        cells = [row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]
        print(f"| {' | '.join(cells)} |")
        if number == 0:
            print(f"|-{'-|-'.join('-' * width for width in widths)}-|")
    sys.stdout.flush()


def new_page(browser: Browser, script: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(script)
    return page
