"""What the browser knows of a trace before it asks for a tensor; types as in js/contract.ts."""

from __future__ import annotations

from typing import TypedDict

from attention_widget.block import Maps
from attention_widget.trace import Token, Trace


class TokenMeta(TypedDict):
    """See :class:`attention_widget.trace.Token`."""

    label: str
    text: str
    lead: str
    trail: str
    word: int | None
    special: bool
    segment: int | None


class LayerMeta(TypedDict):
    """Shape of one layer's attention."""

    n_heads: int
    n_kv_heads: int
    dim: int


class Meta(TypedDict):
    """``run`` counts the forward passes; ``layers`` holds None where a layer has no attention."""

    run: int
    model_name: str
    tokens: list[TokenMeta]
    layers: list[LayerMeta | None]
    can_run: bool


def describe(trace: Trace, run: int, can_run: bool) -> Meta:
    """Meta of the trace that pass number ``run`` left behind."""
    return {
        "run": run,
        "model_name": trace.model_name,
        "tokens": [_token(token) for token in trace.tokens],
        "layers": [_layer(trace, layer) for layer in range(trace.n_layers)],
        "can_run": can_run,
    }


def _token(token: Token) -> TokenMeta:
    return {
        "label": token.label,
        "text": token.text,
        "lead": token.lead,
        "trail": token.trail,
        "word": token.word,
        "special": token.special,
        "segment": token.segment,
    }


def _layer(trace: Trace, layer: int) -> LayerMeta | None:
    try:
        block = trace.operation(layer)
    except LookupError:
        return None
    dim = 0 if isinstance(block, Maps) else block.query.shape[2]
    return {"n_heads": block.n_heads, "n_kv_heads": block.n_kv_heads, "dim": dim}
