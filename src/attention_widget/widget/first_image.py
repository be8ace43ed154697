"""What a widget shows first of an image: where one token looks, in one head."""

from __future__ import annotations

from typing import Any

import numpy as np

from attention_widget.trace.trace import Trace


def first_image(trace: Trace) -> dict[str, Any]:
    """Where [CLS] looks: its attention over the image in the head where that differs most from
    what the patches look at. Without [CLS] it is the attention of the patch in the middle.

    Of a head with the weights ``a[q, k]`` it is the sum over the patches ``k`` of what
    ``a[token, k]`` is above the mean of ``a[q, k]`` over all ``q``: a patch that takes attention
    from everywhere, as some do in trained models, counts for nothing. Of equal heads it is the
    first.
    """
    token = _token(trace)
    patches = [at for at, one in enumerate(trace.tokens) if one.box is not None and at != token]
    best, most = (trace.operations[0].layer, 0), -1.0
    for one in trace.operations:
        for head in range(one.n_heads):
            weights = one.attention([head])[0]  # (query, key)
            above = weights[token, patches] - weights[:, patches].mean(axis=0)
            if (score := float(np.maximum(above, 0).sum())) > most:
                best, most = (one.layer, head), score
    layer, head = best
    return {"layer": layer, "heads": (head,), "token": token}


def _token(trace: Trace) -> int:
    """[CLS], or the patch whose middle is nearest to that of the image."""
    if trace.tokens[0].special:
        return 0
    assert trace.image is not None
    height, width = trace.image.shape[:2]

    def distance(at: int) -> float:
        box = trace.tokens[at].box
        if box is None:
            return float("inf")
        left, top, right, bottom = box
        return float(((left + right) / width - 1) ** 2 + ((top + bottom) / height - 1) ** 2)

    return min(range(len(trace.tokens)), key=distance)
