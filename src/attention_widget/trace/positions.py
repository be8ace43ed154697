"""How a model tells positions apart, as one pass used it: tables, rotations and biases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np
import torch

from attention_widget.errors import InvalidValueError, NotFoundError
from attention_widget.trace.block import Array
from attention_widget.trace.indices import index_of
from attention_widget.trace.kind import Kind, check_kind

Encoding = Literal["learned", "sinusoidal", "rotary", "relative", "alibi", "none", "other"]
ENCODINGS: Final[tuple[Encoding, ...]] = get_args(Encoding)

FORMULAS: Final[dict[Encoding, str]] = {
    "learned": "x = word + table[position]",
    "sinusoidal": "x = word + (sin(position · ω), cos(position · ω))",
    "rotary": "score = (R(query · ω) q) · (R(key · ω) k) = q · R((key − query) · ω) k",
    "relative": "score = scale · q · k + bias[head, query − key]",
    "alibi": "score = scale · q · k − slope[head] · |query − key|",
    "none": "score = scale · q · k",
    "other": "",
}
PAPERS: Final[dict[Encoding, str]] = {
    "learned": "Gehring et al. 2017, https://arxiv.org/abs/1705.03122",
    "sinusoidal": "Vaswani et al. 2017, https://arxiv.org/abs/1706.03762",
    "rotary": "Su et al. 2021, https://arxiv.org/abs/2104.09864",
    "relative": "Raffel et al. 2020, https://arxiv.org/abs/1910.10683",
    "alibi": "Press et al. 2022, https://arxiv.org/abs/2108.12409",
    "none": "Kazemnejad et al. 2023, https://arxiv.org/abs/2305.19466",
    "other": "",
}


@dataclass(frozen=True, eq=False, repr=False)
class Positions:
    """One way in which some layers of a model tell positions apart, as a pass of ``n`` tokens used
    it.

    ``encoding`` is "learned" (rows of a trained table are added to the embeddings), "sinusoidal"
    (rows of sines and cosines are), "rotary" (queries and keys are turned), "relative" (a number
    for each head and distance is added to the scores), "alibi" (a slope times the distance is taken
    away from them), "none", or "other" where what is added depends on the text, so that there is
    no table to show. Every number is the model's own.

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
    rows: torch.Tensor | None = None  # (position, dimension)
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
    its first own token; those before it have position 0 too."""

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
        kept = (self.rows, self.frequencies, self.biases)
        return tuple(tensor for tensor in kept if tensor is not None)

    @property
    def table(self) -> Array:
        """Position × dimension: the rows that are added, or rotary's angles in radians (position,
        pair). Read-only.

        >>> trace.positions[0].table.dtype
        dtype('float32')

        Raises:
            LookupError: positions enter as a bias, or not at all: there is no table.
        """
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
        distance; of a bias ask :meth:`between`, as each head has its own.

        Raises:
            LookupError: positions enter as a bias, or not at all.
        """
        if self.frequencies is not None:
            rotation, places = self.rotation, self._places.long().numpy()
            return np.ascontiguousarray(rotation[places[:, None] - places[None] + self.n - 1])
        rows = self.table.astype(np.float64)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows / np.where(lengths > 0, lengths, 1)
        cosines: Array = (unit @ unit.T).astype(np.float32)
        return cosines

    def between(self, head: int = 0) -> Array:
        """Position × position (query, key): the bias of a head, or :attr:`similarity`.

        >>> trace.positions[0].between().shape
        (7, 7)

        Raises:
            IndexError: there is no such head.
            LookupError: there is nothing between positions.
        """
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
        if self.rows is not None:
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
    biases = positions.biases
    return replace(
        positions,
        n=n,
        rows=None if positions.rows is None else positions.rows[:n],
        biases=None if biases is None else biases[:, cut : biases.shape[1] - cut],
    )


def flaw(positions: Positions, n_tokens: int, n_layers: int) -> str:
    """What of it cannot be; empty where all can."""
    n, rows = positions.n, positions.rows
    if not 0 <= positions.first < n:
        return f"position 0 at token {positions.first}"
    if n != n_tokens:
        return f"{n} positions of {n_tokens} tokens"
    if any(not 0 <= layer < n_layers for layer in positions.layers):
        return f"positions in layers {positions.layers} of {n_layers}"
    shapes = (
        ("rows", rows, 2, n, 0),
        ("frequencies", positions.frequencies, 1, None, 0),
        ("biases", positions.biases, 2, 2 * n - 1, 1),
    )
    for name, tensor, ndim, length, axis in shapes:
        if tensor is None:
            continue
        fits = tensor.ndim == ndim and (length is None or tensor.shape[axis] == length)
        if not fits or not tensor.is_floating_point():
            return f"{name} of positions of the shape {tuple(tensor.shape)}"
    expected = {
        "learned": rows,
        "sinusoidal": rows,
        "rotary": positions.frequencies,
        "relative": positions.biases,
        "alibi": positions.biases,
    }
    if positions.encoding in expected and expected[positions.encoding] is None:
        return f"{positions.encoding} positions without numbers"
    return ""


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
