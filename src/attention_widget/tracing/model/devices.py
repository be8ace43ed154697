"""The device that a model takes its inputs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def on_device(
    model: PreTrainedModel, inputs: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Inputs on the device of the embedding, or the one that accelerate moves it to for the
    pass."""
    device = _input_device(model)
    return {name: given.to(device) for name, given in inputs.items()}


def _input_device(model: PreTrainedModel) -> torch.device:
    try:
        found = model.get_input_embeddings()
    except NotImplementedError:
        found = None
    # timm's wrapper has none to name, and Perceiver's is a tensor
    embedding = found if isinstance(found, nn.Module) else model
    # an embedding of patches holds its weights in modules of its own
    for module in embedding.modules():
        device = _execution_device(getattr(module, "_hf_hook", None))
        if device is not None:
            return torch.device(device)
    return getattr(getattr(embedding, "weight", None), "device", model.device)


def _execution_device(hook: Any) -> Any:
    """The device that accelerate's hooks move a module to; a shared module has several hooks."""
    device = getattr(hook, "execution_device", None)
    if device is not None:
        return device
    devices = map(_execution_device, getattr(hook, "hooks", ()))
    return next((each for each in devices if each is not None), None)
