"""Which call of which module is a layer, and the hidden states between layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from attention_widget.capture.records import Record


@dataclass
class Layer:
    """One call of one layer: the attention inside it, what entered and what came out."""

    stack: str  # path of the ModuleList it belongs to
    records: list[Record] = field(default_factory=list)
    input: torch.Tensor | None = None  # (token, hidden); kept for the first call of a stack
    output: torch.Tensor | None = None  # (token, hidden)
    inner: list[Layer] = field(default_factory=list)

    @property
    def single(self) -> bool:
        """At most one attention of each kind: a layer, not a group of layers."""
        return len({record.kind for record in self.records}) == len(self.records)


class Layers:
    """Watches calls of all elements of all ModuleLists of a model and sorts the layers out.

    Transformers keeps layers in a ModuleList, but experts, projections and groups of layers
    too. A layer is the outermost call that holds at most one attention of each kind (so that
    T5's three sub-layers are one layer, and a group of ALBERT's is as many as it has), or a
    sibling of such a call without attention (Jamba's Mamba layers).
    """

    def __init__(self, n_tokens: int, active: Callable[[], bool]) -> None:
        self._n_tokens = n_tokens
        self._active = active  # hooks fire in every thread that runs the model
        self._open: list[Layer] = []
        self._closed: list[Layer] = []
        self._seen: set[str] = set()

    def add(self, record: Record) -> None:
        """An attention took place, in the layer that is being called now."""
        for layer in self._open:
            layer.records.append(record)

    @property
    def path(self) -> str:
        """Path of the innermost ModuleList being called, empty outside of any."""
        return self._open[-1].stack if self._open else ""

    def found(self) -> list[Layer]:
        """The layers in the order in which they were called."""
        stacks = {layer.stack for layer in self._closed if layer.records}
        return [layer for layer in self._closed if layer.stack in stacks]

    @contextmanager
    def watching(self, modules: Mapping[str, torch.nn.Module]) -> Iterator[None]:
        handles = []
        try:
            for path, stack in modules.items():
                if not isinstance(stack, torch.nn.ModuleList):
                    continue
                for module in dict.fromkeys(stack):
                    handles.append(
                        module.register_forward_pre_hook(self._entering(path), with_kwargs=True)
                    )
                    handles.append(module.register_forward_hook(self._leaving))
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _entering(self, path: str) -> Callable[..., None]:
        def enter(module: torch.nn.Module, args: Any, kwargs: Any) -> None:
            if not self._active():
                return
            layer = Layer(path)
            if path not in self._seen:
                self._seen.add(path)
                layer.input = self._keep([*args, kwargs.get("hidden_states"), *kwargs.values()])
            self._open.append(layer)

        return enter

    def _leaving(self, module: torch.nn.Module, args: Any, output: Any) -> None:
        if not self._active():
            return
        layer = self._open.pop()
        siblings = self._open[-1].inner if self._open else self._closed
        if not layer.single:
            siblings.extend(layer.inner)
            return
        if not layer.records and self._open and self._open[-1].records:
            return  # an expert or the like, after the attention of its layer
        layer.output = self._keep(_parts(output))
        layer.inner.clear()
        if layer.output is not None or layer.records:
            siblings.append(layer)

    def _keep(self, values: Iterable[Any]) -> torch.Tensor | None:
        """A copy of the first hidden states (token, hidden) among the values."""
        for value in values:
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                state = value[0] if value.ndim == 3 and value.shape[0] == 1 else value
                if state.ndim == 2 and state.shape[0] == self._n_tokens:
                    return copied(state)
        return None


def copied(tensor: torch.Tensor) -> torch.Tensor:
    """A contiguous copy on the CPU that shares no memory with the model."""
    kept = torch.empty(tensor.shape, dtype=tensor.dtype)
    return kept.copy_(tensor)


def _parts(output: Any) -> list[Any]:
    if isinstance(output, Mapping):
        return list(output.values())
    return list(output) if isinstance(output, tuple | list) else [output]
