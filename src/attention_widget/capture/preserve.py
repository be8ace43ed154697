"""Leave a model, and the random number generators, as they were."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import is_
from typing import Any

import numpy as np
import torch


@contextmanager
def preserved(modules: Sequence[torch.nn.Module]) -> Iterator[None]:
    """Undo on leaving, whatever happened, what happened to a model's modules in between.

    Every module's training flag and attributes (registered parameters, buffers, submodules and
    hooks among them; PyTorch's own layers change none) and every configuration's attributes go
    back to the objects they held; in-place arithmetic on a tensor is not undone. The states of
    PyTorch's (CPU and the devices of the model), NumPy's and Python's random number generators
    go back too.
    """
    saved = [(holder, holder.copy() if holder else _NOTHING) for holder in _holders(modules)]
    trained = [module for module in modules if module.training]
    generators = _Generators(modules)
    try:
        yield
    finally:
        for module in trained:
            module.training = True
        for holder, before in saved:
            if (holder or before) and _differ(holder, before):
                holder.clear()
                holder.update(before)
        generators.restore()


_NOTHING: dict[str, Any] = {}
_REGISTRIES = ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks")


def _holders(modules: Sequence[torch.nn.Module]) -> Iterator[dict[str, Any]]:
    configs: dict[int, Any] = {}
    for module in modules:
        if type(module).__module__.startswith("torch.nn."):
            continue
        attributes = vars(module)
        yield attributes
        for name in _REGISTRIES:
            yield attributes[name]
        if "config" in attributes:
            configs[id(attributes["config"])] = attributes["config"]
    seen: set[int] = set()
    for config in configs.values():
        yield from _attributes(config, seen)


def _attributes(config: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    """Those of a configuration and of the configurations in it."""
    if id(config) in seen or not hasattr(config, "to_dict"):
        return
    seen.add(id(config))
    yield vars(config)
    for value in vars(config).values():
        yield from _attributes(value, seen)


def _differ(holder: dict[str, Any], before: dict[str, Any]) -> bool:
    # identity, not ==: the values are tensors and modules
    return holder.keys() != before.keys() or not all(map(is_, holder.values(), before.values()))


class _Generators:
    def __init__(self, modules: Sequence[torch.nn.Module]) -> None:
        self._python = random.getstate()
        self._numpy = np.random.get_state()
        self._torch = torch.get_rng_state()
        parameters = (p for module in modules for p in vars(module)["_parameters"].values())
        kinds = {p.device.type for p in parameters if p is not None} - {"cpu", "meta"}
        self._devices: list[tuple[Any, int, torch.Tensor]] = []
        for kind in kinds:
            device: Any = getattr(torch, kind, None)
            if hasattr(device, "device_count") and hasattr(device, "get_rng_state"):
                for index in range(device.device_count()):
                    self._devices.append((device, index, device.get_rng_state(index)))

    def restore(self) -> None:
        random.setstate(self._python)
        np.random.set_state(self._numpy)
        torch.set_rng_state(self._torch)
        for device, index, state in self._devices:
            device.set_rng_state(state, index)
