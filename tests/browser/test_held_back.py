"""What takes more memory than is free waits for a person, at whose word it runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from support.models import TEXT, tiny, tokenizer
from support.small_machine import GB, a_machine_of

from attention_widget import AttentionWidget
from attention_widget.tracing import tracer
from browser.overflow import OVERFLOWS
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

SAID = {
    "en": "Running the model takes about 3.0 GB of memory, and 950.0 MB are free: the kernel may "
    "die. A shorter text takes less.",
    "ru": "Запуск модели займёт около 3,0 ГБ памяти, а свободно 950,0 МБ: ядро может аварийно "
    "завершиться. Более короткий текст займёт меньше.",
    "vi": "Chạy mô hình cần khoảng 3,0 GB bộ nhớ mà chỉ còn trống 950,0 MB: kernel có thể bị "
    "dừng. Văn bản ngắn hơn cần ít hơn.",
}


def test_a_text_and_an_edit_wait_until_a_person_decides(
    page: Page, bundle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.set_viewport_size({"width": 640, "height": 800})
    widget = AttentionWidget(
        tiny("llama"), TEXT, tokenizer=tokenizer(), views="lines", layer=0, heads=1
    )
    host = PageHost(page, widget)
    host.settle()
    monkeypatch.setattr(tracer, "pass_nbytes", lambda *args: 3 * GB)
    a_machine_of(monkeypatch, 95 * GB // 100)
    line, box = page.locator(".aw-short"), page.locator("textarea.aw-input").first
    try:
        expect(line).to_be_hidden()
        for locale, words in reversed(SAID.items()):
            host.select(locale=locale)  # builds the controls again, which stops what they asked
            page.locator(".aw-leave-out").click()
            expect(line.locator("> span").first).to_have_text(words)
            assert page.evaluate(OVERFLOWS) == [], locale
        expect(page.locator(".aw-live")).to_contain_text(SAID["en"])
        line.get_by_role("button", name="Cancel").click()
        expect(line).to_be_hidden()
        expect(page.locator(".aw-edit-error:not([hidden])")).to_have_count(0)
        assert widget.edits == ()

        box.fill("a novel idea")
        box.press("Enter")
        expect(line).to_be_visible()
        expect(page.locator(".aw-run")).to_have_text("Waiting …")
        assert widget.text == TEXT
        line.get_by_role("button", name="Run anyway").click()
        host.expect(text="a novel idea")
        expect(line).to_be_hidden()
        page.locator(".aw-leave-out").click()  # takes no more than what was allowed
        host.wait(lambda: bool(widget.edits), "the edit is not made")
        expect(line).to_be_hidden()
    finally:
        host.close()
