"""What a click asks of Python: one message, with all that its views wait for and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support import traces

from browser.page_host import PageHost

pytestmark = pytest.mark.browser

TOKENS = 320
"""Of so many a layer of 12 heads does not come whole."""


@pytest.fixture
def host(open_trace: Callable[..., PageHost]) -> PageHost:
    made = traces.trace(heads=(12,) * 5, labels=[f"t{index}" for index in range(TOKENS)])
    views = ("lines", "grid", "text", "matrix", "tokens")
    chosen = {"layer": 0, "heads": 0, "token": 3, "measure": "attention_from"}
    return open_trace(made, views=views, **chosen)


# A message that asks for something of a layer.
SENT = """(layer) => window.host.unanswered.some(({ content }) =>
  content?.wishes?.some(({ key }) => key.includes(layer)))"""
FRAMES = """async () => {
  for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame);
}"""


def asks(host: PageHost) -> list[list[str]]:
    """The keys of each message that was sent since the line was cut."""
    messages = [message.get("content", {}) for message in host.unanswered()]
    return [[wish["key"] for wish in each["wishes"]] for each in messages if "wishes" in each]


def test_a_layer_not_seen_before_is_asked_for_in_one_message(host: PageHost) -> None:
    host.wait(lambda: "thumbnails/encoder/4" in host.asked, "the grid still waits")
    grid = ("summaries", "thumbnails")  # of every layer
    assert not any("/encoder/3" in key and not key.startswith(grid) for key in host.asked)
    host.cut()
    host.page.locator(".aw-layer select").select_option("3")
    host.page.wait_for_function(SENT, arg="/encoder/3")
    host.page.evaluate(FRAMES)  # in which a second message would come
    (sent,) = [keys for keys in asks(host) if any("/encoder/3" in key for key in keys)]
    names = sorted(key.split("/")[0] for key in sent)
    assert names == ["attention_row", "count_nan", "edges", "map_margins", "map_tile", "mask"]


def test_vectors_come_after_the_attention_that_is_shown(host: PageHost) -> None:
    vectors = "hidden_states/encoder/1"
    host.wait(lambda: vectors in host.asked, "the vectors are not asked for")
    needed = [key for key in host.asked if key.startswith(("attention_row", "edges", "map_"))]
    assert needed
    first = [host.asked.index(key) for key in needed if "/encoder/0" in key]
    assert max(first) < host.asked.index(vectors)
