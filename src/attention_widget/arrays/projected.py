"""A hidden input and weights -> queries, keys and values, as a teacher writes them in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import torch

from attention_widget.arrays.conversion import tensor
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.trace.block import Block, mixed_by
from attention_widget.trace.projections import OutputProjection, Projection, Projections

WEIGHTS: Final = ("w_q", "w_k", "w_v", "b_q", "b_k", "b_v", "w_o", "b_o")


class Made(NamedTuple):
    """What a hidden input gives: vectors (head, token, dim), and what made them."""

    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor | None
    query: Projection
    key: Projection
    value: Projection | None
    w_o: torch.Tensor | None
    b_o: torch.Tensor | None

    def projections(self, block: Block) -> Projections:
        """Those of the block that was made of the vectors."""
        told = [] if self.value is not None else ["values were not given"]
        output = self._output(block)
        if output is None:
            told.append("w_o was not given, so what a head writes is not known")
        refusal = "; ".join(told)
        return Projections(0, block.kind, self.query, self.key, self.value, output, refusal=refusal)

    def _output(self, block: Block) -> OutputProjection | None:
        if self.w_o is None:
            return None
        weight = self.w_o.double()
        gave = torch.einsum("qhd,hde->qe", mixed_by(block).double(), weight)
        if self.b_o is not None:
            gave = gave + self.b_o
        return OutputProjection(self.w_o, self.b_o, gave.float())


def check_given(vectors: Mapping[str, Any], x: Any, weights: Mapping[str, Any]) -> None:
    """TypeError unless there are queries and keys, or what makes them, and not both."""
    names = [name for name, given in vectors.items() if given is not None]
    of_x = [name for name, given in weights.items() if given is not None]
    must = "give q and k (and v), or x with w_q and w_k (and w_v)"
    if x is None and of_x:
        raise InvalidTypeError(f"{must}; got {', '.join(of_x)} without x")
    if x is not None and names:
        raise InvalidTypeError(f"{must}; got x and {', '.join(names)}")
    if x is not None:
        missing = [name for name in ("w_q", "w_k") if weights[name] is None]
    else:
        missing = [name for name in ("q", "k") if vectors[name] is None]
    if missing:
        raise InvalidTypeError(f"{must}; got no {' and no '.join(missing)}")
    for bias, of in (("b_v", "w_v"), ("b_o", "w_o"), ("w_o", "w_v")):
        if weights[bias] is not None and weights[of] is None:
            raise InvalidTypeError(f"{bias} goes with {of}, got {bias} alone")


def made_of(x: Any, weights: Mapping[str, Any], n_tokens: int) -> Made:
    """What a hidden input of so many tokens gives with weights that :func:`check_given` let pass.

    Raises:
        ValueError: a shape does not go with the others; the message says what it must be.
    """
    state = _matrix("x", x, f"(token = {n_tokens}, hidden)")
    if len(state) != n_tokens:
        raise _error("x", state, f"(token = {n_tokens}, hidden)")
    hidden = state.shape[1]
    w_q = _weight("w_q", weights["w_q"], f"(hidden = {hidden}, dim)", hidden)
    heads, _, dim = w_q.shape
    like = f"(hidden = {hidden}, dim = {dim})"
    w_k = _weight("w_k", weights["w_k"], like, hidden)
    if w_k.shape[2] != dim or heads % len(w_k):
        raise _error("w_k", w_k, f"{like}, of as many heads as w_q ({heads}) or a divisor")
    w_v = None
    if weights["w_v"] is not None:
        w_v = _weight("w_v", weights["w_v"], f"(hidden = {hidden}, dim)", hidden)
        if len(w_v) != len(w_k):
            raise _error("w_v", w_v, f"(hidden = {hidden}, dim), of as many heads as w_k")
    query = Projection(w_q, _bias("b_q", weights["b_q"], w_q), state)
    key = Projection(w_k, _bias("b_k", weights["b_k"], w_k))
    value = None if w_v is None else Projection(w_v, _bias("b_v", weights["b_v"], w_v))
    w_o = None
    if weights["w_o"] is not None and w_v is not None:
        w_o = _output_weight(weights["w_o"], heads, w_v.shape[2])
    return Made(
        _product(state, query),
        _product(state, key),
        None if value is None else _product(state, value),
        query,
        key,
        value,
        w_o,
        None if w_o is None else _output_bias(weights["b_o"], w_o.shape[2]),
    )


def _product(state: torch.Tensor, made: Projection) -> torch.Tensor:
    """In float64, so that nothing is lost but the last rounding."""
    vectors = state.double() @ made.weight.double()
    if made.bias is not None:
        vectors = vectors + made.bias[:, None]
    return vectors.float()


def _matrix(name: str, given: Any, expected: str) -> torch.Tensor:
    found = tensor(name, given)
    if found.ndim == 3 and len(found) == 1:
        found = found[0]
    if found.ndim != 2 or not found.numel():
        raise _error(name, found, expected)
    return found


def _weight(name: str, given: Any, expected: str, hidden: int) -> torch.Tensor:
    """Weights (head, hidden, dim)."""
    found = tensor(name, given)
    found = found[None] if found.ndim == 2 else found
    if found.ndim != 3 or found.shape[1] != hidden or not found.numel():
        raise _error(name, found, f"{expected} of one head, or (head, hidden, dim)")
    return found


def _bias(name: str, given: Any, weight: torch.Tensor) -> torch.Tensor | None:
    """A bias (head, dim)."""
    if given is None:
        return None
    found = tensor(name, given)
    heads, _, dim = weight.shape
    if found.ndim == 1 and heads == 1:
        found = found[None]
    if tuple(found.shape) != (heads, dim):
        one_head = f"(dim = {dim},) or " if heads == 1 else ""
        raise _error(name, found, f"{one_head}(head = {heads}, dim = {dim})")
    return found


def _output_weight(given: Any, heads: int, dim: int) -> torch.Tensor:
    """Weights (head, dim, hidden)."""
    found = tensor("w_o", given)
    if found.ndim == 2 and len(found) == heads * dim:
        found = found.reshape(heads, dim, -1)
    if found.ndim != 3 or tuple(found.shape[:2]) != (heads, dim) or not found.numel():
        expected = f"(head · dim = {heads * dim}, hidden) or (head = {heads}, dim = {dim}, hidden)"
        raise _error("w_o", found, expected)
    return found


def _output_bias(given: Any, hidden: int) -> torch.Tensor | None:
    if given is None:
        return None
    found = tensor("b_o", given)
    if tuple(found.shape) != (hidden,):
        raise _error("b_o", found, f"(hidden = {hidden},)")
    return found


def _error(name: str, given: torch.Tensor, expected: str) -> InvalidValueError:
    return InvalidValueError(f"{name} must have shape {expected}, got {tuple(given.shape)}")
