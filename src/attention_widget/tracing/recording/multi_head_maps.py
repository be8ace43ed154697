"""The linear maps of torch.nn.MultiheadAttention, which calls no module for them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, Final

import torch

_SIGNATURE: Final = inspect.signature(torch.nn.MultiheadAttention.forward)
_SIDES: Final = ("query", "key", "value")


def input_maps(
    module: torch.nn.MultiheadAttention, args: Any, kwargs: Any
) -> Iterator[tuple[torch.nn.Linear, torch.Tensor]]:
    """The maps that make queries, keys and values, as modules of their own, and what each is given
    in a call of the attention."""
    given = _SIGNATURE.bind(module, *args, **kwargs).arguments
    weights: list[torch.Tensor] = (
        [module.q_proj_weight, module.k_proj_weight, module.v_proj_weight]
        if module.in_proj_weight is None
        else list(module.in_proj_weight.chunk(3))  # packed
    )
    packed = module.in_proj_bias
    biases = [None] * 3 if packed is None else list(packed.chunk(3))
    for side, weight, bias in zip(_SIDES, weights, biases, strict=True):
        yield _as_module(weight, bias), given[side].detach()


def _as_module(weight: torch.Tensor, bias: torch.Tensor | None) -> torch.nn.Linear:
    made = torch.nn.Linear(1, 1, bias=False, device="meta", dtype=weight.dtype)
    made.weight = torch.nn.Parameter(weight.detach(), requires_grad=False)
    if bias is not None:
        made.register_parameter("bias", torch.nn.Parameter(bias.detach(), requires_grad=False))
    return made
