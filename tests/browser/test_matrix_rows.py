"""The matrix of other rows: words, two texts, windows, sinks; and its figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from playwright.sync_api import expect
from support import traces

from attention_widget.trace.trace import Trace
from browser.matrix_reading import (
    MATRIX,
    Open,
    colours,
    maps,
    matrix,
    note,
    plot,
    point,
    read,
)
from browser.page_host import PageHost
from browser.reading import NO_HEAD, as_weight, leave, panel_action, view

pytestmark = pytest.mark.browser


def test_words_and_hidden_special_tokens_make_other_rows(open_trace: Open) -> None:
    made = traces.trace()
    host = open_trace(made, **MATRIX, heads=1, words=True)
    weights = made.words().attention(0)[1]
    assert weights.shape == (5, 5)
    said = read(host.page, 2, 3, weights.shape)
    assert said == f"“novel” attends to “idea” with weight {as_weight(weights[2, 3])}"
    host.select(special_tokens="hide")
    weights = made.without_special().words().attention(0)[1]
    said = read(host.page, 1, 2, weights.shape)
    assert said == f"“novel” attends to “idea” with weight {as_weight(weights[1, 2])}"
    leave(host.page)
    sums = weights.sum(1)
    expect(note(host.page)).to_contain_text(
        f"rows sum to {as_weight(sums.min())}–{as_weight(sums.max())}"
    )
    host.select(special_tokens="renormalise")
    expect(note(host.page)).to_contain_text("each row sums to 1")


def test_two_lists_of_tokens_make_an_oblong(open_trace: Open) -> None:
    made = traces.encoder_decoder()
    host = open_trace(made, **MATRIX, attention_kind="cross", layer=2, heads=1)
    weights = made.attention(2, "cross")[1]
    _, _, width, height = maps(host.page)[0]
    assert width / 4 == pytest.approx(height / 6, rel=0.05)
    assert (
        read(host.page, 1, 2, (6, 4))
        == f"“das” attends to “house” with weight {as_weight(weights[1, 2])}"
    )
    plot(host.page).click(position=point(host.page, 1, 2, (6, 4)))  # type: ignore[arg-type]
    host.expect(token=1, key_token=2)


def test_a_window_of_a_long_text_is_shown(open_trace: Open) -> None:
    made = traces.windowed()
    host = open_trace(made, **MATRIX, heads=1, token=20)
    weights = made.windows[1].trace.attention(0)[1]
    assert f"with weight {as_weight(weights[4, 7])}" in read(host.page, 4, 7, weights.shape)
    expect(matrix(host.page).locator(".aw-where")).to_contain_text("window 2 of 3")


def test_what_goes_to_the_sink_is_said(open_trace: Open) -> None:
    made = traces.trace(heads=(4,))
    block = replace(made.blocks[0], sinks=torch.ones(4))
    host = open_trace(replace(made, blocks=(block,)), **MATRIX, heads=3)
    sums = block.attention([3])[0].sum(1)
    expect(note(host.page)).to_contain_text(
        f"rows sum to {as_weight(sums.min())}–{as_weight(sums.max())} · the rest goes to the sink"
    )


def test_nan_has_its_own_colour_and_is_counted(open_trace: Open) -> None:
    made = traces.as_maps(traces.trace())
    made.maps[0].tensors[0][2, 3, 4] = float("nan")
    host = open_trace(made, **MATRIX, heads=2)
    expect(matrix(host.page).locator(".aw-warning")).to_have_text(
        "1 attention weight is NaN; heads: 2."
    )
    expect(matrix(host.page).locator(".aw-legend")).to_contain_text("NaN")
    assert "with weight NaN" in read(host.page, 3, 4, (6, 6))
    leave(host.page)
    found = colours(host.page, (6, 6))
    assert (abs(found - found[3, 4]).sum(2) < 30).sum() == 1
    expect(note(host.page)).not_to_contain_text("each row sums to 1")


def test_without_a_head_it_says_so(open_widget: Open) -> None:
    host = open_widget(**MATRIX, heads=[])
    expect(note(host.page)).to_have_text(NO_HEAD)


def save(host: PageHost, kind: str, path: Path) -> bytes:
    with host.page.expect_download() as download:
        panel_action(matrix(host.page), kind).click()
    download.value.save_as(path)
    return path.read_bytes()


def test_the_figure_shows_what_the_screen_shows(open_widget: Open, tmp_path: Path) -> None:
    host = open_widget(**MATRIX, layer=3, heads=7, token=5, key_token=2)
    weights = host.widget.trace.attention(3)[7]
    drawn = ElementTree.fromstring(save(host, "svg", tmp_path / "matrix.svg"))
    names = {"svg": "http://www.w3.org/2000/svg"}
    said = [node.text for node in drawn.findall(".//svg:text", names)]
    for token in host.widget.trace.tokens:
        assert said.count(token.label) == 2
    assert as_weight(weights.max()) in said
    assert {as_weight(weight) for weight in weights.ravel()} <= set(said)
    assert any("layer 3, head 7" in (text or "") for text in said)
    cells = drawn.find(".//svg:svg", names)
    assert cells is not None
    covered = sum(float(rect.get("width", 0)) for rect in cells.findall("svg:rect", names))
    assert covered == pytest.approx(64)
    text = (tmp_path / "matrix.svg").read_text(encoding="utf-8")
    assert "var(" not in text
    assert "class=" not in text
    png = save(host, "png", tmp_path / "matrix.png")
    assert png.startswith(b"\x89PNG")


def test_the_figure_of_a_long_text_holds_a_picture(
    open_trace: Open, long: Trace, tmp_path: Path
) -> None:
    host = open_trace(long, **MATRIX, heads=1)
    drawn = ElementTree.fromstring(save(host, "svg", tmp_path / "matrix.svg"))
    images = drawn.findall(".//{http://www.w3.org/2000/svg}image")
    assert len(images) == 4  # tiles of 512 × 512 pooled numbers
    assert all(image.get("href", "").startswith("data:image/png") for image in images)


@pytest.mark.parametrize(
    ("locale", "title", "said"),
    [
        ("vi", "Ma trận chú ý", "mỗi hàng có tổng bằng 1"),
        ("ru", "Матрица внимания", "сумма каждой"),
    ],
)
def test_it_speaks_other_languages(open_widget: Open, locale: str, title: str, said: str) -> None:
    host = open_widget(**MATRIX, heads=1, locale=locale)
    expect(view(host.page, title).locator(".aw-note")).to_contain_text(said)
