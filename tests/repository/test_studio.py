"""What `make sagemaker-check` stands on: a proxy that knows one prefix, a limit that bites."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil
import pytest
from memory_watch import MemoryWatch, with_children
from studio_proxy import Proxy

POLICY = "default-src 'self'"


class Echo(BaseHTTPRequestHandler):
    """Answers with the path and what was posted."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        said = self.path.encode() + self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Not into what pytest shows."""


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = Proxy(server.server_port, "/space/", {"Content-Security-Policy": POLICY})
        yield proxy
        proxy.stop()
        server.shutdown()


def ask(proxy: Proxy, path: str, body: bytes) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=120)
    connection.request("POST", path, body)
    answer = connection.getresponse()
    found = answer.status, answer.getheader("Content-Security-Policy"), answer.read()
    connection.close()
    return found


def test_the_proxy_hands_on_what_lies_under_its_prefix(proxy: Proxy) -> None:
    body = b"x" * 3_000_000
    assert ask(proxy, "/space/api", body) == (200, POLICY, b"/space/api" + body)
    assert not proxy.strays


def test_the_proxy_knows_nothing_else(proxy: Proxy) -> None:
    assert ask(proxy, "/api", b"")[0] == 404
    assert proxy.strays == ["/api"]


def test_more_memory_than_allowed_ends_the_process() -> None:
    code = "import time; time.sleep(0.5); held = bytearray(b'1') * 200_000_000; time.sleep(600)"
    hungry = subprocess.Popen([sys.executable, "-c", code])
    watch = MemoryWatch(lambda: with_children(hungry.pid), 100_000_000)
    try:
        assert hungry.wait(120) != 0
    finally:
        hungry.kill()
        watch.stop()
    assert watch.exceeded
    assert watch.peak > 100_000_000


def test_less_memory_is_left_alone() -> None:
    small = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    watch = MemoryWatch(lambda: with_children(small.pid), 100_000_000)
    try:
        deadline = time.monotonic() + 120
        while not watch.peak and time.monotonic() < deadline:
            time.sleep(0.05)
        assert psutil.pid_exists(small.pid)
        assert small.poll() is None
    finally:
        small.kill()
        small.wait()
        watch.stop()
    assert 0 < watch.peak < 100_000_000
    assert not watch.exceeded
