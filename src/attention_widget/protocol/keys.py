"""Keys of tensors: what the browser may ask of a trace; the other half is js/trace/tensor_key.ts.

>>> read_key("window/2/grouped/words/hide/attention_row/encoder/0/3,4")
Key(name='attention_row', axes=('encoder', 0, (3, 4)), window=2, units='words', special='hide')
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, get_args

from attention_widget.errors import InvalidValueError
from attention_widget.measures.edges import Combine
from attention_widget.measures.heatmaps import Scale, Together
from attention_widget.protocol.checks import either
from attention_widget.protocol.option_values import ShownPass
from attention_widget.protocol.options import values_of
from attention_widget.trace.calculation_steps import STEP_NAMES
from attention_widget.trace.kind import KINDS

TENSORS: Final[dict[str, tuple[str, ...]]] = {
    "attention": ("kind", "layer"),
    "attention_row": ("kind", "layer", "tokens"),
    "attention_received": ("kind", "layer"),
    "count_nan": ("kind", "layer"),
    "edges": ("kind", "layer", "combine", "heads", "top_p", "threshold", "segments"),
    "thumbnails": ("kind", "layer"),
    "summaries": ("kind", "layer"),
    "receivers": ("kind", "layer"),
    "divergence": ("kind", "layer"),
    "map_tile": ("kind", "layer", "together", "heads", "scale", "pooling", "row", "column"),
    "map_margins": ("kind", "layer", "together", "heads"),
    "query": ("kind", "layer", "head"),
    "key": ("kind", "layer", "head"),
    "scores": ("kind", "layer", "head", "token"),
    "value": ("kind", "layer", "head"),
    "head_output": ("kind", "layer", "head"),
    "calculation": ("kind", "layer", "head", "step"),
    "calculation_map": ("kind", "layer", "head", "step", "down", "across"),
    "calculation_line": ("kind", "layer", "head", "step", "axis", "index"),
    "mask": ("kind", "layer"),
    "largest": ("units", "special"),
    "layer_largest": ("kind", "layer"),
    "hidden_states": ("kind", "index"),
    "word_embeddings": ("kind",),
    "image": (),
    "position_table": ("index",),
    "position_pairs": ("index",),
}
"""What follows the name in a key. ``window/{window}/`` in front of the key of a tensor of
attention asks the trace of that window, ``grouped/{units}/{special}/`` after that its attention
between words or passages, without special tokens. ``after/{edits}/`` before all asks the pass
with edits, and ``difference/{edits}/`` how far it lies above the one without.
``measured/{about}/`` before the key of one of ``MEASURED``, behind those, asks for the same of
another measure than attention: its name, or JSON of its name and what a gradient is of."""

MEASURED: Final = (
    "attention",
    "attention_row",
    "attention_received",
    "count_nan",
    "edges",
    "thumbnails",
    "map_tile",
    "map_margins",
    "layer_largest",
)
"""Tensors that there are of every measure."""

EDITED: Final[tuple[ShownPass, ...]] = ("after", "difference")
"""What stands before the edits of a key."""

NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "grid": ("summaries", "thumbnails"),
    "neuron": ("query", "key", "scores", "value", "head_output"),
    "text": ("hidden_states",),
    "heads": ("summaries",),
    "passages": ("receivers",),
    "positions": ("position_table", "position_pairs"),
    "calculation": ("calculation",),
}
"""Tensors that a view needs beside the attention and its mask, as ``needs`` in js/views/*/index.ts
says it."""

WITHOUT_ATTENTION: Final = ("tokens", "positions", "predictions", "attribution", "atlas")
"""Views that show no attention, nor what follows from it; nor does ``text`` where its measure is of
vectors or predictions."""

WITH_MEASURE: Final = ("lines", "matrix", "grid", "text", "passages")
"""Views that show the measure that is chosen in the place of attention; ``text`` where its own
measure is of attention."""

UNITS: Final = ("tokens", "words", "passages")
SPECIAL_TOKENS: Final = values_of("special_tokens")
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "kind": KINDS,
    "together": get_args(Together),
    "scale": get_args(Scale),
    "combine": get_args(Combine),
    "segments": values_of("segments"),
    "step": STEP_NAMES,
    "axis": ("row", "column"),
    "units": UNITS,
    "special": SPECIAL_TOKENS,
}
_LISTS: Final = {"heads": "head,...", "tokens": "token,..."}
_SHARES: Final = ("top_p", "threshold")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_SHARE = re.compile(r"[01](\.[0-9]{1,25})?(e-[0-9]{1,3})?|[0-9](\.[0-9]{1,25})?e-[0-9]{1,3}")
Axis = str | int | float | tuple[int, ...]


class Key(NamedTuple):
    """``axes`` are those of ``TENSORS[name]``; ``window``, ``units`` and ``special`` say of which
    window a tensor of attention is, and between which rows."""

    name: str
    axes: tuple[Axis, ...]
    window: int | None = None
    units: str = "tokens"
    special: str = "show"


def pattern(name: str) -> str:
    """How a key of this name is written.

    >>> pattern("attention_row")
    'attention_row/{kind}/{layer}/{token,...}'
    """
    return "/".join([name, *(f"{{{_LISTS.get(axis, axis)}}}" for axis in TENSORS[name])])


def read_key(text: str) -> Key:
    """What a key asks for; ValueError if it is none of ``TENSORS``."""
    window, units, special = None, "tokens", "show"
    name, *parts = text.split("/")
    if name == "window" and len(parts) > 1:
        number, name, *parts = parts
        window = _number(text, number, "window/{window}/...")
    if name == "grouped" and len(parts) > 2:
        units, special, name, *parts = parts
        if units not in UNITS or special not in SPECIAL_TOKENS:
            must = f"grouped/{{{either(UNITS)}}}/{{{either(SPECIAL_TOKENS)}}}/..."
            raise _malformed(text, must)
    is_placed = text.startswith(("window/", "grouped/"))
    if name not in TENSORS or (is_placed and "layer" not in TENSORS[name]):
        raise _malformed(text, either([pattern(each) for each in TENSORS]))
    axes = TENSORS[name]
    if len(parts) != len(axes):
        raise _malformed(text, pattern(name))
    given = zip(parts, axes, strict=True)
    values = tuple(_axis(text, part, axis, pattern(name)) for part, axis in given)
    return Key(name, values, window, units, special)


def split_pass(text: str) -> tuple[ShownPass, str, str]:
    """Of which pass a key asks, its edits as JSON, and the key of the tensor in it; "difference" is
    that after the edits minus that before.

    >>> split_pass('after/[{"edit":"head_off"}]/mask/encoder/0')
    ('after', '[{"edit":"head_off"}]', 'mask/encoder/0')
    >>> split_pass("mask/encoder/0")
    ('before', '', 'mask/encoder/0')
    """
    for name in EDITED:
        if text.startswith(f"{name}/"):
            _, edits, *rest = text.split("/", 2)
            return name, edits, rest[0] if rest else ""
    return "before", "", text


def split_measured(text: str) -> tuple[str, str]:
    """What measure a key is of and what its gradient is of, empty for attention; and the key of the
    tensor.

    >>> split_measured("measured/norm/edges/encoder/0/mean/0,3/0.95/0/all")
    ('norm', 'edges/encoder/0/mean/0,3/0.95/0/all')
    >>> split_measured("mask/encoder/0")
    ('', 'mask/encoder/0')
    """
    if not text.startswith("measured/"):
        return "", text
    _, about, *rest = text.split("/", 2)
    return about, rest[0] if rest else ""


def write_key(key: Key) -> str:
    """The key as text: what :func:`read_key` reads.

    >>> write_key(Key("edges", ("encoder", 0, "mean", (0, 3), 0.95, 0.0, "all"), window=1))
    'window/1/edges/encoder/0/mean/0,3/0.95/0/all'
    """
    placed = [] if key.window is None else ["window", str(key.window)]
    if (key.units, key.special) != ("tokens", "show"):
        placed += ["grouped", key.units, key.special]
    return "/".join([*placed, key.name, *map(_written, key.axes)])


def _written(axis: Axis) -> str:
    if isinstance(axis, float):  # as a browser writes it
        return repr(axis).removesuffix(".0").replace("e-0", "e-")
    return ",".join(map(str, axis)) if isinstance(axis, tuple) else str(axis)


def _axis(text: str, part: str, axis: str, must: str) -> Axis:
    if axis in _NAMES:
        if part not in _NAMES[axis]:
            raise _malformed(text, f"{must}, {{{axis}}} {either(_NAMES[axis])}")
        return part
    if axis in _SHARES:
        if not _SHARE.fullmatch(part) or float(part) > 1:
            raise _malformed(text, f"{must}, {{{axis}}} a number from 0 to 1")
        return float(part)
    if axis in _LISTS:
        return tuple(_number(text, number, must) for number in part.split(","))
    return _number(text, part, must)


def _number(text: str, part: str, must: str) -> int:
    if not _NUMBER.fullmatch(part):
        raise _malformed(text, must)
    return int(part)


def _malformed(text: str, must: str) -> InvalidValueError:
    return InvalidValueError(f"a tensor's key must be {must}, got {text!r}")
