"""The measure in the place of attention: chosen, shown, refused, and in a saved page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from support import predicting

from attention_widget import AttentionWidget, Experiment
from attention_widget.protocol.measured import SCALES
from browser import matrix_reading, reading
from browser.page_host import PageHost
from browser.reading import panel_options
from browser.settling import settle
from browser.test_captions import saved

pytestmark = pytest.mark.browser

Show = Callable[..., PageHost]

TEXT = "Attention is a novel idea"
LAYER, HEAD, TOKEN = 3, 5, 2
FORMULAS = {"norm": "α‖f(x)‖", "norm_residual": "‖N(Σα f(x) + x)‖", "rollout": "Π(½Ā + ½I)"}
FORWARD = ("value_weighted", "norm", "norm_residual", "rollout", "alti")


@pytest.fixture(scope="module")
def lab(minilm: tuple[Any, Any]) -> Experiment:
    return Experiment(minilm[0], TEXT, tokenizer=minilm[1])


def chosen(page: Page) -> Locator:
    return page.locator("[data-option='weights'] select")


def choose(page: Page, name: str) -> None:
    page.locator(".aw-open-heads").click()
    chosen(page).select_option(name)


def shown_row(page: Page, n_keys: int) -> list[float]:
    weights = reading.key_weights(page)
    return [float(weights[key].replace("−", "-").replace("+", "")) for key in range(n_keys)]


@pytest.mark.parametrize("name", FORWARD)
def test_lines_matrix_and_text_show_what_python_computes(
    open_widget: Show, page: Page, lab: Experiment, name: str
) -> None:
    host = open_widget(
        TEXT, views=["lines", "matrix", "text"], layer=LAYER, heads=HEAD, token=TOKEN
    )
    choose(page, name)
    host.expect(weights=name)
    values = lab.measure(name, LAYER).values  # type: ignore[arg-type]
    row = (values if values.ndim == 2 else values[HEAD])[TOKEN]
    expect(page.locator(".aw-measure")).to_be_visible()
    expect(reading.lines(page).locator(".aw-where")).to_contain_text(
        "an estimate" if name in ("rollout", "alti") else "exact"
    )
    settle(page)
    for view in ("lines", "matrix"):
        short = page.locator(f".aw-view-{view} .aw-explanation")
        expect(short).to_contain_text("“")
        assert "attends to" not in short.inner_text()  # what is folded is not seen
    shown = shown_row(page, len(row))
    assert shown == pytest.approx(row.tolist(), rel=2e-3, abs=2e-3)
    assert host.widget.selected_weights()[0] == pytest.approx(row)
    page.keyboard.press("Escape")
    size = values.shape[-2:]
    said = matrix_reading.read(page, TOKEN, 4, size)
    number = re.search(r"([\d.]+)(?= \()", said)
    assert number, said
    assert float(number[1]) == pytest.approx(float(row[4]), rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("name", ["gradient_attention", "chefer"])
def test_a_gradient_follows_the_selected_token(open_widget: Show, page: Page, name: str) -> None:
    host = open_widget(
        "a good novel", predicts=True, views=["lines"], layer=1, heads=0, token=1, weights=name
    )
    words = page.locator(".aw-measure")
    expect(words).to_contain_text("Of the logit of")
    before = words.text_content()
    values = np.array(host.widget.selected_weights()[0])
    settle(page)
    assert shown_row(page, len(values)) == pytest.approx(values.tolist(), rel=5e-3, abs=1e-3)
    host.select(token=2)
    expect(words).not_to_have_text(before or "")


def test_shares_of_passages_follow_the_measure(show: Show, page: Page) -> None:
    model, tokenizer = predicting.causal()
    text = "attention is a novel idea"
    places = {"one": (0, 12), "two": (13, 20)}
    widget = AttentionWidget(
        model, text, tokenizer=tokenizer, passages=places, views=["passages", "lines"]
    )
    host = show(widget)
    lab = Experiment(model, text, tokenizer=tokenizer, passages=places, progress=False)
    members = [list(passage.tokens) for passage in lab.trace.passages]
    part = page.locator(".aw-view-passages")
    for name in ("norm", "norm_residual", "rollout"):
        host.select(weights=name)
        expect(part.locator(".aw-where")).to_contain_text(
            "an estimate" if name == "rollout" else "exact"
        )
        expect(part.locator(".aw-note")).to_contain_text("Shares by “")
        expect(part.locator(".aw-explanation")).to_contain_text("What share of “")
        expect(part.locator(".aw-part-title")).to_contain_text("by layer and head, by “")
        caption, _, file = saved(host, "passages")
        assert FORMULAS[name] in caption
        assert f"-passages-{name}-" in file
        sums = []
        for layer in range(lab.trace.n_layers):
            last = lab.measure(name, layer).values[..., -1, :].reshape(-1, len(lab.trace.tokens))
            sums.append(np.stack([last[:, of].sum(1) for of in members]) / last.sum(1))
        expected = np.concatenate(sums, 1).mean(1)
        shown = part.locator(".aw-passage-row").evaluate_all(
            "rows => rows.map((row) => Number(row.querySelector('.aw-passage-number').textContent))"
        )
        assert shown[:2] == pytest.approx(expected.tolist(), abs=6e-4)
        assert sum(shown) == pytest.approx(1, abs=2e-3)
        many = 0 if name != "norm" else min(8, lab.trace.n_layers * lab.trace.count_heads(0))
        expect(part.locator("[data-list=strongest] .aw-head-button")).to_have_count(many)
    host.select(weights="gradient_attention")
    expect(part.locator(".aw-warning")).to_contain_text("so passages have no shares of them")
    expect(part.locator(".aw-note")).to_contain_text("Attention of ")


def test_the_threshold_says_why_it_changes_nothing(open_widget: Show, page: Page) -> None:
    open_widget(TEXT, views=["lines"], layer=LAYER, heads=HEAD, weights="norm")
    with panel_options(reading.lines(page)) as box:
        threshold = box.locator("[data-option='threshold']")
        expect(threshold.locator("input")).to_be_disabled()
        expect(threshold).to_have_attribute("title", re.compile("top-p alone"))
        page.get_by_role("button", name="show attention", exact=True).click()
        expect(threshold.locator("input")).to_be_enabled()


def test_back_to_attention(open_widget: Show, page: Page) -> None:
    host = open_widget(TEXT, views=["lines"], layer=LAYER, heads=HEAD, weights="norm")
    line = page.locator(".aw-measure")
    expect(line).to_contain_text("How long the vector is that the head takes from the key")
    line.get_by_role("button", name="show attention", exact=True).click()
    expect(line).to_be_hidden()
    host.expect(weights="attention")


def test_what_the_model_has_none_of_changes_nothing(open_widget: Show, page: Page) -> None:
    host = open_widget(TEXT, views=["lines"], layer=LAYER, heads=HEAD)
    choose(page, "chefer")
    why = page.locator(".aw-measure-why")
    expect(why).to_contain_text("has no output head, so there is no logit")
    expect(chosen(page)).to_have_value("attention")
    host.expect(weights="attention")
    expect(page.locator(".aw-error:visible")).to_have_count(0)


def test_without_a_model_only_what_a_trace_gives(
    open_trace: Show, page: Page, lab: Experiment
) -> None:
    host = open_trace(lab.trace, views=["lines"], layer=LAYER, heads=HEAD)
    page.locator(".aw-open-heads").click()
    options = chosen(page).locator("option")
    off = options.evaluate_all("all => all.filter((each) => each.disabled).map((o) => o.value)")
    assert off == ["norm", "norm_residual", "alti", "gradient_attention", "chefer"]
    expect(page.locator(".aw-measure-why")).to_contain_text("takes the model, which is not here")
    chosen(page).select_option("rollout")
    host.expect(weights="rollout")


@pytest.mark.parametrize("name", ["norm", "norm_residual"])
def test_a_saved_page_carries_it(
    minilm: tuple[Any, Any],
    disk: Callable[[Path], Page],
    tmp_path: Path,
    lab: Experiment,
    name: Any,
) -> None:
    widget = AttentionWidget(
        minilm[0],
        TEXT,
        tokenizer=minilm[1],
        views=["lines", "grid"],
        layer=LAYER,
        heads=HEAD,
        token=TOKEN,
        weights=name,
    )
    path = tmp_path / "page.html"
    widget.export_html(path, layers=[LAYER], progress=False)
    page = disk(path)
    settle(page)
    values = lab.measure(name, LAYER).values
    row = (values if values.ndim == 2 else values[HEAD])[TOKEN]
    expect(page.locator(".aw-measure")).to_be_visible()
    assert shown_row(page, len(row)) == pytest.approx(row.tolist(), rel=2e-3, abs=2e-3)
    page.get_by_role("button", name="show attention", exact=True).click()
    expect(page.locator(".aw-measure")).to_be_hidden()
    choose(page, name)
    expect(page.locator(".aw-measure")).to_be_visible()
    assert SCALES[name] == "size"
