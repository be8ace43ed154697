"""The attention operations of a trace, by kind and layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy

from attention_widget.errors import NotFoundError
from attention_widget.trace.grouping import Operation
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import KINDS, Kind, check_kind


class Lookup:
    """Finds an operation, and counts the layers of each kind; no kind means the first.

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
        self.model_name = model_name
        self._n_states = n_states
        self._kept = kept
        self._refusal = ""
        self._layers: dict[Kind, dict[int, Operation]] = {}
        for one in operations:
            self._layers.setdefault(one.kind, {}).setdefault(one.layer, one)
        self.kinds = tuple(kind for kind in KINDS if kind in self._layers)

    def refusing(self, refusal: str) -> Lookup:
        """The same, to count alone: :meth:`find` raises LookupError that says so."""
        made = copy(self)
        made._refusal = refusal
        return made

    def with_attention(self, kind: Kind | None) -> tuple[int, ...]:
        """Layers that have attention of this kind, in order."""
        return tuple(sorted(self._of(kind)))

    def count(self, kind: Kind | None) -> int:
        """How many layers the stack has in which attention of this kind lies; 0 if none does."""
        layers = self._of(kind)
        return max(self._n_states[kind or self.kinds[0]] - 1, max(layers) + 1) if layers else 0

    def get(self, layer: int, kind: Kind | None) -> Operation | None:
        """The operation, None where there is none."""
        return self._of(kind).get(layer)

    @property
    def n_heads(self) -> int:
        """How many heads all layers of all kinds have; LookupError where they differ."""
        counts = {one.n_heads for layers in self._layers.values() for one in layers.values()}
        if len(counts) == 1:
            return counts.pop()
        if not counts:
            raise NotFoundError(f"{self.model_name} left no attention")
        raise NotFoundError(
            f"the layers of {self.model_name} have {min(counts)} to {max(counts)} heads; ask "
            f"trace.count_heads(layer, kind)"
        )

    def find(self, layer: int, kind: Kind | None) -> Operation:
        """The operation; a negative layer counts from the last. :class:`Recorded` says what is
        raised where there is none."""
        layers = self._of(kind)
        if self._refusal:
            raise NotFoundError(self._refusal)
        if not self.kinds:
            raise NotFoundError(f"{self.model_name} left no attention")
        kind = kind or self.kinds[0]
        if not layers:
            allowed = " or ".join(self.kinds)
            raise NotFoundError(
                f"kind must be {allowed}, got {kind!r}; {self.model_name} has no other attention"
            )
        count = self.count(kind)
        stack = "encoder" if kind == "encoder" else "decoder"
        advice = f"; the {stack} of {self.model_name} has {_counted(count, 'layer')}"
        index = index_of("layer", layer, count, advice)
        if index in layers:
            return layers[index]
        if self._kept is not None and index not in self._kept:
            raise NotFoundError(f"layer {index} was not kept; {self.what_is_kept}")
        raise NotFoundError(
            f"layer {index} of {self.model_name} has no {kind} attention; "
            f"layers that have: {', '.join(map(str, sorted(layers)))}"
        )

    @property
    def what_is_kept(self) -> str:
        """Which layers were kept, and how to keep others."""
        layers = ", ".join(map(str, self._kept or ()))
        return (
            f"this trace holds layers {layers} and the hidden states before and after each; "
            f"name others in capture(..., layers=[...])"
        )

    def __repr__(self) -> str:
        return ", ".join(map(self._short, self.kinds)) or "no attention"

    def _short(self, kind: Kind) -> str:
        layers, count = self._layers[kind], self.count(kind)
        heads = sorted({one.n_heads for one in layers.values()})
        part = f"{len(layers)} of " if len(layers) < count else ""
        fewest = f"{heads[0]}–" if len(heads) > 1 else ""
        return f"{kind}: {part}{_counted(count, 'layer')} × {fewest}{_counted(heads[-1], 'head')}"

    def _of(self, kind: Kind | None) -> dict[int, Operation]:
        if kind is not None:
            check_kind(kind)
        elif self.kinds:
            kind = self.kinds[0]
        return self._layers.get(kind, {}) if kind else {}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
