"""The pages of the tests reach their own server and no other machine."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import Browser, expect

from browser.server import PATIENCE_S, refuse_network

pytestmark = pytest.mark.browser


def test_a_page_reaches_its_server_while_the_test_waits_and_no_other(chromium: Browser) -> None:
    """A request that waited for the test was answered too late: the widget seemed to be silent."""
    asked = threading.Event()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/late":
                asked.set()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html><p>here</p>")

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    with chromium.new_context() as context, HTTPServer(("127.0.0.1", 0), Answers) as server:
        page, outside = context.new_page(), refuse_network(context)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.evaluate("() => { setTimeout(() => fetch('/late'), 300) }")
        assert asked.wait(PATIENCE_S)  # nothing is asked of the page meanwhile
        page.set_content("<img src='http://127.0.0.1.elsewhere.test/a.png' onerror='alt=1'>")
        expect(page.locator("img[alt='1']")).to_have_count(1)
        server.shutdown()
    assert outside == ["http://127.0.0.1.elsewhere.test/a.png"]
