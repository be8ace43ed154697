"""The widget of an atlas: with the model beside an example of a head, in the views of attention
too, and without it alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.protocol.option_values import ViewName
from attention_widget.widget.atlas_alone import AtlasWidget
from attention_widget.widget.atlas_shown import surest_rows

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas
    from attention_widget.corpus.example import Example
    from attention_widget.widget.widget import AttentionWidget

VIEWS: Final[tuple[ViewName, ...]] = ("atlas", "lines")


def show_atlas(
    atlas: HeadAtlas, model: Any = None, text: Any = None, **choices: Any
) -> AttentionWidget | AtlasWidget:
    """A widget of an atlas; see :meth:`HeadAtlas.show`."""
    if model is None:
        if text is not None:
            raise InvalidTypeError(
                f"model must be given beside a text, the one that was scanned, "
                f"{atlas.model_name!r}, got None: an atlas holds no model to read it; write "
                f"atlas.show(model, text, tokenizer=tokenizer)"
            )
        return AtlasWidget(atlas, **choices)
    from attention_widget.widget.widget import AttentionWidget

    if text is not None:
        return AttentionWidget(model, text, atlas=atlas, **{"views": VIEWS, **choices})
    example = _first_example(atlas, choices)
    place = {"attention_kind": example.kind, "layer": example.layer, "heads": example.head}
    widget = AttentionWidget(
        model, example.text, atlas=atlas, **{"views": VIEWS, **place, **choices}
    )
    if [token.id for token in widget.trace.tokens] == example.token_ids.tolist():
        example.check(widget.trace)
        if "token" not in choices:
            widget.token, widget.key_token = example.query, example.key
    return widget


def _first_example(atlas: HeadAtlas, choices: Mapping[str, Any]) -> Example:
    """The strongest example with a text, of the head that is named, else of the head that is
    surest to do what a label says."""
    columns = atlas.columns
    for row in surest_rows(atlas, choices):
        kind, layer, head = (columns[name][row].item() for name in ("kind", "layer", "head"))
        for example in atlas.examples(layer, head, kind):
            if example.text:
                return example
    raise InvalidValueError(
        "atlas must have an example with a text of a head that is shown, got none; give "
        "text=..., which the model reads then"
    )
