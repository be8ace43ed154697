"""What heads are known to do: a table of detectors with their definitions, papers and thresholds.

js/measures/detectors.ts has the same thresholds, and docs/measures.md the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.trace.block import Array

FEWEST_QUERIES: Final = 7
"""A text of fewer tokens is too short to tell what a head does: all attention is near."""

FEWEST_CASES: Final = 3
"""Queries that must have a key of the kind that a detector asks for, such as an earlier token that
is the same: of one or two it may be chance."""

CASES: Final = ("duplicate", "induction", "same_word")
"""Summaries over the queries that have such a key."""


@dataclass(frozen=True)
class Detector:
    """A number of each head (head,), and from which value on a head is called by it.

    >>> from attention_widget import measures
    >>> measures.DETECTORS["induction"].threshold
    0.4
    """

    name: str
    """Row of :func:`head_summaries` (summary, head)."""
    definition: str
    """The mean over the queries of this, with the weights a[q, k] of the head."""
    paper: str
    threshold: float | None = None
    """None where no value says what the head does."""
    is_pattern: bool = False
    """Whether it names single keys, as a diagonal does; the others are shares that go to tokens of
    a sort, whichever query asks."""


_CLARK = "Clark et al. 2019 (https://arxiv.org/abs/1906.04341)"
_VOITA = "Voita et al. 2019 (https://arxiv.org/abs/1905.09418)"
_XIAO = "Xiao et al. 2023 (https://arxiv.org/abs/2309.17453)"
_VIG = "Vig and Belinkov 2019 (https://arxiv.org/abs/1906.04284)"

_ALL: Final = (
    Detector("entropy", "-Σₖ p ln p, with p = a[q, k] / Σₖ a[q, k]", _CLARK),
    Detector("distance", "d = Σₖ p abs(q - k)", _VIG),
    Detector("distance_variance", "Σₖ p (abs(q - k) - d)²", _VIG),
    Detector("previous", "a[q, q - 1]", _VOITA, 0.5, True),
    Detector("next", "a[q, q + 1]", _VOITA, 0.5, True),
    Detector("self", "a[q, q]", _CLARK, 0.5, True),
    Detector(
        "duplicate",
        "Σ a[q, k] over the other tokens k that are the same as q, in a decoder the earlier ones",
        "Wang et al. 2022 (https://arxiv.org/abs/2211.00593)",
        0.4,
        True,
    ),
    Detector(
        "induction",
        "Σ a[q, k + 1] over the same k: what follows the token where it stood before",
        "Olsson et al. 2022 (https://arxiv.org/abs/2209.11895)",
        0.4,
        True,
    ),
    Detector(
        "same_word",
        "Σ a[q, k] over the other tokens k of the word of q, in a decoder the earlier ones",
        "Correia et al. 2019 (https://arxiv.org/abs/1909.00015)",
        0.5,
        True,
    ),
    Detector("first", "a[q, 0]", _XIAO, 0.8),
    Detector("delimiter", "Σ a[q, k] over punctuation and line breaks k", _CLARK, 0.6),
    Detector("special", "Σ a[q, k] over special tokens k", _CLARK, 0.8),
    Detector("sink", "what goes to no token, to a sink of the model's own", _XIAO, 0.8),
)

DETECTORS: Final[Mapping[str, Detector]] = {one.name: one for one in _ALL}
"""All of them by name, in the order of ``HEAD_SUMMARIES``."""

HEAD_SUMMARIES: Final = tuple(DETECTORS)
"""Rows of :func:`head_summaries`."""

LABELS: Final = tuple(one.name for one in _ALL if one.threshold is not None)
"""Names by which a head may be called."""

# Of shares the first that is large enough: the first token may be a special one.
_SHARES: Final = ("sink", "first", "delimiter", "special")
_PATTERNS: Final = tuple(one.name for one in _ALL if one.is_pattern)


def head_labels(scores: Mapping[str, Any], n_queries: int) -> NDArray[np.str_]:
    """What each head does, where a detector is sure: a name of ``LABELS`` or "", (head,).

    A head is called by the pattern (previous, next, self, duplicate, induction, same_word) whose
    score is highest, if that reaches its threshold in ``DETECTORS``; else by the first of sink,
    first, delimiter and special that reaches its own. Of fewer than ``FEWEST_QUERIES`` queries
    nothing is said. The thresholds are this package's own.

    >>> from attention_widget import measures
    >>> table = measures.head_table(trace)
    >>> head_labels(table, n_queries=7)[2].item(), table["previous"][2].item()  # layer 0, head 2
    ('previous', 0.99...)

    Args:
        scores: columns (head,) by the names of ``HEAD_SUMMARIES``, as :func:`head_table` gives
            them; a missing one counts as unknown.
        n_queries: how many queries they are means over.
    """
    known = {name: np.asarray(scores[name], np.float64) for name in LABELS if name in scores}
    n_heads = len(next(iter(known.values()), ()))
    found = np.full(n_heads, "", f"<U{max(map(len, LABELS))}")
    if n_queries < FEWEST_QUERIES:
        return found
    highest = np.zeros(n_heads)
    for name in _PATTERNS:
        if name in known:
            is_it = _reaches(name, known[name]) & (known[name] > highest)
            found[is_it] = name
            highest[is_it] = known[name][is_it]
    for name in _SHARES:
        if name in known:
            found[_reaches(name, known[name]) & (found == "")] = name
    return found


def labels_of(summaries: Array, n_queries: int) -> NDArray[np.str_]:
    """:func:`head_labels` of what :func:`head_summaries` gave."""
    return head_labels(dict(zip(HEAD_SUMMARIES, summaries, strict=True)), n_queries)


def _reaches(name: str, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    threshold = DETECTORS[name].threshold
    reached: NDArray[np.bool_] = np.nan_to_num(scores, nan=-1) >= (threshold or 0)
    return reached
