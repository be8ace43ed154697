"""An approximate index beside the exact one, with the recall that was measured."""

from __future__ import annotations

import json
import os
from typing import Any, Final

import numpy as np

from attention_widget._util.files import replacing
from attention_widget.corpus.index_files import told_if_full
from attention_widget.corpus.index_reader import IndexReader
from attention_widget.corpus.match import Matches
from attention_widget.corpus.nearest import Engine, faiss, first_of, nearest_of
from attention_widget.errors import FileMissingError, InvalidValueError
from attention_widget.trace.block import Array

FEWEST: Final = 1000
_NAMES: Final = ("approximate.faiss", "approximate.json")
_QUERIES, _WANTED = 200, 10  # by which recall is measured
_OVERSAMPLED: Final = 10  # candidates for each match, of which the exact scores are computed
_PART: Final = 16_384  # vectors that are added at a time


def made(reader: IndexReader, recall: float) -> float:
    """Make it, and measure the share of the exact nearest that it finds.

    An inverted file (Jégou et al. 2011, https://hal.inria.fr/inria-00514462): vectors stand in
    about 4 √n lists, each by a centre, of which a search reads a few. They are kept in 8 bits
    there, and the best are compared again as the index keeps them.
    """
    if not 0 < recall <= 1:
        raise InvalidValueError(f"recall must be in (0, 1], got {recall!r:.80}")
    content, count = reader.content, reader.content.n_vectors
    library = faiss()
    if count < FEWEST:
        raise InvalidValueError(
            f"an approximate index needs at least {FEWEST:,} vectors, got {count:,}; the exact "
            f"search is fast enough"
        )
    coding, vectors = content.coding, reader.vectors
    n_lists = max(1, min(int(4 * count**0.5), count // 39))  # FAISS asks for 39 vectors a list
    rng = np.random.default_rng(0)
    sample = np.sort(rng.choice(count, min(count, 64 * n_lists), replace=False))
    quantizer = library.IndexFlatIP(content.dim)
    index = library.IndexIVFScalarQuantizer(
        quantizer,
        content.dim,
        n_lists,
        library.ScalarQuantizer.QT_8bit,
        library.METRIC_INNER_PRODUCT,
    )
    index.cp.seed = 0
    index.train(coding.decoded(vectors[sample]))
    for start in range(0, count, _PART):
        index.add(coding.decoded(vectors[start : start + _PART]))
    asked = np.sort(rng.choice(count, min(count, _QUERIES), replace=False))
    queries = coding.decoded(vectors[asked])
    exact = [
        set(nearest_of(vectors, coding, query, _WANTED, "faiss")[0].tolist()) for query in queries
    ]
    n_probe, found = 1, 0.0
    while True:
        index.nprobe = n_probe
        hits = sum(
            len(truth & set(_candidates(reader, index, query, _WANTED)[0].tolist()))
            for query, truth in zip(queries, exact, strict=True)
        )
        found = hits / (_WANTED * len(queries))
        if found >= recall or n_probe >= n_lists:
            break
        n_probe = min(2 * n_probe, n_lists)
    _write(reader, index, {"n_vectors": count, "n_probe": n_probe, "recall": found})
    return found


def searched(reader: IndexReader, vector: Array, n: int, asked: str, engine: Engine) -> Matches:
    """The nearest of those that the approximate index finds, and of all that were added since."""
    index, said = _opened(reader)
    rows, scores = _candidates(reader, index, vector, n)
    known, count = int(said["n_vectors"]), reader.content.n_vectors
    if count > known:
        later, more = nearest_of(reader.vectors[known:], reader.content.coding, vector, n, engine)
        rows, scores = np.concatenate([rows, later + known]), np.concatenate([scores, more])
        rows, scores = first_of(rows, scores, n)
    recall = f"{said['recall']:.0%}"
    how = f"an estimate: recall {recall} of the nearest {_WANTED}, as measured"
    return reader.matches(rows, scores, asked, how)


def _candidates(reader: IndexReader, index: Any, vector: Array, n: int) -> Any:
    """The best of what is found, by their exact scores."""
    found = index.search(vector[None], _OVERSAMPLED * n)[1][0]
    rows = np.sort(found[found >= 0])
    scores = reader.content.coding.decoded(reader.vectors[rows]) @ vector
    return first_of(rows, scores, n)


def _write(reader: IndexReader, index: Any, said: dict[str, Any]) -> None:
    folder = reader.files.folder
    size = index.ntotal * (reader.content.dim + 8)
    with (
        told_if_full(folder, size),
        replacing(folder / _NAMES[0]) as beside,
        replacing(folder / _NAMES[1]) as header,
    ):
        faiss().write_index(index, os.fspath(beside))
        header.write_text(json.dumps(said), encoding="utf-8")


def _opened(reader: IndexReader) -> tuple[Any, dict[str, Any]]:
    places = [reader.files.folder / name for name in _NAMES]
    if not all(place.exists() for place in places):
        raise FileMissingError(
            f"there is no approximate index in {str(reader.files.folder)!r}; make it by "
            f"Index.speed_up(), or search without approximately"
        )
    library = faiss()
    try:
        said = json.loads(places[1].read_text(encoding="utf-8"))
        index = library.read_index(os.fspath(places[0]), library.IO_FLAG_MMAP)
        index.nprobe = int(said["n_probe"])
        if index.ntotal != said["n_vectors"] or index.d != reader.content.dim:
            raise InvalidValueError("another index")
    except (ValueError, LookupError, TypeError, RuntimeError) as error:
        raise InvalidValueError(
            f"the approximate index in {str(reader.files.folder)!r} is damaged; make it anew by "
            f"Index.speed_up()"
        ) from error
    return index, said
