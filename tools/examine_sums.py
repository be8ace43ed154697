"""Hold the sums of one tiny language model, of a logit and of a score, against the model's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attention_widget.experiments import Experiment, Logit
from attention_widget.trace.block import Block
from attention_widget.tracing import UnsupportedModelError

_ENTRY, _POSITION = 5, -2


@dataclass
class SumFinding:
    """How far the terms are from what they sum to, relative to the largest of them; or why the
    model is refused."""

    direct: float | None = None  # direct logit attribution
    direct_refusal: str = ""
    score: float | None = None  # q · k of the last layer, by what wrote before it
    score_refusal: str = ""


def examine_sums(lab: Experiment, logits: np.ndarray) -> SumFinding:
    """Split one logit, of the model's own (token, vocabulary), and one score."""
    finding = SumFinding()
    try:
        finding.direct = _direct(lab, float(logits[_POSITION, _ENTRY]))
    except UnsupportedModelError as error:
        finding.direct_refusal = str(error).partition(") ")[2]
    try:
        finding.score = _score(lab)
    except UnsupportedModelError as error:
        finding.score_refusal = str(error).partition(") ")[2]
    return finding


def _direct(lab: Experiment, own: float) -> float:
    split = lab.direct_attribution(Logit(_ENTRY, position=_POSITION))
    for kind, heads in split.heads_by_kind.items():
        there = heads[list(lab.trace.layers_with_attention(kind))]
        if not (np.abs(there) > 0).any(1).all():  # a sum that holds without its heads is none
            return float("inf")
    # a soft cap stands between the sum and the logit, and the gap says how much it takes
    total = float(split.values.astype(np.float64).sum()) + (split.gap if split.capped else 0.0)
    size = max(1.0, float(np.abs(split.values).max()))
    return max(abs(total - own), abs(split.logit - own)) / size


def _score(lab: Experiment) -> float:
    kind = [one for one in lab.trace.kinds if one != "cross"][-1]
    layer = lab.trace.layers_with_attention(kind)[-1]
    split = lab.explain_score(layer, 0, 3, 2, kind=kind)
    block = lab.trace.operation(layer, kind)
    assert isinstance(block, Block)
    own = float(block.scores(0, 3)[0, 0, 2])
    sides = [1.0, *(float(np.abs(side).max()) for side in (split.query_side, split.key_side))]
    return abs(float(split.values.astype(np.float64).sum()) - own) / max(sides)
