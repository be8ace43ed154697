"""The widget of an atlas: it opens on an example of a head, in the views of attention too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.protocol.option_values import ViewName
from attention_widget.widget.widget import AttentionWidget

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas
    from attention_widget.corpus.example import Example

VIEWS: Final[tuple[ViewName, ...]] = ("atlas", "lines")


def show_atlas(
    atlas: HeadAtlas, model: Any = None, text: Any = None, **choices: Any
) -> AttentionWidget:
    """A widget of an atlas; see :meth:`HeadAtlas.show`."""
    if model is None:
        raise InvalidTypeError(
            f"model must be the model that was scanned, {atlas.model_name!r}, got None: an atlas "
            f"holds no model, which the widget asks for the attention of an example; write "
            f"atlas.show(model, tokenizer=tokenizer)"
        )
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
    rows = list(range(atlas.n_heads))
    for name, column in (("attention_kind", "kind"), ("layer", "layer"), ("heads", "head")):
        wanted = choices.get(name)
        if wanted is not None:
            first = wanted if isinstance(wanted, int | str) else next(iter(wanted), None)
            rows = [row for row in rows if columns[column][row] == first]
    rows.sort(key=lambda row: -_sureness(atlas, row))
    for row in rows:
        kind, layer, head = (columns[name][row].item() for name in ("kind", "layer", "head"))
        for example in atlas.examples(layer, head, kind):
            if example.text:
                return example
    raise InvalidValueError(
        "atlas must have an example with a text of a head that is shown, got none; give "
        "text=..., which the model reads then"
    )


def _sureness(atlas: HeadAtlas, row: int) -> float:
    label = atlas.columns["label"][row].item()
    return float(atlas.columns[label][row]) if label in atlas.names else 0.0
