"""The text box: another text runs the model; whatever fails, the old result stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from support import traces
from traitlets import TraitError

from attention_widget import AttentionWidget
from browser.page_host import PageHost
from browser.picking import EXAMPLES, opened
from browser.reading import as_weight, hovered_scores, key_weights, labels, softmax, text, unit

pytestmark = pytest.mark.browser

LONGER = "I read a good novel about purple ink."


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


def failure(page: Page) -> Locator:
    return page.locator(".aw-sentence").get_by_role("alert")


def shows(host: PageHost, sentence: str) -> None:
    """Everything on the page is of this sentence."""
    host.expect(text=sentence)
    host.settle()
    trace = host.widget.trace
    expect(box(host.page)).to_have_value(sentence)
    expect(host.page.locator(".aw-model")).to_contain_text(f"{len(trace.tokens)} tokens")
    assert labels(host.page) == [token.label for token in trace.tokens]
    token = host.widget.token
    assert token is not None
    head = host.widget.heads[0]
    weights = trace.attention(host.widget.layer)[head, token]
    shown = {key: as_weight(weight) for key, weight in enumerate(weights)}
    assert softmax(host.page) == key_weights(host.page) == shown


@contextmanager
def slow(model: Any) -> Iterator[tuple[threading.Event, threading.Event]]:
    """The model waits in its forward pass: (has begun, may go on)."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(*_: object) -> None:
        begun.set()
        assert go_on.wait(30)

    hook = model.register_forward_pre_hook(wait)
    try:
        yield begun, go_on
    finally:
        go_on.set()
        hook.remove()


@pytest.mark.parametrize("way", ["Enter", "Run"])
def test_another_text_runs_the_model(open_widget: Callable[..., PageHost], way: str) -> None:
    host = open_widget(heads=4, token=3, layer=2)
    run = host.page.locator(".aw-run")
    expect(run).to_be_hidden()
    box(host.page).fill(LONGER)
    expect(run).to_be_visible()
    if way == "Enter":
        box(host.page).press("Enter")
    else:
        run.click()
    shows(host, LONGER)
    assert host.widget.trace.texts == (LONGER,)
    assert (host.widget.layer, host.widget.heads, host.widget.token) == (2, (4,), 3)
    expect(run).to_be_hidden()
    expect(failure(host.page)).to_be_hidden()


def test_selections_that_the_new_text_lacks_are_let_go(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget(LONGER, heads=4, token=8, pinned=2)
    box(host.page).fill("Purple ink.")
    box(host.page).press("Enter")
    host.expect(text="Purple ink.", token=None, pinned=(2,))
    host.settle()
    expect(host.page.locator(".aw-view-lines .aw-selected")).to_have_count(0)
    expect(unit(host.page, 2)).to_contain_class("aw-pinned")
    assert len(hovered_scores(host.page)) == 5


def test_two_texts(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget("A novel.", text_pair="An idea.", heads=1, token=2)
    box(host.page).fill("A good novel.")
    second = host.page.get_by_role("textbox", name="Second text")
    second.fill("Purple ink.")
    second.press("Enter")
    host.expect(text="A good novel.", text_pair="Purple ink.")
    shows(host, "A good novel.")
    assert labels(host.page).count("[SEP]") == 2


def test_shift_enter_is_a_new_line_and_escape_takes_back(
    open_widget: Callable[..., PageHost],
) -> None:
    host = open_widget()
    box(host.page).press("End")
    box(host.page).press("Shift+Enter")
    box(host.page).press_sequentially("More")
    expect(box(host.page)).to_have_value("Attention is a novel idea.\nMore")
    box(host.page).press("Escape")
    expect(box(host.page)).to_have_value("Attention is a novel idea.")
    assert host.widget.meta["run"] == 1


def test_python_runs_another_text(open_widget: Callable[..., PageHost]) -> None:
    host = open_widget(heads=4, token=3)
    host.widget.text = LONGER
    host.flush()
    shows(host, LONGER)


def test_a_pass_under_way_is_seen(
    open_widget: Callable[..., PageHost], minilm: tuple[Any, Any]
) -> None:
    host = open_widget(heads=4, token=3, background=True)
    before = host.widget.trace
    run = host.page.locator(".aw-run")
    root = host.page.get_by_role("group", name="Attention widget")
    with slow(minilm[0]) as (begun, go_on):
        box(host.page).fill(LONGER)
        box(host.page).press("Enter")
        host.wait(begun.is_set, "the model was not run")
        host.flush()
        expect(host.page.locator(".aw-waiting")).to_have_text("running the model …")
        expect(root).to_have_attribute("data-busy", "")
        expect(run).to_have_text("Running …")
        expect(run).to_be_disabled()
        assert host.widget.busy
        # The old result is still there, and can be walked through.
        assert labels(host.page) == [token.label for token in before.tokens]
        unit(host.page, 2).click()
        host.expect(pinned=(2,), token=2)
        host.settle()
        shown = {key: as_weight(w) for key, w in enumerate(before.attention(0)[4, 2])}
        assert key_weights(host.page) == shown
        assert host.widget.trace is before
        go_on.set()
        host.finish()
        shows(host, LONGER)
    expect(host.page.locator(".aw-waiting")).to_be_empty()
    expect(run).to_be_hidden()
    assert root.get_attribute("data-busy") is None
    assert not host.widget.busy


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("   ", "3 blank characters"),
        ("", "text must not be empty"),
    ],
)
def test_a_text_that_cannot_be_read_is_said_and_the_old_result_stays(
    open_widget: Callable[..., PageHost], given: str, said: str
) -> None:
    host = open_widget(heads=4, token=3, pinned=4)
    trace, numbers = host.widget.trace, softmax(host.page)
    box(host.page).fill(given)
    box(host.page).press("Enter")
    expect(failure(host.page)).to_be_visible()
    with pytest.raises(TraitError, match=said) as raised:
        host.widget.run(given)
    assert failure(host.page).text_content() == str(raised.value)  # Python's own words
    host.settle()
    assert host.widget.trace is trace
    assert (host.widget.token, host.widget.pinned, host.widget.busy) == (3, (4,), False)
    assert softmax(host.page) == key_weights(host.page) == numbers
    expect(box(host.page)).to_have_value(given)  # to be mended
    expect(host.page.locator(".aw-run")).to_be_enabled()
    box(host.page).fill(LONGER)
    box(host.page).press("Enter")
    shows(host, LONGER)
    expect(failure(host.page)).to_be_hidden()


TOO_LONG = {
    "en": ("This text has 602 tokens; the model reads up to 512.", "Shorten to 512 tokens"),
    "vi": ("Văn bản này có 602 token; mô hình chỉ đọc được 512 token.", "Rút ngắn còn 512 token"),
    "ru": ("Токенов в этом тексте: 602; модель читает не больше 512.", "Сократить до 512 токенов"),
}


@pytest.mark.parametrize("locale", TOO_LONG)
def test_a_text_that_is_too_long_is_cut_by_the_button_that_says_so(
    open_widget: Callable[..., PageHost], locale: str
) -> None:
    said, button = TOO_LONG[locale]
    host = open_widget(heads=4, token=3, locale=locale, views=("text",))
    field = host.page.locator(".aw-input").first
    field.fill("purple " * 600)
    field.press("Enter")
    expect(failure(host.page)).to_contain_text(said)
    expect(failure(host.page)).not_to_contain_text("truncation")
    failure(host.page).get_by_role("button", name=button).click()
    host.expect(text="purple " * 600)
    host.settle()
    assert len(host.widget.trace.tokens) == 512
    expect(failure(host.page)).to_be_hidden()
    host.page.keyboard.press("l")  # the keys are still the widget's
    host.expect(layer=1)


PLACES = """() => [
  ...document.querySelectorAll(".aw-picker, .aw-open-views, .aw-headline, .aw-view")
].map((node) => Object.values(node.getBoundingClientRect().toJSON()))"""


def test_the_text_box_grows_above_the_page_while_it_is_written_in(
    open_widget: Callable[..., PageHost],
) -> None:
    long = LONGER + " The same was said of many a colour that is as good." * 4
    host = open_widget(long, views=("lines",))
    page = host.page
    page.set_viewport_size({"width": 1000, "height": 700})
    host.settle()
    field = box(page)

    def height() -> float:
        found = field.bounding_box()
        assert found is not None
        return found["height"]

    before = page.evaluate(PLACES)
    assert height() < 30
    slot = page.locator(".aw-slot").first
    expect(slot).to_have_attribute("data-more", "")
    field.click()
    assert height() > 60
    inner, needed = field.evaluate("(box) => [box.clientHeight, box.scrollHeight]")
    assert inner >= needed
    page.keyboard.type("More. ")
    expect(page.locator(".aw-run")).to_be_visible()
    assert page.evaluate(PLACES) == before
    page.keyboard.press("Escape")
    page.locator(".aw-gear").focus()
    assert height() < 30
    assert page.evaluate(PLACES) == before


@pytest.mark.parametrize("locale", ["en", "vi", "ru"])
def test_an_example_is_run(open_widget: Callable[..., PageHost], locale: str) -> None:
    host = open_widget(views=("text",), locale=locale)
    with opened(host.page, EXAMPLES) as listed:
        example = listed.locator("[data-example]").first
        sentence = example.locator("span").text_content()
        example.click()
    host.expect(text=sentence)
    host.settle()
    expect(host.page.locator(EXAMPLES)).to_be_focused()


def test_without_a_model_the_text_is_not_for_editing(open_trace: Callable[..., PageHost]) -> None:
    host = open_trace(traces.trace())
    expect(box(host.page)).to_have_value("a novel idea")
    expect(box(host.page)).not_to_be_editable()
    expect(host.page.locator(".aw-run")).to_be_hidden()
    assert len(hovered_scores(host.page)) == 6
    expect(text(host.page)).to_be_visible()


READ_ONLY = {
    "en": "made from a trace",
    "vi": "được tạo từ một bản ghi (trace)",
    "ru": "создан из трассировки",
}


@pytest.mark.parametrize("locale", READ_ONLY)
def test_why_no_other_text_can_be_read_is_said_in_the_reader_s_language(
    open_trace: Callable[..., PageHost], locale: str
) -> None:
    host = open_trace(traces.trace(), locale=locale, views=("lines",))
    expect(host.page.locator(".aw-reason")).to_contain_text(READ_ONLY[locale])
    host.select(locale="ru" if locale != "ru" else "en")
    other = READ_ONLY["ru" if locale != "ru" else "en"]
    expect(host.page.locator(".aw-reason")).to_contain_text(other)
    # So is each other reason; Python's errors keep Python's words.
    host.widget.set_trait("meta", {**host.widget.meta, "read_only": "chat"})
    host.flush()
    expect(host.page.locator(".aw-reason")).to_contain_text("widget.run(…)")
    expect(host.page.locator(".aw-reason")).not_to_contain_text("given a chat; give it")


def test_a_saved_page_says_it_in_the_language_that_is_chosen_there(
    page: Page, bundle: None
) -> None:
    page.set_content(AttentionWidget.from_trace(traces.trace(), locale="vi").to_html())
    expect(page.locator(".aw-reason")).to_contain_text("Trang này được lưu từ notebook")
