"""The six metrics by which Anthropic's HeadVis finds heads, from their written definitions.

Self, previous token, entropy, distance, its variance and induction ("HeadVis", 2026,
https://transformer-circuits.pub/2026/headvis), in plain NumPy on the maps that the model itself
reports in eager mode.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.models import TEXT, tiny, tokenizer

from attention_widget import HeadAtlas, scan
from attention_widget.demo import demo_language_model

Float = NDArray[np.float64]
EVEN = ["attention is a novel idea", "read a good novel about novel"]
UNEVEN = [f"{TEXT} and {TEXT}", "novel idea", "a novel idea and a novel idea and a novel purple"]


def metrics(maps: Float, ids: list[int], special: list[bool], causal: bool) -> dict[str, list[Any]]:
    """The sum over queries and how many there are, of each metric of one head (query, key)."""
    n = len(ids)
    found: dict[str, list[Any]] = {name: [0.0, 0] for name in NAMES}

    def add(name: str, value: float) -> None:
        found[name][0] += value
        found[name][1] += 1

    for q in range(n):
        row = maps[q] / maps[q].sum()
        away = np.array([abs(q - k) for k in range(n)], np.float64)
        add("self", maps[q, q])
        if q:
            add("previous", maps[q, q - 1])
        add("entropy", -sum(p * np.log(p) for p in row if p > 0))
        mean = float((row * away).sum())
        add("distance", mean)
        add("distance_variance", float((row * (away - mean) ** 2).sum()))
        follow = [
            k + 1
            for k in range(n - 1)
            if ids[k] == ids[q] and k != q and (k < q or not causal) and k + 1 != q
            if not special[k + 1]
            if not special[q]
        ]
        if follow:
            add("induction", float(sum(maps[q, k] for k in follow)))
    return found


NAMES = ("self", "previous", "entropy", "distance", "distance_variance", "induction")


def reported(model: Any, tokens: Any, texts: list[str], causal: bool) -> dict[str, Float]:
    """Of every head the mean over all queries of all texts, each read alone in eager mode."""
    model.set_attn_implementation("eager")
    sums: dict[str, list[Float]] = {}
    for text in texts:
        given = tokens(text, return_tensors="pt", return_special_tokens_mask=True)
        special = given.pop("special_tokens_mask")[0].bool().tolist()
        ids = given["input_ids"][0].tolist()
        with torch.no_grad():
            maps = model(**given, output_attentions=True, use_cache=False).attentions
        heads = [metrics(one.double().numpy(), ids, special, causal) for m in maps for one in m[0]]
        for name in NAMES:
            sums.setdefault(name, []).append(np.array([head[name] for head in heads]))
    model.set_attn_implementation("sdpa")
    totals = {name: np.sum(each, 0) for name, each in sums.items()}
    return {name: total[:, 0] / np.maximum(total[:, 1], 1) for name, total in totals.items()}


def assert_near(atlas: HeadAtlas, wanted: dict[str, Float], near: float) -> None:
    for name, values in wanted.items():
        off = np.abs(atlas.columns[name] - values) / np.maximum(1, np.abs(values))
        assert off.max() <= near, (name, off.max())


@pytest.mark.parametrize("texts", [EVEN[:1] * 2, UNEVEN], ids=["unpadded", "padded"])
@pytest.mark.parametrize("family", ["bert", "gpt2", "llama"])
def test_six_metrics(family: str, texts: list[str]) -> None:
    torch.manual_seed(2)
    model: Any = tiny(family).double()  # so that batches round nothing that can be seen
    wanted = reported(model, tokenizer(), texts, family != "bert")
    if texts is not UNEVEN:
        del wanted["induction"]  # these repeat too little
    atlas = scan(model, texts, tokenizer(), progress=False)
    assert_near(atlas, wanted, 1e-6)


@pytest.mark.slow
def test_six_metrics_of_a_trained_model() -> None:
    model, tokens = demo_language_model()
    texts = ["The cat sat on the mat, and the cat sat on the mat again.", "A novel idea, a novel"]
    wanted = reported(model, tokens, texts, True)
    # in single precision a batch rounds otherwise than a text alone, through 30 layers
    assert_near(scan(model, texts, tokens, progress=False), wanted, 1e-5)
