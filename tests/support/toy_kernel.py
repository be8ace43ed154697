"""A kernel whose cells run, and whose event loop comes round, when a test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attention_widget.widget.handshake import TICK_S
from attention_widget.widget.widget import AttentionWidget

Callback = Callable[[], None]


class Loop:
    def __init__(self) -> None:
        self.due: list[Callback] = []

    def call_soon_threadsafe(self, callback: Callback) -> None:
        callback()

    def call_later(self, delay: float, callback: Callback) -> None:
        assert delay == TICK_S
        self.due.append(callback)

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            due, self.due = self.due, []
            for callback in due:
                callback()


class Events:
    def __init__(self) -> None:
        self.callbacks: dict[str, list[Callback]] = {"pre_execute": [], "post_execute": []}

    def register(self, event: str, callback: Callback) -> None:
        self.callbacks[event].append(callback)

    def unregister(self, event: str, callback: Callback) -> None:
        self.callbacks[event].remove(callback)

    def trigger(self, event: str) -> None:
        for callback in list(self.callbacks[event]):
            callback()


class Kernel:
    """IPython's shell, its kernel and its publisher in one; ``cells`` hold what is shown."""

    def __init__(self, *, allow_stdin: bool | None = True) -> None:
        self.kernel = self.io_loop = self.display_pub = self
        self.asyncio_loop = self.loop = Loop()
        self.events = Events()
        self.cells: dict[str | None, dict[str, Any]] = {}
        self.updates: list[str | None] = []
        self._allow_stdin = allow_stdin

    def get_parent(self) -> dict[str, Any]:
        asked = {} if self._allow_stdin is None else {"allow_stdin": self._allow_stdin}
        return {"content": {"code": "w", **asked}}

    def publish(
        self, data: dict[str, Any], metadata: Any, *, transient: dict[str, str], update: bool
    ) -> None:
        assert isinstance(metadata, dict)
        display = transient.get("display_id")
        if update:
            assert display in self.cells
            self.updates.append(display)
        self.cells[display] = data

    def run(self, *shown: AttentionWidget) -> None:
        """Run a cell that shows these widgets."""
        self.events.trigger("pre_execute")
        for widget in shown:
            widget._ipython_display_()
        self.events.trigger("post_execute")

    @property
    def is_waiting(self) -> bool:
        waits = bool(self.loop.due)
        assert all(bool(each) == waits for each in self.events.callbacks.values())
        return waits
