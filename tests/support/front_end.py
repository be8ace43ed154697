"""The browser's end of a widget's line, without a browser: real messages through its comm."""

from __future__ import annotations

import json
from typing import Any

from attention_widget.widget.widget import AttentionWidget
from support.wire import decode


class Browser:
    """Holds the state that it was sent, as a front end does, and asks in JSON."""

    def __init__(self, widget: AttentionWidget) -> None:
        self.state: dict[str, Any] = json.loads(json.dumps(widget.get_state()))
        self.updates: list[dict[str, Any]] = []
        self.replies: list[tuple[dict[str, Any], list[bytes]]] = []
        self._comm = widget.comm
        self._comm.send = self._receive
        self._id = 0

    def _receive(self, data: Any, buffers: list[bytes] | None = None) -> None:
        message = json.loads(json.dumps(data))
        if message["method"] == "custom":
            self.replies.append((message["content"], list(buffers or [])))
        elif message["method"] == "update":
            self.updates.append(message["state"])
            self.state.update(message["state"])
        else:
            raise AssertionError(f"the browser is sent {message['method']}")

    def _send(self, data: dict[str, Any]) -> None:
        content = {"data": json.loads(json.dumps(data))}
        self._comm.handle_msg({"content": content, "buffers": []})

    def select(self, **state: Any) -> None:
        """Set traits, as a click does."""
        self.state.update(state)
        self._send({"method": "update", "state": state, "buffer_paths": []})

    def send(self, message: Any) -> list[tuple[dict[str, Any], list[bytes]]]:
        """Send a custom message and return its replies."""
        before = len(self.replies)
        self._send({"method": "custom", "content": message})
        return self.replies[before:]

    def ask(self, kind: str, **fields: Any) -> tuple[dict[str, Any], list[bytes]]:
        """The one reply to a request."""
        self._id += 1
        ((reply, buffers),) = self.send({"id": self._id, "kind": kind, **fields})
        assert reply["id"] == self._id
        return reply, buffers

    def wish(self, run: int, key: str) -> tuple[dict[str, Any], list[bytes]]:
        """The one reply to a wish."""
        self._id += 1
        wishes = [{"id": self._id, "key": key}]
        ((reply, buffers),) = self.send({"kind": "tensors", "run": run, "wishes": wishes})
        assert reply["id"] == self._id
        return reply, buffers

    def tensor(self, key: str, run: int | None = None) -> Any:
        """A tensor, or the words of its error."""
        run = self.state["meta"]["run"] if run is None else run
        reply, buffers = self.wish(run, key)
        if "error" in reply:
            assert (set(reply), buffers) == ({"id", "error"}, [])
            return reply["error"]
        (data,) = buffers
        return decode(reply, data)
