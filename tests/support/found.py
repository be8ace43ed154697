"""Findings of texts that no model read, for what adds them up."""

from __future__ import annotations

from typing import Any

import numpy as np

from attention_widget.corpus.accumulator import Accumulator
from attention_widget.corpus.findings import BLOCK, Scanned, TextFindings

NAMES = ("entropy", "distance", "distance_variance", "previous", "duplicate", "own")


def scanned(n_layers: int = 2, n_heads: int = 3, **changed: Any) -> Scanned:
    """What a scan of a small model would be of."""
    count = n_layers * n_heads
    fields: dict[str, Any] = {
        "model_name": "small",
        "model": "0" * 64,
        "tokenizer": "1" * 64,
        "kinds": ("decoder",) * count,
        "layers": tuple(at // n_heads for at in range(count)),
        "heads": tuple(at % n_heads for at in range(count)),
        "names": NAMES,
        "quanta": (-32, -20, -12, -32, -32, -24),
        "reading": (("max_tokens", "32"),),
    }
    return Scanned(**{**fields, **changed})


def text(
    number: int, of: Scanned, *, piece: int = 0, seed: int = 0, scale: float = 1
) -> TextFindings:
    """Findings of one text, the same for the same arguments."""
    random = np.random.default_rng([number, piece, seed])
    n_tokens = int(random.integers(2, 12))
    shape = len(of.names), of.n_heads
    counts = random.integers(0, n_tokens + 1, shape)
    sums = random.random(shape) * counts
    sums[1:3] *= 100 * scale  # distances
    sums[-1] = random.normal(0, 50 * scale, of.n_heads) * counts[-1]
    edges = random.integers(0, n_tokens, (2, of.n_heads)).astype(np.int32)
    # few different weights, so that many are alike
    weights = (random.integers(0, 8, of.n_heads) / 8).astype(np.float32)
    rows = random.random((of.n_heads, n_tokens)).astype(np.float32)
    none = random.random(of.n_heads) < 0.1
    edges[:, none], weights[none], rows[none] = -1, 0, 0
    return TextFindings(
        number=number,
        text=f"text {number}.{piece} é\ud800"[: 5 + number % 20],
        token_ids=random.integers(0, 1000, n_tokens).astype(np.int32),
        labels=tuple(f"t{at}\n" for at in range(n_tokens)),
        sums=sums,
        counts=counts,
        queries=edges[0],
        keys=edges[1],
        weights=weights,
        rows=rows,
        piece=piece,
    )


def block(number: int, of: Scanned, size: int = BLOCK) -> list[TextFindings]:
    """The texts of a block; every seventh is longer than the model and has two pieces."""
    found = []
    for at in range(number * BLOCK, number * BLOCK + size):
        found += [text(at, of, piece=piece) for piece in range(1 + (at % 7 == 0))]
    return found


def accumulated(
    blocks: list[int], of: Scanned, examples: int = 2, last: int = BLOCK
) -> Accumulator:
    """These blocks, the last of them with fewer texts."""
    held = Accumulator(of, examples)
    for number in blocks:
        held.add_block(number, block(number, of, last if number == blocks[-1] else BLOCK))
    return held
