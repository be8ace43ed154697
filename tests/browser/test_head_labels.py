"""What heads are called on screen: below or on their pictures, in a list that chooses, in the
table, in the sentence of the first picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from attention_widget import AttentionWidget
from attention_widget.experiments import DetectedHeads, detect_heads
from attention_widget.measures import head_table
from browser.page_host import PageHost
from browser.reading import panel_options, tooltip, view

pytestmark = pytest.mark.browser

TEXT = "The old man walked slowly to the harbour, where his boat had been lying for years."
WORDS = "apple river clock seven garden paper music stone window horse"

Show = Callable[..., PageHost]


@pytest.fixture
def repeating(show: Show, smollm: tuple[Any, Any]) -> Callable[..., PageHost]:
    """SmolLM2, of 30 layers, on ten words that are repeated."""
    model, tokenizer = smollm

    def open_widget(**given: Any) -> PageHost:
        widget = AttentionWidget(model, f"{WORDS} {WORDS}", tokenizer=tokenizer, **given)
        return show(widget)

    return open_widget


@pytest.fixture(scope="module")
def probed(smollm: tuple[Any, Any]) -> DetectedHeads:
    return detect_heads(smollm[0], tokenizer=smollm[1], n_tokens=25, n_texts=1, progress=False)


def grid(page: Page) -> Locator:
    return view(page, "Grid of heads")


def written(page: Page) -> list[str]:
    return grid(page).locator(".aw-grid-marks text").all_text_contents()


def called(host: PageHost) -> dict[str, list[str]]:
    """Heads by their labels, as layer·head, as Python has them."""
    table = head_table(host.widget.trace)
    found: dict[str, list[str]] = {}
    columns = (table[name].tolist() for name in ("label", "layer", "head"))
    for label, layer, head in zip(*columns, strict=True):
        found.setdefault(label, []).append(f"{layer}·{head}")
    return found


def test_names_stand_below_the_pictures_of_minilm(open_widget: Show) -> None:
    host = open_widget(TEXT, views="grid")
    labels = {name: len(heads) for name, heads in called(host).items() if name}
    assert labels.keys() >= {"previous", "next"}
    texts = written(host.page)
    assert {name: texts.count(name) for name in labels} == labels
    with panel_options(grid(host.page)) as options:
        options.get_by_label("Label").select_option("hidden")
        host.expect(head_label="none")
    host.settle()
    assert not set(labels) & set(written(host.page))


def test_letters_stand_on_the_pictures_of_30_layers_and_the_note_says_which(
    repeating: Show,
) -> None:
    host = repeating(views="grid")
    labels = called(host)
    letters = {"P": "previous", "S": "self", "D": "duplicate", "I": "induction"}
    texts = written(host.page)
    assert {each: texts.count(each) for each in letters} == {
        each: len(labels[name]) for each, name in letters.items()
    }
    note = grid(host.page).locator(".aw-note")
    for item in ("P previous", "S itself", "D repeated", "I induction"):
        expect(note).to_contain_text(item)
    overlaps = (
        grid(host.page)
        .locator(".aw-grid-marks")
        .first.evaluate(
            """(marks) => {
             const letters = [...marks.querySelectorAll("text[data-label]")];
             const boxes = letters.map((letter) => letter.getBoundingClientRect());
             const meet = (a, b) => a.left < b.right && b.left < a.right
               && a.top < b.bottom && b.top < a.bottom;
             return [boxes.length, boxes.filter((a, i) => boxes.some((b, j) => i < j && meet(a, b)))
               .length];
           }"""
        )
    )
    assert overlaps == [sum(len(labels[name]) for name in letters.values()), 0]


def test_the_list_of_labels_shows_the_heads_of_one_and_they_can_be_ranked(repeating: Show) -> None:
    host = repeating(views="grid")
    page = host.page
    expected = called(host)["induction"]
    with panel_options(grid(page)) as options:
        label = options.get_by_label("Label")
        off = label.locator("option:disabled").all_text_contents()
        assert "next" in off
        assert "induction" not in off
        label.select_option("induction")
        host.expect(head_label="induction")
        host.settle()
        assert [text for text in written(page) if "·" in text] == expected
        expect(grid(page).locator(".aw-note")).to_contain_text(
            f"{len(expected)} of 270 heads called “induction”, in the order of layers"
        )
        options.get_by_label("Summary").select_option("induction")
        options.get_by_role("button", name="rank").click()
        host.expect(summary="induction", sort_heads=True)
    host.settle()
    table = head_table(host.widget.trace)
    scores = {
        f"{layer}·{head}": score
        for layer, head, score in zip(
            *(table[name].tolist() for name in ("layer", "head", "induction")), strict=True
        )
    }
    shown = [text for text in written(page) if "·" in text]
    assert shown == sorted(expected, key=lambda place: -scores[place])


def test_a_tooltip_and_what_is_read_out_say_what_a_head_does(repeating: Show) -> None:
    host = repeating(views="grid", layer=18, heads=6)
    grid(host.page).get_by_role("grid").focus()
    cell = grid(host.page).get_by_role("gridcell")
    does = "attends to what followed the same token before (0.77): induction"
    expect(cell).to_contain_text(does)
    host.page.keyboard.press("ArrowRight")
    host.page.keyboard.press("ArrowLeft")
    expect(tooltip(grid(host.page))).to_contain_text(does)


def test_the_table_of_heads_is_sorted_by_label(repeating: Show) -> None:
    host = repeating(views="heads")
    table = view(host.page, "Table of heads")
    table.get_by_role("columnheader", name="label").get_by_role("button").click()
    expect(table.get_by_role("columnheader", name="label")).to_have_attribute(
        "aria-sort", "ascending"
    )
    labels = called(host)
    first = table.locator('[aria-rowindex="2"]')
    expect(first).to_contain_text("previous")
    scores = head_table(host.widget.trace)
    best = scores["previous"].argmax()
    cells = first.get_by_role("gridcell")
    expect(cells.nth(0)).to_have_text(str(scores["layer"][best]))
    expect(cells.nth(1)).to_have_text(str(scores["head"][best]))
    assert set(labels) >= {"previous", "self", "duplicate", "induction", ""}


def test_grid_and_table_are_labelled_by_a_probe(
    show: Show, smollm: tuple[Any, Any], probed: DetectedHeads
) -> None:
    model, tokenizer = smollm
    widget = AttentionWidget(
        model, "A short text", tokenizer=tokenizer, views=["grid", "heads"], head_labels=probed
    )
    host = show(widget)
    page, table = host.page, view(host.page, "Table of heads")
    columns = probed.columns
    is_induction = columns["label"] == "induction"
    heads = list(zip(columns["layer"][is_induction], columns["head"][is_induction], strict=True))
    assert (18, 6) in heads
    letters = written(page).count("I")
    assert letters == len(heads)  # of three tokens alone nothing would be known
    for part in (grid(page), table):
        expect(part.locator(".aw-note")).to_contain_text("The labels are those of a probe")
    with panel_options(table) as options:
        options.get_by_label("Label").select_option("induction")
        host.expect(head_label="induction")
    host.settle()
    expect(table.locator(".aw-note")).to_contain_text(
        f"{len(heads)} of 270 heads called “induction”."
    )
    rows = table.locator(".aw-head-rows > [role=row]:visible")
    expect(rows).to_have_count(len(heads))
    cells = [row.locator("[role=gridcell]") for row in rows.all()]
    shown = {(int(cell.nth(0).inner_text()), int(cell.nth(1).inner_text())) for cell in cells}
    assert shown == {(int(layer), int(head)) for layer, head in heads}
    said = cells[0].nth(2).get_attribute("title") or ""
    assert said.endswith("induction, in the probe")
    assert len([text for text in written(page) if "·" in text]) == len(heads)
    host.select(head_labels=None)
    expect(table.locator(".aw-note")).not_to_contain_text("probe")


def test_a_table_says_at_its_edge_that_there_is_more(repeating: Show) -> None:
    host = repeating(views=["grid", "heads"])
    table = view(host.page, "Table of heads")
    titles = table.get_by_role("columnheader").all_text_contents()
    assert "next token" not in titles  # no query of a causal model sees it
    assert "previous token" in titles
    host.page.set_viewport_size({"width": 500, "height": 900})
    body = table.locator(".aw-body")
    expect(body).to_have_attribute("data-more", "right")
    body.evaluate("(body) => body.scrollTo({ left: 20 })")
    expect(body).to_have_attribute("data-more", "both")
    body.evaluate("(body) => body.scrollTo({ left: 9999 })")
    expect(body).to_have_attribute("data-more", "left")
    host.page.set_viewport_size({"width": 1900, "height": 900})
    expect(body).not_to_have_attribute("data-more", re.compile("."))


def test_the_first_picture_is_no_sink_and_no_diagonal_and_says_what_its_head_does(
    repeating: Show,
) -> None:
    host = repeating()
    never = {"sink", "first", "special", "delimiter", "previous", "next", "self"}
    assert {one["label"] for one in host.widget.meta["suggestions"]}.isdisjoint(never)
    assert (host.widget.layer, host.widget.heads) == (18, (6,))
    expect(host.page.locator(".aw-why")).to_have_text(
        "Layer 18, head 6: “music” attends to “stone” (0.988), more than other words do. "
        "It attends to what followed the same token before (0.77): induction."
    )


def test_of_a_short_text_heads_are_not_called_anything(open_widget: Show) -> None:
    host = open_widget("a novel idea", views="grid")
    assert not any("summaries" in key for key in host.asked)
    assert "previous" not in written(host.page)
