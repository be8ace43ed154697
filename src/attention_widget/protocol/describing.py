"""Describes a trace to the browser."""

from __future__ import annotations

import math
from typing import Final, TypeVar

from attention_widget._util.unicode import sendable
from attention_widget.measures import suggestions
from attention_widget.protocol.description import (
    AttentionMeta,
    LayerMeta,
    MaskMeta,
    Meta,
    PositionsMeta,
    ReadOnly,
    Suggestion,
    TargetMeta,
    TokenMeta,
    WindowMeta,
)
from attention_widget.protocol.tensors import number
from attention_widget.tokens.labels import label_of_text
from attention_widget.trace.block import Block
from attention_widget.trace.grouping import Operation
from attention_widget.trace.images import is_image_alone
from attention_widget.trace.mask import Mask
from attention_widget.trace.mask_pattern import patterns
from attention_widget.trace.positions import Positions
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace, Window

N = TypeVar("N", int, float)

LONGEST_LABEL: Final = 200
"""Characters of a token's label; a longer one ends with an ellipsis."""


def describe(
    trace: Trace,
    run: int,
    read_only: ReadOnly | None,
    given: str | None = None,
    replaceable: bool = False,
    suggests: bool = True,
) -> Meta:
    """Meta of the trace that pass number ``run`` left behind.

    ``read_only`` says why the text box cannot run another text, None where it can; ``given`` and
    ``replaceable`` are of a target. Without ``suggests`` no head is looked for.
    """
    target = trace.target
    first = trace.windows[0].trace if trace.windows else trace
    described: TargetMeta | None = None
    names = {
        token: sendable(passage.name) for passage in trace.passages for token in passage.tokens
    }
    if target is not None:
        described = {
            "tokens": [_token(token) for token in target.tokens],
            "has_hidden_states": bool(target.hidden),
            "has_word_embeddings": target.word_rows is not None,
            "generated": target.generated,
            "given": None if given is None else sendable(given),
            "replaceable": replaceable,
        }
    return {
        "run": run,
        "model_name": sendable(trace.model_name),
        "tokens": [_token(token, names.get(token.index)) for token in trace.tokens],
        "has_hidden_states": bool(trace.hidden),
        "has_word_embeddings": trace.word_rows is not None,
        "target": described,
        "attention": _attention(first),
        "suggestions": _suggestions(trace) if suggests else [],
        "windows": [_window(window) for window in trace.windows],
        "roles": [sendable(role) for role in trace.roles],
        "image": None if trace.image is None else list(trace.image.shape[:2]),
        "read_only": read_only,
        "comparison": None,
        "positions": [_positions(one) for one in first.positions],
    }


def _attention(trace: Trace) -> list[AttentionMeta]:
    masks: dict[Mask, list[MaskMeta]] = {}  # layers share them
    return [
        {
            "kind": kind,
            "layers": [
                _layer(trace.operation(layer, kind), masks)
                if layer in trace.layers_with_attention(kind)
                else None
                for layer in range(trace.count_layers(kind))
            ],
        }
        for kind in trace.kinds
    ]


def _layer(block: Operation, masks: dict[Mask, list[MaskMeta]]) -> LayerMeta:
    if isinstance(block, Block) and block.mask not in masks:
        masks[block.mask] = _masks(block.mask)
    return {
        "n_heads": block.n_heads,
        "n_kv_heads": block.n_kv_heads,
        "dim": block.query.shape[2] if isinstance(block, Block) else None,
        "has_values": isinstance(block, Block) and block.value.shape[2] > 0,
        "sinks": isinstance(block, Block) and block.has_sinks,
        "masks": masks[block.mask] if isinstance(block, Block) else [],
        "held": None,
    }


def _masks(mask: Mask) -> list[MaskMeta]:
    return [
        {
            "name": one.name,
            "before": one.before,
            "after": one.after,
            "size": one.size,
            "hidden": [list(stretch) for stretch in one.hidden],
            "blind": [list(stretch) for stretch in one.blind],
            "causal": one.causal,
            "share": one.share,
        }
        for one in patterns(mask)
    ]


def _suggestions(trace: Trace) -> list[Suggestion]:
    if is_image_alone(trace):
        return []  # it opens on where [CLS] looks: widget/first_image.py
    return [_suggestion(one) for one in suggestions.suggest_heads(trace)]


def _suggestion(one: suggestions.Suggestion) -> Suggestion:
    return {
        "kind": one.kind,
        "layer": one.layer,
        "head": one.head,
        "query": one.query,
        "key": one.key,
        "weight": one.weight,
        "specificity": one.specificity,
        "label": one.label,
        "score": one.score,
    }


def _positions(one: Positions) -> PositionsMeta:
    has_table = one.rows is not None or one.frequencies is not None
    return {
        "kind": one.kind,
        "encoding": one.encoding,
        "layers": list(one.layers),
        "source": sendable(one.source),
        "width": one.table.shape[1] if has_table else None,
        "n_heads": None if one.biases is None else len(one.biases),
        "turned": one.turned,
        "dim": one.dim,
        "scaling": one.scaling,
        "first": one.first,
    }


def _window(window: Window) -> WindowMeta:
    tokens = zip(window.trace.tokens, window.positions, strict=True)
    return {
        "positions": list(window.positions),
        "specials": [_token(token) for token, position in tokens if position is None],
        "own": [window.own.start, window.own.stop],
    }


def _finite(place: tuple[N, ...] | None) -> list[N] | None:
    """Where a token lies; what is not finite is no place."""
    return list(place) if place is not None and all(map(math.isfinite, place)) else None


def _token(token: Token, passage: str | None = None) -> TokenMeta:
    label = _short(token.label)  # that can be drawn: the text is there whole beside it
    piece = None if token.piece is None else _short(label_of_text(token.piece))
    return {
        "id": token.id,
        "label": label,
        "text": sendable(token.text),
        "lead": sendable(token.lead),
        "trail": sendable(token.trail),
        "start": token.start,
        "end": token.end,
        "word": token.word,
        "passage": passage,
        "special": token.special,
        "segment": token.segment,
        "step": token.step,
        "probability": None if token.probability is None else number(token.probability),
        "box": _finite(token.box),
        "time": _finite(token.time),
        "piece": None if piece == label else piece,
        "padding": token.padding,
    }


def _short(text: str) -> str:
    text = sendable(text)
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
