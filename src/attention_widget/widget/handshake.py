"""Waits for the browser's first word, and gives up on it without wronging a busy kernel.

A kernel hears nothing while a cell runs, nor between the cells of Run All. Only time in which it
could have heard counts: ticks of its event loop with no cell or message in between.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final

PATIENCE_S: Final = 6.0
TICK_S: Final = 0.5


class Handshake:
    """Ends with a word of the browser, with :meth:`cancel`, or with a call of ``give_up`` in the
    kernel's loop.

    Args:
        shell: IPython's, which says when cells and messages begin and end.
        loop: the kernel's.
        give_up: called once, with the reason: nobody answered, or the browser refused.
    """

    def __init__(
        self, shell: Any, loop: asyncio.AbstractEventLoop, give_up: Callable[[str], None]
    ) -> None:
        self._events, self._loop, self._give_up = shell.events, loop, give_up
        self._over = threading.Event()  # messages come in on other threads too
        self._refused = False
        self._working = True  # a widget is shown by a cell, which is not done yet
        self._quiet = 0  # ticks
        self._events.register("pre_execute", self._begin_work)
        self._events.register("post_execute", self._end_work)
        loop.call_soon_threadsafe(self._wait)

    def cancel(self) -> None:
        self._over.set()

    def refuse(self) -> None:
        """The browser wants no widgets: no reason to wait longer."""
        self._refused = True

    def _begin_work(self) -> None:
        self._working = True

    def _end_work(self) -> None:
        self._working, self._quiet = False, 0

    def _wait(self) -> None:
        self._loop.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._quiet = 0 if self._working else self._quiet + 1
        patient = not self._refused and self._quiet * TICK_S < PATIENCE_S
        if patient and not self._over.is_set():
            self._wait()
            return
        self._events.unregister("pre_execute", self._begin_work)
        self._events.unregister("post_execute", self._end_work)
        if not self._over.is_set():
            self._over.set()
            self._give_up(
                "This notebook's page has no widget manager"
                if self._refused
                else f"No widget manager answered within {PATIENCE_S:.0f} seconds"
            )
