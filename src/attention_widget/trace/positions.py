"""How a model tells positions apart, as one pass used it: tables, rotations and biases."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.trace.block import Array
from attention_widget.trace.encodings import ENCODINGS, FORMULAS, PAPERS, Encoding
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind, check_kind


@dataclass(frozen=True, eq=False, repr=False)
class Positions:
    """One way in which some layers of a model tell positions apart, as a pass of ``n`` tokens used
    it.

    ``encoding`` is "learned" (rows of a trained table are added to the embeddings), "sinusoidal"
    (rows of sines and cosines are), "rotary" (queries and keys are turned), "relative" (a number
    for each head and distance is added to the scores), "relative_table" (queries and keys are
    multiplied with what is made of the row of their distance, as in DeBERTa: what that adds depends
    on the text, and is the step "bias" of :meth:`Trace.calculation`), "relative_sinusoidal" (the
    same with rows of sines and cosines of the distance, as in XLNet), "alibi" (a slope times the
    distance is taken away from the scores), "none", or "other" where it is none of these. Every
    number is the model's own.

    >>> found = trace.positions[0]
    >>> found
    Positions(encoder, learned, 7 positions × 384 dimensions, 'embeddings.position_embeddings')
    >>> found.table.shape  # (position, dimension)
    (7, 384)
    >>> found.similarity.shape  # (position, position), cosines of the rows
    (7, 7)
    """

    kind: Kind
    encoding: Encoding
    n: int
    source: str
    """The module of the model that has it, by its path."""
    layers: tuple[int, ...]
    """The layers that it reaches, counted from 0."""
    rows: torch.Tensor | None = None  # (position, dimension), or (bucket, dimension)
    frequencies: torch.Tensor | None = None  # (pair,), radians from one position to the next
    biases: torch.Tensor | None = None  # (head, distance), from query − key = 1 − n to n − 1
    scaling: float = 1.0
    """What sines and cosines are multiplied by, as YaRN does."""
    turned: int = 0
    """Rotary: how many dimensions of a head are turned; the others are left as they are."""
    dim: int = 0
    """Rotary: how many dimensions a head has."""
    first: int = 0
    """The token at position 0, as positions of a row that is padded on the left are counted from
    its first own token; those before it have position 0 too. Below 0 where the first token has a
    later position, as in PaliGemma, which counts from 1."""
    buckets: torch.Tensor | None = None  # (distance,) of a table by distance, in its rows' order
    """By query − key from 1 − n to n − 1: which row of the table, counted from that of distance 0.
    Near distances have a row each, far ones may share one."""

    def __post_init__(self) -> None:
        check_kind(self.kind)
        if self.encoding not in ENCODINGS:
            raise InvalidValueError(
                f"encoding must be one of {', '.join(ENCODINGS)}, got {self.encoding!r}"
            )

    @property
    def formula(self) -> str:
        """Where positions enter, as a formula.

        >>> trace.positions[0].formula
        'x = word + table[position]'
        """
        return FORMULAS[self.encoding]

    @property
    def paper(self) -> str:
        """Who described it.

        >>> trace.positions[0].paper
        'Gehring et al. 2017, https://arxiv.org/abs/1705.03122'
        """
        return PAPERS[self.encoding]

    @property
    def tensors(self) -> tuple[torch.Tensor, ...]:
        """What is kept of it. Read them only."""
        kept = (self.rows, self.frequencies, self.biases, self.buckets)
        return tuple(tensor for tensor in kept if tensor is not None)

    @property
    def table(self) -> Array:
        """Position × dimension: the rows that are added, or rotary's angles in radians (position,
        pair); of a table by distance (distance, dimension), query − key from 1 − n to n − 1.
        Read-only.

        >>> trace.positions[0].table.dtype
        dtype('float32')

        Raises:
            LookupError: positions enter as a bias, or not at all: there is no table.
        """
        if self.rows is not None and self.buckets is not None:
            return _kept(self.rows[(self.buckets - self.buckets[0]).long()])
        if self.rows is not None:
            return _kept(self.rows)
        if self.frequencies is None:
            raise NotFoundError(f"{self._named} has no table of positions; ask bias")
        return _kept(self._places[:, None] * self.frequencies.double())

    @property
    def _places(self) -> torch.Tensor:
        """The position of each token (token,)."""
        index = torch.arange(self.n, dtype=torch.float64, device="cpu")
        return (index - self.first).clamp(min=0)

    @property
    def bias(self) -> Array:
        """What each head adds to the scores by distance (head, distance), query − key from 1 − n
        to n − 1; NaN where no query sees such a key. Read-only.

        Raises:
            LookupError: positions enter in another way.
        """
        if self.biases is None:
            raise NotFoundError(f"{self._named} has no bias by distance; ask table")
        return _kept(self.biases)

    @property
    def bucket(self) -> Array:
        """Which row of a table by distance each distance has (distance,), query − key from 1 − n
        to n − 1, counted from the row of distance 0. Read-only.

        Raises:
            LookupError: it is no table by distance.
        """
        if self.buckets is None:
            raise NotFoundError(f"{self._named} has no table by distance")
        return _kept(self.buckets)

    @property
    def slopes(self) -> Array:
        """ALiBi's slopes (head,): how much a score loses with each step of distance.

        Raises:
            LookupError: it is no ALiBi.
        """
        if self.encoding != "alibi":
            raise NotFoundError(f"{self._named} has no slopes")
        bias, steps = self.bias, max(1, self.n - 1)
        slopes: Array = np.negative(bias[:, 2 * self.n - 2] / np.float32(steps))
        return slopes

    @property
    def rotation(self) -> Array:
        """Rotary by distance (distance,), query − key from 1 − n to n − 1: what is left of the dot
        product of two vectors that were the same before they were turned, with as much length in
        each pair of dimensions; the mean of cos(distance · ω). Dimensions that are not turned are
        left out, and so is ``scaling``.

        Raises:
            LookupError: it is not rotary.
        """
        if self.frequencies is None:
            raise NotFoundError(f"{self._named} turns no queries and keys")
        steps = torch.arange(1 - self.n, self.n, dtype=torch.float64, device="cpu")
        return _kept(torch.cos(steps[:, None] * self.frequencies.double()).mean(1))

    @property
    def similarity(self) -> Array:
        """Position × position, of tables: cosines of the rows; of rotary: :attr:`rotation` by
        distance; of a bias, or a table by distance, ask :meth:`between`.

        Raises:
            LookupError: positions enter by their distance alone, or not at all.
        """
        if self.buckets is not None:
            raise NotFoundError(f"{self._named} has rows of distances, not positions; ask between")
        if self.frequencies is not None:
            rotation, places = self.rotation, self._places.long().numpy()
            return np.ascontiguousarray(rotation[places[:, None] - places[None] + self.n - 1])
        rows = self.table.astype(np.float64)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows / np.where(lengths > 0, lengths, 1)
        cosines: Array = (unit @ unit.T).astype(np.float32)
        return cosines

    def between(self, head: int = 0) -> Array:
        """Position × position (query, key): the bias of a head, the :attr:`bucket` of a table by
        distance, or :attr:`similarity`.

        >>> trace.positions[0].between().shape
        (7, 7)

        Raises:
            IndexError: there is no such head.
            LookupError: there is nothing between positions.
        """
        if self.buckets is not None:
            return _by_distance(self.bucket)
        if self.biases is None:
            return self.similarity
        bias = self.bias
        at = 0 if len(bias) == 1 else index_of("head", head, len(bias))
        return _by_distance(bias[at])

    @property
    def _named(self) -> str:
        return f"the encoding {self.encoding!r} of {self.source or 'this model'}"

    def __repr__(self) -> str:
        parts: list[str] = [self.kind, self.encoding]
        if self.buckets is not None and self.rows is not None:
            parts.append(f"{len(self.rows)} rows × {self.rows.shape[1]} dimensions")
        elif self.rows is not None:
            parts.append(f"{self.n} positions × {self.rows.shape[1]} dimensions")
        elif self.frequencies is not None:
            parts.append(f"{self.turned} of {self.dim} dimensions turned")
        elif self.biases is not None:
            parts.append(f"{len(self.biases)} heads, {self.n} positions")
        return f"Positions({', '.join([*parts, repr(self.source)])})"


def first_of(positions: Positions, n: int) -> Positions:
    """The same of the first ``n`` positions."""
    if n >= positions.n:
        return positions
    cut = positions.n - n
    biases, rows, buckets = positions.biases, positions.rows, positions.buckets
    if rows is not None and buckets is not None:
        first, buckets = buckets[0], buckets[cut : len(buckets) - cut]
        rows = rows[int(buckets[0] - first) : int(buckets[-1] - first) + 1]
    elif rows is not None:
        rows = rows[:n]
    return replace(
        positions,
        n=n,
        rows=rows,
        biases=None if biases is None else biases[:, cut : biases.shape[1] - cut],
        buckets=buckets,
    )


def nbytes_of(positions: Positions) -> int:
    """Bytes that it takes."""
    return sum(tensor.nbytes for tensor in positions.tensors)


def _kept(tensor: torch.Tensor) -> Array:
    array: Array = tensor.float().numpy()
    array.flags.writeable = False
    return array


def _by_distance(values: Array) -> Array:
    """(query, key) of numbers by query − key."""
    n = (len(values) + 1) // 2
    index = np.arange(n)
    return np.ascontiguousarray(values[index[:, None] - index[None] + n - 1])
