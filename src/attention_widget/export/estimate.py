"""How large a page will be, from some of what it will carry."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

from attention_widget.export import rounding
from attention_widget.export.archive import Archive, Held, Precision
from attention_widget.export.carried import steps_of
from attention_widget.export.layer import LARGE_MAP, key_marks
from attention_widget.export.sight import count_weights, parts_of
from attention_widget.protocol.keys import TENSORS, read_key
from attention_widget.trace.block import Block, Maps
from attention_widget.trace.trace import Trace

SAMPLED_MAPS: Final = 24
STRETCHES: Final = 4
STRETCH: Final = 16
"""Queries beside each other that are sampled of a map, and how many such stretches: they pack as
well as all queries do, which single ones would not."""

_OF_WHOLE_LAYERS: Final = ("grid", "heads", "passages")
"""Views whose tensors are computed from whole layers, which takes too long for an estimate."""

_OF_NUMBERS: Final = 160
"""Bytes of each head that its summaries take between tokens and words, with special tokens and
without."""

_OF_THUMBNAIL: Final = 400
"""Bytes of each head that its small picture takes, where maps are large."""

_FEW_WEIGHTS: Final = 2**20
"""Attention of no more than these is packed at once, rather than estimated."""


def attention_bytes(trace: Trace, held: Held, precision: Precision, only: int | None = None) -> int:
    """Bytes that the attention will take in a page, from some queries of some heads; 0 where it
    is little at any rate. Of ``only`` one window, if one is named."""
    if count_weights(trace, held, only) < _FEW_WEIGHTS:
        return 0
    return _sampled_attention(trace, held, precision, only)


def page_bytes(
    trace: Trace,
    views: Sequence[str],
    held: Held,
    precision: Precision = "standard",
    only: int | None = None,
    exact: bool = False,
    seen: Held | None = None,
) -> int:
    """Bytes that these views will take in a page of a trace, beside its script and style: an
    estimate, from some queries of some heads, and from one head of one layer of each kind, packed
    as the page packs it.

    What the model answered is not in it, nor a pass with edits. Of a text that was read in windows
    the attention of ``only`` one of them is, if one is named. ``exact`` says that weights come as
    they are, and ``seen`` of which heads alone, where not of all.
    """
    weighed = held if seen is None else seen
    total = _sampled_attention(trace, weighed, "high" if exact else precision, only)
    windows = max(1, len(trace.windows))
    light = [view for view in views if view not in _OF_WHOLE_LAYERS]
    for kind, layers in held.items():
        known = [layer for layer, heads in layers.items() if heads]
        if not known:
            continue
        layer = known[len(known) // 2]
        archive = Archive(2**62)
        of_one: Held = {kind: {layer: layers[layer][:1]}}
        for step in steps_of(trace, light, of_one, precision, only=0 if trace.windows else None):
            step(archive)
        heads = sum(map(len, layers.values()))
        one = trace.windows[0].trace if trace.windows else trace
        operation = one.operation(layer, kind)
        times = {"head": heads, "layer": len(known)}
        for text, entry in archive.entries.items():
            key = read_key(text)
            if entry["as"] == "maps" or key.window not in (None, 0):
                continue
            axis = TENSORS[key.name][-1:]
            of_all: float = times.get(axis[0], 1) if axis else 1
            if key.name in ("hidden_states", "word_embeddings") and kind == "cross":
                continue  # those of the decoder
            if key.name == "hidden_states":  # those before all layers, and those after this one
                of_all = len(known) if key.axes[1] else 1
            if key.name in ("key", "value"):  # those of a group of heads are kept once
                of_all *= operation.n_kv_heads / operation.n_heads
            per_window = windows if key.window == 0 else 1
            total += round(len(archive.blocks[entry["block"]]) * of_all * per_window)
        if not set(views).isdisjoint(_OF_WHOLE_LAYERS):
            is_large = operation.n_queries * operation.n_keys > LARGE_MAP
            thumbnails = _OF_THUMBNAIL if is_large and "grid" in views else 0
            numbers = _OF_NUMBERS if isinstance(operation, Block | Maps) else 0
            total += (numbers + thumbnails) * heads * windows
    return total


def measured_bytes(trace: Trace, held: Held, is_of_layers: bool, only: int | None = None) -> int:
    """About how many bytes a measure takes in the place of attention, of each head or of whole
    layers: numbers pack as attention does in full."""
    if is_of_layers:
        held = {
            kind: {layer: of[:1] for layer, of in there.items()} for kind, there in held.items()
        }
    return _sampled_attention(trace, held, "high", only)


def _sampled_queries(count: int) -> list[int]:
    """All where they are few, else some stretches, the middles of equal parts."""
    if count <= STRETCHES * STRETCH:
        return [*range(count)]
    starts = [round((part + 0.5) * count / STRETCHES - STRETCH / 2) for part in range(STRETCHES)]
    return [query for start in starts for query in range(start, start + STRETCH)]


def _sampled_attention(trace: Trace, held: Held, precision: Precision, only: int | None) -> int:
    heads = [
        (part.operation(layer, kind), part, head)
        for _, part in parts_of(trace, only)
        for kind, layers in held.items()
        for layer, of_layer in layers.items()
        for head in of_layer
    ]
    weights = count_weights(trace, held, only)
    sampled = read = 0
    for one, part, head in heads[:: max(1, -(-len(heads) // SAMPLED_MAPS))]:
        rows = one.attention([head], _sampled_queries(one.n_queries))[0]
        levels = precision == "standard" and rounding.fits_levels(rows)
        data = (
            rounding.encode_levels(rows, *key_marks(part, one)) if levels else rounding.planes(rows)
        )
        sampled += len(zlib.compress(data, 6))
        read += rows.size
    return round(4 / 3 * weights * sampled / max(1, read))
