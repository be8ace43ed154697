"""Edits held against a trace: what they name is there, and every number counts from 0."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar, get_args

import numpy as np
import torch

from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.experiments.edits import (
    EdgeOff,
    Edit,
    HeadOff,
    HeadPatch,
    HeadScale,
    Value,
    named_tokens,
)
from attention_widget.trace.block import Block
from attention_widget.trace.indices import Indices, indices_of
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace

_OfHeads = TypeVar("_OfHeads", HeadOff, HeadScale, HeadPatch)


def placed(edits: Sequence[Edit], trace: Trace) -> tuple[Edit, ...]:
    """Edits with every number from 0 and the kind filled in.

    Raises:
        IndexError: a layer, head or token that the trace does not have.
        LookupError: a kind, or attention in a layer, that it does not have.
        ValueError, TypeError: something that is no such number, and an edge that is hidden already.
    """
    return tuple(_placed(edit, trace) for edit in edits)


def described(edits: Sequence[Edit], trace: Trace) -> tuple[str, ...]:
    """A sentence for each edit that is placed, with the text of its tokens."""
    return tuple(
        edit.describe(*trace.sides(edit.kind))
        if isinstance(edit, EdgeOff)
        else edit.describe(trace.sides(edit.kind)[0])
        for edit in edits
    )


def layers_of(edge: EdgeOff, trace: Trace) -> tuple[int, ...]:
    """The layers in which an edge that is placed is blocked."""
    return trace.layers_with_attention(edge.kind) if edge.layer is None else (edge.layer,)


def blocked_by(edge: EdgeOff, n_heads: int, n_queries: int, n_keys: int) -> torch.Tensor:
    """Which edges are blocked (head, query, key) by an edit that is placed."""
    blocked = torch.zeros((n_heads, n_queries, n_keys), dtype=torch.bool, device="cpu")
    heads = indices_of("head", edge.heads, n_heads)
    queries = indices_of("query", edge.query, n_queries)
    blocked[np.ix_(heads, queries, indices_of("key", edge.key, n_keys))] = True
    return blocked


def _placed(edit: Edit, trace: Trace) -> Edit:
    if isinstance(edit, EdgeOff):
        return _edge(edit, trace)
    if isinstance(edit, HeadOff):
        if edit.value not in get_args(Value):
            raise InvalidValueError(
                f'value must be "zero" or "mean", got {reprlib.repr(edit.value)}; another text\'s '
                f"output is HeadPatch"
            )
        return _heads(edit, trace)
    if isinstance(edit, HeadScale):
        _check_factor(edit.factor)
        return _heads(edit, trace)
    if isinstance(edit, HeadPatch):
        return _patch(edit, trace)
    raise InvalidTypeError(
        f"edits must be HeadOff, HeadScale, HeadPatch or EdgeOff, got {type(edit).__name__}"
    )


def _heads(edit: _OfHeads, trace: Trace) -> _OfHeads:
    kind = _kind(edit.kind, trace)
    operation = trace.operation(edit.layer, kind)
    size = len(trace.sides(kind)[0])
    return replace(
        edit,
        layer=operation.layer,
        heads=_checked("head", edit.heads, operation.n_heads),
        kind=kind,
        tokens=None if edit.tokens is None else _checked("token", edit.tokens, size),
    )


def _check_factor(factor: Any) -> None:
    if isinstance(factor, bool) or not isinstance(factor, int | float | np.number):
        raise InvalidTypeError(f"factor must be a number, got {reprlib.repr(factor)}")
    if not math.isfinite(factor):
        raise InvalidValueError(f"factor must be a finite number, got {factor}")


def _patch(edit: HeadPatch, trace: Trace) -> HeadPatch:
    if not callable(getattr(edit.source, "heads_output", None)):
        raise InvalidTypeError(
            f"source must be an Experiment with the other text, got {type(edit.source).__name__}; "
            f"make one: Experiment(model, text)"
        )
    made, source = _heads(edit, trace), edit.source.trace
    mine = edit.source_tokens if edit.tokens is None else edit.tokens
    theirs = edit.tokens if edit.source_tokens is None else edit.source_tokens
    tokens = _checked("token", mine, len(trace.sides(made.kind)[0]))
    source_tokens = _checked("source token", theirs, len(source.sides(made.kind)[0]))
    if len(tokens) != len(source_tokens):
        raise InvalidValueError(
            f"tokens and source_tokens must be equally many, got {len(tokens)} and "
            f"{len(source_tokens)}; name the tokens that go together: tokens=[...], "
            f"source_tokens=[...]"
        )
    here, there = (each.operation(made.layer, made.kind) for each in (trace, source))
    if here.n_heads != there.n_heads:
        raise InvalidValueError(
            f"source must have as many heads in layer {made.layer} as the model, {here.n_heads}, "
            f"got {there.n_heads}; take an experiment with the same model"
        )
    if mine is None and theirs is None:
        return made
    return replace(made, tokens=tokens, source_tokens=source_tokens)


def _edge(edit: EdgeOff, trace: Trace) -> EdgeOff:
    kind = _kind(edit.kind, trace)
    queries, keys = trace.sides(kind)
    made = replace(
        edit,
        kind=kind,
        layer=None if edit.layer is None else trace.operation(edit.layer, kind).layer,
        query=None if edit.query is None else _checked("query", edit.query, len(queries)),
        key=_checked("key", edit.key, len(keys)),
    )
    layers = layers_of(made, trace)
    if edit.heads is not None:
        fewest = min(trace.count_heads(layer, kind) for layer in layers)
        made = replace(made, heads=_checked("head", edit.heads, fewest))
    if not any(_is_seen(made, trace, layer) for layer in layers):
        sees = "every token" if made.query is None else named_tokens(made.query)
        raise InvalidValueError(
            f"key must be a token that the query sees, got {named_tokens(made.key)}, which the "
            f"mask hides from {sees} already"
        )
    return made


def _is_seen(edge: EdgeOff, trace: Trace, layer: int) -> bool:
    """Whether the mask of a layer shows any of the edges."""
    operation = trace.operation(layer, edge.kind)
    if not isinstance(operation, Block):
        return True
    blocked = blocked_by(edge, operation.n_heads, operation.n_queries, operation.n_keys)
    rows = torch.arange(operation.n_queries, dtype=torch.long, device="cpu")
    return bool((operation.mask.visible(rows) & blocked).any())


def _kind(kind: Kind | None, trace: Trace) -> Kind:
    """The kind that is meant; LookupError if the trace has none of it."""
    layers = trace.layers_with_attention(kind)
    return trace.operation(layers[0] if layers else 0, kind).kind


def _checked(noun: str, chosen: Indices | None, size: int) -> tuple[int, ...]:
    if isinstance(chosen, str | bytes):
        raise InvalidTypeError(f"{noun} must be an integer or several, got {chosen!r:.80}")
    found = indices_of(noun, chosen, size)
    if not found:
        raise InvalidValueError(f"{noun} must be one or more of 0–{size - 1}, got none")
    return tuple(found)
