"""Numbers of a trace: pure functions, each with its formula and source.

>>> from attention_widget import measures
>>> entropy, distance, *_ = measures.head_summaries(trace, layer=3)  # each (head,)
>>> entropy.shape
(12,)
"""

from attention_widget.measures.detectors import (
    DETECTORS,
    HEAD_SUMMARIES,
    LABELS,
    Detector,
    head_labels,
)
from attention_widget.measures.divergences import head_divergence
from attention_widget.measures.learned import load_head_weights, weighted_shares
from attention_widget.measures.received import attention_received, count_nan
from attention_widget.measures.receivers import ReceiverHead, receiver_heads
from attention_widget.measures.shares import answer_queries, passage_shares
from attention_widget.measures.specificity import head_specificity
from attention_widget.measures.suggestions import Suggestion, suggest_heads
from attention_widget.measures.summaries import head_summaries, thumbnails
from attention_widget.measures.table import head_table
from attention_widget.measures.vectors import (
    cosine_to,
    cosine_to_mean,
    min_max,
    norms,
    previous_cosine,
)

__all__ = [
    "DETECTORS",
    "HEAD_SUMMARIES",
    "LABELS",
    "Detector",
    "ReceiverHead",
    "Suggestion",
    "answer_queries",
    "attention_received",
    "cosine_to",
    "cosine_to_mean",
    "count_nan",
    "head_divergence",
    "head_labels",
    "head_specificity",
    "head_summaries",
    "head_table",
    "load_head_weights",
    "min_max",
    "norms",
    "passage_shares",
    "previous_cosine",
    "receiver_heads",
    "suggest_heads",
    "thumbnails",
    "weighted_shares",
]


def __dir__() -> list[str]:
    return sorted(__all__)
