"""Firefox and WebKit, driven as W3C WebDriver has it, without a program that is to be downloaded.

Firefox speaks the commands of WebDriver over a socket itself (Marionette, which geckodriver
translates to); WebKitGTK brings a driver that speaks them over HTTP. Playwright drives builds of
its own of both, which no distribution packages.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

from find_browser import find_firefox, find_webkit

from browser.server import free_port

PATIENCE_S: Final = 120
_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"

# Nothing is asked of other machines: what is not here goes to a port at which nobody listens.
_PREFERENCES: Final = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "localhost, 127.0.0.1",
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
}


class DriverError(Exception):
    """What a browser says of a command that it cannot carry out."""


class Session(Protocol):
    """Carries out a command of WebDriver: by its name in Marionette, with what it is given."""

    def do(self, name: str, **given: Any) -> Any: ...


class Marionette:
    """A Firefox of its own, with an empty profile."""

    def __init__(self, folder: Path) -> None:
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFERENCES.items()]
        (folder / "user.js").write_text("\n".join(lines))
        flags = ["--headless", "--no-remote", "--marionette", "--profile", str(folder)]
        with (folder / "said.log").open("wb") as said:
            self.process = subprocess.Popen([find_firefox(), *flags], stdout=said, stderr=said)
        port = folder / "MarionetteActivePort"
        _wait(lambda: port.is_file() and port.read_text().strip(), "Firefox to start")
        self._socket = socket.create_connection(("127.0.0.1", int(port.read_text())), PATIENCE_S)
        self._file = self._socket.makefile("rb")
        self._receive()  # which protocol it speaks
        self._last = 0

    def do(self, name: str, **given: Any) -> Any:
        self._last += 1
        message = json.dumps([0, self._last, name, given]).encode()
        self._socket.sendall(f"{len(message)}:".encode() + message)
        _, _, error, value = self._receive()
        if error:
            raise DriverError(f"{name}: {error['error']}: {error['message']}")
        return value.get("value") if isinstance(value, dict) and set(value) == {"value"} else value

    def _receive(self) -> Any:
        digits = b""
        while (digit := self._file.read(1)) != b":":
            if not digit:
                raise DriverError("Firefox has ended")
            digits += digit
        return json.loads(self._file.read(int(digits)))

    def stop(self) -> None:
        self._socket.close()
        _end(self.process)


class WebKit:
    """A MiniBrowser of WebKitGTK, on a screen of its own."""

    _ROUTES: Final = {
        "WebDriver:Navigate": ("POST", "/url"),
        "WebDriver:ExecuteScript": ("POST", "/execute/sync"),
        "WebDriver:FindElement": ("POST", "/element"),
        "WebDriver:SetWindowRect": ("POST", "/window/rect"),
        "WebDriver:TakeScreenshot": ("GET", "/screenshot"),
        "WebDriver:ElementClick": ("POST", "/element/{id}/click"),
        "WebDriver:ElementSendKeys": ("POST", "/element/{id}/value"),
    }

    def __init__(self, folder: Path) -> None:
        driver, browser = find_webkit()
        display = folder / "display"
        with (folder / "said.log").open("wb") as said:
            with display.open("wb") as shown:
                screen = [
                    "Xvfb",
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    "1400x1000x24",
                    "-nolisten",
                    "tcp",
                ]
                self.screen = subprocess.Popen(screen, stdout=shown, stderr=said)
            _wait(lambda: display.read_text().strip(), "a screen")
            port = free_port()
            environment = {
                **os.environ,
                "DISPLAY": f":{display.read_text().strip()}",
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
                "XDG_RUNTIME_DIR": str(folder),
                "http_proxy": "http://127.0.0.1:9",
                "https_proxy": "http://127.0.0.1:9",
                "no_proxy": "127.0.0.1,localhost",
            }
            command = [str(driver), f"--port={port}"]
            self.process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        self._address = f"http://127.0.0.1:{port}"
        _wait(self._answers, "WebKit's driver to start")
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        made = self._ask("POST", "/session", wanted)
        self._session = f"/session/{made['sessionId']}"
        self.capabilities = made["capabilities"]

    def do(self, name: str, **given: Any) -> Any:
        if name == "WebDriver:NewSession":
            return {"capabilities": self.capabilities}
        method, route = self._ROUTES[name]
        path = self._session + route.format(id=given.pop("id", ""))
        return self._ask(method, path, given if method == "POST" else None)

    def _answers(self) -> bool:
        try:
            return bool(self._ask("GET", "/status", None))
        except OSError:
            return False

    def _ask(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self._address + path, data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(asked, timeout=PATIENCE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise DriverError(f"{path}: {json.load(error)['value']['message']}") from error

    def stop(self) -> None:
        with suppress(OSError, DriverError):
            self._ask("DELETE", self._session, None)
        _end(self.process)
        _end(self.screen)


class OtherPage:
    """What a person does in a browser that Playwright does not drive."""

    def __init__(self, session: Session) -> None:
        self._session = session
        given = {"alwaysMatch": {"acceptInsecureCerts": True}}
        found = session.do("WebDriver:NewSession", capabilities=given)["capabilities"]
        self.name, self.version = found["browserName"], found["browserVersion"]
        session.do("WebDriver:SetWindowRect", width=1280, height=950)

    def goto(self, url: str) -> None:
        self._session.do("WebDriver:Navigate", url=url)

    def evaluate(self, code: str, *given: Any) -> Any:
        """The value of an expression, in which ``given`` is a list."""
        script = f"const given = [...arguments]; return ({code});"
        return self._session.do("WebDriver:ExecuteScript", script=script, args=list(given))

    def wait_for(self, code: str, *given: Any) -> Any:
        """The value of an expression, once it is true."""
        return _wait(lambda: self.evaluate(code, *given), f"{self.name}: {code}")

    def click(self, selector: str) -> None:
        """Click what a selector finds first, scrolled into sight, as a mouse does."""
        self.wait_for("!!document.querySelector(given[0])", selector)
        self._session.do("WebDriver:ElementClick", id=self._find(selector))

    def type(self, selector: str, text: str) -> None:
        self._session.do("WebDriver:ElementSendKeys", id=self._find(selector), text=text)

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.evaluate(
            "[...document.querySelectorAll(given[0])].map((node) => node.textContent)", selector
        )
        return found

    def screenshot(self) -> bytes:
        return base64.b64decode(self._session.do("WebDriver:TakeScreenshot"))

    def _find(self, selector: str) -> str:
        found = self._session.do("WebDriver:FindElement", using="css selector", value=selector)
        identity: str = found[_ELEMENT]
        return identity


BROWSERS: Final[dict[str, Callable[[Path], Any]]] = {"firefox": Marionette, "webkit": WebKit}


@contextmanager
def opened(browser: str) -> Iterator[OtherPage]:
    """An empty window of a browser, by its name in ``BROWSERS``."""
    folder = Path(tempfile.mkdtemp(prefix=f"{browser}-"))
    session = BROWSERS[browser](folder)
    try:
        yield OtherPage(session)
    finally:
        session.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(ready: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if value := ready():
            return value
        time.sleep(0.05)
    raise TimeoutError(f"waited {PATIENCE_S} s for {what}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
