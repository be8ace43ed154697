"""Memory that is short, told the browser before the work that it asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attention_widget._util.free_memory import Shortage, telling
from attention_widget.widget.steps import Steps


class Shortages:
    """Sends ``{"shortage": {needed, free}}``, in bytes, before work that takes more memory than is
    free, and ``{"shortage": None}`` once it is over.

    Args:
        send: takes a message to all views.
    """

    def __init__(self, send: Callable[[dict[str, Any]], object]) -> None:
        self._send = send

    @contextmanager
    def told(self) -> Iterator[None]:
        """While it lasts, of work that the browser asked for."""
        told = _Told(self._send)
        try:
            with telling(told):
                yield
        finally:
            told.end()

    def told_of(self, steps: Steps) -> Steps:
        """The same steps to an answer, told of what each of them takes until the last is over."""
        told = _Told(self._send)
        try:
            while True:
                with telling(told):
                    try:
                        progress = next(steps)
                    except StopIteration as end:
                        answer: dict[str, Any] = end.value
                        return answer
                yield progress
        finally:
            steps.close()
            told.end()


class _Told:
    def __init__(self, send: Callable[[dict[str, Any]], object]) -> None:
        self._send, self._is_short = send, False

    def __call__(self, shortage: Shortage) -> None:
        self._is_short = True
        self._send({"shortage": {"needed": shortage.needed, "free": shortage.free}})

    def end(self) -> None:
        if self._is_short:
            self._send({"shortage": None})
