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
def undisturbed(modules: Sequence[torch.nn.Module], *, generators: bool = True) -> Iterator[None]:
    """Run a model in here: in evaluation mode, without gradients, as its code is written (what
    torch.compile made calls no hooks), and :func:`preserved`."""
    with preserved(modules, generators=generators), _uncompiled(modules), torch.no_grad():
        for module in modules:
            if module.training:
                module.training = False
        yield


@contextmanager
def preserved(modules: Sequence[torch.nn.Module], *, generators: bool = True) -> Iterator[None]:
    """Undo on leaving, whatever happened, what happened to a model's modules in between.

    Every module's training flag and attributes (registered parameters, buffers, submodules and
    hooks among them; PyTorch's own layers change none unless accelerate offloads their weights)
    and every attribute of the configurations of the model and its generation go back to the
    objects they held; in-place arithmetic on a tensor is not undone. The states of PyTorch's (CPU
    and the devices of the model), NumPy's and Python's random number generators go back too,
    unless ``generators`` is false.
    """
    saved = [(holder, holder.copy() if holder else _NOTHING) for holder in _holders(modules)]
    trained = [module for module in modules if module.training]
    states = _Generators(modules) if generators else None
    try:
        yield
    finally:
        for module in trained:
            module.training = True
        for holder, before in saved:
            if (holder or before) and _differ(holder, before):
                holder.clear()
                holder.update(before)
        if states is not None:
            states.restore()


_NOTHING: dict[str, Any] = {}
_CONFIGS = {"config", "generation_config"}
_REGISTRIES = ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks")


def _holders(modules: Sequence[torch.nn.Module]) -> Iterator[dict[str, Any]]:
    configs: dict[int, Any] = {}
    for module in modules:
        attributes = vars(module)
        if type(module).__module__.startswith("torch.nn.") and "_hf_hook" not in attributes:
            continue
        yield attributes
        for name in _REGISTRIES:
            yield attributes[name]
        for name in _CONFIGS & attributes.keys():
            configs[id(attributes[name])] = attributes[name]
    seen: set[int] = set()
    for config in configs.values():
        yield from _attributes(config, seen)


def _attributes(config: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    """Those of a configuration and of the configurations and dictionaries in it."""
    if id(config) in seen or not (isinstance(config, dict) or hasattr(config, "to_dict")):
        return
    seen.add(id(config))
    held = config if isinstance(config, dict) else vars(config)
    yield held
    for value in held.values():
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


@contextmanager
def _uncompiled(modules: Sequence[torch.nn.Module]) -> Iterator[None]:
    """Only where there is anything compiled: flex attention compiles a function of its own, and
    shall."""
    if any(
        "_compiled_call_impl" in vars(module) or "forward" in vars(module) for module in modules
    ):
        with torch.compiler.set_stance("force_eager"):
            yield
    else:
        yield
