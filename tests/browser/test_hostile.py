"""What a model or a person wrote runs nothing and breaks nothing, in a notebook and in a saved
page: see support/hostile.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect
from support.hostile import ALL, LONG, NAME, harmless, hostile_trace
from support.traces import chat

from attention_widget import AttentionWidget
from attention_widget._util.unicode import sendable
from attention_widget.protocol.option_values import VIEWS
from attention_widget.trace.trace import Trace
from browser.export_pages import Opened, settle
from browser.page_host import PageHost
from browser.reading import panel_action, panel_options

pytestmark = pytest.mark.browser

HIT = "() => 'hit' in window || [...document.querySelectorAll('iframe')].some((f) => f.hit)"
ELEMENTS = """() => {
    const count = {};
    const walk = (node) => {
        for (const one of node.querySelectorAll("*")) {
            count[one.localName] = (count[one.localName] ?? 0) + 1;
            if (one.shadowRoot) walk(one.shadowRoot);
        }
    };
    walk(document);
    return count;
}"""
DANGEROUS = ("script", "img", "iframe", "object", "embed", "link", "base", "meta", "style", "form")
HANDLERS = """() => [...document.querySelectorAll("*")].flatMap((node) =>
    node.getAttributeNames().filter((name) => /^on/.test(name)))"""


def elements(page: Page) -> dict[str, int]:
    found: dict[str, int] = page.evaluate(ELEMENTS)
    return {name: found.get(name, 0) for name in DANGEROUS}


def check(page: Page, n_tokens: int = len(ALL)) -> None:
    """Nothing ran, and every view stands."""
    assert page.evaluate(HIT) is False
    assert page.evaluate(HANDLERS) == []
    for name in VIEWS:
        view = page.locator(f".aw-view-{name}")
        box = view.bounding_box()
        assert box is not None
        assert box["height"] > 50
        assert view.locator(".aw-error:visible").count() == 0
    assert page.locator(".aw-view-lines .aw-queries .aw-row").count() > 0
    counted = page.locator(".aw-view-tokens .aw-table").first.get_attribute("aria-rowcount")
    assert counted == str(n_tokens + 1)  # a row of titles
    expect(page.locator(".aw-view-text [data-unit]")).to_have_count(n_tokens)


def use(page: Page, wait: Callable[[], object]) -> None:
    """Hover and click all tokens, which shows them in other places too."""
    rows = page.locator(".aw-view-lines .aw-queries .aw-row")
    scroller = page.locator(
        ".aw-view-lines .aw-queries .aw-scroll, .aw-view-lines .aw-scroll"
    ).first
    for part in range(4):
        for index in range(2, rows.count(), 4):
            if rows.nth(index).is_visible():
                rows.nth(index).hover(force=True)
                wait()
        scroller.evaluate(
            "(node, part) => node.scrollTo(0, node.scrollHeight * part / 4)", part + 1
        )
        wait()
    folded = page.locator('.aw-view-text .aw-fold[aria-expanded="false"]')  # by a chat's template
    while folded.count():
        folded.first.click()
    units = page.locator(".aw-view-text [data-unit]")
    for index in range(0, units.count(), 9 if units.count() > 9 else 1):
        units.nth(index).click()
        wait()


FIGURES = ("lines", "grid", "neuron", "matrix", "tokens", "text")


def figures(page: Page, folder: Path) -> None:
    """Every view's SVG is well-formed XML with neither code nor an address."""
    for name in FIGURES:
        with page.expect_download() as download:
            panel_action(page.locator(f".aw-view-{name}"), "svg").click()
        assert Path(download.value.suggested_filename).name == download.value.suggested_filename
        path = folder / f"{name}.svg"
        download.value.save_as(path)
        for node in ElementTree.parse(path).getroot().iter():
            assert node.tag.partition("}")[2] not in ("script", "foreignObject", "iframe", "a")
            for key, value in node.attrib.items():
                assert not key.startswith("on")
                if key.rpartition("}")[2] == "href":
                    assert value.startswith(("data:image/png;base64,", "#"))
                assert "evil.test" not in value or key == "aria-label"


def table(page: Page) -> list[list[str]]:
    """What the tokens view copies."""
    page.evaluate(
        """() => {
            window.copied = null;
            Object.defineProperty(navigator, "clipboard", {
                configurable: true,
                value: { writeText: async (text) => { window.copied = text; } },
            });
        }"""
    )
    with panel_options(page.locator(".aw-view-tokens")) as options:
        options.get_by_role("button", name="Copy as TSV").click()
    page.wait_for_function("window.copied !== null")
    copied: str = page.evaluate("window.copied")
    return [line.split("\t") for line in copied.split("\n")]


def check_table(page: Page) -> None:
    title, *rows = table(page)
    assert len(rows) == len(ALL)
    assert {len(row) for row in rows} == {len(title)}
    column = next(i for i, name in enumerate(title) if name == "exact text")
    for row, text in zip(rows, ALL, strict=True):
        plain = text.replace("\\", "\\\\").replace("\t", "\\t")
        plain = plain.replace("\n", "\\n").replace("\r", "\\r")
        assert row[column] == sendable(plain)


def test_the_widget(open_trace: Callable[..., PageHost], tmp_path: Path) -> None:
    host = open_trace(harmless(hostile_trace()), views=VIEWS)
    usual = elements(host.page)
    host.page.goto("about:blank")
    host = _again(host, AttentionWidget.from_trace(hostile_trace(), views=VIEWS, layer=0))
    check(host.page)
    assert elements(host.page) == usual
    use(host.page, host.settle)
    check(host.page)
    assert elements(host.page)["script"] == usual["script"]
    assert host.requests == []
    figures(host.page, tmp_path)
    check_table(host.page)
    for choice in ({"words": True}, {"locale": "ru"}, {"direction": "horizontal"}):
        host.select(**choice)
        assert host.page.evaluate(HIT) is False
    host.close()


def _again(host: PageHost, widget: AttentionWidget) -> PageHost:
    """Another widget on the page of a host."""
    context = host.page.context
    page = context.new_page()
    other = PageHost(page, widget)
    other.settle()
    return other


def test_a_chat(open_trace: Callable[..., PageHost]) -> None:
    made = chat()
    roles = (NAME,) * len(made.roles)
    host = open_trace(replace(made, roles=roles, texts=(NAME,) * len(made.texts)), views=VIEWS)
    check(host.page, len(made.tokens))
    usual = elements(host.page)
    use(host.page, host.settle)
    check(host.page, len(made.tokens))
    assert elements(host.page) == usual


def test_what_is_typed(open_widget: Callable[..., PageHost], tmp_path: Path) -> None:
    """A person's own text, read by a model, and an error that quotes it."""
    host = open_widget("a novel", views=VIEWS)
    text = "".join(one for one in ALL if sendable(one) == one)
    host.widget.text = text
    host.flush()
    host.settle()
    n_tokens = len(host.widget.trace.tokens)
    check(host.page, n_tokens)
    assert host.widget.text == text
    assert host.page.evaluate(HIT) is False


@pytest.fixture
def saved(disk: Opened, tmp_path: Path) -> Callable[..., Page]:
    def save(made: Trace, assets: Any, name: str = "saved.html") -> Page:
        path = tmp_path / name
        AttentionWidget.from_trace(made, views=VIEWS).export_html(path, assets=assets)
        return disk(path)

    return save


@pytest.mark.parametrize("assets", ["inline", "beside"])
def test_a_saved_page(assets: str, saved: Callable[..., Page], tmp_path: Path) -> None:
    usual = elements(saved(harmless(hostile_trace()), assets))
    page = saved(hostile_trace(), assets, "hostile <img src=x onerror=hit=1>'\"&.html")
    check(page)
    assert elements(page) == usual
    figures(page, tmp_path)
    if assets == "beside":  # opened, it is the same page
        return
    use(page, lambda: settle(page))
    check(page)
    assert elements(page)["script"] == usual["script"]
    check_table(page)


@pytest.mark.parametrize("where", ["widget", "page"])
def test_a_megabyte(
    where: str,
    open_trace: Callable[..., PageHost],
    saved: Callable[..., Page],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one token, as the text and as the model's name."""
    strings = (LONG, *(f"w{index}" for index in range(len(ALL) - 1)))
    made = replace(hostile_trace(strings), model_name=LONG)
    if where == "widget":
        monkeypatch.setattr("browser.page_host.PATIENCE_S", 60)  # a text box of a megabyte is slow
        page = open_trace(made, views=VIEWS).page
    else:
        page = saved(made, "inline")
    check(page)
    overflow = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(overflow)
    figures(page, tmp_path)
    assert max(path.stat().st_size for path in tmp_path.glob("*.svg")) < 2**20
