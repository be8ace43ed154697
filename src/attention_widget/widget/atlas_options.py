"""The options of an atlas alone: those that are of no text, and what is refused of the others."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import traitlets as t

from attention_widget.errors import InvalidTypeError, RefusedError
from attention_widget.export.atlas_heads import AtlasHeads
from attention_widget.protocol.description import READ_ONLY
from attention_widget.protocol.option import Option
from attention_widget.protocol.options import OPTION, SPELLINGS, WITHOUT_TEXT
from attention_widget.widget import signature
from attention_widget.widget.atlas_shown import check_summaries
from attention_widget.widget.atlas_state import read_atlas_state, state_of_atlas
from attention_widget.widget.options_widget import OptionsWidget

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas

WHY: Final = READ_ONLY["atlas"]
"""Why what is of a text is refused."""


class _NoText(t.TraitType[Any, Any]):
    """A text that no model has read."""

    def validate(self, _obj: Any, value: object) -> Any:
        if value != self.default_value:
            raise RefusedError(f"{self.name} must stay {self.default_value!r}: {WHY}")
        return value


class AtlasOptions(OptionsWidget):
    """Options that fit an atlas, and their state."""

    _atlas: HeadAtlas
    _heads: AtlasHeads

    text = _NoText("").tag(sync=True)
    text_pair = _NoText(None).tag(sync=True)

    @property
    def atlas(self) -> HeadAtlas:
        """The atlas that is shown.

        >>> atlas.show().atlas is atlas
        True
        """
        return self._atlas

    @property
    def state(self) -> dict[str, Any]:
        """The options that an atlas has, as a dict for ``json.dump``, without the atlas's numbers;
        :meth:`restore` reads it.

        >>> atlas.show(layer=2, heads=3).state["heads"]
        [3]
        """
        with self._lock:
            return state_of_atlas(self._atlas, self._options())

    def restore(self, state: Mapping[str, Any]) -> None:
        """Show what a :attr:`state` says, of this atlas or of another one of the model.

        >>> widget = atlas.show(layer=2)
        >>> before = widget.state
        >>> widget.layer = 5
        >>> widget.restore(before)
        >>> widget.layer
        2

        Raises:
            TraitError: it is no state of an atlas, of another format or of another model, or the
                atlas lacks a head or summary that it names. Everything stays as it was.
        """
        options = read_atlas_state(state, self._atlas)
        check_summaries(self._atlas, options)
        with self._lock, self.hold_sync():
            self._choose(options)

    @property
    def _fitted(self) -> Any:
        return self._heads

    def _check_usable(self, name: str, value: object) -> None:
        option = OPTION[name]
        if not option.of_text or value is None:
            return
        with suppress(t.TraitError):
            if option.check(value, self._fitted, partial(getattr, self)) == self._first(option):
                return
        raise RefusedError(f"{name} is of a text that a model read, got {value!r:.80}; {WHY}")

    def _first(self, option: Option) -> Any:
        return ("atlas",) if option.name == "views" else super()._first(option)

    def _check_of_atlas(self, options: Any) -> None:
        check_summaries(self._atlas, options)


def usable(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those under the names of their traits; TypeError for a keyword that is none, or that needs
    the model."""
    from attention_widget.tracing import capture

    known = {*OPTION, *SPELLINGS, *signature.keywords_of(capture)}
    signature.refuse_unknown([name for name in options if name not in known], WITHOUT_TEXT)
    for name in options:
        if SPELLINGS.get(name, name) not in WITHOUT_TEXT:
            raise InvalidTypeError(
                f"{name} must be left out where an atlas is shown without a model, which it "
                f"takes: atlas.show(model, {name}=...); without one there are "
                f"{', '.join(WITHOUT_TEXT)}"
            )
    return signature.split(options)[1]
