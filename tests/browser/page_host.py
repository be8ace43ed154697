"""A page without a kernel that shows a real AttentionWidget: the same bundle, the same Python.

What the browser sends goes to the widget object in this process, what the widget sends goes to
the page; only Jupyter is left out, so that a picture stands in half a second.
"""

from __future__ import annotations

import base64
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from playwright.sync_api import Locator, Page, Route
from support.repository import STATIC

from attention_widget import AttentionWidget
from browser.settling import SETTLED

ORIGIN = "http://widget.test/"
PATIENCE_S = 180

HTML = """<!doctype html><html><head><meta charset="utf-8"><title>widget</title>
<link rel="stylesheet" href="widget.css">
<style>body { margin: 0; padding: 12px; } body.dark { background: #111; }</style>
</head><body><div id="cell"></div></body></html>"""

HOST = """
async (state) => {
  const listeners = new Map();
  const dirty = {};
  const bytes = (text) => {
    const raw = atob(text);
    const array = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) array[i] = raw.charCodeAt(i);
    return new DataView(array.buffer);
  };
  const fire = (event, ...args) => {
    for (const callback of [...(listeners.get(event) ?? [])]) callback(...args);
  };
  const deliver = (messages) => {
    for (const { method, state: update, content, buffers } of messages) {
      if (method === "custom") fire("msg:custom", content, buffers.map(bytes));
      else {
        Object.assign(state, update);
        for (const name of Object.keys(update)) fire(`change:${name}`);
      }
    }
  };
  const host = { deliver, listeners, cut: false, unanswered: [] };
  const send = (message) => {
    if (host.cut) host.unanswered.push(message);
    else window.toPython(message).then(deliver);
  };
  host.model = {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      dirty[name] = value;
      fire(`change:${name}`);
    },
    save_changes: () => {
      const update = { ...dirty };
      for (const name of Object.keys(dirty)) delete dirty[name];
      send({ method: "update", state: update });
    },
    on: (event, callback) => listeners.set(event, [...(listeners.get(event) ?? []), callback]),
    off: (event, callback) => {
      const left = (listeners.get(event) ?? []).filter((other) => other !== callback);
      if (left.length) listeners.set(event, left);
      else listeners.delete(event);
    },
    send: (content) => send({ method: "custom", content }),
  };
  const { default: widget } = await import("/widget.js");
  host.close = widget.render({ model: host.model, el: document.getElementById("cell") });
  window.host = host;
}
"""


class RecordingComm:
    """Stands where the widget's comm to a front end is, and keeps what was sent."""

    comm_id = "page"

    def __init__(self) -> None:
        self.sent: deque[dict[str, Any]] = deque()

    def send(self, data: dict[str, Any], buffers: Any = None, **_: Any) -> None:
        coded = [base64.b64encode(buffer).decode() for buffer in buffers or []]
        self.sent.append({"state": {}, "content": {}, **data, "buffers": coded})

    def on_msg(self, _callback: Any) -> None:
        """Nothing comes this way: the page calls the widget itself."""

    def close(self, **_: Any) -> None:
        self.sent.clear()

    def take(self) -> list[dict[str, Any]]:
        return [self.sent.popleft() for _ in range(len(self.sent))]


class PageHost:
    """A widget on a page. Selections of either side arrive at the other.

    With ``background`` messages are handled on other threads, as in a kernel, and what they
    send reaches the page with :meth:`flush`; else each is answered before anything else happens.
    """

    def __init__(self, page: Page, widget: AttentionWidget, *, background: bool = False) -> None:
        self.page = page
        self.widget = widget
        self.requests: list[str] = []
        """What the page asked of anything but its own origin."""
        self.asked: list[str] = []
        """Keys of the tensors that the page asked for."""
        self.comm = RecordingComm()
        self._threads = ThreadPoolExecutor(4) if background else None
        self._closed = False
        self._handled: list[Future[None]] = []
        widget.comm = self.comm
        page.route("**/*", self._serve)
        page.expose_function("toPython", self._to_python)
        page.goto(ORIGIN)
        page.evaluate(HOST, widget.get_state())

    def flush(self) -> None:
        """Bring to the page what Python set since."""
        self.page.evaluate("(messages) => window.host.deliver(messages)", self.comm.take())

    def select(self, **traits: Any) -> None:
        """Set traits in Python and wait until the page has drawn them."""
        for name, value in traits.items():
            setattr(self.widget, name, value)
        self.flush()
        self.settle()

    def settle(self) -> None:
        """Wait until every view has its tensors and has drawn them."""
        self.wait(lambda: bool(self.page.evaluate(SETTLED)), "a view still waits for a tensor")

    def expect(self, **traits: Any) -> None:
        """Wait until the traits in Python are these."""

        def now() -> dict[str, Any]:
            return {name: getattr(self.widget, name) for name in traits}

        self.wait(lambda: now() == traits, lambda: f"{now()} in Python, not {traits}")

    def wait(self, condition: Callable[[], bool], problem: str | Callable[[], str]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(problem if isinstance(problem, str) else problem())
            if self._threads:
                self.flush()
            self.page.wait_for_timeout(10)  # what the page sends is handled meanwhile

    def finish(self) -> None:
        """Wait until all that the page sent is handled, and bring it what came of it."""
        self.wait(lambda: all(handled.done() for handled in self._handled), "still at work")
        for handled in self._handled:
            handled.result()
        self.flush()

    def press_while_at_work(self, button: Locator) -> None:
        """Press a button while one message is at work, and wait until Python has what it sends."""
        before = len(self._handled)
        button.press("Enter")

        def arrived() -> bool:
            at_work = sum(not each.done() for each in self._handled)
            return len(self._handled) > before and at_work == 1

        self.wait(arrived, "what the button sends does not arrive")

    def cut(self) -> None:
        """From now on Python gets nothing and answers nothing."""
        self.page.evaluate("window.host.cut = true")

    def unanswered(self) -> list[dict[str, Any]]:
        """What the page sent since :meth:`cut`."""
        sent: list[dict[str, Any]] = self.page.evaluate("window.host.unanswered")
        return sent

    def close(self) -> None:
        self._closed = True  # the page may still ask, and nobody answers it
        if self._threads:
            self._threads.shutdown()
            for handled in self._handled:
                handled.result()
        self.widget.close()

    def _to_python(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        if self._closed:
            return []
        wishes = message.get("content", {}).get("wishes", [])
        self.asked += [wish["key"] for wish in wishes]
        if self._threads:
            self._handled.append(self._threads.submit(self._handle, message))
            return []
        with ThreadPoolExecutor(1) as aside:  # where no loop runs, so that questions wait for none
            aside.submit(self._handle, message).result()
        return self.comm.take()

    def _handle(self, message: dict[str, Any]) -> None:
        if message["method"] == "update":
            self.widget.set_state(message["state"])
        else:
            self.widget._handle_custom_msg(message["content"], [])

    def _serve(self, route: Route) -> None:
        url = route.request.url
        if url == ORIGIN:
            route.fulfill(body=HTML, content_type="text/html")
        elif url.startswith(ORIGIN) and (STATIC / url.removeprefix(ORIGIN)).is_file():
            route.fulfill(path=STATIC / url.removeprefix(ORIGIN))
        elif url == f"{ORIGIN}favicon.ico":
            route.fulfill(status=204)
        else:
            self.requests.append(url)
            route.abort()
