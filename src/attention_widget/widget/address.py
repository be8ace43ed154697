"""Where a selection lies (kind, layer, heads and tokens), and where it can stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


def in_layer(trace: Trace, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The layer and heads that are shown, when those shown before were of another kind or layer.

    Of the pairs those stay that the kind has.
    """
    kind = now["attention_kind"]
    layer = _nearest(trace, kind, now["layer"])
    n_before = trace.count_heads(before["layer"], before["attention_kind"])
    return {
        "layer": layer,
        "heads": _heads(now["heads"], n_before, trace.count_heads(layer, kind)),
        "head_pairs": _pairs(trace, kind, now["head_pairs"]),
    }


def of_other_texts(trace: Trace, kind: Kind, before: Kind) -> dict[str, Any]:
    """Options that unselect tokens: another kind of attention may join other texts."""
    (queries, keys), (old_queries, old_keys) = trace.sides(kind), trace.sides(before)
    lost: dict[str, Any] = {}
    if queries is not old_queries:
        lost |= {"token": None, "pinned": ()}
    if keys is not old_keys:
        lost |= {"key_token": None}
    return lost


def in_other_trace(trace: Trace, before: Trace, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The selection as far as another trace has it."""
    old_kind, old_layer = choices["attention_kind"], choices["layer"]
    kind = old_kind if old_kind in trace.kinds else trace.kinds[0]
    layer = _nearest(trace, kind, old_layer)
    n_before, count = before.count_heads(old_layer, old_kind), trace.count_heads(layer, kind)
    heads = choices["heads"]
    stay = {**choices, **of_other_texts(trace, kind, old_kind)}
    queries, keys = map(len, trace.sides(kind))
    count_read = len(trace.tokens if trace.target is None else trace.target.tokens)
    return {
        "attention_kind": kind,
        "layer": layer,
        "heads": heads if count == n_before else _heads(heads, n_before, count),
        "head_pairs": _pairs(trace, kind, choices["head_pairs"]),
        "space": _space(trace, choices["space"]),
        "edits": (),  # another text is read as the model is
        "shown_pass": "before",
        "effect_position": _below(count_read, choices["effect_position"]),
        "token": _below(queries, stay["token"]),
        "key_token": _below(keys, stay["key_token"]),
        "pinned": tuple(token for token in stay["pinned"] if token < queries),
        "passage_rows": choices["passage_rows"] and bool(trace.passages),
    }


def _space(trace: Trace, space: str) -> str:
    """The vectors of the text, or the output of the layer where the trace has no such."""
    return "hidden_states" if space == "word_embeddings" and trace.word_rows is None else space


def _nearest(trace: Trace, kind: Kind, layer: int) -> int:
    """The layer, or the first that has attention of this kind where it has none."""
    have = trace.layers_with_attention(kind)
    return layer if layer in have else have[0]


def _heads(heads: tuple[int, ...], before: int, now: int) -> tuple[int, ...]:
    """The heads selected in a layer of ``before`` heads, in a layer of ``now`` heads.

    All stays all and none stays none; else those that exist stay, or all if none of them does.
    """
    kept = tuple(head for head in heads if head < now)
    if heads and (len(heads) == before or not kept):
        return tuple(range(now))
    return kept


def _pairs(
    trace: Trace, kind: Kind, pairs: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    have = trace.layers_with_attention(kind)
    return tuple(
        (layer, head)
        for layer, head in pairs
        if layer in have and head < trace.count_heads(layer, kind)
    )


def _below(count: int, token: int | None) -> int | None:
    return token if token is not None and token < count else None
