"""Rows of a table that a module keeps as a buffer and adds by itself, as CTRL does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

_NAMES: Final = ("pos_encoding", "position_embedding")
_GIVEN: Final = ("input_ids", "inputs_embeds")


class KeptRows:
    """Listens, in a pass, to the modules that keep such a table (position, dimension)."""

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self._modules = modules
        self._thread = threading.get_ident()
        self.heard: dict[tuple[str, str], tuple[torch.Tensor, torch.Tensor]] = {}
        """By the path of the module and the name of the buffer: the rows of its tokens, and the
        table."""

    def watching(self) -> Iterator[RemovableHandle]:
        """Hooks for a pass; what was heard in one before is forgotten."""
        self.heard.clear()
        for path, module in self._modules.items():
            for name, table in module.named_buffers(recurse=False):
                if name in _NAMES and table.ndim == 2 and table.is_floating_point():
                    hear = partial(self._hear, path, name)
                    yield module.register_forward_pre_hook(hear, with_kwargs=True)

    def _hear(
        self, path: str, name: str, module: nn.Module, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> None:
        table = getattr(module, name)
        if threading.get_ident() != self._thread or table.device.type == "meta":
            return
        places = kwargs.get("position_ids")
        if places is None:
            given = next((kwargs[each] for each in _GIVEN if kwargs.get(each) is not None), None)
            given = args[0] if given is None and args else given
            if not isinstance(given, torch.Tensor) or given.ndim < 2:
                return
            places = torch.arange(given.shape[1], dtype=torch.long, device="cpu")
        places = places.detach().reshape(-1, places.shape[-1])[0].to(table.device, torch.long)
        if len(places) and int(places.max()) < len(table):
            self.heard[path, name] = table.detach()[places].to("cpu", copy=True), table
