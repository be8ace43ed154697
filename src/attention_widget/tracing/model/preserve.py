"""Leave a model and the random number generators as they were."""

from __future__ import annotations

import contextvars
import functools
import random
from collections.abc import Callable, Iterator, Sequence
from operator import is_
from typing import Any, TypeVar

import numpy as np
import torch

from attention_widget._util.cleanup import Undo, guarded
from attention_widget.tracing.model.eval_mode import evaluate
from attention_widget.tracing.model.hooks import global_registries
from attention_widget.tracing.model.leftovers import put_back, remover
from attention_widget.tracing.model.one_at_a_time import ONE_AT_A_TIME

_T = TypeVar("_T")


def undisturbed(
    modules: Sequence[torch.nn.Module],
    work: Callable[[], _T],
    *,
    generators: bool = True,
    user_code: bool = False,
) -> _T:
    """What some work with a model returns, in evaluation mode, without gradients and as the
    model's code is written (what torch.compile made calls no hooks).

    Whatever ends it, this is undone: what happened to the attributes of the modules (registered
    parameters, buffers, submodules and hooks among them; PyTorch's own layers change none unless
    accelerate offloads their weights) and of the configurations of the model and its generation,
    which go back to the objects they held; in-place arithmetic on a tensor is not undone. The
    states of PyTorch's (CPU and the devices of the model), NumPy's and Python's random number
    generators go back too, unless ``generators`` is false.

    ``user_code`` says that the work calls code of the user's, which might set another mode.

    Another thread that works with any model waits until it is over: putting one pass's hooks back
    would take those of the other away in the middle of it.
    """

    def prepared(undo: Undo) -> _T:
        saved = [(holder, holder.copy() if holder else _NOTHING) for holder in _holders(modules)]
        undo.then(functools.partial(_restore, saved))
        hooked, training, changed = _signs(modules)
        undo.then(remover(modules, hooked))
        for step in _generator_steps(modules) if generators else ():
            undo.then(step)
        undo.then(functools.partial(torch._C._set_grad_enabled, torch.is_grad_enabled()))
        torch._C._set_grad_enabled(False)
        if changed:
            from torch._dynamo import eval_frame  # takes a second: only where it is loaded anyway

            undo.then(functools.partial(setattr, eval_frame, "_stance", eval_frame._stance))
            torch.compiler.set_stance("force_eager")
        if training or hooked or changed or user_code:
            evaluate(modules, undo)
        return contextvars.copy_context().run(work)  # what it sets in the context goes with it

    with ONE_AT_A_TIME:
        return guarded(prepared)


def _restore(saved: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for holder, before in saved:
        if (holder or before) and (
            holder.keys() != before.keys()
            or not all(map(is_, holder.values(), before.values()))  # not ==: they are tensors
        ):
            put_back(holder, before)


def _signs(modules: Sequence[torch.nn.Module]) -> tuple[list[torch.nn.Module], bool, bool]:
    """The modules with hooks; whether any is in training mode, and whether any has a forward of
    its own or a compiled one (flex attention compiles a function, and shall)."""
    hooked, training, changed = [], False, False
    for module in modules:
        own = vars(module)
        if own.get("training", True):
            training = True
        if own.get("_forward_hooks") or own.get("_forward_pre_hooks"):
            hooked.append(module)
        if "forward" in own or "_compiled_call_impl" in own:
            changed = True
    return hooked, training or any(global_registries()), changed


_NOTHING: dict[str, Any] = {}
_CONFIGS = {"config", "generation_config"}
_REGISTRIES = ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks")


def _holders(modules: Sequence[torch.nn.Module]) -> Iterator[dict[str, Any]]:
    configs: dict[int, Any] = {}
    for module in modules:
        attributes = vars(module)
        if type(module).__module__.startswith("torch.nn.") and "_hf_hook" not in attributes:
            continue
        if isinstance(module, torch.jit.ScriptModule):  # its attributes are in C++
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


def _generator_steps(modules: Sequence[torch.nn.Module]) -> Iterator[Callable[[], object]]:
    """Steps that give the random number generators the state that they have now."""
    yield functools.partial(random.setstate, random.getstate())
    yield functools.partial(np.random.set_state, np.random.get_state())
    yield functools.partial(torch.set_rng_state, torch.get_rng_state())
    parameters = (p for module in modules for p in vars(module)["_parameters"].values())
    for device_type in {p.device.type for p in parameters if p is not None} - {"cpu", "meta"}:
        device: Any = getattr(torch, device_type, None)
        if hasattr(device, "device_count") and hasattr(device, "get_rng_state"):
            for index in range(device.device_count()):
                yield functools.partial(device.set_rng_state, device.get_rng_state(index), index)
