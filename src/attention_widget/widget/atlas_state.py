"""The saved state of an atlas that is shown alone: its options, as a plain JSON dict."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attention_widget._util.lists import as_lists
from attention_widget._util.version import own_version
from attention_widget.errors import RefusedError
from attention_widget.export.atlas_heads import AtlasHeads
from attention_widget.protocol.checks import check_text
from attention_widget.protocol.options import OPTIONS, WITHOUT_TEXT
from attention_widget.widget.state import ADVICE, FORMAT, SINCE, check_format, listed

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas

_ABOUT: Final = ("format", "attention_widget", "model_name")


def state_of_atlas(atlas: HeadAtlas, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a widget that shows an atlas so."""
    return {
        "format": FORMAT,
        "attention_widget": own_version(),
        "model_name": atlas.model_name,
        **{name: as_lists(choices[name]) for name in WITHOUT_TEXT},
    }


def read_atlas_state(state: object, atlas: HeadAtlas) -> dict[str, Any]:
    """The choices of what :func:`state_of_atlas` gave, each of which the atlas has; TraitError for
    anything else."""
    if not isinstance(state, Mapping):
        raise RefusedError(f"state must be a dict, got {type(state).__name__}; {ADVICE}")
    check_format(state)
    if "texts" in state:
        raise RefusedError(
            "the state must be of an atlas alone, got one of a text that a model read; give it to "
            "AttentionWidget.from_state"
        )
    chosen = [name for name in WITHOUT_TEXT if SINCE.get(name, 1) <= state["format"]]
    if missing := [name for name in (*_ABOUT, *chosen) if name not in state]:
        raise RefusedError(f"the state lacks {listed(missing)}; {ADVICE}")
    if more := [name for name in state if name not in (*_ABOUT, *chosen)]:
        raise RefusedError(f"the state holds {listed(more)}, which nothing reads; {ADVICE}")
    check_text("model_name", state["model_name"], optional=False)
    if state["model_name"] != atlas.model_name:
        raise RefusedError(
            f"the atlas must be of {reprlib.repr(state['model_name'])}, as the state is, got one "
            f"of {reprlib.repr(atlas.model_name)}; give an atlas of that model"
        )
    heads: Any = AtlasHeads.of(atlas)
    checked: dict[str, Any] = {}
    for option in OPTIONS:
        if option.name in WITHOUT_TEXT:
            value = state.get(option.name, option.default)
            checked[option.name] = option.check(value, heads, checked.__getitem__)
    return checked
