"""What a model predicts before and after edits, of the logits that an outcome holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch

from attention_widget.experiments.outcome import Outcome
from attention_widget.experiments.predictions import Floats, Predictions, measured
from attention_widget.experiments.subject import Subject
from attention_widget.experiments.vocabulary import texts_of

_CHUNK = 64  # positions


def predictions_after(
    lab: Subject, outcome: Outcome, before: Predictions
) -> tuple[Predictions, Floats]:
    """The predictions of the pass with edits, at the positions of those before, and the
    probabilities (position, k) that are left to the candidates from before."""
    rows = list(before.positions) or [0]
    at = [outcome.positions.index(row) for row in rows] if before.positions else [0]
    apart = getattr(lab.tracer.model.config, "problem_type", None)
    k = before.ids.shape[1]

    def logits() -> Iterator[torch.Tensor]:
        for start in range(0, len(at), _CHUNK):
            yield torch.from_numpy(outcome.after[at[start : start + _CHUNK]])

    found = measured(
        logits(),
        k,
        before.actual_ids.tolist(),
        before.ids.tolist(),
        apart=apart == "multi_label_classification",
    )
    if before.predicts in ("class", "class of token"):
        labels = lab.tracer.model.config.id2label or {}
        names = [str(labels.get(id, id)) for id in found.ids.reshape(-1).tolist()]
    else:
        names = texts_of(found.ids.reshape(-1).tolist(), lab.tracer.tokenizer)
    after = replace(
        before,
        ids=found.ids,
        tokens=tuple(tuple(names[i : i + k]) for i in range(0, len(names), k)),
        probabilities=found.probabilities,
        log_probability=found.log_probability,
        rank=found.rank,
        entropy=found.entropy,
    )
    return after, found.followed_probabilities
