"""A widget of options: both sides set them, and agree on what they are."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets as t

from attention_widget.errors import NotInstalledError
from attention_widget.protocol.option import Option
from attention_widget.protocol.options import OPTION
from attention_widget.widget.address import in_layer
from attention_widget.widget.option_traits import OptionTraits

_STATIC: Final = Path(__file__).parents[1] / "static"
_FOLLOWED: Final = os.environ.get("ANYWIDGET_HMR") == "1"
_BUNDLE: Final = ("widget.js", "widget.css", "export.js", "loader.js", "matrix.js")
if _missing := [name for name in _BUNDLE if not (_STATIC / name).is_file()]:
    raise NotInstalledError(
        f"the front end of attention_widget is not built: {', '.join(_missing)} missing in "
        f"{_STATIC}; build it with `npm ci && npm run build` in the checkout, or install a wheel"
    )


def _front_end(name: str) -> str | Path:
    """The text of a built file, or its path where a developer wants changes to be followed:
    anywidget then keeps every widget alive, closed ones too."""
    path = _STATIC / name
    return path if _FOLLOWED else path.read_text(encoding="utf-8")


RESULTS: Final = ("text", "text_pair", "busy", "meta")
"""Traits that the browser is sent besides the options, and may not set."""


class OptionsWidget(OptionTraits, anywidget.AnyWidget):
    """Options that fit what is shown; traits change under ``_lock``."""

    _lock: threading.RLock

    _esm = _front_end("widget.js")
    _css = _front_end("widget.css")
    # The notebook server may have another anywidget than the kernel. With anywidget's own
    # default, its exact version, such a server finds no front end and the cell stays empty.
    _model_module_version = t.Unicode("*").tag(sync=True)
    _view_module_version = t.Unicode("*").tag(sync=True)

    busy = t.Bool(False, read_only=True).tag(sync=True)
    meta: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)
    # Stays empty: the browser adds to it what a saved notebook keeps.
    kept: t.Dict[str, Any] = t.Dict(read_only=True).tag(sync=True)

    @property
    def _fitted(self) -> Any:
        """What options are checked against: a trace, or the heads of an atlas."""
        raise NotImplementedError

    def _first(self, option: Option) -> Any:
        """The value of an option where none was chosen."""
        return option.first(self._fitted, partial(getattr, self))

    def _check_usable(self, name: str, value: object) -> None:
        """TraitError where an option has no meaning for what is shown."""

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
                named = ("attention_kind", "layer", "heads", "head_pairs")
                now = {each: getattr(self, each) for each in named}
                before = {**now, name: change["old"]}
                self._choose(in_layer(self._fitted, before, now))
            super().notify_change(change)

    def _options(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OPTION}

    def _choose(self, options: Mapping[str, Any]) -> None:
        for name, value in options.items():
            setattr(self, name, value)

    def _set_busy(self, busy: bool) -> None:
        with self._lock:
            self.set_trait("busy", busy)
