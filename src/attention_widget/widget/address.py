"""Where a selection lies (kind, layer, heads and tokens), and where it can stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attention_widget.protocol.description import Meta
from attention_widget.protocol.vocabulary import (
    carry_heads,
    carry_layer,
    count_heads,
    count_keys,
    count_queries,
    keys_are_target,
    queries_are_target,
)


def in_layer(meta: Meta, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The layer and heads that are shown, when those shown before were of another kind or layer."""
    kind = now["attention_kind"]
    layer = carry_layer(meta, kind, now["layer"])
    n_before = count_heads(meta, before["attention_kind"], before["layer"])
    heads = carry_heads(now["heads"], n_before, count_heads(meta, kind, layer))
    return {"layer": layer, "heads": heads}


def of_other_texts(meta: Meta, kind: str, before: str) -> dict[str, Any]:
    """The tokens that are let go of, as another kind of attention is between other texts."""
    lost: dict[str, Any] = {}
    if queries_are_target(meta, kind) != queries_are_target(meta, before):
        lost |= {"token": None, "pinned": ()}
    if keys_are_target(meta, kind) != keys_are_target(meta, before):
        lost |= {"key_token": None}
    return lost


def in_other_trace(meta: Meta, before: Meta, choices: Mapping[str, Any]) -> dict[str, Any]:
    """The selection as far as another trace has it."""
    old_kind, old_layer = choices["attention_kind"], choices["layer"]
    kinds = [attention["kind"] for attention in meta["attention"]]
    kind = old_kind if old_kind in kinds else kinds[0]
    layer = carry_layer(meta, kind, old_layer)
    count = count_heads(meta, kind, layer)
    n_before = count_heads(before, old_kind, old_layer)
    heads = choices["heads"]
    stay = {**choices, **of_other_texts(meta, kind, old_kind)}
    queries, keys = count_queries(meta, kind), count_keys(meta, kind)
    token, key_token = stay["token"], stay["key_token"]
    return {
        "attention_kind": kind,
        "layer": layer,
        "heads": heads if count == n_before else carry_heads(heads, n_before, count),
        "token": token if token is not None and token < queries else None,
        "key_token": key_token if key_token is not None and key_token < keys else None,
        "pinned": tuple(token for token in stay["pinned"] if token < queries),
    }
