"""From choosing another measure to the repaint, beside choosing another layer, in Chromium.

    python benchmarks/measure_switch.py [--tokens 128] [--repeats 7]

MiniLM and SmolLM2 with lines, grid, matrix and text. Each measure was computed once for the layer
before (warm): the figure is what a person waits for who goes to and fro. Medians, in milliseconds,
with the time of a change of layer in the same run; goal: 300 ms at 128 tokens.
"""

from __future__ import annotations

import argparse
from typing import Any

from _common import chromium, median, table, text_of
from _views import QUIET
from browser.page_host import PageHost
from transformers import AutoModel, AutoTokenizer

from attention_widget import AttentionWidget
from attention_widget.demo import demo_language_model, demo_model

MEASURES = ("value_weighted", "norm", "norm_residual", "rollout", "alti")
OF_A_GRADIENT = ("gradient_attention", "chefer")  # of models that predict something

CHOOSE = """
async ([selector, value]) => {
  const list = document.querySelector(selector);
  const start = performance.now();
  const end = await window.quiet(() => {
    list.value = value;
    list.dispatchEvent(new Event("change"));
  });
  return end - start;
}
"""
WEIGHTS, LAYER = "[data-option='weights'] select", ".aw-layer select"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    folder = demo_model()
    encoder = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    with chromium() as browser:
        for title, pair, measures in (
            ("MiniLM", encoder, MEASURES),
            ("SmolLM2", demo_language_model(), MEASURES + OF_A_GRADIENT),
        ):
            rows = _rows(browser, pair, measures, given)
            table(f"{title}, {given.tokens} tokens", ["change", "ms", "layers"], rows)


def _rows(
    browser: Any, pair: tuple[Any, Any], measures: tuple[str, ...], given: argparse.Namespace
) -> list[list[str]]:
    model, tokenizer = pair
    text = text_of(tokenizer, given.tokens)
    views: Any = ["lines", "grid", "matrix", "text"]
    widget = AttentionWidget(model, text, tokenizer=tokenizer, views=views, layer=2, heads=3)
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    host = PageHost(page, widget)
    page.evaluate(f"() => {{ {QUIET} }}")  # which is no function by itself

    def choose(selector: str, value: str) -> float:
        took: float = page.evaluate(CHOOSE, [selector, value])
        host.settle()
        return took

    layers = [choose(LAYER, str(1 + turn % 2)) for turn in range(2 * given.repeats)]
    choose(LAYER, "2")
    of_layer = median(layers)
    rows = [["another layer", f"{of_layer:.0f}", "1.0"]]
    for name in measures:
        choose(WEIGHTS, name)
        times = []
        for _ in range(given.repeats):
            choose(WEIGHTS, "attention")
            times.append(choose(WEIGHTS, name))
        rows.append([name, f"{median(times):.0f}", f"{median(times) / of_layer:.1f}"])
    page.close()
    return rows


if __name__ == "__main__":
    main()
