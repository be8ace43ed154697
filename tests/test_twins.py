"""What both languages compute, they compute alike: the cases in tests/golden/ hold both to it.

``PYTHONPATH=tests python tests/test_twins.py`` writes them anew; tests/js/twins.test.ts reads them
too.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
import pytest
from support.traces import encoder_decoder, trace, trace_of
from support.wire import decode_levels

from attention_widget.contrast.tensors import received_means
from attention_widget.export import rounding
from attention_widget.measures import (
    DETECTORS,
    LABELS,
    answer_queries,
    attention_received,
    cosine_to_mean,
    head_labels,
    min_max,
    norms,
    previous_cosine,
    thumbnails,
)
from attention_widget.measures.detectors import FEWEST_QUERIES
from attention_widget.measures.differences import (
    count_lost,
    difference_edges,
    difference_margins,
    difference_thumbnails,
    difference_tile,
)
from attention_widget.measures.edges import strongest_edges
from attention_widget.measures.heatmaps import Scale, Together, map_margins, map_tile
from attention_widget.measures.own_tokens import own_queries
from attention_widget.measures.pooled_matrix import pooled_matrix
from attention_widget.protocol.keys import TENSORS, read_key, split_pass, write_key
from attention_widget.trace.block import Array
from attention_widget.trace.calculation_steps import STEPS
from attention_widget.trace.grouping import Grouped
from attention_widget.trace.kind import Kind
from attention_widget.widget.address import in_layer, of_other_texts

GOLDEN = Path(__file__).with_name("golden")

Case = dict[str, Any]


def some_maps(heads: int = 3, size: int = 9, seed: int = 5) -> Array:
    """Weights whose sums are exact, on every machine and in every order."""
    drawn = np.random.default_rng(seed).integers(1, 400, (heads, size, size))
    maps: Array = np.asarray(drawn**2 / 2**20, np.float32)
    return maps


def with_nan(maps: Array) -> Array:
    """A row of NaN, a single one, and a row of nothing."""
    lost: Array = maps.copy()
    lost[0, 4] = lost[1, 1, 2] = np.nan
    lost[1, 3] = 0
    return lost


def keys() -> list[Case]:
    valid = [
        "attention/encoder/0",
        "window/3/attention/decoder/12",
        "grouped/words/show/attention_row/cross/4/7",
        "grouped/passages/show/attention_row/decoder/4/7",
        "window/0/grouped/tokens/renormalise/attention_row/encoder/4/7,8,9",
        "attention_received/cross/0",
        "count_nan/encoder/0",
        "edges/encoder/4/each/0/0.95/0/all",
        "grouped/words/hide/edges/encoder/4/mean/0,11,3/1/1e-7/a_b",
        "thumbnails/decoder/1",
        "summaries/decoder/1",
        "map_tile/encoder/0/maximum/1,0/share/16/2/3",
        "map_margins/encoder/0/mean/5",
        "query/encoder/0/1",
        "key/encoder/0/1",
        "scores/encoder/0/1/2",
        "calculation/decoder/0/1/q_rotated",
        "mask/cross/999999999",
        "largest/tokens/renormalise",
        "hidden_states/decoder/13",
        "image",
    ]
    edits = '[{"edit":"head_off","layer":1}]'
    passes = [
        f"after/{edits}/mask/encoder/0",
        f"difference/{edits}/grouped/words/hide/attention_row/encoder/4/7",
        f"difference/{edits}/largest/words/hide",
    ]
    malformed = [
        *("", "/", "values/encoder/0", "image/0", "constructor/encoder/0", "__proto__"),
        *("attention", "attention/encoder", "attention/encoder/0/1", "attention/self/0"),
        *("attention/encoder/-1", "attention/encoder/ 1", "attention/encoder/1.0"),
        *("attention/encoder/01", "attention/encoder/1234567890", "attention/encoder/\u0661"),
        *("attention_row/encoder/0/", "attention_row/encoder/0/1,", "attention_row/encoder/0/1,x"),
        *("calculation/encoder/0/1/attention", "calculation/encoder/0/1/constructor"),
        *("query/encoder/0/1,2", "hidden_states/encoder/0\n"),
        *("edges/encoder/0/sum/1/1/0/all", "edges/encoder/0/each/1/1/0/c_d"),
        *("edges/encoder/0/each/1/1.5/0/all", "edges/encoder/0/each/1/nan/0/all"),
        *("edges/encoder/0/each/1/1/-0/all", "edges/encoder/0/each/1/1/0x1/all"),
        *("map_tile/encoder/0/mean/1/weight/1/0", "map_tile/encoder/0/mean/1/logit/1/0/0"),
        *("largest/words", "largest/letters/show", "grouped/words/show/largest/words/show"),
        *("window/1", "window/x/attention/encoder/0", "window/0/image"),
        *("window/0/window/1/attention/encoder/0", "grouped/words/show/window/0/mask/encoder/0"),
        *("grouped/words/attention/encoder/0", "grouped/letters/show/attention/encoder/0"),
        *("grouped/words/drop/attention/encoder/0", "grouped/words/show/hidden_states/encoder/0"),
    ]
    cases: list[Case] = [{"text": text, "key": None} for text in malformed]
    for text in valid + passes:
        shown, edits, plain = split_pass(text)
        key = read_key(plain)
        axes: Case = dict(zip(TENSORS[key.name], key.axes, strict=True))
        if "layer" in axes:
            grouping = {"units": key.units, "special": key.special}
            axes |= {"window": key.window, "grouping": grouping}
        if shown != "before":
            axes |= {"pass": edits} | ({"difference": True} if shown == "difference" else {})
        cases.append({"text": text, "key": {"name": key.name, **axes}})
    return cases


def differences() -> list[Case]:
    """Maps of two passes and what is made of their difference."""
    before = some_maps(3, 9)
    after = before.copy()
    after[1:] = some_maps(2, 9, seed=6)
    after[1, 4] = before[1, 4]
    long_before, long_after = some_maps(1, 35), some_maps(1, 35, seed=7)
    lost = with_nan(some_maps(3, 9, seed=8))
    given: list[tuple[Array, Array, list[int]]] = [
        (before, after, [0, 1, 2]),
        (before, after, [2]),
        (before, lost, [0, 1]),
        (before, before, [0, 1, 2]),
        (long_before, long_after, [0]),
    ]
    choices: list[dict[str, Any]] = [
        {"combine": "each", "top_p": 0.95, "threshold": 0, "most": 60},
        {"combine": "each", "top_p": 1, "threshold": 0.01, "most": 20},
        {"combine": "mean", "top_p": 0.5, "threshold": 0, "most": 60},
        {"combine": "maximum", "top_p": 1, "threshold": 0, "most": 7},
    ]
    cases = []
    for was, now, heads in given:
        n = was.shape[1]
        pair = trace_of(was, [None] * n), trace_of(now, [None] * n)
        lines = []
        for choice in choices:
            most = choice["most"]
            asked = {key: value for key, value in choice.items() if key != "most"}
            found = difference_edges(pair, 0, heads, segments="all", most=most, **asked)
            lines.append(
                {
                    **choice,
                    "lines": found.lines.tolist(),
                    "left_out": found.left_out,
                    "attention": found.attention,
                }
            )
        tiles = [
            {
                "together": together,
                "scale": scale,
                "pooling": pooling,
                "tile": difference_tile(pair, 0, heads, together, scale, pooling, 0, 0).tolist(),
            }
            for together in get_args(Together)
            for scale in get_args(Scale)
            for pooling in (1, 4)
        ]
        cases.append(
            {
                "before": was.tolist(),
                "after": now.tolist(),
                "heads": heads,
                "edges": lines,
                "tiles": tiles,
                "margins": difference_margins(pair, 0, heads, "maximum").tolist(),
                "thumbnails": difference_thumbnails(pair, 0, queries=range(n)).tolist(),
                "lost": count_lost(pair, 0).tolist(),
            }
        )
    return cases


def edges() -> list[Case]:
    """Maps, choices, and the lines."""
    made = np.random.default_rng(5)
    some = made.integers(1, 400, (3, 9, 9)) ** 2 / 2**20  # exact on every machine
    causal = np.tril(some)
    equal = made.integers(0, 3, (2, 6, 6)) / 8
    lost = some.copy()
    lost[1, 4] = np.nan
    lost[2, 3] = 0
    parts = [None, 0, 0, 0, None, 1, 1, 1, None]
    plain: dict[str, Any] = {
        "combine": "each",
        "top_p": 0.95,
        "threshold": 0,
        "segments": "all",
        "most": 1000,
    }
    given: list[tuple[Any, list[int], dict[str, Any]]] = [
        (some, [0, 1, 2], {}),
        (some, [2, 0], {"top_p": 0.5}),
        (some, [1], {"top_p": 1, "threshold": 0.1}),
        (some, [0, 1, 2], {"combine": "mean"}),
        (some, [0, 2], {"combine": "maximum", "top_p": 0.8}),
        (some, [0, 1, 2], {"segments": "a_b"}),
        (some, [0, 1, 2], {"segments": "b_b", "combine": "mean"}),
        (some, [0, 1, 2], {"most": 20}),
        (causal, [0, 1, 2], {"top_p": 0.9}),
        (equal, [0, 1], {"top_p": 0.5}),
        (equal, [0, 1], {"top_p": 0, "most": 7}),
        (equal, [1, 0], {"top_p": 1, "most": 11}),
        (lost, [0, 1, 2], {"top_p": 0.7}),
        (lost, [0, 1], {"combine": "mean", "top_p": 0.7}),
        (lost, [1, 2], {"combine": "maximum", "top_p": 0.7}),
    ]
    cases = []
    for maps, heads, change in given:
        choices = plain | change
        single = maps.astype(np.float32)
        keys = parts[: single.shape[2]]
        found = strongest_edges(trace_of(single, keys), 0, heads, **choices)
        cases.append(
            {
                "maps": single.tolist(),
                "parts": keys,
                "heads": heads,
                **choices,
                "lines": found.lines.tolist(),
                "left_out": found.left_out,
            }
        )
    return cases


def heatmaps() -> list[Case]:
    """Tiles of maps of heads together, and their margins."""
    cases = []
    for maps in (some_maps(), with_nan(some_maps()), np.tril(some_maps(2, 5))):
        given = trace_of(maps)
        for heads, how in (([0, 1], "mean"), ([1, 0], "maximum"), ([1], "mean")):
            tiles: list[Case] = [
                {"scale": scale, "pooling": pooling, "tile": tile.tolist()}
                for scale, pooling in itertools.product(("weight", "share"), (1, 2, 4))
                for tile in [map_tile(given, 0, heads, how, scale, pooling, 0, 0)]  # type: ignore[arg-type]
            ]
            margins = map_margins(given, 0, heads, how)  # type: ignore[arg-type]
            of = {"maps": maps.tolist(), "heads": heads, "together": how}
            cases.append({**of, "tiles": tiles, "margins": margins.tolist()})
    return cases


def small_pictures() -> list[Case]:
    given = [some_maps(2, 5), with_nan(some_maps(2, 7)), some_maps(1, 45)]
    given.append((np.arange(2 * 32 * 32).reshape(2, 32, 32) / 2048).astype(np.float32))
    return [
        {"maps": maps.tolist(), "pictures": thumbnails(trace_of(maps), 0).tolist()}
        for maps in given
    ]


def padded() -> list[Case]:
    """Rows of a batch, padded on the right and on the left: what padding has no part in."""
    cases: list[Case] = []
    maps, after = some_maps(2), some_maps(2, seed=6)
    n = maps.shape[1]
    for fillers in ((n - 1, n - 2, n - 3), (0, 1)):
        given, changed = (
            replace(
                made,
                tokens=tuple(
                    replace(token, padding=index in fillers, special=index in fillers)
                    for index, token in enumerate(made.tokens)
                ),
            )
            for made in (trace_of(maps), trace_of(after))
        )
        of: Case = {"maps": maps.tolist(), "after": after.tolist()}
        of["padding"] = [token.padding for token in given.tokens]
        edges = strongest_edges(given, 0, [0, 1], top_p=0.9)
        cases.append(
            {
                **of,
                "pictures": thumbnails(given, 0).tolist(),
                "changes": difference_thumbnails(
                    (given, changed), 0, queries=own_queries(given, 0)
                ).tolist(),
                "received": attention_received(given, 0).tolist(),
                "margins": map_margins(given, 0, [0, 1], "mean").tolist(),
                "lines": edges.lines.tolist(),
                "attention": edges.attention,
                "answered_at": answer_queries(given),
            }
        )
    return cases


def labels() -> list[Case]:
    """What heads are called by their scores: none, one, several, at and below thresholds."""
    drawn = np.random.default_rng(3).choice([0, 0.1, 0.45, 0.55, 0.7, 0.85, 1], (60, len(LABELS)))
    rows = drawn * np.random.default_rng(4).choice([0, 0, 1], drawn.shape)
    at = np.diag([DETECTORS[name].threshold or 0 for name in LABELS])
    below = np.maximum(at - np.eye(len(LABELS)) / 1000, 0)
    unknown = np.where(rows[:8] == 0, np.nan, rows[:8])
    scores = np.concatenate([rows, at, below, unknown]).astype(np.float32)
    cases: list[Case] = []
    for queries in (FEWEST_QUERIES - 1, FEWEST_QUERIES):
        found = head_labels(dict(zip(LABELS, scores.T, strict=True)), queries)
        for row, label in zip(scores.tolist(), found.tolist(), strict=True):
            known = dict(zip(LABELS, row, strict=True))
            cases.append({"scores": known, "queries": queries, "label": label})
    return cases


def lacking(maps: Array, token: int) -> Array:
    """Maps of a pass that has not this token, beside another that has."""
    placed: Array = maps.copy()
    placed[:, token] = placed[:, :, token] = np.nan
    return placed


def placed() -> list[Case]:
    """Two passes that each lack tokens of the other: what keys receive, and its difference."""
    before, after = lacking(some_maps(2), 3), lacking(lacking(some_maps(2, seed=6), 4), 7)
    pair = trace_of(before), trace_of(after)
    margins = [
        {
            "heads": heads,
            "together": how,
            "margins": difference_margins(pair, 0, heads, how, leaves_out=True).tolist(),
        }
        for heads, how in cast(
            "list[tuple[list[int], Together]]",
            [([1], "mean"), ([0, 1], "mean"), ([1, 0], "maximum")],
        )
    ]
    received = [received_means(each, "encoder", 0).tolist() for each in pair]
    change = np.array(received[1], np.float32) - np.array(received[0], np.float32)
    case = {"before": before.tolist(), "after": after.tolist(), "margins": margins}
    return [{**case, "received": received, "change": change.tolist()}]


def grouped() -> list[Case]:
    """Attention between groups of tokens; some are in none."""
    queries, keys = ((0,), (1, 2, 3), (5, 6)), ((1,), (2, 3), (4,), (7, 8))
    cases = []
    for maps in (
        some_maps(),
        with_nan(some_maps()),
        np.tril(some_maps(2)),
        lacking(some_maps(2), 4),
    ):
        for renormalise in (False, True):
            made = Grouped(trace_of(maps).maps[0], queries, keys, renormalise)
            cases.append(
                {
                    "maps": maps.tolist(),
                    "queries": queries,
                    "keys": keys,
                    "renormalise": renormalise,
                    "weights": made.attention().tolist(),
                }
            )
    return cases


def vectors() -> list[Case]:
    """Of words: their vectors, norms and cosines."""
    hidden = np.random.default_rng(2).integers(-30, 30, (7, 5)) / 8
    hidden[4] = 0
    units, special = [[0], [1, 2], [3], [4], [5, 6]], [True, False, False, False, False]
    words = np.array([hidden[unit].mean(0) for unit in units], np.float32)
    return [
        {
            "hidden": hidden.tolist(),
            "units": units,
            "special": special,
            "vectors": words.tolist(),
            "norms": norms(words).tolist(),
            "previous_cosine": previous_cosine(words, special).tolist(),
            "min_max": min_max(previous_cosine(words, special), special).tolist(),
            "min_max_norms": min_max(norms(words), special).tolist(),
            "cosine_to_mean": [
                {"targets": targets, "cosines": cosine_to_mean(words, targets).tolist()}
                for targets in ([1], [0, 2], [4, 1, 2], [3])
            ],
        }
    ]


def levels() -> list[Case]:
    """Attention as a saved page holds it, and what comes back."""
    cases = []
    for maps in (some_maps(2, 12), with_nan(some_maps(2, 12)), np.tril(some_maps(2, 12, 8))):
        weights = maps[1] / np.maximum(1, maps[1].sum(1, keepdims=True))
        for marked in ([], [0, 11]):
            special, fine = np.zeros(12, np.bool_), np.zeros(12, np.bool_)
            special[marked], fine[[3, 4, 5]] = True, bool(marked)
            data = rounding.encode_levels(weights, special, fine)
            found = decode_levels(data, (12, 12), special, fine)
            cases.append(
                {
                    "data": base64.b64encode(data).decode(),
                    "special": marked,
                    "fine": np.flatnonzero(fine).tolist(),
                    "weights": np.round(found.astype(np.float64), 7).tolist(),
                }
            )
    return cases


def choices() -> list[Case]:
    """What follows from a choice of another kind of attention, or of another layer."""
    cases = []
    tokens = {"token": 1, "key_token": 2, "pinned": [3, 0]}
    for shown in (trace((4, 4, 2)), encoder_decoder()):
        layers = {kind: shown.layers_with_attention(kind) for kind in shown.kinds}
        count = {
            kind: [shown.count_heads(layer, kind) or None for layer in range(max(have) + 1)]
            for kind, have in layers.items()
        }
        places = [(kind, layer) for kind, have in layers.items() for layer in have]
        for kind, layer in places:
            changes: list[Case] = [{"layer": other} for other in layers[kind] if other != layer]
            changes += [{"attention_kind": other} for other in shown.kinds if other != kind]
            all_heads = list(range(shown.count_heads(layer, kind)))
            some_heads: list[list[int]] = [[], all_heads[1:], all_heads[2:], all_heads]
            last = layers[kind][-1]
            pairs = [(layer, 0), (last, shown.count_heads(last, kind) - 1)]
            for change, heads in itertools.product(changes, some_heads):
                before = {"attention_kind": kind, "layer": layer, "heads": heads, **tokens}
                before["head_pairs"] = pairs if heads else []
                now = before | change
                after = now | in_layer(shown, before, now)
                if now["attention_kind"] != kind:
                    after |= of_other_texts(shown, cast(Kind, now["attention_kind"]), kind)
                cases.append(
                    {
                        "layers": count,
                        "has_target": shown.target is not None,
                        "before": before,
                        "change": change,
                        "after": after,
                    }
                )
    return cases


def calculation() -> list[Case]:
    """The steps of a head's calculation, in order, with the axes of their matrices."""
    return [
        {"name": name, "rows": facts.rows, "columns": facts.columns}
        for name, facts in STEPS.items()
    ]


def pooled() -> list[Case]:
    """Matrices, pooled: of any size, with hidden and unknown places, and equally far numbers."""
    some = some_maps(1, 9)[0] - np.float32(0.05)
    lost = some.copy()
    lost[2, 3] = np.nan
    causal = np.where(np.tri(9, dtype=np.bool_), some, -np.inf).astype(np.float32)
    infinite = causal.copy()
    infinite[4, 1] = np.inf
    equal = np.array([[-2, 2, 1], [2, -2, -1], [0, 0, -np.inf]], np.float32)
    return [
        {
            "values": [[str(value) for value in row] for row in values.tolist()],
            "down": down,
            "across": across,
            "pooled": [
                [str(v) for v in row] for row in pooled_matrix(values, down, across).tolist()
            ],
        }
        for values in (some, lost, causal, infinite, equal, some[:1])
        for down, across in ((1, 1), (2, 2), (3, 4), (1, 5), (16, 16))
    ]


TWINS: dict[str, Callable[[], list[Case]]] = {
    "keys": keys,
    "edges": edges,
    "differences": differences,
    "heatmaps": heatmaps,
    "thumbnails": small_pictures,
    "padded": padded,
    "labels": labels,
    "grouped": grouped,
    "placed": placed,
    "vectors": vectors,
    "levels": levels,
    "choices": choices,
    "calculation": calculation,
    "pooled": pooled,
}


def written(name: str) -> str:
    cases = (json.dumps(case).replace("NaN", "null") for case in TWINS[name]())
    return "[\n" + ",\n".join(cases) + "\n]\n"


@pytest.mark.parametrize("name", TWINS)
def test_what_the_browser_is_held_to_is_what_python_finds(name: str) -> None:
    assert (GOLDEN / f"{name}.json").read_text(encoding="utf-8") == written(name)


@pytest.mark.parametrize("case", keys(), ids=lambda case: case["text"] or "nothing")
def test_a_key_is_read_and_written(case: Case) -> None:
    if case["key"] is None:
        with pytest.raises(ValueError, match=r"a tensor's key must be"):
            read_key(case["text"])
    else:
        plain = split_pass(case["text"])[2]
        assert write_key(read_key(plain)) == plain


if __name__ == "__main__":
    for twin in TWINS:
        (GOLDEN / f"{twin}.json").write_text(written(twin), encoding="utf-8")
