"""Ctrl-C at a chosen place: a KeyboardInterrupt at the call of a function of the package."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, TracebackType
from typing import Any, TypeVar

PACKAGE = "attention_widget"


@contextmanager
def heeding_ctrl_c() -> Iterator[None]:
    """A process started within it can be interrupted, even where a shell has its background jobs
    ignore SIGINT, and their children with them.

    Not by ``preexec_fn``: that forks, of which JAX warns once it has been used.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


T = TypeVar("T", bound="_Traced")


class _Traced:
    """Within it, the interpreter tells of each call."""

    def __enter__(self: T) -> T:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        raise NotImplementedError


class Calls(_Traced):
    """Within it, which functions of the package are called, in order; with ``at`` none is listed,
    and the first call of that one raises.

    Calls while something is left behind (``__exit__`` and what it calls) are neither listed nor
    interrupted: no Python code can be taken back in the middle of taking back.
    """

    def __init__(self, at: CodeType | None = None) -> None:
        self.seen: dict[CodeType, str] = {}
        self.raised = False
        self._at = at

    def _trace(self, frame: FrameType, event: str, _: Any) -> None:
        if self._at is None:
            self._list(frame)
        elif frame.f_code is self._at and not self.raised and not _leaving(frame):
            self.raised = True
            raise KeyboardInterrupt

    def _list(self, frame: FrameType) -> None:
        if frame.f_code in self.seen:
            return
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(f"{PACKAGE}.") and not _leaving(frame):
            self.seen[frame.f_code] = f"{name}:{frame.f_code.co_name}"


def _leaving(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name in ("__exit__", "__del__"):
            return True
        frame = frame.f_back
    return False


class LinesRun(_Traced):
    """Within it, how many lines of the package's code are run: work that no clock measures."""

    def __init__(self) -> None:
        self.lines = 0

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        name = str(frame.f_globals.get("__name__", ""))
        return self._count if name.startswith(f"{PACKAGE}.") else None

    def _count(self, _frame: FrameType, event: str, _: Any) -> Any:
        self.lines += event == "line"
        return self._count


def from_another_thread(work: Callable[[], Any]) -> Any:
    """What it returns there; a lock that was left locked would keep it waiting."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(60)
    assert found, "it still waits"
    return found[0]
