"""The hidden states that enter a model's first attention layer; the pass stops there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidValueError
from attention_widget.tracing.model.devices import input_device
from attention_widget.tracing.model.errors import UnsupportedModelError
from attention_widget.tracing.model.preserve import undisturbed
from attention_widget.tracing.recording.layer_modules import attends, stacks_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_T = TypeVar("_T")
Prefix = Callable[[Mapping[str, torch.Tensor]], torch.Tensor]


class _Entered(BaseException):
    """Ends the pass. Not an Exception, so that no model catches it."""

    def __init__(self, state: torch.Tensor | None) -> None:
        self.state = state


def prefix(model: PreTrainedModel, work: Callable[[Prefix], _T]) -> _T:
    """What some work returns with a function that gives the hidden states (token, hidden) with
    which the model calls its first layer that attends, on inputs for a batch of one. The model is
    left as it was.

    UnsupportedModelError if no such layer is called, or with anything but one state per token;
    ValueError if the model fails on the inputs before.
    """
    layers = dict.fromkeys(layer for siblings in attending_layers(model) for layer in siblings)
    device = input_device(model)
    thread = threading.get_ident()

    def enter(module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        if threading.get_ident() == thread:  # hooks fire wherever the model runs
            raise _Entered(_first_state([*args, kwargs.get("hidden_states"), *kwargs.values()]))

    def run(inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        try:
            model(**{name: given.to(device) for name, given in inputs.items()})
        except _Entered as entered:
            return _checked(model, entered.state)
        except Exception as error:
            given = ", ".join(f"{name} {tuple(one.shape)}" for name, one in inputs.items())
            raise InvalidValueError(
                f"{type(model).__name__} cannot read {given}: {in_one_line(error, typed=True)}"
            ) from error
        raise UnsupportedModelError(model, "passes by all of its attention layers")

    def hooked() -> _T:
        handles = [layer.register_forward_pre_hook(enter, with_kwargs=True) for layer in layers]
        try:
            return work(run)
        finally:
            for handle in handles:
                handle.remove()

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


def _first_state(values: list[Any]) -> torch.Tensor | None:
    tensors = (value for value in values if isinstance(value, torch.Tensor))
    return next((tensor for tensor in tensors if tensor.is_floating_point()), None)


def _checked(model: PreTrainedModel, state: torch.Tensor | None) -> torch.Tensor:
    if state is None or state.ndim != 3 or state.shape[0] != 1:
        shape = "nothing" if state is None else f"a tensor {tuple(state.shape)}"
        raise UnsupportedModelError(
            model,
            f"gives its first layer {shape} instead of one state per token (1, token, hidden): "
            f"it attends over maps or windows, which have no tokens to name",
        )
    return state[0].float().cpu()
