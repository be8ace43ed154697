"""Calls of PyTorch's own attention functions: who is told of them, and the records of sdpa."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from attention_widget._util.torch_settings import as_multiplied
from attention_widget.tracing.recording.known_functions import SDPA
from attention_widget.tracing.recording.masks import Masks
from attention_widget.tracing.recording.records import Record, copied_record, ungrouped
from attention_widget.tracing.recording.value_products import Mixture


class Listener:
    """Is told of attention that does not go through transformers' interface, and passes over
    what its subclass has no use for."""

    @property
    def deaf(self) -> bool:
        """Whether to ignore what happens now."""
        return False

    def calling(self) -> str:
        """Path of the module whose code is running."""
        raise NotImplementedError

    def sdpa(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """A call of scaled_dot_product_attention; what is to go on instead of its output."""
        return output

    def multi_head(self, output: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """A call of multi_head_attention_forward; what is to go on instead of its output."""
        return output

    def mixture(self, rows: Sequence[Mixture]) -> None:
        """Probabilities were multiplied by values, in each row of a batch; what stands in their
        ``mixed`` afterwards goes on."""

    def unfollowed(self, path: str) -> None:
        """A module with attention calls softmax, which may turn out not to be attention."""


class CallMode(TorchFunctionMode):
    """Reports calls of PyTorch's own attention functions by the models that call them directly,
    and gives on what the listener makes of them."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if not self._listener.deaf:
            if func is SDPA:
                return self._listener.sdpa(result, *args, **kwargs)
            if func is torch.nn.functional.multi_head_attention_forward:
                return (self._listener.multi_head(result[0], *args, **kwargs), *result[1:])
        return result


def sdpa_record(
    path: str,
    masks: Masks,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Record | None:
    """The record of a call of scaled_dot_product_attention; None for a batch."""
    if query.ndim not in (3, 4) or (query.ndim == 4 and query.shape[0] != 1):
        return None
    query, key, value = (_heads(one) for one in as_multiplied(query, key, value))
    mask, bias = masks.convert(attn_mask, query.shape[1], key.shape[1], causal=is_causal)
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    return copied_record(path, query, *ungrouped(key, value), scale, mask, bias, how="sdpa")


def mixed_of(output: torch.Tensor) -> torch.Tensor:
    """Its output, as (query, head, dim)."""
    return _heads(output).transpose(0, 1)


def by_query(output: torch.Tensor, batch: int) -> torch.Tensor:
    """Its output (batch, head, query, dim) or (batch · head, query, dim), as a view (batch, query,
    head, dim)."""
    whole = output if output.ndim == 4 else output.unflatten(0, (batch, -1))
    return whole.transpose(1, 2)


def by_head(changed: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Back from :func:`by_query` to the shape of an output."""
    return changed.transpose(1, 2).reshape(like.shape)


def row_of(given: Any, row: int, batch: int) -> Any:
    """The part of an argument that is of one row of the batch, which keeps its axis; all of what
    is the same for all rows. Some models fold the batch into the heads."""
    if not isinstance(given, torch.Tensor) or batch == 1 or given.ndim < 2:
        return given
    if given.shape[0] == batch:
        return given[row : row + 1]
    if given.ndim == 3 and given.shape[0] % batch == 0:
        return given.chunk(batch)[row]
    return given


def _heads(tensor: torch.Tensor) -> torch.Tensor:
    return tensor[0] if tensor.ndim == 4 else tensor
