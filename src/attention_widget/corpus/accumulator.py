"""What a scan adds up, text by text: in any order, in parts that merge, bit for bit the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import chain, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.corpus.alike import check_alike, check_apart, check_counts
from attention_widget.corpus.blocks import Blocks
from attention_widget.corpus.distribution import Distribution
from attention_widget.corpus.findings import Scanned, TextFindings
from attention_widget.corpus.fixed_point import Totals, in_units
from attention_widget.corpus.kept_texts import KeptTexts
from attention_widget.corpus.sampled import Sample
from attention_widget.corpus.strongest import Strongest
from attention_widget.errors import InvalidValueError
from attention_widget.measures.detectors import CASES, FEWEST_CASES

SAMPLED: Final = 8
"""Texts of the even sample, for each of the strongest examples: of 64 texts nearly every tenth has
two."""
AT_ONCE: Final = 256
"""Findings of a block that are held at a time."""
_WRAP: Final = 1 << 64


class Accumulator:
    """Sums, counts, distributions and examples of the texts that were added.

    All sums are of integers, all examples are in a total order, and the sample of texts is chosen
    by their numbers. So parts of a corpus, in any order, merge to what the whole gives.

    Args:
        scanned: what is scanned.
        examples: how many of the strongest edges of each head are kept; eight times as many
            texts are sampled. 0 keeps none.
    """

    def __init__(self, scanned: Scanned, examples: int = 8) -> None:
        shape = len(scanned.names), scanned.n_heads
        self.scanned, self.n_examples = scanned, examples
        self.n_texts = self.n_pieces = self.n_tokens = 0
        self.fingerprint = 0
        """Of the texts' numbers and tokens: the sum of their hashes."""
        self.blocks = Blocks()
        self.totals = Totals.zeros(shape)
        self.counts = np.zeros(shape, np.int64)
        self.distribution = Distribution.empty(scanned.names, scanned.n_heads)
        self.strongest = Strongest(scanned.n_heads, examples)
        self.sample = Sample(scanned.n_heads, SAMPLED * examples)
        self.texts = KeptTexts()

    def add_block(self, block: int, findings: Iterable[TextFindings]) -> None:
        """Add what was found in the texts of a block, which is held from then on.

        Raises:
            ValueError: it is held already, or a text is of another block, has sums that are too
                large, or findings of another shape. Nothing is added then.
        """
        if block in self.blocks:
            raise InvalidValueError(f"block must not be held yet, got {block} again")
        coming = iter(findings)
        first = list(islice(coming, AT_ONCE))
        ready = [(each, self._checked(each, block)) for each in first]
        if len(first) == AT_ONCE:  # there may be any number, of a text that was split
            apart = Accumulator(self.scanned, self.n_examples)
            for each in chain(first, coming):
                apart._add(each, apart._checked(each, block))
                if apart.texts.is_due():
                    apart.sweep()
            self.merge(apart)
        else:
            for each, units in ready:
                self._add(each, units)
        self.blocks.add(block)
        if self.texts.is_due():
            self.sweep()

    def wants(self, number: int, piece: int, weights: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Of which heads (head,) this text may become an example if their strongest edges have
        these weights (head,). The rows of the others are not looked at."""
        if self.sample.wants((number, piece)):
            return np.ones(len(weights), bool)
        return self.strongest.wants(number, piece, weights)

    def merge(self, other: Accumulator) -> None:
        """Add what another has, of other texts.

        Raises:
            ValueError: it is of another scan, or holds a block that is held here.
        """
        check_alike(self.scanned, other.scanned)
        check_counts(self.n_examples, other.n_examples)
        check_apart(self.blocks, other.blocks)
        self.n_texts += other.n_texts
        self.n_pieces += other.n_pieces
        self.n_tokens += other.n_tokens
        self.fingerprint = (self.fingerprint + other.fingerprint) % _WRAP
        self.blocks |= other.blocks
        self.totals.merge(other.totals)
        self.counts += other.counts
        self.distribution.merge(other.distribution)
        self.strongest.merge(other.strongest)
        self.sample.merge(other.sample)
        self.texts.merge(other.texts)
        self.sweep()

    def copy(self) -> Accumulator:
        alike = Accumulator(self.scanned, self.n_examples)
        alike.merge(self)
        return alike

    def means(self) -> NDArray[np.float64]:
        """Of each summary and head (summary, head) the mean over all queries of the corpus that
        count for it; NaN where too few do."""
        return _means(self.totals.as_floats(self.scanned.quanta), self.counts, self.scanned)

    def sweep(self) -> None:
        """Let go of texts that no example is of."""
        self.texts.sweep(self.strongest.places() | set(self.sample.texts))

    def _checked(self, findings: TextFindings, block: int) -> NDArray[np.int64]:
        """The sums in whole units."""
        shape = self.counts.shape
        if findings.sums.shape != shape or findings.counts.shape != shape:
            raise InvalidValueError(
                f"sums and counts must have shape {shape} (summary, head), got "
                f"{findings.sums.shape} and {findings.counts.shape} in text {findings.number}"
            )
        if findings.block != block:
            raise InvalidValueError(
                f"texts of block {block} must be in it, got text {findings.number}"
            )
        return in_units(findings.sums, self.scanned.quanta, self.scanned.names, findings.number)

    def _add(self, findings: TextFindings, units: NDArray[np.int64]) -> None:
        place = findings.number, findings.piece
        self.n_texts += findings.piece == 0
        self.n_pieces += 1
        self.n_tokens += len(findings.token_ids)
        self.fingerprint = (self.fingerprint + _hash_of(findings)) % _WRAP
        self.totals.add(units)
        self.counts += findings.counts
        sums = np.ldexp(units.astype(np.float64), np.array(self.scanned.quanta)[:, None])
        self.distribution.add(_means(sums, findings.counts, self.scanned))
        is_kept = self.strongest.add(findings)
        if self.sample.add(findings) or is_kept:
            self.texts.keep(place, findings)


def _means(
    sums: NDArray[np.float64], counts: NDArray[np.int64], scanned: Scanned
) -> NDArray[np.float64]:
    least = np.array([[FEWEST_CASES if name in CASES else 1] for name in scanned.names])
    means: NDArray[np.float64] = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts >= least)
    return means


def _hash_of(findings: TextFindings) -> int:
    digest = hashlib.blake2b(f"{findings.number} {findings.piece} ".encode(), digest_size=8)
    digest.update(np.ascontiguousarray(findings.token_ids, "<i4").tobytes())
    return int.from_bytes(digest.digest(), "little")
