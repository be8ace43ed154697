"""Queries, keys and values of a hand-written attention -> trace."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import torch

from attention_widget.arrays.conversion import layers_of, shape_error, tensor
from attention_widget.arrays.projected import WEIGHTS, Made, check_given, made_of
from attention_widget.arrays.tokens import tokens_of, trace_of
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.block import Block
from attention_widget.trace.mask import Mask
from attention_widget.trace.token import Token
from attention_widget.trace.trace import Trace

HIDDEN_BELOW: Final = -1e30
"""An additive mask this low hides a key, as -inf does: no score makes up for it."""


def from_arrays(
    q: Any = None,
    k: Any = None,
    v: Any = None,
    *,
    x: Any = None,
    w_q: Any = None,
    w_k: Any = None,
    w_v: Any = None,
    b_q: Any = None,
    b_k: Any = None,
    b_v: Any = None,
    w_o: Any = None,
    b_o: Any = None,
    tokens: Iterable[str | Token],
    target_tokens: Iterable[str | Token] | None = None,
    mask: Any = None,
    scale: float | None = None,
    model_name: str = "arrays",
) -> Trace:
    """A trace of hand-written attention, ``softmax(q · kᵀ · scale + mask)`` (Vaswani et al. 2017,
    https://arxiv.org/abs/1706.03762, section 3.2).

    Give queries, keys and values, or one layer's hidden input ``x`` with the weights that make
    them. :meth:`Trace.calculation` shows each step of both.

    Parameters
    ----------
    q, k, v
        Queries (query, dim), keys (key, dim) and values (key, any dim) of one head, or of
        several: (head, query, dim), (kv_head, key, dim) and (kv_head, key, any dim). As they
        enter the product, after rotary embedding. Either may have a batch axis of length 1 in
        front. A list of such arrays is one for each layer, None for a layer without attention.
        Query heads are a multiple of key heads (grouped heads: head h reads key head
        ``h // (heads / kv_heads)``). Values are only needed for what a head gives out: without
        them the steps end with the weights.
    x, w_q, w_k, w_v
        In place of q, k and v the hidden input (token, hidden) and the weights of one head
        (hidden, dim), or of several: (head, hidden, dim), and (kv_head, hidden, dim) of w_k and
        w_v. Then ``q = x · w_q + b_q``, and so k and v; w_v is not needed.
    b_q, b_k, b_v
        Biases (dim,) of one head, or (head, dim) of several.
    w_o, b_o
        Weights (head · dim, hidden), or (head, dim, hidden), and bias (hidden,) of what writes the
        output of the heads.
    tokens
        Strings, or :class:`Token` objects, of the keys, as :func:`from_attentions` takes them;
        and of the queries, unless ``target_tokens`` names others (cross-attention).
    mask
        Booleans, or integers 0 and 1 as a tokenizer's ``attention_mask``: True and 1 where a key
        is visible. Or floats that are added to the scores, -inf where a key is hidden. (query,
        key), or (1, key) for the same of all queries; (head or 1, query, key); or (layer, head
        or 1, query, key).
    scale
        ``dim ** -0.5`` where it is not given.

    Raises
    ------
    TypeError, ValueError
        The scale is no finite number, something has another shape, a mask holds other integers
        than 0 and 1, or these as floats, or q and k as well as x are given, or neither. The
        message names what was expected and given.

    Examples
    --------
    >>> import numpy as np
    >>> from attention_widget import from_arrays
    >>> q = k = np.eye(3)  # (token, dim) of one head
    >>> trace = from_arrays(q, k, tokens=["a", "good", "novel"], scale=2.0)
    >>> trace.attention(0)[0].round(2)  # (query, key)
    array([[0.79, 0.11, 0.11],
           [0.11, 0.79, 0.11],
           [0.11, 0.11, 0.79]], dtype=float32)

    >>> made = from_arrays(x=np.eye(3), w_q=np.eye(3), w_k=np.eye(3), w_v=np.eye(3),
    ...                    tokens=["a", "good", "novel"])
    >>> [step.name for step in made.calculation(0, 0).steps][:3]
    ['input', 'w_q', 'q']
    """
    if scale is not None:
        scale = _finite(scale)
    keys = tokens_of("tokens", tokens)
    target = None if target_tokens is None else tokens_of("target_tokens", target_tokens)
    queries = keys if target is None else target
    weights = dict(zip(WEIGHTS, (w_q, w_k, w_v, b_q, b_k, b_v, w_o, b_o), strict=True))
    check_given({"q": q, "k": k, "v": v}, x, weights)
    made: Made | None = None
    if x is not None:
        if target is not None:
            raise InvalidValueError(
                "target_tokens must be left out with x, which makes queries and keys of the same "
                "tokens; give q, k and v for cross-attention"
            )
        made = made_of(x, weights, len(keys))
        q, k, v = made[:3]
    parts = {"q": layers_of("q", q), "k": layers_of("k", k)}
    if v is not None:
        parts["v"] = layers_of("v", v)
    counts = {name: len(layers) for name, layers in parts.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise InvalidValueError(f"q, k and v must have as many layers each, got {told}")
    visible = _masks(mask, counts["q"])
    blocks: list[Block] = []
    for layer, vectors in enumerate(zip(*parts.values(), strict=True)):
        if all(each is None for each in vectors):
            continue
        block = _block(layer, vectors, visible[layer], scale, (len(queries), len(keys)))
        blocks.append(block if target is None else replace(block, kind="cross"))
    if not blocks:
        raise InvalidValueError("q and k must hold an array for one layer at least, got none")
    if target is None and all(block.mask.is_causal for block in blocks):
        blocks = [replace(block, kind="decoder") for block in blocks]
    known = () if made is None else (made.projections(blocks[0]),)
    return trace_of(keys, target, model_name, blocks=tuple(blocks), projections=known)


def _block(
    layer: int,
    vectors: Sequence[torch.Tensor | None],
    mask: torch.Tensor | None,
    scale: float | None,
    sizes: tuple[int, int],
) -> Block:
    query, key, *rest = vectors
    if query is None or key is None or (rest and rest[0] is None):
        raise InvalidValueError(f"layer {layer} must have all of q, k and v, or none; got some")
    heads, n_queries, dim = query.shape
    if n_queries != sizes[0]:
        raise shape_error("q", layer, query, f"(head, query = {sizes[0]}, dim)")
    expected = f"(kv_head, key = {sizes[1]}, dim = {dim}), kv_head a divisor of {heads}"
    if key.shape[1:] != (sizes[1], dim) or not key.shape[0] or heads % key.shape[0]:
        raise shape_error("k", layer, key, expected)
    value = rest[0] if rest else None
    if value is None:
        value = torch.empty((key.shape[0], sizes[1], 0), dtype=torch.float32, device="cpu")
    elif value.shape[:2] != key.shape[:2]:
        expected = f"(kv_head = {key.shape[0]}, key = {sizes[1]}, dim)"
        raise shape_error("v", layer, value, expected)
    seen, bias = _visible_and_bias(layer, mask, (heads, *sizes))
    return Block(
        layer=layer,
        kind="encoder",
        query=query,
        key=key,
        value=value,
        scale=dim**-0.5 if scale is None else scale,
        mask=Mask.full(*sizes) if seen is None else Mask.from_visible(seen),
        bias=bias,
    )


def _finite(scale: object) -> float:
    must = "scale must be a finite number, or None for dim ** -0.5"
    try:
        number = float(scale)  # type: ignore[arg-type]  # what is no number says so
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidTypeError(f"{must}, got {type(scale).__name__}") from error
    if not math.isfinite(number):
        raise InvalidValueError(f"{must}, got {number}")
    return number


def _masks(mask: Any, n_layers: int) -> list[torch.Tensor | None]:
    """A mask (head or 1, query, key) for each layer."""
    if mask is None:
        return [None] * n_layers
    one = _as_mask(tensor("mask", mask, weights=False))
    if one.ndim == 2:
        one = one[None]
    if one.ndim == 3:
        return [one] * n_layers
    if one.ndim == 4 and one.shape[0] in (1, n_layers):
        return [one[0]] * n_layers if one.shape[0] == 1 else list(one)
    raise InvalidValueError(
        f"mask must have shape (query, key), (head or 1, query, key) or (layer = {n_layers}, head "
        f"or 1, query, key), got {tuple(one.shape)}"
    )


def _as_mask(given: torch.Tensor) -> torch.Tensor:
    """Booleans, or floats to add."""
    if given.dtype == torch.bool:
        return given
    values = given.double()  # unsigned integers compare with nothing
    switches = bool(((values == 0) | (values == 1)).all())
    if not given.is_floating_point():
        if switches:
            return values == 1
        raise InvalidValueError(
            f"mask must hold 0 (hidden) and 1 (visible), booleans, or floats that are added to the "
            f"scores, got integers from {values.min():.0f} to {values.max():.0f}"
        )
    if switches and bool((values == 1).any()):
        raise InvalidValueError(
            "floats in mask are added to the scores, got 0.0 and 1.0, which would hide nothing; "
            "pass booleans (mask > 0 if 1.0 is visible), or 0.0 and -inf"
        )
    return given


def _visible_and_bias(
    layer: int, mask: torch.Tensor | None, shape: tuple[int, int, int]
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    if mask is None:
        return None, None
    heads, queries, keys = shape
    try:
        mask = mask.expand(heads if mask.shape[0] > 1 else 1, queries, keys)
    except RuntimeError:
        expected = f"(head = {heads} or 1, query = {queries}, key = {keys})"
        raise shape_error("mask", layer, mask, expected) from None
    if mask.dtype == torch.bool:
        return mask, None
    seen = ~(mask < HIDDEN_BELOW)  # NaN is no mask: it shall be seen
    bias = mask.float().masked_fill(~seen, 0.0)
    return seen, bias if bool((bias != 0).any()) else None
