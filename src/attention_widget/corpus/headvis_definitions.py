"""The metrics of HeadVis by its own definitions, where those of this package are others.

Luger, Kamath et al. 2026 (https://transformer-circuits.pub/2026/headvis); the definitions stand in
``data_pipeline.py`` of https://github.com/anthropics/headvis, and in Neuronpedia's
``utils/neuronpedia-utils/neuronpedia_utils/headvis/README.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.atlas_table import AtlasTable
from attention_widget.corpus.summaries import Own
from attention_widget.measures.chunks import in_chunks
from attention_widget.trace.grouping import Operation
from attention_widget.trace.token import Token

Float = NDArray[np.float64]

SQUARES: Final = "qk_distance_squared"
INDUCTION: Final = "induction_score"
VARIANCE: Final = "qk_distance_variance"

METRICS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "self_attention_score": (
            "self",
            "Mean attention from each query to itself, the diagonal.",
        ),
        "previous_token_score": (
            "previous",
            "Mean attention to the token just before, the first subdiagonal.",
        ),
        "pattern_entropy": (
            "entropy",
            "Mean Shannon entropy, in nats, of the attention of each query.",
        ),
        "qk_distance": ("distance", "Mean |q - k|, weighted by attention."),
        VARIANCE: (
            SQUARES,
            "Variance of |q - k|, weighted by attention, over all queries of the corpus.",
        ),
        INDUCTION: (
            INDUCTION,
            "The attention from a query to what followed each earlier token that is the same, "
            "summed; the mean over the queries that have such a token.",
        ),
    }
)
"""The six by name: which summary of an atlas each follows from, and what it is."""


def _squares(block: Operation) -> Float:
    """The mean square of the distance of each query (head, query)."""
    found = np.full((block.n_heads, block.n_queries), np.nan)
    for heads, queries, weights in in_chunks(block):
        away = np.abs(queries[:, None] - np.arange(weights.shape[-1])).astype(np.float64)
        total = weights.sum(-1, dtype=np.float64)
        sums = np.einsum("hqk,qk->hq", weights.astype(np.float64), away * away)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[np.ix_(np.array(heads), queries)] = np.where(total > 0, sums / total, np.nan)
    return found


def _induction(block: Operation, tokens: Sequence[Token]) -> Float:
    """The attention of each query (head, query) to what followed earlier tokens of its id, NaN
    where there is none."""
    ids = np.array([-1 if token.id is None else token.id for token in tokens])
    own = np.array([not token.padding for token in tokens])
    earlier = (ids[:, None] == ids) & own & own[:, None] & (ids >= 0)
    earlier &= np.arange(len(ids)) < np.arange(len(ids))[:, None]
    follows = np.zeros_like(earlier)
    follows[:, 1:] = earlier[:, :-1]
    found = np.full((block.n_heads, block.n_queries), np.nan)
    rows = np.flatnonzero(follows.any(-1))
    for heads, queries, weights in in_chunks(block, queries=rows):
        summed = np.where(follows[queries], weights, 0).sum(-1, dtype=np.float64)
        found[np.ix_(np.array(heads), queries)] = np.where(weights.sum(-1) > 0, summed, np.nan)
    return found


HEADVIS: Final[Mapping[str, Own]] = MappingProxyType({SQUARES: _squares, INDUCTION: _induction})
"""What a scan counts for the two metrics of HeadVis whose definitions are not this package's:
``scan(model, texts, summaries=[*measures.HEAD_SUMMARIES, HEADVIS])``."""


def headvis_metrics(atlas: AtlasTable) -> dict[str, Float]:
    """The six metrics of HeadVis (head,) by its names, as far as an atlas has what they follow
    from.

    With the weights ``a[q, k]`` of a head, over all queries q of the corpus:

    - self_attention_score: the mean of ``a[q, q]``; this package's ``self``.
    - previous_token_score: the mean of ``a[q, q - 1]``; ``previous``.
    - pattern_entropy: the mean of ``-Σₖ a ln a``, in nats; ``entropy``.
    - qk_distance: the mean of ``d = Σₖ a |q - k|``; ``distance``.
    - qk_distance_variance: ``mean(Σₖ a |q - k|²) - mean(d)²``, of all queries at once. This
      package's ``distance_variance`` is within a query: ``mean(Σₖ a (|q - k| - d)²)``, which is
      less by the variance of d. It needs ``HEADVIS`` in the scan.
    - induction_score: the mean of ``Σ a[q, j + 1]`` over the j before q of the same id, over the
      queries that have such a j. This package's ``induction`` leaves out special tokens, and j + 1
      where it is q itself, and in an encoder counts later tokens too. It needs ``HEADVIS``.
      Neuronpedia sets weights below 0.01 to 0 first; HeadVis does not, nor does this.

    Of a model with attention sinks the entropy and the distances are of the weights divided by
    their sum.

    >>> from attention_widget.corpus import headvis_metrics
    >>> list(headvis_metrics(atlas))  # of a scan without HEADVIS
    ['self_attention_score', 'previous_token_score', 'pattern_entropy', 'qk_distance']
    """
    columns = atlas.columns
    found: dict[str, Float] = {}
    for name, (summary, _) in METRICS.items():
        if summary not in atlas.names or (name == VARIANCE and "distance" not in atlas.names):
            continue
        values = columns[summary]
        found[name] = values - columns["distance"] ** 2 if name == VARIANCE else values
    return found
