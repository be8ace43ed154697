"""The modules that hold a model's layers."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn


def stacks_of(modules: Mapping[str, nn.Module]) -> dict[str, nn.ModuleList | nn.Sequential]:
    """The modules, by their paths, whose elements may be layers: each ModuleList, and each
    Sequential of several modules of one class that attend, as timm's are, outside of all lists.
    """
    found: dict[str, nn.ModuleList | nn.Sequential] = {
        path: module
        for path, module in modules.items()
        if isinstance(module, (nn.ModuleList, nn.Sequential))
    }
    lists = {path for path, module in found.items() if isinstance(module, nn.ModuleList)}
    return {
        path: module
        for path, module in found.items()
        if path in lists or (_is_stack(module) and not _within(path, lists))
    }


def elements_of(modules: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """The elements of all stacks, by their paths: what may be a layer, or stand inside one."""
    parts = {id(part) for stack in stacks_of(modules).values() for part in stack}
    return {path: module for path, module in modules.items() if id(module) in parts}


def outermost_layers(
    modules: Mapping[str, nn.Module], outside: nn.Module | None
) -> dict[str, nn.Module]:
    """The elements, by their paths, of the outermost stacks that attend, such as the groups of
    ALBERT. ``outside`` is no part of any: a stack that holds it is no stack of layers."""
    lists = [stack for stack in stacks_of(modules).values() if any(map(attends, stack))]
    layers = dict.fromkeys(part for stack in lists for part in stack if part is not None)
    inner = {part for layer in layers for part in layer.modules() if part is not layer}
    paths = {module: path for path, module in modules.items()}
    return {
        paths[layer]: layer
        for layer in layers
        if layer not in inner and all(part is not outside for part in layer.modules())
    }


def attends(module: nn.Module | None) -> bool:
    """Whether a module, or one inside it, has attention in the name of its class."""
    if module is None:  # an empty place, which timm's lists have
        return False
    names = (type(part).__name__.lower() for part in module.modules())
    return any("attention" in name or "attn" in name for name in names)


def _is_stack(module: nn.ModuleList | nn.Sequential) -> bool:
    classes = {type(part) for part in module}
    return len(classes) == 1 and all(attends(part) for part in module)


def _within(path: str, lists: set[str]) -> bool:
    parts = path.split(".")
    return any(".".join(parts[:end]) in lists for end in range(len(parts)))
