"""A saved page in Chromium: from disk, with the network refused, without a kernel."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Locator, Page, Route, expect
from support.traces import encoder_decoder, picture, trace, windowed

from attention_widget import AttentionWidget
from attention_widget.export.archive import FORMAT
from attention_widget.export.page import SCRIPT, STYLE
from attention_widget.protocol.vocabulary import VIEWS
from attention_widget.trace.trace import Trace
from browser.reading import (
    head_chip,
    is_within,
    key_weights,
    layer_chip,
    neuron_row,
    number,
    query_row,
    scores,
    softmax,
)

pytestmark = pytest.mark.browser

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:"
# Two frames later, for views ask for what they need when they draw.
DRAWN = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  return !!document.querySelector(".aw-view") && !document.querySelector("[data-pending]");
}"""
ERRORS = """() => [...document.querySelectorAll('[role=alert], .aw-error')]
    .filter((node) => node.checkVisibility()).map((node) => node.textContent)"""

Opened = Callable[..., Page]


def settle(page: Page) -> None:
    page.wait_for_selector(".aw-view")
    page.wait_for_function(DRAWN)


@pytest.fixture
def disk(chromium: Browser, bundle: None, tmp_path: Path) -> Iterator[Opened]:
    """Opens a file from disk, the network refused; the page may not complain."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    faults: list[str] = []

    def open_file(path: Path, fragment: str = "", *, drawn: bool = True) -> Page:
        page = context.new_page()

        def refuse(dialog: Dialog) -> None:
            faults.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        def hear(said: ConsoleMessage) -> None:
            if said.type in ("error", "warning"):
                faults.append(said.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", refuse)
        page.on("request", lambda request: asked(request.url))
        page.goto(f"file://{path}{fragment}")
        if drawn:
            settle(page)
            assert page.evaluate(ERRORS) == []
        return page

    def asked(url: str) -> None:
        if not url.startswith((f"file://{tmp_path}", "data:", "about:")):
            faults.append(f"asked for {url}")

    yield open_file
    context.close()
    assert faults == []


@pytest.fixture
def save(disk: Opened, tmp_path: Path) -> Callable[..., Page]:
    """Exports a widget of a trace to a file and opens it."""

    def save(
        made: Trace | AttentionWidget,
        fragment: str = "",
        options: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> Page:
        if isinstance(made, Trace):
            made = AttentionWidget.from_trace(made, **given)
        path = tmp_path / "saved.html"
        made.export_html(path, **(options or {}))
        return disk(path, fragment)

    return save


@pytest.mark.parametrize("assets", ["inline", "beside"])
@pytest.mark.parametrize(
    "made",
    [trace, encoder_decoder, windowed, picture],
    ids=["plain", "encoder_decoder", "windows", "picture"],
)
def test_every_view_is_drawn(made: Callable[[], Trace], assets: str, save: Opened) -> None:
    page = save(made(), options={"assets": assets}, views=VIEWS)
    regions = page.get_by_role("region").count()
    assert regions >= len(VIEWS)
    for name in VIEWS:
        box = page.locator(f".aw-view-{name}").bounding_box()
        assert box is not None
        assert box["height"] > 50


def test_the_numbers_are_the_trace_s(save: Opened, minilm: tuple[Any, Any]) -> None:
    model, tokenizer = minilm
    widget = AttentionWidget(
        model, "Attention is a novel idea.", tokenizer=tokenizer, views=VIEWS, layer=3, heads=5
    )
    page = save(widget)
    for layer in (3, 1):
        layer_chip(page, layer).click()
        query_row(page, 4).hover()
        settle(page)
        weights = widget.trace.attention(layer)[5, 4]
        for key, weight in key_weights(page).items():
            assert len(weight.removeprefix("<")) == len("0.000"), weight
            assert is_within(weight, weights[key], 1e-3), (weight, weights[key])
        for key, weight in softmax(page).items():
            assert is_within(weight, weights[key], 0), (weight, weights[key])
        exact = widget.trace.block(layer).scores([5], [4])[0, 0]
        ours = [number(score) for _, score in sorted(scores(page).items())]
        np.testing.assert_allclose(ours, exact, atol=1e-3)


SMALL = [0.00267, 0.0012, 0.0010, 0.00213]


@pytest.mark.parametrize("precision", ["standard", "high"])
def test_no_digit_is_printed_that_the_page_has_not(precision: str, save: Opened) -> None:
    """Four words with small weights that differ, beside logits that differ."""
    n = 12
    weights = np.full((n, n), 0.02)
    weights[:, 2:6] = SMALL
    weights[:, 9] += 1 - weights.sum(1)
    made = trace(heads=(1,), labels=["[CLS]", *(f"w{i}" for i in range(n - 2)), "[SEP]"])
    logits = torch.from_numpy(np.log(weights).astype(np.float32))[None]
    block = replace(made.blocks[0], query=logits, key=torch.eye(n)[None], scale=1.0)
    made = replace(made, blocks=(block,))
    exact = made.attention(0)[0, 4]
    np.testing.assert_allclose(exact[2:6], SMALL, rtol=1e-4)

    page = save(made, options={"precision": precision}, views=VIEWS, token=4)
    error = 1e-3 if precision == "standard" else 0
    shown = key_weights(page)
    for key, weight in shown.items():
        assert is_within(weight, exact[key], error), (weight, exact[key])
    assert {len(weight) for weight in shown.values()} == {5 if error else 6}
    printed = softmax(page)
    assert [printed[key] for key in range(2, 6)] == ["0.0027", "0.0012", "0.0010", "0.0021"]
    seen = {}
    for key in range(2, 6):
        neuron_row(page, key).hover()
        lines = page.locator(".aw-tooltip:visible").inner_text().splitlines()
        found = {name.strip(): value for name, _, value in (line.rpartition("=") for line in lines)}
        seen[key] = {name: value.strip() for name, value in found.items()}
    for key, numbers in seen.items():
        assert is_within(numbers["softmax"], exact[key], 0), (numbers, exact[key])
        score = float(logits[0, 4, key])
        assert is_within(numbers["q · k · scale"], score, 0 if error else 1e-6), (numbers, score)


PRINTED = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("#aw-page"), 4);
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (data.trim() && parentElement.checkVisibility()) found.push(data);
  }
  return found;
}"""
NUMBER = re.compile(r"<?[−-]?(?<![\w.])\d+\.\d+(?:e[+−-]?\d+)?")

SETTINGS = [
    "",
    "words=true&measure=attention_from",
    "special_tokens=renormalise&words=true&heads=5&measure=norm",
    "special_tokens=renormalise&normalise_rows=true&heads=1,5,7&measure=norm",
    "special_tokens=hide&log_colour=true&combine=maximum&heads=1,5,7&measure=previous_cosine",
    "special_tokens=hide&words=true&combine=mean&measure=attention_received",
    "token=&key_token=3&measure=pinned_cosine&pinned=2,4",
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_printed_is_what_the_numbers_are(
    setting: str, disk: Opened, tmp_path: Path, minilm: tuple[Any, Any]
) -> None:
    """Every text of every view, beside that of a page that keeps every number."""
    model, tokenizer = minilm
    text = "Unbelievably, porphyrogenitus is a novel idea."
    widget = AttentionWidget(
        model, text, tokenizer=tokenizer, views=VIEWS, layer=3, heads=5, token=4
    )
    printed = {}
    for precision in ("standard", "high"):
        path = tmp_path / f"{precision}.html"
        widget.export_html(path, precision=precision)
        page = disk(path, f"#{setting}")
        page.wait_for_function("() => document.querySelector('.aw-live').textContent")
        printed[precision] = page.evaluate(PRINTED)
    assert len(printed["standard"]) == len(printed["high"])
    compared = 0
    for ours, exact in zip(printed["standard"], printed["high"], strict=True):
        if NUMBER.sub("#", ours) != NUMBER.sub("#", exact):
            assert " %" in ours, (ours, exact)  # of the lines that are drawn
            continue
        for one, other in zip(NUMBER.findall(ours), NUMBER.findall(exact), strict=True):
            compared += 1
            assert len(one.removeprefix("<")) <= len(other), (ours, exact)
            low = 0 if other.startswith("<") else number(other)
            half = 0.5 * 10.0 ** -len(other.partition(".")[2].partition("e")[0])
            near = 1e-3 + (0 if "e" in other else half) + 2e-6 * abs(low)
            assert is_within(one, low, near), (ours, exact)
    assert compared > 40


def test_the_selection_is_the_widget_s(save: Opened) -> None:
    page = save(trace(heads=(4, 4, 2)), layer=1, heads=(0, 2), theme="dark", locale="vi")
    assert layer_of(page) == 1
    assert heads_of(page) == [0, 2]
    root = page.locator(".attention-widget")
    assert root.get_attribute("data-theme") == "dark"
    assert root.get_attribute("lang") == "vi"
    assert page.locator("html").get_attribute("lang") == "vi"


def test_heads_follow_the_layer(save: Opened) -> None:
    """As Python carries them, where it is."""
    page = save(trace(heads=(4, 4, 2)), layer=1, heads=(1, 3))
    chips(page, "Layer").nth(2).click()
    settle(page)
    assert (layer_of(page), heads_of(page)) == (2, [1])
    chips(page, "Layer").nth(0).click()
    settle(page)
    assert (layer_of(page), heads_of(page)) == (0, [1])


def chips(page: Page, name: str) -> Locator:
    named = re.compile(rf"^{name} \d+$")
    return page.locator(".aw-picker").get_by_role("radio", name=named)


def layer_of(page: Page) -> int:
    pressed: int = page.evaluate(
        """() => [...document.querySelectorAll('.aw-picker [role=radio]')]
             .findIndex((chip) => chip.getAttribute('aria-checked') === 'true')"""
    )
    return pressed


def heads_of(page: Page) -> list[int]:
    found: list[int] = page.evaluate(
        """() => [...document.querySelectorAll('.aw-picker [data-index][aria-pressed=true]')]
             .map((chip) => Number(chip.dataset.index))"""
    )
    return found


def test_what_is_not_included_is_said(save: Opened) -> None:
    page = save(
        trace(heads=(4, 4, 4)),
        options={"layers": [0, 2], "heads": [1, 3]},
        layer=1,
        views=("lines", "text"),
    )
    assert layer_of(page) in (0, 2)
    assert heads_of(page) == [1, 3]
    chips(page, "Layer").nth(1).click()
    lack = page.locator(".aw-export-lack")
    assert lack.text_content() == "Not included in this export: layer 1."
    assert layer_of(page) != 1
    head_chip(page, 0).click()
    assert "head 0 of layer" in (lack.text_content() or "")
    assert heads_of(page) == [1, 3]
    head_chip(page, 3).click()
    assert heads_of(page) == [3]
    assert lack.is_hidden()


def test_the_grid_shows_the_heads_that_are_there(save: Opened) -> None:
    """The others have an empty place: they are neither NaN nor waited for."""
    page = save(
        trace(heads=(4, 4, 4)),
        options={"layers": [0, 2], "heads": [1, 3]},
        views="grid",
        layer=2,
        summary="entropy",
        sort_heads=False,
    )
    grid = page.locator(".aw-view-grid")
    assert "4 heads in 2 layers." in (grid.text_content() or "")
    assert "NaN" not in (grid.locator(".aw-legend").text_content() or "")
    grid.locator(".aw-grid").focus()
    told = []
    for _ in range(3):
        told.append(grid.get_by_role("gridcell").text_content() or "")
        page.keyboard.press("ArrowRight")
    left = "not included in this export"
    assert [left in text for text in told] == [False, True, False]
    assert "entropy" in told[0].lower()
    settle(page)
    assert page.evaluate(ERRORS) == []


def test_a_view_without_its_data_says_so(save: Opened) -> None:
    page = save(trace(), views="lines")
    page.locator(".aw-picker [data-view=neuron]").click()
    page.wait_for_selector(".aw-view-neuron .aw-error:visible")
    (said,) = set(page.evaluate(ERRORS))
    assert said.startswith("Not included in this export: queries and keys")


def test_the_address_leads_back(save: Opened, disk: Opened, tmp_path: Path) -> None:
    page = save(trace(heads=(4, 4, 2)))
    chips(page, "Layer").nth(1).click()
    head_chip(page, 2).click()
    page.wait_for_url("**/*#layer=1&heads=2")
    fragment = page.url.partition("#")[2]
    again = disk(tmp_path / "saved.html", f"#{fragment}")
    assert (layer_of(again), heads_of(again)) == (1, [2])


@pytest.mark.parametrize(
    "fragment",
    [
        "#layer=99&heads=77&token=-1&views=<script>&theme=pink&top_p=7&pinned=1,1",
        "#layer=1e0&heads=0,0&locale=__proto__&combine=constructor",
        "#%E0%A4%A",
        "#meta=1&text=x&busy=true&layer=",
    ],
)
def test_a_malformed_address_changes_nothing(fragment: str, save: Opened) -> None:
    page = save(trace(heads=(4, 4, 2)), fragment, layer=1, heads=(1,))
    assert (layer_of(page), heads_of(page)) == (1, [1])


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "-->",
    "]]>",
    "\u2028\u2029",
    "\ud83d",
    "\u202eabc\u202c",
    "\x00\x07\x1b[31m",
    "'\"`${alert(1)}&lt;",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("assets", ["inline", "beside"])
def test_text_cannot_break_out(assets: str, save: Opened) -> None:
    made = trace(heads=(2,), labels=[f"w{i}" for i in range(len(HOSTILE))])
    made = replace(
        made,
        tokens=tuple(
            replace(token, label=text, text=text, lead=" ")
            for token, text in zip(made.tokens, HOSTILE, strict=True)
        ),
        model_name="</title><script>alert(2)</script>",
        texts=(" ".join(HOSTILE),),
    )
    page = save(made, options={"assets": assets}, views=VIEWS)
    assert page.title().startswith("</title><script>alert(2)</script>")
    shown = page.locator(".aw-view-tokens").text_content() or ""
    assert HOSTILE[0] in shown
    assert HOSTILE[1] in shown
    assert page.locator("img[src=x]").count() == 0


def test_a_token_of_a_megabyte(save: Opened) -> None:
    made = trace(heads=(2,))
    tokens = list(made.tokens)
    tokens[1] = replace(tokens[1], text="x" * 2**20, label="x" * 2**20)
    page = save(replace(made, tokens=tuple(tokens)), views=("lines", "tokens", "text"))
    assert page.locator(".aw-view-tokens").is_visible()


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "saved.html"
    AttentionWidget.from_trace(trace(), views=("lines", "text")).export_html(path)
    return path, path.read_text(encoding="utf-8")


def message(page: Page) -> str:
    said = page.locator("#aw-message")
    expect(said).not_to_have_text("Opening …")
    return said.text_content() or ""


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_page_says_so(share: float, saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    start = html.index('id="aw-script"')
    path.write_text(html[: start + int(share * (len(html) - start - 20))], encoding="utf-8")
    page = disk(path, drawn=False)
    assert message(page).startswith("This page is not complete")


def test_a_page_cut_before_its_script_says_so(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    path.write_text(html[: html.index("<script>") + 40], encoding="utf-8")
    assert "did not open" in message(disk(path, drawn=False))


def spoiled(html: str, block: str) -> str:
    """The page with some bytes of a block changed."""
    start = html.index(">", html.index(f'id="{block}"')) + 1
    stop = html.index("<", start)
    data = bytearray(base64.b64decode(html[start:stop]))
    for place in range(len(data) // 2, len(data) // 2 + 4):
        data[place] ^= 0x5A
    return html[:start] + base64.b64encode(data).decode() + html[stop:]


@pytest.mark.parametrize("block", ["aw-script", "aw-style", "aw-block-0"])
def test_a_damaged_page_says_so(block: str, saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    path.write_text(spoiled(html, block), encoding="utf-8")
    assert message(disk(path, drawn=False)).startswith("This page is damaged")


def test_damaged_numbers_are_not_shown(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    for number_ in range(1, html.count('id="aw-block-')):
        html = spoiled(html, f"aw-block-{number_}")
    path.write_text(html, encoding="utf-8")
    page = disk(path, drawn=False)
    page.wait_for_selector(".aw-error:visible")
    assert all(said.startswith("This page is damaged") for said in page.evaluate(ERRORS))


def test_no_numbers_at_all_are_damage(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    nothing = base64.b64encode(zlib.compress(b"not json")).decode()
    start = html.index(">", html.index('id="aw-block-0"')) + 1
    path.write_text(html[:start] + nothing + html[html.index("<", start) :], encoding="utf-8")
    assert message(disk(path, drawn=False)).startswith("This page is damaged")


def test_a_page_of_another_version_says_so(saved: tuple[Path, str], disk: Opened) -> None:
    path, html = saved
    described = json.loads(re.findall(r'id="aw-export">(.*?)<', html)[0])
    other = json.dumps({**described, "format": FORMAT + 1})
    path.write_text(html.replace(json.dumps(described), other), encoding="utf-8")
    said = message(disk(path, drawn=False))
    assert f"version {FORMAT + 1}" in said
    assert f"reads version {FORMAT}" in said


def serve(page: Page, folder: Path, policy: str) -> list[str]:
    """Serves a folder under a policy; whatever else is asked for is refused, and listed."""
    refused: list[str] = []

    def answer(route: Route) -> None:
        name = route.request.url.partition("http://site.test/")[2]
        if not name or not (folder / name).is_file():
            if name != "favicon.ico":
                refused.append(route.request.url)
            return route.abort() if name != "favicon.ico" else route.fulfill(status=204)
        headers = {"Content-Security-Policy": policy}
        return route.fulfill(path=folder / name, headers=headers)

    page.route("**/*", answer)
    return refused


def test_files_beside_need_no_inline_code(page: Page, bundle: None, tmp_path: Path) -> None:
    """Served under a policy that names nothing but its own files."""
    made = trace(heads=(4, 4))
    widget = AttentionWidget.from_trace(made, views=VIEWS)
    widget.export_html(tmp_path / "page.html", assets="beside")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([SCRIPT, STYLE, "page.html"])
    refused = serve(page, tmp_path, STRICT)
    page.goto("http://site.test/page.html")
    settle(page)
    assert page.evaluate(ERRORS) == []
    head_chip(page, 1).click()
    query_row(page, 2).hover()
    settle(page)
    exact = made.attention(0)[1, 2]
    shown = key_weights(page)
    assert shown.keys() == set(range(len(exact)))
    assert all(is_within(weight, exact[key], 1e-3) for key, weight in shown.items())
    assert refused == []


@pytest.mark.parametrize("how", ["src", "srcdoc"])
def test_a_page_shows_in_another(how: str, page: Page, bundle: None, tmp_path: Path) -> None:
    AttentionWidget.from_trace(trace(), views=VIEWS).export_html(tmp_path / "page.html")
    (tmp_path / "outer.html").write_text(
        '<!doctype html><iframe style="width: 900px; height: 600px"></iframe>', encoding="utf-8"
    )
    serve(page, tmp_path, "")
    page.goto("http://site.test/outer.html")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    value = "/page.html" if how == "src" else html
    page.evaluate(
        "([how, value]) => { document.querySelector('iframe')[how] = value }", [how, value]
    )
    frame = page.frame_locator("iframe")
    frame.locator(".aw-view-lines").wait_for()
    head_chip(frame, 1).click()  # type: ignore[arg-type]
    expect(frame.locator('[role="radio"][aria-checked="true"]').first).to_be_visible()
    expect(frame.locator("[data-pending]")).to_have_count(0)
    assert frame.locator(".aw-error:visible").count() == 0
