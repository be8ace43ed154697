"""The logit lens as a plane of layers and positions: a question, answered layer by layer.

The browser's half is js/trace/lens_plane.ts.
"""

from __future__ import annotations

import numpy as np

from attention_widget.errors import InvalidValueError
from attention_widget.experiments.lens_plane import LensPlane, planes_of
from attention_widget.widget.answers import check_integer, labels_of, numbers
from attention_widget.widget.steps import Answer, Asked, Progress, Steps


def lens_plane(asked: Asked, last: int | None, edits: object = None) -> Steps:
    """What each layer's hidden state says at the last positions, or at all of them, and of what is
    predicted there; with edits in the pass that has them, of what is predicted without them. The
    last layer comes first, and what is known by now after each."""
    if last is not None:
        check_integer("last", last)
        if last < 1:
            raise InvalidValueError(f"last must be 1 or more, got {last}")
    made, lab = asked.edited(edits) if edits else None, asked.experiment()
    count = len(lab.read_tokens)
    at = range(max(0, count - (count if last is None else last)), count)
    if made is None:
        growing = planes_of(lab, at)
    else:
        growing = planes_of(made.comparison, at, lab.predictions(1, at).ids[:, 0].tolist())
    answer: Answer = {}
    for plane in growing:
        answer = _told(plane)
        yield Progress(len(plane.layers), plane.n_layers, answer)
    return answer


def _told(plane: LensPlane) -> Answer:
    ids, place = np.unique(np.concatenate([plane.ids, plane.answer_ids[None]]), return_inverse=True)
    place = place.reshape(-1, len(plane.positions))
    written = {
        id: text
        for row, texts in zip(
            [*plane.ids.tolist(), plane.answer_ids.tolist()],
            [*plane.tokens, plane.answers],
            strict=True,
        )
        for id, text in zip(row, texts, strict=True)
    }
    return {
        "predicts": plane.predicts,
        "n_layers": plane.n_layers,
        "layers": list(plane.layers),
        "positions": list(plane.positions),
        "labels": labels_of([written[id] for id in ids.tolist()]),
        "best": place[:-1].tolist(),
        "probabilities": [numbers(row) for row in plane.probabilities],
        "answers": place[-1].tolist(),
        "answer_probabilities": [numbers(row) for row in plane.answer_probabilities],
        "ranks": plane.answer_ranks.tolist(),
    }
