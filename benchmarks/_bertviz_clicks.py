"""Times of BertViz's head view: its first drawing and its clicks, inside its own page."""

from __future__ import annotations

import re
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from _bertviz import CDN, eager_attentions, library, page_of
from _common import chromium, new_page
from _render_tables import Samples
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route
from playwright.sync_api import TimeoutError as PlaywrightTimeout

BERTVIZ_DRAWN = """
const frame = () => {
  if (!document.querySelector("#attention line")) return requestAnimationFrame(frame);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    window.drawnAt = performance.now() / 1000;
  }));
};
requestAnimationFrame(frame);
"""

# Its handlers draw before they return: from here to the second frame after.
BERTVIZ_CLICK = """
([selector, layer]) => {
  window.repaint = null;
  const node = document.querySelector(selector);
  setTimeout(async () => {
    const start = performance.now();
    if (layer !== null) node.value = layer;
    node.dispatchEvent(new Event(layer === null ? "click" : "change", { bubbles: true }));
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    window.repaint = (performance.now() - start) / 1000;
  }, 40 + 16 * Math.random());
}
"""

BERTVIZ_LAYER = "select#layer"
BERTVIZ_HEAD = "svg > g:last-of-type > rect:nth-child({})"


def time_bertviz(model: Any, tokenizer: Any, text: str, limit: float, runs: int) -> Samples:
    """BertViz's head view; what is not drawn within ``limit`` seconds has no samples.

    Each page has a browser of its own: one that hangs is ended with it.
    """
    times: Samples = defaultdict(list)
    attentions, tokens = eager_attentions(model, tokenizer, text)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "head_view.html"
        for _ in range(runs):
            start = time.perf_counter()
            html = page_of(attentions, list(tokens))
            times["python"].append(time.perf_counter() - start)
            file.write_text(html, encoding="utf-8")
            times["bytes"] = [float(file.stat().st_size)]
            del html
            with chromium() as browser:
                page = new_page(browser, BERTVIZ_DRAWN)
                page.route(re.compile("^https?:"), serve_library)
                page.set_default_timeout(1000 * limit)
                if not visit_bertviz(page, file, len(attentions), times):
                    break
    return times


def visit_bertviz(page: Page, file: Path, layers: int, times: Samples) -> bool:
    """One visit of its page; whether all of it was drawn within the limit."""
    try:
        page.goto(file.as_uri(), wait_until="commit")
        page.wait_for_function("window.drawnAt")
        times["first view"].append(page.evaluate("window.drawnAt"))
        for layer in range(1, min(4, layers)):
            times["layer, seen"].append(bertviz_click(page, BERTVIZ_LAYER, str(layer)))
        for head in range(1, 4):
            times["head, seen"].append(bertviz_click(page, BERTVIZ_HEAD.format(head), None))
    except PlaywrightTimeout:
        return False
    except PlaywrightError as error:
        if "crash" not in str(error).lower():
            raise
        print(f"BertViz's page ended the renderer: {error.message.splitlines()[0]}")
        return False
    return True


def bertviz_click(page: Page, selector: str, layer: str | None) -> float:
    page.evaluate(BERTVIZ_CLICK, [selector, layer])
    page.wait_for_function("window.repaint")
    taken: float = page.evaluate("window.repaint")
    return taken


def serve_library(route: Route) -> None:
    """What its page asks of a delivery network; a request for anything else is an error."""
    found = CDN.match(route.request.url)
    if found is None:
        route.abort()
        raise RuntimeError(f"BertViz's page asks for {route.request.url}")
    route.fulfill(path=library(found.group(1)), content_type="text/javascript")
