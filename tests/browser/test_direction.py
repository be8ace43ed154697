"""Texts that are read from right to left stand in their place in every sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page
from support.traces import trace

from attention_widget.trace.trace import Trace
from attention_widget.widget.reader import Reader
from browser.page_host import PageHost
from browser.reading import (
    key_row,
    lines,
    panel_action,
    query_row,
)

pytestmark = pytest.mark.browser

VIEWS = ("lines", "grid", "neuron", "matrix", "tokens", "text")
ARABIC = ["[CLS]", "الكتاب", "الجديد", "على", "الطاولة", "١٢٣", "[SEP]"]
HEBREW = ["[CLS]", "שלום", "עולם", "טוב", "[SEP]"]
MIXED = ["[CLS]", "the", "كتاب", "is", "(جديد)", "12", "ספר", "[SEP]"]
TEXTS = {"arabic": ARABIC, "hebrew": HEBREW, "mixed": MIXED}

ORDER = """(node, labels) => {
  // Pieces of the sentence in the order of their letters: labels, and what stands between them.
  const faults = [];
  const escaped = labels.map((label) => label.replace(/[()\\[\\]]/g, "\\\\$&"));
  const pattern = new RegExp(`(${escaped.join("|")})`);
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    let at = 0;
    let last = null;
    for (const piece of text.data.split(pattern)) {
      const seen = piece.replace(/[\\u2066-\\u2069\\s“”·,;:→.…()]/g, "");
      const start = at;
      at += piece.length;
      if (!seen) continue;
      const range = document.createRange();
      const offset = piece.indexOf(seen[0]);
      range.setStart(text, start + offset);
      range.setEnd(text, start + piece.lastIndexOf(seen[seen.length - 1]) + 1);
      const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
      if (!rects.length) continue;
      const [left, right] = [rects[0], rects[rects.length - 1]];
      const box = { top: left.top, bottom: right.bottom, piece,
        left: Math.min(...rects.map((rect) => rect.left)),
        right: Math.max(...rects.map((rect) => rect.right)),
        lines: new Set(rects.map(({ top }) => Math.round(top / 8))).size };
      const same = last && last.lines === 1 && box.lines === 1 && Math.abs(last.top - box.top) < 4;
      if (same && box.left < last.right - 1)
        faults.push(`“${piece}” stands before “${last.piece}” in “${text.data}”`);
      last = box;
    }
  }
  return faults;
}"""


def faults(page: Page, selector: str, labels: list[str]) -> list[str]:
    found: list[str] = []
    shown = page.locator(selector)
    assert shown.count(), selector
    longest = sorted(labels, key=len, reverse=True)
    for index in range(shown.count()):
        found += shown.nth(index).evaluate(ORDER, longest)
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_each_token_stands_where_its_sentence_has_it(
    open_trace: Callable[..., PageHost], text: str
) -> None:
    labels = TEXTS[text]
    host = open_trace(
        trace(heads=(3, 3), labels=labels), views=VIEWS, token=2, measure="attention_from"
    )
    page = host.page
    host.wait(lambda: labels[2] in (page.locator(".aw-live").text_content() or ""), "no word")
    for chosen in ({"token": 2}, {"key_token": 3}, {"measure": "pinned_cosine", "pinned": (1, 2)}):
        host.select(**chosen)
        for selector in (".aw-note", ".aw-live", ".aw-model"):
            assert faults(page, selector, labels) == [], chosen
    assert labels[2] in (lines(page).locator(".aw-note").text_content() or "")
    for row in range(1, len(labels)):
        key_row(page, row).hover()
        host.settle()
        assert faults(page, ".aw-view-lines .aw-tooltip, .aw-note", labels) == []
        query_row(page, row).hover()
        host.settle()
        assert faults(page, ".aw-note", labels) == []


def figure_texts(host: PageHost, view: str, where: Path) -> list[str]:
    with host.page.expect_download() as download:
        panel_action(host.page.locator(f".aw-view-{view}"), "svg").click()
    path = where / f"{view}.svg"
    download.value.save_as(path)
    root = ElementTree.parse(path).getroot()
    return ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_figure_s_sentences_keep_their_order(
    open_trace: Callable[..., PageHost], tmp_path: Path
) -> None:
    host = open_trace(trace(heads=(3,), labels=ARABIC), views=VIEWS, token=2)
    for view in ("lines", "neuron", "matrix", "tokens"):
        texts = figure_texts(host, view, tmp_path)
        host.page.evaluate(
            """(texts) => {
                 document.querySelector("#svgs")?.remove();
                 const box = document.createElement("div");
                 box.id = "svgs";
                 box.append(...texts.map((text) => {
                   const line = document.createElement("p");
                   line.style.whiteSpace = "nowrap";
                   line.textContent = text;
                   return line;
                 }));
                 document.body.append(box);
               }""",
            texts,
        )
        assert any(ARABIC[1] in text for text in texts), view
        assert faults(host.page, "#svgs p", ARABIC) == [], view


LONG = "والمستشفياتالجديدةالكبيرةفيالمدينةالقديمة"


def test_the_mark_of_a_cut_token_stands_where_it_would_go_on(
    open_trace: Callable[..., PageHost], tmp_path: Path
) -> None:
    """Left of what is read from right to left; in the matrix as in the lines and in figures."""
    drawn = """() => {
      window.drawn = [];
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        window.drawn.push(text);
        fillText.call(this, text, ...rest);
      };
    }"""
    english = "antidisestablishmentarianismantidisestablishment"
    host = open_trace(trace(heads=(3,), labels=["[CLS]", LONG, english]), views="lines")
    host.page.set_viewport_size({"width": 500, "height": 900})
    host.page.evaluate(drawn)
    host.select(views=("matrix", "lines", "neuron", "tokens"), token=1)
    found = set(host.page.evaluate("window.drawn"))
    for view in ("lines", "neuron", "tokens"):
        found |= set(figure_texts(host, view, tmp_path))
    cut = {text for text in found if "…" in text and text.strip("\u2068\u2069…") in LONG + english}
    assert {LONG[:4] in text for text in cut} == {True, False}
    for text in cut:
        if LONG[:4] in text:
            assert text[0] == "\u2068", text
            assert text[-2:] == "…\u2069", text
        else:
            assert text.endswith("…"), text
    label = lines(host.page).locator('.aw-keys [data-token="1"] .aw-label')
    style: Any = label.evaluate("(node) => [getComputedStyle(node).direction, node.scrollWidth]")
    assert style[0] == "rtl"


def test_signs_that_steer_are_seen_and_steer_nothing(open_trace: Callable[..., PageHost]) -> None:
    made = replace(trace(heads=(3, 3)), model_name="bert\u202etnrebgib\u2066")
    host = open_trace(made, views=VIEWS)
    header = host.page.locator(".aw-model")
    said = header.text_content() or ""
    assert "bert‹U+202E›tnrebgib‹U+2066›" in said
    assert not set("\u202a\u202b\u202d\u202e\u2066\u2067") & set(said)
    assert faults(host.page, ".aw-model", ["bert", "tnrebgib", "layers", "tokens"]) == []


def test_an_error_cannot_turn_itself_round(
    open_widget: Callable[..., PageHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    host = open_widget(views="lines")

    def fail(_: Reader, text: Any, *_others: object) -> Trace:
        raise ValueError(f"cannot read {text}: \u202edetrever\u202c")

    monkeypatch.setattr(Reader, "read", fail)
    box = host.page.get_by_role("textbox", name="Text", exact=True)
    box.fill("another")
    box.press("Enter")
    error = host.page.locator(".aw-sentence .aw-error")
    host.wait(error.is_visible, "no error")
    assert "cannot read another: ‹U+202E›detrever‹U+202C›" in (error.text_content() or "")
