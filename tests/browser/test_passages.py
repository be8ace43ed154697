"""Passages on screen: shares, what leaving out changes, rows of passages, and their controls."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from attention_widget import AttentionWidget, Experiment, measures
from browser import picking
from browser.page_host import PageHost
from browser.reading import panel_options
from browser.test_accessible import check

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]
Save = Callable[..., Page]

ONE, TWO = "The password of the server is purple.", "The weather is cold and it will rain."
ASKED = "Question: What is the password?\nAnswer: The password of the server is"
AGREES = f"Notes.\n{ONE}\n{TWO}\n{ASKED}"
DOCS = ("Doc 1: Anna lives in Rome.", "Doc 2: Tom lives in Berlin.")
DIFFERS = "\n".join([*DOCS, "Question: Where does Tom live?", "Answer: Tom lives in"])
ROWS = """(table) => [...table.querySelectorAll(".aw-passage-row")].map((row) =>
  [row.querySelector("[role=rowheader] :not([hidden])").textContent,
   ...[...row.querySelectorAll(".aw-passage-number")].map((each) => each.textContent)])"""


def made(lm: tuple[Any, Any], text: str, *parts: str, **options: Any) -> AttentionWidget:
    model, tokenizer = lm
    places = {
        f"doc {place}": (text.index(part), text.index(part) + len(part))
        for place, part in enumerate(parts, 1)
    }
    return AttentionWidget(
        model, text, tokenizer=tokenizer, passages=places, **{"views": "passages", **options}
    )


def rows(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.locator(".aw-passage-table").evaluate(ROWS)
    return found


def left_out(page: Page) -> str:
    page.locator("[data-act=leave-out]").click(position={"x": 5, "y": 5})
    verdict = page.locator(".aw-verdict")
    expect(verdict).to_be_visible(timeout=120_000)
    return verdict.inner_text()


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_where_both_name_one_passage_the_screen_says_so(
    show: Show, smollm: tuple[Any, Any]
) -> None:
    widget = made(smollm, AGREES, ONE, TWO)
    page = show(widget).page
    shares = np.nanmean(measures.passage_shares(widget.trace), (0, 1))
    expect(page.locator(".aw-view-passages .aw-note")).to_contain_text("most goes to “doc 1”")
    shown = rows(page)
    assert [row[0] for row in shown] == ["doc 1", "doc 2", "outside passages"]
    for row, share in zip(shown, shares, strict=True):
        assert float(row[1]) == pytest.approx(share, abs=5.1e-4)
    said = left_out(page)
    assert said.startswith("Attention and leaving out agree: ")
    assert "“doc 1”" in said
    changes = [number(row[3]) for row in rows(page)[:2]]
    assert changes[0] < -8 < changes[1]
    expect(page.locator(".aw-leave-before")).to_contain_text("“purple” after “is”")
    expect(page.locator("[data-act=leave-out]")).to_be_hidden()


def test_where_they_contradict_each_other_the_screen_says_so(
    show: Show, save: Save, smollm: tuple[Any, Any]
) -> None:
    widget = made(smollm, DIFFERS, *DOCS)
    host = show(widget)
    said = left_out(host.page)
    assert said.startswith("Attention and leaving out disagree: ")
    assert "“doc 1” gets the largest share" in said
    assert "loses most without “doc 2”" in said
    host.finish()
    saved = save(widget, options={"layers": [20, 21], "progress": False})
    expect(saved.locator(".aw-passage-table[data-left-out]")).to_be_visible()
    assert number(rows(saved)[1][3]) == number(rows(host.page)[1][3])
    expect(saved.locator("[data-act=leave-out]")).to_be_hidden()


def test_where_no_passage_matters_the_screen_says_so(show: Show, smollm: tuple[Any, Any]) -> None:
    parts = ("The weather is cold.", "Tea is hot.")
    text = "\n".join(["Notes.", *parts, "The capital of France is"])
    widget = made(smollm, text, *parts)
    said = left_out(show(widget).page)
    places = {each.name: (each.start, each.end) for each in widget.trace.passages}
    lab = Experiment(smollm[0], text, tokenizer=smollm[1], passages=places)
    found = lab.leave_out(progress=False)
    most = float(np.abs(found.effects).max())
    assert most < found.matters_from
    assert said.startswith("None of the passages left out matters: without any one of them")
    assert f"changes by less than {found.matters_from} nats" in said
    shown = re.search(r"at most ([^)]*)\)", said)
    assert shown is not None
    assert float(shown[1]) == pytest.approx(most, rel=0.05)


def test_the_controls_of_the_view(show: Show, smollm: tuple[Any, Any]) -> None:
    widget = made(smollm, AGREES, ONE, TWO, layer=3, heads=[1])
    host = show(widget)
    page = host.page
    title = page.locator(".aw-passage-heads .aw-part-title")
    expect(title).to_contain_text("doc 1")
    page.get_by_role("button", name="doc 2: show its share").click()
    expect(title).to_contain_text("doc 2")
    heads = page.locator("[data-list=strongest] .aw-head-button")
    expect(heads).to_have_count(8)
    layer, head = map(int, heads.first.inner_text().split()[0].split("."))
    heads.first.click(position={"x": 4, "y": 4})
    host.expect(layer=layer, heads=(head,))
    place = page.locator(".aw-share-map canvas").evaluate(
        """(map) => {  // 30 layers across, after the numbers of the heads
             const width = Math.floor((map.clientWidth - 35) / 30);
             return { x: map.clientWidth - 25.5 * width, y: map.clientHeight - 4 };
           }"""
    )
    page.locator(".aw-share-map canvas").click(position=place)
    host.expect(layer=4, heads=(8,))
    with panel_options(page.locator(".aw-view-passages")) as box:
        box.locator("[data-option=share_of] select").select_option("token")
    host.expect(share_of="token")
    host.select(token=8)
    expect(page.locator(".aw-view-passages .aw-note")).to_contain_text("(token 8)")
    host.select(token=None)
    expect(page.locator(".aw-view-passages .aw-note")).to_contain_text("Select a token")
    expect(page.locator(".aw-passages")).to_be_hidden()
    check(page)


def test_it_can_be_stopped_and_goes_on(show: Show, smollm: tuple[Any, Any]) -> None:
    text = " ".join(f"Step {i}: we add {i}." for i in range(1, 11))
    model, tokenizer = smollm
    widget = AttentionWidget(
        model, text, tokenizer=tokenizer, passages="sentences", views="passages"
    )
    host = show(widget, background=True)
    page = host.page
    receivers = page.locator("[data-list=receivers] .aw-head-button")
    host.wait(lambda: receivers.count() == 8, "never 8 receiver heads")  # of all layers
    act, said = page.locator("[data-act=leave-out]"), page.locator(".aw-leave-words")

    def wait_for(words: str) -> None:
        host.wait(lambda: re.search(words, said.inner_text()) is not None, f"never {words}")

    act.click(position={"x": 5, "y": 5})
    expect(said).to_have_text("first with all passages …")  # nothing reaches the page by itself
    wait_for("[0-8] of 9 passages left out")
    act.click(position={"x": 5, "y": 5})
    expect(act).to_have_text("Go on")
    act.click(position={"x": 5, "y": 5})
    wait_for("[4-9] of 9 passages left out|^$")
    host.wait(page.locator(".aw-verdict").is_visible, "it does not end")
    assert rows(page)[9][3] == "the answer is in it"


@pytest.mark.parametrize("view", ["lines", "matrix", "text", "heads", "grid", "tokens"])
def test_passages_are_the_rows_of_a_view(view: str, show: Show, smollm: tuple[Any, Any]) -> None:
    host = show(made(smollm, DIFFERS, *DOCS, views=view, passage_rows=True, layer=20, heads=[3]))
    host.select(token=10)
    expect(host.page.locator(f".aw-view-{view} .aw-note")).not_to_be_empty()
    assert host.widget.selected_tokens()[0][0].label == "doc 1"
    if view == "text":
        expect(host.page.locator(".aw-unit").first).to_have_text("Doc 1: Anna lives in Rome.")


def test_names_of_passages_are_whole_where_there_is_room(
    show: Show, smollm: tuple[Any, Any]
) -> None:
    model, tokenizer = smollm
    text = "Anna lives in Rome. Tom lives in Berlin. Anna likes music. Where does Tom live?"
    widget = AttentionWidget(
        model, text, tokenizer=tokenizer, passages="sentences", passage_rows=True, views="lines"
    )
    page = show(widget).page
    expect(page.locator(".aw-why")).not_to_contain_text("words")
    names = page.locator(".aw-lines[data-passages] .aw-queries .aw-label")
    expect(names.first).to_have_text("1. Anna lives in Rome.")
    cut = names.evaluate_all("(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1)")
    assert cut == []


def test_rows_are_chosen_in_the_settings(show: Show, smollm: tuple[Any, Any]) -> None:
    host = show(made(smollm, DIFFERS, *DOCS, views="lines"))
    with picking.opened(host.page, picking.SETTINGS) as box:
        box.locator("[data-option=passage_rows] select").select_option("true")
        host.expect(passage_rows=True)
        expect(box.locator("[data-option=words]")).to_have_attribute("data-off", "")


def test_a_text_without_passages_says_how_to_name_some(show: Show, smollm: tuple[Any, Any]) -> None:
    model, tokenizer = smollm
    page = show(AttentionWidget(model, "A good novel", tokenizer=tokenizer, views="passages")).page
    expect(page.locator(".aw-view-passages .aw-note")).to_contain_text("has no passages")
    expect(page.locator(".aw-passages")).to_be_hidden()
