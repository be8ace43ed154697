"""Relevance propagated through the layers, for a chosen logit (Chefer et al. 2021).

"Generic Attention-model Explainability", https://arxiv.org/abs/2103.15679. With Ā = E_h[(∇A ∘ A)⁺],
the mean over heads of the positive part of gradient × attention, from R = I on:

    self-attention (rules 5, 6):   R += Ā R, and of a decoder R_cross += Ā R_cross
    cross-attention (rules 8, 10): R_cross += R̂ᵀ Ā R̂_encoder, R̂ = I + rows of R − I divided by sums

A row of R − I that is all 0 stays so: there is nothing to divide.
"""

from __future__ import annotations

import numpy as np

from attention_widget.experiments.measuring.sweep import Sweep
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.tracing.assemble import Place
from attention_widget.tracing.model.errors import UnsupportedModelError


def relevance(sweep: Sweep) -> dict[Place, Array]:
    """R after each layer (query, key), by kind and layer: of all from one sweep.

    Layers without attention hand R on as it is. Of an encoder-decoder "encoder" is R of the
    source, "decoder" that of the target, and "cross" the relevance of the source for the target.

    Raises:
        UnsupportedModelError: the values of a layer are not known, or a self-attention has other
            keys than queries.
    """
    if not sweep.rolled:
        sweep.rolled.update(_rolled(sweep))
    return sweep.rolled


def _rolled(sweep: Sweep) -> dict[Place, Array]:
    trace = sweep.trace
    found: dict[Place, Array] = {}
    states: dict[Kind, Array] = {}
    for kind in ("encoder", "decoder"):
        if kind not in trace.kinds:
            continue
        n_tokens = len(trace.sides(kind)[0])
        state = np.eye(n_tokens, dtype=np.float32)
        crossed = None
        if "cross" in trace.kinds and kind == "decoder":
            crossed = np.zeros((n_tokens, len(trace.sides("cross")[1])), np.float32)
        attending = set(trace.layers_with_attention(kind))
        crossing = set(trace.layers_with_attention("cross")) if crossed is not None else set()
        for layer in sorted(attending | crossing):
            if layer in attending:
                mean = _mean(sweep, layer, kind)
                if mean.shape != state.shape:
                    raise UnsupportedModelError(
                        sweep.model,
                        f"has {mean.shape[1]} keys for {mean.shape[0]} queries in {kind} layer "
                        f"{layer}; this measure needs as many",
                    )
                if crossed is not None:
                    crossed = crossed + mean @ crossed
                state = state + mean @ state
                found[kind, layer] = state
            if crossed is not None and layer in crossing:
                source = states.get("encoder", np.eye(crossed.shape[1], dtype=np.float32))
                mean = _mean(sweep, layer, "cross")
                crossed = crossed + _normalised(state).T @ mean @ _normalised(source)
                found["cross", layer] = crossed
        states[kind] = state
    return found


def _mean(sweep: Sweep, layer: int, kind: Kind) -> Array:
    found: Array = np.maximum(sweep.times_attention(layer, kind), 0).mean(0)
    return found


def _normalised(state: Array) -> Array:
    identity = np.eye(len(state), dtype=np.float32)
    own = state - identity
    sums = own.sum(-1, keepdims=True)
    found: Array = np.divide(own, sums, out=np.zeros_like(own), where=sums > 0) + identity
    return found
