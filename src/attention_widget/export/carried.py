"""What an export carries of one pass: a part for each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np

from attention_widget.export import rounding
from attention_widget.export.archive import Archive, Held, Precision, Step
from attention_widget.export.layer import Layer
from attention_widget.export.sight import parts_of
from attention_widget.protocol.catalogue import compute
from attention_widget.protocol.keys import NEEDS, Key, write_key
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

EXACT_WEIGHTS: Final = 2**18
"""Attention of no more than so many weights, a megabyte, comes as it is, whatever the precision."""


def distinct(traces: Iterable[Trace]) -> list[Trace]:
    """Those of other numbers than the ones before: a page holds each block once, and where every
    token of two passes has a partner, they stand between the tokens of both as they are."""
    found = {tuple(map(id, each.operations)): each for each in reversed([*traces])}
    return [*reversed(found.values())]


def steps_of(
    trace: Trace,
    views: Sequence[str],
    held: Held,
    precision: Precision,
    exact: Callable[[Kind, int], bool] = lambda kind, layer: False,
    only: int | None = None,
    seen: Held | None = None,
) -> Iterator[Step]:
    """What keeps all that the views need of these heads in one pass, a part at a time; the weights
    of the layers that are ``exact`` as they are, and those of ``only`` one window, if one is named,
    or of the heads that are ``seen``, if these are."""
    if trace.image is not None:
        yield partial(Archive.plain, key="image", array=trace.image)
    needed = {tensor for view in views for tensor in NEEDS.get(view, ())}
    if "hidden_states" in needed:
        for kind, index in _hidden(trace, held):
            key = write_key(Key("hidden_states", (kind, index)))
            yield partial(_keep_hidden, key=key, trace=trace, precision=precision)
        for key in _word_embeddings(trace, held):
            yield partial(_keep_hidden, key=key, trace=trace, precision=precision)
    if "position_table" in needed:
        for key in _positions(trace):
            yield partial(_keep_computed, key=key, trace=trace)
    for window, _ in parts_of(trace):
        for kind, layers in held.items():
            for layer, heads in layers.items():
                of_weights = "high" if exact(kind, layer) else precision
                made = Layer(trace, window, kind, layer, heads, needed, precision, of_weights)
                is_seen = seen is None or layer in seen.get(kind, {})
                yield made if is_seen and only in (None, window) else made.keep_mask


def _hidden(trace: Trace, held: Held) -> list[tuple[Kind, int]]:
    """The hidden states that can be looked at: kind of their stack, and index."""
    found: dict[tuple[Kind, int], None] = {}
    for kind, layers in held.items():
        stack: Kind = "encoder" if kind == "encoder" else "decoder"
        of_target = stack == "decoder" and trace.target is not None
        states = trace.target.hidden if of_target and trace.target else trace.hidden
        for index in (0, *(layer + 1 for layer in layers)):
            if index < len(states) and len(states[index]):
                found[stack, index] = None
    return list(found)


def _word_embeddings(trace: Trace, held: Held) -> Iterator[str]:
    """The keys of the word embeddings that are known, of each stack that can be looked at."""
    for stack in dict.fromkeys("encoder" if kind == "encoder" else "decoder" for kind in held):
        of = trace.target if stack == "decoder" and trace.target is not None else trace
        if of.word_rows is not None:
            yield write_key(Key("word_embeddings", (stack,)))


def _positions(trace: Trace) -> Iterator[str]:
    """The keys of what tells positions apart."""
    known = trace.windows[0].trace if trace.windows else trace
    for index, one in enumerate(known.positions):
        if one.tensors:
            for name in ("position_table", "position_pairs"):
                yield write_key(Key(name, (index,)))


def _keep_computed(archive: Archive, key: str, trace: Trace) -> None:
    archive.plain(key, compute(trace, key))


def _keep_hidden(archive: Archive, key: str, trace: Trace, precision: Precision) -> None:
    values = compute(trace, key)
    if precision == "high" or not np.isfinite(values).all():
        archive.plain(key, values)
        return
    n_axes, step, data = rounding.encode_axes(values)
    entry = {"as": "axes", "shape": [len(values), n_axes], "step": step}
    archive.entries[key] = {**entry, "block": archive.block(data)}
