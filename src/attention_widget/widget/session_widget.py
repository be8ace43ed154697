"""A widget of a session: its options fit the trace, and both sides agree on them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets as t

from attention_widget.protocol.options import OPTION
from attention_widget.trace.trace import Trace
from attention_widget.widget.address import in_layer
from attention_widget.widget.front_end import front_end
from attention_widget.widget.option_traits import OptionTraits
from attention_widget.widget.session import Session


class SessionWidget(OptionTraits, anywidget.AnyWidget):
    """Shows a session; traits change under ``_lock``."""

    _lock: threading.RLock
    _session: Session

    _esm = front_end("widget.js")
    _css = front_end("widget.css")
    # The notebook server may have another anywidget than the kernel. With anywidget's own
    # default, its exact version, such a server finds no front end and the cell stays empty.
    _model_module_version = t.Unicode("*").tag(sync=True)
    _view_module_version = t.Unicode("*").tag(sync=True)

    busy = t.Bool(False, read_only=True).tag(sync=True)
    meta: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)
    # Stays empty: the browser adds to it what a saved notebook keeps.
    kept: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)

    @property
    def trace(self) -> Trace:
        """What the latest forward pass left behind."""
        return self._session.trace

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the browser selected. Nothing else is taken from it, and what is refused goes
        back as it stands, so that both sides agree."""
        wanted = {name: sync_data[name] for name in OPTION if name in sync_data}
        others = [name for name in sync_data if name in self.keys and name not in wanted]
        with self._lock:
            kept = self.get_state(others) if others else {}
            refused = [name for name in others if kept[name] != sync_data[name]]
            try:
                super().set_state(wanted)
            except t.TraitError as error:
                self.log.warning("the browser's selection was refused: %s", str(error))
                refused += wanted
            else:  # a single head is kept as a list of one, which may be no change to send
                stored = self.get_state(list(wanted)) if wanted else {}
                refused += [name for name, value in stored.items() if value != wanted[name]]
            if refused:
                self.send_state(refused)

    def notify_change(self, change: Any) -> None:
        name = change["name"]
        with self.hold_sync():  # the browser gets all that follows from an option together
            if name in ("attention_kind", "layer"):
                now = {each: getattr(self, each) for each in ("attention_kind", "layer", "heads")}
                before = {**now, name: change["old"]}
                self._choose(in_layer(self.trace, before, now))
            super().notify_change(change)

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OPTION}

    def _choose(self, options: Mapping[str, Any]) -> None:
        for name, value in options.items():
            setattr(self, name, value)

    def _set_busy(self, busy: bool) -> None:
        with self._lock:
            self.set_trait("busy", busy)
