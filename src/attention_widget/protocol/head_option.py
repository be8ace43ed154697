"""Options of whose attention is shown: its kind, layer and heads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attention_widget._util.integers import as_integer
from attention_widget.protocol.checks import (
    check_choice,
    check_indices,
    check_pairs,
    either,
    first_kind,
    not_in,
    refused,
)
from attention_widget.protocol.head_labels import HeadLabelRow, check_head_labels
from attention_widget.protocol.option import Choice, Chosen, Option

if TYPE_CHECKING:
    from attention_widget.trace.trace import Trace


@dataclass(frozen=True)
class KindChoice(Choice):
    """A kind of attention that the trace has."""

    def __post_init__(self) -> None:
        """There is no default: the first kind of the trace is shown."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> str:
        return check_choice(self.name, value, trace.kinds)

    def first(self, trace: Trace, chosen: Chosen) -> str:
        return first_kind(trace)


@dataclass(frozen=True)
class Layer(Option):
    """A layer that has attention of the kind."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> int:
        kind = chosen("attention_kind")
        have = trace.layers_with_attention(kind)
        layer = as_integer(value)
        if layer in have:
            return layer
        if len(have) == trace.count_layers(kind):
            raise not_in(self.name, value, len(have))
        must = f"{self.name} must be {either(have)}, the layers with {kind} attention"
        raise refused(must, value)

    def first(self, trace: Trace, chosen: Chosen) -> int:
        return trace.layers_with_attention(chosen("attention_kind"))[0]


@dataclass(frozen=True)
class Heads(Option):
    """Heads of the layer."""

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        layer = chosen("layer")
        count = trace.count_heads(layer, chosen("attention_kind"))
        advice = f"; layer {layer} has {count} head{'s' * (count != 1)}"
        return check_indices(self.name, value, "head", count, advice)

    def first(self, trace: Trace, chosen: Chosen) -> tuple[int, ...]:
        return tuple(range(trace.count_heads(chosen("layer"), chosen("attention_kind"))))


@dataclass(frozen=True)
class HeadPairs(Option):
    """Heads of any layers of the kind, each as a pair (layer, head)."""

    default: tuple[tuple[int, int], ...] = field(default=(), kw_only=True)
    most: int = field(default=8, kw_only=True)

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[tuple[int, int], ...]:
        kind = chosen("attention_kind")
        return () if value is None else check_pairs(self.name, value, self.most, trace, kind)


@dataclass(frozen=True)
class ProbedLabels(Option):
    """What heads are called by a probe of the model, or None for what they do on the text."""

    labels: tuple[str, ...]

    def check(self, value: object, trace: Trace, chosen: Chosen) -> tuple[HeadLabelRow, ...] | None:
        if value is None:
            return None
        return check_head_labels(self.name, value, trace, self.labels)
