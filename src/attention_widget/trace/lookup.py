"""The attention operations of a trace, by kind and layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attention_widget.trace.grouping import Operation
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import KINDS, Kind, check_kind


class Lookup:
    """Finds an operation, and counts the layers of each kind.

    ``n_states`` says of each kind how many hidden states its stack has, one more than it has
    layers, 0 where they are not known. ``kept`` are the layers whose attention was kept, None for
    all.
    """

    def __init__(
        self,
        model_name: str,
        operations: Iterable[Operation],
        n_states: Mapping[Kind, int],
        kept: tuple[int, ...] | None,
    ) -> None:
        self._model_name = model_name
        self._n_states = n_states
        self._kept = kept
        self._layers: dict[Kind, dict[int, Operation]] = {}
        for one in operations:
            self._layers.setdefault(one.kind, {}).setdefault(one.layer, one)
        self.kinds = tuple(kind for kind in KINDS if kind in self._layers)

    def resolved(self, kind: Kind | None) -> Kind:
        """The kind, the first that there is if None.

        Raises:
            ValueError: it is no kind of attention.
            LookupError: there is no such attention.
        """
        if kind is not None:
            check_kind(kind)
        if not self.kinds:
            raise LookupError(f"{self._model_name} left no attention")
        if kind is None:
            return self.kinds[0]
        if kind not in self.kinds:
            allowed = " or ".join(self.kinds)
            raise LookupError(
                f"kind must be {allowed}, got {kind!r}; {self._model_name} has no other attention"
            )
        return kind

    def with_attention(self, kind: Kind) -> tuple[int, ...]:
        """Layers that have attention of this kind, in order."""
        return tuple(sorted(self._layers.get(kind, ())))

    def count(self, kind: Kind) -> int:
        """How many layers the stack has in which attention of this kind lies; 0 if none does."""
        layers = self._layers.get(kind)
        return max(self._n_states[kind] - 1, max(layers) + 1) if layers else 0

    def get(self, layer: int, kind: Kind) -> Operation | None:
        """The operation, None where there is none."""
        return self._layers.get(kind, {}).get(layer)

    def find(self, layer: int, kind: Kind | None) -> Operation:
        """The operation; a negative layer counts from the last.

        Raises:
            ValueError: the kind is no kind of attention.
            IndexError: there is no such layer.
            LookupError: there is no attention of this kind, or none in this layer.
        """
        kind = self.resolved(kind)
        count = self.count(kind)
        stack = "encoder" if kind == "encoder" else "decoder"
        advice = f"; the {stack} of {self._model_name} has {count} layer{'s' * (count != 1)}"
        index = index_of("layer", layer, count, advice)
        found = self.get(index, kind)
        if found is not None:
            return found
        if self._kept is not None and index not in self._kept:
            raise LookupError(f"layer {index} was not kept; {self.what_is_kept}")
        layers = ", ".join(map(str, self.with_attention(kind)))
        raise LookupError(
            f"layer {index} of {self._model_name} has no {kind} attention; "
            f"layers that have: {layers}"
        )

    @property
    def what_is_kept(self) -> str:
        """Which layers were kept, and how to keep others."""
        layers = ", ".join(map(str, self._kept or ()))
        return (
            f"this trace holds layers {layers} and the hidden states before and after each; "
            f"name others in capture(..., layers=[...])"
        )
