"""What the layers of a model gave out in a pass, and passes in which they give it out again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from attention_widget._util.cleanup import Undo
from attention_widget.tracing.recording.layer_modules import attends, stacks_of


class KeptLayers:
    """The calls of all layers of a pass, in order, with what each returned.

    A layer is an element of an outermost list of modules that attend, such as a group of
    ALBERT's. ``outside`` is no part of any: a list that holds it is no list of layers.
    """

    def __init__(self, modules: Mapping[str, nn.Module], outside: nn.Module | None) -> None:
        self._layers = outermost_layers(modules, outside)
        self._calls: list[tuple[nn.Module, Any]] = []

    def __len__(self) -> int:
        return len(self._calls)

    def watching(self) -> Iterator[RemovableHandle]:
        """Register the hooks that keep what the layers return in a pass of this thread."""
        thread = threading.get_ident()

        def keep(module: nn.Module, args: Any, output: Any) -> None:
            if threading.get_ident() == thread:
                self._calls.append((module, copied(output)))

        self._calls.clear()
        for layer in self._layers:
            yield layer.register_forward_hook(keep, prepend=True)  # before what a user's hook does

    def output(self, call: int) -> Any:
        """What a call returned."""
        return self._calls[call][1]

    def stand_in(self, changed: Mapping[int, Any], undo: Undo) -> None:
        """Have every call of a layer return what it returned before, or what is given for it."""
        answers: dict[nn.Module, list[Any]] = {}
        for index, (module, output) in enumerate(self._calls):
            answers.setdefault(module, []).append(changed.get(index, output))
        for module, outputs in answers.items():
            own = vars(module)
            undo.then(partial(_give_back, own, own.get("forward")))
            own["forward"] = _answering(outputs)


def _give_back(own: dict[str, Any], forward: Callable[..., Any] | None) -> None:
    if forward is None:
        own.pop("forward", None)
    else:
        own["forward"] = forward


def _answering(outputs: list[Any]) -> Callable[..., Any]:
    left = iter(outputs)

    def forward(*args: Any, **kwargs: Any) -> Any:
        return copied(next(left))

    return forward


def outermost_layers(
    modules: Mapping[str, nn.Module], outside: nn.Module | None
) -> list[nn.Module]:
    """The elements of the outermost lists that attend, but for lists that hold ``outside``."""
    lists = [stack for stack in stacks_of(modules).values() if any(map(attends, stack))]
    layers = dict.fromkeys(part for stack in lists for part in stack if part is not None)
    inner = {part for layer in layers for part in layer.modules() if part is not layer}
    return [
        layer
        for layer in layers
        if layer not in inner and all(part is not outside for part in layer.modules())
    ]


def copied(output: Any) -> Any:
    """The output with its hidden states copied, as a model may go on to write into them."""
    if isinstance(output, torch.Tensor):
        return output.clone() if output.is_floating_point() and output.ndim <= 3 else output
    if type(output) in (tuple, list):
        return type(output)(copied(part) for part in output)
    return output


def with_states(output: Any, n_tokens: int, states: torch.Tensor) -> Any:
    """The output of a layer with other hidden states (row, hidden) in place of its own; None
    where it holds none of ``n_tokens``, or two."""
    parts = [output] if isinstance(output, torch.Tensor) else output
    if type(parts) not in (tuple, list):
        return None
    axes = [_token_axis(part, n_tokens, states.shape[-1]) for part in parts]
    places = [index for index, axis in enumerate(axes) if axis is not None]
    if len(places) != 1:
        return None
    [place] = places
    own, axis = parts[place], axes[place]
    new = states.to(own.device, own.dtype)
    if own.ndim == 3:
        new = new.unsqueeze(1 - (axis or 0))
    if isinstance(output, torch.Tensor):
        return new
    return type(output)(new if index == place else part for index, part in enumerate(parts))


def _token_axis(part: Any, n_tokens: int, n_hidden: int) -> int | None:
    """The axis of the tokens of hidden states (1, token, hidden), (token, 1, hidden) or (token,
    hidden); None for anything else."""
    if not isinstance(part, torch.Tensor) or not part.is_floating_point():
        return None
    if part.shape == (1, n_tokens, n_hidden):
        return 1
    return 0 if part.shape in ((n_tokens, 1, n_hidden), (n_tokens, n_hidden)) else None
