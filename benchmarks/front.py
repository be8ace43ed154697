"""What a newcomer meets: controls, tab stops, what stands before the picture, what is in sight.

    python benchmarks/front.py                              all that needs no other model
    python benchmarks/front.py --language-model FOLDER      with a chat of this model
    python benchmarks/front.py --only minilm-8 t5           some of it
    python benchmarks/front.py --json counts.json --pictures FOLDER
    python benchmarks/front.py --language-model FOLDER --gallery    what docs/gallery.md shows
    python benchmarks/front.py --beside benchmarks/front_before.json

Every widget is at its defaults, saved as a page and opened from disk. All is counted of the page's
nodes, so that the same script counts an earlier front.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from _common import chromium, table
from _first_widgets import Case, cases
from _front_counts import count
from browser.export_pages import settle
from gallery_front import COUNTED, IMAGES, SHOWN, WIDTH, WIDTHS, in_few_colours
from PIL import Image
from playwright.sync_api import Browser, Page

HEIGHT = 900
THEMES = ("light", "dark")


def open_page(browser: Browser, path: Path, width: int, theme: str) -> Page:
    """A saved page from disk, drawn, with the network refused."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        offline=True,
    )
    page = context.new_page()
    page.goto(f"file://{path}")
    settle(page)
    return page


def measure(
    browser: Browser, case: Case, folder: Path, pictures: Path | None, themes: Iterable[str]
) -> dict[str, Any]:
    """Counts of a case by width and theme; its pictures, taken before anything is touched."""
    widget = case.make()
    path = folder / f"{case.name}.html"
    widget.export_html(path)
    target = widget.trace.target
    queries = (
        widget.trace.tokens if widget.attention_kind == "encoder" or not target else target.tokens
    )
    found: dict[str, Any] = {"title": case.title, "tokens": len(queries), "counts": {}}
    for width in WIDTHS:
        for theme in themes:
            page = open_page(browser, path, width, theme)
            if pictures is not None:
                save_picture(page, pictures / f"{case.name}-{width}-{theme}.png")
            found["counts"][f"{width} {theme}"] = asdict(count(page))
            page.context.close()
    return found


def save_picture(page: Page, path: Path) -> None:
    """The whole page, in few colours."""
    png = page.screenshot(full_page=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    in_few_colours(image).save(path, optimize=True)


def in_sight(seen: int | None, of: int) -> str:
    return "–" if seen is None else f"{seen} of {of}"


def save_for_gallery(browser: Browser, found: dict[str, Any], folder: Path) -> None:
    """What was counted, and a few pictures of it."""
    COUNTED["after"].write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name in SHOWN.keys() & found.keys():
        page = open_page(browser, folder / f"{name}.html", WIDTH, "light")
        save_picture(page, IMAGES / f"after-{name}.png")
        page.context.close()


NUMBERS = {
    "controls": "controls",
    "tabs_to_token": "Tabs to a token",
    "tabs": "tab stops",
    "picture": "px before the picture",
    "height": "height",
}


def row_of(case: dict[str, Any], place: str, before: dict[str, Any] | None) -> list[str]:
    """What one page counts; beside it what it counted before."""
    now = case["counts"][place]

    def both(write: Any) -> str:
        if before is None:
            return str(write(case, now))
        return f"{write(before, before['counts'][place])} → {write(case, now)}"

    return [
        *(
            both(lambda _, counts, n=name: counts[n] if counts[n] is not None else "–")
            for name in NUMBERS
        ),
        both(lambda of, counts: in_sight(counts["rows"], of["tokens"])),
        both(lambda _, counts: in_sight(counts["units"], counts["all_units"])),
    ]


def report(found: dict[str, Any], before: dict[str, Any]) -> None:
    """A table for each width; light and dark count the same, or else both are shown."""
    columns = ("widget", *NUMBERS.values(), "in sight, lines", "in sight, text")
    for width in WIDTHS:
        rows = []
        for name, case in found.items():
            places = [place for place in case["counts"] if place.startswith(f"{width} ")]
            counts = [case["counts"][place] for place in places]
            shown = places[:1] if all(each == counts[0] for each in counts) else places
            for place in shown:
                title = case["title"] if len(shown) == 1 else f"{case['title']}, {place[4:]}"
                rows.append([title, *row_of(case, place, before.get(name))])
        table(f"{width:,} px", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--language-model", help="folder of a causal model with a chat template")
    parser.add_argument("--only", nargs="+", help="names of the widgets to look at")
    parser.add_argument("--light", action="store_true", help="not in dark too")
    parser.add_argument("--pictures", type=Path, help="folder for screenshots")
    parser.add_argument("--json", type=Path, help="file for what was counted")
    parser.add_argument("--beside", type=Path, help="such a file of an earlier front")
    parser.add_argument("--gallery", action="store_true", help="write what docs/gallery.md shows")
    options = parser.parse_args()
    known = list(cases(options.language_model))
    chosen = [case for case in known if not options.only or case.name in options.only]
    if not chosen:
        parser.error(f"--only takes of {', '.join(case.name for case in known)}")
    themes = THEMES[:1] if options.light else THEMES
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        found = {
            case.name: measure(browser, case, Path(folder), options.pictures, themes)
            for case in chosen
        }
        if options.gallery:
            save_for_gallery(browser, found, Path(folder))
    report(found, json.loads(options.beside.read_text("utf-8")) if options.beside else {})
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
