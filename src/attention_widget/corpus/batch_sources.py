"""What indexes are made of, taken from a padded batch while it passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.hooks import RemovableHandle

from attention_widget.corpus.index_feed import IndexFeed
from attention_widget.corpus.index_writer import Made
from attention_widget.corpus.stretch import Stretch
from attention_widget.trace.block import Array
from attention_widget.trace.grouping import Operation
from attention_widget.tracing.recording.layer_modules import stacks_of


class BatchSources:
    """Of each text of a batch what each of the indexes of a feed keeps of it: nothing that fills
    the batch, and no longer than the layer passes."""

    def __init__(self, feed: IndexFeed, stretches: Sequence[Stretch]) -> None:
        self._feed, self._stretches = feed, stretches
        self.made: list[dict[int, Made]] = [{} for _ in stretches]  # by the index's place

    @property
    def is_whole(self) -> bool:
        """Whether all that is asked for was there, once the batch has passed."""
        return all(len(each) == len(self._feed.parts) for each in self.made)

    def layers(self) -> set[int]:
        """Layers of which the attention is wanted."""
        return {part.layer for part in self._feed.parts if part.what != "hidden"}

    def attended(self, row: int, layer: int, operation: Operation) -> None:
        """Take the attention of one layer in one text (head, token, token)."""
        for index, part in enumerate(self._feed.parts):
            if part.what != "hidden" and part.layer == layer:
                self._make(row, index, operation)

    def watching(
        self, modules: Mapping[str, torch.nn.Module], paths: Sequence[str]
    ) -> Iterator[RemovableHandle]:
        """Hooks that take hidden states: those before and after the layers whose modules attend at
        some ``paths``."""
        for index, part in enumerate(self._feed.parts):
            if part.what != "hidden":
                continue
            layers = _layers(modules, paths)
            if part.layer > len(layers):
                continue

            def before(module: Any, args: Any, kwargs: Any, index: int = index) -> None:
                self._hidden(index, [*args, kwargs.get("hidden_states")])

            def after(module: Any, args: Any, output: Any, index: int = index) -> None:
                self._hidden(index, output if isinstance(output, tuple | list) else [output])

            if part.layer:
                yield layers[part.layer - 1].register_forward_hook(after)
            elif layers:
                yield layers[0].register_forward_pre_hook(before, with_kwargs=True)

    def _hidden(self, index: int, values: Sequence[Any]) -> None:
        for value in values:
            if isinstance(value, torch.Tensor) and value.ndim == 3 and value.is_floating_point():
                if len(value) == len(self._stretches):
                    for row, stretch in enumerate(self._stretches):
                        own = value[row, : len(stretch)].detach().float().cpu().numpy()
                        self._make(row, index, own)
                return

    def _make(self, row: int, index: int, source: Operation | Array) -> None:
        stretch = self._stretches[row]
        if index not in self.made[row]:
            self.made[row][index] = self._feed.made(index, stretch, source)


def are_alike(one: Mapping[int, Made], other: Mapping[int, Made], near: float) -> bool:
    """Whether a text gives the same rows and vectors, but for rounding."""
    return all(
        np.array_equal(rows, other[index].rows)
        if rows.dtype.names is None
        else _same_edges(rows, other[index].rows, near)
        for index, (rows, _) in one.items()
    ) and all(
        vectors.shape == other[index].vectors.shape
        and bool((np.abs(vectors - other[index].vectors) <= near).all())
        for index, (_, vectors) in one.items()
    )


def _same_edges(one: Any, other: Any, near: float) -> bool:
    return len(one) == len(other) and all(
        bool((np.abs(one[name] - other[name]) <= near).all()) for name in one.dtype.names
    )


def _layers(modules: Mapping[str, torch.nn.Module], paths: Sequence[str]) -> list[torch.nn.Module]:
    """The elements of the stack in which all of these attend, one of each; else nothing."""
    for path, stack in stacks_of(modules).items():
        elements = [part for part in stack if part is not None]
        own = [one.removeprefix(f"{path}.") for one in paths if one.startswith(f"{path}.")]
        inside = {one.split(".")[0] for one in own}
        if len(elements) > 1 and len(inside) == len(elements) == len(paths):
            return elements
    return []
