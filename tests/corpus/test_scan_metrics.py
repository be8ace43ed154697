"""The six metrics by which HeadVis finds heads, from their written definitions.

Luger, Kamath et al. 2026 (https://transformer-circuits.pub/2026/headvis). The definitions are those
of the docstring of ``compute_head_metrics`` in the repository anthropics/headvis, in plain NumPy on
the maps that the model itself reports in eager mode:

- self_attention_score: mean of the diagonal
- previous_token_score: mean of the first subdiagonal
- pattern_entropy: mean per-query Shannon entropy
- qk_distance: mean |q - k| weighted by attention mass
- qk_distance_variance: variance of the same
- induction_score: for each q find the j before it with token[j] == token[q], sum A[q, j + 1];
  average over positions, which Neuronpedia takes to be those that have such a j
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from support.models import TEXT, tiny, tokenizer

from attention_widget import HeadAtlas, measures, scan
from attention_widget.corpus import HEADVIS, headvis_metrics
from attention_widget.corpus.headvis_definitions import METRICS
from attention_widget.demo import demo_language_model

Float = NDArray[np.float64]
ALL: list[Any] = [*measures.HEAD_SUMMARIES, HEADVIS]
EVEN = ["attention is a novel idea", "read a good novel about novel"]
UNEVEN = [f"{TEXT} and {TEXT}", "novel idea", "a novel idea and a novel idea and a novel purple"]


def metrics(texts: list[tuple[Float, list[int]]]) -> dict[str, float]:
    """Of one head: its maps (query, key) of each text, and the ids of the text's tokens."""
    diagonal: list[float] = []
    below: list[float] = []
    entropies: list[float] = []
    induction: list[float] = []
    masses: list[float] = []
    distances: list[int] = []
    for maps, ids in texts:
        n = len(ids)
        diagonal += np.diag(maps).tolist()
        below += np.diag(maps, -1).tolist()
        entropies += [-sum(a * np.log(a) for a in row if a > 0) for row in maps]
        for q in range(n):
            masses += maps[q].tolist()
            distances += [abs(q - k) for k in range(n)]
            before = [j for j in range(q) if ids[j] == ids[q] and j + 1 < n]
            if before:
                induction.append(sum(maps[q, j + 1] for j in before))
    mean = np.average(distances, weights=masses)
    return {
        "self_attention_score": float(np.mean(diagonal)),
        "previous_token_score": float(np.mean(below)),
        "pattern_entropy": float(np.mean(entropies)),
        "qk_distance": float(mean),
        "qk_distance_variance": float(
            np.average((np.array(distances) - mean) ** 2, weights=masses)
        ),
        "induction_score": float(np.mean(induction)) if induction else np.nan,
    }


def reported(model: Any, tokens: Any, texts: list[str]) -> dict[str, Float]:
    """Of every head over all texts, each read alone in eager mode."""
    model.set_attn_implementation("eager")
    read: list[tuple[Float, list[int]]] = []  # (head, query, key) of all layers, and ids
    for text in texts:
        given = tokens(text, return_tensors="pt")
        with torch.no_grad():
            maps = model(**given, output_attentions=True, use_cache=False).attentions
        read.append((torch.cat(maps, 1)[0].double().numpy(), given["input_ids"][0].tolist()))
    model.set_attn_implementation("sdpa")
    heads = [metrics([(maps[head], ids) for maps, ids in read]) for head in range(len(read[0][0]))]
    return {name: np.array([head[name] for head in heads]) for name in heads[0]}


def assert_near(atlas: HeadAtlas, wanted: dict[str, Float], near: float) -> None:
    found = headvis_metrics(atlas)
    assert list(found) == list(wanted)
    assert len(wanted) == 6
    for name, values in wanted.items():
        assert np.isfinite(values).any() or name == "induction_score"
        np.testing.assert_allclose(found[name], values, rtol=near, atol=near, err_msg=name)


@pytest.mark.parametrize("texts", [EVEN[:1] * 2, UNEVEN], ids=["unpadded", "padded"])
@pytest.mark.parametrize("family", ["bert", "gpt2", "llama"])
def test_six_metrics(family: str, texts: list[str]) -> None:
    torch.manual_seed(2)
    model: Any = tiny(family).double()  # so that batches round nothing that can be seen
    wanted = reported(model, tokenizer(), texts)
    assert np.isfinite(wanted["induction_score"]).all() == (texts is UNEVEN)
    assert_near(scan(model, texts, tokenizer(), summaries=ALL, progress=False), wanted, 1e-6)


def test_the_variance_is_over_all_queries_and_ours_within_each() -> None:
    atlas = scan(tiny("gpt2"), UNEVEN, tokenizer(), summaries=ALL, progress=False)
    found = headvis_metrics(atlas)
    assert (found["qk_distance_variance"] > atlas.columns["distance_variance"]).all()


def test_without_what_they_follow_from_two_are_missing() -> None:
    atlas = scan(tiny("gpt2"), EVEN, tokenizer(), progress=False)
    assert set(METRICS) - set(headvis_metrics(atlas)) == {"qk_distance_variance", "induction_score"}


@pytest.mark.slow
def test_six_metrics_of_a_trained_model() -> None:
    model, tokens = demo_language_model()
    texts = ["The cat sat on the mat, and the cat sat on the mat again.", "A novel idea, a novel"]
    wanted = reported(model, tokens, texts)
    # in single precision a batch rounds otherwise than a text alone, through 30 layers
    assert_near(scan(model, texts, tokens, summaries=ALL, progress=False), wanted, 1e-5)
