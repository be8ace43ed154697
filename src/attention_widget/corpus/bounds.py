"""What an atlas takes in memory, said before the scan."""

from __future__ import annotations

from attention_widget.corpus.accumulator import SAMPLED
from attention_widget.corpus.distribution import BINS
from attention_widget.corpus.sampled import SCORE_EDGES
from attention_widget.measures.detectors import HEAD_SUMMARIES

_SUM = 24  # bytes of a sum in two words and a count
_COUNT = 8
_EDGE = 24  # bytes of a weight, a query, a key and their text
_TOKEN = 40  # bytes of a token's id, its label and its text, of the longest that are usual


def atlas_bytes(
    n_heads: int, max_tokens: int, examples: int = 8, n_summaries: int = len(HEAD_SUMMARIES)
) -> int:
    """How many bytes an atlas takes at most while it is made, whatever the size of the corpus.

    All numbers are counted as they are kept; of texts up to 40 bytes a token. Texts that no
    example is of any more are let go once they are as many as the others.

    >>> from attention_widget.corpus import atlas_bytes
    >>> f"{atlas_bytes(n_heads=72, max_tokens=128) / 1e6:.0f} MB"
    '12 MB'

    Args:
        n_heads: of the model, in all layers.
        max_tokens: of the longest text.
        examples, n_summaries: of the scan.
    """
    numbers = n_heads * n_summaries * (_SUM + _COUNT * BINS) + n_heads * _COUNT * len(SCORE_EDGES)
    sampled = SAMPLED * examples
    edges = n_heads * (examples + sampled) * (_EDGE + 4 * max_tokens)
    texts = 2 * (n_heads * examples + sampled) + 256
    return numbers + edges + texts * _TOKEN * max_tokens
