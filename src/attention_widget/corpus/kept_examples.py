"""The examples that a scan kept of a head: its strongest edges, and some of each decile."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.integers import as_integer
from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.example import Example, Rank
from attention_widget.corpus.findings import Scanned
from attention_widget.corpus.kept_texts import Place
from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.trace.kind import Kind, check_kind

_OF_A_DECILE: Final = 2
"""Examples of each decile."""


def row_of(scanned: Scanned, layer: int, head: int, kind: Kind | None) -> int:
    """The row of a head among all heads of a scan.

    Raises:
        LookupError: there is no such head.
        ValueError: both an encoder and a decoder have the layer, and ``kind`` is not given.
    """
    if kind is not None:
        check_kind(kind)
    wanted = as_integer(layer), as_integer(head)
    own = () if None in wanted else scanned.rows.get(wanted, ())  # type: ignore[arg-type]
    rows = [row for row in own if kind in (None, scanned.kinds[row])]
    if len(rows) > 1:
        kinds = " and ".join(scanned.kinds[row] for row in rows)
        raise InvalidValueError(
            f"kind must be given, as {kinds} have a layer {layer} with a head {head}"
        )
    if not rows:
        of = f" of {kind} attention" if kind else ""
        raise NotFoundError(
            f"there must be such a head: {scanned.model_name} was scanned in layers "
            f"{min(scanned.layers, default=0)}–{max(scanned.layers, default=0)}, got layer "
            f"{layer!r}, head {head!r}{of}"
        )
    return rows[0]


def examples_of(held: Accumulator, row: int) -> list[Example]:
    """Those of a head: its strongest edges, strongest first, then those of each decile."""
    top, sample = held.strongest, held.sample
    found: list[Example] = []
    for rank in range(top.count):
        number = int(top.numbers[row, rank])
        if number >= 0:
            place = number, int(top.pieces[row, rank])
            edge = top.weights[row, rank], top.queries[row, rank], top.keys[row, rank]
            found.append(_example(held, row, place, *edge, "top", top.rows[row, place]))
    deciles = sample.deciles(row)
    for decile in sorted(deciles):
        for place in deciles[decile][:_OF_A_DECILE]:
            text = sample.texts[place]
            edge = text.weights[row], text.queries[row], text.keys[row]
            found.append(_example(held, row, place, *edge, decile, text.rows[row]))
    return found


def _example(
    held: Accumulator,
    row: int,
    place: Place,
    weight: np.float32,
    query: np.int32,
    key: np.int32,
    rank: Rank,
    weights: NDArray[np.float32],
) -> Example:
    scanned, text = held.scanned, held.texts[place]
    return Example(
        kind=scanned.kinds[row],
        layer=scanned.layers[row],
        head=scanned.heads[row],
        number=place[0],
        piece=place[1],
        text=text.read_text(),
        tokens=text.read_labels(),
        token_ids=text.read_ids(),
        query=int(query),
        key=int(key),
        weight=float(weight),
        rank=rank,
        row=weights.copy(),
    )
