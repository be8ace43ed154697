"""Drops the layers that a trace does not keep, and stops a pass that takes too much memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attention_widget.errors import InvalidValueError
from attention_widget.tracing.model.errors import TraceTooLargeError
from attention_widget.tracing.recording.layers import Layer


class LayerFilter:
    """Drops the tensors of unwanted layers as soon as each layer is done, and stops the pass
    when those kept take more than ``limit`` bytes.

    The index of a layer is its place among the layers of its stack. That is certain only when
    all have run (modules in a list in which nothing attends are no layers), so an index is
    first counted, and corrected by :meth:`learned` after the pass.
    """

    def __init__(self, layers: tuple[int, ...] | None, limit: int, *, two_stacks: bool) -> None:
        self.layers = layers
        self._limit = limit
        self._two_stacks = two_stacks
        self._done: list[tuple[Layer, int | None]] = []  # in the order in which they ran
        self._counts: Counter[str] = Counter()
        self._known: list[int | None] | None = None
        self._nbytes = 0

    def __call__(self, order: int, layer: Layer) -> None:
        """Called when the layer number ``order`` of the pass is done."""
        if order == 0:
            self._done, self._counts, self._nbytes = [], Counter(), 0
        index = self._known[order] if self._known else self._next(layer, self._counts)
        self._done.append((layer, index))
        if self.layers is not None:
            layer.drop(
                attention=not self.keeps(index),
                input=not self.keeps(0),
                output=index is None or not (self.keeps(index) or self.keeps(index + 1)),
            )
        self._nbytes += layer.nbytes
        if self._nbytes > self._limit:
            raise TraceTooLargeError(f"after {len(self._done)} layers", self._nbytes, self._limit)

    def keeps(self, index: int | None) -> bool:
        """Whether the attention of a layer stays."""
        return self.layers is None or index in self.layers

    def learned(self, found: Sequence[Layer]) -> bool:
        """Whether the pass dropped the wrong layers; if so, a second pass will drop the right
        ones."""
        if self.layers is None or self._known is not None:
            return False
        counts: Counter[str] = Counter()
        true = {id(layer): self._next(layer, counts) for layer in found}
        self._known = [true.get(id(layer)) for layer, _ in self._done]
        return any(
            known is not None and known != index
            for known, (_, index) in zip(self._known, self._done, strict=True)
        )

    def check(self, n_layers: int) -> None:
        """ValueError if a layer was asked for that the model does not have."""
        beyond = [index for index in self.layers or () if index >= n_layers]
        if beyond:
            raise InvalidValueError(
                f"layers must be in 0–{n_layers - 1}, got {', '.join(map(str, beyond))}"
            )

    def _next(self, layer: Layer, counts: Counter[str]) -> int:
        """The place of a layer among those of its stack that were counted before."""
        stack = layer.side if self._two_stacks else ""
        counts[stack] += 1
        return counts[stack] - 1
