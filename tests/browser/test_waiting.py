"""While nothing has come, no view says anything of the data: it says that it waits."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page
from support.traces import as_maps, trace

from attention_widget import AttentionWidget
from attention_widget.protocol.option_values import Locale
from browser.page_host import PageHost

pytestmark = pytest.mark.browser

VIEWS = ("lines", "grid", "neuron", "matrix", "tokens", "text")
WAITING = {"en": "Waiting for the data …", "vi": "Đang chờ dữ liệu …", "ru": "Ожидание данных …"}
A_NUMBER = re.compile(r"\d[.,]\d{2,}|\bNaN\b|\d %|\bsum|[-−+]0\b")

OF_ALL_WEIGHTS = re.compile(r"\D+0(0[.,]01)?(0[.,]1)?(0[.,]5)?1")
"""The scale of weights goes from 0 to 1, whatever is shown."""

# Rests before something is said or asked, a tenth as long.
SHORT_RESTS = """
  window.rests = new Set();
  const [start, stop] = [window.setTimeout.bind(window), window.clearTimeout.bind(window)];
  window.setTimeout = (run, wait, ...rest) => {
    if (!(wait <= 500)) return start(run, wait, ...rest);
    const timer = start((...args) => {
      window.rests.delete(timer);
      run(...args);
    }, wait / 10, ...rest);
    window.rests.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => {
    window.rests.delete(timer);
    stop(timer);
  };
"""
RESTED = """async () => {
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  return window.rests.size === 0;
}"""


class Mute(PageHost):
    """Nothing that is asked for comes."""

    def _to_python(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        if message.get("content", {}).get("kind") == "tensors":
            return []
        return super()._to_python(message)


def notes(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".aw-view")].map((view) => [
             [...view.classList].find((name) => name.startsWith("aw-view-")).slice(8),
             view.querySelector(".aw-note").textContent]))"""
    )
    return found


def claims(page: Page) -> list[str]:
    """Numbers that a panel or the live region says."""
    said: list[str] = page.evaluate(
        """() => [...document.querySelectorAll(
             ".aw-note, .aw-legend > *, .aw-warning, .aw-live, .aw-tooltip, " +
             ".aw-weight, .aw-number")]
             .filter((node) => !node.closest("[hidden]")).map((node) => node.textContent)"""
    )
    return [text for text in said if A_NUMBER.search(text) and not OF_ALL_WEIGHTS.fullmatch(text)]


@pytest.mark.parametrize("locale", WAITING)
@pytest.mark.parametrize(
    ("measure", "maps"),
    [
        ("norm", False),
        ("attention_from", False),
        ("attention_received", False),
        ("attention_received", True),
    ],
)
def test_a_view_that_waits_says_so_and_nothing_else(
    page: Page, bundle: None, locale: Locale, measure: str, maps: bool
) -> None:
    made = as_maps(trace()) if maps else trace()
    choices: dict[str, Any] = {"views": VIEWS, "measure": measure, "summary": "entropy"}
    page.add_init_script(SHORT_RESTS)
    host = Mute(page, AttentionWidget.from_trace(made, locale=locale, token=2, **choices))
    waiting = WAITING[locale]

    def all_wait() -> bool:
        said = notes(page)
        del said["grid"]  # which counts the heads that are still to come
        return set(said.values()) == {waiting}

    try:
        for chosen in ({"token": 2}, {"token": None, "key_token": 1}, {"key_token": None}):
            for name, value in chosen.items():
                setattr(host.widget, name, value)
            host.flush()
            if measure == "attention_from" and host.widget.token is None:
                host.widget.token = 3  # else the text asks for one, rightly
                host.flush()
            host.wait(all_wait, lambda: f"{notes(page)}")
            assert "3" in notes(page)["grid"]
            page.wait_for_function(RESTED)  # the live region would have spoken
            assert claims(page) == []
        page.locator('.aw-view-lines .aw-queries [data-token="1"]').hover()
        host.wait(all_wait, lambda: f"{notes(page)}")
        page.locator('.aw-view-lines .aw-keys [data-token="3"]').hover()
        host.wait(all_wait, lambda: f"{notes(page)}")
        assert claims(page) == []
    finally:
        host.close()


def test_where_no_weight_is_strong_enough_the_lines_say_so(page: Page, bundle: None) -> None:
    widget = AttentionWidget.from_trace(trace(), views=("lines",), threshold=1.0, layer=0)
    host = PageHost(page, widget)
    try:
        host.settle()
        assert notes(page)["lines"] == "No lines at these settings (4 heads)."
    finally:
        host.close()
