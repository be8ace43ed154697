"""Memory that is short: what the browser asks for waits until a person says that it may run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attention_widget._util.free_memory import Shortage, telling
from attention_widget.widget.steps import Steps


class HeldBackError(Exception):
    """Work of the browser's that takes more memory than is free has not begun. It is no error of
    the package's: what remembers that a model has no answer must not remember this."""

    def __init__(self, shortage: Shortage) -> None:
        super().__init__(str(shortage))
        self.reason = {"code": "short", **in_message(shortage)}


def in_message(shortage: Shortage) -> dict[str, Any]:
    """As the browser is told of it, in bytes."""
    return {"work": shortage.work, "needed": shortage.needed, "free": shortage.free}


class Shortages:
    """What happens where the browser asks for work that takes more memory than is free.

    A text or a question is refused with a HeldBackError, before the work. Sent again with
    ``anyway`` it is only told of, as is what cannot be held back: ``{"shortage": {work, needed,
    free}}`` before the work, and ``{"shortage": None}`` once it is over.

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

    @contextmanager
    def held(self, anyway: bool) -> Iterator[None]:
        """While it lasts work is held back, but for what is to be done ``anyway``."""
        with self.told() if anyway else telling(_hold_back):
            yield

    def held_in(self, steps: Steps, anyway: bool) -> Steps:
        """The same steps to an answer, each of them held back in this way; one shortage is over
        with the last."""
        told = _Told(self._send)
        try:
            while True:
                with telling(told if anyway else _hold_back):
                    try:
                        progress = next(steps)
                    except StopIteration as end:
                        answer: dict[str, Any] = end.value
                        return answer
                yield progress
        finally:
            steps.close()
            told.end()


def _hold_back(shortage: Shortage) -> None:
    raise HeldBackError(shortage)


class _Told:
    def __init__(self, send: Callable[[dict[str, Any]], object]) -> None:
        self._send, self._is_short = send, False

    def __call__(self, shortage: Shortage) -> None:
        self._is_short = True
        self._send({"shortage": in_message(shortage)})

    def end(self) -> None:
        if self._is_short:
            self._send({"shortage": None})
