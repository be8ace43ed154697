"""The widget of an atlas alone: its one view, without the model that was scanned."""

from __future__ import annotations

import inspect
import os
import reprlib
import threading
from collections.abc import Iterable
from contextlib import nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from attention_widget._util.files import place_for
from attention_widget._util.free_memory import free_nbytes
from attention_widget.errors import InvalidTypeError, InvalidValueError, RefusedError
from attention_widget.export.archive import MAX_BYTES, Precision
from attention_widget.export.atlas_heads import NUMBER, AtlasHeads
from attention_widget.export.atlas_page import atlas_page
from attention_widget.export.page import Assets, Page
from attention_widget.protocol.options import OPTION
from attention_widget.widget.asking import Asking
from attention_widget.widget.atlas_options import WHY, AtlasOptions, usable
from attention_widget.widget.atlas_shown import atlas_steps, counted, is_of_atlas, surest_rows
from attention_widget.widget.memory_use import MemoryUse
from attention_widget.widget.notebook_cell import Cells
from attention_widget.widget.options_widget import RESULTS
from attention_widget.widget.requests import Requests
from attention_widget.widget.steps import Progress, Steps

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas

_HEIGHT: Final = 900
_ANY_BYTES: Final = 1 << 62
_QUESTION: Final = {"name": "memory"}


class AtlasWidget(AtlasOptions):
    """An atlas alone, as :meth:`HeadAtlas.show` makes it without a model: the view `atlas` with
    the examples as texts. Its options are attributes that follow what is clicked, and that can be
    set and observed: ``layer``, ``heads``, ``atlas_summary``, ``atlas_sort``, ``atlas_label``,
    ``atlas_across``, ``atlas_up`` and those of how it looks. All else is of a text that a model
    read, and is refused: ``atlas.show(model)`` has it.

    >>> widget = atlas.show(layer=2, heads=3)
    >>> widget.atlas_summary = "induction"
    >>> widget
    <AtlasWidget of '...': 72 heads over 64 texts; layer 2, head 3>
    """

    def __init__(self, atlas: HeadAtlas, **options: Any) -> None:
        from attention_widget.corpus.atlas import HeadAtlas

        if not isinstance(atlas, HeadAtlas):
            raise InvalidTypeError(
                f"atlas must be a HeadAtlas, from scan() or HeadAtlas.load(), got "
                f"{type(atlas).__name__}"
            )
        self._lock = threading.RLock()
        self._atlas, self._heads, self._told = atlas, AtlasHeads.of(atlas), 0
        if not self._heads.kinds:
            raise InvalidValueError("atlas must have a head to show, got none")
        self.set_trait("meta", self._heads.described())
        chosen = usable(options)
        rows = surest_rows(atlas, chosen)
        if rows:  # else what is named is refused below, by name
            columns = atlas.columns
            first = {
                "attention_kind": columns["kind"][rows[0]].item(),
                "layer": columns["layer"][rows[0]].item(),
                "heads": columns["head"][rows[0]].item(),
            }
            chosen = {**first, **{n: value for n, value in chosen.items() if value is not None}}
        for name in self._options():  # each has its first value before one is set
            if name in chosen:
                setattr(self, name, chosen[name])
        self._cells = Cells()
        super().__init__()
        self.comm.on_close(self._cells.refused)
        requests = Requests(
            self.send,
            heard=lambda: self._cells.answered(self),
            tensor=_refuse,
            run=_refuse,
            held=lambda _anyway: nullcontext(),
            asking=Asking(
                lambda reply: self.send(reply), self._steps, lambda number: number != NUMBER
            ),
        )
        self.on_msg(lambda _widget, message, _buffers: requests.receive(message))

    def memory(self) -> MemoryUse:
        """What the widget takes in memory, in bytes: the atlas, what the browser was told of it,
        and a page of :meth:`to_html`, which is made to be measured; and what is free. The settings
        in the widget show the same numbers.

        >>> atlas.show().memory()
        MemoryUse
          atlas    ...
          browser  ...
          page     about ...
          model    none
          free     ... GB
        """
        with self._lock:
            state: dict[str, Any] = self.get_state([*OPTION, *RESULTS])
        return MemoryUse(
            trace=0,
            parts=MappingProxyType({}),
            browser=self._told,
            page=len(atlas_page(self._atlas, state, max_bytes=_ANY_BYTES).html),
            model=None,
            free=free_nbytes(),
            atlas=self._atlas.nbytes,
        )

    def to_html(
        self,
        *,
        layers: int | Iterable[int] | None = None,
        heads: int | Iterable[int] | None = None,
        precision: Precision = "standard",
        max_bytes: int = MAX_BYTES,
    ) -> str:
        """The widget as it stands, as one HTML page that needs neither a kernel nor a network.

        The page has the numbers of all heads, and the examples of ``layers`` and there of
        ``heads``; None is all, as far as 64 MB of examples go before they are compressed, those of
        the layer that is shown first. The view says which layers it lacks. Weights of rows are
        within 5e-5, and with ``precision`` "high" as they are; those of the examples themselves
        always are.

        >>> page = atlas.show().to_html(layers=[2])
        >>> page[:15]
        '<!doctype html>'

        Raises:
            LookupError: a layer or head that is named does not exist.
            ValueError: the page would be larger than ``max_bytes``.
        """
        return self._page("inline", layers, heads, precision, max_bytes).html

    def export_html(
        self,
        path: str | os.PathLike[str],
        *,
        layers: int | Iterable[int] | None = None,
        heads: int | Iterable[int] | None = None,
        precision: Precision = "standard",
        assets: Assets = "inline",
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Write :meth:`to_html` to a file, with the same keywords; ``assets`` as in
        :meth:`AttentionWidget.export_html`.

        >>> atlas.show().export_html("heads.html")

        Raises:
            OSError: no file can be written there; said before the page is made.
        """
        place = place_for(path)
        self._page(assets, layers, heads, precision, max_bytes).write(place)

    def __repr__(self) -> str:
        heads = ", ".join(map(str, self.heads)) or "none"
        return (
            f"<AtlasWidget of {reprlib.repr(self._atlas.model_name)}: {self._atlas.n_heads} heads "
            f"over {self._atlas.n_texts:,} texts; layer {self.layer}, "
            f"head{'s' * (len(self.heads) != 1)} {heads}>"
        )

    def __getattr__(self, name: str) -> NoReturn:
        """What else a widget has is of a text that a model read."""
        if not name.startswith("_"):
            from attention_widget.widget.widget import AttentionWidget

            if inspect.getattr_static(AttentionWidget, name, None) is not None:
                raise AttributeError(f"{name} is of a text that a model read; {WHY}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _ipython_display_(self) -> None:
        self._cells.show(self)

    def _framed(self) -> tuple[str, int]:
        return f"Atlas of heads: {self._atlas.model_name}", _HEIGHT

    def _page(
        self, assets: Assets, layers: Any, heads: Any, precision: Precision, max_bytes: int
    ) -> Page:
        with self._lock:
            state: dict[str, Any] = self.get_state([*OPTION, *RESULTS])
        return atlas_page(
            self._atlas,
            state,
            layers=layers,
            heads=heads,
            precision=precision,
            assets=assets,
            max_bytes=max_bytes,
        )

    def _steps(self, _number: int, question: Any, _anyway: bool) -> Steps:
        if question == _QUESTION:
            return self._memory_steps()
        if not is_of_atlas(question):
            _refuse()
        return counted(atlas_steps(self._atlas, question), self._tell)

    def _memory_steps(self) -> Steps:
        yield Progress(0, 1)
        return self.memory().answer()

    def _tell(self, nbytes: int) -> None:
        with self._lock:
            self._told += nbytes


def _refuse(*_: object) -> NoReturn:
    raise RefusedError(WHY)
