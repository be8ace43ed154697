"""Every head of a trace with its numbers, and what it does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attention_widget.errors import NotFoundError
from attention_widget.measures.detectors import HEAD_SUMMARIES, labels_of
from attention_widget.measures.own_tokens import own_queries
from attention_widget.measures.summaries import head_summaries
from attention_widget.trace.kind import KINDS
from attention_widget.trace.trace import Trace


def head_table(trace: Trace) -> dict[str, NDArray[Any]]:
    """Every head with its summaries: a column (head,) for each of ``HEAD_SUMMARIES``.

    The columns ``kind`` ("encoder", "decoder" or "cross"), ``layer`` and ``head`` say which head a
    row is of, and ``label`` what the head does where a detector is sure, else "": see
    :func:`head_labels`. :meth:`Trace.heads` gives them as a data frame.

    >>> from attention_widget import from_attentions
    >>> maps = [[[1, 0], [1, 0]], [[1, 0], [0, 1]]]  # two heads: the first token, the same one
    >>> table = head_table(from_attentions([[maps]], ["a", "novel"]))
    >>> table["head"], table["self"]
    (array([0, 1]), array([0.5, 1. ], dtype=float32))

    Raises:
        LookupError: the text was read in windows; each has a table of its own.
    """
    if trace.windows:
        raise NotFoundError(
            f"{trace.model_name} read this text in {len(trace.windows)} windows, each with "
            f"attention of its own; ask head_table(trace.window(token).trace)"
        )
    held = sorted(trace.operations, key=lambda one: (KINDS.index(one.kind), one.layer))
    counts = [one.n_heads for one in held]
    numbers = [head_summaries(trace, one.layer, one.kind) for one in held]
    none = np.zeros((len(HEAD_SUMMARIES), 0), np.float32)
    columns = np.concatenate([none, *numbers], axis=1)
    labels = [
        labels_of(of, len(own_queries(trace, one.layer, one.kind)) * (one.kind != "cross"))
        for one, of in zip(held, numbers, strict=True)
    ]
    return {
        "kind": np.repeat([one.kind for one in held], counts),
        "layer": np.repeat(np.array([one.layer for one in held], np.intp), counts),
        "head": np.array([head for count in counts for head in range(count)], np.intp),
        **dict(zip(HEAD_SUMMARIES, columns, strict=True)),
        "label": np.concatenate([labels_of(none, 0), *labels]),
    }
