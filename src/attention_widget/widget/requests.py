"""What the browser sends, which may be anything, and what is said when it cannot be done."""

from __future__ import annotations

import reprlib
import threading
from collections.abc import Mapping
from typing import Any, Final, TypeVar

T = TypeVar("T")


def field(message: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = message.get(name)
    if type(value) is not kind:
        raise ValueError(
            f"malformed message: {name} is {reprlib.repr(value)}; allowed: {kind.__name__}"
        )
    return value


class Once:
    """Requests that must not be done twice. The browser sends one again where it saw no reply,
    which may be lost, or the request was, or Python is not done with it."""

    _REMEMBERED: Final = 16

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._replies: dict[int, dict[str, Any] | None] = {}

    def begin(self, ident: int) -> bool:
        """Whether the request is new."""
        with self._lock:
            if ident in self._replies:
                return False
            self._replies[ident] = None
            for oldest in list(self._replies)[: -self._REMEMBERED]:
                del self._replies[oldest]
            return True

    def end(self, ident: object, reply: dict[str, Any]) -> None:
        with self._lock:
            if isinstance(ident, int) and ident in self._replies:
                self._replies[ident] = reply

    def reply(self, ident: int) -> dict[str, Any] | None:
        """What was replied; None as long as it is being done."""
        with self._lock:
            return self._replies.get(ident)
