"""A measure beside all else that a widget can show: edits, windows, two texts, heads of several
layers, pictures of heads, the text and what removal says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support import models, predicting
from support.labs import TARGET, lab_of, made
from support.seq2seq import SEQ2SEQ

from attention_widget import AttentionWidget, Experiment
from attention_widget.experiments import HeadOff
from browser import matrix_reading, reading
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]

TEXT = "Attention is a novel idea"
LAYER, HEAD, TOKEN = 3, 5, 2
PAIRS = ((1, 3), (LAYER, HEAD), (5, 0))


@pytest.fixture(scope="module")
def lab(minilm: tuple[Any, Any]) -> Experiment:
    return Experiment(minilm[0], TEXT, tokenizer=minilm[1])


def row_of(page: Page) -> list[float]:
    weights = reading.key_weights(page)
    return [reading.number(weights[key].replace("+", "")) for key in sorted(weights)]


def near(shown: Any, values: Any) -> None:
    np.testing.assert_allclose(shown, values, rtol=2e-3, atol=2e-3)


def cell_number(page: Page, query: int, key: int, size: tuple[int, int], which: int = 0) -> float:
    said = matrix_reading.read(page, query, key, size, which)
    number = re.search(r"([\d.]+(?:e−\d+)?)(?= \()", said)
    assert number, said
    return reading.number(number[1])


def test_heads_of_several_layers(open_widget: Show, page: Page, lab: Experiment) -> None:
    host = open_widget(
        TEXT, views=["lines", "matrix"], head_pairs=PAIRS, token=TOKEN, weights="norm"
    )
    host.settle()
    maps = [lab.measure("norm", layer).values[head] for layer, head in PAIRS]
    near(row_of(page), np.mean(maps, 0)[TOKEN])
    assert len(matrix_reading.maps(page)) == len(PAIRS)
    for which, values in enumerate(maps):
        for key in (1, 4):
            near(cell_number(page, TOKEN, key, values.shape, which), values[TOKEN, key])


def test_a_switched_off_head_and_a_measure(open_widget: Show, page: Page, lab: Experiment) -> None:
    """What follows from the trace is shown of each pass; what takes the model's weights of the
    pass before alone, and the views say so."""
    edit = HeadOff(1, 3)
    traces = (lab.trace, lab.trace_of(edit))
    before, after = (
        (trace.attention(LAYER)[HEAD] * np.linalg.norm(trace.values(LAYER)[HEAD], axis=-1))[TOKEN]
        for trace in traces
    )
    host = open_widget(
        TEXT,
        views=["lines", "text"],
        layer=LAYER,
        heads=HEAD,
        token=TOKEN,
        edits=edit,
        weights="value_weighted",
        measure="attention_from",
    )
    assert np.abs(after - before).max() > 0.01
    for shown, values in (("before", before), ("after", after), ("difference", after - before)):
        host.select(shown_pass=shown)
        near(row_of(page), values)
        if shown == "difference":  # in the text the tooltip says both, and the colour which way
            for unit, step in enumerate(reading.heats(page)):
                if step is not None and abs(values[unit]) > 0.01:
                    assert np.sign(step - 15) == np.sign(values[unit])
        else:
            near(reading.hovered_scores(page), values)
            reading.leave(page)
    host.select(weights="norm", shown_pass="before")
    near(row_of(page), lab.measure("norm", LAYER).values[HEAD, TOKEN])
    for shown in ("after", "difference"):
        host.select(shown_pass=shown)
        expect(reading.lines(page)).to_contain_text("is known of the pass before the edits alone")
        assert not any(reading.key_weights(page).values())


def test_a_measure_of_the_window_of_a_long_text(open_widget: Show, page: Page) -> None:
    text, token = " ".join([TEXT] * 12), 40
    host = open_widget(
        text, windows=32, stride=24, views=["lines"], layer=LAYER, heads=HEAD, token=token
    )
    host.select(weights="value_weighted")
    window = next(each for each in host.widget.trace.windows if token in each.positions)
    inner = window.trace
    values = inner.attention(LAYER)[HEAD] * np.linalg.norm(inner.values(LAYER)[HEAD], axis=-1)
    row = values[window.positions.index(token)]
    shown = {key: text for key, text in reading.key_weights(page).items() if text}
    assert set(np.argsort(-row)[:10]) <= set(shown)  # of long texts those that have lines
    near([reading.number(each) for each in shown.values()], row[list(shown)])
    expect(page.locator(".aw-view-lines .aw-note")).to_contain_text(f"{row.max():.3f}")
    expect(reading.lines(page).locator(".aw-where")).to_contain_text("window 2 of 3")
    page.locator(".aw-open-heads").click()  # others take a pass of the whole text
    options = page.locator("[data-option='weights'] select option")
    off = options.evaluate_all("all => all.filter((each) => each.disabled).map((o) => o.value)")
    assert off == ["norm", "norm_residual", "alti", "gradient_attention", "chefer"]
    expect(page.locator(".aw-measure-why")).to_contain_text("is of a text read in one pass")


def test_the_cross_attention_of_two_texts(show: Show, page: Page) -> None:
    model = made(sorted(SEQ2SEQ)[0])
    lab = lab_of(model)
    widget = AttentionWidget(
        model, models.TEXT, target=TARGET, tokenizer=models.tokenizer(), views=["lines", "matrix"]
    )
    host = show(widget)
    host.select(attention_kind="cross", layer=1, heads=2, token=2)
    for name in ("norm", "value_weighted"):
        host.select(weights=name)
        values = lab.measure(name, 1, "cross").values[2]
        near(row_of(page), values[2])
        near(cell_number(page, 2, 3, values.shape), values[2, 3])
        expect(reading.lines(page).locator(".aw-where")).to_contain_text("exact")


def test_pictures_of_heads_and_the_text(open_widget: Show, page: Page, lab: Experiment) -> None:
    host = open_widget(
        TEXT,
        views=["grid", "text"],
        layer=LAYER,
        heads=HEAD,
        token=TOKEN,
        weights="norm",
        measure="attention_from",
    )
    values = lab.measure("norm", LAYER).values
    near(reading.hovered_scores(page), values[HEAD, TOKEN])
    for head in (HEAD, 0, 11):
        host.select(heads=head)
        box = page.evaluate(
            """() => {
                 const frames = [...document.querySelectorAll(".aw-grid-marks rect[stroke]")];
                 const box = frames.at(-1).getBoundingClientRect();
                 const of = document.querySelector(".aw-grid .aw-canvas").getBoundingClientRect();
                 return [box.x - of.x, box.y - of.y, box.width, box.height];
               }"""
        )
        x, y, width, height = box
        n = values.shape[-1]
        image = reading.pixels(page.locator(".aw-grid .aw-canvas"))
        size = min(width, height) - 2
        rows = (y + 1 + (np.arange(n) + 0.5) * size / n).astype(int)
        columns = (x + 1 + (np.arange(n) + 0.5) * (width - 2) / n).astype(int)
        found = image[rows][:, columns, :3].astype(float)
        matrix_reading.assert_coloured_by(found, np.sqrt(values[head]))


def ranks(values: Any) -> Any:
    """Places in ascending order; the values differ."""
    return np.argsort(np.argsort(np.abs(values)))


def test_the_text_of_removal_says_how_far_the_measure_agrees(show: Show, page: Page) -> None:
    model, tokenizer = predicting.causal()
    text = predicting.NOVEL
    options: dict[str, Any] = {"views": "text", "layer": 1, "heads": 2, "number_format": "full"}
    host = show(AttentionWidget(model, text, tokenizer=tokenizer, **options))
    lab = Experiment(model, text, tokenizer=tokenizer, progress=False)
    position = len(lab.trace.tokens) - 2
    host.select(measure="removal", token=position)
    note = page.locator(".aw-view-text > .aw-note")
    expect(note).to_contain_text("Each number is exact")
    changes = reading.hovered_scores(page)
    reading.leave(page)
    spoken = [unit for unit, token in enumerate(lab.trace.tokens) if not token.special]
    names = {
        "norm": "layer 1, head 2, “norm of what is written”",
        "rollout": "layer 1, the whole layer, “rollout”",
        "value_weighted": "layer 1, head 2, “weighted by value”",
    }
    for name, said in names.items():
        host.select(weights=name)
        expect(note).to_contain_text(said)
        values = lab.measure(name, 1).values  # type: ignore[arg-type]
        row = (values if values.ndim == 2 else values[2])[position]
        both = [unit for unit in spoken if np.isfinite(changes[unit]) and np.isfinite(row[unit])]
        expected = np.corrcoef(ranks(changes[both]), ranks(row[both]))[0, 1]
        found = re.search(r"rank correlation ([−\d.]+)", note.inner_text())
        assert found, note.inner_text()
        assert reading.number(found[1]) == pytest.approx(expected, abs=2e-3)
