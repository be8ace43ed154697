"""The heads of an atlas that stands alone, without a model and without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from attention_widget._util.unicode import sendable
from attention_widget.protocol.description import LayerMeta, Meta
from attention_widget.trace.kind import KINDS, Kind

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas

NUMBER: Final = 1
"""Of a pass there is none: an atlas alone is told of under this number."""


@dataclass(frozen=True)
class AtlasHeads:
    """The kinds, layers and heads of an atlas, for what asks a trace for them: options and pages.
    There are no tokens, as it is of no single text."""

    model_name: str
    counts: Mapping[Kind, Mapping[int, int]]
    """How many heads each layer has, by kind; layers that are not named have no attention."""

    tokens: tuple[()] = ()
    passages: tuple[()] = ()
    target: None = None
    image: None = None
    hidden: tuple[()] = ()
    word_rows: None = None

    @classmethod
    def of(cls, atlas: HeadAtlas) -> AtlasHeads:
        counts: dict[Kind, dict[int, int]] = {}
        columns = (atlas.columns[name].tolist() for name in ("kind", "layer", "head"))
        for kind, layer, head in sorted(zip(*columns, strict=True)):
            of_kind = counts.setdefault(kind, {})
            of_kind[layer] = max(of_kind.get(layer, 0), head + 1)
        return cls(atlas.model_name, {kind: counts[kind] for kind in KINDS if kind in counts})

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(self.counts)

    def layers_with_attention(self, kind: Kind) -> tuple[int, ...]:
        return tuple(self.counts[kind])

    def count_layers(self, kind: Kind) -> int:
        """Up to the last one with attention."""
        return max(self.counts[kind]) + 1

    def count_heads(self, layer: int, kind: Kind) -> int:
        return self.counts[kind][layer]

    def sides(self, _kind: Kind) -> tuple[tuple[()], tuple[()]]:
        """The tokens of queries and of keys."""
        return self.tokens, self.tokens

    def described(self) -> Meta:
        """What the browser knows before it asks."""
        return {
            "run": NUMBER,
            "model_name": sendable(self.model_name),
            "tokens": [],
            "has_hidden_states": False,
            "has_word_embeddings": False,
            "target": None,
            "attention": [
                {
                    "kind": kind,
                    "layers": [_layer(of.get(layer)) for layer in range(self.count_layers(kind))],
                }
                for kind, of in self.counts.items()
            ],
            "suggestions": [],
            "windows": [],
            "roles": [],
            "image": None,
            "read_only": "atlas",
            "comparison": None,
            "positions": [],
        }


def _layer(n_heads: int | None) -> LayerMeta | None:
    """All that an atlas says of a layer is how many heads it has."""
    if n_heads is None:
        return None
    return {
        "n_heads": n_heads,
        "n_kv_heads": None,
        "dim": None,
        "has_values": False,
        "sinks": False,
        "masks": [],
        "held": None,
    }
