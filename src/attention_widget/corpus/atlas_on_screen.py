"""An atlas as a widget and as a page, which the rooms above this one provide."""

from __future__ import annotations

import os
from typing import Any

from attention_widget._util.provided import provided


class AtlasOnScreen:
    """What an atlas can be shown as."""

    def show(self, model: Any = None, text: Any = None, **choices: Any) -> Any:
        """A widget of this atlas, on the head that is named (``layer``, ``heads``), else on the one
        that is surest to do what its label says.

        Without a model it is the view ``atlas`` alone: an atlas holds numbers and texts, and no
        weights, so a file of one is all that it takes. ``choices`` are then the options that are
        of no text: ``layer``, ``heads``, ``atlas_summary`` and such.

        With the model that was given to :func:`attention_widget.scan` the view stands beside the
        attention of a text, by default of the strongest example of the head, and a click on another
        example opens that. ``choices`` are then the keywords of
        :class:`attention_widget.AttentionWidget`.

        >>> widget = atlas.show(layer=2, heads=3)
        >>> widget
        <AtlasWidget of '...': 72 heads over 64 texts; layer 2, head 3>
        >>> widget = atlas.show(model, tokenizer=tokenizer, layer=2, heads=3)
        >>> widget.layer, widget.heads, widget.atlas is atlas
        (2, (3,), True)

        Raises:
            TypeError: a text, or an option that is of a text, is given without a model.
            TraitError: an option does not fit, such as a layer that the atlas does not have.
            ValueError: the model is another one than was scanned, by its name, its heads or the
                weight that it gives the example; or the head has no example with a text.

        Warns:
            UserWarning: the model has the name of the one that was scanned, and other weights,
                another precision, class or configuration.
        """
        return provided("show_atlas")(self, model, text, **choices)

    def to_html(self, **options: Any) -> str:
        """This atlas as one HTML page, to click on without a kernel, a network or the model:
        ``atlas.show().to_html()``, whose keywords are ``layers``, ``heads``, ``precision`` and
        ``max_bytes``.

        >>> atlas.to_html(layers=[2])[:15]
        '<!doctype html>'

        Raises:
            LookupError: a layer or head that is named does not exist.
            ValueError: the page would be larger than ``max_bytes``.
        """
        widget = self.show()
        try:
            page: str = widget.to_html(**options)
        finally:
            widget.close()
        return page

    def export_html(self, path: str | os.PathLike[str], **options: Any) -> None:
        """Write :meth:`to_html` to a file, with the same keywords and ``assets``. To open it on
        another head: ``atlas.show(layer=2, heads=3).export_html(path)``.

        >>> atlas.export_html("heads.html")

        Raises:
            OSError: no file can be written there; said before the page is made.
        """
        widget = self.show()
        try:
            widget.export_html(path, **options)
        finally:
            widget.close()
