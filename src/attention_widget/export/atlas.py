"""What the browser is told of an atlas, and what a page carries of it.

The browser's half is js/trace/atlas.ts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.unicode import sendable
from attention_widget.export.archive import Archive, Held
from attention_widget.protocol.tensors import number
from attention_widget.trace.kind import Kind

if TYPE_CHECKING:
    from attention_widget.corpus.atlas import HeadAtlas
    from attention_widget.corpus.example import Example

MAX_BYTES: Final = 8_000_000
"""Of the examples that a page carries of an atlas, beside the numbers of its heads. Those of layers
beyond it are left out: the layer that is shown comes first."""

DECIMALS: Final = 4
"""Of the weights of an example's row in a page of precision "standard"; the weight of the example
itself is kept in full."""

Told = dict[str, Any]


def overview_of(atlas: HeadAtlas | None) -> Told:
    """Every head with its summaries; without an atlas no heads."""
    if atlas is None:
        return {
            "model_name": "",
            "n_texts": 0,
            "n_tokens": 0,
            "names": [],
            "kinds": [],
            "layers": [],
            "heads": [],
            "labels": [],
            "values": [],
        }
    columns, names = atlas.columns, tuple(atlas.names)
    return {
        "model_name": sendable(atlas.model_name),
        "n_texts": int(atlas.n_texts),
        "n_tokens": int(atlas.n_tokens),
        "names": [sendable(name) for name in names],
        "kinds": [str(kind) for kind in columns["kind"]],
        "layers": [int(layer) for layer in columns["layer"]],
        "heads": [int(head) for head in columns["head"]],
        "labels": [str(label) for label in columns["label"]],
        "values": [[number(float(value)) for value in columns[name]] for name in names],
    }


def head_of(atlas: HeadAtlas, kind: Kind, layer: int, head: int) -> Told:
    """The examples of a head, the highest first, then those of each tenth of the weights."""
    return {"examples": [_example(each) for each in atlas.examples(layer, head, kind)]}


def _example(of: Example) -> Told:
    return {
        **_edge(of, None),
        "text": sendable(of.text),
        "labels": _labels(of),
        "ids": of.token_ids.tolist(),
    }


def _edge(of: Example, decimals: int | None) -> Told:
    """All but its text."""
    return {
        "rank": 0 if of.rank == "top" else int(of.rank),
        "number": int(of.number),
        "query": int(of.query),
        "key": int(of.key),
        "weight": _float32(float(of.weight)),
        "row": _row(of.row, decimals),
    }


def _labels(of: Example) -> list[str]:
    return [sendable(label) for label in of.tokens]


def _row(weights: NDArray[np.float32], decimals: int | None) -> list[Any]:
    if decimals is None or not np.isfinite(weights).all():
        return [_float32(weight) for weight in weights.tolist()]
    rounded: list[float] = np.round(weights.astype(np.float64), decimals).tolist()
    return [weight or 0 for weight in rounded]


def _float32(value: float) -> Any:
    """The fewest digits that are a float32 again."""
    short = float(f"{value:.9g}")
    return number(short) if short else 0


def keep_atlas(
    archive: Archive,
    atlas: HeadAtlas,
    held: Held,
    first: tuple[Kind, int],
    is_exact: bool,
    most: int | None = None,
) -> Told:
    """Keep an atlas in a page, the examples of ``first`` before those of other layers, as far as
    ``most`` bytes go, ``MAX_BYTES`` where it is None; returns in which blocks it is. Tokens of a
    text stand there once, however many heads have it for an example."""
    texts: dict[tuple[int, int], int] = {}
    labels: list[list[str]] = []
    layers: dict[str, int] = {}
    size = 0
    decimals = None if is_exact else DECIMALS
    columns = atlas.columns
    known = set(zip(columns["kind"], columns["layer"], columns["head"], strict=True))
    for kind, layer in _layers(held, first):
        before = len(labels)
        told = {
            str(head): [
                _short(example, texts, labels, decimals)
                for example in atlas.examples(layer, head, kind)
            ]
            for head in held[kind][layer]
            if (kind, layer, head) in known
        }
        data = _packed(told)
        size += len(data) + len(_packed(labels[before:]))
        if layers and size > (MAX_BYTES if most is None else most):
            del labels[before:]
            break
        layers[f"{kind}/{layer}"] = archive.block(data)
    return {
        "overview": archive.block(_packed(overview_of(atlas))),
        "texts": archive.block(_packed(labels)),
        "layers": layers,
    }


def bytes_of_atlas(atlas: HeadAtlas, held: Held, first: tuple[Kind, int]) -> int:
    """How many bytes :func:`keep_atlas` adds to a page."""
    alone = Archive(max_bytes=1 << 62)
    keep_atlas(alone, atlas, held, first, is_exact=False)
    return alone.n_bytes


def _short(
    example: Example,
    texts: dict[tuple[int, int], int],
    labels: list[list[str]],
    decimals: int | None,
) -> Told:
    """Without what a page, which has no model, does nothing with."""
    text = example.number, example.piece
    if text not in texts:
        texts[text] = len(labels)
        labels.append(_labels(example))
    return {**_edge(example, decimals), "labels": texts[text]}


def _layers(held: Held, first: tuple[Kind, int]) -> Iterator[tuple[Kind, int]]:
    every = [(kind, layer) for kind, layers in held.items() for layer in layers]
    yield from sorted(every, key=lambda each: each != first)


def _packed(told: Mapping[str, Any] | Sequence[Any]) -> bytes:
    return json.dumps(told, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
