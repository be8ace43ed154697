"""The rows that a pass looked up in a model's table of word embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class WordRows:
    """Rows of the table of word embeddings for some ids (1, token), as they stand in the table:
    before scale, position and norm.

    Known only where a pass was heard to look these very ids up in the table that the model names
    as its own; ids that follow them are padding.
    """

    def __init__(self, model: PreTrainedModel, ids: torch.Tensor | None) -> None:
        self._tables = {} if ids is None else dict.fromkeys(_tables(model))
        self._ids = [] if ids is None else ids.reshape(-1).tolist()
        self._found: nn.Embedding | None = None
        self._output: torch.Tensor | None = None

    def watching(self) -> Iterator[RemovableHandle]:
        """Hooks for the pass."""
        for table in self._tables:
            yield table.register_forward_hook(self._heard, with_kwargs=True)

    def rows(self) -> torch.Tensor | None:
        """The rows (token, any dim) on the CPU, after the pass; None where they are not known."""
        if self._found is None:
            return None
        weight = self._found.weight
        if not weight.is_floating_point():  # quantised
            return None
        if weight.device.type == "meta":  # accelerate holds it elsewhere between the passes
            return self._output
        ids = torch.tensor(self._ids, dtype=torch.long, device=weight.device)
        return weight.detach()[ids].cpu()

    def _heard(
        self, table: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any
    ) -> None:
        given = args[0] if args else kwargs.get("input")
        if not isinstance(given, torch.Tensor) or not isinstance(table, nn.Embedding):
            return
        if given.reshape(-1)[: len(self._ids)].tolist() != self._ids:
            return
        self._found = table
        plain = type(table).forward is nn.Embedding.forward
        if plain and table.weight.device.type == "meta" and isinstance(output, torch.Tensor):
            rows = output.detach().reshape(-1, output.shape[-1])[: len(self._ids)]
            self._output = rows.to("cpu", copy=True)


def _tables(model: PreTrainedModel) -> Iterator[nn.Embedding]:
    """The tables that the model, its encoder and its decoder name as their own."""
    holders: list[Any] = [model]
    for name in ("get_encoder", "get_decoder"):
        with suppress(Exception):  # of a model that has only one stack
            holders.append(getattr(model, name)())
    for holder in holders:
        table = None
        with suppress(Exception):  # of pictures and sounds, which have none
            table = holder.get_input_embeddings()
        if isinstance(table, nn.Embedding):
            yield table
