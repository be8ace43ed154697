"""The hidden states that enter a model's first attention layer; the pass stops there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidValueError
from attention_widget.tracing.model.devices import on_device
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.hooks import Stopped, attached, stopping
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.layer_modules import attends, stacks_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_T = TypeVar("_T")
Prefix = Callable[[Mapping[str, torch.Tensor]], torch.Tensor]


def prefix(model: PreTrainedModel, work: Callable[[Prefix], _T]) -> _T:
    """What some work returns with a function that gives the hidden states (token, hidden) with
    which the model calls its first layer that attends, on inputs for a batch of one. The model is
    left as it was.

    UnsupportedModelError if no such layer is called, or with anything but one state per token;
    ValueError if the model fails on the inputs before.
    """
    layers = dict.fromkeys(layer for siblings in attending_layers(model) for layer in siblings)

    def run(inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        try:
            model(**on_device(model, inputs))
        except Stopped as stopped:
            args, kwargs = stopped.call
            return _state(model, [*args, kwargs.get("hidden_states"), *kwargs.values()])
        except Exception as error:
            given = ", ".join(f"{name} {tuple(one.shape)}" for name, one in inputs.items())
            raise InvalidValueError(
                f"{type(model).__name__} cannot read {given}: {in_one_line(error, typed=True)}"
            ) from error
        raise UnsupportedModelError(model, "passes by all of its attention layers")

    def hooked() -> _T:
        with attached(stopping(layers)):
            return work(run)

    return undisturbed(list(model.modules()), hooked)


def attending_layers(model: PreTrainedModel) -> list[list[torch.nn.Module]]:
    """The layers with attention, by stack; UnsupportedModelError if there are none."""
    stacks = stacks_of(dict(model.named_modules())).values()
    found = [[layer for layer in stack if attends(layer)] for stack in stacks]
    if not any(found):
        raise UnsupportedModelError(
            model, "has no attention to capture: none of its layers has an attention module"
        )
    return [layers for layers in found if layers]


def _state(model: PreTrainedModel, values: list[Any]) -> torch.Tensor:
    tensors = (value for value in values if isinstance(value, torch.Tensor))
    state = next((tensor for tensor in tensors if tensor.is_floating_point()), None)
    if state is None or state.ndim != 3 or state.shape[0] != 1:
        shape = "nothing" if state is None else f"a tensor {tuple(state.shape)}"
        raise UnsupportedModelError(
            model,
            f"gives its first layer {shape} instead of one state per token (1, token, hidden): "
            f"it attends over maps or windows, which have no tokens to name",
        )
    return state[0].float().cpu()
