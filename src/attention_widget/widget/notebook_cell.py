"""The cells that show a widget: none of them stays blank.

Where a browser answers, they hold the live widget. Where none does, because its server lacks
anywidget, or because a program runs the notebook, they hold the page that an export would be.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
import weakref
from typing import Any, Final, Protocol

from IPython import get_ipython

from attention_widget._util.unicode import as_html
from attention_widget.export.iframe import frame
from attention_widget.widget.handshake import Handshake

MAX_BYTES: Final = 25_000_000
"""Of a page in a cell: a notebook is read and written whole."""

_PLACEHOLDER: Final = (
    "<p>{name}</p>\n<p>The widget shows here when its cell is run in a notebook. "
    "<code>widget.export_html(&quot;page.html&quot;)</code> writes a page that needs none.</p>"
)
_TOO_LARGE: Final = (
    "<p>{name}</p>\n<p>No page could be put here: {why}, when you write it to a file of its own "
    "with <code>widget.export_html(&quot;page.html&quot;)</code>.</p>"
)
_NOTE: Final = (
    "<p><small>{why}. This is the same widget without a kernel: it answers clicks, but Python "
    "does not hear of them. For the live one, install anywidget in the environment of the notebook "
    "server, enable its widget manager, reload the page, and run the notebook again; "
    "docs/hosts.md of attention-widget says more.</small></p>\n"
)

_log = logging.getLogger(__name__)


class Showable(Protocol):
    """What a widget is to its cells."""

    @property
    def comm(self) -> Any:
        """None once it is closed."""

    def _framed(self) -> tuple[str, int]:
        """The title of its page in a frame, and how high that is."""

    def _repr_mimebundle_(self) -> Any: ...

    def to_html(self, *, max_bytes: int) -> str: ...


class Cells:
    """The cells that show one widget, and whether a browser has answered for them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # messages come in on other threads too
        self._answered = self._refused = False
        self._handshake: Handshake | None = None
        self._waiting: list[str] = []  # ids of displays
        self._replaced: list[str] = []

    def show(self, widget: Showable) -> None:
        """Show the widget in the cell that runs. NotImplementedError, upon which IPython shows the
        mime bundle, if there is no such cell, or its host has a way of its own."""
        shell = get_ipython()
        kernel = getattr(shell, "kernel", None)
        is_voila = os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")
        if kernel is None or widget.comm is None or is_voila:
            raise NotImplementedError
        if _nobody_looks(kernel):
            _publish(shell, _page(widget))
            return
        with self._lock:
            display = uuid.uuid4().hex
            _publish(shell, *_live(widget), display=display)
            if not self._answered:
                self._waiting.append(display)
                self._wait(shell, widget)

    def answered(self, widget: Showable) -> None:
        """A browser shows the widget; where it is late, it gets its cells back."""
        with self._lock:
            self._answered = True
            self._waiting.clear()
            self._stop_waiting()
            late, self._replaced = self._replaced, []
            for display in late:
                _publish(get_ipython(), *_live(widget), display=display, update=True)

    def refused(self, _message: object = None) -> None:
        """A browser closed the line to the widget, as it does where it has no widget manager."""
        with self._lock:
            self._refused = True
            if self._handshake is not None:
                self._handshake.refuse()

    def _wait(self, shell: Any, widget: Showable) -> None:
        self._stop_waiting()  # for an earlier cell: the new one waits for both
        loop = getattr(getattr(shell.kernel, "io_loop", None), "asyncio_loop", None)
        if loop is not None:  # as ipykernel's
            known = weakref.ref(widget)  # waiting keeps no closed widget alive

            def give_up(why: str) -> None:
                if (still := known()) is not None:
                    self._give_up(shell, still, why)

            self._handshake = Handshake(shell, loop, give_up)
            if self._refused:
                self._handshake.refuse()

    def _stop_waiting(self) -> None:
        if self._handshake is not None:
            self._handshake.cancel()
            self._handshake = None

    def _give_up(self, shell: Any, widget: Showable, why: str) -> None:
        """Put the page where the widget was to be."""
        try:
            if widget.comm is None:  # closed, and gone from its cells
                return
            data = _page(widget, why)
            with self._lock:
                self._handshake = None
                if self._answered:  # meanwhile
                    return
                unanswered, self._waiting = self._waiting, []
                self._replaced += unanswered
                for display in unanswered:
                    _publish(shell, data, display=display, update=True)
        except Exception:  # the loop is the kernel's
            _log.exception("the widget could not be shown without a kernel")


def _nobody_looks(kernel: Any) -> bool:
    """Whether a program runs the cell, that could not answer a question either: nbclient, on
    which nbconvert, papermill, Jupyter Book, MyST-NB, Quarto and mkdocs-jupyter are built."""
    parent: dict[str, Any] = (kernel.get_parent() if hasattr(kernel, "get_parent") else None) or {}
    return parent.get("content", {}).get("allow_stdin") is False


def _publish(
    shell: Any,
    data: dict[str, Any],
    metadata: dict[str, Any] | None = None,
    *,
    display: str | None = None,
    update: bool = False,
) -> None:
    transient = {} if display is None else {"display_id": display}
    shell.display_pub.publish(data, metadata or {}, transient=transient, update=update)


def _live(widget: Showable) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a widget manager shows, and words for where there is none."""
    data, metadata = widget._repr_mimebundle_()
    return {**data, "text/html": _PLACEHOLDER.format(name=_name(widget))}, metadata


def _page(widget: Showable, why: str | None = None) -> dict[str, Any]:
    """The widget as it stands, in a frame; ``why`` it is not the live one."""
    note = "" if why is None else _NOTE.format(why=as_html(why))
    try:
        page = widget.to_html(max_bytes=MAX_BYTES)
    except ValueError as error:
        shown = _TOO_LARGE.format(name=_name(widget), why=as_html(str(error)))
    else:
        shown = frame(page, *widget._framed())
    return {"text/plain": repr(widget), "text/html": note + shown}


def _name(widget: Showable) -> str:
    return as_html(repr(widget))
