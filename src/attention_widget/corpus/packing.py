"""An accumulator as arrays and JSON, and back: what stands in a file is held against what it says
it is, as it may be of anyone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.accumulator import SAMPLED, Accumulator
from attention_widget.corpus.blocks import Blocks
from attention_widget.corpus.findings import Scanned
from attention_widget.corpus.kept_texts import KeptText, KeptTexts, Place
from attention_widget.corpus.sampled import SampledText
from attention_widget.trace.kind import KINDS

_COUNTED: Final = ("n_examples", "n_texts", "n_pieces", "n_tokens")
_EDGES: Final = ("weights", "queries", "keys")
_MOST: Final = 2**16
"""Layers of a model, and heads of a layer: what shows them makes a place for each."""


class MalformedError(Exception):
    """What stands in a file is not what it says it is."""


def pack(held: Accumulator) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What is JSON of it, and its arrays by name; equal accumulators give equal ones."""
    held.sweep()
    described = {
        "scanned": dataclasses.asdict(held.scanned),
        **{name: getattr(held, name) for name in _COUNTED},
        "fingerprint": str(held.fingerprint),
    }
    tensors: dict[str, NDArray[Any]] = {
        "blocks": np.frombuffer(held.blocks.to_bytes(), np.uint8),
        "totals.high": held.totals.high,
        "totals.low": held.totals.low,
        "counts": held.counts,
        "distribution.exponents": held.distribution.exponents,
        **_sparse("distribution.counts", held.distribution.counts),
        **_sparse("sample.scores", held.sample.scores),
    }
    top = held.strongest
    for name in (*_EDGES, "numbers", "pieces"):
        tensors[f"strongest.{name}"] = getattr(top, name)
    places = [
        (head, (int(top.numbers[head, rank]), int(top.pieces[head, rank])))
        for head, rank in np.argwhere(top.numbers >= 0).tolist()
    ]
    tensors |= _joined("strongest.rows", [top.rows[place] for place in places], np.float32)
    sampled = held.sample.in_order()
    tensors |= _places("sample", sampled)
    for name in _EDGES:
        kind = np.float32 if name == "weights" else np.int32
        rows = [getattr(held.sample.texts[place], name) for place in sampled]
        tensors[f"sample.{name}"] = np.array(rows, kind).reshape(-1, held.scanned.n_heads)
    of_texts = [held.sample.texts[place].rows.ravel() for place in sampled]
    tensors |= _joined("sample.rows", of_texts, np.float32)
    kept = list(held.texts)
    tensors |= _places("texts", kept)
    for field in dataclasses.fields(KeptText):
        parts = [np.frombuffer(getattr(held.texts[place], field.name), np.uint8) for place in kept]
        tensors |= _joined(f"texts.{field.name}", parts, np.uint8)
    return described, tensors


def unpack(described: Any, tensors: Mapping[str, NDArray[Any]]) -> Accumulator:
    """MalformedError where a part is missing or does not fit the others."""
    try:
        return _unpacked(described, tensors)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise MalformedError(f"a part is missing or does not fit: {error}") from error


def _unpacked(described: Any, tensors: Mapping[str, NDArray[Any]]) -> Accumulator:
    scanned = _scanned(described["scanned"])
    for name in _COUNTED:
        _must(type(described[name]) is int and described[name] >= 0, name)
    held = Accumulator(scanned, described["n_examples"])
    held.n_texts, held.n_pieces = described["n_texts"], described["n_pieces"]
    held.n_tokens, held.fingerprint = described["n_tokens"], int(described["fingerprint"])
    held.blocks = Blocks.from_bytes(_of(tensors, "blocks", np.uint8).tobytes())
    _fill(held.totals.high, tensors, "totals.high")
    _fill(held.totals.low, tensors, "totals.low")
    _fill(held.counts, tensors, "counts")
    _fill(held.distribution.exponents, tensors, "distribution.exponents")
    _fill_sparse(held.distribution.counts, tensors, "distribution.counts")
    _fill_sparse(held.sample.scores, tensors, "sample.scores")
    kept = _kept(tensors)
    held.texts = KeptTexts(kept)
    _fill_strongest(held, tensors, kept)
    _fill_sample(held, tensors, kept)
    return held


def _scanned(given: dict[str, Any]) -> Scanned:
    names = {field.name for field in dataclasses.fields(Scanned)}
    _must(given.keys() == names, "scanned")
    found = Scanned(
        model_name=str(given["model_name"]),
        model=str(given["model"]),
        tokenizer=str(given["tokenizer"]),
        kinds=tuple(given["kinds"]),
        layers=tuple(given["layers"]),
        heads=tuple(given["heads"]),
        names=tuple(given["names"]),
        quanta=tuple(given["quanta"]),
        reading=tuple((str(name), str(value)) for name, value in given["reading"]),
    )
    _must(set(found.kinds) <= set(KINDS), "kinds")
    numbers = (*found.layers, *found.heads, *found.quanta)
    _must(all(type(number) is int for number in numbers), "layers, heads and quanta")
    _must(all(type(name) is str for name in found.names), "names")
    _must(len(found.kinds) == len(found.layers) == len(found.heads), "heads")
    places = [*zip(found.kinds, found.layers, found.heads, strict=True)]
    _must(len({*places}) == len(places), "heads, each once")
    within = all(0 <= number < _MOST for number in (*found.layers, *found.heads))
    _must(within, f"layers and heads below {_MOST}")
    _must(len(found.names) == len(found.quanta), "quanta")
    return found


def _kept(tensors: Mapping[str, NDArray[Any]]) -> dict[Place, KeptText]:
    places = _read_places(tensors, "texts")
    fields = [field.name for field in dataclasses.fields(KeptText)]
    parts = [_split(tensors, f"texts.{name}", np.uint8, len(places)) for name in fields]
    kept = {}
    for place, *own in zip(places, *parts, strict=True):
        text = KeptText(*(part.tobytes() for part in own))
        labels = text.read_labels()
        text.read_text()
        _must(len(labels) == text.n_tokens and len(text.token_ids) % 4 == 0, "labels")
        _must(all(type(label) is str for label in labels), "labels")
        kept[place] = text
    return kept


def _fill_strongest(
    held: Accumulator, tensors: Mapping[str, NDArray[Any]], kept: Mapping[Place, KeptText]
) -> None:
    top = held.strongest
    for name in (*_EDGES, "numbers", "pieces"):
        _fill(getattr(top, name), tensors, f"strongest.{name}")
    taken = np.argwhere(top.numbers >= 0).tolist()
    rows = _split(tensors, "strongest.rows", np.float32, len(taken))
    for (head, rank), row in zip(taken, rows, strict=True):
        place = int(top.numbers[head, rank]), int(top.pieces[head, rank])
        _check_edge(kept[place], row, int(top.queries[head, rank]), int(top.keys[head, rank]))
        top.rows[head, place] = row


def _fill_sample(
    held: Accumulator, tensors: Mapping[str, NDArray[Any]], kept: Mapping[Place, KeptText]
) -> None:
    places = _read_places(tensors, "sample")
    _must(len(places) <= SAMPLED * held.n_examples, "sample")
    shape = len(places), held.scanned.n_heads
    kinds = (np.float32, np.int32, np.int32)
    edges = [
        _of(tensors, f"sample.{name}", kind, shape)
        for name, kind in zip(_EDGES, kinds, strict=True)
    ]
    rows = _split(tensors, "sample.rows", np.float32, len(places))
    for place, weights, queries, keys, flat in zip(places, *edges, rows, strict=True):
        own = flat.reshape(shape[1], kept[place].n_tokens)
        for head in range(shape[1]):
            if queries[head] >= 0:
                _check_edge(kept[place], own[head], int(queries[head]), int(keys[head]))
        held.sample.restore(place, SampledText(weights, queries, keys, own))


def _check_edge(text: KeptText, row: NDArray[np.float32], query: int, key: int) -> None:
    n_tokens = text.n_tokens
    _must(len(row) == n_tokens and 0 <= query < n_tokens and 0 <= key < n_tokens, "an example")


def _sparse(name: str, counts: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What is not 0, and where."""
    flat = counts.ravel()
    at = np.flatnonzero(flat)
    return {f"{name}.at": at.astype(np.int64), f"{name}.values": flat[at]}


def _fill_sparse(target: NDArray[Any], tensors: Mapping[str, NDArray[Any]], name: str) -> None:
    at = _of(tensors, f"{name}.at", np.int64)
    values = _of(tensors, f"{name}.values", np.int64, at.shape)
    _must(not len(at) or (at.min() >= 0 and at.max() < target.size), name)
    target.reshape(-1)[at] = values


def _joined(name: str, parts: list[NDArray[Any]], kind: Any) -> dict[str, NDArray[Any]]:
    """Arrays of different lengths behind each other."""
    return {
        name: np.concatenate([np.zeros(0, kind), *parts]).astype(kind, copy=False),
        f"{name}.lengths": np.array([len(part) for part in parts], np.int64),
    }


def _split(
    tensors: Mapping[str, NDArray[Any]], name: str, kind: Any, count: int
) -> list[NDArray[Any]]:
    lengths = _of(tensors, f"{name}.lengths", np.int64, (count,))
    flat = _of(tensors, name, kind)
    _must(bool((lengths >= 0).all()) and int(lengths.sum()) == len(flat), name)
    return np.split(flat, np.cumsum(lengths)[:-1]) if count else []


def _places(name: str, places: list[Place]) -> dict[str, NDArray[Any]]:
    return {
        f"{name}.numbers": np.array([number for number, _ in places], np.int64),
        f"{name}.pieces": np.array([piece for _, piece in places], np.int64),
    }


def _read_places(tensors: Mapping[str, NDArray[Any]], name: str) -> list[Place]:
    numbers = _of(tensors, f"{name}.numbers", np.int64)
    pieces = _of(tensors, f"{name}.pieces", np.int64, numbers.shape)
    return list(zip(numbers.tolist(), pieces.tolist(), strict=True))


def _fill(target: NDArray[Any], tensors: Mapping[str, NDArray[Any]], name: str) -> None:
    target[...] = _of(tensors, name, target.dtype, target.shape)


def _of(
    tensors: Mapping[str, NDArray[Any]], name: str, kind: Any, shape: tuple[int, ...] | None = None
) -> NDArray[Any]:
    found = tensors[name]
    _must(found.dtype == kind, name)
    _must(found.ndim == 1 if shape is None else found.shape == shape, name)
    return found


def _must(is_so: bool, what: str) -> None:
    if not is_so:
        raise MalformedError(f"{what} does not fit")
