"""Numbers read off a trace: pure functions, each with its formula and source."""

from attention_widget.measures.scores import (
    attention_received,
    cosine_to,
    cosine_to_mean,
    count_nan,
    norms,
    previous_cosine,
    word_attention,
    word_vectors,
)
from attention_widget.measures.summaries import (
    HEAD_SUMMARIES,
    head_summaries,
    head_table,
    thumbnails,
)

__all__ = [
    "HEAD_SUMMARIES",
    "attention_received",
    "cosine_to",
    "cosine_to_mean",
    "count_nan",
    "head_summaries",
    "head_table",
    "norms",
    "previous_cosine",
    "thumbnails",
    "word_attention",
    "word_vectors",
]
