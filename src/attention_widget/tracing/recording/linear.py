"""The linear map of an output projection, from its weights or from what it gives out."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attention_widget._util.torch_settings import exact
from attention_widget.tracing.recording.rounding import near

_ROWS = 512  # of an identity matrix that a module is given at a time
_CHECKED = 16  # tokens at which the sum is checked: what is linear at some is so at all


@dataclass(frozen=True, eq=False)
class Linear:
    """``z @ matrix + bias``, on the CPU in float32: (width, hidden) and (hidden,)."""

    matrix: torch.Tensor
    bias: torch.Tensor

    def of_heads(self, dims: int) -> torch.Tensor:
        """The part of each head: (head, dim, hidden)."""
        return self.matrix.view(-1, dims, self.matrix.shape[1])


@exact
def linear_of(
    module: torch.nn.Module, z: torch.Tensor, whole: torch.Tensor, dtype: torch.dtype
) -> Linear | None:
    """The map of a module that was given ``z`` (query, head, dim) in a dtype and gave ``whole``
    (query, hidden); None where it is none, as its sum over heads is not what it gave.

    Call it where the model is preserved.
    """
    flat = z.flatten(1)
    found = _weights(module, whole.shape[1]) or _probed(module, flat)
    if found is None or found.matrix.shape != (flat.shape[1], whole.shape[1]):
        return None
    rows = spread(len(flat), _CHECKED)
    z, there, gave = z[rows].float().cpu(), flat[rows].float().cpu(), whole[rows].float().cpu()
    made = there @ found.matrix + found.bias
    largest = made.abs().amax(-1) + found.bias.abs().amax()
    if near(made, gave, largest, dtype):
        return found
    heads = torch.einsum("qhd,hde->qhe", z, found.of_heads(z.shape[2]))
    largest = largest + heads.abs().amax((1, 2)) * z.shape[1] ** 0.5
    return found if near(made, gave, largest, dtype) else None


def spread(n_tokens: int, count: int) -> list[int]:
    """So many tokens at most, from the first to the last."""
    n = min(count, n_tokens)
    return sorted({round(index * (n_tokens - 1) / max(1, n - 1)) for index in range(n)})


def _weights(module: torch.nn.Module, n_out: int) -> Linear | None:
    """As the weights of PyTorch's and transformers' own linear layers say it."""
    from transformers.pytorch_utils import Conv1D

    if is_pointwise(module):
        return _of_groups(module)
    if type(module) not in (torch.nn.Linear, Conv1D) or "forward" in vars(module):
        return None
    weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
    if weight is None or type(weight) not in (torch.Tensor, torch.nn.Parameter):  # quantised
        return None
    if not weight.is_floating_point() or weight.is_meta:
        return None
    matrix = weight.detach().float().cpu()
    matrix = matrix if isinstance(module, Conv1D) else matrix.T
    if not isinstance(bias, torch.Tensor):
        return Linear(matrix, torch.zeros(n_out, dtype=torch.float32, device="cpu"))
    return Linear(matrix, bias.detach().float().cpu())


def is_pointwise(module: torch.nn.Module) -> bool:
    """Whether it is a convolution (batch, channel, token) that looks at one token at a time: the
    same linear map of each, in as many blocks as it has groups."""
    if type(module) is not torch.nn.Conv1d or "forward" in vars(module):
        return False
    of = module.kernel_size, module.stride, module.padding
    return of == ((1,), (1,), (0,)) and not module.weight.is_meta


def _of_groups(module: torch.nn.Module) -> Linear:
    """Each group of outputs is made of its own group of inputs alone."""
    assert isinstance(module, torch.nn.Conv1d)
    blocks = module.weight.detach().float().cpu()[..., 0].chunk(module.groups)
    matrix = torch.block_diag(*blocks).T
    none = torch.zeros(matrix.shape[1], dtype=torch.float32, device="cpu")
    return Linear(matrix, none if module.bias is None else module.bias.detach().float().cpu())


def by_token(module: torch.nn.Module, tensor: torch.Tensor) -> torch.Tensor:
    """What a module was given or gave, with the dimensions of each token last."""
    is_turned = tensor.ndim == 3 and is_pointwise(module)
    return tensor.transpose(1, 2) if is_turned else tensor


def _probed(module: torch.nn.Module, flat: torch.Tensor) -> Linear | None:
    """As the module says it when it is called: with zeros, and with each dimension alone."""
    width = flat.shape[1]
    rows = []
    for first in range(0, width, _ROWS):
        last = min(width, first + _ROWS)
        given = torch.zeros((1, last - first + 1, width), dtype=flat.dtype, device=flat.device)
        for row in range(first, last):
            given[0, row - first, row] = 1.0
        made = module(given)
        if not isinstance(made, torch.Tensor) or made.shape[:2] != given.shape[:2]:
            return None
        made = made[0].float().cpu()
        rows.append(made[:-1] - made[-1])
    return Linear(torch.cat(rows), made[-1])
