"""An atlas as the folder that the program of HeadVis shows.

Luger, Kamath et al. 2026 (https://transformer-circuits.pub/2026/headvis). What stands in its files
is said in ``data_pipeline.py`` of https://github.com/anthropics/headvis.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget._util.files import user_path
from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.atlas_table import AtlasTable
from attention_widget.corpus.headvis_definitions import METRICS, SQUARES, headvis_metrics
from attention_widget.corpus.kept_examples import examples_of
from attention_widget.corpus.sampled import DECILES, SCORE_EDGES
from attention_widget.errors import FileMissingError, InvalidValueError, NoFolderError
from attention_widget.measures.detectors import DETECTORS

if TYPE_CHECKING:
    from attention_widget.corpus.example import Example
    from attention_widget.trace.trace import Trace

KEPT_KEYS: Final = 8  # of each query, at most
LEAST: Final = 0.005  # of a weight that is kept
_TOP_TOKENS: Final = 50
_DECIMALS: Final = 4
_STRENGTHS: Final = (0, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 7 / 8, 15 / 16, 1)

Told = dict[str, Any]


def write_headvis(
    atlas: AtlasTable,
    held: Accumulator,
    folder: str | os.PathLike[str],
    model: Any = None,
    tokenizer: Any = None,
) -> None:
    """Write the folder; see :meth:`HeadAtlas.to_headvis`. ``held`` is what the atlas is of."""
    place = _free_place(folder)
    scanned = held.scanned
    if len(set(scanned.kinds)) > 1:
        raise InvalidValueError("atlas must be of one kind of attention: HeadVis names no kinds")
    metrics = _metrics(atlas)
    heads = list(zip(scanned.layers, scanned.heads, strict=True))
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name[:32]}-") as beside:
        made = Path(beside) / "data"
        for name in ("heads", "attributions"):
            (made / name).mkdir(parents=True)
        texts = Path(beside) / "texts"
        texts.mkdir()
        if model is not None:
            _write_texts(held, texts, model, tokenizer)
        for row, (layer, head) in enumerate(heads):
            lines = texts / f"{row}"
            written = lines.read_bytes().splitlines() if lines.exists() else []
            told = [json.loads(line) for line in written]
            _put(made / "heads" / f"L{layer}H{head}.json", _head(held, row, told))
        names = list(metrics)
        rows = [
            {"layer": layer, "head": head, **{name: metrics[name][row] for name in names}}
            for row, (layer, head) in enumerate(heads)
        ]
        _put(made / "scatter_data.json", rows)
        _put(made / "config.json", _config(held, heads, names))
        _put(made / "server_config.json", {})
        _put(made / "attributions" / "manifest.json", {})
        if place.exists():
            place.rmdir()  # it is empty
        made.replace(place)


def _free_place(folder: str | os.PathLike[str]) -> Path:
    place = user_path(folder)
    name = repr(os.fspath(folder))
    if place.exists() and not place.is_dir():
        raise NoFolderError(f"{name} is a file; give the name of a folder")
    if place.exists() and any(place.iterdir()):
        raise InvalidValueError(f"folder must be empty or new, got {name} with files in it")
    if not place.parent.is_dir():
        raise FileMissingError(
            f"cannot write {name}: there is no folder {str(place.parent)!r}; make it"
        )
    return place


def _metrics(atlas: AtlasTable) -> dict[str, list[float | None]]:
    """HeadVis's own by its names, and the other summaries by theirs."""
    found = dict(headvis_metrics(atlas))
    told = {METRICS[name][0] for name in found} | {SQUARES}
    found |= {name: atlas.columns[name] for name in atlas.names if name not in told}
    return {
        name: [round(float(one), _DECIMALS) if np.isfinite(one) else None for one in values]
        for name, values in found.items()
    }


def _config(held: Accumulator, heads: list[tuple[int, int]], names: list[str]) -> Told:
    described = {name: text for name, (_, text) in METRICS.items()}
    described |= {
        name: f"attention-widget: the mean over the queries of {one.definition}. {one.paper}"
        for name, one in DETECTORS.items()
    }
    return {
        "model_name": held.scanned.model_name,
        "heads": [list(each) for each in heads],
        "n_layers": len(set(held.scanned.layers)),
        "n_heads": max(held.scanned.heads, default=-1) + 1,
        "n_intervals": DECILES,
        "metrics": names,
        "metric_descriptions": {
            name: described.get(name, f"A function of the scan, {name}: the mean over the queries.")
            for name in names
        },
        "head_data_pattern": "L{layer}H{head}.json",
        "has_umap": False,
        "umap_heads": [],
        "custom_plots": [
            {"key": "qk_distance_histogram", "label": "Q-K distance"},
            {"key": "histogram", "label": "Strongest edge of each text"},
        ],
        "custom_tables": [
            {"key": "top_query_tokens", "label": "Top query tokens"},
            {"key": "top_key_tokens", "label": "Top key tokens"},
        ],
        "statistics_display": {
            "n_texts": {"label": "Texts of the corpus", "format": "default"},
            "n_samples": {"label": "Texts kept", "format": "default"},
        },
    }


def _write_texts(held: Accumulator, folder: Path, model: Any, tokenizer: Any) -> None:
    """A file for each row of the atlas, with a text's attention in each line: the model reads each
    text once, and one is held at a time."""
    wanted: dict[tuple[int, int], list[tuple[int, Example]]] = {}
    for row, example in _examples(held):
        wanted.setdefault((example.number, example.piece), []).append((row, example))
    for place in sorted(wanted):
        (_, first), *_ = wanted[place]
        trace = first.open(model, tokenizer)
        for row, example in wanted[place]:
            example.check(trace)
            with (folder / f"{row}").open("ab") as file:
                file.write(_json(_sequence(trace, example)) + b"\n")


def _examples(held: Accumulator) -> Iterator[tuple[int, Example]]:
    for row in range(held.scanned.n_heads):
        seen: set[tuple[int, int]] = set()
        for example in examples_of(held, row):
            if (example.number, example.piece) not in seen:  # of the top, and of a decile
                seen.add((example.number, example.piece))
                yield row, example


def _sequence(trace: Trace, example: Example) -> Told:
    """What HeadVis has of a text: the highest weights of each query."""
    weights = trace.attention(example.layer, example.kind, heads=example.head)[0]
    n = len(weights)
    order = np.argsort(-weights, -1, kind="stable")[:, :KEPT_KEYS]
    kept = np.zeros(weights.shape, bool)
    np.put_along_axis(kept, order, True, -1)
    queries, keys = np.nonzero(kept & (weights >= LEAST))
    inner = weights.copy()
    np.fill_diagonal(inner, 0)  # as HeadVis finds the highest: without the diagonal and place 0
    inner[0] = inner[:, 0] = 0
    return {
        "sequence_id": (example.number << 20) + example.piece,
        "interval": DECILES if example.rank == "top" else example.rank,
        "tokens": [(token.lead + token.text) or token.label for token in trace.tokens],
        "attention_indices": (queries * n + keys).tolist(),
        "attention_values": _rounded(weights[queries, keys]),
        "seq_len": n,
        "max_activation": _rounded(inner.max(initial=0))[0],
    }


def _head(held: Accumulator, row: int, texts: list[Told]) -> Told:
    edges = np.searchsorted(SCORE_EDGES, _STRENGTHS[:-1])
    return {
        "sequences": texts,
        "qk_distance_histogram": _distances(texts),
        "top_query_tokens": _top_tokens(texts, of_queries=True),
        "top_key_tokens": _top_tokens(texts, of_queries=False),
        "histogram": {
            "bin_edges": list(_STRENGTHS),
            "bin_values": np.add.reduceat(held.sample.scores[row], edges).tolist(),
        },
        "statistics": {"n_texts": held.n_texts, "n_samples": len(texts)},
    }


def _distances(texts: list[Told]) -> Told:
    """In how many of the pairs that are kept the query and the key are so far apart."""
    away = [abs(place // one["seq_len"] - place % one["seq_len"]) for one, place in _pairs(texts)]
    edges = [0, 1]
    while edges[-1] <= max(away, default=1):
        edges.append(2 * edges[-1])
    return {"bin_edges": edges, "bin_values": np.histogram(away, edges)[0].tolist()}


def _top_tokens(texts: list[Told], of_queries: bool) -> list[Told]:
    """The tokens that most attention comes from, or goes to, in the pairs that are kept."""
    total: dict[str, float] = {}
    for one in texts:
        for place, weight in zip(one["attention_indices"], one["attention_values"], strict=True):
            at = place // one["seq_len"] if of_queries else place % one["seq_len"]
            token = one["tokens"][at]
            total[token] = total.get(token, 0) + weight
    ranked = sorted(total.items(), key=lambda each: (-each[1], each[0]))[:_TOP_TOKENS]
    return [{"token": token, "weight": round(weight, _DECIMALS)} for token, weight in ranked]


def _pairs(texts: list[Told]) -> Iterator[tuple[Told, int]]:
    for one in texts:
        for place in one["attention_indices"]:
            yield one, place


def _rounded(values: NDArray[np.float32]) -> list[float]:
    found: list[float] = np.atleast_1d(np.round(values.astype(np.float64), _DECIMALS)).tolist()
    return found


def _put(path: Path, told: Mapping[str, Any] | list[Any]) -> None:
    path.write_bytes(_json(told) + b"\n")


def _json(told: Any) -> bytes:
    return json.dumps(told, allow_nan=False, separators=(",", ":")).encode()
