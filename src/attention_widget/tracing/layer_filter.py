"""Drops the layers that a trace does not keep, and stops a pass that takes too much memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attention_widget.errors import InvalidValueError
from attention_widget.tracing.model.errors import TraceTooLargeError
from attention_widget.tracing.recording.layers import Layer


class Keeping:
    """Drops the tensors of unwanted layers as soon as each layer is done, and stops the pass
    when those kept take more than ``limit`` bytes.

    The index of a layer is its place among the layers of its stack. That is certain only when
    all have run (modules in a list in which nothing attends are no layers), so an index is
    first counted, and corrected by :meth:`learned` after the pass.
    """

    def __init__(
        self,
        layers: Collection[int] | None = None,
        limit: int | None = None,
        *,
        two_stacks: bool = False,
    ) -> None:
        self.layers = None if layers is None else tuple(sorted(set(layers)))
        self._limit = limit
        self._two_stacks = two_stacks
        self._done: list[tuple[Layer, int | None]] = []  # in the order in which they ran
        self._counts: dict[str, int] = {}
        self._known: list[int | None] | None = None
        self._nbytes = 0

    def __call__(self, order: int, layer: Layer) -> None:
        """Called when the layer number ``order`` of the pass is done."""
        if order == 0:
            self._done, self._counts, self._nbytes = [], {}, 0
        index: int | None
        if self._known is not None:
            index = self._known[order]
        else:
            stack = layer.side if self._two_stacks else ""
            index = self._counts.get(stack, 0)
            self._counts[stack] = index + 1
        self._done.append((layer, index))
        if self.layers is not None:
            self._drop(layer, index)
        self._count(layer)

    def keeps(self, index: int | None) -> bool:
        """Whether the attention of a layer stays."""
        return self.layers is None or index in self.layers

    def learned(self, found: Sequence[Layer]) -> bool:
        """Whether the pass dropped the wrong layers; if so, a second pass will drop the right
        ones."""
        if self.layers is None or self._known is not None:
            return False
        counts: dict[str, int] = {}
        true: dict[int, int] = {}
        for layer in found:
            stack = layer.side if self._two_stacks else ""
            true[id(layer)] = counts.get(stack, 0)
            counts[stack] = true[id(layer)] + 1
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

    def _drop(self, layer: Layer, index: int | None) -> None:
        layer.drop(
            attention=not self.keeps(index),
            input=not self.keeps(0),
            output=index is None or not (self.keeps(index) or self.keeps(index + 1)),
        )

    def _count(self, layer: Layer) -> None:
        self._nbytes += layer.nbytes
        if self._limit is not None and self._nbytes > self._limit:
            raise TraceTooLargeError(f"after {len(self._done)} layers", self._nbytes, self._limit)
